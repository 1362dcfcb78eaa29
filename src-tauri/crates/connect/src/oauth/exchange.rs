//! The token endpoint: a code or a refresh token becomes an access token.

use mailroom_model::{Secret, UnixMillis};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, ExtraTokenFields, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, StandardRevocableToken, StandardTokenResponse,
    TokenResponse as _, TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::JsonFault;
use super::error::{Speaker, meaning};
use super::tokens::id_claims;
use super::{
    Authorization, AuthorizationCode, OAuthError, OAuthProfile, Registration, SecretPolicy, TokenSet,
};
use crate::http::{HttpClient, HttpError, is_permitted};

/// The part of an answer that RFC 6749 does not know.
#[derive(Clone, Serialize, Deserialize)]
struct FurtherFields {
    id_token: Option<String>,
    /// Seconds that the refresh token lives, as Google and Microsoft say it.
    refresh_token_expires_in: Option<Value>,
    /// The same, as Keycloak says it; 0 for no end.
    refresh_expires_in: Option<Value>,
}

impl FurtherFields {
    /// When the refresh token ends, where the server says so.
    fn refresh_ends_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        // No standard names them, so anything but a number is passed over.
        [&self.refresh_token_expires_in, &self.refresh_expires_in]
            .into_iter()
            .find_map(|field| field.as_ref()?.as_i64())
            .filter(|seconds| *seconds > 0)
            .map(|seconds| now.plus_seconds(seconds))
    }
}

impl std::fmt::Debug for FurtherFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FurtherFields")
    }
}

impl ExtraTokenFields for FurtherFields {}

type TokenResponse = StandardTokenResponse<FurtherFields, BasicTokenType>;

type TokenClient = oauth2::Client<
    BasicErrorResponse,
    TokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn client(profile: &OAuthProfile, registration: &Registration) -> TokenClient {
    let client = oauth2::Client::new(ClientId::new(registration.client_id.clone()))
        .set_token_uri(TokenUrl::from_url(profile.endpoints.token.clone()))
        .set_auth_type(match profile.secret {
            SecretPolicy::Body => AuthType::RequestBody,
            SecretPolicy::Basic => AuthType::BasicAuth,
        });
    match &registration.client_secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose().clone())),
        None => client,
    }
}

/// Exchanges a code for tokens (RFC 6749 §4.1.3). `now` dates the tokens.
///
/// # Errors
/// [`OAuthError::ScopeMissing`] when the person took the right to mail out; [`OAuthError::SignInAgain`] when the code was too
/// old; [`OAuthError::ClientInvalid`], [`OAuthError::IdToken`], [`OAuthError::Http`] and the rest as they say.
pub async fn exchange(
    http: &HttpClient,
    profile: &OAuthProfile,
    registration: &Registration,
    authorization: &Authorization,
    code: AuthorizationCode,
    now: UnixMillis,
) -> Result<TokenSet, OAuthError> {
    check_endpoint(profile)?;
    let redirect =
        RedirectUrl::new(authorization.redirect_uri().to_owned()).map_err(|_| OAuthError::Input {
            field: "redirect_uri",
        })?;
    let client = client(profile, registration).set_redirect_uri(redirect);
    let response = client
        .exchange_code(oauth2::AuthorizationCode::new(code.0.expose().clone()))
        .set_pkce_verifier(PkceCodeVerifier::new(authorization.verifier.expose().clone()))
        .request_async(http)
        .await
        .map_err(|error| refused(error, profile, registration))?;
    token_set(
        &response,
        None,
        profile,
        registration,
        authorization.nonce.as_deref(),
        now,
    )
}

/// Gets a new access token (RFC 6749 §6). The refresh token, scope and name stay as they were where the answer is silent.
/// Neither scope nor redirect address is sent: some servers refuse them here.
///
/// # Errors
/// [`OAuthError::SignInAgain`] when the grant is gone; [`OAuthError::is_temporary`] tells what may be tried later.
pub async fn refresh(
    http: &HttpClient,
    profile: &OAuthProfile,
    registration: &Registration,
    tokens: &TokenSet,
    now: UnixMillis,
) -> Result<TokenSet, OAuthError> {
    check_endpoint(profile)?;
    let Some(refresh_token) = &tokens.refresh_token else {
        return Err(OAuthError::SignInAgain { error: String::new() });
    };
    let client = client(profile, registration);
    let token = RefreshToken::new(refresh_token.expose().clone());
    let response = client
        .exchange_refresh_token(&token)
        .request_async(http)
        .await
        .map_err(|error| refused(error, profile, registration))?;
    token_set(&response, Some(tokens), profile, registration, None, now)
}

fn check_endpoint(profile: &OAuthProfile) -> Result<(), OAuthError> {
    if is_permitted(&profile.endpoints.token) {
        Ok(())
    } else {
        Err(OAuthError::Nonsense {
            what: "token_endpoint",
        })
    }
}

fn refused(
    error: RequestTokenError<HttpError, BasicErrorResponse>,
    profile: &OAuthProfile,
    registration: &Registration,
) -> OAuthError {
    match error {
        RequestTokenError::ServerResponse(response) => meaning(
            Speaker::Token,
            response.error().as_ref(),
            response.error_description().map(String::as_str),
            profile.approval_page(&registration.client_id, None),
        ),
        RequestTokenError::Request(error) => OAuthError::Http(error),
        // The body stays behind: it may hold tokens.
        RequestTokenError::Parse(error, _) => OAuthError::Unreadable(JsonFault::of(&error.into_inner())),
        RequestTokenError::Other(_) => OAuthError::Nonsense { what: "token answer" },
    }
}

fn token_set(
    response: &TokenResponse,
    before: Option<&TokenSet>,
    profile: &OAuthProfile,
    registration: &Registration,
    nonce: Option<&str>,
    now: UnixMillis,
) -> Result<TokenSet, OAuthError> {
    if *response.token_type() != BasicTokenType::Bearer {
        return Err(OAuthError::Nonsense { what: "token_type" });
    }
    let access_token = response.access_token().secret();
    // RFC 6750 §2.1; anything else could not be sent.
    if access_token.is_empty() || !access_token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(OAuthError::Nonsense { what: "access_token" });
    }
    let granted = response.scopes().map(|scopes| {
        scopes
            .iter()
            .map(|scope| scope.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    });
    if let Some(granted) = &granted {
        let missing = missing_scopes(&profile.mail_scopes, granted);
        if !missing.is_empty() {
            return Err(OAuthError::ScopeMissing { missing });
        }
    }
    let claims = match &response.extra_fields().id_token {
        // In a renewal it is of no use and may be left out (OpenID Connect Core §12.2): a clock that is off must not cost the
        // new refresh token.
        Some(token) => match id_claims(token, profile, &registration.client_id, nonce, now) {
            Ok(claims) => Some(claims),
            Err(_) if before.is_some() => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let named_before = before.and_then(|tokens| tokens.id_claims.clone());
    if let (Some(claims), Some(named)) = (&claims, &named_before)
        && claims.sub != named.sub
    {
        return Err(OAuthError::IdToken { claim: "sub" });
    }
    Ok(TokenSet {
        access_token: Secret::new(access_token.clone()),
        refresh_token: response
            .refresh_token()
            .map(|token| Secret::new(token.secret().clone()))
            .or_else(|| before.and_then(|tokens| tokens.refresh_token.clone())),
        expires_at: response
            .expires_in()
            .map(|life| now.plus_seconds(i64::try_from(life.as_secs()).unwrap_or(i64::MAX))),
        scope: granted.or_else(|| before.and_then(|tokens| tokens.scope.clone())),
        id_claims: claims.or(named_before),
        // A refresh token that stays as it was lives as long as it was said to.
        refresh_ends_at: response.extra_fields().refresh_ends_at(now).or_else(|| {
            let before = before.filter(|_| response.refresh_token().is_none())?;
            before.refresh_ends_at
        }),
    })
}

/// What mail needs and `granted` lacks. Only mail scopes count: Microsoft, for one, never repeats `offline_access`.
fn missing_scopes(needed: &[String], granted: &str) -> Vec<String> {
    needed
        .iter()
        .filter(|scope| {
            !granted
                .split_ascii_whitespace()
                .any(|given| given.eq_ignore_ascii_case(scope))
        })
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use mailroom_model::{Coded, ErrorCode};
    use serde_json::json;

    use super::super::authorization::tests::{counting, registration};
    use super::super::scripted::{Scripted, plain_profile};
    use super::super::tokens::tests::jwt;
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn old_tokens() -> TokenSet {
        TokenSet {
            access_token: Secret::new("old-access".to_owned()),
            refresh_token: Some(Secret::new("old-refresh".to_owned())),
            expires_at: Some(NOW),
            scope: Some("mail".to_owned()),
            id_claims: None,
            refresh_ends_at: None,
        }
    }

    fn begun(profile: &OAuthProfile) -> (Authorization, AuthorizationCode) {
        let authorization = Authorization::begin(
            profile,
            &registration(),
            "http://127.0.0.1:1234/callback".to_owned(),
            None,
            &mut counting(),
        )
        .unwrap();
        let state = authorization
            .url()
            .query_pairs()
            .find(|(name, _)| name == "state")
            .map(|(_, value)| value.into_owned())
            .unwrap();
        let code = authorization
            .check_answer(&format!("?code=the-code&state={state}"))
            .unwrap();
        (authorization, code)
    }

    #[tokio::test]
    async fn code_becomes_tokens_with_the_verifier_and_the_same_redirect() {
        let server = Scripted::start().await;
        let mut profile = plain_profile(&server.base());
        profile.scopes = vec!["mail".to_owned(), "openid".to_owned()];
        let (authorization, code) = begun(&profile);
        let id_token = jwt(
            &json!({"iss": server.base(), "aud": "client 1", "exp": 2000, "sub": "7",
            "nonce": authorization.nonce, "email": "anna@example.com"}),
        );
        server.answer_json(
            200,
            &json!({"access_token": "acc", "refresh_token": "ref", "expires_in": 3600, "token_type": "bearer",
                "scope": "mail openid", "id_token": id_token}),
        );
        let http = HttpClient::new(&[]).unwrap();
        let tokens = exchange(&http, &profile, &registration(), &authorization, code, NOW)
            .await
            .unwrap();
        assert_eq!(tokens.access_token.expose(), "acc");
        assert_eq!(tokens.refresh_token.unwrap().expose(), "ref");
        assert_eq!(tokens.expires_at, Some(UnixMillis(4_600_000)));
        assert_eq!(
            tokens.id_claims.unwrap().email.as_deref(),
            Some("anna@example.com")
        );
        let seen = server.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].line, "POST /token HTTP/1.1");
        assert_eq!(
            seen[0].form(),
            [
                ("grant_type", "authorization_code"),
                ("code", "the-code"),
                ("code_verifier", authorization.verifier.expose().as_str()),
                ("client_id", "client 1"),
                ("redirect_uri", "http://127.0.0.1:1234/callback"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[tokio::test]
    async fn client_secret_goes_where_the_server_wants_it() {
        let mut client = registration();
        client.client_secret = Some(Secret::new("p:w".to_owned()));
        let http = HttpClient::new(&[]).unwrap();
        for policy in [SecretPolicy::Body, SecretPolicy::Basic] {
            let server = Scripted::start().await;
            let mut profile = plain_profile(&server.base());
            profile.secret = policy;
            server.answer_json(200, &json!({"access_token": "acc", "token_type": "Bearer"}));
            refresh(&http, &profile, &client, &old_tokens(), NOW)
                .await
                .unwrap();
            let seen = server.seen();
            let in_body = seen[0]
                .form()
                .contains(&("client_secret".to_owned(), "p:w".to_owned()));
            assert_eq!(in_body, policy == SecretPolicy::Body);
            let header = seen[0].header("authorization");
            // "client+1:p%3Aw"
            let expected = (policy == SecretPolicy::Basic).then(|| "Basic Y2xpZW50KzE6cCUzQXc=".to_owned());
            assert_eq!(header, expected);
        }
    }

    #[tokio::test]
    async fn refresh_keeps_what_the_answer_leaves_out_and_takes_what_is_new() {
        let server = Scripted::start().await;
        let profile = plain_profile(&server.base());
        let http = HttpClient::new(&[]).unwrap();
        server.answer_json(
            200,
            &json!({"access_token": "new", "token_type": "Bearer", "expires_in": 60}),
        );
        server.answer_json(
            200,
            &json!({"access_token": "newer", "token_type": "Bearer", "refresh_token": "rotated"}),
        );
        let first = refresh(&http, &profile, &registration(), &old_tokens(), NOW)
            .await
            .unwrap();
        assert_eq!(first.access_token.expose(), "new");
        assert_eq!(first.refresh_token.as_ref().unwrap().expose(), "old-refresh");
        assert_eq!(first.scope.as_deref(), Some("mail"));
        let second = refresh(&http, &profile, &registration(), &first, NOW)
            .await
            .unwrap();
        assert_eq!(second.refresh_token.unwrap().expose(), "rotated");
        assert_eq!(second.expires_at, None);
        assert_eq!(
            server.seen()[0].form(),
            [
                ("grant_type", "refresh_token"),
                ("refresh_token", "old-refresh"),
                ("client_id", "client 1")
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[tokio::test]
    async fn refused_refresh_says_what_to_do() {
        let http = HttpClient::new(&[]).unwrap();
        let cases = [
            (
                400,
                json!({"error": "invalid_grant"}),
                ErrorCode::SignInAgain,
                false,
            ),
            (
                401,
                json!({"error": "invalid_client"}),
                ErrorCode::OauthClientInvalid,
                false,
            ),
            (
                400,
                json!({"error": "invalid_grant", "error_description": "AADSTS90094: x"}),
                ErrorCode::OauthAdminConsentNeeded,
                false,
            ),
            (
                400,
                json!({"error": "temporarily_unavailable"}),
                ErrorCode::OauthServerError,
                true,
            ),
            (
                503,
                json!({"error": "invalid_grant"}),
                ErrorCode::OauthServerError,
                true,
            ),
            (429, json!({}), ErrorCode::OauthServerError, true),
            (400, json!("odd"), ErrorCode::OauthServerError, false),
            (302, json!({}), ErrorCode::OauthServerError, false),
            (
                200,
                json!({"token_type": "Bearer"}),
                ErrorCode::OauthServerError,
                false,
            ),
            (
                200,
                json!({"access_token": "a", "token_type": "mac"}),
                ErrorCode::OauthServerError,
                false,
            ),
            (
                200,
                json!({"access_token": "a\r\nb", "token_type": "Bearer"}),
                ErrorCode::OauthServerError,
                false,
            ),
            (
                200,
                json!({"access_token": "a", "token_type": "Bearer", "scope": "openid"}),
                ErrorCode::OauthScopeMissing,
                false,
            ),
        ];
        for (status, body, code, temporary) in cases {
            let server = Scripted::start().await;
            server.answer_json(status, &body);
            let error = refresh(
                &http,
                &plain_profile(&server.base()),
                &registration(),
                &old_tokens(),
                NOW,
            )
            .await
            .unwrap_err();
            assert_eq!(
                (error.code(), error.is_temporary()),
                (code, temporary),
                "{status} {body}"
            );
            let shown = format!("{error:?} {}", mailroom_model::source_chain(&error));
            assert!(!shown.contains("old-refresh"), "{shown}");
        }
    }

    #[tokio::test]
    async fn answer_that_is_too_large_or_cut_off_is_an_error() {
        let http = HttpClient::new(&[]).unwrap();
        let server = Scripted::start().await;
        let profile = plain_profile(&server.base());
        server.answer_raw(format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(300 * 1024)).into_bytes());
        server.answer_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec());
        server.answer_raw(Vec::new());
        let mut found = Vec::new();
        for _ in 0..3 {
            let error = refresh(&http, &profile, &registration(), &old_tokens(), NOW)
                .await
                .unwrap_err();
            found.push((error.code(), error.is_temporary()));
        }
        assert_eq!(
            found,
            [
                (ErrorCode::OauthServerError, false),
                (ErrorCode::ConnectionLost, true),
                (ErrorCode::ConnectionLost, true)
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn silent_server_ends_in_a_timeout() {
        let http = HttpClient::new(&[]).unwrap();
        // Nobody accepts here, though the system completes the connection.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let error = refresh(&http, &plain_profile(&base), &registration(), &old_tokens(), NOW)
            .await
            .unwrap_err();
        assert_eq!(
            (error.code(), error.is_temporary()),
            (ErrorCode::ConnectTimeout, true)
        );
    }

    #[tokio::test]
    async fn closed_port_is_refused_and_plain_http_elsewhere_is_never_tried() {
        let http = HttpClient::new(&[]).unwrap();
        // Bound, so that nobody else gets the port, and not listening.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        let error = refresh(&http, &plain_profile(&base), &registration(), &old_tokens(), NOW).await;
        assert_eq!(error.unwrap_err().code(), ErrorCode::ConnectRefused);
        let error = refresh(
            &http,
            &plain_profile("http://id.example.com"),
            &registration(),
            &old_tokens(),
            NOW,
        )
        .await;
        assert!(matches!(
            error,
            Err(OAuthError::Nonsense {
                what: "token_endpoint"
            })
        ));
    }

    #[tokio::test]
    async fn refresh_without_a_refresh_token_asks_for_a_sign_in() {
        let http = HttpClient::new(&[]).unwrap();
        let tokens = TokenSet {
            refresh_token: None,
            ..old_tokens()
        };
        let error = refresh(
            &http,
            &plain_profile("https://id.example.com"),
            &registration(),
            &tokens,
            NOW,
        )
        .await;
        assert_eq!(error.unwrap_err().code(), ErrorCode::SignInAgain);
    }

    #[test]
    fn only_mail_scopes_must_be_granted() {
        let needed = ["A/IMAP".to_owned(), "A/SMTP".to_owned()];
        assert_eq!(
            missing_scopes(&needed, "a/imap A/SMTP openid"),
            Vec::<String>::new()
        );
        assert_eq!(missing_scopes(&needed, "A/SMTP offline_access"), ["A/IMAP"]);
        assert_eq!(missing_scopes(&[], ""), Vec::<String>::new());
    }
}
