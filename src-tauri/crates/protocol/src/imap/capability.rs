use std::collections::BTreeSet;
use std::fmt;

/// What a server says that it can do; names without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    names: BTreeSet<String>,
}

impl Capabilities {
    /// From the words of a CAPABILITY response or code.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        Self {
            names: names
                .into_iter()
                .map(|name| name.as_ref().to_ascii_uppercase())
                .collect(),
        }
    }

    /// True when the server names it: `IDLE`, `AUTH=PLAIN`.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(&name.to_ascii_uppercase())
    }

    /// The names in upper case.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The SASL mechanisms.
    pub fn mechanisms(&self) -> impl Iterator<Item = &str> {
        self.iter().filter_map(|name| name.strip_prefix("AUTH="))
    }

    /// True when flags have mod-sequences (RFC 7162).
    pub fn has_condstore(&self) -> bool {
        self.has("CONDSTORE") || self.has("QRESYNC")
    }

    /// The FETCH item by which a server names the unchanging content of a message, the same in every folder: Gmail's
    /// X-GM-MSGID, or EMAILID (RFC 8474 §5.1).
    pub(super) fn content_id_item(&self) -> Option<&'static str> {
        if self.has("X-GM-EXT-1") {
            Some("X-GM-MSGID")
        } else if self.has("OBJECTID") {
            Some("EMAILID")
        } else {
            None
        }
    }

    /// True when messages have [`RemoteFacts::content_id`](super::RemoteFacts::content_id): one that lies in several
    /// folders is known to be one.
    pub fn names_content(&self) -> bool {
        self.content_id_item().is_some()
    }

    /// True for Gmail, where folders are labels: everything lies in `\All`, except what is in the trash or junk.
    pub fn has_labels(&self) -> bool {
        self.has("X-GM-EXT-1")
    }

    /// The largest message that APPEND takes, in bytes (RFC 7889), if the server says so for all folders.
    pub fn append_limit(&self) -> Option<u64> {
        self.iter()
            .find_map(|name| name.strip_prefix("APPENDLIMIT=")?.parse().ok())
    }

    /// How many messages one command may be about (RFC 9738), if the server says so.
    pub(super) fn message_limit(&self) -> Option<u64> {
        let limit: u64 = self
            .iter()
            .find_map(|name| name.strip_prefix("MESSAGELIMIT=")?.parse().ok())?;
        (limit > 0).then_some(limit)
    }

    /// How large a literal may be that is sent without asking (RFC 7888); 0 when none.
    pub(super) fn free_literal(&self) -> usize {
        if self.has("LITERAL+") {
            usize::MAX
        } else if self.has("LITERAL-") {
            4096
        } else {
            0
        }
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}
