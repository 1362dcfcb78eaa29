use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use mailroom_model::{Coded, ErrorCode, Security};

use super::*;
use crate::dial::{CertificateReason, DialError, FixedResolver};
use crate::imap::{connect, probe};
use crate::testing::{TlsServer, certificate, dialer_trusting};

#[tokio::test(start_paused = true)]
async fn sign_in_uses_initial_response_and_reads_capabilities_again() {
    let script = "
        S: * OK hello
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN IDLE
        S: $ OK done
        C: $ AUTHENTICATE PLAIN AGFubmEAc2VjcmV0
        S: * CAPABILITY IMAP4rev1 ID MOVE
        S: $ OK welcome
        C: $ ID (\"name\" \"Mailroom\" \"version\" \"2.0\")
        S: * ID NIL
        S: $ OK hi
        C: $ NOOP
        S: $ OK noop
        C: $ LOGOUT
        S: * BYE bye
        S: $ OK gone";
    dialogue(script, async |transport| {
        let mut options = ImapOptions::default();
        options.client.version = "2.0".to_owned();
        let mut session = sign_in(transport, &password(), &options).await.unwrap();
        assert!(session.capabilities().has("move") && !session.capabilities().has("IDLE"));
        assert_eq!(session.noop().await.unwrap(), []);
        session.logout().await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sign_in_without_initial_response_answers_the_challenge() {
    let script = "
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello
        C: $ AUTHENTICATE PLAIN
        S: * OK still thinking
        S: + go ahead, this is no base64
        C: AGFubmEAc2VjcmV0
        S: $ OK welcome
        C: $ CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: $ OK done";
    let session = dialogue(script, async |transport| {
        sign_in(transport, &password(), &ImapOptions::default()).await
    })
    .await;
    assert_eq!(session.unwrap().capabilities().to_string(), "IMAP4REV1");
}

#[tokio::test(start_paused = true)]
async fn sign_in_by_login_quotes_its_words() {
    let script = "
        S: * OK [CAPABILITY IMAP4rev1] hello
        C: $ LOGIN \"anna\" \"a\\\"b\\\\c\"
        S: $ OK [CAPABILITY IMAP4rev1] welcome";
    let quoted = Credentials::Password {
        username: "anna".into(),
        password: Secret::new("a\"b\\c".into()),
    };
    let session = dialogue(script, async |transport| {
        sign_in(transport, &quoted, &ImapOptions::default()).await
    });
    session.await.unwrap();
    let broken = Credentials::Password {
        username: "anna".into(),
        password: Secret::new("a\r\nb".into()),
    };
    let script = "S: * OK [CAPABILITY IMAP4rev1] hello\nHOLD";
    let error = dialogue(script, async |transport| {
        sign_in(transport, &broken, &ImapOptions::default()).await
    })
    .await
    .unwrap_err();
    assert!(matches!(error, ImapError::CredentialsUnsendable { .. }));
}

#[tokio::test(start_paused = true)]
async fn sign_in_refused_means_what_the_server_says() {
    let cases = [
        (
            "NO [AUTHENTICATIONFAILED] Authentication failed.",
            ErrorCode::AuthFailed,
        ),
        ("NO [AUTHORIZATIONFAILED] not as her", ErrorCode::PermissionDenied),
        ("NO [EXPIRED] password expired", ErrorCode::SignInAgain),
        ("NO [UNAVAILABLE] backend down", ErrorCode::ServerUnavailable),
        ("NO [CONTACTADMIN] ask them", ErrorCode::PermissionDenied),
        ("NO [PRIVACYREQUIRED] no", ErrorCode::AuthMechanismMissing),
        ("NO [LIMIT] too many", ErrorCode::TooManyConnections),
        (
            "NO [ALERT] Application-specific password required (Failure)",
            ErrorCode::AuthAppPasswordNeeded,
        ),
        ("BAD what", ErrorCode::AuthFailed),
    ];
    for (answer, code) in cases {
        let script = format!(
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello
             C: $ AUTHENTICATE PLAIN AGFubmEAc2VjcmV0
             S: $ {answer}"
        );
        let result = dialogue(&script, async |t| {
            sign_in(t, &password(), &ImapOptions::default()).await
        })
        .await;
        let error = result.unwrap_err();
        assert!(
            matches!(error, ImapError::SignInRefused { .. }),
            "{answer}: {error:?}"
        );
        assert_eq!(error.code(), code, "{answer}");
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}

#[tokio::test(start_paused = true)]
async fn refused_token_is_dismissed_in_the_mechanisms_way() {
    let cases = [
        ("XOAUTH2", "dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHRvawEB", ""),
        (
            "OAUTHBEARER",
            "bixhPWFubmEsAWhvc3Q9bWFpbC5tYWlscm9vbS50ZXN0AXBvcnQ9OTkzAWF1dGg9QmVhcmVyIHRvawEB",
            "AQ==",
        ),
    ];
    for (mechanism, words, dismissal) in cases {
        let script = format!(
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH={mechanism}] hello
             C: $ AUTHENTICATE {mechanism} {words}
             S: + eyJzdGF0dXMiOiI0MDEifQ==
             C: {dismissal}
             S: $ NO [AUTHENTICATIONFAILED] Authentication failed."
        );
        let result = dialogue(&script, async |t| {
            sign_in(t, &bearer(), &ImapOptions::default()).await
        })
        .await;
        let error = result.unwrap_err();
        assert_eq!(error.code(), ErrorCode::SignInAgain);
        assert_eq!(error.params()["reply"].to_string(), "Authentication failed.");
    }
}

#[tokio::test(start_paused = true)]
async fn sign_in_without_a_fitting_mechanism_sends_nothing() {
    let script = "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI] hello\nHOLD";
    let result = dialogue(script, async |t| {
        sign_in(t, &password(), &ImapOptions::default()).await
    })
    .await;
    let error = result.unwrap_err();
    assert_eq!(error.code(), ErrorCode::AuthMechanismMissing);
    assert_eq!(error.params()["offered"].to_string(), "GSSAPI");
}

#[tokio::test(start_paused = true)]
async fn greeting_that_is_none_ends_the_connection() {
    let cases = [
        (
            "S: * BYE Too many connections from your address",
            ErrorCode::TooManyConnections,
        ),
        ("S: * BYE closing for the night", ErrorCode::ServerClosed),
        ("S: * PREAUTH you are in", ErrorCode::ServerNonsense),
        ("S: HTTP/1.1 400 Bad Request", ErrorCode::ServerNonsense),
        ("S: 220 smtp.example.com ESMTP", ErrorCode::ServerNonsense),
        ("WAIT 1", ErrorCode::ConnectionLost),
        ("HOLD", ErrorCode::ServerStalled),
    ];
    for (script, code) in cases {
        let result = dialogue(script, async |t| {
            sign_in(t, &password(), &ImapOptions::default()).await
        })
        .await;
        assert_eq!(result.unwrap_err().code(), code, "{script}");
    }
}

async fn upgraded(script: &str) -> Result<(), ImapError> {
    dialogue(script, async |transport| {
        let dialer = dialer();
        let endpoint = Endpoint::new("mail.mailroom.test", 143, Security::StartTls);
        let options = ImapOptions::default();
        let peer = Peer::from(&endpoint);
        let caller = Caller {
            dialer: &dialer,
            endpoint: &endpoint,
            options: &options,
            peer,
        };
        caller.upgrade(transport).await.map(drop)
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn starttls_missing_refused_or_tampered_with_ends_the_connection() {
    let cases = [
        (
            "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
             C: $ CAPABILITY
             S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
             S: $ OK done
             HOLD",
            ErrorCode::StarttlsMissing,
        ),
        (
            "S: * OK hi
             C: $ CAPABILITY
             S: * CAPABILITY IMAP4rev1 STARTTLS
             S: $ OK done
             C: $ STARTTLS
             S: $ NO TLS is broken
             HOLD",
            ErrorCode::StarttlsMissing,
        ),
        ("S: * PREAUTH hi\nHOLD", ErrorCode::StarttlsMissing),
        (
            "S: * OK hi
             C: $ CAPABILITY
             S: * CAPABILITY IMAP4rev1 STARTTLS
             S: $ OK done
             C: $ STARTTLS
             S- $ OK begin\\r\\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] injected\\r\\n
             HOLD",
            ErrorCode::StarttlsInjection,
        ),
        (
            "S: * OK hi
             C: $ CAPABILITY
             S: * CAPABILITY IMAP4rev1 STARTTLS
             S: $ OK done
             C: $ STARTTLS
             S: * 5 EXISTS
             S: $ OK begin
             HOLD",
            ErrorCode::StarttlsInjection,
        ),
    ];
    for (script, code) in cases {
        assert_eq!(upgraded(script).await.unwrap_err().code(), code, "{script}");
    }
}

#[tokio::test]
async fn connection_over_real_tls_checks_the_certificate() {
    let (der, key) = certificate();
    let after = "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello
        C: $ AUTHENTICATE PLAIN AGFubmEAc2VjcmV0
        S: $ OK [CAPABILITY IMAP4rev1] welcome";
    let loopback: HashMap<String, Vec<IpAddr>> = ["mail.mailroom.test", "other.mailroom.test"]
        .map(|name| (name.to_owned(), vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))
        .into();
    let resolver = Arc::new(FixedResolver::new(loopback));
    let trusting = dialer_trusting(der.clone()).with_resolver(resolver.clone());

    let server = TlsServer::new(der.clone(), key.clone()).await;
    let endpoint = Endpoint::new("mail.mailroom.test", server.port(), Security::Tls);
    let options = ImapOptions::default();
    let password = password();
    let (session, ()) = tokio::join!(
        connect(&trusting, &endpoint, &password, &options),
        server.serve("", after)
    );
    let tls = session.unwrap().tls().clone();
    assert_eq!(
        (tls.version.as_str(), &tls.chain),
        ("TLSv1.3", &vec![der.clone()])
    );
    assert!(
        tls.not_after.is_some() && tls.cipher.starts_with("TLS13_"),
        "{tls:?}"
    );

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
    let server = TlsServer::new(der.clone(), key.clone()).await;
    let endpoint = Endpoint::new("mail.mailroom.test", server.port(), Security::StartTls);
    let (seen, ()) = tokio::join!(probe(&trusting, &endpoint, &options), server.serve(plain, look));
    let seen = seen.unwrap();
    assert_eq!(
        (seen.capabilities.to_string().as_str(), seen.greeting.as_str()),
        ("AUTH=PLAIN IMAP4REV1", "hi")
    );

    let stranger = dialer().with_resolver(resolver);
    for (dialer, host, expected) in [
        (&trusting, "other.mailroom.test", CertificateReason::WrongHost),
        (&stranger, "mail.mailroom.test", CertificateReason::UnknownIssuer),
    ] {
        let server = TlsServer::new(der.clone(), key.clone()).await;
        let endpoint = Endpoint::new(host, server.port(), Security::Tls);
        let (seen, ()) = tokio::join!(probe(dialer, &endpoint, &options), server.serve("", ""));
        match seen.unwrap_err() {
            ImapError::Dial(DialError::Certificate { reason, .. }) => assert_eq!(reason, expected),
            other => panic!("{other:?}"),
        }
    }

    let endpoint = {
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        Endpoint::new(
            "mail.mailroom.test",
            gone.local_addr().unwrap().port(),
            Security::Tls,
        )
    };
    let error = probe(&trusting, &endpoint, &options).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ConnectRefused);
    let nowhere = Arc::new(FixedResolver::new([("gone.test".to_owned(), vec![])]));
    let endpoint = Endpoint::new("gone.test", 993, Security::Tls);
    let error = probe(&trusting.with_resolver(nowhere), &endpoint, &options)
        .await
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::NameNotFound);
}
