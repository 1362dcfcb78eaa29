//! What one folder needs, decided from what is known here and what the server said when the folder was opened.

use mailroom_model::UnixMillis;

/// What is known here about a folder from the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalFolder {
    /// UIDVALIDITY (RFC 3501 §2.3.1.1) under which the known UIDs were given.
    pub(crate) uid_validity: u32,
    /// UIDNEXT at the last time.
    pub(crate) uid_next: u32,
    /// HIGHESTMODSEQ (RFC 7162 §3.1.2.1) at the last time.
    pub(crate) highest_modseq: Option<u64>,
    /// How many messages the whole folder had at the last time.
    pub(crate) exists: u32,
    /// Where the window of time began; `None` for everything.
    pub(crate) window_start: Option<UnixMillis>,
    /// False when the first load was interrupted.
    pub(crate) complete: bool,
    /// How many messages of the folder are kept here, at most.
    pub(crate) known: u64,
    /// True when the server showed the newest messages only.
    pub(crate) was_cut: bool,
}

/// What the server said when the folder was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RemoteFolder {
    /// UIDVALIDITY now; 0 when the server names none: then its UIDs outlive no session (RFC 3501 §6.3.1).
    pub(crate) uid_validity: u32,
    /// UIDNEXT now; some servers leave it out.
    pub(crate) uid_next: Option<u32>,
    /// HIGHESTMODSEQ now; `None` without CONDSTORE or with NOMODSEQ.
    pub(crate) highest_modseq: Option<u64>,
    /// How many messages there are.
    pub(crate) exists: u32,
    /// True when the server sent the changes with the answer (QRESYNC, RFC 7162 §3.2.5).
    pub(crate) delta: bool,
    /// True when the server was listened to since the last time and told of new messages only.
    pub(crate) only_grew: bool,
    /// True when the server shows the newest messages only.
    pub(crate) is_cut: bool,
}

/// Which messages to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrivals {
    /// None came.
    None,
    /// Only UIDs from this one on can be new.
    From(u32),
    /// Everything in the window that is not here.
    Window,
}

/// Which flags to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlagChanges {
    /// None changed, or the server sent them already.
    None,
    /// Those that changed after this modification sequence (CONDSTORE).
    Since(u64),
    /// All of the known messages.
    All,
}

/// The steps for one folder, in this order: reset, trim, delta, removals, flags, arrivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The known UIDs mean nothing any more (UIDVALIDITY changed, or there is none).
    pub(crate) reset: bool,
    /// Forget local copies received before this; the server keeps them.
    pub(crate) trim_before: Option<UnixMillis>,
    /// Compare the known UIDs with the server's to find what went.
    pub(crate) compare_removals: bool,
    /// Ask for older messages that are not here: the server shows them instead of newer ones that went.
    pub(crate) look_for_older: bool,
    /// Which flags to ask for.
    pub(crate) flags: FlagChanges,
    /// Which messages to ask for.
    pub(crate) arrivals: Arrivals,
}

impl Plan {
    /// True when the mirror is exact already.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.reset
            && self.trim_before.is_none()
            && !self.compare_removals
            && !self.look_for_older
            && self.flags == FlagChanges::None
            && self.arrivals == Arrivals::None
    }
}

/// Decides the steps. `window_start` is where the wanted window begins now; `None` means everything.
pub(crate) fn plan(
    local: Option<&LocalFolder>,
    remote: &RemoteFolder,
    window_start: Option<UnixMillis>,
) -> Plan {
    let first = Plan {
        reset: false,
        trim_before: None,
        compare_removals: false,
        look_for_older: false,
        flags: FlagChanges::None,
        arrivals: if remote.exists == 0 {
            Arrivals::None
        } else {
            Arrivals::Window
        },
    };
    let Some(local) = local else { return first };
    if local.uid_validity != remote.uid_validity || remote.uid_validity == 0 {
        return Plan { reset: true, ..first };
    }
    // Neither number may ever fall. Where one does, the server went back to an older state, and what it says about
    // changes since a later one is worth nothing.
    let went_back = remote.uid_next.is_some_and(|next| next < local.uid_next)
        || matches!((local.highest_modseq, remote.highest_modseq), (Some(was), Some(now)) if now < was);
    let trim_before = window_start.filter(|start| local.window_start.is_none_or(|was| was < *start));
    let widened = match (local.window_start, window_start) {
        (Some(was), Some(start)) => start < was,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let arrivals = if widened || went_back || !local.complete {
        Arrivals::Window
    } else {
        match remote.uid_next {
            Some(next) if next <= local.uid_next => Arrivals::None,
            _ => Arrivals::From(local.uid_next),
        }
    };
    let flags = match (local.highest_modseq, remote.highest_modseq) {
        _ if local.known == 0 => FlagChanges::None,
        _ if went_back => FlagChanges::All,
        _ if remote.delta => FlagChanges::None,
        (Some(was), Some(now)) if was == now => FlagChanges::None,
        (Some(was), Some(_)) => FlagChanges::Since(was),
        _ if remote.only_grew => FlagChanges::None,
        _ => FlagChanges::All,
    };
    // CONDSTORE alone does not tell what went (RFC 7162 §3.1), so count: as many messages more as UIDs were given at most
    // mean that none went.
    let uids_given = remote
        .uid_next
        .map(|next| i64::from(next) - i64::from(local.uid_next));
    let grew_by = i64::from(remote.exists) - i64::from(local.exists);
    // Nor can what came and went be counted where for each message that goes an older one is shown again.
    let moves_on = (remote.is_cut || local.was_cut) && !remote.only_grew;
    let compare_removals =
        local.known > 0 && (went_back || moves_on || (!remote.delta && uids_given != Some(grew_by)));
    Plan {
        reset: false,
        trim_before,
        compare_removals,
        look_for_older: moves_on && arrivals != Arrivals::Window,
        flags,
        arrivals,
    }
}

/// True when what the server says about the folder without opening it proves that the mirror is exact. Without
/// mod-sequences nothing but an empty folder can be proved: flags may have changed.
pub(crate) fn is_proved(
    local: &LocalFolder,
    remote: &RemoteFolder,
    window_start: Option<UnixMillis>,
) -> bool {
    local.complete
        && local.exists == remote.exists
        && local.highest_modseq == remote.highest_modseq
        && plan(Some(local), remote, window_start).is_nothing()
}

/// When the oldest message of a window may have come. One day of grace: the server compares days in its own time zone.
pub(crate) fn oldest(window_start: UnixMillis) -> UnixMillis {
    window_start.plus_seconds(-86_400)
}

/// Where the window begins, on a whole UTC day: IMAP can only ask by day (RFC 3501 §6.4.4, SINCE).
pub(crate) fn day_start(start: UnixMillis) -> UnixMillis {
    const DAY: i64 = 86_400_000;
    UnixMillis(start.0.div_euclid(DAY) * DAY)
}

#[cfg(test)]
mod tests;
