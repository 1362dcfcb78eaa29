//! The core while the window is open.

use std::sync::Arc;
use std::time::Duration;

use mailroom_api::{CancellationToken, Context, Engine, EngineSetup, WireError, dispatch};
use serde_json::Value;
use tokio_util::task::TaskTracker;

/// How long the end of the program waits for work to stop.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it waits for the engine: longer than that waits for a server that is just taking a message.
const LAST_PATIENCE: Duration = Duration::from_secs(10);

/// The engine, and the tasks that must end before the program does.
pub(crate) struct Core {
    engine: Arc<Engine>,
    ending: CancellationToken,
    tasks: TaskTracker,
}

impl Core {
    /// Opens the core. Nothing is read or written until something is asked of it.
    pub(crate) fn open(setup: EngineSetup) -> Self {
        Self {
            engine: Engine::open(setup),
            ending: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// The engine, for listening.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Cancelled when the program ends.
    pub(crate) fn ending(&self) -> &CancellationToken {
        &self.ending
    }

    /// A context whose work `cancel` ends.
    pub(crate) fn context(&self, cancel: CancellationToken) -> Context {
        Context {
            engine: Arc::clone(&self.engine),
            cancel,
        }
    }

    /// Runs a task that the end of the program waits for. It must watch [`Self::ending`].
    pub(crate) fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, tauri::async_runtime::handle().inner());
    }

    /// One call.
    pub(crate) async fn call(&self, name: &str, payload: Value) -> Result<Value, WireError> {
        // Boxed: the future holds every command's work and is large.
        Box::pin(dispatch(&self.context(self.ending.child_token()), name, payload)).await
    }

    /// Ends all work and closes the database.
    pub(crate) async fn close(&self) {
        self.ending.cancel();
        self.tasks.close();
        // A server that answers nothing must not keep the program; what was written is safe either way.
        if tokio::time::timeout(PATIENCE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some work did not end in time");
        }
        if tokio::time::timeout(LAST_PATIENCE, self.engine.close())
            .await
            .is_err()
        {
            tracing::warn!("the database did not close in time");
        }
    }
}
