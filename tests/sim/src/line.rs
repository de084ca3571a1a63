//! The line from a process to the payment provider: nobody may answer, and an answer may get lost.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use oms_app::ports::{
    CaptureRef, GatewayError, MadeRefund, OpenedSession, PaymentGateway, Receipt, RefundRequest, RefundState,
    SessionRef, SessionRequest, SessionState, Webhook, WebhookError,
};
use oms_domain::money::Amount;
use oms_domain::payments::PaymentOutcome;

use crate::exec::SECOND;
use crate::planted::Bug;
use crate::ports::{Ports, within};
use crate::provider;
use crate::weather::Fault;
use crate::world::World;

/// Refunds of one order that fail at most, so that the shop's tries suffice.
const MOST_FAILED_REFUNDS: u32 = 2;

/// The provider, from where our processes stand.
struct Line(Ports);

impl Line {
    /// A page of which nobody could say how it stands counts as settled, where that mistake is made.
    fn forgotten(&self, answer: Result<SessionState, GatewayError>) -> Result<SessionState, GatewayError> {
        match answer {
            Err(_) if self.world().has(Bug::PageForgottenAfterFailure) => {
                Ok(SessionState::Over(PaymentOutcome::Failed { reason: "unknown".into() }))
            }
            answer => answer,
        }
    }

    async fn ask<T>(&self, call: impl Future<Output = Result<T, GatewayError>> + Send) -> Result<T, GatewayError> {
        self.0.step().await;
        let world = self.world();
        let away = within(world.bank().away, world.sim.now());
        if away || world.strikes(Fault::Provider) {
            // Nobody answers: it takes a while to find out.
            world.sim.sleep(2 * SECOND).await;
            return Err(GatewayError::Unavailable("trouble".into()));
        }
        let answer = call.await;
        let lost = world.strikes(Fault::Provider);
        self.0.step().await;
        if lost { Err(GatewayError::Unavailable("the answer is lost".into())) } else { answer }
    }

    fn world(&self) -> &World {
        &self.0.0
    }
}

#[async_trait]
impl PaymentGateway for Line {
    fn name(&self) -> &str {
        self.world().stripe.name()
    }

    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError> {
        let mut request = request.clone();
        if self.world().has(Bug::AskedForTheWrongAmount) {
            request.money.amount = request.money.amount - Amount::from_minor(1);
        }
        self.ask(self.world().stripe.open(&request)).await
    }

    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        let answer = self.ask(self.world().stripe.look_up(page)).await;
        self.world().note(|| format!("stripe: page {} is looked up: {answer:?}", page.payment_id));
        self.forgotten(answer)
    }

    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.ask(self.world().stripe.capture(page)).await
    }

    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        let answer = self.ask(self.world().stripe.close(page)).await;
        self.world().note(|| format!("stripe: page {} is closed: {answer:?}", page.payment_id));
        self.forgotten(answer)
    }

    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError> {
        let read = self.0.around(self.world().stripe.read_webhook(headers, body, now)).await?;
        let elsewhere = matches!(&read, Webhook::Refund(news) if news.refund_id.is_none());
        Ok(if elsewhere && self.world().has(Bug::RefundIgnoresWhatWentBack) { Webhook::Ignored } else { read })
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        let world = self.world();
        let wrong = misasked(world, request);
        let request = &wrong;
        let take_on = async {
            let new = world.stripe.find_refund(request).await?.is_none();
            if new && world.strikes(Fault::SlowRefund) {
                let failures = &mut *world.bank();
                let failed = failures.failures.entry(request.order_id).or_default();
                let fails = *failed < MOST_FAILED_REFUNDS && world.weather.lot(3) == 0;
                *failed += u32::from(fails);
                let state = if fails { RefundState::Failed("account_closed".into()) } else { RefundState::Pending };
                world.stripe.next_refund_is(state);
            }
            let receipt = world.stripe.refund(request).await?;
            world.note(|| format!("stripe: refund {} of {} is {:?}", request.refund_id, request.money, receipt.state));
            if new && receipt.state == RefundState::Pending {
                provider::finishes(world, request);
            }
            Ok(receipt)
        };
        let answer = self.ask(take_on).await;
        let lost = world.has(Bug::LostRefundTakenForFailed) && answer.is_err();
        if lost {
            let reference = format!("ref_{}", request.refund_id);
            return Ok(Receipt { reference, state: RefundState::Failed("no_answer".into()) });
        }
        answer
    }

    async fn refunds(&self, capture: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError> {
        let world = self.world();
        let blind = [Bug::RefundUnderNewKeys, Bug::RefundWithoutLookup, Bug::LostRefundTakenForFailed];
        if blind.into_iter().any(|bug| world.has(bug)) {
            return Ok(Vec::new());
        }
        self.ask(PaymentGateway::refunds(&world.stripe, capture)).await
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        self.ask(self.world().stripe.forget(token)).await
    }
}

/// A provider for one process.
pub(crate) fn line(ports: &Arc<Ports>) -> Arc<dyn PaymentGateway> {
    Arc::new(Line(ports.as_ref().clone()))
}

/// A refund as the mistake asks for it.
fn misasked(world: &World, request: &RefundRequest) -> RefundRequest {
    let mut wrong = request.clone();
    if !world.has_any() {
        return wrong;
    }
    let asked =
        world.stripe.refunds().iter().filter(|earlier| earlier.payment_reference == request.payment_reference).count();
    let anew = u32::try_from(asked).unwrap_or_default() + 7;
    if world.has(Bug::RefundUnderNewKeys) || (world.has(Bug::RefundWithoutLookup) && world.weather.lot(4) == 0) {
        wrong.refund_id = request.refund_id.after_failures(anew);
    }
    if world.has(Bug::RefundOfTheWhole) {
        wrong.money = world.store.order_now(request.order_id).total();
    }
    wrong
}
