//! Staying up to date: a look at which nothing changed, and a change among many messages.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_tests::bench::{Figure, Resume, Run, Spread, Table, measure, measure_marks, now, resume};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::home::Home;
use mailroom_tests::office::Office;
use serde_json::{Value, json};

use super::stored::DATABASE;
use super::{Failure, PASSWORD, SEED, USER, connect, mailroom, office, row, say};

/// Folders of the mailbox.
const FOLDERS: usize = 30;
/// One round's changes in the inbox.
const FLAGGED: usize = 1000;
const EXPUNGED: usize = 500;
const ADDED: usize = 200;

/// Loads into an empty home.
const FIRST_LOADS: usize = 3;
/// What `mailroom sync` prints once the newest messages of the inbox can be read.
pub(super) const READIED: &str = "\"event\":\"inbox_readied\"";

/// So long nothing is written when nothing is left to be done: steps of what goes on beside follow each other sooner.
const REST: Duration = Duration::from_millis(500);
/// How often it is looked whether it is so.
const REST_CHECKS: usize = 240;
/// What a look at one unchanged folder may take over a connection that is there.
const UNCHANGED_MS: f64 = 20.0;
/// What the changes may take beyond the server's own answer.
const BEYOND_MS: f64 = 100.0;

/// Measures with `messages` in the mailbox, all but a few of them in the inbox.
pub(super) async fn run(messages: usize, rounds: usize) -> Result<Vec<Figure>, Failure> {
    let office = office()?;
    say(&format!("writing {messages} messages in {FOLDERS} folders"));
    let mut generator = Generator::new(SEED, Profile::Small);
    let few = messages / 200;
    for number in 1..FOLDERS {
        office.fill(USER, &format!("Folder{number}"), &mut generator, few)?;
    }
    let in_inbox = messages - few * (FOLDERS - 1);
    office.fill(USER, "INBOX", &mut generator, in_inbox)?;
    let work = tempfile::tempdir()?;
    let mut figures = programs(&office, work.path(), rounds)?;
    figures.extend(engine(&office, in_inbox, rounds, &mut generator).await?);
    Ok(figures)
}

const MBSYNC: &str = "mbsync, nothing changed (no COMPRESS)";
const MAILROOM: &str = "mailroom sync, nothing changed";
const START: &str = "mailroom account list (start and store)";

/// Whole programs, from a cold start.
fn programs(office: &Office, work: &Path, rounds: usize) -> Result<Vec<Figure>, Failure> {
    let (home, log) = (work.join("home"), work.join("log"));
    let sync =
        || -> Result<Run, Failure> { Ok(measure(mailroom(office, &home)?.args(["--json", "sync"]), &log)?) };
    say("first loads");
    let mut newest = Vec::new();
    for _ in 0..FIRST_LOADS {
        connect(office, &home)?;
        let mut load = mailroom(office, &home)?;
        let (_, seen) = measure_marks(load.args(["--json", "sync"]), &log, &[READIED])?;
        let readied = seen.first().copied().flatten();
        let readied = readied.ok_or("mailroom sync did not tell that the inbox is there")?;
        newest.push(readied.as_secs_f64() * 1000.0);
    }
    let newest = Spread::new(newest);
    let config = mbsync_config(office, work)?;
    let mbsync = || measure(Command::new("mbsync").arg("-c").arg(&config).arg("c"), &log);
    mbsync()?;
    let mut table = Table::default();
    for _ in 0..rounds {
        table.add(MBSYNC, mbsync()?);
        table.add(MAILROOM, sync()?);
        let start = measure(mailroom(office, &home)?.args(["--json", "account", "list"]), &log)?;
        table.add(START, start);
    }
    say(&table.text(MBSYNC));
    Ok(vec![
        Figure::at_most(
            "newest 50 of this inbox readable after the start of the program",
            newest.median(),
            "ms",
            &newest.details("ms"),
            1000.0,
        ),
        Figure::at_most(
            "nothing changed, whole account, cold, beside mbsync",
            table.ratio(MAILROOM, MBSYNC),
            "×",
            &format!(
                "median of {rounds} paired rounds; opening the sealed file of secrets with Argon2id is in it"
            ),
            1.0,
        ),
    ])
}

fn mbsync_config(office: &Office, work: &Path) -> Result<std::path::PathBuf, Failure> {
    let folder = work.join("mbsync");
    std::fs::create_dir_all(folder.join("mail"))?;
    std::fs::create_dir_all(folder.join("state"))?;
    let (port, ca, name) = (office.imaps_port(), office.ca_path().display(), folder.display());
    // The first load is not measured here: it need not wait for the disk.
    let config = format!(
        "FSync no\nSyncState {name}/state/\n\nIMAPAccount a\nHost localhost\nPort {port}\nUser {USER}\nPass {PASSWORD}\n\
         SSLType IMAPS\nCertificateFile {ca}\nSystemCertificates no\nAuthMechs LOGIN\nDisableExtension COMPRESS=DEFLATE\n\
         Timeout 120\n\nIMAPStore r\nAccount a\n\nMaildirStore l\nPath {name}/mail/\nInbox {name}/mail/INBOX\n\
         SubFolders Verbatim\n\nChannel c\nFar :r:\nNear :l:\nPatterns *\nCreate Near\nSync Pull\nCopyArrivalDate yes\n"
    );
    let path = folder.join("mbsyncrc");
    std::fs::write(&path, config)?;
    Ok(path)
}

/// The engine in this process, whose connection is kept by a watch that does not listen.
async fn engine(
    office: &Office,
    in_inbox: usize,
    rounds: usize,
    generator: &mut Generator,
) -> Result<Vec<Figure>, Failure> {
    let home = Home::new(&office.ca_der());
    let account = json!({
        "address": USER, "imap": format!("localhost:{}:tls", office.imaps_port()), "period": "all", "setup_done": true,
        "sign_in": {"kind": "password", "password": PASSWORD},
    });
    home.must("account_add", account).await;
    let choice = json!({"address": USER, "push": false, "interval_min": 1440, "folders": ["inbox"]});
    home.must("account_update", choice).await;
    home.must("sync_run", json!({})).await;
    let cancel = CancellationToken::new();
    let rested = tokio::sync::Notify::new();
    let watching = home.during(
        home.call_until("sync_watch", json!({}), cancel.clone()),
        |event| {
            if matches!(event, EventView::WatchRested { .. }) {
                rested.notify_one();
            }
            None::<()>
        },
    );
    let measuring = async {
        rested.notified().await;
        let measured = measured(office, &home, in_inbox, rounds, generator).await;
        cancel.cancel();
        measured
    };
    let ((watched, _), measured) = tokio::join!(watching, measuring);
    watched.map_err(|error| format!("the watch failed: {error:?}"))?;
    measured
}

async fn measured(
    office: &Office,
    home: &Home,
    in_inbox: usize,
    rounds: usize,
    generator: &mut Generator,
) -> Result<Vec<Figure>, Failure> {
    let (mut unchanged, mut raw, mut changed, mut beyond) = (vec![], vec![], vec![], vec![]);
    // The first look of the watch may have taken the connection along.
    look(home).await?;
    for round in 0..rounds {
        // What the looks before left to do is none of this look's work, and comes at most once for each.
        rest(home).await?;
        unchanged.push(look(home).await?.0);
        let stands = office.doveadm(&[
            "-f",
            "flow",
            "mailbox",
            "status",
            "-u",
            USER,
            "uidvalidity highestmodseq",
            "INBOX",
        ])?;
        let number = |name: &str| -> Result<u64, Failure> {
            let value = stands
                .split_whitespace()
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            Ok(value.ok_or("doveadm does not tell the state")?.parse()?)
        };
        let (uid_validity, modseq) = (number("uidvalidity")?, number("highestmodseq")?);
        let first = 1 + round * 2 * (FLAGGED + EXPUNGED);
        if first + FLAGGED + EXPUNGED > in_inbox {
            return Err("there are too few messages for so many rounds".into());
        }
        let flagged = format!("{first}:{}", first + FLAGGED - 1);
        let expunged = format!("{}:{}", first + FLAGGED, first + FLAGGED + EXPUNGED - 1);
        office.doveadm(&[
            "flags", "add", "-u", USER, "$Bench", "mailbox", "INBOX", "uid", &flagged,
        ])?;
        office.doveadm(&["expunge", "-u", USER, "mailbox", "INBOX", "uid", &expunged])?;
        office.fill(USER, "INBOX", generator, ADDED)?;
        let since = Resume { uid_validity, modseq };
        let answered = resume(office.imaps_port(), office.ca_der(), USER, PASSWORD, since).await?;
        let server_ms = answered.as_secs_f64() * 1000.0;
        let (took_ms, report) = look(home).await?;
        let done =
            ["added", "changed", "removed"].map(|name| report.get(name).and_then(Value::as_u64).unwrap_or(0));
        if done != [ADDED as u64, FLAGGED as u64, EXPUNGED as u64] {
            return Err(format!("the look brought {done:?}").into());
        }
        raw.push(server_ms);
        changed.push(took_ms);
        beyond.push(took_ms - server_ms);
    }
    row("the server's answer to SELECT (QRESYNC) alone", "ms", &raw);
    row("the whole look after those changes", "ms", &changed);
    let (unchanged, beyond) = (Spread::new(unchanged), Spread::new(beyond));
    Ok(vec![
        Figure::at_most(
            "nothing changed, one folder, warm connection",
            unchanged.median(),
            "ms",
            &unchanged.details("ms"),
            UNCHANGED_MS,
        ),
        Figure::at_most(
            &format!("{FLAGGED} flags, {EXPUNGED} gone, {ADDED} new, beyond the server's own answer"),
            beyond.median(),
            "ms",
            &beyond.details("ms"),
            BEYOND_MS,
        ),
    ])
}

/// Waits until everything can be found and nothing has been written for a while: what looks leave to be done is done.
async fn rest(home: &Home) -> Result<(), Failure> {
    let log = home.path().join(format!("{DATABASE}-wal"));
    let written = || Ok::<_, Failure>(std::fs::metadata(&log)?.modified()?);
    for _ in 0..REST_CHECKS {
        let before = written()?;
        tokio::time::sleep(REST).await;
        let found = home
            .must("message_search", json!({"query": "a", "limit": 1}))
            .await;
        if found.get("complete") == Some(&Value::Bool(true)) && written()? == before {
            return Ok(());
        }
    }
    Err("the engine does not come to rest".into())
}

/// One look: milliseconds, and what it brought.
async fn look(home: &Home) -> Result<(f64, Value), Failure> {
    let began = now();
    let mut reports = home.must("sync_run", json!({})).await;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    let report = reports.get_mut(0).map(Value::take).unwrap_or_default();
    if report.get("error") != Some(&Value::Null) {
        return Err(format!("the look failed: {report}").into());
    }
    Ok((took, report))
}
