//! Messages while they are written.

use mailroom_model::ErrorCode;

use super::Reply;
use crate::WireError;
use crate::command::Context;
use crate::dto::{
    DraftAttach, DraftDetach, DraftFile, DraftFileBytes, DraftFileShow, DraftId, DraftOpen, DraftRow,
    DraftSave, DraftSend, DraftView, Nothing, OutboxView, PeopleSearch, PersonView,
};

fn not_built() -> WireError {
    WireError::new(ErrorCode::Internal, &[], "this part is being built")
}

pub(crate) async fn draft_open(_: &Context, _: DraftOpen) -> Reply<DraftView> {
    Err(not_built())
}

pub(crate) async fn draft_save(_: &Context, _: DraftSave) -> Reply<DraftView> {
    Err(not_built())
}

pub(crate) async fn draft_attach(_: &Context, _: DraftAttach) -> Reply<DraftFile> {
    Err(not_built())
}

pub(crate) async fn draft_detach(_: &Context, _: DraftDetach) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn draft_file(_: &Context, _: DraftFileShow) -> Reply<DraftFileBytes> {
    Err(not_built())
}

pub(crate) async fn draft_send(_: &Context, _: DraftSend) -> Reply<OutboxView> {
    Err(not_built())
}

pub(crate) async fn draft_discard(_: &Context, _: DraftId) -> Reply<Nothing> {
    Err(not_built())
}

pub(crate) async fn draft_list(_: &Context, _: Nothing) -> Reply<Vec<DraftRow>> {
    Err(not_built())
}

pub(crate) async fn people_search(_: &Context, _: PeopleSearch) -> Reply<Vec<PersonView>> {
    Err(not_built())
}
