//! Gmail, as it behaves: folders are labels, one message has one id in all of them, and what leaves the inbox stays in All
//! Mail.

use std::fmt::Write as _;

use mailroom_tests::script::{Script, ScriptServer};
use serde_json::{Value, json};

use crate::mailbox::{Dialogue, Mailbox, message};

/// What Gmail says that it can do after a sign-in.
const GMAIL: &str = "UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE \
                     CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584";

/// A folder on the server: name, attributes, and what is in it: UID and number of the message.
struct Folder {
    name: &'static str,
    attributes: &'static str,
    uids: &'static [(u32, u32)],
    next: u32,
    modseq: u32,
}

const fn folder(
    name: &'static str,
    attributes: &'static str,
    uids: &'static [(u32, u32)],
    next: u32,
) -> Folder {
    Folder {
        name,
        attributes,
        uids,
        next,
        modseq: 100,
    }
}

impl Folder {
    fn at(self, modseq: u32) -> Self {
        Self { modseq, ..self }
    }

    fn set(&self) -> String {
        self.uids
            .iter()
            .map(|(uid, _)| uid.to_string())
            .collect::<Vec<_>>()
            .join(",")
    }
}

const STARRED: Folder = folder("[Gmail]/Oznaczone gwiazdką", "\\Flagged", &[], 1);
const INBOX: &str = "INBOX";
const ALL: &str = "[Gmail]/Wszystkie";
const TRASH: &str = "[Gmail]/Kosz";
const WORK: &str = "Praca";

/// What Gmail calls message number `n`.
fn name_of(n: u32) -> u64 {
    1_850_000_000_000_000_000 + u64::from(n)
}

/// A tag-less line about a message: facts, or the whole message.
fn about(uid: u32, n: u32, with_body: bool) -> String {
    let raw = message(n);
    let body = if with_body {
        format!(" BODY[] {{{}}}\r\n{raw}", raw.len())
    } else {
        String::new()
    };
    format!(
        "* {uid} FETCH (X-GM-MSGID {} UID {uid} RFC822.SIZE {} MODSEQ (90) INTERNALDATE \
         \"20-Nov-2026 10:00:00 +0000\" FLAGS (\\Seen){body})\r\n",
        name_of(n),
        raw.len()
    )
}

fn line_of(folder: &Folder) -> String {
    let name = mailroom_protocol::imap::encode_name(folder.name);
    format!(
        "* LIST (\\HasNoChildren {}) \"/\" \"{name}\"\r\n",
        folder.attributes
    )
}

trait Gmail {
    fn greets(self) -> Self;
    fn lists(self, folders: &[&Folder]) -> Self;
    fn lists_with_states(self, folders: &[&Folder]) -> Self;
    fn answers_list(self, lines: &str) -> Self;
    fn opens(self, folder: &Folder) -> Self;
    fn told(self, asked: &str, messages: &[(u32, u32)]) -> Self;
    fn gives(self, asked: &str, messages: &[(u32, u32)]) -> Self;
    fn first(self, folder: &Folder, loaded: &[(u32, u32)]) -> Self;
}

fn set_of(messages: &[(u32, u32)]) -> String {
    let uids: mailroom_model::UidSet = messages.iter().map(|(uid, _)| *uid).collect();
    uids.to_string()
}

impl Gmail for Script {
    fn greets(self) -> Self {
        self.answer_prefix("ID (", "* ID NIL\r\n")
    }

    /// The states are left out, as they may be: every folder is looked into.
    fn lists(self, folders: &[&Folder]) -> Self {
        let lines: String = folders.iter().map(|folder| line_of(folder)).collect();
        self.answers_list(&lines)
    }

    fn lists_with_states(self, folders: &[&Folder]) -> Self {
        let mut lines = String::new();
        for folder in folders {
            let name = mailroom_protocol::imap::encode_name(folder.name);
            lines.push_str(&line_of(folder));
            writeln!(
                lines,
                "* STATUS \"{name}\" (MESSAGES {} UIDNEXT {} UIDVALIDITY 7 HIGHESTMODSEQ {})\r",
                folder.uids.len(),
                folder.next,
                folder.modseq
            )
            .unwrap();
        }
        self.answers_list(&lines)
    }

    fn answers_list(self, lines: &str) -> Self {
        let node = "* LIST (\\HasChildren \\NonExistent) \"/\" \"[Gmail]\"\r\n";
        self.answer("NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n").answer(
            "LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY \
             HIGHESTMODSEQ))",
            &format!("{node}{lines}"),
        )
    }

    fn opens(self, folder: &Folder) -> Self {
        let name = mailroom_protocol::imap::encode_name(folder.name);
        let untagged = format!(
            "* {} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT {}] next\r\n* OK [HIGHESTMODSEQ {}]\r\n",
            folder.uids.len(),
            folder.next,
            folder.modseq
        );
        self.answer(&format!("SELECT \"{name}\" (CONDSTORE)"), &untagged)
    }

    fn told(self, asked: &str, messages: &[(u32, u32)]) -> Self {
        let lines: String = messages.iter().map(|(uid, n)| about(*uid, *n, false)).collect();
        self.answer(
            &format!("UID FETCH {asked} (UID FLAGS INTERNALDATE RFC822.SIZE X-GM-MSGID MODSEQ)"),
            &lines,
        )
    }

    fn gives(self, asked: &str, messages: &[(u32, u32)]) -> Self {
        let lines: String = messages.iter().map(|(uid, n)| about(*uid, *n, true)).collect();
        self.answer(
            &format!("UID FETCH {asked} (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[] X-GM-MSGID MODSEQ)"),
            &lines,
        )
    }

    /// A first look at a folder, of which these messages have to be loaded.
    fn first(self, folder: &Folder, loaded: &[(u32, u32)]) -> Self {
        let opened = self.opens(folder);
        if folder.uids.is_empty() {
            return opened;
        }
        let found = format!("* ESEARCH (TAG \"{{tag}}\") UID ALL {}\r\n", folder.set());
        let told = opened
            .answer("UID SEARCH RETURN (ALL) ALL", &found)
            .told(&set_of(folder.uids), folder.uids);
        if loaded.is_empty() {
            return told;
        }
        told.gives(&set_of(loaded), loaded)
    }
}

/// Message 1 is in the inbox and has the label "Praca", 2 is in the inbox, 3 is archived; all of them are in All Mail, and 4
/// is in the trash.
fn before() -> [Folder; 5] {
    [
        folder(INBOX, "", &[(1, 1), (2, 2)], 3),
        folder(WORK, "", &[(5, 1)], 6),
        folder(ALL, "\\All", &[(11, 1), (12, 2), (13, 3)], 14),
        STARRED,
        folder(TRASH, "\\Trash", &[(21, 4)], 22),
    ]
}

fn first_look() -> Script {
    let folders = before();
    let [inbox, work, all, starred, trash] = &folders;
    Script::new()
        .greets()
        .lists(&[inbox, work, all, starred, trash])
        .first(inbox, inbox.uids)
        // It is here already, from the inbox.
        .first(work, &[])
        // Only what was archived comes.
        .first(all, &[(13, 3)])
        .first(trash, trash.uids)
        .bye()
}

fn ids(rows: &[Value]) -> Vec<i64> {
    let mut ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    ids.sort_unstable();
    ids
}

async fn subjects(mailbox: &Mailbox, folder: &str) -> Vec<String> {
    let rows = mailbox.list(folder).await;
    let mut subjects: Vec<String> = rows
        .iter()
        .map(|row| row["subject"].as_str().unwrap().to_owned())
        .collect();
    subjects.sort();
    subjects
}

async fn id_of(mailbox: &Mailbox, folder: &str, subject: &str) -> Value {
    let rows = mailbox.list(folder).await;
    let row = rows.iter().find(|row| row["subject"] == subject);
    row.unwrap_or_else(|| panic!("{subject} is not in {folder}"))["id"].clone()
}

#[tokio::test]
async fn all_mail_is_kept_and_nothing_comes_twice() {
    let folders = before();
    let [inbox, work, all, starred, trash] = &folders;
    let (mailbox, server) = Mailbox::looked_at(
        GMAIL,
        vec![
            first_look(),
            // Nothing changed: one round trip for all folders.
            Script::new()
                .greets()
                .lists_with_states(&[inbox, work, all, starred, trash])
                .bye(),
        ],
    )
    .await;
    assert_eq!(
        subjects(&mailbox, ALL).await,
        ["number 1", "number 2", "number 3"]
    );
    assert_eq!(subjects(&mailbox, WORK).await, ["number 1"]);
    assert_eq!(
        id_of(&mailbox, WORK, "number 1").await,
        id_of(&mailbox, INBOX, "number 1").await
    );
    let found = mailbox
        .home
        .must("message_search", json!({"query": "number"}))
        .await;
    assert_eq!(
        ids(found["messages"].as_array().unwrap()).len(),
        4,
        "each once: {found}"
    );
    assert_eq!(found["complete"], true);
    let id = id_of(&mailbox, INBOX, "number 1").await;
    let view = mailbox.home.must("message_show", json!({"id": id})).await;
    assert_eq!(
        view["folders"],
        json!([INBOX, WORK, ALL]),
        "the labels of a message are its folders"
    );
    let shown = mailbox
        .home
        .must("folder_list", json!({"address": crate::mailbox::ANNA}))
        .await;
    let used: Vec<(&Value, &Value)> = shown
        .as_array()
        .unwrap()
        .iter()
        .filter(|folder| folder["selectable"] == true && folder["chosen"] == true)
        .map(|folder| (&folder["path"], &folder["archives"]))
        .collect();
    let (yes, no) = (json!(true), json!(false));
    let expected = [
        (&json!(INBOX), &no),
        (&json!(WORK), &no),
        (&json!(TRASH), &no),
        (&json!(ALL), &yes),
    ];
    assert_eq!(used.len(), expected.len(), "{used:?}");
    for pair in expected {
        assert!(used.contains(&pair), "{pair:?} in {used:?}");
    }
    mailbox.sync_well().await;
    server.finish().await.unwrap();
}

#[tokio::test]
async fn archived_message_leaves_the_inbox_and_stays_in_all_mail() {
    let encoded = mailroom_protocol::imap::encode_name(ALL);
    let mail = || folder(INBOX, "", &[(1, 1), (2, 2)], 3);
    let after = [
        folder(INBOX, "", &[(2, 2)], 3).at(101),
        folder(WORK, "", &[(5, 1)], 6),
        folder(ALL, "\\All", &[(11, 1), (12, 2), (13, 3)], 14),
        folder(TRASH, "\\Trash", &[(21, 4)], 22),
    ];
    let [inbox, work, all, trash] = &after;
    let (mailbox, server) = Mailbox::looked_at(
        GMAIL,
        vec![
            first_look(),
            Script::new()
                .greets()
                .opens(&mail())
                .answer(
                    &format!("UID MOVE 1 \"{encoded}\""),
                    "* OK [COPYUID 7 1 11] moved\r\n* 1 EXPUNGE\r\n",
                )
                .bye(),
            Script::new()
                .greets()
                .lists(&[inbox, work, all, &STARRED, trash])
                .opens(inbox)
                .answer(
                    "UID SEARCH RETURN (ALL) ALL",
                    "* ESEARCH (TAG \"{tag}\") UID ALL 2\r\n",
                )
                .answer_prefix("UID FETCH 1:4294967295 (UID FLAGS MODSEQ) (CHANGEDSINCE 100)", "")
                .opens(work)
                .opens(all)
                .opens(trash)
                .bye(),
        ],
    )
    .await;
    let id = id_of(&mailbox, INBOX, "number 1").await;
    let moving = json!({"ids": [id], "folder": "archive"});
    mailbox.home.must("message_move", moving).await;
    assert_eq!(subjects(&mailbox, INBOX).await, ["number 2"], "at once");
    mailbox.home.carried().await;
    assert_eq!(
        subjects(&mailbox, ALL).await,
        ["number 1", "number 2", "number 3"]
    );
    assert_eq!(subjects(&mailbox, WORK).await, ["number 1"], "other labels stay");
    mailbox.sync_well().await;
    assert_eq!(subjects(&mailbox, INBOX).await, ["number 2"]);
    assert_eq!(
        id_of(&mailbox, ALL, "number 1").await,
        id,
        "it is the same message"
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn deleted_message_goes_to_the_trash_from_every_folder() {
    let after = [
        folder(INBOX, "", &[(2, 2)], 3).at(101),
        folder(WORK, "", &[], 6).at(101),
        folder(ALL, "\\All", &[(12, 2), (13, 3)], 14).at(101),
        folder(TRASH, "\\Trash", &[(21, 4), (22, 1)], 23).at(101),
    ];
    let [inbox, work, all, trash] = &after;
    let changed = "UID FETCH 1:4294967295 (UID FLAGS MODSEQ) (CHANGEDSINCE 100)";
    let search = "UID SEARCH RETURN (ALL) ALL";
    let (mailbox, server) = Mailbox::looked_at(
        GMAIL,
        vec![
            first_look(),
            Script::new()
                .greets()
                .opens(&folder(INBOX, "", &[(1, 1), (2, 2)], 3))
                .answer(
                    &format!("UID MOVE 1 \"{TRASH}\""),
                    "* OK [COPYUID 7 1 22] moved\r\n* 1 EXPUNGE\r\n",
                )
                .bye(),
            Script::new()
                .greets()
                .lists(&[inbox, work, all, &STARRED, trash])
                .opens(inbox)
                .answer(search, "* ESEARCH (TAG \"{tag}\") UID ALL 2\r\n")
                .answer(changed, "")
                .opens(work)
                .answer(search, "* ESEARCH (TAG \"{tag}\") UID\r\n")
                .answer(changed, "")
                .opens(all)
                .answer(search, "* ESEARCH (TAG \"{tag}\") UID ALL 12,13\r\n")
                .answer(changed, "")
                .opens(trash)
                .answer(changed, "")
                // It is here already.
                .told("22:4294967295", &[(22, 1)])
                .bye(),
        ],
    )
    .await;
    let id = id_of(&mailbox, WORK, "number 1").await;
    mailbox.home.must("message_delete", json!({"ids": [id]})).await;
    for gone_from in [INBOX, WORK, ALL] {
        assert!(
            !subjects(&mailbox, gone_from)
                .await
                .contains(&"number 1".to_owned()),
            "{gone_from}"
        );
    }
    mailbox.home.carried().await;
    assert_eq!(subjects(&mailbox, TRASH).await, ["number 1", "number 4"]);
    mailbox.sync_well().await;
    assert_eq!(subjects(&mailbox, TRASH).await, ["number 1", "number 4"]);
    assert_eq!(subjects(&mailbox, ALL).await, ["number 2", "number 3"]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn archived_message_that_is_moved_gets_a_label_and_stays_in_all_mail() {
    let all = folder(ALL, "\\All", &[(11, 1), (12, 2), (13, 3)], 14);
    let (mailbox, server) = Mailbox::looked_at(
        GMAIL,
        vec![
            first_look(),
            Script::new()
                .greets()
                .opens(&all)
                .answer(
                    &format!("UID COPY 13 \"{WORK}\""),
                    "* OK [COPYUID 7 13 6] copied\r\n",
                )
                .bye(),
        ],
    )
    .await;
    let id = id_of(&mailbox, ALL, "number 3").await;
    // What is archived already is not archived again.
    let archived = mailbox
        .home
        .must("message_move", json!({"ids": [id], "folder": "archive"}))
        .await;
    assert_eq!(archived["undo"], Value::Null, "{archived}");
    mailbox
        .home
        .must("message_move", json!({"ids": [id], "folder": WORK}))
        .await;
    mailbox.home.carried().await;
    assert_eq!(subjects(&mailbox, WORK).await, ["number 1", "number 3"]);
    assert_eq!(
        subjects(&mailbox, ALL).await,
        ["number 1", "number 2", "number 3"]
    );
    server.finish().await.unwrap();
}

/// The mailbox of [`before`] after a change that this dialogue carries out, and the one that undoes it.
async fn changed_and_undone(change: Script, undone: Script, more: Vec<Script>) -> (Mailbox, ScriptServer) {
    let mut scripts = vec![
        first_look(),
        Script::new().greets().followed_by(change).bye(),
        Script::new().greets().followed_by(undone).bye(),
    ];
    scripts.extend(more);
    Mailbox::looked_at(GMAIL, scripts).await
}

/// Makes a change, has it carried out, and undoes it.
async fn undo(mailbox: &Mailbox, command: &str, payload: Value) {
    let changed = mailbox.home.must(command, payload).await;
    mailbox.home.carried().await;
    let undo = json!({"id": changed["undo"]});
    mailbox.home.must("undo_run", undo).await;
    mailbox.home.carried().await;
}

/// Every label shows what it showed before.
async fn assert_as_before(mailbox: &Mailbox) {
    assert_eq!(subjects(mailbox, INBOX).await, ["number 1", "number 2"]);
    assert_eq!(subjects(mailbox, WORK).await, ["number 1"]);
    assert_eq!(subjects(mailbox, ALL).await, ["number 1", "number 2", "number 3"]);
    assert_eq!(subjects(mailbox, TRASH).await, ["number 4"]);
}

#[tokio::test]
async fn undone_archiving_gives_the_inbox_back_as_a_label() {
    let [inbox, _, all, ..] = before();
    let encoded = mailroom_protocol::imap::encode_name(ALL);
    let (mailbox, server) = changed_and_undone(
        Script::new().opens(&inbox).answer(
            &format!("UID MOVE 1 \"{encoded}\""),
            "* OK [COPYUID 7 1 11] moved\r\n* 1 EXPUNGE\r\n",
        ),
        Script::new()
            .opens(&all)
            .told("11", &[(11, 1)])
            .opens(&all)
            .answer("UID COPY 11 \"INBOX\"", "* OK [COPYUID 7 11 3] copied\r\n"),
        Vec::new(),
    )
    .await;
    let id = id_of(&mailbox, INBOX, "number 1").await;
    undo(
        &mailbox,
        "message_move",
        json!({"ids": [id], "folder": "archive"}),
    )
    .await;
    assert_as_before(&mailbox).await;
    server.finish().await.unwrap();
}

#[tokio::test]
async fn undone_move_to_a_label_takes_it_off_and_gives_the_inbox_back() {
    let [inbox, work, ..] = before();
    let (mailbox, server) = changed_and_undone(
        Script::new().opens(&inbox).answer(
            &format!("UID MOVE 2 \"{WORK}\""),
            "* OK [COPYUID 7 2 6] moved\r\n* 2 EXPUNGE\r\n",
        ),
        Script::new()
            .opens(&work)
            .told("6", &[(6, 2)])
            .opens(&work)
            .answer(
                "UID MOVE 6 \"INBOX\"",
                "* OK [COPYUID 7 6 3] moved\r\n* 2 EXPUNGE\r\n",
            ),
        Vec::new(),
    )
    .await;
    let id = id_of(&mailbox, INBOX, "number 2").await;
    undo(&mailbox, "message_move", json!({"ids": [id], "folder": WORK})).await;
    assert_as_before(&mailbox).await;
    server.finish().await.unwrap();
}

#[tokio::test]
async fn undone_move_of_an_archived_message_takes_the_label_off_and_nothing_else() {
    let [_, work, all, ..] = before();
    let unmarked = "UID STORE 13 -FLAGS (\\Deleted)";
    let (mailbox, server) = changed_and_undone(
        Script::new().opens(&all).answer(
            &format!("UID COPY 13 \"{WORK}\""),
            "* OK [COPYUID 7 13 6] copied\r\n",
        ),
        Script::new()
            .opens(&work)
            .told("6", &[(6, 3)])
            // The original is looked at before its copy goes.
            .opens(&all)
            .answer(unmarked, "")
            .told("13", &[(13, 3)])
            .opens(&all)
            .answer(unmarked, "")
            .opens(&work)
            .answer("UID STORE 6 +FLAGS.SILENT (\\Deleted)", "")
            .answer("UID EXPUNGE 6", "* 2 EXPUNGE\r\n"),
        Vec::new(),
    )
    .await;
    let id = id_of(&mailbox, ALL, "number 3").await;
    undo(&mailbox, "message_move", json!({"ids": [id], "folder": WORK})).await;
    assert_as_before(&mailbox).await;
    server.finish().await.unwrap();
}

/// What is deleted loses its labels on the server; the one that it was deleted from comes back, and All Mail.
#[tokio::test]
async fn undone_deletion_gives_back_the_label_that_it_was_deleted_from() {
    let [inbox, _, _, _, trash] = before();
    let after = [
        folder(INBOX, "", &[(2, 2), (3, 1)], 4).at(102),
        folder(WORK, "", &[], 6).at(102),
        folder(ALL, "\\All", &[(12, 2), (13, 3), (14, 1)], 15).at(102),
        folder(TRASH, "\\Trash", &[(21, 4)], 23).at(102),
    ];
    let [inbox_after, work_after, all_after, trash_after] = &after;
    let changed = "UID FETCH 1:4294967295 (UID FLAGS MODSEQ) (CHANGEDSINCE 100)";
    let compared = |script: Script, uids: &str| {
        script
            .answer(
                "UID SEARCH RETURN (ALL) ALL",
                &format!("* ESEARCH (TAG \"{{tag}}\") UID{uids}\r\n"),
            )
            .answer(changed, "")
    };
    let look = Script::new()
        .greets()
        .lists(&[inbox_after, work_after, all_after, &STARRED, trash_after])
        .opens(inbox_after);
    let look = compared(look, " ALL 2:3")
        .told("3:4294967295", &[(3, 1)])
        .opens(work_after);
    let look = compared(look, "").opens(all_after);
    let look = compared(look, " ALL 12:14")
        .told("14:4294967295", &[(14, 1)])
        .opens(trash_after);
    let look = compared(look, " ALL 21").told("22:4294967295", &[]).bye();
    let (mailbox, server) = changed_and_undone(
        Script::new().opens(&inbox).answer(
            &format!("UID MOVE 1 \"{TRASH}\""),
            "* OK [COPYUID 7 1 22] moved\r\n* 1 EXPUNGE\r\n",
        ),
        Script::new()
            .opens(&trash)
            .told("22", &[(22, 1)])
            .opens(&trash)
            .answer(
                "UID MOVE 22 \"INBOX\"",
                "* OK [COPYUID 7 22 3] moved\r\n* 2 EXPUNGE\r\n",
            ),
        vec![look],
    )
    .await;
    let id = id_of(&mailbox, INBOX, "number 1").await;
    undo(&mailbox, "message_delete", json!({"ids": [id]})).await;
    assert_eq!(subjects(&mailbox, INBOX).await, ["number 1", "number 2"]);
    assert_eq!(subjects(&mailbox, TRASH).await, ["number 4"]);
    // Nothing of it comes again.
    let looked = mailbox.sync_well().await;
    assert_eq!(looked["bytes"], 0, "{looked}");
    assert_eq!(subjects(&mailbox, INBOX).await, ["number 1", "number 2"]);
    assert_eq!(
        subjects(&mailbox, ALL).await,
        ["number 1", "number 2", "number 3"]
    );
    assert_eq!(
        id_of(&mailbox, ALL, "number 1").await,
        id,
        "it is the same message"
    );
    assert!(subjects(&mailbox, WORK).await.is_empty(), "as on the server");
    server.finish().await.unwrap();
}
