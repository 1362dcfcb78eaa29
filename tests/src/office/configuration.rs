//! The servers' configurations: templates in `office/`, filled in.

use std::fmt::Write as _;
use std::path::Path;

use super::OfficeError;
use super::options::{DOMAIN, MailStore, OfficeOptions, ServerProfile};
use super::place::{Operator, Place};

const DOVECOT: &str = include_str!("../../office/dovecot.conf");
const DOVECOT_TOKEN: &str = include_str!("../../office/dovecot-token.conf");
const EXIM: &str = include_str!("../../office/exim.conf");
const EXIM_TOKEN: &str = include_str!("../../office/exim-token.conf");
const GMAIL: &str = include_str!("../../office/profiles/gmail.conf");
const OUTLOOK: &str = include_str!("../../office/profiles/outlook.conf");
const MINIMAL: &str = include_str!("../../office/profiles/minimal.conf");

/// The ports of an office.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub(super) imap: u16,
    pub(super) imaps: u16,
    pub(super) lmtp: u16,
    pub(super) submission: u16,
    pub(super) submissions: u16,
    pub(super) oidc: u16,
}

/// Writes all configuration files.
pub(super) fn write(
    place: &Place,
    operator: &Operator,
    options: &OfficeOptions,
    ports: Numbers,
) -> Result<(), OfficeError> {
    let dir = place.path().display().to_string();
    let store = match options.store {
        MailStore::Maildir => "maildir:~/Maildir",
        MailStore::Mdbox => "mdbox:~/mdbox",
    };
    let profile = match &options.profile {
        ServerProfile::Full => String::new(),
        ServerProfile::Gmail => GMAIL.to_owned(),
        ServerProfile::Outlook => OUTLOOK.to_owned(),
        ServerProfile::Minimal => MINIMAL.to_owned(),
        ServerProfile::Capabilities(list) => format!("protocol imap {{\n  imap_capability = {list}\n}}\n"),
    };
    let token_passdb = format!(
        "passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {dir}/conf/dovecot-token.conf\n}}"
    );
    let instance = place
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let values = [
        // Pieces first: they have names in them too.
        (
            "TOKEN_PASSDB",
            if options.oidc { token_passdb } else { String::new() },
        ),
        (
            "TOKEN_MECHANISMS",
            if options.oidc {
                " xoauth2 oauthbearer".to_owned()
            } else {
                String::new()
            },
        ),
        (
            "TOKEN_AUTHENTICATORS",
            if options.oidc {
                EXIM_TOKEN.to_owned()
            } else {
                String::new()
            },
        ),
        (
            "EXTRA",
            format!(
                "{profile}{}",
                options.extra_dovecot.as_deref().unwrap_or_default()
            ),
        ),
        ("INSTANCE", instance),
        ("DOMAIN", DOMAIN.to_owned()),
        ("USER", operator.user.clone()),
        ("GROUP", operator.group.clone()),
        ("CERTIFICATE", options.certificate.name().to_owned()),
        ("MAIL_LOCATION", store.to_owned()),
        (
            "SHARED_LOCATION",
            store.replace('~', "%%h") + ":INDEXPVT=~/shared/%%u",
        ),
        ("QUOTA_BYTES", options.quota_bytes.to_string()),
        ("SMTP_SIZE_BYTES", options.smtp_size_bytes.to_string()),
        ("TOKEN_SCOPE", options.token_scope.clone()),
        ("IMAP_PORT", ports.imap.to_string()),
        ("IMAPS_PORT", ports.imaps.to_string()),
        ("LMTP_PORT", ports.lmtp.to_string()),
        ("SUBMISSION_PORT", ports.submission.to_string()),
        ("SUBMISSIONS_PORT", ports.submissions.to_string()),
        ("OIDC_PORT", ports.oidc.to_string()),
        ("DIR", dir),
    ];
    let write = |name: &'static str, template: &str| -> Result<(), OfficeError> {
        place
            .write(&format!("conf/{name}"), &fill(name, template, &values)?)
            .map(drop)
    };
    write("dovecot.conf", DOVECOT)?;
    write("dovecot-token.conf", DOVECOT_TOKEN)?;
    write("exim.conf", EXIM)?;
    let users: String = options
        .users
        .iter()
        .map(|(address, password)| user_line(place.path(), address, password, None))
        .collect();
    place.write("conf/users", &users)?;
    let head = options
        .users
        .first()
        .map(|(address, _)| address.as_str())
        .unwrap_or_default();
    let rights = format!("public* authenticated lrs\npublic* user={head} lrwstipekxa\n");
    place.write("conf/public-rights", &rights).map(drop)
}

/// A line of the users' file, which Dovecot and Exim read again for every sign-in.
pub(super) fn user_line(dir: &Path, address: &str, password: &str, quota_bytes: Option<u64>) -> String {
    // In hexadecimal, so that a password may have any letter, a colon too.
    let password = password.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let quota = quota_bytes
        .map(|bytes| format!("userdb_quota_rule=*:bytes={bytes}"))
        .unwrap_or_default();
    format!(
        "{address}:{{PLAIN.HEX}}{password}::::{}/mail/{address}::{quota}\n",
        dir.display()
    )
}

/// A template with its names filled in.
pub(super) fn fill(
    name: &'static str,
    template: &str,
    values: &[(&str, String)],
) -> Result<String, OfficeError> {
    let mut text = template.to_owned();
    for (key, value) in values {
        text = text.replace(&format!("{{{{{key}}}}}"), value);
    }
    if text
        .split("{{")
        .skip(1)
        .any(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
    {
        return Err(OfficeError::Template { template: name });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_with_an_unknown_name_is_refused() {
        let values = [("A", "1".to_owned())];
        assert_eq!(
            fill("x", "${if {{{A}}/b}} {{A}}", &values).unwrap(),
            "${if {1/b}} 1"
        );
        assert!(matches!(
            fill("x", "{{A}} {{B}}", &values),
            Err(OfficeError::Template { template: "x" })
        ));
    }

    #[test]
    fn user_line_hides_no_letter_of_the_password() {
        let line = user_line(Path::new("/o"), "a@mailroom.test", "p:w", Some(5));
        let expected =
            "a@mailroom.test:{PLAIN.HEX}703a77::::/o/mail/a@mailroom.test::userdb_quota_rule=*:bytes=5\n";
        assert_eq!(line, expected);
    }
}
