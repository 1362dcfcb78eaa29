//! What the page may not ask of the core although the contract has it.

use mailroom_api::{ErrorCode, WireError};
use serde_json::Value;

/// Why the page may not make this call; `None` when it may.
///
/// A page never names a file of its own choice, neither to read nor to write: saving goes through `save_download`.
/// Watching belongs to the shell, which ends it.
pub(crate) fn refusal(name: &str, payload: &Value) -> Option<WireError> {
    let refused = match name {
        "sync_watch" | "message_inspect" => true,
        "message_export" => payload.get("path").is_some_and(|path| !path.is_null()),
        _ => false,
    };
    refused.then(|| {
        WireError::new(
            ErrorCode::CommandUnknown,
            &[("name", name.into())],
            "the window may not call this",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn calls_that_name_a_file_are_refused_and_others_pass() {
        let cases = [
            ("message_export", json!({ "id": 1, "path": "/etc/x" }), true),
            ("message_export", json!({ "id": 1, "path": null }), false),
            ("message_export", json!({ "id": 1, "part": "2" }), false),
            ("message_inspect", json!({ "path": "/etc/passwd" }), true),
            ("sync_watch", json!({}), true),
            ("sync_run", json!({}), false),
            ("message_list", json!(null), false),
        ];
        for (name, payload, refused) in cases {
            assert_eq!(refusal(name, &payload).is_some(), refused, "{name} {payload}");
        }
    }
}
