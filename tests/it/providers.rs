//! What providers do differently, each played as it behaves: what Mailroom says to them, and what it ends with.

use mailroom_model::{Clock as _, FolderRole, WorkingAccount};
use mailroom_store::{AccountRow, FolderCursor, FolderSeen, Store};
use mailroom_tests::script::{Script, Step};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, BODIES, Dialogue, Mailbox, body, facts_of, first_look, message};

fn subjects(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["subject"].as_str().unwrap()).collect()
}

/// A mailbox whose server refuses the sign-in with these words.
async fn refused(reply: &str) -> Value {
    let mailbox = Mailbox::new();
    let script = Script::new()
        .start_tls(&mailbox.identity)
        .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
        .command_prefix("AUTHENTICATE PLAIN ")
        .send(format!("{{tag}} {reply}\r\n"));
    let server = mailroom_tests::script::ScriptServer::start(vec![script])
        .await
        .unwrap();
    mailbox.connect(server.port(), None).await;
    let report = mailbox.sync().await;
    server.finish().await.unwrap();
    report["error"].clone()
}

#[tokio::test]
async fn words_of_providers_at_the_sign_in_are_understood() {
    let cases = [
        // Gmail
        (
            "NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
            "auth_app_password_needed",
        ),
        (
            "NO [ALERT] IMAP access is not allowed for this account. (Failure)",
            "auth_imap_forbidden",
        ),
        // The code says it; the page that it names is not opened.
        (
            "NO [WEBALERT https://accounts.google.com/signin/continue?sarp=1] Web login required. (Failure)",
            "auth_web_login_needed",
        ),
        (
            "NO Please log in via your web browser. (Failure)",
            "auth_web_login_needed",
        ),
        (
            "NO [ALERT] Your account is not enabled for IMAP use. (Failure)",
            "auth_imap_disabled",
        ),
        (
            "NO [ALERT] Too many simultaneous connections. (Failure)",
            "too_many_connections",
        ),
        // Outlook
        (
            "NO User is authenticated but not connected.",
            "auth_imap_disabled",
        ),
        ("NO LOGIN failed. BasicAuthBlocked", "auth_password_off"),
        // Yandex
        (
            "NO [AUTHENTICATIONFAILED] LOGIN Invalid credentials or IMAP is disabled sc=abc",
            "auth_imap_disabled",
        ),
        // Mail.ru
        ("NO Application password is REQUIRED", "auth_app_password_needed"),
        // NetEase
        (
            "NO LOGIN Unsafe Login. Please contact kefu@188.com for help",
            "auth_web_login_needed",
        ),
        // Nothing but a wrong password.
        (
            "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
            "auth_failed",
        ),
    ];
    for (reply, code) in cases {
        let error = refused(reply).await;
        assert_eq!(error["code"], code, "{reply}: {error}");
    }
}

#[tokio::test]
async fn page_about_a_refusal_is_the_providers_own_and_never_one_that_the_server_names() {
    let cases = [
        (
            "NO [ALERT] Application-specific password required: https://evil.example/ (Failure)",
            json!("https://support.google.com/accounts/answer/185833"),
        ),
        (
            "NO [WEBALERT https://evil.example/] Web login required. (Failure)",
            json!("https://support.google.com/mail/answer/7126229"),
        ),
        ("NO [AUTHENTICATIONFAILED] https://evil.example/", Value::Null),
    ];
    for (reply, page) in cases {
        let error = refused(reply).await;
        assert_eq!(error["params"]["url"], page, "{reply}: {error}");
    }
}

#[tokio::test]
async fn gmail_over_its_bandwidth_is_asked_once_more_and_nothing_goes() {
    let goodbye = "* BYE [OVERQUOTA] Account exceeded command or bandwidth limits.\r\n";
    let ended = |script: Script| script.command("SELECT \"INBOX\"").send(goodbye).then(Step::Close);
    let (mailbox, server) = Mailbox::looked_at(
        "",
        vec![
            first_look(1, &[]),
            ended(Script::new().folders(&["INBOX"])),
            Script::new()
                .open("INBOX", 1, 2)
                .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS ())\r\n")
                .bye(),
        ],
    )
    .await;
    // One broken connection is no news.
    mailbox.sync_well().await;
    assert_eq!(subjects(&mailbox.list("inbox").await), ["number 1"]);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn outlook_is_asked_for_nothing_that_it_does_not_offer() {
    // Exchange's list: no CONDSTORE, no SPECIAL-USE, no LIST-EXTENDED, no ESEARCH.
    let outlook = "AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+";
    let look = |script: Script| {
        script
            .answer_prefix(
                "ID (",
                "* ID (\"name\" \"Microsoft.Exchange.Imap4.Imap4Server\")\r\n",
            )
            .answer("NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n")
            .folders(&[
                "INBOX",
                "\\HasNoChildren Archive",
                "\\HasNoChildren \"Deleted Items\"",
            ])
    };
    let (mailbox, server) = Mailbox::looked_at(
        outlook,
        vec![
            look(Script::new())
                .open("INBOX", 1, 2)
                .answer("UID SEARCH ALL", "* SEARCH 1\r\n")
                .facts("1", &[1])
                .bodies("1", &[1])
                .open("Archive", 0, 1)
                .open("Deleted Items", 0, 1)
                .bye(),
            // Throttled: it says so, and everything goes on the next time.
            look(Script::new())
                .refuse("SELECT \"INBOX\"", "NO [UNAVAILABLE] Server Unavailable. 15")
                .open("Archive", 0, 1)
                .open("Deleted Items", 0, 1)
                .bye(),
            look(Script::new())
                .open("INBOX", 1, 2)
                .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n")
                .open("Archive", 0, 1)
                .open("Deleted Items", 0, 1)
                .bye(),
        ],
    )
    .await;
    let folders = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    let trash = folders
        .as_array()
        .unwrap()
        .iter()
        .find(|folder| folder["role"] == "trash");
    assert_eq!(
        trash.unwrap()["path"],
        "Deleted Items",
        "known by its name: {folders}"
    );
    let report = mailbox.sync().await;
    assert_eq!(
        report["folders"][0]["error"]["code"], "server_unavailable",
        "{report}"
    );
    assert_eq!(
        report["error"],
        Value::Null,
        "one folder does not stop the account: {report}"
    );
    mailbox.sync_well().await;
    assert_eq!(mailbox.list("inbox").await[0]["flags"], json!(["\\Seen"]));
    server.finish().await.unwrap();
}

#[tokio::test]
async fn yahoo_that_looks_at_few_messages_at_a_time_is_loaded_whole() {
    let facts = |uids: &[u32]| -> String {
        uids.iter()
            .map(|uid| facts_of(*uid, message(*uid).len()))
            .collect()
    };
    let bodies = |uids: &[u32]| -> String { uids.iter().map(|uid| body(*uid)).collect() };
    let items = "(UID FLAGS INTERNALDATE RFC822.SIZE)";
    let (mailbox, server) = Mailbox::looked_at(
        "MESSAGELIMIT=2 PARTIAL UIDONLY",
        vec![
            Script::new()
                .folders(&["INBOX"])
                .open("INBOX", 5, 6)
                .command("UID SEARCH ALL")
                .send("* SEARCH 5 4\r\n{tag} OK [MESSAGELIMIT 2 4] partial\r\n")
                .command("UID SEARCH UID 1:3 ALL")
                .send("* SEARCH 3 2\r\n{tag} OK [MESSAGELIMIT 2 2] partial\r\n")
                .command("UID SEARCH UID 1:1 ALL")
                .send("* SEARCH 1\r\n{tag} OK done\r\n")
                .answer(&format!("UID FETCH 1:2 {items}"), &facts(&[1, 2]))
                .answer(&format!("UID FETCH 3:4 {items}"), &facts(&[3, 4]))
                .answer(&format!("UID FETCH 5 {items}"), &facts(&[5]))
                .answer(&format!("UID FETCH 1:2 {BODIES}"), &bodies(&[1, 2]))
                .answer(&format!("UID FETCH 3:4 {BODIES}"), &bodies(&[3, 4]))
                .answer(&format!("UID FETCH 5 {BODIES}"), &bodies(&[5]))
                .bye(),
            // Three came. The end of the range is open, and the server says how far it looked.
            Script::new()
                .folders(&["INBOX"])
                .open("INBOX", 8, 9)
                .answer("UID FETCH 1:2 (UID FLAGS)", "")
                .answer("UID FETCH 3:4 (UID FLAGS)", "")
                .answer("UID FETCH 5 (UID FLAGS)", "")
                .command(&format!("UID FETCH 6:4294967295 {items}"))
                .send(facts(&[8, 7]))
                .send("{tag} OK [MESSAGELIMIT 2 7] partial\r\n")
                .answer(&format!("UID FETCH 6 {items}"), &facts(&[6]))
                .answer(&format!("UID FETCH 6:7 {BODIES}"), &bodies(&[6, 7]))
                .answer(&format!("UID FETCH 8 {BODIES}"), &bodies(&[8]))
                .bye(),
        ],
    )
    .await;
    assert_eq!(mailbox.list("inbox").await.len(), 5);
    assert_eq!(mailbox.sync_well().await["added"], 3);
    assert_eq!(mailbox.list("inbox").await.len(), 8);
    server.finish().await.unwrap();
}

#[tokio::test]
async fn yandex_says_what_folders_are_for_without_offering_it() {
    let (mailbox, server) = Mailbox::looked_at(
        "UIDPLUS XLIST ID MOVE CHILDREN LITERAL+ IDLE ENABLE",
        vec![
            Script::new()
                .answer_prefix("ID (", "* ID (\"name\" \"Yandex Mail\")\r\n")
                .answer(
                    "LIST \"\" \"*\"",
                    "* LIST (\\HasNoChildren \\Marked \\NoInferiors) \"|\" INBOX\r\n\
                     * LIST (\\HasNoChildren \\Unmarked \\Sent) \"|\" \"&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-\"\r\n\
                     * LIST (\\HasChildren \\Unmarked \\Drafts) \"|\" \"&BCcENQRABD0EPgQyBDgEOgQ4-\"\r\n\
                     * LIST (\\HasNoChildren \\Unmarked) \"|\" \"&BCcENQRABD0EPgQyBDgEOgQ4-|template\"\r\n\
                     * LIST (\\HasNoChildren \\Unmarked \\Trash) \"|\" \"&BCMENAQwBDsENQQ9BD0ESwQ1-\"\r\n",
                )
                .answer("LSUB \"\" \"*\"", "")
                .open("INBOX", 0, 1)
                .open("&BCcENQRABD0EPgQyBDgEOgQ4-", 0, 1)
                .open("&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", 0, 1)
                .open("&BCcENQRABD0EPgQyBDgEOgQ4-|template", 0, 1)
                .open("&BCMENAQwBDsENQQ9BD0ESwQ1-", 0, 1)
                .bye(),
        ],
    )
    .await;
    let folders = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    let mut roles: Vec<(String, String)> = folders
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|folder| {
            Some((
                folder["role"].as_str()?.to_owned(),
                folder["path"].as_str()?.to_owned(),
            ))
        })
        .collect();
    roles.sort();
    let expected = [
        ("drafts", "Черновики"),
        ("inbox", "INBOX"),
        ("sent", "Отправленные"),
        ("trash", "Удаленные"),
    ];
    assert_eq!(
        roles,
        expected.map(|(role, path)| (role.to_owned(), path.to_owned())),
        "{folders}"
    );
    server.finish().await.unwrap();
}

#[tokio::test]
async fn icloud_that_does_not_search_is_asked_for_the_list_and_its_odd_answers_are_read() {
    let raw = message(2);
    // The body before the UID, the size a little wrong, an attribute that nobody asked for.
    let odd = format!(
        "* 2 FETCH (BODY[] {{{}}}\r\n{raw} RFC822.SIZE {} FLAGS () UID 2 INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" X-APPLE (a (b)))\r\n",
        raw.len(),
        raw.len() + 7
    );
    let (mailbox, server) = Mailbox::looked_at(
        "XAPPLEPUSHSERVICE ID NAMESPACE",
        vec![
            Script::new()
                .answer_prefix("ID (", "* ID NIL\r\n")
                .answer("NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n")
                .folders(&[
                    "INBOX",
                    "\\HasNoChildren \"Sent Messages\"",
                    "\\HasNoChildren \"Deleted Messages\"",
                ])
                .open("INBOX", 2, 3)
                .refuse("UID SEARCH ALL", "NO [UNAVAILABLE] Search is not available")
                .answer(
                    "UID FETCH 1:* (UID)",
                    "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\n",
                )
                .facts("1:2", &[1, 2])
                .answer(&format!("UID FETCH 1:2 {BODIES}"), &format!("{}{odd}", body(1)))
                .open("Sent Messages", 0, 1)
                .open("Deleted Messages", 0, 1)
                .bye(),
        ],
    )
    .await;
    assert_eq!(subjects(&mailbox.list("inbox").await), ["number 2", "number 1"]);
    let folders = mailbox.home.must("folder_list", json!({"address": ANNA})).await;
    let roles: Vec<&Value> = folders
        .as_array()
        .unwrap()
        .iter()
        .map(|folder| &folder["role"])
        .collect();
    for role in ["inbox", "sent", "trash"] {
        assert!(roles.contains(&&json!(role)), "{role}: {folders}");
    }
    server.finish().await.unwrap();
}

/// Makes the mailbox one of a provider, before anybody has looked at it.
async fn at_provider(mailbox: &Mailbox, provider: Option<&str>) -> (Store, AccountRow) {
    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let account = store.accounts().list().await.unwrap().remove(0);
    let working = WorkingAccount {
        provider: provider.map(str::to_owned),
        ..account.working.clone().unwrap()
    };
    store.accounts().set_servers(account.id, &working).await.unwrap();
    (store, account)
}

/// Yahoo shows the newest 10,000 messages of a folder. Who misses an older one is told where it is not.
#[tokio::test]
async fn folder_that_the_server_cuts_says_at_how_many_messages() {
    for (provider, exists, cut_at) in [
        (Some("yahoo"), 10_000, json!(10_000)),
        (Some("yahoo"), 9_999, Value::Null),
        (None, 10_000, Value::Null),
    ] {
        let mailbox = Mailbox::new();
        mailbox.connect(1, None).await;
        let (store, account) = at_provider(&mailbox, provider).await;
        let seen = FolderSeen {
            wire_name: "INBOX".to_owned(),
            path: "INBOX".to_owned(),
            delimiter: Some('/'),
            role: Some(FolderRole::Inbox),
            is_selectable: true,
            is_subscribed: false,
            rights: None,
        };
        let now = mailbox.clock.now();
        let listed = store.folders().sync_list(account.id, &[seen], now).await.unwrap();
        let cursor = FolderCursor {
            uid_validity: 7,
            uid_next: 30_000,
            highest_modseq: None,
            window_start: None,
            is_complete: true,
            exists,
            at: now,
        };
        let cursors = [(listed.added[0], cursor)];
        store.folders().set_first_cursors(&cursors).await.unwrap();
        store.close().await;
        let folders = mailbox
            .home
            .must("folder_list", json!({"address": ANNA, "refresh": false}))
            .await;
        assert_eq!(folders[0]["cut_at"], cut_at, "{provider:?} {exists}");
    }
}

/// What Yahoo does not show any more because newer messages came is not deleted. What goes among the messages that it shows is,
/// and then it shows an older one again.
#[tokio::test]
async fn message_that_yahoo_shows_no_more_stays_and_one_that_was_deleted_goes() {
    let items = "(UID FLAGS INTERNALDATE RFC822.SIZE)";
    let since = "UID SEARCH RETURN (ALL) SINCE 21-Oct-2026";
    let all = "UID SEARCH RETURN (ALL) ALL";
    let uids = |set: &str| format!("* ESEARCH (TAG \"{{tag}}\") UID ALL {set}\r\n");
    let facts = |uids: &[u32]| -> String {
        uids.iter()
            .map(|uid| facts_of(*uid, message(*uid).len()))
            .collect()
    };
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "ESEARCH",
            vec![
                // 10,001 messages; the first one is not shown. Few are of the chosen period.
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 10_000, 10_002)
                    .answer(since, &uids("2:3,10000:10001"))
                    .facts("2:3,10000:10001", &[2, 3, 10_000, 10_001])
                    .bodies("2:3,10000:10001", &[2, 3, 10_000, 10_001])
                    .bye(),
                // Two came, one was deleted: now 2 is not shown either.
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 10_000, 10_004)
                    .answer(all, &uids("3:9999,10001:10003"))
                    .answer(
                        "UID FETCH 2:3,10001 (UID FLAGS)",
                        "* 1 FETCH (UID 3 FLAGS ())\r\n",
                    )
                    .answer(since, &uids("3,10001:10003"))
                    .answer(
                        &format!("UID FETCH 10002:4294967295 {items}"),
                        &facts(&[10_002, 10_003]),
                    )
                    .bodies("10002:10003", &[10_002, 10_003])
                    .bye(),
                // A change of 2 would be taken for done, and nothing would come of it.
                Script::new()
                    .open("INBOX", 10_000, 10_004)
                    .answer("FETCH 1 (UID)", "* 1 FETCH (UID 3)\r\n")
                    .bye(),
                // As many messages, and none came: but two were deleted, and 1 and 2 are shown.
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 10_000, 10_004)
                    .answer(all, &uids("1:3,5:9999,10002:10003"))
                    .answer(
                        "UID FETCH 2:3,10002:10003 (UID FLAGS)",
                        "* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n",
                    )
                    .answer(since, &uids("1:3,10002:10003"))
                    .facts("1", &[1])
                    .bodies("1", &[1])
                    .bye(),
                // Fewer than 10,000: all of them are shown, and what is not there is deleted.
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 9_998, 10_004)
                    .answer(all, &uids("1,3,6:9999,10002:10003"))
                    .answer("UID FETCH 1,3,10002:10003 (UID FLAGS)", "")
                    .answer(since, &uids("1,3,10002:10003"))
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    let (store, _) = at_provider(&mailbox, Some("yahoo")).await;
    store.close().await;
    let month = json!({"address": ANNA, "period": "month"});
    mailbox.home.must("account_update", month).await;
    let shown = async || {
        let rows = mailbox.list("inbox").await;
        let mut shown: Vec<u32> = subjects(&rows)
            .iter()
            .map(|subject| subject.trim_start_matches("number ").parse().unwrap())
            .collect();
        shown.sort_unstable();
        shown
    };
    mailbox.sync_well().await;
    assert_eq!(shown().await, [2, 3, 10_000, 10_001]);
    let second = mailbox.sync_well().await;
    assert_eq!(shown().await, [2, 3, 10_001, 10_002, 10_003], "{second}");
    let query = json!({"query": "subject:\"number 2\""});
    let found = mailbox.home.must("message_search", query).await;
    let found = found["messages"].as_array().unwrap();
    assert_eq!(subjects(found), ["number 2"], "it can be found");
    let id = &found[0]["id"];
    let view = mailbox.home.must("message_show", json!({"id": id})).await;
    assert!(
        view["text"].as_str().unwrap().contains("Text."),
        "and read: {view}"
    );
    mailbox.home.must("message_delete", json!({"ids": [id]})).await;
    mailbox.home.carried().await;
    // The connection is not kept for the next look.
    mailbox.home.must("operation_push", json!({})).await;
    let refused = mailbox.home.must("operation_list", json!({})).await;
    assert_eq!(
        (&refused[0]["state"], &refused[0]["error"]["code"]),
        (&json!("refused"), &json!("operation_refused")),
        "{refused}"
    );
    assert_eq!(shown().await, [2, 3, 10_001, 10_002, 10_003], "it stays");
    mailbox.sync_well().await;
    assert_eq!(shown().await, [1, 2, 3, 10_002, 10_003]);
    mailbox.sync_well().await;
    assert_eq!(shown().await, [1, 3, 10_002, 10_003]);
    server.finish().await.unwrap();
}
