//! Changing what is on the server. Only by UID: sequence numbers move under one's feet.

use mailroom_model::{FlagChange, MessageFlags, UidSet, UnixMillis};

use super::command::{Command, Part, pieces_of};
use super::date::internal_date;
use super::error::ImapError;
use super::fetch_line::is_flag;
use super::reply::{ResponseCode, ServerReply, Status};
use super::session::{Answer, Done, Fetched, ImapSession};
use super::untagged::Untagged;
use super::{Appended, FlagState, MoveOutcome, StoreOutcome};

impl ImapSession {
    /// The set in pieces that fit into commands, each about no more messages than the server takes at once.
    fn pieces(&self, uids: &UidSet) -> Vec<UidSet> {
        pieces_of(uids, self.capabilities().message_limit())
    }

    /// True when a move or copy of these messages goes out in one command, of which a server does all or nothing
    /// (RFC 3501 §6.4.7). Of several the first may be done when a later one is refused.
    pub fn is_one_command(&self, uids: &UidSet) -> bool {
        self.pieces(uids).len() <= 1
    }

    /// Adds and removes flags. With `unchanged_since`, messages that changed after that mod-sequence are left alone
    /// and reported as [`StoreOutcome::conflicted`]; a server without CONDSTORE cannot promise that, which is
    /// [`ImapError::CapabilityMissing`] and changes nothing.
    pub async fn store_flags(
        &mut self,
        uids: &UidSet,
        change: &FlagChange,
        unchanged_since: Option<u64>,
    ) -> Result<StoreOutcome, ImapError> {
        let add = flag_list(&change.add)?;
        let remove = flag_list(&change.remove)?;
        if unchanged_since.is_some() && !self.capabilities().has_condstore() {
            self.need("CONDSTORE")?;
        }
        let mut outcome = StoreOutcome::default();
        for piece in self.pieces(uids) {
            let mut left = piece;
            let mut guard = unchanged_since;
            for (sign, flags) in [('+', &add), ('-', &remove)] {
                if flags.is_empty() || left.is_empty() {
                    continue;
                }
                let condition = guard
                    .map(|modseq| format!(" (UNCHANGEDSINCE {modseq})"))
                    .unwrap_or_default();
                let words = format!("{left}{condition} {sign}FLAGS ({flags})");
                let (states, conflicted) = self.store_once(Command::new("UID STORE").text(&words)).await?;
                for uid in conflicted.iter() {
                    outcome.conflicted.insert(uid);
                }
                if !conflicted.is_empty() {
                    left = left.iter().filter(|uid| !conflicted.contains(*uid)).collect();
                }
                // The second half must not trip over the first.
                guard = guard.map(|modseq| {
                    let own = states.iter().filter(|state| left.contains(state.uid));
                    own.filter_map(|state| state.modseq)
                        .max()
                        .unwrap_or(modseq)
                        .max(modseq)
                });
                for state in states {
                    outcome.states.retain(|known| known.uid != state.uid);
                    outcome.states.push(state);
                }
            }
        }
        Ok(outcome)
    }

    async fn store_once(&mut self, command: Command) -> Result<(Vec<FlagState>, UidSet), ImapError> {
        let mut states = Vec::new();
        let reply = match self.send(command).await? {
            Err(reply) => reply,
            Ok(running) => loop {
                match self.answer(&running).await? {
                    Answer::Fetched(fetched) => states.extend(Fetched::flag_state(fetched)),
                    Answer::Continue => {}
                    Answer::Done(reply) => break reply,
                }
            },
        };
        self.absorb_kept();
        // MODIFIED comes with OK and with NO (RFC 7162 §3.1.3); either way the rest was stored.
        match reply {
            ServerReply {
                code: Some(ResponseCode::Modified(uids)),
                ..
            } => Ok((states, uids)),
            ServerReply {
                status: Status::Ok, ..
            } => Ok((states, UidSet::new())),
            reply => Err(self.refused("UID STORE", None, false, reply)),
        }
    }

    /// Moves messages to another folder: MOVE, or COPY and a removal by UID; see [`MoveOutcome`] for servers that
    /// have neither. When a long set goes out in several commands and a later one fails, the earlier ones stand;
    /// asking again for all is right, because UIDs that are gone are passed over.
    pub async fn move_messages(&mut self, uids: &UidSet, to_wire: &str) -> Result<MoveOutcome, ImapError> {
        let mut outcome = MoveOutcome::default();
        for piece in self.pieces(uids) {
            if self.capabilities().has("MOVE") {
                self.transfer("UID MOVE", &piece, to_wire, &mut outcome).await?;
                continue;
            }
            self.transfer("UID COPY", &piece, to_wire, &mut outcome).await?;
            outcome.left_marked_deleted |= self.delete_piece(&piece).await?;
        }
        Ok(outcome)
    }

    /// Removes messages for good: these and no others. True when they are only marked `\Deleted`, because the server cannot
    /// remove single messages (no UIDPLUS); EXPUNGE would take what other programs marked as well.
    pub async fn delete_messages(&mut self, uids: &UidSet) -> Result<bool, ImapError> {
        let mut left_marked = false;
        for piece in self.pieces(uids) {
            left_marked |= self.delete_piece(&piece).await?;
        }
        Ok(left_marked)
    }

    async fn delete_piece(&mut self, piece: &UidSet) -> Result<bool, ImapError> {
        let words = format!("{piece} +FLAGS.SILENT (\\Deleted)");
        self.store_once(Command::new("UID STORE").text(&words)).await?;
        if !self.capabilities().has("UIDPLUS") {
            return Ok(true);
        }
        self.ask(Command::new("UID EXPUNGE").text(&piece.to_string()))
            .await?;
        Ok(false)
    }

    /// Copies messages to another folder.
    pub async fn copy_messages(&mut self, uids: &UidSet, to_wire: &str) -> Result<MoveOutcome, ImapError> {
        let mut outcome = MoveOutcome::default();
        for piece in self.pieces(uids) {
            self.transfer("UID COPY", &piece, to_wire, &mut outcome).await?;
        }
        Ok(outcome)
    }

    async fn transfer(
        &mut self,
        verb: &'static str,
        uids: &UidSet,
        to_wire: &str,
        outcome: &mut MoveOutcome,
    ) -> Result<(), ImapError> {
        let command = Command::new(verb).text(&uids.to_string()).name(to_wire);
        let done = self.ask_about(command, Some(to_wire), false).await?;
        // COPY says it at the end, MOVE before (RFC 6851 §4.3).
        let before = done.untagged.into_iter().filter_map(|response| match response {
            Untagged::Status(reply) => reply.code,
            _ => None,
        });
        for code in before.chain(done.code) {
            if let ResponseCode::CopyUid { validity, from, to } = code
                && let Some(pairs) = pairs(&from, &to, uids.len())
            {
                outcome.uid_validity = Some(validity);
                outcome.uid_map.extend(pairs);
            }
        }
        // Some servers say it at both places.
        outcome.uid_map.sort_unstable();
        outcome.uid_map.dedup();
        Ok(())
    }

    /// Puts a message into a folder. `raw` goes out as it is; lines should end with CRLF.
    ///
    /// Errors: [`ImapError::TooLarge`] when the server announced a limit, [`ImapError::Refused`] with the meaning
    /// `over_quota`, `folder_missing` (`[TRYCREATE]`) and others.
    pub async fn append(
        &mut self,
        wire_name: &str,
        flags: &MessageFlags,
        internal_date_at: Option<UnixMillis>,
        raw: &[u8],
    ) -> Result<Appended, ImapError> {
        let size = raw.len() as u64;
        if let Some(limit) = self.capabilities().append_limit().filter(|limit| size > *limit) {
            return Err(ImapError::TooLarge {
                peer: self.peer.clone(),
                size,
                limit,
            });
        }
        let names = flag_list(&flags.to_imap())?;
        let mut command = Command::new("APPEND").name(wire_name).text(&format!("({names})"));
        if let Some(at) = internal_date_at {
            command = command.text(&format!("\"{}\"", internal_date(at)));
        }
        command.parts.push(Part::Literal(raw.to_vec()));
        let Done { code, .. } = self.ask_about(command, Some(wire_name), false).await?;
        Ok(match code {
            Some(ResponseCode::AppendUid { validity, uids }) => Appended {
                uid_validity: Some(validity),
                uid: uids.first(),
            },
            _ => Appended::default(),
        })
    }
}

/// Flag names in one line; a name that is none is refused, because it would break out of the command.
fn flag_list(names: &[String]) -> Result<String, ImapError> {
    if let Some(flag) = names
        .iter()
        .find(|name| !is_flag(name.as_bytes()) || !name.is_ascii())
    {
        return Err(ImapError::FlagInvalid { flag: flag.clone() });
    }
    Ok(names.join(" "))
}

/// Ties the two sets of COPYUID together, in the server's order; `None` when they do not fit to each other or to
/// what was asked for.
fn pairs(from: &[(u32, u32)], to: &[(u32, u32)], asked: u64) -> Option<Vec<(u32, u32)>> {
    let count = |ranges: &[(u32, u32)]| -> u64 {
        ranges
            .iter()
            .map(|(first, last)| u64::from(last - first) + 1)
            .sum()
    };
    if count(from) != count(to) || count(from) > asked {
        return None;
    }
    let each = |ranges: &[(u32, u32)]| -> Vec<u32> {
        ranges.iter().flat_map(|(first, last)| *first..=*last).collect()
    };
    Some(each(from).into_iter().zip(each(to)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_uids_are_paired_in_the_servers_order() {
        assert_eq!(
            pairs(&[(304, 304), (319, 320)], &[(3956, 3958)], 3),
            Some(vec![(304, 3956), (319, 3957), (320, 3958)])
        );
        assert_eq!(pairs(&[(9, 9), (4, 4)], &[(1, 2)], 2), Some(vec![(9, 1), (4, 2)]));
        assert_eq!(pairs(&[(1, 2)], &[(1, 1)], 2), None);
        assert_eq!(pairs(&[(1, u32::MAX)], &[(1, u32::MAX)], 2), None);
    }

    #[test]
    fn flags_that_would_break_out_are_refused() {
        assert_eq!(
            flag_list(&["\\Seen".into(), "$Done".into()]).unwrap(),
            "\\Seen $Done"
        );
        for name in ["a b", "a)", "a\r\nb", "", "\\", "żółty"] {
            assert!(
                matches!(flag_list(&[name.to_owned()]), Err(ImapError::FlagInvalid { .. })),
                "{name:?}"
            );
        }
    }
}
