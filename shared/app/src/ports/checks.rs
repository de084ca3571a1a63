//! Judges of what we know little about: taxes and addresses. Built in are tables and forms; a provider may know better.

use async_trait::async_trait;
use oms_domain::money::Amount;
use oms_domain::ordering::address::{Address, AddressError, Checked, Destination};
use oms_domain::pricing::{Item, TaxTable, Taxes};

/// A provider cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Outage(pub String);

/// What is to be taxed.
#[derive(Debug, Clone, Copy)]
pub struct Taxable<'a> {
    /// The lines, after discounts.
    pub items: &'a [Item<'a>],
    /// What bringing them costs.
    pub shipping: Amount,
    /// Where they go.
    pub destination: &'a Destination,
}

/// Says what tax is due.
#[async_trait]
pub trait TaxCalculator: Send + Sync {
    /// The tax of each line and of shipping. `table` is what the shop's admins have set.
    async fn assess(&self, taxable: Taxable<'_>, table: &TaxTable) -> Result<Taxes, Outage>;
}

/// Says whether an address can be delivered to.
#[async_trait]
pub trait AddressValidator: Send + Sync {
    /// The address as its country writes it, or everything that is wrong with it.
    async fn validate(&self, address: &Address) -> Result<Result<Checked<Address>, Vec<AddressError>>, Outage>;
}
