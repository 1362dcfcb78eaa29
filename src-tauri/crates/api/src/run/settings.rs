//! Settings of the program and of accounts.

use mailroom_engine::{IdentityChange, RegistrationChange, ServersChange, Settings, VERSION, VaultKind};
use mailroom_model::{RegistrationId as RegistrationRowId, UnixMillis};

use super::{Reply, address, choice, endpoint};
use crate::command::Context;
use crate::dto::{
    AboutView, AccountServers, AccountView, DomainName, DomainView, IdentityRemove, IdentitySave, Nothing,
    ProviderView, RegistrationId, RegistrationSave, RegistrationView, SecretText, SenderAddress,
    SettingsUpdate, SettingsView, StorageView, UpdateView,
};
use crate::{WireError, view};

pub(crate) async fn account_servers(context: &Context, payload: AccountServers) -> Reply<AccountView> {
    let change = ServersChange {
        imap: endpoint("imap", &payload.imap)?,
        smtp: payload
            .smtp
            .as_deref()
            .map(|text| endpoint("smtp", text))
            .transpose()?,
        username: payload.username.filter(|name| !name.is_empty()),
        trusted_certificates: payload
            .certificates
            .iter()
            .map(view::trusted)
            .collect::<Reply<_>>()?,
    };
    let address = address(&payload.address)?;
    // Boxed: the future holds the work of both proofs and is large.
    let changing = Box::pin(context.engine.change_servers(&address, &change, &context.cancel));
    Ok(view::account(changing.await?))
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
    settings_view(context, &settings).await
}

async fn settings_view(context: &Context, settings: &Settings) -> Reply<SettingsView> {
    let changeable = context.engine.looks_for_updates().await?;
    let exceptions = context.engine.allows_certificate_exceptions().await?;
    Ok(view::settings(settings, changeable, exceptions))
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
    settings_view(context, &settings).await
}

fn take<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

pub(crate) async fn registration_list(context: &Context, _: Nothing) -> Reply<Vec<RegistrationView>> {
    let registrations = context.engine.registrations().await?;
    Ok(registrations.into_iter().map(view::registration).collect())
}

pub(crate) async fn registration_save(
    context: &Context,
    payload: RegistrationSave,
) -> Reply<RegistrationView> {
    let change = RegistrationChange {
        id: payload.id.map(RegistrationRowId),
        label: payload.label,
        service: payload.service,
        client_id: payload.client_id,
        client_secret: payload.client_secret.map(SecretText::into_secret),
        tenant: payload.tenant,
        secret_ends_at: payload.secret_ends_at.map(UnixMillis),
    };
    Ok(view::registration(
        context.engine.save_registration(&change).await?,
    ))
}

pub(crate) async fn registration_remove(context: &Context, payload: RegistrationId) -> Reply<Nothing> {
    let id = RegistrationRowId(payload.id);
    context.engine.remove_registration(id).await?;
    Ok(Nothing {})
}

pub(crate) async fn provider_list(context: &Context, _: Nothing) -> Reply<Vec<ProviderView>> {
    let providers = context.engine.providers().await?;
    Ok(providers
        .into_iter()
        .map(|provider| ProviderView {
            id: provider.id,
            name: provider.name,
            has_imap: provider.has_imap,
        })
        .collect())
}

pub(crate) async fn domain_list(context: &Context, _: Nothing) -> Reply<Vec<DomainView>> {
    let domains = context.engine.learned_domains().await?;
    Ok(domains.into_iter().map(view::domain).collect())
}

pub(crate) async fn domain_learn(context: &Context, payload: DomainView) -> Reply<Nothing> {
    let known = view::domain_knowledge(payload)?;
    context.engine.learn_domain(&known).await?;
    Ok(Nothing {})
}

pub(crate) async fn domain_forget(context: &Context, payload: DomainName) -> Reply<Nothing> {
    context.engine.forget_domain(&payload.domain).await?;
    Ok(Nothing {})
}

pub(crate) async fn storage_get(context: &Context, _: Nothing) -> Reply<StorageView> {
    let storage = context.engine.storage().await?;
    Ok(view::storage(context.engine.home(), storage))
}

pub(crate) async fn update_check(context: &Context, _: Nothing) -> Reply<UpdateView> {
    let newer = context.engine.newer_version().await?;
    let (newer, url) = newer.map(|newer| (newer.version, newer.url)).unzip();
    Ok(UpdateView {
        current: VERSION.to_owned(),
        newer,
        url,
    })
}

pub(crate) async fn about_get(context: &Context, _: Nothing) -> Reply<AboutView> {
    let about = context.engine.about().await;
    Ok(AboutView {
        version: VERSION.to_owned(),
        platform: about.platform,
        home: context.engine.home().display().to_string(),
        policy: about.policy,
        vault: match about.vault {
            VaultKind::Keychain => "keychain",
            VaultKind::File => "file",
        }
        .to_owned(),
    })
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
