//! Mending the database. Nothing is removed without a copy: damaged files are set aside, damaged bodies put beside them, and a
//! backup is written before rows are changed.

use std::path::{Path, PathBuf};

use mailroom_model::MessageId;
use mailroom_store::{CompressedBody, Derived, IntegrityReport, Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::free_name;
use crate::engine::DATABASE;
use crate::{Engine, EngineError};

/// Messages that are compared at a time.
const PAGE: u32 = 200;

/// What became of one damaged body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MendedBody {
    /// The server's bytes are here again.
    Fetched,
    /// The server has others, or none: the head is left.
    Gone,
}

/// One thing that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mended {
    /// The database could not be read: it was set aside, and a new one made of what could be saved.
    Rebuilt {
        /// Where the damaged one is.
        set_aside: PathBuf,
        /// Rows that were read from it.
        from_file: u64,
        /// Rows that came from the backup.
        from_backup: u64,
    },
    /// Bodies that were fetched again.
    Bodies(u64),
    /// Bodies that the server does not have either; their heads are left.
    LostBodies(u64),
    /// Bodies that could not be fetched now; they stay as they are.
    WaitingBodies(u64),
    /// Rows that belonged to nobody, and counters.
    Rows(u64),
    /// The index of words was made anew, from so many messages.
    Index(u64),
}

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// Everything that was mended; empty when nothing was wrong.
    pub mended: Vec<Mended>,
}

impl Engine {
    /// Mends what is damaged: from the servers, from the backup, from the file itself. A file that cannot be read is replaced
    /// only where nobody has it open.
    pub async fn repair(&self) -> Result<Repair, EngineError> {
        let mut repair = Repair::default();
        if let Some(rebuilt) = self.rebuild_if_unreadable().await? {
            repair.mended.push(rebuilt);
        }
        let store = self.store().await?;
        self.mend_bodies(store, &mut repair).await?;
        let report = store.integrity_check().await?;
        if report.is_sound() {
            self.note_sound(store).await?;
            return Ok(repair);
        }
        if !report.findings.is_empty() {
            return Err(EngineError::StoreUnsound {
                findings: report.findings.join("; "),
            });
        }
        self.back_up().await?;
        // Before the rows: whatever removes a message removes it from the index as well.
        if needs_index(&report) {
            repair.mended.push(Mended::Index(store.renew_index().await?));
        }
        if is_miscounted(&report) {
            repair.mended.push(Mended::Rows(store.mend_rows().await?));
        }
        self.note_sound(store).await?;
        // Whoever asked for a repair waits for all of it.
        self.follow_with_index(&CancellationToken::new()).await?;
        Ok(repair)
    }

    /// Makes the index of words anew when it is damaged. A search says that something may be missing until every message has been
    /// read into it again; cancelled, the next program goes on. True when there was something to do.
    pub(super) async fn mend_index(
        &self,
        store: &Store,
        cancel: &CancellationToken,
    ) -> Result<bool, EngineError> {
        if store.index_is_sound().await? {
            return Ok(false);
        }
        let messages = store.renew_index().await?;
        tracing::warn!(messages, "the index of words was damaged and is made anew");
        self.follow_with_index(cancel).await?;
        Ok(true)
    }

    /// Replaces a database that cannot be opened, or in which SQLite finds pages that contradict each other.
    async fn rebuild_if_unreadable(&self) -> Result<Option<Mended>, EngineError> {
        let path = self.home().join(DATABASE);
        if self.has_open_store() || !tokio::fs::try_exists(&path).await.unwrap_or(true) {
            return Ok(None);
        }
        if is_readable(&path).await? {
            return Ok(None);
        }
        let newest = self.backups().await?.into_iter().next().map(|file| file.path);
        let (salvaged, set_aside) = self.rebuild(true, newest.as_deref()).await?;
        Ok(set_aside.map(|set_aside| Mended::Rebuilt {
            set_aside,
            from_file: salvaged.from_file,
            from_backup: salvaged.from_backup,
        }))
    }

    async fn mend_bodies(&self, store: &Store, repair: &mut Repair) -> Result<(), EngineError> {
        let (mut fetched, mut gone, mut waiting) = (0, 0, 0);
        let mut after = MessageId(0);
        loop {
            let look = store.look_at_bodies(after, PAGE).await?;
            for id in look.damaged {
                match Box::pin(self.mend_body(id)).await {
                    Ok(MendedBody::Fetched) => fetched += 1,
                    Ok(MendedBody::Gone) => gone += 1,
                    Err(_) => waiting += 1,
                }
            }
            match look.last {
                Some(last) => after = last,
                None => break,
            }
        }
        let mended = [
            (fetched, Mended::Bodies(fetched)),
            (gone, Mended::LostBodies(gone)),
            (waiting, Mended::WaitingBodies(waiting)),
        ];
        repair.mended.extend(
            mended
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(_, mended)| mended),
        );
        Ok(())
    }

    /// Fetches the bytes of a message again. The damaged ones are put into a file first.
    pub(super) async fn mend_body(&self, id: MessageId) -> Result<MendedBody, EngineError> {
        let store = self.store().await?;
        let row = self.message_row(id).await?;
        let fetched = match self.fetch_whole(id).await {
            Ok(raw) if *blake3::hash(&raw).as_bytes() == row.digest => Some(raw),
            // Other bytes under the same number, or none: what was here is nowhere else.
            Ok(_) | Err(EngineError::LeftOnServer { .. }) => None,
            Err(error) => return Err(error),
        };
        if let Some(kept) = store.kept_body(id).await? {
            self.put_aside(id, kept).await?;
        }
        if let Some(raw) = fetched {
            let body = tokio::task::spawn_blocking(move || CompressedBody::compress(&raw));
            let body = body.await.map_err(|_| EngineError::Worker)??;
            store.replace_body(id, body).await?;
            return Ok(MendedBody::Fetched);
        }
        store.forget_body(id).await?;
        for place in row.places {
            store.look_again(place.folder_id).await?;
        }
        Ok(MendedBody::Gone)
    }

    async fn put_aside(&self, id: MessageId, bytes: Vec<u8>) -> Result<(), EngineError> {
        let folder = self.home().join("set-aside");
        let path = free_name(&folder, &format!("body-{}", id.0), self.now().await?, ".zst");
        let unwritable = |source| EngineError::unwritable(&path, source);
        tokio::fs::create_dir_all(&folder).await.map_err(unwritable)?;
        tokio::fs::write(&path, bytes).await.map_err(unwritable)
    }
}

fn needs_index(report: &IntegrityReport) -> bool {
    report.search_is_damaged
        || report
            .contradictions
            .iter()
            .any(|found| found.about == Derived::SearchRows)
}

fn is_miscounted(report: &IntegrityReport) -> bool {
    report.dangling_rows > 0
        || report
            .contradictions
            .iter()
            .any(|found| found.about != Derived::SearchRows)
}

/// Opens the database and has SQLite look at it. Errors that say nothing about the file itself are passed on.
async fn is_readable(path: &Path) -> Result<bool, EngineError> {
    let store = match Store::open(path).await {
        Ok(store) => store,
        Err(StoreError::Damaged { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let checked = store.integrity_check().await;
    store.close().await;
    match checked {
        Ok(report) => Ok(report.findings.is_empty()),
        Err(StoreError::Damaged { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
