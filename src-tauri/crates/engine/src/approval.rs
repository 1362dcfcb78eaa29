//! Accounts that wait until an administrator has allowed the program.
//!
//! Nobody tells a program that its administrator has agreed. It is known when the administrator agrees in this person's own
//! browser ([`crate::Engine::open_approval`]), when another account of the same organisation is let in with the same client, and
//! when a grant of before renews again, which is tried at every start and every hour. Otherwise the person tries.

mod ask;
mod granted;

use std::time::Duration;

use mailroom_connect::{OAuthProfile, Registration};
use mailroom_model::{AccountState, EmailAddress, Endpoint, RegistrationId, UnixMillis};
use mailroom_store::{AccountRow, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::EngineError;
use crate::preferences::set_oauth_profile;
use crate::signin::Granted;

/// Among an account's options.
const APPROVAL: &str = "approval";
/// Who signed in to a mailbox that is somebody else's, or nobody's; among an account's options.
const SIGNED_IN_AS: &str = "signed_in_as";
/// The person took the sign-in away and kept the mail; among an account's options.
const SIGNED_OUT: &str = "signed_out";
/// How often a grant of before is tried.
pub(crate) const ROUND: Duration = Duration::from_hours(1);

/// What an administrator is asked for, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// When the account began to wait.
    pub since: UnixMillis,
    /// When it was tried last.
    pub tried_at: UnixMillis,
    /// When it became known that the program was allowed: the next sign-in ends the wait.
    #[serde(default)]
    pub granted_at: Option<UnixMillis>,
    /// The key of the sign-in service, or its address.
    pub service: String,
    /// The client id that is to be allowed.
    pub client_id: String,
    /// Microsoft's tenant whose administrator decides.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The page on which an administrator allows it.
    #[serde(default)]
    pub url: Option<String>,
    /// What it is to be allowed, as the service calls it.
    pub scopes: Vec<String>,
    /// Microsoft's number for the reason; 0 for none.
    #[serde(default)]
    pub aadsts: u32,
    /// The service's error code; empty when the person said that the page asked for an administrator.
    #[serde(default)]
    pub error: String,
    /// The client as it is kept, when it is the person's own.
    #[serde(default)]
    registration: Option<i64>,
    /// What was entered, for going on.
    #[serde(default)]
    entered: Entered,
}

impl Approval {
    /// The client to go on with, when it is the person's own.
    pub(crate) fn registration(&self) -> Option<RegistrationId> {
        self.registration.map(RegistrationId)
    }
}

/// What a waiting account goes on with beside what its row has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entered {
    pub(crate) imap: Option<Endpoint>,
    pub(crate) smtp: Option<Endpoint>,
    #[serde(default)]
    pub(crate) approved_servers: Vec<String>,
    pub(crate) username: Option<String>,
    pub(crate) sign_in_as: Option<EmailAddress>,
}

/// An administrator has to allow the program before anybody of the organisation can sign in with it.
#[derive(Clone, Debug)]
pub struct ApprovalAsk {
    approval: Approval,
    profile: OAuthProfile,
    registration: Registration,
    own_registration: bool,
}

impl ApprovalAsk {
    /// What is asked for.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }
}

/// What an account waits for, when it waits for an administrator.
pub fn approval_of(account: &AccountRow) -> Option<Approval> {
    serde_json::from_value(account.options.get(APPROVAL)?.clone()).ok()
}

/// Who signs in to the account's mailbox, when that is not its own name.
pub fn signed_in_as(account: &AccountRow) -> Option<String> {
    let name = account.options.get(SIGNED_IN_AS)?.as_str()?;
    Some(name.to_owned())
}

/// True when the person took the sign-in away and kept the mail.
pub fn is_signed_out(account: &AccountRow) -> bool {
    account
        .options
        .get(SIGNED_OUT)
        .is_some_and(|value| *value == true)
}

/// True for an account whose servers are not asked for anything before its person, or an administrator, has acted: it waits
/// for an approval, or was signed out. That nothing comes is no failure then.
pub(crate) fn rests_signed_out(account: &AccountRow) -> bool {
    account.state == AccountState::SignInNeeded
        && (is_signed_out(account) || account.options.get(APPROVAL).is_some())
}

/// What a waiting account goes on with.
pub(crate) fn entered_before(account: &AccountRow) -> Entered {
    approval_of(account)
        .map(|approval| approval.entered)
        .unwrap_or_default()
}

/// Notes in an account's options that it is signed in, and how: nothing is waited for any more.
pub(crate) fn note_signed_in(options: &mut Value, granted: Option<&Granted>) -> Result<(), EngineError> {
    if let Some(granted) = granted {
        set_oauth_profile(options, &granted.profile)?;
    }
    let Some(known) = options.as_object_mut() else {
        return Ok(());
    };
    for name in [APPROVAL, SIGNED_OUT, SIGNED_IN_AS] {
        known.remove(name);
    }
    if let Some(name) = granted.and_then(Granted::signed_in_as) {
        known.insert(SIGNED_IN_AS.to_owned(), json!(name));
    }
    Ok(())
}

/// Notes that the person took the sign-in away.
pub(crate) fn note_signed_out(options: &mut Value) {
    if let Some(known) = options.as_object_mut() {
        known.remove(APPROVAL);
        known.insert(SIGNED_OUT.to_owned(), json!(true));
    }
}

fn set_approval(options: &mut Value, approval: &Approval) -> Result<(), EngineError> {
    let approval = serde_json::to_value(approval).map_err(|_| EngineError::Worker)?;
    if !options.is_object() {
        *options = json!({});
    }
    if let Some(known) = options.as_object_mut() {
        known.remove(SIGNED_OUT);
        known.insert(APPROVAL.to_owned(), approval);
    }
    Ok(())
}

/// True for an account that was never proved and only waits: adding its address again begins anew.
pub(crate) fn only_waits(account: &AccountRow) -> bool {
    account.working.is_none() && approval_of(account).is_some()
}

/// The error for an address that is here already.
pub(crate) fn is_here(address: &EmailAddress) -> EngineError {
    StoreError::AccountExists {
        address: address.to_string(),
    }
    .into()
}
