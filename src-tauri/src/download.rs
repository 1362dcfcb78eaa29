//! A free file name in the downloads folder.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// Names are tried with numbers up to this one.
const LAST: u32 = 9_999;

/// Creates an empty file in `folder` under `wanted`, or under `wanted` with a number, so that nobody else takes the
/// name. The folder is made when it is not there.
///
/// # Errors
///
/// The folder cannot be written to.
pub(crate) fn reserve(folder: &Path, wanted: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for number in 1..=LAST {
        let path = folder.join(numbered(safe(wanted), number));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Makes a new folder in `folder` under `wanted`, or under `wanted` with a number.
///
/// # Errors
///
/// The folder cannot be written to.
pub(crate) fn reserve_folder(folder: &Path, wanted: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for number in 1..=LAST {
        let path = match number {
            1 => folder.join(safe(wanted)),
            _ => folder.join(format!("{} ({number})", safe(wanted))),
        };
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// The name itself when it is one plain, visible name, and a neutral one when it is not.
pub(crate) fn safe(wanted: &str) -> &str {
    let mut parts = Path::new(wanted).components();
    let is_plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
        && !wanted.starts_with('.')
        && !wanted.contains(['/', '\\', ':'])
        && !wanted.chars().any(char::is_control);
    if is_plain { wanted } else { "attachment" }
}

/// `report.pdf`, `report (2).pdf`, …
fn numbered(name: &str, number: u32) -> String {
    if number == 1 {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem} ({number}).{extension}"),
        _ => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_is_taken_gets_the_next_number() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = folder.path().join("Downloads");
        let names: Vec<_> = ["a.tar.gz", "a.tar.gz", "a.tar.gz", "plain", "plain"]
            .iter()
            .map(|wanted| {
                let path = reserve(&downloads, wanted).unwrap();
                path.file_name().unwrap().to_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(
            names,
            ["a.tar.gz", "a.tar (2).gz", "a.tar (3).gz", "plain", "plain (2)"]
        );
    }

    #[test]
    fn folder_is_always_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let make = |wanted| {
            let path = reserve_folder(folder.path(), wanted).unwrap();
            path.file_name().unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(
            [make("a@x.pl"), make("a@x.pl"), make("../x")],
            ["a@x.pl", "a@x.pl (2)", "attachment"]
        );
    }

    #[test]
    fn name_that_leads_elsewhere_becomes_a_neutral_one() {
        for wanted in [
            "../x",
            "/etc/passwd",
            "",
            "..",
            ".bashrc",
            "a\\b",
            "c:x",
            "a\nb",
            "a/",
        ] {
            assert_eq!(safe(wanted), "attachment", "{wanted:?}");
        }
        assert_eq!(safe("Umowa – podpisana.pdf"), "Umowa – podpisana.pdf");
    }
}
