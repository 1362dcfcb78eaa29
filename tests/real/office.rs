//! The kit tries itself: what it promises to other tests is true.

use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mailroom_tests::fault::{Admission, ClosedPort, Direction, Ending, Fault, FaultProxy};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::{MailStore, Office, OfficeOptions, ServerProfile};
use mailroom_tests::script::{Script, ScriptServer, Step};
use mailroom_tests::{Authority, CertificateKind, http, until};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

const ALICE: &str = "alice@mailroom.test";
const BOB: &str = "bob@mailroom.test";
const PATIENCE: Duration = Duration::from_secs(10);

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A conversation in lines.
struct Talk {
    wire: tokio::io::BufReader<Box<dyn Wire>>,
}

impl Talk {
    async fn plain(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        Self {
            wire: tokio::io::BufReader::new(Box::new(stream)),
        }
    }

    async fn tls(port: u16, authority: &Authority) -> Self {
        Self::plain(port)
            .await
            .secured(authority, "localhost")
            .await
            .unwrap()
    }

    async fn secured(self, authority: &Authority, name: &str) -> std::io::Result<Self> {
        let connector = TlsConnector::from(authority.client().unwrap());
        let name = name.to_owned().try_into().unwrap();
        let stream = connector.connect(name, self.wire.into_inner()).await?;
        Ok(Self {
            wire: tokio::io::BufReader::new(Box::new(stream)),
        })
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, self.wire.read_line(&mut line))
            .await
            .expect("a line in time")
            .unwrap();
        line.trim_end().to_owned()
    }

    async fn say(&mut self, line: &str) {
        self.wire
            .write_all(format!("{line}\r\n").as_bytes())
            .await
            .unwrap();
        self.wire.flush().await.unwrap();
    }

    /// Sends an IMAP command with the tag `a` and returns all lines up to its answer.
    async fn imap(&mut self, command: &str) -> Vec<String> {
        self.say(&format!("a {command}")).await;
        self.until_answer().await
    }

    async fn until_answer(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            lines.push(self.line().await);
            if lines.last().unwrap().starts_with("a ") {
                return lines;
            }
        }
    }

    /// Reads an SMTP reply; its lines joined.
    async fn reply(&mut self) -> String {
        let mut reply = Vec::new();
        loop {
            let line = self.line().await;
            let ends = line.as_bytes().get(3) != Some(&b'-');
            reply.push(line);
            if ends {
                return reply.join("\n");
            }
        }
    }

    async fn smtp(&mut self, command: &str) -> String {
        self.say(command).await;
        self.reply().await
    }

    /// An SMTP session over TLS, signed in.
    async fn submission(office: &Office, user: &str, password: &str) -> Self {
        let mut talk = Self::tls(office.submissions_port(), office.authority()).await;
        assert!(talk.reply().await.starts_with("220 "));
        assert!(talk.smtp("EHLO test.mailroom.test").await.starts_with("250"));
        let initial = STANDARD.encode(format!("\0{user}\0{password}"));
        let answer = talk.smtp(&format!("AUTH PLAIN {initial}")).await;
        assert!(
            answer.starts_with("235"),
            "{answer}
{}",
            office.log_tail()
        );
        talk
    }

    /// Sends a message within a session; the answer to its end.
    async fn send(&mut self, from: &str, to: &str, message: &str) -> String {
        assert!(self.smtp(&format!("MAIL FROM:<{from}>")).await.starts_with("250"));
        assert!(self.smtp(&format!("RCPT TO:<{to}>")).await.starts_with("250"));
        assert!(self.smtp("DATA").await.starts_with("354"));
        self.smtp(&format!("{message}\r\n.")).await
    }
}

fn start(options: &OfficeOptions) -> Office {
    Office::start(options).unwrap()
}

fn without_provider() -> OfficeOptions {
    OfficeOptions {
        oidc: false,
        ..OfficeOptions::default()
    }
}

fn imap_only() -> OfficeOptions {
    OfficeOptions {
        smtp: false,
        ..without_provider()
    }
}

fn fetch(office: &Office, user: &str, folder: &str, what: &str) -> String {
    office
        .doveadm(&["-f", "tab", "fetch", "-u", user, what, "mailbox", folder, "all"])
        .unwrap()
}

fn count(office: &Office, user: &str, folder: &str) -> usize {
    fetch(office, user, folder, "uid")
        .lines()
        .count()
        .saturating_sub(1)
}

fn bearer(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"))
}

#[tokio::test]
async fn office_starts_quickly_and_announces_everything() {
    let started = tokio::task::spawn_blocking(|| start(&OfficeOptions::default()));
    let office = tokio::time::timeout(Duration::from_secs(3), started)
        .await
        .expect("ready within 3 s")
        .unwrap();
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
async fn provider_rotates_registers_fails_and_forgets_as_told() {
    let office = start(&OfficeOptions {
        smtp: false,
        ..OfficeOptions::default()
    });
    let url = |path: &str| Url::parse(&format!("{}{path}", office.issuer())).unwrap();
    let metadata = http::get(&url("/.well-known/oauth-authorization-server"), &[])
        .unwrap()
        .json();
    assert_eq!(metadata["issuer"], office.issuer());
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    for endpoint in [
        "authorization",
        "token",
        "registration",
        "revocation",
        "introspection",
    ] {
        let address = metadata[format!("{endpoint}_endpoint")].as_str().unwrap();
        assert!(address.starts_with(&office.issuer()), "{endpoint}");
    }
    let registered = http::post_json(&url("/reg"), &json!({
        "client_name": "Mailroom", "application_type": "native", "token_endpoint_auth_method": "none",
        "redirect_uris": ["http://127.0.0.1/callback"], "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    }))
    .unwrap();
    assert_eq!(registered.status, 201);
    assert!(registered.json()["client_id"].is_string());

    let first = office.tokens(ALICE).unwrap();
    let refresh = |token: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", "mailroom"),
            ("refresh_token", token),
        ];
        http::post_form(&url("/token"), &[], &fields)
    };
    office
        .oidc_set(&json!({"failToken": {"count": 2, "status": 503, "retryAfter": 7}}))
        .unwrap();
    let busy = refresh(&first.refresh).unwrap();
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("7")));
    office
        .oidc_set(&json!({"failToken": {"count": 1, "status": 0}}))
        .unwrap();
    assert!(refresh(&first.refresh).is_err());
    let second = refresh(&first.refresh).unwrap().json();
    assert_ne!(second["refresh_token"], first.refresh.as_str());
    // A refresh token that comes twice was stolen: the whole grant dies.
    assert_eq!(refresh(&first.refresh).unwrap().json()["error"], "invalid_grant");
    assert_eq!(
        refresh(second["refresh_token"].as_str().unwrap()).unwrap().json()["error"],
        "invalid_grant"
    );

    let third = office.tokens(ALICE).unwrap();
    let fields = [("client_id", "mailroom"), ("token", third.refresh.as_str())];
    assert_eq!(
        http::post_form(&url("/token/revocation"), &[], &fields)
            .unwrap()
            .status,
        200
    );
    assert_eq!(refresh(&third.refresh).unwrap().json()["error"], "invalid_grant");
    let log = office.oidc_log().unwrap();
    assert!(log.contains(&json!({"method": "POST", "path": "/token/revocation"})));
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

#[tokio::test]
async fn certificates_are_as_good_or_bad_as_asked() {
    let office = start(&OfficeOptions {
        certificate: CertificateKind::Expired,
        ..without_provider()
    });
    for port in [office.imaps_port(), office.submissions_port()] {
        let refused = Talk::plain(port)
            .await
            .secured(office.authority(), "localhost")
            .await;
        assert_eq!(certificate_error(refused), "expired");
    }
    // Each kind by name as well, whatever the office's own certificate is.
    let office = start(&imap_only());
    for (name, expected) in [
        ("mail.mailroom.test", "good"),
        ("expired.mailroom.test", "expired"),
        ("wronghost.mailroom.test", "other name"),
        ("selfsigned.mailroom.test", "unknown issuer"),
    ] {
        let secured = Talk::plain(office.imaps_port())
            .await
            .secured(office.authority(), name)
            .await;
        assert_eq!(certificate_error(secured), expected, "{name}");
    }
}

fn certificate_error(outcome: std::io::Result<Talk>) -> &'static str {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, UnknownIssuer,
    };
    let Err(error) = outcome else { return "good" };
    match error
        .get_ref()
        .and_then(|source| source.downcast_ref::<rustls::Error>())
    {
        Some(rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. })) => "expired",
        Some(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
            "other name"
        }
        Some(rustls::Error::InvalidCertificate(UnknownIssuer)) => "unknown issuer",
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn mailboxes_are_filled_shared_renumbered_and_survive_a_restart() {
    let office = start(&OfficeOptions {
        store: MailStore::Mdbox,
        ..imap_only()
    });
    let samples = office.sample_mail(ALICE).unwrap();
    let folders = office.doveadm(&["mailbox", "list", "-u", ALICE]).unwrap();
    for folder in ["Sent", "Wysłane kopie", "Черновики/Проекты", "Projekty/2026/Żółw"] {
        assert!(
            folders.lines().any(|line| line == folder),
            "{folder} in {folders}"
        );
        assert!(count(&office, ALICE, folder) > 0, "{folder}");
    }
    let all = office
        .doveadm(&["-f", "tab", "fetch", "-u", ALICE, "uid", "all"])
        .unwrap();
    assert_eq!(all.lines().count() - 1, samples);
    assert!(fetch(&office, ALICE, "Drafts", "flags").contains("\\Draft"));

    let mut generator = Generator::new(1, Profile::Small);
    office.fill(BOB, "INBOX", &mut generator, 500).unwrap();
    office.fill(BOB, "Archiwum/Żółw", &mut generator, 20).unwrap();
    assert_eq!(
        (count(&office, BOB, "INBOX"), count(&office, BOB, "Archiwum/Żółw")),
        (500, 20)
    );
    assert!(fetch(&office, BOB, "INBOX", "date.received").contains("2019-01-01"));

    office.set_uid_validity(BOB, "INBOX", 4711).unwrap();
    assert!(
        office
            .doveadm(&["mailbox", "status", "-u", BOB, "uidvalidity", "INBOX"])
            .unwrap()
            .contains("4711")
    );

    office.share(ALICE, "Projekty/2026/Żółw", BOB, "lrs").unwrap();
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    imap.imap("LOGIN bob@mailroom.test bob-pw").await;
    let rights = imap
        .imap("MYRIGHTS \"shared/alice@mailroom.test/Projekty/2026/&AXsA8wFC-w\"")
        .await;
    assert!(rights[0].ends_with(" lrs"), "{rights:?}");
    office.share(ALICE, "Projekty/2026/Żółw", BOB, "").unwrap();
    let rights = imap
        .imap("MYRIGHTS \"shared/alice@mailroom.test/Projekty/2026/&AXsA8wFC-w\"")
        .await;
    assert!(rights[0].starts_with("a NO "), "{rights:?}");

    office.kick(BOB).unwrap();
    let farewell = imap.line().await;
    assert!(farewell.is_empty() || farewell.starts_with("* BYE"), "{farewell}");

    office.stop_imap();
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, office.imaps_port())).await;
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    office.start_imap().unwrap();
    assert_eq!(count(&office, BOB, "INBOX"), 500);
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    assert!(
        imap.imap("LOGIN bob@mailroom.test bob-pw")
            .await
            .last()
            .unwrap()
            .starts_with("a OK ")
    );
}

#[tokio::test]
async fn profiles_show_another_server() {
    let office = start(&OfficeOptions {
        profile: ServerProfile::Gmail,
        ..imap_only()
    });
    office
        .append(
            ALICE,
            "Work",
            &["\\Flagged"],
            None,
            b"Subject: starred\r\n\r\nx\r\n",
        )
        .unwrap();
    assert_eq!(count(&office, ALICE, "[Gmail]/All Mail"), 1);
    assert_eq!(count(&office, ALICE, "[Gmail]/Starred"), 1);
    let office = start(&OfficeOptions {
        profile: ServerProfile::Minimal,
        ..imap_only()
    });
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    imap.imap("LOGIN alice@mailroom.test alice-pw").await;
    assert_eq!(imap.imap("CAPABILITY").await[0], "* CAPABILITY IMAP4rev1");
}

#[test]
fn offices_side_by_side_know_nothing_of_each_other_and_leave_nothing() {
    let (one, two) = (start(&without_provider()), start(&without_provider()));
    one.deliver(ALICE, b"Subject: one\r\n\r\nx\r\n").unwrap();
    assert_eq!((count(&one, ALICE, "INBOX"), count(&two, ALICE, "INBOX")), (1, 0));
    let (dir, processes) = (one.dir().to_owned(), one.processes());
    assert!(processes.len() >= 5, "{processes:?}");
    drop(one);
    assert!(!dir.exists());
    // Killed and without a folder already; the kernel may still be tidying up.
    assert!(until(Duration::from_secs(1), || still_there(&processes).is_empty()));
    assert!(!two.processes().is_empty());
    two.deliver(ALICE, b"Subject: two\r\n\r\nx\r\n").unwrap();
}

/// Those of `processes` that run. A zombie runs no more, it only waits for its parent.
fn still_there(processes: &[u32]) -> Vec<u32> {
    let runs = |id: &&u32| {
        std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| {
            !stat
                .rsplit(')')
                .next()
                .unwrap_or_default()
                .trim_start()
                .starts_with('Z')
        })
    };
    processes.iter().filter(runs).copied().collect()
}

fn processes_in(dir: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            std::fs::read_link(entry.path().join("cwd"))
                .ok()?
                .starts_with(dir)
                .then_some(id)
        })
        .collect()
}

#[test]
fn killed_office_takes_its_servers_along_and_is_swept_by_the_next() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mailroom-office"))
        .arg("--empty")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["users"][ALICE], "alice-pw");
    let dir = ready["dir"].as_str().unwrap().to_owned();
    let servers = processes_in(&dir);
    assert!(servers.len() >= 6, "{servers:?}");
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(
        until(PATIENCE, || still_there(&servers).is_empty()),
        "{:?}",
        still_there(&servers)
    );
    // A child of Exim's may finish its last conversation.
    assert!(until(PATIENCE, || processes_in(&dir).is_empty()));
    // Another test's office may be the one that sweeps.
    assert!(until(PATIENCE, || {
        drop(start(&imap_only()));
        !Path::new(&dir).exists()
    }));
}

#[test]
fn office_program_ends_with_its_input_and_plays_the_browser() {
    let binary = env!("CARGO_BIN_EXE_mailroom-office");
    let mut program = Command::new(binary)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert!(ready["sample_messages"][BOB].as_u64().unwrap() > 40);
    let url = format!(
        "{}/auth?client_id=mailroom&redirect_uri=app.mailroom%3A%2F%2Foauth%2Fcallback&response_type=code&scope=openid%20mail&state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        ready["issuer"].as_str().unwrap(),
    );
    let output = Command::new(binary)
        .args(["--approve", &url, "--login", ALICE])
        .output()
        .unwrap();
    let landing: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        landing["address"]
            .as_str()
            .unwrap()
            .starts_with("app.mailroom://oauth/callback?code="),
        "{landing}"
    );
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
    assert!(!Path::new(ready["dir"].as_str().unwrap()).exists());
}

/// A server behind the proxy that sends `0123456789` when a line has come, then waits.
async fn behind_proxy(connections: usize) -> (ScriptServer, FaultProxy) {
    let script = Script::new().prefix("").send("0123456789").then(Step::Stall);
    let server = ScriptServer::start(vec![script; connections]).await.unwrap();
    let proxy = FaultProxy::start(server.port()).await.unwrap();
    (server, proxy)
}

/// Connects, sends a line, reads until the end, an error, or `limit` without more.
async fn through(proxy: &FaultProxy, limit: Duration) -> (String, &'static str) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
        .await
        .unwrap();
    if stream.write_all(b"go\n").await.is_err() {
        return (String::new(), "reset");
    }
    let mut got = String::new();
    let mut buffer = [0; 64];
    loop {
        match tokio::time::timeout(limit, stream.read(&mut buffer)).await {
            Err(_) => return (got, "silent"),
            Ok(Ok(0)) => return (got, "closed"),
            Ok(Ok(count)) => got.push_str(std::str::from_utf8(&buffer[..count]).unwrap()),
            Ok(Err(_)) => return (got, "reset"),
        }
    }
}

#[tokio::test]
async fn fault_proxy_breaks_connections_in_every_way() {
    let (_server, proxy) = behind_proxy(8).await;
    let short = Duration::from_millis(150);
    let cases = [
        (Fault::default(), "0123456789", "silent"),
        (
            Fault {
                cut: Some((4, Ending::Close)),
                ..Fault::default()
            },
            "0123",
            "closed",
        ),
        (
            Fault {
                stall_after: Some(6),
                ..Fault::default()
            },
            "012345",
            "silent",
        ),
        (
            Fault {
                garble_at: Some(2),
                ..Fault::default()
            },
            "0133456789",
            "silent",
        ),
        (
            Fault {
                truncate: Some(3..7),
                ..Fault::default()
            },
            "012789",
            "silent",
        ),
        (
            Fault {
                delay: Some(Duration::from_secs(5)),
                ..Fault::default()
            },
            "",
            "silent",
        ),
        (
            Fault {
                bytes_per_second: Some(20),
                ..Fault::default()
            },
            "0123456789",
            "silent",
        ),
    ];
    for (fault, received, ending) in cases {
        proxy.set(Direction::Down, fault.clone());
        assert_eq!(
            through(&proxy, short).await,
            (received.to_owned(), ending),
            "{fault:?}"
        );
    }
    proxy.set(
        Direction::Down,
        Fault {
            cut: Some((4, Ending::Reset)),
            ..Fault::default()
        },
    );
    assert_eq!(through(&proxy, short).await.1, "reset");
    assert_eq!(proxy.passed().up, 8 * 3);
    assert_eq!(proxy.passed().connections, 8);

    proxy.admit(Admission::Reset);
    assert_eq!(through(&proxy, short).await, (String::new(), "reset"));
    let closed = ClosedPort::take().unwrap();
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, closed.number().unwrap())).await;
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn fault_proxy_lets_go_and_ends_all_when_told() {
    let (_server, proxy) = behind_proxy(2).await;
    proxy.admit(Admission::Hang);
    proxy.set(
        Direction::Down,
        Fault {
            stall_after: Some(5),
            ..Fault::default()
        },
    );
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
        .await
        .unwrap();
    stream.write_all(b"go\n").await.unwrap();
    let mut buffer = [0; 10];
    let nothing = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut buffer)).await;
    assert!(nothing.is_err());
    proxy.admit(Admission::Pass);
    stream.read_exact(&mut buffer[..5]).await.unwrap();
    proxy.clear();
    stream.read_exact(&mut buffer[5..]).await.unwrap();
    assert_eq!(&buffer, b"0123456789");
    proxy.end_all(Ending::Reset);
    assert_eq!(
        stream.read(&mut buffer).await.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionReset
    );
    assert_eq!(
        through(&proxy, Duration::from_millis(100)).await,
        ("0123456789".to_owned(), "silent")
    );
}

#[tokio::test]
async fn scripted_server_plays_tls_literals_and_tags() {
    let authority = Authority::new().unwrap();
    let identity = Arc::new(authority.identity(CertificateKind::Good).unwrap());
    let server = ScriptServer::start(vec![
        Script::new()
            .send("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
            .command("STARTTLS")
            .send("{tag} OK go\r\n")
            .start_tls(&identity)
            .command_prefix("APPEND INBOX ")
            .send("+ go\r\n")
            .then(Step::Bytes(5))
            .line("")
            .send("{tag} OK done\r\n")
            .then(Step::End),
        Script::new()
            .send("220 ready\r\n")
            .line("DATA")
            .send("354 go\r\n")
            .then(Step::Data)
            .send("250 ok\r\n")
            .then(Step::Reset),
    ])
    .await
    .unwrap();
    let mut imap = Talk::plain(server.port()).await;
    imap.line().await;
    assert_eq!(imap.imap("STARTTLS").await, ["a OK go"]);
    let mut imap = imap.secured(&authority, "localhost").await.unwrap();
    imap.say("a APPEND INBOX {5}").await;
    assert_eq!(imap.line().await, "+ go");
    imap.say("hello").await;
    assert_eq!(imap.line().await, "a OK done");
    drop(imap);
    let mut smtp = Talk::plain(server.port()).await;
    assert_eq!(smtp.reply().await, "220 ready");
    assert_eq!(smtp.smtp("DATA").await, "354 go");
    assert_eq!(smtp.smtp("line\r\n.").await, "250 ok");
    assert!(smtp.wire.read_u8().await.is_err());
    let received = server.finish().await.unwrap();
    assert_eq!(
        received,
        [
            b"a STARTTLS\r\na APPEND INBOX {5}\r\nhello\r\n".as_slice(),
            b"DATA\r\nline\r\n.\r\n"
        ]
    );
}

#[tokio::test]
async fn scripted_server_tells_what_came_instead() {
    let server = ScriptServer::start(vec![Script::new().send("* OK\r\n").command("LOGIN \"a\" \"b\"")])
        .await
        .unwrap();
    let mut client = Talk::plain(server.port()).await;
    client.line().await;
    client.say("t1 LOGIN a b").await;
    let told = server.finish().await.unwrap_err().to_string();
    let expected = "connection 1, step 2:\n  expected the command \"LOGIN \\\"a\\\" \\\"b\\\"\"\n  got      \"t1 LOGIN a b\"\nso far:\n  S: \"* OK\\r\\n\"\n  C: \"t1 LOGIN a b\\r\\n\"\n";
    assert_eq!(told, expected);
}
