//! The one place that writes to standard output and standard error.
//!
//! Everything for people is cleaned on its way out, whoever wrote it; colours are added here and nowhere else, so no
//! other part of the command ever needs to write an escape sequence.

mod progress;
mod quantity;
mod table;
mod text;
mod zone;

use std::cell::OnceCell;
use std::fmt;
use std::io::{self, IsTerminal, Write};

use jiff::tz::TimeZone;
use mailroom_api::{ErrorCode, WireError};
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use progress::SyncProgress;
pub(crate) use quantity::{bytes, count, messages, number};
pub(crate) use table::{Column, Table};
pub(crate) use text::clean_line;

use crate::failure::Failure;
use crate::words;

/// How a line looks. A terminal without colours, and everything that is not a terminal, shows them all alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    #[default]
    Plain,
    /// What the eye should find first.
    Strong,
    /// What may be overlooked.
    Dim,
    /// What works.
    Good,
    /// What does not.
    Bad,
}

impl Style {
    fn codes(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\u{1b}[1m",
            Self::Dim => "\u{1b}[2m",
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[31m",
        }
    }
}

/// What the writer has to know about where it writes.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// Columns of the terminal; `None` when standard output is none.
    pub(crate) columns: Option<usize>,
    /// Columns of the terminal; `None` when standard error is none.
    pub(crate) error_columns: Option<usize>,
    /// True when a person can type an answer.
    pub(crate) answers: bool,
    /// True when colours are wanted where a terminal shows them.
    pub(crate) colours: bool,
    /// The reader's time zone; `None` for the system's, which is looked for when the first date is printed.
    pub(crate) zone: Option<TimeZone>,
    /// True when the environment names a zone (TZ).
    pub(crate) names_zone: bool,
}

impl Surroundings {
    /// What this process sees; `colours` as the environment wants them, `names_zone` when it names a time zone.
    pub(crate) fn of_process(colours: bool, names_zone: bool) -> Self {
        let columns = || {
            let (width, _) = terminal_size::terminal_size()?;
            Some(usize::from(width.0).clamp(40, 400))
        };
        Self {
            columns: io::stdout().is_terminal().then(columns).flatten(),
            error_columns: io::stderr().is_terminal().then(columns).flatten(),
            answers: io::stdin().is_terminal() && io::stderr().is_terminal(),
            // Old Windows consoles have to be told to obey; elsewhere there is nothing to tell.
            colours: colours && anstyle_query::windows::enable_ansi_colors() != Some(false),
            zone: None,
            names_zone,
        }
    }
}

/// The writer.
pub(crate) struct Output {
    json: bool,
    verbose: bool,
    surroundings: Surroundings,
    zone: OnceCell<TimeZone>,
    out: Box<dyn Write>,
    err: Box<dyn Write>,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("json", &self.json)
            .finish_non_exhaustive()
    }
}

impl Output {
    /// A writer to the process's own streams.
    pub(crate) fn of_process(json: bool, verbose: bool, surroundings: Surroundings) -> Self {
        Self {
            json,
            verbose,
            surroundings,
            zone: OnceCell::new(),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
        }
    }

    /// A writer to anything.
    #[cfg(test)]
    pub(crate) fn to(
        json: bool,
        surroundings: Surroundings,
        out: Box<dyn Write>,
        err: Box<dyn Write>,
    ) -> Self {
        Self {
            json,
            verbose: false,
            surroundings,
            zone: OnceCell::new(),
            out,
            err,
        }
    }

    /// True when a program reads.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// True when a person is there who can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        self.surroundings.answers
    }

    /// True when standard output is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.surroundings.columns.is_some()
    }

    /// Progress bars when somebody would see them.
    pub(crate) fn progress(&self) -> Option<SyncProgress> {
        (!self.json && self.surroundings.error_columns.is_some()).then(SyncProgress::new)
    }

    /// A date for people.
    pub(crate) fn moment(&self, milliseconds: i64) -> String {
        let zone = self.zone.get_or_init(|| match &self.surroundings.zone {
            Some(zone) => zone.clone(),
            None => zone::of_system(self.surroundings.names_zone),
        });
        quantity::moment(milliseconds, zone)
    }

    /// A reply: the document for a program, or whatever `people` writes.
    pub(crate) fn reply(
        &mut self,
        reply: &Value,
        people: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.json {
            self.document(reply)
        } else {
            people(self)
        }
    }

    /// One JSON document on a line of its own, there at once.
    pub(crate) fn document(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(|error| Failure::internal(&error))?;
        self.write(&text::clean_json(&text))
    }

    /// The last line of a stream.
    pub(crate) fn result(&mut self, value: &Value) -> Result<(), Failure> {
        self.document(&json!({ "event": "result", "value": value }))
    }

    /// A line for people.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.styled(Style::Plain, text)
    }

    /// A line for people that looks like something.
    pub(crate) fn styled(&mut self, style: Style, text: &str) -> Result<(), Failure> {
        self.write_styled(style, &clean_line(text))
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) -> Result<(), Failure> {
        self.line("")
    }

    /// A sentence or several, folded to the terminal, every line indented.
    pub(crate) fn paragraph(&mut self, style: Style, indent: usize, text: &str) -> Result<(), Failure> {
        let clean = clean_line(text);
        for line in folded(&clean, indent, self.surroundings.columns) {
            self.write_styled(style, &line)?;
        }
        Ok(())
    }

    /// A name and what belongs to it, folded so that the name stands alone on the left.
    pub(crate) fn field(&mut self, indent: usize, name: &str, value: &str) -> Result<(), Failure> {
        let name = text::pad_end(&clean_line(name), FIELD_COLUMNS);
        let start = format!("{}{name}  ", " ".repeat(indent));
        let value = clean_line(value);
        let lines = match self.surroundings.columns {
            Some(columns) => text::fold(&value, columns.saturating_sub(text::width(&start))),
            None => vec![value],
        };
        for (index, line) in lines.iter().enumerate() {
            let start = if index == 0 {
                start.clone()
            } else {
                " ".repeat(text::width(&start))
            };
            self.write(format!("{start}{line}").trim_end())?;
        }
        Ok(())
    }

    /// Foreign text with its own line breaks, folded to the terminal.
    pub(crate) fn block(&mut self, text: &str) -> Result<(), Failure> {
        for clean in text::clean_lines(text) {
            for line in folded(&clean, 0, self.surroundings.columns) {
                self.write(line.trim_end())?;
            }
        }
        Ok(())
    }

    /// A table.
    pub(crate) fn table(&mut self, table: &Table) -> Result<(), Failure> {
        for (style, line) in table.lines(self.surroundings.columns) {
            self.write_styled(style, &line)?;
        }
        Ok(())
    }

    /// Bytes as they are, for a file or another program; what they hold is cleaned when a terminal would get them.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_terminal() {
            return self.block(&String::from_utf8_lossy(bytes));
        }
        self.out
            .write_all(bytes)
            .and_then(|()| self.out.flush())
            .map_err(Failure::Output)
    }

    /// A text that this program wrote itself, as it is; in a document for a program that wants one.
    pub(crate) fn generated(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.json {
            return self.document(&json!({ "text": String::from_utf8_lossy(bytes) }));
        }
        self.out
            .write_all(bytes)
            .and_then(|()| self.out.flush())
            .map_err(Failure::Output)
    }

    /// The sentences of an error in the middle of other lines for people.
    pub(crate) fn explanation(&mut self, indent: usize, error: &WireError) -> Result<(), Failure> {
        let lines = self.error_lines(error, indent, self.surroundings.columns);
        for (style, line) in lines {
            self.write_styled(style, &line)?;
        }
        Ok(())
    }

    /// A remark for people on standard error; programs do not get it.
    pub(crate) fn remark(&mut self, text: &str) {
        if self.json {
            return;
        }
        let clean = clean_line(text);
        for line in folded(&clean, 0, self.surroundings.error_columns) {
            // Standard error is the last resort: when it is gone there is nobody left to tell.
            let _ = writeln!(self.err, "{line}");
        }
    }

    /// A question on standard error, the cursor behind it.
    pub(crate) fn question(&mut self, text: &str) {
        let _ = write!(self.err, "{} ", clean_line(text)).and_then(|()| self.err.flush());
    }

    /// The error that ends the command, on standard error.
    pub(crate) fn error(&mut self, error: &WireError) {
        if self.json {
            if let Ok(text) = serde_json::to_string(error) {
                let _ = writeln!(self.err, "{}", text::clean_json(&text));
            }
            return;
        }
        let columns = self.surroundings.error_columns;
        let colours = self.surroundings.colours && columns.is_some();
        for (style, line) in self.error_lines(error, 0, columns) {
            let _ = writeln!(self.err, "{}", dressed(style, &line, colours));
        }
    }

    fn error_lines(&self, error: &WireError, indent: usize, columns: Option<usize>) -> Vec<(Style, String)> {
        let told = words::explain(error);
        if error.code == ErrorCode::Cancelled {
            // The person knows; there is nothing to explain.
            return folded(&told.what, indent, columns)
                .into_iter()
                .map(|line| (Style::Dim, line))
                .collect();
        }
        let mut lines = Vec::new();
        let mut add = |style: Style, indent: usize, text: &str| {
            let clean = clean_line(text);
            if !clean.trim().is_empty() {
                lines.extend(
                    folded(&clean, indent, columns)
                        .into_iter()
                        .map(|line| (style, line)),
                );
            }
        };
        add(Style::Bad, indent, &told.what);
        if let Some(reply) = &told.reply {
            add(Style::Plain, indent + 2, &format!("The server said: “{reply}”"));
        }
        add(Style::Plain, indent + 2, &told.meaning);
        add(Style::Plain, indent + 2, &told.action);
        for certificate in words::chain(error) {
            let until = certificate
                .until
                .map(|until| format!(", valid until {}", self.moment(until)))
                .unwrap_or_default();
            let (subject, issuer) = (certificate.subject, certificate.issuer);
            add(
                Style::Plain,
                indent + 2,
                &format!("Certificate for “{subject}”, issued by “{issuer}”{until}"),
            );
            add(
                Style::Plain,
                indent + 4,
                &format!("SHA-256 {}", certificate.fingerprint),
            );
        }
        if let Some(how) = words::how_to_trust(error) {
            add(Style::Plain, indent + 2, &how);
        }
        let code = error.code.as_str();
        if self.verbose && !error.detail.is_empty() {
            add(Style::Dim, indent + 2, &format!("({code}: {})", error.detail));
        } else {
            add(Style::Dim, indent + 2, &format!("({code})"));
        }
        lines
    }

    fn write_styled(&mut self, style: Style, line: &str) -> Result<(), Failure> {
        let colours = self.surroundings.colours && self.surroundings.columns.is_some();
        let line = dressed(style, line, colours);
        self.write(&line)
    }

    fn write(&mut self, line: &str) -> Result<(), Failure> {
        writeln!(self.out, "{line}")
            .and_then(|()| self.out.flush())
            .map_err(Failure::Output)
    }
}

/// The width of the names on the left.
const FIELD_COLUMNS: usize = 12;

fn folded(clean: &str, indent: usize, columns: Option<usize>) -> Vec<String> {
    let start = " ".repeat(indent);
    match columns {
        Some(columns) => text::fold(clean, columns.saturating_sub(indent)),
        None => vec![clean.to_owned()],
    }
    .into_iter()
    .map(|line| {
        if line.is_empty() {
            line
        } else {
            format!("{start}{line}")
        }
    })
    .collect()
}

fn dressed(style: Style, line: &str, colours: bool) -> String {
    let codes = style.codes();
    if !colours || codes.is_empty() || line.is_empty() {
        line.to_owned()
    } else {
        format!("{codes}{line}\u{1b}[0m")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// Standard output and standard error that can be read afterwards.
    #[derive(Clone, Default)]
    pub(crate) struct Paper(Rc<RefCell<Vec<u8>>>);

    impl Paper {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    pub(crate) fn on_paper(json: bool, columns: Option<usize>) -> (Output, Paper, Paper) {
        let (out, err) = (Paper::default(), Paper::default());
        let surroundings = Surroundings {
            columns,
            error_columns: columns,
            answers: false,
            colours: true,
            zone: Some(TimeZone::UTC),
            names_zone: false,
        };
        let output = Output::to(json, surroundings, Box::new(out.clone()), Box::new(err.clone()));
        (output, out, err)
    }

    #[test]
    fn output_cleans_foreign_text_and_keeps_its_own_colours() {
        let (mut output, out, _) = on_paper(false, Some(80));
        output.styled(Style::Strong, "sub\u{1b}[2Jject").unwrap();
        output.block("a\u{1b}]0;x\u{7}b\n> c").unwrap();
        output.field(0, "From", "J\u{202e}an").unwrap();
        assert_eq!(
            out.text(),
            "\u{1b}[1msubject\u{1b}[0m\nab\n> c\nFrom          Jan\n"
        );
    }

    #[test]
    fn output_without_a_terminal_has_no_colours_and_no_folding() {
        let (mut output, out, _) = on_paper(false, None);
        let long = "word ".repeat(60);
        output.paragraph(Style::Bad, 2, long.trim_end()).unwrap();
        assert_eq!(out.text(), format!("  {}\n", long.trim_end()));
    }

    #[test]
    fn output_bytes_for_a_program_are_untouched_and_for_a_terminal_are_cleaned() {
        let (mut output, out, _) = on_paper(false, None);
        output.bytes(b"\x1b[31m\xff\r\n").unwrap();
        assert_eq!(out.0.borrow().as_slice(), b"\x1b[31m\xff\r\n");
        let (mut output, out, _) = on_paper(false, Some(80));
        output.bytes(b"\x1b[31mred\r\nb").unwrap();
        assert_eq!(out.text(), "red\nb\n");
    }

    #[test]
    fn output_of_an_error_for_a_program_is_one_line_with_four_fields() {
        let (mut output, out, err) = on_paper(true, None);
        output.error(&WireError::new(
            ErrorCode::AuthFailed,
            &[("host", "h".into())],
            "d\u{1b}",
        ));
        output.remark("not for programs");
        assert_eq!(out.text(), "");
        assert_eq!(
            err.text(),
            "{\"code\":\"auth_failed\",\"fixer\":\"you\",\"params\":{\"host\":\"h\"},\"detail\":\"d\\u001b\"}\n"
        );
    }

    #[test]
    fn output_of_an_error_for_people_says_what_why_and_what_to_do() {
        let (mut output, _, err) = on_paper(false, None);
        let error = WireError::new(
            ErrorCode::AuthFailed,
            &[("host", "imap.x.pl".into()), ("reply", "NO \u{1b}[31mbad".into())],
            "d",
        );
        output.error(&error);
        let text = err.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "imap.x.pl did not accept the user name or the password."
        );
        assert_eq!(lines[1], "  The server said: “NO bad”");
        assert_eq!(lines.last(), Some(&"  (auth_failed)"));
        assert!(lines.len() >= 4, "{text}");
    }
}
