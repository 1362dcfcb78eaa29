//! Sets of IMAP unique ids.

use std::fmt;
use std::str::FromStr;

/// A set of UIDs (RFC 3501 §2.3.1.1) as sorted ranges that neither touch nor overlap. UID 0 does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UidSet {
    ranges: Vec<(u32, u32)>,
}

/// The text is not a UID set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a set of unique ids")]
pub struct UidSetError;

impl UidSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// One range, both ends included; empty when `first > last` or `first == 0`.
    pub fn range(first: u32, last: u32) -> Self {
        let mut set = Self::new();
        set.insert_range(first, last);
        set
    }

    /// Adds one id.
    pub fn insert(&mut self, uid: u32) {
        self.insert_range(uid, uid);
    }

    /// Adds a range, both ends included.
    pub fn insert_range(&mut self, first: u32, last: u32) {
        if first == 0 || first > last {
            return;
        }
        // The common case: ids come in ascending order.
        if let Some(tail) = self.ranges.last_mut() {
            if first > tail.1 && first - tail.1 == 1 {
                tail.1 = last;
                return;
            }
            if first > tail.1 {
                self.ranges.push((first, last));
                return;
            }
        }
        let start = self
            .ranges
            .partition_point(|range| range.1 < first.saturating_sub(1));
        let end = self
            .ranges
            .partition_point(|range| range.0 <= last.saturating_add(1));
        let touched = self.ranges.get(start..end).unwrap_or_default();
        let first = touched.first().map_or(first, |range| range.0.min(first));
        let last = touched.last().map_or(last, |range| range.1.max(last));
        self.ranges.splice(start..end, [(first, last)]);
    }

    /// True when there is no id.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many ids there are.
    pub fn len(&self) -> u64 {
        self.ranges
            .iter()
            .map(|(first, last)| u64::from(last - first) + 1)
            .sum()
    }

    /// True when `uid` is in the set.
    pub fn contains(&self, uid: u32) -> bool {
        let index = self.ranges.partition_point(|range| range.1 < uid);
        self.ranges.get(index).is_some_and(|range| range.0 <= uid)
    }

    /// The ids that are not in `other`. Takes time for the ranges, not for the ids.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut left = Self::new();
        let mut holes = other.ranges.iter().copied().peekable();
        for &(mut first, last) in &self.ranges {
            loop {
                while holes.next_if(|hole| hole.1 < first).is_some() {}
                match holes.peek() {
                    Some(hole) if hole.0 <= last => {
                        left.insert_range(first, hole.0.saturating_sub(1));
                        if hole.1 >= last {
                            break;
                        }
                        first = hole.1.saturating_add(1);
                    }
                    _ => {
                        left.insert_range(first, last);
                        break;
                    }
                }
            }
        }
        left
    }

    /// The ids, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.ranges.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// The ranges, ascending, both ends included.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Smallest id.
    pub fn first(&self) -> Option<u32> {
        self.ranges.first().map(|range| range.0)
    }

    /// Largest id.
    pub fn last(&self) -> Option<u32> {
        self.ranges.last().map(|range| range.1)
    }
}

impl FromIterator<u32> for UidSet {
    fn from_iter<I: IntoIterator<Item = u32>>(uids: I) -> Self {
        let mut sorted: Vec<u32> = uids.into_iter().collect();
        sorted.sort_unstable();
        let mut set = Self::new();
        for uid in sorted {
            set.insert(uid);
        }
        set
    }
}

impl fmt::Display for UidSet {
    /// The IMAP form: `1:5,9,12:20`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.ranges.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            if first == last {
                write!(f, "{first}")?;
            } else {
                write!(f, "{first}:{last}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for UidSet {
    type Err = UidSetError;

    /// Reads the IMAP form without `*`.
    fn from_str(text: &str) -> Result<Self, UidSetError> {
        let mut set = Self::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once(':').unwrap_or((part, part));
            let first: u32 = first.parse().map_err(|_| UidSetError)?;
            let last: u32 = last.parse().map_err(|_| UidSetError)?;
            set.insert_range(first.min(last), first.max(last));
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_is_what_the_other_has_not() {
        let cases = [
            ("1:10", "", "1:10"),
            ("", "1:10", ""),
            ("1:10", "1:10", ""),
            ("1:10", "3:4,8", "1:2,5:7,9:10"),
            ("5:10", "1:5,10:20", "6:9"),
            ("1:2,5:6,9", "2,6,9", "1,5"),
            ("1:3,7:9", "3:7", "1:2,8:9"),
            ("1:4294967295", "2:4294967294", "1,4294967295"),
            ("1:5", "7:9", "1:5"),
        ];
        for (all, other, left) in cases {
            let (all, other): (UidSet, UidSet) = (all.parse().unwrap(), other.parse().unwrap());
            assert_eq!(all.difference(&other).to_string(), left, "{all} without {other}");
        }
    }

    #[test]
    fn set_joins_splits_and_prints() {
        let cases: &[(&[u32], &str)] = &[
            (&[], ""),
            (&[1], "1"),
            (&[1, 2, 3], "1:3"),
            (&[3, 1, 2, 9, 7], "1:3,7,9"),
            (&[5, 5, 5], "5"),
            (&[0, 4], "4"),
            (&[u32::MAX, u32::MAX - 1], "4294967294:4294967295"),
        ];
        for (uids, text) in cases {
            let mut out_of_order = UidSet::new();
            for uid in uids.iter().rev() {
                out_of_order.insert(*uid);
            }
            assert_eq!(out_of_order.to_string(), *text);
            assert_eq!(uids.iter().copied().collect::<UidSet>(), out_of_order);
            assert_eq!(text.parse::<UidSet>().unwrap(), out_of_order);
        }
        let mut set: UidSet = "1:3,10:12".parse().unwrap();
        set.insert_range(2, 10);
        assert_eq!(set.to_string(), "1:12");
        assert_eq!((set.len(), set.contains(7), set.contains(13)), (12, true, false));
        assert_eq!("x".parse::<UidSet>(), Err(UidSetError));
    }
}
