//! Signed links: what they show, to whom, and what messages do with them (J10, I6).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::SignedDuration;
use oms_app::Error;
use oms_app::fulfilment::track_order::{Progress, TrackOrder};
use oms_app::link_keys::{KEPT_SECONDS, LEFT_ALONE_SECONDS, SecretLinkKeys};
use oms_app::messaging::notify::Notify;
use oms_app::messaging::texts::{self, Texts};
use oms_app::messaging::tracking_links::TrackingLinks;
use oms_app::ports::{Clock as _, LinkKeys, NoLinkKeys, SecretError, Secrets};
use oms_domain::fulfilment::ShipmentStatus;
use oms_domain::fulfilment::scan::CarrierStatus;
use oms_domain::messaging::{CallingCodes, Channel, MessageKind, sms_segments};
use oms_domain::ordering::{Command, Order, Status};
use oms_domain::signed_link::{KeyRing, Link, Purpose};
use oms_testkit::Fault;
use oms_testkit::builders::{a_product, an_order, changed, link_keys, order_id};
use oms_testkit::memory::FakeCarrier;

use crate::messages::{fact, text_message_with};
use crate::parcels::{ONE, callback, left, news, pushed};
use crate::shop::{Asked as _, Shop, a_cancellation, a_cart};

const OTHER: &str = "another-key-another-key-another-key-another-key";

/// A secret that can be written anew, and be away.
struct Vault {
    text: Mutex<Option<String>>,
    reads: AtomicUsize,
}

impl Vault {
    fn of(text: Option<&str>) -> Arc<Self> {
        Arc::new(Vault { text: Mutex::new(text.map(ToOwned::to_owned)), reads: AtomicUsize::new(0) })
    }

    fn now(&self, text: Option<&str>) {
        *self.text.lock().unwrap() = text.map(ToOwned::to_owned);
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Secrets for Vault {
    async fn read(&self, reference: &str) -> Result<String, SecretError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let text = self.text.lock().unwrap().clone();
        text.ok_or_else(|| SecretError { reference: reference.to_owned(), reason: "AccessDenied".to_owned() })
    }
}

/// Keys that nobody gets.
struct Nowhere;

#[async_trait]
impl LinkKeys for Nowhere {
    async fn ring(&self) -> Result<Arc<KeyRing>, NoLinkKeys> {
        Err(NoLinkKeys("AccessDenied".to_owned()))
    }
}

fn tracking(shop: &Shop, keys: impl LinkKeys + 'static) -> TrackOrder {
    let store = Arc::new(shop.store.clone());
    TrackOrder::new(store.clone(), store, Arc::new(keys), Arc::new(shop.clock.clone()))
}

fn token(shop: &Shop, order: &Order) -> String {
    Link::new(Purpose::Track, order.id, shop.clock.now()).token(&link_keys())
}

async fn seen(shop: &Shop, order: &Order) -> Progress {
    tracking(shop, link_keys()).run(&token(shop, order)).await.unwrap()
}

#[tokio::test]
async fn j10_a_link_shows_where_the_parcels_are_and_nobody_s_data() {
    let (shop, order) = left(&[ONE]).await;
    let before = seen(&shop, &order).await;
    assert_eq!((before.status, before.parcels[0].journey.status()), (Status::Shipped, None));
    assert_eq!(before.items, [(order.lines[0].name.clone(), 2)]);
    let pushes = callback(&shop, FakeCarrier::signing());
    pushes.run(&pushed(&[news(ONE, &[(5, CarrierStatus::InTransit), (9, CarrierStatus::Delivered)])])).await.unwrap();
    let after = seen(&shop, &order).await;
    assert_eq!((after.status, after.shipments[0].status), (Status::Delivered, ShipmentStatus::Delivered));
    assert_eq!(after.parcels[0].journey.scans().len(), 2);
    let statuses: Vec<Status> = after.reached.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses.last(), Some(&Status::Delivered));
    let shown = format!("{after:?}");
    for secret in ["ada", "Ada", "Lovelace", "example.com", "+49", "10117", "EUR"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[tokio::test]
async fn j10_whatever_is_wrong_with_a_link_it_looks_like_one_that_never_was() {
    let (shop, order) = left(&[ONE]).await;
    let good = token(&shop, &order);
    let track = tracking(&shop, link_keys());
    let other = KeyRing::read(OTHER).unwrap();
    let forged = Link::new(Purpose::Track, order.id, shop.clock.now()).token(&other);
    let nobody = Link::new(Purpose::Track, order_id(404), shop.clock.now()).token(&link_keys());
    let id = order.id.to_string();
    let long = good.repeat(200);
    for bad in [&forged, &nobody, &id, &long, &good[1..], &format!("{good}A"), "", "%00", "A", &"A".repeat(44)] {
        assert_eq!(track.run(bad).await, Err(Error::NotFound), "{bad}");
    }
    shop.clock.advance(SignedDuration::from_hours(24 * 90));
    assert!(track.run(&good).await.is_ok(), "90 days are not over");
    shop.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(track.run(&good).await, Err(Error::NotFound));
}

#[tokio::test]
async fn j10_a_text_that_is_no_token_costs_nothing() {
    let (shop, order) = left(&[ONE]).await;
    shop.store.fail_next(Fault::Unavailable);
    for junk in ["", "x", &order.id.to_string(), &"A".repeat(44)] {
        assert_eq!(tracking(&shop, Nowhere).run(junk).await, Err(Error::NotFound), "neither key nor store is asked");
    }
}

#[tokio::test]
async fn j10_a_store_or_a_key_that_is_away_is_told_as_that() {
    let (shop, order) = left(&[ONE]).await;
    let token = token(&shop, &order);
    let away = tracking(&shop, Nowhere).run(&token).await;
    assert!(matches!(away, Err(Error::ServiceUnavailable(_))), "{away:?}");
    let track = tracking(&shop, link_keys());
    for _ in 0..2 {
        shop.store.fail_next(Fault::Unavailable);
        let down = track.run(&token).await;
        assert!(matches!(down, Err(Error::ServiceUnavailable(_))), "{down:?}");
    }
    assert!(track.run(&token).await.is_ok());
}

#[tokio::test]
async fn j10_who_was_erased_and_what_was_cancelled_still_has_a_status() {
    let (shop, order) = left(&[ONE]).await;
    let before = seen(&shop, &order).await;
    shop.store.erase_person(order.id);
    assert_eq!(seen(&shop, &order).await, before, "nothing of it was anybody's data");

    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    shop.cancel.ask(a_cancellation(order.id)).await.unwrap();
    let cancelled = seen(&shop, &order).await;
    assert_eq!((cancelled.status, cancelled.shipments.len()), (Status::Cancelled, 0));
}

#[tokio::test]
async fn j10_what_was_given_up_before_it_left_is_not_shown() {
    let shop = Shop::open();
    let order = shop.an_order_that_is(Status::Processing).await;
    assert_eq!(seen(&shop, &order).await.shipments[0].status, ShipmentStatus::Planned);
    let step = oms_domain::ordering::ShipmentStep::Cancel;
    let change = changed(&order, Command::MoveShipment { shipment: 1, step, note: None }, shop.clock.now());
    oms_app::ports::Orders::commit(&shop.store, &oms_app::ports::Commit::of(change)).await.unwrap();
    assert_eq!(seen(&shop, &order).await.shipments, []);
}

#[tokio::test]
async fn j10_keys_are_read_when_they_are_needed_and_anew_after_a_while() {
    let shop = Shop::open();
    let (first, second) = (OTHER, "a-second-key-a-second-key-a-second-key-a-second");
    let vault = Vault::of(Some(first));
    let keys = SecretLinkKeys::new(vault.clone(), "arn".into(), Arc::new(shop.clock.clone()));
    assert_eq!(vault.reads(), 0, "not at the start");
    let ring = |text: &str| Ok(Arc::new(KeyRing::read(text).unwrap()));
    for _ in 0..3 {
        assert_eq!(keys.ring().await, ring(first));
    }
    assert_eq!(vault.reads(), 1);
    let both = format!("{second} {first}");
    vault.now(Some(&both));
    shop.clock.advance(SignedDuration::from_secs(KEPT_SECONDS - 1));
    assert_eq!(keys.ring().await, ring(first));
    shop.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(keys.ring().await, ring(&both));
    // Neither a secret that is away nor one that somebody has spoilt throws away the keys that there were.
    for bad in [None, Some("short"), Some("")] {
        vault.now(bad);
        shop.clock.advance(SignedDuration::from_secs(KEPT_SECONDS));
        assert_eq!(keys.ring().await, ring(&both), "{bad:?}");
    }
    vault.now(Some(second));
    shop.clock.advance(SignedDuration::from_secs(LEFT_ALONE_SECONDS));
    assert_eq!(keys.ring().await, ring(second));
}

#[tokio::test]
async fn j10_a_secret_that_is_away_is_left_alone_for_a_while() {
    let shop = Shop::open();
    let vault = Vault::of(None);
    let keys = SecretLinkKeys::new(vault.clone(), "arn".into(), Arc::new(shop.clock.clone()));
    for _ in 0..3 {
        let away = keys.ring().await.unwrap_err();
        assert!(away.to_string().contains("AccessDenied"), "{away}");
    }
    assert_eq!(vault.reads(), 1);
    vault.now(Some(OTHER));
    shop.clock.advance(SignedDuration::from_secs(LEFT_ALONE_SECONDS));
    assert!(keys.ring().await.is_ok());
}

fn notifying(shop: &Shop, keys: impl LinkKeys + 'static) -> Notify {
    let words = texts::Shop { name: "Mug Shop".into(), url: "https://shop.example".into() };
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let messenger = Arc::new(shop.messenger.clone());
    let notify = Notify::new(Arc::new(Texts::new(words).unwrap()), store.clone(), store, messenger, clock);
    let links = TrackingLinks::new(Arc::new(keys), "https://shop.example/track/");
    notify.texting(CallingCodes::ALL).with_links(links)
}

#[tokio::test]
async fn i6_a_message_about_parcels_has_the_carrier_s_link_and_ours_which_opens() {
    let (shop, order) = left(&["00340434161094042557"]).await;
    let event = shop.event(order.id, "order.shipped").await;
    notifying(&shop, link_keys()).run(&event).await.unwrap();
    let sent = shop.messenger.sent();
    assert_eq!(sent.iter().map(|one| one.notice.channel).collect::<Vec<_>>(), [Channel::Email, Channel::Sms]);
    for message in &sent {
        assert!(message.body.contains("https://www.dhl.com/"), "{}", message.body);
        let (_, rest) = message.body.split_once("https://shop.example/track/").expect("our link");
        let token: String = rest.chars().take_while(|one| !one.is_whitespace()).collect();
        assert_eq!(tracking(&shop, link_keys()).run(&token).await.unwrap().number, order.id.number());
    }
    // A message that is sent again, later, is the same.
    let again = Link::new(Purpose::Track, order.id, event.time).token(&link_keys());
    shop.clock.advance_minutes(60 * 24 * 3);
    assert!(sent.iter().all(|message| message.body.contains(&again)));
}

#[tokio::test]
async fn i6_a_message_leaves_without_its_link_rather_than_not_at_all() {
    let (shop, order) = left(&["00340434161094042557"]).await;
    let event = shop.event(order.id, "order.shipped").await;
    notifying(&shop, Nowhere).run(&event).await.unwrap();
    let sent = shop.messenger.sent();
    assert_eq!(sent.len(), 2);
    for message in sent {
        assert!(message.body.contains("https://www.dhl.com/"), "{}", message.body);
        assert!(!message.body.contains("/track/"), "{}", message.body);
    }
}

#[tokio::test]
async fn i6_a_message_about_anything_else_asks_for_no_key() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let vault = Vault::of(None);
    let keys = SecretLinkKeys::new(vault.clone(), "arn".into(), Arc::new(shop.clock.clone()));
    notifying(&shop, keys).run(&shop.event(order.id, "order.payment_confirmed").await).await.unwrap();
    assert_eq!((shop.messenger.sent().len(), vault.reads()), (2, 0));
}

#[test]
fn i6_a_tracking_link_costs_no_further_segment_of_a_text_message() {
    let order = an_order(1).order();
    let long = "https://abcdefghij.execute-api.eu-central-1.amazonaws.com/api/track";
    let mut roomy = Vec::new();
    for kind in MessageKind::ALL.into_iter().filter(|kind| kind.tells_of_parcels()) {
        let text = |base: Option<&str>| text_message_with(fact(kind, &order), kind, base);
        let (plain, short, longer) = (text(None), text(Some("https://shop.example/track")), text(Some(long)));
        for tracked in [&short, &longer] {
            assert!(sms_segments(tracked) <= sms_segments(&plain), "{}: {tracked}", kind.name());
        }
        // Without room for it there is the link that there always was.
        for (tracked, base) in [(&short, "https://shop.example/track/"), (&longer, long)] {
            assert!(tracked.contains(base) || *tracked == plain, "{}: {tracked}", kind.name());
        }
        if short != plain {
            roomy.push(kind.name());
        }
    }
    assert_eq!(roomy, ["shipped", "tracking_changed", "delivery_failed", "shipment_delivered"]);
    let shipped = text_message_with(fact(MessageKind::Shipped, &order), MessageKind::Shipped, Some(long));
    assert!(shipped.contains("https://www.dhl.com/") && shipped.contains(long), "{shipped}");
}

#[tokio::test]
async fn c9_what_was_taken_out_is_not_expected_any_more() {
    let shop = Shop::selling([a_product(1).build(), a_product(2).build()]);
    let order = shop.create(a_cart([(1, 3), (2, 1)])).await.unwrap().order;
    let opened = shop.pay(order.id).await.unwrap();
    shop.called_back(shop.stripe.pay(opened.payment_id, shop.clock.now())).await.unwrap();
    shop.taken_out(order.id, 2).await.unwrap();
    let units = async || {
        let shown = seen(&shop, &order).await;
        shown.items.into_iter().map(|(_, quantity)| quantity).collect::<Vec<_>>()
    };
    assert_eq!(units().await, [1, 1]);
    shop.taken_out(order.id, 1).await.unwrap();
    assert_eq!(units().await, [1], "of a line that is gone nothing is shown");
}
