//! Signing in with the browser.

mod client;
mod pending;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use mailroom_connect::{
    Authorization, AuthorizationCode, Identity, LoopbackListener, OAuthError, OAuthProfile, RedirectFacts,
    RedirectKind, Registration, TokenSet, exchange, identify, mailbox_names, redirect_ways,
};
use mailroom_model::EmailAddress;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub(crate) use self::client::{OauthChoice, OauthClient};
use self::pending::Pending;
pub(crate) use self::pending::PendingSignIns;
use crate::approval::{entered_before, signed_in_as};
use crate::event::Event;
use crate::{Engine, EngineError};

/// How long the browser may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// The operating system has so long to say whose program gets our links.
const LINK_CHECK: Duration = Duration::from_secs(2);

/// Access that was granted.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) profile: OAuthProfile,
    pub(crate) registration: Registration,
    /// True when the client id is the person's own, or was registered for this machine.
    pub(crate) own_registration: bool,
    pub(crate) tokens: TokenSet,
    /// Who it was.
    pub(crate) identity: Identity,
}

impl Granted {
    /// Who signed in, when it is not the mailbox itself.
    pub(crate) fn signed_in_as(&self) -> Option<&str> {
        match &self.identity {
            Identity::Delegate { name } | Identity::AskServer { name } => Some(name),
            Identity::Unnamed | Identity::Same | Identity::Other { .. } => None,
        }
    }

    /// Further user names of the same mailbox: servers of Microsoft's sometimes know it only under the name of its
    /// organisation. Empty unless the service says that it is the mailbox.
    pub(crate) fn further_names(&self, address: &EmailAddress) -> Vec<String> {
        let claims = self.tokens.id_claims.as_ref();
        if self.identity != Identity::Same || !self.profile.delegates {
            return Vec::new();
        }
        let mut names = claims
            .map(mailroom_connect::IdClaims::addresses)
            .unwrap_or_default();
        names.retain(|name| !name.eq_ignore_ascii_case(&address.to_string()));
        names
    }
}

/// Says whether links of the program's scheme come to this program, as the operating system has it just now.
pub type LinkCheck = Arc<dyn Fn() -> bool + Send + Sync>;

impl Engine {
    /// Sets who knows whether links of the program's scheme come to this program. Without it they are taken not to.
    pub fn set_link_check(&self, check: LinkCheck) {
        *self.link_check.lock().unwrap_or_else(PoisonError::into_inner) = Some(Check(check));
    }

    /// True when the operating system confirms that our links come to us. One that does not answer confirms nothing.
    async fn do_links_reach_us(&self) -> bool {
        let check = self
            .link_check
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(Check(check)) = check else {
            return false;
        };
        let asking = tokio::task::spawn_blocking(move || check());
        matches!(tokio::time::timeout(LINK_CHECK, asking).await, Ok(Ok(true)))
    }

    /// Runs one sign-in to its end: opens a way for the answer, tells where to sign in, waits, and compares the mailbox that
    /// signed in with `address`. Where an administrator has to allow the program first, an account of this address waits for
    /// that from then on.
    pub(crate) async fn sign_in_with_browser(
        &self,
        address: &EmailAddress,
        choice: &OauthChoice,
        cancel: &CancellationToken,
    ) -> Result<Granted, EngineError> {
        let client = self.oauth_client(choice).await?;
        match self.sign_in_at(address, &client, choice, cancel).await {
            Err(EngineError::OAuth(error @ OAuthError::AdminConsentNeeded { .. })) => {
                Err(self.approval_needed(address, client, choice, error).await?)
            }
            signed_in => signed_in,
        }
    }

    async fn sign_in_at(
        &self,
        address: &EmailAddress,
        client: &OauthClient,
        choice: &OauthChoice,
        cancel: &CancellationToken,
    ) -> Result<Granted, EngineError> {
        let edges = self.edges().await?;
        let (profile, registration) = (&client.profile, &client.registration);
        let (way, listener) = self.way_back(client).await?;
        let redirect = way
            .uri(listener.as_ref().map(LoopbackListener::port))
            .ok_or(OAuthError::Input {
                field: "redirect_uri",
            })?;
        let mut random = |bytes: &mut [u8]| edges.entropy.fill(bytes);
        // Who signed in to a shared mailbox the last time does so again, as a rule.
        let before = self.delegate_of(address).await?;
        let hint = choice.sign_in_as.as_ref().or(before.as_ref()).unwrap_or(address);
        let authorization = Authorization::begin(profile, registration, redirect, Some(hint), &mut random)?;
        let authorization = Arc::new(authorization);
        let answered = self
            .wait_for_answer(address, Arc::clone(&authorization), listener, cancel)
            .await;
        if way == RedirectKind::CustomScheme
            && matches!(answered, Err(EngineError::OAuth(OAuthError::NoAnswer)))
        {
            self.sign_ins.note_link_failed(&profile.key);
        }
        let code = answered?;
        let now = self.now().await?;
        let tokens = exchange(&edges.http, profile, registration, &authorization, code, now).await?;
        let named = mailbox_names(&edges.http, profile, &tokens).await;
        let mut identity = identify(profile, address, choice.sign_in_as.as_ref(), &named);
        if let (Identity::Other { name }, None, Some(_)) = (&identity, &choice.sign_in_as, &before) {
            // A colleague, perhaps: the server knows whether they may open the mailbox.
            identity = Identity::AskServer { name: name.clone() };
        }
        if let Identity::Other { name } = identity {
            return Err(EngineError::WrongMailbox {
                asked: hint.to_string(),
                signed_in: name,
            });
        }
        self.note_approved(address, profile, registration).await?;
        Ok(Granted {
            profile: profile.clone(),
            registration: registration.clone(),
            own_registration: client.own_registration,
            tokens,
            identity,
        })
    }

    /// Who signs in to the mailbox of an account that is here, when that is not its own name.
    async fn delegate_of(&self, address: &EmailAddress) -> Result<Option<EmailAddress>, EngineError> {
        if !self.has_database() {
            return Ok(None);
        }
        let account = self.store().await?.accounts().by_address(address).await?;
        Ok(account.and_then(|account| {
            let waiting = entered_before(&account).sign_in_as;
            waiting.or_else(|| signed_in_as(&account)?.parse().ok())
        }))
    }

    /// The first way for the answer that can be had, with the port that listens when it is one.
    async fn way_back(
        &self,
        client: &OauthClient,
    ) -> Result<(RedirectKind, Option<LoopbackListener>), EngineError> {
        let facts = RedirectFacts {
            link_reaches_us: self.do_links_reach_us().await,
            client_has_link: client.has_link,
            link_failed: self.sign_ins.has_link_failed(&client.profile.key),
        };
        let mut refused = OAuthError::Input {
            field: "redirect_uri",
        };
        for way in redirect_ways(&client.profile, facts) {
            let is_port = matches!(
                way,
                RedirectKind::LoopbackIp { .. } | RedirectKind::LoopbackName { .. }
            );
            if !is_port {
                return Ok((way, None));
            }
            match LoopbackListener::bind().await {
                Ok(listener) => return Ok((way, Some(listener))),
                Err(error) => refused = error,
            }
        }
        Err(refused.into())
    }

    /// Tells where the browser goes, and waits for what it brings: over the port, by link, or pasted.
    pub(crate) async fn wait_for_answer(
        &self,
        address: &EmailAddress,
        authorization: Arc<Authorization>,
        listener: Option<LoopbackListener>,
        cancel: &CancellationToken,
    ) -> Result<AuthorizationCode, EngineError> {
        let (answer, mut answers) = mpsc::channel(1);
        let stop = cancel.child_token();
        self.sign_ins.add(Pending {
            address: address.clone(),
            stop: stop.clone(),
            authorization: Arc::clone(&authorization),
            answer,
        });
        self.tell(Event::SignInOpened {
            address: address.to_string(),
            url: authorization.url().to_string(),
        });
        let pages = self.result_pages();
        let listening = async {
            if let Some(listener) = listener {
                return listener.wait(&authorization, &pages, PATIENCE).await;
            }
            tokio::time::sleep(PATIENCE).await;
            Err(OAuthError::NoAnswer)
        };
        let code = tokio::select! {
            () = stop.cancelled() => Err(EngineError::Cancelled),
            code = listening => code.map_err(EngineError::from),
            Some(code) = answers.recv() => code.map_err(EngineError::from),
        };
        let was_answered = !matches!(
            code,
            Err(EngineError::Cancelled | EngineError::OAuth(OAuthError::NoAnswer))
        );
        self.sign_ins.note_end(authorization, was_answered);
        code
    }
}

/// A [`LinkCheck`] that can be shown.
#[derive(Clone)]
pub(crate) struct Check(LinkCheck);

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Check")
    }
}
