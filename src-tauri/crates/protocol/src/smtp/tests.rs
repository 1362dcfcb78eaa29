//! Transcripts: what the server says, what the client must say, what comes of it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use mailroom_model::{Coded, Credentials, Endpoint, ErrorCode, Secret, Security};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;

use super::connect::Caller;
use super::wire::SmtpWire;
use super::*;
use crate::dial::{FixedResolver, TlsFacts};
use crate::testing::{TlsServer, certificate, dialer, dialer_trusting, dialogue};

const HELLO: &str = "S: 220 mail.mailroom.test ESMTP
    C: EHLO [127.0.0.1]
    S: 250-mail.mailroom.test Hello
    S: 250-SIZE 1000
    S: 250-8BITMIME
    S: 250 AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER\n";

fn password() -> Credentials {
    Credentials::Password {
        username: "anna".into(),
        password: Secret::new("secret".into()),
    }
}

fn bearer() -> Credentials {
    Credentials::Bearer {
        username: "anna".into(),
        access_token: Secret::new("tok".into()),
    }
}

fn envelope(to: &[&str]) -> Envelope {
    Envelope {
        from: Some("anna@x.pl".parse().unwrap()),
        to: to.iter().map(|address| address.parse().unwrap()).collect(),
    }
}

/// Runs a script, greeting included, over a stream that stands for TLS.
async fn with_server<T>(
    script: &str,
    credentials: Option<&Credentials>,
    client: impl AsyncFnOnce(Result<SmtpSession, SmtpError>) -> T,
) -> T {
    dialogue(script, async |transport| {
        let dialer = dialer();
        let endpoint = Endpoint::new("mail.mailroom.test", 465, Security::Tls);
        let caller = Caller::new(&dialer, &endpoint, &SmtpOptions::default());
        let session = async {
            let (mut session, _) = caller.greet(transport, TlsFacts::default()).await?;
            if let Some(credentials) = credentials {
                session.sign_in(credentials).await?;
            }
            Ok(session)
        };
        client(session.await).await
    })
    .await
}

/// The result of sending `raw` to a@x.pl and b@x.pl when the server goes on like this after the hello.
async fn sent(after: &str, raw: &[u8]) -> Result<Receipt, SmtpError> {
    let script = format!("{HELLO}{after}");
    with_server(&script, None, async |session: Result<SmtpSession, SmtpError>| {
        session.unwrap().send(&envelope(&["a@x.pl", "b@x.pl"]), raw).await
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn message_goes_out_with_what_the_server_offers() {
    let after = "
        C: MAIL FROM:<anna@x.pl> SIZE=22 BODY=8BITMIME
        S: 250 OK
        C: RCPT TO:<a@x.pl>
        S: 250 Accepted
        C: RCPT TO:<b@x.pl>
        S: 251 will forward
        C: DATA
        S: 354 go
        C- A: b\\r\\n\\r\\n..ż\\r\\n..\\r\\nlast\\r\\n.\\r\\n
        S: 250-2.0.0 OK
        S: 250 2.0.0 id=1a2b";
    let receipt = sent(after, "A: b\n\n.ż\r\n.\r\nlast\r\n".as_bytes())
        .await
        .unwrap();
    assert_eq!(
        (receipt.reply.code, receipt.reply.text().as_str()),
        (250, "OK id=1a2b")
    );
}

#[tokio::test(start_paused = true)]
async fn every_refusal_says_where_and_what_became_of_the_message() {
    let to_recipients = "C: MAIL FROM:<anna@x.pl> SIZE=3\nS: 250 OK\n";
    let to_data = format!("{to_recipients}C: RCPT TO:<a@x.pl>\nS: 250 OK\nC: RCPT TO:<b@x.pl>\nS: 250 OK\n");
    let to_message = format!("{to_data}C: DATA\nS: 354 go\nC- x\\r\\n.\\r\\n\n");
    let cases = [
        (
            "C: MAIL FROM:<anna@x.pl> SIZE=3\nS: 553 5.7.1 not your address".to_owned(),
            ErrorCode::SenderRejected,
            Delivery::Refused,
        ),
        (
            format!(
                "{to_recipients}C: RCPT TO:<a@x.pl>\nS: 450 4.2.0 greylisted\nC: RCPT TO:<b@x.pl>\nS: 250 OK\nC: RSET\nS: 250 OK"
            ),
            ErrorCode::SendDeferred,
            Delivery::NotSent,
        ),
        (
            format!(
                "{to_recipients}C: RCPT TO:<a@x.pl>\nS: 450 later\nC: RCPT TO:<b@x.pl>\nS: 550 5.1.1 no such user\nC: RSET\nS: 250 OK"
            ),
            ErrorCode::RecipientRejected,
            Delivery::Refused,
        ),
        (
            format!("{to_recipients}C: RCPT TO:<a@x.pl>\nS: 421 4.3.2 closing"),
            ErrorCode::ServerClosed,
            Delivery::NotSent,
        ),
        (
            format!("{to_data}C: DATA\nS: 554 no\nC: RSET\nS: 250 OK"),
            ErrorCode::MessageRejected,
            Delivery::Refused,
        ),
        (
            format!("{to_message}S: 554 5.7.1 spam"),
            ErrorCode::MessageRejected,
            Delivery::Refused,
        ),
        (
            format!("{to_message}S: 451 4.3.0 later"),
            ErrorCode::SendDeferred,
            Delivery::NotSent,
        ),
        (
            format!("{to_message}S: 421 bye"),
            ErrorCode::ServerClosed,
            Delivery::NotSent,
        ),
        (
            to_message.clone(),
            ErrorCode::SendOutcomeUnknown,
            Delivery::Unknown,
        ),
        (
            format!("{to_message}HOLD"),
            ErrorCode::SendOutcomeUnknown,
            Delivery::Unknown,
        ),
        (
            format!("{to_message}S: what?"),
            ErrorCode::SendOutcomeUnknown,
            Delivery::Unknown,
        ),
        (
            format!("{to_message}S- 250-OK\\r\\n"),
            ErrorCode::SendOutcomeUnknown,
            Delivery::Unknown,
        ),
        (to_data.clone(), ErrorCode::ConnectionLost, Delivery::NotSent),
        (
            format!("{to_data}C: DATA\nHOLD"),
            ErrorCode::ServerStalled,
            Delivery::NotSent,
        ),
        (
            format!("{to_data}C: DATA\nS: gibberish"),
            ErrorCode::ServerNonsense,
            Delivery::NotSent,
        ),
    ];
    for (after, code, delivery) in cases {
        let error = sent(&after, b"x").await.unwrap_err();
        assert_eq!(
            (error.code(), error.delivery()),
            (code, delivery),
            "{after}: {error:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn connection_lost_before_the_end_mark_is_certainly_not_sent() {
    // The pipe between client and script holds 256 KiB: the rest of the message never leaves.
    let script = "S: 220 hi
        C: EHLO [127.0.0.1]
        S: 250 mail.mailroom.test
        C: MAIL FROM:<anna@x.pl>
        S: 250 OK
        C: RCPT TO:<a@x.pl>
        S: 250 OK
        C: DATA
        S: 354 go
        C- xxxx";
    let error = with_server(script, None, async |session: Result<SmtpSession, SmtpError>| {
        session
            .unwrap()
            .send(&envelope(&["a@x.pl"]), &vec![b'x'; 900_000])
            .await
            .unwrap_err()
    })
    .await;
    assert_eq!(
        (error.code(), error.delivery()),
        (ErrorCode::ConnectionLost, Delivery::NotSent)
    );
}

#[tokio::test(start_paused = true)]
async fn refused_recipients_are_all_named_and_the_session_goes_on() {
    let script = format!(
        "{HELLO}C: MAIL FROM:<anna@x.pl> SIZE=3
         S: 250 OK
         C: RCPT TO:<a@x.pl>
         S: 550 5.1.1 no such user
         C: RCPT TO:<b@x.pl>
         S: 250 OK
         C: RCPT TO:<c@x.pl>
         S: 552 5.2.2 mailbox full
         C: RSET
         S: 250 OK
         C: MAIL FROM:<>
         S: 250 OK
         C: RCPT TO:<b@x.pl>
         S: 250 OK
         C: RSET
         S: 250 OK
         C: QUIT
         S: 221 bye"
    );
    with_server(&script, None, async |session: Result<SmtpSession, SmtpError>| {
        let mut session = session.unwrap();
        let error = session
            .send(&envelope(&["a@x.pl", "b@x.pl", "c@x.pl"]), b"x")
            .await
            .unwrap_err();
        assert!(error.leaves_session_usable());
        assert_eq!(error.params()["recipient"].to_string(), "a@x.pl, c@x.pl");
        assert_eq!(error.params()["reply"].to_string(), "550 5.1.1 no such user");
        let SmtpError::RecipientsRefused { refused, .. } = error else {
            panic!()
        };
        assert_eq!(refused[1].1.enhanced, Some((5, 2, 2)));
        let bounce = Envelope {
            from: None,
            ..envelope(&["b@x.pl"])
        };
        session.may_send(&bounce).await.unwrap();
        session.quit().await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_the_server_cannot_take_is_not_offered_to_it() {
    let script = "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-mail.mailroom.test\nS: 250 SIZE 10\nHOLD";
    with_server(script, None, async |session: Result<SmtpSession, SmtpError>| {
        let mut session = session.unwrap();
        let to = envelope(&["a@x.pl"]);
        let error = session.send(&to, b"0123456789").await.unwrap_err();
        assert!(matches!(
            error,
            SmtpError::TooLarge {
                size: 12,
                limit: 10,
                ..
            }
        ));
        let error = session.send(&to, "ż".as_bytes()).await.unwrap_err();
        assert!(matches!(error, SmtpError::EightBitMissing { .. }));
        let error = session.send(&envelope(&["żółw@x.pl"]), b"x").await.unwrap_err();
        assert_eq!(
            (error.code(), error.delivery()),
            (ErrorCode::SmtpUtf8Missing, Delivery::Refused)
        );
        assert_eq!(error.params()["address"].to_string(), "żółw@x.pl");
        assert!(matches!(
            session.send(&envelope(&[]), b"x").await,
            Err(SmtpError::NoRecipient)
        ));
    })
    .await;
    let script = "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250-SMTPUTF8\nS: 250 8BITMIME
        C: MAIL FROM:<anna@x.pl> SMTPUTF8
        S: 250 OK
        C: RCPT TO:<żółw@x.pl>
        S: 250 OK
        C: DATA
        S: 354 go
        C- x\\r\\n.\\r\\n
        S: 250 OK";
    with_server(script, None, async |session: Result<SmtpSession, SmtpError>| {
        session
            .unwrap()
            .send(&envelope(&["żółw@x.pl"]), b"x")
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sign_in_speaks_every_mechanism_and_understands_refusals() {
    let hello =
        |mechanisms: &str| format!("S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250 AUTH {mechanisms}\n");
    let good = [
        (
            password(),
            "LOGIN PLAIN",
            "C: AUTH PLAIN AGFubmEAc2VjcmV0\nS: 235 ok",
        ),
        (
            password(),
            "LOGIN",
            "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YW5uYQ==\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235 ok",
        ),
        (
            bearer(),
            "XOAUTH2",
            "C: AUTH XOAUTH2 dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHRvawEB\nS: 235 ok",
        ),
    ];
    for (credentials, mechanisms, dialogue) in good {
        let script = format!("{}{dialogue}", hello(mechanisms));
        let result = with_server(
            &script,
            Some(&credentials),
            async |session: Result<SmtpSession, SmtpError>| session.map(drop),
        );
        result.await.unwrap();
    }
    let challenge = "S: 334 eyJzdGF0dXMiOiI0MDEifQ==";
    let bad = [
        (password(), "PLAIN", "C: AUTH PLAIN AGFubmEAc2VjcmV0\nS: 535 5.7.8 no".to_owned(), ErrorCode::AuthFailed),
        (
            password(),
            "PLAIN",
            "C: AUTH PLAIN AGFubmEAc2VjcmV0\nS: 534-5.7.9 Application-specific password required.\nS: 534 5.7.9 more".to_owned(),
            ErrorCode::AuthAppPasswordNeeded,
        ),
        (
            bearer(),
            "XOAUTH2",
            format!("C: AUTH XOAUTH2 dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHRvawEB\n{challenge}\nC: \nS: 535 no"),
            ErrorCode::SignInAgain,
        ),
        (
            bearer(),
            "XOAUTH2 OAUTHBEARER",
            format!(
                "C: AUTH OAUTHBEARER bixhPWFubmEsAWhvc3Q9bWFpbC5tYWlscm9vbS50ZXN0AXBvcnQ9NDY1AWF1dGg9QmVhcmVyIHRvawEB\n{challenge}\nC: AQ==\nS: 535 no"
            ),
            ErrorCode::SignInAgain,
        ),
        (bearer(), "PLAIN", "HOLD".to_owned(), ErrorCode::AuthMechanismMissing),
    ];
    for (credentials, mechanisms, dialogue, code) in bad {
        let script = format!("{}{dialogue}", hello(mechanisms));
        let result = with_server(
            &script,
            Some(&credentials),
            async |session: Result<SmtpSession, SmtpError>| session.map(drop),
        );
        let error = result.await.unwrap_err();
        assert_eq!(error.code(), code, "{dialogue}");
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}

#[tokio::test(start_paused = true)]
async fn server_that_is_no_smtp_server_is_found_out() {
    let cases = [
        ("S: 554 No SMTP service here", ErrorCode::ServerUnavailable),
        ("S: 421 4.7.0 Too many connections", ErrorCode::TooManyConnections),
        ("S: * OK IMAP4 ready", ErrorCode::ServerNonsense),
        ("HOLD", ErrorCode::ServerStalled),
        ("WAIT 1", ErrorCode::ConnectionLost),
        (
            "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 354 what",
            ErrorCode::ServerNonsense,
        ),
    ];
    for (script, code) in cases {
        let error = with_server(script, None, async |session: Result<SmtpSession, SmtpError>| {
            session.unwrap_err()
        });
        assert_eq!(error.await.code(), code, "{script}");
    }
}

#[tokio::test(start_paused = true)]
async fn starttls_missing_or_tampered_with_ends_the_connection() {
    let cases = [
        (
            "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250 AUTH PLAIN\nHOLD",
            ErrorCode::StarttlsMissing,
        ),
        (
            "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 broken\nHOLD",
            ErrorCode::StarttlsMissing,
        ),
        (
            "S: 220 hi\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250 STARTTLS\nC: STARTTLS\nS- 220 go\\r\\n250 injected\\r\\n\nHOLD",
            ErrorCode::StarttlsInjection,
        ),
    ];
    for (script, code) in cases {
        let result = dialogue(script, async |transport| {
            let dialer = dialer();
            let endpoint = Endpoint::new("mail.mailroom.test", 587, Security::StartTls);
            Caller::new(&dialer, &endpoint, &SmtpOptions::default())
                .upgrade(transport)
                .await
                .map(drop)
        });
        assert_eq!(result.await.unwrap_err().code(), code, "{script}");
    }
}

#[tokio::test]
async fn credentials_go_out_after_starttls_only() {
    let (der, key) = certificate();
    let loopback: HashMap<String, Vec<IpAddr>> = [(
        "mail.mailroom.test".to_owned(),
        vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
    )]
    .into();
    let dialer = dialer_trusting(der.clone()).with_resolver(Arc::new(FixedResolver::new(loopback)));
    let server = TlsServer::new(der, key).await;
    let endpoint = Endpoint::new("mail.mailroom.test", server.port(), Security::StartTls);
    let plain = "S: 220 hi
        C: EHLO [127.0.0.1]
        S: 250-x
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go";
    let encrypted = "C: EHLO [127.0.0.1]
        S: 250-x
        S: 250 AUTH PLAIN
        C: AUTH PLAIN AGFubmEAc2VjcmV0
        S: 235 ok
        C: QUIT
        S: 221 bye";
    let credentials = password();
    let options = SmtpOptions::default();
    let client = async {
        let session = connect(&dialer, &endpoint, Some(&credentials), &options)
            .await
            .unwrap();
        assert_eq!(session.tls().version, "TLSv1.3");
        session.quit().await;
    };
    tokio::join!(client, server.serve(plain, encrypted));
}

/// Callers run sessions on a work-stealing runtime; this compiles only while they can.
#[test]
fn sessions_and_their_calls_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    fn check(session: &mut SmtpSession) {
        is_send(session);
        is_send(&session.send(&envelope(&["a@x.pl"]), b"x"));
    }
    let _ = check;
    let endpoint = Endpoint::new("mail.mailroom.test", 465, Security::Tls);
    is_send(&connect(
        &dialer(),
        &endpoint,
        Some(&password()),
        &SmtpOptions::default(),
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn bytes_of_any_kind_never_panic_the_wire(
        said in prop::collection::vec(prop::sample::select(vec![
            "250", "220", "554", " ", "-", "5.7.1 ", "2.0.0", "\r\n", "\n", "text", "é", ".", "9",
        ]), 0..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (near, mut far) = tokio::io::duplex(64 * 1024);
            far.write_all(said.concat().as_bytes()).await.unwrap();
            drop(far);
            let mut wire = SmtpWire::new(Box::new(near), std::time::Duration::from_secs(1));
            // Needs no timer: the pipe is closed, so that every read is ready.
            while let Ok(reply) = wire.reply().await {
                assert!((200..600).contains(&reply.code));
            }
        });
    }
}
