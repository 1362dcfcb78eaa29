//! Messages while they are written: begun, kept, brought to the drafts folder, sent, taken back.
//!
//! A draft is a row here from the start. Its copy in the account's drafts folder is for the person's other devices: it has a
//! Message-ID of its own for each revision, so that a copy is put there once and only ever replaces the one before it. What
//! another program put there is never touched. A draft that is sent stays beside its entry of the outbox, hidden, until a
//! server has taken the message: until then it can be taken back whole.

mod letter;
mod mailto;
mod open;
mod recipients;
mod send;
mod source;
mod upload;

use std::sync::Arc;

use mailroom_mime::safe_filename;
use mailroom_model::{AccountId, DraftFileId, DraftId};
use mailroom_store::{
    AccountRow, DraftChange, DraftFileRow, DraftRow, DraftSummary, DraftText, IdentityRow, NewDraftFile,
};

pub(crate) use self::letter::each_once;
pub use self::open::DraftStart;
pub(crate) use self::send::mailbox;
pub use self::source::DraftQuote;
pub(crate) use self::upload::{Landed, copy_as_found, put_copy, remove_copy};
use crate::{Engine, EngineError};

/// Bytes of a message beside its text and files, about.
const HEADER: u64 = 2048;
/// A draft in which nobody ever wrote goes after so many seconds.
const UNTOUCHED_SECONDS: i64 = 7 * 86_400;

/// A draft with what belongs to it.
#[derive(Clone, Debug)]
pub struct OpenDraft {
    /// The draft.
    pub row: DraftRow,
    /// The account's address.
    pub account: String,
    /// Its files.
    pub files: Vec<DraftFileRow>,
    /// The identity's signature, while nobody has written in it.
    pub signature: Option<String>,
    /// What it is about, while nobody has written in it.
    pub quote: Option<DraftQuote>,
    /// The largest message that the account's server takes.
    pub size_limit: Option<u64>,
    /// Bytes of the message when it is encoded, about.
    pub size: u64,
}

/// A file to be attached.
#[derive(Clone, Debug, Default)]
pub struct FileToAttach {
    /// Its name.
    pub filename: String,
    /// Its type; guessed from the name when it is not known.
    pub content_type: Option<String>,
    /// It stands in the text.
    pub is_inline: bool,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Engine {
    /// A draft as it is kept.
    pub async fn draft(&self, id: DraftId) -> Result<OpenDraft, EngineError> {
        let row = self.draft_row(id).await?;
        let store = self.store().await?;
        let files = store.drafts().files(id).await?;
        let account = store.accounts().get(row.account_id).await?;
        let quote = match row.about {
            Some(about) if row.is_fresh => {
                // The message may have gone meanwhile.
                match self.read_message(about).await {
                    Ok(message) => Some(source::quote(&message.parsed, message.row.received_at)),
                    Err(EngineError::MessageMissing { .. }) => None,
                    Err(error) => return Err(error),
                }
            }
            _ => None,
        };
        let signature = if row.is_fresh {
            let identity = self.identity(&row).await?;
            identity
                .map(|identity| identity.signature)
                .filter(|signature| !signature.is_empty())
        } else {
            None
        };
        Ok(OpenDraft {
            size: encoded_size(&row, &files),
            size_limit: account.as_ref().and_then(|account| account.size_limit),
            account: account
                .map(|account| account.address.to_string())
                .unwrap_or_default(),
            files,
            signature,
            quote,
            row,
        })
    }

    /// Keeps what is in a draft. The identity may be one of another account: then the draft is that account's. `revision` is
    /// how whoever writes counts the texts: one that comes late changes nothing, and what comes back is the newer one.
    pub async fn save_draft(
        &self,
        id: DraftId,
        text: &DraftText,
        revision: Option<u32>,
    ) -> Result<OpenDraft, EngineError> {
        let row = self.draft_row(id).await?;
        let (account, sender) = match self.sender(&text.sender).await {
            Ok((account, identity)) => (account.id, identity.address.to_string()),
            // The identity may have been removed meanwhile: what was written is kept all the same.
            Err(EngineError::SenderUnknown { .. } | EngineError::Address { .. }) => {
                (row.account_id, text.sender.clone())
            }
            Err(error) => return Err(error),
        };
        let text = DraftText {
            sender,
            ..text.clone()
        };
        let store = self.store().await?;
        let now = self.now().await?;
        let change = store.drafts().save(id, account, &text, revision, now).await?;
        changed(id, change)?;
        self.draft(id).await
    }

    /// Attaches a file.
    pub async fn attach(&self, id: DraftId, file: FileToAttach) -> Result<DraftFileRow, EngineError> {
        let mut filename = safe_filename(&file.filename);
        if filename.is_empty() {
            "file".clone_into(&mut filename);
        }
        let content_id = if file.is_inline {
            let row = self.draft_row(id).await?;
            let domain = row.text.sender.rsplit('@').next().unwrap_or_default().to_owned();
            mailroom_mime::message_id_for(&domain, self.random().await?)
        } else {
            String::new()
        };
        let new = NewDraftFile {
            content_type: content_type(file.content_type.as_deref(), &filename),
            filename,
            content_id: content_id.trim_matches(['<', '>']).to_owned(),
            is_inline: file.is_inline,
            bytes: file.bytes,
        };
        let store = self.store().await?;
        let (change, file) = store.drafts().attach(id, &new, self.now().await?).await?;
        changed(id, change)?;
        let file = file.ok_or(EngineError::EntryMissing { id: id.0 })?;
        Ok(DraftFileRow {
            id: file,
            size: new.bytes.len() as u64,
            filename: new.filename,
            content_type: new.content_type,
            content_id: new.content_id,
            is_inline: new.is_inline,
        })
    }

    /// Takes a file out of a draft.
    pub async fn detach(&self, id: DraftId, file: DraftFileId) -> Result<(), EngineError> {
        let drafts = self.store().await?.drafts();
        changed(id, drafts.detach(id, file, self.now().await?).await?)
    }

    /// The bytes of a file of a draft, and what it is.
    pub async fn draft_file(
        &self,
        id: DraftId,
        file: DraftFileId,
    ) -> Result<(DraftFileRow, Vec<u8>), EngineError> {
        let found = self.store().await?.drafts().file(id, file).await?;
        found.ok_or(EngineError::EntryMissing { id: file.0 })
    }

    /// The drafts that somebody wrote in, the last changed first.
    pub async fn drafts(&self) -> Result<Vec<DraftSummary>, EngineError> {
        let drafts = self.store().await?.drafts();
        let before = self.now().await?.plus_seconds(-UNTOUCHED_SECONDS);
        drafts.remove_untouched(before).await?;
        Ok(drafts.list().await?)
    }

    /// Removes a draft here, and its copy from the drafts folder as soon as the server can be reached.
    pub async fn discard_draft(self: &Arc<Self>, id: DraftId) -> Result<(), EngineError> {
        let row = self.draft_row(id).await?;
        if let Some(entry) = row.outbox_id {
            return Err(EngineError::SendUnderWay { id: entry.0 });
        }
        let store = self.store().await?;
        store.drafts().discard(id, self.now().await?).await?;
        let owner = self.copy_owner(&row).await?.unwrap_or(row.account_id);
        if let Some(account) = store.accounts().get(owner).await? {
            self.tell(crate::Event::OperationsChanged {
                address: account.address.to_string(),
            });
        }
        self.push_soon(owner);
        Ok(())
    }

    /// The account in whose drafts folder the copy is: another one's than the draft's when the sender was changed.
    async fn copy_owner(&self, row: &DraftRow) -> Result<Option<AccountId>, EngineError> {
        let Some((folder, _)) = row.copy else {
            return Ok(None);
        };
        let folder = self.store().await?.folders().get(folder).await?;
        Ok(folder.map(|folder| folder.account_id))
    }

    async fn draft_row(&self, id: DraftId) -> Result<DraftRow, EngineError> {
        let row = self.store().await?.drafts().get(id).await?;
        row.ok_or(EngineError::EntryMissing { id: id.0 })
    }

    /// The identity that a draft is written as; `None` when it is there no more.
    async fn identity(&self, row: &DraftRow) -> Result<Option<IdentityRow>, EngineError> {
        let identities = self.store().await?.identities().list(row.account_id).await?;
        Ok(identities.into_iter().find(|identity| {
            identity
                .address
                .to_string()
                .eq_ignore_ascii_case(&row.text.sender)
        }))
    }

    /// An account's default identity.
    async fn default_identity(&self, account: &AccountRow) -> Result<Option<IdentityRow>, EngineError> {
        let identities = self.store().await?.identities().list(account.id).await?;
        Ok(identities.into_iter().next())
    }
}

fn changed(id: DraftId, change: DraftChange) -> Result<(), EngineError> {
    match change {
        DraftChange::Done | DraftChange::Outdated => Ok(()),
        DraftChange::Missing => Err(EngineError::EntryMissing { id: id.0 }),
        DraftChange::InOutbox(entry) => Err(EngineError::SendUnderWay { id: entry.0 }),
    }
}

/// The type as given when it says something, else by the name.
pub(crate) fn content_type(given: Option<&str>, filename: &str) -> String {
    let given = given
        .map(str::trim)
        .filter(|given| given.contains('/') && !given.eq_ignore_ascii_case("application/octet-stream"));
    match given {
        Some(given) => given.to_ascii_lowercase(),
        None => mime_guess::from_path(filename)
            .first_raw()
            .unwrap_or("application/octet-stream")
            .to_owned(),
    }
}

/// Base64 with its line ends: 78 bytes for 57.
fn encoded(bytes: u64) -> u64 {
    bytes.div_ceil(57).saturating_mul(78)
}

fn encoded_size(row: &DraftRow, files: &[DraftFileRow]) -> u64 {
    let html = row.text.html.as_deref();
    let text = row.text.text.len() + html.map_or(0, str::len);
    files
        .iter()
        .filter(|file| is_sent(html, &file.content_id, file.is_inline))
        .map(|file| encoded(file.size) + 300)
        .sum::<u64>()
        + text as u64
        + HEADER
}

/// Whether a file goes out with the message: a picture of the text does while the text shows it.
fn is_sent(html: Option<&str>, content_id: &str, is_inline: bool) -> bool {
    !is_inline || html.is_some_and(|html| source::refers_to(html, content_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_type_comes_from_the_name_unless_it_is_known() {
        let cases = [
            (None, "Faktura.PDF", "application/pdf"),
            (None, "no-extension", "application/octet-stream"),
            (
                None,
                "list.docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (Some("image/PNG"), "x.txt", "image/png"),
            (Some(""), "x.png", "image/png"),
            (Some("application/octet-stream"), "x.png", "image/png"),
        ];
        for (given, name, expected) in cases {
            assert_eq!(content_type(given, name), expected, "{given:?} {name}");
        }
    }
}
