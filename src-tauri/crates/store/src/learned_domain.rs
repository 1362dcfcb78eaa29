//! Table `learned_domains`: what a person's choice said about a domain.

use mailroom_model::{CandidateServers, UnixMillis};
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, to_json};
use crate::{Store, StoreError};

/// What is known about a domain from an account that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearnedDomain {
    /// The domain, as [`mailroom_model::EmailAddress::domain`] gives it.
    pub domain: String,
    /// The provider's id in the table.
    pub provider: Option<String>,
    /// Servers entered by hand.
    pub servers: Option<CandidateServers>,
    /// When.
    pub learned_at: UnixMillis,
}

statements! {
    /// Learns a domain; the newest choice wins.
    LEARN = "INSERT INTO learned_domains (domain, provider, servers, learned_at) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT (domain) DO UPDATE SET provider = excluded.provider, servers = excluded.servers, \
        learned_at = excluded.learned_at";
    /// What is known about a domain.
    GET = "SELECT * FROM learned_domains WHERE domain = ?1";
    /// Every domain.
    LIST = "SELECT * FROM learned_domains ORDER BY domain";
    /// Forgets a domain.
    FORGET = "DELETE FROM learned_domains WHERE domain = ?1";
}

/// The learned domains of a [`Store`].
#[derive(Clone, Copy, Debug)]
pub struct LearnedDomains<'s>(&'s Store);

impl Store {
    /// Table `learned_domains`.
    pub fn learned_domains(&self) -> LearnedDomains<'_> {
        LearnedDomains(self)
    }
}

impl LearnedDomain {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            domain: row.value("domain")?,
            provider: row.value("provider")?,
            servers: row.json_option("servers")?,
            learned_at: row.at("learned_at")?,
        })
    }
}

impl LearnedDomains<'_> {
    /// Learns a domain; the newest choice wins.
    pub async fn learn(&self, learned: &LearnedDomain) -> Result<(), StoreError> {
        let servers = learned.servers.as_ref().map(to_json).transpose()?;
        let mut writing = self.0.begin_synced().await?;
        sqlx::query(LEARN)
            .bind(&learned.domain)
            .bind(&learned.provider)
            .bind(servers)
            .bind(learned.learned_at.0)
            .execute(&mut *writing)
            .await?;
        Ok(writing.commit().await?)
    }

    /// What is known about a domain.
    pub async fn get(&self, domain: &str) -> Result<Option<LearnedDomain>, StoreError> {
        let row = sqlx::query(GET)
            .bind(domain)
            .fetch_optional(self.0.reads())
            .await?;
        row.as_ref().map(LearnedDomain::read).transpose()
    }

    /// Every domain, by name.
    pub async fn list(&self) -> Result<Vec<LearnedDomain>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(self.0.reads()).await?;
        rows.iter().map(LearnedDomain::read).collect()
    }

    /// Forgets a domain; false when nothing was known.
    pub async fn forget(&self, domain: &str) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_synced().await?;
        let done = sqlx::query(FORGET).bind(domain).execute(&mut *writing).await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
