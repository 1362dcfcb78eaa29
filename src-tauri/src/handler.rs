//! Whether links of the program's scheme come to this program, as the operating system has it.

#[cfg(any(target_os = "linux", test))]
use std::path::Path;

use tauri::AppHandle;

/// The scheme of our own (RFC 8252 §7.1).
const SCHEME: &str = "app.mailroom";

/// True when the system names this program for its scheme. Anything else, a system that does not say included, is no.
#[cfg(target_os = "linux")]
pub(crate) fn links_reach_us(_: &AppHandle) -> bool {
    use gtk::gio::AppInfo;
    use gtk::gio::prelude::AppInfoExt as _;

    let Some(handler) = AppInfo::default_for_uri_scheme(SCHEME) else {
        return false;
    };
    tauri::utils::platform::current_exe().is_ok_and(|own| is_program(&handler.executable(), &own))
}

/// The same, as far as the plugin can tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn links_reach_us(app: &AppHandle) -> bool {
    use tauri_plugin_deep_link::DeepLinkExt as _;

    app.deep_link().is_registered(SCHEME).unwrap_or(false)
}

/// True when what a desktop entry starts, a name or a path, is the program at `own`.
#[cfg(any(target_os = "linux", test))]
fn is_program(started: &Path, own: &Path) -> bool {
    let is_name = started.components().count() == 1;
    if is_name {
        return started.file_name() == own.file_name();
    }
    started == own || started.canonicalize().is_ok_and(|started| started == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn desktop_entry_names_this_program_or_another() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("mailroom-desktop");
        std::fs::write(&own, "").unwrap();
        let own = own.canonicalize().unwrap();
        let cases = [
            ("mailroom-desktop".into(), true),
            (own.clone(), true),
            ("thunderbird".into(), false),
            ("/usr/bin/mailroom-desktop".into(), false),
            (folder.path().join("other"), false),
        ];
        for (started, expected) in cases {
            assert_eq!(is_program(&started, &own), expected, "{}", started.display());
        }
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&own, &link).unwrap();
            assert!(is_program(&link, &own), "a link to it is it");
        }
    }
}
