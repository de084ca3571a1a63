//! Buys a shipment's label from its carrier, once (G13): [`super::buyer`] for a person.
//!
//! The order and the locations are read side by side (one round trip); the seller of the shipment and admins may buy. The same request
//! again is answered with what became of the first.

use std::sync::Arc;

use futures::future::join;
use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::fulfilment::ShipmentId;
use oms_domain::ordering::Refusal;

pub use super::buyer::{MAX_DAYS_AHEAD, Wanted};

use super::buyer::Buyer;
use super::carriers::Carriers;
use super::labels::{Labels, Shown};
use crate::error::Error;
use crate::execute::load;
use crate::intent::Intent;
use crate::ports::{Clock, Documents, Orders, Settings};

pub struct BuyLabel(Buyer);

impl BuyLabel {
    pub fn new(
        orders: Arc<dyn Orders>,
        settings: Arc<dyn Settings>,
        documents: Arc<dyn Documents>,
        carriers: Carriers,
        clock: Arc<dyn Clock>,
    ) -> Self {
        BuyLabel(Buyer { labels: Labels { orders, settings, documents, clock }, carriers })
    }

    pub async fn run(&self, id: ShipmentId, intent: &Intent, wanted: Wanted) -> Result<Shown, Error> {
        let labels = &self.0.labels;
        let order = load(labels.orders.as_ref(), Operation::BuyLabel, &intent.caller, id.order_id);
        let (stored, locations) = join(order, labels.locations()).await;
        let (stored, locations) = (stored?, locations?);
        let shipment = stored.order.shipment(id.number).ok_or(Error::NotFound)?;
        Operation::BuyLabel.permits(&intent.caller, &ShipmentOf(&stored.order, &shipment.lines))?;
        let context = intent.context();
        let (order, label_id) = Box::pin(self.0.buy(stored, &locations, id, wanted, &context)).await?;
        let label = order.shipment(id.number).and_then(|shipment| shipment.label(label_id));
        labels.show(&order, id, label.ok_or(Error::Refused(Refusal::NoLabel))?).await
    }
}
