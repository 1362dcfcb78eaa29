//! A person's desk: an office, and Mailroom connected to it.

use mailroom_api::dto::EventView;
use mailroom_tests::home::Home;
use mailroom_tests::office::{Office, OfficeOptions};
use serde_json::{Value, json};
use tokio::sync::mpsc;

pub(crate) const ALICE: &str = "alice@mailroom.test";
pub(crate) const BOB: &str = "bob@mailroom.test";
pub(crate) const CAROL: &str = "carol@mailroom.test";

pub(crate) struct Desk {
    pub(crate) home: Home,
    pub(crate) office: Office,
}

impl Desk {
    /// An office without sign-in service, and an empty Mailroom.
    pub(crate) fn new() -> Self {
        Self::with(&OfficeOptions {
            oidc: false,
            ..OfficeOptions::default()
        })
    }

    pub(crate) fn with(options: &OfficeOptions) -> Self {
        let office = Office::start(options).expect("an office");
        let home = Home::new(&office.ca_der());
        Self { home, office }
    }

    /// What to add an account with a password.
    pub(crate) fn by_password(&self, address: &str) -> Value {
        let name = address.split('@').next().unwrap();
        json!({
            "address": address,
            "imap": format!("localhost:{}:tls", self.office.imaps_port()),
            "smtp": format!("localhost:{}:tls", self.office.submissions_port()),
            "sign_in": {"kind": "password", "password": format!("{name}-pw")},
            "period": "all",
            "setup_done": true,
        })
    }

    pub(crate) async fn add(&self, address: &str) -> Value {
        self.home.must("account_add", self.by_password(address)).await
    }

    /// Adds an account in the browser; `login` signs in there.
    pub(crate) async fn add_by_oauth(
        &self,
        address: &str,
        login: &str,
    ) -> Result<Value, mailroom_api::WireError> {
        let payload = json!({
            "address": address,
            "imap": format!("localhost:{}:starttls", self.office.imap_port()),
            "smtp": format!("localhost:{}:starttls", self.office.submission_port()),
            "sign_in": {"kind": "oauth", "issuer": self.office.issuer(), "client_id": self.office.client_id()},
            "period": "all",
            "setup_done": true,
        });
        self.in_browser("account_add", payload, login).await
    }

    /// Calls a command that signs in in the browser, and plays the person there.
    pub(crate) async fn in_browser(
        &self,
        command: &str,
        payload: Value,
        login: &str,
    ) -> Result<Value, mailroom_api::WireError> {
        let (urls, mut opened) = mpsc::channel(1);
        let adding = self.home.during(self.home.call(command, payload), |event| {
            if let EventView::SigninOpened { url, .. } = event {
                urls.try_send(url).unwrap();
            }
            None::<()>
        });
        let person = async {
            if let Some(url) = opened.recv().await {
                let landing = self
                    .office
                    .approve(&url, login)
                    .await
                    .expect("the browser signs in");
                if landing.address.starts_with("app.mailroom:") {
                    // The desktop hands such a link to the program.
                    self.home
                        .must("signin_answer", json!({ "text": landing.address }))
                        .await;
                }
            }
        };
        tokio::pin!(adding, person);
        let mut person_done = false;
        loop {
            tokio::select! {
                (result, _) = &mut adding => return result,
                () = &mut person, if !person_done => person_done = true,
            }
        }
    }

    /// Brings one account up to date; every folder must work.
    pub(crate) async fn sync(&self, address: &str) -> Value {
        let reports = self.home.must("sync_run", json!({"address": address})).await;
        let report = reports[0].clone();
        assert_eq!(report["error"], Value::Null, "{report}");
        for folder in report["folders"].as_array().unwrap() {
            assert_eq!(folder["error"], Value::Null, "{folder}");
        }
        report
    }

    pub(crate) async fn list(&self, address: &str, folder: &str) -> Vec<Value> {
        let page = self
            .home
            .must(
                "message_list",
                json!({"address": address, "folder": folder, "limit": 1000}),
            )
            .await;
        page["messages"].as_array().unwrap().clone()
    }

    pub(crate) async fn search(&self, query: &str) -> Vec<String> {
        let page = self
            .home
            .must("message_search", json!({"query": query, "limit": 1000}))
            .await;
        page["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| text(row, "subject"))
            .collect()
    }

    /// Flags on the server, by UID, as another program would see them.
    pub(crate) fn server(&self, user: &str, folder: &str, fields: &str) -> String {
        self.office
            .doveadm(&["-f", "tab", "fetch", "-u", user, fields, "mailbox", folder, "all"])
            .unwrap()
    }

    /// How many messages the server has in a folder.
    pub(crate) fn count(&self, user: &str, folder: &str) -> usize {
        self.server(user, folder, "uid")
            .lines()
            .skip(1)
            .filter(|line| !line.is_empty())
            .count()
    }
}

pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

pub(crate) fn message(from: &str, to: &str, subject: &str, body: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{}@example.org>\r\n\
         Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\n{body}\r\n",
        subject.replace(' ', "-")
    )
    .into_bytes()
}
