//! Threads, undo, servers that are looked at, and work that is given up.

use mailroom_engine::{MailProtocol, until};
use mailroom_model::ThreadId;

use super::{Reply, address, endpoint};
use crate::WireError;
use crate::command::Context;
use crate::dto::{AccountAddress, MessageRow, Nothing, ServerProbe, ServerProbed, ThreadShow, UndoId};
use crate::view::{self, Names};

pub(crate) async fn undo_run(context: &Context, payload: UndoId) -> Reply<Nothing> {
    context.engine.undo(payload.id).await?;
    Ok(Nothing {})
}

pub(crate) async fn thread_show(context: &Context, payload: ThreadShow) -> Reply<Vec<MessageRow>> {
    let mut names = Names::new(&context.engine);
    let mut rows = Vec::new();
    for message in context.engine.thread(ThreadId(payload.id)).await? {
        rows.push(names.row(message).await?);
    }
    Ok(rows)
}

// A command is a future, although this one has nothing to wait for.
pub(crate) async fn account_cancel(context: &Context, payload: AccountAddress) -> Reply<Nothing> {
    let address = address(&payload.address)?;
    context.engine.cancel_sign_in(&address);
    context.engine.cancel_work(&address);
    Ok(Nothing {})
}

pub(crate) async fn server_probe(context: &Context, payload: ServerProbe) -> Reply<ServerProbed> {
    let (protocol, field) = match payload.protocol.as_str() {
        "imap" => (MailProtocol::Imap, "imap"),
        "smtp" => (MailProtocol::Smtp, "smtp"),
        _ => return Err(WireError::input("protocol", "neither imap nor smtp")),
    };
    let endpoint = endpoint(field, &payload.endpoint)?;
    let trusted = payload.fingerprint.as_deref().map(str::parse).transpose();
    let trusted =
        trusted.map_err(|_| WireError::input("fingerprint", "64 hexadecimal digits are expected"))?;
    let probing = context.engine.probe_server(protocol, &endpoint, trusted);
    match until(&context.cancel, probing).await {
        Ok(probed) => Ok(view::probed(&probed)),
        Err(error @ mailroom_engine::EngineError::Cancelled) => Err(error.into()),
        // That nobody answers is an answer here.
        Err(error) => Ok(ServerProbed {
            answers: false,
            error: Some(error.into()),
            auth: Vec::new(),
        }),
    }
}
