//! Shows one product with what is available (F1).

use std::sync::Arc;

use oms_domain::ids::ProductId;

use crate::error::Error;
use crate::ports::{Entry, Shelf};

/// The use case.
pub struct ViewProduct {
    shelf: Arc<dyn Shelf>,
}

impl ViewProduct {
    /// Wires the use case.
    pub fn new(shelf: Arc<dyn Shelf>) -> Self {
        ViewProduct { shelf }
    }

    /// The product as it is now; discontinued ones are shown as such.
    pub async fn run(&self, id: ProductId) -> Result<Entry, Error> {
        self.shelf.entry(id).await?.ok_or(Error::NotFound)
    }
}
