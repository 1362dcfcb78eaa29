//! One mailbox with Mailroom on one side and the other program on the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mailroom_api::CancellationToken;
use mailroom_engine::SystemClock;
use mailroom_model::Clock as _;
use mailroom_tests::fault::{Admission, Direction, Ending, Fault, FaultProxy};
use mailroom_tests::home::{Home, QUICK};
use mailroom_tests::office::mailbox_name;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use super::history::{Change, Choice, End, FIXED, Letter, OWN, Step, Wish};
use super::other::{Other, flag_name, number};
use super::truth;
use crate::server::Mailbox;

/// What a look may take, whatever happens to it.
const LOOK: Duration = Duration::from_mins(2);

pub(crate) struct World {
    pub(super) home: Home,
    proxy: FaultProxy,
    /// In front of the server for sending.
    sending: FaultProxy,
    /// Away while it works beside a look.
    pub(super) other: Option<Other>,
    pub(super) mailbox: Mailbox,
    pub(super) user: String,
    /// Where letters were moved to last in Mailroom.
    wishes: BTreeMap<u32, &'static str>,
}

impl World {
    /// A mailbox with a few letters in it, connected and not yet looked at.
    pub(crate) async fn new(mailbox: Mailbox) -> Self {
        let proxy = FaultProxy::start(mailbox.imaps_port()).await.expect("a proxy");
        let office = mailbox.office();
        let sending = FaultProxy::start(office.submissions_port())
            .await
            .expect("a proxy");
        let home = Home::with(&office.ca_der(), QUICK, Arc::new(SystemClock));
        let now = SystemClock.now();
        let mut other = Other::new(mailbox.clone(), now).expect("a session");
        other.furnish().expect("folders");
        for (days_old, letter) in [Letter::Plain, Letter::Bare, Letter::Large, Letter::Reply(0)]
            .into_iter()
            .enumerate()
        {
            let days_old = u16::try_from(days_old * 9).expect("few days");
            other.append("INBOX", letter, 0, days_old, 1).expect("a letter");
        }
        let user = mailbox.address();
        mailbox.add_to(&home, proxy.port(), sending.port()).await;
        home.must("settings_update", json!({"undo_send_s": 0})).await;
        Self {
            home,
            proxy,
            sending,
            other: Some(other),
            mailbox,
            user,
            wishes: BTreeMap::new(),
        }
    }

    pub(crate) async fn live_through(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::There(change) => self.there(std::slice::from_ref(change)).await,
            Step::Look {
                end,
                meanwhile,
                choice,
            } => self.look(*end, meanwhile, *choice).await?,
            Step::Here { wish, online } => self.here(*wish, *online).await?,
            Step::Write { write, online } => self.write(*write, *online).await,
            Step::Choose(choice) => self.choose(*choice).await,
            Step::Restart => self.home.restart().await,
        }
        Ok(())
    }

    /// The other program works, off the tasks of Mailroom.
    async fn there(&mut self, changes: &[Change]) {
        let mut other = self.other.take().expect("the other program");
        let changes = changes.to_vec();
        let working = tokio::task::spawn_blocking(move || {
            for change in &changes {
                other
                    .work(change)
                    .unwrap_or_else(|error| panic!("{change:?}: {error}"));
            }
            other
        });
        self.other = Some(working.await.expect("the other program works"));
    }

    async fn look(
        &mut self,
        end: End,
        meanwhile: &[Change],
        choice: Option<Choice>,
    ) -> Result<(), TestCaseError> {
        self.go(true);
        if let End::Cut { bytes, up } = end {
            let direction = if up { Direction::Up } else { Direction::Down };
            let ending = if bytes % 2 == 0 {
                Ending::Reset
            } else {
                Ending::Close
            };
            self.proxy.set(
                direction,
                Fault {
                    cut: Some((bytes.into(), ending)),
                    ..Fault::default()
                },
            );
        }
        let cancel = CancellationToken::new();
        let looking = self
            .home
            .call_until("sync_run", json!({"address": self.user}), cancel.clone());
        let mut left = match end {
            End::GivenUp { events } => Some(events),
            _ => None,
        };
        let looking = self.home.during(looking, |_| {
            match &mut left {
                Some(0) => cancel.cancel(),
                Some(left) => *left -= 1,
                None => {}
            }
            None::<()>
        });
        let mut other = self.other.take().expect("the other program");
        let changes = meanwhile.to_vec();
        let working = tokio::task::spawn_blocking(move || {
            for change in &changes {
                other
                    .work(change)
                    .unwrap_or_else(|error| panic!("{change:?}: {error}"));
            }
            other
        });
        let choosing = async {
            if let Some(choice) = choice {
                self.choose(choice).await;
            }
        };
        let all = async { tokio::join!(looking, working, choosing) };
        let Ok((_, other, ())) = tokio::time::timeout(LOOK, all).await else {
            return Err(TestCaseError::fail("a look without end"));
        };
        self.other = Some(other.expect("the other program works"));
        self.proxy.clear();
        Ok(())
    }

    /// The servers can be reached, or not.
    pub(super) fn go(&self, online: bool) {
        for proxy in [&self.proxy, &self.sending] {
            proxy.clear();
            if !online {
                proxy.admit(Admission::Reset);
                proxy.end_all(Ending::Reset);
            }
        }
    }

    /// A folder's path by the number of the folder.
    fn path(&self, choice: u8) -> String {
        self.mailbox.path(folder_named(choice))
    }

    /// Everything that the account shows, in whichever folder.
    pub(super) async fn rows(&self) -> Vec<Value> {
        // Without a word to look for.
        let all = json!({"address": self.user, "query": "", "limit": 1000});
        let page = self.home.must("message_search", all).await;
        page["messages"].as_array().cloned().unwrap_or_default()
    }

    async fn here(&mut self, wish: Wish, online: bool) -> Result<(), TestCaseError> {
        self.go(online);
        let (from, count) = match wish {
            Wish::Mark { from, count, .. }
            | Wish::Move { from, count, .. }
            | Wish::Copy { from, count, .. }
            | Wish::Delete { from, count } => (from, count),
        };
        let mut rows = self.rows().await;
        // What the person writes is another matter.
        rows.retain(|row| letter_of(row) != 0);
        if rows.is_empty() {
            return Ok(());
        }
        let picked: Vec<&Value> = rows
            .iter()
            .skip(usize::from(from) % rows.len())
            .take(count.into())
            .collect();
        let ids: Vec<&Value> = picked.iter().map(|row| &row["id"]).collect();
        // A wish that cannot be had (a folder that is not there) is told and does nothing.
        let mut brought = None;
        match wish {
            Wish::Mark { flag, set, .. } => {
                let flags = [flag_name(flag)];
                let none: [&str; 0] = [];
                let (add, remove) = if set {
                    (&flags[..], &none[..])
                } else {
                    (&none[..], &flags[..])
                };
                let payload = json!({"ids": ids, "add": add, "remove": remove});
                drop(self.home.call("message_mark", payload).await);
            }
            Wish::Move { to, .. } => {
                let payload = json!({"ids": ids, "folder": self.path(to)});
                let moved = self.home.call("message_move", payload).await;
                let letters: Vec<u32> = picked.iter().map(|row| letter_of(row)).collect();
                for letter in &letters {
                    match &moved {
                        Ok(_) => self.wishes.insert(*letter, folder_named(to)),
                        Err(_) => self.wishes.remove(letter),
                    };
                }
                brought = moved.ok().map(|_| (folder_named(to), letters));
            }
            Wish::Copy { to, .. } => {
                for row in &picked {
                    if let Some(other) = &mut self.other {
                        other.note_copy(letter_of(row));
                    }
                }
                let payload = json!({"ids": ids, "folder": self.path(to)});
                let copied = self.home.call("message_copy", payload).await;
                let letters = picked.iter().map(|row| letter_of(row)).collect();
                brought = copied.ok().map(|_| (folder_named(to), letters));
            }
            Wish::Delete { .. } => {
                // From the trash, for good.
                for row in &picked {
                    if let Some(other) = &mut self.other {
                        other.fate(letter_of(row), |fate| fate.least = 0);
                    }
                }
                let deleted = self.home.call("message_delete", json!({"ids": ids})).await;
                let mut letters = Vec::new();
                for row in &picked {
                    self.wishes.remove(&letter_of(row));
                    if deleted.is_ok() && row["folder"] != self.mailbox.path("Trash") {
                        self.wishes.insert(letter_of(row), "Trash");
                        letters.push(letter_of(row));
                    }
                }
                brought = Some(("Trash", letters));
            }
        }
        if online {
            drop(self.home.call("operation_push", Value::Null).await);
        } else if let Some((folder, letters)) = brought {
            self.stand_in(folder, &letters).await?;
        }
        Ok(())
    }

    /// What was brought to a folder without a server is listed there, and found.
    async fn stand_in(&self, folder: &str, letters: &[u32]) -> Result<(), TestCaseError> {
        let is_fixed = FIXED.contains(&folder);
        let folder = self.mailbox.path(folder);
        let folders = self.home.must("folder_list", json!({"address": self.user})).await;
        let is_kept = |known: &Value| known["path"] == folder && !known["synced_at"].is_null();
        if !folders
            .as_array()
            .is_some_and(|folders| folders.iter().any(is_kept))
        {
            return Ok(());
        }
        let page = json!({"address": self.user, "folder": folder, "limit": 1000});
        let page = self.home.must("message_list", page).await;
        let listed: Vec<u32> = page["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .map(letter_of)
            .collect();
        for letter in letters {
            if !listed.contains(letter) {
                return Err(TestCaseError::fail(format!(
                    "letter {letter} is not shown in {folder}: {page}"
                )));
            }
            // Names that are one word are asked for without quotes.
            if !is_fixed {
                continue;
            }
            let query = format!("in:{folder} words{letter}");
            let found = json!({"address": self.user, "query": query});
            let found = self.home.must("message_search", found).await;
            let is_found = found["messages"]
                .as_array()
                .is_some_and(|rows| rows.iter().any(|row| letter_of(row) == *letter));
            if found["complete"] == true && !is_found {
                return Err(TestCaseError::fail(format!(
                    "letter {letter} is not found in {folder}: {found}"
                )));
            }
        }
        Ok(())
    }

    /// What is no choice (a folder that Mailroom has not seen yet) is refused and changes nothing.
    async fn choose(&self, choice: Choice) {
        let payload = match choice {
            Choice::Period(period) => {
                let periods = ["week", "month", "quarter", "all"];
                json!({"address": self.user, "period": periods[usize::from(period) % periods.len()]})
            }
            Choice::Folders(bits) => {
                let folders: Vec<String> = (0..8)
                    .filter(|bit| bits & (1 << bit) != 0)
                    .map(|bit| self.path(bit))
                    .collect();
                json!({"address": self.user, "folders": folders})
            }
        };
        drop(self.home.call("account_update", payload).await);
    }

    /// One undisturbed look; then everything here is what is there, and another look finds nothing to do.
    pub(crate) async fn settle(mut self) -> Result<(), TestCaseError> {
        self.go(true);
        self.send_the_rest().await?;
        let mut waiting = Value::Null;
        for _ in 0..5 {
            drop(self.home.call("operation_push", Value::Null).await);
            waiting = self.home.must("operation_list", json!({})).await;
            let list = waiting.as_array().cloned().unwrap_or_default();
            for refused in list.iter().filter(|operation| operation["state"] == "refused") {
                // Which of its wishes were refused is not told apart.
                self.wishes.clear();
                if self.other.as_ref().is_some_and(|other| other.remade.is_empty()) {
                    return Err(TestCaseError::fail(format!("refused for no reason: {refused}")));
                }
                self.home
                    .must("operation_discard", json!({"id": refused["id"]}))
                    .await;
            }
            if list.iter().all(|operation| operation["state"] == "refused") {
                waiting = json!([]);
                break;
            }
        }
        if waiting != json!([]) {
            return Err(TestCaseError::fail(format!(
                "changes that nobody takes: {waiting}"
            )));
        }
        let mut other = self.other.take().expect("the other program");
        let ghosts = other.ghosts().expect("the server's folders");
        let look = async |name: &str| {
            let mut report = self.home.must("sync_run", json!({"address": self.user})).await[0].clone();
            for folder in report["folders"].as_array_mut().into_iter().flatten() {
                let wire_name = mailbox_name(folder["path"].as_str().unwrap_or_default());
                if folder["error"]["code"] == "folder_missing" && ghosts.contains(&wire_name) {
                    folder["error"] = Value::Null;
                }
            }
            if report.to_string().contains("\"code\"") {
                return Err(TestCaseError::fail(format!("{name}: {report}")));
            }
            Ok(report)
        };
        look("the clean look").await?;
        let moves_in_one_step = self.mailbox.kind.abilities().moves_in_one_step;
        truth::compare(self.home.path(), &self.user, &mut other, moves_in_one_step).await?;
        truth::wishes_came_true(&self.wishes, &mut other)?;
        self.compare_drafts(&mut other).await?;
        let again = look("the look after it").await?;
        for count in ["added", "changed", "removed", "operations"] {
            if again[count] != 0 {
                return Err(TestCaseError::fail(format!("not settled: {again}")));
            }
        }
        self.home.engine.close().await;
        Ok(())
    }
}

/// The number of the letter that a row shows.
pub(crate) fn letter_of(row: &Value) -> u32 {
    let subject = row["subject"].as_str().unwrap_or_default();
    number(format!("Subject: {subject} ").as_bytes())
}

fn folder_named(choice: u8) -> &'static str {
    let choice = usize::from(choice) % (FIXED.len() + OWN.len());
    FIXED.into_iter().chain(OWN).nth(choice).unwrap_or("INBOX")
}
