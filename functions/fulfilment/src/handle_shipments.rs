//! The shipments of one order: shown, planned, moved along, replaced. One function, since all of it needs the same rights and only the
//! back office calls it.

use oms_app::execute::WritePath;
use oms_app::fulfilment::move_shipment::MoveShipment;
use oms_app::fulfilment::plan_shipment::PlanShipment;
use oms_app::fulfilment::replace_shipment::ReplaceShipment;
use oms_app::fulfilment::view_shipments::ViewShipments;
use oms_app::world::{Misconfigured, World};
use oms_runtime::Function;
use ordering::screen_order::screening;

use crate::{move_shipment, plan_shipment, replace_shipment, view_shipments};

pub fn wired<W: World>(world: &W) -> Result<Function, Misconfigured> {
    let path = WritePath::of(world);
    let plan = PlanShipment { path: path.clone(), screening: screening(world)? };
    Ok(Function::routes([
        (
            "GET /api/orders/{order_id}/shipments",
            Function::http(ViewShipments::new(world.orders(), world.parcels()), view_shipments::handle),
        ),
        ("POST /api/orders/{order_id}/shipments", Function::http(plan, plan_shipment::handle)),
        ("PATCH /api/shipments/{shipment_id}", Function::http(MoveShipment(path.clone()), move_shipment::handle)),
        (
            "POST /api/shipments/{shipment_id}/replacement",
            Function::http(ReplaceShipment(path), replace_shipment::handle),
        ),
    ]))
}
