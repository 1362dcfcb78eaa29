//! Table `identities`.

use mailroom_model::{AccountId, EmailAddress, IdentityId};
use sqlx::SqliteConnection;

use crate::column::Columns;
use crate::{Store, StoreError};

/// An address that an account may send as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    /// Its id.
    pub id: IdentityId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The address.
    pub address: EmailAddress,
    /// The name beside the address; may be empty.
    pub name: String,
    /// New messages of the account start with it.
    pub is_default: bool,
    /// What is put below its messages: safe HTML; empty for nothing.
    pub signature: String,
}

statements! {
    /// There is one default for each account.
    CLEAR_DEFAULT = "UPDATE identities SET is_default = 0 WHERE account_id = ?1 AND is_default = 1";
    /// Adds an identity or renames it; it becomes the default.
    UPSERT_DEFAULT = "INSERT INTO identities (account_id, address, name, is_default) VALUES (?1, ?2, ?3, 1) \
        ON CONFLICT (account_id, address) DO UPDATE SET name = excluded.name, is_default = 1 RETURNING id";
    /// Adds an identity or changes it; whether it is the default is not touched.
    UPSERT = "INSERT INTO identities (account_id, address, name, is_default, signature) VALUES (?1, ?2, ?3, 0, ?4) \
        ON CONFLICT (account_id, address) DO UPDATE SET name = excluded.name, signature = excluded.signature \
        RETURNING id";
    /// Makes one the default.
    SET_DEFAULT = "UPDATE identities SET is_default = 1 WHERE account_id = ?1 AND address = ?2";
    /// Removes an identity; messages of the outbox keep their sender.
    DELETE = "DELETE FROM identities WHERE account_id = ?1 AND address = ?2";
    /// An account's identities, the default first.
    LIST = "SELECT * FROM identities WHERE account_id = ?1 ORDER BY is_default DESC, id";
}

/// The identities of a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct Identities<'s>(&'s Store);

impl Store {
    /// Table `identities`.
    pub fn identities(&self) -> Identities<'_> {
        Identities(self)
    }
}

impl Identities<'_> {
    /// Adds or renames the identity that new messages of the account start with.
    pub async fn upsert_default(
        &self,
        account: AccountId,
        address: &EmailAddress,
        name: &str,
    ) -> Result<IdentityId, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        sqlx::query(CLEAR_DEFAULT)
            .bind(account.0)
            .execute(&mut *writing)
            .await?;
        let id: i64 = sqlx::query_scalar(UPSERT_DEFAULT)
            .bind(account.0)
            .bind(address.to_string())
            .bind(name)
            .fetch_one(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(IdentityId(id))
    }

    /// Adds an identity, or changes the one with this address. `default` is the one that new messages of the account
    /// start with from now on; when it is `None`, that stays as it is.
    pub async fn save(
        &self,
        account: AccountId,
        address: &EmailAddress,
        name: &str,
        signature: &str,
        default: Option<&EmailAddress>,
    ) -> Result<IdentityId, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let id: i64 = sqlx::query_scalar(UPSERT)
            .bind(account.0)
            .bind(address.to_string())
            .bind(name)
            .bind(signature)
            .fetch_one(&mut *writing)
            .await?;
        if let Some(default) = default {
            set_default(&mut writing, account, default).await?;
        }
        writing.commit().await?;
        Ok(IdentityId(id))
    }

    /// Removes an identity; where it was the default, `heir` becomes it. False when there is none.
    pub async fn remove(
        &self,
        account: AccountId,
        address: &EmailAddress,
        heir: &EmailAddress,
    ) -> Result<bool, StoreError> {
        let was_default = self
            .list(account)
            .await?
            .iter()
            .any(|identity| identity.address == *address && identity.is_default);
        let mut writing = self.0.begin_synced().await?;
        let done = sqlx::query(DELETE)
            .bind(account.0)
            .bind(address.to_string())
            .execute(&mut *writing)
            .await?;
        if was_default {
            set_default(&mut writing, account, heir).await?;
        }
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// An account's identities, the default first.
    pub async fn list(&self, account: AccountId) -> Result<Vec<IdentityRow>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(account.0)
            .fetch_all(self.0.reads())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(IdentityRow {
                    id: IdentityId(row.value("id")?),
                    account_id: AccountId(row.value("account_id")?),
                    address: row.named("address", |text| text.parse().ok())?,
                    name: row.value("name")?,
                    is_default: row.value("is_default")?,
                    signature: row.value("signature")?,
                })
            })
            .collect()
    }
}

async fn set_default(
    writing: &mut SqliteConnection,
    account: AccountId,
    address: &EmailAddress,
) -> Result<(), StoreError> {
    sqlx::query(CLEAR_DEFAULT)
        .bind(account.0)
        .execute(&mut *writing)
        .await?;
    sqlx::query(SET_DEFAULT)
        .bind(account.0)
        .bind(address.to_string())
        .execute(writing)
        .await?;
    Ok(())
}
