//! Table `messages`.

use mailroom_model::{AccountId, FolderId, Mailbox, MessageFlags, MessageId, ThreadId, UnixMillis};
use sqlx::sqlite::SqliteRow;

use crate::column::Columns;
use crate::{ExpectedPlace, Place, Store, StoreError};

/// Whether the raw message is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyState {
    /// It is.
    Stored,
    /// Its header, and its text as far as that was asked for ([`Messages::partial`]): the message is above the limit.
    Oversize,
}

impl BodyState {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Oversize => "oversize",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Stored, Self::Oversize]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// A message with everything but its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Its id.
    pub id: MessageId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its conversation.
    pub thread_id: ThreadId,
    /// BLAKE3 of the raw message.
    pub digest: [u8; 32],
    /// When the server got it (INTERNALDATE of its first place).
    pub received_at: UnixMillis,
    /// The Date header.
    pub sent_at: Option<UnixMillis>,
    /// RFC822.SIZE in bytes.
    pub size: u64,
    /// Whether the raw message is here.
    pub body_state: BodyState,
    /// How many files hang on it.
    pub attachment_count: u32,
    /// The decoded subject.
    pub subject: String,
    /// The first sender.
    pub from: Mailbox,
    /// The recipients (To; without them Cc, then Bcc) in one line: `Name <address>, address`.
    pub to_line: String,
    /// The beginning of its text.
    pub preview: String,
    /// The Message-ID header without angle brackets.
    pub rfc_message_id: Option<String>,
    /// The List-Id header.
    pub list_id: Option<String>,
    /// Where it lies, hidden places included.
    pub places: Vec<Place>,
    /// Where waiting changes will bring it.
    pub expected: Vec<ExpectedPlace>,
}

/// Messages removed in one transaction: it holds others up for as long as it takes.
const SWEEP_CHUNK: i64 = 100;

statements! {
    /// One message.
    GET = "SELECT * FROM messages AS m WHERE m.id = ?1";
    /// Whether any lost its last place.
    UNPLACED = "SELECT EXISTS (SELECT 1 FROM messages AS m WHERE m.unplaced_at <= ?1 AND m.account_id = ?2)";
    /// Messages that lost their last place, unless an operation needs them.
    SWEEP = "DELETE FROM messages WHERE id IN (SELECT m.id FROM messages AS m WHERE m.unplaced_at <= ?1 \
        AND m.account_id = ?3 AND NOT EXISTS (SELECT 1 FROM places AS p WHERE p.message_id = m.id) \
        AND NOT EXISTS (SELECT 1 FROM operations AS o WHERE o.message_id = m.id) LIMIT ?2)";
}

/// The messages of a [`Store`], and the places where they lie.
#[derive(Clone, Copy, Debug)]
pub struct Messages<'s>(pub(crate) &'s Store);

impl Store {
    /// Table `messages` and what hangs on it: `places`, `bodies`, `attachments`, `threads`, `search`.
    pub fn messages(&self) -> Messages<'_> {
        Messages(self)
    }
}

impl MessageRow {
    fn read(row: &SqliteRow, places: Vec<Place>, expected: Vec<ExpectedPlace>) -> Result<Self, StoreError> {
        let digest: Vec<u8> = row.value("digest")?;
        Ok(Self {
            id: MessageId(row.value("id")?),
            account_id: AccountId(row.value("account_id")?),
            thread_id: ThreadId(row.value("thread_id")?),
            digest: digest.try_into().map_err(|_| StoreError::damaged("digest"))?,
            received_at: row.at("received_at")?,
            sent_at: row.at_option("sent_at")?,
            size: row.unsigned("size")?,
            body_state: row.named("body_state", BodyState::from_name)?,
            attachment_count: row.unsigned32("attachment_count")?,
            subject: row.value("subject")?,
            from: Mailbox {
                name: row.value("from_name")?,
                address: row.value("from_address")?,
            },
            to_line: row.value("to_line")?,
            preview: row.value("preview")?,
            rfc_message_id: row.value("rfc_message_id")?,
            list_id: row.value("list_id")?,
            places,
            expected,
        })
    }

    /// True when it is shown in a folder, there already or expected.
    pub fn is_shown_in(&self, folder: FolderId) -> bool {
        let mut places = self.places.iter();
        let mut expected = self.expected.iter();
        places.any(|place| place.folder_id == folder && place.operation_id.is_none())
            || expected.any(|place| place.folder_id == folder && !place.is_hidden)
    }

    /// The folders in which it is shown, with its flags there; without any, those that it leaves.
    pub fn shown(&self) -> Vec<(FolderId, &MessageFlags)> {
        let places = self.places.iter().filter(|place| place.operation_id.is_none());
        let expected = self.expected.iter().filter(|place| !place.is_hidden);
        let mut shown: Vec<_> = places
            .map(|place| (place.folder_id, &place.flags))
            .chain(expected.map(|place| (place.folder_id, &place.flags)))
            .collect();
        if shown.is_empty() {
            shown.extend(self.places.iter().map(|place| (place.folder_id, &place.flags)));
        }
        shown.sort_by_key(|(folder, _)| *folder);
        shown
    }
}

impl Messages<'_> {
    /// One message.
    pub async fn get(&self, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
        let mut view = self.0.snapshot().await?;
        let row = sqlx::query(GET).bind(id.0).fetch_optional(&mut *view).await?;
        let (places, expected) = match row {
            Some(_) => (
                crate::place::of_message(&mut view, id).await?,
                crate::expected::of_message(&mut view, id).await?,
            ),
            None => (Vec::new(), Vec::new()),
        };
        view.end().await?;
        row.map(|row| MessageRow::read(&row, places, expected))
            .transpose()
    }

    /// Removes an account's messages that lost their last place at `until` or before and did not get a new one: at the end
    /// of a look at all its folders. Says how many.
    pub async fn sweep(&self, account: AccountId, until: UnixMillis) -> Result<u64, StoreError> {
        let is_any: bool = sqlx::query_scalar(UNPLACED)
            .bind(until.0)
            .bind(account.0)
            .fetch_one(self.0.reads())
            .await?;
        if !is_any {
            return Ok(0);
        }
        let mut swept = 0;
        loop {
            let mut writing = self.0.begin_relaxed().await?;
            let step = sqlx::query(SWEEP)
                .bind(until.0)
                .bind(SWEEP_CHUNK)
                .bind(account.0)
                .execute(&mut *writing)
                .await?;
            writing.commit().await?;
            swept += step.rows_affected();
            if step.rows_affected() < SWEEP_CHUNK.unsigned_abs() {
                return Ok(swept);
            }
        }
    }
}
