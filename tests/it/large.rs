//! Large messages: header and text first, the rest when somebody wants it.

use base64::Engine as _;
use mailroom_tests::script::Script;
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox};

const HEADER: &str = "From: bob@example.org\r\nTo: anna@mailroom.test\r\nSubject: pictures\r\nMessage-ID: <big@example.org>\r\n\
                      Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n";
const TEXT_HEADER: &str =
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
const FILE_HEADER: &str = "Content-Type: application/zip; name=\"all.zip\"\r\nContent-Disposition: attachment\r\n\
                           Content-Transfer-Encoding: base64\r\n\r\n";
const TEXT: &str = "Here they are: za=C5=BC=C3=B3=C5=82=C4=87";

/// 400 kB, more than comes with every message.
fn file() -> (Vec<u8>, String) {
    let bytes: Vec<u8> = (0..300_000_u32)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    (bytes, lines.join("\r\n"))
}

fn whole() -> String {
    let (_, encoded) = file();
    format!("{HEADER}--b\r\n{TEXT_HEADER}{TEXT}\r\n--b\r\n{FILE_HEADER}{encoded}\r\n--b--\r\n")
}

fn literal(name: &str, bytes: &str) -> String {
    format!("{name} {{{}}}\r\n{bytes}", bytes.len())
}

fn facts(uid: u32) -> String {
    format!(
        "UID {uid} FLAGS (\\Seen) INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE {}",
        whole().len()
    )
}

trait Large {
    fn head(self, uid: u32) -> Self;
}

impl Large for Script {
    /// Header, structure and text of the message are asked for, and nothing of the file.
    fn head(self, uid: u32) -> Self {
        let (_, encoded) = file();
        let structure = format!(
            "((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"quoted-printable\" {} 1 NIL NIL NIL NIL)\
             (\"application\" \"zip\" (\"name\" {{7}}\r\nall.zip) NIL NIL \"base64\" {} NIL (\"attachment\" NIL) NIL NIL) \
             \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)",
            TEXT.len(),
            encoded.len()
        );
        let most = "<0.262144>";
        self.answer(
            &format!("UID FETCH {uid} (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])"),
            &format!(
                "* 1 FETCH ({} {})\r\n",
                facts(uid),
                literal("BODY[HEADER]", HEADER)
            ),
        )
        .answer(
            &format!("UID FETCH {uid} (UID BODYSTRUCTURE)"),
            &format!("* 1 FETCH (UID {uid} BODYSTRUCTURE {structure})\r\n"),
        )
        .answer(
            &format!(
                "UID FETCH {uid} (UID BODY.PEEK[1.MIME]{most} BODY.PEEK[1]{most} BODY.PEEK[2.MIME]{most})"
            ),
            &format!(
                "* 1 FETCH (UID {uid} {} {} {})\r\n",
                literal("BODY[1.MIME]<0>", TEXT_HEADER),
                literal("BODY[1]<0>", TEXT),
                literal("BODY[2.MIME]<0>", FILE_HEADER)
            ),
        )
    }
}

/// A mailbox that leaves attachments on the server, with the large message in its inbox and an empty archive.
async fn mailbox_with(more: Vec<Script>) -> (Mailbox, mailroom_tests::script::ScriptServer) {
    let first = Script::new()
        .folders(&["INBOX", "Archive"])
        .open("INBOX", 1, 2)
        .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
        .answer(
            "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)",
            &format!("* 1 FETCH ({})\r\n", facts(1)),
        )
        .head(1)
        .open("Archive", 0, 1)
        .bye();
    let mailbox = Mailbox::new();
    let scripts = [vec![first], more].concat();
    let server = mailbox.imap("UIDPLUS", scripts).await;
    mailbox.connect(server.port(), None).await;
    let never = json!({"address": ANNA, "download_up_to_mb": 0});
    let account = mailbox.home.must("account_update", never).await;
    assert_eq!(account["download_up_to_mb"], 0);
    mailbox.sync_well().await;
    (mailbox, server)
}

async fn show(mailbox: &Mailbox, id: &Value) -> Value {
    mailbox.home.must("message_show", json!({"id": id})).await
}

#[tokio::test]
async fn large_message_shows_its_text_and_fetches_a_file_alone() {
    let (bytes, encoded) = file();
    let (mailbox, server) = mailbox_with(vec![
        Script::new()
            .open("INBOX", 1, 2)
            .answer(
                "UID FETCH 1 (UID BODY.PEEK[2]<0.1048576>)",
                &format!("* 1 FETCH (UID 1 {})\r\n", literal("BODY[2]<0>", &encoded)),
            )
            .bye(),
    ])
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    let view = show(&mailbox, &id).await;
    assert_eq!(
        (&view["partial"], &view["header_only"]),
        (&json!(true), &json!(false)),
        "{view}"
    );
    assert_eq!(view["text"].as_str().unwrap().trim(), "Here they are: zażółć");
    let listed = &view["attachments"][0];
    assert_eq!(
        (&listed["filename"], &listed["left"], &listed["part"]),
        (&json!("all.zip"), &json!(true), &json!("2"))
    );
    let size = listed["size"].as_i64().unwrap();
    assert!((295_000..305_000).contains(&size), "about 300,000: {size}");
    for query in ["zazolc", "has:attachment pictures"] {
        let found = mailbox.home.must("message_search", json!({"query": query})).await;
        assert_eq!(found["messages"].as_array().unwrap().len(), 1, "{query}");
    }
    let exported = mailbox
        .home
        .must("message_export", json!({"id": id, "part": "2"}))
        .await;
    let got = base64::engine::general_purpose::STANDARD.decode(exported["base64"].as_str().unwrap());
    assert!(got.unwrap() == bytes, "every byte came");
    // Nor is anybody asked for the same file again.
    let again = mailbox
        .home
        .must("message_export", json!({"id": id, "part": "2"}))
        .await;
    assert_eq!(again, exported);
    // The text is here: nobody is asked for it.
    let text = mailbox
        .home
        .must("message_export", json!({"id": id, "part": "1"}))
        .await;
    assert!(text["bytes"].as_i64().unwrap() > 0);
    assert_eq!(show(&mailbox, &id).await["partial"], true);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn downloaded_message_is_kept_whole() {
    let raw = whole();
    let (mailbox, server) = mailbox_with(vec![
        Script::new()
            .open("INBOX", 1, 2)
            .answer(
                "UID FETCH 1 (UID BODY.PEEK[]<0.1048576>)",
                &format!("* 1 FETCH (UID 1 {})\r\n", literal("BODY[]<0>", &raw)),
            )
            .bye(),
    ])
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.home.must("message_download", json!({"id": id})).await;
    let view = show(&mailbox, &id).await;
    assert_eq!(
        (&view["partial"], &view["attachments"][0]["left"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(view["attachments"][0]["size"], 300_000);
    let exported = mailbox.home.must("message_export", json!({"id": id})).await;
    let got = base64::engine::general_purpose::STANDARD.decode(exported["base64"].as_str().unwrap());
    assert!(
        got.unwrap() == raw.as_bytes(),
        "byte for byte, and without the server"
    );
    let found = mailbox
        .home
        .must("message_search", json!({"query": "zazolc"}))
        .await;
    assert_eq!(found["messages"].as_array().unwrap().len(), 1);
    // Again: nothing is fetched.
    mailbox.home.must("message_download", json!({"id": id})).await;
    server.finish().await.unwrap();
}

#[tokio::test]
async fn large_message_that_another_program_moved_stays_the_same_message() {
    let (mailbox, server) = mailbox_with(vec![
        Script::new()
            .folders(&["INBOX", "Archive"])
            .open("INBOX", 0, 2)
            .answer("UID SEARCH ALL", "* SEARCH\r\n")
            .open("Archive", 1, 2)
            .answer(
                "UID FETCH 1:4294967295 (UID FLAGS INTERNALDATE RFC822.SIZE)",
                &format!("* 1 FETCH ({})\r\n", facts(1)),
            )
            .head(1)
            .bye(),
    ])
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    mailbox.sync_well().await;
    assert!(mailbox.list("inbox").await.is_empty());
    assert_eq!(mailbox.list("Archive").await[0]["id"], id);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn server_that_cannot_tell_the_parts_gives_the_header() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "",
            vec![
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 1, 2)
                    .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
                    .answer(
                        "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)",
                        &format!(
                            "* 1 FETCH ({})\r\n",
                            facts(1).replace("RFC822.SIZE ", "RFC822.SIZE 99")
                        ),
                    )
                    .answer(
                        "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])",
                        &format!(
                            "* 1 FETCH ({} {})\r\n",
                            facts(1).replace("RFC822.SIZE ", "RFC822.SIZE 99"),
                            literal("BODY[HEADER]", HEADER)
                        ),
                    )
                    .answer(
                        "UID FETCH 1 (UID BODYSTRUCTURE)",
                        "* 1 FETCH (UID 1 BODYSTRUCTURE NIL)\r\n",
                    )
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    mailbox.sync_well().await;
    let rows = mailbox.list("inbox").await;
    let view = show(&mailbox, &rows[0]["id"]).await;
    assert_eq!(
        (&view["partial"], &view["header_only"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(view["subject"], "pictures");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn raised_limit_brings_older_messages_as_a_whole() {
    let raw = whole();
    let unchanged = || {
        Script::new()
            .folders(&["INBOX", "Archive"])
            .open("INBOX", 1, 2)
            .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n")
            .open("Archive", 0, 1)
    };
    let (mailbox, server) = mailbox_with(vec![
        unchanged()
            .open("INBOX", 1, 2)
            .answer(
                "UID FETCH 1 (UID BODY.PEEK[]<0.1048576>)",
                &format!("* 1 FETCH (UID 1 {})\r\n", literal("BODY[]<0>", &raw)),
            )
            .bye(),
        unchanged().bye(),
    ])
    .await;
    let id = mailbox.list("inbox").await[0]["id"].clone();
    assert_eq!(show(&mailbox, &id).await["partial"], true);
    let more = json!({"address": ANNA, "download_up_to_mb": 20});
    mailbox.home.must("account_update", more).await;
    mailbox.sync_well().await;
    let view = show(&mailbox, &id).await;
    assert_eq!(
        (&view["partial"], &view["attachments"][0]["left"]),
        (&json!(false), &json!(false))
    );
    let exported = mailbox.home.must("message_export", json!({"id": id})).await;
    let got = base64::engine::general_purpose::STANDARD.decode(exported["base64"].as_str().unwrap());
    assert!(got.unwrap() == raw.as_bytes());
    // Nothing is asked for a second time.
    mailbox.sync_well().await;
    server.finish().await.unwrap();
}
