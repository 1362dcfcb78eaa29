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

/// What a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// The code.
    pub(crate) code: ErrorCode,
    /// The provider's own page about it. It stands here and is never taken out of what a server says.
    pub(crate) page: Option<&'static str>,
}

/// Part of a text in lower case, when it counts, what it means, the page about it.
type Known = (&'static str, &'static [Moment], ErrorCode, Option<&'static str>);

const SIGN_IN: &[Moment] = &[Moment::SignIn];
const FOLDER: &[Moment] = &[Moment::Folder];
const SIGN_IN_AND_FOLDER: &[Moment] = &[Moment::SignIn, Moment::Folder];
const SIGN_IN_AND_CLOSING: &[Moment] = &[Moment::SignIn, Moment::Closing];

const KNOWN: &[Known] = &[
    // Google
    (
        "application-specific password required",
        SIGN_IN,
        ErrorCode::AuthAppPasswordNeeded,
        Some("https://support.google.com/accounts/answer/185833"),
    ),
    (
        "imap access is not allowed",
        SIGN_IN,
        ErrorCode::AuthImapForbidden,
        Some("https://support.google.com/mail/answer/7126229"),
    ),
    (
        "not enabled for imap use",
        SIGN_IN,
        ErrorCode::AuthImapDisabled,
        Some("https://mail.google.com/mail/?ui=2&shva=1#settings/fwdandpop"),
    ),
    (
        "web login required",
        SIGN_IN,
        ErrorCode::AuthWebLoginNeeded,
        Some("https://support.google.com/mail/answer/7126229"),
    ),
    (
        "please log in via your web browser",
        SIGN_IN,
        ErrorCode::AuthWebLoginNeeded,
        Some("https://support.google.com/mail/answer/7126229"),
    ),
    (
        "too many simultaneous connections",
        SIGN_IN_AND_CLOSING,
        ErrorCode::TooManyConnections,
        None,
    ),
    // Microsoft. "Authenticated but not connected" also follows a user name that is not the token's.
    (
        "user is authenticated but not connected",
        SIGN_IN_AND_FOLDER,
        ErrorCode::AuthImapDisabled,
        Some(
            "https://support.microsoft.com/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040",
        ),
    ),
    (
        "smtpclientauthentication is disabled",
        SIGN_IN,
        ErrorCode::AuthSmtpDisabled,
        Some("https://aka.ms/smtp_auth_disabled"),
    ),
    ("basicauthblocked", SIGN_IN, ErrorCode::AuthPasswordOff, None),
    (
        "basic authentication is disabled",
        SIGN_IN,
        ErrorCode::AuthPasswordOff,
        None,
    ),
    // Yandex
    (
        "invalid credentials or imap is disabled",
        SIGN_IN,
        ErrorCode::AuthImapDisabled,
        Some("https://mail.yandex.ru/#setup/client"),
    ),
    // Mail.ru
    (
        "application password is required",
        SIGN_IN,
        ErrorCode::AuthAppPasswordNeeded,
        Some("https://account.mail.ru/user/2-step-auth/passwords/"),
    ),
    (
        "parol prilozheniya",
        SIGN_IN,
        ErrorCode::AuthAppPasswordNeeded,
        Some("https://account.mail.ru/user/2-step-auth/passwords/"),
    ),
    // NetEase: the client did not say who it is, or the person has to allow it
    (
        "unsafe login",
        SIGN_IN_AND_FOLDER,
        ErrorCode::AuthImapDisabled,
        None,
    ),
    // Dovecot, Courier, Cyrus and those who run them
    (
        "maximum number of connections",
        SIGN_IN_AND_CLOSING,
        ErrorCode::TooManyConnections,
        None,
    ),
    (
        "too many connections",
        SIGN_IN_AND_CLOSING,
        ErrorCode::TooManyConnections,
        None,
    ),
    ("mailbox doesn't exist", FOLDER, ErrorCode::FolderMissing, None),
    ("mailbox does not exist", FOLDER, ErrorCode::FolderMissing, None),
    ("no such mailbox", FOLDER, ErrorCode::FolderMissing, None),
    ("unknown mailbox", FOLDER, ErrorCode::FolderMissing, None),
];

/// The meaning of a server's words at that moment, when they are known.
pub(crate) fn meaning(text: &str, moment: Moment) -> Option<Meaning> {
    let text = text.to_ascii_lowercase();
    KNOWN
        .iter()
        .find(|(part, when, _, _)| when.contains(&moment) && text.contains(part))
        .map(|(_, _, code, page)| Meaning {
            code: *code,
            page: *page,
        })
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
            (
                "Please log in via your web browser and then try again.",
                Moment::SignIn,
                Some(ErrorCode::AuthWebLoginNeeded),
            ),
            (
                "IMAP access is not allowed for this account.",
                Moment::SignIn,
                Some(ErrorCode::AuthImapForbidden),
            ),
            (
                "LOGIN failed. BasicAuthBlocked",
                Moment::SignIn,
                Some(ErrorCode::AuthPasswordOff),
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
            assert_eq!(meaning(text, moment).map(|meaning| meaning.code), code, "{text}");
        }
        for (part, _, _, page) in KNOWN {
            assert_eq!(*part, part.to_lowercase(), "patterns are lower case");
            assert!(page.is_none_or(|page| page.starts_with("https://")), "{page:?}");
        }
    }

    #[test]
    fn page_is_the_tables_own_and_not_the_servers() {
        let said = "Application-specific password required: https://evil.example/login";
        assert_eq!(
            meaning(said, Moment::SignIn).and_then(|meaning| meaning.page),
            Some("https://support.google.com/accounts/answer/185833")
        );
    }
}
