//! Keeping the mirror of an account exact.

mod after;
mod batch;
mod complete;
mod folder;
mod index;
mod intake;
mod keep;
mod known;
mod listen;
mod load;
mod look;
mod order;
mod pace;
mod partial;
mod patience;
mod plan;
mod watch;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use futures::StreamExt;
use mailroom_model::{AccountState, Coded, EmailAddress, ErrorCode, FolderId};
use mailroom_protocol::imap::{FolderStatus, ImapSession, RemoteFolder};
use mailroom_store::{AccountRow, FolderCursor, FolderRow, FolderSeen, StoredError, Traffic};
use tokio_util::sync::CancellationToken;

pub(crate) use self::after::LeftOver;
pub(crate) use self::complete::LeftAlone;
pub(crate) use self::folder::Occasion;
pub(crate) use self::intake::prepare;
pub(crate) use self::look::Looks;
pub(crate) use self::order::{Kept, archives, chosen, is_chosen, names};
pub(crate) use self::pace::LIFETIME;
pub(crate) use self::patience::Patience;

use self::batch::Limits;
use self::folder::{Stand, Work, is_unchanged};
use self::load::Target;
use self::look::{Hold, Look};
use self::plan::day_start;
use crate::budget::Purpose;
use crate::connection::Connection;
use crate::event::{Event, Fault};
use crate::{Engine, EngineError, FolderOutcome, SyncOutcome};

/// Accounts that are brought up to date at the same time.
const ACCOUNTS_AT_ONCE: usize = 4;
/// Connections that one look at an account may use up: a folder whose answers end the connection costs one, and the rest
/// of the account goes on over the next.
const CONNECTIONS: u32 = 4;

/// How long a look that is given up may take to write down what it has.
const WRITING_DOWN: Duration = Duration::from_millis(500);

impl Engine {
    /// Brings one account or all up to date, once: waiting changes go to the server first, then every chosen folder is
    /// compared, then the outbox is sent. An account that fails does not stop the others; its outcome says why. At the end
    /// the index of words catches up with what was loaded.
    pub async fn sync(
        &self,
        address: Option<&EmailAddress>,
        cancel: &CancellationToken,
    ) -> Result<Vec<SyncOutcome>, EngineError> {
        let accounts = self.accounts(address).await?;
        let work = accounts
            .into_iter()
            .map(|account| async move { self.sync_account(&account, cancel).await });
        let outcomes = futures::stream::iter(work)
            .buffered(ACCOUNTS_AT_ONCE)
            .collect()
            .await;
        self.finish_looks(cancel).await;
        Ok(outcomes)
    }

    /// Brings one account up to date over a connection of its own; where the account is watched, over the one that is kept
    /// for it.
    pub(crate) async fn sync_account(&self, account: &AccountRow, cancel: &CancellationToken) -> SyncOutcome {
        let work = self.works.begin(&account.address, cancel);
        let cancel = work.cancel();
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
        let look = tokio::select! {
            () = cancel.cancelled() => Err(EngineError::Cancelled),
            look = self.begin_look(account.id) => look,
        };
        let result = match look {
            // Boxed: it holds the work of every folder and is large.
            Ok(look) => {
                until_written(
                    cancel,
                    Box::pin(self.mirror(account, &look, cancel, &mut outcome)),
                )
                .await
            }
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
        look: &Look,
        cancel: &CancellationToken,
        outcome: &mut SyncOutcome,
    ) -> Result<(), EngineError> {
        let mut connections = 1;
        let pusher = self.pushers.of(account.id);
        let mut session = self.line(account, &pusher, Purpose::Work).await?;
        let account = &self.note_traits(account, session.capabilities()).await?;
        let store = self.store().await?;
        let (folders, told) = {
            let _alone = look.alone().await;
            if let Err(error) = self.replay(account, &mut session, &mut outcome.operations).await {
                session = self
                    .next_connection(account, session, error, &mut connections)
                    .await?;
            }
            let (listed, told) = session.list_folders_and_status().await?;
            let folders = self.keep_folders(account, &mut session, listed).await?;
            self.forget_unchosen(account, &folders).await?;
            self.settle_empty(account, &folders, &told).await?;
            (folders, told)
        };
        let period_start = account.period.starts_at(self.now().await?);
        let mut ahead = VecDeque::from(chosen(&folders, Kept::by(account)));
        // The first is the one that is listened to.
        let listened_to = ahead.front().map(|folder| folder.id);
        look.set_out(&ahead);
        while let Some(next) = look.next_folder(&mut ahead) {
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            // Loading takes its time; what a person changes meanwhile does not wait for its end.
            if self.has_due_changes(account).await? {
                let _alone = look.alone().await;
                if let Err(error) = self.replay(account, &mut session, &mut outcome.operations).await {
                    session = self
                        .next_connection(account, session, error, &mut connections)
                        .await?;
                }
            }
            let hold = if Some(next.id) == listened_to {
                Hold::of(look).await
            } else {
                Hold::none()
            };
            let mut hold = hold.giving_way(look.calls(session.demand()));
            // It may have been given up since the list was read.
            let Some(mut folder) = store.folders().get(next.id).await? else {
                continue;
            };
            if let Some(status) = told.get(&folder.seen.wire_name)
                && is_unchanged(&folder, status, period_start)
            {
                let unchanged = FolderOutcome {
                    path: folder.seen.path.clone(),
                    ..FolderOutcome::default()
                };
                self.note_folder(account, &folder, Ok(&unchanged)).await?;
                outcome.folders.push(unchanged);
                if hold.is_listened_to() {
                    self.looks.newest_are_here(account.id);
                }
                continue;
            }
            let mut broke = false;
            let result = loop {
                // Boxed: it holds the work of a whole folder and is large.
                let update =
                    self.update_folder(account, &folder, &mut session, cancel, Occasion::Look, &mut hold);
                let result = Box::pin(update).await;
                match &result {
                    Err(EngineError::GaveWay) if look.is_called_elsewhere() => {
                        // Over the same connection, and back to this one after it.
                        ahead.push_front(next);
                        break None;
                    }
                    Err(EngineError::GaveWay) => {}
                    // One broken connection is no news of the folder.
                    Err(error) if !broke && may_be_a_blip(error) && connections < CONNECTIONS => {
                        broke = true;
                        connections += 1;
                    }
                    _ => break Some(result),
                }
                // Its place among the connections to the server is needed for the next one.
                match result {
                    Err(EngineError::GaveWay) => session.logout().await,
                    _ => drop(session),
                }
                session = self.open_imap(account, Purpose::Work).await?;
                // What came before stays, and its row says so.
                match store.folders().get(folder.id).await? {
                    Some(row) => folder = row,
                    None => break None,
                }
            };
            let Some(result) = result else { continue };
            self.note_folder(account, &folder, result.as_ref()).await?;
            let error = match result {
                Ok(done) => {
                    outcome.folders.push(done);
                    if hold.is_listened_to() {
                        self.looks.newest_are_here(account.id);
                    }
                    continue;
                }
                Err(error) => error,
            };
            outcome.folders.push(FolderOutcome {
                path: folder.seen.path.clone(),
                fault: Some(Fault::of(&error)),
                ..FolderOutcome::default()
            });
            if stops_account(&error) {
                return Err(error);
            }
            if session_is_over(&error) {
                session = self
                    .next_connection(account, session, error, &mut connections)
                    .await?;
            }
        }
        {
            let _alone = look.alone().await;
            if self.has_due_changes(account).await? {
                self.replay(account, &mut session, &mut outcome.operations)
                    .await?;
            }
            // Every folder was looked at: what has no place now has gone from all of them. What was fetched beside may have
            // gone to a folder that was looked at before.
            if !look.was_joined() {
                self.left_over.sweep(account.id, self.now().await?);
            }
        }
        // Boxed: it is seldom needed.
        Box::pin(self.complete_messages(account, &mut session, cancel)).await?;
        pusher.put_back(session).await;
        Ok(())
    }

    /// Another connection after an error that ended `lost`, as long as there are some left.
    async fn next_connection(
        &self,
        account: &AccountRow,
        lost: Connection,
        error: EngineError,
        connections: &mut u32,
    ) -> Result<Connection, EngineError> {
        if stops_account(&error) || !session_is_over(&error) || *connections == CONNECTIONS {
            return Err(error);
        }
        *connections += 1;
        // Its place among the connections to the server is needed for the next one.
        drop(lost);
        self.open_imap(account, Purpose::Work).await
    }

    /// Local copies of folders that are not kept any more, or cannot be opened any more, go; those too that a load brought
    /// while its folder was being given up.
    async fn forget_unchosen(&self, account: &AccountRow, folders: &[FolderRow]) -> Result<(), EngineError> {
        let now = self.now().await?;
        for folder in folders {
            let holds_mail = folder.cursor.is_some() || folder.total > 0;
            if holds_mail && !is_chosen(folder, Kept::by(account)) {
                self.store().await?.folders().reset(folder.id, now).await?;
            }
        }
        Ok(())
    }

    /// Folders that are seen for the first time and are empty, as the list says: there is nothing to open them for, and one write
    /// is enough for all of them.
    async fn settle_empty(
        &self,
        account: &AccountRow,
        folders: &[FolderRow],
        told: &BTreeMap<String, FolderStatus>,
    ) -> Result<(), EngineError> {
        let now = self.now().await?;
        let window_start = account.period.starts_at(now).map(day_start);
        let is_new = |folder: &&FolderRow| {
            folder.cursor.is_none()
                && folder.total == 0
                && folder.error.is_none()
                && is_chosen(folder, Kept::by(account))
        };
        let empty: Vec<(FolderId, FolderCursor)> = folders
            .iter()
            .filter(is_new)
            .filter_map(|folder| {
                let status = told.get(&folder.seen.wire_name)?;
                let cursor = FolderCursor {
                    uid_validity: status.uid_validity,
                    uid_next: status.uid_next,
                    highest_modseq: status.highest_modseq,
                    window_start,
                    is_complete: true,
                    exists: 0,
                    at: now,
                };
                (status.messages == 0 && status.uid_validity != 0).then_some((folder.id, cursor))
            })
            .collect();
        if !empty.is_empty() {
            self.store().await?.folders().set_first_cursors(&empty).await?;
        }
        Ok(())
    }

    /// Asks the server for its folders and keeps the answer. A folder that is missing in the list is asked for by name
    /// before it is given up: a line that could not be read, or a name space that could not be listed, must not cost the
    /// mail in it.
    pub(crate) async fn refresh_folders(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
    ) -> Result<Vec<FolderRow>, EngineError> {
        let listed = session.list_folders().await?;
        self.keep_folders(account, session, listed).await
    }

    async fn keep_folders(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
        listed: Vec<RemoteFolder>,
    ) -> Result<Vec<FolderRow>, EngineError> {
        let quirks = self.quirks(account).await?;
        let store = self.store().await?;
        let mut kept = Vec::new();
        let names: HashSet<&str> = listed.iter().map(|listed| listed.wire_name.as_str()).collect();
        for folder in store.folders().list(account.id).await? {
            let name = &folder.seen.wire_name;
            let is_listed = names.contains(name.as_str());
            if !is_listed && folder.seen.is_selectable && is_still_there(session, name).await? {
                kept.push(folder.seen);
            }
        }
        let seen: Vec<FolderSeen> = listed
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
            .chain(kept)
            .collect();
        store
            .folders()
            .sync_list(account.id, &seen, self.now().await?)
            .await?;
        Ok(store.folders().list(account.id).await?)
    }

    /// Brings one folder up to date, and keeps and tells why it could not be.
    pub(crate) async fn sync_folder(
        &self,
        account: &AccountRow,
        folder: &FolderRow,
        session: &mut ImapSession,
        cancel: &CancellationToken,
        occasion: Occasion,
    ) -> Result<FolderOutcome, EngineError> {
        // Boxed: it holds the work of a whole folder and is large.
        let result =
            Box::pin(self.update_folder(account, folder, session, cancel, occasion, &mut Hold::none())).await;
        self.note_folder(account, folder, result.as_ref()).await?;
        result
    }

    /// Tells how it went with a folder, and keeps why it could not be brought up to date.
    async fn note_folder(
        &self,
        account: &AccountRow,
        folder: &FolderRow,
        result: Result<&FolderOutcome, &EngineError>,
    ) -> Result<(), EngineError> {
        if let Err(EngineError::Store(error)) = result {
            self.upkeep.suspect(error);
        }
        if let Err(error) = result
            && !matches!(error, EngineError::Cancelled | EngineError::Store(_))
        {
            let now = self.now().await?;
            let kept = StoredError::new(error, now);
            let folders = self.store().await?.folders();
            folders.set_error(folder.id, Some(&kept)).await?;
        }
        let outcome = result.map_or_else(
            |error| FolderOutcome {
                path: folder.seen.path.clone(),
                fault: Some(Fault::of(error)),
                ..FolderOutcome::default()
            },
            Clone::clone,
        );
        self.tell(Event::FolderSynced {
            address: account.address.to_string(),
            outcome,
        });
        Ok(())
    }

    /// Brings one folder up to date; what comes of it is the caller's to tell, and what a failure means.
    async fn update_folder(
        &self,
        account: &AccountRow,
        folder: &FolderRow,
        session: &mut ImapSession,
        cancel: &CancellationToken,
        occasion: Occasion,
        hold: &mut Hold<'_>,
    ) -> Result<FolderOutcome, EngineError> {
        let address = account.address.to_string();
        let mut work = self.work_on(account, &address, folder, cancel, occasion).await?;
        work.target.calls = hold.calls();
        work.run(session, hold).await
    }

    /// Fetches what was announced while a load of the folder is under way.
    async fn update_beside(
        &self,
        account: &AccountRow,
        folder: &FolderRow,
        session: &mut ImapSession,
        cancel: &CancellationToken,
        first: u32,
    ) -> Result<(FolderOutcome, Stand), EngineError> {
        let address = account.address.to_string();
        let work = self
            .work_on(account, &address, folder, cancel, Occasion::Beside)
            .await?;
        work.run_beside(session, first).await
    }

    async fn work_on<'a>(
        &'a self,
        account: &AccountRow,
        address: &'a str,
        folder: &'a FolderRow,
        cancel: &'a CancellationToken,
        occasion: Occasion,
    ) -> Result<Work<'a>, EngineError> {
        Ok(Work {
            engine: self,
            address,
            folder,
            period_start: account.period.starts_at(self.now().await?),
            target: Target {
                engine: self,
                store: self.store().await?,
                account: account.id,
                folder: folder.id,
                cancel,
                limits: Limits::of(account),
                calls: None,
            },
            occasion,
        })
    }

    /// Keeps how the account did, from traffic that happened.
    async fn note_result(&self, began: &AccountRow, error: Option<&EngineError>) -> Result<(), EngineError> {
        let accounts = self.store().await?.accounts();
        let now = self.now().await?;
        // It may have been removed, or signed in again, in the meantime.
        let Some(account) = accounts.get(began.id).await? else {
            return Ok(());
        };
        match error {
            None => {
                self.patience.worked(account.id);
                accounts.touch_success(account.id, Traffic::Receive, now).await?;
                accounts
                    .set_state(account.id, AccountState::Working, None)
                    .await?;
            }
            Some(EngineError::Cancelled | EngineError::Store(_)) => return Ok(()),
            Some(error) if !error.needs_sign_in() && self.patience.forgives(account.id, error.code()) => {
                tracing::debug!(code = %error.code(), "a failure that the next look may mend");
                return Ok(());
            }
            Some(error) => {
                let kept = StoredError::new(error, now);
                if !error.needs_sign_in() {
                    accounts.set_state(account.id, account.state, Some(&kept)).await?;
                } else if !accounts
                    .mark_refused(account.id, began.signed_in_at, &kept)
                    .await?
                {
                    // The person has signed in while the look was running: the refusal was of what was shown before.
                    return Ok(());
                }
            }
        }
        self.tell(Event::AccountChanged {
            address: account.address.to_string(),
        });
        Ok(())
    }
}

/// A look until it is given up. What has arrived is written then; a server that says nothing is not waited for.
async fn until_written<T>(
    cancel: &CancellationToken,
    look: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    tokio::select! {
        result = look => result,
        () = async {
            cancel.cancelled().await;
            tokio::time::sleep(WRITING_DOWN).await;
        } => Err(EngineError::Cancelled),
    }
}

/// True unless the server says that there is no such folder.
async fn is_still_there(session: &mut ImapSession, wire_name: &str) -> Result<bool, EngineError> {
    match session.folder_status(wire_name).await {
        Ok(_) => Ok(true),
        Err(error) if error.leaves_session_usable() => Ok(matches!(
            error.code(),
            ErrorCode::ServerUnavailable | ErrorCode::TooManyConnections
        )),
        Err(error) => Err(error.into()),
    }
}

/// True when nothing more can be said over the connection.
fn session_is_over(error: &EngineError) -> bool {
    match error {
        EngineError::Imap(error) => !error.leaves_session_usable(),
        _ => false,
    }
}

/// True when the connection may have broken by itself, whatever was asked over it.
fn may_be_a_blip(error: &EngineError) -> bool {
    session_is_over(error) && matches!(error.code(), ErrorCode::ConnectionLost | ErrorCode::ServerClosed)
}

/// True when the other folders would fail in the same way.
fn stops_account(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Store(_) | EngineError::Cancelled | EngineError::Worker
    ) || error.needs_sign_in()
        || matches!(error.code(), ErrorCode::TooManyConnections)
}
