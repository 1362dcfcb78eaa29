//! Which mailbox signed in, and whether it is the one that was asked for.

use mailroom_model::EmailAddress;
use serde::Deserialize;

use super::{BuiltinIssuer, OAuthProfile, TokenSet};
use crate::http::HttpClient;

#[derive(Deserialize)]
struct UserInfo {
    sub: Option<String>,
    email: Option<String>,
    preferred_username: Option<String>,
}

/// The addresses and user names of whoever signed in: from the ID token, else from the userinfo endpoint (OpenID Connect
/// Core §5.3). Empty when the server does not say; that is no failure, since the mail server has the last word.
pub async fn mailbox_names(http: &HttpClient, profile: &OAuthProfile, tokens: &TokenSet) -> Vec<String> {
    let claims = tokens.id_claims.as_ref();
    let named = claims.map(super::IdClaims::addresses).unwrap_or_default();
    if !named.is_empty() {
        return named;
    }
    let Some(url) = &profile.endpoints.userinfo else {
        return named;
    };
    let asked = http.get_json(url, Some(tokens.access_token.expose())).await;
    let Some(found): Option<UserInfo> = asked.ok().flatten() else {
        return named;
    };
    // The answer must be about whom the ID token is about (§5.3.2).
    if claims.is_some_and(|claims| found.sub.as_ref() != Some(&claims.sub)) {
        return named;
    }
    [found.email, found.preferred_username]
        .into_iter()
        .flatten()
        .filter(|name| name.contains('@'))
        .collect()
}

/// What the names of whoever signed in say about the mailbox that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The service names nobody.
    Unnamed,
    /// It is the mailbox, under one of its names.
    Same,
    /// It is the one who was to sign in for a mailbox that several people share.
    Delegate {
        /// Who signed in.
        name: String,
    },
    /// It goes by another name. The mail server knows whether that is another name of the mailbox, or whether it may open
    /// it.
    AskServer {
        /// Who signed in.
        name: String,
    },
    /// It is another mailbox.
    Other {
        /// Whose.
        name: String,
    },
}

/// Compares the mailbox that was asked for with the names of whoever signed in. `sign_in_as` is who was to sign in, where
/// that is somebody else than the mailbox.
pub fn identify(
    profile: &OAuthProfile,
    asked: &EmailAddress,
    sign_in_as: Option<&EmailAddress>,
    named: &[String],
) -> Identity {
    let Some(first) = named.first() else {
        return Identity::Unnamed;
    };
    let is = |wanted: &EmailAddress| named.iter().any(|name| is_same_mailbox(profile, wanted, name));
    let name = first.clone();
    match sign_in_as {
        Some(delegate) if is(delegate) => Identity::Delegate { name },
        None if is(asked) => Identity::Same,
        None if profile.delegates => Identity::AskServer { name },
        Some(_) | None => Identity::Other { name },
    }
}

/// Domains that stand for one another at a provider: the same first part is the same mailbox.
const ALIAS_DOMAINS: &[&[&str]] = &[
    &["gmail.com", "googlemail.com"],
    &[
        "yandex.ru",
        "ya.ru",
        "yandex.com",
        "yandex.by",
        "yandex.kz",
        "yandex.ua",
    ],
];

/// True when a name is the mailbox under another spelling: in another case, with a tag after `+`, under another domain of
/// the same provider; at Gmail with other dots.
fn is_same_mailbox(profile: &OAuthProfile, wanted: &EmailAddress, name: &str) -> bool {
    let Ok(name) = name.parse::<EmailAddress>() else {
        return false;
    };
    if name == *wanted {
        return true;
    }
    let canonical = |address: &EmailAddress| {
        let domain = address.domain().to_lowercase();
        let group = ALIAS_DOMAINS
            .iter()
            .find(|group| group.contains(&domain.as_str()));
        let domain = group
            .and_then(|group| group.first())
            .map_or(domain, |first| (*first).to_owned());
        let local = address.local().to_lowercase();
        let local = local.split_once('+').map_or(local.as_str(), |(local, _)| local);
        let has_idle_dots = domain == "gmail.com" && profile.key == BuiltinIssuer::Google.key();
        let local = if has_idle_dots {
            local.replace('.', "")
        } else {
            local.to_owned()
        };
        (local, domain)
    };
    canonical(&name) == canonical(wanted)
}

#[cfg(test)]
mod tests {
    use mailroom_model::Secret;
    use serde_json::json;

    use super::super::scripted::{Scripted, plain_profile};
    use super::super::{IdClaims, TokenSet, builtin_profile};
    use super::*;

    fn tokens(claims: Option<IdClaims>) -> TokenSet {
        TokenSet {
            access_token: Secret::new("acc".to_owned()),
            refresh_token: None,
            expires_at: None,
            scope: None,
            id_claims: claims,
            refresh_ends_at: None,
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
            let found = mailbox_names(&http, &plain_profile(&server.base()), &tokens(claims)).await;
            assert_eq!(found.first().map(String::as_str), expected, "{answer}");
            assert_eq!(server.seen().len(), requests, "{answer}");
            for request in server.seen() {
                assert_eq!(request.line, "GET /userinfo HTTP/1.1");
                assert_eq!(request.header("authorization").as_deref(), Some("Bearer acc"));
            }
        }
    }

    #[test]
    fn mailbox_is_known_under_each_of_its_names_and_no_other() {
        let same = Identity::Same;
        let other = |name: &str| Identity::Other {
            name: name.to_owned(),
        };
        let server = |name: &str| Identity::AskServer {
            name: name.to_owned(),
        };
        let delegate = |name: &str| Identity::Delegate {
            name: name.to_owned(),
        };
        let cases: [(&str, &str, Option<&str>, &[&str], Identity); 17] = [
            ("google", "anna@gmail.com", None, &[], Identity::Unnamed),
            (
                "google",
                "anna@gmail.com",
                None,
                &["Anna@Gmail.com"],
                same.clone(),
            ),
            (
                "google",
                "anna@googlemail.com",
                None,
                &["anna@gmail.com"],
                same.clone(),
            ),
            (
                "google",
                "an.na+shop@gmail.com",
                None,
                &["anna@gmail.com"],
                same.clone(),
            ),
            (
                "google",
                "an.na@firma.pl",
                None,
                &["anna@firma.pl"],
                other("anna@firma.pl"),
            ),
            (
                "google",
                "anna@gmail.com",
                None,
                &["ewa@gmail.com"],
                other("ewa@gmail.com"),
            ),
            ("yandex", "anna@ya.ru", None, &["anna@yandex.com"], same.clone()),
            (
                "yandex",
                "anna@ya.ru",
                None,
                &["anna@mail.ru"],
                other("anna@mail.ru"),
            ),
            ("fastmail", "a+b@x.pl", None, &["a@x.pl"], same.clone()),
            ("fastmail", "a@x.pl", None, &["no address"], other("no address")),
            // Any of the names will do.
            (
                "microsoft",
                "anna.lis@firma.pl",
                None,
                &["al@firma.onmicrosoft.com", "anna.lis@firma.pl"],
                same.clone(),
            ),
            // A user name of the organisation, or a colleague's: the server knows.
            (
                "microsoft",
                "anna.lis@firma.pl",
                None,
                &["al@firma.onmicrosoft.com"],
                server("al@firma.onmicrosoft.com"),
            ),
            (
                "microsoft",
                "office@firma.pl",
                None,
                &["ewa@firma.pl"],
                server("ewa@firma.pl"),
            ),
            (
                "microsoft",
                "office@firma.pl",
                Some("ewa@firma.pl"),
                &["ewa@firma.pl"],
                delegate("ewa@firma.pl"),
            ),
            (
                "microsoft",
                "office@firma.pl",
                Some("ewa@firma.pl"),
                &["jan@firma.pl"],
                other("jan@firma.pl"),
            ),
            (
                "google",
                "office@firma.pl",
                Some("ewa@firma.pl"),
                &["ewa@firma.pl"],
                delegate("ewa@firma.pl"),
            ),
            (
                "google",
                "office@firma.pl",
                Some("ewa@firma.pl"),
                &[],
                Identity::Unnamed,
            ),
        ];
        for (key, asked, sign_in_as, named, expected) in cases {
            let profile = builtin_profile(key, None).unwrap();
            let sign_in_as = sign_in_as.map(|name| name.parse().unwrap());
            let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
            let found = identify(&profile, &asked.parse().unwrap(), sign_in_as.as_ref(), &named);
            assert_eq!(found, expected, "{key} {asked} {named:?}");
        }
    }
}
