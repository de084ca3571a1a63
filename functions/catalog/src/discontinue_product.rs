//! `DELETE /api/products/{product_id}`: takes a product off sale.

use std::sync::Arc;

use crate::views::EntryView;
use oms_app::catalog::discontinue_product::DiscontinueProduct;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::{ChangeProblems, ProductPath, VersionHeader};
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let discontinue = DiscontinueProduct::new(world.inventory(), world.clock(), world.random());
    Ok(Function::http(discontinue, handle))
}

/// Discontinues a product.
///
/// The product is no longer listed or sold; its entry, orders and history stay. Returns the entry.
#[utoipa::path(
    delete, path = "/api/products/{product_id}", tag = "catalog", operation_id = "discontinueProduct",
    params(ProductPath, VersionHeader),
    responses((status = 200, description = "discontinued", body = EntryView), ChangeProblems),
)]
pub async fn handle(discontinue: Arc<DiscontinueProduct>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::DiscontinueProduct)?;
    let entry = discontinue.run(request.path_id("product_id")?, &intent).await?;
    Ok(Answer::ok(&EntryView::of(&entry, &intent.caller))?.version(entry.product.version))
}
