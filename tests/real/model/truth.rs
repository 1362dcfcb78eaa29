//! The server's word against the store's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mailroom_engine::SystemClock;
use mailroom_model::{Clock as _, FolderSelection, UidSet, UnixMillis};
use mailroom_store::{FolderRow, Place, Store};
use proptest::test_runner::TestCaseError;

use super::other::{DAY, Other, number};
use super::shelf::{Lying, Shelf};

fn wrong(what: String) -> TestCaseError {
    TestCaseError::fail(what)
}

/// Everything that is kept must be what the server has, and agree with itself.
pub(crate) async fn compare(
    home: &Path,
    user: &str,
    other: &mut Other,
    moves_in_one_step: bool,
) -> Result<(), TestCaseError> {
    let store = Store::open(&home.join("mailroom.db")).await.expect("the store");
    let result = compare_with(&store, user, other, moves_in_one_step).await;
    store.close().await;
    result
}

async fn compare_with(
    store: &Store,
    user: &str,
    other: &mut Other,
    moves_in_one_step: bool,
) -> Result<(), TestCaseError> {
    let address = user.parse().expect("an address");
    let account = store.accounts().by_address(&address).await.expect("readable");
    let account = account.expect("the account");
    let now = SystemClock.now();
    let start = account
        .period
        .starts_at(now)
        .map(|start| UnixMillis(start.0.div_euclid(DAY) * DAY));
    let folders = store.folders().list(account.id).await.expect("readable");
    let there = other.names().expect("the server's folders");
    let ghosts = other.ghosts().expect("the server's folders");
    let can_be_opened =
        |folder: &&FolderRow| folder.seen.is_selectable && !ghosts.contains(&folder.seen.wire_name);
    let here: BTreeSet<String> = folders
        .iter()
        .filter(can_be_opened)
        .map(|folder| folder.seen.wire_name.clone())
        .collect();
    if here != there {
        return Err(wrong(format!("folders: here {here:?}, there {there:?}")));
    }
    let mut copies: BTreeMap<u32, u32> = BTreeMap::new();
    let mut threads = BTreeMap::new();
    for folder in folders.iter().filter(can_be_opened) {
        let shelf = other.shelf(&folder.seen.wire_name).expect("the server's mail");
        for lying in shelf.messages.values() {
            if !lying.flags.contains("\\Deleted") {
                *copies.entry(number(&lying.raw)).or_default() += 1;
            }
        }
        let is_chosen = match &account.folders {
            FolderSelection::All => true,
            FolderSelection::Chosen(paths) => paths.contains(&folder.seen.path),
        };
        let places = places(store, folder).await;
        if !is_chosen {
            if !places.is_empty() || folder.cursor.is_some() {
                return Err(wrong(format!("{} is kept and not chosen", folder.seen.path)));
            }
            continue;
        }
        compare_folder(store, folder, &places, &shelf, other, start).await?;
        for place in places {
            let row = store.messages().get(place.message_id).await.expect("readable");
            let row = row.expect("the message of a place");
            let raw = &shelf.messages[&place.uid].raw;
            threads.insert(number(raw), row.thread_id);
        }
    }
    compare_threads(&threads, other)?;
    count_copies(&copies, other, moves_in_one_step)?;
    let report = store.integrity_check().await.expect("readable");
    if !report.is_sound() {
        return Err(wrong(format!("{report:?}")));
    }
    Ok(())
}

/// What was moved in Mailroom is where it was wished, unless the other program has moved or removed it, or changed the folder.
pub(crate) fn wishes_came_true(
    wishes: &BTreeMap<u32, &'static str>,
    other: &mut Other,
) -> Result<(), TestCaseError> {
    for (letter, folder) in wishes {
        if other.touched.contains(letter) || other.remade.contains(*folder) {
            continue;
        }
        let name = other.wire_name(folder);
        let shelf = other.shelf(&name).expect("the server's mail");
        if !shelf.messages.values().any(|lying| number(&lying.raw) == *letter) {
            return Err(wrong(format!(
                "letter {letter} was moved to {folder} and is not there"
            )));
        }
    }
    Ok(())
}

async fn places(store: &Store, folder: &FolderRow) -> Vec<Place> {
    let every = UidSet::range(1, u32::MAX);
    store
        .messages()
        .places(folder.id, &every)
        .await
        .expect("readable")
}

async fn compare_folder(
    store: &Store,
    folder: &FolderRow,
    places: &[Place],
    shelf: &Shelf,
    other: &Other,
    start: Option<UnixMillis>,
) -> Result<(), TestCaseError> {
    let path = &folder.seen.path;
    let Some(cursor) = folder.cursor else {
        return Err(wrong(format!("{path} was not looked at")));
    };
    if !cursor.is_complete || cursor.uid_validity != shelf.validity || folder.error.is_some() {
        return Err(wrong(format!("{path}: {cursor:?} {:?}", folder.error)));
    }
    let mut missing: BTreeMap<u32, &Lying> =
        shelf.messages.iter().map(|(uid, lying)| (*uid, lying)).collect();
    for place in places {
        let Some(lying) = missing.remove(&place.uid) else {
            return Err(wrong(format!("{path}: {} is gone there", place.uid)));
        };
        let shown: BTreeSet<String> = place.flags.to_imap().into_iter().collect();
        if shown != lying.flags || place.flags != place.server_flags || place.operation_id.is_some() {
            return Err(wrong(format!(
                "{path}, {}: {place:?}, there {:?}",
                place.uid, lying.flags
            )));
        }
        let raw = store.messages().raw(place.message_id).await;
        if raw.as_ref().ok().and_then(Option::as_ref) != Some(&lying.raw) {
            return Err(wrong(format!("{path}, {}: other bytes", place.uid)));
        }
        // A day of grace: the server compares days in its own time zone.
        if let Some(start) = start
            && place.internal_at.0 < start.0 - DAY
        {
            return Err(wrong(format!("{path}, {}: before the period", place.uid)));
        }
    }
    for (uid, lying) in missing {
        let fate = other.fates.get(&number(&lying.raw));
        let received_at = fate.map_or(UnixMillis(0), |fate| fate.received_at);
        if start.is_none_or(|start| received_at >= start) {
            return Err(wrong(format!(
                "{path}: {uid} (letter {}) is not here",
                number(&lying.raw)
            )));
        }
    }
    let unread = places.iter().filter(|place| !place.flags.seen).count();
    if (folder.total, folder.unread) != (places.len() as u64, unread as u64) {
        return Err(wrong(format!(
            "{path}: counts {} and {}",
            folder.total, folder.unread
        )));
    }
    Ok(())
}

/// A letter is in the conversation of the letter that it refers to.
fn compare_threads<T: PartialEq>(threads: &BTreeMap<u32, T>, other: &Other) -> Result<(), TestCaseError> {
    for (letter, thread) in threads {
        let Some(parent) = other.fates.get(letter).and_then(|fate| fate.parent) else {
            continue;
        };
        let has_own_id = other.fates.get(&parent).is_some_and(|fate| fate.has_own_id);
        if has_own_id && threads.get(&parent).is_some_and(|other| other != thread) {
            return Err(wrong(format!("letter {letter} is parted from letter {parent}")));
        }
    }
    Ok(())
}

/// Nothing that nobody removed is lost, and nothing that nobody copied is there twice. A server without MOVE cannot keep
/// the second promise when two programs move the same message.
fn count_copies(
    copies: &BTreeMap<u32, u32>,
    other: &Other,
    moves_in_one_step: bool,
) -> Result<(), TestCaseError> {
    for (letter, fate) in &other.fates {
        let count = copies.get(letter).copied().unwrap_or_default();
        if count < fate.least || (moves_in_one_step && count > fate.most) {
            return Err(wrong(format!("letter {letter} is there {count} times: {fate:?}")));
        }
    }
    Ok(())
}
