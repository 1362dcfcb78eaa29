//! Desktop Application Autostart Specification: an entry in the person's autostart folder.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use directories::BaseDirs;
use tauri::AppHandle;

use super::{Autostart, program};
use crate::arguments::HIDDEN;

/// Whether it is on. Desktops switch an entry off by a line in it, which counts as much as no entry.
pub(crate) fn state(_: &AppHandle) -> Autostart {
    let Some(entry) = entry() else {
        return Autostart {
            enabled: false,
            changeable: false,
        };
    };
    Autostart {
        enabled: fs::read_to_string(&entry).is_ok_and(|text| is_on(&text)),
        changeable: may_change(&entry),
    }
}

/// Switches it on or off.
///
/// # Errors
///
/// The entry cannot be written or removed.
pub(crate) fn set(app: &AppHandle, enabled: bool) -> io::Result<()> {
    let entry = entry().ok_or(ErrorKind::NotFound)?;
    if enabled {
        if let Some(folder) = entry.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(entry, text(&program(app)?))
    } else {
        match fs::remove_file(entry) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

fn entry() -> Option<PathBuf> {
    let folder = BaseDirs::new()?.config_dir().join("autostart");
    Some(folder.join("Mailroom.desktop"))
}

/// False when the entry, or the nearest folder that is there, is read-only: an administrator's doing.
fn may_change(entry: &Path) -> bool {
    let nearest = entry.ancestors().find_map(|path| fs::metadata(path).ok());
    nearest.is_some_and(|found| !found.permissions().readonly())
}

fn is_on(text: &str) -> bool {
    let says = |key: &str, value: &str| {
        text.lines().any(|line| {
            line.split_once('=')
                .is_some_and(|(found, said)| found.trim() == key && said.trim().eq_ignore_ascii_case(value))
        })
    };
    !says("Hidden", "true") && !says("X-GNOME-Autostart-enabled", "false")
}

fn text(program: &Path) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Mailroom\nExec={} {HIDDEN}\nIcon=mailroom-desktop\n\
         Terminal=false\nStartupNotify=false\nX-GNOME-Autostart-enabled=true\n",
        quoted(&program.to_string_lossy())
    )
}

/// An argument of the `Exec` key: quoted, then escaped as every string of the file is, and with field codes disarmed.
fn quoted(argument: &str) -> String {
    let mut quoted = String::from("\"");
    for c in argument.chars() {
        match c {
            '\\' => quoted.push_str("\\\\\\\\"),
            '"' | '`' | '$' => {
                quoted.push_str("\\\\");
                quoted.push(c);
            }
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_starts_the_program_out_of_the_way() {
        let entry = text(Path::new("/opt/My Mail/mailroom-desktop"));
        assert!(entry.starts_with("[Desktop Entry]\nType=Application\n"));
        assert!(entry.contains("\nExec=\"/opt/My Mail/mailroom-desktop\" --hidden\n"));
        assert!(is_on(&entry));
    }

    #[test]
    fn entry_that_a_desktop_switched_off_is_off() {
        for (text, on) in [
            ("[Desktop Entry]\nExec=x\n", true),
            ("[Desktop Entry]\nHidden=true\n", false),
            ("[Desktop Entry]\nHidden = True\n", false),
            ("[Desktop Entry]\nHidden=false\n", true),
            ("[Desktop Entry]\nX-GNOME-Autostart-enabled=false\n", false),
        ] {
            assert_eq!(is_on(text), on, "{text}");
        }
    }

    #[test]
    fn program_with_odd_letters_is_still_one_argument() {
        for (path, expected) in [
            ("/usr/bin/a", r#""/usr/bin/a""#),
            ("/o p/a", r#""/o p/a""#),
            (r#"/q"b$c`d"#, r#""/q\\"b\\$c\\`d""#),
            (r"/back\slash", r#""/back\\\\slash""#),
            ("/100%u", r#""/100%%u""#),
        ] {
            assert_eq!(quoted(path), expected, "{path}");
        }
    }
}
