//! A message in a window of its own: another kind of window than the main one, with no commands and no script.
//!
//! Its document is made here from what the core says is safe to show, and served under a scheme of its own, so that
//! it shares nothing with the page.

mod document;
mod tags;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use mailroom_api::WireError;
use mailroom_api::dto::{MessageExported, MessageView};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tauri::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use tauri::http::{Request, Response, StatusCode};
use tauri::webview::{NewWindowResponse, WebviewWindowBuilder};
use tauri::{
    AppHandle, Manager as _, UriSchemeContext, UriSchemeResponder, Url, WebviewUrl, WebviewWindow, Wry,
};
use tauri_plugin_opener::OpenerExt as _;

use self::document::Letter;
use crate::core::Core;
use crate::desk::{self, DeskEvent};
use crate::{view, web, window};

/// The scheme of the documents. On Windows it becomes the host `mailroom-message.localhost`.
pub(crate) const SCHEME: &str = "mailroom-message";

/// What these windows' labels begin with, here and in their capability file; the row id follows.
const LABEL: &str = "message-";

/// What the page wants shown. All words are the page's.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MessageWindow {
    /// Row id.
    id: i64,
    /// True to load the pictures that the sender left on a server.
    pictures: bool,
    /// Colours; the system's when absent.
    scheme: Option<Scheme>,
    /// How large everything in it is: 1 is the usual size.
    zoom: Option<f64>,
    words: Words,
}

impl MessageWindow {
    /// The size, within what a page can be read at.
    fn zoom(&self) -> f64 {
        let asked = self.zoom.filter(|zoom| zoom.is_finite());
        asked.map_or(1.0, |zoom| zoom.clamp(0.5, 3.0))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scheme {
    Light,
    Dark,
}

#[derive(Clone, Debug, Deserialize)]
struct Words {
    lang: String,
    title: String,
    fields: Vec<Field>,
    empty: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Field {
    label: String,
    value: String,
}

/// The messages that stand in windows, by label.
#[derive(Debug, Default)]
pub(crate) struct Letters(Mutex<HashMap<String, MessageWindow>>);

impl Letters {
    fn put(&self, label: &str, message: MessageWindow) {
        let mut letters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        letters.insert(label.to_owned(), message);
    }

    fn get(&self, label: &str) -> Option<MessageWindow> {
        let letters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        letters.get(label).cloned()
    }

    /// Forgets the message of a window that was closed.
    pub(crate) fn closed(&self, label: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(label);
    }
}

/// Opens the window, or brings the one with this message to the front.
///
/// # Errors
///
/// The window cannot be created.
pub(crate) fn open(app: &AppHandle, message: MessageWindow) -> tauri::Result<()> {
    let label = format!("{LABEL}{}", message.id);
    let address = format!("{SCHEME}://localhost/{}", message.id);
    let title = message.words.title.clone();
    let zoom = message.zoom();
    let is_same = app
        .state::<Letters>()
        .get(&label)
        .is_some_and(|old| (old.pictures, old.scheme) == (message.pictures, message.scheme));
    app.state::<Letters>().put(&label, message);
    if let Some(window) = app.get_webview_window(&label) {
        if !is_same {
            window.reload()?;
        }
        // A window that cannot be zoomed stays readable.
        let _ = window.set_zoom(zoom);
        let _ = window.unminimize();
        let _ = window.show();
        return window.set_focus();
    }
    let url = Url::parse(&address).map_err(tauri::Error::InvalidUrl)?;
    let (maker, name) = (app.clone(), label.clone());
    let made = view::make(app, move || {
        let window = window_of(&maker, &name, url, title)?;
        // A window that cannot be zoomed stays readable.
        let _ = window.set_zoom(zoom);
        Ok(window)
    });
    if made.is_err() {
        app.state::<Letters>().closed(&label);
    }
    made
}

/// The window of the message whose document stands at `url`.
fn window_of(app: &AppHandle, label: &str, url: Url, title: String) -> tauri::Result<WebviewWindow> {
    let (navigating, opening) = (app.clone(), app.clone());
    WebviewWindowBuilder::new(app, label, WebviewUrl::CustomProtocol(url))
        .title(title)
        .inner_size(820.0, 720.0)
        .min_inner_size(420.0, 320.0)
        .disable_javascript()
        .disable_drag_drop_handler()
        // On Linux such a view would know no scheme of ours; there the program's views keep nothing anyway.
        .incognito(cfg!(not(target_os = "linux")))
        .on_navigation(move |url| {
            let stays = is_own(url);
            if !stays {
                follow(&navigating, url);
            }
            stays
        })
        .on_new_window(move |url, _| {
            follow(&opening, &url);
            NewWindowResponse::Deny
        })
        .on_download(|_, _| false)
        .build()
}

/// True for a document of ours: nothing else is ever shown in such a window.
fn is_own(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        (SCHEME, Some("localhost")) => true,
        ("http" | "https", Some(host)) => host.strip_suffix(".localhost") == Some(SCHEME),
        _ => false,
    }
}

/// A link in a message: pages open in the browser, addresses in the composer, and nothing else opens.
fn follow(app: &AppHandle, url: &Url) {
    if let Some(page) = web::page(url.as_str()) {
        if app.opener().open_url(page.as_str(), None::<&str>).is_err() {
            // The error names the page.
            tracing::warn!("the system opens no browser");
        }
    } else if web::is_mail_link(url.as_str()) {
        window::bring_forward(app, None);
        desk::tell(
            app,
            DeskEvent::Compose {
                mailto: Some(url.as_str().to_owned()),
            },
        );
    }
}

/// Answers a request of the scheme: the document of the window that asks, and nothing else.
pub(crate) fn serve(
    context: &UriSchemeContext<'_, Wry>,
    request: &Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    let message = app
        .state::<Letters>()
        .get(context.webview_label())
        .filter(|message| request.uri().path() == format!("/{}", message.id));
    let Some(message) = message else {
        responder.respond(nothing(StatusCode::NOT_FOUND));
        return;
    };
    let core = app.state::<Core>();
    let handle = app.clone();
    core.run(async move {
        let core = handle.state::<Core>();
        let response = match document(&core, &message).await {
            Ok(document) => answer(&message, document),
            Err(error) => {
                tracing::warn!(
                    code = error.code.as_str(),
                    "a message cannot be shown in its window"
                );
                nothing(StatusCode::NOT_FOUND)
            }
        };
        responder.respond(response);
    });
}

async fn document(core: &Core, message: &MessageWindow) -> Result<String, WireError> {
    let shown: MessageView = ask(core, "message_show", json!({ "id": message.id })).await?;
    let html = shown.html.as_deref().filter(|html| !html.is_empty());
    let wanted: HashSet<String> = html.map(tags::picture_ids).unwrap_or_default();
    let mut pictures = HashMap::new();
    for attachment in &shown.attachments {
        let Some(id) = attachment.content_id.as_ref().filter(|id| wanted.contains(*id)) else {
            continue;
        };
        if !tags::is_picture(&attachment.content_type) {
            continue;
        }
        let payload = json!({ "id": message.id, "part": attachment.part });
        let exported: MessageExported = ask(core, "message_export", payload).await?;
        if let Some(base64) = exported.base64 {
            pictures.insert(
                id.clone(),
                format!("data:{};base64,{base64}", attachment.content_type),
            );
        }
    }
    Ok(Letter {
        message,
        html,
        text: &shown.text,
        pictures: &pictures,
    }
    .document())
}

async fn ask<T: DeserializeOwned>(core: &Core, command: &str, payload: Value) -> Result<T, WireError> {
    let reply = core.call(command, payload).await?;
    serde_json::from_value(reply).map_err(|error| WireError::input(command, error.to_string()))
}

fn answer(message: &MessageWindow, document: String) -> Response<Vec<u8>> {
    Response::builder()
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, policy(message.pictures))
        .header(REFERRER_POLICY, "no-referrer")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CACHE_CONTROL, "no-store")
        .body(document.into_bytes())
        .unwrap_or_else(|_| nothing(StatusCode::INTERNAL_SERVER_ERROR))
}

fn nothing(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}

/// Nothing runs and nothing loads, but pictures of the message itself and, when they were asked for, of the network.
/// The sandbox says the same once more, and lets links ask for a new window, which is refused and looked at.
fn policy(pictures: bool) -> String {
    let images = if pictures { "data: http: https:" } else { "data:" };
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; sandbox allow-popups"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_of_a_message_stays_on_its_document() {
        for (url, own) in [
            ("mailroom-message://localhost/7", true),
            ("http://mailroom-message.localhost/7", true),
            ("mailroom-message://example.com/7", false),
            ("http://example.com/", false),
            ("http://localhost/", false),
            ("tauri://localhost/", false),
            ("about:blank", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_own(&Url::parse(url).unwrap()), own, "{url}");
        }
    }

    #[test]
    fn size_stays_within_what_can_be_read() {
        let words = json!({ "lang": "en", "title": "", "fields": [], "empty": "" });
        for (asked, size) in [
            (Value::Null, 1.0),
            (json!(1.5), 1.5),
            (json!(0.0), 0.5),
            (json!(-4), 0.5),
            (json!(1e9), 3.0),
        ] {
            let message =
                json!({ "id": 1, "pictures": false, "scheme": null, "zoom": asked, "words": words });
            let message: MessageWindow = serde_json::from_value(message).unwrap();
            assert!((message.zoom() - size).abs() < f64::EPSILON, "{asked}");
        }
    }

    #[test]
    fn policy_lets_pictures_of_a_network_in_only_when_asked() {
        assert!(policy(false).contains("img-src data:;"));
        assert!(policy(true).contains("img-src data: http: https:;"));
        for policy in [policy(false), policy(true)] {
            assert!(policy.starts_with("default-src 'none';"));
            assert!(!policy.contains("script"));
        }
    }
}
