//! What the makers of the program say about its newest version.

use mailroom_model::{Coded, ErrorCode, Params};
use serde::Deserialize;
use url::Url;

use crate::http::{HttpClient, HttpError};

/// The newest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its number.
    pub version: String,
    /// Where to read about it and get it: an `https` address.
    pub url: Url,
}

/// Why nothing is known about the newest version.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The address to ask is not `https`.
    #[error("the address of the newest version is not https")]
    Address,
    /// No answer.
    #[error("the newest version could not be asked for")]
    Http(#[source] HttpError),
    /// The answer is not the expected document.
    #[error("the answer about the newest version is no such document")]
    Answer {
        /// Who answered.
        host: String,
    },
}

impl Coded for ReleaseError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Address => ErrorCode::Internal,
            // The client's own codes for these are about signing in.
            Self::Http(HttpError::Unavailable { .. }) => ErrorCode::ServerUnavailable,
            Self::Http(HttpError::TooLarge { .. } | HttpError::NotHttps { .. }) | Self::Answer { .. } => {
                ErrorCode::ServerNonsense
            }
            Self::Http(error) => error.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Address => Params::new(),
            Self::Http(error) => error.params(),
            Self::Answer { host } => Params::from([("host", host.as_str().into())]),
        }
    }
}

#[derive(Deserialize)]
struct Document {
    version: String,
    url: String,
}

/// Asks for a JSON document, `{"version": …, "url": …}`. The request says which version asks, as every request of the
/// client does, and nothing else.
pub async fn newest_release(http: &HttpClient, address: &str) -> Result<Release, ReleaseError> {
    let address = https(address).ok_or(ReleaseError::Address)?;
    let document: Option<Document> = http.get_json(&address, None).await.map_err(ReleaseError::Http)?;
    let release = document.and_then(|document| {
        Some(Release {
            version: document.version,
            url: https(&document.url)?,
        })
    });
    release.ok_or_else(|| ReleaseError::Answer {
        host: address.host_str().unwrap_or_default().to_owned(),
    })
}

fn https(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (url.scheme() == "https" && url.has_host()).then_some(url)
}
