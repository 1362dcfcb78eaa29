//! Files into a folder of an account: every message becomes a change that waits for the server, so that it survives whatever
//! happens on the way, and gets there once.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mailroom_mime::{NoMessage, parse_headers, wire_form};
use mailroom_model::{Coded as _, ErrorCode, MessageFlags, OperationId, UnixMillis};
use mailroom_protocol::imap::ImapSession;
use mailroom_store::{
    AccountRow, CompressedBody, FolderRow, NewOperation, OperationKind, OperationState, StoredError,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::source::{Found, LARGEST, Source, Step, find, read};
use super::{ImportReport, ImportWish, RefusedMessage};
use crate::budget::Purpose;
use crate::event::{Event, Fault, Transfer};
use crate::mutate::is_flag;
use crate::operations::turn_name;
use crate::push::Pusher;
use crate::sync::names;
use crate::{Engine, EngineError, until};

/// Messages that wait for the server at a time.
const BATCH: usize = 50;
/// Bytes that wait for the server at a time; a single message may be larger.
const BATCH_BYTES: usize = 8 << 20;
/// Refused messages that are named.
const NAMED: usize = 1000;
/// After so many messages for which there is no room, the rest is not tried.
const FULL: u32 = 3;
/// Pauses before a server that is not there is tried again.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(15),
];

/// A message that is ready to go.
struct Ready {
    origin: String,
    digest: [u8; 32],
    raw: Vec<u8>,
    flags: MessageFlags,
    received_at: Option<UnixMillis>,
}

/// An import under way.
struct Import<'a> {
    engine: &'a Engine,
    account: AccountRow,
    folder: FolderRow,
    pusher: Arc<Pusher>,
    cancel: &'a CancellationToken,
    /// What is known here of the folder does not say what lies in it: the server is asked for each message.
    asks: bool,
    /// What came before: a file may hold a message twice.
    seen: HashSet<[u8; 32]>,
    /// How many messages in a row had no room, and what the server said.
    no_room: (u32, Option<Fault>),
    report: ImportReport,
    progress: Transfer,
}

impl Engine {
    /// Puts the messages of files into a folder, with their flags and dates. What lies there already is passed over, so that an
    /// import that was interrupted can be begun again. What the server does not take is named in the report. Given up, or
    /// without a server for too long, it says in the report why it stopped; what waits by then goes there later.
    pub async fn import_mail(
        &self,
        wish: &ImportWish,
        cancel: &CancellationToken,
    ) -> Result<ImportReport, EngineError> {
        let account = self.account(&wish.address).await?;
        let folder = self.import_folder(&account, &wish.folder).await?;
        let sources = find_all(&wish.paths).await?;
        let work = self.works.begin(&wish.address, cancel);
        let mut import = Import {
            engine: self,
            pusher: self.pushers.of(account.id),
            cancel: work.cancel(),
            asks: true,
            seen: HashSet::new(),
            no_room: (0, None),
            report: ImportReport {
                folder: folder.seen.path.clone(),
                ..ImportReport::default()
            },
            progress: Transfer {
                bytes_total: sources.iter().map(|source| source.bytes).sum(),
                ..Transfer::default()
            },
            account,
            folder,
        };
        // Boxed: the future holds a session and is large.
        if let Err(error) = Box::pin(import.run(sources)).await {
            import.report.stopped = Some(Fault::of(&error));
        }
        import.pusher.hang_up().await;
        self.tell(Event::OperationsChanged {
            address: wish.address.to_string(),
        });
        Ok(import.report)
    }

    async fn import_folder(&self, account: &AccountRow, name: &str) -> Result<FolderRow, EngineError> {
        let mut folders = self.store().await?.folders().list(account.id).await?;
        folders.retain(|folder| folder.seen.is_selectable && names(folder, name));
        let exact = folders.iter().position(|folder| folder.seen.path == name);
        let best = exact.unwrap_or_default();
        if best < folders.len() {
            return Ok(folders.swap_remove(best));
        }
        Err(EngineError::FolderMissing {
            path: name.to_owned(),
        })
    }
}

/// Everything that there is under the paths; each must have something.
async fn find_all(paths: &[PathBuf]) -> Result<Vec<Source>, EngineError> {
    let paths = paths.to_vec();
    let found = tokio::task::spawn_blocking(move || {
        let mut sources = Vec::new();
        for path in paths {
            let found = find(&path).map_err(|source| EngineError::unreadable(&path, source))?;
            if found.is_empty() {
                return Err(EngineError::NoMailFound {
                    path: path.display().to_string(),
                });
            }
            sources.extend(found);
        }
        Ok(sources)
    });
    found.await.map_err(|_| EngineError::Worker)?
}

impl Import<'_> {
    async fn run(&mut self, sources: Vec<Source>) -> Result<(), EngineError> {
        self.asks = Box::pin(until(self.cancel, self.ask_folder())).await?;
        // Two wait while one is on its way to the server.
        let (sender, mut steps) = mpsc::channel::<Step>(2);
        let reading = tokio::task::spawn_blocking(move || {
            for source in &sources {
                let mut goes_on = true;
                read(source, &mut |step| {
                    goes_on = sender.blocking_send(step).is_ok();
                    goes_on
                });
                if !goes_on {
                    return;
                }
            }
        });
        let mut batch: Vec<Ready> = Vec::new();
        let mut bytes = 0;
        loop {
            let step = until(self.cancel, async { Ok(steps.recv().await) }).await?;
            let Some(step) = step else { break };
            if let Some(ready) = self.take(step) {
                bytes += ready.raw.len();
                batch.push(ready);
            }
            if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                bytes = 0;
                self.carry(std::mem::take(&mut batch)).await?;
            }
        }
        reading.await.map_err(|_| EngineError::Worker)?;
        self.carry(batch).await
    }

    /// True when the server has to be asked for each message whether it is there.
    async fn ask_folder(&self) -> Result<bool, EngineError> {
        let _turn = self.engine.take_turn(&turn_name(self.account.id)).await?;
        let mut session = self
            .engine
            .line(&self.account, &self.pusher, Purpose::Work)
            .await?;
        let selected = session.select(&self.folder.seen.wire_name, None).await?;
        if selected.read_only {
            return Err(EngineError::FolderReadOnly {
                path: self.folder.seen.path.clone(),
            });
        }
        let is_mirrored = self.folder.cursor.is_some_and(|cursor| {
            cursor.is_complete
                && cursor.window_start.is_none()
                && cursor.uid_validity == selected.uid_validity
                && cursor.exists == selected.exists
                && Some(cursor.uid_next) == selected.uid_next
        });
        let is_empty = selected.exists == 0;
        if let Some(older) = self.pusher.keep_line(session) {
            older.logout().await;
        }
        Ok(!is_mirrored && !is_empty)
    }

    /// Which of the messages the server has in the folder.
    async fn ask_for(
        &self,
        batch: &[Ready],
        known: &HashSet<[u8; 32]>,
    ) -> Result<Vec<[u8; 32]>, EngineError> {
        let _turn = self.engine.take_turn(&turn_name(self.account.id)).await?;
        let mut session = self
            .engine
            .line(&self.account, &self.pusher, Purpose::Work)
            .await?;
        let mut found = Vec::new();
        for ready in batch.iter().filter(|ready| !known.contains(&ready.digest)) {
            if lies_there(&mut session, &self.folder, &ready.raw).await? {
                found.push(ready.digest);
            }
        }
        if let Some(older) = self.pusher.keep_line(session) {
            older.logout().await;
        }
        Ok(found)
    }

    /// Gives the message of a step when it is to be carried.
    fn take(&mut self, step: Step) -> Option<Ready> {
        match step {
            Step::Passed(bytes) => {
                self.progress.bytes += bytes;
                self.tell();
                None
            }
            Step::Deleted => {
                self.report.deleted += 1;
                None
            }
            Step::TooLarge(origin, size) => {
                let error = EngineError::TooLarge {
                    size,
                    limit: LARGEST as u64,
                };
                self.refuse(origin, String::new(), Fault::of(&error));
                None
            }
            Step::Unreadable(path, source) => {
                let origin = path.display().to_string();
                let error = EngineError::unreadable(&path, source);
                self.refuse(origin, String::new(), Fault::of(&error));
                None
            }
            Step::Message(found) => self.prepare(found),
        }
    }

    fn prepare(&mut self, found: Found) -> Option<Ready> {
        let Found {
            origin,
            raw,
            mut flags,
            received_at,
        } = found;
        self.progress.folder.clone_from(&origin);
        let raw = match wire_form(raw) {
            Ok(raw) => raw,
            Err(why) => {
                let reason = match why {
                    NoMessage::Empty => "empty",
                    NoMessage::HasNul => "nul",
                };
                self.refuse(
                    origin,
                    String::new(),
                    Fault::of(&EngineError::MessageUnusable { reason }),
                );
                return None;
            }
        };
        let digest = *blake3::hash(&raw).as_bytes();
        if !self.seen.insert(digest) {
            self.report.known += 1;
            return None;
        }
        if let (FULL.., Some(fault)) = &self.no_room {
            let fault = fault.clone();
            self.refuse(origin, subject(&raw), fault);
            return None;
        }
        // Names that a foreign file brings may be none that IMAP can say.
        flags.keywords.retain(|keyword| is_flag(keyword));
        Some(Ready {
            origin,
            digest,
            raw,
            flags,
            received_at: received_at.filter(|at| at.0 > 0),
        })
    }

    fn refuse(&mut self, origin: String, subject: String, fault: Fault) {
        self.report.refused_count += 1;
        if self.report.refused.len() < NAMED {
            self.report.refused.push(RefusedMessage {
                origin,
                subject,
                fault,
            });
        }
    }

    fn tell(&mut self) {
        self.progress.messages = self.report.imported + self.report.known + self.report.refused_count;
        self.engine.tell(Event::TransferProgressed {
            address: self.account.address.to_string(),
            transfer: self.progress.clone(),
        });
    }

    /// Queues what is not there yet, and waits until the server has answered for all of it.
    async fn carry(&mut self, mut batch: Vec<Ready>) -> Result<(), EngineError> {
        if batch.is_empty() {
            return Ok(());
        }
        let store = self.engine.store().await?;
        let digests: Vec<[u8; 32]> = batch.iter().map(|ready| ready.digest).collect();
        let mut there: HashSet<[u8; 32]> = store
            .messages()
            .lie_in_folder(self.account.id, self.folder.id, &digests)
            .await?
            .into_iter()
            .collect();
        // An import before this one may have been ended in its middle.
        there.extend(store.operations().imports_that_wait(self.folder.id).await?);
        let before = batch.len();
        if self.asks {
            there.extend(until(self.cancel, Box::pin(self.ask_for(&batch, &there))).await?);
        }
        batch.retain(|ready| !there.contains(&ready.digest));
        self.report.known += (before - batch.len()) as u64;
        let (account_id, folder_id) = (self.account.id, self.folder.id);
        let prepared = tokio::task::spawn_blocking(move || {
            batch
                .into_iter()
                .map(|ready| {
                    let operation = NewOperation {
                        account_id,
                        folder_id,
                        kind: OperationKind::Import {
                            digest: blake3::Hash::from_bytes(ready.digest).to_hex().to_string(),
                            flags: ready.flags,
                            internal_at: ready.received_at,
                        },
                        raw: Some(CompressedBody::compress(&ready.raw)?),
                    };
                    Ok(((ready.origin, subject(&ready.raw)), operation))
                })
                .collect::<Result<Vec<_>, EngineError>>()
        });
        let prepared = prepared.await.map_err(|_| EngineError::Worker)??;
        let (names, operations): (Vec<_>, Vec<_>) = prepared.into_iter().unzip();
        let ids = store
            .operations()
            .enqueue_all(&operations, self.engine.now().await?)
            .await?;
        drop(operations);
        let mut waiting: Vec<(OperationId, (String, String))> = ids.into_iter().zip(names).collect();
        let done = self.answers(&mut waiting).await;
        if done.is_err() {
            // Whoever gave up wants no more of it; what the server may have is left to be found out.
            if self.cancel.is_cancelled() {
                for (id, _) in &waiting {
                    store.operations().take_back(*id).await?;
                }
            }
            for (id, _) in waiting {
                self.report.waiting += u64::from(store.operations().get(id).await?.is_some());
            }
        }
        done
    }

    /// Has the changes carried until none waits.
    async fn answers(
        &mut self,
        waiting: &mut Vec<(OperationId, (String, String))>,
    ) -> Result<(), EngineError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            // Boxed: the future holds a session and is large.
            let pushed = until(self.cancel, Box::pin(self.push())).await;
            if matches!(pushed, Err(EngineError::Cancelled)) {
                return pushed;
            }
            let last = self.note(waiting).await?;
            self.tell();
            if waiting.is_empty() {
                return Ok(());
            }
            let Some(pause) = pauses.next() else {
                pushed?;
                return Err(last.map_or(EngineError::Worker, EngineError::Kept));
            };
            if matches!(&pushed, Err(error) if error.needs_sign_in()) {
                return pushed;
            }
            until(self.cancel, async {
                tokio::time::sleep(pause).await;
                Ok(())
            })
            .await?;
            let operations = self.engine.store().await?.operations();
            operations
                .hasten(self.account.id, self.engine.now().await?)
                .await?;
        }
    }

    async fn push(&self) -> Result<(), EngineError> {
        let _turn = self.engine.take_turn(&turn_name(self.account.id)).await?;
        self.engine.carry_over(&self.account, &self.pusher, &mut 0).await
    }

    /// Takes out what is over; gives the last reason why something still waits.
    async fn note(
        &mut self,
        waiting: &mut Vec<(OperationId, (String, String))>,
    ) -> Result<Option<StoredError>, EngineError> {
        let operations = self.engine.store().await?.operations();
        let mut last = None;
        for (id, (origin, subject)) in std::mem::take(waiting) {
            match operations.get(id).await? {
                None => {
                    self.report.imported += 1;
                    self.no_room = (0, None);
                }
                Some(row) if row.state == OperationState::Refused => {
                    let error = row.last_error.map_or(EngineError::Worker, EngineError::Kept);
                    if error.code() == ErrorCode::OverQuota {
                        self.no_room = (self.no_room.0 + 1, Some(Fault::of(&error)));
                    }
                    self.refuse(origin, subject, Fault::of(&error));
                    // The report names it, and its file is where it was.
                    operations.discard(id).await?;
                }
                Some(row) => {
                    last = row.last_error.or(last);
                    waiting.push((id, (origin, subject)));
                }
            }
        }
        Ok(last)
    }
}

fn subject(raw: &[u8]) -> String {
    parse_headers(raw).headers.subject
}

/// Messages that are compared where there is no Message-ID to look for: an attempt that broke off was the last one.
const NEWEST: u32 = 100;

/// True when the folder has a message of just these bytes.
pub(crate) async fn lies_there(
    session: &mut ImapSession,
    folder: &FolderRow,
    raw: &[u8],
) -> Result<bool, EngineError> {
    session.select(&folder.seen.wire_name, None).await?;
    let candidates = match parse_headers(raw).thread.own {
        Some(id) => session.find_by_message_id(&id).await?,
        None => session.newest_uids(NEWEST).await?.into_iter().collect(),
    };
    let size = raw.len() as u64;
    for facts in session.fetch_facts(&candidates).await? {
        if facts.size != size {
            continue;
        }
        let there = crate::download::fetch_pieces(session, facts.uid, facts.size).await?;
        if there.is_some_and(|there| there == raw) {
            return Ok(true);
        }
    }
    Ok(false)
}
