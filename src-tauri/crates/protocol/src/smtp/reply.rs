use std::fmt;

/// A server's reply (RFC 5321 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The enhanced status code (RFC 3463) when the text begins with one.
    pub enhanced: Option<(u8, u16, u16)>,
    /// The lines of text, without codes. Control characters are left out.
    pub lines: Vec<String>,
}

impl Reply {
    /// From the lines of a complete reply, without the reply code.
    pub(super) fn new(code: u16, lines: Vec<String>) -> Self {
        let enhanced = lines.first().and_then(|line| enhanced(line, code));
        let lines = match enhanced {
            None => lines,
            Some(own) => lines.into_iter().map(|line| without(line, own, code)).collect(),
        };
        Self {
            code,
            enhanced,
            lines,
        }
    }

    /// 2xx.
    pub fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// 4xx: the same may work later.
    pub fn is_transient(&self) -> bool {
        (400..500).contains(&self.code)
    }

    /// 5xx.
    pub fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// The lines as one.
    pub fn text(&self) -> String {
        self.lines.join(" ").trim().to_owned()
    }
}

fn enhanced(line: &str, code: u16) -> Option<(u8, u16, u16)> {
    let word = line.split(' ').next()?;
    let mut parts = word.split('.');
    let mut part = || {
        let digits = parts.next()?;
        let is_number = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u16>().ok())?
    };
    let (class, subject, detail) = (part()?, part()?, part()?);
    // The class agrees with the reply code (RFC 2034 §4), or the word is something else.
    (parts.next().is_none() && class == code / 100 && matches!(class, 2 | 4 | 5)).then_some((
        u8::try_from(class).ok()?,
        subject,
        detail,
    ))
}

fn without(line: String, own: (u8, u16, u16), code: u16) -> String {
    if enhanced(&line, code) != Some(own) {
        return line;
    }
    line.split_once(' ')
        .map(|(_, rest)| rest.trim_start().to_owned())
        .unwrap_or_default()
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((class, subject, detail)) = self.enhanced {
            write!(f, " {class}.{subject}.{detail}")?;
        }
        let text = self.text();
        if text.is_empty() {
            Ok(())
        } else {
            write!(f, " {text}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reply_knows_its_enhanced_code() {
        type Case = (u16, &'static [&'static str], Option<(u8, u16, u16)>, &'static str);
        let cases: &[Case] = &[
            (250, &["2.1.0 OK"], Some((2, 1, 0)), "250 2.1.0 OK"),
            (
                550,
                &["5.7.60 Client", "5.7.60 may not"],
                Some((5, 7, 60)),
                "550 5.7.60 Client may not",
            ),
            (550, &["4.7.1 class differs"], None, "550 4.7.1 class differs"),
            (220, &["127.0.0.1 hello"], None, "220 127.0.0.1 hello"),
            (354, &["3.0.0 go"], None, "354 3.0.0 go"),
            (250, &[""], None, "250"),
        ];
        for (code, lines, enhanced, shown) in cases {
            let reply = Reply::new(*code, lines.iter().map(|line| (*line).to_owned()).collect());
            assert_eq!((reply.enhanced, reply.to_string().as_str()), (*enhanced, *shown));
        }
    }
}
