//! What an office can be asked to be: its certificates, mailboxes and the server it passes for.

use std::net::Ipv4Addr;

use mailroom_tests::CertificateKind;
use mailroom_tests::generate::{Generator, Profile};
use mailroom_tests::office::{MailStore, OfficeOptions, ServerProfile};
use tokio::net::TcpStream;

use super::talk::Talk;
use super::{ALICE, BOB, count, fetch, imap_only, start, without_provider};

#[tokio::test]
async fn certificates_are_as_good_or_bad_as_asked() {
    let office = start(&OfficeOptions {
        certificate: CertificateKind::Expired,
        ..without_provider()
    });
    for port in [office.imaps_port(), office.submissions_port()] {
        let refused = Talk::plain(port)
            .await
            .secured(office.authority(), "localhost")
            .await;
        assert_eq!(certificate_error(refused), "expired");
    }
    // Each kind by name as well, whatever the office's own certificate is.
    let office = start(&imap_only());
    for (name, expected) in [
        ("mail.mailroom.test", "good"),
        ("expired.mailroom.test", "expired"),
        ("wronghost.mailroom.test", "other name"),
        ("selfsigned.mailroom.test", "unknown issuer"),
    ] {
        let secured = Talk::plain(office.imaps_port())
            .await
            .secured(office.authority(), name)
            .await;
        assert_eq!(certificate_error(secured), expected, "{name}");
    }
}

fn certificate_error(outcome: std::io::Result<Talk>) -> &'static str {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, UnknownIssuer,
    };
    let Err(error) = outcome else { return "good" };
    match error
        .get_ref()
        .and_then(|source| source.downcast_ref::<rustls::Error>())
    {
        Some(rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. })) => "expired",
        Some(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
            "other name"
        }
        Some(rustls::Error::InvalidCertificate(UnknownIssuer)) => "unknown issuer",
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn mailboxes_are_filled_shared_renumbered_and_survive_a_restart() {
    let office = start(&OfficeOptions {
        store: MailStore::Mdbox,
        ..imap_only()
    });
    let samples = office.sample_mail(ALICE).unwrap();
    let folders = office.doveadm(&["mailbox", "list", "-u", ALICE]).unwrap();
    for folder in ["Sent", "Wysłane kopie", "Черновики/Проекты", "Projekty/2026/Żółw"] {
        assert!(
            folders.lines().any(|line| line == folder),
            "{folder} in {folders}"
        );
        assert!(count(&office, ALICE, folder) > 0, "{folder}");
    }
    let all = office
        .doveadm(&["-f", "tab", "fetch", "-u", ALICE, "uid", "all"])
        .unwrap();
    assert_eq!(all.lines().count() - 1, samples);
    assert!(fetch(&office, ALICE, "Drafts", "flags").contains("\\Draft"));

    let mut generator = Generator::new(1, Profile::Small);
    office.fill(BOB, "INBOX", &mut generator, 500).unwrap();
    office.fill(BOB, "Archiwum/Żółw", &mut generator, 20).unwrap();
    assert_eq!(
        (count(&office, BOB, "INBOX"), count(&office, BOB, "Archiwum/Żółw")),
        (500, 20)
    );
    assert!(fetch(&office, BOB, "INBOX", "date.received").contains("2019-01-01"));

    office.set_uid_validity(BOB, "INBOX", 4711).unwrap();
    assert!(
        office
            .doveadm(&["mailbox", "status", "-u", BOB, "uidvalidity", "INBOX"])
            .unwrap()
            .contains("4711")
    );

    office.share(ALICE, "Projekty/2026/Żółw", BOB, "lrs").unwrap();
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    imap.imap("LOGIN bob@mailroom.test bob-pw").await;
    let rights = imap
        .imap("MYRIGHTS \"shared/alice@mailroom.test/Projekty/2026/&AXsA8wFC-w\"")
        .await;
    assert!(rights[0].ends_with(" lrs"), "{rights:?}");
    office.share(ALICE, "Projekty/2026/Żółw", BOB, "").unwrap();
    let rights = imap
        .imap("MYRIGHTS \"shared/alice@mailroom.test/Projekty/2026/&AXsA8wFC-w\"")
        .await;
    assert!(rights[0].starts_with("a NO "), "{rights:?}");

    office.kick(BOB).unwrap();
    let farewell = imap.line().await;
    assert!(farewell.is_empty() || farewell.starts_with("* BYE"), "{farewell}");

    office.stop_imap();
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, office.imaps_port())).await;
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    office.start_imap().unwrap();
    assert_eq!(count(&office, BOB, "INBOX"), 500);
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    assert!(
        imap.imap("LOGIN bob@mailroom.test bob-pw")
            .await
            .last()
            .unwrap()
            .starts_with("a OK ")
    );
}

#[tokio::test]
async fn profiles_show_another_server() {
    let office = start(&OfficeOptions {
        profile: ServerProfile::Gmail,
        ..imap_only()
    });
    office
        .append(
            ALICE,
            "Work",
            &["\\Flagged"],
            None,
            b"Subject: starred\r\n\r\nx\r\n",
        )
        .unwrap();
    assert_eq!(count(&office, ALICE, "[Gmail]/All Mail"), 1);
    assert_eq!(count(&office, ALICE, "[Gmail]/Starred"), 1);
    let office = start(&OfficeOptions {
        profile: ServerProfile::Minimal,
        ..imap_only()
    });
    let mut imap = Talk::tls(office.imaps_port(), office.authority()).await;
    imap.line().await;
    imap.imap("LOGIN alice@mailroom.test alice-pw").await;
    assert_eq!(imap.imap("CAPABILITY").await[0], "* CAPABILITY IMAP4rev1");
}
