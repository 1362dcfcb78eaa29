//! The arrows of the house, held against what Cargo knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Who may depend on whom. `docs/architecture.md` draws the same.
const ARROWS: &[(&str, &[&str])] = &[
    ("mailroom-model", &[]),
    ("mailroom-mime", &["mailroom-model"]),
    ("mailroom-protocol", &["mailroom-model"]),
    ("mailroom-connect", &["mailroom-model"]),
    ("mailroom-store", &["mailroom-model"]),
    ("mailroom-vault", &["mailroom-model"]),
    ("mailroom-policy", &["mailroom-model"]),
    (
        "mailroom-engine",
        &[
            "mailroom-connect",
            "mailroom-mime",
            "mailroom-model",
            "mailroom-policy",
            "mailroom-protocol",
            "mailroom-store",
            "mailroom-vault",
        ],
    ),
    ("mailroom-api", &["mailroom-engine", "mailroom-model"]),
    ("mailroom-door", &["mailroom-api"]),
    ("mailroom-cli", &["mailroom-api", "mailroom-door"]),
    ("mailroom-desktop", &["mailroom-api"]),
    ("xtask", &[]),
];

/// Libraries that have one room each.
const OWNED: &[(&str, &[&str])] = &[
    ("sqlx", &["mailroom-store"]),
    ("async-imap", &["mailroom-protocol"]),
    ("lettre", &["mailroom-protocol"]),
    ("mailparse", &["mailroom-mime"]),
    ("ammonia", &["mailroom-mime"]),
    ("oauth2", &["mailroom-connect"]),
    ("hickory-resolver", &["mailroom-connect"]),
    ("keyring", &["mailroom-vault"]),
    ("tauri", &["mailroom-desktop"]),
    ("clap", &["mailroom-cli"]),
    ("axum", &["mailroom-door"]),
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo metadata reads the workspace")
}

/// Package name to the names that it depends on, development dependencies left out.
fn dependencies(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let names = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind != DependencyKind::Development)
                .map(|dependency| dependency.name.clone())
                .collect();
            (package.name.to_string(), names)
        })
        .collect()
}

#[test]
fn rooms_see_only_the_rooms_below_them() {
    let found = dependencies(&metadata());
    let rooms: BTreeSet<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    for (room, allowed) in ARROWS {
        let names = found
            .get(*room)
            .unwrap_or_else(|| panic!("the room {room} is gone: take it out of ARROWS"));
        let used: BTreeSet<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| rooms.contains(name))
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert_eq!(
            used, allowed,
            "the arrows of {room} changed: if that is meant, draw them in docs/architecture.md and here"
        );
    }
    for room in found.keys().filter(|name| *name != "mailroom-tests") {
        assert!(
            rooms.contains(room.as_str()),
            "{room} is a new room: draw its arrows in ARROWS"
        );
    }
}

#[test]
fn libraries_are_named_in_their_own_room_only() {
    let found = dependencies(&metadata());
    for (library, owners) in OWNED {
        for (room, names) in &found {
            let names_it = names.contains(*library);
            assert!(
                !names_it || owners.contains(&room.as_str()),
                "{room} names {library}, which belongs to {owners:?}"
            );
            assert!(
                names_it || !owners.contains(&room.as_str()),
                "{room} does not name {library} any more"
            );
        }
    }
}
