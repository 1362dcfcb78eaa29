//! Many values of one thing.

/// Values of one measurement, in their order.
#[derive(Clone, Debug, Default)]
pub struct Spread(Vec<f64>);

impl Spread {
    /// The values of several runs.
    pub fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The value that this share of all does not exceed: 0 for the smallest, 0.5 for the median, 1 for the largest.
    /// NaN when there is none.
    pub fn at(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index of a short list"
        )]
        let index = (share * self.0.len().saturating_sub(1) as f64).round() as usize;
        self.0.get(index).copied().unwrap_or(f64::NAN)
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// The 95th percentile.
    pub fn p95(&self) -> f64 {
        self.at(0.95)
    }

    /// In words: how many, and how far they lie apart.
    pub fn details(&self, unit: &str) -> String {
        format!(
            "median {:.1} {unit}, 95 % {:.1} {unit}, worst {:.1} {unit} of {}",
            self.median(),
            self.p95(),
            self.at(1.0),
            self.count()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_of_a_hundred_values_gives_the_ranks() {
        let spread = Spread::new((0..=100).rev().map(f64::from).collect());
        assert!((spread.median() - 50.0).abs() < 1e-9);
        assert!((spread.p95() - 95.0).abs() < 1e-9);
        assert!((spread.at(1.0) - 100.0).abs() < 1e-9);
        assert!(Spread::default().median().is_nan());
    }
}
