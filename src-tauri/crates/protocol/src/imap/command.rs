//! Commands as they go out.

use mailroom_model::UidSet;

use super::name;

/// A command without its tag: text, and strings that text cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// The verb, for logs and errors: `UID FETCH`.
    pub(super) verb: &'static str,
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Literal(Vec<u8>),
}

impl Command {
    pub(super) fn new(verb: &'static str) -> Self {
        Self {
            verb,
            parts: vec![Part::Text(verb.to_owned())],
        }
    }

    /// Adds text after a space, as it is.
    pub(super) fn text(mut self, text: &str) -> Self {
        let text = format!(" {text}");
        match self.parts.last_mut() {
            Some(Part::Text(last)) => last.push_str(&text),
            _ => self.parts.push(Part::Text(text)),
        }
        self
    }

    /// Adds a mailbox name or pattern after a space: quoted, or as a literal when a quoted string cannot hold it.
    pub(super) fn name(self, wire_name: &str) -> Self {
        self.string(&name::to_wire(wire_name))
    }

    /// Adds a string after a space.
    pub(super) fn string(self, bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => self.text(&quoted(text)),
            _ => self.literal(bytes.to_vec()),
        }
    }

    /// Adds a literal after a space.
    pub(super) fn literal(self, bytes: Vec<u8>) -> Self {
        let mut command = self.text("").trimmed();
        command.parts.push(Part::Literal(bytes));
        command
    }

    /// `text` always writes a space; a literal's head writes its own.
    fn trimmed(mut self) -> Self {
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            last.truncate(last.trim_end_matches(' ').len());
        }
        self
    }
}

/// A quoted string; the text is printable ASCII.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The longest set that is sent in one command. Servers promise at least 8,000 octets for a line (RFC 7162 §4).
const LONGEST_SET: usize = 6_000;

/// Messages of an open end, such as `5:4294967295`, are not counted: what the server leaves out of these it says.
const COUNTED: u64 = 100_000_000;

/// The set in pieces that fit into commands, each about no more messages than the server takes at once.
pub(super) fn pieces_of(uids: &UidSet, most: Option<u64>) -> Vec<UidSet> {
    let Some(most) = most.filter(|most| uids.len() > *most && uids.len() < COUNTED) else {
        return pieces(uids);
    };
    let mut all: Vec<u32> = uids.iter().collect();
    all.sort_unstable();
    all.chunks(usize::try_from(most).unwrap_or(usize::MAX))
        .flat_map(|chunk| pieces(&chunk.iter().copied().collect()))
        .collect()
}

/// The set in pieces that fit into commands.
pub(super) fn pieces(uids: &UidSet) -> Vec<UidSet> {
    let mut pieces = Vec::new();
    let mut piece = UidSet::new();
    let mut length = 0;
    for (first, last) in uids.ranges() {
        // Two numbers of ten digits, a colon and a comma at most.
        if length + 22 > LONGEST_SET {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        piece.insert_range(*first, *last);
        length += first.to_string().len() + last.to_string().len() + 2;
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_out_quoted_or_as_literals() {
        let text = |text: &str| Part::Text(text.to_owned());
        let cases = [
            ("INBOX", vec![text("SELECT \"INBOX\" (CONDSTORE)")]),
            ("a\"b\\c%*", vec![text("SELECT \"a\\\"b\\\\c%*\" (CONDSTORE)")]),
            (
                "Wysłane",
                vec![
                    text("SELECT"),
                    Part::Literal("Wysłane".as_bytes().to_vec()),
                    text(" (CONDSTORE)"),
                ],
            ),
            (
                "a\r\nA1 LOGOUT",
                vec![
                    text("SELECT"),
                    Part::Literal(b"a\r\nA1 LOGOUT".to_vec()),
                    text(" (CONDSTORE)"),
                ],
            ),
        ];
        for (name, parts) in cases {
            assert_eq!(
                Command::new("SELECT").name(name).text("(CONDSTORE)").parts,
                parts,
                "{name:?}"
            );
        }
    }

    #[test]
    fn long_sets_are_cut() {
        let odd: UidSet = (0..5_000).map(|n| 4_000_000_001 + n * 2).collect();
        let cut = pieces(&odd);
        assert!(cut.len() > 1);
        assert!(cut.iter().all(|piece| piece.to_string().len() <= LONGEST_SET));
        assert_eq!(cut.iter().flat_map(UidSet::iter).collect::<UidSet>(), odd);
        assert!(pieces(&UidSet::new()).is_empty());
        let of = |set: &str, most| -> Vec<String> {
            let set: UidSet = set.parse().unwrap();
            pieces_of(&set, most).iter().map(UidSet::to_string).collect()
        };
        assert_eq!(of("1:5,9", None), ["1:5,9"]);
        assert_eq!(of("1:5,9", Some(4)), ["1:4", "5,9"]);
        assert_eq!(of("1:4294967295", Some(4)), ["1:4294967295"]);
    }
}
