//! The loopback listener that catches the browser's answer (RFC 8252 §7.3).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use url::Url;

use super::loopback_http::{Head, bare, page, read_head, request_parts};
use super::{Authorization, AuthorizationCode, OAuthError, OAuthProfile, RedirectKind};

/// The port stays open no longer, whatever the caller says.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// One connection may take so long to send its request.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);
/// One connection may take so long to take its answer.
const REPLY_LIMIT: Duration = Duration::from_secs(5);
/// A pause after the system refused to accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// So many connections at once; browsers open some that they never use.
const CONNECTION_LIMIT: usize = 32;

/// A port on this machine that waits for one answer. Dropping it closes the port.
#[derive(Debug)]
pub struct LoopbackListener {
    v4: TcpListener,
    v6: Option<TcpListener>,
    port: u16,
}

/// The words on the page that the browser shows at the end, in the person's language. Markup in them is shown as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultPages {
    /// BCP 47, such as `pl`.
    pub language: String,
    /// Heading when the sign-in is complete.
    pub done_title: String,
    /// What to do then: close the page.
    pub done_text: String,
    /// Heading when it failed.
    pub failed_title: String,
    /// What to do then: go back to the program.
    pub failed_text: String,
}

impl LoopbackListener {
    /// Opens a port that the system chooses on 127.0.0.1, and the same one on `::1` where that is free.
    ///
    /// # Errors
    /// [`OAuthError::Listener`] when no port can be opened.
    pub async fn bind() -> Result<Self, OAuthError> {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(OAuthError::Listener)?;
        let port = v4.local_addr().map_err(OAuthError::Listener)?.port();
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
        Ok(Self { v4, v6, port })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The redirect address in the profile's form; `None` when the server accepts no loopback address.
    pub fn redirect_uri(&self, profile: &OAuthProfile) -> Option<String> {
        profile
            .redirects
            .iter()
            .find(|kind| {
                matches!(
                    kind,
                    RedirectKind::LoopbackIp { .. } | RedirectKind::LoopbackName { .. }
                )
            })
            .and_then(|kind| kind.uri(Some(self.port)))
    }

    /// Waits for the answer to `authorization`, shows the page and closes the port. Whatever else comes (other paths,
    /// methods, states, connections without a request) is answered briefly and does not end the wait. It ends after
    /// `limit`, at most 5 minutes; dropping the future cancels it.
    ///
    /// # Errors
    /// [`OAuthError::NoAnswer`] after the time, else as [`Authorization::check_answer`].
    pub async fn wait(
        self,
        authorization: &Authorization,
        pages: &ResultPages,
        limit: Duration,
    ) -> Result<AuthorizationCode, OAuthError> {
        timeout(limit.min(LONGEST_WAIT), self.serve(authorization, pages))
            .await
            .unwrap_or(Err(OAuthError::NoAnswer))
    }

    async fn serve(
        &self,
        authorization: &Authorization,
        pages: &ResultPages,
    ) -> Result<AuthorizationCode, OAuthError> {
        let path = Url::parse(authorization.redirect_uri())
            .map(|url| url.path().to_owned())
            .map_err(|_| OAuthError::Input {
                field: "redirect_uri",
            })?;
        let page = Responder {
            authorization,
            pages,
            path,
            port: self.port,
        };
        let mut connections = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.accept(), if connections.len() < CONNECTION_LIMIT => match accepted {
                    Ok(stream) => connections.push(page.converse(stream)),
                    Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                },
                ended = connections.next(), if !connections.is_empty() => {
                    if let Some(Some(outcome)) = ended {
                        return outcome;
                    }
                }
            }
        }
    }

    async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _) = match &self.v6 {
            Some(v6) => tokio::select! {
                accepted = self.v4.accept() => accepted,
                accepted = v6.accept() => accepted,
            },
            None => self.v4.accept().await,
        }?;
        Ok(stream)
    }
}

struct Responder<'a> {
    authorization: &'a Authorization,
    pages: &'a ResultPages,
    path: String,
    port: u16,
}

type Outcome = Option<Result<AuthorizationCode, OAuthError>>;

impl Responder<'_> {
    /// One connection; `Some` when it brought the answer.
    async fn converse(&self, mut stream: TcpStream) -> Outcome {
        let head = timeout(REQUEST_LIMIT, read_head(&mut stream)).await.ok()?.ok()?;
        let (reply, outcome) = match head {
            Head::Closed => return None,
            Head::TooLong => (bare(431, "Request Header Fields Too Large"), None),
            Head::Complete(head) => self.respond(&head),
        };
        // The answer counts even if the browser does not wait for the page.
        let _ = timeout(REPLY_LIMIT, async {
            stream.write_all(&reply).await?;
            stream.shutdown().await?;
            if outcome.is_none() {
                // What is left unread would reset the connection before the reply is seen.
                let mut rest = [0_u8; 1024];
                for _ in 0..64 {
                    if stream.read(&mut rest).await? == 0 {
                        break;
                    }
                }
            }
            Ok::<(), io::Error>(())
        })
        .await;
        outcome
    }

    fn respond(&self, head: &[u8]) -> (Vec<u8>, Outcome) {
        let Some((method, target, host)) = std::str::from_utf8(head).ok().and_then(request_parts) else {
            return (bare(400, "Bad Request"), None);
        };
        if method != "GET" {
            return (bare(405, "Method Not Allowed"), None);
        }
        // Pages elsewhere that point a name of theirs at this machine get nothing (DNS rebinding).
        let ours = ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|name| host.eq_ignore_ascii_case(&format!("{name}:{}", self.port)));
        if !ours {
            return (bare(421, "Misdirected Request"), None);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path {
            return (bare(404, "Not Found"), None);
        }
        match self.authorization.check_answer(&format!("?{query}")) {
            Err(OAuthError::StateMismatch | OAuthError::AnsweredBefore | OAuthError::Input { .. }) => {
                (bare(400, "Bad Request"), None)
            }
            Ok(code) => (
                page(
                    200,
                    "OK",
                    &self.pages.language,
                    &self.pages.done_title,
                    &self.pages.done_text,
                ),
                Some(Ok(code)),
            ),
            Err(error) => (
                page(
                    400,
                    "Bad Request",
                    &self.pages.language,
                    &self.pages.failed_title,
                    &self.pages.failed_text,
                ),
                Some(Err(error)),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::authorization::tests::{counting, registration};
    use super::super::builtin_profile;
    use super::*;

    fn pages() -> ResultPages {
        ResultPages {
            language: "pl".to_owned(),
            done_title: "Gotowe <ok>".to_owned(),
            done_text: "Zamknij tę stronę.".to_owned(),
            failed_title: "Nie udało się".to_owned(),
            failed_text: "Wróć do programu.".to_owned(),
        }
    }

    struct Setup {
        listener: LoopbackListener,
        authorization: Authorization,
        port: u16,
        state: String,
    }

    async fn setup(key: &str) -> Setup {
        let profile = builtin_profile(key, None).unwrap();
        let listener = LoopbackListener::bind().await.unwrap();
        let redirect = listener.redirect_uri(&profile).unwrap();
        let authorization =
            Authorization::begin(&profile, &registration(), redirect, None, &mut counting()).unwrap();
        let state = authorization
            .url()
            .query_pairs()
            .find(|(name, _)| name == "state")
            .map(|(_, value)| value.into_owned())
            .unwrap();
        Setup {
            port: listener.port(),
            listener,
            authorization,
            state,
        }
    }

    /// Sends bytes, reads until the other side closes.
    async fn send(port: u16, request: &[u8]) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    async fn get(port: u16, target: &str) -> String {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: */*\r\n\r\n");
        send(port, request.as_bytes()).await
    }

    /// True when the other side has closed or reset the connection.
    async fn is_closed(stream: &mut TcpStream) -> bool {
        matches!(stream.read(&mut [0]).await, Ok(0) | Err(_))
    }

    fn status(answer: &str) -> &str {
        answer.split(' ').nth(1).unwrap_or_default()
    }

    #[tokio::test]
    async fn right_answer_ends_the_wait_and_closes_every_connection() {
        let Setup {
            listener,
            authorization,
            port,
            state,
        } = setup("microsoft").await;
        let texts = pages();
        let target = format!("/?code=c-1&state={state}");
        let mut silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let (found, answer) = tokio::join!(
            listener.wait(&authorization, &texts, Duration::from_mins(1)),
            get(port, &target)
        );
        assert_eq!(found.unwrap().0.expose(), "c-1");
        assert_eq!(
            answer,
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 271\r\n\
             Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'\r\n\r\n\
             <!doctype html>\n<html lang=\"pl\"><head><meta charset=\"utf-8\">\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>Gotowe &lt;ok&gt;</title></head>\
             <body><h1>Gotowe &lt;ok&gt;</h1><p>Zamknij tę stronę.</p></body></html>\n"
        );
        assert!(is_closed(&mut silent).await);
    }

    #[tokio::test]
    async fn everything_else_is_turned_away_and_the_wait_goes_on() {
        let Setup {
            listener,
            authorization,
            port,
            state,
        } = setup("microsoft").await;
        let texts = pages();
        let dialogue = async {
            // A browser's speculative connections: one stays silent, one closes at once.
            let silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap());
            let good = format!("/?code=c&state={state}");
            let host = format!("Host: localhost:{port}");
            let long = format!("GET /?x={} HTTP/1.1\r\n{host}\r\n\r\n", "a".repeat(9000));
            let requests = [
                (
                    format!("POST {good} HTTP/1.1\r\n{host}\r\nContent-Length: 0\r\n\r\n"),
                    "405",
                ),
                (format!("HEAD {good} HTTP/1.1\r\n{host}\r\n\r\n"), "405"),
                (format!("GET /favicon.ico HTTP/1.1\r\n{host}\r\n\r\n"), "404"),
                (
                    format!("GET /other?code=c&state={state} HTTP/1.1\r\n{host}\r\n\r\n"),
                    "404",
                ),
                (format!("GET / HTTP/1.1\r\n{host}\r\n\r\n"), "400"),
                (
                    format!("GET /?code=c&state=wrong HTTP/1.1\r\n{host}\r\n\r\n"),
                    "400",
                ),
                (
                    format!("GET /?error=access_denied HTTP/1.1\r\n{host}\r\n\r\n"),
                    "400",
                ),
                (
                    format!("GET {good}&state={state} HTTP/1.1\r\n{host}\r\n\r\n"),
                    "400",
                ),
                (
                    format!("GET {good} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
                    "421",
                ),
                (format!("GET {good} HTTP/1.1\r\n\r\n"), "400"),
                (format!("GET {good} HTTP/1.1\r\n{host}\r\n{host}\r\n\r\n"), "400"),
                (
                    format!("GET http://localhost:{port}{good} HTTP/1.1\r\n{host}\r\n\r\n"),
                    "400",
                ),
                (format!("GET {good}\r\n\r\n"), "400"),
                ("\u{16}\u{3}\u{1}nonsense\r\n\r\n".to_owned(), "400"),
                (long, "431"),
            ];
            for (request, expected) in requests {
                let answer = send(port, request.as_bytes()).await;
                assert_eq!(status(&answer), expected, "{request}");
            }
            let answer = get(port, &good).await;
            drop(silent);
            answer
        };
        let (found, answer) = tokio::join!(
            listener.wait(&authorization, &texts, Duration::from_mins(1)),
            dialogue
        );
        assert_eq!(found.unwrap().0.expose(), "c");
        assert_eq!(status(&answer), "200");
    }

    #[tokio::test]
    async fn refusal_by_the_server_ends_the_wait_with_its_reason() {
        let Setup {
            listener,
            authorization,
            port,
            state,
        } = setup("microsoft").await;
        let texts = pages();
        let target = format!("/?error=access_denied&state={state}");
        let (found, answer) = tokio::join!(
            listener.wait(&authorization, &texts, Duration::from_mins(1)),
            get(port, &target)
        );
        assert!(matches!(found, Err(OAuthError::Denied)));
        assert_eq!(status(&answer), "400");
        assert!(answer.contains("<h1>Nie udało się</h1>"));
    }

    #[tokio::test]
    async fn request_in_single_bytes_is_understood() {
        let Setup {
            listener,
            authorization,
            port,
            state,
        } = setup("google").await;
        let texts = pages();
        let request = format!(
            "GET /?code=c&state={state}&iss=https://accounts.google.com HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        );
        let dialogue = async {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            stream.set_nodelay(true).unwrap();
            for byte in request.bytes() {
                stream.write_all(&[byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let (found, answer) = tokio::join!(
            listener.wait(&authorization, &texts, Duration::from_mins(1)),
            dialogue
        );
        assert_eq!(found.unwrap().0.expose(), "c");
        assert_eq!(status(&answer), "200");
    }

    #[tokio::test(start_paused = true)]
    async fn connection_that_never_finishes_its_request_is_closed() {
        let Setup {
            listener,
            authorization,
            port,
            state,
        } = setup("microsoft").await;
        let texts = pages();
        let dialogue = async {
            let mut slow = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            slow.write_all(b"GET /?code=").await.unwrap();
            let mut rest = Vec::new();
            // Ends when the listener gives up on it; time stands still otherwise.
            let _ = slow.read_to_end(&mut rest).await;
            assert_eq!(rest, b"");
            get(port, &format!("/?code=c&state={state}")).await
        };
        let (found, answer) = tokio::join!(
            listener.wait(&authorization, &texts, Duration::from_mins(5)),
            dialogue
        );
        assert_eq!(found.unwrap().0.expose(), "c");
        assert_eq!(status(&answer), "200");
    }

    #[tokio::test(start_paused = true)]
    async fn wait_ends_after_its_time_and_at_five_minutes_at_the_latest() {
        for (limit, expected) in [(20, 20), (100_000, 300)] {
            let Setup {
                listener,
                authorization,
                port,
                ..
            } = setup("microsoft").await;
            let mut silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            let mut clock = tokio::time::interval(Duration::from_secs(1));
            let mut seconds = 0_u64;
            let texts = pages();
            let wait = listener.wait(&authorization, &texts, Duration::from_secs(limit));
            tokio::pin!(wait);
            let found = loop {
                tokio::select! {
                    biased;
                    found = &mut wait => break found,
                    _ = clock.tick() => seconds += 1,
                }
            };
            assert!(matches!(found, Err(OAuthError::NoAnswer)));
            // The first tick is immediate.
            assert_eq!(seconds, expected, "{limit}");
            assert!(is_closed(&mut silent).await);
        }
    }

    #[tokio::test]
    async fn redirect_address_is_the_profiles_or_none() {
        let listener = LoopbackListener::bind().await.unwrap();
        let port = listener.port();
        let uri = |key: &str| listener.redirect_uri(&builtin_profile(key, None).unwrap());
        assert_eq!(uri("google"), Some(format!("http://127.0.0.1:{port}")));
        assert_eq!(uri("yandex"), Some(format!("http://localhost:{port}")));
        let mut profile = builtin_profile("yandex", None).unwrap();
        profile.redirects.remove(0);
        assert_eq!(listener.redirect_uri(&profile), None);
    }
}
