//! # Room: door
//!
//! The api over HTTP on this machine alone: for the page in a browser, for scripts, for tests.
//!
//! - **Does**: listens on 127.0.0.1 while `mailroom serve` runs, exchanges the link's token for a session once, and
//!   carries calls, replies and events of the api; serves the built page from a folder.
//! - **Owns**: who may come in ([`Keys`], the checks of every request) and the headers of every answer.
//! - **Never**: listens on another address, answers another site, keeps a secret in a cookie or in an address, lets a
//!   caller name a file of this machine, or decides anything about mail.
//!
//! What comes in:
//!
//! | Request | Needs | Answers |
//! |---|---|---|
//! | `POST /session` `{"token": …}` | the link's token, once | `{"session": …}` |
//! | `POST /call/NAME` payload | the session | the reply, or `{code, fixer, params, detail}` |
//! | `GET /events` | the session | server-sent events, one JSON object each |
//! | `GET /`, `GET /FILE` | nothing | the page, which holds nothing of anybody's |
//!
//! The session goes in the header `Authorization: Bearer …`.

mod answer;
mod call;
mod guard;
mod keys;
mod page;
mod server;

pub use keys::{Key, Keys};
pub use page::CONTENT_SECURITY_POLICY;
pub use server::{Door, DoorError};
