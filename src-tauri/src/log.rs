//! What the program reports on the way: warnings of our own rooms to a file, and whatever was asked for to standard error.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::private;

/// A file that is larger becomes the old one, and a new one begins.
const LARGEST: u64 = 512 * 1024;

/// Only our own rooms, which write codes and counts: a library may write what it reads.
const ROOMS: &str = "off,mailroom_shell=warn,mailroom_api=warn,mailroom_engine=warn,mailroom_connect=warn,\
                     mailroom_protocol=warn,mailroom_store=warn,mailroom_vault=warn,mailroom_policy=warn";

/// Begins to listen. `wanted` is a filter for standard error.
pub(crate) fn listen(home: &Path, wanted: Option<&str>) {
    let filter = |text: &str| EnvFilter::try_new(text).ok();
    let kept = filter(ROOMS).map(|rooms| {
        fmt::layer()
            .with_ansi(false)
            .with_writer(LogFile::new(&home.join("logs/mailroom.log")))
            .with_filter(rooms)
    });
    let shown = wanted.and_then(filter).map(|wanted| {
        fmt::layer()
            .with_ansi(false)
            .with_writer(io::stderr)
            .with_filter(wanted)
    });
    let subscriber = tracing_subscriber::registry().with(kept).with(shown);
    // Only one subscriber is ever set in this process.
    drop(tracing::subscriber::set_global_default(subscriber));
}

/// The file, opened when the first line comes.
#[derive(Clone, Debug)]
struct LogFile(Arc<Place>);

#[derive(Debug)]
struct Place {
    path: PathBuf,
    open: Mutex<Option<(File, u64)>>,
}

impl LogFile {
    fn new(path: &Path) -> Self {
        Self(Arc::new(Place {
            path: path.to_owned(),
            open: Mutex::new(None),
        }))
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut place = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut file, mut size) = match place.take() {
            Some(open) => open,
            None => open(&self.0.path)?,
        };
        if size >= LARGEST {
            drop(file);
            fs::rename(&self.0.path, self.0.path.with_extension("log.1"))?;
            (file, size) = open(&self.0.path)?;
        }
        file.write_all(line)?;
        *place = Some((file, size.saturating_add(line.len() as u64)));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    if let Some(folder) = path.parent() {
        private::folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_turns_over_when_it_is_full_and_keeps_one_old_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("logs/mailroom.log");
        let mut log = LogFile::new(&path);
        let line = vec![b'x'; 1024];
        for _ in 0..=512 {
            log.write_all(&line).unwrap();
        }
        assert_eq!(fs::metadata(&path).unwrap().len(), 1024);
        assert_eq!(fs::metadata(path.with_extension("log.1")).unwrap().len(), LARGEST);
        // A second run goes on where the first ended.
        LogFile::new(&path).write_all(b"end").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 1027);
    }

    #[test]
    fn filter_of_the_file_is_valid() {
        assert!(EnvFilter::try_new(ROOMS).is_ok());
    }
}
