//! Rows of the table in `docs/performance.md`.

use std::fmt::Write as _;

/// One row: what was done, what it took, what it may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    work: String,
    measured: String,
    target: String,
    is_met: Option<bool>,
}

impl Figure {
    /// A figure with a target: `value` may be `most` in `unit`. `details` stand behind the value, like the spread.
    pub fn at_most(work: &str, value: f64, unit: &str, details: &str, most: f64) -> Self {
        Self {
            work: work.to_owned(),
            measured: measured(value, unit, details),
            target: format!("≤ {}", amount(most, unit)),
            is_met: Some(value <= most),
        }
    }

    /// A figure without a target.
    pub fn plain(work: &str, value: f64, unit: &str, details: &str) -> Self {
        Self {
            work: work.to_owned(),
            measured: measured(value, unit, details),
            target: String::new(),
            is_met: None,
        }
    }

    /// A row that could not be measured in this run, and why.
    pub fn missing(work: &str, why: &str) -> Self {
        Self {
            work: work.to_owned(),
            measured: why.to_owned(),
            target: String::new(),
            is_met: None,
        }
    }
}

/// The rows as a Markdown table.
pub fn markdown(figures: &[Figure]) -> String {
    let mut text = String::from("| Work | Measured | Target | |\n|---|---|---|---|\n");
    for figure in figures {
        let verdict = match figure.is_met {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        // Writing into a String does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {verdict} |",
            figure.work, figure.measured, figure.target
        );
    }
    text
}

fn measured(value: f64, unit: &str, details: &str) -> String {
    let value = amount(value, unit);
    if details.is_empty() {
        value
    } else {
        format!("{value} ({details})")
    }
}

/// A value that is read at a glance: three digits that count.
fn amount(value: f64, unit: &str) -> String {
    let number = if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    };
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        &number
    };
    match unit {
        "" => number.to_owned(),
        "×" => format!("{number} ×"),
        unit => format!("{number} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_says_what_was_met_and_what_was_missed() {
        let figures = [
            Figure::at_most("list", 1.234, "ms", "95 % 2 ms", 5.0),
            Figure::at_most("load", 1.75, "×", "", 1.0),
            Figure::plain("size", 1024.4, "MB", ""),
            Figure::missing("notmuch", "not installed"),
        ];
        assert_eq!(
            markdown(&figures),
            "| Work | Measured | Target | |\n|---|---|---|---|\n\
             | list | 1.23 ms (95 % 2 ms) | ≤ 5 ms | met |\n\
             | load | 1.75 × | ≤ 1 × | **missed** |\n\
             | size | 1024 MB |  |  |\n\
             | notmuch | not installed |  |  |\n"
        );
    }
}
