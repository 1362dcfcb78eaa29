//! The last error of an account, folder, operation or outbox row.

use std::collections::BTreeMap;

use mailroom_model::{Coded, ErrorCode, Param, UnixMillis};

use crate::StoreError;
use crate::column::to_json;

/// `error_code`, `error_params`, `error_at`.
type ErrorColumns = (Option<&'static str>, Option<String>, Option<i64>);

/// An error as it is remembered: its code, its facts, and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The facts by name.
    pub params: BTreeMap<String, Param>,
    /// When.
    pub at: UnixMillis,
}

impl StoredError {
    /// What `error` says about itself, at `at`.
    pub fn new(error: &dyn Coded, at: UnixMillis) -> Self {
        Self {
            code: error.code(),
            params: error
                .params()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            at,
        }
    }

    /// The three columns: code, parameters as JSON, time.
    pub(crate) fn columns(error: Option<&Self>) -> Result<ErrorColumns, StoreError> {
        Ok(match error {
            Some(error) => (
                Some(error.code.as_str()),
                Some(to_json(&error.params)?),
                Some(error.at.0),
            ),
            None => (None, None, None),
        })
    }
}
