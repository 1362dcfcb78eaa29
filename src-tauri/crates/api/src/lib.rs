//! # Room: api
//!
//! The contract between the core and its doors: the window, the `mailroom` command, and the HTTP door.
//!
//! - **Does**: names every command and event once, with its payload, reply, permission and tags; turns payloads into
//!   calls of the engine and results into data for the wire; exports the TypeScript types of all of it.
//! - **Owns**: the wire's shapes ([`dto`]) and the error on the wire ([`WireError`]).
//! - **Never**: decides anything about mail, opens a socket or a file, or holds a sentence for people.

mod command;
pub mod dto;
mod error;
mod run;
mod view;

pub use command::{
    COMMANDS, CommandInfo, Context, Permission, Reach, Tag, dispatch, page_refusal, typescript,
};
pub use error::WireError;
pub use mailroom_engine::{CancellationToken, Engine, EngineError, EngineSetup, VaultChoice};
pub use mailroom_model::{ErrorCode, Fixer, Param, Secret};
pub use view::{EventReceiver, restored_now, subscribe};
