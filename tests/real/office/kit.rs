//! What stands between or instead of the servers: the fault proxy and scripted servers.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use mailroom_tests::fault::{Admission, ClosedPort, Direction, Ending, Fault, FaultProxy};
use mailroom_tests::script::{Script, ScriptServer, Step};
use mailroom_tests::{Authority, CertificateKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::PATIENCE;
use super::talk::Talk;

/// A server behind the proxy that sends `0123456789` when a line has come, then waits.
async fn behind_proxy(connections: usize) -> (ScriptServer, FaultProxy) {
    let script = Script::new().prefix("").send("0123456789").then(Step::Stall);
    let server = ScriptServer::start(vec![script; connections]).await.unwrap();
    let proxy = FaultProxy::start(server.port()).await.unwrap();
    (server, proxy)
}

/// How long nothing more has to come.
const SILENCE: Duration = Duration::from_millis(150);

/// Connects, sends a line, and reads what is expected, then until the end, an error, or a moment without more. What is expected
/// is waited for.
async fn through(proxy: &FaultProxy, expected: &str, ending: &str) -> (String, &'static str) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
        .await
        .unwrap();
    if stream.write_all(b"go\n").await.is_err() {
        return (String::new(), "reset");
    }
    let mut got = String::new();
    let mut buffer = [0; 64];
    loop {
        let is_all = got.len() >= expected.len() && ending == "silent";
        let limit = if is_all { SILENCE } else { PATIENCE };
        match tokio::time::timeout(limit, stream.read(&mut buffer)).await {
            Err(_) => return (got, "silent"),
            Ok(Ok(0)) => return (got, "closed"),
            Ok(Ok(count)) => got.push_str(std::str::from_utf8(&buffer[..count]).unwrap()),
            Ok(Err(_)) => return (got, "reset"),
        }
    }
}

#[tokio::test]
async fn fault_proxy_breaks_connections_in_every_way() {
    let (_server, proxy) = behind_proxy(8).await;
    let cases = [
        (Fault::default(), "0123456789", "silent"),
        (
            Fault {
                cut: Some((4, Ending::Close)),
                ..Fault::default()
            },
            "0123",
            "closed",
        ),
        (
            Fault {
                stall_after: Some(6),
                ..Fault::default()
            },
            "012345",
            "silent",
        ),
        (
            Fault {
                garble_at: Some(2),
                ..Fault::default()
            },
            "0133456789",
            "silent",
        ),
        (
            Fault {
                truncate: Some(3..7),
                ..Fault::default()
            },
            "012789",
            "silent",
        ),
        (
            Fault {
                delay: Some(Duration::from_secs(5)),
                ..Fault::default()
            },
            "",
            "silent",
        ),
        (
            Fault {
                bytes_per_second: Some(20),
                ..Fault::default()
            },
            "0123456789",
            "silent",
        ),
    ];
    for (fault, received, ending) in cases {
        proxy.set(Direction::Down, fault.clone());
        assert_eq!(
            through(&proxy, received, ending).await,
            (received.to_owned(), ending),
            "{fault:?}"
        );
    }
    proxy.set(
        Direction::Down,
        Fault {
            cut: Some((4, Ending::Reset)),
            ..Fault::default()
        },
    );
    assert_eq!(through(&proxy, "", "reset").await.1, "reset");
    assert_eq!(proxy.passed().up, 8 * 3);
    assert_eq!(proxy.passed().connections, 8);

    proxy.admit(Admission::Reset);
    assert_eq!(through(&proxy, "", "reset").await, (String::new(), "reset"));
    let closed = ClosedPort::take().unwrap();
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, closed.number().unwrap())).await;
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn fault_proxy_lets_go_and_ends_all_when_told() {
    let (_server, proxy) = behind_proxy(2).await;
    proxy.admit(Admission::Hang);
    proxy.set(
        Direction::Down,
        Fault {
            stall_after: Some(5),
            ..Fault::default()
        },
    );
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
        .await
        .unwrap();
    stream.write_all(b"go\n").await.unwrap();
    let mut buffer = [0; 10];
    let nothing = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut buffer)).await;
    assert!(nothing.is_err());
    proxy.admit(Admission::Pass);
    stream.read_exact(&mut buffer[..5]).await.unwrap();
    proxy.clear();
    stream.read_exact(&mut buffer[5..]).await.unwrap();
    assert_eq!(&buffer, b"0123456789");
    proxy.end_all(Ending::Reset);
    assert_eq!(
        stream.read(&mut buffer).await.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionReset
    );
    assert_eq!(
        through(&proxy, "0123456789", "silent").await,
        ("0123456789".to_owned(), "silent")
    );
}

#[tokio::test]
async fn scripted_server_plays_tls_literals_and_tags() {
    let authority = Authority::new().unwrap();
    let identity = Arc::new(authority.identity(CertificateKind::Good).unwrap());
    let server = ScriptServer::start(vec![
        Script::new()
            .send("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
            .command("STARTTLS")
            .send("{tag} OK go\r\n")
            .start_tls(&identity)
            .command_prefix("APPEND INBOX ")
            .send("+ go\r\n")
            .then(Step::Bytes(5))
            .line("")
            .send("{tag} OK done\r\n")
            .then(Step::End),
        Script::new()
            .send("220 ready\r\n")
            .line("DATA")
            .send("354 go\r\n")
            .then(Step::Data)
            .send("250 ok\r\n")
            .then(Step::Reset),
    ])
    .await
    .unwrap();
    let mut imap = Talk::plain(server.port()).await;
    imap.line().await;
    assert_eq!(imap.imap("STARTTLS").await, ["a OK go"]);
    let mut imap = imap.secured(&authority, "localhost").await.unwrap();
    imap.say("a APPEND INBOX {5}").await;
    assert_eq!(imap.line().await, "+ go");
    imap.say("hello").await;
    assert_eq!(imap.line().await, "a OK done");
    drop(imap);
    let mut smtp = Talk::plain(server.port()).await;
    assert_eq!(smtp.reply().await, "220 ready");
    assert_eq!(smtp.smtp("DATA").await, "354 go");
    assert_eq!(smtp.smtp("line\r\n.").await, "250 ok");
    assert!(smtp.wire.read_u8().await.is_err());
    let received = server.finish().await.unwrap();
    assert_eq!(
        received,
        [
            b"a STARTTLS\r\na APPEND INBOX {5}\r\nhello\r\n".as_slice(),
            b"DATA\r\nline\r\n.\r\n"
        ]
    );
}

#[tokio::test]
async fn scripted_server_tells_what_came_instead() {
    let server = ScriptServer::start(vec![Script::new().send("* OK\r\n").command("LOGIN \"a\" \"b\"")])
        .await
        .unwrap();
    let mut client = Talk::plain(server.port()).await;
    client.line().await;
    client.say("t1 LOGIN a b").await;
    let told = server.finish().await.unwrap_err().to_string();
    let expected = "connection 1, step 2:\n  expected the command \"LOGIN \\\"a\\\" \\\"b\\\"\"\n  got      \"t1 LOGIN a b\"\nso far:\n  S: \"* OK\\r\\n\"\n  C: \"t1 LOGIN a b\\r\\n\"\n";
    assert_eq!(told, expected);
}
