//! The store alone, with a folder of a million messages: the pages of its list, the list of folders, marking and moving,
//! opening.

use mailroom_engine::parse_query;
use mailroom_model::{FlagChange, FolderId, UidSet, UnixMillis};
use mailroom_store::{Cursor, ListFilter, ListScope, NewOperation, OperationKind, Store};
use mailroom_tests::bench::{Figure, Spread, now};
use mailroom_tests::generate::Profile;

use super::stored::{DATABASE, Stored, fill};
use super::{Failure, millions, say};

/// Rows of a page, as the window asks for the top of a list.
const ROWS: u32 = 100;
/// The page far down that is looked at.
const DEEP_PAGE: usize = 4_000;
/// Rows that are walked at a time on the way there.
const STRIDE: u32 = 1_000;
/// How often a page is read.
const READS: usize = 50;
/// Messages that are marked or moved at once.
const CHANGED: u32 = 1_000;
/// What a page of a list may take.
const PAGE_MS: f64 = 5.0;
/// Lists without words, as they are asked for in the field of search.
const FILTERS: [&str; 5] = [
    "is:unread",
    "is:starred",
    "has:attachment",
    "after:2019-06",
    "before:2019-06",
];

/// Measures with `messages` in one folder.
pub(super) async fn run(messages: usize, rounds: usize) -> Result<Vec<Figure>, Failure> {
    let work = tempfile::tempdir()?;
    say(&format!("storing {messages} messages"));
    let stored = fill(work.path(), Profile::Small, messages, 4_000).await?;
    let Stored { store, account, .. } = &stored;
    let mut figures = Vec::new();
    let rows = millions(messages);

    let deep = messages.min(DEEP_PAGE * ROWS as usize);
    for threads in [false, true] {
        let kind = if threads { "conversations" } else { "messages" };
        let (top, _) = pages(&stored, threads, None, false).await?;
        figures.push(page_figure(&format!("list of {rows} rows, page 1, {kind}"), &top));
        let rows_above = if threads { deep / 2 } else { deep };
        let start = walk(&stored, threads, rows_above).await?;
        // Each page once, so that each is read for the first time.
        let (down, _) = pages(&stored, threads, start, true).await?;
        figures.push(page_figure(
            &format!(
                "the same, page {} ({rows_above} rows down)",
                rows_above / ROWS as usize
            ),
            &down,
        ));
    }
    for text in FILTERS {
        let filter = parse_query(text, UnixMillis(0)).to_query().filter;
        let mut times = Vec::new();
        for _ in 0..READS {
            let began = now();
            let page = store
                .messages()
                .list(ListScope::Folder(stored.inbox), &filter, ROWS, None)
                .await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
            std::hint::black_box(page);
        }
        figures.push(page_figure(
            &format!("list of {rows} rows, page 1, {text}"),
            &Spread::new(times),
        ));
    }

    let mut folders = Vec::new();
    for _ in 0..READS {
        let began = now();
        std::hint::black_box(store.folders().list(*account).await?);
        folders.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let folders = Spread::new(folders);
    figures.push(Figure::plain(
        "list of folders with counts",
        folders.median(),
        "ms",
        &folders.details("ms"),
    ));
    figures.extend(changes(&stored, rounds).await?);

    let index = store.index_size_bytes(messages as u64).await?;
    store.close().await;
    let size = std::fs::metadata(work.path().join(DATABASE))?.len();
    figures.push(Figure::plain(
        &format!(
            "store of {rows} messages, {} MB raw",
            stored.raw_bytes / 1_000_000
        ),
        ratio(size, stored.raw_bytes),
        "×",
        &format!(
            "{} MB, the index of words {} MB of them; stored in {:.0} s",
            size / 1_000_000,
            index / 1_000_000,
            stored.took_s
        ),
    ));
    let mut opened = Vec::new();
    for _ in 0..rounds.max(5) {
        let began = now();
        let again = Store::open(&work.path().join(DATABASE)).await?;
        opened.push(began.elapsed().as_secs_f64() * 1000.0);
        again.close().await;
    }
    let opened = Spread::new(opened);
    figures.push(Figure::plain(
        &format!("opening the store of {rows} messages"),
        opened.median(),
        "ms",
        &opened.details("ms"),
    ));
    Ok(figures)
}

/// `value` of `whole`.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(super) fn ratio(value: u64, whole: u64) -> f64 {
    value as f64 / whole as f64
}

/// The 95th percentile is held against the target: a list that stutters once in twenty is no quick list.
fn page_figure(work: &str, times: &Spread) -> Figure {
    Figure::at_most(work, times.p95(), "ms", &times.details("ms"), PAGE_MS)
}

/// Reads a page as the window asks for it; where the next one begins.
async fn page(
    stored: &Stored,
    threads: bool,
    rows: u32,
    before: Option<Cursor>,
) -> Result<Option<Cursor>, Failure> {
    let messages = stored.store.messages();
    if threads {
        let heads = messages.list_threads(stored.inbox, rows, before).await?;
        std::hint::black_box(messages.thread_members(&heads).await?);
        Ok(heads.last().map(|head| head.newest.cursor))
    } else {
        let scope = ListScope::Folder(stored.inbox);
        let page = messages.list(scope, &ListFilter::default(), rows, before).await?;
        Ok(page.last().map(|row| row.cursor))
    }
}

/// Reads one page again and again, or one after the other.
async fn pages(
    stored: &Stored,
    threads: bool,
    start: Option<Cursor>,
    is_walking: bool,
) -> Result<(Spread, Option<Cursor>), Failure> {
    let mut times = Vec::new();
    let mut before = start;
    for _ in 0..READS {
        let began = now();
        let next = page(stored, threads, ROWS, before).await?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        if is_walking {
            before = next;
        }
    }
    Ok((Spread::new(times), before))
}

/// The position below `rows` rows.
async fn walk(stored: &Stored, threads: bool, rows: usize) -> Result<Option<Cursor>, Failure> {
    let mut before = None;
    for _ in 0..rows / STRIDE as usize {
        before = page(stored, threads, STRIDE, before).await?;
    }
    Ok(before)
}

/// Marks a thousand messages as read or starred and takes it back, moves a thousand and takes it back.
async fn changes(stored: &Stored, rounds: usize) -> Result<Vec<Figure>, Failure> {
    let flagged = OperationKind::SetFlags {
        uids: UidSet::range(1, CHANGED),
        change: FlagChange {
            add: vec!["\\Flagged".to_owned()],
            remove: Vec::new(),
        },
    };
    let moved = |to_folder: FolderId| OperationKind::Move {
        uids: UidSet::range(1, CHANGED),
        to_folder,
        uid_validity: None,
        everywhere: false,
    };
    let works = [
        ("marking 1,000 messages, shown and queued", flagged),
        ("moving 1,000 messages, shown and queued", moved(stored.archive)),
    ];
    let mut figures = Vec::new();
    for (work, kind) in works {
        let mut times = Vec::new();
        for _ in 0..rounds.max(5) {
            let operation = NewOperation {
                account_id: stored.account,
                folder_id: stored.inbox,
                kind: kind.clone(),
                raw: None,
            };
            let began = now();
            let id = stored
                .store
                .operations()
                .enqueue(&operation, UnixMillis(0))
                .await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
            stored.store.operations().take_back(id).await?;
        }
        let times = Spread::new(times);
        figures.push(Figure::plain(work, times.median(), "ms", &times.details("ms")));
    }
    Ok(figures)
}
