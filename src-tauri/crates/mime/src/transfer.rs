//! Content-Transfer-Encoding (RFC 2045 §6), decoded as far as the bytes allow.

use crate::Defect;

/// How the bytes of a part are wrapped for transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// 7bit, 8bit, binary, or a name that nobody knows.
    Identity,
    Base64,
    QuotedPrintable,
    /// `x-uuencode`.
    Uuencode,
}

impl Encoding {
    /// Reads the value of the header; the second value says that the name is not known.
    pub(crate) fn from_header(value: &str) -> (Self, bool) {
        let name = value
            .split([';', ' ', '('])
            .next()
            .unwrap_or_default()
            .trim_matches(|c: char| c.is_whitespace() || c == '"');
        match name.to_ascii_lowercase().as_str() {
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" | "none" => (Self::Identity, false),
            "base64" | "base-64" | "b" => (Self::Base64, false),
            "quoted-printable" | "quotedprintable" | "q" => (Self::QuotedPrintable, false),
            "x-uuencode" | "uuencode" | "x-uue" | "uue" => (Self::Uuencode, false),
            _ => (Self::Identity, true),
        }
    }

    /// The decoded bytes, at least `limit` of them if there are as many; the defect when something was not decodable.
    pub(crate) fn decode(self, raw: &[u8], limit: usize) -> (Vec<u8>, Option<Defect>) {
        match self {
            Self::Identity => (raw.get(..limit).unwrap_or(raw).to_vec(), None),
            Self::Base64 => base64(raw, limit),
            Self::QuotedPrintable => quoted_printable(raw, limit),
            Self::Uuencode => match find_uuencoded(raw) {
                Some(block) => (block.decode(raw), None),
                None => (
                    raw.get(..limit).unwrap_or(raw).to_vec(),
                    Some(Defect::EncodingDamaged),
                ),
            },
        }
    }

    /// About how many bytes come out of so many that are not here. Base64 stands in lines of 76 letters (RFC 2045 §6.8).
    pub(crate) fn decoded_about(self, octets: u64) -> u64 {
        match self {
            Self::Base64 => octets.saturating_mul(57) / 78,
            Self::Uuencode => octets.saturating_mul(45) / 63,
            Self::Identity | Self::QuotedPrintable => octets,
        }
    }

    /// How many bytes [`Self::decode`] gives without a limit, counted without decoding.
    pub(crate) fn decoded_len(self, raw: &[u8]) -> usize {
        match self {
            Self::Identity => raw.len(),
            Self::Base64 => base64_len(raw),
            Self::QuotedPrintable => quoted_printable_len(raw),
            Self::Uuencode => find_uuencoded(raw).map_or(raw.len(), |block| block.decode(raw).len()),
        }
    }
}

/// The value of a base64 digit, or [`NO_DIGIT`].
const SEXTETS: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let alphabet = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    while at < 64 {
        #[expect(
            clippy::indexing_slicing,
            clippy::cast_possible_truncation,
            reason = "evaluated by the compiler"
        )]
        {
            table[alphabet[at] as usize] = at as u8;
        }
        at += 1;
    }
    table
};
const NO_DIGIT: u8 = 0xff;

fn sextet(byte: u8) -> Option<u8> {
    SEXTETS
        .get(usize::from(byte))
        .copied()
        .filter(|value| *value != NO_DIGIT)
}

/// Base64 that comes in pieces. RFC 2045 §6.8: what is no digit is skipped, `=` ends a group and decoding goes on behind it
/// (parts that were encoded piecewise and joined exist), a last group that was cut gives the bytes that are there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Base64 {
    bits: u32,
    digits: u8,
    damaged: bool,
}

impl Base64 {
    /// Decodes the next piece behind what is in `out`, up to about `limit` bytes altogether; false when these are there.
    pub(crate) fn push(&mut self, raw: &[u8], limit: usize, out: &mut Vec<u8>) -> bool {
        for byte in raw {
            if let Some(value) = sextet(*byte) {
                self.bits = (self.bits << 6) | u32::from(value);
                self.digits += 1;
                if self.digits == 4 {
                    let [_, a, b, c] = self.bits.to_be_bytes();
                    out.extend_from_slice(&[a, b, c]);
                    (self.bits, self.digits) = (0, 0);
                    if out.len() >= limit {
                        return false;
                    }
                }
            } else if *byte == b'=' {
                self.damaged |= !flush(out, self.bits, self.digits);
                (self.bits, self.digits) = (0, 0);
            } else if !byte.is_ascii_whitespace() {
                self.damaged = true;
            }
        }
        true
    }

    /// Decodes what is left of the last group; true when something was not decodable.
    pub(crate) fn finish(self, out: &mut Vec<u8>) -> bool {
        let complete = flush(out, self.bits, self.digits);
        self.damaged || self.digits != 0 || !complete
    }
}

fn base64(raw: &[u8], limit: usize) -> (Vec<u8>, Option<Defect>) {
    let mut out = Vec::with_capacity((raw.len() / 4 * 3 + 3).min(limit.saturating_add(3)));
    let mut decoder = Base64::default();
    if !decoder.push(raw, limit, &mut out) {
        return (out, None);
    }
    let damaged = decoder.finish(&mut out);
    (out, damaged.then_some(Defect::EncodingDamaged))
}

/// Writes the bytes of a group of fewer than four digits; false when a digit is left over.
fn flush(out: &mut Vec<u8>, bits: u32, digits: u8) -> bool {
    match digits {
        2 => out.push((bits >> 4).to_be_bytes()[3]),
        3 => out.extend_from_slice(&(bits >> 2).to_be_bytes()[2..]),
        1 => return false,
        _ => {}
    }
    true
}

fn base64_len(raw: &[u8]) -> usize {
    // `=` is rare: count between them, in blocks that the compiler can turn into vector code.
    raw.split(|byte| *byte == b'=')
        .map(|run| {
            let digits: usize = run
                .chunks(128)
                .map(|chunk| {
                    usize::from(chunk.iter().fold(0_u8, |count, byte| {
                        count
                            + u8::from(byte.is_ascii_alphanumeric())
                            + u8::from(*byte == b'+')
                            + u8::from(*byte == b'/')
                    }))
                })
                .sum();
            digits * 6 / 8
        })
        .sum()
}

/// One step of quoted-printable.
enum Quoted<'a> {
    Bytes(&'a [u8]),
    Byte(u8),
    /// `=` with something behind it that is neither two digits nor the end of the line: kept as it stands.
    Bare,
}

/// RFC 2045 §6.7, as robustly as its note asks: white space at the end of a line goes, soft line breaks join, a bare
/// `=` stays.
struct QuotedSteps<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for QuotedSteps<'a> {
    type Item = Quoted<'a>;

    fn next(&mut self) -> Option<Quoted<'a>> {
        loop {
            let stop = memchr::memchr2(b'=', b'\n', self.rest);
            let Some(at) = stop else {
                let tail = trim_line_end(std::mem::take(&mut self.rest));
                return (!tail.is_empty()).then_some(Quoted::Bytes(tail));
            };
            let (before, from) = self.rest.split_at_checked(at)?;
            if from.first() == Some(&b'\n') {
                // White space before a line end was added in transport.
                let line = trim_line_end(before);
                let carriage = before.ends_with(b"\r");
                if line.len() + usize::from(carriage) == before.len() {
                    let (whole, rest) = self.rest.split_at_checked(at + 1)?;
                    self.rest = rest;
                    return Some(Quoted::Bytes(whole));
                }
                if line.is_empty() {
                    self.rest = from.get(1..)?;
                    return Some(Quoted::Bytes(if carriage { b"\r\n" } else { b"\n" }));
                }
                // Give the line now and its end in the next step.
                self.rest = if carriage { self.rest.get(at - 1..)? } else { from };
                return Some(Quoted::Bytes(line));
            }
            if !before.is_empty() {
                self.rest = from;
                return Some(Quoted::Bytes(before));
            }
            let behind = from.get(1..)?;
            if let [high, low, rest @ ..] = behind
                && let (Some(high), Some(low)) = (hex(*high), hex(*low))
            {
                self.rest = rest;
                return Some(Quoted::Byte(high << 4 | low));
            }
            let blank = behind
                .iter()
                .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r'))
                .unwrap_or(behind.len());
            match behind.get(blank) {
                Some(b'\n') => self.rest = behind.get(blank + 1..)?,
                None => self.rest = &[],
                Some(_) => {
                    self.rest = behind;
                    return Some(Quoted::Bare);
                }
            }
        }
    }
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let kept = line
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | b'\t'))
        .map_or(0, |at| at + 1);
    line.get(..kept).unwrap_or(line)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn quoted_printable(raw: &[u8], limit: usize) -> (Vec<u8>, Option<Defect>) {
    let mut out = Vec::with_capacity(raw.len().min(limit));
    let mut damaged = false;
    for step in (QuotedSteps { rest: raw }) {
        match step {
            Quoted::Bytes(bytes) => out.extend_from_slice(bytes),
            Quoted::Byte(byte) => out.push(byte),
            Quoted::Bare => {
                damaged = true;
                out.push(b'=');
            }
        }
        if out.len() >= limit {
            break;
        }
    }
    (out, damaged.then_some(Defect::EncodingDamaged))
}

fn quoted_printable_len(raw: &[u8]) -> usize {
    QuotedSteps { rest: raw }
        .map(|step| match step {
            Quoted::Bytes(bytes) => bytes.len(),
            Quoted::Byte(_) | Quoted::Bare => 1,
        })
        .sum()
}

/// The Q encoding of RFC 2047 §4.2: `_` is a space, everything else as in quoted-printable.
pub(crate) fn decode_q(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        match (byte, behind) {
            (b'_', _) => out.push(b' '),
            (b'=', [high, low, tail @ ..]) => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    out.push(high << 4 | low);
                    rest = tail;
                } else {
                    out.push(b'=');
                }
            }
            (byte, _) => out.push(*byte),
        }
    }
    out
}

/// The B encoding of RFC 2047 §4.1.
pub(crate) fn decode_b(text: &[u8]) -> Vec<u8> {
    base64(text, usize::MAX).0
}

/// A uuencoded file inside a text: where it stands and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UuBlock {
    /// Offset of the `begin` line.
    pub(crate) start: usize,
    /// Offset behind the `end` line.
    pub(crate) end: usize,
    pub(crate) name: Vec<u8>,
    data_start: usize,
}

/// Finds the first uuencoded file: a `begin MODE NAME` line, lines whose length fits their first character, `end`.
pub(crate) fn find_uuencoded(text: &[u8]) -> Option<UuBlock> {
    find_uuencoded_from(text, 0)
}

/// As [`find_uuencoded`], from an offset on.
pub(crate) fn find_uuencoded_from(text: &[u8], from: usize) -> Option<UuBlock> {
    let finder = memchr::memmem::Finder::new(b"begin ");
    let mut from = from;
    loop {
        let start = from + finder.find(text.get(from..)?)?;
        from = start + 6;
        if start != 0 && text.get(start - 1) != Some(&b'\n') {
            continue;
        }
        let line_end = memchr::memchr(b'\n', text.get(from..)?)? + from;
        let line = text.get(from..line_end)?.trim_ascii();
        let Some(space) = memchr::memchr(b' ', line) else {
            continue;
        };
        let (mode, name) = line.split_at_checked(space)?;
        if !(3..=4).contains(&mode.len()) || !mode.iter().all(|byte| (b'0'..=b'7').contains(byte)) {
            continue;
        }
        let data_start = line_end + 1;
        let mut at = data_start;
        let mut seen = false;
        while let Some(length) = memchr::memchr(b'\n', text.get(at..)?).or_else(|| Some(text.len() - at)) {
            let line = text.get(at..at + length)?;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            at = (at + length + 1).min(text.len());
            if line == b"end" {
                if seen {
                    return Some(UuBlock {
                        start,
                        end: at,
                        name: name.trim_ascii().to_vec(),
                        data_start,
                    });
                }
                break;
            }
            if !is_uu_line(line) || at >= text.len() {
                break;
            }
            seen = true;
        }
        // A text of nothing but `begin` lines must not be read once for each of them.
        from = from.max(at.saturating_sub(1)).max(data_start.saturating_sub(1));
    }
}

fn is_uu_line(line: &[u8]) -> bool {
    let Some((first, data)) = line.split_first() else {
        return false;
    };
    let length = usize::from(first.wrapping_sub(32) & 63);
    (32..=96).contains(first)
        && data.iter().all(|byte| (32..=96).contains(byte))
        // Trailing blanks are lost in transport, checksums are added by some programs.
        && data.len() <= length.div_ceil(3) * 4 + 2
}

impl UuBlock {
    /// The file's bytes. `text` is what the block was found in.
    pub(crate) fn decode(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let data = text.get(self.data_start..self.end).unwrap_or_default();
        for line in data.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line == b"end" {
                break;
            }
            let Some((first, data)) = line.split_first() else {
                continue;
            };
            let length = usize::from(first.wrapping_sub(32) & 63);
            let wanted = out.len() + length;
            let mut digits = data
                .iter()
                .map(|byte| u32::from(byte.wrapping_sub(32) & 63))
                .chain(std::iter::repeat(0));
            while out.len() < wanted {
                let bits = digits.by_ref().take(4).fold(0, |bits, digit| bits << 6 | digit);
                let [_, group @ ..] = bits.to_be_bytes();
                out.extend_from_slice(group.get(..(wanted - out.len()).min(3)).unwrap_or(&group));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_with_junk_or_cut_gives_what_is_there() {
        let cases: &[(&[u8], &[u8], bool)] = &[
            (b"YWJj", b"abc", false),
            (b"YW\r\nJj\r\n", b"abc", false),
            (b"YWI=", b"ab", false),
            (b"YWI", b"ab", true),
            (b"YQ==YWJj", b"aabc", false),
            (b"YW-J!j", b"abc", true),
            (b"YWJjY", b"abc", true),
            (b"", b"", false),
            (b"====", b"", false),
        ];
        for (raw, decoded, damaged) in cases {
            let (bytes, defect) = Encoding::Base64.decode(raw, usize::MAX);
            assert_eq!(
                (bytes.as_slice(), defect.is_some()),
                (*decoded, *damaged),
                "{raw:?}"
            );
        }
        assert_eq!(Encoding::Base64.decode(b"YWJjYWJjYWJj", 4).0, b"abcabc");
    }

    #[test]
    fn quoted_printable_with_bare_equals_and_blanks_decodes() {
        let cases: &[(&[u8], &[u8], bool)] = &[
            (b"a=C5=82b", b"a\xc5\x82b", false),
            (b"a=c5=82b", b"a\xc5\x82b", false),
            (b"soft=\r\nbreak", b"softbreak", false),
            (b"soft= \t\nbreak", b"softbreak", false),
            (b"a = b", b"a = b", true),
            (b"a=Zb", b"a=Zb", true),
            (b"end  \r\nnext\t\nlast ", b"end\r\nnext\nlast", false),
            (b" \r\n", b"\r\n", false),
            (b"cut=", b"cut", false),
            (b"cut=C", b"cut=C", true),
        ];
        for (raw, decoded, damaged) in cases {
            let (bytes, defect) = Encoding::QuotedPrintable.decode(raw, usize::MAX);
            assert_eq!(
                (bytes.as_slice(), defect.is_some()),
                (*decoded, *damaged),
                "{raw:?}"
            );
        }
    }

    #[test]
    fn uuencoded_file_in_a_text_is_found_and_decoded() {
        let text = b"Hi\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\nBye\r\n";
        let block = find_uuencoded(text).unwrap();
        assert_eq!(block.name, b"cat.txt");
        assert_eq!(block.decode(text), b"Cat");
        assert_eq!(&text[block.end..], b"Bye\r\n");
        for none in [
            b"begin the beguine\nend\n".as_slice(),
            b"begin 644 x\nend\n",
            b"begin 644 x",
            b"begin 644 x\n#0V%T\n",
        ] {
            assert_eq!(find_uuencoded(none), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn decoded_len_is_the_length_of_what_is_decoded(raw in "([A-Za-z0-9+/]{0,9}|=|=[0-9A-F]{2}|\r?\n| |\t|!|=\r\n){0,40}") {
            for encoding in [Encoding::Identity, Encoding::Base64, Encoding::QuotedPrintable, Encoding::Uuencode] {
                let (decoded, _) = encoding.decode(raw.as_bytes(), usize::MAX);
                prop_assert_eq!(decoded.len(), encoding.decoded_len(raw.as_bytes()));
            }
        }

        #[test]
        fn base64_in_pieces_is_what_it_is_as_a_whole(raw in "([A-Za-z0-9+/]{0,9}|=|\r?\n| |!){0,40}", size in 1_usize..9) {
            let mut decoder = Base64::default();
            let mut out = Vec::new();
            for piece in raw.as_bytes().chunks(size) {
                prop_assert!(decoder.push(piece, usize::MAX, &mut out));
            }
            let damaged = decoder.finish(&mut out);
            let (whole, defect) = base64(raw.as_bytes(), usize::MAX);
            prop_assert_eq!((out, damaged), (whole, defect.is_some()));
        }

        #[test]
        fn decoders_never_panic(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            for encoding in [Encoding::Identity, Encoding::Base64, Encoding::QuotedPrintable, Encoding::Uuencode] {
                let (decoded, _) = encoding.decode(&raw, usize::MAX);
                prop_assert_eq!(decoded.len(), encoding.decoded_len(&raw));
            }
            decode_q(&raw);
        }
    }
}
