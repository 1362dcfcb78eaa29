//! A message to oneself: sent, found again, removed. Nobody counts it as mail.
//!
//! While it is under way the account's turn is held, so that no look of ours meets it. Its Message-ID is kept among the
//! account's options before it goes out: one that comes too late is recognised, and removed as soon as it is seen.

use std::time::Duration;

use mailroom_connect::Quirk;
use mailroom_mime::{ComposeFacts, Draft, compose, message_id_for};
use mailroom_model::{AccountId, FolderRole, HOUR_MS, Mailbox, MessageId, Param, UidSet, UnixMillis};
use mailroom_protocol::imap::{ImapSession, RemoteFolder};
use mailroom_protocol::smtp::Envelope;
use mailroom_store::{AccountRow, OperationKind};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Fact, FactKind};
use crate::budget::Purpose;
use crate::operations::turn_name;
use crate::outbox::find_copy;
use crate::{Engine, EngineError, document};

/// How long the message is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long is waited for a look that is under way.
const TURN_PATIENCE: Duration = Duration::from_secs(20);
/// The pause between two questions where the server announces nothing, and the longest wait for an announcement.
const PAUSE: Duration = Duration::from_secs(2);
/// The pause after an announcement.
const BREATH: Duration = Duration::from_millis(200);
/// A message that has not come after so long will not come.
const REMEMBERED_MS: i64 = 14 * 24 * HOUR_MS;
/// Says what the message is, so that no machine answers it (RFC 3834 §5).
const AUTOMATIC: &[u8] = b"Auto-Submitted: auto-generated\r\n";

/// A message that was sent to oneself and has not been seen to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    message_id: String,
    at: UnixMillis,
}

/// What is kept among an account's options.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    sent_loops: Vec<Sent>,
}

/// The Message-IDs of messages to oneself that may still come.
fn late_loops(account: &AccountRow) -> Vec<String> {
    let kept: Kept = document::read(&account.options);
    kept.sent_loops.into_iter().map(|sent| sent.message_id).collect()
}

/// Where the message may stand.
struct Places {
    /// Where it is looked for.
    arrives: Vec<RemoteFolder>,
    /// Where a server puts a copy of what is sent.
    copies: Vec<RemoteFolder>,
    trash: Option<RemoteFolder>,
}

impl Places {
    fn of(folders: Vec<RemoteFolder>) -> Self {
        let mut places = Self {
            arrives: Vec::new(),
            copies: Vec::new(),
            trash: None,
        };
        for folder in folders.into_iter().filter(|folder| folder.selectable) {
            match folder.role {
                Some(FolderRole::Inbox) => places.arrives.insert(0, folder),
                Some(FolderRole::Junk) => places.arrives.push(folder),
                Some(FolderRole::Sent | FolderRole::All) => places.copies.push(folder),
                Some(FolderRole::Trash) => places.trash = Some(folder),
                _ => {}
            }
        }
        places
    }
}

impl Engine {
    /// Sends a message to oneself, waits for it, and removes it. `None` when the mailbox is being loaded all the time.
    pub(super) async fn full_loop(&self, account: &AccountRow) -> Result<Option<Vec<Fact>>, EngineError> {
        let name = turn_name(account.id);
        let Ok(turn) = tokio::time::timeout(TURN_PATIENCE, self.take_turn(&name)).await else {
            return Ok(None);
        };
        let _turn = turn?;
        let mut session = self.open_imap(account, Purpose::Person).await?;
        let quirks = self.quirks(account).await?;
        let places = Places::of(session.list_folders().await?);
        let (id, raw) = self.loop_message(account).await?;
        self.remember_loop(account.id, &id).await?;
        let began = self.now().await?;
        let mut sending = self.open_smtp(account).await?;
        let envelope = Envelope {
            from: Some(account.address.clone()),
            to: vec![account.address.clone()],
        };
        sending.send(&envelope, &raw).await?;
        sending.quit().await;
        let waiting = await_arrival(&mut session, &places.arrives, &quirks, &id);
        // Where a delivery is given less time, its way back is given no more.
        let patience = self.edges().await?.dialer.timeouts().delivery.min(PATIENCE);
        let Ok(arrived) = tokio::time::timeout(patience, waiting).await else {
            return Err(EngineError::LoopMissing {
                after_ms: i64::try_from(patience.as_millis()).unwrap_or(i64::MAX),
            });
        };
        let folder = arrived?;
        let took = self.now().await?.0 - began.0;
        let left_marked = remove_everywhere(&mut session, &places, &quirks, &id).await?;
        session.logout().await;
        self.forget_loop(account.id, &id).await?;
        let mut seen = vec![
            Fact::new(FactKind::CameAfter, Param::Number(took)),
            Fact::new(FactKind::Folder, folder),
        ];
        seen.extend(left_marked.map(|folder| Fact::new(FactKind::LeftMarked, folder)));
        Ok(Some(seen))
    }

    async fn loop_message(&self, account: &AccountRow) -> Result<(String, Vec<u8>), EngineError> {
        let own = Mailbox {
            name: String::new(),
            address: account.address.to_string(),
        };
        let draft = Draft {
            from: own.clone(),
            to: vec![own],
            subject: "Mailroom".to_owned(),
            text: "Mailroom\n".to_owned(),
            ..Draft::default()
        };
        let message_id = message_id_for(account.address.domain(), self.random().await?);
        let facts = ComposeFacts {
            message_id: &message_id,
            date: self.now().await?,
            utc_offset_minutes: 0,
            boundary_seed: self.random().await?,
            user_agent: None,
        };
        let raw = [AUTOMATIC, &compose(&draft, &facts)?].concat();
        Ok((message_id, raw))
    }

    async fn remember_loop(&self, account: AccountId, id: &str) -> Result<(), EngineError> {
        let now = self.now().await?;
        self.change_loops(account, |sent| {
            sent.retain(|sent| now.0 - sent.at.0 < REMEMBERED_MS);
            sent.push(Sent {
                message_id: id.to_owned(),
                at: now,
            });
        })
        .await
    }

    async fn forget_loop(&self, account: AccountId, id: &str) -> Result<(), EngineError> {
        self.change_loops(account, |sent| sent.retain(|sent| sent.message_id != id))
            .await
    }

    async fn change_loops(
        &self,
        account: AccountId,
        change: impl FnOnce(&mut Vec<Sent>),
    ) -> Result<(), EngineError> {
        self.change_options(account, |options| {
            let mut kept: Kept = document::read(options);
            change(&mut kept.sent_loops);
            document::write(options, &kept);
            Ok(())
        })
        .await
    }

    /// Takes messages to oneself that came late out of `arrived`, and has them removed for good. What is left is news.
    pub(crate) async fn without_late_loops(
        &self,
        account: AccountId,
        folder: mailroom_model::FolderId,
        arrived: Vec<MessageId>,
    ) -> Result<Vec<MessageId>, EngineError> {
        let store = self.store().await?;
        let row = store.accounts().get(account).await?;
        let late = row.as_ref().map(late_loops).unwrap_or_default();
        if late.is_empty() {
            return Ok(arrived);
        }
        let (mut news, mut uids) = (Vec::new(), UidSet::new());
        for id in arrived {
            let row = store.messages().get(id).await?;
            let own = row.as_ref().and_then(|row| row.rfc_message_id.as_deref());
            let is_late = own.is_some_and(|own| late.iter().any(|late| is_same_id(late, own)));
            if !is_late {
                news.push(id);
                continue;
            }
            for place in row.into_iter().flat_map(|row| row.places) {
                if place.folder_id == folder {
                    uids.insert(place.uid);
                }
            }
        }
        if !uids.is_empty() {
            self.enqueue(folder, OperationKind::Delete { uids }).await?;
            if let Some(own) = self.shared() {
                own.push_soon(account);
            }
        }
        Ok(news)
    }
}

/// Identifiers are kept with and without their brackets.
fn is_same_id(one: &str, other: &str) -> bool {
    let bare = |id: &str| id.trim_start_matches('<').trim_end_matches('>').to_owned();
    bare(one) == bare(other)
}

/// The path of the folder that the message arrived in; waits without end.
async fn await_arrival(
    session: &mut ImapSession,
    folders: &[RemoteFolder],
    quirks: &[Quirk],
    id: &str,
) -> Result<String, EngineError> {
    let never = CancellationToken::new();
    loop {
        // The inbox last: it is the one that is listened to.
        for folder in folders.iter().rev() {
            session.select(&folder.wire_name, None).await?;
            if find_copy(session, quirks, id).await?.is_some() {
                return Ok(folder.path.clone());
            }
        }
        if session.capabilities().has("IDLE") {
            session.idle(PAUSE, never.cancelled()).await?;
            // A server that announces something all the time is not asked all the time.
            tokio::time::sleep(BREATH).await;
        } else {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Removes the message and its copies for good. The path of a folder where it could only be marked as deleted.
async fn remove_everywhere(
    session: &mut ImapSession,
    places: &Places,
    quirks: &[Quirk],
    id: &str,
) -> Result<Option<String>, EngineError> {
    // Where folders are labels, only the trash removes.
    let has_labels = session.capabilities().has_labels();
    let mut left_marked = None;
    let folders = places.arrives.iter().chain(&places.copies).chain(&places.trash);
    for folder in folders {
        session.select(&folder.wire_name, None).await?;
        let Some(uid) = find_copy(session, quirks, id).await? else {
            continue;
        };
        let uids: UidSet = [uid].into_iter().collect();
        let is_trash = folder.role == Some(FolderRole::Trash);
        match places.trash.as_ref().filter(|_| has_labels && !is_trash) {
            Some(trash) => drop(session.move_messages(&uids, &trash.wire_name).await?),
            None => {
                if session.delete_messages(&uids).await? {
                    left_marked = Some(folder.path.clone());
                }
            }
        }
    }
    Ok(left_marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_the_same_with_and_without_brackets() {
        assert!(is_same_id("<a@x>", "a@x") && is_same_id("a@x", "<a@x>"));
        assert!(!is_same_id("<a@x>", "b@x"));
    }
}
