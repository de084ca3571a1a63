//! What a bank says of a payment: it holds the order, and what it takes is booked as gone.

use super::super::error::Refusal;
use super::super::event::{DisputeEvent, Event};
use super::super::state::Order;
use super::Decision;
use super::settling::settled;
use crate::money::Amount;
use crate::payments::{DisputeNews, DisputeState, Payment};

/// News may come out of order: what is closed is not opened again, and what was never opened can be closed.
pub(super) fn record(order: &Order, payment: &Payment, news: DisputeNews) -> Result<Decision, Refusal> {
    let DisputeNews { reference, money, reason, state } = news;
    if money.is_some_and(|money| money.currency != order.currency) {
        return Err(Refusal::PaymentMismatch);
    }
    let amount = money.map_or(payment.captured(), |money| money.amount.min(payment.captured()));
    let known = order.ledger.dispute(&reference);
    if known.is_some_and(|known| state == DisputeState::Open || known.state == state) {
        return Ok(Decision::AlreadyApplied);
    }
    let mut events: Vec<Event> = Vec::new();
    if known.is_none() {
        let (payment_id, reference) = (payment.id, reference.clone());
        events.push(DisputeEvent::OrderDisputeOpened { payment_id, reference, amount, reason }.into());
    }
    match state {
        DisputeState::Open => {}
        DisputeState::Won => {
            let amount = Amount::ZERO;
            events.push(DisputeEvent::OrderDisputeClosed { reference, outcome: state, amount }.into());
        }
        DisputeState::Lost => {
            events.push(DisputeEvent::OrderDisputeClosed { reference, outcome: state, amount }.into());
        }
    }
    Ok(settled(order, events))
}
