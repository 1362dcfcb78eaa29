//! Opening a folder, and with QRESYNC learning in the same breath what happened since the last time.

use mailroom_model::UidSet;

use super::command::Command;
use super::error::ImapError;
use super::reply::ResponseCode;
use super::session::{Done, Fetched, ImapSession};
use super::untagged::Untagged;
use super::{Delta, FlagState, Resume, Selected};
use crate::link::WireFault;

/// Longest list of known UIDs that is sent along; a longer one is shortened to its ends.
const KNOWN_LIMIT: usize = 4_000;

impl ImapSession {
    /// Opens a folder for reading and writing.
    ///
    /// With `resume`, and where QRESYNC is enabled, the answer brings the changes since then ([`Selected::delta`]).
    /// Errors: [`ImapError::Refused`] when the folder is missing, not selectable or forbidden; then none is open.
    /// [`ImapError::ServerNonsense`] when the server does not say how many messages there are, which it must (RFC 3501
    /// §6.3.1): what is known of the folder would be taken for gone.
    pub async fn select(&mut self, wire_name: &str, resume: Option<&Resume>) -> Result<Selected, ImapError> {
        let mut command = Command::new("SELECT").name(wire_name);
        let resume = resume
            .filter(|resume| self.has_qresync() && resume.uid_validity != 0 && resume.highest_modseq != 0);
        if let Some(resume) = resume {
            command = command.text(&parameters(resume));
        } else if self.capabilities().has_condstore() {
            command = command.text("(CONDSTORE)");
        }
        self.exists = None;
        self.selected = None;
        let result = self.ask_about(command, Some(wire_name), true).await;
        // Whatever was said about the folder before belongs to the one that was open.
        self.take_events();
        let done = result?;
        if !done
            .untagged
            .iter()
            .any(|response| matches!(response, Untagged::Exists(_)))
        {
            return Err(ImapError::ServerNonsense {
                peer: self.peer.clone(),
                source: WireFault::Nonsense.into_io(),
            });
        }
        let selected = selected(done, resume);
        self.exists = Some(selected.exists);
        self.selected = Some(wire_name.to_owned());
        Ok(selected)
    }

    /// How many messages the open folder has now, as far as the server has said.
    pub fn message_count(&self) -> u32 {
        self.exists.unwrap_or_default()
    }
}

fn parameters(resume: &Resume) -> String {
    let known = resume
        .known_uids
        .as_ref()
        .filter(|uids| !uids.is_empty())
        .map(|uids| {
            let text = uids.to_string();
            if text.len() <= KNOWN_LIMIT {
                return text;
            }
            UidSet::range(uids.first().unwrap_or(1), uids.last().unwrap_or(u32::MAX)).to_string()
        });
    let known = known.map(|known| format!(" {known}")).unwrap_or_default();
    format!(
        "(QRESYNC ({} {}{known}))",
        resume.uid_validity, resume.highest_modseq
    )
}

fn selected(done: Done, resume: Option<&Resume>) -> Selected {
    let mut selected = Selected::default();
    let mut delta = Delta::default();
    let is_closed = |response: &Untagged| matches!(response, Untagged::Status(reply) if reply.code == Some(ResponseCode::Closed));
    let from = done.untagged.iter().position(is_closed).unwrap_or_default();
    for response in done.untagged.into_iter().skip(from) {
        match response {
            Untagged::Exists(count) => selected.exists = count,
            Untagged::Vanished { uids, .. } => {
                for (first, last) in uids.ranges() {
                    delta.vanished.insert_range(*first, *last);
                }
            }
            Untagged::Status(reply) => match reply.code {
                Some(ResponseCode::UidValidity(value)) => selected.uid_validity = value,
                Some(ResponseCode::UidNext(value)) => selected.uid_next = Some(value),
                Some(ResponseCode::HighestModSeq(value)) => selected.highest_modseq = Some(value),
                Some(ResponseCode::NoModSeq) => selected.highest_modseq = None,
                Some(ResponseCode::PermanentFlags(flags)) => selected.permanent_flags = Some(flags),
                _ => {}
            },
            _ => {}
        }
    }
    selected.read_only = done.code == Some(ResponseCode::ReadOnly);
    if resume.is_some_and(|resume| resume.uid_validity == selected.uid_validity)
        && selected.highest_modseq.is_some()
    {
        delta.changed = done.fetched.into_iter().filter_map(Fetched::flag_state).collect();
        selected.delta = Some(delta);
    }
    selected
}

impl Fetched {
    /// UID and flags, when both are there.
    pub(super) fn flag_state(self) -> Option<FlagState> {
        Some(FlagState {
            uid: self.uid?,
            flags: self.flags?,
            modseq: self.modseq,
        })
    }
}
