//! Searching as one types: the store alone, each text from the first letter to the last, and notmuch (where it is
//! installed) with the same mailbox.

use std::path::Path;
use std::process::{Command, Stdio};

use mailroom_engine::parse_query;
use mailroom_mime::{Limits, fold_for_search, parse_for_index};
use mailroom_model::{
    AccountId, AccountState, FolderId, FolderRole, FolderSelection, Mailbox, MessageFlags, Period, UnixMillis,
};
use mailroom_store::{
    CompressedBody, FolderSeen, IncomingMessage, NewAccount, SearchText, Store, StoreError,
};
use mailroom_tests::bench::now;
use mailroom_tests::generate::{Generated, Generator, Profile};

use super::{Failure, SEED, USER, row, say};

/// Messages in one transaction, as a sync brings them.
const BATCH: usize = 500;
/// Rows that are asked for: what a page of results shows.
const ROWS: u32 = 100;
/// Every this many-th message lies in the archive instead of the inbox.
const ARCHIVED: usize = 400;
/// Texts that are typed letter by letter.
const TYPED: [&str; 14] = [
    "invoice",
    "meeting budget",
    "contract review friday",
    "kowalski",
    "anna.rossi@example",
    "zażółć",
    "встреча",
    "xylophone",
    "from:katarzyna report",
    "subject:holiday hotel",
    "is:unread deadline",
    "is:starred delivery",
    "in:archive meeting",
    "after:2019-06 conference notes",
];

/// Measures with `messages` in the mailbox.
pub(super) async fn run(messages: usize) -> Result<(), Failure> {
    let work = tempfile::tempdir()?;
    let store = Store::open(&work.path().join("mail.db")).await?;
    let (account, folders) = mailbox(&store).await?;
    say(&format!("storing {messages} messages"));
    let stored_s = fill(&store, account, folders, messages).await?;
    let index = store.index_size_bytes(messages as u64).await?;
    say(&format!(
        "stored in {stored_s:.1} s; the file takes {} MB, the index of words in it {} MB",
        store.size_bytes().await? / 1_000_000,
        index / 1_000_000
    ));

    let mut all = Vec::new();
    for text in TYPED {
        let mut times = Vec::new();
        let mut slowest = (0.0, String::new());
        for typed in beginnings(text) {
            let request = parse_query(typed, UnixMillis(0));
            let mut query = request.to_query();
            query.folder = request
                .folder
                .as_deref()
                .and_then(|name| (name == "archive").then_some(folders[1]));
            // The first answer comes from the disk as the rest of the day's do not: of five, each counts.
            for _ in 0..5 {
                let began = now();
                let found = store.messages().search(None, &query, ROWS, None).await?;
                let took = began.elapsed().as_secs_f64() * 1000.0;
                std::hint::black_box(found);
                if took > slowest.0 {
                    slowest = (took, typed.to_owned());
                }
                times.push(took);
            }
        }
        row(&format!("{text} (slowest: {})", slowest.1), "ms", &times);
        all.extend(times);
    }
    row(&format!("mailroom, every key, {messages} messages"), "ms", &all);
    store.close().await;

    if Command::new("notmuch")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok()
    {
        notmuch(work.path(), messages)?;
    } else {
        say("notmuch is not installed: no peer in this run");
    }
    Ok(())
}

/// The text as it grows in the field, without moments at which a word or an operator has just ended.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices()
        .filter_map(|(at, letter)| text.get(..at + letter.len_utf8()))
        .filter(|typed| !typed.ends_with([' ', ':']))
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

/// Stores the mailbox; the seconds that the store took of it.
async fn fill(
    store: &Store,
    account: AccountId,
    [inbox, archive]: [FolderId; 2],
    messages: usize,
) -> Result<f64, Failure> {
    let mut generator = Generator::new(SEED, Profile::Small);
    let mut stored_s = 0.0;
    let mut number = 0;
    while number < messages {
        let mut batches = [(inbox, Vec::new()), (archive, Vec::new())];
        for _ in 0..BATCH.min(messages - number) {
            number += 1;
            let [(_, kept), (_, archived)] = &mut batches;
            let batch = if number % ARCHIVED == 0 { archived } else { kept };
            batch.push(incoming(u32::try_from(number)?, &generator.generate())?);
        }
        for (folder, batch) in batches {
            let began = now();
            store.messages().ingest(account, folder, batch).await?;
            stored_s += began.elapsed().as_secs_f64();
        }
    }
    Ok(stored_s)
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
    Ok(IncomingMessage {
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
        head_digest: None,
        is_whole: true,
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
        attachments: Vec::new(),
        search: Some(SearchText {
            subject: fold_for_search(&headers.subject),
            sender: fold_for_search(&line(&headers.from)),
            recipients: fold_for_search(&line(&recipients)),
            body: fold_for_search(&indexed.text),
            files: String::new(),
        }),
        people: Vec::new(),
        subject: headers.subject,
        from: headers.from.into_iter().next().unwrap_or_default(),
    })
}

/// The same texts in notmuch, one process for each as people and programs call it; what a process costs that finds
/// nothing is printed beside it.
fn notmuch(work: &Path, messages: usize) -> Result<(), Failure> {
    let mail = work.join("maildir");
    Generator::new(SEED, Profile::Small).write_maildir(&mail, messages)?;
    let config = work.join("notmuch-config");
    std::fs::write(
        &config,
        format!(
            "[database]\npath={}\n[user]\nprimary_email={USER}\n[new]\ntags=\n",
            mail.display()
        ),
    )?;
    let run = |arguments: &[&str]| -> Result<f64, Failure> {
        let began = now();
        let ended = Command::new("notmuch")
            .arg("--config")
            .arg(&config)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        let took = began.elapsed().as_secs_f64() * 1000.0;
        if ended.success() {
            Ok(took)
        } else {
            Err(format!("notmuch {arguments:?} failed").into())
        }
    };
    let indexed_ms = run(&["new", "--quiet"])?;
    say(&format!(
        "notmuch indexed the same messages in {:.1} s",
        indexed_ms / 1000.0
    ));
    let limit = format!("--limit={ROWS}");
    let search = |query: &str| {
        run(&[
            "search",
            "--output=messages",
            "--sort=newest-first",
            &limit,
            query,
        ])
    };
    let nothing = (0..10)
        .map(|_| search("id:nothing@nowhere"))
        .collect::<Result<Vec<_>, _>>()?;
    row("notmuch, a process that finds nothing", "ms", &nothing);
    let mut all = Vec::new();
    for text in TYPED
        .into_iter()
        .filter(|text| !text.contains("is:starred") && !text.contains("in:") && !text.contains("after:"))
    {
        for typed in beginnings(text) {
            let words: Vec<String> = typed
                .split(' ')
                .map(|word| {
                    if word.starts_with("is:") {
                        word.to_owned()
                    } else {
                        format!("{word}*")
                    }
                })
                .collect();
            all.push(search(&words.join(" "))?);
        }
    }
    row("notmuch, every key, process included", "ms", &all);
    Ok(())
}
