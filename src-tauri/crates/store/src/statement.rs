//! SQL as named constants that a test can find, and inserts of many rows at once.

use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::StoreError;

/// Declares the statements of a table. In tests they are also listed as `STATEMENTS` (name, SQL), so that every one
/// is prepared and planned (`tests/plan.rs`).
macro_rules! statements {
    ($($(#[doc = $doc:literal])* $name:ident = $sql:expr;)*) => {
        $($(#[doc = $doc])* const $name: &str = $sql;)*

        #[cfg(test)]
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[
            $((concat!(module_path!(), "::", stringify!($name)), $name),)*
        ];
    };
}

/// A statement with its values.
pub(crate) type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// How many rows one statement inserts, best first. Few sizes, so that the prepared statements stay in the cache.
const CHUNKS: [usize; 3] = [64, 8, 1];

/// Writes rows with as few round trips to SQLite's thread as possible. `one_row` has `VALUES (…)` with plain `?` for one
/// row, which is repeated for the others; `bind` adds one row's values in its order.
pub(crate) async fn insert_rows<T>(
    connection: &mut SqliteConnection,
    one_row: &'static str,
    rows: Vec<T>,
    bind: impl for<'q> Fn(Bound<'q>, T) -> Bound<'q>,
) -> Result<(), StoreError> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    for size in CHUNKS {
        while left >= size {
            left -= size;
            let mut query = sqlx::query(AssertSqlSafe(repeat_tuple(one_row, size)));
            for row in rows.by_ref().take(size) {
                query = bind(query, row);
            }
            query.execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// The statement with its tuple after `VALUES` `times` times.
pub(crate) fn repeat_tuple(one_row: &str, times: usize) -> String {
    let parts = one_row.split_once("VALUES (").and_then(|(head, rest)| {
        let (tuple, tail) = rest.split_once(')')?;
        Some((head, tuple, tail))
    });
    let Some((head, tuple, tail)) = parts else {
        return one_row.to_owned();
    };
    let mut sql = String::with_capacity(head.len() + tail.len() + 8 + times * (tuple.len() + 3));
    sql.push_str(head);
    sql.push_str("VALUES ");
    for index in 0..times {
        if index > 0 {
            sql.push(',');
        }
        sql.push('(');
        sql.push_str(tuple);
        sql.push(')');
    }
    sql.push_str(tail);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuple_is_repeated_where_it_stands() {
        let cases = [
            ("INSERT INTO t (a) VALUES (?)", 1, "INSERT INTO t (a) VALUES (?)"),
            (
                "INSERT INTO t (a, b) VALUES (?, ?)",
                2,
                "INSERT INTO t (a, b) VALUES (?, ?),(?, ?)",
            ),
            (
                "UPDATE t SET a = v.a FROM (VALUES (?, ?)) AS v WHERE t.id = v.id",
                2,
                "UPDATE t SET a = v.a FROM (VALUES (?, ?),(?, ?)) AS v WHERE t.id = v.id",
            ),
            ("DELETE FROM t", 2, "DELETE FROM t"),
        ];
        for (one_row, times, sql) in cases {
            assert_eq!(repeat_tuple(one_row, times), sql);
        }
    }
}
