//! What clients see of money on its way back.

use oms_domain::money::{Amount, Money};
use oms_domain::ordering::Order;
use oms_domain::payments::Refund;
use serde::Serialize;
use utoipa::ToSchema;

/// Money on its way back, or back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefundView {
    /// Its id.
    pub refund_id: String,
    /// Of which payment.
    pub payment_id: String,
    /// How much.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// `order_cancelled`, `late_payment`, `duplicate_payment`, return or partial.
    pub reason: String,
    /// Whether the provider has confirmed it.
    pub completed: bool,
    /// Of a partial one: which units it gives back.
    pub lines: Vec<RefundedUnits>,
    /// Of a partial one: what of shipping, with its tax.
    pub shipping: String,
    /// Of a partial one: what as a kindness.
    pub goodwill: String,
    /// Of a partial one: why.
    pub note: Option<String>,
}

/// Units of a line that were given back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefundedUnits {
    /// Which line.
    pub line_id: String,
    /// How many units.
    pub quantity: u32,
}

impl RefundView {
    /// A refund of an order.
    pub fn of(order: &Order, refund: &Refund) -> Self {
        let text = |amount: Amount| Money::new(amount, order.currency).decimal();
        let part = refund.part.clone().unwrap_or_default();
        let units = part.lines.iter();
        RefundView {
            refund_id: refund.id.to_string(),
            payment_id: refund.payment_id.to_string(),
            amount: text(refund.amount),
            currency: order.currency.code().to_owned(),
            reason: refund.reason.name().to_owned(),
            completed: refund.completed,
            lines: units
                .map(|units| RefundedUnits { line_id: order.id.line(units.line).to_string(), quantity: units.quantity })
                .collect(),
            shipping: text(part.shipping),
            goodwill: text(part.goodwill),
            note: Some(part.note).filter(|note| !note.is_empty()),
        }
    }
}
