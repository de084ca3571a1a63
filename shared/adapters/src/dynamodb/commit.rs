//! A commit as one transaction. Every condition that the outcome depends on is in it; nothing is read first.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use oms_app::ports::{CartClaim, CartPolicy, Commit, StoreError, UsageStep};
use oms_domain::catalog::stock::{self, MoveKind};
use oms_domain::ids::{ProductId, UserId};
use oms_domain::money::Amount;
use oms_domain::ordering::Order;

use super::error::unbuildable;
use super::follow_ups::page_item;
use super::item::{Item, command_item, event_item, item, json, key, number, order_attributes, order_item, text};
use super::sharded_stock::{Place, Places};
use super::{Tables, keys};

/// Most items that DynamoDB takes in one transaction. An order of [`oms_domain::ordering::MAX_LINES`] stays below.
const MAX_TRANSACTION_ITEMS: usize = 100;

/// What an item of the transaction is for; reasons of a cancellation come in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Order,
    Event,
    Person,
    Command,
    Cart,
    Standing,
    Method,
    Page,
    /// By its place in the commit.
    Count(usize),
    Stock(ProductId),
    /// A shard of a hot product.
    Shard(ProductId),
}

/// The transaction and what each of its items is for.
#[derive(Debug, Clone)]
pub(super) struct Transaction {
    pub(super) items: Vec<TransactWriteItem>,
    pub(super) roles: Vec<Role>,
}

impl Transaction {
    /// The transaction that writes this commit.
    pub(super) fn of(commit: &Commit, tables: &Tables, places: &Places) -> Result<Transaction, StoreError> {
        let mut transaction = Transaction { items: Vec::new(), roles: Vec::new() };
        let order = &commit.change.order;
        let pk = || keys::order_pk(order.id);
        match commit.change.base_version {
            None => transaction.put(Role::Order, new_order(commit, tables)?),
            Some(base) => transaction.update(Role::Order, next_order(order, base, tables)?),
        }
        for event in &commit.change.events {
            let put = put_new(&tables.orders, event_item(pk(), event)?)?;
            transaction.put(Role::Event, put);
        }
        if let Some(person) = &commit.person {
            let body = item(pk(), keys::PERSON.into(), [(keys::BODY, json(person)?)]);
            let put = Put::builder().table_name(&tables.orders).set_item(Some(body)).build();
            transaction.put(Role::Person, put.map_err(|error| unbuildable(&error))?);
        }
        if let Some((name, record)) = &commit.command {
            let put = conditional_put(&tables.orders, command_item(pk(), &name.0, record))
                .condition_expression("attribute_not_exists(pk) OR #expires_at <= :now")
                .expression_attribute_names("#expires_at", keys::EXPIRES_AT)
                .expression_attribute_values(":now", number(order.updated_at.as_second()))
                .build();
            transaction.put(Role::Command, put.map_err(|error| unbuildable(&error))?);
        }
        if let Some(claim) = &commit.cart {
            transaction.put(Role::Cart, cart(claim, order, tables)?);
        }
        if let Some(user) = &commit.standing {
            transaction.check(Role::Standing, standing(user, tables)?);
        }
        if let Some(kept) = &commit.kept {
            let body = item(keys::customer_pk(&kept.user_id), keys::method_sk(kept.id), [(keys::BODY, json(kept)?)]);
            let put = Put::builder().table_name(&tables.orders).set_item(Some(body)).build();
            transaction.put(Role::Method, put.map_err(|error| unbuildable(&error))?);
        }
        if let Some(page) = &commit.page {
            let put = Put::builder().table_name(&tables.orders).set_item(Some(page_item(page)?)).build();
            transaction.put(Role::Page, put.map_err(|error| unbuildable(&error))?);
        }
        for (place, step) in commit.counts.iter().enumerate() {
            transaction.update(Role::Count(place), count(step, tables)?);
        }
        for (product_id, moves) in by_product(&commit.change.stock) {
            let place = places.get(&product_id).copied().unwrap_or(Place::Whole);
            let role = match place {
                Place::Whole | Place::Base => Role::Stock(product_id),
                Place::Shard(_) => Role::Shard(product_id),
            };
            transaction.update(role, stock(product_id, &moves, order, tables, place)?);
        }
        match transaction.items.len() {
            0..=MAX_TRANSACTION_ITEMS => Ok(transaction),
            many => Err(StoreError::Damaged(format!("a change of {many} items does not fit one transaction"))),
        }
    }

    fn put(&mut self, role: Role, put: Put) {
        self.items.push(TransactWriteItem::builder().put(put).build());
        self.roles.push(role);
    }

    fn check(&mut self, role: Role, check: ConditionCheck) {
        self.items.push(TransactWriteItem::builder().condition_check(check).build());
        self.roles.push(role);
    }

    fn update(&mut self, role: Role, update: Update) {
        self.items.push(TransactWriteItem::builder().update(update).build());
        self.roles.push(role);
    }
}

/// A put that tells what stood in its way.
fn conditional_put(table: &str, item: Item) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    let told = ReturnValuesOnConditionCheckFailure::AllOld;
    Put::builder().table_name(table).set_item(Some(item)).return_values_on_condition_check_failure(told)
}

fn put_new(table: &str, item: Item) -> Result<Put, StoreError> {
    let put = conditional_put(table, item).condition_expression("attribute_not_exists(pk)").build();
    put.map_err(|error| unbuildable(&error))
}

fn new_order(commit: &Commit, tables: &Tables) -> Result<Put, StoreError> {
    put_new(&tables.orders, order_item(&commit.change.order, commit.request.as_deref())?)
}

/// An update and not a put, because what belongs to the creation (customer, place in lists, fingerprint) stays.
fn next_order(order: &Order, base: u64, tables: &Tables) -> Result<Update, StoreError> {
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
    update.update_expression(expression).build().map_err(|error| unbuildable(&error))
}

fn cart(claim: &CartClaim, order: &Order, tables: &Tables) -> Result<Put, StoreError> {
    let attributes = [
        (keys::ORDER_ID, text(order.id.to_string())),
        (keys::UNTIL, text(keys::time(claim.expires_at))),
        (keys::EXPIRES_AT, number(claim.expires_at.as_second())),
    ];
    let claimed = item(keys::customer_pk(&claim.user_id), keys::cart_sk(&claim.cart), attributes);
    let put = match claim.policy {
        CartPolicy::Replace => Put::builder().table_name(&tables.orders).set_item(Some(claimed)),
        CartPolicy::Exclusive { over } => conditional_put(&tables.orders, claimed)
            .condition_expression("attribute_not_exists(pk) OR #until <= :now OR #order_id IN (:over, :self)")
            .expression_attribute_names("#until", keys::UNTIL)
            .expression_attribute_names("#order_id", keys::ORDER_ID)
            .expression_attribute_values(":now", text(keys::time(order.updated_at)))
            .expression_attribute_values(":over", text(over.unwrap_or(order.id).to_string()))
            .expression_attribute_values(":self", text(order.id.to_string())),
    };
    put.build().map_err(|error| unbuildable(&error))
}

/// Nobody has blocked the customer.
fn standing(user: &UserId, tables: &Tables) -> Result<ConditionCheck, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(&tables.orders)
        .set_key(Some(key(keys::customer_pk(user), keys::STANDING)))
        .condition_expression("attribute_not_exists(pk) OR #blocked = :false")
        .expression_attribute_names("#blocked", keys::BLOCKED)
        .expression_attribute_values(":false", AttributeValue::Bool(false))
        .build();
    check.map_err(|error| unbuildable(&error))
}

/// A step of a counter that does not pass its limit. What is given back is never refused: a counter that was
/// forgotten must not keep an order from being cancelled.
fn count(step: &UsageStep, tables: &Tables) -> Result<Update, StoreError> {
    let (pk, sk) = keys::counter(&step.counter);
    let mut update = Update::builder()
        .table_name(&tables.orders)
        .set_key(Some(key(pk, sk)))
        .expression_attribute_names("#used", keys::USED)
        .expression_attribute_values(":delta", number(step.delta));
    if let Some(limit) = step.limit.filter(|_| step.delta > 0) {
        let left = i64::from(limit) - i64::from(step.delta);
        // A counter that nobody has used yet is at zero.
        let unused = if left >= 0 { "attribute_not_exists(#used) OR " } else { "" };
        update = update
            .condition_expression(format!("{unused}#used <= :left"))
            .expression_attribute_values(":left", number(left));
    }
    let mut expression = "ADD #used :delta".to_owned();
    if let Some(at) = step.expires_at {
        expression.push_str(" SET #expires_at = :expires_at");
        update = update
            .expression_attribute_names("#expires_at", keys::EXPIRES_AT)
            .expression_attribute_values(":expires_at", number(at.as_second()));
    }
    update.update_expression(expression).build().map_err(|error| unbuildable(&error))
}

/// A transaction may touch an item once, so all moves of a product become one update.
pub(super) fn by_product(moves: &[stock::StockMove]) -> BTreeMap<ProductId, Vec<stock::StockMove>> {
    let mut products: BTreeMap<ProductId, Vec<stock::StockMove>> = BTreeMap::new();
    for part in moves {
        products.entry(part.product_id).or_default().push(*part);
    }
    products
}

fn stock(
    product_id: ProductId,
    moves: &[stock::StockMove],
    order: &Order,
    tables: &Tables,
    place: Place,
) -> Result<Update, StoreError> {
    let mut deltas: BTreeMap<&'static str, i64> = BTreeMap::new();
    for (counter, delta) in moves.iter().flat_map(stock::StockMove::deltas) {
        *deltas.entry(counter.name()).or_default() += delta;
    }
    let mut update = Update::builder()
        .table_name(&tables.catalog)
        .set_key(Some(key(keys::product_pk(product_id), place.sk())))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let mut conditions = vec!["attribute_exists(pk)".to_owned()];
    let mut additions = Vec::new();
    for (counter, delta) in deltas {
        additions.push(format!("#{counter} :{counter}"));
        update = update
            .expression_attribute_names(format!("#{counter}"), counter)
            .expression_attribute_values(format!(":{counter}"), number(delta));
        // A shard's other counters are differences: only the sums over all shards cannot be negative.
        let bounded = counter == stock::Counter::Available.name() || !matches!(place, Place::Shard(_));
        if delta < 0 && bounded {
            conditions.push(format!("#{counter} >= :{counter}_needed"));
            update = update.expression_attribute_values(format!(":{counter}_needed"), number(-delta));
        }
    }
    if place == Place::Whole {
        conditions.push("attribute_not_exists(#shards)".to_owned());
        update = update.expression_attribute_names("#shards", keys::SHARDS);
    }
    if moves.iter().any(|part| part.kind == MoveKind::Reserve) {
        conditions.push("#active = :true AND #price = :price AND #currency = :currency".to_owned());
        update = update
            .expression_attribute_names("#active", keys::ACTIVE)
            .expression_attribute_names("#price", keys::PRICE)
            .expression_attribute_names("#currency", keys::CURRENCY)
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":price", number(price(order, product_id)?.minor()))
            .expression_attribute_values(":currency", text(order.currency.code()));
    }
    let update = update
        .update_expression(format!("ADD {}", additions.join(", ")))
        .condition_expression(conditions.join(" AND "))
        .build();
    update.map_err(|error| unbuildable(&error))
}

/// What the customer was quoted: within one order a product has one price.
fn price(order: &Order, product_id: ProductId) -> Result<Amount, StoreError> {
    let line = order.lines.iter().find(|line| line.product_id == product_id);
    line.map(|line| line.price).ok_or_else(|| {
        StoreError::Damaged(format!("order {} reserves product {product_id}, which it does not contain", order.id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn moves_of_one_product_become_one_update() {
        let product_id = a_product(1).build().id;
        let part = |kind, quantity| stock::StockMove { product_id, kind, quantity };
        let moves = [
            part(MoveKind::Restock(stock::Condition::Sellable), 2),
            part(MoveKind::Restock(stock::Condition::Damaged), 1),
        ];
        let tables = Tables { orders: "orders".into(), catalog: "catalog".into() };
        let (order, moves) = (order_of(1).change.order, &by_product(&moves)[&product_id]);
        let update = stock(product_id, moves, &order, &tables, Place::Base).unwrap();
        assert_eq!(update.update_expression(), "ADD #available :available, #damaged :damaged, #returned :returned");
        assert_eq!(update.condition_expression(), Some("attribute_exists(pk)"));
        assert_eq!(update.expression_attribute_values().unwrap()[":returned"], number(3));
    }
}
