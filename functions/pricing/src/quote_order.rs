//! `POST /api/quotes`: checks a cart and says what it would cost; changes nothing.

use std::sync::Arc;
use std::time::Duration;

use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::Limiter;
use oms_app::payments::breaker::Offer;
use oms_app::pricing::carrier_rates::CarrierRates;
use oms_app::pricing::quote_order::{self, QuoteOrder};
use oms_app::world::{LabelWorld, Misconfigured};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::Text;
use oms_runtime::http::cart_body::{AddressBody, ItemBody};
use oms_runtime::http::heads::InputProblems;
use oms_runtime::http::quote_view::QuoteView;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body: an order without contact details. For an estimate, a country is enough.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuoteBody, examples(json!({
    "items": [{"product_id": "01976b7a-0000-7000-8000-000000000001", "quantity": 2}], "country": "DE"
})))]
pub struct Body {
    /// The cart; lines of the same product are merged.
    #[schema(min_items = 1, max_items = 1_000)]
    items: Vec<ItemBody>,
    /// Shipping address.
    shipping_address: Option<AddressBody>,
    /// Billing address; the shipping address if absent.
    billing_address: Option<AddressBody>,
    /// If there is no address: the destination country, ISO 3166-1 alpha-2.
    country: Option<Text<0, 40>>,
    /// Code of the shipping method; if absent, the cheapest one that takes the cart.
    shipping_method: Option<Text<1, 40>>,
    /// Promotion codes.
    #[serde(default)]
    #[schema(max_items = 10)]
    promotion_codes: Vec<Text<1, 40>>,
    /// Currency of the prices that the customer saw, ISO 4217; a product in another one is reported as `price_changed`.
    currency: Option<Text<3, 3>>,
}

/// What the function is told by its environment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// So long a customer waits for carriers' prices; 0: as long as they take.
    #[serde(default = "carrier_patience_millis")]
    pub carrier_patience_millis: u64,
}

fn carrier_patience_millis() -> u64 {
    2_500
}

pub fn wired<W: LabelWorld>(world: &W) -> Result<Function, Misconfigured> {
    let Config { carrier_patience_millis } = world.setting()?;
    let offer = Offer::of_world(world)?;
    let catalog = CatalogCache::new(world.catalog(), world.clock());
    let (limiter, keys) = (Limiter::of(world)?, world.link_keys()?);
    let rates = CarrierRates::new(world.carriers(), world.settings(), keys, limiter.clone(), world.clock());
    let patience = Duration::from_millis(carrier_patience_millis);
    let rates = rates.waiting(Some(patience).filter(|patience| !patience.is_zero()));
    let quote =
        QuoteOrder::new(world.orders(), catalog, offer, world.clock()).with_limits(limiter).with_carriers(rates);
    Ok(Function::http(quote, handle))
}

/// Quotes a cart.
///
/// Reports every problem of the cart at once in `problems`. Changes nothing. Carriers are asked for their prices where a shipping method
/// takes them and the whole address is known; if they do not answer within 2.5 seconds, the shop's table counts.
#[utoipa::path(
    post, path = "/api/quotes", tag = "orders", operation_id = "quoteOrder",
    request_body = Body,
    responses(
        (status = 200, description = "the price of the cart and its problems", body = QuoteView),
        (status = 429, description = "rate_limited"),
        InputProblems,
    ),
)]
pub async fn handle(quote: Arc<QuoteOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::QuoteOrder)?;
    let body: Body = read_json(&request)?;
    let cart = quote_order::Request {
        caller,
        items: body.items.into_iter().map(Into::into).collect(),
        shipping_address: body.shipping_address.map(Into::into),
        billing_address: body.billing_address.map(Into::into),
        country: body.country.map(Into::into),
        shipping_method: body.shipping_method.map(Into::into),
        promotion_codes: body.promotion_codes.into_iter().map(Into::into).collect(),
        currency: body.currency.map(Into::into),
    };
    Answer::ok(&QuoteView::of(&quote.run(cart).await?))
}
