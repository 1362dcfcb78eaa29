//! Bytes → text, whatever the sender calls the charset.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_8859_2, REPLACEMENT, UTF_8, WINDOWS_1250, WINDOWS_1252};

use crate::Defect;

/// The upper halves of code pages that the WHATWG list (encoding_rs) does not have and old mail does.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
const CP852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";
const MAC_CENTRAL_EUROPE: &str = "ÄĀāÉĄÖÜáąČäčĆćéŹźĎíďĒēĖóėôöõúĚěü†°Ę£§•¶ß®©™ę¨≠ģĮįĪ≤≥īĶ∂∑łĻļĽľĹĺŅņŃ¬√ńŇ∆«»…\u{a0}ňŐÕőŌ–—“”‘’÷◊ōŔŕŘ‹›řŖŗŠ‚„šŚśÁŤťÍŽžŪÓÔūŮÚůŰűŲųÝýķŻŁżĢˇ";

/// What a label means.
#[derive(Clone, Copy)]
enum Charset {
    Known(&'static Encoding),
    Utf7,
    Table(&'static str),
    /// No label, or one that says nothing: look at the bytes.
    Guess,
    Unknown,
}

/// Text, and what was wrong with the bytes or their label.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) defect: Option<Defect>,
}

/// Decodes `bytes` that are labelled with `label` (RFC 2046 §4.1.2). Wrong spellings of labels are understood; with
/// no label or an unknown one the bytes are UTF-8 if they can be, else windows-1252. Bytes that the charset does
/// not have become U+FFFD.
pub(crate) fn decode<'a>(label: Option<&str>, bytes: &'a [u8]) -> Decoded<'a> {
    match charset(label.unwrap_or_default()) {
        Charset::Known(encoding) => decode_known(encoding, bytes),
        Charset::Utf7 => decode_utf7(bytes),
        Charset::Table(table) => decode_table(table, bytes),
        Charset::Guess => decode_guessed(bytes),
        Charset::Unknown => Decoded {
            defect: Some(Defect::CharsetUnknown),
            ..decode_guessed(bytes)
        },
    }
}

/// True when the label names a charset that [`decode`] knows.
pub(crate) fn is_known(label: &str) -> bool {
    matches!(
        charset(label),
        Charset::Known(_) | Charset::Utf7 | Charset::Table(_)
    )
}

fn charset(label: &str) -> Charset {
    let label = label
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | ','))
        .to_ascii_lowercase();
    // Multipurpose names first: `us-ascii` is what programs write that never thought about it.
    match label.as_str() {
        "" | "us-ascii" | "ascii" | "ansi_x3.4-1968" | "unknown-8bit" | "x-unknown" | "unknown"
        | "default" | "_autodetect" | "_autodetect_all" | "7bit" | "8bit" | "ansi" | "none" => {
            return Charset::Guess;
        }
        "utf-7" | "utf7" | "unicode-1-1-utf-7" | "x-unicode-1-1-utf-7" | "cp65000" => return Charset::Utf7,
        "utf8mb4" | "utf_8" | "utf-8-sig" | "cp65001" | "unicode" | "utf" => return Charset::Known(UTF_8),
        "cp437" | "ibm437" | "437" => return Charset::Table(CP437),
        "cp850" | "ibm850" | "850" => return Charset::Table(CP850),
        "cp852" | "ibm852" | "852" | "cspcp852" => return Charset::Table(CP852),
        "x-mac-ce" | "x-mac-centraleurroman" | "macce" | "mac-centraleurope" | "maccentraleurope" => {
            return Charset::Table(MAC_CENTRAL_EUROPE);
        }
        _ => {}
    }
    if let Some(encoding) = Encoding::for_label(label.as_bytes())
        && encoding != REPLACEMENT
    {
        return Charset::Known(encoding);
    }
    // `cp-1250`, `win1251`, `iso8859_2`, `koi8r`, `MacCyrillic`: the same letters and digits without the rest.
    let bare: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
    let canonical = if let Some(page) = bare.find("125").and_then(|at| bare.get(at..at + 4)) {
        format!("windows-{page}")
    } else if let Some(part) = bare.find("8859").and_then(|at| bare.get(at + 4..)) {
        format!("iso-8859-{part}")
    } else if bare.starts_with("koi8") {
        if bare.ends_with('u') { "koi8-u" } else { "koi8-r" }.to_owned()
    } else {
        match bare.as_str() {
            "maccyrillic" | "macukrainian" | "xmacukrainian" => "x-mac-cyrillic",
            "cp932" | "ms932" | "shiftjis" | "sjis" => "shift_jis",
            "cp936" | "gb2312" | "ms936" => "gbk",
            "cp949" | "ms949" | "ksc5601" | "euckr" => "euc-kr",
            "cp950" | "ms950" | "big5" => "big5",
            "cp866" | "dos866" | "ibm866" => "ibm866",
            "eucjp" => "euc-jp",
            "iso2022jp" | "csiso2022jp" => "iso-2022-jp",
            "latin1" => "iso-8859-1",
            "latin2" => "iso-8859-2",
            "utf16" => "utf-16",
            "utf16le" => "utf-16le",
            "utf16be" => "utf-16be",
            other if other.starts_with("utf8") => "utf-8",
            _ => return Charset::Unknown,
        }
        .to_owned()
    };
    Encoding::for_label(canonical.as_bytes())
        .filter(|encoding| *encoding != REPLACEMENT)
        .map_or(Charset::Unknown, Charset::Known)
}

fn decode_known<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Decoded<'a> {
    // Programs that write windows-1250 and call it iso-8859-2 are common; the bytes 0x80–0x9F tell them apart,
    // because iso-8859-2 has nothing but controls there.
    let encoding = if encoding == ISO_8859_2 && bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) {
        WINDOWS_1250
    } else {
        encoding
    };
    let (text, _, damaged) = encoding.decode(bytes);
    Decoded {
        text,
        defect: damaged.then_some(Defect::CharsetDamaged),
    }
}

fn decode_guessed(bytes: &[u8]) -> Decoded<'_> {
    let iso_2022_jp = [b"\x1b$B".as_slice(), b"\x1b$@", b"\x1b(J"];
    let defect = None;
    if bytes.is_ascii()
        && iso_2022_jp
            .iter()
            .any(|escape| memchr::memmem::find(bytes, escape).is_some())
    {
        return decode_known(encoding_rs::ISO_2022_JP, bytes);
    }
    let without_bom = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(without_bom) {
        Ok(text) => Decoded {
            text: Cow::Borrowed(text),
            defect,
        },
        // A text that was cut at a limit ends in the middle of a character.
        Err(error)
            if error.error_len().is_none()
                && without_bom
                    .get(..error.valid_up_to())
                    .is_some_and(|head| !head.is_ascii()) =>
        {
            Decoded {
                text: String::from_utf8_lossy(without_bom),
                defect,
            }
        }
        Err(_) => Decoded {
            text: WINDOWS_1252.decode_without_bom_handling(bytes).0,
            defect,
        },
    }
}

fn decode_table(table: &str, bytes: &[u8]) -> Decoded<'static> {
    let upper: Vec<char> = table.chars().collect();
    let text = bytes
        .iter()
        .map(|byte| match byte.checked_sub(0x80) {
            None => char::from(*byte),
            Some(at) => upper
                .get(usize::from(at))
                .copied()
                .unwrap_or(char::REPLACEMENT_CHARACTER),
        })
        .collect();
    Decoded {
        text: Cow::Owned(text),
        defect: None,
    }
}

/// UTF-7 (RFC 2152): `+` opens base64 of UTF-16BE, anything that is no base64 closes it, `+-` is a plus.
fn decode_utf7(bytes: &[u8]) -> Decoded<'static> {
    let mut text = String::with_capacity(bytes.len());
    let mut damaged = false;
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'+' {
            if byte.is_ascii() {
                text.push(char::from(byte));
            } else {
                damaged = true;
                text.push(char::REPLACEMENT_CHARACTER);
            }
            continue;
        }
        if rest.next_if_eq(&b'-').is_some() {
            text.push('+');
            continue;
        }
        let mut units = Vec::new();
        let (mut bits, mut count) = (0_u32, 0_u32);
        while let Some(sextet) = rest.peek().and_then(|byte| sextet(*byte)) {
            rest.next();
            bits = (bits << 6) | u32::from(sextet);
            count += 6;
            if count >= 16 {
                count -= 16;
                units.push(u16::try_from((bits >> count) & 0xffff).unwrap_or_default());
                bits &= (1 << count) - 1;
            }
        }
        rest.next_if_eq(&b'-');
        damaged |= units.is_empty();
        text.extend(char::decode_utf16(units).map(|unit| {
            unit.unwrap_or_else(|_| {
                damaged = true;
                char::REPLACEMENT_CHARACTER
            })
        }));
    }
    Decoded {
        text: Cow::Owned(text),
        defect: damaged.then_some(Defect::CharsetDamaged),
    }
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_in_any_spelling_names_its_charset() {
        let cases: &[(&str, &[u8], &str)] = &[
            ("utf8", "łąka".as_bytes(), "łąka"),
            ("UTF-8", "łąka".as_bytes(), "łąka"),
            ("\"utf-8\"", "łąka".as_bytes(), "łąka"),
            ("cp-1250", b"\x9cwi\xeato", "święto"),
            ("windows1250", b"\x9cwi\xeato", "święto"),
            ("Win-1251", b"\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"),
            ("cp1251", b"\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"),
            ("koi8r", b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"),
            ("KOI8-R", b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"),
            ("koi8-u", b"\xa7\xd6", "їж"),
            ("cp866", b"\x8f\xe0\xa8\xa2\xa5\xe2", "Привет"),
            ("x-mac-cyrillic", b"\x8f\xf0\xe8\xe2\xe5\xf2", "Привет"),
            ("iso8859_2", b"\xb6wi\xeato", "święto"),
            ("latin2", b"\xb6wi\xeato", "święto"),
            ("iso-8859-2", b"\x9cwi\xeato", "święto"),
            ("cp852", b"\x98wi\xa9to", "święto"),
            ("x-mac-ce", b"\xe6wi\xabto", "święto"),
            ("utf-7", b"+AVs-wi+ARk-to +- +BB8EQAQ4BDIENQRC", "święto + Привет"),
            ("iso-2022-jp", b"\x1b$B$3$s\x1b(B", "こん"),
            ("us-ascii", "łąka".as_bytes(), "łąka"),
            ("us-ascii", b"caf\xe9", "café"),
            ("", b"caf\xe9", "café"),
            ("", b"\x1b$B$3$s\x1b(B", "こん"),
            ("utf-16", b"\xfe\xff\x01\x42", "ł"),
        ];
        for (label, bytes, text) in cases {
            let decoded = decode(Some(label), bytes);
            assert_eq!(
                (decoded.text.as_ref(), decoded.defect),
                (*text, None),
                "{label} {bytes:?}"
            );
        }
    }

    #[test]
    fn label_or_bytes_that_are_wrong_are_noticed() {
        let cases: &[(&str, &[u8], &str, Defect)] = &[
            ("x-klingon", "łąka".as_bytes(), "łąka", Defect::CharsetUnknown),
            ("x-klingon", b"caf\xe9", "café", Defect::CharsetUnknown),
            ("iso-2022-kr", b"abc", "abc", Defect::CharsetUnknown),
            ("utf-8", b"a\xffb", "a\u{fffd}b", Defect::CharsetDamaged),
            ("utf-7", b"a+2AA-b", "a\u{fffd}b", Defect::CharsetDamaged),
        ];
        for (label, bytes, text, defect) in cases {
            let decoded = decode(Some(label), bytes);
            assert_eq!(
                (decoded.text.as_ref(), decoded.defect),
                (*text, Some(*defect)),
                "{label}"
            );
        }
    }

    #[test]
    fn tables_have_one_character_for_every_byte() {
        for table in [CP437, CP850, CP852, MAC_CENTRAL_EUROPE] {
            assert_eq!(table.chars().count(), 128);
        }
    }
}
