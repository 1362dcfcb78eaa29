//! Transcripts: what the server says, what the client must say, what comes of it.

mod changes;
mod compress;
mod faults;
mod folders;
mod idle;
mod messages;
mod sign_in;

use mailroom_model::{Credentials, Endpoint, Secret, Security};

use super::connect::Caller;
use super::{ImapError, ImapOptions, ImapSession};
use crate::dial::TlsFacts;
use crate::link::{BoxTransport, Peer};
use crate::testing::{dialer, dialogue};

fn endpoint() -> Endpoint {
    Endpoint::new("mail.mailroom.test", 993, Security::Tls)
}

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

/// Signs in over a stream that stands for TLS.
async fn sign_in(
    transport: BoxTransport,
    credentials: &Credentials,
    options: &ImapOptions,
) -> Result<ImapSession, ImapError> {
    let dialer = dialer();
    let endpoint = endpoint();
    let peer = Peer::from(&endpoint);
    let caller = Caller {
        dialer: &dialer,
        endpoint: &endpoint,
        options,
        peer,
    };
    let opened = caller.greet(transport, TlsFacts::default()).await?;
    caller.sign_in(opened, credentials).await
}

/// Runs a script that begins after a sign-in to a server with these capabilities.
async fn with_session<T>(
    capabilities: &str,
    script: &str,
    client: impl AsyncFnOnce(&mut ImapSession) -> T,
) -> T {
    let enables = capabilities.split(' ').any(|name| name == "QRESYNC");
    let qresync = if enables {
        "C: $ ENABLE QRESYNC\nS: * ENABLED QRESYNC\nS: $ OK enabled\n"
    } else {
        ""
    };
    let script = format!(
        "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello
         C: $ AUTHENTICATE PLAIN AGFubmEAc2VjcmV0
         S: $ OK [CAPABILITY IMAP4rev1 {capabilities}] welcome
         {qresync}{script}"
    );
    dialogue(&script, async |transport| {
        let mut session = sign_in(transport, &password(), &ImapOptions::default())
            .await
            .unwrap();
        client(&mut session).await
    })
    .await
}

/// The same with a folder open.
async fn with_folder<T>(
    capabilities: &str,
    script: &str,
    client: impl AsyncFnOnce(&mut ImapSession) -> T,
) -> T {
    let parameters = if capabilities.contains("CONDSTORE") || capabilities.contains("QRESYNC") {
        " (CONDSTORE)"
    } else {
        ""
    };
    let script = format!(
        "C: $ SELECT \"INBOX\"{parameters}
         S: * 3 EXISTS
         S: * OK [UIDVALIDITY 7] ok
         S: $ OK [READ-WRITE] open
         {script}"
    );
    with_session(capabilities, &script, async |session: &mut ImapSession| {
        session.select("INBOX", None).await.unwrap();
        client(session).await
    })
    .await
}

/// Callers run sessions on a work-stealing runtime; this compiles only while they can.
#[test]
fn sessions_and_their_calls_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    fn check(session: &mut ImapSession, uids: &mailroom_model::UidSet) {
        let (sink, _messages) = tokio::sync::mpsc::channel(1);
        let change = mailroom_model::FlagChange::default();
        is_send(session);
        is_send(&session.list_folders());
        is_send(&session.select("INBOX", None));
        is_send(&session.fetch_messages(uids, &sink));
        is_send(&session.store_flags(uids, &change, None));
        is_send(&session.idle(std::time::Duration::ZERO, std::future::pending()));
    }
    let _ = check;
    let (dialer, endpoint, options) = (dialer(), endpoint(), ImapOptions::default());
    is_send(&super::connect(&dialer, &endpoint, &password(), &options));
}
