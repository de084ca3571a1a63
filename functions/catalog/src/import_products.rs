//! `POST /api/products/import`: adds and changes products from CSV, row by row.

use std::sync::Arc;

use oms_app::catalog::import_products::{ImportProducts, RowOutcome, RowResult};
use oms_app::catalog::product_file::Assumed;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::heads::InputProblems;
use oms_runtime::http::{Answer, Problem, ProblemField, Request};
use serde::Serialize;
use utoipa::ToSchema;

/// Results of an import.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(examples(json!({"rows": [
    {"row": 1, "product_id": "01976b7a-0000-7000-8000-000000000001", "status": "created", "errors": []},
    {"row": 2, "status": "failed", "errors": [{"pointer": "/price", "message": "is missing"}]}
]})))]
pub struct ImportView {
    /// One result per row, in the order of the file.
    #[schema(max_items = 100)]
    pub rows: Vec<RowView>,
}

/// Result of a row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowView {
    /// Row number; the first row after the header is 1. Empty rows count and are not listed.
    pub row: usize,
    /// Id of the product; null if the row failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub product_id: Option<String>,
    #[schema(value_type = RowStatus)]
    pub status: String,
    /// Problems with the row; pointers name columns.
    pub errors: Vec<ProblemField>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum RowStatus {
    Created,
    Updated,
    Failed,
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
/// The header names the columns: sku, name, category, price, currency, `tax_class`, `weight_grams`, regions and images
/// (separated by semicolons), `low_stock_threshold`, description, units (for new products), `seller_id` (for admins).
/// Exports of products from Shopify and `WooCommerce` are understood as they are. Cells are separated by commas, semicolons or
/// tabs; amounts have a point or a comma. A row with a SKU that the seller already has changes that product; any other row
/// creates one. Each row succeeds or fails on its own; empty rows are skipped, and a second row of the same SKU fails. A
/// quote that is not closed refuses the file. At most 100 rows and 64 KiB.
#[utoipa::path(
    post, path = "/api/products/import", tag = "catalog", operation_id = "importProducts",
    params(
        ("currency" = Option<String>, Query, min_length = 3, max_length = 3, description = "Currency of rows that name none, ISO 4217."),
        ("seller_id" = Option<String>, Query, min_length = 1, max_length = 128, description = "For admins: the seller of rows that name none."),
    ),
    request_body(
        content = String, content_type = "text/csv",
        example = json!("sku,name,category,price,currency\nMUG-1,Blue mug,kitchen,19.90,EUR\n"),
    ),
    responses(
        (status = 200, description = "the result of each row", body = ImportView),
        InputProblems,
    ),
)]
pub async fn handle(import: Arc<ImportProducts>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::ImportProducts)?;
    let mut query = request.query();
    let assumed = Assumed { currency: query.each("currency").last(), seller_id: query.each("seller_id").last() };
    query.only()?;
    let rows = import.run(&intent, request.bounded_body()?, &assumed).await?;
    Answer::ok(&ImportView { rows: rows.into_iter().map(RowView::from).collect() })
}
