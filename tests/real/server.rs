//! The kinds of server that the tests of the mirror are lived through on, what each of them can, and a mailbox on one.

use std::io::{self, Write as _};
use std::sync::Arc;

use mailroom_tests::home::Home;
use mailroom_tests::office::{
    DOMAIN, MailServer, Maker, Obstacle, Office, OfficeError, OfficeOptions, ServerProfile, Session,
};
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
    /// What is sent there goes through an office beside it, which has the same users.
    Other(Box<MailServer>, Arc<Office>),
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
        let password = |name: &String| format!("{name}-pw");
        let plain = || names.iter().map(|name| (name.clone(), password(name)));
        let mut users: Vec<_> = names
            .iter()
            .map(|name| (format!("{name}@{DOMAIN}"), password(name)))
            .collect();
        if kind.maker().is_some() {
            // One name for both servers.
            users.extend(plain());
        }
        let office = Office::start(&OfficeOptions {
            users,
            profile: kind.profile(),
            oidc: false,
            ..OfficeOptions::default()
        });
        let office = Arc::new(office.expect("an office"));
        let server = match kind.maker() {
            None => Server::Dovecot(office),
            Some(maker) => {
                let server = MailServer::start(maker, plain().collect(), office.authority());
                Server::Other(Box::new(server.expect("a server")), office)
            }
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
            Server::Other(..) => self.name.clone(),
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
            Server::Other(server, _) => server.imaps_port(),
        }
    }

    /// The office that has the server for sending, and the mailboxes of those who get what is sent.
    pub(crate) fn office(&self) -> &Arc<Office> {
        match &*self.server {
            Server::Dovecot(office) | Server::Other(_, office) => office,
        }
    }

    /// Another program's session.
    pub(crate) fn session(&self) -> Result<Session, OfficeError> {
        match &*self.server {
            Server::Dovecot(office) => office.session(&self.login()),
            Server::Other(server, _) => server.session(&self.login()),
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
            Server::Other(server, _) => server.set_uid_validity(&self.login(), &self.path(folder), value),
        }
    }

    /// A new home that has it as its only account.
    pub(crate) async fn home(&self) -> Home {
        let office = self.office();
        let home = Home::new(&office.ca_der());
        self.add_to(&home, self.imaps_port(), office.submissions_port())
            .await;
        home
    }

    /// Adds it as an account, with servers on these ports.
    pub(crate) async fn add_to(&self, home: &Home, imap_port: u16, smtp_port: u16) {
        let account = json!({
            "address": self.address(),
            "username": self.login(),
            "imap": format!("localhost:{imap_port}:tls"),
            "smtp": format!("localhost:{smtp_port}:tls"),
            "sign_in": {"kind": "password", "password": self.password()},
            "period": "all",
        });
        home.must("account_add", account).await;
    }
}
