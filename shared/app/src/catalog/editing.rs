//! What all who manage the catalog have in common: who may, what a valid entry is, and how an edit is written (F8).

use std::collections::HashSet;

use jiff::Timestamp;
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::catalog::movement::MAX_MOVED_UNITS;
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::{Edit, Product, ProductDetail};
use oms_domain::ids::{ProductId, SellerId};
use oms_domain::money::{Amount, Currency, MAX_PRICE_MINOR_UNITS, Money};
use oms_domain::ordering::MAX_QUANTITY;
use oms_domain::text::{is_blank, is_one_line, is_plain};
use rust_decimal::Decimal;

use crate::error::{Error, Field};
use crate::intent::Intent;
use crate::ports::{Clock, EditError, Inventory, ProductEntry, Random};

/// Longest name, in characters; with the other bounds it keeps the item that orders touch small.
pub const MAX_NAME_CHARACTERS: usize = 120;
/// Longest SKU, in characters.
pub const MAX_SKU_CHARACTERS: usize = 40;
/// Longest category, in characters.
pub const MAX_CATEGORY_CHARACTERS: usize = 40;
/// Longest tax class, in characters.
pub const MAX_TAX_CLASS_CHARACTERS: usize = 40;
/// Longest description, in characters.
pub const MAX_DESCRIPTION_CHARACTERS: usize = 2_000;
/// Most images.
pub const MAX_IMAGES: usize = 10;
/// Longest address of an image, in characters.
pub const MAX_IMAGE_CHARACTERS: usize = 500;
/// Most countries that can be named; who sells to more sells everywhere.
pub const MAX_REGIONS: usize = 60;
/// Heaviest unit, in grams.
pub const MAX_WEIGHT_GRAMS: u32 = 1_000_000;

/// How often an edit without `If-Match` starts over because others changed the entry first.
const MAX_ROUNDS: u32 = 16;

/// The fields of an entry that were given; those that were not stay as they are. Texts are as the client wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given {
    /// The seller's code.
    pub sku: Option<String>,
    /// What customers call it.
    pub name: Option<String>,
    /// Groups products that can stand in for each other.
    pub category: Option<String>,
    /// Plain text.
    pub description: Option<String>,
    /// Decimal, in the entry's currency.
    pub price: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Row of the tax table.
    pub tax_class: Option<String>,
    /// Weight of a unit, in grams.
    pub weight_grams: Option<u32>,
    /// Countries it is sold to; empty means everywhere.
    pub regions: Option<Vec<String>>,
    /// Addresses of images.
    pub images: Option<Vec<String>>,
    /// At how many units administrators are told; nothing for never.
    pub low_stock_threshold: Option<Option<u32>>,
    /// Most units in one order; nothing for the shop's own limit.
    pub max_per_order: Option<Option<u32>>,
    /// Whether it is sold.
    pub active: Option<bool>,
    /// Whether its counters are kept in several places, for products that everybody wants at once.
    pub hot: Option<bool>,
}

/// A hot product has many items, all of which every page of the catalog reads: only who runs the shop may ask for that (A4).
pub(crate) fn may_be_hot(caller: &Caller, given: &Given) -> Result<(), Error> {
    match caller {
        Caller::Customer(_) | Caller::Seller { .. } if given.hot.is_some() => {
            Err(Error::Forbidden("only admins may say whether a product's counters are spread"))
        }
        Caller::Customer(_) | Caller::Seller { .. } | Caller::Admin(_) => Ok(()),
    }
}

/// Whose a new product will be: a seller's own; an admin says whose.
pub(crate) fn seller_of(
    operation: Operation,
    caller: &Caller,
    given: Option<&str>,
    pointer: &str,
) -> Result<SellerId, Error> {
    operation.open_to(caller)?;
    let fault = |message: &dyn std::fmt::Display| Error::Invalid(vec![Field::new(pointer, message)]);
    let given: Option<SellerId> = given.map(str::parse).transpose().map_err(|error| fault(&error))?;
    let seller = match (caller, given) {
        (_, Some(seller)) => seller,
        (Caller::Seller { seller, .. }, None) => seller.clone(),
        (Caller::Customer(_) | Caller::Admin(_), None) => {
            return Err(fault(&"is required when an admin adds a product"));
        }
    };
    operation.permits(caller, &seller)?;
    Ok(seller)
}

/// Collects what is wrong, each with its place.
#[derive(Default)]
struct Faults(Vec<Field>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, message: impl ToString) {
        self.0.push(Field::new(pointer, message));
    }

    /// A single line of 1 to `most` characters without control characters or spaces around it.
    fn line(&mut self, pointer: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if length == 0 || length > most {
            self.add(pointer, format!("must have 1 to {most} characters"));
        } else if !is_one_line(text) || text.trim() != text {
            self.add(pointer, "must be one line without leading or trailing spaces");
        } else if is_blank(text) {
            self.add(pointer, "must not be blank");
        }
    }
}

impl Given {
    /// What is wrong with a whole new entry, whoever's it will be.
    pub(crate) fn faults(&self, units: u32) -> Vec<Field> {
        let Ok(somebody) = "somebody".parse() else { return Vec::new() };
        match self.created(ProductId::new(uuid::Uuid::nil()), somebody, units) {
            Err(Error::Invalid(faults)) => faults,
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    /// A whole new entry: what every product needs must be there.
    pub fn created(&self, id: ProductId, seller_id: SellerId, units: u32) -> Result<ProductEntry, Error> {
        let mut faults = Faults::default();
        let needed = [
            ("/sku", self.sku.is_none()),
            ("/name", self.name.is_none()),
            ("/category", self.category.is_none()),
            ("/price", self.price.is_none()),
            ("/currency", self.currency.is_none()),
        ];
        needed.iter().filter(|(_, missing)| *missing).for_each(|(pointer, _)| faults.add(*pointer, "is missing"));
        if units > MAX_MOVED_UNITS {
            faults.add("/units", format!("must be at most {MAX_MOVED_UNITS}"));
        }
        // Only stands in while faults are collected: without a currency nothing is created.
        let currency = self.currency.as_deref().and_then(|code| code.parse().ok()).or_else(|| "EUR".parse().ok());
        let Some(currency) = currency else { return Err(Error::Internal("no currencies are known".to_owned())) };
        let blank = Product {
            id,
            sku: String::new(),
            name: String::new(),
            category: String::new(),
            seller_id,
            price: Amount::ZERO,
            currency,
            currency_since: None,
            tax_class: "standard".to_owned(),
            active: true,
            regions: Vec::new(),
            stock: Stock::received(units),
            version: 1,
            weight_grams: 0,
            low_stock_threshold: None,
            max_per_order: None,
            hot: false,
        };
        let blank = ProductEntry { product: blank, detail: ProductDetail::default() };
        match self.applied(&blank, &mut faults) {
            entry if faults.0.is_empty() => Ok(entry),
            _ => Err(Error::Invalid(faults.0)),
        }
    }

    /// The entry with these fields and the next version `at` this time, and the names of the fields that differ.
    pub fn changed(&self, before: &ProductEntry, at: Timestamp) -> Result<(ProductEntry, Vec<String>), Error> {
        let mut faults = Faults::default();
        if self.currency.as_deref().is_some_and(|code| code != before.product.currency.code()) && self.price.is_none() {
            faults.add("/price", "is required when the currency changes");
        }
        let mut after = self.applied(before, &mut faults);
        if !faults.0.is_empty() {
            return Err(Error::Invalid(faults.0));
        }
        let fields = differences(before, &after);
        if after.product.currency != before.product.currency {
            after.product.currency_since = Some(at);
        }
        if !fields.is_empty() {
            after.product.version += 1;
        }
        Ok((after, fields))
    }

    fn applied(&self, before: &ProductEntry, faults: &mut Faults) -> ProductEntry {
        let mut after = before.clone();
        let product = &mut after.product;
        if let Some(sku) = &self.sku {
            faults.line("/sku", sku, MAX_SKU_CHARACTERS);
            if !sku.bytes().all(|byte| byte.is_ascii_graphic()) {
                faults.add("/sku", "must be visible ASCII characters");
            }
            product.sku.clone_from(sku);
        }
        if let Some(name) = &self.name {
            faults.line("/name", name, MAX_NAME_CHARACTERS);
            product.name.clone_from(name);
        }
        if let Some(category) = &self.category {
            faults.line("/category", category, MAX_CATEGORY_CHARACTERS);
            product.category.clone_from(category);
        }
        if let Some(class) = &self.tax_class {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
            if !(1..=MAX_TAX_CLASS_CHARACTERS).contains(&class.len()) || !class.bytes().all(plain) {
                faults.add("/tax_class", "must be 1 to 40 of a-z, 0-9, _ and -");
            }
            product.tax_class.clone_from(class);
        }
        self.apply_price(product, faults);
        if let Some(grams) = self.weight_grams {
            if grams > MAX_WEIGHT_GRAMS {
                faults.add("/weight_grams", format!("must be at most {MAX_WEIGHT_GRAMS}"));
            }
            product.weight_grams = grams;
        }
        if let Some(regions) = &self.regions {
            product.regions = checked_regions(regions, faults);
        }
        if let Some(threshold) = self.low_stock_threshold {
            if threshold.is_some_and(|units| units > MAX_MOVED_UNITS) {
                faults.add("/low_stock_threshold", format!("must be at most {MAX_MOVED_UNITS}"));
            }
            product.low_stock_threshold = threshold;
        }
        if let Some(most) = self.max_per_order {
            if most.is_some_and(|units| !(1..=MAX_QUANTITY).contains(&units)) {
                faults.add("/max_per_order", format!("must be 1 to {MAX_QUANTITY}"));
            }
            product.max_per_order = most;
        }
        product.active = self.active.unwrap_or(product.active);
        product.hot = self.hot.unwrap_or(product.hot);
        if let Some(text) = &self.description {
            if text.chars().count() > MAX_DESCRIPTION_CHARACTERS {
                faults.add("/description", format!("must have at most {MAX_DESCRIPTION_CHARACTERS} characters"));
            } else if !is_plain(text) {
                faults.add("/description", "must be plain text");
            }
            after.detail.description.clone_from(text);
        }
        if let Some(images) = &self.images {
            check_images(images, faults);
            after.detail.images.clone_from(images);
        }
        after
    }

    fn apply_price(&self, product: &mut Product, faults: &mut Faults) {
        let currency = match self.currency.as_deref().map(str::parse::<Currency>) {
            Some(Ok(currency)) => currency,
            Some(Err(error)) => {
                faults.add("/currency", error);
                // Its digits are not known; that it is no amount of anything is.
                if self.price.as_deref().is_some_and(|text| text.parse::<Decimal>().is_err()) {
                    faults.add("/price", "must be a decimal such as 19.90");
                }
                return;
            }
            // A new price is counted as the currency is today.
            None => product.currency.today(),
        };
        let Some(text) = &self.price else {
            if currency.code() != product.currency.code() {
                product.currency = currency;
            }
            return;
        };
        product.currency = currency;
        match Money::parse(text, product.currency) {
            Ok(money) if (0..=MAX_PRICE_MINOR_UNITS).contains(&money.amount.minor()) => product.price = money.amount,
            Ok(_) => faults.add("/price", "must not be negative or too large for an order"),
            Err(error) => faults.add("/price", error),
        }
    }
}

fn checked_regions(regions: &[String], faults: &mut Faults) -> Vec<String> {
    if regions.len() > MAX_REGIONS {
        faults.add("/regions", format!("must be at most {MAX_REGIONS} countries"));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    for (place, region) in regions.iter().enumerate() {
        let known = region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase());
        if !known || rust_iso3166::from_alpha2(region).is_none() {
            faults.add(format!("/regions/{place}"), "is not an ISO 3166-1 alpha-2 code such as DE");
        } else if !seen.insert(region) {
            faults.add(format!("/regions/{place}"), "is listed twice");
        }
    }
    regions.to_vec()
}

fn check_images(images: &[String], faults: &mut Faults) {
    if images.len() > MAX_IMAGES {
        return faults.add("/images", format!("must be at most {MAX_IMAGES}"));
    }
    for (place, image) in images.iter().enumerate() {
        let url = url::Url::parse(image).ok();
        let fits = image.len() <= MAX_IMAGE_CHARACTERS
            && !image.contains(char::is_whitespace)
            && url.is_some_and(|url| url.scheme() == "https" && url.host_str().is_some() && url.username().is_empty());
        if !fits {
            faults.add(format!("/images/{place}"), "must be an absolute https address of at most 500 characters");
        }
    }
}

fn differences(before: &ProductEntry, after: &ProductEntry) -> Vec<String> {
    let (old, new) = (&before.product, &after.product);
    let all = [
        ("sku", old.sku != new.sku),
        ("name", old.name != new.name),
        ("category", old.category != new.category),
        ("description", before.detail.description != after.detail.description),
        ("price", old.price != new.price),
        ("currency", old.currency != new.currency),
        ("tax_class", old.tax_class != new.tax_class),
        ("weight_grams", old.weight_grams != new.weight_grams),
        ("regions", old.regions != new.regions),
        ("images", before.detail.images != after.detail.images),
        ("low_stock_threshold", old.low_stock_threshold != new.low_stock_threshold),
        ("max_per_order", old.max_per_order != new.max_per_order),
        ("active", old.active != new.active),
        ("hot", old.hot != new.hot),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect()
}

/// The edit of a product by a person, now.
pub(crate) fn edit_by(caller: &Caller, correlation_id: &str, clock: &dyn Clock, random: &dyn Random) -> Edit {
    let at = clock.now();
    Edit {
        id: random.uuid_v7(at),
        version: 1,
        at,
        actor: caller.actor(),
        correlation_id: correlation_id.to_owned(),
        fields: Vec::new(),
        request: None,
    }
}

/// Who edits which entry how.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    pub(crate) operation: Operation,
    pub(crate) product_id: ProductId,
    pub(crate) intent: &'a Intent,
    pub(crate) given: &'a Given,
    pub(crate) edit: Edit,
}

/// Loads, checks and writes an edit; starts over when others were first, unless the caller named a version.
pub(crate) async fn write(inventory: &dyn Inventory, wanted: Wanted<'_>) -> Result<ProductEntry, Error> {
    let intent = wanted.intent;
    for _ in 0..MAX_ROUNDS {
        let before = inventory.entry(wanted.product_id).await?.ok_or(Error::NotFound)?;
        wanted.operation.permits(&intent.caller, &before.product.seller_id)?;
        let current = before.product.version;
        if intent.expected_version.is_some_and(|expected| expected != current) {
            return Err(Error::VersionConflict { current });
        }
        let (after, fields) = wanted.given.changed(&before, wanted.edit.at)?;
        if fields.is_empty() {
            return Ok(before);
        }
        let edit = Edit { version: after.product.version, fields, ..wanted.edit.clone() };
        match inventory.edit(&before, &after, &edit).await {
            Ok(()) => return Ok(after),
            Err(EditError::Stale) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    Err(Error::Contended)
}

pub(crate) fn refused(error: EditError) -> Error {
    match error {
        EditError::SkuTaken(id) => Error::SkuTaken(id),
        EditError::Exists(_) | EditError::Stale | EditError::Contended => Error::Contended,
        EditError::Store(error) => error.into(),
    }
}
