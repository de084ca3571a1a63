//! Cancels an order, or some of its units: their stock is released and what was paid for them starts its way back, in one transaction
//! (C9, D1–D6).
//!
//! The owner and admins may cancel it until it ships (docs/requirements.md, decision 4), and units of a paid order until they are packed. The `refund` function takes it from the event that
//! follows.

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{CancelReason, Command, Order};

use crate::error::Error;
use crate::execute::{OrderWithContact, WritePath};
use crate::intent::Intent;
use crate::ordering::units::{Units, named};

pub struct CancelOrder(pub WritePath);

impl CancelOrder {
    /// `why` is in the caller's words; without lines it is the whole order.
    pub async fn run(
        &self,
        order_id: OrderId,
        intent: &Intent,
        lines: Option<Vec<Units>>,
        why: Option<String>,
    ) -> Result<OrderWithContact, Error> {
        let reason = match &intent.caller {
            Caller::Customer(_) => CancelReason::CustomerRequest,
            Caller::Admin(_) | Caller::Seller { .. } => CancelReason::AdminDecision,
        };
        let command = |order: &Order| {
            let Some(units) = lines else { return Ok(Command::Cancel { reason, note: why }) };
            let (lines, faults) = named(order, &units);
            if faults.is_empty() {
                Ok(Command::CancelLines { lines, reason, note: why })
            } else {
                Err(Error::Invalid(faults))
            }
        };
        self.0.execute(Operation::CancelOrder, order_id, intent, command).await
    }
}
