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

/// What a client sends; the bounds are the catalog's own.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateProductBody)]
pub struct Body {
    /// Whose it is; needed from admins, a seller's own otherwise.
    #[garde(length(min = 1, max = 128))]
    seller_id: Option<String>,
    /// The seller's code for it: 1 to 40 visible ASCII characters, one product of a seller each.
    #[garde(skip)]
    sku: String,
    /// What customers call it, up to 120 characters.
    #[garde(skip)]
    name: String,
    /// Groups products that can stand in for each other, up to 40 characters.
    #[garde(skip)]
    category: String,
    /// Price of a unit before tax, a decimal in `currency`.
    #[garde(skip)]
    price: String,
    /// ISO 4217.
    #[garde(skip)]
    currency: String,
    /// Row of the tax table; `standard` if absent.
    #[garde(skip)]
    tax_class: Option<String>,
    /// What a unit weighs with its packaging, in grams.
    #[garde(skip)]
    weight_grams: Option<u32>,
    /// ISO 3166-1 alpha-2 codes of the countries it is sold to; everywhere if absent or empty.
    #[garde(skip)]
    regions: Option<Vec<String>>,
    /// Plain text, up to 2,000 characters.
    #[garde(skip)]
    description: Option<String>,
    /// Up to 10 absolute https addresses, the leading one first.
    #[garde(skip)]
    images: Option<Vec<String>>,
    /// At how many available units administrators are told.
    #[garde(skip)]
    low_stock_threshold: Option<u32>,
    /// Whether its counters are kept in several places: for a product that thousands want in the same minute.
    #[garde(skip)]
    hot: Option<bool>,
    /// Units that are there from the start, recorded as received.
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
/// Sellers add own products, admins any. With an `Idempotency-Key` a repeat gets the same product again.
#[utoipa::path(
    post, path = "/api/products", tag = "catalog", operation_id = "createProduct",
    params(("Idempotency-Key" = Option<String>, Header, description = "up to 255 characters")),
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
