//! IMAP servers that are not Dovecot: Cyrus and Courier, each private to one test. Debian's packages of the three exclude
//! each other, so `cargo xtask setup` unpacks these two below the target folder instead of installing them.

use std::fmt;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::configuration::fill;
use super::place::{Operator, Place};
use super::port::Port;
use super::{DOMAIN, OfficeError, Session, log_tail, start, wait_until_open};
use crate::certificate::{Authority, CertificateKind};
use crate::process::{Process, clear_out};
use crate::{Random, until};

const CYRUS_CONF: &str = include_str!("../../office/cyrus/cyrus.conf");
const IMAPD_CONF: &str = include_str!("../../office/cyrus/imapd.conf");
const COURIER: &str = include_str!("../../office/courier/start.sh");

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Cyrus IMAP.
    Cyrus,
    /// Courier IMAP.
    Courier,
}

impl Maker {
    /// The name of its folder, log and row.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cyrus => "cyrus",
            Self::Courier => "courier",
        }
    }

    /// Where its packages are unpacked.
    fn root(self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../target/mail-servers")
            .join(self.name())
    }

    /// Why this machine cannot run it; `None` when it can.
    pub fn obstacle(self) -> Option<Obstacle> {
        if !self.root().join("complete").exists() {
            return Some(Obstacle::NotUnpacked);
        }
        let is_root = rustix::process::geteuid().is_root();
        (self == Self::Courier && !is_root).then_some(Obstacle::NotRoot)
    }
}

/// Why a server cannot run here. The tests say so instead of passing in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Its packages are not there.
    NotUnpacked,
    /// Its paths are compiled in, and only root can lay others over them.
    NotRoot,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUnpacked => "its packages are not unpacked: run cargo xtask setup",
            Self::NotRoot => "only root can run it",
        })
    }
}

/// A running server. Dropping it ends it and removes its folder.
#[derive(Debug)]
pub struct MailServer {
    process: Option<Process>,
    place: Place,
    ports: [Port; 2],
    users: Vec<(String, String)>,
}

impl MailServer {
    /// Starts a server with mailboxes of these users, who sign in without a domain, and their passwords; its certificate is the
    /// authority's. Waits until it listens: about half a second.
    ///
    /// # Errors
    /// As [`Office::start`](super::Office::start), and [`OfficeError::Nobody`] without users.
    pub fn start(
        maker: Maker,
        users: Vec<(String, String)>,
        authority: &Authority,
    ) -> Result<Self, OfficeError> {
        let (user, password) = users.first().cloned().ok_or(OfficeError::Nobody {
            address: String::new(),
        })?;
        let mut random = Random::new(RandomState::new().build_hasher().finish());
        let operator = Operator::find()?;
        let place = Place::make(&operator)?;
        let mut server = Self {
            process: None,
            place,
            ports: [Port::draw(&mut random)?, Port::draw(&mut random)?],
            users,
        };
        let identity = authority.identity(CertificateKind::Good)?;
        let (chain, key) = (identity.chain_pem.as_str(), identity.key_pem.as_str());
        server.place.write("tls/server.crt", chain)?;
        server.place.write("tls/server.key", key)?;
        server.place.write("tls/server.pem", &format!("{key}{chain}"))?;
        let process = match maker {
            Maker::Cyrus => server.start_cyrus(&operator)?,
            Maker::Courier => server.start_courier(&operator)?,
        };
        let process = server.process.insert(process);
        let ports = [server.ports[0].number(), server.ports[1].number()];
        wait_until_open(&server.place, maker.name(), process, &ports)?;
        // Its ports are open before it can tell who may sign in.
        if until(Duration::from_secs(10), || {
            Session::open(ports[0], &user, &password).is_ok()
        }) {
            return Ok(server);
        }
        Err(OfficeError::NotReady {
            server: maker.name(),
            log: log_tail(&server.place, maker.name()),
        })
    }

    fn values(&self, operator: &Operator, more: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let mut values = vec![
            ("DIR", self.place.path().display().to_string()),
            ("DOMAIN", DOMAIN.to_owned()),
            ("USER", operator.user.clone()),
            ("GROUP", operator.group.clone()),
            ("UID", operator.uid().to_string()),
            ("GID", operator.gid().to_string()),
            ("IMAP_PORT", self.imap_port().to_string()),
            ("IMAPS_PORT", self.imaps_port().to_string()),
        ];
        values.extend_from_slice(more);
        values
    }

    fn start_cyrus(&self, operator: &Operator) -> Result<Process, OfficeError> {
        let dir = self.place.path();
        // Whoever runs it may be unable to read the project's folder.
        let root = dir.join("bin/root");
        run(Command::new("cp").arg("-a").arg(Maker::Cyrus.root()).arg(&root))?;
        let bin = root.join("usr/lib/cyrus/bin").display().to_string();
        let values = self.values(operator, &[("BIN", bin.clone())]);
        self.place
            .write("conf/imapd.conf", &fill("imapd.conf", IMAPD_CONF, &values)?)?;
        self.place
            .write("conf/cyrus.conf", &fill("cyrus.conf", CYRUS_CONF, &values)?)?;
        for folder in ["cyrus/db", "cyrus/socket", "run/proc", "run/lock"] {
            let path = dir.join(folder);
            fs::create_dir_all(&path).map_err(|source| OfficeError::File {
                action: "make",
                path,
                source,
            })?;
        }
        let triplet = format!("{}-linux-gnu", std::env::consts::ARCH);
        let libraries = format!(
            "{root}/usr/lib/{triplet}:{root}/lib/{triplet}",
            root = root.display()
        );
        for (user, password) in &self.users {
            let mut command = Command::new("sh");
            command
                .args([
                    "-c",
                    "printf %s \"$1\" | \"$2\" -p -c -f \"$3\" -u \"$4\" \"$5\"",
                    "sh",
                    password,
                ])
                .arg(root.join("usr/sbin/saslpasswd2"))
                .arg(dir.join("conf/sasldb2"))
                .args([format!("cyrus.{DOMAIN}").as_str(), user.as_str()])
                .env("LD_LIBRARY_PATH", &libraries);
            run(&mut command)?;
        }
        operator.own(dir)?;
        let (config, services) = (dir.join("conf/imapd.conf"), dir.join("conf/cyrus.conf"));
        let (config, services) = (config.display().to_string(), services.display().to_string());
        let pid = dir.join("run/master.pid").display().to_string();
        let master = format!("{bin}/master");
        let library_path = format!("LD_LIBRARY_PATH={libraries}");
        let program = [
            "env",
            &library_path,
            &master,
            "-C",
            &config,
            "-M",
            &services,
            "-p",
            &pid,
            "-D",
        ];
        start(&operator.privileges(), &program, dir, &dir.join("log/cyrus.out"))
    }

    fn start_courier(&self, operator: &Operator) -> Result<Process, OfficeError> {
        let dir = self.place.path();
        let root = Maker::Courier.root();
        let root = root.canonicalize().map_err(|source| OfficeError::File {
            action: "read",
            path: root.clone(),
            source,
        })?;
        let values = self.values(operator, &[("ROOT", root.display().to_string())]);
        let script = self
            .place
            .write("conf/start.sh", &fill("start.sh", COURIER, &values)?)?;
        let line = |(name, password): &(String, String)| format!("{name} {password}\n");
        let users: Vec<String> = self.users.iter().map(line).collect();
        self.place.write("conf/users", &users.concat())?;
        for folder in ["conf/etc", "conf/work"] {
            let path = dir.join(folder);
            fs::create_dir_all(&path).map_err(|source| OfficeError::File {
                action: "make",
                path,
                source,
            })?;
        }
        let pem = dir.join("tls/server.pem");
        run(Command::new("chmod").arg("600").arg(pem))?;
        // The mailboxes' user has to get to them.
        run(Command::new("chmod").arg("711").arg(dir))?;
        let script = script.display().to_string();
        let program = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "bash",
            &script,
        ];
        let privileges = ["--pdeathsig", "KILL", "--"].map(str::to_owned);
        start(&privileges, &program, dir, &dir.join("log/courier.out"))
    }

    /// IMAP without TLS, for [`Self::session`].
    pub fn imap_port(&self) -> u16 {
        self.ports[0].number()
    }

    /// IMAP with TLS from the first byte.
    pub fn imaps_port(&self) -> u16 {
        self.ports[1].number()
    }

    /// Another program's hand in a mailbox.
    ///
    /// # Errors
    /// [`OfficeError::Refused`] for a user that there is not.
    pub fn session(&self, user: &str) -> Result<Session, OfficeError> {
        let password = self.users.iter().find(|(name, _)| name == user);
        let (_, password) = password.ok_or_else(|| OfficeError::Nobody {
            address: user.to_owned(),
        })?;
        Session::open(self.imap_port(), user, password)
    }

    /// Gives a folder, named by its path, another UIDVALIDITY. Courier's only: it stands in the first line of the folder's list
    /// of UIDs.
    ///
    /// # Errors
    /// [`OfficeError::File`] when there is no such folder.
    pub fn set_uid_validity(&self, user: &str, path: &str, value: u32) -> Result<(), OfficeError> {
        let maildir = self.place.path().join("mail").join(user).join("Maildir");
        let list = match path.strip_prefix("INBOX") {
            Some(below) if !below.is_empty() => maildir.join(below),
            _ => maildir,
        }
        .join("courierimapuiddb");
        let failed = |source| OfficeError::File {
            action: "write",
            path: list.clone(),
            source,
        };
        // A folder in which nothing was ever numbered has none.
        let lines = match fs::read_to_string(&list) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(failed)?,
        };
        let (head, rest) = lines.split_once('\n').unwrap_or((&lines, ""));
        let next = head.rsplit(' ').next().filter(|next| !next.is_empty());
        let next = next.unwrap_or("1");
        fs::write(&list, format!("1 {value} {next}\n{rest}")).map_err(failed)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.process.take());
        clear_out(self.place.path());
        self.place.remove();
    }
}

fn run(command: &mut Command) -> Result<(), OfficeError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|source| OfficeError::Start {
        program: program.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(OfficeError::Command {
        program,
        status: output.status.to_string(),
        words: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
