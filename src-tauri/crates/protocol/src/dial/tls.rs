use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use mailroom_model::{Endpoint, UnixMillis};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use super::certificate::{is_self_issued, validity};
use super::{CertificateReason, DialError};
use crate::link::{BoxTransport, Peer};

/// Whom to trust.
#[derive(Clone, Debug)]
pub struct Roots {
    /// The operating system's trusted roots, and its own rules where it has some. On Linux `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` are honoured.
    pub platform: bool,
    /// Further roots, each one certificate in DER.
    pub extra: Vec<Vec<u8>>,
}

impl Default for Roots {
    fn default() -> Self {
        Self {
            platform: true,
            extra: Vec::new(),
        }
    }
}

/// What was agreed on, and what the server showed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLSv1.3` and the like.
    pub version: String,
    /// The cipher suite's standard name.
    pub cipher: String,
    /// The certificates in DER, the server's own first.
    pub chain: Vec<Vec<u8>>,
    /// When the server's certificate begins to be valid, if it could be read.
    pub not_before: Option<UnixMillis>,
    /// When the server's certificate expires, if it could be read.
    pub not_after: Option<UnixMillis>,
}

impl Roots {
    /// The certificates of a PEM file (RFC 7468), in DER; what is no certificate is passed over.
    pub fn read_pem(pem: &[u8]) -> Vec<Vec<u8>> {
        CertificateDer::pem_slice_iter(pem)
            .flatten()
            .map(|certificate| certificate.to_vec())
            .collect()
    }
}

impl fmt::Debug for TlsFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsFacts")
            .field("version", &self.version)
            .field("cipher", &self.cipher)
            .field("chain", &self.chain.len())
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// TLS 1.2 and 1.3 with the platform's verifier.
pub(super) fn connector(roots: Roots) -> Result<TlsConnector, DialError> {
    let fail = |source| DialError::Roots { source };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra = roots.extra.into_iter().map(CertificateDer::from);
    let verifier: Arc<dyn ServerCertVerifier> = if roots.platform {
        Arc::new(Verifier::new_with_extra_roots(extra, provider.clone()).map_err(fail)?)
    } else {
        let mut store = RootCertStore::empty();
        for root in extra {
            store.add(root).map_err(fail)?;
        }
        WebPkiServerVerifier::builder_with_provider(store.into(), provider.clone())
            .build()
            .map_err(|error| fail(rustls::Error::Other(rustls::OtherError(Arc::new(error)))))?
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(fail)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Explaining(verifier)))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The verifier's own judgement, with one reason made plain: a server that shows its own authority's certificate,
/// as home servers do, is refused for several technical causes that all mean "nobody we trust issued this".
#[derive(Debug)]
struct Explaining(Arc<dyn ServerCertVerifier>);

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| match error {
                rustls::Error::InvalidCertificate(CertificateError::Other(_))
                    if is_self_issued(end_entity) =>
                {
                    CertificateError::UnknownIssuer.into()
                }
                error => error,
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

pub(super) async fn handshake(
    connector: &TlsConnector,
    transport: BoxTransport,
    endpoint: &Endpoint,
    limit: Duration,
) -> Result<(BoxTransport, TlsFacts), DialError> {
    let peer = Peer::from(endpoint);
    let name = ServerName::try_from(endpoint.host.clone()).map_err(|error| DialError::Tls {
        peer: peer.clone(),
        source: io::Error::new(io::ErrorKind::InvalidInput, error),
    })?;
    let Ok(result) = tokio::time::timeout(limit, connector.connect(name, transport)).await else {
        return Err(DialError::Stalled {
            peer,
            after_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        });
    };
    let stream = result.map_err(|error| refused(peer, error))?;
    let (_, connection) = stream.get_ref();
    let chain: Vec<Vec<u8>> = connection
        .peer_certificates()
        .unwrap_or_default()
        .iter()
        .map(|certificate| certificate.as_ref().to_vec())
        .collect();
    let dates = chain.first().and_then(|certificate| validity(certificate));
    let facts = TlsFacts {
        version: connection
            .protocol_version()
            .and_then(|version| version.as_str())
            .map(|name| name.replace('_', "."))
            .unwrap_or_default(),
        cipher: connection
            .negotiated_cipher_suite()
            .and_then(|suite| suite.suite().as_str())
            .unwrap_or_default()
            .to_owned(),
        chain,
        not_before: dates.map(|(from, _)| from),
        not_after: dates.map(|(_, until)| until),
    };
    tracing::debug!(host = %endpoint.host, version = facts.version, cipher = facts.cipher, "TLS agreed");
    Ok((Box::new(stream), facts))
}

fn refused(peer: Peer, error: io::Error) -> DialError {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(rustls::Error::InvalidCertificate(why)) = inner {
        return DialError::Certificate {
            peer,
            reason: reason(why),
            source: rustls::Error::InvalidCertificate(why.clone()),
        };
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => DialError::Closed { peer },
        _ => DialError::Tls { peer, source: error },
    }
}

fn reason(error: &CertificateError) -> CertificateReason {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateReason::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateReason::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateReason::WrongHost
        }
        // A signature that does not fit is a certificate that somebody else issued under a trusted name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => CertificateReason::UnknownIssuer,
        CertificateError::Revoked => CertificateReason::Revoked,
        CertificateError::BadEncoding => CertificateReason::Malformed,
        _ => CertificateReason::NotAccepted,
    }
}
