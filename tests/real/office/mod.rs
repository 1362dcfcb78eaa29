//! The kit tries itself: what it promises to other tests is true.

mod kit;
mod life;
mod provider;
mod servers;
mod shape;
mod talk;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mailroom_tests::office::{Office, OfficeOptions};

use crate::desk::{ALICE, BOB};

const PATIENCE: Duration = Duration::from_mins(2);

fn start(options: &OfficeOptions) -> Office {
    Office::start(options).unwrap()
}

fn without_provider() -> OfficeOptions {
    OfficeOptions {
        oidc: false,
        ..OfficeOptions::default()
    }
}

fn imap_only() -> OfficeOptions {
    OfficeOptions {
        smtp: false,
        ..without_provider()
    }
}

fn fetch(office: &Office, user: &str, folder: &str, what: &str) -> String {
    office
        .doveadm(&["-f", "tab", "fetch", "-u", user, what, "mailbox", folder, "all"])
        .unwrap()
}

fn count(office: &Office, user: &str, folder: &str) -> usize {
    fetch(office, user, folder, "uid")
        .lines()
        .count()
        .saturating_sub(1)
}

fn bearer(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"))
}
