//! What customers are told: every text as it arrives, and each once.

use std::fmt::Write as _;

use oms_app::Error;
use oms_app::messaging::texts::{self, Texts, Told};
use oms_app::ports::{Clock as _, Notice, Notices as _, Stored};
use oms_domain::actor::Actor;
use oms_domain::fulfilment::{LineQuantity, Location, Shipment, ShipmentStatus, Tracking};
use oms_domain::ids::{PaymentId, RefundId};
use oms_domain::messaging::{Channel, MessageKind};
use oms_domain::ordering::{CancelReason, LapseReason, Order};
use oms_domain::payments::RefundReason;
use oms_domain::public_event::{CloudEvent, Fact, PublicEvent};
use oms_domain::signed_link::{Link, Purpose};
use oms_testkit::Fault;
use oms_testkit::builders::{a_person, a_product, an_order, link_keys, order_id};
use oms_testkit::memory::MessengerFault;
use oms_testkit::start;

use crate::shop::{REQUEST, Shop, a_cart};

const CHANNELS: [Channel; 2] = [Channel::Email, Channel::Sms];

/// A fact that each text tells of.
pub(crate) fn fact(kind: MessageKind, order: &Order) -> Fact {
    let payment_id = PaymentId::of_attempt(order.id, 0);
    let refund_id = RefundId::of_sequence(order.id, 0);
    let amount_minor = order.totals.total.minor();
    match kind {
        MessageKind::Submitted => Fact::Submitted { pay_until: order.reservation_expires_at.unwrap(), free: false },
        MessageKind::Confirmed => Fact::Confirmed,
        MessageKind::PaymentConfirmed => Fact::PaymentConfirmed { payment_id, accepted: true, change: None },
        MessageKind::PaymentFailed => Fact::PaymentFailed { payment_id, expired: false },
        MessageKind::PaymentProcessing => Fact::PaymentProcessing { payment_id, wait_until: start() },
        MessageKind::PaymentPageOpened => Fact::PaymentPageOpened { payment_id },
        MessageKind::ProcessingStarted => Fact::ProcessingStarted,
        MessageKind::Shipped => {
            Fact::Shipped { carrier: "dhl".into(), tracking_number: "00340434161094042557".into(), shipment: None }
        }
        MessageKind::TrackingChanged => Fact::TrackingChanged { shipment: 2, tell: true },
        MessageKind::OutForDelivery => Fact::OutForDelivery { shipment: 2 },
        MessageKind::ReadyForPickup => Fact::ReadyForPickup { shipment: 2 },
        MessageKind::ShipmentFailed => Fact::ShipmentFailed { shipment: 2 },
        MessageKind::DeliveryFailed => Fact::DeliveryFailed { shipment: None },
        MessageKind::ShipmentLost => Fact::ShipmentLost { shipment: 1 },
        MessageKind::ShipmentDelivered => Fact::ShipmentDelivered { shipment: 1 },
        MessageKind::Delivered => Fact::Delivered,
        MessageKind::Cancelled => Fact::Cancelled { reason: CancelReason::CustomerRequest },
        MessageKind::LinesCancelled => Fact::LinesCancelled {
            reason: CancelReason::CustomerRequest,
            lines: vec![LineQuantity { line: 1, quantity: 1 }],
        },
        MessageKind::Changed => Fact::Changed { change: 1 },
        MessageKind::ChangeOffered => Fact::ChangeOffered { change: 1, until: start(), due_minor: 1_990 },
        MessageKind::ChangeLapsed => Fact::ChangeLapsed { change: 1, reason: LapseReason::Expired },
        MessageKind::ReturnRequested => Fact::ReturnRequested,
        MessageKind::ReturnDenied => Fact::ReturnDenied,
        MessageKind::Returned => Fact::Returned,
        MessageKind::ReturnOpened => Fact::ReturnOpened { number: 1, claim: false },
        MessageKind::ReturnApproved => Fact::ReturnApproved { number: 1, until: Some(start()) },
        MessageKind::ReturnDeclined => Fact::ReturnDeclined { number: 1 },
        MessageKind::ReturnReceived => Fact::ReturnReceived { number: 1, amount_minor },
        MessageKind::ReturnExpired => Fact::ReturnExpired { number: 1 },
        MessageKind::RefundInitiated => {
            Fact::RefundInitiated { refund_id, amount_minor, reason: RefundReason::OrderCancelled }
        }
        MessageKind::RefundCompleted => Fact::RefundCompleted { refund_id, amount_minor },
    }
}

pub(crate) fn told_of(order: &Order, fact: Fact) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".into(),
        id: format!("{}/{}", order.id, order.version),
        source: "/oms/orders".into(),
        kind: format!("oms.{}.v1", fact.name()),
        subject: order.id,
        time: start(),
        datacontenttype: "application/json".into(),
        correlationid: REQUEST.into(),
        data: PublicEvent {
            order_number: order.id.number().to_string(),
            version: order.version,
            status: order.status,
            actor: Actor::system("test"),
            fact,
        },
    }
}

/// The first holds a unit, the second all of the order in one parcel, the third all of it in two.
fn shipments(order: &Order) -> Vec<Shipment> {
    let parcel = |carrier: &str, number: &str| Tracking::checked(carrier, number).unwrap();
    let all = || order.lines.iter().map(|line| LineQuantity { line: line.line, quantity: line.quantity }).collect();
    let one = vec![LineQuantity { line: 1, quantity: 1 }];
    let of = |number, lines, parcels| {
        let planned = Shipment::planned(number, lines, None, Location::main());
        Shipment { status: ShipmentStatus::Shipped, parcels, ..planned }
    };
    let dhl = || parcel("dhl", "00340434161094042557");
    vec![
        of(1, one, vec![dhl()]),
        of(2, all(), vec![dhl()]),
        of(3, all(), vec![dhl(), parcel("ups", "1Z999AA10123456784")]),
    ]
}

/// The text message as it is sent.
pub(crate) fn text_message(fact: Fact, kind: MessageKind) -> String {
    text_message_with(fact, kind, Some("https://shop.example/track"))
}

/// The same of a shop whose tracking links begin like this.
pub(crate) fn text_message_with(fact: Fact, kind: MessageKind, base: Option<&str>) -> String {
    let texts = Texts::new(texts::Shop { name: "Mug Shop".into(), url: "https://shop.example".into() }).unwrap();
    let mut order = an_order(1).order();
    order.shipments = shipments(&order);
    let event = told_of(&order, fact);
    let notice = Notice { order_id: event.subject, version: event.data.version, channel: Channel::Sms };
    let stored = Stored { order, person: Some(a_person()), request: None };
    let link = base.map(|base| tracking_link(&stored.order, base));
    texts.message(&Told { stored: &stored, event: &event, kind, link: link.as_deref() }, notice).unwrap().body
}

/// The tracking link of a shop whose links begin like this.
pub(crate) fn tracking_link(order: &Order, base: &str) -> String {
    format!("{base}/{}", Link::new(Purpose::Track, order.id, start()).token(&link_keys()))
}

fn rendered(fact: Fact, kind: MessageKind) -> String {
    let texts = Texts::new(texts::Shop { name: "Mug Shop".into(), url: "https://shop.example".into() }).unwrap();
    let mug = a_product(1).named("Stoneware mug").build();
    let mut order =
        an_order(1).of(&mug, 2).of(&a_product(2).named("Tea <strainer> & \"lid\"").priced(550).build(), 1).order();
    order.shipments = shipments(&order);
    // What is told before payment does not repeat the name.
    let unpaid =
        [MessageKind::Submitted, MessageKind::PaymentFailed, MessageKind::PaymentPageOpened, MessageKind::Cancelled];
    order.paid_at = Some(start()).filter(|_| !unpaid.contains(&kind));
    let event = told_of(&order, fact);
    let stored = Stored { order, person: Some(a_person()), request: None };
    let link = Some(tracking_link(&stored.order, "https://shop.example/track")).filter(|_| kind.tells_of_parcels());
    let told = Told { stored: &stored, event: &event, kind, link: link.as_deref() };
    let mut shown = String::new();
    for channel in CHANNELS {
        let notice = Notice { order_id: event.subject, version: event.data.version, channel };
        let message = texts.message(&told, notice).unwrap();
        writeln!(shown, "{} to {}", channel.name(), message.to).unwrap();
        if let Some(subject) = &message.subject {
            assert!(!subject.contains('\n') && channel == Channel::Email, "a subject is one line of an e-mail");
            writeln!(shown, "subject: {subject}").unwrap();
        } else {
            assert_eq!(channel, Channel::Sms);
            assert!(!message.body.contains('\n'), "an SMS is one line");
        }
        writeln!(shown, "\n{}\n", message.body).unwrap();
    }
    shown
}

#[test]
fn every_text_reads_as_it_should() {
    // I1–I3, D7, H7
    let order = an_order(1).order();
    for kind in MessageKind::ALL {
        let fact = fact(kind, &order);
        assert_eq!(MessageKind::about(&fact), Some(kind));
        insta::assert_snapshot!(kind.name(), rendered(fact, kind));
    }
}

#[test]
fn a_cancellation_says_why() {
    // D7
    for reason in [CancelReason::PaymentTimeout, CancelReason::AdminDecision] {
        let text = rendered(Fact::Cancelled { reason }, MessageKind::Cancelled);
        insta::assert_snapshot!(format!("cancelled_{}", reason.name()), text);
    }
}

#[test]
fn g10_the_customer_hears_which_lines_come_and_in_which_parcels() {
    for (name, shipment) in [("shipped_in_part", 1), ("shipped_in_two_parcels", 3)] {
        let fact = Fact::Shipped {
            carrier: "dhl".into(),
            tracking_number: "00340434161094042557".into(),
            shipment: Some(shipment),
        };
        insta::assert_snapshot!(name, rendered(fact, MessageKind::Shipped));
    }
    let fact = Fact::DeliveryFailed { shipment: Some(1) };
    insta::assert_snapshot!("delivery_failed_in_part", rendered(fact, MessageKind::DeliveryFailed));
}

#[test]
fn an_unknown_carrier_has_no_link_of_its_own() {
    let fact = Fact::Shipped { carrier: "cousin-tom".into(), tracking_number: "7".into(), shipment: None };
    insta::assert_snapshot!("shipped_by_an_unknown_carrier", rendered(fact, MessageKind::Shipped));
}

#[tokio::test]
async fn a_customer_hears_once_on_each_channel_however_often_the_event_comes() {
    // I1–I4, invariant 11
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let event = shop.event(order.id, "order.payment_confirmed").await;
    for _ in 0..3 {
        shop.notify.run(&event).await.unwrap();
    }
    let sent: Vec<_> = shop.messenger.sent().into_iter().map(|message| (message.notice.channel, message.to)).collect();
    let contact = a_person().contact.into_inner();
    assert_eq!(sent, [(Channel::Email, contact.email), (Channel::Sms, contact.phone.unwrap())]);
}

#[tokio::test]
async fn without_a_phone_there_is_no_sms() {
    // I4
    let shop = Shop::open();
    let mut cart = a_cart([(1, 1)]);
    cart.part.contact.phone = None;
    let order = shop.create(cart).await.unwrap().order;
    shop.notify.run(&shop.event(order.id, "order.submitted").await).await.unwrap();
    assert_eq!(shop.messenger.sent().len(), 1);
}

#[tokio::test]
async fn events_without_a_text_tell_nobody() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.notify.run(&shop.event(order.id, "order.created").await).await.unwrap();
    assert!(shop.messenger.sent().is_empty());
}

#[tokio::test]
async fn who_was_erased_is_not_written_to() {
    // O15
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    shop.store.erase_person(order.id);
    shop.notify.run(&shop.event(order.id, "order.submitted").await).await.unwrap();
    assert!(shop.messenger.sent().is_empty());
}

#[tokio::test]
async fn a_passing_failure_comes_again_and_repeats_no_channel_that_was_served() {
    // I5
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let event = shop.event(order.id, "order.payment_confirmed").await;
    // The e-mail leaves, the SMS does not.
    let email = Notice { order_id: order.id, version: event.data.version, channel: Channel::Email };
    shop.store.begin(&email, shop.clock.now()).await.unwrap();
    shop.store.finish(&email, shop.clock.now()).await.unwrap();
    shop.messenger.fail_next(MessengerFault::Transient);
    assert!(shop.notify.run(&event).await.unwrap_err().is_transient());
    assert!(shop.messenger.sent().is_empty());
    shop.notify.run(&event).await.unwrap();
    let channels: Vec<Channel> = shop.messenger.sent().iter().map(|message| message.notice.channel).collect();
    assert_eq!(channels, [Channel::Sms]);
}

#[tokio::test]
async fn a_message_that_is_refused_for_good_ends_its_notice_and_keeps_no_other_channel() {
    // I5
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let event = shop.event(order.id, "order.payment_confirmed").await;
    shop.messenger.fail_next(MessengerFault::Permanent);
    shop.notify.run(&event).await.unwrap();
    shop.notify.run(&event).await.unwrap();
    let channels: Vec<Channel> = shop.messenger.sent().iter().map(|message| message.notice.channel).collect();
    assert_eq!(channels, [Channel::Sms]);
}

#[tokio::test]
async fn a_message_in_doubt_is_sent_again_under_the_same_id() {
    // Losing it would be worse; the id lets a sender recognise the repeat.
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let event = shop.event(order.id, "order.payment_confirmed").await;
    shop.messenger.fail_next(MessengerFault::LostAcknowledgement);
    assert!(shop.notify.run(&event).await.is_err());
    shop.notify.run(&event).await.unwrap();
    let ids: Vec<String> = shop.messenger.sent().iter().map(|message| message.notice.id()).collect();
    let id = |channel: &str| format!("{}/{}/{channel}", order.id, event.data.version);
    assert_eq!(ids, [id("email"), id("email"), id("sms")]);
}

#[tokio::test]
async fn a_store_that_is_down_sends_nothing_and_comes_again() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let event = shop.event(order.id, "order.submitted").await;
    shop.store.fail_next(Fault::Unavailable);
    assert!(shop.notify.run(&event).await.unwrap_err().is_transient());
    assert!(shop.messenger.sent().is_empty());
}

#[tokio::test]
async fn an_order_that_does_not_exist_is_an_error() {
    let shop = Shop::open();
    let order = an_order(404).order();
    let event = told_of(&order, Fact::Delivered);
    assert_eq!(event.subject, order_id(404));
    assert_eq!(shop.notify.run(&event).await, Err(Error::NotFound));
}

#[test]
fn a_message_shows_nobodys_data_in_a_log() {
    // O15
    let order = an_order(1).order();
    let event = told_of(&order, Fact::Delivered);
    let texts = Texts::new(texts::Shop { name: "Mug Shop".into(), url: "https://shop.example".into() }).unwrap();
    let notice = Notice { order_id: order.id, version: order.version, channel: Channel::Email };
    let stored = Stored { order, person: Some(a_person()), request: None };
    let told = Told { stored: &stored, event: &event, kind: MessageKind::Delivered, link: None };
    let text = format!("{:?}", texts.message(&told, notice).unwrap());
    for secret in ["Ada", "example.com", "+49"] {
        assert!(!text.contains(secret), "{text}");
    }
}
