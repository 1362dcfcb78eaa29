//! Another name, or another parent.

use mailroom_model::{Coded, EmailAddress, ErrorCode};
use mailroom_store::FolderRow;

use super::allowed::refuse_used;
use super::at_server::{AtServer, refused};
use super::name::{below, level, lies_in, split};
use super::renaming::Renaming;
use crate::{Engine, EngineError, UsedFolder};

/// What a folder is to be called, and where it is to lie.
#[derive(Clone, Copy, Debug, Default)]
pub struct FolderRenaming<'a> {
    /// Its name: one level, as people write it. `None`: as it is.
    pub name: Option<&'a str>,
    /// The path or role of the folder in which it shall lie; empty for the top. `None`: where it is.
    pub parent: Option<&'a str>,
}

impl Engine {
    /// Renames a folder on the server, or moves it into another one; the folders in it go with it (RFC 9051 §6.3.6). Here it
    /// stays the same folder: its messages, what waits for them, and that it was chosen.
    ///
    /// Errors: as of [`Self::create_folder`], and [`EngineError::FolderProtected`] for a folder that has a use.
    pub async fn rename_folder(
        &self,
        address: &EmailAddress,
        folder: &str,
        to: FolderRenaming<'_>,
    ) -> Result<UsedFolder, EngineError> {
        let known = self.store().await?.folders();
        let known = known.list(self.account(address).await?.id).await?;
        // What can be said without the server needs no server.
        if let Ok(row) = Self::folder_named(&known, folder) {
            refuse_used(row, &known)?;
            if let Some(name) = to.name {
                level(name, row.seen.delimiter, false)?;
            }
        }
        let mut server = self.at_server(address).await?;
        let row = server.folder(folder)?;
        refuse_used(&row, &server.folders)?;
        let wire_name = goal(&server, &row, to)?;
        if wire_name == row.seen.wire_name {
            return self.ended(server, &wire_name).await;
        }
        server.refuse_known(&wire_name)?;
        self.rename_at(&mut server, &row, &wire_name).await?;
        self.ended(server, &wire_name).await
    }

    /// Has the server rename a folder, and follows here.
    pub(super) async fn rename_at(
        &self,
        server: &mut AtServer,
        row: &FolderRow,
        wire_name: &str,
    ) -> Result<(), EngineError> {
        let renaming = Renaming {
            from: row.seen.wire_name.clone(),
            to: wire_name.to_owned(),
            delimiter: row.seen.delimiter,
        };
        let account = server.account.id;
        self.note_renaming(account, Some(&renaming)).await?;
        match server.session.rename_folder(&renaming.from, &renaming.to).await {
            Ok(()) => {}
            // Nobody knows whether it did: the next list of folders tells.
            Err(error) if !error.leaves_session_usable() => return Err(error.into()),
            Err(error) => {
                self.note_renaming(account, None).await?;
                if error.code() == ErrorCode::FolderExists {
                    let path = mailroom_protocol::imap::decode_path(wire_name, row.seen.delimiter);
                    return Err(EngineError::FolderExists { path });
                }
                return Err(refused(error));
            }
        }
        self.follow_renaming(&server.account, &renaming).await?;
        // Servers keep subscriptions by name (RFC 9051 §6.3.6 leaves it to them).
        let moved: Vec<(String, String)> = server
            .folders
            .iter()
            .filter(|folder| folder.seen.is_subscribed)
            .filter_map(|folder| {
                let old = folder.seen.wire_name.clone();
                let new = renaming.follow(&old)?;
                Some((old, new))
            })
            .collect();
        for (old, new) in moved {
            server.subscribe(&new, true).await?;
            server.subscribe(&old, false).await?;
        }
        Ok(())
    }

    async fn ended(&self, server: AtServer, wire_name: &str) -> Result<UsedFolder, EngineError> {
        let folders = server.finish(self).await?;
        let is_it = |used: &UsedFolder| used.folder.seen.wire_name == wire_name;
        folders
            .into_iter()
            .find(is_it)
            .ok_or_else(|| EngineError::FolderMissing {
                path: wire_name.to_owned(),
            })
    }
}

/// The wire name that a folder shall have.
fn goal(server: &AtServer, row: &FolderRow, to: FolderRenaming<'_>) -> Result<String, EngineError> {
    let delimiter = row.seen.delimiter;
    let (before, last) = split(&row.seen.wire_name, delimiter);
    let prefix = server.session.personal_prefix();
    let parent = match to.parent {
        None | Some("") => None,
        Some(parent) => Some(server.parent(parent)?),
    };
    let is_inside = |parent: &FolderRow| lies_in(&parent.seen.wire_name, &row.seen.wire_name, delimiter);
    if parent.as_ref().is_some_and(is_inside) {
        return Err(EngineError::FolderName {
            name: row.seen.path.clone(),
            reason: "inside",
            delimiter: None,
        });
    }
    let at_top = match to.parent {
        Some(parent) => parent.is_empty(),
        None => before == prefix,
    };
    let level = match to.name {
        Some(name) => level(name, delimiter, at_top)?,
        None => last.to_owned(),
    };
    match to.parent {
        None => Ok(format!("{before}{level}")),
        Some(_) => below(parent.as_ref().map(|parent| &parent.seen), prefix, &level),
    }
}
