//! The outbox, due work, health.

pub mod health;
pub mod relay;
pub mod sweep;

use oms_app::world::PaymentWorld;
use oms_runtime::Wired;
use utoipa::OpenApi;

/// The routes of this context.
#[derive(OpenApi)]
#[openapi(paths(health::handle, health::ready,))]
pub struct Routes;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: PaymentWorld>() -> [(&'static str, Wired<W>); 3] {
    [("relay", relay::wired), ("sweep", sweep::wired), ("health", health::wired)]
}
