//! A new folder.

use mailroom_model::{EmailAddress, FolderSelection};

use super::at_server::refused;
use super::name::{below, level};
use crate::{Engine, EngineError, UsedFolder};

impl Engine {
    /// Makes a folder on the server, at the top or in `parent` (a path or role), and subscribes to it. `name` is one level, as
    /// people write it. Where only chosen folders are kept, this one is chosen.
    ///
    /// Errors: [`EngineError::FolderName`], [`EngineError::FolderExists`], [`EngineError::FolderProtected`] for a parent that
    /// takes none, [`EngineError::OnlineNeeded`]; the server's refusal.
    pub async fn create_folder(
        &self,
        address: &EmailAddress,
        name: &str,
        parent: Option<&str>,
    ) -> Result<UsedFolder, EngineError> {
        let known = self.store().await?.folders();
        let known = known.list(self.account(address).await?.id).await?;
        let delimiter = known.iter().find_map(|folder| folder.seen.delimiter);
        // What can be said without the server needs no server.
        level(name, delimiter, parent.is_none())?;
        let mut server = self.at_server(address).await?;
        let parent = parent.map(|parent| server.parent(parent)).transpose()?;
        let delimiter = match &parent {
            Some(parent) => parent.seen.delimiter,
            None => server.delimiter(),
        };
        let level = level(name, delimiter, parent.is_none())?;
        let parent = parent.as_ref().map(|parent| &parent.seen);
        let wire_name = below(parent, server.session.personal_prefix(), &level)?;
        server.refuse_known(&wire_name)?;
        let made = server.session.create_folder(&wire_name).await;
        if !made.map_err(refused)? {
            return Err(EngineError::FolderExists {
                path: name.trim().to_owned(),
            });
        }
        server.subscribe(&wire_name, true).await?;
        let path = mailroom_protocol::imap::decode_path(&wire_name, delimiter);
        if let FolderSelection::Chosen(mut paths) = server.account.folders.clone() {
            paths.push(path.clone());
            let (id, period) = (server.account.id, server.account.period);
            let accounts = self.store().await?.accounts();
            accounts
                .set_selection(id, period, &FolderSelection::Chosen(paths))
                .await?;
        }
        let made = server.finish(self).await?;
        let is_it = |used: &UsedFolder| used.folder.seen.wire_name == wire_name;
        made.into_iter()
            .find(is_it)
            .ok_or(EngineError::FolderMissing { path })
    }
}
