//! Sessions, calls and events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use mailroom_api::{Context, ErrorCode, WireError, dispatch, page_refusal, subscribe};
use serde_json::{Value, json};

use crate::answer;
use crate::guard::{Refusal, only};
use crate::server::Shared;

/// The longest body: a message's largest attachment in base64, with room to spare.
const LONGEST_BODY: usize = 64 * 1024 * 1024;
/// The longest body without a session.
const LONGEST_TOKEN: usize = 1024;
/// How often a silent stream of events says that it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// `POST /session`: the link's token for the session, once.
pub(crate) async fn session(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Response {
    let Some(bytes) = read(&headers, body, LONGEST_TOKEN).await else {
        return answer::refused(Refusal::Size);
    };
    let payload: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let token = payload.get("token").and_then(Value::as_str).unwrap_or_default();
    match shared.keys.exchange(token) {
        Some(session) => answer::json(StatusCode::OK, &json!({ "session": session })),
        None => answer::refused(Refusal::Session),
    }
}

/// `POST /call/NAME`: one command. It runs to its end, or to the program's, also when the caller has gone.
pub(crate) async fn call(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !is_known(&shared, &headers) {
        return answer::refused(Refusal::Session);
    }
    let Some(bytes) = read(&headers, body, LONGEST_BODY).await else {
        return answer::refused(Refusal::Size);
    };
    let payload: Value = if bytes.is_empty() {
        Value::Null
    } else {
        match serde_json::from_slice(&bytes) {
            Ok(payload) => payload,
            // The parser's words could quote what was sent.
            Err(_) => return answer::failed(&WireError::input("payload", "the body is not JSON")),
        }
    };
    drop(bytes);
    if let Some(refusal) = page_refusal(&name, &payload) {
        return answer::failed(&refusal);
    }
    let context = Context {
        engine: Arc::clone(&shared.engine),
        cancel: shared.ending.child_token(),
    };
    // Boxed: the future holds every command's work and is large.
    let call = Box::pin(async move { dispatch(&context, &name, payload).await });
    let work = shared.tasks.spawn(call);
    match work.await {
        Ok(Ok(reply)) => answer::json(StatusCode::OK, &reply),
        Ok(Err(error)) => answer::failed(&error),
        Err(error) => answer::failed(&WireError::new(ErrorCode::Internal, &[], error.to_string())),
    }
}

/// `GET /events`: everything that happens from now on. The first line comes at once, so that the caller knows from when.
pub(crate) async fn events(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if !is_known(&shared, &headers) {
        return answer::refused(Refusal::Session);
    }
    let receiver = subscribe(&shared.engine);
    let ending = shared.ending.clone();
    let happening = stream::unfold((receiver, ending), |(mut receiver, ending)| async move {
        let event = tokio::select! {
            () = ending.cancelled() => return None,
            event = receiver.next() => event?,
        };
        let event = match serde_json::to_string(&event) {
            Ok(text) => Event::default().data(text),
            Err(_) => Event::default().comment("an event that cannot be told"),
        };
        Some((Ok::<_, Infallible>(event), (receiver, ending)))
    });
    let opened = stream::iter([Ok(Event::default().comment("open"))]);
    Sse::new(stream::StreamExt::chain(opened, happening))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

/// The whole body; `None` when it is longer than `limit`, announced or not.
async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Option<Bytes> {
    let announced = only(headers, header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return None;
    }
    to_bytes(body, limit).await.ok()
}

fn is_known(shared: &Shared, headers: &HeaderMap) -> bool {
    only(headers, header::AUTHORIZATION).is_some_and(|header| shared.keys.opens(header))
}
