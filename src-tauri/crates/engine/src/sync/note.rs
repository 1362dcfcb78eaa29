//! How a look went: kept, told, and what it means for the rest of the look.

use mailroom_model::{AccountState, Coded, ErrorCode};
use mailroom_store::{AccountRow, FolderRow, StoredError, Traffic};

use crate::event::{Event, Fault};
use crate::{Engine, EngineError, FolderOutcome};

impl Engine {
    /// Tells how it went with a folder, and keeps why it could not be brought up to date.
    pub(super) async fn note_folder(
        &self,
        account: &AccountRow,
        folder: &FolderRow,
        result: Result<&FolderOutcome, &EngineError>,
    ) -> Result<(), EngineError> {
        if let Err(EngineError::Store(error)) = result {
            self.upkeep.suspect(error);
        }
        if let Err(error) = result
            && !matches!(error, EngineError::Cancelled | EngineError::Store(_))
        {
            let now = self.now().await?;
            let kept = StoredError::new(error, now);
            let folders = self.store().await?.folders();
            folders.set_error(folder.id, Some(&kept)).await?;
        }
        let outcome = result.map_or_else(
            |error| FolderOutcome {
                path: folder.seen.path.clone(),
                fault: Some(Fault::of(error)),
                ..FolderOutcome::default()
            },
            Clone::clone,
        );
        self.tell(Event::FolderSynced {
            address: account.address.to_string(),
            outcome,
        });
        Ok(())
    }

    /// Keeps how the account did, from traffic that happened; a look that worked says how many milliseconds the server took to
    /// let us in, if it opened a connection.
    pub(super) async fn note_result(
        &self,
        began: &AccountRow,
        result: Result<Option<u64>, &EngineError>,
    ) -> Result<(), EngineError> {
        let accounts = self.store().await?.accounts();
        // It may have been removed, or signed in again, in the meantime.
        let Some(account) = accounts.get(began.id).await? else {
            return Ok(());
        };
        let error = match result {
            Ok(took_ms) => {
                self.patience.worked(account.id);
                self.note_worked(&account, Traffic::Receive, took_ms).await?;
                accounts
                    .set_state(account.id, AccountState::Working, None)
                    .await?;
                self.tell_changed(&account.address);
                return Ok(());
            }
            Err(EngineError::Cancelled | EngineError::Store(_)) => return Ok(()),
            Err(error) => error,
        };
        let kept = self.judged(&account, Traffic::Receive, error).await?;
        self.note_failed(&account, Traffic::Receive, &kept).await?;
        if error.needs_sign_in() {
            if !accounts
                .mark_refused(account.id, began.signed_in_at, &kept)
                .await?
            {
                // The person has signed in while the look was running: the refusal was of what was shown before.
                return Ok(());
            }
        } else if self.patience.forgives(account.id, kept.code) {
            tracing::debug!(code = %error.code(), "a failure that the next look may mend");
            return Ok(());
        } else {
            accounts.set_state(account.id, account.state, Some(&kept)).await?;
        }
        self.tell_changed(&account.address);
        Ok(())
    }
}

/// True when nothing more can be said over the connection.
pub(super) fn session_is_over(error: &EngineError) -> bool {
    match error {
        EngineError::Imap(error) => !error.leaves_session_usable(),
        _ => false,
    }
}

/// True when the connection may have broken by itself, whatever was asked over it.
pub(super) fn may_be_a_blip(error: &EngineError) -> bool {
    session_is_over(error) && matches!(error.code(), ErrorCode::ConnectionLost | ErrorCode::ServerClosed)
}

/// True when the other folders would fail in the same way.
pub(super) fn stops_account(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Store(_) | EngineError::Cancelled | EngineError::Worker
    ) || error.needs_sign_in()
        || matches!(error.code(), ErrorCode::TooManyConnections)
}
