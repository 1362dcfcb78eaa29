//! The OpenID provider of the office.

use mailroom_tests::http;
use mailroom_tests::office::OfficeOptions;
use serde_json::json;
use url::Url;

use super::{ALICE, start};

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
