//! One sign-in: the address for the browser, and the check of what comes back.

use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mailroom_model::{EmailAddress, Secret};
use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::answer::{self, Answer};
use super::error::meaning;
use super::{OAuthError, OAuthProfile, Registration};

/// A code that belongs to the sign-in it was checked against. It is worth nothing without the verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode(pub(super) Secret<String>);

/// A sign-in that has begun. It is answered once.
#[derive(Debug)]
pub struct Authorization {
    url: Url,
    state: Secret<String>,
    pub(super) verifier: Secret<String>,
    pub(super) nonce: Option<String>,
    redirect_uri: String,
    issuer: String,
    iss_in_answer: bool,
    authorize_origin: url::Origin,
    /// The provider's page shows a code without a state.
    bare_code: bool,
    admin_consent_url: Option<String>,
    answered: AtomicBool,
}

impl Authorization {
    /// Makes the address that the browser opens (RFC 6749 §4.1.1, PKCE S256 of RFC 7636). `random` fills a slice with
    /// unpredictable bytes: 32 for the state, 64 for the verifier, 32 for the nonce if an ID token is asked for.
    /// `login_hint` is passed on if the server takes one.
    ///
    /// # Errors
    /// [`OAuthError::Input`] for a redirect address or client id that is none.
    pub fn begin(
        profile: &OAuthProfile,
        registration: &Registration,
        redirect_uri: String,
        login_hint: Option<&EmailAddress>,
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Self, OAuthError> {
        if registration.client_id.trim().is_empty() {
            return Err(OAuthError::Input { field: "client_id" });
        }
        let redirect = RedirectUrl::new(redirect_uri.clone()).map_err(|_| OAuthError::Input {
            field: "redirect_uri",
        })?;
        let state = token::<32>(random);
        let verifier = token::<64>(random);
        let nonce = profile.asks_for_id_token().then(|| token::<32>(random));
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
        let client = BasicClient::new(ClientId::new(registration.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(profile.endpoints.authorize.clone()))
            .set_redirect_uri(redirect);
        let mut request = client
            .authorize_url(|| CsrfToken::new(state.clone()))
            .add_scopes(profile.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        for (name, value) in &profile.extra {
            request = request.add_extra_param(name, value);
        }
        if let Some(nonce) = &nonce {
            request = request.add_extra_param("nonce", nonce);
        }
        if profile.device_id {
            request = request.add_extra_param("device_id", token::<16>(random));
        }
        if let Some(address) = login_hint.filter(|_| profile.login_hint) {
            request = request.add_extra_param("login_hint", address.to_string());
        }
        let (url, _) = request.url();
        Ok(Self {
            url,
            state: Secret::new(state),
            verifier: Secret::new(verifier),
            nonce,
            bare_code: profile
                .code_page_redirect()
                .is_some_and(|page| page == redirect_uri),
            redirect_uri,
            issuer: profile.endpoints.issuer.clone(),
            iss_in_answer: profile.endpoints.iss_in_answer,
            authorize_origin: profile.endpoints.authorize.origin(),
            admin_consent_url: profile.admin_consent_url(&registration.client_id),
            answered: AtomicBool::new(false),
        })
    }

    /// What the browser opens. It carries no secret: state and challenge are worth nothing without the verifier.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The redirect address, byte for byte as the server was told.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// True when `state` is this sign-in's, compared in constant time.
    pub(super) fn has_state(&self, state: &str) -> bool {
        state.as_bytes().ct_eq(self.state.expose().as_bytes()).into()
    }

    /// Checks an answer: the whole redirect address, its query, or text that was pasted; a bare code only if the redirect
    /// address is the provider's page that shows one. An answer that carries the right state is used up by this.
    ///
    /// # Errors
    /// [`OAuthError::Input`] for what is no answer; [`OAuthError::StateMismatch`], [`OAuthError::AnsweredBefore`],
    /// [`OAuthError::IssuerMismatch`] for one that must not be believed; [`OAuthError::Denied`] and its siblings for what
    /// the server says.
    pub fn check_answer(&self, callback: &str) -> Result<AuthorizationCode, OAuthError> {
        let unreadable = OAuthError::Input { field: "answer" };
        match answer::parse(callback) {
            // No state here, and none needed: a foreign code does not fit our verifier.
            Some(Answer::BareCode(code)) if self.bare_code => {
                self.use_up()?;
                Ok(AuthorizationCode(Secret::new(code)))
            }
            None | Some(Answer::BareCode(_)) => Err(unreadable),
            Some(Answer::Redirect {
                location,
                state,
                code,
                iss,
                error,
                description,
            }) => {
                if location.is_some_and(|location| !self.is_redirect(&location)) {
                    return Err(unreadable);
                }
                if !state.is_some_and(|state| self.has_state(&state)) {
                    return Err(OAuthError::StateMismatch);
                }
                self.use_up()?;
                self.check_issuer(iss)?;
                if let Some(error) = error {
                    return Err(meaning(
                        &error,
                        description.as_deref(),
                        self.admin_consent_url.clone(),
                    ));
                }
                match code {
                    Some(code) if !code.is_empty() => Ok(AuthorizationCode(Secret::new(code))),
                    _ => Err(OAuthError::Nonsense { what: "code" }),
                }
            }
        }
    }

    fn use_up(&self) -> Result<(), OAuthError> {
        if self.answered.swap(true, Ordering::SeqCst) {
            Err(OAuthError::AnsweredBefore)
        } else {
            Ok(())
        }
    }

    /// RFC 9207 §2.4. A server that is not known to name itself may, but only as somebody of its own origin.
    fn check_issuer(&self, iss: Option<String>) -> Result<(), OAuthError> {
        let as_expected = match &iss {
            Some(iss) if self.iss_in_answer => *iss == self.issuer,
            Some(iss) => Url::parse(iss).is_ok_and(|url| url.origin() == self.authorize_origin),
            None => !self.iss_in_answer,
        };
        if as_expected {
            Ok(())
        } else {
            Err(OAuthError::IssuerMismatch {
                expected: self.issuer.clone(),
                found: iss.unwrap_or_default(),
            })
        }
    }

    /// True when an address is our redirect address; an empty path and `/` are the same to a browser.
    fn is_redirect(&self, location: &Url) -> bool {
        Url::parse(&self.redirect_uri).is_ok_and(|own| {
            own.scheme() == location.scheme()
                && own.host() == location.host()
                && own.port_or_known_default() == location.port_or_known_default()
                && own.path() == location.path()
        })
    }
}

/// `N` random bytes as unpadded base64url.
fn token<const N: usize>(random: &mut dyn FnMut(&mut [u8])) -> String {
    let mut bytes = [0_u8; N];
    random(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use mailroom_model::{Coded, ErrorCode};
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::oauth::{CUSTOM_SCHEME_REDIRECT, builtin_profile};

    /// Bytes that count, so that every value is known and none is like another.
    pub(crate) fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0_u8;
        move |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(1);
            }
        }
    }

    pub(crate) fn registration() -> Registration {
        Registration {
            client_id: "client 1".to_owned(),
            client_secret: None,
            tenant: None,
        }
    }

    fn begin(key: &str, redirect: &str) -> Authorization {
        let profile = builtin_profile(key, None).unwrap();
        Authorization::begin(
            &profile,
            &registration(),
            redirect.to_owned(),
            None,
            &mut counting(),
        )
        .unwrap()
    }

    fn bytes(range: std::ops::Range<u8>) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(range.collect::<Vec<u8>>())
    }

    #[test]
    fn authorisation_address_is_exact() {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(bytes(32..96).as_bytes()));
        let hint: EmailAddress = "anna+x@example.com".parse().unwrap();
        let address = |key: &str, redirect: &str| {
            let profile = builtin_profile(key, None).unwrap();
            Authorization::begin(
                &profile,
                &registration(),
                redirect.to_owned(),
                Some(&hint),
                &mut counting(),
            )
            .unwrap()
            .url()
            .to_string()
        };
        let (state, nonce) = (bytes(0..32), bytes(96..128));
        assert_eq!(state.len(), 43);
        assert_eq!(
            address("google", "http://127.0.0.1:1234"),
            format!(
                "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=client+1&state={state}\
                 &code_challenge={challenge}&code_challenge_method=S256\
                 &redirect_uri=http%3A%2F%2F127.0.0.1%3A1234\
                 &scope=https%3A%2F%2Fmail.google.com%2F+openid+email\
                 &access_type=offline&prompt=consent&nonce={nonce}&login_hint=anna%2Bx%40example.com"
            )
        );
        assert_eq!(
            address("microsoft", "http://localhost:1234"),
            format!(
                "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?response_type=code&client_id=client+1\
                 &state={state}&code_challenge={challenge}&code_challenge_method=S256\
                 &redirect_uri=http%3A%2F%2Flocalhost%3A1234\
                 &scope=https%3A%2F%2Foutlook.office.com%2FIMAP.AccessAsUser.All\
                 +https%3A%2F%2Foutlook.office.com%2FSMTP.Send+offline_access+openid+profile+email\
                 &prompt=select_account&nonce={nonce}&login_hint=anna%2Bx%40example.com"
            )
        );
        let device = bytes(96..112);
        assert_eq!(
            address("yandex", "http://localhost:1234"),
            format!(
                "https://oauth.yandex.com/authorize?response_type=code&client_id=client+1&state={state}\
                 &code_challenge={challenge}&code_challenge_method=S256\
                 &redirect_uri=http%3A%2F%2Flocalhost%3A1234&scope=mail%3Aimap_full+mail%3Asmtp\
                 &force_confirm=yes&device_name=Mailroom&device_id={device}&login_hint=anna%2Bx%40example.com"
            )
        );
    }

    #[test]
    fn authorisation_shows_no_secret() {
        let authorization = begin("google", "http://127.0.0.1:1234");
        let shown = format!("{authorization:?}");
        assert!(!shown.contains(&bytes(32..96)));
        assert!(shown.contains("verifier: [secret]"));
    }

    #[test]
    fn authorisation_without_client_or_redirect_is_refused() {
        let profile = builtin_profile("google", None).unwrap();
        let nobody = Registration {
            client_id: " ".to_owned(),
            ..registration()
        };
        let error = Authorization::begin(
            &profile,
            &nobody,
            "http://127.0.0.1:1".to_owned(),
            None,
            &mut counting(),
        );
        assert!(matches!(error, Err(OAuthError::Input { field: "client_id" })));
        let error = Authorization::begin(
            &profile,
            &registration(),
            "nowhere".to_owned(),
            None,
            &mut counting(),
        );
        assert!(matches!(
            error,
            Err(OAuthError::Input {
                field: "redirect_uri"
            })
        ));
    }

    #[test]
    fn answer_is_believed_only_if_it_is_ours() {
        let state = bytes(0..32);
        let mut wrong = state.clone();
        wrong.pop();
        wrong.push('A');
        let google = "iss=https%3A%2F%2Faccounts.google.com";
        let ms = "http://localhost:1234";
        let g = "http://127.0.0.1:1234";
        let cases: Vec<(&str, &str, String, Result<&str, ErrorCode>)> = vec![
            (
                "google",
                g,
                format!("{g}/?state={state}&{google}&code=c1"),
                Ok("c1"),
            ),
            (
                "google",
                g,
                format!("{g}?state={state}&{google}&code=c1"),
                Ok("c1"),
            ),
            (
                "google",
                g,
                format!("?code=4%2F0c&{google}&state={state}"),
                Ok("4/0c"),
            ),
            (
                "google",
                g,
                format!("{g}/?state={state}&code=c1"),
                Err(ErrorCode::OauthIssuerMismatch),
            ),
            (
                "google",
                g,
                format!("{g}/?state={state}&code=c1&iss=https%3A%2F%2Fevil.example"),
                Err(ErrorCode::OauthIssuerMismatch),
            ),
            (
                "google",
                g,
                format!("{g}/?state={state}&code=c1&iss=https%3A%2F%2Faccounts.google.com%2F"),
                Err(ErrorCode::OauthIssuerMismatch),
            ),
            (
                "google",
                g,
                format!("{g}/?state={wrong}&{google}&code=c1"),
                Err(ErrorCode::OauthStateMismatch),
            ),
            (
                "google",
                g,
                format!("{g}/?{google}&code=c1"),
                Err(ErrorCode::OauthStateMismatch),
            ),
            (
                "google",
                g,
                format!("{g}/?state=&{google}&code=c1"),
                Err(ErrorCode::OauthStateMismatch),
            ),
            (
                "google",
                g,
                format!("{g}/?state={state}&{google}"),
                Err(ErrorCode::OauthServerError),
            ),
            (
                "google",
                g,
                format!("{g}/?state={state}&{google}&code="),
                Err(ErrorCode::OauthServerError),
            ),
            (
                "google",
                g,
                format!("http://127.0.0.1:99/?state={state}&{google}&code=c1"),
                Err(ErrorCode::InputInvalid),
            ),
            (
                "google",
                g,
                format!("http://evil.example:1234/?state={state}&{google}&code=c1"),
                Err(ErrorCode::InputInvalid),
            ),
            ("google", g, "4/0AbCd".to_owned(), Err(ErrorCode::InputInvalid)),
            (
                "google",
                g,
                format!("{g}/?state={state}&{google}&error=access_denied"),
                Err(ErrorCode::OauthDenied),
            ),
            // An error without the state may come from anybody.
            (
                "google",
                g,
                format!("{g}/?{google}&error=access_denied"),
                Err(ErrorCode::OauthStateMismatch),
            ),
            (
                "microsoft",
                ms,
                format!("{ms}/?code=c2&state={state}&session_state=x"),
                Ok("c2"),
            ),
            (
                "microsoft",
                ms,
                format!("{ms}/?code=c2&state={state}&iss=https%3A%2F%2Flogin.microsoftonline.com%2Fx%2Fv2.0"),
                Ok("c2"),
            ),
            (
                "microsoft",
                ms,
                format!("{ms}/?code=c2&state={state}&iss=https%3A%2F%2Faccounts.google.com"),
                Err(ErrorCode::OauthIssuerMismatch),
            ),
            (
                "microsoft",
                ms,
                format!("{ms}/?error=access_denied&error_description=AADSTS90094%3a+x&state={state}"),
                Err(ErrorCode::OauthAdminConsentNeeded),
            ),
            (
                "microsoft",
                ms,
                format!("{ms}/?error=invalid_request&error_description=AADSTS50011%3a+x&state={state}"),
                Err(ErrorCode::OauthClientInvalid),
            ),
            (
                "microsoft",
                CUSTOM_SCHEME_REDIRECT,
                format!("app.mailroom://oauth/callback?code=c3&state={state}"),
                Ok("c3"),
            ),
            (
                "microsoft",
                CUSTOM_SCHEME_REDIRECT,
                format!("app.mailroom://oauth/other?code=c3&state={state}"),
                Err(ErrorCode::InputInvalid),
            ),
            (
                "yandex",
                "https://oauth.yandex.ru/verification_code",
                " 1234567\n".to_owned(),
                Ok("1234567"),
            ),
            (
                "yandex",
                "http://localhost:1234",
                "1234567".to_owned(),
                Err(ErrorCode::InputInvalid),
            ),
        ];
        for (key, redirect, callback, expected) in cases {
            let found = begin(key, redirect).check_answer(&callback);
            let found = found
                .map(|code| code.0.expose().clone())
                .map_err(|error| error.code());
            assert_eq!(found, expected.map(str::to_owned), "{key} {callback}");
        }
    }

    #[test]
    fn administrator_error_carries_the_page() {
        let authorization = begin("microsoft", "http://localhost:1234");
        let state = bytes(0..32);
        let error = authorization
            .check_answer(&format!(
                "?error=access_denied&error_description=AADSTS90094&state={state}"
            ))
            .unwrap_err();
        assert_eq!(
            error.params().get("url").map(ToString::to_string).as_deref(),
            Some("https://login.microsoftonline.com/organizations/adminconsent?client_id=client+1")
        );
    }

    #[test]
    fn answer_counts_once() {
        let authorization = begin("microsoft", "http://localhost:1234");
        let state = bytes(0..32);
        let good = format!("?code=c&state={state}");
        // What is not ours does not use the sign-in up.
        assert!(matches!(
            authorization.check_answer("?code=c&state=x"),
            Err(OAuthError::StateMismatch)
        ));
        assert!(authorization.check_answer(&good).is_ok());
        assert!(matches!(
            authorization.check_answer(&good),
            Err(OAuthError::AnsweredBefore)
        ));
        let refused = begin("microsoft", "http://localhost:1234");
        let denial = format!("?error=access_denied&state={state}");
        assert!(matches!(refused.check_answer(&denial), Err(OAuthError::Denied)));
        assert!(matches!(
            refused.check_answer(&good),
            Err(OAuthError::AnsweredBefore)
        ));
    }
}
