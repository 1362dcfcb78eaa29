//! Loading a mailbox.

use std::path::Path;
use std::process::Command;

use mailroom_tests::bench::{Figure, Run, Table, drain, measure};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::Office;

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
    let mut store_bytes = 0;
    for round in 1..=rounds {
        say(&format!("round {round} of {rounds}"));
        let (run, _) = drain(office.imaps_port(), office.ca_der(), USER, PASSWORD).await?;
        table.add(DRAIN, run);
        table.add(MBSYNC, mbsync(&office, work.path(), true)?);
        table.add(MBSYNC_PLAIN, mbsync(&office, work.path(), false)?);
        let (run, stored) = load(&office, work.path())?;
        table.add(MAILROOM, run);
        store_bytes = stored;
    }
    say(&table.text(MBSYNC));
    let rows = millions(messages);
    let paired = format!("median of {rounds} paired rounds");
    Ok(vec![
        Figure::at_most(
            &format!("empty store ← {rows} messages, index complete / mbsync without COMPRESS, fsync on"),
            table.ratio(MAILROOM, MBSYNC_PLAIN),
            "×",
            &paired,
            1.6,
        ),
        Figure::at_most(
            "the same / mbsync as it comes",
            table.ratio(MAILROOM, MBSYNC),
            "×",
            &paired,
            0.2,
        ),
        Figure::at_most(
            "the same, peak memory",
            table.peak_mb(MAILROOM),
            "MB",
            "of all rounds",
            150.0,
        ),
        Figure::at_most(
            &format!(
                "the same, store on disk / raw messages ({} MB)",
                bytes / 1_000_000
            ),
            ratio(store_bytes, bytes),
            "×",
            &format!("{} MB", store_bytes / 1_000_000),
            0.9,
        ),
    ])
}

const DRAIN: &str = "raw drain, thrown away (no COMPRESS)";
const MBSYNC: &str = "mbsync as it comes (COMPRESS, fsync)";
const MBSYNC_PLAIN: &str = "mbsync (no COMPRESS, fsync)";
const MAILROOM: &str = "mailroom (no COMPRESS, index included)";

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

fn load(office: &Office, work: &Path) -> Result<(Run, u64), Failure> {
    let home = work.join("home");
    connect(office, &home)?;
    let run = measure(
        mailroom(office, &home)?.args(["--json", "sync"]),
        &work.join("mailroom.log"),
    )?;
    let bytes = std::fs::read_dir(&home)?
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .sum();
    Ok((run, bytes))
}
