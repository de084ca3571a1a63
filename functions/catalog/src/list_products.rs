//! `GET /api/products`: the catalog with what is available.

use std::sync::Arc;

use crate::views::ProductView;
use oms_app::Field;
use oms_app::catalog::list_products::ListProducts;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::PageView;
use oms_runtime::http::{Answer, Problem, Request};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let list = ListProducts::new(world.catalog());
    Ok(Function::http(list, handle))
}

/// Lists products.
///
/// Active products, sorted by name.
#[utoipa::path(
    get, path = "/api/products", tag = "catalog", operation_id = "listProducts",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, default 20"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the previous page"),
    ),
    responses(
        (status = 200, description = "a page of results", body = PageView<ProductView>),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(list: Arc<ListProducts>, request: Request) -> Result<Answer, Problem> {
    request.caller()?;
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
    let page = list.run(cursor, limit).await?;
    Answer::ok(&PageView {
        data: page.products.iter().map(ProductView::of).collect(),
        has_more: page.next.is_some(),
        next_cursor: page.next,
    })
}
