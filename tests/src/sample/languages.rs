//! Polish and Russian in every charset that still comes.

use encoding_rs::{Encoding, ISO_8859_2, KOI8_R, UTF_8, WINDOWS_1250, WINDOWS_1251};

use super::compose::{Part, Transfer, encoded_header_in, letter};
use super::{DAY, HOUR, NESTED_FOLDER, NEW, POLISH_FOLDER, RUSSIAN_FOLDER, SEEN, SampleMessage, Scene};

const POLISH: &str = "Dzień dobry,\n\nzażółć gęślą jaźń – w załączeniu przesyłam zamówienie. Proszę o potwierdzenie.\n\nZ poważaniem\nŁucja Żak\n";
const RUSSIAN: &str = "Добрый день!\n\nСъешь ещё этих мягких французских булок, да выпей чаю. Встреча в понедельник.\n\nС уважением,\nЁлка Иванова\n";

struct Case {
    name: &'static str,
    folder: &'static str,
    flags: &'static [&'static str],
    age_s: i64,
    polish: bool,
    encoding: &'static Encoding,
    transfer: Transfer,
}

pub(super) fn messages(scene: &Scene) -> Vec<SampleMessage> {
    let case = |name, folder, flags, age_s, polish, encoding, transfer| Case {
        name,
        folder,
        flags,
        age_s,
        polish,
        encoding,
        transfer,
    };
    let cases = [
        case(
            "polish-iso-8859-2-8bit",
            "INBOX",
            SEEN,
            40 * DAY,
            true,
            ISO_8859_2,
            Transfer::EightBit,
        ),
        case(
            "polish-iso-8859-2-quoted",
            "INBOX",
            SEEN,
            41 * DAY,
            true,
            ISO_8859_2,
            Transfer::QuotedPrintable,
        ),
        case(
            "polish-windows-1250-base64",
            "INBOX",
            SEEN,
            3 * DAY,
            true,
            WINDOWS_1250,
            Transfer::Base64,
        ),
        case(
            "polish-utf-8-8bit",
            "INBOX",
            NEW,
            5 * HOUR,
            true,
            UTF_8,
            Transfer::EightBit,
        ),
        case(
            "polish-utf-8-quoted",
            POLISH_FOLDER,
            SEEN,
            9 * DAY,
            true,
            UTF_8,
            Transfer::QuotedPrintable,
        ),
        case(
            "polish-nested",
            NESTED_FOLDER,
            SEEN,
            12 * DAY,
            true,
            UTF_8,
            Transfer::Base64,
        ),
        case(
            "russian-koi8-r-8bit",
            "INBOX",
            SEEN,
            400 * DAY,
            false,
            KOI8_R,
            Transfer::EightBit,
        ),
        case(
            "russian-koi8-r-quoted",
            "INBOX",
            SEEN,
            401 * DAY,
            false,
            KOI8_R,
            Transfer::QuotedPrintable,
        ),
        case(
            "russian-windows-1251-base64",
            "INBOX",
            SEEN,
            2 * DAY,
            false,
            WINDOWS_1251,
            Transfer::Base64,
        ),
        case(
            "russian-windows-1251-8bit",
            RUSSIAN_FOLDER,
            SEEN,
            8 * DAY,
            false,
            WINDOWS_1251,
            Transfer::EightBit,
        ),
        case(
            "russian-utf-8-base64",
            "INBOX",
            NEW,
            7 * HOUR,
            false,
            UTF_8,
            Transfer::Base64,
        ),
        case(
            "russian-utf-8-quoted",
            RUSSIAN_FOLDER,
            SEEN,
            100 * DAY,
            false,
            UTF_8,
            Transfer::QuotedPrintable,
        ),
    ];
    cases
        .into_iter()
        .map(|case| {
            let (from, address, subject, text) = if case.polish {
                (
                    "Łucja Żak",
                    "lucja@sklep.example",
                    "Zamówienie: źródła i ćwiczenia",
                    POLISH,
                )
            } else {
                (
                    "Ёлка Иванова",
                    "elka@pochta.example",
                    "Встреча в понедельник",
                    RUSSIAN,
                )
            };
            let date = scene.date(case.age_s);
            let from = format!("{} <{address}>", encoded_header_in(from, case.encoding));
            let subject = encoded_header_in(subject, case.encoding);
            let message_id = format!("<{}@languages.example>", case.name);
            let headers = [
                ("Date", date.as_str()),
                ("From", &from),
                ("To", &scene.owner),
                ("Subject", &subject),
                ("Message-ID", &message_id),
            ];
            // The dash of the Polish text is not in ISO 8859-2.
            let text = if case.encoding == ISO_8859_2 {
                text.replace('–', "-")
            } else {
                text.to_owned()
            };
            let raw = letter(
                &headers,
                &Part::text("text/plain", &text, case.encoding, case.transfer),
            );
            scene.message(case.name, case.folder, case.flags, case.age_s, raw)
        })
        .collect()
}
