//! The kinds of server that the tests of the mirror are lived through on, what each of them can, and a mailbox on one.

use std::io::{self, Write as _};
use std::sync::Arc;

use mailroom_engine::SystemClock;
use mailroom_model::{
    AccountState, AuthMethod, Clock as _, EmailAddress, Endpoint, FolderSelection, Period, Secret, Security,
    WorkingAccount,
};
use mailroom_store::{NewAccount, Store};
use mailroom_tests::home::Home;
use mailroom_tests::office::{
    DOMAIN, MailServer, Maker, Obstacle, Office, OfficeError, OfficeOptions, ServerProfile, Session,
};
use mailroom_vault::{SecretKey, SecretPurpose, Vault as _};
use serde_json::json;

/// What CONDSTORE (RFC 7162) alone offers.
const CONDSTORE: &str = "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE CONDSTORE UIDPLUS MOVE NAMESPACE SPECIAL-USE";
/// What a server offers that cannot move in one step and says where a copy is.
const TWO_STEPS: &str =
    "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE CONDSTORE QRESYNC UIDPLUS NAMESPACE SPECIAL-USE";

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Dovecot with all it can.
    Qresync,
    /// Dovecot that offers CONDSTORE and no QRESYNC.
    Condstore,
    /// Dovecot that offers IMAP4rev1 alone.
    Plain,
    /// Dovecot that offers no MOVE: a move is COPY, STORE and EXPUNGE.
    TwoSteps,
    /// Cyrus.
    Cyrus,
    /// Courier.
    Courier,
}

/// How a folder gets another UIDVALIDITY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renumbering {
    /// Any folder, by a command of the server's operator.
    Any,
    /// Only a folder that can be made anew with the same messages. Cyrus keeps the number in an index with checksums, has no
    /// command that changes it, and lets nobody delete the inbox or a folder with a purpose.
    MadeAnew,
}

/// What can be done, and asked of the mirror, on a kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// A move is one step (MOVE, RFC 6851). Without it a message that two programs move at the same time is there twice:
    /// neither knows of the other's copy.
    pub(crate) moves_in_one_step: bool,
    /// UID MOVE is understood, offered or not. Where it is not, the other program moves in two steps as well.
    pub(crate) takes_move: bool,
    /// A folder that is made within the second in which one of its name was made has that one's UIDVALIDITY again: Courier's
    /// is the time in seconds. No client can tell the two apart, so whoever makes folders in a history gives them another.
    pub(crate) repeats_validity: bool,
    /// How UIDs become others.
    pub(crate) renumbering: Renumbering,
    /// There is a server for sending beside it. Cyrus and Courier are started alone: what is written there is not sent.
    pub(crate) sends: bool,
}

impl Kind {
    /// What is possible.
    pub(crate) fn abilities(self) -> Abilities {
        Abilities {
            moves_in_one_step: !matches!(self, Self::Plain | Self::TwoSteps | Self::Courier),
            takes_move: self != Self::Courier,
            repeats_validity: self == Self::Courier,
            renumbering: match self {
                Self::Cyrus => Renumbering::MadeAnew,
                _ => Renumbering::Any,
            },
            sends: self.maker().is_none(),
        }
    }

    /// Its column in docs/servers.md.
    pub(crate) fn column(self) -> &'static str {
        match self.maker() {
            None => "Dovecot",
            Some(Maker::Cyrus) => "Cyrus",
            Some(Maker::Courier) => "Courier",
        }
    }

    fn maker(self) -> Option<Maker> {
        match self {
            Self::Qresync | Self::Condstore | Self::Plain | Self::TwoSteps => None,
            Self::Cyrus => Some(Maker::Cyrus),
            Self::Courier => Some(Maker::Courier),
        }
    }

    /// What Dovecot is to show.
    pub(crate) fn profile(self) -> ServerProfile {
        match self {
            Self::Condstore => ServerProfile::Capabilities(CONDSTORE.to_owned()),
            Self::TwoSteps => ServerProfile::Capabilities(TWO_STEPS.to_owned()),
            Self::Plain => ServerProfile::Minimal,
            Self::Qresync | Self::Cyrus | Self::Courier => ServerProfile::Full,
        }
    }

    /// True where this machine can run it. What cannot be tested is said.
    pub(crate) fn can_run(self) -> bool {
        let obstacle: Option<Obstacle> = self.maker().and_then(Maker::obstacle);
        if let Some(obstacle) = obstacle {
            // What is not tested must be seen: a line that the test's harness does not keep to itself.
            drop(writeln!(
                io::stderr(),
                "NOT TESTED: {}: {obstacle}",
                self.column().to_lowercase()
            ));
        }
        obstacle.is_none()
    }
}

#[derive(Debug)]
enum Server {
    Dovecot(Arc<Office>),
    Other(Box<MailServer>),
}

/// A mailbox on a running server. The server ends with its last mailbox.
#[derive(Clone, Debug)]
pub(crate) struct Mailbox {
    server: Arc<Server>,
    pub(crate) kind: Kind,
    name: String,
}

impl Mailbox {
    /// Starts a server with mailboxes of these names; their passwords are as [`Self::password`] says.
    pub(crate) fn several(kind: Kind, names: &[String]) -> Vec<Self> {
        let login = |name: &String| {
            let login = match kind.maker() {
                None => format!("{name}@{DOMAIN}"),
                Some(_) => name.clone(),
            };
            (login, format!("{name}-pw"))
        };
        let users = names.iter().map(login).collect();
        let server = match kind.maker() {
            None => {
                let office = Office::start(&OfficeOptions {
                    users,
                    profile: kind.profile(),
                    oidc: false,
                    ..OfficeOptions::default()
                });
                Server::Dovecot(Arc::new(office.expect("an office")))
            }
            Some(maker) => Server::Other(Box::new(MailServer::start_for(maker, users).expect("a server"))),
        };
        let server = Arc::new(server);
        let mailbox = |name: &String| Self {
            server: Arc::clone(&server),
            kind,
            name: name.clone(),
        };
        names.iter().map(mailbox).collect()
    }

    /// A mailbox of an office that runs.
    pub(crate) fn of(office: &Arc<Office>, kind: Kind, address: &str) -> Self {
        Self {
            server: Arc::new(Server::Dovecot(Arc::clone(office))),
            kind,
            name: address.split('@').next().unwrap_or_default().to_owned(),
        }
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("{}@{DOMAIN}", self.name)
    }

    /// Who signs in.
    pub(crate) fn login(&self) -> String {
        match &*self.server {
            Server::Dovecot(_) => self.address(),
            Server::Other(_) => self.name.clone(),
        }
    }

    /// With which password.
    pub(crate) fn password(&self) -> String {
        format!("{}-pw", self.name)
    }

    /// IMAP with TLS from the first byte.
    pub(crate) fn imaps_port(&self) -> u16 {
        match &*self.server {
            Server::Dovecot(office) => office.imaps_port(),
            Server::Other(server) => server.imaps_port(),
        }
    }

    /// Submission with TLS from the first byte, where there is a server for sending.
    pub(crate) fn submissions_port(&self) -> Option<u16> {
        match &*self.server {
            Server::Dovecot(office) => Some(office.submissions_port()),
            Server::Other(_) => None,
        }
    }

    /// The certificate authority as DER.
    pub(crate) fn ca_der(&self) -> Vec<u8> {
        match &*self.server {
            Server::Dovecot(office) => office.ca_der().to_vec(),
            Server::Other(server) => server.ca_der().to_vec(),
        }
    }

    /// Another program's session.
    pub(crate) fn session(&self) -> Result<Session, OfficeError> {
        match &*self.server {
            Server::Dovecot(office) => office.session(&self.login()),
            Server::Other(server) => server.session(&self.login()),
        }
    }

    /// A folder's path as this server writes it. Courier keeps all folders below the inbox, and dots divide levels.
    pub(crate) fn path(&self, folder: &str) -> String {
        if self.kind == Kind::Courier && folder != "INBOX" {
            return format!("INBOX.{}", folder.replace('/', "."));
        }
        folder.to_owned()
    }

    /// Gives a folder another UIDVALIDITY where the server's operator can ([`Renumbering::Any`]).
    pub(crate) fn set_uid_validity(&self, folder: &str, value: u32) -> Result<(), OfficeError> {
        match &*self.server {
            Server::Dovecot(office) => office.set_uid_validity(&self.login(), folder, value),
            Server::Other(server) => server.set_uid_validity(&self.login(), &self.path(folder), value),
        }
    }

    /// Keeps it as an account as the setup does, with another port for IMAP. Nobody listens where it sends: this is for what
    /// sends nothing.
    pub(crate) async fn keep_in(&self, home: &Home, imap_port: u16) {
        let key = SecretKey::new(self.address(), SecretPurpose::Password);
        let password = Secret::new(self.password());
        home.vault.put(&key, &password).await.expect("a vault");
        let address: EmailAddress = self.address().parse().expect("an address");
        let store = Store::open(&home.path().join("mailroom.db"))
            .await
            .expect("the store");
        let account = NewAccount {
            address: address.clone(),
            display_name: String::new(),
            provider: None,
            state: AccountState::Working,
            working: Some(WorkingAccount {
                address: address.clone(),
                provider: None,
                imap: Endpoint::new("localhost", imap_port, Security::Tls),
                imap_username: self.login(),
                smtp: Some(Endpoint::new("localhost", 1, Security::Tls)),
                smtp_username: self.login(),
                auth: AuthMethod::Password,
            }),
            period: Period::All,
            folders: FolderSelection::All,
            registration_id: None,
            issuer: None,
            tenant: None,
            options: json!({}),
            created_at: SystemClock.now(),
        };
        let account = store.accounts().insert(&account).await.expect("an account");
        store
            .identities()
            .upsert_default(account, &address, "Alice")
            .await
            .expect("an identity");
        store.close().await;
    }
}
