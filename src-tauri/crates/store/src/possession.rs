//! What belongs to an account, counted before it goes and looked for afterwards.

use mailroom_model::AccountId;

use crate::column::Columns;
use crate::{Store, StoreError};

/// Messages that are remembered by a [`Trace`] at most.
const TRACED: i64 = 200;

statements! {
    /// How many rows of each kind name the account.
    OF_ACCOUNT = "SELECT (SELECT count(*) FROM messages AS m WHERE m.account_id = ?1) AS messages, \
        (SELECT count(*) FROM operations AS o WHERE o.account_id = ?1) AS operations, \
        (SELECT count(*) FROM outbox AS o WHERE o.account_id = ?1) AS outbox, \
        (SELECT count(*) FROM drafts AS d WHERE d.account_id = ?1) AS drafts, \
        (SELECT count(*) FROM people AS p WHERE p.account_id = ?1) AS people, \
        (SELECT count(*) FROM accounts AS a WHERE a.id = ?1) \
        + (SELECT count(*) FROM folders AS f WHERE f.account_id = ?1) \
        + (SELECT count(*) FROM identities AS i WHERE i.account_id = ?1) AS settings";
    /// Its newest messages, under the numbers by which their texts, files and words are filed.
    TRACE = "SELECT m.id, m.sort_key FROM messages AS m WHERE m.account_id = ?1 ORDER BY m.sort_key DESC LIMIT ?2";
    /// What is filed under these numbers.
    OF_TRACE = "SELECT (SELECT count(*) FROM json_each(?1) AS j JOIN bodies AS b ON b.message_id = j.value) \
        + (SELECT count(*) FROM json_each(?1) AS j JOIN attachments AS a ON a.message_id = j.value) \
        + (SELECT count(*) FROM json_each(?1) AS j JOIN parts AS p ON p.message_id = j.value) \
        + (SELECT count(*) FROM json_each(?1) AS j JOIN places AS p ON p.message_id = j.value) AS contents, \
        (SELECT count(*) FROM json_each(?2) AS j JOIN search_docsize AS s ON s.id = j.value) AS words";
    /// People whom only this account knows are known to another one from now on.
    HAND_OVER = "UPDATE OR IGNORE people SET account_id = ?2 WHERE account_id = ?1";
}

/// How much there is of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Possessions {
    /// Messages.
    pub messages: u64,
    /// Changes that wait or were refused.
    pub operations: u64,
    /// Entries of the outbox, sent ones that are still kept included.
    pub outbox: u64,
    /// Drafts.
    pub drafts: u64,
    /// People whose addresses are completed.
    pub people: u64,
    /// The account itself, its folders and identities.
    pub settings: u64,
    /// Texts, files and places of the messages of a [`Trace`].
    pub contents: u64,
    /// Entries of the index of words of the messages of a [`Trace`].
    pub words: u64,
}

/// Some messages of an account, by the numbers under which their texts, files and words are filed: with it those can be
/// looked for when the messages are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Trace {
    messages: Vec<i64>,
    words: Vec<i64>,
}

impl Store {
    /// Remembers the newest messages of an account.
    pub async fn trace(&self, account: AccountId) -> Result<Trace, StoreError> {
        let rows = sqlx::query(TRACE)
            .bind(account.0)
            .bind(TRACED)
            .fetch_all(self.reads())
            .await?;
        let mut trace = Trace::default();
        for row in rows {
            trace.messages.push(row.value("id")?);
            trace.words.push(row.value("sort_key")?);
        }
        Ok(trace)
    }

    /// Counts what there is of an account, whether it is being removed or gone, and of the messages that `trace` remembers.
    pub async fn possessions(&self, account: AccountId, trace: &Trace) -> Result<Possessions, StoreError> {
        let row = sqlx::query(OF_ACCOUNT)
            .bind(account.0)
            .fetch_one(self.reads())
            .await?;
        let filed = sqlx::query(OF_TRACE)
            .bind(crate::column::to_json(&trace.messages)?)
            .bind(crate::column::to_json(&trace.words)?)
            .fetch_one(self.reads())
            .await?;
        Ok(Possessions {
            messages: row.unsigned("messages")?,
            operations: row.unsigned("operations")?,
            outbox: row.unsigned("outbox")?,
            drafts: row.unsigned("drafts")?,
            people: row.unsigned("people")?,
            settings: row.unsigned("settings")?,
            contents: filed.unsigned("contents")?,
            words: filed.unsigned("words")?,
        })
    }

    /// Gives the people whom only `from` knows to another account, so that their addresses go on being completed. Says how
    /// many.
    pub async fn hand_people_over(&self, from: AccountId, to: AccountId) -> Result<u64, StoreError> {
        let mut writing = self.begin_synced().await?;
        let done = sqlx::query(HAND_OVER)
            .bind(from.0)
            .bind(to.0)
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(done.rows_affected())
    }
}

#[cfg(test)]
impl Trace {
    /// The number under which the words of the newest message are filed.
    pub(crate) fn words_for_test(&self) -> i64 {
        self.words[0]
    }
}
