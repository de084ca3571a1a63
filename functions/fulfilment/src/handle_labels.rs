//! The label of a shipment: offered, bought, shown, voided. One function, since all of it asks carriers and only the back office calls it.

use oms_app::fulfilment::buy_label::BuyLabel;
use oms_app::fulfilment::view_label::ViewLabel;
use oms_app::fulfilment::view_rates::ViewRates;
use oms_app::fulfilment::void_label::VoidLabel;
use oms_app::world::{LabelWorld, Misconfigured};
use oms_runtime::Function;

use crate::{buy_label, view_label, view_rates, void_label};

pub fn wired<W: LabelWorld>(world: &W) -> Result<Function, Misconfigured> {
    let (orders, settings, documents, clock) = (world.orders(), world.settings(), world.documents()?, world.clock());
    let carriers = world.carriers();
    let view = ViewLabel::new(orders.clone(), settings.clone(), documents.clone(), clock.clone());
    let rates = ViewRates::new(orders.clone(), settings.clone(), documents.clone(), carriers.clone(), clock.clone());
    let buy = BuyLabel::new(orders.clone(), settings.clone(), documents.clone(), carriers.clone(), clock.clone());
    let give_back = VoidLabel::new(orders, settings, documents, carriers, clock);
    Ok(Function::routes([
        ("GET /api/shipments/{shipment_id}/rates", Function::http(rates, view_rates::handle)),
        ("GET /api/shipments/{shipment_id}/label", Function::http(view, view_label::handle)),
        ("POST /api/shipments/{shipment_id}/label", Function::http(buy, buy_label::handle)),
        ("DELETE /api/shipments/{shipment_id}/label", Function::http(give_back, void_label::handle)),
    ]))
}
