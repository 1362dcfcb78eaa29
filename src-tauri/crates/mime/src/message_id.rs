//! Message identifiers (RFC 5322 §3.6.4).

/// No identifier that is longer is believed (RFC 5322 §2.1.1 bounds a line at 998).
const MAX_LEN: usize = 998;

/// The identifiers of an unfolded Message-ID, In-Reply-To or References field, without angle brackets, in order, each
/// once. Words between them are ignored; identifiers without brackets count when the field has none with.
pub(crate) fn parse_ids(field: &str) -> Vec<String> {
    // mailparse reads lists that follow the rules; at the first stray word it gives up the whole list.
    let found: Vec<String> = match mailparse::msgidparse(field) {
        Ok(list) if !list.iter().any(|id| id.contains('<')) => list.iter().map(|id| clean(id)).collect(),
        _ => bracketed(field),
    };
    let found = if found.is_empty() {
        field
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
            .filter(|word| word.contains('@'))
            .map(clean)
            .collect()
    } else {
        found
    };
    let mut seen = std::collections::HashSet::new();
    found
        .into_iter()
        .filter(|id| !id.is_empty() && id.len() <= MAX_LEN && seen.insert(id.clone()))
        .collect()
}

fn bracketed(field: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = field;
    while let Some((_, behind)) = rest.split_once('<') {
        let end = behind.find(['<', '>']).unwrap_or(behind.len());
        ids.push(clean(behind.get(..end).unwrap_or_default()));
        rest = behind.get(end..).unwrap_or_default();
    }
    ids
}

/// Folding inside an identifier leaves white space; controls and brackets have no business there.
fn clean(id: &str) -> String {
    id.chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>'))
        .collect()
}

/// A new Message-ID without angle brackets: 128 random bits at the sender's domain. A domain that is no name of
/// letters, digits, dots and hyphens is replaced by `localhost`.
pub fn message_id_for(domain: &str, random: [u8; 16]) -> String {
    use std::fmt::Write as _;
    let good = !domain.is_empty()
        && domain.len() <= 253
        && domain
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let mut id = String::with_capacity(33 + domain.len());
    for byte in random {
        // Writing to a string does not fail.
        let _ = write!(id, "{byte:02x}");
    }
    id.push('@');
    id.push_str(if good { domain } else { "localhost" });
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_in_every_form_seen_are_read() {
        let cases: &[(&str, &[&str])] = &[
            ("<a@x>", &["a@x"]),
            (" <a@x> <b@x>\t<c@x> ", &["a@x", "b@x", "c@x"]),
            ("<a@x><b@x>", &["a@x", "b@x"]),
            ("<a@x> <a@x>", &["a@x"]),
            ("<a@x>, <b@x>", &["a@x", "b@x"]),
            ("Your message of Monday <a@x>", &["a@x"]),
            ("<a@x", &["a@x"]),
            ("<a@x <b@x>", &["a@x", "b@x"]),
            ("a@x b@x", &["a@x", "b@x"]),
            ("<long id@ x>", &["longid@x"]),
            ("<no-at>", &["no-at"]),
            ("<>", &[]),
            ("", &[]),
            ("Anna's mail", &[]),
        ];
        for (field, ids) in cases {
            assert_eq!(parse_ids(field), *ids, "{field}");
        }
    }

    #[test]
    fn new_identifier_holds_all_random_bits() {
        let id = message_id_for(
            "example.com",
            *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff",
        );
        assert_eq!(id, "000102030405060708090a0b0c0d0eff@example.com");
        assert!(message_id_for("a b>\r\n", [0; 16]).ends_with("@localhost"));
    }
}
