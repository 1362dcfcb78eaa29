//! What works, what happened, and what was looked at, on the wire.

use mailroom_engine::{
    AccountJournal, ArrivalHour, Doctor, Engine, JournalEntry, Mended, OperationHealth, SilenceStatus,
    Status, StoredError,
};
use mailroom_model::{HOUR_MS, Param, UnixMillis};

use super::leaving::expiry;
use super::{Names, account, at, count, stored};
use crate::WireError;
use crate::dto::{
    AccountStatus, DoctorCheck, DoctorReport, JournalEntryView, JournalView, OperationHealthView, RepairView,
    SilenceView, StatusView,
};

/// Hours that the picture of arrivals shows: a week.
const SHOWN_HOURS: i64 = 7 * 24;
pub(crate) async fn status(engine: &Engine, status: Status) -> Result<StatusView, WireError> {
    let mut names = Names::new(engine);
    let mut accounts = Vec::new();
    for one in status.accounts {
        let mut operations = Vec::new();
        for waiting in one.operations {
            operations.push(names.operation(waiting).await?);
        }
        let mut outbox = Vec::new();
        for row in one.outbox {
            outbox.push(names.outbox(row).await?);
        }
        let health = &one.summary.health;
        let (arrivals, arrivals_since) = by_hour(&one.arrivals, status.now);
        accounts.push(AccountStatus {
            health: health.operations.iter().map(operation).collect(),
            heard_at: at(health.heard_at),
            arrived_at: at(one.last_arrival),
            arrivals,
            arrivals_since,
            silence: one.silence.as_ref().map(silence),
            account: account(one.summary),
            operations,
            outbox,
        });
    }
    Ok(StatusView {
        accounts,
        store_bytes: count(status.store_bytes),
        store_unsound: status.store_unsound,
        store_restored: status.store_restored.map(WireError::from_fault),
        expiries: engine.expiries().await?.into_iter().map(expiry).collect(),
    })
}

/// Messages in each of the last hours up to the one of `now`, and when the first of them began.
fn by_hour(arrivals: &[ArrivalHour], now: UnixMillis) -> (Vec<i64>, i64) {
    let first = now.0.div_euclid(HOUR_MS) - SHOWN_HOURS + 1;
    let of = |hour: i64| {
        arrivals
            .iter()
            .filter(|one| one.hour == hour)
            .map(|one| count(one.messages))
            .sum()
    };
    ((first..first + SHOWN_HOURS).map(of).collect(), first * HOUR_MS)
}

fn operation(health: &OperationHealth) -> OperationHealthView {
    let error = health.last_error.as_ref();
    OperationHealthView {
        operation: health.operation.as_str().to_owned(),
        condition: health.condition.as_str().to_owned(),
        off: health.off.map(|reason| reason.as_str().to_owned()),
        worked_at: at(health.worked_at),
        failed_at: error.map(|error| error.at.0),
        error: error.map(stored),
        retry_at: at(health.retry_at),
        took_ms: health.took_ms.map(count),
    }
}

fn silence(status: &SilenceStatus) -> SilenceView {
    SilenceView {
        since: status.silence.since.0,
        usual_minutes: status.silence.usual_minutes,
        proved_at: at(status.proved_at),
        error: status.error.as_ref().map(stored),
    }
}

pub(crate) fn journal(journal: AccountJournal) -> JournalView {
    JournalView {
        address: journal.address,
        entries: journal.entries.into_iter().map(entry).collect(),
    }
}

fn entry(entry: JournalEntry) -> JournalEntryView {
    let text = |name: &str| entry.facts.get(name).map(ToString::to_string);
    let number = |name: &str| match entry.facts.get(name)? {
        Param::Number(number) => Some(*number),
        Param::Text(_) => None,
    };
    JournalEntryView {
        id: entry.id,
        kind: entry.kind.as_str().to_owned(),
        operation: text("operation"),
        proof: text("proof"),
        server: text("server"),
        host: text("host"),
        port: number("port"),
        count: number("minutes").or_else(|| number("hours")),
        times: entry.times,
        began_at: entry.began_at.0,
        ended_at: entry.ended_at.0,
        error: entry.error.map(|code| {
            stored(&StoredError {
                code,
                params: entry.facts,
                at: entry.ended_at,
            })
        }),
    }
}

fn repair(mended: Mended) -> RepairView {
    let (what, number, path) = match mended {
        Mended::Rebuilt {
            set_aside,
            from_file,
            from_backup,
        } => ("rebuilt", from_file + from_backup, Some(set_aside)),
        Mended::Bodies(number) => ("bodies", number, None),
        Mended::LostBodies(number) => ("lost_bodies", number, None),
        Mended::WaitingBodies(number) => ("waiting_bodies", number, None),
        Mended::Rows(number) => ("rows", number, None),
        Mended::Index(number) => ("index", number, None),
    };
    RepairView {
        what: what.to_owned(),
        count: count(number),
        path: path.map(|path| path.display().to_string()),
    }
}

pub(crate) fn doctor(doctor: Doctor, mended: Vec<Mended>) -> DoctorReport {
    DoctorReport {
        repairs: mended.into_iter().map(repair).collect(),
        version: doctor.version.to_owned(),
        platform: doctor.platform,
        home: doctor.home,
        checks: doctor
            .checks
            .into_iter()
            .map(|check| DoctorCheck {
                check: check.name.to_owned(),
                passed: check.fault.is_none(),
                seen: check.seen,
                error: check.fault.map(WireError::from_fault),
            })
            .collect(),
        journals: doctor.journals.into_iter().map(journal).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_fill_the_hours_up_to_now() {
        let now = UnixMillis(1000 * HOUR_MS + 1);
        let arrival = |hour, messages| ArrivalHour { hour, messages };
        let (hours, since) = by_hour(&[arrival(800, 9), arrival(833, 2), arrival(1000, 3)], now);
        assert_eq!((hours.len(), since), (168, 833 * HOUR_MS));
        assert_eq!((hours[0], hours[1], hours[167]), (2, 0, 3));
        assert_eq!(hours.iter().sum::<i64>(), 5);
    }
}
