//! Shows a shipment's label, with fresh links to what there is to print (G13).

use std::sync::Arc;

use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::ShipmentId;

use super::labels::{Labels, Shown};
use crate::error::Error;
use crate::execute::load;
use crate::ports::{Clock, Documents, Orders, Settings};

pub struct ViewLabel(Labels);

impl ViewLabel {
    pub fn new(
        orders: Arc<dyn Orders>,
        settings: Arc<dyn Settings>,
        documents: Arc<dyn Documents>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        ViewLabel(Labels { orders, settings, documents, clock })
    }

    pub async fn run(&self, caller: &Caller, id: ShipmentId) -> Result<Shown, Error> {
        let order = load(self.0.orders.as_ref(), Operation::ViewLabel, caller, id.order_id).await?.order;
        let shipment = order.shipment(id.number).ok_or(Error::NotFound)?;
        Operation::ViewLabel.permits(caller, &ShipmentOf(&order, &shipment.lines))?;
        let label = shipment.labels.last().ok_or(Error::NotFound)?;
        self.0.show(&order, id, label).await
    }
}
