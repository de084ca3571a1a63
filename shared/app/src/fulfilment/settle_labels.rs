//! Every few minutes: comes back to labels whose carriers have not answered (G13).
//!
//! 1. Ask the `due` index, which may lag: a hint what to look at.
//! 2. A label that was asked for and had no answer is looked for at the carrier by our reference: it was bought and is kept, or it was not
//!    and may be bought again, or the carrier cannot tell, which holds the order for a person. It is never bought again here.
//! 3. A label that is to be void is voided: because a person wants it, or because its shipment was given up.
//!
//! Guarantee: each label is looked at until its order knows what became of it. A carrier that stays away for a day is one that cannot tell.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_domain::fulfilment::ShipmentId;
use oms_domain::fulfilment::label::{Label, LabelFailure, LabelStatus};
use oms_domain::ids::{LabelId, OrderId};
use oms_domain::ordering::{LabelAnswer, Order};

use super::carriers::Carriers;
use super::labels::{Asked, LOOK_AFTER_MINUTES, Labels};
use crate::error::Error;
use crate::ports::{
    Agenda, CarrierError, Clock, Documents, FollowUp, FollowUps, Line, Metrics, Orders, Recovered, Settings, Stored,
    Unit, Voided,
};

/// Most labels that one look at the agenda names.
const PASS_LABELS: usize = 50;

/// After so many seconds a run begins nothing more; the function has 120, and a carrier may take 30.
const RUN_SECONDS: i64 = 80;

/// When to ask a carrier again that was not reached.
const AGAIN_MINUTES: i64 = 5;

/// For so long a carrier is asked that does not answer.
const PATIENCE_HOURS: i64 = 24;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Labels that were looked at.
    pub looked: usize,
    /// Those that could not be looked at.
    pub failed: usize,
}

pub struct SettleLabels {
    labels: Labels,
    follow_ups: Arc<dyn FollowUps>,
    carriers: Carriers,
    metrics: Option<Arc<dyn Metrics>>,
}

impl SettleLabels {
    pub fn new(
        orders: Arc<dyn Orders>,
        settings: Arc<dyn Settings>,
        documents: Arc<dyn Documents>,
        follow_ups: Arc<dyn FollowUps>,
        carriers: Carriers,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let labels = Labels { orders, settings, documents, clock };
        SettleLabels { labels, follow_ups, carriers, metrics: None }
    }

    /// Tells of labels that a person has to look for.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<dyn Metrics>) -> Self {
        SettleLabels { metrics: Some(metrics), ..self }
    }

    pub async fn run(&self, correlation_id: &str) -> Result<Settled, Error> {
        let since = self.labels.clock.now();
        let mut settled = Settled::default();
        loop {
            let now = self.labels.clock.now();
            let due = self.follow_ups.due_follow_ups(Agenda::Carriers, now, PASS_LABELS).await?;
            let before = settled.looked;
            for task in &due {
                if self.labels.clock.now().duration_since(since).as_secs() >= RUN_SECONDS {
                    return Ok(settled);
                }
                match self.look(task, correlation_id).await {
                    Ok(()) => settled.looked += 1,
                    Err(error) => {
                        tracing::error!(?task, %error, "a label could not be looked at");
                        settled.failed += 1;
                    }
                }
            }
            // Each has a next time after it was looked at, so a full page of them is followed by other ones.
            if due.len() < PASS_LABELS || settled.looked == before {
                return Ok(settled);
            }
        }
    }

    async fn look(&self, task: &FollowUp, correlation_id: &str) -> Result<(), Error> {
        let FollowUp::Label(order_id, label_id) = task else { return Ok(()) };
        // What was told to the order has set the next time, or ended it, in its own transaction.
        if let Some(next) = self.settle(*order_id, *label_id, correlation_id).await? {
            self.follow_ups.reschedule(task, next).await?;
        }
        Ok(())
    }

    /// When to look again, or never; nothing where the order was told something.
    async fn settle(
        &self,
        order_id: OrderId,
        label_id: LabelId,
        trace: &str,
    ) -> Result<Option<Option<Timestamp>>, Error> {
        let Some(stored) = self.labels.orders.load(order_id).await? else { return Ok(Some(None)) };
        let found = stored.order.shipments.iter().find_map(|shipment| Some((shipment, shipment.label(label_id)?)));
        let Some((shipment, label)) = found else { return Ok(Some(None)) };
        let (id, label) = (ShipmentId { order_id, number: shipment.number }, label.clone());
        match label.status {
            LabelStatus::Bought | LabelStatus::Unknown => Ok(Some(None)),
            LabelStatus::Requested => self.look_for(stored, id, &label, trace).await,
            LabelStatus::Voiding => self.void(stored.order, id, &label, trace).await,
        }
    }

    async fn look_for(
        &self,
        stored: Stored,
        id: ShipmentId,
        label: &Label,
        trace: &str,
    ) -> Result<Option<Option<Timestamp>>, Error> {
        let now = self.labels.clock.now();
        let earliest = after(label.requested_at, LOOK_AFTER_MINUTES);
        if now < earliest {
            return Ok(Some(Some(earliest)));
        }
        let asked = Asked::of(id, label);
        let locations = self.labels.locations().await?;
        let location = stored.order.shipment(id.number).map(|shipment| shipment.location.clone()).unwrap_or_default();
        let answer = match (self.carriers.get(&label.order.carrier), locations.origin(&location)) {
            (Some(carrier), Some(origin)) => {
                carrier.recover_label(&asked.request(stored.person.as_ref(), origin)).await
            }
            _ => Err(CarrierError::Unavailable("the carrier or the location is not configured".to_owned())),
        };
        match answer {
            Ok(Recovered::Bought(bought)) => {
                self.labels.keep(stored.order, &asked, bought, trace).await?;
            }
            Ok(Recovered::NotBought) => {
                self.labels.failed(stored.order, &asked, LabelFailure::NotBought, trace).await?;
            }
            Err(error) if now < after(label.requested_at, PATIENCE_HOURS * 60) => {
                tracing::warn!(shipment = %id, label_id = %label.id, %error, "a label could not be looked for");
                return Ok(Some(Some(after(now, AGAIN_MINUTES))));
            }
            Ok(Recovered::CannotTell) | Err(_) => self.ask_a_person(stored.order, &asked, trace).await?,
        }
        Ok(None)
    }

    async fn ask_a_person(&self, order: Order, asked: &Asked, trace: &str) -> Result<(), Error> {
        tracing::error!(shipment = %asked.shipment, label_id = %asked.label_id, carrier = asked.label.carrier, "nobody knows whether a label was bought; look for it at the carrier");
        self.labels.answered(order, asked, LabelAnswer::Unknown, trace).await?;
        if let Some(metrics) = &self.metrics {
            metrics.emit(&Line::new("a label is in doubt").figure("labels_in_doubt", Unit::Count, 1));
        }
        Ok(())
    }

    async fn void(
        &self,
        order: Order,
        id: ShipmentId,
        label: &Label,
        trace: &str,
    ) -> Result<Option<Option<Timestamp>>, Error> {
        let now = self.labels.clock.now();
        let asked = Asked::of(id, label);
        let reference = label.bought.as_ref().map_or("", |bought| bought.reference.as_str());
        let answer = match self.carriers.get(&label.order.carrier) {
            Some(carrier) => carrier.void_label(reference, &label.tracking_numbers()).await,
            None => Err(CarrierError::Unavailable("the carrier is not configured".to_owned())),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if now < after(label.voiding_since.unwrap_or(now), PATIENCE_HOURS * 60) => {
                tracing::warn!(shipment = %id, label_id = %label.id, %error, "a label could not be voided");
                return Ok(Some(Some(after(now, AGAIN_MINUTES))));
            }
            Err(error) => Voided::Refused(error.to_string()),
        };
        let (_, refused) = self.labels.voided(order, &asked, answer, trace).await?;
        if let Some(why) = refused {
            tracing::error!(shipment = %id, label_id = %label.id, why, "a label is paid and not needed; settle it with the carrier");
        }
        Ok(None)
    }
}

fn after(time: Timestamp, minutes: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX)
}
