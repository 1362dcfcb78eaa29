//! The Test of an account, exceptions for certificates, and what servers typed by hand teach.

use std::sync::Arc;

use mailroom_api::dto::EventView;
use mailroom_model::{Clock as _, ErrorCode};
use mailroom_policy::Policy;
use mailroom_store::Store;
use mailroom_tests::script::{Script, ScriptServer, Step};
use mailroom_tests::world::World;
use mailroom_tests::{Authority, CertificateKind, Identity};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::mailbox::{ANNA, Dialogue, Mailbox, first_look};

/// A look at a server for reading that does not sign in.
fn imap_look(identity: &Arc<Identity>) -> Script {
    Script::new()
        .start_tls(identity)
        .send("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")
        .bye()
}

/// A sign-in, and everything that the proofs of reading ask; the inbox is empty.
fn imap_proofs(identity: &Arc<Identity>) -> Script {
    Script::new()
        .start_tls(identity)
        .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
        .command_prefix("AUTHENTICATE PLAIN ")
        .send("{tag} OK [CAPABILITY IMAP4rev1] welcome\r\n")
        .folders(&["INBOX"])
        .open("INBOX", 0, 1)
        .bye()
}

fn smtp_hello(identity: &Arc<Identity>) -> Script {
    Script::new()
        .start_tls(identity)
        .send("220 mailroom.test ESMTP\r\n")
        .prefix("EHLO ")
        .send("250-mailroom.test\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n")
}

fn smtp_look(identity: &Arc<Identity>) -> Script {
    smtp_hello(identity).line("QUIT").send("221 bye\r\n")
}

fn smtp_proofs(identity: &Arc<Identity>) -> Script {
    smtp_hello(identity)
        .prefix("AUTH PLAIN ")
        .send("235 welcome\r\n")
        .prefix("MAIL FROM:<")
        .send("250 OK\r\n")
        .prefix("RCPT TO:<")
        .send("250 OK\r\n")
        .line("RSET")
        .send("250 OK\r\n")
        .line("QUIT")
        .send("221 bye\r\n")
}

async fn play(scripts: Vec<Script>) -> ScriptServer {
    ScriptServer::start(scripts).await.unwrap()
}

fn names(proofs: &Value, field: &str) -> Vec<String> {
    let proofs = proofs.as_array().unwrap();
    let text = |proof: &Value| proof[field].as_str().unwrap_or_default().to_owned();
    proofs.iter().map(text).collect()
}

/// The value of a fact that was seen.
fn seen<'a>(report: &'a Value, proof: &str, server: &Value, fact: &str) -> &'a Value {
    let proofs = report["proofs"].as_array().unwrap();
    let proof = proofs.iter().find(|line| line["proof"] == proof).unwrap();
    let facts = proof["seen"].as_array().unwrap();
    let found = facts
        .iter()
        .find(|seen| seen["server"] == *server && seen["fact"] == fact);
    &found.unwrap_or_else(|| panic!("no {fact} in {proof}"))["value"]
}

#[tokio::test]
async fn push_is_proved_by_its_answer_and_not_by_what_was_said_before() {
    let mailbox = Mailbox::new();
    let identity = &mailbox.identity;
    let header = "Subject: one\r\n\r\n";
    let proofs = Script::new()
        .start_tls(identity)
        .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
        .command_prefix("AUTHENTICATE PLAIN ")
        .send("{tag} OK [CAPABILITY IMAP4rev1 IDLE] welcome\r\n")
        .folders(&["INBOX"])
        .open("INBOX", 1, 2)
        .answer("FETCH 1:* (UID)", "* 1 FETCH (UID 1)\r\n* 2 EXISTS\r\n")
        .answer_prefix(
            "UID FETCH 1 (UID FLAGS",
            &format!(
                "* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE 40 \
                 BODY[HEADER] {{{}}}\r\n{header})\r\n",
                header.len()
            ),
        )
        .refuse("IDLE", "NO not today")
        .bye();
    let imap = play(vec![imap_look(identity), proofs]).await;
    mailbox.connect(imap.port(), None).await;
    let report = mailbox.home.must("account_test", json!({"address": ANNA})).await;
    imap.finish().await.unwrap();
    let (lines, results) = (
        names(&report["proofs"], "proof"),
        names(&report["proofs"], "result"),
    );
    let of = |name: &str| results[lines.iter().position(|line| line == name).unwrap()].as_str();
    assert_eq!((of("read-header"), of("push")), ("passed", "failed"), "{report}");
}

#[tokio::test]
async fn proofs_of_one_server_do_not_wait_for_the_other_and_are_listed_in_order() {
    let mailbox = Mailbox::new();
    let go_on = Arc::new(Notify::new());
    let slow = Script::new().then(Step::Wait(Arc::clone(&go_on)));
    let identity = &mailbox.identity;
    let imap = play(vec![slow.followed_by(imap_look(identity)), imap_proofs(identity)]).await;
    let smtp = play(vec![smtp_look(identity), smtp_proofs(identity)]).await;
    mailbox.connect(imap.port(), Some(smtp.port())).await;
    let testing = mailbox.home.call("account_test", json!({"address": ANNA}));
    let (report, told) = mailbox
        .home
        .during(testing, |event| match event {
            EventView::ProofEnded { proof, .. } => {
                if proof.proof == "right-to-send" {
                    go_on.notify_one();
                }
                Some(proof.proof)
            }
            _ => None,
        })
        .await;
    let report = report.unwrap();
    imap.finish().await.unwrap();
    smtp.finish().await.unwrap();
    let place = |name: &str| told.iter().position(|told| told == name).unwrap();
    assert!(place("right-to-send") < place("tls"), "{told:?}");
    assert!(place("tls") < place("imap-sign-in"), "{told:?}");
    assert_eq!(told.len(), 8);
    assert_eq!(
        names(&report["proofs"], "proof"),
        [
            "name-lookup",
            "tls",
            "imap-sign-in",
            "folder-list",
            "read-header",
            "smtp-sign-in",
            "right-to-send",
            "push"
        ]
    );
    assert_eq!(report["passed"], true, "{report}");
    assert_eq!(seen(&report, "folder-list", &Value::Null, "folders"), 1);
    assert_eq!(seen(&report, "read-header", &Value::Null, "messages"), 0);
    assert_eq!(seen(&report, "smtp-sign-in", &Value::Null, "size_limit"), 1000);
    for server in ["imap", "smtp"] {
        assert_eq!(seen(&report, "tls", &json!(server), "tls_version"), "TLSv1.3");
        // 2045-01-01
        assert_eq!(
            seen(&report, "tls", &json!(server), "valid_until"),
            2_366_841_600_000_i64
        );
    }
    assert_eq!(report["proofs"][7]["skipped"], "not-offered");
    let text = report["report"].as_str().unwrap();
    assert!(text.contains("a…@mailroom.test"), "{text}");
    assert!(!text.contains("anna"), "{text}");
}

#[tokio::test]
async fn proof_that_fails_leaves_what_depends_on_it_and_nothing_else() {
    let mailbox = Mailbox::new();
    let imap = play(vec![imap_look(&mailbox.identity), imap_proofs(&mailbox.identity)]).await;
    mailbox.connect(imap.port(), Some(1)).await;
    let report = mailbox.home.must("account_test", json!({"address": ANNA})).await;
    imap.finish().await.unwrap();
    assert_eq!(
        names(&report["proofs"], "result"),
        [
            "passed", "failed", "passed", "passed", "passed", "skipped", "skipped", "skipped"
        ]
    );
    assert_eq!(report["proofs"][1]["error"]["code"], "connect_refused");
    assert_eq!(report["proofs"][1]["error"]["params"]["port"], 1);
    assert_eq!(report["proofs"][5]["skipped"], "earlier");
    let alone = Mailbox::new();
    let imap = play(vec![imap_look(&alone.identity), imap_proofs(&alone.identity)]).await;
    alone.connect(imap.port(), None).await;
    let payload = json!({"address": ANNA, "full_loop": true});
    let report = alone.home.must("account_test", payload).await;
    imap.finish().await.unwrap();
    assert_eq!(report["proofs"][5]["skipped"], "receive-only");
    assert_eq!(report["proofs"][8]["skipped"], "receive-only");
}

#[tokio::test]
async fn message_to_oneself_that_comes_too_late_is_no_news_and_goes() {
    let (mailbox, server) = Mailbox::looked_at(
        "UIDPLUS",
        vec![
            first_look(1, &[]),
            Script::new()
                .folders(&["INBOX"])
                .open("INBOX", 2, 3)
                .answer("UID FETCH 1 (UID FLAGS)", "* 1 FETCH (UID 1 FLAGS ())\r\n")
                .facts("2:4294967295", &[2])
                .bodies("2", &[2])
                .open("INBOX", 2, 3)
                .answer("UID STORE 2 +FLAGS.SILENT (\\Deleted)", "")
                .answer("UID EXPUNGE 2", "* 2 EXPUNGE\r\n")
                .bye(),
        ],
    )
    .await;
    // As a Test leaves it that waited in vain.
    let store = Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let account = store.accounts().list().await.unwrap().remove(0);
    let mut options = account.options.clone();
    options["sent_loops"] = json!([{"message_id": "<m2@example.org>", "at": mailbox.clock.now().0}]);
    store.accounts().set_options(account.id, &options).await.unwrap();
    store.close().await;
    let looking = mailbox.home.call("sync_run", json!({}));
    let (looked, news) = mailbox
        .home
        .during(looking, |event| match event {
            EventView::MessagesArrived { count, .. } => Some(count),
            _ => None,
        })
        .await;
    looked.unwrap();
    mailbox.home.carried().await;
    assert_eq!(news, Vec::<i64>::new());
    server.finish().await.unwrap();
    assert_eq!(mailbox.list("INBOX").await.len(), 1);
}

#[tokio::test]
async fn certificate_nobody_vouches_for_is_trusted_by_its_fingerprint_and_its_servers_are_learned() {
    let mut mailbox = Mailbox::new();
    let own = Authority::new().unwrap();
    let own = Arc::new(own.identity(CertificateKind::SelfSigned).unwrap());
    let look = || imap_look(&own);
    let signed_in = || {
        Script::new()
            .start_tls(&own)
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
            .command_prefix("AUTHENTICATE PLAIN ")
            .send("{tag} OK [CAPABILITY IMAP4rev1] welcome\r\n")
    };
    let server = play(vec![look(), signed_in().folders(&["INBOX"]).bye(), look()]).await;
    let port = server.port();
    let host = json!({"host": "localhost", "port": port});
    let add = |fingerprint: &str| {
        let mut certificate = host.clone();
        certificate["fingerprint"] = json!(fingerprint);
        json!({
            "address": "anna@own.example", "imap": format!("localhost:{port}:tls"),
            "certificates": [certificate], "setup_done": true,
            "sign_in": {"kind": "password", "password": "secret"},
        })
    };
    let probe = |fingerprint: Value| json!({"protocol": "imap", "endpoint": format!("localhost:{port}:tls"), "fingerprint": fingerprint});
    let fingerprint = own.fingerprint();
    let probed = mailbox.home.must("server_probe", probe(json!(fingerprint))).await;
    assert_eq!(probed["answers"], true, "{probed}");
    let added = mailbox
        .home
        .must("account_add", add(&fingerprint.to_uppercase()))
        .await;
    assert_eq!(added["state"], "working");
    let of_anna = json!({"address": "anna@own.example"});
    let kept = mailbox.home.must("certificate_list", of_anna.clone()).await;
    assert_eq!(kept[0]["fingerprint"], fingerprint);
    assert_eq!(kept[0]["reason"], "unknown_issuer");
    assert_eq!(kept[0]["subject"], "selfsigned.mailroom.test");

    let learned = mailbox.home.must("domain_list", json!({})).await;
    assert_eq!(learned[0]["domain"], "own.example");
    assert_eq!(learned[0]["provider"], Value::Null);
    let detect = json!({"address": "bob@own.example", "offline": true});
    let found = mailbox.home.must("account_detect", detect.clone()).await;
    let best = &found["candidates"][0];
    assert_eq!(
        (&best["source"], &best["confirmed"]),
        (&json!("learned"), &json!(true))
    );
    assert_eq!(best["imap"], learned[0]["servers"]["imap"]);
    // Forgotten, and taught again as an undo does.
    mailbox
        .home
        .must("domain_forget", json!({"domain": "own.example"}))
        .await;
    assert_eq!(
        mailbox.home.fails("account_detect", detect.clone()).await,
        ErrorCode::ProviderUnknown
    );
    mailbox.home.must("domain_learn", learned[0].clone()).await;
    mailbox.home.must("account_detect", detect).await;

    // One that is made again for what the server shows.
    let mut wanted = of_anna.clone();
    wanted["host"] = json!("localhost");
    wanted["port"] = json!(port);
    let gone = mailbox.home.must("certificate_forget", wanted.clone()).await;
    assert_eq!(gone, json!([]));
    wanted["fingerprint"] = json!(fingerprint);
    let again = mailbox.home.must("certificate_trust", wanted.clone()).await;
    assert_eq!(again[0]["fingerprint"], fingerprint);
    server.finish().await.unwrap();

    // What the organisation forbids counts for exceptions that were made before.
    let policy = Policy::parse(r#"{"version":1,"certificate_exceptions":false}"#, "p").unwrap();
    mailbox.home.reopen(policy, |_| {}).await;
    let settings = mailbox.home.must("settings_get", json!({})).await;
    assert_eq!(settings["certificate_exceptions"], false);
    let refused = mailbox.home.call("certificate_trust", wanted).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::TlsExceptionRefused);
    assert_eq!(refused.params["reason"].to_string(), "policy");
    let mut other = add(&fingerprint);
    other["address"] = json!("eva@own.example");
    assert_eq!(
        mailbox.home.fails("account_add", other).await,
        ErrorCode::TlsExceptionRefused
    );
}

#[tokio::test]
async fn account_with_a_token_makes_no_exception() {
    let mailbox = Mailbox::new();
    mailbox.connect_by_token(1, 1).await;
    let fingerprint = "ab".repeat(32);
    let wanted = json!({"address": ANNA, "host": "localhost", "port": 1, "fingerprint": fingerprint});
    let refused = mailbox.home.call("certificate_trust", wanted).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::TlsExceptionRefused);
    assert_eq!(refused.params["reason"].to_string(), "oauth");
    let add = json!({
        "address": "eva@own.example", "imap": "localhost:1:tls", "setup_done": true,
        "certificates": [{"host": "localhost", "port": 1, "fingerprint": fingerprint}],
        "sign_in": {"kind": "oauth", "issuer": "http://127.0.0.1:1"},
    });
    assert_eq!(
        mailbox.home.fails("account_add", add).await,
        ErrorCode::TlsExceptionRefused
    );
}

#[tokio::test]
async fn ladder_is_told_step_by_step() {
    let world = World::every().unwrap().into_iter().find(|world| {
        // One that everybody has to be asked for, and where everybody answers.
        !world.stalls() && world.expected["source"] == "srv"
    });
    let world = Arc::new(world.unwrap());
    let address = format!("anna@{}", world.domain);
    let mut mailbox = Mailbox::new();
    let policy = Policy::parse(r#"{"version":1,"ispdb":false}"#, "p").unwrap();
    let edges = Arc::clone(&world);
    mailbox
        .home
        .reopen(policy, |own| {
            own.resolver = edges.clone();
            own.web = edges.clone();
            own.probe = edges;
        })
        .await;
    let detecting = mailbox.home.call("account_detect", json!({"address": address}));
    let (found, told) = mailbox
        .home
        .during(detecting, |event| match event {
            EventView::DetectionStepped { address, step } => Some((address, step.source, step.outcome)),
            _ => None,
        })
        .await;
    let found = found.unwrap();
    assert!(told.iter().all(|(of, ..)| *of == address), "{told:?}");
    let outcomes = |source: &str| -> Vec<&str> {
        let own = told.iter().filter(|(_, of, _)| of == source);
        own.map(|(_, _, outcome)| outcome.as_str()).collect()
    };
    assert_eq!(outcomes("mx").first(), Some(&"asking"));
    let srv = found["steps"].as_array().unwrap();
    let srv = srv.iter().find(|step| step["source"] == "srv").unwrap();
    assert_eq!(outcomes("srv"), ["asking", srv["outcome"].as_str().unwrap()]);
    assert_eq!(outcomes("autoconfig").first(), Some(&"asking"));
}
