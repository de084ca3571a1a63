//! An order from the cart to the door.

pub mod add_note;
pub mod assign_order;
pub mod cancel_order;
pub mod create_order;
pub mod diagnose_order;
pub mod hold_order;
pub mod list_orders;
pub mod reorder;
pub mod review_order;
pub mod screen_order;
pub mod set_tags;
pub mod submit_order;
pub mod update_status;
pub mod view_notes;
pub mod view_order;

use oms_app::world::World;
use oms_runtime::Wired;
use utoipa::OpenApi;

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(paths(
    create_order::handle,
    reorder::handle,
    submit_order::handle,
    cancel_order::handle,
    view_order::handle,
    list_orders::handle,
    update_status::handle,
    review_order::handle,
    hold_order::handle,
    hold_order::release,
    add_note::handle,
    view_notes::handle,
    set_tags::handle,
    assign_order::handle,
    diagnose_order::handle,
))]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: World>() -> [(&'static str, Wired<W>); 11] {
    [
        ("create-order", create_order::wired),
        ("reorder", reorder::wired),
        ("submit-order", submit_order::wired),
        ("cancel-order", cancel_order::wired),
        ("view-order", view_order::wired),
        ("list-orders", list_orders::wired),
        ("update-status", update_status::wired),
        ("screen-order", screen_order::wired),
        ("review-order", review_order::wired),
        ("hold-order", hold_order::wired),
        ("diagnose-order", diagnose_order::wired),
    ]
}
