//! Reading: tolerant of every habit that is known, in memory bounded by one message.

use mailroom_model::UnixMillis;

use super::{FROM, is_blank, is_quoted_from};
use crate::date::parse_date;

/// Lines longer than this are no beginning of a message.
const LONGEST_BEGINNING: usize = 1000;

/// One message of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MboxMessage {
    /// Its bytes, as they were before they were put into the file.
    pub raw: Vec<u8>,
    /// The sender that the beginning names; empty when it names none.
    pub sender: String,
    /// When it was received, as the beginning says.
    pub received_at: Option<UnixMillis>,
    /// What it takes in the file, in bytes, with the blank line after it.
    pub size: u64,
    /// True when it is above the limit: `raw` is only its beginning.
    pub is_cut: bool,
}

/// Takes a mailbox file apart. Feed it line by line, or in parts of lines.
///
/// A line begins a message when it starts with `From `, follows a blank line or nothing, and ends with a date; Thunderbird's
/// short forms count as well. `Content-Length` (mboxcl, mboxcl2) is believed when a message really ends where it says.
#[derive(Debug)]
pub struct MboxReader {
    limit: usize,
    believes_lengths: bool,
    /// The line that is being collected, as long as it may be a beginning.
    line: Vec<u8>,
    /// The line is too long to be a beginning: its rest goes straight into the message.
    in_long_line: bool,
    open: Option<Open>,
    after_blank: bool,
}

/// The message that is being read, as it stands in the file.
#[derive(Debug)]
struct Open {
    sender: String,
    received_at: Option<UnixMillis>,
    raw: Vec<u8>,
    size: u64,
    in_header: bool,
    claim: Claim,
}

/// What `Content-Length` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// Nothing, or nothing that is believed.
    None,
    /// The header claims so many bytes of body.
    Stated(u64),
    /// The body ends when `size` is this. `first` is where the first line stands that looks like a beginning.
    Until { end: u64, first: Option<usize> },
    /// The body ended where it should have; this line shows whether that is true.
    Reached { first: Option<usize> },
    /// It was true.
    Kept { is_unquoted: bool },
}

impl MboxReader {
    /// A message above `limit` bytes is read past and reported with its size.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            believes_lengths: true,
            line: Vec::new(),
            in_long_line: false,
            open: None,
            after_blank: true,
        }
    }

    /// Takes no notice of `Content-Length`: for a file in which every line that looks like a beginning is known to be
    /// marked. Whoever sent a message wrote its header, and could claim the messages behind it.
    pub fn without_lengths(self) -> Self {
        Self {
            believes_lengths: false,
            ..self
        }
    }

    /// True when a message has begun: what has none is no mailbox file.
    pub fn has_begun(&self) -> bool {
        self.open.is_some()
    }

    /// The next bytes of the file, at most to the end of a line. Messages that end are added to `found`.
    pub fn feed(&mut self, part: &[u8], found: &mut Vec<MboxMessage>) {
        let ends = part.ends_with(b"\n");
        if self.in_long_line {
            self.keep(part);
            self.in_long_line = !ends;
            return;
        }
        self.line.extend_from_slice(part);
        if ends {
            let line = std::mem::take(&mut self.line);
            self.take_line(&line, true, found);
            // The allocation is used again.
            self.line = line;
            self.line.clear();
        } else if self.line.len() > LONGEST_BEGINNING {
            let line = std::mem::take(&mut self.line);
            self.settle_claim(&line, found);
            self.after_blank = false;
            self.keep(&line);
            self.in_long_line = true;
        }
    }

    /// The end of the file.
    pub fn finish(mut self, found: &mut Vec<MboxMessage>) {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.take_line(&line, true, found);
        }
        let is_false = self
            .open
            .as_ref()
            .is_some_and(|open| matches!(open.claim, Claim::Until { end, .. } if open.size < end));
        if is_false {
            self.disbelieve(found);
        }
        if let Some(Open { claim, .. }) = &mut self.open
            && let Claim::Until { first, .. } | Claim::Reached { first } = *claim
        {
            *claim = Claim::Kept {
                is_unquoted: first.is_some(),
            };
        }
        found.extend(self.open.take().map(|open| open.close(self.limit)));
    }

    /// One whole line. `believes` is false when a false claim makes lines come a second time.
    fn take_line(&mut self, line: &[u8], believes: bool, found: &mut Vec<MboxMessage>) {
        self.settle_claim(line, found);
        let beginning = if self.after_blank {
            Beginning::read(line)
        } else {
            None
        };
        let blank = is_blank(line);
        let Some(open) = &mut self.open else {
            self.after_blank = blank && self.after_blank;
            if let Some(beginning) = beginning {
                self.open = Some(beginning.open());
            }
            return;
        };
        if let Claim::Until { end, first } = &mut open.claim
            && open.size < *end
        {
            if beginning.is_some() && first.is_none() {
                *first = Some(open.raw.len());
            }
        } else if let Some(beginning) = beginning {
            let full = std::mem::replace(open, beginning.open());
            found.push(full.close(self.limit));
            // What follows a beginning is a header, and a blank line there ends it.
            self.after_blank = false;
            return;
        }
        if open.in_header {
            if blank {
                open.in_header = false;
                if let Claim::Stated(length) = open.claim {
                    open.claim = Claim::Until {
                        end: open.size + line.len() as u64 + length,
                        first: None,
                    };
                }
            } else if believes
                && self.believes_lengths
                && let Some(length) = content_length(line)
                && length <= self.limit as u64
            {
                // More than is held could not be taken back.
                open.claim = Claim::Stated(length);
            }
        }
        self.after_blank = blank;
        self.keep(line);
    }

    /// The message claims to have ended just before this line: is there an end?
    fn settle_claim(&mut self, line: &[u8], found: &mut Vec<MboxMessage>) {
        let Some(open) = &mut self.open else { return };
        match open.claim {
            Claim::Until { end, first } if open.size == end => {
                if is_blank(line) {
                    open.claim = Claim::Reached { first };
                } else if self.after_blank && Beginning::read(line).is_some() {
                    open.claim = Claim::Kept {
                        is_unquoted: first.is_some(),
                    };
                } else {
                    self.disbelieve(found);
                }
            }
            Claim::Until { end, .. } if open.size > end => self.disbelieve(found),
            Claim::Reached { first } => {
                if Beginning::read(line).is_some() {
                    open.claim = Claim::Kept {
                        is_unquoted: first.is_some(),
                    };
                } else {
                    self.disbelieve(found);
                }
            }
            _ => {}
        }
    }

    /// The claim was false: what looked like the beginning of another message was one. Its lines are taken again; each byte
    /// comes a second time at most, because nothing is claimed then.
    fn disbelieve(&mut self, found: &mut Vec<MboxMessage>) {
        let Some(open) = &mut self.open else { return };
        let first = match open.claim {
            Claim::Until { first, .. } | Claim::Reached { first } => first,
            _ => None,
        };
        open.claim = Claim::None;
        let Some(first) = first.filter(|first| *first <= open.raw.len()) else {
            return;
        };
        let is_cut = open.size > open.raw.len() as u64;
        let again = open.raw.split_off(first);
        let beyond = open.size - (first + again.len()) as u64;
        open.size = first as u64;
        self.after_blank = true;
        for line in again.split_inclusive(|byte| *byte == b'\n') {
            self.take_line(line, false, found);
        }
        if let Some(open) = self.open.as_mut().filter(|_| is_cut) {
            open.size += beyond;
        }
    }

    fn keep(&mut self, part: &[u8]) {
        let limit = self.limit;
        if let Some(open) = &mut self.open {
            // What was left out once is not gone on with: the bytes that are held are the first ones.
            if open.raw.len() as u64 == open.size && open.raw.len() <= limit {
                open.raw.extend_from_slice(part);
            }
            open.size += part.len() as u64;
        }
    }
}

impl Open {
    fn close(self, limit: usize) -> MboxMessage {
        let is_cut = self.size > self.raw.len() as u64 || self.raw.len() > limit.saturating_add(2);
        let mut raw = self.raw;
        if !is_cut {
            // The blank line that belongs to the file.
            for end in [b"\r\n".as_slice(), b"\n"] {
                if let Some(rest) = raw.strip_suffix(end) {
                    if rest.is_empty() || rest.ends_with(b"\n") {
                        raw.truncate(rest.len());
                    }
                    break;
                }
            }
        }
        if !matches!(self.claim, Claim::Kept { is_unquoted: true }) {
            raw = unquoted(raw);
        }
        MboxMessage {
            raw,
            sender: self.sender,
            received_at: self.received_at,
            size: self.size,
            is_cut,
        }
    }
}

/// Takes one `>` from every line that has them before `From `.
fn unquoted(raw: Vec<u8>) -> Vec<u8> {
    let is_marked = |line: &[u8]| line.starts_with(b">") && is_quoted_from(line);
    if !raw.split_inclusive(|byte| *byte == b'\n').any(is_marked) {
        return raw;
    }
    let mut plain = Vec::with_capacity(raw.len());
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let from = usize::from(is_marked(line));
        plain.extend_from_slice(line.get(from..).unwrap_or_default());
    }
    plain
}

/// What the line before a message says.
struct Beginning {
    sender: String,
    received_at: Option<UnixMillis>,
}

impl Beginning {
    fn read(line: &[u8]) -> Option<Self> {
        let rest = line
            .strip_prefix(FROM)
            .filter(|_| line.len() <= LONGEST_BEGINNING)?;
        let text = String::from_utf8_lossy(rest);
        let text = text.trim();
        // Thunderbird writes these.
        if matches!(text, "" | "-") {
            return Some(Self {
                sender: String::new(),
                received_at: None,
            });
        }
        let (sender, date) = text.split_once(char::is_whitespace)?;
        let has_time = date.split_whitespace().any(|word| {
            let mut numbers = word.split(':');
            let is_number = |number: Option<&str>| {
                number.is_some_and(|digits| {
                    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
                })
            };
            is_number(numbers.next()) && is_number(numbers.next())
        });
        let received_at = parse_date(date).filter(|_| has_time)?;
        Some(Self {
            sender: if sender == "-" {
                String::new()
            } else {
                sender.to_owned()
            },
            received_at: Some(received_at),
        })
    }

    fn open(self) -> Open {
        Open {
            sender: self.sender,
            received_at: self.received_at,
            raw: Vec::new(),
            size: 0,
            in_header: true,
            claim: Claim::None,
        }
    }
}

fn content_length(line: &[u8]) -> Option<u64> {
    let (name, value) = line.split_at_checked("content-length:".len())?;
    if !name.eq_ignore_ascii_case(b"content-length:") {
        return None;
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
