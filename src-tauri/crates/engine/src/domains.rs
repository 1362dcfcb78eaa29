//! Providers by hand: which there are, and which runs a domain.

use mailroom_model::EmailAddress;
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

    /// The domains whose provider the person chose, with the provider's id.
    pub async fn learned_domains(&self) -> Result<Vec<(String, String)>, EngineError> {
        let learned = self.store().await?.learned_domains().list().await?;
        Ok(learned
            .into_iter()
            .filter_map(|learned| Some((learned.domain, learned.provider?)))
            .collect())
    }

    /// Remembers which provider runs a domain; the newest choice holds. An organisation's policy wins over it all the
    /// same.
    pub async fn learn_domain(&self, domain: &str, provider: &str) -> Result<(), EngineError> {
        let domain = domain_name(domain)?;
        if self.table().await?.by_id(provider).is_none() {
            return Err(EngineError::Input {
                field: "provider",
                reason: "the table has no such provider",
            });
        }
        let learned = LearnedDomain {
            domain,
            provider: Some(provider.to_owned()),
            servers: None,
            learned_at: self.now().await?,
        };
        self.store().await?.learned_domains().learn(&learned).await?;
        self.tell(Event::SettingsChanged);
        Ok(())
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
