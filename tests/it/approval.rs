//! Accounts that wait until their administrator has allowed the program.

use std::sync::Arc;

use async_trait::async_trait;
use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_connect::{HttpError, Web, WebAnswer};
use mailroom_model::ErrorCode;
use mailroom_policy::Policy;
use mailroom_tests::eventually;
use mailroom_tests::script::{Script, ScriptServer};
use serde_json::{Value, json};
use url::Url;

use crate::mailbox::{ANNA, Mailbox};
use crate::settings::{rested, watch};

const GUID: &str = "0a1b2c3d-0123-4567-89ab-0123456789ab";
const TENANT: &str = "9a1b2c3d-0123-4567-89ab-0123456789ab";
const OFFICE: &str = "office@firma.example";

/// Microsoft's metadata of one domain; nobody else says anything.
#[derive(Debug)]
struct Metadata;

#[async_trait]
impl Web for Metadata {
    async fn get(&self, url: &Url) -> Result<WebAnswer, HttpError> {
        let known = "https://login.microsoftonline.com/firma.example/v2.0/.well-known/openid-configuration";
        let token = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
        Ok(WebAnswer {
            status: if url.as_str() == known { 200 } else { 404 },
            body: json!({ "token_endpoint": token }).to_string().into_bytes(),
            ..WebAnswer::default()
        })
    }
}

/// A home in which firma.example is a customer of Microsoft's, and the person has a registration there.
async fn home() -> Mailbox {
    let mut mailbox = Mailbox::new();
    mailbox
        .home
        .reopen(policy(), |edges| edges.web = Arc::new(Metadata))
        .await;
    let own = json!({"label": "Ours", "service": "microsoft", "client_id": GUID});
    mailbox.home.must("registration_save", own).await;
    mailbox
}

fn policy() -> Policy {
    Policy {
        version: 1,
        domains: [("firma.example".to_owned(), "m365".to_owned())].into(),
        ..Policy::default()
    }
}

/// What happened, oldest first, and how often in a row.
async fn journal(mailbox: &Mailbox) -> Vec<String> {
    let journals = mailbox.home.must("journal_get", json!({})).await;
    let entries = journals[0]["entries"].as_array().unwrap().iter().rev();
    entries
        .map(|entry| format!("{} {}", entry["kind"].as_str().unwrap(), entry["times"]))
        .collect()
}

fn parameter(url: &str, name: &str) -> String {
    let url: Url = url.parse().unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Calls a command that opens the browser, and answers there with these parameters.
async fn answered(
    mailbox: &Mailbox,
    command: &str,
    payload: Value,
    answer: &str,
) -> (Result<Value, mailroom_api::WireError>, String) {
    let (urls, mut opened) = tokio::sync::mpsc::channel(1);
    let calling = mailbox.home.during(mailbox.home.call(command, payload), |event| {
        if let EventView::SigninOpened { url, .. } = event {
            urls.try_send(url).unwrap();
        }
        None::<()>
    });
    let person = async {
        let url = opened.recv().await.unwrap();
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let landing: Url = format!("{redirect}?state={state}&{answer}").parse().unwrap();
        // As the browser does: over the port that listens.
        let landed = tokio::task::spawn_blocking(move || mailroom_tests::http::get(&landing, &[]));
        landed.await.unwrap().unwrap();
        url
    };
    tokio::pin!(calling, person);
    let mut shown = String::new();
    loop {
        tokio::select! {
            (result, _) = &mut calling => return (result, shown),
            url = &mut person, if shown.is_empty() => shown = url,
        }
    }
}

const NEEDS_ADMIN: &str = "error=access_denied&error_description=AADSTS90094%3A+admin+consent+is+required";

fn add(address: &str) -> Value {
    json!({"address": address, "sign_in": {"kind": "oauth"}, "period": "month"})
}

#[tokio::test]
async fn account_that_needs_its_administrator_is_kept_waiting_with_the_right_link() {
    let mut mailbox = home().await;
    let (refused, _) = answered(&mailbox, "account_add", add(OFFICE), NEEDS_ADMIN).await;
    let refused = refused.unwrap_err();
    let link = format!("https://login.microsoftonline.com/{TENANT}/adminconsent?client_id={GUID}");
    assert_eq!(refused.code, ErrorCode::OauthAdminConsentNeeded);
    assert_eq!(refused.params["url"].to_string(), link);
    let account = mailbox.home.must("account_list", json!({})).await[0].clone();
    assert_eq!(
        (&account["state"], &account["period"], &account["auth"]),
        (&json!("waiting-approval"), &json!("month"), &Value::Null),
        "{account}"
    );
    let approval = &account["approval"];
    assert_eq!(
        (
            &approval["url"],
            &approval["tenant"],
            &approval["aadsts"],
            &approval["service"],
            &approval["client_id"],
            &approval["returns"],
            &approval["granted_at"]
        ),
        (
            &json!(link),
            &json!(TENANT),
            &json!(90094),
            &json!("microsoft"),
            &json!(GUID),
            &json!(true),
            &Value::Null
        ),
        "{approval}"
    );
    assert!(
        approval["scopes"]
            .as_array()
            .unwrap()
            .contains(&json!("https://outlook.office.com/IMAP.AccessAsUser.All"))
    );
    assert_eq!(account["error"]["code"], "oauth_admin_consent_needed");
    assert_eq!(mailbox.home.vault.count(), 0);
    assert_eq!(journal(&mailbox).await, ["approval_awaited 1"]);

    // It is a real state: another program sees it, nothing is looked at, and a second attempt begins anew.
    mailbox.home.reopen(policy(), |_| {}).await;
    let status = mailbox.home.must("status_get", json!({})).await;
    assert_eq!(status["accounts"][0]["account"]["state"], "waiting-approval");
    assert_eq!(mailbox.sync().await["error"]["code"], "sign_in_again");
    let set_up = json!({"address": OFFICE, "setup_done": true});
    mailbox.home.must("account_update", set_up).await;
    let seen = watch(&mailbox, |event| rested(event, "manual")).await;
    assert_eq!(seen, ["manual"], "it is not looked at");
    let account = mailbox.home.must("account_list", json!({})).await[0].clone();
    assert_eq!(account["error"]["code"], "oauth_admin_consent_needed");
    assert_eq!(account["condition"], "needs-administrator");
    let again = json!({"address": OFFICE, "sign_in": {"kind": "oauth"}});
    let (refused, url) = answered(&mailbox, "account_signin", again, NEEDS_ADMIN).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::OauthAdminConsentNeeded);
    assert_eq!(parameter(&url, "client_id"), GUID);
    assert_eq!(parameter(&url, "prompt"), "select_account");
    assert_eq!(parameter(&url, "login_hint"), OFFICE);
    let after = mailbox.home.must("account_list", json!({})).await[0].clone();
    assert_eq!(
        after["approval"]["since"], approval["since"],
        "it waits as long as before"
    );
    assert_eq!(
        journal(&mailbox).await,
        ["approval_awaited 2"],
        "that it was not looked at is no failure"
    );
    let removed = mailbox
        .home
        .must("account_remove", json!({"address": OFFICE}))
        .await;
    assert_eq!(removed["complete"], true, "{removed}");
    assert_eq!(mailbox.home.must("account_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn person_who_refuses_waits_for_nobody() {
    let mailbox = home().await;
    for answer in [
        "error=access_denied",
        "error=consent_required&error_description=AADSTS65004%3A+declined",
    ] {
        let (refused, _) = answered(&mailbox, "account_add", add(OFFICE), answer).await;
        assert_eq!(refused.unwrap_err().code, ErrorCode::OauthDenied, "{answer}");
    }
    assert_eq!(mailbox.home.must("account_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn page_that_asked_the_person_for_an_administrator_leads_to_the_same() {
    let mailbox = home().await;
    let waiting = mailbox.home.must("approval_ask", add(OFFICE)).await;
    assert_eq!(
        (
            &waiting["state"],
            &waiting["approval"]["aadsts"],
            &waiting["approval"]["tenant"]
        ),
        (&json!("waiting-approval"), &json!(0), &json!(TENANT)),
        "{waiting}"
    );
    let by_password = json!({"address": OFFICE, "sign_in": {"kind": "password", "password": "x"}});
    assert_eq!(
        mailbox.home.fails("approval_ask", by_password).await,
        ErrorCode::InputInvalid
    );
}

#[tokio::test]
async fn administrator_in_front_of_the_screen_is_sent_back_and_the_wait_can_end() {
    let mailbox = home().await;
    mailbox.home.must("approval_ask", add(OFFICE)).await;
    let payload = json!({"address": OFFICE});
    let (refused, _) = answered(&mailbox, "approval_open", payload.clone(), "admin_consent=False").await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::OauthDenied);
    let answer = format!("admin_consent=True&tenant={TENANT}");
    let (allowed, url) = answered(&mailbox, "approval_open", payload, &answer).await;
    assert!(
        url.starts_with(&format!(
            "https://login.microsoftonline.com/{TENANT}/adminconsent?client_id={GUID}&redirect_uri=http%3A%2F%2Flocalhost%3A"
        )),
        "{url}"
    );
    let allowed = allowed.unwrap();
    assert_eq!(
        (&allowed["state"], &allowed["error"]["code"]),
        (&json!("sign-in-needed"), &json!("oauth_approval_granted")),
        "it is the person's turn: {allowed}"
    );
    assert!(allowed["approval"]["granted_at"].as_i64().is_some(), "{allowed}");
    assert_eq!(
        journal(&mailbox).await,
        ["approval_awaited 1", "approval_granted 1"]
    );
}

#[tokio::test]
async fn grant_of_before_that_renews_again_ends_the_wait_by_itself() {
    let mut mailbox = Mailbox::new();
    let tokens = json!({"access_token": "new", "token_type": "Bearer", "expires_in": 3600}).to_string();
    let answer = |status: &str, body: &str| {
        Script::new().request("POST /token").send(format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
    };
    let issuer = ScriptServer::start(vec![
        answer(
            "400 Bad Request",
            r#"{"error":"invalid_grant","error_description":"AADSTS65001: x"}"#,
        ),
        answer("200 OK", &tokens),
    ])
    .await
    .unwrap();
    mailbox.connect_by_token(1, issuer.port()).await;
    let store = mailroom_store::Store::open(&mailbox.home.path().join("mailroom.db"))
        .await
        .unwrap();
    let account = store.accounts().list().await.unwrap().remove(0);
    let mut options = account.options;
    options["approval"] = json!({
        "since": 1, "tried_at": 1, "service": "google", "client_id": "client", "scopes": ["mail"],
    });
    store.accounts().set_options(account.id, &options).await.unwrap();
    store
        .accounts()
        .set_state(account.id, mailroom_model::AccountState::SignInNeeded, None)
        .await
        .unwrap();
    store.close().await;
    let state = async |mailbox: &Mailbox| {
        let accounts = mailbox.home.must("account_list", json!({})).await;
        accounts[0]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(&mailbox).await, "waiting-approval");
    // The first start finds that it is still not allowed.
    eventually("the question of the first start", async || {
        issuer.received().first().is_some_and(|said| !said.is_empty())
    })
    .await;
    mailbox.home.restart().await;
    eventually("the account works", async || state(&mailbox).await == "working").await;
    issuer.finish().await.unwrap();
    let account = mailbox.home.must("account_list", json!({})).await[0].clone();
    assert_eq!(
        (&account["address"], &account["approval"]),
        (&json!(ANNA), &Value::Null)
    );
    eventually("both in the journal", async || {
        journal(&mailbox).await == ["approval_granted 1", "signed_in 1"]
    })
    .await;
}

#[tokio::test]
async fn registration_of_one_organisation_is_not_left_for_the_choice_of_a_kind_of_account() {
    let mailbox = home().await;
    let known = mailbox.home.must("registration_list", json!({})).await[0]["id"].clone();
    let own = json!({
        "id": known, "label": "Ours", "service": "microsoft", "client_id": GUID, "tenant": "firma.example",
    });
    mailbox.home.must("registration_save", own).await;
    let tenant_of = async |mailbox: &Mailbox, tenant: Option<&str>| {
        let cancel = CancellationToken::new();
        let mut payload = add(OFFICE);
        payload["sign_in"]["tenant"] = json!(tenant);
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
        let url: Url = urls[0].parse().unwrap();
        url.path_segments().unwrap().next().unwrap().to_owned()
    };
    assert_eq!(tenant_of(&mailbox, Some("consumers")).await, "firma.example");
    assert_eq!(tenant_of(&mailbox, None).await, "firma.example");
    assert_eq!(tenant_of(&mailbox, Some(TENANT)).await, TENANT);
}
