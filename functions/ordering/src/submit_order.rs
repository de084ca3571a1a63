//! `POST /api/orders/{order_id}/submit`: submits a draft.

use std::sync::Arc;

use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::Limiter;
use oms_app::ordering::submit_order::SubmitOrder;
use oms_app::ordering::terms::Seen;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::{MoneyText, Text};
use oms_runtime::http::heads::{CommandHeaders, OrderPath};
use oms_runtime::http::view::{OrderView, shown};
use oms_runtime::http::{Answer, Problem, Request, read_optional_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body; it may be missing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubmitOrderBody)]
pub struct Body {
    /// The total that the customer accepts; needed where the order costs something else than the draft says.
    expected_total: Option<MoneyText>,
    /// Currency of `expected_total`, ISO 4217; the draft's if absent.
    currency: Option<Text<3, 3>>,
    /// The `shipping_rate` of a quote for the draft's shipping method: a carrier's price, good for an hour.
    shipping_rate: Option<Text<38, 38>>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let catalog = CatalogCache::new(world.catalog(), world.clock());
    let submit = SubmitOrder::new(world.orders(), catalog, world.clock());
    let submit = submit.with_limits(Limiter::of(world)?).with_link_keys(world.link_keys()?);
    Ok(Function::http(submit, handle))
}

/// Submits a draft.
///
/// Prices the cart as it is now and reserves the stock for 30 minutes. If the order costs something else than the draft
/// says, `total_changed` tells the new sums; send the new total as `expected_total` to accept it. A draft can be submitted
/// for seven days.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/submit", tag = "orders", operation_id = "submitOrder",
    params(OrderPath, CommandHeaders),
    request_body(content = Option<Body>, example = json!({"expected_total": "53.19"})),
    responses(
        (status = 200, description = "submitted", body = OrderView),
        (status = 409, description = "invalid_transition, ORD-1001, ORD-2002, total_changed, version_conflict"),
        (status = 412, description = "version_conflict"),
        (status = 413, description = "payload_too_large"),
        (status = 422, description = "validation_failed, ORD-1002, idempotency_mismatch"),
        (status = 429, description = "rate_limited"),
    ),
)]
pub async fn handle(submit: Arc<SubmitOrder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::SubmitOrder)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_optional_json(&request)?;
    let seen = Seen {
        total: body.expected_total.map(Into::into),
        currency: body.currency.map(Into::into),
        shipping_rate: body.shipping_rate.map(Into::into),
    };
    let order = submit.run(order_id, &intent, &seen).await?;
    shown(&order, &intent.caller)
}
