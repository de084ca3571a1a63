//! An attempt's checkout session: its record, when to look at it, and asking the provider for it, the same for the
//! customer's request and for the queue that repeats it.

use jiff::{SignedDuration, Timestamp};
use oms_domain::ids::PaymentId;
use oms_domain::money::Money;
use oms_domain::ordering::Order;

use crate::error::Error;
use crate::ports::{CheckoutSession, GatewayError, OpenedSession, PaymentGateway, SessionRef, SessionRequest};

/// How long a session may hear nothing before its provider is asked, in minutes.
pub(crate) const POLL_AFTER_MINUTES: i64 = 10;

/// How often a provider is asked about money that is under way for days, in minutes.
const UNDER_WAY_MINUTES: i64 = 6 * 60;

impl CheckoutSession {
    /// The record of an attempt, before the provider is asked; nothing if the order has no such attempt.
    pub fn of(order: &Order, payment_id: PaymentId, return_url: Option<String>) -> Option<CheckoutSession> {
        let payment = order.ledger.payment(payment_id)?;
        Some(CheckoutSession {
            order_id: order.id,
            payment_id: payment.id,
            provider: payment.provider.clone(),
            requested_at: payment.requested_at,
            return_url: return_url.map(|url| without_query(&url)),
            session: None,
            look_at: Some(next_look(order, payment.requested_at)),
        })
    }

    /// The session as the provider knows it, once it is open.
    pub fn opened(&self) -> Option<SessionRef> {
        let session = self.session.as_ref()?.reference.clone();
        Some(SessionRef { order_id: self.order_id, payment_id: self.payment_id, session })
    }
}

/// A query can hold anything about anybody, and is not ours to keep; the page that a customer returns to knows them.
fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

/// When to look at a session again: after [`POLL_AFTER_MINUTES`], or when the order's time to pay is over, if that is
/// sooner.
pub(crate) fn next_look(order: &Order, now: Timestamp) -> Timestamp {
    let pause = if order.due_is_under_way() { UNDER_WAY_MINUTES } else { POLL_AFTER_MINUTES };
    let later = now.checked_add(SignedDuration::from_mins(pause)).unwrap_or(Timestamp::MAX);
    match order.due().and_then(|due| due.until) {
        Some(deadline) if deadline > now => later.min(deadline),
        Some(_) | None => later,
    }
}

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
        expires_at: order.due().and_then(|due| due.until).unwrap_or(payment.requested_at),
        keep_for: payment.keep.then(|| order.user_id.clone()),
    })
}

/// What came of asking.
pub enum Asked {
    /// The page is open.
    Open(OpenedSession),
    /// The provider cannot be reached, or wants to be left alone for so many seconds: ask again later.
    Down(String, Option<u64>),
    /// The provider refuses; asking again does not help.
    Declined(String),
}

/// Asks for the page; asked again, the provider answers with the same one.
pub async fn ask(gateway: &dyn PaymentGateway, order: &Order, record: &CheckoutSession) -> Result<Asked, Error> {
    Ok(match gateway.open(&session_request(order, record)?).await {
        Ok(session) => Asked::Open(session),
        Err(GatewayError::Unavailable(why)) => Asked::Down(why, None),
        Err(GatewayError::Busy { seconds, why }) => Asked::Down(why, Some(seconds)),
        Err(GatewayError::Declined(why)) => Asked::Declined(why),
    })
}
