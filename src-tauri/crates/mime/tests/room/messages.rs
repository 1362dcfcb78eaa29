use mailroom_mime::{
    Limits, ParsedMessage, Protection, RemoteKind, attachment_bytes, parse, parse_for_index, parse_headers,
    thread_keys,
};
use mailroom_model::UnixMillis;

use crate::samples::{EVERY, sample};

fn read(name: &str) -> ParsedMessage {
    let message = parse(sample(name), &Limits::default());
    assert_eq!(message.defects, [], "{name}");
    message
}

fn attachments(message: &ParsedMessage) -> Vec<(&str, &str, &str, u64, bool)> {
    message
        .attachments
        .iter()
        .map(|info| {
            (
                info.part.as_str(),
                info.filename.as_str(),
                info.content_type.as_str(),
                info.size,
                info.inline,
            )
        })
        .collect()
}

#[test]
fn newsletter_is_readable_and_loads_nothing() {
    let message = read("newsletter");
    assert_eq!(message.headers.subject, "Najniższe ceny – tylko dziś!");
    assert_eq!(
        message.headers.from[0].to_string(),
        "Księgarnia Łódź <news@news.example.com>"
    );
    assert_eq!(
        message.headers.to[0].to_string(),
        "Nowak, Anna <anna@example.org>"
    );
    assert_eq!(message.headers.date, Some(UnixMillis(1_772_521_200_000)));
    assert_eq!(
        message.headers.list_id.as_deref(),
        Some("nowosci.news.example.com")
    );
    assert!(message.headers.automatic);
    assert_eq!(message.text, "Najniższe ceny tylko dziś. Zobacz naszą ofertę.");
    assert_eq!(
        message.raw_headers[0],
        ("Return-Path".to_owned(), "<bounce@news.example.com>".to_owned())
    );
    assert_eq!(message.raw_headers.len(), 13);
    let html = message.html.unwrap();
    let remote: Vec<(RemoteKind, &str)> = html
        .remote
        .iter()
        .map(|remote| (remote.kind, remote.url.as_str()))
        .collect();
    assert_eq!(
        remote,
        [
            (RemoteKind::Background, "https://img.example.com/bg.png"),
            (RemoteKind::Style, "https://img.example.com/td.png"),
            (RemoteKind::Image, "https://img.example.com/hero.jpg"),
            (
                RemoteKind::TrackingPixel,
                "https://track.example.com/open.gif?id=42"
            ),
        ]
    );
    assert!(html.html.contains("<h1>Najniższe ceny</h1>"), "{}", html.html);
    assert!(
        !html.html.contains("alert") && !html.html.contains(" src="),
        "{}",
        html.html
    );
    assert_eq!(
        parse_for_index(sample("newsletter"), &Limits::default()).preview,
        message.text
    );
}

#[test]
fn reply_with_a_picture_inside_the_html_is_read() {
    let message = read("outlook-reply");
    assert_eq!(
        message.text,
        "Dzień dobry,\n\nw załączeniu odpowiedź.\n\nFrom: Anna Nowak\n> Proszę o ofertę."
    );
    assert_eq!(
        attachments(&message),
        [("2", "image001.png", "image/png", 16, true)]
    );
    assert_eq!(
        message.attachments[0].content_id.as_deref(),
        Some("image001.png@01D")
    );
    assert!(
        message
            .html
            .unwrap()
            .html
            .contains("src=\"cid:image001.png@01D\"")
    );
    assert_eq!(message.headers.to.len(), 2);
    assert_eq!(message.headers.cc[0].name, "Dział Handlowy");
    let indexed = parse_for_index(sample("outlook-reply"), &Limits::default());
    assert!(indexed.has_html && !indexed.has_attachments());
    assert_eq!(indexed.thread.own.as_deref(), Some("AM0PR01.2@example.org"));
    assert_eq!(
        indexed.thread.references,
        ["first@example.org", "second@example.org"]
    );
    assert_eq!(
        (
            indexed.thread.base_subject.as_str(),
            indexed.thread.has_reply_mark
        ),
        ("[oferta] zapytanie", true)
    );
}

#[test]
fn mixed_inside_an_alternative_keeps_all_html_and_the_file() {
    let message = read("apple-mixed");
    assert_eq!(message.headers.from[0].name, "Иван Петров");
    assert_eq!(message.headers.subject, "Счёт");
    assert_eq!(message.text, "Добрый день,\nсчёт во вложении.");
    assert_eq!(
        message.html.as_ref().unwrap().html,
        "<div>Добрый день,</div><div>счёт во вложении.</div><hr><div>After.</div>"
    );
    assert_eq!(
        attachments(&message),
        [("2.2", "счёт.pdf", "application/pdf", 13, false)]
    );
    assert_eq!(
        attachment_bytes(sample("apple-mixed"), "2.2").as_deref(),
        Some(b"%PDF-1.4 test".as_slice())
    );
}

#[test]
fn forwarded_message_is_an_attachment_called_by_its_subject() {
    let message = read("koi8-forward");
    assert_eq!(message.headers.subject, "Пересл: Договор");
    assert_eq!(message.headers.from[0].name, "Ольга");
    assert_eq!(message.headers.date, Some(UnixMillis(1_772_787_600_000)));
    assert_eq!(message.text, "Посылаю договор.");
    assert_eq!(message.attachments[0].filename, "Договор 1_2.eml");
    let inner = attachment_bytes(sample("koi8-forward"), "2").unwrap();
    assert_eq!(parse(&inner, &Limits::default()).headers.subject, "Договор 1/2");
    assert!(!thread_keys(&message.headers).has_reply_mark);
}

#[test]
fn invoice_gives_both_files() {
    let message = read("invoice");
    assert_eq!(message.text, "W załączeniu faktura.\n-- \nKsięgowość");
    assert_eq!(
        attachments(&message),
        [
            ("2", "FV_12_2026.pdf", "application/pdf", 16, false),
            ("3", "FV_12_2026.xml", "text/xml", 27, false),
        ]
    );
    assert!(message.headers.automatic);
    assert_eq!(
        parse_for_index(sample("invoice"), &Limits::default()).preview,
        "W załączeniu faktura."
    );
}

#[test]
fn bounce_invitation_and_signature_are_noticed() {
    let bounce = read("bounce");
    assert!(bounce.text.starts_with("I'm sorry"));
    assert_eq!(bounce.attachments.len(), 2);
    assert_eq!(
        bounce.headers.from[0].to_string(),
        "Mail Delivery System <MAILER-DAEMON>"
    );
    let invitation = read("invitation");
    assert_eq!(invitation.text, "Spotkanie o 10:00");
    assert_eq!(
        (
            invitation.calendar[0].part.as_str(),
            invitation.calendar[0].method.as_deref()
        ),
        ("2", Some("REQUEST"))
    );
    assert_eq!(invitation.attachments[0].filename, "part-2.ics");
    let signed = read("pgp-signed");
    assert_eq!((signed.signed, signed.encrypted), (Some(Protection::Pgp), None));
    assert_eq!(signed.text, "Podpisane");
    assert!(!parse_for_index(sample("pgp-signed"), &Limits::default()).has_attachments());
}

#[test]
fn index_and_full_reading_agree() {
    for (name, raw) in EVERY {
        let full = parse(raw, &Limits::default());
        let indexed = parse_for_index(raw, &Limits::default());
        assert_eq!(indexed.headers, full.headers, "{name}");
        assert_eq!(indexed.text, full.text, "{name}");
        assert_eq!(indexed.attachments, full.attachments, "{name}");
        assert_eq!(indexed.has_html, full.html.is_some(), "{name}");
        let end = raw.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let head = parse_headers(&raw[..end]);
        assert_eq!(head.headers.message_id, full.headers.message_id, "{name}");
        assert_eq!(head.headers.date, full.headers.date, "{name}");
        for info in &full.attachments {
            assert_eq!(
                attachment_bytes(raw, &info.part).map(|bytes| bytes.len() as u64),
                Some(info.size),
                "{name}"
            );
        }
    }
}
