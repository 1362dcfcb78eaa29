//! The network around this machine: whether there is one, and when it became another one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mailroom_model::{AccountId, Coded as _, EmailAddress, ErrorCode, Param, UnixMillis};
use mailroom_store::JournalKind;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::health::passes;
use crate::{Engine, EngineError};

/// How often the network is looked at. It costs two lookups in the kernel's table of routes and nothing on the wire.
const LOOK: Duration = Duration::from_secs(3);
/// A step of the clock that is longer than the step that was waited for by so much is a sleep of the machine.
const SLEPT: Duration = Duration::from_secs(20);

/// What the operating system says about the way out of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkLook {
    /// The addresses that this machine would speak from, IPv4 before IPv6; none without a way out.
    pub addresses: Vec<IpAddr>,
    /// The ways out as the system names them: interface and gateway. Empty where it does not tell.
    pub ways: Vec<String>,
}

impl NetworkLook {
    /// True when there is a way out.
    pub fn is_online(&self) -> bool {
        !self.addresses.is_empty()
    }
}

/// Looks at the network.
#[async_trait]
pub trait Network: Send + Sync + fmt::Debug {
    /// What there is now. It takes no time, and nothing goes over the wire.
    fn look(&self) -> NetworkLook;

    /// Waits until it is time to look again, and says how long that was by a clock that stands still while the machine
    /// sleeps.
    async fn pause(&self) -> Duration;
}

/// The operating system's network.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNetwork;

/// Addresses that belong to nobody (RFC 5737, RFC 3849): the way to them is the way to everywhere.
const ANYWHERE: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), 9),
];

#[async_trait]
impl Network for SystemNetwork {
    fn look(&self) -> NetworkLook {
        NetworkLook {
            addresses: ANYWHERE.iter().filter_map(|there| way_to(*there)).collect(),
            ways: default_ways(),
        }
    }

    async fn pause(&self) -> Duration {
        tokio::time::sleep(LOOK).await;
        LOOK
    }
}

/// The address that the system would speak from. "Connecting" a datagram socket only looks the way up.
fn way_to(there: SocketAddr) -> Option<IpAddr> {
    let here: SocketAddr = match there {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(here).ok()?;
    socket.connect(there).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[cfg(target_os = "linux")]
fn default_ways() -> Vec<String> {
    std::fs::read_to_string("/proc/net/route").map_or_else(|_| Vec::new(), |table| read_ways(&table))
}

#[cfg(not(target_os = "linux"))]
fn default_ways() -> Vec<String> {
    Vec::new()
}

/// Interface and gateway of the ways that lead everywhere, or half of everywhere as those of some VPNs do (proc(5)).
#[cfg(any(target_os = "linux", test))]
fn read_ways(table: &str) -> Vec<String> {
    let mut ways: Vec<String> = table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (interface, gateway, mask) = (fields.first()?, fields.get(2)?, fields.get(7)?);
            // The mask's bytes stand in the order of the machine.
            matches!(*mask, "00000000" | "00000080" | "80000000").then(|| format!("{interface} {gateway}"))
        })
        .collect();
    ways.sort_unstable();
    ways.dedup();
    ways
}

/// What happened around this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It slept for so long.
    Woke(Duration),
    /// It is in another network, or has one again.
    Another,
    /// It has no network any more.
    Lost,
}

/// What was seen the last time.
#[derive(Debug)]
pub(crate) struct Seen {
    look: NetworkLook,
    at: UnixMillis,
}

impl Seen {
    /// The first look.
    pub(crate) fn first(look: NetworkLook, now: UnixMillis) -> Self {
        Self { look, at: now }
    }

    /// What has happened since the last look, `waited` ago by a clock that stands still while the machine sleeps.
    pub(crate) fn next(&mut self, look: NetworkLook, waited: Duration, now: UnixMillis) -> Option<Change> {
        let passed = now.0.saturating_sub(self.at.0);
        let slept = Duration::from_millis(u64::try_from(passed).unwrap_or(0)).saturating_sub(waited);
        self.at = now;
        let is_another = look != self.look;
        self.look = look;
        match (is_another, self.look.is_online()) {
            _ if slept >= SLEPT => Some(Change::Woke(slept)),
            (true, true) => Some(Change::Another),
            (true, false) => Some(Change::Lost),
            (false, _) => None,
        }
    }
}

/// Tells whoever waits that the network has changed.
#[derive(Debug)]
pub(crate) struct Weather(watch::Sender<u64>);

impl Default for Weather {
    fn default() -> Self {
        Self(watch::channel(0).0)
    }
}

impl Weather {
    /// Hears of every change from now on.
    pub(crate) fn listen(&self) -> Changes {
        Changes(self.0.subscribe())
    }

    pub(crate) fn tell(&self) {
        self.0.send_modify(|changes| *changes += 1);
    }
}

/// See [`Weather::listen`].
#[derive(Debug)]
pub(crate) struct Changes(watch::Receiver<u64>);

impl Changes {
    /// Waits for a change.
    pub(crate) async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The engine is gone, and with it all that changes.
            std::future::pending::<()>().await;
        }
    }
}

impl Engine {
    /// What there is of a network, without opening the rest of the outside world.
    pub(crate) fn look_at_network(&self) -> NetworkLook {
        self.network().look()
    }

    /// Watches the network until cancelled. On a change everything that failed is tried again at once.
    pub(crate) async fn keep_watching_network(
        &self,
        address: Option<&EmailAddress>,
        cancel: &CancellationToken,
    ) {
        let mut seen = Seen::first(self.look_at_network(), self.moment());
        loop {
            let waited = tokio::select! {
                () = cancel.cancelled() => return,
                waited = self.network().pause() => waited,
            };
            let Some(change) = seen.next(self.look_at_network(), waited, self.moment()) else {
                continue;
            };
            self.meet_change(address, change).await;
        }
    }

    /// Notes a change of the network, and has everybody who waits for a server try again.
    async fn meet_change(&self, address: Option<&EmailAddress>, change: Change) {
        let (kind, facts) = match change {
            Change::Woke(slept) => {
                let minutes = Param::from(slept.as_secs() / 60);
                (JournalKind::Woke, vec![("minutes", minutes)])
            }
            Change::Another => (JournalKind::NetworkChanged, Vec::new()),
            Change::Lost => (JournalKind::NetworkLost, Vec::new()),
        };
        self.failing.begin_anew();
        match self.accounts(address).await {
            Ok(accounts) => {
                for account in &accounts {
                    self.note_journal(account.id, kind, &facts, None).await;
                    if change != Change::Lost
                        && let Err(error) = self.hasten(account.id).await
                    {
                        tracing::warn!(code = %error.code(), "what waits could not be made due");
                    }
                }
            }
            Err(error) => tracing::warn!(code = %error.code(), "the accounts could not be read"),
        }
        self.weather.tell();
    }

    /// What was put off because a server could not be reached is due now.
    async fn hasten(&self, account: AccountId) -> Result<(), EngineError> {
        let (store, now) = (self.store().await?, self.now().await?);
        store.outbox().hasten(account, now).await?;
        if store.operations().next_at(account).await?.is_some() {
            store.operations().hasten(account, now).await?;
        }
        Ok(())
    }
}

/// What each server said since the network last changed: whether something else answers in everybody's place.
#[derive(Debug, Default)]
pub(crate) struct Failing(Mutex<Vec<(String, Option<ErrorCode>)>>);

impl Failing {
    /// Another network: what was seen in the last one says nothing about this one.
    fn begin_anew(&self) {
        self.with(Vec::clear);
    }

    /// Keeps how the last attempt at a server ended. One that refuses the sign-in has been reached.
    pub(crate) fn note(&self, host: &str, failed: Option<ErrorCode>) {
        let failed = failed.filter(|code| passes(*code) || is_foreign(*code, true));
        self.with(|hosts| {
            hosts.retain(|(known, _)| known != host);
            hosts.push((host.to_owned(), failed));
        });
    }

    /// See [`is_portal`].
    pub(crate) fn suspects_portal(&self, host: &str, has_worked: bool) -> bool {
        self.with(|hosts| is_portal(host, has_worked, hosts))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<(String, Option<ErrorCode>)>) -> T) -> T {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut hosts)
    }
}

/// True when it looks as if something between us and the servers answers in their place, as the pages do on which hotels and
/// trains want a sign-in: `host` worked before and now shows a foreign certificate, and no server worked since the network
/// changed. One server alone that shows an expired certificate, or none, has a fault of its own.
fn is_portal(host: &str, has_worked: bool, hosts: &[(String, Option<ErrorCode>)]) -> bool {
    let of_host = hosts.iter().find(|(known, _)| known == host);
    let Some((_, Some(code))) = of_host else {
        return false;
    };
    has_worked && is_foreign(*code, hosts.len() > 1) && hosts.iter().all(|(_, failed)| failed.is_some())
}

/// True for an answer that a server would not give of itself; `among_several` for those that one alone may give.
fn is_foreign(code: ErrorCode, among_several: bool) -> bool {
    match code {
        ErrorCode::TlsCertificateInvalid | ErrorCode::TlsCertificateWrongHost => true,
        ErrorCode::TlsCertificateExpired
        | ErrorCode::TlsFailed
        | ErrorCode::ServerNonsense
        | ErrorCode::StarttlsMissing => among_several,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(addresses: &[&str], ways: &[&str]) -> NetworkLook {
        NetworkLook {
            addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(),
            ways: ways.iter().map(|way| (*way).to_owned()).collect(),
        }
    }

    #[test]
    fn change_is_told_once_and_a_sleep_before_all_else() {
        let home = || at(&["192.168.1.7"], &["wlan0 0101A8C0"]);
        let vpn = || at(&["10.8.0.2"], &["tun0 0100080A"]);
        let start = UnixMillis(1_000_000);
        let mut seen = Seen::first(home(), start);
        let cases = [
            (home(), 3, None),
            (at(&[], &[]), 6, Some(Change::Lost)),
            (at(&[], &[]), 9, None),
            (home(), 12, Some(Change::Another)),
            (vpn(), 15, Some(Change::Another)),
            // A busy machine is no sleeping one, and a clock that is set back no waking one.
            (vpn(), 37, None),
            (vpn(), 20, None),
            (home(), 20 + 3 + 7200, Some(Change::Woke(Duration::from_hours(2)))),
            (home(), 20 + 6 + 7200, None),
        ];
        for (index, (look, second, change)) in cases.into_iter().enumerate() {
            assert_eq!(
                seen.next(look, LOOK, start.plus_seconds(second)),
                change,
                "{index}"
            );
        }
    }

    #[test]
    fn ways_out_are_read_from_the_table_of_routes() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
            wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
            wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n\
            tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n\
            docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
            cut\t00000000\n";
        assert_eq!(read_ways(table), ["tun0 0100080A", "wlan0 0101A8C0"]);
        assert_eq!(read_ways(""), Vec::<String>::new());
    }

    #[test]
    fn portal_is_suspected_only_where_nobody_gets_through() {
        use ErrorCode::{
            ConnectTimeout, TlsCertificateExpired, TlsCertificateInvalid, TlsCertificateWrongHost, TlsFailed,
        };
        let cases: [(bool, &[(&str, Option<ErrorCode>)], bool); 9] = [
            (true, &[("a", Some(TlsCertificateInvalid))], true),
            (true, &[("a", Some(TlsCertificateWrongHost))], true),
            // It never worked: it may have that certificate always.
            (false, &[("a", Some(TlsCertificateInvalid))], false),
            (true, &[("a", Some(TlsCertificateExpired))], false),
            (
                true,
                &[("a", Some(TlsCertificateExpired)), ("b", Some(TlsFailed))],
                true,
            ),
            (true, &[("a", Some(TlsCertificateInvalid)), ("b", None)], false),
            (
                true,
                &[("a", Some(TlsCertificateInvalid)), ("b", Some(ConnectTimeout))],
                true,
            ),
            (true, &[("a", Some(ConnectTimeout))], false),
            (true, &[("b", Some(TlsCertificateInvalid))], false),
        ];
        for (index, (has_worked, hosts, expected)) in cases.into_iter().enumerate() {
            let failing = Failing::default();
            for (host, failed) in hosts {
                failing.note(host, *failed);
            }
            assert_eq!(failing.suspects_portal("a", has_worked), expected, "{index}");
            failing.begin_anew();
            assert!(!failing.suspects_portal("a", has_worked), "{index}");
        }
    }

    #[test]
    fn system_is_asked_without_a_word_on_the_wire() {
        let looks = [SystemNetwork.look(), SystemNetwork.look()];
        assert_eq!(looks[0], looks[1], "nothing changed in between");
        assert!(looks[0].addresses.iter().all(|address| !address.is_loopback()));
    }
}
