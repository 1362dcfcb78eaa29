//! The two secrets of a door: the link's token, and the session that it is exchanged for.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// A secret of 32 random bytes, shown as 64 hexadecimal digits.
#[derive(Clone, Copy)]
pub struct Key([u8; 32]);

impl Key {
    /// From bytes that nobody can guess.
    pub fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// The digits. Only the start line and the answer to the exchange hold them.
    pub(crate) fn text(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(…)")
    }
}

/// The secrets of one door.
#[derive(Debug)]
pub struct Keys {
    token: Key,
    session: Key,
    is_exchanged: AtomicBool,
}

impl Keys {
    /// Two independent secrets.
    pub fn new(token: Key, session: Key) -> Self {
        Self {
            token,
            session,
            is_exchanged: AtomicBool::new(false),
        }
    }

    /// The digits of the link's token.
    pub(crate) fn token(&self) -> String {
        self.token.text()
    }

    /// The session, for the token, the first time only.
    pub(crate) fn exchange(&self, token: &str) -> Option<String> {
        let is_first = || !self.is_exchanged.swap(true, Ordering::SeqCst);
        (matches(self.token, token) && is_first()).then(|| self.session.text())
    }

    /// True for the value of an `Authorization` header that carries the session.
    pub(crate) fn opens(&self, authorization: &str) -> bool {
        let bearer = authorization
            .split_at_checked("Bearer ".len())
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer "));
        bearer.is_some_and(|(_, session)| matches(self.session, session))
    }
}

/// Compares in a time that tells nothing: hashes of both, which no caller can steer.
fn matches(key: Key, offered: &str) -> bool {
    blake3::hash(key.text().as_bytes()) == blake3::hash(offered.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new(Key::new([1; 32]), Key::new([2; 32]))
    }

    #[test]
    fn token_is_taken_once_and_only_when_it_is_right() {
        let keys = keys();
        let (token, session) = ("01".repeat(32), "02".repeat(32));
        for wrong in ["", "01", &session, &token.to_uppercase().replace('0', "1")] {
            assert_eq!(keys.exchange(wrong), None, "{wrong:?}");
        }
        assert_eq!(keys.exchange(&token), Some(session));
        assert_eq!(keys.exchange(&token), None);
    }

    #[test]
    fn session_opens_as_a_bearer_only() {
        let session = "02".repeat(32);
        for (header, opens) in [
            (format!("Bearer {session}"), true),
            (format!("bearer {session}"), true),
            (session.clone(), false),
            (format!("Basic {session}"), false),
            (format!("Bearer {session}0"), false),
            (format!("Bearer {}", "01".repeat(32)), false),
            ("Bearer ".to_owned(), false),
            ("Bearer".to_owned(), false),
            ("Bęarer x".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(keys().opens(&header), opens, "{header:?}");
        }
    }

    #[test]
    fn keys_never_show_themselves() {
        let shown = format!("{:?}", keys());
        assert!(!shown.contains("01") && !shown.contains('1'), "{shown}");
    }
}
