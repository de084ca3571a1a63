//! Shows a product's counters and how they were moved by hand (F1). Admins see all, sellers their own.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;

use crate::cursor;
use crate::error::Error;
use crate::ports::{Catalog, Inventory, MovementPage};

pub struct ViewStock {
    catalog: Arc<dyn Catalog>,
    inventory: Arc<dyn Inventory>,
}

impl ViewStock {
    pub fn new(catalog: Arc<dyn Catalog>, inventory: Arc<dyn Inventory>) -> Self {
        ViewStock { catalog, inventory }
    }

    /// The product as it is now and up to `limit` (1–100) movements, newest first.
    pub async fn run(
        &self,
        caller: &Caller,
        id: ProductId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Product, MovementPage), Error> {
        Operation::ViewStock.open_to(caller)?;
        let list = format!("movements of {id}");
        let after = after.map(|text| cursor::open(text, &list)).transpose()?;
        let after = after.map(String::from_utf8).transpose().map_err(|error| Error::Malformed(error.to_string()))?;
        let product = self.catalog.product(id).await?.ok_or(Error::NotFound)?;
        Operation::ViewStock.permits(caller, &product.seller_id)?;
        let page = self.inventory.movements(id, after.as_deref(), limit).await?;
        let next = page.next.map(|place| cursor::seal(place.as_bytes(), &list));
        Ok((product, MovementPage { next, ..page }))
    }
}
