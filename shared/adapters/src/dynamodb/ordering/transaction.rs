//! A commit as one transaction. Every condition that the outcome depends on is in it; nothing is read first.

use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use oms_app::ports::{Commit, MAX_ITEMS, StoreError, Turn};
use oms_domain::ids::ProductId;
use oms_domain::ordering::Order;

use super::order_items::{event_item, order_attributes, order_item};
use crate::dynamodb::catalog::counter_place::{CounterPlace, Places};
use crate::dynamodb::catalog::stock_moves::{self, by_product};
use crate::dynamodb::companions::beside;
use crate::dynamodb::item::{key, number};
use crate::dynamodb::tables::Tables;
use crate::dynamodb::{keys, writes};

/// What an item of the transaction is for; reasons of a cancellation come in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Order,
    Event,
    /// By its place in the commit.
    Companion(usize),
    Stock(ProductId),
    /// A shard of a hot product.
    Shard(ProductId),
}

impl Part {
    /// When its reason is told.
    pub(crate) fn turn(self, commit: &Commit) -> Turn {
        match self {
            Part::Order if commit.change.base_version.is_none() => Turn::Creation,
            Part::Order => Turn::Order,
            Part::Event => Turn::Event,
            Part::Companion(place) => commit.companions[place].turn(),
            Part::Stock(_) | Part::Shard(_) => Turn::Stock,
        }
    }
}

/// The transaction and what each of its items is for.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    pub(crate) items: Vec<TransactWriteItem>,
    pub(crate) parts: Vec<Part>,
}

impl Transaction {
    /// The transaction that writes this commit.
    pub(crate) fn of(commit: &Commit, tables: &Tables, places: &Places) -> Result<Transaction, StoreError> {
        let mut transaction = Transaction { items: Vec::new(), parts: Vec::new() };
        let order = &commit.change.order;
        let own = match commit.change.base_version {
            None => new_order(commit, tables)?,
            Some(base) => next_order(order, base, tables)?,
        };
        transaction.add(Part::Order, own);
        for event in &commit.change.events {
            let event = event_item(keys::order_pk(order.id), event)?;
            transaction.add(Part::Event, writes::put_new(&tables.orders, event)?);
        }
        for (place, companion) in commit.companions.iter().enumerate() {
            if let Some(item) = beside(companion).item(order, tables)? {
                transaction.add(Part::Companion(place), item);
            }
        }
        for (product_id, moves) in by_product(&commit.change.stock) {
            let place = places.get(&product_id).copied().unwrap_or(CounterPlace::Whole);
            let part = match place {
                CounterPlace::Whole | CounterPlace::Base => Part::Stock(product_id),
                CounterPlace::Shard(_) => Part::Shard(product_id),
            };
            let version = commit.catalog_versions.get(&product_id).copied();
            transaction.add(part, stock_moves::item(product_id, &moves, order, version, tables, place)?);
        }
        match transaction.items.len() {
            0..=MAX_ITEMS => Ok(transaction),
            many => Err(StoreError::Damaged(format!("a change of {many} items does not fit one transaction"))),
        }
    }

    fn add(&mut self, part: Part, item: TransactWriteItem) {
        self.items.push(item);
        self.parts.push(part);
    }
}

fn new_order(commit: &Commit, tables: &Tables) -> Result<TransactWriteItem, StoreError> {
    let mut item = order_item(&commit.change.order)?;
    let attributes = commit.companions.iter().filter_map(|companion| beside(companion).order_attribute());
    item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
    writes::put_new(&tables.orders, item)
}

/// An update and not a put, because what belongs to the creation (customer, place in lists, fingerprint) stays.
fn next_order(order: &Order, base: u64, tables: &Tables) -> Result<TransactWriteItem, StoreError> {
    let mut update = Update::builder()
        .table_name(&tables.orders)
        .set_key(Some(key(keys::order_pk(order.id), keys::ORDER)))
        .condition_expression("#version = :base")
        .expression_attribute_names("#version", keys::VERSION)
        .expression_attribute_values(":base", number(base))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let mut sets = Vec::new();
    let mut waits = false;
    for (name, value) in order_attributes(order)? {
        waits |= name == keys::DUE;
        sets.push(format!("#{name} = :{name}"));
        update = update
            .expression_attribute_names(format!("#{name}"), name)
            .expression_attribute_values(format!(":{name}"), value);
    }
    let mut expression = format!("SET {}", sets.join(", "));
    if !waits {
        expression.push_str(" REMOVE #due, #due_at");
        update =
            update.expression_attribute_names("#due", keys::DUE).expression_attribute_names("#due_at", keys::DUE_AT);
    }
    writes::update(update.update_expression(expression))
}

#[cfg(test)]
mod tests {
    use super::*;
    use oms_app::ports::CartPolicy;
    use oms_domain::ordering::MAX_LINES;
    use oms_testkit::builders::{a_product, a_record, an_order};

    fn order_of(lines: u64) -> Commit {
        let order = an_order(1).remembering("key", a_record("request", "", oms_testkit::start()));
        let order = order.claiming("cart", CartPolicy::Exclusive { over: None });
        (1..=lines).fold(order, |order, number| order.of(&a_product(number).build(), 1)).commit()
    }

    #[test]
    fn the_longest_order_fits_and_a_longer_one_is_refused_clearly() {
        let tables = Tables { orders: "orders".into(), catalog: "catalog".into() };
        let places = Places::new();
        let longest = Transaction::of(&order_of(MAX_LINES as u64), &tables, &places).unwrap();
        assert_eq!(longest.items.len(), MAX_LINES + 6);
        let error = Transaction::of(&order_of(95), &tables, &places).unwrap_err();
        assert_eq!(error, StoreError::Damaged("a change of 101 items does not fit one transaction".into()));
    }
}
