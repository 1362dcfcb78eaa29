#!/bin/bash
# Courier in mount and process namespaces of its own: its paths are compiled in. Everything ends with this shell.
set -e
mount --make-rprivate /
mount -t overlay office -o "lowerdir={{ROOT}}/usr:/usr" /usr
mount -t overlay office -o "lowerdir={{ROOT}}/etc:/etc,upperdir={{DIR}}/conf/etc,workdir={{DIR}}/conf/work" /etc
mount -t tmpfs office /run
mkdir -p /run/courier/authdaemon
cd /etc/courier
sed -i 's/^authmodulelist=.*/authmodulelist="authuserdb"/' authdaemonrc
rm -f userdb
while read -r name password; do
  home="{{DIR}}/mail/$name"
  mkdir -p "$home"
  maildirmake.courier "$home/Maildir"
  for folder in Sent Drafts Trash; do
    maildirmake.courier -f "$folder" "$home/Maildir"
  done
  /usr/sbin/userdb "$name" set uid={{UID}} gid={{GID}} home="$home" systempw="$(openssl passwd -1 "$password")"
done < "{{DIR}}/conf/users"
chmod 600 userdb
/usr/sbin/makeuserdb
chown -R {{UID}}:{{GID}} "{{DIR}}/mail"
cd "{{DIR}}"
/usr/lib/courier/courier-authlib/authdaemond &
set -a
. /etc/courier/imapd
. /etc/courier/imapd-ssl
set +a
export TLS_CERTFILE="{{DIR}}/tls/server.pem" TLS_TRUSTCERTS= TLS_DHPARAMS= TLS_CACHEFILE=
# Nothing leaves the trash by itself, however old it is.
export IMAP_EMPTYTRASH=
export IMAP_TLS_REQUIRED=0 IMAP_STARTTLS=YES IMAPDSTARTTLS=YES COURIERTLS=/usr/bin/couriertls MAXPERIP=100
listen() {
  /usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=100 -nodnslookup -noidentlookup "$@"
}
( unset IMAP_TLS; listen {{IMAP_PORT}} /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir ) &
( export IMAP_TLS=1
  listen {{IMAPS_PORT}} /usr/bin/couriertls -server -tcpd /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir ) &
wait
