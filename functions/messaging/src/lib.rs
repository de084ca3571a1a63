//! What customers are told.

pub mod notify;

use oms_app::world::World;
use oms_runtime::Wired;

/// The functions of this context by the names of their binaries.
pub const fn functions<W: World>() -> [(&'static str, Wired<W>); 1] {
    [("notify", notify::wired)]
}
