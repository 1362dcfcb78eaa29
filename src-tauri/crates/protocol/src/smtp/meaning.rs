//! What a refusal means at which point of the dialogue. Reply codes and enhanced codes first, known words last.

use mailroom_model::ErrorCode;

use super::Reply;
use crate::server_text::{self, Occasion};

/// Where in the dialogue something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The server's first line.
    Greeting,
    /// EHLO.
    Hello,
    /// AUTH.
    SignIn,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA, before the message.
    Data,
    /// The reply to the whole message.
    Message,
}

impl Stage {
    /// The value of the parameter `stage`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Hello => "hello",
            Self::SignIn => "sign_in",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Data => "data",
            Self::Message => "message",
        }
    }
}

/// The meaning of a refusal by `host`; `bearer` when the sign-in was by token.
pub(super) fn meaning(host: &str, stage: Stage, reply: &Reply, bearer: bool) -> ErrorCode {
    match stage {
        Stage::Greeting | Stage::Hello => {
            let known = server_text::meaning(&reply.text(), Occasion::closing(host));
            known.map_or(ErrorCode::ServerUnavailable, |known| known.code)
        }
        Stage::SignIn => sign_in(host, reply, bearer),
        Stage::Sender | Stage::Recipient | Stage::Data | Stage::Message => transaction(stage, reply),
    }
}

/// Codes that say enough, then words, then the class of the code.
fn sign_in(host: &str, reply: &Reply, bearer: bool) -> ErrorCode {
    match reply.code {
        // A password that must be changed first (RFC 4954 §6).
        432 => return ErrorCode::SignInAgain,
        502..=504 | 538 => return ErrorCode::AuthMechanismMissing,
        _ => {}
    }
    if let Some(known) = server_text::meaning(&reply.text(), Occasion::sign_in(host, bearer)) {
        return known.code;
    }
    match reply.code {
        400..500 => ErrorCode::ServerUnavailable,
        _ if bearer => ErrorCode::SignInAgain,
        _ => ErrorCode::AuthFailed,
    }
}

/// The provider's page about a refusal, when its words have one.
pub(super) fn page(host: &str, stage: Stage, reply: &Reply, bearer: bool) -> Option<&'static str> {
    let occasion = match stage {
        Stage::SignIn => Occasion::sign_in(host, bearer),
        Stage::Greeting | Stage::Hello => Occasion::closing(host),
        Stage::Sender | Stage::Recipient | Stage::Data | Stage::Message => return None,
    };
    let known = server_text::meaning(&reply.text(), occasion)?;
    let decides = known.code == meaning(host, stage, reply, bearer);
    known.page.filter(|_| decides)
}

fn transaction(stage: Stage, reply: &Reply) -> ErrorCode {
    match (reply.code, reply.enhanced) {
        // Too large for the system, or for the mailbox: neither changes by waiting.
        (552, Some((_, 2, 2))) if stage != Stage::Recipient => ErrorCode::MessageRejected,
        (_, Some((_, 3, 4) | (_, 2, 3))) => ErrorCode::MessageTooLarge,
        (400..500, _) => ErrorCode::SendDeferred,
        // Sender not signed in.
        (530, _) => ErrorCode::AuthFailed,
        // "Send as" denied, which Exchange says only after it has seen the From header.
        (_, Some((_, 7, 60) | (_, 2, 252))) => ErrorCode::SenderRejected,
        (552, None) if stage != Stage::Recipient => ErrorCode::MessageTooLarge,
        _ => match stage {
            Stage::Sender => ErrorCode::SenderRejected,
            Stage::Recipient => ErrorCode::RecipientRejected,
            _ => ErrorCode::MessageRejected,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "smtp.firma.example";

    #[test]
    fn refusals_mean_what_code_and_stage_say() {
        let cases = [
            (
                Stage::Greeting,
                554,
                "No SMTP service here",
                ErrorCode::ServerUnavailable,
            ),
            (
                Stage::Greeting,
                421,
                "4.7.0 Too many connections",
                ErrorCode::TooManyConnections,
            ),
            (
                Stage::SignIn,
                535,
                "5.7.8 Username and Password not accepted",
                ErrorCode::AuthFailed,
            ),
            (
                Stage::SignIn,
                534,
                "5.7.9 Application-specific password required",
                ErrorCode::AuthAppPasswordNeeded,
            ),
            (
                Stage::SignIn,
                535,
                "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
                ErrorCode::AuthSmtpDisabled,
            ),
            (
                Stage::SignIn,
                454,
                "4.7.0 Temporary authentication failure",
                ErrorCode::ServerUnavailable,
            ),
            (
                Stage::SignIn,
                504,
                "5.5.4 Unrecognized",
                ErrorCode::AuthMechanismMissing,
            ),
            (
                Stage::Sender,
                553,
                "5.7.1 Sender address rejected: not owned by user",
                ErrorCode::SenderRejected,
            ),
            (
                Stage::Sender,
                552,
                "5.3.4 Message too big",
                ErrorCode::MessageTooLarge,
            ),
            (
                Stage::Sender,
                552,
                "Message size exceeds maximum",
                ErrorCode::MessageTooLarge,
            ),
            (
                Stage::Sender,
                452,
                "4.3.1 Insufficient storage",
                ErrorCode::SendDeferred,
            ),
            (
                Stage::Recipient,
                550,
                "5.1.1 No such user",
                ErrorCode::RecipientRejected,
            ),
            (
                Stage::Recipient,
                552,
                "5.2.2 Mailbox full",
                ErrorCode::RecipientRejected,
            ),
            (Stage::Recipient, 450, "4.2.0 Greylisted", ErrorCode::SendDeferred),
            (
                Stage::Data,
                554,
                "5.5.1 No valid recipients",
                ErrorCode::MessageRejected,
            ),
            (Stage::Message, 554, "5.7.1 Spam", ErrorCode::MessageRejected),
            (
                Stage::Message,
                550,
                "5.7.60 SMTP; Client does not have permissions",
                ErrorCode::SenderRejected,
            ),
            (
                Stage::Message,
                554,
                "5.2.252 SendAsDenied",
                ErrorCode::SenderRejected,
            ),
            (Stage::Message, 451, "4.3.0 Try later", ErrorCode::SendDeferred),
        ];
        for (stage, code, text, expected) in cases {
            let reply = Reply::new(code, vec![text.to_owned()]);
            assert_eq!(meaning(HOST, stage, &reply, false), expected, "{stage:?} {reply}");
        }
        let full = Reply::new(421, vec!["4.7.0 Too many simultaneous connections".to_owned()]);
        assert_eq!(
            page("smtp.gmail.com", Stage::Greeting, &full, false),
            Some("https://support.google.com/mail/answer/7126229")
        );
        assert_eq!(page(HOST, Stage::Greeting, &full, false), None);
        let refused = Reply::new(535, vec!["no".into()]);
        assert_eq!(
            meaning(HOST, Stage::SignIn, &refused, true),
            ErrorCode::SignInAgain
        );
    }
}
