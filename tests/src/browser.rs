//! The person at the browser: signs in at the test office's OpenID provider and allows, or refuses.

use std::io;

use url::Url;

use crate::http::{self, Response};

/// Why the browser did not come to an end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The address is not one that this browser opens.
    #[error("cannot open {address}")]
    Address {
        /// The address.
        address: String,
        /// Why not.
        #[source]
        source: url::ParseError,
    },
    /// The server did not answer.
    #[error("no answer from {address}")]
    NoAnswer {
        /// The address.
        address: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A page that is neither a redirect nor a form: the provider's error page, most likely.
    #[error("stopped at {address} with status {status}: {words}")]
    Stopped {
        /// The address.
        address: String,
        /// The page's status.
        status: u16,
        /// The page's words.
        words: String,
    },
    /// The provider sends the browser in circles.
    #[error("too many pages, the last one was {address}")]
    Circles {
        /// The last address.
        address: String,
    },
    /// The task that browses was ended.
    #[error("the browser was closed")]
    Closed(#[from] tokio::task::JoinError),
}

/// Where the browser ended: the redirect address of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The whole address, with `code` and `state` or with `error`: what stands in the address bar.
    pub address: String,
    /// What the program answered there; nothing for a custom scheme, or when nobody listens.
    pub page: Option<Response>,
}

impl Landing {
    /// A parameter of the address.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let url = Url::parse(&self.address).ok()?;
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// What the person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Allow,
    Refuse,
}

/// Opens `authorize_url`, signs in as `login` with any password, allows, and follows the redirect.
/// Never blocks the caller's runtime, so that the program may listen in the same one.
pub async fn approve(authorize_url: &str, login: &str) -> Result<Landing, BrowserError> {
    let (url, login) = (authorize_url.to_owned(), login.to_owned());
    tokio::task::spawn_blocking(move || approve_blocking(&url, &login)).await?
}

/// Opens `authorize_url` and presses Cancel.
pub async fn deny(authorize_url: &str) -> Result<Landing, BrowserError> {
    let url = authorize_url.to_owned();
    tokio::task::spawn_blocking(move || browse(&url, "", Decision::Refuse)).await?
}

/// [`approve`] for programs without a runtime.
pub fn approve_blocking(authorize_url: &str, login: &str) -> Result<Landing, BrowserError> {
    browse(authorize_url, login, Decision::Allow)
}

fn browse(start: &str, login: &str, decision: Decision) -> Result<Landing, BrowserError> {
    const PAGES: usize = 20;
    let mut url = parse(start)?;
    let home = url.origin();
    let mut cookies: Vec<(String, String)> = Vec::new();
    let mut form: Option<Vec<(&str, &str)>> = None;
    for _ in 0..PAGES {
        if url.origin() != home {
            let page = (url.scheme() == "http")
                .then(|| http::get(&url, &[]).ok())
                .flatten();
            return Ok(Landing {
                address: url.to_string(),
                page,
            });
        }
        let cookie = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let headers = if cookie.is_empty() {
            vec![]
        } else {
            vec![("Cookie", cookie.as_str())]
        };
        let answer = match form.take() {
            Some(fields) => http::post_form(&url, &headers, &fields),
            None => http::get(&url, &headers),
        };
        let page = answer.map_err(|source| BrowserError::NoAnswer {
            address: url.to_string(),
            source,
        })?;
        keep_cookies(&mut cookies, &page);
        if let Some(location) = page.header("location") {
            url = url.join(location).map_err(|source| BrowserError::Address {
                address: location.to_owned(),
                source,
            })?;
            continue;
        }
        let text = page.text();
        let Some(action) = form_action(&text).filter(|_| page.status == 200) else {
            return Err(BrowserError::Stopped {
                address: url.to_string(),
                status: page.status,
                words: words(&text),
            });
        };
        let action = match decision {
            Decision::Allow => action,
            Decision::Refuse => format!("{action}/abort"),
        };
        url = url.join(&action).map_err(|source| BrowserError::Address {
            address: action,
            source,
        })?;
        if decision == Decision::Allow {
            form = Some(if text.contains("name=\"login\"") {
                vec![("prompt", "login"), ("login", login), ("password", "any")]
            } else {
                vec![("prompt", "consent")]
            });
        }
    }
    Err(BrowserError::Circles {
        address: url.to_string(),
    })
}

fn parse(address: &str) -> Result<Url, BrowserError> {
    Url::parse(address).map_err(|source| BrowserError::Address {
        address: address.to_owned(),
        source,
    })
}

/// Keeps what `Set-Cookie` says; an empty value deletes. Paths are left aside: the provider's names are unique.
fn keep_cookies(cookies: &mut Vec<(String, String)>, page: &Response) {
    for (_, header) in page.headers.iter().filter(|(name, _)| name == "set-cookie") {
        let pair = header.split(';').next().unwrap_or_default();
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        cookies.retain(|(known, _)| known != name);
        if !value.is_empty() {
            cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

fn form_action(page: &str) -> Option<String> {
    let (_, form) = page.split_once("<form")?;
    let (attributes, _) = form.split_once('>')?;
    let (_, action) = attributes.split_once("action=\"")?;
    let (action, _) = action.split_once('"')?;
    Some(action.replace("&amp;", "&"))
}

/// The text of a page without its tags, shortened.
fn words(page: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in page.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(400)
        .collect()
}
