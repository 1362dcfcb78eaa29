//! Identities, registrations, learned domains, settings.

use mailroom_model::{CandidateServers, Coded, Endpoint, ErrorCode, Security, UsernameForm};

use super::kit::{NOW, TestStore};
use crate::{LearnedDomain, NewRegistration};

#[tokio::test]
async fn identity_becomes_the_only_default() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let identities = test.store.identities();
    let first = identities
        .upsert_default(account, &"anna@x.pl".parse().unwrap(), "Anna")
        .await
        .unwrap();
    let second = identities
        .upsert_default(account, &"office@x.pl".parse().unwrap(), "")
        .await
        .unwrap();
    let again = identities
        .upsert_default(account, &"Anna@x.pl".parse().unwrap(), "A. Nowak")
        .await
        .unwrap();
    assert_eq!(again, first);
    let rows = identities.list(account).await.unwrap();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.id, row.name.as_str(), row.is_default))
        .collect();
    assert_eq!(shown, [(first, "A. Nowak", true), (second, "", false)]);
}

#[tokio::test]
async fn identity_that_goes_leaves_an_heir() {
    let test = TestStore::new().await;
    let account = test.account("anna@x.pl").await;
    let (own, alias) = ("anna@x.pl".parse().unwrap(), "office@x.pl".parse().unwrap());
    let identities = test.store.identities();
    identities.upsert_default(account, &own, "Anna").await.unwrap();
    let id = identities
        .save(account, &alias, "Office", "<p>Regards</p>", None)
        .await
        .unwrap();
    let shown = || async {
        let rows = identities.list(account).await.unwrap();
        rows.into_iter()
            .map(|row| (row.address.to_string(), row.name, row.signature, row.is_default))
            .collect::<Vec<_>>()
    };
    let line = |address: &str, name: &str, signature: &str, default| {
        (address.to_owned(), name.to_owned(), signature.to_owned(), default)
    };
    let both = [
        line("anna@x.pl", "Anna", "", true),
        line("office@x.pl", "Office", "<p>Regards</p>", false),
    ];
    assert_eq!(shown().await, both);
    let again = identities
        .save(account, &alias, "O", "", Some(&alias))
        .await
        .unwrap();
    assert_eq!(again, id);
    let both = [
        line("office@x.pl", "O", "", true),
        line("anna@x.pl", "Anna", "", false),
    ];
    assert_eq!(shown().await, both);
    assert!(identities.remove(account, &alias, &own).await.unwrap());
    assert!(!identities.remove(account, &alias, &own).await.unwrap());
    assert_eq!(shown().await, [line("anna@x.pl", "Anna", "", true)]);
}

#[tokio::test]
async fn registration_that_is_changed_becomes_the_persons_own() {
    let test = TestStore::new().await;
    let registrations = test.store.registrations();
    let new = |client: &str| NewRegistration {
        label: "ours".into(),
        issuer: "google".into(),
        client_id: client.into(),
        tenant: None,
        redirect_uri: None,
        has_secret: false,
        is_kept: false,
        created_at: NOW,
        secret_ends_at: None,
    };
    let id = registrations.insert(&new("abc")).await.unwrap();
    registrations.insert(&new("def")).await.unwrap();
    let mut row = registrations.get(id).await.unwrap().unwrap();
    assert!(!row.is_kept);
    row.label = "mine".into();
    row.has_secret = true;
    row.secret_ends_at = Some(NOW);
    assert!(registrations.update(&row).await.unwrap());
    let kept = registrations.get(id).await.unwrap().unwrap();
    assert_eq!(
        (kept.label.as_str(), kept.has_secret, kept.is_kept),
        ("mine", true, true)
    );
    assert_eq!(kept.secret_ends_at, Some(NOW));
    registrations.insert(&new("abc")).await.unwrap();
    assert!(
        registrations.get(id).await.unwrap().unwrap().is_kept,
        "it stays so"
    );
    row.client_id = "def".into();
    assert!(
        !registrations.update(&row).await.unwrap(),
        "another one is for that client"
    );
}

#[tokio::test]
async fn sender_is_allowed_and_forgotten() {
    let test = TestStore::new().await;
    let senders = test.store.allowed_senders();
    senders.allow("news@x.pl", NOW).await.unwrap();
    senders.allow("news@x.pl", NOW).await.unwrap();
    senders.allow("anna@x.pl", NOW).await.unwrap();
    assert!(senders.is_allowed("news@x.pl").await.unwrap());
    assert!(!senders.is_allowed("x.pl").await.unwrap());
    assert_eq!(senders.list().await.unwrap(), ["anna@x.pl", "news@x.pl"]);
    assert!(senders.forget("news@x.pl").await.unwrap());
    assert!(!senders.forget("news@x.pl").await.unwrap());
    assert!(!senders.is_allowed("news@x.pl").await.unwrap());
}

#[tokio::test]
async fn registration_is_kept_once_for_each_client() {
    let test = TestStore::new().await;
    let registrations = test.store.registrations();
    let mut new = NewRegistration {
        label: "ours".into(),
        issuer: "https://id.example".into(),
        client_id: "abc".into(),
        tenant: Some("t1".into()),
        redirect_uri: None,
        has_secret: false,
        is_kept: false,
        created_at: NOW,
        secret_ends_at: None,
    };
    let id = registrations.insert(&new).await.unwrap();
    new.has_secret = true;
    assert_eq!(registrations.insert(&new).await.unwrap(), id);
    new.tenant = None;
    let other = registrations.insert(&new).await.unwrap();
    assert_ne!(other, id);
    let row = registrations.get(id).await.unwrap().unwrap();
    assert_eq!((row.has_secret, row.tenant.as_deref()), (true, Some("t1")));
    assert_eq!(registrations.list().await.unwrap().len(), 2);
    assert!(registrations.delete(id).await.unwrap());
    assert!(!registrations.delete(id).await.unwrap());
    assert_eq!(registrations.get(id).await.unwrap(), None);
}

#[tokio::test]
async fn domain_is_learned_and_forgotten() {
    let test = TestStore::new().await;
    let domains = test.store.learned_domains();
    let mut learned = LearnedDomain {
        domain: "x.pl".into(),
        provider: Some("fastmail".into()),
        servers: None,
        learned_at: NOW,
    };
    domains.learn(&learned).await.unwrap();
    learned.provider = None;
    learned.servers = Some(CandidateServers {
        imap: vec![Endpoint::new("imap.x.pl", 993, Security::Tls)],
        smtp: vec![],
        imap_username: UsernameForm::Local,
        smtp_username: UsernameForm::Address,
    });
    domains.learn(&learned).await.unwrap();
    assert_eq!(domains.list().await.unwrap(), [learned.clone()]);
    assert_eq!(domains.get("x.pl").await.unwrap(), Some(learned));
    assert!(domains.forget("x.pl").await.unwrap());
    assert!(!domains.forget("x.pl").await.unwrap());
    assert_eq!(domains.get("x.pl").await.unwrap(), None);
}

#[tokio::test]
async fn setting_keeps_its_type() {
    let test = TestStore::new().await;
    let settings = test.store.settings();
    assert_eq!(settings.get::<u32>("interval").await.unwrap(), None);
    settings.set("interval", &5u32, NOW).await.unwrap();
    settings.set("interval", &15u32, NOW).await.unwrap();
    assert_eq!(settings.get::<u32>("interval").await.unwrap(), Some(15));
    let error = settings.get::<Vec<String>>("interval").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::StoreDamaged);
    assert!(settings.unset("interval").await.unwrap());
    assert!(!settings.unset("interval").await.unwrap());
}
