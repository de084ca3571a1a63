//! One step of one shipment (G7, G10): packed, shipped, delivered, failed, returned, lost, cancelled, or other tracking.

use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::fulfilment::ShipmentId;
use oms_domain::ordering::{Command, ShipmentStep};

use super::view_shipments::Moved;
use crate::error::Error;
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
        let command = Command::MoveShipment { shipment: id.number, step, note };
        Moved::of(&self.0.decide(stored, intent, &command).await?, id)
    }
}
