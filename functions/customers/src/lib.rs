//! Whether a customer may order.

pub mod change_standing;
pub mod view_standing;
pub mod views;

use oms_app::world::World;
use oms_runtime::Wired;
use utoipa::OpenApi;

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(paths(view_standing::handle, change_standing::handle,))]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: World>() -> [(&'static str, Wired<W>); 2] {
    [("view-standing", view_standing::wired), ("change-standing", change_standing::wired)]
}
