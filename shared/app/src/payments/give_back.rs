//! Makes a refund at its provider, once, whatever happened there beside us: the same for the queue that brings it and for
//! `sweep`, which finds what a queue has lost.
//!
//! 1. While a bank has yet to decide about the payment, nothing is asked: providers refuse until then.
//! 2. Ask the provider what has gone back of the payment, and believe it: refunds of ours whose answer was lost, and
//!    those that somebody made by hand. What we still promise shrinks by those in the same change.
//! 3. Ask for what is left, under the refund's present key. A provider that refuses is asked once more what has gone
//!    back; if that changes what is left, that is asked for.

use std::sync::Arc;

use oms_domain::ids::RefundId;
use oms_domain::ordering::Order;
use oms_domain::payments::Refund;

use crate::error::Error;
use crate::payments::gateways::Gateways;
use crate::payments::refunds::outstanding;
use crate::payments::settle::{Settle, Source};
use crate::ports::{CaptureRef, Clock, GatewayError, MadeRefund, Orders, PaymentGateway, RefundState};

/// After so many failures at the provider a person has to look.
pub(crate) const MAX_REFUND_FAILURES: u32 = 3;

/// How often the provider is asked for less, because others give back of the payment at the same time.
const MAX_ROUNDS: usize = 5;

/// How a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Nothing of it is left to do.
    Done,
    /// The provider works on it.
    Waits,
    /// A bank has to decide first; its word is followed by another try.
    Disputed,
    /// It failed, and is tried again under another key.
    Failed,
    /// It failed too often.
    Exhausted,
}

#[derive(Clone)]
pub(crate) struct GiveBack {
    orders: Arc<dyn Orders>,
    gateways: Gateways,
    settle: Settle,
}

impl GiveBack {
    pub(crate) fn new(orders: Arc<dyn Orders>, gateways: Gateways, clock: Arc<dyn Clock>) -> Self {
        let settle = Settle::new(orders.clone(), gateways.clone(), clock);
        GiveBack { orders, gateways, settle }
    }

    pub(crate) async fn run(&self, order: Order, refund_id: RefundId, correlation_id: &str) -> Result<Stands, Error> {
        let (mut order, mut refused) = (order, None);
        for _ in 0..MAX_ROUNDS {
            let Some((provider, request)) = outstanding(&order, refund_id)? else { return Ok(Stands::Done) };
            if order.ledger.refund(refund_id).is_some_and(|refund| order.ledger.is_disputed(refund.payment_id)) {
                return Ok(Stands::Disputed);
            }
            let away = || Error::ServiceUnavailable(format!("payment provider {provider} is not configured"));
            let gateway = self.gateways.get(&provider).ok_or_else(away)?;
            let source = Source { provider: &provider, event_id: None, correlation_id };
            let capture = CaptureRef { order_id: order.id, payment_reference: request.payment_reference };
            let made = gateway.refunds(&capture).await?;
            let failures = failures(&order, refund_id);
            order = self.believe(order, &capture.payment_reference, &made, source).await?;
            let Some((_, request)) = outstanding(&order, refund_id)? else { return Ok(Stands::Done) };
            let refund = order.ledger.refund(refund_id);
            if refund.is_some_and(|refund| is_pending(refund, &made)) {
                return Ok(Stands::Waits);
            }
            if self::failures(&order, refund_id) > failures {
                return Ok(Stands::Failed);
            }
            if failures >= MAX_REFUND_FAILURES {
                return Ok(Stands::Exhausted);
            }
            if let Some((key, why)) = refused.take()
                && key == request.refund_id
            {
                return Err(why);
            }
            match self.ask(gateway, &order, request, source).await {
                Err(Error::PaymentRefused(why)) => {
                    let key = order.ledger.refund(refund_id).map_or(refund_id, Refund::key);
                    refused = Some((key, Error::PaymentRefused(why)));
                }
                asked => return asked,
            }
        }
        Err(Error::Contended)
    }

    async fn ask(
        &self,
        gateway: &dyn PaymentGateway,
        order: &Order,
        request: crate::ports::RefundRequest,
        source: Source<'_>,
    ) -> Result<Stands, Error> {
        let receipt = match gateway.refund(&request).await {
            Ok(receipt) => receipt,
            Err(GatewayError::Declined(why)) => return Err(Error::PaymentRefused(why)),
            Err(error) => return Err(error.into()),
        };
        let stands = match receipt.state {
            RefundState::Pending => return Ok(Stands::Waits),
            RefundState::Done => Stands::Done,
            RefundState::Failed(_) => Stands::Failed,
        };
        self.settle.receipt(order.clone(), request.refund_id, receipt, Some(request.money), source).await?;
        Ok(stands)
    }

    /// Applies what the provider has made of this payment, as far as it is news; first what failed, which leaves room.
    async fn believe(
        &self,
        order: Order,
        payment_reference: &str,
        made: &[MadeRefund],
        source: Source<'_>,
    ) -> Result<Order, Error> {
        let mut order = order;
        let mut news: Vec<MadeRefund> = made.iter().filter(|made| is_news(&order, made)).cloned().collect();
        news.sort_by_key(|made| !matches!(made.receipt.state, RefundState::Failed(_)));
        for made in news {
            let MadeRefund { refund_id, money, receipt } = made;
            match refund_id {
                Some(key) => self.settle.receipt(order.clone(), key, receipt, Some(money), source).await?,
                None => self.settle.made_by_hand(order.clone(), payment_reference, money, receipt, source).await?,
            };
            order = self.orders.load(order.id).await?.ok_or(Error::NotFound)?.order;
        }
        Ok(order)
    }
}

fn failures(order: &Order, refund_id: RefundId) -> u32 {
    order.ledger.refund(refund_id).map_or(0, |refund| refund.failures)
}

/// Whether the provider works on it under one of its keys.
fn is_pending(refund: &Refund, made: &[MadeRefund]) -> bool {
    let ours = |made: &&MadeRefund| made.refund_id.is_some_and(|key| refund.keys().any(|own| own == key));
    made.iter().filter(ours).any(|made| made.receipt.state == RefundState::Pending)
}

fn is_news(order: &Order, made: &MadeRefund) -> bool {
    let id = || RefundId::of_reference(order.id, &made.receipt.reference);
    match (made.refund_id, &made.receipt.state) {
        (Some(key), RefundState::Done) => {
            let refund = order.ledger.refund_by_key(key);
            let known = |refund: &Refund| refund.completed && refund.amount.is_positive() && refund.was_done_as(key);
            refund.is_some_and(|refund| !known(refund)) && order.ledger.made_elsewhere(id()).is_none()
        }
        (Some(key), RefundState::Failed(_)) => order
            .ledger
            .refund_by_key(key)
            .is_some_and(|refund| refund.amount.is_positive() && refund.standing_key() == key),
        (Some(_), RefundState::Pending) => false,
        // What is on its way takes room like what has arrived.
        (None, RefundState::Done | RefundState::Pending) => order.ledger.made_elsewhere(id()).is_none(),
        (None, RefundState::Failed(_)) => {
            order.ledger.made_elsewhere(id()).is_some_and(|refund| refund.amount.is_positive() && refund.completed)
        }
    }
}
