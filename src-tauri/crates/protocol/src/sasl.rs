//! Ways of signing in, and what they say. Pure.

use mailroom_model::{Credentials, Secret};

/// A way of signing in. CRAM-MD5, DIGEST-MD5 and NTLM are not spoken: under TLS they add nothing but trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 7628.
    OauthBearer,
    /// Google's and Microsoft's older form of the same.
    Xoauth2,
    /// RFC 4616.
    Plain,
    /// IMAP's LOGIN command (RFC 9051 §6.2.3), SMTP's LOGIN mechanism.
    Login,
}

impl Mechanism {
    /// The SASL name, or the command.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OauthBearer => "OAUTHBEARER",
            Self::Xoauth2 => "XOAUTH2",
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }
}

/// What the client says first, before base64.
pub(crate) fn initial_response(
    mechanism: Mechanism,
    credentials: &Credentials,
    host: &str,
    port: u16,
) -> Secret<String> {
    let (username, secret) = match credentials {
        Credentials::Password { username, password } => (username, password.expose()),
        Credentials::Bearer {
            username,
            access_token,
        } => (username, access_token.expose()),
    };
    Secret::new(match mechanism {
        Mechanism::OauthBearer => {
            // `,` and `=` have a meaning in the GS2 header (RFC 5801 §4).
            let authzid = username.replace('=', "=3D").replace(',', "=2C");
            format!("n,a={authzid},\x01host={host}\x01port={port}\x01auth=Bearer {secret}\x01\x01")
        }
        Mechanism::Xoauth2 => format!("user={username}\x01auth=Bearer {secret}\x01\x01"),
        Mechanism::Plain | Mechanism::Login => format!("\0{username}\0{secret}"),
    })
}

/// What ends a refused bearer sign-in after the server's JSON error: a lone ^A for OAUTHBEARER (RFC 7628 §3.2.3),
/// an empty line for XOAUTH2.
pub(crate) fn dismissal(mechanism: Mechanism) -> &'static [u8] {
    match mechanism {
        Mechanism::OauthBearer => b"\x01",
        Mechanism::Xoauth2 | Mechanism::Plain | Mechanism::Login => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words_are_what_the_mechanisms_want() {
        let password = Credentials::Password {
            username: "anna@x.pl".into(),
            password: Secret::new("hunter2".into()),
        };
        let bearer = Credentials::Bearer {
            username: "a,b=c@x.pl".into(),
            access_token: Secret::new("tok".into()),
        };
        let said = |mechanism, credentials| {
            initial_response(mechanism, credentials, "h", 993)
                .expose()
                .clone()
        };
        assert_eq!(said(Mechanism::Plain, &password), "\0anna@x.pl\0hunter2");
        assert_eq!(
            said(Mechanism::Xoauth2, &bearer),
            "user=a,b=c@x.pl\x01auth=Bearer tok\x01\x01"
        );
        assert_eq!(
            said(Mechanism::OauthBearer, &bearer),
            "n,a=a=2Cb=3Dc@x.pl,\x01host=h\x01port=993\x01auth=Bearer tok\x01\x01"
        );
    }
}
