//! How long the ladder takes when servers stall.

use std::time::Duration;

use mailroom_model::{Coded as _, ErrorCode};
use tokio::time::Instant;

use super::super::ladder::SOURCE_LIMIT;
use super::super::{DetectOptions, Outcome, Source};
use super::{AUTOCONFIG, Outside, config, detect, options, srv, winner};

#[expect(
    clippy::disallowed_methods,
    reason = "the clock of the test stands still unless somebody waits"
)]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test(start_paused = true)]
async fn ladder_ends_at_its_deadline_when_everybody_stalls() {
    let everything = Outside {
        stalled: vec![""],
        ..Outside::default()
    };
    let began = now();
    let allowed = DetectOptions {
        allow_http: true,
        ..options()
    };
    let (found, outside) = detect(everything, &allowed).await;
    let took = began.elapsed();
    assert!(took <= Duration::from_secs(8) && took > SOURCE_LIMIT, "{took:?}");
    let error = found.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConnectTimeout);
    let failed = Outcome::Failed {
        code: ErrorCode::ConnectTimeout,
    };
    let asked: Vec<Source> = error
        .steps()
        .iter()
        .filter(|step| step.outcome == failed)
        .map(|step| step.source)
        .collect();
    assert_eq!(
        asked,
        [
            Source::Autoconfig,
            Source::WellKnown,
            Source::Pacc,
            Source::Ispdb,
            Source::Mx,
            Source::Srv,
            Source::Autodiscover,
            Source::PlainAutoconfig,
        ]
    );
    assert!(
        outside.asked().iter().any(|asked| asked.contains("autodiscover")),
        "who cannot be asked for a mail exchanger may be Microsoft's: {:?}",
        outside.asked()
    );
}

#[tokio::test(start_paused = true)]
async fn stalled_source_below_the_best_is_not_waited_for() {
    let outside = Outside {
        pages: [(AUTOCONFIG, config("imap.firma.example", "smtp.firma.example", ""))].into(),
        stalled: vec!["ua-auto-config", "srv ", "ispdb"],
        ..Outside::default()
    };
    let began = now();
    let (found, _) = detect(outside, &options()).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    let detection = found.unwrap();
    assert_eq!(detection.candidates[0].source, Source::Autoconfig);
    let srv = detection.steps.iter().find(|step| step.source == Source::Srv);
    assert_eq!(srv.unwrap().outcome, Outcome::NotAwaited);
}

#[tokio::test(start_paused = true)]
async fn stalled_source_above_costs_its_own_limit_and_no_more() {
    let outside = Outside {
        srv: [("_imaps._tcp.firma.example", srv(993, "post.firma.example."))].into(),
        stalled: vec!["autoconfig.firma.example"],
        ..Outside::default()
    };
    let began = now();
    let (found, _) = detect(outside, &options()).await;
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    assert_eq!(found.unwrap().candidates[0].source, Source::Srv);
}

#[tokio::test(start_paused = true)]
async fn question_that_is_never_answered_does_not_cost_the_answers_beside_it() {
    let records = Outside {
        srv: [("_imaps._tcp.firma.example", srv(993, "post.firma.example."))].into(),
        stalled: vec!["_submission._tcp"],
        ..Outside::default()
    };
    assert_eq!(winner(records).await.1, Source::Srv);
    let hosted = Outside {
        mx: vec![(10, "mx.mail.hoster.example.")],
        pages: [(
            "https://autoconfig.hoster.example/mail/config-v1.1.xml",
            config("imap.hoster.example", "smtp.hoster.example", ""),
        )]
        .into(),
        stalled: vec!["autoconfig.mail.hoster.example"],
        ..Outside::default()
    };
    assert_eq!(winner(hosted).await.1, Source::MxAutoconfig);
    let guessed = Outside {
        servers: vec!["mail.firma.example:993:tls"],
        stalled: vec!["server imap.", ":143:", "autoconfig.firma"],
        ..Outside::default()
    };
    assert_eq!(winner(guessed).await.0, "mail.firma.example:993:tls");
}

#[tokio::test(start_paused = true)]
async fn provider_without_imap_is_known_by_its_mail_exchanger_too() {
    let outside = Outside {
        mx: vec![(10, "mail.tutanota.de.")],
        stalled: vec!["autoconfig", "ispdb", "srv "],
        ..Outside::default()
    };
    let began = now();
    let (found, _) = detect(outside, &options()).await;
    assert_eq!(found.unwrap_err().code(), ErrorCode::ProviderWithoutImap);
    assert_eq!(began.elapsed(), Duration::ZERO, "said at once");
}
