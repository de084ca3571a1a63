//! `POST /api/products/{product_id}/stock`: moves stock by hand.

use std::sync::Arc;

use crate::views::MovementView;
use oms_app::catalog::move_stock::{self, MoveStock};
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::catalog::movement::MovementKind;
use oms_runtime::Function;
use oms_runtime::http::bounded::{Count, Text};
use oms_runtime::http::heads::{KeyHeader, ProductPath};
use oms_runtime::http::{Answer, Problem, Request, read_json, words};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MoveStockBody, examples(json!({"movement": "receive", "quantity": 20, "reason": "delivery 4711"})))]
pub struct Body {
    /// `hold` and `damage` take from what is available, `write_off` from what is damaged.
    #[schema(value_type = words::MovementKind)]
    movement: MovementKind,
    /// Number of units.
    quantity: Count<1, 1_000_000>,
    /// Reason, kept with the movement; must not contain personal data.
    reason: Text<1, 200>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let stock = MoveStock::new(world.catalog(), world.inventory(), world.clock(), world.random());
    Ok(Function::http(stock, handle))
}

/// Moves stock.
///
/// Admins move any product's stock, sellers that of their own products. No counter becomes negative. With an
/// `Idempotency-Key`, a repeat returns the first movement.
#[utoipa::path(
    post, path = "/api/products/{product_id}/stock", tag = "stock", operation_id = "moveStock",
    params(ProductPath, KeyHeader),
    request_body = Body,
    responses(
        (status = 201, description = "the movement, with the counters right after it", body = MovementView),
        (status = 409, description = "insufficient_stock, version_conflict"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(stock: Arc<MoveStock>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::MoveStock)?;
    let product_id = request.path_id("product_id")?;
    let body: Body = read_json(&request)?;
    let wanted =
        move_stock::Request { kind: body.movement, quantity: body.quantity.into(), reason: body.reason.into() };
    let moved = stock.run(product_id, &intent, &wanted).await?;
    let answer = Answer::json(http::StatusCode::CREATED, &MovementView::of(&moved.movement))?;
    Ok(if moved.repeated { answer.with(http::HeaderName::from_static("idempotency-replayed"), "true") } else { answer })
}
