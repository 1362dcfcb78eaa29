//! Dynamic client registration (RFC 7591).

use mailroom_model::{Secret, UnixMillis};
use serde::Deserialize;
use serde_json::json;

use super::error::JsonFault;
use super::error::{Speaker, meaning};
use super::{OAuthError, OAuthProfile, RedirectKind, Registration};
use crate::http::HttpClient;

#[derive(Deserialize)]
struct Registered {
    client_id: String,
    client_secret: Option<String>,
    /// Seconds since 1970; 0 where it never ends (RFC 7591 §3.2.1).
    client_secret_expires_at: Option<i64>,
    redirect_uris: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

/// Registers the program as a public native client with the redirect addresses of the profile. A server may keep only some
/// of them (RFC 7591 §3.2.1): the others leave the profile.
///
/// # Errors
/// [`OAuthError::RegistrationUnsupported`] when the issuer offers no registration; [`OAuthError::ClientInvalid`] and
/// [`OAuthError::Refused`] when it refuses; [`OAuthError::Http`] when it does not answer.
pub async fn register_client(
    http: &HttpClient,
    profile: &mut OAuthProfile,
) -> Result<Registration, OAuthError> {
    let Some(url) = &profile.endpoints.registration else {
        return Err(OAuthError::RegistrationUnsupported {
            issuer: profile.endpoints.issuer.clone(),
        });
    };
    let redirects: Vec<String> = profile
        .redirects
        .iter()
        .map(RedirectKind::registered_uri)
        .collect();
    let mut request = json!({
        "client_name": "Mailroom",
        "application_type": "native",
        "redirect_uris": redirects,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    if let Some(members) = request.as_object_mut().filter(|_| !profile.scopes.is_empty()) {
        members.insert("scope".to_owned(), profile.scopes.join(" ").into());
    }
    let response = http
        .post(url, "application/json", None, request.to_string().into_bytes())
        .await?;
    // RFC 7591 §3.2.1 says 201; some say 200.
    if !response.status().is_success() {
        return Err(match serde_json::from_slice::<Refusal>(response.body()) {
            Ok(refusal) => meaning(
                Speaker::Token,
                &refusal.error,
                refusal.error_description.as_deref(),
                None,
            ),
            Err(_) => OAuthError::Refused { error: String::new() },
        });
    }
    let registered: Registered = serde_json::from_slice(response.body())
        .map_err(|error| OAuthError::Unreadable(JsonFault::of(&error)))?;
    if registered.client_id.is_empty() {
        return Err(OAuthError::Nonsense { what: "client_id" });
    }
    if let Some(kept) = registered.redirect_uris {
        profile
            .redirects
            .retain(|redirect| kept.contains(&redirect.registered_uri()));
        if profile.redirects.is_empty() {
            return Err(OAuthError::Nonsense {
                what: "redirect_uris",
            });
        }
    }
    Ok(Registration {
        client_id: registered.client_id,
        client_secret: registered
            .client_secret
            .filter(|secret| !secret.is_empty())
            .map(Secret::new),
        tenant: None,
        secret_ends_at: registered
            .client_secret_expires_at
            .filter(|seconds| *seconds > 0)
            .map(|seconds| UnixMillis(0).plus_seconds(seconds)),
    })
}

#[cfg(test)]
mod tests {
    use mailroom_model::{Coded, ErrorCode};
    use serde_json::Value;

    use super::super::scripted::{Scripted, plain_profile};
    use super::*;

    #[tokio::test]
    async fn end_of_the_secret_is_taken_from_the_answer() {
        let http = HttpClient::new(&[]).unwrap();
        let server = Scripted::start().await;
        for (said, expected) in [
            (json!(1_800_000_000), Some(UnixMillis(1_800_000_000_000))),
            (json!(0), None),
            (Value::Null, None),
        ] {
            server.answer_json(
                201,
                &json!({"client_id": "new-1", "client_secret": "s", "client_secret_expires_at": said}),
            );
            let mut profile = plain_profile(&server.base());
            let registration = register_client(&http, &mut profile).await.unwrap();
            assert_eq!(registration.secret_ends_at, expected, "{said}");
        }
    }

    #[tokio::test]
    async fn client_is_registered_as_public_and_native() {
        let http = HttpClient::new(&[]).unwrap();
        let server = Scripted::start().await;
        server.answer_json(
            201,
            &json!({"client_id": "new-1", "client_secret": "", "client_id_issued_at": 1}),
        );
        let mut profile = plain_profile(&server.base());
        let offered = profile.redirects.clone();
        let registration = register_client(&http, &mut profile).await.unwrap();
        assert_eq!(
            profile.redirects, offered,
            "a server that does not say keeps them all"
        );
        assert_eq!(registration.client_id, "new-1");
        assert_eq!(registration.client_secret, None);
        let seen = server.seen();
        assert_eq!(seen[0].line, "POST /register HTTP/1.1");
        assert_eq!(
            serde_json::from_str::<Value>(&seen[0].body).unwrap(),
            json!({
                "client_name": "Mailroom", "application_type": "native",
                "redirect_uris": ["http://127.0.0.1/callback", "app.mailroom://oauth/callback"],
                "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
                "token_endpoint_auth_method": "none", "scope": "mail",
            })
        );
    }

    #[tokio::test]
    async fn redirects_that_the_server_does_not_keep_are_not_used() {
        let http = HttpClient::new(&[]).unwrap();
        let server = Scripted::start().await;
        let mut profile = plain_profile(&server.base());
        server.answer_json(
            201,
            &json!({"client_id": "new-1", "redirect_uris": ["app.mailroom://oauth/callback"]}),
        );
        register_client(&http, &mut profile).await.unwrap();
        assert_eq!(profile.redirects, [RedirectKind::CustomScheme]);
        server.answer_json(
            201,
            &json!({"client_id": "new-2", "redirect_uris": ["https://x.example/"]}),
        );
        let refused = register_client(&http, &mut profile).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::OauthServerError);
    }

    #[tokio::test]
    async fn refused_registration_says_so() {
        let http = HttpClient::new(&[]).unwrap();
        let server = Scripted::start().await;
        let mut profile = plain_profile(&server.base());
        server.answer_json(400, &json!({"error": "invalid_redirect_uri"}));
        server.answer_json(403, &json!({}));
        server.answer_json(201, &json!({}));
        let mut found = Vec::new();
        for _ in 0..3 {
            found.push(register_client(&http, &mut profile).await.unwrap_err().code());
        }
        profile.endpoints.registration = None;
        found.push(register_client(&http, &mut profile).await.unwrap_err().code());
        assert_eq!(
            found,
            [
                ErrorCode::OauthClientInvalid,
                ErrorCode::OauthServerError,
                ErrorCode::OauthServerError,
                ErrorCode::OauthUnavailable
            ]
        );
    }
}
