//! E-mail addresses as people type them and as servers want them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An addr-spec (RFC 5322 §3.4.1; RFC 6531 for non-ASCII local parts): local part as given, domain in lower-case
/// A-labels. Two addresses are equal when the domains match and the local parts match without regard to ASCII case,
/// which is how every provider in the table treats them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    local: String,
    domain: String,
}

/// Why a text is no address. The variants are what the person can correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("the address is empty")]
    Empty,
    /// There is no `@`.
    #[error("the address has no @")]
    NoAt,
    /// The part before the `@` is missing or has forbidden characters.
    #[error("the part before the @ is not valid")]
    Local,
    /// The part after the `@` is not a domain name.
    #[error("the part after the @ is not a domain name")]
    Domain,
    /// Longer than 254 bytes (RFC 5321 §4.5.3.1.3).
    #[error("the address is too long")]
    TooLong,
}

impl EmailAddress {
    /// The part before the `@`, as given.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after the `@`: lower case, A-labels.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// True when the whole address is ASCII, so that SMTP needs no SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii()
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.domain == other.domain && self.local.eq_ignore_ascii_case(&other.local)
    }
}

impl Eq for EmailAddress {}

impl std::hash::Hash for EmailAddress {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.local.to_ascii_lowercase().hash(state);
        self.domain.hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if local.is_empty() || local.len() > 64 || !local_is_valid(local) {
            return Err(AddressError::Local);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| AddressError::Domain)?;
        let labels_are_valid = domain.split('.').count() >= 2
            && domain
                .split('.')
                .all(|label| !label.is_empty() && label.len() <= 63)
            && !domain
                .split('.')
                .next_back()
                .is_some_and(|tld| tld.bytes().all(|b| b.is_ascii_digit()));
        if !labels_are_valid {
            return Err(AddressError::Domain);
        }
        if local.len() + 1 + domain.len() > 254 {
            return Err(AddressError::TooLong);
        }
        Ok(Self {
            local: local.to_owned(),
            domain,
        })
    }
}

/// Dot-atom or quoted string, either with non-ASCII letters (RFC 6532 §3.2).
fn local_is_valid(local: &str) -> bool {
    if let Some(inner) = local.strip_prefix('"').and_then(|l| l.strip_suffix('"')) {
        return !inner.is_empty() && !inner.chars().any(|c| c.is_control() || c == '"' || c == '\\');
    }
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom.chars().all(|c| {
                c.is_ascii_alphanumeric()
                    || "!#$%&'*+-/=?^_`{|}~".contains(c)
                    || (!c.is_ascii() && c.is_alphanumeric())
            })
    })
}

/// A person or group in an address header: display name and address as text, which in received mail may be broken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mailbox {
    /// Decoded display name, empty when there is none.
    pub name: String,
    /// The addr-spec as found, not validated.
    pub address: String,
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            f.write_str(&self.address)
        } else {
            write!(f, "{} <{}>", self.name, self.address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_text_parses_or_says_what_is_wrong() {
        let good = [
            ("Anna.Nowak@Example.COM", "Anna.Nowak@example.com"),
            (" a+b@x.pl ", "a+b@x.pl"),
            ("иван@почта.рф", "иван@xn--80a1acny.xn--p1ai"),
            ("\"a b\"@x.pl", "\"a b\"@x.pl"),
        ];
        for (text, printed) in good {
            assert_eq!(text.parse::<EmailAddress>().unwrap().to_string(), printed);
        }
        let bad = [
            ("", AddressError::Empty),
            ("anna", AddressError::NoAt),
            ("@x.pl", AddressError::Local),
            ("a b@x.pl", AddressError::Local),
            ("a..b@x.pl", AddressError::Local),
            ("a@x", AddressError::Domain),
            ("a@x..pl", AddressError::Domain),
            ("a@127.0.0.1", AddressError::Domain),
            ("a@", AddressError::Domain),
            ("a\r\nb@x.pl", AddressError::Local),
        ];
        for (text, error) in bad {
            assert_eq!(text.parse::<EmailAddress>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn address_case_of_the_local_part_does_not_matter() {
        assert_eq!("A@x.pl".parse::<EmailAddress>(), "a@X.pl".parse::<EmailAddress>());
    }
}
