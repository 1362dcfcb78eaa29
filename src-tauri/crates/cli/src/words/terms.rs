//! Words for the codes that stand in replies. A code that this version does not know is shown as it is, readable.

/// `some_code` and `some-code` as words.
pub(crate) fn readable(code: &str) -> String {
    code.replace(['_', '-'], " ")
}

fn term(code: &str, table: &[(&str, &str)]) -> String {
    table
        .iter()
        .find(|(name, _)| *name == code)
        .map_or_else(|| readable(code), |(_, words)| (*words).to_owned())
}

/// State of an account.
pub(crate) fn account_state(code: &str) -> String {
    term(
        code,
        &[
            ("working", "works"),
            ("sign-in-needed", "sign-in needed"),
            ("unproved", "not proved yet"),
            ("waiting-approval", "waiting for the administrator"),
            ("signed-out", "signed out"),
        ],
    )
}

/// What a scope allows, as an administrator understands it; the scope itself where nobody knows.
pub(crate) fn scope(code: &str) -> String {
    let known = [
        (
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "read and change mail over IMAP",
        ),
        ("https://outlook.office.com/SMTP.Send", "send mail over SMTP"),
        (
            "https://mail.google.com/",
            "read, change and send mail over IMAP and SMTP",
        ),
        ("mail:imap_full", "read and change mail over IMAP"),
        ("mail:smtp", "send mail over SMTP"),
        (
            "https://www.fastmail.com/dev/protocol-imap",
            "read and change mail over IMAP",
        ),
        (
            "https://www.fastmail.com/dev/protocol-smtp",
            "send mail over SMTP",
        ),
        ("offline_access", "stay signed in"),
        ("openid", "know who signed in"),
        ("profile", "know the name of whoever signed in"),
        ("email", "know the address of whoever signed in"),
    ];
    let found = known.iter().find(|(scope, _)| *scope == code);
    found.map_or_else(|| code.to_owned(), |(_, words)| (*words).to_owned())
}

/// What ends, and whose it is.
pub(crate) fn expiry(code: &str, subject: &str) -> String {
    match code {
        "grant" => format!("The sign-in of {subject}"),
        "certificate" => format!("The certificate of {subject}"),
        "client_secret" => format!("The secret of the registration {subject}"),
        "service" => subject.to_owned(),
        "imap" => format!("IMAP at {subject}"),
        "password" => format!("Signing in with a password at {subject}"),
        "smtp_password" => format!("Sending with a password at {subject}"),
        other => format!("{} of {subject}", readable(other)),
    }
}

/// What to do about it, and who can.
pub(crate) fn expiry_help(code: &str) -> &'static str {
    match code {
        "grant" => "Sign in again before then: mailroom account sign-in ADDRESS.",
        "certificate" => "Whoever runs the server has to renew it; until then nothing is to be done here.",
        "client_secret" => {
            "Whoever runs the registration makes a new secret at the sign-in service; it is entered in the settings."
        }
        "service" => "Move the mail to another provider before then.",
        _ => "Sign in in the browser instead before then.",
    }
}

/// Something that belonged to a removed account.
pub(crate) fn belonging(code: &str) -> String {
    term(
        code,
        &[
            ("grant", "The access that was granted in the browser"),
            ("secrets", "Passwords and sign-ins"),
            ("older_secrets", "A password of an older version in the keychain"),
            ("messages", "Messages"),
            ("words", "Words in the search index"),
            ("operations", "Changes that waited for the server"),
            ("outbox", "Messages in the outbox"),
            ("drafts", "Drafts"),
            ("completions", "Completed addresses"),
            ("settings", "The account and its settings"),
            ("registration", "The registration it came with"),
            ("backups", "Older backups that named it"),
            ("set_aside", "Databases that were set aside"),
        ],
    )
}

/// How it stands with it.
pub(crate) fn whereabouts(code: &str) -> String {
    term(
        code,
        &[
            ("gone", "gone"),
            ("stays", "stays"),
            ("by_hand", "to be ended by hand, on this page"),
            ("left", "could not be removed"),
        ],
    )
}

/// How an account is, or something that it does.
pub(crate) fn condition(code: &str) -> String {
    term(
        code,
        &[
            ("working", "works"),
            ("slow", "works, but slowly"),
            ("waiting-for-network", "waits for the network"),
            ("retrying", "does not work at the moment"),
            ("needs-you", "needs you"),
            ("needs-administrator", "needs your administrator"),
            ("switched-off", "switched off"),
            ("untried", "not tried yet"),
        ],
    )
}

/// Something that an account does.
pub(crate) fn traffic(code: &str) -> String {
    term(
        code,
        &[
            ("receive", "Receiving"),
            ("push", "Push"),
            ("send", "Sending"),
            ("flags", "Changes"),
            ("check", "Looking into the silence"),
        ],
    )
}

/// Way of signing in.
pub(crate) fn auth_method(code: &str) -> String {
    term(
        code,
        &[
            ("oauth2", "sign-in in the browser"),
            ("app-password", "app password"),
            ("password", "password"),
        ],
    )
}

/// How far back mail is kept.
pub(crate) fn period(code: &str) -> String {
    term(
        code,
        &[
            ("day", "the last 24 hours"),
            ("week", "the last week"),
            ("month", "the last month"),
            ("quarter", "the last three months"),
            ("year", "the last year"),
            ("all", "everything"),
        ],
    )
}

/// What a server wants as the user name.
pub(crate) fn address_form(code: &str) -> String {
    term(
        code,
        &[
            ("address", "the whole address"),
            ("local", "the part before the @"),
        ],
    )
}

/// Where a candidate comes from.
pub(crate) fn detection_source(code: &str) -> String {
    term(
        code,
        &[
            ("policy", "the organisation's policy"),
            ("learned", "what was said here before"),
            ("built_in", "the built-in list"),
            ("autoconfig", "the domain's own configuration (autoconfig)"),
            ("well_known", "the domain's own configuration (.well-known)"),
            ("pacc", "the domain's own sealed configuration (PACC)"),
            ("ispdb", "the public database of providers"),
            ("mx", "the domain's mail exchanger"),
            ("mx_autoconfig", "the configuration of the mail exchanger's owner"),
            ("mx_ispdb", "the public database, for the mail exchanger's owner"),
            ("srv", "the domain's SRV records"),
            ("autodiscover", "Exchange's directory (Autodiscover)"),
            ("plain_autoconfig", "the domain's own configuration, unencrypted"),
            ("guess", "servers with usual names"),
            ("manual", "entered by hand"),
        ],
    )
}

/// What a step of detection answered.
pub(crate) fn detection_outcome(code: &str) -> String {
    term(
        code,
        &[
            ("found", "found"),
            ("found_servers", "found"),
            ("not_found", "does not know the domain"),
            ("not_asked", "not asked"),
            ("not_awaited", "not waited for: a surer source had answered"),
            ("unusable", "an answer that is no configuration"),
            (
                "no_encryption",
                "names only servers that do not encrypt, which are not used",
            ),
            (
                "no_imap",
                "knows the domain, but offers no IMAP that Mailroom can sign in to",
            ),
            ("exchange", "Exchange; whether it also has IMAP it does not say"),
            ("provider_gone", "names a provider that is no longer in the list"),
            (
                "filtered_host",
                "a filter, which does not say where the mailbox is",
            ),
            ("unknown_host", "not in the list"),
            ("no_records", "the domain has none"),
            ("takes_no_mail", "the domain says that it takes no mail"),
            ("failed", "no answer"),
        ],
    )
}

/// Why a way of signing in cannot be offered.
pub(crate) fn unavailable(code: &str) -> String {
    term(
        code,
        &[
            (
                "no_client_id",
                "not possible here: there is no client id for this provider (give your own with --client-id)",
            ),
            (
                "partner_only",
                "not possible: the provider lets in only programs that it has a contract with",
            ),
        ],
    )
}

/// What to know or do before signing in.
pub(crate) fn note(code: &str) -> String {
    term(
        code,
        &[
            (
                "servers_outside_domain",
                "The servers do not belong to the address's own domain: make sure that its owner chose them.",
            ),
            (
                "found_unencrypted",
                "The answer came over an unencrypted connection: anybody on the way may have put other servers into it.",
            ),
            (
                "mail_goes_elsewhere",
                "The domain's mail goes to another provider than its configuration names: it may be moving. Ask whoever runs it.",
            ),
            (
                "only_guessed",
                "Nobody named these servers: they answer under usual names.",
            ),
            (
                "switch_on",
                "Access for other programs may have to be switched on first.",
            ),
            (
                "main_address",
                "Sign in with the mailbox's main address. For an alias or a domain of your own, give that address with --username.",
            ),
            (
                "servers_must_be_entered",
                "Every customer has other servers: give them with --imap and --smtp.",
            ),
            (
                "imap_setting",
                "Switch on access for other programs (IMAP) in the mailbox's settings.",
            ),
            (
                "smtp_setting",
                "Switch on sending by other programs (SMTP) in the mailbox's settings.",
            ),
            (
                "admin_setting",
                "In an organisation, the administrator has to allow IMAP and this program.",
            ),
            (
                "smtp_admin_setting",
                "In an organisation, the administrator has to allow SMTP sign-in.",
            ),
            ("paid_plan", "Only paid plans let other programs in."),
            (
                "separate_password",
                "E-mail has a password of its own, which is set first in the provider's settings.",
            ),
            (
                "client_address_allowed",
                "This machine's network address has to be allowed in the provider's settings.",
            ),
            (
                "extra_protection_off",
                "An additional protection that keeps other programs out has to be switched off.",
            ),
            (
                "bridge_running",
                "The provider's bridge program has to run on this machine.",
            ),
        ],
    )
}

/// One line of a Test.
pub(crate) fn proof(code: &str) -> String {
    term(
        code,
        &[
            ("name-lookup", "Name lookup"),
            ("tls", "Encryption"),
            ("imap-sign-in", "Sign-in for reading"),
            ("folder-list", "Folder list"),
            ("read-header", "Reading a message"),
            ("smtp-sign-in", "Sign-in for sending"),
            ("right-to-send", "Right to send"),
            ("push", "Push"),
            ("full-loop", "Message to oneself"),
        ],
    )
}

/// Why a proof was not tried.
pub(crate) fn skip_reason(code: &str) -> String {
    term(
        code,
        &[
            ("earlier", "not tried, because an earlier proof failed"),
            ("receive-only", "not tried: this account only receives"),
            ("not-offered", "the server has no such thing"),
            ("no-inbox", "there is no inbox"),
            ("busy", "not tried, because the mailbox is being loaded"),
        ],
    )
}

/// What the doctor looked at.
pub(crate) fn doctor_check(code: &str) -> String {
    term(
        code,
        &[
            ("store", "Store"),
            ("backups", "Backups"),
            ("vault", "Keychain"),
            ("policy", "Policy"),
            ("certificates", "Certificates"),
            ("outbox", "Outbox"),
            ("operations", "Operations"),
        ],
    )
}

/// State of a message on its way out.
pub(crate) fn outbox_state(code: &str) -> String {
    term(
        code,
        &[
            ("queued", "waiting"),
            ("sending", "being sent"),
            ("sent", "sent, copy not yet filed"),
            ("filed", "sent"),
            ("failed", "refused"),
            ("unknown", "not known whether sent"),
        ],
    )
}

/// Kind of a change.
pub(crate) fn operation_kind(code: &str) -> String {
    term(
        code,
        &[
            ("flags", "marks"),
            ("move", "move"),
            ("copy", "copy"),
            ("delete", "delete"),
            ("append", "file"),
            ("draft", "draft"),
        ],
    )
}

/// What a folder is for.
pub(crate) fn folder_role(code: &str) -> String {
    term(code, &[("all", "all mail"), ("flagged", "starred")])
}

/// What is wrong with a message.
pub(crate) fn defect(code: &str) -> String {
    term(
        code,
        &[
            (
                "header_malformed",
                "A line between the header fields is no header field.",
            ),
            (
                "header_duplicate",
                "A header field that may stand once stands several times; the first one counts.",
            ),
            (
                "header_truncated",
                "A header field is longer than the limit and was cut.",
            ),
            (
                "headers_exceeded",
                "There are more header fields than the limit; the rest was left out.",
            ),
            (
                "header_end_missing",
                "No empty line stands between the header and the body.",
            ),
            ("from_missing", "There is no sender."),
            ("date_invalid", "The date cannot be read."),
            (
                "charset_unknown",
                "The character set is not known; the text was guessed.",
            ),
            (
                "charset_damaged",
                "The text has bytes that its character set does not have.",
            ),
            (
                "encoding_unknown",
                "The transfer encoding is not known; the bytes were taken as they are.",
            ),
            (
                "encoding_damaged",
                "The transfer encoding is damaged; what could be decoded was.",
            ),
            (
                "boundary_missing",
                "A part that should hold others has no boundary between them.",
            ),
            (
                "boundary_unclosed",
                "A part that holds others does not end: the message was cut, or written badly.",
            ),
            (
                "depth_exceeded",
                "Parts stand deeper in each other than the limit; the inner ones were left whole.",
            ),
            (
                "parts_exceeded",
                "There are more parts than the limit; the rest was left whole.",
            ),
            ("text_truncated", "The text is longer than the limit and was cut."),
            ("html_truncated", "The HTML is longer than the limit and was cut."),
        ],
    )
}

/// A `reason` among an error's facts: a code that has words, or words already.
pub(crate) fn reason(code: &str) -> String {
    const TABLE: &[(&str, &str)] = &[
        (
            "own_program_only",
            "only the provider's own program or web page opens them",
        ),
        ("service_closed", "the service has ended"),
        (
            "exchange_only",
            "it is an Exchange server that offers no IMAP; its administrator can switch IMAP on",
        ),
        ("expired", "its time is over"),
        ("not_yet_valid", "its time has not begun"),
        ("wrong_host", "it is for another server"),
        ("unknown_issuer", "nobody whom this machine trusts has issued it"),
        ("self_signed", "it was issued by the server itself"),
        ("revoked", "it was revoked"),
        ("malformed", "it cannot be read"),
        ("not_accepted", "this machine's system does not accept it"),
        ("oauth", "the account signs in with a token"),
        ("policy", "the organisation's policy forbids it"),
        ("empty", "it is empty"),
        ("long", "it is too long"),
        ("control", "it holds control characters"),
        ("delimiter", "it holds the character that separates folders"),
        ("reserved", "servers keep this name for themselves"),
        ("inside", "a folder cannot lie in itself"),
        ("8bitmime", "the server takes only messages in plain ASCII"),
    ];
    TABLE
        .iter()
        .find(|(name, _)| *name == code)
        .map_or_else(|| code.to_owned(), |(_, words)| (*words).to_owned())
}

/// `imap.example.com:993:tls` as `imap.example.com, port 993, tls`.
pub(crate) fn endpoint(text: &str) -> String {
    let mut parts = text.rsplitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(security), Some(port), Some(host)) => format!("{host}, port {port}, {security}"),
        _ => text.to_owned(),
    }
}

/// Several servers, best first.
pub(crate) fn endpoints(texts: &[String]) -> String {
    texts
        .iter()
        .map(|text| endpoint(text))
        .collect::<Vec<_>>()
        .join("; or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn term_of_an_unknown_code_is_readable() {
        assert_eq!(account_state("working"), "works");
        assert_eq!(account_state("half-asleep_now"), "half asleep now");
        assert_eq!(reason("the issuer is not known"), "the issuer is not known");
    }

    #[test]
    fn endpoint_is_told_in_words() {
        assert_eq!(endpoint("imap.x.pl:993:tls"), "imap.x.pl, port 993, tls");
        assert_eq!(endpoint("[::1]:143:starttls"), "[::1], port 143, starttls");
        assert_eq!(endpoint("?"), "?");
    }
}
