//! The dates of an X.509 certificate (RFC 5280 §4.1) and whether it was issued by itself, for what is told to
//! people. Trust is decided by rustls.

use mailroom_model::UnixMillis;
use time::{Date, Month, PrimitiveDateTime, Time};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

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

struct Fields<'a> {
    issuer: &'a [u8],
    dates: &'a [u8],
    subject: &'a [u8],
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
    let (subject, _) = element(rest, SEQUENCE)?;
    Some(Fields {
        issuer,
        dates,
        subject,
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
            let _ = validity(&der[..end]);
        }
        assert!(is_self_issued(&der) && !is_self_issued(b"hello"));
        assert_eq!(validity(b"hello"), None);
    }
}
