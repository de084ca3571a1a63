//! One event of every kind, for what is stored and what is told.

use oms_domain::catalog::stock::Condition;
use oms_domain::chain::Hash;
use oms_domain::ids::{PaymentId, RefundId};
use oms_domain::money::Amount;
use oms_domain::ordering::{CancelReason, Command, Event, NewOrder, Provenance, Record, ReviewReason, Status};
use oms_domain::payments::{RefundPart, RefundReason};

use super::{new_order, order_id, provenance, returned, start, tracking, units, usual_lines};

/// The event's name as it is stored. No `_`: a new event must be named here, and so met by the tests of all events.
pub(crate) fn name(event: &Event) -> &'static str {
    match event {
        Event::OrderCreated { .. } => "OrderCreated",
        Event::OrderSubmitted { .. } => "OrderSubmitted",
        Event::OrderConfirmed => "OrderConfirmed",
        Event::OrderRefunded => "OrderRefunded",
        Event::OrderPaymentRequested { .. } => "OrderPaymentRequested",
        Event::OrderPaymentConfirmed { .. } => "OrderPaymentConfirmed",
        Event::OrderPaymentFailed { .. } => "OrderPaymentFailed",
        Event::OrderProcessingStarted { .. } => "OrderProcessingStarted",
        Event::OrderShipped { .. } => "OrderShipped",
        Event::OrderDeliveryFailed { .. } => "OrderDeliveryFailed",
        Event::OrderDelivered { .. } => "OrderDelivered",
        Event::OrderCancelled { .. } => "OrderCancelled",
        Event::OrderReturnRequested { .. } => "OrderReturnRequested",
        Event::OrderReturnDenied { .. } => "OrderReturnDenied",
        Event::OrderReturned { .. } => "OrderReturned",
        Event::OrderRefundInitiated { .. } => "OrderRefundInitiated",
        Event::OrderRefundCompleted { .. } => "OrderRefundCompleted",
        Event::OrderRefundFailed { .. } => "OrderRefundFailed",
        Event::OrderPaymentPageOpened { .. } => "OrderPaymentPageOpened",
        Event::OrderNoteAdded { .. } => "OrderNoteAdded",
        Event::OrderReviewRequested { .. } => "OrderReviewRequested",
        Event::OrderReviewApproved { .. } => "OrderReviewApproved",
    }
}

/// One event of every kind. `free_text` stands in every field that somebody writes freely.
pub(crate) fn every_event(free_text: &str) -> Vec<Event> {
    let payment_id = PaymentId::of_attempt(order_id(), 0);
    let refund_id = RefundId::of_sequence(order_id(), 0);
    let NewOrder { user_id, currency, destination, shipping_method, lines, totals, promotions, uses, .. } =
        new_order(usual_lines());
    let amount = totals.total;
    let parcel = vec![units(1, 2)];
    let text = || free_text.to_owned();
    vec![
        Event::OrderCreated { user_id, currency, destination, shipping_method, lines, totals, promotions, uses },
        Event::OrderSubmitted { total: amount, reservation_expires_at: Command::hold_until(start()) },
        Event::OrderConfirmed,
        Event::OrderPaymentRequested { payment_id, provider: "stripe".into(), amount, keep: true },
        Event::OrderPaymentConfirmed { payment_id, reference: text(), amount, accepted: true },
        Event::OrderPaymentFailed { payment_id, reason: text() },
        Event::OrderProcessingStarted { note: Some(text()) },
        Event::OrderShipped { tracking: tracking(), lines: parcel.clone(), note: Some(text()) },
        Event::OrderDeliveryFailed { lines: parcel.clone(), note: Some(text()) },
        Event::OrderDelivered { note: Some(text()), paid_at: None },
        Event::OrderDelivered { note: None, paid_at: Some(start()) },
        Event::OrderCancelled { reason: CancelReason::CustomerRequest, note: Some(text()) },
        Event::OrderReturnRequested { lines: parcel, reason: text() },
        Event::OrderReturnDenied { reason: text() },
        Event::OrderReturned { lines: vec![returned(1, 2, Condition::Damaged)] },
        Event::OrderRefundInitiated { refund_id, payment_id, amount, reason: RefundReason::Return, part: None },
        Event::OrderRefundInitiated {
            refund_id,
            payment_id,
            amount,
            reason: RefundReason::Partial,
            part: Some(RefundPart {
                lines: vec![units(1, 2), units(2, 1), units(3, 3)],
                shipping: Amount::from_minor(490),
                goodwill: Amount::from_minor(500),
                note: text(),
            }),
        },
        Event::OrderRefundCompleted { refund_id, amount, reference: text() },
        Event::OrderRefunded,
        Event::OrderRefundFailed { refund_id, reason: text() },
        Event::OrderPaymentPageOpened { payment_id },
        Event::OrderNoteAdded { note: text() },
        Event::OrderReviewRequested { reasons: vec![ReviewReason::Value, ReviewReason::Countries] },
        Event::OrderReviewApproved { note: Some(text()) },
    ]
}

/// The event as the second one of an order.
pub(crate) fn recorded(event: Event) -> Record {
    let Provenance { at, actor, correlation_id } = provenance(start());
    Record { version: 2, at, actor, correlation_id, status: Status::Pending, previous: Hash::of("the first"), event }
}
