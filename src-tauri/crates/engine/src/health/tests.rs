//! Every condition, from the facts that lead to it.

use mailroom_model::{AccountId, AuthMethod, Endpoint, FolderSelection, Period, Security, WorkingAccount};
use serde_json::json;

use super::*;

const NOW: UnixMillis = UnixMillis(1_795_341_600_000);

fn error(code: ErrorCode) -> StoredError {
    StoredError {
        code,
        params: std::collections::BTreeMap::new(),
        at: NOW.plus_seconds(-5),
    }
}

fn account(state: AccountState, told: Option<ErrorCode>, options: serde_json::Value) -> AccountRow {
    let server = |host: &str, port| Endpoint::new(host, port, Security::Tls);
    AccountRow {
        id: AccountId(1),
        address: "anna@x.pl".parse().unwrap(),
        display_name: String::new(),
        provider: None,
        state,
        working: Some(WorkingAccount {
            address: "anna@x.pl".parse().unwrap(),
            provider: None,
            imap: server("imap.x.pl", 993),
            imap_username: "anna".into(),
            smtp: Some(server("smtp.x.pl", 465)),
            smtp_username: "anna".into(),
            auth: AuthMethod::Password,
        }),
        period: Period::Quarter,
        folders: FolderSelection::All,
        registration_id: None,
        issuer: None,
        tenant: None,
        options,
        created_at: NOW,
        signed_in_at: None,
        last_error: told.map(error),
        size_limit: None,
    }
}

/// Worked a minute ago, and has failed `failures` times since.
fn row(operation: Traffic, failures: u32, code: Option<ErrorCode>) -> TrafficRow {
    TrafficRow {
        operation,
        worked_at: Some(NOW.plus_seconds(-60)),
        took_ms: Some(200),
        before_ms: Some(300),
        failures,
        last_error: code.map(error),
        retry_at: None,
    }
}

#[test]
fn condition_follows_from_traffic() {
    use AccountState::{SignInNeeded, Working};
    use Condition as C;
    use ErrorCode as E;
    let works = row(Traffic::Receive, 0, None);
    let failing = |failures, code| row(Traffic::Receive, failures, Some(code));
    let slow = |took, before| TrafficRow {
        took_ms: Some(took),
        before_ms: before,
        ..works.clone()
    };
    let never = |failures, code| TrafficRow {
        worked_at: None,
        ..failing(failures, code)
    };
    // State of the account, what it was told to fail with, how it went, whether there is a network.
    let cases = [
        (Working, None, None, true, C::Untried),
        (Working, None, Some(works.clone()), true, C::Working),
        (Working, None, Some(works.clone()), false, C::Working),
        (
            Working,
            None,
            Some(failing(0, E::ConnectTimeout)),
            true,
            C::Working,
        ),
        // One blip is no news; one that was told is, and so is the second.
        (
            Working,
            None,
            Some(failing(1, E::ConnectTimeout)),
            true,
            C::Working,
        ),
        (
            Working,
            Some(E::ConnectTimeout),
            Some(failing(1, E::ConnectTimeout)),
            true,
            C::Retrying,
        ),
        (
            Working,
            None,
            Some(failing(2, E::ConnectTimeout)),
            true,
            C::Retrying,
        ),
        (
            Working,
            None,
            Some(never(1, E::ConnectTimeout)),
            true,
            C::Retrying,
        ),
        // Without a network nothing is anybody's fault.
        (
            Working,
            None,
            Some(failing(1, E::ConnectTimeout)),
            false,
            C::WaitingForNetwork,
        ),
        (
            Working,
            None,
            Some(failing(4, E::NameNotFound)),
            false,
            C::WaitingForNetwork,
        ),
        (
            Working,
            None,
            Some(failing(1, E::NetworkUnreachable)),
            true,
            C::WaitingForNetwork,
        ),
        (
            Working,
            None,
            Some(failing(1, E::PortalSuspected)),
            true,
            C::WaitingForNetwork,
        ),
        // What does not pass by itself, by who can mend it.
        (
            Working,
            None,
            Some(failing(1, E::TlsCertificateExpired)),
            true,
            C::Retrying,
        ),
        (Working, None, Some(failing(1, E::OverQuota)), true, C::NeedsYou),
        (Working, None, Some(failing(1, E::OverQuota)), false, C::NeedsYou),
        (
            Working,
            None,
            Some(failing(1, E::PermissionDenied)),
            true,
            C::NeedsAdministrator,
        ),
        (Working, None, Some(failing(1, E::Internal)), true, C::Retrying),
        (
            SignInNeeded,
            Some(E::AuthFailed),
            Some(works.clone()),
            true,
            C::NeedsYou,
        ),
        (SignInNeeded, None, None, false, C::NeedsYou),
        (
            SignInNeeded,
            Some(E::OauthAdminConsentNeeded),
            None,
            true,
            C::NeedsAdministrator,
        ),
        // Twice in a row is slow, once is not.
        (Working, None, Some(slow(6000, Some(7000))), true, C::Slow),
        (Working, None, Some(slow(6000, Some(700))), true, C::Working),
        (Working, None, Some(slow(600, Some(7000))), true, C::Working),
        (Working, None, Some(slow(60_000, None)), true, C::Working),
    ];
    for (index, (state, told, row, is_online, expected)) in cases.into_iter().enumerate() {
        let facts = Facts {
            off: None,
            state,
            told,
            row: row.as_ref(),
            is_online,
        };
        assert_eq!(condition(facts), expected, "{index}: {facts:?}");
        let off = Facts {
            off: Some(OffReason::Chosen),
            ..facts
        };
        assert_eq!(condition(off), C::SwitchedOff, "{index}");
    }
}

/// The conditions of receiving, push, sending and changes, and of all in all.
fn told(account: &AccountRow, traffic: &[TrafficRow]) -> ([Condition; 4], Condition) {
    let judged = health(&Known {
        account,
        announces_badly: false,
        traffic,
        send_at: None,
        flags_at: None,
        is_online: true,
        now: NOW,
    });
    let each: Vec<Condition> = judged.operations.iter().map(|one| one.condition).collect();
    (each.try_into().unwrap(), judged.condition)
}

#[test]
fn account_is_as_what_matters_most_of_it() {
    use AccountState::Working;
    use Condition as C;
    let works = [Traffic::Receive, Traffic::Push, Traffic::Send, Traffic::Flags]
        .map(|operation| row(operation, 0, None));
    let with = |failed: TrafficRow| {
        let mut rows = works.to_vec();
        rows.retain(|row| row.operation != failed.operation);
        rows.push(failed);
        rows
    };
    let plain = account(Working, None, json!({}));
    let all_works = ([C::Working; 4], C::Working);
    assert_eq!(told(&plain, &works), all_works);
    assert_eq!(told(&plain, &[]), ([C::Untried; 4], C::Untried));
    let lost = Some(ErrorCode::ConnectionLost);
    assert_eq!(
        told(&plain, &with(row(Traffic::Push, 3, lost))),
        ([C::Working, C::Retrying, C::Working, C::Working], C::Working),
        "mail comes without push as well"
    );
    assert_eq!(
        told(&plain, &with(row(Traffic::Send, 3, lost))),
        ([C::Working, C::Working, C::Retrying, C::Working], C::Retrying)
    );
    let refused = Some(ErrorCode::AuthSmtpDisabled);
    assert_eq!(
        told(&plain, &with(row(Traffic::Send, 1, refused))).1,
        C::NeedsAdministrator
    );
    let by_hand = account(Working, None, json!({"automatic": false}));
    assert_eq!(
        told(&by_hand, &works),
        (
            [C::SwitchedOff, C::SwitchedOff, C::Working, C::Working],
            C::SwitchedOff
        )
    );
    assert_eq!(told(&by_hand, &with(row(Traffic::Send, 3, lost))).1, C::Retrying);
    let silent = account(
        Working,
        None,
        json!({"sending": false, "server": {"announces": false}}),
    );
    assert_eq!(
        told(&silent, &works),
        (
            [C::Working, C::SwitchedOff, C::SwitchedOff, C::Working],
            C::Working
        )
    );
    let open = account(Working, None, json!({"setup_done": false}));
    assert_eq!(told(&open, &works), ([C::SwitchedOff; 4], C::SwitchedOff));
}

#[test]
fn off_says_why() {
    use OffReason::{Chosen, NotOffered, SetupOpen};
    let reasons = |options, has_smtp: bool| {
        let mut account = account(AccountState::Working, None, options);
        if let Some(working) = account.working.as_mut().filter(|_| !has_smtp) {
            working.smtp = None;
        }
        let judged = health(&Known {
            account: &account,
            announces_badly: false,
            traffic: &[],
            send_at: None,
            flags_at: None,
            is_online: true,
            now: NOW,
        });
        judged.operations.iter().map(|one| one.off).collect::<Vec<_>>()
    };
    assert_eq!(reasons(json!({}), true), [None; 4]);
    assert_eq!(
        reasons(json!({"push": false, "sending": false}), true),
        [None, Some(Chosen), Some(Chosen), None]
    );
    assert_eq!(
        reasons(json!({"server": {"announces": false}}), false),
        [None, Some(NotOffered), Some(NotOffered), None]
    );
    assert_eq!(reasons(json!({"setup_done": false}), true), [Some(SetupOpen); 4]);
}

#[test]
fn retry_is_told_while_it_lies_ahead_of_what_fails() {
    let account = account(AccountState::Working, None, json!({}));
    let lost = Some(ErrorCode::ConnectionLost);
    let receive = TrafficRow {
        retry_at: Some(NOW.plus_seconds(20)),
        ..row(Traffic::Receive, 2, lost)
    };
    let traffic = [receive, row(Traffic::Send, 2, lost), row(Traffic::Flags, 0, None)];
    let judged = |now| {
        health(&Known {
            account: &account,
            announces_badly: false,
            traffic: &traffic,
            send_at: Some(NOW.plus_seconds(10)),
            flags_at: Some(NOW.plus_seconds(5)),
            is_online: true,
            now,
        })
    };
    let retries = |now| {
        let health = judged(now);
        let each: Vec<_> = health.operations.iter().map(|one| one.retry_at).collect();
        (each, health.retry_at)
    };
    let at = |seconds| Some(NOW.plus_seconds(seconds));
    assert_eq!(retries(NOW), (vec![at(20), None, at(10), None], at(10)));
    assert_eq!(
        retries(NOW.plus_seconds(15)),
        (vec![at(20), None, None, None], at(20))
    );
    assert_eq!(retries(NOW.plus_seconds(60)), (vec![None; 4], None));
    assert_eq!(judged(NOW).heard_at, Some(NOW.plus_seconds(-60)));
}
