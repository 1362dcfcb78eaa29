//! Which messages there are.

use mailroom_model::{UidSet, UnixMillis};

use super::command::{Command, quoted};
use super::date::search_date;
use super::error::ImapError;
use super::folders::search_string;
use super::reply::ResponseCode;
use super::session::{Done, ImapSession};
use super::untagged::Untagged;

/// SINCE compares dates in the time zone that the message was filed in: a day more misses none.
const DAY_SECONDS: i64 = 86_400;

impl ImapSession {
    /// The UIDs in the open folder; with `since`, those filed at that moment or later, and some of the day before.
    ///
    /// A server that refuses to search (iCloud does at times) is asked for the list instead.
    pub async fn uids(&mut self, since: Option<UnixMillis>) -> Result<UidSet, ImapError> {
        let from = since.map(|at| at.plus_seconds(-DAY_SECONDS));
        let key = from.map_or_else(|| "ALL".to_owned(), |at| format!("SINCE {}", search_date(at)));
        match self.search_all(&key).await {
            Err(ImapError::Refused { .. }) => self.uids_by_fetch(from).await,
            other => other,
        }
    }

    /// As far as the server looks at a time, from the newest messages down (RFC 9738).
    async fn search_all(&mut self, key: &str) -> Result<UidSet, ImapError> {
        let mut found = UidSet::new();
        let mut below: Option<u32> = None;
        loop {
            let part = below.map_or_else(|| key.to_owned(), |below| format!("UID 1:{below} {key}"));
            let (some, lowest) = self.search(Command::new("UID SEARCH"), &part).await?;
            for (first, last) in some.ranges() {
                found.insert_range(*first, *last);
            }
            // Each turn has to come further down, or the server would be asked without end.
            match lowest.and_then(|lowest| lowest.checked_sub(1)) {
                Some(next) if next > 0 && below.is_none_or(|before| next < before) => below = Some(next),
                _ => return Ok(found),
            }
        }
    }

    async fn uids_by_fetch(&mut self, from: Option<UnixMillis>) -> Result<UidSet, ImapError> {
        let items = if from.is_some() {
            "(UID INTERNALDATE)"
        } else {
            "(UID)"
        };
        let done = self
            .ask(Command::new("UID FETCH").text("1:*").text(items))
            .await?;
        let wanted = |date: Option<UnixMillis>| match (from, date) {
            (Some(from), Some(date)) => date >= from,
            _ => true,
        };
        Ok(done
            .fetched
            .into_iter()
            .filter(|fetched| wanted(fetched.internal_date))
            .filter_map(|fetched| fetched.uid)
            .collect())
    }

    /// What fits, and the lowest UID that was looked at when the server stopped there.
    async fn search(&mut self, command: Command, key: &str) -> Result<(UidSet, Option<u32>), ImapError> {
        let command = if self.capabilities().has("ESEARCH") {
            command.text("RETURN (ALL)")
        } else {
            command
        };
        let done = self.ask(command.text(key)).await?;
        let lowest = match done.code {
            Some(ResponseCode::MessageLimit { lowest }) => lowest,
            _ => None,
        };
        Ok((found(done), lowest))
    }

    /// The UIDs of the newest messages of the open folder, ascending, at most `count`. Newest by arrival in the
    /// folder, which is what sequence numbers follow.
    pub async fn newest_uids(&mut self, count: u32) -> Result<Vec<u32>, ImapError> {
        let exists = self.exists.unwrap_or_default();
        if exists == 0 || count == 0 {
            return Ok(Vec::new());
        }
        let first = exists.saturating_sub(count - 1).max(1);
        let done = self
            .ask(Command::new("FETCH").text(&format!("{first}:* (UID)")))
            .await?;
        let uids: UidSet = done
            .fetched
            .into_iter()
            .filter_map(|fetched| fetched.uid)
            .collect();
        Ok(uids.iter().collect())
    }

    /// The lowest UID of the open folder; `None` when it is empty.
    pub async fn oldest_uid(&mut self) -> Result<Option<u32>, ImapError> {
        if self.exists.unwrap_or_default() == 0 {
            return Ok(None);
        }
        let done = self.ask(Command::new("FETCH").text("1 (UID)")).await?;
        Ok(done.fetched.into_iter().filter_map(|fetched| fetched.uid).min())
    }

    /// Messages of the open folder with this Message-ID (angle brackets included). Empty for a text that no header
    /// can hold.
    pub async fn find_by_message_id(&mut self, message_id: &str) -> Result<UidSet, ImapError> {
        self.find_by_header("Message-ID", message_id).await
    }

    /// The same by the header in which Exchange keeps the Message-ID that it replaced while sending.
    pub async fn find_by_original_message_id(&mut self, message_id: &str) -> Result<UidSet, ImapError> {
        self.find_by_header("X-Microsoft-Original-Message-ID", message_id)
            .await
    }

    async fn find_by_header(&mut self, header: &str, value: &str) -> Result<UidSet, ImapError> {
        if value.is_empty() || value.contains(['\r', '\n', '\0']) {
            return Ok(UidSet::new());
        }
        if let Some(value) = search_string(value) {
            let key = format!("HEADER {} {value}", quoted(header));
            let (found, _) = self.search(Command::new("UID SEARCH"), &key).await?;
            return Ok(found);
        }
        let command = Command::new("UID SEARCH")
            .text("CHARSET UTF-8 HEADER")
            .text(&quoted(header))
            .literal(value.as_bytes().to_vec());
        Ok(found(self.ask(command).await?))
    }
}

/// SEARCH and ESEARCH alike; a long result may come in several responses.
fn found(done: Done) -> UidSet {
    let mut uids = UidSet::new();
    for response in done.untagged {
        if let Untagged::Search(some) = response {
            for (first, last) in some.ranges() {
                uids.insert_range(*first, *last);
            }
        }
    }
    uids
}
