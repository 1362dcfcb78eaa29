//! The server is away for a while: the account says so, and says no more once it is back.

use mailroom_tests::window::{Page, WindowError};

use crate::journey::{choose_what_to_keep, read, see_the_proofs, sign_in, within_the_limit};
use crate::stage::Stage;

const BEFORE: (&str, &str) = ("Before the outage", "Everything is as usual.");
const AFTER: (&str, &str) = ("After the outage", "We are back.");

#[tokio::test(flavor = "multi_thread")]
async fn server_that_is_away_is_told_with_the_next_attempt_and_withdrawn_when_it_is_back() {
    let stage = Stage::set();
    stage.deliver("before", BEFORE.0, BEFORE.1);
    let application = stage.open().await;
    let page = application.page();
    let played = async {
        sign_in(&stage, &application).await?;
        see_the_proofs(&stage, &page).await?;
        choose_what_to_keep(&stage, &page).await?;
        read(&page, BEFORE.0, BEFORE.1).await?;
        page.find("button", stage.word("status.sign.working")).await?;
        stage.office.stop_imap();
        see_that_it_is_away(&stage, &page).await?;
        // What was read is still there to be read.
        read(&page, BEFORE.0, BEFORE.1).await?;
        stage.office.start_imap().unwrap();
        stage.deliver("after", AFTER.0, AFTER.1);
        // Nobody presses anything.
        page.find("button", stage.word("status.sign.working")).await?;
        read(&page, AFTER.0, AFTER.1).await
    };
    let played = within_the_limit(played).await;
    stage.end(application, played).await;
}

/// The sign beside the account, and behind it what is known: that it does not work, and when it is tried again.
async fn see_that_it_is_away(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    let away = stage.word("status.sign.retrying");
    page.press("button", away).await?;
    page.find("dialog", stage.word("mail.status.title")).await?;
    page.sees(away).await?;
    page.sees(stage.word("status.retry")).await?;
    page.press("button", stage.word("app.close")).await
}
