//! The organisation lets nobody use the program before an administrator has allowed it.

use mailroom_tests::http;
use mailroom_tests::window::{Application, Page, WindowError};
use serde_json::json;

use crate::journey::{
    answer_in_the_browser, ask_for_access, choose_what_to_keep, read, see_the_proofs, within_the_limit,
};
use crate::stage::{ALICE, Stage};

const SUBJECT: &str = "Welcome to the office";
const TEXT: &str = "Your desk is by the window.";

#[tokio::test(flavor = "multi_thread")]
async fn account_that_needs_an_administrator_waits_and_goes_on_once_it_is_allowed() {
    let stage = Stage::set();
    stage.deliver("welcome", SUBJECT, TEXT);
    stage
        .office
        .oidc_set(&json!({ "needsAdministrator": true }))
        .unwrap();
    let application = stage.open().await;
    let page = application.page();
    let played = async {
        ask_for_access(&stage, &page).await?;
        answer_in_the_browser(&stage, &application, 1).await?;
        see_whom_to_ask(&stage, &page).await?;
        leave_it_waiting(&stage, &page).await?;
        try_in_vain(&stage, &application).await?;
        let page_of_the_administrator = stage.office.approval_page().parse().unwrap();
        assert_eq!(http::get(&page_of_the_administrator, &[]).unwrap().status, 200);
        page.press("button", stage.word("approval.try")).await?;
        answer_in_the_browser(&stage, &application, 3).await?;
        see_the_proofs(&stage, &page).await?;
        choose_what_to_keep(&stage, &page).await?;
        read(&page, SUBJECT, TEXT).await
    };
    let played = within_the_limit(played).await;
    stage.end(application, played).await;
}

/// The letter to the administrator has the page on which the program is allowed, and what it is allowed.
async fn see_whom_to_ask(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.find("heading", stage.word("approval.title")).await?;
    page.find("heading", stage.word("approval.own.title")).await?;
    let wanted = [
        stage.office.approval_page(),
        stage.office.client_id().to_owned(),
        ALICE.to_owned(),
        stage.word("approval.scope.mail").to_owned(),
    ];
    let script = format!(
        "const letter = document.querySelector('textarea').value; \
         return {}.every((part) => letter.includes(part))",
        json!(wanted)
    );
    page.until("a letter with everything", &script).await.map(drop)
}

/// The account is here although nobody has signed in to it, and says what it waits for.
async fn leave_it_waiting(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    page.press("button", stage.word("approval.later")).await?;
    page.find("button", stage.word("status.sign.waiting")).await?;
    page.press("button", stage.word("mail.finishSetup")).await?;
    page.find("heading", stage.word("approval.title")).await.map(drop)
}

/// The administrator has not answered yet: it goes on waiting.
async fn try_in_vain(stage: &Stage, application: &Application) -> Result<(), WindowError> {
    let page = application.page();
    page.press("button", stage.word("approval.try")).await?;
    answer_in_the_browser(stage, application, 2).await?;
    page.find("button", stage.word("approval.try")).await.map(drop)
}
