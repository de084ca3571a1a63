//! What an order answers to a command: events, "already applied", or a refusal.

use jiff::Timestamp;

use super::MAX_TIMELINE_ENTRIES;
use super::command::{Command, NewOrder};
use super::error::Refusal;
use super::event::{CancelReason, Event, ReviewReason};
use super::state::Order;
use super::status::{Action, Status};
use crate::fulfilment::{LineQuantity, ReturnedLine, Tracking};
use crate::ids::{PaymentId, RefundId};
use crate::money::{Amount, Money};
use crate::payments::{AttemptState, MAX_PAYMENT_ATTEMPTS, Payment, RefundPart, RefundReason};

/// What a command comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// This happens.
    Happens(Vec<Event>),
    /// It had happened before; there is nothing to do.
    AlreadyApplied,
}

impl From<Event> for Decision {
    fn from(event: Event) -> Self {
        Decision::Happens(vec![event])
    }
}

/// The events of a new order.
pub fn create(new: NewOrder, now: Timestamp) -> Vec<Event> {
    let total = new.totals.total;
    let created = Event::OrderCreated {
        user_id: new.user_id,
        currency: new.currency,
        destination: new.destination,
        shipping_method: new.shipping_method,
        lines: new.lines,
        totals: new.totals,
        promotions: new.promotions,
        uses: new.uses,
    };
    if new.draft {
        return vec![created];
    }
    let mut events = vec![created];
    events.extend(submitted(total, now));
    events
}

/// A free order has nothing to wait for: it is confirmed as it is submitted.
fn submitted(total: Amount, now: Timestamp) -> Vec<Event> {
    let submitted = Event::OrderSubmitted { total, reservation_expires_at: Command::hold_until(now) };
    if total.is_positive() { vec![submitted] } else { vec![submitted, Event::OrderConfirmed] }
}

/// What `order` answers to `command` at `now`.
pub fn decide(order: &Order, command: Command, now: Timestamp) -> Result<Decision, Refusal> {
    match command {
        Command::Submit => {
            step(order, Status::Pending, Action::Submit)?;
            Ok(Decision::Happens(submitted(order.totals.total, now)))
        }
        Command::RequestPayment { provider, keep } => request_payment(order, provider, keep, now),
        Command::RecordPayment { payment_id, provider, reference, money, kept: _ } => {
            record_payment(order, own_payment(order, payment_id, &provider)?, reference, money)
        }
        Command::RecordPaymentFailure { payment_id, provider, reason } => {
            Ok(record_failure(order, own_payment(order, payment_id, &provider)?, reason))
        }
        Command::StartProcessing { note } => {
            let from_confirmed = order.status == Status::Confirmed;
            allowed(order, from_confirmed, Action::Process)?;
            not_held(order)?;
            Ok(Event::OrderProcessingStarted { note }.into())
        }
        Command::Ship { tracking, lines, note } => ship(order, tracking, lines, note),
        Command::FailDelivery { note } => {
            allowed(order, order.status == Status::Shipped, Action::FailDelivery)?;
            room_for_another_round(order)?;
            let lines =
                order.lines.iter().map(|line| LineQuantity { line: line.line, quantity: line.shipped }).collect();
            Ok(Event::OrderDeliveryFailed { lines, note }.into())
        }
        Command::Deliver { note } => {
            allowed(order, order.status == Status::Shipped, Action::Deliver)?;
            Ok(Event::OrderDelivered { note, paid_at: order.paid_at }.into())
        }
        Command::Cancel { reason, note } => cancel(order, reason, note),
        Command::Expire => expire(order, now),
        Command::RequestReturn { lines, reason } => {
            step(order, Status::ReturnRequested, Action::RequestReturn)?;
            room_for_another_round(order)?;
            within(order, lines.iter().map(|part| (part.line, part.quantity)), |line| line.shipped - line.returned)?;
            Ok(Event::OrderReturnRequested { lines, reason }.into())
        }
        Command::DenyReturn { reason } => {
            // Money that has been promised back is not taken back by a denial.
            let refunded = order.ledger.refunds.iter().any(|refund| refund.reason == RefundReason::Return);
            allowed(order, order.status == Status::ReturnRequested && !refunded, Action::DenyReturn)?;
            Ok(Event::OrderReturnDenied { reason }.into())
        }
        Command::ReceiveReturn { lines } => receive_return(order, lines),
        Command::Refund => refund(order),
        Command::RefundPart { part } => {
            allowed(order, order.pays_for_itself(), Action::Refund)?;
            within_lines(order, &part)?;
            order.refund_part(part).map(Decision::Happens)
        }
        Command::CompleteRefund { refund_id, reference } => complete_refund(order, refund_id, reference),
        Command::FailRefund { key, reason } => fail_refund(order, key, reason),
        Command::RecordRefund { provider, payment_reference, reference, money } => {
            let payment = order.ledger.payment_by_reference(&provider, &payment_reference);
            record_refund(order, payment.ok_or(Refusal::UnknownPayment)?, reference, money)
        }
        Command::AnnounceCheckout { payment_id } => {
            let payment = order.ledger.payment(payment_id).ok_or(Refusal::UnknownPayment)?;
            let waits = order.status == Status::Pending && payment.state == AttemptState::Requested;
            let told = Event::OrderPaymentPageOpened { payment_id };
            Ok(if waits { told.into() } else { Decision::AlreadyApplied })
        }
        Command::RequestReview { reasons } => Ok(request_review(order, reasons)),
        Command::ApproveReview { note } => {
            allowed(order, order.review.is_some(), Action::Review)?;
            Ok(Event::OrderReviewApproved { note }.into())
        }
        Command::RejectReview { note } => {
            allowed(order, order.review.is_some(), Action::Review)?;
            cancel(order, CancelReason::Fraud, note)
        }
        Command::AddNote { note } => Ok(Event::OrderNoteAdded { note }.into()),
    }
}

fn step(order: &Order, to: Status, action: Action) -> Result<(), Refusal> {
    allowed(order, order.status.may_become(to), action)
}

fn allowed(order: &Order, condition: bool, action: Action) -> Result<(), Refusal> {
    if condition { Ok(()) } else { Err(Refusal::InvalidTransition { from: order.status, action }) }
}

/// An order goes forward by itself; only a failed delivery and a return request take it back to where it was.
fn room_for_another_round(order: &Order) -> Result<(), Refusal> {
    if order.timeline.len() < MAX_TIMELINE_ENTRIES { Ok(()) } else { Err(Refusal::HistoryFull) }
}

/// What a fraud check holds is neither prepared nor shipped.
fn not_held(order: &Order) -> Result<(), Refusal> {
    if order.review.is_some() { Err(Refusal::UnderReview) } else { Ok(()) }
}

/// Before it ships there is something to hold; a hold that stands is not repeated.
fn request_review(order: &Order, reasons: Vec<ReviewReason>) -> Decision {
    let can_be_held = order.status.holds_stock() && order.review.is_none() && !reasons.is_empty();
    if can_be_held { Event::OrderReviewRequested { reasons }.into() } else { Decision::AlreadyApplied }
}

fn request_payment(order: &Order, provider: String, keep: bool, now: Timestamp) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Pending, Action::Pay)?;
    if let Some(since) = order.reservation_expires_at.filter(|deadline| *deadline <= now) {
        return Err(Refusal::HoldExpired { since });
    }
    let attempt = order.ledger.payments.len();
    if attempt >= MAX_PAYMENT_ATTEMPTS {
        return Err(Refusal::TooManyAttempts(MAX_PAYMENT_ATTEMPTS));
    }
    let payment_id = PaymentId::of_attempt(order.id, attempt);
    Ok(Event::OrderPaymentRequested { payment_id, provider, amount: order.totals.total, keep }.into())
}

fn own_payment<'a>(order: &'a Order, id: PaymentId, provider: &str) -> Result<&'a Payment, Refusal> {
    order.ledger.payment(id).filter(|payment| payment.provider == provider).ok_or(Refusal::UnknownPayment)
}

/// Money that arrives is recorded whatever the order's state; if the order has no use for it, it goes back at once.
fn record_payment(order: &Order, payment: &Payment, reference: String, money: Money) -> Result<Decision, Refusal> {
    if money != Money::new(payment.amount, order.currency) {
        return Err(Refusal::PaymentMismatch);
    }
    if matches!(payment.state, AttemptState::Captured { .. }) {
        return Ok(Decision::AlreadyApplied);
    }
    let accepted = order.status == Status::Pending;
    let confirmed =
        Event::OrderPaymentConfirmed { payment_id: payment.id, reference, amount: payment.amount, accepted };
    if accepted {
        return Ok(confirmed.into());
    }
    let paid_otherwise = order.paid_at.is_some();
    let reason = if paid_otherwise { RefundReason::DuplicatePayment } else { RefundReason::LatePayment };
    let refund_id = RefundId::of_sequence(order.id, order.ledger.refunds.len());
    let refund =
        Event::OrderRefundInitiated { refund_id, payment_id: payment.id, amount: payment.amount, reason, part: None };
    Ok(Decision::Happens(vec![confirmed, refund]))
}

/// A failure that arrives after a success, or twice, or for an order that no longer waits, changes nothing.
fn record_failure(order: &Order, payment: &Payment, reason: String) -> Decision {
    match payment.state {
        AttemptState::Requested if order.status == Status::Pending => {
            Event::OrderPaymentFailed { payment_id: payment.id, reason }.into()
        }
        AttemptState::Requested | AttemptState::Failed | AttemptState::Captured { .. } => Decision::AlreadyApplied,
    }
}

fn ship(
    order: &Order,
    tracking: Tracking,
    lines: Option<Vec<LineQuantity>>,
    note: Option<String>,
) -> Result<Decision, Refusal> {
    allowed(order, order.status == Status::Processing, Action::Ship)?;
    not_held(order)?;
    let rest = || {
        let left =
            order.lines.iter().map(|line| LineQuantity { line: line.line, quantity: line.quantity - line.shipped });
        left.filter(|part| part.quantity > 0).collect()
    };
    let lines = lines.unwrap_or_else(rest);
    within(order, lines.iter().map(|part| (part.line, part.quantity)), |line| line.quantity - line.shipped)?;
    Ok(Event::OrderShipped { tracking, lines, note }.into())
}

fn cancel(order: &Order, reason: CancelReason, note: Option<String>) -> Result<Decision, Refusal> {
    step(order, Status::Cancelled, Action::Cancel)?;
    if order.is_partly_shipped() {
        return Err(Refusal::PartlyShipped);
    }
    let mut events = vec![Event::OrderCancelled { reason, note }];
    events.extend(refunds_of_all(order, RefundReason::OrderCancelled));
    Ok(Decision::Happens(events))
}

fn expire(order: &Order, now: Timestamp) -> Result<Decision, Refusal> {
    if order.status != Status::Pending {
        return Ok(Decision::AlreadyApplied);
    }
    match order.reservation_expires_at {
        Some(until) if now < until => Err(Refusal::NotDue { until }),
        Some(_) | None => cancel(order, CancelReason::PaymentTimeout, None),
    }
}

fn receive_return(order: &Order, lines: Vec<ReturnedLine>) -> Result<Decision, Refusal> {
    step(order, Status::Returned, Action::ReceiveReturn)?;
    let mut sums: Vec<(u16, u32)> = Vec::new();
    for part in &lines {
        match sums.iter_mut().find(|(line, _)| *line == part.line) {
            Some((_, quantity)) => *quantity = quantity.saturating_add(part.quantity),
            None => sums.push((part.line, part.quantity)),
        }
    }
    within(order, sums.into_iter(), |line| line.shipped - line.returned)?;
    Ok(Event::OrderReturned { lines }.into())
}

fn complete_refund(order: &Order, refund_id: RefundId, reference: String) -> Result<Decision, Refusal> {
    let refund = order.ledger.refund_by_key(refund_id).ok_or(Refusal::UnknownRefund)?;
    if refund.completed {
        return Ok(Decision::AlreadyApplied);
    }
    Ok(Event::OrderRefundCompleted { refund_id: refund.id, amount: refund.amount, reference }.into())
}

/// News of an attempt before the present one is old. A refund that was thought done and failed after all is open again.
fn fail_refund(order: &Order, key: RefundId, reason: String) -> Result<Decision, Refusal> {
    let refund = order.ledger.refund_by_key(key).ok_or(Refusal::UnknownRefund)?;
    if refund.key() != key {
        return Ok(Decision::AlreadyApplied);
    }
    Ok(Event::OrderRefundFailed { refund_id: refund.id, reason }.into())
}

/// What was given back by hand is written down whatever the order's state. Where a refund of ours of the same amount has
/// failed, it was made in its place.
fn record_refund(order: &Order, payment: &Payment, reference: String, money: Money) -> Result<Decision, Refusal> {
    let amount = money.amount;
    if money.currency != order.currency || !amount.is_positive() || amount > payment.amount {
        return Err(Refusal::PaymentMismatch);
    }
    let refund_id = RefundId::of_reference(order.id, &reference);
    if order.ledger.refund(refund_id).is_some() {
        return Ok(Decision::AlreadyApplied);
    }
    let stands_for = order.ledger.refunds.iter().find(|refund| {
        refund.payment_id == payment.id && refund.amount == amount && !refund.completed && refund.failures > 0
    });
    if let Some(failed) = stands_for {
        return Ok(Event::OrderRefundCompleted { refund_id: failed.id, amount, reference }.into());
    }
    let reason = RefundReason::AtProvider;
    let initiated = Event::OrderRefundInitiated { refund_id, payment_id: payment.id, amount, reason, part: None };
    Ok(Decision::Happens(vec![initiated, Event::OrderRefundCompleted { refund_id, amount, reference }]))
}

/// One refund for every payment of which something is still captured.
fn refunds_of_all(order: &Order, reason: RefundReason) -> Vec<Event> {
    let first = order.ledger.refunds.len();
    let open = order.ledger.payments.iter().map(|payment| (payment.id, order.ledger.refundable(payment)));
    open.filter(|(_, amount)| amount.is_positive())
        .enumerate()
        .map(|(offset, (payment_id, amount))| Event::OrderRefundInitiated {
            refund_id: RefundId::of_sequence(order.id, first + offset),
            payment_id,
            amount,
            reason,
            part: None,
        })
        .collect()
}

/// Gives back the rest; where nothing is left, a free order or one given back in parts, that is all there is to do.
fn refund(order: &Order) -> Result<Decision, Refusal> {
    step(order, Status::Refunded, Action::Refund)?;
    let refunds = refunds_of_all(order, RefundReason::Return);
    if !refunds.is_empty() {
        return Ok(Decision::Happens(refunds));
    }
    let under_way = order.ledger.refunds.iter().any(|refund| !refund.completed);
    Ok(if under_way { Decision::AlreadyApplied } else { Event::OrderRefunded.into() })
}

/// Units that were given back are not given back again.
fn within_lines(order: &Order, part: &RefundPart) -> Result<(), Refusal> {
    if part.lines.is_empty() {
        return Ok(());
    }
    within(order, part.lines.iter().map(|part| (part.line, part.quantity)), |line| line.quantity - line.refunded)
}

fn within(
    order: &Order,
    parts: impl Iterator<Item = (u16, u32)>,
    left: impl Fn(&super::state::Line) -> u32,
) -> Result<(), Refusal> {
    let mut seen = Vec::new();
    for (number, quantity) in parts {
        let line = order.lines.iter().find(|line| line.line == number).ok_or(Refusal::UnknownLine(number))?;
        let left = left(line);
        if quantity == 0 || quantity > left || seen.contains(&number) {
            return Err(Refusal::TooManyUnits { line: number, left });
        }
        seen.push(number);
    }
    if seen.is_empty() { Err(Refusal::NothingNamed) } else { Ok(()) }
}
