//! What stands around accounts: sign-in services, providers of domains, other servers, newer versions, storage.

use mailroom_api::dto::EventView;
use mailroom_api::{CancellationToken, subscribe};
use mailroom_model::{ErrorCode, UnixMillis};
use mailroom_policy::{Policy, PolicyRegistration};
use mailroom_tests::script::{Script, ScriptServer};
use serde_json::{Value, json};

use crate::mailbox::{ANNA, Dialogue, Mailbox, first_look};

const OWN: &str = "own.apps.googleusercontent.com";
const OTHER: &str = "other.apps.googleusercontent.com";
const GMAIL: &str = "anna@gmail.com";

fn registration(client_id: &str) -> Value {
    json!({"label": "Mine", "service": "google", "client_id": client_id, "client_secret": "s3cret"})
}

/// Begins a sign-in, and gives it up with the address that the browser would open.
async fn authorisation(mailbox: &Mailbox) -> String {
    let cancel = CancellationToken::new();
    let payload = json!({"address": GMAIL, "sign_in": {"kind": "oauth"}});
    let adding = mailbox.home.call_until("account_add", payload, cancel.clone());
    let (added, urls) = mailbox
        .home
        .during(adding, |event| match event {
            EventView::SigninOpened { url, .. } => {
                cancel.cancel();
                Some(url)
            }
            _ => None,
        })
        .await;
    assert_eq!(added.unwrap_err().code, ErrorCode::Cancelled);
    urls[0].clone()
}

async fn oauth_unavailable(mailbox: &Mailbox) -> Value {
    let payload = json!({"address": GMAIL, "offline": true});
    let found = mailbox.home.must("account_detect", payload).await;
    let offers = found["candidates"][0]["auth"].as_array().unwrap().clone();
    let oauth = offers.into_iter().find(|offer| offer["method"] == "oauth2");
    oauth.unwrap()["unavailable"].clone()
}

#[tokio::test]
async fn own_registration_is_used_where_nothing_stronger_is_given() {
    let mut mailbox = Mailbox::new();
    assert_eq!(oauth_unavailable(&mailbox).await, "no_client_id");
    let saved = mailbox.home.must("registration_save", registration(OWN)).await;
    assert_eq!(
        saved,
        json!({
            "id": saved["id"], "label": "Mine", "service": "google", "client_id": OWN, "tenant": "",
            "has_secret": true, "secret_ends_at": null, "accounts": [],
        })
    );
    assert_eq!(mailbox.home.vault.count(), 1, "the secret is in the vault");
    assert_eq!(oauth_unavailable(&mailbox).await, Value::Null);
    let url = authorisation(&mailbox).await;
    assert!(url.contains(&format!("client_id={OWN}")), "{url}");
    assert!(!url.contains("s3cret"), "{url}");

    // The organisation's wins over it.
    let policy = PolicyRegistration {
        client_id: "policy.apps.googleusercontent.com".to_owned(),
        tenant: None,
        redirect: None,
        approval_page: None,
    };
    let policy = Policy {
        version: 1,
        registrations: [("google".to_owned(), policy)].into(),
        ..Policy::default()
    };
    mailbox.home.reopen(policy, |_| {}).await;
    let url = authorisation(&mailbox).await;
    assert!(url.contains("client_id=policy.apps"), "{url}");
    mailbox.home.restart().await;

    let removed = json!({"id": saved["id"]});
    mailbox.home.must("registration_remove", removed.clone()).await;
    assert_eq!(mailbox.home.must("registration_list", json!({})).await, json!([]));
    assert_eq!(mailbox.home.vault.count(), 0, "its secret went with it");
    assert_eq!(oauth_unavailable(&mailbox).await, "no_client_id");
    assert_eq!(
        mailbox.home.fails("registration_remove", removed).await,
        ErrorCode::EntryMissing
    );
}

#[tokio::test]
async fn registration_is_changed_and_keeps_its_secret_unless_told() {
    let mailbox = Mailbox::new();
    let saved = mailbox.home.must("registration_save", registration(OWN)).await;
    let change = |client_id: &str, secret: Option<&str>| {
        let mut payload = json!({
            "id": saved["id"], "label": "Ours", "service": "google", "client_id": client_id,
        });
        if let Some(secret) = secret {
            payload["client_secret"] = json!(secret);
        }
        payload
    };
    let changed = mailbox.home.must("registration_save", change(OTHER, None)).await;
    assert_eq!(
        (
            &changed["id"],
            &changed["client_id"],
            &changed["label"],
            &changed["has_secret"]
        ),
        (&saved["id"], &json!(OTHER), &json!("Ours"), &json!(true))
    );
    let mut dated = change(OTHER, None);
    dated["secret_ends_at"] = json!(1_798_675_200_000_i64);
    let dated = mailbox.home.must("registration_save", dated).await;
    assert_eq!(dated["secret_ends_at"], 1_798_675_200_000_i64);
    // The clock of the test stands 39 days before: it is in the calendar, and not near yet.
    let status = mailbox.home.must("status_get", json!({})).await;
    let end = &status["expiries"][0];
    assert_eq!(
        (&end["what"], &end["subject"], &end["days_left"], &end["is_near"]),
        (&json!("client_secret"), &json!("Ours"), &json!(39), &json!(false)),
        "{end}"
    );
    mailbox.clock.advance(std::time::Duration::from_hours(24 * 25));
    let due = async || {
        let status = mailbox.home.must("status_get", json!({})).await;
        let end = &status["expiries"][0];
        (
            end["days_left"].clone(),
            end["is_near"].clone(),
            end["is_due"].clone(),
        )
    };
    assert_eq!(due().await, (json!(14), json!(true), json!(true)));
    let told = json!({"key": "client_secret Ours"});
    mailbox.home.must("expiry_told", told).await;
    assert_eq!(
        due().await,
        (json!(14), json!(true), json!(false)),
        "it is said once"
    );
    mailbox.clock.advance(std::time::Duration::from_hours(24 * 7));
    assert_eq!(
        due().await,
        (json!(7), json!(true), json!(true)),
        "and again when it is nearer"
    );
    let again = json!({"label": "Again", "service": "google", "client_id": OTHER});
    let again = mailbox.home.must("registration_save", again).await;
    assert_eq!(
        (&again["id"], &again["label"], &again["has_secret"]),
        (&saved["id"], &json!("Again"), &json!(true)),
        "the same client is the same registration"
    );
    let changed = mailbox
        .home
        .must("registration_save", change(OTHER, Some("")))
        .await;
    assert_eq!(changed["has_secret"], false);
    assert_eq!(mailbox.home.vault.count(), 0);
    mailbox.home.must("registration_save", registration(OWN)).await;
    let error = mailbox
        .home
        .call("registration_save", change(OWN, None))
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::InputInvalid, "another one is for it");
}

#[tokio::test]
async fn registration_in_use_stays_as_its_accounts_know_it() {
    let mailbox = Mailbox::new();
    mailbox.connect_by_token(1, 1).await;
    let known = mailbox.home.must("registration_list", json!({})).await[0].clone();
    assert_eq!(
        (&known["client_id"], &known["accounts"]),
        (&json!("client"), &json!([ANNA]))
    );
    let mut change = registration(OWN);
    change["id"] = known["id"].clone();
    for (command, payload) in [
        ("registration_remove", json!({"id": known["id"]})),
        ("registration_save", change),
    ] {
        let error = mailbox.home.call(command, payload).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::RegistrationInUse, "{command}");
        assert_eq!(error.params["accounts"].to_string(), ANNA);
    }
    assert_eq!(mailbox.home.must("registration_list", json!({})).await[0], known);
}

#[tokio::test]
async fn learned_domain_is_detected_until_it_is_forgotten() {
    let mut mailbox = Mailbox::new();
    let providers = mailbox.home.must("provider_list", json!({})).await;
    let providers = providers.as_array().unwrap().clone();
    let named = |id: &str| providers.iter().find(|provider| provider["id"] == id).cloned();
    assert_eq!(named("fastmail").unwrap()["has_imap"], true);
    assert!(providers.iter().any(|provider| provider["has_imap"] == false));
    let names: Vec<String> = providers
        .iter()
        .map(|provider| provider["name"].as_str().unwrap().to_lowercase())
        .collect();
    assert!(names.is_sorted());

    let detect = json!({"address": "anna@firma.example", "offline": true});
    assert_eq!(
        mailbox.home.fails("account_detect", detect.clone()).await,
        ErrorCode::ProviderUnknown
    );
    let learn = |provider: &str| json!({"domain": "Firma.Example", "provider": provider});
    assert_eq!(
        mailbox.home.fails("domain_learn", learn("nobody")).await,
        ErrorCode::InputInvalid
    );
    mailbox.home.must("domain_learn", learn("fastmail")).await;
    let learned = json!([{"domain": "firma.example", "provider": "fastmail", "servers": null}]);
    assert_eq!(mailbox.home.must("domain_list", json!({})).await, learned);
    let found = mailbox.home.must("account_detect", detect.clone()).await;
    assert_eq!(found["candidates"][0]["provider"], "fastmail");
    assert_eq!(found["candidates"][0]["source"], "learned");
    assert_eq!(
        found["steps"][0],
        json!({"source": "learned", "outcome": "found", "detail": "fastmail"})
    );
    let policy = Policy {
        version: 1,
        domains: [("firma.example".to_owned(), "runbox".to_owned())].into(),
        ..Policy::default()
    };
    mailbox.home.reopen(policy, |_| {}).await;
    let found = mailbox.home.must("account_detect", detect.clone()).await;
    assert_eq!(
        found["candidates"][0]["provider"], "runbox",
        "the organisation wins"
    );
    mailbox.home.restart().await;
    let forget = json!({"domain": "FIRMA.example"});
    mailbox.home.must("domain_forget", forget).await;
    assert_eq!(mailbox.home.must("domain_list", json!({})).await, json!([]));
    assert_eq!(
        mailbox.home.fails("account_detect", detect).await,
        ErrorCode::ProviderUnknown
    );
}

#[tokio::test]
async fn token_is_not_shown_to_servers_of_somebody_else() {
    let mailbox = Mailbox::new();
    // Nobody may call: neither the servers nor the token endpoint answer.
    mailbox.connect_by_token(1, 1).await;
    let before = mailbox.home.must("account_list", json!({})).await;
    for (imap, smtp) in [
        ("imap.example.com:993:tls", None),
        ("localhost:993:tls", Some("smtp.example.com:465:tls")),
    ] {
        let payload = json!({"address": ANNA, "imap": imap, "smtp": smtp});
        let error = mailbox.home.call("account_servers", payload).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::TokenForeignServer, "{imap}");
        assert!(error.params["host"].to_string().ends_with(".example.com"));
    }
    assert_eq!(mailbox.home.must("account_list", json!({})).await, before);
}

#[tokio::test]
async fn other_server_is_kept_only_after_it_took_the_password() {
    let mailbox = Mailbox::new();
    mailbox.connect(1, None).await;
    let refusing = ScriptServer::start(vec![
        Script::new()
            .start_tls(&mailbox.identity)
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
            .command_prefix("AUTHENTICATE PLAIN ")
            .send("{tag} NO [AUTHENTICATIONFAILED] no\r\n"),
    ])
    .await
    .unwrap();
    let before = mailbox.home.must("account_list", json!({})).await[0].clone();
    let payload = |port: u16| json!({"address": ANNA, "imap": format!("localhost:{port}:tls")});
    assert_eq!(
        mailbox
            .home
            .fails("account_servers", payload(refusing.port()))
            .await,
        ErrorCode::AuthFailed
    );
    refusing.finish().await.unwrap();
    assert_eq!(mailbox.home.must("account_list", json!({})).await[0], before);
    let taking = mailbox.imap("", vec![Script::new().bye()]).await;
    let after = mailbox.home.must("account_servers", payload(taking.port())).await;
    assert_eq!(after["imap"], format!("localhost:{}:tls", taking.port()));
    assert_eq!(after["state"], "working");
    taking.finish().await.unwrap();
}

#[tokio::test]
async fn newer_version_is_asked_for_where_the_build_says_and_the_organisation_lets() {
    let mut mailbox = Mailbox::new();
    let current = json!({"current": mailroom_engine::VERSION, "newer": null, "url": null});
    assert_eq!(
        mailbox.home.must("update_check", json!({})).await,
        current,
        "this build names nobody to ask"
    );
    let answer = |status: &str, document: &str| {
        Script::new()
            .start_tls(&mailbox.identity)
            .request("GET /newest.json HTTP/1.1")
            .send(format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{document}",
                document.len()
            ))
    };
    let server = ScriptServer::start(vec![
        answer(
            "200 OK",
            r#"{"version":"99.1.0","url":"https://mailroom.example/99.1.0","more":1}"#,
        ),
        answer(
            "200 OK",
            r#"{"version":"0.0.1","url":"https://mailroom.example/0.0.1"}"#,
        ),
        answer(
            "200 OK",
            r#"{"version":"99.1.0","url":"http://mailroom.example/"}"#,
        ),
        answer("404 Not Found", "{}"),
        answer("503 Busy", "{}"),
    ])
    .await
    .unwrap();
    let address = format!("https://localhost:{}/newest.json", server.port());
    let policy = |updates| Policy {
        version: 1,
        updates,
        ..Policy::default()
    };
    mailbox
        .home
        .reopen(policy(Some(false)), |edges| {
            edges.update_address = Some(address.clone());
        })
        .await;
    let settings = mailbox.home.must("settings_get", json!({})).await;
    assert_eq!(
        (&settings["updates"], &settings["updates_changeable"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        mailbox.home.must("update_check", json!({})).await,
        current,
        "nobody is asked"
    );
    mailbox.home.reopen(policy(None), |_| {}).await;
    let settings = mailbox.home.must("settings_get", json!({})).await;
    assert_eq!(
        (&settings["updates"], &settings["updates_changeable"]),
        (&json!(true), &json!(true))
    );
    let newer = json!({
        "current": mailroom_engine::VERSION, "newer": "99.1.0", "url": "https://mailroom.example/99.1.0",
    });
    assert_eq!(mailbox.home.must("update_check", json!({})).await, newer);
    assert_eq!(
        mailbox.home.must("update_check", json!({})).await,
        current,
        "an older one"
    );
    for expected in [
        ErrorCode::ServerNonsense,
        ErrorCode::ServerNonsense,
        ErrorCode::ServerUnavailable,
    ] {
        assert_eq!(mailbox.home.fails("update_check", json!({})).await, expected);
    }
    let asked = server.finish().await.unwrap();
    let asked = String::from_utf8_lossy(&asked[0]).to_lowercase();
    let mut headers: Vec<&str> = asked
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':').map(|(name, _)| name))
        .collect();
    headers.sort_unstable();
    assert_eq!(
        headers,
        ["accept", "host", "user-agent"],
        "nothing about the person: {asked}"
    );
    let plain = "http://localhost:1/newest.json".to_owned();
    mailbox
        .home
        .reopen(policy(None), |edges| edges.update_address = Some(plain))
        .await;
    assert_eq!(
        mailbox.home.fails("update_check", json!({})).await,
        ErrorCode::Internal
    );
}

#[tokio::test]
async fn storage_and_about_tell_what_is_here() {
    let mailbox = Mailbox::new();
    let server = mailbox
        .imap(
            "",
            vec![
                Script::new()
                    .folders(&["INBOX"])
                    .open("INBOX", 2, 3)
                    .answer("UID SEARCH ALL", "* SEARCH 1 2\r\n")
                    .facts("1:2", &[1, 2])
                    .bodies("1:2", &[1, 2])
                    .bye(),
            ],
        )
        .await;
    mailbox.connect(server.port(), None).await;
    mailbox.sync_well().await;
    server.finish().await.unwrap();
    let storage = mailbox.home.must("storage_get", json!({})).await;
    let original = crate::mailbox::message(1).len() + crate::mailbox::message(2).len();
    let account = &storage["accounts"][0];
    assert_eq!(
        (
            &account["address"],
            &account["messages"],
            &account["original_bytes"]
        ),
        (&json!(ANNA), &json!(2), &json!(original))
    );
    assert!(account["kept_bytes"].as_u64().unwrap() > 0, "{storage}");
    assert!(storage["index_bytes"].as_u64().unwrap() > 0, "{storage}");
    assert!(storage["free_bytes"].as_u64().unwrap() > 0, "{storage}");
    let files: u64 = ["mailroom.db", "mailroom.db-wal"]
        .iter()
        .map(|name| mailbox.home.path().join(name).metadata().unwrap().len())
        .sum();
    assert_eq!(storage["database_bytes"], files);
    let home = mailbox.home.path().display().to_string();
    assert_eq!(storage["home"], home);
    assert_eq!(
        mailbox.home.must("about_get", json!({})).await,
        json!({
            "version": mailroom_engine::VERSION,
            "platform": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            "home": home, "policy": null, "vault": "file",
        })
    );
}

#[tokio::test]
async fn certificate_that_ends_is_in_the_calendar_while_the_server_shows_it() {
    const DAY: std::time::Duration = std::time::Duration::from_hours(24);
    let mut mailbox = Mailbox::new();
    // Ten days before the first of January 2045, on which the certificates of the kit end.
    let ten_days_before = 2_366_841_600_000 - 10 * 86_400_000;
    mailbox.clock.set(UnixMillis(ten_days_before));
    let look = mailbox.signed_in("").followed_by(first_look(1, &[]));
    let shown = Script::new()
        .start_tls(&mailbox.identity)
        .send("* OK [CAPABILITY IMAP4rev1] hello\r\n")
        .command("LOGOUT")
        .send("* BYE\r\n{tag} OK\r\n");
    let server = ScriptServer::start(vec![look, shown]).await.unwrap();
    mailbox.connect(server.port(), None).await;
    mailbox.sync_well().await;
    let ends = async |mailbox: &Mailbox| mailbox.home.must("status_get", json!({})).await["expiries"].clone();
    let end = ends(&mailbox).await[0].clone();
    let subject = format!("localhost:{}", server.port());
    assert_eq!(
        (&end["what"], &end["subject"], &end["days_left"], &end["fixer"]),
        (
            &json!("certificate"),
            &json!(subject),
            &json!(10),
            &json!("provider")
        ),
        "{end}"
    );
    assert_eq!(
        (&end["accounts"], &end["is_near"], &end["is_due"]),
        (&json!([ANNA]), &json!(true), &json!(true))
    );
    // Nobody has seen it for three days: it has perhaps been renewed, and the next start looks.
    mailbox.clock.advance(3 * DAY);
    assert_eq!(ends(&mailbox).await, json!([]));
    mailbox.home.restart().await;
    let mut events = subscribe(&mailbox.home.engine);
    while ends(&mailbox).await == json!([]) {
        events.next().await;
    }
    assert_eq!(ends(&mailbox).await[0]["days_left"], 7);
    server.finish().await.unwrap();
}
