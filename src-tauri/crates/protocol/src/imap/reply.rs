//! Status responses: OK, NO, BAD, BYE, PREAUTH, and their codes (RFC 9051 §7.1, RFC 5530).

use std::fmt;

use mailroom_model::{Credentials, ErrorCode, UidSet};

use super::token::{Cursor, words};
use crate::secrecy::without_secrets;
use crate::server_text::{self, Occasion};

/// The first word of a status response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It worked, or is just said.
    Ok,
    /// It did not work.
    No,
    /// It was not understood.
    Bad,
    /// The server ends the session.
    Bye,
    /// Signed in already by other means.
    Preauth,
}

impl Status {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "OK" => Self::Ok,
            "NO" => Self::No,
            "BAD" => Self::Bad,
            "BYE" => Self::Bye,
            "PREAUTH" => Self::Preauth,
            _ => return None,
        })
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::No => "NO",
            Self::Bad => "BAD",
            Self::Bye => "BYE",
            Self::Preauth => "PREAUTH",
        }
    }
}

/// What stands in brackets in a status response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant is the response code of the same name")]
pub enum ResponseCode {
    Alert,
    AlreadyExists,
    AppendUid {
        validity: u32,
        uids: UidSet,
    },
    AuthenticationFailed,
    AuthorizationFailed,
    Capability(Vec<String>),
    Closed,
    ContactAdmin,
    CopyUid {
        validity: u32,
        from: Vec<(u32, u32)>,
        to: Vec<(u32, u32)>,
    },
    Expired,
    HighestModSeq(u64),
    InUse,
    Limit,
    /// The server took no more messages than it wants to at once (RFC 9738 §3.1); the lowest UID that it took, when it says
    /// so: what is below was not looked at.
    MessageLimit {
        lowest: Option<u32>,
    },
    Modified(UidSet),
    NoModSeq,
    NonExistent,
    NoPerm,
    OverQuota,
    PermanentFlags(Vec<String>),
    PrivacyRequired,
    ReadOnly,
    ReadWrite,
    ServerBug,
    TooBig,
    TryCreate,
    UidNext(u32),
    UidValidity(u32),
    Unavailable,
    /// Google's: the person has to look at a page first. Its address is not read: a page to open is never a server's word.
    WebAlert,
    /// Any other, by its name in upper case.
    Other(String),
}

impl ResponseCode {
    fn parse(content: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(content);
        let name = cursor.keyword()?;
        cursor.spaces();
        // A code whose arguments cannot be read is kept by name: the rest of the line is still good.
        Some(Self::known(&name, cursor).unwrap_or(Self::Other(name)))
    }

    fn known(name: &str, mut cursor: Cursor<'_>) -> Option<Self> {
        Some(match name {
            "ALERT" => Self::Alert,
            "ALREADYEXISTS" => Self::AlreadyExists,
            "APPENDUID" => Self::AppendUid {
                validity: cursor.number_u32()?,
                uids: {
                    cursor.spaces();
                    uid_set(cursor.word()?)?
                },
            },
            "AUTHENTICATIONFAILED" => Self::AuthenticationFailed,
            "AUTHORIZATIONFAILED" => Self::AuthorizationFailed,
            "CAPABILITY" => Self::Capability(words(cursor.rest())),
            "CLOSED" => Self::Closed,
            "CONTACTADMIN" => Self::ContactAdmin,
            "COPYUID" => {
                let validity = cursor.number_u32()?;
                cursor.spaces();
                let from = uid_ranges(cursor.word()?)?;
                cursor.spaces();
                let to = uid_ranges(cursor.word()?)?;
                Self::CopyUid { validity, from, to }
            }
            "EXPIRED" => Self::Expired,
            "HIGHESTMODSEQ" => Self::HighestModSeq(cursor.number()?),
            "INUSE" => Self::InUse,
            "LIMIT" => Self::Limit,
            "MODIFIED" => Self::Modified(uid_set(cursor.word()?)?),
            "NOMODSEQ" => Self::NoModSeq,
            "MESSAGELIMIT" => {
                cursor.number_u32()?;
                cursor.spaces();
                Self::MessageLimit {
                    lowest: cursor.number_u32(),
                }
            }
            "NONEXISTENT" => Self::NonExistent,
            "NOPERM" => Self::NoPerm,
            "OVERQUOTA" => Self::OverQuota,
            "PERMANENTFLAGS" => Self::PermanentFlags(words(cursor.list()?)),
            "PRIVACYREQUIRED" => Self::PrivacyRequired,
            "READ-ONLY" => Self::ReadOnly,
            "READ-WRITE" => Self::ReadWrite,
            "SERVERBUG" => Self::ServerBug,
            "TOOBIG" => Self::TooBig,
            "TRYCREATE" => Self::TryCreate,
            "UIDNEXT" => Self::UidNext(cursor.number_u32()?),
            "UIDVALIDITY" => Self::UidValidity(cursor.number_u32()?),
            "UNAVAILABLE" => Self::Unavailable,
            "WEBALERT" => Self::WebAlert,
            _ => return None,
        })
    }
}

pub(super) fn uid_set(word: &[u8]) -> Option<UidSet> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// Ranges in the server's own order, which is what ties the two sets of COPYUID together (RFC 4315 §3).
fn uid_ranges(word: &[u8]) -> Option<Vec<(u32, u32)>> {
    std::str::from_utf8(word)
        .ok()?
        .split(',')
        .map(|part| {
            let (first, last) = part.split_once(':').unwrap_or((part, part));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            (first != 0 && last != 0).then_some((first.min(last), first.max(last)))
        })
        .collect()
}

/// A status response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerReply {
    /// OK, NO, BAD, BYE or PREAUTH.
    pub status: Status,
    /// What stood in brackets.
    pub code: Option<ResponseCode>,
    /// The server's words: one line, at most 500 characters, without control characters.
    pub text: String,
    bracket: Option<String>,
}

impl ServerReply {
    /// The same without what the server was shown to sign in.
    pub(super) fn without_secrets(mut self, credentials: &Credentials) -> Self {
        self.text = without_secrets(&self.text, credentials);
        self.bracket = self.bracket.map(|words| without_secrets(&words, credentials));
        self
    }

    /// Reads everything after the tag or the `*`.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(line);
        let status = Status::parse(&cursor.keyword()?)?;
        cursor.spaces();
        let (content, words) = bracketed(cursor.rest());
        let code = content.and_then(ResponseCode::parse);
        Some(Self {
            status,
            code,
            text: shown(words),
            bracket: content.map(shown),
        })
    }

    /// Words to show as the server's own, code included when there is nothing else.
    pub(super) fn words(&self) -> String {
        if self.text.is_empty() {
            self.bracket.clone().unwrap_or_default()
        } else {
            self.text.clone()
        }
    }

    /// The provider's page about a refusal, when the words that decided what it means have one.
    pub(super) fn page(&self, host: &str, task: Task) -> Option<&'static str> {
        let known = server_text::meaning(&self.text, occasion(host, task))?;
        known.page.filter(|_| known.code == self.meaning(host, task))
    }

    /// What a refusal by `host` means.
    pub(super) fn meaning(&self, host: &str, task: Task) -> ErrorCode {
        let by_code = self.code.as_ref().and_then(|code| code_meaning(code, task));
        let by_words = server_text::meaning(&self.text, occasion(host, task)).map(|known| known.code);
        match (by_code, by_words) {
            // Dovecot says so behind a code that stands for any trouble that passes.
            (Some(ErrorCode::ServerUnavailable), Some(ErrorCode::TooManyConnections)) => {
                return ErrorCode::TooManyConnections;
            }
            (Some(code), _) | (None, Some(code)) => return code,
            (None, None) => {}
        }
        match (task, &self.code) {
            (Task::SignIn { bearer: true }, _) => ErrorCode::SignInAgain,
            (Task::SignIn { bearer: false }, _) => ErrorCode::AuthFailed,
            (Task::Folder, _) => ErrorCode::FolderNotSelectable,
            (Task::Other, _) => ErrorCode::OperationRefused,
        }
    }
}

/// The occasion of the reply to a task.
fn occasion(host: &str, task: Task) -> Occasion<'_> {
    match task {
        Task::SignIn { bearer } => Occasion::sign_in(host, bearer),
        Task::Folder | Task::Other => Occasion::folder(host),
    }
}

/// What was asked for when a reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// A sign-in, with a token or a password.
    SignIn { bearer: bool },
    /// Opening a folder or asking for its state.
    Folder,
    /// Anything else.
    Other,
}

/// Codes that say enough by themselves.
fn code_meaning(code: &ResponseCode, task: Task) -> Option<ErrorCode> {
    let at_sign_in = matches!(task, Task::SignIn { .. });
    Some(match code {
        ResponseCode::Unavailable | ResponseCode::InUse | ResponseCode::ServerBug => {
            ErrorCode::ServerUnavailable
        }
        ResponseCode::Limit if at_sign_in => ErrorCode::TooManyConnections,
        ResponseCode::Expired if at_sign_in => ErrorCode::SignInAgain,
        ResponseCode::WebAlert if at_sign_in => ErrorCode::AuthWebLoginNeeded,
        ResponseCode::PrivacyRequired => ErrorCode::AuthMechanismMissing,
        ResponseCode::AuthorizationFailed | ResponseCode::ContactAdmin | ResponseCode::NoPerm => {
            ErrorCode::PermissionDenied
        }
        ResponseCode::OverQuota => ErrorCode::OverQuota,
        ResponseCode::AlreadyExists => ErrorCode::FolderExists,
        ResponseCode::TooBig => ErrorCode::MessageTooLarge,
        ResponseCode::NonExistent | ResponseCode::TryCreate => ErrorCode::FolderMissing,
        _ => return None,
    })
}

/// Splits `[code] words`. Brackets nest: Zoho and others put `[Gmail]` into flag names.
fn bracketed(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let Some(inner) = line.strip_prefix(b"[") else {
        return (None, line);
    };
    let mut depth = 1_u32;
    for (index, byte) in inner.iter().enumerate() {
        match byte {
            b'[' => depth = depth.saturating_add(1),
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (content, rest) = inner.split_at(index);
            return (Some(content), rest.get(1..).unwrap_or_default());
        }
    }
    (None, line)
}

fn shown(words: &[u8]) -> String {
    String::from_utf8_lossy(words)
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(500)
        .collect()
}

impl fmt::Display for ServerReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status.as_str())?;
        if let Some(bracket) = &self.bracket {
            write!(f, " [{bracket}]")?;
        }
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(line: &str) -> ServerReply {
        ServerReply::parse(line.as_bytes()).unwrap()
    }

    #[test]
    fn codes_are_read_with_their_arguments() {
        let cases = [
            (
                "OK [MESSAGELIMIT 1000 23221] partial",
                ResponseCode::MessageLimit { lowest: Some(23_221) },
            ),
            (
                "OK [MESSAGELIMIT 1000] partial",
                ResponseCode::MessageLimit { lowest: None },
            ),
            (
                "OK [UIDVALIDITY 3857529045] UIDs valid",
                ResponseCode::UidValidity(3_857_529_045),
            ),
            (
                "OK [HIGHESTMODSEQ 18446744073709551615]",
                ResponseCode::HighestModSeq(u64::MAX),
            ),
            ("OK [NOMODSEQ] none", ResponseCode::NoModSeq),
            (
                "OK [COPYUID 38505 304,319:320 3956:3958] Done",
                ResponseCode::CopyUid {
                    validity: 38505,
                    from: vec![(304, 304), (319, 320)],
                    to: vec![(3956, 3958)],
                },
            ),
            (
                "OK [APPENDUID 38505 3955] done",
                ResponseCode::AppendUid {
                    validity: 38505,
                    uids: "3955".parse().unwrap(),
                },
            ),
            (
                "OK [MODIFIED 7,9:10] Conditional STORE failed",
                ResponseCode::Modified("7,9:10".parse().unwrap()),
            ),
            (
                "OK [PERMANENTFLAGS (OIB-Seen-[Gmail]/All \\*)] ok",
                ResponseCode::PermanentFlags(vec!["OIB-Seen-[Gmail]/All".into(), "\\*".into()]),
            ),
            ("NO [COPYUID x y z] odd", ResponseCode::Other("COPYUID".into())),
            ("NO [X-PROXY a (b)] odd", ResponseCode::Other("X-PROXY".into())),
            ("no [overQuota] full", ResponseCode::OverQuota),
        ];
        for (line, code) in cases {
            assert_eq!(reply(line).code, Some(code), "{line}");
        }
        let open = reply("OK [UNSEEN 3 hm");
        assert_eq!((open.code, open.text.as_str()), (None, "[UNSEEN 3 hm"));
        assert_eq!(ServerReply::parse(b"HELLO there"), None);
    }

    #[test]
    fn refusals_mean_what_code_then_text_then_task_say() {
        let password = Task::SignIn { bearer: false };
        let bearer = Task::SignIn { bearer: true };
        let cases = [
            (
                "NO [AUTHENTICATIONFAILED] Invalid credentials",
                password,
                ErrorCode::AuthFailed,
            ),
            (
                "NO [AUTHENTICATIONFAILED] Invalid credentials",
                bearer,
                ErrorCode::SignInAgain,
            ),
            (
                "NO [AUTHORIZATIONFAILED] not yours",
                password,
                ErrorCode::PermissionDenied,
            ),
            ("NO [EXPIRED] password too old", password, ErrorCode::SignInAgain),
            (
                "NO [PRIVACYREQUIRED] no",
                password,
                ErrorCode::AuthMechanismMissing,
            ),
            ("NO [CONTACTADMIN] no", password, ErrorCode::PermissionDenied),
            ("NO [UNAVAILABLE] later", password, ErrorCode::ServerUnavailable),
            ("NO [LIMIT] too many", password, ErrorCode::TooManyConnections),
            (
                "NO [LIMIT] too many keywords",
                Task::Other,
                ErrorCode::OperationRefused,
            ),
            ("NO [INUSE] locked", Task::Folder, ErrorCode::ServerUnavailable),
            ("NO [SERVERBUG] oops", Task::Other, ErrorCode::ServerUnavailable),
            (
                "NO [ALERT] Application-specific password required: https://support.google.com/x (Failure)",
                password,
                ErrorCode::AuthAppPasswordNeeded,
            ),
            (
                "NO [AUTHENTICATIONFAILED] LOGIN Invalid credentials or IMAP is disabled",
                password,
                ErrorCode::AuthImapDisabled,
            ),
            ("NO LOGIN failed.", password, ErrorCode::AuthFailed),
            (
                "NO [NOPERM] Permission denied",
                Task::Folder,
                ErrorCode::PermissionDenied,
            ),
            ("NO [NONEXISTENT] gone", Task::Folder, ErrorCode::FolderMissing),
            (
                "NO [TRYCREATE] Mailbox doesn't exist: x",
                Task::Other,
                ErrorCode::FolderMissing,
            ),
            (
                "NO Mailbox doesn't exist: x",
                Task::Folder,
                ErrorCode::FolderMissing,
            ),
            ("NO cannot open", Task::Folder, ErrorCode::FolderNotSelectable),
            ("NO [OVERQUOTA] Quota exceeded", Task::Other, ErrorCode::OverQuota),
            (
                "NO [ALREADYEXISTS] is there",
                Task::Other,
                ErrorCode::FolderExists,
            ),
            ("BAD what?", Task::Other, ErrorCode::OperationRefused),
        ];
        for (line, task, code) in cases {
            assert_eq!(
                reply(line).meaning("imap.firma.example", task),
                code,
                "{line} {task:?}"
            );
        }
    }
}
