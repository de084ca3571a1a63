//! What a payment lets us keep, if the customer agreed to it when that very attempt was asked for (E6).

use oms_domain::card::card_like;
use oms_domain::ids::MethodId;
use oms_domain::ordering::{Event, Order, PaymentEvent};

use super::Given;
use crate::ports::SavedMethod;

/// What looks like a card number is no token and no label, and is not kept (E7).
pub(super) fn of(event: &Event, order: &Order, given: &Given) -> Option<SavedMethod> {
    let Event::Payment(PaymentEvent::OrderPaymentConfirmed { payment_id, .. }) = event else { return None };
    let method = given.method.as_ref()?;
    let attempt = order.ledger.payment(*payment_id).filter(|attempt| attempt.keep)?;
    let provider = &attempt.provider;
    if card_like(&method.token) || card_like(&method.label) {
        tracing::error!(order_id = %order.id, %provider, "a provider names a means of payment like a card number");
        return None;
    }
    Some(SavedMethod {
        id: MethodId::of_token(provider, &method.token),
        user_id: order.user_id.clone(),
        provider: provider.clone(),
        method: method.clone(),
        consented_at: attempt.requested_at,
    })
}
