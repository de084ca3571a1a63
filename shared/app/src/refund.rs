//! Gives money back at the provider, once (D6).
//!
//! For every `order.refund_initiated`:
//! 1. Load the order; a refund that is completed needs nothing.
//! 2. Look the refund up at the provider before repeating it; ask for it with its own id as idempotency key.
//! 3. Record the completion. If that fails, the message comes again and step 2 finds the refund.
//!
//! Guarantee: at least one attempt until it succeeds or its tries end in the dead-letter queue (L6); the provider's
//! idempotency and our look-up make it one refund.

use std::sync::Arc;

use oms_domain::actor::Actor;
use oms_domain::ids::{OrderId, RefundId};
use oms_domain::money::Money;
use oms_domain::order::{Command, Order};
use oms_domain::payment::Attempt;
use oms_domain::public_event::{CloudEvent, Fact};

use crate::change::{Deed, apply};
use crate::error::Error;
use crate::ports::{Clock, Gateways, Orders, RefundRequest, RefundState};

/// The use case.
pub struct Refund {
    orders: Arc<dyn Orders>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
}

impl Refund {
    /// Wires the use case.
    pub fn new(orders: Arc<dyn Orders>, gateways: Gateways, clock: Arc<dyn Clock>) -> Self {
        Refund { orders, gateways, clock }
    }

    /// Runs it for one event; events of other kinds need nothing.
    pub async fn run(&self, event: &CloudEvent) -> Result<(), Error> {
        let Fact::RefundInitiated { refund_id, .. } = event.data.fact else { return Ok(()) };
        let order = self.orders.load(event.subject).await?.ok_or(Error::NotFound)?.order;
        let Some((provider, request)) = outstanding(&order, refund_id)? else { return Ok(()) };
        let gateway = self
            .gateways
            .get(&provider)
            .ok_or_else(|| Error::Down(format!("payment provider {provider} is not configured")))?;
        let receipt = match gateway.find_refund(&request).await? {
            Some(receipt) => receipt,
            None => gateway.refund(&request).await?,
        };
        match receipt.state {
            RefundState::Done => {}
            // The webhook completes it.
            RefundState::Pending => return Ok(()),
            RefundState::Failed(reason) => return Err(Error::Down(format!("refund {refund_id} failed: {reason}"))),
        }
        let deed = Deed::of(Actor::provider(&provider), &event.correlationid);
        let command = Command::CompleteRefund { refund_id, reference: receipt.reference };
        apply(self.orders.as_ref(), self.clock.as_ref(), order, &command, &deed, |_| String::new()).await?;
        Ok(())
    }
}

/// What to ask of whom, or nothing when it is done.
fn outstanding(order: &Order, refund_id: RefundId) -> Result<Option<(String, RefundRequest)>, Error> {
    let lost = |what: &str, id: OrderId| Error::Internal(format!("order {id} has no {what} for refund {refund_id}"));
    let refund = order.ledger.refund(refund_id).ok_or_else(|| lost("record", order.id))?;
    if refund.completed {
        return Ok(None);
    }
    let payment = order.ledger.payment(refund.payment_id).ok_or_else(|| lost("payment", order.id))?;
    let Attempt::Captured { reference } = &payment.attempt else { return Err(lost("captured payment", order.id)) };
    let request = RefundRequest {
        refund_id,
        order_id: order.id,
        payment_reference: reference.clone(),
        money: Money::new(refund.amount, order.currency),
    };
    Ok(Some((payment.provider.clone(), request)))
}
