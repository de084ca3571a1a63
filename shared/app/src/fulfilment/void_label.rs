//! Gives a shipment's label back to its carrier, before the parcel leaves (G13).
//!
//! 1. Load the order; the seller of the shipment and admins may do this.
//! 2. Write down that the label is to be void: from here on nothing ships with it.
//! 3. Ask the carrier, which takes a label back as often as it is asked; tell the order.
//!
//! Where the carrier does not answer, [`super::settle_labels`] goes on asking. Of a label that nobody knows of, a person says with this that
//! there is none, and the carrier is not asked.

use std::sync::Arc;

use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::fulfilment::ShipmentId;
use oms_domain::fulfilment::label::{Label, LabelStatus};
use oms_domain::ordering::Command;

use super::carriers::Carriers;
use super::labels::{Asked, Labels};
use super::view_shipments::Moved;
use crate::error::Error;
use crate::execute::{OrderWithContact, execute, load};
use crate::intent::Intent;
use crate::ports::{Clock, Documents, Orders, Settings};

pub struct VoidLabel {
    labels: Labels,
    carriers: Carriers,
}

impl VoidLabel {
    pub fn new(
        orders: Arc<dyn Orders>,
        settings: Arc<dyn Settings>,
        documents: Arc<dyn Documents>,
        carriers: Carriers,
        clock: Arc<dyn Clock>,
    ) -> Self {
        VoidLabel { labels: Labels { orders, settings, documents, clock }, carriers }
    }

    pub async fn run(&self, id: ShipmentId, intent: &Intent) -> Result<Moved, Error> {
        let (orders, clock) = (self.labels.orders.as_ref(), self.labels.clock.as_ref());
        let stored = load(orders, Operation::VoidLabel, &intent.caller, id.order_id).await?;
        let shipment = stored.order.shipment(id.number).ok_or(Error::NotFound)?;
        Operation::VoidLabel.permits(&intent.caller, &ShipmentOf(&stored.order, &shipment.lines))?;
        let command = Command::VoidLabel { shipment: id.number };
        let done = execute(orders, clock, stored.order, &command, &intent.context(), |_| String::new()).await?;
        let mut order = done.into_order();
        let voiding =
            order.shipment(id.number).and_then(|shipment| shipment.labels.last()).filter(|own| is_voiding(own));
        if let Some(label) = voiding.cloned() {
            let asked = Asked::of(id, &label);
            let reference = label.bought.as_ref().map_or("", |bought| bought.reference.as_str());
            match self.carriers.get(&label.order.carrier) {
                None => {
                    tracing::error!(shipment = %id, label_id = %label.id, carrier = label.order.carrier, "the carrier of a label is not configured");
                }
                Some(carrier) => match carrier.void_label(reference, &label.tracking_numbers()).await {
                    Ok(answer) => {
                        let told = self.labels.voided(order, &asked, answer, &intent.correlation_id).await?;
                        if let Some(why) = told.1 {
                            return Err(Error::LabelRefused(why));
                        }
                        order = told.0;
                    }
                    Err(error) => {
                        tracing::warn!(shipment = %id, label_id = %label.id, %error, "the carrier is asked to void a label later");
                    }
                },
            }
        }
        Moved::of(&OrderWithContact { order, person: None }, id)
    }
}

fn is_voiding(label: &Label) -> bool {
    label.status == LabelStatus::Voiding
}
