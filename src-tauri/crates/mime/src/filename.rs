//! Names of attachments that are safe to show and to give to a file system.

use crate::word::is_deceptive;

/// Bytes of a file name; most file systems end at 255.
const MAX_LEN: usize = 180;

/// Names that Windows gives to devices, whatever extension follows.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The last component of a name that a sender chose, without separators, controls, characters that Windows forbids,
/// and characters that deceive; empty when nothing is left.
pub fn safe_filename(name: &str) -> String {
    let last = name
        .rsplit(['/', '\\'])
        .find(|part| !part.trim().is_empty())
        .unwrap_or_default();
    let mut safe = String::with_capacity(last.len());
    for c in last.chars() {
        if c.is_whitespace() {
            if !safe.ends_with(' ') {
                safe.push(' ');
            }
        } else if matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|') {
            safe.push('_');
        } else if !c.is_control() && !is_deceptive(c) {
            safe.push(c);
        }
    }
    // Leading dots hide a file, trailing dots and blanks are lost on Windows.
    let safe = safe.trim_matches([' ', '.']);
    let safe = shorten(safe);
    let stem = safe.split('.').next().unwrap_or_default().trim_end();
    if DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) {
        return format!("_{safe}");
    }
    safe
}

/// Cuts the middle out of a long name, so that the extension stays.
fn shorten(name: &str) -> String {
    if name.len() <= MAX_LEN {
        return name.to_owned();
    }
    let extension = name
        .rfind('.')
        .and_then(|dot| name.get(dot..))
        .filter(|extension| extension.len() <= 20)
        .unwrap_or_default();
    let stem = crate::limits::prefix(name, MAX_LEN - extension.len());
    format!("{}{extension}", stem.trim_end_matches([' ', '.']))
}

/// A name for a part that has none: `part-1.2.pdf`.
pub(crate) fn default_filename(path: &str, content_type: &str) -> String {
    const EXTENSIONS: [(&str, &str); 26] = [
        ("application/json", "json"),
        ("application/ms-tnef", "dat"),
        ("application/msword", "doc"),
        ("application/pdf", "pdf"),
        ("application/pgp-encrypted", "asc"),
        ("application/pgp-keys", "asc"),
        ("application/pgp-signature", "asc"),
        ("application/pkcs7-mime", "p7m"),
        ("application/pkcs7-signature", "p7s"),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
        ),
        ("application/x-pkcs7-signature", "p7s"),
        ("application/xml", "xml"),
        ("application/zip", "zip"),
        ("image/bmp", "bmp"),
        ("image/gif", "gif"),
        ("image/jpeg", "jpg"),
        ("image/png", "png"),
        ("image/svg+xml", "svg"),
        ("image/webp", "webp"),
        ("message/rfc822", "eml"),
        ("text/calendar", "ics"),
        ("text/csv", "csv"),
        ("text/html", "html"),
        ("text/plain", "txt"),
        ("text/vcard", "vcf"),
    ];
    let extension = EXTENSIONS
        .iter()
        .find(|(name, _)| *name == content_type)
        .map_or("bin", |(_, extension)| extension);
    format!("part-{path}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filename_from_a_sender_becomes_safe() {
        let cases = [
            ("Faktura 1.pdf", "Faktura 1.pdf"),
            ("zażółć.pdf", "zażółć.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\a.doc", "a.doc"),
            ("a\r\n\0b.txt", "a b.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            (".bashrc", "bashrc"),
            ("..", ""),
            ("a:b*c?.txt", "a_b_c_.txt"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("name. ", "name"),
            ("dir/", "dir"),
            ("", ""),
        ];
        for (name, safe) in cases {
            assert_eq!(safe_filename(name), safe, "{name:?}");
        }
        let long = safe_filename(&format!("{}.pdf", "ł".repeat(400)));
        assert!(long.len() <= MAX_LEN && long.ends_with("ł.pdf"));
    }
}
