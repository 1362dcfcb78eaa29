//! Names of files, safe on every file system.

use std::collections::HashSet;
use std::path::PathBuf;

use mailroom_mime::safe_filename;
use mailroom_model::{FolderRole, UnixMillis};
use time::OffsetDateTime;

use super::ArchiveFormat;

/// Bytes of a subject in a name: some systems take 255 for the whole name, some 255 for the whole path.
const SUBJECT: usize = 80;
/// Bytes of one part of a folder's path.
const SEGMENT: usize = 100;

/// Gives every folder a place of its own, also where two names differ by nothing that a file system keeps.
#[derive(Debug, Default)]
pub(super) struct Places(HashSet<String>);

impl Places {
    /// Where a folder goes, from the target on.
    pub(super) fn of(
        &mut self,
        format: ArchiveFormat,
        path: &str,
        delimiter: Option<char>,
        role: Option<FolderRole>,
    ) -> PathBuf {
        let segments: Vec<String> = match delimiter {
            Some(delimiter) => path.split(delimiter).map(segment).collect(),
            None => vec![segment(path)],
        };
        if format == ArchiveFormat::Maildir && role == Some(FolderRole::Inbox) && self.0.insert(String::new())
        {
            // The inbox of a Maildir++ is the outermost folder.
            return PathBuf::new();
        }
        for number in 1_u32.. {
            let suffix = if number == 1 {
                String::new()
            } else {
                format!(" ({number})")
            };
            let place = match format {
                ArchiveFormat::Maildir => {
                    let dotless = segments.iter().map(|segment| segment.replace('.', "_"));
                    format!(".{}{suffix}", dotless.collect::<Vec<_>>().join("."))
                }
                ArchiveFormat::Mbox => format!("{}{suffix}.mbox", segments.join("/")),
                ArchiveFormat::Eml => format!("{}{suffix}", segments.join("/")),
            };
            if self.0.insert(place.to_lowercase()) {
                return PathBuf::from(place);
            }
        }
        PathBuf::from("folder")
    }
}

/// One part of a folder's path as a name.
fn segment(text: &str) -> String {
    let flat: String = text
        .chars()
        .map(|c| if matches!(c, '/' | '\\') { '_' } else { c })
        .collect();
    let safe = safe_filename(cut(&flat, SEGMENT));
    if safe.is_empty() { "_".to_owned() } else { safe }
}

fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

/// `2026-11-22 10.05.33 Subject [17].eml`: sorts by date, and the UID makes it the only one of its folder.
pub(super) fn eml_name(at: UnixMillis, subject: &str, number: &str) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let flat: String = subject
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .map(|c| if matches!(c, '/' | '\\') { '_' } else { c })
        .collect();
    let subject = safe_filename(cut(&flat, SUBJECT));
    let gap = if subject.is_empty() { "" } else { " " };
    format!(
        "{:04}-{:02}-{:02} {:02}.{:02}.{:02}{gap}{subject} [{number}].eml",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
    )
}

/// The part of a Maildir file's name that never changes: second, UID and UIDVALIDITY make it the only one.
pub(super) fn maildir_name(at: UnixMillis, uid_validity: u32, number: &str, size: usize) -> String {
    format!(
        "{}.V{uid_validity}U{number}.mailroom,S={size}",
        at.seconds().max(0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_get_places_of_their_own() {
        use ArchiveFormat::{Eml, Maildir, Mbox};
        let mut places = Places::default();
        let mut of =
            |format, path: &str, role| places.of(format, path, Some('/'), role).display().to_string();
        assert_eq!(of(Mbox, "INBOX", Some(FolderRole::Inbox)), "INBOX.mbox");
        assert_eq!(of(Mbox, "Projekty/2026", None), "Projekty/2026.mbox");
        assert_eq!(of(Mbox, "inbox", None), "inbox (2).mbox");
        assert_eq!(of(Maildir, "INBOX", Some(FolderRole::Inbox)), "");
        assert_eq!(of(Maildir, "Żółw/a.b", None), ".Żółw.a_b");
        assert_eq!(of(Maildir, "żółw/a_b", None), ".żółw.a_b (2)");
        assert_eq!(of(Eml, "CON/a:b/..", None), "_CON/a_b/_");
        assert_eq!(of(Eml, "x\\..\\y", None), "x_.._y");
    }

    #[test]
    fn names_of_messages_sort_by_date_and_stand_alone() {
        let at = UnixMillis(1_795_341_933_000);
        assert_eq!(
            eml_name(at, "Re: umowa/2026\r\n <b>?", "17"),
            "2026-11-22 10.05.33 Re_ umowa_2026 _b__ [17].eml"
        );
        assert_eq!(eml_name(at, "..", "17"), "2026-11-22 10.05.33 [17].eml");
        let long = eml_name(at, &"ż".repeat(500), "4294967295");
        assert!(long.len() < 130, "{}", long.len());
        assert_eq!(maildir_name(at, 3, "17", 120), "1795341933.V3U17.mailroom,S=120");
    }
}
