//! The port [`Catalog`] on DynamoDB.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use oms_app::ports::{Catalog, ProductPage, RateSchedule, Rates, StoreError};
use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;

use super::product_item::{SHARDS, product_item, read_product, shard_items};
use super::sharded_product::{self, counts};
use crate::dynamodb::batch::{MAX_BATCH_KEYS, batch};
use crate::dynamodb::error::failed;
use crate::dynamodb::item::{Item, item, json, key, read_parsed, read_text, text};
use crate::dynamodb::keys;
use crate::dynamodb::pricing::schedule::{read_returns, read_schedule};
use crate::dynamodb::tables::Tables;
use crate::dynamodb::writes::put_over;

/// The catalog.
#[derive(Debug, Clone)]
pub struct DynamoCatalog {
    client: Client,
    tables: Tables,
}

impl DynamoCatalog {
    /// A catalog in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        DynamoCatalog { client, tables }
    }

    async fn batch(&self, wanted: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        batch(&self.client, &self.tables.catalog, wanted).await
    }

    async fn products(&self, ids: impl Iterator<Item = ProductId>) -> Result<Vec<Product>, StoreError> {
        let keys = ids.map(|id| key(keys::product_pk(id), keys::PRODUCT)).collect();
        let products = self.batch(keys).await?.into_iter().map(read_product).collect::<Result<_, _>>()?;
        self.summed(products).await
    }

    /// Hot products with what their shards count, in one more round trip if there are any.
    async fn summed(&self, products: Vec<Product>) -> Result<Vec<Product>, StoreError> {
        let hot = products.iter().filter(|product| product.hot);
        let shards = |id: ProductId| (0..SHARDS).map(move |number| key(keys::product_pk(id), keys::shard_sk(number)));
        let wanted: Vec<Item> = hot.flat_map(|product| shards(product.id)).collect();
        let mut found: HashMap<ProductId, Vec<_>> = HashMap::new();
        for shard in self.batch(wanted).await? {
            found.entry(read_parsed(&shard, keys::PK, keys::product_of)?).or_default().push(counts(&shard));
        }
        let sum = |product: Product| match found.get(&product.id) {
            Some(shards) => sharded_product::summed(product, shards),
            None => product,
        };
        Ok(products.into_iter().map(sum).collect())
    }
}

#[async_trait]
impl Catalog for DynamoCatalog {
    async fn quote(&self, ids: &[ProductId]) -> Result<(Vec<Product>, RateSchedule), StoreError> {
        let mut unique: Vec<ProductId> = ids.to_vec();
        unique.sort_unstable();
        unique.dedup();
        let mut wanted: Vec<Item> =
            [keys::TAX, keys::SHIPPING, keys::PROMOTIONS, keys::RETURNS].map(|table| key(keys::RATES, table)).into();
        wanted.extend(unique.into_iter().map(|id| key(keys::product_pk(id), keys::PRODUCT)));
        let mut rates = RateSchedule::default();
        let mut products = Vec::new();
        for item in self.batch(wanted).await? {
            match read_text(&item, keys::SK)? {
                keys::TAX => rates.taxes = read_schedule(&item)?,
                keys::SHIPPING => rates.shipping = read_schedule(&item)?,
                keys::PROMOTIONS => rates.promotions = read_schedule(&item)?,
                keys::RETURNS => rates.returns = read_returns(&item)?,
                _product => products.push(read_product(item)?),
            }
        }
        Ok((self.summed(products).await?, rates))
    }

    async fn product(&self, id: ProductId) -> Result<Option<Product>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.catalog)
            .set_key(Some(key(keys::product_pk(id), keys::PRODUCT)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("GetItem", &error))?;
        match found.item.map(read_product).transpose()? {
            Some(product) if product.hot => {
                Ok(sharded_product::read(&self.client, &self.tables, id).await?.map(|sharded| sharded.product))
            }
            plain => Ok(plain),
        }
    }

    async fn page(&self, after: Option<&str>, limit: usize) -> Result<ProductPage, StoreError> {
        let limit = limit.clamp(1, MAX_BATCH_KEYS);
        let mut call = self
            .client
            .query()
            .table_name(&self.tables.catalog)
            .index_name(keys::LISTING)
            .expression_attribute_names("#list", keys::LIST)
            .expression_attribute_values(":list", text(keys::PRODUCT))
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        call = match after.filter(|after| !after.is_empty()) {
            None => call.key_condition_expression("#list = :list"),
            Some(after) => call
                .key_condition_expression("#list = :list AND #list_key > :after")
                .expression_attribute_names("#list_key", keys::LIST_KEY)
                .expression_attribute_values(":after", text(after)),
        };
        let found = call.send().await.map_err(|error| failed("Query", &error))?;
        let listed = found.items();
        let shown = listed.get(..limit).unwrap_or(listed);
        let next = match shown.last().filter(|_| listed.len() > limit) {
            Some(last) => Some(read_text(last, keys::LIST_KEY)?.to_owned()),
            None => None,
        };
        let ids =
            shown.iter().map(|item| read_parsed(item, keys::PK, keys::product_of)).collect::<Result<Vec<_>, _>>()?;
        let mut products = self.products(ids.into_iter()).await?;
        products.retain(|product| product.active);
        products.sort_by_cached_key(|product| keys::list_key(&product.name, product.id));
        Ok(ProductPage { products, next })
    }

    async fn add(&self, product: &Product) -> Result<bool, StoreError> {
        for shard in shard_items(product) {
            let put = self.client.put_item().table_name(&self.tables.catalog).set_item(Some(shard));
            put.send().await.map_err(|error| failed("PutItem", &error))?;
        }
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.catalog)
            .set_item(Some(product_item(product)?))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(failed("PutItem", &error)),
        }
    }

    async fn set_rates(&self, rates: &Rates) -> Result<(), StoreError> {
        let put = |sk: &str, body| {
            let stored = item(keys::RATES.into(), sk.into(), [(keys::BODY, body)]);
            put_over(&self.tables.catalog, stored)
        };
        let puts = vec![
            put(keys::TAX, json(&rates.taxes)?)?,
            put(keys::SHIPPING, json(&rates.shipping)?)?,
            put(keys::PROMOTIONS, json(&rates.promotions)?)?,
        ];
        let call = self.client.transact_write_items().set_transact_items(Some(puts));
        call.send().await.map(|_| ()).map_err(|error| failed("TransactWriteItems", &error))
    }
}
