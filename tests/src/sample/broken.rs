//! Mail that is not as it should be, and comes all the same.

use std::fmt::Write as _;

use super::compose::crlf;
use super::{DAY, HOUR, SEEN, SampleMessage, Scene};

pub(super) fn messages(scene: &Scene) -> Vec<SampleMessage> {
    let cases: [(&'static str, Vec<u8>); 17] = [
        ("no-date", text("From: a@broken.example\nSubject: No date\nMessage-ID: <no-date@broken.example>\n\nWhen?\n")),
        ("wrong-date", text("Date: 32 Foo 2026 99:99\nFrom: a@broken.example\nSubject: Wrong date\n\nWhen?\n")),
        ("no-message-id", text("Date: Mon, 2 Nov 2026 08:00:00 +0000\nFrom: a@broken.example\nSubject: No id\n\nWho?\n")),
        ("no-headers", text("\nOnly a body, and not a single header.\n")),
        ("no-body", text("From: a@broken.example\nSubject: No body\n")),
        ("no-boundary", text("From: a@broken.example\nSubject: No boundary\nMIME-Version: 1.0\nContent-Type: multipart/mixed\n\n--x\nContent-Type: text/plain\n\nLost?\n--x--\n")),
        ("no-last-boundary", text("From: a@broken.example\nSubject: No end\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nFirst\n--x\nContent-Type: text/html\n\n<p>Second, cut off")),
        ("boundary-inside-itself", text("From: a@broken.example\nSubject: One boundary for two\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nWhich?\n--x--\n--x--\n")),
        ("wrong-base64", text("From: a@broken.example\nSubject: Wrong base64\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nSGVsbG8!!!gd29y*bGQ\n=\n")),
        ("wrong-quoted-printable", text("From: a@broken.example\nSubject: Wrong quoting\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n100=ZZ percent =C5=B= and =\n")),
        ("wrong-charset-name", text("From: a@broken.example\nSubject: =?x-nowhere?Q?Caf=E9?= =?utf-8?Q?unfinished\nMIME-Version: 1.0\nContent-Type: text/plain; charset=\"x-nowhere\"\n\nPlain words.\n")),
        ("wrong-charset", bytes(b"From: a@broken.example\nSubject: Latin that says UTF-8\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nCaf\xe9 au lait\n")),
        ("raw-bytes-in-headers", bytes(b"From: Stra\xdfe <a@broken.example>\nSubject: \xcf\xf0\xe8\xe2\xe5\xf2 caf\xe9\n\nEight bits.\n")),
        ("bare-line-ends", b"From: a@broken.example\r\nSubject: Line ends\r\n\r\nbare\rcarriage return\nbare line feed\r\n\x01control\r\n".to_vec()),
        ("two-of-each", text("From: a@broken.example\nFrom: b@broken.example\nSubject: One\nSubject: Two\nDate: Mon, 2 Nov 2026 08:00:00 +0000\nDate: Tue, 3 Nov 2026 08:00:00 +0000\nContent-Type: text/plain\nContent-Type: text/html\n\n<p>Which?</p>\n")),
        ("long-line", text(&format!("From: a@broken.example\nSubject: {}\n\n{}\n", "long ".repeat(400), "x".repeat(20_000)))),
        ("deep-nesting", text(&nested(60))),
    ];
    (0..)
        .zip(cases)
        .map(|(index, (name, raw))| scene.message(name, "INBOX", SEEN, 14 * DAY + index * HOUR, raw))
        .collect()
}

fn text(text: &str) -> Vec<u8> {
    crlf(text.as_bytes())
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    crlf(bytes)
}

/// Parts in parts, `depth` levels down.
fn nested(depth: usize) -> String {
    let mut message = "From: a@broken.example\nSubject: Deep\nMIME-Version: 1.0\n".to_owned();
    for level in 0..depth {
        let _ = write!(
            message,
            "Content-Type: multipart/mixed; boundary=level{level}\n\n--level{level}\n"
        );
    }
    message.push_str("Content-Type: text/plain\n\nAt the bottom.\n");
    for level in (0..depth).rev() {
        let _ = writeln!(message, "--level{level}--");
    }
    message
}
