//! The two minutes: from the address, through the provider's page and a link back, to an answer in Sent.

use std::time::Duration;

use mailroom_tests::window::{Application, Page, WindowError};
use mailroom_tests::{browser, until, wall_clock};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::stage::{ALICE, BOB, Stage};

const QUESTION: &str = "Lunch on Friday";
const ASKED: &str = "Shall we meet at noon, at the usual place?";
const ANSWERED: &str = "Gladly, at noon.";

#[tokio::test(flavor = "multi_thread")]
async fn person_gets_from_the_address_to_an_answer_in_sent_and_finds_both_after_a_restart() {
    let stage = Stage::set();
    stage.office.sample_mail(ALICE).unwrap();
    stage.deliver("lunch", QUESTION, ASKED);
    let application = stage.open().await;
    let page = application.page();
    let played = async {
        sign_in(&stage, &application).await?;
        see_the_proofs(&stage, &page).await?;
        choose_what_to_keep(&stage, &page).await?;
        read(&page, QUESTION, ASKED).await?;
        answer(&stage, &page).await?;
        find_the_answer(&stage, &page).await
    };
    let played = within_the_limit(played).await;
    stage.end(application, played).await;
    let arrived = || {
        let subjects = stage
            .office
            .doveadm(&["fetch", "-u", BOB, "hdr.subject", "mailbox", "INBOX", "all"]);
        subjects.is_ok_and(|subjects| subjects.contains(&format!("Re: {QUESTION}")))
    };
    assert!(until(Duration::from_mins(2), arrived), "bob has the answer");

    let application = stage.open().await;
    let page = application.page();
    let played = async {
        read(&page, QUESTION, ASKED).await?;
        find_the_answer(&stage, &page).await
    };
    let played = within_the_limit(played).await;
    stage.end(application, played).await;
}

/// The date of a message that was written this moment (RFC 5322 §3.3).
pub(crate) fn now() -> String {
    let now = OffsetDateTime::from_unix_timestamp(wall_clock().0 / 1000).unwrap();
    now.format(&Rfc2822).unwrap()
}

/// A limit that no journey needs: of one that waits longer the page is shown.
pub(crate) async fn within_the_limit(
    played: impl Future<Output = Result<(), WindowError>>,
) -> Result<(), WindowError> {
    let limit = Duration::from_mins(15);
    tokio::time::timeout(limit, played).await.unwrap_or_else(|_| {
        Err(WindowError::NotThere {
            what: format!("the end of the journey within {} s", limit.as_secs()),
            page: String::new(),
        })
    })
}

/// From the first screen through the provider's page, and back by the link that it ends with.
pub(crate) async fn sign_in(stage: &Stage, application: &Application) -> Result<(), WindowError> {
    ask_for_access(stage, &application.page()).await?;
    answer_in_the_browser(stage, application, 1).await
}

/// From the first screen to the servers that the organisation told this machine of.
pub(crate) async fn find_the_office(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.find("heading", stage.word("setup.address.title")).await?;
    page.fill(stage.word("setup.address.label"), ALICE).await?;
    page.press("button", stage.word("setup.continue")).await?;
    page.sees(stage.word("setup.from.policy")).await
}

/// From the first screen to the provider's page.
pub(crate) async fn ask_for_access(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    find_the_office(stage, page).await?;
    page.press("button", stage.word("setup.continue")).await?;
    page.press("button", stage.word("setup.signin.browser.action"))
        .await?;
    page.sees(stage.word("setup.browser.waiting")).await
}

/// The person agrees on the page that the application opened, the `count`th so far, unless the provider refuses at once; the
/// browser follows the link back.
pub(crate) async fn answer_in_the_browser(
    stage: &Stage,
    application: &Application,
    count: usize,
) -> Result<(), WindowError> {
    let came = until(Duration::from_mins(2), || stage.desktop.opened().len() >= count);
    assert!(came, "the application opened no page in the browser");
    let address = stage.desktop.opened().pop().unwrap();
    let landing = browser::approve(&address, ALICE)
        .await
        .expect("the provider's pages lead back");
    assert!(
        landing.address.starts_with("app.mailroom://oauth/callback?"),
        "{}",
        landing.address
    );
    // The browser hands the link to the desktop, and the desktop starts the program that takes such links.
    application.follow_link(&stage.desktop, &landing.address).await
}

pub(crate) async fn see_the_proofs(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.find("heading", stage.word("setup.proofs.title")).await?;
    page.sees(stage.word("setup.proofs.all")).await?;
    let works = stage.word("setup.proofState.passed");
    let script = format!(
        "const lines = [...document.querySelectorAll('main ol > li')]; \
         return lines.length === 8 && lines.every((line) => line.textContent.includes('{works}'))"
    );
    page.until("eight proofs that passed", &script).await?;
    page.press("button", stage.word("setup.continue")).await
}

pub(crate) async fn choose_what_to_keep(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.find("heading", stage.word("setup.choose.title")).await?;
    page.press("text", stage.word("setup.period.all")).await?;
    page.press("button", stage.word("setup.choose.action")).await?;
    page.find("heading", stage.word("setup.notify.title")).await?;
    page.press("button", stage.word("setup.continue")).await?;
    page.find("heading", stage.word("setup.signature.title")).await?;
    // The editor comes a moment later and moves the buttons.
    page.find("textbox", stage.word("settings.signature")).await?;
    page.press("button", stage.word("setup.skip")).await?;
    // The figures of the load come and go above the button; a person looks before pressing it too.
    page.find("heading", stage.word("setup.loading.doneTitle"))
        .await?;
    page.press("button", stage.word("setup.loading.open")).await
}

/// Opens a message from the list and sees its text below its subject.
pub(crate) async fn read(page: &Page, subject: &str, text: &str) -> Result<(), WindowError> {
    page.press("row", subject).await?;
    page.find("heading", subject).await?;
    page.sees(text).await
}

async fn answer(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.press("button", stage.word("mail.do.reply")).await?;
    let text = page.find("textbox", stage.word("compose.text")).await?;
    text.type_keys(ANSWERED).await?;
    page.find_exactly("button", stage.word("compose.send"))
        .await?
        .press()
        .await?;
    // It stands there until its pause is over, and moves the folders below it.
    page.sees(stage.word("mail.outbox")).await
}

/// The answer stands in the folder of sent mail once the server has taken it and its pause is over.
async fn find_the_answer(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.press("text", stage.word("mail.folder.sent")).await?;
    let subject = format!("Re: {QUESTION}");
    read(page, &subject, ANSWERED).await
}
