//! What becomes of an account: the provider ends its access, the person signs in again, tests it, and removes it.

use std::time::Duration;

use mailroom_tests::until;
use mailroom_tests::window::{Application, Page, WindowError};

use crate::journey::{
    answer_in_the_browser, choose_what_to_keep, read, see_the_proofs, sign_in, within_the_limit,
};
use crate::stage::{ALICE, Stage};

const SUBJECT: &str = "The order of last week";
const TEXT: &str = "It left our house this morning.";

#[tokio::test(flavor = "multi_thread")]
async fn access_that_the_provider_ended_is_renewed_tested_and_removed_with_a_receipt() {
    let stage = Stage::set();
    stage.deliver("order", SUBJECT, TEXT);
    let application = stage.open().await;
    let page = application.page();
    let played = async {
        sign_in(&stage, &application).await?;
        see_the_proofs(&stage, &page).await?;
        choose_what_to_keep(&stage, &page).await?;
        read(&page, SUBJECT, TEXT).await?;
        lose_the_access_and_sign_in_again(&stage, &application).await?;
        // What was read before is there without having been fetched again.
        read(&page, SUBJECT, TEXT).await?;
        test_the_account(&stage, &page).await?;
        remove_the_account(&stage, &page).await
    };
    let played = within_the_limit(played).await;
    stage.end(application, played).await;
    let seen = stage.office.oidc_log().unwrap();
    assert!(
        seen.iter().any(|request| request["path"] == "/token/revocation"),
        "the access was ended at the provider: {seen:?}"
    );
    let kept = stage
        .office
        .doveadm(&["fetch", "-u", ALICE, "hdr.subject", "mailbox", "INBOX", "all"]);
    assert!(kept.unwrap().contains(SUBJECT), "nothing goes on the server");
}

/// The provider lets nobody in with what it gave before, and the server closes the connection that listens.
async fn lose_the_access_and_sign_in_again(
    stage: &Stage,
    application: &Application,
) -> Result<(), WindowError> {
    let page = application.page();
    stage.office.oidc_end_grants().unwrap();
    stage.office.kick(ALICE).unwrap();
    let again = stage.word("mail.signIn.do");
    page.press("button", again).await?;
    page.find("dialog", stage.word("mail.signIn.title")).await?;
    page.press("button", again).await?;
    answer_in_the_browser(stage, application, 2).await?;
    page.no_longer_sees(again).await
}

/// Every proof anew, and the message to oneself, which is gone afterwards.
async fn test_the_account(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.press("button", stage.word("mail.settings")).await?;
    page.find("heading", stage.word("settings.general")).await?;
    page.press("button", ALICE).await?;
    page.press("button", stage.word("settings.test")).await?;
    page.sees(stage.word("setup.proofs.all")).await?;
    page.press("button", stage.word("setup.proofs.loop")).await?;
    let works = stage.word("setup.proofState.passed");
    let script = format!(
        "const lines = [...document.querySelectorAll('main ol > li')]; \
         return lines.length === 9 && lines.every((line) => line.textContent.includes('{works}'))"
    );
    page.until("nine proofs that passed", &script).await?;
    let is_gone = || {
        let folders = ["INBOX", "Sent", "Trash"];
        let left = |folder| {
            let found = stage
                .office
                .doveadm(&["search", "-u", ALICE, "mailbox", folder, "from", ALICE]);
            found.is_ok_and(|found| !found.trim().is_empty())
        };
        !folders.into_iter().any(left)
    };
    assert!(
        until(Duration::from_mins(2), is_gone),
        "the message to oneself is gone"
    );
    Ok(())
}

/// Asks what goes, and says what went: all of it, looked at. The first screen is what is left.
async fn remove_the_account(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.press("button", stage.word("settings.remove.action")).await?;
    page.sees(stage.word("settings.remove.signIn.grant")).await?;
    page.press("button", stage.word("settings.remove.yes")).await?;
    page.sees(stage.word("settings.receipt.what.grant")).await?;
    let script = "const lines = [...document.querySelectorAll('li[data-outcome]')]; \
         return lines.length > 3 && lines.every((line) => line.dataset.outcome === 'gone') && lines.length";
    page.until("a receipt on which everything is gone", script)
        .await?;
    page.press("button", stage.word("app.close")).await?;
    page.press("button", stage.word("settings.backSetup")).await?;
    page.find("heading", stage.word("setup.address.title"))
        .await
        .map(drop)
}
