//! What servers say in words because the protocol has no code for it. The texts stand in `data/server_texts.json`, and are
//! asked only after response codes and reply codes have been understood; a text that is not listed changes nothing.

use std::sync::LazyLock;

use mailroom_model::{ErrorCode, is_subdomain};
use serde::Deserialize;

/// When a text was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Moment {
    /// In answer to a sign-in.
    SignIn,
    /// In answer to a command about a folder.
    Folder,
    /// In a goodbye, or instead of a greeting.
    Closing,
}

/// What the server was shown before it said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shown {
    /// A password.
    Password,
    /// A token (OAuth).
    Token,
}

/// Who said something, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'a> {
    /// The server's name, as configured.
    pub(crate) host: &'a str,
    /// When.
    pub(crate) moment: Moment,
    /// After what; `None` where it does not matter.
    pub(crate) shown: Option<Shown>,
}

impl<'a> Occasion<'a> {
    /// In answer to a sign-in, by token or by password.
    pub(crate) fn sign_in(host: &'a str, bearer: bool) -> Self {
        Self {
            host,
            moment: Moment::SignIn,
            shown: Some(if bearer { Shown::Token } else { Shown::Password }),
        }
    }

    /// In a goodbye, or instead of a greeting.
    pub(crate) fn closing(host: &'a str) -> Self {
        Self {
            host,
            moment: Moment::Closing,
            shown: None,
        }
    }

    /// In answer to a command about a folder.
    pub(crate) fn folder(host: &'a str) -> Self {
        Self {
            host,
            moment: Moment::Folder,
            shown: None,
        }
    }
}

/// What a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// The code.
    pub(crate) code: ErrorCode,
    /// The provider's own page about it. It stands in the table and is never taken out of what a server says.
    pub(crate) page: Option<&'static str>,
}

/// A row of the table. The first one that fits counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Who says so: for whoever reads the table.
    #[serde(rename = "by")]
    _by: String,
    /// Part of the text, in lower case.
    text: String,
    /// Servers that mean this by it, or those below these domains; none for every server.
    #[serde(default)]
    at: Vec<String>,
    /// What they were shown; absent where it does not matter.
    #[serde(default)]
    with: Option<Shown>,
    /// When they say it.
    when: Vec<Moment>,
    /// The name of the [`ErrorCode`].
    code: String,
    /// The provider's page about it.
    #[serde(default)]
    page: Option<String>,
}

impl Row {
    /// `text` and the host in lower case.
    fn fits(&self, text: &str, occasion: Occasion<'_>) -> bool {
        let is_at = |domain: &String| occasion.host == domain || is_subdomain(occasion.host, domain);
        self.when.contains(&occasion.moment)
            && (self.at.is_empty() || self.at.iter().any(is_at))
            && (self.with.is_none() || self.with == occasion.shown)
            && text.contains(&self.text)
    }
}

/// The table as it is shipped; that it can be read is a test's business.
static KNOWN: LazyLock<Vec<Row>> = LazyLock::new(|| parse(TABLE).unwrap_or_default());
const TABLE: &str = include_str!("../data/server_texts.json");

fn parse(json: &str) -> Result<Vec<Row>, serde_json::Error> {
    serde_json::from_str(json)
}

/// The meaning of a server's words on that occasion, when they are known.
pub(crate) fn meaning(text: &str, occasion: Occasion<'_>) -> Option<Meaning> {
    let (text, host) = (text.to_ascii_lowercase(), occasion.host.to_ascii_lowercase());
    let occasion = Occasion {
        host: &host,
        ..occasion
    };
    let row = KNOWN.iter().find(|row| row.fits(&text, occasion))?;
    Some(Meaning {
        code: ErrorCode::from_name(&row.code)?,
        page: row.page.as_deref(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const GMAIL: &str = "imap.gmail.com";
    const OUTLOOK: &str = "outlook.office365.com";
    const SMTP: &str = "smtp-mail.outlook.com";
    const OWN: &str = "mail.firma.example";

    #[test]
    fn known_texts_mean_what_providers_mean() {
        let (password, token) = (
            |host| Occasion::sign_in(host, false),
            |host| Occasion::sign_in(host, true),
        );
        let cases = [
            (
                "Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
                password(GMAIL),
                Some(ErrorCode::AuthAppPasswordNeeded),
            ),
            (
                "LOGIN Invalid credentials or IMAP is disabled",
                password(OWN),
                Some(ErrorCode::AuthImapDisabled),
            ),
            (
                "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled",
                token(SMTP),
                Some(ErrorCode::AuthSmtpDisabled),
            ),
            (
                "Please log in via your web browser and then try again.",
                password(GMAIL),
                Some(ErrorCode::AuthWebLoginNeeded),
            ),
            (
                "IMAP access is not allowed for this account.",
                token(GMAIL),
                Some(ErrorCode::AuthImapForbidden),
            ),
            (
                "LOGIN failed. BasicAuthBlocked",
                password(OWN),
                Some(ErrorCode::AuthPasswordOff),
            ),
            (
                "User is authenticated but not connected.",
                Occasion::folder(OUTLOOK),
                Some(ErrorCode::AuthImapDisabled),
            ),
            (
                "Unsafe Login. Please contact kefu@188.com for help",
                Occasion::folder("imap.163.com"),
                Some(ErrorCode::AuthWebLoginNeeded),
            ),
            // Many servers say no more than this to a wrong password.
            (
                "LOGIN failed.",
                password(OUTLOOK),
                Some(ErrorCode::AuthPasswordOff),
            ),
            ("LOGIN failed.", password(OWN), None),
            ("LOGIN failed.", password("outlook.office365.com.example"), None),
            ("LOGIN failed.", password("myoutlook.office365.com"), None),
            (
                "5.7.3 Authentication unsuccessful [AM0PR01CA0087]",
                password(SMTP),
                Some(ErrorCode::AuthPasswordOff),
            ),
            (
                "5.7.3 Authentication unsuccessful [AM0PR01CA0087]",
                token(SMTP),
                Some(ErrorCode::AuthWebLoginNeeded),
            ),
            ("5.7.3 Authentication unsuccessful", password(OWN), None),
            ("5.7.3 Authentication unsuccessful", Occasion::closing(SMTP), None),
            (
                "Too many simultaneous connections. (Failure)",
                Occasion::closing(OWN),
                Some(ErrorCode::TooManyConnections),
            ),
            ("Invalid credentials", password(GMAIL), None),
            (
                "Mailbox doesn't exist: x",
                Occasion::folder(OWN),
                Some(ErrorCode::FolderMissing),
            ),
            ("Mailbox doesn't exist: x", password(OWN), None),
        ];
        for (text, occasion, code) in cases {
            assert_eq!(
                meaning(text, occasion).map(|meaning| meaning.code),
                code,
                "{text} {occasion:?}"
            );
        }
    }

    #[test]
    fn page_is_the_tables_own_and_not_the_servers() {
        let said = "Application-specific password required: https://evil.example/login";
        assert_eq!(
            meaning(said, Occasion::sign_in(GMAIL, false)).and_then(|meaning| meaning.page),
            Some("https://support.google.com/accounts/answer/185833")
        );
        let full = |host| meaning("Too many simultaneous connections", Occasion::closing(host));
        assert_eq!(
            full(GMAIL).and_then(|meaning| meaning.page),
            Some("https://support.google.com/mail/answer/7126229")
        );
        assert_eq!(full(OWN).and_then(|meaning| meaning.page), None);
    }

    /// A row that no text reaches, because one above it takes them all, would be a row that nobody can trust.
    #[test]
    fn table_can_be_read_and_every_row_can_be_reached() {
        let rows = parse(TABLE).unwrap();
        assert!(rows.len() > 20);
        let mut seen = BTreeSet::new();
        for (index, row) in rows.iter().enumerate() {
            assert_eq!(row.text, row.text.to_lowercase(), "patterns are lower case");
            assert!(row.text.len() > 8, "{}", row.text);
            assert!(ErrorCode::from_name(&row.code).is_some(), "{}", row.code);
            assert!(!row.when.is_empty(), "{}", row.text);
            assert!(
                row.with.is_none() || row.when == [Moment::SignIn],
                "{}: only a sign-in shows something",
                row.text
            );
            if let Some(page) = &row.page {
                assert!(page.starts_with("https://"), "{page}");
            }
            for host in &row.at {
                assert_eq!(*host, host.to_lowercase());
                assert!(host.contains('.') && !host.starts_with('.'), "{host}");
            }
            for when in &row.when {
                let occasion = Occasion {
                    host: row.at.first().map_or("somebody.example", String::as_str),
                    moment: *when,
                    shown: row.with,
                };
                let first = rows.iter().position(|other| other.fits(&row.text, occasion));
                assert_eq!(first, Some(index), "{} {when:?}", row.text);
            }
            let key = format!("{} {:?} {:?}", row.text, row.at, row.with);
            assert!(seen.insert(key), "{}", row.text);
        }
    }
}
