//! Encoded words in header fields (RFC 2047), as senders really write them.

use crate::{charset, transfer};

/// A word without an end is believed when it is not longer.
const MAX_UNCLOSED: usize = 200;

/// One `=?charset?encoding?text?=` and where it ends.
struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
    end: usize,
}

/// Decodes the encoded words of an unfolded field. White space between two of them goes; bytes of neighbours in the
/// same charset are joined before they become text, so that a character split between words survives; a word that
/// cannot be read stays as it is.
pub(crate) fn decode_words(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<(&str, Vec<u8>)> = None;
    let last_close = text.rfind("?=");
    let mut at = 0;
    while let Some(start) = text
        .get(at..)
        .and_then(|rest| rest.find("=?"))
        .map(|offset| at + offset)
    {
        let between = text.get(at..start).unwrap_or_default();
        let closes_later = last_close.is_some_and(|close| close > start + 1);
        if !closes_later && text.len() - start >= MAX_UNCLOSED {
            break;
        }
        let Some(word) = read_word(text, start) else {
            flush(&mut out, &mut pending);
            out.push_str(between);
            out.push_str("=?");
            at = start + 2;
            continue;
        };
        let gap_is_blank = between.chars().all(char::is_whitespace);
        match &mut pending {
            Some((charset, bytes)) if gap_is_blank && charset.eq_ignore_ascii_case(word.charset) => {
                bytes.extend_from_slice(&word.bytes);
            }
            _ => {
                let after_word = pending.is_some();
                flush(&mut out, &mut pending);
                if !(after_word && gap_is_blank) {
                    out.push_str(between);
                }
                pending = Some((word.charset, word.bytes));
            }
        }
        at = word.end;
    }
    flush(&mut out, &mut pending);
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn flush(out: &mut String, pending: &mut Option<(&str, Vec<u8>)>) {
    if let Some((label, bytes)) = pending.take() {
        out.push_str(&charset::decode(Some(label), &bytes).text);
    }
}

/// Where the encoded word that starts at `start` ends, if it is one.
pub(crate) fn word_end(text: &str, start: usize) -> Option<usize> {
    let (_, _, body) = read_head(text, start)?;
    Some(body + text.get(body..)?.find("?=")? + 2)
}

/// Charset, encoding and the offset of the text of a word.
fn read_head(text: &str, start: usize) -> Option<(&str, u8, usize)> {
    let head = text.get(start + 2..)?;
    let charset_end = head.bytes().take(80).position(|byte| byte == b'?')?;
    let charset = head.get(..charset_end)?;
    if charset.is_empty() || charset.bytes().any(|byte| byte <= b' ') {
        return None;
    }
    // RFC 2231 §5: the charset may be followed by `*` and a language.
    let charset = charset.split('*').next().unwrap_or(charset);
    let [encoding, b'?', ..] = head.as_bytes().get(charset_end + 1..)? else {
        return None;
    };
    Some((
        charset,
        encoding.to_ascii_uppercase(),
        start + 2 + charset_end + 3,
    ))
}

fn read_word(text: &str, start: usize) -> Option<Word<'_>> {
    let (charset, encoding, body) = read_head(text, start)?;
    if !matches!(encoding, b'B' | b'Q') {
        return None;
    }
    let rest = text.get(body..)?;
    // A word that a broken program cut off has no end.
    let length = rest.find("?=");
    let encoded = rest.get(..length.unwrap_or(rest.len()))?.as_bytes();
    let bytes = match encoding {
        b'B' => transfer::decode_b(encoded),
        _ => transfer::decode_q(encoded),
    };
    let end = length.map_or(text.len(), |length| body + length + 2);
    Some(Word { charset, bytes, end })
}

/// Text of a header field as it may be shown: no controls, no invisible characters that change the direction or hide
/// something, white space collapsed.
pub(crate) fn for_display(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            blank = true;
        } else if !is_deceptive(c) {
            if blank && !out.is_empty() {
                out.push(' ');
            }
            blank = false;
            out.push(c);
        }
    }
    out
}

/// Bidirectional overrides and isolates, and characters that show nothing: with them a name can be made to read as
/// another (`exe.fdp` as `pdf.exe` written backwards).
pub(crate) fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_decode_in_every_form_seen() {
        let cases = [
            ("plain", "plain"),
            ("=?utf-8?Q?za=C5=BC=C3=B3=C5=82=C4=87?=", "zażółć"),
            ("=?UTF-8?b?0J/RgNC40LLQtdGC?=", "Привет"),
            ("=?utf-8*pl?q?=C5=82?=", "ł"),
            ("=?iso-8859-2?Q?Za=BF=F3=B3=E6_g=EA=B6l=B1?=", "Zażółć gęślą"),
            ("=?koi8-r?B?8NLJ18XU?=", "Привет"),
            ("=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?= all", "Привет all"),
            ("a =?utf-8?q?b?= c", "a b c"),
            ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
            ("=?utf-8?q?a?= \t =?iso-8859-2?q?=B3?=", "ał"),
            // One character in two words, and in two words of two encodings.
            ("=?utf-8?B?xQ==?= =?utf-8?B?gg==?=", "ł"),
            ("=?utf-8?Q?=C5?= =?UTF-8?B?gg==?=", "ł"),
            // No white space between words, blanks inside one, no end, a question mark.
            ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
            ("=?utf-8?Q?a b?=", "a b"),
            ("=?utf-8?Q?what??=", "what?"),
            ("=?utf-8?Q?cut=C5=82", "cutł"),
            ("\"=?utf-8?q?a?=\"", "\"a\""),
            // Not words.
            ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
            ("a=?b", "a=?b"),
            ("=?=?=?", "=?=?=?"),
            ("=??q?a?=", "=??q?a?="),
            ("=?x-unknown-charset?q?=C5=82?=", "ł"),
        ];
        for (text, decoded) in cases {
            assert_eq!(decode_words(text), decoded, "{text}");
        }
    }

    #[test]
    fn long_field_of_word_starts_takes_linear_time() {
        for piece in ["=?a?q?b ", "=? ", "=?a?x?", "=?"] {
            let text = piece.repeat(80_000) + "?=";
            assert!(decode_words(&text).len() <= text.len());
            let text = piece.repeat(80_000);
            assert!(decode_words(&text).len() <= text.len());
        }
    }

    #[test]
    fn text_for_display_hides_nothing() {
        assert_eq!(
            for_display(" a\r\n\tb\u{0}c \u{202e}fdp.exe\u{200b} "),
            "a b c fdp.exe"
        );
    }
}
