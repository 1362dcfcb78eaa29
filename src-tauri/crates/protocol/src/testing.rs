//! A server that is a script. Each line of a script is one move:
//!
//! `S: text` says a line, `S- text` says bytes without a line end, `C: text` expects a line, `C- text` expects bytes;
//! `$` at the start of a line stands for the client's last tag. `HOLD` stays silent until the client leaves,
//! `WAIT ms` is silent for a while. At the end of the script the server closes the connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};

use crate::dial::{Dialer, Roots, Timeouts};
use crate::link::BoxTransport;

/// Runs `client` against the script; fails when either side says something else than the other expects.
pub(crate) async fn dialogue<T>(script: &str, client: impl AsyncFnOnce(BoxTransport) -> T) -> T {
    let (near, far) = tokio::io::duplex(256 * 1024);
    let both = async { tokio::join!(client(Box::new(near)), play(script, far)).0 };
    // Virtual time in paused tests: only a deadlock gets here.
    tokio::time::timeout(Duration::from_secs(100_000), both)
        .await
        .expect("client and script wait for each other")
}

/// Plays a script on one end of a stream.
pub(crate) async fn play<S: AsyncRead + AsyncWrite + Unpin>(script: &str, stream: S) {
    let mut stream = BufReader::new(stream);
    let mut tag = String::new();
    for line in script
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty())
    {
        let (verb, text) = line.split_once(' ').unwrap_or((line, ""));
        let text = match text.strip_prefix('$') {
            Some(rest) if verb.starts_with('S') => format!("{tag}{rest}"),
            _ => text.to_owned(),
        };
        match verb {
            "S:" => say(&mut stream, &format!("{text}\r\n")).await,
            "S-" => say(&mut stream, &text.replace("\\r\\n", "\r\n")).await,
            "C:" => {
                let mut heard = String::new();
                stream.read_line(&mut heard).await.unwrap();
                let heard = heard.trim_end_matches("\r\n");
                match text.strip_prefix('$') {
                    Some(rest) => {
                        let (own, command) = heard.split_once(' ').unwrap_or((heard, ""));
                        own.clone_into(&mut tag);
                        assert_eq!(command, rest.trim_start(), "the script expects {line:?}");
                    }
                    None => assert_eq!(heard, text, "the script expects {line:?}"),
                }
            }
            "C-" => {
                let expected = text.replace("\\r\\n", "\r\n");
                let mut heard = vec![0; expected.len()];
                stream.read_exact(&mut heard).await.unwrap();
                assert_eq!(String::from_utf8_lossy(&heard), expected);
            }
            "HOLD" => {
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
            }
            "WAIT" => tokio::time::sleep(Duration::from_millis(text.parse().unwrap())).await,
            _ => panic!("no such move: {line}"),
        }
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) {
    // The client may have left; what it makes of that is its test's business.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.flush().await;
}

/// A certificate for `mail.mailroom.test` in DER, and its key.
pub(crate) fn certificate() -> (Vec<u8>, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(vec!["mail.mailroom.test".to_owned()]).unwrap();
    (made.cert.der().to_vec(), made.signing_key.serialize_der())
}

/// A dialer that trusts that certificate alone.
pub(crate) fn dialer_trusting(root: Vec<u8>) -> Dialer {
    let roots = Roots {
        platform: false,
        extra: vec![root],
    };
    Dialer::new(roots, Timeouts::default()).unwrap()
}

/// A dialer for tests that never get to TLS.
pub(crate) fn dialer() -> Dialer {
    dialer_trusting(certificate().0)
}

/// A TLS server for one connection on loopback; says the script after the handshake.
pub(crate) struct TlsServer {
    listener: tokio::net::TcpListener,
    acceptor: tokio_rustls::TlsAcceptor,
}

impl TlsServer {
    /// The key need not be the certificate's: a thief has only the certificate.
    pub(crate) async fn new(certificate: Vec<u8>, key: Vec<u8>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key).into();
        let key = provider.key_provider.load_private_key(key).unwrap();
        let shown = rustls::sign::CertifiedKey::new(vec![certificate.into()], key);
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(shown)));
        Self {
            listener: tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: tokio_rustls::TlsAcceptor::from(Arc::new(config)),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Plays `plain` before the handshake and `script` after it.
    pub(crate) async fn serve(&self, plain: &str, script: &str) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        play(plain, &mut stream).await;
        // A client that does not like the certificate leaves here.
        let Ok(mut stream) = self.acceptor.accept(stream).await else {
            return;
        };
        play(script, &mut stream).await;
        let _ = stream.shutdown().await;
    }
}
