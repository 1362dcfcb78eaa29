//! A mailbox whose servers are scripts, connected without a dialogue: tests begin where something happens.

use std::fmt::Write as _;
use std::sync::Arc;

use mailroom_connect::builtin_profile;
use mailroom_model::{
    AccountState, AuthMethod, EmailAddress, Endpoint, FolderSelection, Period, Secret, Security,
    WorkingAccount,
};
use mailroom_protocol::Timeouts;
use mailroom_store::{NewAccount, NewRegistration, Store};
use mailroom_tests::home::{Home, QUICK};
use mailroom_tests::script::{Script, ScriptServer, Step};
use mailroom_tests::{Authority, CertificateKind, Identity, TestClock};
use mailroom_vault::{SecretKey, SecretPurpose, Vault};
use serde_json::{Value, json};

pub(crate) const ANNA: &str = "anna@mailroom.test";

pub(crate) struct Mailbox {
    pub(crate) home: Home,
    pub(crate) clock: TestClock,
    pub(crate) identity: Arc<Identity>,
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self::with(QUICK)
    }

    /// One whose servers may take so long.
    pub(crate) fn with(timeouts: Timeouts) -> Self {
        let authority = Authority::new().unwrap();
        let identity = Arc::new(authority.identity(CertificateKind::Good).unwrap());
        let clock = TestClock::default();
        let home = Home::with(authority.der().as_ref(), timeouts, Arc::new(clock.clone()));
        Self {
            home,
            clock,
            identity,
        }
    }

    /// A mailbox on a server of these scripts, after the first look.
    pub(crate) async fn looked_at(capabilities: &str, scripts: Vec<Script>) -> (Self, ScriptServer) {
        let mailbox = Self::new();
        let server = mailbox.imap(capabilities, scripts).await;
        mailbox.connect(server.port(), None).await;
        mailbox.sync_well().await;
        (mailbox, server)
    }

    /// A server for one script after the other, greeting and sign-in included.
    pub(crate) async fn imap(&self, capabilities: &str, scripts: Vec<Script>) -> ScriptServer {
        let scripts = scripts
            .into_iter()
            .map(|script| self.signed_in(capabilities).followed_by(script))
            .collect();
        ScriptServer::start(scripts).await.unwrap()
    }

    pub(crate) fn signed_in(&self, capabilities: &str) -> Script {
        Script::new()
            .start_tls(&self.identity)
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n")
            .command_prefix("AUTHENTICATE PLAIN ")
            .send(format!(
                "{{tag}} OK [CAPABILITY IMAP4rev1 {capabilities}] welcome\r\n"
            ))
    }

    /// Up to the end of the message's bytes; what the server makes of them is the test's.
    pub(crate) fn smtp_up_to_the_dot(&self) -> Script {
        Script::new()
            .start_tls(&self.identity)
            .send("220 mailroom.test ESMTP\r\n")
            .prefix("EHLO ")
            .send("250-mailroom.test\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n")
            .prefix("AUTH PLAIN ")
            .send("235 2.7.0 welcome\r\n")
            .prefix("MAIL FROM:<")
            .send("250 OK\r\n")
            .prefix("RCPT TO:<")
            .send("250 OK\r\n")
            .line("DATA")
            .send("354 go on\r\n")
            .then(Step::Data)
    }

    /// Connects the mailbox by password.
    pub(crate) async fn connect(&self, imap: u16, smtp: Option<u16>) {
        let key = SecretKey::new(ANNA, SecretPurpose::Password);
        self.home
            .vault
            .put(&key, &Secret::new("secret".to_owned()))
            .await
            .unwrap();
        self.keep(imap, smtp, None).await;
    }

    /// Connects the mailbox by a token that a server on this port renews.
    pub(crate) async fn connect_by_token(&self, imap: u16, token_port: u16) {
        let key = SecretKey::new(ANNA, SecretPurpose::OauthTokens);
        let tokens = json!({
            "version": 1, "access_token": "old", "refresh_token": "refresh", "expires_at": null, "scope": null,
            "id_claims": null,
        });
        self.home
            .vault
            .put(&key, &Secret::new(tokens.to_string()))
            .await
            .unwrap();
        self.keep(imap, None, Some(token_port)).await;
    }

    async fn keep(&self, imap: u16, smtp: Option<u16>, token_port: Option<u16>) {
        let endpoint = |port| Endpoint::new("localhost", port, Security::Tls);
        let address: EmailAddress = ANNA.parse().unwrap();
        let store = Store::open(&self.home.path().join("mailroom.db")).await.unwrap();
        let now = mailroom_model::Clock::now(&self.clock);
        let (mut registration_id, mut options) = (None, json!({}));
        if let Some(port) = token_port {
            let mut profile = builtin_profile("google", None).unwrap();
            profile.endpoints.token = format!("http://127.0.0.1:{port}/token").parse().unwrap();
            options = json!({"oauth": profile});
            let registration = NewRegistration {
                label: "test".to_owned(),
                issuer: "google".to_owned(),
                client_id: "client".to_owned(),
                tenant: None,
                redirect_uri: None,
                has_secret: false,
                is_kept: false,
                created_at: now,
                secret_ends_at: None,
            };
            registration_id = Some(store.registrations().insert(&registration).await.unwrap());
        }
        let auth = if token_port.is_some() {
            AuthMethod::Oauth2
        } else {
            AuthMethod::Password
        };
        let account = store
            .accounts()
            .insert(&NewAccount {
                address: address.clone(),
                display_name: String::new(),
                provider: None,
                state: AccountState::Working,
                working: Some(WorkingAccount {
                    address: address.clone(),
                    provider: None,
                    imap: endpoint(imap),
                    imap_username: ANNA.to_owned(),
                    smtp: smtp.map(endpoint),
                    smtp_username: ANNA.to_owned(),
                    auth,
                }),
                period: Period::All,
                folders: FolderSelection::All,
                registration_id,
                issuer: None,
                tenant: None,
                options,
                created_at: now,
            })
            .await
            .unwrap();
        store
            .identities()
            .upsert_default(account, &address, "Anna")
            .await
            .unwrap();
        store.close().await;
    }

    /// What a look at the account says.
    pub(crate) async fn sync(&self) -> Value {
        self.home.must("sync_run", json!({})).await[0].clone()
    }

    /// A look at the account in which nothing fails.
    pub(crate) async fn sync_well(&self) -> Value {
        let report = self.sync().await;
        assert!(!report.to_string().contains("\"code\""), "{report}");
        report
    }

    /// Moves a message to the archive, on the server too as far as it lets itself be reached.
    pub(crate) async fn archive(&self, id: &Value) -> Value {
        let moving = json!({"ids": [id], "folder": "Archive"});
        let moved = self.home.must("message_move", moving).await;
        self.home.carried().await;
        moved
    }

    pub(crate) async fn list(&self, folder: &str) -> Vec<Value> {
        let page = self
            .home
            .must("message_list", json!({"folder": folder, "limit": 100}))
            .await;
        page["messages"].as_array().unwrap().clone()
    }
}

/// The steps of IMAP dialogues.
pub(crate) trait Dialogue {
    /// A command, and an answer that ends well.
    fn answer(self, command: &str, untagged: &str) -> Self;
    /// A command of which only the beginning counts, and an answer that ends well.
    fn answer_prefix(self, command: &str, untagged: &str) -> Self;
    /// A command, and a refusal.
    fn refuse(self, command: &str, reply: &str) -> Self;
    /// The list of folders; each a name, or attributes and a name.
    fn folders(self, folders: &[&str]) -> Self;
    /// A folder is opened: how many messages, and the next UID.
    fn open(self, folder: &str, exists: u32, next: u32) -> Self;
    /// Facts of messages are asked for; UIDs as asked, and those that are there.
    fn facts(self, asked: &str, uids: &[u32]) -> Self;
    /// Whole messages are asked for.
    fn bodies(self, asked: &str, uids: &[u32]) -> Self;
    /// Goodbye.
    fn bye(self) -> Self;
}

const FACTS: &str = "(UID FLAGS INTERNALDATE RFC822.SIZE)";
pub(crate) const BODIES: &str = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";

impl Dialogue for Script {
    fn answer(self, command: &str, untagged: &str) -> Self {
        self.command(command)
            .send(format!("{untagged}{{tag}} OK done\r\n"))
    }

    fn answer_prefix(self, command: &str, untagged: &str) -> Self {
        self.command_prefix(command)
            .send(format!("{untagged}{{tag}} OK done\r\n"))
    }

    fn refuse(self, command: &str, reply: &str) -> Self {
        self.command(command).send(format!("{{tag}} {reply}\r\n"))
    }

    fn folders(self, folders: &[&str]) -> Self {
        let mut lines = String::new();
        for folder in folders {
            let (attributes, name) = folder.split_once(' ').unwrap_or(("", folder));
            writeln!(lines, "* LIST ({attributes}) \"/\" {name}\r").unwrap();
        }
        self.answer("LIST \"\" \"*\"", &lines)
            .answer("LSUB \"\" \"*\"", "")
    }

    fn open(self, folder: &str, exists: u32, next: u32) -> Self {
        let untagged =
            format!("* {exists} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT {next}] next\r\n");
        self.answer(&format!("SELECT \"{folder}\""), &untagged)
    }

    fn facts(self, asked: &str, uids: &[u32]) -> Self {
        let mut lines = String::new();
        for uid in uids {
            lines += &facts_of(*uid, message(*uid).len());
        }
        self.answer(&format!("UID FETCH {asked} {FACTS}"), &lines)
    }

    fn bodies(self, asked: &str, uids: &[u32]) -> Self {
        let lines: String = uids.iter().map(|uid| body(*uid)).collect();
        self.answer(&format!("UID FETCH {asked} {BODIES}"), &lines)
    }

    fn bye(self) -> Self {
        self.command("LOGOUT").send("* BYE see you\r\n{tag} OK done\r\n")
    }
}

/// The first look: an inbox with messages 1 to `count`, and other folders that are empty, written as for
/// [`Dialogue::folders`].
pub(crate) fn first_look(count: u32, others: &[&str]) -> Script {
    let all: Vec<u32> = (1..=count).collect();
    let set = if count == 1 {
        "1".to_owned()
    } else {
        format!("1:{count}")
    };
    let found = all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let folders: Vec<&str> = ["INBOX"].iter().chain(others).copied().collect();
    let inbox = Script::new()
        .folders(&folders)
        .open("INBOX", count, count + 1)
        .answer("UID SEARCH ALL", &format!("* SEARCH {found}\r\n"))
        .facts(&set, &all)
        .bodies(&set, &all);
    others
        .iter()
        .map(|folder| folder.split_once(' ').map_or(*folder, |(_, name)| name))
        .fold(inbox, |script, name| script.open(name, 0, 1))
        .bye()
}

/// The response that tells about message number `uid`.
pub(crate) fn facts_of(uid: u32, size: usize) -> String {
    format!(
        "* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE {size})\r\n"
    )
}

/// The response that brings message number `uid`.
pub(crate) fn body(uid: u32) -> String {
    let raw = message(uid);
    format!(
        "* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE \"20-Nov-2026 10:00:00 +0000\" RFC822.SIZE {} BODY[] {{{}}}\r\n{raw})\r\n",
        raw.len(),
        raw.len()
    )
}

/// Message number `uid`.
pub(crate) fn message(uid: u32) -> String {
    format!(
        "From: bob@example.org\r\nTo: {ANNA}\r\nSubject: number {uid}\r\nMessage-ID: <m{uid}@example.org>\r\n\r\nText.\r\n"
    )
}
