//! From the paid order to the door.

pub mod carrier_callback;
pub mod list_shipments;
pub mod move_shipment;
pub mod plan_shipment;
pub mod replace_shipment;
pub mod track_order;
pub mod trackers;
pub mod view_shipments;
