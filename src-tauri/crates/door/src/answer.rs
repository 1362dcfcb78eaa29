//! Answers and their headers.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use mailroom_api::{ErrorCode, WireError};
use serde_json::Value;

use crate::guard::Refusal;
use crate::page::CONTENT_SECURITY_POLICY;

/// What stands in every answer. No header allows another site anything (CORS): its absence is the refusal.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Puts the headers of every answer in.
pub(crate) fn guard_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response {
    typed(status, "application/json", value.to_string())
}

/// An answer of a known type.
pub(crate) fn typed(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The answer to a command that failed. The status tells programs apart what the code tells in full.
pub(crate) fn failed(error: &WireError) -> Response {
    let status = match error.code {
        ErrorCode::CommandUnknown => StatusCode::NOT_FOUND,
        ErrorCode::InputInvalid => StatusCode::BAD_REQUEST,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    error_body(status, error)
}

/// The answer to a request that was turned away.
pub(crate) fn refused(refusal: Refusal) -> Response {
    let (status, detail) = match refusal {
        Refusal::Host => (
            StatusCode::MISDIRECTED_REQUEST,
            "the Host header is not this door's address",
        ),
        Refusal::Origin => (
            StatusCode::FORBIDDEN,
            "the Origin header is not this door's address",
        ),
        Refusal::ContentType => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be application/json",
        ),
        Refusal::Session => (
            StatusCode::UNAUTHORIZED,
            "no session, or a link that was used already",
        ),
        Refusal::Size => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long"),
    };
    let error = WireError::new(
        ErrorCode::DoorRefused,
        &[("reason", refusal.as_str().into())],
        detail,
    );
    let mut response = error_body(status, &error);
    if refusal == Refusal::Session {
        // RFC 9110, section 11.6.1: a 401 names the scheme.
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn error_body(status: StatusCode, error: &WireError) -> Response {
    json(status, &serde_json::to_value(error).unwrap_or_default())
}
