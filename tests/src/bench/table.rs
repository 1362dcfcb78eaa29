//! Figures in rows: minimum, median and maximum of several runs, and the ratio to a peer.

use std::fmt::Write;

use super::Run;

/// Rows of runs. The ratios are taken pair by pair (the first run against the peer's first, and so on), so that a machine
/// that changes its speed between rounds does not change them.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(String, Vec<Run>)>,
}

impl Table {
    /// Adds one run to the row `name`.
    pub fn add(&mut self, name: &str, run: Run) {
        match self.rows.iter_mut().find(|(row, _)| row == name) {
            Some((_, runs)) => runs.push(run),
            None => self.rows.push((name.to_owned(), vec![run])),
        }
    }

    /// The table as text; ratios of wall time against the row `peer`.
    pub fn text(&self, peer: &str) -> String {
        let mut text = format!(
            "{:<44} {:>24} {:>8} {:>10} {:>10}\n",
            "", "wall s (min med max)", "cpu s", "peak MB", "/ peer"
        );
        let peers = self
            .rows
            .iter()
            .find(|(name, _)| name == peer)
            .map(|(_, runs)| runs.as_slice())
            .unwrap_or_default();
        for (name, runs) in &self.rows {
            let walls: Vec<f64> = runs.iter().map(|run| run.wall.as_secs_f64()).collect();
            let ratios: Vec<f64> = walls
                .iter()
                .zip(peers)
                .map(|(own, peer)| own / peer.wall.as_secs_f64())
                .collect();
            let (low, middle, high) = spread(&walls);
            let (_, cpu, _) = spread(&runs.iter().map(|run| run.cpu_s).collect::<Vec<_>>());
            let peak = runs.iter().map(|run| run.peak_bytes).max().unwrap_or(0);
            let peak = if peak == 0 {
                "-".to_owned()
            } else {
                (peak / 1_000_000).to_string()
            };
            let cpu = if cpu == 0.0 {
                "-".to_owned()
            } else {
                format!("{cpu:.2}")
            };
            // Writing into a String does not fail.
            let _ = writeln!(
                text,
                "{name:<44} {low:>8.2}{middle:>8.2}{high:>8.2} {cpu:>8} {peak:>10} {:>10.2}",
                spread(&ratios).1
            );
        }
        text
    }

    /// The median ratio of wall times of row `own` to row `peer`.
    pub fn ratio(&self, own: &str, peer: &str) -> f64 {
        let walls = |name: &str| -> Vec<f64> {
            let row = self.rows.iter().find(|(row, _)| row == name);
            row.map(|(_, runs)| runs.iter().map(|run| run.wall.as_secs_f64()).collect())
                .unwrap_or_default()
        };
        let ratios: Vec<f64> = walls(own)
            .iter()
            .zip(walls(peer))
            .map(|(own, peer)| own / peer)
            .collect();
        spread(&ratios).1
    }

    /// The largest peak of memory in row `own`, in megabytes.
    pub fn peak_mb(&self, own: &str) -> f64 {
        let row = self.rows.iter().find(|(row, _)| row == own);
        let peak = row.and_then(|(_, runs)| runs.iter().map(|run| run.peak_bytes).max());
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let peak = peak.unwrap_or(0) as f64;
        peak / 1e6
    }
}

/// Minimum, median, maximum; zeros for nothing.
fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    (at(0), at(sorted.len() / 2), at(sorted.len().saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn table_shows_median_and_paired_ratio() {
        let mut table = Table::default();
        for (own, peer) in [(1, 2), (4, 4), (3, 12)] {
            table.add(
                "own",
                Run {
                    wall: Duration::from_secs(own),
                    cpu_s: 0.5,
                    peak_bytes: 2_000_000,
                },
            );
            table.add(
                "peer",
                Run {
                    wall: Duration::from_secs(peer),
                    ..Run::default()
                },
            );
        }
        assert!((table.ratio("own", "peer") - 0.5).abs() < 1e-9);
        let text = table.text("peer");
        assert!(
            text.contains("1.00    3.00    4.00     0.50          2       0.50"),
            "{text}"
        );
    }
}
