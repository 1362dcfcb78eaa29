//! A sign-in service, and what the program shows to it.

use mailroom_connect::{
    BuiltinIssuer, CUSTOM_SCHEME_REDIRECT, OAuthProfile, Registration, builtin_profile, discover_issuer,
    register_client, stands_for_many,
};
use mailroom_model::{EmailAddress, Secret};
use mailroom_policy::PolicyRedirect;

use crate::{Engine, EngineError};

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
    /// Who signs in, where several people share the mailbox and nobody is it.
    pub(crate) sign_in_as: Option<EmailAddress>,
}

/// A sign-in service, and what the program shows to it.
#[derive(Clone, Debug)]
pub(crate) struct OauthClient {
    pub(crate) profile: OAuthProfile,
    pub(crate) registration: Registration,
    /// True when the client id is the person's own, or was registered for this machine.
    pub(crate) own_registration: bool,
    /// The service knows the program's own scheme for this client.
    pub(super) has_link: bool,
}

impl Engine {
    /// The service, and the client id to show it: the person's own, the policy's, the built-in one, the one that the mailbox's
    /// configuration gives to everybody, or one that the service makes on request (RFC 7591).
    pub(crate) async fn oauth_client(&self, choice: &OauthChoice) -> Result<OauthClient, EngineError> {
        let http = &self.edges().await?.http;
        let mut profile = match BuiltinIssuer::from_key(&choice.issuer) {
            Some(issuer) => builtin_profile(issuer.key(), choice.tenant.as_deref())?,
            None => discover_issuer(http, &choice.issuer).await?,
        };
        if !choice.scopes.is_empty() {
            profile.ask_for(&choice.scopes);
        }
        if let Some(client_id) = &choice.client_id {
            let has_link = self.redirects_by_scheme(&profile.key, client_id).await?;
            if has_link {
                profile.redirect_by_scheme_only();
            }
            return Ok(OauthClient {
                profile,
                registration: Registration {
                    client_id: client_id.clone(),
                    client_secret: choice.client_secret.clone(),
                    tenant: choice.tenant.clone(),
                    secret_ends_at: None,
                },
                own_registration: true,
                has_link,
            });
        }
        let known = self.client_for([&profile.key, &choice.issuer]).await?;
        if let Some((registration, is_own)) = known {
            return self.known_client(choice, profile, registration, is_own).await;
        }
        if let Some(client_id) = &choice.offered_client_id {
            return Ok(OauthClient {
                profile,
                registration: Registration {
                    client_id: client_id.clone(),
                    client_secret: None,
                    tenant: None,
                    secret_ends_at: None,
                },
                own_registration: true,
                has_link: false,
            });
        }
        if profile.endpoints.registration.is_some() {
            let registration = register_client(http, &mut profile).await?;
            // What the service did not keep has left the profile.
            let has_link = profile.custom_scheme_redirect().is_some();
            return Ok(OauthClient {
                profile,
                registration,
                own_registration: true,
                has_link,
            });
        }
        Err(EngineError::OauthUnavailable { issuer: profile.key })
    }

    /// A client id that the person keeps, or that the policy or the build gives.
    async fn known_client(
        &self,
        choice: &OauthChoice,
        mut profile: OAuthProfile,
        registration: Registration,
        is_own: bool,
    ) -> Result<OauthClient, EngineError> {
        // A registration of one organisation lets nobody else in: the choice between kinds of accounts is made by it.
        let is_bound = registration
            .tenant
            .as_deref()
            .is_some_and(|tenant| !stands_for_many(tenant));
        let chosen = choice
            .tenant
            .clone()
            .filter(|tenant| !(is_bound && stands_for_many(tenant)));
        let tenant = chosen.or(registration.tenant);
        if profile.key == BuiltinIssuer::Microsoft.key() && tenant != choice.tenant {
            profile = builtin_profile(&profile.key, tenant.as_deref())?;
            if !choice.scopes.is_empty() {
                profile.ask_for(&choice.scopes);
            }
        }
        let (by_scheme, has_link) = if is_own {
            let by_scheme = self
                .redirects_by_scheme(&profile.key, &registration.client_id)
                .await?;
            (by_scheme, by_scheme)
        } else {
            match self.policy().await?.registration(&profile.key) {
                Some(decided) => {
                    let by_scheme = decided.redirect == Some(PolicyRedirect::Scheme);
                    (by_scheme, by_scheme)
                }
                // The program's own registration has every way.
                None => (false, true),
            }
        };
        if by_scheme {
            profile.redirect_by_scheme_only();
        }
        Ok(OauthClient {
            profile,
            registration: Registration {
                tenant,
                ..registration
            },
            own_registration: is_own,
            has_link,
        })
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
}
