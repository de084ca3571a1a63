//! Quotes, and the tables that prices depend on.

pub mod change_settings;
pub mod dispatch_view;
pub mod quote_order;
pub mod returns_view;
pub mod settings_view;
pub mod view_settings;

use oms_app::world::LabelWorld;
use oms_runtime::Wired;
use utoipa::OpenApi;

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(paths(quote_order::handle, view_settings::handle, change_settings::handle,))]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: LabelWorld>() -> [(&'static str, Wired<W>); 3] {
    [
        ("quote-order", quote_order::wired),
        ("view-settings", view_settings::wired),
        ("change-settings", change_settings::wired),
    ]
}
