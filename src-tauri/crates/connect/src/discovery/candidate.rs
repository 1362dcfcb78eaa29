//! What is offered of servers that were found: whether they need an agreement, how to sign in, what to know first.

use mailroom_model::{AuthMethod, CandidateServers};

use super::{AuthOffer, Candidate, FoundServers, Note, NoteCode, ProviderSummary, Source, Unavailable};
use crate::oauth::{BuiltinIssuer, ClientIds};
use crate::provider::{Provider, Quirk, SiteMatch, SiteServers, is_same_site};

/// A candidate of servers that the table does not know.
pub(super) fn stranger(found: &FoundServers, source: Source, domain: &str) -> Candidate {
    let mut servers = found.servers.imap.iter().chain(&found.servers.smtp);
    let is_inside = servers.all(|server| is_same_site(&server.host, domain));
    let confirmed = is_inside
        && matches!(
            source,
            Source::Autoconfig | Source::WellKnown | Source::Pacc | Source::Ispdb | Source::Srv
        );
    let mut notes = Vec::new();
    let mut note = |code: NoteCode, url: Option<&String>| {
        notes.push(Note {
            code,
            url: url.cloned(),
        });
    };
    if !is_inside {
        note(NoteCode::ServersOutsideDomain, None);
    }
    if source == Source::PlainAutoconfig {
        note(NoteCode::FoundUnencrypted, None);
    }
    if source == Source::Guess {
        note(NoteCode::OnlyGuessed, None);
    }
    for url in &found.enable {
        note(NoteCode::SwitchOn, Some(url));
    }
    // A token of a service that the table knows goes to the servers that the table knows.
    let oauth = found
        .oauth
        .as_ref()
        .filter(|oauth| BuiltinIssuer::from_key(&oauth.issuer).is_none())
        .map(|oauth| AuthOffer {
            method: AuthMethod::Oauth2,
            issuer: Some(oauth.issuer.clone()),
            scopes: oauth.scopes.clone(),
            client_id: oauth.client_id.clone(),
            ..AuthOffer::password()
        });
    Candidate {
        name: found.name.clone(),
        source,
        confirmed,
        imap_login: found.imap_login.clone(),
        smtp_login: found.smtp_login.clone(),
        auth: oauth
            .into_iter()
            .chain(found.password.then(AuthOffer::password))
            .collect(),
        notes,
        help: found.help.clone(),
        web: found.web.clone(),
        servers: found.servers.clone(),
        ..Candidate::manual(Vec::new(), Vec::new())
    }
}

/// A candidate of the table. Who is known by domain or by decision needs no approval; who is only suspected does.
pub(super) fn known(found: SiteMatch<'_>, source: Source, domain: &str, clients: &ClientIds) -> Candidate {
    let SiteMatch { provider, site } = found;
    let (imap, smtp, template) = match &site.servers {
        SiteServers::Known { imap, smtp } => (imap.clone(), smtp.clone(), None),
        SiteServers::Template(template) => (Vec::new(), Vec::new(), Some(template.clone())),
    };
    let confirmed = match source {
        Source::Policy | Source::Learned | Source::BuiltIn => true,
        Source::Autoconfig | Source::WellKnown | Source::Pacc | Source::Ispdb | Source::Srv => {
            let mut servers = imap.iter().chain(&smtp);
            servers.all(|server| is_same_site(&server.host, domain))
        }
        _ => false,
    };
    let outside = (source == Source::PlainAutoconfig).then_some(Note {
        code: NoteCode::FoundUnencrypted,
        url: None,
    });
    let mut notes: Vec<Note> = outside
        .into_iter()
        .chain(provider.enable.iter().map(|step| Note {
            code: NoteCode::Enable(step.code),
            url: step.url.clone(),
        }))
        .collect();
    if provider.quirks.contains(&Quirk::SignInWithMainAddress) {
        notes.push(Note {
            code: NoteCode::MainAddress,
            url: None,
        });
    }
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
        name: None,
        source,
        agreed: Vec::new(),
        confirmed,
        servers: CandidateServers {
            imap,
            smtp,
            imap_username: provider.username.imap,
            smtp_username: provider.username.smtp,
        },
        imap_login: None,
        smtp_login: None,
        template,
        auth: auth_offers(provider, clients),
        notes,
        help: provider.help.clone(),
        web: None,
        quirks: provider.quirks.clone(),
    }
}

/// The ways to sign in that a provider of the table has, best first, with those that cannot be offered and why.
pub fn auth_offers(provider: &Provider, clients: &ClientIds) -> Vec<AuthOffer> {
    provider
        .auth
        .iter()
        .map(|entry| AuthOffer {
            method: entry.method,
            issuer: entry.issuer.clone(),
            scopes: Vec::new(),
            client_id: None,
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
