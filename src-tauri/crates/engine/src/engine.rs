//! The facade: what is open, and how it is opened.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use mailroom_connect::{
    ClientIdSource, ClientIds, Detector, HickoryResolver, HttpClient, ProviderTable, Registration,
    ResultPages, TokenKeeper,
};
use mailroom_model::{AccountId, Clock as _, Coded as _, EmailAddress, MessageId, Secret, UnixMillis};
use mailroom_policy::Policy;
use mailroom_protocol::{Dialer, Roots, Timeouts};
use mailroom_store::{AccountRow, Store};
use mailroom_vault::{FileVault, KeychainVault, Vault, VaultKind};
use tokio::sync::OnceCell;

use crate::budget::Budget;
use crate::credentials::Grants;
use crate::event::{Event, EventStream, Events};
use crate::home_vault::{HomeVault, name_new_home};
use crate::network::{Failing, Network, SystemNetwork, Weather};
use crate::operations::turn_name;
use crate::outbox::{EndLimits, Outgoing};
use crate::probe::DialerProbe;
use crate::push::Pushers;
use crate::setup::Remembered;
use crate::signin::{Check, PendingSignIns};
use crate::sync::{LeftAlone, LeftOver, Looks, Patience};
use crate::turn::{Turn, Turns};
use crate::undo::UndoLog;
use crate::upkeep::{Keeper, Opened, open_or_restore};
use crate::work::Works;
use crate::{Edges, EngineError, SystemClock, SystemEntropy};

/// The database's name in the home folder.
pub(crate) const DATABASE: &str = "mailroom.db";
/// The encrypted file for machines without a keychain.
const SECRETS: &str = "secrets.age";
/// The name under which the keychain files our secrets.
const KEYCHAIN_SERVICE: &str = "app.mailroom.desktop";
/// Where the newest version is told, set when the program is built.
const UPDATE_ADDRESS: Option<&str> = option_env!("MAILROOM_UPDATE_URL");

/// Where secrets are kept.
#[derive(Clone, Debug)]
pub enum VaultChoice {
    /// In the operating system's keychain.
    Keychain,
    /// In a file in the home folder, encrypted with this passphrase: for machines without a keychain.
    File {
        /// The passphrase.
        passphrase: Secret<String>,
    },
}

/// How the engine is opened by a program.
#[derive(Clone, Debug)]
pub struct EngineSetup {
    /// The folder for everything that is kept; made when it is missing.
    pub home: PathBuf,
    /// Where secrets are kept.
    pub vault: VaultChoice,
    /// A policy file for a machine that has none; the machine's own always wins.
    pub policy: Option<PathBuf>,
    /// A PEM file with certificates to trust beside the system's (`SSL_CERT_FILE`).
    pub certificates: Option<PathBuf>,
}

/// The core of Mailroom. One per home folder and program; share it in an `Arc`.
pub struct Engine {
    /// Itself, for tasks that outlive no engine.
    own: Weak<Self>,
    home: PathBuf,
    began: UnixMillis,
    vault: VaultChoice,
    policy_path: PathBuf,
    certificates: Option<PathBuf>,
    policy: OnceCell<Arc<Policy>>,
    store: Arc<OnceCell<Store>>,
    edges: OnceCell<Edges>,
    table: OnceCell<Arc<ProviderTable>>,
    keeper: OnceCell<TokenKeeper>,
    pages: Mutex<ResultPages>,
    pub(crate) events: Events,
    pub(crate) sign_ins: PendingSignIns,
    pub(crate) pushers: Pushers,
    pub(crate) budget: Budget,
    pub(crate) looks: Looks,
    pub(crate) left_over: LeftOver,
    pub(crate) undo_log: UndoLog,
    pub(crate) works: Works<EmailAddress>,
    /// What is being fetched of messages that were left on their servers.
    pub(crate) downloads: Works<MessageId>,
    /// What a server could not give as a whole.
    pub(crate) left_alone: LeftAlone,
    pub(crate) upkeep: Keeper,
    pub(crate) patience: Patience,
    pub(crate) weather: Weather,
    pub(crate) failing: Failing,
    pub(crate) detected: Remembered,
    pub(crate) outgoing: Outgoing,
    pub(crate) link_check: Mutex<Option<Check>>,
    turns: Arc<Turns>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

/// The database of `home`, opened at the first call.
pub(crate) async fn opened<'s>(
    store: &'s OnceCell<Store>,
    home: &Path,
    turns: &Turns,
) -> Result<&'s Store, EngineError> {
    store
        .get_or_try_init(|| async {
            tokio::fs::create_dir_all(home)
                .await
                .map_err(|source| EngineError::unwritable(home, source))?;
            // Boxed: what a damaged database needs is seldom needed.
            let Opened { store, is_new } = Box::pin(open_or_restore(home)).await?;
            if is_new {
                // Boxed: whatever asks for the database would be larger by it.
                Box::pin(name_new_home(&store, home, turns)).await?;
            }
            store.accounts().finish_removals().await?;
            Ok(store)
        })
        .await
}

impl Engine {
    /// Opens the engine on the operating system's own edges. Nothing is read or written until it is needed, so that
    /// work that needs no database (inspecting a file) needs none.
    pub fn open(setup: EngineSetup) -> Arc<Self> {
        Arc::new_cyclic(|own| Self::unopened(own, setup))
    }

    /// Opens the engine on edges of the caller's, with a policy of the caller's: for tests.
    pub fn with_edges(home: &Path, edges: Edges, policy: Policy) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            policy: OnceCell::new_with(Some(Arc::new(policy))),
            edges: OnceCell::new_with(Some(edges)),
            ..Self::unopened(
                own,
                EngineSetup {
                    home: home.to_owned(),
                    vault: VaultChoice::Keychain,
                    policy: Some(PathBuf::new()),
                    certificates: None,
                },
            )
        })
    }

    fn unopened(own: &Weak<Self>, setup: EngineSetup) -> Self {
        Self {
            own: Weak::clone(own),
            home: setup.home,
            began: SystemClock.now(),
            vault: setup.vault,
            policy_path: mailroom_policy::path_in_force(setup.policy),
            certificates: setup.certificates,
            policy: OnceCell::new(),
            store: Arc::default(),
            edges: OnceCell::new(),
            table: OnceCell::new(),
            keeper: OnceCell::new(),
            pages: Mutex::new(wordless_pages()),
            events: Events::new(),
            sign_ins: PendingSignIns::default(),
            pushers: Pushers::default(),
            budget: Budget::default(),
            looks: Looks::default(),
            left_over: LeftOver::default(),
            undo_log: UndoLog::default(),
            works: Works::default(),
            downloads: Works::default(),
            left_alone: LeftAlone::default(),
            upkeep: Keeper::default(),
            patience: Patience::default(),
            weather: Weather::default(),
            failing: Failing::default(),
            detected: Remembered::default(),
            outgoing: Outgoing::default(),
            link_check: Mutex::default(),
            turns: Arc::default(),
        }
    }

    /// Itself, for a task of its own; `None` when it is just being dropped.
    pub(crate) fn shared(&self) -> Option<Arc<Self>> {
        self.own.upgrade()
    }

    /// Listens to what happens from now on.
    pub fn subscribe(&self) -> EventStream {
        self.events.subscribe()
    }

    /// Ends the engine's own tasks, sends what is held back so that it can be taken back, writes everything out and closes the
    /// database. Takes a few seconds at most; where a server is just taking a message, seven. The engine is of no use afterwards.
    pub async fn close(&self) {
        tokio::join!(self.pushers.close(), self.send_last());
        if let Some(keeper) = self.keeper.get() {
            keeper.finish().await;
        }
        self.upkeep.close().await;
        if let Some(store) = self.store.get() {
            if let Err(error) = self.back_up_if_changed(store).await {
                tracing::warn!(code = %error.code(), "no backup could be written");
            }
            store.close().await;
        }
    }

    /// Sets what the browser shows at the end of a sign-in, in the person's language. Until then it shows signs without
    /// words.
    pub fn set_result_pages(&self, pages: ResultPages) {
        *self.pages.lock().unwrap_or_else(PoisonError::into_inner) = pages;
    }

    pub(crate) fn result_pages(&self) -> ResultPages {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where everything is kept.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// When this program began, by the system's clock.
    pub(crate) fn began(&self) -> UnixMillis {
        self.began
    }

    /// The policy file that is read.
    pub(crate) fn policy_path(&self) -> &Path {
        &self.policy_path
    }

    /// The built-in providers.
    pub(crate) async fn table(&self) -> Result<&Arc<ProviderTable>, EngineError> {
        self.table
            .get_or_try_init(|| async { Ok(ProviderTable::builtin()?) })
            .await
    }

    /// The database, opened at the first call. What an earlier program left in the middle is put in order: removals are
    /// finished, and half-made is finished.
    pub(crate) async fn store(&self) -> Result<&Store, EngineError> {
        let store = opened(&self.store, &self.home, &self.turns).await?;
        self.upkeep.begin(store, Weak::clone(&self.own));
        Ok(store)
    }

    /// True when this program has the database open.
    pub(crate) fn has_open_store(&self) -> bool {
        self.store.initialized()
    }

    /// The policy, read at the first call.
    pub(crate) async fn policy(&self) -> Result<&Arc<Policy>, EngineError> {
        self.policy
            .get_or_try_init(|| async { Ok(Arc::new(mailroom_policy::load(&self.policy_path)?)) })
            .await
    }

    /// The outside world, opened at the first call.
    pub(crate) async fn edges(&self) -> Result<&Edges, EngineError> {
        self.edges
            .get_or_try_init(|| async {
                let vault: Arc<dyn Vault> = match &self.vault {
                    VaultChoice::Keychain => Arc::new(HomeVault::new(
                        self.home.clone(),
                        Arc::clone(&self.store),
                        Arc::clone(&self.turns),
                        Arc::new(KeychainVault::new(KEYCHAIN_SERVICE)),
                        Box::new(|home| Arc::new(KeychainVault::of_home(KEYCHAIN_SERVICE, home))),
                    )),
                    VaultChoice::File { passphrase } => {
                        tokio::fs::create_dir_all(&self.home)
                            .await
                            .map_err(|source| EngineError::unwritable(&self.home, source))?;
                        Arc::new(FileVault::open(&self.home.join(SECRETS), passphrase.clone()).await?)
                    }
                };
                let roots = self.roots()?;
                let extra = roots.extra.clone();
                let dialer = Dialer::new(roots, Timeouts::default())?;
                let http = HttpClient::new(&extra)?;
                Ok(Edges {
                    clock: Arc::new(SystemClock),
                    entropy: Arc::new(SystemEntropy),
                    resolver: Arc::new(HickoryResolver::system()),
                    web: Arc::new(http.clone()),
                    probe: Arc::new(DialerProbe(dialer.clone())),
                    dialer,
                    http,
                    vault,
                    network: Arc::new(SystemNetwork),
                    end: EndLimits::default(),
                    update_address: UPDATE_ADDRESS.map(str::to_owned),
                })
            })
            .await
    }

    /// What is trusted: the system's certificates, and those of the file that was named.
    pub(crate) fn roots(&self) -> Result<Roots, EngineError> {
        let mut roots = Roots {
            platform: true,
            extra: Vec::new(),
        };
        if let Some(path) = &self.certificates {
            let pem = std::fs::read(path).map_err(|source| EngineError::unreadable(path, source))?;
            roots.extra = Roots::read_pem(&pem);
            if roots.extra.is_empty() {
                return Err(EngineError::unreadable(
                    path,
                    std::io::Error::other("there is no certificate in it"),
                ));
            }
        }
        Ok(roots)
    }

    /// Where secrets are kept.
    pub(crate) fn vault_kind(&self) -> VaultKind {
        match (self.edges.get(), &self.vault) {
            (Some(edges), _) => edges.vault.kind(),
            (None, VaultChoice::Keychain) => VaultKind::Keychain,
            (None, VaultChoice::File { .. }) => VaultKind::File,
        }
    }

    /// Where the newest version is told.
    pub(crate) fn update_address(&self) -> Option<&str> {
        match self.edges.get() {
            Some(edges) => edges.update_address.as_deref(),
            None => UPDATE_ADDRESS,
        }
    }

    pub(crate) async fn now(&self) -> Result<UnixMillis, EngineError> {
        Ok(self.edges().await?.clock.now())
    }

    /// What time it is, without opening the rest of the outside world: who only reads would wait for certificates and keys
    /// that it does not need.
    pub(crate) fn moment(&self) -> UnixMillis {
        match self.edges.get() {
            Some(edges) => edges.clock.now(),
            None => SystemClock.now(),
        }
    }

    /// The network, without opening the rest of the outside world.
    pub(crate) fn network(&self) -> &dyn Network {
        match self.edges.get() {
            Some(edges) => edges.network.as_ref(),
            None => &SystemNetwork,
        }
    }

    pub(crate) async fn random<const N: usize>(&self) -> Result<[u8; N], EngineError> {
        let mut bytes = [0; N];
        self.edges().await?.entropy.fill(&mut bytes);
        Ok(bytes)
    }

    /// The client ids that may be used, in order of precedence.
    pub(crate) async fn client_ids(&self) -> Result<ClientIds, EngineError> {
        let mut ids = ClientIds::from_build();
        for (key, registration) in &self.policy().await?.registrations {
            let registration = Registration {
                client_id: registration.client_id.clone(),
                client_secret: None,
                tenant: registration.tenant.clone(),
                secret_ends_at: None,
            };
            ids = ids.with(ClientIdSource::Policy, key, registration);
        }
        Ok(ids)
    }

    pub(crate) async fn detector(&self) -> Result<Detector, EngineError> {
        let table = self.table().await?.clone();
        let edges = self.edges().await?;
        Ok(Detector::new(
            table,
            Arc::clone(&edges.resolver),
            Arc::clone(&edges.web),
            Arc::clone(&edges.probe),
        ))
    }

    pub(crate) async fn account(&self, address: &EmailAddress) -> Result<AccountRow, EngineError> {
        let found = self.store().await?.accounts().by_address(address).await?;
        found.ok_or_else(|| EngineError::AccountMissing {
            address: address.to_string(),
        })
    }

    /// One account or all of them.
    pub(crate) async fn accounts(
        &self,
        address: Option<&EmailAddress>,
    ) -> Result<Vec<AccountRow>, EngineError> {
        match address {
            Some(address) => Ok(vec![self.account(address).await?]),
            None => Ok(self.store().await?.accounts().list().await?),
        }
    }

    /// Waits for the right to be the only one who does what `name` says, in this program and others on the same home.
    pub(crate) async fn take_turn(&self, name: &str) -> Result<Turn, EngineError> {
        self.store().await?;
        self.turns.take(&self.home, name).await
    }

    /// True when nobody works on the account's mailbox at this moment, in this program or another one.
    pub(crate) fn is_at_rest(&self, account: AccountId) -> Result<bool, EngineError> {
        self.turns.is_free(&self.home, &turn_name(account))
    }

    /// True when there is a database already.
    pub(crate) fn has_database(&self) -> bool {
        self.store.initialized() || self.home.join(DATABASE).exists()
    }

    /// Where grants are kept.
    pub(crate) async fn grants(&self) -> Result<Grants, EngineError> {
        Ok(Grants {
            vault: self.edges().await?.vault.clone(),
            store: self.store().await?.clone(),
            client_ids: self.client_ids().await?,
            turns: Arc::clone(&self.turns),
            home: self.home.clone(),
            clock: self.edges().await?.clock.clone(),
        })
    }

    /// Access tokens that are always good.
    pub(crate) async fn keeper(&self) -> Result<&TokenKeeper, EngineError> {
        self.keeper
            .get_or_try_init(|| async {
                let edges = self.edges().await?;
                Ok(TokenKeeper::new(
                    edges.http.clone(),
                    Arc::new(self.grants().await?),
                    edges.clock.clone(),
                ))
            })
            .await
    }

    pub(crate) fn tell(&self, event: Event) {
        self.events.tell(event);
    }

    /// Something about an account has changed.
    pub(crate) fn tell_changed(&self, address: &EmailAddress) {
        self.tell(Event::AccountChanged {
            address: address.to_string(),
        });
    }
}

fn wordless_pages() -> ResultPages {
    ResultPages {
        language: "zxx".to_owned(),
        done_title: "Mailroom ✓".to_owned(),
        done_text: String::new(),
        failed_title: "Mailroom ✗".to_owned(),
        failed_text: String::new(),
    }
}
