//! Messages that arrive: one transaction for each batch.

use std::collections::{BTreeSet, HashMap, HashSet};

use mailroom_model::{
    AccountId, FolderId, Mailbox, MessageFlags, MessageId, OperationId, ThreadId, UnixMillis,
};
use sqlx::SqliteConnection;

use crate::attachment::INSERT_ATTACHMENT;
use crate::body::INSERT_BODY;
use crate::column::{Columns, hex_list, number_list, signed, to_json};
use crate::message::BodyState;
use crate::overlay::Overlay;
use crate::person::{self, Acquaintance, Witness};
use crate::place::{INSERT_PLACE, merge_flags};
use crate::statement::insert_rows;
use crate::thread_resolver::Threading;
use crate::{
    CompressedBody, FlagUpdate, Messages, NewAttachment, StoreError, completion, expected, operation, search,
    sort_key, thread, unindexed,
};

/// Text for the index, already folded by the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText {
    /// The subject.
    pub subject: String,
    /// Names and addresses of senders.
    pub sender: String,
    /// Names and addresses of recipients.
    pub recipients: String,
    /// The text.
    pub body: String,
    /// Names of attachments.
    pub files: String,
}

/// A message as it was fetched from a folder.
#[derive(Clone, Debug)]
pub struct IncomingMessage {
    /// Its UID in the folder.
    pub uid: u32,
    /// Its flags there.
    pub flags: MessageFlags,
    /// MODSEQ (RFC 7162); `None` without CONDSTORE.
    pub modseq: Option<u64>,
    /// INTERNALDATE.
    pub internal_at: UnixMillis,
    /// BLAKE3 of the raw message. Messages of one account with the same digest are one.
    pub digest: [u8; 32],
    /// The server's own name for the content, the same in every folder (X-GM-MSGID, EMAILID); `None` where it has none.
    pub content_id: Option<String>,
    /// What a large message is recognised by without its bytes: a digest of its size and header. `None` for small ones.
    pub head_digest: Option<[u8; 32]>,
    /// The raw message; of one above the limit what was fetched of it in the form of a message, `None` for the header alone.
    pub body: Option<CompressedBody>,
    /// [`Self::body`] is the message, byte for byte.
    pub is_whole: bool,
    /// RFC822.SIZE in bytes.
    pub size: u64,
    /// The decoded subject.
    pub subject: String,
    /// The first sender.
    pub from: Mailbox,
    /// The recipients (To; without them Cc, then Bcc) in one line: `Name <address>, address`.
    pub to_line: String,
    /// The Date header.
    pub sent_at: Option<UnixMillis>,
    /// The Message-ID header.
    pub rfc_message_id: Option<String>,
    /// References and In-Reply-To, oldest first.
    pub references: Vec<String>,
    /// The subject without reply marks (RFC 5256 §2.1), folded.
    pub base_subject: String,
    /// The subject had a reply mark.
    pub has_reply_mark: bool,
    /// The beginning of its text, 200 characters at most.
    pub preview: String,
    /// The List-Id header.
    pub list_id: Option<String>,
    /// What hangs on it.
    pub attachments: Vec<NewAttachment>,
    /// What it can be found by. `None`: the index follows from the kept bytes ([`Messages::unindexed`]).
    pub search: Option<SearchText>,
    /// Who wrote it and who received it.
    pub people: Vec<Acquaintance>,
}

/// What a batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Messages that were not here.
    pub stored: u64,
    /// Messages that were here, in another folder, and have a further place now.
    pub matched: u64,
    /// UIDs that were here; their flags were taken over.
    pub known: u64,
    /// Sizes of the stored messages together, in bytes.
    pub bytes: u64,
    /// The places that are new: UID, message.
    pub placed: Vec<(u32, MessageId)>,
    /// The stored messages without `\Seen`.
    pub unread: Vec<MessageId>,
}

statements! {
    /// The folder belongs to the account.
    OWNS = "SELECT 1 FROM folders WHERE id = ?1 AND account_id = ?2";
    /// Which UIDs are here.
    KNOWN = "SELECT p.uid FROM json_each(?2) AS j CROSS JOIN places AS p ON p.folder_id = ?1 AND p.uid = j.value";
    /// Which messages are here.
    BY_DIGEST = "SELECT m.id, m.digest FROM json_each(?2) AS j CROSS JOIN messages AS m \
        ON m.account_id = ?1 AND m.digest = unhex(j.value)";
    /// Which large messages are here.
    BY_HEAD = "SELECT m.id, m.head_digest, m.body_state FROM json_each(?2) AS j CROSS JOIN messages AS m \
        ON m.account_id = ?1 AND m.head_digest = unhex(j.value)";
    /// What the server calls messages that were here before it said so.
    NAME_CONTENT = "UPDATE messages SET content_id = j.value ->> 1 FROM json_each(?1) AS j \
        WHERE messages.id = (j.value ->> 0) AND messages.content_id IS NULL";
    /// They have a place again.
    MARK_PLACED = "UPDATE messages SET unplaced_at = NULL WHERE id IN (SELECT j.value FROM json_each(?1) AS j) \
        AND +unplaced_at IS NOT NULL";
    /// A new message.
    INSERT = "INSERT INTO messages (id, account_id, thread_id, digest, sort_key, received_at, sent_at, size, \
        body_state, attachment_count, subject, from_name, from_address, to_line, preview, rfc_message_id, list_id, \
        kept_size, content_id, head_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
}

/// A message that is new here, with the keys that it gets.
struct Fresh {
    id: MessageId,
    sort_key: i64,
    message: IncomingMessage,
}

/// A place that is new here.
pub(crate) struct NewPlace {
    pub(crate) uid: u32,
    pub(crate) message_id: MessageId,
    pub(crate) internal_at: UnixMillis,
    pub(crate) shown: MessageFlags,
    pub(crate) server: MessageFlags,
    pub(crate) modseq: Option<u64>,
    /// The move or deletion that waits for it.
    pub(crate) taken_by: Option<OperationId>,
}

impl Messages<'_> {
    /// Stores a batch that was fetched from `folder`, in one transaction; a few hundred messages are a good size.
    /// Repeating it changes nothing: a UID that is here has its flags taken over, a message that is here (by digest)
    /// gets a further place. Errors: [`StoreError::FolderMissing`], and whatever the disk says; then nothing of the
    /// batch is stored.
    pub async fn ingest(
        &self,
        account: AccountId,
        folder: FolderId,
        batch: Vec<IncomingMessage>,
    ) -> Result<Ingested, StoreError> {
        let mut ingested = Ingested::default();
        if batch.is_empty() {
            return Ok(ingested);
        }
        let mut writing = self.0.begin_relaxed().await?;
        let owns: Option<i64> = sqlx::query_scalar(OWNS)
            .bind(folder.0)
            .bind(account.0)
            .fetch_optional(&mut *writing)
            .await?;
        if owns.is_none() {
            return Err(StoreError::FolderMissing(folder));
        }
        let overlay = Overlay::of_folder(&mut writing, folder).await?;
        let known = known_uids(&mut writing, folder, &batch).await?;
        let mut by_digest = known_digests(&mut writing, account, &batch).await?;
        let mut by_head = known_heads(&mut writing, account, &batch).await?;
        let mut next_id = thread::last_id(&mut writing, "messages").await? + 1;

        let mut seen = HashSet::new();
        let mut updates = Vec::new();
        let mut matched = Vec::new();
        let mut named = Vec::new();
        let mut completed = Vec::new();
        let mut fresh = Vec::new();
        let mut places = Vec::new();
        for message in batch {
            if !seen.insert(message.uid) {
                continue;
            }
            if known.contains(&message.uid) {
                updates.push(FlagUpdate {
                    uid: message.uid,
                    flags: message.flags,
                    modseq: message.modseq,
                });
                continue;
            }
            let head = message.head_digest.and_then(|head| by_head.get(&head).copied());
            // Of a large message that is not whole here, on either side, the head decides.
            let same_head = head.filter(|known| !message.is_whole || !known.is_whole);
            let (id, is_fresh) = match (by_digest.get(&message.digest), same_head) {
                (Some(id), _) => (*id, false),
                (None, Some(known)) => (known.id, false),
                (None, None) => (MessageId(next_id), true),
            };
            let completes = same_head.is_some_and(|known| !known.is_whole && known.id == id);
            places.push(NewPlace {
                uid: message.uid,
                message_id: id,
                internal_at: message.internal_at,
                shown: overlay.apply(message.uid, &message.flags),
                server: message.flags.clone(),
                modseq: message.modseq,
                taken_by: overlay.taken_by(message.uid),
            });
            ingested.placed.push((message.uid, id));
            if is_fresh {
                next_id += 1;
                by_digest.insert(message.digest, id);
                if let Some(head) = message.head_digest {
                    let is_whole = message.is_whole;
                    by_head.entry(head).or_insert(KnownHead { id, is_whole });
                }
                ingested.bytes += message.size;
                if places
                    .last()
                    .is_some_and(|place| !place.shown.seen && place.taken_by.is_none())
                {
                    ingested.unread.push(id);
                }
                fresh.push(Fresh {
                    id,
                    sort_key: sort_key::sort_key(message.internal_at, id)?,
                    message,
                });
            } else {
                matched.push(id.0);
                named.extend(message.content_id.clone().map(|content| (id.0, content)));
                if completes && message.is_whole {
                    completed.push((id, message));
                }
            }
        }
        ingested.stored = fresh.len() as u64;
        ingested.matched = matched.len() as u64;
        ingested.known = updates.len() as u64;

        let witness = Witness::of(&mut writing, folder).await?;
        let mut people = Vec::new();
        for Fresh { message, .. } in &mut fresh {
            let at = message.internal_at;
            let chosen = witness.choose(std::mem::take(&mut message.people));
            people.extend(chosen.into_iter().map(|person| (at, person)));
        }
        insert_messages(&mut writing, account, fresh).await?;
        insert_places(&mut writing, folder, places).await?;
        for (id, message) in completed {
            completion::complete(&mut writing, id, message).await?;
        }
        mark_placed(&mut writing, matched).await?;
        if !named.is_empty() {
            sqlx::query(NAME_CONTENT)
                .bind(to_json(&named)?)
                .execute(&mut *writing)
                .await?;
        }
        if !updates.is_empty() {
            merge_flags(&mut writing, folder, &updates, &overlay).await?;
        }
        person::record(&mut writing, account, people).await?;
        writing.commit().await?;
        Ok(ingested)
    }
}

/// A large message that is here.
#[derive(Clone, Copy)]
struct KnownHead {
    id: MessageId,
    is_whole: bool,
}

async fn known_heads(
    writing: &mut SqliteConnection,
    account: AccountId,
    batch: &[IncomingMessage],
) -> Result<HashMap<[u8; 32], KnownHead>, StoreError> {
    let heads: Vec<&[u8]> = batch
        .iter()
        .filter_map(|message| message.head_digest.as_ref().map(<[u8; 32]>::as_slice))
        .collect();
    let mut known = HashMap::new();
    if heads.is_empty() {
        return Ok(known);
    }
    let rows = sqlx::query(BY_HEAD)
        .bind(account.0)
        .bind(hex_list(heads))
        .fetch_all(writing)
        .await?;
    for row in &rows {
        let head: Vec<u8> = row.value("head_digest")?;
        let head = head.try_into().map_err(|_| StoreError::damaged("head_digest"))?;
        let is_whole = row.named("body_state", BodyState::from_name)? == BodyState::Stored;
        let id = MessageId(row.value("id")?);
        let this = KnownHead { id, is_whole };
        let oldest = known.entry(head).or_insert(this);
        if id < oldest.id {
            *oldest = this;
        }
    }
    Ok(known)
}

/// Messages have a place again.
pub(crate) async fn mark_placed(writing: &mut SqliteConnection, ids: Vec<i64>) -> Result<(), StoreError> {
    if !ids.is_empty() {
        sqlx::query(MARK_PLACED)
            .bind(number_list(ids))
            .execute(writing)
            .await?;
    }
    Ok(())
}

async fn known_uids(
    writing: &mut SqliteConnection,
    folder: FolderId,
    batch: &[IncomingMessage],
) -> Result<HashSet<u32>, StoreError> {
    let rows = sqlx::query(KNOWN)
        .bind(folder.0)
        .bind(number_list(batch.iter().map(|message| message.uid.into())))
        .fetch_all(writing)
        .await?;
    rows.iter().map(|row| row.unsigned32("uid")).collect()
}

async fn known_digests(
    writing: &mut SqliteConnection,
    account: AccountId,
    batch: &[IncomingMessage],
) -> Result<HashMap<[u8; 32], MessageId>, StoreError> {
    let rows = sqlx::query(BY_DIGEST)
        .bind(account.0)
        .bind(hex_list(batch.iter().map(|message| message.digest.as_slice())))
        .fetch_all(writing)
        .await?;
    rows.iter()
        .map(|row| {
            let digest: Vec<u8> = row.value("digest")?;
            let digest = digest.try_into().map_err(|_| StoreError::damaged("digest"))?;
            Ok((digest, MessageId(row.value("id")?)))
        })
        .collect()
}

/// Writes new messages and everything that hangs on them. The index comes in the order of its row ids: FTS5 flushes
/// whenever one is smaller than the one before.
async fn insert_messages(
    writing: &mut SqliteConnection,
    account: AccountId,
    mut fresh: Vec<Fresh>,
) -> Result<(), StoreError> {
    if fresh.is_empty() {
        return Ok(());
    }
    fresh.sort_by_key(|fresh| fresh.sort_key);
    let threading = fresh
        .iter()
        .map(|Fresh { message, .. }| Threading {
            links: thread::links_of(message.rfc_message_id.as_deref(), &message.references),
            has_references: !message.references.is_empty(),
            base_subject: message.base_subject.clone(),
            has_reply_mark: message.has_reply_mark,
            received_at: message.internal_at,
            near: None,
        })
        .collect();
    let threads = thread::assign(writing, account, threading).await?;

    let mut rows = Vec::with_capacity(fresh.len());
    let mut bodies = Vec::with_capacity(fresh.len());
    let mut attachments = Vec::new();
    let mut texts = Vec::with_capacity(fresh.len());
    let mut later = Vec::new();
    for (mut fresh, thread) in fresh.into_iter().zip(threads) {
        let id = fresh.id;
        let body = fresh.message.body.take();
        let kept_size = body.as_ref().map_or(0, CompressedBody::stored_size);
        let state = if fresh.message.is_whole {
            BodyState::Stored
        } else {
            BodyState::Oversize
        };
        bodies.extend(body.map(|body| (id, body)));
        let files = std::mem::take(&mut fresh.message.attachments);
        let attachment_count = files.len();
        attachments.extend(files.into_iter().map(|file| (id, file)));
        match fresh.message.search.take() {
            Some(text) => texts.push((fresh.sort_key, text)),
            None => later.push(fresh.sort_key),
        }
        rows.push((fresh, thread, state, [attachment_count as u64, kept_size]));
    }
    insert_rows(writing, INSERT, rows, |query, (fresh, thread, state, counts)| {
        bind_message(query, account, fresh, thread, state, counts)
    })
    .await?;
    insert_rows(writing, INSERT_BODY, bodies, |query, (id, body)| {
        query.bind(id.0).bind(signed(body.raw_size)).bind(body.bytes)
    })
    .await?;
    insert_rows(writing, INSERT_ATTACHMENT, attachments, |query, (id, file)| {
        query
            .bind(id.0)
            .bind(file.part)
            .bind(file.filename)
            .bind(file.content_type)
            .bind(signed(file.size))
            .bind(file.content_id)
            .bind(file.is_inline)
    })
    .await?;
    search::write(writing, texts).await?;
    unindexed::postpone(writing, later).await
}

fn bind_message(
    query: crate::statement::Bound<'_>,
    account: AccountId,
    fresh: Fresh,
    thread: ThreadId,
    state: BodyState,
    [attachment_count, kept_size]: [u64; 2],
) -> crate::statement::Bound<'_> {
    let message = fresh.message;
    query
        .bind(fresh.id.0)
        .bind(account.0)
        .bind(thread.0)
        .bind(message.digest.to_vec())
        .bind(fresh.sort_key)
        .bind(message.internal_at.0)
        .bind(message.sent_at.map(|at| at.0))
        .bind(signed(message.size))
        .bind(state.as_str())
        .bind(signed(attachment_count))
        .bind(message.subject)
        .bind(message.from.name)
        .bind(message.from.address)
        .bind(message.to_line)
        .bind(message.preview)
        .bind(message.rfc_message_id)
        .bind(message.list_id)
        .bind(signed(kept_size))
        .bind(message.content_id)
        .bind(message.head_digest.map(|head| head.to_vec()))
}

/// Writes new places. What was expected there and has come is not expected any more; what a waiting change takes away is shown
/// where it goes.
pub(crate) async fn insert_places(
    writing: &mut SqliteConnection,
    folder: FolderId,
    places: Vec<NewPlace>,
) -> Result<(), StoreError> {
    let came: Vec<MessageId> = places.iter().map(|place| place.message_id).collect();
    let takers: BTreeSet<OperationId> = places.iter().filter_map(|place| place.taken_by).collect();
    insert_rows(writing, INSERT_PLACE, places, |query, place| {
        query
            .bind(folder.0)
            .bind(i64::from(place.uid))
            .bind(place.message_id.0)
            .bind(place.internal_at.0)
            .bind(place.shown.system_bits())
            .bind(place.shown.keyword_line())
            .bind(place.server.system_bits())
            .bind(place.server.keyword_line())
            .bind(place.modseq.map(signed))
            .bind(place.taken_by.map(|id| id.0))
    })
    .await?;
    expected::replace(writing, folder, &came).await?;
    for id in takers {
        operation::show_taken(writing, id).await?;
    }
    Ok(())
}
