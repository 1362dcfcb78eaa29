//! The secrets of one home in the keychain that all homes of a person share.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use mailroom_model::{Clock, Coded, Secret};
use mailroom_store::Store;
use mailroom_vault::{SecretKey, Vault, VaultError, VaultKind, copy_secret};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::edges::Entropy;
use crate::engine::opened;
use crate::registrations::secret_key;
use crate::remove::secret_keys;
use crate::turn::{Turn, Turns};
use crate::{EngineError, SystemClock, SystemEntropy};

/// The name of the setting with a [`HomeName`].
const HOME_NAME: &str = "home_name";

/// What tells this home from others. It is written before anything is copied, so that what was interrupted goes on under
/// the same name.
#[derive(Debug, Serialize, Deserialize)]
struct HomeName {
    id: String,
    /// False while a secret of this home may have no other place than that which all homes shared once.
    has_moved: bool,
}

type OfHome = Box<dyn Fn(&str) -> Arc<dyn Vault> + Send + Sync>;

/// A vault whose entries are this home's alone. A home of before copies what it had when a secret is asked for the first
/// time; the older entries stay, because another home may have nothing else.
pub(crate) struct HomeVault {
    home: PathBuf,
    store: Arc<OnceCell<Store>>,
    turns: Arc<Turns>,
    shared: Arc<dyn Vault>,
    of_home: OfHome,
    own: OnceCell<Own>,
}

/// What belongs to this home.
struct Own {
    vault: Arc<dyn Vault>,
    /// Older secrets that could not be copied yet.
    behind: Mutex<HashSet<SecretKey>>,
}

impl Own {
    fn is_behind(&self, key: &SecretKey) -> bool {
        let behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        behind.contains(key)
    }

    /// From now on only what this home says counts.
    fn is_settled(&self, key: &SecretKey) {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        behind.remove(key);
    }
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

    async fn own(&self) -> Result<&Own, VaultError> {
        let own = self.own.get_or_try_init(|| self.settle()).await;
        own.map_err(|error| match error {
            EngineError::Vault(error) => error,
            error => VaultError::Failed {
                source: Box::new(error),
            },
        })
    }

    /// This home's vault, with its name made and every older secret in it. One that cannot be copied does not keep the
    /// others away.
    async fn settle(&self) -> Result<Own, EngineError> {
        let store = opened(&self.store, &self.home, &self.turns).await?;
        let _turn = naming(&self.home, &self.turns).await?;
        let mut name = name_of(store, false).await?;
        let vault = (self.of_home)(&name.id);
        let mut behind = HashSet::new();
        if !name.has_moved {
            for key in known_keys(store).await? {
                match copy_secret(&key, self.shared.as_ref(), vault.as_ref()).await {
                    Ok(()) => {}
                    // It is so for every one of them.
                    Err(error @ (VaultError::Locked { .. } | VaultError::Missing { .. })) => {
                        return Err(error.into());
                    }
                    Err(error) => {
                        tracing::warn!(code = %error.code(), "an older secret cannot be copied");
                        behind.insert(key);
                    }
                }
            }
            if behind.is_empty() {
                name.has_moved = true;
                store.settings().set(HOME_NAME, &name, SystemClock.now()).await?;
            }
        }
        Ok(Own {
            vault,
            behind: Mutex::new(behind),
        })
    }
}

/// Names a home whose database was made just now: nothing of it lies anywhere.
pub(crate) async fn name_new_home(store: &Store, home: &Path, turns: &Turns) -> Result<(), EngineError> {
    let _turn = naming(home, turns).await?;
    name_of(store, true).await?;
    Ok(())
}

async fn naming(home: &Path, turns: &Turns) -> Result<Turn, EngineError> {
    turns.take(home, "home-name").await
}

/// The home's name, made when it has none.
async fn name_of(store: &Store, is_new: bool) -> Result<HomeName, EngineError> {
    let settings = store.settings();
    if let Some(name) = settings.get(HOME_NAME).await? {
        return Ok(name);
    }
    let name = HomeName {
        id: new_id(),
        has_moved: is_new,
    };
    settings.set(HOME_NAME, &name, SystemClock.now()).await?;
    Ok(name)
}

/// Sixteen digits that no other home has.
fn new_id() -> String {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// Whatever this home may have in the vault. Accounts and registrations that went are not asked about.
async fn known_keys(store: &Store) -> Result<Vec<SecretKey>, EngineError> {
    let mut keys = Vec::new();
    for account in store.accounts().list().await? {
        keys.extend(secret_keys(&account.address));
    }
    // Their names are numbers: that of one without a secret may be another home's.
    let registrations = store.registrations().list().await?;
    let with_secret = registrations.iter().filter(|row| row.has_secret);
    keys.extend(with_secret.map(|row| secret_key(row.id)));
    Ok(keys)
}

#[async_trait]
impl Vault for HomeVault {
    async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError> {
        let own = self.own().await?;
        if own.is_behind(key) {
            copy_secret(key, self.shared.as_ref(), own.vault.as_ref()).await?;
            own.is_settled(key);
        }
        own.vault.get(key).await
    }

    async fn put(&self, key: &SecretKey, secret: &Secret<String>) -> Result<(), VaultError> {
        let own = self.own().await?;
        own.vault.put(key, secret).await?;
        own.is_settled(key);
        Ok(())
    }

    async fn remove(&self, key: &SecretKey) -> Result<(), VaultError> {
        let own = self.own().await?;
        own.vault.remove(key).await?;
        own.is_settled(key);
        Ok(())
    }

    async fn has_older(&self, key: &SecretKey) -> Result<bool, VaultError> {
        Ok(self.shared.get(key).await?.is_some())
    }

    async fn remove_older(&self, key: &SecretKey) -> Result<(), VaultError> {
        self.shared.remove(key).await?;
        self.own().await?.is_settled(key);
        Ok(())
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

    use mailroom_model::{AccountState, FolderSelection, Period, UnixMillis};
    use mailroom_store::{NewAccount, NewRegistration};
    use mailroom_vault::SecretPurpose;

    use super::*;

    /// A keychain: secrets by home and key.
    type Entries = Arc<Mutex<HashMap<(String, SecretKey), Secret<String>>>>;

    #[derive(Debug)]
    struct Drawer {
        home: String,
        entries: Entries,
        /// A secret that nobody may read.
        denied: Arc<Mutex<Option<SecretKey>>>,
    }

    #[async_trait]
    impl Vault for Drawer {
        async fn get(&self, key: &SecretKey) -> Result<Option<Secret<String>>, VaultError> {
            if self.denied.lock().unwrap().as_ref() == Some(key) {
                return Err(VaultError::Denied { source: None });
            }
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
            denied: Arc::default(),
        })
    }

    /// A home with the database of a program that knew no names.
    async fn older_home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&home.path().join("mailroom.db")).await.unwrap();
        store.close().await;
        home
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
        let store = opened(&vault.store, &vault.home, &vault.turns).await.unwrap();
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

    async fn add_registration(vault: &HomeVault, client_id: &str, has_secret: bool) -> SecretKey {
        let store = opened(&vault.store, &vault.home, &vault.turns).await.unwrap();
        let registration = NewRegistration {
            label: String::new(),
            issuer: "google".to_owned(),
            client_id: client_id.to_owned(),
            tenant: None,
            redirect_uri: None,
            has_secret,
            is_kept: true,
            created_at: UnixMillis(0),
            secret_ends_at: None,
        };
        secret_key(store.registrations().insert(&registration).await.unwrap())
    }

    #[tokio::test]
    async fn secrets_of_before_are_copied_once_and_only_those_that_the_home_knows() {
        let entries = Entries::default();
        let shared = drawer(&entries, "");
        for account in ["anna@x.pl", "jan@x.pl"] {
            shared.put(&key(account), &secret("old")).await.unwrap();
        }
        let home = older_home().await;
        let first = vault(&home, &entries);
        add_account(&first, "anna@x.pl").await;
        let public = add_registration(&first, "public", false).await;
        let confidential = add_registration(&first, "confidential", true).await;
        for registration in [&public, &confidential] {
            shared.put(registration, &secret("client")).await.unwrap();
        }
        let expected = [
            (key("anna@x.pl"), Some(secret("old"))),
            (key("jan@x.pl"), None),
            (public, None),
            (confidential, Some(secret("client"))),
        ];
        for (key, expected) in expected {
            assert_eq!(first.get(&key).await.unwrap(), expected, "{key:?}");
            assert!(
                shared.get(&key).await.unwrap().is_some(),
                "another home may need it"
            );
        }
        first.remove(&key("anna@x.pl")).await.unwrap();
        let again = vault(&home, &entries);
        assert_eq!(again.get(&key("anna@x.pl")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn older_secret_is_known_and_goes_only_when_that_is_wanted() {
        let entries = Entries::default();
        drawer(&entries, "")
            .put(&key("anna@x.pl"), &secret("old"))
            .await
            .unwrap();
        let home = older_home().await;
        let vault = vault(&home, &entries);
        add_account(&vault, "anna@x.pl").await;
        assert_eq!(vault.get(&key("anna@x.pl")).await.unwrap(), Some(secret("old")));
        vault.remove(&key("anna@x.pl")).await.unwrap();
        assert!(vault.has_older(&key("anna@x.pl")).await.unwrap());
        assert!(!vault.has_older(&key("jan@x.pl")).await.unwrap());
        vault.remove_older(&key("anna@x.pl")).await.unwrap();
        assert!(!vault.has_older(&key("anna@x.pl")).await.unwrap());
        assert_eq!(entries.lock().unwrap().len(), 0);
    }

    #[tokio::test]
    async fn homes_that_shared_a_secret_have_it_both() {
        let entries = Entries::default();
        let old = secret("old");
        drawer(&entries, "").put(&key("anna@x.pl"), &old).await.unwrap();
        let homes = [older_home().await, older_home().await];
        for home in &homes {
            let vault = vault(home, &entries);
            add_account(&vault, "anna@x.pl").await;
            assert_eq!(vault.get(&key("anna@x.pl")).await.unwrap(), Some(old.clone()));
            vault.remove(&key("anna@x.pl")).await.unwrap();
        }
    }

    #[tokio::test]
    async fn new_home_takes_nothing_over() {
        let entries = Entries::default();
        let shared = drawer(&entries, "");
        let home = tempfile::tempdir().unwrap();
        add_account(&vault(&home, &entries), "anna@x.pl").await;
        shared.put(&key("anna@x.pl"), &secret("another's")).await.unwrap();
        // Also not in the program's next life.
        let again = vault(&home, &entries);
        assert_eq!(again.get(&key("anna@x.pl")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn secret_that_cannot_be_copied_keeps_no_other_away_and_is_tried_again() {
        let entries = Entries::default();
        for account in ["anna@x.pl", "jan@x.pl"] {
            drawer(&entries, "")
                .put(&key(account), &secret("old"))
                .await
                .unwrap();
        }
        let home = older_home().await;
        let denied = Arc::new(Mutex::new(Some(key("anna@x.pl"))));
        let opened = || HomeVault {
            shared: Arc::new(Drawer {
                home: String::new(),
                entries: Arc::clone(&entries),
                denied: Arc::clone(&denied),
            }),
            ..vault(&home, &entries)
        };
        let first = opened();
        for account in ["anna@x.pl", "jan@x.pl"] {
            add_account(&first, account).await;
        }
        for vault in [&first, &opened()] {
            assert_eq!(vault.get(&key("jan@x.pl")).await.unwrap(), Some(secret("old")));
            let error = vault.get(&key("anna@x.pl")).await.unwrap_err();
            assert!(matches!(error, VaultError::Denied { .. }), "{error:?}");
        }
        // Once it is removed, nobody asks for the older one.
        let other = opened();
        other.remove(&key("anna@x.pl")).await.unwrap();
        assert_eq!(other.get(&key("anna@x.pl")).await.unwrap(), None);
        *denied.lock().unwrap() = None;
        assert_eq!(first.get(&key("anna@x.pl")).await.unwrap(), Some(secret("old")));
    }

    #[tokio::test]
    async fn interrupted_copying_goes_on_under_the_same_name() {
        let entries = Entries::default();
        let home = tempfile::tempdir().unwrap();
        let first = vault(&home, &entries);
        add_account(&first, "anna@x.pl").await;
        let store = opened(&first.store, &first.home, &first.turns).await.unwrap();
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
