//! A hot product as it is read: its own item and its shards.

use aws_sdk_dynamodb::Client;
use oms_app::ports::StoreError;
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::{Counter, Stock};
use oms_domain::ids::ProductId;

use super::product_item::read_product;
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::tables::Tables;

/// What a shard counts.
pub(crate) const SHARD_COUNTERS: [Counter; 3] = [Counter::Available, Counter::Reserved, Counter::Shipped];

/// A product with its shards, read one after the other: while orders come, the sums are those of no single moment.
#[derive(Debug, Clone)]
pub(crate) struct ShardedProduct {
    /// With the sums.
    pub(crate) product: Product,
    /// The counters of its own item.
    pub(crate) base: Stock,
    /// What each shard adds to them, by [`SHARD_COUNTERS`].
    pub(crate) shards: Vec<[i64; SHARD_COUNTERS.len()]>,
}

impl ShardedProduct {
    /// The product of these items, which may be none.
    pub(crate) fn of(items: impl IntoIterator<Item = Item>) -> Result<Option<Self>, StoreError> {
        let (mut own, mut shards) = (None, Vec::new());
        for item in items {
            match read_text(&item, keys::SK)? {
                keys::PRODUCT => own = Some(read_product(item)?),
                sk if sk.starts_with(keys::SHARD_PREFIX) => shards.push(SHARD_COUNTERS.map(|of| count(&item, of))),
                _other_parts => {}
            }
        }
        Ok(own.map(|product| ShardedProduct { base: product.stock, product: summed(product, &shards), shards }))
    }

    /// Units that can be ordered, by place: the base first.
    pub(crate) fn units(&self) -> Vec<u32> {
        let shards = self.shards.iter().map(|[available, ..]| u32::try_from(*available).unwrap_or(0));
        std::iter::once(self.base.available).chain(shards).collect()
    }
}

/// A counter of a shard; one that was never moved is zero.
fn count(shard: &Item, counter: Counter) -> i64 {
    let digits = shard.get(counter.name()).and_then(|value| value.as_n().ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The product with what its shards count.
pub(crate) fn summed(product: Product, shards: &[[i64; SHARD_COUNTERS.len()]]) -> Product {
    let mut stock = product.stock;
    for (place, counter) in SHARD_COUNTERS.into_iter().enumerate() {
        let own = match counter {
            Counter::Available => &mut stock.available,
            Counter::Reserved => &mut stock.reserved,
            Counter::Shipped => &mut stock.shipped,
            Counter::OnHold | Counter::Damaged | Counter::Returned | Counter::Received | Counter::WrittenOff => {
                continue;
            }
        };
        let sum = i64::from(*own) + shards.iter().map(|shard| shard[place]).sum::<i64>();
        // Below zero only between two reads; see [`ShardedProduct`].
        *own = u32::try_from(sum.max(0)).unwrap_or(u32::MAX);
    }
    Product { stock, ..product }
}

/// What a shard counts, from its item.
pub(crate) fn counts(shard: &Item) -> [i64; SHARD_COUNTERS.len()] {
    SHARD_COUNTERS.map(|counter| count(shard, counter))
}

/// A product and its shards, in one round trip.
pub(crate) async fn read(
    client: &Client,
    tables: &Tables,
    id: ProductId,
) -> Result<Option<ShardedProduct>, StoreError> {
    let call = client
        .query()
        .table_name(&tables.catalog)
        .key_condition_expression("pk = :pk AND begins_with(sk, :product)")
        .expression_attribute_values(":pk", text(keys::product_pk(id)))
        .expression_attribute_values(":product", text(keys::PRODUCT))
        .consistent_read(true);
    let found = call.send().await.map_err(|error| failed("Query", &error))?;
    ShardedProduct::of(found.items.unwrap_or_default())
}
