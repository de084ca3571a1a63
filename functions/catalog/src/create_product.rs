//! `POST /api/products`: adds a product to the catalog.

use std::sync::Arc;

use crate::views::EntryView;
use garde::Validate;
use oms_app::catalog::create_product::{CreateProduct, Request as New};
use oms_app::catalog::editing::Given;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body; the use case checks the bounds.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateProductBody)]
pub struct Body {
    /// The seller; required from admins, defaults to the calling seller.
    #[garde(length(min = 1, max = 128))]
    seller_id: Option<String>,
    /// SKU, 1 to 40 visible ASCII characters, unique per seller.
    #[garde(skip)]
    sku: String,
    /// Product name, up to 120 characters.
    #[garde(skip)]
    name: String,
    /// Category of interchangeable products, up to 40 characters.
    #[garde(skip)]
    category: String,
    /// Unit price before tax, a decimal in `currency`.
    #[garde(skip)]
    price: String,
    /// Currency code, ISO 4217.
    #[garde(skip)]
    currency: String,
    /// Tax class; `standard` if absent.
    #[garde(skip)]
    tax_class: Option<String>,
    /// Weight of a unit with packaging, in grams.
    #[garde(skip)]
    weight_grams: Option<u32>,
    /// Countries in which the product is sold, ISO 3166-1 alpha-2; absent or empty for everywhere.
    #[garde(skip)]
    regions: Option<Vec<String>>,
    /// Plain text, up to 2,000 characters.
    #[garde(skip)]
    description: Option<String>,
    /// Up to 10 absolute https URLs; the first is the main image.
    #[garde(skip)]
    images: Option<Vec<String>>,
    /// Administrators are alerted when this many units or fewer are available.
    #[garde(skip)]
    low_stock_threshold: Option<u32>,
    /// Whether to spread the stock counters, for products that thousands order within a minute.
    #[garde(skip)]
    hot: Option<bool>,
    /// Initial stock, recorded as received.
    #[serde(default)]
    #[garde(skip)]
    units: u32,
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let create = CreateProduct::new(world.inventory(), world.clock(), world.random());
    Ok(Function::http(create, handle))
}

/// Adds a product.
///
/// Sellers add their own products, admins any. With an `Idempotency-Key`, a repeat returns the same product.
#[utoipa::path(
    post, path = "/api/products", tag = "catalog", operation_id = "createProduct",
    params(("Idempotency-Key" = Option<String>, Header, description = "at most 255 visible ASCII characters")),
    request_body = Body,
    responses(
        (status = 201, description = "created", body = EntryView),
        (status = 409, description = "duplicate_sku"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(create: Arc<CreateProduct>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let body: Body = read_json(&request)?;
    let new = New {
        caller: caller.clone(),
        seller_id: body.seller_id,
        given: Given {
            sku: Some(body.sku),
            name: Some(body.name),
            category: Some(body.category),
            description: body.description,
            price: Some(body.price),
            currency: Some(body.currency),
            tax_class: body.tax_class,
            weight_grams: body.weight_grams,
            regions: body.regions,
            images: body.images,
            low_stock_threshold: body.low_stock_threshold.map(Some),
            active: None,
            hot: body.hot,
        },
        units: body.units,
        idempotency: request.idempotency()?,
        correlation_id: request.correlation_id,
    };
    let created = create.run(new).await?;
    let product = &created.entry.product;
    let answer = Answer::json(http::StatusCode::CREATED, &EntryView::of(&created.entry, &caller))?;
    let answer = answer.version(product.version).location(&format!("/api/products/{}", product.id));
    Ok(if created.repeated {
        answer.with(http::HeaderName::from_static("idempotency-replayed"), "true")
    } else {
        answer
    })
}
