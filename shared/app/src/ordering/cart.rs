//! Prices a cart: the one way from products, tables and codes to lines and sums, for orders and for quotes.
//!
//! 1. [`merge`] makes one line of all lines of a product.
//! 2. [`price`] takes what can be sold there, applies promotions, prices shipping, assesses taxes, and adds up. What is
//!    wrong is collected, all of it, so that a customer can correct it at once (A2).
//! 3. An order refuses a cart with any issue, by [`refusal`]; a quote shows both.

use std::borrow::Cow;
use std::collections::HashMap;
use std::str::FromStr as _;

use jiff::Timestamp;
use jiff::civil::Date;
use oms_domain::catalog::{NotSellable, Product};
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::address::Destination;
use oms_domain::ordering::{Line, MAX_LINES, MAX_QUANTITY, Order};
use oms_domain::pricing::dispatch::Delivery;
use oms_domain::pricing::promotion::{Applied, Goods, Outcome, PromotionTable, Rejection, normal};
use oms_domain::pricing::shipping::{Parcel, ShippingTable, WorkingDays};
use oms_domain::pricing::{Item as Taxed, Totals};
use oms_domain::returns::policy::ReturnTerms;
use rust_decimal::Decimal;

use crate::catalog::catalog_cache::Quoted;
use crate::error::{Error, Field, NotOrderable, PriceChange};
use crate::idempotency::fingerprint;
use crate::ordering::offered_rates::CarrierPrices;
use crate::ordering::terms::changed_currency;
use crate::ports::{CartClaim, CartPolicy, NumberedReturns, TaxCalculator, Taxable};

/// What is said of a state that decides on the tax and is in no row of the tax table.
pub(crate) const UNKNOWN_STATE: &str = "is not a state of this country that we know; use its official abbreviation";

/// One line of the cart as the customer sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub product_id: ProductId,
    pub quantity: u32,
    /// The price that the customer saw, as decimal text.
    pub price: Option<String>,
}

/// All lines of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Where the product first stands in the request.
    pub position: usize,
    pub product_id: ProductId,
    /// Units of all its lines.
    pub quantity: u32,
    /// The price that the customer saw, as decimal text.
    pub price: Option<String>,
}

/// What is to be priced.
#[derive(Debug, Clone, Copy)]
pub struct Cart<'a> {
    /// What is wanted.
    pub items: &'a [Merged],
    /// Where it goes.
    pub destination: &'a Destination,
    /// Code of the shipping method, if not the default one.
    pub shipping_method: Option<&'a str>,
    /// Promotion codes.
    pub promotion_codes: &'a [String],
    /// Codes of promotions that are known to be used up, by everybody or by this customer.
    pub used_up: &'a [String],
    /// The currency of the prices that the customer saw, if they told it.
    pub currency: Option<Currency>,
    /// Units of a product that an order may have where the product does not say otherwise; nothing for staff.
    pub units_per_product: Option<u32>,
    /// What carriers ask for it, where that is known.
    pub carrier_prices: &'a CarrierPrices,
    /// By what is true then it is priced.
    pub at: Timestamp,
}

/// One way to bring the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingOption {
    /// Code of the method.
    pub code: String,
    /// What customers read.
    pub name: String,
    /// What it costs, promotions considered.
    pub price: Amount,
    /// First and last day on which it should arrive, if method or carrier say so.
    pub expected: Option<(Date, Date)>,
    /// What these days follow from.
    pub delivery: Option<Delivery>,
}

/// A cart with its prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedOrder {
    /// Of all its amounts.
    pub currency: Currency,
    /// Its lines, numbered from 1.
    pub lines: Vec<Line>,
    /// Its sums.
    pub totals: Totals,
    /// Code of the shipping method; nothing if none takes it.
    pub shipping_method: Option<String>,
    /// How long that takes, where the shop says so.
    pub delivery: Option<Delivery>,
    /// Every method that takes it.
    pub options: Vec<ShippingOption>,
    /// The promotions in force, in the order of application.
    pub promotions: Vec<Applied>,
    /// On which terms goods come back, where the shop has set them up.
    pub return_terms: Option<ReturnTerms>,
}

/// Something that keeps a cart from being ordered as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CartIssue {
    /// A product cannot be had (A9–A11).
    Unavailable(NotOrderable),
    /// A price is not what the customer saw (A23).
    PriceChanged(PriceChange),
    /// A promotion does not apply.
    Promotion(Field, Rejection),
    /// An address cannot be delivered to (A13).
    Address(Field),
    /// Any other broken rule.
    Invalid(Field),
}

/// What came of pricing a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedCart {
    /// What can be sold, priced; nothing if nothing can.
    pub order: Option<PricedOrder>,
    /// What keeps it from being ordered.
    pub issues: Vec<CartIssue>,
}

/// Lines of the same product become one.
pub fn merge(items: &[Item], faults: &mut Vec<Field>) -> Vec<Merged> {
    let mut merged: Vec<Merged> = Vec::new();
    let mut places: HashMap<ProductId, usize> = HashMap::new();
    for (position, item) in items.iter().enumerate() {
        if item.quantity == 0 || item.quantity > MAX_QUANTITY {
            faults.push(Field::new(format!("/items/{position}/quantity"), format!("must be 1 to {MAX_QUANTITY}")));
            continue;
        }
        let place = *places.entry(item.product_id).or_insert(merged.len());
        match merged.get_mut(place) {
            None => merged.push(Merged {
                position,
                product_id: item.product_id,
                quantity: item.quantity,
                price: item.price.clone(),
            }),
            Some(same) => {
                same.quantity += item.quantity;
                if same.quantity > MAX_QUANTITY {
                    let message = format!("lines of the same product add up to more than {MAX_QUANTITY}");
                    faults.push(Field::new(format!("/items/{position}/quantity"), message));
                }
                if let (Some(one), Some(other)) = (&item.price, &same.price)
                    && !same_amount(one, other)
                {
                    let message = "lines of the same product have different prices";
                    faults.push(Field::new(format!("/items/{position}/price"), message));
                }
                same.price = same.price.take().or_else(|| item.price.clone());
            }
        }
    }
    if items.is_empty() {
        faults.push(Field::new("/items", "must have at least one line"));
    }
    if merged.len() > MAX_LINES {
        faults.push(Field::new("/items", format!("must have at most {MAX_LINES} different products")));
    }
    merged
}

/// Whether two decimal texts say the same amount: `19.9` is `19.90`.
fn same_amount(one: &str, other: &str) -> bool {
    let decimals = Decimal::from_str(one).ok().zip(Decimal::from_str(other).ok());
    one == other || decimals.is_some_and(|(one, other)| one == other)
}

/// The promotions that can still be used. One that is not applies no more, as if it were not there.
pub(crate) fn left<'a>(used_up: &[String], table: &'a PromotionTable) -> Cow<'a, PromotionTable> {
    if used_up.is_empty() {
        return Cow::Borrowed(table);
    }
    let left = table.promotions.iter().filter(|promotion| !used_up.contains(&promotion.code));
    Cow::Owned(PromotionTable { promotions: left.cloned().collect() })
}

/// Prices a cart by the catalog as quoted, and by the tables that count at its moment.
pub async fn price(cart: Cart<'_>, quoted: &Quoted, taxes: &dyn TaxCalculator) -> Result<PricedCart, Error> {
    let mut issues = Vec::new();
    let products = sellable(&cart, quoted, &mut issues);
    issues.extend(too_many(cart.items, quoted, cart.units_per_product));
    let Some((_, first)) = products.first() else { return Ok(PricedCart { order: None, issues }) };
    let currency = first.currency;
    let subtotals: Vec<Amount> = products.iter().map(|(item, product)| product.price.times(item.quantity)).collect();
    let goods: Vec<Goods<'_>> = products
        .iter()
        .zip(&subtotals)
        .map(|((_, product), subtotal)| Goods {
            product_id: product.id,
            category: &product.category,
            subtotal: *subtotal,
        })
        .collect();
    let promotions =
        left(cart.used_up, quoted.rates.promotions.at(cart.at)).apply(cart.promotion_codes, &goods, currency, cart.at);
    issues.extend(promotions.rejected.iter().map(|(place, rejection)| {
        let used_up = cart.promotion_codes.get(*place).is_some_and(|code| cart.used_up.contains(&normal(code)));
        let rejection = if used_up { Rejection::UsedUp } else { rejection.clone() };
        CartIssue::Promotion(Field::new(format!("/promotion_codes/{place}"), &rejection), rejection)
    }));
    let parcel = Parcel {
        destination: cart.destination,
        currency,
        weight_grams: products.iter().map(|(item, product)| weight_grams(product) * u64::from(item.quantity)).sum(),
        value: subtotals.iter().copied().sum(),
        carrier_prices: cart.carrier_prices,
    };
    if quoted.rates.taxes.at(cart.at).cannot_place(cart.destination) {
        issues.push(CartIssue::Address(Field::new("/shipping_address/state", UNKNOWN_STATE)));
    }
    let options = options(&parcel, quoted.rates.shipping.at(cart.at), &promotions, cart.at);
    let chosen = options.iter().find(|option| cart.shipping_method.is_none_or(|code| option.code == code));
    if chosen.is_none() {
        let message = "is not available for this destination, currency and weight";
        issues.push(CartIssue::Invalid(Field::new("/shipping_method", message)));
    }
    let shipping = chosen.map_or(Amount::ZERO, |option| option.price);
    let items: Vec<Taxed<'_>> = products
        .iter()
        .zip(&promotions.line_discounts)
        .map(|((item, product), discount)| Taxed {
            quantity: item.quantity,
            price: product.price,
            discount: *discount,
            tax_class: &product.tax_class,
        })
        .collect();
    let taxable = Taxable { items: &items, shipping, destination: cart.destination };
    let taxes = taxes.assess(taxable, quoted.rates.taxes.at(cart.at)).await?;
    let order = PricedOrder {
        currency,
        lines: (1_u16..)
            .zip(&products)
            .zip(items.iter().zip(&taxes.lines))
            .map(|((line, (_, product)), (item, tax))| priced_line(line, product, item, *tax))
            .collect(),
        totals: Totals::of(&items, shipping, &taxes),
        shipping_method: chosen.map(|option| option.code.clone()),
        delivery: chosen.and_then(|option| option.delivery.clone()),
        options,
        promotions: promotions.applied,
        return_terms: return_terms(&cart, quoted, &products),
    };
    Ok(PricedCart { order: Some(order), issues })
}

/// Those that count at the cart's moment.
fn return_terms(cart: &Cart<'_>, quoted: &Quoted, products: &[(&Merged, &Product)]) -> Option<ReturnTerms> {
    let NumberedReturns { version, table } = quoted.rates.returns.at(cart.at);
    let lines = (1_u16..).zip(products).map(|(line, (_, product))| (line, product.category.as_str()));
    (*version > 0).then(|| ReturnTerms::of(table, *version, &cart.destination.country, lines))
}

/// What all units of a product weigh together is their number times this.
pub(crate) fn weight_grams(product: &Product) -> u64 {
    u64::from(product.weight_grams)
}

/// The products that can be sold there, in one currency; what is wrong with the others, and with their prices.
pub(crate) fn sellable<'a>(
    cart: &Cart<'a>,
    quoted: &'a Quoted,
    issues: &mut Vec<CartIssue>,
) -> Vec<(&'a Merged, &'a Product)> {
    let mut products: Vec<(&Merged, &Product)> = Vec::with_capacity(cart.items.len());
    for item in cart.items {
        let found = quoted.products.get(&item.product_id);
        let reason = match found {
            None => Some(NotSellable::Missing),
            Some(product) if !product.active => Some(NotSellable::Discontinued),
            Some(product) if !product.sold_to(&cart.destination.country) => Some(NotSellable::Region),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            let pointer = format!("/items/{}/product_id", item.position);
            let refused = NotOrderable { pointer, product_id: item.product_id, reason, available: None };
            issues.push(CartIssue::Unavailable(refused));
            continue;
        }
        let Some(product) = found else { continue };
        issues.extend(price_issue(item, product, cart));
        match products.first() {
            Some((_, first)) if first.currency != product.currency => {
                let message = format!(
                    "is sold in {} but other items in {}; order it separately",
                    product.currency, first.currency
                );
                issues.push(CartIssue::Invalid(Field::new(format!("/items/{}/product_id", item.position), message)));
            }
            Some(_) | None => products.push((item, product)),
        }
    }
    products
}

/// Whether the customer saw another price (A23). The currency is part of it: an amount without one is not believed where
/// it may be of the currency in which the product was sold before.
fn price_issue(item: &Merged, product: &Product, cart: &Cart<'_>) -> Option<CartIssue> {
    let pointer = format!("/items/{}/price", item.position);
    let current = Money::new(product.price, product.currency);
    let seen = item.price.as_deref().map(|price| Money::parse(price, cart.currency.unwrap_or(product.currency)));
    let other_currency = match (cart.currency, &seen) {
        (Some(currency), _) => currency != product.currency,
        (None, Some(_)) => changed_currency(product, cart.at),
        (None, None) => false,
    };
    match seen {
        Some(Err(error)) => Some(CartIssue::Invalid(Field::new(pointer, error))),
        Some(Ok(seen)) if seen == current && !other_currency => None,
        None if !other_currency => None,
        Some(Ok(_)) | None => Some(CartIssue::PriceChanged(PriceChange { pointer, product_id: product.id, current })),
    }
}

pub(crate) fn options(
    parcel: &Parcel<'_>,
    table: &ShippingTable,
    promotions: &Outcome,
    at: Timestamp,
) -> Vec<ShippingOption> {
    let offers = table.offers(parcel).into_iter();
    let options = offers.map(|(method, price)| {
        let told = parcel.carrier_prices.get(&method.code).and_then(|asked| asked.days);
        let days = told.map(|days| WorkingDays { from: days, to: days }).or(method.working_days);
        let delivery = days.map(|days| Delivery::new(days, table.dispatch.as_ref(), at));
        ShippingOption {
            code: method.code.clone(),
            name: method.name.clone(),
            price: if promotions.ships_free(&method.code) { Amount::ZERO } else { price },
            expected: delivery.as_ref().map(|delivery| delivery.of_ready(at)),
            delivery,
        }
    });
    options.collect()
}

pub(crate) fn priced_line(line: u16, product: &Product, item: &Taxed<'_>, tax: Amount) -> Line {
    Line {
        line,
        product_id: product.id,
        sku: product.sku.clone(),
        name: product.name.clone(),
        seller_id: product.seller_id.clone(),
        quantity: item.quantity,
        price: item.price,
        discount: item.discount,
        tax,
        shipped: 0,
        returned: 0,
        refunded: 0,
        withdrawn: 0,
        lost: 0,
        removed: 0,
        sold: None,
    }
}

/// Products of which there are fewer than asked for (A10).
pub fn out_of_stock(items: &[Merged], quoted: &Quoted) -> Vec<CartIssue> {
    let short = items.iter().filter_map(|item| {
        let product = quoted.products.get(&item.product_id).filter(|product| product.active)?;
        let available = product.stock.available;
        (available < item.quantity).then(|| {
            CartIssue::Unavailable(NotOrderable {
                pointer: format!("/items/{}/quantity", item.position),
                product_id: item.product_id,
                reason: NotSellable::OutOfStock,
                available: Some(available),
            })
        })
    });
    short.collect()
}

/// Products of which one order must not have so many (A1): a few customers would take all there is.
fn too_many(items: &[Merged], quoted: &Quoted, usual: Option<u32>) -> Vec<CartIssue> {
    let over = items.iter().filter_map(|item| {
        let most = quoted.products.get(&item.product_id)?.max_per_order.or(usual).filter(|_| usual.is_some())?;
        (item.quantity > most).then(|| {
            let message = format!("must be at most {most} of this product in one order");
            CartIssue::Invalid(Field::new(format!("/items/{}/quantity", item.position), message))
        })
    });
    over.collect()
}

/// How many codes do not exist, as far as customers can know.
pub fn unknown_codes(issues: &[CartIssue]) -> usize {
    issues.iter().filter(|issue| matches!(issue, CartIssue::Promotion(_, Rejection::Unknown))).count()
}

/// Products that cannot be had, which come before everything else.
pub fn refused(issues: &[CartIssue]) -> Vec<NotOrderable> {
    let refused = issues.iter().filter_map(|problem| match problem {
        CartIssue::Unavailable(refused) => Some(refused.clone()),
        CartIssue::PriceChanged(_) | CartIssue::Promotion(..) | CartIssue::Address(_) | CartIssue::Invalid(_) => None,
    });
    refused.collect()
}

/// Why an order of a cart with these issues is refused: broken rules first, then prices.
pub fn refusal(issues: Vec<CartIssue>) -> Option<Error> {
    let (mut faults, mut lost, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for problem in issues {
        match problem {
            CartIssue::Promotion(field, _) | CartIssue::Invalid(field) => faults.push(field),
            CartIssue::Address(field) => lost.push(field),
            CartIssue::PriceChanged(change) => changed.push(change),
            CartIssue::Unavailable(_) => {}
        }
    }
    match (faults.is_empty(), lost.is_empty(), changed.is_empty()) {
        (false, _, _) => Some(Error::Invalid(faults)),
        (true, false, _) => Some(Error::Address(lost)),
        (true, true, false) => Some(Error::PriceChanged(changed)),
        (true, true, true) => None,
    }
}

/// The claim on the cart of an order that reserves: with a key it replaces an earlier one, without one it must not meet
/// another's but that which is over (A20).
pub(crate) fn claim(order: &Order, keyed: bool, over: Option<OrderId>) -> Option<CartClaim> {
    let expires_at = order.reservation_expires_at?;
    let policy = if keyed { CartPolicy::Replace } else { CartPolicy::Exclusive { over } };
    let cart = contents(order.lines.iter().map(|line| (line.quantity, line.product_id)));
    Some(CartClaim { user_id: order.user_id.clone(), cart, policy, expires_at })
}

/// What is in a cart, whatever the order of its lines, as a hash.
pub(crate) fn contents(lines: impl Iterator<Item = (u32, ProductId)>) -> String {
    let mut parts: Vec<String> = lines.map(|(quantity, product_id)| format!("{quantity}x{product_id}")).collect();
    parts.sort_unstable();
    fingerprint(&[parts.join(",").as_bytes()])
}
