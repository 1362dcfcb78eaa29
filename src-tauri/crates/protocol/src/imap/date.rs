//! IMAP's two forms of a date (RFC 9051 §9: `date`, `date-time`).

use mailroom_model::UnixMillis;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn month_name(month: Month) -> &'static str {
    MONTHS
        .get(usize::from(u8::from(month)) - 1)
        .copied()
        .unwrap_or("Jan")
}

/// `d-Mon-yyyy` in UTC, for SINCE.
pub(super) fn search_date(at: UnixMillis) -> String {
    let date = utc(at).date();
    format!(
        "{}-{}-{:04}",
        date.day(),
        month_name(date.month()),
        date.year().max(1)
    )
}

/// `"dd-Mon-yyyy hh:mm:ss +0000"` without the quotes, for APPEND.
pub(super) fn internal_date(at: UnixMillis) -> String {
    let moment = utc(at);
    format!(
        "{:02}-{}-{:04} {:02}:{:02}:{:02} +0000",
        moment.day(),
        month_name(moment.month()),
        moment.year().max(1),
        moment.hour(),
        moment.minute(),
        moment.second(),
    )
}

fn utc(at: UnixMillis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Reads INTERNALDATE, leniently about spaces and the length of the zone.
pub(super) fn parse_internal_date(text: &str) -> Option<UnixMillis> {
    let mut parts = text.split_whitespace();
    let mut date = parts.next()?.split('-');
    let day: u8 = date.next()?.parse().ok()?;
    let name = date.next()?;
    let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    let month = Month::try_from(u8::try_from(month + 1).ok()?).ok()?;
    let year: i32 = date.next()?.parse().ok()?;
    let date = Date::from_calendar_date(year, month, day).ok()?;
    let mut clock = parts.next()?.split(':').map(str::parse::<u8>);
    let mut two = || clock.next()?.ok();
    // Second 60 happens in the wild and has no place in `Time`.
    let time = Time::from_hms(two()?, two()?, two()?.min(59)).ok()?;
    let zone = parts.next().unwrap_or("+0000");
    let offset = zone_offset(zone).unwrap_or(UtcOffset::UTC);
    let seconds = PrimitiveDateTime::new(date, time)
        .assume_offset(offset)
        .unix_timestamp();
    Some(UnixMillis(seconds.checked_mul(1000)?))
}

fn zone_offset(zone: &str) -> Option<UtcOffset> {
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let hours: i8 = digits.get(0..2)?.parse().ok()?;
    let minutes: i8 = digits.get(2..4)?.parse().ok()?;
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        let cases = [
            ("17-Jul-1996 02:44:25 -0700", Some(837_596_665_000)),
            (" 7-Feb-1994 21:52:25 -0800", Some(760_686_745_000)),
            ("29-Feb-2024 12:00:00 +0130", Some(1_709_202_600_000)),
            ("01-Jan-1970 00:00:00", Some(0)),
            ("30-Feb-2024 12:00:00 +0000", None),
            ("now", None),
            ("", None),
        ];
        for (text, millis) in cases {
            assert_eq!(parse_internal_date(text), millis.map(UnixMillis), "{text}");
        }
        assert_eq!(
            internal_date(UnixMillis(837_596_665_000)),
            "17-Jul-1996 09:44:25 +0000"
        );
        assert_eq!(search_date(UnixMillis(837_596_665_000)), "17-Jul-1996");
        assert_eq!(search_date(UnixMillis(760_686_745_000)), "8-Feb-1994");
    }
}
