//! What an order answers to a command: events, "already applied", or a refusal.
//!
//! [`decide`] is the table of all commands; what each comes to stands in the file of its topic.

mod amend;
mod checkout;
mod dispute;
mod hold;
mod label;
mod note;
mod numbered_returns;
mod payment;
mod refund;
mod returns;
mod review;
mod settling;
mod shipment;

use jiff::Timestamp;

pub use checkout::create;

use super::MAX_TIMELINE_ENTRIES;
use super::command::Command;
use super::error::Refusal;
use super::event::Event;
use super::state::{Line, Order};
use super::status::{Action, Status};

/// What a command comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// This happens.
    Happens(Vec<Event>),
    /// It had happened before; there is nothing to do.
    AlreadyApplied,
}

impl Decision {
    /// This one event happens.
    fn of(event: impl Into<Event>) -> Self {
        Decision::Happens(vec![event.into()])
    }
}

/// What `order` answers to `command` at `now`.
pub fn decide(order: &Order, command: Command, now: Timestamp) -> Result<Decision, Refusal> {
    Ok(match answer(order, command, now)? {
        Decision::Happens(events) => Decision::Happens(label::given_back(order, shipment::arrived(order, events))),
        Decision::AlreadyApplied => Decision::AlreadyApplied,
    })
}

fn answer(order: &Order, command: Command, now: Timestamp) -> Result<Decision, Refusal> {
    match command {
        Command::Submit { terms } => checkout::submit(order, terms, now),
        Command::Cancel { reason, note } => checkout::cancel(order, reason, note),
        Command::CancelLines { lines, reason, note } => checkout::cancel_lines(order, lines, reason, note),
        Command::Amend { amendment, base } => amend::amend(order, *amendment, base, now),
        Command::WithdrawOffer { change } => amend::withdraw(order, change),
        Command::Expire => checkout::expire(order, now),
        Command::RequestPayment { provider, keep, anew } => payment::request(order, provider, keep, anew, now),
        Command::RecordPayment { payment_id, provider, reference, money } => {
            payment::record(order, payment::own(order, payment_id, &provider)?, &reference, money)
        }
        Command::RecordPaymentFailure { payment_id, provider, reason } => {
            Ok(payment::record_failure(order, payment::own(order, payment_id, &provider)?, reason, now))
        }
        Command::RecordPaymentProcessing { payment_id, provider } => {
            Ok(payment::record_processing(order, payment::own(order, payment_id, &provider)?, now))
        }
        Command::AnnounceCheckout { payment_id } => payment::announce_checkout(order, payment_id, now),
        Command::StartProcessing { note } => shipment::start_processing(order, note),
        Command::Ship { tracking, lines, note } => shipment::ship(order, tracking, lines, note),
        Command::FailDelivery { note } => shipment::fail_delivery(order, note),
        Command::Deliver { note } => shipment::deliver(order, note),
        Command::PlanShipment { lines, location } => shipment::plan(order, lines, location),
        Command::MoveShipment { shipment, step, note } => shipment::step(order, shipment, step, note),
        Command::RequestLabel { shipment, label } => label::request(order, shipment, label),
        Command::RecordLabel { shipment, label_id, label, answer } => {
            label::record(order, shipment, label_id, label, answer)
        }
        Command::VoidLabel { shipment } => label::void(order, shipment),
        Command::RecordVoid { shipment, label_id, is_void } => label::record_void(order, shipment, label_id, is_void),
        Command::PlaceHold { reason, note } => hold::place(order, reason, note),
        Command::ReleaseHold { hold, note } => hold::release(order, hold, note),
        Command::RequestReturn { lines, reason } => returns::request(order, lines, reason),
        Command::DenyReturn { reason } => returns::deny(order, reason),
        Command::ReceiveReturn { lines } => returns::receive(order, lines),
        Command::OpenReturn(new) => numbered_returns::open(order, *new, now),
        Command::MoveReturn { number, step, note } => numbered_returns::step(order, number, step, note, now),
        Command::Refund => refund::all(order),
        Command::RefundPart { part } => refund::part(order, part),
        Command::CompleteRefund { refund_id, reference, money } => refund::complete(order, refund_id, reference, money),
        Command::FailRefund { key, reason } => refund::fail(order, key, reason),
        Command::RecordRefund { provider, payment_reference, reference, money } => {
            let payment = order.ledger.payment_by_reference(&provider, &payment_reference);
            refund::record(order, payment.ok_or(Refusal::UnknownPayment)?, &reference, money)
        }
        Command::FailRefundElsewhere { reference, reason } => Ok(refund::fail_elsewhere(order, &reference, reason)),
        Command::RecordDispute { provider, payment_reference, news } => {
            let payment = order.ledger.payment_by_reference(&provider, &payment_reference);
            dispute::record(order, payment.ok_or(Refusal::UnknownPayment)?, news)
        }
        Command::RequestReview { reasons } => Ok(review::request(order, reasons)),
        Command::ApproveReview { note } => review::approve(order, note),
        Command::RejectReview { note } => review::reject(order, note),
        Command::AddNote(new) => note::add(order, new),
        Command::SetTags { tags, already_at } => Ok(note::set_tags(order, &tags, already_at)),
        Command::Assign { to } => Ok(note::assign(order, to)),
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

fn within(order: &Order, parts: impl Iterator<Item = (u16, u32)>, left: impl Fn(&Line) -> u32) -> Result<(), Refusal> {
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
