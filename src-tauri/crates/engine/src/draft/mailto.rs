//! `mailto:` addresses (RFC 6068).

use mailroom_mime::parse_mailboxes;

/// Recipients that one address may name.
const MOST: usize = 200;
/// Bytes of it that are read.
const LONGEST: usize = 64 << 10;

/// What a `mailto:` address asks for. Other fields than these are ignored: nobody may make somebody else attach a file or
/// set a header (RFC 6068 §4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mailto {
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    pub(crate) bcc: Vec<String>,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// Reads an address; what is none gives an empty message.
pub(crate) fn parse_mailto(text: &str) -> Mailto {
    let mut mailto = Mailto::default();
    let scheme = text.get(..7).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("mailto:") || text.len() > LONGEST {
        return mailto;
    }
    let rest = text.get(7..).unwrap_or_default();
    // A fragment is no part of it.
    let rest = rest.split('#').next().unwrap_or_default();
    let (to, fields) = rest.split_once('?').unwrap_or((rest, ""));
    // A comma between addresses stands as it is, one inside an address is encoded (§2).
    for address in to.split(',') {
        add(&mut mailto.to, &decode(address));
    }
    for field in fields.split('&') {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        // Some pages write `&amp;` for `&`.
        let name = decode(name).to_ascii_lowercase();
        let value = decode(value);
        match name.strip_prefix("amp;").unwrap_or(&name) {
            "to" => add(&mut mailto.to, &value),
            "cc" => add(&mut mailto.cc, &value),
            "bcc" => add(&mut mailto.bcc, &value),
            "subject" => mailto.subject = one_line(&value),
            "body" => {
                if !mailto.body.is_empty() {
                    mailto.body.push('\n');
                }
                mailto.body.push_str(&lines(&value));
            }
            _ => {}
        }
    }
    mailto
}

fn add(list: &mut Vec<String>, text: &str) {
    for mailbox in parse_mailboxes(&one_line(text), MOST) {
        let text = mailbox.to_string();
        if !mailbox.address.is_empty() && list.len() < MOST && !list.contains(&text) {
            list.push(text);
        }
    }
}

fn one_line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}

fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

/// Percent-encoding undone (RFC 3986 §2.1); a plus is a plus (RFC 6068 §5).
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        if byte == b'%'
            && let Some(high) = digit(ahead.next())
            && let Some(low) = digit(ahead.next())
        {
            bytes.extend(u8::try_from(high * 16 + low));
            rest = ahead;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailto_fills_fields_in_and_nothing_else() {
        let list = |text: &[&str]| text.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let cases = [
            ("mailto:a@x.pl", list(&["a@x.pl"]), "", ""),
            ("MAILTO:a@x.pl,b@y.pl", list(&["a@x.pl", "b@y.pl"]), "", ""),
            (
                "mailto:?to=a@x.pl&subject=Hi%20there",
                list(&["a@x.pl"]),
                "Hi there",
                "",
            ),
            (
                "mailto:a@x.pl?subject=Za%C5%BC%C3%B3%C5%82%C4%87",
                list(&["a@x.pl"]),
                "Zażółć",
                "",
            ),
            (
                "mailto:a@x.pl?body=one%0D%0Atwo&body=three",
                list(&["a@x.pl"]),
                "",
                "one\ntwo\nthree",
            ),
            ("mailto:a+b@x.pl?subject=1+1", list(&["a+b@x.pl"]), "1+1", ""),
            ("mailto:a@x.pl?subject=a&amp;body=b", list(&["a@x.pl"]), "a", "b"),
            (
                "mailto:a@x.pl?subject=x%0D%0ABcc:evil@x.pl",
                list(&["a@x.pl"]),
                "x  Bcc:evil@x.pl",
                "",
            ),
            (
                "mailto:a@x.pl?attach=/etc/passwd&attachment=x&from=b@x.pl&in-reply-to=y",
                list(&["a@x.pl"]),
                "",
                "",
            ),
            (
                "mailto:gorby%25kremvax@example.com",
                list(&["gorby%kremvax@example.com"]),
                "",
                "",
            ),
            (
                "mailto:Anna%20Nowak%20%3Ca@x.pl%3E",
                list(&["Anna Nowak <a@x.pl>"]),
                "",
                "",
            ),
            ("mailto:a@x.pl?subject=50%", list(&["a@x.pl"]), "50%", ""),
            ("https://x.pl", list(&[]), "", ""),
            ("", list(&[]), "", ""),
        ];
        for (text, to, subject, body) in cases {
            let mailto = parse_mailto(text);
            assert_eq!(
                (&mailto.to, mailto.subject.as_str(), mailto.body.as_str()),
                (&to, subject, body),
                "{text}"
            );
        }
        let copies = parse_mailto("mailto:?cc=c@x.pl,d@x.pl&bcc=e@x.pl");
        assert_eq!(
            (copies.cc.len(), copies.bcc.as_slice()),
            (2, &["e@x.pl".to_owned()][..])
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
        #[test]
        fn mailto_never_panics(text in "(mailto:)?.{0,200}") {
            parse_mailto(&text);
        }
    }
}
