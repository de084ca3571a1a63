//! `POST /api/products`: adds a product to the catalog.

use std::sync::Arc;

use crate::views::{EntryView, texts};
use oms_app::catalog::create_product::{self, CreateProduct};
use oms_app::catalog::editing::Given;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::{Count, MoneyText, Subject, Text};
use oms_runtime::http::heads::KeyHeader;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::Deserialize;
use utoipa::ToSchema;

/// Request body; the use case checks rules beyond a single value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateProductBody, examples(json!({
    "seller_id": "north-pottery", "sku": "MUG-1", "name": "Blue mug", "category": "kitchen", "price": "19.90",
    "currency": "EUR", "units": 50
})))]
pub struct Body {
    /// The seller; required from admins, defaults to the calling seller.
    #[schema(value_type = Option<Subject>)]
    seller_id: Option<String>,
    /// SKU, visible ASCII characters, unique per seller.
    sku: Text<1, 40>,
    /// Product name.
    name: Text<1, 120>,
    /// Category of interchangeable products.
    category: Text<1, 40>,
    /// Unit price before tax, a decimal in `currency`.
    price: MoneyText,
    /// Currency code, ISO 4217.
    currency: Text<1, 40>,
    /// Tax class; `standard` if absent.
    tax_class: Option<Text<1, 40>>,
    /// Weight of a unit with packaging, in grams.
    weight_grams: Option<Count<0, 1_000_000>>,
    /// Countries in which the product is sold, ISO 3166-1 alpha-2; absent or empty for everywhere.
    #[schema(max_items = 60)]
    regions: Option<Vec<Text<0, 40>>>,
    /// Plain text.
    description: Option<Text<0, 2_000>>,
    /// Absolute https URLs; the first is the main image.
    #[schema(max_items = 10)]
    images: Option<Vec<Text<0, 500>>>,
    /// Administrators are alerted when this many units or fewer are available.
    low_stock_threshold: Option<Count<0, 1_000_000>>,
    /// Most units in one order; the shop's own limit if absent.
    max_per_order: Option<Count<1, 9_999>>,
    /// Whether to spread the stock counters, for products that thousands order within a minute. Only admins may say so.
    hot: Option<bool>,
    /// Initial stock, recorded as received.
    #[serde(default)]
    #[schema(maximum = 1_000_000)]
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
    params(KeyHeader),
    request_body = Body,
    responses(
        (status = 201, description = "created", body = EntryView),
        (status = 409, description = "duplicate_sku"),
        (status = 422, description = "validation_failed, idempotency_mismatch"),
    ),
)]
pub async fn handle(create: Arc<CreateProduct>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::CreateProduct)?;
    let body: Body = read_json(&request)?;
    let new = create_product::Request {
        seller_id: body.seller_id,
        given: Given {
            sku: Some(body.sku.into()),
            name: Some(body.name.into()),
            category: Some(body.category.into()),
            description: body.description.map(Into::into),
            price: Some(body.price.into()),
            currency: Some(body.currency.into()),
            tax_class: body.tax_class.map(Into::into),
            weight_grams: body.weight_grams.map(Into::into),
            regions: body.regions.map(texts),
            images: body.images.map(texts),
            low_stock_threshold: body.low_stock_threshold.map(|units| Some(units.into())),
            max_per_order: body.max_per_order.map(|units| Some(units.into())),
            active: None,
            hot: body.hot,
        },
        units: body.units,
    };
    let created = create.run(&intent, new).await?;
    let product = &created.entry.product;
    let answer = Answer::json(http::StatusCode::CREATED, &EntryView::of(&created.entry, &intent.caller))?;
    let answer = answer.version(product.version).location(&format!("/api/products/{}", product.id));
    Ok(if created.repeated {
        answer.with(http::HeaderName::from_static("idempotency-replayed"), "true")
    } else {
        answer
    })
}
