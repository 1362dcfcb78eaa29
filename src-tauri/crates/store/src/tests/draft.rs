//! Tables `drafts`, `draft_files`, `people`.

use mailroom_model::{AccountId, DraftId, FolderId, FolderRole, Mailbox, OutboxId};

use super::kit::{NOW, TestStore, message, seen};
use crate::{
    Acquaintance, CompressedBody, DraftChange, DraftKind, DraftText, NewDraft, NewDraftFile, NewOutbox,
    OperationDone, OperationKind, TakeBack,
};

struct Desk {
    test: TestStore,
    account: AccountId,
    folder: FolderId,
}

impl Desk {
    async fn new() -> Self {
        let test = TestStore::new().await;
        let account = test.account("anna@x.pl").await;
        let seen = [
            seen("INBOX", Some(FolderRole::Inbox)),
            seen("Drafts", Some(FolderRole::Drafts)),
        ];
        let changes = test.store.folders().sync_list(account, &seen, NOW).await.unwrap();
        Self {
            folder: changes.added[1],
            test,
            account,
        }
    }

    async fn draft(&self) -> DraftId {
        let draft = NewDraft {
            account_id: self.account,
            kind: DraftKind::New,
            about: None,
            text: DraftText::default(),
            in_reply_to: None,
            references: Vec::new(),
            is_fresh: true,
            copy: None,
            files: vec![NewDraftFile {
                filename: "a.txt".into(),
                bytes: b"abc".to_vec(),
                ..NewDraftFile::default()
            }],
        };
        self.test.store.drafts().insert(&draft, NOW).await.unwrap()
    }

    async fn save(&self, id: DraftId, text: &str) -> u32 {
        let text = DraftText {
            text: text.into(),
            ..DraftText::default()
        };
        let drafts = self.test.store.drafts();
        let change = drafts.save(id, self.account, &text, None, NOW).await.unwrap();
        assert_eq!(change, DraftChange::Done);
        drafts.get(id).await.unwrap().unwrap().revision
    }

    async fn upload(&self, id: DraftId, revision: u32, message_id: &str) {
        let raw = CompressedBody::compress(b"Subject: x\r\n\r\n").unwrap();
        let drafts = self.test.store.drafts();
        let queued = drafts.queue_upload(id, revision, self.folder, message_id, raw, NOW);
        queued.await.unwrap().unwrap();
    }

    async fn waiting(&self) -> Vec<String> {
        let rows = self.test.store.operations().list(self.account).await.unwrap();
        rows.iter()
            .map(|row| match &row.kind {
                OperationKind::UploadDraft { message_id, .. } => format!("upload {message_id}"),
                OperationKind::RemoveCopy { copy } => {
                    format!("remove {}", copy.message_id.clone().unwrap_or_default())
                }
                other => format!("{other:?}"),
            })
            .collect()
    }

    /// The server did the first of the changes that wait.
    async fn done(&self, uid: Option<u32>) {
        let operations = self.test.store.operations();
        let first = operations.list(self.account).await.unwrap()[0].id;
        assert!(operations.mark_begun(first).await.unwrap().is_some());
        let done = OperationDone {
            appended: uid.map(|uid| (7, uid)),
            ..OperationDone::default()
        };
        operations.mark_done(first, &done, NOW).await.unwrap();
    }

    fn entry(&self) -> NewOutbox {
        NewOutbox {
            account_id: self.account,
            identity_id: None,
            rfc_message_id: "1@x.pl".into(),
            subject: "x".into(),
            envelope_from: "anna@x.pl".into(),
            envelope_to: vec!["b@y.pl".into()],
            raw: CompressedBody::compress(b"Subject: x\r\n\r\n").unwrap(),
            send_after: NOW,
            about: None,
        }
    }

    async fn send(&self, id: DraftId) -> OutboxId {
        let drafts = self.test.store.drafts();
        let revision = drafts.get(id).await.unwrap().unwrap().revision;
        let sent = drafts.send(id, revision, &self.entry(), NOW).await.unwrap();
        sent.unwrap()
    }
}

#[tokio::test]
async fn only_the_newest_revision_is_uploaded_and_only_the_older_copy_goes() {
    let desk = Desk::new().await;
    let id = desk.draft().await;
    let first = desk.save(id, "one").await;
    assert_eq!(desk.save(id, "one").await, first, "nothing changed");
    desk.upload(id, first, "one@x").await;
    let second = desk.save(id, "two").await;
    desk.upload(id, second, "two@x").await;
    assert_eq!(desk.waiting().await, ["upload two@x"]);
    desk.done(Some(5)).await;
    assert_eq!(desk.waiting().await, Vec::<String>::new());
    let row = desk.test.store.drafts().get(id).await.unwrap().unwrap();
    assert!(row.is_uploaded() && row.upload_id.is_none());
    let third = desk.save(id, "three").await;
    desk.upload(id, third, "three@x").await;
    // It was handed to the server when a fourth came.
    let begun = desk.test.store.operations().list(desk.account).await.unwrap()[0].id;
    desk.test.store.operations().mark_begun(begun).await.unwrap();
    let fourth = desk.save(id, "four").await;
    desk.upload(id, fourth, "four@x").await;
    assert_eq!(desk.waiting().await, ["upload three@x", "upload four@x"]);
    desk.done(Some(6)).await;
    assert_eq!(desk.waiting().await, ["upload four@x", "remove two@x"]);
    desk.done(None).await;
    assert_eq!(desk.waiting().await, ["remove two@x", "remove three@x"]);
}

#[tokio::test]
async fn save_that_comes_late_does_not_take_the_place_of_a_newer_text() {
    let desk = Desk::new().await;
    let id = desk.draft().await;
    let drafts = desk.test.store.drafts();
    let save = async |text: &str, text_revision| {
        let text = DraftText {
            text: text.into(),
            ..DraftText::default()
        };
        let change = drafts.save(id, desk.account, &text, text_revision, NOW).await;
        let row = drafts.get(id).await.unwrap().unwrap();
        (change.unwrap(), row.text.text, row.text_revision)
    };
    assert_eq!(save("a", Some(1)).await, (DraftChange::Done, "a".into(), 1));
    // The third text is the first again; the second comes after it.
    assert_eq!(save("a", Some(3)).await, (DraftChange::Done, "a".into(), 3));
    assert_eq!(save("ab", Some(2)).await, (DraftChange::Outdated, "a".into(), 3));
    assert_eq!(save("abc", Some(3)).await, (DraftChange::Done, "abc".into(), 3));
    assert_eq!(save("x", None).await, (DraftChange::Done, "x".into(), 4));
}

#[tokio::test]
async fn draft_discarded_while_it_is_uploaded_leaves_no_copy() {
    let desk = Desk::new().await;
    let id = desk.draft().await;
    let revision = desk.save(id, "one").await;
    desk.upload(id, revision, "one@x").await;
    let begun = desk.test.store.operations().list(desk.account).await.unwrap()[0].id;
    desk.test.store.operations().mark_begun(begun).await.unwrap();
    assert!(desk.test.store.drafts().discard(id, NOW).await.unwrap());
    assert_eq!(desk.waiting().await, ["upload one@x"]);
    desk.done(Some(5)).await;
    assert_eq!(desk.waiting().await, ["remove one@x"]);
    assert_eq!(desk.test.count("draft_files").await, 0);
}

#[tokio::test]
async fn draft_in_the_outbox_cannot_change_and_comes_back_whole() {
    let desk = Desk::new().await;
    let drafts = desk.test.store.drafts();
    let id = desk.draft().await;
    let revision = desk.save(id, "one").await;
    assert_eq!(
        drafts.send(id, revision - 1, &desk.entry(), NOW).await.unwrap(),
        None,
        "it was changed meanwhile"
    );
    let entry = desk.send(id).await;
    assert_eq!(drafts.list().await.unwrap(), []);
    let refused = DraftChange::InOutbox(entry);
    let text = DraftText::default();
    assert_eq!(
        drafts.save(id, desk.account, &text, None, NOW).await.unwrap(),
        refused
    );
    let file = drafts.files(id).await.unwrap()[0].id;
    assert_eq!(drafts.detach(id, file, NOW).await.unwrap(), refused);
    assert!(!drafts.discard(id, NOW).await.unwrap());
    assert_eq!(
        drafts.take_back(entry, None, NOW).await.unwrap(),
        TakeBack::Draft(id)
    );
    assert_eq!(desk.test.store.outbox().list(desk.account).await.unwrap(), []);
    let row = drafts.get(id).await.unwrap().unwrap();
    assert_eq!((row.revision, row.text.text.as_str()), (revision, "one"));
    // On its way it does not.
    let entry = desk.send(id).await;
    assert!(desk.test.store.outbox().begin_sending(entry, NOW).await.unwrap());
    assert!(matches!(
        drafts.take_back(entry, None, NOW).await.unwrap(),
        TakeBack::OnItsWay(_)
    ));
    assert_eq!(drafts.unsettled(desk.account).await.unwrap(), []);
    assert!(desk.test.store.outbox().mark_sent(entry, NOW).await.unwrap());
    assert_eq!(drafts.unsettled(desk.account).await.unwrap(), [entry]);
    drafts.settle(entry, NOW).await.unwrap();
    drafts.settle(entry, NOW).await.unwrap();
    assert_eq!(drafts.get(id).await.unwrap(), None);
    assert_eq!(drafts.unsettled(desk.account).await.unwrap(), []);
    assert_eq!(
        drafts.take_back(OutboxId(99), None, NOW).await.unwrap(),
        TakeBack::Missing
    );
}

#[tokio::test]
async fn draft_comes_back_from_a_removed_entry_only_when_nobody_knows_whether_it_was_sent() {
    let desk = Desk::new().await;
    let outbox = desk.test.store.outbox();
    let removed = async |id, entry| {
        assert!(outbox.discard(entry, NOW).await.unwrap());
        let left = desk.test.store.drafts().get(id).await.unwrap();
        left.map(|draft| draft.outbox_id)
    };
    let id = desk.draft().await;
    let entry = desk.send(id).await;
    assert!(outbox.begin_sending(entry, NOW).await.unwrap());
    assert!(outbox.mark_sent(entry, NOW).await.unwrap());
    assert_eq!(removed(id, entry).await, None, "sent, and not settled yet");
    let id = desk.draft().await;
    let entry = desk.send(id).await;
    assert!(outbox.begin_sending(entry, NOW).await.unwrap());
    assert_eq!(outbox.recover(desk.account).await.unwrap(), [entry]);
    assert_eq!(removed(id, entry).await, Some(None), "unknown");
    let id = desk.draft().await;
    let entry = desk.send(id).await;
    assert_eq!(removed(id, entry).await, None, "queued");
}

#[tokio::test]
async fn removed_account_takes_its_drafts_and_people_along() {
    let desk = Desk::new().await;
    let id = desk.draft().await;
    let revision = desk.save(id, "one").await;
    desk.upload(id, revision, "one@x").await;
    let other = desk.draft().await;
    desk.save(other, "two").await;
    desk.send(other).await;
    let people = vec![person("Ewa", "e@x.pl", true)];
    desk.test
        .store
        .people()
        .record(desk.account, NOW, people)
        .await
        .unwrap();
    desk.test.store.accounts().delete(desk.account).await.unwrap();
    for table in ["drafts", "draft_files", "people", "person_words", "outbox"] {
        assert_eq!(desk.test.count(table).await, 0, "{table}");
    }
    desk.test.assert_sound().await;
}

fn person(name: &str, address: &str, is_recipient: bool) -> Acquaintance {
    let mut words: Vec<String> = name.to_lowercase().split(' ').map(str::to_owned).collect();
    words.push(address.to_owned());
    Acquaintance {
        mailbox: Mailbox {
            name: name.into(),
            address: address.into(),
        },
        words,
        is_recipient,
        is_automatic: address.starts_with("no-reply"),
    }
}

#[tokio::test]
async fn people_written_to_often_and_lately_come_first() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let people = test.store.people();
    let day = 86_400;
    for (at, person) in [
        (0, person("Bob Wrote", "wrote@x.pl", false)),
        (0, person("Bob Program", "no-reply@x.pl", false)),
        (-400 * day, person("Bob Old", "old@x.pl", true)),
        (-401 * day, person("Bob Old", "old@x.pl", true)),
        (-402 * day, person("Bob Old", "old@x.pl", true)),
        (-2 * day, person("Bob Once", "once@x.pl", true)),
        (-3 * day, person("Bob Often", "often@x.pl", true)),
        (-4 * day, person("", "OFTEN@x.pl", true)),
    ] {
        people
            .record(account, NOW.plus_seconds(at), vec![person])
            .await
            .unwrap();
    }
    let found = async |words: &[&str], limit| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let rows = people.search(&words, limit).await.unwrap();
        rows.into_iter()
            .map(|row| row.address.split('@').next().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(found(&["bo"], 10).await, "often once old wrote no-reply");
    assert_eq!(found(&["bo"], 2).await, "often once");
    assert_eq!(found(&["bob", "on"], 10).await, "once");
    assert_eq!(found(&["o"], 10).await, "often once old");
    assert_eq!(found(&["bob", "x"], 10).await, "");
    assert_eq!(found(&[], 10).await, "");
}

#[tokio::test]
async fn arriving_mail_tells_whom_one_knows() {
    let desk = Desk::new().await;
    let inbox = desk
        .test
        .store
        .folders()
        .by_path(desk.account, "INBOX")
        .await
        .unwrap()
        .unwrap();
    let with = |n, from: &str, folder_people: Vec<Acquaintance>| {
        let mut message = message(n);
        message.from.address = from.to_owned();
        message.people = folder_people;
        message
    };
    let letter = vec![person("Ewa", "e@x.pl", false), person("Anna", "anna@x.pl", true)];
    let own = vec![
        person("Anna", "ANNA@x.pl", false),
        person("Jan", "jan@x.pl", true),
    ];
    let batch = vec![with(1, "e@x.pl", letter.clone()), with(2, "anna@x.pl", own)];
    desk.test.ingest(desk.account, inbox.id, batch.clone()).await;
    desk.test.ingest(desk.account, inbox.id, batch).await;
    desk.test
        .ingest(
            desk.account,
            desk.folder,
            vec![with(3, "x@x.pl", vec![person("Xenia", "x@x.pl", false)])],
        )
        .await;
    let people = desk.test.store.people();
    let all = people.search(&[String::new()], 10).await.unwrap();
    let addresses: Vec<&str> = all.iter().map(|row| row.address.as_str()).collect();
    assert_eq!(addresses, ["jan@x.pl", "e@x.pl"]);
}
