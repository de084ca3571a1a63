//! Stock of a product, and the moves by which orders change it (F1–F6). Which event moves what is the order's business:
//! see [`crate::ordering::moves`].

use serde::{Deserialize, Serialize};

use crate::ids::ProductId;

/// Counters of one product, in units. None is ever negative, and always
/// `received = available + reserved + on_hold + damaged + shipped − returned + written_off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stock {
    /// Can be ordered.
    pub available: u32,
    /// Belongs to orders that have not shipped.
    pub reserved: u32,
    /// Waits for a quality check.
    pub on_hold: u32,
    /// Cannot be sold.
    pub damaged: u32,
    /// Handed to carriers, ever.
    pub shipped: u32,
    /// Come back from customers, ever.
    pub returned: u32,
    /// Taken in, ever.
    pub received: u32,
    /// Taken off the books, ever.
    #[serde(default)]
    pub written_off: u32,
}

impl Stock {
    /// A first delivery.
    pub fn received(units: u32) -> Self {
        Stock { available: units, received: units, ..Stock::default() }
    }

    /// Whether the ledger adds up.
    pub fn is_balanced(&self) -> bool {
        let held = [self.available, self.reserved, self.on_hold, self.damaged, self.shipped, self.written_off];
        held.iter().map(|units| u64::from(*units)).sum::<u64>() == u64::from(self.received) + u64::from(self.returned)
    }

    /// All counters by name.
    pub fn counters(&self) -> [(Counter, u32); 8] {
        [
            (Counter::Available, self.available),
            (Counter::Reserved, self.reserved),
            (Counter::OnHold, self.on_hold),
            (Counter::Damaged, self.damaged),
            (Counter::Shipped, self.shipped),
            (Counter::Returned, self.returned),
            (Counter::Received, self.received),
            (Counter::WrittenOff, self.written_off),
        ]
    }

    /// The counters after a move, or nothing if one would become negative.
    #[must_use]
    pub fn after(&self, step: &StockMove) -> Option<Stock> {
        self.moved(&step.deltas())
    }

    /// The counters after these differences, or nothing if one would become negative or too large to count.
    #[must_use]
    pub fn moved(&self, deltas: &[(Counter, i64)]) -> Option<Stock> {
        let mut next = *self;
        for (counter, delta) in deltas {
            let units = match counter {
                Counter::Available => &mut next.available,
                Counter::Reserved => &mut next.reserved,
                Counter::OnHold => &mut next.on_hold,
                Counter::Damaged => &mut next.damaged,
                Counter::Shipped => &mut next.shipped,
                Counter::Returned => &mut next.returned,
                Counter::Received => &mut next.received,
                Counter::WrittenOff => &mut next.written_off,
            };
            *units = units.checked_add_signed(i32::try_from(*delta).ok()?)?;
        }
        Some(next)
    }
}

/// One of the counters of [`Stock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// See [`Stock::available`].
    Available,
    /// See [`Stock::reserved`].
    Reserved,
    /// See [`Stock::on_hold`].
    OnHold,
    /// See [`Stock::damaged`].
    Damaged,
    /// See [`Stock::shipped`].
    Shipped,
    /// See [`Stock::returned`].
    Returned,
    /// See [`Stock::received`].
    Received,
    /// See [`Stock::written_off`].
    WrittenOff,
}

impl Counter {
    /// The name under which the counter is stored.
    pub fn name(self) -> &'static str {
        match self {
            Counter::Available => "available",
            Counter::Reserved => "reserved",
            Counter::OnHold => "on_hold",
            Counter::Damaged => "damaged",
            Counter::Shipped => "shipped",
            Counter::Returned => "returned",
            Counter::Received => "received",
            Counter::WrittenOff => "written_off",
        }
    }
}

/// In which condition goods came back (H5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Can be sold again.
    Sellable,
    /// Cannot.
    Damaged,
}

/// What happens to units of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveKind {
    /// available → reserved (F2).
    Reserve,
    /// available → reserved in the place of what was lost: at the price of then, whether it is still sold or not.
    ReserveAgain,
    /// reserved → available (F4, F5).
    Release,
    /// reserved → damaged: what was found unfit to ship.
    SetAside,
    /// reserved → shipped.
    Consume,
    /// shipped → reserved: a delivery failed and the goods are back for another try (B6).
    PutBack,
    /// Came back from a customer: → available or damaged (F6).
    Restock(Condition),
    /// Came back from a customer, and is not kept: → written off.
    Discard,
}

/// One move of one product's stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockMove {
    pub product_id: ProductId,
    /// What happens.
    pub kind: MoveKind,
    /// How many units, at least one.
    pub quantity: u32,
}

impl StockMove {
    /// The counters that change, with their signed difference in units.
    pub fn deltas(&self) -> [(Counter, i64); 2] {
        let units = i64::from(self.quantity);
        match self.kind {
            MoveKind::Reserve | MoveKind::ReserveAgain => [(Counter::Available, -units), (Counter::Reserved, units)],
            MoveKind::Release => [(Counter::Reserved, -units), (Counter::Available, units)],
            MoveKind::SetAside => [(Counter::Reserved, -units), (Counter::Damaged, units)],
            MoveKind::Consume => [(Counter::Reserved, -units), (Counter::Shipped, units)],
            MoveKind::PutBack => [(Counter::Shipped, -units), (Counter::Reserved, units)],
            MoveKind::Restock(Condition::Sellable) => [(Counter::Returned, units), (Counter::Available, units)],
            MoveKind::Restock(Condition::Damaged) => [(Counter::Returned, units), (Counter::Damaged, units)],
            MoveKind::Discard => [(Counter::Returned, units), (Counter::WrittenOff, units)],
        }
    }
}
