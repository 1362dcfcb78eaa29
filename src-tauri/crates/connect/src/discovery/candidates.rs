//! The decision: which servers may belong to an address, given what is known.

use mailroom_model::{AuthMethod, CandidateServers, Coded, EmailAddress};

use super::{
    AuthOffer, Candidate, Detection, Evidence, MxEvidence, MxRecord, Note, NoteCode, Outcome,
    ProviderSummary, Source, Step, Unavailable,
};
use crate::oauth::ClientIds;
use crate::provider::{MxMatch, Provider, ProviderTable, Site, SiteMatch, SiteServers};

/// Ranks what the evidence says about an address: the organisation's own servers, its choice of a provider, then the person's own choice, then the table by domain, then
/// the table by mail exchanger. A domain that the table lists is not judged by its mail exchanger, because many domains
/// share one. Of the mail exchangers the one with the lowest preference counts, of equals the first by name.
pub fn candidates(
    address: &EmailAddress,
    table: &ProviderTable,
    clients: &ClientIds,
    evidence: &Evidence,
) -> Detection {
    let domain = address.domain();
    let mut found: Vec<(SiteMatch<'_>, Source)> = Vec::new();
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
                found.extend(sites_for(provider, domain).map(|site| (SiteMatch { provider, site }, source)));
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
    let by_domain = table.by_domain(domain);
    steps.push(Step {
        source: Source::BuiltIn,
        outcome: match by_domain {
            Some(site) => {
                found.push((site, Source::BuiltIn));
                Outcome::Found {
                    provider: site.provider.id.clone(),
                }
            }
            None => Outcome::NotFound,
        },
    });
    let outcome = match &evidence.mx {
        MxEvidence::Failed(error) => Outcome::Failed { code: error.code() },
        MxEvidence::Answered(records) if by_domain.is_none() => {
            let (site, outcome) = by_exchanger(table, records);
            found.extend(site.map(|site| (site, Source::Mx)));
            outcome
        }
        MxEvidence::NotAsked | MxEvidence::Answered(_) => Outcome::NotAsked,
    };
    steps.push(Step {
        source: Source::Mx,
        outcome,
    });

    let mut seen: Vec<SiteMatch<'_>> = Vec::new();
    let mut ranked: Vec<Candidate> = evidence
        .organisation
        .iter()
        .map(Candidate::of_organisation)
        .collect();
    for (site, source) in found {
        if !seen.contains(&site) {
            seen.push(site);
            ranked.push(candidate(site, source, clients));
        }
    }
    Detection {
        address: address.clone(),
        candidates: ranked,
        steps,
    }
}

fn candidate(found: SiteMatch<'_>, source: Source, clients: &ClientIds) -> Candidate {
    let SiteMatch { provider, site } = found;
    let (imap, smtp, template) = match &site.servers {
        SiteServers::Known { imap, smtp } => (imap.clone(), smtp.clone(), None),
        SiteServers::Template(template) => (Vec::new(), Vec::new(), Some(template.clone())),
    };
    let mut notes: Vec<Note> = provider
        .enable
        .iter()
        .map(|step| Note {
            code: NoteCode::Enable(step.code),
            url: step.url.clone(),
        })
        .collect();
    if template.is_some() {
        notes.push(Note {
            code: NoteCode::ServersMustBeEntered,
            url: provider.help.first().cloned(),
        });
    }
    Candidate {
        provider: Some(ProviderSummary {
            id: provider.id.clone(),
            name: provider.name.clone(),
        }),
        source,
        confirmed: source != Source::Mx,
        servers: CandidateServers {
            imap,
            smtp,
            imap_username: provider.username.imap,
            smtp_username: provider.username.smtp,
        },
        template,
        auth: auth_offers(provider, clients),
        notes,
        help: provider.help.clone(),
        quirks: provider.quirks.clone(),
    }
}

fn auth_offers(provider: &Provider, clients: &ClientIds) -> Vec<AuthOffer> {
    provider
        .auth
        .iter()
        .map(|entry| AuthOffer {
            method: entry.method,
            issuer: entry.issuer.clone(),
            app_password_url: entry
                .url
                .clone()
                .filter(|_| entry.method == AuthMethod::AppPassword),
            condition: entry.condition,
            unavailable: match (&entry.issuer, entry.method) {
                _ if entry.partner_only => Some(Unavailable::PartnerOnly),
                (Some(key), AuthMethod::Oauth2) if clients.find(key).is_none() => {
                    Some(Unavailable::NoClientId)
                }
                _ => None,
            },
        })
        .collect()
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

fn by_exchanger<'t>(table: &'t ProviderTable, records: &[MxRecord]) -> (Option<SiteMatch<'t>>, Outcome) {
    let preferred = records
        .iter()
        .map(|record| {
            let host = record.host.strip_suffix('.').unwrap_or(&record.host);
            (record.preference, host.to_ascii_lowercase())
        })
        .min();
    match preferred {
        None => (None, Outcome::NoRecords),
        Some((_, host)) if host.is_empty() => (None, Outcome::TakesNoMail),
        Some((_, host)) => match table.by_mx(&host) {
            MxMatch::Provider(site) => (
                Some(site),
                Outcome::Found {
                    provider: site.provider.id.clone(),
                },
            ),
            MxMatch::Filter => (None, Outcome::FilteredHost { host }),
            MxMatch::Unknown => (None, Outcome::UnknownHost { host }),
        },
    }
}

#[cfg(test)]
mod tests {
    use mailroom_model::{Secret, UsernameForm};

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
