//! `GET /api/products`: the catalog with what is available.

use std::sync::Arc;

use crate::views::ProductView;
use oms_app::catalog::list_products::ListProducts;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::PageView;
use oms_runtime::http::heads::{InputProblems, PageQuery};
use oms_runtime::http::{Answer, Problem, Request};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let list = ListProducts::new(world.catalog());
    Ok(Function::http(list, handle))
}

/// Lists products.
///
/// Active products, sorted by name.
#[utoipa::path(
    get, path = "/api/products", tag = "catalog", operation_id = "listProducts",
    params(PageQuery),
    responses(
        (status = 200, description = "a page of results", body = PageView<ProductView>, example = json!({
            "data": [{
                "id": "01976b7a-0000-7000-8000-000000000001", "sku": "MUG-1", "name": "Blue mug", "category": "kitchen",
                "seller_id": "north-pottery", "price": "19.90", "currency": "EUR", "tax_class": "standard",
                "weight_grams": 350, "active": true, "regions": [], "available": 48
            }],
            "has_more": true, "next_cursor": "bXVnLTE"
        })),
        InputProblems,
    ),
)]
pub async fn handle(list: Arc<ListProducts>, request: Request) -> Result<Answer, Problem> {
    request.caller_for(Operation::ListProducts)?;
    let mut query = request.query();
    let (limit, cursor) = (query.limit(), query.cursor());
    query.only()?;
    let page = list.run(cursor, limit).await?;
    Answer::ok(&PageView {
        data: page.products.iter().map(ProductView::of).collect(),
        has_more: page.next.is_some(),
        next_cursor: page.next,
    })
}
