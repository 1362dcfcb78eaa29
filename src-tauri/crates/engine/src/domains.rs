//! What people say by hand: which providers there are to choose from, and what was said about a domain.

use mailroom_model::{AuthMethod, CandidateServers, EmailAddress, UsernameForm, WorkingAccount};
use mailroom_store::LearnedDomain;

use crate::event::Event;
use crate::{Engine, EngineError};

/// A provider for choosing by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderChoice {
    /// Its id in the table.
    pub id: String,
    /// The name people know.
    pub name: String,
    /// Other programs can open its mailboxes.
    pub has_imap: bool,
}

/// What a person said about a domain: its provider, or its servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainKnowledge {
    /// The domain.
    pub domain: String,
    /// The provider's id in the table.
    pub provider: Option<String>,
    /// Servers that worked for an address of the domain.
    pub servers: Option<CandidateServers>,
}

impl Engine {
    /// The providers of the table, by name.
    pub async fn providers(&self) -> Result<Vec<ProviderChoice>, EngineError> {
        let table = self.table().await?;
        let known = table.providers().iter().map(|provider| ProviderChoice {
            id: provider.id.clone(),
            name: provider.name.clone(),
            has_imap: true,
        });
        let closed = table.every_without_imap().iter().map(|row| ProviderChoice {
            id: row
                .name
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect(),
            name: row.name.clone(),
            has_imap: false,
        });
        let mut providers: Vec<_> = known.chain(closed).collect();
        providers.sort_by_key(|provider| provider.name.to_lowercase());
        Ok(providers)
    }

    /// What the person said about domains: a provider chosen by hand, or servers entered by hand.
    pub async fn learned_domains(&self) -> Result<Vec<DomainKnowledge>, EngineError> {
        let learned = self.store().await?.learned_domains().list().await?;
        Ok(learned
            .into_iter()
            .map(|learned| DomainKnowledge {
                domain: learned.domain,
                provider: learned.provider,
                servers: learned.servers,
            })
            .collect())
    }

    /// Remembers which provider runs a domain, or which servers it has; the newest word holds. An organisation's policy wins
    /// over it all the same.
    pub async fn learn_domain(&self, known: &DomainKnowledge) -> Result<(), EngineError> {
        let refuse = |field, reason| Err(EngineError::Input { field, reason });
        let domain = domain_name(&known.domain)?;
        match (&known.provider, &known.servers) {
            (Some(provider), None) if self.table().await?.by_id(provider).is_none() => {
                return refuse("provider", "the table has no such provider");
            }
            (None, Some(servers)) if servers.imap.is_empty() => {
                return refuse("servers", "there is no server for reading");
            }
            (Some(_), Some(_)) | (None, None) => {
                return refuse("provider", "either a provider or servers are needed");
            }
            _ => {}
        }
        let learned = LearnedDomain {
            domain,
            provider: known.provider.clone(),
            servers: known.servers.clone(),
            learned_at: self.now().await?,
        };
        self.store().await?.learned_domains().learn(&learned).await?;
        self.tell(Event::SettingsChanged);
        Ok(())
    }

    /// Remembers the servers that were entered by hand and worked, for further addresses of the domain. Whom the table or the
    /// organisation knows, they know better; a user name of no usual form says nothing about others.
    pub(crate) async fn learn_servers(&self, working: &WorkingAccount) -> Result<(), EngineError> {
        let address = &working.address;
        let domain = address.domain();
        let table = self.table().await?;
        let policy = self.policy().await?;
        let is_known = table.by_domain(domain).is_some()
            || table.without_imap(domain).is_some()
            || policy.provider_for_domain(domain).is_some()
            || policy.servers_for_domain(domain).is_some();
        let form = |name: &str| {
            [UsernameForm::Address, UsernameForm::Local]
                .into_iter()
                .find(|form| form.apply(address) == name)
        };
        let forms = (form(&working.imap_username), form(&working.smtp_username));
        let (Some(imap_username), Some(smtp_username)) = forms else {
            return Ok(());
        };
        if is_known || working.auth == AuthMethod::Oauth2 {
            return Ok(());
        }
        let known = DomainKnowledge {
            domain: domain.to_owned(),
            provider: None,
            servers: Some(CandidateServers {
                imap: vec![working.imap.clone()],
                smtp: working.smtp.iter().cloned().collect(),
                imap_username,
                smtp_username,
            }),
        };
        self.learn_domain(&known).await
    }

    /// Forgets which provider runs a domain; one that was not known is fine.
    pub async fn forget_domain(&self, domain: &str) -> Result<(), EngineError> {
        let domain = domain_name(domain)?;
        self.store().await?.learned_domains().forget(&domain).await?;
        self.tell(Event::SettingsChanged);
        Ok(())
    }
}

/// A domain as addresses have it: lower case, A-labels.
fn domain_name(text: &str) -> Result<String, EngineError> {
    let text = text.trim();
    let text = text.strip_prefix('@').unwrap_or(text);
    let address: Result<EmailAddress, _> = format!("x@{text}").parse();
    match address {
        Ok(address) if !text.contains('@') => Ok(address.domain().to_owned()),
        _ => Err(EngineError::Input {
            field: "domain",
            reason: "it is no domain name",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_is_written_as_addresses_have_it() {
        let cases = [
            ("Example.COM", Some("example.com")),
            (" @example.com ", Some("example.com")),
            ("poczta.żółw.pl", Some("poczta.xn--w-uga1v8h.pl")),
            ("anna@example.com", None),
            ("", None),
            ("a b", None),
        ];
        for (text, expected) in cases {
            assert_eq!(domain_name(text).ok().as_deref(), expected, "{text}");
        }
    }
}
