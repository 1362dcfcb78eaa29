//! Every statement is prepared and planned: none reads a large table from end to end.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, Row};

use super::kit::TestStore;
use crate::statement::repeat_tuple;

/// Every statement of the crate.
fn every_statement() -> Vec<(&'static str, &'static str)> {
    [
        crate::account::STATEMENTS,
        crate::allowed_sender::STATEMENTS,
        crate::archive::STATEMENTS,
        crate::arrival::STATEMENTS,
        crate::attachment::STATEMENTS,
        crate::body::STATEMENTS,
        crate::completion::STATEMENTS,
        crate::content::STATEMENTS,
        crate::contradiction::STATEMENTS,
        crate::database::STATEMENTS,
        crate::draft::STATEMENTS,
        crate::draft_copy::STATEMENTS,
        crate::draft_file::STATEMENTS,
        crate::expected::STATEMENTS,
        crate::folder::STATEMENTS,
        crate::folder_thread::STATEMENTS,
        crate::identity::STATEMENTS,
        crate::ingest::STATEMENTS,
        crate::journal::STATEMENTS,
        crate::learned_domain::STATEMENTS,
        crate::list::STATEMENTS,
        crate::message::STATEMENTS,
        crate::migration::STATEMENTS,
        crate::operation::STATEMENTS,
        crate::operation_effect::STATEMENTS,
        crate::outbox::STATEMENTS,
        crate::overlay::STATEMENTS,
        crate::part::STATEMENTS,
        crate::person::STATEMENTS,
        crate::place::STATEMENTS,
        crate::possession::STATEMENTS,
        crate::rare::STATEMENTS,
        crate::registration::STATEMENTS,
        crate::reindex::STATEMENTS,
        crate::repair::STATEMENTS,
        crate::search::STATEMENTS,
        crate::setting::STATEMENTS,
        crate::storage::STATEMENTS,
        crate::thread::STATEMENTS,
        crate::traffic::STATEMENTS,
        crate::unindexed::STATEMENTS,
        crate::unread_place::STATEMENTS,
    ]
    .concat()
}

/// What a plan may walk through from end to end, and why.
const ALLOWED_SCANS: &[(&str, &str)] = &[
    ("j", "the caller's list"),
    ("v", "the caller's list"),
    ("CONSTANT", "no table"),
    ("accounts", "a handful of rows"),
    ("registrations", "a handful of rows"),
    ("drafts", "what is being written"),
    ("d", "what is being written"),
    ("o", "the outbox: what waits or was sent lately"),
    ("b", "the best of the people, in the order of their index"),
    (
        "p",
        "the list of the best people; the few files that are kept of large messages",
    ),
    ("s", "the same files, newest first"),
    ("learned_domains", "a handful of rows"),
    ("allowed_senders", "those that the person allowed"),
    (
        "search_idx",
        "one row for each page of the index, to sum up what it takes",
    ),
    ("outbox", "what waits or was sent lately"),
    ("rare", "the first rows of an index, up to a limit"),
    ("sorted", "a few messages, in order"),
    ("search", "FTS5 finds rows by its own index"),
    ("unindexed", "whether there is a first row"),
    ("sqlite_sequence", "one row for each table"),
    ("sqlite_master", "only when a foreign file is looked at"),
    (
        "(subquery",
        "the ranges of one folder's UIDs, which come from the primary key",
    ),
    ("sqlite_schema", "one row for each table"),
    ("pragma_user_version", "one row"),
    ("pragma_application_id", "one row"),
    ("pragma_freelist_count", "one row"),
    ("pragma_integrity_check", "reads the whole file on purpose"),
    ("pragma_foreign_key_check", "reads the whole file on purpose"),
];

/// Statements that read everything on purpose.
const COUNTS_AGAIN: &str = "mailroom_store::contradiction::";

/// Statements that may sort: one account's or thread's rows, or a handful.
const ALLOWED_SORTS: &[&str] = &[
    "mailroom_store::draft::LIST",
    "mailroom_store::expected::EXPECT",
    "mailroom_store::expected::OF_MESSAGE",
    "mailroom_store::expected::POSSIBLE",
    "mailroom_store::folder_thread::MEMBERS",
    "mailroom_store::identity::LIST",
    "mailroom_store::list::OF_THREAD",
    "mailroom_store::person::BY_WORD",
    "mailroom_store::place::KNOWN_RANGES",
    "mailroom_store::rare::OF_ACCOUNT",
    "mailroom_store::rare::OF_FOLDER",
    "mailroom_store::thread::NEAR",
    "mailroom_store::outbox::DUE",
];

#[tokio::test]
async fn statements_use_indexes() {
    let test = TestStore::new().await;
    let mut complaints = Vec::new();
    let statements = every_statement();
    assert!(statements.len() > 100, "{}", statements.len());
    for (name, sql) in statements {
        let rows = match sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
            .fetch_all(test.store.reads())
            .await
        {
            Ok(rows) => rows,
            Err(error) => {
                complaints.push(format!("{name}: {error}"));
                continue;
            }
        };
        if name.starts_with(COUNTS_AGAIN) {
            continue;
        }
        let mut outer = HashSet::new();
        for row in rows {
            let (detail, parent): (String, i64) = (row.get("detail"), row.get("parent"));
            // Loops of one level stand from the outermost to the innermost: the list would be read for each row outside.
            if detail.starts_with("SCAN j ") && outer.contains(&parent) {
                complaints.push(format!("{name}: the caller's list is read again and again"));
            }
            if detail.starts_with("SEARCH ") || detail.starts_with("SCAN ") {
                outer.insert(parent);
            }
            if let Some(scanned) = detail.strip_prefix("SCAN ") {
                let table = scanned.split([' ', '-']).next().unwrap();
                if !ALLOWED_SCANS.iter().any(|(allowed, _)| *allowed == table) {
                    complaints.push(format!("{name}: {detail}"));
                }
            }
            // The one sort inside `chosen_place` is over the places of one message.
            let sorts = detail == "USE TEMP B-TREE FOR ORDER BY";
            let in_subquery = sql.contains("q.folder_id, q.uid LIMIT 1");
            if sorts && !in_subquery && !ALLOWED_SORTS.contains(&name) {
                complaints.push(format!("{name}: {detail}"));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[tokio::test]
async fn pages_are_read_in_the_order_of_their_index() {
    let test = TestStore::new().await;
    for (name, sql) in every_statement() {
        if ![
            "list::LIST_FOLDER",
            "list::LIST_ACCOUNT",
            "search::SEARCH",
            "folder_thread::PAGE",
        ]
        .iter()
        .any(|end| name.ends_with(end))
        {
            continue;
        }
        let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
            .fetch_all(test.store.reads())
            .await
            .unwrap();
        let plan: Vec<(i64, i64, String)> = rows
            .iter()
            .map(|row| (row.get("id"), row.get("parent"), row.get("detail")))
            .collect();
        // Sorting at the top level (parent 0) would read every row before the first page.
        assert!(
            !plan
                .iter()
                .any(|(_, parent, detail)| *parent == 0 && detail.contains("TEMP B-TREE")),
            "{name}: {plan:#?}"
        );
    }
}

#[test]
fn tuple_repeats_for_many_rows() {
    assert_eq!(
        repeat_tuple("INSERT INTO t (a, b) VALUES (?, ?)", 3),
        "INSERT INTO t (a, b) VALUES (?, ?),(?, ?),(?, ?)"
    );
}
