//! How long the tests of chance go on.

use std::io::{self, Write as _};
use std::time::Duration;

use mailroom_engine::SystemClock;
use mailroom_model::{Clock as _, UnixMillis};

/// A long run, wanted by `cargo xtask soak`: `MAILROOM_SOAK` is the minutes that each test of chance may take.
pub(crate) struct Soak {
    until: UnixMillis,
}

impl Soak {
    /// The long run that is wanted, beginning now.
    #[expect(clippy::disallowed_methods, reason = "the switch of a long run")]
    pub(crate) fn wanted() -> Option<Self> {
        let minutes = std::env::var("MAILROOM_SOAK").ok()?.parse().ok()?;
        let seconds = i64::try_from(Duration::from_mins(minutes).as_secs()).ok()?;
        Some(Self {
            until: SystemClock.now().plus_seconds(seconds),
        })
    }

    /// Says at the end what was done: the harness does not keep it to itself.
    pub(crate) fn say(words: &str) {
        drop(writeln!(io::stderr(), "SOAK: {words}"));
    }

    /// Its time is up.
    pub(crate) fn is_over(&self) -> bool {
        SystemClock.now() >= self.until
    }
}
