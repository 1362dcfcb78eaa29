use mailroom_mime::{Defect, Limits, attachment_bytes, html_to_text, parse, parse_for_index, parse_headers};

#[test]
fn text_and_html_are_cut_at_their_limits() {
    let limits = Limits {
        max_text_bytes: 11,
        max_html_bytes: 17,
        max_preview_bytes: 5,
        ..Limits::default()
    };
    let plain = "From: a@x\n\nzażółć gęślą jaźń".as_bytes();
    let message = parse(plain, &limits);
    assert_eq!(
        (message.text.as_str(), message.defects.as_slice()),
        ("zażółć", [Defect::TextTruncated].as_slice())
    );
    let indexed = parse_for_index(plain, &limits);
    assert_eq!(
        (indexed.text.as_str(), indexed.preview.as_str()),
        ("zażółć", "zaż")
    );
    let message = parse(
        b"From: a@x\nContent-Type: text/html\n\n<p>0123456789</p><p>9876543210</p>",
        &limits,
    );
    assert_eq!(message.html.unwrap().html, "<p>0123456789</p>");
    assert_eq!(message.text, "0123456789");
    assert_eq!(message.defects, [Defect::HtmlTruncated]);
}

#[test]
fn mailboxes_of_a_field_are_bounded() {
    let limits = Limits {
        max_mailboxes: 3,
        ..Limits::default()
    };
    let raw = format!("To: {}\n\n", ["a@x"; 10].join(", "));
    assert_eq!(parse(raw.as_bytes(), &limits).headers.to.len(), 3);
}

/// Each of these takes minutes when anything in it is quadratic, even at sizes that an unoptimised build can read.
#[test]
fn huge_messages_take_linear_time() {
    let limits = Limits::default();

    let headers = (0..100_000).fold(String::new(), |raw, n| raw + &format!("X-{n}: value\n"));
    let message = parse_for_index(format!("{headers}\nbody").as_bytes(), &limits);
    assert_eq!(
        (message.text.as_str(), message.defects[0]),
        ("body", Defect::HeadersExceeded)
    );
    assert_eq!(
        parse_headers(headers.as_bytes()).defects[0],
        Defect::HeadersExceeded
    );

    for line in [
        "x",
        "=?utf-8?q?a?= ",
        "=?",
        "a@x.pl, ",
        "(",
        "\"",
        "<",
        "<a@x> ",
        ";a=b",
        "; a*0*=b",
        "\r\n ",
    ] {
        let value = line.repeat((400 << 10) / line.len());
        for name in [
            "Subject",
            "To",
            "References",
            "Content-Type",
            "Content-Disposition",
            "Date",
            "Message-ID",
        ] {
            let raw = format!("{name}: {value}\n\nbody");
            let message = parse_for_index(raw.as_bytes(), &limits);
            assert!(
                message.defects.contains(&Defect::HeaderTruncated),
                "{name} {line}"
            );
        }
    }

    let nested = (0..10_000).fold(String::new(), |raw, n| {
        raw + &format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")
    });
    let message = parse_for_index(nested.as_bytes(), &limits);
    assert!(message.defects.contains(&Defect::DepthExceeded));
    assert_eq!(message.attachments.len(), 1);

    let flat = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\nx\n".repeat(100_000)
    );
    let message = parse_for_index(flat.as_bytes(), &limits);
    assert!(message.defects.contains(&Defect::PartsExceeded));
    assert!(message.text.len() > 1_000);

    let uu = format!("From: a@x\n\n{}", "begin 644 x\n".repeat(200_000));
    assert_eq!(parse_for_index(uu.as_bytes(), &limits).attachments, []);
}

#[test]
fn hostile_html_takes_linear_time() {
    let pieces = [
        "<div>",
        "<p>",
        "</p>",
        "<div></p>",
        "<a>",
        "<b><p>",
        "<table><tr><td>",
        "<font size=1><p>",
        "<",
        "<!--",
        "<!",
        "&",
        "&#",
        "<a x=\"",
        "<p title=",
        "<script>",
        "</script",
        "<svg>",
        "<li>",
        "<b></i>",
        "</",
        "<p style='a:url(url(url(' title='",
        "<img src=http://x>",
        "&lt",
        "\u{a0}",
        "é",
        "&<o:p>",
        "<p title='&&&&&&&'>",
        "&a",
        "&aa;",
        "&amp",
        "<table>x",
        "<i><table><p>",
    ];
    for piece in pieces {
        let html = piece.repeat((48 << 10) / piece.len());
        let raw = format!("From: a@x\nContent-Type: text/html\n\n{html}");
        let message = parse(raw.as_bytes(), &Limits::default());
        assert!(message.html.unwrap().html.len() < 60 << 20, "{piece}");
        html_to_text(&html);
    }
    let attributes = (0..100_000).fold(String::from("<p"), |html, n| html + &format!(" a{n}=x"));
    let raw = format!("Content-Type: text/html\n\n{attributes}>x");
    assert_eq!(
        parse(raw.as_bytes(), &Limits::default()).html.unwrap().html,
        "<p>x</p>"
    );
    let fonts = (0..40_000).fold(String::new(), |html, n| {
        html + &format!("<p><font size={n}></p>x")
    });
    let raw = format!("Content-Type: text/html\n\n{fonts}");
    assert!(parse(raw.as_bytes(), &Limits::default()).html.unwrap().html.len() < 8 << 20);
}

#[test]
fn large_attachment_is_counted_without_decoding() {
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\r\n";
    let lines = (6 << 20) / line.len();
    let mut raw = b"From: a@x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n".to_vec();
    raw.extend_from_slice(line.repeat(lines).as_bytes());
    raw.extend_from_slice(b"--b--\r\n");
    let message = parse_for_index(&raw, &Limits::default());
    assert_eq!(message.text, "text");
    assert_eq!(message.attachments[0].size, lines as u64 * 60);
    assert_eq!(
        attachment_bytes(&raw, "2").map(|bytes| bytes.len()),
        Some(lines * 60)
    );
}
