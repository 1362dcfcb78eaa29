use std::time::Duration;

use mailroom_model::{Coded, ErrorCode};

use super::*;
use crate::imap::{Event, IdleEnd};

const LIMIT: Duration = Duration::from_mins(20);

#[tokio::test(start_paused = true)]
async fn idle_wakes_for_every_kind_of_change() {
    let changes = [
        ("* 4 EXISTS", Event::Exists(4)),
        ("* 2 EXPUNGE", Event::Expunged { sequence: 2 }),
        ("* VANISHED 8", Event::Vanished("8".parse().unwrap())),
        (
            "* 1 FETCH (UID 3 FLAGS () MODSEQ (9))",
            Event::Flags {
                sequence: 1,
                uid: Some(3),
                flags: mailroom_model::MessageFlags::default(),
                modseq: Some(9),
            },
        ),
    ];
    for (line, event) in changes {
        let script = format!(
            "C: $ IDLE
             S: + idling
             S: * OK Still here
             S: * 3 EXISTS
             WAIT 300000
             S: * OK Still here
             S: {line}
             C: DONE
             S: $ OK done
             C: $ NOOP
             S: $ OK"
        );
        with_folder("IDLE", &script, async |session: &mut ImapSession| {
            let end = session.idle(LIMIT, std::future::pending()).await.unwrap();
            assert_eq!(end, IdleEnd::Changed, "{line}");
            assert!(session.noop().await.unwrap().contains(&event), "{line}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn idle_ends_at_its_limit_when_told_and_when_the_server_ends_it() {
    let script = "
        C: $ IDLE
        S: + idling
        C: DONE
        S: $ OK done
        C: $ IDLE
        S: + idling
        C: DONE
        S: * 3 EXISTS
        S: $ OK done
        C: $ IDLE
        S: + idling
        S: $ OK that is enough
        C: $ IDLE
        S: $ NO not now
        C: $ IDLE
        S: + idling
        S: * BYE restarting";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        let forever = std::future::pending;
        assert_eq!(session.idle(LIMIT, forever()).await.unwrap(), IdleEnd::TimedOut);
        let soon = tokio::time::sleep(Duration::from_secs(5));
        assert_eq!(session.idle(LIMIT, soon).await.unwrap(), IdleEnd::Stopped);
        assert_eq!(session.idle(LIMIT, forever()).await.unwrap(), IdleEnd::TimedOut);
        let refused = session.idle(LIMIT, forever()).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.leaves_session_usable()),
            (ErrorCode::OperationRefused, true)
        );
        let closed = session.idle(LIMIT, forever()).await.unwrap_err();
        assert_eq!(closed.code(), ErrorCode::ServerClosed);
        assert_eq!(closed.params()["reply"].to_string(), "restarting");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn idle_is_not_asked_for_where_it_is_not_offered() {
    with_folder("MOVE", "HOLD", async |session: &mut ImapSession| {
        let error = session.idle(LIMIT, std::future::pending()).await.unwrap_err();
        assert!(matches!(
            error,
            ImapError::CapabilityMissing {
                capability: "IDLE",
                ..
            }
        ));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_was_said_outside_the_wait_ends_the_next_one_before_it_begins() {
    let script = "
        C: $ IDLE
        S: + idling
        C: DONE
        S: * 4 EXISTS
        S: $ OK done
        C: $ UID FETCH 4:4294967295 (UID FLAGS INTERNALDATE RFC822.SIZE)
        S: * 4 FETCH (UID 9 FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE 5)
        S: * 2 FETCH (UID 6 FLAGS (\\Seen))
        S: $ OK done
        C: $ NOOP
        S: $ OK done
        C: $ IDLE
        S: + idling
        S: $ OK that is enough";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        let forever = std::future::pending;
        assert_eq!(session.idle(LIMIT, forever()).await.unwrap(), IdleEnd::TimedOut);
        assert_eq!(
            session.idle(LIMIT, forever()).await.unwrap(),
            IdleEnd::Changed,
            "it came with the end of the wait"
        );
        let facts = session
            .fetch_facts(&mailroom_model::UidSet::range(4, u32::MAX))
            .await
            .unwrap();
        assert_eq!(facts.len(), 1);
        let heard = session.noop().await.unwrap();
        assert!(
            matches!(
                heard.as_slice(),
                [Event::Exists(4), Event::Flags { uid: Some(6), .. }]
            ),
            "{heard:?}"
        );
        assert_eq!(session.idle(LIMIT, forever()).await.unwrap(), IdleEnd::TimedOut);
    })
    .await;
}
