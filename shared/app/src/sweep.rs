//! Every minute: cancels pending orders whose time to pay is over; their stock is released (D3, F3).
//!
//! 1. Ask the `due` index, which may lag: a hint what to look at.
//! 2. Load each order and let it decide by its own deadline; commit ([`crate::overdue`]).
//!
//! One order that fails does not keep the others; the next minute tries it again.

use std::sync::Arc;

use oms_domain::ids::OrderId;

use crate::error::Error;
use crate::overdue::expire;
use crate::ports::{Clock, Orders};

/// Most orders looked at in one pass.
const PASS_ORDERS: usize = 100;

/// Most passes of one run; what is left waits a minute.
const MAX_PASSES: usize = 20;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Orders cancelled.
    pub expired: usize,
    /// Orders that could not be looked at or changed.
    pub failed: usize,
}

/// The use case.
pub struct Sweep {
    orders: Arc<dyn Orders>,
    clock: Arc<dyn Clock>,
}

impl Sweep {
    /// Wires the use case.
    pub fn new(orders: Arc<dyn Orders>, clock: Arc<dyn Clock>) -> Self {
        Sweep { orders, clock }
    }

    /// Runs it.
    pub async fn run(&self, correlation_id: &str) -> Result<Swept, Error> {
        let mut swept = Swept::default();
        for _ in 0..MAX_PASSES {
            let due = self.orders.due(self.clock.now(), PASS_ORDERS).await?;
            let before = swept.expired;
            for id in &due {
                match self.expire(*id, correlation_id).await {
                    Ok(true) => swept.expired += 1,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::error!(order_id = %id, %error, "order could not be expired");
                        swept.failed += 1;
                    }
                }
            }
            // A pass that changes nothing sees only what the index has not caught up with.
            if due.len() < PASS_ORDERS || swept.expired == before {
                break;
            }
        }
        Ok(swept)
    }

    async fn expire(&self, id: OrderId, correlation_id: &str) -> Result<bool, Error> {
        let Some(stored) = self.orders.load(id).await? else { return Ok(false) };
        expire(self.orders.as_ref(), self.clock.as_ref(), stored.order, correlation_id).await
    }
}
