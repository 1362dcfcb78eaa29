//! What to say about the errors of making, renaming and deleting folders.

use mailroom_api::ErrorCode;

use super::errors::Sentences;

pub(super) fn sentences(code: ErrorCode) -> Option<Sentences> {
    Some(match code {
        ErrorCode::FolderExists => (
            "There is a folder [“{folder}”|of this name] already.",
            "",
            "Choose another name.",
        ),
        ErrorCode::FolderNameInvalid => (
            "No folder can be called [“{name}”|this].",
            "[{reason}: {delimiter}.|{reason}.|]",
            "Choose another name.",
        ),
        ErrorCode::FolderProtected => (
            "[“{folder}” stays as it is: it is the folder for {role}|Nothing can be put into “{folder}”|The folder stays as it is].",
            "",
            "Choose another folder.",
        ),
        ErrorCode::FolderNotEmpty => (
            "[“{folder}” holds {messages} messages|The folder holds messages], with those of the folders in it, and cannot go to the trash.",
            "They would be lost for good. Nothing was deleted.",
            "Move what is wanted to another folder, or delete all of it for good with --forever [{messages}|MESSAGES].",
        ),
        ErrorCode::FolderBusy => (
            "Changes of messages in [“{folder}”|the folder] wait to reach the server[: {changes}|].",
            "Deleting the folder would lose them. Nothing was deleted.",
            "Let `mailroom sync` carry them, or look at them with `mailroom operation list`.",
        ),
        ErrorCode::FolderRefused => (
            "[{host}|The server] refused to change the folder[ “{folder}”|].",
            "Nothing was changed.",
            "Its words may say why; otherwise choose another name or place for the folder.",
        ),
        ErrorCode::OnlineNeeded => (
            "This needs the server[ {host}|], and it cannot be reached[ ({error})|].",
            "Folders are made, renamed and deleted there at once; nothing was changed and nothing waits.",
            "Check the connection and try again; `mailroom status` shows how the account is.",
        ),
        _ => return None,
    })
}
