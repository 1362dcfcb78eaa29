//! `folder`: its arguments.

use clap::{ArgGroup, Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Folder {
    /// The folders of an account
    List {
        /// The account's address
        address: String,

        /// Ask the server first, instead of printing what is known here
        #[arg(long)]
        refresh: bool,
    },

    /// Make a folder on the server
    ///
    /// It is made at once, or not at all: this needs the server.
    Create(FolderCreate),

    /// Give a folder another name, or move it into another folder; the folders in it go with it
    ///
    /// It is done at once, or not at all: this needs the server.
    Rename(FolderRename),

    /// Delete a folder with the folders in it
    ///
    /// A folder with messages becomes a folder of the trash. One that is empty goes for good. Where a folder cannot go to the
    /// trash, or lies there already, the error says how many messages would be lost; --forever with that number deletes them.
    Delete(FolderDelete),

    /// Mark everything in a folder as read that is kept here
    Read {
        /// The account's address
        address: String,

        /// The folder's path, or what it is for: inbox, sent, archive, junk, trash
        folder: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct FolderCreate {
    /// The account's address
    pub(crate) address: String,

    /// The folder's name
    pub(crate) name: String,

    /// The path of the folder in which it shall lie; the top when none is given
    #[arg(long = "in", value_name = "FOLDER")]
    pub(crate) parent: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("change").required(true).multiple(true).args(["to", "parent", "top"]))]
pub(crate) struct FolderRename {
    /// The account's address
    pub(crate) address: String,

    /// The folder's path
    pub(crate) folder: String,

    /// Its new name
    #[arg(long, value_name = "NAME")]
    pub(crate) to: Option<String>,

    /// The path of the folder in which it shall lie
    #[arg(long = "in", value_name = "FOLDER", conflicts_with = "top")]
    pub(crate) parent: Option<String>,

    /// It shall lie in no other folder
    #[arg(long)]
    pub(crate) top: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FolderDelete {
    /// The account's address
    pub(crate) address: String,

    /// The folder's path
    pub(crate) folder: String,

    /// Delete it for good although it holds messages, but no more than this many
    #[arg(long, value_name = "MESSAGES")]
    pub(crate) forever: Option<u32>,
}
