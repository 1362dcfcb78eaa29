//! Commands about folders as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mailroom_model::{FolderRole, MailboxRights};

use super::command::{Command, quoted};
use super::error::ImapError;
use super::folder_tree::{Listing, assemble, canonical};
use super::reply::ResponseCode;
use super::session::{Answers, Done, ImapSession};
use super::untagged::{ListEntry, StatusEntry, Untagged};
use super::{FolderStatus, RemoteFolder};

impl ImapSession {
    /// Every folder: the person's own, other people's, and shared ones. What the server says about one folder, or
    /// fails to say, does not hide the others; a namespace that cannot be listed is left out.
    pub async fn list_folders(&mut self) -> Result<Vec<RemoteFolder>, ImapError> {
        let (folders, _) = self.list(false, None).await?;
        Ok(folders)
    }

    /// The same, and by wire name the state of each folder of which the server can tell in the same answer whether anything
    /// in it changed (LIST-STATUS, RFC 5819, with mod-sequences). Others are missing: ask for them one by one, or open them.
    /// So is the open one, whose numbers may be old (RFC 9051 §6.3.11).
    pub async fn list_folders_and_status(
        &mut self,
    ) -> Result<(Vec<RemoteFolder>, BTreeMap<String, FolderStatus>), ImapError> {
        let can_tell = self.can_tell_states();
        self.list(can_tell, None).await
    }

    /// The same over a connection that was kept and may have died unnoticed: in the same breath it is asked for a sign of
    /// life, which has to come within `patience`, and what is open is closed (UNSELECT, RFC 3691), so that its state is told
    /// as well. One round trip where nothing else is asked.
    pub async fn list_folders_and_status_if_alive(
        &mut self,
        patience: Duration,
    ) -> Result<(Vec<RemoteFolder>, BTreeMap<String, FolderStatus>), ImapError> {
        let can_tell = self.can_tell_states();
        self.list(can_tell, Some(patience)).await
    }

    fn can_tell_states(&self) -> bool {
        self.capabilities().has("LIST-STATUS") && self.capabilities().has_condstore()
    }

    async fn list(
        &mut self,
        with_status: bool,
        alive_within: Option<Duration>,
    ) -> Result<(Vec<RemoteFolder>, BTreeMap<String, FolderStatus>), ImapError> {
        let mut tail = self.list_wishes(with_status);
        let everything = |tail: &str| Command::new("LIST").text("\"\" \"*\"").text_if(tail);
        let listed = self.ask_first(everything(&tail), alive_within).await?;
        let done = match listed {
            // Offered and not understood: the plain form is understood by all.
            Err(error) if error.leaves_session_usable() && !tail.is_empty() => {
                tail = self.list_wishes(false);
                let without_status = if with_status && !tail.is_empty() {
                    self.ask(everything(&tail)).await
                } else {
                    Err(error)
                };
                match without_status {
                    Err(error) if error.leaves_session_usable() => {
                        tail.clear();
                        self.ask(everything(&tail)).await?
                    }
                    other => other?,
                }
            }
            other => other?,
        };
        let mut listing = Listing::default();
        let mut states = BTreeMap::new();
        collect(&mut listing, &mut states, done.untagged);
        for prefix in self.foreign_prefixes(&listing.entries) {
            let command = Command::new("LIST")
                .text("\"\"")
                .name(&format!("{prefix}*"))
                .text_if(&tail);
            let done = self.ask_leniently(command).await?;
            collect(&mut listing, &mut states, done.untagged);
        }
        if tail.is_empty() {
            let done = self
                .ask_leniently(Command::new("LSUB").text("\"\" \"*\""))
                .await?;
            let names = done.untagged.into_iter().filter_map(|response| match response {
                Untagged::Subscribed(name) => Some(name),
                _ => None,
            });
            listing.subscribed = Some(names.collect::<BTreeSet<_>>());
        }
        self.ask_xlist(&mut listing).await?;
        if let Some(open) = &self.selected {
            states.remove(&canonical(open.clone()));
        }
        Ok((assemble(listing, self.namespaces.as_ref()), states))
    }

    /// What LIST shall add to each name (RFC 5258, 5819, 6154, 8440); empty where only the plain form exists.
    fn list_wishes(&self, with_status: bool) -> String {
        if !self.capabilities().has("LIST-EXTENDED") {
            return String::new();
        }
        let mut wishes = String::from("RETURN (SUBSCRIBED CHILDREN");
        for (capability, wish) in [("SPECIAL-USE", " SPECIAL-USE"), ("LIST-MYRIGHTS", " MYRIGHTS")] {
            if self.capabilities().has(capability) {
                wishes.push_str(wish);
            }
        }
        if with_status {
            wishes.push_str(" STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)");
        }
        wishes.push(')');
        wishes
    }

    /// Asks something, and in the same breath for the namespaces, unless they are known, and before both for a sign of life
    /// where one is wanted.
    async fn ask_first(
        &mut self,
        command: Command,
        alive_within: Option<Duration>,
    ) -> Result<Result<Done, ImapError>, ImapError> {
        let leaves = alive_within.is_some() && self.selected.is_some() && self.capabilities().has("UNSELECT");
        let asks_namespaces = self.namespaces.is_none() && self.capabilities().has("NAMESPACE");
        let mut commands = Vec::new();
        if alive_within.is_some() {
            commands.push(Command::new(if leaves { "UNSELECT" } else { "NOOP" }));
        }
        if asks_namespaces {
            commands.push(Command::new("NAMESPACE"));
        }
        commands.push(command);
        let Answers { mut ends, untagged } = self.ask_all(commands, alive_within).await?;
        let last = ends
            .pop()
            .ok_or_else(|| ImapError::lost(&self.peer, None, None))?;
        if asks_namespaces && let Some(Ok(())) = ends.pop() {
            self.namespaces = untagged.iter().find_map(|response| match response {
                Untagged::Namespaces(namespaces) => Some(namespaces.clone()),
                _ => None,
            });
        }
        if leaves && let Some(Ok(())) = ends.pop() {
            self.selected = None;
            self.exists = None;
            // Whatever was said about the folder belongs to the one that was open.
            self.take_events();
        }
        Ok(last.map(|()| Done {
            untagged,
            ..Done::default()
        }))
    }

    /// Namespaces that `*` from the root did not bring. Usenet is no mail.
    fn foreign_prefixes(&self, entries: &[ListEntry]) -> Vec<String> {
        let Some(namespaces) = &self.namespaces else {
            return Vec::new();
        };
        namespaces
            .others
            .iter()
            .chain(&namespaces.shared)
            .map(|(prefix, _)| prefix.clone())
            .filter(|prefix| !prefix.is_empty() && !prefix.starts_with("#news"))
            .filter(|prefix| {
                !entries
                    .iter()
                    .any(|entry| entry.wire_name.starts_with(prefix.as_str()))
            })
            .collect()
    }

    /// The forerunner of special use: only its attributes are taken, and only when LIST had none.
    async fn ask_xlist(&mut self, listing: &mut Listing) -> Result<(), ImapError> {
        let has_roles = listing.entries.iter().any(|entry| {
            entry
                .attributes
                .iter()
                .any(|attribute| FolderRole::from_attribute(attribute).is_some())
        });
        if has_roles || self.capabilities().has("SPECIAL-USE") || !self.capabilities().has("XLIST") {
            return Ok(());
        }
        let done = self
            .ask_leniently(Command::new("XLIST").text("\"\" \"*\""))
            .await?;
        let mut attributes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for response in done.untagged {
            if let Untagged::List(entry) = response {
                attributes.insert(entry.wire_name, entry.attributes);
            }
        }
        for entry in &mut listing.entries {
            entry
                .attributes
                .extend(attributes.remove(&entry.wire_name).unwrap_or_default());
        }
        Ok(())
    }

    /// What may be done in a folder. A server without ACL grants everything.
    pub async fn my_rights(&mut self, wire_name: &str) -> Result<MailboxRights, ImapError> {
        if !self.capabilities().has("ACL") {
            return Ok(MailboxRights::everything());
        }
        let done = self
            .ask_about(Command::new("MYRIGHTS").name(wire_name), Some(wire_name), true)
            .await?;
        let rights = done.untagged.into_iter().find_map(|response| match response {
            Untagged::MyRights { rights, .. } => Some(rights),
            _ => None,
        });
        Ok(rights.unwrap_or_else(MailboxRights::everything))
    }

    /// The state of a folder without opening it. Servers may answer with old numbers for the open folder.
    pub async fn folder_status(&mut self, wire_name: &str) -> Result<FolderStatus, ImapError> {
        let modseq = if self.capabilities().has_condstore() {
            " HIGHESTMODSEQ"
        } else {
            ""
        };
        let items = format!("(MESSAGES UIDNEXT UIDVALIDITY UNSEEN{modseq})");
        let command = Command::new("STATUS").name(wire_name).text(&items);
        let done = self.ask_about(command, Some(wire_name), true).await?;
        let entry = done
            .untagged
            .into_iter()
            .rev()
            .find_map(|response| match response {
                Untagged::MailboxStatus(entry) => Some(entry),
                _ => None,
            });
        Ok(state(&entry.unwrap_or_default()))
    }

    /// Creates a folder (RFC 9051 §6.3.4); false when the server says that there is one of this name already. [`encode_name`]
    /// makes the wire name.
    ///
    /// [`encode_name`]: super::encode_name
    pub async fn create_folder(&mut self, wire_name: &str) -> Result<bool, ImapError> {
        let result = self
            .ask_about(Command::new("CREATE").name(wire_name), Some(wire_name), false)
            .await;
        match result {
            Err(ImapError::Refused { reply, .. }) if reply.code == Some(ResponseCode::AlreadyExists) => {
                Ok(false)
            }
            other => other.map(|_| true),
        }
    }

    /// Gives a folder another name; those below it get theirs with it (RFC 9051 §6.3.6). Errors: [`ImapError::Refused`] with
    /// the meaning `folder_exists` where the server says so.
    pub async fn rename_folder(&mut self, from_wire: &str, to_wire: &str) -> Result<(), ImapError> {
        let command = Command::new("RENAME").name(from_wire).name(to_wire);
        self.ask_about(command, Some(from_wire), false).await.map(drop)
    }

    /// Removes a folder with its messages, for good; those below it stay (RFC 9051 §6.3.5).
    pub async fn delete_folder(&mut self, wire_name: &str) -> Result<(), ImapError> {
        let command = Command::new("DELETE").name(wire_name);
        self.ask_about(command, Some(wire_name), false).await.map(drop)
    }

    /// Subscribes to a folder, so that other programs show it (RFC 9051 §6.3.7).
    pub async fn subscribe(&mut self, wire_name: &str) -> Result<(), ImapError> {
        let command = Command::new("SUBSCRIBE").name(wire_name);
        self.ask_about(command, Some(wire_name), false).await.map(drop)
    }

    /// The opposite of [`Self::subscribe`] (RFC 9051 §6.3.8); a server keeps subscriptions of folders that are gone.
    pub async fn unsubscribe(&mut self, wire_name: &str) -> Result<(), ImapError> {
        let command = Command::new("UNSUBSCRIBE").name(wire_name);
        self.ask_about(command, Some(wire_name), false).await.map(drop)
    }

    /// What the wire names of the person's own folders begin with, such as `INBOX.`; empty where that is not known to be needed.
    /// The list of folders asks for it.
    pub fn personal_prefix(&self) -> &str {
        let personal = self.namespaces.as_ref().and_then(|known| known.personal.first());
        personal.map_or("", |(prefix, _)| prefix.as_str())
    }
}

fn state(entry: &StatusEntry) -> FolderStatus {
    FolderStatus {
        messages: entry.messages.unwrap_or_default(),
        uid_next: entry.uid_next.unwrap_or_default(),
        uid_validity: entry.uid_validity.unwrap_or_default(),
        unseen: entry.unseen.unwrap_or_default(),
        // 0 says that the folder has none (RFC 7162 §3.1.2.2).
        highest_modseq: entry.highest_modseq.filter(|modseq| *modseq != 0),
    }
}

fn collect(listing: &mut Listing, states: &mut BTreeMap<String, FolderStatus>, untagged: Vec<Untagged>) {
    for response in untagged {
        match response {
            Untagged::MailboxStatus(entry) if entry.messages.is_some() && entry.uid_next.is_some() => {
                states.insert(canonical(entry.wire_name.clone()), state(&entry));
            }
            Untagged::List(entry) => listing.entries.push(entry),
            Untagged::MyRights { wire_name, rights } => {
                listing.rights.insert(wire_name, rights);
            }
            _ => {}
        }
    }
}

impl Command {
    /// [`Self::text`] unless there is none.
    fn text_if(self, tail: &str) -> Self {
        if tail.is_empty() { self } else { self.text(tail) }
    }
}

/// A string for SEARCH: quoted when it is printable ASCII.
pub(super) fn search_string(text: &str) -> Option<String> {
    text.bytes()
        .all(|byte| (b' '..=b'~').contains(&byte))
        .then(|| quoted(text))
}
