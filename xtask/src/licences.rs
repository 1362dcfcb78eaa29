use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::{At as _, Failure, Outcome};
use crate::process::{self, cargo};
use crate::terminal::say;
use crate::workspace;

/// Licences under which a library may be in the program (SPDX).
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What people get.
const SHIPPED: &[&str] = &["mailroom-desktop", "mailroom-cli"];

/// Where the page finds the text; it is made, not kept.
const TEXT: &str = "ui/licences.txt";

/// A library that somebody else wrote.
struct Library {
    name: String,
    version: String,
    /// As it declares it: an SPDX expression; empty when it says nothing.
    licence: String,
    folder: PathBuf,
}

/// Fails when a library has a licence that is not among [`ALLOWED`]; those that only build and test are held to the same.
pub(crate) fn check() -> Outcome<()> {
    let metadata = metadata()?;
    let mut libraries: Vec<Library> = packages(&metadata).map(crate_of).collect();
    libraries.extend(page_libraries()?);
    let refused: Vec<String> = libraries
        .iter()
        .filter(|library| !is_allowed(&library.licence))
        .map(|library| format!("{} {}: {}", library.name, library.version, library.licence))
        .collect();
    if refused.is_empty() {
        say(&format!(
            "{} libraries, every licence is allowed",
            libraries.len()
        ));
        return Ok(());
    }
    Err(Failure::Answer("allowed licences".into(), refused.join("\n")))
}

/// Writes the licences of what the program contains, for the page to show.
pub(crate) fn write() -> Outcome<()> {
    let metadata = metadata()?;
    let shipped = shipped(&metadata);
    let mut libraries: Vec<Library> = packages(&metadata)
        .filter(|package| shipped.contains(text(package, "id")))
        .map(crate_of)
        .collect();
    libraries.extend(page_libraries()?);
    libraries.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    // npm installs some in several places.
    libraries.dedup_by(|one, other| one.name == other.name && one.version == other.version);
    let path = workspace::root().join(TEXT);
    fs::write(&path, told(&libraries)).at(&path)
}

/// Everybody's names, then each text once, under the names of those that carry it.
fn told(libraries: &[Library]) -> String {
    let mut lines = vec!["Mailroom contains these libraries:".to_owned(), String::new()];
    let mut carriers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for library in libraries {
        let name = format!("{} {}", library.name, library.version);
        lines.push(format!("{name} ({})", library.licence));
        for words in words_of(&library.folder) {
            carriers.entry(words).or_default().push(name.clone());
        }
    }
    for (words, names) in carriers {
        lines.push(format!("\n{}\n{}\n\n{words}", "-".repeat(72), names.join(", ")));
    }
    lines.join("\n") + "\n"
}

/// The texts of licences in a library's folder.
fn words_of(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return BTreeSet::new();
    };
    entries
        .flatten()
        .filter(|entry| is_licence_file(&entry.file_name().to_string_lossy()))
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .map(|words| {
            words
                .lines()
                .map(str::trim_end)
                .collect::<Vec<_>>()
                .join("\n")
                .trim()
                .to_owned()
        })
        .filter(|words| !words.is_empty())
        .collect()
}

fn is_licence_file(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["license", "licence", "copying", "unlicense", "notice"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// True when an SPDX expression can be met with [`ALLOWED`] licences. Old crates write `/` for `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let allowed = any(&mut words);
    allowed == Some(true) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

/// `None` where an expression ends too early.
fn any(words: &mut Words<'_>) -> Option<bool> {
    let mut allowed = all(words)?;
    while words.next_if_eq(&"OR").is_some() {
        allowed |= all(words)?;
    }
    Some(allowed)
}

fn all(words: &mut Words<'_>) -> Option<bool> {
    let mut allowed = one(words)?;
    while words.next_if_eq(&"AND").is_some() {
        allowed &= one(words)?;
    }
    Some(allowed)
}

fn one(words: &mut Words<'_>) -> Option<bool> {
    let word = words.next()?;
    if word == "(" {
        let allowed = any(words)?;
        return words.next_if_eq(&")").map(|_| allowed);
    }
    if words.next_if_eq(&"WITH").is_some() {
        // An exception only ever allows more.
        words.next()?;
    }
    Some(ALLOWED.contains(&word))
}

fn metadata() -> Outcome<Value> {
    let answer = process::capture(cargo(&["metadata", "--format-version", "1", "--locked"]))?;
    serde_json::from_str(&answer)
        .map_err(|error| Failure::Answer("cargo's metadata".into(), error.to_string()))
}

/// Packages that are not our own.
fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    list(metadata, "packages").filter(|package| package.get("source").is_some_and(Value::is_string))
}

fn crate_of(package: &Value) -> Library {
    let manifest = Path::new(text(package, "manifest_path"));
    Library {
        name: text(package, "name").to_owned(),
        version: text(package, "version").to_owned(),
        licence: text(package, "license").to_owned(),
        folder: manifest.parent().unwrap_or(manifest).to_owned(),
    }
}

/// The ids of packages that end up in what people get: on some system, and not only while it is built.
fn shipped(metadata: &Value) -> BTreeSet<&str> {
    let own = list(metadata, "packages").filter(|package| SHIPPED.contains(&text(package, "name")));
    let mut waiting: Vec<&str> = own.map(|package| text(package, "id")).collect();
    let nodes = metadata.get("resolve").unwrap_or(&Value::Null);
    let nodes: HashMap<&str, &Value> = list(nodes, "nodes")
        .map(|node| (text(node, "id"), node))
        .collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !reached.insert(id) {
            continue;
        }
        let needed = nodes.get(id).into_iter().flat_map(|node| list(node, "deps"));
        waiting.extend(
            needed
                .filter(|dep| list(dep, "dep_kinds").any(|kind| kind.get("kind").is_some_and(Value::is_null)))
                .map(|dep| text(dep, "pkg")),
        );
    }
    reached
}

/// What the page is made of, without what only builds and tests it or is not for browsers.
fn page_libraries() -> Outcome<Vec<Library>> {
    let ui = workspace::root().join("ui");
    let path = ui.join("package-lock.json");
    let lock = fs::read_to_string(&path).at(&path)?;
    let lock: Value = serde_json::from_str(&lock)
        .map_err(|error| Failure::Answer(path.display().to_string(), error.to_string()))?;
    let packages = lock.get("packages").and_then(Value::as_object);
    let libraries = packages.into_iter().flatten().filter_map(|(place, package)| {
        let (_, name) = place.rsplit_once("node_modules/")?;
        let is_elsewhere = ["dev", "optional", "devOptional"]
            .iter()
            .any(|mark| package.get(*mark).is_some());
        (!is_elsewhere).then(|| Library {
            name: name.to_owned(),
            version: text(package, "version").to_owned(),
            licence: text(package, "license").to_owned(),
            folder: ui.join(place),
        })
    });
    Ok(libraries.collect())
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expression_is_allowed_when_it_can_be_met() {
        let cases = [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("Apache-2.0 / MIT", true),
            ("Apache-2.0 OR GPL-2.0-only", true),
            ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
            ("Apache-2.0 WITH LLVM-exception OR MIT", true),
            ("MIT AND GPL-3.0", false),
            ("MIT OR GPL-3.0 AND GPL-2.0", true),
            ("(MIT OR Apache-2.0) AND AGPL-3.0", false),
            ("GPL-3.0 WITH GCC-exception-3.1", false),
            ("", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT Apache-2.0", false),
        ];
        for (expression, expected) in cases {
            assert_eq!(is_allowed(expression), expected, "{expression}");
        }
    }

    #[test]
    fn text_that_several_carry_stands_once() {
        let folders = [tempdir("one"), tempdir("two")];
        let libraries: Vec<Library> = folders
            .iter()
            .enumerate()
            .map(|(number, folder)| {
                fs::write(folder.path().join("LICENSE-MIT"), "Be kind.  \r\n\r\n").unwrap();
                fs::write(folder.path().join("README"), "nothing").unwrap();
                Library {
                    name: format!("library-{number}"),
                    version: "1.0.0".into(),
                    licence: "MIT".into(),
                    folder: folder.path().to_owned(),
                }
            })
            .collect();
        let line = "-".repeat(72);
        assert_eq!(
            told(&libraries),
            format!(
                "Mailroom contains these libraries:\n\nlibrary-0 1.0.0 (MIT)\nlibrary-1 1.0.0 (MIT)\n\n{line}\n\
                 library-0 1.0.0, library-1 1.0.0\n\nBe kind.\n"
            )
        );
    }

    fn tempdir(name: &str) -> workspace::Scratch {
        workspace::Scratch::create(&format!("licences-{name}")).unwrap()
    }
}
