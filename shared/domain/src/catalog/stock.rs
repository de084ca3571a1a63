//! Stock of a product, and what the events of an order do to it (F1–F6).
//!
//! Submitting reserves, shipping consumes, cancelling releases, a failed delivery puts back, a return restocks. The
//! moves of an order follow from its events alone ([`moves`]), so no use case can forget one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::ProductId;
use crate::ordering::{Event, Order};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// reserved → available (F4, F5).
    Release,
    /// reserved → shipped.
    Consume,
    /// shipped → reserved: a delivery failed and the goods are back for another try (B6).
    PutBack,
    /// Came back from a customer: → available or damaged (F6).
    Restock(Condition),
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
            MoveKind::Reserve => [(Counter::Available, -units), (Counter::Reserved, units)],
            MoveKind::Release => [(Counter::Reserved, -units), (Counter::Available, units)],
            MoveKind::Consume => [(Counter::Reserved, -units), (Counter::Shipped, units)],
            MoveKind::PutBack => [(Counter::Shipped, -units), (Counter::Reserved, units)],
            MoveKind::Restock(Condition::Sellable) => [(Counter::Returned, units), (Counter::Available, units)],
            MoveKind::Restock(Condition::Damaged) => [(Counter::Returned, units), (Counter::Damaged, units)],
        }
    }
}

/// The moves that `event` causes when it happens to `order`, at most one per product and kind.
pub fn moves(order: &Order, event: &Event) -> Vec<StockMove> {
    let product_of = |line: u16| order.lines.iter().find(|own| own.line == line).map(|own| own.product_id);
    let by_line = |parcel: &[crate::fulfilment::LineQuantity], kind: MoveKind| {
        parcel.iter().filter_map(|part| Some((product_of(part.line)?, kind, part.quantity))).collect::<Vec<_>>()
    };
    let unshipped = |kind: MoveKind| {
        order.lines.iter().map(|line| (line.product_id, kind, line.quantity - line.shipped)).collect::<Vec<_>>()
    };
    let raw = match event {
        Event::OrderSubmitted { .. } => unshipped(MoveKind::Reserve),
        Event::OrderCancelled { .. } if order.status.holds_stock() => unshipped(MoveKind::Release),
        Event::OrderShipped { lines, .. } => by_line(lines, MoveKind::Consume),
        Event::OrderDeliveryFailed { lines, .. } => by_line(lines, MoveKind::PutBack),
        Event::OrderReturned { lines, .. } => lines
            .iter()
            .filter_map(|part| Some((product_of(part.line)?, MoveKind::Restock(part.condition), part.quantity)))
            .collect(),
        Event::OrderCreated { .. }
        | Event::OrderConfirmed
        | Event::OrderRefunded
        | Event::OrderPaymentRequested { .. }
        | Event::OrderPaymentConfirmed { .. }
        | Event::OrderPaymentFailed { .. }
        | Event::OrderProcessingStarted { .. }
        | Event::OrderDelivered { .. }
        | Event::OrderCancelled { .. }
        | Event::OrderReturnRequested { .. }
        | Event::OrderReturnDenied { .. }
        | Event::OrderRefundInitiated { .. }
        | Event::OrderRefundCompleted { .. }
        | Event::OrderReviewRequested { .. }
        | Event::OrderReviewApproved { .. }
        | Event::OrderRefundFailed { .. }
        | Event::OrderPaymentPageOpened { .. }
        | Event::OrderNoteAdded { .. } => Vec::new(),
    };
    merged(raw)
}

/// One transaction may touch an item once, so moves of one product are added up.
fn merged(raw: Vec<(ProductId, MoveKind, u32)>) -> Vec<StockMove> {
    let mut sums: BTreeMap<(ProductId, u8), StockMove> = BTreeMap::new();
    for (product_id, kind, quantity) in raw.into_iter().filter(|(_, _, quantity)| *quantity > 0) {
        let rank = match kind {
            MoveKind::Reserve => 0,
            MoveKind::Release => 1,
            MoveKind::Consume => 2,
            MoveKind::PutBack => 3,
            MoveKind::Restock(Condition::Sellable) => 4,
            MoveKind::Restock(Condition::Damaged) => 5,
        };
        let sum = sums.entry((product_id, rank)).or_insert(StockMove { product_id, kind, quantity: 0 });
        sum.quantity = sum.quantity.saturating_add(quantity);
    }
    sums.into_values().collect()
}
