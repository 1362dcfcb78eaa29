//! A home on a disk that is full, or that cannot be written to: Mailroom stops in order, says so, and goes on when there is
//! room. Nothing is lost on either side.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use mailroom_engine::SystemClock;
use mailroom_model::Clock as _;
use mailroom_tests::command::{Ran, Terminal, mailroom_program};
use mailroom_tests::fault::{Admission, FaultProxy};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::{Office, OfficeOptions};
use mailroom_tests::until;
use serde_json::Value;
use tempfile::TempDir;

use crate::desk::{ALICE, BOB};
use crate::model::history::Letter;
use crate::model::other::Other;
use crate::model::truth;
use crate::server::{Kind, Mailbox};

/// A terminal whose home is a small disk of its own, which nobody outside sees: a shell in a mount namespace.
struct SmallDisk {
    shell: Child,
    /// Where the disk is mounted.
    _terminal: Terminal,
    /// What the runs said.
    said: TempDir,
    runs: u32,
}

/// A command that goes on by itself: where it writes, its exit status when it has ended, and its process.
struct Begun {
    said: PathBuf,
    status: PathBuf,
    id: PathBuf,
}

impl Begun {
    fn said_so_far(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap_or_default()
    }
}

impl SmallDisk {
    fn new(office: &Office) -> Self {
        let terminal = Terminal::new(office.ca_path());
        let mut shell = Command::new("unshare");
        shell.arg("--mount");
        if !rustix::process::geteuid().is_root() {
            shell.arg("--map-root-user");
        }
        shell.args(["sh", "-s"]);
        for (name, value) in terminal.command(&[]).get_envs() {
            if let Some(value) = value {
                shell.env(name, value);
            }
        }
        let shell = shell
            .env("MAILROOM", mailroom_program())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell with a disk of its own");
        let mut disk = Self {
            shell,
            _terminal: terminal,
            said: tempfile::tempdir().expect("a folder"),
            runs: 0,
        };
        disk.must("mount -t tmpfs -o size=48m tmpfs \"$MAILROOM_HOME\"");
        disk
    }

    /// Runs a line of shell to its end.
    fn shell(&mut self, line: &str) -> Ran {
        self.runs += 1;
        let file = |ending: &str| self.said.path().join(format!("{}.{ending}", self.runs));
        let (out, err, status) = (file("out"), file("err"), file("status"));
        let line = format!(
            "( {line} ) >{} 2>{} </dev/null; echo $? >{}\n",
            out.display(),
            err.display(),
            status.display()
        );
        let stdin = self.shell.stdin.as_mut().expect("the shell listens");
        stdin.write_all(line.as_bytes()).expect("the shell listens");
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap_or_default();
        let has_ended = until(Duration::from_mins(2), || read(&status).ends_with('\n'));
        assert!(has_ended, "no end: {line} {}", read(&err));
        Ran {
            status: read(&status).trim().parse().expect("a status"),
            out: read(&out),
            err: read(&err),
        }
    }

    fn must(&mut self, line: &str) -> Ran {
        let ran = self.shell(line);
        assert_eq!(ran.status, 0, "{line}: {ran:?}");
        ran
    }

    fn mailroom(&mut self, words: &str) -> Ran {
        self.shell(&format!("\"$MAILROOM\" --json {words}"))
    }

    /// Starts a command that goes on by itself.
    fn begin(&mut self, words: &str) -> Begun {
        let file = |ending: &str| self.said.path().join(format!("begun.{ending}"));
        let begun = Begun {
            said: file("said"),
            status: file("status"),
            id: file("id"),
        };
        // Whatever becomes of the test, it comes to its end.
        let limit = "timeout --foreground --signal KILL 180";
        self.must(&format!(
            "( {limit} sh -c 'echo $$ >{id}; exec \"$MAILROOM\" --json {words}' >{said} 2>&1; echo $? >{status} ) &",
            id = begun.id.display(),
            said = begun.said.display(),
            status = begun.status.display(),
        ));
        begun
    }

    /// Ends it by a signal; its exit status.
    fn end(&mut self, begun: &Begun) -> i32 {
        self.must(&format!("kill -TERM \"$(cat {})\"", begun.id.display()));
        let status = || std::fs::read_to_string(&begun.status).unwrap_or_default();
        assert!(
            until(Duration::from_mins(2), || status().ends_with('\n')),
            "no end"
        );
        status().trim().parse().expect("a status")
    }

    /// Copies everything to where the test can look at it.
    fn copied(&mut self) -> PathBuf {
        let target = self.said.path().join("home");
        self.must(&format!("cp -r \"$MAILROOM_HOME\" {}", target.display()));
        target
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The disk goes with its namespace.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// An office with a few letters, and Mailroom on a small disk that has seen them.
struct Scene {
    disk: SmallDisk,
    imap: FaultProxy,
    smtp: FaultProxy,
    office: Arc<Office>,
    other: Other,
}

async fn scene() -> Scene {
    let office = Office::start(&OfficeOptions {
        oidc: false,
        ..OfficeOptions::default()
    });
    let office = Arc::new(office.expect("an office"));
    let mut other =
        Other::new(Mailbox::of(&office, Kind::Qresync, ALICE), SystemClock.now()).expect("a session");
    for days_old in 0..8 {
        let done = other.append("INBOX", Letter::Plain, 0, days_old, 1);
        done.expect("a letter");
    }
    let imap = FaultProxy::start(office.imaps_port()).await.expect("a proxy");
    let smtp = FaultProxy::start(office.submissions_port())
        .await
        .expect("a proxy");
    let (imap_port, smtp_port) = (imap.port(), smtp.port());
    let disk = tokio::task::block_in_place(|| {
        let mut disk = SmallDisk::new(&office);
        disk.must(&format!(
            "printf 'alice-pw\\n' | \"$MAILROOM\" account add {ALICE} --imap localhost:{imap_port}:tls \
             --smtp localhost:{smtp_port}:tls --period all --password-stdin"
        ));
        disk.must("\"$MAILROOM\" sync");
        disk
    });
    Scene {
        disk,
        imap,
        smtp,
        office,
        other,
    }
}

fn ids(listed: &Ran) -> Vec<String> {
    let rows = listed.json()["messages"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["id"].to_string()).collect()
}

/// How often a subject is in a folder of somebody's.
fn counted(office: &Arc<Office>, user: &str, folder: &str, subject: &str) -> usize {
    let other = Other::new(Mailbox::of(office, Kind::Qresync, user), SystemClock.now());
    let shelf = other
        .and_then(|mut other| other.shelf(folder))
        .expect("the folder");
    let subject = format!("Subject: {subject}\r\n");
    let has = |raw: &[u8]| raw.windows(subject.len()).any(|part| part == subject.as_bytes());
    shelf.messages.values().filter(|lying| has(&lying.raw)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_stops_in_order_and_goes_on_when_there_is_room() {
    let Scene {
        mut disk,
        imap,
        smtp,
        office,
        mut other,
    } = scene().await;
    let home = tokio::task::block_in_place(|| {
        // What waits here when the disk becomes full.
        imap.admit(Admission::Reset);
        smtp.admit(Admission::Reset);
        let listed = disk.mailroom("message list");
        let ids = ids(&listed);
        disk.mailroom(&format!("message mark --star {}", ids[0]));
        disk.mailroom(&format!("message move {} --to archive", ids[1]));
        let send = format!("send --from {ALICE} --to {BOB} --body-file /dev/null --subject");
        disk.mailroom(&format!("{send} waited"));
        imap.clear();
        smtp.clear();
        let mut generator = Generator::new(9, Profile::Small);
        let filled = office.fill(ALICE, "INBOX", &mut generator, 1500);
        filled.expect("a full inbox");
        disk.shell("cat /dev/zero >\"$MAILROOM_HOME/ballast\"");
        // Some room is left, so that the load begins.
        disk.must("truncate -s -700000 \"$MAILROOM_HOME/ballast\"");
        let full = disk.mailroom("sync");
        assert_ne!(full.status, 0, "{full:?}");
        assert!(full.out.contains("\"disk_full\""), "{full:?}");
        disk.shell("cat /dev/zero >>\"$MAILROOM_HOME/ballast\"");
        let refused = disk.mailroom(&format!("{send} refused"));
        assert_eq!(refused.error()["code"], "disk_full", "{refused:?}");
        disk.must("rm \"$MAILROOM_HOME/ballast\"");
        let entries = disk.mailroom("outbox list").json();
        for entry in entries.as_array().cloned().unwrap_or_default() {
            assert_eq!(entry["subject"], "waited", "{entry}");
            disk.mailroom(&format!("outbox retry {}", entry["id"]));
        }
        let synced = disk.mailroom("sync");
        assert_eq!(synced.status, 0, "{synced:?}");
        assert_eq!(disk.mailroom("operation list").json(), Value::Array(Vec::new()));
        disk.copied()
    });
    let compared = truth::compare(&home, ALICE, &mut other, true).await;
    compared.unwrap_or_else(|error| panic!("{error}"));
    tokio::task::block_in_place(|| {
        assert_eq!(counted(&office, ALICE, "Sent", "waited"), 1);
        let has_arrived = || counted(&office, BOB, "INBOX", "waited") == 1;
        assert!(until(Duration::from_mins(2), has_arrived));
        assert_eq!(counted(&office, BOB, "INBOX", "refused"), 0);
        let archived = other.shelf("Archive").expect("the archive");
        assert_eq!(archived.messages.len(), 1, "the move was carried");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_under_a_watch_is_told_and_the_watch_goes_on_when_there_is_room() {
    let Scene {
        mut disk,
        imap: _imap,
        smtp: _smtp,
        office,
        mut other,
    } = scene().await;
    let home = tokio::task::block_in_place(|| {
        let watch = disk.begin("sync --watch");
        let told = |words: &str| watch.said_so_far().contains(words);
        let patience = Duration::from_mins(2);
        assert!(
            until(patience, || told("\"watch_rested\"")),
            "{}",
            watch.said_so_far()
        );
        disk.shell("cat /dev/zero >\"$MAILROOM_HOME/ballast\"");
        // Some room is left, so that what comes is begun with.
        disk.must("truncate -s -700000 \"$MAILROOM_HOME/ballast\"");
        let mut generator = Generator::new(9, Profile::Small);
        let filled = office.fill(ALICE, "INBOX", &mut generator, 1500);
        filled.expect("a full inbox");
        let told = |words: &str| watch.said_so_far().contains(words);
        assert!(
            until(patience, || told("\"disk_full\"")),
            "{}",
            watch.said_so_far()
        );
        let ended_well = || {
            let said = watch.said_so_far();
            let ended = said.lines().filter(|line| line.contains("\"sync_ended\""));
            ended.filter(|line| line.ends_with("\"error\":null}")).count()
        };
        let before = ended_well();
        disk.must("rm \"$MAILROOM_HOME/ballast\"");
        // Nobody asks it to: it looks again by itself.
        let goes_on = until(patience, || ended_well() > before);
        assert!(goes_on, "{}", watch.said_so_far());
        let ended = disk.end(&watch);
        // As whatever a signal ends in order.
        assert_eq!(ended, 130, "{}", watch.said_so_far());
        disk.copied()
    });
    let compared = truth::compare(&home, ALICE, &mut other, true).await;
    compared.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn home_that_cannot_be_written_to_is_told_and_left_as_it_is() {
    let Scene {
        mut disk,
        mut other,
        imap: _imap,
        smtp: _smtp,
        office: _office,
    } = scene().await;
    other
        .append("INBOX", Letter::Plain, 0, 0, 1)
        .expect("one more letter");
    let home = tokio::task::block_in_place(|| {
        let listed = disk.mailroom("message list");
        disk.must("mount -o remount,ro \"$MAILROOM_HOME\"");
        let sync = disk.mailroom("sync");
        assert_ne!(sync.status, 0, "{sync:?}");
        let told = format!("{}{}", sync.out, sync.err);
        assert!(told.contains("\"disk_read_only\""), "{sync:?}");
        let mark = disk.mailroom(&format!("message mark --star {}", ids(&listed)[0]));
        assert_eq!(mark.error()["code"], "disk_read_only", "{mark:?}");
        disk.must("mount -o remount,rw \"$MAILROOM_HOME\"");
        disk.must("\"$MAILROOM\" sync");
        disk.copied()
    });
    let compared = truth::compare(&home, ALICE, &mut other, true).await;
    compared.unwrap_or_else(|error| panic!("{error}"));
}
