//! What is to be taken from the shelves for the shipments of a page: units by location and SKU (G12).

use std::collections::BTreeMap;

use oms_domain::fulfilment::{Location, ShipmentId};
use oms_domain::ids::ProductId;

use crate::ports::ShipmentRecord;

/// Units of one product to pick at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub location: Location,
    pub sku: String,
    pub name: String,
    pub product_id: ProductId,
    /// For all shipments together.
    pub quantity: u32,
    /// How many go into which shipment, in the order of the page.
    pub shipments: Vec<(ShipmentId, u32)>,
}

/// Sums the units of shipments: by location, then SKU; products of two sellers under one SKU stay apart.
pub fn picks(shipments: &[ShipmentRecord]) -> Vec<Pick> {
    let mut picks: BTreeMap<(Location, String, ProductId), Pick> = BTreeMap::new();
    for record in shipments {
        for line in &record.lines {
            let key = (record.location.clone(), line.sku.clone(), line.product_id);
            let pick = picks.entry(key).or_insert_with(|| Pick {
                location: record.location.clone(),
                sku: line.sku.clone(),
                name: line.name.clone(),
                product_id: line.product_id,
                quantity: 0,
                shipments: Vec::new(),
            });
            pick.quantity = pick.quantity.saturating_add(line.quantity);
            match pick.shipments.iter_mut().find(|(id, _)| *id == record.id) {
                Some((_, quantity)) => *quantity = quantity.saturating_add(line.quantity),
                None => pick.shipments.push((record.id, line.quantity)),
            }
        }
    }
    picks.into_values().collect()
}
