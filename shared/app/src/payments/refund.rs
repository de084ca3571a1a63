//! Gives money back at the provider, once (D6).
//!
//! For every `order.refund_initiated`, and for every `order.refund_failed` as long as another attempt is worth it:
//! 1. Load the order; a refund that is completed needs nothing.
//! 2. Make it, for as much as is left ([`GiveBack`]). A failure leads to a new key, since a provider answers the old one
//!    with the same failure for ever.
//! 3. What is pending is told by webhook, or found by `sweep`, which also finds what this queue has lost: each refund has
//!    a follow-up from the transaction on that promises it.
//!
//! Guarantee: at least one attempt until it succeeds or its tries end in the dead-letter queue (L6); the provider's
//! idempotency and our look-up make it one refund.

use std::sync::Arc;

use oms_domain::ids::RefundId;
use oms_domain::public_event::{CloudEvent, Fact};

use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::payments::gateways::Gateways;
use crate::payments::give_back::{GiveBack, MAX_REFUND_FAILURES, Stands};
use crate::payments::refunds::REFUND_LOOK_HOURS;
use crate::ports::{Clock, FollowUp, FollowUps, Orders};

pub struct Refund {
    orders: Arc<dyn Orders>,
    follow_ups: Arc<dyn FollowUps>,
    clock: Arc<dyn Clock>,
    give_back: GiveBack,
}

impl Refund {
    pub fn new(
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let give_back = GiveBack::new(orders.clone(), gateways, clock.clone());
        Refund { orders, follow_ups, clock, give_back }
    }

    /// Runs it for one event; events of other kinds need nothing.
    pub async fn run(&self, event: &CloudEvent) -> Result<(), Error> {
        let Some(refund_id) = refund_of(&event.data.fact) else { return Ok(()) };
        let order = self.orders.load(event.subject).await?.ok_or(Error::NotFound)?.order;
        match self.give_back.run(order, refund_id, &event.correlationid).await? {
            // Where a bank decides first, the decision's own transaction says when to come back: nothing may overwrite that.
            Stands::Done | Stands::Failed | Stands::Disputed => Ok(()),
            Stands::Waits => {
                let look = SignedDuration::from_hours(REFUND_LOOK_HOURS);
                let at = self.clock.now().checked_add(look).unwrap_or(Timestamp::MAX);
                Ok(self.follow_ups.reschedule(&FollowUp::Refund(event.subject, refund_id), Some(at)).await?)
            }
            Stands::Exhausted => {
                Err(Error::Internal(format!("refund {refund_id} failed {MAX_REFUND_FAILURES} times; make it by hand")))
            }
        }
    }
}

fn refund_of(fact: &Fact) -> Option<RefundId> {
    if let Fact::RefundInitiated { refund_id, .. }
    | Fact::RefundReduced { refund_id, .. }
    | Fact::RefundFailed { refund_id } = fact
    {
        Some(*refund_id)
    } else {
        None
    }
}
