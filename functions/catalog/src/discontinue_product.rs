//! `DELETE /api/products/{product_id}`: takes a product off sale.

use std::sync::Arc;

use crate::views::EntryView;
use oms_app::catalog::discontinue_product::DiscontinueProduct;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
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
    params(
        ("product_id" = String, Path, description = "product id"),
        ("If-Match" = Option<String>, Header, description = "version seen by the client"),
    ),
    responses(
        (status = 200, description = "discontinued", body = EntryView),
        (status = 409, description = "version_conflict"),
        (status = 412, description = "version_conflict"),
    ),
)]
pub async fn handle(discontinue: Arc<DiscontinueProduct>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let product_id = request.path_id("product_id")?;
    let entry = discontinue.run(&caller, product_id, request.if_match()?, &request.correlation_id).await?;
    Ok(Answer::ok(&EntryView::of(&entry, &caller))?.version(entry.product.version))
}
