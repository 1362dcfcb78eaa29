//! The edge of detection: asks every source on the network at once, each within its own limit and all within one.

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join;
use futures::stream::{FuturesUnordered, StreamExt as _};
use mailroom_model::{Coded as _, EmailAddress, ErrorCode};
use url::Url;

use super::autoconfig::{self, ConfigFault};
use super::found::Answer;
use super::guess::{attempt_count, guess};
use super::web::{Fetched, Host, fetch};
use super::{DnsError, Evidence, MxEvidence, Resolver, ServerProbe, Source, Web, autodiscover, pacc, srv};
use crate::provider::{MxMatch, ProviderTable, held_domain, is_same_site};

/// How long one source may take.
pub(super) const SOURCE_LIMIT: Duration = Duration::from_secs(5);
/// How long one of several questions to a source may take, so that one that is never answered does not cost the others'
/// answers.
const PART_LIMIT: Duration = Duration::from_secs(4);
/// How long all of them may take together, guesses included. Nobody waits longer than 8 s; the rest is for the answer.
pub(super) const OVERALL_LIMIT: Duration = Duration::from_millis(7_800);

/// Whom detection asks.
pub(super) struct World<'a> {
    pub(super) table: &'a ProviderTable,
    pub(super) resolver: &'a dyn Resolver,
    pub(super) web: &'a dyn Web,
    pub(super) probe: &'a dyn ServerProbe,
    /// The base address of the ISPDB; `None` where it must not be asked.
    pub(super) ispdb: Option<&'a Url>,
    /// Plain `http` is asked too.
    pub(super) allow_http: bool,
    /// How many questions left this machine.
    pub(super) requests: &'a AtomicU32,
}

/// What came of one question.
enum Said {
    Answer(Source, Answer),
    Exchangers(MxEvidence),
}

/// How far a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// The question is out.
    Asked(Source),
    /// The answer is among the evidence.
    Answered(Source),
}

type Asking<'a> = Pin<Box<dyn Future<Output = Said> + Send + 'a>>;

/// Asks until the answer is settled: whatever has not answered yet ranks below the best that did, or time is up.
/// `is_settled` looks at the evidence with the sources that still have to answer; `heard` is told meanwhile how far each is.
pub(super) async fn climb<'a>(
    world: &'a World<'a>,
    address: &'a EmailAddress,
    evidence: &mut Evidence,
    heard: &(dyn Fn(&Evidence, News) + Send + Sync),
    is_settled: impl Fn(&Evidence, &[Source]) -> bool,
) {
    let domain = address.domain();
    let mut asking: FuturesUnordered<Asking<'a>> = FuturesUnordered::new();
    let mut pending: Vec<Source> = Vec::new();
    let mut begin = |source: Source, work: Option<Asking<'a>>, asking: &mut FuturesUnordered<Asking<'a>>| {
        if let Some(work) = work {
            pending.push(source);
            asking.push(limited(source, work));
        }
    };
    begin(
        Source::Autoconfig,
        world.document(
            Source::Autoconfig,
            &format!("https://autoconfig.{domain}/mail/config-v1.1.xml"),
            address,
        ),
        &mut asking,
    );
    begin(
        Source::WellKnown,
        world.document(
            Source::WellKnown,
            &format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
            address,
        ),
        &mut asking,
    );
    begin(Source::Pacc, world.pacc(domain), &mut asking);
    begin(
        Source::Ispdb,
        world.ispdb(Source::Ispdb, domain, address),
        &mut asking,
    );
    begin(Source::Mx, Some(world.exchangers(domain)), &mut asking);
    begin(Source::Srv, Some(world.services(domain)), &mut asking);
    if world.allow_http {
        let plain = format!("http://autoconfig.{domain}/mail/config-v1.1.xml");
        begin(
            Source::PlainAutoconfig,
            world.document(Source::PlainAutoconfig, &plain, address),
            &mut asking,
        );
    }
    for source in &pending {
        heard(evidence, News::Asked(*source));
    }
    // Whether these are asked, the mail exchanger says.
    let after_mx = [Source::MxAutoconfig, Source::MxIspdb, Source::Autodiscover];
    pending.extend(after_mx);

    let deadline = tokio::time::sleep(OVERALL_LIMIT);
    tokio::pin!(deadline);
    let mut has_guessed = false;
    loop {
        let said = tokio::select! {
            biased;
            said = asking.next() => said,
            () = &mut deadline => break,
        };
        match said {
            Some(Said::Answer(source, answer)) => {
                pending.retain(|waiting| *waiting != source);
                evidence.answers.insert(source, answer);
                heard(evidence, News::Answered(source));
            }
            Some(Said::Exchangers(exchangers)) => {
                pending.retain(|waiting| *waiting != Source::Mx && !after_mx.contains(waiting));
                for (source, work) in world.after_exchangers(&exchangers, address) {
                    pending.push(source);
                    asking.push(limited(source, work));
                    heard(evidence, News::Asked(source));
                }
                evidence.mx = exchangers;
                heard(evidence, News::Answered(Source::Mx));
            }
            None => {}
        }
        if is_settled(evidence, &pending) {
            for source in pending {
                evidence.answers.insert(source, Answer::NotAwaited);
            }
            return;
        }
        if asking.is_empty() {
            if has_guessed || !may_have_mailboxes(&evidence.mx) {
                return;
            }
            has_guessed = true;
            pending.push(Source::Guess);
            heard(evidence, News::Asked(Source::Guess));
            asking.push(limited(Source::Guess, world.guess(domain, &evidence.mx)));
        }
    }
    for source in pending {
        if source == Source::Mx {
            evidence.mx = MxEvidence::Failed(DnsError::Timeout);
        } else {
            evidence
                .answers
                .insert(source, Answer::Failed(ErrorCode::ConnectTimeout));
        }
    }
}

/// False for a domain that is not there, or says that it takes no mail.
fn may_have_mailboxes(exchangers: &MxEvidence) -> bool {
    !matches!(exchangers, MxEvidence::Failed(DnsError::NoSuchDomain))
        && exchangers.preferred().is_none_or(|host| !host.is_empty())
}

/// The question, given up after its limit.
fn limited(source: Source, work: Asking<'_>) -> Asking<'_> {
    Box::pin(async move {
        match tokio::time::timeout(SOURCE_LIMIT, work).await {
            Ok(said) => said,
            Err(_) if source == Source::Mx => Said::Exchangers(MxEvidence::Failed(DnsError::Timeout)),
            Err(_) => Said::Answer(source, Answer::Failed(ErrorCode::ConnectTimeout)),
        }
    })
}

impl<'a> World<'a> {
    fn count(&self, questions: usize) {
        let questions = u32::try_from(questions).unwrap_or(u32::MAX);
        self.requests.fetch_add(questions, Ordering::Relaxed);
    }

    async fn get(&self, source: Source, url: Url) -> Fetched {
        let whose = match source {
            Source::Ispdb | Source::MxIspdb | Source::Autodiscover => Host::OfEverybody,
            _ => Host::OfDomain,
        };
        fetch(self.web, url, whose, || self.count(1)).await
    }

    /// An autoconfig document. The address itself is left out of the question, which the draft allows.
    fn document(&'a self, source: Source, url: &str, address: &'a EmailAddress) -> Option<Asking<'a>> {
        let url = Url::parse(url).ok()?;
        Some(Box::pin(async move {
            Said::Answer(source, self.read_document(source, url, address).await)
        }))
    }

    async fn read_document(&self, source: Source, url: Url, address: &EmailAddress) -> Answer {
        match self.get(source, url).await {
            Fetched::Ended(answer) => answer,
            Fetched::Document { body, host } => match autoconfig::read(&body, address) {
                Ok(found) => Answer::Servers(Box::new(found)),
                Err(ConfigFault::NotConfig) => Answer::Unusable { host },
                Err(ConfigFault::NoImap) => Answer::NoImap,
                Err(ConfigFault::Exchange { host }) => Answer::Exchange { host },
                Err(ConfigFault::NoEncryption) => Answer::NoEncryption,
            },
        }
    }

    fn pacc(&'a self, domain: &'a str) -> Option<Asking<'a>> {
        let url = format!("https://ua-auto-config.{domain}/.well-known/user-agent-configuration.json");
        let url = Url::parse(&url).ok()?;
        Some(Box::pin(async move {
            let seal = async {
                self.count(1);
                self.resolver.txt(&format!("_ua-auto-config.{domain}")).await
            };
            let (fetched, seals) = join(self.get(Source::Pacc, url), seal).await;
            let answer = match fetched {
                Fetched::Ended(answer) => answer,
                Fetched::Document { body, host } => match seals {
                    Ok(seals) => pacc::read(&body, &seals, &host, domain),
                    Err(DnsError::NoSuchDomain) => pacc::read(&body, &[], &host, domain),
                    Err(error) => Answer::Failed(error.code()),
                },
            };
            Said::Answer(Source::Pacc, answer)
        }))
    }

    fn ispdb(&'a self, source: Source, domain: &str, address: &'a EmailAddress) -> Option<Asking<'a>> {
        let base = self.ispdb?.as_str().trim_end_matches('/');
        self.document(source, &format!("{base}/{domain}"), address)
    }

    fn exchangers(&'a self, domain: &'a str) -> Asking<'a> {
        Box::pin(async move {
            self.count(1);
            Said::Exchangers(match self.resolver.mx(domain).await {
                Ok(records) => MxEvidence::Answered(records),
                Err(error) => MxEvidence::Failed(error),
            })
        })
    }

    fn services(&'a self, domain: &'a str) -> Asking<'a> {
        Box::pin(async move {
            let looked = srv::SERVICES.map(|(service, _)| async move {
                self.count(1);
                let name = format!("{service}.{domain}");
                tokio::time::timeout(PART_LIMIT, self.resolver.srv(&name))
                    .await
                    .unwrap_or(Err(DnsError::Timeout))
            });
            let [imaps, imap, submissions, submission] = looked;
            let answers = futures::join!(imaps, imap, submissions, submission);
            let mut failure = None;
            let mut records = |answer: Result<Vec<_>, DnsError>| match answer {
                Ok(records) => records,
                // The name is not there: the service is not offered.
                Err(DnsError::NoSuchDomain) => Vec::new(),
                Err(error) => {
                    failure = Some(error.code());
                    Vec::new()
                }
            };
            let records = [
                records(answers.0),
                records(answers.1),
                records(answers.2),
                records(answers.3),
            ];
            let answer = match (srv::read(records, domain), failure) {
                (Answer::Nothing, Some(code)) => Answer::Failed(code),
                (answer, _) => answer,
            };
            Said::Answer(Source::Srv, answer)
        })
    }

    /// What is asked once the mail exchanger is known, or known to be unknown.
    fn after_exchangers(
        &'a self,
        exchangers: &MxEvidence,
        address: &'a EmailAddress,
    ) -> Vec<(Source, Asking<'a>)> {
        let host = match exchangers {
            MxEvidence::Answered(_) => match exchangers.preferred() {
                // No mail exchanger, or a word that there will never be mail.
                None => return Vec::new(),
                Some(host) if host.is_empty() => return Vec::new(),
                Some(host) => Some(host),
            },
            MxEvidence::NotAsked | MxEvidence::Failed(_) => None,
        };
        let mut work: Vec<(Source, Asking<'a>)> = Vec::new();
        let is_filter = match host.as_deref().map(|host| self.table.by_mx(host)) {
            Some(MxMatch::Provider(_) | MxMatch::WithoutImap(_)) => return work,
            Some(MxMatch::Filter) => true,
            Some(MxMatch::Unknown) | None => false,
        };
        let foreign = host.filter(|host| !is_filter && !is_same_site(host, address.domain()));
        if let Some(host) = foreign {
            let names = names_of_hoster(&host);
            if self.ispdb.is_some() {
                work.push((
                    Source::MxIspdb,
                    self.first_document(Source::MxIspdb, &names, address),
                ));
            }
            work.push((
                Source::MxAutoconfig,
                self.first_document(Source::MxAutoconfig, &names, address),
            ));
            work.push((Source::Autodiscover, self.autodiscover(address.domain(), false)));
        } else if may_have_mailboxes(exchangers) {
            // What receives for the domain may stand before a server of Exchange, in its own rooms or in Microsoft's.
            work.push((Source::Autodiscover, self.autodiscover(address.domain(), true)));
        }
        work
    }

    /// The first document that one of the names has, the names asked at once.
    fn first_document(&'a self, source: Source, names: &[String], address: &'a EmailAddress) -> Asking<'a> {
        let base = self
            .ispdb
            .map(|base| base.as_str().trim_end_matches('/').to_owned());
        let urls: Vec<Url> = names
            .iter()
            .filter_map(|name| {
                Url::parse(&match (source, &base) {
                    (Source::MxIspdb, Some(base)) => format!("{base}/{name}"),
                    _ => format!("https://autoconfig.{name}/mail/config-v1.1.xml"),
                })
                .ok()
            })
            .collect();
        Box::pin(async move {
            let asked = urls.into_iter().map(|url| async move {
                tokio::time::timeout(PART_LIMIT, self.read_document(source, url, address))
                    .await
                    .unwrap_or(Answer::Failed(ErrorCode::ConnectTimeout))
            });
            let answers = futures::future::join_all(asked).await;
            let best = answers
                .iter()
                .find(|answer| matches!(answer, Answer::Servers(_)))
                .or_else(|| answers.iter().find(|answer| **answer != Answer::Nothing))
                .cloned();
            Said::Answer(source, best.unwrap_or(Answer::Nothing))
        })
    }

    /// Microsoft is asked, and with `own` the domain's own server beside it.
    fn autodiscover(&'a self, domain: &'a str, own: bool) -> Asking<'a> {
        Box::pin(async move {
            let ask = |url: Option<Url>, whose: Host| async move {
                let Some(url) = url else {
                    return Answer::NotAsked;
                };
                let asking = fetch(self.web, url, whose, || self.count(1));
                match tokio::time::timeout(PART_LIMIT, asking).await {
                    Ok(Fetched::Ended(answer)) => answer,
                    Ok(Fetched::Document { body, host }) => autodiscover::read(&body, &host),
                    Err(_) => Answer::Failed(ErrorCode::ConnectTimeout),
                }
            };
            let own = autodiscover::own_address(domain).filter(|_| own);
            let (microsoft, own) = join(
                ask(autodiscover::address(domain), Host::OfEverybody),
                ask(own, Host::OfDomain),
            )
            .await;
            let answer = match (&microsoft, &own) {
                (Answer::Provider(_), _) => microsoft,
                (_, Answer::Provider(_) | Answer::Exchange { .. }) => own,
                _ => microsoft,
            };
            Said::Answer(Source::Autodiscover, answer)
        })
    }

    fn guess(&'a self, domain: &'a str, exchangers: &MxEvidence) -> Asking<'a> {
        // A filter's host is nobody's mailbox.
        let exchanger = exchangers
            .preferred()
            .filter(|host| !host.is_empty() && self.table.by_mx(host) == MxMatch::Unknown);
        Box::pin(async move {
            self.count(attempt_count(domain, exchanger.as_deref()));
            let answer = guess(self.probe, domain, exchanger.as_deref()).await;
            Said::Answer(Source::Guess, answer)
        })
    }
}

/// The names under which a hoster's configuration may stand: its mail exchanger without the first label, and its
/// registrable domain (draft-ietf-mailmaint-autoconfig, "MX").
fn names_of_hoster(host: &str) -> Vec<String> {
    let base = held_domain(host);
    let full = host
        .split_once('.')
        .map(|(_, rest)| rest.to_owned())
        .filter(|full| base.as_ref().is_some_and(|base| full.ends_with(base.as_str())));
    let mut names: Vec<String> = full.into_iter().chain(base).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hoster_is_asked_under_two_names_at_most() {
        let cases: [(&str, &[&str]); 5] = [
            ("mx1.mail.hoster.co.uk", &["mail.hoster.co.uk", "hoster.co.uk"]),
            ("mx.hoster.example", &["hoster.example"]),
            ("hoster.example", &["hoster.example"]),
            ("mx.co.uk", &["mx.co.uk"]),
            ("localhost", &[]),
        ];
        for (host, names) in cases {
            assert_eq!(names_of_hoster(host), names, "{host}");
        }
    }
}
