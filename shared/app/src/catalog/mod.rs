//! The catalog: products for those who sell them, stock moved by hand, low-stock alerts.

pub mod alert_stock;
pub mod alternatives;
pub mod catalog_cache;
pub mod create_product;
pub mod discontinue_product;
pub mod editing;
pub mod import_products;
pub mod list_products;
pub mod move_stock;
pub mod product_file;
pub mod update_product;
pub mod view_product;
pub mod view_stock;
