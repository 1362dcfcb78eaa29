use mailroom_mime::{
    AttachmentFile, ComposeFacts, Draft, InlineImage, Limits, attachment_bytes, compose, parse,
};
use mailroom_model::{Mailbox, UnixMillis};
use proptest::prelude::*;

const LETTERS: &str = "[a-zA-Z0-9 ,.:;<>@\"'()\\\\\\[\\]=?_%*&!#/ąćęłńóśźżŁŚŻéßа-яА-ЯёЁйЙ会議🎉-]";

/// A text on one line as header fields show it: no white space around it, none doubled.
fn line(max: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("{LETTERS}{{0,{max}}}"))
        .unwrap()
        .prop_map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn body() -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!(
        "({LETTERS}{{0,120}}|\n|\n\n|From |-- \n|--=_|\\.\n|\t|={LETTERS}{{0,4}}){{0,12}}"
    ))
    .unwrap()
}

fn filename() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-zA-Z0-9ąćęłńóśźżа-яё会🎉;=%'()&_ -]{1,90}\\.[a-z]{3}")
        .unwrap()
        .prop_map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
        .prop_filter("a device", |name| !name.starts_with('.'))
}

fn facts() -> ComposeFacts<'static> {
    ComposeFacts {
        message_id: "a.b@example.com",
        date: UnixMillis(1_772_787_600_000),
        utc_offset_minutes: -210,
        boundary_seed: [0xab; 16],
        user_agent: None,
    }
}

fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox {
        name: name.to_owned(),
        address: address.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn written_message_reads_back(
        subject in line(120),
        names in prop::collection::vec(line(60), 1..6),
        text in body(),
        html in prop::option::of(body()),
        filenames in prop::collection::vec(filename(), 0..3),
        content in prop::collection::vec(any::<u8>(), 1..300),
        references in prop::collection::vec("[a-z0-9.]{1,40}@[a-z]{1,20}", 0..8),
    ) {
        let draft = Draft {
            from: mailbox(&names[0], "anna@example.com"),
            to: names.iter().enumerate().map(|(n, name)| mailbox(name, &format!("to{n}@example.com"))).collect(),
            bcc: vec![mailbox("", "hidden@example.com")],
            subject: subject.clone(),
            text: text.clone(),
            html: html.clone(),
            inline: vec![InlineImage {
                content_id: "pic@x".to_owned(),
                filename: "pic.png".to_owned(),
                content_type: "image/png".to_owned(),
                bytes: content.clone(),
            }],
            attachments: filenames.iter().map(|filename| AttachmentFile {
                filename: filename.clone(),
                content_type: "application/pdf".to_owned(),
                bytes: content.clone(),
            }).collect(),
            in_reply_to: references.last().cloned(),
            references: references.clone(),
            ..Draft::default()
        };
        let raw = compose(&draft, &facts()).unwrap();
        let written = String::from_utf8(raw.clone()).unwrap();
        for line in written.split("\r\n") {
            prop_assert!(line.len() <= 78, "{}", line);
            prop_assert!(line.is_ascii() && !line.contains(['\r', '\n']), "{}", line);
        }
        prop_assert!(!written.contains("hidden@"));
        for word in written.split(|c: char| c.is_ascii_whitespace()).filter(|word| word.starts_with("=?")) {
            prop_assert!(word.trim_end_matches('"').len() <= 75, "{}", word);
        }

        let message = parse(&raw, &Limits::default());
        prop_assert_eq!(&message.defects, &[]);
        prop_assert_eq!(&message.headers.subject, &subject);
        prop_assert_eq!(message.headers.date, Some(UnixMillis(1_772_787_600_000)));
        prop_assert_eq!(message.headers.message_id.as_deref(), Some("a.b@example.com"));
        prop_assert_eq!(message.headers.to.len(), names.len());
        for (found, name) in message.headers.to.iter().zip(&names) {
            // A name in single quotes loses them, as everywhere.
            if !(name.starts_with('\'') && name.ends_with('\'')) {
                prop_assert_eq!(&found.name, name);
            }
        }
        let mut unique = Vec::new();
        for id in &references {
            if !unique.contains(id) {
                unique.push(id.clone());
            }
        }
        prop_assert_eq!(&message.headers.references, &unique);
        if !text.trim().is_empty() || html.is_none() {
            prop_assert_eq!(message.text.as_str(), text.trim_end());
        }
        prop_assert_eq!(message.html.is_some(), html.is_some());
        let mut expected: Vec<&str> = vec!["pic.png"];
        expected.extend(filenames.iter().map(String::as_str));
        let found: Vec<&str> = message.attachments.iter().map(|info| info.filename.as_str()).collect();
        prop_assert_eq!(found, expected);
        for info in &message.attachments {
            let bytes = attachment_bytes(&raw, &info.part);
            prop_assert_eq!(bytes.as_ref(), Some(&content));
        }
    }
}
