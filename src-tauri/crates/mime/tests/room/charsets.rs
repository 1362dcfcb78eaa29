use mailroom_mime::{Limits, attachment_bytes, parse, parse_for_index};
use serde_json::Value;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn cases() -> Vec<(String, Vec<u8>, String)> {
    let cases: Value = serde_json::from_str(include_str!("../../tests-data/charsets.json")).unwrap();
    let text = |case: &Value, key: &str| case[key].as_str().unwrap().to_owned();
    let cases: Vec<_> = cases
        .as_array()
        .unwrap()
        .iter()
        .map(|case| {
            (
                text(case, "charset"),
                bytes(&text(case, "hex")),
                text(case, "text"),
            )
        })
        .collect();
    assert!(cases.len() > 20);
    cases
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn quoted(bytes: &[u8]) -> String {
    let escaped: Vec<String> = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
    escaped.concat()
}

#[test]
fn text_in_every_charset_and_encoding_is_read() {
    for (charset, bytes, text) in cases() {
        let head = format!("From: a@x.pl\r\nContent-Type: text/plain; charset={charset}\r\n");
        let mut raw = [head.as_bytes(), b"\r\n", &bytes].concat();
        // UTF-16 needs an encoding: its line ends are no line ends.
        if charset.starts_with("utf-16") {
            raw.truncate(head.len());
            raw.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
            raw.extend_from_slice(base64(&bytes).as_bytes());
        }
        let variants = [
            raw,
            format!(
                "{head}Content-Transfer-Encoding: BASE64\r\n\r\n{}\r\n",
                base64(&bytes)
            )
            .into_bytes(),
            format!(
                "{head}Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
                quoted(&bytes)
            )
            .into_bytes(),
        ];
        for raw in variants {
            let message = parse(&raw, &Limits::default());
            assert_eq!(
                (message.text.as_str(), message.defects.as_slice()),
                (text.as_str(), [].as_slice()),
                "{charset}"
            );
            assert_eq!(parse_for_index(&raw, &Limits::default()).text, text, "{charset}");
        }
    }
}

#[test]
fn subject_and_names_in_every_charset_are_read() {
    for (charset, bytes, text) in cases() {
        let words = [
            format!("=?{charset}?B?{}?=", base64(&bytes)),
            format!("=?{}?q?{}?=", charset.to_uppercase(), quoted(&bytes)),
        ];
        for word in words {
            let raw = format!("From: {word} <a@x.pl>\r\nSubject: {word}\r\n\r\n");
            let message = parse(raw.as_bytes(), &Limits::default());
            assert_eq!(message.headers.subject, text, "{charset}");
            assert_eq!(message.headers.from[0].name, text, "{charset}");
        }
    }
}

#[test]
fn words_split_inside_a_character_are_joined() {
    for (charset, bytes, text) in cases() {
        // Charsets with states start every word anew.
        if charset == "utf-7" || charset == "iso-2022-jp" {
            continue;
        }
        let words: Vec<String> = bytes
            .chunks(3)
            .map(|chunk| format!("=?{charset}?B?{}?=", base64(chunk)))
            .collect();
        let raw = format!("Subject: {}\r\n\r\n", words.join("\r\n "));
        assert_eq!(
            parse(raw.as_bytes(), &Limits::default()).headers.subject,
            text,
            "{charset}"
        );
    }
}

#[test]
fn raw_bytes_in_headers_are_read_in_the_charset_of_the_text() {
    for (charset, bytes, text) in cases() {
        if charset.starts_with("utf-") || charset == "iso-2022-jp" {
            continue;
        }
        let raw = [
            b"Subject: ",
            bytes.as_slice(),
            b"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=",
            charset.as_bytes(),
            b"\r\n\r\nx\r\n--b--",
        ]
        .concat();
        assert_eq!(parse(&raw, &Limits::default()).headers.subject, text, "{charset}");
    }
}

#[test]
fn file_names_in_every_charset_are_read() {
    for (charset, bytes, text) in cases() {
        let percent = quoted(&bytes).replace('=', "%");
        let (first, second) = percent.split_at(percent.len() / 6 * 3);
        let forms = [
            format!("filename*={charset}''{percent}"),
            format!("filename*0*={charset}''{first};\r\n filename*1*={second}"),
            format!("filename=\"=?{charset}?B?{}?=\"", base64(&bytes)),
        ];
        for form in forms {
            let raw = format!("Content-Disposition: attachment;\r\n {form}\r\n\r\nx");
            let message = parse(raw.as_bytes(), &Limits::default());
            assert_eq!(message.attachments[0].filename, text, "{charset} {form}");
            assert_eq!(
                attachment_bytes(raw.as_bytes(), &message.attachments[0].part),
                Some(b"x".to_vec())
            );
        }
    }
}

#[test]
fn html_without_a_charset_says_it_itself() {
    let raw = [
        b"Content-Type: text/html\r\n\r\n<meta http-equiv=content-type content='text/html; charset=windows-1250'><p>".as_slice(),
        b"\x9cwi\xeato",
    ]
    .concat();
    let message = parse(&raw, &Limits::default());
    assert_eq!(message.text, "święto");
    assert_eq!(message.html.unwrap().html, "<p>święto</p>");
}
