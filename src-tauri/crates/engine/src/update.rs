//! Whether there is a newer version: the only question that the program asks its makers.

use crate::{Engine, EngineError};

impl Engine {
    /// True when the program may look for a newer version of itself: its build says where, and the organisation does not
    /// forbid it.
    pub async fn looks_for_updates(&self) -> Result<bool, EngineError> {
        Ok(self.update_address().is_some() && self.policy().await?.allows_update_check())
    }
}
