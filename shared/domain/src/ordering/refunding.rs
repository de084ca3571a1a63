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
use crate::ids::{PaymentId, RefundId};
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
        let lines = self.lines.iter().map(|line| self.worth(line)).sum();
        let parts = self.ledger.refunds.iter().filter_map(|refund| refund.part.as_ref());
        self.totals.total - lines - parts.map(|part| part.shipping).sum()
    }

    /// What of the payment that pays for the order can still be given back.
    pub fn refundable(&self) -> Amount {
        self.ledger.paying().map_or(Amount::ZERO, |payment| self.ledger.refundable(payment))
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

    /// The share of so many more units of a line.
    fn share(&self, line: &Line, quantity: u32) -> Amount {
        self.share_behind(line, 0, quantity)
    }

    /// The same behind some that are given back with them.
    pub(super) fn share_behind(&self, line: &Line, before: u32, quantity: u32) -> Amount {
        let units = |count: u32| Amount::from_minor(i64::from(count));
        let given = line.refunded.saturating_add(before);
        let rest = line.quantity.saturating_sub(given).saturating_sub(quantity);
        let shares = self.worth(line).allocate(&[units(given), units(quantity), units(rest)]);
        shares.get(1).copied().unwrap_or_default()
    }

    /// Gives a part back to the payment that pays for the order; units were checked before.
    pub(super) fn refund_part(&self, part: RefundPart) -> Result<Vec<Event>, Refusal> {
        let negative = part.shipping < Amount::ZERO || part.goodwill < Amount::ZERO;
        if negative || (part.lines.is_empty() && part.shipping.is_zero() && part.goodwill.is_zero()) {
            return Err(Refusal::EmptyRefund);
        }
        let money = |amount| Money::new(amount, self.currency);
        if part.shipping > self.shipping_left() {
            return Err(Refusal::TooMuchShipping { left: money(self.shipping_left()) });
        }
        let too_large = Refusal::RefundTooLarge { left: money(self.refundable()) };
        let Some(payment) = self.ledger.paying() else { return Err(too_large) };
        let amount = self.worth_of(&part.lines) + part.shipping + part.goodwill;
        if amount > self.refundable() {
            return Err(too_large);
        }
        self.promised(payment.id, amount, part)
    }

    /// Gives back what cancelled units have cost, as far as it is still there; nothing where nothing was paid.
    pub(super) fn refund_cancelled(&self, lines: Vec<LineQuantity>) -> Result<Vec<Event>, Refusal> {
        let Some(payment) = self.ledger.paying() else { return Ok(Vec::new()) };
        let amount = self.worth_of(&lines).min(self.refundable());
        // The units are taken out by the event before.
        self.promised(payment.id, amount, RefundPart { lines, unshipped: Unshipped::Ship, ..RefundPart::default() })
    }

    /// What so many more units of lines have cost.
    pub(super) fn worth_of(&self, lines: &[LineQuantity]) -> Amount {
        let of_lines = lines.iter().filter_map(|units| {
            let line = self.lines.iter().find(|line| line.line == units.line)?;
            Some(self.share(line, units.quantity))
        });
        of_lines.sum()
    }

    pub(super) fn promised(
        &self,
        payment_id: PaymentId,
        amount: Amount,
        part: RefundPart,
    ) -> Result<Vec<Event>, Refusal> {
        // The last one takes all the rest, so that their number is bounded and nothing is left without a way back.
        if self.ledger.refunds.len() >= MAX_PARTIAL_REFUNDS && amount < self.refundable() {
            let left = Money::new(self.refundable(), self.currency);
            return Err(Refusal::TooManyRefunds { most: MAX_PARTIAL_REFUNDS, left });
        }
        let refund_id = RefundId::of_sequence(self.id, self.ledger.refunds.len());
        let reason = RefundReason::Partial;
        let mut events =
            vec![RefundEvent::OrderRefundInitiated { refund_id, payment_id, amount, reason, part: Some(part) }.into()];
        // The share of a unit can be less than the smallest coin: nothing moves, and it has gone back nevertheless.
        if amount.is_zero() {
            let reference = NOTHING_TO_MOVE.to_owned();
            events.push(RefundEvent::OrderRefundCompleted { refund_id, amount, reference, done_as: None }.into());
        }
        Ok(events)
    }
}
