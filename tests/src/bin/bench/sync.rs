//! Loading a mailbox.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mailroom_tests::bench::{Figure, Run, Spread, Table, drain, measure, measure_marks};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::Office;

use super::changes::READIED;
use super::store::ratio;
use super::{Failure, PASSWORD, SEED, USER, connect, mailroom, millions, office, say};

/// Loads a mailbox into nothing: Mailroom, mbsync as it comes, mbsync without compression, and the raw drain.
pub(super) async fn run(messages: usize, rounds: usize) -> Result<Vec<Figure>, Failure> {
    let office = office()?;
    say(&format!("writing {messages} messages"));
    office.fill(USER, "INBOX", &mut Generator::new(SEED, Profile::Mixed), messages)?;
    let work = tempfile::tempdir()?;
    // The first reading fills the server's caches for everybody.
    let (_, bytes) = drain(office.imaps_port(), office.ca_der(), USER, PASSWORD).await?;
    say(&format!(
        "{messages} messages, {} MB on the wire without compression",
        bytes / 1_000_000
    ));
    let mut table = Table::default();
    let mut sizes = Vec::new();
    let mut newest = Vec::new();
    for round in 1..=rounds {
        say(&format!("round {round} of {rounds}"));
        let (run, _) = drain(office.imaps_port(), office.ca_der(), USER, PASSWORD).await?;
        table.add(DRAIN, run);
        table.add(MBSYNC, mbsync(&office, work.path(), true)?);
        table.add(MBSYNC_PLAIN, mbsync(&office, work.path(), false)?);
        let loaded = load(&office, work.path())?;
        table.add(
            MIRRORED,
            Run {
                wall: loaded.mirrored,
                ..Run::default()
            },
        );
        table.add(INDEXED, loaded.run);
        newest.push(loaded.newest.as_secs_f64() * 1000.0);
        sizes.push(ratio(loaded.store_bytes, bytes));
    }
    say(&table.text(MBSYNC_PLAIN));
    let rows = millions(messages);
    let paired = format!("median of {rounds} paired rounds");
    let against = |work: &str, own: &str, peer: &str, most: f64| {
        Figure::at_most(work, table.ratio(own, peer), "×", &paired, most)
    };
    let (newest, sizes) = (Spread::new(newest), Spread::new(sizes));
    Ok(vec![
        against(
            &format!(
                "empty store ← {rows} mixed messages, mirrored and durable / mbsync without COMPRESS, fsync on"
            ),
            MIRRORED,
            MBSYNC_PLAIN,
            1.0,
        ),
        against("the same / mbsync as it comes", MIRRORED, MBSYNC, 0.2),
        against(
            "the same, index of words complete / mbsync without COMPRESS, fsync on",
            INDEXED,
            MBSYNC_PLAIN,
            1.6,
        ),
        Figure::at_most(
            "the same, peak memory",
            table.peak_mb(INDEXED),
            "MB",
            "of all rounds",
            150.0,
        ),
        Figure::at_most(
            "newest 50 of the inbox readable after the start of the program",
            newest.median(),
            "ms",
            &newest.details("ms"),
            1000.0,
        ),
        Figure::at_most(
            &format!(
                "store of {rows} mixed messages / raw messages ({} MB), index included",
                bytes / 1_000_000
            ),
            sizes.median(),
            "×",
            "",
            0.9,
        ),
    ])
}

const DRAIN: &str = "raw drain, thrown away (no COMPRESS)";
const MBSYNC: &str = "mbsync as it comes (COMPRESS, fsync)";
const MBSYNC_PLAIN: &str = "mbsync (no COMPRESS, fsync)";
const MIRRORED: &str = "mailroom, mirrored and durable";
const INDEXED: &str = "mailroom, index complete, program ended";

/// One load.
struct Load {
    /// The whole program: it ends when the index is complete.
    run: Run,
    /// The newest messages of the inbox are stored.
    newest: Duration,
    /// Every message is stored: parsed, threaded, readable, and on the disk.
    mirrored: Duration,
    store_bytes: u64,
}

fn mbsync(office: &Office, work: &Path, compress: bool) -> Result<Run, Failure> {
    let folder = work.join("mbsync");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("mail"))?;
    let (port, ca, folder_name) = (office.imaps_port(), office.ca_path().display(), folder.display());
    let compress = if compress {
        ""
    } else {
        "DisableExtension COMPRESS=DEFLATE\n"
    };
    // By name, because mbsync does not compare IP addresses with the certificate.
    let config = format!(
        "FSync yes\nSyncState {folder_name}/state/\n\nIMAPAccount a\nHost localhost\nPort {port}\nUser {USER}\nPass {PASSWORD}\n\
         SSLType IMAPS\nCertificateFile {ca}\nSystemCertificates no\nAuthMechs LOGIN\n{compress}Timeout 120\n\n\
         IMAPStore r\nAccount a\n\nMaildirStore l\nPath {folder_name}/mail/\nInbox {folder_name}/mail/INBOX\nSubFolders Verbatim\n\n\
         Channel c\nFar :r:\nNear :l:\nPatterns INBOX\nCreate Near\nSync Pull\nCopyArrivalDate yes\n"
    );
    std::fs::create_dir_all(folder.join("state"))?;
    std::fs::write(folder.join("mbsyncrc"), config)?;
    Ok(measure(
        Command::new("mbsync")
            .arg("-c")
            .arg(folder.join("mbsyncrc"))
            .arg("c"),
        &work.join("mbsync.log"),
    )?)
}

fn load(office: &Office, work: &Path) -> Result<Load, Failure> {
    let home = work.join("home");
    connect(office, &home)?;
    let marks = [READIED, "\"event\":\"sync_ended\""];
    let (run, seen) = measure_marks(
        mailroom(office, &home)?.args(["--json", "sync"]),
        &work.join("mailroom.log"),
        &marks,
    )?;
    let [Some(newest), Some(mirrored)] = seen.as_slice() else {
        return Err("mailroom sync did not tell that the inbox is there and that it ended".into());
    };
    let store_bytes = std::fs::read_dir(&home)?
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .sum();
    Ok(Load {
        run,
        newest: *newest,
        mirrored: *mirrored,
        store_bytes,
    })
}
