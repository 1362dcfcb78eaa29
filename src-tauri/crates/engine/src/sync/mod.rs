//! Keeping the mirror of an account exact.

mod batch;
mod folder;
mod intake;
mod load;
mod order;
mod plan;
mod watch;

use futures::StreamExt;
use mailroom_model::{AccountState, Coded, EmailAddress, ErrorCode};
use mailroom_protocol::imap::ImapSession;
use mailroom_store::{AccountRow, FolderRow, FolderSeen, StoredError, Traffic};
use tokio_util::sync::CancellationToken;

pub(crate) use self::order::{chosen, is_chosen, names};

use self::folder::Work;
use self::load::Target;
use crate::event::{Event, Fault};
use crate::operations::turn_name;
use crate::{Engine, EngineError, FolderOutcome, SyncOutcome};

/// Accounts that are brought up to date at the same time.
const ACCOUNTS_AT_ONCE: usize = 4;
/// Connections that one look at an account may use up: a folder whose answers end the connection costs one, and the rest
/// of the account goes on over the next.
const CONNECTIONS: u32 = 4;

impl Engine {
    /// Brings one account or all up to date, once: waiting changes go to the server first, then every chosen folder is
    /// compared, then the outbox is sent. An account that fails does not stop the others; its outcome says why.
    pub async fn sync(
        &self,
        address: Option<&EmailAddress>,
        cancel: &CancellationToken,
    ) -> Result<Vec<SyncOutcome>, EngineError> {
        let accounts = self.accounts(address).await?;
        let work = accounts
            .into_iter()
            .map(|account| async move { self.sync_account(&account, cancel).await });
        Ok(futures::stream::iter(work)
            .buffered(ACCOUNTS_AT_ONCE)
            .collect()
            .await)
    }

    /// Brings one account up to date over a connection of its own.
    pub(crate) async fn sync_account(&self, account: &AccountRow, cancel: &CancellationToken) -> SyncOutcome {
        let address = account.address.to_string();
        self.tell(Event::SyncStarted {
            address: address.clone(),
        });
        let mut outcome = SyncOutcome {
            account: account.id,
            address: address.clone(),
            folders: Vec::new(),
            operations: 0,
            sent: 0,
            fault: None,
        };
        let result = match self.take_turn(&turn_name(account.id)).await {
            Ok(_turn) => self.mirror(account, cancel, &mut outcome).await,
            Err(error) => Err(error),
        };
        // Mail waits for nothing: the outbox is sent even when receiving fails.
        let sent = if cancel.is_cancelled() {
            Ok(0)
        } else {
            self.send_due(account).await
        };
        let result = result.and(sent.map(|sent| outcome.sent = sent));
        let noted = self.note_result(account, result.as_ref().err()).await;
        if let Err(error) = result.and(noted) {
            outcome.fault = Some(Fault::of(&error));
        }
        self.tell(Event::SyncEnded {
            address,
            fault: outcome.fault.clone(),
        });
        outcome
    }

    async fn mirror(
        &self,
        account: &AccountRow,
        cancel: &CancellationToken,
        outcome: &mut SyncOutcome,
    ) -> Result<(), EngineError> {
        let mut connections = 1;
        let mut session = self.open_imap(account).await?;
        outcome.operations = self.replay(account, &mut session).await?;
        let folders = self.refresh_folders(account, &mut session).await?;
        let chosen = chosen(&folders, &account.folders);
        for folder in chosen {
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            let result = self.sync_folder(account, folder, &mut session, cancel).await;
            let error = match result {
                Ok(done) => {
                    outcome.folders.push(done);
                    continue;
                }
                Err(error) => error,
            };
            let ends_session = session_is_over(&error);
            if stops_account(&error) || (ends_session && connections == CONNECTIONS) {
                return Err(error);
            }
            outcome.folders.push(FolderOutcome {
                path: folder.seen.path.clone(),
                fault: Some(Fault::of(&error)),
                ..FolderOutcome::default()
            });
            if ends_session {
                connections += 1;
                session = self.open_imap(account).await?;
            }
        }
        session.logout().await;
        Ok(())
    }

    /// Asks the server for its folders and keeps the answer.
    pub(crate) async fn refresh_folders(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
    ) -> Result<Vec<FolderRow>, EngineError> {
        let quirks = self.quirks(account).await?;
        let seen: Vec<FolderSeen> = session
            .list_folders()
            .await?
            .into_iter()
            .filter(|folder| !order::is_hidden(&folder.path, folder.delimiter, &quirks))
            .map(|folder| FolderSeen {
                wire_name: folder.wire_name,
                path: folder.path,
                delimiter: folder.delimiter,
                role: folder.role,
                is_selectable: folder.selectable,
                is_subscribed: folder.subscribed,
                rights: folder.rights,
            })
            .collect();
        let store = self.store().await?;
        store
            .folders()
            .sync_list(account.id, &seen, self.now().await?)
            .await?;
        Ok(store.folders().list(account.id).await?)
    }

    async fn sync_folder(
        &self,
        account: &AccountRow,
        folder: &FolderRow,
        session: &mut ImapSession,
        cancel: &CancellationToken,
    ) -> Result<FolderOutcome, EngineError> {
        let address = account.address.to_string();
        let work = Work {
            engine: self,
            address: &address,
            folder,
            period_start: account.period.starts_at(self.now().await?),
            target: Target {
                store: self.store().await?,
                account: account.id,
                folder: folder.id,
                cancel,
            },
        };
        let result = work.run(session).await;
        let told = match &result {
            Ok(outcome) => outcome.clone(),
            Err(error) => {
                if !matches!(error, EngineError::Cancelled | EngineError::Store(_)) {
                    work.remember(error).await?;
                }
                FolderOutcome {
                    path: folder.seen.path.clone(),
                    fault: Some(Fault::of(error)),
                    ..FolderOutcome::default()
                }
            }
        };
        self.tell(Event::FolderSynced {
            address,
            outcome: told,
        });
        result
    }

    /// Keeps how the account did, from traffic that happened.
    async fn note_result(
        &self,
        account: &AccountRow,
        error: Option<&EngineError>,
    ) -> Result<(), EngineError> {
        let accounts = self.store().await?.accounts();
        let now = self.now().await?;
        match error {
            None => {
                accounts.touch_success(account.id, Traffic::Receive, now).await?;
                accounts
                    .set_state(account.id, AccountState::Working, None)
                    .await?;
            }
            Some(EngineError::Cancelled | EngineError::Store(_)) => return Ok(()),
            Some(error) => {
                let state = if error.needs_sign_in() {
                    AccountState::SignInNeeded
                } else {
                    account.state
                };
                accounts
                    .set_state(account.id, state, Some(&StoredError::new(error, now)))
                    .await?;
            }
        }
        self.tell(Event::AccountChanged {
            address: account.address.to_string(),
        });
        Ok(())
    }
}

/// True when nothing more can be said over the connection.
fn session_is_over(error: &EngineError) -> bool {
    match error {
        EngineError::Imap(error) => !error.leaves_session_usable(),
        _ => false,
    }
}

/// True when the other folders would fail in the same way.
fn stops_account(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Store(_) | EngineError::Cancelled | EngineError::Worker
    ) || error.needs_sign_in()
        || matches!(error.code(), ErrorCode::TooManyConnections)
}
