//! The Test of an account against real servers: the message to oneself, and certificates that fail.

use mailroom_api::CancellationToken;
use mailroom_api::dto::EventView;
use mailroom_model::ErrorCode;
use mailroom_tests::CertificateKind;
use mailroom_tests::office::OfficeOptions;
use serde_json::{Value, json};

use crate::desk::{ALICE, Desk, text};

#[tokio::test]
async fn message_to_oneself_comes_back_and_nobody_hears_of_it() {
    let desk = Desk::new();
    desk.office.sample_mail(ALICE).unwrap();
    desk.add(ALICE).await;
    desk.sync(ALICE).await;
    let before = (desk.count(ALICE, "INBOX"), desk.count(ALICE, "Sent"));
    let cancel = CancellationToken::new();
    let watching = desk
        .home
        .call_until("sync_watch", json!({"address": ALICE}), cancel.clone());
    let testing = async {
        let payload = json!({"address": ALICE, "full_loop": true});
        let report = desk.home.must("account_test", payload).await;
        // What the watch has to say of it, it says in its next look.
        desk.sync(ALICE).await;
        cancel.cancel();
        report
    };
    let both = async { tokio::join!(watching, testing) };
    let ((watched, report), news) = desk
        .home
        .during(both, |event| match event {
            EventView::MessagesArrived { .. } => Some(format!("{event:?}")),
            _ => None,
        })
        .await;
    watched.unwrap();
    let last = &report["proofs"][8];
    assert_eq!(
        (&last["proof"], &last["result"]),
        (&json!("full-loop"), &json!("passed")),
        "{last}"
    );
    assert_eq!(news, Vec::<String>::new());
    assert_eq!((desk.count(ALICE, "INBOX"), desk.count(ALICE, "Sent")), before);
    let account = &desk.home.must("account_list", json!({})).await[0];
    let unread = account["unread"].as_i64().unwrap();
    assert_eq!(desk.list(ALICE, "INBOX").await.len(), before.0);
    assert_eq!(desk.sync(ALICE).await["added"], 0);
    let account = &desk.home.must("account_list", json!({})).await[0];
    assert_eq!(account["unread"].as_i64().unwrap(), unread);
}

#[tokio::test]
async fn certificate_that_fails_is_shown_and_trusted_for_this_server_alone() {
    let cases = [
        (
            CertificateKind::SelfSigned,
            ErrorCode::TlsCertificateInvalid,
            "unknown_issuer",
        ),
        (
            CertificateKind::Expired,
            ErrorCode::TlsCertificateExpired,
            "expired",
        ),
        (
            CertificateKind::WrongHost,
            ErrorCode::TlsCertificateWrongHost,
            "wrong_host",
        ),
    ];
    for (certificate, code, reason) in cases {
        let desk = Desk::with(&OfficeOptions {
            certificate,
            oidc: false,
            ..OfficeOptions::default()
        });
        let imap = json!(format!("localhost:{}:starttls", desk.office.imap_port()));
        let mut payload = desk.by_password(ALICE);
        payload["imap"] = imap;
        let refused = desk.home.call("account_add", payload.clone()).await.unwrap_err();
        assert_eq!(refused.code, code);
        let param = |name: &str| refused.params[name].to_string();
        assert_eq!(param("reason"), reason);
        let chain: Value = serde_json::from_str(&param("chain")).unwrap();
        let name = format!("{}.mailroom.test", certificate.name());
        assert_eq!(text(&chain[0], "subject"), name, "{chain}");
        assert_eq!(text(&chain[0], "fingerprint"), param("fingerprint"));

        let trust =
            |port: u16| json!({"host": "localhost", "port": port, "fingerprint": param("fingerprint")});
        // For reading only: sending is another server.
        payload["certificates"] = json!([trust(desk.office.imap_port())]);
        assert_eq!(desk.home.fails("account_add", payload.clone()).await, code);
        payload["certificates"] = json!([
            trust(desk.office.imap_port()),
            trust(desk.office.submissions_port())
        ]);
        desk.home.must("account_add", payload).await;
        let own = json!({"address": ALICE});
        let kept = desk.home.must("certificate_list", own.clone()).await;
        assert_eq!(kept.as_array().unwrap().len(), 2, "{kept}");
        assert_eq!(text(&kept[0], "reason"), reason);
        desk.sync(ALICE).await;
        let report = desk.home.must("account_test", own).await;
        assert_eq!(report["passed"], true, "{report}");
        let excepted = report["proofs"][1]["seen"].as_array().unwrap();
        let excepted = excepted.iter().filter(|seen| seen["fact"] == "excepted");
        assert_eq!(excepted.count(), 2);

        let forget = json!({"address": ALICE, "host": "localhost", "port": desk.office.imap_port()});
        desk.home.must("certificate_forget", forget).await;
        let reports = desk.home.must("sync_run", json!({"address": ALICE})).await;
        assert_eq!(reports[0]["error"]["code"], code.as_str(), "{}", reports[0]);
        let wrong = json!({
            "address": ALICE, "host": "localhost", "port": desk.office.imap_port(), "fingerprint": "ab".repeat(32),
        });
        // Another certificate than the one that was looked at: asked again, with what is shown.
        let changed = desk.home.call("certificate_trust", wrong).await.unwrap_err();
        assert_eq!(changed.code, code);
        assert_eq!(changed.params["fingerprint"].to_string(), param("fingerprint"));
    }
}
