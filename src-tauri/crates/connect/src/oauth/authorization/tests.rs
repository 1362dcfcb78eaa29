//! The address for the browser, and answers that are believed or not.

use mailroom_model::{Coded, ErrorCode};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::oauth::{CUSTOM_SCHEME_REDIRECT, builtin_profile};

/// Bytes that count, so that every value is known and none is like another.
pub(crate) fn counting() -> impl FnMut(&mut [u8]) {
    let mut next = 0_u8;
    move |bytes| {
        for byte in bytes {
            *byte = next;
            next = next.wrapping_add(1);
        }
    }
}

pub(crate) fn registration() -> Registration {
    Registration {
        client_id: "client 1".to_owned(),
        client_secret: None,
        tenant: None,
        secret_ends_at: None,
    }
}

fn begin(key: &str, redirect: &str) -> Authorization {
    let profile = builtin_profile(key, None).unwrap();
    Authorization::begin(
        &profile,
        &registration(),
        redirect.to_owned(),
        None,
        &mut counting(),
    )
    .unwrap()
}

fn bytes(range: std::ops::Range<u8>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(range.collect::<Vec<u8>>())
}

#[test]
fn authorisation_address_is_exact() {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(bytes(32..96).as_bytes()));
    let hint: EmailAddress = "anna+x@example.com".parse().unwrap();
    let address = |key: &str, redirect: &str| {
        let profile = builtin_profile(key, None).unwrap();
        Authorization::begin(
            &profile,
            &registration(),
            redirect.to_owned(),
            Some(&hint),
            &mut counting(),
        )
        .unwrap()
        .url()
        .to_string()
    };
    let (state, nonce) = (bytes(0..32), bytes(96..128));
    assert_eq!(state.len(), 43);
    assert_eq!(
        address("google", "http://127.0.0.1:1234"),
        format!(
            "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=client+1&state={state}\
             &code_challenge={challenge}&code_challenge_method=S256\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A1234\
             &scope=https%3A%2F%2Fmail.google.com%2F+openid+email\
             &access_type=offline&prompt=consent+select_account&nonce={nonce}&login_hint=anna%2Bx%40example.com"
        )
    );
    assert_eq!(
        address("microsoft", "http://localhost:1234"),
        format!(
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?response_type=code&client_id=client+1\
             &state={state}&code_challenge={challenge}&code_challenge_method=S256\
             &redirect_uri=http%3A%2F%2Flocalhost%3A1234\
             &scope=https%3A%2F%2Foutlook.office.com%2FIMAP.AccessAsUser.All\
             +https%3A%2F%2Foutlook.office.com%2FSMTP.Send+offline_access+openid+profile+email\
             &prompt=select_account&nonce={nonce}&login_hint=anna%2Bx%40example.com"
        )
    );
    let device = bytes(96..112);
    assert_eq!(
        address("yandex", "http://localhost:1234"),
        format!(
            "https://oauth.yandex.com/authorize?response_type=code&client_id=client+1&state={state}\
             &code_challenge={challenge}&code_challenge_method=S256\
             &redirect_uri=http%3A%2F%2Flocalhost%3A1234&scope=mail%3Aimap_full+mail%3Asmtp\
             &force_confirm=yes&device_name=Mailroom&device_id={device}&login_hint=anna%2Bx%40example.com"
        )
    );
}

#[test]
fn authorisation_shows_no_secret() {
    let authorization = begin("google", "http://127.0.0.1:1234");
    let shown = format!("{authorization:?}");
    assert!(!shown.contains(&bytes(32..96)));
    assert!(shown.contains("verifier: [secret]"));
}

#[test]
fn authorisation_without_client_or_redirect_is_refused() {
    let profile = builtin_profile("google", None).unwrap();
    let nobody = Registration {
        client_id: " ".to_owned(),
        ..registration()
    };
    let error = Authorization::begin(
        &profile,
        &nobody,
        "http://127.0.0.1:1".to_owned(),
        None,
        &mut counting(),
    );
    assert!(matches!(error, Err(OAuthError::Input { field: "client_id" })));
    let error = Authorization::begin(
        &profile,
        &registration(),
        "nowhere".to_owned(),
        None,
        &mut counting(),
    );
    assert!(matches!(
        error,
        Err(OAuthError::Input {
            field: "redirect_uri"
        })
    ));
}

#[test]
fn answer_is_believed_only_if_it_is_ours() {
    let state = bytes(0..32);
    let mut wrong = state.clone();
    wrong.pop();
    wrong.push('A');
    let google = "iss=https%3A%2F%2Faccounts.google.com";
    let ms = "http://localhost:1234";
    let g = "http://127.0.0.1:1234";
    let cases: Vec<(&str, &str, String, Result<&str, ErrorCode>)> = vec![
        (
            "google",
            g,
            format!("{g}/?state={state}&{google}&code=c1"),
            Ok("c1"),
        ),
        (
            "google",
            g,
            format!("{g}?state={state}&{google}&code=c1"),
            Ok("c1"),
        ),
        (
            "google",
            g,
            format!("?code=4%2F0c&{google}&state={state}"),
            Ok("4/0c"),
        ),
        (
            "google",
            g,
            format!("{g}/?state={state}&code=c1"),
            Err(ErrorCode::OauthIssuerMismatch),
        ),
        (
            "google",
            g,
            format!("{g}/?state={state}&code=c1&iss=https%3A%2F%2Fevil.example"),
            Err(ErrorCode::OauthIssuerMismatch),
        ),
        (
            "google",
            g,
            format!("{g}/?state={state}&code=c1&iss=https%3A%2F%2Faccounts.google.com%2F"),
            Err(ErrorCode::OauthIssuerMismatch),
        ),
        (
            "google",
            g,
            format!("{g}/?state={wrong}&{google}&code=c1"),
            Err(ErrorCode::OauthStateMismatch),
        ),
        (
            "google",
            g,
            format!("{g}/?{google}&code=c1"),
            Err(ErrorCode::OauthStateMismatch),
        ),
        (
            "google",
            g,
            format!("{g}/?state=&{google}&code=c1"),
            Err(ErrorCode::OauthStateMismatch),
        ),
        (
            "google",
            g,
            format!("{g}/?state={state}&{google}"),
            Err(ErrorCode::OauthServerError),
        ),
        (
            "google",
            g,
            format!("{g}/?state={state}&{google}&code="),
            Err(ErrorCode::OauthServerError),
        ),
        (
            "google",
            g,
            format!("http://127.0.0.1:99/?state={state}&{google}&code=c1"),
            Err(ErrorCode::InputInvalid),
        ),
        (
            "google",
            g,
            format!("http://evil.example:1234/?state={state}&{google}&code=c1"),
            Err(ErrorCode::InputInvalid),
        ),
        ("google", g, "4/0AbCd".to_owned(), Err(ErrorCode::InputInvalid)),
        (
            "google",
            g,
            format!("{g}/?state={state}&{google}&error=access_denied"),
            Err(ErrorCode::OauthDenied),
        ),
        // An error without the state may come from anybody.
        (
            "google",
            g,
            format!("{g}/?{google}&error=access_denied"),
            Err(ErrorCode::OauthStateMismatch),
        ),
        (
            "microsoft",
            ms,
            format!("{ms}/?code=c2&state={state}&session_state=x"),
            Ok("c2"),
        ),
        (
            "microsoft",
            ms,
            format!("{ms}/?code=c2&state={state}&iss=https%3A%2F%2Flogin.microsoftonline.com%2Fx%2Fv2.0"),
            Ok("c2"),
        ),
        (
            "microsoft",
            ms,
            format!("{ms}/?code=c2&state={state}&iss=https%3A%2F%2Faccounts.google.com"),
            Err(ErrorCode::OauthIssuerMismatch),
        ),
        (
            "microsoft",
            ms,
            format!("{ms}/?error=access_denied&error_description=AADSTS90094%3a+x&state={state}"),
            Err(ErrorCode::OauthAdminConsentNeeded),
        ),
        (
            "microsoft",
            ms,
            format!("{ms}/?error=invalid_request&error_description=AADSTS50011%3a+x&state={state}"),
            Err(ErrorCode::OauthClientInvalid),
        ),
        (
            "microsoft",
            CUSTOM_SCHEME_REDIRECT,
            format!("app.mailroom://oauth/callback?code=c3&state={state}"),
            Ok("c3"),
        ),
        (
            "microsoft",
            CUSTOM_SCHEME_REDIRECT,
            format!("app.mailroom://oauth/other?code=c3&state={state}"),
            Err(ErrorCode::InputInvalid),
        ),
        (
            "yandex",
            "https://oauth.yandex.ru/verification_code",
            " 1234567\n".to_owned(),
            Ok("1234567"),
        ),
        (
            "yandex",
            "http://localhost:1234",
            "1234567".to_owned(),
            Err(ErrorCode::InputInvalid),
        ),
    ];
    for (key, redirect, callback, expected) in cases {
        let found = begin(key, redirect).check_answer(&callback);
        let found = found
            .map(|code| code.0.expose().clone())
            .map_err(|error| error.code());
        assert_eq!(found, expected.map(str::to_owned), "{key} {callback}");
    }
}

#[test]
fn administrator_is_sent_back_with_the_state_and_says_yes_or_no() {
    let profile = builtin_profile("microsoft", None).unwrap();
    let registration = registration();
    let begin = || {
        let mut bytes = 0;
        let mut random = |slice: &mut [u8]| {
            bytes += 1;
            slice.fill(bytes);
        };
        let redirect = "http://localhost:1234".to_owned();
        Authorization::begin_approval(&profile, &registration, Some("firma.pl"), redirect, &mut random)
            .unwrap()
            .unwrap()
    };
    let approval = begin();
    let state = approval.state.expose().clone();
    assert_eq!(
        approval.url().as_str(),
        format!(
            "https://login.microsoftonline.com/firma.pl/adminconsent?client_id=client+1\
             &redirect_uri=http%3A%2F%2Flocalhost%3A1234&state={state}"
        )
    );
    let answer = |rest: &str| begin().check_answer(&format!("http://localhost:1234/?state={state}&{rest}"));
    let yes = answer("tenant=t&admin_consent=True").unwrap();
    assert_eq!(yes.0.expose(), "");
    for refused in ["tenant=t&admin_consent=False", "tenant=t", "code=c"] {
        assert!(matches!(answer(refused), Err(OAuthError::Denied)), "{refused}");
    }
    assert!(matches!(
        begin().check_answer("?state=other&admin_consent=True"),
        Err(OAuthError::StateMismatch)
    ));
    let google = builtin_profile("google", None).unwrap();
    let none = Authorization::begin_approval(&google, &registration, None, "x".to_owned(), &mut |_| {});
    assert!(none.unwrap().is_none());
}

#[test]
fn late_answer_is_known_by_its_state() {
    let profile = builtin_profile("microsoft", None).unwrap();
    let sign_in = Authorization::begin(
        &profile,
        &registration(),
        "http://localhost:1234".to_owned(),
        None,
        &mut |slice| slice.fill(7),
    )
    .unwrap();
    let state = sign_in.state.expose();
    assert!(sign_in.is_answered_by(&format!("app.mailroom://oauth/callback?code=c&state={state}")));
    assert!(!sign_in.is_answered_by("app.mailroom://oauth/callback?code=c&state=other"));
    assert!(!sign_in.is_answered_by("1234"));
}

#[test]
fn administrator_error_carries_the_page() {
    let authorization = begin("microsoft", "http://localhost:1234");
    let state = bytes(0..32);
    let error = authorization
        .check_answer(&format!(
            "?error=access_denied&error_description=AADSTS90094&state={state}"
        ))
        .unwrap_err();
    assert_eq!(
        error.params().get("url").map(ToString::to_string).as_deref(),
        Some("https://login.microsoftonline.com/organizations/adminconsent?client_id=client+1")
    );
}

#[test]
fn answer_counts_once() {
    let authorization = begin("microsoft", "http://localhost:1234");
    let state = bytes(0..32);
    let good = format!("?code=c&state={state}");
    // What is not ours does not use the sign-in up.
    assert!(matches!(
        authorization.check_answer("?code=c&state=x"),
        Err(OAuthError::StateMismatch)
    ));
    assert!(authorization.check_answer(&good).is_ok());
    assert!(matches!(
        authorization.check_answer(&good),
        Err(OAuthError::AnsweredBefore)
    ));
    let refused = begin("microsoft", "http://localhost:1234");
    let denial = format!("?error=access_denied&state={state}");
    assert!(matches!(refused.check_answer(&denial), Err(OAuthError::Denied)));
    assert!(matches!(
        refused.check_answer(&good),
        Err(OAuthError::AnsweredBefore)
    ));
}
