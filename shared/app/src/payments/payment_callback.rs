//! Takes a payment provider's webhook (E2–E5).
//!
//! 1. The provider's adapter verifies the raw bytes and reads them into neutral words.
//! 2. [`Settle`] loads the order that the notification names and applies it; state, events and the notification's record
//!    are committed together.
//! 3. A genuine event about an order or a payment that we do not know is kept as unmatched; `sweep` applies it when they appear.
//!
//! Webhooks come twice, late, early and out of order: none of that changes the outcome. A notification for another
//! amount or currency than we asked for changes nothing. We answer with success only when the outcome is stored.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::payments::gateways::Gateways;
use crate::payments::settle::Settle;
use crate::ports::{Clock, FollowUps, Orders, Unmatched, WebhookError};

pub use crate::payments::settle::Handled;

/// How long an unmatched event waits for its order.
pub const UNMATCHED_HOURS: i64 = 7 * 24;

/// When an unmatched event is looked at first, in minutes.
const FIRST_LOOK_MINUTES: i64 = 1;

/// A webhook as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which provider, from the path.
    pub provider: String,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    pub correlation_id: String,
}

pub struct PaymentCallback {
    settle: Settle,
    follow_ups: Arc<dyn FollowUps>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
}

impl PaymentCallback {
    pub fn new(
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let settle = Settle::new(orders, gateways.clone(), clock.clone());
        PaymentCallback { settle, follow_ups, gateways, clock }
    }

    pub async fn run(&self, request: &Request) -> Result<Handled, Error> {
        let gateway = self.gateways.get(&request.provider).ok_or(Error::NotFound)?;
        let now = self.clock.now();
        let event = gateway.read_webhook(&request.headers, &request.body, now).await.map_err(disbelief)?;
        match self.settle.event(&request.provider, event.clone(), &request.correlation_id).await {
            Err(Error::NotFound) => {}
            answer => return answer,
        }
        let unmatched = Unmatched { provider: request.provider.clone(), event, since: now };
        let after = |minutes| now.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX);
        self.follow_ups.keep_unmatched(&unmatched, after(FIRST_LOOK_MINUTES), after(60 * UNMATCHED_HOURS)).await?;
        tracing::warn!(provider = %request.provider, "an event about an unknown order or payment is kept as unmatched");
        Ok(Handled::Unmatched)
    }
}

fn disbelief(error: WebhookError) -> Error {
    match error {
        WebhookError::Forged | WebhookError::OutOfTime => Error::Signature(error.to_string()),
        WebhookError::Unreadable(why) => Error::Malformed(why),
        WebhookError::Unavailable(why) => Error::ServiceUnavailable(why),
    }
}
