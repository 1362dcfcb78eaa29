//! The edge of detection: collects evidence, then lets [`candidates`] decide.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use mailroom_model::{CandidateServers, EmailAddress};
use url::Url;

use super::ladder::{News, World, climb};
use super::{
    Answer, ConnectError, Detection, Evidence, MxEvidence, OrganisationServers, Outcome, Resolver,
    ServerProbe, Step, Web, candidates,
};
use crate::oauth::ClientIds;
use crate::provider::{MxMatch, ProviderTable, WithoutImap, WithoutImapReason};

/// The public database of providers that is asked when nobody says otherwise.
pub const PUBLIC_ISPDB: &str = "https://autoconfig.thunderbird.net/v1.1/";

/// What detection may use beside the built-in table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectOptions {
    /// Ask nobody; the table alone answers.
    pub offline: bool,
    /// The provider id that the organisation's policy maps the domain to.
    pub policy: Option<String>,
    /// The servers that the organisation's policy names for the domain.
    pub organisation: Option<OrganisationServers>,
    /// The provider id that was chosen by hand for the domain before.
    pub learned: Option<String>,
    /// The servers that were entered by hand for the domain before, and worked.
    pub learned_servers: Option<CandidateServers>,
    /// The OAuth client ids that there are.
    pub clients: ClientIds,
    /// The base address of the database of providers to ask, `https` only; `None` for none.
    pub ispdb: Option<String>,
    /// Ask over plain `http` too. What comes of it is never believed without the person.
    pub allow_http: bool,
}

/// Finds servers for addresses.
pub struct Detector {
    table: Arc<ProviderTable>,
    resolver: Arc<dyn Resolver>,
    web: Arc<dyn Web>,
    probe: Arc<dyn ServerProbe>,
}

impl Detector {
    /// A detector over a table, and whom it asks.
    pub fn new(
        table: Arc<ProviderTable>,
        resolver: Arc<dyn Resolver>,
        web: Arc<dyn Web>,
        probe: Arc<dyn ServerProbe>,
    ) -> Self {
        Self {
            table,
            resolver,
            web,
            probe,
        }
    }

    /// The table.
    pub fn table(&self) -> &ProviderTable {
        &self.table
    }

    /// Ranked candidates for the address. The network is asked only when nothing nearer knows the domain, for 8 s at most,
    /// 5 s each.
    ///
    /// # Errors
    /// [`ConnectError::WithoutImap`] for a provider that lets no program in, [`ConnectError::ProviderUnknown`] when
    /// every source answered in vain, [`ConnectError::Dns`] when DNS might have known.
    pub async fn detect(
        &self,
        address: &EmailAddress,
        options: &DetectOptions,
    ) -> Result<Detection, ConnectError> {
        self.detect_telling(address, options, &|_| ()).await
    }

    /// As [`Self::detect`]; tells meanwhile how far each source on the network is, as soon as it is asked and as soon as it
    /// answers.
    ///
    /// # Errors
    /// The same.
    pub async fn detect_telling(
        &self,
        address: &EmailAddress,
        options: &DetectOptions,
        tell: &(dyn Fn(Step) + Send + Sync),
    ) -> Result<Detection, ConnectError> {
        let domain = address.domain();
        let mut evidence = Evidence {
            policy: options.policy.clone(),
            organisation: options.organisation.clone(),
            learned: options.learned.clone(),
            learned_servers: options.learned_servers.clone(),
            ..Evidence::default()
        };
        let decide = |evidence: &Evidence| candidates(address, &self.table, &options.clients, evidence);
        let first = decide(&evidence);
        if !first.candidates.is_empty() {
            return Ok(first);
        }
        if let Some(row) = self.table.without_imap(domain) {
            return Err(without_imap(domain, row));
        }
        if options.offline {
            return Err(ConnectError::ProviderUnknown {
                domain: domain.to_owned(),
                steps: first.steps,
            });
        }
        let requests = AtomicU32::new(0);
        let ispdb = options.ispdb.as_deref().and_then(|base| Url::parse(base).ok());
        let world = World {
            table: &self.table,
            resolver: self.resolver.as_ref(),
            web: self.web.as_ref(),
            probe: self.probe.as_ref(),
            ispdb: ispdb.as_ref().filter(|base| base.scheme() == "https"),
            allow_http: options.allow_http,
            requests: &requests,
        };
        let heard = |evidence: &Evidence, news: News| match news {
            News::Asked(source) => tell(Step {
                source,
                outcome: Outcome::Asking,
            }),
            News::Answered(source) => {
                let steps = decide(evidence).steps;
                steps
                    .into_iter()
                    .filter(|step| step.source == source)
                    .for_each(tell);
            }
        };
        climb(&world, address, &mut evidence, &heard, |evidence, pending| {
            if self.closed(evidence).is_some() {
                return true;
            }
            // Nobody who has still to answer would win, and the mail exchanger has not contradicted.
            decide(evidence).candidates.first().is_some_and(|best| {
                pending
                    .iter()
                    .all(|source| *source > best.source && *source != super::Source::Mx)
            })
        })
        .await;
        let mut detection = decide(&evidence);
        detection.requests = requests.load(Ordering::Relaxed);
        if !detection.candidates.is_empty() {
            return Ok(detection);
        }
        if let Some(row) = self.closed(&evidence) {
            return Err(without_imap(domain, row));
        }
        let exchange = evidence.answers.values().find_map(|answer| match answer {
            Answer::Exchange { host } => Some(host.clone()),
            _ => None,
        });
        if let Some(host) = exchange {
            return Err(ConnectError::WithoutImap {
                domain: domain.to_owned(),
                provider: host,
                reason: WithoutImapReason::ExchangeOnly,
                url: None,
                steps: detection.steps,
            });
        }
        Err(match evidence.mx {
            MxEvidence::Failed(source) => ConnectError::Dns {
                domain: domain.to_owned(),
                steps: detection.steps,
                source,
            },
            _ => ConnectError::ProviderUnknown {
                domain: domain.to_owned(),
                steps: detection.steps,
            },
        })
    }

    /// The provider without IMAP that the domain's mail goes to.
    fn closed(&self, evidence: &Evidence) -> Option<&WithoutImap> {
        match self.table.by_mx(&evidence.mx.preferred()?) {
            MxMatch::WithoutImap(row) => Some(row),
            _ => None,
        }
    }
}

fn without_imap(domain: &str, row: &WithoutImap) -> ConnectError {
    ConnectError::WithoutImap {
        domain: domain.to_owned(),
        provider: row.name.clone(),
        reason: row.reason,
        url: row.url.clone(),
        steps: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::AtomicUsize;

    use async_trait::async_trait;
    use mailroom_model::{AuthMethod, Coded, Endpoint, ErrorCode};

    use super::super::{DnsError, MxRecord, Offered, Purpose, Source, SrvRecord, WebAnswer};
    use super::*;
    use crate::http::HttpError;

    /// DNS that is a fixed table of mail exchangers, and counts; a web where nobody is; no servers.
    #[derive(Default)]
    struct FixedDns {
        answers: BTreeMap<&'static str, Result<Vec<MxRecord>, DnsError>>,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Resolver for FixedDns {
        async fn mx(&self, domain: &str) -> Result<Vec<MxRecord>, DnsError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.answers.get(domain).cloned().unwrap_or(Ok(Vec::new()))
        }

        async fn srv(&self, _: &str) -> Result<Vec<SrvRecord>, DnsError> {
            Ok(Vec::new())
        }

        async fn txt(&self, _: &str) -> Result<Vec<String>, DnsError> {
            Ok(Vec::new())
        }
    }

    #[async_trait]
    impl Web for FixedDns {
        async fn get(&self, _: &Url) -> Result<WebAnswer, HttpError> {
            Ok(WebAnswer {
                status: 404,
                ..WebAnswer::default()
            })
        }
    }

    #[async_trait]
    impl ServerProbe for FixedDns {
        async fn offered(&self, _: Purpose, _: &Endpoint) -> Result<Offered, ErrorCode> {
            Err(ErrorCode::ConnectRefused)
        }
    }

    fn mx(records: &[(u16, &str)]) -> Vec<MxRecord> {
        records
            .iter()
            .map(|(preference, host)| MxRecord {
                preference: *preference,
                host: (*host).to_owned(),
            })
            .collect()
    }

    fn detector() -> (Detector, Arc<FixedDns>) {
        let dns = Arc::new(FixedDns {
            answers: [
                (
                    "custom.example",
                    mx(&[(10, "ALT1.ASPMX.L.GOOGLE.COM."), (1, "ASPMX.L.GOOGLE.COM.")]),
                ),
                (
                    "office.example",
                    mx(&[(0, "office-example.mail.protection.outlook.com.")]),
                ),
                (
                    "filtered.example",
                    mx(&[(10, "mx0a.pphosted.com."), (20, "aspmx.l.google.com.")]),
                ),
                (
                    "tie.example",
                    mx(&[(10, "zzz.example.net."), (10, "aspmx.l.google.com.")]),
                ),
                (
                    "moved.example",
                    mx(&[(20, "aspmx.l.google.com."), (10, "mail.moved.example.")]),
                ),
                ("none.example", mx(&[])),
                ("null.example", mx(&[(0, ".")])),
                ("xn--80a1acny.xn--p1ai", mx(&[(10, "mx.yandex.net.")])),
                ("hosted.example", mx(&[(10, "mx1.home.pl.")])),
            ]
            .map(|(domain, records)| (domain, Ok(records)))
            .into_iter()
            .chain([
                ("gone.example", Err(DnsError::NoSuchDomain)),
                ("slow.example", Err(DnsError::Timeout)),
            ])
            .collect(),
            asked: AtomicUsize::new(0),
        });
        let table = ProviderTable::builtin().unwrap();
        (Detector::new(table, dns.clone(), dns.clone(), dns.clone()), dns)
    }

    #[tokio::test]
    async fn detection_ends_with_the_provider_or_the_reason() {
        let (detector, _) = detector();
        let cases = [
            ("anna@gmail.com", Ok(("gmail", Source::BuiltIn, true))),
            ("anna@custom.example", Ok(("gmail", Source::Mx, false))),
            ("anna@office.example", Ok(("m365", Source::Mx, false))),
            ("anna@tie.example", Ok(("gmail", Source::Mx, false))),
            ("anna@почта.рф", Ok(("yandex", Source::Mx, false))),
            ("anna@hosted.example", Ok(("homepl", Source::Mx, false))),
            ("anna@filtered.example", Err(ErrorCode::ProviderUnknown)),
            ("anna@moved.example", Err(ErrorCode::ProviderUnknown)),
            ("anna@none.example", Err(ErrorCode::ProviderUnknown)),
            ("anna@null.example", Err(ErrorCode::ProviderUnknown)),
            ("anna@gone.example", Err(ErrorCode::NameNotFound)),
            ("anna@slow.example", Err(ErrorCode::ConnectTimeout)),
            ("anna@tuta.com", Err(ErrorCode::ProviderWithoutImap)),
        ];
        for (address, expected) in cases {
            let found = detector
                .detect(&address.parse().unwrap(), &DetectOptions::default())
                .await;
            let found = found.map_err(|error| error.code()).map(|detection| {
                let candidate = &detection.candidates[0];
                let id = candidate.provider.as_ref().unwrap().id.clone();
                assert_eq!(detection.candidates.len(), 1, "{address}");
                (id, candidate.source, candidate.confirmed)
            });
            let expected = expected.map(|(id, source, confirmed)| (id.to_owned(), source, confirmed));
            assert_eq!(found, expected, "{address}");
        }
    }

    #[tokio::test]
    async fn detection_without_a_candidate_tells_what_dns_said() {
        let (detector, _) = detector();
        let cases = [
            (
                "anna@filtered.example",
                Outcome::FilteredHost {
                    host: "mx0a.pphosted.com".to_owned(),
                },
            ),
            (
                "anna@moved.example",
                Outcome::UnknownHost {
                    host: "mail.moved.example".to_owned(),
                },
            ),
            ("anna@none.example", Outcome::NoRecords),
            ("anna@null.example", Outcome::TakesNoMail),
            (
                "anna@slow.example",
                Outcome::Failed {
                    code: ErrorCode::ConnectTimeout,
                },
            ),
        ];
        for (address, expected) in cases {
            let error = detector
                .detect(&address.parse().unwrap(), &DetectOptions::default())
                .await
                .unwrap_err();
            let said = error.steps().iter().find(|step| step.source == Source::Mx);
            assert_eq!(said.unwrap().outcome, expected, "{address}");
        }
    }

    #[tokio::test]
    async fn dns_is_asked_only_when_nothing_nearer_knows() {
        let (detector, dns) = detector();
        let offline = DetectOptions {
            offline: true,
            ..DetectOptions::default()
        };
        let learned = DetectOptions {
            learned: Some("onet".to_owned()),
            ..DetectOptions::default()
        };
        detector
            .detect(&"a@wp.pl".parse().unwrap(), &DetectOptions::default())
            .await
            .unwrap();
        detector
            .detect(&"a@tuta.com".parse().unwrap(), &DetectOptions::default())
            .await
            .unwrap_err();
        let error = detector
            .detect(&"a@custom.example".parse().unwrap(), &offline)
            .await
            .unwrap_err();
        assert_eq!(error.code(), ErrorCode::ProviderUnknown);
        assert_eq!(error.steps().last().unwrap().outcome, Outcome::NotAsked);
        let found = detector
            .detect(&"a@custom.example".parse().unwrap(), &learned)
            .await
            .unwrap();
        assert_eq!(found.candidates[0].source, Source::Learned);
        assert_eq!(dns.asked.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn organisation_with_servers_of_its_own_is_believed_and_nobody_is_asked() {
        let (detector, dns) = detector();
        let own = OrganisationServers {
            name: "Own".to_owned(),
            imap: vec!["imap.custom.example:993:tls".parse().unwrap()],
            smtp: Vec::new(),
            issuer: Some("https://id.custom.example".to_owned()),
            password: true,
        };
        let options = DetectOptions {
            organisation: Some(own.clone()),
            policy: Some("gmail".to_owned()),
            ..DetectOptions::default()
        };
        let found = detector
            .detect(&"a@custom.example".parse().unwrap(), &options)
            .await
            .unwrap();
        let first = &found.candidates[0];
        assert_eq!((first.source, first.confirmed), (Source::Policy, true));
        assert_eq!(first.servers.imap, own.imap);
        assert_eq!(first.auth[0].issuer, own.issuer);
        let methods: Vec<_> = first.auth.iter().map(|offer| offer.method).collect();
        assert_eq!(methods, [AuthMethod::Oauth2, AuthMethod::Password]);
        assert_eq!(found.candidates[1].provider.as_ref().unwrap().id, "gmail");
        assert_eq!(dns.asked.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn learned_choice_wins_over_the_list_of_domains_without_imap() {
        let (detector, _) = detector();
        let options = DetectOptions {
            learned: Some("fastmail".to_owned()),
            ..DetectOptions::default()
        };
        let found = detector
            .detect(&"a@hey.com".parse().unwrap(), &options)
            .await
            .unwrap();
        assert_eq!(found.candidates[0].provider.as_ref().unwrap().id, "fastmail");
    }
}
