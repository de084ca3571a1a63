//! Counts the units of every product anew, from what made them: the events of all orders and the movements by hand.
//!
//! Orders and stock lie in two tables. Tables that were restored may lack the end of a transaction that wrote to both, which
//! leaves units that no order will ever release, or an order without units. An operator runs this while nothing writes; it
//! reads the events of every order. What moves meanwhile is told and left as it is.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use futures::future::try_join_all;
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::tally::{Missing, Tally};
use oms_domain::chain::Sealed;
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::ordering::{Record, all_moves};

use crate::error::Error;
use crate::ports::{Catalog, Inventory, ListQuery, Orders, Scope, StoreError};

/// Orders whose events are read at once.
const AT_ONCE: usize = 25;

/// Products or movements of a page.
const PAGE: usize = 100;

/// A product whose counters are not what its history says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub product_id: ProductId,
    pub sku: String,
    /// As they are stored.
    pub stored: Stock,
    pub found: Found,
}

/// What is to be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The counters should be these.
    Counted(Stock),
    /// The counters were set to these.
    Written(Stock),
    /// The counters moved while they were counted.
    Moving,
    /// No counters can be right: orders and movements take more than ever came.
    Missing(Missing),
    /// Orders refer to it, and the catalog does not have it.
    Gone,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recounted {
    pub orders: usize,
    pub products: usize,
    /// By product.
    pub differences: Vec<Difference>,
}

/// What to do with what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intention {
    /// Tells it.
    Look,
    /// Sets the counters right.
    Write,
}

pub struct Recount {
    orders: Arc<dyn Orders>,
    catalog: Arc<dyn Catalog>,
    inventory: Arc<dyn Inventory>,
}

/// Of each product its entry as it was first seen, and what moved it.
#[derive(Default)]
struct Books(BTreeMap<ProductId, (Option<Product>, Tally)>);

impl Recount {
    pub fn new(orders: Arc<dyn Orders>, catalog: Arc<dyn Catalog>, inventory: Arc<dyn Inventory>) -> Self {
        Recount { orders, catalog, inventory }
    }

    /// Counts, and calls `progress` with the number of orders after each page.
    pub async fn run(&self, intention: Intention, progress: impl Fn(usize)) -> Result<Recounted, Error> {
        let mut books = Books::default();
        let mut place = None;
        loop {
            let page = self.catalog.page(place.as_deref(), PAGE).await?;
            for product in page.products {
                self.open(&mut books, product.id).await?;
            }
            place = page.next;
            if place.is_none() {
                break;
            }
        }
        let orders = self.fold_orders(&mut books, progress).await?;
        let mut recounted = Recounted { orders, products: books.0.len(), differences: Vec::new() };
        for (product_id, (product, mut tally)) in books.0 {
            self.fold_movements(product_id, &mut tally).await?;
            recounted.differences.extend(self.compared(product_id, product, &tally, intention).await?);
        }
        Ok(recounted)
    }

    /// Looks at a product before anything of it is counted.
    async fn open(&self, books: &mut Books, id: ProductId) -> Result<(), Error> {
        if let Entry::Vacant(place) = books.0.entry(id) {
            let product = self.inventory.entry(id).await?.map(|entry| entry.product);
            place.insert((product, Tally::default()));
        }
        Ok(())
    }

    async fn fold_orders(&self, books: &mut Books, progress: impl Fn(usize)) -> Result<usize, Error> {
        let mut counted = 0;
        let mut query = ListQuery {
            scope: Scope::Everyone,
            statuses: Vec::new(),
            from: None,
            until: None,
            newest_first: false,
            limit: AT_ONCE,
            after: None,
        };
        loop {
            let page = self.orders.list(&query).await?;
            let ids: Vec<OrderId> = page.entries.iter().map(|summary| summary.id).collect();
            let histories = try_join_all(ids.iter().map(|id| self.orders.events(*id))).await?;
            for (id, history) in ids.iter().zip(histories) {
                for step in all_moves(*id, &records(*id, &history)?) {
                    self.open(books, step.product_id).await?;
                    if let Some((_, tally)) = books.0.get_mut(&step.product_id) {
                        tally.add(&step.deltas());
                    }
                }
            }
            counted += ids.len();
            progress(counted);
            query.after = page.next;
            if query.after.is_none() {
                return Ok(counted);
            }
        }
    }

    async fn fold_movements(&self, id: ProductId, tally: &mut Tally) -> Result<(), Error> {
        let mut place = None;
        loop {
            let page = self.inventory.movements(id, place.as_deref(), PAGE).await?;
            for movement in &page.movements {
                tally.add(&movement.kind.deltas(movement.quantity));
            }
            place = page.next;
            if place.is_none() {
                return Ok(());
            }
        }
    }

    async fn compared(
        &self,
        product_id: ProductId,
        product: Option<Product>,
        tally: &Tally,
        intention: Intention,
    ) -> Result<Option<Difference>, Error> {
        let Some(product) = product else {
            let (sku, stored) = (String::new(), Stock::default());
            return Ok(Some(Difference { product_id, sku, stored, found: Found::Gone }));
        };
        let stored = product.stock;
        let now = self.inventory.entry(product_id).await?.map(|entry| entry.product.stock);
        let found = match tally.stock(stored.received) {
            Ok(counted) if counted == stored => return Ok(None),
            _ if now != Some(stored) => Found::Moving,
            Err(missing) => Found::Missing(missing),
            Ok(counted) if intention == Intention::Look => Found::Counted(counted),
            Ok(counted) if self.inventory.set_counters(product_id, &stored, &counted).await? => Found::Written(counted),
            Ok(_) => Found::Moving,
        };
        Ok(Some(Difference { product_id, sku: product.sku, stored, found }))
    }
}

fn records(id: OrderId, history: &[Sealed]) -> Result<Vec<Record>, Error> {
    let damaged = |_| StoreError::Damaged(format!("an event of order {id} is unreadable"));
    let read = history.iter().map(|sealed| serde_json::from_str(&sealed.body).map_err(damaged));
    Ok(read.collect::<Result<_, _>>()?)
}
