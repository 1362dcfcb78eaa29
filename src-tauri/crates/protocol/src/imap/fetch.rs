//! Reading messages. Every method takes UIDs of the open folder and says nothing about those that are gone.

use mailroom_model::{UidSet, UnixMillis};
use tokio::sync::mpsc::Sender;

use super::command::{Command, pieces_of};
use super::error::ImapError;
use super::reply::{ResponseCode, Status};
use super::session::{Answer, Done, Fetched, ImapSession};
use super::structure::{self, BodyPart};
use super::untagged::Untagged;
use super::{FetchedMessage, FlagFetch, RemoteFacts};

impl ImapSession {
    /// [`Self::items`], and the id of the content where the server has one.
    fn items_with_content(&self, items: &str) -> String {
        match self.capabilities().content_id_item() {
            Some(id) => self.items(&format!("{items} {id}")),
            None => self.items(items),
        }
    }

    fn items(&self, items: &str) -> String {
        let modseq = if self.capabilities().has_condstore() {
            " MODSEQ"
        } else {
            ""
        };
        format!("({items}{modseq})")
    }

    /// The flags of messages; with `changed_since` only of those that changed after that mod-sequence, and where
    /// QRESYNC is enabled also which of the set are gone. Without CONDSTORE `changed_since` cannot be honoured and
    /// all are sent.
    pub async fn fetch_flags(
        &mut self,
        uids: &UidSet,
        changed_since: Option<u64>,
    ) -> Result<FlagFetch, ImapError> {
        let items = self.items("UID FLAGS");
        let modifier = changed_since
            .filter(|_| self.capabilities().has_condstore())
            .map(|modseq| {
                let vanished = if self.has_qresync() { " VANISHED" } else { "" };
                format!("(CHANGEDSINCE {modseq}{vanished})")
            });
        let mut result = FlagFetch::default();
        let mut left = pieces_of(uids, self.capabilities().message_limit());
        left.reverse();
        while let Some(piece) = left.pop() {
            let mut command = Command::new("UID FETCH").text(&piece.to_string()).text(&items);
            if let Some(modifier) = &modifier {
                command = command.text(modifier);
            }
            let done = self.ask(command).await?;
            left.extend(not_looked_at(&piece, &done));
            result
                .states
                .extend(done.fetched.into_iter().filter_map(Fetched::flag_state));
            for response in done.untagged {
                if let Untagged::Vanished { uids, .. } = response {
                    for (first, last) in uids.ranges() {
                        result.vanished.insert_range(*first, *last);
                    }
                }
            }
        }
        Ok(result)
    }

    /// Flags, date and size of messages, in the server's order. A size that the server leaves out is 0.
    pub async fn fetch_facts(&mut self, uids: &UidSet) -> Result<Vec<RemoteFacts>, ImapError> {
        let items = self.items_with_content("UID FLAGS INTERNALDATE RFC822.SIZE");
        let mut facts = Vec::new();
        let mut left = pieces_of(uids, self.capabilities().message_limit());
        left.reverse();
        while let Some(piece) = left.pop() {
            self.compress_where_it_pays().await?;
            let command = Command::new("UID FETCH").text(&piece.to_string()).text(&items);
            let done = self.ask(command).await?;
            left.extend(not_looked_at(&piece, &done));
            for fetched in done.fetched {
                // What has neither is news about another message's flags.
                if fetched.size.is_none() && fetched.internal_date.is_none() {
                    self.absorb_fetched(fetched);
                    continue;
                }
                let Some(uid) = fetched.uid else { continue };
                facts.push(RemoteFacts {
                    uid,
                    size: fetched.size.unwrap_or_default(),
                    flags: fetched.flags.unwrap_or_default(),
                    modseq: fetched.modseq,
                    internal_date: fetched.internal_date.unwrap_or_default(),
                    content_id: fetched.content_id,
                });
            }
        }
        Ok(facts)
    }

    /// Whole messages, one after the other into `sink`, in the server's order; returns how many.
    ///
    /// The server is read no faster than `sink` takes them, so memory holds one message besides those in the
    /// channel. Keep sets bounded: a set is one command, and a command cannot be taken back. Errors:
    /// [`ImapError::Cancelled`] when the receiver is gone (the session is then of no further use),
    /// [`ImapError::TooLarge`] for a message over the limit of the options, which also ends the session.
    pub async fn fetch_messages(
        &mut self,
        uids: &UidSet,
        sink: &Sender<FetchedMessage>,
    ) -> Result<u64, ImapError> {
        let items = self.items_with_content("UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]");
        let mut count = 0;
        for piece in pieces_of(uids, self.capabilities().message_limit()) {
            self.compress_where_it_pays().await?;
            let command = Command::new("UID FETCH").text(&piece.to_string()).text(&items);
            let running = match self.send(command).await? {
                Ok(running) => running,
                Err(reply) => return Err(self.refused("UID FETCH", None, false, reply)),
            };
            loop {
                match self.answer(&running).await? {
                    Answer::Fetched(fetched) => match fetched.into_message() {
                        Ok(message) => {
                            sink.send(message).await.map_err(|_| ImapError::Cancelled)?;
                            count += 1;
                        }
                        Err(other) => self.absorb_fetched(other),
                    },
                    Answer::Continue => {}
                    Answer::Done(reply) => {
                        self.absorb_kept();
                        if reply.status != Status::Ok {
                            return Err(self.refused(running.verb, None, false, reply));
                        }
                        break;
                    }
                }
            }
        }
        Ok(count)
    }

    /// The header of a message; `None` when it is gone.
    pub async fn fetch_header(&mut self, uid: u32) -> Result<Option<FetchedMessage>, ImapError> {
        let items = self.items_with_content("UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]");
        let done = self
            .ask(Command::new("UID FETCH").text(&uid.to_string()).text(&items))
            .await?;
        Ok(done
            .fetched
            .into_iter()
            .filter_map(|fetched| fetched.into_message().ok())
            .find(|message| message.uid == uid))
    }

    /// `length` bytes of a message beginning at `offset`, or of one of its parts as it stands in the message (`2.1`); fewer
    /// at its end, none when it is gone.
    pub async fn fetch_chunk(
        &mut self,
        uid: u32,
        part: Option<&str>,
        offset: u64,
        length: u32,
    ) -> Result<Vec<u8>, ImapError> {
        self.compress_where_it_pays().await?;
        let section = part.unwrap_or_default();
        let items = format!("(UID BODY.PEEK[{section}]<{offset}.{length}>)");
        let done = self
            .ask(Command::new("UID FETCH").text(&uid.to_string()).text(&items))
            .await?;
        Ok(done
            .fetched
            .into_iter()
            .filter(|fetched| fetched.uid == Some(uid))
            .find_map(|fetched| {
                let of_part = fetched.sections.into_iter().find(|(name, _)| name == section);
                of_part.map(|(_, bytes)| bytes).or(fetched.body)
            })
            .unwrap_or_default())
    }

    /// The parts of a message without their bytes (BODYSTRUCTURE); `None` when it is gone or they cannot be read.
    pub async fn fetch_structure(&mut self, uid: u32) -> Result<Option<BodyPart>, ImapError> {
        let done = self
            .ask(
                Command::new("UID FETCH")
                    .text(&uid.to_string())
                    .text("(UID BODYSTRUCTURE)"),
            )
            .await?;
        Ok(done
            .fetched
            .into_iter()
            .filter(|fetched| fetched.uid == Some(uid))
            .find_map(|fetched| fetched.structure)
            .and_then(|text| structure::parse(&text)))
    }

    /// Sections of a message: the headers of parts (`2.MIME`), and the beginnings of parts (`1`), `most` bytes of each at
    /// most. By name; what the server leaves out is not there.
    pub async fn fetch_sections(
        &mut self,
        uid: u32,
        sections: &[String],
        most: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, ImapError> {
        let items: Vec<String> = sections
            .iter()
            .map(|section| format!("BODY.PEEK[{section}]<0.{most}>"))
            .collect();
        let items = format!("(UID {})", items.join(" "));
        let done = self
            .ask(Command::new("UID FETCH").text(&uid.to_string()).text(&items))
            .await?;
        Ok(done
            .fetched
            .into_iter()
            .filter(|fetched| fetched.uid == Some(uid))
            .flat_map(|fetched| fetched.sections)
            .collect())
    }
}

/// The part of a set that a server with a limit (RFC 9738) did not look at. Nothing where it does not say how far it came:
/// asking the same again would never end.
fn not_looked_at(asked: &UidSet, done: &Done) -> Option<UidSet> {
    let Some(ResponseCode::MessageLimit { lowest: Some(lowest) }) = &done.code else {
        return None;
    };
    let below = UidSet::range(1, lowest.checked_sub(1).filter(|below| *below > 0)?);
    let mut left = UidSet::new();
    for (first, last) in asked.ranges() {
        for (from, to) in below.ranges() {
            if first <= to && from <= last {
                left.insert_range(*first.max(from), *last.min(to));
            }
        }
    }
    (!left.is_empty() && left.len() < asked.len()).then_some(left)
}

impl Fetched {
    /// A message when UID and bytes are there; the response itself when it is about something else.
    fn into_message(self) -> Result<FetchedMessage, Self> {
        match (self.uid, self.body) {
            (Some(uid), Some(raw)) => Ok(FetchedMessage {
                uid,
                flags: self.flags.unwrap_or_default(),
                modseq: self.modseq,
                internal_date: self.internal_date.unwrap_or(UnixMillis(0)),
                size: self.size.unwrap_or(raw.len() as u64),
                content_id: self.content_id,
                raw,
            }),
            (uid, body) => Err(Self { uid, body, ..self }),
        }
    }
}
