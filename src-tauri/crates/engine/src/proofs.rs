//! The Test of an account: eight proofs, each from traffic that happened, and a message to oneself where it is wanted.
//!
//! What was tried and seen are facts by name; the words are the reader's. Two chains run side by side: the
//! server for reading and the one for sending.

mod full_loop;
mod report;
mod run;

use mailroom_model::Param;

use crate::certificates::ServerKind;
use crate::event::Fault;

/// What is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProofKind {
    /// The servers' names have addresses.
    NameLookup,
    /// The connections are encrypted and the certificates are good, or excepted.
    Tls,
    /// The IMAP server accepts the sign-in.
    ImapSignIn,
    /// The folders can be listed.
    FolderList,
    /// A header can be read.
    ReadHeader,
    /// The SMTP server accepts the sign-in.
    SmtpSignIn,
    /// The SMTP server lets the account send as its address; nothing is sent.
    RightToSend,
    /// The server announces new mail by itself.
    Push,
    /// A message to oneself arrives. Only on demand.
    FullLoop,
}

impl ProofKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NameLookup => "name-lookup",
            Self::Tls => "tls",
            Self::ImapSignIn => "imap-sign-in",
            Self::FolderList => "folder-list",
            Self::ReadHeader => "read-header",
            Self::SmtpSignIn => "smtp-sign-in",
            Self::RightToSend => "right-to-send",
            Self::Push => "push",
            Self::FullLoop => "full-loop",
        }
    }
}

/// How a proof ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofResult {
    /// It works.
    Passed,
    /// It does not.
    Failed,
    /// It was not tried.
    Skipped,
}

impl ProofResult {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// Why a proof was not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// An earlier one failed.
    Earlier,
    /// The account only receives.
    ReceiveOnly,
    /// The server has no such thing.
    NotOffered,
    /// There is no inbox.
    NoInbox,
    /// The mailbox is being loaded: what arrives now could not be told from mail.
    Busy,
}

impl SkipReason {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Earlier => "earlier",
            Self::ReceiveOnly => "receive-only",
            Self::NotOffered => "not-offered",
            Self::NoInbox => "no-inbox",
            Self::Busy => "busy",
        }
    }
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// `HOST:PORT:SECURITY`
    Server,
    /// The user name that was shown.
    UserName,
    /// A folder's path.
    Folder,
    /// The account's address.
    Address,
    /// IP addresses of a host, separated by spaces.
    IpAddresses,
    /// `TLSv1.3` and the like.
    TlsVersion,
    /// The cipher suite's standard name.
    Cipher,
    /// How many certificates were shown.
    ChainLength,
    /// Who issued the server's certificate.
    Issuer,
    /// When the server's certificate expires, in milliseconds since 1970.
    ValidUntil,
    /// The SHA-256 of the server's certificate.
    Fingerprint,
    /// The certificate would be refused for this reason, had the person not made an exception.
    Excepted,
    /// The server's capabilities.
    Capabilities,
    /// How many folders there are.
    Folders,
    /// How many messages the folder has.
    Messages,
    /// How many bytes were read.
    Bytes,
    /// The largest message that the server takes, in bytes.
    SizeLimit,
    /// The code of a further error, where two servers failed.
    Error,
    /// Milliseconds until the message came back.
    CameAfter,
    /// The message could not be removed from here for good: it is marked as deleted.
    LeftMarked,
}

impl FactKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::UserName => "user_name",
            Self::Folder => "folder",
            Self::Address => "address",
            Self::IpAddresses => "ip_addresses",
            Self::TlsVersion => "tls_version",
            Self::Cipher => "cipher",
            Self::ChainLength => "chain_length",
            Self::Issuer => "issuer",
            Self::ValidUntil => "valid_until",
            Self::Fingerprint => "fingerprint",
            Self::Excepted => "excepted",
            Self::Capabilities => "capabilities",
            Self::Folders => "folders",
            Self::Messages => "messages",
            Self::Bytes => "bytes",
            Self::SizeLimit => "size_limit",
            Self::Error => "error",
            Self::CameAfter => "came_after",
            Self::LeftMarked => "left_marked",
        }
    }
}

/// One thing that was tried or seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Which server it is about, where a proof is about both.
    pub server: Option<ServerKind>,
    /// What it is.
    pub kind: FactKind,
    /// Its value; the kind says in which unit.
    pub value: Param,
}

impl Fact {
    fn new(kind: FactKind, value: impl Into<Param>) -> Self {
        Self {
            server: None,
            kind,
            value: value.into(),
        }
    }
}

/// One line of a Test.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What is proved.
    pub kind: ProofKind,
    /// How it ended.
    pub result: ProofResult,
    /// What was tried.
    pub tried: Vec<Fact>,
    /// What was seen.
    pub seen: Vec<Fact>,
    /// Milliseconds that it took.
    pub took_ms: i64,
    /// Why it was not tried.
    pub skipped: Option<SkipReason>,
    /// Why it failed.
    pub fault: Option<Fault>,
}

/// A whole Test.
#[derive(Clone, Debug)]
pub struct TestReport {
    /// The proofs in order.
    pub proofs: Vec<Proof>,
    /// The same for whoever helps: facts by name, without people and secrets.
    pub text: String,
}

/// How one proof, or its half, ended.
#[derive(Clone, Debug)]
enum End {
    Passed(Vec<Fact>),
    Failed(Fault),
    Skipped(SkipReason),
}

/// What one of the servers has to say to a proof that is about both.
#[derive(Clone, Debug)]
struct Half {
    server: ServerKind,
    tried: Vec<Fact>,
    end: End,
    took_ms: i64,
}

/// One proof of what both servers have to say. What is wrong with either is wrong; the server for reading is said first.
fn merged(kind: ProofKind, mut halves: Vec<Half>) -> Proof {
    halves.sort_by_key(|half| half.server);
    let mut proof = Proof {
        kind,
        result: ProofResult::Skipped,
        tried: Vec::new(),
        seen: Vec::new(),
        took_ms: halves.iter().map(|half| half.took_ms).max().unwrap_or_default(),
        skipped: None,
        fault: None,
    };
    for half in halves {
        let about = |facts: Vec<Fact>| {
            facts.into_iter().map(move |fact| Fact {
                server: Some(half.server),
                ..fact
            })
        };
        match half.end {
            End::Skipped(reason) => {
                proof.skipped = proof.skipped.or(Some(reason));
                continue;
            }
            End::Passed(seen) => {
                proof.seen.extend(about(seen));
                if proof.result == ProofResult::Skipped {
                    proof.result = ProofResult::Passed;
                }
            }
            End::Failed(fault) if proof.fault.is_some() => {
                let code = Fact::new(FactKind::Error, fault.code.as_str());
                proof.seen.extend(about(vec![code]));
            }
            End::Failed(fault) => {
                proof.result = ProofResult::Failed;
                proof.fault = Some(fault);
            }
        }
        proof.tried.extend(about(half.tried));
    }
    if proof.result != ProofResult::Skipped {
        proof.skipped = None;
    }
    proof
}

#[cfg(test)]
mod tests {
    use mailroom_model::ErrorCode;

    use super::*;

    fn fault(code: ErrorCode) -> End {
        End::Failed(Fault {
            code,
            params: std::collections::BTreeMap::new(),
            detail: String::new(),
        })
    }

    fn half(server: ServerKind, end: End) -> Half {
        Half {
            server,
            tried: vec![Fact::new(FactKind::Server, server.as_str())],
            end,
            took_ms: if server == ServerKind::Imap { 5 } else { 7 },
        }
    }

    #[test]
    fn proof_about_both_servers_says_what_is_wrong_with_either() {
        use ServerKind::{Imap, Smtp};
        let passed = || End::Passed(vec![Fact::new(FactKind::Cipher, "c")]);
        let skipped = || End::Skipped(SkipReason::Earlier);
        let (refused, expired) = (ErrorCode::ConnectRefused, ErrorCode::TlsCertificateExpired);
        let cases = [
            (passed(), passed(), ProofResult::Passed, None, 2),
            (passed(), fault(expired), ProofResult::Failed, Some(expired), 1),
            (fault(refused), passed(), ProofResult::Failed, Some(refused), 1),
            // The second one is told as a fact.
            (
                fault(refused),
                fault(expired),
                ProofResult::Failed,
                Some(refused),
                1,
            ),
            (passed(), skipped(), ProofResult::Passed, None, 1),
            (skipped(), skipped(), ProofResult::Skipped, None, 0),
        ];
        for (imap, smtp, result, code, seen) in cases {
            // Whoever is ready first.
            let halves = vec![half(Smtp, smtp), half(Imap, imap)];
            let proof = merged(ProofKind::Tls, halves.clone());
            let what = format!("{halves:?}");
            assert_eq!(proof.result, result, "{what}");
            assert_eq!(proof.fault.map(|fault| fault.code), code, "{what}");
            assert_eq!(proof.seen.len(), seen, "{what}");
            assert_eq!(proof.took_ms, 7);
            assert_eq!(
                proof.skipped,
                (result == ProofResult::Skipped).then_some(SkipReason::Earlier)
            );
            if let Some(first) = proof.tried.first() {
                assert_eq!(first.value, Param::from(first.server.unwrap().as_str()));
            }
        }
    }
}
