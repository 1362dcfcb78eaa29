//! A server may repeat what it was shown. Its words go into errors, and errors are kept and printed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailroom_model::Credentials;

/// What stands for words that are left out.
const LEFT_OUT: &str = "…";
/// A word of base64 characters that is at least so long may be a SASL answer.
const LONG_WORD: usize = 40;

/// The server's words without the password or token, as it is and in the forms in which SASL carries it.
pub(crate) fn without_secrets(words: &str, credentials: &Credentials) -> String {
    let secret = match credentials {
        Credentials::Password { password, .. } => password.expose(),
        Credentials::Bearer { access_token, .. } => access_token.expose(),
    };
    let username = credentials.username();
    let mut clean = words.to_owned();
    for shown in [
        STANDARD.encode(format!("\0{username}\0{secret}")),
        STANDARD.encode(secret),
        secret.clone(),
    ] {
        if !shown.is_empty() {
            clean = clean.replace(&shown, LEFT_OUT);
        }
    }
    clean
        .split(' ')
        .map(|word| if is_long_base64(word) { LEFT_OUT } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_long_base64(word: &str) -> bool {
    word.len() >= LONG_WORD
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use mailroom_model::Secret;

    use super::*;

    #[test]
    fn words_of_a_server_lose_what_it_was_shown() {
        let password = Credentials::Password {
            username: "ewa".to_owned(),
            password: Secret::new("s3cret pw".to_owned()),
        };
        let sasl = STANDARD.encode("\0ewa\0s3cret pw");
        let long = "A".repeat(LONG_WORD);
        for (words, clean) in [
            ("Authentication failed.".to_owned(), "Authentication failed."),
            (
                "unknown command: LOGIN ewa \"s3cret pw\"".to_owned(),
                "unknown command: LOGIN ewa \"…\"",
            ),
            (
                format!("bad AUTHENTICATE PLAIN {sasl} here"),
                "bad AUTHENTICATE PLAIN … here",
            ),
            (format!("try {long} again"), "try … again"),
        ] {
            assert_eq!(without_secrets(&words, &password), clean);
        }
        let token = Credentials::Bearer {
            username: "ewa".to_owned(),
            access_token: Secret::new("tok".to_owned()),
        };
        assert_eq!(without_secrets("token tok expired", &token), "…en … expired");
    }
}
