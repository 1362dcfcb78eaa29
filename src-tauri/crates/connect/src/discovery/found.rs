//! What one source on the network said about a domain.

use mailroom_model::{CandidateServers, Endpoint, ErrorCode, Security};
use url::Url;

use crate::http::{is_loopback, is_permitted};

/// The answer of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// These servers.
    Servers(Box<FoundServers>),
    /// This provider of the built-in table.
    Provider(String),
    /// It does not know the domain.
    Nothing,
    /// What came back is no configuration: a web shop or a parking page, or a document that contradicts its seal.
    Unusable {
        /// Who answered.
        host: String,
    },
    /// It names servers, none of which encrypts.
    NoEncryption,
    /// It knows the domain, whose mail is read by other protocols only, or after other sign-ins than Mailroom has.
    NoImap,
    /// A server of Exchange answers for the domain. Whether it lets programs in by IMAP, it does not say.
    Exchange {
        /// The server.
        host: String,
    },
    /// No answer.
    Failed(ErrorCode),
    /// A surer source answered first.
    NotAwaited,
    /// There was no reason to ask it.
    NotAsked,
}

/// Servers that a source named. Each is a host name with at least two labels that encrypts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundServers {
    /// What the provider calls itself.
    pub name: Option<String>,
    /// The servers.
    pub servers: CandidateServers,
    /// A user name for reading that has neither of the two usual forms.
    pub imap_login: Option<String>,
    /// The same for sending.
    pub smtp_login: Option<String>,
    /// Mailboxes have passwords.
    pub password: bool,
    /// The sign-in in the browser, when there is one; it comes first when passwords are the second choice.
    pub oauth: Option<FoundOAuth>,
    /// Pages on which access for other programs is switched on, `https` only.
    pub enable: Vec<String>,
    /// The provider's own pages, `https` only.
    pub help: Vec<String>,
    /// Where the mail is read in a browser, `https` only.
    pub web: Option<String>,
}

/// A sign-in in the browser that a source named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundOAuth {
    /// The key of a built-in profile, or the issuer's `https` address.
    pub issuer: String,
    /// What is asked for; empty for what the issuer offers for mail.
    pub scopes: Vec<String>,
    /// The client id that the provider gives to every program.
    pub client_id: Option<String>,
}

/// Hosts that stand for issuers with a profile of their own, by how they are named in configurations.
const KNOWN_ISSUERS: &[(&str, &str)] = &[
    ("accounts.google.com", "google"),
    ("login.microsoftonline.com", "microsoft"),
    ("oauth.yandex.com", "yandex"),
    ("oauth.yandex.ru", "yandex"),
    ("api.fastmail.com", "fastmail"),
    ("www.fastmail.com", "fastmail"),
];

/// An issuer as the configuration of `domain` writes it, a host or an address: the key of a profile, or an `https` address.
/// None on this machine: what comes from elsewhere has no business with its ports.
pub(super) fn issuer_key(text: &str, domain: &str) -> Option<String> {
    let text = text.trim();
    let address = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let url = Url::parse(&address).ok()?;
    let host = url.host_str()?;
    if let Some((_, key)) = KNOWN_ISSUERS.iter().find(|(known, _)| *known == host) {
        return Some((*key).to_owned());
    }
    let usable = is_permitted(&url)
        && (url.scheme() == "https" && is_public_name(host) || is_this_machine(domain) && is_loopback(&url));
    // To the byte as it was written: an issuer's name is compared so.
    usable.then_some(address)
}

/// A page that may be opened: `https`, without a user name in it.
pub(super) fn page(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let usable = url.scheme() == "https" && url.username().is_empty() && is_public_name(url.host_str()?);
    usable.then(|| url.into())
}

/// The host of a page that may be opened.
pub(super) fn host_of(text: &str) -> Option<String> {
    let url = Url::parse(&page(text)?).ok()?;
    url.host_str().map(str::to_owned)
}

/// A server that the configuration of `domain` may name: `HOST:PORT:SECURITY` with a name of at least two labels. Neither an
/// IP address nor this machine.
pub(super) fn server(host: &str, port: u16, security: Security, domain: &str) -> Option<Endpoint> {
    let host = host.trim().trim_end_matches('.');
    let endpoint: Endpoint = format!("{host}:{port}:{security}").parse().ok()?;
    let usable = is_public_name(&endpoint.host) || is_this_machine(domain) && endpoint.is_loopback();
    usable.then_some(endpoint)
}

/// A domain below `localhost` is this machine (RFC 6761 §6.3): its mailboxes may be on it.
fn is_this_machine(domain: &str) -> bool {
    domain.ends_with(".localhost")
}

fn is_public_name(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && !host.contains(':')
        && last != "localhost"
        // An IPv4 address, in any of the forms that resolvers take.
        && !last.bytes().all(|byte| byte.is_ascii_digit())
        && !last.starts_with("0x")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_of_a_stranger_has_a_public_name() {
        let cases = [
            ("imap.example.com", Some("imap.example.com:993:tls")),
            ("IMAP.Example.com.", Some("imap.example.com:993:tls")),
            ("poczta.żółw.pl", Some("poczta.xn--w-uga1v8h.pl:993:tls")),
            ("192.0.2.1", None),
            ("0x7f.1", None),
            ("[::1]", None),
            ("localhost", None),
            ("a.localhost", None),
            ("intranet", None),
            ("imap.example.com:1", None),
            ("a b.example.com", None),
            ("", None),
        ];
        for (host, expected) in cases {
            let found = server(host, 993, Security::Tls, "example.com").map(|server| server.to_string());
            assert_eq!(found.as_deref(), expected, "{host}");
        }
    }

    #[test]
    fn issuer_is_a_profile_or_an_https_address() {
        let cases = [
            ("accounts.google.com", Some("google")),
            ("https://login.microsoftonline.com/common/v2.0", Some("microsoft")),
            ("login.example.com", Some("https://login.example.com")),
            (
                "https://id.example.com/realms/x",
                Some("https://id.example.com/realms/x"),
            ),
            ("http://id.example.com", None),
            ("http://127.0.0.1:8080", None),
            ("https://127.0.0.1", None),
            ("https://localhost", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(issuer_key(text, "example.com").as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn domain_below_localhost_may_name_this_machine() {
        let named = |domain: &str| {
            let found = server("localhost", 1993, Security::Tls, domain);
            (
                found.is_some(),
                issuer_key("http://127.0.0.1:8080", domain).is_some(),
            )
        };
        assert_eq!(named("office.localhost"), (true, true));
        assert_eq!(named("localhost.example"), (false, false));
        assert_eq!(named("evillocalhost"), (false, false));
    }

    #[test]
    fn page_to_open_is_https_and_somewhere_else() {
        assert_eq!(
            page(" https://example.com/help ").as_deref(),
            Some("https://example.com/help")
        );
        for text in [
            "http://example.com/",
            "javascript:alert(1)",
            "https://a@example.com/",
            "file:///x",
            "x",
        ] {
            assert_eq!(page(text), None, "{text}");
        }
    }
}
