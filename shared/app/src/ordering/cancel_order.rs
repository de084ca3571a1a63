//! Cancels an order: its stock is released and what was paid starts its way back, in one transaction (D1–D6).
//!
//! 1. Load the order; the owner and admins may cancel it until it ships (docs/requirements.md, decision 4).
//! 2. Decide and commit. The `refund` function takes it from the event that follows.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{CancelReason, Command};

use crate::error::Error;
use crate::execute::{CommandContext, OrderWithContact, execute, load_visible, owner_or_admin};
use crate::idempotency::Idempotency;
use crate::ports::{Clock, Orders};

/// Who cancels which order, and why.
#[derive(Debug, Clone)]
pub struct Request {
    pub caller: Caller,
    pub order_id: OrderId,
    /// Why, in the caller's words.
    pub reason: Option<String>,
    pub expected_version: Option<u64>,
    pub idempotency: Option<Idempotency>,
    pub correlation_id: String,
}

pub struct CancelOrder {
    orders: Arc<dyn Orders>,
    clock: Arc<dyn Clock>,
}

impl CancelOrder {
    pub fn new(orders: Arc<dyn Orders>, clock: Arc<dyn Clock>) -> Self {
        CancelOrder { orders, clock }
    }

    pub async fn run(&self, request: Request) -> Result<OrderWithContact, Error> {
        let stored = load_visible(self.orders.as_ref(), request.order_id, &request.caller).await?;
        owner_or_admin(&request.caller)?;
        let reason = match &request.caller {
            Caller::Customer(_) => CancelReason::CustomerRequest,
            Caller::Admin(_) | Caller::Seller { .. } => CancelReason::AdminDecision,
        };
        let context = CommandContext::by(&request.caller, &request.correlation_id)
            .with_version(request.expected_version)
            .with_idempotency(&request.caller, request.idempotency.as_ref());
        let command = Command::Cancel { reason, note: request.reason };
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let outcome = execute(orders, clock, stored.order, &command, &context, |_| String::new()).await?;
        Ok(OrderWithContact { order: outcome.into_order(), person: stored.person })
    }
}
