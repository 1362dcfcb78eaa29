//! What belongs to no option: exit status, environment, examples.

use crate::exit::Exit;

/// What the environment can say, for the help and the manual.
pub(crate) const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "MAILROOM_HOME",
        "The directory for everything, when --home is not given.",
    ),
    (
        "MAILROOM_VAULT",
        "Where secrets are kept: keychain (the default) or file.",
    ),
    ("MAILROOM_VAULT_PASSPHRASE", "The passphrase of the secrets file."),
    (
        "MAILROOM_LOG",
        "What to log on standard error, such as info; nothing by default.",
    ),
    (
        "MAILROOM_POLICY",
        "A policy file, on a machine that has none of its own.",
    ),
    (
        "SSL_CERT_FILE",
        "A file with certificates of authorities to trust.",
    ),
    (
        "TZ",
        "The time zone of printed dates, when it is not the system's.",
    ),
    ("NO_COLOR", "Any value: print without colours."),
];

/// The end of the long help: exit status, environment, examples.
pub(super) fn appendix() -> String {
    let statuses = Exit::EVERY
        .iter()
        .map(|(exit, meaning)| format!("  {:<4} {meaning}", exit.status()));
    let variables = ENVIRONMENT
        .iter()
        .map(|(name, meaning)| format!("  {name:<26} {meaning}"));
    let examples = EXAMPLES.iter().map(|(line, _)| format!("  {line}"));
    std::iter::once("Exit status:".to_owned())
        .chain(statuses)
        .chain([String::new(), "Environment:".to_owned()])
        .chain(variables)
        .chain([String::new(), "Examples:".to_owned()])
        .chain(examples)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Command lines that show the way, each with what it does.
pub(crate) const EXAMPLES: &[(&str, &str)] = &[
    (
        "mailroom detect anna@example.com",
        "See how the mailbox may be reached.",
    ),
    (
        "mailroom account add anna@example.com",
        "Add the account; Mailroom says what it asks for.",
    ),
    (
        "mailroom sync --watch",
        "Keep all accounts up to date until Ctrl-C.",
    ),
    (
        "mailroom search from:jan has:attachment invoice",
        "Find messages.",
    ),
    (
        "echo Hello | mailroom send --from anna@example.com --to jan@example.com --subject Hi --body-file -",
        "Send a message.",
    ),
];
