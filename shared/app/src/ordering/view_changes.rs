//! Shows every change of an order, with what it was before and after (C5).
//!
//! The events tell: they are folded from the beginning, so that nothing has to be kept twice. Order and events are read at once.

use std::sync::Arc;

use futures::future::try_join;
use jiff::Timestamp;
use oms_domain::access::Operation;
use oms_domain::actor::{Actor, Caller};
use oms_domain::chain::Hash;
use oms_domain::ids::OrderId;
use oms_domain::ordering::address::Person;
use oms_domain::ordering::{ChangeEvent, ChangeWords, Event, LapseReason, Order, Record, Revision, Terms};

use crate::error::Error;
use crate::execute::load;
use crate::ports::Orders;

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Applied,
    /// It waits to be paid until then.
    Offered(Timestamp),
    Lapsed(LapseReason),
}

/// One change of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeOf {
    /// Counted from 1.
    pub change: u16,
    pub standing: Standing,
    /// When it was made, or offered.
    pub at: Timestamp,
    pub actor: Actor,
    pub before: Terms,
    pub after: Terms,
    /// Whether contact or addresses became others.
    pub readdressed: bool,
    /// Why, in the words of who made it; nothing once they were erased.
    pub reason: Option<String>,
}

/// All changes of an order, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    pub order: Order,
    pub changes: Vec<ChangeOf>,
}

pub struct ViewChanges(pub Arc<dyn Orders>);

impl ViewChanges {
    pub async fn run(&self, caller: &Caller, order_id: OrderId) -> Result<Changes, Error> {
        let order = load(self.0.as_ref(), Operation::ViewChanges, caller, order_id);
        let events = async { Ok::<_, Error>(self.0.events(order_id).await?) };
        let (stored, events) = try_join(order, events).await?;
        let read = |sealed: &oms_domain::chain::Sealed| serde_json::from_str(&sealed.body);
        let history: Vec<Record> =
            events.iter().map(read).collect::<Result<_, _>>().map_err(|error| Error::Internal(error.to_string()))?;
        let changes = changes(order_id, &history, stored.person.as_ref());
        Ok(Changes { order: stored.order, changes })
    }
}

fn changes(id: OrderId, history: &[Record], person: Option<&Person>) -> Vec<ChangeOf> {
    let begun = history.split_first().and_then(|(first, rest)| Some((Order::begin(id, first, Hash::genesis())?, rest)));
    let Some((mut order, rest)) = begun else { return Vec::new() };
    let mut changes: Vec<ChangeOf> = Vec::new();
    for record in rest {
        if let Event::Change(event) = &record.event {
            match event {
                ChangeEvent::OrderChanged { revision, .. } => {
                    changes.push(begun_with(record, event.change(), revision, Standing::Applied, &order, person));
                }
                ChangeEvent::OrderChangeOffered { revision, until, .. } => {
                    let standing = Standing::Offered(*until);
                    changes.push(begun_with(record, event.change(), revision, standing, &order, person));
                }
                ChangeEvent::OrderChangeAccepted { change } => stands(&mut changes, *change, Standing::Applied),
                ChangeEvent::OrderChangeLapsed { change, reason } => {
                    stands(&mut changes, *change, Standing::Lapsed(*reason));
                }
            }
        }
        order.evolve(record, Hash::genesis());
    }
    // What ends the order, or its last money, ends what was offered with it.
    let open = order.offer.as_ref().map(|offer| (offer.change, offer.until));
    for change in &mut changes {
        match (change.standing, open) {
            (Standing::Offered(_), Some((number, until))) if number == change.change => {
                change.standing = Standing::Offered(until);
            }
            (Standing::Offered(_), _) => change.standing = Standing::Lapsed(LapseReason::Overtaken),
            (Standing::Applied | Standing::Lapsed(_), _) => {}
        }
    }
    changes
}

fn begun_with(
    record: &Record,
    change: u16,
    revision: &Revision,
    standing: Standing,
    order: &Order,
    person: Option<&Person>,
) -> ChangeOf {
    let words = revision.written.as_ref().and_then(|words| ChangeWords::read(words, person));
    ChangeOf {
        change,
        standing,
        at: record.at,
        actor: record.actor.clone(),
        before: Terms::of(order),
        after: revision.terms.clone(),
        readdressed: revision.person,
        reason: words.and_then(|words| words.reason),
    }
}

fn stands(changes: &mut [ChangeOf], number: u16, standing: Standing) {
    for change in changes.iter_mut().filter(|change| change.change == number) {
        change.standing = standing;
    }
}
