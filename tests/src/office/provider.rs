//! The OpenID provider seen from a test.

use serde_json::{Value, json};
use url::Url;

use super::OfficeError;
use crate::browser;
use crate::http::{self, Response};

/// The tokens of one sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// What IMAP and SMTP take as a bearer token.
    pub access: String,
    /// What brings the next access token. It works once: every use brings a new one.
    pub refresh: String,
}

/// The example pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "app.mailroom://oauth/callback";
const PROVIDER: &str = "the OpenID provider";

/// The provider's address, and what it can be asked.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    issuer: String,
}

impl Provider {
    pub(super) fn new(port: u16) -> Self {
        Self {
            issuer: format!("http://127.0.0.1:{port}"),
        }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    fn url(&self, path: &str) -> Result<Url, OfficeError> {
        let address = format!("{}{path}", self.issuer);
        Url::parse(&address).map_err(|source| browser::BrowserError::Address { address, source }.into())
    }

    pub(super) fn set(&self, change: &Value) -> Result<(), OfficeError> {
        expect_ok("set", http::post_json(&self.url("/_test/set")?, change)).map(drop)
    }

    pub(super) fn kill_access(&self, token: &str) -> Result<(), OfficeError> {
        expect_ok(
            "kill-access",
            http::post_json(&self.url("/_test/kill-access")?, &json!({ "token": token })),
        )
        .map(drop)
    }

    pub(super) fn end_grants(&self) -> Result<(), OfficeError> {
        let answer = http::post_json(&self.url("/_test/end-grants")?, &json!({}));
        expect_ok("end-grants", answer).map(drop)
    }

    pub(super) fn log(&self) -> Result<Vec<Value>, OfficeError> {
        let answer = expect_ok("log", http::get(&self.url("/_test/log")?, &[]))?;
        Ok(answer.json().as_array().cloned().unwrap_or_default())
    }

    pub(super) fn tokens(&self, login: &str, client_id: &str, scope: &str) -> Result<Tokens, OfficeError> {
        let mut authorize = self.url("/auth")?;
        authorize.query_pairs_mut().extend_pairs([
            ("client_id", client_id),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", &format!("openid offline_access {scope}")),
            ("state", "office"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let landing = browser::approve_blocking(authorize.as_str(), login)?;
        let code = landing.parameter("code").ok_or_else(|| OfficeError::Refused {
            command: "authorize".to_owned(),
            reply: landing.address.clone(),
        })?;
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("redirect_uri", REDIRECT),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        let answer = expect_ok("token", http::post_form(&self.url("/token")?, &[], &fields))?.json();
        let field = |name: &str| {
            answer
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Ok(Tokens {
            access: field("access_token"),
            refresh: field("refresh_token"),
        })
    }
}

fn expect_ok(command: &str, answer: std::io::Result<Response>) -> Result<Response, OfficeError> {
    let answer = answer.map_err(|source| OfficeError::Conversation {
        server: PROVIDER,
        source,
    })?;
    if answer.status == 200 {
        return Ok(answer);
    }
    Err(OfficeError::Refused {
        command: command.to_owned(),
        reply: format!("{} {}", answer.status, answer.text()),
    })
}
