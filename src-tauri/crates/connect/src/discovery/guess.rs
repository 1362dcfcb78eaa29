//! The last rung: servers under the names that most have. Capabilities are read, nothing is shown to anybody.

use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use mailroom_model::{CandidateServers, Endpoint, ErrorCode, Security, UsernameForm};

use super::found::{Answer, FoundServers, server};

/// How long one server may take: those that are not there often say nothing at all, and must not cost those that are.
const PROBE_LIMIT: Duration = Duration::from_millis(2_500);

/// What a server that answered offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// It takes a password.
    pub password: bool,
}

/// Which protocol is expected of a guessed server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Reading, by IMAP.
    Read,
    /// Sending, by SMTP submission.
    Send,
}

/// Connects to mail servers without signing in.
#[async_trait]
pub trait ServerProbe: Send + Sync {
    /// Connects, encrypts with a certificate that is good for the host, reads what is offered, and leaves.
    ///
    /// # Errors
    /// The code of whatever failed.
    async fn offered(&self, purpose: Purpose, endpoint: &Endpoint) -> Result<Offered, ErrorCode>;
}

/// What to try for a domain, best first. `exchanger` is its preferred mail exchanger, where that may be the mailbox's host.
fn attempts(purpose: Purpose, domain: &str, exchanger: Option<&str>) -> Vec<Endpoint> {
    let (own, ports) = match purpose {
        Purpose::Read => ("imap", [(993, Security::Tls), (143, Security::StartTls)]),
        Purpose::Send => ("smtp", [(465, Security::Tls), (587, Security::StartTls)]),
    };
    let hosts = [format!("{own}.{domain}"), format!("mail.{domain}")]
        .into_iter()
        .chain(exchanger.map(str::to_owned));
    let mut attempts: Vec<Endpoint> = Vec::new();
    for host in hosts {
        for (port, security) in ports {
            attempts
                .extend(server(&host, port, security, domain).filter(|server| !attempts.contains(server)));
        }
    }
    attempts
}

/// How many servers a guess tries at most.
pub(super) fn attempt_count(domain: &str, exchanger: Option<&str>) -> usize {
    attempts(Purpose::Read, domain, exchanger).len() + attempts(Purpose::Send, domain, exchanger).len()
}

/// Tries all of them at once and takes the best that answered. Without one for reading there is nothing.
pub(super) async fn guess(probe: &dyn ServerProbe, domain: &str, exchanger: Option<&str>) -> Answer {
    let try_all =
        |purpose: Purpose| async move {
            let tried = join_all(attempts(purpose, domain, exchanger).into_iter().map(
                |endpoint| async move {
                    let offered = tokio::time::timeout(PROBE_LIMIT, probe.offered(purpose, &endpoint)).await;
                    offered.ok()?.ok().map(|offered| (endpoint, offered))
                },
            ))
            .await;
            tried.into_iter().flatten().find(|(_, offered)| offered.password)
        };
    let (imap, smtp) = futures::join!(try_all(Purpose::Read), try_all(Purpose::Send));
    let Some((imap, _)) = imap else {
        return Answer::Nothing;
    };
    Answer::Servers(Box::new(FoundServers {
        name: None,
        servers: CandidateServers {
            imap: vec![imap],
            smtp: smtp.into_iter().map(|(endpoint, _)| endpoint).collect(),
            imap_username: UsernameForm::Address,
            smtp_username: UsernameForm::Address,
        },
        imap_login: None,
        smtp_login: None,
        password: true,
        oauth: None,
        enable: Vec::new(),
        help: Vec::new(),
        web: None,
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Servers that are there, and those that were asked for.
    struct There(&'static [&'static str], Mutex<Vec<String>>);

    #[async_trait]
    impl ServerProbe for There {
        async fn offered(&self, _: Purpose, endpoint: &Endpoint) -> Result<Offered, ErrorCode> {
            let text = endpoint.to_string();
            let found = self.0.contains(&text.as_str());
            self.1.lock().unwrap().push(text);
            if found {
                Ok(Offered { password: true })
            } else {
                Err(ErrorCode::ConnectRefused)
            }
        }
    }

    #[tokio::test]
    async fn best_server_that_answers_is_taken() {
        let there = There(
            &[
                "mail.firma.example:143:starttls",
                "mail.firma.example:993:tls",
                "mail.firma.example:587:starttls",
                "mx.hoster.example:465:tls",
            ],
            Mutex::default(),
        );
        let answer = guess(&there, "firma.example", Some("mx.hoster.example")).await;
        let Answer::Servers(found) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(found.servers.imap[0].to_string(), "mail.firma.example:993:tls");
        assert_eq!(
            found.servers.smtp[0].to_string(),
            "mail.firma.example:587:starttls"
        );
        let asked = there.1.lock().unwrap().len();
        assert_eq!(asked, 12);
        assert_eq!(attempt_count("firma.example", Some("mx.hoster.example")), 12);
        assert_eq!(attempt_count("firma.example", Some("mail.firma.example")), 8);
    }

    #[tokio::test]
    async fn without_a_server_for_reading_nothing_is_found() {
        let there = There(&["smtp.firma.example:465:tls"], Mutex::default());
        assert_eq!(guess(&there, "firma.example", None).await, Answer::Nothing);
    }
}
