//! Finding messages.

use mailroom_model::{FolderId, UidSet};

use super::kit::{NOW, TestStore, attachment, flags, message};
use crate::{Column, IncomingMessage, ListFilter, SearchQuery, SearchText, Term};

fn term(text: &str) -> Term {
    Term {
        text: text.to_owned(),
        is_prefix: false,
        column: None,
    }
}

fn query(terms: Vec<Term>) -> SearchQuery {
    SearchQuery {
        terms,
        ..SearchQuery::default()
    }
}

fn with_text(n: u32, subject: &str, people: &str, body: &str, files: &str) -> IncomingMessage {
    let mut message = message(n);
    message.search = Some(SearchText {
        subject: subject.into(),
        sender: people.into(),
        recipients: String::new(),
        body: body.into(),
        files: files.into(),
    });
    message
}

async fn uids(test: &TestStore, query: &SearchQuery) -> Vec<u32> {
    let (hits, _) = test.store.messages().search(None, query, 50, None).await.unwrap();
    hits.iter().filter_map(|hit| hit.uid).collect()
}

#[tokio::test]
async fn folded_words_are_found_in_three_languages() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(
        account,
        inbox,
        vec![
            with_text(
                1,
                "zolw i gesle",
                "lukasz zolc lukasz@zolc.pl",
                "zazolc gesla jazn",
                "",
            ),
            with_text(
                2,
                "счет за елку",
                "петр иванов petr@x.ru",
                "оплата счета до пятницы",
                "счет.pdf",
            ),
            with_text(
                3,
                "invoice",
                "anna@x.pl",
                "payment until friday",
                "faktura-2026.pdf",
            ),
        ],
    )
    .await;
    let cases: Vec<(Vec<Term>, Vec<u32>)> = vec![
        (vec![term("zazolc")], vec![1]),
        (vec![term("елку")], vec![2]),
        (vec![term("lukasz@zolc.pl")], vec![1]),
        (
            vec![Term {
                is_prefix: true,
                ..term("сче")
            }],
            vec![2],
        ),
        (
            vec![Term {
                is_prefix: true,
                ..term("fakt")
            }],
            vec![3],
        ),
        (
            vec![Term {
                column: Some(Column::Subject),
                ..term("friday")
            }],
            vec![],
        ),
        (
            vec![Term {
                column: Some(Column::Body),
                ..term("friday")
            }],
            vec![3],
        ),
        (
            vec![Term {
                column: Some(Column::Files),
                ..term("pdf")
            }],
            vec![3, 2],
        ),
        (
            vec![Term {
                column: Some(Column::Sender),
                ..term("x")
            }],
            vec![3, 2],
        ),
        (vec![term("payment until")], vec![3]),
        (vec![term("until payment")], vec![]),
        (vec![term("payment"), term("invoice")], vec![3]),
        (vec![term("payment"), term("zazolc")], vec![]),
        (vec![term("NOT")], vec![]),
        (vec![term("\"")], vec![]),
        (vec![term("a\" OR \"payment")], vec![]),
    ];
    for (terms, expected) in cases {
        assert_eq!(uids(&test, &query(terms.clone())).await, expected, "{terms:?}");
    }
}

#[tokio::test]
async fn hits_come_newest_first_in_pages_whatever_the_order_of_arrival() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let (other, [other_inbox, ..]) = test.account_with_folders("other@x.pl").await;
    test.ingest(account, inbox, (60..=100).map(message).collect())
        .await;
    test.ingest(account, inbox, (1..=59).rev().map(message).collect())
        .await;
    test.ingest(other, other_inbox, vec![message(200)]).await;
    let all = query(vec![term("number")]);
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let (page, _) = test
            .store
            .messages()
            .search(Some(account), &all, 7, before)
            .await
            .unwrap();
        found.extend(page.iter().filter_map(|hit| hit.uid));
        match page.last() {
            Some(last) => before = Some(last.cursor),
            None => break,
        }
    }
    assert_eq!(found, (1..=100).rev().collect::<Vec<_>>());
    assert_eq!(uids(&test, &all).await.first(), Some(&200));
}

#[tokio::test]
async fn filters_and_folder_narrow_the_hits() {
    let test = TestStore::new().await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let mut batch: Vec<_> = (1..=5).map(message).collect();
    batch[0].flags = flags(&["\\Seen"]);
    batch[1].flags = flags(&["\\Flagged"]);
    batch[2].attachments = vec![attachment("a.pdf")];
    test.ingest(account, inbox, batch).await;
    test.ingest(account, archive, vec![message(4), message(9)]).await;
    let filtered = |filter: ListFilter, folder: Option<FolderId>, with_term: bool| SearchQuery {
        terms: if with_term { vec![term("number")] } else { vec![] },
        folder,
        filter,
    };
    let none = ListFilter::default();
    let cases = [
        (none, Some(archive), vec![9, 4]),
        (
            ListFilter {
                is_unread: Some(true),
                ..none
            },
            Some(inbox),
            vec![5, 4, 3, 2],
        ),
        (
            ListFilter {
                is_flagged: true,
                ..none
            },
            None,
            vec![2],
        ),
        (
            ListFilter {
                has_attachment: true,
                ..none
            },
            None,
            vec![3],
        ),
        (
            ListFilter {
                since: Some(NOW.plus_seconds(300)),
                ..none
            },
            None,
            vec![9, 5],
        ),
        (
            ListFilter {
                until: Some(NOW.plus_seconds(120)),
                ..none
            },
            None,
            vec![1],
        ),
    ];
    for (filter, folder, expected) in cases {
        for with_term in [true, false] {
            let query = filtered(filter, folder, with_term);
            assert_eq!(uids(&test, &query).await, expected, "{query:?}");
        }
    }
}

#[tokio::test]
async fn removed_message_is_found_no_more() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, (1..=3).map(message).collect()).await;
    test.store
        .messages()
        .remove_uids(inbox, &UidSet::range(2, 2), NOW)
        .await
        .unwrap();
    assert_eq!(uids(&test, &query(vec![term("number")])).await, [3, 1]);
    test.assert_sound().await;
}

/// That no page is sorted or scanned is what `plan.rs` proves; this is the same on 20,000 messages.
#[tokio::test]
async fn large_folder_is_searched_paged_and_removed() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    for start in (0..20_000).step_by(1000) {
        let batch = (start + 1..=start + 1000).map(message).collect();
        test.ingest(account, inbox, batch).await;
    }
    let hits = uids(&test, &query(vec![term("number")])).await;
    assert_eq!(hits, (19_951..=20_000).rev().collect::<Vec<_>>());
    let deep = query(vec![term("number"), term("17")]);
    assert_eq!(uids(&test, &deep).await, [17]);
    let messages = test.store.messages();
    let scope = crate::ListScope::Folder(inbox);
    let old = messages.place(inbox, 100).await.unwrap().unwrap();
    let cursor = crate::Cursor {
        key: old.internal_at.0,
        uid: old.uid.into(),
        folder: 0,
    };
    let page = messages
        .list(scope, &ListFilter::default(), 50, Some(cursor))
        .await
        .unwrap();
    assert_eq!(page.first().and_then(|row| row.uid), Some(99));
    // So many are unread that the list is walked.
    let unread = ListFilter {
        is_unread: Some(true),
        ..ListFilter::default()
    };
    let page = messages.list(scope, &unread, 2, Some(cursor)).await.unwrap();
    assert_eq!(
        page.iter().filter_map(|row| row.uid).collect::<Vec<_>>(),
        [99, 98]
    );
    let every = crate::ListScope::Every;
    let page = messages.list(every, &unread, 2, None).await.unwrap();
    assert_eq!(
        page.iter().filter_map(|row| row.uid).collect::<Vec<_>>(),
        [20_000, 19_999]
    );
    assert_eq!(messages.known_uids(inbox).await.unwrap().to_string(), "1:20000");
    let removed = test.store.accounts().delete(account).await.unwrap();
    assert_eq!(removed.messages, 20_000);
    assert_eq!((test.count("search").await, test.count("bodies").await), (0, 0));
}

/// Words as they stand in the index, folded: many share their first letters, some are one letter long.
const WORDS: [&str; 24] = [
    "a",
    "i",
    "in",
    "inn",
    "invoice",
    "invoices",
    "inwestycja",
    "z",
    "za",
    "zaz",
    "zazolc",
    "zolw",
    "zolty",
    "faktura",
    "faktury",
    "я",
    "яр",
    "счет",
    "счета",
    "счеты",
    "елка",
    "ель",
    "2026",
    "会議",
];
/// Beginnings that are looked for beside the words themselves.
const BEGINNINGS: [&str; 16] = [
    "a", "i", "in", "inv", "invo", "z", "za", "zol", "zolt", "f", "с", "сч", "сче", "счет", "е", "会",
];

/// What the index should find, word by word: the term's words stand in one column next to each other.
fn matches(term: &Term, text: &SearchText) -> bool {
    let columns = [
        (Column::Subject, &text.subject),
        (Column::Sender, &text.sender),
        (Column::Recipients, &text.recipients),
        (Column::Body, &text.body),
        (Column::Files, &text.files),
    ];
    let wanted: Vec<&str> = term.text.split(' ').collect();
    columns
        .iter()
        .filter(|(column, _)| term.column.is_none_or(|only| only == *column))
        .any(|(_, text)| {
            let words: Vec<&str> = text.split(' ').collect();
            words.windows(wanted.len()).any(|window| {
                window
                    .iter()
                    .zip(&wanted)
                    .enumerate()
                    .all(|(at, (word, wanted))| {
                        let may_go_on = term.is_prefix && at + 1 == window.len();
                        word == wanted || (may_go_on && word.starts_with(wanted))
                    })
            })
        })
}

#[tokio::test]
async fn index_finds_what_a_look_at_every_message_finds() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    // Numbers that look like chance and are the same every time.
    let mut state = 7_u64;
    let mut below = |end: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % end
    };
    let mut words = |least: usize, most: usize| {
        let count = least + below(most - least + 1);
        let words: Vec<&str> = (0..count).map(|_| WORDS[below(WORDS.len())]).collect();
        words.join(" ")
    };
    let mut texts = Vec::new();
    for n in 1..=400 {
        let mut message = with_text(n, &words(0, 3), &words(1, 2), &words(0, 8), &words(0, 1));
        let mut text = message.search.take().unwrap();
        text.recipients = words(0, 2);
        texts.push((n, text.clone()));
        message.search = Some(text);
        // Several batches make several segments of the index.
        test.ingest(account, inbox, vec![message]).await;
    }
    let columns = [
        None,
        Some(Column::Subject),
        Some(Column::Sender),
        Some(Column::Body),
    ];
    let mut asked: Vec<Vec<Term>> = Vec::new();
    for text in WORDS.iter().chain(&BEGINNINGS) {
        for column in columns {
            for is_prefix in [false, true] {
                let text = (*text).to_owned();
                asked.push(vec![Term {
                    text,
                    is_prefix,
                    column,
                }]);
            }
        }
    }
    for first in WORDS {
        for second in BEGINNINGS {
            let going_on = |text: String| Term {
                is_prefix: true,
                ..term(&text)
            };
            asked.push(vec![going_on(format!("{first} {second}"))]);
            asked.push(vec![term(first), going_on(second.to_owned())]);
        }
    }
    let mut found_something = 0;
    for terms in asked {
        let expected: Vec<u32> = texts
            .iter()
            .rev()
            .filter(|(_, text)| terms.iter().all(|term| matches(term, text)))
            .map(|(n, _)| *n)
            .collect();
        let query = query(terms);
        let (hits, _) = test
            .store
            .messages()
            .search(None, &query, 1000, None)
            .await
            .unwrap();
        let found: Vec<u32> = hits.iter().filter_map(|hit| hit.uid).collect();
        assert_eq!(found, expected, "{query:?}");
        found_something += usize::from(!found.is_empty());
    }
    assert!(found_something > 200, "{found_something}");
}

#[tokio::test]
async fn pieces_of_the_index_are_joined_and_everything_is_still_found() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    let many = 12;
    for n in 1..=many {
        test.ingest(
            account,
            inbox,
            vec![with_text(n, "plan", "", "the same words", "")],
        )
        .await;
    }
    let pieces = async || -> i64 {
        let count = sqlx::query_scalar("SELECT count(DISTINCT segid) FROM search_idx");
        count.fetch_one(test.store.reads()).await.unwrap()
    };
    assert_eq!(pieces().await, i64::from(many), "one for each transaction");
    while test.store.messages().join_index_pieces().await.unwrap() {}
    assert!(pieces().await < 4, "{} are left", pieces().await);
    test.assert_sound().await;
    let found = uids(&test, &query(vec![term("words")])).await;
    assert_eq!(found, (1..=many).rev().collect::<Vec<_>>());
}
