//! Shows one product with what is available (F1).

use std::sync::Arc;

use oms_domain::ids::ProductId;

use crate::error::Error;
use crate::ports::{Inventory, ProductEntry};

pub struct ViewProduct {
    inventory: Arc<dyn Inventory>,
}

impl ViewProduct {
    pub fn new(inventory: Arc<dyn Inventory>) -> Self {
        ViewProduct { inventory }
    }

    /// The product as it is now; discontinued ones are shown as such.
    pub async fn run(&self, id: ProductId) -> Result<ProductEntry, Error> {
        self.inventory.entry(id).await?.ok_or(Error::NotFound)
    }
}
