//! One encrypted file, for machines without a keychain.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mailroom_model::Secret;

use crate::edge::Edge;
use crate::sealed::{self, FileKey, Secrets, WorkFactor};
use crate::{SecretKey, Vault, VaultError, VaultKind};

/// How long a call may take: another program may hold the lock, and a slow machine derives the key.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Secrets in one encrypted file. The key is derived once; every call reads the file anew, so that programs that use
/// it at the same time see each other's changes. `PATH.lock` beside it orders their writing.
#[derive(Debug)]
pub struct FileVault {
    inner: Arc<Inner>,
    edge: Edge,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    passphrase: Secret<String>,
    work: WorkFactor,
    key: Mutex<Option<FileKey>>,
}

impl FileVault {
    /// Opens the file at `path`. When there is none, the first secret creates it, readable by its owner only; the folder
    /// must exist. Errors: [`VaultError::PassphraseWrong`] (also for an empty one), [`VaultError::Damaged`],
    /// [`VaultError::Unreadable`].
    pub async fn open(path: &Path, passphrase: Secret<String>) -> Result<Self, VaultError> {
        Self::open_with(path, passphrase, WorkFactor::STANDARD).await
    }

    /// The same, with a chosen work factor for a file that is yet to be created. One that exists keeps its own.
    pub async fn open_with(
        path: &Path,
        passphrase: Secret<String>,
        work: WorkFactor,
    ) -> Result<Self, VaultError> {
        if passphrase.expose().is_empty() {
            return Err(VaultError::PassphraseWrong);
        }
        let vault = Self {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                passphrase,
                work,
                key: Mutex::new(None),
            }),
            edge: Edge::new(TIME_LIMIT),
        };
        vault.health().await?;
        Ok(vault)
    }
}

#[async_trait]
impl Vault for FileVault {
    async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError> {
        let (inner, name) = (Arc::clone(&self.inner), key.entry_name());
        self.edge.run(move || Ok(inner.read()?.remove(&name))).await
    }

    async fn put(&self, key: &SecretKey, secret: &Secret<String>) -> Result<(), VaultError> {
        let (inner, name, secret) = (Arc::clone(&self.inner), key.entry_name(), secret.clone());
        self.edge
            .run(move || {
                let _lock = inner.lock()?;
                let mut secrets = inner.read()?;
                secrets.insert(name, secret);
                inner.write(&secrets)
            })
            .await
    }

    async fn remove(&self, key: &SecretKey) -> Result<(), VaultError> {
        let (inner, name) = (Arc::clone(&self.inner), key.entry_name());
        self.edge
            .run(move || {
                let _lock = inner.lock()?;
                let mut secrets = inner.read()?;
                match secrets.remove(&name) {
                    Some(_) => inner.write(&secrets),
                    None => Ok(()),
                }
            })
            .await
    }

    async fn health(&self) -> Result<(), VaultError> {
        let inner = Arc::clone(&self.inner);
        self.edge.run(move || inner.read().map(|_| ())).await
    }

    fn kind(&self) -> VaultKind {
        VaultKind::File
    }
}

impl Inner {
    /// All secrets; none when there is no file.
    fn read(&self) -> Result<Secrets, VaultError> {
        let file = match std::fs::read(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Secrets::new()),
            Err(error) => return Err(VaultError::unreadable(&self.path)(error)),
        };
        let header = sealed::header(&file)?;
        let key = self.key_for(header.salt, header.work)?;
        key.confirm(&header)?;
        sealed::open(&file, &key)
    }

    /// Writes the file anew: beside the old one, onto the disk, then in its place.
    fn write(&self, secrets: &Secrets) -> Result<(), VaultError> {
        // One salt for the life of the file, so that the key is derived once; a new nonce of 24 random bytes for
        // every writing.
        let known = self.cached();
        let key = match known {
            Some(key) => key,
            None => self.key_for(random()?, self.work)?,
        };
        let file = sealed::seal(secrets, &key, random()?)?;
        let beside = self.beside(".new");
        let failed = VaultError::unwritable;
        let mut new = private(OpenOptions::new().write(true).create(true).truncate(true))
            .open(&beside)
            .map_err(failed(&beside))?;
        new.write_all(&file).map_err(failed(&beside))?;
        new.sync_all().map_err(failed(&beside))?;
        drop(new);
        std::fs::rename(&beside, &self.path).map_err(failed(&self.path))?;
        self.sync_folder()
    }

    /// Makes the renaming last. Windows does so by itself and cannot open folders.
    fn sync_folder(&self) -> Result<(), VaultError> {
        #[cfg(unix)]
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let folder = File::open(folder).map_err(VaultError::unwritable(&self.path))?;
            folder.sync_all().map_err(VaultError::unwritable(&self.path))?;
        }
        Ok(())
    }

    /// Waits until no other program writes; the lock ends with the value.
    fn lock(&self) -> Result<File, VaultError> {
        let path = self.beside(".lock");
        let lock = private(OpenOptions::new().write(true).create(true).truncate(false))
            .open(&path)
            .map_err(VaultError::unwritable(&path))?;
        lock.lock().map_err(VaultError::unwritable(&path))?;
        Ok(lock)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.as_os_str().to_owned();
        path.push(ending);
        PathBuf::from(path)
    }

    fn cached(&self) -> Option<FileKey> {
        self.key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key for a salt: the known one, or derived now.
    fn key_for(&self, salt: [u8; 16], work: WorkFactor) -> Result<FileKey, VaultError> {
        if let Some(key) = self.cached().filter(|key| key.salt == salt && key.work == work) {
            return Ok(key);
        }
        let key = FileKey::derive(&self.passphrase, salt, work)?;
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        Ok(key)
    }
}

/// Readable and writable by the owner only.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// From the system. Salts and nonces are the one kind of randomness that nobody may choose.
fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| VaultError::Failed {
        source: Box::new(source),
    })?;
    Ok(bytes)
}
