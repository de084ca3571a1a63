//! An order from the cart to the door: create, submit, view, list, cancel, move along.

pub mod cancel_order;
pub mod cart;
pub mod checks;
pub mod create_order;
pub mod list_orders;
pub mod overdue;
pub mod review_order;
pub mod screen_order;
pub mod submit_order;
pub mod update_status;
pub(crate) mod uses;
pub mod view_order;
