//! What the fake knows: orders, captures, refunds, disputes and kept means of payment, and the rules they keep to.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use jiff::Timestamp;
use oms_domain::money::Money;
use serde_json::Value;

use super::delivery::Disorder;
use super::script::{CaptureEnd, Fault, Operation, RefundEnd, Seen};

/// What stands in the books about one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The fake's name for the order.
    pub order: String,
    /// What the shop wrote on it.
    pub custom_id: String,
    pub currency: String,
    /// What was captured, in minor units.
    pub captured: i64,
    /// What went back or is on its way back, in minor units.
    pub refunded: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderState {
    Waiting,
    Approved,
    Completed,
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) state: OrderState,
    pub(super) custom_id: String,
    pub(super) invoice_id: String,
    pub(super) money: Money,
    pub(super) return_url: String,
    pub(super) cancel_url: String,
    pub(super) keeps: bool,
    /// The token of the kept means of payment, once the money is there.
    pub(super) kept: Option<String>,
    pub(super) captures: Vec<String>,
    pub(super) created_at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Capture {
    pub(super) id: String,
    pub(super) order: String,
    pub(super) end: CaptureEnd,
    pub(super) money: Money,
    pub(super) custom_id: String,
    pub(super) invoice_id: String,
    pub(super) refunds: Vec<String>,
    pub(super) created_at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) capture: String,
    pub(super) end: RefundEnd,
    pub(super) money: Money,
    pub(super) custom_id: String,
    pub(super) invoice_id: String,
    pub(super) created_at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) capture: String,
    pub(super) reason: String,
    pub(super) created_at: Timestamp,
}

/// A refusal in PayPal's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: u16,
    pub(super) name: &'static str,
    pub(super) issue: &'static str,
}

impl Problem {
    pub(super) const MISSING: Problem =
        Problem { status: 404, name: "RESOURCE_NOT_FOUND", issue: "INVALID_RESOURCE_ID" };

    pub(super) const fn semantic(issue: &'static str) -> Self {
        Problem { status: 422, name: "UNPROCESSABLE_ENTITY", issue }
    }

    pub(super) const fn malformed(issue: &'static str) -> Self {
        Problem { status: 400, name: "INVALID_REQUEST", issue }
    }
}

/// An answer that was given to a request id.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) request: Value,
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) answer: Value,
}

/// A notification that waits for delivery.
#[derive(Debug, Clone)]
pub(super) struct Filed {
    pub(super) event_id: String,
    pub(super) body: Vec<u8>,
    pub(super) attempts: usize,
    pub(super) due_at: Timestamp,
}

#[derive(Default)]
pub(super) struct Books {
    seed: String,
    last_id: u64,
    pub(super) tokens: HashMap<String, Timestamp>,
    pub(super) orders: BTreeMap<String, Order>,
    pub(super) captures: BTreeMap<String, Capture>,
    pub(super) refunds: BTreeMap<String, Refund>,
    pub(super) disputes: BTreeMap<String, Dispute>,
    pub(super) kept: BTreeSet<String>,
    pub(super) answers: HashMap<(Operation, String), Stored>,
    pub(super) faults: HashMap<Operation, VecDeque<Fault>>,
    pub(super) capture_ends: VecDeque<CaptureEnd>,
    pub(super) refund_ends: VecDeque<RefundEnd>,
    pub(super) seen: Vec<Seen>,
    pub(super) outbox: Vec<Filed>,
    pub(super) disorder: Disorder,
}

impl Books {
    pub(super) fn new(seed: &str) -> Self {
        Books { seed: seed.to_owned(), ..Books::default() }
    }

    /// A name of capitals and digits like PayPal's, never the same twice.
    pub(super) fn new_id(&mut self, kind: &str) -> String {
        self.last_id += 1;
        format!("{kind}{}{:05}", self.seed, self.last_id)
    }

    pub(super) fn capture(&mut self, order_id: &str, now: Timestamp) -> Result<Capture, Problem> {
        let order = self.orders.get(order_id).ok_or(Problem::MISSING)?.clone();
        match order.state {
            OrderState::Waiting => return Err(Problem::semantic("ORDER_NOT_APPROVED")),
            OrderState::Completed => return Err(Problem::semantic("ORDER_ALREADY_CAPTURED")),
            OrderState::Approved => {}
        }
        // A shop that names its payments has each of them paid once, on however many orders it asks.
        let paid = self.captures.values().any(|capture| capture.invoice_id == order.invoice_id);
        if paid {
            return Err(Problem::semantic("DUPLICATE_INVOICE_ID"));
        }
        let end = self.capture_ends.pop_front().unwrap_or(CaptureEnd::Completed);
        if end == CaptureEnd::InstrumentDeclined {
            return Err(Problem::semantic("INSTRUMENT_DECLINED"));
        }
        let capture = Capture {
            id: self.new_id("CAP"),
            order: order.id.clone(),
            end,
            money: order.money,
            custom_id: order.custom_id,
            invoice_id: order.invoice_id,
            refunds: Vec::new(),
            created_at: now,
        };
        let token = order.keeps.then(|| self.new_id("vault")).map(|id| id.to_ascii_lowercase());
        if let Some(order) = self.orders.get_mut(order_id) {
            order.state = OrderState::Completed;
            order.captures.push(capture.id.clone());
            order.kept = token.clone().filter(|_| end == CaptureEnd::Completed);
            self.kept.extend(order.kept.clone());
        }
        self.captures.insert(capture.id.clone(), capture.clone());
        Ok(capture)
    }

    /// What of a capture went back or is on its way back.
    pub(super) fn given_back(&self, capture: &Capture) -> i64 {
        let refunds = capture.refunds.iter().filter_map(|id| self.refunds.get(id));
        refunds.filter(|refund| refund.end != RefundEnd::Failed).map(|refund| refund.money.amount.minor()).sum()
    }

    pub(super) fn refund(&mut self, mut refund: Refund) -> Result<Refund, Problem> {
        let capture = self.captures.get(&refund.capture).ok_or(Problem::MISSING)?;
        if capture.end != CaptureEnd::Completed {
            return Err(Problem::semantic("CAPTURE_NOT_COMPLETED"));
        }
        if capture.money.currency != refund.money.currency {
            return Err(Problem::semantic("CURRENCY_MISMATCH"));
        }
        let left = capture.money.amount.minor() - self.given_back(capture);
        if left == 0 {
            return Err(Problem::semantic("CAPTURE_FULLY_REFUNDED"));
        }
        if refund.money.amount.minor() > left {
            return Err(Problem::semantic("REFUND_AMOUNT_EXCEEDED"));
        }
        refund.id = self.new_id("REF");
        if let Some(capture) = self.captures.get_mut(&refund.capture) {
            capture.refunds.push(refund.id.clone());
        }
        self.refunds.insert(refund.id.clone(), refund.clone());
        Ok(refund)
    }

    pub(super) fn ledger(&self) -> Vec<Entry> {
        let entry = |order: &Order| {
            let captures = order.captures.iter().filter_map(|id| self.captures.get(id));
            let there: Vec<&Capture> = captures.filter(|capture| capture.end == CaptureEnd::Completed).collect();
            Entry {
                order: order.id.clone(),
                custom_id: order.custom_id.clone(),
                currency: order.money.currency.code().to_owned(),
                captured: there.iter().map(|capture| capture.money.amount.minor()).sum(),
                refunded: there.iter().map(|capture| self.given_back(capture)).sum(),
            }
        };
        self.orders.values().map(entry).collect()
    }
}
