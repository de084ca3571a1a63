//! What one accepted command changes: the whole of what a store must write together.

use jiff::Timestamp;

use super::event::{Event, Record};
use super::moves::moves;
use super::state::Order;
use super::status::Status;
use crate::actor::Actor;
use crate::catalog::stock::StockMove;
use crate::chain::{self, Hash, Sealed};
use crate::ids::OrderId;

/// The circumstances under which events happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// On which request or message.
    pub correlation_id: String,
}

/// The next state of an order with the events that lead to it and the stock that they move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The state it starts from: its version, or nothing for a new order.
    pub base_version: Option<u64>,
    /// The next state.
    pub order: Order,
    /// The new events, sealed.
    pub events: Vec<Sealed>,
    /// What happens to stock.
    pub stock: Vec<StockMove>,
}

/// Events that cannot be written down.
#[derive(Debug, thiserror::Error)]
pub enum InvalidChange {
    /// No event, or a new order that does not start with its creation.
    #[error("a change needs events, and a new order starts with its creation")]
    Empty,
    /// An event has no JSON form.
    #[error("an event cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
}

impl Change {
    /// Folds `events` into the state that follows `before` (or into a new order `id`).
    pub fn new(
        id: OrderId,
        before: Option<&Order>,
        events: Vec<Event>,
        provenance: &Provenance,
    ) -> Result<Change, InvalidChange> {
        let mut current = before.cloned();
        let mut sealed = Vec::with_capacity(events.len());
        let mut stock = Vec::new();
        for event in events {
            let mut record = record(current.as_ref(), event, provenance);
            let mut order = match current.take() {
                Some(mut order) => {
                    stock.extend(moves(&order, &record.event));
                    order.evolve(&record, Hash::genesis());
                    order
                }
                None => Order::begin(id, &record, Hash::genesis()).ok_or(InvalidChange::Empty)?,
            };
            debug_assert!(
                order.status == record.status || record.status.may_become(order.status),
                "order {id} went from {} to {}",
                record.status,
                order.status
            );
            record.status = order.status;
            let (text, hash) = chain::seal(&record)?;
            sealed.push(text);
            order.head = hash;
            current = Some(order);
        }
        let order = current.filter(|_| !sealed.is_empty()).ok_or(InvalidChange::Empty)?;
        let base_version = before.map(|order| order.version);
        debug_assert_eq!(order.version, base_version.unwrap_or(0) + sealed.len() as u64, "versions of order {id}");
        // What was read broken, by a fault or from another hand, is for its readers to report.
        debug_assert!(
            before.is_some_and(|before| before.broken().is_some()) || order.broken().is_none(),
            "order {id}: {:?}",
            order.broken()
        );
        Ok(Change { base_version, order, events: sealed, stock })
    }
}

/// A new event, with the state before it as its status.
fn record(before: Option<&Order>, event: Event, provenance: &Provenance) -> Record {
    Record {
        version: before.map_or(1, |order| order.version + 1),
        at: provenance.at,
        actor: provenance.actor.clone(),
        correlation_id: provenance.correlation_id.clone(),
        status: before.map_or(Status::Draft, |order| order.status),
        previous: before.map_or_else(Hash::genesis, |order| order.head.clone()),
        event,
    }
}
