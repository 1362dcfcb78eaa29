//! The session's bus.

use tokio::sync::OnceCell;
use zbus::Connection;

static SESSION: OnceCell<Connection> = OnceCell::const_new();

/// The connection to the session's bus, made when it is first needed. An attempt that fails is made again.
pub(crate) async fn session() -> zbus::Result<&'static Connection> {
    SESSION.get_or_try_init(Connection::session).await
}
