//! An office, a desktop on which Mailroom never ran, and the words of the interface.

use std::ffi::OsString;
use std::path::Path;

use mailroom_tests::office::{Office, OfficeOptions};
use mailroom_tests::window::{Application, Desktop, WindowError};
use serde_json::Value;

use crate::journey::now;
use crate::start::program;

pub(crate) const ALICE: &str = "alice@mailroom.test";
pub(crate) const BOB: &str = "bob@mailroom.test";

pub(crate) struct Stage {
    pub(crate) desktop: Desktop,
    pub(crate) office: Office,
    environment: Vec<(&'static str, OsString)>,
    words: Value,
}

impl Stage {
    /// An office whose organisation tells every machine of its servers, and such a machine.
    pub(crate) fn set() -> Self {
        let mut stage = Self::set_among_strangers();
        let authority = stage.office.ca_path().into();
        stage.environment.push(("SSL_CERT_FILE", authority));
        stage
    }

    /// The same where the machine knows nobody who vouches for the office's certificates.
    pub(crate) fn set_among_strangers() -> Self {
        let office = Office::start(&OfficeOptions::default()).expect("an office");
        let desktop = Desktop::start(1280, 900).expect("a desktop");
        // As most services have it: no port of the moment on 127.0.0.1, so the answer comes back by a link.
        let policy = office.write_policy(Some("scheme")).expect("a policy");
        let environment = vec![
            ("MAILROOM_POLICY", policy.into()),
            ("MAILROOM_VAULT", "file".into()),
            ("MAILROOM_VAULT_PASSPHRASE", "window".into()),
        ];
        let english = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/i18n/locales/en.json");
        let words = serde_json::from_str(&std::fs::read_to_string(english).unwrap()).unwrap();
        Self {
            desktop,
            office,
            environment,
            words,
        }
    }

    /// Starts the application.
    pub(crate) async fn open(&self) -> Application {
        Application::open(&self.desktop, &program(), &self.environment)
            .await
            .unwrap()
    }

    /// Brings a message of this moment to Alice.
    pub(crate) fn deliver(&self, id: &str, subject: &str, text: &str) {
        let letter = format!(
            "From: Bob Nowak <{BOB}>\r\nTo: {ALICE}\r\nSubject: {subject}\r\nMessage-ID: <{id}@mailroom.test>\r\n\
             Date: {}\r\n\r\n{text}\r\n",
            now()
        );
        self.office.deliver(ALICE, letter.as_bytes()).unwrap();
    }

    /// The words of the interface for a key, up to the first value that stands in them.
    pub(crate) fn word(&self, key: &str) -> &str {
        let words = self.words[key]
            .as_str()
            .unwrap_or_else(|| panic!("the interface has no words for {key}"));
        words.split('{').next().unwrap_or_default().trim()
    }

    /// Ends a journey; of one that failed a picture is left for the reader.
    pub(crate) async fn end(&self, application: Application, played: Result<(), WindowError>) {
        if let Err(error) = played {
            let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window.png");
            // Of the screen: a page that paints no more would be waited for.
            let taken = self.desktop.picture(&picture);
            let seen = taken.map_or_else(|error| error.to_string(), |()| picture.display().to_string());
            panic!("{}\npicture: {seen}", mailroom_model::source_chain(&error));
        }
        application.close().await.unwrap();
        // Its window is gone before it is: what it began is brought to an end first.
        assert!(
            self.desktop.is_left_by("mailroom-desktop"),
            "the application ends"
        );
    }
}
