//! What keeps the home whole: a backup of what exists only here, a look at the database at rest, and its repair. Why it is as
//! it is stands in `docs/adr/0017-backup-and-repair.md`.

mod backup;
mod keeper;
mod recover;
mod repair;

pub use backup::{BackupFile, Restored};
pub(crate) use keeper::Keeper;
pub(crate) use recover::{Opened, open_or_restore};
pub use repair::{Mended, Repair};

use std::path::{Path, PathBuf};

use mailroom_model::UnixMillis;
use time::OffsetDateTime;

/// `20261123T014831`, in UTC: sorts by time and can stand in a name anywhere.
fn stamp(at: UnixMillis) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
    )
}

/// A name in `folder` that nothing has: `prefix-STAMP suffix`, with a number where that is taken.
fn free_name(folder: &Path, prefix: &str, at: UnixMillis, suffix: &str) -> PathBuf {
    let stamp = stamp(at);
    let named = |number: u32| match number {
        1 => folder.join(format!("{prefix}-{stamp}{suffix}")),
        _ => folder.join(format!("{prefix}-{stamp}-{number}{suffix}")),
    };
    // One that went leaves no gap: whoever comes later has the higher number.
    let highest = (1..1000).rev().find(|number| named(*number).exists());
    named(highest.map_or(1, |number| number + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dated_and_never_taken() {
        let folder = tempfile::tempdir().unwrap();
        let at = UnixMillis(1_795_341_933_000);
        let first = free_name(folder.path(), "mailroom", at, ".db");
        assert_eq!(first.file_name().unwrap(), "mailroom-20261122T100533.db");
        std::fs::write(&first, b"").unwrap();
        let second = free_name(folder.path(), "mailroom", at, ".db");
        assert_eq!(second.file_name().unwrap(), "mailroom-20261122T100533-2.db");
        std::fs::write(&second, b"").unwrap();
        std::fs::remove_file(&first).unwrap();
        let third = free_name(folder.path(), "mailroom", at, ".db");
        assert_eq!(third.file_name().unwrap(), "mailroom-20261122T100533-3.db");
    }
}
