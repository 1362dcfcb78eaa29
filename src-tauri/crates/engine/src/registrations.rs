//! OAuth clients that people registered themselves: checked, kept, used where nothing else is given.

use std::sync::Arc;

use mailroom_connect::{BuiltinIssuer, ClientIdSource, ClientIds, Registration};
use mailroom_model::{EmailAddress, RegistrationId, Secret, UnixMillis};
use mailroom_store::{AccountRow, NewRegistration, RegistrationRow};
use mailroom_vault::{SecretKey, SecretPurpose, Vault};

use crate::account::is_name;
use crate::event::Event;
use crate::settings::TURN;
use crate::{Engine, EngineError};

/// What ends every client id of Google's.
const GOOGLE_SUFFIX: &str = ".apps.googleusercontent.com";
/// The longest client id, in bytes.
const LONGEST_ID: usize = 512;
/// What may stand for a tenant of Microsoft's beside its id and its domain.
const MICROSOFT_TENANTS: [&str; 3] = ["common", "consumers", "organizations"];

/// A registration as the person entered it.
#[derive(Clone, Debug)]
pub struct RegistrationChange {
    /// The one to change; `None` for a new one.
    pub id: Option<RegistrationId>,
    /// What the person calls it.
    pub label: String,
    /// The key of a built-in service, or an OpenID issuer's address.
    pub service: String,
    /// The client id.
    pub client_id: String,
    /// The client secret; empty for none, `None` to keep what is there.
    pub client_secret: Option<Secret<String>>,
    /// Microsoft's tenant; empty for none.
    pub tenant: String,
    /// When its secret stops working; `None` when nobody said.
    pub secret_ends_at: Option<UnixMillis>,
}

impl RegistrationChange {
    /// The row that it asks for. Errors: [`EngineError::Input`] naming the field.
    fn checked(&self) -> Result<NewRow, EngineError> {
        let refuse = |field, reason| Err(EngineError::Input { field, reason });
        let service = self.service.trim();
        let client_id = self.client_id.trim();
        let tenant = self.tenant.trim();
        let builtin = BuiltinIssuer::from_key(service);
        if !is_name(&self.label) {
            return refuse("label", "it is too long, or has more than one line");
        }
        if builtin.is_none() && !is_issuer(service) {
            return refuse("service", "it is neither a known service nor an https address");
        }
        let has_form_of_id = (1..=LONGEST_ID).contains(&client_id.len())
            && client_id.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if !has_form_of_id {
            return refuse("client_id", "it is empty, too long, or has white space in it");
        }
        match builtin {
            Some(BuiltinIssuer::Google) if !is_google_id(client_id) => {
                return refuse(
                    "client_id",
                    "a client id of Google's ends in .apps.googleusercontent.com",
                );
            }
            Some(BuiltinIssuer::Microsoft) if !is_guid(client_id) => {
                return refuse("client_id", "a client id of Microsoft's is a GUID");
            }
            _ => {}
        }
        let has_form_of_tenant = match builtin {
            Some(BuiltinIssuer::Microsoft) => is_tenant(tenant),
            _ => tenant.is_empty(),
        };
        if !has_form_of_tenant {
            return refuse("tenant", "it is no tenant id, and no domain name");
        }
        let label = match self.label.trim() {
            "" => service,
            label => label,
        };
        Ok(NewRow {
            label: label.to_owned(),
            issuer: service.to_owned(),
            client_id: client_id.to_owned(),
            tenant: Some(tenant.to_owned()).filter(|tenant| !tenant.is_empty()),
            secret_ends_at: self.secret_ends_at,
        })
    }
}

/// What was entered, checked.
#[derive(Debug, PartialEq, Eq)]
struct NewRow {
    label: String,
    issuer: String,
    client_id: String,
    tenant: Option<String>,
    secret_ends_at: Option<UnixMillis>,
}

impl NewRow {
    fn is_client_of(&self, row: &RegistrationRow) -> bool {
        row.issuer == self.issuer && row.client_id == self.client_id && row.tenant == self.tenant
    }
}

/// A registration with who uses it.
#[derive(Clone, Debug)]
pub struct RegistrationSummary {
    /// The row.
    pub row: RegistrationRow,
    /// Addresses of the accounts that signed in with it.
    pub accounts: Vec<String>,
}

impl Engine {
    /// Every registration, oldest first.
    pub async fn registrations(&self) -> Result<Vec<RegistrationSummary>, EngineError> {
        let accounts = self.accounts(None).await?;
        let rows = self.store().await?.registrations().list().await?;
        Ok(rows
            .into_iter()
            .map(|row| RegistrationSummary {
                accounts: users(&accounts, row.id),
                row,
            })
            .collect())
    }

    /// Adds a registration, or changes one. Of one that accounts use, only label and secret can change: what they were
    /// granted belongs to the client. Errors: [`EngineError::Input`], [`EngineError::RegistrationInUse`],
    /// [`EngineError::EntryMissing`].
    pub async fn save_registration(
        &self,
        change: &RegistrationChange,
    ) -> Result<RegistrationSummary, EngineError> {
        let wanted = change.checked()?;
        let _turn = self.take_turn(TURN).await?;
        let known = if let Some(id) = change.id {
            Some(self.registration(id).await?)
        } else {
            // The same client again is the same registration.
            let rows = self.store().await?.registrations().list().await?;
            rows.into_iter().find(|row| wanted.is_client_of(row))
        };
        let id = match known {
            Some(row) => {
                self.change_registration(row, wanted, change.client_secret.as_ref())
                    .await?
            }
            None => {
                self.add_registration(wanted, change.client_secret.as_ref())
                    .await?
            }
        };
        self.tell(Event::SettingsChanged);
        Ok(RegistrationSummary {
            accounts: users(&self.accounts(None).await?, id),
            row: self.registration(id).await?,
        })
    }

    async fn add_registration(
        &self,
        wanted: NewRow,
        secret: Option<&Secret<String>>,
    ) -> Result<RegistrationId, EngineError> {
        let registrations = self.store().await?.registrations();
        let id = registrations
            .insert(&NewRegistration {
                label: wanted.label,
                issuer: wanted.issuer,
                client_id: wanted.client_id,
                tenant: wanted.tenant,
                redirect_uri: None,
                has_secret: secret.is_some_and(|secret| !is_empty(secret)),
                is_kept: true,
                created_at: self.now().await?,
                secret_ends_at: wanted.secret_ends_at,
            })
            .await?;
        if let Err(error) = self.keep_registration_secret(id, secret).await {
            registrations.delete(id).await?;
            return Err(error);
        }
        Ok(id)
    }

    async fn change_registration(
        &self,
        mut row: RegistrationRow,
        wanted: NewRow,
        secret: Option<&Secret<String>>,
    ) -> Result<RegistrationId, EngineError> {
        if !wanted.is_client_of(&row) {
            let accounts = users(&self.accounts(None).await?, row.id);
            if !accounts.is_empty() {
                return Err(EngineError::RegistrationInUse {
                    accounts: accounts.join(", "),
                });
            }
        }
        let registrations = self.store().await?.registrations();
        row.label = wanted.label;
        row.issuer = wanted.issuer;
        row.client_id = wanted.client_id;
        row.tenant = wanted.tenant;
        row.secret_ends_at = wanted.secret_ends_at;
        row.has_secret = secret.map_or(row.has_secret, |secret| !is_empty(secret));
        if !registrations.update(&row).await? {
            return Err(EngineError::Input {
                field: "client_id",
                reason: "another registration is for the same client",
            });
        }
        self.keep_registration_secret(row.id, secret).await?;
        Ok(row.id)
    }

    /// An empty secret takes the one away that is there.
    async fn keep_registration_secret(
        &self,
        id: RegistrationId,
        secret: Option<&Secret<String>>,
    ) -> Result<(), EngineError> {
        let vault = &self.edges().await?.vault;
        let key = secret_key(id);
        match secret {
            Some(secret) if is_empty(secret) => vault.remove(&key).await?,
            Some(secret) => {
                let secret = Secret::new(secret.expose().trim().to_owned());
                vault.put(&key, &secret).await?;
            }
            None => {}
        }
        Ok(())
    }

    /// Removes a registration that no account uses, with its secret. Errors: [`EngineError::RegistrationInUse`],
    /// [`EngineError::EntryMissing`].
    pub async fn remove_registration(&self, id: RegistrationId) -> Result<(), EngineError> {
        let _turn = self.take_turn(TURN).await?;
        let row = self.registration(id).await?;
        let accounts = users(&self.accounts(None).await?, id);
        if !accounts.is_empty() {
            return Err(EngineError::RegistrationInUse {
                accounts: accounts.join(", "),
            });
        }
        if row.has_secret {
            self.edges().await?.vault.remove(&secret_key(id)).await?;
        }
        self.store().await?.registrations().delete(id).await?;
        self.tell(Event::SettingsChanged);
        Ok(())
    }

    async fn registration(&self, id: RegistrationId) -> Result<RegistrationRow, EngineError> {
        let row = self.store().await?.registrations().get(id).await?;
        row.ok_or(EngineError::EntryMissing { id: id.0 })
    }

    /// The client ids that a sign-in may use: beside those of the policy and the build, those that the person keeps. No
    /// secret is read.
    pub(crate) async fn sign_in_client_ids(&self) -> Result<ClientIds, EngineError> {
        let mut ids = self.client_ids().await?;
        // Detection needs no database where there is none yet.
        if !self.has_database() {
            return Ok(ids);
        }
        for row in self.store().await?.registrations().list().await? {
            if row.is_kept {
                let registration = Registration {
                    client_id: row.client_id,
                    client_secret: None,
                    tenant: row.tenant,
                    secret_ends_at: None,
                };
                ids = ids.with(ClientIdSource::Own, &row.issuer, registration);
            }
        }
        Ok(ids)
    }

    /// The client to show a sign-in service, when nobody entered one; true when it is the person's own.
    pub(crate) async fn client_for(
        &self,
        keys: [&str; 2],
    ) -> Result<Option<(Registration, bool)>, EngineError> {
        let ids = self.sign_in_client_ids().await?;
        let Some((registration, source)) = keys.into_iter().find_map(|key| ids.find(key)) else {
            return Ok(None);
        };
        let mut registration = registration.clone();
        if source != ClientIdSource::Own {
            return Ok(Some((registration, false)));
        }
        let rows = self.store().await?.registrations().list().await?;
        let row = rows.into_iter().rfind(|row| {
            row.is_kept && row.client_id == registration.client_id && row.tenant == registration.tenant
        });
        if let Some(row) = row.filter(|row| row.has_secret) {
            let vault = &self.edges().await?.vault;
            registration.client_secret = vault.get(&secret_key(row.id)).await?;
        }
        Ok(Some((registration, true)))
    }
}

/// The secret of a registration: the one that is kept with it, else the one that came with the account.
pub(crate) async fn registration_secret(
    vault: &Arc<dyn Vault>,
    id: RegistrationId,
    account: &EmailAddress,
) -> Result<Option<Secret<String>>, EngineError> {
    if let Some(secret) = vault.get(&secret_key(id)).await? {
        return Ok(Some(secret));
    }
    let key = SecretKey::new(account.to_string(), SecretPurpose::RegistrationSecret);
    Ok(vault.get(&key).await?)
}

/// Where a registration's secret is.
pub(crate) fn secret_key(id: RegistrationId) -> SecretKey {
    SecretKey::new(
        format!("registration-{}", id.0),
        SecretPurpose::RegistrationSecret,
    )
}

fn is_empty(secret: &Secret<String>) -> bool {
    secret.expose().trim().is_empty()
}

fn users(accounts: &[AccountRow], id: RegistrationId) -> Vec<String> {
    accounts
        .iter()
        .filter(|account| account.registration_id == Some(id))
        .map(|account| account.address.to_string())
        .collect()
}

fn is_google_id(text: &str) -> bool {
    text.strip_suffix(GOOGLE_SUFFIX)
        .is_some_and(|head| !head.is_empty())
}

/// `8-4-4-4-12` hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

fn is_tenant(text: &str) -> bool {
    let is_domain = || {
        text.contains('.')
            && text.len() <= 253
            && text.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            })
    };
    text.is_empty() || MICROSOFT_TENANTS.contains(&text) || is_guid(text) || is_domain()
}

/// An address that OpenID Connect Discovery allows as an issuer: `https`, a host, no query and no fragment.
fn is_issuer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split('/').next().unwrap_or_default();
    !host.is_empty()
        && !text.contains(['?', '#', '@', '\\', '"', '<', '>'])
        && text.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use mailroom_model::{Coded, Param};

    use super::*;

    const GUID: &str = "0a1b2c3d-0123-4567-89ab-0123456789AB";
    const GOOGLE: &str = "123-abc.apps.googleusercontent.com";

    fn entered(service: &str, client_id: &str, tenant: &str) -> RegistrationChange {
        RegistrationChange {
            id: None,
            label: String::new(),
            service: service.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: None,
            tenant: tenant.to_owned(),
            secret_ends_at: None,
        }
    }

    #[test]
    fn registration_is_refused_only_where_it_certainly_is_wrong() {
        let cases = [
            ("google", GOOGLE, "", None),
            ("google", ".apps.googleusercontent.com", "", Some("client_id")),
            ("google", "123-abc", "", Some("client_id")),
            ("google", GOOGLE, "example.com", Some("tenant")),
            ("microsoft", GUID, "", None),
            ("microsoft", GUID, GUID, None),
            ("microsoft", GUID, "firma.onmicrosoft.com", None),
            ("microsoft", GUID, "organizations", None),
            ("microsoft", GUID, "firma", Some("tenant")),
            ("microsoft", GUID, "-a.example", Some("tenant")),
            ("microsoft", "0a1b2c3d", "", Some("client_id")),
            ("yandex", "0a1b2c3d", "", None),
            ("fastmail", "", "", Some("client_id")),
            ("fastmail", "a b", "", Some("client_id")),
            ("https://id.example.com/realms/office", "mailroom", "", None),
            ("http://id.example.com", "mailroom", "", Some("service")),
            ("https://", "mailroom", "", Some("service")),
            ("https://id.example.com?x=1", "mailroom", "", Some("service")),
            ("aol", "mailroom", "", Some("service")),
        ];
        for (service, client_id, tenant, refused) in cases {
            let checked = entered(service, client_id, tenant).checked();
            let field = checked.err().map(|error| error.params()["field"].clone());
            assert_eq!(field, refused.map(Param::from), "{service} {client_id} {tenant}");
        }
    }

    #[test]
    fn registration_is_kept_without_what_surrounds_it() {
        let row = entered(" google ", &format!(" {GOOGLE}\n"), " ")
            .checked()
            .unwrap();
        let expected = NewRow {
            label: "google".to_owned(),
            issuer: "google".to_owned(),
            client_id: GOOGLE.to_owned(),
            tenant: None,
            secret_ends_at: None,
        };
        assert_eq!(row, expected);
    }
}
