//! One proof of a Test, in words.

use mailroom_api::Param;
use mailroom_api::dto::{FactView, ProofView};

use super::status::described;
use crate::failure::Failure;
use crate::output::{Output, Style, bytes, count, messages};
use crate::words;

/// Facts that only a report needs.
const FOR_REPORTS: [&str; 3] = ["cipher", "capabilities", "fingerprint"];

/// One proof of a Test.
pub(super) fn print_proof(proof: &ProofView, output: &mut Output) -> Result<(), Failure> {
    let (mark, style) = match proof.result.as_str() {
        "passed" => ("✓", Style::Good),
        "failed" => ("✗", Style::Bad),
        _ => ("–", Style::Dim),
    };
    let mut told: Vec<String> = Vec::new();
    for fact in proof.tried.iter().chain(&proof.seen) {
        let text = fact_text(fact, output);
        // Both servers often say the same.
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told.retain(|text| !text.is_empty());
    if proof.result == "skipped" {
        let reason = proof.skipped.as_deref().unwrap_or_default();
        told.push(words::skip_reason(reason));
    } else {
        told.push(format!("{} ms", proof.took_ms));
    }
    let line = described(mark, &words::proof(&proof.proof), &told.join(", "));
    output.paragraph(style, 0, &line)?;
    match &proof.error {
        Some(error) if proof.result == "failed" => output.explanation(2, error),
        _ => Ok(()),
    }
}

/// A fact in words; empty for one that says nothing to a person.
fn fact_text(fact: &FactView, output: &Output) -> String {
    let text = fact.value.to_string();
    let told = match (fact.fact.as_str(), &fact.value) {
        (name, _) if FOR_REPORTS.contains(&name) => return String::new(),
        ("folders", Param::Number(folders)) => count(*folders, "folder", "folders"),
        ("messages", Param::Number(number)) => messages(*number),
        ("bytes", Param::Number(read)) => format!("{} read", bytes(*read)),
        ("size_limit", Param::Number(limit)) => format!("messages up to {}", bytes(*limit)),
        ("chain_length", Param::Number(length)) => count(*length, "certificate", "certificates"),
        ("valid_until", Param::Number(until)) => format!("valid until {}", output.moment(*until)),
        ("issuer", _) if text.is_empty() => return String::new(),
        ("issuer", _) => format!("issued by {text}"),
        ("excepted", _) => format!("trusted by your exception ({})", words::readable(&text)),
        ("error", _) => words::readable(&text),
        ("came_after", Param::Number(after)) => format!("came back after {after} ms"),
        ("folder", _) => format!("in {text}"),
        ("left_marked", _) => format!("only marked as deleted in {text}"),
        _ => text,
    };
    match &fact.server {
        // Of the address of a server everybody sees whose it is.
        Some(server) if fact.fact == "valid_until" || fact.fact == "error" => {
            format!("{told} ({})", server.to_uppercase())
        }
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::output::tests::on_paper;
    use crate::session::read;

    #[test]
    fn proof_is_told_with_what_was_seen() {
        let fact = |server: Option<&str>, fact: &str, value: serde_json::Value| json!({"server": server, "fact": fact, "value": value});
        let cases = [
            (
                json!({"proof": "tls", "result": "passed", "took_ms": 12, "skipped": null, "error": null,
                "tried": [fact(Some("imap"), "server", json!("h:993:tls"))],
                "seen": [
                    fact(Some("imap"), "tls_version", json!("TLSv1.3")),
                    fact(Some("imap"), "cipher", json!("X")),
                    fact(Some("imap"), "valid_until", json!(1_795_352_700_000_i64)),
                    fact(Some("smtp"), "tls_version", json!("TLSv1.3")),
                    fact(Some("smtp"), "excepted", json!("unknown_issuer")),
                ]}),
                "✓ Encryption: h:993:tls, TLSv1.3, valid until 2026-11-22 13:05 (IMAP), trusted by your exception (unknown issuer), 12 ms\n",
            ),
            (
                json!({"proof": "folder-list", "result": "passed", "took_ms": 3, "skipped": null, "error": null,
                    "tried": [], "seen": [fact(None, "folders", json!(1))]}),
                "✓ Folder list: 1 folder, 3 ms\n",
            ),
            (
                json!({"proof": "push", "result": "skipped", "tried": [], "seen": [], "took_ms": 0,
                    "skipped": "not-offered", "error": null}),
                "– Push: the server has no such thing\n",
            ),
        ];
        for (value, text) in cases {
            let (mut output, out, _) = on_paper(false, None);
            print_proof(&read(&value).unwrap(), &mut output).unwrap();
            assert_eq!(out.text().replace("\n  ", " "), text);
        }
    }
}
