//! One step of one shipment (G7, G10): packed, shipped, delivered, failed, returned, lost, cancelled, or other tracking.

use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::fulfilment::ShipmentId;
use oms_domain::ordering::{Command, ShipmentStep};

use super::view_shipments::Moved;
use crate::error::{Error, Field};
use crate::execute::WritePath;
use crate::intent::Intent;

pub struct MoveShipment(pub WritePath);

impl MoveShipment {
    pub async fn run(
        &self,
        id: ShipmentId,
        intent: &Intent,
        step: ShipmentStep,
        note: Option<String>,
    ) -> Result<Moved, Error> {
        let stored = self.0.load(Operation::MoveShipment, id.order_id, intent).await?;
        let shipment = stored.order.shipment(id.number).ok_or(Error::NotFound)?;
        Operation::MoveShipment.permits(&intent.caller, &ShipmentOf(&stored.order, &shipment.lines))?;
        let unnamed = matches!(&step, ShipmentStep::Ship { parcels } if parcels.is_empty());
        if unnamed && shipment.status.is_open() && shipment.bought_label().is_none() {
            let message = "is required with the status `shipped`, as the shipment has no label";
            return Err(Error::Invalid(vec![Field::new("/tracking", message)]));
        }
        let command = Command::MoveShipment { shipment: id.number, step, note };
        Moved::of(&self.0.decide(stored, intent, &command).await?, id)
    }
}
