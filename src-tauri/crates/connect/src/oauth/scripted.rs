//! A server on loopback that gives prepared answers in order and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

use super::{IdTokenIssuer, OAuthEndpoints, OAuthProfile, RedirectKind, RevocationForm, SecretPolicy};

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) line: String,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.clone())
    }

    pub(super) fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }
}

/// The server; it ends when it is dropped.
pub(super) struct Scripted {
    port: u16,
    answers: Arc<Mutex<VecDeque<Vec<u8>>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    _task: JoinSet<()>,
}

impl Scripted {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers: Arc<Mutex<VecDeque<Vec<u8>>>> = Arc::default();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let mut task = JoinSet::new();
        let (script, log) = (Arc::clone(&answers), Arc::clone(&seen));
        task.spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut bytes = Vec::new();
                let request = loop {
                    if socket.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                        break None;
                    }
                    if let Some(request) = complete(&bytes) {
                        break Some(request);
                    }
                };
                let Some(request) = request else { continue };
                log.lock().unwrap().push(request);
                let answer = script
                    .lock()
                    .unwrap()
                    .pop_front()
                    .unwrap_or_else(|| b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec());
                // A client that has read enough may be gone.
                let _ = socket.write_all(&answer).await;
                let _ = socket.shutdown().await;
            }
        });
        Self {
            port,
            answers,
            seen,
            _task: task,
        }
    }

    pub(super) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn answer_raw(&self, bytes: Vec<u8>) {
        self.answers.lock().unwrap().push_back(bytes);
    }

    pub(super) fn answer_json(&self, status: u16, body: &Value) {
        let body = body.to_string();
        self.answer_raw(
            format!(
                "HTTP/1.1 {status} Status\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes(),
        );
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|request| request.line).collect()
    }
}

fn complete(bytes: &[u8]) -> Option<Seen> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    (body.len() >= length).then(|| Seen {
        line,
        headers,
        body: body.to_owned(),
    })
}

/// A profile of a server at `base` that wants nothing special.
pub(super) fn plain_profile(base: &str) -> OAuthProfile {
    let url = |path: &str| Url::parse(&format!("{base}{path}")).unwrap();
    OAuthProfile {
        key: base.to_owned(),
        endpoints: OAuthEndpoints {
            issuer: base.to_owned(),
            authorize: url("/authorize"),
            token: url("/token"),
            revoke: Some(url("/revoke")),
            registration: Some(url("/register")),
            userinfo: Some(url("/userinfo")),
            iss_in_answer: false,
        },
        scopes: vec!["mail".to_owned()],
        mail_scopes: vec!["mail".to_owned()],
        extra: Vec::new(),
        redirects: vec![
            RedirectKind::LoopbackIp {
                path: "/callback".to_owned(),
            },
            RedirectKind::CustomScheme,
        ],
        login_hint: true,
        device_id: false,
        secret: SecretPolicy::Body,
        id_token_issuer: IdTokenIssuer::Exact {
            issuer: base.to_owned(),
        },
        revocation: RevocationForm::Standard,
        grants_page: None,
        delegates: false,
    }
}
