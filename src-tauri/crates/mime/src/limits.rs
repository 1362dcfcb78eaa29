//! How much of a message is looked at.

/// Bounds on the work that one message can cause. What lies beyond a bound is left out with a
/// [`Defect`](crate::Defect); it is never an error, because the raw message still has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep multiparts may stand in each other; a deeper one stays one opaque part.
    pub max_depth: usize,
    /// How many parts a message may have; what follows is one opaque part.
    pub max_parts: usize,
    /// Bytes of decoded plain text that are kept.
    pub max_text_bytes: usize,
    /// Bytes of decoded HTML that are read.
    pub max_html_bytes: usize,
    /// How many header fields of one part are read.
    pub max_headers: usize,
    /// Bytes of one header field that are read.
    pub max_header_bytes: usize,
    /// How many mailboxes of one header field are read.
    pub max_mailboxes: usize,
    /// Bytes of the preview.
    pub max_preview_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_depth: 32,
            max_parts: 2_000,
            max_text_bytes: 2 << 20,
            max_html_bytes: 4 << 20,
            max_headers: 2_000,
            max_header_bytes: 256 << 10,
            max_mailboxes: 4_000,
            max_preview_bytes: 240,
        }
    }
}

/// The longest prefix of `text` that has at most `limit` bytes and ends between characters.
pub(crate) fn prefix(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}
