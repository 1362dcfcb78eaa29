use mailroom_mime::{Defect, Limits, attachment_bytes, parse};

#[test]
fn broken_message_still_gives_what_it_has() {
    use Defect as D;
    // raw, text, attachments, defects
    type Case = (
        &'static str,
        &'static str,
        &'static [(&'static str, &'static [u8])],
        &'static [Defect],
    );
    let cases: &[Case] = &[
        ("", "", &[], &[D::FromMissing]),
        ("\r\n\r\n", "", &[], &[D::FromMissing]),
        (
            "just words\r\nand more",
            "just words\nand more",
            &[],
            &[D::HeaderEndMissing, D::FromMissing],
        ),
        // Cut in the middle of base64.
        (
            "From: a@x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Disposition: attachment; filename=a.bin\nContent-Transfer-Encoding: base64\n\nQUJDRE",
            "text",
            &[("a.bin", b"ABCD")],
            &[D::BoundaryUnclosed],
        ),
        // Cut inside a header.
        (
            "From: a@x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Ty",
            "text\n\nContent-Ty",
            &[],
            &[D::BoundaryUnclosed, D::HeaderEndMissing],
        ),
        // A multipart without any boundary.
        (
            "From: a@x\nContent-Type: multipart/alternative\n\nonly text",
            "only text",
            &[],
            &[D::BoundaryMissing],
        ),
        // The wrong boundary is declared.
        (
            "From: a@x\nContent-Type: multipart/mixed; boundary=wrong\n\n--right\nContent-Type: text/plain\n\ntext\n--right\nContent-Type: application/pdf; name=a.pdf\n\n%PDF\n--right--",
            "text",
            &[("a.pdf", b"%PDF")],
            &[D::BoundaryMissing],
        ),
        // Two multiparts with one boundary.
        (
            "From: a@x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\ntext\n--b--",
            "text",
            &[],
            &[],
        ),
        (
            "From: a@x\nContent-Transfer-Encoding: base64\n\nYWJj*YWJj\n",
            "abcabc",
            &[],
            &[D::EncodingDamaged],
        ),
        (
            "From: a@x\nContent-Transfer-Encoding: quoted-printable\n\n1 = 1 =C5=82",
            "1 = 1 ł",
            &[],
            &[D::EncodingDamaged],
        ),
        (
            "From: a@x\nContent-Transfer-Encoding: rot13\n\nabc",
            "abc",
            &[],
            &[D::EncodingUnknown],
        ),
        (
            "From: a@x\nContent-Type: text/plain; charset=x-klingon\n\nłąka",
            "łąka",
            &[],
            &[D::CharsetUnknown],
        ),
        ("From: a@x\nDate: soon\n\nabc", "abc", &[], &[D::DateInvalid]),
        ("From: a@x\nFrom: b@x\n\nabc", "abc", &[], &[D::HeaderDuplicate]),
        ("From: a@x\nFrom: a@x\n\nabc", "abc", &[], &[]),
        ("garbage\nFrom: a@x\n\nabc", "abc", &[], &[D::HeaderMalformed]),
        (
            "From: a@x\n\nHi\nbegin 644 cat.txt\n#0V%T\n`\nend\nBye",
            "Hi\nBye",
            &[("cat.txt", b"Cat")],
            &[],
        ),
        (
            "From: a@x\nContent-Type: text/plain; name=notes.txt\nContent-Disposition: attachment\n\nabc",
            "",
            &[("notes.txt", b"abc")],
            &[],
        ),
        (
            "From: a@x\nContent-Type: application/octet-stream\n\nabc",
            "",
            &[("part-1.bin", b"abc")],
            &[],
        ),
        (
            "From: a@x\nContent-Type: text/html\n\n<p>only <b>HTML</b></p>",
            "only HTML",
            &[],
            &[],
        ),
        (
            "From: a@x\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>HTML</p>\n--b--",
            "HTML",
            &[],
            &[],
        ),
        (
            "From: a@x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b\nContent-Type: text/html\n\n<p>three\n--b--",
            "one\n\ntwo\n\nthree",
            &[],
            &[],
        ),
        (
            "From: a@x\nContent-Type: application/ms-tnef; name=\"../winmail.dat\"\nContent-Transfer-Encoding: base64\n\nQUJD",
            "",
            &[("winmail.dat", b"ABC")],
            &[],
        ),
    ];
    for (raw, text, attachments, defects) in cases {
        for raw in [(*raw).to_owned(), raw.replace('\n', "\r\n").replace("\r\r", "\r")] {
            let message = parse(raw.as_bytes(), &Limits::default());
            let found: Vec<(&str, Vec<u8>)> = message
                .attachments
                .iter()
                .map(|info| {
                    (
                        info.filename.as_str(),
                        attachment_bytes(raw.as_bytes(), &info.part).unwrap(),
                    )
                })
                .collect();
            let expected: Vec<(&str, Vec<u8>)> = attachments
                .iter()
                .map(|(name, bytes)| (*name, bytes.to_vec()))
                .collect();
            assert_eq!(
                (message.text.as_str(), found, message.defects.as_slice()),
                (*text, expected, *defects),
                "{raw}"
            );
        }
    }
}

#[test]
fn part_that_is_not_there_gives_nothing() {
    let raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--";
    for part in ["", "2", "1.1", "x", "1.uu1", "1.uu0", ".uu", "1.uuu"] {
        assert_eq!(attachment_bytes(raw, part), None, "{part}");
    }
    assert_eq!(attachment_bytes(raw, "1"), Some(b"x".to_vec()));
}
