//! The built-in provider table: what is known about who runs a mailbox.

mod data;
mod pattern;
mod quirk;
mod table;

pub use data::{
    AuthCondition, AuthEntry, EnableCode, EnableStep, Ending, EndingKind, Provider, ServerTemplate, Site,
    SiteServers, Usernames, WithoutImap, WithoutImapReason,
};
pub(crate) use pattern::held_domain;
pub use pattern::{DomainPattern, MxPattern, PatternError, is_same_site};
pub use quirk::Quirk;
pub use table::{MxMatch, ProviderTable, SiteMatch, TableError};
