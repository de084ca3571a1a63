//! The judges that orders and quotes ask, and the built-in ones.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use oms_domain::ordering::address::{Address, AddressError, Checked};
use oms_domain::pricing::{TaxTable, Taxes};

use crate::error::{Error, Field};
use crate::ports::{AddressValidator, Outage, TaxCalculator, Taxable};

/// Who judges taxes and addresses; built in unless a provider is wired.
#[derive(Clone)]
pub struct Checks {
    /// What tax is due.
    pub taxes: Arc<dyn TaxCalculator>,
    /// Whether an address can be delivered to.
    pub addresses: Arc<dyn AddressValidator>,
}

impl Default for Checks {
    fn default() -> Self {
        Checks { taxes: Arc::new(TableTaxes), addresses: Arc::new(PostalForms) }
    }
}

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checks(..)")
    }
}

impl Checks {
    /// The address as its country writes it; what is wrong with it goes to `faults`, each below `pointer`.
    pub async fn address(
        &self,
        address: &Address,
        pointer: &str,
        faults: &mut Vec<Field>,
    ) -> Result<Option<Checked<Address>>, Error> {
        match self.addresses.validate(address).await? {
            Ok(address) => Ok(Some(address)),
            Err(errors) => {
                faults.extend(errors.iter().map(|error| Field::new(format!("{pointer}/{}", error.field()), error)));
                Ok(None)
            }
        }
    }
}

/// The tax table as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct TableTaxes;

#[async_trait]
impl TaxCalculator for TableTaxes {
    async fn assess(&self, taxable: Taxable<'_>, table: &TaxTable) -> Result<Taxes, Outage> {
        Ok(table.assess(taxable.items, taxable.shipping, taxable.destination))
    }
}

/// The forms of postal codes and states.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostalForms;

#[async_trait]
impl AddressValidator for PostalForms {
    async fn validate(&self, address: &Address) -> Result<Result<Checked<Address>, Vec<AddressError>>, Outage> {
        Ok(address.clone().checked())
    }
}
