//! Table `outbox`: messages that wait to be sent, and what became of them.
//!
//! ```text
//! queued ──▶ sending ──▶ sent ──▶ filed
//!   ▲          │ │ │
//!   ├──────────┘ │ └──▶ failed ──▶ (queued, by the person)
//!   │ deferred   └────▶ unknown ─▶ (queued, by the person)
//! ```
//! What is filed goes soon after, with its bytes ([`Outbox::remove_filed`]): the copy in the Sent folder is the message then.
//!
//! `unknown`: the connection or the program ended between the message and the server's answer. Nobody can tell
//! whether it was sent, so it is never sent again without being asked for.

use mailroom_model::{AccountId, IdentityId, MessageId, OutboxId, UnixMillis};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, signed, to_json};
use crate::statement::Bound;
use crate::{CompressedBody, Store, StoreError, StoredError, body, draft_copy};

/// Where a message to be sent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// It waits for [`OutboxRow::send_after`].
    Queued,
    /// It is being handed to a server.
    Sending,
    /// A server has accepted it; the copy is not in the Sent folder yet.
    Sent,
    /// The copy is in the Sent folder.
    Filed,
    /// A server refused it.
    Failed,
    /// Nobody can tell whether it was sent.
    Unknown,
}

impl OutboxState {
    const EVERY: [Self; 6] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Filed,
        Self::Failed,
        Self::Unknown,
    ];

    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Filed => "filed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|state| state.as_str() == name)
    }
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct NewOutbox {
    /// The account that sends it.
    pub account_id: AccountId,
    /// As whom.
    pub identity_id: Option<IdentityId>,
    /// Its Message-ID: how its copy is found again.
    pub rfc_message_id: String,
    /// Its subject, for the list.
    pub subject: String,
    /// MAIL FROM (RFC 5321 §3.3).
    pub envelope_from: String,
    /// RCPT TO, each once.
    pub envelope_to: Vec<String>,
    /// The whole message.
    pub raw: CompressedBody,
    /// Not before: later sending, and the time to take it back.
    pub send_after: UnixMillis,
    /// The message that it answers or passes on, and the flag that this one gets when it is sent.
    pub about: Option<(MessageId, String)>,
}

/// A message to be sent, or sent, as it is kept. [`Outbox::raw`] has its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id.
    pub id: OutboxId,
    /// The account that sends it.
    pub account_id: AccountId,
    /// As whom.
    pub identity_id: Option<IdentityId>,
    /// Its Message-ID.
    pub rfc_message_id: String,
    /// Its subject.
    pub subject: String,
    /// MAIL FROM.
    pub envelope_from: String,
    /// RCPT TO.
    pub envelope_to: Vec<String>,
    /// Its size in bytes.
    pub raw_size: u64,
    /// Where it stands.
    pub state: OutboxState,
    /// How often it was handed to a server.
    pub attempts: u32,
    /// Not before.
    pub send_after: UnixMillis,
    /// When it was queued.
    pub created_at: UnixMillis,
    /// When the last attempt began.
    pub started_at: Option<UnixMillis>,
    /// When a server accepted it.
    pub accepted_at: Option<UnixMillis>,
    /// When its copy was found or put in the Sent folder.
    pub filed_at: Option<UnixMillis>,
    /// What went wrong the last time.
    pub last_error: Option<StoredError>,
    /// The message that it answers or passes on, and the flag that this one still is to get.
    pub about: Option<(MessageId, String)>,
}

/// The columns of a row without its bytes.
macro_rules! select {
    () => {
        "SELECT id, account_id, identity_id, rfc_message_id, subject, envelope_from, envelope_to, raw_size, state, \
         attempts, send_after, created_at, started_at, accepted_at, filed_at, error_code, error_params, error_at, \
         about_id, about_flag FROM outbox "
    };
}

statements! {
    /// A new message.
    INSERT = "INSERT INTO outbox (account_id, identity_id, rfc_message_id, subject, envelope_from, envelope_to, raw, \
        raw_size, state, send_after, created_at, about_id, about_flag) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?9, ?10, ?11, ?12) RETURNING id";
    /// One message.
    GET = concat!(select!(), "WHERE id = ?1");
    /// An account's messages that are not filed, in their order.
    LIST = concat!(select!(), "WHERE account_id = ?1 AND state <> 'filed' ORDER BY id");
    /// Those whose time has come.
    DUE = concat!(select!(), "WHERE account_id = ?1 AND state = 'queued' AND send_after <= ?2 ORDER BY send_after, id");
    /// When the next one's time comes.
    NEXT_AT = "SELECT min(send_after) FROM outbox WHERE account_id = ?1 AND state = 'queued'";
    /// Its bytes.
    RAW = "SELECT raw, raw_size FROM outbox WHERE id = ?1";
    /// queued → sending: only one gets it.
    BEGIN = "UPDATE outbox SET state = 'sending', attempts = attempts + 1, started_at = ?2 \
        WHERE id = ?1 AND state = 'queued' AND send_after <= ?2";
    /// sending → sent.
    SENT = "UPDATE outbox SET state = 'sent', accepted_at = ?2, error_code = NULL, error_params = NULL, \
        error_at = NULL WHERE id = ?1 AND state = 'sending'";
    /// What is in the way of the copy of one that was sent.
    NOTE = "UPDATE outbox SET error_code = ?2, error_params = ?3, error_at = ?4 WHERE id = ?1 AND state = 'sent'";
    /// sent, or found although unknown → filed.
    FILED = "UPDATE outbox SET state = 'filed', filed_at = ?2, accepted_at = coalesce(accepted_at, ?2), \
        error_code = NULL, error_params = NULL, error_at = NULL WHERE id = ?1 AND state IN ('sent', 'unknown')";
    /// sending → queued, for later.
    DEFER = "UPDATE outbox SET state = 'queued', send_after = ?2, error_code = ?3, error_params = ?4, error_at = ?5 \
        WHERE id = ?1 AND state = 'sending'";
    /// sending → failed.
    FAIL = "UPDATE outbox SET state = 'failed', error_code = ?2, error_params = ?3, error_at = ?4 \
        WHERE id = ?1 AND state = 'sending'";
    /// sending → unknown.
    LOSE = "UPDATE outbox SET state = 'unknown', error_code = ?2, error_params = ?3, error_at = ?4 \
        WHERE id = ?1 AND state = 'sending'";
    /// Whether one is being sent.
    SENDING = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'sending' AND account_id = ?1)";
    /// sending → unknown, for all: the program ended in the middle.
    RECOVER = "UPDATE outbox SET state = 'unknown' WHERE state = 'sending' AND account_id = ?1 RETURNING id";
    /// The person wants it sent: failed or unknown → queued; queued → at another time.
    REQUEUE = "UPDATE outbox SET state = 'queued', send_after = ?2, error_code = NULL, error_params = NULL, \
        error_at = NULL WHERE id = ?1 AND state IN ('queued', 'failed', 'unknown')";
    /// What was put off after a failure is due. What nobody has tried yet waits for its time.
    HASTEN = "UPDATE outbox SET send_after = ?2 WHERE account_id = ?1 AND state = 'queued' AND attempts > 0 \
        AND send_after > ?2";
    /// One that was never tried gets another time.
    RESCHEDULE = "UPDATE outbox SET send_after = ?2 WHERE id = ?1 AND state = 'queued' AND attempts = 0";
    /// sending → queued, as if it had not been tried.
    PUT_BACK = "UPDATE outbox SET state = 'queued', attempts = attempts - 1 WHERE id = ?1 AND state = 'sending'";
    /// Those that were filed before and of which nothing follows any more; a few, so that nobody waits for it.
    FILED_BEFORE = "SELECT o.id FROM outbox AS o WHERE o.state = 'filed' AND o.about_flag IS NULL AND o.filed_at <= ?1 \
        AND NOT EXISTS (SELECT 1 FROM drafts AS d WHERE d.outbox_id = o.id) LIMIT 50";
    /// It is done with.
    REMOVE_FILED = "DELETE FROM outbox WHERE id = ?1 AND state = 'filed'";
    /// The person does not want it, or does not want to see it.
    DISCARD = "DELETE FROM outbox WHERE id = ?1 AND state <> 'sending'";
}

/// The outbox of a [`Store`]. Every change is on the disk when its call returns.
#[derive(Clone, Copy, Debug)]
pub struct Outbox<'s>(&'s Store);

impl Store {
    /// Table `outbox`.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(self)
    }
}

impl OutboxRow {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OutboxId(row.value("id")?),
            account_id: AccountId(row.value("account_id")?),
            identity_id: row.value::<Option<i64>>("identity_id")?.map(IdentityId),
            rfc_message_id: row.value("rfc_message_id")?,
            subject: row.value("subject")?,
            envelope_from: row.value("envelope_from")?,
            envelope_to: row.json("envelope_to")?,
            raw_size: row.unsigned("raw_size")?,
            state: row.named("state", OutboxState::from_name)?,
            attempts: row.unsigned32("attempts")?,
            send_after: row.at("send_after")?,
            created_at: row.at("created_at")?,
            started_at: row.at_option("started_at")?,
            accepted_at: row.at_option("accepted_at")?,
            filed_at: row.at_option("filed_at")?,
            last_error: row.stored_error()?,
            about: row
                .value::<Option<i64>>("about_id")?
                .map(MessageId)
                .zip(row.value("about_flag")?),
        })
    }
}

impl Outbox<'_> {
    /// Queues a message.
    pub async fn enqueue(&self, message: &NewOutbox, now: UnixMillis) -> Result<OutboxId, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let id = insert(&mut writing, message, now).await?;
        writing.commit().await?;
        Ok(id)
    }

    /// One message.
    pub async fn get(&self, id: OutboxId) -> Result<Option<OutboxRow>, StoreError> {
        let row = sqlx::query(GET).bind(id.0).fetch_optional(self.0.reads()).await?;
        row.as_ref().map(OutboxRow::read).transpose()
    }

    /// The messages of an account that are not done with, in their order: all but those that are filed.
    pub async fn list(&self, account: AccountId) -> Result<Vec<OutboxRow>, StoreError> {
        let query = sqlx::query(LIST).bind(account.0);
        let rows = query.fetch_all(self.0.reads()).await?;
        rows.iter().map(OutboxRow::read).collect()
    }

    /// An account's queued messages whose time has come, in the order in which they are to be sent.
    pub async fn due(&self, account: AccountId, now: UnixMillis) -> Result<Vec<OutboxRow>, StoreError> {
        let query = sqlx::query(DUE).bind(account.0).bind(now.0);
        let rows = query.fetch_all(self.0.reads()).await?;
        rows.iter().map(OutboxRow::read).collect()
    }

    /// When the time of the account's next queued message comes; `None` when nothing is queued.
    pub async fn next_at(&self, account: AccountId) -> Result<Option<UnixMillis>, StoreError> {
        let at: Option<i64> = sqlx::query_scalar(NEXT_AT)
            .bind(account.0)
            .fetch_one(self.0.reads())
            .await?;
        Ok(at.map(UnixMillis))
    }

    /// The whole message; `None` when there is no such row.
    pub async fn raw(&self, id: OutboxId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query(RAW).bind(id.0).fetch_optional(self.0.reads()).await?;
        row.map(|row| body::decompress(&row.value::<Vec<u8>>("raw")?, row.unsigned("raw_size")?))
            .transpose()
    }

    /// queued → sending. False when its time has not come or somebody else has it: then do not send it.
    pub async fn begin_sending(&self, id: OutboxId, now: UnixMillis) -> Result<bool, StoreError> {
        self.change(sqlx::query(BEGIN).bind(id.0).bind(now.0)).await
    }

    /// sending → sent: a server has accepted it.
    pub async fn mark_sent(&self, id: OutboxId, now: UnixMillis) -> Result<bool, StoreError> {
        self.change(sqlx::query(SENT).bind(id.0).bind(now.0)).await
    }

    /// sent → filed: its copy is in the Sent folder. An unknown one whose copy was found there is filed as well.
    pub async fn mark_filed(&self, id: OutboxId, now: UnixMillis) -> Result<bool, StoreError> {
        self.change(sqlx::query(FILED).bind(id.0).bind(now.0)).await
    }

    /// sending → queued: the server asked to come back later, or could not be reached before the message was given.
    pub async fn mark_deferred(
        &self,
        id: OutboxId,
        send_after: UnixMillis,
        error: &StoredError,
    ) -> Result<bool, StoreError> {
        let (code, params, at) = StoredError::columns(Some(error))?;
        let query = sqlx::query(DEFER).bind(id.0).bind(send_after.0);
        self.change(query.bind(code).bind(params).bind(at)).await
    }

    /// sending → failed: the server refused it.
    pub async fn mark_failed(&self, id: OutboxId, error: &StoredError) -> Result<bool, StoreError> {
        let (code, params, at) = StoredError::columns(Some(error))?;
        self.change(sqlx::query(FAIL).bind(id.0).bind(code).bind(params).bind(at))
            .await
    }

    /// sending → unknown: the message was given and no answer came.
    pub async fn mark_unknown(&self, id: OutboxId, error: &StoredError) -> Result<bool, StoreError> {
        let (code, params, at) = StoredError::columns(Some(error))?;
        self.change(sqlx::query(LOSE).bind(id.0).bind(code).bind(params).bind(at))
            .await
    }

    /// Keeps why the copy of a sent message could not be filed yet. False when there is no such message.
    pub async fn note_unfiled(&self, id: OutboxId, error: &StoredError) -> Result<bool, StoreError> {
        let (code, params, at) = StoredError::columns(Some(error))?;
        self.change(sqlx::query(NOTE).bind(id.0).bind(code).bind(params).bind(at))
            .await
    }

    /// True when a message of the account is being sent, or was when a program ended.
    pub async fn is_sending(&self, account: AccountId) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(SENDING)
            .bind(account.0)
            .fetch_one(self.0.reads())
            .await?)
    }

    /// What was being sent when a program ended is unknown. Call it before anything is sent, and only while no other
    /// program can be sending for the account.
    pub async fn recover(&self, account: AccountId) -> Result<Vec<OutboxId>, StoreError> {
        let is_any: bool = sqlx::query_scalar(SENDING)
            .bind(account.0)
            .fetch_one(self.0.reads())
            .await?;
        if !is_any {
            return Ok(Vec::new());
        }
        let mut writing = self.0.begin_synced().await?;
        let ids: Vec<i64> = sqlx::query_scalar(RECOVER)
            .bind(account.0)
            .fetch_all(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(ids.into_iter().map(OutboxId).collect())
    }

    /// The person wants a failed or unknown message sent (again), or a queued one at another time.
    pub async fn requeue(&self, id: OutboxId, send_after: UnixMillis) -> Result<bool, StoreError> {
        self.change(sqlx::query(REQUEUE).bind(id.0).bind(send_after.0))
            .await
    }

    /// Makes due what was put off after a failure; a message that waits for its time goes on waiting.
    pub async fn hasten(&self, account: AccountId, now: UnixMillis) -> Result<(), StoreError> {
        let mut writing = self.0.begin_synced().await?;
        sqlx::query(HASTEN)
            .bind(account.0)
            .bind(now.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// Gives a queued message that was never tried another time. False when it is no such message any more.
    pub async fn reschedule(&self, id: OutboxId, send_after: UnixMillis) -> Result<bool, StoreError> {
        self.change(sqlx::query(RESCHEDULE).bind(id.0).bind(send_after.0))
            .await
    }

    /// sending → queued: nothing of it was given to a server, and the attempt does not count.
    pub async fn put_back(&self, id: OutboxId) -> Result<bool, StoreError> {
        self.change(sqlx::query(PUT_BACK).bind(id.0)).await
    }

    /// Removes messages that were filed at `before` or earlier and whose consequences are drawn, with their bytes: they
    /// are in the Sent folder. A few at a time; says how many.
    pub async fn remove_filed(&self, before: UnixMillis) -> Result<usize, StoreError> {
        let query = sqlx::query_scalar(FILED_BEFORE).bind(before.0);
        let ids: Vec<i64> = query.fetch_all(self.0.reads()).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut writing = self.0.begin_relaxed().await?;
        for id in &ids {
            sqlx::query(REMOVE_FILED).bind(id).execute(&mut *writing).await?;
        }
        writing.commit().await?;
        Ok(ids.len())
    }

    /// Removes a message, and the draft that it was made of; the draft of one whose fate is unknown stays, because it may be
    /// all that is left of it. False when there is none or it is being sent at this moment.
    pub async fn discard(&self, id: OutboxId, now: UnixMillis) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let row = sqlx::query(GET).bind(id.0).fetch_optional(&mut *writing).await?;
        let Some(row) = row.as_ref().map(OutboxRow::read).transpose()? else {
            return Ok(false);
        };
        match row.state {
            OutboxState::Queued | OutboxState::Failed => {
                draft_copy::drop_of_outbox(&mut writing, id, now).await?;
            }
            // It went out: its draft would invite to send it again.
            OutboxState::Sent | OutboxState::Filed => draft_copy::settle(&mut writing, id, now).await?,
            OutboxState::Sending | OutboxState::Unknown => {}
        }
        let done = sqlx::query(DISCARD).bind(id.0).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// One transition; false when the row was not in the state that it starts from.
    async fn change(&self, query: Bound<'_>) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let done = query.execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

/// Queues a message inside somebody's transaction.
pub(crate) async fn insert(
    writing: &mut SqliteConnection,
    message: &NewOutbox,
    now: UnixMillis,
) -> Result<OutboxId, StoreError> {
    let about = message.about.as_ref();
    let id: i64 = sqlx::query_scalar(INSERT)
        .bind(message.account_id.0)
        .bind(message.identity_id.map(|id| id.0))
        .bind(&message.rfc_message_id)
        .bind(&message.subject)
        .bind(&message.envelope_from)
        .bind(to_json(&message.envelope_to)?)
        .bind(message.raw.bytes.as_slice())
        .bind(signed(message.raw.raw_size))
        .bind(message.send_after.0)
        .bind(now.0)
        .bind(about.map(|(id, _)| id.0))
        .bind(about.map(|(_, flag)| flag.as_str()))
        .fetch_one(writing)
        .await?;
    Ok(OutboxId(id))
}
