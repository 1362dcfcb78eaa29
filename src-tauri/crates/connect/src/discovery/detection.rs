//! The words of detection: what was collected, what came of it.

use std::collections::BTreeMap;

use mailroom_model::{AuthMethod, CandidateServers, EmailAddress, Endpoint, ErrorCode, UsernameForm};
use serde::Serialize;

use super::{Answer, DnsError, MxRecord};
use crate::provider::{AuthCondition, EnableCode, Quirk, ServerTemplate};

/// Where a candidate comes from, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The organisation's policy maps the domain.
    Policy,
    /// Chosen by hand for the domain before.
    Learned,
    /// The built-in table lists the domain.
    BuiltIn,
    /// The domain publishes a configuration at `autoconfig.DOMAIN`.
    Autoconfig,
    /// The domain publishes it under `.well-known`.
    WellKnown,
    /// The domain publishes a sealed document (PACC).
    Pacc,
    /// The public database of providers knows the domain.
    Ispdb,
    /// The built-in table knows the domain's mail exchanger.
    Mx,
    /// The mail exchanger's owner publishes a configuration.
    MxAutoconfig,
    /// The public database of providers knows the mail exchanger's owner.
    MxIspdb,
    /// The domain's SRV records.
    Srv,
    /// Microsoft says that it runs the domain.
    Autodiscover,
    /// As [`Self::Autoconfig`], over an unencrypted connection.
    PlainAutoconfig,
    /// Servers answer under usual names.
    Guess,
    /// Servers were entered.
    Manual,
}

/// What was collected about an address. A source that was not asked has said nothing.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The provider id that the organisation's policy maps the domain to.
    pub policy: Option<String>,
    /// The servers that the organisation's policy names for the domain.
    pub organisation: Option<OrganisationServers>,
    /// The provider id that was chosen by hand for the domain before.
    pub learned: Option<String>,
    /// The servers that were entered by hand for the domain before, and worked.
    pub learned_servers: Option<CandidateServers>,
    /// What DNS says about mail exchangers.
    pub mx: MxEvidence,
    /// What the other sources on the network said.
    pub answers: BTreeMap<Source, Answer>,
}

/// Servers that an organisation runs for a domain, as its policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationServers {
    /// What people call them.
    pub name: String,
    /// Where mail is read, best first.
    pub imap: Vec<Endpoint>,
    /// Where mail is sent, best first.
    pub smtp: Vec<Endpoint>,
    /// The OpenID issuer of the sign-in in the browser.
    pub issuer: Option<String>,
    /// True when mailboxes have passwords.
    pub password: bool,
}

/// What DNS says about mail exchangers.
#[derive(Clone, Debug, Default)]
pub enum MxEvidence {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// These records, in any order.
    Answered(Vec<MxRecord>),
    /// No answer.
    Failed(DnsError),
}

impl MxEvidence {
    /// The mail exchanger that counts, in lower case and without its last dot: the one with the lowest preference, of equals
    /// the first by name. Empty for a domain that takes no mail.
    pub(super) fn preferred(&self) -> Option<String> {
        let Self::Answered(records) = self else {
            return None;
        };
        records
            .iter()
            .map(|record| {
                let host = record.host.strip_suffix('.').unwrap_or(&record.host);
                (record.preference, host.to_ascii_lowercase())
            })
            .min()
            .map(|(_, host)| host)
    }
}

/// What detection found, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detection {
    /// The address.
    pub address: EmailAddress,
    /// Best first; empty when nobody knows.
    pub candidates: Vec<Candidate>,
    /// Every source in the order of trust, with its answer.
    pub steps: Vec<Step>,
    /// How many questions left this machine: look-ups of names, requests and connections.
    pub requests: u32,
}

/// One source's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Who was asked.
    pub source: Source,
    /// What came back.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What a source answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// This provider.
    Found {
        /// Its id.
        provider: String,
    },
    /// Servers that the table does not know.
    FoundServers {
        /// Where mail is read.
        host: String,
    },
    /// It does not know the domain.
    NotFound,
    /// What came back is no configuration.
    Unusable {
        /// Who answered.
        host: String,
    },
    /// It names servers, none of which encrypts.
    NoEncryption,
    /// It knows the domain, whose mail is read by other protocols only, or after other sign-ins than Mailroom has.
    NoImap,
    /// A server of Exchange answers for the domain. Whether it lets programs in by IMAP, it does not say.
    Exchange {
        /// The server.
        host: String,
    },
    /// The question is out. Only told meanwhile: at the end every source has answered, or was not awaited.
    Asking,
    /// A surer source answered first.
    NotAwaited,
    /// A nearer source knew already, or nobody may be asked.
    NotAsked,
    /// It names a provider that the table no longer has.
    ProviderGone {
        /// The id.
        provider: String,
    },
    /// The preferred mail exchanger is a filter or sending service, which says nothing about the mailbox.
    FilteredHost {
        /// The mail exchanger.
        host: String,
    },
    /// The preferred mail exchanger is nobody the table knows.
    UnknownHost {
        /// The mail exchanger.
        host: String,
    },
    /// The domain has no MX records.
    NoRecords,
    /// The domain says that it takes no mail (null MX, RFC 7505).
    TakesNoMail,
    /// No answer.
    Failed {
        /// Why.
        code: ErrorCode,
    },
}

/// A provider by id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderSummary {
    /// The id in the table.
    pub id: String,
    /// The name people know.
    pub name: String,
}

/// Servers that may belong to the address, and what will be asked of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Who runs them, when the table or the organisation knows it.
    pub provider: Option<ProviderSummary>,
    /// What a source calls them whom nobody knows. It is only a name.
    pub name: Option<String>,
    /// Where this comes from.
    pub source: Source,
    /// The sources that said the same, in the order of trust.
    pub agreed: Vec<Source>,
    /// False when the person has to confirm the servers before anything is sent to them.
    pub confirmed: bool,
    /// The servers; without any when [`Self::template`] says that they must be entered.
    pub servers: CandidateServers,
    /// The user name for reading, where it has neither of the two usual forms.
    pub imap_login: Option<String>,
    /// The same for sending.
    pub smtp_login: Option<String>,
    /// The form of the hosts, when each customer has others.
    pub template: Option<ServerTemplate>,
    /// Ways to sign in, best first, with those that cannot be offered and why.
    pub auth: Vec<AuthOffer>,
    /// What the person should know first.
    pub notes: Vec<Note>,
    /// The provider's own pages.
    pub help: Vec<String>,
    /// Where the mail is read in a browser.
    pub web: Option<String>,
    /// Known deviations of the servers.
    pub quirks: Vec<Quirk>,
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthOffer {
    /// What is shown to the server.
    pub method: AuthMethod,
    /// For OAuth: the key of a built-in profile or the issuer's address.
    pub issuer: Option<String>,
    /// For OAuth: what is asked for; empty for what the issuer offers for mail.
    pub scopes: Vec<String>,
    /// For OAuth: the client id that the provider gives to every program.
    pub client_id: Option<String>,
    /// Where an app password is made.
    pub app_password_url: Option<String>,
    /// When this way applies.
    pub condition: Option<AuthCondition>,
    /// Why it cannot be offered.
    pub unavailable: Option<Unavailable>,
}

impl AuthOffer {
    /// The mailbox's own password.
    pub(super) fn password() -> Self {
        Self {
            method: AuthMethod::Password,
            issuer: None,
            scopes: Vec::new(),
            client_id: None,
            app_password_url: None,
            condition: None,
            unavailable: None,
        }
    }
}

/// Why a way to sign in cannot be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    /// Neither this build, nor the policy, nor the person has a client id for the issuer.
    NoClientId,
    /// The provider lets in only programs that it has a contract with.
    PartnerOnly,
}

/// Something to know before signing in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What.
    pub code: NoteCode,
    /// Where to do it.
    pub url: Option<String>,
}

/// What to know before signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteCode {
    /// The hosts differ from customer to customer: enter them.
    ServersMustBeEntered,
    /// The servers do not belong to the address's domain.
    ServersOutsideDomain,
    /// The servers were named over an unencrypted connection: anybody on the way may have put others there.
    FoundUnencrypted,
    /// The domain's mail goes to another provider: it may be moving.
    MailGoesElsewhere,
    /// The servers answered under usual names, and nobody named them.
    OnlyGuessed,
    /// Access for other programs may have to be switched on.
    SwitchOn,
    /// The account's main address is the user name, also of an alias or of a domain of one's own.
    MainAddress,
    /// Something must be so at the provider first.
    #[serde(untagged)]
    Enable(EnableCode),
}

impl Candidate {
    /// Every server, in the form in which people are asked about them: `HOST:PORT:SECURITY`.
    pub fn server_names(&self) -> Vec<String> {
        self.servers
            .imap
            .iter()
            .chain(&self.servers.smtp)
            .map(ToString::to_string)
            .collect()
    }

    /// A candidate from what the organisation decided, which nobody has to confirm.
    pub(super) fn of_organisation(servers: &OrganisationServers) -> Self {
        Self {
            provider: Some(ProviderSummary {
                id: "organisation".to_owned(),
                name: servers.name.clone(),
            }),
            source: Source::Policy,
            auth: servers
                .issuer
                .iter()
                .map(|issuer| AuthOffer {
                    method: AuthMethod::Oauth2,
                    issuer: Some(issuer.clone()),
                    ..AuthOffer::password()
                })
                .chain(servers.password.then(AuthOffer::password))
                .collect(),
            ..Self::manual(servers.imap.clone(), servers.smtp.clone())
        }
    }

    /// A candidate from servers that were entered by hand for another address of the domain, and worked.
    pub(super) fn learned(servers: &CandidateServers) -> Self {
        Self {
            source: Source::Learned,
            servers: servers.clone(),
            ..Self::manual(Vec::new(), Vec::new())
        }
    }

    /// A candidate from servers that were entered by hand. Whoever entered them has confirmed them.
    pub fn manual(imap: Vec<Endpoint>, smtp: Vec<Endpoint>) -> Self {
        Self {
            provider: None,
            name: None,
            source: Source::Manual,
            agreed: Vec::new(),
            confirmed: true,
            servers: CandidateServers {
                imap,
                smtp,
                imap_username: UsernameForm::Address,
                smtp_username: UsernameForm::Address,
            },
            imap_login: None,
            smtp_login: None,
            template: None,
            auth: vec![AuthOffer::password()],
            notes: Vec::new(),
            help: Vec::new(),
            web: None,
            quirks: vec![Quirk::TryOtherUsernameForm],
        }
    }
}
