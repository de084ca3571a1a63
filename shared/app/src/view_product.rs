//! Shows one product with what is available (F1).

use std::sync::Arc;

use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;

use crate::error::Error;
use crate::ports::Catalog;

/// The use case.
pub struct ViewProduct {
    catalog: Arc<dyn Catalog>,
}

impl ViewProduct {
    /// Wires the use case.
    pub fn new(catalog: Arc<dyn Catalog>) -> Self {
        ViewProduct { catalog }
    }

    /// The product as it is now; discontinued ones are shown as such.
    pub async fn run(&self, id: ProductId) -> Result<Product, Error> {
        self.catalog.product(id).await?.ok_or(Error::NotFound)
    }
}
