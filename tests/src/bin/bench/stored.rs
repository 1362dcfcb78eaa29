//! A store with generated messages, put there by the store's own ingest.

use std::path::Path;

use mailroom_mime::{Limits, fold_for_search, parse_for_index};
use mailroom_model::{
    AccountId, AccountState, FolderId, FolderRole, FolderSelection, Mailbox, MessageFlags, Period, UnixMillis,
};
use mailroom_store::{
    CompressedBody, FolderSeen, IncomingMessage, NewAccount, NewAttachment, SearchText, Store, StoreError,
};
use mailroom_tests::bench::now;
use mailroom_tests::generate::{Generated, Generator, Profile};
use tokio::sync::mpsc;

use super::{Failure, SEED, USER};

/// Where the engine looks for its database in a home.
pub(super) const DATABASE: &str = "mailroom.db";
/// Every this many-th message lies in the archive instead of the inbox.
const ARCHIVED: u32 = 400;

/// What was stored, and how.
pub(super) struct Stored {
    /// The open store.
    pub(super) store: Store,
    /// Its one account.
    pub(super) account: AccountId,
    /// Where nearly all messages are.
    pub(super) inbox: FolderId,
    /// Where every 400th is.
    pub(super) archive: FolderId,
    /// Seconds that the store took, the index of words included.
    pub(super) took_s: f64,
    /// The raw messages together, in bytes.
    pub(super) raw_bytes: u64,
}

/// Fills a new home's store with `messages`, `batch` of them in each transaction, the newest first, as a first load
/// brings them.
pub(super) async fn fill(
    home: &Path,
    profile: Profile,
    messages: usize,
    batch: usize,
) -> Result<Stored, Failure> {
    let store = Store::open(&home.join(DATABASE)).await?;
    let (account, [inbox, archive]) = mailbox(&store).await?;
    let (sender, mut batches) = mpsc::channel(2);
    // Generating and parsing is not what is measured: another core does it.
    let maker = tokio::task::spawn_blocking(move || make(profile, messages, batch, &sender));
    let (mut took_s, mut raw_bytes) = (0.0, 0);
    while let Some(made) = batches.recv().await {
        let Made { kept, archived } = made;
        raw_bytes += kept
            .iter()
            .chain(&archived)
            .map(|message| message.size)
            .sum::<u64>();
        let began = now();
        store.messages().ingest(account, inbox, kept).await?;
        store.messages().ingest(account, archive, archived).await?;
        took_s += began.elapsed().as_secs_f64();
    }
    maker.await??;
    Ok(Stored {
        store,
        account,
        inbox,
        archive,
        took_s,
        raw_bytes,
    })
}

/// A batch for each folder.
struct Made {
    kept: Vec<IncomingMessage>,
    archived: Vec<IncomingMessage>,
}

fn make(
    profile: Profile,
    messages: usize,
    batch: usize,
    sender: &mpsc::Sender<Made>,
) -> Result<(), StoreError> {
    let mut generator = Generator::new(SEED, profile);
    let mut number: u32 = 0;
    let mut left = messages;
    while left > 0 {
        let count = batch.min(left);
        left -= count;
        let mut made = Made {
            kept: Vec::with_capacity(count),
            archived: Vec::new(),
        };
        for _ in 0..count {
            number += 1;
            let message = incoming(number, &generator.generate())?;
            if number.is_multiple_of(ARCHIVED) {
                made.archived.push(message);
            } else {
                made.kept.push(message);
            }
        }
        // The other end is gone when storing failed, which is said there.
        if sender.blocking_send(made).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

async fn mailbox(store: &Store) -> Result<(AccountId, [FolderId; 2]), Failure> {
    let account = store
        .accounts()
        .insert(&NewAccount {
            address: USER.parse()?,
            display_name: USER.to_owned(),
            provider: None,
            state: AccountState::Unproved,
            working: None,
            period: Period::All,
            folders: FolderSelection::All,
            registration_id: None,
            issuer: None,
            tenant: None,
            options: serde_json::json!({}),
            created_at: UnixMillis(0),
        })
        .await?;
    let seen =
        [("INBOX", FolderRole::Inbox), ("Archive", FolderRole::Archive)].map(|(path, role)| FolderSeen {
            wire_name: path.to_owned(),
            path: path.to_owned(),
            delimiter: Some('/'),
            role: Some(role),
            is_selectable: true,
            is_subscribed: true,
            rights: None,
        });
    let changes = store.folders().sync_list(account, &seen, UnixMillis(0)).await?;
    let folders = <[FolderId; 2]>::try_from(changes.added).map_err(|_| "two folders were expected")?;
    Ok((account, folders))
}

fn incoming(number: u32, generated: &Generated) -> Result<IncomingMessage, StoreError> {
    let raw = generated.crlf();
    let indexed = parse_for_index(&raw, &Limits::default());
    let (headers, thread) = (indexed.headers, indexed.thread);
    let line = |people: &[Mailbox]| {
        let people: Vec<String> = people.iter().map(ToString::to_string).collect();
        people.join(", ")
    };
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&number.to_le_bytes());
    let recipients = [headers.to.clone(), headers.cc].concat();
    let attachments: Vec<NewAttachment> = indexed
        .attachments
        .into_iter()
        .map(|file| NewAttachment {
            part: file.part,
            filename: file.filename,
            content_type: file.content_type,
            size: file.size,
            content_id: file.content_id,
            is_inline: file.inline,
        })
        .collect();
    let files: Vec<&str> = attachments.iter().map(|file| file.filename.as_str()).collect();
    Ok(IncomingMessage {
        head_digest: None,
        is_whole: true,
        uid: number,
        flags: MessageFlags::from_imap(generated.flags.chars().filter_map(|letter| match letter {
            'F' => Some("\\Flagged"),
            'R' => Some("\\Answered"),
            'S' => Some("\\Seen"),
            _ => None,
        })),
        modseq: None,
        internal_at: generated.received_at,
        digest,
        content_id: None,
        size: raw.len() as u64,
        body: Some(CompressedBody::compress(&raw)?),
        to_line: line(&headers.to),
        sent_at: headers.date,
        rfc_message_id: thread.own,
        references: thread.references,
        base_subject: thread.base_subject,
        has_reply_mark: thread.has_reply_mark,
        preview: indexed.preview,
        list_id: headers.list_id,
        search: Some(SearchText {
            subject: fold_for_search(&headers.subject),
            sender: fold_for_search(&line(&headers.from)),
            recipients: fold_for_search(&line(&recipients)),
            body: fold_for_search(&indexed.text),
            files: fold_for_search(&files.join(" ")),
        }),
        attachments,
        people: Vec::new(),
        subject: headers.subject,
        from: headers.from.into_iter().next().unwrap_or_default(),
    })
}
