//! The store on DynamoDB.
//!
//! Table `orders`, everything of one order under `ORDER#<id>`:
//!
//! | sort key | holds |
//! |---|---|
//! | `ORDER` | current state, index attributes, [`Summary`](oms_app::ports::Summary) for lists |
//! | `PERSON`, `PERSON#<version>` | the only stored places of personal data: who it is, and what was written later |
//! | `EVENT#<version>` | one sealed event, never updated; what the stream's filter selects |
//! | `CHECKOUT#<payment id>` | a checkout page, due until it is settled; expires |
//! | `REFUND#<refund id>` | that a refund is pending at its provider, and when to ask; expires |
//! | `COMMAND#<key>` | what was done under a key; expires |
//! | `NOTICE#<version>#<channel>` | that a message was begun or sent; expires |
//! | `PUBLISHED` | up to which event the order was published; due while the stream has given up on one |
//! | `SHIPMENT#<number>` | what lists show of a shipment |
//!
//! and under `CUSTOMER#<user id>` / `CART#<hash>` the claim of a cart, under `PARKED#<hash>` / `PARKED` news that came
//! before its order; both expire. `CUSTOMER#<user id>` / `METHOD#<id>` is a kept means of payment, `REMOVED` / `<id>` one
//! that its provider has yet to forget; `PROVIDER#<name>` / `CIRCUIT` says whether a payment provider is asked,
//! `PARCEL#<carrier>#<number>` / `PARCEL` what a carrier has told of a parcel. Table
//! `catalog`: `PRODUCT#<id>` / `PRODUCT` with its counters, beside it `PRODUCT#DETAIL`, `PRODUCT#SHARD#<number>` of hot
//! products, `EDIT#<version>`, `MOVEMENT#<time>#<id>`, `COMMAND#<key>` and `ALERT`; `SELLER#<id>` / `SKU#<sku>`; `RATES` /
//! `TAX`, `SHIPPING` and `PROMOTIONS`, beside each `<table>#<version>` with what it said before and
//! `CHANGE#<table>#<version>` with who changed it.
//!
//! Files stand in folders by context. What all of them use stands here: [`keys`] names everything, `item` and `writes`
//! put items and parts of transactions together, `transact` sends transactions and `retry` says how often, `outcome` reads
//! why one was cancelled. `ordering/transaction` builds the one transaction of a commit, with an item of each companion
//! (`companions`), `ordering/refusals` reads why it was not written, `catalog/placement` spreads the counters of products
//! that everybody wants at once.

mod batch;
mod catalog;
mod companions;
mod customers;
mod due;
mod error;
mod fulfilment;
mod insights;
mod item;
pub mod keys;
mod messaging;
mod ordering;
mod outcome;
mod payments;
mod platform;
mod pricing;
mod retry;
mod tables;
mod transact;
mod writes;

pub use catalog::inventory::DynamoInventory;
pub use catalog::product_item::SHARDS;
pub use catalog::products::DynamoCatalog;
pub use customers::allowances::DynamoAllowances;
pub use customers::standings::DynamoCustomers;
pub use fulfilment::parcels::DynamoParcels;
pub use insights::order_counts::DynamoOrderCounts;
pub use messaging::notices::DynamoNotices;
pub use ordering::orders::DynamoOrders;
pub use payments::circuits::DynamoCircuits;
pub use payments::follow_ups::DynamoFollowUps;
pub use payments::payment_methods::DynamoPaymentMethods;
pub use platform::outbox::DynamoOutbox;
pub use platform::probe::TableProbe;
pub use pricing::settings::DynamoSettings;
pub use retry::RetryPolicy;
pub use tables::Tables;
