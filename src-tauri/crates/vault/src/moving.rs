//! A secret that gets another place.

use crate::{SecretKey, Vault, VaultError};

/// Moves a secret: it is copied, the copy is read, and only then it is forgotten where it was. Interrupted at any point, it
/// is in one of the two, and the same call finishes it. What `to` has already stays as it is: an interrupted move left it
/// there, or it is newer. Nothing happens where there is no secret, or none that anybody can read.
pub async fn move_secret(key: &SecretKey, from: &dyn Vault, to: &dyn Vault) -> Result<(), VaultError> {
    let Some(secret) = readable(from, key).await? else {
        return Ok(());
    };
    if readable(to, key).await?.is_none() {
        to.put(key, &secret).await?;
        if to.get(key).await?.as_ref() != Some(&secret) {
            return Err(VaultError::Damaged { what: "copy" });
        }
    }
    from.remove(key).await
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
    async fn secret_is_somewhere_whenever_a_move_is_interrupted() {
        let key = SecretKey::new("anna@x.pl", SecretPurpose::Password);
        let word = Secret::new("word".to_owned());
        let mut interrupted = 0;
        loop {
            let calls = Arc::new(AtomicUsize::new(usize::MAX));
            let (from, to) = (Failing::new(&calls), Failing::new(&calls));
            from.put(&key, &word).await.unwrap();
            calls.store(interrupted, Ordering::Relaxed);
            let moved = move_secret(&key, &from, &to).await;
            assert!(
                from.has(&key).is_some() || to.has(&key).is_some(),
                "after {interrupted}"
            );
            calls.store(usize::MAX, Ordering::Relaxed);
            move_secret(&key, &from, &to).await.unwrap();
            assert_eq!((from.has(&key), to.has(&key)), (None, Some("word".to_owned())));
            if moved.is_ok() {
                break;
            }
            interrupted += 1;
        }
        assert_eq!(interrupted, 5, "read, look, write, read again, forget");
    }

    #[tokio::test]
    async fn newer_secret_is_not_overwritten() {
        let key = SecretKey::new("anna@x.pl", SecretPurpose::Password);
        let calls = Arc::new(AtomicUsize::new(usize::MAX));
        let (from, to) = (Failing::new(&calls), Failing::new(&calls));
        from.put(&key, &Secret::new("old".to_owned())).await.unwrap();
        to.put(&key, &Secret::new("new".to_owned())).await.unwrap();
        move_secret(&key, &from, &to).await.unwrap();
        assert_eq!((from.has(&key), to.has(&key)), (None, Some("new".to_owned())));
        move_secret(&key, &from, &to).await.unwrap();
        assert_eq!(to.has(&key), Some("new".to_owned()), "nothing to move");
    }
}
