//! Table `identities`.

use mailroom_model::{AccountId, EmailAddress, IdentityId};

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
}

statements! {
    /// There is one default for each account.
    CLEAR_DEFAULT = "UPDATE identities SET is_default = 0 WHERE account_id = ?1 AND is_default = 1";
    /// Adds an identity or renames it; it becomes the default.
    UPSERT_DEFAULT = "INSERT INTO identities (account_id, address, name, is_default) VALUES (?1, ?2, ?3, 1) \
        ON CONFLICT (account_id, address) DO UPDATE SET name = excluded.name, is_default = 1 RETURNING id";
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
                })
            })
            .collect()
    }
}
