//! What clients see of money on its way back.

use oms_domain::money::{Amount, Money};
use oms_domain::ordering::Order;
use oms_domain::ordering::address::Person;
use oms_domain::payments::Refund;
use oms_domain::returns::ReturnId;
use serde::Serialize;
use utoipa::ToSchema;

use super::bounded::MoneyText;
use super::words;

/// A refund, pending or completed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "refund_id": "01976b7a-0000-8000-8000-000000000005", "payment_id": "01976b7a-0000-8000-8000-000000000001",
    "amount": "4.90", "currency": "EUR", "reason": "partial", "completed": false, "lines": [], "shipping": "4.90",
    "goodwill": "0.00", "withheld": "0.00", "return_id": null, "note": "arrived late"
})))]
pub struct RefundView {
    /// Id of the refund.
    #[schema(format = Uuid)]
    pub refund_id: String,
    /// The payment that is refunded.
    #[schema(format = Uuid)]
    pub payment_id: String,
    /// Amount.
    pub amount: MoneyText,
    /// Currency code, ISO 4217.
    pub currency: String,
    /// Why.
    #[schema(value_type = words::RefundReason)]
    pub reason: String,
    /// Whether the provider has confirmed the refund.
    pub completed: bool,
    /// With a partial refund: the units refunded.
    pub lines: Vec<RefundedUnits>,
    /// With a partial refund: the shipping refunded, including tax.
    pub shipping: MoneyText,
    /// With a partial refund: the goodwill amount.
    pub goodwill: MoneyText,
    /// With the refund of a return: what of the value of its units and shipping stays with the shop.
    pub withheld: MoneyText,
    /// With the refund of a return: the return's id.
    pub return_id: Option<String>,
    /// With a partial refund: the reason.
    pub note: Option<String>,
}

/// Units of a line that were refunded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefundedUnits {
    /// Id of the line.
    #[schema(format = Uuid)]
    pub line_id: String,
    /// Number of units.
    pub quantity: u32,
}

impl RefundView {
    /// A refund of an order.
    pub fn of(order: &Order, refund: &Refund, person: Option<&Person>) -> Self {
        let text = |amount: Amount| MoneyText::from(Money::new(amount, order.currency));
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
            withheld: text(part.withheld),
            return_id: part.of_return.map(|number| ReturnId { order_id: order.id, number }.to_string()),
            note: part.note.read(person).map(ToOwned::to_owned),
        }
    }
}
