//! `POST /api/orders/{order_id}/reorder`: the goods of an order again, as a quote or a draft. Tested in `tests/e2e/tests/all/reorder.rs`.

use std::sync::Arc;

use http::StatusCode;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::Limiter;
use oms_app::execute::OrderWithContact;
use oms_app::ordering::create_order::CreateOrder;
use oms_app::ordering::reorder::{Again, Missing, Reorder, Reordered};
use oms_app::payments::breaker::Offer;
use oms_app::pricing::quote_order::QuoteOrder;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::catalog::NotSellable;
use oms_runtime::Function;
use oms_runtime::http::heads::{CommandHeaders, OrderPath};
use oms_runtime::http::quote_view::QuoteView;
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Alternative, Answer, Problem, Request, read_optional_json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::create_order;

/// Request body; it may be missing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReorderBody)]
pub struct Body {
    /// Create a draft of what can be had. Otherwise it is quoted, and nothing changes.
    #[serde(default)]
    draft: bool,
}

/// The goods of an order at today's prices.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({"quote": null, "order": null, "missing": [{
    "product_id": "01976b7a-0000-7000-8000-000000000001", "quantity": 1, "reason": "discontinued", "alternatives": [
        {"product_id": "01976b7a-0000-7000-8000-000000000002", "name": "Sand mug", "price": "21.90", "currency": "EUR"}
    ]
}]})))]
pub struct ReorderView {
    /// What can be had, quoted; null with a draft.
    quote: Option<QuoteView>,
    /// The draft; null without one.
    order: Option<OrderView>,
    /// What was ordered then and is not in it.
    #[schema(max_items = 80)]
    missing: Vec<MissingView>,
}

/// Units of a product that are not in the quote or draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingView {
    /// Id of the product.
    #[schema(format = Uuid)]
    product_id: String,
    /// How many units are missing.
    quantity: u32,
    /// Why; null where a repeated request is answered with its first draft.
    reason: Option<MissingReason>,
    /// What could be bought instead.
    alternatives: Vec<Alternative>,
}

/// Why a product cannot be had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingReason {
    /// There is no such product any more.
    NotFound,
    /// It is no longer sold.
    Discontinued,
    /// It is not sold in this country.
    NotSoldThere,
    /// There are fewer than that.
    OutOfStock,
}

impl From<NotSellable> for MissingReason {
    fn from(reason: NotSellable) -> Self {
        match reason {
            NotSellable::Missing => MissingReason::NotFound,
            NotSellable::Discontinued => MissingReason::Discontinued,
            NotSellable::Region => MissingReason::NotSoldThere,
            NotSellable::OutOfStock => MissingReason::OutOfStock,
        }
    }
}

impl From<&Missing> for MissingView {
    fn from(missing: &Missing) -> Self {
        MissingView {
            product_id: missing.product_id.to_string(),
            quantity: missing.units,
            reason: missing.reason.map(Into::into),
            alternatives: missing.alternatives.iter().map(Alternative::of).collect(),
        }
    }
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let offer = Offer::of_world(world)?;
    let catalog = || CatalogCache::new(world.catalog(), world.clock());
    let limiter = Limiter::of(world)?;
    let quote = QuoteOrder::new(world.orders(), catalog(), offer, world.clock()).with_limits(limiter.clone());
    let create = CreateOrder::new(world.orders(), catalog(), world.clock(), world.random()).with_limits(limiter);
    let create = create.with_defaults(create_order::defaults(world)?);
    Ok(Function::http(Reorder::new(world.orders(), catalog(), quote, create), handle))
}

/// Orders the same again.
///
/// Quotes the goods of an order at today's prices, or creates a draft of what can be had, which is submitted as any draft. It goes where
/// that order went. Promotion codes are not used again, and carriers are not asked: the shop's own table says what shipping costs. What cannot
/// be had is in `missing`; if that is everything, `ORD-1001` says so.
#[utoipa::path(
    post, path = "/api/orders/{order_id}/reorder", tag = "orders", operation_id = "reorder",
    params(OrderPath, CommandHeaders),
    request_body(content = Option<Body>, example = json!({"draft": true})),
    responses(
        (status = 200, description = "quoted", body = ReorderView),
        (status = 201, description = "a draft was created", body = ReorderView),
        (status = 409, description = "invalid_transition, ORD-1001, version_conflict"),
        (status = 412, description = "version_conflict"),
        (status = 413, description = "payload_too_large"),
        (status = 422, description = "validation_failed, ORD-1002, idempotency_mismatch"),
        (status = 429, description = "rate_limited"),
    ),
)]
pub async fn handle(reorder: Arc<Reorder>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::Reorder)?;
    let order_id = request.path_id("order_id")?;
    let body: Body = read_optional_json(&request)?;
    let Reordered { again, missing } = reorder.run(order_id, &intent, body.draft).await?;
    let missing = missing.iter().map(Into::into).collect();
    match again {
        Again::Quoted(quote) => Answer::ok(&ReorderView { quote: Some(QuoteView::of(&quote)), order: None, missing }),
        Again::Drafted(made) => {
            let (id, version) = (made.order.id, made.order.version);
            let shown = OrderWithContact { order: made.order, person: made.person };
            let order = Some(OrderView::of(&shown, &intent.caller));
            let answer = Answer::json(StatusCode::CREATED, &ReorderView { quote: None, order, missing })?;
            let answer = answer.version(version).location(&format!("/api/orders/{id}"));
            let replayed = http::HeaderName::from_static("idempotency-replayed");
            Ok(if made.repeated { answer.with(replayed, "true") } else { answer })
        }
    }
}
