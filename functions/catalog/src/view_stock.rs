//! `GET /api/products/{product_id}/stock`: the counters and how they were moved by hand.

use std::sync::Arc;

use crate::views::{CountersView, MovementView};
use oms_app::catalog::view_stock::ViewStock;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::{InputProblems, PageQuery, ProductPath};
use oms_runtime::http::{Answer, Problem, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// Stock of one product.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "product_id": "01976b7a-0000-7000-8000-000000000001",
    "counters": {"available": 48, "reserved": 2, "on_hold": 0, "damaged": 0, "shipped": 0, "returned": 0, "written_off": 0, "received": 50},
    "low_stock_threshold": null, "movements": [], "has_more": false, "next_cursor": null
})))]
pub struct StockView {
    /// Id of the product.
    #[schema(format = Uuid)]
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
    params(ProductPath, PageQuery),
    responses(
        (status = 200, description = "counters and movements", body = StockView),
        InputProblems,
    ),
)]
pub async fn handle(view: Arc<ViewStock>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewStock)?;
    let mut query = request.query();
    let (limit, cursor) = (query.limit(), query.cursor());
    query.only()?;
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
