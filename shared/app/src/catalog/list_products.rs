//! Shows the catalog with what is available (F1).

use std::sync::Arc;

use crate::cursor;
use crate::error::Error;
use crate::ports::{Catalog, ProductPage};

/// What its cursors belong to.
const LIST: &str = "products";

pub struct ListProducts {
    catalog: Arc<dyn Catalog>,
}

impl ListProducts {
    pub fn new(catalog: Arc<dyn Catalog>) -> Self {
        ListProducts { catalog }
    }

    /// A page of up to `limit` (1–100) active products, sorted by name.
    pub async fn run(&self, after: Option<&str>, limit: usize) -> Result<ProductPage, Error> {
        let after = after.map(|text| cursor::open(text, LIST)).transpose()?;
        let after = after.map(String::from_utf8).transpose().map_err(|error| Error::Malformed(error.to_string()))?;
        let page = self.catalog.page(after.as_deref(), limit).await?;
        let next = page.next.map(|place| cursor::seal(place.as_bytes(), LIST));
        Ok(ProductPage { next, ..page })
    }
}
