//! `GET /api/products/{product_id}/stock`: the counters and how they were moved by hand.

use std::sync::Arc;

use crate::views::{CountersView, MovementView};
use oms_app::Field;
use oms_app::catalog::view_stock::ViewStock;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// Stock of one product.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StockView {
    /// Id of the product.
    pub product_id: String,
    /// Current counters.
    pub counters: CountersView,
    /// Administrators are alerted when this many units or fewer are available.
    pub low_stock_threshold: Option<u32>,
    /// Manual movements, newest first; orders record what they move themselves.
    pub movements: Vec<MovementView>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// Send this as `cursor` to get the next page; null on the last.
    pub next_cursor: Option<String>,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let view = ViewStock::new(world.catalog(), world.inventory());
    Ok(Function::http(view, handle))
}

/// Shows a product's stock and its movements.
///
/// Admins see any product, sellers their own.
#[utoipa::path(
    get, path = "/api/products/{product_id}/stock", tag = "stock", operation_id = "viewStock",
    params(
        ("product_id" = String, Path, description = "product id"),
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the previous page"),
    ),
    responses(
        (status = 200, description = "counters and movements", body = StockView),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(view: Arc<ViewStock>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let (mut limit, mut cursor, mut faults) = (DEFAULT_LIMIT, None, Vec::new());
    for (name, value) in &request.query {
        match (name.as_str(), value.parse()) {
            ("limit", Ok(wanted @ 1..=MAX_LIMIT)) => limit = wanted,
            ("limit", _) => faults.push(Field::new("/limit", format!("must be 1 to {MAX_LIMIT}"))),
            ("cursor", _) => cursor = Some(value.as_str()),
            _ => faults.push(Field::new(format!("/{name}"), "is not a parameter of this list")),
        }
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let (product, page) = view.run(&caller, request.path_id("product_id")?, cursor, limit).await?;
    Answer::ok(&StockView {
        product_id: product.id.to_string(),
        counters: CountersView::of(&product.stock),
        low_stock_threshold: product.low_stock_threshold,
        movements: page.movements.iter().map(MovementView::of).collect(),
        has_more: page.next.is_some(),
        next_cursor: page.next,
    })
}
