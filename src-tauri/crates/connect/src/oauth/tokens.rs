//! What a grant gives: tokens, their time, and who signed in.

use base64::Engine as _;
use base64::prelude::{BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use mailroom_model::{Secret, UnixMillis};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::JsonFault;
use super::{IdTokenIssuer, OAuthError, OAuthProfile};

/// A clock may be wrong by so many seconds.
const CLOCK_SKEW_SECONDS: i64 = 300;

/// The tokens of one grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSet {
    /// Shown to mail servers.
    pub access_token: Secret<String>,
    /// Shown to the token endpoint; some servers give none.
    pub refresh_token: Option<Secret<String>>,
    /// When the access token ends; `None` when the server does not say.
    pub expires_at: Option<UnixMillis>,
    /// What was granted, separated by spaces; `None` when it is what was asked for.
    pub scope: Option<String>,
    /// Who signed in, as far as the ID token says.
    pub id_claims: Option<IdClaims>,
    /// When the refresh token ends, where the server says so.
    pub refresh_ends_at: Option<UnixMillis>,
}

/// The claims of an ID token that name the person (OpenID Connect Core §5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdClaims {
    /// The subject: stable and unique at its issuer.
    pub sub: String,
    /// The address.
    pub email: Option<String>,
    /// The name that the person signs in with; at Microsoft often the UPN.
    pub preferred_username: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// Microsoft: the name of the account in its organisation, in tokens of version 1 and where a tenant asks for it.
    #[serde(default)]
    pub upn: Option<String>,
    /// Microsoft: the tenant of whoever signed in.
    #[serde(default)]
    pub tid: Option<String>,
}

impl IdClaims {
    /// Every name of a mailbox in them, the address first.
    pub fn addresses(&self) -> Vec<String> {
        [&self.email, &self.preferred_username, &self.upn]
            .into_iter()
            .flatten()
            .filter(|name| name.contains('@'))
            .cloned()
            .collect()
    }
}

#[derive(Serialize, Deserialize)]
struct VaultForm {
    version: u32,
    access_token: String,
    refresh_token: Option<String>,
    expires_at: Option<UnixMillis>,
    scope: Option<String>,
    id_claims: Option<IdClaims>,
    #[serde(default)]
    refresh_ends_at: Option<UnixMillis>,
}

impl TokenSet {
    /// True when the access token is good at `now` and for so many seconds more.
    pub fn is_fresh(&self, now: UnixMillis, margin_seconds: i64) -> bool {
        self.expires_at
            .is_none_or(|end| now.plus_seconds(margin_seconds) < end)
    }

    /// The form in which the keychain keeps it. It contains the tokens.
    ///
    /// # Errors
    /// [`OAuthError::Unreadable`] never in practice: strings and numbers always become JSON.
    pub fn to_vault_json(&self) -> Result<Secret<String>, OAuthError> {
        let form = VaultForm {
            version: 1,
            access_token: self.access_token.expose().clone(),
            refresh_token: self.refresh_token.as_ref().map(|token| token.expose().clone()),
            expires_at: self.expires_at,
            scope: self.scope.clone(),
            id_claims: self.id_claims.clone(),
            refresh_ends_at: self.refresh_ends_at,
        };
        serde_json::to_string(&form)
            .map(Secret::new)
            .map_err(|error| OAuthError::Unreadable(JsonFault::of(&error)))
    }

    /// The opposite of [`Self::to_vault_json`].
    ///
    /// # Errors
    /// [`OAuthError::Unreadable`] for another text, [`OAuthError::Nonsense`] for another version.
    pub fn from_vault_json(json: &Secret<String>) -> Result<Self, OAuthError> {
        let form: VaultForm = serde_json::from_str(json.expose())
            .map_err(|error| OAuthError::Unreadable(JsonFault::of(&error)))?;
        if form.version != 1 {
            return Err(OAuthError::Nonsense { what: "version" });
        }
        Ok(Self {
            access_token: Secret::new(form.access_token),
            refresh_token: form.refresh_token.map(Secret::new),
            expires_at: form.expires_at,
            scope: form.scope,
            id_claims: form.id_claims,
            refresh_ends_at: form.refresh_ends_at,
        })
    }
}

/// Reads an ID token that came straight from the token endpoint over TLS, where OpenID Connect Core §3.1.3.7 (6) lets the
/// connection stand for the signature. Checks issuer, audience, expiry, and the nonce if one is given.
pub(super) fn id_claims(
    token: &str,
    profile: &OAuthProfile,
    client_id: &str,
    nonce: Option<&str>,
    now: UnixMillis,
) -> Result<IdClaims, OAuthError> {
    let wrong = |claim| Err(OAuthError::IdToken { claim });
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return wrong("form");
    };
    let Ok(bytes) = BASE64_URL_SAFE_NO_PAD
        .decode(payload)
        .or_else(|_| BASE64_URL_SAFE.decode(payload))
    else {
        return wrong("form");
    };
    let claims: Value =
        serde_json::from_slice(&bytes).map_err(|error| OAuthError::Unreadable(JsonFault::of(&error)))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);

    let issuer = match &profile.id_token_issuer {
        IdTokenIssuer::Exact { issuer } => Some(issuer.clone()),
        IdTokenIssuer::MicrosoftTenant => {
            text("tid").map(|tenant| format!("https://login.microsoftonline.com/{tenant}/v2.0"))
        }
    };
    if issuer.is_none() || issuer.as_deref() != text("iss") {
        return wrong("iss");
    }
    let for_us = match claims.get("aud") {
        Some(Value::String(audience)) => audience == client_id,
        Some(Value::Array(audiences)) => {
            audiences
                .iter()
                .any(|audience| audience.as_str() == Some(client_id))
                && (audiences.len() == 1 || text("azp") == Some(client_id))
        }
        _ => false,
    };
    if !for_us {
        return wrong("aud");
    }
    let ends = claims.get("exp").and_then(Value::as_i64);
    if ends.is_none_or(|ends| ends.saturating_add(CLOCK_SKEW_SECONDS) < now.seconds()) {
        return wrong("exp");
    }
    if nonce.is_some() && text("nonce") != nonce {
        return wrong("nonce");
    }
    let Some(sub) = text("sub").filter(|sub| !sub.is_empty()) else {
        return wrong("sub");
    };
    let owned = |name: &str| text(name).map(str::to_owned);
    Ok(IdClaims {
        sub: sub.to_owned(),
        email: owned("email"),
        preferred_username: owned("preferred_username"),
        name: owned("name"),
        upn: owned("upn").or_else(|| owned("unique_name")),
        tid: owned("tid"),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::oauth::builtin_profile;

    pub(crate) fn jwt(claims: &Value) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!(
            "{}.{}.{}",
            part("{\"alg\":\"RS256\"}"),
            part(&claims.to_string()),
            part("sig")
        )
    }

    #[test]
    fn id_token_is_believed_only_if_it_is_for_this_sign_in() {
        let now = UnixMillis(1_000_000_000);
        let good = json!({"iss": "https://accounts.google.com", "aud": "me", "exp": 1_000_100, "sub": "7",
            "nonce": "n", "email": "a@gmail.com", "name": "Anna"});
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            claims
        };
        let google = builtin_profile("google", None).unwrap();
        let cases = [
            (good.clone(), Ok(())),
            (with("aud", json!(["me"])), Ok(())),
            (with("exp", json!(999_800)), Ok(())),
            (with("iss", json!("https://evil.example")), Err("iss")),
            (with("iss", Value::Null), Err("iss")),
            (with("aud", json!("other")), Err("aud")),
            (with("aud", json!(["me", "other"])), Err("aud")),
            (with("aud", Value::Null), Err("aud")),
            (with("exp", json!(999_000)), Err("exp")),
            (with("exp", Value::Null), Err("exp")),
            (with("nonce", json!("m")), Err("nonce")),
            (with("nonce", Value::Null), Err("nonce")),
            (with("sub", json!("")), Err("sub")),
        ];
        for (claims, expected) in cases {
            let found = id_claims(&jwt(&claims), &google, "me", Some("n"), now);
            let found = found.map(|_| ()).map_err(|error| match error {
                OAuthError::IdToken { claim } => claim,
                other => panic!("{other:?}"),
            });
            assert_eq!(found, expected, "{claims}");
        }
        for broken in ["", "a.b", "a.b.c.d", "a.!!.c"] {
            let found = id_claims(broken, &google, "me", None, now);
            assert!(
                matches!(found, Err(OAuthError::IdToken { claim: "form" })),
                "{broken}"
            );
        }
    }

    #[test]
    fn microsoft_id_token_names_its_tenant() {
        let profile = builtin_profile("microsoft", None).unwrap();
        let now = UnixMillis(0);
        let claims = |iss: &str| {
            jwt(
                &json!({"iss": iss, "tid": "t-1", "aud": "me", "exp": 1, "sub": "7", "preferred_username": "u@c.com"}),
            )
        };
        let good = id_claims(
            &claims("https://login.microsoftonline.com/t-1/v2.0"),
            &profile,
            "me",
            None,
            now,
        );
        assert_eq!(good.unwrap().preferred_username.as_deref(), Some("u@c.com"));
        let bad = id_claims(
            &claims("https://login.microsoftonline.com/t-2/v2.0"),
            &profile,
            "me",
            None,
            now,
        );
        assert!(matches!(bad, Err(OAuthError::IdToken { claim: "iss" })));
    }

    #[test]
    fn tokens_survive_the_vault_and_show_nothing() {
        let tokens = TokenSet {
            access_token: Secret::new("acc-1".to_owned()),
            refresh_token: Some(Secret::new("ref-1".to_owned())),
            expires_at: Some(UnixMillis(5)),
            scope: Some("mail".to_owned()),
            id_claims: Some(IdClaims {
                sub: "7".to_owned(),
                ..IdClaims::default()
            }),
            refresh_ends_at: Some(UnixMillis(9)),
        };
        let stored = tokens.to_vault_json().unwrap();
        assert_eq!(TokenSet::from_vault_json(&stored).unwrap(), tokens);
        let shown = format!("{tokens:?}");
        assert!(!shown.contains("acc-1") && !shown.contains("ref-1"), "{shown}");
        let later = Secret::new(stored.expose().replace("\"version\":1", "\"version\":2"));
        assert!(matches!(
            TokenSet::from_vault_json(&later),
            Err(OAuthError::Nonsense { what: "version" })
        ));
        assert!(TokenSet::from_vault_json(&Secret::new("{}".to_owned())).is_err());
    }

    #[test]
    fn token_is_fresh_until_the_margin_before_its_end() {
        let mut tokens = TokenSet {
            access_token: Secret::new(String::new()),
            refresh_token: None,
            expires_at: Some(UnixMillis(100_000)),
            scope: None,
            id_claims: None,
            refresh_ends_at: None,
        };
        assert!(tokens.is_fresh(UnixMillis(39_999), 60));
        assert!(!tokens.is_fresh(UnixMillis(40_000), 60));
        tokens.expires_at = None;
        assert!(tokens.is_fresh(UnixMillis(i64::MAX), 60));
    }
}
