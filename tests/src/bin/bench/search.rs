//! Searching: the store alone, each text from the first letter to the last as it is typed, and whole programs (Mailroom,
//! notmuch, mu) with the complete texts.

use std::path::Path;
use std::process::{Command, Stdio};

use mailroom_engine::parse_query;
use mailroom_model::UnixMillis;
use mailroom_store::Store;
use mailroom_tests::bench::{Figure, Spread, now};
use mailroom_tests::generate::{Generator, Profile};

use super::store::ratio;
use super::stored::{DATABASE, Stored, fill};
use super::{Failure, SEED, USER, millions, program, row, say};

/// Messages in one transaction, as a sync brings them.
const BATCH: usize = 500;
/// Rows that are asked for.
const ROWS: u32 = 50;
/// What the 95th of 100 searches may take.
const SEARCH_MS: f64 = 30.0;
/// How often each letter is asked for.
const REPEATS: usize = 5;

/// A text that is typed letter by letter, and what means the same to notmuch and to mu.
struct Query {
    typed: &'static str,
    notmuch: &'static str,
    mu: &'static str,
}

const fn query(typed: &'static str, notmuch: &'static str, mu: &'static str) -> Query {
    Query { typed, notmuch, mu }
}

const QUERIES: [Query; 14] = [
    query("invoice", "invoice*", "invoice*"),
    query("meeting budget", "meeting* budget*", "meeting* budget*"),
    query(
        "contract review friday",
        "contract* review* friday*",
        "contract* review* friday*",
    ),
    query("kowalski", "kowalski*", "kowalski*"),
    query(
        "anna.rossi@example",
        "\"anna rossi example\"",
        "\"anna rossi example\"",
    ),
    query("zażółć", "zażółć*", "zażółć*"),
    query("встреча", "встреча*", "встреча*"),
    query("xylophone", "xylophone*", "xylophone*"),
    query(
        "from:katarzyna report",
        "from:katarzyna report*",
        "from:katarzyna* report*",
    ),
    query(
        "subject:holiday hotel",
        "subject:holiday hotel*",
        "subject:holiday* hotel*",
    ),
    query(
        "is:unread deadline",
        "tag:unread deadline*",
        "flag:unread deadline*",
    ),
    query(
        "is:starred delivery",
        "tag:flagged delivery*",
        "flag:flagged delivery*",
    ),
    query("in:archive meeting", "", ""),
    query(
        "after:2019-06 conference notes",
        "date:2019-06.. conference* notes*",
        "date:20190601.. conference* notes*",
    ),
];

/// Measures with `messages` in the mailbox; the programs `rounds` times.
pub(super) async fn run(messages: usize, rounds: usize) -> Result<Vec<Figure>, Failure> {
    let work = tempfile::tempdir()?;
    let home = work.path().join("home");
    std::fs::create_dir_all(&home)?;
    say(&format!("storing {messages} messages"));
    let stored = fill(&home, Profile::Small, messages, BATCH).await?;
    let index = stored.store.index_size_bytes(messages as u64).await?;
    let rows = millions(messages);
    let mut figures = Vec::new();

    let all = typed(&stored).await?;
    figures.push(Figure::at_most(
        &format!("search as one types, {rows} messages, first {ROWS} rows, in the store"),
        all.p95(),
        "ms",
        &all.details("ms"),
        SEARCH_MS,
    ));
    stored.store.close().await;
    let size = std::fs::metadata(home.join(DATABASE))?.len();
    figures.push(Figure::plain(
        &format!(
            "index of words, {rows} short messages ({} MB raw)",
            stored.raw_bytes / 1_000_000
        ),
        ratio(index, stored.raw_bytes),
        "×",
        &format!(
            "{} MB; everything {} MB, which is {:.2} ×; stored in {:.0} s",
            index / 1_000_000,
            size / 1_000_000,
            ratio(size, stored.raw_bytes),
            stored.took_s
        ),
    ));
    let loaded = (0..rounds)
        .flat_map(|_| compared())
        .map(|asked| own(&home, asked.typed));
    let loaded = Spread::new(loaded.collect::<Result<_, _>>()?);
    let joined_s = join_pieces(&home.join(DATABASE)).await?;
    figures.push(Figure::plain(
        &format!("`mailroom search`, {rows} messages, before the pieces of the index are joined"),
        loaded.median(),
        "ms",
        &format!("{}; joined in {joined_s:.1} s", loaded.details("ms")),
    ));
    figures.extend(programs(work.path(), &home, messages, rounds)?);
    Ok(figures)
}

/// Does what a watch does once the load has ended and nothing else is to be done. Seconds.
async fn join_pieces(database: &Path) -> Result<f64, Failure> {
    let store = Store::open(database).await?;
    let began = now();
    while store.messages().join_index_pieces().await? {}
    let took = began.elapsed().as_secs_f64();
    store.close().await;
    Ok(took)
}

/// What the peers understand as well.
fn compared() -> impl Iterator<Item = &'static Query> {
    QUERIES.iter().filter(|query| !query.notmuch.is_empty())
}

/// Milliseconds of Mailroom's command.
fn own(home: &Path, text: &str) -> Result<f64, Failure> {
    let mut command = Command::new(program("mailroom")?);
    command
        .env("MAILROOM_HOME", home)
        .env("MAILROOM_VAULT", "file")
        .env("MAILROOM_VAULT_PASSPHRASE", "bench")
        .args(["--json", "search", "--limit", &ROWS.to_string(), text]);
    ended(&mut command)
}

/// Every key of every text.
async fn typed(stored: &Stored) -> Result<Spread, Failure> {
    let mut all = Vec::new();
    for Query { typed: text, .. } in QUERIES {
        let mut times = Vec::new();
        let mut slowest = (0.0, String::new());
        for typed in beginnings(text) {
            let request = parse_query(typed, UnixMillis(0));
            let mut query = request.to_query();
            query.folder = request
                .folder
                .as_deref()
                .and_then(|name| (name == "archive").then_some(stored.archive));
            // The first answer comes from the disk as the rest of the day's do not: each counts.
            for _ in 0..REPEATS {
                let began = now();
                let found = stored.store.messages().search(None, &query, ROWS, None).await?;
                let took = began.elapsed().as_secs_f64() * 1000.0;
                std::hint::black_box(found);
                if took > slowest.0 {
                    slowest = (took, typed.to_owned());
                }
                times.push(took);
            }
        }
        row(&format!("{text} (slowest: {})", slowest.1), "ms", &times);
        all.extend(times);
    }
    Ok(Spread::new(all))
}

/// The text as it grows in the field, without moments at which a word or an operator has just ended.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices()
        .filter_map(|(at, letter)| text.get(..at + letter.len_utf8()))
        .filter(|typed| !typed.ends_with([' ', ':']))
}

/// Whole programs with the complete texts: Mailroom's command, and those peers that are installed, by turns.
fn programs(work: &Path, home: &Path, messages: usize, rounds: usize) -> Result<Vec<Figure>, Failure> {
    let is_there = |program: &str| {
        Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let (has_notmuch, has_mu) = (is_there("notmuch"), is_there("mu"));
    let mail = work.join("maildir");
    if has_notmuch || has_mu {
        Generator::new(SEED, Profile::Small).write_maildir(&mail, messages)?;
    }
    let config = work.join("notmuch-config");
    if has_notmuch {
        let text = format!(
            "[database]\npath={}\n[user]\nprimary_email={USER}\n[new]\ntags=\n",
            mail.display()
        );
        std::fs::write(&config, text)?;
        let took = ended(
            Command::new("notmuch")
                .arg("--config")
                .arg(&config)
                .args(["new", "--quiet"]),
        )?;
        say(&format!(
            "notmuch indexed the same messages in {:.1} s",
            took / 1000.0
        ));
    }
    let mu_home = work.join("mu");
    if has_mu {
        let at = format!("--muhome={}", mu_home.display());
        ended(Command::new("mu").args(["init", &at, &format!("--maildir={}", mail.display())]))?;
        let took = ended(Command::new("mu").args(["index", "--quiet", &at]))?;
        say(&format!("mu indexed the same messages in {:.1} s", took / 1000.0));
    }

    let asks_notmuch = |output: &str, text: &str| {
        let limit = format!("--limit={ROWS}");
        ended(
            Command::new("notmuch")
                .arg("--config")
                .arg(&config)
                .args(["search", "--format=json", output, "--sort=newest-first", &limit])
                .arg(text),
        )
    };
    let asks_mu = |text: &str| {
        let at = format!("--muhome={}", mu_home.display());
        let limit = format!("--maxnum={ROWS}");
        // It ends with 2 when nothing was found, which is an answer.
        timed(
            Command::new("mu")
                .args(["find", &at, "--sortfield=date", "--reverse", &limit])
                .arg(text),
            &[0, 2, 4],
        )
    };
    let (mut ours, mut summaries, mut ids, mut mu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        for asked in compared() {
            ours.push(own(home, asked.typed)?);
            if has_notmuch {
                summaries.push(asks_notmuch("--output=summary", asked.notmuch)?);
                ids.push(asks_notmuch("--output=messages", asked.notmuch)?);
            }
            if has_mu {
                mu.push(asks_mu(asked.mu)?);
            }
        }
    }
    let rows = millions(messages);
    let times = Spread::new(ours.clone());
    let mut figures = vec![Figure::plain(
        &format!(
            "`mailroom search`, {rows} messages, {ROWS} rows with sender, subject and date, the whole process"
        ),
        times.median(),
        "ms",
        &times.details("ms"),
    )];
    // Who prints the same is held against the target; notmuch's bare ids stand there for whoever wants only those.
    for (name, target, peer) in [
        ("notmuch, with senders, subject and date", Some(1.0), summaries),
        ("notmuch, ids alone", None, ids),
        ("mu", Some(1.0), mu),
    ] {
        figures.extend(beside(&ours, name, target, &peer));
    }
    Ok(figures)
}

/// What a peer took for the same texts and messages, and how Mailroom compares, search by search.
fn beside(ours: &[f64], name: &str, target: Option<f64>, peer: &[f64]) -> Vec<Figure> {
    if peer.is_empty() {
        return vec![Figure::missing(
            &format!("{name}, the whole process"),
            "not installed",
        )];
    }
    let took = Spread::new(peer.to_vec());
    let pairs = Spread::new(ours.iter().zip(peer).map(|(own, peer)| own / peer).collect());
    let work = format!("`mailroom search` / {name}, pair by pair");
    let detail = format!("95 % {:.2} of {}", pairs.p95(), pairs.count());
    vec![
        Figure::plain(
            &format!("{name}, the same texts and messages, the whole process"),
            took.median(),
            "ms",
            &took.details("ms"),
        ),
        match target {
            Some(most) => Figure::at_most(&work, pairs.median(), "×", &detail, most),
            None => Figure::plain(&work, pairs.median(), "×", &detail),
        },
    ]
}

/// Milliseconds of a program that has to succeed.
fn ended(command: &mut Command) -> Result<f64, Failure> {
    timed(command, &[0])
}

/// Milliseconds of a program that has to end with one of `codes`.
fn timed(command: &mut Command, codes: &[i32]) -> Result<f64, Failure> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let began = now();
    let status = command.status()?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    if status.code().is_some_and(|code| codes.contains(&code)) {
        Ok(took)
    } else {
        Err(format!("{command:?} ended with {status}").into())
    }
}
