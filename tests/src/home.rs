//! Mailroom itself, private to one test: the engine with a home folder, a vault and trust of its own, spoken to through
//! the same contract as the window and the `mailroom` command use.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mailroom_api::{CancellationToken, Context, WireError, dispatch, dto::EventView, subscribe};
use mailroom_connect::{
    DnsError, HttpClient, HttpError, MxRecord, Offered, Purpose, Resolver, ServerProbe, SrvRecord, Web,
    WebAnswer,
};
use mailroom_engine::{Edges, EndLimits, Engine, Network, SystemClock, SystemEntropy};
use mailroom_model::{Clock, Endpoint, ErrorCode};
use mailroom_policy::Policy;
use mailroom_protocol::{Dialer, Roots, Timeouts};
use mailroom_vault::Vault;
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::{MemoryVault, TestNetwork};

/// How long work may take that a test waits for: much longer than a busy machine needs. Without an end a test whose server
/// has failed would wait with it for ever.
const LONGEST: Duration = Duration::from_mins(5);

/// An engine in a temporary folder.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    /// The engine.
    pub engine: Arc<Engine>,
    /// Its secrets.
    pub vault: Arc<MemoryVault>,
    /// The network around it.
    pub network: Arc<TestNetwork>,
    edges: Edges,
}

/// A world in which nobody says anything about any domain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

#[async_trait]
impl Resolver for Nobody {
    async fn mx(&self, _domain: &str) -> Result<Vec<MxRecord>, DnsError> {
        Ok(Vec::new())
    }

    async fn srv(&self, _name: &str) -> Result<Vec<SrvRecord>, DnsError> {
        Ok(Vec::new())
    }

    async fn txt(&self, _name: &str) -> Result<Vec<String>, DnsError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Web for Nobody {
    async fn get(&self, _url: &Url) -> Result<WebAnswer, HttpError> {
        Ok(WebAnswer {
            status: 404,
            ..WebAnswer::default()
        })
    }
}

#[async_trait]
impl ServerProbe for Nobody {
    async fn offered(&self, _purpose: Purpose, _endpoint: &Endpoint) -> Result<Offered, ErrorCode> {
        Err(ErrorCode::ConnectRefused)
    }
}

/// Limits that a test need not wait for: quick to notice, generous for a busy machine.
pub const QUICK: Timeouts = Timeouts {
    connect: Duration::from_secs(6),
    tls: Duration::from_secs(6),
    greeting: Duration::from_secs(6),
    reply: Duration::from_secs(6),
    delivery: Duration::from_secs(6),
};

/// The end of a program whose servers answer: however busy the machine is, it is not cut short.
const UNHURRIED: EndLimits = EndLimits {
    reach: Duration::from_mins(1),
    hand_over: Duration::from_mins(1),
};

impl Home {
    /// A home that trusts the authority with this certificate (DER) and nobody else.
    ///
    /// # Panics
    /// When the machine has no room for it: a test cannot go on then.
    pub fn new(ca: &[u8]) -> Self {
        Self::with(ca, Timeouts::default(), Arc::new(SystemClock))
    }

    /// The same with other time limits and another clock.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[expect(clippy::expect_used, reason = "a test without its home cannot go on")]
    pub fn with(ca: &[u8], timeouts: Timeouts, clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let vault = Arc::new(MemoryVault::default());
        let network = Arc::new(TestNetwork::default());
        let edges = Edges {
            clock,
            entropy: Arc::new(SystemEntropy),
            resolver: Arc::new(Nobody),
            web: Arc::new(Nobody),
            probe: Arc::new(Nobody),
            dialer: Dialer::new(
                Roots {
                    platform: false,
                    extra: vec![ca.to_vec()],
                },
                timeouts,
            )
            .expect("a dialer"),
            http: HttpClient::new(&[ca.to_vec()]).expect("an HTTP client"),
            vault: vault.clone() as Arc<dyn Vault>,
            network: network.clone() as Arc<dyn Network>,
            end: UNHURRIED,
            update_address: None,
        };
        let engine = Engine::with_edges(
            folder.path(),
            edges.clone(),
            Policy {
                version: 1,
                ..Policy::default()
            },
        );
        Self {
            folder,
            engine,
            vault,
            network,
            edges,
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Another program on the same folder and vault.
    pub fn twin(&self) -> Arc<Engine> {
        let policy = Policy {
            version: 1,
            ..Policy::default()
        };
        Engine::with_edges(self.folder.path(), self.edges.clone(), policy)
    }

    /// Closes the engine and opens another on the same folder, as a restart does.
    pub async fn restart(&mut self) {
        self.engine.close().await;
        let policy = Policy {
            version: 1,
            ..Policy::default()
        };
        self.engine = Engine::with_edges(self.folder.path(), self.edges.clone(), policy);
    }

    /// Opens another engine on the same folder, in a world where something is different.
    pub async fn reopen(&mut self, policy: Policy, change: impl FnOnce(&mut Edges)) {
        self.engine.close().await;
        change(&mut self.edges);
        self.engine = Engine::with_edges(self.folder.path(), self.edges.clone(), policy);
    }

    /// Calls a command.
    pub async fn call(&self, name: &str, payload: Value) -> Result<Value, WireError> {
        self.call_until(name, payload, CancellationToken::new()).await
    }

    /// Calls a command that can be cancelled.
    pub async fn call_until(
        &self,
        name: &str,
        payload: Value,
        cancel: CancellationToken,
    ) -> Result<Value, WireError> {
        dispatch(
            &Context {
                engine: self.engine.clone(),
                cancel,
            },
            name,
            payload,
        )
        .await
    }

    /// Calls a command that must work.
    ///
    /// # Panics
    /// When it does not.
    #[expect(clippy::panic, reason = "the test has failed")]
    pub async fn must(&self, name: &str, payload: Value) -> Value {
        match self.call(name, payload).await {
            Ok(reply) => reply,
            Err(error) => panic!("{name}: {error:?}"),
        }
    }

    /// Calls a command that must fail, and gives the code.
    ///
    /// # Panics
    /// When it works.
    #[expect(clippy::panic, reason = "the test has failed")]
    pub async fn fails(&self, name: &str, payload: Value) -> ErrorCode {
        match self.call(name, payload).await {
            Ok(reply) => panic!("{name} worked: {reply}"),
            Err(error) => error.code,
        }
    }

    /// Waits until every change that waits was tried on its server, and hangs up.
    ///
    /// # Panics
    /// When the changes cannot be listed.
    #[expect(clippy::panic, reason = "the test has failed")]
    pub async fn carried(&self) {
        let mut events = subscribe(&self.engine);
        let end = tokio::time::sleep(LONGEST);
        tokio::pin!(end);
        loop {
            let operations = self.must("operation_list", Value::Null).await;
            let Some(operations) = operations.as_array() else {
                panic!("{operations}");
            };
            let is_untried =
                |operation: &Value| operation["state"] == "waiting" && operation["attempts"] == 0;
            if operations.is_empty() {
                self.must("operation_push", Value::Null).await;
                return;
            }
            if !operations.iter().any(is_untried) {
                return;
            }
            tokio::select! {
                _ = events.next() => {}
                () = &mut end => panic!("the changes are not tried"),
            }
        }
    }

    /// Waits for an event that `wanted` accepts while `work` runs; gives what it made of it, and what the work gave.
    ///
    /// # Panics
    /// When the work does not end in [`LONGEST`].
    pub async fn during<T, U: Debug>(
        &self,
        work: impl Future<Output = U>,
        mut wanted: impl FnMut(EventView) -> Option<T>,
    ) -> (U, Vec<T>) {
        let mut events = subscribe(&self.engine);
        let mut seen = Vec::new();
        tokio::pin!(work);
        let end = tokio::time::sleep(LONGEST);
        tokio::pin!(end);
        loop {
            tokio::select! {
                biased;
                event = events.next() => seen.extend(event.and_then(&mut wanted)),
                done = &mut work => return (done, seen),
                () = &mut end => panic!("the work does not end"),
            }
        }
    }
}
