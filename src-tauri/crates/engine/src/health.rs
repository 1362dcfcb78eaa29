//! How an account is, from traffic that happened. Facts in, condition out.

use mailroom_model::{AccountState, ErrorCode, Fixer, UnixMillis};
use mailroom_store::{AccountRow, StoredError, Traffic, TrafficRow};

use crate::approval::is_signed_out;
use crate::preferences::{Preferences, is_sender};
use crate::server_traits::ServerTraits;
use crate::{Engine, EngineError};

/// A server that lets somebody in later than this, twice in a row, is slow.
const SLOW_MS: u64 = 5_000;

/// How an account is, or one of the things that it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The person does not want it, or the server has no such thing.
    SwitchedOff,
    /// Nothing has been tried yet.
    Untried,
    /// It worked the last time.
    Working,
    /// It worked the last time, and took long, the time before as well.
    Slow,
    /// This machine has no way to the server; it is tried again as soon as there is one.
    WaitingForNetwork,
    /// It failed and is tried again by itself.
    Retrying,
    /// The organisation's administrator has to do something.
    NeedsAdministrator,
    /// The person has to do something.
    NeedsYou,
}

impl Condition {
    /// Every condition, in the order of declaration.
    pub const EVERY: [Self; 8] = [
        Self::SwitchedOff,
        Self::Untried,
        Self::Working,
        Self::Slow,
        Self::WaitingForNetwork,
        Self::Retrying,
        Self::NeedsAdministrator,
        Self::NeedsYou,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SwitchedOff => "switched-off",
            Self::Untried => "untried",
            Self::Working => "working",
            Self::Slow => "slow",
            Self::WaitingForNetwork => "waiting-for-network",
            Self::Retrying => "retrying",
            Self::NeedsAdministrator => "needs-administrator",
            Self::NeedsYou => "needs-you",
        }
    }

    /// How much it matters beside the condition of something else; 0 for what nobody has to know.
    fn weight(self) -> u8 {
        match self {
            Self::SwitchedOff | Self::Untried | Self::Working => 0,
            Self::Slow => 1,
            Self::Retrying => 2,
            // What nothing gets through, is no server's failure.
            Self::WaitingForNetwork => 3,
            Self::NeedsAdministrator => 4,
            Self::NeedsYou => 5,
        }
    }
}

/// Why something is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffReason {
    /// The person wants it so.
    Chosen,
    /// The person has not been through the setup.
    SetupOpen,
    /// The person took the sign-in away and kept the mail.
    SignedOut,
    /// There is no server for it, or the server does not do it.
    NotOffered,
}

impl OffReason {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::SetupOpen => "setup-open",
            Self::SignedOut => "signed-out",
            Self::NotOffered => "not-offered",
        }
    }
}

/// What is known of one thing that an account does.
#[derive(Clone, Copy, Debug)]
struct Facts<'a> {
    off: Option<OffReason>,
    state: AccountState,
    /// What the account as a whole failed with, if that was told.
    told: Option<ErrorCode>,
    row: Option<&'a TrafficRow>,
    is_online: bool,
}

/// The one place where it is decided how something is.
fn condition(facts: Facts<'_>) -> Condition {
    if facts.off.is_some() {
        return Condition::SwitchedOff;
    }
    if facts.state == AccountState::SignInNeeded {
        return match facts.told.map(ErrorCode::fixer) {
            Some(Fixer::Administrator) => Condition::NeedsAdministrator,
            _ => Condition::NeedsYou,
        };
    }
    let Some(row) = facts.row else {
        return Condition::Untried;
    };
    let error = row.last_error.as_ref().filter(|_| row.failures > 0);
    if let Some(error) = error {
        let is_blip =
            row.failures == 1 && passes(error.code) && row.worked_at.is_some() && facts.told.is_none();
        let failing = meaning(error.code, facts.is_online);
        if !is_blip || failing == Condition::WaitingForNetwork {
            return failing;
        }
    }
    if row.worked_at.is_none() {
        return Condition::Untried;
    }
    let is_late = |took: Option<u64>| took.is_some_and(|took| took > SLOW_MS);
    if is_late(row.took_ms) && is_late(row.before_ms) {
        Condition::Slow
    } else {
        Condition::Working
    }
}

/// What an error that did not pass by itself means.
fn meaning(code: ErrorCode, is_online: bool) -> Condition {
    match code {
        ErrorCode::NetworkUnreachable | ErrorCode::PortalSuspected => Condition::WaitingForNetwork,
        _ if passes(code) && !is_online => Condition::WaitingForNetwork,
        _ if passes(code) => Condition::Retrying,
        _ => match code.fixer() {
            Fixer::You => Condition::NeedsYou,
            Fixer::Administrator => Condition::NeedsAdministrator,
            Fixer::Provider | Fixer::Mailroom => Condition::Retrying,
        },
    }
}

/// True for what a network or a server does now and then and no more the next moment.
pub(crate) fn passes(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NetworkUnreachable
            | ErrorCode::NameNotFound
            | ErrorCode::ConnectRefused
            | ErrorCode::ConnectTimeout
            | ErrorCode::ConnectionLost
            | ErrorCode::ServerStalled
            | ErrorCode::ServerClosed
            | ErrorCode::ServerNonsense
            | ErrorCode::ServerUnavailable
            | ErrorCode::TooManyConnections
            | ErrorCode::TlsFailed
            | ErrorCode::OauthServerError
    )
}

/// One thing that an account does, and how it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationHealth {
    /// What it is.
    pub operation: Traffic,
    /// How it is.
    pub condition: Condition,
    /// Why it is switched off, when it is.
    pub off: Option<OffReason>,
    /// When it last worked.
    pub worked_at: Option<UnixMillis>,
    /// The last failure, also when it works again.
    pub last_error: Option<StoredError>,
    /// When it is tried again by itself; `None` for the next look, or when it works.
    pub retry_at: Option<UnixMillis>,
    /// Milliseconds until the server let us in, the last time.
    pub took_ms: Option<u64>,
}

/// How an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountHealth {
    /// All in all.
    pub condition: Condition,
    /// When what failed is tried again by itself.
    pub retry_at: Option<UnixMillis>,
    /// When a server of the account last did what it was asked.
    pub heard_at: Option<UnixMillis>,
    /// Receiving, push, sending, and changes, in this order.
    pub operations: Vec<OperationHealth>,
}

impl AccountHealth {
    /// When this last worked.
    pub fn worked_at(&self, operation: Traffic) -> Option<UnixMillis> {
        let one = self.operations.iter().find(|one| one.operation == operation)?;
        one.worked_at
    }
}

/// What there is to know of an account when its health is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) account: &'a AccountRow,
    /// The provider's way of announcing is known not to work.
    pub(crate) announces_badly: bool,
    pub(crate) traffic: &'a [TrafficRow],
    /// When the outbox is tried again.
    pub(crate) send_at: Option<UnixMillis>,
    /// When waiting changes are tried again.
    pub(crate) flags_at: Option<UnixMillis>,
    pub(crate) is_online: bool,
    pub(crate) now: UnixMillis,
}

/// How an account is.
pub(crate) fn health(known: &Known<'_>) -> AccountHealth {
    const SHOWN: [Traffic; 4] = [Traffic::Receive, Traffic::Push, Traffic::Send, Traffic::Flags];
    let operations: Vec<OperationHealth> = SHOWN.iter().map(|operation| one(known, *operation)).collect();
    let condition = all_in_all(&operations);
    let retries = operations
        .iter()
        .filter(|one| one.operation != Traffic::Push && one.condition == condition);
    AccountHealth {
        condition,
        retry_at: retries.filter_map(|one| one.retry_at).min(),
        heard_at: known.traffic.iter().filter_map(|row| row.worked_at).max(),
        operations,
    }
}

fn one(known: &Known<'_>, operation: Traffic) -> OperationHealth {
    let account = known.account;
    let row = known.traffic.iter().find(|row| row.operation == operation);
    let told = account.last_error.as_ref().map(|error| error.code);
    let off = off(known, operation);
    let condition = condition(Facts {
        off,
        state: account.state,
        // What the account as a whole fails with is said of receiving.
        told: told.filter(|_| operation == Traffic::Receive || account.state == AccountState::SignInNeeded),
        row,
        is_online: known.is_online,
    });
    let retry_at = match operation {
        Traffic::Send => known.send_at,
        Traffic::Flags => known.flags_at,
        Traffic::Receive | Traffic::Push | Traffic::Check => row.and_then(|row| row.retry_at),
    };
    let is_tried_again = matches!(condition, Condition::Retrying | Condition::WaitingForNetwork);
    OperationHealth {
        operation,
        condition,
        off,
        worked_at: row.and_then(|row| row.worked_at),
        last_error: row.and_then(|row| row.last_error.clone()),
        // A time that has passed is the time of a program that runs no more.
        retry_at: retry_at.filter(|at| is_tried_again && *at > known.now),
        took_ms: row.and_then(|row| row.took_ms),
    }
}

fn off(known: &Known<'_>, operation: Traffic) -> Option<OffReason> {
    let account = known.account;
    let preferences = Preferences::of(account);
    let has_smtp = account
        .working
        .as_ref()
        .is_some_and(|working| working.smtp.is_some());
    match operation {
        _ if account.state == AccountState::SignInNeeded && is_signed_out(account) => {
            Some(OffReason::SignedOut)
        }
        _ if !preferences.setup_done => Some(OffReason::SetupOpen),
        Traffic::Receive | Traffic::Check => (!preferences.automatic).then_some(OffReason::Chosen),
        Traffic::Push if !preferences.automatic || !preferences.push => Some(OffReason::Chosen),
        Traffic::Push => {
            let is_deaf = known.announces_badly || ServerTraits::of(account).announces == Some(false);
            is_deaf.then_some(OffReason::NotOffered)
        }
        Traffic::Send if !has_smtp => Some(OffReason::NotOffered),
        Traffic::Send => (!is_sender(account)).then_some(OffReason::Chosen),
        Traffic::Flags => None,
    }
}

/// The condition of an account: that of what matters most. Mail comes without push as well, only later, so push does not count.
fn all_in_all(operations: &[OperationHealth]) -> Condition {
    let counted = || operations.iter().filter(|one| one.operation != Traffic::Push);
    let worst = counted()
        .map(|one| one.condition)
        .max_by_key(|condition| condition.weight());
    let receiving = counted()
        .find(|one| one.operation == Traffic::Receive)
        .map_or(Condition::Untried, |one| one.condition);
    worst
        .filter(|worst| worst.weight() > receiving.weight())
        .unwrap_or(receiving)
}

impl Engine {
    /// How an account is, from what is kept here; nobody is asked.
    pub(crate) async fn health_of(&self, account: &AccountRow) -> Result<AccountHealth, EngineError> {
        let store = self.store().await?;
        let quirks = self.quirks(account).await?;
        let traffic = store.traffic().list(account.id).await?;
        Ok(health(&Known {
            account,
            announces_badly: quirks.contains(&mailroom_connect::Quirk::IdleUnreliable),
            traffic: &traffic,
            send_at: store.outbox().next_at(account.id).await?,
            flags_at: store.operations().next_at(account.id).await?,
            is_online: self.look_at_network().is_online(),
            now: self.moment(),
        }))
    }
}

#[cfg(test)]
mod tests;
