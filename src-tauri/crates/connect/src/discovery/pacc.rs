//! PACC (draft-ietf-mailmaint-pacc-04): one JSON document at a fixed address, sealed by a TXT record.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use mailroom_model::{CandidateServers, Endpoint, Security, UsernameForm};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::found::{Answer, FoundOAuth, FoundServers, issuer_key, page, server};

/// The document, as far as it is about mail.
#[derive(Debug, Deserialize)]
struct Document {
    protocols: Protocols,
    #[serde(default)]
    authentication: Authentication,
    #[serde(default)]
    info: Info,
}

#[derive(Debug, Deserialize)]
struct Protocols {
    imap: Option<Host>,
    /// The name changed between drafts.
    #[serde(alias = "submit")]
    smtp: Option<Host>,
}

#[derive(Debug, Deserialize)]
struct Host {
    host: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Authentication {
    #[serde(default)]
    oauth_public: Option<OAuthPublic>,
    /// Present in any form: mailboxes have passwords.
    #[serde(default)]
    password: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct OAuthPublic {
    issuer: String,
}

#[derive(Debug, Default, Deserialize)]
struct Info {
    #[serde(default)]
    provider: Option<Named>,
    #[serde(default)]
    help: Option<Help>,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Help {
    documentation: Option<String>,
}

/// Reads the document of `domain` that came from `host`, when one of the TXT records seals it.
pub(super) fn read(body: &[u8], seals: &[String], host: &str, domain: &str) -> Answer {
    let unusable = || Answer::Unusable {
        host: host.to_owned(),
    };
    if !seals.iter().any(|seal| seals_body(seal, body)) {
        return unusable();
    }
    let Ok(document) = serde_json::from_slice::<Document>(body) else {
        return unusable();
    };
    // Ports are the standard ones of implicit TLS.
    let at = |host: Option<&Host>, port: u16| -> Vec<Endpoint> {
        host.and_then(|host| server(&host.host, port, Security::Tls, domain))
            .into_iter()
            .collect()
    };
    let imap = at(document.protocols.imap.as_ref(), 993);
    let oauth = document.authentication.oauth_public.and_then(|oauth| {
        Some(FoundOAuth {
            issuer: issuer_key(&oauth.issuer, domain)?,
            scopes: Vec::new(),
            client_id: None,
        })
    });
    if imap.is_empty() {
        return Answer::NoImap;
    }
    Answer::Servers(Box::new(FoundServers {
        name: document
            .info
            .provider
            .and_then(|provider| provider.name)
            .map(|name| name.chars().filter(|c| !c.is_control()).take(60).collect()),
        servers: CandidateServers {
            imap,
            smtp: at(document.protocols.smtp.as_ref(), 465),
            imap_username: UsernameForm::Address,
            smtp_username: UsernameForm::Address,
        },
        imap_login: None,
        smtp_login: None,
        password: document.authentication.password.is_some() || oauth.is_none(),
        oauth,
        enable: Vec::new(),
        help: document
            .info
            .help
            .and_then(|help| page(&help.documentation?))
            .into_iter()
            .collect(),
        web: None,
    }))
}

/// True when the record is `v=UAAC1; a=sha256; d=DIGEST` with the digest of these bytes.
fn seals_body(record: &str, body: &[u8]) -> bool {
    let mut fields = record.split(';').filter_map(|field| field.trim().split_once('='));
    let mut value = |name: &str| {
        fields
            .by_ref()
            .find(|(found, _)| found.trim() == name)
            .map(|(_, value)| value.trim())
    };
    // In this order, the version first, as DKIM and its kin have it.
    if value("v") != Some("UAAC1") || value("a") != Some("sha256") {
        return false;
    }
    let Some(digest) = value("d") else { return false };
    let digest = STANDARD
        .decode(digest)
        .or_else(|_| STANDARD_NO_PAD.decode(digest));
    digest.is_ok_and(|digest| digest == Sha256::digest(body).as_slice())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &str = r#"{"protocols":{"jmap":{"url":"https://j.example.com"},"imap":{"host":"imap.example.com"},
        "submit":{"host":"smtp.example.com"}},"authentication":{"oauth-public":{"issuer":"https://id.example.com"},
        "password":true},"info":{"provider":{"name":"Example","shortName":"Ex"},
        "help":{"documentation":"https://example.com/help"}}}"#;

    fn seal(body: &str) -> String {
        format!("v=UAAC1; a=sha256; d={}", STANDARD.encode(Sha256::digest(body)))
    }

    #[test]
    fn sealed_document_becomes_servers() {
        let Answer::Servers(found) = read(BODY.as_bytes(), &["x".to_owned(), seal(BODY)], "h", "example.com")
        else {
            panic!("no servers")
        };
        assert_eq!(found.servers.imap[0].to_string(), "imap.example.com:993:tls");
        assert_eq!(found.servers.smtp[0].to_string(), "smtp.example.com:465:tls");
        assert_eq!(found.oauth.unwrap().issuer, "https://id.example.com");
        assert!(found.password);
        assert_eq!(found.help, ["https://example.com/help"]);
    }

    #[test]
    fn document_without_its_seal_is_not_believed() {
        let unusable = Answer::Unusable { host: "h".to_owned() };
        let cases = [
            Vec::new(),
            vec![seal("another body")],
            vec![seal(BODY).replace("sha256", "md5")],
            vec![seal(BODY).replace("UAAC1", "UAAC2")],
            vec!["v=UAAC1; a=sha256".to_owned()],
        ];
        for seals in cases {
            assert_eq!(
                read(BODY.as_bytes(), &seals, "h", "example.com"),
                unusable,
                "{seals:?}"
            );
        }
        assert_eq!(read(b"{}", &[seal("{}")], "h", "example.com"), unusable);
        let without = r#"{"protocols":{}}"#;
        assert_eq!(
            read(without.as_bytes(), &[seal(without)], "h", "example.com"),
            Answer::NoImap
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn seals_and_bodies_of_any_kind_never_panic(record in ".{0,80}", body in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(&body, &[record], "h", "example.com");
        }
    }
}
