//! The secrets of one home in the keychain that all homes of a person share.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use mailroom_model::{Clock, EmailAddress, Secret};
use mailroom_store::Store;
use mailroom_vault::{SecretKey, Vault, VaultError, VaultKind, move_secret};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::edges::Entropy;
use crate::engine::opened;
use crate::registrations::secret_key;
use crate::remove::{LEFT_SECRETS, secret_keys};
use crate::turn::Turns;
use crate::{EngineError, SystemClock, SystemEntropy};

/// The name of the setting with a [`HomeName`].
const HOME_NAME: &str = "home_name";

/// What tells this home from others. It is written before anything is moved, so that an interrupted move goes on under
/// the same name.
#[derive(Debug, Serialize, Deserialize)]
struct HomeName {
    id: String,
    /// False while secrets may still lie under the names that all homes shared once.
    has_moved: bool,
}

type OfHome = Box<dyn Fn(&str) -> Arc<dyn Vault> + Send + Sync>;

/// A vault whose entries are this home's alone. Its name is made, and older entries are moved, when a secret is asked for
/// the first time.
pub(crate) struct HomeVault {
    home: PathBuf,
    store: Arc<OnceCell<Store>>,
    turns: Arc<Turns>,
    shared: Arc<dyn Vault>,
    of_home: OfHome,
    own: OnceCell<Arc<dyn Vault>>,
}

impl std::fmt::Debug for HomeVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HomeVault")
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

impl HomeVault {
    /// `shared`: the entries without a home's name; `of_home`: those of a home.
    pub(crate) fn new(
        home: PathBuf,
        store: Arc<OnceCell<Store>>,
        turns: Arc<Turns>,
        shared: Arc<dyn Vault>,
        of_home: OfHome,
    ) -> Self {
        Self {
            home,
            store,
            turns,
            shared,
            of_home,
            own: OnceCell::new(),
        }
    }

    async fn own(&self) -> Result<&Arc<dyn Vault>, VaultError> {
        let own = self.own.get_or_try_init(|| self.settle()).await;
        own.map_err(|error| match error {
            EngineError::Vault(error) => error,
            error => VaultError::Failed {
                source: Box::new(error),
            },
        })
    }

    /// This home's vault, with its name made and every older secret in it.
    async fn settle(&self) -> Result<Arc<dyn Vault>, EngineError> {
        let store = opened(&self.store, &self.home).await?;
        let _turn = self.turns.take(&self.home, "home-name").await?;
        let settings = store.settings();
        let known: Option<HomeName> = settings.get(HOME_NAME).await?;
        let mut name = if let Some(name) = known {
            name
        } else {
            let name = HomeName {
                id: new_id(),
                has_moved: false,
            };
            settings.set(HOME_NAME, &name, SystemClock.now()).await?;
            name
        };
        let own = (self.of_home)(&name.id);
        if !name.has_moved {
            for key in known_keys(store).await? {
                move_secret(&key, self.shared.as_ref(), own.as_ref()).await?;
            }
            name.has_moved = true;
            settings.set(HOME_NAME, &name, SystemClock.now()).await?;
        }
        Ok(own)
    }
}

/// Sixteen digits that no other home has.
fn new_id() -> String {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// Whatever this home may have put into the vault.
async fn known_keys(store: &Store) -> Result<Vec<SecretKey>, EngineError> {
    let mut keys = Vec::new();
    for account in store.accounts().list().await? {
        keys.extend(secret_keys(&account.address));
    }
    let left: Option<Vec<EmailAddress>> = store.settings().get(LEFT_SECRETS).await?;
    keys.extend(left.iter().flatten().flat_map(secret_keys));
    for registration in store.registrations().list().await? {
        keys.push(secret_key(registration.id));
    }
    Ok(keys)
}

#[async_trait]
impl Vault for HomeVault {
    async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError> {
        self.own().await?.get(key).await
    }

    async fn put(&self, key: &SecretKey, secret: &Secret<String>) -> Result<(), VaultError> {
        self.own().await?.put(key, secret).await
    }

    async fn remove(&self, key: &SecretKey) -> Result<(), VaultError> {
        self.own().await?.remove(key).await
    }

    async fn health(&self) -> Result<(), VaultError> {
        self.shared.health().await
    }

    fn kind(&self) -> VaultKind {
        self.shared.kind()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use mailroom_model::{AccountState, FolderSelection, Period, UnixMillis};
    use mailroom_store::NewAccount;
    use mailroom_vault::SecretPurpose;

    use super::*;

    /// A keychain: secrets by home and key.
    type Entries = Arc<Mutex<HashMap<(String, SecretKey), Secret<String>>>>;

    #[derive(Debug)]
    struct Drawer {
        home: String,
        entries: Entries,
    }

    #[async_trait]
    impl Vault for Drawer {
        async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError> {
            let entries = self.entries.lock().unwrap();
            Ok(entries.get(&(self.home.clone(), key.clone())).cloned())
        }

        async fn put(&self, key: &SecretKey, secret: &Secret<String>) -> Result<(), VaultError> {
            let mut entries = self.entries.lock().unwrap();
            entries.insert((self.home.clone(), key.clone()), secret.clone());
            Ok(())
        }

        async fn remove(&self, key: &SecretKey) -> Result<(), VaultError> {
            let mut entries = self.entries.lock().unwrap();
            entries.remove(&(self.home.clone(), key.clone()));
            Ok(())
        }

        async fn health(&self) -> Result<(), VaultError> {
            Ok(())
        }

        fn kind(&self) -> VaultKind {
            VaultKind::Keychain
        }
    }

    fn drawer(entries: &Entries, home: &str) -> Arc<dyn Vault> {
        Arc::new(Drawer {
            home: home.to_owned(),
            entries: Arc::clone(entries),
        })
    }

    /// A program on `home`.
    fn vault(home: &tempfile::TempDir, entries: &Entries) -> HomeVault {
        let own = Arc::clone(entries);
        HomeVault::new(
            home.path().to_owned(),
            Arc::default(),
            Arc::default(),
            drawer(entries, ""),
            Box::new(move |home| drawer(&own, home)),
        )
    }

    fn key(account: &str) -> SecretKey {
        SecretKey::new(account, SecretPurpose::Password)
    }

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    async fn add_account(vault: &HomeVault, address: &str) {
        let store = opened(&vault.store, &vault.home).await.unwrap();
        let account = NewAccount {
            address: address.parse().unwrap(),
            display_name: String::new(),
            provider: None,
            state: AccountState::Unproved,
            working: None,
            period: Period::All,
            folders: FolderSelection::All,
            registration_id: None,
            issuer: None,
            tenant: None,
            options: serde_json::json!({}),
            created_at: UnixMillis(0),
        };
        store.accounts().insert(&account).await.unwrap();
    }

    #[tokio::test]
    async fn homes_with_the_same_address_keep_their_own_secrets() {
        let entries = Entries::default();
        let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = homes.each_ref().map(|home| vault(home, &entries));
        one.put(&key("anna@x.pl"), &secret("one")).await.unwrap();
        other.put(&key("anna@x.pl"), &secret("other")).await.unwrap();
        one.remove(&key("anna@x.pl")).await.unwrap();
        assert_eq!(one.get(&key("anna@x.pl")).await.unwrap(), None);
        let again = vault(&homes[1], &entries);
        assert_eq!(again.get(&key("anna@x.pl")).await.unwrap(), Some(secret("other")));
    }

    #[tokio::test]
    async fn secrets_of_before_are_moved_once_and_only_those_of_known_accounts() {
        let entries = Entries::default();
        let shared = drawer(&entries, "");
        for account in ["anna@x.pl", "jan@x.pl"] {
            shared.put(&key(account), &secret("old")).await.unwrap();
        }
        let home = tempfile::tempdir().unwrap();
        let first = vault(&home, &entries);
        add_account(&first, "anna@x.pl").await;
        assert_eq!(first.get(&key("anna@x.pl")).await.unwrap(), Some(secret("old")));
        assert_eq!(shared.get(&key("anna@x.pl")).await.unwrap(), None);
        assert_eq!(shared.get(&key("jan@x.pl")).await.unwrap(), Some(secret("old")));
        // What is put there later is another home's.
        shared.put(&key("anna@x.pl"), &secret("another's")).await.unwrap();
        first.remove(&key("anna@x.pl")).await.unwrap();
        let again = vault(&home, &entries);
        assert_eq!(again.get(&key("anna@x.pl")).await.unwrap(), None);
        assert_eq!(entries.lock().unwrap().len(), 2, "those that were never ours");
    }

    #[tokio::test]
    async fn interrupted_move_goes_on_under_the_same_name() {
        let entries = Entries::default();
        let home = tempfile::tempdir().unwrap();
        let first = vault(&home, &entries);
        add_account(&first, "anna@x.pl").await;
        let store = opened(&first.store, &first.home).await.unwrap();
        let name = HomeName {
            id: "half".to_owned(),
            has_moved: false,
        };
        store
            .settings()
            .set(HOME_NAME, &name, UnixMillis(0))
            .await
            .unwrap();
        drawer(&entries, "")
            .put(&key("anna@x.pl"), &secret("old"))
            .await
            .unwrap();
        assert_eq!(first.get(&key("anna@x.pl")).await.unwrap(), Some(secret("old")));
        let own = drawer(&entries, "half").get(&key("anna@x.pl")).await.unwrap();
        assert_eq!(own, Some(secret("old")));
    }
}
