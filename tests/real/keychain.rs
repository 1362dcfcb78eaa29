//! Secrets in the real Secret Service, through the real command.

use std::path::Path;
use std::process::{Command, Output};

use mailroom_store::Store;
use mailroom_tests::command::mailroom_program;
use mailroom_tests::office::{Office, OfficeOptions};
use serde_json::Value;

use crate::desk::ALICE;

const UNLOCKED: &str =
    "printf pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1";

/// Runs a script on a session bus of its own; `$MAILROOM` is the command, `$HOME` an empty folder.
fn on_a_bus(script: &str, certificates: Option<&Path>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let runtime = folder.path().join("runtime");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", "sh", "-c", script])
        .env("MAILROOM", mailroom_program())
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("MAILROOM_HOME", folder.path().join("home"))
        .env_remove("MAILROOM_VAULT")
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    if let Some(certificates) = certificates {
        command.env("SSL_CERT_FILE", certificates);
    }
    command.output().expect("dbus-run-session runs")
}

/// Runs the doctor; `prepare` runs before it on the same bus.
fn doctor(prepare: &str) -> (Output, Value) {
    let output = on_a_bus(&format!("{prepare}\nexec \"$MAILROOM\" --json doctor"), None);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let vault = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["check"] == "vault")
        .unwrap()
        .clone();
    (output, vault)
}

#[test]
fn secret_goes_into_an_unlocked_keychain_and_comes_back() {
    let (output, vault) = doctor(UNLOCKED);
    assert_eq!(vault["passed"], true, "{vault} {output:?}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn missing_keychain_is_said_at_once_and_no_file_takes_its_place() {
    let (_, vault) = doctor("");
    assert_eq!(vault["passed"], false);
    assert_eq!(vault["error"]["code"], "vault_missing", "{vault}");
}

/// Home `one` has an account whose password lies under the name that all homes shared once; `other` adds the same address
/// and removes it.
const TWO_HOMES: &str = r#"
set -e
ENTRY="service app.mailroom.desktop target default application rust-keyring username password:$ADDRESS"
one() { MAILROOM_HOME="$ONE" "$MAILROOM" --json "$@"; }
other() { MAILROOM_HOME="$HOME/other" "$MAILROOM" --json "$@"; }
add() { echo alice-pw | "$1" account add "$ADDRESS" --imap "$IMAP" --smtp "$SMTP" --password-stdin >/dev/null; }
export MAILROOM_VAULT=file MAILROOM_VAULT_PASSPHRASE=x
add one
unset MAILROOM_VAULT
printf =alice-pw | secret-tool store --label=old $ENTRY
one sync >/dev/null
echo still: $(secret-tool lookup $ENTRY)
secret-tool clear $ENTRY
add other
other account remove "$ADDRESS" >/dev/null
one sync >/dev/null
echo kept
"#;

#[tokio::test]
async fn homes_with_the_same_address_do_not_take_each_others_password() {
    let office = Office::start(&OfficeOptions {
        oidc: false,
        ..OfficeOptions::default()
    })
    .unwrap();
    // A program that knew no names has made this database.
    let one = tempfile::tempdir().unwrap();
    let store = Store::open(&one.path().join("mailroom.db")).await.unwrap();
    store.close().await;
    let script = format!(
        "{UNLOCKED}\nONE={} ADDRESS={ALICE} IMAP=localhost:{}:tls SMTP=localhost:{}:tls\n{TWO_HOMES}",
        one.path().display(),
        office.imaps_port(),
        office.submissions_port()
    );
    let output = on_a_bus(&script, Some(office.ca_path()));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "still: =alice-pw\nkept\n",
        "{output:?}"
    );
}
