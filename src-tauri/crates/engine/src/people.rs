//! Whom to write to: those who were written to, and those who wrote.

use mailroom_mime::{Headers, fold_for_search, parse_headers};
use mailroom_model::{Coded as _, EmailAddress, Mailbox};
use mailroom_store::{AccountRow, Acquaintance, OutboxRow, PersonRow};

use crate::recipient_line::mailboxes;
use crate::{Engine, EngineError};

/// Recipients of one message that count: a larger crowd is a list.
const MOST: usize = 50;
/// Words of a name.
const WORDS: usize = 12;
/// Messages that were here before people were kept, looked at in one step.
const STEP: u32 = 500;
/// People that one question gets at most.
const LONGEST: u32 = 50;

impl Engine {
    /// People of whom every word of `query` begins a word of the name or the address: those written to first, often and
    /// lately before once and long ago.
    pub async fn people(&self, query: &str, limit: u32) -> Result<Vec<PersonRow>, EngineError> {
        let words = query_words(query);
        Ok(self
            .store()
            .await?
            .people()
            .search(&words, limit.min(LONGEST))
            .await?)
    }

    /// Counts those a message was sent to. It is sent: what goes wrong here is nobody's concern.
    pub(crate) async fn remember_recipients(&self, account: &AccountRow, row: &OutboxRow) {
        if let Err(error) = self.record_recipients(account, row).await {
            tracing::warn!(code = %error.code(), "recipients could not be remembered");
        }
    }

    async fn record_recipients(&self, account: &AccountRow, row: &OutboxRow) -> Result<(), EngineError> {
        let store = self.store().await?;
        let raw = store.outbox().raw(row.id).await?.unwrap_or_default();
        let headers = parse_headers(&raw).headers;
        let mut named: Vec<Mailbox> = headers.to.into_iter().chain(headers.cc).collect();
        for address in &row.envelope_to {
            let is_named = |mailbox: &Mailbox| mailbox.address.eq_ignore_ascii_case(address);
            if !named.iter().any(is_named) {
                named.push(Mailbox {
                    name: String::new(),
                    address: address.clone(),
                });
            }
        }
        let people = named
            .into_iter()
            .take(MOST)
            .map(|mailbox| acquaintance(mailbox, true, false))
            .collect();
        store
            .people()
            .record(account.id, self.now().await?, people)
            .await?;
        Ok(())
    }

    /// Looks at some of the messages that were here before people were kept. False when none are left.
    pub(crate) async fn meet_older_people(&self) -> Result<bool, EngineError> {
        // Two that do it at once would count twice.
        let _turn = self.take_turn("people").await?;
        let people = self.store().await?.people();
        let messages = people.older_messages(STEP).await?;
        let Some(last) = messages.last().map(|message| message.id) else {
            return Ok(false);
        };
        let mut met = Vec::new();
        for message in messages.into_iter().filter(|message| !message.is_passed_over) {
            let found = if message.is_sent {
                mailboxes(&message.to_line)
                    .take(MOST)
                    .map(|mailbox| acquaintance(mailbox, true, false))
                    .collect()
            } else {
                let is_automatic = message.list_id.is_some() || is_nobody(&message.from.address);
                vec![acquaintance(message.from, false, is_automatic)]
            };
            met.extend(
                found
                    .into_iter()
                    .map(|person| (message.account_id, message.received_at, person)),
            );
        }
        people.record_older(met, last).await?;
        Ok(true)
    }

    /// Keeps what a server said about the largest message that it takes.
    pub(crate) async fn note_size_limit(
        &self,
        account: &AccountRow,
        limit: Option<u64>,
    ) -> Result<(), EngineError> {
        if account.size_limit != limit {
            let accounts = self.store().await?.accounts();
            accounts.set_size_limit(account.id, limit).await?;
        }
        Ok(())
    }
}

/// The people of a message that is stored: who wrote it and who received it.
pub(crate) fn people_of(headers: &Headers) -> Vec<Acquaintance> {
    let writers = headers.from.iter().take(1).map(|mailbox| {
        let is_automatic = headers.automatic || headers.list_id.is_some() || is_nobody(&mailbox.address);
        acquaintance(mailbox.clone(), false, is_automatic)
    });
    let recipients = headers
        .to
        .iter()
        .chain(&headers.cc)
        .chain(&headers.bcc)
        .take(MOST)
        .map(|mailbox| acquaintance(mailbox.clone(), true, false));
    writers
        .chain(recipients)
        .filter(|person| person.mailbox.address.parse::<EmailAddress>().is_ok())
        .collect()
}

fn acquaintance(mailbox: Mailbox, is_recipient: bool, is_automatic: bool) -> Acquaintance {
    Acquaintance {
        words: words_of(&mailbox),
        mailbox,
        is_recipient,
        is_automatic,
    }
}

/// What somebody is found by: the words of the name, the address, the words before its `@`.
fn words_of(mailbox: &Mailbox) -> Vec<String> {
    let address = fold_for_search(&mailbox.address);
    let local = address.split('@').next().unwrap_or_default();
    let mut words = split(&fold_for_search(&mailbox.name));
    words.extend(split(local));
    words.push(address);
    words.sort_unstable();
    words.dedup();
    words
}

fn split(folded: &str) -> Vec<String> {
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .map(str::to_owned)
        .collect()
}

/// The words of a question; one with an `@` is the beginning of an address.
fn query_words(query: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in fold_for_search(query).split_whitespace() {
        let part = part.trim_matches(['<', '>', '"', ',', ';']);
        if part.contains('@') {
            words.push(part.to_owned());
        } else {
            words.extend(split(part));
        }
    }
    words.truncate(WORDS);
    words
}

/// An address that nobody reads.
fn is_nobody(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    let plain: String = local
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    [
        "noreply",
        "donotreply",
        "nieodpowiadaj",
        "mailerdaemon",
        "postmaster",
        "bounce",
        "notification",
        "newsletter",
    ]
    .iter()
    .any(|mark| plain.starts_with(mark) || plain.ends_with(mark))
        || plain.starts_with("notifications")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_by_every_word() {
        let mailbox = Mailbox {
            name: "Łukasz Żółw-Nowak".to_owned(),
            address: "L.Zolw@Firma.PL".to_owned(),
        };
        assert_eq!(
            words_of(&mailbox),
            ["l", "l.zolw@firma.pl", "lukasz", "nowak", "zolw"]
        );
        let cases: [(&str, &[&str]); 5] = [
            ("Żół łuk", &["zol", "luk"]),
            ("ИВАН", &["иван"]),
            ("l.zolw@f", &["l.zolw@f"]),
            ("<l.zolw", &["l", "zolw"]),
            (" , ", &[]),
        ];
        for (query, words) in cases {
            assert_eq!(query_words(query), words, "{query}");
        }
    }

    #[test]
    fn programs_are_told_from_people() {
        for address in [
            "no-reply@x.pl",
            "NoReply@x.pl",
            "do_not_reply@x.pl",
            "orders-noreply@x.pl",
            "newsletter@x.pl",
        ] {
            assert!(is_nobody(address), "{address}");
        }
        for address in ["anna@x.pl", "norbert@x.pl", "reply@x.pl"] {
            assert!(!is_nobody(address), "{address}");
        }
    }
}
