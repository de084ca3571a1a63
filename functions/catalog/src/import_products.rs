//! `POST /api/products/import`: adds and changes products from CSV, row by row.

use std::sync::Arc;

use oms_app::catalog::import_products::{ImportProducts, RowOutcome, RowResult};
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, ProblemField, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// What became of each row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportView {
    /// In the order of the file.
    pub rows: Vec<RowView>,
}

/// What became of a row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowView {
    /// Its number, the first one after the header being 1.
    pub row: usize,
    /// The product, unless the row failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// created, updated or failed.
    pub status: String,
    /// What is wrong with it; pointers name columns.
    pub errors: Vec<ProblemField>,
}

impl From<RowResult> for RowView {
    fn from(result: RowResult) -> Self {
        let (status, product_id, faults) = match result.outcome {
            RowOutcome::Created(id) => ("created", Some(id.to_string()), Vec::new()),
            RowOutcome::Updated(id) => ("updated", Some(id.to_string()), Vec::new()),
            RowOutcome::Failed(faults) => ("failed", None, faults),
        };
        let errors = faults.into_iter().map(|field| ProblemField { pointer: field.pointer, message: field.message });
        RowView { row: result.row, product_id, status: status.to_owned(), errors: errors.collect() }
    }
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let import = ImportProducts::new(world.inventory(), world.clock(), world.random());
    Ok(Function::http(import, handle))
}

/// Imports products.
///
/// A header names the columns: sku, name, category, price, currency, `tax_class`, `weight_grams`, regions and images
/// (separated by semicolons), `low_stock_threshold`, description, units (of new products), `seller_id` (admins). A SKU
/// that the seller has is changed, another one is created. Each row is one transaction and succeeds or fails by itself;
/// at most 100 rows and 64 KiB.
#[utoipa::path(
    post, path = "/api/products/import", tag = "catalog", operation_id = "importProducts",
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, description = "what became of each row", body = ImportView),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(import: Arc<ImportProducts>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let rows = import.run(&caller, request.bounded_body()?, &request.correlation_id).await?;
    Answer::ok(&ImportView { rows: rows.into_iter().map(RowView::from).collect() })
}
