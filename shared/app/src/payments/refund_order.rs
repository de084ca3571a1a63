//! An admin gives back a part of what was paid: units of lines, of shipping, or as a kindness (D6).
//!
//! 1. Load the order; only admins give money back by hand.
//! 2. Read lines and amounts in the order's own terms; every fault is named.
//! 3. Decide and commit. The order bounds it by what was paid and not yet promised back, and the `refund` function takes
//!    it to the provider from the event that follows.

use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::ids::{OrderId, RefundId};
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::address::Person;
use oms_domain::ordering::{Command, Order};
use oms_domain::payments::{Refund, RefundPart, Unshipped};

use crate::error::{Error, Field};
use crate::execute::{Outcome, execute, load};
use crate::intent::Intent;
use crate::ordering::units::{Units, named};
use crate::ports::{Clock, Orders};

/// What is given back.
#[derive(Debug, Clone)]
pub struct Request {
    /// Units of lines.
    pub lines: Vec<Units>,
    /// What becomes of those units that have not shipped.
    pub unshipped: Unshipped,
    /// Of shipping with its tax, as a decimal text in the order's currency.
    pub shipping: Option<String>,
    /// As a kindness, the same.
    pub goodwill: Option<String>,
    pub reason: String,
}

/// A refund and the order that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// The order, with the refund in its ledger.
    pub order: Order,
    /// Its person record, with what was written; nothing once that was erased.
    pub person: Option<Person>,
    /// The refund.
    pub refund: Refund,
}

pub struct RefundOrder {
    orders: Arc<dyn Orders>,
    clock: Arc<dyn Clock>,
}

impl RefundOrder {
    pub fn new(orders: Arc<dyn Orders>, clock: Arc<dyn Clock>) -> Self {
        RefundOrder { orders, clock }
    }

    pub async fn run(&self, order_id: OrderId, intent: &Intent, request: Request) -> Result<Refunded, Error> {
        let stored = load(self.orders.as_ref(), Operation::RefundOrder, &intent.caller, order_id).await?;
        let mut person = stored.person;
        let command = Command::RefundPart { part: part(&stored.order, request)? };
        // The rest may follow it in the same change, where that closes the order.
        let last = |order: &Order| {
            let own = order.ledger.refunds.iter().rfind(|refund| refund.part.is_some());
            own.map(|refund| refund.id.to_string()).unwrap_or_default()
        };
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let (order, id) = match execute(orders, clock, stored.order, &command, &intent.context(), last).await? {
            Outcome::Changed(order, written) => {
                if let Some(person) = &mut person {
                    person.words.extend(written.into_iter().map(|one| (one.version, one.text)));
                }
                let id = last(&order);
                (order, id)
            }
            Outcome::Unchanged(order) => {
                let id = last(&order);
                (order, id)
            }
            Outcome::Repeated { order, outcome } => (order, outcome),
        };
        let refund = id.parse::<RefundId>().ok().and_then(|id| order.ledger.refund(id).cloned());
        let refund = refund.ok_or_else(|| Error::Internal("the refund is lost".into()))?;
        Ok(Refunded { order, person, refund })
    }
}

/// The request in the order's own terms.
fn part(order: &Order, request: Request) -> Result<RefundPart, Error> {
    let (lines, mut faults) = named(order, &request.lines);
    let shipping = amount(request.shipping.as_deref(), "/shipping", order.currency, &mut faults);
    let goodwill = amount(request.goodwill.as_deref(), "/goodwill", order.currency, &mut faults);
    if faults.is_empty() {
        Ok(RefundPart {
            lines,
            unshipped: request.unshipped,
            shipping,
            goodwill,
            note: request.reason.into(),
            ..RefundPart::default()
        })
    } else {
        Err(Error::Invalid(faults))
    }
}

fn amount(text: Option<&str>, pointer: &str, currency: Currency, faults: &mut Vec<Field>) -> Amount {
    let Some(text) = text else { return Amount::ZERO };
    match Money::parse(text, currency) {
        Ok(money) if money.amount.is_positive() => return money.amount,
        Ok(_) => faults.push(Field::new(pointer, "must be greater than zero; omit it otherwise")),
        Err(error) => faults.push(Field::new(pointer, error)),
    }
    Amount::ZERO
}
