//! Signing in in the browser, as it goes in real life: two tabs, two mailboxes, late answers, shared mailboxes.

use std::sync::Arc;

use mailroom_api::WireError;
use mailroom_api::dto::EventView;
use mailroom_model::ErrorCode;
use mailroom_policy::Policy;
use mailroom_protocol::{Dialer, Roots, Timeouts};
use mailroom_tests::office::OfficeOptions;
use mailroom_tests::script::{Script, ScriptServer};
use mailroom_tests::{Authority, CertificateKind};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::desk::{ALICE, BOB, Desk, text};

fn desk() -> Desk {
    Desk::with(&OfficeOptions::default())
}

fn payload(desk: &Desk, address: &str) -> Value {
    json!({
        "address": address,
        "imap": format!("localhost:{}:tls", desk.office.imaps_port()),
        "sign_in": {"kind": "oauth", "issuer": desk.office.issuer(), "client_id": desk.office.client_id()},
    })
}

/// A sign-in that runs, and the addresses that it opens.
async fn running(desk: &Desk, payload: Value, urls: mpsc::Sender<String>) -> Result<Value, WireError> {
    let address = text(&payload, "address");
    let adding = desk.home.during(desk.home.call("account_add", payload), |event| {
        match event {
            EventView::SigninOpened { url, address: whose } if whose == address => {
                urls.try_send(url).unwrap();
            }
            _ => {}
        }
        None::<()>
    });
    adding.await.0
}

fn parameter(url: &str, name: &str) -> String {
    let url: url::Url = url.parse().unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn answer_that_comes_again_says_nothing_new_and_one_that_comes_late_is_told() {
    let desk = desk();
    let (urls, mut opened) = mpsc::channel::<String>(1);
    let person = async {
        let url = opened.recv().await.unwrap();
        // Two browsers show the same page; both are finished.
        let (first, second) =
            tokio::join!(desk.office.approve(&url, ALICE), desk.office.approve(&url, ALICE));
        (first.unwrap(), second.unwrap())
    };
    let (added, (first, second)) = tokio::join!(running(&desk, payload(&desk, ALICE), urls), person);
    assert_eq!(added.unwrap()["state"], "working");
    let pages = [&first, &second].map(|landing| landing.page.as_ref().map(|page| page.status));
    assert!(
        pages.contains(&Some(200)),
        "one of the tabs says that it is done: {pages:?}"
    );
    for landing in [first, second] {
        desk.home
            .must("signin_answer", json!({ "text": landing.address }))
            .await;
    }
    // Given up, and finished in the browser all the same.
    let (urls, mut opened) = mpsc::channel::<String>(1);
    let person = async {
        let url = opened.recv().await.unwrap();
        desk.home.must("signin_cancel", json!({"address": BOB})).await;
        let landing = desk.office.approve(&url, BOB).await.unwrap();
        assert_eq!(landing.page, None, "nobody listens any more");
        landing.address
    };
    let (added, late) = tokio::join!(running(&desk, payload(&desk, BOB), urls), person);
    assert_eq!(added.unwrap_err().code, ErrorCode::Cancelled);
    let answer = json!({ "text": late });
    assert_eq!(
        desk.home.fails("signin_answer", answer).await,
        ErrorCode::OauthTimeout
    );
    let foreign = json!({"text": "app.mailroom://oauth/callback?code=c&state=s"});
    assert_eq!(
        desk.home.fails("signin_answer", foreign).await,
        ErrorCode::OauthStateMismatch
    );
}

#[tokio::test]
async fn two_mailboxes_sign_in_at_once_and_each_gets_its_own() {
    let desk = desk();
    let (alice_urls, mut alice) = mpsc::channel::<String>(1);
    let (bob_urls, mut bob) = mpsc::channel::<String>(1);
    let person = async {
        let (first, second) = (alice.recv().await.unwrap(), bob.recv().await.unwrap());
        // The one that was opened last is finished first.
        desk.office.approve(&second, BOB).await.unwrap();
        desk.office.approve(&first, ALICE).await.unwrap();
    };
    let (one, other, ()) = tokio::join!(
        running(&desk, payload(&desk, ALICE), alice_urls),
        running(&desk, payload(&desk, BOB), bob_urls),
        person
    );
    assert_eq!(
        (text(&one.unwrap(), "address"), text(&other.unwrap(), "address")),
        (ALICE.to_owned(), BOB.to_owned())
    );
    desk.sync(ALICE).await;
    desk.sync(BOB).await;
}

#[tokio::test]
async fn second_sign_in_of_a_mailbox_takes_the_place_of_the_first() {
    let desk = desk();
    let (urls, mut opened) = mpsc::channel::<String>(4);
    let again = urls.clone();
    let first = running(&desk, payload(&desk, ALICE), urls);
    let person = async {
        let first_url = opened.recv().await.unwrap();
        let second = running(&desk, payload(&desk, ALICE), again);
        let finishing = async {
            let mut url = opened.recv().await.unwrap();
            while url == first_url {
                url = opened.recv().await.unwrap();
            }
            desk.office.approve(&url, ALICE).await.unwrap();
        };
        tokio::join!(second, finishing).0
    };
    let (first, second) = tokio::join!(first, person);
    assert_eq!(first.unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!(second.unwrap()["state"], "working");
}

#[tokio::test]
async fn link_comes_first_where_the_system_confirms_it_and_the_service_knows_it() {
    let desk = desk();
    let mut own = payload(&desk, ALICE);
    own["sign_in"] = json!({"kind": "oauth", "issuer": desk.office.issuer()});
    for (confirms, expected) in [
        (false, "http://127.0.0.1:"),
        (true, "app.mailroom://oauth/callback"),
    ] {
        desk.home.engine.set_link_check(Arc::new(move || confirms));
        let (urls, mut opened) = mpsc::channel::<String>(1);
        let person = async {
            let url = opened.recv().await.unwrap();
            if confirms {
                let landing = desk.office.approve(&url, ALICE).await.unwrap();
                desk.home
                    .must("signin_answer", json!({ "text": landing.address }))
                    .await;
            } else {
                desk.home.must("signin_cancel", json!({"address": ALICE})).await;
            }
            url
        };
        let (added, url) = tokio::join!(running(&desk, own.clone(), urls), person);
        assert!(parameter(&url, "redirect_uri").starts_with(expected), "{url}");
        match added {
            Ok(account) => assert!(confirms && account["state"] == "working", "{account}"),
            Err(error) => assert!(!confirms && error.code == ErrorCode::Cancelled, "{error:?}"),
        }
    }
    // A client id that a person entered may not have the link.
    let (urls, mut opened) = mpsc::channel::<String>(1);
    let person = async {
        let url = opened.recv().await.unwrap();
        desk.home.must("signin_cancel", json!({"address": BOB})).await;
        url
    };
    let (_, url) = tokio::join!(running(&desk, payload(&desk, BOB), urls), person);
    assert!(
        parameter(&url, "redirect_uri").starts_with("http://127.0.0.1:"),
        "{url}"
    );
}

#[tokio::test]
async fn colleague_of_the_same_organisation_who_is_let_in_ends_the_wait_of_the_others() {
    let desk = desk();
    let (urls, mut opened) = mpsc::channel::<String>(1);
    let person = async {
        let url = opened.recv().await.unwrap();
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let answer = format!(
            "{redirect}?error=access_denied&error_description=AADSTS90094&state={state}&iss={}",
            desk.office.issuer()
        );
        desk.home.must("signin_answer", json!({ "text": answer })).await;
    };
    let (refused, ()) = tokio::join!(running(&desk, payload(&desk, ALICE), urls), person);
    assert_eq!(refused.unwrap_err().code, ErrorCode::OauthAdminConsentNeeded);
    let waiting = async || {
        let accounts = desk.home.must("account_list", json!({})).await;
        let alice = accounts
            .as_array()
            .unwrap()
            .iter()
            .find(|account| account["address"] == ALICE);
        alice.unwrap().clone()
    };
    let before = waiting().await;
    assert_eq!(
        (&before["state"], &before["approval"]["granted_at"]),
        (&json!("waiting-approval"), &Value::Null)
    );
    assert_eq!(
        before["approval"]["url"],
        Value::Null,
        "this service has no such page"
    );
    desk.add_by_oauth(BOB, BOB).await.unwrap();
    assert!(waiting().await["approval"]["granted_at"].as_i64().is_some());
    // It goes on with what was entered: servers, service, client.
    let again = json!({"address": ALICE, "sign_in": {"kind": "oauth"}});
    let signed_in = desk.in_browser("account_signin", again, ALICE).await.unwrap();
    assert_eq!(
        (&signed_in["state"], &signed_in["approval"], &signed_in["auth"]),
        (&json!("working"), &Value::Null, &json!("oauth2"))
    );
    desk.sync(ALICE).await;
}

/// A mail server that opens the mailbox of `user` with any token, and another program's certificate beside the office's.
async fn shared_mailbox(desk: &mut Desk, accepts: &str) -> ScriptServer {
    let authority = Authority::new().unwrap();
    let identity = Arc::new(authority.identity(CertificateKind::Good).unwrap());
    let extra = vec![
        desk.office.ca_der().as_ref().to_vec(),
        authority.der().as_ref().to_vec(),
    ];
    let policy = Policy {
        version: 1,
        ..Policy::default()
    };
    desk.home
        .reopen(policy, |edges| {
            let roots = Roots {
                platform: false,
                extra,
            };
            edges.dialer = Dialer::new(roots, Timeouts::default()).unwrap();
        })
        .await;
    ScriptServer::start(vec![
        Script::new()
            .start_tls(&identity)
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hello\r\n")
            .command_prefix("AUTHENTICATE XOAUTH2 ")
            .send(format!("{{tag}} {accepts}\r\n")),
        Script::new(),
    ])
    .await
    .unwrap()
}

#[tokio::test]
async fn shared_mailbox_is_opened_in_its_own_name_by_whoever_may() {
    let mut desk = desk();
    let server = shared_mailbox(&mut desk, "OK [CAPABILITY IMAP4rev1] welcome").await;
    let mut shared = payload(&desk, ALICE);
    shared["imap"] = json!(format!("localhost:{}:tls", server.port()));
    shared["sign_in"]["sign_in_as"] = json!(BOB);
    // Nobody but the one who was named.
    let refused = desk
        .in_browser("account_add", shared.clone(), "carol@mailroom.test")
        .await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, ErrorCode::OauthWrongMailbox);
    assert_eq!(refused.params["asked"].to_string(), BOB);
    let (urls, mut opened) = mpsc::channel::<String>(1);
    let person = async {
        let url = opened.recv().await.unwrap();
        desk.office.approve(&url, BOB).await.unwrap();
        url
    };
    let (added, url) = tokio::join!(running(&desk, shared, urls), person);
    assert_eq!(parameter(&url, "login_hint"), BOB);
    let added = added.unwrap();
    assert_eq!(
        (&added["address"], &added["signed_in_as"], &added["state"]),
        (&json!(ALICE), &json!(BOB), &json!("working"))
    );
    let said = server.received();
    let said = String::from_utf8_lossy(&said[0]).into_owned();
    let words = said.split("AUTHENTICATE XOAUTH2 ").nth(1).unwrap();
    let words = words.lines().next().unwrap();
    let words = base64_text(words);
    assert!(
        words.starts_with(&format!("user={ALICE}\u{1}auth=Bearer ")),
        "the shared mailbox, with the colleague's token: {words}"
    );
}

fn base64_text(text: &str) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    String::from_utf8(bytes).unwrap()
}
