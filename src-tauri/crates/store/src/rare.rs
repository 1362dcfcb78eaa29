//! Lists of what is rare, like the starred messages of a large folder: a walk in the order of the list would pass over
//! nearly all of it before a page is full, so the few are looked up and sorted.

use crate::column::number_list;
use crate::list::{chosen_place, narrowed, summary};
use crate::{ListFilter, Messages, StoreError};

/// Up to so many messages are few. Where there are more of them, a walk meets them soon enough: with a million messages
/// both ways take about as long for 4,000 of them, 20 ms.
const FEW: u32 = 4_000;

statements! {
    /// Unread messages, ?1 at most.
    UNREAD = "SELECT DISTINCT rare.message_id FROM places AS rare WHERE rare.flags & 1 = 0 \
        AND rare.operation_id IS NULL LIMIT ?1";
    /// Starred messages, ?1 at most.
    FLAGGED = "SELECT DISTINCT rare.message_id FROM places AS rare WHERE rare.flags & 4 <> 0 \
        AND rare.operation_id IS NULL LIMIT ?1";
    /// Messages with files, ?1 at most.
    WITH_FILES = "SELECT DISTINCT rare.message_id FROM attachments AS rare LIMIT ?1";
    /// As `list::LIST_FOLDER`, of the messages ?9. The limit of the inner query keeps its order: SQLite would leave out an
    /// order that it takes for useless, and the outer loop ends when the page is full.
    OF_FOLDER = concat!(summary!(), "FROM (SELECT o.folder_id, o.uid FROM json_each(?9) AS j CROSS JOIN places AS o \
        ON o.message_id = j.value WHERE o.folder_id = ?1 AND (o.internal_at, o.uid) < (?2, ?3) AND o.internal_at >= ?8 \
        AND o.operation_id IS NULL ORDER BY o.internal_at DESC, o.uid DESC LIMIT -1) AS sorted \
        CROSS JOIN places AS p ON p.folder_id = sorted.folder_id AND p.uid = sorted.uid \
        CROSS JOIN messages AS m ON m.id = p.message_id WHERE TRUE", narrowed!(), "LIMIT ?4");
    /// As `list::LIST_ACCOUNT`, of the messages ?8.
    OF_ACCOUNT = concat!(summary!(), "FROM (SELECT o.id FROM json_each(?8) AS j CROSS JOIN messages AS o \
        ON o.id = j.value WHERE o.account_id = ?1 AND o.sort_key < ?2 AND o.sort_key >= ?3 \
        ORDER BY o.sort_key DESC LIMIT -1) AS sorted CROSS JOIN messages AS m ON m.id = sorted.id ", chosen_place!(""),
        "WHERE TRUE", narrowed!(), "LIMIT ?4");
}

/// The statements that [`crate::list`] runs.
pub(crate) const LIST_FOLDER: &str = OF_FOLDER;
pub(crate) const LIST_ACCOUNT: &str = OF_ACCOUNT;

impl Messages<'_> {
    /// A list of the messages that a filter may let through, as JSON, when one of its conditions holds for a few only.
    pub(crate) async fn few(&self, filter: &ListFilter) -> Result<Option<String>, StoreError> {
        let conditions = [
            (filter.is_flagged, FLAGGED),
            (filter.is_unread == Some(true), UNREAD),
            (filter.has_attachment, WITH_FILES),
        ];
        for (_, sql) in conditions.into_iter().filter(|(is_asked, _)| *is_asked) {
            let ids: Vec<i64> = sqlx::query_scalar(sql)
                .bind(FEW + 1)
                .fetch_all(self.0.reads())
                .await?;
            if ids.len() <= FEW as usize {
                return Ok(Some(number_list(ids)));
            }
        }
        Ok(None)
    }
}
