//! Stream of products → topic: tells administrators when little is left (F7).

use std::sync::Arc;

use oms_app::alert_stock::{AlertStock, Touched};
use oms_runtime::{Function, events};

/// The function.
pub fn function(alert: AlertStock) -> Function {
    events::products(alert, handle)
}

async fn handle(alert: Arc<AlertStock>, records: Vec<Touched>) -> Vec<String> {
    alert.run(&records).await
}
