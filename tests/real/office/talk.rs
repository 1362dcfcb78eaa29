//! A conversation in lines, as a client holds it.

use std::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mailroom_tests::Authority;
use mailroom_tests::office::Office;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::PATIENCE;

pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A conversation in lines.
pub(super) struct Talk {
    pub(super) wire: tokio::io::BufReader<Box<dyn Wire>>,
}

impl Talk {
    pub(super) async fn plain(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        Self {
            wire: tokio::io::BufReader::new(Box::new(stream)),
        }
    }

    pub(super) async fn tls(port: u16, authority: &Authority) -> Self {
        Self::plain(port)
            .await
            .secured(authority, "localhost")
            .await
            .unwrap()
    }

    pub(super) async fn secured(self, authority: &Authority, name: &str) -> std::io::Result<Self> {
        let connector = TlsConnector::from(authority.client().unwrap());
        let name = name.to_owned().try_into().unwrap();
        let stream = connector.connect(name, self.wire.into_inner()).await?;
        Ok(Self {
            wire: tokio::io::BufReader::new(Box::new(stream)),
        })
    }

    pub(super) async fn line(&mut self) -> String {
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, self.wire.read_line(&mut line))
            .await
            .expect("a line in time")
            .unwrap();
        line.trim_end().to_owned()
    }

    pub(super) async fn say(&mut self, line: &str) {
        self.wire
            .write_all(format!("{line}\r\n").as_bytes())
            .await
            .unwrap();
        self.wire.flush().await.unwrap();
    }

    /// Sends an IMAP command with the tag `a` and returns all lines up to its answer.
    pub(super) async fn imap(&mut self, command: &str) -> Vec<String> {
        self.say(&format!("a {command}")).await;
        self.until_answer().await
    }

    pub(super) async fn until_answer(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            lines.push(self.line().await);
            if lines.last().unwrap().starts_with("a ") {
                return lines;
            }
        }
    }

    /// Reads an SMTP reply; its lines joined.
    pub(super) async fn reply(&mut self) -> String {
        let mut reply = Vec::new();
        loop {
            let line = self.line().await;
            let ends = line.as_bytes().get(3) != Some(&b'-');
            reply.push(line);
            if ends {
                return reply.join("\n");
            }
        }
    }

    pub(super) async fn smtp(&mut self, command: &str) -> String {
        self.say(command).await;
        self.reply().await
    }

    /// An SMTP session over TLS, signed in.
    pub(super) async fn submission(office: &Office, user: &str, password: &str) -> Self {
        let mut talk = Self::tls(office.submissions_port(), office.authority()).await;
        assert!(talk.reply().await.starts_with("220 "));
        assert!(talk.smtp("EHLO test.mailroom.test").await.starts_with("250"));
        let initial = STANDARD.encode(format!("\0{user}\0{password}"));
        let answer = talk.smtp(&format!("AUTH PLAIN {initial}")).await;
        assert!(
            answer.starts_with("235"),
            "{answer}
{}",
            office.log_tail()
        );
        talk
    }

    /// Sends a message within a session; the answer to its end.
    pub(super) async fn send(&mut self, from: &str, to: &str, message: &str) -> String {
        assert!(self.smtp(&format!("MAIL FROM:<{from}>")).await.starts_with("250"));
        assert!(self.smtp(&format!("RCPT TO:<{to}>")).await.starts_with("250"));
        assert!(self.smtp("DATA").await.starts_with("354"));
        self.smtp(&format!("{message}\r\n.")).await
    }
}
