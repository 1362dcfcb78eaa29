//! Exchange Autodiscover v2: whether Microsoft 365 runs a domain whose mail exchanger does not say so.

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

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "Url")]
    url: Url,
}

/// What the answer says: Microsoft's own address for a domain of its own, somebody else's or none for others.
pub(super) fn read(body: &[u8]) -> Answer {
    match serde_json::from_slice::<Reply>(body) {
        Ok(reply) if reply.url.host_str().is_some_and(|host| MICROSOFT.contains(&host)) => {
            Answer::Provider(MICROSOFT_365.to_owned())
        }
        _ => Answer::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderTable;

    #[test]
    fn answer_of_microsoft_names_its_own_servers_or_nobody() {
        let cases = [
            (
                r#"{"Protocol":"AutodiscoverV1","Url":"https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml"}"#,
                true,
            ),
            (
                r#"{"Protocol":"AutodiscoverV1","Url":"https://mail.example.com/autodiscover/autodiscover.xml"}"#,
                false,
            ),
            (r#"{"ErrorCode":"UserNotFound"}"#, false),
            ("<html>", false),
        ];
        for (body, is_microsoft) in cases {
            let expected = if is_microsoft {
                Answer::Provider("m365".to_owned())
            } else {
                Answer::Nothing
            };
            assert_eq!(read(body.as_bytes()), expected, "{body}");
        }
        assert!(ProviderTable::builtin().unwrap().by_id(MICROSOFT_365).is_some());
    }

    #[test]
    fn question_names_the_domain_and_not_the_person() {
        assert_eq!(
            address("firma.example").unwrap().as_str(),
            "https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/mailroom@firma.example?Protocol=AutodiscoverV1"
        );
    }
}
