//! A folder on its way to another name. Nobody knows how a renaming ended whose answer was lost, so it is written down before
//! it goes out: the next list of folders tells, and then what is here follows.

use mailroom_model::{AccountId, FolderSelection};
use mailroom_protocol::imap::{RemoteFolder, decode_path};
use mailroom_store::{AccountRow, RenamedFolder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::name::lies_in;
use crate::{Engine, EngineError};

/// The renaming that is under way, among an account's options.
const RENAMING: &str = "renaming";

/// See the module. Wire names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Renaming {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) delimiter: Option<char>,
}

impl Renaming {
    fn of(account: &AccountRow) -> Option<Self> {
        serde_json::from_value(account.options.get(RENAMING)?.clone()).ok()
    }

    /// The new name of the folder or of one below it.
    pub(super) fn follow(&self, wire_name: &str) -> Option<String> {
        lies_in(wire_name, &self.from, self.delimiter).then(|| wire_name.replacen(&self.from, &self.to, 1))
    }

    /// The same for paths as people chose them.
    fn follow_path(&self, path: &str) -> Option<String> {
        let from = decode_path(&self.from, self.delimiter);
        let to = decode_path(&self.to, self.delimiter);
        lies_in(path, &from, self.delimiter).then(|| path.replacen(&from, &to, 1))
    }
}

impl Engine {
    /// Notes what is about to be renamed, or that nothing is any more.
    pub(super) async fn note_renaming(
        &self,
        account: AccountId,
        renaming: Option<&Renaming>,
    ) -> Result<(), EngineError> {
        self.change_options(account, |options| {
            match (options.as_object_mut(), renaming) {
                (Some(options), None) => drop(options.remove(RENAMING)),
                (Some(options), Some(renaming)) => drop(options.insert(RENAMING.to_owned(), json!(renaming))),
                (None, Some(renaming)) => *options = json!({ RENAMING: renaming }),
                (None, None) => {}
            }
            Ok(())
        })
        .await
    }

    /// The server has renamed it: the rows here get their new names, with everything that belongs to them, and so do chosen
    /// folders.
    pub(super) async fn follow_renaming(
        &self,
        account: &AccountRow,
        renaming: &Renaming,
    ) -> Result<(), EngineError> {
        let store = self.store().await?;
        let renamed: Vec<RenamedFolder> = store
            .folders()
            .list(account.id)
            .await?
            .into_iter()
            .filter_map(|folder| {
                let wire_name = renaming.follow(&folder.seen.wire_name)?;
                let path = decode_path(&wire_name, renaming.delimiter);
                Some(RenamedFolder {
                    id: folder.id,
                    wire_name,
                    path,
                })
            })
            .collect();
        store.folders().rename(account.id, &renamed).await?;
        if let FolderSelection::Chosen(paths) = &account.folders {
            let followed = paths
                .iter()
                .map(|path| renaming.follow_path(path).unwrap_or_else(|| path.clone()))
                .collect();
            store
                .accounts()
                .set_selection(account.id, account.period, &FolderSelection::Chosen(followed))
                .await?;
        }
        self.note_renaming(account.id, None).await
    }

    /// How a renaming ended whose answer was lost, as the list of folders shows.
    pub(crate) async fn settle_renaming(
        &self,
        account: AccountId,
        listed: &[RemoteFolder],
    ) -> Result<(), EngineError> {
        let Some(account) = self.store().await?.accounts().get(account).await? else {
            return Ok(());
        };
        let Some(renaming) = Renaming::of(&account) else {
            return Ok(());
        };
        let is_listed = |name: &str| listed.iter().any(|folder| folder.wire_name == name);
        if is_listed(&renaming.to) && !is_listed(&renaming.from) {
            self.follow_renaming(&account, &renaming).await
        } else {
            self.note_renaming(account.id, None).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_below_follow_and_others_do_not() {
        let renaming = Renaming {
            from: "A&AUI-".to_owned(),
            to: "X/A&AUI-".to_owned(),
            delimiter: Some('/'),
        };
        let cases = [
            ("A&AUI-", Some("X/A&AUI-")),
            ("A&AUI-/A&AUI-", Some("X/A&AUI-/A&AUI-")),
            ("A&AUI-b", None),
            ("B/A&AUI-", None),
        ];
        for (name, expected) in cases {
            assert_eq!(renaming.follow(name).as_deref(), expected, "{name}");
        }
        assert_eq!(renaming.follow_path("Ał/b").as_deref(), Some("X/Ał/b"));
        assert_eq!(renaming.follow_path("inbox"), None);
    }
}
