//! An admin looks at an order that a fraud check holds, and approves or rejects it (A14, D3).
//!
//! 1. Load the order; only admins decide.
//! 2. Decide and commit: approving lets it go on, rejecting cancels it, releases its stock and gives the money back.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Command;

use crate::error::Error;
use crate::execute::{CommandContext, OrderWithContact, execute, load_visible};
use crate::idempotency::Idempotency;
use crate::ports::{Clock, Orders};

/// Who decides what about which order.
#[derive(Debug, Clone)]
pub struct Request {
    pub caller: Caller,
    pub order_id: OrderId,
    /// True lets it go on, false stops it.
    pub approve: bool,
    pub note: Option<String>,
    pub expected_version: Option<u64>,
    pub idempotency: Option<Idempotency>,
    pub correlation_id: String,
}

pub struct ReviewOrder {
    orders: Arc<dyn Orders>,
    clock: Arc<dyn Clock>,
}

impl ReviewOrder {
    pub fn new(orders: Arc<dyn Orders>, clock: Arc<dyn Clock>) -> Self {
        ReviewOrder { orders, clock }
    }

    pub async fn run(&self, request: Request) -> Result<OrderWithContact, Error> {
        let stored = load_visible(self.orders.as_ref(), request.order_id, &request.caller).await?;
        let Caller::Admin(_) = &request.caller else {
            return Err(Error::Forbidden("only admins may review orders"));
        };
        let context = CommandContext::by(&request.caller, &request.correlation_id)
            .with_version(request.expected_version)
            .with_idempotency(&request.caller, request.idempotency.as_ref());
        let note = request.note;
        let command = if request.approve { Command::ApproveReview { note } } else { Command::RejectReview { note } };
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let outcome = execute(orders, clock, stored.order, &command, &context, |_| String::new()).await?;
        Ok(OrderWithContact { order: outcome.into_order(), person: stored.person })
    }
}
