pub(crate) mod events;
pub(crate) mod lists;
pub(crate) mod order_items;
pub(crate) mod orders;
pub(crate) mod refusals;
mod shipments;
mod transaction;
