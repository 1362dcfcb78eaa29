//! Benchmarks: whole programs, beside a peer, in the same run. `cargo xtask bench` builds everything and starts this.
//!
//! `mailroom-bench sync [--messages N] [--rounds N]`

use std::path::Path;
use std::process::{Command, ExitCode};

use mailroom_tests::bench::{Run, Table, drain, measure};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::{MailStore, Office, OfficeOptions};

/// The seed of the mailbox, so that every run loads the same bytes.
const SEED: u64 = 1;
const USER: &str = "bench@mailroom.test";
const PASSWORD: &str = "bench-pw";

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("the benchmark failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| -> Result<usize, Failure> {
        let value = arguments
            .iter()
            .position(|argument| argument == name)
            .and_then(|at| arguments.get(at + 1));
        Ok(value.map_or(Ok(default), |value| value.parse())?)
    };
    match arguments.first().map(String::as_str) {
        None | Some("sync") => sync(number("--messages", 20_000)?, number("--rounds", 3)?).await,
        Some(other) => Err(format!("there is no benchmark {other:?}; there is: sync").into()),
    }
}

/// Loads a mailbox into nothing: Mailroom, mbsync as it comes, mbsync without compression, and the raw drain.
async fn sync(messages: usize, rounds: usize) -> Result<(), Failure> {
    let options = OfficeOptions {
        users: vec![(USER.to_owned(), PASSWORD.to_owned())],
        store: MailStore::Mdbox,
        oidc: false,
        smtp: true,
        ..OfficeOptions::default()
    };
    let office = Office::start(&options)?;
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
        let (run, store_bytes) = mailroom(&office, work.path())?;
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

fn mailroom(office: &Office, work: &Path) -> Result<(Run, u64), Failure> {
    let home = work.join("home");
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home)?;
    // Beside this program, where cargo puts them all.
    let program = std::env::current_exe()?.with_file_name("mailroom");
    let command = || {
        let mut command = Command::new(&program);
        command
            .env("MAILROOM_HOME", &home)
            .env("MAILROOM_VAULT", "file")
            .env("MAILROOM_VAULT_PASSPHRASE", "bench")
            .env("SSL_CERT_FILE", office.ca_path());
        command
    };
    let mut add = command();
    add.args(["account", "add", USER, "--password-stdin", "--period", "all"])
        .args(["--imap", &format!("localhost:{}:tls", office.imaps_port())])
        .args(["--smtp", &format!("localhost:{}:tls", office.submissions_port())])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null());
    let mut child = add.spawn()?;
    if let Some(stdin) = child.stdin.as_mut() {
        std::io::Write::write_all(stdin, format!("{PASSWORD}\n").as_bytes())?;
    }
    if !child.wait()?.success() {
        return Err("mailroom account add failed".into());
    }
    let run = measure(command().args(["--json", "sync"]), &work.join("mailroom.log"))?;
    let bytes = std::fs::read_dir(&home)?
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .sum();
    Ok((run, bytes))
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn say(text: &str) {
    println!("{text}");
}
