//! From lines of LIST to folders with roles. Pure.

use std::collections::{BTreeMap, BTreeSet};

use mailroom_model::{FolderRole, MailboxRights, role_from_name};

use super::RemoteFolder;
use super::name::{decode_name, decode_path};
use super::untagged::{ListEntry, Namespaces};

/// Everything that LIST, LSUB, XLIST and MYRIGHTS said.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) entries: Vec<ListEntry>,
    /// `None` when the server was not asked, because LIST said it (`\Subscribed`).
    pub(super) subscribed: Option<BTreeSet<String>>,
    pub(super) rights: BTreeMap<String, MailboxRights>,
}

/// The folders in the server's order, each name once.
pub(super) fn assemble(listing: Listing, namespaces: Option<&Namespaces>) -> Vec<RemoteFolder> {
    let Listing {
        mut entries,
        subscribed,
        rights,
    } = listing;
    for entry in &mut entries {
        entry.wire_name = canonical(std::mem::take(&mut entry.wire_name));
    }
    let subscribed: Option<BTreeSet<String>> =
        subscribed.map(|names| names.into_iter().map(canonical).collect());
    let mut rights: BTreeMap<String, MailboxRights> = rights
        .into_iter()
        .map(|(name, rights)| (canonical(name), rights))
        .collect();
    let parents = parents(&entries);
    let mut roles = roles(&entries, namespaces);
    let mut seen = BTreeSet::new();
    entries
        .into_iter()
        .filter(|entry| seen.insert(entry.wire_name.clone()))
        .map(|entry| RemoteFolder {
            path: decode_path(&entry.wire_name, entry.delimiter),
            takes_children: entry.delimiter.is_some() && !entry.has("\\NoInferiors"),
            role: roles.remove(&entry.wire_name),
            selectable: !entry.has("\\Noselect") && !entry.has("\\NonExistent"),
            subscribed: entry.has("\\Subscribed")
                || subscribed
                    .as_ref()
                    .is_some_and(|names| names.contains(&entry.wire_name)),
            has_children: if parents.contains(&entry.wire_name) || entry.has("\\HasChildren") {
                Some(true)
            } else if entry.has("\\HasNoChildren") || entry.has("\\NoInferiors") || entry.delimiter.is_none()
            {
                Some(false)
            } else {
                None
            },
            rights: rights.remove(&entry.wire_name),
            delimiter: entry.delimiter,
            wire_name: entry.wire_name,
        })
        .collect()
}

/// INBOX is one folder in whatever case a server writes it (RFC 3501 §5.1), and some write it twice.
pub(super) fn canonical(wire_name: String) -> String {
    if wire_name.eq_ignore_ascii_case("INBOX") {
        return "INBOX".to_owned();
    }
    wire_name
}

fn parents(entries: &[ListEntry]) -> BTreeSet<String> {
    let mut parents = BTreeSet::new();
    for entry in entries {
        if let Some(delimiter) = entry.delimiter {
            let mut name = entry.wire_name.as_str();
            while let Some((parent, _)) = name.rsplit_once(delimiter) {
                parents.insert(parent.to_owned());
                name = parent;
            }
        }
    }
    parents
}

/// Each role once, in the person's own folders only: attributes first, then names at the top of the tree.
fn roles(entries: &[ListEntry], namespaces: Option<&Namespaces>) -> BTreeMap<String, FolderRole> {
    let own: Vec<&ListEntry> = entries.iter().filter(|entry| is_own(entry, namespaces)).collect();
    let mut roles = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut give = |entry: &ListEntry, role: Option<FolderRole>| {
        if let Some(role) = role
            && !roles.contains_key(&entry.wire_name)
            && taken.insert(role)
        {
            roles.insert(entry.wire_name.clone(), role);
        }
    };
    for entry in &own {
        give(
            entry,
            entry
                .wire_name
                .eq_ignore_ascii_case("INBOX")
                .then_some(FolderRole::Inbox),
        );
    }
    for entry in &own {
        let role = entry
            .attributes
            .iter()
            .find_map(|attribute| FolderRole::from_attribute(attribute));
        give(
            entry,
            role.filter(|role| *role != FolderRole::Inbox || is_inbox_of_xlist(entry)),
        );
    }
    for entry in &own {
        if !entry.has("\\Noselect") && !entry.has("\\NonExistent") {
            let role =
                top_segment(entry, namespaces).and_then(|segment| role_from_name(&decode_name(segment)));
            give(entry, role.filter(|role| *role != FolderRole::Inbox));
        }
    }
    roles
}

/// XLIST gives the inbox a translated name; LIST's `\Inbox` on anything nested is somebody's joke.
fn is_inbox_of_xlist(entry: &ListEntry) -> bool {
    entry
        .delimiter
        .is_none_or(|delimiter| !entry.wire_name.contains(delimiter))
}

fn is_own(entry: &ListEntry, namespaces: Option<&Namespaces>) -> bool {
    let Some(namespaces) = namespaces else { return true };
    let foreign = namespaces.others.iter().chain(&namespaces.shared);
    !foreign.into_iter().any(|(prefix, delimiter)| {
        let node = delimiter.and_then(|delimiter| prefix.strip_suffix(delimiter));
        !prefix.is_empty() && (entry.wire_name.starts_with(prefix.as_str()) || node == Some(&entry.wire_name))
    })
}

/// The name below everything that only holds folders: the personal prefix, `INBOX`, `[Gmail]`. `None` when it has
/// levels of its own: "Customers/Archive" is a folder of the person's, not the archive.
fn top_segment<'a>(entry: &'a ListEntry, namespaces: Option<&Namespaces>) -> Option<&'a str> {
    let mut name = entry.wire_name.as_str();
    for (prefix, _) in namespaces
        .map(|namespaces| namespaces.personal.as_slice())
        .unwrap_or_default()
    {
        if !prefix.is_empty()
            && let Some(rest) = name.strip_prefix(prefix.as_str())
        {
            name = rest;
        }
    }
    let Some(delimiter) = entry.delimiter else {
        return Some(name);
    };
    match name.split_once(delimiter) {
        None => Some(name),
        Some((top, rest)) => {
            let holds_only =
                top.eq_ignore_ascii_case("INBOX") || (top.starts_with('[') && top.ends_with(']'));
            (holds_only && !rest.contains(delimiter)).then_some(rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, delimiter: char, attributes: &str) -> ListEntry {
        ListEntry {
            attributes: attributes.split_whitespace().map(str::to_owned).collect(),
            delimiter: Some(delimiter),
            wire_name: name.to_owned(),
        }
    }

    fn roles_of(entries: Vec<ListEntry>, namespaces: Option<&Namespaces>) -> Vec<(String, &'static str)> {
        let listing = Listing {
            entries,
            ..Listing::default()
        };
        assemble(listing, namespaces)
            .into_iter()
            .filter_map(|folder| Some((folder.path, folder.role?.as_str())))
            .collect()
    }

    fn expect(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        pairs
            .iter()
            .map(|(path, role)| ((*path).to_owned(), *role))
            .collect()
    }

    #[test]
    fn roles_come_from_attributes_then_names_each_once() {
        let folders = vec![
            entry("inbox", '/', "\\HasNoChildren"),
            entry("Sent", '/', ""),
            entry("Wys&AUI-ane", '/', "\\Sent"),
            entry("[Gmail]", '/', "\\Noselect"),
            entry("[Gmail]/Kosz", '/', ""),
            entry("[Gmail]/Spam", '/', "\\Spam"),
            entry("Klienci", '/', ""),
            entry("Klienci/Archiwum", '/', ""),
            entry("&BCcENQRABD0EPgQyBDgEOgQ4-", '/', ""),
            entry("Drafts", '/', ""),
        ];
        assert_eq!(
            roles_of(folders, None),
            expect(&[
                ("INBOX", "inbox"),
                ("Wysłane", "sent"),
                ("[Gmail]/Kosz", "trash"),
                ("[Gmail]/Spam", "junk"),
                ("Черновики", "drafts"),
            ])
        );
    }

    #[test]
    fn sent_folder_is_the_one_that_the_server_names_else_the_first_with_a_known_name() {
        // "Wysłane kopie" is a folder of the person's, whatever its name begins with.
        let cases: [(&[(&str, &str)], Option<&str>); 7] = [
            (&[("Wys&AUI-ane kopie", ""), ("Sent", "")], Some("Sent")),
            (&[("Wys&AUI-ane kopie", ""), ("Sent", "\\Sent")], Some("Sent")),
            (&[("Wys&AUI-ane kopie", "")], None),
            (
                &[("Sent", ""), ("Wys&AUI-ane kopie", "\\Sent")],
                Some("Wysłane kopie"),
            ),
            (&[("Sent", ""), ("Sent Items", "")], Some("Sent")),
            (&[("Sent Items", ""), ("Sent", "")], Some("Sent Items")),
            (&[("Sent", "\\Noselect"), ("Wys&AUI-ane", "")], Some("Wysłane")),
        ];
        for (folders, sent) in cases {
            let entries = folders
                .iter()
                .map(|(name, attributes)| entry(name, '/', attributes))
                .collect();
            let expected: Vec<_> = sent.map(|path| (path.to_owned(), "sent")).into_iter().collect();
            assert_eq!(roles_of(entries, None), expected, "{folders:?}");
        }
    }

    #[test]
    fn roles_do_not_leave_the_persons_own_folders() {
        let namespaces = Namespaces {
            personal: vec![("INBOX.".into(), Some('.'))],
            others: vec![("user.".into(), Some('.'))],
            shared: vec![("shared.".into(), Some('.'))],
        };
        let folders = vec![
            entry("user.bob.Sent", '.', "\\Sent"),
            entry("shared.Trash", '.', ""),
            entry("INBOX", '.', ""),
            entry("INBOX.Sent", '.', ""),
            entry("INBOX.a.Trash", '.', ""),
        ];
        assert_eq!(
            roles_of(folders, Some(&namespaces)),
            expect(&[("INBOX", "inbox"), ("INBOX.Sent", "sent")])
        );
    }

    #[test]
    fn folders_appear_once_with_what_is_known() {
        let listing = Listing {
            entries: vec![
                entry("A&AUI-", '/', ""),
                entry("A&AUI-/R&D", '/', "\\NonExistent"),
                entry("A&AUI-", '/', ""),
                entry("B", '/', "\\HasNoChildren \\Subscribed"),
                entry("Inbox", '/', ""),
                entry("INBOX", '/', ""),
            ],
            subscribed: Some(BTreeSet::from(["A&AUI-".to_owned(), "inbox".to_owned()])),
            rights: BTreeMap::from([
                ("B".to_owned(), MailboxRights::new("lr")),
                ("iNBOX".to_owned(), MailboxRights::new("lr")),
            ]),
        };
        let folders = assemble(listing, None);
        let seen: Vec<_> = folders
            .iter()
            .map(|f| {
                (
                    f.path.as_str(),
                    f.selectable,
                    f.subscribed,
                    f.has_children,
                    f.rights.is_some(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("Ał", true, true, Some(true), false),
                ("Ał/R&D", false, false, None, false),
                ("B", true, true, Some(false), true),
                ("INBOX", true, true, None, true),
            ]
        );
    }
}
