//! A message of 200 MB on a real server: header and text first, its file when somebody wants it, all of it when somebody
//! wants that; and never more memory than the work needs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailroom_tests::Random;
use mailroom_tests::command::Terminal;
use mailroom_tests::office::{Office, OfficeOptions};
use serde_json::Value;

use crate::desk::ALICE;

/// Bytes of the file: 150 MB, which are 205 MB as an attachment.
const FILE: usize = 150_000_000;
/// Bytes that come again and again in it, further apart than a compressor looks back.
const BLOCK: usize = 57 * 80_000;

const MB: u64 = 1_000_000;

/// The file, and the message that brings it.
fn huge() -> (Vec<u8>, Vec<u8>) {
    let block = Random::new(200).bytes(BLOCK);
    let mut lines = Vec::new();
    for line in block.chunks(57) {
        lines.extend_from_slice(STANDARD.encode(line).as_bytes());
        lines.extend_from_slice(b"\r\n");
    }
    let times = FILE.div_ceil(BLOCK);
    let mut raw = format!(
        "From: Bob <bob@mailroom.test>\r\nTo: {ALICE}\r\nSubject: the film\r\nMessage-ID: <film@example.org>\r\n\
         Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Here is the film of the meeting.\r\n--b\r\nContent-Type: video/mp4; name=\"film.mp4\"\r\n\
         Content-Disposition: attachment; filename=\"film.mp4\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    .into_bytes();
    for _ in 0..times {
        raw.extend_from_slice(&lines);
    }
    raw.extend_from_slice(b"--b--\r\n");
    (block.repeat(times), raw)
}

#[test]
fn message_of_200_megabytes_is_read_saved_and_exported_in_bounded_memory() {
    let office = Office::start(&OfficeOptions {
        oidc: false,
        smtp: false,
        ..OfficeOptions::default()
    });
    let office = office.expect("an office");
    let (file, raw) = huge();
    assert!(raw.len() as u64 > 200 * MB);
    let appended = office.append(ALICE, "INBOX", &[], None, &raw);
    appended.expect("the message");
    let terminal = Terminal::new(office.ca_path());
    let imap = format!("localhost:{}:tls", office.imaps_port());
    let add = [
        "account",
        "add",
        ALICE,
        "--imap",
        &imap,
        "--period",
        "all",
        "--password-stdin",
    ];
    let added = terminal.run(&add, "alice-pw\n");
    assert_eq!(added.status, 0, "{added:?}");

    let measured = |words: &[&str], most: u64| {
        let (ran, peak) = terminal.run_measured(words);
        assert_eq!(ran.status, 0, "{words:?}: {ran:?}");
        assert!(peak <= most, "{words:?} took {} MB", peak / MB);
        ran
    };
    measured(&["--json", "sync"], 150 * MB);
    let listed = measured(&["--json", "message", "list"], 150 * MB).json();
    let row = &listed["messages"][0];
    assert_eq!(
        (&row["subject"], row["size"].as_u64()),
        (&Value::from("the film"), Some(raw.len() as u64))
    );
    let id = row["id"].to_string();
    let shown = measured(&["--json", "message", "show", &id], 150 * MB).json();
    assert_eq!(shown["partial"], true);
    let text = shown["text"].as_str().unwrap_or_default();
    assert_eq!(text.trim(), "Here is the film of the meeting.");
    let found = measured(&["--json", "message", "search", "meeting"], 150 * MB).json();
    assert_eq!(found["messages"].as_array().map(Vec::len), Some(1), "{found}");

    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("film.mp4");
    let to = saved.display().to_string();
    measured(&["message", "save", &id, "2", "--output", &to], 150 * MB);
    assert!(
        std::fs::read(&saved).expect("the file") == file,
        "every byte came"
    );
    let whole = folder.path().join("film.eml");
    let to = whole.display().to_string();
    measured(&["message", "export", &id, "--output", &to], 150 * MB);
    assert!(std::fs::read(&whole).expect("the file") == raw, "every byte came");
    let names = std::fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(names, 2, "nothing unfinished is left");
    // Somebody may want to keep all of it nevertheless, and have it without the server.
    measured(&["message", "download", &id], 5 * raw.len() as u64);
    office.stop_imap();
    measured(&["message", "export", &id, "--output", &to], 5 * raw.len() as u64);
    assert!(
        std::fs::read(&whole).expect("the file") == raw,
        "every byte was kept"
    );
    let checked = terminal.run(&["doctor"], "");
    assert_eq!(checked.status, 0, "{checked:?}");
}
