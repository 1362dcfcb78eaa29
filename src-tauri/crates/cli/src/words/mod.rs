//! Every English sentence and term that stands for a code.

mod errors;
mod folder_errors;
mod template;
mod terms;

use mailroom_api::{Param, WireError};

pub(crate) use terms::{
    account_state, address_form, auth_method, belonging, condition, defect, detection_outcome,
    detection_source, doctor_check, endpoint, endpoints, expiry, expiry_help, folder_role, note,
    operation_kind, outbox_state, period, proof, readable, reason, scope, skip_reason, traffic, unavailable,
    whereabouts,
};

/// What there is to say about an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// What happened.
    pub(crate) what: String,
    /// The server's own words.
    pub(crate) reply: Option<String>,
    /// What it means; may be empty.
    pub(crate) meaning: String,
    /// Who can do what.
    pub(crate) action: String,
}

/// The sentences of an error.
pub(crate) fn explain(error: &WireError) -> Explanation {
    let (what, meaning, action) = errors::sentences(error.code).unwrap_or(errors::UNLISTED);
    let value = |name: &str| -> Option<String> {
        let text = match name {
            "code" => error.code.as_str().to_owned(),
            "detail" => error.detail.trim().trim_end_matches('.').to_owned(),
            _ => presented(name, error.params.get(name)?),
        };
        (!text.trim().is_empty()).then_some(text)
    };
    let fill = |text: &str| capitalised(&template::fill(text, &value));
    let reply = error
        .params
        .get("reply")
        .map(ToString::to_string)
        .filter(|reply| !reply.trim().is_empty());
    Explanation {
        what: fill(what),
        reply,
        meaning: fill(meaning),
        action: fill(action),
    }
}

/// A certificate that a server showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) until: Option<i64>,
    pub(crate) fingerprint: String,
}

/// The certificates that stand in an error, the server's own first: the JSON that the core puts into `chain`.
pub(crate) fn chain(error: &WireError) -> Vec<Shown> {
    let chain = error.params.get("chain").map(ToString::to_string);
    let chain: Vec<serde_json::Value> =
        serde_json::from_str(chain.as_deref().unwrap_or("[]")).unwrap_or_default();
    let text = |certificate: &serde_json::Value, name: &str| {
        let text = certificate.get(name).and_then(serde_json::Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    chain
        .iter()
        .map(|certificate| Shown {
            subject: text(certificate, "subject"),
            issuer: text(certificate, "issuer"),
            until: certificate.get("until").and_then(serde_json::Value::as_i64),
            fingerprint: text(certificate, "fingerprint"),
        })
        .collect()
}

/// How a certificate may be trusted all the same; `None` where it may not.
pub(crate) fn how_to_trust(error: &WireError) -> Option<String> {
    let param = |name: &str| error.params.get(name).map(ToString::to_string);
    let (host, port, fingerprint) = (param("host")?, param("port")?, param("fingerprint")?);
    Some(format!(
        "If whoever runs the server confirms this SHA-256, trust it there with `mailroom account add … --trust-certificate {host}:{port}={fingerprint}`, or, for an account that is here, `mailroom account certificate ADDRESS --server {host}:{port} --trust {fingerprint}`."
    ))
}

/// A parameter as people read it: sizes in bytes and times in milliseconds have units, codes have words.
fn presented(name: &str, value: &Param) -> String {
    match (name, value) {
        ("size" | "limit" | "bytes", Param::Number(bytes)) => crate::output::bytes(*bytes),
        ("after_ms" | "wait_ms" | "timeout_ms", Param::Number(milliseconds)) => {
            let seconds = (milliseconds + 500) / 1000;
            crate::output::count(seconds.max(1), "second", "seconds")
        }
        ("method", Param::Text(method)) => auth_method(method),
        ("reason", Param::Text(reason)) => terms::reason(reason),
        _ => value.to_string(),
    }
}

/// A sentence begins with a capital letter, unless it begins with a host, a path or an address.
fn capitalised(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    let is_name = first_word.contains(['.', '/', '@', ':', '\\', '_']) && !first_word.ends_with(['.', ':']);
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if !is_name => first.to_uppercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}

/// True when words exist for the code.
#[cfg(test)]
fn is_listed(code: mailroom_api::ErrorCode) -> bool {
    errors::sentences(code).is_some()
}

#[cfg(test)]
mod tests {
    use mailroom_api::ErrorCode;

    use super::*;

    #[test]
    fn words_exist_for_every_code() {
        let missing: Vec<_> = ErrorCode::EVERY
            .iter()
            .filter(|code| !is_listed(**code))
            .collect();
        assert!(missing.is_empty(), "no sentences for {missing:?}");
    }

    #[test]
    fn words_of_every_code_are_whole_sentences_with_and_without_parameters() {
        let names = [
            "host",
            "port",
            "address",
            "reply",
            "reason",
            "path",
            "field",
            "folder",
            "size",
            "limit",
            "issuer",
            "provider",
            "domain",
            "after_ms",
            "what",
            "found",
            "supported",
            "message_id",
            "name",
            "recipient",
            "expected",
            "servers",
            "signed_in",
            "asked",
            "text",
            "url",
            "error",
            "sender",
        ];
        let every: Vec<(&str, Param)> = names.iter().map(|name| (*name, Param::from("x.y"))).collect();
        for code in ErrorCode::EVERY {
            for params in [Vec::new(), every.clone()] {
                let told = explain(&WireError::new(*code, &params, "detail"));
                for (part, text) in [
                    ("what", &told.what),
                    ("meaning", &told.meaning),
                    ("action", &told.action),
                ] {
                    assert!(!text.contains(['{', '}', '[', ']', '|']), "{code} {part}: {text}");
                    assert!(
                        !text.contains("  ") && text.trim() == text,
                        "{code} {part}: {text:?}"
                    );
                    assert!(
                        text.is_empty() || text.ends_with(['.', '?']),
                        "{code} {part}: {text}"
                    );
                }
                assert!(!told.what.is_empty() && !told.action.is_empty(), "{code}");
                for blame in ["Please", "please", "You failed", "your fault", "illegal", "!"] {
                    assert!(!format!("{told:?}").contains(blame), "{code}: {told:?}");
                }
            }
        }
    }

    #[test]
    fn words_put_facts_into_sentences() {
        let cases = [
            (
                ErrorCode::AuthFailed,
                vec![],
                "The server did not accept the user name or the password.",
            ),
            (
                ErrorCode::ConnectRefused,
                vec![
                    ("host", Param::Text("imap.x.pl".into())),
                    ("port", Param::Number(993)),
                ],
                "imap.x.pl does not accept connections on port 993.",
            ),
            (
                ErrorCode::MessageTooLarge,
                vec![
                    ("size", Param::Number(30_000_000)),
                    ("limit", Param::Number(25_000_000)),
                ],
                "The message has 30 MB; the limit is 25 MB.",
            ),
            (
                ErrorCode::FileUnreadable,
                vec![("path", Param::Text("a b.txt".into()))],
                "The file “a b.txt” cannot be read.",
            ),
        ];
        for (code, params, sentence) in cases {
            assert_eq!(explain(&WireError::new(code, &params, "")).what, sentence);
        }
    }

    #[test]
    fn words_capitalise_sentences_but_not_names() {
        for (text, capital) in [
            ("the server", "The server"),
            ("imap.x.pl refuses", "imap.x.pl refuses"),
            ("źle", "Źle"),
            ("", ""),
            ("/a/b is", "/a/b is"),
            ("done.", "Done."),
        ] {
            assert_eq!(capitalised(text), capital);
        }
    }
}
