//! Mailroom's own parts, looked at.

use mailroom_connect::HttpClient;
use mailroom_model::{MessageId, Secret};
use mailroom_protocol::{Dialer, Timeouts};
use mailroom_store::{IntegrityReport, Store};
use mailroom_vault::{SecretKey, SecretPurpose, VaultError};

use crate::event::Fault;
use crate::journal::JOURNAL_ENTRIES;
use crate::storage::platform;
use crate::{AccountJournal, Engine, EngineError, VERSION};

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name: `policy`, `store`, `backups`, `vault`, `certificates`, `outbox`, `operations`,
    /// `expiries`.
    pub name: &'static str,
    /// What was seen, as facts for a report.
    pub seen: String,
    /// What is wrong.
    pub fault: Option<Fault>,
}

/// The report.
#[derive(Clone, Debug)]
pub struct Doctor {
    /// The program's version.
    pub version: &'static str,
    /// Operating system and processor.
    pub platform: String,
    /// Where everything is kept.
    pub home: String,
    /// The checks in order.
    pub checks: Vec<Check>,
    /// Each account's journal, as the window shows it.
    pub journals: Vec<AccountJournal>,
}

impl Engine {
    /// Looks at every part that can break without a server: each check stands for itself.
    pub async fn doctor(&self) -> Doctor {
        let checks = vec![
            check("policy", self.check_policy().await),
            check("store", self.check_store().await),
            check("backups", self.check_backups().await),
            check("vault", self.check_vault().await),
            check("certificates", self.check_certificates()),
            check("outbox", self.check_outbox().await),
            check("operations", self.check_operations().await),
            check("expiries", self.check_expiries().await),
        ];
        Doctor {
            version: VERSION,
            platform: platform(),
            home: self.home().display().to_string(),
            checks,
            // What keeps them from being read stands among the checks.
            journals: self.journals(None, JOURNAL_ENTRIES).await.unwrap_or_default(),
        }
    }

    async fn check_policy(&self) -> Result<String, EngineError> {
        let policy = self.policy().await?;
        Ok(format!(
            "{}: {} registrations, {} domains",
            self.policy_path().display(),
            policy.registrations.len(),
            policy.domains.len()
        ))
    }

    async fn check_store(&self) -> Result<String, EngineError> {
        let store = self.store().await?;
        let report = store.integrity_check().await?;
        let size = store.size_bytes().await?;
        if !report.is_sound() {
            return Err(EngineError::StoreUnsound {
                findings: findings(&report),
            });
        }
        let damaged = self.count_damaged_bodies(store).await?;
        if damaged > 0 {
            return Err(EngineError::StoreUnsound {
                findings: format!("{damaged} messages are not what came from the server"),
            });
        }
        Ok(format!("sound, {size} bytes"))
    }

    async fn count_damaged_bodies(&self, store: &Store) -> Result<usize, EngineError> {
        let (mut damaged, mut after) = (0, MessageId(0));
        loop {
            let look = store.look_at_bodies(after, 200).await?;
            damaged += look.damaged.len();
            match look.last {
                Some(last) => after = last,
                None => return Ok(damaged),
            }
        }
    }

    async fn check_backups(&self) -> Result<String, EngineError> {
        let backups = self.backups().await?;
        let newest = backups
            .first()
            .map_or_else(String::new, |file| format!(", {}", file.path.display()));
        Ok(format!("{}{newest}", backups.len()))
    }

    /// Puts a secret in, takes it out again: the only proof that a vault works.
    async fn check_vault(&self) -> Result<String, EngineError> {
        let vault = &self.edges().await?.vault;
        vault.health().await?;
        let key = SecretKey::new("doctor", SecretPurpose::Password);
        let word = Secret::new(format!("{:?}", self.random::<8>().await?));
        vault.put(&key, &word).await?;
        let back = vault.get(&key).await;
        vault.remove(&key).await?;
        if back?.is_none_or(|back| back != word) {
            return Err(VaultError::Damaged { what: "doctor" }.into());
        }
        let left = self.forget_left_secrets().await?;
        let left: Vec<String> = left.iter().map(ToString::to_string).collect();
        let kept = if left.is_empty() {
            String::new()
        } else {
            format!("; secrets of removed accounts are left: {}", left.join(", "))
        };
        Ok(format!("{:?}{kept}", vault.kind()))
    }

    /// Loads the trusted certificates as a connection does.
    fn check_certificates(&self) -> Result<String, EngineError> {
        let roots = self.roots()?;
        let extra = roots.extra.clone();
        Dialer::new(roots, Timeouts::default())?;
        HttpClient::new(&extra)?;
        Ok(format!("the system's, and {} more", extra.len()))
    }

    async fn check_outbox(&self) -> Result<String, EngineError> {
        Ok(format!("{} waiting", self.waiting_outbox(None).await?.len()))
    }

    /// Everything that ends on a known day, the nearest first.
    async fn check_expiries(&self) -> Result<String, EngineError> {
        let known = self.expiries().await?;
        let ends: Vec<String> = known
            .iter()
            .map(|end| format!("{} in {} days", end.key, end.days_left))
            .collect();
        Ok(if ends.is_empty() {
            "no end is known".to_owned()
        } else {
            ends.join(", ")
        })
    }

    async fn check_operations(&self) -> Result<String, EngineError> {
        let mut waiting = 0;
        for account in self.accounts(None).await? {
            waiting += self.store().await?.operations().list(account.id).await?.len();
        }
        Ok(format!("{waiting} waiting"))
    }
}

/// What is wrong, in words for a report.
pub(crate) fn findings(report: &IntegrityReport) -> String {
    let mut words = report.findings.clone();
    if report.dangling_rows > 0 {
        words.push(format!("{} rows belong to nobody", report.dangling_rows));
    }
    for found in &report.contradictions {
        words.push(format!("{}: {}", found.about.as_str(), found.rows));
    }
    if report.search_is_damaged {
        words.push("the index of words contradicts itself".to_owned());
    }
    words.join("; ")
}

fn check(name: &'static str, result: Result<String, EngineError>) -> Check {
    match result {
        Ok(seen) => Check {
            name,
            seen,
            fault: None,
        },
        Err(error) => Check {
            name,
            seen: String::new(),
            fault: Some(Fault::of(&error)),
        },
    }
}
