//! An order from the cart to the door: create, submit, view, list, cancel, move along.

pub mod add_note;
pub mod assign_order;
pub mod cancel_order;
pub mod cart;
pub mod checks;
pub mod create_order;
pub mod details;
pub mod diagnose_order;
pub mod hold_order;
pub mod list_orders;
pub mod offered_rates;
pub(crate) mod open_orders;
pub mod overdue;
pub(crate) mod promotion_uses;
pub mod reorder;
pub mod review_order;
pub mod screen_order;
pub mod set_tags;
pub mod submit_order;
pub mod terms;
pub mod units;
pub mod update_status;
pub mod view_notes;
pub mod view_order;
pub(crate) mod written;
