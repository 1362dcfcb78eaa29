//! Starting, signing in, delivering, sending and refusing: what the servers do for a client.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mailroom_tests::office::OfficeOptions;
use mailroom_tests::script::{Script, ScriptServer};
use mailroom_tests::{http, until};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use url::Url;

use super::talk::Talk;
use super::{ALICE, BOB, PATIENCE, bearer, count, fetch, imap_only, start, without_provider};

#[tokio::test]
async fn office_announces_everything() {
    let office = start(&OfficeOptions::default());
    assert!(office.dir().as_os_str().len() < 60);

    let mut imaps = Talk::tls(office.imaps_port(), office.authority()).await;
    assert!(imaps.line().await.starts_with("* OK "));
    let login = imaps.imap("LOGIN alice@mailroom.test alice-pw").await.join("\n");
    for capability in [
        "IDLE",
        "CONDSTORE",
        "QRESYNC",
        "MOVE",
        "UIDPLUS",
        "SPECIAL-USE",
        "NAMESPACE",
        "ACL",
        "METADATA",
        "QUOTA",
        "COMPRESS=DEFLATE",
        "LITERAL+",
        "LIST-EXTENDED",
        "LIST-STATUS",
        "ENABLE",
        "ID",
    ] {
        assert!(
            login.split([' ', ']']).any(|word| word == capability),
            "{capability} in {login}"
        );
    }
    let namespaces = imaps.imap("NAMESPACE").await;
    assert_eq!(
        namespaces[0],
        r#"* NAMESPACE (("" "/")) (("shared/" "/")) (("public/" "/"))"#
    );

    let mut imap = Talk::plain(office.imap_port()).await;
    let greeting = imap.line().await;
    for mechanism in [
        "STARTTLS",
        "AUTH=PLAIN",
        "AUTH=LOGIN",
        "AUTH=XOAUTH2",
        "AUTH=OAUTHBEARER",
        "SASL-IR",
    ] {
        assert!(
            greeting.split([' ', ']']).any(|word| word == mechanism),
            "{mechanism} in {greeting}"
        );
    }
    assert!(imap.imap("STARTTLS").await[0].starts_with("a OK "));
    let mut imap = imap
        .secured(office.authority(), "mail.mailroom.test")
        .await
        .unwrap();
    assert!(
        imap.imap("LOGIN bob@mailroom.test bob-pw")
            .await
            .join("\n")
            .contains("a OK ")
    );

    let mut submission = Talk::plain(office.submission_port()).await;
    assert!(submission.reply().await.starts_with("220 "));
    let before = submission.smtp("EHLO test.mailroom.test").await;
    assert!(
        before.contains("STARTTLS") && !before.contains("AUTH"),
        "{before}"
    );
    assert!(submission.smtp("STARTTLS").await.starts_with("220 "));
    let mut submission = submission.secured(office.authority(), "127.0.0.1").await.unwrap();
    let after = submission.smtp("EHLO test.mailroom.test").await;
    for keyword in [
        "SIZE 25000000",
        "8BITMIME",
        "SMTPUTF8",
        "PIPELINING",
        "CHUNKING",
        "AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER",
    ] {
        assert!(after.contains(keyword), "{keyword} in {after}");
    }
    assert!(
        submission
            .smtp("MAIL FROM:<alice@mailroom.test>")
            .await
            .starts_with("530 5.7.0")
    );
}

#[tokio::test]
async fn every_mechanism_signs_in_and_wrong_secrets_do_not() {
    let office = start(&OfficeOptions::default());
    // The program listens in this very runtime while the person is at the browser.
    let program = ScriptServer::start(vec![
        Script::new()
            .request("GET /oauth/callback?")
            .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nThanks"),
    ])
    .await
    .unwrap();
    let redirect = format!("http://127.0.0.1:{}/oauth/callback", program.port());
    let mut authorize = Url::parse(&format!("{}/auth", office.issuer())).unwrap();
    authorize.query_pairs_mut().extend_pairs([
        ("client_id", office.client_id()),
        ("redirect_uri", &redirect),
        ("response_type", "code"),
        ("scope", "openid offline_access mail"),
        ("state", "the-state"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ]);
    let landing = office.approve(authorize.as_str(), ALICE).await.unwrap();
    assert_eq!(landing.page.as_ref().unwrap().status, 200);
    assert_eq!(landing.parameter("state").unwrap(), "the-state");
    assert_eq!(landing.parameter("iss").unwrap(), office.issuer());
    program.finish().await.unwrap();
    let code = landing.parameter("code").unwrap();
    let token_url = Url::parse(&format!("{}/token", office.issuer())).unwrap();
    let answer = http::post_form(
        &token_url,
        &[],
        &[
            ("grant_type", "authorization_code"),
            ("client_id", "mailroom"),
            ("redirect_uri", &redirect),
            ("code", &code),
            ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ],
    )
    .unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();

    let refused = office.deny(authorize.as_str()).await.unwrap();
    assert_eq!(refused.parameter("error").unwrap(), "access_denied");

    let plain = STANDARD.encode(format!("\0{ALICE}\0alice-pw"));
    let oauthbearer = STANDARD.encode(format!(
        "n,a={ALICE},\x01host=localhost\x01port=993\x01auth=Bearer {token}\x01\x01"
    ));
    for initial in [
        format!("PLAIN {plain}"),
        format!("XOAUTH2 {}", bearer(ALICE, &token)),
        format!("OAUTHBEARER {oauthbearer}"),
    ] {
        let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
        imap.line().await;
        let answer = imap.imap(&format!("AUTHENTICATE {initial}")).await;
        assert!(
            answer.last().unwrap().starts_with("a OK "),
            "{initial}: {answer:?}"
        );
        let mut smtp = Talk::tls(office.submissions_port(), office.authority()).await;
        smtp.reply().await;
        smtp.smtp("EHLO test.mailroom.test").await;
        assert!(
            smtp.smtp(&format!("AUTH {initial}")).await.starts_with("235 "),
            "{initial}"
        );
    }
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    imap.say("a AUTHENTICATE LOGIN").await;
    for words in [ALICE, "alice-pw"] {
        assert!(imap.line().await.starts_with("+ "));
        imap.say(&STANDARD.encode(words)).await;
    }
    assert!(imap.until_answer().await.last().unwrap().starts_with("a OK "));

    // Somebody else's token, a dead token and a wrong password.
    for (user, token) in [(BOB, token.as_str()), (ALICE, "nonsense")] {
        let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
        imap.line().await;
        imap.say(&format!("a AUTHENTICATE XOAUTH2 {}", bearer(user, token)))
            .await;
        let challenge = STANDARD
            .decode(imap.line().await.trim_start_matches("+ "))
            .unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&challenge).unwrap()["status"],
            "401"
        );
        imap.say("").await;
        assert!(imap.until_answer().await[0].starts_with("a NO [AUTHENTICATIONFAILED]"));
    }
    office.oidc_kill_access(&token).unwrap();
    let mut smtp = Talk::tls(office.submissions_port(), office.authority()).await;
    smtp.reply().await;
    smtp.smtp("EHLO test.mailroom.test").await;
    assert!(
        smtp.smtp(&format!("AUTH XOAUTH2 {}", bearer(ALICE, &token)))
            .await
            .starts_with("334 ")
    );
    assert!(smtp.smtp("").await.starts_with("535 "));
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    assert!(imap.imap("LOGIN alice@mailroom.test wrong").await[0].starts_with("a NO [AUTHENTICATIONFAILED]"));
}

#[tokio::test]
async fn delivery_over_lmtp_is_seen_by_idle_and_sub_address() {
    let office = start(&imap_only());
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    imap.imap("LOGIN alice@mailroom.test alice-pw").await;
    imap.imap("SELECT INBOX").await;
    imap.say("a IDLE").await;
    assert_eq!(imap.line().await, "+ idling");
    office
        .deliver(ALICE, b"Subject: dots\r\n\r\n.leading dot\r\nend\r\n")
        .unwrap();
    assert_eq!(imap.line().await, "* 1 EXISTS");
    assert!(fetch(&office, ALICE, "INBOX", "text").contains("\n.leading dot"));
    office.create_folder(ALICE, "Work").unwrap();
    office
        .deliver("alice+Work@mailroom.test", b"Subject: detail\r\n\r\nx\r\n")
        .unwrap();
    assert_eq!(count(&office, ALICE, "Work"), 1);
    assert!(
        office
            .deliver("nobody@mailroom.test", b"Subject: x\r\n\r\nx\r\n")
            .is_err()
    );
}

#[tokio::test]
async fn message_sent_through_exim_arrives() {
    let office = start(&without_provider());
    let mut smtp = Talk::submission(&office, ALICE, "alice-pw").await;
    let message = "From: alice@mailroom.test\r\nTo: bob@mailroom.test\r\nSubject: zażółć\r\n\r\nhello";
    assert!(smtp.send(ALICE, BOB, message).await.starts_with("250 "));
    assert!(until(PATIENCE, || count(&office, BOB, "INBOX") == 1));
    assert!(fetch(&office, BOB, "INBOX", "hdr.subject").contains("zażółć"));

    assert!(
        smtp.send(ALICE, "someone@elsewhere.example", message)
            .await
            .starts_with("250 ")
    );
    assert!(until(PATIENCE, || office.outbound().unwrap().len() == 1));
    let outbound = office.outbound().unwrap();
    assert!(String::from_utf8_lossy(&outbound[0]).contains("Envelope-to: someone@elsewhere.example"));

    // Over the limit of the mailbox: a delivery report comes back.
    office
        .add_user_with_quota("tiny@mailroom.test", "päss:wörd \"1\"", 300)
        .unwrap();
    let mut tiny = Talk::submission(&office, "tiny@mailroom.test", "päss:wörd \"1\"").await;
    assert!(tiny.smtp("NOOP").await.starts_with("250"));
    assert!(
        smtp.send(
            ALICE,
            "tiny@mailroom.test",
            &format!("{message}{}", " padding".repeat(80))
        )
        .await
        .starts_with("250 ")
    );
    assert!(until(PATIENCE, || count(&office, ALICE, "INBOX") == 1));
    assert!(fetch(&office, ALICE, "INBOX", "text").contains("Quota exceeded"));
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let office = start(&OfficeOptions {
        smtp_size_bytes: 100_000,
        ..without_provider()
    });
    let mut smtp = Talk::submission(&office, ALICE, "alice-pw").await;
    assert!(
        smtp.smtp("MAIL FROM:<alice@mailroom.test>")
            .await
            .starts_with("250")
    );
    for (recipient, reply) in [
        ("bob@mailroom.test", "250 "),
        ("reject@mailroom.test", "550 5.1.1 "),
        ("blocked@mailroom.test", "554 5.7.1 "),
        ("full@mailroom.test", "552 5.2.2 "),
        ("greylist@mailroom.test", "450-4.2.0 "),
        ("unknown@mailroom.test", "550-5.1.1 "),
        ("bob+detail@mailroom.test", "250 "),
        ("anyone@elsewhere.example", "250 "),
    ] {
        let answer = smtp.smtp(&format!("RCPT TO:<{recipient}>")).await;
        assert!(answer.starts_with(reply), "{recipient}: {answer}");
    }
    assert!(
        smtp.smtp("RCPT TO:<hangup@mailroom.test>")
            .await
            .starts_with("421 4.3.2 ")
    );
    // Closed without ceremony.
    let end = tokio::time::timeout(PATIENCE, smtp.wire.read_u8()).await.unwrap();
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);

    let mut smtp = Talk::submission(&office, ALICE, "alice-pw").await;
    assert!(
        smtp.send(ALICE, BOB, "Subject: rejectme-data\r\n\r\nx")
            .await
            .starts_with("554 5.6.0 ")
    );
    assert!(
        smtp.send(ALICE, BOB, "Subject: defer-data\r\n\r\nx")
            .await
            .starts_with("451 4.3.0 ")
    );
    assert!(
        smtp.smtp("MAIL FROM:<alice@mailroom.test> SIZE=100001")
            .await
            .starts_with("552 ")
    );
    assert!(
        smtp.send(
            ALICE,
            BOB,
            &format!("Subject: big\r\n\r\n{}", "0123456789\r\n".repeat(10_000))
        )
        .await
        .starts_with("552 ")
    );
    assert!(
        smtp.smtp("MAIL FROM:<carol@mailroom.test>")
            .await
            .starts_with("250")
    );
    assert!(smtp.smtp("RSET").await.starts_with("250"));
    office.set_strict_sender(true).unwrap();
    assert!(
        smtp.smtp("MAIL FROM:<carol@mailroom.test>")
            .await
            .starts_with("553-5.7.1 ")
    );
    assert!(
        smtp.smtp("MAIL FROM:<alice+notes@mailroom.test>")
            .await
            .starts_with("250")
    );
    // This one keeps the client waiting for five seconds first.
    smtp.say("RCPT TO:<slow@mailroom.test>").await;
    let early = tokio::time::timeout(Duration::from_secs(2), smtp.reply()).await;
    assert!(early.is_err(), "{early:?}");
    assert!(smtp.reply().await.starts_with("550-5.1.1 "));
}
