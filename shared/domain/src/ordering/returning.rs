//! What the customer has of an order, until when it can come back, and what it is worth then.
//!
//! Units that come back are worth what the customer paid for them ([`super::refunding`]): whatever was given back for units before is
//! not given back again, and units one by one come to the line exactly. What a receipt keeps of that is written down by its reason,
//! so that value = refund + kept, to the minor unit.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::error::Refusal;
use super::event::Event;
use super::state::{Line, Order};
use super::status::Status;
use crate::fulfilment::LineQuantity;
use crate::money::{Amount, Money};
use crate::payments::{RefundPart, RefundReason, Unshipped};
use crate::returns::policy::{GoodsCondition, ReturnsTable, USUAL_WINDOW_DAYS, after_days};
use crate::returns::{ReceivedLine, Return, Settlement};

impl Order {
    /// When the customer had all of it.
    pub fn delivered_at(&self) -> Option<Timestamp> {
        self.timeline.iter().find(|entry| entry.status == Status::Delivered).map(|entry| entry.at)
    }

    /// Days to return a line.
    fn return_days(&self, line: u16) -> u16 {
        self.return_terms.as_ref().map_or(USUAL_WINDOW_DAYS, |terms| terms.days_of(line))
    }

    /// When the time to return a line is over; nothing of a final sale, or before the delivery.
    pub fn returnable_until(&self, line: u16) -> Option<Timestamp> {
        let days = Some(self.return_days(line)).filter(|days| *days > 0)?;
        Some(after_days(self.delivered_at()?, days))
    }

    /// Units of a line that the customer still has, and has neither returned nor claimed.
    pub fn kept(&self, line: &Line) -> u32 {
        let claimed = self.returns.iter().filter(|own| own.is_settled_claim());
        let claimed: u32 = claimed.map(|own| own.units_of(line.line)).sum();
        line.shipped.saturating_sub(line.returned).saturating_sub(claimed)
    }

    /// Those of them that are in no open return.
    pub fn returnable(&self, line: &Line) -> u32 {
        let open = self.returns.iter().filter(|own| own.status.is_open());
        self.kept(line).saturating_sub(open.map(|own| own.outstanding_of(line.line)).sum())
    }

    /// Whether the customer would have nothing of the order left without these units.
    pub(super) fn would_be_whole_back(&self, units: &BTreeMap<u16, u32>) -> bool {
        let left = |line: &Line| self.kept(line).saturating_sub(units.get(&line.line).copied().unwrap_or(0));
        self.outstanding() == 0 && self.lines.iter().all(|line| left(line) == 0)
    }

    /// Those of these units whose money has not gone back.
    pub(super) fn not_refunded_of(&self, units: &BTreeMap<u16, u32>) -> Vec<LineQuantity> {
        let lines = self.lines.iter().filter_map(|line| {
            let quantity = units.get(&line.line).copied()?.min(line.quantity.saturating_sub(line.refunded));
            (quantity > 0).then_some(LineQuantity { line: line.line, quantity })
        });
        lines.collect()
    }

    /// What units are worth that were found in a condition each, and what the terms keep of it.
    pub(super) fn worth_of_received(
        &self,
        own: &Return,
        received: &[ReceivedLine],
        table: &ReturnsTable,
    ) -> Settlement {
        let mut before = BTreeMap::<u16, u32>::new();
        let mut sum = Settlement::default();
        for part in received {
            let Some(line) = self.lines.iter().find(|line| line.line == part.line) else { continue };
            let counted = before.entry(part.line).or_default();
            let left = line.quantity.saturating_sub(line.refunded).saturating_sub(*counted);
            let quantity = part.quantity.min(left);
            let value = self.share_behind(line, *counted, quantity);
            *counted += quantity;
            let back = value.times_rate(table.treatment(part.condition).rate);
            let shop_pays = own.lines.iter().any(|own| own.line == part.line && own.shop_pays);
            let fee = if shop_pays { Amount::ZERO } else { value.times_rate(table.restocking_fee).min(back) };
            sum = sum.plus(&Settlement { value, reduction: value - back, fee, gone: Amount::ZERO });
        }
        sum
    }

    /// What would go back for what is waited for, if all of it came as new, or the claim were granted.
    pub fn estimate(&self, own: &Return, table: &ReturnsTable) -> Settlement {
        let sums: BTreeMap<u16, u32> = own.lines.iter().map(|line| (line.line, line.outstanding())).collect();
        let whole = self.would_be_whole_back(&sums);
        let shipping = if whole { self.shipping_left().max(Amount::ZERO) } else { Amount::ZERO };
        let condition = GoodsCondition::AsNew;
        let parts: Vec<ReceivedLine> = sums
            .iter()
            .map(|(line, units)| ReceivedLine {
                line: *line,
                quantity: *units,
                condition,
                stock: table.treatment(condition).stock,
            })
            .collect();
        let worth = if own.kind.is_claim() {
            Settlement { value: self.worth_of(&self.not_refunded_of(&sums)), ..Settlement::default() }
        } else {
            self.worth_of_received(own, &parts, table)
        };
        let worth = Settlement { value: worth.value + shipping, ..worth };
        Settlement { gone: (worth.refund() - self.refundable()).max(Amount::ZERO), ..worth }
    }

    /// Never more than there is to give. An amount that somebody has decided takes the place of the terms, and is refused where it is
    /// more than the units are worth or than is left.
    pub(super) fn bounded(&self, worth: Settlement, decided: Option<Amount>) -> Result<Settlement, Refusal> {
        let left = self.refundable();
        let Some(amount) = decided else {
            return Ok(Settlement { gone: (worth.refund() - left).max(Amount::ZERO), ..worth });
        };
        let most = worth.value.min(left);
        if amount < Amount::ZERO || amount > most {
            return Err(Refusal::RefundTooLarge { left: Money::new(most, self.currency) });
        }
        Ok(Settlement { value: worth.value, reduction: worth.value - amount, ..Settlement::default() })
    }

    /// The refund that goes with it; none where nothing goes back.
    pub(super) fn refund_of_return(
        &self,
        number: u16,
        lines: Vec<LineQuantity>,
        shipping: Amount,
        settled: Settlement,
    ) -> Result<Vec<Event>, Refusal> {
        let amount = settled.refund();
        if !amount.is_positive() || self.ledger.paying().next().is_none() {
            return Ok(Vec::new());
        }
        let part = RefundPart {
            lines,
            unshipped: Unshipped::Ship,
            shipping,
            withheld: settled.withheld(),
            of_return: Some(number),
            ..RefundPart::default()
        };
        self.promised(amount, Amount::ZERO, RefundReason::Partial, part)
    }
}
