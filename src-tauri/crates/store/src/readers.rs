//! Connections that only read: as many as there are at the same moment, up to a limit. A program that reads one thing after
//! the other opens one, and whoever reads next gets the one that was used last, with what it still knows of the file.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteConnection, SqlitePool, SqliteQueryResult, SqliteRow,
    SqliteStatement, SqliteTypeInfo,
};
use sqlx::{
    ConnectOptions as _, Connection as _, Describe, Either, Error, Execute, Executor, SqlStr, Transaction,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::StoreError;
use crate::database::TURN_TIMEOUT;

/// Readers at the same moment, beside the writer.
pub(crate) const READERS: u32 = 4;

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) enum Readers {
    /// Connections of their own.
    Own(Arc<Shelf>),
    /// The writer's: a database in memory has one connection.
    Writers(SqlitePool),
}

/// Connections that nobody uses at the moment.
pub(crate) struct Shelf {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<SqliteConnection>>,
    turns: Arc<Semaphore>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

impl Shelf {
    fn idle(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(self: Arc<Self>) -> Result<Reader, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(TURN_TIMEOUT, turn)
            .await
            .map_err(|_| Error::PoolTimedOut)?
            .map_err(|_| Error::PoolClosed)?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Reader {
            connection,
            shelf: self,
            turn,
        })
    }
}

/// A connection in use. One that is dropped instead of put back is closed: it may be in the middle of something.
pub(crate) struct Reader {
    connection: SqliteConnection,
    shelf: Arc<Shelf>,
    turn: OwnedSemaphorePermit,
}

impl Reader {
    fn put_back(self) {
        self.shelf.idle().push(self.connection);
        // Not before it is there for the next one.
        drop(self.turn);
    }
}

impl Readers {
    /// Opens nothing yet.
    pub(crate) fn new(options: SqliteConnectOptions) -> Self {
        Self::Own(Arc::new(Shelf {
            options,
            idle: Mutex::default(),
            turns: Arc::new(Semaphore::new(READERS as usize)),
        }))
    }

    /// Connections that are open and not in use.
    #[cfg(test)]
    pub(crate) fn idle(&self) -> usize {
        match self {
            Self::Own(shelf) => shelf.idle().len(),
            Self::Writers(pool) => pool.num_idle(),
        }
    }

    /// A view of the database at one moment.
    pub(crate) async fn view(&self) -> Result<View, StoreError> {
        Ok(match self {
            Self::Own(shelf) => {
                let mut reader = Arc::clone(shelf).take().await?;
                sqlx::raw_sql("BEGIN").execute(&mut reader.connection).await?;
                View::Own(reader)
            }
            Self::Writers(pool) => View::Writers(pool.begin().await?),
        })
    }

    /// Waits for what is being read and closes all. Later calls fail.
    pub(crate) async fn close(&self) {
        match self {
            Self::Own(shelf) => {
                let Ok(all) = shelf.turns.acquire_many(READERS).await else {
                    return;
                };
                shelf.turns.close();
                drop(all);
                let idle = std::mem::take(&mut *shelf.idle());
                for connection in idle {
                    // Nothing was written over it.
                    let _ = connection.close().await;
                }
            }
            Self::Writers(pool) => pool.close().await,
        }
    }
}

/// A view of the database at one moment. [`Self::end`] it.
pub(crate) enum View {
    #[doc(hidden)]
    Own(Reader),
    #[doc(hidden)]
    Writers(Transaction<'static, Sqlite>),
}

impl View {
    /// Gives the connection back.
    pub(crate) async fn end(self) -> Result<(), StoreError> {
        match self {
            Self::Own(mut reader) => {
                sqlx::raw_sql("ROLLBACK").execute(&mut reader.connection).await?;
                reader.put_back();
            }
            Self::Writers(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}

impl Deref for View {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Own(reader) => &reader.connection,
            Self::Writers(transaction) => transaction,
        }
    }
}

impl DerefMut for View {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Own(reader) => &mut reader.connection,
            Self::Writers(transaction) => transaction,
        }
    }
}

/// Does something over a connection, and gives the connection back.
macro_rules! over {
    ($readers:ident, $connection:ident => $work:expr) => {
        match $readers {
            Readers::Own(shelf) => {
                let mut reader = shelf.take().await?;
                let $connection = &mut reader.connection;
                let done = $work.await;
                reader.put_back();
                done
            }
            Readers::Writers(pool) => {
                let $connection = &pool;
                $work.await
            }
        }
    };
}

type Step = Either<SqliteQueryResult, SqliteRow>;

/// Each statement takes a connection for as long as it is read: to its end, before the first row is given.
impl<'r> Executor<'r> for &'_ Readers {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, Error>>
    where
        'r: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let readers = self.clone();
        let read = async move {
            let steps: Vec<Step> = over!(readers, connection => connection.fetch_many(query).try_collect())?;
            Ok::<_, Error>(stream::iter(steps.into_iter().map(Ok)))
        };
        stream::once(read).try_flatten().boxed()
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<SqliteRow>, Error>>
    where
        'r: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let readers = self.clone();
        Box::pin(async move { over!(readers, connection => connection.fetch_all(query)) })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<SqliteRow>, Error>>
    where
        'r: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let readers = self.clone();
        Box::pin(async move { over!(readers, connection => connection.fetch_optional(query)) })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, Result<SqliteStatement, Error>>
    where
        'r: 'e,
    {
        let readers = self.clone();
        Box::pin(async move { over!(readers, connection => connection.prepare_with(sql, parameters)) })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Sqlite>, Error>>
    where
        'r: 'e,
    {
        let readers = self.clone();
        Box::pin(async move { over!(readers, connection => connection.describe(sql)) })
    }
}
