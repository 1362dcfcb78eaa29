use super::Reply;

/// What the server offers, from its answer to EHLO.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// The largest message in bytes (RFC 1870); `None` when it names none.
    pub size: Option<u64>,
    /// True when SIZE may be declared.
    pub declares_size: bool,
    /// 8BITMIME (RFC 6152).
    pub eight_bit: bool,
    /// SMTPUTF8 (RFC 6531): addresses and headers in UTF-8.
    pub smtputf8: bool,
    /// STARTTLS.
    pub starttls: bool,
    /// The SASL mechanisms in upper case.
    pub mechanisms: Vec<String>,
}

impl Capabilities {
    pub(super) fn from_reply(reply: &Reply) -> Self {
        let mut capabilities = Self::default();
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // Before the standard, `AUTH=LOGIN` was in use.
            let line = line
                .strip_prefix("AUTH=")
                .map_or(line.clone(), |rest| format!("AUTH {rest}"));
            let mut words = line.split_whitespace();
            match words.next() {
                Some("SIZE") => {
                    capabilities.declares_size = true;
                    // 0 means no fixed limit (RFC 1870 §4).
                    capabilities.size = words
                        .next()
                        .and_then(|word| word.parse().ok())
                        .filter(|size| *size != 0);
                }
                Some("8BITMIME") => capabilities.eight_bit = true,
                Some("SMTPUTF8") => capabilities.smtputf8 = true,
                Some("STARTTLS") => capabilities.starttls = true,
                Some("AUTH") => {
                    for word in words {
                        if !capabilities.mechanisms.iter().any(|known| known == word) {
                            capabilities.mechanisms.push(word.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        capabilities
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_read_from_ehlo() {
        let lines = [
            "mail.mailroom.test Hello",
            "SIZE 10485760",
            "8bitmime",
            "SMTPUTF8",
            "AUTH PLAIN LOGIN",
            "AUTH=LOGIN xoauth2",
            "STARTTLS",
            "CHUNKING",
        ];
        let reply = Reply::new(250, lines.iter().map(|line| (*line).to_owned()).collect());
        assert_eq!(
            Capabilities::from_reply(&reply),
            Capabilities {
                size: Some(10_485_760),
                declares_size: true,
                eight_bit: true,
                smtputf8: true,
                starttls: true,
                mechanisms: vec!["PLAIN".into(), "LOGIN".into(), "XOAUTH2".into()],
            }
        );
        let none = Capabilities::from_reply(&Reply::new(250, vec!["SIZE 5".into(), "SIZE 0".into()]));
        assert_eq!((none.size, none.declares_size), (None, true));
    }
}
