//! `account certificate`: exceptions for certificates that nobody vouches for.

use mailroom_api::dto::CertificateView;
use serde_json::json;

use crate::args::AccountCertificate;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Style};
use crate::session::{Session, read};
use crate::words;

pub(super) async fn run(
    wanted: AccountCertificate,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut payload = json!({ "address": wanted.address });
    if let (Some(fields), Some((host, port))) = (payload.as_object_mut(), &wanted.server) {
        fields.insert("host".to_owned(), json!(host));
        fields.insert("port".to_owned(), json!(port));
        fields.extend(
            wanted
                .trust
                .iter()
                .map(|trust| ("fingerprint".to_owned(), json!(trust))),
        );
    }
    let command = match (&wanted.trust, wanted.forget) {
        (Some(_), _) => "certificate_trust",
        (None, true) => "certificate_forget",
        (None, false) => "certificate_list",
    };
    let reply = session.call(command, payload).await?;
    let made: Vec<CertificateView> = read(&reply)?;
    output.reply(&reply, |output| print(&made, output))?;
    Ok(Exit::Success)
}

fn print(made: &[CertificateView], output: &mut Output) -> Result<(), Failure> {
    if made.is_empty() {
        return output.line("No certificate is trusted beside those that this machine trusts.");
    }
    for certificate in made {
        output.styled(
            Style::Strong,
            &format!("{}:{}", certificate.host, certificate.port),
        )?;
        output.field(2, "Issued for", &certificate.subject)?;
        output.field(2, "Issued by", &certificate.issuer)?;
        if let Some(until) = certificate.until {
            output.field(2, "Valid until", &output.moment(until))?;
        }
        output.field(2, "SHA-256", &certificate.fingerprint)?;
        output.field(2, "Refused without it", &words::reason(&certificate.reason))?;
        output.field(2, "Since", &output.moment(certificate.since))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::on_paper;

    #[test]
    fn exception_is_told_with_everything_that_can_be_compared() {
        let made: Vec<CertificateView> = read(&json!([{
            "host": "mail.x.pl", "port": 993, "fingerprint": "ab12", "subject": "mail", "issuer": "mail",
            "until": 1_795_352_700_000_i64, "reason": "unknown_issuer", "since": 1_795_352_700_000_i64,
        }]))
        .unwrap();
        let (mut output, out, _) = on_paper(false, None);
        print(&made, &mut output).unwrap();
        let text = out.text();
        for part in [
            "mail.x.pl:993",
            "SHA-256",
            "ab12",
            "2026-11-22 13:05",
            "nobody whom this machine trusts",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
