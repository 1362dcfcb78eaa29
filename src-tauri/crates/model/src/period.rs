//! How far back an account is kept here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::UnixMillis;

/// The window of time that synchronisation keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    Week,
    /// The last 31 days.
    Month,
    /// The last 92 days.
    #[default]
    Quarter,
    /// The last 366 days.
    Year,
    /// Everything.
    All,
}

impl Period {
    /// Every period, shortest first.
    pub const EVERY: [Self; 6] = [
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Year,
        Self::All,
    ];

    /// The name on the wire and in command lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::All => "all",
        }
    }

    /// Length in days; `None` for everything.
    pub fn days(self) -> Option<i64> {
        match self {
            Self::Day => Some(1),
            Self::Week => Some(7),
            Self::Month => Some(31),
            Self::Quarter => Some(92),
            Self::Year => Some(366),
            Self::All => None,
        }
    }

    /// The oldest moment still inside the window; `None` for everything.
    pub fn starts_at(self, now: UnixMillis) -> Option<UnixMillis> {
        self.days().map(|days| now.plus_seconds(-days * 86_400))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Period {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::EVERY
            .into_iter()
            .find(|period| period.as_str() == text)
            .ok_or(())
    }
}
