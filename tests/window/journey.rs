//! The two minutes: from the address, through the provider's page and a link back, to a message that is read.

use std::time::Duration;

use mailroom_tests::browser;
use mailroom_tests::window::{Application, Page, WindowError};

use crate::stage::{ALICE, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn person_connects_a_mailbox_by_a_link_and_reads_it_also_after_a_restart() {
    let stage = Stage::set();
    stage.office.sample_mail(ALICE).unwrap();
    let application = stage.open().await;
    let page = application.page();
    let played = async {
        sign_in(&stage, &application).await?;
        see_the_proofs(&stage, &page).await?;
        choose_what_to_keep(&stage, &page).await?;
        read_the_newest(&page).await
    };
    let played = within_the_limit(played).await;
    stage.end(application, played).await;

    let application = stage.open().await;
    let played = within_the_limit(read_the_newest(&application.page())).await;
    stage.end(application, played).await;
}

/// The two minutes, as a limit: of one that waits longer the page is shown.
async fn within_the_limit(played: impl Future<Output = Result<(), WindowError>>) -> Result<(), WindowError> {
    let limit = Duration::from_mins(2);
    tokio::time::timeout(limit, played).await.unwrap_or_else(|_| {
        Err(WindowError::NotThere {
            what: format!("the end of the journey within {} s", limit.as_secs()),
            page: String::new(),
        })
    })
}

/// From the first screen through the provider's page, and back by the link that it ends with.
async fn sign_in(stage: &Stage, application: &Application) -> Result<(), WindowError> {
    let page = application.page();
    page.find("heading", stage.word("setup.address.title")).await?;
    page.fill(stage.word("setup.address.label"), ALICE).await?;
    page.press("button", stage.word("setup.continue")).await?;
    page.sees(stage.word("setup.from.policy")).await?;
    page.press("button", stage.word("setup.continue")).await?;
    page.press("button", stage.word("setup.signin.browser.action"))
        .await?;
    page.sees(stage.word("setup.browser.waiting")).await?;

    let came = mailroom_tests::until(Duration::from_secs(30), || !stage.desktop.opened().is_empty());
    assert!(came, "the application opened no page in the browser");
    let address = stage.desktop.opened().pop().unwrap();
    let landing = browser::approve(&address, ALICE)
        .await
        .expect("the person signs in and agrees");
    assert!(
        landing.address.starts_with("app.mailroom://oauth/callback?"),
        "{}",
        landing.address
    );
    // The browser hands the link to the desktop, and the desktop starts the program that takes such links.
    application.follow_link(&stage.desktop, &landing.address).await
}

async fn see_the_proofs(stage: &Stage, page: &Page) -> Result<(), WindowError> {
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

async fn choose_what_to_keep(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.find("heading", stage.word("setup.choose.title")).await?;
    page.press("text", stage.word("setup.period.all")).await?;
    page.press("button", stage.word("setup.choose.action")).await?;
    page.find("heading", stage.word("setup.notify.title")).await?;
    page.press("button", stage.word("setup.continue")).await?;
    page.find("heading", stage.word("setup.signature.title")).await?;
    page.press("button", stage.word("setup.skip")).await?;
    page.press("button", stage.word("setup.loading.open")).await
}

/// Opens the first message of the list and sees its subject above its text.
async fn read_the_newest(page: &Page) -> Result<(), WindowError> {
    page.press("row", "").await?;
    page.until(
        "the message with a heading and a text",
        "const message = document.querySelector('article'); \
         return message?.querySelector('h2')?.textContent.length > 0 \
         && (message.querySelector('iframe, pre') !== null || message.innerText.length > 100)",
    )
    .await
    .map(drop)
}
