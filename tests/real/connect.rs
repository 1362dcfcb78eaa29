//! Accounts: added, proved, signed in again, removed.

use mailroom_api::{CancellationToken, Context, dispatch};
use mailroom_model::ErrorCode;
use mailroom_tests::office::OfficeOptions;
use mailroom_tests::{CertificateKind, home::Home};
use serde_json::{Value, json};

use crate::desk::{ALICE, BOB, Desk, text};

#[tokio::test]
async fn account_by_password_is_proved_and_listed() {
    let desk = Desk::new();
    let added = desk.add(ALICE).await;
    assert_eq!(
        (text(&added, "state"), text(&added, "auth")),
        ("working".into(), "password".into())
    );
    let listed = desk.home.must("account_list", json!({})).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["address"], ALICE);
    assert_eq!(
        desk.home.fails("account_add", desk.by_password(ALICE)).await,
        ErrorCode::AccountExists
    );
    assert_eq!(desk.home.vault.count(), 1);
}

#[tokio::test]
async fn account_by_oauth_signs_in_and_renews_a_token_that_was_ended() {
    let desk = Desk::with(&OfficeOptions::default());
    desk.office.sample_mail(ALICE).unwrap();
    let added = desk.add_by_oauth(ALICE, ALICE).await.unwrap();
    assert_eq!(text(&added, "auth"), "oauth2");
    desk.sync(ALICE).await;
    let access = access_token(&desk).await;
    desk.office.oidc_kill_access(&access).unwrap();
    desk.sync(ALICE).await;
    assert_ne!(access_token(&desk).await, access, "the ended token was renewed");
}

/// The access token in the vault.
async fn access_token(desk: &Desk) -> String {
    use mailroom_vault::{SecretKey, SecretPurpose, Vault};
    let kept = desk
        .home
        .vault
        .get(&SecretKey::new(ALICE, SecretPurpose::OauthTokens))
        .await
        .unwrap()
        .unwrap();
    let tokens: Value = serde_json::from_str(kept.expose()).unwrap();
    text(&tokens, "access_token")
}

#[tokio::test]
async fn two_programs_renew_one_grant_once() {
    let desk = Desk::with(&OfficeOptions::default());
    desk.add_by_oauth(ALICE, ALICE).await.unwrap();
    let twin = Context {
        engine: desk.home.twin(),
        cancel: CancellationToken::new(),
    };
    // The provider rotates refresh tokens: showing an old one a second time would end the grant.
    for _ in 0..3 {
        let token = access_token(&desk).await;
        desk.office.oidc_kill_access(&token).unwrap();
        let own = desk.home.call("account_test", json!({"address": ALICE}));
        let other = dispatch(&twin, "account_test", json!({"address": ALICE}));
        let (own, other) = tokio::join!(own, other);
        assert_eq!(own.unwrap()["passed"], true);
        assert_eq!(other.unwrap()["passed"], true);
    }
}

#[tokio::test]
async fn address_added_twice_at_once_is_one_account_with_its_own_secret() {
    let desk = Desk::new();
    let payload = desk.by_password(ALICE);
    let (first, second) = tokio::join!(
        desk.home.call("account_add", payload.clone()),
        desk.home.call("account_add", payload)
    );
    let codes: Vec<ErrorCode> = [first, second]
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.code)
        .collect();
    assert_eq!(codes, [ErrorCode::AccountExists]);
    assert_eq!(desk.home.vault.count(), 1);
    desk.sync(ALICE).await;
}

#[tokio::test]
async fn other_way_of_signing_in_leaves_no_secret_of_the_old_one() {
    let desk = Desk::with(&OfficeOptions::default());
    desk.add_by_oauth(ALICE, ALICE).await.unwrap();
    let payload = json!({"address": ALICE, "sign_in": {"kind": "password", "password": "alice-pw"}});
    let again = desk.home.must("account_signin", payload).await;
    assert_eq!(text(&again, "auth"), "password");
    assert_eq!(desk.home.vault.count(), 1);
    desk.sync(ALICE).await;
}

#[tokio::test]
async fn another_mailbox_than_asked_for_is_refused_and_nothing_is_kept() {
    let desk = Desk::with(&OfficeOptions::default());
    let error = desk.add_by_oauth(ALICE, BOB).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::OauthWrongMailbox);
    assert_eq!(
        (
            error.params["asked"].to_string(),
            error.params["signed_in"].to_string()
        ),
        (ALICE.into(), BOB.into())
    );
    assert_eq!(desk.home.must("account_list", json!({})).await, json!([]));
    assert_eq!(desk.home.vault.count(), 0);
}

#[tokio::test]
async fn ended_grant_asks_to_sign_in_again_and_keeps_the_mail() {
    let desk = Desk::with(&OfficeOptions::default());
    desk.office.sample_mail(ALICE).unwrap();
    desk.add_by_oauth(ALICE, ALICE).await.unwrap();
    let loaded = desk.sync(ALICE).await["added"].as_i64().unwrap();
    // The provider forgets everything with its process's memory only; ending the access token and refusing the refresh
    // is what a revoked grant looks like.
    desk.office.oidc_kill_access(&access_token(&desk).await).unwrap();
    desk.office
        .oidc_set(&json!({"failToken": {"count": 1, "status": 400, "body": {"error": "invalid_grant"}}}))
        .unwrap();
    let reports = desk.home.must("sync_run", json!({"address": ALICE})).await;
    assert_eq!(reports[0]["error"]["code"], "sign_in_again", "{}", reports[0]);
    let account = &desk.home.must("account_list", json!({})).await[0];
    assert_eq!(account["state"], "sign-in-needed");
    assert_eq!(account["messages"], loaded);
    let payload = json!({"address": ALICE, "sign_in": {"kind": "oauth"}});
    let again = desk.in_browser("account_signin", payload, ALICE).await.unwrap();
    assert_eq!(again["state"], "working");
    let report = desk.sync(ALICE).await;
    assert_eq!(
        (report["added"].as_i64(), report["removed"].as_i64()),
        (Some(0), Some(0)),
        "nothing was loaded twice"
    );
}

#[tokio::test]
async fn eight_proofs_pass_and_the_first_that_fails_has_its_reason() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    let report = desk.home.must("account_test", json!({"address": ALICE})).await;
    let results: Vec<(String, String)> = report["proofs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|proof| (text(proof, "proof"), text(proof, "result")))
        .collect();
    let passed = |name: &str| (name.to_owned(), "passed".to_owned());
    let names = [
        "name-lookup",
        "tls",
        "imap-sign-in",
        "folder-list",
        "read-header",
        "smtp-sign-in",
        "right-to-send",
        "push",
    ];
    assert_eq!(results, names.map(passed), "{report}");
    desk.office.stop_imap();
    let report = desk.home.must("account_test", json!({"address": ALICE})).await;
    assert_eq!(report["passed"], false);
    assert_eq!(
        report["proofs"][1]["error"]["code"], "connect_refused",
        "{report}"
    );
}

#[tokio::test]
async fn wrong_password_and_bad_certificates_have_their_own_codes() {
    let desk = Desk::new();
    let mut wrong = desk.by_password(ALICE);
    wrong["sign_in"]["password"] = json!("guess");
    assert_eq!(desk.home.fails("account_add", wrong).await, ErrorCode::AuthFailed);
    let stranger = Home::new(mailroom_tests::Authority::new().unwrap().der().as_ref());
    assert_eq!(
        stranger.fails("account_add", desk.by_password(ALICE)).await,
        ErrorCode::TlsCertificateInvalid
    );
    for (certificate, code) in [
        (CertificateKind::Expired, ErrorCode::TlsCertificateExpired),
        (CertificateKind::WrongHost, ErrorCode::TlsCertificateWrongHost),
        (CertificateKind::SelfSigned, ErrorCode::TlsCertificateInvalid),
    ] {
        let bad = Desk::with(&OfficeOptions {
            certificate,
            oidc: false,
            ..OfficeOptions::default()
        });
        assert_eq!(
            bad.home.fails("account_add", bad.by_password(ALICE)).await,
            code,
            "{certificate:?}"
        );
    }
}

#[tokio::test]
async fn bad_input_is_told_apart() {
    let home = Home::new(mailroom_tests::Authority::new().unwrap().der().as_ref());
    let add = |address: &str, imap: Option<&str>| json!({"address": address, "imap": imap, "sign_in": {"kind": "password", "password": "x"}});
    let cases = [
        ("account_add", add("nobody", None), ErrorCode::AddressInvalid),
        (
            "account_add",
            add("a@nowhere.test", None),
            ErrorCode::ProviderUnknown,
        ),
        (
            "account_add",
            add("a@tuta.com", None),
            ErrorCode::ProviderWithoutImap,
        ),
        (
            "account_add",
            add("a@nowhere.test", Some("imap.nowhere.test")),
            ErrorCode::InputInvalid,
        ),
        (
            "account_add",
            add("a@nowhere.test", Some("does-not-exist.invalid:993:tls")),
            ErrorCode::NameNotFound,
        ),
        (
            "account_test",
            json!({"address": "a@nowhere.test"}),
            ErrorCode::AccountMissing,
        ),
        (
            "account_remove",
            json!({"address": "a@nowhere.test"}),
            ErrorCode::AccountMissing,
        ),
        ("message_show", json!({"id": 1}), ErrorCode::MessageMissing),
        ("message_list", json!({"limit": 0}), ErrorCode::InputInvalid),
        ("message_list", json!({"folder": "x"}), ErrorCode::FolderMissing),
        (
            "message_inspect",
            json!({"path": "/nonexistent.eml"}),
            ErrorCode::FileUnreadable,
        ),
        ("account_add", json!({"address": 1}), ErrorCode::InputInvalid),
        ("no_such_command", json!({}), ErrorCode::CommandUnknown),
    ];
    for (command, payload, code) in cases {
        assert_eq!(
            home.fails(command, payload.clone()).await,
            code,
            "{command} {payload}"
        );
    }
}

#[tokio::test]
async fn removed_account_leaves_nothing_here_and_everything_there() {
    let desk = Desk::with(&OfficeOptions::default());
    desk.office.sample_mail(ALICE).unwrap();
    desk.add_by_oauth(ALICE, ALICE).await.unwrap();
    desk.sync(ALICE).await;
    let on_server = desk.count(ALICE, "INBOX");
    let receipt = desk.home.must("account_remove", json!({"address": ALICE})).await;
    assert_eq!(
        (&receipt["revoked"], &receipt["secrets_removed"]),
        (&json!(true), &json!(true)),
        "{receipt}"
    );
    assert!(receipt["messages"].as_i64().unwrap() > 0);
    assert_eq!(desk.home.vault.count(), 0);
    assert_eq!(desk.home.must("account_list", json!({})).await, json!([]));
    assert_eq!(desk.search("the").await, Vec::<String>::new());
    assert_eq!(desk.count(ALICE, "INBOX"), on_server);
}

#[tokio::test]
async fn database_from_the_future_is_refused_and_left_alone() {
    let desk = Desk::new();
    desk.add(ALICE).await;
    let mut home = desk.home;
    home.engine.close().await;
    let file = home.path().join("mailroom.db");
    // The user version is the big-endian number at offset 60 of the header (SQLite file format §1.3).
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[60..64].copy_from_slice(&9999_u32.to_be_bytes());
    std::fs::write(&file, &bytes).unwrap();
    home.restart().await;
    assert_eq!(
        home.fails("account_list", json!({})).await,
        ErrorCode::StoreTooNew
    );
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[tokio::test]
async fn client_is_registered_by_itself_where_the_issuer_lets_it() {
    let desk = Desk::with(&OfficeOptions::default());
    let payload = json!({
        "address": ALICE,
        "imap": format!("localhost:{}:tls", desk.office.imaps_port()),
        "sign_in": {"kind": "oauth", "issuer": desk.office.issuer()},
    });
    let added = desk.in_browser("account_add", payload, ALICE).await.unwrap();
    assert_eq!(text(&added, "auth"), "oauth2");
    desk.office.oidc_kill_access(&access_token(&desk).await).unwrap();
    desk.sync(ALICE).await;
    let registrations = desk.office.oidc_log().unwrap();
    let registrations = registrations
        .iter()
        .filter(|request| request["path"] == "/reg")
        .count();
    assert_eq!(registrations, 1, "the registration was kept and used again");
}

#[tokio::test]
async fn sign_in_comes_back_by_link_where_the_issuer_keeps_nothing_else() {
    let desk = Desk::with(&OfficeOptions::default());
    desk.office
        .oidc_set(&json!({"keepRedirects": "app.mailroom:"}))
        .unwrap();
    let payload = json!({
        "address": ALICE,
        "imap": format!("localhost:{}:tls", desk.office.imaps_port()),
        "sign_in": {"kind": "oauth", "issuer": desk.office.issuer()},
    });
    let added = desk.in_browser("account_add", payload, ALICE).await.unwrap();
    assert_eq!(text(&added, "auth"), "oauth2");
    // The client is known by now, and with it that only the link reaches it.
    let again = json!({"address": ALICE, "sign_in": {"kind": "oauth"}});
    let again = desk.in_browser("account_signin", again, ALICE).await.unwrap();
    assert_eq!(text(&again, "state"), "working");
    desk.sync(ALICE).await;
}

#[tokio::test]
async fn pasted_answers_are_believed_only_with_the_right_state() {
    use mailroom_api::dto::EventView;
    let desk = Desk::with(&OfficeOptions::default());
    let nobody = desk
        .home
        .fails(
            "signin_answer",
            json!({"text": "https://x.example/?code=1&state=2"}),
        )
        .await;
    assert_eq!(nobody, ErrorCode::OauthStateMismatch);
    let payload = json!({
        "address": ALICE,
        "imap": format!("localhost:{}:tls", desk.office.imaps_port()),
        "sign_in": {"kind": "oauth", "issuer": desk.office.issuer(), "client_id": desk.office.client_id()},
    });
    let (urls, mut opened) = tokio::sync::mpsc::channel(1);
    let adding = desk.home.during(desk.home.call("account_add", payload), |event| {
        if let EventView::SigninOpened { url, .. } = event {
            urls.try_send(url).unwrap();
        }
        None::<()>
    });
    let person = async {
        let url: url::Url = opened.recv().await.unwrap().parse().unwrap();
        let parameter = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .unwrap()
                .1
                .into_owned()
        };
        let (redirect, state, issuer) = (
            parameter("redirect_uri"),
            parameter("state"),
            desk.office.issuer(),
        );
        let forged = format!("{redirect}?error=access_denied&state=forged&iss={issuer}");
        assert_eq!(
            desk.home.fails("signin_answer", json!({"text": forged})).await,
            ErrorCode::OauthStateMismatch
        );
        let refused = format!("{redirect}?error=access_denied&state={state}&iss={issuer}");
        desk.home.must("signin_answer", json!({"text": refused})).await;
    };
    let ((result, _), ()) = tokio::join!(adding, person);
    assert_eq!(result.unwrap_err().code, ErrorCode::OauthDenied);
    assert_eq!(desk.home.vault.count(), 0);
}

#[tokio::test]
async fn sign_in_given_up_ends_cancelled_and_keeps_nothing() {
    use mailroom_api::dto::EventView;
    let desk = Desk::with(&OfficeOptions::default());
    desk.home.must("signin_cancel", json!({"address": ALICE})).await;
    let payload = json!({
        "address": ALICE,
        "imap": format!("localhost:{}:tls", desk.office.imaps_port()),
        "sign_in": {"kind": "oauth", "issuer": desk.office.issuer(), "client_id": desk.office.client_id()},
    });
    let (opened, mut waits) = tokio::sync::mpsc::channel(1);
    let adding = desk.home.during(desk.home.call("account_add", payload), |event| {
        if let EventView::SigninOpened { .. } = event {
            opened.try_send(()).unwrap();
        }
        None::<()>
    });
    let person = async {
        waits.recv().await.unwrap();
        desk.home.must("signin_cancel", json!({"address": BOB})).await;
        desk.home.must("signin_cancel", json!({"address": ALICE})).await;
    };
    let ((result, _), ()) = tokio::join!(adding, person);
    assert_eq!(result.unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!(desk.home.vault.count(), 0);
    assert_eq!(desk.home.must("account_list", json!({})).await, json!([]));
}

/// The configuration of a domain that lives on this machine, as its web server publishes it.
#[derive(Debug)]
struct Configuration(String);

#[async_trait::async_trait]
impl mailroom_connect::Web for Configuration {
    async fn get(&self, url: &url::Url) -> Result<mailroom_connect::WebAnswer, mailroom_connect::HttpError> {
        let is_there = url.host_str() == Some("autoconfig.office.localhost");
        Ok(mailroom_connect::WebAnswer {
            status: if is_there { 200 } else { 404 },
            body: self.0.clone().into_bytes(),
            ..mailroom_connect::WebAnswer::default()
        })
    }
}

#[tokio::test]
async fn configuration_with_an_issuer_and_scopes_leads_to_a_sign_in_that_registers_itself() {
    const EVA: &str = "eva@office.localhost";
    let mut desk = Desk::with(&OfficeOptions {
        users: vec![(EVA.to_owned(), "eva-pw".to_owned())],
        ..OfficeOptions::default()
    });
    let configuration = format!(
        "<clientConfig version=\"1.2\"><emailProvider id=\"office\"><incomingServer type=\"imap\">\
         <hostname>localhost</hostname><port>{}</port><socketType>SSL</socketType>\
         <authentication>OAuth2</authentication><username>%EMAILADDRESS%</username></incomingServer></emailProvider>\
         <oAuth2><issuer>{}</issuer><scope>mail openid email offline_access</scope></oAuth2></clientConfig>",
        desk.office.imaps_port(),
        desk.office.issuer()
    );
    let policy = mailroom_policy::Policy::parse(r#"{"version":1}"#, "p").unwrap();
    desk.home
        .reopen(policy, |edges| {
            edges.web = std::sync::Arc::new(Configuration(configuration));
        })
        .await;
    let found = desk.home.must("account_detect", json!({"address": EVA})).await;
    let best = &found["candidates"][0];
    assert_eq!(best["auth"][0]["method"], "oauth2");
    assert_eq!(
        best["auth"].as_array().unwrap().len(),
        1,
        "there are no passwords"
    );
    assert_eq!(best["confirmed"], false);
    let mut payload = json!({"address": EVA, "sign_in": {"kind": "oauth"}});
    // A token of a service that only the configuration names goes nowhere unasked.
    assert_eq!(
        desk.home.fails("account_add", payload.clone()).await,
        ErrorCode::ServersUnconfirmed
    );
    payload["approved_servers"] = best["imap"].clone();
    let added = desk.in_browser("account_add", payload, EVA).await.unwrap();
    assert_eq!(text(&added, "auth"), "oauth2");
    let registered = desk.office.oidc_log().unwrap();
    assert!(
        registered.iter().any(|request| request["path"] == "/reg"),
        "{registered:?}"
    );
    desk.sync(EVA).await;
    // Signing in again asks for the same.
    let again = json!({"address": EVA, "sign_in": {"kind": "oauth"}});
    desk.in_browser("account_signin", again, EVA).await.unwrap();
    desk.sync(EVA).await;
}

#[tokio::test]
async fn fresh_sign_in_that_the_server_does_not_take_is_no_ended_one() {
    let desk = Desk::with(&OfficeOptions {
        // What the sign-in asks for does not open the mailbox.
        token_scope: "https://mail.google.com/".to_owned(),
        ..OfficeOptions::default()
    });
    let refused = desk.add_by_oauth(ALICE, ALICE).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AuthTokenRefused, "{refused:?}");
    assert_eq!(refused.params["host"].to_string(), "localhost");
    assert_eq!(desk.home.vault.count(), 0, "nothing is kept");
}
