//! Files with mail, found and read. Everything here waits for a disk: it runs on threads that may.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mailroom_mime::{
    MboxReader, mailbox_marks, maildir_flags, parse_headers, read_maildir_keywords, split_maildir_name,
};
use mailroom_model::{MessageFlags, UnixMillis};

use super::list::{LIST, List};

/// Folders in folders are looked into this deep.
const DEEPEST: u32 = 32;
/// How much of a file shows what it is.
const LOOK: u64 = 4096;
/// How much of a line is read at a time.
const PIECE: u64 = 1 << 16;
/// A larger message is read past; in bytes.
pub(super) const LARGEST: usize = 256 << 20;

/// A form in which mail stands on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceKind {
    /// One file with many messages.
    Mbox,
    /// A folder with `cur` and `new`.
    Maildir,
    /// One message.
    Eml,
    /// A folder with messages as files.
    EmlFolder,
}

/// Mail that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) kind: SourceKind,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// A message as it stands in a file.
#[derive(Debug)]
pub(super) struct Found {
    /// Its file; with its number in an mbox.
    pub(super) origin: String,
    /// Its bytes.
    pub(super) raw: Vec<u8>,
    pub(super) flags: MessageFlags,
    pub(super) received_at: Option<UnixMillis>,
}

/// One step of reading.
#[derive(Debug)]
pub(super) enum Step {
    /// A message.
    Message(Found),
    /// One above the limit: its origin and its size.
    TooLarge(String, u64),
    /// One that its program has deleted.
    Deleted,
    /// A file that cannot be read.
    Unreadable(PathBuf, io::Error),
    /// Bytes of the files that are behind.
    Passed(u64),
}

/// What there is under a path.
pub(super) fn find(path: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    if fs::metadata(path)?.is_dir() {
        find_in(path, 0, &mut sources)?;
    } else if let Some(kind) = kind_of(path, true)? {
        sources.push(Source {
            kind,
            path: path.to_owned(),
            bytes: fs::metadata(path)?.len(),
        });
    }
    Ok(sources)
}

fn find_in(folder: &Path, depth: u32, sources: &mut Vec<Source>) -> io::Result<()> {
    let mut entries: Vec<fs::DirEntry> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let is_maildir = ["cur", "new"].iter().all(|part| folder.join(part).is_dir());
    if is_maildir {
        sources.push(Source {
            kind: SourceKind::Maildir,
            path: folder.to_owned(),
            bytes: size_of(&folder.join("cur"))? + size_of(&folder.join("new"))?,
        });
    }
    let mut single = 0;
    let mut has_single = false;
    for entry in entries {
        // Links are not followed: they may lead in a circle.
        let kind = entry.file_type()?;
        let path = entry.path();
        if kind.is_dir() {
            let name = entry.file_name();
            let is_part = is_maildir && ["cur", "new", "tmp"].iter().any(|part| name == *part);
            if !is_part && depth < DEEPEST {
                find_in(&path, depth + 1, sources)?;
            }
        } else if kind.is_file() && !is_maildir {
            let bytes = entry.metadata()?.len();
            match kind_of(&path, false)? {
                Some(SourceKind::Eml) => {
                    single += bytes;
                    has_single = true;
                }
                Some(kind) => sources.push(Source { kind, path, bytes }),
                None => {}
            }
        }
    }
    if has_single {
        sources.push(Source {
            kind: SourceKind::EmlFolder,
            path: folder.to_owned(),
            bytes: single,
        });
    }
    Ok(())
}

fn size_of(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

/// What a file is. One that was named by a person counts as a message when it begins with a header; among others, only its
/// name makes it one.
fn kind_of(path: &Path, is_named: bool) -> io::Result<Option<SourceKind>> {
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    if matches!(
        extension.as_str(),
        "jsonl" | "part" | "msf" | "dat" | "json" | "html"
    ) {
        return Ok(None);
    }
    let mut begin = Vec::new();
    File::open(path)?.take(LOOK).read_to_end(&mut begin)?;
    let text = begin.trim_ascii_start();
    if text.starts_with(b"From ") {
        return Ok(Some(SourceKind::Mbox));
    }
    let is_message = extension == "eml" || (is_named && begins_with_header(text));
    Ok(is_message.then_some(SourceKind::Eml))
}

/// True when the first line is a header field (RFC 5322 §2.2).
fn begins_with_header(text: &[u8]) -> bool {
    let name = text
        .iter()
        .take_while(|byte| byte.is_ascii_graphic() && **byte != b':')
        .count();
    name > 0 && text.get(name) == Some(&b':')
}

/// Reads all of a source. `take` says whether to go on.
pub(super) fn read(source: &Source, take: &mut dyn FnMut(Step) -> bool) {
    let done = match source.kind {
        SourceKind::Mbox => read_mbox(&source.path, take),
        SourceKind::Maildir => read_maildir(&source.path, take),
        SourceKind::Eml => {
            let list = list_in(source.path.parent());
            read_file(&source.path, list.as_ref(), take);
            Ok(())
        }
        SourceKind::EmlFolder => read_eml_folder(&source.path, take),
    };
    if let Err(error) = done {
        take(Step::Unreadable(source.path.clone(), error));
    }
}

/// The list beside the files; without one that can be read, the files speak for themselves.
fn list_in(folder: Option<&Path>) -> Option<List> {
    List::read(&folder?.join(LIST)).ok().flatten()
}

fn read_mbox(path: &Path, take: &mut dyn FnMut(Step) -> bool) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{LIST}"));
    let list = List::read(Path::new(&beside)).ok().flatten();
    let mut reader = MboxReader::new(LARGEST);
    if list.is_some() {
        reader = reader.without_lengths();
    }
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
    let (mut piece, mut found, mut number) = (Vec::new(), Vec::new(), 0_u64);
    loop {
        piece.clear();
        let is_end = (&mut file).take(PIECE).read_until(b'\n', &mut piece)? == 0;
        if is_end {
            std::mem::replace(&mut reader, MboxReader::new(0)).finish(&mut found);
        } else {
            reader.feed(&piece, &mut found);
        }
        for message in found.drain(..) {
            number += 1;
            let origin = format!("{name}:{number}");
            let size = message.size;
            let step = if message.is_cut {
                Step::TooLarge(origin, size)
            } else {
                from_mbox(origin, message.raw, message.received_at, list.as_ref())
            };
            if !take(step) || !take(Step::Passed(size)) {
                return Ok(());
            }
        }
        if is_end {
            return Ok(());
        }
    }
}

fn from_mbox(origin: String, raw: Vec<u8>, received_at: Option<UnixMillis>, list: Option<&List>) -> Step {
    if let Some(list) = list {
        // A last line without an end got one in the file: the list knows which.
        for end in [b"".as_slice(), b"\n", b"\r\n"] {
            let Some(bytes) = raw.strip_suffix(end) else {
                continue;
            };
            if let Some(told) = list.find(blake3::hash(bytes).as_bytes()) {
                return Step::Message(Found {
                    origin,
                    raw: bytes.to_vec(),
                    flags: MessageFlags::clone(&told.flags),
                    received_at: Some(told.received_at),
                });
            }
        }
    }
    let marks = mailbox_marks(&raw);
    if marks.is_expunged {
        return Step::Deleted;
    }
    Step::Message(Found {
        origin,
        received_at: received_at.or_else(|| parse_headers(&raw).headers.date),
        raw,
        flags: marks.flags,
    })
}

fn read_eml_folder(folder: &Path, take: &mut dyn FnMut(Step) -> bool) -> io::Result<()> {
    let list = list_in(Some(folder));
    for name in names_in(folder)? {
        let path = folder.join(name);
        if kind_of(&path, false)? == Some(SourceKind::Eml) && !read_file(&path, list.as_ref(), take) {
            break;
        }
    }
    Ok(())
}

fn names_in(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name());
        }
    }
    names.sort();
    Ok(names)
}

/// A message that is a file. False when nobody wants more.
fn read_file(path: &Path, list: Option<&List>, take: &mut dyn FnMut(Step) -> bool) -> bool {
    let origin = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let (step, size) = match whole(path) {
        Err(error) => return take(Step::Unreadable(path.to_owned(), error)),
        Ok(Err(size)) => (Step::TooLarge(origin, size), size),
        Ok(Ok(raw)) => {
            let size = raw.len() as u64;
            let step = match list.and_then(|list| list.find(blake3::hash(&raw).as_bytes())) {
                Some(told) => Step::Message(Found {
                    origin,
                    raw,
                    flags: MessageFlags::clone(&told.flags),
                    received_at: Some(told.received_at),
                }),
                None => Step::Message(Found {
                    origin,
                    flags: mailbox_marks(&raw).flags,
                    received_at: parse_headers(&raw).headers.date,
                    raw,
                }),
            };
            (step, size)
        }
    };
    take(step) && take(Step::Passed(size))
}

/// The bytes of a file, or its size where that is above the limit.
fn whole(path: &Path) -> io::Result<Result<Vec<u8>, u64>> {
    let size = fs::metadata(path)?.len();
    if size > LARGEST as u64 {
        return Ok(Err(size));
    }
    let mut raw = Vec::new();
    File::open(path)?.take(LARGEST as u64 + 1).read_to_end(&mut raw)?;
    Ok(Ok(raw))
}

fn read_maildir(folder: &Path, take: &mut dyn FnMut(Step) -> bool) -> io::Result<()> {
    let list = list_in(Some(folder));
    let keywords = match fs::read_to_string(folder.join("dovecot-keywords")) {
        Ok(text) => read_maildir_keywords(&text),
        Err(_) => Vec::new(),
    };
    for part in ["cur", "new"] {
        for name in names_in(&folder.join(part))? {
            let path = folder.join(part).join(&name);
            let name = name.to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            let (base, letters) = split_maildir_name(&name);
            let raw = match whole(&path) {
                Ok(Ok(raw)) => raw,
                Ok(Err(size)) => {
                    if take(Step::TooLarge(base.to_owned(), size)) && take(Step::Passed(size)) {
                        continue;
                    }
                    return Ok(());
                }
                Err(error) => {
                    if take(Step::Unreadable(path, error)) {
                        continue;
                    }
                    return Ok(());
                }
            };
            let mut flags = maildir_flags(letters, &keywords);
            if let Some(told) = list
                .as_ref()
                .and_then(|list| list.find(blake3::hash(&raw).as_bytes()))
            {
                // Only what has no letter: the letters may have been changed by a program since.
                let lettered = |keyword: &String| {
                    keywords.contains(keyword) || keyword.eq_ignore_ascii_case("$Forwarded")
                };
                flags.keywords.extend(
                    told.flags
                        .keywords
                        .iter()
                        .filter(|keyword| !lettered(keyword))
                        .cloned(),
                );
            }
            let size = raw.len() as u64;
            let found = Found {
                origin: base.to_owned(),
                flags,
                received_at: modified(&path).or_else(|| parse_headers(&raw).headers.date),
                raw,
            };
            if !take(Step::Message(found)) || !take(Step::Passed(size)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// When a file was written: in a Maildir, when its message came.
fn modified(path: &Path) -> Option<UnixMillis> {
    let modified = fs::metadata(path).ok()?.modified().ok()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(UnixMillis)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(path: &Path) -> Vec<(String, String, Vec<String>, Option<i64>)> {
        let mut found = Vec::new();
        for source in find(path).unwrap() {
            read(&source, &mut |step| {
                if let Step::Message(message) = step {
                    found.push((
                        message.origin,
                        String::from_utf8_lossy(&message.raw).into_owned(),
                        message.flags.to_imap(),
                        message.received_at.map(|at| at.0),
                    ));
                }
                true
            });
        }
        found
    }

    #[test]
    fn mail_of_other_programs_is_found_where_it_stands() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(
            "Mail/Inbox",
            "From - Mon Nov 23 10:00:00 2026\nX-Mozilla-Status: 0001\n\na\n\nFrom - Mon Nov 23 10:00:00 2026\nX-Mozilla-Status: 0008\n\nb\n",
        );
        put("Mail/Inbox.msf", "From nothing");
        put("Mail/notes.txt", "not mail");
        put("Mail/Work.sbd/2026/one.eml", "Subject: one\n\n1\n");
        put("Maildir/cur/1.a:2,FSa", "Subject: two\n\n2\n");
        put("Maildir/new/2.b", "Subject: three\n\n3\n");
        put("Maildir/tmp/3.c", "half");
        put("Maildir/dovecot-keywords", "0 todo\n");
        put("Maildir/.Sent/cur/4.d:2,S", "Subject: four\n\n4\n");
        fs::create_dir_all(root.path().join("Maildir/.Sent/new")).unwrap();
        let found: Vec<(String, String, Vec<String>)> = all(root.path())
            .into_iter()
            .map(|(origin, raw, flags, _)| (origin, raw, flags))
            .collect();
        let seen = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let row = |origin: &str, raw: &str, flags: &[&str]| (origin.to_owned(), raw.to_owned(), seen(flags));
        assert_eq!(
            found,
            [
                row("Inbox:1", "X-Mozilla-Status: 0001\n\na\n", &["\\Seen"]),
                row("one.eml", "Subject: one\n\n1\n", &[]),
                row("1.a", "Subject: two\n\n2\n", &["\\Seen", "\\Flagged", "todo"]),
                row("2.b", "Subject: three\n\n3\n", &[]),
                row("4.d", "Subject: four\n\n4\n", &["\\Seen"]),
            ]
        );
        assert_eq!(find(&root.path().join("Mail/notes.txt")).unwrap(), []);
        let named = root.path().join("letter.txt");
        fs::write(&named, "Subject: five\n\n5\n").unwrap();
        assert_eq!(all(&named).len(), 1);
    }

    /// Names that mean something to one of the forms, and some that mean nothing.
    const NAMES: &[&str] = &[
        "Inbox",
        "Inbox.mailroom.jsonl",
        "mailroom.jsonl",
        "one.eml",
        "two.EML",
        "Inbox.msf",
        "dovecot-keywords",
        "Maildir/cur/1.a:2,FSa",
        "Maildir/cur/2.b",
        "Maildir/new/.hidden",
        "Maildir/new/3.c!2,",
        "Maildir/mailroom.jsonl",
        "Maildir/dovecot-keywords",
        "Maildir/.Sent/cur/4.d:2,S",
        "Work.sbd/Old",
    ];

    /// Text that looks like mail, a list or a keyword file, with anything between.
    fn content() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => prop::sample::select(vec![
                "From a@x Mon Nov 23 10:00:00 2026\n", "From - ", "Subject: x\n", "Date: Mon, 23 Nov 2026 10:00:00 +0000\n",
                "X-Mozilla-Status: 0009\n", "Content-Length: 9\n", "\n", "\r\n", "\n\n", "0 todo\n", "25 $x\n", "99 y\n",
                "{\"digest\":\"", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
                "\",\"size\":0,\"received_at\":9223372036854775807,\"flags\":[\"\\\\Seen\"]}\n", "{", "}",
            ]).prop_map(|piece| piece.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..12),
        ];
        prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_files_are_read_to_their_end(
            files in prop::collection::btree_map(prop::sample::select(NAMES), content(), 0..NAMES.len()),
        ) {
            let root = tempfile::tempdir().unwrap();
            for (name, bytes) in &files {
                let path = root.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            for source in find(root.path()).unwrap() {
                let (mut passed, mut messages, mut asked) = (0, 0, 0);
                read(&source, &mut |step| {
                    match step {
                        Step::Passed(bytes) => passed += bytes,
                        Step::Message(_) | Step::Deleted => messages += 1,
                        Step::TooLarge(..) | Step::Unreadable(..) => panic!("{step:?}"),
                    }
                    true
                });
                prop_assert!(passed <= source.bytes, "{source:?}");
                // Whoever wants no more gets no more.
                read(&source, &mut |_| {
                    asked += 1;
                    false
                });
                prop_assert_eq!(asked, messages.min(1), "{:?}", source);
            }
        }
    }
}
