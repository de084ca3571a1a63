//! Has units of an order leave together (G10). A paid order is begun with its first shipment, and looked at before that like
//! everywhere else (`screen_order`).

use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::fulfilment::{Location, ShipmentId};
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Command, Order};

use super::view_shipments::Moved;
use crate::error::Error;
use crate::execute::{WritePath, told};
use crate::intent::Intent;
use crate::ordering::screen_order::Screening;
use crate::ordering::units::{Units, named};

pub struct PlanShipment {
    pub path: WritePath,
    pub screening: Screening,
}

impl PlanShipment {
    /// Sellers plan units of their own lines alone; lines of others look as if they did not exist.
    pub async fn run(
        &self,
        order_id: OrderId,
        intent: &Intent,
        units: &[Units],
        location: Location,
    ) -> Result<Moved, Error> {
        let stored = self.path.load(Operation::PlanShipment, order_id, intent).await?;
        let (lines, faults) = named(&stored.order, units);
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        Operation::PlanShipment.permits(&intent.caller, &ShipmentOf(&stored.order, &lines))?;
        let stored = self.screening.before_it_begins(stored, intent.expected_version, &intent.correlation_id).await?;
        let command = Command::PlanShipment { lines, location };
        let (changed, outcome) = self.path.decide_with(stored, intent, &command, newest).await.map_err(told)?;
        let number = outcome.parse().map_err(|_| Error::Internal(format!("a shipment numbered {outcome}")))?;
        Moved::of(&changed, ShipmentId { order_id, number })
    }
}

/// The number of the shipment that was planned last.
fn newest(order: &Order) -> String {
    order.shipments.iter().map(|shipment| shipment.number).max().unwrap_or_default().to_string()
}
