//! A vault that forgets everything with its test.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use mailroom_model::Secret;
use mailroom_vault::{SecretKey, Vault, VaultError, VaultKind};

/// Secrets in memory.
#[derive(Debug, Default)]
pub struct MemoryVault {
    secrets: Mutex<HashMap<SecretKey, Secret<String>>>,
    keeps_all: AtomicBool,
}

impl MemoryVault {
    /// How many secrets there are.
    pub fn count(&self) -> usize {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// From now on nothing can be removed.
    pub fn keep_all(&self) {
        self.keeps_all.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Vault for MemoryVault {
    async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError> {
        Ok(self
            .secrets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned())
    }

    async fn put(&self, key: &SecretKey, secret: &Secret<String>) -> Result<(), VaultError> {
        self.secrets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.clone(), secret.clone());
        Ok(())
    }

    async fn remove(&self, key: &SecretKey) -> Result<(), VaultError> {
        if self.keeps_all.load(Ordering::SeqCst) {
            return Err(VaultError::Denied { source: None });
        }
        self.secrets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
        Ok(())
    }

    async fn health(&self) -> Result<(), VaultError> {
        Ok(())
    }

    fn kind(&self) -> VaultKind {
        VaultKind::File
    }
}
