//! A client that does nothing but listen: the moment at which a server's announcement is heard at the earliest.

use rustls::pki_types::CertificateDer;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::DrainError;
use super::drain::{command, connect, read_until, send};
use super::processes::unix_ms;

/// The listening client.
pub struct Announcements {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
}

/// Signs in on `port` of localhost, opens the inbox and listens (IDLE, RFC 2177).
///
/// # Errors
/// The server refuses.
pub async fn announcements(
    port: u16,
    ca: CertificateDer<'static>,
    user: &str,
    password: &str,
) -> Result<Announcements, DrainError> {
    let mut buffer = vec![0_u8; 1 << 16];
    let mut stream = connect(port, ca).await?;
    read_until(&mut stream, &mut buffer, b"* OK").await?;
    command(
        &mut stream,
        &mut buffer,
        &format!("a LOGIN {user} {password}"),
        b"a ",
    )
    .await?;
    command(&mut stream, &mut buffer, "b SELECT INBOX", b"b ").await?;
    send(&mut stream, "c IDLE").await?;
    read_until(&mut stream, &mut buffer, b"+ ").await?;
    Ok(Announcements { stream, buffer })
}

impl Announcements {
    /// Waits for the next announcement and tells when it was heard, in Unix milliseconds.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn next(&mut self) -> Result<f64, DrainError> {
        loop {
            let count = self.stream.read(&mut self.buffer).await?;
            if count == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            let heard = self.buffer.get(..count).unwrap_or_default();
            // The server repeats "* OK Still here" in between.
            if heard.windows(7).any(|word| word == b" EXISTS") {
                return Ok(unix_ms());
            }
        }
    }
}
