//! Gives an order other tags, the shop's own words for it (K1). The same tags once more change nothing.

use oms_domain::access::Operation;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Command;

use super::details;
use super::written::room_for;
use crate::error::Error;
use crate::execute::{OrderWithContact, WritePath};
use crate::intent::Intent;

pub struct SetTags(pub WritePath);

impl SetTags {
    pub async fn run(&self, order_id: OrderId, intent: &Intent, given: &[String]) -> Result<OrderWithContact, Error> {
        let stored = self.0.load(Operation::SetTags, order_id, intent).await?;
        let mut faults = Vec::new();
        let tags = details::tags(given, &mut faults);
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let bytes = tags.iter().map(String::len).sum();
        if let Err(refusal) = room_for(bytes, stored.person.as_ref()) {
            return Ok(self.0.refuse(stored, intent, refusal).await?.0);
        }
        // The words are with the person and not in the order, so they are compared here.
        let is_same = stored.order.tags(stored.person.as_ref()) == tags;
        let already_at = is_same.then_some(stored.order.version);
        self.0.decide(stored, intent, &Command::SetTags { tags, already_at }).await
    }
}
