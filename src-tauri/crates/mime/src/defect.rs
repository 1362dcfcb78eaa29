//! What is wrong with a message, as far as anybody does something about it.

use serde::{Deserialize, Serialize};

macro_rules! defects {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal,)*) => {
        /// A departure from the standards that was noticed and worked around.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Defect {$($(#[doc = $doc])* $name,)*}

        impl Defect {
            /// Every defect, in the order of declaration.
            pub const EVERY: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire: lower_snake.
            pub fn as_str(self) -> &'static str {
                match self {$(Self::$name => $text,)*}
            }
        }
    };
}

defects! {
    #[doc = "A line between the headers is no header."]
    HeaderMalformed = "header_malformed",
    #[doc = "A header that may stand once stands several times with different values; the first one counts."]
    HeaderDuplicate = "header_duplicate",
    #[doc = "A header is longer than the limit and was cut."]
    HeaderTruncated = "header_truncated",
    #[doc = "There are more headers than the limit; the rest was left out."]
    HeadersExceeded = "headers_exceeded",
    #[doc = "No empty line stands between the headers and the body."]
    HeaderEndMissing = "header_end_missing",
    #[doc = "There is no sender."]
    FromMissing = "from_missing",
    #[doc = "The date cannot be read."]
    DateInvalid = "date_invalid",
    #[doc = "The charset is not known; the text was guessed."]
    CharsetUnknown = "charset_unknown",
    #[doc = "The text has bytes that its charset does not have."]
    CharsetDamaged = "charset_damaged",
    #[doc = "The transfer encoding is not known; the bytes were taken as they are."]
    EncodingUnknown = "encoding_unknown",
    #[doc = "The transfer encoding is damaged; what could be decoded was."]
    EncodingDamaged = "encoding_damaged",
    #[doc = "A multipart has no boundary, or the boundary does not occur."]
    BoundaryMissing = "boundary_missing",
    #[doc = "A multipart is not closed: the message was cut, or written badly."]
    BoundaryUnclosed = "boundary_unclosed",
    #[doc = "Multiparts stand deeper in each other than the limit; the inner ones were left whole."]
    DepthExceeded = "depth_exceeded",
    #[doc = "There are more parts than the limit; the rest was left whole."]
    PartsExceeded = "parts_exceeded",
    #[doc = "The text is longer than the limit and was cut."]
    TextTruncated = "text_truncated",
    #[doc = "The HTML is longer than the limit and was cut."]
    HtmlTruncated = "html_truncated",
}

/// Defects, each once, in the order of discovery.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defects(Vec<Defect>);

impl Defects {
    pub(crate) fn note(&mut self, defect: Defect) {
        if !self.0.contains(&defect) {
            self.0.push(defect);
        }
    }

    pub(crate) fn note_some(&mut self, defect: Option<Defect>) {
        if let Some(defect) = defect {
            self.note(defect);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Defect> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defect_names_on_the_wire_and_in_code_are_the_same() {
        for defect in Defect::EVERY {
            assert_eq!(
                serde_json::to_string(defect).unwrap(),
                format!("\"{}\"", defect.as_str())
            );
        }
    }
}
