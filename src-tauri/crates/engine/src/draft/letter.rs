//! From a draft to the bytes of a message.

use mailroom_mime::{
    AttachmentFile, ComposeFacts, Draft, InlineImage, compose, html_to_text, message_id_for, outgoing_html,
};
use mailroom_model::{EmailAddress, Mailbox};
use mailroom_store::{DraftRow, IdentityRow};

use super::is_sent;
use super::send::mailbox;
use crate::{Engine, EngineError};

/// A message that was composed.
pub(super) struct Composed {
    pub(super) raw: Vec<u8>,
    pub(super) message_id: String,
    pub(super) recipients: Vec<EmailAddress>,
}

/// For whom a message is composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// The recipients: every one must have an address.
    Recipients,
    /// The writer: what is no address yet is left out, and the hidden recipients are named.
    Writer,
}

impl Engine {
    pub(super) async fn compose_draft(
        &self,
        row: &DraftRow,
        identity: &IdentityRow,
        audience: Audience,
    ) -> Result<Composed, EngineError> {
        let text = &row.text;
        let to = addressed(&text.to);
        let cc = addressed(&text.cc);
        let bcc = addressed(&text.bcc);
        let mut recipients: Vec<EmailAddress> = Vec::new();
        if audience == Audience::Recipients {
            let bad: Vec<&str> = [&to, &cc, &bcc]
                .into_iter()
                .flat_map(|list| &list.bad)
                .map(String::as_str)
                .collect();
            if !bad.is_empty() {
                return Err(EngineError::Recipients { bad: bad.join(", ") });
            }
            recipients = each_once([&to, &cc, &bcc].into_iter().flat_map(|list| &list.addresses))?;
        }
        let mut draft = Draft {
            from: Mailbox {
                name: identity.name.clone(),
                address: identity.address.to_string(),
            },
            to: to.mailboxes,
            cc: cc.mailboxes,
            bcc: bcc.mailboxes,
            is_private: audience == Audience::Writer,
            subject: one_line(&text.subject),
            text: match &text.html {
                // Somebody may read nothing else.
                Some(html) if text.text.trim().is_empty() => html_to_text(html),
                _ => text.text.clone(),
            },
            html: text.html.as_deref().map(outgoing_html),
            in_reply_to: row.in_reply_to.clone(),
            references: row.references.clone(),
            ..Draft::default()
        };
        let drafts = self.store().await?.drafts();
        for file in drafts.files(row.id).await? {
            if !is_sent(text.html.as_deref(), &file.content_id, file.is_inline) {
                continue;
            }
            let Some((file, bytes)) = drafts.file(row.id, file.id).await? else {
                continue;
            };
            if file.is_inline {
                draft.inline.push(InlineImage {
                    content_id: file.content_id,
                    filename: file.filename,
                    content_type: file.content_type,
                    bytes,
                });
            } else {
                draft.attachments.push(AttachmentFile {
                    filename: file.filename,
                    content_type: file.content_type,
                    bytes,
                });
            }
        }
        let message_id = message_id_for(identity.address.domain(), self.random().await?);
        let date = self.now().await?;
        let boundary_seed = self.random().await?;
        let composing = {
            let message_id = message_id.clone();
            tokio::task::spawn_blocking(move || {
                let facts = ComposeFacts {
                    message_id: &message_id,
                    date,
                    utc_offset_minutes: 0,
                    boundary_seed,
                    user_agent: Some(concat!("Mailroom/", env!("CARGO_PKG_VERSION"))),
                };
                compose(&draft, &facts)
            })
        };
        Ok(Composed {
            raw: composing.await.map_err(|_| EngineError::Worker)??,
            message_id,
            recipients,
        })
    }
}

/// Everybody who gets a message, each once; there must be somebody.
pub(crate) fn each_once<'a>(
    addresses: impl Iterator<Item = &'a EmailAddress>,
) -> Result<Vec<EmailAddress>, EngineError> {
    let mut once: Vec<EmailAddress> = Vec::new();
    for address in addresses {
        if !once.contains(address) {
            once.push(address.clone());
        }
    }
    if once.is_empty() {
        return Err(EngineError::Input {
            field: "to",
            reason: "there is no recipient",
        });
    }
    Ok(once)
}

/// Recipients as typed, apart.
#[derive(Default)]
struct Addressed {
    mailboxes: Vec<Mailbox>,
    addresses: Vec<EmailAddress>,
    /// What is no address.
    bad: Vec<String>,
}

fn addressed(texts: &[String]) -> Addressed {
    let mut found = Addressed::default();
    for text in texts
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
    {
        match mailbox(text) {
            Ok((mailbox, address)) => {
                found.mailboxes.push(mailbox);
                found.addresses.push(address);
            }
            Err(_) => found.bad.push(text.to_owned()),
        }
    }
    found
}

/// A subject that was pasted may have line ends; no field may.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_address_is_named() {
        let texts = ["a@x.pl", "", "Anna <a>", "Ewa <e@x.pl>", "nobody"].map(str::to_owned);
        let found = addressed(&texts);
        assert_eq!(found.bad, ["Anna <a>", "nobody"]);
        assert_eq!(found.addresses.len(), 2);
        assert_eq!(found.mailboxes[1].name, "Ewa");
    }
}
