//! Opens a checkout page at a payment provider (E1, E2).
//!
//! 1. Load the order; the owner and admins may pay it.
//! 2. Record the attempt first (commit), then ask the provider, with the attempt's id as idempotency key. So a webhook
//!    never speaks of a payment that we do not know, and a crash in between costs nothing: asked again, we use the
//!    same attempt and the provider answers with the same page.
//!
//! Without a key an attempt that is still open at the same provider is used again; a new key means a new attempt.

use std::sync::Arc;

use oms_domain::actor::Caller;
use oms_domain::ids::{OrderId, PaymentId};
use oms_domain::money::Money;
use oms_domain::order::{Command, Order, Status};
use oms_domain::payment::{Attempt, Payment};

use crate::change::{Deed, Idempotency, Outcome, apply, load_visible, owner_or_admin};
use crate::error::{Error, Field};
use crate::ports::{Clock, Gateways, Orders, SessionRequest};

/// Who pays which order where.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who.
    pub caller: Caller,
    /// Which order.
    pub order_id: OrderId,
    /// Name of the provider.
    pub provider: String,
    /// Where the customer goes afterwards; an absolute URL, already checked.
    pub return_url: Option<String>,
    /// Whether the customer agrees that the means of payment is kept for them.
    pub keep_method: bool,
    /// The caller's key, if given.
    pub idempotency: Option<Idempotency>,
    /// The request's correlation id.
    pub correlation_id: String,
}

/// An open checkout page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The attempt.
    pub payment_id: PaymentId,
    /// At which provider.
    pub provider: String,
    /// How much is asked for.
    pub money: Money,
    /// Where to send the customer.
    pub redirect_url: String,
}

/// The use case.
pub struct PayOrder {
    orders: Arc<dyn Orders>,
    gateways: Gateways,
    clock: Arc<dyn Clock>,
}

impl PayOrder {
    /// Wires the use case.
    pub fn new(orders: Arc<dyn Orders>, gateways: Gateways, clock: Arc<dyn Clock>) -> Self {
        PayOrder { orders, gateways, clock }
    }

    /// Runs it.
    pub async fn run(&self, request: Request) -> Result<Opened, Error> {
        let stored = load_visible(self.orders.as_ref(), request.order_id, &request.caller).await?;
        owner_or_admin(&request.caller)?;
        let Some(gateway) = self.gateways.get(&request.provider) else {
            let message = match self.gateways.names().as_slice() {
                [] => "this shop takes no payments yet".to_owned(),
                names => format!("is not offered; choose one of: {}", names.join(", ")),
            };
            return Err(Error::Invalid(vec![Field::new("/provider", message)]));
        };
        if request.keep_method && request.caller.user() != &stored.order.user_id {
            return Err(Error::Invalid(vec![Field::new("/keep_method", "only the customer can agree to it")]));
        }
        let (order, payment_id) = self.attempt(stored.order, &request).await?;
        let payment = order.ledger.payment(payment_id).ok_or_else(|| Error::Internal("the attempt is lost".into()))?;
        let session = SessionRequest {
            order_id: order.id,
            payment_id,
            money: Money::new(payment.amount, order.currency),
            return_url: request.return_url,
            requested_at: payment.requested_at,
            expires_at: order.reservation_expires_at.unwrap_or(payment.requested_at),
            keep_for: payment.keep.then(|| order.user_id.clone()),
        };
        let opened = gateway.open(&session).await?;
        Ok(Opened { payment_id, provider: request.provider, money: session.money, redirect_url: opened.redirect_url })
    }

    /// The attempt to use: an open one, the one of the same key, or a new one.
    async fn attempt(&self, order: Order, request: &Request) -> Result<(Order, PaymentId), Error> {
        if let Some(open) = open_attempt(&order, request) {
            return Ok((order, open));
        }
        let deed = Deed::by(&request.caller, &request.correlation_id)
            .remembered(&request.caller, request.idempotency.as_ref());
        let command = Command::RequestPayment { provider: request.provider.clone(), keep: request.keep_method };
        let last =
            |order: &Order| order.ledger.payments.last().map(|payment| payment.id.to_string()).unwrap_or_default();
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let (order, id) = match apply(orders, clock, order, &command, &deed, last).await? {
            Outcome::Changed(order) | Outcome::Unchanged(order) => {
                let id = last(&order);
                (order, id)
            }
            Outcome::Repeated { order, outcome } => (order, outcome),
        };
        let id: PaymentId = id.parse().map_err(|_| Error::Internal("a payment's id is not an id".into()))?;
        Ok((order, id))
    }
}

fn open_attempt(order: &Order, request: &Request) -> Option<PaymentId> {
    let open = |payment: &&Payment| {
        let same = payment.provider == request.provider && payment.keep == request.keep_method;
        same && payment.attempt == Attempt::Requested
    };
    let usable = request.idempotency.is_none() && order.status == Status::Pending;
    order.ledger.payments.last().filter(open).filter(|_| usable).map(|payment| payment.id)
}
