//! `PATCH /api/products/{product_id}`: changes fields of a catalog entry.

use std::sync::Arc;

use crate::views::EntryView;
use garde::Validate;
use oms_app::catalog::editing::Given;
use oms_app::catalog::update_product::{Request as Change, UpdateProduct};
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A field that may be absent, `null` or a value, which mean three things.
#[allow(clippy::option_option, reason = "that is what it is for")]
type Nullable<T> = Option<Option<T>>;

/// A merge patch: absent fields stay as they are; `null` clears an optional field.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateProductBody)]
pub struct Body {
    /// SKU, 1 to 40 visible ASCII characters, unique per seller.
    #[garde(skip)]
    sku: Option<String>,
    /// Product name, up to 120 characters.
    #[garde(skip)]
    name: Option<String>,
    /// Category of interchangeable products, up to 40 characters.
    #[garde(skip)]
    category: Option<String>,
    /// Unit price before tax, a decimal in the product's currency; required if the currency changes.
    #[garde(skip)]
    price: Option<String>,
    /// Currency code, ISO 4217.
    #[garde(skip)]
    currency: Option<String>,
    /// Tax class.
    #[garde(skip)]
    tax_class: Option<String>,
    /// Weight of a unit with packaging, in grams.
    #[garde(skip)]
    weight_grams: Option<u32>,
    /// Countries in which the product is sold, ISO 3166-1 alpha-2; `null` or empty for everywhere.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<String>>)]
    #[garde(skip)]
    regions: Nullable<Vec<String>>,
    /// Plain text, up to 2,000 characters.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    #[garde(skip)]
    description: Nullable<String>,
    /// Up to 10 absolute https URLs; the first is the main image.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<String>>)]
    #[garde(skip)]
    images: Nullable<Vec<String>>,
    /// Administrators are alerted when this many units or fewer are available; `null` for never.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>)]
    #[garde(skip)]
    low_stock_threshold: Nullable<u32>,
    /// Whether the product is on sale.
    #[garde(skip)]
    active: Option<bool>,
    /// Whether to spread the stock counters, for products that thousands order within a minute.
    #[garde(skip)]
    hot: Option<bool>,
}

/// Tells `null` from absent.
fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(reader: D) -> Result<Nullable<T>, D::Error> {
    Option::<T>::deserialize(reader).map(Some)
}

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let update = UpdateProduct::new(world.inventory(), world.clock(), world.random());
    Ok(Function::http(update, handle))
}

/// Changes a product.
///
/// Admins may change any product, sellers their own. To move stock, use `/stock`.
#[utoipa::path(
    patch, path = "/api/products/{product_id}", tag = "catalog", operation_id = "updateProduct",
    params(
        ("product_id" = String, Path, description = "product id"),
        ("If-Match" = Option<String>, Header, description = "version seen by the client"),
    ),
    request_body = Body,
    responses(
        (status = 200, description = "changed", body = EntryView),
        (status = 409, description = "duplicate_sku, version_conflict"),
        (status = 412, description = "version_conflict"),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(update: Arc<UpdateProduct>, request: Request) -> Result<Answer, Problem> {
    let caller = request.caller()?;
    let product_id = request.path_id("product_id")?;
    let body: Body = read_json(&request)?;
    let given = Given {
        sku: body.sku,
        name: body.name,
        category: body.category,
        description: body.description.map(Option::unwrap_or_default),
        price: body.price,
        currency: body.currency,
        tax_class: body.tax_class,
        weight_grams: body.weight_grams,
        regions: body.regions.map(Option::unwrap_or_default),
        images: body.images.map(Option::unwrap_or_default),
        low_stock_threshold: body.low_stock_threshold,
        active: body.active,
        hot: body.hot,
    };
    let expected_version = request.if_match()?;
    let correlation_id = request.correlation_id;
    let change = Change { caller: caller.clone(), product_id, given, expected_version, correlation_id };
    let entry = update.run(change).await?;
    Ok(Answer::ok(&EntryView::of(&entry, &caller))?.version(entry.product.version))
}
