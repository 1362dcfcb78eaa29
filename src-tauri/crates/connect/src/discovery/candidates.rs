//! The decision: which servers may belong to an address, given what is known.

use mailroom_model::{CandidateServers, Coded, EmailAddress};

use super::candidate::{known, stranger};
use super::{
    Answer, Candidate, Detection, Evidence, FoundServers, MxEvidence, Note, NoteCode, Outcome, Source, Step,
};
use crate::oauth::ClientIds;
use crate::provider::{MxMatch, Provider, ProviderTable, Site, SiteMatch};

/// A way to the mailbox that a source named.
enum Found<'t> {
    Site(SiteMatch<'t>),
    Servers(&'t FoundServers),
    Learned(&'t CandidateServers),
}

/// Ranks what the evidence says about an address: the organisation's own servers, its choice of a provider, then the
/// person's own choice, then the table by domain, then what was found on the network in the order of [`Source`]. A domain
/// that the table lists is not judged by its mail exchanger, because many domains share one. Sources that say the same make
/// one candidate, which the surest of them carries.
pub fn candidates(
    address: &EmailAddress,
    table: &ProviderTable,
    clients: &ClientIds,
    evidence: &Evidence,
) -> Detection {
    let domain = address.domain();
    let mut found: Vec<(Found<'_>, Source)> = Vec::new();
    let mut steps = Vec::new();
    if let Some(own) = &evidence.organisation {
        steps.push(Step {
            source: Source::Policy,
            outcome: Outcome::Found {
                provider: own.name.clone(),
            },
        });
    }
    let named = [
        (Source::Policy, evidence.policy.as_deref()),
        (Source::Learned, evidence.learned.as_deref()),
    ];
    for (source, id) in named {
        let Some(id) = id else { continue };
        let outcome = match table.by_id(id) {
            Some(provider) => {
                found.extend(
                    sites_for(provider, domain)
                        .map(|site| (Found::Site(SiteMatch { provider, site }), source)),
                );
                Outcome::Found {
                    provider: id.to_owned(),
                }
            }
            None => Outcome::ProviderGone {
                provider: id.to_owned(),
            },
        };
        steps.push(Step { source, outcome });
    }
    if let Some(servers) = &evidence.learned_servers {
        let site = table.by_servers(&servers.imap);
        found.push((site.map_or(Found::Learned(servers), Found::Site), Source::Learned));
        steps.push(Step {
            source: Source::Learned,
            outcome: servers_outcome(site, servers),
        });
    }
    let by_domain = table.by_domain(domain);
    steps.push(Step {
        source: Source::BuiltIn,
        outcome: match by_domain {
            Some(site) => {
                found.push((Found::Site(site), Source::BuiltIn));
                Outcome::Found {
                    provider: site.provider.id.clone(),
                }
            }
            None => Outcome::NotFound,
        },
    });
    let (exchanger, mx_outcome) = match &evidence.mx {
        MxEvidence::Failed(error) => (None, Outcome::Failed { code: error.code() }),
        MxEvidence::Answered(_) if by_domain.is_none() => by_exchanger(table, &evidence.mx),
        MxEvidence::NotAsked | MxEvidence::Answered(_) => (None, Outcome::NotAsked),
    };
    let mut answered: Vec<(Source, Outcome)> = vec![(Source::Mx, mx_outcome)];
    found.extend(exchanger.map(|site| (Found::Site(site), Source::Mx)));
    for (source, answer) in &evidence.answers {
        answered.push((*source, outcome_of(table, answer)));
        match answer {
            Answer::Servers(servers) => found.push((
                // Whom the table knows by its servers, it knows better than anybody.
                match table.by_servers(&servers.servers.imap) {
                    Some(site) => Found::Site(site),
                    None => Found::Servers(servers),
                },
                *source,
            )),
            Answer::Provider(id) => {
                if let Some(provider) = table.by_id(id) {
                    let site = sites_for(provider, domain).next();
                    found.extend(site.map(|site| (Found::Site(SiteMatch { provider, site }), *source)));
                }
            }
            _ => {}
        }
    }
    answered.sort_by_key(|(source, _)| *source);
    steps.extend(
        answered
            .into_iter()
            .map(|(source, outcome)| Step { source, outcome }),
    );
    found.sort_by_key(|(_, source)| *source);

    let mut ranked: Vec<Candidate> = evidence
        .organisation
        .iter()
        .map(Candidate::of_organisation)
        .collect();
    for (found, source) in found {
        let next = match found {
            Found::Site(site) => known(site, source, domain, clients),
            Found::Servers(servers) => stranger(servers, source, domain),
            Found::Learned(servers) => Candidate::learned(servers),
        };
        match ranked
            .iter_mut()
            .find(|candidate| candidate.servers == next.servers && candidate.template == next.template)
        {
            Some(same) if same.source != next.source && !same.agreed.contains(&source) => {
                same.agreed.push(source);
            }
            Some(_) => {}
            None => ranked.push(next),
        }
    }
    if let Some(exchanger) = exchanger {
        note_moving(&mut ranked, &exchanger);
    }
    Detection {
        address: address.clone(),
        candidates: ranked,
        steps,
        requests: 0,
    }
}

fn servers_outcome(site: Option<SiteMatch<'_>>, servers: &CandidateServers) -> Outcome {
    match site {
        Some(site) => Outcome::Found {
            provider: site.provider.id.clone(),
        },
        None => Outcome::FoundServers {
            host: servers
                .imap
                .first()
                .map(|server| server.host.clone())
                .unwrap_or_default(),
        },
    }
}

fn outcome_of(table: &ProviderTable, answer: &Answer) -> Outcome {
    match answer {
        Answer::Servers(found) => servers_outcome(table.by_servers(&found.servers.imap), &found.servers),
        Answer::Provider(id) => Outcome::Found { provider: id.clone() },
        Answer::Nothing => Outcome::NotFound,
        Answer::Unusable { host } => Outcome::Unusable { host: host.clone() },
        Answer::NoEncryption => Outcome::NoEncryption,
        Answer::NoImap => Outcome::NoImap,
        Answer::Exchange { host } => Outcome::Exchange { host: host.clone() },
        Answer::Failed(code) => Outcome::Failed { code: *code },
        Answer::NotAwaited => Outcome::NotAwaited,
        Answer::NotAsked => Outcome::NotAsked,
    }
}

/// A domain whose own word names one provider and whose mail goes to another is moving, or somebody forgot a document: the
/// person decides.
fn note_moving(ranked: &mut [Candidate], exchanger: &SiteMatch<'_>) {
    let Some(first) = ranked.first_mut() else { return };
    let is_own_word = matches!(
        first.source,
        Source::Autoconfig | Source::WellKnown | Source::Pacc | Source::Ispdb
    );
    let is_same = first
        .provider
        .as_ref()
        .is_some_and(|provider| provider.id == exchanger.provider.id);
    if is_own_word && !is_same {
        first.confirmed = false;
        first.notes.insert(
            0,
            Note {
                code: NoteCode::MailGoesElsewhere,
                url: None,
            },
        );
    }
}

/// The sites of a provider that was named without a mail exchanger: the one that lists the domain, else those for
/// customers' own domains, else all.
fn sites_for<'t>(provider: &'t Provider, domain: &str) -> impl Iterator<Item = &'t Site> {
    let lists = |site: &&Site| site.domains.iter().any(|pattern| pattern.matches(domain));
    let for_own_domains = |site: &&Site| site.all_mx().next().is_some();
    let sites = provider.sites.iter();
    let mut chosen: Vec<&Site> = sites.clone().find(lists).into_iter().collect();
    if chosen.is_empty() {
        chosen = sites.clone().filter(for_own_domains).collect();
    }
    if chosen.is_empty() {
        chosen = sites.collect();
    }
    chosen.into_iter()
}

fn by_exchanger<'t>(table: &'t ProviderTable, exchangers: &MxEvidence) -> (Option<SiteMatch<'t>>, Outcome) {
    match exchangers.preferred() {
        None => (None, Outcome::NoRecords),
        Some(host) if host.is_empty() => (None, Outcome::TakesNoMail),
        Some(host) => match table.by_mx(&host) {
            MxMatch::Provider(site) => (
                Some(site),
                Outcome::Found {
                    provider: site.provider.id.clone(),
                },
            ),
            MxMatch::WithoutImap(row) => (
                None,
                Outcome::Found {
                    provider: row.name.clone(),
                },
            ),
            MxMatch::Filter => (None, Outcome::FilteredHost { host }),
            MxMatch::Unknown => (None, Outcome::UnknownHost { host }),
        },
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::{AuthMethod, Secret, UsernameForm};

    use super::super::{MxRecord, Unavailable};
    use super::*;
    use crate::oauth::{ClientIdSource, Registration};
    use crate::provider::EnableCode;

    fn detect(address: &str, clients: &ClientIds, evidence: &Evidence) -> Detection {
        let table = ProviderTable::builtin().unwrap();
        candidates(&address.parse().unwrap(), &table, clients, evidence)
    }

    fn google() -> ClientIds {
        ClientIds::none().with(
            ClientIdSource::Own,
            "google",
            Registration {
                client_id: "mine".to_owned(),
                client_secret: Some(Secret::new("s".to_owned())),
                tenant: None,
                secret_ends_at: None,
            },
        )
    }

    #[test]
    fn oauth_is_offered_only_with_a_client_id() {
        let offers = |clients: &ClientIds, address: &str| -> Vec<(AuthMethod, Option<Unavailable>)> {
            detect(address, clients, &Evidence::default()).candidates[0]
                .auth
                .iter()
                .map(|offer| (offer.method, offer.unavailable))
                .collect()
        };
        let none = ClientIds::none();
        assert_eq!(
            offers(&none, "a@gmail.com"),
            [
                (AuthMethod::Oauth2, Some(Unavailable::NoClientId)),
                (AuthMethod::AppPassword, None)
            ]
        );
        assert_eq!(
            offers(&google(), "a@gmail.com"),
            [(AuthMethod::Oauth2, None), (AuthMethod::AppPassword, None)]
        );
        assert_eq!(
            offers(&google(), "a@yahoo.com"),
            [
                (AuthMethod::Oauth2, Some(Unavailable::PartnerOnly)),
                (AuthMethod::AppPassword, None)
            ]
        );
        assert_eq!(
            offers(&google(), "a@outlook.com"),
            [(AuthMethod::Oauth2, Some(Unavailable::NoClientId))]
        );
    }

    #[test]
    fn policy_wins_over_the_own_choice_and_that_over_the_table() {
        let evidence = Evidence {
            policy: Some("fastmail".to_owned()),
            learned: Some("runbox".to_owned()),
            mx: MxEvidence::NotAsked,
            ..Evidence::default()
        };
        let detection = detect("a@gmail.com", &ClientIds::none(), &evidence);
        let ranked: Vec<(&str, Source)> = detection
            .candidates
            .iter()
            .map(|candidate| (candidate.provider.as_ref().unwrap().id.as_str(), candidate.source))
            .collect();
        assert_eq!(
            ranked,
            [
                ("fastmail", Source::Policy),
                ("runbox", Source::Learned),
                ("gmail", Source::BuiltIn)
            ]
        );
    }

    #[test]
    fn servers_that_were_entered_before_are_known_by_now_and_the_policy_wins_over_them() {
        let servers = |host: &str| CandidateServers {
            imap: vec![format!("{host}:993:tls").parse().unwrap()],
            smtp: Vec::new(),
            imap_username: UsernameForm::Local,
            smtp_username: UsernameForm::Local,
        };
        let mut evidence = Evidence {
            learned_servers: Some(servers("mail.own.example")),
            ..Evidence::default()
        };
        let first = |evidence: &Evidence| {
            let detection = detect("a@own.example", &ClientIds::none(), evidence);
            (detection.candidates[0].clone(), detection.steps[0].clone())
        };
        let (candidate, step) = first(&evidence);
        assert_eq!((candidate.source, candidate.confirmed), (Source::Learned, true));
        assert_eq!(candidate.servers, servers("mail.own.example"));
        assert_eq!(candidate.auth, [crate::discovery::AuthOffer::password()]);
        assert_eq!(step.source, Source::Learned);
        evidence.learned_servers = Some(servers("imap.fastmail.com"));
        assert_eq!(first(&evidence).0.provider.unwrap().id, "fastmail");
        evidence.policy = Some("runbox".to_owned());
        assert_eq!(first(&evidence).0.provider.unwrap().id, "runbox");
    }

    #[test]
    fn same_provider_from_two_sources_stands_once() {
        let evidence = Evidence {
            learned: Some("gmail".to_owned()),
            ..Evidence::default()
        };
        let detection = detect("a@gmail.com", &ClientIds::none(), &evidence);
        assert_eq!(detection.candidates.len(), 1);
        assert_eq!(detection.candidates[0].source, Source::Learned);
    }

    #[test]
    fn provider_that_left_the_table_is_skipped_and_said() {
        let evidence = Evidence {
            learned: Some("vanished".to_owned()),
            ..Evidence::default()
        };
        let detection = detect("a@gmail.com", &ClientIds::none(), &evidence);
        assert_eq!(detection.candidates[0].source, Source::BuiltIn);
        assert_eq!(
            detection.steps[0],
            Step {
                source: Source::Learned,
                outcome: Outcome::ProviderGone {
                    provider: "vanished".to_owned()
                }
            }
        );
    }

    #[test]
    fn learned_provider_of_an_own_domain_offers_its_sites_for_own_domains() {
        let evidence = Evidence {
            learned: Some("zoho".to_owned()),
            ..Evidence::default()
        };
        let detection = detect("a@company.example", &ClientIds::none(), &evidence);
        let hosts: Vec<&str> = detection
            .candidates
            .iter()
            .map(|candidate| candidate.servers.imap[0].host.as_str())
            .collect();
        assert_eq!(
            hosts,
            [
                "imappro.zoho.com",
                "imappro.zoho.eu",
                "imappro.zoho.in",
                "imappro.zoho.com.au"
            ]
        );
    }

    #[test]
    fn domain_that_the_table_lists_is_not_judged_by_its_mail_exchanger() {
        let evidence = Evidence {
            mx: MxEvidence::Answered(vec![MxRecord {
                preference: 10,
                host: "mx00.gmx.net.".to_owned(),
            }]),
            ..Evidence::default()
        };
        let detection = detect("a@mail.com", &ClientIds::none(), &evidence);
        assert_eq!(detection.candidates.len(), 1);
        assert_eq!(detection.candidates[0].servers.imap[0].host, "imap.mail.com");
    }

    #[test]
    fn candidate_says_what_must_be_switched_on_and_entered() {
        let evidence = Evidence {
            mx: MxEvidence::Answered(vec![MxRecord {
                preference: 0,
                host: "mx.nazwa.pl".to_owned(),
            }]),
            ..Evidence::default()
        };
        let detection = detect("a@firma.example", &ClientIds::none(), &evidence);
        let candidate = &detection.candidates[0];
        assert!(!candidate.confirmed);
        assert!(candidate.servers.imap.is_empty() && candidate.servers.smtp.is_empty());
        assert_eq!(
            candidate.template.as_ref().map(|template| template.imap.as_str()),
            Some("{customer}.nazwa.pl:993:tls")
        );
        let codes: Vec<NoteCode> = candidate.notes.iter().map(|note| note.code).collect();
        assert_eq!(
            codes,
            [
                NoteCode::Enable(EnableCode::ClientAddressAllowed),
                NoteCode::ServersMustBeEntered
            ]
        );
        assert_eq!(
            serde_json::to_string(&codes).unwrap(),
            r#"["client_address_allowed","servers_must_be_entered"]"#
        );
    }

    #[test]
    fn icloud_reads_with_the_local_part_and_sends_with_the_address() {
        let detection = detect("anna@icloud.com", &ClientIds::none(), &Evidence::default());
        let servers = &detection.candidates[0].servers;
        assert_eq!(
            (servers.imap_username, servers.smtp_username),
            (UsernameForm::Local, UsernameForm::Address)
        );
        assert_eq!(servers.imap[0].to_string(), "imap.mail.me.com:993:tls");
        assert_eq!(servers.smtp[0].to_string(), "smtp.mail.me.com:587:starttls");
    }
}
