//! Reading and finding what is here.

use std::collections::HashSet;

use mailroom_mime::{Limits, ParsedMessage, parse, parse_partial};
use mailroom_model::{AccountId, EmailAddress, FolderId, MessageId, ThreadId};
use mailroom_store::{
    Cursor, FolderRow, ListFilter, ListScope, MessageRow, MessageSummary, SearchQuery, ThreadMember,
};

use crate::recipient_line::{mailboxes, named};
use crate::search::parse_query;
use crate::sync::names;
use crate::{Engine, EngineError};

/// Which folders to look at, as given.
#[derive(Clone, Debug, Default)]
pub struct FolderChoice {
    /// One account, or all.
    pub account: Option<EmailAddress>,
    /// A folder's path or role; `None` for the inbox.
    pub folder: Option<String>,
}

/// A stored message, read.
#[derive(Clone, Debug)]
pub struct ReadMessage {
    /// The row; its `places` say in which folders it stands.
    pub row: MessageRow,
    /// The account's address.
    pub account: String,
    /// The folders' paths, in the order of `row.places`.
    pub folders: Vec<String>,
    /// What is in it.
    pub parsed: ParsedMessage,
    /// True when only the header is here.
    pub header_only: bool,
    /// True when not everything is here: attachments, or the end of a very long text, are on the server.
    pub is_partial: bool,
    /// True when its pictures are shown unasked.
    pub pictures_allowed: bool,
}

/// A thread in a list of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadSummary {
    /// Its newest message in the folder.
    pub newest: MessageSummary,
    /// Messages of it in the folder.
    pub messages: u32,
    /// Unread ones among them.
    pub unread: u32,
    /// Who wrote them, oldest first, each once; 20 at most.
    pub senders: Vec<String>,
    /// To whom they went, those of the newest first, each once; 20 at most.
    pub recipients: Vec<String>,
    /// The messages, newest first; 500 at most.
    pub ids: Vec<MessageId>,
}

impl Engine {
    /// Messages of a folder (of every account, when none is named, in one list), newest first. The second value is where
    /// the next page begins.
    pub async fn list_messages(
        &self,
        choice: &FolderChoice,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<(Vec<MessageSummary>, Option<Cursor>), EngineError> {
        let store = self.store().await?;
        let mut page = Vec::new();
        for folder in self.opened_folders(choice).await? {
            let scope = ListScope::Folder(folder.id);
            page.extend(
                store
                    .messages()
                    .list(scope, &ListFilter::default(), limit, before)
                    .await?,
            );
        }
        page.sort_by_key(|summary| std::cmp::Reverse(summary.cursor));
        page.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let full = page.len() == usize::try_from(limit).unwrap_or(usize::MAX);
        let next = page.last().map(|summary| summary.cursor).filter(|_| full);
        Ok((page, next))
    }

    /// As [`Self::list_messages`], with one row for each thread of a folder: its newest message there.
    pub async fn list_threads(
        &self,
        choice: &FolderChoice,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<(Vec<ThreadSummary>, Option<Cursor>), EngineError> {
        let messages = self.store().await?.messages();
        let mut page = Vec::new();
        for folder in self.opened_folders(choice).await? {
            page.extend(messages.list_threads(folder.id, limit, before).await?);
        }
        page.sort_by_key(|head| std::cmp::Reverse(head.newest.cursor));
        page.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let full = page.len() == usize::try_from(limit).unwrap_or(usize::MAX);
        let next = page.last().map(|head| head.newest.cursor).filter(|_| full);
        let mut members = messages.thread_members(&page).await?;
        let threads = page
            .into_iter()
            .map(|head| {
                let key = (head.newest.thread_id, head.newest.folder_id);
                let members = members.remove(&key).unwrap_or_default();
                ThreadSummary {
                    senders: named(members.iter().rev().map(|member| member.from.clone())),
                    recipients: recipients_of(&members),
                    ids: members.into_iter().map(|member| member.id).collect(),
                    newest: head.newest,
                    messages: head.messages,
                    unread: head.unread,
                }
            })
            .collect();
        Ok((threads, next))
    }

    /// A conversation across the folders of its account, oldest first, each message once. What was thrown away is left
    /// out, unless there is nothing else.
    pub async fn thread(&self, id: ThreadId) -> Result<Vec<MessageSummary>, EngineError> {
        Ok(self.store().await?.messages().of_thread(id).await?)
    }

    /// The folders that somebody looks at. One that is not whole comes next in a look that is under way.
    async fn opened_folders(&self, choice: &FolderChoice) -> Result<Vec<FolderRow>, EngineError> {
        let folders = self.chosen_folders(choice).await?;
        for folder in &folders {
            if folder.cursor.is_none_or(|cursor| !cursor.is_complete) {
                self.looks.want(folder.account_id, folder.id);
            }
        }
        Ok(folders)
    }

    async fn chosen_folders(&self, choice: &FolderChoice) -> Result<Vec<FolderRow>, EngineError> {
        let name = choice.folder.as_deref().unwrap_or("inbox");
        let folders = self.folders_named(choice.account.as_ref(), name).await?;
        if folders.is_empty() {
            return Err(EngineError::FolderMissing {
                path: name.to_owned(),
            });
        }
        Ok(folders)
    }

    /// Messages that match a query, newest first. The second value is false while a chosen folder is still being loaded, or
    /// while words are looked for and the index lacks messages.
    pub async fn search_messages(
        &self,
        query: &str,
        account: Option<&EmailAddress>,
        limit: u32,
    ) -> Result<(Vec<MessageSummary>, bool), EngineError> {
        let request = parse_query(query, self.moment());
        let store = self.store().await?;
        let accounts = self.accounts(account).await?;
        let only: Option<AccountId> = account.and_then(|_| accounts.first()).map(|account| account.id);
        let mut query = request.to_query();
        let mut complete = true;
        let look = async |query: &SearchQuery| {
            let found = store.messages().search(only, query, limit, None).await;
            // A damaged index is made anew, without waiting for the daily look.
            found.inspect_err(|error| self.upkeep.suspect(error))
        };
        let found = match &request.folder {
            None => {
                let (found, is_whole) = look(&query).await?;
                complete &= is_whole;
                found
            }
            Some(name) => {
                let mut found = Vec::new();
                for folder in self.folders_named(account, name).await? {
                    query.folder = Some(folder.id);
                    let (some, is_whole) = look(&query).await?;
                    complete &= is_whole;
                    found.extend(some);
                }
                found.sort_by_key(|summary| std::cmp::Reverse((summary.received_at, summary.id)));
                found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                found
            }
        };
        for account in &accounts {
            let folders = store.folders().list(account.id).await?;
            complete &= crate::sync::chosen(&folders, crate::sync::Kept::by(account))
                .iter()
                .all(|folder| folder.cursor.as_ref().is_some_and(|cursor| cursor.is_complete));
        }
        Ok((found, complete))
    }

    /// One message with its text, its safe HTML and its attachments. The original bytes are parsed each time, so that a
    /// better parser reads old mail better.
    pub async fn read_message(&self, id: MessageId) -> Result<ReadMessage, EngineError> {
        let store = self.store().await?;
        let row = self.message_row(id).await?;
        let account = store.accounts().get(row.account_id).await?;
        let mut folders = Vec::new();
        for (folder, _) in row.shown() {
            if let Some(folder) = store.folders().get(folder).await? {
                folders.push(folder.seen.path);
            }
        }
        let raw = store.messages().raw(id).await?;
        let is_partial = raw.is_none();
        let known = match &raw {
            Some(_) => None,
            None => store.messages().partial(id).await?,
        };
        let header_only = is_partial && known.is_none();
        let parsed = match (raw, known) {
            (Some(raw), _) => parse_apart(raw, parse).await?,
            (None, Some(known)) => parse_apart(known, parse_partial).await?,
            (None, None) => header_only_view(&row),
        };
        Ok(ReadMessage {
            pictures_allowed: self.shows_pictures(&parsed).await?,
            account: account
                .map(|account| account.address.to_string())
                .unwrap_or_default(),
            row,
            folders,
            parsed,
            header_only,
            is_partial,
        })
    }

    /// One message's row.
    pub(crate) async fn message_row(&self, id: MessageId) -> Result<MessageRow, EngineError> {
        let row = self.store().await?.messages().get(id).await?;
        row.ok_or(EngineError::MessageMissing { id: id.0 })
    }

    /// What Mailroom sees in a message file; needs no account and no database.
    pub async fn inspect(&self, path: &std::path::Path) -> Result<ParsedMessage, EngineError> {
        let raw = tokio::fs::read(path)
            .await
            .map_err(|source| EngineError::unreadable(path, source))?;
        parse_apart(raw, parse).await
    }

    /// The folders that a path or role means, in one account or in all.
    pub(crate) async fn folders_named(
        &self,
        account: Option<&EmailAddress>,
        name: &str,
    ) -> Result<Vec<FolderRow>, EngineError> {
        let mut folders = Vec::new();
        for account in self.accounts(account).await? {
            let known = self.store().await?.folders().list(account.id).await?;
            folders.extend(known.into_iter().filter(|folder| names(folder, name)));
        }
        Ok(folders)
    }

    /// An account's address, for rows of lists; empty when it is gone.
    pub async fn account_name(&self, id: AccountId) -> Result<String, EngineError> {
        let account = self.store().await?.accounts().get(id).await?;
        Ok(account
            .map(|account| account.address.to_string())
            .unwrap_or_default())
    }

    /// A folder's path, for rows of lists; empty when it is gone.
    pub async fn folder_name(&self, id: FolderId) -> Result<String, EngineError> {
        let folder = self.store().await?.folders().get(id).await?;
        Ok(folder.map(|folder| folder.seen.path).unwrap_or_default())
    }
}

/// To whom the messages of a thread went. Most went to the same people.
fn recipients_of(members: &[ThreadMember]) -> Vec<String> {
    let mut lines = HashSet::new();
    let lines = members
        .iter()
        .map(|member| member.to_line.as_str())
        .filter(|line| lines.insert(*line));
    named(lines.flat_map(mailboxes))
}

/// What is known of a message whose body is not here.
fn header_only_view(row: &MessageRow) -> ParsedMessage {
    let mut parsed = parse(b"", &Limits::default());
    parsed.headers.subject.clone_from(&row.subject);
    parsed.headers.from = vec![row.from.clone()];
    parsed.headers.date = row.sent_at;
    parsed.headers.message_id.clone_from(&row.rfc_message_id);
    parsed.defects.clear();
    parsed
}

/// Parses away from the threads that serve connections: a large message takes a while.
async fn parse_apart(
    raw: Vec<u8>,
    parse: fn(&[u8], &Limits) -> ParsedMessage,
) -> Result<ParsedMessage, EngineError> {
    tokio::task::spawn_blocking(move || parse(&raw, &Limits::default()))
        .await
        .map_err(|_| EngineError::Worker)
}

#[cfg(test)]
mod tests {
    use mailroom_model::Mailbox;

    use super::*;

    #[test]
    fn recipients_of_a_thread_stand_once_those_of_the_newest_first() {
        let member = |to_line: &str| ThreadMember {
            id: MessageId(1),
            from: Mailbox::default(),
            to_line: to_line.to_owned(),
        };
        let newest_first = [
            member("Anna <anna@x.pl>"),
            member("jan@x.pl, Anna <anna@x.pl>"),
            member(""),
            member("Anna <anna@x.pl>"),
        ];
        assert_eq!(recipients_of(&newest_first), ["Anna", "jan@x.pl"]);
    }
}
