//! The header fields that the rest of the house asks for.

use mailroom_model::{Mailbox, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::address::parse_mailboxes;
use crate::date::parse_date;
use crate::defect::Defects;
use crate::field::Field;
use crate::message_id::parse_ids;
use crate::word::{decode_words, for_display};
use crate::{Defect, Limits};

/// Header fields of a message, decoded. What is missing or cannot be read is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headers {
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// Identifiers without angle brackets.
    pub in_reply_to: Vec<String>,
    /// Identifiers without angle brackets, oldest first.
    pub references: Vec<String>,
    /// On one line, without controls and invisible characters.
    pub subject: String,
    /// Who wrote it. Usually one.
    pub from: Vec<Mailbox>,
    /// Who sent it, when that is somebody else.
    pub sender: Vec<Mailbox>,
    /// Where answers go.
    pub reply_to: Vec<Mailbox>,
    /// To whom it is.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// Who gets a copy that others do not see; in drafts and sent mail.
    pub bcc: Vec<Mailbox>,
    /// When it was written, as the sender says.
    pub date: Option<UnixMillis>,
    /// The identifier of a mailing list (RFC 2919), without angle brackets.
    pub list_id: Option<String>,
    /// A program sent it by itself (RFC 3834 §5 and the older Precedence): it wants no automatic answer.
    pub automatic: bool,
}

/// Reads the fields. `hint` is the charset of the message's text: raw bytes in the header are probably in it too.
pub(crate) fn read(
    fields: &[Field<'_>],
    hint: Option<&str>,
    limits: &Limits,
    defects: &mut Defects,
) -> Headers {
    let mut reader = Reader {
        fields,
        hint,
        limits,
        defects,
    };
    let headers = Headers {
        message_id: reader.ids("message-id").into_iter().next(),
        in_reply_to: reader.ids("in-reply-to"),
        references: reader.ids("references"),
        subject: reader
            .first("subject")
            .map(|text| for_display(&decode_words(&text)))
            .unwrap_or_default(),
        from: reader.mailboxes("from"),
        sender: reader.mailboxes("sender"),
        reply_to: reader.mailboxes("reply-to"),
        to: reader.mailboxes("to"),
        cc: reader.mailboxes("cc"),
        bcc: reader.mailboxes("bcc"),
        date: reader.date(),
        list_id: reader.list_id(),
        automatic: reader.automatic(),
    };
    if headers.from.is_empty() {
        defects.note(Defect::FromMissing);
    }
    headers
}

struct Reader<'r, 'a> {
    fields: &'r [Field<'a>],
    hint: Option<&'r str>,
    limits: &'r Limits,
    defects: &'r mut Defects,
}

impl Reader<'_, '_> {
    fn all(&self, name: &str) -> impl Iterator<Item = String> {
        self.fields
            .iter()
            .filter(|field| field.is(name))
            .take(50)
            .map(|field| field.unfolded(self.hint).trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// The first field of a name that says something.
    fn first(&mut self, name: &str) -> Option<String> {
        let mut found = self.all(name);
        let first = found.next()?;
        let differs = found.any(|other| other != first);
        drop(found);
        if differs {
            self.defects.note(Defect::HeaderDuplicate);
        }
        Some(first)
    }

    fn ids(&mut self, name: &str) -> Vec<String> {
        self.first(name).map(|text| parse_ids(&text)).unwrap_or_default()
    }

    /// From stands once; of the others many programs write several, and all count.
    fn mailboxes(&mut self, name: &str) -> Vec<Mailbox> {
        let text = if name == "from" || name == "sender" {
            self.first(name).unwrap_or_default()
        } else {
            self.all(name).collect::<Vec<_>>().join(", ")
        };
        parse_mailboxes(&text, self.limits.max_mailboxes)
    }

    fn date(&mut self) -> Option<UnixMillis> {
        let text = self.first("date")?;
        let date = parse_date(&text);
        if date.is_none() {
            self.defects.note(Defect::DateInvalid);
        }
        date
    }

    fn list_id(&mut self) -> Option<String> {
        let text = self.first("list-id")?;
        let id = match text.rsplit_once('<') {
            Some((_, id)) => id.split('>').next().unwrap_or(id),
            None => text.as_str(),
        };
        let id = for_display(id).to_lowercase();
        (!id.is_empty()).then_some(id)
    }

    fn automatic(&mut self) -> bool {
        let submitted = self
            .first("auto-submitted")
            .is_some_and(|value| !value.to_ascii_lowercase().starts_with("no"));
        let precedence = self.first("precedence").is_some_and(|value| {
            ["bulk", "junk", "list", "auto_reply"].contains(&value.to_ascii_lowercase().as_str())
        });
        submitted || precedence
    }
}
