//! What clients see of goods that come back, and of claims.

use jiff::Timestamp;
use oms_app::execute::OrderWithContact;
use oms_domain::access::{Operation, ReturnOf};
use oms_domain::actor::Caller;
use oms_domain::money::{Amount, Money};
use oms_domain::returns::policy::Payer;
use oms_domain::returns::{Return, ReturnId};
use serde::Serialize;
use utoipa::ToSchema;

use super::bounded::MoneyText;
use super::words;

/// A return, or a claim.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "return_id": "01976b7a-0000-7000-8000-00000000000a-R1", "number": "00000-0000A-C-R1",
    "order_id": "01976b7a-0000-7000-8000-00000000000a", "kind": "return", "status": "approved",
    "lines": [{
        "line_id": "01976b7a-0000-8000-8000-000000000002", "quantity": 2, "received_quantity": 0, "reason": "unwanted",
        "label_paid_by": "customer"
    }],
    "currency": "EUR", "settled": {"value": "0.00", "reduction": "0.00", "fee": "0.00", "given_before": "0.00", "refund": "0.00"},
    "policy_waived": false, "note": "too blue", "answer": null, "requested_at": "2026-01-12T10:00:00Z",
    "decided_at": "2026-01-12T12:00:00Z", "received_at": null, "ended_at": null, "expires_at": "2026-02-11T12:00:00Z"
})))]
pub struct ReturnView {
    /// Id of the return.
    pub return_id: String,
    /// Return number for people: the order's, and the return's within it.
    pub number: String,
    /// Id of the order.
    #[schema(format = Uuid)]
    pub order_id: String,
    /// `return` brings goods; the others are claims, for which nothing comes back.
    #[schema(value_type = words::ReturnKind)]
    pub kind: String,
    #[schema(value_type = words::ReturnStatus)]
    pub status: String,
    /// Units of lines.
    #[schema(max_items = 80)]
    pub lines: Vec<ReturnLineView>,
    /// Currency code, ISO 4217.
    pub currency: String,
    /// What came of it so far.
    pub settled: SettledView,
    /// Whether staff opened it although the terms would have kept the customer from it.
    pub policy_waived: bool,
    /// What was said as it was opened; null once erased, and for sellers.
    pub note: Option<String>,
    /// What the shop said to it last; null once erased, and for sellers.
    pub answer: Option<String>,
    /// When it was opened.
    pub requested_at: Timestamp,
    /// When it was approved or denied.
    pub decided_at: Option<Timestamp>,
    /// When the last units came.
    pub received_at: Option<Timestamp>,
    /// When it was closed or cancelled.
    pub ended_at: Option<Timestamp>,
    /// Until when the goods are waited for.
    pub expires_at: Option<Timestamp>,
}

/// Units of a line in a return.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReturnLineView {
    /// Id of the line.
    #[schema(format = Uuid)]
    pub line_id: String,
    /// Number of units.
    pub quantity: u32,
    /// Units that have come.
    pub received_quantity: u32,
    /// Code of the reason; null for a claim.
    pub reason: Option<String>,
    /// Who pays for the way back; null for a claim.
    #[schema(value_type = Option<words::Payer>)]
    pub label_paid_by: Option<String>,
}

/// What units are worth that came back or were claimed: value = refund + reduction + fee + given before.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SettledView {
    /// Price paid for the units, and for shipping where the whole order is back.
    pub value: MoneyText,
    /// Kept for their condition, or by a decision.
    pub reduction: MoneyText,
    /// Restocking fee.
    pub fee: MoneyText,
    /// Of the value, what had gone back before or was taken by a bank.
    pub given_before: MoneyText,
    /// Amount refunded for it.
    pub refund: MoneyText,
}

impl ReturnView {
    /// A return of an order, as this caller sees it.
    pub fn of(shown: &OrderWithContact, own: &Return, caller: &Caller) -> Self {
        let order = &shown.order;
        let text = |amount: Amount| MoneyText::from(Money::new(amount, order.currency));
        let id = ReturnId { order_id: order.id, number: own.number };
        let person = shown.person.as_ref().filter(|_| !matches!(caller, Caller::Seller { .. }));
        let words = |words: &Option<oms_domain::ordering::Words>| {
            words.as_ref().filter(|_| person.is_some()).and_then(|words| words.read(person)).map(ToOwned::to_owned)
        };
        let payer = |shop_pays: bool| if shop_pays { Payer::Shop } else { Payer::Customer };
        let lines = own.lines.iter().map(|line| ReturnLineView {
            line_id: order.id.line(line.line).to_string(),
            quantity: line.quantity,
            received_quantity: line.received,
            reason: line.reason.clone(),
            label_paid_by: line.reason.as_ref().map(|_| payer(line.shop_pays).name().to_owned()),
        });
        ReturnView {
            return_id: id.to_string(),
            number: id.readable(),
            order_id: order.id.to_string(),
            kind: own.kind.name().to_owned(),
            status: own.status.name().to_owned(),
            lines: lines.collect(),
            currency: order.currency.code().to_owned(),
            settled: SettledView {
                value: text(own.settled.value),
                reduction: text(own.settled.reduction),
                fee: text(own.settled.fee),
                given_before: text(own.settled.gone),
                refund: text(own.settled.refund()),
            },
            policy_waived: own.waived,
            note: words(&own.note),
            answer: words(&own.answer),
            requested_at: own.requested_at,
            decided_at: own.decided_at,
            received_at: own.received_at,
            ended_at: own.ended_at,
            expires_at: own.expires_at,
        }
    }

    /// Those of an order that this caller sees.
    pub fn all_of(shown: &OrderWithContact, caller: &Caller) -> Vec<Self> {
        let order = &shown.order;
        let seen =
            order.returns.iter().filter(|own| Operation::ViewReturn.permits(caller, &ReturnOf(order, own)).is_ok());
        seen.map(|own| ReturnView::of(shown, own, caller)).collect()
    }
}
