//! Whether an order costs what a quote of its moment would have said (invariant 24), while tables and products change.

use std::collections::BTreeMap;

use futures::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use oms_app::catalog::catalog_cache::Quoted;
use oms_app::ordering::cart::{Cart, Merged, PricedOrder, price};
use oms_app::ordering::checks::TableTaxes;
use oms_app::ordering::offered_rates::CarrierPrices;
use oms_app::ports::{Catalog as _, Commit, Settings as _, Table};
use oms_domain::catalog::Product;
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::ordering::{CheckoutEvent, Event, Line, Order, Record};
use oms_domain::pricing::carrier_rate::CarrierPrice;
use oms_testkit::builders::BOX_GRAMS;
use oms_testkit::memory::carrier_price;
use serde_json::{Value, json};

use crate::http::Ask;
use crate::weather::Fault;
use crate::world::{PRODUCTS, PROMOTION, World, product};

/// A shipping method that stands for a carrier's service.
pub(crate) const PARCEL: &str = "parcel";

/// What it costs by the table, in cents.
pub(crate) const PARCEL_PRICE: i64 = 690;

/// What the carrier takes for it beside the weight, in cents.
pub(crate) const PARCEL_RATE: i64 = 490;

/// How long a request takes at most.
const REQUEST_TAKES: SignedDuration = SignedDuration::from_secs(30);

/// What an order may have been priced by, as it was around one attempt to write it.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    order_id: OrderId,
    products: BTreeMap<ProductId, Product>,
    quoted: Quoted,
    /// From when on the store knows what counted.
    known_from: Option<Timestamp>,
}

/// The facts as they are, if the commit places an order.
pub(crate) fn facts(world: &World, commit: &Commit) -> Option<Facts> {
    let submits = |body: &str| body.contains("\"type\":\"OrderSubmitted\"");
    commit.change.events.iter().find(|event| submits(&event.body))?;
    let order = &commit.change.order;
    let ids: Vec<ProductId> = order.lines.iter().map(|line| line.product_id).collect();
    let (products, rates) = world.store.quote(&ids).now_or_never()?.ok()?;
    let tables = [Table::Taxes, Table::Shipping, Table::Promotions];
    let known = tables.map(|table| {
        let table = world.store.current(table).now_or_never()?.ok()?;
        table.effective().next().and_then(|(from, _)| from)
    });
    let products: BTreeMap<ProductId, Product> = products.into_iter().map(|product| (product.id, product)).collect();
    let quoted = Quoted { products: products.clone().into_iter().collect(), rates };
    Some(Facts { order_id: order.id, products, quoted, known_from: known.into_iter().flatten().max() })
}

/// What is wrong with the terms of an order, if anything.
pub(crate) fn wrong(world: &World, order: &Order, records: &[Record]) -> Option<String> {
    // Where clocks differ by minutes, nobody can say which moment it was.
    if world.weather.knows(Fault::Skew) {
        return None;
    }
    let submitted = |record: &&Record| matches!(record.event, Event::Checkout(CheckoutEvent::OrderSubmitted { .. }));
    let submission = records.iter().find(submitted)?;
    // What it became later is another story.
    let placed = usize::try_from(submission.version).ok().and_then(|version| records.get(..version));
    let placed = placed.and_then(|records| Order::replay(order.id, records, |_| order.head.clone()));
    let order = placed.as_ref().unwrap_or(order);
    let facts = world.facts_of(order.id);
    // Terms are worked out before they are written.
    let begun = submission.at - REQUEST_TAKES;
    // Who orders the same again has named the method by that, and so has who takes the carrier's price.
    let again = world.told().promises.iter().any(|promise| promise.is_the_same_again(order.id));
    let named = again || order.shipping_method == PARCEL;
    let method = named.then_some(order.shipping_method.as_str());
    let carrier = prices(order, facts.first().map(|facts| &facts.products));
    let asked = [CarrierPrices::new(), carrier];
    let fits = |facts, at| {
        asked.iter().any(|asked| priced(order, facts, asked, method, at).is_none_or(|terms| same(order, &terms)))
    };
    let holds = facts.iter().any(|facts| {
        let later = facts.known_from.is_some_and(|from| from > submission.at);
        later || fits(facts, submission.at) || fits(facts, begun)
    });
    let told = || {
        let terms = facts.first().and_then(|facts| priced(order, facts, &asked[0], method, submission.at));
        format!("24 terms are those of the moment: order {} has {:?}, not {terms:?}", order.id, order.totals)
    };
    (!facts.is_empty() && !holds).then(told)
}

/// What the carrier takes for the goods of the order in one box.
fn prices(order: &Order, products: Option<&BTreeMap<ProductId, Product>>) -> CarrierPrices {
    let weight = |line: &Line| products?.get(&line.product_id).map(|product| product.weight_grams * line.quantity);
    let goods: Option<u32> = order.lines.iter().map(weight).sum();
    let price = goods.map(|goods| CarrierPrice { price: carrier_price(PARCEL_RATE, BOX_GRAMS + goods), days: None });
    price.map(|price| (PARCEL.to_owned(), price)).into_iter().collect()
}

/// The same cart, priced by these facts.
fn priced(
    order: &Order,
    facts: &Facts,
    carrier_prices: &CarrierPrices,
    method: Option<&str>,
    at: Timestamp,
) -> Option<PricedOrder> {
    let table = facts.quoted.rates.promotions.at(at);
    let given = |code: &&String| table.promotions.iter().any(|known| known.code == **code && !known.automatic);
    let codes: Vec<String> = order.promotions.iter().filter(given).cloned().collect();
    let items = order.lines.iter().enumerate().map(|(position, line)| Merged {
        position,
        product_id: line.product_id,
        quantity: line.quantity,
        price: None,
    });
    let items: Vec<Merged> = items.filter(|item| facts.products.contains_key(&item.product_id)).collect();
    let cart = Cart {
        items: &items,
        destination: &order.destination,
        shipping_method: method,
        promotion_codes: &codes,
        used_up: &[],
        currency: None,
        units_per_product: None,
        carrier_prices,
        at,
    };
    price(cart, &facts.quoted, &TableTaxes).now_or_never()?.ok()?.order
}

fn same(order: &Order, terms: &PricedOrder) -> bool {
    let price = |line: &Line| (line.product_id, line.quantity, line.price, line.discount, line.tax);
    order.totals == terms.totals
        && Some(&order.shipping_method) == terms.shipping_method.as_ref()
        && order.lines.iter().map(price).eq(terms.lines.iter().map(price))
}

impl Facts {
    pub(crate) fn are_of(&self, id: OrderId) -> bool {
        self.order_id == id
    }
}

/// What this cart would cost.
pub(crate) fn quote(cart: &Value) -> Ask {
    let body = json!({"items": cart["items"], "country": "DE", "promotion_codes": cart["promotion_codes"]});
    asked("quote-order", "POST", "/api/quotes".into(), None, &body)
}

/// What it would cost with the carrier's price.
pub(crate) fn quote_of_a_parcel(cart: &Value) -> Ask {
    let body = json!({"items": cart["items"], "shipping_address": cart["shipping_address"], "shipping_method": PARCEL,
        "promotion_codes": cart["promotion_codes"]});
    asked("quote-order", "POST", "/api/quotes".into(), None, &body)
}

/// What an admin changes of what prices depend on: a table, or a product.
pub(crate) fn change(lot: impl Fn(u64) -> u64) -> Ask {
    if lot(100) < 60 {
        let (table, content) = changed_table(&lot);
        return asked(
            "change-settings",
            "PUT",
            format!("/api/settings/{table}"),
            Some(("table", table.into())),
            &content,
        );
    }
    edit(lot)
}

/// Another tax class of a product, and perhaps another price.
pub(crate) fn edit(lot: impl Fn(u64) -> u64) -> Ask {
    let (number, _) = PRODUCTS[usize::try_from(lot(3)).unwrap_or_default()];
    let id = product(number).to_string();
    let class = if lot(2) == 0 { "reduced" } else { "standard" };
    let price = format!("{}.90", 17 + lot(4));
    let body = if lot(2) == 0 { json!({"tax_class": class}) } else { json!({"tax_class": class, "price": price}) };
    asked("update-product", "PATCH", format!("/api/products/{id}"), Some(("product_id", id)), &body)
}

fn asked(
    package: &'static str,
    method: &'static str,
    path: String,
    parameter: Option<(&'static str, String)>,
    body: &Value,
) -> Ask {
    Ask { package, method, path, parameter, headers: Vec::new(), body: Some(body.to_string()) }
}

fn changed_table(lot: &impl Fn(u64) -> u64) -> (&'static str, Value) {
    let first = json!({"code": PROMOTION, "kind": "percentage", "rate": "0.10", "max_uses": 3});
    let sale = |rate: &str| json!({"code": "SALE", "kind": "percentage", "rate": rate, "automatic": true});
    let method = |price: &str| json!({"code": "standard", "name": "Standard", "prices": {"EUR": price}});
    let parcel = json!({"code": PARCEL, "name": "Parcel", "prices": {"EUR": "6.90"}, "carrier_rate": {"carrier": "dhl",
        "service": "standard", "box": {"weight_grams": BOX_GRAMS, "length_mm": 300, "width_mm": 200, "height_mm": 100}}});
    let express = json!({"code": "express", "name": "Express", "countries": ["DE"], "prices": {"EUR": "5.40"}});
    match lot(7) {
        0 => ("promotions", json!({"promotions": [first]})),
        1 => ("promotions", json!({"promotions": [first, sale("0.20")]})),
        2 => ("promotions", json!({"promotions": [sale("0.05"), first]})),
        3 => ("shipping", json!({"methods": [express, method("5.90"), parcel]})),
        4 => ("shipping", json!({"methods": [express, method("4.90"), parcel]})),
        place => {
            let rate = if place == 5 { "0.19" } else { "0.16" };
            ("taxes", json!({"rates": {"DE": {"standard": rate, "reduced": "0.07"}}, "included": []}))
        }
    }
}
