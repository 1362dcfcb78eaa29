//! A connection over which folders are changed, with the right to do so.

use mailroom_model::{Coded, EmailAddress, ErrorCode};
use mailroom_protocol::imap::{ImapError, RemoteFolder};
use mailroom_store::{AccountRow, FolderRow};

use crate::budget::Purpose;
use crate::connection::Connection;
use crate::push::refuse_unsigned;
use crate::sync::{Beside, names};
use crate::{Engine, EngineError, UsedFolder};

/// An account's folders, asked for just now, and the connection over which they were.
pub(super) struct AtServer {
    pub(super) account: AccountRow,
    pub(super) session: Connection,
    /// As they are kept here.
    pub(super) folders: Vec<FolderRow>,
    /// As the server listed them.
    listed: Vec<RemoteFolder>,
    /// A look that is under way neither lists nor carries changes meanwhile.
    _beside: Beside,
}

impl Engine {
    /// Asks the server for its folders before one is changed. Errors: [`EngineError::OnlineNeeded`] when it cannot be reached.
    pub(super) async fn at_server(&self, address: &EmailAddress) -> Result<AtServer, EngineError> {
        let account = self.account(address).await?;
        refuse_unsigned(&account)?;
        let beside = self.beside_look(account.id).await?;
        // It may have a folder open that goes.
        self.pushers.of(account.id).hang_up().await;
        let opened = self.open_imap(&account, Purpose::Person).await;
        let mut session = opened.map_err(online_needed)?;
        let account = self.note_traits(&account, session.capabilities()).await?;
        let listed = session.list_folders().await;
        let listed = listed.map_err(|error| online_needed(error.into()))?;
        let folders = self.keep_folders(&account, &mut session, listed.clone()).await?;
        Ok(AtServer {
            account: self.account(address).await?,
            session,
            folders,
            listed,
            _beside: beside,
        })
    }

    /// A folder by its path, else by its role, as known here.
    pub(super) fn folder_named<'f>(
        folders: &'f [FolderRow],
        name: &str,
    ) -> Result<&'f FolderRow, EngineError> {
        let exact = folders.iter().find(|folder| folder.seen.path == name);
        let named = exact.or_else(|| folders.iter().find(|folder| names(folder, name)));
        named.ok_or_else(|| EngineError::FolderMissing {
            path: name.to_owned(),
        })
    }
}

impl AtServer {
    /// See [`Engine::folder_named`].
    pub(super) fn folder(&self, name: &str) -> Result<FolderRow, EngineError> {
        Engine::folder_named(&self.folders, name).cloned()
    }

    /// A folder into which others may be put. Errors: [`EngineError::FolderProtected`] when the server wants none there.
    pub(super) fn parent(&self, name: &str) -> Result<FolderRow, EngineError> {
        let parent = self.folder(name)?;
        let is_bare = |listed: &&RemoteFolder| listed.wire_name == parent.seen.wire_name;
        let listed = self.listed.iter().find(is_bare);
        if listed.is_some_and(|listed| !listed.takes_children) {
            return Err(EngineError::FolderProtected {
                path: parent.seen.path,
                role: None,
            });
        }
        Ok(parent)
    }

    /// What separates levels for a folder at the top.
    pub(super) fn delimiter(&self) -> Option<char> {
        self.folders.iter().find_map(|folder| folder.seen.delimiter)
    }

    /// Errors: [`EngineError::FolderExists`] when the server lists a folder of this name. A node that only holds others can
    /// become one.
    pub(super) fn refuse_known(&self, wire_name: &str) -> Result<(), EngineError> {
        let is_it = |listed: &&RemoteFolder| listed.selectable && listed.wire_name == wire_name;
        match self.listed.iter().find(is_it) {
            Some(known) => Err(EngineError::FolderExists {
                path: known.path.clone(),
            }),
            None => Ok(()),
        }
    }

    /// True when the server lists a folder or node of this name.
    pub(super) fn knows(&self, wire_name: &str) -> bool {
        self.listed.iter().any(|listed| listed.wire_name == wire_name)
    }

    /// Asks for the folders as they are now, keeps them and tells that they have changed.
    pub(super) async fn finish(mut self, engine: &Engine) -> Result<Vec<UsedFolder>, EngineError> {
        let kept = engine.refresh_folders(&self.account, &mut self.session).await;
        engine.tell_changed(&self.account.address);
        let folders = kept?;
        self.session.logout().await;
        let account = engine.account(&self.account.address).await?;
        engine.used(&account, folders).await
    }

    /// A subscription is nothing without which a folder would not be there: only an end of the connection matters.
    pub(super) async fn subscribe(&mut self, wire_name: &str, is_wanted: bool) -> Result<(), EngineError> {
        let asked = if is_wanted {
            self.session.subscribe(wire_name).await
        } else {
            self.session.unsubscribe(wire_name).await
        };
        match asked {
            Err(error) if !error.leaves_session_usable() => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Nothing was asked of the server yet: the person hears that it has to be there.
fn online_needed(error: EngineError) -> EngineError {
    match error.code() {
        ErrorCode::NetworkUnreachable
        | ErrorCode::NameNotFound
        | ErrorCode::ConnectRefused
        | ErrorCode::ConnectTimeout
        | ErrorCode::ConnectionLost
        | ErrorCode::ServerStalled => EngineError::OnlineNeeded {
            source: Box::new(error),
        },
        _ => error,
    }
}

/// A refusal for which there are no better words than the server's own.
pub(super) fn refused(error: ImapError) -> EngineError {
    if error.leaves_session_usable() && error.code() == ErrorCode::OperationRefused {
        return EngineError::FolderRefused { source: error };
    }
    error.into()
}
