//! What the person writes in a history: drafts begun, changed, thrown away and sent.

use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use super::drafts::{self, DRAFTS, SENT, Wanted};
use super::history::Write;
use super::other::Other;
use super::world::World;

/// Who gets what is sent.
const RECIPIENT: &str = "somebody@example.org";

impl World {
    pub(super) async fn write(&mut self, write: Write, online: bool) {
        self.go(online);
        let mut other = self.other.take().expect("the other program");
        match write {
            Write::New => self.begin_draft(&mut other).await,
            Write::Again(which) => self.change_draft(&mut other, which).await,
            Write::Discard(which) => {
                if let Some((_, draft)) = other.drafts.pick(which)
                    && let Some(id) = draft.id
                {
                    self.home.must("draft_discard", json!({"id": id})).await;
                    draft.wanted = Wanted::Discarded;
                }
            }
            Write::Send(which) => {
                if let Some((_, draft)) = other.drafts.pick(which)
                    && let Some(id) = draft.id
                {
                    self.home.must("draft_send", json!({"id": id})).await;
                    draft.wanted = Wanted::Sent;
                }
            }
        }
        self.other = Some(other);
        if online {
            drop(self.home.call("operation_push", Value::Null).await);
        }
    }

    async fn begin_draft(&self, other: &mut Other) {
        let folders = self.home.call("folder_list", json!({"address": self.user})).await;
        let has_drafts = |folder: &Value| folder["role"] == "drafts";
        // A mailbox that was never looked at has no folders yet, and the server may be out of reach.
        let folders = folders.unwrap_or_default();
        if folders
            .as_array()
            .is_some_and(|folders| folders.iter().any(has_drafts))
        {
            let draft = self.home.must("draft_open", json!({"kind": "new"})).await;
            let id = draft["id"].as_i64().expect("an id");
            let number = other.drafts.begin(Some(id));
            self.save_draft(id, number, 1).await;
        }
    }

    async fn change_draft(&self, other: &mut Other, which: u8) {
        let Some((number, draft)) = other.drafts.pick(which) else {
            return;
        };
        if draft.id.is_none() {
            let (subject, folder) = (drafts::subject(number), self.mailbox.path(DRAFTS));
            let rows = self.rows().await;
            let copy = rows
                .iter()
                .find(|row| row["subject"] == subject && row["folder"] == folder);
            let Some(copy) = copy else { return };
            let opening = json!({"kind": "message", "message": copy["id"]});
            draft.id = self.home.must("draft_open", opening).await["id"].as_i64();
        }
        draft.text += 1;
        draft.wanted = Wanted::Kept;
        if let Some(id) = draft.id {
            self.save_draft(id, number, draft.text).await;
        }
    }

    async fn save_draft(&self, id: i64, number: u32, text: u32) {
        let payload = json!({
            "id": id, "from": self.user, "to": [RECIPIENT], "cc": [], "bcc": [], "subject": drafts::subject(number),
            "text": drafts::words(text), "html": null, "upload": true,
        });
        self.home.must("draft_save", payload).await;
    }

    /// What was handed over for sending without a server leaves now.
    pub(super) async fn send_the_rest(&self) -> Result<(), TestCaseError> {
        let mut entries = Value::Null;
        for _ in 0..3 {
            entries = self.home.must("outbox_list", json!({})).await;
            let waiting: Vec<&Value> = entries
                .as_array()
                .into_iter()
                .flatten()
                .filter(|entry| !matches!(entry["state"].as_str(), Some("sent" | "filed")))
                .collect();
            if waiting.is_empty() {
                return Ok(());
            }
            for entry in waiting {
                drop(self.home.call("outbox_retry", json!({"id": entry["id"]})).await);
            }
        }
        Err(TestCaseError::fail(format!("not sent: {entries}")))
    }

    pub(super) async fn compare_drafts(&self, other: &mut Other) -> Result<(), TestCaseError> {
        let (drafts, sent) = (other.wire_name(DRAFTS), other.wire_name(SENT));
        let drafts = other.shelf(&drafts).expect("the drafts");
        let sent = other.shelf(&sent).expect("what was sent");
        let listed = self.home.must("draft_list", json!({})).await;
        let listed: Vec<String> = listed
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|draft| draft["subject"].as_str().map(str::to_owned))
            .collect();
        other.drafts.compare(&drafts, &sent, &listed)
    }
}
