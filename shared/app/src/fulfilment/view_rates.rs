//! Asks the carriers what they take for a shipment (G5): all of them side by side, and one that is away keeps nobody from the others.

use std::sync::Arc;

use futures::future::{join, join_all};
use oms_domain::access::{Operation, ShipmentOf};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::ShipmentId;
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::ordering::Refusal;

use super::buyer::no_origin;
use super::carriers::Carriers;
use super::labels::{Labels, recipient, sender};
use crate::error::Error;
use crate::execute::load;
use crate::ports::{Carrier, CarrierError, Clock, Documents, Orders, Rate, RateRequest, Settings};

/// What the carriers say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    /// By carrier, the cheapest first; one currency after the other.
    pub rates: Vec<(String, Rate)>,
    /// Carriers that offer nothing, and why.
    pub none: Vec<(String, String)>,
}

pub struct ViewRates {
    labels: Labels,
    carriers: Carriers,
}

impl ViewRates {
    pub fn new(
        orders: Arc<dyn Orders>,
        settings: Arc<dyn Settings>,
        documents: Arc<dyn Documents>,
        carriers: Carriers,
        clock: Arc<dyn Clock>,
    ) -> Self {
        ViewRates { labels: Labels { orders, settings, documents, clock }, carriers }
    }

    pub async fn run(&self, caller: &Caller, id: ShipmentId, parcels: Vec<Measures>) -> Result<Offers, Error> {
        let order = load(self.labels.orders.as_ref(), Operation::ViewRates, caller, id.order_id);
        let (stored, locations) = join(order, self.labels.locations()).await;
        let (stored, locations) = (stored?, locations?);
        let shipment = stored.order.shipment(id.number).ok_or(Error::NotFound)?;
        Operation::ViewRates.permits(caller, &ShipmentOf(&stored.order, &shipment.lines))?;
        if stored.person.is_none() {
            return Err(Error::Refused(Refusal::PersonErased));
        }
        let origin = locations.origin(&shipment.location).ok_or_else(|| no_origin(&shipment.location))?;
        let request = RateRequest {
            from: sender(origin),
            to: recipient(stored.person.as_ref()),
            parcels,
            ship_date: origin.date_of(self.labels.clock.now()),
        };
        let asked = self.carriers.iter().map(|carrier| ask(carrier, &request));
        let mut offers = Offers::default();
        for (carrier, answer) in join_all(asked).await {
            match answer {
                Ok(rates) if rates.is_empty() => offers.none.push((carrier, "does not go there".to_owned())),
                Ok(rates) => offers.rates.extend(rates.into_iter().map(|rate| (carrier.clone(), rate))),
                Err(CarrierError::Refused { why, .. }) => offers.none.push((carrier, why)),
                Err(error) => {
                    tracing::warn!(shipment = %id, carrier, %error, "a carrier tells no prices");
                    offers.none.push((carrier, "is unavailable right now".to_owned()));
                }
            }
        }
        offers.rates.sort_by(|(_, one), (_, other)| {
            let by = |rate: &Rate| (rate.cost.currency.code(), rate.cost.amount);
            by(one).cmp(&by(other))
        });
        Ok(offers)
    }
}

async fn ask(carrier: &dyn Carrier, request: &RateRequest) -> (String, Result<Vec<Rate>, CarrierError>) {
    let name = carrier.name().to_owned();
    if !carrier.capabilities().rates {
        return (name, Err(refused("tells no prices")));
    }
    if let Some(fault) = carrier.faults_of(&request.to.address).into_iter().next() {
        return (name, Err(refused(&format!("cannot print {}: {}", fault.field, fault.why))));
    }
    (name, carrier.rates(request).await)
}

fn refused(why: &str) -> CarrierError {
    CarrierError::Refused { fault: crate::ports::Fault::Request, why: why.to_owned() }
}
