//! A server of one's own whose certificate nobody vouches for.

use mailroom_tests::window::{Page, WindowError};

use crate::journey::{choose_what_to_keep, find_the_office, read, see_the_proofs, within_the_limit};
use crate::stage::{ALICE, Stage};

const SUBJECT: &str = "The cellar server";
const TEXT: &str = "It signs its papers itself.";

#[tokio::test(flavor = "multi_thread")]
async fn certificate_that_nobody_vouches_for_is_trusted_for_its_server_alone_until_that_is_taken_back() {
    let stage = Stage::set_among_strangers();
    stage.deliver("cellar", SUBJECT, TEXT);
    let password = stage.office.users().remove(0).1;
    let application = stage.open().await;
    let page = application.page();
    let played = async {
        find_the_office(&stage, &page).await?;
        page.press("button", stage.word("setup.address.notThis")).await?;
        page.find("heading", stage.word("setup.servers.title")).await?;
        page.fill(stage.word("setup.signin.password.label"), &password)
            .await?;
        page.press("button", stage.word("setup.signin.password.action"))
            .await?;
        // An exception is for one server, so that each is asked about.
        for port in [stage.office.imaps_port(), stage.office.submissions_port()] {
            trust(&stage, &page, port).await?;
        }
        see_the_proofs(&stage, &page).await?;
        choose_what_to_keep(&stage, &page).await?;
        read(&page, SUBJECT, TEXT).await?;
        take_it_back(&stage, &page).await
    };
    let played = within_the_limit(played).await;
    stage.end(application, played).await;
}

/// The page shows whose certificate it is and why it is refused, and asks before it trusts it at this server.
async fn trust(stage: &Stage, page: &Page, port: u16) -> Result<(), WindowError> {
    page.sees(stage.word("error.reason.unknown_issuer")).await?;
    page.sees(stage.word("certificate.issuer")).await?;
    page.press("button", stage.word("certificate.trust")).await?;
    page.sees(&format!("localhost:{port}")).await?;
    page.press("button", stage.word("certificate.trust.yes")).await?;
    page.no_longer_sees(stage.word("certificate.trust.yes")).await
}

/// From then on the server is refused as before.
async fn take_it_back(stage: &Stage, page: &Page) -> Result<(), WindowError> {
    let server = format!("localhost:{}", stage.office.imaps_port());
    page.press("button", stage.word("mail.settings")).await?;
    page.find("heading", stage.word("settings.general")).await?;
    page.press("button", ALICE).await?;
    page.sees(&format!("{} {server}", stage.word("settings.certificate")))
        .await?;
    let forget = format!("{} {server}", stage.word("settings.certificate.forgetOf"));
    page.press("button", &forget).await?;
    page.press("button", stage.word("settings.test")).await?;
    page.sees(stage.word("setup.proofState.failed")).await?;
    page.sees(stage.word("certificate.trust")).await
}
