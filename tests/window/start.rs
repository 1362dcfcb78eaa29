//! What a new person sees.

use std::path::PathBuf;

use mailroom_tests::window::{Application, Desktop};

pub(crate) fn program() -> PathBuf {
    let here = std::env::current_exe().expect("the test's own path");
    let folder = here.ancestors().nth(2).expect("cargo's folder of programs");
    folder.join("mailroom-desktop")
}

#[tokio::test]
async fn first_screen_asks_for_an_address() {
    let desktop = Desktop::start(1280, 800).unwrap();
    let environment = [
        ("MAILROOM_VAULT", "file".into()),
        ("MAILROOM_VAULT_PASSPHRASE", "window".into()),
    ];
    let application = Application::open(&desktop, &program(), &environment)
        .await
        .unwrap();
    let page = application.page();
    page.find("heading", "Connect").await.unwrap();
    page.fill("", "nobody@").await.unwrap();
    let picture = desktop.folder().join("start.png");
    page.picture(&picture).await.unwrap();
    assert!(
        std::fs::metadata(&picture).unwrap().len() > 5_000,
        "the page is painted"
    );
    application.close().await.unwrap();
    drop(desktop);
}
