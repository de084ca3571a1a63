//! How far orders were published, in memory.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{Marker, Outbox, StoreError};
use oms_domain::chain::Sealed;
use oms_domain::ids::OrderId;

use super::MemoryStore;

#[async_trait]
impl Outbox for MemoryStore {
    async fn published(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, u64>, StoreError> {
        self.call(|world| {
            let known = orders.iter().filter_map(|id| world.markers.get(id));
            known.map(|marker| (marker.order_id, marker.published)).collect()
        })
    }

    async fn mark(&self, markers: &[Marker]) -> Result<(), StoreError> {
        self.write(|world| {
            world.markers.extend(markers.iter().map(|marker| (marker.order_id, *marker)));
            Ok(())
        })
    }

    async fn stored(&self, order_id: OrderId) -> Result<Vec<Sealed>, StoreError> {
        self.call(|world| world.orders.get(&order_id).map(|entry| entry.events.clone()).unwrap_or_default())
    }

    async fn unpublished(&self, now: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        self.call(|world| {
            let waiting = world.markers.values().filter_map(|marker| Some((marker.look_at?, marker.order_id)));
            let mut due: Vec<_> = waiting.filter(|(at, _)| *at <= now).collect();
            due.sort_unstable();
            due.into_iter().take(limit).map(|(_, id)| id).collect()
        })
    }
}

impl MemoryStore {
    /// The marker of an order, if it has one.
    pub fn marker_now(&self, order_id: OrderId) -> Option<Marker> {
        self.lock().world.markers.get(&order_id).copied()
    }

    /// Takes the marker away, as it is for orders of before there were any.
    pub fn without_marker(&self, order_id: OrderId) {
        self.lock().world.markers.remove(&order_id);
    }

    /// Writes another text over that of a stored event, as nobody should, and gives the one that was there.
    pub fn overwrite_event(&self, order_id: OrderId, version: u64, body: &str) -> String {
        let mut inner = self.lock();
        let events = inner.world.orders.get_mut(&order_id).map(|entry| entry.events.iter_mut());
        let event = events.into_iter().flatten().find(|event| event.version == version).expect("the event is stored");
        std::mem::replace(&mut event.body, body.to_owned())
    }
}
