//! What an account's IMAP server was seen to do differently, kept with the account: decisions without a connection need it.

use mailroom_protocol::imap::Capabilities;
use mailroom_store::AccountRow;
use serde::{Deserialize, Serialize};

use crate::{Engine, EngineError, document};

/// The traits among an account's options.
const SERVER: &str = "server";

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerTraits {
    /// It gives contents names that are the same in every folder: a folder that shows again what stands elsewhere costs
    /// nothing.
    pub(crate) names_content: bool,
    /// Its folders are labels (Gmail): every message lies in the folder of all, except in trash and junk; archiving takes
    /// the label of the inbox away, and what is put into trash or junk loses all labels.
    pub(crate) has_labels: bool,
    /// It announces what comes (IDLE). `None` until it was asked.
    pub(crate) announces: Option<bool>,
}

impl ServerTraits {
    /// Those that were seen the last time.
    pub(crate) fn of(account: &AccountRow) -> Self {
        account
            .options
            .get(SERVER)
            .map(document::read)
            .unwrap_or_default()
    }

    fn seen(capabilities: &Capabilities) -> Self {
        Self {
            names_content: capabilities.names_content(),
            has_labels: capabilities.has_labels(),
            announces: Some(capabilities.has("IDLE")),
        }
    }
}

impl Engine {
    /// Keeps what a session shows of its server, and gives the account as it is then.
    pub(crate) async fn note_traits(
        &self,
        account: &AccountRow,
        capabilities: &Capabilities,
    ) -> Result<AccountRow, EngineError> {
        let seen = ServerTraits::seen(capabilities);
        if seen == ServerTraits::of(account) {
            return Ok(account.clone());
        }
        let traits = serde_json::to_value(seen).map_err(|_| EngineError::Worker)?;
        self.change_options(account.id, |options| {
            match options.as_object_mut() {
                Some(options) => drop(options.insert(SERVER.to_owned(), traits)),
                None => *options = serde_json::json!({ SERVER: traits }),
            }
            Ok(())
        })
        .await?;
        let changed = self.store().await?.accounts().get(account.id).await?;
        Ok(changed.unwrap_or_else(|| account.clone()))
    }
}
