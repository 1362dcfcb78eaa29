//! The one place that speaks HTTP.

use std::error::Error;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use mailroom_model::{Coded, ErrorCode, Params};
use oauth2::http::{Method, header};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::pki_types::CertificateDer;
use serde::de::DeserializeOwned;
use url::{Host, Url};

use crate::discovery::WebAnswer;

/// How long one request may take, from the look-up of the name to the last byte.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);
/// How long the connection may take of that.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How many bytes of an answer's body are read.
const BODY_LIMIT: usize = 256 * 1024;

/// An HTTP client for authorisation servers and configurations of mail: `https` only (plain `http` only to this machine), no redirects, no cookies,
/// 20 s and 256 KiB at most for each answer. Cloning is cheap and shares connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    remote: reqwest::Client,
    /// For documents that the person wants although they come unencrypted.
    plain: reqwest::Client,
    loopback: reqwest::Client,
}

/// What is wrong with a TLS connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsProblem {
    /// The certificate has expired or is not valid yet.
    Expired,
    /// The certificate is for another host.
    WrongHost,
    /// The certificate is not trusted for another reason.
    Untrusted,
    /// The handshake failed.
    Handshake,
}

/// Why a request brought no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The client could not be set up: no trusted certificates, or an extra root that is no certificate.
    #[error("TLS could not be set up")]
    Setup(#[source] rustls::Error),
    /// The client could not be set up.
    #[error("the HTTP client could not be set up")]
    Client(#[source] reqwest::Error),
    /// The address is neither `https` nor on this machine.
    #[error("the address of {host} is not https")]
    NotHttps {
        /// The host, empty when there is none.
        host: String,
    },
    /// The host name has no address.
    #[error("the host {host} was not found")]
    Name {
        /// The host.
        host: String,
        /// What failed.
        #[source]
        source: reqwest::Error,
    },
    /// The host refuses connections.
    #[error("the host {host} refuses connections")]
    Refused {
        /// The host.
        host: String,
        /// What failed.
        #[source]
        source: reqwest::Error,
    },
    /// No TLS with the host.
    #[error("no TLS with {host}")]
    Tls {
        /// The host.
        host: String,
        /// What is wrong.
        problem: TlsProblem,
        /// What failed.
        #[source]
        source: reqwest::Error,
    },
    /// No answer within the time limit.
    #[error("no answer from {host} within the time limit")]
    Timeout {
        /// The host.
        host: String,
    },
    /// The connection could not be made, or ended early.
    #[error("the connection to {host} failed")]
    Connection {
        /// The host.
        host: String,
        /// True when it never stood.
        never_stood: bool,
        /// What failed.
        #[source]
        source: reqwest::Error,
    },
    /// The answer is larger than the limit.
    #[error("the answer of {host} is larger than {BODY_LIMIT} bytes")]
    TooLarge {
        /// The host.
        host: String,
    },
    /// The server says that it cannot answer now (5xx, 429).
    #[error("{host} answers with status {status}")]
    Unavailable {
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
    },
}

impl HttpError {
    /// True when the same request may succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Name { .. }
            | Self::Refused { .. }
            | Self::Timeout { .. }
            | Self::Connection { .. }
            | Self::Unavailable { .. } => true,
            Self::Setup(_)
            | Self::Client(_)
            | Self::NotHttps { .. }
            | Self::Tls { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    fn host(&self) -> Option<&str> {
        match self {
            Self::Setup(_) | Self::Client(_) => None,
            Self::NotHttps { host }
            | Self::Name { host, .. }
            | Self::Refused { host, .. }
            | Self::Tls { host, .. }
            | Self::Timeout { host }
            | Self::Connection { host, .. }
            | Self::TooLarge { host }
            | Self::Unavailable { host, .. } => Some(host),
        }
    }
}

impl Coded for HttpError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Setup(_) => ErrorCode::TlsFailed,
            Self::Client(_) => ErrorCode::Internal,
            Self::NotHttps { .. } | Self::TooLarge { .. } | Self::Unavailable { .. } => {
                ErrorCode::OauthServerError
            }
            Self::Name { .. } => ErrorCode::NameNotFound,
            Self::Refused { .. } => ErrorCode::ConnectRefused,
            Self::Timeout { .. } => ErrorCode::ConnectTimeout,
            Self::Connection {
                never_stood: true, ..
            } => ErrorCode::NetworkUnreachable,
            Self::Connection { .. } => ErrorCode::ConnectionLost,
            Self::Tls { problem, .. } => match problem {
                TlsProblem::Expired => ErrorCode::TlsCertificateExpired,
                TlsProblem::WrongHost => ErrorCode::TlsCertificateWrongHost,
                TlsProblem::Untrusted => ErrorCode::TlsCertificateInvalid,
                TlsProblem::Handshake => ErrorCode::TlsFailed,
            },
        }
    }

    fn params(&self) -> Params {
        let mut params = Params::new();
        if let Some(host) = self.host() {
            params.insert("host", host.into());
        }
        if let Self::Unavailable { status, .. } = self {
            params.insert("status", (*status).into());
        }
        params
    }
}

impl HttpClient {
    /// A client that trusts the system's certificate authorities and `extra_roots_der` (DER certificates). Requests leave
    /// through the system's proxy, those to this machine never do.
    pub fn new(extra_roots_der: &[Vec<u8>]) -> Result<Self, HttpError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = extra_roots_der
            .iter()
            .map(|der| CertificateDer::from(der.clone()));
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(&provider))
            .map_err(HttpError::Setup)?;
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(HttpError::Setup)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .connect_timeout(CONNECT_LIMIT)
                .timeout(REQUEST_LIMIT)
                .user_agent(concat!("Mailroom/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self {
            remote: builder().https_only(true).build().map_err(HttpError::Client)?,
            plain: builder().build().map_err(HttpError::Client)?,
            loopback: builder().no_proxy().build().map_err(HttpError::Client)?,
        })
    }

    /// GET of a document of another server's, which may be plain `http`. Nothing secret goes with it.
    pub(crate) async fn get_document(&self, url: &Url) -> Result<WebAnswer, HttpError> {
        let mut request = HttpRequest::new(Vec::new());
        set_target(&mut request, Method::GET, url)?;
        request
            .headers_mut()
            .insert(header::ACCEPT, header::HeaderValue::from_static("*/*"));
        let client = match url.scheme() {
            // Requests to this machine never leave through a proxy.
            _ if is_loopback(url) => &self.loopback,
            "http" => &self.plain,
            _ => &self.remote,
        };
        let response = Self::execute(client, request, host_of(url)).await?;
        Ok(WebAnswer {
            status: response.status().as_u16(),
            location: response
                .headers()
                .get(header::LOCATION)
                .and_then(|location| location.to_str().ok())
                .map(str::to_owned),
            body: response.into_body(),
        })
    }

    /// Sends one request. Every status but 5xx and 429 is an answer, redirects too.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| HttpError::NotHttps {
            host: request.uri().host().unwrap_or_default().to_owned(),
        })?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let client = if is_loopback(&url) {
            &self.loopback
        } else if url.scheme() == "https" {
            &self.remote
        } else {
            return Err(HttpError::NotHttps { host });
        };
        Self::execute(client, request, host).await
    }

    async fn execute(
        client: &reqwest::Client,
        request: HttpRequest,
        host: String,
    ) -> Result<HttpResponse, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(HttpError::Client)?;
        let mut answer = client
            .execute(request)
            .await
            .map_err(|error| classify(error, &host))?;
        let status = answer.status();
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(HttpError::Unavailable {
                host,
                status: status.as_u16(),
            });
        }
        let kept = [header::CONTENT_TYPE, header::LOCATION].map(|name| {
            let value = answer.headers().get(&name).cloned();
            (name, value)
        });
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| classify(error, &host))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(HttpError::TooLarge { host });
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        for (name, value) in kept {
            if let Some(value) = value {
                response.headers_mut().insert(name, value);
            }
        }
        Ok(response)
    }

    /// GET of a JSON document; `None` unless the status is 200 and the body has the shape.
    pub(crate) async fn get_json<T: DeserializeOwned>(
        &self,
        url: &Url,
        bearer: Option<&str>,
    ) -> Result<Option<T>, HttpError> {
        let mut request = HttpRequest::new(Vec::new());
        set_target(&mut request, Method::GET, url)?;
        if let Some(token) = bearer {
            let mut value = header::HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| HttpError::NotHttps { host: host_of(url) })?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        let response = self.send(request).await?;
        if response.status().as_u16() != 200 {
            return Ok(None);
        }
        Ok(serde_json::from_slice(response.body()).ok())
    }

    /// POST of a body.
    pub(crate) async fn post(
        &self,
        url: &Url,
        content_type: &'static str,
        authorization: Option<header::HeaderValue>,
        body: Vec<u8>,
    ) -> Result<HttpResponse, HttpError> {
        let mut request = HttpRequest::new(body);
        set_target(&mut request, Method::POST, url)?;
        request.headers_mut().insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static(content_type),
        );
        if let Some(value) = authorization {
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        self.send(request).await
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn set_target(request: &mut HttpRequest, method: Method, url: &Url) -> Result<(), HttpError> {
    *request.method_mut() = method;
    *request.uri_mut() = url
        .as_str()
        .parse()
        .map_err(|_| HttpError::NotHttps { host: host_of(url) })?;
    request.headers_mut().insert(
        header::ACCEPT,
        header::HeaderValue::from_static("application/json"),
    );
    Ok(())
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// True when the address may be used: `https`, or `http` to this machine.
pub(crate) fn is_permitted(url: &Url) -> bool {
    url.host().is_some() && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
}

/// True when the host is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

fn classify(error: reqwest::Error, host: &str) -> HttpError {
    let host = host.to_owned();
    // An address may carry what should not be in a log.
    let source = error.without_url();
    if source.is_timeout() {
        return HttpError::Timeout { host };
    }
    if source.is_dns() {
        return HttpError::Name { host, source };
    }
    if let Some(problem) = find_cause(&source, tls_problem) {
        return HttpError::Tls {
            host,
            problem,
            source,
        };
    }
    let refused = |cause: &(dyn Error + 'static)| {
        let io = cause.downcast_ref::<std::io::Error>()?;
        (io.kind() == std::io::ErrorKind::ConnectionRefused).then_some(())
    };
    if find_cause(&source, refused).is_some() {
        return HttpError::Refused { host, source };
    }
    HttpError::Connection {
        host,
        never_stood: source.is_connect(),
        source,
    }
}

/// Walks through the causes, also those that an I/O error wraps without naming them as its source.
fn find_cause<T>(error: &dyn Error, look: impl Fn(&(dyn Error + 'static)) -> Option<T>) -> Option<T> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(found) = look(cause) {
            return Some(found);
        }
        let wrapped = cause
            .downcast_ref::<std::io::Error>()
            .and_then(|io| io.get_ref())
            .map(|inner| inner as &(dyn Error + 'static));
        next = wrapped.or_else(|| cause.source());
    }
    None
}

fn tls_problem(cause: &(dyn Error + 'static)) -> Option<TlsProblem> {
    use rustls::CertificateError as C;
    Some(match cause.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(problem) => match problem {
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } => {
                TlsProblem::Expired
            }
            C::NotValidForName | C::NotValidForNameContext { .. } => TlsProblem::WrongHost,
            _ => TlsProblem::Untrusted,
        },
        _ => TlsProblem::Handshake,
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::task::JoinSet;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// A certificate authority, and a server on loopback with a certificate of its.
    struct TlsServer {
        ca: Vec<u8>,
        url: Url,
        _task: JoinSet<()>,
    }

    async fn serve(name: &str, expired: bool) -> TlsServer {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca_params = CertificateParams::new(Vec::new()).unwrap();
        ca_params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = ca_params.self_signed(&ca_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = params
            .signed_by(&key, &Issuer::from_params(&ca_params, &ca_key))
            .unwrap();
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![certificate.der().clone()],
                    PrivateKeyDer::Pkcs8(key.serialize_der().into()),
                )
                .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // A client that does not trust us goes away here.
                let Ok(mut stream) = acceptor.accept(socket).await else {
                    continue;
                };
                let mut request = [0_u8; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
                    .await;
                let _ = stream.shutdown().await;
            }
        });
        TlsServer {
            ca: ca.der().to_vec(),
            url: Url::parse(&format!("https://localhost:{port}/")).unwrap(),
            _task: task,
        }
    }

    #[tokio::test]
    async fn certificate_is_checked_and_the_fault_is_named() {
        let cases = [
            ("localhost", false, true, None),
            ("localhost", false, false, Some(ErrorCode::TlsCertificateInvalid)),
            (
                "other.example",
                false,
                true,
                Some(ErrorCode::TlsCertificateWrongHost),
            ),
            ("localhost", true, true, Some(ErrorCode::TlsCertificateExpired)),
        ];
        for (name, expired, trusted, expected) in cases {
            let server = serve(name, expired).await;
            let roots = if trusted {
                vec![server.ca.clone()]
            } else {
                Vec::new()
            };
            let http = HttpClient::new(&roots).unwrap();
            let found = http.get_json::<serde_json::Value>(&server.url, None).await;
            let found = found.map(|_| ()).err().map(|error| error.code());
            assert_eq!(found, expected, "{name} {expired} {trusted}");
        }
    }

    #[test]
    fn root_that_is_no_certificate_is_an_error() {
        let error = HttpClient::new(&[b"nonsense".to_vec()]).unwrap_err();
        assert_eq!(error.code(), ErrorCode::TlsFailed);
    }

    #[test]
    fn only_https_and_this_machine_may_be_asked() {
        let cases = [
            ("https://id.example.com/x", true),
            ("http://id.example.com/x", false),
            ("http://127.0.0.1:80/", true),
            ("http://[::1]:80/", true),
            ("http://localhost/", true),
            ("http://localhost.example.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_permitted(&Url::parse(text).unwrap()), expected, "{text}");
        }
    }
}
