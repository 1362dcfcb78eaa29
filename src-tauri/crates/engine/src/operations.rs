//! Waiting changes, carried to the server in order, each once.

use mailroom_model::{AccountId, Coded, ErrorCode, FolderId, MessageFlags, UnixMillis};
use mailroom_protocol::imap::ImapSession;
use mailroom_store::{
    AccountRow, AppendSource, FolderRow, OperationDone, OperationKind, OperationRow, Store, StoredError,
    Traffic,
};

use crate::event::Event;
use crate::schedule::backoff;
use crate::{Engine, EngineError};

/// What becomes of a change that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The connection is no good: nothing about the change is known to be wrong.
    Stop,
    /// The server said no for now.
    Later,
    /// The server said no.
    Refused,
}

/// Decides by the error's code, never by its words.
fn verdict(error: &EngineError) -> Verdict {
    match error {
        EngineError::Imap(imap) if !imap.leaves_session_usable() => Verdict::Stop,
        EngineError::Store(_) | EngineError::Worker | EngineError::Cancelled => Verdict::Stop,
        _ => match error.code() {
            ErrorCode::ServerUnavailable | ErrorCode::OverQuota | ErrorCode::TooManyConnections => {
                Verdict::Later
            }
            _ => Verdict::Refused,
        },
    }
}

impl Engine {
    /// Carries the changes that are due to the server, and says how many it took. A change that the server refuses is
    /// undone here and shown with the reason; it does not hold the others up.
    pub(crate) async fn replay(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
    ) -> Result<u64, EngineError> {
        let store = self.store().await?;
        let mut done = 0;
        let due = store.operations().next_due(account.id, self.now().await?).await?;
        let told = !due.is_empty();
        for operation in due {
            let result = carry(store, session, &operation).await;
            let now = self.now().await?;
            match result {
                Ok(outcome) => {
                    store.operations().mark_done(operation.id, &outcome, now).await?;
                    done += 1;
                }
                Err(error) => {
                    let kept = StoredError::new(&error, now);
                    match verdict(&error) {
                        Verdict::Stop => return Err(error),
                        Verdict::Later => {
                            let [jitter] = self.random::<1>().await?;
                            let next = backoff(operation.attempts + 1, now, jitter);
                            store.operations().mark_retry(operation.id, next, &kept).await?;
                        }
                        Verdict::Refused => {
                            store.operations().mark_refused(operation.id, &kept).await?;
                        }
                    }
                }
            }
        }
        if done > 0 {
            store
                .accounts()
                .touch_success(account.id, Traffic::Flags, self.now().await?)
                .await?;
        }
        if told {
            self.tell(Event::OperationsChanged {
                address: account.address.to_string(),
            });
        }
        Ok(done)
    }
}

/// One change. The folder is opened without asking for changes, so that the mirror's cursor keeps its meaning.
async fn carry(
    store: &Store,
    session: &mut ImapSession,
    operation: &OperationRow,
) -> Result<OperationDone, EngineError> {
    let gone = || EngineError::FolderMissing { path: String::new() };
    let folder = find(store, operation.folder_id.ok_or_else(gone)?).await?;
    if let OperationKind::Append {
        source,
        flags,
        internal_at,
    } = &operation.kind
    {
        return append(store, session, operation, &folder, source, flags, *internal_at).await;
    }
    let selected = session.select(&folder.seen.wire_name, None).await?;
    if folder
        .cursor
        .as_ref()
        .is_none_or(|cursor| cursor.uid_validity != selected.uid_validity)
    {
        // The UIDs mean other messages now. The next look at the folder brings the server's state.
        return Err(EngineError::FolderMissing {
            path: folder.seen.path,
        });
    }
    if selected.read_only {
        return Err(EngineError::FolderReadOnly {
            path: folder.seen.path,
        });
    }
    match &operation.kind {
        OperationKind::SetFlags { uids, change } => {
            session.store_flags(uids, change, None).await?;
            Ok(OperationDone::default())
        }
        OperationKind::Move { uids, to_folder } => {
            let to = find(store, *to_folder).await?;
            let moved = session.move_messages(uids, &to.seen.wire_name).await?;
            Ok(OperationDone {
                copied: copied(&to, moved.uid_validity, moved.uid_map),
                is_left_marked: moved.left_marked_deleted,
            })
        }
        OperationKind::Copy { uids, to_folder } => {
            let to = find(store, *to_folder).await?;
            let made = session.copy_messages(uids, &to.seen.wire_name).await?;
            Ok(OperationDone {
                copied: copied(&to, made.uid_validity, made.uid_map),
                ..OperationDone::default()
            })
        }
        OperationKind::Delete { uids } => {
            let change = mailroom_model::FlagChange {
                add: vec!["\\Deleted".to_owned()],
                remove: Vec::new(),
            };
            session.store_flags(uids, &change, None).await?;
            session.expunge_uids(uids).await?;
            Ok(OperationDone::default())
        }
        OperationKind::Append { .. } => Ok(OperationDone::default()),
    }
}

async fn append(
    store: &Store,
    session: &mut ImapSession,
    operation: &OperationRow,
    folder: &FolderRow,
    source: &AppendSource,
    flags: &MessageFlags,
    internal_at: Option<UnixMillis>,
) -> Result<OperationDone, EngineError> {
    let raw = match source {
        AppendSource::Operation => store.operations().raw(operation.id).await?,
        AppendSource::Message(id) => store.messages().raw(*id).await?,
        AppendSource::Outbox(id) => store.outbox().raw(*id).await?,
    };
    let raw = raw.ok_or(EngineError::EntryMissing { id: operation.id.0 })?;
    session
        .append(&folder.seen.wire_name, flags, internal_at, &raw)
        .await?;
    Ok(OperationDone::default())
}

async fn find(store: &Store, id: FolderId) -> Result<FolderRow, EngineError> {
    store
        .folders()
        .get(id)
        .await?
        .ok_or_else(|| EngineError::FolderMissing { path: String::new() })
}

/// The new UIDs, when they belong to the target folder as it is known here.
fn copied(target: &FolderRow, uid_validity: Option<u32>, uid_map: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let known = target.cursor.as_ref().map(|cursor| cursor.uid_validity);
    if known.is_some() && known == uid_validity {
        uid_map
    } else {
        Vec::new()
    }
}

/// The name of an account's turn.
pub(crate) fn turn_name(account: AccountId) -> String {
    format!("account-{account}")
}
