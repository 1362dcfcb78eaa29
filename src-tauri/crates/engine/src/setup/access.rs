//! How the person signs in: with a password, or with access that a service grants in the browser.

use mailroom_connect::{AuthEntry, AuthOffer, Candidate, auth_offers};
use mailroom_model::{AuthMethod, Coded as _, Credentials, EmailAddress, EnteredAuth, ErrorCode, Secret};
use mailroom_store::AccountRow;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::prove::KnownNames;
use crate::approval::approval_of;
use crate::preferences::oauth_profile;
use crate::registrations::registration_secret;
use crate::signin::{Granted, OauthChoice};
use crate::{Engine, EngineError};

/// How the person signs in, ready to be shown to servers.
pub(super) enum Access {
    Password {
        password: Secret<String>,
        method: AuthMethod,
    },
    Granted(Box<Granted>),
}

impl Access {
    pub(super) fn shown(&self) -> Shown {
        match self {
            Self::Password { password, method } => Shown {
                method: *method,
                secret: password.clone(),
            },
            Self::Granted(granted) => Shown {
                method: AuthMethod::Oauth2,
                secret: granted.tokens.access_token.clone(),
            },
        }
    }

    pub(super) fn granted(&self) -> Option<&Granted> {
        match self {
            Self::Granted(granted) => Some(granted),
            Self::Password { .. } => None,
        }
    }

    /// User names that the servers may know the mailbox under beside those that are known.
    pub(super) fn names<'a>(&self, address: &EmailAddress, known: KnownNames<'a>) -> KnownNames<'a> {
        let Some(granted) = self.granted() else {
            return known;
        };
        KnownNames {
            further: granted.further_names(address),
            delegate: granted.signed_in_as().map(str::to_owned),
            ..known
        }
    }

    /// The server's word on somebody who signed in under another name: it did not let them in to this mailbox, so it is
    /// another one.
    pub(super) fn mismatch(&self, address: &EmailAddress, error: EngineError) -> EngineError {
        let name = self.granted().and_then(Granted::signed_in_as);
        match (name, error.code()) {
            (
                Some(name),
                ErrorCode::AuthFailed | ErrorCode::AuthTokenRefused | ErrorCode::AuthImapDisabled,
            ) => EngineError::WrongMailbox {
                asked: address.to_string(),
                signed_in: name.to_owned(),
            },
            _ => error,
        }
    }
}

/// What servers are shown: a password, or an access token.
pub(super) struct Shown {
    pub(super) method: AuthMethod,
    pub(super) secret: Secret<String>,
}

impl Shown {
    pub(super) fn credentials(&self, username: &str) -> Credentials {
        let (username, secret) = (username.to_owned(), self.secret.clone());
        match self.method {
            AuthMethod::Oauth2 => Credentials::Bearer {
                username,
                access_token: secret,
            },
            AuthMethod::Password | AuthMethod::AppPassword => Credentials::Password {
                username,
                password: secret,
            },
        }
    }
}

impl Engine {
    pub(super) async fn access(
        &self,
        address: &EmailAddress,
        auth: &EnteredAuth,
        candidate: &Candidate,
        cancel: &CancellationToken,
    ) -> Result<Access, EngineError> {
        match auth {
            EnteredAuth::Password(password) => {
                let method = candidate
                    .auth
                    .iter()
                    .map(|offer| offer.method)
                    .find(|method| *method != AuthMethod::Oauth2)
                    .unwrap_or(AuthMethod::Password);
                Ok(Access::Password {
                    password: password.clone(),
                    method,
                })
            }
            EnteredAuth::Oauth { .. } => {
                let choice = Self::choice(address, auth, candidate)?;
                let granted = self.sign_in_with_browser(address, &choice, cancel).await?;
                Ok(Access::Granted(Box::new(granted)))
            }
        }
    }

    /// The sign-in service and the client that were entered, or that the candidate offers.
    pub(crate) fn choice(
        address: &EmailAddress,
        auth: &EnteredAuth,
        candidate: &Candidate,
    ) -> Result<OauthChoice, EngineError> {
        let unavailable = || EngineError::OauthUnavailable {
            issuer: address.domain().to_owned(),
        };
        let EnteredAuth::Oauth {
            issuer,
            client_id,
            client_secret,
            tenant,
            sign_in_as,
        } = auth
        else {
            return Err(unavailable());
        };
        let offered = candidate
            .auth
            .iter()
            .find(|offer| offer.issuer.is_some() && (issuer.is_none() || offer.issuer == *issuer));
        let issuer = issuer.clone().or_else(|| offered?.issuer.clone());
        Ok(OauthChoice {
            issuer: issuer.ok_or_else(unavailable)?,
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            tenant: tenant.clone(),
            offered_client_id: offered.and_then(|offer| offer.client_id.clone()),
            scopes: offered.map(|offer| offer.scopes.clone()).unwrap_or_default(),
            sign_in_as: sign_in_as.clone(),
        })
    }

    /// As [`Self::access`], with the service and client id of the account where none are entered.
    pub(super) async fn access_again(
        &self,
        account: &AccountRow,
        auth: &EnteredAuth,
        candidate: &Candidate,
        cancel: &CancellationToken,
    ) -> Result<Access, EngineError> {
        let completed = self.completed(account, auth).await?;
        self.access(&account.address, &completed, candidate, cancel).await
    }

    /// The sign-in service and the client of an account that is known, where nothing else is entered.
    pub(crate) async fn choice_again(
        &self,
        account: &AccountRow,
        auth: &EnteredAuth,
    ) -> Result<OauthChoice, EngineError> {
        let completed = self.completed(account, auth).await?;
        let known = Candidate {
            auth: offers_again(account),
            ..Candidate::manual(Vec::new(), Vec::new())
        };
        Self::choice(&account.address, &completed, &known)
    }

    /// What was entered, with the service and client of the account where nothing was.
    async fn completed(&self, account: &AccountRow, auth: &EnteredAuth) -> Result<EnteredAuth, EngineError> {
        let EnteredAuth::Oauth {
            issuer,
            client_id,
            client_secret,
            tenant,
            sign_in_as,
        } = auth
        else {
            return Ok(auth.clone());
        };
        // What belongs to one service is never shown to another.
        let is_same_service = issuer.is_none() || *issuer == account.issuer;
        let waiting = approval_of(account).and_then(|approval| approval.registration());
        let registration = match waiting.or(account.registration_id) {
            Some(id) if is_same_service && client_id.is_none() => {
                self.store().await?.registrations().get(id).await?
            }
            _ => None,
        };
        let kept_secret = match &registration {
            Some(row) => registration_secret(&self.edges().await?.vault, row.id, &account.address).await?,
            None => None,
        };
        Ok(EnteredAuth::Oauth {
            issuer: issuer.clone().or_else(|| account.issuer.clone()),
            client_id: client_id
                .clone()
                .or_else(|| registration.map(|row| row.client_id)),
            client_secret: client_secret.clone().or(kept_secret),
            tenant: tenant
                .clone()
                .or_else(|| account.tenant.clone().filter(|_| is_same_service)),
            sign_in_as: sign_in_as.clone(),
        })
    }
}

/// What the mailbox's own configuration asked for when the account was added, to be asked for again.
pub(super) fn offers_again(account: &AccountRow) -> Vec<AuthOffer> {
    let offer = oauth_profile(account).map(|profile| AuthOffer {
        method: AuthMethod::Oauth2,
        issuer: Some(profile.key),
        scopes: profile.mail_scopes,
        client_id: None,
        app_password_url: None,
        condition: None,
        unavailable: None,
    });
    offer.into_iter().collect()
}

/// The ways to sign in that were found beside the one that was used; among an account's options.
const SIGN_INS: &str = "sign_ins";

/// One of them as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptOffer {
    method: AuthMethod,
    issuer: Option<String>,
}

impl Engine {
    /// The ways to sign in to an account, as far as this machine knows them: those of its provider, or those that were found
    /// when it was added.
    pub(crate) async fn sign_ins(&self, account: &AccountRow) -> Result<Vec<AuthOffer>, EngineError> {
        let table = self.table().await?;
        if let Some(provider) = account.provider.as_deref().and_then(|id| table.by_id(id)) {
            return Ok(auth_offers(provider, &self.client_ids().await?));
        }
        let kept = account.options.get(SIGN_INS).cloned().unwrap_or_default();
        let kept: Vec<KeptOffer> = serde_json::from_value(kept).unwrap_or_default();
        let offers = kept.into_iter().map(|kept| AuthOffer {
            method: kept.method,
            issuer: kept.issuer,
            scopes: Vec::new(),
            client_id: None,
            app_password_url: None,
            condition: None,
            unavailable: None,
        });
        Ok(offers.collect())
    }

    /// Keeps the ways to sign in that were found with the servers of an account.
    pub(super) async fn note_sign_ins(
        &self,
        account: &AccountRow,
        offers: &[AuthOffer],
    ) -> Result<(), EngineError> {
        let usable = offers.iter().filter(|offer| offer.unavailable.is_none());
        let kept: Vec<KeptOffer> = usable
            .map(|offer| KeptOffer {
                method: offer.method,
                issuer: offer.issuer.clone(),
            })
            .collect();
        let kept = serde_json::to_value(kept).map_err(|_| EngineError::Worker)?;
        self.change_options(account.id, |options| {
            if let Some(options) = options.as_object_mut() {
                options.insert(SIGN_INS.to_owned(), kept);
            }
            Ok(())
        })
        .await
    }
}

/// A provider's way to sign in, for an account that is known.
pub(super) fn offer(entry: &AuthEntry) -> AuthOffer {
    AuthOffer {
        method: entry.method,
        issuer: entry.issuer.clone(),
        scopes: Vec::new(),
        client_id: None,
        app_password_url: entry.url.clone(),
        condition: entry.condition,
        unavailable: None,
    }
}
