//! HTML: read cheaply, turned into text, made safe.

mod css;
mod entity;
mod nesting;
mod safe;
mod text;
mod token;

pub use safe::{RemoteContent, RemoteKind, SafeHtml, outgoing_html, plain_as_html, safe_html};
pub use text::html_to_text;
pub(crate) use text::html_to_text_within;

pub(crate) use safe::sanitise;
