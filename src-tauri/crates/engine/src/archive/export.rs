//! Out of an account into files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mailroom_mime::parse_headers;
use mailroom_model::{FolderId, FolderRole, UidSet};
use mailroom_protocol::imap::{FetchedMessage, ImapSession};
use mailroom_store::{AccountRow, FolderMessage, FolderRow, StoreError};
use tokio_util::sync::CancellationToken;

use super::name::Places;
use super::sink::{Entry, Sink};
use super::{ArchiveFormat, ExportReport, ExportWish, ExportedFolder, MissingMessage};
use crate::budget::Purpose;
use crate::event::{Event, Fault, Transfer};
use crate::sync::names;
use crate::{Engine, EngineError};

/// Messages of a folder that are looked up at a time.
const PAGE: u32 = 200;
/// Missing messages that are named.
const NAMED: usize = 1000;
/// UIDs of one question to the server: each answer holds that many messages.
const ASKED: usize = 50;
/// Messages above this size are left out when they are only on the server; in bytes. It is what a connection takes.
const LARGEST_REMOTE: u64 = 64 << 20;

/// An export under way.
struct Export<'a> {
    engine: &'a Engine,
    account: AccountRow,
    wish: &'a ExportWish,
    cancel: &'a CancellationToken,
    report: ExportReport,
    progress: Transfer,
}

impl Engine {
    /// Writes folders of an account as files. What is here is read from here; what is only on the server (left there because of
    /// its size, older than the period, in folders that are not kept) is fetched, and what cannot be had is named in the
    /// report. Given up, it leaves what is finished.
    pub async fn export_mail(
        &self,
        wish: &ExportWish,
        cancel: &CancellationToken,
    ) -> Result<ExportReport, EngineError> {
        let account = self.account(&wish.address).await?;
        let work = self.works.begin(&wish.address, cancel);
        let folders = self.folders_to_export(&account, &wish.folders).await?;
        prepare_target(&wish.target, wish.may_add).await?;
        let mut export = Export {
            engine: self,
            account,
            wish,
            cancel: work.cancel(),
            report: ExportReport::default(),
            progress: Transfer::default(),
        };
        export.run(&folders).await?;
        Ok(export.report)
    }

    /// The folders that hold mail, in their order. Views of other folders come last, and those that show nothing of their own
    /// not at all.
    async fn folders_to_export(
        &self,
        account: &AccountRow,
        wanted: &[String],
    ) -> Result<Vec<FolderRow>, EngineError> {
        let mut folders = self.store().await?.folders().list(account.id).await?;
        folders.retain(|folder| folder.seen.is_selectable);
        if wanted.is_empty() {
            folders.retain(|folder| {
                !matches!(
                    folder.seen.role,
                    Some(FolderRole::Flagged | FolderRole::Important)
                )
            });
            folders.sort_by_key(|folder| folder.seen.role == Some(FolderRole::All));
            return Ok(folders);
        }
        let mut chosen: Vec<FolderRow> = Vec::new();
        for name in wanted {
            let exact = folders.iter().find(|folder| folder.seen.path == *name);
            let fitting = exact.or_else(|| folders.iter().find(|folder| names(folder, name)));
            let folder = fitting.ok_or_else(|| EngineError::FolderMissing { path: name.clone() })?;
            if chosen.iter().all(|known| known.id != folder.id) {
                chosen.push(folder.clone());
            }
        }
        Ok(chosen)
    }
}

/// Makes the folder, or looks whether it may be written into.
async fn prepare_target(target: &Path, may_add: bool) -> Result<(), EngineError> {
    let unwritable = |source| EngineError::unwritable(target, source);
    tokio::fs::create_dir_all(target).await.map_err(unwritable)?;
    let mut inside = tokio::fs::read_dir(target).await.map_err(unwritable)?;
    if !may_add && inside.next_entry().await.map_err(unwritable)?.is_some() {
        return Err(EngineError::TargetNotEmpty {
            path: target.display().to_string(),
        });
    }
    Ok(())
}

impl Export<'_> {
    async fn run(&mut self, folders: &[FolderRow]) -> Result<(), EngineError> {
        let mut places = Places::default();
        let everything: Vec<FolderId> = folders.iter().map(|folder| folder.id).collect();
        for folder in folders {
            self.progress.messages_total += folder.total.max(
                folder
                    .cursor
                    .filter(|_| !self.wish.only_local)
                    .map_or(0, |cursor| cursor.exists.into()),
            );
        }
        for folder in folders {
            let seen = &folder.seen;
            let place = places.of(self.wish.format, &seen.path, seen.delimiter, seen.role);
            // A view of everything shows what lies in the other folders once more.
            let is_view = seen.role == Some(FolderRole::All) && self.wish.folders.is_empty();
            let others: Vec<FolderId> = everything
                .iter()
                .copied()
                .filter(|id| is_view && *id != folder.id)
                .collect();
            self.export_folder(folder, &place, &others).await?;
        }
        Ok(())
    }

    async fn export_folder(
        &mut self,
        folder: &FolderRow,
        place: &Path,
        but_not_in: &[FolderId],
    ) -> Result<(), EngineError> {
        let messages = self.engine.store().await?.messages();
        let target = self.wish.target.clone();
        let mut writer = Writer::open(target, place.to_owned(), self.wish.format).await?;
        self.report.folders.push(ExportedFolder {
            path: folder.seen.path.clone(),
            file: place.display().to_string(),
            left: folder
                .cursor
                .filter(|_| self.wish.only_local)
                .map_or(0, |cursor| u64::from(cursor.exists).saturating_sub(folder.total)),
            ..ExportedFolder::default()
        });
        let validity = folder.cursor.map_or(0, |cursor| cursor.uid_validity);
        let mut after = 0;
        loop {
            let page = messages
                .next_of_folder(folder.id, after, PAGE, but_not_in)
                .await?;
            for message in &page {
                self.given_up()?;
                after = message.position;
                self.export_kept(folder, message, validity, &mut writer).await?;
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        if !self.wish.only_local && but_not_in.is_empty() {
            self.export_rest(folder, &mut writer).await?;
        }
        writer.finish().await
    }

    fn given_up(&self) -> Result<(), EngineError> {
        if self.cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        Ok(())
    }

    /// A message that the mirror knows.
    async fn export_kept(
        &mut self,
        folder: &FolderRow,
        message: &FolderMessage,
        uid_validity: u32,
        writer: &mut Writer,
    ) -> Result<(), EngineError> {
        let store = self.engine.store().await?;
        let id = message.id;
        let found = match store.messages().raw(id).await {
            Ok(Some(raw)) => Ok(raw),
            Ok(None) if self.wish.only_local => Err(EngineError::LeftOnServer {
                id: id.0,
                size: message.size,
            }),
            Ok(None) => self.engine.fetch_whole(id).await,
            // The server has what is damaged here.
            Err(StoreError::Damaged { .. }) if !self.wish.only_local => self.engine.fetch_whole(id).await,
            Err(error) => Err(error.into()),
        };
        match found {
            Ok(raw) => {
                let entry = Entry {
                    digest: *blake3::hash(&raw).as_bytes(),
                    raw,
                    uid: message.uid,
                    uid_validity,
                    received_at: message.internal_at,
                    flags: message.flags.clone(),
                    subject: message.subject.clone(),
                };
                self.write(entry, writer).await
            }
            // It went while the folder was being read.
            Err(EngineError::Store(StoreError::MessageMissing(_))) => Ok(()),
            Err(EngineError::Cancelled) => Err(EngineError::Cancelled),
            Err(error) => {
                self.miss(folder, message.uid, &message.subject, &error);
                Ok(())
            }
        }
    }

    async fn write(&mut self, entry: Entry, writer: &mut Writer) -> Result<(), EngineError> {
        let bytes = entry.raw.len() as u64;
        let was_there = writer.write(entry).await?;
        if let Some(folder) = self.report.folders.last_mut() {
            if was_there {
                folder.kept += 1;
            } else {
                folder.messages += 1;
                folder.bytes += bytes;
            }
            self.progress.folder.clone_from(&folder.path);
        }
        self.progress.messages += 1;
        self.progress.bytes += bytes;
        self.engine.tell(Event::TransferProgressed {
            address: self.account.address.to_string(),
            transfer: self.progress.clone(),
        });
        Ok(())
    }

    fn miss(&mut self, folder: &FolderRow, uid: Option<u32>, subject: &str, error: &EngineError) {
        self.report.missing_count += 1;
        if self.report.missing.len() < NAMED {
            self.report.missing.push(MissingMessage {
                folder: folder.seen.path.clone(),
                uid: uid.unwrap_or(0),
                subject: subject.to_owned(),
                fault: Fault::of(error),
            });
        }
    }

    /// What the server has beyond the mirror: older than the period, or in a folder that is not kept here.
    async fn export_rest(&mut self, folder: &FolderRow, writer: &mut Writer) -> Result<(), EngineError> {
        let known = self
            .engine
            .store()
            .await?
            .messages()
            .uids_of_folder(folder.id)
            .await?;
        let is_whole = folder
            .cursor
            .is_some_and(|cursor| cursor.is_complete && cursor.window_start.is_none());
        if is_whole {
            return Ok(());
        }
        // Boxed: the future holds a session and is large.
        match Box::pin(self.fetch_rest(folder, known, writer)).await {
            Err(error @ (EngineError::Unwritable { .. } | EngineError::Cancelled)) => Err(error),
            Err(error) => {
                // Nobody knows which ones: the folder stands for them.
                self.miss(folder, None, "", &error);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn fetch_rest(
        &mut self,
        folder: &FolderRow,
        known: UidSet,
        writer: &mut Writer,
    ) -> Result<(), EngineError> {
        let mut session = self.engine.open_imap(&self.account, Purpose::Work).await?;
        let selected = session.select(&folder.seen.wire_name, None).await?;
        let is_same = folder
            .cursor
            .is_none_or(|cursor| cursor.uid_validity == selected.uid_validity);
        let known = if is_same { known } else { UidSet::new() };
        let rest: Vec<u32> = session.uids(None).await?.difference(&known).iter().collect();
        for asked in rest.chunks(ASKED) {
            self.given_up()?;
            let asked: UidSet = asked.iter().copied().collect();
            let mut wanted = UidSet::new();
            for facts in session.fetch_facts(&asked).await? {
                if facts.size <= LARGEST_REMOTE {
                    wanted.insert(facts.uid);
                    continue;
                }
                let large = self.fetch_large(&mut session, facts.uid, facts.size).await;
                match large {
                    Ok(raw) => {
                        let message = FetchedMessage {
                            uid: facts.uid,
                            flags: facts.flags,
                            modseq: None,
                            content_id: None,
                            internal_date: facts.internal_date,
                            size: facts.size,
                            raw,
                        };
                        self.write(entry_of(message, selected.uid_validity), writer)
                            .await?;
                    }
                    Err(error) => self.miss(folder, Some(facts.uid), "", &error),
                }
            }
            let (sender, mut receiver) = tokio::sync::mpsc::channel::<FetchedMessage>(1);
            let fetching = async {
                let fetched = session.fetch_messages(&wanted, &sender).await;
                drop(sender);
                fetched
            };
            let writing = async {
                while let Some(message) = receiver.recv().await {
                    self.write(entry_of(message, selected.uid_validity), writer)
                        .await?;
                }
                Ok::<(), EngineError>(())
            };
            let (fetched, written) = futures::join!(fetching, writing);
            written?;
            fetched?;
        }
        session.logout().await;
        Ok(())
    }

    async fn fetch_large(
        &self,
        session: &mut ImapSession,
        uid: u32,
        size: u64,
    ) -> Result<Vec<u8>, EngineError> {
        crate::download::fetch_pieces(session, uid, size)
            .await?
            .ok_or(EngineError::LeftOnServer { id: uid.into(), size })
    }
}

fn entry_of(message: FetchedMessage, uid_validity: u32) -> Entry {
    Entry {
        digest: *blake3::hash(&message.raw).as_bytes(),
        uid: Some(message.uid),
        uid_validity,
        received_at: message.internal_date,
        flags: message.flags,
        subject: parse_headers(&message.raw).headers.subject,
        raw: message.raw,
    }
}

/// The files, on threads that may wait for a disk.
struct Writer {
    sink: Option<Sink>,
    path: Arc<Path>,
}

impl Writer {
    async fn open(target: PathBuf, place: PathBuf, format: ArchiveFormat) -> Result<Self, EngineError> {
        let path: Arc<Path> = target.join(&place).into();
        let sink = on_disk(&path, move || Sink::open(&target, &place, format)).await?;
        Ok(Self {
            sink: Some(sink),
            path,
        })
    }

    /// True when it was there already.
    async fn write(&mut self, entry: Entry) -> Result<bool, EngineError> {
        let Some(mut sink) = self.sink.take() else {
            return Err(EngineError::Worker);
        };
        let (sink, was_there) = on_disk(&self.path, move || {
            let was_there = sink.has(&entry.digest);
            if !was_there {
                sink.write(&entry)?;
            }
            Ok((sink, was_there))
        })
        .await?;
        self.sink = Some(sink);
        Ok(was_there)
    }

    async fn finish(mut self) -> Result<(), EngineError> {
        match self.sink.take() {
            Some(sink) => on_disk(&self.path, move || sink.finish()).await,
            None => Err(EngineError::Worker),
        }
    }
}

async fn on_disk<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| EngineError::Worker)?
        .map_err(|source| EngineError::unwritable(path, source))
}
