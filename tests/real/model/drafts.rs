//! What was written, here and with the other program, and what must have become of it.

use std::collections::BTreeMap;

use proptest::test_runner::TestCaseError;

use super::shelf::{Shelf, find, number_at};

/// The folder of drafts.
pub(crate) const DRAFTS: &str = "Drafts";
/// The folder of what was sent.
pub(crate) const SENT: &str = "Sent";

/// What is to become of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Its last text stands in the drafts folder, once.
    Kept,
    /// It may stand there once: the other program replaced its last text there, and the answer to its upload may have been
    /// lost.
    Perhaps,
    /// It is gone.
    Discarded,
    /// It is gone from the drafts folder, and filed once.
    Sent,
}

/// One draft.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// Its id in Mailroom; `None` while only the other program knows it.
    pub(crate) id: Option<i64>,
    /// Counts its texts.
    pub(crate) text: u32,
    pub(crate) wanted: Wanted,
}

/// All drafts by number.
#[derive(Debug, Default)]
pub(crate) struct Drafts(BTreeMap<u32, Draft>);

impl Drafts {
    /// Another draft; its number.
    pub(crate) fn begin(&mut self, id: Option<i64>) -> u32 {
        let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX) + 1;
        let draft = Draft {
            id,
            text: 1,
            wanted: Wanted::Kept,
        };
        self.0.insert(number, draft);
        number
    }

    /// A draft that can be changed.
    pub(crate) fn pick(&mut self, which: u8) -> Option<(u32, &mut Draft)> {
        let is_open = |draft: &&mut Draft| matches!(draft.wanted, Wanted::Kept | Wanted::Perhaps);
        let count = self.0.values_mut().filter(is_open).count();
        let at = usize::from(which).checked_rem(count)?;
        let open = self.0.iter_mut().filter(|(_, draft)| is_open(draft));
        open.map(|(number, draft)| (*number, draft)).nth(at)
    }

    /// The other program replaces a text of a draft by one of its own; gives that one's message.
    pub(crate) fn rewritten(&mut self, number: u32, text: u32) -> String {
        if let Some(draft) = self.0.get_mut(&number)
            && (draft.wanted, draft.text) == (Wanted::Kept, text)
        {
            draft.wanted = if draft.id.is_some() {
                Wanted::Perhaps
            } else {
                Wanted::Discarded
            };
        }
        let new = self.begin(None);
        format!(
            "From: x@example.org\r\nSubject: {}\r\nMessage-ID: <draft-{new}@example.org>\r\n\r\n{}\r\n",
            subject(new),
            words(1)
        )
    }

    /// Holds what lies on the server, and what Mailroom lists as drafts (their subjects), against what was wanted.
    pub(crate) fn compare(
        &self,
        drafts: &Shelf,
        sent: &Shelf,
        listed: &[String],
    ) -> Result<(), TestCaseError> {
        let texts = |shelf: &Shelf| -> Vec<(u32, u32)> {
            let left = shelf.messages.values();
            let left = left.filter(|lying| !lying.flags.contains("\\Deleted"));
            left.filter_map(|lying| text_of(&lying.raw)).collect()
        };
        let (drafts, sent) = (texts(drafts), texts(sent));
        for (number, draft) in &self.0 {
            let of = |texts: &[(u32, u32)]| -> Vec<u32> {
                let own = texts.iter().filter(|(of, _)| of == number);
                own.map(|(_, text)| *text).collect()
            };
            let (kept, filed) = (of(&drafts), of(&sent));
            let shown = listed
                .iter()
                .filter(|listed| **listed == subject(*number))
                .count();
            let is_right = match draft.wanted {
                Wanted::Kept => {
                    kept == [draft.text] && filed.is_empty() && shown == usize::from(draft.id.is_some())
                }
                Wanted::Perhaps => kept.len() <= 1 && filed.is_empty() && shown <= 1,
                Wanted::Discarded => kept.is_empty() && filed.is_empty() && shown == 0,
                Wanted::Sent => kept.is_empty() && filed == [draft.text] && shown == 0,
            };
            if !is_right {
                return Err(TestCaseError::fail(format!(
                    "draft {number}, {draft:?}: {kept:?} in the drafts, {filed:?} filed, listed {shown} times"
                )));
            }
        }
        Ok(())
    }
}

/// The subject of a draft.
pub(crate) fn subject(number: u32) -> String {
    format!("draft {number}")
}

/// A text of it.
pub(crate) fn words(text: u32) -> String {
    format!("This is text {text} of it.")
}

/// The numbers of a draft and of its text in a message; `None` in one that is no draft.
pub(crate) fn text_of(raw: &[u8]) -> Option<(u32, u32)> {
    let after = |mark: &[u8]| Some(number_at(&raw[find(raw, mark)? + mark.len()..]).0);
    Some((after(b"Subject: draft ")?, after(b"This is text ")?))
}
