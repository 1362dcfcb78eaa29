//! The usual: colleagues, newsletters, lists, invitations, files, returns.

use super::compose::{Part, Transfer, encoded_header, letter};
use super::file::{archive, pdf, png, tnef};
use super::{DAY, HOUR, MINUTE, NEW, SEEN, SampleMessage, Scene};

type Flags = &'static [&'static str];

pub(super) fn messages(scene: &Scene) -> Vec<SampleMessage> {
    let mut messages = brochure(scene);
    messages.extend(mailing_list(scene));
    messages.extend(singles(scene));
    messages.extend(files(scene));
    messages.extend(machines(scene));
    messages
}

/// A thread of five over three days, with the owner's answers in Sent.
fn brochure(scene: &Scene) -> Vec<SampleMessage> {
    let carol = "carol@mailroom.test";
    let ids: Vec<String> = (1..=5)
        .map(|number| format!("<brochure-{number}@mailroom.test>"))
        .collect();
    let turns: [(&'static str, &str, &'static str, Flags, i64, &str); 5] = [
        (
            "thread-1",
            scene.other,
            "INBOX",
            &["\\Seen", "\\Answered"],
            3 * DAY + 4 * HOUR,
            "The spring brochure is ready for a first look. What do you think of the cover?",
        ),
        (
            "thread-2",
            &scene.owner,
            "Sent",
            SEEN,
            3 * DAY,
            "I like the cover. The prices on page 4 are from last year.\n\n> What do you think of the cover?",
        ),
        (
            "thread-3",
            carol,
            "INBOX",
            &["\\Seen", "\\Flagged"],
            2 * DAY + HOUR,
            "New prices are in the shared folder since this morning.",
        ),
        (
            "thread-4",
            scene.other,
            "INBOX",
            SEEN,
            26 * HOUR,
            "Thanks, Carol. Page 4 is corrected, the printer waits for our word.",
        ),
        (
            "thread-5",
            carol,
            "INBOX",
            NEW,
            50 * MINUTE,
            "Then let us print on Monday.",
        ),
    ];
    turns
        .into_iter()
        .enumerate()
        .map(|(index, (name, from, folder, flags, age_s, text))| {
            let references = ids.get(..index).unwrap_or_default().join("\n ");
            let to = if from == scene.owner {
                scene.other
            } else {
                &scene.owner
            };
            let date = scene.date(age_s);
            let mut headers = vec![
                ("Date", date.as_str()),
                ("From", from),
                ("To", to),
                ("Cc", carol),
                (
                    "Subject",
                    if index == 0 {
                        "Spring brochure"
                    } else {
                        "Re: Spring brochure"
                    },
                ),
                (
                    "Message-ID",
                    ids.get(index).map(String::as_str).unwrap_or_default(),
                ),
            ];
            if let Some(parent) = index.checked_sub(1).and_then(|parent| ids.get(parent)) {
                headers.push(("In-Reply-To", parent));
                headers.push(("References", &references));
            }
            scene.message(
                name,
                folder,
                flags,
                age_s,
                letter(&headers, &Part::plain(&format!("{text}\n"))),
            )
        })
        .collect()
}

/// A list's thread, one message of which also came directly: two copies, one Message-ID.
fn mailing_list(scene: &Scene) -> Vec<SampleMessage> {
    let list = [
        ("List-Id", "Gardeners <gardeners.lists.example.net>"),
        ("List-Post", "<mailto:gardeners@lists.example.net>"),
        (
            "List-Unsubscribe",
            "<https://lists.example.net/leave?u=17>, <mailto:gardeners-leave@lists.example.net>",
        ),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "list"),
    ];
    let question_age = 61 * DAY;
    let (asked, answered) = (scene.date(question_age), scene.date(60 * DAY));
    let question = [
        ("Date", asked.as_str()),
        ("From", "Priya Okafor <priya@garden.example>"),
        ("To", "gardeners@lists.example.net"),
        ("Subject", "[gardeners] When to prune roses?"),
        ("Message-ID", "<roses-1@garden.example>"),
    ];
    let answer = [
        ("Date", answered.as_str()),
        ("From", "Liam Jensen <liam@hedge.example>"),
        ("To", "gardeners@lists.example.net"),
        ("Cc", &scene.owner),
        ("Subject", "Re: [gardeners] When to prune roses?"),
        ("Message-ID", "<roses-2@hedge.example>"),
        ("In-Reply-To", "<roses-1@garden.example>"),
        ("References", "<roses-1@garden.example>"),
    ];
    let asks = Part::plain("Is February too early?\n");
    let answers = Part::plain("> Is February too early?\n\nNot when the frost is over.\n");
    let by_list =
        |headers: &[(&'static str, &str)], part: &Part| letter(&[headers, list.as_slice()].concat(), part);
    vec![
        scene.message(
            "list-question",
            "INBOX",
            SEEN,
            question_age,
            by_list(&question, &asks),
        ),
        scene.message(
            "list-answer",
            "INBOX",
            SEEN,
            60 * DAY - MINUTE,
            by_list(&answer, &answers),
        ),
        scene.message(
            "list-answer-direct-copy",
            "INBOX",
            SEEN,
            60 * DAY,
            letter(&answer, &answers),
        ),
    ]
}

fn singles(scene: &Scene) -> Vec<SampleMessage> {
    let plain = |name, folder, flags, age_s: i64, from: &str, subject: &str, text: &str| {
        let (date, message_id) = (scene.date(age_s), format!("<{name}@everyday.example>"));
        let subject = encoded_header(subject);
        let headers = [
            ("Date", date.as_str()),
            ("From", from),
            ("To", &scene.owner),
            ("Subject", &subject),
            ("Message-ID", &message_id),
        ];
        scene.message(name, folder, flags, age_s, letter(&headers, &Part::plain(text)))
    };
    let date = scene.date(30 * HOUR);
    let flowed = letter(
        &[
            ("Date", date.as_str()),
            ("From", "Noor Haddad <noor@studio.example>"),
            ("To", &scene.owner),
            ("Subject", "Flowing text"),
            ("Message-ID", "<flowed@studio.example>"),
        ],
        &Part::encoded(
            "text/plain; charset=utf-8; format=flowed; delsp=no",
            "This paragraph is one line that was broken \nfor narrow screens and flows \ntogether again.\n\n> A quoted line that \n> flows as well.\n\n From here on, a space was stuffed.\n-- \nNoor\n".as_bytes(),
            Transfer::EightBit,
        ),
    );
    vec![
        scene.message("format-flowed", "INBOX", SEEN, 30 * HOUR, flowed),
        plain(
            "hello-today",
            "INBOX",
            NEW,
            10 * MINUTE,
            "Rosa Silva <rosa@bakery.example>",
            "Cake for Friday 🎂",
            "Chocolate or lemon?\n",
        ),
        plain(
            "week-old",
            "INBOX",
            SEEN,
            6 * DAY,
            "Oleg Novak <oleg@travel.example>",
            "Booking confirmed",
            "Hotel from the 3rd to the 5th.\n",
        ),
        plain(
            "month-old",
            "INBOX",
            SEEN,
            25 * DAY,
            "Greta Müller <greta@print.example>",
            "Proof sheets",
            "They are on their way.\n",
        ),
        plain(
            "half-year-old",
            "INBOX",
            SEEN,
            200 * DAY,
            "Inès Dubois <ines@agency.example>",
            "Contract",
            "Signed, thank you.\n",
        ),
        plain(
            "three-years-old",
            "INBOX",
            SEEN,
            1100 * DAY,
            "Tomás García <tomas@old.example>",
            "Welcome",
            "Good that you are here.\n",
        ),
        plain(
            "archived",
            "Archive",
            SEEN,
            150 * DAY,
            "Tax office <office@tax.example>",
            "Your notice",
            "Keep this message.\n",
        ),
        plain(
            "draft",
            "Drafts",
            &["\\Draft", "\\Seen"],
            2 * HOUR,
            &scene.owner,
            "Offer (draft)",
            "Dear Ms Tanaka,\n\n",
        ),
        plain(
            "junk",
            "Junk",
            NEW,
            20 * HOUR,
            "Prize <winner@prizes.example>",
            "YOU HAVE WON!!!",
            "Click now.\n",
        ),
        plain(
            "deleted",
            "Trash",
            SEEN,
            5 * DAY,
            "Oleg Novak <oleg@travel.example>",
            "Old offer",
            "No longer valid.\n",
        ),
        plain(
            "keywords",
            "INBOX",
            &["\\Seen", "$Forwarded", "todo"],
            4 * DAY,
            "Liam Jensen <liam@hedge.example>",
            "Please pass on",
            "Thanks.\n",
        ),
    ]
}

fn files(scene: &Scene) -> Vec<SampleMessage> {
    let document = archive(&[
        ("[Content_Types].xml", br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.as_slice()),
        ("word/document.xml", br#"<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>Minutes</w:t></w:r></w:p></w:body></w:document>"#),
    ]);
    let date = scene.date(28 * HOUR);
    let related = Part::multipart(
        "related; type=\"text/html\"",
        "=_related",
        &[
            Part::html(
                "<p>The new colour, with the plan attached:</p><p><img src=\"cid:swatch@studio.example\" alt=\"swatch\"></p>",
            ),
            Part::encoded(
                "image/png; name=swatch.png",
                &png(24, [0x2f, 0x6f, 0xde]),
                Transfer::Base64,
            )
            .with("Content-ID", "<swatch@studio.example>")
            .with("Content-Disposition", "inline; filename=swatch.png"),
        ],
    );
    let body = Part::multipart(
        "alternative",
        "=_alternative",
        &[Part::plain("The new colour, with the plan attached.\n"), related],
    );
    let attachments = letter(
        &[
            ("Date", date.as_str()),
            ("From", "Noor Haddad <noor@studio.example>"),
            ("To", &scene.owner),
            ("Subject", "Colour and plan"),
            ("Message-ID", "<attachments@studio.example>"),
        ],
        &Part::multipart(
            "mixed",
            "=_mixed",
            &[
                body,
                Part::attachment("application/pdf", "plan.pdf", &pdf("Plan")),
                Part::attachment(
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                    "Protokół zebrania.docx",
                    &document,
                ),
                Part::attachment("image/png", "map.png", &png(48, [0x33, 0x99, 0x55])),
            ],
        ),
    );
    let (inner_date, outer_date) = (scene.date(16 * DAY), scene.date(15 * DAY));
    let inner = letter(
        &[
            ("Date", inner_date.as_str()),
            ("From", "Mei Tanaka <mei@supplier.example>"),
            ("To", scene.other),
            ("Subject", "Delivery dates"),
            ("Message-ID", "<dates@supplier.example>"),
        ],
        &Part::plain("Weeks 48 and 50.\n"),
    );
    let forward = letter(
        &[
            ("Date", outer_date.as_str()),
            ("From", scene.other),
            ("To", &scene.owner),
            ("Subject", "Fwd: Delivery dates"),
            ("Message-ID", "<forward@mailroom.test>"),
        ],
        &Part::multipart(
            "mixed",
            "=_forward",
            &[Part::plain("For your plan.\n"), Part::message(&inner)],
        ),
    );
    let date = scene.date(45 * DAY);
    let winmail = letter(
        &[
            ("Date", date.as_str()),
            ("From", "Farid Rossi <farid@corp.example>"),
            ("To", &scene.owner),
            ("Subject", "Figures"),
            ("Message-ID", "<winmail@corp.example>"),
            ("X-MS-TNEF-Correlator", "<winmail@corp.example>"),
        ],
        &Part::multipart(
            "mixed",
            "=_tnef",
            &[
                Part::plain("See the attached figures.\n"),
                Part::attachment("application/ms-tnef", "winmail.dat", &tnef()),
            ],
        ),
    );
    vec![
        scene.message("attachments", "INBOX", SEEN, 28 * HOUR, attachments),
        scene.message("forward", "INBOX", SEEN, 15 * DAY, forward),
        scene.message("winmail", "INBOX", SEEN, 45 * DAY, winmail),
    ]
}

/// What programs send: a newsletter, an invitation, a delivery report.
fn machines(scene: &Scene) -> Vec<SampleMessage> {
    let date = scene.date(3 * HOUR);
    let html = "<html><head><style>body{background:url(https://cdn.example/paper.png)}</style></head><body>\
        <h1>Autumn at the Example Shop</h1>\
        <p><a href=\"https://shop.example/c?u=17\"><img src=\"https://cdn.example/hero.jpg\" width=\"600\" alt=\"Autumn\"></a></p>\
        <p style=\"color:#444\" onclick=\"alert(1)\">Up to 20 % off.</p>\
        <script>document.title='no'</script>\
        <img src=\"https://track.example/open.gif?u=17\" width=\"1\" height=\"1\" alt=\"\"></body></html>";
    let newsletter = letter(
        &[
            ("Date", date.as_str()),
            ("From", "Example Shop <news@shop.example>"),
            ("To", &scene.owner),
            ("Subject", "Autumn: up to 20 % off"),
            ("Message-ID", "<newsletter@shop.example>"),
            ("List-Unsubscribe", "<https://shop.example/leave?u=17>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ],
        &Part::multipart(
            "alternative",
            "=_news",
            &[
                Part::plain("Autumn at the Example Shop: up to 20 % off.\nhttps://shop.example/\n"),
                Part::html(html),
            ],
        ),
    );
    let invitation_age = 12 * HOUR;
    let date = scene.date(invitation_age);
    let calendar = format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//Calendar//EN\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:review@calendar.example\nDTSTAMP:20261120T090000Z\nDTSTART:20261201T130000Z\nDTEND:20261201T140000Z\nSUMMARY:Review\\, second floor\nORGANIZER;CN=Carol:mailto:carol@mailroom.test\nATTENDEE;RSVP=TRUE:mailto:{}\nEND:VEVENT\nEND:VCALENDAR\n",
        scene.owner,
    );
    let invitation = letter(
        &[
            ("Date", date.as_str()),
            ("From", "carol@mailroom.test"),
            ("To", &scene.owner),
            ("Subject", "Invitation: Review"),
            ("Message-ID", "<invitation@mailroom.test>"),
        ],
        &Part::multipart(
            "alternative",
            "=_invitation",
            &[
                Part::plain("Review on 1 December at 13:00 UTC.\n"),
                Part::encoded(
                    "text/calendar; method=REQUEST; charset=utf-8",
                    calendar.as_bytes(),
                    Transfer::QuotedPrintable,
                ),
            ],
        ),
    );
    let report_age = 21 * DAY;
    let date = scene.date(report_age);
    let sent = letter(
        &[
            ("Date", date.as_str()),
            ("From", &scene.owner),
            ("To", "nobody@gone.example"),
            ("Subject", "Are you there?"),
            ("Message-ID", "<are-you-there@mailroom.test>"),
        ],
        &Part::plain("Hello?\n"),
    );
    let status = "Reporting-MTA: dns; smtp.mailroom.test\n\nFinal-Recipient: rfc822; nobody@gone.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.gone.example\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n";
    let report = letter(
        &[
            ("Return-Path", "<>"),
            ("Date", date.as_str()),
            ("From", "Mail Delivery System <MAILER-DAEMON@smtp.mailroom.test>"),
            ("To", &scene.owner),
            ("Subject", "Mail delivery failed: returning message to sender"),
            ("Message-ID", "<report@smtp.mailroom.test>"),
            ("Auto-Submitted", "auto-replied"),
            ("X-Failed-Recipients", "nobody@gone.example"),
        ],
        &Part::multipart(
            "report; report-type=delivery-status",
            "=_report",
            &[
                Part::plain(
                    "A message that you sent could not be delivered:\n\n  nobody@gone.example\n    550 5.1.1 User unknown\n",
                ),
                Part::encoded("message/delivery-status", status.as_bytes(), Transfer::EightBit),
                Part::message(&sent),
            ],
        ),
    );
    vec![
        scene.message("newsletter", "INBOX", NEW, 3 * HOUR, newsletter),
        scene.message("invitation", "INBOX", NEW, invitation_age, invitation),
        scene.message("delivery-report", "INBOX", SEEN, report_age, report),
    ]
}
