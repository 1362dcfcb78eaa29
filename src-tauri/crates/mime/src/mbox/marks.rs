//! What programs write about a message into the message itself, because a mailbox file has no other place for it.

use mailroom_model::MessageFlags;

/// What the header of a message in a file says about its state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailboxMarks {
    /// Flags and keywords.
    pub flags: MessageFlags,
    /// Its program has deleted it and not cleared it away yet.
    pub is_expunged: bool,
    /// Whether anything is said at all.
    pub is_told: bool,
}

/// Reads `Status`, `X-Status` (mutt, Dovecot, mail(1)), `X-Keywords` (Dovecot) and `X-Mozilla-Status`, `X-Mozilla-Keys`
/// (Thunderbird). Nothing is taken out of the message.
pub fn mailbox_marks(raw: &[u8]) -> MailboxMarks {
    let mut marks = MailboxMarks::default();
    for line in raw
        .split(|byte| *byte == b'\n')
        .take_while(|line| !matches!(*line, b"" | b"\r"))
        .take(2000)
    {
        let Some(colon) = line.iter().take(40).position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        let value = String::from_utf8_lossy(value.get(1..).unwrap_or_default());
        let value = value.trim();
        let name = name.to_ascii_lowercase();
        marks.is_told |= marks.read(&name, value);
    }
    marks
}

impl MailboxMarks {
    /// True when the field is one of those.
    fn read(&mut self, name: &[u8], value: &str) -> bool {
        let flags = &mut self.flags;
        match name {
            b"status" => flags.seen |= value.contains('R'),
            b"x-status" => {
                flags.answered |= value.contains('A');
                flags.flagged |= value.contains('F');
                flags.draft |= value.contains('T');
                flags.deleted |= value.contains('D');
            }
            b"x-mozilla-status" => {
                let Ok(bits) = u32::from_str_radix(value, 16) else {
                    return false;
                };
                flags.seen |= bits & 0x1 != 0;
                flags.answered |= bits & 0x2 != 0;
                flags.flagged |= bits & 0x4 != 0;
                self.is_expunged |= bits & 0x8 != 0;
                if bits & 0x1000 != 0 {
                    flags.set("$Forwarded", true);
                }
            }
            b"x-keywords" | b"x-mozilla-keys" => {
                for keyword in value.split([' ', ',']).filter(|word| is_keyword(word)) {
                    flags.set(keyword, true);
                }
            }
            _ => return false,
        }
        true
    }
}

/// True for a word that IMAP takes as a keyword (RFC 3501 §9: an atom).
pub(crate) fn is_keyword(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 100
        && word
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"(){%*\"\\]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_other_programs_become_flags() {
        let cases: [(&str, &[&str], bool); 6] = [
            (
                "Status: RO\nX-Status: AF\n\n",
                &["\\Seen", "\\Answered", "\\Flagged"],
                false,
            ),
            ("Status: O\r\n\r\nX-Status: F\r\n", &[], false),
            (
                "X-Mozilla-Status: 1005\n\n",
                &["\\Seen", "\\Flagged", "$Forwarded"],
                false,
            ),
            ("X-Mozilla-Status: 0009\n\n", &["\\Seen"], true),
            ("X-Keywords: $Junk todo a(b    \n\n", &["$Junk", "todo"], false),
            ("X-Mozilla-Status: nonsense\n\n", &[], false),
        ];
        for (raw, flags, is_expunged) in cases {
            let marks = mailbox_marks(raw.as_bytes());
            assert_eq!(marks.flags.to_imap(), flags, "{raw}");
            assert_eq!(marks.is_expunged, is_expunged, "{raw}");
        }
        assert!(!mailbox_marks(b"Subject: x\n\n").is_told);
        assert!(mailbox_marks(b"Status: O\n\n").is_told);
    }
}
