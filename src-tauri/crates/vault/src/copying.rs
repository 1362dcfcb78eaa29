//! A secret that gets a second place.

use crate::{SecretKey, Vault, VaultError};

/// Copies a secret, and reads the copy back. What `to` has already stays as it is: it was copied before, or it is newer.
/// Nothing happens where there is no secret, or none that anybody can read. Errors: those of either vault;
/// [`VaultError::Damaged`] when the copy is another one.
pub async fn copy_secret(key: &SecretKey, from: &dyn Vault, to: &dyn Vault) -> Result<(), VaultError> {
    if readable(to, key).await?.is_some() {
        return Ok(());
    }
    let Some(secret) = readable(from, key).await? else {
        return Ok(());
    };
    to.put(key, &secret).await?;
    if to.get(key).await?.as_ref() != Some(&secret) {
        return Err(VaultError::Damaged { what: "copy" });
    }
    Ok(())
}

async fn readable(
    vault: &dyn Vault,
    key: &SecretKey,
) -> Result<Option<mailroom_model::Secret<String>>, VaultError> {
    match vault.get(key).await {
        Err(VaultError::Damaged { .. }) => Ok(None),
        read => read,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use mailroom_model::Secret;

    use super::*;
    use crate::{SecretPurpose, VaultKind};

    /// Two of them share the number of calls that work before every further one fails.
    #[derive(Debug)]
    struct Failing {
        calls_left: Arc<AtomicUsize>,
        secrets: Mutex<HashMap<SecretKey, Secret<String>>>,
    }

    impl Failing {
        fn new(calls_left: &Arc<AtomicUsize>) -> Self {
            Self {
                calls_left: Arc::clone(calls_left),
                secrets: Mutex::default(),
            }
        }

        fn begin(&self) -> Result<(), VaultError> {
            self.calls_left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                .map(|_| ())
                .map_err(|_| VaultError::TimedOut)
        }

        fn has(&self, key: &SecretKey) -> Option<String> {
            let secrets = self.secrets.lock().unwrap();
            secrets.get(key).map(|secret| secret.expose().clone())
        }
    }

    #[async_trait::async_trait]
    impl Vault for Failing {
        async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError> {
            self.begin()?;
            Ok(self.secrets.lock().unwrap().get(key).cloned())
        }

        async fn put(&self, key: &SecretKey, secret: &Secret<String>) -> Result<(), VaultError> {
            self.begin()?;
            self.secrets.lock().unwrap().insert(key.clone(), secret.clone());
            Ok(())
        }

        async fn remove(&self, key: &SecretKey) -> Result<(), VaultError> {
            self.begin()?;
            self.secrets.lock().unwrap().remove(key);
            Ok(())
        }

        async fn health(&self) -> Result<(), VaultError> {
            Ok(())
        }

        fn kind(&self) -> VaultKind {
            VaultKind::Keychain
        }
    }

    #[tokio::test]
    async fn interrupted_copy_is_finished_by_the_same_call() {
        let key = SecretKey::new("anna@x.pl", SecretPurpose::Password);
        let word = Secret::new("word".to_owned());
        let mut interrupted = 0;
        loop {
            let calls = Arc::new(AtomicUsize::new(usize::MAX));
            let (from, to) = (Failing::new(&calls), Failing::new(&calls));
            from.put(&key, &word).await.unwrap();
            calls.store(interrupted, Ordering::Relaxed);
            let copied = copy_secret(&key, &from, &to).await;
            assert_eq!(from.has(&key).as_deref(), Some("word"), "after {interrupted}");
            calls.store(usize::MAX, Ordering::Relaxed);
            copy_secret(&key, &from, &to).await.unwrap();
            assert_eq!(from.has(&key).as_deref(), Some("word"));
            assert_eq!(to.has(&key).as_deref(), Some("word"));
            if copied.is_ok() {
                break;
            }
            interrupted += 1;
        }
        assert_eq!(interrupted, 4, "look, read, write, read again");
    }

    #[tokio::test]
    async fn newer_secret_is_not_overwritten() {
        let key = SecretKey::new("anna@x.pl", SecretPurpose::Password);
        let calls = Arc::new(AtomicUsize::new(usize::MAX));
        let (from, to) = (Failing::new(&calls), Failing::new(&calls));
        from.put(&key, &Secret::new("old".to_owned())).await.unwrap();
        to.put(&key, &Secret::new("new".to_owned())).await.unwrap();
        copy_secret(&key, &from, &to).await.unwrap();
        assert_eq!(from.has(&key).as_deref(), Some("old"));
        assert_eq!(to.has(&key).as_deref(), Some("new"));
    }
}
