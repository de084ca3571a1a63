//! What one accepted command changes: the whole of what a store must write together.

use jiff::Timestamp;

use super::event::{Event, Record};
use super::state::Order;
use super::status::Status;
use crate::actor::Actor;
use crate::catalog::stock;
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
    pub stock: Vec<stock::StockMove>,
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
            if let Some(order) = &current {
                stock.extend(stock::moves(order, &record.event));
            }
            record.status = status_after(current.as_ref(), id, &record);
            let (text, hash) = chain::seal(&record)?;
            sealed.push(text);
            match &mut current {
                Some(order) => order.evolve(&record, hash),
                None => current = Some(Order::begin(id, &record, hash).ok_or(InvalidChange::Empty)?),
            }
        }
        let order = current.filter(|_| !sealed.is_empty()).ok_or(InvalidChange::Empty)?;
        Ok(Change { base_version: before.map(|order| order.version), order, events: sealed, stock })
    }
}

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

fn status_after(before: Option<&Order>, id: OrderId, record: &Record) -> Status {
    let next = match before {
        Some(order) => {
            let mut next = order.clone();
            next.evolve(record, Hash::genesis());
            Some(next)
        }
        None => Order::begin(id, record, Hash::genesis()),
    };
    next.map_or(record.status, |order| order.status)
}
