//! `serve`: the api over HTTP for this machine, until stopped.

use std::path::PathBuf;

use mailroom_api::{ErrorCode, WireError};
use mailroom_door::{Door, DoorError, Key, Keys};
use serde_json::json;

use crate::args::Serve;
use crate::ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style};
use crate::session::Session;

pub(crate) async fn run(serve: Serve, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let page = page(serve.page)?;
    let door = Door::open(serve.port, Keys::new(key()?, key()?))
        .await
        .map_err(|error| refused(&error))?;
    // An error of the store is told before anybody is invited.
    session.call("account_list", json!({})).await?;
    let link = door.link();
    if output.is_json() {
        output.document(&json!({ "event": "serving", "address": door.address(), "link": link }))?;
    } else {
        output.remark("Open this link in a browser on this machine. It works once; Ctrl-C ends the door.");
        output.styled(Style::Plain, &link)?;
    }
    let ending = session.cancel();
    let watching = session.engine().keep_watching(ending.clone());
    let serving = door.serve(session.engine(), page.as_deref(), ending.clone());
    let outlived = async {
        if serve.until_input_ends && ending.run_until_cancelled(ask::end_of_input()).await.is_some() {
            ending.cancel();
        }
    };
    let ((), served, ()) = tokio::join!(watching, serving, outlived);
    served.map_err(|error| refused(&error))?;
    Ok(Exit::Success)
}

/// The folder that was named, which must hold a page; else the one beside the program, if it is there.
fn page(named: Option<PathBuf>) -> Result<Option<PathBuf>, Failure> {
    let is_page = |folder: &PathBuf| folder.join("index.html").is_file();
    match named {
        Some(folder) if is_page(&folder) => Ok(Some(folder)),
        Some(folder) => Err(Failure::input(
            "--page",
            format!("{} holds no index.html", folder.display()),
        )),
        None => Ok(std::env::current_exe()
            .ok()
            .and_then(|program| Some(program.parent()?.join("page")))
            .filter(is_page)),
    }
}

fn key() -> Result<Key, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure::internal(&error))?;
    Ok(Key::new(bytes))
}

fn refused(error: &DoorError) -> Failure {
    match error {
        DoorError::Port { port, source } => Failure::input("--port", format!("{port}: {source}")),
        other => WireError::new(ErrorCode::Internal, &[], other.to_string()).into(),
    }
}
