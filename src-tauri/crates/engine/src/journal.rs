//! What happened between an account and its servers, for whoever wants to know why.

use std::collections::BTreeMap;

use mailroom_model::{AccountId, Coded as _, EmailAddress, ErrorCode, Param};
use mailroom_store::{AccountRow, JournalEntry, JournalKind, NewJournalEntry, StoredError, Traffic};

use crate::event::Fault;
use crate::health::passes;
use crate::proofs::Proof;
use crate::{Engine, EngineError};

/// What may be noted of an error beside its code: where and how long. A server's own words stay out, for they may name
/// others; so do folders, whose names are the person's own affair.
const NOTED: [&str; 8] = [
    "host", "port", "security", "provider", "issuer", "after_ms", "reason", "limit",
];
/// Errors whose reason is one of a closed list, and not somebody's words.
const REASONED: [ErrorCode; 2] = [ErrorCode::TlsCertificateInvalid, ErrorCode::TlsFailed];

/// Entries that are read when nobody says how many.
pub const JOURNAL_ENTRIES: u32 = 500;

/// The journal of an account.
#[derive(Clone, Debug)]
pub struct AccountJournal {
    /// The account's address.
    pub address: String,
    /// Its entries, newest first.
    pub entries: Vec<JournalEntry>,
}

impl Engine {
    /// The journals of one account or all: the newest entries of each, newest first.
    pub async fn journals(
        &self,
        address: Option<&EmailAddress>,
        limit: u32,
    ) -> Result<Vec<AccountJournal>, EngineError> {
        let mut journals = Vec::new();
        for account in self.accounts(address).await? {
            journals.push(AccountJournal {
                address: account.address.to_string(),
                entries: self.store().await?.journal().list(account.id, limit).await?,
            });
        }
        Ok(journals)
    }

    /// Notes something in an account's journal. What cannot be noted holds nothing up.
    pub(crate) async fn note_journal(
        &self,
        account: AccountId,
        kind: JournalKind,
        facts: &[(&'static str, Param)],
        error: Option<ErrorCode>,
    ) {
        let note = async {
            let entry = NewJournalEntry {
                kind,
                facts: facts
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect(),
                error,
                at: self.now().await?,
            };
            Ok::<_, EngineError>(self.store().await?.journal().note(account, &entry).await?)
        };
        if let Err(error) = note.await {
            tracing::debug!(code = %error.code(), "the journal could not be written");
        }
    }

    /// Keeps that something worked; `took_ms` where a connection was opened for it.
    pub(crate) async fn note_worked(
        &self,
        account: &AccountRow,
        operation: Traffic,
        took_ms: Option<u64>,
    ) -> Result<(), EngineError> {
        let traffic = self.store().await?.traffic();
        let before = traffic.get(account.id, operation).await?;
        let had_failed = before.is_some_and(|row| row.failures > 0);
        traffic
            .worked(account.id, operation, took_ms, self.now().await?)
            .await?;
        if had_failed {
            let facts = [("operation", operation.as_str().into())];
            self.note_journal(account.id, JournalKind::Recovered, &facts, None)
                .await;
            self.tell_changed(&account.address);
        }
        Ok(())
    }

    /// Keeps why something failed, unless that was this machine or somebody's wish.
    pub(crate) async fn note_trouble(
        &self,
        account: &AccountRow,
        operation: Traffic,
        error: &EngineError,
    ) -> Result<(), EngineError> {
        if matches!(
            error,
            EngineError::Store(_) | EngineError::Worker | EngineError::Cancelled
        ) {
            return Ok(());
        }
        let kept = self.judged(account, operation, error).await?;
        self.note_failed(account, operation, &kept).await
    }

    /// Keeps that something failed. The second failure in a row is told, and the first of a kind that does not pass by itself.
    pub(crate) async fn note_failed(
        &self,
        account: &AccountRow,
        operation: Traffic,
        error: &StoredError,
    ) -> Result<(), EngineError> {
        let traffic = self.store().await?.traffic();
        let before = traffic.get(account.id, operation).await?;
        let failures = before.map_or(0, |row| row.failures);
        traffic.failed(account.id, operation, error, None).await?;
        let mut facts = noted(error.code, &error.params);
        facts.push(("operation", operation.as_str().into()));
        self.note_journal(account.id, JournalKind::Failed, &facts, Some(error.code))
            .await;
        if failures == 1 || (failures == 0 && !passes(error.code)) {
            self.tell_changed(&account.address);
        }
        Ok(())
    }

    /// Notes that the person could not sign in, unless they gave up or an administrator is asked, which is noted as that.
    pub(crate) async fn note_sign_in_failed(&self, account: &AccountRow, error: &EngineError) {
        if matches!(error, EngineError::Cancelled | EngineError::ApprovalNeeded { .. }) {
            return;
        }
        let fault = Fault::of(error);
        let facts = noted(fault.code, &fault.params);
        self.note_journal(account.id, JournalKind::SignInFailed, &facts, Some(fault.code))
            .await;
    }

    /// Notes how a Test ended: the first proof that failed, or that everything works.
    pub(crate) async fn note_test(&self, account: AccountId, proofs: &[Proof]) {
        let failed = proofs
            .iter()
            .find_map(|proof| Some((proof.kind, proof.fault.as_ref()?)));
        let Some((kind, fault)) = failed else {
            return self.note_journal(account, JournalKind::Tested, &[], None).await;
        };
        let mut facts = noted(fault.code, &fault.params);
        facts.push(("proof", kind.as_str().into()));
        self.note_journal(account, JournalKind::TestFailed, &facts, Some(fault.code))
            .await;
    }

    /// What an error is for an account: itself, or that something seems to answer in its server's place.
    pub(crate) async fn judged(
        &self,
        account: &AccountRow,
        operation: Traffic,
        error: &EngineError,
    ) -> Result<StoredError, EngineError> {
        let now = self.now().await?;
        let mut kept = StoredError::new(error, now);
        let working = account.working.as_ref();
        let host = match operation {
            Traffic::Send => working.and_then(|working| working.smtp.as_ref()),
            _ => working.map(|working| &working.imap),
        };
        let Some(host) = host.map(|server| server.host.as_str()) else {
            return Ok(kept);
        };
        let before = self.store().await?.traffic().get(account.id, operation).await?;
        let has_worked = before.is_some_and(|row| row.worked_at.is_some());
        if self.failing.suspects_portal(host, has_worked) {
            kept.code = ErrorCode::PortalSuspected;
            kept.params = BTreeMap::from([("host".to_owned(), Param::from(host))]);
        }
        Ok(kept)
    }
}

/// The facts of an error that may stand in a journal.
fn noted(code: ErrorCode, params: &BTreeMap<String, Param>) -> Vec<(&'static str, Param)> {
    NOTED
        .iter()
        .filter(|name| **name != "reason" || REASONED.contains(&code))
        .filter_map(|name| Some((*name, params.get(*name)?.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journal_takes_where_and_never_who_or_what() {
        let params = [
            ("host", "imap.x.pl"),
            ("reply", "550 <bob@y.pl> unknown"),
            ("folder", "Divorce"),
            ("address", "anna@x.pl"),
            ("recipient", "bob@y.pl"),
            ("path", "/home/anna"),
            ("reason", "self_signed"),
        ];
        let params = params
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Param::from(value)))
            .collect();
        let host = ("host", Param::from("imap.x.pl"));
        let told = noted(ErrorCode::RecipientRejected, &params);
        assert_eq!(told, vec![host.clone()]);
        let reason = ("reason", Param::from("self_signed"));
        assert_eq!(noted(ErrorCode::TlsCertificateInvalid, &params), [host, reason]);
    }
}
