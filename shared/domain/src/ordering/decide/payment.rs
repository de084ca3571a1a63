//! Attempts to pay, and what providers say of them.

use jiff::Timestamp;

use super::super::command::Command;
use super::super::error::Refusal;
use super::super::event::{ChangeEvent, Event, LapseReason, PaymentEvent, RefundEvent};
use super::super::state::Order;
use super::super::status::{Action, Status};
use super::amend::lapsed;
use super::{Decision, allowed};
use crate::ids::{PaymentId, RefundId};
use crate::money::{Amount, Money};
use crate::payments::{AttemptState, MAX_PAYMENT_ATTEMPTS, Payment, RefundReason};

/// One open page at a provider is enough: it is answered again, unless a new one is wanted.
pub(super) fn request(
    order: &Order,
    provider: String,
    keep: bool,
    anew: bool,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let due = order.due();
    allowed(order, due.is_some(), Action::Pay)?;
    let Some(due) = due else { return Ok(Decision::AlreadyApplied) };
    if due.until.is_none_or(|until| now >= until) {
        return Err(Refusal::HoldExpired { since: due.until.unwrap_or(order.updated_at) });
    }
    if let Some(under_way) = order.under_way() {
        return Err(Refusal::PaymentUnderWay { provider: under_way.provider.clone() });
    }
    if !anew && order.open_attempt(&provider, keep).is_some() {
        return Ok(Decision::AlreadyApplied);
    }
    let attempt = order.ledger.payments.len();
    if attempt >= MAX_PAYMENT_ATTEMPTS {
        return Err(Refusal::TooManyAttempts(MAX_PAYMENT_ATTEMPTS));
    }
    let (payment_id, amount, change) = (PaymentId::of_attempt(order.id, attempt), due.amount, due.change);
    Ok(Decision::of(PaymentEvent::OrderPaymentRequested { payment_id, provider, amount, keep, change }))
}

pub(super) fn own<'a>(order: &'a Order, id: PaymentId, provider: &str) -> Result<&'a Payment, Refusal> {
    order.ledger.payment(id).filter(|payment| payment.provider == provider).ok_or(Refusal::UnknownPayment)
}

/// Money that arrives is recorded whatever the order's state; if the order has no use for it, it goes back at once.
pub(super) fn record(order: &Order, payment: &Payment, reference: &str, money: Money) -> Result<Decision, Refusal> {
    if money.counted_in(order.currency) != Some(payment.amount) {
        return Err(Refusal::PaymentMismatch);
    }
    if matches!(payment.state, AttemptState::Captured { .. }) {
        return Ok(Decision::AlreadyApplied);
    }
    let confirmed = |accepted| {
        let (payment_id, amount, change) = (payment.id, payment.amount, payment.change);
        let reference = reference.to_owned();
        Event::from(PaymentEvent::OrderPaymentConfirmed { payment_id, reference, amount, accepted, change })
    };
    match use_of(order, payment) {
        Use::Pays => Ok(Decision::of(confirmed(true))),
        Use::PaysTooMuch => {
            let mut events = vec![confirmed(true)];
            let paid = order.foreseen(&events);
            events.extend(paid.refund_changed(payment.amount - order.totals.total)?);
            Ok(Decision::Happens(events))
        }
        Use::Accepts(change) => {
            Ok(Decision::Happens(vec![confirmed(true), ChangeEvent::OrderChangeAccepted { change }.into()]))
        }
        Use::Comes(reason, overtaken) => {
            let mut events = vec![confirmed(false)];
            let refund_id = RefundId::of_sequence(order.id, order.ledger.refunds.len());
            let (payment_id, amount, part, short) = (payment.id, payment.amount, None, Amount::ZERO);
            events
                .push(RefundEvent::OrderRefundInitiated { refund_id, payment_id, amount, reason, part, short }.into());
            events.extend(overtaken.map(|event| *event));
            Ok(Decision::Happens(events))
        }
    }
}

/// What money that arrives is good for.
enum Use {
    Pays,
    /// The order was changed and costs less by now: the rest goes back.
    PaysTooMuch,
    /// It pays for this change.
    Accepts(u16),
    /// Nothing, for this reason; a change that it was for comes to nothing with it.
    Comes(RefundReason, Option<Box<Event>>),
}

fn use_of(order: &Order, payment: &Payment) -> Use {
    let total = order.totals.total;
    match (payment.change, &order.offer) {
        (None, _) if order.status == Status::Pending && payment.amount == total => Use::Pays,
        (None, _) if order.status == Status::Pending && payment.amount > total => Use::PaysTooMuch,
        (None, _) if order.status == Status::Pending => Use::Comes(RefundReason::Superseded, None),
        (None, _) if order.paid_at.is_some() => Use::Comes(RefundReason::DuplicatePayment, None),
        (None, _) => Use::Comes(RefundReason::LatePayment, None),
        (Some(change), Some(offer)) if offer.change == change && order.still_fits(&offer.revision.terms) => {
            Use::Accepts(change)
        }
        (Some(change), Some(offer)) if offer.change == change => {
            Use::Comes(RefundReason::Superseded, lapsed(order, LapseReason::Overtaken).map(Box::new))
        }
        (Some(_), _) => Use::Comes(RefundReason::Superseded, None),
    }
}

/// A failure that arrives after a success, or twice, or for an order that no longer waits, or that waits for the money of
/// another attempt, changes nothing. Where the money was under way, the customer gets the time to pay once more.
pub(super) fn record_failure(order: &Order, payment: &Payment, reason: String, now: Timestamp) -> Decision {
    let payment_id = payment.id;
    let failed = |wait_until| Decision::of(PaymentEvent::OrderPaymentFailed { payment_id, reason, wait_until });
    match payment.state {
        AttemptState::Processing if order.wants(payment) => failed(Some(Command::hold_until(now))),
        AttemptState::Requested if order.awaits(payment, now) && !order.due_is_under_way() => failed(None),
        AttemptState::Requested | AttemptState::Processing | AttemptState::Failed | AttemptState::Captured { .. } => {
            Decision::AlreadyApplied
        }
    }
}

/// The order waits longer for money that is under way, and keeps its stock. News of an attempt that has ended is old.
pub(super) fn record_processing(order: &Order, payment: &Payment, now: Timestamp) -> Decision {
    match payment.state {
        AttemptState::Requested if order.wants(payment) => {
            let wait_until = Command::process_until(now);
            Decision::of(PaymentEvent::OrderPaymentProcessing { payment_id: payment.id, wait_until })
        }
        AttemptState::Requested | AttemptState::Processing | AttemptState::Failed | AttemptState::Captured { .. } => {
            Decision::AlreadyApplied
        }
    }
}

/// The checkout is open after all: worth telling while the order waits for its money.
pub(super) fn announce_checkout(order: &Order, payment_id: PaymentId, now: Timestamp) -> Result<Decision, Refusal> {
    let payment = order.ledger.payment(payment_id).ok_or(Refusal::UnknownPayment)?;
    let waits = order.awaits(payment, now) && payment.state == AttemptState::Requested;
    Ok(if waits { Decision::of(PaymentEvent::OrderCheckoutOpened { payment_id }) } else { Decision::AlreadyApplied })
}
