//! Messages that are here already, by the name that the server gives to their content: placed, not loaded again.

use std::collections::{HashMap, HashSet};

use mailroom_model::{AccountId, FolderId, MessageFlags, MessageId, UidSet, UnixMillis};

use crate::column::{Columns, to_json};
use crate::ingest::{NewPlace, insert_places, mark_placed};
use crate::overlay::Overlay;
use crate::{Messages, StoreError};

/// Places that are written in one transaction.
const CHUNK: usize = 4000;

/// What is known of a message in a folder without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedMessage {
    /// Its UID in the folder.
    pub uid: u32,
    /// Its flags there.
    pub flags: MessageFlags,
    /// MODSEQ (RFC 7162); `None` without CONDSTORE.
    pub modseq: Option<u64>,
    /// INTERNALDATE.
    pub internal_at: UnixMillis,
    /// The server's name for its content ([`IncomingMessage::content_id`](crate::IncomingMessage::content_id)).
    pub content_id: String,
}

statements! {
    /// The folder belongs to the account.
    OWNS = "SELECT 1 FROM folders WHERE id = ?1 AND account_id = ?2";
    /// Messages by the names of their contents. The oldest counts.
    BY_CONTENT = "SELECT min(m.id) AS id, m.content_id FROM json_each(?2) AS j CROSS JOIN messages AS m \
        ON m.account_id = ?1 AND m.content_id = j.value GROUP BY m.content_id";
    /// Which UIDs are here.
    KNOWN = "SELECT p.uid FROM json_each(?2) AS j CROSS JOIN places AS p ON p.folder_id = ?1 AND p.uid = j.value";
}

impl Messages<'_> {
    /// Gives a place in `folder` to those of `messages` whose content is here already, and says which UIDs these are,
    /// whether or not they had one. The others have to be loaded. Errors: [`StoreError::FolderMissing`].
    pub async fn place_named(
        &self,
        account: AccountId,
        folder: FolderId,
        messages: &[NamedMessage],
    ) -> Result<UidSet, StoreError> {
        let mut here = UidSet::new();
        for chunk in messages.chunks(CHUNK) {
            let mut writing = self.0.begin_relaxed().await?;
            let owns: Option<i64> = sqlx::query_scalar(OWNS)
                .bind(folder.0)
                .bind(account.0)
                .fetch_optional(&mut *writing)
                .await?;
            if owns.is_none() {
                return Err(StoreError::FolderMissing(folder));
            }
            let names: Vec<&str> = chunk.iter().map(|message| message.content_id.as_str()).collect();
            let rows = sqlx::query(BY_CONTENT)
                .bind(account.0)
                .bind(to_json(&names)?)
                .fetch_all(&mut *writing)
                .await?;
            let mut ids: HashMap<String, MessageId> = HashMap::new();
            for row in &rows {
                ids.insert(row.value("content_id")?, MessageId(row.value("id")?));
            }
            let uids: Vec<u32> = chunk.iter().map(|message| message.uid).collect();
            let rows = sqlx::query(KNOWN)
                .bind(folder.0)
                .bind(to_json(&uids)?)
                .fetch_all(&mut *writing)
                .await?;
            let mut known = HashSet::new();
            for row in &rows {
                known.insert(row.unsigned32("uid")?);
            }
            let overlay = Overlay::of_folder(&mut writing, folder).await?;
            let mut places = Vec::new();
            for message in chunk {
                let Some(id) = ids.get(&message.content_id) else {
                    continue;
                };
                here.insert(message.uid);
                if known.insert(message.uid) {
                    places.push(NewPlace {
                        uid: message.uid,
                        message_id: *id,
                        internal_at: message.internal_at,
                        shown: overlay.apply(message.uid, &message.flags),
                        server: message.flags.clone(),
                        modseq: message.modseq,
                        taken_by: overlay.taken_by(message.uid),
                    });
                }
            }
            let placed: Vec<i64> = places.iter().map(|place| place.message_id.0).collect();
            insert_places(&mut writing, folder, places).await?;
            mark_placed(&mut writing, placed).await?;
            writing.commit().await?;
        }
        Ok(here)
    }
}
