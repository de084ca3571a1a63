//! `PATCH /api/products/{product_id}`: changes fields of a catalog entry.

use std::sync::Arc;

use crate::views::{EntryView, texts};
use oms_app::catalog::editing::Given;
use oms_app::catalog::update_product::UpdateProduct;
use oms_app::world::{Misconfigured, World};
use oms_domain::access::Operation;
use oms_runtime::Function;
use oms_runtime::http::bounded::{Count, MoneyText, Text};
use oms_runtime::http::heads::{ProductPath, VersionHeader};
use oms_runtime::http::{Answer, Problem, Request, read_json};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A field that may be absent, `null` or a value, which mean three things.
#[allow(clippy::option_option, reason = "that is what it is for")]
type Nullable<T> = Option<Option<T>>;

/// A merge patch: absent fields stay as they are; `null` clears an optional field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateProductBody, examples(json!({"price": "21.90", "low_stock_threshold": null})))]
pub struct Body {
    /// SKU, visible ASCII characters, unique per seller.
    sku: Option<Text<1, 40>>,
    /// Product name.
    name: Option<Text<1, 120>>,
    /// Category of interchangeable products.
    category: Option<Text<1, 40>>,
    /// Unit price before tax, a decimal in the product's currency; required if the currency changes.
    price: Option<MoneyText>,
    /// Currency code, ISO 4217.
    currency: Option<Text<1, 40>>,
    /// Tax class.
    tax_class: Option<Text<1, 40>>,
    /// Weight of a unit with packaging, in grams.
    weight_grams: Option<Count<0, 1_000_000>>,
    /// Countries in which the product is sold, ISO 3166-1 alpha-2; `null` or empty for everywhere.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<Text<0, 40>>>, max_items = 60)]
    regions: Nullable<Vec<Text<0, 40>>>,
    /// Plain text.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Text<0, 2_000>>)]
    description: Nullable<Text<0, 2_000>>,
    /// Absolute https URLs; the first is the main image.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<Text<0, 500>>>, max_items = 10)]
    images: Nullable<Vec<Text<0, 500>>>,
    /// Administrators are alerted when this many units or fewer are available; `null` for never.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Count<0, 1_000_000>>)]
    low_stock_threshold: Nullable<Count<0, 1_000_000>>,
    /// Most units in one order; `null` for the shop's own limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Count<1, 9_999>>)]
    max_per_order: Nullable<Count<1, 9_999>>,
    /// Whether the product is on sale.
    active: Option<bool>,
    /// Whether to spread the stock counters, for products that thousands order within a minute. Only admins may say so.
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
    params(ProductPath, VersionHeader),
    request_body = Body,
    responses(
        (status = 200, description = "changed", body = EntryView),
        (status = 409, description = "duplicate_sku, version_conflict"),
        (status = 412, description = "version_conflict"),
        (status = 422, description = "validation_failed"),
    ),
)]
pub async fn handle(update: Arc<UpdateProduct>, request: Request) -> Result<Answer, Problem> {
    let intent = request.intent(Operation::UpdateProduct)?;
    let product_id = request.path_id("product_id")?;
    let body: Body = read_json(&request)?;
    let given = Given {
        sku: body.sku.map(Into::into),
        name: body.name.map(Into::into),
        category: body.category.map(Into::into),
        description: body.description.map(|text| text.map(Into::into).unwrap_or_default()),
        price: body.price.map(Into::into),
        currency: body.currency.map(Into::into),
        tax_class: body.tax_class.map(Into::into),
        weight_grams: body.weight_grams.map(Into::into),
        regions: body.regions.map(|regions| regions.map(texts).unwrap_or_default()),
        images: body.images.map(|images| images.map(texts).unwrap_or_default()),
        low_stock_threshold: body.low_stock_threshold.map(|units| units.map(Into::into)),
        max_per_order: body.max_per_order.map(|units| units.map(Into::into)),
        active: body.active,
        hot: body.hot,
    };
    let entry = update.run(product_id, &intent, &given).await?;
    Ok(Answer::ok(&EntryView::of(&entry, &intent.caller))?.version(entry.product.version))
}
