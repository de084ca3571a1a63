//! Sends what was lost again: its units are reserved anew and planned as a shipment of their own (G10).
//!
//! Where there are not enough of them, nothing happens, and the caller learns what is short (`ORD-1001`).

use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::catalog::NotSellable;
use oms_domain::fulfilment::ShipmentId;
use oms_domain::ordering::{Command, Order, ShipmentStep};

use super::view_shipments::Moved;
use crate::error::{Error, NotOrderable};
use crate::execute::{Failure, WritePath, told};
use crate::intent::Intent;
use crate::ports::{CommitError, Shortage};

pub struct ReplaceShipment(pub WritePath);

impl ReplaceShipment {
    /// The shipment that takes its place.
    pub async fn run(&self, id: ShipmentId, intent: &Intent) -> Result<Moved, Error> {
        let stored = self.0.load(Operation::ReplaceShipment, id.order_id, intent).await?;
        let shipment = stored.order.shipment(id.number).ok_or(Error::NotFound)?;
        Operation::ReplaceShipment.permits(&intent.caller, &ShipmentOf(&stored.order, &shipment.lines))?;
        let command = Command::MoveShipment { shipment: id.number, step: ShipmentStep::Replace, note: None };
        let replacement = |order: &Order| {
            let number = order.shipment(id.number).and_then(|lost| lost.replaced_by);
            number.unwrap_or_default().to_string()
        };
        let (changed, outcome) =
            self.0.decide_with(stored, intent, &command, replacement).await.map_err(short_or_told)?;
        let number = outcome.parse().map_err(|_| Error::Internal(format!("a shipment numbered {outcome}")))?;
        Moved::of(&changed, ShipmentId { order_id: id.order_id, number })
    }
}

fn short_or_told(failure: Failure) -> Error {
    if let Failure::Unwritten(CommitError::Stock(shortages)) = &failure {
        let refused = shortages.iter().map(short).collect();
        return Error::ProductsUnavailable { refused, alternatives: Vec::new() };
    }
    let taken = matches!(failure, Failure::Unwritten(CommitError::Contended));
    if taken { Error::StockTaken } else { told(failure) }
}

fn short(shortage: &Shortage) -> NotOrderable {
    NotOrderable {
        pointer: String::new(),
        product_id: shortage.product_id,
        reason: NotSellable::OutOfStock,
        available: shortage.found.as_ref().map(|product| product.stock.available),
    }
}
