//! DEFLATE over a connection in both directions (RFC 4978), and when it pays.

use std::fmt;
use std::io;
use std::time::Duration;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// Compressed bytes that are read in one go.
const READ: usize = 16 * 1024;
/// Room that is made for compressed bytes at a time.
const WRITE: usize = 16 * 1024;

/// Both directions of a compressed connection.
pub(crate) struct Deflate {
    unpacks: Decompress,
    packs: Compress,
    /// Compressed bytes that came, and how far they are read.
    came: Vec<u8>,
    came_at: usize,
    /// The inflater may hold more than fitted the last time.
    holds_more: bool,
    /// Compressed bytes that wait to be written, and how far they are.
    goes: Vec<u8>,
    goes_at: usize,
    is_flushed: bool,
}

impl fmt::Debug for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflate").finish_non_exhaustive()
    }
}

/// What came of reading compressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inflated {
    /// So many bytes.
    Bytes(usize),
    /// More has to come from the other side first.
    Needs,
    /// The other side has ended its stream.
    End,
}

impl Deflate {
    /// Begins in the middle of a connection: `came` was read already.
    pub(crate) fn new(came: &[u8]) -> Self {
        Self {
            unpacks: Decompress::new(false),
            packs: Compress::new(Compression::fast(), false),
            came: came.to_vec(),
            came_at: 0,
            holds_more: false,
            goes: Vec::new(),
            goes_at: 0,
            is_flushed: true,
        }
    }

    /// Inflates into `room` as much as fits: however much a few bytes stand for, no more than that is made of them at a time.
    pub(crate) fn read(&mut self, room: &mut [u8]) -> io::Result<Inflated> {
        loop {
            let came = self.came.get(self.came_at..).unwrap_or_default();
            if came.is_empty() && !self.holds_more {
                return Ok(Inflated::Needs);
            }
            let (read, made) = (self.unpacks.total_in(), self.unpacks.total_out());
            let status = self.unpacks.decompress(came, room, FlushDecompress::None);
            let status = status.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            let read = in_memory(self.unpacks.total_in() - read);
            let made = in_memory(self.unpacks.total_out() - made);
            self.came_at += read;
            self.holds_more = made == room.len();
            match (made, status) {
                (0, Status::StreamEnd) => return Ok(Inflated::End),
                (0, _) if read == 0 && self.came_at < self.came.len() => {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                (0, _) => {}
                (made, _) => return Ok(Inflated::Bytes(made)),
            }
        }
    }

    /// Where bytes from the other side go, once [`Self::read`] needs more. What is not filled is cut off by
    /// [`Self::filled`].
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.came_at = 0;
        self.came.resize(READ, 0);
        &mut self.came
    }

    /// So many bytes came into the room.
    pub(crate) fn filled(&mut self, count: usize) {
        self.came.truncate(count);
    }

    /// Compresses bytes, to be written with those in [`Self::waiting`].
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.is_flushed = false;
        self.pack(bytes, FlushCompress::None)
    }

    /// Makes everything that was written so far readable on the other side.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if !self.is_flushed {
            self.is_flushed = true;
            self.pack(&[], FlushCompress::Sync)?;
        }
        Ok(())
    }

    fn pack(&mut self, mut bytes: &[u8], flush: FlushCompress) -> io::Result<()> {
        loop {
            self.goes.reserve(WRITE);
            let before = self.packs.total_in();
            self.packs
                .compress_vec(bytes, &mut self.goes, flush)
                .map_err(io::Error::other)?;
            let taken = in_memory(self.packs.total_in() - before);
            bytes = bytes.get(taken..).unwrap_or_default();
            if bytes.is_empty() && self.goes.len() < self.goes.capacity() {
                return Ok(());
            }
        }
    }

    /// Compressed bytes that wait to be written.
    pub(crate) fn waiting(&self) -> &[u8] {
        self.goes.get(self.goes_at..).unwrap_or_default()
    }

    /// So many of them were written.
    pub(crate) fn written(&mut self, count: usize) {
        self.goes_at += count;
        if self.goes_at >= self.goes.len() {
            self.goes.clear();
            self.goes_at = 0;
        }
    }
}

/// A difference of two counters inside one call is as large as a buffer at most.
fn in_memory(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// What a connection has shown while bodies of messages came: how many bytes, and how long they were waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) bytes: u64,
    pub(crate) waited: Duration,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pays {
    /// Compress: the line is what holds things up.
    Yes,
    /// It is faster than a server that compresses; look again later.
    No,
    /// It is too early to say.
    Unknown,
}

/// Servers compress 30 MB in a second when they have nothing else to do (Dovecot on a core of our own), and they have: over a
/// line of up to so many bytes a second compressing is the lesser work for everybody.
const SLOW: u64 = 2_000_000;
/// As long as this was waited for bytes, and so many of them came, at least, before a line is called slow ...
const LONG: Duration = Duration::from_secs(1);
const ENOUGH: u64 = 24 * 1024;
/// ... or so many came: enough to call it either.
const MANY: u64 = 1024 * 1024;
/// A wait counts as no longer than this: a server that thinks is no slow line.
pub(crate) const COUNTED_WAIT: Duration = Duration::from_millis(500);

impl Flow {
    /// Whether compression pays from now on.
    pub(crate) fn pays(self) -> Pays {
        let is_known = self.bytes >= MANY || (self.waited >= LONG && self.bytes >= ENOUGH);
        if !is_known {
            return Pays::Unknown;
        }
        let waited = u64::try_from(self.waited.as_millis()).unwrap_or(u64::MAX);
        if self.bytes.saturating_mul(1000) <= waited.saturating_mul(SLOW) {
            Pays::Yes
        } else {
            Pays::No
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_pays_where_the_line_is_slower_than_the_server() {
        let cases = [
            ("nothing came", 0, 0, Pays::Unknown),
            ("a stall says nothing", 1_000, 60_000, Pays::Unknown),
            ("too early", 500_000, 900, Pays::Unknown),
            ("a modem", 30_000, 6_000, Pays::Yes),
            ("50 kB a second", 60_000, 1_200, Pays::Yes),
            ("16 Mbit", 2_000_000, 1_000, Pays::Yes),
            ("20 Mbit", 2_500_000, 1_000, Pays::No),
            ("loopback", 8_000_000, 0, Pays::No),
        ];
        for (name, bytes, waited, pays) in cases {
            let waited = Duration::from_millis(waited);
            assert_eq!(Flow { bytes, waited }.pays(), pays, "{name}");
        }
    }

    /// Everything that one end makes of the other end's bytes.
    fn read_all(end: &mut Deflate, bytes: &[u8]) -> Vec<u8> {
        let mut all = Vec::new();
        let mut room = [0; 100];
        for piece in bytes.chunks(7) {
            let space = end.room();
            space[..piece.len()].copy_from_slice(piece);
            end.filled(piece.len());
            while let Inflated::Bytes(count) = end.read(&mut room).unwrap() {
                all.extend_from_slice(&room[..count]);
            }
        }
        all
    }

    #[test]
    fn what_is_written_and_flushed_is_read_on_the_other_side() {
        let (mut near, mut far) = (Deflate::new(&[]), Deflate::new(&[]));
        let texts = [
            b"A1 NOOP\r\n".to_vec(),
            vec![b'x'; 300_000],
            b"A2 NOOP\r\n".to_vec(),
        ];
        for text in texts {
            near.write(&text).unwrap();
            near.flush().unwrap();
            near.flush().unwrap();
            let packed = near.waiting().to_vec();
            assert!(packed.len() < 2_000);
            near.written(packed.len());
            assert!(near.waiting().is_empty());
            assert!(read_all(&mut far, &packed) == text);
        }
    }

    #[test]
    fn bytes_that_are_no_deflate_are_an_error() {
        let mut end = Deflate::new(b"\x07 * OK this is no deflate");
        let mut room = [0; 100];
        assert_eq!(
            end.read(&mut room).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }
}
