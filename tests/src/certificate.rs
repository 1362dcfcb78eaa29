//! Certificates made on the spot: an authority of the kit's own, and good and bad server certificates.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Which certificate a server shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateKind {
    /// Valid, for `localhost`, 127.0.0.1, `::1` and the names under `mailroom.test`.
    #[default]
    Good,
    /// The same names, but its time is over.
    Expired,
    /// Valid, for `other.example` only.
    WrongHost,
    /// Valid names and time, signed by itself.
    SelfSigned,
}

impl CertificateKind {
    /// Every kind.
    pub const EVERY: [Self; 4] = [Self::Good, Self::Expired, Self::WrongHost, Self::SelfSigned];

    /// The name of its files and, before `.mailroom.test`, the server name that asks for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::WrongHost => "wronghost",
            Self::SelfSigned => "selfsigned",
        }
    }
}

/// Why no certificate came out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The certificate cannot be made.
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    /// The certificate cannot be used for TLS.
    #[error("cannot use a certificate for TLS")]
    Use(#[from] rustls::Error),
}

/// A certificate authority that exists only in memory.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A server's certificate chain with its key.
#[derive(Debug)]
pub struct Identity {
    /// The chain as PEM, the server's own certificate first.
    pub chain_pem: String,
    /// The key as PEM (PKCS #8).
    pub key_pem: String,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Authority {
    /// Makes a new authority.
    pub fn new() -> Result<Self, CertificateError> {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "Mailroom test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2045, 1, 1);
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)?,
        })
    }

    /// The authority's certificate as PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The authority's certificate as DER.
    pub fn der(&self) -> CertificateDer<'static> {
        self.issuer.as_ref().der().clone()
    }

    /// Makes a certificate for a server.
    pub fn identity(&self, kind: CertificateKind) -> Result<Identity, CertificateError> {
        let names = match kind {
            CertificateKind::WrongHost => vec!["other.example".to_owned()],
            CertificateKind::Good | CertificateKind::Expired | CertificateKind::SelfSigned => {
                vec![
                    "localhost".to_owned(),
                    "mailroom.test".to_owned(),
                    "*.mailroom.test".to_owned(),
                ]
            }
        };
        let mut params = CertificateParams::new(names)?;
        if kind != CertificateKind::WrongHost {
            params
                .subject_alt_names
                .push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
            params
                .subject_alt_names
                .push(SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        }
        params
            .distinguished_name
            .push(DnType::CommonName, format!("{}.mailroom.test", kind.name()));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = match kind {
            CertificateKind::Expired => date_time_ymd(2021, 1, 1),
            CertificateKind::Good | CertificateKind::WrongHost | CertificateKind::SelfSigned => {
                date_time_ymd(2045, 1, 1)
            }
        };
        let key = KeyPair::generate()?;
        let (chain_pem, chain) = if kind == CertificateKind::SelfSigned {
            let certificate = params.self_signed(&key)?;
            (certificate.pem(), vec![certificate.der().clone()])
        } else {
            let certificate = params.signed_by(&key, &self.issuer)?;
            (
                certificate.pem() + &self.pem(),
                vec![certificate.der().clone(), self.der()],
            )
        };
        Ok(Identity {
            chain_pem,
            key_pem: key.serialize_pem(),
            chain,
            key: key.serialize_der(),
        })
    }

    /// A client's configuration that trusts this authority and nobody else.
    pub fn client(&self) -> Result<Arc<rustls::ClientConfig>, CertificateError> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.der())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

impl Identity {
    /// The SHA-256 of the server's own certificate, in hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        use sha2::Digest as _;
        let own = self.chain.first().map(AsRef::as_ref).unwrap_or_default();
        mailroom_model::Fingerprint::new(sha2::Sha256::digest(own).into()).to_string()
    }

    /// A server's configuration that shows this certificate.
    pub fn server(&self) -> Result<Arc<rustls::ServerConfig>, CertificateError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.clone()));
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key)?;
        Ok(Arc::new(config))
    }
}
