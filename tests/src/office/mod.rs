//! The test office: real servers, private to one test.
//!
//! Dovecot keeps the mail, Exim takes what is sent, and an OpenID provider signs people in. All of them listen on
//! 127.0.0.1 only, keep everything in one temporary folder, and end with the [`Office`] value, or with the program
//! when that is killed.

mod configuration;
mod error;
mod independent;
mod installation;
mod mailbox;
mod options;
mod place;
mod port;
mod provider;
mod session;

use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};

pub use error::OfficeError;
pub use independent::{MailServer, Maker, Obstacle};
pub use options::{DOMAIN, MailStore, OfficeOptions, ServerProfile};
pub use provider::Tokens;
pub use session::{Session, literal, mailbox_name};

use crate::process::{self, Process};
use configuration::Numbers;
use place::{Operator, Place};
use port::Port;
use provider::Provider;

use crate::browser::{self, Landing};
use crate::certificate::{Authority, CertificateKind};
use crate::{Random, until};

/// How long a server may take until it listens.
const READY: Duration = Duration::from_mins(1);
/// How many lines of a log an error shows.
const LOG_LINES: usize = 30;
/// The OAuth client that the provider knows: public, as a program on somebody's machine is.
const CLIENT_ID: &str = "mailroom";

const DOVECOT: &str = "dovecot";
const EXIM: &str = "exim";
const PROVIDER: &str = "oidc";

/// A running office. Dropping it ends its servers and removes its folder.
#[derive(Debug)]
pub struct Office {
    dovecot: Mutex<Option<Process>>,
    others: Vec<(&'static str, Process)>,
    place: Place,
    operator: Operator,
    authority: Authority,
    ca: PathBuf,
    options: OfficeOptions,
    users: Mutex<Vec<(String, String)>>,
    ports: Numbers,
    provider: Option<Provider>,
    imports: Mutex<u32>,
    reserved: Vec<Port>,
}

impl Office {
    /// Starts an office and waits until all its servers listen: about half a second.
    pub fn start(options: &OfficeOptions) -> Result<Self, OfficeError> {
        const ATTEMPTS: usize = 3;
        installation::check(options)?;
        let mut random = Random::new(RandomState::new().build_hasher().finish());
        let mut attempt = 1;
        loop {
            let reserved = (0..6)
                .map(|_| Port::draw(&mut random))
                .collect::<Result<Vec<_>, _>>()?;
            let error = match Self::furnish(options, &reserved) {
                Ok(mut office) => {
                    office.reserved = reserved;
                    return Ok(office);
                }
                Err(error) => error,
            };
            // Somebody outside the kit may have taken one of the ports in the meantime.
            let clash = reserved.iter().any(|port| !port::is_free(port.number()));
            if !clash || attempt == ATTEMPTS || !matches!(error, OfficeError::NotReady { .. }) {
                return Err(error);
            }
            attempt += 1;
        }
    }

    fn furnish(options: &OfficeOptions, reserved: &[Port]) -> Result<Self, OfficeError> {
        let numbers: Vec<u16> = reserved.iter().map(Port::number).collect();
        let &[imap, imaps, lmtp, submission, submissions, oidc] = numbers.as_slice() else {
            return Err(OfficeError::NoPorts);
        };
        let operator = Operator::find()?;
        let place = Place::make(&operator)?;
        let authority = Authority::new()?;
        let mut office = Self {
            dovecot: Mutex::new(None),
            others: Vec::new(),
            ca: place.path().join("tls/ca.crt"),
            place,
            operator,
            authority,
            options: options.clone(),
            users: Mutex::new(options.users.clone()),
            ports: Numbers {
                imap,
                imaps,
                lmtp,
                submission,
                submissions,
                oidc,
            },
            provider: options.oidc.then(|| Provider::new(oidc)),
            imports: Mutex::new(0),
            reserved: Vec::new(),
        };
        // The slowest first.
        if options.oidc {
            office.start_provider()?;
        }
        office.write_files()?;
        office.start_dovecot()?;
        if options.smtp {
            office.start_exim()?;
        }
        office.wait_for_dovecot()?;
        let ports = office.ports;
        for (name, process) in &mut office.others {
            let wanted: &[u16] = if *name == EXIM {
                &[ports.submission, ports.submissions]
            } else {
                &[ports.oidc]
            };
            wait_until_open(&office.place, name, process, wanted)?;
        }
        Ok(office)
    }

    fn write_files(&self) -> Result<(), OfficeError> {
        for kind in CertificateKind::EVERY {
            let identity = self.authority.identity(kind)?;
            self.place
                .write(&format!("tls/{}.crt", kind.name()), &identity.chain_pem)?;
            self.place
                .write(&format!("tls/{}.key", kind.name()), &identity.key_pem)?;
        }
        self.place.write("tls/ca.crt", &self.authority.pem())?;
        configuration::write(&self.place, &self.operator, &self.options, self.ports)?;
        for (user, _) in &self.options.users {
            self.prepare_home(user)?;
        }
        if self.options.smtp {
            let copy = self.dir().join("bin/exim");
            let failed = |source| OfficeError::File {
                action: "copy",
                path: installation::EXIM.into(),
                source,
            };
            fs::copy(installation::EXIM, &copy).map_err(failed)?;
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).map_err(failed)?;
        }
        self.operator.own(self.dir())
    }

    /// Gmail's folders are views whose definitions lie in the user's home.
    fn prepare_home(&self, user: &str) -> Result<(), OfficeError> {
        if self.options.profile != ServerProfile::Gmail {
            return Ok(());
        }
        let home = self.dir().join("mail").join(user);
        for (view, query) in [("All Mail", "all"), ("Starred", "flagged")] {
            let folder = home.join("virtual").join(view);
            let failed = |source| OfficeError::File {
                action: "make",
                path: folder.clone(),
                source,
            };
            fs::create_dir_all(&folder).map_err(failed)?;
            fs::write(folder.join("dovecot-virtual"), format!("*\n  {query}\n")).map_err(failed)?;
        }
        self.operator.own(&home)
    }

    fn start_provider(&mut self) -> Result<(), OfficeError> {
        let script = format!("{}/server.mjs", installation::PROVIDER);
        let (port, ttl) = (self.ports.oidc.to_string(), self.options.access_ttl_s.to_string());
        // Not as the servers' user, who may be unable to read the project's folder.
        let privileges = ["--pdeathsig", "KILL", "--"].map(str::to_owned);
        let program = ["node", &script, "--port", &port, "--access-ttl", &ttl];
        let process = start(&privileges, &program, self.dir(), &self.log_file(PROVIDER))?;
        self.others.push((PROVIDER, process));
        Ok(())
    }

    fn start_exim(&mut self) -> Result<(), OfficeError> {
        let (program, config) = (self.file("bin/exim"), self.file("conf/exim.conf"));
        let program = [program.as_str(), "-C", &config, "-bdf", "-q5s"];
        let process = start(
            &self.operator.privileges(),
            &program,
            self.dir(),
            &self.log_file(EXIM),
        )?;
        self.others.push((EXIM, process));
        Ok(())
    }

    fn start_dovecot(&self) -> Result<(), OfficeError> {
        let config = self.file("conf/dovecot.conf");
        let program = ["/usr/sbin/dovecot", "-F", "-c", &config];
        let process = start(
            &self.operator.privileges(),
            &program,
            self.dir(),
            &self.log_file(DOVECOT),
        )?;
        *lock(&self.dovecot) = Some(process);
        Ok(())
    }

    fn wait_for_dovecot(&self) -> Result<(), OfficeError> {
        let wanted = [self.ports.imap, self.ports.imaps, self.ports.lmtp];
        match lock(&self.dovecot).as_mut() {
            Some(process) => wait_until_open(&self.place, DOVECOT, process, &wanted)?,
            None => return Err(OfficeError::SwitchedOff { server: DOVECOT }),
        }
        // Its ports are open before it can tell who may sign in.
        let socket = self.dir().join("run/auth-client");
        if until(READY, || session::greet_authentication(&socket).is_ok()) {
            return Ok(());
        }
        Err(OfficeError::NotReady {
            server: DOVECOT,
            log: log_tail(&self.place, DOVECOT),
        })
    }

    fn file(&self, name: &str) -> String {
        self.dir().join(name).display().to_string()
    }

    fn log_file(&self, server: &str) -> PathBuf {
        self.dir().join(format!("log/{server}.out"))
    }
}

/// Where everything is.
impl Office {
    /// The domain of all addresses, `mailroom.test`.
    pub fn domain(&self) -> &'static str {
        DOMAIN
    }

    /// The office's folder.
    pub fn dir(&self) -> &Path {
        self.place.path()
    }

    /// IMAP with STARTTLS.
    pub fn imap_port(&self) -> u16 {
        self.ports.imap
    }

    /// IMAP with TLS from the first byte.
    pub fn imaps_port(&self) -> u16 {
        self.ports.imaps
    }

    /// Submission with STARTTLS.
    pub fn submission_port(&self) -> u16 {
        self.ports.submission
    }

    /// Submission with TLS from the first byte.
    pub fn submissions_port(&self) -> u16 {
        self.ports.submissions
    }

    /// Delivery (RFC 2033), without TLS and without sign-in.
    pub fn lmtp_port(&self) -> u16 {
        self.ports.lmtp
    }

    /// The OpenID provider, `http://127.0.0.1:PORT`; empty when the office has none.
    pub fn issuer(&self) -> String {
        self.provider
            .as_ref()
            .map(|provider| provider.issuer().to_owned())
            .unwrap_or_default()
    }

    /// The OAuth client that the provider knows: public, PKCE, any loopback port or `app.mailroom://oauth/callback`.
    pub fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// The page on which an administrator allows the program: whoever opens it has.
    pub fn approval_page(&self) -> String {
        format!("{}/admin/consent", self.issuer())
    }

    /// Writes the policy of an organisation that runs this office, and returns where. `redirect` is how a sign-in comes
    /// back, where it is not the usual way.
    ///
    /// Errors: [`OfficeError::File`].
    pub fn write_policy(&self, redirect: Option<&str>) -> Result<PathBuf, OfficeError> {
        let issuer = self.issuer();
        let mut registration =
            json!({ "client_id": self.client_id(), "approval_page": self.approval_page() });
        if let (Some(redirect), Some(registration)) = (redirect, registration.as_object_mut()) {
            registration.insert("redirect".to_owned(), json!(redirect));
        }
        let policy = json!({
            "version": 1,
            "registrations": { &issuer: registration },
            "servers": { self.domain(): {
                "name": "Mailroom office",
                "imap": [format!("localhost:{}:tls", self.imaps_port())],
                "smtp": [format!("localhost:{}:tls", self.submissions_port())],
                "issuer": issuer,
                "password": true,
            } },
        });
        let path = self.dir().join("policy.json");
        match fs::write(&path, policy.to_string()) {
            Ok(()) => Ok(path),
            Err(source) => Err(OfficeError::File {
                action: "write",
                path,
                source,
            }),
        }
    }

    /// The certificate authority as a PEM file.
    pub fn ca_path(&self) -> &Path {
        &self.ca
    }

    /// The certificate authority as DER.
    pub fn ca_der(&self) -> CertificateDer<'static> {
        self.authority.der()
    }

    /// The certificate authority.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The addresses with their passwords.
    pub fn users(&self) -> Vec<(String, String)> {
        lock(&self.users).clone()
    }

    /// The processes of all servers, children included.
    pub fn processes(&self) -> Vec<u32> {
        process::working_in(self.dir())
    }

    /// The last lines of all logs.
    pub fn log_tail(&self) -> String {
        [DOVECOT, EXIM, PROVIDER]
            .map(|server| log_tail(&self.place, server))
            .join("")
    }
}

/// Servers that fail.
impl Office {
    /// Ends the IMAP server and all its sessions; connections are refused from now on.
    pub fn stop_imap(&self) {
        lock(&self.dovecot).take();
        let ports = [self.ports.imap, self.ports.imaps, self.ports.lmtp];
        until(READY, || ports.iter().all(|port| port::is_free(*port)));
    }

    /// Starts the IMAP server again on the same ports.
    pub fn start_imap(&self) -> Result<(), OfficeError> {
        self.stop_imap();
        // Dovecot does not start while it finds the process number of its predecessor.
        let run = self.dir().join("run");
        let failed = |source| OfficeError::File {
            action: "make",
            path: run.clone(),
            source,
        };
        until(READY, || fs::remove_dir_all(&run).is_ok() || !run.exists());
        fs::create_dir(&run).map_err(failed)?;
        self.operator.own(&run)?;
        self.start_dovecot()?;
        self.wait_for_dovecot()
    }
}

/// Signing in with OAuth.
impl Office {
    /// Plays the person: opens the address, signs in as `login`, allows, follows the redirect.
    pub async fn approve(&self, authorize_url: &str, login: &str) -> Result<Landing, OfficeError> {
        Ok(browser::approve(authorize_url, login).await?)
    }

    /// Plays the person who presses Cancel.
    pub async fn deny(&self, authorize_url: &str) -> Result<Landing, OfficeError> {
        Ok(browser::deny(authorize_url).await?)
    }

    /// Signs `login` in and returns the tokens.
    pub fn tokens(&self, login: &str) -> Result<Tokens, OfficeError> {
        self.provider()?
            .tokens(login, CLIENT_ID, &self.options.token_scope)
    }

    /// Changes the provider's behaviour: `{"accessTtl": 2}`, `{"rotate": false}`, `{"failToken": {"count": 1,
    /// "status": 503}}` (status 0 drops the connection; also `retryAfter`, `delayMs`, `body`), `{"needsAdministrator":
    /// true}` until [`Self::approval_page`] is opened.
    pub fn oidc_set(&self, change: &Value) -> Result<(), OfficeError> {
        self.provider()?.set(change)
    }

    /// Ends one access token; its refresh token lives on.
    pub fn oidc_kill_access(&self, token: &str) -> Result<(), OfficeError> {
        self.provider()?.kill_access(token)
    }

    /// Ends everything that anybody granted, as a person does on the provider's page of connected programs.
    pub fn oidc_end_grants(&self) -> Result<(), OfficeError> {
        self.provider()?.end_grants()
    }

    /// The requests that the provider saw, `{"method", "path"}` each, oldest first.
    pub fn oidc_log(&self) -> Result<Vec<Value>, OfficeError> {
        self.provider()?.log()
    }

    fn provider(&self) -> Result<&Provider, OfficeError> {
        self.provider
            .as_ref()
            .ok_or(OfficeError::SwitchedOff { server: PROVIDER })
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if thread::panicking() {
            report(&self.log_tail());
        }
        lock(&self.dovecot).take();
        self.others.clear();
        process::clear_out(self.place.path());
        self.place.remove();
        self.reserved.clear();
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a test that fails shows what its servers had to say"
)]
fn report(log: &str) {
    eprintln!("{log}");
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a server; an error names it.
fn start(privileges: &[String], program: &[&str], folder: &Path, log: &Path) -> Result<Process, OfficeError> {
    Process::start(privileges, program, folder, log).map_err(|source| OfficeError::Start {
        program: program.first().copied().unwrap_or_default().to_owned(),
        source,
    })
}

fn wait_until_open(
    place: &Place,
    server: &'static str,
    process: &mut Process,
    ports: &[u16],
) -> Result<(), OfficeError> {
    let mut waiting = ports.to_vec();
    let mut ended = false;
    until(READY, || {
        waiting.retain(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_err());
        ended = !process.is_running();
        ended || waiting.is_empty()
    });
    if ended || !waiting.is_empty() {
        return Err(OfficeError::NotReady {
            server,
            log: log_tail(place, server),
        });
    }
    Ok(())
}

fn log_tail(place: &Place, server: &str) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(place.path().join("log"))
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(server))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let mut tail = String::new();
    for file in files {
        let text = fs::read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        for line in lines.iter().skip(lines.len().saturating_sub(LOG_LINES)) {
            let _ = writeln!(tail, "{server}: {line}");
        }
    }
    tail
}
