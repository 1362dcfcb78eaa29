//! Table `registrations`: OAuth clients that people brought themselves. Their secrets are in the keychain.

use mailroom_model::{RegistrationId, UnixMillis};
use sqlx::error::ErrorKind;
use sqlx::sqlite::SqliteRow;

use crate::column::Columns;
use crate::{Store, StoreError};

/// A registration to be added.
#[derive(Clone, Debug)]
pub struct NewRegistration {
    /// The name shown for it; also names its secret in the keychain.
    pub label: String,
    /// The OpenID issuer.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// Microsoft's tenant.
    pub tenant: Option<String>,
    /// The redirect address that the issuer knows, when it is not the usual one.
    pub redirect_uri: Option<String>,
    /// The keychain holds a secret for it.
    pub has_secret: bool,
    /// The person saved it for itself: it stays when no account uses it any more.
    pub is_kept: bool,
    /// When it was added.
    pub created_at: UnixMillis,
    /// When its secret stops working, as far as the person said.
    pub secret_ends_at: Option<UnixMillis>,
}

/// A registration as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationRow {
    /// Its id.
    pub id: RegistrationId,
    /// The name shown for it.
    pub label: String,
    /// The OpenID issuer.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// Microsoft's tenant.
    pub tenant: Option<String>,
    /// The redirect address that the issuer knows.
    pub redirect_uri: Option<String>,
    /// The keychain holds a secret for it.
    pub has_secret: bool,
    /// The person saved it for itself: it stays when no account uses it any more.
    pub is_kept: bool,
    /// When it was added.
    pub created_at: UnixMillis,
    /// When its secret stops working, as far as the person said.
    pub secret_ends_at: Option<UnixMillis>,
}

statements! {
    /// Adds a registration; the same client again is changed instead.
    UPSERT = "INSERT INTO registrations (label, issuer, client_id, tenant, redirect_uri, has_secret, created_at, \
        is_kept, secret_ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (issuer, client_id, tenant) DO UPDATE \
        SET label = excluded.label, redirect_uri = excluded.redirect_uri, has_secret = excluded.has_secret, \
        is_kept = max(is_kept, excluded.is_kept), \
        secret_ends_at = coalesce(excluded.secret_ends_at, secret_ends_at) RETURNING id";
    /// Changes one; the person did it, so it is theirs.
    UPDATE = "UPDATE registrations SET label = ?2, issuer = ?3, client_id = ?4, tenant = ?5, has_secret = ?6, \
        is_kept = 1, secret_ends_at = ?7 WHERE id = ?1";
    /// One registration.
    GET = "SELECT * FROM registrations WHERE id = ?1";
    /// All registrations, oldest first.
    LIST = "SELECT * FROM registrations ORDER BY id";
    /// Removes one that no account uses.
    DELETE = "DELETE FROM registrations WHERE id = ?1";
}

/// The registrations of a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct Registrations<'s>(&'s Store);

impl Store {
    /// Table `registrations`.
    pub fn registrations(&self) -> Registrations<'_> {
        Registrations(self)
    }
}

impl RegistrationRow {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        let tenant: String = row.value("tenant")?;
        Ok(Self {
            id: RegistrationId(row.value("id")?),
            label: row.value("label")?,
            issuer: row.value("issuer")?,
            client_id: row.value("client_id")?,
            tenant: Some(tenant).filter(|tenant| !tenant.is_empty()),
            redirect_uri: row.value("redirect_uri")?,
            has_secret: row.value("has_secret")?,
            is_kept: row.value("is_kept")?,
            created_at: row.at("created_at")?,
            secret_ends_at: row.at_option("secret_ends_at")?,
        })
    }
}

impl Registrations<'_> {
    /// Adds a registration. The same client (issuer, client id, tenant) keeps its id and takes the new values.
    pub async fn insert(&self, registration: &NewRegistration) -> Result<RegistrationId, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let id: i64 = sqlx::query_scalar(UPSERT)
            .bind(&registration.label)
            .bind(&registration.issuer)
            .bind(&registration.client_id)
            .bind(registration.tenant.as_deref().unwrap_or_default())
            .bind(&registration.redirect_uri)
            .bind(registration.has_secret)
            .bind(registration.created_at.0)
            .bind(registration.is_kept)
            .bind(registration.secret_ends_at.map(|at| at.0))
            .fetch_one(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(RegistrationId(id))
    }

    /// Changes a registration; from now on it is kept for itself. False when there is none, or when another one is
    /// for the same client.
    pub async fn update(&self, row: &RegistrationRow) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let updated = sqlx::query(UPDATE)
            .bind(row.id.0)
            .bind(&row.label)
            .bind(&row.issuer)
            .bind(&row.client_id)
            .bind(row.tenant.as_deref().unwrap_or_default())
            .bind(row.has_secret)
            .bind(row.secret_ends_at.map(|at| at.0))
            .execute(&mut *writing)
            .await;
        match updated {
            Ok(done) => {
                writing.commit().await?;
                Ok(done.rows_affected() == 1)
            }
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::UniqueViolation => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// One registration.
    pub async fn get(&self, id: RegistrationId) -> Result<Option<RegistrationRow>, StoreError> {
        let row = sqlx::query(GET).bind(id.0).fetch_optional(self.0.reads()).await?;
        row.as_ref().map(RegistrationRow::read).transpose()
    }

    /// All registrations, oldest first.
    pub async fn list(&self) -> Result<Vec<RegistrationRow>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(self.0.reads()).await?;
        rows.iter().map(RegistrationRow::read).collect()
    }

    /// Removes a registration; false when there is none or an account still uses it.
    pub async fn delete(&self, id: RegistrationId) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        match sqlx::query(DELETE).bind(id.0).execute(&mut *writing).await {
            Ok(done) => {
                writing.commit().await?;
                Ok(done.rows_affected() == 1)
            }
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::ForeignKeyViolation => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
