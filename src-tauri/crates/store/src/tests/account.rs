//! Table `accounts`.

use mailroom_model::{
    AccountId, AccountState, AuthMethod, Coded, Endpoint, ErrorCode, FlagChange, FolderId, FolderSelection,
    Param, Period, Security, UidSet, WorkingAccount,
};

use super::kit::{NOW, TestStore, attachment, message, new_account};
use crate::{
    CompressedBody, NewOperation, NewOutbox, NewRegistration, OperationKind, Removed, StoreError, StoredError,
};

fn working(address: &str) -> WorkingAccount {
    WorkingAccount {
        address: address.parse().unwrap(),
        provider: Some("fastmail".into()),
        imap: Endpoint::new("imap.example.com", 993, Security::Tls),
        imap_username: address.into(),
        smtp: None,
        smtp_username: address.into(),
        auth: AuthMethod::AppPassword,
    }
}

#[tokio::test]
async fn account_is_found_as_it_was_added() {
    let test = TestStore::new().await;
    let mut new = new_account("Anna@x.pl");
    new.working = Some(working("Anna@x.pl"));
    new.folders = FolderSelection::Chosen(vec!["INBOX".into(), "Wysłane".into()]);
    new.options = serde_json::json!({"push": true});
    let accounts = test.store.accounts();
    let id = accounts.insert(&new).await.unwrap();
    let row = accounts.get(id).await.unwrap().unwrap();
    assert_eq!(row.address, new.address);
    assert_eq!(row.working, new.working);
    assert_eq!(row.folders, new.folders);
    assert_eq!(row.options, new.options);
    assert_eq!(
        (row.period, row.state, row.created_at),
        (Period::Quarter, AccountState::Unproved, NOW)
    );
    assert_eq!(
        accounts.by_address(&"anna@X.pl".parse().unwrap()).await.unwrap(),
        Some(row.clone())
    );
    assert_eq!(accounts.list().await.unwrap(), [row]);
    assert_eq!(accounts.get(AccountId(99)).await.unwrap(), None);
}

#[tokio::test]
async fn account_twice_is_refused_in_any_case_of_letters() {
    let test = TestStore::new().await;
    test.account("anna@x.pl").await;
    let error = test
        .store
        .accounts()
        .insert(&new_account("ANNA@x.pl"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::AccountExists { address } if address == "ANNA@x.pl"),
        "{error:?}"
    );
}

#[tokio::test]
async fn account_changes_are_kept() {
    let test = TestStore::new().await;
    let id = test.account("anna@x.pl").await;
    let accounts = test.store.accounts();
    let error = StoredError::new(&StoreError::FolderMissing(FolderId(3)), NOW);
    accounts
        .set_state(id, AccountState::SignInNeeded, Some(&error))
        .await
        .unwrap();
    accounts.set_servers(id, &working("anna@x.pl")).await.unwrap();
    accounts
        .set_selection(id, Period::All, &FolderSelection::Chosen(vec![]))
        .await
        .unwrap();
    accounts.set_options(id, &serde_json::json!([1])).await.unwrap();
    accounts.set_display_name(id, "Office").await.unwrap();
    let registration = test
        .store
        .registrations()
        .insert(&NewRegistration {
            label: "own".into(),
            issuer: "https://id.example".into(),
            client_id: "abc".into(),
            tenant: None,
            redirect_uri: None,
            has_secret: false,
            is_kept: false,
            created_at: NOW,
            secret_ends_at: None,
        })
        .await
        .unwrap();
    accounts
        .set_oauth(id, Some(registration), Some("https://id.example"), Some("common"))
        .await
        .unwrap();
    let row = accounts.get(id).await.unwrap().unwrap();
    assert_eq!(row.last_error, Some(error));
    assert_eq!(row.last_error.unwrap().params["folder_id"], Param::Number(3));
    assert_eq!((row.state, row.period), (AccountState::SignInNeeded, Period::All));
    assert_eq!(
        (row.provider.as_deref(), row.display_name.as_str()),
        (Some("fastmail"), "Office")
    );
    assert_eq!(
        (row.registration_id, row.tenant.as_deref()),
        (Some(registration), Some("common"))
    );
    assert!(!test.store.registrations().delete(registration).await.unwrap());

    accounts.set_state(id, AccountState::Working, None).await.unwrap();
    assert_eq!(accounts.get(id).await.unwrap().unwrap().last_error, None);
    let missing = accounts
        .set_state(AccountId(99), AccountState::Working, None)
        .await
        .unwrap_err();
    assert_eq!(missing.code(), ErrorCode::AccountMissing);
}

#[tokio::test]
async fn removed_account_leaves_nothing_and_others_stay() {
    let test = TestStore::new().await;
    let (other, [other_inbox, ..]) = test.account_with_folders("other@x.pl").await;
    test.ingest(other, other_inbox, vec![message(1), message(2)])
        .await;
    let (account, [inbox, archive, _]) = test.account_with_folders("anna@x.pl").await;
    let batch: Vec<_> = (1..=1500)
        .map(|n| {
            let mut message = message(n);
            message.attachments = vec![attachment("a.pdf")];
            message
        })
        .collect();
    let bytes = batch.iter().map(|message| message.size).sum();
    test.ingest(account, inbox, batch).await;
    let store = &test.store;
    store
        .identities()
        .upsert_default(account, &"anna@x.pl".parse().unwrap(), "")
        .await
        .unwrap();
    for kind in [
        OperationKind::SetFlags {
            uids: UidSet::range(1, 9),
            change: FlagChange::default(),
        },
        OperationKind::Move {
            uids: UidSet::range(1, 9),
            to_folder: archive,
            uid_validity: None,
            everywhere: false,
        },
    ] {
        let operation = NewOperation {
            account_id: account,
            folder_id: inbox,
            kind,
            raw: None,
        };
        store.operations().enqueue(&operation, NOW).await.unwrap();
    }
    store
        .outbox()
        .enqueue(
            &NewOutbox {
                account_id: account,
                identity_id: None,
                rfc_message_id: "a@x".into(),
                subject: String::new(),
                envelope_from: "anna@x.pl".into(),
                envelope_to: vec!["b@x.pl".into()],
                raw: CompressedBody::compress(b"x").unwrap(),
                send_after: NOW,
                about: None,
            },
            NOW,
        )
        .await
        .unwrap();

    let removed = store.accounts().delete(account).await.unwrap();
    assert_eq!(
        removed,
        Removed {
            messages: 1500,
            bytes
        }
    );
    for (table, left) in [
        ("accounts", 1),
        ("identities", 0),
        ("folders", 3),
        ("threads", 2),
        ("thread_links", 2),
        ("messages", 2),
        ("places", 2),
        ("bodies", 2),
        ("attachments", 0),
        ("operations", 0),
        ("outbox", 0),
        ("search", 2),
    ] {
        assert_eq!(test.count(table).await, left, "{table}");
    }
    assert_eq!(
        store.accounts().delete(account).await.unwrap_err().code(),
        ErrorCode::AccountMissing
    );
    test.assert_sound().await;
    test.account("anna@x.pl").await;
}

#[tokio::test]
async fn interrupted_removal_is_out_of_sight_and_gets_finished() {
    let test = TestStore::new().await;
    let (account, [inbox, ..]) = test.account_with_folders("anna@x.pl").await;
    test.ingest(account, inbox, vec![message(1)]).await;
    let mut writing = test.store.begin_synced().await.unwrap();
    sqlx::query("UPDATE accounts SET removing = 1")
        .execute(&mut *writing)
        .await
        .unwrap();
    writing.commit().await.unwrap();
    let test = test.reopen().await;
    assert_eq!(test.store.accounts().list().await.unwrap(), []);
    test.account("anna@x.pl").await;
    assert_eq!(test.store.accounts().finish_removals().await.unwrap(), 1);
    assert_eq!(
        (test.count("accounts").await, test.count("messages").await),
        (1, 0)
    );
}

#[tokio::test]
async fn what_is_in_force_already_is_not_written_again() {
    let test = TestStore::new().await;
    let (account, _) = test.account_with_folders("anna@x.pl").await;
    let accounts = test.store.accounts();
    let missing = StoreError::FolderMissing(FolderId(1));
    let error = StoredError::new(&missing, NOW);
    for error in [None, Some(&error)] {
        let before = test.store.lasting_changes();
        accounts
            .set_state(account, AccountState::Working, error)
            .await
            .unwrap();
        let after = test.store.lasting_changes();
        assert!(after > before);
        accounts
            .set_state(account, AccountState::Working, error)
            .await
            .unwrap();
        // A look ends so as well.
        assert!(test.store.outbox().recover(account).await.unwrap().is_empty());
        assert_eq!(test.store.lasting_changes(), after);
        let row = accounts.get(account).await.unwrap().unwrap();
        assert_eq!(row.state, AccountState::Working);
        assert_eq!(row.last_error.is_some(), error.is_some());
    }
    let gone = accounts
        .set_state(AccountId(99), AccountState::Working, None)
        .await;
    assert!(matches!(gone, Err(StoreError::AccountMissing(_))));
}
