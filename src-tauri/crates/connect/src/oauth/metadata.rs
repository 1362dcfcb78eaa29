//! What an issuer says about itself: RFC 8414, OpenID Connect Discovery.

use serde::Deserialize;
use url::Url;

use super::{
    IdTokenIssuer, OAuthEndpoints, OAuthError, OAuthProfile, RedirectKind, RevocationForm, SecretPolicy,
};
use crate::http::{HttpClient, is_loopback, is_permitted};

/// The scope for mail of open public clients.
const MAIL_SCOPE_URN: &str = "urn:ietf:params:oauth:scope:mail";

/// The metadata document, as far as it matters here. Unknown members are left alone.
#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    revocation_endpoint: Option<Url>,
    registration_endpoint: Option<Url>,
    userinfo_endpoint: Option<Url>,
    #[serde(default)]
    scopes_supported: Vec<String>,
    response_types_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Initiating User Registration via OpenID Connect 1.0, section 4.
    #[serde(default)]
    prompt_values_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What the person is asked for each time (OpenID Connect Core §3.1.2.1): which account, where the issuer says that it asks
/// for that when it is told to; others refuse a word that they do not know.
fn prompts(offline: bool, supported: &[String]) -> Vec<(String, String)> {
    let chooses = supported.iter().any(|prompt| prompt == "select_account");
    let words: Vec<&str> = [("select_account", chooses), ("consent", offline)]
        .into_iter()
        .filter_map(|(word, wanted)| wanted.then_some(word))
        .collect();
    if words.is_empty() {
        return Vec::new();
    }
    vec![("prompt".to_owned(), words.join(" "))]
}

/// Reads an issuer's metadata, first at the OAuth address (RFC 8414 §3), then at OpenID's, and makes a profile of it.
///
/// # Errors
/// [`OAuthError::Input`] when `issuer` is no `https` address (or one of this machine);
/// [`OAuthError::IssuerMismatch`] when the document is about another issuer, to the byte; [`OAuthError::Nonsense`] with the
/// name of the part that cannot be used; [`OAuthError::Http`] when nothing answered.
pub async fn discover_issuer(http: &HttpClient, issuer: &str) -> Result<OAuthProfile, OAuthError> {
    let base = issuer_url(issuer)?;
    let path = base.path().trim_end_matches('/');
    let addresses = [
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("{path}/.well-known/openid-configuration"),
    ];
    let mut failure = None;
    for address in addresses {
        let url = base
            .join(&address)
            .map_err(|_| OAuthError::Input { field: "issuer" })?;
        match http.get_json::<Metadata>(&url, None).await {
            Ok(Some(metadata)) => return profile(metadata, issuer),
            Ok(None) => {}
            Err(error) => failure = Some(OAuthError::Http(error)),
        }
    }
    Err(failure.unwrap_or(OAuthError::Nonsense { what: "metadata" }))
}

fn issuer_url(issuer: &str) -> Result<Url, OAuthError> {
    Url::parse(issuer)
        .ok()
        .filter(|url| {
            is_permitted(url)
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        })
        .ok_or(OAuthError::Input { field: "issuer" })
}

fn profile(metadata: Metadata, issuer: &str) -> Result<OAuthProfile, OAuthError> {
    if metadata.issuer != issuer {
        return Err(OAuthError::IssuerMismatch {
            expected: issuer.to_owned(),
            found: metadata.issuer,
        });
    }
    // An issuer elsewhere has no business with this machine's ports.
    let local = issuer_url(issuer).is_ok_and(|url| is_loopback(&url));
    let check = |what: &'static str, url: &Url| {
        if is_permitted(url) && (local || !is_loopback(url)) {
            Ok(())
        } else {
            Err(OAuthError::Nonsense { what })
        }
    };
    check("authorization_endpoint", &metadata.authorization_endpoint)?;
    check("token_endpoint", &metadata.token_endpoint)?;
    let optional = [
        ("revocation_endpoint", &metadata.revocation_endpoint),
        ("registration_endpoint", &metadata.registration_endpoint),
        ("userinfo_endpoint", &metadata.userinfo_endpoint),
    ];
    for (what, url) in optional {
        if let Some(url) = url {
            check(what, url)?;
        }
    }
    let lacks = |list: &Option<Vec<String>>, value: &str| {
        list.as_ref()
            .is_some_and(|list| !list.iter().any(|item| item == value))
    };
    if lacks(&metadata.response_types_supported, "code") {
        return Err(OAuthError::Nonsense {
            what: "response_types_supported",
        });
    }
    if lacks(&metadata.code_challenge_methods_supported, "S256") {
        return Err(OAuthError::Nonsense {
            what: "code_challenge_methods_supported",
        });
    }
    let (scopes, mail_scopes) = choose_scopes(&metadata.scopes_supported);
    // OpenID Connect Core §11: offline access wants the person's consent each time.
    let offline = scopes.iter().any(|scope| scope == "offline_access");
    Ok(OAuthProfile {
        key: issuer.to_owned(),
        endpoints: OAuthEndpoints {
            issuer: issuer.to_owned(),
            authorize: metadata.authorization_endpoint,
            token: metadata.token_endpoint,
            revoke: metadata.revocation_endpoint,
            registration: metadata.registration_endpoint,
            userinfo: metadata.userinfo_endpoint,
            iss_in_answer: metadata.authorization_response_iss_parameter_supported,
        },
        scopes,
        mail_scopes,
        extra: prompts(offline, &metadata.prompt_values_supported),
        redirects: vec![
            RedirectKind::LoopbackIp {
                path: "/callback".to_owned(),
            },
            RedirectKind::CustomScheme,
        ],
        login_hint: true,
        device_id: false,
        // RFC 8414 §2: without the list it is `client_secret_basic`.
        secret: match &metadata.token_endpoint_auth_methods_supported {
            Some(methods) if methods.iter().any(|method| method == "client_secret_post") => {
                SecretPolicy::Body
            }
            Some(methods) if !methods.iter().any(|method| method == "client_secret_basic") => {
                SecretPolicy::Body
            }
            _ => SecretPolicy::Basic,
        },
        id_token_issuer: IdTokenIssuer::Exact {
            issuer: issuer.to_owned(),
        },
        revocation: RevocationForm::Standard,
        grants_page: None,
        delegates: false,
    })
}

/// What to ask for, and which of it is for mail: the standard mail scope, else `mail`, else none; then what names the person
/// and keeps the grant.
fn choose_scopes(supported: &[String]) -> (Vec<String>, Vec<String>) {
    let has = |scope: &&str| supported.iter().any(|known| known == scope);
    let mail: Vec<String> = [MAIL_SCOPE_URN, "mail"]
        .into_iter()
        .find(has)
        .map(str::to_owned)
        .into_iter()
        .collect();
    let mut scopes = mail.clone();
    scopes.extend(
        ["openid", "email", "offline_access"]
            .into_iter()
            .filter(has)
            .map(str::to_owned),
    );
    (scopes, mail)
}

#[cfg(test)]
mod tests {
    use mailroom_model::{Coded, ErrorCode};
    use serde_json::{Value, json};

    use super::super::scripted::Scripted;
    use super::*;

    fn document(issuer: &str, base: &str) -> Value {
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{base}/auth"),
            "token_endpoint": format!("{base}/token"),
            "revocation_endpoint": format!("{base}/token/revocation"),
            "userinfo_endpoint": format!("{base}/me"),
            "scopes_supported": ["openid", "offline_access", "email", "profile", "mail"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "authorization_response_iss_parameter_supported": true,
            "something_else": {"x": 1}
        })
    }

    #[tokio::test]
    async fn issuer_is_found_at_the_oauth_address_or_else_at_openids() {
        let http = HttpClient::new(&[]).unwrap();
        let server = Scripted::start().await;
        let issuer = format!("{}/realms/x", server.base());
        server
            .answer_raw(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec());
        server.answer_json(200, &document(&issuer, &server.base()));
        let profile = discover_issuer(&http, &issuer).await.unwrap();
        assert_eq!(
            server.lines(),
            [
                "GET /.well-known/oauth-authorization-server/realms/x HTTP/1.1",
                "GET /realms/x/.well-known/openid-configuration HTTP/1.1"
            ]
        );
        assert_eq!(profile.key, issuer);
        assert_eq!(profile.scopes, ["mail", "openid", "email", "offline_access"]);
        assert_eq!(profile.mail_scopes, ["mail"]);
        assert_eq!(profile.extra, [("prompt".to_owned(), "consent".to_owned())]);
        assert!(profile.endpoints.iss_in_answer);
        assert_eq!(profile.secret, SecretPolicy::Body);
        assert_eq!(
            profile.endpoints.token.as_str(),
            format!("{}/token", server.base())
        );
        assert_eq!(profile.endpoints.registration, None);
    }

    #[test]
    fn person_chooses_the_account_where_the_issuer_knows_the_word() {
        let knows = ["login", "select_account"].map(str::to_owned);
        for (offline, supported, expected) in [
            (true, &knows[..], Some("select_account consent")),
            (false, &knows[..], Some("select_account")),
            (true, &knows[..1], Some("consent")),
            (false, &[], None),
        ] {
            let words = prompts(offline, supported).pop();
            assert_eq!(words.as_ref().map(|(_, words)| words.as_str()), expected);
        }
    }

    #[tokio::test]
    async fn web_page_in_place_of_metadata_is_passed_over() {
        let http = HttpClient::new(&[]).unwrap();
        let server = Scripted::start().await;
        let issuer = server.base();
        server
            .answer_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>".to_vec());
        server.answer_json(200, &document(&issuer, &issuer));
        assert!(discover_issuer(&http, &issuer).await.is_ok());
        let nothing = Scripted::start().await;
        let error = discover_issuer(&http, &nothing.base()).await.unwrap_err();
        assert!(matches!(error, OAuthError::Nonsense { what: "metadata" }));
        assert_eq!(nothing.seen().len(), 2);
    }

    #[test]
    fn metadata_that_cannot_be_trusted_or_used_is_refused() {
        let issuer = "https://id.example.com";
        let with = |name: &str, value: Value| {
            let mut document = document(issuer, issuer);
            document[name] = value;
            profile(serde_json::from_value(document).unwrap(), issuer).map_err(|error| error.code())
        };
        assert!(with("x", Value::Null).is_ok());
        assert!(with("code_challenge_methods_supported", Value::Null).is_ok());
        let cases = [
            (
                "issuer",
                json!("https://id.example.com/"),
                ErrorCode::OauthIssuerMismatch,
            ),
            (
                "issuer",
                json!("https://evil.example"),
                ErrorCode::OauthIssuerMismatch,
            ),
            (
                "token_endpoint",
                json!("http://id.example.com/token"),
                ErrorCode::OauthServerError,
            ),
            (
                "token_endpoint",
                json!("http://127.0.0.1:80/token"),
                ErrorCode::OauthServerError,
            ),
            (
                "userinfo_endpoint",
                json!("https://localhost/me"),
                ErrorCode::OauthServerError,
            ),
            (
                "authorization_endpoint",
                json!("javascript:alert(1)"),
                ErrorCode::OauthServerError,
            ),
            (
                "revocation_endpoint",
                json!("ftp://id.example.com/r"),
                ErrorCode::OauthServerError,
            ),
            (
                "response_types_supported",
                json!(["token"]),
                ErrorCode::OauthServerError,
            ),
            (
                "code_challenge_methods_supported",
                json!(["plain"]),
                ErrorCode::OauthServerError,
            ),
        ];
        for (name, value, code) in cases {
            assert_eq!(with(name, value.clone()).unwrap_err(), code, "{name} {value}");
        }
    }

    #[tokio::test]
    async fn text_that_is_no_issuer_is_refused_before_anything_is_sent() {
        let http = HttpClient::new(&[]).unwrap();
        for issuer in [
            "",
            "id.example.com",
            "http://id.example.com",
            "https://id.example.com/?x=1",
            "https://id.example.com/#x",
            "https://me:pw@id.example.com",
            "file:///etc/passwd",
        ] {
            let found = discover_issuer(&http, issuer).await;
            assert!(
                matches!(found, Err(OAuthError::Input { field: "issuer" })),
                "{issuer}"
            );
        }
    }

    #[test]
    fn scopes_for_mail_are_chosen_from_what_there_is() {
        let chosen = |supported: &[&str]| {
            let supported: Vec<String> = supported.iter().map(|scope| (*scope).to_owned()).collect();
            choose_scopes(&supported)
        };
        let (scopes, mail) = chosen(&["mail", MAIL_SCOPE_URN]);
        assert_eq!(
            (scopes, mail),
            (vec![MAIL_SCOPE_URN.to_owned()], vec![MAIL_SCOPE_URN.to_owned()])
        );
        let (scopes, mail) = chosen(&["profile", "openid"]);
        assert_eq!((scopes, mail), (vec!["openid".to_owned()], vec![]));
        assert_eq!(chosen(&[]), (vec![], vec![]));
    }

    #[test]
    fn secret_is_shown_as_the_metadata_says() {
        let issuer = "https://id.example.com";
        let policy = |methods: Value| {
            let mut document = document(issuer, issuer);
            document["token_endpoint_auth_methods_supported"] = methods;
            profile(serde_json::from_value(document).unwrap(), issuer)
                .unwrap()
                .secret
        };
        assert_eq!(policy(json!(["client_secret_post"])), SecretPolicy::Body);
        assert_eq!(
            policy(json!(["client_secret_basic", "none"])),
            SecretPolicy::Basic
        );
        assert_eq!(policy(json!(["none"])), SecretPolicy::Body);
        assert_eq!(policy(Value::Null), SecretPolicy::Basic);
    }
}
