//! A customer's orders that wait for their payment, of which they may have a few.
//!
//! An order whose time to pay is over gives its place back when somebody expires it. Whoever needs the place does that here,
//! as whoever needs its units does in `overdue.rs`.

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use oms_domain::ids::OrderId;

use crate::error::Error;
use crate::ordering::overdue::expire;
use crate::ports::{Clock, Orders};

/// When a customer is to try again whose order has no deadline that could be told.
const UNKNOWN_SECONDS: i64 = 60;

/// Most open orders that are looked at for one request.
const LOOKED_AT_ORDERS: usize = 20;

/// Expires those whose time to pay is over. Nothing: there is room now. Otherwise when the first of the others is over.
pub(crate) async fn make_room(
    orders: &dyn Orders,
    clock: &dyn Clock,
    open: &[OrderId],
    correlation_id: &str,
) -> Result<Option<Timestamp>, Error> {
    let now = clock.now();
    let mut first_over: Option<Timestamp> = None;
    let mut room = false;
    for loaded in join_all(open.iter().take(LOOKED_AT_ORDERS).map(|id| orders.load(*id))).await {
        let Some(stored) = loaded? else { continue };
        match stored.order.reservation_expires_at.filter(|_| stored.order.awaits_payment(now)) {
            Some(until) => first_over = Some(first_over.map_or(until, |first| first.min(until))),
            // It was paid, cancelled or expired a moment ago, or is expired now.
            None => room |= expire_or_over(orders, clock, stored.order, correlation_id).await?,
        }
    }
    let soon = now.checked_add(SignedDuration::from_secs(UNKNOWN_SECONDS)).unwrap_or(Timestamp::MAX);
    Ok(if room { None } else { Some(first_over.unwrap_or(soon)) })
}

async fn expire_or_over(
    orders: &dyn Orders,
    clock: &dyn Clock,
    order: oms_domain::ordering::Order,
    correlation_id: &str,
) -> Result<bool, Error> {
    if order.status != oms_domain::ordering::Status::Pending {
        return Ok(true);
    }
    Box::pin(expire(orders, clock, order, correlation_id)).await
}
