//! Scripted servers: they play a dialogue word for word, and notice when the other side does not.
//!
//! ```text
//! let server = ScriptServer::start(vec![
//!     Script::new().send("* OK hello\r\n").command("CAPABILITY").reply("* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"),
//! ]).await?;
//! ... let a client connect to server.port() ...
//! server.finish().await?;     // an error with both sides when the client said something else
//! ```

use std::fmt::{self, Write as _};
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mailroom_api::CancellationToken;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::certificate::{CertificateError, Identity};

/// How long a script waits for what it expects: much longer than a busy machine needs, for its end fails the test.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long a script waits for its connection once the test has done everything.
const GRACE: Duration = Duration::from_secs(20);

/// One step of a dialogue.
#[derive(Clone)]
pub enum Step {
    /// The next line is exactly this (without its line end).
    Line(String),
    /// The next line begins with this.
    Prefix(String),
    /// The next line is an IMAP command: a tag of the client's choice, a space, and exactly this. From now on `{tag}`
    /// stands for the tag in what is sent.
    Command(String),
    /// As [`Step::Command`], but only the beginning is given.
    CommandPrefix(String),
    /// This many bytes come, whatever they are: a literal.
    Bytes(usize),
    /// Lines come until one that is a single dot: the body of an SMTP message.
    Data,
    /// An HTTP request comes whose first line begins with this; its body is read as well.
    Request(String),
    /// Send these bytes, with `{tag}` replaced when a tag is known.
    Send(Vec<u8>),
    /// Hand-shake TLS as a server with this certificate.
    StartTls(Arc<Identity>),
    /// Go on when the test says so ([`Notify::notify_one`]).
    Wait(Arc<Notify>),
    /// Say and read nothing until the client goes or the server is dropped.
    Stall,
    /// Tell the test ([`Notify::notified`]).
    Tell(Arc<Notify>),
    /// Wait for the client to close.
    End,
    /// Close the connection in order.
    Close,
    /// Reset the connection.
    Reset,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "the line {line:?}"),
            Self::Prefix(line) => write!(f, "a line that begins with {line:?}"),
            Self::Command(line) => write!(f, "the command {line:?}"),
            Self::CommandPrefix(line) => write!(f, "a command that begins with {line:?}"),
            Self::Bytes(count) => write!(f, "{count} bytes"),
            Self::Data => f.write_str("lines up to a dot"),
            Self::Request(line) => write!(f, "an HTTP request that begins with {line:?}"),
            Self::Send(bytes) => write!(f, "to send {:?}", String::from_utf8_lossy(bytes)),
            Self::StartTls(_) => f.write_str("a TLS hand-shake"),
            Self::Wait(_) => f.write_str("to wait for the test"),
            Self::Tell(_) => f.write_str("to tell the test"),
            Self::Stall => f.write_str("nothing more"),
            Self::End => f.write_str("the end of the connection"),
            Self::Close => f.write_str("to close"),
            Self::Reset => f.write_str("to reset"),
        }
    }
}

/// The dialogue of one connection. Its end closes the connection.
#[derive(Clone, Debug, Default)]
pub struct Script {
    steps: Vec<Step>,
}

impl Script {
    /// A script without steps: accepts and closes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds any step.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds all steps of another script.
    #[must_use]
    pub fn followed_by(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self
    }

    /// [`Step::Send`].
    #[must_use]
    pub fn send(self, bytes: impl AsRef<[u8]>) -> Self {
        self.then(Step::Send(bytes.as_ref().to_vec()))
    }

    /// [`Step::Line`].
    #[must_use]
    pub fn line(self, line: &str) -> Self {
        self.then(Step::Line(line.to_owned()))
    }

    /// [`Step::Prefix`].
    #[must_use]
    pub fn prefix(self, line: &str) -> Self {
        self.then(Step::Prefix(line.to_owned()))
    }

    /// [`Step::Command`].
    #[must_use]
    pub fn command(self, command: &str) -> Self {
        self.then(Step::Command(command.to_owned()))
    }

    /// [`Step::CommandPrefix`].
    #[must_use]
    pub fn command_prefix(self, command: &str) -> Self {
        self.then(Step::CommandPrefix(command.to_owned()))
    }

    /// [`Step::Request`].
    #[must_use]
    pub fn request(self, line: &str) -> Self {
        self.then(Step::Request(line.to_owned()))
    }

    /// [`Step::StartTls`].
    #[must_use]
    pub fn start_tls(self, identity: &Arc<Identity>) -> Self {
        self.then(Step::StartTls(Arc::clone(identity)))
    }
}

/// Why a dialogue did not go as written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// The client said something else, or nothing.
    #[error(
        "connection {connection}, step {step}:\n  expected {expected:?}\n  got      {got}\nso far:\n{transcript}"
    )]
    Mismatch {
        /// Which connection, from 1.
        connection: usize,
        /// Which step of its script, from 1.
        step: usize,
        /// What the script wanted.
        expected: Step,
        /// What came, readable.
        got: String,
        /// Everything before, `C:` the client and `S:` the server.
        transcript: String,
    },
    /// A script was never played: the client connected too few times.
    #[error("{missing} of {scripts} scripts were not played")]
    NotPlayed {
        /// How many were left.
        missing: usize,
        /// How many there are.
        scripts: usize,
    },
    /// The server cannot listen or show its certificate.
    #[error("the scripted server cannot work")]
    Listen(#[from] io::Error),
    /// The certificate is of no use.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The task that plays was ended.
    #[error("the scripted server was ended")]
    Ended(#[from] tokio::task::JoinError),
}

type Record = Arc<Mutex<Vec<Vec<u8>>>>;

/// A server that plays one script per connection, in order.
#[derive(Debug)]
pub struct ScriptServer {
    port: u16,
    record: Record,
    finishing: CancellationToken,
    tasks: JoinSet<Result<(), ScriptError>>,
}

impl ScriptServer {
    /// Listens on 127.0.0.1 on a port of the system's choice. Further connections than scripts are reset.
    pub async fn start(scripts: Vec<Script>) -> Result<Self, ScriptError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let record: Record = Arc::default();
        let finishing = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, scripts, Arc::clone(&record), finishing.clone()));
        Ok(Self {
            port,
            record,
            finishing,
            tasks,
        })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What each connection's client has sent so far, inside TLS where there is TLS.
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often the clients have said this so far, over all connections.
    pub fn heard(&self, text: &str) -> usize {
        let received = self.received();
        let said = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).matches(text).count();
        received.iter().map(said).sum()
    }

    /// Waits until every script is played, and tells the first difference. Returns what the clients sent.
    pub async fn finish(mut self) -> Result<Vec<Vec<u8>>, ScriptError> {
        self.finishing.cancel();
        while let Some(end) = self.tasks.join_next().await {
            end??;
        }
        Ok(self.received())
    }
}

/// Nobody is waited for without end once the test has nothing more to do.
async fn serve(
    listener: TcpListener,
    scripts: Vec<Script>,
    record: Record,
    finishing: CancellationToken,
) -> Result<(), ScriptError> {
    let count = scripts.len();
    let mut playing = JoinSet::new();
    for (index, script) in scripts.into_iter().enumerate() {
        let nobody_comes = async {
            finishing.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted?,
            Some(failure) = next_failure(&mut playing) => return Err(failure),
            () = nobody_comes => {
                return Err(ScriptError::NotPlayed {
                    missing: count - index,
                    scripts: count,
                });
            }
        };
        record
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Vec::new());
        playing.spawn(play(stream, script, index + 1, Arc::clone(&record)));
    }
    drop(listener);
    while let Some(end) = playing.join_next().await {
        end??;
    }
    Ok(())
}

/// The first script that failed; waits for ever when none does.
async fn next_failure(playing: &mut JoinSet<Result<(), ScriptError>>) -> Option<ScriptError> {
    while let Some(end) = playing.join_next().await {
        match end {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Some(error),
            Err(error) => return Some(error.into()),
        }
    }
    std::future::pending().await
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// One connection in play.
struct Player {
    wire: Option<BufReader<Box<dyn Wire>>>,
    connection: usize,
    record: Record,
    transcript: String,
    tag: Option<String>,
}

async fn play(
    stream: TcpStream,
    script: Script,
    connection: usize,
    record: Record,
) -> Result<(), ScriptError> {
    let _ = stream.set_nodelay(true);
    // A reset is asked of the socket itself, which TLS would hide.
    let resets = script.steps.iter().any(|step| matches!(step, Step::Reset));
    if resets {
        stream.set_zero_linger()?;
    }
    let mut player = Player {
        wire: Some(BufReader::new(Box::new(stream))),
        connection,
        record,
        transcript: String::new(),
        tag: None,
    };
    for (index, step) in script.steps.into_iter().enumerate() {
        let outcome = player.perform(&step).await;
        match outcome {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(got) => {
                return Err(ScriptError::Mismatch {
                    connection,
                    step: index + 1,
                    expected: step,
                    got,
                    transcript: player.transcript,
                });
            }
        }
    }
    if let Some(wire) = player.wire.as_mut() {
        let _ = wire.shutdown().await;
    }
    Ok(())
}

impl Player {
    /// Performs one step; false when the dialogue ends with it, an error with what came instead.
    async fn perform(&mut self, step: &Step) -> Result<bool, String> {
        match step {
            Step::Line(wanted) => self.expect(|line| line == wanted).await?,
            Step::Prefix(wanted) => self.expect(|line| line.starts_with(wanted.as_str())).await?,
            Step::Command(wanted) => self.expect_command(|command| command == wanted).await?,
            Step::CommandPrefix(wanted) => {
                self.expect_command(|command| command.starts_with(wanted.as_str()))
                    .await?;
            }
            Step::Bytes(count) => {
                let mut bytes = vec![0; *count];
                let wire = self.wire()?;
                patiently(wire.read_exact(&mut bytes)).await?;
                self.heard(&bytes);
            }
            Step::Data => loop {
                let line = self.read_line().await?;
                if line == "." {
                    break;
                }
            },
            Step::Request(wanted) => self.expect_request(wanted).await?,
            Step::Send(bytes) => self.say(bytes).await?,
            Step::StartTls(identity) => self.start_tls(identity).await?,
            Step::Wait(go_on) => {
                if tokio::time::timeout(PATIENCE, go_on.notified()).await.is_err() {
                    return Err("no word from the test".to_owned());
                }
            }
            Step::Tell(told) => told.notify_one(),
            Step::Stall => {
                let wire = self.wire()?;
                // Without reading, the client's close shows only as an error on its next byte; with reading and
                // throwing away, it shows at once and the client cannot tell the difference.
                let mut sink = [0; 4096];
                while matches!(wire.read(&mut sink).await, Ok(count) if count > 0) {}
                return Ok(false);
            }
            Step::End => {
                let mut byte = [0; 1];
                let wire = self.wire()?;
                let end = tokio::time::timeout(PATIENCE, wire.read(&mut byte)).await;
                match end.map_err(|_| "nothing, and the connection stays open".to_owned())? {
                    Ok(0) | Err(_) => {}
                    Ok(_) => return Err(format!("{:?}", String::from_utf8_lossy(&byte))),
                }
            }
            Step::Close => {
                let _ = self.wire()?.shutdown().await;
                return Ok(false);
            }
            // The socket was told at the start to end with a reset: dropping it is enough.
            Step::Reset => return Ok(false),
        }
        Ok(true)
    }

    fn wire(&mut self) -> Result<&mut BufReader<Box<dyn Wire>>, String> {
        self.wire
            .as_mut()
            .ok_or_else(|| "a connection that is gone".to_owned())
    }

    fn heard(&mut self, bytes: &[u8]) {
        let _ = writeln!(self.transcript, "  C: {:?}", String::from_utf8_lossy(bytes));
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = record.get_mut(self.connection - 1) {
            connection.extend_from_slice(bytes);
        }
    }

    async fn say(&mut self, bytes: &[u8]) -> Result<(), String> {
        let bytes = match &self.tag {
            Some(tag) => replace(bytes, b"{tag}", tag.as_bytes()),
            None => bytes.to_vec(),
        };
        let _ = writeln!(self.transcript, "  S: {:?}", String::from_utf8_lossy(&bytes));
        let wire = self.wire()?;
        patiently(async {
            wire.write_all(&bytes).await?;
            wire.flush().await
        })
        .await
    }

    async fn read_line(&mut self) -> Result<String, String> {
        let mut line = Vec::new();
        let wire = self.wire()?;
        patiently(wire.read_until(b'\n', &mut line)).await?;
        if line.is_empty() {
            return Err("the end of the connection".to_owned());
        }
        self.heard(&line);
        let text = String::from_utf8_lossy(&line).into_owned();
        Ok(text
            .strip_suffix('\n')
            .map_or(text.as_str(), |rest| rest.strip_suffix('\r').unwrap_or(rest))
            .to_owned())
    }

    async fn expect(&mut self, fits: impl Fn(&str) -> bool) -> Result<(), String> {
        let line = self.read_line().await?;
        if fits(&line) {
            Ok(())
        } else {
            Err(format!("{line:?}"))
        }
    }

    async fn expect_command(&mut self, fits: impl Fn(&str) -> bool) -> Result<(), String> {
        let line = self.read_line().await?;
        match line.split_once(' ') {
            Some((tag, command)) if fits(command) => {
                self.tag = Some(tag.to_owned());
                Ok(())
            }
            _ => Err(format!("{line:?}")),
        }
    }

    async fn expect_request(&mut self, wanted: &str) -> Result<(), String> {
        self.expect(|line| line.starts_with(wanted)).await?;
        let mut length = 0;
        loop {
            let line = self.read_line().await?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(|_| format!("{line:?}"))?;
            }
        }
        let mut body = vec![0; length];
        let wire = self.wire()?;
        patiently(wire.read_exact(&mut body)).await?;
        self.heard(&body);
        Ok(())
    }

    async fn start_tls(&mut self, identity: &Identity) -> Result<(), String> {
        let config = identity.server().map_err(|error| error.to_string())?;
        let wire = self
            .wire
            .take()
            .ok_or_else(|| "a connection that is gone".to_owned())?;
        // Bytes that came before the hand-shake are lost, as on a careful server (RFC 3207 §4.2).
        let tls = patiently(TlsAcceptor::from(config).accept(wire.into_inner())).await?;
        self.transcript.push_str("  TLS\n");
        self.wire = Some(BufReader::new(Box::new(tls)));
        Ok(())
    }
}

/// Waits within the script's patience; the error is what came instead, for people.
async fn patiently<T>(work: impl Future<Output = io::Result<T>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("nothing for {} s", PATIENCE.as_secs())),
    }
}

fn replace(bytes: &[u8], pattern: &[u8], with: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(pattern.len()).position(|window| window == pattern) {
        let (before, after) = rest.split_at(at);
        result.extend_from_slice(before);
        result.extend_from_slice(with);
        rest = after.get(pattern.len()..).unwrap_or_default();
    }
    result.extend_from_slice(rest);
    result
}
