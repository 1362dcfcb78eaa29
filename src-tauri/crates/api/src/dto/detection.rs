//! What was found out about an address.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Payload of `account_detect`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountDetect {
    /// The address.
    pub address: String,
    /// True to ask nobody on the network.
    #[serde(default)]
    pub offline: bool,
    /// True to ask over plain `http` too, after the person was warned.
    #[serde(default)]
    pub allow_http: bool,
}

/// Reply of `account_detect`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DetectionView {
    /// The address in its canonical form.
    pub address: String,
    /// Candidates, best first.
    pub candidates: Vec<CandidateView>,
    /// What was asked, in order, and what it answered.
    pub steps: Vec<StepView>,
    /// How many questions left this machine.
    pub requests: u32,
}

/// One way the mailbox may be reached.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CandidateView {
    /// The provider's id in the table.
    pub provider: Option<String>,
    /// The provider's name, as the table or else the answer itself has it.
    pub name: Option<String>,
    /// Where the answer came from.
    pub source: String,
    /// The other sources that said the same, the surest first.
    pub agreed: Vec<String>,
    /// False when the person should confirm before anything is sent to these servers.
    pub confirmed: bool,
    /// `HOST:PORT:SECURITY`, best first.
    pub imap: Vec<String>,
    /// `HOST:PORT:SECURITY`, best first.
    pub smtp: Vec<String>,
    /// `address`, `local`, or `other` for the one in `login`.
    pub username: String,
    /// The user name for reading, where it has neither of the usual forms.
    pub login: Option<String>,
    /// What will be asked of the person, best first.
    pub auth: Vec<AuthOfferView>,
    /// What the person has to know or do before.
    pub notes: Vec<NoteView>,
    /// The provider's own pages about mail programs.
    pub help: Vec<String>,
    /// Where the mail is read in a browser.
    pub web: Option<String>,
}

/// One way of signing in.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AuthOfferView {
    /// `oauth2`, `app-password` or `password`.
    pub method: String,
    /// For OAuth: the sign-in service, as `RegistrationView.service` names it.
    pub service: Option<String>,
    /// Where the provider makes app passwords.
    pub url: Option<String>,
    /// Why it cannot be used here, when it cannot.
    pub unavailable: Option<String>,
}

/// Something to know before signing in.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NoteView {
    /// What it is about, by code.
    pub code: String,
    /// The provider's own page.
    pub url: Option<String>,
}

/// One rung of the ladder.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StepView {
    /// What was asked.
    pub source: String,
    /// What it answered, by code.
    pub outcome: String,
    /// Whom or what it named: a provider's id, a host, an error's code.
    pub detail: Option<String>,
}
