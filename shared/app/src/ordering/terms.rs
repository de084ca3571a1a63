//! From a cart to the terms on which it is ordered: the one way for orders that are created and drafts that are submitted.
//!
//! 1. Price the cart by products and tables as they are at one moment, as a quote does.
//! 2. Refuse what cannot be had. A code that applies no more is refused as well, or told, as the caller says.
//! 3. Hold the total against what the customer saw; another one is told with the new sums and must be accepted (A23).
//!
//! What the price was worked out from becomes a condition of the order's transaction: versions of the catalog entries,
//! limits of promotions. The tables need none, because they change at announced moments ([`crate::ports::Schedule`]).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use oms_domain::catalog::{NotSellable, Product};
use oms_domain::ids::ProductId;
use oms_domain::money::{Currency, Money};
use oms_domain::ordering::{DRAFT_DAYS, Terms};
use oms_domain::pricing::promotion::{Applied, Use};

use crate::catalog::alternatives::unavailable;
use crate::catalog::catalog_cache::{CatalogCache, Quoted};
use crate::error::{Error, Field, NotOrderable, PriceChange, TotalChange};
use crate::ordering::cart::{Cart, CartIssue, Merged, PricedCart, PricedOrder, out_of_stock, price, refusal, refused};
use crate::ordering::checks::Checks;
use crate::ports::Shortage;

const HOURS_PER_DAY: i64 = 24;

/// What the customer was shown, as far as they say so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// The total, as decimal text.
    pub total: Option<String>,
    /// The currency of all amounts that they saw, ISO 4217.
    pub currency: Option<String>,
    /// The price of a carrier, as a quote has sealed it.
    pub shipping_rate: Option<String>,
}

impl Seen {
    /// The currency, if it is told.
    pub(crate) fn currency(&self) -> Result<Option<Currency>, Field> {
        let code = self.currency.as_deref();
        code.map(str::parse).transpose().map_err(|error| Field::new("/currency", error))
    }

    /// Whether they saw the total of these terms; nothing if they do not say what they saw.
    pub(crate) fn accepts(&self, drawn: &Drawn, usual: Currency) -> Result<Option<bool>, Error> {
        let Some(total) = &self.total else { return Ok(None) };
        let told = self.currency().map_err(|fault| Error::Invalid(vec![fault]))?;
        let seen = Money::parse(total, told.unwrap_or(usual));
        let seen = seen.map_err(|error| Error::Invalid(vec![Field::new("/expected_total", error)]))?;
        let sure = told.is_some() || !drawn.currency_in_doubt;
        Ok(Some(sure && seen == Money::new(drawn.terms.totals.total, drawn.terms.currency)))
    }
}

/// Terms with what they depend on.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    pub(crate) terms: Terms,
    /// Uses of promotions that are limited.
    pub(crate) limits: Vec<(Use, u32)>,
    /// Versions of the catalog entries that they were worked out from.
    pub(crate) versions: BTreeMap<ProductId, u64>,
    /// Codes that were asked for and do not apply.
    pub(crate) lapsed: Vec<Field>,
    /// A product has changed its currency so lately that an amount without one may be of the old one.
    currency_in_doubt: bool,
}

impl Drawn {
    /// How the customer is told of these terms.
    pub(crate) fn told(self, prices: Vec<PriceChange>) -> Error {
        let Drawn { terms, lapsed, .. } = self;
        Error::TotalChanged(Box::new(TotalChange { terms, prices, lapsed }))
    }
}

/// What becomes of codes that do not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lapsed {
    /// They keep the cart from being ordered.
    Refused,
    /// They are left out and told.
    Told,
}

/// Draws up the terms of a cart, or says why it cannot be ordered.
pub(crate) async fn draw_up(
    cart: Cart<'_>,
    quoted: &Quoted,
    checks: &Checks,
    catalog: &CatalogCache,
    codes: Lapsed,
) -> Result<Drawn, Error> {
    let PricedCart { order, mut issues } = price(cart, quoted, checks.taxes.as_ref()).await?;
    let mut lapsed = Vec::new();
    if codes == Lapsed::Told {
        issues.retain(|issue| match issue {
            CartIssue::Promotion(field, _) => {
                lapsed.push(field.clone());
                false
            }
            CartIssue::Unavailable(_) | CartIssue::PriceChanged(_) | CartIssue::Address(_) | CartIssue::Invalid(_) => {
                true
            }
        });
    }
    // A cart with other issues never gets to the condition that would tell of missing stock.
    if !issues.is_empty() {
        issues.extend(out_of_stock(cart.items, quoted));
    }
    let refused = refused(&issues);
    if !refused.is_empty() {
        return Err(unavailable(catalog, refused, quoted, &cart.destination.country).await);
    }
    if let Some(error) = refusal(issues) {
        return Err(error);
    }
    let order = order.ok_or_else(|| Error::Internal("an empty cart passed".into()))?;
    let versions = cart.items.iter().filter_map(|item| quoted.products.get(&item.product_id));
    let currency_in_doubt = versions.clone().any(|product| changed_currency(product, cart.at));
    let versions = versions.map(|product| (product.id, product.version)).collect();
    let (terms, limits) = terms(order);
    Ok(Drawn { terms, limits, versions, lapsed, currency_in_doubt })
}

fn terms(order: PricedOrder) -> (Terms, Vec<(Use, u32)>) {
    let limits: Vec<(Use, u32)> = order.promotions.iter().flat_map(Applied::limits).collect();
    let terms = Terms {
        currency: order.currency,
        shipping_method: order.shipping_method.unwrap_or_default(),
        delivery: order.delivery,
        lines: order.lines,
        totals: order.totals,
        promotions: order.promotions.into_iter().map(|applied| applied.promotion.code).collect(),
        uses: limits.iter().map(|(counted, _)| counted.clone()).collect(),
        extras: Vec::new(),
        return_terms: order.return_terms,
    };
    (terms, limits)
}

/// Whether the product was sold in another currency for as long ago as a draft lasts: an amount that somebody saw then may
/// be of that one.
pub(crate) fn changed_currency(product: &Product, at: Timestamp) -> bool {
    let lately = SignedDuration::from_hours(DRAFT_DAYS * HOURS_PER_DAY);
    product.currency_since.is_some_and(|since| at.duration_since(since) < lately)
}

/// Products of which a read just now found fewer than wanted: a commit would only be told the same. Units of a hot product
/// lie in several places that are not read at one moment, so of those the commit is asked.
pub(crate) fn known_to_be_short(items: &[Merged], quoted: &Quoted) -> Vec<NotOrderable> {
    let whole = |short: &NotOrderable| quoted.products.get(&short.product_id).is_some_and(|product| !product.hot);
    let short = refused(&out_of_stock(items, quoted));
    short.into_iter().filter(|short| short.reason == NotSellable::OutOfStock && whole(short)).collect()
}

/// What failed conditions found missing, as far as units are: other facts of the products have changed where this is less
/// than was told. The cache takes over all of it.
pub(crate) fn found_short(items: &[Merged], shortages: &[Shortage], catalog: &CatalogCache) -> Vec<NotOrderable> {
    let mut short = Vec::new();
    for Shortage { product_id, found } in shortages {
        catalog.learn(*product_id, found.as_ref());
        let Some(item) = items.iter().find(|item| item.product_id == *product_id) else { continue };
        let sold = found.as_ref().filter(|product| product.active);
        short.extend(sold.filter(|product| product.stock.available < item.quantity).map(|product| NotOrderable {
            pointer: format!("/items/{}/quantity", item.position),
            product_id: product.id,
            reason: NotSellable::OutOfStock,
            available: Some(product.stock.available),
        }));
    }
    short
}

/// How many of a product are wanted.
pub(crate) fn units(items: &[Merged], product_id: ProductId) -> u32 {
    items.iter().filter(|item| item.product_id == product_id).map(|item| item.quantity).sum()
}
