//! Whose pictures are shown unasked.

use mailroom_mime::ParsedMessage;
use mailroom_model::EmailAddress;

use crate::{Engine, EngineError};

/// The header in which the receiving server says what it found out about the sender (RFC 8601).
const RESULTS: &str = "authentication-results";

impl Engine {
    /// Shows pictures of a sender unasked from now on.
    pub async fn allow_sender(&self, address: &EmailAddress) -> Result<(), EngineError> {
        let now = self.now().await?;
        let senders = self.store().await?.allowed_senders();
        Ok(senders.allow(&key(address), now).await?)
    }

    /// Asks again before pictures of a sender are shown. One that was not allowed is fine.
    pub async fn forget_sender(&self, address: &EmailAddress) -> Result<(), EngineError> {
        self.store()
            .await?
            .allowed_senders()
            .forget(&key(address))
            .await?;
        Ok(())
    }

    /// The senders whose pictures are shown unasked, by address, in lower case.
    pub async fn allowed_senders(&self) -> Result<Vec<String>, EngineError> {
        Ok(self.store().await?.allowed_senders().list().await?)
    }

    /// True when the pictures of a message are shown unasked: its one sender is allowed, and the server does not say that
    /// somebody else sent it.
    pub(crate) async fn shows_pictures(&self, message: &ParsedMessage) -> Result<bool, EngineError> {
        let [from] = message.headers.from.as_slice() else {
            return Ok(false);
        };
        let Ok(address) = from.address.parse::<EmailAddress>() else {
            return Ok(false);
        };
        if is_forged(&message.raw_headers) {
            return Ok(false);
        }
        Ok(self
            .store()
            .await?
            .allowed_senders()
            .is_allowed(&key(&address))
            .await?)
    }
}

fn key(address: &EmailAddress) -> String {
    address.to_string().to_lowercase()
}

/// True when the account's own server says that the sender is not who they say. Servers put what they find above what came
/// (RFC 8601 §5), so the uppermost field is the own server's; others of the same name belong to it. What stands further
/// down may be anybody's word.
fn is_forged(headers: &[(String, String)]) -> bool {
    let results: Vec<(String, &str)> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(RESULTS))
        .map(|(_, value)| {
            let (server, rest) = value.split_once(';').unwrap_or((value, ""));
            // A version may follow the name.
            let server = server.split_whitespace().next().unwrap_or_default();
            (server.to_ascii_lowercase(), rest)
        })
        .collect();
    let Some((own, _)) = results.first() else {
        return false;
    };
    results
        .iter()
        .filter(|(server, _)| server == own)
        .flat_map(|(_, rest)| rest.split(';'))
        .any(says_failed)
}

/// True for `dmarc=fail` and `spf=fail`, with or without white space and comments around.
fn says_failed(result: &str) -> bool {
    let Some((method, rest)) = result.split_once('=') else {
        return false;
    };
    // `spf/1` names a version of the method.
    let method = method.split(['/', '(']).next().unwrap_or_default().trim();
    let verdict: String = rest
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    ["dmarc", "spf"]
        .iter()
        .any(|known| method.eq_ignore_ascii_case(known))
        && verdict.eq_ignore_ascii_case("fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdict_of_the_own_server_counts() {
        const NAME: &str = "Authentication-Results";
        let cases: &[(&[(&str, &str)], bool)] = &[
            (&[], false),
            (&[(NAME, "mx.example.com; none")], false),
            (&[(NAME, "mx.example.com; dmarc=pass; spf=pass")], false),
            (&[(NAME, "mx.example.com; dkim=fail; dmarc=pass")], false),
            (&[(NAME, "mx.example.com; spf=softfail")], false),
            (
                &[(
                    NAME,
                    "mx.example.com 1; dkim=pass;\r\n\tDMARC = fail (p=none) header.from=x.pl",
                )],
                true,
            ),
            (
                &[(
                    "authentication-RESULTS",
                    "mx.example.com; spf=fail smtp.mailfrom=x.pl",
                )],
                true,
            ),
            (
                &[
                    (NAME, "mx.example.com; dkim=pass"),
                    (NAME, "mx.example.com; dmarc=fail"),
                ],
                true,
            ),
            // Below the own server's word stands the sender's.
            (
                &[
                    (NAME, "mx.example.com; dmarc=pass"),
                    (NAME, "other.example; dmarc=fail"),
                ],
                false,
            ),
            (&[("X-Results", "mx.example.com; dmarc=fail")], false),
        ];
        for (headers, forged) in cases {
            let headers: Vec<(String, String)> = headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(is_forged(&headers), *forged, "{headers:?}");
        }
    }
}
