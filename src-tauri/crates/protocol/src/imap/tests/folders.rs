use mailroom_model::{Coded, ErrorCode, MailboxRights};

use super::*;
use crate::imap::{Delta, FlagState, FolderStatus, RemoteFolder, Resume, Selected};

/// How long a kept connection may take to show that it lives.
const ALIVE: std::time::Duration = std::time::Duration::from_secs(5);

fn shown(folders: &[RemoteFolder]) -> Vec<String> {
    folders
        .iter()
        .map(|folder| {
            let role = folder.role.map_or("-", |role| role.as_str());
            let rights = folder.rights.as_ref().map_or("-", MailboxRights::letters);
            format!(
                "{} {role} {} {} {rights}",
                folder.path, folder.selectable, folder.subscribed
            )
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn list_asks_for_everything_at_once_and_survives_broken_lines() {
    let script = "
        C: $ NAMESPACE
        S: * NAMESPACE ((\"\" \"/\")) ((\"users/\" \"/\")) ((\"public/\" \"/\"))
        S: $ OK done
        C: $ LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE MYRIGHTS)
        S: * LIST (\\HasNoChildren \\Subscribed) \"/\" INBOX
        S: * MYRIGHTS INBOX lrswipkxtea
        S: * NO Mailbox doesn't exist
        S: * LIST (\\HasNoChildren
        S: * LIST (\\Sent \\Subscribed) \"/\" \"Wys&AUI-ane\"
        S: * LIST (\\NonExistent \\HasChildren) \"/\" public
        S: * LIST () \"/\" {9}
        S: public/a\"
        S: $ OK done
        C: $ LIST \"\" \"users/*\" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE MYRIGHTS)
        S: * LIST () \"/\" \"users/bob/Drafts\"
        S: * MYRIGHTS \"users/bob/Drafts\" lr
        S: $ OK done
        C: $ MYRIGHTS \"users/bob/Drafts\"
        S: * MYRIGHTS \"users/bob/Drafts\" lr
        S: $ OK done";
    let capabilities = "NAMESPACE LIST-EXTENDED SPECIAL-USE LIST-MYRIGHTS ACL";
    with_session(capabilities, script, async |session: &mut ImapSession| {
        assert_eq!(
            shown(&session.list_folders().await.unwrap()),
            [
                "INBOX inbox true true lrswipkxtea",
                "Wysłane sent true true -",
                "public - false false -",
                "public/a\" - true false -",
                "users/bob/Drafts - true false lr",
            ]
        );
        let rights = session.my_rights("users/bob/Drafts").await.unwrap();
        assert_eq!(rights, MailboxRights::new("lr"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn list_tells_the_state_of_every_folder_but_the_open_one() {
    let wishes = "RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))";
    let script = format!(
        "
        C: $ SELECT \"INBOX\" (CONDSTORE)
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: $ OK [READ-WRITE] open
        C: $ NAMESPACE
        C: $ LIST \"\" \"*\" {wishes}
        S: * NAMESPACE ((\"\" \"/\")) NIL NIL
        S: A0003 OK done
        S: * LIST () \"/\" Inbox
        S: * STATUS Inbox (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 5)
        S: * LIST () \"/\" Sent
        S: * STATUS Sent (MESSAGES 4 UIDNEXT 8 UIDVALIDITY 6 HIGHESTMODSEQ 3)
        S: * LIST () \"/\" Plain
        S: * STATUS Plain (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 6 HIGHESTMODSEQ 0)
        S: * LIST (\\Noselect) \"/\" Node
        S: * LIST () \"/\" Broken
        S: * STATUS Broken (UIDVALIDITY 6)
        S: $ OK done
        C: $ LIST \"\" \"*\" {wishes}
        S: $ BAD what is STATUS
        C: $ LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN)
        S: * LIST () \"/\" INBOX
        S: $ OK done"
    );
    let capabilities = "NAMESPACE LIST-EXTENDED LIST-STATUS CONDSTORE";
    with_session(capabilities, &script, async |session: &mut ImapSession| {
        session.select("INBOX", None).await.unwrap();
        let (folders, states) = session.list_folders_and_status().await.unwrap();
        assert_eq!(folders.len(), 5);
        let state = |messages, uid_next, highest_modseq| FolderStatus {
            messages,
            uid_next,
            uid_validity: 6,
            unseen: 0,
            highest_modseq,
        };
        let states: Vec<_> = states.into_iter().collect();
        assert_eq!(
            states,
            [
                ("Plain".to_owned(), state(1, 2, None)),
                ("Sent".to_owned(), state(4, 8, Some(3))),
            ]
        );
        let (folders, states) = session.list_folders_and_status().await.unwrap();
        assert_eq!(
            (folders.len(), states.len()),
            (1, 0),
            "offered and not understood"
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn list_over_a_kept_connection_is_one_round_trip_and_closes_what_is_open() {
    let wishes = "RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))";
    // Nothing is answered before everything was asked; the second time nothing is open any more.
    let script = format!(
        "
        C: $ SELECT \"INBOX\" (CONDSTORE)
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: $ OK [READ-WRITE] open
        C: $ UNSELECT
        C: $ LIST \"\" \"*\" {wishes}
        S: * 4 EXISTS
        S: A0003 OK closed
        S: * LIST () \"/\" INBOX
        S: * STATUS INBOX (MESSAGES 4 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 5)
        S: $ OK done
        C: $ NOOP
        C: $ LIST \"\" \"*\" {wishes}
        S: A0005 OK here
        S: * LIST () \"/\" INBOX
        S: $ OK done"
    );
    let capabilities = "LIST-EXTENDED LIST-STATUS CONDSTORE UNSELECT";
    with_session(capabilities, &script, async |session: &mut ImapSession| {
        session.select("INBOX", None).await.unwrap();
        let listed = session.list_folders_and_status_if_alive(ALIVE).await.unwrap();
        assert_eq!(listed.1["INBOX"].messages, 4);
        assert!(!session.has_events());
        assert_eq!(session.message_count(), 0);
        let listed = session.list_folders_and_status_if_alive(ALIVE).await.unwrap();
        assert_eq!((listed.0.len(), listed.1.len()), (1, 0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn list_over_a_kept_connection_that_is_dead_fails_soon() {
    let wishes = "RETURN (SUBSCRIBED CHILDREN)";
    let script = format!("C: $ NOOP\nC: $ LIST \"\" \"*\" {wishes}\nHOLD");
    with_session("LIST-EXTENDED", &script, async |session: &mut ImapSession| {
        let listing = session.list_folders_and_status_if_alive(ALIVE);
        let listed = tokio::time::timeout(ALIVE * 2, listing).await;
        assert!(
            !listed
                .expect("it is noticed")
                .unwrap_err()
                .leaves_session_usable()
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn list_may_be_answered_before_the_sign_of_life_and_in_the_middle_of_it() {
    let wishes = "RETURN (SUBSCRIBED CHILDREN)";
    let inbox = "S: * LIST () \"/\" INBOX";
    let script = format!(
        "C: $ NOOP
        C: $ LIST \"\" \"*\" {wishes}
        {inbox}
        S: A0003 OK listed
        S: A0002 OK here
        C: $ NOOP
        C: $ LIST \"\" \"*\" {wishes}
        {inbox}
        S: A0004 OK here
        S: A0005 OK listed
        C: $ NOOP
        C: $ LIST \"\" \"*\" {wishes}
        S: A0007 NO not now
        {inbox}
        S: A0006 OK here
        C: $ LIST \"\" \"*\"
        {inbox}
        S: $ OK listed
        C: $ LSUB \"\" \"*\"
        S: $ OK none"
    );
    with_session("LIST-EXTENDED", &script, async |session: &mut ImapSession| {
        for _ in 0..3 {
            let listing = session.list_folders_and_status_if_alive(ALIVE);
            let listed = tokio::time::timeout(ALIVE * 2, listing).await;
            assert_eq!(listed.expect("nothing is waited for").unwrap().0.len(), 1);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn list_that_takes_its_time_after_a_sign_of_life_is_waited_for() {
    let wishes = "RETURN (SUBSCRIBED CHILDREN)";
    let script = format!("C: $ NOOP\nC: $ LIST \"\" \"*\" {wishes}\nS: A0002 OK here\nHOLD");
    with_session("LIST-EXTENDED", &script, async |session: &mut ImapSession| {
        let listing = session.list_folders_and_status_if_alive(ALIVE);
        assert!(tokio::time::timeout(ALIVE * 4, listing).await.is_err());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn list_on_an_old_server_uses_lsub_and_xlist() {
    let script = "
        C: $ LIST \"\" \"*\"
        S: * LIST (\\HasNoChildren) \"/\" \"INBOX\"
        S: * LIST (\\HasNoChildren) \"/\" \"Poslane\"
        S: $ OK done
        C: $ LSUB \"\" \"*\"
        S: * LSUB () \"/\" \"INBOX\"
        S: $ OK done
        C: $ XLIST \"\" \"*\"
        S: * XLIST (\\HasNoChildren \\Inbox) \"/\" \"Inbox\"
        S: * XLIST (\\HasNoChildren \\Sent) \"/\" \"Poslane\"
        S: $ OK done";
    with_session("XLIST", script, async |session: &mut ImapSession| {
        let folders = session.list_folders().await.unwrap();
        assert_eq!(
            shown(&folders),
            ["INBOX inbox true true -", "Poslane sent true false -"]
        );
        assert_eq!(
            session.my_rights("INBOX").await.unwrap(),
            MailboxRights::everything()
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn list_that_is_not_understood_is_asked_for_plainly() {
    let script = "
        C: $ LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN)
        S: $ BAD what is RETURN
        C: $ LIST \"\" \"*\"
        S: * LIST (\\HasNoChildren) NIL INBOX
        S: $ OK done
        C: $ LSUB \"\" \"*\"
        S: $ NO not that either";
    with_session("LIST-EXTENDED", script, async |session: &mut ImapSession| {
        let folders = session.list_folders().await.unwrap();
        assert_eq!(shown(&folders), ["INBOX inbox true false -"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn status_and_create_answer_in_types() {
    let script = "
        C: $ STATUS \"a%b\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)
        S: * STATUS a%b (MESSAGES 2 UIDNEXT 9 UIDVALIDITY 7 UNSEEN 1 HIGHESTMODSEQ 0)
        S: $ OK done
        C: $ STATUS {8}
        S: + ok
        C- Wysłane
        C:  (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)
        S: $ NO [NONEXISTENT] no such folder
        C: $ CREATE \"x\"
        S: $ NO [ALREADYEXISTS] is there
        C: $ CREATE \"y\"
        S: $ NO [NOPERM] no
        C: $ CREATE \"z\"
        S: $ OK made
        C: $ SUBSCRIBE \"x\"
        S: $ OK done
        C: $ RENAME \"x\" \"a&AUI-b\"
        S: $ OK done
        C: $ RENAME \"y\" \"z\"
        S: $ NO [ALREADYEXISTS] is there
        C: $ DELETE \"z\"
        S: $ NO [HASCHILDREN] has folders below
        C: $ UNSUBSCRIBE \"x\"
        S: $ OK done";
    with_session("CONDSTORE", script, async |session: &mut ImapSession| {
        assert_eq!(
            session.folder_status("a%b").await.unwrap(),
            FolderStatus {
                messages: 2,
                uid_next: 9,
                uid_validity: 7,
                unseen: 1,
                highest_modseq: None
            }
        );
        let error = session.folder_status("Wysłane").await.unwrap_err();
        assert_eq!(
            (error.code(), error.leaves_session_usable()),
            (ErrorCode::FolderMissing, true)
        );
        assert_eq!(error.params()["folder"].to_string(), "Wysłane");
        assert!(!session.create_folder("x").await.unwrap(), "it was there");
        assert_eq!(
            session.create_folder("y").await.unwrap_err().code(),
            ErrorCode::PermissionDenied
        );
        assert!(session.create_folder("z").await.unwrap());
        session.subscribe("x").await.unwrap();
        session.rename_folder("x", "a&AUI-b").await.unwrap();
        let error = session.rename_folder("y", "z").await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::FolderExists);
        let error = session.delete_folder("z").await.unwrap_err();
        assert_eq!(
            (error.code(), error.params()["reply"].to_string().as_str()),
            (ErrorCode::OperationRefused, "has folders below")
        );
        session.unsubscribe("x").await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn select_without_a_count_of_messages_is_not_believed() {
    let script = "
        C: $ SELECT \"INBOX\"
        S: * OK [UIDVALIDITY 7] ok
        S: $ OK [READ-WRITE] open";
    with_session("IDLE", script, async |session: &mut ImapSession| {
        let error = session.select("INBOX", None).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ServerNonsense);
        assert!(!error.leaves_session_usable());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn select_resumes_with_qresync() {
    let script = "
        C: $ SELECT \"INBOX\" (QRESYNC (7 90 1:20))
        S: * OK [CLOSED] previous closed
        S: * FLAGS (\\Seen \\Deleted)
        S: * OK [PERMANENTFLAGS (\\Seen \\*)] limited
        S: * 18 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: * OK [UIDNEXT 30] next
        S: * OK [HIGHESTMODSEQ 95] highest
        S: * VANISHED (EARLIER) 3,5:6
        S: * 4 FETCH (UID 8 FLAGS (\\Seen) MODSEQ (93))
        S: * 18 FETCH (UID 29 FLAGS () MODSEQ (95))
        S: $ OK [READ-WRITE] open
        C: $ SELECT \"INBOX\" (QRESYNC (6 90))
        S: * 2 FETCH (FLAGS (\\Seen))
        S: * OK [CLOSED] previous closed
        S: * 18 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: * OK [HIGHESTMODSEQ 95] highest
        S: $ OK [READ-ONLY] open
        C: $ SELECT \"x\" (CONDSTORE)
        S: * 0 EXISTS
        S: * OK [NOMODSEQ] none
        S: * OK [UIDVALIDITY 9] ok
        S: $ OK open
        C: $ SELECT \"y\" (CONDSTORE)
        S: $ NO Mailbox doesn't exist: y
        C: $ SELECT \"z\" (CONDSTORE)
        S: $ NO not today";
    with_session(
        "CONDSTORE QRESYNC ENABLE",
        script,
        async |session: &mut ImapSession| {
            let resume = |uid_validity, known: Option<&str>| Resume {
                uid_validity,
                highest_modseq: 90,
                known_uids: known.map(|uids| uids.parse().unwrap()),
            };
            let state = |uid, names: &[&str], modseq| FlagState {
                uid,
                flags: mailroom_model::MessageFlags::from_imap(names.iter().copied()),
                modseq: Some(modseq),
            };
            assert_eq!(
                session
                    .select("INBOX", Some(&resume(7, Some("1:20"))))
                    .await
                    .unwrap(),
                Selected {
                    uid_validity: 7,
                    uid_next: Some(30),
                    exists: 18,
                    highest_modseq: Some(95),
                    read_only: false,
                    permanent_flags: Some(vec!["\\Seen".into(), "\\*".into()]),
                    delta: Some(Delta {
                        vanished: "3,5:6".parse().unwrap(),
                        changed: vec![state(8, &["\\Seen"], 93), state(29, &[], 95)],
                    }),
                }
            );
            let other = session.select("INBOX", Some(&resume(6, None))).await.unwrap();
            assert_eq!(
                (other.uid_validity, other.delta, other.read_only),
                (7, None, true)
            );
            let plain = session.select("x", None).await.unwrap();
            assert_eq!((plain.exists, plain.highest_modseq, plain.delta), (0, None, None));
            assert_eq!(
                session.select("y", None).await.unwrap_err().code(),
                ErrorCode::FolderMissing
            );
            assert_eq!(
                session.select("z", None).await.unwrap_err().code(),
                ErrorCode::FolderNotSelectable
            );
        },
    )
    .await;
}
