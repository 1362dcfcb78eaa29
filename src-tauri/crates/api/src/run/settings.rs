//! Settings of the program and of accounts.

use mailroom_model::ErrorCode;

use super::Reply;
use crate::WireError;
use crate::command::Context;
use crate::dto::{
    AboutView, AccountServers, AccountView, DomainName, DomainView, IdentityRemove, IdentitySave, Nothing,
    ProviderView, RegistrationId, RegistrationSave, RegistrationView, SenderAddress, SettingsUpdate,
    SettingsView, StorageView, UpdateView,
};

fn not_built() -> WireError {
    WireError::new(ErrorCode::Internal, &[], "this part is being built")
}

pub(crate) async fn account_servers(_: &Context, _: AccountServers) -> Reply<AccountView> {
    Err(not_built())
}

pub(crate) async fn identity_save(_: &Context, _: IdentitySave) -> Reply<AccountView> {
    Err(not_built())
}

pub(crate) async fn identity_remove(_: &Context, _: IdentityRemove) -> Reply<AccountView> {
    Err(not_built())
}

pub(crate) async fn settings_get(_: &Context, _: Nothing) -> Reply<SettingsView> {
    Err(not_built())
}

pub(crate) async fn settings_update(_: &Context, _: SettingsUpdate) -> Reply<SettingsView> {
    Err(not_built())
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

pub(crate) async fn sender_allow(_: &Context, _: SenderAddress) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn sender_forget(_: &Context, _: SenderAddress) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn sender_list(_: &Context, _: Nothing) -> Reply<Vec<SenderAddress>> {
    Err(not_built())
}
