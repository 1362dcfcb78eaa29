//! Detection: how many domains end in the right servers, how long that takes, and how many questions leave the machine.
//! The domains of the built-in table, and the simulated ones of `tests/fixtures/domains`.

use std::sync::Arc;

use futures::future::join_all;
use mailroom_connect::{DetectOptions, Detector, DomainPattern, ProviderTable, SiteServers};
use mailroom_model::EmailAddress;
use mailroom_tests::bench::{Figure, Spread, now};
use mailroom_tests::home::Nobody;
use mailroom_tests::world::{ISPDB, World};

use super::{Failure, say};

/// What a built-in answer may take.
const BUILTIN_MS: f64 = 1.0;
/// What the whole ladder may take.
const LADDER_S: f64 = 8.0;

/// Measures. A built-in answer is so quick that each is asked for often.
pub(super) async fn run(rounds: usize) -> Result<Vec<Figure>, Failure> {
    let mut figures = builtin(rounds.max(1) * 20).await?;
    figures.extend(simulated().await?);
    Ok(figures)
}

async fn builtin(rounds: usize) -> Result<Vec<Figure>, Failure> {
    let table = ProviderTable::builtin()?;
    let nobody = Arc::new(Nobody);
    let detector = Detector::new(table.clone(), nobody.clone(), nobody.clone(), nobody);
    let options = DetectOptions::default();
    let (mut right, mut all, mut questions) = (0_u32, 0_u32, 0_u32);
    let mut times = Vec::new();
    for provider in table.providers() {
        for site in &provider.sites {
            for pattern in &site.domains {
                let domain = match pattern {
                    DomainPattern::Exact(name) => name.clone(),
                    DomainPattern::Below(suffix) => format!("office.{suffix}"),
                    DomainPattern::AnyTld(stem) => format!("{stem}.de"),
                };
                let address: EmailAddress = format!("anna@{domain}").parse()?;
                let expected = match &site.servers {
                    SiteServers::Known { imap, .. } => imap.clone(),
                    SiteServers::Template(_) => Vec::new(),
                };
                let mut found = None;
                let mut own = Vec::new();
                for _ in 0..rounds {
                    let began = now();
                    let detection = detector.detect(&address, &options).await;
                    own.push(began.elapsed().as_secs_f64() * 1000.0);
                    found = detection.ok();
                }
                times.push(Spread::new(own).median());
                all += 1;
                questions += found.as_ref().map_or(0, |found| found.requests);
                let best = found.as_ref().and_then(|found| found.candidates.first());
                let is_right = best.is_some_and(|best| {
                    best.servers.imap == expected
                        && best
                            .provider
                            .as_ref()
                            .is_some_and(|found| found.id == provider.id)
                });
                if is_right {
                    right += 1;
                } else {
                    say(&format!("{domain}: not {}", provider.id));
                }
            }
        }
    }
    let times = Spread::new(times);
    Ok(vec![
        wrong(
            "domains of the built-in table without their servers",
            all - right,
            all,
        ),
        Figure::at_most(
            "built-in answer, the domain that takes longest",
            times.at(1.0),
            "ms",
            &format!(
                "median of all domains {:.0} µs; each the median of {rounds} times; {questions} questions left the machine",
                times.median() * 1000.0
            ),
            BUILTIN_MS,
        ),
    ])
}

async fn simulated() -> Result<Vec<Figure>, Failure> {
    let worlds: Vec<Arc<World>> = World::every()?.into_iter().map(Arc::new).collect();
    let measured = join_all(worlds.iter().map(measure)).await;
    let (mut right, mut times, mut questions) = (0_u32, Vec::new(), Vec::new());
    for (world, measured) in worlds.iter().zip(measured) {
        let measured = measured?;
        let asked = u32::try_from(world.asked().len())?;
        say(&format!(
            "{:<26} {:>6.0} ms {asked:>3} questions  {}{}",
            world.domain,
            measured.took_ms,
            measured.found,
            if measured.is_right { "" } else { "   WRONG" }
        ));
        right += u32::from(measured.is_right);
        times.push(measured.took_ms);
        questions.push(f64::from(asked));
    }
    let all = u32::try_from(worlds.len())?;
    let (times, questions) = (Spread::new(times), Spread::new(questions));
    Ok(vec![
        wrong(
            "simulated domains with another end than the right one",
            all - right,
            all,
        ),
        Figure::plain("simulated domain, median", times.median(), "ms", ""),
        Figure::at_most(
            "simulated domain, worst (every server stalls)",
            times.at(1.0) / 1000.0,
            "s",
            "",
            LADDER_S,
        ),
        Figure::plain(
            "questions that leave the machine for a simulated domain, median",
            questions.median(),
            "",
            &format!("at most {:.0}", questions.at(1.0)),
        ),
    ])
}

fn wrong(work: &str, wrong: u32, all: u32) -> Figure {
    Figure::at_most(work, f64::from(wrong), "", &format!("of {all}"), 0.0)
}

struct Measured {
    took_ms: f64,
    found: String,
    is_right: bool,
}

async fn measure(world: &Arc<World>) -> Result<Measured, Failure> {
    let detector = Detector::new(
        ProviderTable::builtin()?,
        world.clone(),
        world.clone(),
        world.clone(),
    );
    let options = DetectOptions {
        ispdb: Some(ISPDB.to_owned()),
        ..DetectOptions::default()
    };
    let address: EmailAddress = format!("anna@{}", world.domain).parse()?;
    let began = now();
    let found = detector.detect(&address, &options).await;
    let took_ms = began.elapsed().as_secs_f64() * 1000.0;
    let (found, is_right) = world.judge(&found);
    Ok(Measured {
        took_ms,
        found,
        is_right,
    })
}
