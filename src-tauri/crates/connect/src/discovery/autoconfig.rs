//! The autoconfig document (draft-ietf-mailmaint-autoconfig-06): `config-v1.1.xml`, as domains and the ISPDB publish it.
//!
//! What becomes of its elements:
//!
//! | Element | Here |
//! |---|---|
//! | `incomingServer type="imap"`, `outgoingServer type="smtp"` | read: the servers, those with TLS from the first byte first |
//! | `hostname`, `port`, `socketType`, `authentication` | read; a server without encryption or with other sign-ins is passed over |
//! | `username` and the placeholders `%EMAILADDRESS%`, `%EMAILLOCALPART%`, `%EMAILDOMAIN%` | read, in host names and issuers too |
//! | `displayName`, `displayShortName` | read: a name beside the servers, never instead of them |
//! | `oAuth2`: `issuer`, `scope`, `clientID` | read: the issuer's own metadata say the rest, and register a client where there is no id |
//! | `oAuth2`: `authURL`, `tokenURL` | passed over: the issuer names them itself (RFC 8414), over its own certificate |
//! | `enable visiturl`, `documentation url` | read: links to pages of the provider |
//! | `webMail`: `loginPage url` | read: the way to the mail where IMAP fails |
//! | `webMail`: `loginPageInfo` | passed over: nobody types a password for the person into a page |
//! | `instruction`, `descr` | passed over: words of a stranger beside a field for a password |
//! | `incomingServer` of Exchange (`exchange`, `ews`, `activeSync`, `graph`) | read: says that the mailbox is one of Exchange |
//! | `incomingServer` of other types (`pop3`, `jmap`) | passed over: Mailroom reads IMAP |
//! | `domain`, `emailProvider id`, `clientConfigUpdate`, `restriction`, `password` | passed over: the domain was asked for, and is asked anew when it matters |
//! | `addressBook`, `calendar`, `fileShare` | passed over: Mailroom is for mail |

use mailroom_model::{CandidateServers, EmailAddress, Endpoint, Security, UsernameForm};
use roxmltree::{Document, Node, ParsingOptions};

use super::found::{FoundOAuth, FoundServers, host_of, issuer_key, page, server};

/// How many nodes a document may have; the longest published ones have a few hundred.
const NODES_LIMIT: u32 = 10_000;
/// How many servers of a kind are kept.
const SERVERS_LIMIT: usize = 4;

/// Why a document names no servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ConfigFault {
    /// It is none of these documents.
    NotConfig,
    /// Mail is read by other protocols only, or with ways of signing in that Mailroom does not speak.
    NoImap,
    /// Mail is read by the protocols of Exchange only.
    Exchange {
        /// The server that it names.
        host: String,
    },
    /// Its servers do not encrypt.
    NoEncryption,
}

/// Types of servers that speak the protocols of Exchange.
const EXCHANGE: [&str; 4] = ["exchange", "ews", "activeSync", "graph"];

/// One server of the document.
struct Server {
    endpoint: Endpoint,
    form: UsernameForm,
    login: Option<String>,
    password: bool,
    oauth: bool,
}

/// Reads the document for an address. Unknown elements, protocols and ways of signing in are passed over, as the draft
/// wants it; a DTD is refused.
pub(super) fn read(xml: &[u8], address: &EmailAddress) -> Result<FoundServers, ConfigFault> {
    let text = std::str::from_utf8(xml).map_err(|_| ConfigFault::NotConfig)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES_LIMIT,
        ..ParsingOptions::default()
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let document = Document::parse_with_options(text, options).map_err(|_| ConfigFault::NotConfig)?;
    let root = document.root_element();
    if !is_named(root, "clientConfig") {
        return Err(ConfigFault::NotConfig);
    }
    // `emailProvider` exists for legacy reasons: what stands in it may stand beside it (draft, "emailProvider").
    let parts: Vec<Node<'_, '_>> = root
        .children()
        .flat_map(|child| {
            let inner = is_named(child, "emailProvider").then(|| child.children());
            std::iter::once(child).chain(inner.into_iter().flatten())
        })
        .filter(Node::is_element)
        .collect();
    let mut plain = false;
    let mut servers = |element: &str, kind: &str| -> Vec<Server> {
        parts
            .iter()
            .filter(|part| is_named(**part, element) && part.attribute("type") == Some(kind))
            .filter_map(|part| read_server(*part, address, &mut plain))
            .take(SERVERS_LIMIT)
            .collect()
    };
    let imap = servers("incomingServer", "imap");
    let smtp = servers("outgoingServer", "smtp");
    let Some(first) = imap.first() else {
        return Err(match exchange_host(&parts, address) {
            _ if plain => ConfigFault::NoEncryption,
            Some(host) => ConfigFault::Exchange { host },
            None => ConfigFault::NoImap,
        });
    };
    let sending = smtp.first();
    let oauth = parts
        .iter()
        .find(|part| is_named(**part, "oAuth2"))
        .and_then(|part| read_oauth(*part, address))
        .filter(|_| first.oauth);
    if oauth.is_none() && !first.password {
        return Err(ConfigFault::NoImap);
    }
    let web = parts
        .iter()
        .filter(|part| is_named(**part, "webMail"))
        .flat_map(Node::children)
        .filter(|child| is_named(*child, "loginPage"))
        .find_map(|login| page(login.attribute("url")?));
    let pages = |element: &str, attribute: &str| -> Vec<String> {
        parts
            .iter()
            .filter(|part| is_named(**part, element))
            .filter_map(|part| page(part.attribute(attribute)?))
            .collect()
    };
    let name = |element: &str| {
        let part = parts.iter().find(|part| is_named(**part, element))?;
        let name: String = content(*part)
            .chars()
            .filter(|c| !c.is_control())
            .take(60)
            .collect();
        (!name.is_empty()).then_some(name)
    };
    Ok(FoundServers {
        name: name("displayName").or_else(|| name("displayShortName")),
        imap_login: first.login.clone(),
        smtp_login: sending.and_then(|server| server.login.clone()),
        password: first.password,
        oauth,
        enable: pages("enable", "visiturl"),
        help: pages("documentation", "url"),
        web,
        servers: CandidateServers {
            imap_username: first.form,
            smtp_username: sending.map_or(first.form, |server| server.form),
            imap: endpoints(imap),
            smtp: endpoints(smtp),
        },
    })
}

/// The server of Exchange that a document names.
fn exchange_host(parts: &[Node<'_, '_>], address: &EmailAddress) -> Option<String> {
    let speaks_exchange = |part: &&Node<'_, '_>| {
        let kind = part.attribute("type").unwrap_or_default();
        is_named(**part, "incomingServer") && EXCHANGE.iter().any(|known| kind.eq_ignore_ascii_case(known))
    };
    parts.iter().filter(speaks_exchange).find_map(|part| {
        let text = |name: &str| part.children().find(|child| is_named(*child, name)).map(content);
        let url = ["url", "ewsURL", "owaURL"].into_iter().find_map(text);
        match url {
            Some(url) => host_of(&filled(&url, address)),
            None => host_of(&format!("https://{}", filled(&text("hostname")?, address))),
        }
    })
}

/// TLS from the first byte before STARTTLS (RFC 8314 §3), else in the order of the document.
fn endpoints(servers: Vec<Server>) -> Vec<Endpoint> {
    let mut endpoints: Vec<Endpoint> = servers.into_iter().map(|server| server.endpoint).collect();
    endpoints.sort_by_key(|endpoint| endpoint.security);
    endpoints.dedup();
    endpoints
}

fn read_server(node: Node<'_, '_>, address: &EmailAddress, plain: &mut bool) -> Option<Server> {
    let text = |name: &str| {
        node.children()
            .find(|child| is_named(*child, name))
            .map(|child| content(child))
            .unwrap_or_default()
    };
    let security = match text("socketType").to_ascii_uppercase().as_str() {
        "SSL" | "TLS" => Security::Tls,
        "STARTTLS" => Security::StartTls,
        _ => {
            *plain = true;
            return None;
        }
    };
    let endpoint = server(
        &filled(&text("hostname"), address),
        text("port").parse().ok()?,
        security,
        address.domain(),
    )?;
    let methods: Vec<String> = node
        .children()
        .filter(|child| is_named(*child, "authentication"))
        .map(|child| content(child).to_ascii_lowercase())
        .collect();
    let password = methods.is_empty()
        || methods.iter().any(|method| {
            matches!(
                method.as_str(),
                // Over TLS the password itself is as safe as a digest of it, and servers with digests take it.
                "password-cleartext"
                    | "plain"
                    | "password-encrypted"
                    | "secure"
                    | "sasl plain"
                    | "sasl login"
            )
        });
    let oauth = methods.iter().any(|method| {
        matches!(
            method.as_str(),
            "oauth2" | "oauth" | "sasl oauthbearer" | "sasl xoauth2"
        )
    });
    if !password && !oauth {
        return None;
    }
    let (form, login) = match text("username").as_str() {
        "" | "%EMAILADDRESS%" | "%EMAILLOCALPART%@%EMAILDOMAIN%" => (UsernameForm::Address, None),
        "%EMAILLOCALPART%" => (UsernameForm::Local, None),
        other => {
            let login = filled(other, address);
            let is_name = login.len() <= 320 && !login.chars().any(char::is_control);
            (UsernameForm::Address, is_name.then_some(login))
        }
    };
    Some(Server {
        endpoint,
        form,
        login,
        password,
        oauth,
    })
}

fn read_oauth(node: Node<'_, '_>, address: &EmailAddress) -> Option<FoundOAuth> {
    let text = |name: &str| {
        let child = node.children().find(|child| is_named(*child, name))?;
        Some(content(child)).filter(|text| !text.is_empty())
    };
    Some(FoundOAuth {
        issuer: issuer_key(&filled(&text("issuer")?, address), address.domain())?,
        scopes: text("scope")
            .unwrap_or_default()
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect(),
        client_id: text("clientID"),
    })
}

/// The placeholders of the draft, filled in for an address.
fn filled(text: &str, address: &EmailAddress) -> String {
    text.replace("%EMAILADDRESS%", &address.to_string())
        .replace("%EMAILLOCALPART%", address.local())
        .replace("%EMAILDOMAIN%", address.domain())
}

fn is_named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn content(node: Node<'_, '_>) -> String {
    node.text().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn anna() -> EmailAddress {
        "anna@example.com".parse().unwrap()
    }

    fn config(servers: &str, rest: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.2\"><emailProvider id=\"example.com\">\
             <domain>example.com</domain><displayName>Example Mail</displayName>{servers}\
             <documentation url=\"https://example.com/help\"><descr lang=\"en\">Help</descr></documentation>\
             </emailProvider>{rest}<clientConfigUpdate url=\"https://example.com/x.xml\"/></clientConfig>"
        )
    }

    fn incoming(host: &str, port: u16, socket: &str, rest: &str) -> String {
        format!(
            "<incomingServer type=\"imap\"><hostname>{host}</hostname><port>{port}</port>\
             <socketType>{socket}</socketType>{rest}</incomingServer>"
        )
    }

    #[test]
    fn document_of_the_draft_becomes_servers() {
        let xml = config(
            &format!(
                "<incomingServer type=\"jmap\"><url>https://jmap.example.com</url></incomingServer>\
                 <incomingServer type=\"pop3\"><hostname>pop.example.com</hostname><port>995</port><socketType>SSL</socketType></incomingServer>\
                 {}{}\
                 <outgoingServer type=\"smtp\"><hostname>smtp.%EMAILDOMAIN%</hostname><port>587</port><socketType>STARTTLS</socketType>\
                 <authentication>NTLM</authentication><authentication>password-cleartext</authentication>\
                 <username>%EMAILLOCALPART%</username></outgoingServer>",
                incoming(
                    "imap.example.com",
                    143,
                    "STARTTLS",
                    "<authentication>OAuth2</authentication><authentication>password-cleartext</authentication><username>%EMAILADDRESS%</username>"
                ),
                incoming(
                    "imap.example.com",
                    993,
                    "SSL",
                    "<authentication>password-cleartext</authentication>"
                ),
            ),
            "<oAuth2><authURL>https://login.example.com/a</authURL><tokenURL>https://login.example.com/t</tokenURL>\
             <issuer>login.example.com</issuer><scope>mail  offline_access</scope><clientID>open</clientID></oAuth2>\
             <enable visiturl=\"https://example.com/imap\"><instruction lang=\"en\">On</instruction></enable>\
             <webMail><loginPage url=\"https://web.example.com/\"/><loginPageInfo url=\"https://web.example.com/in\">\
             <username>%EMAILADDRESS%</username><usernameField id=\"u\"/></loginPageInfo></webMail>\
             <calendar type=\"caldav\"><url>https://c.example.com</url></calendar><unknown/>",
        );
        let found = read(xml.as_bytes(), &anna()).unwrap();
        let texts = |servers: &[Endpoint]| servers.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            texts(&found.servers.imap),
            ["imap.example.com:993:tls", "imap.example.com:143:starttls"]
        );
        assert_eq!(texts(&found.servers.smtp), ["smtp.example.com:587:starttls"]);
        assert_eq!(
            (found.servers.imap_username, found.servers.smtp_username),
            (UsernameForm::Address, UsernameForm::Local)
        );
        assert_eq!(found.name.as_deref(), Some("Example Mail"));
        assert_eq!(found.enable, ["https://example.com/imap"]);
        assert_eq!(found.help, ["https://example.com/help"]);
        assert_eq!(found.web.as_deref(), Some("https://web.example.com/"));
        assert!(found.password);
        assert_eq!(
            found.oauth,
            Some(FoundOAuth {
                issuer: "https://login.example.com".to_owned(),
                scopes: vec!["mail".to_owned(), "offline_access".to_owned()],
                client_id: Some("open".to_owned()),
            })
        );
    }

    #[test]
    fn user_name_of_another_form_is_filled_in() {
        let rest = "<username>%EMAILDOMAIN%/%EMAILLOCALPART%</username>";
        let xml = config(&incoming("imap.example.com", 993, "SSL", rest), "");
        let found = read(xml.as_bytes(), &anna()).unwrap();
        assert_eq!(found.imap_login.as_deref(), Some("example.com/anna"));
        assert_eq!(found.smtp_login, None);
    }

    #[test]
    fn document_without_usable_servers_says_why() {
        let exchange = |kind: &str, inner: &str| {
            let server = format!("<incomingServer type=\"{kind}\">{inner}</incomingServer>");
            config(&server, "")
        };
        let at_exchange = || ConfigFault::Exchange {
            host: "mail.example.com".to_owned(),
        };
        let cases: [(String, ConfigFault); 14] = [
            (
                exchange("ews", "<url>https://mail.example.com/EWS/Exchange.asmx</url>"),
                at_exchange(),
            ),
            (
                exchange("exchange", "<hostname>mail.%EMAILDOMAIN%</hostname>"),
                at_exchange(),
            ),
            (
                exchange("activesync", "<url>http://mail.example.com/</url>"),
                ConfigFault::NoImap,
            ),
            (
                exchange("jmap", "<url>https://mail.example.com/</url>"),
                ConfigFault::NoImap,
            ),
            (
                "<!DOCTYPE html><html><body>Shop</body></html>".to_owned(),
                ConfigFault::NotConfig,
            ),
            ("<html/>".to_owned(), ConfigFault::NotConfig),
            (String::new(), ConfigFault::NotConfig),
            (
                "<!DOCTYPE x [<!ENTITY a \"b\">]><clientConfig>&a;</clientConfig>".to_owned(),
                ConfigFault::NotConfig,
            ),
            (config("", ""), ConfigFault::NoImap),
            (
                config(&incoming("imap.example.com", 143, "plain", ""), ""),
                ConfigFault::NoEncryption,
            ),
            (
                config(&incoming("192.0.2.1", 993, "SSL", ""), ""),
                ConfigFault::NoImap,
            ),
            (
                config(&incoming("imap.example.com", 0, "SSL", ""), ""),
                ConfigFault::NoImap,
            ),
            (
                config(
                    &incoming(
                        "imap.example.com",
                        993,
                        "SSL",
                        "<authentication>GSSAPI</authentication>",
                    ),
                    "",
                ),
                ConfigFault::NoImap,
            ),
            // OAuth alone, with nobody who issues tokens.
            (
                config(
                    &incoming(
                        "imap.example.com",
                        993,
                        "SSL",
                        "<authentication>OAuth2</authentication>",
                    ),
                    "",
                ),
                ConfigFault::NoImap,
            ),
        ];
        for (xml, fault) in cases {
            assert_eq!(read(xml.as_bytes(), &anna()), Err(fault), "{xml}");
        }
    }

    #[test]
    fn document_with_endless_depth_is_refused() {
        let xml = format!("<clientConfig>{}", "<a>".repeat(80_000));
        assert_eq!(read(xml.as_bytes(), &anna()), Err(ConfigFault::NotConfig));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn bytes_of_any_kind_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes, &anna());
        }

        #[test]
        fn elements_in_any_order_never_panic(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("<emailProvider>"), Just("</emailProvider>"), Just("<incomingServer type=\"imap\">"),
                    Just("</incomingServer>"), Just("<hostname>a.b</hostname>"), Just("<port>993</port>"),
                    Just("<socketType>SSL</socketType>"), Just("<oAuth2>"), Just("</oAuth2>"), Just("&x;"), Just("<![CDATA["),
                ],
                0..12,
            )
        ) {
            let _ = read(format!("<clientConfig>{}</clientConfig>", parts.concat()).as_bytes(), &anna());
        }
    }
}
