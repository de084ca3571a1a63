//! Orders that are there before a request comes: one is made by the domain, the others are copies of what was stored.

use std::sync::atomic::{AtomicU16, Ordering};

use jiff::{SignedDuration, Timestamp};
use oms_app::ports::Commit;
use oms_domain::ids::{OrderId, PaymentId, UserId};
use oms_domain::ordering::{Command, Order};
use oms_testkit::builders::{an_order, changed, user};
use serde_json::Value;

use crate::Fail;
use crate::store::{Store, products};

/// How far a prepared order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Submitted: two events.
    Pending,
    /// A payment page was asked for.
    Awaiting,
    Confirmed,
    /// All done.
    Delivered,
}

/// The payment provider of prepared orders.
pub(crate) const PROVIDER: &str = "stripe";

/// An order as it was stored, to be copied.
pub(crate) struct Model {
    id: OrderId,
    user: UserId,
    created: Timestamp,
    /// The newest payment, if one was asked for.
    pub(crate) payment: Option<PaymentId>,
    /// What it costs, in minor units.
    pub(crate) total: i64,
    items: Vec<String>,
}

/// A copy's own facts.
#[derive(Debug, Clone)]
pub(crate) struct Copy {
    pub(crate) id: OrderId,
    pub(crate) user: UserId,
    pub(crate) created: Timestamp,
}

/// Which of an order's items are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    All,
    /// State, person and the first two events: what a million of them costs is known from these.
    Few,
}

/// Makes an order with so many lines and notes of who looks after it, and reads what was stored of it.
pub(crate) async fn model(store: &Store, number: u64, stage: Stage, lines: usize, notes: u32) -> Result<Model, Fail> {
    let at = oms_adapters::clock::SystemClock;
    let now = oms_app::ports::Clock::now(&at);
    let name = format!("model-{number}");
    let mut builder = an_order(number).by(&name).at(now);
    for (product, quantity) in products().iter().zip([2, 1, 4]).take(lines) {
        builder = builder.of(product, quantity);
    }
    let commit = builder.commit();
    store.commit(&commit).await?;
    let mut order = commit.change.order;
    for note in 0..notes {
        let to = (note % 2 == 0).then(|| user("grace"));
        order = apply(store, &order, Command::Assign { to }, now).await?;
    }
    for command in commands(stage) {
        let command = command(&order)?;
        order = apply(store, &order, command, now).await?;
    }
    let items = store.items_of(order.id)?.iter().map(Value::to_string).collect();
    let payment = order.ledger.payments.last().map(|payment| payment.id);
    Ok(Model { id: order.id, user: user(&name), created: now, payment, total: order.total().amount.minor(), items })
}

type Step = fn(&Order) -> Result<Command, Fail>;

fn commands(stage: Stage) -> &'static [Step] {
    const ASK: Step = |_| Ok(Command::RequestPayment { provider: PROVIDER.into(), keep: false, anew: true });
    const PAY: Step = |order| {
        let payment = order.ledger.payments.last().ok_or("no payment was asked for")?;
        let reference = format!("pi_{}", payment.id);
        let (payment_id, provider) = (payment.id, PROVIDER.into());
        Ok(Command::RecordPayment { payment_id, provider, reference, money: order.total() })
    };
    const PREPARE: Step = |_| Ok(Command::StartProcessing { note: None });
    const SHIP: Step = |_| {
        let tracking = oms_domain::fulfilment::Tracking::checked("DHL", "00340434161094042557")
            .map_err(|faults| format!("{faults:?}"))?;
        Ok(Command::Ship { tracking, lines: None, note: None })
    };
    const DELIVER: Step = |_| Ok(Command::Deliver { note: None });
    match stage {
        Stage::Pending => &[],
        Stage::Awaiting => &[ASK],
        Stage::Confirmed => &[ASK, PAY],
        Stage::Delivered => &[ASK, PAY, PREPARE, SHIP, DELIVER],
    }
}

async fn apply(store: &Store, order: &Order, command: Command, at: Timestamp) -> Result<Order, Fail> {
    let change = changed(order, command, at);
    let next = change.order.clone();
    store.commit(&Commit::of(change)).await?;
    Ok(next)
}

impl Model {
    /// When the order was created.
    pub(crate) fn created(&self) -> Timestamp {
        self.created
    }

    /// The items of a copy as JSON: the same texts with other ids and another time of creation.
    pub(crate) fn copied(&self, copy: &Copy, parts: Parts) -> impl Iterator<Item = String> + use<> {
        let pairs = [
            (self.id.to_string(), copy.id.to_string()),
            (self.user.to_string(), copy.user.to_string()),
            (self.created.to_string(), copy.created.to_string()),
            (stored_time(self.created), stored_time(copy.created)),
        ];
        let wanted = move |item: &&String| {
            parts == Parts::All
                || !item.contains("EVENT#")
                || ["EVENT#0000000001", "EVENT#0000000002"].iter().any(|first| item.contains(first))
        };
        let texts: Vec<String> = self.items.iter().filter(wanted).map(|item| replaced(item, &pairs)).collect();
        texts.into_iter()
    }
}

/// As the adapters write times in keys.
fn stored_time(at: Timestamp) -> String {
    oms_adapters::dynamodb::keys::time(at)
}

/// A text with each of these replaced.
pub(crate) fn replaced(text: &str, pairs: &[(String, String)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A number for orders that nobody has prepared before.
pub(crate) fn another_kind() -> u16 {
    static LAST: AtomicU16 = AtomicU16::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// The `number`th order of a kind.
pub(crate) fn order_id(kind: u16, number: u64) -> OrderId {
    // In the order of their numbers, as real ids are in the order of time; the last bits are spread.
    let spread = (number ^ (u64::from(kind) << 40)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let place = (u64::from(kind) << 32 | (number & 0xFFFF_FFFF)) << 16 | (spread & 0xFFF);
    let bits = u128::from(place) << 64 | u128::from(spread);
    OrderId::new(uuid::Builder::from_custom_bytes(bits.to_be_bytes()).into_uuid())
}

/// Copies of a model, each of a customer of its own, an hour old at most.
pub(crate) fn copies(model: &Model, kind: u16, count: u64) -> Vec<Copy> {
    let one = |number: u64| Copy {
        id: order_id(kind, number),
        user: user(&format!("buyer-{kind}-{number}")),
        created: model.created - SignedDuration::from_millis(i64::try_from(number).unwrap_or_default()),
    };
    (1..=count).map(one).collect()
}

/// Writes copies into a store.
pub(crate) fn prepare(store: &Store, model: &Model, kind: u16, count: u64) -> Result<Vec<Copy>, Fail> {
    let copies = copies(model, kind, count);
    store.import(copies.iter().flat_map(|copy| model.copied(copy, Parts::All)))?;
    Ok(copies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_prepared_orders_differ_by_kind_and_number() {
        let numbered = [order_id(1, 1), order_id(1, 2), order_id(1, 65_536), order_id(2, 1), order_id(2, 2)];
        assert!(numbered.is_sorted(), "{numbered:?}");
        assert_eq!(std::collections::BTreeSet::from(numbered).len(), numbered.len());
    }

    #[test]
    fn a_copy_is_the_same_text_about_another_order() {
        let pairs = [("one".to_owned(), "three".to_owned()), ("ada".to_owned(), "bob".to_owned())];
        assert_eq!(replaced("one of ada, one", &pairs), "three of bob, three");
    }
}
