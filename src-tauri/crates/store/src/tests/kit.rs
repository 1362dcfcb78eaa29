//! A store in a temporary folder, and rows to put into it.

use mailroom_model::{
    AccountId, AccountState, FolderId, FolderRole, FolderSelection, Mailbox, MessageFlags, Period, UnixMillis,
};
use sqlx::Row;

use crate::{
    CompressedBody, FolderSeen, IncomingMessage, Ingested, NewAccount, NewAttachment, SearchText, Store,
};

/// A moment to start from: 2026-01-01.
pub(super) const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

pub(super) struct TestStore {
    pub(super) store: Store,
    pub(super) folder: tempfile::TempDir,
}

impl TestStore {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("mail.db")).await.unwrap();
        Self { store, folder }
    }

    /// Closes the store and opens the same file again.
    pub(super) async fn reopen(self) -> Self {
        self.store.close().await;
        let store = Store::open(&self.folder.path().join("mail.db")).await.unwrap();
        Self {
            store,
            folder: self.folder,
        }
    }

    pub(super) async fn account(&self, address: &str) -> AccountId {
        self.store.accounts().insert(&new_account(address)).await.unwrap()
    }

    /// An account with the folders `INBOX`, `Archive` and `All`, in this order.
    pub(super) async fn account_with_folders(&self, address: &str) -> (AccountId, [FolderId; 3]) {
        let account = self.account(address).await;
        let seen = [
            seen("INBOX", Some(FolderRole::Inbox)),
            seen("Archive", Some(FolderRole::Archive)),
            seen("All", Some(FolderRole::All)),
        ];
        let changes = self.store.folders().sync_list(account, &seen, NOW).await.unwrap();
        (account, changes.added.try_into().unwrap())
    }

    pub(super) async fn ingest(
        &self,
        account: AccountId,
        folder: FolderId,
        batch: Vec<IncomingMessage>,
    ) -> Ingested {
        self.store
            .messages()
            .ingest(account, folder, batch)
            .await
            .unwrap()
    }

    /// How many rows there are in a table.
    pub(super) async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_one(self.store.reads())
            .await
            .unwrap()
            .get(0)
    }

    pub(super) async fn assert_sound(&self) {
        assert_eq!(
            self.store.integrity_check().await.unwrap(),
            crate::IntegrityReport::default()
        );
    }
}

pub(super) fn new_account(address: &str) -> NewAccount {
    NewAccount {
        address: address.parse().unwrap(),
        display_name: address.to_owned(),
        provider: None,
        state: AccountState::Unproved,
        working: None,
        period: Period::Quarter,
        folders: FolderSelection::All,
        registration_id: None,
        issuer: None,
        tenant: None,
        options: serde_json::json!({}),
        created_at: NOW,
    }
}

pub(super) fn seen(path: &str, role: Option<FolderRole>) -> FolderSeen {
    FolderSeen {
        wire_name: path.to_owned(),
        path: path.to_owned(),
        delimiter: Some('/'),
        role,
        is_selectable: true,
        is_subscribed: true,
        rights: None,
    }
}

/// The raw bytes of [`message`] number `n`.
pub(super) fn raw(n: u32) -> Vec<u8> {
    format!("Message-ID: <{n}@x.pl>\r\nSubject: number {n}\r\n\r\nText of number {n}.\r\n").into_bytes()
}

/// Message number `n`: UID `n`, one minute after the one before, nothing that joins it to others.
pub(super) fn message(n: u32) -> IncomingMessage {
    let raw = raw(n);
    IncomingMessage {
        uid: n,
        flags: MessageFlags::default(),
        modseq: None,
        internal_at: NOW.plus_seconds(i64::from(n) * 60),
        digest: *blake3::hash(&raw).as_bytes(),
        content_id: None,
        head_digest: None,
        is_whole: true,
        size: raw.len() as u64,
        body: Some(CompressedBody::compress(&raw).unwrap()),
        subject: format!("number {n}"),
        from: Mailbox {
            name: "Anna Nowak".into(),
            address: "anna@x.pl".into(),
        },
        to_line: "office@y.pl".into(),
        sent_at: Some(NOW),
        rfc_message_id: Some(format!("<{n}@x.pl>")),
        references: Vec::new(),
        base_subject: format!("number {n}"),
        has_reply_mark: false,
        preview: format!("Text of number {n}."),
        list_id: None,
        attachments: Vec::new(),
        search: Some(SearchText {
            subject: format!("number {n}"),
            sender: "anna nowak anna@x.pl".into(),
            recipients: String::new(),
            body: format!("text of number {n}"),
            files: String::new(),
        }),
        people: Vec::new(),
    }
}

pub(super) fn attachment(filename: &str) -> NewAttachment {
    NewAttachment {
        part: "2".into(),
        filename: filename.into(),
        content_type: "application/pdf".into(),
        size: 4096,
        content_id: None,
        is_inline: false,
    }
}

pub(super) fn flags(names: &[&str]) -> MessageFlags {
    MessageFlags::from_imap(names.iter().copied())
}
