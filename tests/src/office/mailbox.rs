//! Preparing and reading mailboxes behind the servers' backs.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mailroom_model::UnixMillis;

use super::options::DOMAIN;
use super::session::{self, Session, literal, mailbox_name};
use super::{Office, OfficeError, configuration, lock};
use crate::generate::Generator;
use crate::{sample, until, wall_clock};

/// Mailboxes.
impl Office {
    /// Adds a user, and waits until they can sign in, send and receive: up to a second.
    pub fn add_user(&self, address: &str, password: &str) -> Result<(), OfficeError> {
        self.add(address, password, None)
    }

    /// Adds a user with a limit of `quota_bytes` for all mail together.
    pub fn add_user_with_quota(
        &self,
        address: &str,
        password: &str,
        quota_bytes: u64,
    ) -> Result<(), OfficeError> {
        self.add(address, password, Some(quota_bytes))
    }

    fn add(&self, address: &str, password: &str, quota_bytes: Option<u64>) -> Result<(), OfficeError> {
        let path = self.dir().join("conf/users");
        let line = configuration::user_line(self.dir(), address, password, quota_bytes);
        let failed = |source| OfficeError::File {
            action: "write",
            path: path.clone(),
            source,
        };
        self.prepare_home(address)?;
        let mut file = fs::File::options().append(true).open(&path).map_err(failed)?;
        file.write_all(line.as_bytes()).map_err(failed)?;
        lock(&self.users).push((address.to_owned(), password.to_owned()));
        // Dovecot looks at the file once a second.
        let mut session = self.session(address);
        until(Duration::from_secs(5), || {
            if session.is_err() {
                session = self.session(address);
            }
            session.is_ok()
        });
        session.map(drop)
    }

    /// Runs `doveadm` with these arguments as the servers' user (never as root, whose files would break the
    /// sessions), and returns what it prints.
    pub fn doveadm(&self, arguments: &[&str]) -> Result<String, OfficeError> {
        let config = self.file("conf/dovecot.conf");
        let output = Command::new("setpriv")
            .args(self.operator.privileges())
            .args(["/usr/bin/doveadm", "-c", &config])
            .args(arguments)
            .current_dir(self.dir())
            .output()
            .map_err(|source| OfficeError::Start {
                program: "doveadm".to_owned(),
                source,
            })?;
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(words);
        }
        Err(OfficeError::Command {
            program: format!("doveadm {}", arguments.join(" ")),
            status: output.status.to_string(),
            words: words + &String::from_utf8_lossy(&output.stderr),
        })
    }

    /// Delivers a message as a mail server does (LMTP): it is new, in INBOX or in the folder after a `+`.
    pub fn deliver(&self, to: &str, raw: &[u8]) -> Result<(), OfficeError> {
        session::deliver(self.ports.lmtp, DOMAIN, to, raw)
    }

    /// Puts a message into a folder (made when missing) with flags (`\Seen`, `$Forwarded`) and its time of arrival.
    pub fn append(
        &self,
        user: &str,
        folder: &str,
        flags: &[&str],
        received_at: Option<UnixMillis>,
        raw: &[u8],
    ) -> Result<(), OfficeError> {
        let mut session = self.session(user)?;
        session.ensure_folder(folder)?;
        session.append(folder, flags, received_at, raw)
    }

    /// Makes a folder, given as people read it (`Projekty/2026/Żółw`).
    pub fn create_folder(&self, user: &str, folder: &str) -> Result<(), OfficeError> {
        self.session(user)?.ensure_folder(folder)
    }

    /// Fills a mailbox with the sample mail, counted back from the machine's time.
    pub fn sample_mail(&self, user: &str) -> Result<usize, OfficeError> {
        self.sample_mail_at(user, wall_clock())
    }

    /// Fills a mailbox with the sample mail, counted back from `now`; returns how many messages there are.
    pub fn sample_mail_at(&self, user: &str, now: UnixMillis) -> Result<usize, OfficeError> {
        let mut session = self.session(user)?;
        let messages = sample::messages(user, now);
        for message in &messages {
            session.ensure_folder(message.folder)?;
            session.append(
                message.folder,
                message.flags,
                Some(message.received_at),
                &message.raw,
            )?;
        }
        Ok(messages.len())
    }

    /// Writes `count` generated messages into a folder.
    pub fn fill(
        &self,
        user: &str,
        folder: &str,
        generator: &mut Generator,
        count: usize,
    ) -> Result<(), OfficeError> {
        let number = {
            let mut imports = lock(&self.imports);
            *imports += 1;
            *imports
        };
        let root = self.dir().join(format!("import/{number}"));
        let failed = |source| OfficeError::File {
            action: "write",
            path: root.clone(),
            source,
        };
        let target = if folder.eq_ignore_ascii_case("INBOX") {
            root.clone()
        } else {
            for name in ["cur", "new", "tmp"] {
                fs::create_dir_all(root.join(name)).map_err(failed)?;
            }
            root.join(format!(".{}", mailbox_name(folder).replace('/', ".")))
        };
        generator.write_maildir(&target, count).map_err(failed)?;
        self.import_maildir(user, &root, folder)?;
        fs::remove_dir_all(&root).map_err(failed)
    }

    /// Copies one folder of a Maildir (Maildir++ names for sub-folders) into a mailbox. The Maildir is given to the
    /// servers' user.
    pub fn import_maildir(&self, user: &str, maildir: &Path, folder: &str) -> Result<(), OfficeError> {
        self.operator.own(maildir)?;
        let source = format!("maildir:{}", maildir.display());
        // The source speaks Maildir++: its levels are divided by dots.
        let folder = folder.replace('/', ".");
        self.doveadm(&["import", "-u", user, &source, "", "mailbox", &folder, "all"])
            .map(drop)
    }

    /// Gives a folder another UIDVALIDITY, as a server does that was restored from a copy.
    pub fn set_uid_validity(&self, user: &str, folder: &str, value: u32) -> Result<(), OfficeError> {
        self.doveadm(&[
            "mailbox",
            "update",
            "-u",
            user,
            "--uid-validity",
            &value.to_string(),
            folder,
        ])
        .map(drop)
    }

    /// Ends all sessions of a user.
    pub fn kick(&self, user: &str) -> Result<(), OfficeError> {
        self.doveadm(&["kick", user]).map(drop)
    }

    /// Gives `with` rights (RFC 4314: `lrs`, `lrswitedkxa`; empty takes them away) to a folder of `owner`; it then
    /// appears there as `shared/OWNER/FOLDER`.
    pub fn share(&self, owner: &str, folder: &str, with: &str, rights: &str) -> Result<(), OfficeError> {
        let mut session = self.session(owner)?;
        session.ensure_folder(folder)?;
        let folder = literal(mailbox_name(folder).as_bytes());
        if rights.is_empty() {
            return session
                .command("DELETEACL", &[&folder, b" ", &literal(with.as_bytes())])
                .map(drop);
        }
        session
            .command(
                "SETACL",
                &[&folder, b" ", &literal(with.as_bytes()), b" ", rights.as_bytes()],
            )
            .map(drop)
    }

    /// The messages that were sent to other domains, oldest first, with `Return-Path` and `Envelope-to` on top.
    pub fn outbound(&self) -> Result<Vec<Vec<u8>>, OfficeError> {
        let folder = self.dir().join("outbound/new");
        let failed = |source| OfficeError::File {
            action: "read",
            path: folder.clone(),
            source,
        };
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(failed)? {
            files.push(entry.map_err(failed)?.path());
        }
        files.sort();
        files.iter().map(|file| fs::read(file).map_err(failed)).collect()
    }

    /// While on, a sender other than the one who signed in is refused with 553.
    pub fn set_strict_sender(&self, on: bool) -> Result<(), OfficeError> {
        let path = self.dir().join("conf/strict-sender");
        let done = if on {
            fs::write(&path, "")
        } else {
            fs::remove_file(&path)
        };
        done.map_err(|source| OfficeError::File {
            action: "write",
            path,
            source,
        })
    }

    /// Signs in as another mail program of the user does.
    pub fn session(&self, user: &str) -> Result<Session, OfficeError> {
        let password = lock(&self.users)
            .iter()
            .find(|(name, _)| name == user)
            .map(|(_, password)| password.clone());
        let password = password.ok_or_else(|| OfficeError::Nobody {
            address: user.to_owned(),
        })?;
        Session::open(self.ports.imap, user, &password)
    }
}
