//! `POST /api/products/{product_id}/stock`: moves stock by hand.

use std::sync::Arc;

use crate::views::MovementView;
use garde::Validate;
use oms_app::catalog::move_stock::{MoveStock, Request as Move};
use oms_app::world::{Misconfigured, World};
use oms_domain::catalog::movement::MovementKind;
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MoveStockBody)]
pub struct Body {
    /// receive, hold, `release_hold` or damage (from what is available), `write_off` (from what is damaged).
    #[schema(value_type = String)]
    #[garde(skip)]
    movement: MovementKind,
    /// Number of units, 1 to 1,000,000.
    #[garde(range(min = 1, max = 1_000_000))]
    quantity: u32,
    /// Reason, kept with the movement; must not contain personal data.
    #[garde(length(chars, min = 1, max = 200))]
    reason: String,
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
    params(
        ("product_id" = String, Path, description = "product id"),
        ("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters"),
    ),
    request_body = Body,
    responses(
        (status = 201, description = "the movement, with the counters right after it", body = MovementView),
        (status = 409, description = "insufficient_stock, version_conflict"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(stock: Arc<MoveStock>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let product_id = request.path_id("product_id")?;
    let body: Body = read_json(&request)?;
    let wanted = Move {
        caller,
        product_id,
        kind: body.movement,
        quantity: body.quantity,
        reason: body.reason,
        idempotency: request.idempotency()?,
        correlation_id: request.correlation_id,
    };
    let moved = stock.run(wanted).await?;
    let answer = Answer::json(http::StatusCode::CREATED, &MovementView::of(&moved.movement))?;
    Ok(if moved.repeated { answer.with(http::HeaderName::from_static("idempotency-replayed"), "true") } else { answer })
}
