//! A Test as text for whoever helps: facts by name, without people and secrets.

use std::fmt::Write as _;

use mailroom_model::Param;

use super::{Fact, Proof};
use crate::VERSION;
use crate::redact::Redaction;
use crate::storage::platform;

/// Facts that a report leaves out: they say nothing that its reader needs.
const CHAIN: &str = "chain";

/// The report.
pub(super) fn text(redaction: &Redaction, proofs: &[Proof]) -> String {
    let mut text = format!(
        "Mailroom {VERSION}, {}\naccount {}\n",
        platform(),
        redaction.own()
    );
    for proof in proofs {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:<8}{:<15}{} ms",
            proof.result.as_str(),
            proof.kind.as_str(),
            proof.took_ms
        );
        for (title, facts) in [("tried", &proof.tried), ("seen", &proof.seen)] {
            for fact in facts {
                let _ = writeln!(text, "    {title:<6} {}", line(redaction, fact));
            }
        }
        if let Some(reason) = proof.skipped {
            let _ = writeln!(text, "    why    {}", reason.as_str());
        }
        if let Some(fault) = &proof.fault {
            let _ = writeln!(text, "    error  {} ({})", fault.code, fixer(fault.code.fixer()));
            let params = fault.params.iter().filter(|(name, _)| *name != CHAIN);
            for (name, value) in params {
                let _ = writeln!(text, "    {name:<6} {}", shown(redaction, value));
            }
            let _ = writeln!(text, "    detail {}", redaction.text(&fault.detail));
        }
    }
    text
}

fn line(redaction: &Redaction, fact: &Fact) -> String {
    let server = fact.server.map(|server| format!("{} ", server.as_str()));
    format!(
        "{}{} {}",
        server.unwrap_or_default(),
        fact.kind.as_str(),
        shown(redaction, &fact.value)
    )
}

fn shown(redaction: &Redaction, value: &Param) -> String {
    match value {
        Param::Number(number) => number.to_string(),
        // On one line, whatever a server said.
        Param::Text(text) => redaction.text(&text.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

fn fixer(fixer: mailroom_model::Fixer) -> &'static str {
    use mailroom_model::Fixer;
    match fixer {
        Fixer::You => "you",
        Fixer::Administrator => "administrator",
        Fixer::Provider => "provider",
        Fixer::Mailroom => "mailroom",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mailroom_model::ErrorCode;

    use super::super::{FactKind, ProofKind, ProofResult, SkipReason};
    use super::*;
    use crate::event::Fault;

    #[test]
    fn report_has_every_fact_and_no_person() {
        let own = "anna.nowak@example.com".parse().unwrap();
        let redaction = Redaction::new(&own, &["DOM\\anowak"]);
        let proofs = [
            Proof {
                kind: ProofKind::SmtpSignIn,
                result: ProofResult::Failed,
                tried: vec![
                    Fact::new(FactKind::Server, "smtp.example.com:465:tls"),
                    Fact::new(FactKind::UserName, "DOM\\anowak"),
                ],
                seen: Vec::new(),
                took_ms: 120,
                skipped: None,
                fault: Some(Fault {
                    code: ErrorCode::AuthFailed,
                    params: BTreeMap::from([
                        (
                            "reply".to_owned(),
                            "5.7.8 no\r\nanna.nowak@example.com, ask eve@example.com".into(),
                        ),
                        ("chain".to_owned(), "[]".into()),
                    ]),
                    detail: "refused <anna.nowak@example.com>".to_owned(),
                }),
            },
            Proof {
                kind: ProofKind::RightToSend,
                result: ProofResult::Skipped,
                tried: Vec::new(),
                seen: Vec::new(),
                took_ms: 0,
                skipped: Some(SkipReason::Earlier),
                fault: None,
            },
        ];
        let text = text(&redaction, &proofs);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "account a…@example.com",
                "failed  smtp-sign-in   120 ms",
                "    tried  server smtp.example.com:465:tls",
                "    tried  user_name D…",
                "    error  auth_failed (you)",
                "    reply  5.7.8 no a…@example.com, ask (address)",
                "    detail refused <a…@example.com>",
                "skipped right-to-send  0 ms",
                "    why    earlier",
            ]
        );
    }
}
