//! Exceptions for certificates, at servers that play a part.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use mailroom_model::{Coded, Endpoint, ErrorCode, Security, TrustedCertificate};

use super::certificate::fingerprint;
use super::{CertificateReason, Dialer, FixedResolver};
use crate::imap::{self, ImapOptions};
use crate::smtp::{self, SmtpOptions};
use crate::testing::{TlsServer, certificate, dialer};

const MAIL: &str = "mail.mailroom.test";
const OTHER: &str = "other.mailroom.test";

/// Trusts nobody whom these tests meet.
fn strict() -> Dialer {
    let loopback = [MAIL, OTHER].map(|name| (name.to_owned(), vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]));
    dialer().with_resolver(Arc::new(FixedResolver::new(loopback)))
}

fn trusting(host: &str, port: u16, certificate: &[u8]) -> Dialer {
    strict().with_exceptions(vec![TrustedCertificate {
        host: host.to_owned(),
        port,
        fingerprint: fingerprint(certificate),
    }])
}

const LOOK: &str = "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello
    C: $ LOGOUT
    S: * BYE
    S: $ OK";

/// What a look at the server comes to: why the certificate was excepted, or the error.
async fn look(
    dialer: &Dialer,
    server: &TlsServer,
    host: &str,
) -> Result<Option<CertificateReason>, imap::ImapError> {
    let endpoint = Endpoint::new(host, server.port(), Security::Tls);
    let options = ImapOptions::default();
    let looking = async {
        let seen = imap::probe(dialer, &endpoint, &options).await;
        seen.map(|seen| seen.tls.excepted)
    };
    tokio::select! {
        seen = looking => seen,
        () = async {
            server.serve("", LOOK).await;
            std::future::pending::<()>().await;
        } => unreachable!("the look ends first"),
    }
}

#[tokio::test]
async fn exception_is_for_one_certificate_at_one_server_and_ends_with_it() {
    let (der, key) = certificate();
    let server = TlsServer::new(der.clone(), key).await;
    let port = server.port();
    let own = trusting(MAIL, port, &der);
    let excepted = look(&own, &server, MAIL).await.unwrap();
    assert_eq!(excepted, Some(CertificateReason::UnknownIssuer));
    // The exception was taken back: nothing of the session that it allowed is left.
    let error = look(&strict(), &server, MAIL).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::TlsCertificateInvalid);
    let (another, another_key) = certificate();
    let cases = [
        ("another host", trusting(OTHER, port, &der)),
        ("another port", trusting(MAIL, port ^ 1, &der)),
        ("another certificate", trusting(MAIL, port, &another)),
    ];
    for (what, dialer) in cases {
        let error = look(&dialer, &server, MAIL).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::TlsCertificateInvalid, "{what}");
        assert_eq!(
            error.params()["fingerprint"].to_string(),
            fingerprint(&der).to_string(),
            "what was shown is told"
        );
        assert!(
            error.params()["chain"]
                .to_string()
                .contains("\"names\":[\"mail.mailroom.test\"]")
        );
    }
    // The certificate is public; who shows it has to have its key.
    let thief = TlsServer::new(der.clone(), another_key).await;
    let error = look(&trusting(MAIL, thief.port(), &der), &thief, MAIL)
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::TlsCertificateInvalid);
    assert!(
        !error.params().contains_key("fingerprint"),
        "no exception is offered"
    );
}

#[tokio::test]
async fn exception_holds_for_other_names_than_those_in_the_certificate() {
    let (der, key) = certificate();
    let server = TlsServer::new(der.clone(), key).await;
    let dialer = trusting(OTHER, server.port(), &der);
    assert!(look(&dialer, &server, OTHER).await.unwrap().is_some());
}

#[tokio::test]
async fn exception_counts_after_starttls_and_for_sending_too() {
    let (der, key) = certificate();
    let plain = "S: 220 hi
        C: EHLO [127.0.0.1]
        S: 250-x
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go";
    let after = "C: EHLO [127.0.0.1]
        S: 250 x
        C: QUIT
        S: 221 bye";
    let greeting = "S: 220 hi
        C: EHLO [127.0.0.1]
        S: 250 x
        C: QUIT
        S: 221 bye";
    let options = SmtpOptions::default();
    for (security, plain, script) in [(Security::StartTls, plain, after), (Security::Tls, "", greeting)] {
        let server = TlsServer::new(der.clone(), key.clone()).await;
        let endpoint = Endpoint::new(MAIL, server.port(), security);
        let dialer = trusting(MAIL, server.port(), &der);
        let (seen, ()) = tokio::join!(
            smtp::probe(&dialer, &endpoint, &options),
            server.serve(plain, script)
        );
        assert_eq!(seen.unwrap().tls.excepted, Some(CertificateReason::UnknownIssuer));
        let stranger = strict();
        let (refused, ()) = tokio::join!(
            smtp::probe(&stranger, &endpoint, &options),
            server.serve(plain, "")
        );
        assert_eq!(refused.unwrap_err().code(), ErrorCode::TlsCertificateInvalid);
    }
    let plain = "S: * OK hi
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED
        S: $ OK done
        C: $ STARTTLS
        S: $ OK begin";
    let look = "C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
        S: $ OK done
        C: $ LOGOUT
        S: * BYE
        S: $ OK";
    let server = TlsServer::new(der.clone(), key).await;
    let endpoint = Endpoint::new(MAIL, server.port(), Security::StartTls);
    let dialer = trusting(MAIL, server.port(), &der);
    let options = ImapOptions::default();
    let (seen, ()) = tokio::join!(
        imap::probe(&dialer, &endpoint, &options),
        server.serve(plain, look)
    );
    assert!(seen.unwrap().tls.excepted.is_some());
}
