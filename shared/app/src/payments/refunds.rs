//! What is still to be asked about a refund, the same for whoever makes it and for whoever looks it up.

use oms_domain::ids::{OrderId, RefundId};
use oms_domain::money::Money;
use oms_domain::ordering::Order;
use oms_domain::payments::AttemptState;

use crate::error::Error;
use crate::ports::RefundRequest;

/// How often a pending refund is looked up; banks take days.
pub(crate) const REFUND_LOOK_HOURS: i64 = 6;

/// How long a refund that began or failed belongs to its queue; `sweep` takes it from then on, in minutes.
pub(crate) const QUEUE_MINUTES: i64 = 60;

/// What to ask of whom, or nothing when it is done.
pub(crate) fn outstanding(order: &Order, refund_id: RefundId) -> Result<Option<(String, RefundRequest)>, Error> {
    let lost = |what: &str, id: OrderId| Error::Internal(format!("order {id} has no {what} for refund {refund_id}"));
    let refund = order.ledger.refund(refund_id).ok_or_else(|| lost("record", order.id))?;
    if refund.completed {
        return Ok(None);
    }
    let payment = order.ledger.payment(refund.payment_id).ok_or_else(|| lost("payment", order.id))?;
    let AttemptState::Captured { reference } = &payment.state else { return Err(lost("captured payment", order.id)) };
    let request = RefundRequest {
        refund_id: refund.key(),
        order_id: order.id,
        payment_reference: reference.clone(),
        money: Money::new(refund.amount, order.currency),
    };
    Ok(Some((payment.provider.clone(), request)))
}
