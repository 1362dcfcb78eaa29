//! From what the engine knows to the shapes on the wire.

mod leaving;
mod status;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use mailroom_engine::{
    AccountSummary, AttachmentInfo, AuthOffer, BackupFile, Candidate, Cursor, Detection, Engine, Event,
    EventStream, Exported, FolderOutcome, IdentityRow, MessageSummary, OperationKind, OutboxRow,
    ParsedMessage, Part, Probed, ReadMessage, RegistrationSummary, Rest, Settings, Step, Storage,
    StoredError, SyncOutcome, ThreadSummary, Traffic, UsedFolder, WaitingOperation, approval_of,
    is_signed_out, recipient_names, signed_in_as,
};
use mailroom_model::{AccountId, AccountState, FolderId, FolderSelection, Mailbox, UnixMillis};
use serde::Serialize;

pub(crate) use self::leaving::{receipt, removal_preview};
pub(crate) use self::status::{doctor, journal, status};
use crate::WireError;
use crate::dto::{
    AccountStorage, AccountView, ArrivedView, AttachmentView, AuthOfferView, BackupView, CandidateView,
    DetectionView, EventView, FolderReport, FolderSummary, IdentityView, MessageExported, MessageRow,
    MessageView, NoteView, OperationView, OutboxView, PartView, RegistrationView, ServerProbed, SettingsView,
    StepView, StorageView, SyncReport, ThreadView,
};

mod proof;

pub(crate) use proof::{certificate, domain, domain_knowledge, test, trusted};

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
        steps: detection.steps.iter().map(step).collect(),
    }
}

fn step(step: &Step) -> StepView {
    let outcome = serde_json::to_value(&step.outcome).unwrap_or_default();
    let text = |field: &str| {
        outcome
            .get(field)
            .and_then(|value| value.as_str())
            .map(str::to_owned)
    };
    StepView {
        source: name(&step.source),
        detail: ["provider", "host", "code"].into_iter().find_map(text),
        outcome: text("outcome").unwrap_or_default(),
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
        auth: candidate.auth.iter().map(offer).collect(),
        notes: candidate
            .notes
            .iter()
            .map(|note| NoteView {
                code: name(&note.code),
                url: note.url.clone(),
            })
            .collect(),
        help: candidate.help.clone(),
        web: candidate.web.clone(),
    }
}

pub(crate) fn account(summary: AccountSummary) -> AccountView {
    let row = summary.row;
    let preferences = summary.preferences;
    let working = row.working.as_ref();
    let approval = approval_of(&row);
    let needs_sign_in = row.state == AccountState::SignInNeeded;
    AccountView {
        id: row.id.0,
        address: row.address.to_string(),
        provider: summary.provider_name,
        state: match &approval {
            // Once it was given, the account waits for its person.
            Some(approval) if needs_sign_in && approval.granted_at.is_none() => "waiting-approval",
            None if needs_sign_in && is_signed_out(&row) => "signed-out",
            _ => row.state.as_str(),
        }
        .to_owned(),
        signed_in_as: signed_in_as(&row),
        approval: approval.map(leaving::approval),
        auth: working.map(|working| name(&working.auth)),
        sign_ins: summary.sign_ins.iter().map(offer).collect(),
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
        received_at: at(summary.health.worked_at(Traffic::Receive)),
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
        condition: summary.health.condition.as_str().to_owned(),
        retry_at: at(summary.health.retry_at),
    }
}

fn offer(offer: &AuthOffer) -> AuthOfferView {
    AuthOfferView {
        method: name(&offer.method),
        service: offer.issuer.clone(),
        url: offer.app_password_url.clone(),
        unavailable: offer.unavailable.as_ref().map(name),
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

/// The program's settings; `updates_changeable` when nobody else decides about updates, `certificate_exceptions` when nobody
/// forbids them.
pub(crate) fn settings(
    settings: &Settings,
    updates_changeable: bool,
    certificate_exceptions: bool,
) -> SettingsView {
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
        certificate_exceptions,
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
        secret_ends_at: at(row.secret_ends_at),
        accounts: summary.accounts,
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
        changeable: used.changeable,
        takes_folders: used.takes_folders,
        cut_at: used.cut_at,
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

pub(crate) fn probed(probed: &Probed) -> ServerProbed {
    ServerProbed {
        answers: true,
        error: None,
        auth: probed.auth.iter().map(name).collect(),
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
        .shown()
        .first()
        .map(|(_, flags)| flags.to_imap())
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

pub(crate) fn backup(file: &BackupFile) -> BackupView {
    BackupView {
        path: file.path.display().to_string(),
        at: file.at.0,
        bytes: count(file.bytes),
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

    pub(crate) async fn operation(&mut self, waiting: WaitingOperation) -> Result<OperationView, WireError> {
        let row = waiting.row;
        let (kind, messages) = match &row.kind {
            OperationKind::SetFlags { uids, .. } => ("flags", uids.len()),
            OperationKind::Move { uids, .. } => ("move", uids.len()),
            OperationKind::Copy { uids, .. } => ("copy", uids.len()),
            OperationKind::Delete { uids } => ("delete", uids.len()),
            OperationKind::Append { .. } | OperationKind::Import { .. } => ("append", 1),
            OperationKind::UploadDraft { .. } => ("draft", 1),
            OperationKind::RemoveCopy { .. } => ("delete", 1),
        };
        Ok(OperationView {
            id: row.id.0,
            account: self.account(row.account_id).await?,
            folder: waiting.folder,
            to_folder: waiting.to_folder,
            subjects: waiting.subjects,
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

/// That the database was restored from a backup when this program opened it; `None` while it has not opened it, or cannot say.
pub async fn restored_now(engine: &Engine) -> Option<WireError> {
    engine
        .restored_now()
        .await
        .ok()
        .flatten()
        .map(WireError::from_fault)
}

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
        Event::DetectionStepped { address, step } => EventView::DetectionStepped {
            address,
            step: self::step(&step),
        },
        Event::ProofEnded { address, proof } => EventView::ProofEnded {
            address,
            proof: proof::proof(proof),
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
