//! The payment provider beyond our line to it: what happens on its pages, and how it tells us.

use jiff::Timestamp;
use oms_app::ports::{Message, PaymentGateway as _, RefundRequest, SessionRequest};
use oms_domain::ids::{OrderId, PaymentId};
use oms_domain::money::{Amount, Money};
use oms_domain::payments::{DisputeState, PaymentNotification, PaymentOutcome};
use oms_testkit::memory::Delivery;

use crate::exec::{MINUTE, Millis, SECOND};
use crate::http::{Ask, ask};
use crate::weather::Fault;
use crate::world::{PROVIDER, Sent, World};

/// Pauses between tries of a webhook that was not taken, in seconds.
const PAUSES: [i64; 6] = [5, 15, 60, 120, 300, 600];

/// Pause once there is no more trouble.
const CALM_PAUSE: i64 = 30;

/// A message leaves for a customer.
pub(crate) fn leaves(world: &World, message: &Message) {
    world.note(|| format!("sent {} {:?}", message.notice.id(), message.kind));
    let again = world.mail().finished.contains(&message.notice);
    world.mail().sent.push(Sent { message: message.clone(), again });
}

/// Somebody stands before a checkout page and pays, or does not.
pub(crate) fn act_on_page(world: &World, payment_id: PaymentId) {
    let closed = world.stripe.closed().contains(&payment_id);
    let paid = world.stripe.captured().iter().any(|captured| captured.payment_id == payment_id);
    if closed || paid || !world.stripe.sessions().iter().any(|session| session.payment_id == payment_id) {
        return;
    }
    let now = world.sim.time();
    let bet = world.weather.lot(100);
    world.note(|| {
        format!("stripe: page {payment_id} {}", if bet < 65 { "is paid" } else { "is not paid, or agreed to" })
    });
    match bet {
        0..65 => {
            tell(world, &world.stripe.pay(payment_id, now), Loss::Possible);
            if world.strikes(Fault::RepeatedWebhook) {
                tell_in_other_words(world, payment_id);
            }
            if world.strikes(Fault::ByHand) {
                by_hand(world, payment_id);
            }
        }
        65..75 => tell(world, &world.stripe.approve(payment_id, now), Loss::Possible),
        75..90 => tell(world, &world.stripe.decline(payment_id, now), Loss::Possible),
        _ => {}
    }
}

/// Somebody gives a part of the money back at the provider, or a bank wants all of it and decides; at any time, before and
/// after what we give back.
fn by_hand(world: &World, payment_id: PaymentId) {
    let here = world.clone();
    world.sim.spawn(async move {
        let wait = i64::try_from(here.weather.lot(60)).unwrap_or_default();
        here.sim.sleep(SECOND + wait * MINUTE).await;
        let left = here.stripe.left(payment_id).minor();
        let captured = here.stripe.captured().into_iter().find(|captured| captured.payment_id == payment_id);
        let Some(captured) = captured.filter(|_| left > 0 && !here.is_calm()) else { return };
        let now = here.sim.time();
        if here.weather.lot(3) > 0 {
            let part = 1 + i64::try_from(here.weather.lot(left.unsigned_abs())).unwrap_or_default();
            let money = Money::new(Amount::from_minor(part), captured.money.currency);
            here.note(|| format!("stripe: somebody gives {money} of {payment_id} back by hand"));
            tell(&here, &here.stripe.refund_by_hand(payment_id, money, now), Loss::Impossible);
            return;
        }
        here.note(|| format!("stripe: a bank wants {payment_id} back"));
        tell(&here, &here.stripe.dispute(payment_id, now), Loss::Impossible);
        let wait = i64::try_from(here.weather.lot(20)).unwrap_or_default();
        here.sim.sleep(SECOND + wait * MINUTE).await;
        let state = if here.weather.lot(2) == 0 { DisputeState::Lost } else { DisputeState::Won };
        here.note(|| format!("stripe: the dispute of {payment_id} is {}", state.name()));
        tell(&here, &here.stripe.decide_dispute(payment_id, state, here.sim.time()), Loss::Impossible);
    });
}

/// Providers tell of one capture in several ways, each with an id of its own.
fn tell_in_other_words(world: &World, payment_id: PaymentId) {
    let captured = world.stripe.captured().into_iter().find(|captured| captured.payment_id == payment_id);
    let Some(captured) = captured else { return };
    let outcome =
        PaymentOutcome::Succeeded { reference: format!("cap_{payment_id}"), money: captured.money, kept: None };
    let event_id = format!("evt_again_{payment_id}");
    let told = PaymentNotification { event_id, order_id: captured.order_id, payment_id, outcome };
    tell(world, &world.stripe.webhook(&told, world.sim.time()), Loss::Possible);
}

/// A page that was made ready ahead is paid, and we hear of it before we know of the attempt.
pub(crate) async fn pay_ahead(world: &World, order_id: OrderId) -> Option<PaymentId> {
    let order = world.store.all_orders().into_iter().find(|order| order.id == order_id)?;
    let payment_id = PaymentId::of_attempt(order_id, order.ledger.payments.len());
    let request = SessionRequest {
        order_id,
        payment_id,
        money: order.total(),
        return_url: None,
        requested_at: world.sim.time(),
        expires_at: order.reservation_expires_at?,
        keep_for: None,
    };
    world.stripe.open(&request).await.ok()?;
    world.note(|| format!("stripe: page {payment_id} is paid before we know of it"));
    tell(world, &world.stripe.pay(payment_id, world.sim.time()), Loss::Impossible);
    Some(payment_id)
}

/// A refund that was taken on is done a while later.
pub(crate) fn finishes(world: &World, request: &RefundRequest) {
    let (here, request) = (world.clone(), request.clone());
    world.sim.spawn(async move {
        let minutes = i64::try_from(here.weather.lot(20)).unwrap_or_default();
        here.sim.sleep(SECOND + minutes * MINUTE).await;
        let failures = here.bank().failures.get(&request.order_id).copied().unwrap_or_default();
        let now = here.sim.time();
        let delivery = if failures < 2 && here.strikes(Fault::SlowRefund) {
            *here.bank().failures.entry(request.order_id).or_default() += 1;
            here.note(|| format!("stripe: refund {} fails", request.refund_id));
            here.stripe.refund_failed_webhook(request.order_id, request.refund_id, now)
        } else {
            here.stripe.finish_refund(request.refund_id);
            here.note(|| format!("stripe: refund {} is done", request.refund_id));
            here.stripe.refund_webhook(request.order_id, request.refund_id, now)
        };
        tell(&here, &delivery, Loss::Impossible);
    });
}

/// Whether a webhook may never come. Where we would look only hours later by ourselves it comes in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    Possible,
    Impossible,
}

/// Calls us until we have taken it.
fn tell(world: &World, delivery: &Delivery, loss: Loss) {
    if loss == Loss::Possible && world.strikes(Fault::LostWebhook) {
        return;
    }
    let copies = if world.strikes(Fault::RepeatedWebhook) { 2 } else { 1 };
    for _ in 0..copies {
        let (here, delivery) = (world.clone(), delivery.clone());
        world.bank().untold += 1;
        let late = if world.strikes(Fault::RepeatedWebhook) { 1_200 } else { 4 };
        let wait = i64::try_from(world.weather.lot(late)).unwrap_or_default() * SECOND;
        world.sim.spawn(async move {
            here.sim.sleep(wait).await;
            call_back(&here, &delivery).await;
            here.bank().untold -= 1;
        });
    }
}

async fn call_back(world: &World, delivery: &Delivery) {
    for pause in PAUSES.into_iter().cycle() {
        let (headers, body) = signed(delivery, world.sim.time());
        let webhook = Ask {
            package: "payment-callback",
            method: "POST",
            path: format!("/api/payments/callback/{PROVIDER}"),
            parameter: Some(("provider", PROVIDER.to_owned())),
            headers,
            body: Some(String::from_utf8_lossy(&body).into_owned()),
        };
        if ask(world, None, &webhook).await.given().is_some() {
            return;
        }
        let pause: Millis = if world.is_calm() { CALM_PAUSE } else { pause };
        world.sim.sleep(pause * SECOND).await;
    }
}

/// Each try is signed anew.
fn signed((headers, body): &Delivery, now: Timestamp) -> Delivery {
    let time = now.as_second().to_string();
    let anew = |(name, value): &(String, String)| {
        (name.clone(), if name.ends_with("time") { time.clone() } else { value.clone() })
    };
    (headers.iter().map(anew).collect(), body.clone())
}
