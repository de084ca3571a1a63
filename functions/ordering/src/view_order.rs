//! `GET /api/orders/{order_id}`: the whole order with its timeline.

use std::sync::Arc;

use oms_app::ordering::view_order::ViewOrder;
use oms_app::world::{Misconfigured, World};
use oms_domain::ids::OrderReference;
use oms_runtime::Function;
use oms_runtime::http::view::OrderView;
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let view = ViewOrder::new(world.orders());
    Ok(Function::http(view, handle))
}

/// Shows an order.
///
/// The answer is always current. An order of another customer is answered like a missing one.
#[utoipa::path(
    get, path = "/api/orders/{order_id}", tag = "orders", operation_id = "viewOrder",
    params(("order_id" = String, Path, description = "order id, or order number in either case and with or without hyphens")),
    responses(
        (status = 200, description = "order id", body = OrderView),
    ),
)]
pub async fn handle(view: Arc<ViewOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let order: OrderReference = request.path_id("order_id")?;
    let shown = view.run(&caller, &order).await?;
    Ok(Answer::ok(&OrderView::of(&shown, &caller))?.version(shown.order.version))
}
