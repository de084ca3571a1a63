//! Stock moved by hand: what warehouse staff and sellers do to the counters beside the orders (F1).
//!
//! | movement | takes from | adds to |
//! |---|---|---|
//! | receive | (a supplier) | available, received |
//! | hold | available | on hold |
//! | release hold | on hold | available |
//! | damage | available | damaged |
//! | write off | damaged | written off |
//!
//! What is on hold and turns out damaged is released first, then damaged. Reserved units belong to orders and move with
//! them only.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::Actor;
use crate::catalog::stock::{Counter, Stock};

/// Most units that one movement may move.
pub const MAX_MOVED_UNITS: u32 = 1_000_000;

/// Most units that a product may ever have received; far below what a counter can hold.
pub const MAX_RECEIVED_UNITS: u32 = 1_000_000_000;

/// What is done to units of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Taken in.
    Receive,
    /// Set aside, for a quality check.
    Hold,
    /// Put back on sale.
    ReleaseHold,
    /// Found unfit for sale.
    Damage,
    /// Taken off the books.
    WriteOff,
}

impl MovementKind {
    /// The name that clients use.
    pub fn name(self) -> &'static str {
        match self {
            MovementKind::Receive => "receive",
            MovementKind::Hold => "hold",
            MovementKind::ReleaseHold => "release_hold",
            MovementKind::Damage => "damage",
            MovementKind::WriteOff => "write_off",
        }
    }

    /// The counters that change, with their signed difference in units.
    pub fn deltas(self, quantity: u32) -> [(Counter, i64); 2] {
        let units = i64::from(quantity);
        match self {
            MovementKind::Receive => [(Counter::Received, units), (Counter::Available, units)],
            MovementKind::Hold => [(Counter::Available, -units), (Counter::OnHold, units)],
            MovementKind::ReleaseHold => [(Counter::OnHold, -units), (Counter::Available, units)],
            MovementKind::Damage => [(Counter::Available, -units), (Counter::Damaged, units)],
            MovementKind::WriteOff => [(Counter::Damaged, -units), (Counter::WrittenOff, units)],
        }
    }

    /// The counters after the movement, or nothing if there are too few units for it, or too many to count.
    pub fn applied(self, stock: &Stock, quantity: u32) -> Option<Stock> {
        let after = stock.moved(&self.deltas(quantity))?;
        (after.received <= MAX_RECEIVED_UNITS).then_some(after)
    }
}

/// One movement as it is recorded; never updated (K6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Names it.
    pub id: Uuid,
    /// What was done.
    pub kind: MovementKind,
    /// To how many units, at least one.
    pub quantity: u32,
    /// Why, in the words of whoever did it; no personal data.
    pub reason: String,
    pub actor: Actor,
    pub at: Timestamp,
    /// On which request (P1).
    pub correlation_id: String,
    /// The counters right after it.
    pub after: Stock,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds() -> impl Strategy<Value = MovementKind> {
        use MovementKind::{Damage, Hold, Receive, ReleaseHold, WriteOff};
        prop::sample::select(vec![Receive, Hold, ReleaseHold, Damage, WriteOff])
    }

    proptest! {
        /// Invariant 4.
        #[test]
        fn f1_no_sequence_of_movements_unbalances_the_ledger(steps in prop::collection::vec((kinds(), 1_u32..30), 0..60)) {
            let mut stock = Stock::received(20);
            for (kind, quantity) in steps {
                let taken = kind.deltas(quantity).into_iter().find(|(_, delta)| *delta < 0);
                match kind.applied(&stock, quantity) {
                    Some(after) => stock = after,
                    None => prop_assert!(taken.is_some(), "only what takes can be short: {:?}", stock),
                }
                prop_assert!(stock.is_balanced(), "{:?}", stock);
            }
        }
    }

    #[test]
    fn nothing_is_taken_that_is_not_there() {
        let stock = Stock::received(3);
        assert_eq!(MovementKind::Hold.applied(&stock, 4), None);
        assert_eq!(MovementKind::ReleaseHold.applied(&stock, 1), None);
        assert_eq!(MovementKind::WriteOff.applied(&stock, 1), None);
        assert_eq!(MovementKind::Receive.applied(&Stock::received(MAX_RECEIVED_UNITS), 1), None);
        let damaged = MovementKind::Damage.applied(&stock, 2).unwrap();
        let gone = MovementKind::WriteOff.applied(&damaged, 2).unwrap();
        assert_eq!(gone, Stock { available: 1, written_off: 2, ..stock });
    }
}
