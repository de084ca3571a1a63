//! Orders the same again (J9): the goods of an order at today's prices, as a quote or as a new draft.
//!
//! 1. Load the order. Its person record says where the goods go; once that is erased, nobody knows.
//! 2. Quote all that was ordered, as `quote-order` does. What cannot be had, or not as many of, is missing.
//! 3. Where something is missing and something is left, or the way it was shipped is still there, quote that.
//! 4. Answer with the quote; or create a draft of what is left as `create-order` does, under the caller's key.
//!
//! Nothing is priced or written here. Codes of promotions were for that order and are not used again, and what somebody wrote about it stays
//! with it.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::catalog::{NotSellable, Product};
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::ordering::address::{Details, Person};
use oms_domain::ordering::{MAX_QUANTITY, Order, Refusal};

use super::cart::{Item, refused};
use super::create_order::{self, CreateOrder, Created};
use super::terms::Seen;
use crate::catalog::catalog_cache::CatalogCache;
use crate::error::{Error, NotOrderable};
use crate::execute::load;
use crate::intent::Intent;
use crate::ports::Orders;
use crate::pricing::quote_order::{self, Quote, QuoteOrder};

/// Units of a product that were ordered then and cannot be had now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub product_id: ProductId,
    /// How many units are missing.
    pub units: u32,
    /// Nothing where it is told again: the reason may be another one by now.
    pub reason: Option<NotSellable>,
    /// What could be bought instead, of the same category.
    pub alternatives: Vec<Product>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    Quoted(Box<Quote>),
    Drafted(Box<Created>),
}

/// The same goods, without what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reordered {
    pub again: Again,
    pub missing: Vec<Missing>,
}

pub struct Reorder {
    orders: Arc<dyn Orders>,
    catalog: CatalogCache,
    quote: QuoteOrder,
    create: CreateOrder,
}

impl Reorder {
    pub fn new(orders: Arc<dyn Orders>, catalog: CatalogCache, quote: QuoteOrder, create: CreateOrder) -> Self {
        Reorder { orders, catalog, quote, create }
    }

    pub async fn run(&self, order_id: OrderId, intent: &Intent, draft: bool) -> Result<Reordered, Error> {
        let stored = load(self.orders.as_ref(), Operation::Reorder, &intent.caller, order_id).await?;
        let order = stored.order;
        if draft && let Some(made) = self.create.made_before(intent).await? {
            let missing = without(&items_of(&order), &items_of(&made.order));
            return Ok(Reordered { again: Again::Drafted(Box::new(made)), missing });
        }
        if intent.expected_version.is_some_and(|expected| expected != order.version) {
            return Err(Error::VersionConflict { current: order.version });
        }
        let person = stored.person.ok_or(Refusal::PersonErased)?;
        let (quote, items, missing) = self.had(&order, &person, &intent.caller).await?;
        if !draft {
            return Ok(Reordered { again: Again::Quoted(Box::new(quote)), missing });
        }
        let shipping_method = quote.order.and_then(|priced| priced.shipping_method);
        let request = drafted(&order, person, items, shipping_method, &intent.caller);
        let made = self.create.run(intent, request).await?;
        Ok(Reordered { again: Again::Drafted(Box::new(made)), missing })
    }

    /// What of the order can be had, with its quote, and what cannot.
    async fn had(
        &self,
        order: &Order,
        person: &Person,
        caller: &Caller,
    ) -> Result<(Quote, Vec<Item>, Vec<Missing>), Error> {
        let wanted = items_of(order);
        let ask = |items: &[Item], shipping_method: Option<String>| quote_order::Request {
            caller: caller.clone(),
            items: items.to_vec(),
            shipping_address: Some(person.shipping_address.clone().into_inner()),
            billing_address: Some(person.billing_address.clone().into_inner()),
            country: None,
            shipping_method,
            promotion_codes: Vec::new(),
            currency: None,
        };
        let whole = self.quote.run(ask(&wanted, None)).await?;
        let refused = refused(&whole.issues);
        let left: Vec<Item> = wanted.iter().filter_map(|item| left_of(item, &refused)).collect();
        if left.is_empty() {
            return Err(Error::ProductsUnavailable { refused, alternatives: whole.alternatives });
        }
        let missing = self.missing(&wanted, &left, &refused, &whole).await?;
        let shipping_method = as_then(&whole, order);
        let is_default = whole.order.as_ref().is_some_and(|priced| priced.shipping_method == shipping_method);
        if missing.is_empty() && is_default {
            return Ok((whole, left, missing));
        }
        Ok((self.quote.run(ask(&left, shipping_method)).await?, left, missing))
    }

    /// Each with what the quote suggests of its category.
    async fn missing(
        &self,
        wanted: &[Item],
        left: &[Item],
        refused: &[NotOrderable],
        whole: &Quote,
    ) -> Result<Vec<Missing>, Error> {
        let mut missing = without(wanted, left);
        if missing.is_empty() {
            return Ok(missing);
        }
        let ids: Vec<ProductId> = missing.iter().map(|one| one.product_id).collect();
        let known = self.catalog.quote(&ids).await?;
        for one in &mut missing {
            let found = refused.iter().find(|found| found.product_id == one.product_id);
            one.reason = found.map(|found| found.reason);
            let category = known.products.get(&one.product_id).map(|product| &product.category);
            let alike = whole.alternatives.iter().filter(|other| Some(&other.category) == category);
            one.alternatives = alike.cloned().collect();
        }
        Ok(missing)
    }
}

/// What was ordered, whatever became of it; one of each product.
fn items_of(order: &Order) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for line in &order.lines {
        match items.iter_mut().find(|item| item.product_id == line.product_id) {
            Some(same) => same.quantity = (same.quantity + line.quantity).min(MAX_QUANTITY),
            None => items.push(Item { product_id: line.product_id, quantity: line.quantity, price: None }),
        }
    }
    items
}

/// As many units as there are.
fn left_of(item: &Item, refused: &[NotOrderable]) -> Option<Item> {
    let Some(found) = refused.iter().find(|found| found.product_id == item.product_id) else {
        return Some(item.clone());
    };
    let quantity = match found.reason {
        NotSellable::OutOfStock => found.available.unwrap_or_default().min(item.quantity),
        NotSellable::Missing | NotSellable::Discontinued | NotSellable::Region => 0,
    };
    (quantity > 0).then(|| Item { quantity, ..item.clone() })
}

/// What is wanted and not in what is left.
fn without(wanted: &[Item], left: &[Item]) -> Vec<Missing> {
    let had = |product_id: ProductId| left.iter().find(|item| item.product_id == product_id);
    let short = wanted.iter().map(|item| {
        (item.product_id, item.quantity - had(item.product_id).map_or(0, |own| own.quantity.min(item.quantity)))
    });
    let missing = short.filter(|(_, units)| *units > 0);
    missing.map(|(product_id, units)| Missing { product_id, units, reason: None, alternatives: Vec::new() }).collect()
}

/// The way it was shipped then, if that takes these goods today.
fn as_then(quote: &Quote, order: &Order) -> Option<String> {
    let priced = quote.order.as_ref()?;
    let known = priced.options.iter().any(|option| option.code == order.shipping_method);
    if known { Some(order.shipping_method.clone()) } else { priced.shipping_method.clone() }
}

/// A draft of these goods for the same customer.
fn drafted(
    order: &Order,
    person: Person,
    items: Vec<Item>,
    shipping_method: Option<String>,
    caller: &Caller,
) -> create_order::Request {
    let Person { contact, shipping_address, billing_address, details, .. } = person;
    create_order::Request {
        user_id: (caller.user() != &order.user_id).then(|| order.user_id.clone()),
        items,
        contact: contact.into_inner(),
        shipping_address: shipping_address.into_inner(),
        billing_address: Some(billing_address.into_inner()),
        shipping_method,
        promotion_codes: Vec::new(),
        seen: Seen::default(),
        details: Details { locale: details.locale, time_zone: details.time_zone, ..Details::default() },
        draft: true,
    }
}
