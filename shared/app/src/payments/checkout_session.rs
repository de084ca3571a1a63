//! Asking a provider for an attempt's page, the same for the customer's request and for the queue that repeats it.

use oms_domain::money::Money;
use oms_domain::ordering::Order;

use crate::error::Error;
use crate::ports::{CheckoutSession, GatewayError, OpenedSession, PaymentGateway, SessionRequest};

/// What is asked of the provider. Made from what is recorded only: whoever asks again asks for the same.
pub fn session_request(order: &Order, record: &CheckoutSession) -> Result<SessionRequest, Error> {
    let payment =
        order.ledger.payment(record.payment_id).ok_or_else(|| Error::Internal("the attempt is lost".into()))?;
    Ok(SessionRequest {
        order_id: order.id,
        payment_id: payment.id,
        money: Money::new(payment.amount, order.currency),
        return_url: record.return_url.clone(),
        requested_at: payment.requested_at,
        expires_at: order.reservation_expires_at.unwrap_or(payment.requested_at),
        keep_for: payment.keep.then(|| order.user_id.clone()),
    })
}

/// What came of asking.
pub enum Asked {
    /// The page is open.
    Open(OpenedSession),
    /// The provider cannot be reached: ask again later.
    Down(String),
    /// The provider refuses; asking again does not help.
    Declined(String),
}

/// Asks for the page; asked again, the provider answers with the same one.
pub async fn ask(gateway: &dyn PaymentGateway, order: &Order, record: &CheckoutSession) -> Result<Asked, Error> {
    Ok(match gateway.open(&session_request(order, record)?).await {
        Ok(session) => Asked::Open(session),
        Err(GatewayError::Unavailable(why)) => Asked::Down(why),
        Err(GatewayError::Declined(why)) => Asked::Declined(why),
    })
}
