//! Secrets in the real Secret Service, through the real command.

use std::process::{Command, Output};

use mailroom_tests::command::mailroom_program;
use serde_json::Value;

/// Runs the doctor on a session bus of its own; `prepare` runs before it on the same bus.
fn doctor(prepare: &str) -> (Output, Value) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = folder.path().join("runtime");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let output = Command::new("dbus-run-session")
        .args([
            "--",
            "sh",
            "-c",
            &format!("{prepare}\nexec \"$MAILROOM\" --json doctor"),
        ])
        .env("MAILROOM", mailroom_program())
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("MAILROOM_HOME", folder.path().join("home"))
        .env_remove("MAILROOM_VAULT")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .output()
        .expect("dbus-run-session runs");
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
    let (output, vault) =
        doctor("printf pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1");
    assert_eq!(vault["passed"], true, "{vault} {output:?}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn missing_keychain_is_said_at_once_and_no_file_takes_its_place() {
    let (_, vault) = doctor("");
    assert_eq!(vault["passed"], false);
    assert_eq!(vault["error"]["code"], "vault_missing", "{vault}");
}
