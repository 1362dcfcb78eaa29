//! The commands, one file per group.

mod account;
mod archive;
mod backup;
mod certificate;
mod detect;
mod folder;
mod journal;
mod leaving;
mod message;
mod pending;
mod proof;
mod read;
mod reference;
mod send;
mod serve;
mod services;
mod sign_in;
mod status;
mod sync;

use mailroom_api::CancellationToken;

use crate::args::Command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{Session, Start};

/// Runs one command from beginning to end.
pub(crate) async fn run(
    command: Command,
    start: &Start,
    cancel: &CancellationToken,
    output: &mut Output,
) -> Result<Exit, Failure> {
    // These need no core, so they work on a machine where nothing else does.
    let command = match command {
        Command::Completions { shell } => return reference::completions(shell, output),
        Command::Man { dir } => return reference::manual(dir.as_deref(), output),
        Command::Contract => return reference::contract(output),
        other => other,
    };
    let session = Session::open(start, cancel)?;
    let tells_anyway = matches!(command, Command::Status { .. });
    let result = run_open(command, &session, output).await;
    if !tells_anyway && let Some(restored) = session.restored_now().await {
        output.error(&restored);
    }
    session.close().await;
    result
}

async fn run_open(command: Command, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Detect(detect) => detect::run(detect, session, output).await,
        Command::Account(account) => account::run(account, session, output).await,
        Command::Sync(sync) => sync::run(sync, session, output).await,
        Command::Folder(folder) => folder::run(folder, session, output).await,
        Command::Message(message) => message::run(message, session, output).await,
        Command::Search(search) => message::search(search, session, output).await,
        Command::Send(send) => send::run(send, session, output).await,
        Command::Export(export) => archive::export(export, session, output).await,
        Command::Import(import) => archive::import(import, session, output).await,
        Command::Outbox(outbox) => pending::outbox(outbox, session, output).await,
        Command::Operation(operation) => pending::operation(operation, session, output).await,
        Command::Status { seen } => status::status(seen, session, output).await,
        Command::Journal { address, limit } => journal::run(address.as_deref(), limit, session, output).await,
        Command::Domain(domain) => services::domain(domain, session, output).await,
        Command::Registration(registration) => services::registration(registration, session, output).await,
        Command::Serve(serve) => serve::run(serve, session, output).await,
        Command::Doctor { repair } => status::doctor(repair, session, output).await,
        Command::Backup(backup) => backup::run(backup, session, output).await,
        Command::Completions { .. } | Command::Man { .. } | Command::Contract => Ok(Exit::Success),
    }
}
