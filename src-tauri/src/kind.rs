//! Which attachments could run as programs. They can be saved, and are never opened from here.

/// Endings of names that a system runs, installs, or reads as an order to run something: Windows, macOS, Linux, and
/// what office and mail programs run.
const ENDINGS: &[&str] = &[
    // Programs and installers
    "apk",
    "app",
    "appimage",
    "appinstaller",
    "appx",
    "appxbundle",
    "bin",
    "class",
    "cmd",
    "com",
    "command",
    "cpl",
    "deb",
    "dll",
    "dmg",
    "elf",
    "exe",
    "flatpak",
    "flatpakref",
    "gadget",
    "iso",
    "img",
    "jar",
    "jnlp",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "ocx",
    "out",
    "pif",
    "pkg",
    "mpkg",
    "rpm",
    "run",
    "scr",
    "snap",
    "so",
    "sys",
    "tool",
    "udf",
    "vhd",
    "vhdx",
    "workflow",
    "xap",
    "xbap",
    // Scripts
    "applescript",
    "action",
    "bash",
    "bat",
    "btm",
    "csh",
    "fish",
    "hta",
    "js",
    "jse",
    "ksh",
    "lua",
    "mjs",
    "pl",
    "ps1",
    "ps1xml",
    "ps2",
    "ps2xml",
    "psc1",
    "psc2",
    "psd1",
    "psm1",
    "py",
    "pyc",
    "pyo",
    "pyw",
    "pyz",
    "pyzw",
    "rb",
    "scpt",
    "scptd",
    "sct",
    "sh",
    "shb",
    "tcl",
    "terminal",
    "vb",
    "vbe",
    "vbs",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "zsh",
    // Orders to run something else
    "application",
    "appref-ms",
    "cdxml",
    "chm",
    "desktop",
    "diagcab",
    "diagcfg",
    "diagpkg",
    "fileloc",
    "hlp",
    "inetloc",
    "inf",
    "ins",
    "isp",
    "lnk",
    "library-ms",
    "mmc",
    "msc",
    "mobileconfig",
    "mobileprovision",
    "prf",
    "reg",
    "rdp",
    "scf",
    "search-ms",
    "searchconnector-ms",
    "service",
    "settingcontent-ms",
    "shs",
    "theme",
    "themepack",
    "url",
    "webloc",
    "webpnp",
    "xll",
    "xnk",
    // Documents with programs in them
    "accda",
    "accde",
    "ade",
    "adp",
    "docm",
    "dotm",
    "iqy",
    "mad",
    "maf",
    "mag",
    "mam",
    "maq",
    "mar",
    "mas",
    "mat",
    "mau",
    "mav",
    "maw",
    "mda",
    "mdb",
    "mde",
    "mdt",
    "mdw",
    "mdz",
    "one",
    "osd",
    "potm",
    "ppam",
    "ppsm",
    "pptm",
    "slk",
    "sldm",
    "wll",
    "xla",
    "xlam",
    "xlm",
    "xlsm",
    "xltm",
    "xlw",
];

/// Content types of the same.
const TYPES: &[&str] = &[
    "application/hta",
    "application/java-archive",
    "application/vnd.android.package-archive",
    "application/vnd.appimage",
    "application/vnd.debian.binary-package",
    "application/vnd.flatpak",
    "application/vnd.flatpak.ref",
    "application/vnd.microsoft.portable-executable",
    "application/x-apple-diskimage",
    "application/x-bat",
    "application/x-csh",
    "application/x-deb",
    "application/x-desktop",
    "application/x-dosexec",
    "application/x-elf",
    "application/x-executable",
    "application/x-iso9660-image",
    "application/x-java-archive",
    "application/x-java-jnlp-file",
    "application/x-mach-binary",
    "application/x-ms-application",
    "application/x-ms-dos-executable",
    "application/x-ms-installer",
    "application/x-ms-shortcut",
    "application/x-msdos-program",
    "application/x-msdownload",
    "application/x-msi",
    "application/x-perl",
    "application/x-pie-executable",
    "application/x-python-code",
    "application/x-rpm",
    "application/x-sh",
    "application/x-shar",
    "application/x-sharedlib",
    "application/x-shellscript",
    "application/javascript",
    "application/x-javascript",
    "text/javascript",
    "text/vbscript",
    "text/x-python",
    "text/x-script.python",
    "text/x-sh",
    "text/x-shellscript",
];

/// The first bytes of the same, for files whose names say nothing.
const BEGINNINGS: &[&[u8]] = &[
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"[Desktop Entry]",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"L\0\0\0\x01\x14\x02\0",
];

/// How many bytes [`begins_as_program`] wants to see.
pub(crate) const BEGINNING: usize = 64;

/// True for a name or a content type that a system could run.
pub(crate) fn is_program(filename: &str, content_type: &str) -> bool {
    // Windows drops dots and blanks at the end, and so would the person's eye.
    let name = filename.trim_end_matches(['.', ' ']).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.trim());
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    ending.is_some_and(|ending| ENDINGS.contains(&ending)) || TYPES.contains(&essence.as_str())
}

/// True for the beginning of a file that a system could run, whatever its name is.
pub(crate) fn begins_as_program(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_is_known_by_its_name_or_its_type() {
        for (filename, content_type, program) in [
            ("invoice.pdf", "application/pdf", false),
            ("Umowa.docx", "application/octet-stream", false),
            ("photo.jpeg", "image/jpeg", false),
            ("archive.zip", "application/zip", false),
            ("notes", "text/plain", false),
            (
                "table.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                false,
            ),
            ("invoice.pdf.exe", "application/pdf", true),
            ("INVOICE.EXE", "application/octet-stream", true),
            ("invoice.exe.", "application/octet-stream", true),
            ("invoice.exe . ", "application/octet-stream", true),
            ("invoice.pdf .exe", "application/pdf", true),
            ("a.sh", "text/plain", true),
            ("a.desktop", "text/plain", true),
            ("a.docm", "application/vnd.ms-word.document.macroenabled.12", true),
            ("a.lnk", "application/octet-stream", true),
            ("a.AppImage", "application/octet-stream", true),
            ("a.jar", "application/zip", true),
            ("a.html", "text/html", false),
            ("run", "application/x-executable", true),
            ("run", "Application/X-ShellScript; charset=utf-8", true),
            ("exe", "text/plain", false),
        ] {
            assert_eq!(
                is_program(filename, content_type),
                program,
                "{filename} {content_type}"
            );
        }
    }

    #[test]
    fn program_is_known_by_its_beginning() {
        for (bytes, program) in [
            (b"%PDF-1.7".as_slice(), false),
            (b"", false),
            (b"PK\x03\x04", false),
            (b"\x7fELF\x02", true),
            (b"MZ\x90", true),
            (b"#!/bin/sh\n", true),
            (b"\xef\xbb\xbf#!/bin/sh\n", true),
            (b"[Desktop Entry]\nExec=x", true),
            (b"Dear Anna #!", false),
        ] {
            assert_eq!(begins_as_program(bytes), program, "{bytes:?}");
        }
    }

    #[test]
    fn tables_are_written_as_they_are_compared() {
        for word in ENDINGS.iter().chain(TYPES) {
            assert_eq!(*word, word.trim().to_ascii_lowercase(), "{word}");
        }
    }
}
