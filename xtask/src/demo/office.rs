use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::process::{self, Companion};
use crate::workspace::debug_program;

/// The running test office: real mail servers and an OpenID provider on loopback. It ends when dropped, and
/// also when this process is killed, because its standard input closes then.
pub(super) struct Office {
    /// Held for its end only.
    _program: Companion,
    /// The certificate authority that signed the servers' certificates, as a PEM file.
    pub(super) ca: String,
    /// The policy of an organisation that runs the office: it names the servers for their domain.
    pub(super) policy: String,
    pub(super) imaps_port: u64,
    pub(super) submissions_port: u64,
    /// The OpenID provider's address.
    pub(super) issuer: String,
    /// A client that the provider knows, without a secret.
    pub(super) client_id: String,
    /// Passwords by address.
    users: Value,
}

impl Office {
    pub(super) fn open() -> Outcome<Self> {
        let mut command = process::command(debug_program("mailroom-office"), &[]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = Companion::start(command)?;
        let line = program.first_line(Duration::from_mins(1))?;
        let wrong = |what: &str| Failure::Answer(format!("{what} from mailroom-office"), line.clone());
        let ready: Value = serde_json::from_str(&line).map_err(|_| wrong("one line of JSON"))?;
        let text = |name: &str| {
            ready
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(|| wrong(name))
        };
        let port = |name: &str| {
            let port = ready
                .get("ports")
                .and_then(|ports| ports.get(name))
                .and_then(Value::as_u64);
            port.ok_or_else(|| wrong(name))
        };
        Ok(Self {
            _program: program,
            ca: text("ca")?,
            policy: text("policy")?,
            imaps_port: port("imaps")?,
            submissions_port: port("submissions")?,
            issuer: text("issuer")?,
            client_id: text("client_id")?,
            users: ready.get("users").cloned().ok_or_else(|| wrong("users"))?,
        })
    }

    /// The IMAP and the SMTP server as the command takes them: host, port and security.
    pub(super) fn servers(&self) -> (String, String) {
        (
            format!("localhost:{}:tls", self.imaps_port),
            format!("localhost:{}:tls", self.submissions_port),
        )
    }

    /// The password of a mailbox.
    pub(super) fn password_of(&self, address: &str) -> Outcome<&str> {
        let password = self.users.get(address).and_then(Value::as_str);
        password.ok_or_else(|| Failure::Answer(format!("a password of {address}"), self.users.to_string()))
    }

    /// Signs `address` in on the provider's page and agrees there, as its owner would in a browser.
    pub(super) fn approve(&self, url: &str, address: &str) -> Outcome<()> {
        let mut command = process::command(
            debug_program("mailroom-office"),
            &["--approve", url, "--login", address],
        );
        command.env("SSL_CERT_FILE", &self.ca);
        process::capture(command).map(drop)
    }
}
