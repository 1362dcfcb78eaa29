//! Simulated domains: zone files and answers of web servers under `fixtures/domains`, one folder for each, spoken to as the
//! real world is.
//!
//! A folder `DOMAIN` has
//! - `zone`: records as in a zone file, `NAME TYPE DATA` in each line, `;` for comments;
//! - `web/HOST/PATH`: what a web server answers (`PATH.redirect`: where it redirects to), 404 for everything else;
//! - `servers`: mail servers that answer, `HOST:PORT:SECURITY` in each line;
//! - `stalls`: parts of names and addresses that are never answered;
//! - `expected.json`: what detection should end with.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mailroom_connect::{
    ConnectError, Detection, DnsError, HttpError, MxRecord, Offered, Purpose, Resolver, ServerProbe,
    SrvRecord, Web, WebAnswer,
};
use mailroom_model::{Coded as _, Endpoint, ErrorCode};
use serde_json::Value;
use url::Url;

/// The database of providers in this world.
pub const ISPDB: &str = "https://ispdb.test/v1.1/";

/// How long answers take: as on an ordinary connection, so that times can be compared.
const DNS: Duration = Duration::from_millis(15);
const WEB: Duration = Duration::from_millis(80);
const MAIL: Duration = Duration::from_millis(120);

/// One simulated domain and everything around it.
#[derive(Debug)]
pub struct World {
    /// The domain.
    pub domain: String,
    /// What detection should end with: `imap`, `smtp` and `source`, or the code in `ends`.
    pub expected: Value,
    records: BTreeMap<String, Vec<(String, String)>>,
    web: PathBuf,
    servers: Vec<String>,
    stalls: Vec<String>,
    asked: Mutex<Vec<String>>,
}

impl World {
    /// Every simulated domain, by name.
    ///
    /// # Errors
    /// When a fixture cannot be read.
    pub fn every() -> io::Result<Vec<Self>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/domains");
        let mut worlds = std::fs::read_dir(folder)?
            .map(|entry| Self::read(&entry?.path()))
            .collect::<io::Result<Vec<_>>>()?;
        worlds.sort_by(|one, other| one.domain.cmp(&other.domain));
        Ok(worlds)
    }

    fn read(folder: &Path) -> io::Result<Self> {
        let lines = |name: &str| -> Vec<String> {
            let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            text.lines().map(str::to_owned).collect()
        };
        let mut records: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        let zone = std::fs::read_to_string(folder.join("zone"))?;
        for line in zone.lines().filter(|line| !line.starts_with(';')) {
            let mut words = line.splitn(3, ' ');
            let (Some(name), Some(kind), Some(data)) = (words.next(), words.next(), words.next()) else {
                return Err(io::Error::other(format!("no record: {line}")));
            };
            let record = (kind.to_owned(), data.to_owned());
            records.entry(name.to_owned()).or_default().push(record);
        }
        Ok(Self {
            domain: folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            expected: serde_json::from_slice(&std::fs::read(folder.join("expected.json"))?)?,
            records,
            web: folder.join("web"),
            servers: lines("servers"),
            stalls: lines("stalls"),
            asked: Mutex::default(),
        })
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// True when somebody in this world never answers.
    pub fn stalls(&self) -> bool {
        !self.stalls.is_empty()
    }

    /// What was found, in words, and whether it is right.
    pub fn judge(&self, found: &Result<Detection, ConnectError>) -> (String, bool) {
        let detection = match found {
            Ok(detection) => detection,
            Err(error) => {
                let code = error.code().as_str();
                return (code.to_owned(), self.expects("ends", code));
            }
        };
        let Some(best) = detection.candidates.first() else {
            return ("nothing".to_owned(), false);
        };
        let first = |servers: &[Endpoint]| servers.first().map(ToString::to_string).unwrap_or_default();
        let (imap, smtp) = (first(&best.servers.imap), first(&best.servers.smtp));
        let source = serde_json::to_value(best.source).unwrap_or_default();
        let source = source.as_str().unwrap_or_default().to_owned();
        let is_right =
            self.expects("imap", &imap) && self.expects("smtp", &smtp) && self.expects("source", &source);
        (format!("{imap} {smtp} by {source}"), is_right)
    }

    fn expects(&self, what: &str, found: &str) -> bool {
        self.expected.get(what).and_then(Value::as_str) == Some(found)
    }

    async fn ask(&self, what: String, takes: Duration) {
        let stalls = self.stalls.iter().any(|part| what.contains(part.as_str()));
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(what);
        if stalls {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(takes).await;
    }

    async fn records<T>(
        &self,
        kind: &str,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, DnsError> {
        self.ask(format!("{kind} {name}"), DNS).await;
        let records = self.records.get(&format!("{name}."));
        let records = records.ok_or(DnsError::NoSuchDomain)?;
        Ok(records
            .iter()
            .filter(|(found, _)| found == kind)
            .filter_map(|(_, data)| read(data))
            .collect())
    }
}

#[async_trait]
impl Resolver for World {
    async fn mx(&self, domain: &str) -> Result<Vec<MxRecord>, DnsError> {
        let read = |data: &str| {
            let (preference, host) = data.split_once(' ')?;
            Some(MxRecord {
                preference: preference.parse().ok()?,
                host: host.to_owned(),
            })
        };
        self.records("MX", domain, read).await
    }

    async fn srv(&self, name: &str) -> Result<Vec<SrvRecord>, DnsError> {
        let read = |data: &str| {
            let mut words = data.split(' ');
            let mut number = || words.next()?.parse().ok();
            let (priority, weight, port) = (number()?, number()?, number()?);
            Some(SrvRecord {
                priority,
                weight,
                port,
                target: words.next()?.to_owned(),
            })
        };
        self.records("SRV", name, read).await
    }

    async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let read = |data: &str| Some(data.trim_matches('"').to_owned());
        self.records("TXT", name, read).await
    }
}

#[async_trait]
impl Web for World {
    async fn get(&self, url: &Url) -> Result<WebAnswer, HttpError> {
        self.ask(url.to_string(), WEB).await;
        let host = url.host_str().unwrap_or_default();
        let path = self.web.join(host).join(url.path().trim_start_matches('/'));
        if let Ok(body) = std::fs::read(&path) {
            return Ok(WebAnswer {
                status: 200,
                body,
                ..WebAnswer::default()
            });
        }
        let mut redirect = path.into_os_string();
        redirect.push(".redirect");
        let location = std::fs::read_to_string(redirect).ok();
        Ok(WebAnswer {
            status: if location.is_some() { 301 } else { 404 },
            location: location.map(|location| location.trim().to_owned()),
            body: Vec::new(),
        })
    }
}

#[async_trait]
impl ServerProbe for World {
    async fn offered(&self, _: Purpose, endpoint: &Endpoint) -> Result<Offered, ErrorCode> {
        let name = endpoint.to_string();
        self.ask(format!("connect {name}"), MAIL).await;
        if self.servers.contains(&name) {
            Ok(Offered { password: true })
        } else {
            Err(ErrorCode::ConnectRefused)
        }
    }
}
