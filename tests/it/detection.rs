//! Finding the servers of a domain, and what may be told to those that were found.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mailroom_connect::{DetectOptions, Detector, HttpError, ProviderTable, Web, WebAnswer};
use mailroom_model::ErrorCode;
use mailroom_policy::Policy;
use mailroom_tests::script::{Script, ScriptServer};
use mailroom_tests::world::{ISPDB, World};
use serde_json::{Value, json};
use url::Url;

use crate::mailbox::{Dialogue, Mailbox};

/// A domain below `localhost` is this machine: its configuration may name servers on it.
const EWA: &str = "ewa@office.localhost";

/// What `autoconfig.office.localhost` publishes, and how often it was asked anything.
#[derive(Debug, Default)]
struct Published {
    config: Mutex<String>,
    asked: Mutex<Vec<String>>,
}

impl Published {
    fn publish(&self, imap_port: u16) {
        *self.config.lock().unwrap() = format!(
            "<clientConfig version=\"1.1\"><emailProvider id=\"office\"><displayName>Office</displayName>\
             <incomingServer type=\"imap\"><hostname>localhost</hostname><port>{imap_port}</port>\
             <socketType>SSL</socketType><authentication>password-cleartext</authentication></incomingServer>\
             </emailProvider></clientConfig>"
        );
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[async_trait]
impl Web for Published {
    async fn get(&self, url: &Url) -> Result<WebAnswer, HttpError> {
        self.asked.lock().unwrap().push(url.to_string());
        let is_config = url.as_str() == "https://autoconfig.office.localhost/mail/config-v1.1.xml";
        Ok(WebAnswer {
            status: if is_config { 200 } else { 404 },
            body: self.config.lock().unwrap().clone().into_bytes(),
            ..WebAnswer::default()
        })
    }
}

/// A mailbox's machine in a world where the office publishes its configuration.
async fn office(policy: Policy) -> (Mailbox, Arc<Published>) {
    let mut mailbox = Mailbox::new();
    let published = Arc::new(Published::default());
    let web = Arc::clone(&published);
    mailbox.home.reopen(policy, |edges| edges.web = web).await;
    (mailbox, published)
}

fn policy(text: &str) -> Policy {
    Policy::parse(text, "p").unwrap()
}

fn add(approved: &[String]) -> Value {
    json!({
        "address": EWA, "approved_servers": approved, "setup_done": true,
        "sign_in": {"kind": "password", "password": "secret"},
    })
}

/// SASL PLAIN as it stands on the wire.
fn plain(username: &str) -> String {
    use base64::Engine as _;
    let words = format!("\0{username}\0secret");
    base64::engine::general_purpose::STANDARD.encode(words)
}

#[tokio::test]
async fn simulated_domains_end_in_the_right_servers() {
    let mut seen = 0;
    for world in World::every().unwrap() {
        if world.stalls() {
            continue;
        }
        let world = Arc::new(world);
        let table = ProviderTable::builtin().unwrap();
        let detector = Detector::new(table, world.clone(), world.clone(), world.clone());
        let options = DetectOptions {
            ispdb: Some(ISPDB.to_owned()),
            ..DetectOptions::default()
        };
        let address = format!("ewa@{}", world.domain).parse().unwrap();
        let (found, is_right) = world.judge(&detector.detect(&address, &options).await);
        assert!(is_right, "{}: {found}, not {}", world.domain, world.expected);
        let asked = world.asked();
        assert!(asked.iter().all(|asked| !asked.contains("ewa")), "{asked:?}");
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}

#[tokio::test]
async fn password_goes_only_to_the_servers_that_were_agreed_to() {
    let (mailbox, published) = office(policy(r#"{"version":1}"#)).await;
    // The first form of the user name is refused, the other one is tried once.
    let script = Script::new()
        .start_tls(&mailbox.identity)
        .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
        .command(&format!("AUTHENTICATE PLAIN {}", plain(EWA)))
        .send("{tag} NO [AUTHENTICATIONFAILED] no\r\n");
    let again = Script::new()
        .start_tls(&mailbox.identity)
        .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
        .command(&format!("AUTHENTICATE PLAIN {}", plain("ewa")))
        .send("{tag} OK [CAPABILITY IMAP4rev1] welcome\r\n")
        .folders(&["INBOX"])
        .bye();
    let server = ScriptServer::start(vec![script, again]).await.unwrap();
    published.publish(server.port());

    let found = mailbox.home.must("account_detect", json!({"address": EWA})).await;
    let best = &found["candidates"][0];
    assert_eq!(
        (&best["source"], &best["confirmed"], &best["name"]),
        (&json!("autoconfig"), &json!(false), &json!("Office"))
    );
    assert!(found["requests"].as_u64().unwrap() > 0);
    let shown: Vec<String> = serde_json::from_value(best["imap"].clone()).unwrap();
    let asked = published.asked();

    let refused = mailbox.home.call("account_add", add(&[])).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ServersUnconfirmed);
    assert_eq!(refused.params["servers"].to_string(), shown.join(" "));
    let others = ["localhost:1:tls".to_owned()];
    assert_eq!(
        mailbox.home.fails("account_add", add(&others)).await,
        ErrorCode::ServersUnconfirmed
    );
    let added = mailbox.home.must("account_add", add(&shown)).await;
    assert_eq!(added["imap"], shown[0]);
    assert_eq!(published.asked(), asked, "what was shown is what is used");
    server.finish().await.unwrap();
}

#[tokio::test]
async fn list_that_changed_since_is_asked_about_again() {
    let (mailbox, published) = office(policy(r#"{"version":1}"#)).await;
    published.publish(1993);
    let found = mailbox.home.must("account_detect", json!({"address": EWA})).await;
    let shown: Vec<String> = serde_json::from_value(found["candidates"][0]["imap"].clone()).unwrap();
    published.publish(2993);
    mailbox.home.must("account_detect", json!({"address": EWA})).await;
    let refused = mailbox.home.call("account_add", add(&shown)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ServersUnconfirmed);
    assert_eq!(refused.params["servers"].to_string(), "localhost:2993:tls");
}

#[tokio::test]
async fn administrators_mapping_wins_over_the_own_choice_and_both_over_the_network() {
    let (mut mailbox, published) = office(policy(r#"{"version":1}"#)).await;
    published.publish(1993);
    let detect = json!({"address": EWA});
    let best = |found: Value| {
        let best = &found["candidates"][0];
        (best["source"].clone(), best["provider"].clone())
    };
    let learn = json!({"domain": "office.localhost", "provider": "fastmail"});
    mailbox.home.must("domain_learn", learn.clone()).await;
    let found = mailbox.home.must("account_detect", detect.clone()).await;
    assert_eq!(best(found), (json!("learned"), json!("fastmail")));
    assert_eq!(published.asked(), 0, "what was chosen asks nobody");

    mailbox
        .home
        .reopen(
            policy(r#"{"version":1,"domains":{"office.localhost":"runbox"}}"#),
            |_| {},
        )
        .await;
    let found = mailbox.home.must("account_detect", detect.clone()).await;
    assert_eq!(best(found), (json!("policy"), json!("runbox")));

    mailbox.home.reopen(policy(r#"{"version":1}"#), |_| {}).await;
    mailbox
        .home
        .must("domain_forget", json!({"domain": "office.localhost"}))
        .await;
    let found = mailbox.home.must("account_detect", detect).await;
    assert_eq!(best(found), (json!("autoconfig"), Value::Null));
}

#[tokio::test]
async fn database_of_providers_is_asked_where_the_policy_says_or_nowhere() {
    let cases = [
        (
            r#"{"version":1}"#,
            Some("https://autoconfig.thunderbird.net/v1.1/office.localhost"),
        ),
        (
            r#"{"version":1,"ispdb":"https://db.firma.example/v1"}"#,
            Some("https://db.firma.example/v1/office.localhost"),
        ),
        (r#"{"version":1,"ispdb":false}"#, None),
    ];
    for (text, expected) in cases {
        let (mailbox, published) = office(policy(text)).await;
        // Nothing is published: everybody is asked.
        *published.config.lock().unwrap() = "nothing".to_owned();
        assert_eq!(
            mailbox
                .home
                .fails("account_detect", json!({"address": EWA}))
                .await,
            ErrorCode::ProviderUnknown
        );
        let asked = published.asked.lock().unwrap().clone();
        let database = asked.iter().find(|url| url.ends_with("/office.localhost"));
        assert_eq!(database.map(String::as_str), expected, "{asked:?}");
        assert!(asked.iter().all(|url| url.starts_with("https://")), "{asked:?}");
        let detect = json!({"address": EWA, "allow_http": true});
        mailbox.home.fails("account_detect", detect).await;
        let asked = published.asked.lock().unwrap().clone();
        assert!(
            asked.iter().any(|url| url.starts_with("http://autoconfig.")),
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn document_is_asked_for_without_a_word_about_the_person_and_its_redirect_is_told() {
    let reply = "HTTP/1.1 301 Moved\r\nLocation: https://hoster.example/config.xml\r\nContent-Length: 0\r\n\
                 Connection: close\r\n\r\n";
    let script = Script::new()
        .request("GET /mail/config-v1.1.xml HTTP/1.1")
        .send(reply);
    let server = ScriptServer::start(vec![script]).await.unwrap();
    let url = format!("http://127.0.0.1:{}/mail/config-v1.1.xml", server.port());
    let client = mailroom_connect::HttpClient::new(&[]).unwrap();
    let answer = client.get(&Url::parse(&url).unwrap()).await.unwrap();
    assert_eq!(
        (answer.status, answer.location.as_deref()),
        (301, Some("https://hoster.example/config.xml"))
    );
    let sent = server.finish().await.unwrap().concat();
    let sent = String::from_utf8(sent).unwrap();
    let mut headers: Vec<&str> = sent
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':').map(|(name, _)| name))
        .collect();
    headers.sort_unstable();
    assert_eq!(headers, ["accept", "host", "user-agent"], "{sent}");
}
