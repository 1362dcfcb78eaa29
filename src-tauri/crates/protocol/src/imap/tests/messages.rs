use mailroom_model::{MessageFlags, UidSet, UnixMillis};
use tokio::sync::mpsc;

use super::*;
use crate::imap::{FetchedMessage, FlagState, RemoteFacts};

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

fn seen() -> MessageFlags {
    MessageFlags::from_imap(["\\Seen"])
}

#[tokio::test(start_paused = true)]
async fn searches_give_sets_in_either_form() {
    let script = "
        C: $ UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG \"x\") UID ALL 1:4,9
        S: $ OK done
        C: $ UID SEARCH RETURN (ALL) SINCE 9-Jan-2026
        S: * SEARCH 9 3
        S: * SEARCH 4
        S: $ OK done
        C: $ UID SEARCH RETURN (ALL) HEADER \"Message-ID\" \"<a\\\"@x>\"
        S: * ESEARCH (TAG \"x\") UID
        S: $ OK done
        C: $ UID SEARCH CHARSET UTF-8 HEADER \"X-Microsoft-Original-Message-ID\" {6}
        S: + go
        C- <ż@x>
        C:
        S: * SEARCH 8
        S: $ OK done
        C: $ UID SEARCH RETURN (ALL) ALL
        S: $ NO [UNAVAILABLE] not today
        C: $ UID FETCH 1:* (UID)
        S: * 1 FETCH (UID 4)
        S: * 2 FETCH (UID 6)
        S: $ OK done
        C: $ FETCH 2:* (UID)
        S: * 3 FETCH (UID 9)
        S: * 2 FETCH (UID 6)
        S: $ OK done
        C: $ FETCH 1 (UID)
        S: * 1 FETCH (UID 4)
        S: $ OK done";
    with_folder("ESEARCH", script, async |session: &mut ImapSession| {
        assert_eq!(session.uids(None).await.unwrap(), set("1:4,9"));
        // 2026-01-10T12:00:00Z
        let since = UnixMillis(1_768_046_400_000);
        assert_eq!(session.uids(Some(since)).await.unwrap(), set("3:4,9"));
        assert_eq!(session.find_by_message_id("<a\"@x>").await.unwrap(), set(""));
        assert_eq!(session.find_by_message_id("<a\r\n@x>").await.unwrap(), set(""));
        assert_eq!(
            session.find_by_original_message_id("<ż@x>").await.unwrap(),
            set("8")
        );
        assert_eq!(session.uids(None).await.unwrap(), set("4,6"));
        assert_eq!(session.newest_uids(2).await.unwrap(), [6, 9]);
        assert_eq!(session.newest_uids(0).await.unwrap(), [0_u32; 0]);
        assert_eq!(session.oldest_uid().await.unwrap(), Some(4));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn flags_are_asked_for_as_the_server_can() {
    let script = "
        C: $ UID FETCH 1:9 (UID FLAGS MODSEQ) (CHANGEDSINCE 90 VANISHED)
        S: * VANISHED (EARLIER) 2,4
        S: * 3 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (95))
        S: * 4 FETCH (FLAGS (\\Seen))
        S: $ OK done";
    with_folder(
        "CONDSTORE QRESYNC ENABLE",
        script,
        async |session: &mut ImapSession| {
            let found = session.fetch_flags(&set("1:9"), Some(90)).await.unwrap();
            assert_eq!(
                found.states,
                [FlagState {
                    uid: 3,
                    flags: seen(),
                    modseq: Some(95)
                }]
            );
            assert_eq!(found.vanished, set("2,4"));
        },
    )
    .await;
    let script = "
        C: $ UID FETCH 1:9 (UID FLAGS MODSEQ) (CHANGEDSINCE 90)
        S: $ OK done";
    with_folder("CONDSTORE", script, async |session: &mut ImapSession| {
        assert_eq!(
            session.fetch_flags(&set("1:9"), Some(90)).await.unwrap().states,
            []
        );
    })
    .await;
    let script = "
        C: $ UID FETCH 1:9 (UID FLAGS)
        S: * 1 FETCH (FLAGS (\\Seen \\Recent) UID 3)
        S: $ OK done";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        let found = session.fetch_flags(&set("1:9"), Some(90)).await.unwrap();
        assert_eq!(
            found.states,
            [FlagState {
                uid: 3,
                flags: seen(),
                modseq: None
            }]
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn messages_stream_in_any_order_of_attributes() {
    let script = "
        C: $ UID FETCH 5:8 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])
        S- * 1 FETCH (UID 5 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 8 BODY[] {8}\\r\\nA: b\\r\\n\\r\\n)\\r\\n
        S: * 9 EXISTS
        S- * 2 FETCH (BODY[] {0}\\r\\n RFC822.SIZE 0 UID 6 X-GUID abc FLAGS ())\\r\\n
        S: * 2 FETCH (FLAGS (\\Deleted))
        S: * 3 FETCH (UID 7 BODY[] NIL)
        S- * 4 FETCH (UID 8 BODY[] \"q\\\"x\")\\r\\n
        S: $ OK done
        C: $ NOOP
        S: $ OK done
        C: $ UID FETCH 5 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])
        S- * 1 FETCH (UID 5 RFC822.SIZE 80 BODY[HEADER] {8}\\r\\nA: b\\r\\n\\r\\n)\\r\\n
        S: $ OK done
        C: $ UID FETCH 5 (UID BODY.PEEK[]<4.2>)
        S- * 1 FETCH (UID 5 BODY[]<4> {2}\\r\\n\\r\\n)\\r\\n
        S: $ OK done
        C: $ UID FETCH 5 (UID FLAGS INTERNALDATE RFC822.SIZE)
        S: * 1 FETCH (UID 5 FLAGS () INTERNALDATE \"01-Jan-1970 00:00:07 +0000\" RFC822.SIZE 12)
        S: $ OK done";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        let (sink, mut messages) = mpsc::channel(10);
        assert_eq!(session.fetch_messages(&set("5:8"), &sink).await.unwrap(), 3);
        let message = |uid, flags, date, size, raw: &[u8]| FetchedMessage {
            uid,
            flags,
            modseq: None,
            internal_date: UnixMillis(date),
            size,
            content_id: None,
            raw: raw.to_vec(),
        };
        let nothing = MessageFlags::default();
        let mut came = Vec::new();
        drop(sink);
        while let Some(one) = messages.recv().await {
            came.push(one);
        }
        assert_eq!(
            came,
            [
                message(5, seen(), 837_596_665_000, 8, b"A: b\r\n\r\n"),
                message(6, nothing.clone(), 0, 0, b""),
                message(8, nothing.clone(), 0, 3, b"q\"x"),
            ]
        );
        let deleted = MessageFlags::from_imap(["\\Deleted"]);
        assert_eq!(
            session.noop().await.unwrap(),
            [
                crate::imap::Event::Flags {
                    sequence: 2,
                    uid: None,
                    flags: deleted,
                    modseq: None
                },
                crate::imap::Event::Exists(9),
            ]
        );
        let header = session.fetch_header(5).await.unwrap().unwrap();
        assert_eq!((header.size, header.raw.as_slice()), (80, &b"A: b\r\n\r\n"[..]));
        assert_eq!(session.fetch_chunk(5, None, 4, 2).await.unwrap(), b"\r\n");
        assert_eq!(
            session.fetch_facts(&set("5")).await.unwrap(),
            [RemoteFacts {
                uid: 5,
                flags: nothing,
                modseq: None,
                internal_date: UnixMillis(7_000),
                size: 12,
                content_id: None,
            }]
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn receiver_that_leaves_cancels_and_ends_the_session() {
    let script = "
        C: $ UID FETCH 5:6 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])
        S- * 1 FETCH (UID 5 BODY[] {1}\\r\\nx)\\r\\n
        HOLD";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        let (sink, messages) = mpsc::channel(1);
        drop(messages);
        let error = session.fetch_messages(&set("5:6"), &sink).await.unwrap_err();
        assert!(matches!(error, ImapError::Cancelled));
        assert!(matches!(
            session.noop().await,
            Err(ImapError::ConnectionLost { .. })
        ));
    })
    .await;
}
