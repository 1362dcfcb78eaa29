//! Access tokens that a mail server does not take.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailroom_tests::script::{Script, ScriptServer};
use serde_json::json;

use crate::mailbox::{ANNA, Mailbox};

/// A sign-in with this token that the server refuses as Google does: with a challenge that explains itself first.
fn refused(mailbox: &Mailbox, token: &str) -> Script {
    let words = STANDARD.encode(format!("user={ANNA}\u{1}auth=Bearer {token}\u{1}\u{1}"));
    let challenge = STANDARD.encode("{\"status\":\"401\",\"schemes\":\"Bearer\",\"scope\":\"mail\"}");
    Script::new()
        .start_tls(&mailbox.identity)
        .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hello\r\n")
        .command(&format!("AUTHENTICATE XOAUTH2 {words}"))
        .send(format!("+ {challenge}\r\n"))
        .line("")
        .send("{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n")
}

#[tokio::test]
async fn refused_token_is_renewed_once_then_the_person_is_asked_to_sign_in() {
    let mailbox = Mailbox::new();
    let imap = ScriptServer::start(vec![refused(&mailbox, "old"), refused(&mailbox, "new")])
        .await
        .unwrap();
    let tokens = r#"{"access_token":"new","token_type":"Bearer","expires_in":3600}"#;
    let issuer = ScriptServer::start(vec![Script::new().request("POST /token").send(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{tokens}",
        tokens.len()
    ))])
    .await
    .unwrap();
    mailbox.connect_by_token(imap.port(), issuer.port()).await;
    let report = mailbox.sync().await;
    assert_eq!(report["error"]["code"], "sign_in_again", "{report}");
    let account = &mailbox.home.must("account_list", json!({})).await[0];
    assert_eq!(account["state"], "sign-in-needed", "{account}");
    let asked = issuer.finish().await.unwrap();
    let asked = String::from_utf8_lossy(&asked[0]).into_owned();
    assert!(
        asked.contains("grant_type=refresh_token") && asked.contains("refresh_token=refresh"),
        "{asked}"
    );
    imap.finish().await.unwrap();
}
