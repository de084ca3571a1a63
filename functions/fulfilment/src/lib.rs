//! Shipments: what is to be packed, what left, and what became of it.

mod barcode;
pub mod buy_label;
pub mod carrier_callback;
pub mod fulfil_order;
pub mod handle_labels;
pub mod handle_shipments;
pub mod label_view;
pub mod list_shipments;
pub mod move_shipment;
pub mod plan_shipment;
pub mod poll_parcels;
pub mod print_slips;
pub mod replace_shipment;
pub mod settle_labels;
pub mod track_order;
pub mod view;
pub mod view_label;
pub mod view_packing_slip;
pub mod view_packing_slips;
pub mod view_pick_list;
pub mod view_rates;
pub mod view_shipments;
pub mod void_label;

use oms_app::world::LabelWorld;
use oms_runtime::Wired;
use utoipa::OpenApi;

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(
    paths(
        view_shipments::handle,
        plan_shipment::handle,
        move_shipment::handle,
        replace_shipment::handle,
        list_shipments::handle,
        view_pick_list::handle,
        view_packing_slip::handle,
        view_packing_slips::handle,
        view_rates::handle,
        view_label::handle,
        buy_label::handle,
        void_label::handle,
        carrier_callback::handle,
        track_order::handle,
    ),
    components(schemas(view_packing_slips::ShipmentReference))
)]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: LabelWorld>() -> [(&'static str, Wired<W>); 9] {
    [
        ("handle-shipments", handle_shipments::wired),
        ("list-shipments", list_shipments::wired),
        ("print-slips", print_slips::wired),
        ("handle-labels", handle_labels::wired),
        ("settle-labels", settle_labels::wired),
        ("fulfil-order", fulfil_order::wired),
        ("poll-parcels", poll_parcels::wired),
        ("carrier-callback", carrier_callback::wired),
        ("track-order", track_order::wired),
    ]
}
