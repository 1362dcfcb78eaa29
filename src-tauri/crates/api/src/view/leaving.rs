//! Shapes of what waits for an administrator, ends on a known day, or goes.

use mailroom_engine::{
    Approval, Belonging, Engine, Expiry, Receipt, ReceiptLine, RemovalPreview as Preview, Whereabouts,
};

use super::{Names, at, count, name};
use crate::WireError;
use crate::dto::{ApprovalView, ExpiryView, ReceiptLineView, RemovalPreview, RemovalReceipt};

pub(super) fn approval(approval: Approval) -> ApprovalView {
    ApprovalView {
        since: approval.since.0,
        tried_at: approval.tried_at.0,
        granted_at: at(approval.granted_at),
        returns: approval.service == "microsoft" && approval.url.is_some(),
        service: approval.service,
        client_id: approval.client_id,
        tenant: approval.tenant,
        url: approval.url,
        scopes: approval.scopes,
        aadsts: approval.aadsts.into(),
        error: approval.error,
    }
}

pub(super) fn expiry(expiry: Expiry) -> ExpiryView {
    ExpiryView {
        what: expiry.kind.as_str().to_owned(),
        key: expiry.key,
        subject: expiry.subject,
        at: expiry.at.0,
        days_left: expiry.days_left,
        fixer: name(&expiry.fixer),
        accounts: expiry.accounts,
        url: expiry.url,
        is_near: expiry.is_near,
        is_due: expiry.is_due,
    }
}

pub(crate) async fn removal_preview(engine: &Engine, preview: Preview) -> Result<RemovalPreview, WireError> {
    let mut names = Names::new(engine);
    let mut operations = Vec::new();
    for waiting in preview.operations {
        operations.push(names.operation(waiting).await?);
    }
    let mut outbox = Vec::new();
    for row in preview.outbox {
        outbox.push(names.outbox(row).await?);
    }
    Ok(RemovalPreview {
        address: preview.address,
        auth: preview.auth.as_ref().map(name),
        messages: count(preview.messages),
        bytes: count(preview.bytes),
        operations,
        outbox,
        drafts: count(preview.drafts),
        completions: count(preview.completions),
        has_other: preview.has_other,
        ends_grant: preview.ends_grant,
        grants_page: preview.grants_page,
        older_secrets: preview.older_secrets,
        server: preview.server,
    })
}

pub(crate) fn receipt(receipt: Receipt) -> RemovalReceipt {
    let is_gone = |what| {
        receipt
            .line(what)
            .is_some_and(|line| line.whereabouts == Whereabouts::Gone)
    };
    let (revoked, secrets_removed) = (
        receipt.line(Belonging::Grant).is_some_and(|line| line.count > 0) && is_gone(Belonging::Grant),
        is_gone(Belonging::Secrets),
    );
    let went = receipt.line(Belonging::Messages).filter(|_| !receipt.keeps_mail);
    let (messages, bytes) = went.map_or((0, 0), |line| (count(line.count), count(line.bytes)));
    let revoke_error = receipt.line(Belonging::Grant).and_then(|line| line.fault.clone());
    RemovalReceipt {
        at: receipt.at.0,
        was_resumed: receipt.was_resumed,
        keeps_mail: receipt.keeps_mail,
        messages,
        bytes,
        revoked,
        revoke_error: revoke_error.map(WireError::from_fault),
        secrets_removed,
        complete: receipt.is_complete(),
        address: receipt.address,
        server: receipt.server,
        lines: receipt.lines.into_iter().map(line).collect(),
    }
}

fn line(line: ReceiptLine) -> ReceiptLineView {
    ReceiptLineView {
        what: name(&line.what),
        whereabouts: name(&line.whereabouts),
        count: count(line.count),
        bytes: count(line.bytes),
        page: line.page,
        error: line.fault.map(WireError::from_fault),
    }
}
