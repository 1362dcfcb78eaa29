//! Numbers, sizes and dates as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `1,234,567`
pub(crate) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 message`, `1,234 messages`
pub(crate) fn count(value: i64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// `1,234 messages`: what is counted most.
pub(crate) fn messages(value: i64) -> String {
    count(value, "message", "messages")
}

/// `512 bytes`, `1.5 kB`, `12 MB`: powers of a thousand.
pub(crate) fn bytes(value: i64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if value.unsigned_abs() < 1000 {
        return count(value, "byte", "bytes");
    }
    // Tenths of the unit, rounded half up, in whole numbers so that no size is shown by a rounding accident.
    let mut tenths = (value.unsigned_abs() + 50) / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths = (tenths + 500) / 1000;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or("TB");
    let sign = if value < 0 { "-" } else { "" };
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{sign}{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{sign}{} {name}", (tenths + 5) / 10)
    }
}

/// `2026-11-22 14:05` in `zone`, from Unix milliseconds.
pub(crate) fn moment(milliseconds: i64, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(milliseconds).map_or_else(
        |_| String::from("?"),
        |timestamp| {
            timestamp
                .to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (-1_234_567, "-1,234,567"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(
            (messages(1), messages(2), messages(0)),
            ("1 message".into(), "2 messages".into(), "0 messages".into())
        );
    }

    #[test]
    fn bytes_are_rounded_to_a_unit() {
        let cases = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1 kB"),
            (1500, "1.5 kB"),
            (12_345, "12 kB"),
            (999_949, "1000 kB"),
            (999_999, "1 MB"),
            (1_234_567, "1.2 MB"),
            (500_000_000, "500 MB"),
            (2_000_000_000_000, "2 TB"),
        ];
        for (value, text) in cases {
            assert_eq!(bytes(value), text, "{value}");
        }
    }

    #[test]
    fn moment_is_local() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(moment(1_795_352_700_000, &zone), "2026-11-22 14:05");
        assert_eq!(moment(0, &TimeZone::UTC), "1970-01-01 00:00");
        assert_eq!(moment(i64::MAX, &TimeZone::UTC), "?");
    }
}
