//! The command line. Comments here are the help texts that people read.

mod account;
mod appendix;
mod archive;
mod folder;
mod message;
mod services;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

pub(crate) use account::{
    Account, AccountAdd, AccountApproval, AccountCertificate, AccountRemove, AccountSet, AccountSignIn,
    AccountTest, SignIn,
};
use appendix::appendix;
pub(crate) use appendix::{ENVIRONMENT, EXAMPLES};
pub(crate) use archive::{Backup, Export, Import};
pub(crate) use folder::{Folder, FolderCreate, FolderDelete, FolderRename};
use message::id;
pub(crate) use message::{
    Message, MessageExport, MessageInspect, MessageList, MessageMark, MessageMove, MessageSave, MessageShow,
    Search, Send,
};
pub(crate) use services::{Domain, Registration, RegistrationSet};

/// Connect any mailbox, know that it works, and use it from a terminal or a script
///
/// Mailroom finds the servers of an address, signs in with a password or in the browser, keeps a copy of the mail on
/// this machine, finds messages in it and sends new ones. Every command prints tables and sentences for people, or
/// JSON for programs with --json.
#[derive(Debug, Parser)]
#[command(name = "mailroom", version, after_long_help = appendix(), disable_help_subcommand = false, max_term_width = 110)]
pub(crate) struct Arguments {
    /// Keep everything in this directory [env: MAILROOM_HOME]
    #[arg(long, value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub(crate) home: Option<PathBuf>,

    /// Print JSON for programs: one document, or one object a line for streams; errors on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Say more: causes of errors and what happens on the way; twice for the details of every exchange
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find out how a mailbox may be reached
    ///
    /// Lists the servers that may belong to an address, best first: where the answer comes from, what will be asked
    /// of you, and what to know before. Nothing is sent to these servers, and no account is added.
    Detect(Detect),

    /// Add, list, prove, change and remove accounts
    #[command(subcommand, arg_required_else_help = true)]
    Account(Account),

    /// Bring accounts up to date, once or until stopped
    ///
    /// Loads new mail, carries local changes to the server and sends what waits in the outbox. With --json every
    /// event is one object on its own line and the last line is {"event":"result","value":...}.
    Sync(Sync),

    /// List, make, rename, move, delete and mark as read the folders of an account
    #[command(subcommand, arg_required_else_help = true)]
    Folder(Folder),

    /// List, find, read, change and export messages
    #[command(subcommand, arg_required_else_help = true)]
    Message(Message),

    /// Find messages: the same as `message search`
    Search(Search),

    /// Write and send a message
    ///
    /// The message goes into the outbox and is sent at once when the server can be reached; otherwise the next sync
    /// sends it. A copy is filed in the account's folder for sent mail.
    Send(Send),

    /// Write an account's mail as files: mbox, Maildir or EML
    ///
    /// Every byte of a message stays as it is. Flags and the time of arrival stand in names and dates where the form has a
    /// place for them, and in a list beside the files (mailroom.jsonl), which `mailroom import` reads. What is only on the
    /// server is fetched for it; what cannot be had is listed.
    Export(Export),

    /// Put mail from files into a folder: mbox, Maildir or EML
    ///
    /// Each message is put there once, with its flags and the time of its arrival: what lies in the folder already is passed
    /// over, so that an import that was interrupted can be begun again. Lines that end with a bare line feed get the ending
    /// that mail servers want; nothing else changes. What the server does not take is listed.
    Import(Import),

    /// Messages that wait to be sent, were refused, or whose fate is unknown
    #[command(subcommand, arg_required_else_help = true)]
    Outbox(Outbox),

    /// Changes that wait to reach the server
    #[command(subcommand, arg_required_else_help = true)]
    Operation(Operation),

    /// What works, what waits, what needs somebody
    Status {
        /// Say that a notice about a restored database was seen; it is not shown again
        #[arg(long)]
        seen: bool,
    },

    /// What happened between accounts and their servers
    ///
    /// Connections, sign-ins, errors, changes of the network, the newest last: nothing of what messages say, no password, and
    /// no address but the account's own, so that it can be handed to whoever helps.
    Journal {
        /// Only this account
        address: Option<String>,

        /// How many of the newest entries of each account
        #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
    },

    /// What was chosen by hand for domains, and how to forget it
    #[command(subcommand, arg_required_else_help = true)]
    Domain(Domain),

    /// The program's registrations at sign-in services (OAuth)
    #[command(subcommand, arg_required_else_help = true)]
    Registration(Registration),

    /// Let a browser or programs on this machine in, until stopped
    ///
    /// Prints a link that works once. It listens on 127.0.0.1 only, keeps every account up to date meanwhile, and with
    /// --page shows the same screens as the desktop application.
    Serve(Serve),

    /// Look at the program's own parts: store, backups, keychain, policy, certificates
    ///
    /// With --repair, what is damaged is mended first: messages are fetched from their servers again, rows and counters put
    /// right. A database that cannot be read is set aside under a dated name, and a new one
    /// made of what can be saved from it and of the newest backup. Nothing is deleted without a copy.
    Doctor {
        /// Mend what is damaged
        #[arg(long)]
        repair: bool,
    },

    /// Backups of what exists only here: drafts, outbox, waiting changes, accounts, settings
    ///
    /// They are written by themselves after changes, into the folder backups of the home directory. They hold no mail, which
    /// the servers have, and no password.
    #[command(subcommand, arg_required_else_help = true)]
    Backup(Backup),

    /// Print the completion script of a shell
    Completions {
        /// The shell
        shell: Shell,
    },

    /// Print the manual page, or write one page per command into a directory
    Man {
        /// The directory to write to
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },

    /// Print the contract of commands and events as TypeScript
    #[command(hide = true)]
    Contract,
}

impl Command {
    /// True for a look at what is kept here, which is over at once.
    pub(crate) fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::Search(_)
                | Self::Message(Message::List(_) | Message::Search(_) | Message::Show(_))
                | Self::Account(Account::List)
                | Self::Folder(Folder::List { refresh: false, .. })
                | Self::Outbox(Outbox::List)
                | Self::Domain(Domain::List)
                | Self::Registration(Registration::List)
                | Self::Status { .. }
                | Self::Journal { .. }
        )
    }
}

#[derive(Debug, Args)]
pub(crate) struct Detect {
    /// The mailbox's address
    pub(crate) address: String,

    /// Use only what this machine knows; ask nobody on the network
    #[arg(long)]
    pub(crate) offline: bool,

    /// Ask the domain over an unencrypted connection too. Anybody on the way can answer with servers of their own, which
    /// would get the password: check what is found with whoever runs the mailbox
    #[arg(long, conflicts_with = "offline")]
    pub(crate) allow_http: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Only this account
    pub(crate) address: Option<String>,

    /// Go on until stopped with Ctrl-C: new mail arrives when the server announces it
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Listen on this port instead of one that the system picks
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,

    /// The folder of the built page; a folder named page beside the program when there is one
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) page: Option<PathBuf>,

    /// End when standard input ends: for a program that starts this one and must not be outlived by it
    #[arg(long)]
    pub(crate) until_input_ends: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Outbox {
    /// What is in the outbox
    List,

    /// Try a message again now
    Retry {
        /// The number from the first column of the list
        #[arg(value_parser = id())]
        id: i64,
    },

    /// Take a message out of the outbox for good
    Discard {
        /// The number from the first column of the list
        #[arg(value_parser = id())]
        id: i64,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Operation {
    /// What waits
    List,

    /// Give up a change; the server's state comes back with the next sync
    Discard {
        /// The number from the first column of the list
        #[arg(value_parser = id())]
        id: i64,
    },
}
