//! The time zone of the reader.

use std::path::Path;

use jiff::tz::TimeZone;

/// Where Unix systems keep the rules of their zone (RFC 8536).
const RULES: &str = "/etc/localtime";

/// The system's zone. Its rules are taken from the one file that has them, where there is one and the environment names no
/// other zone: looking a name up in the list of all zones takes longer than most commands.
pub(super) fn of_system(is_named: bool) -> TimeZone {
    if is_named || cfg!(windows) {
        return TimeZone::system();
    }
    of_rules(Path::new(RULES))
}

fn of_rules(rules: &Path) -> TimeZone {
    let read = std::fs::read(rules).ok();
    read.and_then(|rules| TimeZone::tzif("", &rules).ok())
        .unwrap_or_else(TimeZone::system)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn rules_of_the_system_are_read_and_replaced_when_they_cannot_be() {
        // Version 1, one kind of time: an hour and a half east, without summer time.
        let mut rules = b"TZif\0".to_vec();
        rules.resize(20, 0);
        for count in [0u32, 0, 0, 0, 1, 4] {
            rules.extend(count.to_be_bytes());
        }
        rules.extend(5400i32.to_be_bytes());
        rules.extend([0, 0]);
        rules.extend(b"XXX\0");
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("localtime");
        for (bytes, offset) in [(rules.as_slice(), Some(5400)), (b"nothing".as_slice(), None)] {
            std::fs::write(&path, bytes).unwrap();
            let zone = of_rules(&path);
            let expected =
                offset.unwrap_or_else(|| TimeZone::system().to_offset(Timestamp::UNIX_EPOCH).seconds());
            assert_eq!(zone.to_offset(Timestamp::UNIX_EPOCH).seconds(), expected);
        }
    }
}
