//! Access tokens that are always good, with one refresh at a time for each account.

use std::any::Any;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use mailroom_model::{Clock, Coded, ErrorCode, Params, Secret};
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use super::{OAuthError, OAuthProfile, Registration, TokenSet, refresh};
use crate::http::HttpClient;

/// An access token is renewed so long before its end.
const MARGIN_SECONDS: i64 = 60;

/// What a refresh needs.
#[derive(Clone, Debug)]
pub struct TokenGrant {
    /// How the server wants to be spoken to.
    pub profile: OAuthProfile,
    /// The client that the grant was given to.
    pub registration: Registration,
    /// The tokens.
    pub tokens: TokenSet,
}

/// Why the store could not load or save; its own code and parameters go on to the person.
pub type StoreFailure = Arc<dyn Coded + Send + Sync>;

/// Where grants are kept.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// The grant of an account.
    async fn load(&self, key: &str) -> Result<TokenGrant, StoreFailure>;
    /// Replaces its tokens.
    async fn save(&self, key: &str, tokens: &TokenSet) -> Result<(), StoreFailure>;
    /// Waits for the right to be the only one, among all programs on the same store, who renews or replaces the account's
    /// tokens; it is given back by dropping the value. Servers that rotate refresh tokens end the whole grant when an old
    /// one is shown twice.
    async fn turn(&self, key: &str) -> Result<TokenTurn, StoreFailure>;
}

/// The right to renew an account's tokens.
pub type TokenTurn = Box<dyn Any + Send>;

/// Why there is no access token. It is shared by everybody who waited for the same refresh.
#[derive(Clone, Debug)]
pub enum KeeperError {
    /// The refresh failed.
    OAuth(Arc<OAuthError>),
    /// The grant could not be loaded, or the new tokens not saved.
    Store(StoreFailure),
    /// The refresh was cut off by the end of the program.
    Stopped,
}

impl KeeperError {
    /// True when the same call may succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::OAuth(error) if error.is_temporary())
    }
}

impl fmt::Display for KeeperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OAuth(_) => "the access token could not be renewed",
            Self::Store(_) => "the tokens could not be loaded or saved",
            Self::Stopped => "the renewal was cut off",
        })
    }
}

impl Error for KeeperError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::OAuth(error) => Some(&**error),
            Self::Store(failure) => Some(&**failure),
            Self::Stopped => None,
        }
    }
}

impl Coded for KeeperError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::OAuth(error) => error.code(),
            Self::Store(failure) => failure.code(),
            Self::Stopped => ErrorCode::Cancelled,
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::OAuth(error) => error.params(),
            Self::Store(failure) => failure.params(),
            Self::Stopped => Params::new(),
        }
    }
}

type Outcome = Result<Secret<String>, KeeperError>;
type Flight = Shared<BoxFuture<'static, Outcome>>;

/// Hands out access tokens. Callers who ask for the same account at the same time share one look into the store and one
/// refresh. A refresh that has begun goes on when its callers go away, because the server may have replaced the refresh
/// token already. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct TokenKeeper {
    inner: Arc<Inner>,
}

struct Inner {
    http: HttpClient,
    store: Arc<dyn TokenStore>,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    flights: Mutex<HashMap<String, Flight>>,
    unsaved: Mutex<HashMap<String, Unsaved>>,
}

/// Tokens that the store refused, so that a locked keychain costs no grant.
#[derive(Clone)]
struct Unsaved {
    /// What they replace; when the store holds something else by now, somebody has signed in again.
    before: TokenSet,
    tokens: TokenSet,
}

impl TokenKeeper {
    /// A keeper over a store.
    pub fn new(http: HttpClient, store: Arc<dyn TokenStore>, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                http,
                store,
                clock,
                tasks: TaskTracker::new(),
                flights: Mutex::default(),
                unsaved: Mutex::default(),
            }),
        }
    }

    /// An access token that is good for a minute or more, renewed if need be. Without a network the old one is handed out as
    /// long as it lasts.
    ///
    /// # Errors
    /// [`KeeperError`]; the code `sign_in_again` means that only the person can help.
    pub async fn access_token(&self, key: &str) -> Result<Secret<String>, KeeperError> {
        self.join(key, None).await
    }

    /// An access token other than `rejected`, which a mail server refused before its time.
    ///
    /// # Errors
    /// As [`Self::access_token`].
    pub async fn renew(&self, key: &str, rejected: &Secret<String>) -> Result<Secret<String>, KeeperError> {
        let token = self.join(key, Some(rejected.clone())).await?;
        if token != *rejected {
            return Ok(token);
        }
        // That was a look into the store that somebody else had begun.
        self.join(key, Some(rejected.clone())).await
    }

    /// Waits until every refresh that has begun is saved.
    pub async fn finish(&self) {
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        self.inner.tasks.reopen();
    }

    fn join(&self, key: &str, rejected: Option<Secret<String>>) -> Flight {
        let mut flights = lock(&self.inner.flights);
        if let Some(flight) = flights.get(key) {
            return flight.clone();
        }
        let (sender, receiver) = oneshot::channel();
        let flight = receiver
            .map(|ended| ended.unwrap_or(Err(KeeperError::Stopped)))
            .boxed()
            .shared();
        flights.insert(key.to_owned(), flight.clone());
        let landing = Landing {
            inner: Arc::clone(&self.inner),
            key: key.to_owned(),
        };
        self.inner.tasks.spawn(async move {
            let outcome = landing.inner.fly(&landing.key, rejected).await;
            // Whoever asks from now on looks anew.
            drop(landing);
            // Everybody may have gone away.
            let _ = sender.send(outcome);
        });
        flight
    }
}

/// Takes a flight off the board, also when it crashes.
struct Landing {
    inner: Arc<Inner>,
    key: String,
}

impl Drop for Landing {
    fn drop(&mut self) {
        lock(&self.inner.flights).remove(&self.key);
    }
}

impl Inner {
    async fn fly(&self, key: &str, rejected: Option<Secret<String>>) -> Outcome {
        let kept = self.store.load(key).await.map_err(KeeperError::Store)?.tokens;
        let is_good = |tokens: &TokenSet| {
            tokens.is_fresh(self.clock.now(), MARGIN_SECONDS)
                && rejected.as_ref() != Some(&tokens.access_token)
        };
        if is_good(&kept) && !lock(&self.unsaved).contains_key(key) {
            return Ok(kept.access_token);
        }
        let _turn = self.store.turn(key).await.map_err(KeeperError::Store)?;
        // Somebody else may have renewed or replaced them while this one waited.
        let TokenGrant {
            profile,
            registration,
            mut tokens,
        } = self.store.load(key).await.map_err(KeeperError::Store)?;
        let unsaved = lock(&self.unsaved).get(key).cloned();
        if let Some(unsaved) = unsaved {
            if unsaved.before == tokens {
                self.store
                    .save(key, &unsaved.tokens)
                    .await
                    .map_err(KeeperError::Store)?;
                tokens = unsaved.tokens;
            }
            lock(&self.unsaved).remove(key);
        }
        let now = self.clock.now();
        let is_rejected = rejected.as_ref() == Some(&tokens.access_token);
        if tokens.is_fresh(now, MARGIN_SECONDS) && !is_rejected {
            return Ok(tokens.access_token);
        }
        let renewed = match refresh(&self.http, &profile, &registration, &tokens, now).await {
            Ok(renewed) => renewed,
            Err(error) if error.is_temporary() && tokens.is_fresh(now, 0) && !is_rejected => {
                return Ok(tokens.access_token);
            }
            Err(error) => return Err(KeeperError::OAuth(Arc::new(error))),
        };
        if let Err(failure) = self.store.save(key, &renewed).await {
            let unsaved = Unsaved {
                before: tokens,
                tokens: renewed,
            };
            lock(&self.unsaved).insert(key.to_owned(), unsaved);
            return Err(KeeperError::Store(failure));
        }
        Ok(renewed.access_token)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

    use mailroom_model::UnixMillis;
    use serde_json::json;

    use super::super::authorization::tests::registration;
    use super::super::scripted::{Scripted, plain_profile};
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("locked")]
    struct Locked;

    impl Coded for Locked {
        fn code(&self) -> ErrorCode {
            ErrorCode::VaultLocked
        }
    }

    struct MemoryStore {
        profile: OAuthProfile,
        tokens: Mutex<TokenSet>,
        loads: AtomicUsize,
        locked: AtomicBool,
        turn: Arc<tokio::sync::Mutex<()>>,
    }

    #[async_trait]
    impl TokenStore for MemoryStore {
        async fn load(&self, _key: &str) -> Result<TokenGrant, StoreFailure> {
            self.loads.fetch_add(1, Ordering::Relaxed);
            Ok(TokenGrant {
                profile: self.profile.clone(),
                registration: registration(),
                tokens: self.tokens.lock().unwrap().clone(),
            })
        }

        async fn save(&self, _key: &str, tokens: &TokenSet) -> Result<(), StoreFailure> {
            if self.locked.load(Ordering::Relaxed) {
                return Err(Arc::new(Locked));
            }
            *self.tokens.lock().unwrap() = tokens.clone();
            Ok(())
        }

        async fn turn(&self, _key: &str) -> Result<TokenTurn, StoreFailure> {
            Ok(Box::new(Arc::clone(&self.turn).lock_owned().await))
        }
    }

    #[derive(Debug, Default)]
    struct HandClock(AtomicI64);

    impl Clock for HandClock {
        fn now(&self) -> UnixMillis {
            UnixMillis(self.0.load(Ordering::Relaxed))
        }
    }

    struct Setup {
        server: Scripted,
        store: Arc<MemoryStore>,
        clock: Arc<HandClock>,
        keeper: TokenKeeper,
    }

    /// A grant whose access token `old` ends at 100 s.
    async fn setup() -> Setup {
        let server = Scripted::start().await;
        let store = Arc::new(MemoryStore {
            turn: Arc::default(),
            profile: plain_profile(&server.base()),
            tokens: Mutex::new(TokenSet {
                access_token: Secret::new("old".to_owned()),
                refresh_token: Some(Secret::new("r0".to_owned())),
                expires_at: Some(UnixMillis(100_000)),
                scope: None,
                id_claims: None,
                refresh_ends_at: None,
            }),
            loads: AtomicUsize::new(0),
            locked: AtomicBool::new(false),
        });
        let clock = Arc::new(HandClock::default());
        let (dyn_store, dyn_clock): (Arc<dyn TokenStore>, Arc<dyn Clock>) = (store.clone(), clock.clone());
        Setup {
            server,
            store,
            keeper: TokenKeeper::new(HttpClient::new(&[]).unwrap(), dyn_store, dyn_clock),
            clock,
        }
    }

    fn answer(server: &Scripted, number: u32) {
        server.answer_json(
            200,
            &json!({"access_token": format!("new{number}"), "refresh_token": format!("r{number}"),
                "token_type": "Bearer", "expires_in": 3600}),
        );
    }

    fn refresh_tokens(server: &Scripted) -> Vec<String> {
        server
            .seen()
            .iter()
            .flat_map(super::super::scripted::Seen::form)
            .filter(|(name, _)| name == "refresh_token")
            .map(|(_, value)| value)
            .collect()
    }

    #[tokio::test]
    async fn token_is_renewed_a_minute_ahead_and_saved() {
        let setup = setup().await;
        answer(&setup.server, 1);
        setup.clock.0.store(39_999, Ordering::Relaxed);
        assert_eq!(setup.keeper.access_token("a").await.unwrap().expose(), "old");
        assert_eq!(setup.server.seen().len(), 0);
        setup.clock.0.store(40_000, Ordering::Relaxed);
        assert_eq!(setup.keeper.access_token("a").await.unwrap().expose(), "new1");
        assert_eq!(setup.keeper.access_token("a").await.unwrap().expose(), "new1");
        assert_eq!(refresh_tokens(&setup.server), ["r0"]);
        let saved = setup.store.tokens.lock().unwrap().clone();
        assert_eq!(saved.refresh_token.unwrap().expose(), "r1");
        assert_eq!(saved.expires_at, Some(UnixMillis(3_640_000)));
    }

    #[tokio::test]
    async fn hundred_callers_share_one_refresh() {
        let setup = setup().await;
        answer(&setup.server, 1);
        setup.clock.0.store(200_000, Ordering::Relaxed);
        let calls = (0..100).map(|_| setup.keeper.access_token("a"));
        let found = futures::future::join_all(calls).await;
        assert!(
            found
                .iter()
                .all(|token| token.as_ref().unwrap().expose() == "new1")
        );
        assert_eq!(setup.server.seen().len(), 1);
        // One look to see that they are too old, one more under the turn.
        assert_eq!(setup.store.loads.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn hundred_callers_share_one_refusal_and_the_next_call_asks_again() {
        let setup = setup().await;
        setup.server.answer_json(400, &json!({"error": "invalid_grant"}));
        answer(&setup.server, 1);
        setup.clock.0.store(200_000, Ordering::Relaxed);
        let calls = (0..100).map(|_| setup.keeper.access_token("a"));
        for found in futures::future::join_all(calls).await {
            assert_eq!(found.unwrap_err().code(), ErrorCode::SignInAgain);
        }
        assert_eq!(setup.server.seen().len(), 1);
        assert_eq!(setup.keeper.access_token("a").await.unwrap().expose(), "new1");
    }

    #[tokio::test]
    async fn rejected_token_is_renewed_before_its_time_and_only_once() {
        let setup = setup().await;
        answer(&setup.server, 1);
        let old = Secret::new("old".to_owned());
        assert_eq!(setup.keeper.renew("a", &old).await.unwrap().expose(), "new1");
        // A second connection with the old token learns of the new one without a request.
        assert_eq!(setup.keeper.renew("a", &old).await.unwrap().expose(), "new1");
        assert_eq!(setup.server.seen().len(), 1);
    }

    #[tokio::test]
    async fn rejection_that_meets_an_ordinary_look_still_renews() {
        let setup = setup().await;
        answer(&setup.server, 1);
        let old = Secret::new("old".to_owned());
        let (ordinary, renewed) = tokio::join!(setup.keeper.access_token("a"), setup.keeper.renew("a", &old));
        assert_eq!(ordinary.unwrap().expose(), "old");
        assert_eq!(renewed.unwrap().expose(), "new1");
    }

    #[tokio::test]
    async fn caller_that_goes_away_does_not_lose_the_new_refresh_token() {
        let setup = setup().await;
        answer(&setup.server, 1);
        setup.clock.0.store(200_000, Ordering::Relaxed);
        let mut call = Box::pin(setup.keeper.access_token("a"));
        assert!(futures::poll!(&mut call).is_pending());
        drop(call);
        setup.keeper.finish().await;
        let saved = setup.store.tokens.lock().unwrap().clone();
        assert_eq!(saved.refresh_token.unwrap().expose(), "r1");
    }

    #[tokio::test]
    async fn tokens_that_the_store_refused_are_saved_the_next_time() {
        let setup = setup().await;
        answer(&setup.server, 1);
        setup.clock.0.store(200_000, Ordering::Relaxed);
        setup.store.locked.store(true, Ordering::Relaxed);
        for _ in 0..2 {
            let error = setup.keeper.access_token("a").await.unwrap_err();
            assert_eq!(
                (error.code(), error.is_temporary()),
                (ErrorCode::VaultLocked, false)
            );
        }
        setup.store.locked.store(false, Ordering::Relaxed);
        assert_eq!(setup.keeper.access_token("a").await.unwrap().expose(), "new1");
        assert_eq!(refresh_tokens(&setup.server), ["r0"]);
        let saved = setup.store.tokens.lock().unwrap().clone();
        assert_eq!(saved.refresh_token.unwrap().expose(), "r1");
    }

    #[tokio::test]
    async fn sign_in_after_a_refused_save_wins_over_what_was_not_saved() {
        let setup = setup().await;
        answer(&setup.server, 1);
        setup.clock.0.store(200_000, Ordering::Relaxed);
        setup.store.locked.store(true, Ordering::Relaxed);
        setup.keeper.access_token("a").await.unwrap_err();
        setup.store.locked.store(false, Ordering::Relaxed);
        setup.store.tokens.lock().unwrap().access_token = Secret::new("fresh".to_owned());
        setup.store.tokens.lock().unwrap().expires_at = None;
        assert_eq!(setup.keeper.access_token("a").await.unwrap().expose(), "fresh");
        assert_eq!(setup.keeper.access_token("a").await.unwrap().expose(), "fresh");
    }

    #[tokio::test]
    async fn old_token_is_handed_out_while_it_lasts_when_the_server_is_away() {
        let setup = setup().await;
        for _ in 0..2 {
            setup.server.answer_json(503, &json!({}));
        }
        setup.clock.0.store(99_000, Ordering::Relaxed);
        assert_eq!(setup.keeper.access_token("a").await.unwrap().expose(), "old");
        setup.clock.0.store(100_000, Ordering::Relaxed);
        let error = setup.keeper.access_token("a").await.unwrap_err();
        assert!(error.is_temporary());
        assert_eq!(
            error.params().get("status").map(ToString::to_string).as_deref(),
            Some("503")
        );
    }
}
