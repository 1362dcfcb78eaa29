//! Settings of the program and of accounts.

use mailroom_engine::IdentityChange;
use mailroom_model::ErrorCode;

use super::{Reply, address, choice};
use crate::command::Context;
use crate::dto::{
    AboutView, AccountServers, AccountView, DomainName, DomainView, IdentityRemove, IdentitySave, Nothing,
    ProviderView, RegistrationId, RegistrationSave, RegistrationView, SenderAddress, SettingsUpdate,
    SettingsView, StorageView, UpdateView,
};
use crate::{WireError, view};

fn not_built() -> WireError {
    WireError::new(ErrorCode::Internal, &[], "this part is being built")
}

pub(crate) async fn account_servers(_: &Context, _: AccountServers) -> Reply<AccountView> {
    Err(not_built())
}

pub(crate) async fn identity_save(context: &Context, payload: IdentitySave) -> Reply<AccountView> {
    let change = IdentityChange {
        address: address(&payload.address)?,
        name: payload.name,
        is_default: payload.is_default,
        signature: payload.signature,
    };
    let account = address(&payload.account)?;
    Ok(view::account(
        context.engine.save_identity(&account, &change).await?,
    ))
}

pub(crate) async fn identity_remove(context: &Context, payload: IdentityRemove) -> Reply<AccountView> {
    let (account, address) = (address(&payload.account)?, address(&payload.address)?);
    Ok(view::account(
        context.engine.remove_identity(&account, &address).await?,
    ))
}

pub(crate) async fn settings_get(context: &Context, _: Nothing) -> Reply<SettingsView> {
    let settings = context.engine.settings().await?;
    let changeable = context.engine.looks_for_updates().await?;
    Ok(view::settings(&settings, changeable))
}

pub(crate) async fn settings_update(context: &Context, payload: SettingsUpdate) -> Reply<SettingsView> {
    let changeable = context.engine.looks_for_updates().await?;
    if payload.updates.is_some() && !changeable {
        return Err(WireError::input(
            "updates",
            "the organisation or the build decides about updates",
        ));
    }
    let language = choice("language", payload.language)?;
    let theme = choice("theme", payload.theme)?;
    let density = choice("density", payload.density)?;
    let notify = choice("notify", payload.notify)?;
    let settings = context
        .engine
        .update_settings(|settings| {
            take(&mut settings.language, language);
            take(&mut settings.theme, theme);
            take(&mut settings.density, density);
            take(&mut settings.threads, payload.threads);
            take(&mut settings.close_to_tray, payload.close_to_tray);
            take(&mut settings.notify, notify);
            take(&mut settings.notify_content, payload.notify_content);
            take(&mut settings.single_keys, payload.single_keys);
            // A negative number means only by hand.
            take(
                &mut settings.read_after_s,
                payload.read_after_s.map(|after| u32::try_from(after).ok()),
            );
            take(&mut settings.undo_send_s, payload.undo_send_s);
            take(&mut settings.attachment_reminder, payload.attachment_reminder);
            take(&mut settings.plain_text, payload.plain_text);
            take(&mut settings.updates, payload.updates);
        })
        .await?;
    Ok(view::settings(&settings, changeable))
}

fn take<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

pub(crate) async fn registration_list(_: &Context, _: Nothing) -> Reply<Vec<RegistrationView>> {
    Err(not_built())
}

pub(crate) async fn registration_save(_: &Context, _: RegistrationSave) -> Reply<RegistrationView> {
    Err(not_built())
}

pub(crate) async fn registration_remove(_: &Context, _: RegistrationId) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn provider_list(_: &Context, _: Nothing) -> Reply<Vec<ProviderView>> {
    Err(not_built())
}

pub(crate) async fn domain_list(_: &Context, _: Nothing) -> Reply<Vec<DomainView>> {
    Err(not_built())
}

pub(crate) async fn domain_learn(_: &Context, _: DomainView) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn domain_forget(_: &Context, _: DomainName) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn storage_get(_: &Context, _: Nothing) -> Reply<StorageView> {
    Err(not_built())
}

pub(crate) async fn update_check(_: &Context, _: Nothing) -> Reply<UpdateView> {
    Err(not_built())
}

pub(crate) async fn about_get(_: &Context, _: Nothing) -> Reply<AboutView> {
    Err(not_built())
}

pub(crate) async fn sender_allow(context: &Context, payload: SenderAddress) -> Reply<Nothing> {
    context.engine.allow_sender(&address(&payload.address)?).await?;
    Ok(Nothing {})
}

pub(crate) async fn sender_forget(context: &Context, payload: SenderAddress) -> Reply<Nothing> {
    context.engine.forget_sender(&address(&payload.address)?).await?;
    Ok(Nothing {})
}

pub(crate) async fn sender_list(context: &Context, _: Nothing) -> Reply<Vec<SenderAddress>> {
    let senders = context.engine.allowed_senders().await?;
    Ok(senders
        .into_iter()
        .map(|address| SenderAddress { address })
        .collect())
}
