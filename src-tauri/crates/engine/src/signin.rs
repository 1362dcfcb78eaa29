//! Signing in with the browser.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mailroom_connect::{
    Authorization, AuthorizationCode, BuiltinIssuer, CUSTOM_SCHEME_REDIRECT, LoopbackListener, OAuthError,
    OAuthProfile, Registration, TokenSet, builtin_profile, discover_issuer, exchange, mailbox_identity,
    register_client,
};
use mailroom_model::{EmailAddress, Secret};
use mailroom_policy::PolicyRedirect;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::event::Event;
use crate::{Engine, EngineError};

/// How long the browser may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// What the person chose for OAuth.
#[derive(Clone, Debug)]
pub(crate) struct OauthChoice {
    /// The key of a built-in service, or an issuer's address.
    pub(crate) issuer: String,
    /// The person's own client id.
    pub(crate) client_id: Option<String>,
    /// Its secret.
    pub(crate) client_secret: Option<Secret<String>>,
    /// Microsoft's tenant.
    pub(crate) tenant: Option<String>,
    /// The client id that the mailbox's own configuration gives to every program.
    pub(crate) offered_client_id: Option<String>,
    /// What that configuration asks for; empty for what the service offers for mail.
    pub(crate) scopes: Vec<String>,
}

/// Access that was granted.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) profile: OAuthProfile,
    pub(crate) registration: Registration,
    /// True when the client id is the person's own, or was registered for this machine.
    pub(crate) own_registration: bool,
    pub(crate) tokens: TokenSet,
}

/// Sign-ins that wait for an answer. An answer finds its sign-in by the state that it carries.
#[derive(Debug, Default)]
pub(crate) struct PendingSignIns(Mutex<Vec<Pending>>);

#[derive(Clone, Debug)]
struct Pending {
    address: EmailAddress,
    /// Ends the wait from outside.
    stop: CancellationToken,
    authorization: Arc<Authorization>,
    answer: mpsc::Sender<Result<AuthorizationCode, OAuthError>>,
}

impl PendingSignIns {
    fn add(&self, pending: Pending) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(pending);
    }

    /// Those that still wait; the others are forgotten.
    fn waiting(&self) -> Vec<Pending> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|sign_in| !sign_in.answer.is_closed());
        pending.clone()
    }
}

impl Engine {
    /// Hands over what the person pasted, or what a deep link brought, to the sign-in that it belongs to.
    pub fn answer_sign_in(&self, text: &Secret<String>) -> Result<(), EngineError> {
        let waiting = self.sign_ins.waiting();
        if waiting.is_empty() {
            return Err(OAuthError::StateMismatch.into());
        }
        let mut refusal = OAuthError::StateMismatch;
        for sign_in in waiting {
            match sign_in.authorization.check_answer(text.expose()) {
                Err(
                    error @ (OAuthError::StateMismatch
                    | OAuthError::AnsweredBefore
                    | OAuthError::Input { .. }),
                ) => refusal = error,
                answer => {
                    // The other way of answering may have been quicker.
                    drop(sign_in.answer.try_send(answer));
                    return Ok(());
                }
            }
        }
        Err(refusal.into())
    }

    /// Gives up every sign-in of the address that waits for the browser: it ends with `cancelled`, and an answer that comes
    /// later belongs to nothing. None waiting is fine.
    pub fn cancel_sign_in(&self, address: &EmailAddress) {
        let waiting = self.sign_ins.waiting();
        for sign_in in waiting.iter().filter(|sign_in| sign_in.address == *address) {
            sign_in.stop.cancel();
        }
    }

    /// Runs one sign-in to its end: opens a port for the answer, tells where to sign in, waits, and checks that the mailbox
    /// that signed in is `address`.
    pub(crate) async fn sign_in_with_browser(
        &self,
        address: &EmailAddress,
        choice: &OauthChoice,
        cancel: &CancellationToken,
    ) -> Result<Granted, EngineError> {
        let http = &self.edges().await?.http;
        let (profile, registration, own_registration) = self.oauth_client(choice).await?;
        let listener = LoopbackListener::bind().await?;
        let redirect = listener
            .redirect_uri(&profile)
            .or_else(|| profile.custom_scheme_redirect())
            .or_else(|| profile.code_page_redirect())
            .ok_or(OAuthError::Input {
                field: "redirect_uri",
            })?;
        let entropy = self.edges().await?.entropy.clone();
        let mut random = |bytes: &mut [u8]| entropy.fill(bytes);
        let authorization = Arc::new(Authorization::begin(
            &profile,
            &registration,
            redirect,
            Some(address),
            &mut random,
        )?);
        let (answer, mut answers) = mpsc::channel(1);
        let stop = cancel.child_token();
        self.sign_ins.add(Pending {
            address: address.clone(),
            stop: stop.clone(),
            authorization: authorization.clone(),
            answer,
        });
        self.tell(Event::SignInOpened {
            address: address.to_string(),
            url: authorization.url().to_string(),
        });
        let pages = self.result_pages();
        let code = tokio::select! {
            () = stop.cancelled() => return Err(EngineError::Cancelled),
            code = listener.wait(&authorization, &pages, PATIENCE) => code?,
            Some(code) = answers.recv() => code?,
        };
        let tokens = exchange(
            http,
            &profile,
            &registration,
            &authorization,
            code,
            self.now().await?,
        )
        .await?;
        self.check_mailbox(address, &profile, &tokens).await?;
        Ok(Granted {
            profile,
            registration,
            own_registration,
            tokens,
        })
    }

    /// The service, and the client id to show it: the person's own, the policy's, the built-in one, the one that the mailbox's
    /// configuration gives to everybody, or one that the service makes on request (RFC 7591).
    async fn oauth_client(
        &self,
        choice: &OauthChoice,
    ) -> Result<(OAuthProfile, Registration, bool), EngineError> {
        let http = &self.edges().await?.http;
        let mut profile = match BuiltinIssuer::from_key(&choice.issuer) {
            Some(issuer) => builtin_profile(issuer.key(), choice.tenant.as_deref())?,
            None => discover_issuer(http, &choice.issuer).await?,
        };
        if !choice.scopes.is_empty() {
            profile.ask_for(&choice.scopes);
        }
        if let Some(client_id) = &choice.client_id {
            if self.redirects_by_scheme(&profile.key, client_id).await? {
                profile.redirect_by_scheme_only();
            }
            let registration = Registration {
                client_id: client_id.clone(),
                client_secret: choice.client_secret.clone(),
                tenant: choice.tenant.clone(),
            };
            return Ok((profile, registration, true));
        }
        let known = self.client_for([&profile.key, &choice.issuer]).await?;
        if let Some((registration, is_own)) = known {
            let by_scheme = if is_own {
                self.redirects_by_scheme(&profile.key, &registration.client_id)
                    .await?
            } else {
                let decided = self.policy().await?.registration(&profile.key);
                decided.is_some_and(|decided| decided.redirect == Some(PolicyRedirect::Scheme))
            };
            if by_scheme {
                profile.redirect_by_scheme_only();
            }
            if choice.tenant.is_none()
                && registration.tenant.is_some()
                && profile.key == BuiltinIssuer::Microsoft.key()
            {
                profile = builtin_profile(&profile.key, registration.tenant.as_deref())?;
            }
            let tenant = choice.tenant.clone().or(registration.tenant);
            return Ok((
                profile,
                Registration {
                    tenant,
                    ..registration
                },
                is_own,
            ));
        }
        if let Some(client_id) = &choice.offered_client_id {
            let registration = Registration {
                client_id: client_id.clone(),
                client_secret: None,
                tenant: None,
            };
            return Ok((profile, registration, true));
        }
        if profile.endpoints.registration.is_some() {
            let registration = register_client(http, &mut profile).await?;
            return Ok((profile, registration, true));
        }
        Err(EngineError::OauthUnavailable { issuer: profile.key })
    }

    /// True when the service kept only the program's own scheme when it registered this client.
    async fn redirects_by_scheme(&self, issuer: &str, client_id: &str) -> Result<bool, EngineError> {
        let known = self.store().await?.registrations().list().await?;
        Ok(known.iter().any(|row| {
            row.issuer == issuer
                && row.client_id == client_id
                && row.redirect_uri.as_deref() == Some(CUSTOM_SCHEME_REDIRECT)
        }))
    }

    /// The mailbox that signed in must be the one that was asked for, as far as the service says which one it was.
    async fn check_mailbox(
        &self,
        address: &EmailAddress,
        profile: &OAuthProfile,
        tokens: &TokenSet,
    ) -> Result<(), EngineError> {
        let claims = tokens.id_claims.as_ref();
        let mut named: Vec<String> = claims
            .and_then(|claims| claims.email.clone())
            .into_iter()
            .collect();
        named.extend(
            claims
                .and_then(|claims| claims.preferred_username.clone())
                .filter(|name| name.contains('@')),
        );
        if named.is_empty() {
            named.extend(mailbox_identity(&self.edges().await?.http, profile, tokens).await);
        }
        let is_asked = |text: &String| text.parse::<EmailAddress>().is_ok_and(|named| named == *address);
        match named.first() {
            Some(first) if !named.iter().any(is_asked) => Err(EngineError::WrongMailbox {
                asked: address.to_string(),
                signed_in: first.clone(),
            }),
            _ => Ok(()),
        }
    }
}
