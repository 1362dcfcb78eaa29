//! A secret on its way in. It never goes out.

use mailroom_model::Secret;
use serde::{Deserialize, Deserializer};
use ts_rs::TS;

/// A password or client secret in a payload: text that can be read from the wire and not written to it.
#[derive(Clone, Debug, TS)]
#[ts(type = "string")]
pub struct SecretText(Secret<String>);

impl SecretText {
    /// Wraps a text.
    pub fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// Hands the secret on.
    pub fn into_secret(self) -> Secret<String> {
        self.0
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
