//! Carriers' prices that customers were quoted, and send back with their order (G5).
//!
//! An order asks no carrier: what a quote has sealed is believed for an hour, for the same cart and destination. The keys are those of signed
//! links, and are fetched only for who sends such a price.

use std::collections::BTreeMap;
use std::sync::Arc;

use oms_domain::ids::SellerId;
use oms_domain::money::Currency;
use oms_domain::ordering::address::Destination;
use oms_domain::pricing::carrier_rate::{CarrierPrice, Priced, SealedOffer};

use crate::catalog::catalog_cache::Quoted;
use crate::error::{Error, Field};
use crate::ordering::cart::Merged;
use crate::ports::{Clock, LinkKeys};

/// Prices by the code of the shipping method.
pub type CarrierPrices = BTreeMap<String, CarrierPrice>;

/// What is to be carried for a cart: a parcel of each seller, as they send what is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Freight {
    pub currency: Currency,
    /// The weight of a seller's goods in grams, in the order of the sellers.
    pub parcels: Vec<(SellerId, u64)>,
}

impl Freight {
    /// Nothing where a product is not there or its weight is not known: no carrier could say what that costs.
    pub(crate) fn of(items: &[Merged], quoted: &Quoted) -> Option<Self> {
        let products = items.iter().map(|item| Some((item, quoted.products.get(&item.product_id)?)));
        let products: Vec<_> = products.collect::<Option<_>>()?;
        let (_, first) = products.first()?;
        let mut parcels: BTreeMap<SellerId, u64> = BTreeMap::new();
        for (item, product) in &products {
            if product.weight_grams == 0 || product.currency != first.currency {
                return None;
            }
            let grams = u64::from(product.weight_grams) * u64::from(item.quantity);
            *parcels.entry(product.seller_id.clone()).or_default() += grams;
        }
        Some(Freight { currency: first.currency, parcels: parcels.into_iter().collect() })
    }

    pub(crate) fn by<'a>(&'a self, method: &'a str, destination: &'a Destination) -> Priced<'a> {
        Priced { method, currency: self.currency, destination, parcels: &self.parcels }
    }
}

/// Believes what quotes have sealed.
#[derive(Clone)]
pub(crate) struct OfferedRates {
    keys: Option<Arc<dyn LinkKeys>>,
    clock: Arc<dyn Clock>,
}

impl OfferedRates {
    /// `None` believes nothing.
    pub(crate) fn new(keys: Option<Arc<dyn LinkKeys>>, clock: Arc<dyn Clock>) -> Self {
        OfferedRates { keys, clock }
    }

    /// The price that was sent along for a method, if it was offered for this cart and is still good.
    pub(crate) async fn open(
        &self,
        sent: Option<&str>,
        method: Option<&str>,
        items: &[Merged],
        quoted: &Quoted,
        destination: &Destination,
    ) -> Result<CarrierPrices, Error> {
        let Some(sent) = sent else { return Ok(CarrierPrices::new()) };
        let refused = |message: &str| Error::Invalid(vec![Field::new("/shipping_rate", message)]);
        let offer = SealedOffer::read(sent).map_err(|error| refused(&error.to_string()))?;
        let method = method.ok_or_else(|| refused("needs the `shipping_method` that it was quoted for"))?;
        let (Some(keys), Some(freight)) = (&self.keys, Freight::of(items, quoted)) else { return Err(refused(OVER)) };
        let ring = keys.ring().await.map_err(|error| Error::ServiceUnavailable(error.to_string()))?;
        let opened = offer.open(&freight.by(method, destination), ring.as_ref(), self.clock.now());
        let price = opened.ok_or_else(|| refused(OVER))?;
        Ok(CarrierPrices::from([(method.to_owned(), price)]))
    }
}

const OVER: &str = "is over, or was quoted for another cart, destination or shipping method; ask for a new quote";
