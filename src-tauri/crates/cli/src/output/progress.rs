//! Progress bars of synchronisation, on standard error.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use mailroom_api::dto::EventView;

use super::quantity;
use super::text::{cell, pad_end, shorten};

/// Columns for the folder's name.
const FOLDER_COLUMNS: usize = 20;

const TEMPLATE: &str = "{prefix} {bar:12} {pos}/{len}  {msg}  {rate}  {left}";

/// One bar for every folder that is being loaded.
#[derive(Debug)]
pub(crate) struct SyncProgress {
    all: MultiProgress,
    bars: BTreeMap<(String, String), Bar>,
}

#[derive(Debug)]
struct Bar {
    drawn: ProgressBar,
    bytes: Arc<AtomicU64>,
}

impl SyncProgress {
    /// No bars yet.
    pub(crate) fn new() -> Self {
        Self {
            all: MultiProgress::new(),
            bars: BTreeMap::new(),
        }
    }

    /// Draws what an event says.
    pub(crate) fn show(&mut self, event: &EventView) {
        match event {
            EventView::SyncProgressed {
                address,
                folder,
                messages,
                messages_total,
                bytes,
                bytes_total,
            } => {
                let key = (address.clone(), folder.clone());
                let all = &self.all;
                let bar = self.bars.entry(key).or_insert_with(|| Bar::new(all, folder));
                bar.update(*messages, *messages_total, *bytes, *bytes_total);
            }
            EventView::TransferProgressed {
                address,
                folder,
                messages,
                messages_total,
                bytes,
                bytes_total,
            } => {
                // One bar for the whole: its folders come one after the other.
                let key = (address.clone(), String::new());
                let all = &self.all;
                let bar = self.bars.entry(key).or_insert_with(|| Bar::new(all, folder));
                bar.update(*messages, (*messages_total).max(*messages), *bytes, *bytes_total);
            }
            EventView::FolderSynced { address, folder, .. } => {
                if let Some(bar) = self.bars.remove(&(address.clone(), folder.clone())) {
                    bar.drawn.finish_and_clear();
                }
            }
            EventView::SyncEnded { address, .. } => {
                self.bars.retain(|(owner, _), bar| {
                    if owner == address {
                        bar.drawn.finish_and_clear();
                    }
                    owner != address
                });
            }
            _ => {}
        }
    }

    /// Takes the bars away while `write` writes lines.
    pub(crate) fn around<R>(&self, write: impl FnOnce() -> R) -> R {
        self.all.suspend(write)
    }
}

impl Drop for SyncProgress {
    fn drop(&mut self) {
        for bar in self.bars.values() {
            bar.drawn.finish_and_clear();
        }
    }
}

impl Bar {
    fn new(all: &MultiProgress, folder: &str) -> Self {
        let bytes = Arc::new(AtomicU64::new(0));
        let drawn = all.add(ProgressBar::new(0));
        let loaded = Arc::clone(&bytes);
        let style = ProgressStyle::with_template(TEMPLATE)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─")
            .with_key(
                "rate",
                move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = out.write_str(&rate(loaded.load(Ordering::Relaxed), state.elapsed().as_millis()));
                },
            )
            .with_key("left", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{}", left(state.pos(), state.len(), state.eta().as_secs()));
            });
        drawn.set_style(style);
        drawn.set_prefix(pad_end(&shorten(&cell(folder), FOLDER_COLUMNS), FOLDER_COLUMNS));
        Self { drawn, bytes }
    }

    fn update(&self, messages: i64, messages_total: i64, bytes: i64, bytes_total: i64) {
        self.bytes
            .store(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed);
        let size = if bytes_total > bytes {
            format!("{} of {}", quantity::bytes(bytes), quantity::bytes(bytes_total))
        } else {
            quantity::bytes(bytes)
        };
        self.drawn
            .set_length(u64::try_from(messages_total.max(messages)).unwrap_or(0));
        self.drawn.set_message(size);
        self.drawn.set_position(u64::try_from(messages).unwrap_or(0));
    }
}

/// `1.2 MB/s`; nothing before there is anything to divide.
fn rate(bytes: u64, milliseconds: u128) -> String {
    let bytes = u128::from(bytes);
    match (bytes * 1000).checked_div(milliseconds) {
        Some(per_second) if milliseconds >= 200 => {
            format!(
                "{}/s",
                quantity::bytes(i64::try_from(per_second).unwrap_or(i64::MAX))
            )
        }
        _ => String::new(),
    }
}

/// `3 min left`; nothing when it is done or not known.
fn left(position: u64, length: Option<u64>, seconds: u64) -> String {
    match length {
        Some(length) if position > 0 && position < length => match seconds {
            0..=1 => "a moment left".to_owned(),
            2..=90 => format!("{seconds} s left"),
            91..=5400 => format!("{} min left", seconds.div_ceil(60)),
            _ => format!("{} h left", seconds.div_ceil(3600)),
        },
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_divides_bytes_by_time() {
        assert_eq!(rate(5_000_000, 2000), "2.5 MB/s");
        assert_eq!(rate(5_000_000, 100), "");
        assert_eq!(rate(5_000_000, 0), "");
    }

    #[test]
    fn time_left_is_said_in_the_unit_people_use() {
        let cases = [
            (0, Some(10), 5, ""),
            (10, Some(10), 5, ""),
            (1, None, 5, ""),
            (1, Some(10), 0, "a moment left"),
            (1, Some(10), 45, "45 s left"),
            (1, Some(10), 150, "3 min left"),
            (1, Some(10), 9000, "3 h left"),
        ];
        for (position, length, seconds, text) in cases {
            assert_eq!(left(position, length, seconds), text);
        }
    }
}
