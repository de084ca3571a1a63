//! What buying, voiding and looking for labels have in common: what a carrier is asked for, and how its answer is kept (G13).
//!
//! A label that is paid for is never lost: its documents are kept first, then the order is told, and whoever dies in between leaves a
//! follow-up behind ([`super::settle_labels`]).

use std::sync::Arc;

use oms_domain::actor::Actor;
use oms_domain::fulfilment::label::{Label, LabelFailure, LabelOrder};
use oms_domain::fulfilment::locations::{LocationTable, Origin};
use oms_domain::fulfilment::{self, MAX_TRACKING_CHARACTERS, ShipmentId, Tracking};
use oms_domain::ids::LabelId;
use oms_domain::ordering::address::{Address, Person};
use oms_domain::ordering::{Command, LabelAnswer, Order};

use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::execute::{CommandContext, execute};
use crate::ports::{
    BoughtLabel, Clock, DocumentKey, Documents, LabelRequest, Orders, Party, Setting, Settings, StoreError, Table,
    Voided,
};

/// After so many minutes a label without an answer is looked for: by then whoever asked for it is gone, and the carrier has
/// finished what it was asked.
pub const LOOK_AFTER_MINUTES: i64 = 3;

/// After so many minutes a label that is to be voided is asked for, unless whoever wanted that has done it.
pub const VOID_AFTER_MINUTES: i64 = 1;

/// For so many minutes a link to a document works.
pub const LINK_MINUTES: i64 = 15;

/// How often a document is kept again that could not be kept.
const KEEP_ATTEMPTS: u32 = 3;

/// A document, by a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    pub format: fulfilment::label::DocumentFormat,
    pub url: String,
}

/// A label with links to what there is to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub shipment: ShipmentId,
    pub label: Label,
    pub documents: Vec<Linked>,
    /// Until when the links work.
    pub until: Timestamp,
    /// The order's.
    pub version: u64,
}

/// Keeps what carriers answer.
#[derive(Clone)]
pub(crate) struct Labels {
    pub orders: Arc<dyn Orders>,
    pub settings: Arc<dyn Settings>,
    pub documents: Arc<dyn Documents>,
    pub clock: Arc<dyn Clock>,
}

impl Labels {
    /// The locations as they are now.
    pub(crate) async fn locations(&self) -> Result<LocationTable, StoreError> {
        locations(self.settings.as_ref(), self.clock.now()).await
    }

    /// Keeps the documents of a label that was bought, and tells the order.
    pub(crate) async fn keep(
        &self,
        order: Order,
        asked: &Asked,
        bought: BoughtLabel,
        trace: &str,
    ) -> Result<Order, Error> {
        let mut documents = Vec::new();
        for (number, document) in (1..).zip(&bought.documents) {
            let key = DocumentKey::of_label(order.id, asked.label_id, number, document.format);
            if let Err(error) = self.put(&key, document).await {
                tracing::error!(shipment = %asked.shipment, label_id = %asked.label_id, %error, "a label's documents are not kept; void it and buy another");
                break;
            }
            documents.push(document.format);
        }
        let tracking =
            bought.tracking_numbers.iter().map(|number| tracking(&asked.label.carrier, number, asked.label_id));
        let bought = fulfilment::label::BoughtLabel {
            reference: bought.reference,
            tracking: tracking.collect(),
            cost: bought.cost,
            documents,
        };
        self.answered(order, asked, LabelAnswer::Bought(bought), trace).await
    }

    async fn put(&self, key: &DocumentKey, document: &crate::ports::CarrierDocument) -> Result<(), StoreError> {
        let mut kept = self.documents.put(key, document).await;
        for _ in 1..KEEP_ATTEMPTS {
            if kept.is_ok() {
                break;
            }
            kept = self.documents.put(key, document).await;
        }
        kept
    }

    /// Tells the order that there is no label.
    pub(crate) async fn failed(
        &self,
        order: Order,
        asked: &Asked,
        why: LabelFailure,
        trace: &str,
    ) -> Result<Order, Error> {
        self.answered(order, asked, LabelAnswer::Failed(why), trace).await
    }

    pub(crate) async fn answered(
        &self,
        order: Order,
        asked: &Asked,
        answer: LabelAnswer,
        trace: &str,
    ) -> Result<Order, Error> {
        let (shipment, label_id, label) = (asked.shipment.number, asked.label_id, asked.label.clone());
        self.tell(order, &asked.label.carrier, Command::RecordLabel { shipment, label_id, label, answer }, trace).await
    }

    /// Tells the order what became of a wish to void; why not, if it was refused.
    pub(crate) async fn voided(
        &self,
        order: Order,
        asked: &Asked,
        answer: Voided,
        trace: &str,
    ) -> Result<(Order, Option<String>), Error> {
        let (is_void, why) = match answer {
            Voided::Void => (true, None),
            Voided::Refused(why) => (false, Some(why)),
        };
        let (shipment, label_id) = (asked.shipment.number, asked.label_id);
        let command = Command::RecordVoid { shipment, label_id, is_void };
        Ok((self.tell(order, &asked.label.carrier, command, trace).await?, why))
    }

    async fn tell(&self, order: Order, carrier: &str, command: Command, trace: &str) -> Result<Order, Error> {
        let context = CommandContext::of(Actor::provider(carrier), trace);
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        Ok(execute(orders, clock, order, &command, &context, |_| String::new()).await?.into_order())
    }

    /// A label with links to its documents.
    pub(crate) async fn show(&self, order: &Order, shipment: ShipmentId, label: &Label) -> Result<Shown, Error> {
        let now = self.clock.now();
        let until = now.checked_add(SignedDuration::from_mins(LINK_MINUTES)).unwrap_or(now);
        let mut documents = Vec::new();
        for (number, format) in (1..).zip(label.bought.iter().flat_map(|bought| &bought.documents)) {
            let key = DocumentKey::of_label(order.id, label.id, number, *format);
            documents.push(Linked { format: *format, url: self.documents.link(&key, now, until).await? });
        }
        Ok(Shown { shipment, label: label.clone(), documents, until, version: order.version })
    }
}

/// The locations as they are at this moment.
pub(crate) async fn locations(settings: &dyn Settings, now: Timestamp) -> Result<LocationTable, StoreError> {
    Ok(match settings.current(Table::Locations).await?.at(now) {
        Setting::Locations(table) => table.clone(),
        Setting::Taxes(_) | Setting::Shipping(_) | Setting::Promotions(_) | Setting::Shop(_) | Setting::Returns(_) => {
            LocationTable::default()
        }
    })
}

/// A label that its carrier was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub shipment: ShipmentId,
    pub label_id: LabelId,
    pub label: LabelOrder,
}

impl Asked {
    pub(crate) fn of(shipment: ShipmentId, label: &Label) -> Self {
        Asked { shipment, label_id: label.id, label: label.order.clone() }
    }

    /// What the carrier is asked; the label is found again by the same. Of whom is erased nothing is told.
    pub(crate) fn request(&self, person: Option<&Person>, origin: &Origin) -> LabelRequest {
        LabelRequest {
            label_id: self.label_id,
            shipment_number: format!("{}-S{}", self.shipment.order_id.number(), self.shipment.number),
            service: self.label.service.clone(),
            from: sender(origin),
            to: recipient(person),
            parcels: self.label.parcels.clone(),
            ship_date: self.label.ship_date,
        }
    }
}

pub(crate) fn sender(origin: &Origin) -> Party {
    Party { address: (*origin.address).clone(), phone: origin.phone.clone(), email: origin.email.clone() }
}

/// Carriers print the phone number and call it; customers hear from us by e-mail.
pub(crate) fn recipient(person: Option<&Person>) -> Party {
    let address = person.map_or_else(Address::default, |person| (*person.shipping_address).clone());
    Party { address, phone: person.and_then(|person| person.contact.phone.clone()), email: None }
}

/// How a parcel is followed. A number that carriers do not print is nothing that could be refused any more: it is paid.
fn tracking(carrier: &str, number: &str, label_id: LabelId) -> Tracking {
    let carrier = fulfilment::name_of_carrier(carrier);
    Tracking::checked(carrier, number).unwrap_or_else(|_| {
        tracing::error!(%label_id, carrier, "a tracking number is not what carriers print; correct it at the shipment");
        let printed = |letter: &char| letter.is_ascii_alphanumeric();
        let bare: String = number.chars().filter(printed).take(MAX_TRACKING_CHARACTERS).collect();
        let number = if bare.is_empty() { label_id.to_string() } else { bare };
        Tracking { carrier: carrier.to_owned(), tracking_number: number, page: None }
    })
}
