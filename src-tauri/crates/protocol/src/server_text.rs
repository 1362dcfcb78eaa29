//! What servers say in words because the protocol has no code for it. Data, asked only after response codes and
//! reply codes have been understood; a text that is not listed changes nothing.

use mailroom_model::ErrorCode;

/// When a text was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// In answer to a sign-in.
    SignIn,
    /// In answer to a command about a folder.
    Folder,
    /// In a goodbye, or instead of a greeting.
    Closing,
}

/// Part of a text in lower case, when it counts, what it means.
type Known = (&'static str, Moment, ErrorCode);

const KNOWN: &[Known] = &[
    // Google
    (
        "application-specific password required",
        Moment::SignIn,
        ErrorCode::AuthAppPasswordNeeded,
    ),
    (
        "imap access is not allowed",
        Moment::SignIn,
        ErrorCode::AuthImapDisabled,
    ),
    (
        "not enabled for imap use",
        Moment::SignIn,
        ErrorCode::AuthImapDisabled,
    ),
    (
        "too many simultaneous connections",
        Moment::SignIn,
        ErrorCode::TooManyConnections,
    ),
    (
        "too many simultaneous connections",
        Moment::Closing,
        ErrorCode::TooManyConnections,
    ),
    // Microsoft. "Authenticated but not connected" also follows a user name that is not the token's.
    (
        "user is authenticated but not connected",
        Moment::SignIn,
        ErrorCode::AuthImapDisabled,
    ),
    (
        "user is authenticated but not connected",
        Moment::Folder,
        ErrorCode::AuthImapDisabled,
    ),
    (
        "smtpclientauthentication is disabled",
        Moment::SignIn,
        ErrorCode::AuthSmtpDisabled,
    ),
    (
        "basicauthblocked",
        Moment::SignIn,
        ErrorCode::AuthMechanismMissing,
    ),
    (
        "basic authentication is disabled",
        Moment::SignIn,
        ErrorCode::AuthMechanismMissing,
    ),
    // Yandex
    (
        "invalid credentials or imap is disabled",
        Moment::SignIn,
        ErrorCode::AuthImapDisabled,
    ),
    // Mail.ru
    (
        "application password is required",
        Moment::SignIn,
        ErrorCode::AuthAppPasswordNeeded,
    ),
    (
        "parol prilozheniya",
        Moment::SignIn,
        ErrorCode::AuthAppPasswordNeeded,
    ),
    // NetEase: the client did not say who it is, or the person has to allow it
    ("unsafe login", Moment::SignIn, ErrorCode::AuthImapDisabled),
    ("unsafe login", Moment::Folder, ErrorCode::AuthImapDisabled),
    // Dovecot, Courier, Cyrus and those who run them
    (
        "maximum number of connections",
        Moment::SignIn,
        ErrorCode::TooManyConnections,
    ),
    (
        "maximum number of connections",
        Moment::Closing,
        ErrorCode::TooManyConnections,
    ),
    (
        "too many connections",
        Moment::SignIn,
        ErrorCode::TooManyConnections,
    ),
    (
        "too many connections",
        Moment::Closing,
        ErrorCode::TooManyConnections,
    ),
    ("mailbox doesn't exist", Moment::Folder, ErrorCode::FolderMissing),
    ("mailbox does not exist", Moment::Folder, ErrorCode::FolderMissing),
    ("no such mailbox", Moment::Folder, ErrorCode::FolderMissing),
    ("unknown mailbox", Moment::Folder, ErrorCode::FolderMissing),
];

/// The meaning of a server's words at that moment, when they are known.
pub(crate) fn meaning(text: &str, moment: Moment) -> Option<ErrorCode> {
    let text = text.to_ascii_lowercase();
    KNOWN
        .iter()
        .find(|(part, when, _)| *when == moment && text.contains(part))
        .map(|(_, _, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_texts_mean_what_providers_mean() {
        let cases = [
            (
                "Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
                Moment::SignIn,
                Some(ErrorCode::AuthAppPasswordNeeded),
            ),
            (
                "LOGIN Invalid credentials or IMAP is disabled",
                Moment::SignIn,
                Some(ErrorCode::AuthImapDisabled),
            ),
            (
                "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled",
                Moment::SignIn,
                Some(ErrorCode::AuthSmtpDisabled),
            ),
            ("Invalid credentials", Moment::SignIn, None),
            (
                "Mailbox doesn't exist: x",
                Moment::Folder,
                Some(ErrorCode::FolderMissing),
            ),
            ("Mailbox doesn't exist: x", Moment::SignIn, None),
        ];
        for (text, moment, code) in cases {
            assert_eq!(meaning(text, moment), code, "{text}");
        }
        for (part, _, _) in KNOWN {
            assert_eq!(*part, part.to_lowercase(), "patterns are lower case");
        }
    }
}
