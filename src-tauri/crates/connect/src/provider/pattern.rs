//! Patterns for address domains and mail exchangers.

use mailroom_model::is_subdomain;
use serde::{Deserialize, Serialize};

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A star stands where none is allowed.
    #[error("a star stands where none is allowed")]
    Star,
    /// The fixed part is not a lower-case host name of at least the labels that the form needs.
    #[error("the fixed part is not a lower-case host name")]
    Name,
}

/// Which address domains a row of the table covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DomainPattern {
    /// `gmail.com`: this domain.
    Exact(String),
    /// `*.onmicrosoft.com`: everything below it, not itself.
    Below(String),
    /// `outlook.*`: this label directly below any public suffix that a registry runs.
    AnyTld(String),
}

impl DomainPattern {
    /// True when `domain` (lower case, A-labels) is covered.
    pub fn matches(&self, domain: &str) -> bool {
        match self {
            Self::Exact(name) => name == domain,
            Self::Below(suffix) => is_subdomain(domain, suffix),
            Self::AnyTld(stem) => {
                registrable(domain).is_some_and(|(label, whole)| label == stem && whole == domain)
            }
        }
    }
}

/// Which mail exchangers a row of the table covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MxPattern {
    /// `mx.yandex.net`: this host.
    Exact(String),
    /// `*.l.google.com`: every host below it.
    Below(String),
    /// `mxbiz*.qq.com`: hosts whose first label begins so, directly below the rest.
    Prefixed {
        /// What the first label begins with.
        prefix: String,
        /// What follows the first label.
        suffix: String,
    },
    /// `*.ionos.*`: every host whose registrable domain has this label.
    AnyTld(String),
}

impl MxPattern {
    /// How much of `host` (lower case, no trailing dot) is fixed by the pattern, in bytes; `None` when it does not match.
    /// The longest wins.
    pub fn matched_len(&self, host: &str) -> Option<usize> {
        match self {
            // One more than any suffix of the same host can reach.
            Self::Exact(name) => (name == host).then(|| host.len() + 1),
            Self::Below(suffix) => is_subdomain(host, suffix).then_some(suffix.len()),
            Self::Prefixed { prefix, suffix } => {
                let (first, rest) = host.split_once('.')?;
                (first.starts_with(prefix.as_str()) && rest == suffix)
                    .then(|| prefix.len() + 1 + suffix.len())
            }
            Self::AnyTld(stem) => {
                let (label, _) = registrable(host)?;
                (label == stem).then_some(stem.len())
            }
        }
    }
}

/// The registrable domain below a suffix of a registry (not of a company that rents names out), and its first label.
fn registrable(name: &str) -> Option<(&str, &str)> {
    let domain = psl::domain(name.as_bytes())?;
    if domain.suffix().typ() != Some(psl::Type::Icann) {
        return None;
    }
    let whole = std::str::from_utf8(domain.trim().as_bytes()).ok()?;
    Some((whole.split('.').next()?, whole))
}

/// The domain that somebody holds, of a host in it: `example.co.uk` of `mx.example.co.uk`. A suffix that no list knows is
/// one label (the list's own rule). `None` for an address of a network, and below a company that rents names out.
pub(crate) fn held_domain(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let last = host.rsplit('.').next().unwrap_or_default();
    if host.contains(':') || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let domain = psl::domain(host.as_bytes())?;
    if domain.suffix().typ() == Some(psl::Type::Private) {
        return None;
    }
    std::str::from_utf8(domain.trim().as_bytes())
        .ok()
        .map(str::to_owned)
}

/// True when two hosts belong to one owner, as far as names can tell: they are the same, or in the same registrable
/// domain (`imap.example.com` and `smtp.example.com`).
pub fn is_same_site(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || held_domain(one).is_some_and(|held| held_domain(other) == Some(held))
}

fn is_name(text: &str, labels: usize) -> bool {
    text.len() <= 253
        && text.split('.').count() >= labels
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

fn named(text: &str, labels: usize) -> Result<String, PatternError> {
    if text.contains('*') {
        Err(PatternError::Star)
    } else if is_name(text, labels) {
        Ok(text.to_owned())
    } else {
        Err(PatternError::Name)
    }
}

impl TryFrom<String> for DomainPattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        if let Some(stem) = text.strip_suffix(".*") {
            if stem.contains('.') {
                return Err(PatternError::Name);
            }
            return named(stem, 1).map(Self::AnyTld);
        }
        if let Some(suffix) = text.strip_prefix("*.") {
            return named(suffix, 2).map(Self::Below);
        }
        named(&text, 2).map(Self::Exact)
    }
}

impl From<DomainPattern> for String {
    fn from(pattern: DomainPattern) -> Self {
        match pattern {
            DomainPattern::Exact(name) => name,
            DomainPattern::Below(suffix) => format!("*.{suffix}"),
            DomainPattern::AnyTld(stem) => format!("{stem}.*"),
        }
    }
}

impl TryFrom<String> for MxPattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        if let Some(rest) = text.strip_prefix("*.") {
            if let Some(stem) = rest.strip_suffix(".*") {
                if stem.contains('.') {
                    return Err(PatternError::Name);
                }
                return named(stem, 1).map(Self::AnyTld);
            }
            return named(rest, 2).map(Self::Below);
        }
        if let Some((prefix, suffix)) = text.split_once("*.") {
            return Ok(Self::Prefixed {
                prefix: named(prefix, 1)?,
                suffix: named(suffix, 2)?,
            });
        }
        named(&text, 2).map(Self::Exact)
    }
}

impl From<MxPattern> for String {
    fn from(pattern: MxPattern) -> Self {
        match pattern {
            MxPattern::Exact(name) => name,
            MxPattern::Below(suffix) => format!("*.{suffix}"),
            MxPattern::Prefixed { prefix, suffix } => format!("{prefix}*.{suffix}"),
            MxPattern::AnyTld(stem) => format!("*.{stem}.*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_of_one_owner_are_told_by_their_registrable_domain() {
        let cases = [
            ("imap.example.com", "smtp.EXAMPLE.com", true),
            ("localhost", "localhost", true),
            ("localhost", "mail", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("imap.example.com", "imap.example.org", false),
            ("a.co.uk", "b.co.uk", false),
            ("mail.a.co.uk", "a.co.uk", true),
            // Names that a company rents out belong to different people.
            ("anna.github.io", "bob.github.io", false),
            ("com", "com.", false),
        ];
        for (one, other, same) in cases {
            assert_eq!(is_same_site(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn domain_pattern_covers_what_it_says() {
        let cases = [
            ("gmail.com", "gmail.com", true),
            ("gmail.com", "x.gmail.com", false),
            ("*.onmicrosoft.com", "contoso.onmicrosoft.com", true),
            ("*.onmicrosoft.com", "onmicrosoft.com", false),
            ("*.onmicrosoft.com", "evilonmicrosoft.com", false),
            ("outlook.*", "outlook.de", true),
            ("outlook.*", "outlook.com.br", true),
            ("outlook.*", "x.outlook.de", false),
            ("outlook.*", "outlook", false),
            ("outlook.*", "myoutlook.de", false),
            // A suffix that a company rents out is no registry's.
            ("live.*", "live.github.io", false),
        ];
        for (pattern, domain, expected) in cases {
            let parsed = DomainPattern::try_from(pattern.to_owned()).unwrap();
            assert_eq!(parsed.matches(domain), expected, "{pattern} {domain}");
            assert_eq!(String::from(parsed), pattern);
        }
    }

    #[test]
    fn mx_pattern_says_how_much_it_fixes() {
        let cases = [
            ("mx.yandex.net", "mx.yandex.net", Some(14)),
            ("mx.yandex.net", "amx.yandex.net", None),
            ("*.l.google.com", "aspmx.l.google.com", Some(12)),
            ("*.l.google.com", "l.google.com", None),
            ("*.l.google.com", "evill.google.com", None),
            ("mx*.naver.com", "mx1.naver.com", Some(12)),
            ("mx*.naver.com", "mail.naver.com", None),
            ("mx*.naver.com", "mx1.x.naver.com", None),
            ("*.ionos.*", "mx00.ionos.es", Some(5)),
            ("*.ionos.*", "mx00.ionos.co.uk", Some(5)),
            ("*.ionos.*", "ionos.evil.com", None),
        ];
        for (pattern, host, expected) in cases {
            let parsed = MxPattern::try_from(pattern.to_owned()).unwrap();
            assert_eq!(parsed.matched_len(host), expected, "{pattern} {host}");
            assert_eq!(String::from(parsed), pattern);
        }
    }

    #[test]
    fn pattern_that_is_none_is_refused() {
        for text in [
            "",
            "any",
            "(+",
            "a..b",
            "Gmail.com",
            "%EMAILDOMAIN%",
            "-a.b",
            "a b.c",
        ] {
            assert_eq!(
                DomainPattern::try_from(text.to_owned()),
                Err(PatternError::Name),
                "{text:?}"
            );
        }
        for text in ["*.*", "a.*.*", "*", "*.a*.com"] {
            assert!(DomainPattern::try_from(text.to_owned()).is_err(), "{text:?}");
        }
        for text in ["smtp.REGION.amazonaws.com", "*.com", "*.a.b.*", "*a.com", "mx*"] {
            assert!(MxPattern::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn pattern_from_any_text_never_panics(text in "[a-z.*-]{0,20}", host in "[a-z0-9.*-]{0,30}") {
            if let Ok(pattern) = DomainPattern::try_from(text.clone()) {
                pattern.matches(&host);
            }
            if let Ok(pattern) = MxPattern::try_from(text) {
                pattern.matched_len(&host);
            }
        }
    }
}
