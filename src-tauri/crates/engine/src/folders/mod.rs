//! Folders as people manage them: made, given other names or parents, removed, and marked as read as a whole.
//!
//! What concerns a folder itself happens on the server at once, or not at all: a folder that only waits to be made could be
//! refused when mail stands in it already. Marking as read is a change of messages, and waits like any other.

mod allowed;
mod at_server;
mod create;
mod delete;
mod mark_read;
mod name;
mod rename;
mod renaming;

pub(crate) use allowed::{changeable, takes_folders};
pub use delete::FolderDeleted;
pub use rename::FolderRenaming;
