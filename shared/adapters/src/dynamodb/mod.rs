//! The store on DynamoDB.
//!
//! Table `orders`, everything of one order under `ORDER#<id>`:
//!
//! | sort key | holds |
//! |---|---|
//! | `ORDER` | current state, index attributes, [`Summary`](oms_app::ports::Summary) for lists |
//! | `PERSON` | the only stored place of personal data |
//! | `EVENT#<version>` | one sealed event, never updated; what the stream's filter selects |
//! | `CHECKOUT#<payment id>` | a checkout page, due until it is settled; expires |
//! | `REFUND#<refund id>` | that a refund is pending at its provider, and when to ask; expires |
//! | `COMMAND#<key>` | what was done under a key; expires |
//! | `NOTICE#<version>#<channel>` | that a message was begun or sent; expires |
//!
//! and under `CUSTOMER#<user id>` / `CART#<hash>` the claim of a cart, under `PARKED#<hash>` / `PARKED` news that came
//! before its order; both expire. `CUSTOMER#<user id>` / `METHOD#<id>` is a kept means of payment, `REMOVED` / `<id>` one
//! that its provider has yet to forget; `PROVIDER#<name>` / `CIRCUIT` says whether a payment provider is asked. Table
//! `catalog`: `PRODUCT#<id>` / `PRODUCT` with its counters, beside it `PRODUCT#DETAIL`, `PRODUCT#SHARD#<number>` of hot
//! products, `EDIT#<version>`, `MOVEMENT#<time>#<id>`, `COMMAND#<key>` and `ALERT`; `SELLER#<id>` / `SKU#<sku>`; `RATES` /
//! `TAX`, `SHIPPING` and `PROMOTIONS`, beside each `<table>#<version>` with what it said before and
//! `CHANGE#<table>#<version>` with who changed it.
//!
//! The modules: [`keys`] names everything, `item` reads and writes items, `commit` builds the transaction, `outcome`
//! reads why one was cancelled, `hot` spreads the counters of products that everybody wants at once, `retry` says how
//! often it is repeated.

mod batch;
mod catalog;
mod circuits;
mod commit;
mod customers;
mod error;
mod follow_ups;
mod inventory;
mod inventory_items;
mod item;
pub mod keys;
mod list;
mod notices;
mod order_counts;
mod orders;
mod outcome;
mod payment_methods;
mod probe;
mod retry;
mod settings;
mod sharded_stock;
mod transact;

pub use catalog::DynamoCatalog;
pub use circuits::DynamoCircuits;
pub use customers::DynamoCustomers;
pub use follow_ups::DynamoFollowUps;
pub use inventory::DynamoInventory;
pub use notices::DynamoNotices;
pub use order_counts::DynamoOrderCounts;
pub use orders::DynamoOrders;
pub use payment_methods::DynamoPaymentMethods;
pub use probe::TableProbe;
pub use retry::RetryPolicy;
pub use settings::DynamoSettings;
pub use sharded_stock::SHARDS;

/// The names of the tables, from the variables `ORDERS_TABLE` and `CATALOG_TABLE`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Tables {
    /// Orders, events, persons, commands, notices, cart claims.
    #[serde(rename = "orders_table")]
    pub orders: String,
    /// Products, stock, rates.
    #[serde(rename = "catalog_table")]
    pub catalog: String,
}
