//! Products and rates as last seen by this process, so that a warm create needs no read (A23).
//!
//! What is cached of a product is only ever a proposal: its version, price, activity and stock are conditions of the order's
//! own transaction, and a condition that fails brings the truth along. So a stale entry costs a round trip, never a wrong
//! order. Tables come with what is announced of them, for longer than they are remembered: which version counts is decided
//! by the clock, alike in every process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;

use crate::ports::{Catalog, Clock, RateSchedule, StoreError};

/// How long an entry is used without asking again.
pub const FRESH_SECONDS: i64 = 60;

/// Most products that are kept; beyond it the cache starts over.
const MAX_PRODUCTS: usize = 5_000;

/// The cache of one process.
pub struct CatalogCache {
    catalog: Arc<dyn Catalog>,
    clock: Arc<dyn Clock>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    products: HashMap<ProductId, (Product, Timestamp)>,
    rates: Option<(RateSchedule, Timestamp)>,
}

/// What the cache proposes.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// Those of the products that exist.
    pub products: HashMap<ProductId, Product>,
    /// The rates over time.
    pub rates: RateSchedule,
}

impl CatalogCache {
    /// An empty cache over the store.
    pub fn new(catalog: Arc<dyn Catalog>, clock: Arc<dyn Clock>) -> Self {
        CatalogCache { catalog, clock, seen: Mutex::default() }
    }

    /// The store behind it.
    pub fn catalog(&self) -> &dyn Catalog {
        self.catalog.as_ref()
    }

    /// The products and rates, from memory where that is fresh, else all from the store in one round trip.
    pub async fn quote(&self, ids: &[ProductId]) -> Result<Quoted, StoreError> {
        match self.remembered(ids) {
            Some(quoted) => Ok(quoted),
            None => self.refresh(ids).await,
        }
    }

    /// The products and rates from the store.
    pub async fn refresh(&self, ids: &[ProductId]) -> Result<Quoted, StoreError> {
        // What is read may have been true when the read began, and no later.
        let now = self.clock.now();
        let (products, rates) = self.catalog.quote(ids).await?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.products.len() + products.len() > MAX_PRODUCTS {
            seen.products.clear();
        }
        for product in &products {
            seen.products.insert(product.id, (product.clone(), now));
        }
        seen.rates = Some((rates.clone(), now));
        Ok(Quoted { products: products.into_iter().map(|product| (product.id, product)).collect(), rates })
    }

    fn remembered(&self, ids: &[ProductId]) -> Option<Quoted> {
        let oldest = self.clock.now().checked_sub(SignedDuration::from_secs(FRESH_SECONDS)).ok()?;
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (rates, _) = seen.rates.as_ref().filter(|(_, at)| *at >= oldest)?;
        let mut products = HashMap::with_capacity(ids.len());
        for id in ids {
            let (product, _) = seen.products.get(id).filter(|(_, at)| *at >= oldest)?;
            products.insert(*id, product.clone());
        }
        Some(Quoted { products, rates: rates.clone() })
    }

    /// Takes over what a failed condition told.
    pub fn learn(&self, id: ProductId, found: Option<&Product>) {
        let now = self.clock.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(product) => seen.products.insert(id, (product.clone(), now)),
            None => seen.products.remove(&id),
        };
    }
}
