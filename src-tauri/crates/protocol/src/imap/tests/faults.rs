use std::time::Duration;

use mailroom_model::{Coded, ErrorCode, Params, UidSet};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

use super::*;
use crate::imap::wire::Wire;

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

const FETCH: &str = "C: $ UID FETCH 5:9 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";

/// What a fetch ends with when the server goes on like this.
async fn fetched(after: &str) -> (ErrorCode, Params, usize) {
    let script = format!("{FETCH}\n{after}");
    with_folder("IDLE", &script, async |session: &mut ImapSession| {
        let (sink, mut messages) = mpsc::channel(100);
        let error = session.fetch_messages(&set("5:9"), &sink).await.unwrap_err();
        drop(sink);
        let mut count = 0;
        while messages.recv().await.is_some() {
            count += 1;
        }
        (error.code(), error.params(), count)
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn server_that_breaks_off_ends_in_its_own_error() {
    let one = "S- * 1 FETCH (UID 5 BODY[] {1}\\r\\nx)\\r\\n";
    let (code, params, count) = fetched(&format!("{one}\nS: * BYE Server shutting down.")).await;
    assert_eq!((code, count), (ErrorCode::ServerClosed, 1));
    assert_eq!(params["reply"].to_string(), "Server shutting down.");
    assert_eq!(params["host"].to_string(), "mail.mailroom.test");

    let (code, _, count) = fetched(&format!("{one}\nS- * 2 FETCH (UID 6 BODY[] {{100}}\\r\\nabc")).await;
    assert_eq!((code, count), (ErrorCode::ConnectionLost, 1));

    let (code, params, count) = fetched(&format!(
        "{one}\nS- * 2 FETCH (UID 6 BODY[] {{100}}\\r\\nabc\nHOLD"
    ))
    .await;
    assert_eq!((code, count), (ErrorCode::ServerStalled, 1));
    assert_eq!(params["after_ms"].to_string(), "60000");

    let (code, params, _) = fetched("S- * 2 FETCH (UID 6 BODY[] {4000000000}\\r\\nabc\nHOLD").await;
    assert_eq!(code, ErrorCode::MessageTooLarge);
    assert_eq!(
        (params["size"].to_string(), params["limit"].to_string()),
        ("4000000000".into(), "134217728".into())
    );

    let (code, _, count) = fetched(&format!("{one}\nS: $ NO [SERVERBUG] I fell over")).await;
    assert_eq!((code, count), (ErrorCode::ServerUnavailable, 1));
}

#[tokio::test(start_paused = true)]
async fn silence_is_measured_between_words_not_over_the_whole_answer() {
    let script = format!(
        "{FETCH}
         WAIT 50000
         S- * 1 FETCH (UID 5 BODY[] {{4}}\\r\\na
         WAIT 50000
         S- b
         WAIT 50000
         S- cd)\\r\\n
         WAIT 50000
         S: $ OK done"
    );
    with_folder("IDLE", &script, async |session: &mut ImapSession| {
        let (sink, mut messages) = mpsc::channel(1);
        assert_eq!(session.fetch_messages(&set("5:9"), &sink).await.unwrap(), 1);
        assert_eq!(messages.recv().await.unwrap().raw, b"abcd");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn lines_that_nobody_can_read_do_not_end_the_session() {
    let script = format!(
        "{FETCH}
         S: blah blah
         S: * LIST (((
         S: * 4 FETCH UID 5
         S- * 1 FETCH (UID 5 BODY[] {{1}}\\r\\nx)\\r\\n
         S- * 2 FETCH (UID 6 BODY[] {{1}}\\r\\ny FLAGS (((\\r\\n
         S- * 3 FETCH (UID 7 ENVELOPE (NIL {{2}}\\r\\nab NIL) BODY[] {{1}}\\r\\nz)\\r\\n
         S: * 5 FETCH (INTERNALDATE NIL FLAGS (\\Seen a\\b) UID 8)
         S: $ OK done"
    );
    with_folder("IDLE", &script, async |session: &mut ImapSession| {
        let (sink, mut messages) = mpsc::channel(9);
        assert_eq!(session.fetch_messages(&set("5:9"), &sink).await.unwrap(), 2);
        let first = messages.recv().await.unwrap();
        let second = messages.recv().await.unwrap();
        assert_eq!(
            (first.uid, first.raw, second.uid, second.raw),
            (5, b"x".to_vec(), 6, b"y".to_vec())
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn endless_line_and_endless_nonsense_end_the_session() {
    let long = "x".repeat(10 * 1024 * 1024);
    let script = format!("C: $ NOOP\nS: * OK {long}\nHOLD");
    let code = with_folder("IDLE", &script, async |session: &mut ImapSession| {
        session.noop().await.unwrap_err().code()
    });
    assert_eq!(code.await, ErrorCode::ServerNonsense);
    let script = format!("C: $ NOOP\n{}HOLD", "S: gibberish\n".repeat(200));
    let code = with_folder("IDLE", &script, async |session: &mut ImapSession| {
        session.noop().await.unwrap_err().code()
    });
    assert_eq!(code.await, ErrorCode::ServerNonsense);
}

#[tokio::test(start_paused = true)]
async fn long_lists_of_numbers_are_read_whole() {
    let numbers: Vec<String> = (1..=300_000).map(|uid| (uid * 2).to_string()).collect();
    let numbers = numbers.join(" ");
    let script = format!("C: $ UID SEARCH ALL\nS: * SEARCH {numbers}\nS: $ OK done");
    let found = with_folder("IDLE", &script, async |session: &mut ImapSession| {
        session.uids(None).await.unwrap()
    });
    assert_eq!(found.await.len(), 300_000);
}

#[tokio::test(start_paused = true)]
async fn call_that_was_dropped_leaves_the_session_unusable() {
    let script = "C: $ NOOP\nHOLD";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        let limit = Duration::from_secs(1);
        assert!(tokio::time::timeout(limit, session.noop()).await.is_err());
        assert_eq!(
            session.noop().await.unwrap_err().code(),
            ErrorCode::ConnectionLost
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn alerts_are_kept_for_people() {
    let script = "
        C: $ NOOP
        S: * NO [ALERT] Disk at 99 %
        S: $ OK [ALERT] Really";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        session.noop().await.unwrap();
        let mut alerts = session.take_alerts();
        alerts.sort();
        assert_eq!(alerts, ["Disk at 99 %", "Really"]);
        assert!(session.take_alerts().is_empty());
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn bytes_of_any_kind_never_panic_the_wire(
        lines in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![
            "* ", "A1 ", "+ ", "1 FETCH (", "UID 5 ", "BODY[] ", "{3}", "{0}", "\r\n", "\n", "abc", ")", "(", "FLAGS ",
            "LIST () \"/\" ", "OK ", "BYE ", "[CAPABILITY ", "]", "SEARCH 1 2", "\"", "é",
        ]), 0..8), 0..12),
        chunk in 1_usize..64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (near, mut far) = tokio::io::duplex(chunk);
            let mut wire = Wire::new(Box::new(near), Duration::ZERO, 1_000);
            wire.set_patience(None);
            let said: Vec<u8> = lines.iter().flat_map(|line| [line.concat().as_bytes(), b"\r\n"].concat()).collect();
            let server = async {
                let _ = far.write_all(&said).await;
                drop(far);
            };
            let client = async {
                let mut heard = Vec::new();
                let _ = wire.read_to_end(&mut heard).await;
                drop(wire);
                heard.len()
            };
            let (heard, ()) = tokio::join!(client, server);
            // Nothing is made up: what is passed on was said, in other words.
            assert!(heard <= said.len() * 4 + 64);
        });
    }
}
