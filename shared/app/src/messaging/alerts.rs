//! What administrators read: that little of a product is left (F7), that an order could not be prepared (L5).

use crate::ports::{Alert, FulfilmentFailed, FulfilmentFailure, LowStock};

/// A message to administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertText {
    /// The same for the same alert.
    pub id: String,
    /// A word for its kind.
    pub kind: &'static str,
    /// One line that says it, of at most 100 ASCII characters: what the topic allows for a subject.
    pub subject: String,
    /// The whole message.
    pub text: String,
}

/// How an alert is put.
pub fn alert_text(alert: &Alert) -> AlertText {
    match alert {
        Alert::LowStock(alert) => low_stock(alert),
        Alert::FulfilmentFailed(alert) => fulfilment_failed(alert),
    }
}

fn low_stock(alert: &LowStock) -> AlertText {
    let sku: String = alert.sku.chars().filter(char::is_ascii_graphic).take(40).collect();
    AlertText {
        id: alert.id.clone(),
        kind: "stock.low",
        subject: format!("Low stock: {sku}, {} left", alert.available),
        text: format!(
            "{} ({}), sold by {}, is running low. Units available: {}. Alert threshold: {}.\nProduct: {}\n",
            alert.name, alert.sku, alert.seller_id, alert.available, alert.threshold, alert.product_id
        ),
    }
}

fn fulfilment_failed(alert: &FulfilmentFailed) -> AlertText {
    let number = alert.order_id.number();
    let what = match &alert.shipment {
        Some(shipment) => format!("The label of shipment {number}-S{} could not be bought", shipment.number),
        None => format!("Order {number} could not be prepared"),
    };
    let why = match alert.why {
        FulfilmentFailure::Unavailable => format!(": what it needs was unavailable {} times in a row", alert.tries),
        FulfilmentFailure::Refused => ": the carrier refuses it".to_owned(),
        FulfilmentFailure::Impossible => ": something is not set up, or an address cannot be printed".to_owned(),
    };
    AlertText {
        id: alert.id.clone(),
        kind: "order.fulfilment_failed",
        subject: format!("Order {number} needs attention (ORD-3001)"),
        text: format!(
            "{what}{why}. The order is on hold.\nSee what it waits for, put it right, and release the hold. It is then tried again; \
             what a carrier has refused is left to you.\nOrder: {}\n",
            alert.order_id
        ),
    }
}
