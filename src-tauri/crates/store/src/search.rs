//! Table `search`: the full-text index.

use mailroom_model::{AccountId, FolderId};
use sqlx::SqliteConnection;

use crate::list::{self, chosen_place, likely, narrowed, summary};
use crate::statement::insert_rows;
use crate::unindexed;
use crate::{Cursor, ListFilter, ListScope, MessageSummary, Messages, SearchText, StoreError};

/// A column of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The subject.
    Subject,
    /// Names and addresses of senders.
    Sender,
    /// Names and addresses of recipients.
    Recipients,
    /// The text.
    Body,
    /// Names of attachments.
    Files,
}

impl Column {
    fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Sender => "sender",
            Self::Recipients => "recipients",
            Self::Body => "body",
            Self::Files => "files",
        }
    }
}

/// One thing to look for. Several words in one term have to stand next to each other in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The words, folded in the same way as the indexed text.
    pub text: String,
    /// The last word may go on.
    pub is_prefix: bool,
    /// Only there; `None` for everywhere.
    pub column: Option<Column>,
}

/// What to look for: every term, within the scope and the filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// All of them have to match. Without any, the filter alone decides.
    pub terms: Vec<Term>,
    /// Only in this folder.
    pub folder: Option<FolderId>,
    /// What narrows the result.
    pub filter: ListFilter,
}

statements! {
    /// A page of hits. ?1: the expression; ?2: before this key; ?3: not before this key; ?8: account; ?9: folder.
    /// The low 29 bits of the rowid are the message's id. FTS5 walks its index backwards, so that the first page of a
    /// frequent word is as quick as that of a rare one. What needs only the key comes before the joins, asked of covering
    /// indexes: a match that an account, a folder or a filter refuses costs one look into an index.
    SEARCH = concat!(summary!(), "FROM search CROSS JOIN messages AS m ON m.id = (search.rowid & 536870911) ",
        chosen_place!("AND (?9 IS NULL OR q.folder_id = ?9)"),
        "WHERE search MATCH ?1 AND search.rowid < ?2 AND search.rowid >= ?3 AND (?8 IS NULL OR EXISTS (SELECT 1 FROM \
        messages AS o WHERE o.account_id = ?8 AND o.sort_key = search.rowid)) AND (?9 IS NULL OR EXISTS (SELECT 1 \
        FROM places AS z WHERE z.message_id = (search.rowid & 536870911) AND z.folder_id = ?9))",
        likely!("(search.rowid & 536870911)"), narrowed!(), "ORDER BY search.rowid DESC LIMIT ?4");
    /// Joins pieces of the index, about ?1 pages of them (<https://www.sqlite.org/fts5.html#the_merge_command>).
    JOIN = "INSERT INTO search (search, rank) VALUES ('merge', ?1)";
    /// Rows that the connection has changed: two more after a join that had something to do.
    CHANGES = "SELECT total_changes()";
    /// A new entry.
    INSERT = "INSERT INTO search (rowid, subject, sender, recipients, body, files) \
        VALUES (?, ?, ?, ?, ?, ?)";
}

/// Pages of the index that are joined in one transaction: others may want to write.
const JOINED: u32 = 32;

impl Messages<'_> {
    /// Joins some of the pieces that transactions left in the index of words: the fewer there are, the quicker is a search.
    /// False once no more than a few are left.
    pub async fn join_index_pieces(&self) -> Result<bool, StoreError> {
        let mut writing = self.0.begin_relaxed().await?;
        let before: i64 = sqlx::query_scalar(CHANGES).fetch_one(&mut *writing).await?;
        sqlx::query(JOIN).bind(JOINED).execute(&mut *writing).await?;
        let after: i64 = sqlx::query_scalar(CHANGES).fetch_one(&mut *writing).await?;
        writing.commit().await?;
        Ok(after - before >= 2)
    }
}

/// Writes rows of the index, in their order.
pub(crate) async fn write(
    writing: &mut SqliteConnection,
    rows: Vec<(i64, SearchText)>,
) -> Result<(), StoreError> {
    insert_rows(writing, INSERT, rows, |query, (key, text)| {
        query
            .bind(key)
            .bind(text.subject)
            .bind(text.sender)
            .bind(text.recipients)
            .bind(text.body)
            .bind(text.files)
    })
    .await
}

/// The FTS5 expression for all terms (<https://www.sqlite.org/fts5.html#full_text_query_syntax>). Every text is a
/// quoted string, so nothing in it is an operator. `None` when a term has no letter or digit: nothing can match it.
fn match_expression(terms: &[Term]) -> Option<String> {
    let mut expression = String::new();
    for term in terms {
        if !term.text.chars().any(char::is_alphanumeric) {
            return None;
        }
        if !expression.is_empty() {
            expression.push_str(" AND ");
        }
        if let Some(column) = term.column {
            expression.push_str(column.as_str());
            expression.push_str(" : ");
        }
        expression.push('"');
        for character in term.text.chars() {
            match character {
                '"' => expression.push_str("\"\""),
                c if c.is_control() => expression.push(' '),
                c => expression.push(c),
            }
        }
        expression.push('"');
        if term.is_prefix {
            expression.push('*');
        }
    }
    Some(expression)
}

impl Messages<'_> {
    /// A page of at most `limit` hits, newest first, in one account or in all; and whether the index had every message at that
    /// moment, so that nothing is missing.
    pub async fn search(
        &self,
        account: Option<AccountId>,
        query: &SearchQuery,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<(Vec<MessageSummary>, bool), StoreError> {
        if query.terms.is_empty() {
            let scope = match (query.folder, account) {
                (Some(folder), _) => ListScope::Folder(folder),
                (None, Some(account)) => ListScope::Account(account),
                (None, None) => ListScope::Every,
            };
            return Ok((self.list(scope, &query.filter, limit, before).await?, true));
        }
        let Some(expression) = match_expression(&query.terms) else {
            return Ok((Vec::new(), true));
        };
        // One moment for both: the index may be made anew between two.
        let mut view = self.0.snapshot().await?;
        let is_behind = unindexed::any(&mut view).await?;
        let (lower, upper) = list::key_bounds(&query.filter, before.unwrap_or(list::START));
        let rows = sqlx::query(SEARCH)
            .bind(expression)
            .bind(upper)
            .bind(lower)
            .bind(i64::from(limit))
            .bind(query.filter.is_unread)
            .bind(query.filter.is_flagged)
            .bind(query.filter.has_attachment)
            .bind(account.map(|id| id.0))
            .bind(query.folder.map(|id| id.0))
            .fetch_all(&mut *view)
            .await?;
        view.end().await?;
        let found = rows
            .iter()
            .map(|row| MessageSummary::read(row, false))
            .collect::<Result<_, _>>()?;
        Ok((found, !is_behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(text: &str, is_prefix: bool, column: Option<Column>) -> Term {
        Term {
            text: text.to_owned(),
            is_prefix,
            column,
        }
    }

    #[test]
    fn expression_quotes_every_term() {
        let cases = [
            (vec![term("faktura", false, None)], Some("\"faktura\"")),
            (
                vec![
                    term("fakt", true, Some(Column::Subject)),
                    term("anna@x.pl", false, Some(Column::Sender)),
                ],
                Some("subject : \"fakt\"* AND sender : \"anna@x.pl\""),
            ),
            (vec![term("a\" OR b", false, None)], Some("\"a\"\" OR b\"")),
            (vec![term("a\0b", false, None)], Some("\"a b\"")),
            (vec![term("ok", false, None), term("--", false, None)], None),
        ];
        for (terms, expression) in cases {
            assert_eq!(match_expression(&terms).as_deref(), expression);
        }
    }
}
