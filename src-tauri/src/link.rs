//! Links of the scheme `app.mailroom` that the operating system hands over.

use serde_json::json;
use tauri::{AppHandle, Manager as _};
use url::Url;

use crate::core::Core;
use crate::{web, window};

/// Comes to the front, and hands an answer of a provider's page to the sign-in that waits for it.
pub(crate) fn follow(app: &AppHandle, links: Vec<Url>) {
    window::bring_forward(app);
    for link in links.into_iter().filter(web::is_sign_in_answer) {
        let handle = app.clone();
        app.state::<Core>().run(async move {
            let core = handle.state::<Core>();
            let answer = json!({ "text": link.as_str() });
            // The link holds a code: it is not written anywhere. A link that nobody waits for is old or forged.
            if let Err(error) = core.call("signin_answer", answer).await {
                tracing::warn!(code = error.code.as_str(), "a sign-in link was not taken");
            }
        });
    }
}
