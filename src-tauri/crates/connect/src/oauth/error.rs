//! Why a sign-in or a refresh failed, and what servers mean by their error codes.

use mailroom_model::{Coded, ErrorCode, Params};

use crate::http::HttpError;

/// Where JSON is wrong. serde_json's own error quotes the value, which may be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{category} at line {line}, column {column}")]
pub struct JsonFault {
    category: &'static str,
    line: usize,
    column: usize,
}

impl JsonFault {
    pub(crate) fn of(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let category = match error.classify() {
            Category::Io => "unreadable input",
            Category::Syntax => "no JSON",
            Category::Data => "a value of another kind",
            Category::Eof => "an early end",
        };
        Self {
            category,
            line: error.line(),
            column: error.column(),
        }
    }
}

/// Why OAuth did not lead to a token. No variant holds a token, a code or a secret.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// There is no client id for the issuer.
    #[error("there is no client id for {issuer}")]
    NoClientId {
        /// The profile's key.
        issuer: String,
    },
    /// No built-in profile has this key.
    #[error("there is no built-in profile {key}")]
    ProfileUnknown {
        /// The key.
        key: String,
    },
    /// The authorisation server registers no clients by itself.
    #[error("{issuer} registers no clients by itself")]
    RegistrationUnsupported {
        /// The issuer.
        issuer: String,
    },
    /// Something that was entered cannot be used.
    #[error("{field} is not valid")]
    Input {
        /// What: `tenant`, `issuer`, `client_id`, `redirect_uri`, `answer`.
        field: &'static str,
    },
    /// The port for the answer could not be opened.
    #[error("no loopback port could be opened")]
    Listener(#[source] std::io::Error),
    /// Nobody finished the sign-in in time.
    #[error("nobody finished the sign-in in time")]
    NoAnswer,
    /// The answer's `state` is missing or belongs to another sign-in.
    #[error("the answer belongs to another sign-in")]
    StateMismatch,
    /// An answer came a second time.
    #[error("the sign-in was answered before")]
    AnsweredBefore,
    /// The answer or the metadata names another issuer, or none where one is due (RFC 9207, RFC 8414 §3.3).
    #[error("the issuer is not {expected}")]
    IssuerMismatch {
        /// Whom the answer should come from.
        expected: String,
        /// Whom it names, empty for nobody.
        found: String,
    },
    /// The person refused.
    #[error("access was refused")]
    Denied,
    /// The organisation's administrator has to allow the program first.
    #[error("an administrator has to allow the program first")]
    AdminConsentNeeded {
        /// Microsoft's number for the reason; 0 where another service says it.
        aadsts: u32,
        /// The server's error code.
        error: String,
        /// The page on which an administrator can allow it.
        url: Option<String>,
    },
    /// Access was granted without some of the scopes that mail needs.
    #[error("access was granted without the right to read or send mail")]
    ScopeMissing {
        /// The scopes that are missing.
        missing: Vec<String>,
    },
    /// The grant is gone, or wants the person again.
    #[error("the grant is no longer valid")]
    SignInAgain {
        /// The server's error code, empty when there was no refresh token to show.
        error: String,
    },
    /// The server does not know the client, its secret or its redirect address, or does not let it use the scopes.
    #[error("the server refuses the client")]
    ClientInvalid {
        /// The server's error code.
        error: String,
    },
    /// The server says that it cannot answer now.
    #[error("the authorisation server cannot answer now")]
    TemporarilyUnavailable {
        /// The server's error code.
        error: String,
    },
    /// The server refuses for another reason.
    #[error("the authorisation server refuses")]
    Refused {
        /// The server's error code.
        error: String,
    },
    /// The server's answer breaks the protocol.
    #[error("the authorisation server's answer is not valid: {what}")]
    Nonsense {
        /// Which part.
        what: &'static str,
    },
    /// The server's answer is not the JSON it should be.
    #[error("the authorisation server's answer cannot be read")]
    Unreadable(#[source] JsonFault),
    /// The ID token is not for this sign-in.
    #[error("the ID token's {claim} is not valid")]
    IdToken {
        /// Which claim.
        claim: &'static str,
    },
    /// No usable HTTP answer.
    #[error("no answer from the authorisation server")]
    Http(#[from] HttpError),
}

impl OAuthError {
    /// True when the same request may succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Http(error) => error.is_temporary(),
            Self::TemporarilyUnavailable { .. } => true,
            _ => false,
        }
    }
}

impl Coded for OAuthError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoClientId { .. } | Self::ProfileUnknown { .. } | Self::RegistrationUnsupported { .. } => {
                ErrorCode::OauthUnavailable
            }
            Self::Input { .. } => ErrorCode::InputInvalid,
            Self::Listener(_) => ErrorCode::Internal,
            Self::NoAnswer => ErrorCode::OauthTimeout,
            Self::StateMismatch | Self::AnsweredBefore => ErrorCode::OauthStateMismatch,
            Self::IssuerMismatch { .. } => ErrorCode::OauthIssuerMismatch,
            Self::Denied => ErrorCode::OauthDenied,
            Self::AdminConsentNeeded { .. } => ErrorCode::OauthAdminConsentNeeded,
            Self::ScopeMissing { .. } => ErrorCode::OauthScopeMissing,
            Self::SignInAgain { .. } => ErrorCode::SignInAgain,
            Self::ClientInvalid { .. } => ErrorCode::OauthClientInvalid,
            Self::TemporarilyUnavailable { .. }
            | Self::Refused { .. }
            | Self::Nonsense { .. }
            | Self::Unreadable(_)
            | Self::IdToken { .. } => ErrorCode::OauthServerError,
            Self::Http(error) => error.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoClientId { issuer } | Self::RegistrationUnsupported { issuer } => {
                Params::from([("issuer", issuer.as_str().into())])
            }
            Self::ProfileUnknown { key } => Params::from([("issuer", key.as_str().into())]),
            Self::Input { field } => Params::from([("field", (*field).into())]),
            Self::IssuerMismatch { expected, found } => Params::from([
                ("expected", expected.as_str().into()),
                ("found", found.as_str().into()),
            ]),
            Self::AdminConsentNeeded { aadsts, error, url } => {
                let mut params = Params::from([
                    ("aadsts", i64::from(*aadsts).into()),
                    ("error", error.as_str().into()),
                ]);
                if let Some(url) = url {
                    params.insert("url", url.as_str().into());
                }
                params
            }
            Self::ScopeMissing { missing } => Params::from([("scopes", missing.join(" ").into())]),
            Self::SignInAgain { error }
            | Self::ClientInvalid { error }
            | Self::TemporarilyUnavailable { error }
            | Self::Refused { error } => Params::from([("error", error.as_str().into())]),
            Self::Nonsense { what } => Params::from([("reason", (*what).into())]),
            Self::IdToken { claim } => Params::from([("reason", (*claim).into())]),
            Self::Http(error) => error.params(),
            Self::Listener(_)
            | Self::NoAnswer
            | Self::StateMismatch
            | Self::AnsweredBefore
            | Self::Denied
            | Self::Unreadable(_) => Params::new(),
        }
    }
}

/// What an error means to the person in front of the screen.
#[derive(Clone, Copy)]
enum Meaning {
    /// An administrator has to consent, for which there is a page.
    Consent,
    /// A rule of the organisation keeps the person or the program out.
    Rule,
    /// The registration is wrong.
    Client,
    /// The person refused.
    Denied,
    /// The person has to sign in again.
    Again,
    /// Later it may succeed.
    Later,
    /// Something else.
    Other,
}

/// Which part of the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    /// The authorisation endpoint, with the person in front of it.
    Browser,
    /// The token endpoint and its siblings, where nobody can be asked.
    Token,
}

/// Microsoft's numbers stand in the description of an error, beside an error code that is too coarse: without them "an
/// administrator has to consent" cannot be told from "the person refused". Microsoft may change them ("Microsoft Entra
/// authentication and authorization error codes"), so a number that is not here changes nothing.
const AADSTS: &[(u32, Meaning)] = &[
    (50_011, Meaning::Client),
    (50_076, Meaning::Again),
    (50_079, Meaning::Again),
    (50_105, Meaning::Rule),
    (50_194, Meaning::Client),
    (53_003, Meaning::Rule),
    (65_001, Meaning::Consent),
    (65_004, Meaning::Denied),
    (65_005, Meaning::Client),
    (70_008, Meaning::Again),
    (90_093, Meaning::Consent),
    (90_094, Meaning::Consent),
    (90_095, Meaning::Consent),
    (700_016, Meaning::Client),
    (700_082, Meaning::Again),
    (7_000_218, Meaning::Client),
];

/// What an error of the authorisation or token endpoint means (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6).
/// `admin_url` is the page on which an administrator can allow the program.
pub(super) fn meaning(
    speaker: Speaker,
    error: &str,
    description: Option<&str>,
    admin_url: Option<String>,
) -> OAuthError {
    let number = description.and_then(aadsts);
    let known = number
        .and_then(|number| AADSTS.iter().find(|(known, _)| *known == number))
        // "No consent" from the token endpoint: a new sign-in asks for it, and says whether an administrator has to give it.
        .filter(|(known, _)| !(*known == 65_001 && error == "invalid_grant"));
    let meaning = match (known, error) {
        (Some((_, meaning)), _) => *meaning,
        (None, "access_denied") => Meaning::Denied,
        // Google Workspace: the organisation lets nobody use the program, or not with these scopes.
        (None, "admin_policy_enforced") => Meaning::Consent,
        // The person was there and could not give it.
        (None, "consent_required") if speaker == Speaker::Browser => Meaning::Consent,
        (
            None,
            "invalid_grant"
            | "interaction_required"
            | "login_required"
            | "consent_required"
            | "account_selection_required",
        ) => Meaning::Again,
        (
            None,
            "invalid_client"
            | "unauthorized_client"
            | "org_internal"
            | "invalid_scope"
            | "redirect_uri_mismatch"
            | "invalid_redirect_uri",
        ) => Meaning::Client,
        (None, "temporarily_unavailable" | "server_error") => Meaning::Later,
        (None, _) => Meaning::Other,
    };
    // Foreign text: a code is short and plain, or it is no code.
    let is_code = error.len() <= 64
        && error
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    let error = if is_code { error.to_owned() } else { String::new() };
    match meaning {
        Meaning::Consent | Meaning::Rule => OAuthError::AdminConsentNeeded {
            aadsts: number.unwrap_or_default(),
            error,
            url: admin_url.filter(|_| matches!(meaning, Meaning::Consent)),
        },
        Meaning::Client => OAuthError::ClientInvalid { error },
        Meaning::Denied => OAuthError::Denied,
        Meaning::Again => OAuthError::SignInAgain { error },
        Meaning::Later => OAuthError::TemporarilyUnavailable { error },
        Meaning::Other => OAuthError::Refused { error },
    }
}

fn aadsts(description: &str) -> Option<u32> {
    let (_, rest) = description.split_once("AADSTS")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_error_becomes_what_the_person_can_do() {
        let cases = [
            ("access_denied", None, ErrorCode::OauthDenied),
            ("invalid_grant", None, ErrorCode::SignInAgain),
            (
                "interaction_required",
                Some("AADSTS50076: MFA"),
                ErrorCode::SignInAgain,
            ),
            ("invalid_grant", Some("AADSTS65001: x"), ErrorCode::SignInAgain),
            (
                "access_denied",
                Some("AADSTS65001: x"),
                ErrorCode::OauthAdminConsentNeeded,
            ),
            (
                "access_denied",
                Some("AADSTS50105: x"),
                ErrorCode::OauthAdminConsentNeeded,
            ),
            (
                "access_denied",
                Some("AADSTS90094: admin"),
                ErrorCode::OauthAdminConsentNeeded,
            ),
            (
                "access_denied",
                Some("AADSTS65004: declined"),
                ErrorCode::OauthDenied,
            ),
            (
                "invalid_request",
                Some("AADSTS50011: redirect"),
                ErrorCode::OauthClientInvalid,
            ),
            (
                "invalid_client",
                Some("AADSTS7000218: secret"),
                ErrorCode::OauthClientInvalid,
            ),
            ("access_denied", Some("AADSTS1: unknown"), ErrorCode::OauthDenied),
            (
                "access_denied",
                Some("AADSTS99999999999999"),
                ErrorCode::OauthDenied,
            ),
            ("invalid_client", None, ErrorCode::OauthClientInvalid),
            ("invalid_scope", None, ErrorCode::OauthClientInvalid),
            ("temporarily_unavailable", None, ErrorCode::OauthServerError),
            ("<b>odd</b>", None, ErrorCode::OauthServerError),
            (
                "access_denied",
                Some("AADSTS90095: ask"),
                ErrorCode::OauthAdminConsentNeeded,
            ),
            (
                "consent_required",
                Some("AADSTS65001: x"),
                ErrorCode::OauthAdminConsentNeeded,
            ),
            (
                "consent_required",
                Some("AADSTS65004: declined"),
                ErrorCode::OauthDenied,
            ),
            ("consent_required", None, ErrorCode::OauthAdminConsentNeeded),
            ("admin_policy_enforced", None, ErrorCode::OauthAdminConsentNeeded),
            ("org_internal", None, ErrorCode::OauthClientInvalid),
        ];
        let token = meaning(Speaker::Token, "consent_required", None, None);
        assert_eq!(token.code(), ErrorCode::SignInAgain, "nobody could be asked");
        for (error, description, code) in cases {
            assert_eq!(
                meaning(Speaker::Browser, error, description, None).code(),
                code,
                "{error} {description:?}"
            );
        }
        let page = |number: &str| {
            let error = meaning(
                Speaker::Browser,
                "access_denied",
                Some(number),
                Some("https://x.example".to_owned()),
            );
            error.params().contains_key("url")
        };
        assert_eq!((page("AADSTS90094"), page("AADSTS53003")), (true, false));
        assert!(meaning(Speaker::Token, "temporarily_unavailable", None, None).is_temporary());
        assert!(!meaning(Speaker::Token, "invalid_grant", None, None).is_temporary());
        let OAuthError::Refused { error } = meaning(Speaker::Token, "<b>odd</b>", None, None) else {
            panic!()
        };
        assert_eq!(error, "");
    }
}
