//! The arrows of the house, held against what Cargo knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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

/// What a log may show of values: nothing that a person wrote or a server said.
const LOGGED: &[&str] = &["error.code()", "self.peer", "endpoint.host"];

/// The Rust files below a folder.
fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the workspace") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// What stands between the parentheses of a call; `rest` is what follows the opening one.
fn arguments(rest: &str) -> &str {
    let mut depth = 1;
    let end = rest.find(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.map_or(rest, |end| &rest[..end])
}

#[test]
fn errors_are_logged_by_their_code_only() {
    let mut files = Vec::new();
    rust_files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates"),
        &mut files,
    );
    let mut calls = 0;
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a file of the workspace");
        for call in text.split("tracing::").skip(1) {
            let Some((name, rest)) = call.split_once("!(") else {
                continue;
            };
            if !["error", "warn", "info", "debug", "trace"].contains(&name) {
                continue;
            }
            calls += 1;
            let fields = arguments(rest);
            for shown in fields.split(['%', '?']).skip(1) {
                let value = shown.split([',', '\n']).next().unwrap_or_default().trim();
                assert!(
                    LOGGED.contains(&value),
                    "{}: a log shows {value}; errors are logged as `code = %error.code()`",
                    path.display()
                );
            }
            assert!(
                !fields.contains('{'),
                "{}: a log's sentence holds no values: {fields}",
                path.display()
            );
        }
    }
    assert!(calls > 10, "this test looks at logs where there are none");
}
