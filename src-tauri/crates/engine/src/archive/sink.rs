//! Files that are being written. Nothing has its final name before it is whole and on the disk.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use mailroom_mime::{envelope_sender, maildir_letters, mbox_from_line, mbox_pieces, write_maildir_keywords};
use mailroom_model::{MessageFlags, UnixMillis};

use super::ArchiveFormat;
use super::list::{LIST, Line, add_line, each_line};
use super::name::{eml_name, maildir_name};

/// What stands between a Maildir file's name and its flags; a colon cannot stand in a name on Windows.
const INFO: &str = if cfg!(windows) { ";2," } else { ":2," };
/// Keywords that have a letter in a Maildir.
const LETTERS: usize = 26;

/// One message on its way into a file.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) raw: Vec<u8>,
    pub(super) digest: [u8; 32],
    /// `None` for one that its folder does not have on the server yet.
    pub(super) uid: Option<u32>,
    pub(super) uid_validity: u32,
    pub(super) received_at: UnixMillis,
    pub(super) flags: MessageFlags,
    pub(super) subject: String,
}

/// A folder that becomes files.
#[derive(Debug)]
pub(super) enum Sink {
    Mbox(MboxSink),
    Files(FilesSink),
}

impl Sink {
    /// Begins a folder at `place` in `target`.
    pub(super) fn open(target: &Path, place: &Path, format: ArchiveFormat) -> io::Result<Self> {
        let path = target.join(place);
        Ok(match format {
            ArchiveFormat::Mbox => Self::Mbox(MboxSink::open(path)?),
            ArchiveFormat::Maildir => Self::Files(FilesSink::open(path, true)?),
            ArchiveFormat::Eml => Self::Files(FilesSink::open(path, false)?),
        })
    }

    /// True when an earlier export has put these bytes here; a second message of the same bytes is asked about once more.
    pub(super) fn has(&mut self, digest: &[u8; 32]) -> bool {
        match self {
            Self::Mbox(_) => false,
            Self::Files(files) => files.has(digest),
        }
    }

    pub(super) fn write(&mut self, entry: &Entry) -> io::Result<()> {
        match self {
            Self::Mbox(mbox) => mbox.write(entry),
            Self::Files(files) => files.write(entry),
        }
    }

    /// The folder is complete.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Mbox(mbox) => mbox.finish(),
            Self::Files(files) => files.finish(),
        }
    }
}

fn line_of(entry: &Entry, file: String) -> Line {
    Line {
        file,
        digest: blake3::Hash::from_bytes(entry.digest).to_hex().to_string(),
        size: entry.raw.len() as u64,
        received_at: entry.received_at.0,
        flags: entry.flags.to_imap(),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(suffix);
    path.with_file_name(name)
}

/// A folder as one file, with the list beside it.
#[derive(Debug)]
pub(super) struct MboxSink {
    path: PathBuf,
    mail: Option<BufWriter<File>>,
    list: File,
}

impl MboxSink {
    fn open(path: PathBuf) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mail = File::create(with_suffix(&path, ".part"))?;
        let list = File::create(with_suffix(&path, &format!(".{LIST}.part")))?;
        Ok(Self {
            path,
            mail: Some(BufWriter::with_capacity(1 << 18, mail)),
            list,
        })
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let from_line = mbox_from_line(&envelope_sender(&entry.raw), entry.received_at);
        if let Some(mail) = &mut self.mail {
            for piece in mbox_pieces(&from_line, &entry.raw) {
                mail.write_all(piece)?;
            }
        }
        add_line(&mut self.list, &line_of(entry, String::new()))
    }

    fn finish(mut self) -> io::Result<()> {
        let Some(mail) = self.mail.take() else {
            return Ok(());
        };
        mail.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        self.list.sync_all()?;
        let list = format!(".{LIST}");
        fs::rename(
            with_suffix(&self.path, &format!("{list}.part")),
            with_suffix(&self.path, &list),
        )?;
        fs::rename(with_suffix(&self.path, ".part"), &self.path)
    }
}

impl Drop for MboxSink {
    fn drop(&mut self) {
        if self.mail.take().is_some() {
            // Half a folder is worth nothing to anybody; it is written anew.
            drop(fs::remove_file(with_suffix(&self.path, ".part")));
            drop(fs::remove_file(with_suffix(&self.path, &format!(".{LIST}.part"))));
        }
    }
}

/// A folder as one file for each message.
#[derive(Debug)]
pub(super) struct FilesSink {
    folder: PathBuf,
    is_maildir: bool,
    list: File,
    /// How many files of these bytes an earlier export has left.
    there: HashMap<[u8; 32], u32>,
    keywords: Vec<String>,
}

impl FilesSink {
    fn open(folder: PathBuf, is_maildir: bool) -> io::Result<Self> {
        if is_maildir {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(folder.join(part))?;
            }
            // What makes a folder below the inbox a Maildir++ folder (Courier, Dovecot).
            let is_below = folder
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if is_below {
                File::create(folder.join("maildirfolder"))?;
            }
        } else {
            fs::create_dir_all(&folder)?;
        }
        let path = folder.join(LIST);
        let mut there: HashMap<[u8; 32], u32> = HashMap::new();
        each_line(&path, |line| {
            if let Ok(digest) = blake3::Hash::from_hex(&line.digest)
                && stands(&folder, is_maildir, &line)
            {
                *there.entry(*digest.as_bytes()).or_default() += 1;
            }
        })?;
        let mut list = OpenOptions::new().create(true).append(true).open(path)?;
        if list.metadata()?.len() > 0 {
            // The last line may have been cut in its middle.
            list.write_all(b"\n")?;
        }
        Ok(Self {
            folder,
            is_maildir,
            list,
            there,
            keywords: Vec::new(),
        })
    }

    fn has(&mut self, digest: &[u8; 32]) -> bool {
        match self.there.get_mut(digest) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let Entry { raw, received_at, .. } = entry;
        // Its bytes stand for the number it has not: no other message takes the name later.
        let number = entry.uid.map_or_else(
            || {
                blake3::Hash::from(entry.digest)
                    .to_hex()
                    .chars()
                    .take(16)
                    .collect()
            },
            |uid| uid.to_string(),
        );
        let (partial, name) = if self.is_maildir {
            let base = maildir_name(*received_at, entry.uid_validity, &number, raw.len());
            self.learn_keywords(&entry.flags)?;
            let letters = maildir_letters(&entry.flags, &self.keywords);
            let name = format!("cur/{base}{INFO}{letters}");
            (self.folder.join("tmp").join(&base), name)
        } else {
            let name = eml_name(*received_at, &entry.subject, &number);
            (self.folder.join(format!("{name}.part")), name)
        };
        let written = write_synced(&partial, raw, *received_at)
            // The list first: a file that it does not name is written once more, one that is missing is not believed.
            .and_then(|()| add_line(&mut self.list, &line_of(entry, name.clone())))
            .and_then(|()| fs::rename(&partial, self.folder.join(&name)));
        if written.is_err() {
            // The first error is the one that counts.
            drop(fs::remove_file(&partial));
        }
        written
    }

    /// Gives keywords their letters as they come.
    fn learn_keywords(&mut self, flags: &MessageFlags) -> io::Result<()> {
        let known = self.keywords.len();
        for keyword in &flags.keywords {
            let is_letter_of_its_own = keyword.eq_ignore_ascii_case("$Forwarded");
            if self.keywords.len() < LETTERS && !is_letter_of_its_own && !self.keywords.contains(keyword) {
                self.keywords.push(keyword.clone());
            }
        }
        if self.keywords.len() > known {
            let path = self.folder.join("dovecot-keywords");
            let partial = self.folder.join("tmp").join("dovecot-keywords");
            fs::write(&partial, write_maildir_keywords(&self.keywords))?;
            fs::rename(partial, path)?;
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        self.list.sync_all()
    }
}

/// True when the file that a line names stands there with the size it had. A Maildir's program may have changed its flags and
/// with them its name: then it counts as missing.
fn stands(folder: &Path, is_maildir: bool, line: &Line) -> bool {
    let is_plain = !line.file.contains("..") && (is_maildir == line.file.starts_with("cur/"));
    is_plain && fs::metadata(folder.join(&line.file)).is_ok_and(|data| data.len() == line.size)
}

/// Writes a file to the disk, dated as the message was received.
fn write_synced(path: &Path, raw: &[u8], at: UnixMillis) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(raw)?;
    let since_epoch = Duration::from_millis(at.0.max(0).unsigned_abs());
    if let Some(moment) = SystemTime::UNIX_EPOCH.checked_add(since_epoch) {
        file.set_times(FileTimes::new().set_modified(moment))?;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(uid: u32, raw: &[u8], flags: &[&str]) -> Entry {
        Entry {
            raw: raw.to_vec(),
            digest: *blake3::hash(raw).as_bytes(),
            uid: Some(uid),
            uid_validity: 3,
            received_at: UnixMillis(1_795_341_933_000),
            flags: MessageFlags::from_imap(flags.iter().copied()),
            subject: "Umowa".into(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn given_up_mailbox_file_leaves_nothing_and_a_finished_one_is_whole() {
        let target = tempfile::tempdir().unwrap();
        let open = || Sink::open(target.path(), Path::new("a/INBOX.mbox"), ArchiveFormat::Mbox).unwrap();
        let mut sink = open();
        sink.write(&entry(1, b"A: 1\r\n\r\nx\r\n", &["\\Seen"])).unwrap();
        assert_eq!(names(&target.path().join("a")).len(), 2);
        drop(sink);
        assert_eq!(names(&target.path().join("a")), Vec::<String>::new());
        let mut sink = open();
        sink.write(&entry(1, b"From: a@x.pl\r\n\r\nFrom x\r\n", &["\\Seen"]))
            .unwrap();
        sink.finish().unwrap();
        let folder = target.path().join("a");
        assert_eq!(names(&folder), ["INBOX.mbox", "INBOX.mbox.mailroom.jsonl"]);
        assert_eq!(
            fs::read_to_string(folder.join("INBOX.mbox")).unwrap(),
            "From a@x.pl Sun Nov 22 10:05:33 2026\r\nFrom: a@x.pl\r\n\r\n>From x\r\n\r\n"
        );
    }

    #[test]
    fn maildir_has_flags_keywords_and_dates() {
        let target = tempfile::tempdir().unwrap();
        let mut sink = Sink::open(target.path(), Path::new(".Praca"), ArchiveFormat::Maildir).unwrap();
        sink.write(&entry(7, b"x\r\n", &["\\Seen", "\\Flagged", "todo"]))
            .unwrap();
        sink.finish().unwrap();
        let folder = target.path().join(".Praca");
        assert_eq!(
            names(&folder),
            [
                "cur",
                "dovecot-keywords",
                "maildirfolder",
                "mailroom.jsonl",
                "new",
                "tmp"
            ]
        );
        let name = format!("1795341933.V3U7.mailroom,S=3{INFO}FSa");
        assert_eq!(names(&folder.join("cur")), [name.as_str()]);
        assert_eq!(names(&folder.join("tmp")), Vec::<String>::new());
        let modified = fs::metadata(folder.join("cur").join(name))
            .unwrap()
            .modified()
            .unwrap();
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(since.as_millis(), 1_795_341_933_000);
    }

    #[test]
    fn second_export_passes_over_what_stands_there() {
        let target = tempfile::tempdir().unwrap();
        let open = || Sink::open(target.path(), Path::new("INBOX"), ArchiveFormat::Eml).unwrap();
        let (one, two) = (entry(1, b"x\r\n", &[]), entry(2, b"x\r\n", &[]));
        let mut sink = open();
        sink.write(&one).unwrap();
        sink.write(&two).unwrap();
        drop(sink);
        let folder = target.path().join("INBOX");
        let files = names(&folder);
        assert_eq!(
            files,
            [
                "2026-11-22 10.05.33 Umowa [1].eml",
                "2026-11-22 10.05.33 Umowa [2].eml",
                "mailroom.jsonl"
            ]
        );
        fs::remove_file(folder.join(&files[1])).unwrap();
        let mut sink = open();
        assert!(sink.has(&one.digest));
        assert!(!sink.has(&two.digest), "one of the two is gone");
        sink.write(&two).unwrap();
        sink.finish().unwrap();
        assert_eq!(names(&folder), files);
    }
}
