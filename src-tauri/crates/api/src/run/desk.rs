//! Threads, undo, and work that is given up.

use mailroom_model::ErrorCode;

use super::Reply;
use crate::WireError;
use crate::command::Context;
use crate::dto::{AccountAddress, MessageRow, Nothing, ServerProbe, ServerProbed, ThreadShow, UndoId};

fn not_built() -> WireError {
    WireError::new(ErrorCode::Internal, &[], "this part is being built")
}

pub(crate) async fn undo_run(_: &Context, _: UndoId) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn thread_show(_: &Context, _: ThreadShow) -> Reply<Vec<MessageRow>> {
    Err(not_built())
}

pub(crate) async fn account_cancel(_: &Context, _: AccountAddress) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn server_probe(_: &Context, _: ServerProbe) -> Reply<ServerProbed> {
    Err(not_built())
}
