//! The office's own hand in its servers: a plain IMAP session, as another mail program has one, and delivery over LMTP.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use mailroom_model::UnixMillis;
use time::OffsetDateTime;
use time::macros::format_description;

use super::OfficeError;

/// A signed-in IMAP session without TLS, as another program holds it: on one and the same address servers let that pass.
#[derive(Debug)]
pub struct Session {
    stream: BufReader<TcpStream>,
    commands: u32,
    /// The server wants to be asked before it takes a literal.
    waits: bool,
}

const IMAP: &str = "IMAP";
const LMTP: &str = "LMTP";

impl Session {
    /// Signs in.
    pub(super) fn open(port: u16, user: &str, password: &str) -> Result<Self, OfficeError> {
        let mut session = Self {
            stream: connect(port).map_err(broken(IMAP))?,
            commands: 0,
            waits: true,
        };
        session.line()?;
        let said = session.command("CAPABILITY", &[])?;
        session.waits = !String::from_utf8_lossy(&said).contains("LITERAL+");
        session.command(
            "LOGIN",
            &[&literal(user.as_bytes()), b" ", &literal(password.as_bytes())],
        )?;
        Ok(session)
    }

    /// Opens a folder, given as people read it, and returns what the server said.
    pub fn select(&mut self, folder: &str) -> Result<String, OfficeError> {
        let said = self.command("SELECT", &[&literal(mailbox_name(folder).as_bytes())])?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    /// Copies messages of the open folder to another.
    pub fn copy(&mut self, uids: &str, folder: &str) -> Result<(), OfficeError> {
        let folder = literal(mailbox_name(folder).as_bytes());
        self.command("UID COPY", &[uids.as_bytes(), b" ", &folder])
            .map(drop)
    }

    /// Sends a command and returns everything before its answer. Errors: [`OfficeError::Refused`] with the server's words,
    /// [`OfficeError::Conversation`].
    pub fn command(&mut self, name: &str, arguments: &[&[u8]]) -> Result<Vec<u8>, OfficeError> {
        self.commands += 1;
        let tag = format!("office{}", self.commands);
        let mut bytes = format!("{tag} {name}").into_bytes();
        for (index, part) in arguments.iter().enumerate() {
            if index == 0 {
                bytes.push(b' ');
            }
            if let Some((length, text)) = part.strip_prefix(b"{").filter(|_| self.waits).and_then(asked) {
                bytes.extend_from_slice(format!("{{{length}}}\r\n").as_bytes());
                self.stream.get_mut().write_all(&bytes).map_err(broken(IMAP))?;
                let answer = self.line()?;
                if !answer.starts_with(b"+") {
                    return Err(OfficeError::Refused {
                        command: name.to_owned(),
                        reply: String::from_utf8_lossy(&answer).trim().to_owned(),
                    });
                }
                bytes = text.to_vec();
            } else {
                bytes.extend_from_slice(part);
            }
        }
        bytes.extend_from_slice(b"\r\n");
        self.stream.get_mut().write_all(&bytes).map_err(broken(IMAP))?;
        let mut before = Vec::new();
        loop {
            let line = self.line()?;
            let Some(answer) = line.strip_prefix(tag.as_bytes()) else {
                before.extend_from_slice(&line);
                if let Some(length) = literal_length(&line) {
                    (&mut self.stream)
                        .take(length)
                        .read_to_end(&mut before)
                        .map_err(broken(IMAP))?;
                }
                continue;
            };
            if answer.starts_with(b" OK") {
                return Ok(before);
            }
            return Err(OfficeError::Refused {
                command: name.to_owned(),
                reply: String::from_utf8_lossy(answer).trim().to_owned(),
            });
        }
    }

    /// Makes a folder if it is missing, with a subscription. Errors: as [`Self::command`].
    pub fn ensure_folder(&mut self, folder: &str) -> Result<(), OfficeError> {
        let name = literal(mailbox_name(folder).as_bytes());
        if folder.eq_ignore_ascii_case("INBOX") || self.command("STATUS", &[&name, b" (UIDNEXT)"]).is_ok() {
            return Ok(());
        }
        self.command("CREATE", &[&name])?;
        self.command("SUBSCRIBE", &[&name]).map(drop)
    }

    /// Adds a message; `flags` are IMAP names. Errors: as [`Self::command`].
    pub fn append(
        &mut self,
        folder: &str,
        flags: &[&str],
        received_at: Option<UnixMillis>,
        raw: &[u8],
    ) -> Result<(), OfficeError> {
        let flags = format!(" ({}) ", flags.join(" "));
        let date = received_at
            .map(|at| format!("\"{}\" ", internal_date(at)))
            .unwrap_or_default();
        let folder = literal(mailbox_name(folder).as_bytes());
        self.command(
            "APPEND",
            &[&folder, flags.as_bytes(), date.as_bytes(), &literal(raw)],
        )
        .map(drop)
    }

    fn line(&mut self) -> Result<Vec<u8>, OfficeError> {
        read_line(&mut self.stream).map_err(broken(IMAP))
    }
}

/// Delivers over LMTP (RFC 2033), as a mail server does: the message appears as new, with `Return-Path`.
pub(super) fn deliver(port: u16, domain: &str, to: &str, raw: &[u8]) -> Result<(), OfficeError> {
    let mut stream = connect(port).map_err(broken(LMTP))?;
    let mut message = Vec::with_capacity(raw.len() + 64);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            message.push(b'.');
        }
        message.extend_from_slice(
            line.strip_suffix(b"\n")
                .map_or(line, |rest| rest.strip_suffix(b"\r").unwrap_or(rest)),
        );
        message.extend_from_slice(b"\r\n");
    }
    message.extend_from_slice(b".");
    let dialogue: [(Vec<u8>, char); 6] = [
        (Vec::new(), '2'),
        (format!("LHLO {domain}").into_bytes(), '2'),
        (format!("MAIL FROM:<sender@{domain}>").into_bytes(), '2'),
        (format!("RCPT TO:<{to}>").into_bytes(), '2'),
        (b"DATA".to_vec(), '3'),
        (message, '2'),
    ];
    for (index, (command, wanted)) in dialogue.into_iter().enumerate() {
        if index > 0 {
            stream
                .get_mut()
                .write_all(&[&command, b"\r\n".as_slice()].concat())
                .map_err(broken(LMTP))?;
        }
        let reply = read_reply(&mut stream).map_err(broken(LMTP))?;
        if !reply.starts_with(wanted) {
            let command = String::from_utf8_lossy(command.get(..command.len().min(60)).unwrap_or_default());
            return Err(OfficeError::Refused {
                command: command.into_owned(),
                reply,
            });
        }
    }
    Ok(())
}

/// Waits until Dovecot's authentication has introduced itself, as it does to SMTP servers.
pub(super) fn greet_authentication(socket: &Path) -> io::Result<()> {
    let stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut stream = BufReader::new(stream);
    stream
        .get_mut()
        .write_all(format!("VERSION\t1\t2\nCPID\t{}\n", std::process::id()).as_bytes())?;
    while read_line(&mut stream)? != b"DONE\n" {}
    Ok(())
}

fn connect(port: u16) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

fn broken(server: &'static str) -> impl Fn(io::Error) -> OfficeError {
    move |source| OfficeError::Conversation { server, source }
}

fn read_line(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    if stream.read_until(b'\n', &mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line)
}

/// A reply of SMTP's kind with all its lines.
fn read_reply(stream: &mut impl BufRead) -> io::Result<String> {
    let mut reply = String::new();
    loop {
        let line = String::from_utf8_lossy(&read_line(stream)?).into_owned();
        reply.push_str(&line);
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(reply.trim_end().to_owned());
        }
    }
}

/// A literal that needs no permission to be sent (RFC 7888).
pub fn literal(bytes: &[u8]) -> Vec<u8> {
    [format!("{{{}+}}\r\n", bytes.len()).as_bytes(), bytes].concat()
}

/// The length and the text of a literal, from behind its brace.
fn asked(literal: &[u8]) -> Option<(usize, &[u8])> {
    let head = literal.iter().position(|byte| *byte == b'\n')?;
    let (_, text) = literal.split_at_checked(head + 1)?;
    Some((text.len(), text))
}

fn literal_length(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}\r\n")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(line.get(open + 1..)?).ok()?.parse().ok()
}

/// The `date-time` of RFC 3501 §9, in UTC.
fn internal_date(at: UnixMillis) -> String {
    let format = format_description!("[day]-[month repr:short]-[year] [hour]:[minute]:[second] +0000");
    OffsetDateTime::from_unix_timestamp(at.seconds())
        .ok()
        .and_then(|date| date.format(&format).ok())
        .unwrap_or_else(|| "01-Jan-1970 00:00:00 +0000".to_owned())
}

/// A folder's name in modified UTF-7 (RFC 3501 §5.1.3).
pub fn mailbox_name(folder: &str) -> String {
    let Ok(alphabet) =
        base64::alphabet::Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,")
    else {
        return folder.to_owned();
    };
    let engine = GeneralPurpose::new(&alphabet, NO_PAD);
    let mut name = String::new();
    let mut foreign: Vec<u8> = Vec::new();
    for letter in folder.chars() {
        let plain = matches!(letter, ' '..='~');
        if plain {
            flush(&mut name, &mut foreign, &engine);
            name.push(letter);
            if letter == '&' {
                name.push('-');
            }
        } else {
            let mut units = [0; 2];
            foreign.extend(
                letter
                    .encode_utf16(&mut units)
                    .iter()
                    .flat_map(|unit| unit.to_be_bytes()),
            );
        }
    }
    flush(&mut name, &mut foreign, &engine);
    name
}

fn flush(name: &mut String, foreign: &mut Vec<u8>, engine: &GeneralPurpose) {
    if !foreign.is_empty() {
        name.push('&');
        name.push_str(&engine.encode(&foreign));
        name.push('-');
        foreign.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_become_modified_utf7() {
        let cases = [
            ("INBOX", "INBOX"),
            ("Projekty/2026/Żółw", "Projekty/2026/&AXsA8wFC-w"),
            ("Wysłane kopie", "Wys&AUI-ane kopie"),
            ("Black & White", "Black &- White"),
            ("😀", "&2D3eAA-"),
        ];
        for (folder, name) in cases {
            assert_eq!(mailbox_name(folder), name);
        }
    }

    #[test]
    fn dates_and_literals_are_written_as_imap_wants() {
        assert_eq!(
            internal_date(UnixMillis(1_795_341_600_000)),
            "22-Nov-2026 10:00:00 +0000"
        );
        assert_eq!(literal(b"a\r\nb"), b"{4+}\r\na\r\nb");
        assert_eq!(literal_length(b"* 1 FETCH (BODY[] {12}\r\n"), Some(12));
        assert_eq!(literal_length(b"* OK {x}\r\n"), None);
    }
}
