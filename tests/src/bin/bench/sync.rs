//! Loading a mailbox.

use std::path::Path;
use std::process::Command;

use mailroom_tests::bench::{Run, Table, drain, measure};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::Office;

use super::{Failure, PASSWORD, SEED, USER, connect, mailroom, office, say};

/// Loads a mailbox into nothing: Mailroom, mbsync as it comes, mbsync without compression, and the raw drain.
pub(super) async fn run(messages: usize, rounds: usize) -> Result<(), Failure> {
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
    for round in 1..=rounds {
        say(&format!("round {round} of {rounds}"));
        let (run, _) = drain(office.imaps_port(), office.ca_der(), USER, PASSWORD).await?;
        table.add(DRAIN, run);
        table.add(MBSYNC, mbsync(&office, work.path(), true)?);
        table.add(MBSYNC_PLAIN, mbsync(&office, work.path(), false)?);
        let (run, store_bytes) = load(&office, work.path())?;
        table.add(MAILROOM, run);
        if round == rounds {
            say(&format!("store on disk: {} MB", store_bytes / 1_000_000));
        }
    }
    say(&table.text(MBSYNC));
    say(&format!(
        "mailroom / mbsync as it comes: {:.2}; mailroom / mbsync without COMPRESS: {:.2} (medians of {rounds} paired rounds)",
        table.ratio(MAILROOM, MBSYNC),
        table.ratio(MAILROOM, MBSYNC_PLAIN),
    ));
    Ok(())
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
