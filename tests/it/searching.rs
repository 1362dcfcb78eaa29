//! Searching finds what a look at every message finds: random mailboxes, random changes, random queries as people type
//! them, held against a plain scan with a folding of its own.

use std::cmp::Reverse;

use mailroom_engine::parse_query;
use mailroom_mime::fold_for_search;
use mailroom_model::{
    AccountId, AccountState, FolderId, FolderRole, FolderSelection, Mailbox, MessageFlags, Period, UidSet,
    UnixMillis,
};
use mailroom_store::{
    CompressedBody, FlagUpdate, FolderSeen, IncomingMessage, NewAccount, NewAttachment, NewOperation,
    OperationDone, OperationKind, SearchText, Store,
};
use proptest::prelude::*;

/// 2026-01-01T00:00:00Z
const START_S: i64 = 1_767_225_600;
const DAY_S: i64 = 86_400;
/// Days over which the messages lie.
const DAYS: i64 = 20;
/// Rows of a page; more than any mailbox here has.
const ALL: u32 = 200;

/// Words as people write them: marks and capitals in three languages, many with the same first letters.
const WORDS: [&str; 32] = [
    "Żółw",
    "żółty",
    "zolty",
    "ZAŻÓŁĆ",
    "zaz",
    "za",
    "z",
    "Łódź",
    "łódka",
    "lodz",
    "Gęśl",
    "Ёлка",
    "елка",
    "ель",
    "е",
    "Счёт",
    "счета",
    "СЧЁТЫ",
    "чай",
    "чаи",
    "invoice",
    "Invoices",
    "INWESTYCJA",
    "inn",
    "in",
    "i",
    "Straße",
    "strasse",
    "2026",
    "v2",
    "会議",
    "naïve",
];

/// How the words are written into texts: always with something between them that is no letter.
const GAPS: [&str; 5] = [" ", ", ", "-", ".", "@"];

/// The folding, written again for the letters of [`WORDS`].
fn folded(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'ą' => out.push('a'),
            'ć' => out.push('c'),
            'ę' => out.push('e'),
            'ł' => out.push('l'),
            'ń' => out.push('n'),
            'ó' => out.push('o'),
            'ś' => out.push('s'),
            'ż' | 'ź' => out.push('z'),
            'ё' => out.push('е'),
            'ï' => out.push('i'),
            'ß' => out.push_str("ss"),
            letter => out.push(letter),
        }
    }
    out
}

/// A message of the model.
#[derive(Clone, Debug)]
struct Letter {
    subject: String,
    sender: String,
    recipients: String,
    body: String,
    file: Option<String>,
    received_s: i64,
    seen: bool,
    flagged: bool,
    in_archive: bool,
    /// Nowhere any more, or hidden by a change that waits.
    is_gone: bool,
}

impl Letter {
    fn fields(&self) -> [(&'static str, String); 5] {
        [
            ("subject", folded(&self.subject)),
            ("from", folded(&self.sender)),
            ("to", folded(&self.recipients)),
            ("", folded(&self.body)),
            ("file", folded(self.file.as_deref().unwrap_or_default())),
        ]
    }
}

/// What happens to a message, chosen by its number.
#[derive(Clone, Copy, Debug)]
enum Change {
    Read(usize),
    Star(usize),
    Remove(usize),
    Hide(usize),
    Move(usize),
}

/// One condition of a query.
#[derive(Clone, Debug)]
enum Condition {
    /// Words next to each other in one field; the last may go on.
    Words {
        field: &'static str,
        words: Vec<String>,
        gap: &'static str,
        is_quoted: bool,
    },
    Unread(bool),
    Starred,
    HasFile,
    After(i64),
    Before(i64),
    In(bool),
}

impl Condition {
    fn typed(&self) -> String {
        let day = |day: &i64| {
            let day = time::OffsetDateTime::from_unix_timestamp(START_S + day * DAY_S).unwrap();
            day.date().to_string()
        };
        match self {
            Self::Words {
                field,
                words,
                gap,
                is_quoted,
            } => {
                let field = if field.is_empty() {
                    String::new()
                } else {
                    format!("{field}:")
                };
                if *is_quoted {
                    format!("{field}\"{}\"", words.join(" "))
                } else {
                    format!("{field}{}", words.join(gap))
                }
            }
            Self::Unread(true) => "is:unread".to_owned(),
            Self::Unread(false) => "is:read".to_owned(),
            Self::Starred => "is:starred".to_owned(),
            Self::HasFile => "has:attachment".to_owned(),
            Self::After(at) => format!("after:{}", day(at)),
            Self::Before(at) => format!("before:{}", day(at)),
            Self::In(true) => "in:archive".to_owned(),
            Self::In(false) => "in:inbox".to_owned(),
        }
    }

    fn holds(&self, letter: &Letter) -> bool {
        match self {
            Self::Words {
                field,
                words,
                is_quoted,
                ..
            } => {
                let wanted: Vec<String> = words.iter().map(|word| folded(word)).collect();
                letter
                    .fields()
                    .iter()
                    .filter(|(name, _)| field.is_empty() || name == field)
                    .any(|(_, text)| stand_together(text, &wanted, !is_quoted))
            }
            Self::Unread(unread) => letter.seen != *unread,
            Self::Starred => letter.flagged,
            Self::HasFile => letter.file.is_some(),
            Self::After(day) => letter.received_s >= START_S + day * DAY_S,
            Self::Before(day) => letter.received_s < START_S + day * DAY_S,
            Self::In(archive) => letter.in_archive == *archive,
        }
    }
}

fn stand_together(text: &str, wanted: &[String], may_go_on: bool) -> bool {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(wanted.len()).any(|window| {
        window.iter().zip(wanted).enumerate().all(|(at, (word, wanted))| {
            word == wanted || (may_go_on && at + 1 == window.len() && word.starts_with(wanted.as_str()))
        })
    })
}

fn text(most: usize) -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(&WORDS[..]), prop::sample::select(&GAPS[..]));
    prop::collection::vec(piece, 0..=most)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

fn letter() -> impl Strategy<Value = Letter> {
    (
        (text(3), text(2), text(2), text(8)),
        prop::option::weighted(0.3, prop::sample::select(&WORDS[..])),
        // Some at the same second.
        0..DAYS * 24,
        any::<[bool; 3]>(),
    )
        .prop_map(
            |((subject, sender, recipients, body), file, hour, [seen, flagged, in_archive])| Letter {
                subject,
                sender,
                recipients,
                body,
                file: file.map(|word| format!("{word}.pdf")),
                received_s: START_S + hour * 3600,
                seen,
                flagged,
                in_archive,
                is_gone: false,
            },
        )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<usize>().prop_map(Change::Read),
        any::<usize>().prop_map(Change::Star),
        any::<usize>().prop_map(Change::Remove),
        any::<usize>().prop_map(Change::Hide),
        any::<usize>().prop_map(Change::Move),
    ]
}

/// A word as it stands after so many letters were typed.
fn typed_word() -> impl Strategy<Value = String> {
    (prop::sample::select(&WORDS[..]), 1_usize..8, any::<bool>()).prop_map(|(word, letters, plain)| {
        let word: String = word.chars().take(letters).collect();
        if plain { folded(&word) } else { word }
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let field = prop::sample::select(&["", "", "", "from", "to", "subject", "file"][..]);
    let words = prop_oneof![
        5 => prop::collection::vec(typed_word(), 1..=1),
        1 => (prop::sample::select(&WORDS[..]), typed_word())
            .prop_map(|(first, second)| vec![first.to_owned(), second]),
    ];
    let gap = prop::sample::select(&["-", ".", "@"][..]);
    prop_oneof![
        8 => (field, words, gap, prop::bool::weighted(0.2)).prop_map(|(field, words, gap, is_quoted)| {
            Condition::Words { field, words, gap, is_quoted }
        }),
        1 => any::<bool>().prop_map(Condition::Unread),
        1 => Just(Condition::Starred),
        1 => Just(Condition::HasFile),
        1 => (0..DAYS).prop_map(Condition::After),
        1 => (0..DAYS).prop_map(Condition::Before),
        1 => any::<bool>().prop_map(Condition::In),
    ]
}

/// A mailbox in a store, and what should be in it.
struct Case {
    store: Store,
    account: AccountId,
    folders: [FolderId; 2],
    letters: Vec<Letter>,
    /// The next free UID of the archive.
    next_uid: u32,
}

impl Case {
    async fn new(letters: Vec<Letter>) -> Self {
        let store = Store::in_memory().await.unwrap();
        let account = store
            .accounts()
            .insert(&NewAccount {
                address: "anna@x.pl".parse().unwrap(),
                display_name: String::new(),
                provider: None,
                state: AccountState::Unproved,
                working: None,
                period: Period::All,
                folders: FolderSelection::All,
                registration_id: None,
                issuer: None,
                tenant: None,
                options: serde_json::json!({}),
                created_at: UnixMillis(0),
            })
            .await
            .unwrap();
        let seen =
            [("INBOX", FolderRole::Inbox), ("Archive", FolderRole::Archive)].map(|(path, role)| FolderSeen {
                wire_name: path.to_owned(),
                path: path.to_owned(),
                delimiter: Some('/'),
                role: Some(role),
                is_selectable: true,
                is_subscribed: true,
                rights: None,
            });
        let changes = store
            .folders()
            .sync_list(account, &seen, UnixMillis(0))
            .await
            .unwrap();
        let case = Self {
            folders: changes.added.try_into().unwrap(),
            next_uid: 1000,
            store,
            account,
            letters,
        };
        // Several batches: several segments of the index, and older messages after newer ones.
        let numbered: Vec<(usize, &Letter)> = case.letters.iter().enumerate().collect();
        for chunk in numbered.chunks(7) {
            for in_archive in [false, true] {
                let batch = chunk
                    .iter()
                    .filter(|(_, letter)| letter.in_archive == in_archive)
                    .map(|(number, letter)| incoming(uid(*number), letter))
                    .collect();
                let folder = case.folder(in_archive);
                case.store
                    .messages()
                    .ingest(case.account, folder, batch)
                    .await
                    .unwrap();
            }
        }
        case
    }

    fn folder(&self, in_archive: bool) -> FolderId {
        self.folders[usize::from(in_archive)]
    }

    async fn change(&mut self, change: Change) {
        let (Change::Read(index)
        | Change::Star(index)
        | Change::Remove(index)
        | Change::Hide(index)
        | Change::Move(index)) = change;
        let number = index % self.letters.len();
        let letter = self.letters[number].clone();
        if letter.is_gone {
            return;
        }
        let (folder, archive) = (self.folder(letter.in_archive), self.folder(true));
        let row = {
            let (places, _) = self
                .store
                .messages()
                .search(None, &parse_query("", UnixMillis(0)).to_query(), ALL, None)
                .await
                .unwrap();
            let mark = digest(number);
            let mut found = None;
            for place in places {
                let message = self.store.messages().get(place.id).await.unwrap().unwrap();
                if message.digest == mark {
                    found = Some(place);
                }
            }
            found.unwrap()
        };
        let messages = self.store.messages();
        let uid = row.uid.unwrap();
        let uids = UidSet::range(uid, uid);
        match change {
            Change::Read(_) | Change::Star(_) => {
                let letter = &mut self.letters[number];
                match change {
                    Change::Read(_) => letter.seen = !letter.seen,
                    _ => letter.flagged = !letter.flagged,
                }
                let update = FlagUpdate {
                    uid,
                    flags: flags(letter),
                    modseq: None,
                };
                messages.apply_flags(folder, &[update]).await.unwrap();
            }
            Change::Remove(index) => {
                messages.remove_uids(folder, &uids, UnixMillis(1)).await.unwrap();
                if index % 2 == 0 {
                    messages.sweep(self.account, UnixMillis(1)).await.unwrap();
                }
                self.letters[number].is_gone = true;
            }
            Change::Hide(_) => {
                self.enqueue(folder, OperationKind::Delete { uids }).await;
                self.letters[number].is_gone = true;
            }
            Change::Move(_) if letter.in_archive => {}
            Change::Move(_) => {
                let kind = OperationKind::Move {
                    uids,
                    to_folder: archive,
                    uid_validity: None,
                    everywhere: false,
                };
                let id = self.enqueue(folder, kind).await;
                self.next_uid += 1;
                let done = OperationDone {
                    copied: vec![(uid, self.next_uid)],
                    ..OperationDone::default()
                };
                let operations = self.store.operations();
                operations.mark_done(id, &done, UnixMillis(2)).await.unwrap();
                self.letters[number].in_archive = true;
            }
        }
    }

    async fn enqueue(&self, folder: FolderId, kind: OperationKind) -> mailroom_model::OperationId {
        let operation = NewOperation {
            account_id: self.account,
            folder_id: folder,
            kind,
            raw: None,
        };
        self.store
            .operations()
            .enqueue(&operation, UnixMillis(0))
            .await
            .unwrap()
    }

    /// What the store finds: which messages, in its order.
    async fn found(&self, conditions: &[Condition]) -> Vec<[u8; 32]> {
        let typed: Vec<String> = conditions.iter().map(Condition::typed).collect();
        let request = parse_query(&typed.join(" "), UnixMillis(START_S * 1000));
        let mut query = request.to_query();
        query.folder = request
            .folder
            .as_deref()
            .map(|name| self.folder(name == "archive"));
        let mut digests = Vec::new();
        // Two pages, so that going on is tried too.
        let mut before = None;
        for rows in [5, ALL] {
            let (page, _) = self
                .store
                .messages()
                .search(None, &query, rows, before)
                .await
                .unwrap();
            before = page.last().map(|row| row.cursor).or(before);
            for row in &page {
                let message = self.store.messages().get(row.id).await.unwrap().unwrap();
                digests.push(message.digest);
            }
            if page.len() < rows as usize {
                break;
            }
        }
        digests
    }

    /// What a look at every message finds, newest first.
    fn expected(&self, conditions: &[Condition]) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..self.letters.len())
            .filter(|number| {
                let letter = &self.letters[*number];
                !letter.is_gone && conditions.iter().all(|condition| condition.holds(letter))
            })
            .collect();
        numbers.sort_by_key(|number| Reverse(self.letters[*number].received_s));
        numbers
    }
}

fn uid(number: usize) -> u32 {
    u32::try_from(number).unwrap() + 1
}

fn digest(number: usize) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&uid(number).to_le_bytes());
    digest
}

fn flags(letter: &Letter) -> MessageFlags {
    let names = [(letter.seen, "\\Seen"), (letter.flagged, "\\Flagged")];
    MessageFlags::from_imap(
        names
            .into_iter()
            .filter(|(is_set, _)| *is_set)
            .map(|(_, name)| name),
    )
}

fn incoming(uid: u32, letter: &Letter) -> IncomingMessage {
    let attachments = letter.file.iter().map(|name| NewAttachment {
        part: "2".to_owned(),
        filename: name.clone(),
        content_type: "application/pdf".to_owned(),
        size: 1,
        content_id: None,
        is_inline: false,
    });
    IncomingMessage {
        head_digest: None,
        is_whole: true,
        uid,
        flags: flags(letter),
        modseq: None,
        content_id: None,
        internal_at: UnixMillis(letter.received_s * 1000),
        digest: digest(usize::try_from(uid - 1).unwrap()),
        body: Some(CompressedBody::compress(b"x").unwrap()),
        size: 1,
        subject: letter.subject.clone(),
        from: Mailbox::default(),
        to_line: String::new(),
        sent_at: None,
        rfc_message_id: None,
        references: Vec::new(),
        base_subject: String::new(),
        has_reply_mark: false,
        preview: String::new(),
        list_id: None,
        attachments: attachments.collect(),
        search: Some(SearchText {
            subject: fold_for_search(&letter.subject),
            sender: fold_for_search(&letter.sender),
            recipients: fold_for_search(&letter.recipients),
            body: fold_for_search(&letter.body),
            files: fold_for_search(letter.file.as_deref().unwrap_or_default()),
        }),
        people: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn search_of_any_mailbox_finds_what_a_scan_finds(
        letters in prop::collection::vec(letter(), 1..40),
        changes in prop::collection::vec(change(), 0..12),
        queries in prop::collection::vec(prop::collection::vec(condition(), 1..=3), 20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut case = Case::new(letters).await;
            for change in changes {
                case.change(change).await;
            }
            for conditions in &queries {
                // Only the last of several folders or dates counts, and both cannot be asked for at once.
                let same = |a: &Condition, b: &Condition| {
                    std::mem::discriminant(a) == std::mem::discriminant(b)
                        && !matches!(a, Condition::Words { .. })
                };
                if conditions.iter().enumerate().any(|(at, a)| conditions[..at].iter().any(|b| same(a, b))) {
                    continue;
                }
                let found = case.found(conditions).await;
                let expected = case.expected(conditions);
                let received = |digest: &[u8; 32]| {
                    let number = (0..case.letters.len()).find(|number| self::digest(*number) == *digest);
                    case.letters[number.unwrap()].received_s
                };
                let times: Vec<i64> = found.iter().map(received).collect();
                prop_assert!(times.is_sorted_by_key(Reverse), "{conditions:?}: {times:?}");
                let mut found = found;
                let mut expected: Vec<[u8; 32]> = expected.into_iter().map(digest).collect();
                found.sort_unstable();
                expected.sort_unstable();
                prop_assert_eq!(found, expected, "{:?}", conditions);
            }
            Ok(())
        })?;
    }
}
