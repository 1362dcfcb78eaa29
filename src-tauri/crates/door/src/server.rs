//! The listener, and what it hands to whom.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use mailroom_api::{CancellationToken, Engine};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::answer;
use crate::call;
use crate::guard;
use crate::keys::Keys;
use crate::page;

/// How long the end waits for calls and connections: for somebody who sends half a request, it would wait for ever.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a door does not open, or closed by itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DoorError {
    /// The port is taken, or may not be used.
    #[error("127.0.0.1:{port} cannot be listened on")]
    Port {
        /// The port; 0 for any.
        port: u16,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The system took the listener away.
    #[error("the door closed by itself")]
    Closed(#[source] io::Error),
}

/// What every request is answered with.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Arc<Engine>,
    pub(crate) keys: Keys,
    pub(crate) page: Option<PathBuf>,
    /// The program ends: who listens to events is let go, and calls give up as each may.
    pub(crate) ending: CancellationToken,
    pub(crate) tasks: TaskTracker,
    address: SocketAddr,
}

/// A door that listens and does not answer yet.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    address: SocketAddr,
    keys: Keys,
}

impl Door {
    /// Listens on 127.0.0.1, on `port`, or on one that the system picks for 0.
    ///
    /// # Errors
    /// [`DoorError::Port`].
    pub async fn open(port: u16, keys: Keys) -> Result<Self, DoorError> {
        let failed = |source| DoorError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            address,
            keys,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The link that lets one browser in, once. The token stands in the fragment, which browsers send to nobody.
    pub fn link(&self) -> String {
        format!("http://{}/#token={}", self.address, self.keys.token())
    }

    /// Answers until `ending`, then waits a few seconds for what still runs. A call that runs longer is not cut off: it may be
    /// handing over a message, and [`Engine::close`], which comes next, waits for that. `page` is the folder of the built page.
    ///
    /// # Errors
    /// [`DoorError::Closed`].
    pub async fn serve(
        self,
        engine: Arc<Engine>,
        page: Option<&Path>,
        ending: CancellationToken,
    ) -> Result<(), DoorError> {
        let shared = Arc::new(Shared {
            engine,
            keys: self.keys,
            page: page.map(Path::to_owned),
            ending: ending.clone(),
            tasks: TaskTracker::new(),
            address: self.address,
        });
        let tasks = shared.tasks.clone();
        tasks.close();
        let serving = axum::serve(self.listener, router(shared))
            .with_graceful_shutdown(ending.clone().cancelled_owned());
        let ended = async {
            let served = serving.await;
            ending.cancel();
            tasks.wait().await;
            served
        };
        let too_late = async {
            ending.cancelled().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            served = ended => served.map_err(DoorError::Closed),
            () = too_late => {
                tracing::warn!("a call or a connection did not end in time");
                Ok(())
            }
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/session", post(call::session))
        .route("/call/{name}", post(call::call))
        .route("/events", get(call::events))
        .fallback(show_page)
        .layer(from_fn_with_state(Arc::clone(&shared), at_the_door))
        .with_state(shared)
}

/// Everything passes here first and last.
async fn at_the_door(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let checked = guard::check(request.method(), request.uri(), request.headers(), shared.address);
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            tracing::debug!(reason = refusal.as_str(), "a request was turned away");
            answer::refused(refusal)
        }
    };
    answer::guard_headers(response.headers_mut());
    response
}

async fn show_page(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return answer::typed(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "");
    }
    page::show(shared.page.as_deref(), request.uri().path()).await
}
