//! Tells administrators when little of a product is left: once while it stays low, again when it was seen restocked (F7).
//!
//! 1. A stream record only says that a product may have changed; what counts is the product as it is now. So records
//!    that come twice, late or in another order change nothing.
//! 2. Low, and not marked: mark the crossing, tell, mark it told. The mark is conditional, so one run tells.
//! 3. Marked and not told: an earlier run ended in between; tell.
//! 4. Not low, and marked: remove the mark, so that the next crossing is told.
//!
//! Guarantee: a product that stays low is told at least once, and twice only if a run ends between telling and marking.
//! It goes by the levels seen, not by the movements: ups and downs between two looks count as one level, the last. A dip
//! that is restocked before the next look is not told, and neither is a restock that is sold before it, so the fall
//! behind it is not told again: administrators know already that the product is low, and it is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;

use crate::error::Error;
use crate::ports::{Alert, AlertMark, Alerts, Catalog, Inventory, LowStock};

/// How often a product is looked at again because another run moved its mark.
const MAX_ROUNDS: u32 = 4;

/// A product that may have changed, as the stream tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Its place in the stream.
    pub sequence_number: String,
    /// Which product; nothing if the record cannot be read.
    pub product_id: Option<ProductId>,
}

pub struct AlertStock {
    catalog: Arc<dyn Catalog>,
    inventory: Arc<dyn Inventory>,
    alerts: Arc<dyn Alerts>,
}

impl AlertStock {
    pub fn new(catalog: Arc<dyn Catalog>, inventory: Arc<dyn Inventory>, alerts: Arc<dyn Alerts>) -> Self {
        AlertStock { catalog, inventory, alerts }
    }

    /// Looks at each product once and answers with the records that must come again.
    pub async fn run(&self, records: &[Touched]) -> Vec<String> {
        let ids: HashSet<ProductId> = records.iter().filter_map(|record| record.product_id).collect();
        let mut looked: HashMap<ProductId, bool> = HashMap::new();
        for id in ids {
            let result = self.look_at(id).await;
            if let Err(error) = &result {
                tracing::warn!(product_id = %id, %error, "stock could not be looked at");
            }
            looked.insert(id, result.is_ok());
        }
        let done = |record: &&Touched| record.product_id.is_some_and(|id| looked.get(&id) == Some(&true));
        records.iter().filter(|record| !done(record)).map(|record| record.sequence_number.clone()).collect()
    }

    async fn look_at(&self, id: ProductId) -> Result<(), Error> {
        for _ in 0..MAX_ROUNDS {
            let Some(product) = self.catalog.product(id).await? else { return Ok(()) };
            let mark = self.inventory.alert_mark(id).await?;
            match (product.is_low(), mark) {
                (true, AlertMark { low: true, told: true, .. }) | (false, AlertMark { low: false, .. }) => {
                    return Ok(());
                }
                (true, AlertMark { low: true, told: false, .. }) => return self.tell(&product, mark).await,
                (true, AlertMark { low: false, crossing, .. }) => {
                    let begun = AlertMark { crossing: crossing + 1, low: true, told: false };
                    if self.inventory.set_alert_mark(id, mark, begun).await? {
                        return self.tell(&product, begun).await;
                    }
                }
                (false, AlertMark { low: true, .. }) => {
                    if self.inventory.set_alert_mark(id, mark, AlertMark { low: false, ..mark }).await? {
                        return Ok(());
                    }
                }
            }
        }
        Err(Error::Contended)
    }

    async fn tell(&self, product: &Product, mark: AlertMark) -> Result<(), Error> {
        let alert = LowStock {
            id: format!("{}/{}", product.id, mark.crossing),
            product_id: product.id,
            sku: product.sku.clone(),
            name: product.name.clone(),
            seller_id: product.seller_id.clone(),
            available: product.stock.available,
            threshold: product.low_stock_threshold.unwrap_or_default(),
        };
        self.alerts
            .tell(&Alert::LowStock(alert))
            .await
            .map_err(|error| Error::ServiceUnavailable(error.to_string()))?;
        // If another run has moved the mark, it has looked at what is true since: nothing is left to do.
        self.inventory.set_alert_mark(product.id, mark, AlertMark { told: true, ..mark }).await?;
        Ok(())
    }
}
