//! `export` and `import`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

/// A form of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One file for each folder, which most mail programs read
    Mbox,
    /// One file for each message with its flags in the name (Maildir++), which servers and many programs read
    Maildir,
    /// One file for each message, named by date and subject
    Eml,
}

impl Format {
    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Mbox => "mbox",
            Self::Maildir => "maildir",
            Self::Eml => "eml",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The account's address
    pub(crate) address: String,

    /// The directory to write into; it is made when it is missing
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) to: PathBuf,

    /// The form of the files
    #[arg(long, value_enum, default_value = "mbox")]
    pub(crate) format: Format,

    /// Only this folder: its path, or what it is for; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) folder: Vec<String>,

    /// Write into a directory that is not empty, and go on with an export that was interrupted there
    #[arg(long)]
    pub(crate) add: bool,

    /// Leave out messages that are only on the server, and say how many there are
    #[arg(long)]
    pub(crate) local: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The account's address
    pub(crate) address: String,

    /// Files with mail: mailbox files (mbox), Maildirs, messages (.eml), and directories of them
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,

    /// The folder that the mail goes into: its path, or what it is for
    #[arg(long, value_name = "NAME")]
    pub(crate) folder: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    /// The backups that there are, newest first
    List,

    /// Write one now
    Write,

    /// Make a new database of a backup; the present one is set aside, and mail is loaded again
    Restore {
        /// The backup's file
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,

        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}
