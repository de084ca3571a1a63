//! Cancels an order: its stock is released and what was paid starts its way back, in one transaction (D1–D6).
//!
//! The owner and admins may cancel it until it ships (docs/requirements.md, decision 4). The `refund` function takes it from the event that
//! follows.

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{CancelReason, Command};

use crate::error::Error;
use crate::execute::{OrderWithContact, WritePath};
use crate::intent::Intent;

pub struct CancelOrder(pub WritePath);

impl CancelOrder {
    /// `why` is in the caller's words.
    pub async fn run(
        &self,
        order_id: OrderId,
        intent: &Intent,
        why: Option<String>,
    ) -> Result<OrderWithContact, Error> {
        let reason = match &intent.caller {
            Caller::Customer(_) => CancelReason::CustomerRequest,
            Caller::Admin(_) | Caller::Seller { .. } => CancelReason::AdminDecision,
        };
        self.0.execute(Operation::CancelOrder, order_id, intent, |_| Ok(Command::Cancel { reason, note: why })).await
    }
}
