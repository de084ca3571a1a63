//! Products, their stock, and who is told when it runs low.

pub mod alert_stock;
pub mod create_product;
pub mod discontinue_product;
pub mod import_products;
pub mod list_products;
pub mod move_stock;
pub mod update_product;
pub mod view_product;
pub mod view_stock;
pub mod views;

use oms_app::world::World;
use oms_runtime::Wired;
use utoipa::OpenApi;

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(paths(
    create_product::handle,
    update_product::handle,
    discontinue_product::handle,
    import_products::handle,
    list_products::handle,
    view_product::handle,
    move_stock::handle,
    view_stock::handle,
))]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: World>() -> [(&'static str, Wired<W>); 9] {
    [
        ("create-product", create_product::wired),
        ("update-product", update_product::wired),
        ("discontinue-product", discontinue_product::wired),
        ("import-products", import_products::wired),
        ("list-products", list_products::wired),
        ("view-product", view_product::wired),
        ("move-stock", move_stock::wired),
        ("view-stock", view_stock::wired),
        ("alert-stock", alert_stock::wired),
    ]
}
