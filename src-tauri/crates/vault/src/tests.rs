//! The encrypted file on a real disk.

use std::path::PathBuf;

use mailroom_model::{Coded, ErrorCode, Secret};

use crate::{FileVault, SecretKey, SecretPurpose, Vault, VaultError, VaultKind, WorkFactor};

const LIGHT: WorkFactor = WorkFactor {
    memory_kib: 64,
    passes: 1,
};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn key(account: &str) -> SecretKey {
    SecretKey::new(account, SecretPurpose::Password)
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets");
    (folder, path)
}

async fn open(path: &std::path::Path, passphrase: &str) -> Result<FileVault, VaultError> {
    FileVault::open_with(path, secret(passphrase), LIGHT).await
}

#[tokio::test]
async fn secrets_come_back_after_opening_again() {
    let (_folder, path) = place();
    let vault = open(&path, "right").await.unwrap();
    assert_eq!(vault.kind(), VaultKind::File);
    assert_eq!(vault.get(&key("a@x.pl")).await.unwrap(), None);
    assert!(!path.exists());
    vault.put(&key("a@x.pl"), &secret("one")).await.unwrap();
    vault.put(&key("b@x.pl"), &secret("two")).await.unwrap();
    vault.put(&key("A@x.pl"), &secret("hasło")).await.unwrap();
    let tokens = SecretKey::new("a@x.pl", SecretPurpose::OauthTokens);
    vault.put(&tokens, &secret(&"t".repeat(20_000))).await.unwrap();
    drop(vault);

    let vault = open(&path, "right").await.unwrap();
    assert_eq!(vault.get(&key("a@x.pl")).await.unwrap(), Some(secret("hasło")));
    assert_eq!(vault.get(&key("b@x.pl")).await.unwrap(), Some(secret("two")));
    assert_eq!(
        vault.get(&tokens).await.unwrap(),
        Some(secret(&"t".repeat(20_000)))
    );
    vault.remove(&key("a@x.pl")).await.unwrap();
    vault.remove(&key("a@x.pl")).await.unwrap();
    assert_eq!(vault.get(&key("a@x.pl")).await.unwrap(), None);
    vault.health().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = place();
    let vault = open(&path, "right").await.unwrap();
    vault.put(&key("a@x.pl"), &secret("one")).await.unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn wrong_passphrase_damage_and_paths_are_told_apart() {
    let (folder, path) = place();
    let vault = open(&path, "right").await.unwrap();
    vault.put(&key("a@x.pl"), &secret("one")).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    for wrong in ["wrong", ""] {
        let error = open(&path, wrong).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::VaultPassphraseWrong);
    }
    assert_eq!(std::fs::read(&path).unwrap(), whole);

    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(
        open(&path, "right").await.unwrap_err().code(),
        ErrorCode::VaultDamaged
    );
    // What cannot be read is not written over.
    assert_eq!(
        vault.put(&key("b@x.pl"), &secret("x")).await.unwrap_err().code(),
        ErrorCode::VaultDamaged
    );
    assert_eq!(std::fs::read(&path).unwrap(), whole[..whole.len() - 1]);

    let nowhere = folder.path().join("missing").join("secrets");
    let vault = open(&nowhere, "right").await.unwrap();
    let error = vault.put(&key("a@x.pl"), &secret("x")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::FileUnwritable);
    let error = open(folder.path(), "right").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::FileUnreadable);
    assert_eq!(
        error.params()["path"].to_string(),
        folder.path().display().to_string()
    );
}

#[tokio::test]
async fn two_vaults_on_one_file_lose_nothing() {
    let (_folder, path) = place();
    // Both are opened before the file is there.
    let vaults = [
        open(&path, "right").await.unwrap(),
        open(&path, "right").await.unwrap(),
    ];
    let mut tasks = tokio::task::JoinSet::new();
    for (number, vault) in vaults.into_iter().enumerate() {
        tasks.spawn(async move {
            for index in 0..10 {
                let name = format!("{number}-{index}@x.pl");
                vault.put(&key(&name), &secret(&name)).await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let vault = open(&path, "right").await.unwrap();
    for number in 0..2 {
        for index in 0..10 {
            let name = format!("{number}-{index}@x.pl");
            assert_eq!(vault.get(&key(&name)).await.unwrap(), Some(secret(&name)));
        }
    }
}

#[tokio::test]
async fn left_over_of_an_interrupted_write_does_no_harm() {
    let (folder, path) = place();
    let vault = open(&path, "right").await.unwrap();
    vault.put(&key("a@x.pl"), &secret("one")).await.unwrap();
    std::fs::write(folder.path().join("secrets.new"), b"half a file").unwrap();
    assert_eq!(vault.get(&key("a@x.pl")).await.unwrap(), Some(secret("one")));
    vault.put(&key("a@x.pl"), &secret("two")).await.unwrap();
    assert_eq!(
        open(&path, "right")
            .await
            .unwrap()
            .get(&key("a@x.pl"))
            .await
            .unwrap(),
        Some(secret("two"))
    );
}

#[tokio::test]
async fn file_of_the_standard_work_factor_opens() {
    let (_folder, path) = place();
    let vault = FileVault::open(&path, secret("right")).await.unwrap();
    vault.put(&key("a@x.pl"), &secret("one")).await.unwrap();
    assert_eq!(vault.get(&key("a@x.pl")).await.unwrap(), Some(secret("one")));
}

#[test]
fn key_names_its_entry_in_lower_case() {
    let vault_key = SecretKey::new("Anna@X.pl", SecretPurpose::RegistrationSecret);
    assert_eq!(vault_key.entry_name(), "registration-secret:anna@x.pl");
    assert_eq!(
        (vault_key.account(), vault_key.purpose()),
        ("anna@x.pl", SecretPurpose::RegistrationSecret)
    );
}
