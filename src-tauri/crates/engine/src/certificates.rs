//! The certificates of an account's servers: those that were seen last, and those that the person trusts although nobody
//! vouches for them.

use mailroom_model::{
    AccountState, AuthMethod, Coded as _, EmailAddress, Endpoint, Fingerprint, HOUR_MS, TrustedCertificate,
    UnixMillis, WorkingAccount,
};
use mailroom_protocol::{Dialer, TlsFacts, imap, smtp};
use mailroom_store::AccountRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::budget::Purpose;
use crate::expiry::{ExpiryKind, is_near};
use crate::{AccountSummary, Engine, EngineError, document};

/// A certificate that stays the same is noted again after half a day.
const NOTED_FOR_MS: i64 = 12 * HOUR_MS;

/// Which of an account's servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerKind {
    /// The one that mail is read from.
    Imap,
    /// The one that mail is sent with.
    Smtp,
}

impl ServerKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Smtp => "smtp",
        }
    }
}

/// The certificate that one of an account's servers showed last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCertificate {
    /// Which server.
    pub server: ServerKind,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// When the certificate expires.
    pub not_after: UnixMillis,
    /// Which certificate.
    pub fingerprint: Fingerprint,
    /// When it was shown, to half a day: a server may have another one since.
    #[serde(default)]
    pub seen_at: UnixMillis,
}

impl SeenCertificate {
    fn of(server: ServerKind, endpoint: &Endpoint, tls: &TlsFacts, now: UnixMillis) -> Option<Self> {
        let own = tls.own_certificate()?;
        Some(Self {
            server,
            host: endpoint.host.clone(),
            port: endpoint.port,
            not_after: own.not_after?,
            fingerprint: own.fingerprint,
            seen_at: now,
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        let then = Self {
            seen_at: other.seen_at,
            ..self.clone()
        };
        then == *other
    }

    /// It was shown so long ago that a look is worth it.
    fn is_stale(&self, now: UnixMillis) -> bool {
        now.0.saturating_sub(self.seen_at.0) >= NOTED_FOR_MS
    }
}

/// An exception that the person made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateException {
    /// Which certificate, and where.
    #[serde(flatten)]
    pub certificate: TrustedCertificate,
    /// Whom it was issued for.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// When it expires.
    pub not_after: Option<UnixMillis>,
    /// Why it would be refused, by code.
    pub reason: String,
    /// When the exception was made.
    pub since: UnixMillis,
}

/// What is kept among an account's options.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    seen_certificates: Vec<SeenCertificate>,
    certificate_exceptions: Vec<CertificateException>,
}

impl Kept {
    fn note_seen(&mut self, seen: Option<SeenCertificate>) {
        if let Some(seen) = seen {
            self.seen_certificates.retain(|known| known.server != seen.server);
            self.seen_certificates.push(seen);
            self.seen_certificates.sort_by_key(|seen| seen.server);
        }
    }
}

/// The certificates that the account's servers showed last.
pub fn seen_certificates(account: &AccountRow) -> Vec<SeenCertificate> {
    document::read::<Kept>(&account.options).seen_certificates
}

/// The exceptions that the person made for the account.
pub fn exceptions(account: &AccountRow) -> Vec<CertificateException> {
    document::read::<Kept>(&account.options).certificate_exceptions
}

/// A connection that was opened to one of an account's servers.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) server: ServerKind,
    pub(crate) endpoint: Endpoint,
    pub(crate) tls: TlsFacts,
}

impl Shown {
    /// The exception that let the connection in.
    fn exception(&self, now: UnixMillis) -> Option<CertificateException> {
        let reason = self.tls.excepted?;
        let own = self.tls.own_certificate()?;
        Some(CertificateException {
            certificate: TrustedCertificate {
                host: self.endpoint.host.clone(),
                port: self.endpoint.port,
                fingerprint: own.fingerprint,
            },
            subject: own.subject,
            issuer: own.issuer,
            not_after: own.not_after,
            reason: reason.as_str().to_owned(),
            since: now,
        })
    }
}

/// Notes what was shown, exceptions included. What is about other servers than the account's goes.
pub(crate) fn note_shown(options: &mut Value, shown: &[Shown], working: &WorkingAccount, now: UnixMillis) {
    let mut kept: Kept = document::read(options);
    for shown in shown {
        kept.note_seen(SeenCertificate::of(
            shown.server,
            &shown.endpoint,
            &shown.tls,
            now,
        ));
        if let Some(exception) = shown.exception(now) {
            put(&mut kept.certificate_exceptions, exception);
        }
    }
    let is_own = |host: &str, port: u16| {
        let mut own = std::iter::once(&working.imap).chain(&working.smtp);
        own.any(|server| server.host == host && server.port == port)
    };
    kept.seen_certificates
        .retain(|seen| is_own(&seen.host, seen.port));
    kept.certificate_exceptions
        .retain(|made| is_own(&made.certificate.host, made.certificate.port));
    if working.auth == AuthMethod::Oauth2 {
        kept.certificate_exceptions.clear();
    }
    document::write(options, &kept);
}

/// One exception for one server: the newest holds. The same one stays as old as it is.
fn put(exceptions: &mut Vec<CertificateException>, made: CertificateException) {
    if exceptions
        .iter()
        .any(|known| known.certificate == made.certificate)
    {
        return;
    }
    let (host, port) = (&made.certificate.host, made.certificate.port);
    exceptions.retain(|known| known.certificate.host != *host || known.certificate.port != port);
    exceptions.push(made);
}

impl Engine {
    /// True when the organisation lets people trust certificates that nobody vouches for.
    pub async fn allows_certificate_exceptions(&self) -> Result<bool, EngineError> {
        Ok(self.policy().await?.allows_certificate_exceptions())
    }

    /// Opens connections to an account's servers: with its exceptions where there may be some.
    pub(crate) async fn dialer_for(&self, account: &AccountRow) -> Result<Dialer, EngineError> {
        let auth = account.working.as_ref().map(|working| working.auth);
        self.dialer_with(auth != Some(AuthMethod::Oauth2), exceptions(account))
            .await
    }

    /// Opens connections with the exceptions of an account that signs in with a password; without any where that is not so,
    /// or the organisation forbids them.
    pub(crate) async fn dialer_with(
        &self,
        has_password: bool,
        exceptions: Vec<CertificateException>,
    ) -> Result<Dialer, EngineError> {
        let dialer = self.edges().await?.dialer.clone();
        if exceptions.is_empty() || !has_password || !self.allows_certificate_exceptions().await? {
            return Ok(dialer);
        }
        let certificates = exceptions.into_iter().map(|made| made.certificate).collect();
        Ok(dialer.with_exceptions(certificates))
    }

    /// Opens connections with exceptions that the person wants to make now. Errors: [`EngineError::ExceptionRefused`].
    pub(crate) async fn dialer_trusting(
        &self,
        wanted: &[TrustedCertificate],
        has_password: bool,
    ) -> Result<Dialer, EngineError> {
        let dialer = self.edges().await?.dialer.clone();
        if wanted.is_empty() {
            return Ok(dialer);
        }
        self.check_exceptions(has_password).await?;
        Ok(dialer.with_exceptions(wanted.to_vec()))
    }

    async fn check_exceptions(&self, has_password: bool) -> Result<(), EngineError> {
        if !has_password {
            return Err(EngineError::ExceptionRefused { reason: "oauth" });
        }
        if !self.allows_certificate_exceptions().await? {
            return Err(EngineError::ExceptionRefused { reason: "policy" });
        }
        Ok(())
    }

    /// Trusts the certificate that one of the account's servers shows, although nobody vouches for it. The server is looked at
    /// first, without signing in: one that shows another certificate by now is refused with what it shows. One that needs no
    /// exception gets none.
    pub async fn trust_certificate(
        &self,
        address: &EmailAddress,
        wanted: &TrustedCertificate,
    ) -> Result<AccountSummary, EngineError> {
        let account = self.account(address).await?;
        let working = account.working.clone().ok_or_else(|| EngineError::SignInNeeded {
            address: address.to_string(),
        })?;
        self.check_exceptions(working.auth != AuthMethod::Oauth2).await?;
        let servers = [
            (ServerKind::Imap, Some(working.imap.clone())),
            (ServerKind::Smtp, working.smtp.clone()),
        ];
        let own = servers
            .into_iter()
            .filter_map(|(server, endpoint)| Some((server, endpoint?)))
            .find(|(_, endpoint)| wanted.is_for(endpoint));
        let Some((server, endpoint)) = own else {
            return Err(EngineError::Input {
                field: "host",
                reason: "it is none of the account's servers",
            });
        };
        let dialer = self.edges().await?.dialer.clone();
        let dialer = dialer.with_exceptions(vec![wanted.clone()]);
        let tls = self.look_at_tls(&dialer, server, &endpoint).await?;
        let now = self.now().await?;
        let shown = [Shown {
            server,
            endpoint,
            tls,
        }];
        self.change_options(account.id, |options| {
            note_shown(options, &shown, &working, now);
            Ok(())
        })
        .await?;
        self.tell_changed(address);
        self.account_summary(address).await
    }

    /// Takes an exception back: from the next connection on the server's certificate is judged as any other. None being there
    /// is fine.
    pub async fn forget_certificate(
        &self,
        address: &EmailAddress,
        host: &str,
        port: u16,
    ) -> Result<AccountSummary, EngineError> {
        let account = self.account(address).await?;
        self.change_options(account.id, |options| {
            let mut kept: Kept = document::read(options);
            kept.certificate_exceptions
                .retain(|made| made.certificate.host != host || made.certificate.port != port);
            document::write(options, &kept);
            Ok(())
        })
        .await?;
        self.tell_changed(address);
        self.account_summary(address).await
    }

    /// Connects, agrees on TLS, and leaves without signing in.
    pub(crate) async fn look_at_tls(
        &self,
        dialer: &Dialer,
        server: ServerKind,
        endpoint: &Endpoint,
    ) -> Result<TlsFacts, EngineError> {
        match server {
            ServerKind::Imap => {
                let _slot = self.slot(&endpoint.host, Purpose::Person).await?;
                let options = imap::ImapOptions::default();
                // Boxed: whatever looks would be larger by it.
                Ok(Box::pin(imap::probe(dialer, endpoint, &options)).await?.tls)
            }
            ServerKind::Smtp => {
                let options = smtp::SmtpOptions::default();
                Ok(Box::pin(smtp::probe(dialer, endpoint, &options)).await?.tls)
            }
        }
    }

    /// Looks at servers whose certificate is about to expire as far as it is known, without signing in: most have another one
    /// by then, and an end that is told has to be true.
    pub(crate) async fn look_at_ending_certificates(&self) -> Result<(), EngineError> {
        // Every start comes here: whoever only reads would wait for certificates and keys.
        let now = self.moment();
        for account in self.accounts(None).await? {
            let working = account
                .working
                .as_ref()
                .filter(|_| account.state == AccountState::Working);
            let Some(working) = working else { continue };
            for seen in seen_certificates(&account) {
                if !seen.is_stale(now) || !is_near(ExpiryKind::Certificate, seen.not_after, now) {
                    continue;
                }
                let endpoint = match seen.server {
                    ServerKind::Imap => Some(&working.imap),
                    ServerKind::Smtp => working.smtp.as_ref(),
                };
                let Some(endpoint) = endpoint else { continue };
                let dialer = self.dialer_for(&account).await?;
                let looked = async {
                    let tls = self.look_at_tls(&dialer, seen.server, endpoint).await?;
                    self.note_certificate(&account, seen.server, endpoint, &tls).await
                };
                match looked.await {
                    Ok(()) => self.tell_changed(&account.address),
                    // That it fails is said by whoever needs the server.
                    Err(error) => tracing::debug!(code = %error.code(), "a certificate was not looked at"),
                }
            }
        }
        Ok(())
    }

    /// Notes which certificate a server of the account showed, when it is another one than the last time, or that is long ago.
    pub(crate) async fn note_certificate(
        &self,
        account: &AccountRow,
        server: ServerKind,
        endpoint: &Endpoint,
        tls: &TlsFacts,
    ) -> Result<(), EngineError> {
        let now = self.now().await?;
        let seen = SeenCertificate::of(server, endpoint, tls, now);
        let is_known = |seen: &SeenCertificate| {
            let mut before = seen_certificates(account).into_iter();
            before.any(|known| known.is_same(seen) && !known.is_stale(now))
        };
        if seen.as_ref().is_none_or(is_known) {
            return Ok(());
        }
        self.change_options(account.id, |options| {
            let mut kept: Kept = document::read(options);
            kept.note_seen(seen);
            document::write(options, &kept);
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::Security;
    use serde_json::json;

    use super::*;

    fn made(host: &str, port: u16, digit: u8, since: i64) -> CertificateException {
        CertificateException {
            certificate: TrustedCertificate {
                host: host.to_owned(),
                port,
                fingerprint: Fingerprint::new([digit; 32]),
            },
            subject: String::new(),
            issuer: String::new(),
            not_after: None,
            reason: "expired".to_owned(),
            since: UnixMillis(since),
        }
    }

    #[test]
    fn newest_exception_of_a_server_takes_the_place_of_the_older() {
        let mut kept = Vec::new();
        put(&mut kept, made("a", 993, 1, 1));
        put(&mut kept, made("a", 465, 1, 2));
        put(&mut kept, made("a", 993, 1, 3));
        let since = |kept: &[CertificateException]| kept.iter().map(|made| made.since.0).collect::<Vec<_>>();
        assert_eq!(since(&kept), [1, 2], "the same one stays as it is");
        put(&mut kept, made("a", 993, 2, 4));
        assert_eq!(since(&kept), [2, 4]);
    }

    #[test]
    fn exceptions_go_with_their_server_and_with_the_password() {
        let working = |auth| WorkingAccount {
            address: "a@x.example".parse().unwrap(),
            provider: None,
            imap: Endpoint::new("a", 993, Security::Tls),
            imap_username: String::new(),
            smtp: None,
            smtp_username: String::new(),
            auth,
        };
        let kept = Kept {
            certificate_exceptions: vec![made("a", 993, 1, 1), made("a", 465, 1, 2)],
            ..Kept::default()
        };
        let mut options = json!({"interval_min": 7});
        document::write(&mut options, &kept);
        let left = |auth| {
            let mut options = options.clone();
            note_shown(&mut options, &[], &working(auth), UnixMillis(5));
            assert_eq!(options["interval_min"], 7);
            document::read::<Kept>(&options).certificate_exceptions
        };
        assert_eq!(left(AuthMethod::Password), [made("a", 993, 1, 1)]);
        assert_eq!(left(AuthMethod::Oauth2), []);
    }
}
