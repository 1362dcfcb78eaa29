//! COMPRESS=DEFLATE (RFC 4978), asked for where it pays.

use std::time::Duration;

use mailroom_model::{Coded, ErrorCode, UidSet};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;

use super::*;
use crate::deflate::{Deflate, Inflated};
use crate::imap::IdleEnd;
use crate::testing::play;

const ITEMS: &str = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";
/// Pieces in which the first message comes, and bytes in each.
const PIECES: usize = 20;
const PIECE: usize = 2_000;

/// Up to the end of the first message, which comes in pieces with a pause before each.
fn up_to_the_first(pause_ms: u64) -> String {
    let mut script = format!(
        "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello
         C: $ AUTHENTICATE PLAIN AGFubmEAc2VjcmV0
         S: $ OK [CAPABILITY IMAP4rev1 IDLE COMPRESS=DEFLATE] welcome
         C: $ SELECT \"INBOX\"
         S: * 3 EXISTS
         S: $ OK open
         C: $ UID FETCH 1 {ITEMS}
         S- * 1 FETCH (UID 1 BODY[] {{{}}}\\r\\n\n",
        PIECES * PIECE
    );
    let piece = format!("WAIT {pause_ms}\nS- {}\n", "x".repeat(PIECE));
    script += &piece.repeat(PIECES);
    script + "S- )\\r\\n\nS: $ OK done\n"
}

/// Fetches a message; gives how many bytes it has.
async fn fetch(session: &mut ImapSession, uid: &str) -> Result<usize, ImapError> {
    let (sink, mut messages) = mpsc::channel(3);
    let uids: UidSet = uid.parse().unwrap();
    session.fetch_messages(&uids, &sink).await?;
    Ok(messages.recv().await.unwrap().raw.len())
}

/// A session that has fetched the first message.
async fn after_the_first(near: DuplexStream) -> ImapSession {
    let mut session = sign_in(Box::new(near), &password(), &ImapOptions::default())
        .await
        .unwrap();
    session.select("INBOX", None).await.unwrap();
    assert_eq!(fetch(&mut session, "1").await.unwrap(), PIECES * PIECE);
    session
}

/// The server's end once it has agreed.
struct Compressed {
    stream: DuplexStream,
    codec: Deflate,
}

impl Compressed {
    /// The client's next line, without its tag; and the tag.
    async fn line(&mut self) -> (String, String) {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut room = [0; 4096];
            match self.codec.read(&mut room).unwrap() {
                Inflated::Bytes(count) => line.extend_from_slice(&room[..count]),
                Inflated::Needs => {
                    let space = self.codec.room();
                    let count = self.stream.read(space).await.unwrap();
                    self.codec.filled(count);
                    assert!(count > 0, "the client has gone");
                }
                Inflated::End => panic!("the client has ended its stream"),
            }
        }
        let line = String::from_utf8(line).unwrap();
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or(("", line.trim_end()));
        (command.to_owned(), tag.to_owned())
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.codec.write(bytes).unwrap();
        self.codec.flush().unwrap();
        let waiting = self.codec.waiting().to_vec();
        self.codec.written(waiting.len());
        // A client that has had enough leaves.
        let _ = self.stream.write_all(&waiting).await;
    }
}

/// A client over a slow line, and a server that has agreed to compress.
async fn compressed<T>(
    client: impl AsyncFnOnce(ImapSession) -> T,
    server: impl AsyncFnOnce(&mut Compressed),
) -> T {
    let (near, mut far) = tokio::io::duplex(256 * 1024);
    let script = up_to_the_first(100) + "C: $ COMPRESS DEFLATE\nS: $ OK begin";
    let serving = async {
        play(&script, &mut far).await;
        let mut end = Compressed {
            stream: far,
            codec: Deflate::new(&[]),
        };
        server(&mut end).await;
        end
    };
    let (result, _) = tokio::join!(async { client(after_the_first(near).await).await }, serving);
    result
}

#[tokio::test(start_paused = true)]
async fn slow_line_is_compressed_from_the_next_fetch_on() {
    let client = async |mut session: ImapSession| {
        assert!(!session.is_compressed(), "nobody asks in the middle");
        assert_eq!(fetch(&mut session, "2").await.unwrap(), 300_000);
        assert!(session.is_compressed());
        let waiting = session.idle(Duration::from_mins(20), std::future::pending());
        assert_eq!(waiting.await.unwrap(), IdleEnd::TimedOut, "silence is no fault");
    };
    let server = async |end: &mut Compressed| {
        let (command, tag) = end.line().await;
        assert_eq!(command, format!("UID FETCH 2 {ITEMS}"));
        let head = b"* 2 FETCH (UID 2 BODY[] {300000}\r\n".to_vec();
        end.say(&[head, vec![b'y'; 300_000], b")\r\n".to_vec()].concat())
            .await;
        end.say(format!("{tag} OK done\r\n").as_bytes()).await;
        let (command, tag) = end.line().await;
        assert_eq!(command, "IDLE");
        end.say(b"+ idling\r\n").await;
        assert_eq!(end.line().await.0, "DONE");
        end.say(format!("{tag} OK done\r\n").as_bytes()).await;
    };
    compressed(client, server).await;
}

#[tokio::test(start_paused = true)]
async fn limits_count_what_comes_out_of_the_compression() {
    let cases = [
        (vec![b'x'; 8 << 20], ErrorCode::ServerNonsense),
        (
            b"* 2 FETCH (UID 2 BODY[] {999999999}\r\n".to_vec(),
            ErrorCode::MessageTooLarge,
        ),
    ];
    for (said, code) in cases {
        let client = async |mut session: ImapSession| fetch(&mut session, "2").await.unwrap_err().code();
        let server = async |end: &mut Compressed| {
            end.line().await;
            end.say(&said).await;
        };
        assert_eq!(compressed(client, server).await, code);
    }
}

/// What the client says after the first message, word for word.
async fn goes_on_plainly(pause_ms: u64, script: &str) {
    let (near, far) = tokio::io::duplex(256 * 1024);
    let script = up_to_the_first(pause_ms) + script;
    let client = async {
        let mut session = after_the_first(near).await;
        assert_eq!(fetch(&mut session, "2").await.unwrap(), 1);
        assert_eq!(fetch(&mut session, "3").await.unwrap(), 1);
        assert!(!session.is_compressed());
    };
    tokio::join!(client, play(&script, far));
}

fn small(uid: u32) -> String {
    format!(
        "C: $ UID FETCH {uid} {ITEMS}
         S- * {uid} FETCH (UID {uid} BODY[] {{1}}\\r\\nx)\\r\\n
         S: $ OK done\n"
    )
}

#[tokio::test(start_paused = true)]
async fn fast_line_stays_plain() {
    goes_on_plainly(0, &(small(2) + &small(3))).await;
}

#[tokio::test(start_paused = true)]
async fn server_that_refuses_compression_is_asked_once() {
    let refusal = "C: $ COMPRESS DEFLATE\nS: $ NO [COMPRESSIONACTIVE] TLS does it\n".to_owned();
    goes_on_plainly(100, &(refusal + &small(2) + &small(3))).await;
}
