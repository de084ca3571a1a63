//! A refund that is promised is a follow-up from that transaction on: whatever becomes of its message, `sweep` finds it.
//! Once it is done there is nothing to come back to.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use oms_domain::ids::RefundId;
use oms_domain::ordering::{Event, Order, RefundEvent};

use crate::ports::RefundTask;

/// How long the queue has for a refund before `sweep` takes it up, in minutes; longer than all tries of the queue.
const QUEUE_MINUTES: i64 = 60;

/// One for each refund that began, was opened again or ended.
pub(super) fn of(events: &[Event], order: &Order) -> impl Iterator<Item = RefundTask> {
    let refunds: BTreeSet<RefundId> = events.iter().filter_map(concerned).collect();
    refunds.into_iter().filter_map(move |refund_id| {
        let refund = order.ledger.refund(refund_id)?;
        let began = begins(events, refund_id);
        let later = order.updated_at.checked_add(SignedDuration::from_mins(QUEUE_MINUTES)).ok();
        let look_at = later.filter(|_| !refund.completed);
        // What begins and ends in one change is nothing to come back to.
        (look_at.is_some() || !began).then_some(RefundTask { refund_id, look_at })
    })
}

fn concerned(event: &Event) -> Option<RefundId> {
    let Event::Refund(event) = event else { return None };
    match event {
        RefundEvent::OrderRefundInitiated { refund_id, .. }
        | RefundEvent::OrderRefundCompleted { refund_id, .. }
        | RefundEvent::OrderRefundReduced { refund_id, .. }
        | RefundEvent::OrderRefundFailed { refund_id, .. } => Some(*refund_id),
        RefundEvent::OrderClosedAsRefunded => None,
    }
}

fn begins(events: &[Event], refund_id: RefundId) -> bool {
    events.iter().any(|event| {
        matches!(event, Event::Refund(RefundEvent::OrderRefundInitiated { refund_id: own, .. }) if *own == refund_id)
    })
}
