//! A refund that is promised is a follow-up from that transaction on: whatever becomes of its message, `sweep` finds it.
//! Once it is done there is nothing to come back to. One that waited until a bank had decided is made as soon as it has.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use oms_domain::ids::RefundId;
use oms_domain::ordering::{DisputeEvent, Event, Order, RefundEvent};
use oms_domain::payments::Dispute;

use crate::payments::refunds::QUEUE_MINUTES;
use crate::ports::RefundTask;

/// One for each refund that began, was opened again or ended.
pub(super) fn of(events: &[Event], order: &Order) -> impl Iterator<Item = RefundTask> {
    let waited: BTreeSet<RefundId> = events.iter().flat_map(|event| held_up(event, order)).collect();
    let refunds: BTreeSet<RefundId> = events.iter().filter_map(concerned).chain(waited.iter().copied()).collect();
    refunds.into_iter().filter_map(move |refund_id| {
        let refund = order.ledger.refund(refund_id)?;
        let began = begins(events, refund_id);
        let minutes = if waited.contains(&refund_id) { 0 } else { QUEUE_MINUTES };
        let later = order.updated_at.checked_add(SignedDuration::from_mins(minutes)).ok();
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

/// The refunds that waited for what a bank has decided now.
fn held_up<'a>(event: &'a Event, order: &'a Order) -> impl Iterator<Item = RefundId> + 'a {
    let closed = if let Event::Dispute(DisputeEvent::OrderDisputeClosed { reference, .. }) = event {
        Some(reference)
    } else {
        None
    };
    let decided = move |dispute: &&Dispute| closed == Some(&dispute.reference);
    let of_payment =
        |dispute: &'a Dispute| order.ledger.refunds.iter().filter(|refund| refund.payment_id == dispute.payment_id);
    let waiting = order.ledger.disputes.iter().filter(decided).flat_map(of_payment);
    waiting.filter(|refund| !refund.completed).map(|refund| refund.id)
}

fn begins(events: &[Event], refund_id: RefundId) -> bool {
    events.iter().any(|event| {
        matches!(event, Event::Refund(RefundEvent::OrderRefundInitiated { refund_id: own, .. }) if *own == refund_id)
    })
}
