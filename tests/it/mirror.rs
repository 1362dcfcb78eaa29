//! The mirror against servers that say exactly what a test wants: what they cannot do, and what they get wrong.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use mailroom_model::UnixMillis;
use mailroom_store::Store;
use mailroom_tests::script::{Script, Step};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::mailbox::{ANNA, BODIES, Dialogue, Mailbox, body, facts_of, first_look, message};

fn flags(rows: &[Value]) -> Vec<Value> {
    rows.iter().map(|row| row["flags"].clone()).collect()
}

fn subjects(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["subject"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn empty_folders_of_a_plain_server_are_complete() {
    let look = || Script::new().folders(&["INBOX"]).open("INBOX", 0, 1).bye();
    let (mailbox, server) = Mailbox::looked_at("", vec![look()]).await;
    let found = mailbox
        .home
        .must("message_search", json!({"query": "anything"}))
        .await;
    assert_eq!(found["complete"], true, "nothing is missing in an empty folder");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn server_without_move_and_uidplus_keeps_what_it_cannot_remove_marked() {
    let marked = |uid| format!("* {uid} FETCH (UID {uid} FLAGS (\\Deleted))\r\n");
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(2, &["Archive"]),
            Script::new()
                .open("INBOX", 2, 3)
                .answer("UID COPY 1 \"Archive\"", "")
                .answer("UID STORE 1 +FLAGS.SILENT (\\Deleted)", "")
                .bye(),
            // There is no trash: this is for good.
            Script::new()
                .open("INBOX", 2, 3)
                .answer("UID STORE 2 +FLAGS.SILENT (\\Deleted)", "")
                .bye(),
            Script::new()
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 2, 3)
                .answer(
                    "UID FETCH 1:2 (UID FLAGS)",
                    &format!("{}{}", marked(1), marked(2)),
                )
                .open("Archive", 1, 2)
                .facts("1:4294967295", &[1])
                .bodies("1", &[1])
                .bye(),
        ],
    )
    .await;
    let rows = mailbox.list("inbox").await;
    let (second, first) = (rows[0]["id"].clone(), rows[1]["id"].clone());
    mailbox.archive(&first).await;
    mailbox
        .home
        .must("message_delete", json!({"ids": [second]}))
        .await;
    mailbox.home.carried().await;
    assert_eq!(
        mailbox.home.must("operation_list", json!({})).await,
        json!([]),
        "both are done"
    );
    mailbox.sync_well().await;
    let rows = mailbox.list("inbox").await;
    assert_eq!(
        flags(&rows),
        [json!(["\\Deleted"]), json!(["\\Deleted"])],
        "as on the server"
    );
    let moved = mailbox.list("Archive").await;
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0]["id"], first, "it is the same message");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn move_in_two_steps_that_is_cut_between_them_copies_once() {
    let (mailbox, server) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID COPY 1 \"Archive\"")
                .then(Step::Close),
            Script::new()
                .open("INBOX", 1, 2)
                .open("Archive", 1, 2)
                .answer(
                    "UID SEARCH HEADER \"Message-ID\" \"m1@example.org\"",
                    "* SEARCH 1\r\n",
                )
                .facts("1", &[1])
                .open("INBOX", 1, 2)
                .answer("UID STORE 1 +FLAGS.SILENT (\\Deleted)", "")
                .answer("UID EXPUNGE 1", "* 1 EXPUNGE\r\n")
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Archive", 1, 2)
                .facts("1:4294967295", &[1])
                .bodies("1", &[1])
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    let waiting = mailbox.home.must("operation_list", json!({})).await;
    assert_eq!(
        (&waiting[0]["state"], &waiting[0]["attempts"]),
        (&json!("waiting"), &json!(1)),
        "{waiting}"
    );
    assert_eq!(
        (&waiting[0]["to_folder"], &waiting[0]["subjects"]),
        (&json!("Archive"), &json!(["number 1"])),
        "{waiting}"
    );
    mailbox.clock.advance(Duration::from_mins(1));
    assert_eq!(mailbox.sync_well().await["operations"], 1);
    assert!(mailbox.list("inbox").await.is_empty());
    assert_eq!(mailbox.list("Archive").await[0]["id"], id);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn move_that_is_cut_takes_an_older_message_of_the_same_id_for_no_copy() {
    let copy_of_first =
        "* 2 FETCH (UID 2 FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE 9)\r\n";
    let (mailbox, server) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID COPY 1 \"Archive\"")
                .then(Step::Close),
            // Another message of that id came to the archive: of another size, so it is none of ours.
            Script::new()
                .open("INBOX", 1, 2)
                .open("Archive", 1, 3)
                .answer(
                    "UID SEARCH HEADER \"Message-ID\" \"m1@example.org\"",
                    "* SEARCH 2\r\n",
                )
                .answer("UID FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE)", copy_of_first)
                .open("INBOX", 1, 2)
                .answer("UID COPY 1 \"Archive\"", "")
                .answer("UID STORE 1 +FLAGS.SILENT (\\Deleted)", "")
                .answer("UID EXPUNGE 1", "* 1 EXPUNGE\r\n")
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Archive", 0, 1)
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    mailbox.clock.advance(Duration::from_mins(1));
    assert_eq!(mailbox.sync_well().await["operations"], 1);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn change_that_ends_connections_does_not_keep_mail_from_coming() {
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID MOVE 1 \"Archive\"")
                .then(Step::Close),
            Script::new()
                .open("INBOX", 1, 2)
                .command("UID MOVE 1 \"Archive\"")
                .then(Step::Close),
            Script::new()
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 2, 3)
                .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS ())\r\n")
                .facts("2:4294967295", &[2])
                .bodies("2", &[2])
                .open("Archive", 0, 1)
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    mailbox.clock.advance(Duration::from_mins(1));
    let report = mailbox.sync_well().await;
    assert_eq!(
        (&report["added"], &report["operations"]),
        (&json!(1), &json!(0)),
        "{report}"
    );
    assert_eq!(
        subjects(&mailbox.list("inbox").await),
        ["number 2"],
        "the move still shows"
    );
    let waiting = mailbox.home.must("operation_list", json!({})).await;
    assert_eq!(
        (&waiting[0]["state"], &waiting[0]["attempts"]),
        (&json!("waiting"), &json!(2)),
        "{waiting}"
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn folder_that_answers_nonsense_costs_its_connection_and_nothing_else() {
    let mailbox = Mailbox::new();
    let nonsense = "((((\r\n".repeat(101);
    let server = mailbox
        .imap(
            "",
            vec![
                Script::new()
                    .folders(&["INBOX", "A", "B"])
                    .open("INBOX", 0, 1)
                    .command("SELECT \"A\"")
                    .send(&nonsense)
                    .then(Step::End),
                Script::new().open("B", 0, 1).bye(),
                // What failed comes last the next time.
                Script::new()
                    .folders(&["INBOX", "A", "B"])
                    .open("INBOX", 0, 1)
                    .open("B", 0, 1)
                    .open("A", 0, 1)
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let report = mailbox.sync().await;
    assert_eq!(report["error"], Value::Null, "{report}");
    let told = |report: &Value| -> Vec<(String, Value)> {
        let folders = report["folders"].as_array().unwrap();
        folders
            .iter()
            .map(|folder| {
                (
                    folder["path"].as_str().unwrap().to_owned(),
                    folder["error"]["code"].clone(),
                )
            })
            .collect()
    };
    assert_eq!(
        told(&report),
        [
            ("INBOX".to_owned(), Value::Null),
            ("A".to_owned(), json!("server_nonsense")),
            ("B".to_owned(), Value::Null),
        ]
    );
    let shown = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    assert_eq!(shown[0]["error"]["code"], "server_nonsense", "{shown}");
    let report = mailbox.sync_well().await;
    assert_eq!(told(&report).len(), 3);
    let shown = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    assert!(
        !shown.to_string().contains("server_nonsense"),
        "what works again is not complained about: {shown}"
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn account_whose_folders_all_answer_nonsense_is_given_up_after_four_connections() {
    let mailbox = Mailbox::new();
    let nonsense = "((((\r\n".repeat(101);
    let bad = |script: Script, folder: &str| {
        script
            .command(&format!("SELECT \"{folder}\""))
            .send(&nonsense)
            .then(Step::End)
    };
    let first = Script::new()
        .folders(&["INBOX", "A", "B", "C", "D", "E"])
        .open("INBOX", 0, 1);
    let scripts = vec![
        bad(first, "A"),
        bad(Script::new(), "B"),
        bad(Script::new(), "C"),
        bad(Script::new(), "D"),
    ];
    let server = mailbox.imap("", scripts).await;
    mailbox.connect(server.port(), None).await;
    let report = mailbox.sync().await;
    assert_eq!(report["error"]["code"], "server_nonsense", "{report}");
    assert_eq!(report["folders"].as_array().unwrap().len(), 5, "{report}");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn folder_that_a_list_leaves_out_is_kept_until_the_server_says_that_it_is_gone() {
    let status = "STATUS \"A\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)";
    let missing = |script: Script| {
        script
            .answer("LIST \"\" \"*\"", "* LIST () \"/\" INBOX\r\n* LIST oops\r\n")
            .answer("LSUB \"\" \"*\"", "")
    };
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            Script::new()
                .folders(&["INBOX", "A"])
                .open("INBOX", 0, 1)
                .open("A", 1, 2)
                .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
                .facts("1", &[1])
                .bodies("1", &[1])
                .bye(),
            missing(Script::new())
                .answer(
                    status,
                    "* STATUS A (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7 UNSEEN 1)\r\n",
                )
                .open("INBOX", 0, 1)
                .open("A", 1, 2)
                .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS ())\r\n")
                .bye(),
            missing(Script::new())
                .refuse(status, "NO [NONEXISTENT] no such mailbox")
                .open("INBOX", 0, 1)
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("A").await[0]["id"].clone();
    mailbox.sync_well().await;
    assert_eq!(mailbox.list("A").await[0]["id"], id, "nothing went");
    mailbox.sync_well().await;
    let gone = mailbox.home.fails("message_list", json!({"folder": "A"})).await;
    assert_eq!(gone.as_str(), "folder_missing");
    assert_eq!(
        mailbox
            .home
            .fails("message_show", json!({"id": id}))
            .await
            .as_str(),
        "message_missing"
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn renamed_folder_keeps_its_messages() {
    let load = |script: Script, folder: &str| {
        script
            .open("INBOX", 0, 1)
            .open(folder, 1, 2)
            .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
            .facts("1", &[1])
            .bodies("1", &[1])
            .bye()
    };
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            load(Script::new().folders(&["INBOX", "Old"]), "Old"),
            load(
                Script::new().folders(&["INBOX", "New"]).refuse(
                    "STATUS \"Old\" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)",
                    "NO [NONEXISTENT] gone",
                ),
                "New",
            ),
        ],
    )
    .await;
    let id = mailbox.list("Old").await[0]["id"].clone();
    mailbox.sync_well().await;
    assert_eq!(mailbox.list("New").await[0]["id"], id);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_that_the_server_cannot_give_does_not_hold_up_the_others() {
    let mailbox = Mailbox::new();
    let header = message(2).split("\r\n\r\n").next().unwrap().to_owned() + "\r\n\r\n";
    let alone = format!(
        "* 2 FETCH (UID 2 FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE 150 BODY[HEADER] {{{}}}\r\n{header})\r\n",
        header.len()
    );
    let fetch = |set: &str| format!("UID FETCH {set} {BODIES}");
    let no = "NO the message cannot be converted";
    let server = mailbox
        .imap(
            "",
            vec![
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 3, 4)
                    .answer("UID SEARCH ALL", "* SEARCH 1 2 3\r\n")
                    .facts("1:3", &[1, 2, 3])
                    .refuse(&fetch("1:3"), no)
                    .facts("1:3", &[1, 2, 3])
                    .refuse(&fetch("1:3"), no)
                    .command(&fetch("1:2"))
                    .send(body(1))
                    .send(format!("{{tag}} {no}\r\n"))
                    .answer_prefix(
                        "UID FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])",
                        &alone,
                    )
                    .bodies("3", &[3])
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let report = mailbox.sync_well().await;
    assert_eq!(report["added"], 3, "{report}");
    let rows = mailbox.list("inbox").await;
    assert_eq!(subjects(&rows), ["number 3", "number 2", "number 1"]);
    let view = mailbox
        .home
        .must("message_show", json!({"id": rows[1]["id"]}))
        .await;
    assert_eq!(view["header_only"], true);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn list_of_messages_that_is_too_short_removes_nothing() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(2, &[]),
            Script::new()
                .folders(&["INBOX"])
                .open("INBOX", 2, 4)
                .answer("UID SEARCH ALL", "* SEARCH 3\r\n")
                .answer("UID FETCH 1:2 (UID FLAGS)", "")
                .facts("3:4294967295", &[3])
                .bodies("3", &[3])
                .bye(),
        ],
    )
    .await;
    let report = mailbox.sync_well().await;
    assert_eq!(
        (&report["added"], &report["removed"]),
        (&json!(1), &json!(0)),
        "{report}"
    );
    assert_eq!(mailbox.list("inbox").await.len(), 3);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn period_that_is_widened_after_a_look_that_was_cut_brings_everything_back() {
    let found = "* SEARCH 1 2 3\r\n";
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(2, &[]),
            // What is older than the day goes from here; then the connection breaks.
            Script::new()
                .folders(&["INBOX"])
                .open("INBOX", 3, 4)
                .command("UID FETCH 3:4294967295 (UID FLAGS INTERNALDATE RFC822.SIZE)")
                .then(Step::Close),
            Script::new().command("SELECT \"INBOX\"").then(Step::Close),
            Script::new().bye(),
            Script::new()
                .folders(&["INBOX"])
                .open("INBOX", 3, 4)
                .answer("UID SEARCH ALL", found)
                .facts("1:3", &[1, 2, 3])
                .bodies("1:3", &[1, 2, 3])
                .bye(),
        ],
    )
    .await;
    mailbox.clock.advance(Duration::from_hours(240));
    let choose = async |period: &str| {
        let choice = json!({"address": ANNA, "period": period});
        mailbox.home.must("account_update", choice).await;
    };
    choose("day").await;
    mailbox.sync().await;
    assert!(mailbox.list("inbox").await.is_empty(), "what is older went");
    choose("all").await;
    mailbox.sync_well().await;
    assert_eq!(mailbox.list("inbox").await.len(), 3);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_that_another_program_moved_stays_the_same_message() {
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(1, &["Archive"]),
            Script::new()
                .folders(&["INBOX", "Archive"])
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Archive", 1, 2)
                .facts("1:4294967295", &[1])
                .bodies("1", &[1])
                .bye(),
        ],
    )
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.sync_well().await;
    assert!(mailbox.list("inbox").await.is_empty());
    assert_eq!(mailbox.list("Archive").await[0]["id"], id);
    server.finish().await.unwrap();
}

/// Six messages that claim nine megabytes each. While the first is on its way, the folder goes from the database: nothing
/// can be written any more.
async fn serve_while_the_folder_goes(listener: TcpListener, mailbox: &Mailbox) {
    let (stream, _) = listener.accept().await.unwrap();
    let acceptor = TlsAcceptor::from(mailbox.identity.server().unwrap());
    let mut stream = BufReader::new(acceptor.accept(stream).await.unwrap());
    stream
        .write_all(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
        .await
        .unwrap();
    let mut is_gone = false;
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|count| count > 0) {
        let (tag, command) = line.trim_end().split_once(' ').unwrap();
        let said = match command {
            "LIST \"\" \"*\"" => "* LIST () \"/\" INBOX\r\n".to_owned(),
            "SELECT \"INBOX\"" => {
                "* 6 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 7] next\r\n".to_owned()
            }
            "UID SEARCH ALL" => "* SEARCH 1 2 3 4 5 6\r\n".to_owned(),
            _ if command.contains("BODY.PEEK[]") => {
                if !std::mem::replace(&mut is_gone, true) {
                    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
                        .await
                        .unwrap();
                    let account = store.accounts().list().await.unwrap()[0].id;
                    store
                        .folders()
                        .sync_list(account, &[], UnixMillis(1))
                        .await
                        .unwrap();
                    store.close().await;
                }
                body(command.split(' ').nth(2).unwrap().parse().unwrap())
            }
            _ if command.starts_with("UID FETCH") => (1..=6).map(|uid| facts_of(uid, 9_000_000)).collect(),
            _ => String::new(),
        };
        let answer = format!("{said}{tag} OK done\r\n");
        if stream.write_all(answer.as_bytes()).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        line.clear();
    }
}

#[tokio::test]
async fn load_that_cannot_be_written_ends() {
    let mailbox = Mailbox::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    mailbox.connect(listener.local_addr().unwrap().port(), None).await;
    let both = async { tokio::join!(mailbox.sync(), serve_while_the_folder_goes(listener, &mailbox)).0 };
    let report = tokio::time::timeout(Duration::from_mins(2), both)
        .await
        .expect("nobody waits for ever");
    assert_eq!(report["error"]["code"], "folder_missing", "{report}");
}

const STATES: &str =
    "LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))";

/// The list with the state of each folder: name, messages, next UID, mod-sequence.
fn states(folders: &[(&str, u32, u32, u64)]) -> String {
    let mut lines = String::new();
    for (name, messages, next, modseq) in folders {
        writeln!(
            lines,
            "* LIST () \"/\" {name}\r\n* STATUS {name} (MESSAGES {messages} UIDNEXT {next} UIDVALIDITY 7 \
             HIGHESTMODSEQ {modseq})\r"
        )
        .unwrap();
    }
    lines
}

/// A folder is opened on a server that has mod-sequences; 0 stands for a folder that has none.
fn open_since(script: Script, (name, messages, next, modseq): (&str, u32, u32, u64)) -> Script {
    let modseq = match modseq {
        0 => "* OK [NOMODSEQ] none\r\n".to_owned(),
        modseq => format!("* OK [HIGHESTMODSEQ {modseq}] highest\r\n"),
    };
    let untagged =
        format!("* {messages} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT {next}] next\r\n{modseq}");
    script.answer(&format!("SELECT \"{name}\" (CONDSTORE)"), &untagged)
}

#[tokio::test]
async fn folders_whose_state_is_proved_by_the_list_are_not_opened() {
    let (inbox, a, plain) = (("INBOX", 0, 1, 5), ("A", 0, 4, 9), ("Plain", 1, 2, 0));
    let flags = "UID FETCH 1 (UID FLAGS MODSEQ)";
    let first = Script::new().answer(STATES, &states(&[inbox, a, plain]));
    // Of the empty ones there is nothing to ask.
    let first = open_since(first, plain)
        .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
        .answer(
            "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ)",
            &facts_of(1, message(1).len()),
        )
        .answer(
            "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[] MODSEQ)",
            &body(1),
        )
        .bye();
    // Nothing changed; flags of a folder without mod-sequences may have changed all the same.
    let second = Script::new().answer(STATES, &states(&[inbox, a, plain]));
    let second = open_since(second, plain)
        .answer(flags, "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n")
        .bye();
    let changed = ("A", 0, 4, 10);
    let third = Script::new().answer(STATES, &states(&[inbox, changed, ("Plain", 0, 2, 0)]));
    let third = open_since(open_since(third, changed), ("Plain", 0, 2, 0))
        .answer("UID SEARCH ALL", "* SEARCH\r\n")
        .bye();
    let fourth = Script::new()
        .answer(STATES, &states(&[inbox, changed, ("Plain", 0, 2, 0)]))
        .bye();
    let (mailbox, server) = Mailbox::looked_at(
        "LIST-EXTENDED LIST-STATUS CONDSTORE",
        vec![first, second, third, fourth],
    )
    .await;
    let report = mailbox.sync_well().await;
    assert_eq!(report["folders"].as_array().unwrap().len(), 3, "{report}");
    assert_eq!(report["changed"], 1, "{report}");
    assert_eq!(mailbox.sync_well().await["removed"], 1);
    mailbox.sync_well().await;
    server.finish().await.unwrap();
}

#[tokio::test]
async fn message_from_before_the_period_that_is_moved_goes_with_the_next_look() {
    let look = || Script::new().folders(&["INBOX", "Archive"]);
    let (mailbox, server) = Mailbox::looked_at(
        "MOVE UIDPLUS",
        vec![
            first_look(1, &["Archive"]),
            // The period is a week now. The message would go from the inbox, if it could be looked at.
            look()
                .refuse("SELECT \"INBOX\"", "NO [UNAVAILABLE] later")
                .open("Archive", 0, 1)
                .bye(),
            Script::new()
                .open("INBOX", 1, 2)
                .answer(
                    "UID MOVE 1 \"Archive\"",
                    "* OK [COPYUID 7 1 1] moved\r\n* 1 EXPUNGE\r\n",
                )
                .bye(),
            look()
                .open("INBOX", 0, 2)
                .answer("UID SEARCH ALL", "* SEARCH\r\n")
                .open("Archive", 1, 2)
                .facts("1:4294967295", &[1])
                .bye(),
        ],
    )
    .await;
    mailbox.clock.advance(Duration::from_hours(24 * 60));
    let week = json!({"address": ANNA, "period": "week"});
    mailbox.home.must("account_update", week).await;
    mailbox.sync().await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.archive(&id).await;
    assert_eq!(
        mailbox.list("Archive").await.len(),
        1,
        "at once, however old it is"
    );
    mailbox.sync_well().await;
    assert!(mailbox.list("Archive").await.is_empty());
    assert!(mailbox.list("inbox").await.is_empty());
    server.finish().await.unwrap();
}
