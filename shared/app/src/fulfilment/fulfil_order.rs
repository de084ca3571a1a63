//! Takes a paid order as far as the shop does so by itself: begins it, and buys the labels of what is planned (L5, L8).
//!
//! For every event after which there may be something to do:
//! 1. Read the settings table `shop`. A shop that does everything by hand pays for this one read, and nothing more is done.
//! 2. Paid for and not held: screen it as everybody who begins an order does, and begin it, which plans its shipments.
//! 3. Planned, not held, and sent by a method that has a rule: weigh it by the catalogue and buy the label ([`super::buyer`]).
//!
//! What is not there (a carrier, the store) is tried again by the queue, 10 times, 15 minutes apart. Behind the last try, and at once where
//! a carrier refuses or something is not set up, administrators are told (`ORD-3001`) and the order is held for a person; whoever
//! releases the hold has it tried again. A label that was refused or given back is a person's from then on.
//!
//! Guarantee: whatever is lost or comes twice, one label at most is paid, as for a person who asks. What the order does not
//! allow (any more) is nothing to do: it was held, cancelled, or somebody was quicker.

use std::sync::Arc;

use futures::future::try_join;
use oms_domain::actor::Actor;
use oms_domain::fulfilment::label::LabelFailure;
use oms_domain::fulfilment::shop::{Automation, LabelRule, ShopTable};
use oms_domain::fulfilment::{Shipment, ShipmentId};
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::ordering::{
    Command, Event, HoldEvent, HoldReason, LabelEvent, Order, Record, Refusal, ShipmentEvent, Status,
};
use oms_domain::public_event::{CloudEvent, Fact};

use super::buyer::{Buyer, Wanted};
use super::carriers::Carriers;
use super::labels::Labels;
use crate::error::Error;
use crate::execute::{CommandContext, execute};
use crate::ordering::screen_order::Screening;
use crate::ports::{
    Alert, Alerts, Catalog, Clock, Documents, FulfilmentFailed, FulfilmentFailure, Orders, Setting, Settings,
    StoreError, Stored, Table,
};

/// What may be to do after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Whatever is to do for the order.
    Order,
    /// The label of one shipment.
    Label(u16),
}

impl Task {
    fn after(fact: &Fact) -> Option<Task> {
        let may_begin = matches!(
            fact,
            Fact::Confirmed
                | Fact::PaymentConfirmed { accepted: true, .. }
                | Fact::ReviewApproved
                | Fact::HoldReleased { .. }
                | Fact::DisputeClosed { .. }
                | Fact::Changed { .. }
                | Fact::ChangeLapsed { .. }
        );
        // Nobody waits for a label any more that turns out not to have been sold. A carrier that was away is asked again by
        // whoever has asked it.
        let has_no_label =
            matches!(fact, Fact::ShipmentPlanned { .. } | Fact::LabelFailed { reason: LabelFailure::NotBought, .. });
        if may_begin { Some(Task::Order) } else { fact.shipment().filter(|_| has_no_label).map(Task::Label) }
    }
}

/// Why it is not done.
struct Failed {
    error: Error,
    /// Which shipment's label it is about.
    shipment: Option<ShipmentId>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed { error, shipment: None }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

pub struct FulfilOrder {
    buyer: Buyer,
    catalog: Arc<dyn Catalog>,
    screening: Screening,
    alerts: Arc<dyn Alerts>,
    tries: u32,
}

/// What a function gives it.
pub struct Hands {
    pub orders: Arc<dyn Orders>,
    pub catalog: Arc<dyn Catalog>,
    pub settings: Arc<dyn Settings>,
    pub documents: Arc<dyn Documents>,
    pub carriers: Carriers,
    pub screening: Screening,
    pub alerts: Arc<dyn Alerts>,
    pub clock: Arc<dyn Clock>,
}

impl FulfilOrder {
    /// `tries` is how often the queue delivers a message: the first time, and the retries of L8.
    pub fn new(hands: Hands, tries: u32) -> Self {
        let Hands { orders, catalog, settings, documents, carriers, screening, alerts, clock } = hands;
        let labels = Labels { orders, settings, documents, clock };
        FulfilOrder { buyer: Buyer { labels, carriers }, catalog, screening, alerts, tries }
    }

    /// Runs it for one event, which is delivered for this time; events of other kinds need nothing.
    pub async fn run(&self, event: &CloudEvent, delivery: u32) -> Result<(), Error> {
        let Some(task) = Task::after(&event.data.fact) else { return Ok(()) };
        let shop = self.shop().await?;
        if !shop.does_anything() {
            return Ok(());
        }
        let Err(Failed { error, shipment }) = Box::pin(self.fulfil(event, task, &shop)).await else { return Ok(()) };
        let why = match failure(&error) {
            Some(why) => why,
            None if matches!(error, Error::NotFound | Error::Refused(_)) => {
                tracing::info!(order_id = %event.subject, %error, "nothing to do by itself");
                return Ok(());
            }
            None if delivery < self.tries => return Err(error),
            None => FulfilmentFailure::Unavailable,
        };
        // What a carrier says may name the customer's street.
        tracing::error!(order_id = %event.subject, ?why, delivery, "ORD-3001: an order is held, as it could not be prepared by itself");
        let (id, order_id) = (event.id.clone(), event.subject);
        let alert = FulfilmentFailed { id, order_id, shipment, why, tries: delivery };
        let told = self.alerts.tell(&Alert::FulfilmentFailed(alert)).await;
        self.hold(order_id, &error, &event.correlationid).await?;
        told.map_err(|error| Error::ServiceUnavailable(error.to_string()))?;
        // The last delivery of what is unavailable ends among the dead letters, where operators find it.
        if why == FulfilmentFailure::Unavailable { Err(error) } else { Ok(()) }
    }

    async fn shop(&self) -> Result<ShopTable, Error> {
        let table = self.buyer.labels.settings.current(Table::Shop).await?;
        Ok(match table.at(self.buyer.labels.clock.now()) {
            Setting::Shop(shop) => shop.clone(),
            Setting::Taxes(_)
            | Setting::Shipping(_)
            | Setting::Promotions(_)
            | Setting::Locations(_)
            | Setting::Returns(_) => ShopTable::default(),
        })
    }

    async fn fulfil(&self, event: &CloudEvent, task: Task, shop: &ShopTable) -> Result<(), Failed> {
        let context = context(&event.correlationid);
        let mut stored = self.load(event.subject).await?;
        let numbers: Vec<u16> = match task {
            Task::Label(number) => vec![number],
            Task::Order if stored.order.status == Status::Confirmed => {
                // Its shipments have events of their own, which bring their labels.
                return if shop.processing == Automation::Automatic {
                    Box::pin(self.begin(stored, &context)).await
                } else {
                    Ok(())
                };
            }
            Task::Order => stored.order.shipments.iter().map(|shipment| shipment.number).collect(),
        };
        let Some(rule) = shop.label_rule(&stored.order.shipping_method) else { return Ok(()) };
        for number in numbers {
            let id = ShipmentId { order_id: event.subject, number };
            stored = match Box::pin(self.buy(stored, id, rule, &context)).await {
                Ok(stored) => stored,
                // Whoever has released that hold takes another road; the next shipment has its own.
                Err(error) if is_impossible(&error) && self.was_told(id).await? => self.load(event.subject).await?,
                Err(error) => return Err(Failed { error, shipment: Some(id) }),
            };
        }
        Ok(())
    }

    async fn load(&self, order_id: OrderId) -> Result<Stored, Error> {
        self.buyer.labels.orders.load(order_id).await?.ok_or(Error::NotFound)
    }

    async fn begin(&self, stored: Stored, context: &CommandContext) -> Result<(), Failed> {
        if stored.order.held_for().is_some() {
            return Ok(());
        }
        let stored = self.screening.before_it_begins(stored, None, &context.correlation_id).await?;
        let (orders, clock) = (self.buyer.labels.orders.as_ref(), self.buyer.labels.clock.as_ref());
        let begin = Command::StartProcessing { note: None };
        execute(orders, clock, stored.order, &begin, context, |_| String::new()).await?;
        Ok(())
    }

    /// The order once the shipment has its label, or as it was where there is none to buy.
    async fn buy(
        &self,
        stored: Stored,
        id: ShipmentId,
        rule: &LabelRule,
        context: &CommandContext,
    ) -> Result<Stored, Error> {
        let order = &stored.order;
        let shipment = order.shipment(id.number).filter(|own| order.status == Status::Processing && waits(own));
        let Some(shipment) = shipment.filter(|_| order.held_for().is_none()) else { return Ok(stored) };
        if shipment.labels_asked > 0 && !self.may_try_again(id).await? {
            return Ok(stored);
        }
        let weight = async { self.weight(order, shipment).await };
        let (weight, locations) = try_join(weight, self.buyer.labels.locations()).await?;
        let Some(parcel) = weight.and_then(|grams| rule.parcel(grams)) else {
            tracing::info!(shipment = %id, ?weight, "its weight is not known or too much; its label is a person's to buy");
            return Ok(stored);
        };
        let (carrier, service) = (rule.carrier.clone(), rule.service.clone());
        let wanted = Wanted { carrier, service, parcels: vec![parcel], ship_date: None };
        let (person, request) = (stored.person.clone(), stored.request.clone());
        let (order, _) = Box::pin(self.buyer.buy(stored, &locations, id, wanted, context)).await?;
        Ok(Stored { order, person, request })
    }

    /// What became of the label that was asked for last: one that a carrier could not be asked for, or has not sold, may be tried again.
    /// One that a person has asked for, that was given back, or refused, is a person's, who was told of a refusal unless whoever asked died before that.
    async fn may_try_again(&self, id: ShipmentId) -> Result<bool, Error> {
        let events = self.buyer.labels.orders.events(id.order_id).await?;
        let records = events.iter().filter_map(|sealed| serde_json::from_str::<Record>(&sealed.body).ok());
        let (mut by_itself, mut refused, mut failed) = (false, false, false);
        for Record { event, actor, .. } in records {
            if let Event::Label(event) = &event
                && event.label().0 == id.number
            {
                let asked = matches!(event, LabelEvent::OrderLabelRequested { .. });
                by_itself = if asked { actor == context("").actor } else { by_itself };
                refused = matches!(event, LabelEvent::OrderLabelFailed { reason: LabelFailure::Refused, .. });
                failed = !refused && matches!(event, LabelEvent::OrderLabelFailed { .. });
            }
            let held = matches!(event, Event::Hold(HoldEvent::OrderHoldPlaced { reason: HoldReason::Fulfilment, .. }));
            refused &= !held;
        }
        if refused && by_itself {
            return Err(Error::LabelRefused("its reason was lost; ask for the label once more to see it".to_owned()));
        }
        Ok(failed && by_itself)
    }

    /// Whether the order was held by us since the shipment was planned.
    async fn was_told(&self, id: ShipmentId) -> Result<bool, StoreError> {
        let events = self.buyer.labels.orders.events(id.order_id).await?;
        let records = events.iter().filter_map(|sealed| serde_json::from_str::<Record>(&sealed.body).ok());
        let since = records.skip_while(|record| {
            !matches!(record.event, Event::Shipment(ShipmentEvent::OrderShipmentPlanned { shipment, .. }) if shipment == id.number)
        });
        let held = |record: &Record| {
            matches!(record.event, Event::Hold(HoldEvent::OrderHoldPlaced { reason: HoldReason::Fulfilment, .. }))
        };
        Ok(since.filter(held).any(|record| record.actor == context("").actor))
    }

    /// What is in it weighs so much today; nothing where the weight of a product is not known.
    async fn weight(&self, order: &Order, shipment: &Shipment) -> Result<Option<u64>, StoreError> {
        let product_of = |line: u16| order.lines.iter().find(|own| own.line == line).map(|own| own.product_id);
        let units = shipment.lines.iter().map(|part| Some((product_of(part.line)?, part.quantity)));
        let Some(units) = units.collect::<Option<Vec<(ProductId, u32)>>>() else { return Ok(None) };
        let mut ids: Vec<ProductId> = units.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        let (products, _) = self.catalog.quote(&ids).await?;
        let grams = units.iter().map(|(id, quantity)| {
            let product = products.iter().find(|product| product.id == *id)?;
            (product.weight_grams > 0).then(|| u64::from(product.weight_grams) * u64::from(*quantity))
        });
        Ok(grams.sum())
    }

    /// Holds the order for a person, once.
    async fn hold(&self, order_id: OrderId, why: &Error, trace: &str) -> Result<(), Error> {
        let Some(stored) = self.buyer.labels.orders.load(order_id).await? else { return Ok(()) };
        if stored.order.holds.iter().any(|hold| hold.reason == HoldReason::Fulfilment) {
            return Ok(());
        }
        let note = if let Error::LabelRefused(why) = why {
            format!("ORD-3001: the carrier refuses the label: {why}")
        } else if let Error::Invalid(faults) = why {
            let faults: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
            format!("ORD-3001: the label cannot be bought: {}", faults.join("; "))
        } else if let Error::CarrierDown { carrier, .. } = why {
            format!("ORD-3001: {carrier} could not be reached")
        } else {
            format!("ORD-3001: {why}")
        };
        let note = Some(note.chars().filter(|letter| !letter.is_control()).take(MAX_NOTE_CHARACTERS).collect());
        let command = Command::PlaceHold { reason: HoldReason::Fulfilment, note };
        let (orders, clock) = (self.buyer.labels.orders.as_ref(), self.buyer.labels.clock.as_ref());
        match execute(orders, clock, stored.order, &command, &context(trace), |_| String::new()).await {
            Ok(_) | Err(Error::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Why trying again is no use, where it is none.
fn failure(error: &Error) -> Option<FulfilmentFailure> {
    let refused = matches!(error, Error::LabelRefused(_)).then_some(FulfilmentFailure::Refused);
    refused.or(is_impossible(error).then_some(FulfilmentFailure::Impossible))
}

/// Whether something is not set up, or cannot be printed.
fn is_impossible(error: &Error) -> bool {
    matches!(error, Error::Invalid(_) | Error::Refused(Refusal::NoOrigin(_) | Refusal::PersonErased))
}

/// A note of a hold is as long as one that a person writes.
const MAX_NOTE_CHARACTERS: usize = 500;

fn context(correlation_id: &str) -> CommandContext {
    CommandContext::of(Actor::system("fulfilment"), correlation_id)
}

/// Whether there is a label to buy.
fn waits(shipment: &Shipment) -> bool {
    shipment.status.is_open() && shipment.labels.is_empty()
}
