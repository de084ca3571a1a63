//! Submits a draft: its stock is reserved, and the time to pay begins.
//!
//! 1. Load the order; the owner and admins may submit it.
//! 2. Decide and commit. The reservation holds at the draft's prices only, so a price that has changed since is told
//!    (A23), and so is stock that is gone (`ORD-1001`).
//! 3. Units may be missing only because overdue orders still count as reserved: those are expired, and step 2 is taken
//!    once more.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::ordering::{Command, Order};

use crate::error::Error;
use crate::execute::{CommandContext, OrderWithContact, execute, load_visible, owner_or_admin};
use crate::idempotency::Idempotency;
use crate::ordering::overdue::{Missing, free};
use crate::ports::{Clock, Orders};

/// Who submits which draft.
#[derive(Debug, Clone)]
pub struct Request {
    pub caller: Caller,
    pub order_id: OrderId,
    pub expected_version: Option<u64>,
    pub idempotency: Option<Idempotency>,
    pub correlation_id: String,
}

pub struct SubmitOrder {
    orders: Arc<dyn Orders>,
    clock: Arc<dyn Clock>,
}

impl SubmitOrder {
    pub fn new(orders: Arc<dyn Orders>, clock: Arc<dyn Clock>) -> Self {
        SubmitOrder { orders, clock }
    }

    pub async fn run(&self, request: Request) -> Result<OrderWithContact, Error> {
        let stored = load_visible(self.orders.as_ref(), request.order_id, &request.caller).await?;
        owner_or_admin(&request.caller)?;
        let context = CommandContext::by(&request.caller, &request.correlation_id)
            .with_version(request.expected_version)
            .with_idempotency(&request.caller, request.idempotency.as_ref());
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let submit = || execute(orders, clock, stored.order.clone(), &Command::Submit, &context, |_| String::new());
        let mut outcome = submit().await;
        if let Err(Error::ProductsUnavailable { refused, .. }) = &outcome {
            let missing = Missing::of(refused, |product| units(&stored.order, product));
            if free(orders, clock, missing, &request.correlation_id).await? {
                outcome = Box::pin(submit()).await;
            }
        }
        Ok(OrderWithContact { order: outcome?.into_order(), person: stored.person })
    }
}

/// How many of a product the order wants.
fn units(order: &Order, product_id: ProductId) -> u32 {
    order.lines.iter().filter(|line| line.product_id == product_id).map(|line| line.quantity).sum()
}
