//! An admin looks at an order that a fraud check holds, and approves or rejects it (A14, D3).
//!
//! Approving lets it go on; rejecting cancels it, releases its stock and gives the money back.

use oms_domain::access::Operation;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Command;

use crate::error::Error;
use crate::execute::{OrderWithContact, WritePath};
use crate::intent::Intent;

/// What becomes of an order under review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Reject,
}

pub struct ReviewOrder(pub WritePath);

impl ReviewOrder {
    pub async fn run(
        &self,
        order_id: OrderId,
        intent: &Intent,
        decision: Decision,
        note: Option<String>,
    ) -> Result<OrderWithContact, Error> {
        let command = match decision {
            Decision::Approve => Command::ApproveReview { note },
            Decision::Reject => Command::RejectReview { note },
        };
        self.0.execute(Operation::ReviewOrder, order_id, intent, |_| Ok(command)).await
    }
}
