//! `POST /api/quotes`: checks a cart and says what it would cost; changes nothing.

use std::sync::Arc;

use crate::quote_view::QuoteView;
use garde::Validate;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::payments::breaker::{Breaker, Offer};
use oms_app::pricing::quote_order::{QuoteOrder, Request as Wish};
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::cart_body::{AddressBody, ItemBody, items};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body: an order without contact details. For an estimate, a country is enough.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuoteBody)]
pub struct Body {
    /// The cart; lines of the same product are merged.
    #[garde(length(min = 1, max = 1000), dive)]
    items: Vec<ItemBody>,
    /// Shipping address.
    #[garde(dive)]
    shipping_address: Option<AddressBody>,
    /// Billing address; the shipping address if absent.
    #[garde(dive)]
    billing_address: Option<AddressBody>,
    /// If there is no address: the destination country, ISO 3166-1 alpha-2.
    #[garde(length(chars, max = 40))]
    country: Option<String>,
    /// Code of the shipping method; if absent, the first one offered.
    #[garde(length(chars, min = 1, max = 40))]
    shipping_method: Option<String>,
    /// Promotion codes.
    #[serde(default)]
    #[garde(length(max = 10), inner(length(chars, min = 1, max = 40)))]
    promotion_codes: Vec<String>,
}

/// What the function is told by its environment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// Names of the configured payment providers, separated by commas.
    #[serde(default)]
    pub payment_providers: String,
}

impl Config {
    /// The names; none if no provider is configured.
    pub fn names(&self) -> Vec<String> {
        self.payment_providers.split(',').filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
    }
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let offered: Config = world.setting()?;
    let breaker = Arc::new(Breaker::new(world.circuits(), world.clock()));
    let offer = Offer::of(offered.names()).watched_by(breaker);
    let catalog = CatalogCache::new(world.catalog(), world.clock());
    let quote = QuoteOrder::new(world.orders(), catalog, offer, world.clock());
    Ok(Function::http(quote, handle))
}

/// Quotes a cart.
///
/// Reports every problem of the cart at once in `problems`. Changes nothing.
#[utoipa::path(
    post, path = "/api/quotes", tag = "orders", operation_id = "quoteOrder",
    request_body = Body,
    responses(
        (status = 200, description = "the price of the cart and its problems", body = QuoteView),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(quote: Arc<QuoteOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let body: Body = read_json(&request)?;
    let wish = Wish {
        user_id: caller.user().clone(),
        items: items(body.items)?,
        shipping_address: body.shipping_address.map(Into::into),
        billing_address: body.billing_address.map(Into::into),
        country: body.country,
        shipping_method: body.shipping_method,
        promotion_codes: body.promotion_codes,
    };
    Answer::ok(&QuoteView::of(&quote.run(wish).await?))
}
