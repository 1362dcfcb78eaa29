//! The error on the wire.

use std::collections::BTreeMap;

use mailroom_engine::Fault;
use mailroom_model::{Coded, ErrorCode, Fixer, Param};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What every command answers when it fails: a code from a closed set, the facts that its sentence needs, and one
/// line for the log. The sentence itself is the reader's, in the reader's language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct WireError {
    /// The code, lower_snake; see `ErrorCode`.
    #[ts(type = "string")]
    pub code: ErrorCode,
    /// Who can usually do something about it.
    #[ts(type = "\"you\" | \"administrator\" | \"provider\" | \"mailroom\"")]
    pub fixer: Fixer,
    /// Facts by name.
    #[ts(type = "Record<string, string | number>")]
    pub params: BTreeMap<String, Param>,
    /// The chain of causes in English, for logs and reports; never shown alone, never parsed.
    pub detail: String,
}

impl WireError {
    /// From any room's error.
    pub fn from_coded(error: &dyn Coded) -> Self {
        Self::from_fault(Fault::of(error))
    }

    /// From what the engine kept of an error.
    pub(crate) fn from_fault(fault: Fault) -> Self {
        Self {
            code: fault.code,
            fixer: fault.code.fixer(),
            params: fault.params,
            detail: fault.detail,
        }
    }

    /// From parts, where no room's error stands behind it.
    pub fn new(code: ErrorCode, params: &[(&str, Param)], detail: impl Into<String>) -> Self {
        let params = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        Self {
            code,
            fixer: code.fixer(),
            params,
            detail: detail.into(),
        }
    }

    /// A payload that does not fit its command: `field` says which argument.
    pub fn input(field: &str, detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::InputInvalid, &[("field", field.into())], detail)
    }
}

impl<E: Coded> From<E> for WireError {
    fn from(error: E) -> Self {
        Self::from_coded(&error)
    }
}
