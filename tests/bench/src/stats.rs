//! Quantiles of what was measured.

/// A set of measurements, in the order of their size.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    /// Of these values.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Sample(values)
    }

    /// The smallest value that so many of a hundred do not exceed (nearest rank); zero of nothing.
    pub(crate) fn percentile(&self, percent: u32) -> f64 {
        let rank = (self.0.len() * percent as usize).div_ceil(100);
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The middle.
    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let sample = Sample::of((1..=200).rev().map(f64::from));
        let read = |percent| sample.percentile(percent);
        assert_eq!((read(50), read(95), read(99), read(100)), (100.0, 190.0, 198.0, 200.0));
        assert_eq!(Sample::of([7.0]).percentile(99), 7.0);
    }

    #[test]
    fn nothing_has_no_percentiles() {
        assert_eq!((Sample::default().median(), Sample::default().len()), (0.0, 0));
    }
}
