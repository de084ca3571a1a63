//! Looks at every submitted order for signs of fraud, and holds those that a person should see (A14).
//!
//! [`Screening`] is the same look wherever it is taken:
//! 1. Gather what the check asks for: what the order is worth, where goods and invoice go, how often the customer had
//!    ordered when it was submitted. None of it changes later, so a late look finds what a prompt one would have.
//! 2. A finding becomes a hold: the order can still be paid, and is neither prepared nor shipped until somebody
//!    approves it. Rejecting it cancels it and gives the money back. What somebody has approved is not held again.
//!
//! [`ScreenOrder`] takes it for every `order.submitted`, beside the customer's request, so that a person is asked early.
//! Its message may be late or lost. So it is taken again before an order is begun (`update_status`, `plan_shipment`): there is no
//! other way to a parcel, and nothing leaves unscreened.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use oms_domain::actor::Actor;
use oms_domain::money::{Currency, Money};
use oms_domain::ordering::{ChangeEvent, Command, Event, Order, Record, Refusal, ReviewEvent, ReviewReason, Status};
use oms_domain::public_event::{CloudEvent, Fact};

use crate::error::Error;
use crate::execute::{CommandContext, execute};
use crate::ports::{Clock, FraudCheck, FraudFacts, ListQuery, Orders, Outage, Scope, Stored};

/// How far back orders of the same customer count.
const VELOCITY_MINUTES: i64 = 60;

/// Orders within that time from which a customer is unusual.
const VELOCITY_ORDERS: usize = 10;

/// Looks at orders that wait to be prepared.
#[derive(Clone)]
pub struct Screening {
    orders: Arc<dyn Orders>,
    check: Arc<dyn FraudCheck>,
    clock: Arc<dyn Clock>,
}

pub struct ScreenOrder(pub Screening);

impl ScreenOrder {
    /// Runs it for one event; events of other kinds need nothing.
    pub async fn run(&self, event: &CloudEvent) -> Result<(), Error> {
        let Fact::Submitted { .. } = event.data.fact else { return Ok(()) };
        let stored = self.0.orders.load(event.subject).await?.ok_or(Error::NotFound)?;
        let context = Screening::context(&event.correlationid).with_notification("screen", &event.id);
        self.0.take(stored, &context).await?;
        Ok(())
    }
}

impl Screening {
    pub fn new(orders: Arc<dyn Orders>, check: Arc<dyn FraudCheck>, clock: Arc<dyn Clock>) -> Self {
        Screening { orders, check, clock }
    }

    /// In whose name it holds orders.
    fn context(correlation_id: &str) -> CommandContext {
        CommandContext::of(Actor::system("fraud_check"), correlation_id)
    }

    /// The order once it has been looked at before it is begun; refused if that holds it. Whoever has `seen` another version is told of that.
    pub(crate) async fn before_it_begins(
        &self,
        stored: Stored,
        seen: Option<u64>,
        correlation_id: &str,
    ) -> Result<Stored, Error> {
        let before = stored.order.version;
        if stored.order.status != Status::Confirmed || seen.is_some_and(|seen| seen != before) {
            return Ok(stored);
        }
        let stored = self.take(stored, &Screening::context(correlation_id)).await?;
        let is_held = stored.order.version > before && stored.order.review.is_some();
        if is_held { Err(Refusal::UnderReview.into()) } else { Ok(stored) }
    }

    /// Looks at an order and holds it if there is a finding; answers how the order stands then.
    async fn take(&self, stored: Stored, context: &CommandContext) -> Result<Stored, Error> {
        let order = &stored.order;
        if order.review.is_some() || !order.status.holds_stock() {
            return Ok(stored);
        }
        let reasons = self.check.assess(&self.facts(&stored).await?).await?;
        if reasons.is_empty() || self.was_approved(order).await? {
            return Ok(stored);
        }
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let command = Command::RequestReview { reasons };
        let outcome = execute(orders, clock, stored.order, &command, context, |_| String::new()).await?;
        Ok(Stored { order: outcome.into_order(), person: stored.person, request: stored.request })
    }

    /// Whether a person has looked at it as it is, and found nothing wrong. The events say so for good; few orders are asked
    /// about.
    async fn was_approved(&self, order: &Order) -> Result<bool, Error> {
        let events = self.orders.events(order.id).await?;
        let records = events.iter().filter_map(|sealed| serde_json::from_str::<Record>(&sealed.body).ok());
        // Who looked before a change did not see what the order has become.
        let last = records.map(|record| record.event).rfind(|event| {
            matches!(
                event,
                Event::Review(ReviewEvent::OrderReviewApproved { .. })
                    | Event::Change(ChangeEvent::OrderChanged { .. } | ChangeEvent::OrderChangeAccepted { .. })
            )
        });
        Ok(matches!(last, Some(Event::Review(_))))
    }

    async fn facts(&self, stored: &Stored) -> Result<FraudFacts, Error> {
        let order = &stored.order;
        let since = order.created_at.checked_sub(SignedDuration::from_mins(VELOCITY_MINUTES)).ok();
        // What was ordered later is judged by its own screening.
        let until = order.submitted_at().checked_add(SignedDuration::from_millis(1)).ok();
        let recent = ListQuery {
            scope: Scope::Customer(order.user_id.clone()),
            statuses: Vec::new(),
            from: since,
            until,
            newest_first: true,
            limit: VELOCITY_ORDERS,
            after: None,
        };
        let recent_orders = self.orders.list(&recent).await?.entries.len();
        let person = stored.person.as_ref();
        Ok(FraudFacts {
            total: order.total(),
            shipping_country: order.destination.country.clone(),
            billing_country: person.map(|person| person.billing_address.country.clone()),
            recent_orders,
        })
    }
}

/// The built-in rules: value, velocity, countries that do not match.
#[derive(Debug, Clone)]
pub struct FraudRules {
    /// Orders worth more are looked at, one limit a currency. Where there is any limit, an order in a currency without
    /// one is looked at, too: nobody has said what is much in it.
    pub review_above: Vec<Money>,
}

impl FraudRules {
    /// Reads the limits, e.g. `1500.00 EUR, 1800.00 USD`; an empty text sets none.
    pub fn read(text: &str) -> Result<Self, Error> {
        if text.trim().is_empty() {
            return Ok(FraudRules { review_above: Vec::new() });
        }
        let wrong = |why: String| Error::Internal(format!("REVIEW_ABOVE `{text}` is not like `1500.00 EUR`: {why}"));
        let mut review_above: Vec<Money> = Vec::new();
        for limit in text.split(',').map(str::trim) {
            let (amount, currency) = limit.split_once(' ').ok_or_else(|| wrong("no currency".to_owned()))?;
            let currency: Currency = currency.parse().map_err(|error| wrong(format!("{error}")))?;
            let money = Money::parse(amount, currency).map_err(|error| wrong(error.to_string()))?;
            if review_above.iter().any(|other| other.currency == currency) {
                return Err(wrong(format!("{currency} has two limits")));
            }
            review_above.push(money);
        }
        Ok(FraudRules { review_above })
    }
}

#[async_trait]
impl FraudCheck for FraudRules {
    async fn assess(&self, facts: &FraudFacts) -> Result<Vec<ReviewReason>, Outage> {
        let limit = self.review_above.iter().find(|limit| limit.currency == facts.total.currency);
        let valuable = limit.map_or(!self.review_above.is_empty(), |limit| facts.total.amount > limit.amount);
        let abroad = facts.billing_country.as_ref().is_some_and(|country| *country != facts.shipping_country);
        let findings = [
            (ReviewReason::Value, valuable),
            (ReviewReason::Velocity, facts.recent_orders >= VELOCITY_ORDERS),
            (ReviewReason::Countries, abroad),
        ];
        Ok(findings.into_iter().filter(|(_, found)| *found).map(|(reason, _)| reason).collect())
    }
}
