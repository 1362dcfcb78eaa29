//! Table `accounts`.

use mailroom_model::{
    AccountId, AccountState, EmailAddress, FolderSelection, Period, RegistrationId, UnixMillis,
    WorkingAccount,
};
use serde_json::Value;
use sqlx::error::ErrorKind;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, signed, to_json};
use crate::{Store, StoreError, StoredError};

/// An account to be added.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The mailbox's address.
    pub address: EmailAddress,
    /// The name shown for it.
    pub display_name: String,
    /// The provider's id in the table.
    pub provider: Option<String>,
    /// What it needs.
    pub state: AccountState,
    /// What was proved; `None` when nothing was yet.
    pub working: Option<WorkingAccount>,
    /// How far back it is kept.
    pub period: Period,
    /// Which folders are kept.
    pub folders: FolderSelection,
    /// The person's own OAuth client.
    pub registration_id: Option<RegistrationId>,
    /// The OpenID issuer.
    pub issuer: Option<String>,
    /// Microsoft's tenant.
    pub tenant: Option<String>,
    /// How it synchronises and sends, as the engine defines it: a JSON object.
    pub options: Value,
    /// When it was added.
    pub created_at: UnixMillis,
}

/// An account as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// The mailbox's address.
    pub address: EmailAddress,
    /// The name shown for it.
    pub display_name: String,
    /// The provider's id in the table.
    pub provider: Option<String>,
    /// What it needs.
    pub state: AccountState,
    /// What was proved.
    pub working: Option<WorkingAccount>,
    /// How far back it is kept.
    pub period: Period,
    /// Which folders are kept.
    pub folders: FolderSelection,
    /// The person's own OAuth client.
    pub registration_id: Option<RegistrationId>,
    /// The OpenID issuer.
    pub issuer: Option<String>,
    /// Microsoft's tenant.
    pub tenant: Option<String>,
    /// How it synchronises and sends.
    pub options: Value,
    /// When it was added.
    pub created_at: UnixMillis,
    /// When the person last signed in again.
    pub signed_in_at: Option<UnixMillis>,
    /// What last went wrong, until something goes right.
    pub last_error: Option<StoredError>,
    /// The largest message in bytes that the server for sending takes, as it said last.
    pub size_limit: Option<u64>,
}

/// What went with an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Messages.
    pub messages: u64,
    /// Their sizes together, as the server counts them, in bytes.
    pub bytes: u64,
}

/// Messages removed in one transaction.
const REMOVAL_CHUNK: i64 = 1000;

statements! {
    /// Adds an account.
    INSERT = "INSERT INTO accounts (address, display_name, provider, state, working, period, folders, \
        registration_id, issuer, tenant, options, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    /// One account.
    GET = "SELECT * FROM accounts WHERE id = ?1 AND removing = 0";
    /// One account by its address.
    BY_ADDRESS = "SELECT * FROM accounts WHERE address = ?1 AND removing = 0";
    /// All accounts, oldest first.
    LIST = "SELECT * FROM accounts WHERE removing = 0 ORDER BY id";
    /// Whether it is known to need that.
    IS_IN_STATE = "SELECT EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = ?1 AND a.removing = 0 AND a.state = ?2 \
        AND a.error_code IS ?3 AND a.error_params IS ?4 AND a.error_at IS ?5)";
    /// What it needs, and why.
    SET_STATE = "UPDATE accounts SET state = ?2, error_code = ?3, error_params = ?4, error_at = ?5 \
        WHERE id = ?1 AND removing = 0";
    /// What was proved.
    SET_WORKING = "UPDATE accounts SET working = ?2, provider = ?3 WHERE id = ?1 AND removing = 0";
    /// It was just signed in.
    SIGNED_IN = "UPDATE accounts SET signed_in_at = ?2, state = 'working', error_code = NULL, error_params = NULL, \
        error_at = NULL WHERE id = ?1 AND removing = 0";
    /// A sign-in was refused, unless another has been made since.
    REFUSE = "UPDATE accounts SET state = 'sign-in-needed', error_code = ?3, error_params = ?4, error_at = ?5 \
        WHERE id = ?1 AND removing = 0 AND signed_in_at IS ?2";
    /// What a list of its threads shows, so that its messages go without keeping it right.
    REMOVE_FOLDER_THREADS = "DELETE FROM folder_threads WHERE folder_id IN \
        (SELECT f.id FROM folders AS f WHERE f.account_id = ?1)";
    /// How much is kept.
    SET_SELECTION = "UPDATE accounts SET period = ?2, folders = ?3 WHERE id = ?1 AND removing = 0";
    /// How it synchronises.
    SET_OPTIONS = "UPDATE accounts SET options = ?2 WHERE id = ?1 AND removing = 0";
    /// How large a message may be.
    SET_SIZE_LIMIT = "UPDATE accounts SET size_limit = ?2 WHERE id = ?1 AND removing = 0";
    /// The name shown for it.
    SET_NAME = "UPDATE accounts SET display_name = ?2 WHERE id = ?1 AND removing = 0";
    /// Which OAuth client it uses.
    SET_OAUTH = "UPDATE accounts SET registration_id = ?2, issuer = ?3, tenant = ?4 WHERE id = ?1 AND removing = 0";
    /// The first step of a removal.
    MARK_REMOVING = "UPDATE accounts SET removing = 1 WHERE id = ?1 AND removing = 0";
    /// Removals that a crash interrupted.
    REMOVING = "SELECT id FROM accounts WHERE removing = 1";
    /// What a removal takes with it.
    TOTALS = "SELECT count(*) AS messages, coalesce(sum(size), 0) AS bytes FROM messages AS m WHERE m.account_id = ?1";
    /// Operations refer to messages: they go first.
    REMOVE_OPERATIONS = "DELETE FROM operations WHERE account_id = ?1";
    /// Some messages, with everything that hangs on them.
    REMOVE_MESSAGES = "DELETE FROM messages WHERE id IN \
        (SELECT m.id FROM messages AS m WHERE m.account_id = ?1 ORDER BY m.sort_key LIMIT ?2)";
    /// Conversations, with their links, as far as messages left any.
    REMOVE_THREADS = "DELETE FROM threads WHERE account_id = ?1";
    /// The last step: the account, with its folders, identities and outbox.
    DELETE = "DELETE FROM accounts WHERE id = ?1";
}

/// The accounts of a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct Accounts<'s>(&'s Store);

impl Store {
    /// Table `accounts`.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }
}

impl AccountRow {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: AccountId(row.value("id")?),
            address: row.named("address", |text| text.parse().ok())?,
            display_name: row.value("display_name")?,
            provider: row.value("provider")?,
            state: row.named("state", AccountState::from_name)?,
            working: row.json_option("working")?,
            period: row.named("period", |text| text.parse().ok())?,
            folders: row.json("folders")?,
            registration_id: row.value::<Option<i64>>("registration_id")?.map(RegistrationId),
            issuer: row.value("issuer")?,
            tenant: row.value("tenant")?,
            options: row.json("options")?,
            created_at: row.at("created_at")?,
            signed_in_at: row.at_option("signed_in_at")?,
            last_error: row.stored_error()?,
            size_limit: row.value::<Option<i64>>("size_limit")?.map(i64::unsigned_abs),
        })
    }
}

impl Accounts<'_> {
    /// Adds an account. Errors: [`StoreError::AccountExists`] when the address is here already, in any case of letters.
    pub async fn insert(&self, account: &NewAccount) -> Result<AccountId, StoreError> {
        let working = account.working.as_ref().map(to_json).transpose()?;
        let mut writing = self.0.begin_synced().await?;
        let inserted = sqlx::query_scalar::<_, i64>(INSERT)
            .bind(account.address.to_string())
            .bind(&account.display_name)
            .bind(&account.provider)
            .bind(account.state.as_str())
            .bind(working)
            .bind(account.period.as_str())
            .bind(to_json(&account.folders)?)
            .bind(account.registration_id.map(|id| id.0))
            .bind(&account.issuer)
            .bind(&account.tenant)
            .bind(to_json(&account.options)?)
            .bind(account.created_at.0)
            .fetch_one(&mut *writing)
            .await;
        match inserted {
            Ok(id) => {
                writing.commit().await?;
                Ok(AccountId(id))
            }
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::UniqueViolation => {
                Err(StoreError::AccountExists {
                    address: account.address.to_string(),
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// One account.
    pub async fn get(&self, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        let row = sqlx::query(GET).bind(id.0).fetch_optional(self.0.reads()).await?;
        row.as_ref().map(AccountRow::read).transpose()
    }

    /// One account by its address, in any case of letters.
    pub async fn by_address(&self, address: &EmailAddress) -> Result<Option<AccountRow>, StoreError> {
        let row = sqlx::query(BY_ADDRESS)
            .bind(address.to_string())
            .fetch_optional(self.0.reads())
            .await?;
        row.as_ref().map(AccountRow::read).transpose()
    }

    /// All accounts, oldest first.
    pub async fn list(&self) -> Result<Vec<AccountRow>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(self.0.reads()).await?;
        rows.iter().map(AccountRow::read).collect()
    }

    /// What the account needs now, and the error behind it; `None` forgets the last error.
    pub async fn set_state(
        &self,
        id: AccountId,
        state: AccountState,
        error: Option<&StoredError>,
    ) -> Result<(), StoreError> {
        let (code, params, at) = StoredError::columns(error)?;
        let is_in_state: bool = sqlx::query_scalar(IS_IN_STATE)
            .bind(id.0)
            .bind(state.as_str())
            .bind(code)
            .bind(&params)
            .bind(at)
            .fetch_one(self.0.reads())
            .await?;
        if is_in_state {
            // Every look says so: that is no reason to wait for the disk, and for a backup.
            return Ok(());
        }
        let query = sqlx::query(SET_STATE).bind(id.0).bind(state.as_str());
        self.update(id, query.bind(code).bind(params).bind(at)).await
    }

    /// The person signed in again, and it worked.
    pub async fn mark_signed_in(&self, id: AccountId, now: UnixMillis) -> Result<(), StoreError> {
        self.update(id, sqlx::query(SIGNED_IN).bind(id.0).bind(now.0))
            .await
    }

    /// The server did not take what it was shown. `signed_in_at` is that of the row from which the attempt began: when the
    /// person has signed in since, the refusal is old news, and false is the answer.
    pub async fn mark_refused(
        &self,
        id: AccountId,
        signed_in_at: Option<UnixMillis>,
        error: &StoredError,
    ) -> Result<bool, StoreError> {
        let (code, params, at) = StoredError::columns(Some(error))?;
        let mut writing = self.0.begin_synced().await?;
        let done = sqlx::query(REFUSE)
            .bind(id.0)
            .bind(signed_in_at.map(|at| at.0))
            .bind(code)
            .bind(params)
            .bind(at)
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// What was proved by a sign-in, provider included.
    pub async fn set_servers(&self, id: AccountId, working: &WorkingAccount) -> Result<(), StoreError> {
        let query = sqlx::query(SET_WORKING).bind(id.0).bind(to_json(working)?);
        self.update(id, query.bind(&working.provider)).await
    }

    /// How much of the mailbox is kept.
    pub async fn set_selection(
        &self,
        id: AccountId,
        period: Period,
        folders: &FolderSelection,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(SET_SELECTION).bind(id.0).bind(period.as_str());
        self.update(id, query.bind(to_json(folders)?)).await
    }

    /// How the account synchronises and sends, as the engine defines it.
    pub async fn set_options(&self, id: AccountId, options: &Value) -> Result<(), StoreError> {
        self.update(id, sqlx::query(SET_OPTIONS).bind(id.0).bind(to_json(options)?))
            .await
    }

    /// The largest message in bytes that the server for sending takes; `None` when it names no limit.
    pub async fn set_size_limit(&self, id: AccountId, limit: Option<u64>) -> Result<(), StoreError> {
        self.update(id, sqlx::query(SET_SIZE_LIMIT).bind(id.0).bind(limit.map(signed)))
            .await
    }

    /// The name shown for the account.
    pub async fn set_display_name(&self, id: AccountId, name: &str) -> Result<(), StoreError> {
        self.update(id, sqlx::query(SET_NAME).bind(id.0).bind(name)).await
    }

    /// Which OAuth client the account signs in with.
    pub async fn set_oauth(
        &self,
        id: AccountId,
        registration: Option<RegistrationId>,
        issuer: Option<&str>,
        tenant: Option<&str>,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(SET_OAUTH)
            .bind(id.0)
            .bind(registration.map(|id| id.0));
        self.update(id, query.bind(issuer).bind(tenant)).await
    }

    /// Removes the account with everything that belongs to it. It is out of sight at once; its messages go in steps,
    /// so that others get their turn at the database. After a crash [`Self::finish_removals`] does the rest.
    pub async fn delete(&self, id: AccountId) -> Result<Removed, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let marked = sqlx::query(MARK_REMOVING)
            .bind(id.0)
            .execute(&mut *writing)
            .await?;
        if marked.rows_affected() == 0 {
            return Err(StoreError::AccountMissing(id));
        }
        sqlx::query(REMOVE_OPERATIONS)
            .bind(id.0)
            .execute(&mut *writing)
            .await?;
        sqlx::query(REMOVE_FOLDER_THREADS)
            .bind(id.0)
            .execute(&mut *writing)
            .await?;
        let totals = sqlx::query(TOTALS).bind(id.0).fetch_one(&mut *writing).await?;
        let removed = Removed {
            messages: totals.unsigned("messages")?,
            bytes: totals.unsigned("bytes")?,
        };
        writing.commit().await?;
        self.finish(id).await?;
        Ok(removed)
    }

    /// Finishes removals that were interrupted. Call it once after opening; it says how many there were.
    pub async fn finish_removals(&self) -> Result<u64, StoreError> {
        let ids: Vec<i64> = sqlx::query_scalar(REMOVING).fetch_all(self.0.reads()).await?;
        let mut finished = 0;
        for id in ids {
            self.finish(AccountId(id)).await?;
            finished += 1;
        }
        Ok(finished)
    }

    async fn finish(&self, id: AccountId) -> Result<(), StoreError> {
        loop {
            let mut writing = self.0.begin_relaxed().await?;
            let step = sqlx::query(REMOVE_MESSAGES)
                .bind(id.0)
                .bind(REMOVAL_CHUNK)
                .execute(&mut *writing)
                .await?;
            writing.commit().await?;
            if step.rows_affected() == 0 {
                break;
            }
        }
        let mut writing = self.0.begin_synced().await?;
        for sql in [REMOVE_THREADS, DELETE] {
            sqlx::query(sql).bind(id.0).execute(&mut *writing).await?;
        }
        writing.commit().await?;
        self.0.shrink().await
    }

    async fn update(&self, id: AccountId, query: crate::statement::Bound<'_>) -> Result<(), StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let done = query.execute(&mut *writing).await?;
        writing.commit().await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::AccountMissing(id));
        }
        Ok(())
    }
}
