//! What administrators read when little of a product is left (F7).

use crate::ports::LowStock;

/// One line that says it, of at most 100 characters: what the topic allows for a subject.
pub fn subject(alert: &LowStock) -> String {
    let sku: String = alert.sku.chars().filter(char::is_ascii_graphic).take(40).collect();
    format!("Low stock: {sku}, {} left", alert.available)
}

/// The whole message.
pub fn text(alert: &LowStock) -> String {
    format!(
        "{} ({}), sold by {}, is running low. Units available: {}. Alert threshold: {}.\nProduct: {}\n",
        alert.name, alert.sku, alert.seller_id, alert.available, alert.threshold, alert.product_id
    )
}
