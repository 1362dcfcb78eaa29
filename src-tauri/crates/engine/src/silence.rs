//! Whether a mailbox is silent for unusually long. Facts in, decision out.
//!
//! What is usual is learned from the hours of the week in which messages came during the last weeks: an office that gets mail
//! from nine to five on weekdays is not missed at night, on Sundays, or between two messages of a quiet afternoon.

use mailroom_model::{HOUR_MS, UnixMillis};
use mailroom_store::ArrivalHour;

/// How far back arrivals are looked at: four weeks.
pub(crate) const HISTORY_HOURS: i64 = 4 * WEEK;
/// Hours of a week.
const WEEK: i64 = 7 * 24;
/// The same, to count by.
const SLOTS: usize = 7 * 24;
/// Less history says nothing about weekends.
const LEAST_HOURS: i64 = 2 * WEEK;
/// Fewer messages have no rhythm.
const LEAST_MESSAGES: u64 = 40;
/// What is certain, where parts of a thousand are counted.
const SURE: u64 = 1000;
/// So many hours in which mail usually comes have to pass without any.
const LEAST_MISSED: u64 = 3 * SURE;
/// A silence that goes on is looked into again after so long.
const AGAIN_MS: i64 = 6 * HOUR_MS;

/// A silence that is unusually long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// When the last message came.
    pub since: UnixMillis,
    /// Minutes between two messages in the hours in which they usually come.
    pub usual_minutes: u32,
}

/// Whether the silence since `last` is unusual, judged by the `arrivals` of [`HISTORY_HOURS`], oldest first.
pub(crate) fn unusual(arrivals: &[ArrivalHour], last: UnixMillis, now: UnixMillis) -> Option<Silence> {
    let this_hour = now.0.div_euclid(HOUR_MS);
    let last_hour = last.0.div_euclid(HOUR_MS);
    let arrivals: Vec<ArrivalHour> = arrivals
        .iter()
        .copied()
        .filter(|one| one.hour > this_hour - HISTORY_HOURS && one.hour <= this_hour)
        .collect();
    let first_hour = arrivals.first()?.hour;
    let messages: u64 = arrivals.iter().map(|one| one.messages).sum();
    if messages < LEAST_MESSAGES || last_hour - first_hour < LEAST_HOURS {
        return None;
    }
    let profile = Profile::of(&arrivals, first_hour, last_hour);
    let missed = profile.expected(last_hour, this_hour);
    let mut silences: Vec<u64> = arrivals
        .windows(2)
        .filter_map(|pair| match pair {
            [one, other] => Some(profile.expected(one.hour, other.hour)),
            _ => None,
        })
        .collect();
    silences.sort_unstable();
    // The longest one may have been a holiday.
    let usual = silences.iter().nth_back(1).copied().unwrap_or(0);
    // Half as long again as the longest that is usual.
    if missed < LEAST_MISSED || missed * 2 <= usual * 3 {
        return None;
    }
    let hours = profile.expected(first_hour - 1, last_hour + 1);
    let usual_minutes = (hours * 60 / SURE).div_ceil(messages);
    Some(Silence {
        since: last,
        usual_minutes: u32::try_from(usual_minutes).unwrap_or(u32::MAX),
    })
}

/// True when a silence is to be looked into: it was not, or so long ago that it may have another reason now.
pub(crate) fn is_due(silence: &Silence, looked_at: Option<UnixMillis>, now: UnixMillis) -> bool {
    looked_at.is_none_or(|at| at < silence.since || now.0.saturating_sub(at.0) >= AGAIN_MS)
}

/// For each hour of the week, in what part of the weeks mail came in it, in parts of [`SURE`].
struct Profile([u64; SLOTS]);

impl Profile {
    /// Learned from the hours between `first` and `last`.
    fn of(arrivals: &[ArrivalHour], first: i64, last: i64) -> Self {
        let count = |hours: &mut dyn Iterator<Item = i64>| {
            let mut counted = [0_u64; SLOTS];
            for hour in hours {
                if let Some(count) = counted.get_mut(slot(hour)) {
                    *count += 1;
                }
            }
            counted
        };
        let weeks = count(&mut (first..=last));
        let mut heard = count(&mut arrivals.iter().map(|one| one.hour));
        for (heard, weeks) in heard.iter_mut().zip(weeks) {
            *heard = *heard * SURE / weeks.max(1);
        }
        Self(heard)
    }

    /// In how many of the whole hours between two hours mail usually comes, in parts of [`SURE`].
    fn expected(&self, after: i64, before: i64) -> u64 {
        (after + 1..before)
            .filter_map(|hour| self.0.get(slot(hour)))
            .sum()
    }
}

/// The hour of the week.
fn slot(hour: i64) -> usize {
    usize::try_from(hour.rem_euclid(WEEK)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 2 November 2026, 00:00 UTC, in hours.
    const MONDAY: i64 = 498_216;

    fn at(hour: i64, minute: i64) -> UnixMillis {
        UnixMillis((MONDAY + hour) * HOUR_MS + minute * 60_000)
    }

    /// Messages in the hours from `from` to `to` of the days of `weeks` weeks, those of `days` of each.
    fn rhythm(weeks: i64, days: std::ops::Range<i64>, hours: &[i64], messages: u64) -> Vec<ArrivalHour> {
        (0..weeks)
            .flat_map(|week| days.clone().map(move |day| week * WEEK + day * 24))
            .flat_map(|midnight| hours.iter().map(move |hour| midnight + hour))
            .map(|hour| ArrivalHour {
                hour: MONDAY + hour,
                messages,
            })
            .collect()
    }

    const OFFICE: [i64; 8] = [9, 10, 11, 12, 13, 14, 15, 16];

    /// How a mailbox is judged whose last message came at 16:50 on the last Friday of its history.
    fn judge(arrivals: &[ArrivalHour], now: UnixMillis) -> Option<u32> {
        let last = UnixMillis(arrivals.last().unwrap().hour * HOUR_MS + 50 * 60_000);
        unusual(arrivals, last, now).map(|silence| {
            assert_eq!(silence.since, last);
            silence.usual_minutes
        })
    }

    #[test]
    fn office_is_missed_during_its_hours_only() {
        let office = rhythm(3, 0..5, &OFFICE, 5);
        let monday = 3 * WEEK;
        let cases = [
            // Friday night, the weekend, Monday before nine.
            (monday - 3 * 24 + 20, None),
            (monday - 24 + 12, None),
            (monday + 8, None),
            // Two hours that are usually full.
            (monday + 11, None),
            (monday + 12, Some(12)),
            (monday + 15, Some(12)),
        ];
        for (hour, expected) in cases {
            assert_eq!(judge(&office, at(hour, 30)), expected, "hour {hour}");
        }
    }

    #[test]
    fn mailbox_with_few_messages_or_a_short_history_is_never_missed() {
        let now = at(4 * WEEK, 0);
        let few = rhythm(3, 0..1, &[9], 1);
        assert_eq!(judge(&few, now), None, "one a week");
        let short = rhythm(2, 0..5, &OFFICE, 9);
        assert_eq!(judge(&short, at(2 * WEEK + 15, 0)), None, "less than two weeks");
        assert_eq!(unusual(&[], at(0, 0), now), None);
    }

    #[test]
    fn holiday_of_the_last_weeks_does_not_make_it_deaf_and_a_second_does() {
        let mut office = rhythm(4, 0..5, &OFFICE, 5);
        let without = |office: &mut Vec<ArrivalHour>, day: i64| {
            office.retain(|one| (one.hour - MONDAY) / 24 != day);
        };
        without(&mut office, 8);
        assert_eq!(judge(&office, at(4 * WEEK + 13, 30)), Some(12));
        without(&mut office, 16);
        assert_eq!(judge(&office, at(4 * WEEK + 13, 30)), None);
        assert_eq!(
            judge(&office, at(4 * WEEK + 24 + 16, 30)),
            Some(12),
            "longer than any"
        );
    }

    #[test]
    fn irregular_mail_is_missed_after_much_longer_than_its_silences() {
        // Every third hour of the day, shifted each day, so that no hour of the week is sure.
        let irregular: Vec<ArrivalHour> = (0..28)
            .flat_map(|day| (0..4).map(move |step| day * 24 + 8 + (day * 5 + step * 4) % 14))
            .map(|hour| ArrivalHour {
                hour: MONDAY + hour,
                messages: 1,
            })
            .collect();
        let mut sorted = irregular;
        sorted.sort_by_key(|one| one.hour);
        let last = sorted.last().unwrap().hour - MONDAY;
        assert_eq!(judge(&sorted, at(last + 12, 0)), None, "the next morning");
        assert!(judge(&sorted, at(last + 72, 0)).is_some(), "three days later");
    }

    #[test]
    fn silence_is_looked_into_once_and_again_after_hours() {
        let silence = Silence {
            since: at(10, 0),
            usual_minutes: 10,
        };
        let cases = [
            (None, true),
            (Some(at(9, 0)), true),
            (Some(at(14, 0)), false),
            (Some(at(13, 59)), true),
        ];
        for (looked_at, due) in cases {
            assert_eq!(is_due(&silence, looked_at, at(19, 59)), due, "{looked_at:?}");
        }
    }
}
