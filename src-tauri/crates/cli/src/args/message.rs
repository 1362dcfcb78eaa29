//! `message`, `search` and `send`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueHint};

#[derive(Debug, Subcommand)]
pub(crate) enum Message {
    /// Messages of a folder, newest first
    List(MessageList),

    /// Find messages by words and operators
    Search(Search),

    /// Read one message
    Show(MessageShow),

    /// The original bytes of a message
    Export(MessageExport),

    /// Save an attachment
    Save(MessageSave),

    /// Fetch a message that was left on the server because of its size, and keep it whole
    Download {
        /// Number from the first column of a list
        #[arg(value_name = "ID", value_parser = id())]
        id: i64,
    },

    /// What Mailroom sees in a message file: headers, structure, text, safe HTML, attachments; needs no account
    Inspect(MessageInspect),

    /// Mark messages as read, unread, starred
    #[command(group = ArgGroup::new("change").required(true).multiple(true)
        .args(["read", "unread", "star", "unstar", "keyword", "remove_keyword"]))]
    Mark(MessageMark),

    /// Move messages to another folder of the account
    Move(MessageMove),

    /// Copy messages to another folder of the account; those that are there already are passed over
    Copy(MessageMove),

    /// Move messages to the trash; those that are there already are deleted for good
    Delete {
        /// Numbers from the first column of a list
        #[arg(required = true, value_name = "ID", value_parser = id())]
        ids: Vec<i64>,

        /// The folder to delete them from, of those in which they stand
        #[arg(long, value_name = "FOLDER")]
        from: Option<String>,
    },
}

pub(super) fn id() -> clap::builder::RangedI64ValueParser {
    clap::value_parser!(i64).range(1..)
}

fn limit() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=1000)
}

#[derive(Debug, Args)]
pub(crate) struct MessageList {
    /// The folder's path, or what it is for: inbox, sent, drafts, archive, junk, trash [default: inbox]
    #[arg(long, value_name = "NAME")]
    pub(crate) folder: Option<String>,

    /// Only this account
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) account: Option<String>,

    /// Rows at most, up to 1000 [default: 50]
    #[arg(long, value_name = "N", value_parser = limit())]
    pub(crate) limit: Option<u32>,

    /// Go on where the last page ended
    #[arg(long, value_name = "TEXT")]
    pub(crate) cursor: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words, and operators: from: to: subject: has:attachment in: before: after: is:unread is:starred
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,

    /// Only this account
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) account: Option<String>,

    /// Rows at most, up to 1000 [default: 50]
    #[arg(long, value_name = "N", value_parser = limit())]
    pub(crate) limit: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct MessageShow {
    /// The number from the first column of a list
    #[arg(value_parser = id())]
    pub(crate) id: i64,

    /// Print every header field
    #[arg(long)]
    pub(crate) headers: bool,

    /// Print only the safe HTML
    #[arg(long, conflicts_with = "headers")]
    pub(crate) html: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MessageExport {
    /// The number from the first column of a list
    #[arg(value_parser = id())]
    pub(crate) id: i64,

    /// The file to write; standard output without it, or for `-`
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct MessageSave {
    /// The number from the first column of a list
    #[arg(value_parser = id())]
    pub(crate) id: i64,

    /// The attachment's part, as `message show` prints it
    pub(crate) part: String,

    /// The file to write, `-` for standard output; the attachment's own name in this directory without it
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct MessageInspect {
    /// The file with the message
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    /// Print only the safe HTML
    #[arg(long)]
    pub(crate) html: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MessageMark {
    /// Numbers from the first column of a list
    #[arg(required = true, value_name = "ID", value_parser = id())]
    pub(crate) ids: Vec<i64>,

    /// As read
    #[arg(long, conflicts_with = "unread")]
    pub(crate) read: bool,

    /// As unread
    #[arg(long)]
    pub(crate) unread: bool,

    /// With a star
    #[arg(long, conflicts_with = "unstar")]
    pub(crate) star: bool,

    /// Without a star
    #[arg(long)]
    pub(crate) unstar: bool,

    /// With a keyword of your own; may be given several times
    #[arg(long, value_name = "K")]
    pub(crate) keyword: Vec<String>,

    /// Without a keyword; may be given several times
    #[arg(long, value_name = "K")]
    pub(crate) remove_keyword: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MessageMove {
    /// Numbers from the first column of a list
    #[arg(required = true, value_name = "ID", value_parser = id())]
    pub(crate) ids: Vec<i64>,

    /// The folder's path, or what it is for: inbox, archive, junk, trash
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: String,

    /// The folder to take them from, of those in which they stand
    #[arg(long, value_name = "FOLDER")]
    pub(crate) from: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Send {
    /// The account to send as: its address, or "Name <address>"
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) from: String,

    /// Recipients: an address, or "Name <address>"
    #[arg(long, value_name = "ADDRESS", required = true, num_args = 1..)]
    pub(crate) to: Vec<String>,

    /// Copies
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub(crate) cc: Vec<String>,

    /// Copies that no other recipient sees
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub(crate) bcc: Vec<String>,

    /// The subject
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: String,

    /// The text in UTF-8, `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) body_file: PathBuf,

    /// The same as HTML in UTF-8
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) html_file: Option<PathBuf>,

    /// Files to attach
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(crate) attach: Vec<PathBuf>,

    /// The stored message that this one answers
    #[arg(long, value_name = "ID", value_parser = id())]
    pub(crate) reply_to_message: Option<i64>,
}
