//! From payloads to calls of the engine, and back: one function per command.

mod archive;
mod compose;
mod desk;
mod folders;
mod leaving;
mod pages;
mod proof;
mod settings;

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailroom_engine::{
    AccountChange, Asking, EngineError, FolderChoice, JOURNAL_ENTRIES, Letter, Naming, Shown, until,
};
use mailroom_model::{
    EmailAddress, Endpoint, EnteredAccount, EnteredAuth, FlagChange, FolderSelection, MessageId,
    OperationId as OpId, OutboxId as OutId, Period,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::WireError;
use crate::command::Context;
use crate::dto::{
    AccountAdd, AccountAddress, AccountDetect, AccountSignIn, AccountUpdate, AccountView, BackupRestore,
    BackupRestored, BackupView, DetectionView, DoctorReport, DoctorRun, EnteredSignIn, FolderList,
    FolderSummary, JournalGet, JournalView, MessageDelete, MessageExport, MessageExported, MessageInspect,
    MessageList, MessageMark, MessageMove, MessagePage, MessageSearch, MessageSend, MessageShow, MessageView,
    Nothing, OperationId, OperationView, OutboxId, OutboxView, SearchPage, SignInAnswer, StatusView,
    SyncReport, SyncRun, Undoable,
};
use crate::view::{self, Names};

pub(crate) use archive::*;
pub(crate) use compose::*;
pub(crate) use desk::*;
pub(crate) use folders::*;
pub(crate) use leaving::*;
pub(crate) use pages::*;
pub(crate) use proof::*;
pub(crate) use settings::*;

type Reply<T> = Result<T, WireError>;

/// Rows of a list when nobody says how many.
const PAGE: u32 = 50;
/// Rows of a list at most.
const LONGEST_PAGE: u32 = 1000;

pub(crate) async fn account_detect(context: &Context, payload: AccountDetect) -> Reply<DetectionView> {
    let detection = context
        .engine
        .detect(&address(&payload.address)?, asking(&payload))
        .await?;
    Ok(view::detection(&detection))
}

fn asking(payload: &AccountDetect) -> Asking {
    match (payload.offline, payload.allow_http) {
        (true, _) => Asking::Nobody,
        (false, false) => Asking::Encrypted,
        (false, true) => Asking::Unencrypted,
    }
}

pub(crate) async fn account_add(context: &Context, payload: AccountAdd) -> Reply<AccountView> {
    let entered = entered_account(payload)?;
    Ok(view::account(
        context.engine.add_account(&entered, &context.cancel).await?,
    ))
}

fn entered_account(payload: AccountAdd) -> Reply<EnteredAccount> {
    Ok(EnteredAccount {
        address: address(&payload.address)?,
        imap: payload
            .imap
            .as_deref()
            .map(|text| endpoint("imap", text))
            .transpose()?,
        smtp: payload
            .smtp
            .as_deref()
            .map(|text| endpoint("smtp", text))
            .transpose()?,
        approved_servers: payload.approved_servers,
        trusted_certificates: payload
            .certificates
            .iter()
            .map(view::trusted)
            .collect::<Reply<_>>()?,
        username: payload.username,
        auth: sign_in(payload.sign_in)?,
        period: payload
            .period
            .as_deref()
            .map(period)
            .transpose()?
            .unwrap_or_default(),
        folders: selection(payload.folders),
        setup_done: payload.setup_done,
    })
}

pub(crate) async fn account_signin(context: &Context, payload: AccountSignIn) -> Reply<AccountView> {
    let auth = sign_in(payload.sign_in)?;
    Ok(view::account(
        context
            .engine
            .sign_in_again(&address(&payload.address)?, &auth, &context.cancel)
            .await?,
    ))
}

pub(crate) async fn signin_answer(context: &Context, payload: SignInAnswer) -> Reply<Nothing> {
    context.engine.answer_sign_in(&payload.text.into_secret())?;
    Ok(Nothing {})
}

// A command is a future, although this one has nothing to wait for.
pub(crate) async fn signin_cancel(context: &Context, payload: AccountAddress) -> Reply<Nothing> {
    context.engine.cancel_sign_in(&address(&payload.address)?);
    Ok(Nothing {})
}

pub(crate) async fn account_list(context: &Context, _: Nothing) -> Reply<Vec<AccountView>> {
    Ok(context
        .engine
        .account_summaries()
        .await?
        .into_iter()
        .map(view::account)
        .collect())
}

pub(crate) async fn account_update(context: &Context, payload: AccountUpdate) -> Reply<AccountView> {
    let change = AccountChange {
        period: payload.period.as_deref().map(period).transpose()?,
        folders: payload.folders.map(selection),
        name: payload.name,
        setup_done: payload.setup_done,
        automatic: payload.automatic,
        interval_min: payload.interval_min,
        download_up_to_mb: payload.download_up_to_mb,
        push: payload.push,
        sending: payload.sending,
        is_default: payload.is_default,
        notify: choice("notify", payload.notify)?,
    };
    Ok(view::account(
        context
            .engine
            .update_account(&address(&payload.address)?, &change)
            .await?,
    ))
}

pub(crate) async fn sync_run(context: &Context, payload: SyncRun) -> Reply<Vec<SyncReport>> {
    let address = payload.address.as_deref().map(address).transpose()?;
    let outcomes = context.engine.sync(address.as_ref(), &context.cancel).await?;
    Ok(outcomes.into_iter().map(view::sync).collect())
}

pub(crate) async fn sync_watch(context: &Context, payload: SyncRun) -> Reply<Nothing> {
    let address = payload.address.as_deref().map(address).transpose()?;
    context.engine.watch(address.as_ref(), &context.cancel).await?;
    Ok(Nothing {})
}

pub(crate) async fn folder_list(context: &Context, payload: FolderList) -> Reply<Vec<FolderSummary>> {
    let folders = context
        .engine
        .folders(&address(&payload.address)?, payload.refresh)
        .await?;
    Ok(folders.into_iter().map(view::folder).collect())
}

pub(crate) async fn message_list(context: &Context, payload: MessageList) -> Reply<MessagePage> {
    let choice = FolderChoice {
        account: payload.address.as_deref().map(address).transpose()?,
        folder: payload.folder,
    };
    let before = payload.cursor.as_deref().map(view::read_cursor).transpose()?;
    let limit = limit(payload.limit)?;
    let mut names = Names::new(&context.engine);
    let mut rows = Vec::new();
    let next = if payload.threads {
        let (threads, next) = context.engine.list_threads(&choice, limit, before).await?;
        for thread in threads {
            rows.push(names.thread(thread).await?);
        }
        next
    } else {
        let (messages, next) = context.engine.list_messages(&choice, limit, before).await?;
        for message in messages {
            rows.push(names.row(message).await?);
        }
        next
    };
    Ok(MessagePage {
        messages: rows,
        cursor: next.map(view::write_cursor),
    })
}

pub(crate) async fn message_search(context: &Context, payload: MessageSearch) -> Reply<SearchPage> {
    let account = payload.address.as_deref().map(address).transpose()?;
    let (messages, complete) = context
        .engine
        .search_messages(&payload.query, account.as_ref(), limit(payload.limit)?)
        .await?;
    let mut names = Names::new(&context.engine);
    let mut rows = Vec::with_capacity(messages.len());
    for message in messages {
        rows.push(names.row(message).await?);
    }
    Ok(SearchPage {
        messages: rows,
        complete,
    })
}

pub(crate) async fn message_show(context: &Context, payload: MessageShow) -> Reply<MessageView> {
    Ok(view::message(
        context.engine.read_message(MessageId(payload.id)).await?,
    ))
}

pub(crate) async fn message_inspect(context: &Context, payload: MessageInspect) -> Reply<MessageView> {
    Ok(view::parsed(
        context.engine.inspect(Path::new(&payload.path)).await?,
    ))
}

pub(crate) async fn message_export(context: &Context, payload: MessageExport) -> Reply<MessageExported> {
    let path = payload.path.as_deref().map(Path::new);
    let exporting = context
        .engine
        .export(MessageId(payload.id), payload.part.as_deref(), path);
    // Boxed: it may hold a whole conversation with a server and is large; so below.
    let exported = until(&context.cancel, Box::pin(exporting)).await?;
    Ok(view::exported(exported, |bytes| STANDARD.encode(bytes)))
}

pub(crate) async fn message_download(context: &Context, payload: MessageShow) -> Reply<Nothing> {
    let downloading = context.engine.download(MessageId(payload.id));
    until(&context.cancel, Box::pin(downloading)).await?;
    Ok(Nothing {})
}

pub(crate) async fn download_cancel(context: &Context, payload: MessageShow) -> Reply<Nothing> {
    context.engine.cancel_download(MessageId(payload.id));
    Ok(Nothing {})
}

pub(crate) async fn message_mark(context: &Context, payload: MessageMark) -> Reply<Undoable> {
    let change = FlagChange {
        add: payload.add,
        remove: payload.remove,
    };
    let undo = context.engine.mark(&ids(&payload.ids), &change).await?;
    Ok(Undoable { undo })
}

pub(crate) async fn message_move(context: &Context, payload: MessageMove) -> Reply<Undoable> {
    let undo = context
        .engine
        .move_to(&shown(&payload.ids, payload.from), &payload.folder)
        .await?;
    Ok(Undoable { undo })
}

pub(crate) async fn message_copy(context: &Context, payload: MessageMove) -> Reply<Undoable> {
    let undo = context
        .engine
        .copy_to(&shown(&payload.ids, payload.from), &payload.folder)
        .await?;
    Ok(Undoable { undo })
}

pub(crate) async fn message_delete(context: &Context, payload: MessageDelete) -> Reply<Undoable> {
    let undo = context.engine.delete(&shown(&payload.ids, payload.from)).await?;
    Ok(Undoable { undo })
}

pub(crate) async fn message_send(context: &Context, payload: MessageSend) -> Reply<OutboxView> {
    let letter = Letter {
        from: payload.from,
        to: payload.to,
        cc: payload.cc,
        bcc: payload.bcc,
        subject: payload.subject,
        text: payload.text,
        html: payload.html,
        attachments: payload.attachments.into_iter().map(Into::into).collect(),
        reply_to: payload.reply_to.map(MessageId),
    };
    let row = context.engine.send(&letter).await?;
    Names::new(&context.engine).outbox(row).await
}

pub(crate) async fn outbox_list(context: &Context, _: Nothing) -> Reply<Vec<OutboxView>> {
    let mut names = Names::new(&context.engine);
    let mut views = Vec::new();
    for row in context.engine.waiting_outbox(None).await? {
        views.push(names.outbox(row).await?);
    }
    Ok(views)
}

pub(crate) async fn outbox_retry(context: &Context, payload: OutboxId) -> Reply<OutboxView> {
    let row = context.engine.retry_outbox(OutId(payload.id)).await?;
    Names::new(&context.engine).outbox(row).await
}

pub(crate) async fn outbox_discard(context: &Context, payload: OutboxId) -> Reply<Nothing> {
    context.engine.discard_outbox(OutId(payload.id)).await?;
    Ok(Nothing {})
}

pub(crate) async fn operation_list(context: &Context, _: Nothing) -> Reply<Vec<OperationView>> {
    let mut names = Names::new(&context.engine);
    let mut views = Vec::new();
    for waiting in context.engine.waiting_operations(None, Naming::Subjects).await? {
        views.push(names.operation(waiting).await?);
    }
    Ok(views)
}

pub(crate) async fn operation_push(context: &Context, payload: SyncRun) -> Reply<Nothing> {
    let address = payload.address.as_deref().map(address).transpose()?;
    // Boxed: the future holds the work on a mailbox and is large.
    let pushing = Box::pin(context.engine.push_changes(address.as_ref()));
    until(&context.cancel, pushing).await?;
    Ok(Nothing {})
}

pub(crate) async fn operation_discard(context: &Context, payload: OperationId) -> Reply<Nothing> {
    context.engine.discard_operation(OpId(payload.id)).await?;
    Ok(Nothing {})
}

pub(crate) async fn status_get(context: &Context, _: Nothing) -> Reply<StatusView> {
    let status = context.engine.status().await?;
    view::status(&context.engine, status).await
}

pub(crate) async fn journal_get(context: &Context, payload: JournalGet) -> Reply<Vec<JournalView>> {
    let address = payload.address.as_deref().map(address).transpose()?;
    let limit = payload.limit.unwrap_or(JOURNAL_ENTRIES).min(JOURNAL_ENTRIES);
    let journals = context.engine.journals(address.as_ref(), limit).await?;
    Ok(journals.into_iter().map(view::journal).collect())
}

pub(crate) async fn restored_seen(context: &Context, _: Nothing) -> Reply<Nothing> {
    context.engine.forget_restored().await?;
    Ok(Nothing {})
}

pub(crate) async fn doctor_run(context: &Context, payload: DoctorRun) -> Reply<DoctorReport> {
    let mended = if payload.repair {
        // Boxed: the future holds sessions and is large.
        until(&context.cancel, Box::pin(context.engine.repair()))
            .await?
            .mended
    } else {
        Vec::new()
    };
    Ok(view::doctor(context.engine.doctor().await, mended))
}

pub(crate) async fn backup_list(context: &Context, _: Nothing) -> Reply<Vec<BackupView>> {
    Ok(context.engine.backups().await?.iter().map(view::backup).collect())
}

pub(crate) async fn backup_write(context: &Context, _: Nothing) -> Reply<BackupView> {
    Ok(view::backup(&context.engine.back_up().await?))
}

pub(crate) async fn backup_restore(context: &Context, payload: BackupRestore) -> Reply<BackupRestored> {
    let restored = context.engine.restore_backup(Path::new(&payload.path)).await?;
    Ok(BackupRestored {
        rows: view::count(restored.rows),
        set_aside: restored.set_aside.map(|path| path.display().to_string()),
    })
}

fn address(text: &str) -> Reply<EmailAddress> {
    text.parse().map_err(|source| {
        EngineError::Address {
            text: text.to_owned(),
            source,
        }
        .into()
    })
}

fn endpoint(field: &'static str, text: &str) -> Reply<Endpoint> {
    text.parse().map_err(|source| {
        EngineError::Endpoint {
            field,
            text: text.to_owned(),
            source,
        }
        .into()
    })
}

fn period(text: &str) -> Reply<Period> {
    text.parse()
        .map_err(|()| WireError::input("period", format!("{text:?} is not a period")))
}

/// One of a closed set of names.
fn choice<T: DeserializeOwned>(field: &str, name: Option<String>) -> Reply<Option<T>> {
    name.map(|name| {
        serde_json::from_value(Value::String(name.clone()))
            .map_err(|_| WireError::input(field, format!("{name:?} is not one of the choices")))
    })
    .transpose()
}

fn limit(limit: Option<u32>) -> Reply<u32> {
    match limit {
        None => Ok(PAGE),
        Some(limit @ 1..=LONGEST_PAGE) => Ok(limit),
        Some(limit) => Err(WireError::input(
            "limit",
            format!("{limit} is not between 1 and {LONGEST_PAGE}"),
        )),
    }
}

fn ids(ids: &[i64]) -> Vec<MessageId> {
    ids.iter().copied().map(MessageId).collect()
}

/// Messages, and the folders in which they are seen.
fn shown(all: &[i64], from: BTreeMap<String, Vec<i64>>) -> Shown {
    let in_folder = |(folder, seen): (String, Vec<i64>)| {
        let seen = seen.into_iter().map(MessageId);
        seen.map(move |id| (id, folder.clone()))
    };
    Shown {
        ids: ids(all),
        folders: from.into_iter().flat_map(in_folder).collect(),
    }
}

fn selection(folders: Vec<String>) -> FolderSelection {
    if folders.is_empty() {
        FolderSelection::All
    } else {
        FolderSelection::Chosen(folders)
    }
}

fn sign_in(entered: EnteredSignIn) -> Reply<EnteredAuth> {
    Ok(match entered {
        EnteredSignIn::Password { password } => EnteredAuth::Password(password.into_secret()),
        EnteredSignIn::Oauth {
            issuer,
            client_id,
            client_secret,
            tenant,
            sign_in_as,
        } => EnteredAuth::Oauth {
            sign_in_as: sign_in_as.as_deref().map(address).transpose()?,
            issuer,
            client_id,
            client_secret: client_secret.map(crate::dto::SecretText::into_secret),
            tenant,
        },
    })
}
