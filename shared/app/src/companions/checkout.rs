//! An attempt to pay wants a checkout session: its record is there before the provider is asked.

use oms_domain::ordering::{Event, Order, PaymentEvent};

use super::Given;
use crate::ports::CheckoutSession;

pub(super) fn of(event: &Event, order: &Order, given: &Given) -> Option<CheckoutSession> {
    let Event::Payment(PaymentEvent::OrderPaymentRequested { payment_id, .. }) = event else { return None };
    CheckoutSession::of(order, *payment_id, given.return_url.clone())
}
