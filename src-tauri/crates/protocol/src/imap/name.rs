//! Mailbox names: what stands on the wire, and what people read (modified UTF-7, RFC 3501 §5.1.3).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const ALPHABET: alphabet::Alphabet = alphabet::IMAP_MUTF7;

/// Without padding. Stray bits at the end are an error: a name that does not encode back stays as it is.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// A wire name as text. Bytes that are not UTF-8 (old servers send Latin-1 and KOI8-R) become characters of a
/// private range, one each, and [`to_wire`] gives the very same bytes back.
pub(super) fn from_wire(bytes: &[u8]) -> String {
    let mut name = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if ESCAPED.contains(&c) {
                // A real character of that range must not be taken for an escaped byte.
                let mut buffer = [0; 4];
                name.extend(c.encode_utf8(&mut buffer).bytes().map(escaped));
            } else {
                name.push(c);
            }
        }
        name.extend(chunk.invalid().iter().copied().map(escaped));
    }
    name
}

/// The bytes of a wire name.
pub(super) fn to_wire(name: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(name.len());
    for c in name.chars() {
        if ESCAPED.contains(&c) {
            bytes.push(u8::try_from(u32::from(c) - FIRST_ESCAPED).unwrap_or(b'?'));
        } else {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    bytes
}

const FIRST_ESCAPED: u32 = 0xf700;
const ESCAPED: std::ops::RangeInclusive<char> = '\u{f780}'..='\u{f7ff}';

fn escaped(byte: u8) -> char {
    char::from_u32(FIRST_ESCAPED + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The readable form of a wire name. A name that is not modified UTF-7, or that would not encode back to itself,
/// is left as it is, so that two folders never read the same.
pub fn decode_name(wire_name: &str) -> String {
    if !wire_name.is_ascii() || !wire_name.contains('&') {
        return wire_name.to_owned();
    }
    match decoded(wire_name) {
        Some(path) if encode_name(&path) == wire_name => path,
        _ => wire_name.to_owned(),
    }
}

/// The readable form of a wire name with levels. Decoded level by level: an `&` in one must not swallow a delimiter.
pub fn decode_path(wire_name: &str, delimiter: Option<char>) -> String {
    match delimiter {
        None => decode_name(wire_name),
        Some(delimiter) => {
            let levels: Vec<String> = wire_name.split(delimiter).map(decode_name).collect();
            levels.join(&delimiter.to_string())
        }
    }
}

fn decoded(wire_name: &str) -> Option<String> {
    let mut path = String::with_capacity(wire_name.len());
    let mut rest = wire_name;
    while let Some((plain, tail)) = rest.split_once('&') {
        path.push_str(plain);
        let (shifted, after) = tail.split_once('-')?;
        if shifted.is_empty() {
            path.push('&');
        } else {
            let bytes = BASE64.decode(shifted).ok()?;
            let (pairs, odd) = bytes.as_chunks::<2>();
            if !odd.is_empty() {
                return None;
            }
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            for c in char::decode_utf16(units) {
                path.push(c.ok()?);
            }
        }
        rest = after;
    }
    path.push_str(rest);
    Some(path)
}

/// The wire name for a new folder's readable name, in modified UTF-7. The delimiter stays as it is.
pub fn encode_name(path: &str) -> String {
    let mut wire_name = String::with_capacity(path.len());
    let mut shifted: Vec<u8> = Vec::new();
    for c in path.chars() {
        if (' '..='~').contains(&c) {
            unshift(&mut shifted, &mut wire_name);
            wire_name.push(c);
            if c == '&' {
                wire_name.push('-');
            }
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shifted.extend_from_slice(&unit.to_be_bytes());
            }
        }
    }
    unshift(&mut shifted, &mut wire_name);
    wire_name
}

fn unshift(shifted: &mut Vec<u8>, wire_name: &mut String) {
    if !shifted.is_empty() {
        wire_name.push('&');
        wire_name.push_str(&BASE64.encode(&*shifted));
        wire_name.push('-');
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_providers_decode_and_encode() {
        let cases = [
            ("Wys&AUI-ane", "Wysłane"),
            ("Elementy wys&AUI-ane", "Elementy wysłane"),
            ("Elementy usuni&ARk-te", "Elementy usunięte"),
            ("Wiadomo&AVs-ci-&AVs-mieci", "Wiadomości-śmieci"),
            ("&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", "Отправленные"),
            ("&BCcENQRABD0EPgQyBDgEOgQ4-", "Черновики"),
            ("&BCMENAQwBDsENQQ9BD0ESwQ1-", "Удаленные"),
            ("&BCMENAQwBDsEUQQ9BD0ESwQ1-", "Удалённые"),
            ("&BBoEPgRABDcEOAQ9BDA-", "Корзина"),
            ("&BCEEPwQwBDw-", "Спам"),
            ("&BBAEQARFBDgEMg-", "Архив"),
            ("&BBgEQQRFBD4ENARPBEkEOAQ1-", "Исходящие"),
            ("&BCgEMAQxBDsEPgQ9BEs-", "Шаблоны"),
            ("&BCAEMARBBEEESwQ7BDoEOA-", "Рассылки"),
            (
                "&BB0ENQQ2BDUEOwQwBEIENQQ7BEwEPQQwBE8- &BD8EPgRHBEIEMA-",
                "Нежелательная почта",
            ),
            ("a &- b", "a & b"),
            ("&2D3eAA-", "😀"),
            ("Plain/Name", "Plain/Name"),
        ];
        for (wire, path) in cases {
            assert_eq!(decode_name(wire), path);
            assert_eq!(encode_name(path), wire);
        }
    }

    #[test]
    fn names_that_are_not_modified_utf7_stay_as_they_are() {
        // No end, bad base64, a lone surrogate, ASCII in shifted form, stray bits, plain UTF-8.
        for name in [
            "R&D",
            "&!!!-",
            "&2D0-",
            "&AGE-",
            "&AUJ-",
            "Wysłane & co",
            "&AUIx-",
        ] {
            assert_eq!(decode_name(name), name);
        }
    }

    #[test]
    fn bytes_of_any_charset_survive() {
        for bytes in [
            &b"caf\xe9"[..],
            b"\xef\x9e\x80",
            "Wys\u{142}ane".as_bytes(),
            b"\xc3",
            b"INBOX",
        ] {
            assert_eq!(to_wire(&from_wire(bytes)), bytes);
        }
        assert_eq!(from_wire("Wysłane".as_bytes()), "Wysłane");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn names_survive_the_wire(path in "\\PC{0,20}", bytes in prop::collection::vec(any::<u8>(), 0..30)) {
            prop_assert_eq!(decode_name(&encode_name(&path)), path);
            let name = from_wire(&bytes);
            prop_assert_eq!(to_wire(&name), bytes);
            let _ = decode_name(&name);
        }
    }
}
