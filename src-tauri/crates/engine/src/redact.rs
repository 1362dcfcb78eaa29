//! Texts that leave the machine by the person's hand: without addresses of others, and with the own one shortened.

use mailroom_model::EmailAddress;

/// What is put in place of somebody else's address.
const ELSEWHERE: &str = "(address)";

/// Takes people out of texts.
#[derive(Clone, Debug)]
pub(crate) struct Redaction {
    own: EmailAddress,
    names: Vec<String>,
}

impl Redaction {
    /// For texts about an account, which also signs in by these names.
    pub(crate) fn new(own: &EmailAddress, names: &[&str]) -> Self {
        let mut names: Vec<String> = names
            .iter()
            .chain(&[own.local()])
            // A name of one or two letters is in every other word.
            .filter(|name| name.chars().count() > 2)
            .map(|name| (*name).to_owned())
            .collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self {
            own: own.clone(),
            names,
        }
    }

    /// The own address as it may be shown: `a…@example.com`.
    pub(crate) fn own(&self) -> String {
        format!("{}@{}", shortened(self.own.local()), self.own.domain())
    }

    /// The text without people.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut word = String::new();
        for c in text.chars().map(Some).chain([None]) {
            match c {
                // What an address may have, and a user name; a dot at the end belongs to the sentence.
                Some(c) if c.is_alphanumeric() || "@.!#$%&'*+-/=?^_`{|}~\\".contains(c) => word.push(c),
                other => {
                    redacted.push_str(&self.word(&word));
                    word.clear();
                    redacted.extend(other);
                }
            }
        }
        redacted
    }

    fn word(&self, word: &str) -> String {
        let end = word.trim_end_matches(['.', '!', '?', '\'']).len();
        let (name, rest) = word.split_at(end);
        let bare = name.trim_start_matches(['\'', '=']);
        let front = name.len() - bare.len();
        let front = name.get(..front).unwrap_or_default();
        let shown = if bare.eq_ignore_ascii_case(&self.own.to_string()) {
            self.own()
        } else if let Some(known) = self.names.iter().find(|known| known.eq_ignore_ascii_case(bare)) {
            shortened(known)
        } else if bare
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        {
            ELSEWHERE.to_owned()
        } else {
            return word.to_owned();
        };
        format!("{front}{shown}{rest}")
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_leave_the_text_and_facts_stay() {
        let own: EmailAddress = "anna.nowak@example.com".parse().unwrap();
        let redaction = Redaction::new(&own, &["anna.nowak@example.com", "DOM\\anowak"]);
        let cases = [
            ("imap.example.com:993:tls", "imap.example.com:993:tls"),
            ("user=Anna.Nowak@Example.com", "(address)"),
            ("Anna.Nowak@Example.com", "a…@example.com"),
            ("<anna.nowak@example.com>: denied", "<a…@example.com>: denied"),
            ("no such user anna.nowak.", "no such user a…."),
            ("DOM\\anowak is locked", "D… is locked"),
            (
                "mail to eve@other.example, bob@x.pl!",
                "mail to (address), (address)!",
            ),
            ("tom+list@sub.żółw.pl", "(address)"),
            ("@ 5 @example", "@ 5 @example"),
            ("annanowak annanowakowska", "annanowak annanowakowska"),
        ];
        for (text, expected) in cases {
            assert_eq!(redaction.text(text), expected);
        }
        assert_eq!(redaction.own(), "a…@example.com");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        #[test]
        fn text_of_any_shape_keeps_no_whole_address(before in ".{0,20}", after in ".{0,20}") {
            let own: EmailAddress = "anna.nowak@example.com".parse().unwrap();
            let redaction = Redaction::new(&own, &[]);
            let text = redaction.text(&format!("{before} anna.nowak@example.com {after}"));
            proptest::prop_assert!(!text.contains("anna.nowak@example.com"));
        }
    }
}
