//! Parts of an order that go back by hand: what each is worth, and never a cent more than was paid.
//!
//! A line is worth what the customer paid for it: quantity × price, less its share of the discount, with its tax where
//! that was added. Its units are cut from that by running totals ([`Amount::allocate`]), so that units given back one by
//! one, in whatever parcels, come to the line exactly. Shipping is worth the rest of the total, its tax included. Lines
//! and shipping therefore come to the total; goodwill takes from what is left, whatever it was meant for.

use super::error::Refusal;
use super::event::{Event, RefundEvent};
use super::state::{Line, Order};
use super::status::Status;
use crate::fulfilment::LineQuantity;
use crate::ids::RefundId;
use crate::money::{Amount, Money};
use crate::payments::{MAX_PARTIAL_REFUNDS, RefundPart, RefundReason, Unshipped};

/// What an order that comes to nothing at its provider names as the provider's reference.
const NOTHING_TO_MOVE: &str = "nothing";

impl Order {
    /// What the customer paid for a line.
    pub fn worth(&self, line: &Line) -> Amount {
        let tax = if self.totals.tax_included { Amount::ZERO } else { line.tax };
        line.subtotal() - line.discount + tax
    }

    /// What the customer paid for shipping, and what of it has not gone back.
    pub fn shipping_left(&self) -> Amount {
        let lines: Amount = self.lines.iter().map(|line| self.worth(line)).sum();
        let extras = self.extras.iter().map(|extra| self.worth_of_extra(extra)).sum();
        let parts = self.ledger.refunds.iter().filter_map(|refund| refund.part.as_ref());
        self.totals.total - lines - extras - parts.map(|part| part.shipping).sum()
    }

    /// What of the payments that pay for the order can still be given back.
    pub fn refundable(&self) -> Amount {
        self.ledger.paying().map(|payment| self.ledger.refundable(payment)).sum()
    }

    /// Whether the order is one that was paid for and stands.
    pub(super) fn pays_for_itself(&self) -> bool {
        match self.status {
            Status::Confirmed
            | Status::Processing
            | Status::Shipped
            | Status::Delivered
            | Status::ReturnRequested
            | Status::Returned => true,
            Status::Draft | Status::Pending | Status::Refunded | Status::Cancelled => false,
        }
    }

    /// Whether a part can be given back now.
    pub(super) fn may_be_refunded_in_part(&self) -> bool {
        self.pays_for_itself() && self.refundable().is_positive()
    }

    /// The share of so many more units of a line. Those that changes took out have had theirs.
    pub(super) fn share(&self, line: &Line, quantity: u32) -> Amount {
        self.share_behind(line, 0, quantity)
    }

    /// The same behind some that are given back with them.
    pub(super) fn share_behind(&self, line: &Line, before: u32, quantity: u32) -> Amount {
        let units = |count: u32| Amount::from_minor(i64::from(count));
        let given = line.refunded.saturating_add(before);
        let rest = line.quantity.saturating_sub(given).saturating_sub(quantity);
        let whole = line.sold.unwrap_or_else(|| self.worth(line));
        let shares = whole.allocate(&[units(given + line.removed), units(quantity), units(rest)]);
        shares.get(1).copied().unwrap_or_default()
    }

    /// Gives a part back to the payments that pay for the order; units were checked before.
    pub(super) fn refund_part(&self, part: RefundPart) -> Result<Vec<Event>, Refusal> {
        let negative = part.shipping < Amount::ZERO || part.goodwill < Amount::ZERO;
        if negative || (part.lines.is_empty() && part.shipping.is_zero() && part.goodwill.is_zero()) {
            return Err(Refusal::EmptyRefund);
        }
        let money = |amount| Money::new(amount, self.currency);
        if part.shipping > self.shipping_left() {
            return Err(Refusal::TooMuchShipping { left: money(self.shipping_left()) });
        }
        let amount = self.worth_of(&part.lines) + part.shipping + part.goodwill;
        if amount > self.refundable() || self.ledger.paying().next().is_none() {
            return Err(Refusal::RefundTooLarge { left: money(self.refundable()) });
        }
        self.promised(amount, Amount::ZERO, RefundReason::Partial, part)
    }

    /// Gives back what cancelled units have cost, as far as it is still there; nothing where nothing was paid.
    pub(super) fn refund_cancelled(&self, lines: Vec<LineQuantity>) -> Result<Vec<Event>, Refusal> {
        if self.ledger.paying().next().is_none() {
            return Ok(Vec::new());
        }
        let worth = self.worth_of(&lines);
        let amount = worth.min(self.refundable());
        // The units are taken out by the event before.
        let part = RefundPart { lines, unshipped: Unshipped::Ship, ..RefundPart::default() };
        self.promised(amount, worth - amount, RefundReason::Partial, part)
    }

    /// Gives back what an order costs less after a change, as far as it is still there.
    pub(super) fn refund_changed(&self, less: Amount) -> Result<Vec<Event>, Refusal> {
        if !less.is_positive() || self.ledger.paying().next().is_none() {
            return Ok(Vec::new());
        }
        let amount = less.min(self.refundable());
        self.promised(amount, less - amount, RefundReason::Changed, RefundPart::default())
    }

    /// What so many more units of lines have cost.
    pub(super) fn worth_of(&self, lines: &[LineQuantity]) -> Amount {
        let of_lines = lines.iter().filter_map(|units| {
            let line = self.lines.iter().find(|line| line.line == units.line)?;
            Some(self.share(line, units.quantity))
        });
        of_lines.sum()
    }

    /// Promises an amount, of the earlier payments first: one refund for each payment that it takes from. What it is `short` of
    /// others have given, as far as anybody knows.
    pub(super) fn promised(
        &self,
        amount: Amount,
        short: Amount,
        reason: RefundReason,
        part: RefundPart,
    ) -> Result<Vec<Event>, Refusal> {
        // The last one takes all the rest, so that their number is bounded and nothing is left without a way back.
        if self.ledger.refunds.len() >= MAX_PARTIAL_REFUNDS && amount < self.refundable() {
            let left = Money::new(self.refundable(), self.currency);
            return Err(Refusal::TooManyRefunds { most: MAX_PARTIAL_REFUNDS, left });
        }
        let (mut events, mut left, mut part) = (Vec::new(), amount, Some(part));
        for payment in self.ledger.paying() {
            let amount = left.min(self.ledger.refundable(payment));
            // What is for nothing is written down once, with the first.
            let is_first_of_nothing = left.is_zero() && events.is_empty();
            if !amount.is_positive() && !is_first_of_nothing {
                continue;
            }
            left = left - amount;
            let refund_id = RefundId::of_sequence(self.id, self.ledger.refunds.len() + events.len());
            let short = if events.is_empty() { short } else { Amount::ZERO };
            let (payment_id, part) = (payment.id, Some(part.take().unwrap_or_default()));
            events
                .push(RefundEvent::OrderRefundInitiated { refund_id, payment_id, amount, reason, part, short }.into());
        }
        // The share of a unit can be less than the smallest coin: nothing moves, and it has gone back nevertheless.
        if amount.is_zero() {
            let refund_id = RefundId::of_sequence(self.id, self.ledger.refunds.len());
            let reference = NOTHING_TO_MOVE.to_owned();
            events.push(RefundEvent::OrderRefundCompleted { refund_id, amount, reference, done_as: None }.into());
        }
        Ok(events)
    }
}
