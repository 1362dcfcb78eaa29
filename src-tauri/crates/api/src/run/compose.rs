//! Messages while they are written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailroom_engine::{
    DraftFileRow, DraftKind, DraftStart, DraftText, EngineError, FileToAttach, OpenDraft, until,
};
use mailroom_model::{DraftFileId, DraftId as Id, Mailbox, MessageId, OutboxId as OutId, UnixMillis};

use super::{Reply, limit};
use crate::WireError;
use crate::command::Context;
use crate::dto::{
    DraftAttach, DraftDetach, DraftFile, DraftFileBytes, DraftFileShow, DraftId, DraftOpen, DraftQuote,
    DraftRow, DraftSave, DraftSend, DraftView, Nothing, OutboxView, PeopleSearch, PersonView,
};
use crate::view::Names;

/// People of a list when nobody says how many.
const PEOPLE: u32 = 8;

pub(crate) async fn draft_open(context: &Context, payload: DraftOpen) -> Reply<DraftView> {
    let about = |kind, message| DraftStart::About(kind, MessageId(message));
    let start = match payload {
        DraftOpen::New { from, mailto } => DraftStart::New { from, mailto },
        DraftOpen::Reply { message } => about(DraftKind::Reply, message),
        DraftOpen::ReplyAll { message } => about(DraftKind::ReplyAll, message),
        DraftOpen::Forward { message } => about(DraftKind::Forward, message),
        DraftOpen::Message { message } => DraftStart::Message(MessageId(message)),
        DraftOpen::Outbox { id } => DraftStart::Outbox(OutId(id)),
        DraftOpen::Draft { id } => DraftStart::Draft(Id(id)),
    };
    Ok(view(context.engine.open_draft(&start).await?))
}

pub(crate) async fn draft_save(context: &Context, payload: DraftSave) -> Reply<DraftView> {
    let id = Id(payload.id);
    let text = DraftText {
        sender: payload.from,
        to: payload.to,
        cc: payload.cc,
        bcc: payload.bcc,
        subject: payload.subject,
        text: payload.text,
        html: payload.html,
    };
    let draft = context.engine.save_draft(id, &text, payload.revision).await?;
    if !payload.upload {
        return Ok(view(draft));
    }
    // Boxed: the future holds the work on a mailbox and is large.
    let uploading = Box::pin(context.engine.upload_draft(id));
    match until(&context.cancel, uploading).await {
        // Kept it is; the upload waits.
        Ok(()) | Err(EngineError::Cancelled) => Ok(view(context.engine.draft(id).await?)),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn draft_attach(context: &Context, payload: DraftAttach) -> Reply<DraftFile> {
    let bytes = STANDARD
        .decode(payload.base64)
        .map_err(|_| WireError::input("base64", "it is no base64"))?;
    let file = FileToAttach {
        filename: payload.filename,
        content_type: payload.content_type,
        is_inline: payload.inline,
        bytes,
    };
    Ok(file_view(context.engine.attach(Id(payload.id), file).await?))
}

pub(crate) async fn draft_detach(context: &Context, payload: DraftDetach) -> Reply<Nothing> {
    let file = DraftFileId(payload.file);
    context.engine.detach(Id(payload.id), file).await?;
    Ok(Nothing {})
}

pub(crate) async fn draft_file(context: &Context, payload: DraftFileShow) -> Reply<DraftFileBytes> {
    let file = DraftFileId(payload.file);
    let (file, bytes) = context.engine.draft_file(Id(payload.id), file).await?;
    Ok(DraftFileBytes {
        content_type: file.content_type,
        base64: STANDARD.encode(bytes),
    })
}

pub(crate) async fn draft_send(context: &Context, payload: DraftSend) -> Reply<OutboxView> {
    let not_before = payload.not_before.map(UnixMillis);
    let row = context.engine.send_draft(Id(payload.id), not_before).await?;
    Names::new(&context.engine).outbox(row).await
}

pub(crate) async fn draft_discard(context: &Context, payload: DraftId) -> Reply<Nothing> {
    context.engine.discard_draft(Id(payload.id)).await?;
    Ok(Nothing {})
}

pub(crate) async fn draft_list(context: &Context, _: Nothing) -> Reply<Vec<DraftRow>> {
    let mut rows = Vec::new();
    for summary in context.engine.drafts().await? {
        let draft = summary.draft;
        rows.push(DraftRow {
            id: draft.id.0,
            account: context.engine.account_name(draft.account_id).await?,
            to: draft.text.to,
            subject: draft.text.subject,
            saved_at: draft.saved_at.0,
            message: summary.message.map(|message| message.0),
        });
    }
    Ok(rows)
}

pub(crate) async fn people_search(context: &Context, payload: PeopleSearch) -> Reply<Vec<PersonView>> {
    let limit = payload.limit.map_or(Ok(PEOPLE), |rows| limit(Some(rows)))?;
    let people = context.engine.people(&payload.query, limit).await?;
    Ok(people
        .into_iter()
        .map(|person| PersonView {
            name: person.name,
            address: person.address,
        })
        .collect())
}

fn view(draft: OpenDraft) -> DraftView {
    let row = draft.row;
    let uploaded_at = row.uploaded_at.filter(|_| row.is_uploaded());
    DraftView {
        id: row.id.0,
        account: draft.account,
        from: row.text.sender,
        to: row.text.to,
        cc: row.text.cc,
        bcc: row.text.bcc,
        subject: row.text.subject,
        revision: row.text_revision,
        text: row.text.text,
        html: row.text.html,
        signature: draft.signature,
        quote: draft.quote.map(|quote| DraftQuote {
            from: lines(&quote.from),
            to: lines(&quote.to),
            cc: lines(&quote.cc),
            date: quote.date.map(|date| date.0),
            subject: quote.subject,
            html: quote.html,
            text: quote.text,
            quoted: quote.quoted,
        }),
        files: draft.files.into_iter().map(file_view).collect(),
        kind: row.kind.as_str().to_owned(),
        about: row.about.map(|about| about.0),
        size_limit: draft.size_limit.map(bytes),
        size: bytes(draft.size),
        saved_at: row.saved_at.0,
        uploaded_at: uploaded_at.map(|at| at.0),
    }
}

fn file_view(file: DraftFileRow) -> DraftFile {
    DraftFile {
        id: file.id.0,
        filename: file.filename,
        content_type: file.content_type,
        size: bytes(file.size),
        inline: file.is_inline,
        content_id: file.content_id,
    }
}

fn lines(mailboxes: &[Mailbox]) -> Vec<String> {
    mailboxes.iter().map(ToString::to_string).collect()
}

fn bytes(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
