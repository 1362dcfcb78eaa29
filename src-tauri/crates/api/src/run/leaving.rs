//! What waits for an administrator, what ends on a known day, what goes.

use mailroom_engine::RemovalChoice;

use super::{Reply, address, entered_account};
use crate::command::Context;
use crate::dto::{
    AccountAdd, AccountAddress, AccountRemove, AccountView, ExpiryKey, Nothing, RemovalPreview,
    RemovalReceipt,
};
use crate::view;

pub(crate) async fn approval_ask(context: &Context, payload: AccountAdd) -> Reply<AccountView> {
    let entered = entered_account(payload)?;
    Ok(view::account(context.engine.ask_administrator(&entered).await?))
}

pub(crate) async fn approval_open(context: &Context, payload: AccountAddress) -> Reply<AccountView> {
    let address = address(&payload.address)?;
    let opened = context.engine.open_approval(&address, &context.cancel).await?;
    Ok(view::account(opened))
}

pub(crate) async fn expiry_told(context: &Context, payload: ExpiryKey) -> Reply<Nothing> {
    context.engine.note_expiry_told(&payload.key).await?;
    Ok(Nothing {})
}

pub(crate) async fn removal_preview(context: &Context, payload: AccountAddress) -> Reply<RemovalPreview> {
    let preview = context
        .engine
        .removal_preview(&address(&payload.address)?)
        .await?;
    view::removal_preview(&context.engine, preview).await
}

pub(crate) async fn account_remove(context: &Context, payload: AccountRemove) -> Reply<RemovalReceipt> {
    let choice = RemovalChoice {
        messages: payload.messages,
        completions: payload.completions,
        older_secrets: payload.older_secrets,
    };
    let address = address(&payload.address)?;
    let removing = context.engine.remove_account(&address, choice);
    Ok(view::receipt(Box::pin(removing).await?))
}

pub(crate) async fn removal_receipts(context: &Context, _: Nothing) -> Reply<Vec<RemovalReceipt>> {
    let receipts = context.engine.removal_receipts().await?;
    Ok(receipts.into_iter().map(view::receipt).collect())
}

pub(crate) async fn removal_seen(context: &Context, payload: AccountAddress) -> Reply<Nothing> {
    context.engine.note_receipts_seen(&payload.address).await?;
    Ok(Nothing {})
}
