//! Adds and changes products from CSV (F8).
//!
//! 1. The header names the columns in any order; an unknown or repeated column is a mistake, not a thing to skip. Exports of
//!    Shopify and `WooCommerce` are understood as they are ([`crate::catalog::product_file`]).
//! 2. Each row stands for itself: a SKU that the seller has is changed, another one is created, each in one
//!    transaction. A row that fails has changed nothing and names every fault; the others go on.
//! 3. `units` count at creation only: the same file again doubles no stock. An empty cell leaves the field as it is.
//!
//! Imported twice, a file leaves the catalog as imported once.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::card::{NO_CARD_NUMBERS, card_like};
use oms_domain::ids::ProductId;

use crate::catalog::create_product::{self, CreateProduct};
use crate::catalog::editing::{Given, seller_of};
use crate::catalog::product_file::{Assumed, FileRow, ProductFile};
use crate::catalog::update_product::UpdateProduct;
use crate::error::{Error, Field};
use crate::intent::Intent;
use crate::ports::{Clock, Inventory, Random, StoreError};

/// Most rows of one request: what fits the time that a request may take.
pub const MAX_ROWS: usize = 100;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    /// A new product.
    Created(ProductId),
    /// Changed, or already as the row says.
    Updated(ProductId),
    /// Nothing was written.
    Failed(Vec<Field>),
}

/// One row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult {
    /// Its number, the first one after the header being 1; empty rows count and have no result.
    pub row: usize,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// Columns of texts that machines make, which may look like a card's number by chance.
const MACHINE_MADE: [&str; 3] = ["sku", "images", "seller_id"];

pub struct ImportProducts {
    inventory: Arc<dyn Inventory>,
    create: CreateProduct,
    update: UpdateProduct,
}

impl ImportProducts {
    pub fn new(inventory: Arc<dyn Inventory>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        ImportProducts {
            create: CreateProduct::new(inventory.clone(), clock.clone(), random.clone()),
            update: UpdateProduct::new(inventory.clone(), clock, random),
            inventory,
        }
    }

    /// Imports the file; a file that cannot be read as a table is refused as a whole. What its rows leave open
    /// is as `assumed`.
    pub async fn run(&self, intent: &Intent, csv: &[u8], assumed: &Assumed<'_>) -> Result<Vec<RowResult>, Error> {
        Operation::ImportProducts.open_to(&intent.caller)?;
        let file = ProductFile::read(csv, assumed)?;
        if file.rows.len() > MAX_ROWS {
            return Err(Error::Malformed(format!("the file has more than {MAX_ROWS} rows")));
        }
        // Each row is a command of its own, without version and key.
        let row_intent = Intent::by(intent.caller.clone(), &intent.correlation_id);
        let mut results = Vec::with_capacity(file.rows.len());
        for FileRow { number, cells } in file.rows {
            let outcome = match cells.map(|cells| Row::read(&file.columns, &cells)) {
                Ok((row, faults)) if faults.is_empty() => self.import(&row_intent, row).await?,
                Ok((row, faults)) => RowOutcome::Failed(self.rest_of(&row_intent, &row, faults).await?),
                Err(faults) => RowOutcome::Failed(faults),
            };
            results.push(RowResult { row: number, outcome });
        }
        Ok(results)
    }

    /// Fails as a whole only when the store does: then asking again does the rest.
    async fn import(&self, intent: &Intent, row: Row) -> Result<RowOutcome, StoreError> {
        let seller = row.seller_id.as_deref();
        let result = match seller_of(Operation::ImportProducts, &intent.caller, seller, "/seller_id") {
            Ok(seller) => match self.inventory.by_sku(&seller, row.given.sku.as_deref().unwrap_or_default()).await? {
                Some(id) => self.update.run(id, intent, &row.given).await.map(|_| RowOutcome::Updated(id)),
                None => self.create(intent, row).await,
            },
            Err(Error::Invalid(faults)) => Ok(RowOutcome::Failed(self.rest_of(intent, &row, faults).await?)),
            Err(error) => Err(error),
        };
        match result {
            Ok(outcome) => Ok(outcome),
            Err(Error::ServiceUnavailable(why)) => Err(StoreError::Unavailable(why)),
            Err(Error::Internal(what)) => Err(StoreError::Damaged(what)),
            Err(Error::Invalid(faults)) => Ok(RowOutcome::Failed(faults)),
            Err(other) => Ok(RowOutcome::Failed(vec![Field::new("", other)])),
        }
    }

    /// All that is wrong with a row of which some cells cannot be read: what else its product lacks is told, too.
    async fn rest_of(&self, intent: &Intent, row: &Row, mut told: Vec<Field>) -> Result<Vec<Field>, StoreError> {
        let seller = seller_of(Operation::ImportProducts, &intent.caller, row.seller_id.as_deref(), "/seller_id");
        let known = match (&seller, &row.given.sku) {
            (Ok(seller), Some(sku)) => self.inventory.by_sku(seller, sku).await?,
            (Ok(_) | Err(_), _) => None,
        };
        let before = match known {
            Some(id) => self.inventory.entry(id).await?,
            None => None,
        };
        let rest = match before {
            Some(before) => row.given.changed(&before, before.product.currency_since.unwrap_or_default()).err(),
            None => Some(Error::Invalid(row.given.faults(row.units))),
        };
        // Whose product it may be is told once the row can be read.
        let named = |error| if let Error::Invalid(faults) = error { faults } else { Vec::new() };
        for fault in seller.err().into_iter().chain(rest).flat_map(named) {
            if !told.iter().any(|known| known.pointer == fault.pointer) {
                told.push(fault);
            }
        }
        Ok(told)
    }

    async fn create(&self, intent: &Intent, row: Row) -> Result<RowOutcome, Error> {
        let request = create_product::Request { seller_id: row.seller_id, given: row.given, units: row.units };
        let created = self.create.run(intent, request).await?;
        Ok(RowOutcome::Created(created.entry.product.id))
    }
}

/// A row as it was understood.
#[derive(Debug, Default)]
struct Row {
    given: Given,
    units: u32,
    seller_id: Option<String>,
}

impl Row {
    fn read(columns: &[String], cells: &[String]) -> (Row, Vec<Field>) {
        let mut row = Row::default();
        let mut faults = Vec::new();
        for (column, text) in columns.iter().zip(cells).filter(|(_, text)| !text.is_empty()) {
            if !MACHINE_MADE.contains(&column.as_str()) && card_like(text) {
                faults.push(Field::new(format!("/{column}"), NO_CARD_NUMBERS));
            } else {
                row.take(column, text, &mut faults);
            }
        }
        if row.given.sku.is_none() {
            faults.push(Field::new("/sku", "is missing"));
        }
        (row, faults)
    }

    fn take(&mut self, column: &str, text: &str, faults: &mut Vec<Field>) {
        let mut number = || {
            let parsed = text.parse::<u32>().ok();
            if parsed.is_none() {
                faults.push(Field::new(format!("/{column}"), "is not a whole number"));
            }
            parsed
        };
        let trimmed = |part: &str| Some(part.trim().to_owned()).filter(|part| !part.is_empty());
        let list = || text.split([';', ',', '|']).filter_map(trimmed).collect();
        let given = &mut self.given;
        match column {
            "sku" => given.sku = Some(text.to_owned()),
            "name" => given.name = Some(text.to_owned()),
            "category" => given.category = Some(text.to_owned()),
            "price" => given.price = Some(text.to_owned()),
            "currency" => given.currency = Some(text.to_owned()),
            "tax_class" => given.tax_class = Some(text.to_owned()),
            "description" => given.description = Some(text.to_owned()),
            "weight_grams" => given.weight_grams = number(),
            "low_stock_threshold" => given.low_stock_threshold = number().map(Some),
            "max_per_order" => given.max_per_order = number().map(Some),
            "units" => self.units = number().unwrap_or_default(),
            "regions" => given.regions = Some(list()),
            "images" => given.images = Some(addresses(text)),
            "seller_id" => self.seller_id = Some(text.to_owned()),
            // The header has been checked against the same names.
            _ => {}
        }
    }
}

/// Addresses with anything between them that exports write: semicolons, bars, line breaks, and commas. A comma may stand
/// within an address, so only one with another address behind it is a separator.
fn addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split([';', '|', '\n']) {
        let mut begins = true;
        for piece in part.split(',').map(str::trim) {
            let address = piece.starts_with("https://") || piece.starts_with("http://");
            match found.last_mut() {
                Some(last) if !begins && !address => {
                    last.push(',');
                    last.push_str(piece);
                }
                Some(_) | None if piece.is_empty() => {}
                Some(_) | None => {
                    found.push(piece.to_owned());
                    begins = false;
                }
            }
        }
    }
    found
}
