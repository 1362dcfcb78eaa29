//! The contract that the window is typed with is the contract of the api.

use std::path::Path;

use mailroom_api::{COMMANDS, typescript};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the switch to write the file is for the person at the keyboard"
)]
fn contract_of_the_window_is_the_one_of_the_api() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/ipc/contract.ts");
    let now = typescript();
    if std::env::var_os("MAILROOM_WRITE_CONTRACT").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == now,
        "the api changed: MAILROOM_WRITE_CONTRACT=1 cargo test -p mailroom-tests --test it contract"
    );
}

#[test]
fn commands_are_named_noun_then_verb_and_once() {
    let mut names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
    for name in &names {
        assert_eq!(name.split('_').count(), 2, "{name}");
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), COMMANDS.len());
}
