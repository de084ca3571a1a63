//! From the paid order to the door.

pub mod buy_label;
pub(crate) mod buyer;
pub mod carrier_callback;
pub mod carriers;
pub mod fulfil_order;
mod hearing;
pub mod labels;
pub mod list_shipments;
pub mod move_shipment;
pub mod packing_slips;
pub mod pick_list;
pub mod plan_shipment;
pub mod poll_parcels;
pub mod replace_shipment;
pub mod settle_labels;
pub mod track_order;
pub mod trackers;
pub mod view_label;
pub mod view_rates;
pub mod view_shipments;
pub mod void_label;
