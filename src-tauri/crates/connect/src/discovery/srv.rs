//! Servers from SRV records (RFC 6186, RFC 8314 §5.1).

use mailroom_model::{CandidateServers, Endpoint, Security, UsernameForm};

use super::SrvRecord;
use super::found::{Answer, FoundServers, server};

/// The services in question, IMAP first: name, and how a connection is protected.
pub(super) const SERVICES: [(&str, Security); 4] = [
    ("_imaps._tcp", Security::Tls),
    ("_imap._tcp", Security::StartTls),
    ("_submissions._tcp", Security::Tls),
    ("_submission._tcp", Security::StartTls),
];

/// The records of the four services, in the order of [`SERVICES`].
pub(super) type ServiceRecords = [Vec<SrvRecord>; 4];

/// What the records say. Reading is what makes a mailbox: without IMAP they say nothing.
pub(super) fn read(records: ServiceRecords, domain: &str) -> Answer {
    let mut lists = records
        .into_iter()
        .zip(SERVICES)
        .map(|(records, (_, security))| in_order(records, security, domain));
    let mut both = || -> Vec<Endpoint> { lists.by_ref().take(2).flatten().collect() };
    let (imap, smtp) = (both(), both());
    if imap.is_empty() {
        return Answer::Nothing;
    }
    Answer::Servers(Box::new(FoundServers {
        name: None,
        servers: CandidateServers {
            imap,
            smtp,
            // There is no word about user names: the address, then its first part (RFC 6186 §4).
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

/// By priority, then the heavier first. A target `.` says that the service is not offered.
fn in_order(mut records: Vec<SrvRecord>, security: Security, domain: &str) -> Vec<Endpoint> {
    records.sort_by(|one, other| {
        (one.priority, std::cmp::Reverse(one.weight), &one.target).cmp(&(
            other.priority,
            std::cmp::Reverse(other.weight),
            &other.target,
        ))
    });
    records
        .iter()
        .filter_map(|record| {
            // Some publish the port of implicit TLS under the name of STARTTLS.
            let security = if record.port == 465 {
                Security::Tls
            } else {
                security
            };
            server(&record.target, record.port, security, domain)
        })
        .take(4)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(priority: u16, weight: u16, port: u16, target: &str) -> SrvRecord {
        SrvRecord {
            priority,
            weight,
            port,
            target: target.to_owned(),
        }
    }

    #[test]
    fn records_count_by_priority_and_then_by_weight() {
        let answer = read(
            [
                vec![
                    record(20, 100, 993, "last.example.com."),
                    record(10, 1, 993, "light.example.com."),
                    record(10, 60, 993, "heavy.example.com."),
                ],
                vec![record(0, 0, 143, "imap.example.com.")],
                Vec::new(),
                vec![
                    record(0, 0, 587, "smtp.example.com."),
                    record(1, 0, 465, "smtps.example.com."),
                ],
            ],
            "example.com",
        );
        let Answer::Servers(found) = answer else {
            panic!("{answer:?}")
        };
        let texts = |servers: &[Endpoint]| servers.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            texts(&found.servers.imap),
            [
                "heavy.example.com:993:tls",
                "light.example.com:993:tls",
                "last.example.com:993:tls",
                "imap.example.com:143:starttls"
            ]
        );
        assert_eq!(
            texts(&found.servers.smtp),
            ["smtp.example.com:587:starttls", "smtps.example.com:465:tls"]
        );
    }

    #[test]
    fn service_that_is_not_offered_is_no_server() {
        let nothing = read(
            [
                vec![record(0, 0, 0, ".")],
                Vec::new(),
                vec![record(0, 0, 465, "smtp.example.com.")],
                Vec::new(),
            ],
            "example.com",
        );
        assert_eq!(nothing, Answer::Nothing);
    }
}
