//! What a new sign-in to a known account must not lose: the mailbox that is here, and the way in that still works.

use mailroom_model::{Coded as _, EmailAddress, Secret};
use mailroom_protocol::imap::{FolderStatus, ImapSession};
use mailroom_store::{AccountRow, FolderCursor, FolderRow, ListFilter, ListScope};
use mailroom_vault::{SecretKey, SecretPurpose};

use crate::{Engine, EngineError};

/// Messages of ours that are looked for in a mailbox that numbers its messages anew.
const SAMPLES: u32 = 3;

/// What the numbers of a folder say about whether it is the one that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sameness {
    /// It goes on where it was.
    Same,
    /// Its numbers went back, which they never do (RFC 9051 §2.3.1.1).
    Other,
    /// It has new numbers: rebuilt, or another one.
    Unknown,
}

fn sameness(here: &FolderCursor, told: &FolderStatus) -> Sameness {
    if told.uid_validity == 0 || told.uid_next == 0 || told.uid_validity != here.uid_validity {
        Sameness::Unknown
    } else if told.uid_next >= here.uid_next {
        Sameness::Same
    } else {
        Sameness::Other
    }
}

/// Secrets of an account as they were.
pub(super) struct FormerSecrets(Vec<(SecretKey, Option<Secret<String>>)>);

impl Engine {
    /// Refuses a mailbox that is another one than that which is here: the next look would take what is here for removed. A
    /// mailbox of which nothing is here yet may be any.
    pub(super) async fn check_same_mailbox(
        &self,
        account: &AccountRow,
        session: &mut ImapSession,
    ) -> Result<(), EngineError> {
        let folders = self.store().await?.folders().list(account.id).await?;
        let inbox = folders
            .iter()
            .find(|folder| folder.seen.wire_name.eq_ignore_ascii_case("INBOX"));
        let Some((inbox, here)) = inbox.and_then(|inbox| Some((inbox, inbox.cursor.as_ref()?))) else {
            return Ok(());
        };
        let told = match session.folder_status(&inbox.seen.wire_name).await {
            Ok(told) => told,
            // The look that follows says what is wrong with the folder.
            Err(error) if error.leaves_session_usable() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let is_other = match sameness(here, &told) {
            Sameness::Same => false,
            Sameness::Other => true,
            Sameness::Unknown => self.has_none_of_ours(inbox, session).await?,
        };
        if is_other {
            return Err(EngineError::WrongMailbox {
                asked: account.address.to_string(),
                signed_in: String::new(),
            });
        }
        Ok(())
    }

    /// True when none of the newest messages that are here stands in the folder.
    async fn has_none_of_ours(
        &self,
        inbox: &FolderRow,
        session: &mut ImapSession,
    ) -> Result<bool, EngineError> {
        let store = self.store().await?;
        let newest = store
            .messages()
            .list(ListScope::Folder(inbox.id), &ListFilter::default(), SAMPLES, None)
            .await?;
        let mut names = Vec::new();
        for message in newest {
            let row = store.messages().get(message.id).await?;
            names.extend(row.and_then(|row| row.rfc_message_id));
        }
        // Fewer may have been removed elsewhere meanwhile.
        if names.len() < SAMPLES as usize {
            return Ok(false);
        }
        session.select(&inbox.seen.wire_name, None).await?;
        for name in names {
            let name = format!("<{name}>");
            if !session.find_by_message_id(&name).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The secrets that an account has now, to be put back when the new ones cannot be kept as a whole. One that cannot be
    /// read is no reason not to sign in anew.
    pub(super) async fn former_secrets(&self, address: &EmailAddress) -> Result<FormerSecrets, EngineError> {
        let vault = &self.edges().await?.vault;
        let mut former = Vec::new();
        for purpose in [
            SecretPurpose::Password,
            SecretPurpose::OauthTokens,
            SecretPurpose::RegistrationSecret,
        ] {
            let key = SecretKey::new(address.to_string(), purpose);
            if let Ok(secret) = vault.get(&key).await {
                former.push((key, secret));
            }
        }
        Ok(FormerSecrets(former))
    }

    /// Puts secrets back. What cannot be put back is said by the next sign-in to the server.
    pub(super) async fn put_back(&self, former: FormerSecrets) {
        let Ok(edges) = self.edges().await else { return };
        for (key, secret) in former.0 {
            let done = match &secret {
                Some(secret) => edges.vault.put(&key, secret).await,
                None => edges.vault.remove(&key).await,
            };
            if let Err(error) = done {
                tracing::warn!(code = %error.code(), "a former secret could not be put back");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::UnixMillis;

    use super::*;

    #[test]
    fn mailbox_is_told_by_its_numbers() {
        let here = FolderCursor {
            uid_validity: 7,
            uid_next: 100,
            highest_modseq: None,
            window_start: None,
            is_complete: true,
            exists: 40,
            at: UnixMillis(0),
        };
        let cases = [
            (7, 100, Sameness::Same),
            (7, 250, Sameness::Same),
            (7, 99, Sameness::Other),
            (8, 100, Sameness::Unknown),
            (0, 100, Sameness::Unknown),
            (7, 0, Sameness::Unknown),
        ];
        for (uid_validity, uid_next, expected) in cases {
            let told = FolderStatus {
                messages: 3,
                uid_next,
                uid_validity,
                unseen: 0,
                highest_modseq: None,
            };
            assert_eq!(sameness(&here, &told), expected, "{uid_validity} {uid_next}");
        }
    }
}
