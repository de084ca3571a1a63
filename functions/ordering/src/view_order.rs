//! `GET /api/orders/{order_id}`: the whole order with its timeline.

use std::sync::Arc;

use oms_app::ordering::view_order::ViewOrder;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_domain::ids::OrderReference;
use oms_runtime::Function;
use oms_runtime::http::heads::OrderReferencePath;
use oms_runtime::http::view::{OrderView, shown};
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
    params(OrderReferencePath),
    responses(
        (status = 200, description = "the order", body = OrderView),
    ),
)]
pub async fn handle(view: Arc<ViewOrder>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewOrder)?;
    let order: OrderReference = request.path_id("order_id")?;
    shown(&view.run(&caller, &order).await?, &caller)
}
