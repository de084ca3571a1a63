//! The stored events of an order.

use aws_sdk_dynamodb::Client;
use oms_app::ports::StoreError;
use oms_domain::chain::Sealed;
use oms_domain::ids::OrderId;

use super::order_items::read_event;
use crate::dynamodb::error::failed;
use crate::dynamodb::item::text;
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// Most pages of events that are read for one order; a page holds up to a megabyte, about a thousand events.
const MAX_EVENT_PAGES: usize = 100;

/// All of them, oldest first, as they are now.
pub(crate) async fn stored_events(client: &Client, tables: &Tables, id: OrderId) -> Result<Vec<Sealed>, StoreError> {
    let query = client
        .query()
        .table_name(&tables.orders)
        .key_condition_expression("pk = :pk AND begins_with(sk, :events)")
        .expression_attribute_values(":pk", text(keys::order_pk(id)))
        .expression_attribute_values(":events", text(keys::EVENT_PREFIX))
        .consistent_read(true);
    let mut events = Vec::new();
    let mut from = None;
    for _ in 0..MAX_EVENT_PAGES {
        let page = query.clone().set_exclusive_start_key(from).send().await.map_err(|error| failed("Query", &error))?;
        for item in page.items() {
            events.push(read_event(item)?);
        }
        from = page.last_evaluated_key;
        if from.is_none() {
            return Ok(events);
        }
    }
    Err(StoreError::Damaged(format!("order {id} has more events than can be read")))
}
