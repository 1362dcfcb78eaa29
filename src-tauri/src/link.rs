//! Links that the operating system hands over.

use mailroom_api::ErrorCode;
use serde_json::json;
use tauri::{AppHandle, Manager as _};
use url::Url;

use crate::again::Again;
use crate::core::Core;
use crate::desk::{self, DeskEvent};
use crate::web;
use crate::window::{self, Main};

/// Comes to the front, and hands an answer of a provider's page to the sign-in that waits for it, an address to the
/// composer. The page is told of a link that leads nowhere, so that it can say so.
pub(crate) fn follow(app: &AppHandle, links: Vec<Url>) {
    if app.state::<Main>().is_ending() {
        // Elsewhere a link is a start, which is made good with it.
        if cfg!(target_os = "macos") {
            let program = std::iter::once(String::new());
            app.state::<Again>()
                .keep(app, program.chain(links.into_iter().map(Into::into)).collect());
        }
        return;
    }
    window::bring_forward(app, None);
    for link in links {
        if web::is_mail_link(link.as_str()) {
            compose(app, link.into());
            continue;
        }
        if !web::is_sign_in_answer(&link) {
            let code = ErrorCode::InputInvalid.as_str();
            desk::tell(app, DeskEvent::LinkRefused { code });
            continue;
        }
        let handle = app.clone();
        app.state::<Core>().run(async move {
            let core = handle.state::<Core>();
            let answer = json!({ "text": link.as_str() });
            // The link holds a code: it is not written anywhere. A link that nobody waits for is old or forged.
            if let Err(error) = core.call("signin_answer", answer).await {
                let code = error.code.as_str();
                tracing::warn!(code, "a sign-in link was not taken");
                desk::tell(&handle, DeskEvent::LinkRefused { code });
            }
        });
    }
}

/// Opens the composer for a `mailto:` link.
pub(crate) fn compose(app: &AppHandle, mailto: String) {
    desk::tell(app, DeskEvent::Compose { mailto: Some(mailto) });
}
