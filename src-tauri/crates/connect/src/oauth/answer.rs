//! Reading what comes back from the browser: an address, its query, or a code that was pasted.

use url::{Url, form_urlencoded};

/// The longest answer that is looked at, in bytes.
const ANSWER_LIMIT: usize = 16 * 1024;

/// An answer's parts, not yet believed.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The parameters of a redirect (RFC 6749 §4.1.2), with the address when there was one.
    Redirect {
        /// The address up to the query.
        location: Option<Url>,
        /// `state`
        state: Option<String>,
        /// `code`
        code: Option<String>,
        /// `iss` (RFC 9207)
        iss: Option<String>,
        /// `admin_consent`, with which Microsoft answers an administrator.
        consent: Option<String>,
        /// `error`
        error: Option<String>,
        /// `error_description`
        description: Option<String>,
    },
    /// Something without parameters: a code that a page showed.
    BareCode(String),
}

/// Takes an answer apart; `None` when it is neither a redirect nor a code. A parameter that stands twice is refused
/// (RFC 6749 §3.1).
pub(super) fn parse(text: &str) -> Option<Answer> {
    if text.len() > ANSWER_LIMIT {
        return None;
    }
    // Line breaks come with addresses copied from a window; no part of an answer has white space of its own.
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    // A query may hold addresses of its own, so only what stands before it tells whether this is one.
    let (front, query) = match text.split_once('?') {
        Some((front, query)) => (front, Some(query)),
        None => (text.as_str(), None),
    };
    let (location, query) = if front.contains("://") {
        let mut url = Url::parse(&text).ok()?;
        let query = url.query().unwrap_or_default().to_owned();
        url.set_query(None);
        url.set_fragment(None);
        (Some(url), query)
    } else if let Some(query) = query {
        (None, query.to_owned())
    } else if text.contains("state=") || text.contains("code=") {
        (None, text)
    } else {
        let is_code = !text.is_empty() && text.len() <= 4096 && text.bytes().all(|b| b.is_ascii_graphic());
        return is_code.then_some(Answer::BareCode(text));
    };
    let (mut state, mut code, mut iss, mut consent) = (None, None, None, None);
    let (mut error, mut description) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match &*name {
            "state" => &mut state,
            "code" => &mut code,
            "iss" => &mut iss,
            "admin_consent" => &mut consent,
            "error" => &mut error,
            "error_description" => &mut description,
            _ => continue,
        };
        if slot.replace(value.into_owned()).is_some() {
            return None;
        }
    }
    Some(Answer::Redirect {
        location,
        state,
        code,
        iss,
        consent,
        error,
        description,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn summary(text: &str) -> Option<String> {
        Some(match parse(text)? {
            Answer::BareCode(code) => format!("bare {code}"),
            Answer::Redirect {
                location,
                state,
                code,
                error,
                ..
            } => format!(
                "{} {} {} {}",
                location.map_or("-".to_owned(), String::from),
                state.unwrap_or_default(),
                code.unwrap_or_default(),
                error.unwrap_or_default()
            ),
        })
    }

    #[test]
    fn answer_in_any_form_is_taken_apart() {
        let cases = [
            (
                "http://127.0.0.1:1/?code=c&state=s",
                Some("http://127.0.0.1:1/ s c "),
            ),
            (
                "app.mailroom://oauth/callback?state=s&code=c#x",
                Some("app.mailroom://oauth/callback s c "),
            ),
            (
                "  http://127.0.0.1:1/?code=c\n &state=s\n",
                Some("http://127.0.0.1:1/ s c "),
            ),
            ("/?code=a%2Fb+c&state=s", Some("- s a/b c ")),
            ("?code=c&state=s", Some("- s c ")),
            ("/?code=c&iss=https://id.example&state=s", Some("- s c ")),
            ("code=c&state=s", Some("- s c ")),
            ("?error=access_denied&state=s", Some("- s  access_denied")),
            ("4/0Ab-_c", Some("bare 4/0Ab-_c")),
            (" 1234567 ", Some("bare 1234567")),
            ("code=c&code=d&state=s", None),
            ("state=s&state=t&code=c", None),
            ("", None),
            ("kod ż", None),
            ("http://[bad/?code=c", None),
        ];
        for (text, expected) in cases {
            assert_eq!(summary(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(parse(&"a".repeat(ANSWER_LIMIT + 1)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn answer_from_any_text_never_panics(text in "(http://|\\?|code=|state=|&|%|[^a]){0,12}") {
            parse(&text);
        }
    }
}
