//! Tables aligned by what the eye sees.

use super::Style;
use super::text::{cell, pad_end, pad_start, shorten, width};

/// The least that a column is squeezed to.
const NARROWEST: usize = 8;

/// One column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    title: &'static str,
    numbers: bool,
    squeezed: bool,
}

impl Column {
    /// Words, shown whole.
    pub(crate) const fn words(title: &'static str) -> Self {
        Self {
            title,
            numbers: false,
            squeezed: false,
        }
    }

    /// Words that may be shortened when the terminal is narrow.
    pub(crate) const fn squeezed(title: &'static str) -> Self {
        Self {
            title,
            numbers: false,
            squeezed: true,
        }
    }

    /// Numbers, aligned to the right.
    pub(crate) const fn numbers(title: &'static str) -> Self {
        Self {
            title,
            numbers: true,
            squeezed: false,
        }
    }
}

/// Rows under titles.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<(Style, Vec<String>)>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; every cell is cleaned.
    pub(crate) fn row(&mut self, style: Style, cells: impl IntoIterator<Item = String>) {
        self.rows
            .push((style, cells.into_iter().map(|text| cell(&text)).collect()));
    }

    /// The lines, the titles first; not wider than `columns` as far as shortening can help. `None`: nothing is
    /// shortened, because a program or a file reads it.
    pub(crate) fn lines(&self, columns: Option<usize>) -> Vec<(Style, String)> {
        let titles: Vec<String> = self
            .columns
            .iter()
            .map(|column| column.title.to_owned())
            .collect();
        let mut widths: Vec<usize> = titles.iter().map(|title| width(title)).collect();
        for (_, cells) in &self.rows {
            for (most, text) in widths.iter_mut().zip(cells) {
                *most = (*most).max(width(text));
            }
        }
        if let Some(columns) = columns {
            self.squeeze(&mut widths, columns);
        }
        let mut lines = vec![(Style::Dim, self.line(&titles, &widths))];
        lines.extend(
            self.rows
                .iter()
                .map(|(style, cells)| (*style, self.line(cells, &widths))),
        );
        lines
    }

    /// Takes columns from the widest column that may be squeezed until the line fits.
    fn squeeze(&self, widths: &mut [usize], columns: usize) {
        let gaps = 2 * widths.len().saturating_sub(1);
        loop {
            let total: usize = widths.iter().sum::<usize>() + gaps;
            let widest = widths
                .iter_mut()
                .zip(&self.columns)
                .filter(|(most, column)| column.squeezed && **most > NARROWEST)
                .map(|(most, _)| most)
                .max_by_key(|most| **most);
            match widest {
                Some(most) if total > columns => *most -= 1,
                _ => return,
            }
        }
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (index, ((text, most), column)) in cells.iter().zip(widths).zip(&self.columns).enumerate() {
            if index > 0 {
                line.push_str("  ");
            }
            let text = shorten(text, *most);
            line.push_str(&if column.numbers {
                pad_start(&text, *most)
            } else {
                pad_end(&text, *most)
            });
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(table: &Table, columns: Option<usize>) -> Vec<String> {
        table.lines(columns).into_iter().map(|(_, line)| line).collect()
    }

    fn sample() -> Table {
        let mut table = Table::new(&[
            Column::numbers("ID"),
            Column::squeezed("From"),
            Column::squeezed("Subject"),
        ]);
        let rows = [
            ("7", "Jan", "Invoice"),
            ("12", "Ольга Иванова", "Счёт за ноябрь"),
            ("123", "田中太郎", "請求書"),
            ("4", "Zoe\u{301}", "cafe\u{301}\u{1b}[31m\tend"),
        ];
        for (id, from, subject) in rows {
            table.row(Style::Plain, [id.to_owned(), from.to_owned(), subject.to_owned()]);
        }
        table
    }

    #[test]
    fn table_with_wide_letters_aligns_columns() {
        assert_eq!(
            drawn(&sample(), None),
            [
                " ID  From           Subject",
                "  7  Jan            Invoice",
                " 12  Ольга Иванова  Счёт за ноябрь",
                "123  田中太郎       請求書",
                "  4  Zoe\u{301}            cafe\u{301} end",
            ]
        );
    }

    #[test]
    fn table_on_a_narrow_terminal_shortens_the_widest_column_first() {
        let lines = drawn(&sample(), Some(28));
        assert_eq!(lines[2], " 12  Ольга Иван…  Счёт за н…");
        assert!(lines.iter().all(|line| width(line) <= 28), "{lines:?}");
        let narrow = drawn(&sample(), Some(5));
        assert_eq!(narrow[2], " 12  Ольга И…  Счёт за…");
    }

    #[test]
    fn table_without_rows_is_its_titles() {
        assert_eq!(
            drawn(&Table::new(&[Column::words("A"), Column::words("B")]), Some(80)),
            ["A  B"]
        );
    }
}
