//! Returns: asked for, shown, moved along. One function, since all of it needs the same rights.

use oms_app::execute::WritePath;
use oms_app::returns::move_return::MoveReturn;
use oms_app::returns::request_return::RequestReturn;
use oms_app::returns::view_return::ViewReturn;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;

use crate::{move_return, request_return, view_return};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let path = WritePath::of(world);
    let request = RequestReturn::new(path.clone(), world.settings());
    let view = ViewReturn::new(world.orders(), world.settings());
    Ok(Function::routes([
        ("POST /api/orders/{order_id}/returns", Function::http(request, request_return::handle)),
        ("GET /api/returns/{return_id}", Function::http(view, view_return::handle)),
        (
            "PATCH /api/returns/{return_id}",
            Function::http(MoveReturn::new(path, world.settings()), move_return::handle),
        ),
    ]))
}
