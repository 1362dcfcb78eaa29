//! Attachments that were opened with another program: copies for looking at, in a folder of the person alone.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use mailroom_api::WireError;
use mailroom_api::dto::MessageView;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tauri::AppHandle;
use tauri_plugin_opener::OpenerExt as _;

use crate::core::Core;
use crate::{download, kind, private};

/// What to open.
#[derive(Debug, Deserialize)]
pub(crate) struct Attachment {
    /// Row id of the message.
    id: i64,
    part: String,
    filename: String,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// The system took it.
    Opened,
    /// It could run as a program.
    Refused,
    /// The system has no program for it.
    Failed,
}

/// The folder with the copies; each stands in a folder of its own, so that names cannot meet.
#[derive(Debug)]
pub(crate) struct Opened(PathBuf);

impl Opened {
    /// The folder in `home`, emptied of what an earlier run left.
    pub(crate) fn new(home: &Path) -> Self {
        let opened = Self(home.join("opened"));
        opened.clean();
        opened
    }

    /// Removes every copy. What another program still holds open stays until the next start.
    pub(crate) fn clean(&self) {
        if let Err(error) = private::remove_folder(&self.0) {
            tracing::info!(%error, "copies of attachments are still there");
        }
    }

    /// A path for a new copy.
    fn reserve(&self, filename: &str) -> io::Result<PathBuf> {
        private::folder(&self.0)?;
        let folder = tempfile::Builder::new().prefix("").tempdir_in(&self.0)?.keep();
        Ok(folder.join(download::safe(filename)))
    }
}

/// Opens an attachment with the system's program for it, unless it could run as one itself.
///
/// # Errors
///
/// There is no such attachment, or no copy of it can be written.
pub(crate) async fn open(
    app: &AppHandle,
    core: &Core,
    opened: &Opened,
    attachment: Attachment,
) -> Result<Outcome, WireError> {
    let message = core.call("message_show", json!({ "id": attachment.id })).await?;
    let message: MessageView =
        serde_json::from_value(message).map_err(|error| WireError::input("id", error.to_string()))?;
    // Its type and name as the message has them, not as the page says.
    let found = message
        .attachments
        .iter()
        .find(|found| found.part == attachment.part)
        .ok_or_else(|| WireError::input("part", "the message has no such attachment"))?;
    if kind::is_program(&attachment.filename, &found.content_type)
        || kind::is_program(&found.filename, &found.content_type)
    {
        return Ok(Outcome::Refused);
    }
    let path = opened
        .reserve(&attachment.filename)
        .map_err(|error| WireError::input("path", error.to_string()))?;
    let name = path
        .to_str()
        .ok_or_else(|| WireError::input("path", "the folder's name is not valid Unicode"))?;
    let payload = json!({ "id": attachment.id, "part": attachment.part, "path": name });
    core.call("message_export", payload).await?;
    if begins_as_program(&path).unwrap_or(true) {
        drop(fs::remove_file(&path));
        return Ok(Outcome::Refused);
    }
    // So that nobody works in a copy that goes away with the program.
    if let Err(error) = make_read_only(&path) {
        tracing::info!(%error, "a copy of an attachment can be written to");
    }
    if app.opener().open_path(name, None::<&str>).is_ok() {
        return Ok(Outcome::Opened);
    }
    // The error names the file.
    tracing::info!("the system opens no such file");
    Ok(Outcome::Failed)
}

fn begins_as_program(path: &Path) -> io::Result<bool> {
    let mut beginning = Vec::with_capacity(kind::BEGINNING);
    File::open(path)?
        .take(kind::BEGINNING as u64)
        .read_to_end(&mut beginning)?;
    Ok(kind::begins_as_program(&beginning))
}

fn make_read_only(path: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(path)?.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o400);
    #[cfg(not(unix))]
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_one_name_stand_apart_and_leave_together() {
        let home = tempfile::tempdir().unwrap();
        let opened = Opened::new(home.path());
        let (one, two) = (opened.reserve("a.pdf").unwrap(), opened.reserve("a.pdf").unwrap());
        assert_ne!(one, two);
        for path in [&one, &two] {
            assert_eq!(path.file_name().unwrap(), "a.pdf");
            fs::write(path, "%PDF").unwrap();
            make_read_only(path).unwrap();
            assert!(fs::metadata(path).unwrap().permissions().readonly());
        }
        assert!(!begins_as_program(&one).unwrap());
        drop(Opened::new(home.path()));
        assert!(!one.exists() && !two.exists());
    }

    #[test]
    fn copy_with_a_name_that_leads_elsewhere_stays_in_its_folder() {
        let home = tempfile::tempdir().unwrap();
        let path = Opened::new(home.path()).reserve("../../.bashrc").unwrap();
        assert_eq!(path.file_name().unwrap(), "attachment");
        assert!(path.starts_with(home.path().join("opened")));
    }
}
