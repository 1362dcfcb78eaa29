//! From what the engine knows to the shapes on the wire.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use mailroom_engine::{
    AccountSummary, AttachmentInfo, BackupFile, Candidate, Cursor, Detection, Doctor, Engine, Event,
    EventStream, Exported, FolderOutcome, IdentityRow, Mended, MessageSummary, OperationKind, OperationRow,
    OutboxRow, ParsedMessage, Part, Probed, Proof, ProofResult, ReadMessage, Receipt, RegistrationSummary,
    Rest, Settings, Status, Storage, StoredError, SyncOutcome, ThreadSummary, UsedFolder, recipient_names,
};
use mailroom_model::{AccountId, EmailAddress, FolderId, FolderSelection, Mailbox, UnixMillis};
use serde::Serialize;

use crate::WireError;
use crate::dto::{
    AccountStatus, AccountStorage, AccountView, ArrivedView, AttachmentView, AuthOfferView, BackupView,
    CandidateView, DetectionView, DoctorCheck, DoctorReport, EventView, FolderReport, FolderSummary,
    IdentityView, MessageExported, MessageRow, MessageView, NoteView, OperationView, OutboxView, PartView,
    ProofView, RegistrationView, RemovalReceipt, RepairView, ServerProbed, SettingsView, StatusView,
    StepView, StorageView, SyncReport, TestReport, ThreadView,
};

/// The name under which a closed enum goes over the wire.
fn name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(serde_json::Value::Object(map)) => map
            .into_iter()
            .next()
            .map(|(key, value)| format!("{key}:{value}"))
            .unwrap_or_default(),
        _ => String::new(),
    }
}

pub(crate) fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn at(time: Option<UnixMillis>) -> Option<i64> {
    time.map(|time| time.0)
}

fn lines(mailboxes: &[Mailbox]) -> Vec<String> {
    mailboxes.iter().map(ToString::to_string).collect()
}

fn stored(error: &StoredError) -> WireError {
    WireError {
        code: error.code,
        fixer: error.code.fixer(),
        params: error.params.clone(),
        detail: String::new(),
    }
}

pub(crate) fn detection(detection: &Detection) -> DetectionView {
    DetectionView {
        address: detection.address.to_string(),
        candidates: detection.candidates.iter().map(candidate).collect(),
        requests: detection.requests,
        steps: detection
            .steps
            .iter()
            .map(|step| {
                let outcome = serde_json::to_value(&step.outcome).unwrap_or_default();
                let text = |field: &str| {
                    outcome
                        .get(field)
                        .and_then(|value| value.as_str())
                        .map(str::to_owned)
                };
                let outcome = text("outcome").unwrap_or_default();
                let detail = ["provider", "host", "code"].into_iter().find_map(text);
                StepView {
                    source: name(&step.source),
                    outcome,
                    detail,
                }
            })
            .collect(),
    }
}

fn candidate(candidate: &Candidate) -> CandidateView {
    CandidateView {
        provider: candidate.provider.as_ref().map(|provider| provider.id.clone()),
        name: candidate
            .provider
            .as_ref()
            .map(|provider| provider.name.clone())
            .or_else(|| candidate.name.clone()),
        source: name(&candidate.source),
        agreed: candidate.agreed.iter().map(name).collect(),
        confirmed: candidate.confirmed,
        imap: candidate.servers.imap.iter().map(ToString::to_string).collect(),
        smtp: candidate.servers.smtp.iter().map(ToString::to_string).collect(),
        username: match candidate.imap_login {
            Some(_) => "other".to_owned(),
            None => name(&candidate.servers.imap_username),
        },
        login: candidate.imap_login.clone(),
        auth: candidate
            .auth
            .iter()
            .map(|offer| AuthOfferView {
                method: name(&offer.method),
                service: offer.issuer.clone(),
                url: offer.app_password_url.clone(),
                unavailable: offer.unavailable.as_ref().map(name),
            })
            .collect(),
        notes: candidate
            .notes
            .iter()
            .map(|note| NoteView {
                code: name(&note.code),
                url: note.url.clone(),
            })
            .collect(),
    }
}

pub(crate) fn account(summary: AccountSummary) -> AccountView {
    let row = summary.row;
    let preferences = summary.preferences;
    let working = row.working.as_ref();
    AccountView {
        id: row.id.0,
        address: row.address.to_string(),
        provider: summary.provider_name,
        state: row.state.as_str().to_owned(),
        auth: working.map(|working| name(&working.auth)),
        imap: working.map(|working| working.imap.to_string()),
        smtp: working
            .and_then(|working| working.smtp.as_ref())
            .map(ToString::to_string),
        period: row.period.as_str().to_owned(),
        folders: match row.folders {
            FolderSelection::All => None,
            FolderSelection::Chosen(paths) => Some(paths),
        },
        messages: count(summary.messages),
        unread: count(summary.unread),
        received_at: at(row.last_received_at),
        error: row.last_error.as_ref().map(stored),
        name: if row.display_name.is_empty() {
            row.address.to_string()
        } else {
            row.display_name
        },
        identities: summary.identities.into_iter().map(identity).collect(),
        setup_done: preferences.setup_done,
        automatic: preferences.automatic,
        interval_min: preferences.interval_min,
        download_up_to_mb: preferences.download_up_to_mb,
        push: preferences.push,
        sending: preferences.sending,
        is_default: summary.is_default,
        notify: name(&preferences.notify),
    }
}

fn identity(row: IdentityRow) -> IdentityView {
    IdentityView {
        address: row.address.to_string(),
        name: row.name,
        is_default: row.is_default,
        signature: row.signature,
    }
}

/// The program's settings; `updates_changeable` when nobody else decides about updates.
pub(crate) fn settings(settings: &Settings, updates_changeable: bool) -> SettingsView {
    SettingsView {
        language: name(&settings.language),
        theme: name(&settings.theme),
        density: name(&settings.density),
        threads: settings.threads,
        close_to_tray: settings.close_to_tray,
        notify: name(&settings.notify),
        notify_content: settings.notify_content,
        single_keys: settings.single_keys,
        read_after_s: settings.read_after_s,
        undo_send_s: settings.undo_send_s,
        attachment_reminder: settings.attachment_reminder,
        plain_text: settings.plain_text,
        updates: settings.updates && updates_changeable,
        updates_changeable,
    }
}

pub(crate) fn storage(home: &Path, storage: Storage) -> StorageView {
    StorageView {
        home: home.display().to_string(),
        database_bytes: count(storage.database_bytes),
        index_bytes: count(storage.index_bytes),
        free_bytes: storage.free_bytes.map(count),
        accounts: storage
            .accounts
            .into_iter()
            .map(|(address, size)| AccountStorage {
                address,
                messages: count(size.messages),
                original_bytes: count(size.original_bytes),
                kept_bytes: count(size.kept_bytes),
            })
            .collect(),
    }
}

pub(crate) fn registration(summary: RegistrationSummary) -> RegistrationView {
    let row = summary.row;
    RegistrationView {
        id: row.id.0,
        label: row.label,
        service: row.issuer,
        client_id: row.client_id,
        tenant: row.tenant.unwrap_or_default(),
        has_secret: row.has_secret,
        accounts: summary.accounts,
    }
}

pub(crate) fn receipt(receipt: Receipt) -> RemovalReceipt {
    RemovalReceipt {
        address: receipt.address,
        messages: count(receipt.messages),
        bytes: count(receipt.bytes),
        revoked: receipt.revoked,
        revoke_error: receipt.revoke_fault.map(WireError::from_fault),
        secrets_removed: receipt.secrets_removed,
    }
}

pub(crate) fn folder(used: UsedFolder) -> FolderSummary {
    let folder = used.folder;
    FolderSummary {
        id: folder.id.0,
        path: folder.seen.path,
        delimiter: folder.seen.delimiter.map(String::from),
        role: folder.seen.role.map(|role| role.as_str().to_owned()),
        selectable: folder.seen.is_selectable,
        chosen: used.chosen,
        archives: used.archives,
        messages: count(folder.total),
        unread: count(folder.unread),
        synced_at: folder
            .cursor
            .as_ref()
            .filter(|cursor| cursor.is_complete)
            .map(|cursor| cursor.at.0),
        error: folder.error.as_ref().map(stored),
    }
}

fn proof(proof: Proof) -> ProofView {
    ProofView {
        proof: proof.kind.as_str().to_owned(),
        result: proof.result.as_str().to_owned(),
        tried: proof.tried,
        seen: proof.seen,
        took_ms: proof.took_ms,
        error: proof.fault.map(WireError::from_fault),
    }
}

pub(crate) fn probed(probed: &Probed) -> ServerProbed {
    ServerProbed {
        answers: true,
        error: None,
        auth: probed.auth.iter().map(name).collect(),
    }
}

pub(crate) fn test(address: &EmailAddress, proofs: Vec<Proof>) -> TestReport {
    TestReport {
        address: address.to_string(),
        passed: proofs.iter().all(|proof| proof.result != ProofResult::Failed),
        proofs: proofs.into_iter().map(proof).collect(),
    }
}

fn folder_report(outcome: FolderOutcome) -> FolderReport {
    FolderReport {
        path: outcome.path,
        added: count(outcome.added),
        changed: count(outcome.changed),
        removed: count(outcome.removed),
        error: outcome.fault.map(WireError::from_fault),
    }
}

pub(crate) fn sync(outcome: SyncOutcome) -> SyncReport {
    let sum = |value: fn(&FolderOutcome) -> u64| count(outcome.folders.iter().map(value).sum());
    SyncReport {
        added: sum(|folder| folder.added),
        changed: sum(|folder| folder.changed),
        removed: sum(|folder| folder.removed),
        bytes: sum(|folder| folder.bytes),
        operations: count(outcome.operations),
        sent: count(outcome.sent),
        address: outcome.address,
        folders: outcome.folders.into_iter().map(folder_report).collect(),
        error: outcome.fault.map(WireError::from_fault),
    }
}

pub(crate) fn parsed(message: ParsedMessage) -> MessageView {
    let headers = &message.headers;
    MessageView {
        row: None,
        folders: Vec::new(),
        headers: message.raw_headers.clone(),
        subject: headers.subject.clone(),
        from: lines(&headers.from),
        to: lines(&headers.to),
        cc: lines(&headers.cc),
        reply_to: lines(&headers.reply_to),
        date: at(headers.date),
        message_id: headers.message_id.clone(),
        remote: message
            .html
            .as_ref()
            .map(|html| html.remote.iter().map(|remote| remote.url.clone()).collect())
            .unwrap_or_default(),
        html: message.html.map(|html| html.html),
        attachments: message.attachments.into_iter().map(attachment).collect(),
        structure: Some(part(&message.structure)),
        defects: message
            .defects
            .iter()
            .map(|defect| defect.as_str().to_owned())
            .collect(),
        text: message.text,
        header_only: false,
        partial: false,
        pictures_allowed: false,
    }
}

fn attachment(attachment: AttachmentInfo) -> AttachmentView {
    AttachmentView {
        part: attachment.part,
        filename: attachment.filename,
        content_type: attachment.content_type,
        size: count(attachment.size),
        inline: attachment.inline,
        content_id: attachment.content_id,
        left: attachment.left,
    }
}

fn part(part: &Part) -> PartView {
    PartView {
        part: part.path.clone(),
        content_type: part.content_type.clone(),
        charset: part.charset.clone(),
        encoding: Some(part.encoding.clone()),
        filename: part.filename.clone(),
        size: count(part.size),
        children: part.children.iter().map(self::part).collect(),
    }
}

pub(crate) fn message(read: ReadMessage) -> MessageView {
    let row = read.row;
    let flags = row
        .places
        .first()
        .map(|place| place.flags.to_imap())
        .unwrap_or_default();
    let row = MessageRow {
        id: row.id.0,
        account: read.account,
        folder: read.folders.first().cloned().unwrap_or_default(),
        thread_id: row.thread_id.0,
        subject: row.subject,
        from_name: row.from.name,
        from_address: row.from.address,
        to: recipient_names(&row.to_line),
        sent_at: at(row.sent_at),
        received_at: row.received_at.0,
        flags,
        size: count(row.size),
        preview: row.preview,
        thread: None,
        attachments: row.attachment_count,
    };
    MessageView {
        row: Some(row),
        folders: read.folders,
        header_only: read.header_only,
        partial: read.is_partial,
        pictures_allowed: read.pictures_allowed,
        ..parsed(read.parsed)
    }
}

pub(crate) fn exported(exported: Exported, encode: impl Fn(&[u8]) -> String) -> MessageExported {
    match exported {
        Exported::File { path, bytes } => MessageExported {
            path: Some(path.display().to_string()),
            base64: None,
            bytes: count(bytes),
        },
        Exported::Bytes(bytes) => MessageExported {
            path: None,
            base64: Some(encode(&bytes)),
            bytes: count(bytes.len() as u64),
        },
    }
}

pub(crate) async fn status(engine: &Engine, status: Status) -> Result<StatusView, WireError> {
    let mut names = Names::new(engine);
    let mut accounts = Vec::new();
    for one in status.accounts {
        let mut operations = Vec::new();
        for (row, folder) in one.operations {
            operations.push(names.operation(row, folder).await?);
        }
        let mut outbox = Vec::new();
        for row in one.outbox {
            outbox.push(names.outbox(row).await?);
        }
        let sent_at = at(one.summary.row.last_sent_at);
        accounts.push(AccountStatus {
            account: account(one.summary),
            sent_at,
            operations,
            outbox,
        });
    }
    Ok(StatusView {
        accounts,
        store_bytes: count(status.store_bytes),
        store_unsound: status.store_unsound,
    })
}

fn repair(mended: Mended) -> RepairView {
    let (what, number, path) = match mended {
        Mended::Rebuilt {
            set_aside,
            from_file,
            from_backup,
        } => ("rebuilt", from_file + from_backup, Some(set_aside)),
        Mended::Bodies(number) => ("bodies", number, None),
        Mended::LostBodies(number) => ("lost_bodies", number, None),
        Mended::WaitingBodies(number) => ("waiting_bodies", number, None),
        Mended::Rows(number) => ("rows", number, None),
    };
    RepairView {
        what: what.to_owned(),
        count: count(number),
        path: path.map(|path| path.display().to_string()),
    }
}

pub(crate) fn backup(file: &BackupFile) -> BackupView {
    BackupView {
        path: file.path.display().to_string(),
        at: file.at.0,
        bytes: count(file.bytes),
    }
}

pub(crate) fn doctor(doctor: Doctor, mended: Vec<Mended>) -> DoctorReport {
    DoctorReport {
        repairs: mended.into_iter().map(repair).collect(),
        version: doctor.version.to_owned(),
        platform: doctor.platform,
        home: doctor.home,
        checks: doctor
            .checks
            .into_iter()
            .map(|check| DoctorCheck {
                check: check.name.to_owned(),
                passed: check.fault.is_none(),
                seen: check.seen,
                error: check.fault.map(WireError::from_fault),
            })
            .collect(),
    }
}

/// A page's end as text.
pub(crate) fn write_cursor(cursor: Cursor) -> String {
    serde_json::to_string(&cursor).unwrap_or_default()
}

/// The opposite of [`write_cursor`].
pub(crate) fn read_cursor(text: &str) -> Result<Cursor, WireError> {
    serde_json::from_str(text).map_err(|error| WireError::input("cursor", error.to_string()))
}

/// Names of accounts and folders, asked once each.
pub(crate) struct Names<'a> {
    engine: &'a Engine,
    accounts: HashMap<AccountId, String>,
    folders: HashMap<FolderId, String>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(engine: &'a Engine) -> Self {
        Self {
            engine,
            accounts: HashMap::new(),
            folders: HashMap::new(),
        }
    }

    async fn account(&mut self, id: AccountId) -> Result<String, WireError> {
        if let Some(name) = self.accounts.get(&id) {
            return Ok(name.clone());
        }
        let name = self.engine.account_name(id).await?;
        self.accounts.insert(id, name.clone());
        Ok(name)
    }

    async fn folder(&mut self, id: FolderId) -> Result<String, WireError> {
        if let Some(name) = self.folders.get(&id) {
            return Ok(name.clone());
        }
        let name = self.engine.folder_name(id).await?;
        self.folders.insert(id, name.clone());
        Ok(name)
    }

    pub(crate) async fn row(&mut self, message: MessageSummary) -> Result<MessageRow, WireError> {
        Ok(MessageRow {
            id: message.id.0,
            account: self.account(message.account_id).await?,
            folder: self.folder(message.folder_id).await?,
            thread_id: message.thread_id.0,
            subject: message.subject,
            from_name: message.from.name,
            from_address: message.from.address,
            to: recipient_names(&message.to_line),
            sent_at: at(message.sent_at),
            received_at: message.received_at.0,
            flags: message.flags.to_imap(),
            size: count(message.size),
            preview: message.preview,
            attachments: message.attachment_count,
            thread: None,
        })
    }

    pub(crate) async fn thread(&mut self, thread: ThreadSummary) -> Result<MessageRow, WireError> {
        let view = ThreadView {
            messages: thread.messages,
            unread: thread.unread,
            senders: thread.senders,
            recipients: thread.recipients,
            ids: thread.ids.into_iter().map(|id| id.0).collect(),
        };
        Ok(MessageRow {
            thread: Some(view),
            ..self.row(thread.newest).await?
        })
    }

    pub(crate) async fn outbox(&mut self, row: OutboxRow) -> Result<OutboxView, WireError> {
        Ok(OutboxView {
            id: row.id.0,
            account: self.account(row.account_id).await?,
            state: row.state.as_str().to_owned(),
            subject: row.subject,
            to: row.envelope_to,
            message_id: row.rfc_message_id,
            attempts: row.attempts,
            next_at: (row.state == mailroom_engine::OutboxState::Queued).then_some(row.send_after.0),
            left_over: self.engine.is_left_over(row.id),
            error: row.last_error.as_ref().map(stored),
        })
    }

    pub(crate) async fn operation(
        &mut self,
        row: OperationRow,
        folder: String,
    ) -> Result<OperationView, WireError> {
        let (kind, messages) = match &row.kind {
            OperationKind::SetFlags { uids, .. } => ("flags", uids.len()),
            OperationKind::Move { uids, .. } => ("move", uids.len()),
            OperationKind::Copy { uids, .. } => ("copy", uids.len()),
            OperationKind::Delete { uids } => ("delete", uids.len()),
            OperationKind::Append { .. }
            | OperationKind::Import { .. }
            | OperationKind::UploadDraft { .. } => ("append", 1),
            OperationKind::RemoveCopy { .. } => ("delete", 1),
        };
        Ok(OperationView {
            id: row.id.0,
            account: self.account(row.account_id).await?,
            folder,
            kind: kind.to_owned(),
            messages: u32::try_from(messages).unwrap_or(u32::MAX),
            state: row.state.as_str().to_owned(),
            attempts: row.attempts,
            error: row.last_error.as_ref().map(stored),
        })
    }
}

/// Where events come out, in the shapes of the wire.
#[derive(Debug)]
pub struct EventReceiver(EventStream);

/// Listens to what happens from now on.
pub fn subscribe(engine: &Engine) -> EventReceiver {
    EventReceiver(engine.subscribe())
}

impl EventReceiver {
    /// The next event; `None` when the engine is gone.
    pub async fn next(&mut self) -> Option<EventView> {
        let event = self.0.next().await?;
        Some(event_view(&event))
    }
}

fn event_view(event: &Arc<Event>) -> EventView {
    match Event::clone(event) {
        Event::SignInOpened { address, url } => EventView::SigninOpened { address, url },
        Event::ProofEnded { address, proof } => EventView::ProofEnded {
            address,
            proof: self::proof(proof),
        },
        Event::AccountChanged { address } => EventView::AccountChanged { address },
        Event::SyncStarted { address } => EventView::SyncStarted { address },
        Event::DownloadProgressed {
            id,
            part,
            bytes,
            bytes_total,
        } => EventView::DownloadProgressed {
            id: id.0,
            part,
            bytes: count(bytes),
            bytes_total: count(bytes_total),
        },
        Event::SyncProgressed {
            address,
            folder,
            progress,
        } => EventView::SyncProgressed {
            address,
            folder,
            messages: count(progress.messages),
            messages_total: count(progress.messages_total),
            bytes: count(progress.bytes),
            bytes_total: count(progress.bytes_total),
        },
        Event::InboxReadied { address, messages } => EventView::InboxReadied {
            address,
            messages: count(messages),
        },
        Event::FolderSynced { address, outcome } => EventView::FolderSynced {
            address,
            folder: outcome.path,
            added: count(outcome.added),
            changed: count(outcome.changed),
            removed: count(outcome.removed),
            error: outcome.fault.map(WireError::from_fault),
        },
        Event::SyncEnded { address, fault } => EventView::SyncEnded {
            address,
            error: fault.map(WireError::from_fault),
        },
        Event::WatchRested { address, rest } => EventView::WatchRested {
            address,
            by: match rest {
                Rest::Push => "push",
                Rest::Poll => "poll",
                Rest::Manual => "manual",
            }
            .to_owned(),
        },
        Event::SettingsChanged => EventView::SettingsChanged {},
        Event::OutboxChanged { address, id, state } => EventView::OutboxChanged {
            address,
            id: id.0,
            state,
        },
        Event::MessagesArrived {
            address,
            folder,
            role,
            messages,
            count: how_many,
        } => EventView::MessagesArrived {
            address,
            folder,
            role: role.map(|role| role.as_str().to_owned()),
            messages: messages
                .into_iter()
                .map(|arrived| ArrivedView {
                    id: arrived.id.0,
                    from: if arrived.from.name.trim().is_empty() {
                        arrived.from.address
                    } else {
                        arrived.from.name
                    },
                    subject: arrived.subject,
                })
                .collect(),
            count: count(how_many),
        },
        Event::TransferProgressed { address, transfer } => EventView::TransferProgressed {
            address,
            folder: transfer.folder,
            messages: count(transfer.messages),
            messages_total: count(transfer.messages_total),
            bytes: count(transfer.bytes),
            bytes_total: count(transfer.bytes_total),
        },
        Event::OperationsChanged { address } => EventView::OperationsChanged { address },
    }
}
