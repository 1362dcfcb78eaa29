//! Servers that are looked at before anything is sent to them.

use mailroom_model::ErrorCode;
use mailroom_tests::fault::ClosedPort;
use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn server_that_is_typed_in_says_whether_it_answers_and_how_one_signs_in() {
    let desk = Desk::new();
    let probe = |protocol: &str, port: u16, security: &str| {
        let payload = json!({"protocol": protocol, "endpoint": format!("localhost:{port}:{security}")});
        desk.home.must("server_probe", payload)
    };
    for (protocol, port, security) in [
        ("imap", desk.office.imaps_port(), "tls"),
        ("imap", desk.office.imap_port(), "starttls"),
        ("smtp", desk.office.submissions_port(), "tls"),
        ("smtp", desk.office.submission_port(), "starttls"),
    ] {
        let answer = probe(protocol, port, security).await;
        assert_eq!(
            (&answer["answers"], &answer["error"]),
            (&json!(true), &Value::Null),
            "{answer}"
        );
        assert!(
            answer["auth"].as_array().unwrap().contains(&json!("password")),
            "{answer}"
        );
    }
    // The other protocol, the other security, nobody.
    let closed = ClosedPort::take().unwrap();
    for (protocol, port, security, code) in [
        ("smtp", desk.office.imaps_port(), "tls", "server_nonsense"),
        ("imap", desk.office.imap_port(), "tls", "tls_failed"),
        ("imap", closed.number().unwrap(), "tls", "connect_refused"),
    ] {
        let answer = probe(protocol, port, security).await;
        assert_eq!(
            (&answer["answers"], &answer["error"]["code"]),
            (&json!(false), &json!(code)),
            "{answer}"
        );
    }
    let code = desk
        .home
        .fails(
            "server_probe",
            json!({"protocol": "imap", "endpoint": "localhost:143:none"}),
        )
        .await;
    assert_eq!(code, ErrorCode::InputInvalid);
}
