//! The Test of an account, certificates, and what was said about domains.

use mailroom_engine::{CertificateException, DomainKnowledge, EngineError, Fact, Proof, ProofResult};
use mailroom_model::{CandidateServers, EmailAddress, Endpoint, TrustedCertificate as Trusted, UsernameForm};
use serde_json::Value;

use crate::WireError;
use crate::dto::{
    CertificateView, DomainServers, DomainView, FactView, ProofView, TestReport, TrustedCertificate,
};

pub(super) fn proof(proof: Proof) -> ProofView {
    let facts = |facts: Vec<Fact>| facts.into_iter().map(fact).collect();
    ProofView {
        proof: proof.kind.as_str().to_owned(),
        result: proof.result.as_str().to_owned(),
        tried: facts(proof.tried),
        seen: facts(proof.seen),
        took_ms: proof.took_ms,
        skipped: proof.skipped.map(|reason| reason.as_str().to_owned()),
        error: proof.fault.map(WireError::from_fault),
    }
}

fn fact(fact: Fact) -> FactView {
    FactView {
        server: fact.server.map(|server| server.as_str().to_owned()),
        fact: fact.kind.as_str().to_owned(),
        value: fact.value,
    }
}

pub(crate) fn test(address: &EmailAddress, report: mailroom_engine::TestReport) -> TestReport {
    let failed = |proof: &Proof| proof.result == ProofResult::Failed;
    TestReport {
        address: address.to_string(),
        passed: !report.proofs.iter().any(failed),
        proofs: report.proofs.into_iter().map(proof).collect(),
        report: report.text,
    }
}

pub(crate) fn certificate(made: CertificateException) -> CertificateView {
    CertificateView {
        host: made.certificate.host,
        port: made.certificate.port,
        fingerprint: made.certificate.fingerprint.to_string(),
        subject: made.subject,
        issuer: made.issuer,
        until: made.not_after.map(|until| until.0),
        reason: made.reason,
        since: made.since.0,
    }
}

/// What a person trusts, from what came over the wire.
pub(crate) fn trusted(certificate: &TrustedCertificate) -> Result<Trusted, WireError> {
    let fingerprint = certificate.fingerprint.parse();
    Ok(Trusted {
        host: certificate.host.to_ascii_lowercase(),
        port: certificate.port,
        fingerprint: fingerprint.map_err(|error: mailroom_model::FingerprintError| {
            WireError::input("fingerprint", error.to_string())
        })?,
    })
}

pub(crate) fn domain(known: DomainKnowledge) -> DomainView {
    let texts = |servers: Vec<Endpoint>| servers.iter().map(ToString::to_string).collect();
    DomainView {
        domain: known.domain,
        provider: known.provider,
        servers: known.servers.map(|servers| DomainServers {
            imap: texts(servers.imap),
            smtp: texts(servers.smtp),
            imap_username: super::name(&servers.imap_username),
            smtp_username: super::name(&servers.smtp_username),
        }),
    }
}

/// What a person says about a domain, from what came over the wire.
pub(crate) fn domain_knowledge(view: DomainView) -> Result<DomainKnowledge, WireError> {
    let servers = view.servers.map(|servers| {
        Ok::<_, WireError>(CandidateServers {
            imap: endpoints("imap", &servers.imap)?,
            smtp: endpoints("smtp", &servers.smtp)?,
            imap_username: form("imap_username", &servers.imap_username)?,
            smtp_username: form("smtp_username", &servers.smtp_username)?,
        })
    });
    Ok(DomainKnowledge {
        domain: view.domain,
        provider: view.provider,
        servers: servers.transpose()?,
    })
}

fn endpoints(field: &'static str, texts: &[String]) -> Result<Vec<Endpoint>, WireError> {
    let read = |text: &String| {
        text.parse().map_err(|source| {
            EngineError::Endpoint {
                field,
                text: text.clone(),
                source,
            }
            .into()
        })
    };
    texts.iter().map(read).collect()
}

fn form(field: &str, name: &str) -> Result<UsernameForm, WireError> {
    serde_json::from_value(Value::String(name.to_owned()))
        .map_err(|_| WireError::input(field, format!("{name:?} is neither address nor local")))
}
