//! An office, a desktop, and the words of the interface.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use mailroom_tests::desktop::Desktop;
use mailroom_tests::office::{Office, OfficeOptions};
use mailroom_tests::webdriver::Window;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const ALICE: &str = "alice@mailroom.test";
pub(crate) const BOB: &str = "bob@mailroom.test";

pub(crate) struct Stage {
    pub(crate) desktop: Desktop,
    pub(crate) office: Office,
    words: Value,
    // Held for its file only.
    _policy: TempDir,
}

impl Stage {
    /// An office whose organisation tells every machine of its servers, and a machine on which Mailroom never ran.
    pub(crate) fn set() -> Self {
        let office = Office::start(&OfficeOptions::default()).expect("an office");
        let policy = tempfile::tempdir().unwrap();
        let file = policy.path().join("policy.json");
        let issuer = office.issuer();
        let document = json!({
            "version": 1,
            "registrations": { &issuer: { "client_id": office.client_id(), "redirect": "scheme" } },
            "servers": { office.domain(): {
                "name": "Test office",
                "imap": [format!("localhost:{}:tls", office.imaps_port())],
                "smtp": [format!("localhost:{}:tls", office.submissions_port())],
                "issuer": issuer,
                "password": true,
            } },
        });
        fs::write(&file, document.to_string()).unwrap();
        let surroundings: [(&str, OsString); 4] = [
            ("MAILROOM_POLICY", file.into()),
            ("MAILROOM_VAULT", "file".into()),
            ("MAILROOM_VAULT_PASSPHRASE", "window test".into()),
            ("SSL_CERT_FILE", office.ca_path().into()),
        ];
        let desktop = Desktop::start(&surroundings).expect("a desktop");
        let english = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/i18n/locales/en.json");
        let words = serde_json::from_str(&fs::read_to_string(english).unwrap()).unwrap();
        Self {
            desktop,
            office,
            words,
            _policy: policy,
        }
    }

    /// The words of the interface for a key.
    pub(crate) fn word(&self, key: &str) -> &str {
        self.words[key]
            .as_str()
            .unwrap_or_else(|| panic!("the interface has no words for {key}"))
    }

    /// Runs a journey; when it fails, a picture and the log of the application are left for the reader.
    pub(crate) fn play(&self, window: &Window, journey: impl FnOnce() -> Result<(), Box<dyn std::error::Error>>) {
        if let Err(error) = journey() {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
            let file = folder.join("window.png");
            let picture = window.picture().unwrap_or_default();
            let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, picture);
            fs::write(&file, bytes.unwrap_or_default()).unwrap();
            panic!("{error}\npicture: {}\n{}", file.display(), self.desktop.log());
        }
    }
}
