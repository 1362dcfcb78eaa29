//! An account in its three states of knowledge: what was entered, what might work, what was proved to work.

use serde::{Deserialize, Serialize};

use crate::{EmailAddress, Endpoint, Period, Secret, TrustedCertificate};

/// How a server wants to be convinced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMethod {
    /// OAuth 2.0 with an access token in SASL XOAUTH2 or OAUTHBEARER.
    Oauth2,
    /// A password that the provider makes for one program.
    AppPassword,
    /// The mailbox's own password.
    Password,
}

/// What a server wants as the user name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UsernameForm {
    /// The whole address.
    #[default]
    Address,
    /// The part before the `@`.
    Local,
}

impl UsernameForm {
    /// The user name for `address` in this form.
    pub fn apply(self, address: &EmailAddress) -> String {
        match self {
            Self::Address => address.to_string(),
            Self::Local => address.local().to_owned(),
        }
    }

    /// The form to try once when this one was refused.
    pub fn other(self) -> Self {
        match self {
            Self::Address => Self::Local,
            Self::Local => Self::Address,
        }
    }
}

/// What a person chose to sign in with.
#[derive(Clone, Debug)]
pub enum EnteredAuth {
    /// A password or an app password.
    Password(Secret<String>),
    /// The browser.
    Oauth {
        /// The OpenID issuer, when the provider table does not name one.
        issuer: Option<String>,
        /// The person's own client id.
        client_id: Option<String>,
        /// The secret of that client id, if it has one.
        client_secret: Option<Secret<String>>,
        /// Microsoft: `common`, `consumers`, `organizations` or a tenant id.
        tenant: Option<String>,
        /// Who signs in to a mailbox that several people share; `None` for the mailbox itself.
        sign_in_as: Option<EmailAddress>,
    },
}

/// What a person typed. Nothing in it is proved.
#[derive(Clone, Debug)]
pub struct EnteredAccount {
    /// The mailbox's address.
    pub address: EmailAddress,
    /// Servers given by hand; they win over detection.
    pub imap: Option<Endpoint>,
    /// Servers given by hand; they win over detection.
    pub smtp: Option<Endpoint>,
    /// The servers that the person agreed to, `HOST:PORT:SECURITY` each, where detection only suspects them. The agreement
    /// is to these and no others.
    pub approved_servers: Vec<String>,
    /// Certificates that the person trusts although nobody vouches for them. Never beside [`EnteredAuth::Oauth`].
    pub trusted_certificates: Vec<TrustedCertificate>,
    /// A user name given by hand.
    pub username: Option<String>,
    /// How to sign in.
    pub auth: EnteredAuth,
    /// How far back to keep mail.
    pub period: Period,
    /// Which folders to keep.
    pub folders: FolderSelection,
    /// There is nothing left to choose: the account synchronises by itself at once.
    pub setup_done: bool,
}

/// Which folders are kept here. Choosing a folder does not choose its children.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "paths")]
pub enum FolderSelection {
    /// All that can be opened.
    #[default]
    All,
    /// These paths (decoded names, the server's own delimiter).
    Chosen(Vec<String>),
}

/// Servers that may belong to an address. Nothing in it is proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateServers {
    /// Where mail is read, best first.
    pub imap: Vec<Endpoint>,
    /// Where mail is sent, best first.
    pub smtp: Vec<Endpoint>,
    /// The form of the IMAP user name to try first.
    pub imap_username: UsernameForm,
    /// The form of the SMTP user name to try first.
    pub smtp_username: UsernameForm,
}

/// What was proved by a sign-in that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingAccount {
    /// The mailbox's address.
    pub address: EmailAddress,
    /// The provider's id in the table, when it is known.
    pub provider: Option<String>,
    /// Where mail is read.
    pub imap: Endpoint,
    /// The user name that the IMAP server accepted.
    pub imap_username: String,
    /// Where mail is sent; `None` for a receive-only account.
    pub smtp: Option<Endpoint>,
    /// The user name that the SMTP server accepted.
    pub smtp_username: String,
    /// How the servers were convinced.
    pub auth: AuthMethod,
}

/// What an account needs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountState {
    /// The last traffic succeeded.
    Working,
    /// The servers refused the sign-in: the person has to sign in again.
    SignInNeeded,
    /// Added, not yet proved.
    Unproved,
}

impl AccountState {
    /// The name in the store and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::SignInNeeded => "sign-in-needed",
            Self::Unproved => "unproved",
        }
    }

    /// The opposite of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Working, Self::SignInNeeded, Self::Unproved]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// What is shown to a server to sign in.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// SASL PLAIN or LOGIN.
    Password {
        /// The user name in the form that the server wants.
        username: String,
        /// The password or app password.
        password: Secret<String>,
    },
    /// SASL OAUTHBEARER (RFC 7628) or XOAUTH2.
    Bearer {
        /// The user name in the form that the server wants.
        username: String,
        /// An OAuth access token.
        access_token: Secret<String>,
    },
}

impl Credentials {
    /// The user name.
    pub fn username(&self) -> &str {
        match self {
            Self::Password { username, .. } | Self::Bearer { username, .. } => username,
        }
    }
}
