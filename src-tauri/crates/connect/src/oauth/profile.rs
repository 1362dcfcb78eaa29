//! How each authorisation server wants to be spoken to.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{OAuthError, TokenSet};

/// The redirect address of the operating system's handler for the program's own scheme (RFC 8252 §7.1).
pub const CUSTOM_SCHEME_REDIRECT: &str = "app.mailroom://oauth/callback";

/// Issuers with a profile of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BuiltinIssuer {
    /// Google accounts and Workspace.
    Google,
    /// Microsoft, personal and work.
    Microsoft,
    /// Yandex.
    Yandex,
    /// Fastmail.
    Fastmail,
}

impl BuiltinIssuer {
    /// Every issuer.
    pub const EVERY: [Self; 4] = [Self::Google, Self::Microsoft, Self::Yandex, Self::Fastmail];

    /// The name in the provider table, in policies and in the store.
    pub fn key(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Yandex => "yandex",
            Self::Fastmail => "fastmail",
        }
    }

    /// The opposite of [`Self::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|issuer| issuer.key() == key)
    }
}

/// Where an authorisation server is asked for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuthEndpoints {
    /// The issuer's identifier.
    pub issuer: String,
    /// Opened in the browser.
    pub authorize: Url,
    /// Codes and refresh tokens become access tokens here.
    pub token: Url,
    /// Grants are ended here (RFC 7009).
    pub revoke: Option<Url>,
    /// Clients are registered here (RFC 7591).
    pub registration: Option<Url>,
    /// Tells who signed in (OpenID Connect Core §5.3).
    pub userinfo: Option<Url>,
    /// The answer in the browser names the issuer (RFC 9207), so that an answer without it is refused.
    pub iss_in_answer: bool,
}

/// A form of redirect address that the server accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RedirectKind {
    /// `http://127.0.0.1:PORT` and a path (RFC 8252 §7.3).
    LoopbackIp {
        /// Empty, or begins with a slash. An empty path is not the same as `/`: servers compare byte for byte.
        path: String,
    },
    /// `http://localhost:PORT` and a path.
    LoopbackName {
        /// As above.
        path: String,
    },
    /// [`CUSTOM_SCHEME_REDIRECT`].
    CustomScheme,
    /// A page of the provider's that shows the code, which the person then pastes.
    CodePage {
        /// The page.
        uri: String,
    },
}

impl RedirectKind {
    /// The redirect address; `None` for a loopback form without a port. Built by hand, since a URL type would add a slash.
    pub fn uri(&self, port: Option<u16>) -> Option<String> {
        match self {
            Self::LoopbackIp { path } => port.map(|port| format!("http://127.0.0.1:{port}{path}")),
            Self::LoopbackName { path } => port.map(|port| format!("http://localhost:{port}{path}")),
            Self::CustomScheme => Some(CUSTOM_SCHEME_REDIRECT.to_owned()),
            Self::CodePage { uri } => Some(uri.clone()),
        }
    }

    /// The address to register, where a loopback form stands for any port.
    pub(super) fn registered_uri(&self) -> String {
        match self {
            Self::LoopbackIp { path } => format!("http://127.0.0.1{path}"),
            Self::LoopbackName { path } => format!("http://localhost{path}"),
            Self::CustomScheme => CUSTOM_SCHEME_REDIRECT.to_owned(),
            Self::CodePage { uri } => uri.clone(),
        }
    }
}

/// How the client secret is shown, when there is one (RFC 6749 §2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretPolicy {
    /// In the body, `client_secret_post`.
    Body,
    /// In the header, `client_secret_basic`.
    Basic,
}

/// What the issuer in an ID token must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum IdTokenIssuer {
    /// This.
    Exact {
        /// The issuer.
        issuer: String,
    },
    /// Microsoft's issuer of the tenant that the token itself names (`tid`).
    MicrosoftTenant,
}

/// How a grant is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationForm {
    /// RFC 7009: `token`, the refresh token if there is one.
    Standard,
    /// Yandex: `access_token`, and only for tokens that were issued to a `device_id`.
    AccessToken,
}

/// Everything that differs between authorisation servers. It is stored with an account, so that a refresh needs no
/// discovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuthProfile {
    /// The key of a built-in profile, or the issuer's address.
    pub key: String,
    /// The addresses.
    pub endpoints: OAuthEndpoints,
    /// What is asked for, in this order.
    pub scopes: Vec<String>,
    /// Those of them without which mail cannot be read and sent.
    pub mail_scopes: Vec<String>,
    /// Further parameters of the authorisation request.
    pub extra: Vec<(String, String)>,
    /// Accepted redirect addresses, best first.
    pub redirects: Vec<RedirectKind>,
    /// The server takes the address as `login_hint`.
    pub login_hint: bool,
    /// The server wants a `device_id`, made anew for every sign-in.
    pub device_id: bool,
    /// How a secret is shown.
    pub secret: SecretPolicy,
    /// What the ID token's issuer must be.
    pub id_token_issuer: IdTokenIssuer,
    /// How a grant is ended.
    pub revocation: RevocationForm,
    /// The page on which the person can end the grant.
    pub grants_page: Option<String>,
    /// A mail server takes the token for another mailbox, too, when whoever signed in may open that one: Microsoft's shared
    /// mailboxes.
    #[serde(default)]
    pub delegates: bool,
}

impl OAuthProfile {
    /// True when an ID token will come.
    pub fn asks_for_id_token(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "openid")
    }

    /// Asks for these scopes for mail, beside those that name the person and keep the grant.
    pub fn ask_for(&mut self, scopes: &[String]) {
        let is_about_mail =
            |scope: &&String| !matches!(scope.as_str(), "openid" | "email" | "profile" | "offline_access");
        self.mail_scopes = scopes.iter().filter(is_about_mail).cloned().collect();
        let kept = self.scopes.iter().filter(|scope| !is_about_mail(scope));
        let mut all: Vec<String> = scopes.iter().chain(kept).cloned().collect();
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|scope| seen.insert(scope.clone()));
        self.scopes = all;
    }

    /// Leaves only the scheme of its own as redirect, for a registration whose server kept nothing else.
    pub fn redirect_by_scheme_only(&mut self) {
        self.redirects = vec![RedirectKind::CustomScheme];
    }

    /// The redirect address over the program's own scheme, where the server accepts it.
    pub fn custom_scheme_redirect(&self) -> Option<String> {
        self.redirects
            .iter()
            .find(|kind| **kind == RedirectKind::CustomScheme)
            .and_then(|kind| kind.uri(None))
    }

    /// The page that shows a code to paste, where the server has one.
    pub fn code_page_redirect(&self) -> Option<String> {
        self.redirects
            .iter()
            .find(|kind| matches!(kind, RedirectKind::CodePage { .. }))
            .and_then(|kind| kind.uri(None))
    }

    /// Microsoft's tenant that the endpoints name; `None` for one that stands for many.
    pub fn tenant(&self) -> Option<&str> {
        if self.key != BuiltinIssuer::Microsoft.key() {
            return None;
        }
        let tenant = self.endpoints.token.path_segments()?.next()?;
        (!stands_for_many(tenant)).then_some(tenant)
    }

    /// The page on which the person who has `tokens` can end the grant.
    pub(super) fn page_of_grants(&self, tokens: &TokenSet) -> Option<String> {
        let tid = tokens.id_claims.as_ref().and_then(|claims| claims.tid.as_deref());
        if self.key == BuiltinIssuer::Microsoft.key() && tid == Some(PERSONAL_TENANT) {
            return Some(MICROSOFT_PERSONAL_GRANTS.to_owned());
        }
        self.grants_page.clone()
    }

    /// The page on which an administrator can allow the client: Microsoft's for the tenant that the endpoints name, for
    /// `tenant`, or for the one in which the administrator signs in; Google's list of programs.
    pub fn approval_page(&self, client_id: &str, tenant: Option<&str>) -> Option<String> {
        if self.key == BuiltinIssuer::Google.key() {
            return Some(GOOGLE_APPROVALS.to_owned());
        }
        if self.key != BuiltinIssuer::Microsoft.key() {
            return None;
        }
        let tenant = self.tenant().or(tenant).unwrap_or("organizations");
        let mut url = self
            .endpoints
            .token
            .join(&format!("/{tenant}/adminconsent"))
            .ok()?;
        url.query_pairs_mut().append_pair("client_id", client_id);
        Some(url.into())
    }
}

/// The profile with this key. `tenant` matters to Microsoft only and is `common` when there is none.
///
/// # Errors
/// [`OAuthError::ProfileUnknown`] for another key, [`OAuthError::Input`] for a tenant that is none.
pub fn builtin_profile(key: &str, tenant: Option<&str>) -> Result<OAuthProfile, OAuthError> {
    let Some(issuer) = BuiltinIssuer::from_key(key) else {
        return Err(OAuthError::ProfileUnknown { key: key.to_owned() });
    };
    match issuer {
        BuiltinIssuer::Google => google(),
        BuiltinIssuer::Microsoft => microsoft(tenant.unwrap_or("common")),
        BuiltinIssuer::Yandex => yandex(),
        BuiltinIssuer::Fastmail => fastmail(),
    }
}

/// True for the names under which Microsoft lets accounts of more than one tenant sign in.
pub fn stands_for_many(tenant: &str) -> bool {
    matches!(tenant, "common" | "consumers" | "organizations")
}

/// The tenant of everybody's personal Microsoft account ("ID token claims reference", `tid`).
pub(super) const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const MICROSOFT_PERSONAL_GRANTS: &str = "https://account.live.com/consent/Manage";
/// Programs of others in Google's admin console.
const GOOGLE_APPROVALS: &str = "https://admin.google.com/ac/owl/list?tab=configuredApps";

fn url(text: &str) -> Result<Url, OAuthError> {
    Url::parse(text).map_err(|_| OAuthError::Input { field: "issuer" })
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn pairs(texts: &[(&str, &str)]) -> Vec<(String, String)> {
    texts
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn google() -> Result<OAuthProfile, OAuthError> {
    let issuer = "https://accounts.google.com";
    Ok(OAuthProfile {
        key: "google".to_owned(),
        endpoints: OAuthEndpoints {
            issuer: issuer.to_owned(),
            authorize: url("https://accounts.google.com/o/oauth2/v2/auth")?,
            token: url("https://oauth2.googleapis.com/token")?,
            revoke: Some(url("https://oauth2.googleapis.com/revoke")?),
            registration: None,
            userinfo: Some(url("https://openidconnect.googleapis.com/v1/userinfo")?),
            iss_in_answer: true,
        },
        scopes: strings(&["https://mail.google.com/", "openid", "email"]),
        mail_scopes: strings(&["https://mail.google.com/"]),
        // A refresh token comes only with `offline`, and on a second sign-in only with `consent`.
        extra: pairs(&[("access_type", "offline"), ("prompt", "consent select_account")]),
        redirects: vec![RedirectKind::LoopbackIp { path: String::new() }],
        login_hint: true,
        device_id: false,
        secret: SecretPolicy::Body,
        id_token_issuer: IdTokenIssuer::Exact {
            issuer: issuer.to_owned(),
        },
        revocation: RevocationForm::Standard,
        grants_page: Some("https://myaccount.google.com/connections".to_owned()),
        delegates: false,
    })
}

fn microsoft(tenant: &str) -> Result<OAuthProfile, OAuthError> {
    let is_tenant = (1..=253).contains(&tenant.len())
        && tenant
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        && !tenant.starts_with('.')
        && !tenant.contains("..");
    if !is_tenant {
        return Err(OAuthError::Input { field: "tenant" });
    }
    let base = format!("https://login.microsoftonline.com/{tenant}");
    Ok(OAuthProfile {
        key: "microsoft".to_owned(),
        endpoints: OAuthEndpoints {
            issuer: format!("{base}/v2.0"),
            authorize: url(&format!("{base}/oauth2/v2.0/authorize"))?,
            token: url(&format!("{base}/oauth2/v2.0/token"))?,
            // There is no RFC 7009 here.
            revoke: None,
            registration: None,
            // Graph's; a token for mail does not open it. The ID token tells the name.
            userinfo: None,
            iss_in_answer: false,
        },
        scopes: strings(&[
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
            "openid",
            "profile",
            "email",
        ]),
        mail_scopes: strings(&[
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
        ]),
        extra: pairs(&[("prompt", "select_account")]),
        redirects: vec![
            // 127.0.0.1 cannot be registered on Microsoft's pages.
            RedirectKind::LoopbackName { path: String::new() },
            RedirectKind::CustomScheme,
        ],
        login_hint: true,
        device_id: false,
        secret: SecretPolicy::Body,
        id_token_issuer: IdTokenIssuer::MicrosoftTenant,
        revocation: RevocationForm::Standard,
        grants_page: Some(
            if tenant == "consumers" {
                MICROSOFT_PERSONAL_GRANTS
            } else {
                "https://myapps.microsoft.com"
            }
            .to_owned(),
        ),
        delegates: true,
    })
}

fn yandex() -> Result<OAuthProfile, OAuthError> {
    Ok(OAuthProfile {
        key: "yandex".to_owned(),
        endpoints: OAuthEndpoints {
            issuer: "https://oauth.yandex.com".to_owned(),
            authorize: url("https://oauth.yandex.com/authorize")?,
            token: url("https://oauth.yandex.com/token")?,
            revoke: Some(url("https://oauth.yandex.com/revoke_token")?),
            registration: None,
            userinfo: None,
            iss_in_answer: false,
        },
        scopes: strings(&["mail:imap_full", "mail:smtp"]),
        mail_scopes: strings(&["mail:imap_full", "mail:smtp"]),
        extra: pairs(&[("force_confirm", "yes"), ("device_name", "Mailroom")]),
        redirects: vec![
            RedirectKind::LoopbackName { path: String::new() },
            RedirectKind::CodePage {
                uri: "https://oauth.yandex.ru/verification_code".to_owned(),
            },
        ],
        login_hint: true,
        device_id: true,
        secret: SecretPolicy::Body,
        id_token_issuer: IdTokenIssuer::Exact {
            issuer: "https://oauth.yandex.com".to_owned(),
        },
        revocation: RevocationForm::AccessToken,
        grants_page: None,
        delegates: false,
    })
}

fn fastmail() -> Result<OAuthProfile, OAuthError> {
    let issuer = "https://api.fastmail.com";
    Ok(OAuthProfile {
        key: "fastmail".to_owned(),
        endpoints: OAuthEndpoints {
            issuer: issuer.to_owned(),
            authorize: url("https://api.fastmail.com/oauth/authorize")?,
            // Codes are exchanged at the address for refreshes, too.
            token: url("https://api.fastmail.com/oauth/refresh")?,
            revoke: Some(url("https://api.fastmail.com/oauth/revoke")?),
            registration: None,
            userinfo: None,
            iss_in_answer: true,
        },
        scopes: strings(&[
            "https://www.fastmail.com/dev/protocol-imap",
            "https://www.fastmail.com/dev/protocol-smtp",
        ]),
        mail_scopes: strings(&[
            "https://www.fastmail.com/dev/protocol-imap",
            "https://www.fastmail.com/dev/protocol-smtp",
        ]),
        extra: Vec::new(),
        redirects: vec![
            RedirectKind::LoopbackName { path: "/".to_owned() },
            RedirectKind::CustomScheme,
        ],
        login_hint: true,
        device_id: false,
        secret: SecretPolicy::Body,
        id_token_issuer: IdTokenIssuer::Exact {
            issuer: issuer.to_owned(),
        },
        revocation: RevocationForm::Standard,
        grants_page: None,
        delegates: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_profile_asks_for_its_mail_scopes_over_https() {
        for issuer in BuiltinIssuer::EVERY {
            let profile = builtin_profile(issuer.key(), None).unwrap();
            assert_eq!(profile.key, issuer.key());
            assert!(!profile.mail_scopes.is_empty());
            assert!(
                profile
                    .mail_scopes
                    .iter()
                    .all(|scope| profile.scopes.contains(scope))
            );
            for url in [&profile.endpoints.authorize, &profile.endpoints.token] {
                assert_eq!(url.scheme(), "https");
            }
            let stored = serde_json::to_string(&profile).unwrap();
            assert_eq!(serde_json::from_str::<OAuthProfile>(&stored).unwrap(), profile);
        }
        assert!(matches!(
            builtin_profile("mailru", None),
            Err(OAuthError::ProfileUnknown { .. })
        ));
    }

    #[test]
    fn tenant_stands_in_the_addresses_or_is_refused() {
        let token = |tenant: Option<&str>| {
            builtin_profile("microsoft", tenant).map(|profile| profile.endpoints.token.to_string())
        };
        let of = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token");
        assert_eq!(token(None).unwrap(), of("common"));
        assert_eq!(token(Some("consumers")).unwrap(), of("consumers"));
        assert_eq!(
            token(Some("contoso.onmicrosoft.com")).unwrap(),
            of("contoso.onmicrosoft.com")
        );
        for bad in ["", "a/b", "..", ".", "a?b", "ż"] {
            assert!(
                matches!(token(Some(bad)), Err(OAuthError::Input { field: "tenant" })),
                "{bad}"
            );
        }
    }

    #[test]
    fn administrator_page_names_tenant_and_client() {
        let profile = |tenant| builtin_profile("microsoft", tenant).unwrap();
        assert_eq!(
            profile(None).approval_page("abc", None).unwrap(),
            "https://login.microsoftonline.com/organizations/adminconsent?client_id=abc"
        );
        assert_eq!(
            profile(Some("contoso.com")).approval_page("abc", None).unwrap(),
            "https://login.microsoftonline.com/contoso.com/adminconsent?client_id=abc"
        );
        let tenant = "0a1b2c3d-0123-4567-89ab-0123456789ab";
        assert_eq!(
            profile(Some("consumers"))
                .approval_page("abc", Some(tenant))
                .unwrap(),
            format!("https://login.microsoftonline.com/{tenant}/adminconsent?client_id=abc")
        );
        let page = |key: &str| builtin_profile(key, None).unwrap().approval_page("abc", None);
        assert_eq!(page("google").as_deref(), Some(GOOGLE_APPROVALS));
        assert_eq!(page("yandex"), None);
    }

    #[test]
    fn redirect_address_is_byte_exact() {
        let uri =
            |key: &str, index: usize| builtin_profile(key, None).unwrap().redirects[index].uri(Some(1234));
        assert_eq!(uri("google", 0).as_deref(), Some("http://127.0.0.1:1234"));
        assert_eq!(uri("microsoft", 0).as_deref(), Some("http://localhost:1234"));
        assert_eq!(
            uri("microsoft", 1).as_deref(),
            Some("app.mailroom://oauth/callback")
        );
        assert_eq!(uri("yandex", 0).as_deref(), Some("http://localhost:1234"));
        assert_eq!(
            uri("yandex", 1).as_deref(),
            Some("https://oauth.yandex.ru/verification_code")
        );
        assert_eq!(uri("fastmail", 0).as_deref(), Some("http://localhost:1234/"));
    }
}
