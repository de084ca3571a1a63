//! Orders whose time to pay is over: the one way in which their hold ends (D3, F3). Drafts that nobody submitted in time
//! end in the same way; they hold nothing.
//!
//! A hold ends by the clock, not by the minute's sweep. Until somebody expires the order its units are counted as
//! reserved, so whoever misses them asks for them here:
//!
//! 1. Ask the `due` index, which may lag: a hint what to look at.
//! 2. Load those orders, a few at a time, and let each that holds a wanted product decide by its own deadline; commit.
//! 3. Stop when enough is free.
//!
//! Guarantee: units are taken from nobody who could still pay, and each is given back once, whoever asks. Who asked gets
//! no right to them: they go to the next commit that finds them.

use futures::future::join_all;
use oms_domain::actor::Actor;
use oms_domain::catalog::NotSellable;
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::ordering::{Command, Order, Refusal, Status};

use crate::error::{Error, NotOrderable};
use crate::execute::{CommandContext, Outcome, execute};
use crate::ports::{Clock, Orders};

/// Most overdue orders looked at for one request.
const LOOKED_AT_ORDERS: usize = 200;

/// How many of them are loaded at a time.
const LOADED_AT_ONCE_ORDERS: usize = 20;

/// Most overdue orders expired for one request; each is a transaction that the customer waits for.
pub const MAX_EXPIRED_ORDERS: usize = 20;

/// Units of a product that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) product_id: ProductId,
    pub(crate) units: u32,
}

impl Missing {
    /// What was refused for want of units, if that was the only reason; `wanted` tells the units of a product.
    pub(crate) fn of(refused: &[NotOrderable], wanted: impl Fn(ProductId) -> u32) -> Vec<Missing> {
        if refused.iter().any(|refused| refused.reason != NotSellable::OutOfStock) {
            return Vec::new();
        }
        let missing = |refused: &NotOrderable| {
            let units = wanted(refused.product_id).saturating_sub(refused.available.unwrap_or_default());
            Missing { product_id: refused.product_id, units }
        };
        refused.iter().map(missing).collect()
    }
}

/// Cancels the order if its time to pay, or a draft's time to be submitted, is over; false if it is not, or was cancelled before.
pub(crate) async fn expire(
    orders: &dyn Orders,
    clock: &dyn Clock,
    order: Order,
    correlation_id: &str,
) -> Result<bool, Error> {
    let context = CommandContext::of(Actor::system("deadline"), correlation_id);
    match execute(orders, clock, order, &Command::Expire, &context, |_| String::new()).await {
        Ok(outcome) => Ok(matches!(outcome, Outcome::Changed(..))),
        Err(Error::Refused(Refusal::NotDue { .. })) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Expires overdue orders until the missing units are free. True if any were found, so that it is worth another try;
/// also if somebody else was quicker to expire them.
///
/// An order that fails does not keep the others. Where one failed and no other was found, nobody can say that the units
/// are gone for good: that is an error, and the request may be repeated.
pub(crate) async fn free(
    orders: &dyn Orders,
    clock: &dyn Clock,
    mut missing: Vec<Missing>,
    correlation_id: &str,
) -> Result<bool, Error> {
    if missing.is_empty() {
        return Ok(false);
    }
    let due = orders.due(clock.now(), LOOKED_AT_ORDERS).await?;
    let (mut found, mut expired, mut failure) = (false, 0, None);
    for ids in due.chunks(LOADED_AT_ONCE_ORDERS) {
        for loaded in join_all(ids.iter().map(|id| orders.load(*id))).await {
            let Some(stored) = loaded? else { continue };
            let held = held_of(&stored.order, &missing);
            if held.is_empty() {
                continue;
            }
            if expired == MAX_EXPIRED_ORDERS {
                return Ok(true);
            }
            let id: OrderId = stored.order.id;
            match Box::pin(expire(orders, clock, stored.order, correlation_id)).await {
                Ok(true) => {
                    (found, expired) = (true, expired + 1);
                    take_off(&mut missing, &held);
                }
                Ok(false) => found = true,
                Err(error) => {
                    tracing::warn!(order_id = %id, %error, "an overdue order could not be expired");
                    failure = Some(error);
                }
            }
            if missing.is_empty() {
                return Ok(true);
            }
        }
    }
    match failure {
        Some(Error::Contended) if !found => Err(Error::StockTaken),
        Some(error) if !found => Err(error),
        Some(_) | None => Ok(found),
    }
}

/// What the order holds, or held a moment ago, of what is missing.
fn held_of(order: &Order, missing: &[Missing]) -> Vec<Missing> {
    // A draft holds no units, nor does what waits for a return.
    if order.status == Status::Draft || order.delivered_at().is_some() {
        return Vec::new();
    }
    let wanted = |product_id| missing.iter().any(|missing| missing.product_id == product_id);
    let lines = order.lines.iter().filter(|line| wanted(line.product_id));
    lines.map(|line| Missing { product_id: line.product_id, units: line.to_ship() }).collect()
}

fn take_off(missing: &mut Vec<Missing>, held: &[Missing]) {
    for freed in held {
        for wanted in missing.iter_mut().filter(|wanted| wanted.product_id == freed.product_id) {
            wanted.units = wanted.units.saturating_sub(freed.units);
        }
    }
    missing.retain(|wanted| wanted.units > 0);
}
