//! Waiting for a change that is just being made.

use std::time::Duration;

use crate::EngineError;

/// How long it is waited for.
const LONGEST: Duration = Duration::from_secs(10);
/// How often it is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(40);

/// Asks until there is an answer; `None` when there is none after ten seconds.
pub(crate) async fn while_under_way<T, A>(ask: impl Fn() -> A) -> Result<Option<T>, EngineError>
where
    A: Future<Output = Result<Option<T>, EngineError>>,
{
    let asking = async {
        loop {
            if let Some(answer) = ask().await? {
                return Ok(Some(answer));
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(LONGEST, asking).await.unwrap_or(Ok(None))
}
