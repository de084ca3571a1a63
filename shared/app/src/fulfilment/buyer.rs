//! Buys the label of a shipment, once, for whoever may (G13): a person by [`super::buy_label`], the shop itself by [`super::fulfil_order`].
//!
//! 1. Tell what the carrier could not print, before anything is paid.
//! 2. Write down that the label is asked for, under its id. Whoever has written that asks the carrier, and nobody else ever does.
//! 3. Ask, with the id as our reference.
//! 4. Keep the documents, then tell the order what the carrier said.
//!
//! A refusal and a carrier that was not reached leave no label behind, and may be tried again. Where the answer is lost, nobody tries
//! again: [`super::settle_labels`] looks for it, as it does where this process dies.

use jiff::Span;
use jiff::civil::Date;
use oms_domain::fulfilment::label::{LabelFailure, LabelOrder};
use oms_domain::fulfilment::locations::{LocationTable, Origin};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::{Location, ShipmentId};
use oms_domain::ids::LabelId;
use oms_domain::ordering::address::Address;
use oms_domain::ordering::{Command, Order, Refusal};

use super::carriers::Carriers;
use super::labels::{Asked, Labels};
use crate::error::{Error, Field};
use crate::execute::{CommandContext, Outcome, execute};
use crate::ports::{BoughtLabel, Carrier, CarrierError, Stored};

/// So many days ahead a parcel may be handed over: no carrier takes more.
pub const MAX_DAYS_AHEAD: i32 = 10;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Name of the carrier.
    pub carrier: String,
    /// Its code of the service.
    pub service: String,
    /// 1 to [`oms_domain::fulfilment::parcel::MAX_PARCELS`].
    pub parcels: Vec<Measures>,
    /// When it is handed over; today, where it leaves.
    pub ship_date: Option<Date>,
}

#[derive(Clone)]
pub(crate) struct Buyer {
    pub labels: Labels,
    pub carriers: Carriers,
}

impl Buyer {
    /// How the order stands then, and which label it was; one that was asked for before under the same key is not asked for again.
    pub(crate) async fn buy(
        &self,
        stored: Stored,
        locations: &LocationTable,
        id: ShipmentId,
        wanted: Wanted,
        context: &CommandContext,
    ) -> Result<(Order, LabelId), Error> {
        let shipment = stored.order.shipment(id.number).ok_or(Error::NotFound)?;
        let carrier = self.carriers.get(&wanted.carrier).ok_or_else(|| self.unknown_carrier())?;
        let origin = locations.origin(&shipment.location).ok_or_else(|| no_origin(&shipment.location))?;
        let label = self.checked(carrier, &stored, origin, wanted)?;
        let command = Command::RequestLabel { shipment: id.number, label: label.clone() };
        let asked_last = |order: &Order| last_label(order, id).map(|label_id| label_id.to_string()).unwrap_or_default();
        let (orders, clock) = (self.labels.orders.as_ref(), self.labels.clock.as_ref());
        let Stored { order, person, .. } = stored;
        match execute(orders, clock, order, &command, context, asked_last).await? {
            Outcome::Changed(order, _) => {
                let label_id = last_label(&order, id).ok_or_else(|| Error::Internal("the label is lost".into()))?;
                let asked = Asked { shipment: id, label_id, label };
                let request = asked.request(person.as_ref(), origin);
                let answer = carrier.buy_label(&request).await;
                let order = self.answered(order, &asked, answer, &context.correlation_id).await?;
                Ok((order, label_id))
            }
            Outcome::Unchanged(order) => Ok((order, LabelId::of_sequence(id.order_id, id.number, 0))),
            Outcome::Repeated { order, outcome } => {
                let label_id = outcome.parse().map_err(|_| Error::Internal(format!("a label named {outcome}")))?;
                Ok((order, label_id))
            }
        }
    }

    /// What is asked for, or everything that is wrong with it.
    fn checked(
        &self,
        carrier: &dyn Carrier,
        stored: &Stored,
        origin: &Origin,
        wanted: Wanted,
    ) -> Result<LabelOrder, Error> {
        let Some(person) = &stored.person else { return Err(Error::Refused(Refusal::PersonErased)) };
        let today = origin.date_of(self.labels.clock.now());
        let latest = today.checked_add(Span::new().days(MAX_DAYS_AHEAD)).unwrap_or(today);
        let ship_date = wanted.ship_date.unwrap_or(today);
        let mut faults = Vec::new();
        if !(today..=latest).contains(&ship_date) {
            let message =
                format!("must be {today} to {latest}: today where it leaves, or at most {MAX_DAYS_AHEAD} days on");
            faults.push(Field::new("/ship_date", message));
        }
        let ends: [(&str, &Address); 2] =
            [("the recipient's", &person.shipping_address), ("the sender's", &origin.address)];
        for (whose, address) in ends {
            let unprintable = carrier.faults_of(address).into_iter();
            faults.extend(
                unprintable.map(|fault| {
                    Field::new("/carrier", format!("cannot print {whose} {}: {}", fault.field, fault.why))
                }),
            );
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let Wanted { carrier, service, parcels, .. } = wanted;
        Ok(LabelOrder { carrier, service, parcels, ship_date })
    }

    async fn answered(
        &self,
        order: Order,
        asked: &Asked,
        answer: Result<BoughtLabel, CarrierError>,
        trace: &str,
    ) -> Result<Order, Error> {
        let carrier = asked.label.carrier.clone();
        match answer {
            Ok(bought) => self.labels.keep(order, asked, bought, trace).await,
            Err(CarrierError::Unknown(cause)) => {
                tracing::warn!(shipment = %asked.shipment, label_id = %asked.label_id, cause, "whether a label was bought is looked for");
                Ok(order)
            }
            Err(CarrierError::Refused { why, .. }) => {
                self.labels.failed(order, asked, LabelFailure::Refused, trace).await?;
                Err(Error::LabelRefused(why))
            }
            Err(CarrierError::Unavailable(cause)) => {
                self.labels.failed(order, asked, LabelFailure::Unavailable, trace).await?;
                Err(Error::CarrierDown { carrier, retry_after_seconds: None, cause })
            }
            Err(CarrierError::Busy { seconds, why }) => {
                self.labels.failed(order, asked, LabelFailure::Unavailable, trace).await?;
                Err(Error::CarrierDown { carrier, retry_after_seconds: Some(seconds), cause: why })
            }
        }
    }

    fn unknown_carrier(&self) -> Error {
        let message = match self.carriers.names().as_slice() {
            [] => "this shop buys no labels yet".to_owned(),
            names => format!("is not available; choose one of: {}", names.join(", ")),
        };
        Error::Invalid(vec![Field::new("/carrier", message)])
    }
}

fn last_label(order: &Order, id: ShipmentId) -> Option<LabelId> {
    order.shipment(id.number).and_then(|shipment| shipment.labels.last()).map(|label| label.id)
}

/// A label needs a sender.
pub(super) fn no_origin(location: &Location) -> Error {
    Error::Refused(Refusal::NoOrigin(location.clone()))
}
