//! What was left on the server because of its size, fetched when somebody wants it.

use std::path::Path;

use mailroom_mime::{Limits, PartDecoder, attachment_bytes, decode_part, left_octets};
use mailroom_model::{Coded as _, MessageId};
use mailroom_protocol::imap::{FetchedMessage, ImapSession};
use mailroom_store::{FolderRow, MessageRow, Place};

use tokio_util::sync::CancellationToken;

use crate::budget::Purpose;
use crate::connection::Connection;
use crate::event::Event;
use crate::files::Unfinished;
use crate::preferences::LARGEST_DOWNLOAD_MB;
use crate::sync::prepare;
use crate::{Engine, EngineError};

/// How much is asked for at a time.
const CHUNK: u32 = 1 << 20;

/// What has more bytes goes straight into the file in which somebody wants it, and is not kept here besides.
const LARGEST_IN_MEMORY: u64 = (LARGEST_DOWNLOAD_MB as u64) << 20;

impl Engine {
    /// Fetches a message that was left on the server, and keeps it whole. Nothing for one that is here.
    pub async fn download(&self, id: MessageId) -> Result<(), EngineError> {
        if self.store().await?.messages().raw(id).await?.is_none() {
            self.fetch_whole(id).await?;
        }
        Ok(())
    }

    /// The bytes of a message that was left on the server; they are kept here from now on.
    pub(crate) async fn fetch_whole(&self, id: MessageId) -> Result<Vec<u8>, EngineError> {
        let row = self.message_row(id).await?;
        let (place, mut session) = self.open_at(&row).await?;
        let mut sink = Sink::Memory(Vec::new());
        let wanted = (None, row.size);
        let is_whole = self
            .fetch_and_tell(&row, wanted, &place, &mut session, &mut sink)
            .await?;
        self.pushers.of(row.account_id).put_back(session).await;
        let raw = sink
            .into_memory()
            .filter(|_| is_whole)
            .ok_or_else(|| left(&row))?;
        let (raw, _) = self.keep_downloaded(&row, place, raw).await?;
        Ok(raw)
    }

    /// Keeps a message as a whole of which only a part was here. False with its bytes when it could not be, because it is here
    /// under another id.
    pub(crate) async fn keep_downloaded(
        &self,
        row: &MessageRow,
        place: Place,
        raw: Vec<u8>,
    ) -> Result<(Vec<u8>, bool), EngineError> {
        let id = row.id;
        let message = FetchedMessage {
            uid: place.uid,
            flags: place.server_flags,
            modseq: place.modseq,
            internal_date: place.internal_at,
            size: row.size,
            content_id: None,
            raw,
        };
        let preparing = tokio::task::spawn_blocking(move || {
            let prepared = prepare(&message, &Limits::default(), true);
            prepared.map(|prepared| (prepared, message.raw))
        });
        let (prepared, raw) = preparing.await.map_err(|_| EngineError::Worker)??;
        let is_whole = self.store().await?.messages().complete(id, prepared).await?;
        Ok((raw, is_whole))
    }

    /// The decoded bytes of a part of a message that was left on the server: out of what is here, or fetched alone.
    pub(crate) async fn fetch_part(&self, id: MessageId, part: &str) -> Result<Vec<u8>, EngineError> {
        let missing = || EngineError::AttachmentMissing {
            id: id.0,
            part: part.to_owned(),
        };
        let messages = self.store().await?.messages();
        if let Some(kept) = messages.kept_part(id, part).await? {
            return Ok(kept);
        }
        let Some(known) = messages.partial(id).await? else {
            // Nothing is known of its parts.
            let raw = self.fetch_whole(id).await?;
            return attachment_bytes(&raw, part).ok_or_else(missing);
        };
        let path = part.split_once(".uu").map_or(part, |(text, _)| text);
        let Some(octets) = left_octets(&known, path) else {
            return attachment_bytes(&known, part).ok_or_else(missing);
        };
        if path != part {
            // A file inside a text that did not come to its end.
            let raw = self.fetch_whole(id).await?;
            return attachment_bytes(&raw, part).ok_or_else(missing);
        }
        let row = self.message_row(id).await?;
        let (place, mut session) = self.open_at(&row).await?;
        let mut sink = Sink::Memory(Vec::new());
        let wanted = (Some(part), octets);
        let is_whole = self
            .fetch_and_tell(&row, wanted, &place, &mut session, &mut sink)
            .await?;
        self.pushers.of(row.account_id).put_back(session).await;
        let body = sink
            .into_memory()
            .filter(|_| is_whole)
            .ok_or_else(|| left(&row))?;
        let bytes = decode_part(&known, part, &body).ok_or_else(missing)?;
        // Whoever looks at a file often saves it next. A disk without room is no reason not to show it.
        if let Err(error) = messages.keep_part(id, part, &bytes).await {
            tracing::warn!(code = %error.code(), "a file that was fetched could not be kept");
        }
        Ok(bytes)
    }

    /// Fetches what was left on the server straight into a file, piece by piece, and says how many bytes it has: a message,
    /// or one of its parts decoded. `None` for what is small enough for memory, or has to be decoded as a whole.
    pub(crate) async fn fetch_into(
        &self,
        id: MessageId,
        part: Option<&str>,
        path: &Path,
    ) -> Result<Option<u64>, EngineError> {
        let row = self.message_row(id).await?;
        let (octets, decoder) = match part {
            None => (row.size, Some(PartDecoder::plain())),
            Some(part) => match self.store().await?.messages().partial(id).await? {
                Some(known) => (
                    left_octets(&known, part).unwrap_or_default(),
                    PartDecoder::of(&known, part),
                ),
                None => return Ok(None),
            },
        };
        let Some(decoder) = decoder.filter(|_| octets > LARGEST_IN_MEMORY) else {
            return Ok(None);
        };
        let file = Unfinished::create(path).await?;
        let (place, mut session) = self.open_at(&row).await?;
        let mut sink = Sink::File {
            file,
            decoder,
            bytes: 0,
        };
        let wanted = (part, octets);
        let is_whole = self
            .fetch_and_tell(&row, wanted, &place, &mut session, &mut sink)
            .await?;
        self.pushers.of(row.account_id).put_back(session).await;
        match sink {
            Sink::File {
                mut file,
                decoder,
                bytes,
            } if is_whole => {
                let rest = decoder.finish();
                file.write(&rest).await?;
                file.finish().await?;
                Ok(Some(bytes + rest.len() as u64))
            }
            _ => Err(left(&row)),
        }
    }

    /// A session with the folder open in which the message stands.
    async fn open_at(&self, row: &MessageRow) -> Result<(Place, Connection), EngineError> {
        let store = self.store().await?;
        let place = row.places.iter().find(|place| place.operation_id.is_none());
        let place = place.or(row.places.first()).ok_or_else(|| left(row))?.clone();
        let folder: FolderRow = store
            .folders()
            .get(place.folder_id)
            .await?
            .ok_or_else(|| left(row))?;
        let account = store
            .accounts()
            .get(row.account_id)
            .await?
            .ok_or_else(|| left(row))?;
        // The one that is kept for the next look, where there is one: it need not be opened first.
        let pusher = self.pushers.of(account.id);
        let mut session = self.line(&account, &pusher, Purpose::Person).await?;
        let selected = session.select(&folder.seen.wire_name, None).await?;
        if folder
            .cursor
            .is_none_or(|cursor| cursor.uid_validity != selected.uid_validity)
        {
            return Err(left(row));
        }
        Ok((place, session))
    }

    /// All pieces of a message or of one of its parts, of so many bytes, into `sink`; false when what comes are none.
    async fn fetch_and_tell(
        &self,
        row: &MessageRow,
        (part, octets): (Option<&str>, u64),
        place: &Place,
        session: &mut ImapSession,
        sink: &mut Sink,
    ) -> Result<bool, EngineError> {
        let work = self.downloads.begin(&row.id, &CancellationToken::new());
        let mut pieces = Pieces::of(octets);
        loop {
            let offset = pieces.have;
            let fetching = async { Ok(session.fetch_chunk(place.uid, part, offset, CHUNK).await?) };
            let piece = crate::until(work.cancel(), fetching).await?;
            let taken = pieces.take(piece.len());
            if taken == Taken::Nonsense {
                return Ok(false);
            }
            sink.put(piece).await?;
            if taken == Taken::Whole {
                return Ok(true);
            }
            self.tell(Event::DownloadProgressed {
                id: row.id,
                part: part.map(str::to_owned),
                bytes: pieces.have,
                bytes_total: octets,
            });
        }
    }
}

/// A message of the open folder, piece by piece; `None` when what comes are no pieces of it.
pub(crate) async fn fetch_pieces(
    session: &mut ImapSession,
    uid: u32,
    size: u64,
) -> Result<Option<Vec<u8>>, EngineError> {
    let (mut pieces, mut bytes) = (Pieces::of(size), Vec::new());
    loop {
        let piece = session.fetch_chunk(uid, None, pieces.have, CHUNK).await?;
        let taken = pieces.take(piece.len());
        bytes.extend_from_slice(&piece);
        match taken {
            Taken::More => {}
            Taken::Whole => return Ok(Some(bytes)),
            Taken::Nonsense => return Ok(None),
        }
    }
}

/// Where pieces go.
enum Sink {
    Memory(Vec<u8>),
    File {
        file: Unfinished,
        decoder: PartDecoder,
        bytes: u64,
    },
}

impl Sink {
    async fn put(&mut self, piece: Vec<u8>) -> Result<(), EngineError> {
        match self {
            Self::Memory(bytes) => bytes.extend_from_slice(&piece),
            Self::File { file, decoder, bytes } => {
                let decoded = decoder.push(&piece);
                *bytes += decoded.len() as u64;
                file.write(&decoded).await?;
            }
        }
        Ok(())
    }

    fn into_memory(self) -> Option<Vec<u8>> {
        match self {
            Self::Memory(bytes) => Some(bytes),
            Self::File { .. } => None,
        }
    }
}

fn left(row: &MessageRow) -> EngineError {
    EngineError::LeftOnServer {
        id: row.id.0,
        size: row.size,
    }
}

/// How far something is after a piece of it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// There is more to ask for.
    More,
    /// It is whole.
    Whole,
    /// These are no pieces of it.
    Nonsense,
}

/// What came so far.
struct Pieces {
    /// So many bytes.
    have: u64,
    /// How many there should be.
    announced: u64,
}

impl Pieces {
    fn of(size: u64) -> Self {
        Self {
            have: 0,
            announced: size,
        }
    }

    /// Counts the next piece. A short piece is no end: only an empty one, or the announced size, is. Sizes that servers
    /// announce may be a little wrong, but not by half.
    fn take(&mut self, piece: usize) -> Taken {
        let begins = self.have == 0;
        if piece == 0 {
            let enough = self.have >= self.announced / 2;
            return if begins || !enough {
                Taken::Nonsense
            } else {
                Taken::Whole
            };
        }
        self.have += piece as u64;
        if piece > CHUNK as usize {
            // The server takes no notice of what part was asked for and gives everything.
            return if begins { Taken::Whole } else { Taken::Nonsense };
        }
        match self.have {
            have if have == self.announced => Taken::Whole,
            have if have > self.announced.saturating_mul(2).saturating_add(u64::from(CHUNK)) => {
                Taken::Nonsense
            }
            _ => Taken::More,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_put_together_until_the_message_is_whole() {
        let everything = CHUNK as usize + 1;
        let cases: &[(u64, usize, u64, Taken)] = &[
            (0, 3, 10, Taken::More),
            (7, 3, 10, Taken::Whole),
            (9, 0, 10, Taken::Whole),
            (11, 0, 10, Taken::Whole),
            (0, 0, 10, Taken::Nonsense),
            (3, 0, 10, Taken::Nonsense),
            (9, 3, 10, Taken::More),
            (5 << 20, 3, 10, Taken::Nonsense),
            (0, everything, 10, Taken::Whole),
            (5, everything, 10, Taken::Nonsense),
        ];
        for (have, piece, announced, expected) in cases {
            let mut pieces = Pieces::of(*announced);
            pieces.have = *have;
            assert_eq!(pieces.take(*piece), *expected, "{have} {piece}");
        }
    }
}
