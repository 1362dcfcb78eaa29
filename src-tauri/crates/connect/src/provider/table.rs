//! The table as a whole: read once, checked, and asked by domain, mail exchanger or id.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use mailroom_model::{AuthMethod, Endpoint};
use serde::Deserialize;
use url::Url;

use super::{DomainPattern, MxPattern, Provider, Quirk, ServerTemplate, Site, SiteServers, WithoutImap};
use crate::oauth::BuiltinIssuer;

/// Why a text is no provider table. The built-in one is kept true by a test.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not JSON of the expected shape.
    #[error("the provider table does not have the expected shape")]
    Shape(#[source] serde_json::Error),
    /// Written for another program version.
    #[error("the provider table has version {0}")]
    Version(u32),
    /// Two providers with one id, or an id with other characters than lower-case letters and digits.
    #[error("the provider id {0} stands twice or is not valid")]
    Id(String),
    /// A domain or mail exchanger pattern stands twice.
    #[error("the pattern {0} stands twice")]
    Pattern(String),
    /// A site has no servers, or nothing that leads to it.
    #[error("a site of {0} has no servers or no patterns")]
    Site(String),
    /// A way to sign in contradicts itself.
    #[error("a way to sign in of {0} is not valid")]
    Auth(String),
    /// A link is not an `https` address.
    #[error("the link {0} is not an https address")]
    Link(String),
}

/// What is known about providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderTable {
    providers: Vec<Provider>,
    without_imap: Vec<WithoutImap>,
    mx_filters: Vec<MxPattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    version: u32,
    #[serde(rename = "reviewed")]
    _reviewed: String,
    #[serde(rename = "evidence")]
    _evidence: String,
    providers: Vec<Provider>,
    without_imap: Vec<WithoutImap>,
    mx_filters: Vec<MxPattern>,
}

/// A row that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteMatch<'t> {
    /// The provider.
    pub provider: &'t Provider,
    /// The group of its servers.
    pub site: &'t Site,
}

/// What a mail exchanger says about the mailbox behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MxMatch<'t> {
    /// It belongs to this provider.
    Provider(SiteMatch<'t>),
    /// It belongs to somebody who lets no other program in.
    WithoutImap(&'t WithoutImap),
    /// It is a mail filter or a sending service: the mailbox is elsewhere.
    Filter,
    /// Nothing is known about it.
    Unknown,
}

impl ProviderTable {
    /// The table that is built in, read and checked once.
    ///
    /// # Errors
    /// [`TableError`] when the built-in data is wrong, which a test rules out.
    pub fn builtin() -> Result<Arc<Self>, TableError> {
        static TABLE: OnceLock<Arc<ProviderTable>> = OnceLock::new();
        if let Some(table) = TABLE.get() {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(Self::parse(include_str!("../../data/providers.json"))?);
        Ok(Arc::clone(TABLE.get_or_init(|| table)))
    }

    /// Reads and checks a table.
    pub fn parse(json: &str) -> Result<Self, TableError> {
        let file: TableFile = serde_json::from_str(json).map_err(TableError::Shape)?;
        if file.version != 1 {
            return Err(TableError::Version(file.version));
        }
        let table = Self {
            providers: file.providers,
            without_imap: file.without_imap,
            mx_filters: file.mx_filters,
        };
        table.check()?;
        Ok(table)
    }

    fn check(&self) -> Result<(), TableError> {
        let mut ids = BTreeSet::new();
        let mut domains: BTreeSet<&DomainPattern> = BTreeSet::new();
        let mut exchangers: BTreeSet<&MxPattern> = BTreeSet::new();
        for provider in &self.providers {
            let valid = !provider.id.is_empty()
                && provider
                    .id
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            if !valid || !ids.insert(provider.id.as_str()) {
                return Err(TableError::Id(provider.id.clone()));
            }
            for site in &provider.sites {
                let servers = match &site.servers {
                    SiteServers::Known { imap, smtp } => !imap.is_empty() && !smtp.is_empty(),
                    SiteServers::Template(template) => template_is_valid(template),
                };
                if !servers || site.domains.is_empty() && site.all_mx().next().is_none() {
                    return Err(TableError::Site(provider.id.clone()));
                }
            }
            if provider.sites.is_empty() {
                return Err(TableError::Site(provider.id.clone()));
            }
            check_auth(provider)?;
            check_links(provider)?;
        }
        if let Some(link) = self
            .without_imap
            .iter()
            .find_map(|row| row.url.as_ref().filter(|url| !is_https(url)))
        {
            return Err(TableError::Link(link.clone()));
        }
        let sites = || self.providers.iter().flat_map(|provider| &provider.sites);
        let all_domains = sites()
            .flat_map(|site| &site.domains)
            .chain(self.without_imap.iter().flat_map(|row| &row.domains));
        for pattern in all_domains {
            if !domains.insert(pattern) {
                return Err(TableError::Pattern(pattern.clone().into()));
            }
        }
        let closed = self.without_imap.iter().flat_map(|row| &row.mx);
        for pattern in sites()
            .flat_map(Site::all_mx)
            .chain(&self.mx_filters)
            .chain(closed)
        {
            if !exchangers.insert(pattern) {
                return Err(TableError::Pattern(pattern.clone().into()));
            }
        }
        Ok(())
    }

    /// Every provider, in the order of the file.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The provider with this id.
    pub fn by_id(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// How many simultaneous connections the IMAP server `host` should get, when it is a known one.
    pub fn connections_to(&self, host: &str) -> Option<u32> {
        let is_at = |site: &Site| match &site.servers {
            SiteServers::Known { imap, .. } => {
                imap.iter().any(|server| server.host.eq_ignore_ascii_case(host))
            }
            SiteServers::Template(_) => false,
        };
        self.sites()
            .filter(|found| is_at(found.site))
            .flat_map(|found| &found.provider.quirks)
            .filter_map(|quirk| match quirk {
                Quirk::ConnectionLimit(most) => Some(*most),
                _ => None,
            })
            .min()
    }

    /// Who runs the mailboxes of `domain` (lower case, A-labels). An exact name wins over `*.name`, and that over `name.*`.
    pub fn by_domain(&self, domain: &str) -> Option<SiteMatch<'_>> {
        self.sites()
            .filter_map(|found| {
                found
                    .site
                    .domains
                    .iter()
                    .filter(|pattern| pattern.matches(domain))
                    .map(rank)
                    .min()
                    .map(|rank| (rank, found))
            })
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, found)| found)
    }

    /// What the mail exchanger `host` says. A trailing dot and upper case do not matter; the longest pattern wins.
    pub fn by_mx(&self, host: &str) -> MxMatch<'_> {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let owner = self
            .sites()
            .filter_map(|found| {
                let len = found
                    .site
                    .all_mx()
                    .filter_map(|pattern| pattern.matched_len(&host))
                    .max()?;
                Some((len, found))
            })
            // The first of equals: the order of the file.
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        let filter = self
            .mx_filters
            .iter()
            .filter_map(|pattern| pattern.matched_len(&host))
            .max();
        let closed = self
            .without_imap
            .iter()
            .find(|row| row.mx.iter().any(|pattern| pattern.matched_len(&host).is_some()));
        if let Some(row) = closed {
            return MxMatch::WithoutImap(row);
        }
        match (owner, filter) {
            (Some((len, found)), filter) if filter.is_none_or(|filter| len > filter) => {
                MxMatch::Provider(found)
            }
            (_, Some(_)) => MxMatch::Filter,
            (_, None) => MxMatch::Unknown,
        }
    }

    /// Who runs a server for reading, when all of `imap` are of one group of the table.
    pub fn by_servers(&self, imap: &[Endpoint]) -> Option<SiteMatch<'_>> {
        self.sites().find(|found| match &found.site.servers {
            SiteServers::Known { imap: known, .. } => {
                !imap.is_empty()
                    && imap.iter().all(|server| {
                        !server.is_loopback() && known.iter().any(|own| own.host == server.host)
                    })
            }
            SiteServers::Template(_) => false,
        })
    }

    /// Those whose mailboxes no other program can open, in the order of the file.
    pub fn every_without_imap(&self) -> &[WithoutImap] {
        &self.without_imap
    }

    /// Why the mailboxes of `domain` cannot be opened by another program, if that is known.
    pub fn without_imap(&self, domain: &str) -> Option<&WithoutImap> {
        self.without_imap
            .iter()
            .find(|row| row.domains.iter().any(|pattern| pattern.matches(domain)))
    }

    fn sites(&self) -> impl Iterator<Item = SiteMatch<'_>> {
        self.providers.iter().flat_map(|provider| {
            provider
                .sites
                .iter()
                .map(move |site| SiteMatch { provider, site })
        })
    }
}

fn rank(pattern: &DomainPattern) -> u8 {
    match pattern {
        DomainPattern::Exact(_) => 0,
        DomainPattern::Below(_) => 1,
        DomainPattern::AnyTld(_) => 2,
    }
}

fn template_is_valid(template: &ServerTemplate) -> bool {
    [&template.imap, &template.smtp]
        .into_iter()
        .all(|text| text.contains('{') && text.replace(['{', '}'], "").parse::<Endpoint>().is_ok())
}

fn check_auth(provider: &Provider) -> Result<(), TableError> {
    let valid = !provider.auth.is_empty()
        && provider.auth.iter().all(|entry| match entry.method {
            AuthMethod::Oauth2 => match &entry.issuer {
                Some(issuer) => {
                    !entry.partner_only && (BuiltinIssuer::from_key(issuer).is_some() || is_https(issuer))
                }
                None => entry.partner_only,
            },
            AuthMethod::AppPassword | AuthMethod::Password => entry.issuer.is_none() && !entry.partner_only,
        });
    if valid {
        Ok(())
    } else {
        Err(TableError::Auth(provider.id.clone()))
    }
}

fn check_links(provider: &Provider) -> Result<(), TableError> {
    let links = provider
        .help
        .iter()
        .chain(provider.auth.iter().filter_map(|entry| entry.url.as_ref()))
        .chain(provider.enable.iter().filter_map(|step| step.url.as_ref()));
    for link in links {
        if !is_https(link) {
            return Err(TableError::Link(link.clone()));
        }
    }
    Ok(())
}

fn is_https(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && Url::parse(text).is_ok_and(|url| {
            url.scheme() == "https"
                && url.host_str().is_some_and(|host| host.contains('.'))
                && url.username().is_empty()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::EnableCode;

    fn table() -> Arc<ProviderTable> {
        ProviderTable::builtin().unwrap()
    }

    #[test]
    fn known_servers_get_so_many_connections() {
        let cases = [
            ("imap.gmail.com", Some(15)),
            // Two providers share it; the careful one counts.
            ("Outlook.Office365.com", Some(8)),
            ("imap.mail.yahoo.com", Some(5)),
            ("imap.aol.com", Some(5)),
            ("mail.example.org", None),
        ];
        for (host, most) in cases {
            assert_eq!(table().connections_to(host), most, "{host}");
        }
    }

    #[test]
    fn builtin_table_is_valid_and_complete() {
        let table = table();
        assert_eq!(table.providers().len(), 76);
        for id in [
            "gmail", "outlook", "m365", "yandex", "fastmail", "icloud", "onet", "wp", "o2", "interia",
            "mailru",
        ] {
            assert!(table.by_id(id).is_some(), "{id}");
        }
        let json = include_str!("../../data/providers.json");
        for junk in [
            "REGION", "CUSTOMER", "NNNNNN", "%EMAIL", "(+", "verify)", "...", "\"-\"",
        ] {
            assert!(!json.contains(junk), "{junk}");
        }
        for provider in table.providers() {
            let evidence = provider.evidence.as_str();
            assert!(!evidence.is_empty() && !evidence.contains(",,"), "{evidence}");
            assert!(
                !provider.verified || evidence != "not verified",
                "{}",
                provider.id
            );
            assert!(!provider.name.is_empty(), "{}", provider.id);
            // Only a bridge is on this machine.
            let loopback = provider.sites.iter().any(|site| match &site.servers {
                SiteServers::Known { imap, smtp } => imap.iter().chain(smtp).any(Endpoint::is_loopback),
                SiteServers::Template(_) => false,
            });
            assert_eq!(
                loopback,
                provider
                    .enable
                    .iter()
                    .any(|step| step.code == EnableCode::BridgeRunning),
                "{}",
                provider.id
            );
        }
    }

    type Check = fn(&TableError) -> bool;

    #[test]
    fn table_with_a_fault_is_refused() {
        let good = r#"{"version":1,"reviewed":"","evidence":"","providers":[{"id":"a","name":"A","sites":[
            {"domains":["a.com"],"imap":["i.a.com:993:tls"],"smtp":["s.a.com:465:tls"]}],
            "auth":[{"method":"password"}],"evidence":"x","verified":true}],"without_imap":[],"mx_filters":[]}"#;
        assert!(ProviderTable::parse(good).is_ok());
        let cases: [(&str, &str, Check); 9] = [
            ("\"version\":1", "\"version\":2", |e| {
                matches!(e, TableError::Version(2))
            }),
            ("\"id\":\"a\"", "\"id\":\"A b\"", |e| {
                matches!(e, TableError::Id(_))
            }),
            ("i.a.com:993:tls", "i.a.com:993:ssl", |e| {
                matches!(e, TableError::Shape(_))
            }),
            ("i.a.com:993:tls", "i.REGION com:993:tls", |e| {
                matches!(e, TableError::Shape(_))
            }),
            ("[\"a.com\"]", "[\"(+\"]", |e| matches!(e, TableError::Shape(_))),
            ("[\"a.com\"]", "[]", |e| matches!(e, TableError::Site(_))),
            ("[\"a.com\"]", "[\"a.com\",\"a.com\"]", |e| {
                matches!(e, TableError::Pattern(_))
            }),
            ("\"method\":\"password\"", "\"method\":\"oauth2\"", |e| {
                matches!(e, TableError::Auth(_))
            }),
            (
                "\"evidence\":\"x\"",
                "\"evidence\":\"x\",\"help\":[\"http://a.com\"]",
                |e| matches!(e, TableError::Link(_)),
            ),
        ];
        for (old, new, expected) in cases {
            let error = ProviderTable::parse(&good.replacen(old, new, 1)).unwrap_err();
            assert!(expected(&error), "{new}: {error:?}");
        }
    }

    #[test]
    fn domain_leads_to_its_provider() {
        let cases = [
            ("gmail.com", Some("gmail")),
            ("outlook.de", Some("outlook")),
            ("hotmail.co.uk", Some("outlook")),
            ("contoso.onmicrosoft.com", Some("m365")),
            ("yahoo.fr", Some("yahoo")),
            ("yahoo.co.jp", Some("yahoojp")),
            ("ya.ru", Some("yandex")),
            ("vip.onet.pl", Some("onet")),
            ("proton.me", Some("protonbridge")),
            ("example.com", None),
            ("gmail.com.evil.net", None),
        ];
        let table = table();
        for (domain, expected) in cases {
            let found = table.by_domain(domain).map(|found| found.provider.id.as_str());
            assert_eq!(found, expected, "{domain}");
        }
    }

    #[test]
    fn mail_exchanger_leads_to_its_provider_by_the_longest_pattern() {
        let cases = [
            ("aspmx.l.google.com", "gmail"),
            ("SMTP.GOOGLE.COM.", "gmail"),
            ("contoso-com.mail.protection.outlook.com", "m365"),
            ("outlook-com.olc.protection.outlook.com", "outlook"),
            ("mx-aol.mail.gm0.yahoodns.net", "aol"),
            ("mta5.am0.yahoodns.net", "yahoo"),
            ("mx.zoho.eu", "zoho"),
            ("mxbiz1.qq.com", "qq"),
            ("inbound-smtp.eu-west-1.amazonaws.com", "workmail"),
            ("inbound-smtp.ap-south-1.amazonaws.com", "unknown"),
            ("mx0a-001.pphosted.com", "filter"),
            ("mx1.spamexperts.eu", "filter"),
            ("mxa.mailgun.org", "filter"),
            ("mail.tutanota.de", "Tuta"),
            ("work-mx.app.hey.com", "HEY"),
            ("mail.example.com", "unknown"),
        ];
        let table = table();
        for (host, expected) in cases {
            let found = match table.by_mx(host) {
                MxMatch::Provider(found) => found.provider.id.as_str(),
                MxMatch::WithoutImap(row) => row.name.as_str(),
                MxMatch::Filter => "filter",
                MxMatch::Unknown => "unknown",
            };
            assert_eq!(found, expected, "{host}");
        }
    }

    #[test]
    fn mail_exchanger_of_a_region_leads_to_its_servers() {
        let cases = [
            ("mx.zoho.eu", "imappro.zoho.eu"),
            ("mx.zoho.com", "imappro.zoho.com"),
            ("mxbiz1.qq.com", "imap.exmail.qq.com"),
            ("mx3.qq.com", "imap.qq.com"),
            (
                "inbound-smtp.us-west-2.amazonaws.com",
                "imap.mail.us-west-2.awsapps.com",
            ),
            ("mx00.kundenserver.de", "imap.ionos.de"),
            ("mx00.1and1.co.uk", "imap.ionos.co.uk"),
        ];
        let table = table();
        for (host, expected) in cases {
            let MxMatch::Provider(found) = table.by_mx(host) else {
                panic!("{host}")
            };
            let SiteServers::Known { imap, .. } = &found.site.servers else {
                panic!("{host}")
            };
            assert_eq!(
                imap.first().map(|endpoint| endpoint.host.as_str()),
                Some(expected),
                "{host}"
            );
        }
    }
}
