//! Addresses that come from outside and from the page.

use url::Url;

/// A page of the web: `http` or `https` with a host. Anything else could start a program.
pub(crate) fn page(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// True for the link with which a provider's page ends a sign-in (RFC 8252 §7.1):
/// `app.mailroom://oauth/callback?…`.
pub(crate) fn is_sign_in_answer(link: &Url) -> bool {
    link.scheme() == "app.mailroom" && link.host_str() == Some("oauth") && link.path() == "/callback"
}

/// The longest `mailto:` link that is taken; browsers make none that are longer.
const MAIL_LINK: usize = 64 * 1024;

/// True for a link to write a message (RFC 6068).
pub(crate) fn is_mail_link(text: &str) -> bool {
    text.len() <= MAIL_LINK && Url::parse(text).is_ok_and(|url| url.scheme() == "mailto")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_is_taken_only_from_the_web() {
        for (text, taken) in [
            ("https://example.com/a?b=c#d", true),
            ("http://localhost:8080/", true),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("mailto:a@example.com", false),
            ("smb://host/share", false),
            ("https://", false),
            ("example.com", false),
            ("", false),
        ] {
            assert_eq!(page(text).is_some(), taken, "{text}");
        }
    }

    #[test]
    fn link_is_a_sign_in_answer_only_at_the_callback() {
        for (text, is_answer) in [
            ("app.mailroom://oauth/callback?code=1&state=2", true),
            ("app.mailroom://oauth/callback", true),
            ("app.mailroom://oauth/other?code=1", false),
            ("app.mailroom://compose", false),
            ("https://oauth/callback?code=1", false),
        ] {
            assert_eq!(is_sign_in_answer(&Url::parse(text).unwrap()), is_answer, "{text}");
        }
    }

    #[test]
    fn mail_link_is_one_of_a_sensible_length() {
        for (text, taken) in [
            ("mailto:a@example.com?subject=x", true),
            ("MAILTO:a@example.com", true),
            ("mailto:", true),
            ("a@example.com", false),
            ("https://mailto:x@example.com", false),
        ] {
            assert_eq!(is_mail_link(text), taken, "{text}");
        }
        assert!(!is_mail_link(&format!("mailto:{}", "a".repeat(MAIL_LINK))));
    }
}
