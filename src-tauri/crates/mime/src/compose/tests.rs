use mailroom_model::{Coded as _, ErrorCode, Mailbox, UnixMillis};

use super::*;
use crate::{Limits, parse};

fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox {
        name: name.to_owned(),
        address: address.to_owned(),
    }
}

fn draft() -> Draft {
    Draft {
        from: mailbox("Anna Nowak", "anna@example.com"),
        to: vec![mailbox("", "jan@example.com")],
        subject: "Hello".to_owned(),
        text: "Hi,\nhow are you?\n".to_owned(),
        ..Draft::default()
    }
}

fn facts() -> ComposeFacts<'static> {
    ComposeFacts {
        message_id: "id@example.com",
        date: UnixMillis(1_136_214_245_000),
        utc_offset_minutes: 60,
        boundary_seed: [7; 16],
        user_agent: Some("Mailroom/1"),
    }
}

fn written(draft: &Draft) -> String {
    String::from_utf8(compose(draft, &facts()).unwrap()).unwrap()
}

#[test]
fn plain_message_is_written_exactly() {
    assert_eq!(
        written(&draft()),
        "Date: Mon, 02 Jan 2006 16:04:05 +0100\r\n\
         From: Anna Nowak <anna@example.com>\r\n\
         To: jan@example.com\r\n\
         Subject: Hello\r\n\
         Message-ID: <id@example.com>\r\n\
         User-Agent: Mailroom/1\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         Hi,\r\n\
         how are you?\r\n"
    );
}

#[test]
fn fields_are_encoded_quoted_and_folded() {
    let cases: &[(Draft, &str)] = &[
        (
            Draft {
                subject: "Zażółć gęślą jaźń".to_owned(),
                ..draft()
            },
            "Subject: =?utf-8?B?WmHFvMOzxYLEhyBnxJnFm2zEhSBqYcW6xYQ=?=\r\n",
        ),
        (
            Draft {
                subject: "Faktura nr 1 — zapłać".to_owned(),
                ..draft()
            },
            "Subject: =?utf-8?B?RmFrdHVyYSBuciAxIOKAlCB6YXDFgmHEhw==?=\r\n",
        ),
        (
            Draft {
                subject: "Spotkanie w czwartek o ósmej".to_owned(),
                ..draft()
            },
            "Subject: =?utf-8?Q?Spotkanie_w_czwartek_o_=C3=B3smej?=\r\n",
        ),
        (
            Draft {
                from: mailbox("Nowak, \"Ania\"", "anna@example.com"),
                ..draft()
            },
            "From: \"Nowak, \\\"Ania\\\"\" <anna@example.com>\r\n",
        ),
        (
            Draft {
                from: mailbox("Łucja", "łucja@żółw.pl"),
                ..draft()
            },
            "From: =?utf-8?B?xYF1Y2ph?= <łucja@xn--w-uga1v8h.pl>\r\n",
        ),
        (
            Draft {
                subject: "word ".repeat(20).trim().to_owned(),
                ..draft()
            },
            "Subject: word word word word word word word word word word word word word word\r\n \
             word word word word word word\r\n",
        ),
        (
            Draft {
                to: (0..4)
                    .map(|n| mailbox("Somebody Else", &format!("someone{n}@example.com")))
                    .collect(),
                ..draft()
            },
            "To: Somebody Else <someone0@example.com>, Somebody Else\r\n \
             <someone1@example.com>, Somebody Else <someone2@example.com>, Somebody Else\r\n \
             <someone3@example.com>\r\n",
        ),
        (
            Draft {
                in_reply_to: Some("<a@x>".to_owned()),
                references: vec!["r@x".to_owned(), "<a@x>".to_owned()],
                ..draft()
            },
            "In-Reply-To: <a@x>\r\nReferences: <r@x> <a@x>\r\n",
        ),
        (
            Draft {
                to: Vec::new(),
                bcc: vec![mailbox("", "secret@example.com")],
                ..draft()
            },
            "To: undisclosed-recipients:;\r\n",
        ),
    ];
    for (draft, field) in cases {
        let message = written(draft);
        assert!(message.contains(field), "{field}\n{message}");
        assert!(!message.contains("secret"), "{message}");
    }
}

#[test]
fn field_that_would_start_another_is_refused() {
    use ComposeField as F;
    let evil = "x\r\nBcc: evil@example.com";
    let line_end = |field| ComposeError::LineEnd { field };
    let no_id = |field| ComposeError::IdentifierInvalid { field };
    let no_address = |field| ComposeError::AddressInvalid {
        field,
        address: "x\r\n@example.com".to_owned(),
    };
    let bad = vec![mailbox("", "x\r\n@example.com")];
    let file = AttachmentFile {
        filename: evil.to_owned(),
        ..AttachmentFile::default()
    };
    let image = InlineImage {
        content_id: "a b".to_owned(),
        ..InlineImage::default()
    };
    let cases = [
        (
            Draft {
                subject: evil.to_owned(),
                ..draft()
            },
            line_end(F::Subject),
        ),
        (
            Draft {
                subject: "a\0b".to_owned(),
                ..draft()
            },
            line_end(F::Subject),
        ),
        (
            Draft {
                from: mailbox(evil, "a@example.com"),
                ..draft()
            },
            line_end(F::From),
        ),
        (
            Draft {
                sender: Some(mailbox(evil, "a@example.com")),
                ..draft()
            },
            line_end(F::Sender),
        ),
        (
            Draft {
                to: bad.clone(),
                ..draft()
            },
            no_address(F::To),
        ),
        (
            Draft {
                cc: bad.clone(),
                ..draft()
            },
            no_address(F::Cc),
        ),
        (
            Draft {
                bcc: bad.clone(),
                ..draft()
            },
            no_address(F::Bcc),
        ),
        (
            Draft {
                reply_to: bad,
                ..draft()
            },
            no_address(F::ReplyTo),
        ),
        (
            Draft {
                in_reply_to: Some(evil.to_owned()),
                ..draft()
            },
            no_id(F::InReplyTo),
        ),
        (
            Draft {
                references: vec!["a> <b".to_owned()],
                ..draft()
            },
            no_id(F::References),
        ),
        (
            Draft {
                attachments: vec![file],
                ..draft()
            },
            line_end(F::Filename),
        ),
        (
            Draft {
                html: Some(String::new()),
                inline: vec![image],
                ..draft()
            },
            no_id(F::ContentId),
        ),
    ];
    for (draft, error) in cases {
        assert_eq!(compose(&draft, &facts()), Err(error), "{draft:?}");
    }
    let facts = ComposeFacts {
        message_id: "",
        ..facts()
    };
    let error = compose(&draft(), &facts).unwrap_err();
    assert_eq!(
        (error.code(), error.params()["field"].to_string().as_str()),
        (ErrorCode::InputInvalid, "message_id")
    );
}

#[test]
fn file_names_are_written_for_new_and_old_readers() {
    let file = |filename: &str| Draft {
        attachments: vec![AttachmentFile {
            filename: filename.to_owned(),
            content_type: "application/pdf".to_owned(),
            bytes: b"%PDF".to_vec(),
        }],
        ..draft()
    };
    let cases = [
        (
            "a.pdf",
            ";\r\n name=\"a.pdf\"\r\n",
            ";\r\n filename=\"a.pdf\"\r\n",
        ),
        (
            "a\"b.pdf",
            ";\r\n name=\"a\\\"b.pdf\"\r\n",
            ";\r\n filename=\"a\\\"b.pdf\"\r\n",
        ),
        (
            "żółw.pdf",
            ";\r\n name=\"=?utf-8?B?xbzDs8WCdy5wZGY=?=\"\r\n",
            ";\r\n filename*=utf-8''%C5%BC%C3%B3%C5%82w.pdf\r\n",
        ),
    ];
    for (name, legacy, modern) in cases {
        let message = written(&file(name));
        assert!(message.contains(legacy), "{message}");
        assert!(message.contains(modern), "{message}");
    }
    let long = "ż".repeat(60) + ".pdf";
    let message = written(&file(&long));
    assert!(message.contains("\r\n filename*0*=utf-8''%C5%BC"), "{message}");
    let parsed = parse(message.as_bytes(), &Limits::default());
    assert_eq!(parsed.attachments[0].filename, long);
}

#[test]
fn parts_stand_in_each_other_as_readers_expect() {
    let draft = Draft {
        html: Some("<p>Hi <img src=\"cid:logo\"></p>".to_owned()),
        inline: vec![InlineImage {
            content_id: "logo".to_owned(),
            filename: "logo.png".to_owned(),
            content_type: "image/png".to_owned(),
            bytes: vec![1, 2, 3],
        }],
        attachments: vec![AttachmentFile {
            filename: "mail.eml".to_owned(),
            content_type: "message/rfc822".to_owned(),
            bytes: b"Subject: x\r\n\r\ny".to_vec(),
        }],
        ..draft()
    };
    let raw = compose(&draft, &facts()).unwrap();
    let parsed = parse(&raw, &Limits::default());
    let mut paths = Vec::new();
    let mut parts = vec![&parsed.structure];
    while let Some(part) = parts.pop() {
        paths.push(format!("{} {}", part.path, part.content_type));
        parts.extend(part.children.iter().rev());
    }
    assert_eq!(
        paths,
        [
            " multipart/mixed",
            "1 multipart/alternative",
            "1.1 text/plain",
            "1.2 multipart/related",
            "1.2.1 text/html",
            "1.2.2 image/png",
            "2 application/octet-stream",
        ]
    );
    assert_eq!(parsed.defects, []);
    assert!(parsed.attachments[0].inline && !parsed.attachments[1].inline);
    assert_eq!(crate::attachment_bytes(&raw, "1.2.2"), Some(vec![1, 2, 3]));
    assert!(parsed.html.unwrap().html.contains("src=\"cid:logo\""));
}

#[test]
fn text_is_encoded_as_fits() {
    let cases = [
        ("plain", "7bit", "us-ascii"),
        ("long ".repeat(30).as_str(), "quoted-printable", "us-ascii"),
        ("From me", "quoted-printable", "us-ascii"),
        ("-- \nme", "quoted-printable", "us-ascii"),
        ("--=_0707", "quoted-printable", "us-ascii"),
        ("Spotkanie w czwartek o ósmej", "quoted-printable", "utf-8"),
        ("Привет, как дела?", "base64", "utf-8"),
        ("", "7bit", "us-ascii"),
    ]
    .map(|(text, encoding, charset)| (text.to_owned(), encoding, charset));
    for (text, encoding, charset) in cases {
        let message = written(&Draft {
            text: text.clone(),
            ..draft()
        });
        assert!(
            message.contains(&format!("Content-Transfer-Encoding: {encoding}\r\n")),
            "{message}"
        );
        assert!(message.contains(&format!("charset={charset}\r\n")), "{message}");
        assert!(
            message
                .split("\r\n")
                .all(|line| line.len() <= 78 && !line.starts_with("From ")),
            "{message}"
        );
        assert_eq!(
            parse(message.as_bytes(), &Limits::default()).text,
            text.trim_end()
        );
    }
}

#[test]
fn non_ascii_local_part_needs_smtputf8() {
    assert!(!needs_smtputf8(&draft()));
    let cases = [
        ("łucja@example.com", true),
        ("lucja@żółw.pl", false),
        ("lucja@example.com", false),
    ];
    for (address, needed) in cases {
        let draft = Draft {
            bcc: vec![mailbox("Ł", address)],
            ..draft()
        };
        assert_eq!(needs_smtputf8(&draft), needed);
    }
}
