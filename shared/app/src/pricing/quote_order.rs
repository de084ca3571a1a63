//! Checks a cart and says what it would cost; changes nothing (A1–A3).
//!
//! 1. Check the input that needs no store. An address may be missing: its country suffices for an estimate.
//! 2. Read products and tables as they are now, not from the cache: a quote is there to tell what is true.
//! 3. Ask carriers where a shipping method takes their price ([`super::carrier_rates`]), and draw the cart up as `create-order` does, without
//!    promotions that are used up.
//! 4. Answer with sums, ways to ship and to pay, and every problem of the cart at once, so that it can be corrected.

use std::collections::BTreeMap;
use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;
use oms_domain::money::Money;
use oms_domain::ordering::MAX_LINES;
use oms_domain::ordering::address::{Address, Checked, Destination};
use oms_domain::pricing::promotion::MAX_CODES;

use crate::catalog::alternatives::alternatives;
use crate::catalog::catalog_cache::CatalogCache;
use oms_domain::payments::capability::cannot_take;

use crate::customers::limits::{Limiter, Limits};
use crate::error::{Error, Field};
use crate::ordering::cart::{
    Cart, CartIssue, Item, PricedCart, PricedOrder, merge, out_of_stock, price, refused, unknown_codes,
};
use crate::ordering::checks::Checks;
use crate::ordering::offered_rates::CarrierPrices;
use crate::ordering::promotion_uses::used_up;
use crate::ordering::terms::Seen;
use crate::payments::breaker::Offer;
use crate::ports::{Clock, Orders};
use crate::pricing::carrier_rates::{CarrierRates, Offered};

/// What a customer thinks of ordering.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks: limits of promotions per customer are theirs.
    pub caller: Caller,
    /// The cart.
    pub items: Vec<Item>,
    /// Where the goods would go, if known.
    pub shipping_address: Option<Address>,
    /// Where the invoice would go, if elsewhere.
    pub billing_address: Option<Address>,
    /// Without an address: to which country the goods would go.
    pub country: Option<String>,
    /// Code of the shipping method, if not the default one.
    pub shipping_method: Option<String>,
    /// Promotion codes.
    pub promotion_codes: Vec<String>,
    /// The currency of the prices that the customer saw, ISO 4217.
    pub currency: Option<String>,
}

/// What it would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// What can be sold, priced; nothing if nothing can.
    pub order: Option<PricedOrder>,
    /// Everything that keeps it from being ordered; empty if nothing does.
    pub issues: Vec<CartIssue>,
    /// Prices of carriers, sealed for who orders, by the code of the shipping method.
    pub shipping_rates: BTreeMap<String, String>,
    /// What could be bought instead of what cannot be had.
    pub alternatives: Vec<Product>,
    /// Names of the payment providers on offer.
    pub payment_methods: Vec<String>,
}

pub struct QuoteOrder {
    orders: Arc<dyn Orders>,
    catalog: CatalogCache,
    offer: Offer,
    clock: Arc<dyn Clock>,
    checks: Checks,
    limiter: Limiter,
    rates: Option<CarrierRates>,
}

impl QuoteOrder {
    /// Wires the use case, with the built-in judges of taxes and addresses.
    pub fn new(orders: Arc<dyn Orders>, catalog: CatalogCache, offer: Offer, clock: Arc<dyn Clock>) -> Self {
        let limiter = Limiter::new(Limits::default(), clock.clone());
        QuoteOrder { orders, catalog, offer, clock, checks: Checks::default(), limiter, rates: None }
    }

    /// Asks carriers for their prices, where shipping methods take them.
    #[must_use]
    pub fn with_carriers(self, rates: CarrierRates) -> Self {
        QuoteOrder { rates: Some(rates), ..self }
    }

    /// With other judges.
    #[must_use]
    pub fn with_checks(self, checks: Checks) -> Self {
        QuoteOrder { checks, ..self }
    }

    /// Holds customers to other limits than the usual ones.
    #[must_use]
    pub fn with_limits(self, limiter: Limiter) -> Self {
        QuoteOrder { limiter, ..self }
    }

    pub async fn run(&self, request: Request) -> Result<Quote, Error> {
        let (mut faults, mut lost) = (Vec::new(), Vec::new());
        let items = merge(&request.items, &mut faults);
        if request.promotion_codes.len() > MAX_CODES {
            faults.push(Field::new("/promotion_codes", format!("must have at most {MAX_CODES} codes")));
        }
        let seen = Seen { currency: request.currency.clone(), ..Seen::default() };
        let currency = seen.currency().unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        let (destination, address) = self.destination(&request, &mut lost).await?;
        if let Some(address) = &request.billing_address {
            self.checks.address(address, "/billing_address", &mut lost).await?;
        }
        // What is too long is told, and not looked up.
        if items.len() > MAX_LINES {
            return Err(Error::Invalid(faults));
        }
        let codes = request.promotion_codes.get(..MAX_CODES).unwrap_or(&request.promotion_codes);
        if !codes.is_empty() {
            self.limiter.may_name_codes(&request.caller).await?;
        }
        let ids: Vec<ProductId> = items.iter().map(|item| item.product_id).collect();
        let quoted = self.catalog.refresh(&ids).await?;
        let mut cart = Cart {
            items: &items,
            destination: &destination,
            shipping_method: request.shipping_method.as_deref(),
            promotion_codes: codes,
            used_up: &[],
            currency,
            units_per_product: self.limiter.units_per_product(&request.caller),
            carrier_prices: &CarrierPrices::new(),
            at: self.clock.now(),
        };
        let Offered { prices, sealed: shipping_rates } = match (&self.rates, &address) {
            (Some(rates), Some(address)) => Box::pin(rates.offered(&request.caller, &cart, &quoted, address)).await,
            (None, _) | (_, None) => Offered::default(),
        };
        cart.carrier_prices = &prices;
        let mut priced = price(cart, &quoted, self.checks.taxes.as_ref()).await?;
        let promotions = priced.order.as_ref().map_or(&[][..], |order| &order.promotions);
        let used_up = used_up(self.orders.as_ref(), promotions, request.caller.user()).await?;
        if !used_up.is_empty() {
            cart.used_up = &used_up;
            priced = price(cart, &quoted, self.checks.taxes.as_ref()).await?;
        }
        if unknown_codes(&priced.issues) > 0 {
            self.limiter.guessed(&request.caller).await?;
        }
        let PricedCart { order, issues: found } = priced;
        let mut issues: Vec<CartIssue> = faults.into_iter().map(CartIssue::Invalid).collect();
        issues.extend(lost.into_iter().map(CartIssue::Address));
        issues.extend(found);
        issues.extend(out_of_stock(&items, &quoted));
        let refused = refused(&issues);
        let alternatives = if refused.is_empty() {
            Vec::new()
        } else {
            alternatives(&self.catalog, &refused, &quoted, &destination.country).await
        };
        let total = order.as_ref().map(|order| Money::new(order.totals.total, order.currency));
        let mut payment_methods = self.offer.present().await;
        payment_methods.retain(|provider| total.is_none_or(|total| is_taken(provider, total)));
        Ok(Quote { order, issues, shipping_rates, alternatives, payment_methods })
    }

    /// Where the goods would go, as far as it is known, and the address if it has no fault; one with faults still tells its country.
    async fn destination(
        &self,
        request: &Request,
        lost: &mut Vec<Field>,
    ) -> Result<(Destination, Option<Checked<Address>>), Error> {
        let upper = |country: &str| country.trim().to_ascii_uppercase();
        if let Some(address) = &request.shipping_address {
            let checked = self.checks.address(address, "/shipping_address", lost).await?;
            let estimate = || Destination { country: upper(&address.country), ..address.destination() };
            let destination = checked.as_ref().map_or_else(estimate, |address| address.destination());
            return Ok((destination, checked));
        }
        let country = request.country.as_deref().map(upper).unwrap_or_default();
        if !oms_domain::ordering::address::is_country(&country) {
            lost.push(Field::new(
                "/country",
                "must be a two-letter ISO 3166-1 country code, unless an address is given",
            ));
        }
        Ok((Destination::somewhere_in(country), None))
    }
}

/// A provider that cannot take the total is not offered; of nothing to pay nothing is asked.
fn is_taken(provider: &str, total: Money) -> bool {
    !total.amount.is_positive() || cannot_take(provider, total).is_none()
}
