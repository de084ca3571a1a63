//! `GET /api/products/{product_id}`: one product with what is available.

use std::sync::Arc;

use crate::views::EntryView;
use oms_app::catalog::view_product::ViewProduct;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::ProductPath;
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let view = ViewProduct::new(world.inventory());
    Ok(Function::http(view, handle))
}

/// Shows a product.
///
/// Discontinued products are shown as inactive. The `ETag` changes with edits, not with stock.
#[utoipa::path(
    get, path = "/api/products/{product_id}", tag = "catalog", operation_id = "viewProduct",
    params(ProductPath),
    responses(
        (status = 200, description = "the product", body = EntryView),
    ),
)]
pub async fn handle(view: Arc<ViewProduct>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller_for(Operation::ViewProduct)?;
    let entry = view.run(request.path_id("product_id")?).await?;
    Ok(Answer::ok(&EntryView::of(&entry, &caller))?.version(entry.product.version))
}
