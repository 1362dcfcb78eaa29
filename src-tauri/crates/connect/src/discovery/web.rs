//! Documents from the web: one GET, few redirects, `https` only.

use async_trait::async_trait;
use mailroom_model::{Coded as _, ErrorCode};
use url::Url;

use super::found::Answer;
use crate::http::{HttpClient, HttpError, is_loopback};

/// How many redirects are followed.
const REDIRECTS: usize = 3;

/// What a web server answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebAnswer {
    /// The status.
    pub status: u16,
    /// Where it redirects to.
    pub location: Option<String>,
    /// The body, 256 KiB at most.
    pub body: Vec<u8>,
}

/// Where documents come from.
#[async_trait]
pub trait Web: Send + Sync {
    /// One GET, whose redirects are not followed. Nothing in it tells about the person.
    ///
    /// # Errors
    /// [`HttpError`] when there is no answer.
    async fn get(&self, url: &Url) -> Result<WebAnswer, HttpError>;
}

#[async_trait]
impl Web for HttpClient {
    async fn get(&self, url: &Url) -> Result<WebAnswer, HttpError> {
        self.get_document(url).await
    }
}

/// Whose web server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// One of the domain or its hoster, which need not be there.
    OfDomain,
    /// One that serves everybody: if it is not there, the network is not.
    OfEverybody,
}

/// A document, or why there is none. `on_request` is told of every request.
pub(super) enum Fetched {
    /// The bytes, and the host that they came from in the end.
    Document { body: Vec<u8>, host: String },
    /// What to say instead.
    Ended(Answer),
}

/// Gets a document. A plain `http` address is followed only where the first one is plain, and nothing leads to this
/// machine.
pub(super) async fn fetch(web: &dyn Web, first: Url, whose: Host, on_request: impl Fn()) -> Fetched {
    let may_be_plain = first.scheme() == "http";
    let mut url = first;
    for _ in 0..=REDIRECTS {
        let host = url.host_str().unwrap_or_default().to_owned();
        let permitted = url.scheme() == "https" || may_be_plain && url.scheme() == "http";
        if !permitted || is_loopback(&url) {
            return Fetched::Ended(Answer::Unusable { host });
        }
        on_request();
        let answer = match web.get(&url).await {
            Ok(answer) => answer,
            // A host that is not there, or has nothing to do with us: it does not know the domain.
            Err(HttpError::Name { .. } | HttpError::Refused { .. }) if whose == Host::OfDomain => {
                return Fetched::Ended(Answer::Nothing);
            }
            Err(HttpError::Unavailable { .. }) => {
                return Fetched::Ended(Answer::Failed(ErrorCode::ServerUnavailable));
            }
            Err(HttpError::TooLarge { .. }) => return Fetched::Ended(Answer::Unusable { host }),
            Err(error) => return Fetched::Ended(Answer::Failed(error.code())),
        };
        match (answer.status, &answer.location) {
            (200, _) => {
                return Fetched::Document {
                    body: answer.body,
                    host,
                };
            }
            (301 | 302 | 303 | 307 | 308, Some(location)) => match url.join(location) {
                Ok(next) => url = next,
                Err(_) => return Fetched::Ended(Answer::Unusable { host }),
            },
            _ => return Fetched::Ended(Answer::Nothing),
        }
    }
    Fetched::Ended(Answer::Unusable {
        host: url.host_str().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Redirects, by address.
    struct Redirects(&'static [(&'static str, &'static str)]);

    #[async_trait]
    impl Web for Redirects {
        async fn get(&self, url: &Url) -> Result<WebAnswer, HttpError> {
            let target = self.0.iter().find(|(from, _)| *from == url.as_str());
            Ok(match target {
                Some((_, to)) => WebAnswer {
                    status: 301,
                    location: Some((*to).to_owned()),
                    ..WebAnswer::default()
                },
                None => WebAnswer {
                    status: 200,
                    body: b"document".to_vec(),
                    ..WebAnswer::default()
                },
            })
        }
    }

    #[tokio::test]
    async fn redirects_are_followed_three_times_and_never_away_from_https() {
        let web = Redirects(&[
            ("https://a.example/x", "/y"),
            ("https://a.example/y", "https://b.example/z"),
            ("https://plain.example/", "http://plain.example/"),
            ("https://local.example/", "https://127.0.0.1/"),
            ("https://loop.example/", "https://loop.example/"),
            ("http://old.example/", "http://old.example/x"),
        ]);
        let cases = [
            ("https://a.example/x", Some("b.example"), 3),
            ("https://plain.example/", None, 1),
            ("https://local.example/", None, 1),
            ("https://loop.example/", None, 4),
            ("http://old.example/", Some("old.example"), 2),
        ];
        for (address, expected, requests) in cases {
            let asked = Cell::new(0);
            let fetched = fetch(&web, Url::parse(address).unwrap(), Host::OfDomain, || {
                asked.set(asked.get() + 1);
            })
            .await;
            let host = match fetched {
                Fetched::Document { host, .. } => Some(host),
                Fetched::Ended(answer) => {
                    assert!(matches!(answer, Answer::Unusable { .. }), "{address}: {answer:?}");
                    None
                }
            };
            assert_eq!((host.as_deref(), asked.get()), (expected, requests), "{address}");
        }
    }

    /// Every request ends at a port where nobody listens.
    struct Refusing(HttpClient, Url);

    #[async_trait]
    impl Web for Refusing {
        async fn get(&self, _: &Url) -> Result<WebAnswer, HttpError> {
            self.0.get_document(&self.1).await
        }
    }

    #[tokio::test]
    async fn host_of_a_domain_need_not_be_there_and_one_of_everybody_must() {
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let closed = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        let web = Refusing(HttpClient::new(&[]).unwrap(), closed);
        let cases = [
            (Host::OfDomain, Answer::Nothing),
            (Host::OfEverybody, Answer::Failed(ErrorCode::ConnectRefused)),
        ];
        for (whose, expected) in cases {
            let url = Url::parse("https://a.example/x").unwrap();
            let Fetched::Ended(answer) = fetch(&web, url, whose, || ()).await else {
                panic!("{whose:?}")
            };
            assert_eq!(answer, expected, "{whose:?}");
        }
    }
}
