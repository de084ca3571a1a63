//! Gives money back at the provider, once (D6).
//!
//! For every `order.refund_initiated`, and for every `order.refund_failed` as long as another attempt is worth it:
//! 1. Load the order; a refund that is completed needs nothing.
//! 2. Look the refund up at the provider before repeating it; ask for it with its own key as idempotency key. A failure
//!    leads to a new key, since a provider answers the old one with the same failure for ever.
//! 3. Record what came of it. If that fails, the message comes again and step 2 finds the refund. What is pending is told
//!    by webhook, or found by `sweep`.
//!
//! Guarantee: at least one attempt until it succeeds or its tries end in the dead-letter queue (L6); the provider's
//! idempotency and our look-up make it one refund.

use std::sync::Arc;

use oms_domain::ids::RefundId;
use oms_domain::public_event::{CloudEvent, Fact};

use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::payments::gateways::Gateways;
use crate::payments::refunds::{REFUND_LOOK_HOURS, outstanding};
use crate::payments::settle::{Settle, Source};
use crate::ports::{Clock, FollowUp, FollowUps, Orders, RefundState};

/// After so many failures at the provider a person has to look: the message goes to the dead-letter queue.
pub const MAX_REFUND_FAILURES: u32 = 3;

pub struct Refund {
    orders: Arc<dyn Orders>,
    follow_ups: Arc<dyn FollowUps>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
    settle: Settle,
}

impl Refund {
    pub fn new(
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let settle = Settle::new(orders.clone(), gateways.clone(), clock.clone());
        Refund { orders, follow_ups, gateways, clock, settle }
    }

    /// Runs it for one event; events of other kinds need nothing.
    pub async fn run(&self, event: &CloudEvent) -> Result<(), Error> {
        let Some(refund_id) = refund_of(&event.data.fact) else { return Ok(()) };
        let order = self.orders.load(event.subject).await?.ok_or(Error::NotFound)?.order;
        let Some((provider, request)) = outstanding(&order, refund_id)? else { return Ok(()) };
        let failures = order.ledger.refund(refund_id).map_or(0, |refund| refund.failures);
        if failures >= MAX_REFUND_FAILURES {
            return Err(Error::Internal(format!("refund {refund_id} failed {failures} times; make it at {provider}")));
        }
        let gateway = self
            .gateways
            .get(&provider)
            .ok_or_else(|| Error::ServiceUnavailable(format!("payment provider {provider} is not configured")))?;
        let receipt = match gateway.find_refund(&request).await? {
            Some(receipt) => receipt,
            None => gateway.refund(&request).await?,
        };
        if receipt.state == RefundState::Pending {
            let look = SignedDuration::from_hours(REFUND_LOOK_HOURS);
            let at = self.clock.now().checked_add(look).unwrap_or(Timestamp::MAX);
            return Ok(self.follow_ups.reschedule(&FollowUp::Refund(order.id, refund_id), Some(at)).await?);
        }
        let source = Source { provider: &provider, event_id: None, correlation_id: &event.correlationid };
        self.settle.receipt(order, request.refund_id, receipt, source).await?;
        Ok(())
    }
}

fn refund_of(fact: &Fact) -> Option<RefundId> {
    if let Fact::RefundInitiated { refund_id, .. } | Fact::RefundFailed { refund_id } = fact {
        Some(*refund_id)
    } else {
        None
    }
}
