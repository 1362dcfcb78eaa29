//! The outside world as the engine sees it: everything that tests replace.

use std::fmt;
use std::sync::Arc;

use mailroom_connect::{HttpClient, Resolver, ServerProbe, Web};
use mailroom_model::{Clock, UnixMillis};
use mailroom_protocol::Dialer;
use mailroom_vault::Vault;

use crate::network::Network;
use crate::outbox::EndLimits;

/// Where random bytes come from.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// Fills `bytes` with bytes that nobody can foretell.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where the system's clock is read"
    )]
    fn now(&self) -> UnixMillis {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        UnixMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's source of random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::panic,
        reason = "without random bytes no sign-in and no Message-ID may be made"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system gives no random bytes: {error}");
        }
    }
}

/// What the engine needs of the outside world.
#[derive(Clone)]
pub struct Edges {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Records of DNS.
    pub resolver: Arc<dyn Resolver>,
    /// Configurations that domains publish.
    pub web: Arc<dyn Web>,
    /// Looks at mail servers that are only guessed.
    pub probe: Arc<dyn ServerProbe>,
    /// Connections to mail servers.
    pub dialer: Dialer,
    /// Requests to authorisation servers.
    pub http: HttpClient,
    /// Secrets.
    pub vault: Arc<dyn Vault>,
    /// The network around this machine.
    pub network: Arc<dyn Network>,
    /// How long the end of the program may take.
    pub end: EndLimits,
    /// Where the newest version of the program is told; `None` in a build whose makers tell nowhere.
    pub update_address: Option<String>,
}

impl fmt::Debug for Edges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edges").finish_non_exhaustive()
    }
}
