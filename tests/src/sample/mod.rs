//! Mail to read: what lies in a mailbox after a year, from the last hour to three years back.
//!
//! Every person, company and domain is invented. The messages are given relative to `now`, so that periods (day,
//! week, month, quarter, year) each have something inside and something outside.

mod broken;
mod compose;
mod everyday;
mod file;
mod invoice;
mod languages;

use mailroom_model::UnixMillis;

pub use compose::{encoded_header, mail_date, quoted_printable};
pub use file::{archive, pdf, png, tnef};

/// A message of the sample mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleMessage {
    /// What it is an example of; unique.
    pub name: &'static str,
    /// Its folder, as people read it.
    pub folder: &'static str,
    /// Its flags, as IMAP writes them.
    pub flags: &'static [&'static str],
    /// When it arrived.
    pub received_at: UnixMillis,
    /// The message, with CRLF unless broken line ends are its point.
    pub raw: Vec<u8>,
}

/// A folder with a name in Polish.
pub const POLISH_FOLDER: &str = "Wysłane kopie";
/// A folder in a folder, in Russian.
pub const RUSSIAN_FOLDER: &str = "Черновики/Проекты";
/// A folder two levels down, whose parents hold no mail.
pub const NESTED_FOLDER: &str = "Projekty/2026/Żółw";

const SEEN: &[&str] = &["\\Seen"];
const NEW: &[&str] = &[];
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Who reads and who writes.
struct Scene {
    now: UnixMillis,
    /// The mailbox's owner.
    owner: String,
    /// A colleague.
    other: &'static str,
}

impl Scene {
    /// A message that came `age_s` seconds ago.
    fn message(
        &self,
        name: &'static str,
        folder: &'static str,
        flags: &'static [&'static str],
        age_s: i64,
        raw: Vec<u8>,
    ) -> SampleMessage {
        SampleMessage {
            name,
            folder,
            flags,
            received_at: self.now.plus_seconds(-age_s),
            raw,
        }
    }

    /// The `Date` of a message that came `age_s` seconds ago.
    fn date(&self, age_s: i64) -> String {
        mail_date(self.now.plus_seconds(-age_s))
    }
}

/// The sample mailbox of `owner` (an address), oldest first.
pub fn messages(owner: &str, now: UnixMillis) -> Vec<SampleMessage> {
    let other = if owner.starts_with("bob@") {
        "alice@mailroom.test"
    } else {
        "bob@mailroom.test"
    };
    let scene = Scene {
        now,
        owner: owner.to_owned(),
        other,
    };
    let mut messages = everyday::messages(&scene);
    messages.extend(invoice::messages(&scene));
    messages.extend(languages::messages(&scene));
    messages.extend(broken::messages(&scene));
    messages.sort_by_key(|message| message.received_at);
    messages
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sample_has_every_period_folder_and_name_once() {
        let now = UnixMillis(1_795_341_600_000);
        let messages = messages("alice@mailroom.test", now);
        let names: BTreeSet<_> = messages.iter().map(|message| message.name).collect();
        assert_eq!(names.len(), messages.len());
        for (from_days, to_days) in [(0, 1), (1, 7), (7, 30), (30, 90), (90, 365), (365, 1500)] {
            let inside = messages.iter().filter(|message| {
                let age = (now.0 - message.received_at.0) / 1000;
                message.folder == "INBOX" && (from_days * DAY..to_days * DAY).contains(&age)
            });
            assert!(inside.count() >= 2, "{from_days} to {to_days} days");
        }
        let folders: BTreeSet<_> = messages.iter().map(|message| message.folder).collect();
        for folder in [
            "Archive",
            "Drafts",
            "Junk",
            "Sent",
            "Trash",
            POLISH_FOLDER,
            RUSSIAN_FOLDER,
            NESTED_FOLDER,
        ] {
            assert!(folders.contains(folder), "{folder}");
        }
    }

    #[test]
    fn sample_names_only_domains_that_nobody_owns() {
        for message in messages("alice@mailroom.test", UnixMillis(1_795_341_600_000)) {
            let text = String::from_utf8_lossy(&message.raw).into_owned();
            for piece in text.split('@').skip(1) {
                let domain: String = piece
                    .chars()
                    .take_while(|letter| letter.is_ascii_alphanumeric() || ".-".contains(*letter))
                    .collect();
                let domain = domain.trim_end_matches('.');
                let invented = domain == "mailroom.test"
                    || ["example", "example.com", "example.org", "example.net", "test"]
                        .iter()
                        .any(|end| domain == *end || domain.ends_with(&format!(".{end}")));
                assert!(invented || !domain.contains('.'), "{}: {domain}", message.name);
            }
        }
    }
}
