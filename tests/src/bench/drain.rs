//! The server's limit: one FETCH of everything, read and thrown away.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Run, now};

/// Why the server could not be drained.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// The connection failed.
    #[error("the connection failed")]
    Connection(#[from] std::io::Error),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The server refused a command.
    #[error("the server answered {0:?}")]
    Refused(String),
}

/// Reads the whole INBOX over TLS on `port` of localhost as fast as the server gives it. Returns the run and the bytes
/// that came.
pub async fn drain(
    port: u16,
    ca: CertificateDer<'static>,
    user: &str,
    password: &str,
) -> Result<(Run, u64), DrainError> {
    let mut tls = connect(port, ca).await?;
    let mut buffer = vec![0_u8; 1 << 20];
    read_until(&mut tls, &mut buffer, b"* OK").await?;
    command(
        &mut tls,
        &mut buffer,
        &format!("a LOGIN {user} {password}"),
        b"a ",
    )
    .await?;
    command(&mut tls, &mut buffer, "b SELECT INBOX", b"b ").await?;
    let began = now();
    let bytes = command(
        &mut tls,
        &mut buffer,
        "c UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])",
        b"c ",
    )
    .await?;
    let run = Run {
        wall: began.elapsed(),
        ..Run::default()
    };
    Ok((run, bytes))
}

/// What a client knows of the inbox (RFC 7162 §3.2.5).
#[derive(Clone, Copy, Debug)]
pub struct Resume {
    /// UIDVALIDITY.
    pub uid_validity: u64,
    /// HIGHESTMODSEQ.
    pub modseq: u64,
}

/// How long the server takes to tell what changed in the INBOX since then, read and thrown away.
///
/// # Errors
/// The server refuses, or cannot be reached.
pub async fn resume(
    port: u16,
    ca: CertificateDer<'static>,
    user: &str,
    password: &str,
    since: Resume,
) -> Result<Duration, DrainError> {
    let mut tls = connect(port, ca).await?;
    let mut buffer = vec![0_u8; 1 << 20];
    read_until(&mut tls, &mut buffer, b"* OK").await?;
    let login = format!("a LOGIN {user} {password}");
    command(&mut tls, &mut buffer, &login, b"a ").await?;
    command(&mut tls, &mut buffer, "b ENABLE QRESYNC", b"b ").await?;
    let began = now();
    let select = format!(
        "c SELECT INBOX (QRESYNC ({} {}))",
        since.uid_validity, since.modseq
    );
    command(&mut tls, &mut buffer, &select, b"c ").await?;
    Ok(began.elapsed())
}

/// A connection over TLS to `port` of localhost.
pub(super) async fn connect(
    port: u16,
    ca: CertificateDer<'static>,
) -> Result<TlsStream<TcpStream>, DrainError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca)?;
    let config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
    let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
    Ok(TlsConnector::from(Arc::new(config)).connect(name, tcp).await?)
}

/// Sends one line.
pub(super) async fn send<S: AsyncWriteExt + Unpin>(stream: &mut S, line: &str) -> Result<(), DrainError> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    Ok(stream.flush().await?)
}

/// Sends one command and reads its answer.
pub(super) async fn command<S>(
    stream: &mut S,
    buffer: &mut [u8],
    line: &str,
    tag: &[u8],
) -> Result<u64, DrainError>
where
    S: AsyncReadExt + AsyncWriteExt + Unpin,
{
    send(stream, line).await?;
    read_until(stream, buffer, tag).await
}

/// Reads until the last line starts with `start`; the end of a literal cannot look like it, because a tagged line ends
/// with CRLF and nothing follows.
pub(super) async fn read_until<S: AsyncReadExt + Unpin>(
    stream: &mut S,
    buffer: &mut [u8],
    start: &[u8],
) -> Result<u64, DrainError> {
    const KEPT: usize = 512;
    let mut tail: Vec<u8> = Vec::new();
    let mut bytes = 0_u64;
    loop {
        let count = tokio::time::timeout(Duration::from_mins(1), stream.read(buffer))
            .await
            .map_err(std::io::Error::other)??;
        if count == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        bytes += count as u64;
        tail.extend_from_slice(buffer.get(count.saturating_sub(KEPT)..count).unwrap_or_default());
        let surplus = tail.len().saturating_sub(KEPT);
        tail.drain(..surplus);
        if !tail.ends_with(b"\r\n") {
            continue;
        }
        let line = tail
            .strip_suffix(b"\r\n")
            .and_then(|text| text.rsplit(|byte| *byte == b'\n').next())
            .unwrap_or_default();
        if line.starts_with(start) {
            let ok = start.starts_with(b"*")
                || start.starts_with(b"+")
                || line
                    .get(start.len()..)
                    .is_some_and(|rest| rest.starts_with(b"OK"));
            return if ok {
                Ok(bytes)
            } else {
                Err(DrainError::Refused(String::from_utf8_lossy(line).into_owned()))
            };
        }
    }
}
