//! What tests and people see of the books.

use std::collections::BTreeMap;

use super::books::{Books, Metadata, Refund, Session};
use super::render;

/// What was taken and given back for one order, in the provider's minor units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balance {
    /// Lower-case code.
    pub currency: String,
    /// Taken from the customer.
    pub captured: i64,
    /// Given back.
    pub refunded: i64,
    /// Promised back and not yet given.
    pub refunds_pending: i64,
    /// How many payments succeeded.
    pub charges: usize,
    /// How many refunds succeeded or are pending.
    pub refunds: usize,
}

/// A checkout page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// `cs_…`.
    pub id: String,
    /// Where the customer finds it.
    pub url: String,
    /// `open`, `complete` or `expired`.
    pub status: &'static str,
    /// The payment, once it was tried.
    pub intent: Option<String>,
    /// What the caller wrote onto it.
    pub metadata: Metadata,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundView {
    /// `re_…`.
    pub id: String,
    pub intent: String,
    /// In the provider's minor units.
    pub amount: i64,
    /// `pending`, `succeeded` or `failed`.
    pub status: &'static str,
    /// What the caller wrote onto it.
    pub metadata: Metadata,
}

impl Books {
    pub(super) fn pages(&self, base_url: &str) -> Vec<Page> {
        let view = |session: &Session| Page {
            id: session.id.clone(),
            url: render::page_url(base_url, &session.id),
            status: session.status,
            intent: session.intent.clone(),
            metadata: session.wanted.metadata.clone(),
        };
        self.sessions.iter().map(view).collect()
    }

    pub(super) fn refund_views(&self) -> Vec<RefundView> {
        let view = |refund: &Refund| RefundView {
            id: refund.id.clone(),
            intent: refund.intent.clone(),
            amount: refund.amount,
            status: refund.status,
            metadata: refund.metadata.clone(),
        };
        self.refunds.iter().map(view).collect()
    }

    pub(super) fn ledger(&self) -> BTreeMap<String, Balance> {
        let mut ledger: BTreeMap<String, Balance> = BTreeMap::new();
        for intent in self.intents.values().filter(|intent| intent.received > 0) {
            let order = intent.metadata.get("order_id").cloned().unwrap_or_default();
            let balance = ledger.entry(order).or_default();
            balance.currency.clone_from(&intent.currency);
            balance.captured += intent.received;
            balance.charges += 1;
            for refund in self.refunds.iter().filter(|refund| refund.intent == intent.id) {
                match refund.status {
                    "succeeded" => balance.refunded += refund.amount,
                    "pending" => balance.refunds_pending += refund.amount,
                    _ => continue,
                }
                balance.refunds += 1;
            }
        }
        ledger
    }
}
