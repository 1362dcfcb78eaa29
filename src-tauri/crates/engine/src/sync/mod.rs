//! Keeping the mirror of an account exact.

mod after;
mod arrivals;
mod batch;
mod complete;
mod folder;
mod index;
mod intake;
mod keep;
mod known;
mod listen;
mod listing;
mod load;
mod look;
mod note;
mod order;
mod pace;
mod partial;
mod patience;
mod plan;
mod quiet;
mod watch;

use std::collections::VecDeque;
use std::time::Duration;

use futures::StreamExt;
use mailroom_model::{EmailAddress, FolderId};
use mailroom_protocol::imap::ImapSession;
use mailroom_store::{AccountRow, FolderRow};
use tokio_util::sync::CancellationToken;

pub(crate) use self::after::LeftOver;
pub(crate) use self::complete::LeftAlone;
pub(crate) use self::folder::Occasion;
pub(crate) use self::intake::prepare;
pub(crate) use self::look::{Beside, Looks};
pub(crate) use self::order::{Kept, archives, chosen, is_chosen, names};
pub(crate) use self::pace::LIFETIME;
pub(crate) use self::patience::Patience;

use self::batch::Limits;
use self::folder::{Stand, Work, is_unchanged};
use self::load::Target;
use self::look::{Hold, Look};
use self::note::{may_be_a_blip, session_is_over, stops_account};
use crate::account::list_cut_at;
use crate::approval::rests_signed_out;
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
        let mut outcome = SyncOutcome {
            account: account.id,
            address: address.clone(),
            folders: Vec::new(),
            operations: 0,
            sent: 0,
            fault: None,
        };
        if rests_signed_out(account) {
            outcome.fault = Some(Fault::of(&EngineError::SignInNeeded { address }));
            return outcome;
        }
        self.tell(Event::SyncStarted {
            address: address.clone(),
        });
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
        let sent = sent.map(|sent| outcome.sent = sent);
        let result = result.and_then(|took_ms| sent.map(|()| took_ms));
        let noted = self.note_result(account, result.as_ref().copied()).await;
        if let Err(error) = result.map(drop).and(noted) {
            outcome.fault = Some(Fault::of(&error));
        }
        self.tell(Event::SyncEnded {
            address,
            fault: outcome.fault.clone(),
        });
        outcome
    }

    /// Brings every folder up to date. Gives how many milliseconds the server took to let us in, if a connection was opened.
    async fn mirror(
        &self,
        account: &AccountRow,
        look: &Look,
        cancel: &CancellationToken,
        outcome: &mut SyncOutcome,
    ) -> Result<Option<u64>, EngineError> {
        let mut connections = 1;
        let pusher = self.pushers.of(account.id);
        // What was brought to a folder before this moment, this look finds there.
        let mut began = self.now().await?;
        let (mut session, listed) = self.line_for_look(account, &pusher).await?;
        let took_ms = session.take_opening_ms();
        let account = &self.note_traits(account, session.capabilities()).await?;
        let store = self.store().await?;
        let (folders, told, now) = {
            let _alone = look.alone().await;
            let (listed, told) = if let Some(listed) = listed {
                listed
            } else {
                if let Err(error) = self.replay(account, &mut session, &mut outcome.operations).await {
                    session = self
                        .next_connection(account, session, error, &mut connections)
                        .await?;
                }
                began = self.now().await?;
                session.list_folders_and_status().await?
            };
            let folders = self.keep_folders(account, &mut session, listed).await?;
            // A folder that was chosen may have another name by now.
            let now = store.accounts().get(account.id).await?;
            let account = now.as_ref().unwrap_or(account);
            self.forget_unchosen(account, &folders).await?;
            self.settle_empty(account, &folders, &told).await?;
            (folders, told, now)
        };
        let account = now.as_ref().unwrap_or(account);
        let period_start = account.period.starts_at(self.now().await?);
        let cut_at = list_cut_at(&self.quirks(account).await?);
        let mut ahead = VecDeque::from(chosen(&folders, Kept::by(account)));
        // The first is the one that is listened to.
        let listened_to = ahead.front().map(|folder| folder.id);
        look.set_out(&ahead);
        while let Some(next) = look.next_folder(&mut ahead) {
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            let stands = |folder: &FolderRow| {
                let status = told.get(&folder.seen.wire_name);
                status.is_some_and(|status| is_unchanged(folder, status, period_start, cut_at))
            };
            // Of a folder that stands where it stood nothing else is asked.
            if stands(next) {
                self.note_unchanged(account, next, listened_to, outcome).await?;
                continue;
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
            if stands(&folder) {
                self.note_unchanged(account, &folder, listened_to, outcome)
                    .await?;
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
            if result.is_err() && look.was_joined() && store.folders().get(folder.id).await?.is_none() {
                // The person has deleted it meanwhile: whatever was said over the connection, it was about that.
                drop(session);
                session = self.open_imap(account, Purpose::Work).await?;
                continue;
            }
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
            if !look.was_joined() {
                store.messages().forget_awaited(account.id, began).await?;
            }
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
        Ok(took_ms)
    }

    /// Nothing has happened in a folder.
    async fn note_unchanged(
        &self,
        account: &AccountRow,
        folder: &FolderRow,
        listened_to: Option<FolderId>,
        outcome: &mut SyncOutcome,
    ) -> Result<(), EngineError> {
        let unchanged = FolderOutcome {
            path: folder.seen.path.clone(),
            ..FolderOutcome::default()
        };
        self.note_folder(account, folder, Ok(&unchanged)).await?;
        outcome.folders.push(unchanged);
        if Some(folder.id) == listened_to {
            self.looks.newest_are_here(account.id);
        }
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
            cut_at: list_cut_at(&self.quirks(account).await?),
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
