//! Ending a grant (RFC 7009).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use mailroom_model::{Secret, UnixMillis};
use oauth2::http::HeaderValue;
use serde::Deserialize;
use url::form_urlencoded;

use super::error::{Speaker, meaning};
use super::{OAuthError, OAuthProfile, Registration, RevocationForm, SecretPolicy, TokenSet, refresh};
use crate::http::HttpClient;

/// Whether the server has ended the grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The tokens are worth nothing any more.
    Done,
    /// The server cannot end a grant for a program; the person can, on this page.
    ByHand {
        /// The page, if there is one.
        page: Option<String>,
    },
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

/// Ends the grant: shows the refresh token, with which most servers end the access tokens too, or the access token when
/// there is no other. Tokens that the server no longer knows count as ended.
///
/// # Errors
/// [`OAuthError::Http`] when the server does not answer, and what it refuses with.
pub async fn revoke(
    http: &HttpClient,
    profile: &OAuthProfile,
    registration: &Registration,
    tokens: &TokenSet,
) -> Result<Revocation, OAuthError> {
    let Some(url) = &profile.endpoints.revoke else {
        return Ok(Revocation::ByHand {
            page: profile.page_of_grants(tokens),
        });
    };
    let (form, authorization) = request(profile, registration, tokens)?;
    let response = http
        .post(url, "application/x-www-form-urlencoded", authorization, form)
        .await?;
    if response.status().is_success() {
        return Ok(Revocation::Done);
    }
    match serde_json::from_slice::<Refusal>(response.body()) {
        // RFC 7009 §2.2 answers 200 for unknown tokens; Google and others say this instead.
        Ok(refusal) if matches!(refusal.error.as_str(), "invalid_token" | "invalid_grant") => {
            Ok(Revocation::Done)
        }
        Ok(refusal) => Err(meaning(
            Speaker::Token,
            &refusal.error,
            refusal.error_description.as_deref(),
            None,
        )),
        Err(_) => Err(OAuthError::Refused { error: String::new() }),
    }
}

/// Looks whether a grant has ended, by trying to renew it. Should that work, the new tokens are ended as well and it is
/// looked once more. `None` when there is nothing to try it with.
///
/// # Errors
/// What kept the server from answering.
pub async fn has_ended(
    http: &HttpClient,
    profile: &OAuthProfile,
    registration: &Registration,
    tokens: &TokenSet,
    now: UnixMillis,
) -> Result<Option<bool>, OAuthError> {
    if tokens.refresh_token.is_none() {
        return Ok(None);
    }
    let renewed = match refresh(http, profile, registration, tokens, now).await {
        Err(error) if error.is_temporary() => return Err(error),
        Err(_) => return Ok(Some(true)),
        Ok(renewed) => renewed,
    };
    revoke(http, profile, registration, &renewed).await?;
    match refresh(http, profile, registration, &renewed, now).await {
        Err(error) if error.is_temporary() => Err(error),
        Err(_) => Ok(Some(true)),
        Ok(_) => Ok(Some(false)),
    }
}

/// What is posted, and the header that says who asks. Not part of the future, because the serialiser may not be sent
/// between threads.
fn request(
    profile: &OAuthProfile,
    registration: &Registration,
    tokens: &TokenSet,
) -> Result<(Vec<u8>, Option<HeaderValue>), OAuthError> {
    let secret = registration.client_secret.as_ref();
    let mut form = form_urlencoded::Serializer::new(String::new());
    match (profile.revocation, &tokens.refresh_token) {
        (RevocationForm::AccessToken, _) => {
            form.append_pair("access_token", tokens.access_token.expose());
        }
        (RevocationForm::Standard, Some(token)) => {
            form.append_pair("token", token.expose())
                .append_pair("token_type_hint", "refresh_token");
        }
        (RevocationForm::Standard, None) => {
            form.append_pair("token", tokens.access_token.expose())
                .append_pair("token_type_hint", "access_token");
        }
    }
    let authorization = match (profile.secret, secret) {
        (SecretPolicy::Basic, Some(secret)) => Some(basic(&registration.client_id, secret)?),
        (_, secret) => {
            form.append_pair("client_id", &registration.client_id);
            if let Some(secret) = secret {
                form.append_pair("client_secret", secret.expose());
            }
            None
        }
    };
    Ok((form.finish().into_bytes(), authorization))
}

/// `client_secret_basic`: both parts are form-encoded first (RFC 6749 §2.3.1).
fn basic(client_id: &str, secret: &Secret<String>) -> Result<HeaderValue, OAuthError> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(client_id), encode(secret.expose()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(pair)))
        .map_err(|_| OAuthError::Input { field: "client_id" })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use mailroom_model::{Coded, ErrorCode};
    use serde_json::json;

    use super::super::scripted::{Scripted, plain_profile};
    use super::super::{IdClaims, builtin_profile};
    use super::*;

    fn registration() -> Registration {
        Registration {
            client_id: "me".to_owned(),
            client_secret: Some(Secret::new("s".to_owned())),
            tenant: None,
            secret_ends_at: None,
        }
    }

    fn tokens(refresh: Option<&str>) -> TokenSet {
        TokenSet {
            access_token: Secret::new("acc".to_owned()),
            refresh_token: refresh.map(|token| Secret::new(token.to_owned())),
            expires_at: None,
            scope: None,
            id_claims: None,
            refresh_ends_at: None,
        }
    }

    #[tokio::test]
    async fn grant_is_ended_by_the_strongest_token_that_the_server_takes() {
        let http = HttpClient::new(&[]).unwrap();
        let cases = [
            (
                RevocationForm::Standard,
                SecretPolicy::Body,
                Some("ref"),
                "token=ref&token_type_hint=refresh_token&client_id=me&client_secret=s",
                None,
            ),
            (
                RevocationForm::Standard,
                SecretPolicy::Basic,
                None,
                "token=acc&token_type_hint=access_token",
                Some("Basic bWU6cw=="),
            ),
            (
                RevocationForm::AccessToken,
                SecretPolicy::Body,
                Some("ref"),
                "access_token=acc&client_id=me&client_secret=s",
                None,
            ),
        ];
        for (form, secret, refresh, body, header) in cases {
            let server = Scripted::start().await;
            let mut profile = plain_profile(&server.base());
            profile.revocation = form;
            profile.secret = secret;
            server.answer_json(200, &json!({}));
            let done = revoke(&http, &profile, &registration(), &tokens(refresh))
                .await
                .unwrap();
            assert_eq!(done, Revocation::Done);
            let seen = server.seen();
            assert_eq!(seen[0].line, "POST /revoke HTTP/1.1");
            assert_eq!(seen[0].body, body);
            assert_eq!(seen[0].header("authorization").as_deref(), header);
        }
    }

    #[tokio::test]
    async fn unknown_token_counts_as_ended_and_other_refusals_are_told() {
        let http = HttpClient::new(&[]).unwrap();
        let server = Scripted::start().await;
        let profile = plain_profile(&server.base());
        server.answer_json(400, &json!({"error": "invalid_token"}));
        server.answer_json(401, &json!({"error": "invalid_client"}));
        server.answer_json(503, &json!({}));
        let one = revoke(&http, &profile, &registration(), &tokens(None)).await;
        assert_eq!(one.unwrap(), Revocation::Done);
        let two = revoke(&http, &profile, &registration(), &tokens(None)).await;
        assert_eq!(two.unwrap_err().code(), ErrorCode::OauthClientInvalid);
        let three = revoke(&http, &profile, &registration(), &tokens(None)).await;
        assert!(three.unwrap_err().is_temporary());
    }

    #[tokio::test]
    async fn server_without_revocation_names_the_page_for_the_person() {
        let http = HttpClient::new(&[]).unwrap();
        let profile = builtin_profile("microsoft", Some("consumers")).unwrap();
        let found = revoke(&http, &profile, &registration(), &tokens(None))
            .await
            .unwrap();
        let by_hand = |page: &str| Revocation::ByHand {
            page: Some(page.to_owned()),
        };
        assert_eq!(found, by_hand("https://account.live.com/consent/Manage"));
        // Without a tenant, who signed in says which page it is.
        let profile = builtin_profile("microsoft", None).unwrap();
        for (tenant, page) in [
            (
                Some("9188040d-6c67-4c5b-b112-36a304b66dad"),
                "https://account.live.com/consent/Manage",
            ),
            (
                Some("0a1b2c3d-0123-4567-89ab-0123456789ab"),
                "https://myapps.microsoft.com",
            ),
            (None, "https://myapps.microsoft.com"),
        ] {
            let mut tokens = tokens(None);
            tokens.id_claims = Some(IdClaims {
                tid: tenant.map(str::to_owned),
                ..IdClaims::default()
            });
            let found = revoke(&http, &profile, &registration(), &tokens).await.unwrap();
            assert_eq!(found, by_hand(page), "{tenant:?}");
        }
    }

    #[tokio::test]
    async fn grant_that_still_renews_after_its_end_is_ended_again_and_told() {
        let http = HttpClient::new(&[]).unwrap();
        let fresh = json!({"access_token": "a2", "refresh_token": "r2", "token_type": "Bearer"});
        let gone = json!({"error": "invalid_grant"});
        let cases = [
            (vec![(400, gone.clone())], Some(true), 1),
            (
                vec![(200, fresh.clone()), (200, json!({})), (400, gone)],
                Some(true),
                3,
            ),
            (
                vec![(200, fresh.clone()), (200, json!({})), (200, fresh)],
                Some(false),
                3,
            ),
        ];
        for (answers, expected, requests) in cases {
            let server = Scripted::start().await;
            let profile = plain_profile(&server.base());
            for (status, answer) in &answers {
                server.answer_json(*status, answer);
            }
            let found = has_ended(
                &http,
                &profile,
                &registration(),
                &tokens(Some("r1")),
                UnixMillis(0),
            )
            .await;
            assert_eq!(found.unwrap(), expected);
            assert_eq!(server.seen().len(), requests);
        }
        let server = Scripted::start().await;
        server.answer_json(503, &json!({}));
        let profile = plain_profile(&server.base());
        let found = has_ended(
            &http,
            &profile,
            &registration(),
            &tokens(Some("r1")),
            UnixMillis(0),
        )
        .await;
        assert!(found.unwrap_err().is_temporary());
        let none = has_ended(&http, &profile, &registration(), &tokens(None), UnixMillis(0)).await;
        assert_eq!(none.unwrap(), None, "nothing to try it with");
    }
}
