//! Dates in header fields (RFC 5322 §3.3 and §4.3), and the many that follow no rule.

use mailroom_model::UnixMillis;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

/// What the words of a date said so far.
#[derive(Default)]
struct Found {
    day: Option<u8>,
    month: Option<Month>,
    year: Option<i32>,
    time: Option<Time>,
    afternoon: Option<bool>,
    offset_seconds: Option<i32>,
}

/// Reads a date; `None` when there is no day, month and year in it. Without a time it is midnight, without a known
/// zone UTC (RFC 5322 §4.3 says so for zones that are not known).
pub(crate) fn parse_date(field: &str) -> Option<UnixMillis> {
    let text = strip_comments(field);
    let mut found = Found::default();
    for word in text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .take(24)
    {
        found.read(word);
    }
    let date = Date::from_calendar_date(found.year?, found.month?, found.day?).ok()?;
    let mut time = found.time.unwrap_or(Time::MIDNIGHT);
    match (found.afternoon, time.hour()) {
        (Some(true), hour @ 0..12) => time = time.replace_hour(hour + 12).ok()?,
        (Some(false), 12) => time = time.replace_hour(0).ok()?,
        _ => {}
    }
    let seconds = PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp()
        - i64::from(found.offset_seconds.unwrap_or(0));
    Some(UnixMillis(seconds * 1000 + i64::from(time.millisecond())))
}

fn strip_comments(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .take(400)
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

impl Found {
    fn read(&mut self, word: &str) {
        let plain = word.trim_matches(|c| matches!(c, '"' | ';' | '.'));
        let first = plain.chars().next().unwrap_or_default();
        let is_zone = matches!(first, '+' | '-') && self.time.is_some();
        if is_zone {
            self.offset_seconds = self.offset_seconds.or_else(|| numeric_zone(plain));
        } else if first.is_ascii_digit() {
            self.read_digits(plain);
        } else if let Some(month) = month(plain) {
            self.month = self.month.or(Some(month));
        } else {
            self.read_name(plain);
        }
    }

    fn read_digits(&mut self, word: &str) {
        // `2024-01-31T10:00:00.000Z`
        if let Some((date, time)) = word.split_once(['T', 't'])
            && date.contains('-')
        {
            self.read_digits(date);
            self.read_digits(time);
            return;
        }
        if word.contains(':') || (self.year.is_some() && self.time.is_none() && word.contains('.')) {
            self.read_time(word);
            return;
        }
        if let Ok(number) = word.parse::<u32>() {
            self.read_number(word, number);
            return;
        }
        // `2024-01-31`, `31-Jan-2024`, `31/Jan/24`
        let pieces: Vec<&str> = word.split(['-', '/', '.']).collect();
        if let [a, b, c] = pieces.as_slice() {
            let numeric_month = b
                .parse::<u8>()
                .ok()
                .and_then(|number| Month::try_from(number).ok());
            let (day, year) = if a.len() == 4 { (c, a) } else { (a, c) };
            if let (Some(month), Ok(day), Ok(number)) =
                (month(b).or(numeric_month), day.parse(), year.parse::<u32>())
            {
                self.day = self.day.or(Some(day));
                self.month = self.month.or(Some(month));
                self.year = self.year.or_else(|| full_year(year.len(), number));
            }
        }
    }

    fn read_number(&mut self, word: &str, number: u32) {
        if self.day.is_none() && word.len() <= 2 {
            self.day = u8::try_from(number).ok();
        } else if self.year.is_none() && self.month.is_some() {
            self.year = full_year(word.len(), number);
        } else if self.time.is_some() && word.len() == 4 {
            // A zone that lost its sign.
            self.offset_seconds = self.offset_seconds.or_else(|| numeric_zone(&format!("+{word}")));
        }
    }

    fn read_time(&mut self, word: &str) {
        let end = word
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')))
            .unwrap_or(word.len());
        let (clock, zone) = word.split_at_checked(end).unwrap_or((word, ""));
        let mut numbers = clock.split([':', '.']);
        let mut next = || numbers.next().and_then(|number| number.parse::<u8>().ok());
        let (hour, minute, second) = (next(), next().unwrap_or(0), next().unwrap_or(0).min(59));
        if let Some(time) = hour.and_then(|hour| Time::from_hms(hour, minute, second).ok()) {
            self.time = self.time.or(Some(time));
        }
        if zone.starts_with(['+', '-']) {
            self.offset_seconds = self.offset_seconds.or_else(|| numeric_zone(zone));
        } else if !zone.is_empty() {
            self.read_name(zone);
        }
    }

    fn read_name(&mut self, word: &str) {
        let upper = word.to_ascii_uppercase();
        let hours = match upper.as_str() {
            "AM" | "PM" => {
                self.afternoon = Some(upper == "PM");
                return;
            }
            "EDT" => -4,
            "EST" | "CDT" => -5,
            "CST" | "MDT" => -6,
            "MST" | "PDT" => -7,
            "PST" => -8,
            "BST" | "CET" | "MEZ" | "WEST" => 1,
            "CEST" | "MESZ" | "EET" => 2,
            "EEST" | "MSK" => 3,
            "JST" | "KST" => 9,
            // RFC 5322 §4.3: one letter was used the wrong way round so often that it says nothing.
            "UT" | "UTC" | "GMT" | "Z" | "WET" => 0,
            other => {
                // `GMT+0200`
                let sign = other.strip_prefix("GMT").or_else(|| other.strip_prefix("UTC"));
                if let Some(zone) = sign.and_then(numeric_zone) {
                    self.offset_seconds = self.offset_seconds.or(Some(zone));
                }
                return;
            }
        };
        if self.time.is_some() {
            self.offset_seconds = self.offset_seconds.or(Some(hours * 3600));
        }
    }
}

/// RFC 5322 §4.3: two digits mean 1950–2049, three digits count from 1900.
fn full_year(digits: usize, number: u32) -> Option<i32> {
    let number = i32::try_from(number).ok()?;
    let year = match (digits, number) {
        (1 | 2, 0..=49) => number + 2000,
        (1..=3, _) => number + 1900,
        _ => number,
    };
    (1900..=9999).contains(&year).then_some(year)
}

fn numeric_zone(word: &str) -> Option<i32> {
    let sign = match word.chars().next()? {
        '-' => -1,
        '+' => 1,
        _ => return None,
    };
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    if digits.len() > 4 {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() <= 2 {
        (number, 0)
    } else {
        (number / 100, number % 100)
    };
    (hours <= 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn month(word: &str) -> Option<Month> {
    const NAMES: [(&str, Month); 12] = [
        ("january", Month::January),
        ("february", Month::February),
        ("march", Month::March),
        ("april", Month::April),
        ("may", Month::May),
        ("june", Month::June),
        ("july", Month::July),
        ("august", Month::August),
        ("september", Month::September),
        ("october", Month::October),
        ("november", Month::November),
        ("december", Month::December),
    ];
    let word = word.to_ascii_lowercase();
    if word.len() < 3 {
        return None;
    }
    NAMES
        .iter()
        .find(|(name, _)| name.starts_with(&word) || (word == "sept" && name.starts_with("sept")))
        .map(|(_, month)| *month)
}

/// The Date field for a moment (RFC 5322 §3.3): `Mon, 02 Jan 2006 15:04:05 +0100`. A moment or offset beyond the
/// calendar is written as the nearest that can be.
pub(crate) fn format_date(moment: UnixMillis, utc_offset_minutes: i32) -> String {
    // From 1900-01-01 to 9999-12-30, so that no offset leaves the four-digit years.
    let seconds = moment.seconds().clamp(-2_208_902_400, 253_402_128_000);
    let offset =
        UtcOffset::from_whole_seconds(utc_offset_minutes.clamp(-1439, 1439) * 60).unwrap_or(UtcOffset::UTC);
    let Ok(moment) = time::OffsetDateTime::from_unix_timestamp(seconds) else {
        return String::new();
    };
    let local = moment.to_offset(offset);
    let name = |text: String| text.get(..3).unwrap_or_default().to_owned();
    let (hours, minutes, _) = offset.as_hms();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} {}{:02}{:02}",
        name(local.weekday().to_string()),
        local.day(),
        name(local.month().to_string()),
        local.year(),
        local.hour(),
        local.minute(),
        local.second(),
        if offset.is_negative() { '-' } else { '+' },
        hours.unsigned_abs(),
        minutes.unsigned_abs(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_in_every_form_seen_is_read() {
        // 2006-01-02T15:04:05Z
        const BASE: i64 = 1_136_214_245;
        let cases = [
            ("Mon, 2 Jan 2006 15:04:05 +0000", BASE),
            ("Mon, 02 Jan 2006 16:04:05 +0100 (CET)", BASE),
            ("Mon, 2 Jan 2006 08:04:05 -0700 (MST (Arizona))", BASE),
            ("2 Jan 2006 15:04 GMT", BASE - 5),
            ("2 Jan 06 15:04:05 UT", BASE),
            ("2 Jan 106 15:04:05 UT", BASE),
            ("Mon, 2 January 2006 15:04:05 Z", BASE),
            ("Mon 2 jan 2006 10:04:05 EST", BASE),
            ("Mon Jan  2 15:04:05 2006", BASE),
            ("Mon Jan  2 10:04:05 EST 2006", BASE),
            ("Mon, 2-Jan-2006 15:04:05", BASE),
            ("Mon, 2 Jan 2006 15.04.05 +0000", BASE),
            ("Mon, 2 Jan 2006 3:04:05 PM", BASE),
            ("Mon, 2 Jan 2006 17:04:05 GMT+0200", BASE),
            ("Mon, 2 Jan 2006 17:04:05 +02:00", BASE),
            ("Mon, 2 Jan 2006 17:04:05+0200", BASE),
            ("Mon, 2 Jan 2006 17:04:05 0200", BASE),
            ("Mon,2 Jan 2006 15:04:05 XYZ", BASE),
            ("Mon, 2 Jan 2006 15:04:05 +00000000000000000000", BASE),
            ("Mon, 2 Jan 2006 15:04:05 +999999999", BASE),
            ("2006-01-02 15:04:05", BASE),
            ("2006-01-02T15:04:05Z", BASE),
            ("2006-01-02T16:04:05+01:00", BASE),
            ("2006-01-02T15:04:05.000Z", BASE),
            ("(c) Mon, (c) 2 Jan (c) 2006 15:04:05 (c) +0000", BASE),
            ("02/01/2006 15:04:05", BASE),
            ("02.01.2006 15:04:05", BASE),
            ("Mon, 2 Jan 2006 15:04:60 +0000", BASE + 54),
            ("Mon, 2 Jan 2006", BASE - 54_245),
            ("Fri, 31 Dec 1999 23:59:59 -0000", 946_684_799),
            ("1 Sept 1972 00:00:00 +0000", 84_153_600),
            ("Thu, 1 Jan 70 00:00:00 +0000", 0),
        ];
        for (text, seconds) in cases {
            assert_eq!(parse_date(text), Some(UnixMillis(seconds * 1000)), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "32 Jan 2006",
            "29 Feb 2005",
            "Jan 2006",
            "2 Foo 2006",
            "2 Jan 99999",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn date_is_written_in_its_zone() {
        let cases = [
            (1_136_214_245_000, 0, "Mon, 02 Jan 2006 15:04:05 +0000"),
            (1_136_214_245_000, 60, "Mon, 02 Jan 2006 16:04:05 +0100"),
            (1_136_214_245_000, -570, "Mon, 02 Jan 2006 05:34:05 -0930"),
            (1_136_214_245_000, -30, "Mon, 02 Jan 2006 14:34:05 -0030"),
            (i64::MAX, 1439, "Thu, 30 Dec 9999 23:59:00 +2359"),
        ];
        for (millis, offset, text) in cases {
            assert_eq!(format_date(UnixMillis(millis), offset), text);
        }
    }
}
