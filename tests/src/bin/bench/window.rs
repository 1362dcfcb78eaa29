//! The window: how soon it shows the mail, what it keeps in memory, how soon a new message and a search's result are on
//! screen, how evenly the list scrolls. Everything is read from the page itself and from `/proc`; the driver only asks.

use std::path::Path;
use std::time::Duration;

use mailroom_tests::bench::{Figure, Host, Spread, announcements, pss_bytes, started_at_ms};
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::Office;
use mailroom_tests::window::{Application, Desktop};
use serde_json::{Value, json};

use super::{
    Failure, PASSWORD, SEED, USER, connect, environment, mailroom, millions, office, program, row, say,
};

/// The application's program.
const PROGRAM: &str = "mailroom-desktop";
/// How long the window is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(10);
/// Between two new messages. Dovecot holds an announcement back for half a second from the last change that it has not
/// told this client yet: only after a quiet moment do two clients hear of a message at the same time.
const QUIET: Duration = Duration::from_millis(1500);
/// The share of the processor that the host may take while a start is measured.
const SPOILS: f64 = 0.05;
/// What is measured again because of the host; then all counts.
const MOST_SPOILED: usize = 40;
/// The list is scrolled in so many parts of so many frames.
const SCROLLS: usize = 8;
const FRAMES: usize = 50;
/// New messages that are announced.
const ARRIVALS: usize = 20;
/// Words that are searched, typed letter by letter.
const QUERIES: [&str; 8] = [
    "invoice",
    "meeting budget",
    "contract",
    "from:anna",
    "is:unread deadline",
    "delivery",
    "holiday",
    "conference notes",
];

/// Measures with `stored` messages in the mailbox, and searching and scrolling with `searched`.
pub(super) async fn run(stored: usize, searched: usize, rounds: usize) -> Result<Vec<Figure>, Failure> {
    let work = tempfile::tempdir()?;
    let (small, home) = mailbox(stored, &work.path().join("small"))?;
    let mut first = Vec::new();
    let mut list = Vec::new();
    let mut memory = Vec::new();
    let mut spoiled = 0;
    while first.len() < rounds {
        say(&format!("start {} of {rounds}", first.len() + 1));
        let desktop = Desktop::start(1280, 800)?;
        let before = Host::now();
        let application = open(&desktop, &small, &home).await?;
        let started = started_at_ms(&desktop.processes(), PROGRAM)?;
        let times = [
            painted_at(&application).await? - started,
            marked_at(&application, "mailroom:list").await? - started,
        ];
        let taken = before.taken_since(&Host::now());
        if taken > SPOILS && spoiled < MOST_SPOILED {
            say(&format!(
                "{times:.0?} ms, not counted: the host took {:.0} %",
                taken * 100.0
            ));
            spoiled += 1;
            application.close().await?;
            continue;
        }
        first.push(times[0]);
        list.push(times[1]);
        tokio::time::sleep(IDLE).await;
        memory.push(to_f64(pss_bytes(&desktop.processes())) / f64::from(1 << 20));
        application.close().await?;
    }
    let kept = millions(stored);
    let mut figures = vec![
        median(
            &format!("window: start to first content, {kept} messages"),
            "ms",
            first,
            800.0,
        ),
        median("window: start to the complete list", "ms", list, 1000.0),
        median(
            "window: memory of all processes at rest (PSS)",
            "MiB",
            memory,
            320.0,
        ),
    ];

    say("new messages");
    let before = Host::now();
    figures.push(median(
        "window: a new message's row after a bare IDLE client hears of it",
        "ms",
        arrivals(&small, &home).await?,
        50.0,
    ));
    say_taken(before);

    let (large, home) = mailbox(searched, &work.path().join("large"))?;
    let desktop = Desktop::start(1280, 800)?;
    let application = open(&desktop, &large, &home).await?;
    marked_at(&application, "mailroom:list").await?;
    say("searching");
    let mut quiet = Quiet::default();
    let mut found = Vec::new();
    for query in QUERIES {
        found.extend(quiet.during(async || search(&application, query).await).await?);
    }
    figures.push(judged(
        &format!(
            "window: key press to result, {} messages, 95th percentile",
            millions(searched)
        ),
        "ms",
        found,
        50.0,
        Spread::p95,
    ));
    say("scrolling");
    let (mut work_ms, mut frames) = (Vec::new(), Vec::new());
    for part in 0..SCROLLS {
        let (work, between) = quiet.during(async || scroll(&application, part).await).await?;
        work_ms.extend(work);
        frames.extend(between);
    }
    figures.push(judged(
        "window: work of the list in a scroll frame, worst",
        "ms",
        work_ms,
        32.0,
        |spread| spread.at(1.0),
    ));
    row("time between scroll frames", "ms", &frames);
    application.close().await?;
    Ok(figures)
}

/// Measures again what the host has spoiled, until that has happened too often.
#[derive(Debug, Default)]
struct Quiet {
    spoiled: usize,
}

impl Quiet {
    async fn during<T>(&mut self, work: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
        loop {
            let before = Host::now();
            let measured = work().await?;
            let taken = before.taken_since(&Host::now());
            if taken <= SPOILS || self.spoiled >= MOST_SPOILED {
                return Ok(measured);
            }
            self.spoiled += 1;
            say(&format!("not counted: the host took {:.0} %", taken * 100.0));
        }
    }
}

/// The median of some values against what it may be.
fn median(work: &str, unit: &str, values: Vec<f64>, most: f64) -> Figure {
    judged(work, unit, values, most, Spread::median)
}

/// One value of a spread against what it may be.
fn judged(work: &str, unit: &str, values: Vec<f64>, most: f64, value: fn(&Spread) -> f64) -> Figure {
    row(work, unit, &values);
    let spread = Spread::new(values);
    Figure::at_most(work, value(&spread), unit, &spread.details(unit), most)
}

fn say_taken(before: Host) {
    say(&format!(
        "  (the host took {:.0} % meanwhile)",
        before.taken_since(&Host::now()) * 100.0
    ));
}

/// An office whose mailbox holds `messages`, and a home that has loaded them.
fn mailbox(messages: usize, home: &Path) -> Result<(Office, std::path::PathBuf), Failure> {
    let office = office()?;
    say(&format!("writing and loading {messages} messages"));
    office.fill(USER, "INBOX", &mut Generator::new(SEED, Profile::Small), messages)?;
    connect(&office, home)?;
    let loaded = mailroom(&office, home)?.args(["--json", "sync"]).output()?;
    if !loaded.status.success() {
        return Err(String::from_utf8_lossy(&loaded.stderr).into());
    }
    Ok((office, home.to_owned()))
}

async fn open(desktop: &Desktop, office: &Office, home: &Path) -> Result<Application, Failure> {
    Ok(Application::open(desktop, &program(PROGRAM)?, &environment(office, home)).await?)
}

/// When the page painted its first content, in Unix milliseconds.
async fn painted_at(application: &Application) -> Result<f64, Failure> {
    moment(
        application,
        "the first paint",
        "const [entry] = performance.getEntriesByName('first-contentful-paint'); \
         return entry ? performance.timeOrigin + entry.startTime : null",
    )
    .await
}

/// When the page set a mark first, in Unix milliseconds.
async fn marked_at(application: &Application, mark: &str) -> Result<f64, Failure> {
    let script = format!(
        "const [entry] = performance.getEntriesByName({}); return entry ? performance.timeOrigin + entry.startTime : null",
        json!(mark)
    );
    moment(application, mark, &script).await
}

async fn moment(application: &Application, what: &str, script: &str) -> Result<f64, Failure> {
    let answer = application.page().until(what, script).await?;
    answer.as_f64().ok_or_else(|| format!("{what} is no time").into())
}

/// For each of some new messages, how much later its row is there than a client that only listens hears of it.
async fn arrivals(office: &Office, home: &Path) -> Result<Vec<f64>, Failure> {
    let desktop = Desktop::start(1280, 800)?;
    let application = open(&desktop, office, home).await?;
    marked_at(&application, "mailroom:list").await?;
    let mut heard = announcements(office.imaps_port(), office.ca_der(), USER, PASSWORD).await?;
    // The window listens too once its own look at the mailbox has ended.
    tokio::time::sleep(IDLE).await;
    let mut late = Vec::new();
    for number in 0..ARRIVALS {
        let subject = format!("Announced {number:04}");
        let watch = format!(
            "window.seenAt = 0; const subject = {}; const look = () => {{ \
             if (document.body.innerText.includes(subject)) {{ window.seenAt = Date.now(); watcher.disconnect(); }} }}; \
             const watcher = new MutationObserver(look); \
             watcher.observe(document.body, {{ subtree: true, childList: true, characterData: true }});",
            json!(subject)
        );
        application.run(&watch, Vec::new()).await?;
        tokio::time::sleep(QUIET).await;
        let raw = format!(
            "From: Anna <anna@mailroom.test>\r\nTo: {USER}\r\nSubject: {subject}\r\nMessage-ID: <{number}@bench>\r\n\r\nHello.\r\n"
        );
        office.deliver(USER, raw.as_bytes())?;
        let announced = heard.next().await?;
        let seen = moment(&application, "the row", "return window.seenAt").await?;
        late.push(seen - announced);
    }
    application.close().await?;
    Ok(late)
}

/// Types a query letter by letter, each letter when the result of the one before is there; times from the key press to
/// the rows of that very text. Leaves the field empty.
async fn search(application: &Application, query: &str) -> Result<Vec<f64>, Failure> {
    const TYPE: &str = "
        const [text, done] = arguments;
        const field = document.querySelector('input[type=search], [role=searchbox]');
        const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
        field.focus();
        performance.clearMarks('mailroom:found');
        const began = performance.now();
        set.call(field, text);
        field.dispatchEvent(new Event('input', { bubbles: true }));
        const look = () => {
          const found = performance.getEntriesByName('mailroom:found').find((mark) => mark.detail === text.trim());
          if (found) done(found.startTime - began);
          else if (performance.now() - began > 10000) done(null);
          else requestAnimationFrame(look);
        };
        look();";
    const CLEAR: &str = "
        const done = arguments[arguments.length - 1];
        const field = document.querySelector('input[type=search], [role=searchbox]');
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '');
        field.dispatchEvent(new Event('input', { bubbles: true }));
        const look = () => document.querySelector('[role=listbox] [role=option]') ? done(true) : requestAnimationFrame(look);
        look();";
    let mut times = Vec::new();
    for end in 1..=query.len() {
        let text = query.get(..end).unwrap_or_default();
        if text.ends_with(' ') || text.ends_with(':') {
            continue;
        }
        let took = application.run_async(TYPE, vec![json!(text)]).await?;
        times.push(took.as_f64().ok_or_else(|| format!("no result for {text:?}"))?);
    }
    application.run_async(CLEAR, Vec::new()).await?;
    Ok(times)
}

/// Scrolls through one part of the list. What comes back are the milliseconds of work from setting the position until the
/// page is at rest again, and those between frames.
async fn scroll(application: &Application, part: usize) -> Result<(Vec<f64>, Vec<f64>), Failure> {
    const SCROLL: &str = "
        const [from, count, done] = arguments;
        const list = document.querySelector('[role=listbox]');
        list.scrollTop = from;
        const work = [], frames = [];
        let last = performance.now();
        const step = (count) => requestAnimationFrame(() => {
          const began = performance.now();
          frames.push(began - last);
          last = began;
          list.scrollTop += 240;
          list.getBoundingClientRect();
          const channel = new MessageChannel();
          channel.port1.onmessage = () => {
            work.push(performance.now() - began);
            if (count === 0) done([work, frames.slice(1)]); else step(count - 1);
          };
          channel.port2.postMessage(null);
        });
        step(count);";
    let from = json!(part * FRAMES * 240);
    let answer = application.run_async(SCROLL, vec![from, json!(FRAMES)]).await?;
    let list = |index: usize| -> Vec<f64> {
        let values = answer.get(index).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_f64).collect()
    };
    Ok((list(0), list(1)))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn to_f64(bytes: u64) -> f64 {
    bytes as f64
}
