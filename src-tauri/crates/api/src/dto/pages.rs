//! The pages that a browser shows at the end of a sign-in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Payload of `pages_set`: the words of those pages in the person's language. Markup in them is shown as text.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PagesSet {
    /// BCP 47, such as `pl`.
    pub language: String,
    /// Heading when the sign-in is complete.
    pub done_title: String,
    /// What to do then.
    pub done_text: String,
    /// Heading when it failed.
    pub failed_title: String,
    /// What to do then.
    pub failed_text: String,
}
