//! Exchange Autodiscover v2: whether Microsoft 365 runs a domain whose mail exchanger does not say so, or a server of Exchange
//! in the domain's own rooms does.

use serde::Deserialize;
use url::Url;

use super::found::Answer;

/// The part before the `@` that is asked about. Which tenant a domain belongs to does not depend on it, and the person's
/// own stays here.
const ANYBODY: &str = "mailroom";
/// The provider of the built-in table.
const MICROSOFT_365: &str = "m365";
/// Who answers for mailboxes of Microsoft 365.
const MICROSOFT: [&str; 2] = ["outlook.office365.com", "autodiscover-s.outlook.com"];

/// The address to ask about a domain. No password is asked for, and none is sent.
pub(super) fn address(domain: &str) -> Option<Url> {
    Url::parse(&format!(
        "https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/{ANYBODY}@{domain}?Protocol=AutodiscoverV1"
    ))
    .ok()
}

/// The address under which a server of Exchange of the domain's own answers.
pub(super) fn own_address(domain: &str) -> Option<Url> {
    Url::parse(&format!(
        "https://autodiscover.{domain}/autodiscover/autodiscover.json?Email={ANYBODY}@{domain}&Protocol=Ews"
    ))
    .ok()
}

#[derive(Deserialize)]
struct Reply {
    /// Where the protocol that was asked for is spoken.
    #[serde(rename = "Url")]
    url: Option<Url>,
    /// Why it is not said.
    #[serde(rename = "ErrorCode")]
    error: Option<String>,
}

/// What the answer of `host` says. Microsoft names an address of its own for a domain of its own, and that of the domain's
/// server for one that keeps some of its mailboxes elsewhere. Only Exchange refuses in this form.
pub(super) fn read(body: &[u8], host: &str) -> Answer {
    let Ok(reply) = serde_json::from_slice::<Reply>(body) else {
        return Answer::Nothing;
    };
    match reply.url.as_ref().and_then(Url::host_str) {
        Some(named) if MICROSOFT.contains(&named) => Answer::Provider(MICROSOFT_365.to_owned()),
        Some(named) => Answer::Exchange {
            host: named.to_owned(),
        },
        None if reply.error.is_some() && !MICROSOFT.contains(&host) => Answer::Exchange {
            host: host.to_owned(),
        },
        None => Answer::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderTable;

    #[test]
    fn answer_names_microsoft_a_server_of_exchange_or_nobody() {
        const MICROSOFTS: &str = "outlook.office365.com";
        const OWN: &str = "autodiscover.firma.example";
        let m365 = || Answer::Provider("m365".to_owned());
        let exchange = |host: &str| Answer::Exchange {
            host: host.to_owned(),
        };
        let cases = [
            (
                MICROSOFTS,
                r#"{"Protocol":"AutodiscoverV1","Url":"https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml"}"#,
                m365(),
            ),
            (
                MICROSOFTS,
                r#"{"Protocol":"AutodiscoverV1","Url":"https://mail.firma.example/autodiscover/autodiscover.xml"}"#,
                exchange("mail.firma.example"),
            ),
            (MICROSOFTS, r#"{"ErrorCode":"UserNotFound"}"#, Answer::Nothing),
            (
                OWN,
                r#"{"Protocol":"Ews","Url":"https://outlook.office365.com/EWS/Exchange.asmx"}"#,
                m365(),
            ),
            (
                OWN,
                r#"{"Protocol":"Ews","Url":"https://mail.firma.example/EWS/Exchange.asmx"}"#,
                exchange("mail.firma.example"),
            ),
            (
                OWN,
                r#"{"ErrorCode":"MailboxNotFound","ErrorMessage":"no"}"#,
                exchange(OWN),
            ),
            (OWN, r#"{"status":"ok"}"#, Answer::Nothing),
            (OWN, "<html>", Answer::Nothing),
        ];
        for (host, body, expected) in cases {
            assert_eq!(read(body.as_bytes(), host), expected, "{host} {body}");
        }
        assert!(ProviderTable::builtin().unwrap().by_id(MICROSOFT_365).is_some());
    }

    #[test]
    fn question_names_the_domain_and_not_the_person() {
        assert_eq!(
            address("firma.example").unwrap().as_str(),
            "https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/mailroom@firma.example?Protocol=AutodiscoverV1"
        );
        assert_eq!(
            own_address("firma.example").unwrap().as_str(),
            "https://autodiscover.firma.example/autodiscover/autodiscover.json?Email=mailroom@firma.example&Protocol=Ews"
        );
    }
}
