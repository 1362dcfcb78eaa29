//! From a draft to the outbox.

use std::time::Duration;

use mailroom_model::{Coded as _, DraftId, EmailAddress, Mailbox, UnixMillis};
use mailroom_store::{AccountRow, CompressedBody, DraftKind, NewOutbox, OutboxRow, OutboxState};

use super::letter::Audience;
use crate::preferences::is_sender;
use crate::{Engine, EngineError};

/// How often a draft that changes while it is sent is looked at again.
const LOOKS: u32 = 5;
/// The furthest into the future that a message is kept: longer is a mistake in the date.
const LONGEST: Duration = Duration::from_hours(24 * 366 * 2);

impl Engine {
    /// Puts a draft into the outbox; it is sent at `not_before`, or when the pause for taking it back is over. A draft that
    /// is there already gives its entry.
    pub async fn send_draft(
        &self,
        id: DraftId,
        not_before: Option<UnixMillis>,
    ) -> Result<OutboxRow, EngineError> {
        let store = self.store().await?;
        for _ in 0..LOOKS {
            let row = self.draft_row(id).await?;
            if let Some(entry) = row.outbox_id {
                return self.entry(entry).await;
            }
            let (account, identity) = self.sender(&row.text.sender).await?;
            if !is_sender(&account) {
                return Err(EngineError::SendingDisabled {
                    address: account.address.to_string(),
                });
            }
            let composed = self.compose_draft(&row, &identity, Audience::Recipients).await?;
            fits(&account, composed.raw.len() as u64)?;
            let now = self.now().await?;
            let send_after = match not_before {
                Some(at) => UnixMillis(at.0.min(now.0.saturating_add(millis(LONGEST)))),
                None => now.plus_seconds(i64::from(self.settings().await?.undo_send_s)),
            };
            let flag = match row.kind {
                DraftKind::New => None,
                DraftKind::Reply | DraftKind::ReplyAll => Some("\\Answered"),
                DraftKind::Forward => Some("$Forwarded"),
            };
            let message = NewOutbox {
                account_id: account.id,
                identity_id: Some(identity.id),
                rfc_message_id: composed.message_id,
                subject: row.text.subject.clone(),
                envelope_from: identity.address.to_string(),
                envelope_to: composed.recipients.iter().map(ToString::to_string).collect(),
                raw: CompressedBody::compress(&composed.raw)?,
                send_after,
                about: row.about.zip(flag.map(str::to_owned)),
            };
            let Some(entry) = store.drafts().send(id, row.revision, &message, now).await? else {
                continue;
            };
            if not_before.is_none() && send_after > now {
                self.outgoing.begin(entry, account.id);
            }
            self.tell_outbox(&account, entry, OutboxState::Queued);
            if send_after <= now
                && let Err(error) = self.send_due(&account).await
            {
                tracing::warn!(code = %error.code(), "the outbox could not be worked on now");
            }
            return self.entry(entry).await;
        }
        Err(EngineError::Input {
            field: "id",
            reason: "the draft is being changed at this moment",
        })
    }
}

/// Refuses what the server said it would not take.
fn fits(account: &AccountRow, size: u64) -> Result<(), EngineError> {
    match account.size_limit {
        Some(limit) if size > limit => Err(EngineError::TooLarge { size, limit }),
        _ => Ok(()),
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Reads `address` or `Name <address>`; quotes around the name are taken off.
pub(crate) fn mailbox(text: &str) -> Result<(Mailbox, EmailAddress), EngineError> {
    let (name, address) = match text
        .trim()
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'))
    {
        Some((name, address)) => {
            // A name is a word or several; line ends in it were pasted.
            let name: Vec<&str> = name.split_whitespace().collect();
            (name.join(" ").trim_matches('"').to_owned(), address)
        }
        None => (String::new(), text),
    };
    let parsed: EmailAddress = address.parse().map_err(|source| EngineError::Address {
        text: text.to_owned(),
        source,
    })?;
    Ok((
        Mailbox {
            name,
            address: parsed.to_string(),
        },
        parsed,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailbox_is_read_with_and_without_name() {
        let cases = [
            ("ewa@x.pl", "", "ewa@x.pl"),
            ("Ewa Lis <ewa@x.pl>", "Ewa Lis", "ewa@x.pl"),
            ("\"Lis, Ewa\" <ewa@X.pl>", "Lis, Ewa", "ewa@x.pl"),
            ("Ewa\n Lis <ewa@x.pl>", "Ewa Lis", "ewa@x.pl"),
            ("<ewa@x.pl>", "", "ewa@x.pl"),
        ];
        for (text, name, address) in cases {
            let (mailbox, parsed) = mailbox(text).unwrap();
            assert_eq!(
                (mailbox.name.as_str(), parsed.to_string().as_str()),
                (name, address),
                "{text}"
            );
        }
        for text in ["", "ewa", "Ewa <ewa>", "Ewa <ewa@x.pl", "a@x.pl, b@x.pl"] {
            assert!(mailbox(text).is_err(), "{text}");
        }
    }
}
