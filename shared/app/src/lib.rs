//! What the system does: one use case per function and file, named as the function.
//!
//! Use cases know the domain and the [`ports`]; they know neither AWS nor HTTP. Each file opens with its steps. Every
//! change of an order goes through [`change`]: load, decide, commit.

pub mod alert_stock;
pub mod alternatives;
pub mod breaker;
pub mod cancel_order;
pub mod cart;
pub mod catalog_cache;
pub mod catalogue;
pub mod change;
pub mod change_settings;
pub mod change_standing;
pub mod checkout_page;
pub mod checks;
pub mod correlation;
pub mod count_orders;
pub mod create_order;
pub mod create_product;
pub mod cursor;
pub mod delete_method;
pub mod discontinue_product;
pub mod error;
pub mod figures;
pub mod forget_methods;
pub mod health;
pub mod import_products;
pub mod list_methods;
pub mod list_orders;
pub mod list_products;
pub mod move_stock;
pub mod notify;
pub mod open_page;
pub mod overdue;
pub mod pay_order;
pub mod payment_callback;
pub mod ports;
pub mod quote_order;
pub mod reconcile;
pub mod refund;
pub mod refund_order;
pub mod relay;
pub mod review_order;
pub mod screen_order;
pub mod settings;
pub mod settle;
pub mod submit_order;
pub mod sweep;
pub mod texts;
pub mod update_product;
pub mod update_status;
mod uses;
pub mod view_order;
pub mod view_product;
pub mod view_settings;
pub mod view_standing;
pub mod view_stock;

pub use error::{Error, Field};
