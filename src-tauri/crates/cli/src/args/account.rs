//! `account`.

use clap::{ArgGroup, Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Add an account: sign in, prove both servers, keep the result
    ///
    /// Without --password-stdin and --oauth, on a terminal, Mailroom first finds the servers, says what it will ask
    /// for, and then asks. With --oauth and --json, every event is one object on its own line; `signin_opened` brings
    /// the address to open.
    Add(AccountAdd),

    /// Every account and its state
    List,

    /// Run the proofs of an account: name lookup, TLS, sign-in, folders, reading, sending, push
    Test(AccountTest),

    /// The certificates that are trusted for an account although nobody vouches for them; trust one, or take that back
    Certificate(AccountCertificate),

    /// Sign in again, and keep everything that is here
    SignIn(AccountSignIn),

    /// Change how far back and which folders are kept here
    #[command(group = ArgGroup::new("change").required(true).multiple(true).args(["period", "folder", "all_folders"]))]
    Set(AccountSet),

    /// What the administrator of an organisation has to be asked for before an account can sign in
    ///
    /// Prints a message to the administrator. With --open, for those who are the administrator themselves, the page
    /// opens on which the program is allowed.
    Approval(AccountApproval),

    /// Remove an account from this machine; on the server no message changes
    Remove(AccountRemove),
}

#[derive(Debug, Args)]
pub(crate) struct AccountApproval {
    /// The account's address
    pub(crate) address: String,

    /// Open the page, and wait until the program is allowed there
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AccountTest {
    /// The account's address
    pub(crate) address: String,

    /// Also send a message from the account to itself, wait for it, and remove it again
    #[arg(long)]
    pub(crate) full_loop: bool,

    /// Print the proofs as a text to hand on: facts without people and secrets
    #[arg(long)]
    pub(crate) report: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AccountCertificate {
    /// The account's address
    pub(crate) address: String,

    /// Trust the certificate with this fingerprint at --server, and no other: compare it with what whoever runs the server
    /// tells you
    #[arg(long, value_name = "SHA-256", requires = "server", conflicts_with = "forget")]
    pub(crate) trust: Option<String>,

    /// Take the exception for --server back
    #[arg(long, requires = "server")]
    pub(crate) forget: bool,

    /// One of the account's servers
    #[arg(long, value_name = "HOST:PORT", value_parser = host_and_port)]
    pub(crate) server: Option<(String, u16)>,
}

/// `HOST:PORT`; an IPv6 address stands in brackets.
pub(crate) fn host_and_port(text: &str) -> Result<(String, u16), &'static str> {
    let wrong = "expected HOST:PORT";
    let (host, port) = text.rsplit_once(':').ok_or(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match port.parse() {
        Ok(port) if port != 0 && !host.is_empty() => Ok((host.to_ascii_lowercase(), port)),
        _ => Err(wrong),
    }
}

/// `HOST:PORT=SHA-256`
fn certificate(text: &str) -> Result<(String, u16, String), &'static str> {
    let (server, fingerprint) = text.split_once('=').ok_or("expected HOST:PORT=SHA-256")?;
    let (host, port) = host_and_port(server)?;
    Ok((host, port, fingerprint.to_owned()))
}

#[derive(Debug, Args)]
pub(crate) struct AccountAdd {
    /// The mailbox's address
    pub(crate) address: String,

    /// The server to read from, instead of the detected one
    #[arg(long, value_name = "HOST:PORT:tls|starttls")]
    pub(crate) imap: Option<String>,

    /// The server to send with, instead of the detected one
    #[arg(long, value_name = "HOST:PORT:tls|starttls")]
    pub(crate) smtp: Option<String>,

    /// Send the password to these servers, although detection only suspects them: the list that it prints
    #[arg(long, conflicts_with = "imap", value_name = "SERVERS", value_delimiter = ' ')]
    pub(crate) approve_servers: Vec<String>,

    /// Trust the certificate with this fingerprint at this server, although nobody vouches for it; may be given several times
    #[arg(long, value_name = "HOST:PORT=SHA-256", value_parser = certificate, conflicts_with = "oauth")]
    pub(crate) trust_certificate: Vec<(String, u16, String)>,

    /// The user name, when it is not the address or the part before the @
    #[arg(long, value_name = "NAME")]
    pub(crate) username: Option<String>,

    #[command(flatten)]
    pub(crate) sign_in: SignIn,

    /// How far back mail is kept here [default: quarter]
    #[arg(long, value_parser = PERIODS)]
    pub(crate) period: Option<String>,

    /// Keep only this folder; may be given several times
    #[arg(long = "folder", value_name = "NAME")]
    pub(crate) folders: Vec<String>,
}

const PERIODS: [&str; 6] = ["day", "week", "month", "quarter", "year", "all"];

#[derive(Debug, Args)]
pub(crate) struct AccountSignIn {
    /// The account's address
    pub(crate) address: String,

    #[command(flatten)]
    pub(crate) sign_in: SignIn,
}

#[derive(Debug, Args)]
pub(crate) struct SignIn {
    /// Sign in with a password, read from the first line of standard input
    #[arg(long, conflicts_with = "oauth")]
    pub(crate) password_stdin: bool,

    /// Sign in in the browser
    #[arg(long)]
    pub(crate) oauth: bool,

    /// The OpenID issuer, for providers that Mailroom does not know
    #[arg(long, value_name = "URL", requires = "oauth")]
    pub(crate) issuer: Option<String>,

    /// Your own client id
    #[arg(long, value_name = "ID", requires = "oauth")]
    pub(crate) client_id: Option<String>,

    /// The secret of the client id, read from the first line of standard input
    #[arg(long, requires = "client_id")]
    pub(crate) client_secret_stdin: bool,

    /// Microsoft: common, consumers, organizations, or a tenant id
    #[arg(long, value_name = "T", requires = "oauth")]
    pub(crate) tenant: Option<String>,

    /// The address of whoever signs in, for a mailbox that several people share
    #[arg(long = "sign-in-as", value_name = "ADDRESS", requires = "oauth")]
    pub(crate) delegate: Option<String>,

    /// Print the address to open instead of opening the browser
    #[arg(long, requires = "oauth")]
    pub(crate) no_browser: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AccountSet {
    /// The account's address
    pub(crate) address: String,

    /// How far back mail is kept here
    #[arg(long, value_parser = PERIODS)]
    pub(crate) period: Option<String>,

    /// Keep only this folder; may be given several times. Choosing a folder does not choose the folders in it
    #[arg(long, value_name = "NAME", conflicts_with = "all_folders")]
    pub(crate) folder: Vec<String>,

    /// Keep all folders
    #[arg(long)]
    pub(crate) all_folders: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AccountRemove {
    /// The account's address
    pub(crate) address: String,

    /// Do not ask first
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Keep the account and its mail here, and take only the sign-in away
    #[arg(long)]
    pub(crate) keep_mail: bool,

    /// Leave the addresses that are completed to another account
    #[arg(long, conflicts_with = "keep_mail")]
    pub(crate) keep_completions: bool,

    /// Remove what an older version kept in the keychain, too; another Mailroom folder may share it
    #[arg(long)]
    pub(crate) older_secrets: bool,
}
