//! Shows the catalogue with what is available (F1).

use std::sync::Arc;

use crate::error::Error;
use crate::ports::{Catalog, ProductPage};

/// The use case.
pub struct ListProducts {
    catalog: Arc<dyn Catalog>,
}

impl ListProducts {
    /// Wires the use case.
    pub fn new(catalog: Arc<dyn Catalog>) -> Self {
        ListProducts { catalog }
    }

    /// A page of up to `limit` (1–100) active products, sorted by name.
    pub async fn run(&self, after: Option<&str>, limit: usize) -> Result<ProductPage, Error> {
        Ok(self.catalog.page(after, limit).await?)
    }
}
