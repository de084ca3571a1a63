//! Shipments: what is to be packed, what left, and what became of it.

pub mod carrier_callback;
pub mod handle_shipments;
pub mod list_shipments;
pub mod move_shipment;
pub mod plan_shipment;
pub mod replace_shipment;
pub mod track_order;
pub mod view;
pub mod view_shipments;

use oms_app::world::CarrierWorld;
use oms_runtime::Wired;
use utoipa::OpenApi;

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(paths(
    view_shipments::handle,
    plan_shipment::handle,
    move_shipment::handle,
    replace_shipment::handle,
    list_shipments::handle,
    carrier_callback::handle,
    track_order::handle,
))]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: CarrierWorld>() -> [(&'static str, Wired<W>); 4] {
    [
        ("handle-shipments", handle_shipments::wired),
        ("list-shipments", list_shipments::wired),
        ("carrier-callback", carrier_callback::wired),
        ("track-order", track_order::wired),
    ]
}
