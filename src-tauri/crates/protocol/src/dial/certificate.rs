//! What stands in an X.509 certificate (RFC 5280 §4.1), for what is told to people. Trust is decided by rustls.

use mailroom_model::{Fingerprint, UnixMillis};
use serde::Serialize;
use sha2::{Digest, Sha256};
use time::{Date, Month, PrimitiveDateTime, Time};

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTF8_TEXT: u8 = 0x0c;
const BMP_TEXT: u8 = 0x1e;
const SET: u8 = 0x31;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;
/// 2.5.29.17, subjectAltName.
const OTHER_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
/// 2.5.4.3, 2.5.4.10 and 2.5.4.11: commonName, organizationName and organizationalUnitName, in the order in which one of them
/// is shown for the whole.
const SHOWN: [&[u8]; 3] = [&[0x55, 0x04, 0x03], &[0x55, 0x04, 0x0a], &[0x55, 0x04, 0x0b]];
/// Texts of strangers are shown up to so many characters, and so many names.
const LONGEST: usize = 120;
const MOST_NAMES: usize = 12;

const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `notBefore` and `notAfter` of a certificate in DER; `None` when it is not one.
pub(super) fn validity(der: &[u8]) -> Option<(UnixMillis, UnixMillis)> {
    let fields = fields(der)?;
    let (from, rest) = moment(fields.dates)?;
    let (until, _) = moment(rest)?;
    Some((from, until))
}

/// True when issuer and subject of a certificate in DER are the same.
pub(super) fn is_self_issued(der: &[u8]) -> bool {
    fields(der).is_some_and(|fields| fields.issuer == fields.subject)
}

/// A certificate as people are told about it. What cannot be read is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// Whom it was issued for: the common name, else the organisation.
    pub subject: String,
    /// Who issued it: the common name, else the organisation.
    pub issuer: String,
    /// The hosts that it is for, a dozen at most.
    pub names: Vec<String>,
    /// When it begins to be valid.
    #[serde(rename = "from")]
    pub not_before: Option<UnixMillis>,
    /// When it expires.
    #[serde(rename = "until")]
    pub not_after: Option<UnixMillis>,
    /// Its SHA-256.
    pub fingerprint: Fingerprint,
}

impl CertificateFacts {
    /// Reads a certificate in DER.
    pub(super) fn of(der: &[u8]) -> Self {
        let read = fields(der);
        let dates = validity(der);
        let name = |of: Option<&[u8]>| of.map(name_of).unwrap_or_default();
        Self {
            subject: name(read.as_ref().map(|fields| fields.subject)),
            issuer: name(read.as_ref().map(|fields| fields.issuer)),
            names: read
                .as_ref()
                .and_then(|fields| other_names(fields.rest))
                .unwrap_or_default(),
            not_before: dates.map(|(from, _)| from),
            not_after: dates.map(|(_, until)| until),
            fingerprint: fingerprint(der),
        }
    }
}

/// The SHA-256 of a certificate in DER.
pub(super) fn fingerprint(der: &[u8]) -> Fingerprint {
    Fingerprint::new(Sha256::digest(der).into())
}

/// What is shown of a distinguished name (RFC 5280 §4.1.2.4).
fn name_of(mut sequence: &[u8]) -> String {
    let mut best: Option<(usize, String)> = None;
    while let Some((mut set, rest)) = element(sequence, SET) {
        sequence = rest;
        while let Some((pair, more)) = element(set, SEQUENCE) {
            set = more;
            let Some((kind, value)) = element(pair, OBJECT) else {
                continue;
            };
            let Some(rank) = SHOWN.iter().position(|shown| *shown == kind) else {
                continue;
            };
            if best.as_ref().is_none_or(|(known, _)| rank < *known)
                && let Some(text) = text_of(value)
            {
                best = Some((rank, text));
            }
        }
    }
    best.map(|(_, text)| text).unwrap_or_default()
}

/// A directory string. Those of one byte for a character are read as far as they are ASCII.
fn text_of(value: &[u8]) -> Option<String> {
    let tag = *value.first()?;
    let (bytes, _) = element(value, tag)?;
    let text = match tag {
        BMP_TEXT => String::from_utf16_lossy(
            &bytes
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
                .collect::<Vec<u16>>(),
        ),
        UTF8_TEXT => String::from_utf8_lossy(bytes).into_owned(),
        _ => bytes
            .iter()
            .map(|byte| {
                if byte.is_ascii() {
                    char::from(*byte)
                } else {
                    '\u{fffd}'
                }
            })
            .collect(),
    };
    Some(shown(&text))
}

fn shown(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The hosts among the subject's other names (RFC 5280 §4.2.1.6), from what follows the subject.
fn other_names(mut rest: &[u8]) -> Option<Vec<String>> {
    // The key, and identifiers that nobody uses, come first.
    let mut list = loop {
        let tag = *rest.first()?;
        let (content, after) = element(rest, tag)?;
        if tag == EXTENSIONS {
            break element(content, SEQUENCE)?.0;
        }
        rest = after;
    };
    while let Some((extension, more)) = element(list, SEQUENCE) {
        list = more;
        let (kind, mut value) = element(extension, OBJECT)?;
        if let Some((_, after)) = element(value, BOOLEAN) {
            value = after;
        }
        if kind != OTHER_NAMES {
            continue;
        }
        let (octets, _) = element(value, OCTETS)?;
        let (mut names, _) = element(octets, SEQUENCE)?;
        let mut hosts = Vec::new();
        while let Some(tag) = names.first().copied() {
            let (name, after) = element(names, tag)?;
            names = after;
            match tag {
                DNS_NAME => hosts.push(shown(&String::from_utf8_lossy(name))),
                IP_ADDRESS => hosts.extend(address(name)),
                _ => {}
            }
        }
        hosts.truncate(MOST_NAMES);
        return Some(hosts);
    }
    None
}

fn address(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(|four| std::net::IpAddr::from(four).to_string());
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(|all| std::net::IpAddr::from(all).to_string()))
        .ok()
}

struct Fields<'a> {
    issuer: &'a [u8],
    dates: &'a [u8],
    subject: &'a [u8],
    /// What follows the subject.
    rest: &'a [u8],
}

fn fields(der: &[u8]) -> Option<Fields<'_>> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut body, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(body, VERSION) {
        body = rest;
    }
    // Serial number and signature algorithm.
    for tag in [INTEGER, SEQUENCE] {
        body = element(body, tag)?.1;
    }
    let (issuer, rest) = element(body, SEQUENCE)?;
    let (dates, rest) = element(rest, SEQUENCE)?;
    let (subject, rest) = element(rest, SEQUENCE)?;
    Some(Fields {
        issuer,
        dates,
        subject,
        rest,
    })
}

/// One tag-length-value with the expected tag: its content and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, mut rest) = rest.split_first()?;
    let length = match *length {
        short @ 0..=0x7f => usize::from(short),
        long => {
            let count = usize::from(long & 0x7f);
            if count == 0 || count > 4 {
                return None;
            }
            let (digits, after) = rest.split_at_checked(count)?;
            rest = after;
            digits.iter().try_fold(0_usize, |value, digit| {
                value.checked_mul(256)?.checked_add(usize::from(*digit))
            })?
        }
    };
    rest.split_at_checked(length)
}

fn moment(bytes: &[u8]) -> Option<(UnixMillis, &[u8])> {
    let (text, rest, year_digits) = if let Some((text, rest)) = element(bytes, UTC_TIME) {
        (text, rest, 2)
    } else {
        let (text, rest) = element(bytes, GENERALIZED_TIME)?;
        (text, rest, 4)
    };
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, tail) = text.split_at_checked(year_digits)?;
    let mut year: i32 = year.parse().ok()?;
    if year_digits == 2 {
        year += if year < 50 { 2000 } else { 1900 };
    }
    let two = |at: usize| tail.get(at..at + 2)?.parse::<u8>().ok();
    let date = Date::from_calendar_date(year, Month::try_from(two(0)?).ok()?, two(2)?).ok()?;
    let time = Time::from_hms(two(4)?, two(6)?, two(8)?).ok()?;
    let seconds = PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp();
    Some((UnixMillis(seconds.checked_mul(1000)?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_dates_are_read_in_both_forms() {
        let mut params = rcgen::CertificateParams::new(vec!["mail.mailroom.test".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2024, 2, 29);
        params.not_after = rcgen::date_time_ymd(2051, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        assert_eq!(
            validity(&der),
            Some((UnixMillis(1_709_164_800_000), UnixMillis(2_556_144_000_000)))
        );
        for end in 0..der.len() {
            // A cut certificate is no certificate; whatever comes out, nothing panics.
            let _ = CertificateFacts::of(&der[..end]);
        }
        assert!(is_self_issued(&der) && !is_self_issued(b"hello"));
        assert_eq!(validity(b"hello"), None);
    }

    #[test]
    fn certificate_is_told_by_its_names_and_its_digest() {
        let mut params = rcgen::CertificateParams::new(vec!["mail.mailroom.test".to_owned()]).unwrap();
        let local = std::net::IpAddr::from([127, 0, 0, 1]);
        params.subject_alt_names.push(rcgen::SanType::IpAddress(local));
        params.distinguished_name = rcgen::DistinguishedName::new();
        let put = |params: &mut rcgen::CertificateParams, kind, text: &str| {
            params.distinguished_name.push(kind, text);
        };
        put(&mut params, rcgen::DnType::OrganizationName, "Żółw sp. z o.o.");
        let key = rcgen::KeyPair::generate().unwrap();
        let facts = |params: &rcgen::CertificateParams| {
            let der = params.clone().self_signed(&key).unwrap().der().to_vec();
            CertificateFacts::of(&der)
        };
        let of_organisation = facts(&params);
        assert_eq!(of_organisation.subject, "Żółw sp. z o.o.");
        assert_eq!(of_organisation.names, ["mail.mailroom.test", "127.0.0.1"]);
        put(&mut params, rcgen::DnType::CommonName, "mail\u{7} server");
        let named = facts(&params);
        assert_eq!(
            (named.subject.as_str(), named.issuer.as_str()),
            ("mail server", "mail server")
        );
        assert_ne!(named.fingerprint, of_organisation.fingerprint);
        assert_eq!(
            fingerprint(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
        #[test]
        fn certificate_of_any_bytes_never_panics(bytes: Vec<u8>, at: usize, byte: u8) {
            let _ = CertificateFacts::of(&bytes);
            let made = rcgen::generate_simple_self_signed(vec!["mail.mailroom.test".to_owned()]).unwrap();
            let mut der = made.cert.der().to_vec();
            let at = at % der.len();
            der[at] = byte;
            let _ = CertificateFacts::of(&der);
        }
    }
}
