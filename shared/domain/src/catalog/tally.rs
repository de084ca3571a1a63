//! What the counters of a product must be, by everything that ever moved its units.

use std::collections::BTreeMap;

use super::stock::{Counter, Stock};

/// Sums of all moves of orders and of all movements by hand, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Counter, i64>);

/// More units were taken from a counter than ever came to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    pub counter: Counter,
    /// At least one.
    pub units: u32,
}

impl Tally {
    /// Counts one move or movement.
    pub fn add(&mut self, deltas: &[(Counter, i64)]) {
        for (counter, delta) in deltas {
            *self.0.entry(*counter).or_default() += delta;
        }
    }

    /// The counters of a product that has taken in `received` units. Those of them that no movement tells of were there from
    /// the first.
    pub fn stock(&self, received: u32) -> Result<Stock, Missing> {
        let told = self.0.get(&Counter::Received).copied().unwrap_or_default();
        let first = (i64::from(received) - told).max(0);
        let mut sums = self.0.clone();
        for counter in [Counter::Available, Counter::Received] {
            *sums.entry(counter).or_default() += first;
        }
        sums.into_iter().try_fold(Stock::default(), |stock, (counter, units)| {
            let missing = || Missing { counter, units: u32::try_from(-units).unwrap_or(u32::MAX) };
            stock.moved(&[(counter, units)]).ok_or_else(missing)
        })
    }
}
