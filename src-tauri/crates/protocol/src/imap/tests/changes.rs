use mailroom_model::{Coded, ErrorCode, FlagChange, MessageFlags, UidSet, UnixMillis};

use super::*;
use crate::imap::{Appended, FlagState, MoveOutcome};

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

fn change(add: &[&str], remove: &[&str]) -> FlagChange {
    FlagChange {
        add: add.iter().map(|name| (*name).to_owned()).collect(),
        remove: remove.iter().map(|name| (*name).to_owned()).collect(),
    }
}

#[tokio::test(start_paused = true)]
async fn store_reports_conflicts_and_guards_its_second_half() {
    let script = "
        C: $ UID STORE 4:6 (UNCHANGEDSINCE 90) +FLAGS (\\Seen $Claimed)
        S: * 4 FETCH (UID 4 FLAGS (\\Seen $Claimed) MODSEQ (96))
        S: * 6 FETCH (UID 6 FLAGS (\\Seen $Claimed) MODSEQ (96))
        S: $ OK [MODIFIED 5] some failed
        C: $ UID STORE 4,6 (UNCHANGEDSINCE 96) -FLAGS (\\Flagged)
        S: * 4 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (97))
        S: $ NO [MODIFIED 6] some failed
        C: $ UID STORE 4 +FLAGS (\\Seen)
        S: $ NO [NOPERM] no";
    with_folder("CONDSTORE", script, async |session: &mut ImapSession| {
        let wish = change(&["\\Seen", "$Claimed"], &["\\Flagged"]);
        let outcome = session.store_flags(&set("4:6"), &wish, Some(90)).await.unwrap();
        let state = |uid, names: &[&str], modseq| FlagState {
            uid,
            flags: MessageFlags::from_imap(names.iter().copied()),
            modseq: Some(modseq),
        };
        assert_eq!(outcome.conflicted, set("5:6"));
        assert_eq!(
            outcome.states,
            [state(6, &["\\Seen", "$Claimed"], 96), state(4, &["\\Seen"], 97)]
        );
        let error = session
            .store_flags(&set("4"), &change(&["\\Seen"], &[]), None)
            .await
            .unwrap_err();
        assert_eq!(error.code(), ErrorCode::PermissionDenied);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn change_of_more_messages_than_a_command_may_be_about_goes_out_in_several() {
    let script = "
        C: $ UID COPY 4:5 \"Archive\"
        S: $ OK [COPYUID 7 4:5 11:12] done
        C: $ UID COPY 6 \"Archive\"
        S: $ OK [COPYUID 7 6 13] done
        C: $ UID STORE 4:5 +FLAGS (\\Seen)
        S: $ OK done
        C: $ UID STORE 6 +FLAGS (\\Seen)
        S: $ OK done";
    with_folder(
        "MESSAGELIMIT=2 UIDPLUS",
        script,
        async |session: &mut ImapSession| {
            assert!(session.is_one_command(&set("4:5")) && !session.is_one_command(&set("4:6")));
            let copied = session.copy_messages(&set("4:6"), "Archive").await.unwrap();
            assert_eq!(copied.uid_map, [(4, 11), (5, 12), (6, 13)]);
            session
                .store_flags(&set("4:6"), &change(&["\\Seen"], &[]), None)
                .await
                .unwrap();
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn store_that_cannot_be_guarded_or_written_sends_nothing() {
    with_folder("IDLE", "HOLD", async |session: &mut ImapSession| {
        let error = session
            .store_flags(&set("4"), &change(&["\\Seen"], &[]), Some(3))
            .await
            .unwrap_err();
        assert!(matches!(
            error,
            ImapError::CapabilityMissing {
                capability: "CONDSTORE",
                ..
            }
        ));
        let error = session
            .store_flags(&set("4"), &change(&["a) b"], &[]), None)
            .await
            .unwrap_err();
        assert_eq!(error.code(), ErrorCode::InputInvalid);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn move_uses_what_the_server_has_and_never_a_bare_expunge() {
    let script = "
        C: $ UID MOVE 4:5 \"Kosz\"
        S: * OK [COPYUID 38 4:5 71:72] moved
        S: * 2 EXPUNGE
        S: * 2 EXPUNGE
        S: $ OK done
        C: $ UID MOVE 4 \"x\"
        S: $ NO [TRYCREATE] no such folder";
    with_folder("MOVE UIDPLUS", script, async |session: &mut ImapSession| {
        assert_eq!(
            session.move_messages(&set("4:5"), "Kosz").await.unwrap(),
            MoveOutcome {
                uid_map: vec![(4, 71), (5, 72)],
                uid_validity: Some(38),
                left_marked_deleted: false,
            }
        );
        assert_eq!(
            session.move_messages(&set("4"), "x").await.unwrap_err().code(),
            ErrorCode::FolderMissing
        );
    })
    .await;
    let script = "
        C: $ UID COPY 4 \"Kosz\"
        S: $ OK [COPYUID 38 4 71] copied
        C: $ UID STORE 4 +FLAGS.SILENT (\\Deleted)
        S: $ OK stored
        C: $ UID EXPUNGE 4
        S: * 1 EXPUNGE
        S: $ OK gone
        C: $ UID COPY 4 \"Kosz\"
        S: $ OK [COPYUID 38 4 72] copied";
    with_folder("UIDPLUS", script, async |session: &mut ImapSession| {
        let moved = session.move_messages(&set("4"), "Kosz").await.unwrap();
        assert_eq!((moved.uid_map, moved.left_marked_deleted), (vec![(4, 71)], false));
        let copied = session.copy_messages(&set("4"), "Kosz").await.unwrap();
        assert_eq!(copied.uid_map, [(4, 72)]);
    })
    .await;
    let script = "
        C: $ UID COPY 4 \"Kosz\"
        S: $ OK copied
        C: $ UID STORE 4 +FLAGS.SILENT (\\Deleted)
        S: $ OK stored";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        let moved = session.move_messages(&set("4"), "Kosz").await.unwrap();
        assert_eq!(
            (moved.uid_map, moved.uid_validity, moved.left_marked_deleted),
            (vec![], None, true)
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn delete_marks_and_removes_by_uid_or_leaves_it_marked() {
    let script = "
        C: $ UID STORE 4:5 +FLAGS.SILENT (\\Deleted)
        S: $ OK stored
        C: $ UID EXPUNGE 4:5
        S: $ OK gone";
    with_folder("UIDPLUS", script, async |session: &mut ImapSession| {
        assert!(!session.delete_messages(&set("4:5")).await.unwrap());
    })
    .await;
    let script = "
        C: $ UID STORE 4 +FLAGS.SILENT (\\Deleted)
        S: $ OK stored";
    with_folder("IDLE", script, async |session: &mut ImapSession| {
        assert!(session.delete_messages(&set("4")).await.unwrap());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn append_asks_first_unless_it_need_not() {
    let flags = MessageFlags::from_imap(["\\Seen", "\\Draft"]);
    let script = "
        C: $ APPEND \"Sent\" (\\Seen \\Draft) \"17-Jul-1996 09:44:25 +0000\" {4}
        S: * OK still here
        S: + ready
        C- a\\r\\nb
        C:
        S: $ OK [APPENDUID 38 91] done
        C: $ APPEND \"Sent\" () {4}
        S: $ NO [OVERQUOTA] full
        C: $ APPEND \"x\" () {4}
        S: $ NO [TRYCREATE] no such folder
        C: $ NOOP
        S: $ OK";
    with_session("UIDPLUS", script, async |session: &mut ImapSession| {
        let at = Some(UnixMillis(837_596_665_000));
        let appended = session.append("Sent", &flags, at, b"a\r\nb").await.unwrap();
        assert_eq!(
            appended,
            Appended {
                uid_validity: Some(38),
                uid: Some(91)
            }
        );
        let none = MessageFlags::default();
        let full = session.append("Sent", &none, None, b"a\r\nb").await.unwrap_err();
        assert_eq!(
            (full.code(), full.params()["reply"].to_string().as_str()),
            (ErrorCode::OverQuota, "full")
        );
        let missing = session.append("x", &none, None, b"a\r\nb").await.unwrap_err();
        assert_eq!(missing.code(), ErrorCode::FolderMissing);
        session.noop().await.unwrap();
    })
    .await;
    let script = "
        C: $ APPEND {5+}
        C- Wyśl
        C:  () {4+}
        C- a\\r\\nb
        C:
        S: $ OK done";
    with_session(
        "LITERAL+ APPENDLIMIT=5",
        script,
        async |session: &mut ImapSession| {
            let none = MessageFlags::default();
            assert_eq!(
                session.append("Wyśl", &none, None, b"a\r\nb").await.unwrap(),
                Appended::default()
            );
            let error = session.append("Wyśl", &none, None, b"123456").await.unwrap_err();
            assert!(matches!(
                error,
                ImapError::TooLarge {
                    size: 6,
                    limit: 5,
                    ..
                }
            ));
        },
    )
    .await;
}
