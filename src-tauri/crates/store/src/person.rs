//! Tables `people` and `person_words`: whom an account wrote to, and who wrote to it.

use std::collections::HashMap;

use mailroom_model::{AccountId, FolderRole, Mailbox, MessageId, UnixMillis};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, number_list, signed};
use crate::statement::insert_rows;
use crate::{Store, StoreError};

/// A message counts half as much after so long.
const HALF_LIFE_MS: f64 = 90.0 * 86_400_000.0;
/// Lies between those who were written to, those who wrote, and programs that wrote.
const TIER: f64 = 1_000_000.0;
/// A word that so many people have is not looked up but looked for, among the best first.
const COMMON: i64 = 2000;
/// How many of the best are looked through for a common word.
const BEST: i64 = 2000;
/// Words of a question that count.
const WORDS: usize = 4;
/// The setting that says which message is looked at next for people.
const BACKFILL: &str = "people_backfill";

/// Somebody in a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acquaintance {
    /// Name and address as they stand there.
    pub mailbox: Mailbox,
    /// What they are found by, folded by the caller: the words of the name, the address, the words before its `@`.
    pub words: Vec<String>,
    /// They received the message; otherwise they wrote it.
    pub is_recipient: bool,
    /// A program, or a list: never among the first.
    pub is_automatic: bool,
}

/// Somebody who was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The name; may be empty.
    pub name: String,
    /// The address in lower case.
    pub address: String,
}

/// What is stored of a message's people, for those that were here before people were kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHeaders {
    /// Which message.
    pub id: MessageId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Who wrote it.
    pub from: Mailbox,
    /// The recipients in one line.
    pub to_line: String,
    /// The List-Id header.
    pub list_id: Option<String>,
    /// When it came.
    pub received_at: UnixMillis,
    /// The account wrote it.
    pub is_sent: bool,
    /// It lies among junk, drafts or in the trash, and says nothing about people.
    pub is_passed_over: bool,
}

/// One more word that somebody must have.
macro_rules! also {
    ($from:literal, $to:literal) => {
        concat!(
            " AND (",
            $from,
            " = '' OR EXISTS (SELECT 1 FROM person_words AS v WHERE v.person_id = p.id AND v.word >= ",
            $from,
            " AND v.word < ",
            $to,
            "))"
        )
    };
}

statements! {
    /// Whose folder it is, for whom it counts, and the account's own address.
    FOLDER = "SELECT f.role, a.address FROM folders AS f JOIN accounts AS a ON a.id = f.account_id WHERE f.id = ?1";
    /// Who is known already. ?2: ["address", …]
    KNOWN = "SELECT p.id, p.address, p.name, p.sent_score, p.seen_score, p.is_automatic FROM json_each(?2) AS j \
        CROSS JOIN people AS p ON p.account_id = ?1 AND p.address = j.value";
    /// The largest id.
    LAST_ID = "SELECT coalesce(max(id), 0) FROM people";
    /// People who are new.
    INSERT = "INSERT INTO people (id, account_id, address, name, sent_score, seen_score, is_automatic, rank) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    /// People who are known.
    UPDATE = "UPDATE people SET name = v.column2, sent_score = v.column3, seen_score = v.column4, \
        is_automatic = v.column5, rank = v.column6 FROM (VALUES (?, ?, ?, ?, ?, ?)) AS v WHERE people.id = v.column1";
    /// Some are called otherwise now. ?1: [id, …]
    FORGET_WORDS = "DELETE FROM person_words WHERE person_id IN (SELECT j.value FROM json_each(?1) AS j)";
    /// What somebody is found by.
    INSERT_WORD = "INSERT OR IGNORE INTO person_words (word, person_id) VALUES (?, ?)";
    /// How many have a word that begins so, at most ?3.
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM person_words AS w WHERE w.word >= ?1 AND w.word < ?2 LIMIT ?3)";
    /// Those who have a word that begins so, and others; an empty one is none.
    BY_WORD = concat!("SELECT DISTINCT p.name, p.address, p.rank FROM person_words AS w \
        CROSS JOIN people AS p ON p.id = w.person_id WHERE w.word >= ?1 AND w.word < ?2",
        also!("?3", "?4"), also!("?5", "?6"), also!("?7", "?8"), " ORDER BY p.rank DESC LIMIT ?9");
    /// The same among the best.
    AMONG_BEST = concat!("SELECT p.name, p.address, p.rank FROM \
        (SELECT b.id, b.name, b.address, b.rank FROM people AS b ORDER BY b.rank DESC LIMIT ?10) AS p WHERE TRUE",
        also!("?1", "?2"), also!("?3", "?4"), also!("?5", "?6"), also!("?7", "?8"), " LIMIT ?9");
    /// Messages that were here before people were kept, newest first.
    OLDER = "SELECT m.id, m.account_id, m.from_name, m.from_address, m.to_line, m.list_id, m.received_at, a.address AS own, \
        EXISTS (SELECT 1 FROM places AS p JOIN folders AS f ON f.id = p.folder_id WHERE p.message_id = m.id \
        AND f.role = 'sent') AS is_sent, \
        EXISTS (SELECT 1 FROM places AS p JOIN folders AS f ON f.id = p.folder_id WHERE p.message_id = m.id \
        AND f.role IN ('junk', 'trash', 'drafts')) AS is_passed_over \
        FROM messages AS m JOIN accounts AS a ON a.id = m.account_id WHERE m.id <= ?1 ORDER BY m.id DESC LIMIT ?2";
    /// How far the look through them is.
    SET_BACKFILL = "UPDATE settings SET value = ?2 WHERE key = ?1";
    /// It is over.
    END_BACKFILL = "DELETE FROM settings WHERE key = ?1";
}

/// The people of a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct People<'s>(&'s Store);

impl Store {
    /// Tables `people` and `person_words`.
    pub fn people(&self) -> People<'_> {
        People(self)
    }
}

impl People<'_> {
    /// Counts people: recipients were written to, the others wrote.
    pub async fn record(
        &self,
        account: AccountId,
        at: UnixMillis,
        people: Vec<Acquaintance>,
    ) -> Result<(), StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        let people = people.into_iter().map(|person| (at, person)).collect();
        record(&mut writing, account, people).await?;
        Ok(writing.commit().await?)
    }

    /// Those of whom every one of `words` (folded) begins a word, the best first; each address once. Nothing for no words.
    pub async fn search(&self, words: &[String], limit: u32) -> Result<Vec<PersonRow>, StoreError> {
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut counted = Vec::with_capacity(WORDS);
        for word in words.iter().take(WORDS) {
            let count: i64 = sqlx::query_scalar(COUNT)
                .bind(word)
                .bind(end_of(word))
                .bind(COMMON)
                .fetch_one(self.0.reads())
                .await?;
            counted.push((count, word.as_str()));
        }
        // The rarest word leads to the fewest people.
        counted.sort_unstable();
        let is_common = counted.first().is_some_and(|(count, _)| *count >= COMMON);
        if is_common {
            let found = self.find(AMONG_BEST, &counted, limit).await?;
            if found.len() == limit as usize {
                return Ok(found);
            }
        }
        self.find(BY_WORD, &counted, limit).await
    }

    async fn find(
        &self,
        statement: &'static str,
        words: &[(i64, &str)],
        limit: u32,
    ) -> Result<Vec<PersonRow>, StoreError> {
        let mut query = sqlx::query(statement);
        for index in 0..WORDS {
            let word = words.get(index).map_or("", |(_, word)| word);
            query = query.bind(word).bind(end_of(word));
        }
        // Somebody may be known to several accounts.
        query = query.bind(i64::from(limit).saturating_mul(4));
        if statement == AMONG_BEST {
            query = query.bind(BEST);
        }
        once(&query.fetch_all(self.0.reads()).await?, limit)
    }

    /// Some of the messages that were here before people were kept; nothing when all were looked at.
    pub async fn older_messages(&self, limit: u32) -> Result<Vec<StoredHeaders>, StoreError> {
        let Some(next) = self.0.settings().get::<i64>(BACKFILL).await? else {
            return Ok(Vec::new());
        };
        let rows = sqlx::query(OLDER)
            .bind(next)
            .bind(i64::from(limit))
            .fetch_all(self.0.reads())
            .await?;
        if rows.is_empty() {
            self.0.settings().unset(BACKFILL).await?;
        }
        rows.iter()
            .map(|row| {
                let from = Mailbox {
                    name: row.value("from_name")?,
                    address: row.value("from_address")?,
                };
                let own: String = row.value("own")?;
                Ok(StoredHeaders {
                    id: MessageId(row.value("id")?),
                    account_id: AccountId(row.value("account_id")?),
                    is_sent: row.value::<bool>("is_sent")? || from.address.eq_ignore_ascii_case(&own),
                    is_passed_over: row.value("is_passed_over")?,
                    from,
                    to_line: row.value("to_line")?,
                    list_id: row.value("list_id")?,
                    received_at: row.at("received_at")?,
                })
            })
            .collect()
    }

    /// Counts the people of messages that [`Self::older_messages`] gave, each with its account and time, and remembers
    /// that everything from the newest down to `last` was looked at.
    pub async fn record_older(
        &self,
        people: Vec<(AccountId, UnixMillis, Acquaintance)>,
        last: MessageId,
    ) -> Result<(), StoreError> {
        let mut by_account: HashMap<AccountId, Vec<(UnixMillis, Acquaintance)>> = HashMap::new();
        for (account, at, person) in people {
            by_account.entry(account).or_default().push((at, person));
        }
        let mut writing = self.0.begin_relaxed().await?;
        for (account, people) in by_account {
            record(&mut writing, account, people).await?;
        }
        if last.0 > 1 {
            sqlx::query(SET_BACKFILL)
                .bind(BACKFILL)
                .bind((last.0 - 1).to_string())
                .execute(&mut *writing)
                .await?;
        } else {
            sqlx::query(END_BACKFILL)
                .bind(BACKFILL)
                .execute(&mut *writing)
                .await?;
        }
        Ok(writing.commit().await?)
    }
}

/// What a folder tells about people: nothing, who wrote, or, when the account itself wrote, to whom.
pub(crate) struct Witness {
    role: Option<FolderRole>,
    own: String,
}

impl Witness {
    pub(crate) async fn of(
        writing: &mut SqliteConnection,
        folder: mailroom_model::FolderId,
    ) -> Result<Self, StoreError> {
        let row = sqlx::query(FOLDER).bind(folder.0).fetch_one(writing).await?;
        let role: Option<String> = row.value("role")?;
        Ok(Self {
            role: role.and_then(|role| FolderRole::from_name(&role)),
            own: row.value("address")?,
        })
    }

    /// Those of a message's people who count.
    pub(crate) fn choose(&self, people: Vec<Acquaintance>) -> Vec<Acquaintance> {
        if matches!(
            self.role,
            Some(FolderRole::Junk | FolderRole::Trash | FolderRole::Drafts)
        ) {
            return Vec::new();
        }
        let is_sent = self.role == Some(FolderRole::Sent)
            || people
                .iter()
                .any(|person| !person.is_recipient && person.mailbox.address.eq_ignore_ascii_case(&self.own));
        people
            .into_iter()
            .filter(|person| person.is_recipient == is_sent)
            .collect()
    }
}

struct Known {
    id: Option<i64>,
    name: String,
    sent: Option<f64>,
    seen: Option<f64>,
    is_automatic: bool,
    words: Option<Vec<String>>,
}

impl Known {
    fn rank(&self) -> f64 {
        match (self.sent, self.seen) {
            (Some(sent), _) => sent + TIER,
            (None, Some(seen)) if !self.is_automatic => seen,
            (None, seen) => seen.unwrap_or_default() - TIER,
        }
    }
}

/// Counts people of an account inside somebody's transaction.
pub(crate) async fn record(
    writing: &mut SqliteConnection,
    account: AccountId,
    people: Vec<(UnixMillis, Acquaintance)>,
) -> Result<(), StoreError> {
    let key = |person: &Acquaintance| person.mailbox.address.to_lowercase();
    let mut addresses: Vec<String> = people.iter().map(|(_, person)| key(person)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.retain(|address| address.contains('@'));
    if addresses.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(KNOWN)
        .bind(account.0)
        .bind(crate::column::to_json(&addresses)?)
        .fetch_all(&mut *writing)
        .await?;
    let mut known: HashMap<String, Known> = HashMap::new();
    for row in &rows {
        known.insert(row.value("address")?, read_known(row)?);
    }
    for (at, person) in people {
        let address = key(&person);
        if !address.contains('@') {
            continue;
        }
        let entry = known.entry(address).or_insert_with(|| Known {
            id: None,
            name: String::new(),
            sent: None,
            seen: None,
            is_automatic: person.is_automatic,
            words: Some(person.words.clone()),
        });
        let name = person.mailbox.name.trim();
        // What somebody is called by others yields to what they call themselves.
        if !name.is_empty() && name != entry.name && (entry.name.is_empty() || !person.is_recipient) {
            name.clone_into(&mut entry.name);
            entry.words = Some(person.words);
        }
        let score = if person.is_recipient {
            &mut entry.sent
        } else {
            &mut entry.seen
        };
        *score = Some(grown(*score, at));
        entry.is_automatic &= person.is_automatic;
    }
    let last_id: i64 = sqlx::query_scalar(LAST_ID).fetch_one(&mut *writing).await?;
    let (mut new, mut changed, mut renamed, mut words) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (address, mut entry) in known {
        let spoken = entry.words.take();
        let id = if let Some(id) = entry.id {
            renamed.extend(spoken.is_some().then_some(id));
            changed.push((id, entry));
            id
        } else {
            let id = last_id + 1 + signed(new.len() as u64);
            new.push((id, address, entry));
            id
        };
        words.extend(spoken.into_iter().flatten().map(|word| (word, id)));
    }
    insert_rows(writing, INSERT, new, |query, (id, address, entry)| {
        let rank = entry.rank();
        query
            .bind(id)
            .bind(account.0)
            .bind(address)
            .bind(entry.name)
            .bind(entry.sent)
            .bind(entry.seen)
            .bind(entry.is_automatic)
            .bind(rank)
    })
    .await?;
    insert_rows(writing, UPDATE, changed, |query, (id, entry)| {
        let rank = entry.rank();
        query
            .bind(id)
            .bind(entry.name)
            .bind(entry.sent)
            .bind(entry.seen)
            .bind(entry.is_automatic)
            .bind(rank)
    })
    .await?;
    if !renamed.is_empty() {
        sqlx::query(FORGET_WORDS)
            .bind(number_list(renamed))
            .execute(&mut *writing)
            .await?;
    }
    insert_rows(writing, INSERT_WORD, words, |query, (word, id)| {
        query.bind(word).bind(id)
    })
    .await
}

fn read_known(row: &SqliteRow) -> Result<Known, StoreError> {
    Ok(Known {
        id: Some(row.value("id")?),
        name: row.value("name")?,
        sent: row.value("sent_score")?,
        seen: row.value("seen_score")?,
        is_automatic: row.value("is_automatic")?,
        words: None,
    })
}

/// A score after one more message: the logarithm of a sum in which every message weighs twice as much as one that is a
/// half-life older. So it never has to be recomputed as time goes by.
fn grown(score: Option<f64>, at: UnixMillis) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of this age fit into 53 bits"
    )]
    let new = at.0 as f64 / HALF_LIFE_MS;
    match score {
        None => new,
        Some(old) => {
            let (high, low) = if old > new { (old, new) } else { (new, old) };
            high + (low - high).exp2().ln_1p() / std::f64::consts::LN_2
        }
    }
}

/// Behind every word that begins with `word`.
fn end_of(word: &str) -> String {
    format!("{word}\u{10ffff}")
}

/// Each address once, in order.
fn once(rows: &[SqliteRow], limit: u32) -> Result<Vec<PersonRow>, StoreError> {
    let mut found: Vec<PersonRow> = Vec::new();
    for row in rows {
        let person = PersonRow {
            name: row.value("name")?,
            address: row.value("address")?,
        };
        if found.len() < limit as usize && !found.iter().any(|other| other.address == person.address) {
            found.push(person);
        }
    }
    Ok(found)
}
