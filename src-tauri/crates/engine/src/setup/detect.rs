//! Finding out how a mailbox may be reached, and which of the found servers may be told a secret.

use std::sync::{Mutex, PoisonError};

use mailroom_connect::{Candidate, DetectOptions, Detection, OrganisationServers, PUBLIC_ISPDB};
use mailroom_model::{EmailAddress, EnteredAccount, EnteredAuth, UnixMillis};
use mailroom_store::LearnedDomain;

use crate::event::Event;
use crate::{Engine, EngineError};

/// How long what was found counts for the account that is added next. The person reads meanwhile.
const REMEMBERED_MS: i64 = 30 * 60 * 1000;

/// Whom detection may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Nobody: only what this machine knows.
    Nobody,
    /// Whoever answers over encrypted connections.
    Encrypted,
    /// Those who answer over plain `http` too. The person was warned.
    Unencrypted,
}

/// What the network said last, so that adding the account does not ask everybody a second time and cannot hear something
/// else than what was shown.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Option<Found>>);

#[derive(Clone, Debug)]
struct Found {
    options: DetectOptions,
    detection: Detection,
    at: UnixMillis,
}

impl Remembered {
    fn keep(&self, found: Found) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }

    /// What was found for the address, while it is young and nobody has decided anything since.
    fn get(&self, address: &EmailAddress, options: &DetectOptions, now: UnixMillis) -> Option<Detection> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let is_young = (0..=REMEMBERED_MS).contains(&(now.0 - kept.at.0));
        let is_same = kept.detection.address == *address
            && kept.options
                == DetectOptions {
                    allow_http: kept.options.allow_http,
                    ..options.clone()
                };
        (is_young && is_same).then_some(kept.detection)
    }
}

impl Engine {
    /// Finds out how a mailbox may be reached; tells how far each source is ([`Event::DetectionStepped`]).
    pub async fn detect(&self, address: &EmailAddress, asking: Asking) -> Result<Detection, EngineError> {
        let options = self.detect_options(address, asking).await?;
        let tell = |step| {
            self.tell(Event::DetectionStepped {
                address: address.to_string(),
                step,
            });
        };
        let detector = self.detector().await?;
        let detection = detector.detect_telling(address, &options, &tell).await?;
        if asking != Asking::Nobody {
            self.detected.keep(Found {
                options,
                detection: detection.clone(),
                at: self.now().await?,
            });
        }
        Ok(detection)
    }

    async fn detect_options(
        &self,
        address: &EmailAddress,
        asking: Asking,
    ) -> Result<DetectOptions, EngineError> {
        let policy = self.policy().await?;
        let learned = self.learned(address).await?;
        Ok(DetectOptions {
            offline: asking == Asking::Nobody,
            policy: policy.provider_for_domain(address.domain()).map(str::to_owned),
            organisation: self.organisation_servers(address).await?,
            learned: learned.as_ref().and_then(|learned| learned.provider.clone()),
            learned_servers: learned.and_then(|learned| learned.servers),
            clients: self.sign_in_client_ids().await?,
            ispdb: policy.ispdb_address(PUBLIC_ISPDB).map(str::to_owned),
            allow_http: asking == Asking::Unencrypted,
        })
    }

    async fn organisation_servers(
        &self,
        address: &EmailAddress,
    ) -> Result<Option<OrganisationServers>, EngineError> {
        let servers = self.policy().await?.servers_for_domain(address.domain());
        Ok(servers.map(|own| OrganisationServers {
            name: own.name.clone(),
            imap: own.imap(),
            smtp: own.smtp(),
            issuer: own.issuer.clone(),
            password: own.password || own.issuer.is_none(),
        }))
    }

    /// What the person said about the domain before. Detection needs no database: one that cannot be opened has nothing to say
    /// here, and says it where it is needed.
    async fn learned(&self, address: &EmailAddress) -> Result<Option<LearnedDomain>, EngineError> {
        if !self.has_database() {
            return Ok(None);
        }
        let learned = self.store().await?.learned_domains();
        Ok(learned.get(address.domain()).await?)
    }

    /// The servers to try: those entered by hand, else the best that detection found.
    pub(crate) async fn candidate(&self, entered: &EnteredAccount) -> Result<Candidate, EngineError> {
        if let Some(imap) = &entered.imap {
            return Ok(Candidate::manual(
                vec![imap.clone()],
                entered.smtp.iter().cloned().collect(),
            ));
        }
        let options = self.detect_options(&entered.address, Asking::Encrypted).await?;
        let now = self.now().await?;
        let detection = match self.detected.get(&entered.address, &options, now) {
            Some(detection) => detection,
            None => self.detect(&entered.address, Asking::Encrypted).await?,
        };
        let unknown = || EngineError::ServersUnknown {
            domain: entered.address.domain().to_owned(),
        };
        let mut candidate = detection.candidates.into_iter().next().ok_or_else(unknown)?;
        if let Some(smtp) = &entered.smtp {
            candidate.servers.smtp = vec![smtp.clone()];
        }
        if candidate.servers.imap.is_empty() {
            return Err(unknown());
        }
        Ok(candidate)
    }
}

/// A password, or a token of somebody else's service, goes to servers that detection only suspects after the person has
/// agreed to them: to these, each by name. An agreement to others is none.
pub(super) fn check_approval(candidate: &Candidate, entered: &EnteredAccount) -> Result<(), EngineError> {
    // Whom the table or the organisation knows, their service was named by the same hand as their servers.
    let is_own_service = candidate.provider.is_some()
        && match &entered.auth {
            EnteredAuth::Password(_) => false,
            EnteredAuth::Oauth { issuer: None, .. } => true,
            EnteredAuth::Oauth { issuer, .. } => candidate.auth.iter().any(|offer| offer.issuer == *issuer),
        };
    if candidate.confirmed || is_own_service {
        return Ok(());
    }
    let mut agreed = entered.approved_servers.clone();
    agreed.extend(entered.smtp.iter().map(ToString::to_string));
    let servers = candidate.server_names();
    if servers.iter().all(|server| agreed.contains(server)) {
        return Ok(());
    }
    Err(EngineError::ServersUnconfirmed {
        servers: servers.join(" "),
    })
}

#[cfg(test)]
mod tests {
    use mailroom_connect::{ProviderSummary, Source};
    use mailroom_model::{FolderSelection, Period, Secret};

    use super::*;

    fn suspected(imap: &[&str], smtp: &[&str]) -> Candidate {
        let servers = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Candidate {
            source: Source::Srv,
            confirmed: false,
            ..Candidate::manual(servers(imap), servers(smtp))
        }
    }

    fn entered(approved: &[&str], auth: EnteredAuth) -> EnteredAccount {
        EnteredAccount {
            address: "anna@firma.example".parse().unwrap(),
            imap: None,
            smtp: None,
            approved_servers: approved.iter().map(ToString::to_string).collect(),
            trusted_certificates: Vec::new(),
            username: None,
            auth,
            period: Period::default(),
            folders: FolderSelection::All,
            setup_done: true,
        }
    }

    fn password() -> EnteredAuth {
        EnteredAuth::Password(Secret::new("s".to_owned()))
    }

    fn browser(issuer: Option<&str>) -> EnteredAuth {
        EnteredAuth::Oauth {
            issuer: issuer.map(str::to_owned),
            client_id: None,
            client_secret: None,
            tenant: None,
            sign_in_as: None,
        }
    }

    const IMAP: &str = "imap.other.example:993:tls";
    const SMTP: &str = "smtp.other.example:465:tls";

    #[test]
    fn agreement_counts_for_the_servers_that_were_shown_and_no_others() {
        let candidate = suspected(&[IMAP], &[SMTP]);
        let cases: [(&[&str], bool); 5] = [
            (&[], false),
            (&[IMAP], false),
            (&[IMAP, SMTP], true),
            (&[SMTP, IMAP, "further.example:993:tls"], true),
            // The same host, but where it does not have to encrypt from the first byte.
            (&["imap.other.example:143:starttls", SMTP], false),
        ];
        for (approved, passes) in cases {
            let checked = check_approval(&candidate, &entered(approved, password()));
            match checked {
                Ok(()) => assert!(passes, "{approved:?}"),
                Err(EngineError::ServersUnconfirmed { servers }) => {
                    assert!(!passes, "{approved:?}");
                    assert_eq!(servers, format!("{IMAP} {SMTP}"));
                }
                Err(error) => panic!("{error}"),
            }
        }
        let confirmed = Candidate {
            confirmed: true,
            ..candidate
        };
        assert!(check_approval(&confirmed, &entered(&[], password())).is_ok());
    }

    #[test]
    fn token_goes_unasked_only_to_servers_of_a_known_provider() {
        let stranger = suspected(&[IMAP], &[]);
        assert!(check_approval(&stranger, &entered(&[], browser(None))).is_err());
        assert!(check_approval(&stranger, &entered(&[IMAP], browser(None))).is_ok());
        let known = Candidate {
            provider: Some(ProviderSummary {
                id: "gmail".to_owned(),
                name: "Gmail".to_owned(),
            }),
            ..stranger
        };
        assert!(check_approval(&known, &entered(&[], browser(None))).is_ok());
        assert!(check_approval(&known, &entered(&[], browser(Some("https://id.example")))).is_err());
        assert!(check_approval(&known, &entered(&[], password())).is_err());
    }
}
