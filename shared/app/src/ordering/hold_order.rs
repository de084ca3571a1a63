//! Holds an order, and releases a hold (G11): any of them keeps it from being processed and shipped.

use oms_domain::access::Operation;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Command, HoldReason};

use crate::error::Error;
use crate::execute::{OrderWithContact, WritePath};
use crate::intent::Intent;

pub struct HoldOrder(pub WritePath);

impl HoldOrder {
    pub async fn place(
        &self,
        order_id: OrderId,
        intent: &Intent,
        reason: HoldReason,
        note: Option<String>,
    ) -> Result<OrderWithContact, Error> {
        let command = Command::PlaceHold { reason, note };
        self.0.execute(Operation::HoldOrder, order_id, intent, |_| Ok(command)).await
    }

    pub async fn release(&self, order_id: OrderId, intent: &Intent, hold: String) -> Result<OrderWithContact, Error> {
        let command = Command::ReleaseHold { hold, note: None };
        self.0.execute(Operation::ReleaseHold, order_id, intent, |_| Ok(command)).await
    }
}
