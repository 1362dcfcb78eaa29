use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mailroom_model::{Endpoint, Fingerprint, UnixMillis};
use rustls::client::Resumption;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use super::certificate::{fingerprint, is_self_issued, validity};
use super::{CertificateFacts, CertificateReason, DialError};
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
    /// Why the certificate would have been refused, had the person not made an exception for it.
    pub excepted: Option<CertificateReason>,
}

/// Certificates of a refused chain that are told about at most.
const LONGEST_CHAIN: usize = 6;

impl TlsFacts {
    /// What stands in the server's own certificate.
    pub fn own_certificate(&self) -> Option<CertificateFacts> {
        self.chain.first().map(|der| CertificateFacts::of(der))
    }
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

/// Whom to trust, ready for use.
#[derive(Clone)]
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
    connector: TlsConnector,
}

impl Trust {
    /// TLS 1.2 and 1.3 with the platform's verifier.
    pub(super) fn new(roots: Roots) -> Result<Self, DialError> {
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
                .map_err(|error| fail(rustls::Error::Other(OtherError(Arc::new(error)))))?
        };
        let config = config(&provider, &verifier, None).map_err(fail)?;
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            provider,
            verifier,
        })
    }

    /// A connector for one connection that takes this certificate too. It remembers no session and resumes none: what an
    /// exception let in must not be let in later without it.
    fn connector_with(&self, exception: Exception) -> Result<TlsConnector, rustls::Error> {
        let mut config = config(&self.provider, &self.verifier, Some(exception))?;
        config.resumption = Resumption::disabled();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

fn config(
    provider: &Arc<CryptoProvider>,
    verifier: &Arc<dyn ServerCertVerifier>,
    exception: Option<Exception>,
) -> Result<ClientConfig, rustls::Error> {
    let judge = Judge {
        verifier: Arc::clone(verifier),
        exception,
    };
    Ok(ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(judge))
        .with_no_client_auth())
}

/// A certificate that is taken although nobody vouches for it, and why it would not have been.
#[derive(Clone, Debug)]
struct Exception {
    fingerprint: Fingerprint,
    used: Arc<OnceLock<CertificateReason>>,
}

/// A refused certificate, with what the server showed; travels inside rustls's error.
#[derive(Debug, thiserror::Error)]
#[error("the certificate is refused")]
struct Refused {
    why: CertificateError,
    chain: Vec<CertificateFacts>,
}

/// The verifier's own judgement, with one reason made plain: a server that shows its own authority's certificate,
/// as home servers do, is refused for several technical causes that all mean "nobody we trust issued this". An exception
/// takes the place of that judgement for one certificate and of nothing else: that the server has the certificate's key is
/// proved as always.
#[derive(Debug)]
struct Judge {
    verifier: Arc<dyn ServerCertVerifier>,
    exception: Option<Exception>,
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judged =
            self.verifier
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let why = match judged {
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if is_self_issued(end_entity) =>
            {
                CertificateError::UnknownIssuer
            }
            Err(rustls::Error::InvalidCertificate(why)) => why,
            judged => return judged,
        };
        let reason = reason(&why);
        if let Some(exception) = &self.exception
            && reason.may_be_excepted()
            && exception.fingerprint == fingerprint(end_entity)
        {
            let _ = exception.used.set(reason);
            return Ok(ServerCertVerified::assertion());
        }
        let chain = std::iter::once(end_entity)
            .chain(intermediates)
            .take(LONGEST_CHAIN)
            .map(|certificate| CertificateFacts::of(certificate))
            .collect();
        Err(CertificateError::Other(OtherError(Arc::new(Refused { why, chain }))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

pub(super) async fn handshake(
    trust: &Trust,
    transport: BoxTransport,
    endpoint: &Endpoint,
    excepted: Option<Fingerprint>,
    limit: Duration,
) -> Result<(BoxTransport, TlsFacts), DialError> {
    let peer = Peer::from(endpoint);
    let used = Arc::new(OnceLock::new());
    let connector = match excepted {
        None => trust.connector.clone(),
        Some(fingerprint) => trust
            .connector_with(Exception {
                fingerprint,
                used: Arc::clone(&used),
            })
            .map_err(|source| DialError::Roots { source })?,
    };
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
        excepted: used.get().copied(),
    };
    tracing::debug!(host = %endpoint.host, version = facts.version, cipher = facts.cipher, "TLS agreed");
    Ok((Box::new(stream), facts))
}

fn refused(peer: Peer, error: io::Error) -> DialError {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(rustls::Error::InvalidCertificate(why)) = inner {
        let shown = match why {
            CertificateError::Other(OtherError(other)) => other.downcast_ref::<Refused>(),
            _ => None,
        };
        let (why, chain) = shown.map_or((why, Vec::new()), |shown| (&shown.why, shown.chain.clone()));
        return DialError::Certificate {
            peer,
            reason: reason(why),
            chain,
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
