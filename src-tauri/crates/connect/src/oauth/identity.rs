//! Which mailbox signed in.

use serde::Deserialize;

use super::{OAuthProfile, TokenSet};
use crate::http::HttpClient;

#[derive(Deserialize)]
struct UserInfo {
    sub: Option<String>,
    email: Option<String>,
    preferred_username: Option<String>,
}

/// The address or user name of whoever signed in: from the ID token, else from the userinfo endpoint (OpenID Connect Core
/// §5.3). `None` when the server does not say; that is no failure, since the mail server has the last word.
pub async fn mailbox_identity(
    http: &HttpClient,
    profile: &OAuthProfile,
    tokens: &TokenSet,
) -> Option<String> {
    let claims = tokens.id_claims.as_ref();
    let named = claims.and_then(|claims| {
        let address = |name: &Option<String>| name.clone().filter(|name| name.contains('@'));
        address(&claims.email).or_else(|| address(&claims.preferred_username))
    });
    if named.is_some() {
        return named;
    }
    let url = profile.endpoints.userinfo.as_ref()?;
    let found: UserInfo = http
        .get_json(url, Some(tokens.access_token.expose()))
        .await
        .ok()
        .flatten()?;
    // The answer must be about whom the ID token is about (§5.3.2).
    if claims.is_some_and(|claims| found.sub.as_ref() != Some(&claims.sub)) {
        return None;
    }
    found
        .email
        .or(found.preferred_username)
        .filter(|name| name.contains('@'))
}

#[cfg(test)]
mod tests {
    use mailroom_model::Secret;
    use serde_json::json;

    use super::super::scripted::{Scripted, plain_profile};
    use super::super::{IdClaims, TokenSet};
    use super::*;

    fn tokens(claims: Option<IdClaims>) -> TokenSet {
        TokenSet {
            access_token: Secret::new("acc".to_owned()),
            refresh_token: None,
            expires_at: None,
            scope: None,
            id_claims: claims,
        }
    }

    #[tokio::test]
    async fn mailbox_is_named_by_the_id_token_or_else_by_userinfo() {
        let http = HttpClient::new(&[]).unwrap();
        let claims = |email: Option<&str>| {
            Some(IdClaims {
                sub: "7".to_owned(),
                email: email.map(str::to_owned),
                ..IdClaims::default()
            })
        };
        let cases = [
            (claims(Some("a@x.pl")), json!({}), Some("a@x.pl"), 0),
            (
                claims(None),
                json!({"sub": "7", "email": "b@x.pl"}),
                Some("b@x.pl"),
                1,
            ),
            (claims(None), json!({"sub": "8", "email": "b@x.pl"}), None, 1),
            (
                None,
                json!({"sub": "8", "preferred_username": "c@x.pl"}),
                Some("c@x.pl"),
                1,
            ),
            (
                None,
                json!({"sub": "8", "preferred_username": "just-a-name"}),
                None,
                1,
            ),
        ];
        for (claims, answer, expected, requests) in cases {
            let server = Scripted::start().await;
            server.answer_json(200, &answer);
            let found = mailbox_identity(&http, &plain_profile(&server.base()), &tokens(claims)).await;
            assert_eq!(found.as_deref(), expected, "{answer}");
            assert_eq!(server.seen().len(), requests, "{answer}");
            for request in server.seen() {
                assert_eq!(request.line, "GET /userinfo HTTP/1.1");
                assert_eq!(request.header("authorization").as_deref(), Some("Bearer acc"));
            }
        }
    }
}
