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
use super::error::{Speaker, meaning};
use super::{BuiltinIssuer, OAuthError, OAuthProfile, Registration};

/// A code that belongs to the sign-in it was checked against. It is worth nothing without the verifier. What comes of
/// [`Authorization::begin_approval`] is empty: that it came is all that it says.
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
    approval_page: Option<String>,
    /// An administrator is asked to allow the program; no code comes of it.
    is_approval: bool,
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
            approval_page: profile.approval_page(&registration.client_id, None),
            is_approval: false,
            answered: AtomicBool::new(false),
        })
    }

    /// Makes the address on which an administrator allows the program for the whole tenant and is sent back from
    /// ("Construct the URL for granting tenant-wide admin consent"). `None` where the server has no such page.
    ///
    /// # Errors
    /// [`OAuthError::Input`] for a page that is no address.
    pub fn begin_approval(
        profile: &OAuthProfile,
        registration: &Registration,
        tenant: Option<&str>,
        redirect_uri: String,
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Option<Self>, OAuthError> {
        if profile.key != BuiltinIssuer::Microsoft.key() {
            return Ok(None);
        }
        let Some(page) = profile.approval_page(&registration.client_id, tenant) else {
            return Ok(None);
        };
        let mut url = Url::parse(&page).map_err(|_| OAuthError::Input { field: "issuer" })?;
        let state = token::<32>(random);
        url.query_pairs_mut()
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("state", &state);
        Ok(Some(Self {
            url,
            state: Secret::new(state),
            verifier: Secret::new(String::new()),
            nonce: None,
            bare_code: false,
            redirect_uri,
            issuer: profile.endpoints.issuer.clone(),
            iss_in_answer: false,
            authorize_origin: profile.endpoints.authorize.origin(),
            approval_page: Some(page),
            is_approval: true,
            answered: AtomicBool::new(false),
        }))
    }

    /// What the browser opens. It carries no secret: state and challenge are worth nothing without the verifier.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The redirect address, byte for byte as the server was told.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// True when the answer that `callback` is carries this sign-in's state, whether it is still waited for or not.
    pub fn is_answered_by(&self, callback: &str) -> bool {
        matches!(
            answer::parse(callback),
            Some(Answer::Redirect { state: Some(state), .. }) if self.has_state(&state)
        )
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
                consent,
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
                        Speaker::Browser,
                        &error,
                        description.as_deref(),
                        self.approval_page.clone(),
                    ));
                }
                match code {
                    _ if self.is_approval => match consent {
                        Some(consent) if consent.eq_ignore_ascii_case("true") => {
                            Ok(AuthorizationCode(Secret::new(String::new())))
                        }
                        _ => Err(OAuthError::Denied),
                    },
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
pub(super) mod tests;
