//! Columns as values of the vocabulary.

use std::collections::BTreeMap;

use mailroom_model::{ErrorCode, Param, UidSet, UnixMillis};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row, Type};

use crate::{StoreError, StoredError};

/// Reads columns by name. What cannot be read is damage, never a default.
pub(crate) trait Columns {
    /// A plain value.
    fn value<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(
        &'r self,
        column: &'static str,
    ) -> Result<T, StoreError>;
    /// JSON text.
    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError>;
    /// JSON text or nothing.
    fn json_option<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, StoreError>;
    /// A name out of a closed list.
    fn named<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, StoreError>;
    /// A point in time.
    fn at(&self, column: &'static str) -> Result<UnixMillis, StoreError> {
        Ok(UnixMillis(self.value(column)?))
    }
    /// A point in time or nothing.
    fn at_option(&self, column: &'static str) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.value::<Option<i64>>(column)?.map(UnixMillis))
    }
    /// A count or size.
    fn unsigned(&self, column: &'static str) -> Result<u64, StoreError> {
        u64::try_from(self.value::<i64>(column)?).map_err(|_| StoreError::damaged(column))
    }
    /// A UID, UIDVALIDITY or count of 32 bits.
    fn unsigned32(&self, column: &'static str) -> Result<u32, StoreError> {
        u32::try_from(self.value::<i64>(column)?).map_err(|_| StoreError::damaged(column))
    }
    /// The same, or nothing.
    fn unsigned32_option(&self, column: &'static str) -> Result<Option<u32>, StoreError> {
        self.value::<Option<i64>>(column)?
            .map(|number| u32::try_from(number).map_err(|_| StoreError::damaged(column)))
            .transpose()
    }
    /// The columns `error_code`, `error_params`, `error_at`.
    fn stored_error(&self) -> Result<Option<StoredError>, StoreError> {
        let Some(code) = self.value::<Option<String>>("error_code")? else {
            return Ok(None);
        };
        let code = ErrorCode::from_name(&code).ok_or(StoreError::damaged("error_code"))?;
        let params: Option<BTreeMap<String, Param>> = self.json_option("error_params")?;
        Ok(Some(StoredError {
            code,
            params: params.unwrap_or_default(),
            at: self.at("error_at")?,
        }))
    }
}

impl Columns for SqliteRow {
    fn value<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(
        &'r self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        read_json(column, self.try_get::<&str, _>(column)?)
    }

    fn json_option<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.try_get::<Option<&str>, _>(column)?
            .map(|text| read_json(column, text))
            .transpose()
    }

    fn named<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        read(self.try_get::<&str, _>(column)?).ok_or(StoreError::damaged(column))
    }
}

fn read_json<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Damaged {
        what: column,
        source: Some(Box::new(source)),
    })
}

/// A value as JSON text.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Encode {
        source: Box::new(source),
    })
}

/// A list of numbers for `json_each`.
pub(crate) fn number_list(numbers: impl IntoIterator<Item = i64>) -> String {
    let mut text = String::from("[");
    for number in numbers {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&number.to_string());
    }
    text.push(']');
    text
}

/// Ranges of UIDs for `json_each`: `[[1,5],[9,9]]`.
pub(crate) fn range_list(uids: &UidSet) -> String {
    let mut text = String::from("[");
    for (first, last) in uids.ranges() {
        if text.len() > 1 {
            text.push(',');
        }
        text.push('[');
        text.push_str(&first.to_string());
        text.push(',');
        text.push_str(&last.to_string());
        text.push(']');
    }
    text.push(']');
    text
}

/// A list of byte strings for `json_each` and `unhex`.
pub(crate) fn hex_list<'b>(values: impl IntoIterator<Item = &'b [u8]>) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let mut text = String::from("[");
    for value in values {
        if text.len() > 1 {
            text.push(',');
        }
        text.push('"');
        for byte in value {
            for nibble in [byte >> 4, byte & 15] {
                text.push(DIGITS.get(usize::from(nibble)).copied().unwrap_or('0'));
            }
        }
        text.push('"');
    }
    text.push(']');
    text
}

/// A size or count as SQLite keeps it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
