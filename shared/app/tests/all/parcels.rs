//! What carriers push: proved, in any order, however often, and what it makes of orders (G6, G8).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::fulfilment::carrier_callback::{CarrierCallback, Request, Taken};
use oms_app::fulfilment::move_shipment::MoveShipment;
use oms_app::fulfilment::poll_parcels::{PATIENCE_DAYS, PollParcels, Polled};
use oms_app::fulfilment::trackers::Trackers;
use oms_app::intent::Intent;
use oms_app::ports::{
    Agenda, Capabilities, CarrierError, Clock as _, Fault as Whose, FollowUps, NoteError, Orders, ParcelKey,
    ParcelRecord, Parcels, Push, PushError, StoreError, Tracker, TrackingRef,
};
use oms_domain::fulfilment::scan::{CarrierStatus, ParcelNews, Scan};
use oms_domain::fulfilment::{ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ordering::{Order, ShipmentStep, Status};
use oms_testkit::Fault;
use oms_testkit::builders::admin;
use oms_testkit::fuse::{Fuse, Fused, until_killed};
use oms_testkit::memory::FakeCarrier;
use proptest::prelude::*;

use crate::shop::{REQUEST, Shop};

pub(crate) const ONE: &str = "JD 01-a";
const TWO: &str = "JD02";

fn minute(number: i64) -> Timestamp {
    oms_testkit::start() + SignedDuration::from_mins(number)
}

fn scan(at: i64, status: CarrierStatus) -> Scan {
    Scan { at: minute(at), status, code: status.name().to_owned(), place: Some("Berlin, DE".into()) }
}

pub(crate) fn news(number: &str, scans: &[(i64, CarrierStatus)]) -> ParcelNews {
    let scans = scans.iter().map(|(at, status)| scan(*at, *status)).collect();
    ParcelNews { tracking_number: number.to_owned(), scans, estimated_delivery: None }
}

pub(crate) fn pushed(news: &[ParcelNews]) -> Request {
    let (headers, body) = FakeCarrier::push(news);
    Request { carrier: "dhl".into(), headers, body, correlation_id: REQUEST.into() }
}

pub(crate) fn callback(shop: &Shop, carrier: FakeCarrier) -> CarrierCallback {
    let store = Arc::new(shop.store.clone());
    let trackers = Trackers::new(vec![Arc::new(carrier)]);
    CarrierCallback::new(store.clone(), store, trackers, Arc::new(shop.clock.clone()))
}

/// An order that left in so many parcels of one shipment.
pub(crate) async fn left(numbers: &[&str]) -> (Shop, Order) {
    let shop = Shop::open();
    let order = shop.an_order_that_is(Status::Processing).await;
    let desk = MoveShipment(WritePath::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone())));
    let parcels = numbers.iter().map(|number| Tracking::checked("DHL", number).unwrap()).collect();
    let id = ShipmentId { order_id: order.id, number: 1 };
    desk.run(id, &Intent::by(admin(), REQUEST), ShipmentStep::Ship { parcels }, None).await.unwrap();
    let order = shop.store.order_now(order.id);
    (shop, order)
}

async fn journey(shop: &Shop, number: &str) -> Option<CarrierStatus> {
    let key = ParcelKey::of(&Tracking::checked("dhl", number).unwrap()).unwrap();
    shop.store.parcels(&[key]).await.unwrap().pop()?.journey.status()
}

#[tokio::test]
async fn g6_a_push_that_a_parcel_arrived_makes_the_order_delivered_once() {
    let (shop, order) = left(&[ONE]).await;
    let callback = callback(&shop, FakeCarrier::signing());
    let arrived = pushed(&[news("jd01A", &[(3, CarrierStatus::InTransit), (9, CarrierStatus::Delivered)])]);
    assert_eq!(callback.run(&arrived).await, Ok(Taken::Noted));
    let after = shop.store.order_now(order.id);
    assert_eq!((after.status, after.version), (Status::Delivered, order.version + 1));
    assert_eq!(callback.run(&arrived).await, Ok(Taken::Ignored));
    let late = pushed(&[news(ONE, &[(5, CarrierStatus::AttemptFailed)])]);
    assert_eq!(callback.run(&late).await, Ok(Taken::Noted));
    assert_eq!(shop.store.order_now(order.id).version, after.version, "an older scan moves nothing");
    assert_eq!(shop.event(order.id, "order.delivered").await.data.actor.id, "dhl");
}

#[tokio::test]
async fn g8_a_forged_or_unreadable_push_changes_nothing_and_numbers_of_others_are_passed_over() {
    let (shop, order) = left(&[ONE]).await;
    let callback = callback(&shop, FakeCarrier::signing());
    let mut forged = pushed(&[news(ONE, &[(9, CarrierStatus::Delivered)])]);
    forged.headers.clear();
    assert!(matches!(callback.run(&forged).await, Err(Error::Signature(_))));
    let mut broken = pushed(&[]);
    broken.body = b"{".to_vec();
    assert!(matches!(callback.run(&broken).await, Err(Error::Malformed(_))));
    let mut nobody = pushed(&[]);
    nobody.carrier = "ups".into();
    assert_eq!(callback.run(&nobody).await, Err(Error::NotFound));
    let others = pushed(&[news("JD99", &[(9, CarrierStatus::Delivered)]), news("-", &[(9, CarrierStatus::Delivered)])]);
    assert_eq!(callback.run(&others).await, Ok(Taken::Ignored));
    let many = vec![news("JD99", &[]); 101];
    assert!(matches!(callback.run(&pushed(&many)).await, Err(Error::Malformed(_))));
    assert_eq!(shop.store.order_now(order.id), order);
}

#[tokio::test]
async fn g8_a_shipment_arrives_with_its_last_parcel_and_parcels_that_disagree_are_left_to_a_person() {
    let (shop, order) = left(&[ONE, TWO]).await;
    let callback = callback(&shop, FakeCarrier::signing());
    callback.run(&pushed(&[news(ONE, &[(9, CarrierStatus::Delivered)])])).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Shipped);
    callback.run(&pushed(&[news(TWO, &[(9, CarrierStatus::ReturnedToSender)])])).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Shipped);
    assert_eq!(journey(&shop, TWO).await, Some(CarrierStatus::ReturnedToSender));

    let (shop, order) = left(&[ONE, TWO]).await;
    let callback = self::callback(&shop, FakeCarrier::signing());
    let both = [news(ONE, &[(9, CarrierStatus::Delivered)]), news(TWO, &[(8, CarrierStatus::Delivered)])];
    callback.run(&pushed(&both)).await.unwrap();
    callback.run(&pushed(&both)).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Delivered);
}

/// Has another push taken in before its first note.
struct Overtaken {
    store: Arc<dyn Parcels>,
    other: tokio::sync::Mutex<Option<(CarrierCallback, Request)>>,
}

#[async_trait]
impl Parcels for Overtaken {
    async fn parcels(&self, keys: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError> {
        self.store.parcels(keys).await
    }

    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError> {
        if let Some((callback, push)) = self.other.lock().await.take() {
            callback.run(&push).await.unwrap();
        }
        self.store.note(record).await
    }
}

#[tokio::test]
async fn g8_of_the_last_two_parcels_told_of_at_once_one_push_makes_the_shipment_arrive() {
    let (shop, order) = left(&[ONE, TWO]).await;
    let other = (callback(&shop, FakeCarrier::signing()), pushed(&[news(TWO, &[(9, CarrierStatus::Delivered)])]));
    let store = Arc::new(shop.store.clone());
    let parcels = Arc::new(Overtaken { store: store.clone(), other: Some(other).into() });
    let trackers = Trackers::new(vec![Arc::new(FakeCarrier::signing())]);
    let first = CarrierCallback::new(store, parcels, trackers, Arc::new(shop.clock.clone()));
    first.run(&pushed(&[news(ONE, &[(8, CarrierStatus::Delivered)])])).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Delivered);
}

#[tokio::test]
async fn g8_failed_returned_and_lost_parcels_move_their_shipment() {
    let steps = [
        (CarrierStatus::AttemptFailed, ShipmentStatus::Failed, Status::Shipped),
        (CarrierStatus::ReturnedToSender, ShipmentStatus::Returned, Status::Processing),
        (CarrierStatus::Lost, ShipmentStatus::Lost, Status::Processing),
        (CarrierStatus::Returning, ShipmentStatus::Shipped, Status::Shipped),
        (CarrierStatus::ReadyForPickup, ShipmentStatus::Shipped, Status::Shipped),
    ];
    for (told, stands, status) in steps {
        let (shop, order) = left(&[ONE]).await;
        callback(&shop, FakeCarrier::signing()).run(&pushed(&[news(ONE, &[(9, told)])])).await.unwrap();
        let order = shop.store.order_now(order.id);
        assert_eq!((order.shipments[0].status, order.status), (stands, status), "{told:?}");
    }
    // To the sender is not to the customer.
    let (shop, order) = left(&[ONE]).await;
    let back = news(ONE, &[(8, CarrierStatus::Returning), (9, CarrierStatus::Delivered)]);
    callback(&shop, FakeCarrier::signing()).run(&pushed(&[back])).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Processing);
}

#[tokio::test]
async fn g8_what_an_order_does_not_take_any_more_is_noted_and_left_to_a_person() {
    let (shop, order) = left(&[ONE]).await;
    let callback = callback(&shop, FakeCarrier::signing());
    callback.run(&pushed(&[news(ONE, &[(9, CarrierStatus::Delivered)])])).await.unwrap();
    let back = news(ONE, &[(20, CarrierStatus::ReturnedToSender)]);
    assert_eq!(callback.run(&pushed(&[back])).await, Ok(Taken::Noted));
    assert_eq!(shop.store.order_now(order.id).status, Status::Delivered);
    assert_eq!(journey(&shop, ONE).await, Some(CarrierStatus::ReturnedToSender));
}

#[tokio::test]
async fn g8_an_end_that_is_not_signed_is_asked_after() {
    let said = news(ONE, &[(9, CarrierStatus::Delivered)]);
    for (answer, taken, status) in [
        (Ok(vec![said.clone()]), Ok(Taken::Noted), Status::Delivered),
        (Ok(vec![news(ONE, &[(3, CarrierStatus::InTransit)])]), Ok(Taken::Noted), Status::Shipped),
        (Ok(Vec::new()), Ok(Taken::Noted), Status::Shipped),
    ] {
        let (shop, order) = left(&[ONE]).await;
        let got = callback(&shop, FakeCarrier::knowing(answer)).run(&pushed(std::slice::from_ref(&said))).await;
        assert_eq!((got, shop.store.order_now(order.id).status), (taken, status));
    }
    let (shop, order) = left(&[ONE]).await;
    let away = callback(&shop, FakeCarrier::knowing(Err(CarrierError::Unavailable("away".into()))));
    assert!(matches!(away.run(&pushed(std::slice::from_ref(&said))).await, Err(Error::ServiceUnavailable(_))));
    assert_eq!((shop.store.order_now(order.id), journey(&shop, ONE).await), (order, None), "it is to be pushed again");
    // What ends nothing needs no question.
    let moving = pushed(&[news(ONE, &[(4, CarrierStatus::OutForDelivery)])]);
    assert_eq!(away.run(&moving).await, Ok(Taken::Noted));
}

#[tokio::test]
async fn g8_a_push_killed_at_any_await_is_taken_whole_when_it_comes_again() {
    for step in 1..40 {
        let (shop, order) = left(&[ONE]).await;
        let fuse = Fuse::of(step);
        let orders: Arc<dyn Orders> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn Orders>, &fuse);
        let parcels: Arc<dyn Parcels> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn Parcels>, &fuse);
        let trackers = Trackers::new(vec![Arc::new(FakeCarrier::signing())]);
        let mortal = CarrierCallback::new(orders, parcels, trackers, Arc::new(shop.clock.clone()));
        let push = pushed(&[news(ONE, &[(9, CarrierStatus::ReturnedToSender)])]);
        let ended = until_killed(mortal.run(&push));
        callback(&shop, FakeCarrier::signing()).run(&push).await.unwrap();
        let after = shop.store.order_now(order.id);
        assert_eq!((after.status, shop.mugs()), (Status::Processing, (48, 2)), "killed at {step}");
        assert_eq!(
            (after.version, journey(&shop, ONE).await),
            (order.version + 1, Some(CarrierStatus::ReturnedToSender))
        );
        if ended.is_some() {
            return;
        }
    }
    panic!("it does not end");
}

#[tokio::test]
async fn g8_a_store_that_fails_is_told_to_the_carrier() {
    let (shop, _) = left(&[ONE]).await;
    shop.store.fail_next(Fault::Unavailable);
    let push = pushed(&[news(ONE, &[(9, CarrierStatus::Delivered)])]);
    let refused = callback(&shop, FakeCarrier::signing()).run(&push).await;
    assert!(matches!(refused, Err(Error::ServiceUnavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn g8_a_number_that_was_corrected_moves_its_shipment_no_more() {
    for (carrier, number) in [("Hermes", "H1"), ("DHL", TWO)] {
        let (shop, order) = left(&[ONE]).await;
        let desk = MoveShipment(WritePath::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone())));
        let parcels = vec![Tracking::checked(carrier, number).unwrap()];
        let id = ShipmentId { order_id: order.id, number: 1 };
        desk.run(id, &Intent::by(admin(), REQUEST), ShipmentStep::Track { parcels, tell: false }, None).await.unwrap();
        let callback = callback(&shop, FakeCarrier::signing());
        callback.run(&pushed(&[news(ONE, &[(9, CarrierStatus::Delivered)])])).await.unwrap();
        assert_eq!(shop.store.order_now(order.id).status, Status::Shipped, "{carrier}: somebody else's parcel arrived");
        if carrier == "DHL" {
            callback.run(&pushed(&[news(TWO, &[(9, CarrierStatus::Delivered)])])).await.unwrap();
            assert_eq!(shop.store.order_now(order.id).status, Status::Delivered);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A hundred pushes in random order, with duplicates, forgeries and other people's parcels among them: what the journey comes to is
    /// what the times of the scans demand, and the order stands accordingly. 20,000 pushes in all.
    #[test]
    fn g8_pushes_in_any_order_come_to_what_the_times_of_scans_demand(
        life in proptest::sample::select(vec![
            vec![CarrierStatus::PreTransit, CarrierStatus::InTransit, CarrierStatus::OutForDelivery, CarrierStatus::Delivered],
            vec![CarrierStatus::InTransit, CarrierStatus::AttemptFailed, CarrierStatus::OutForDelivery, CarrierStatus::Delivered],
            vec![CarrierStatus::InTransit, CarrierStatus::ReadyForPickup, CarrierStatus::Delivered],
            vec![CarrierStatus::InTransit, CarrierStatus::AttemptFailed, CarrierStatus::Returning, CarrierStatus::ReturnedToSender],
            vec![CarrierStatus::InTransit, CarrierStatus::Returning, CarrierStatus::OutForDelivery, CarrierStatus::Delivered],
        ]),
        order in proptest::collection::vec((any::<u8>(), any::<u8>()), 96),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (shop, placed) = left(&[ONE]).await;
            let callback = callback(&shop, FakeCarrier::signing());
            let scans: Vec<(i64, CarrierStatus)> = (1..).zip(life.iter().copied()).collect();
            for (number, kind) in order {
                let one = scans[usize::from(number) % scans.len()];
                let mut push = pushed(&[news(if kind % 7 == 0 { "JD99" } else { ONE }, &[one])]);
                if kind % 5 == 0 {
                    push.headers.clear();
                }
                let _ = callback.run(&push).await;
            }
            for one in scans.iter().rev() {
                callback.run(&pushed(&[news(ONE, &[*one])])).await.unwrap();
            }
            let back = life.contains(&CarrierStatus::Returning);
            let status = shop.store.order_now(placed.id).status;
            let ended = journey(&shop, ONE).await;
            if back {
                assert_eq!(ended, Some(CarrierStatus::ReturnedToSender));
                // Whoever is told that it arrived before anything says that it went back believes so, and a person has to look.
                assert!(matches!(status, Status::Processing | Status::Delivered), "{status}");
            } else {
                assert_eq!((ended, status), (Some(CarrierStatus::Delivered), Status::Delivered));
            }
        });
    }
}

#[tokio::test]
async fn i3_a_customer_hears_once_that_a_parcel_comes_or_waits() {
    use oms_domain::fulfilment::Announcement;
    let (shop, order) = left(&[ONE, TWO]).await;
    let callback = callback(&shop, FakeCarrier::signing());
    let told = async |number: &str, at: i64, status| {
        callback.run(&pushed(&[news(number, &[(at, status)])])).await.unwrap();
        let order = shop.store.order_now(order.id);
        (order.version, order.shipment(1).unwrap().announced)
    };
    let version = order.version;
    assert_eq!(told(ONE, 1, CarrierStatus::InTransit).await, (version, None));
    let (comes, waits) = (Some(Announcement::OutForDelivery), Some(Announcement::ReadyForPickup));
    assert_eq!(told(ONE, 2, CarrierStatus::OutForDelivery).await, (version + 1, comes));
    assert_eq!(told(ONE, 2, CarrierStatus::OutForDelivery).await, (version + 1, comes), "the same push again");
    assert_eq!(told(TWO, 3, CarrierStatus::OutForDelivery).await, (version + 1, comes), "the other parcel of it");
    assert_eq!(told(ONE, 4, CarrierStatus::ReadyForPickup).await, (version + 2, waits));
    for _ in 0..3 {
        // One waits while the other is brought, and each is told of again.
        assert_eq!(told(TWO, 3, CarrierStatus::OutForDelivery).await, (version + 2, waits));
        assert_eq!(told(ONE, 4, CarrierStatus::ReadyForPickup).await, (version + 2, waits));
    }
    // Both could not be handed over, and are brought again.
    told(ONE, 5, CarrierStatus::AttemptFailed).await;
    assert_eq!(told(TWO, 6, CarrierStatus::AttemptFailed).await, (version + 3, None));
    assert_eq!(told(ONE, 7, CarrierStatus::OutForDelivery).await, (version + 4, comes));
    // What is told late is no news.
    shop.clock.advance(SignedDuration::from_hours(13));
    assert_eq!(told(TWO, 8, CarrierStatus::ReadyForPickup).await, (version + 4, comes));
    assert_eq!(shop.store.order_now(order.id).status, Status::Shipped);
}

/// A carrier that tells nothing by itself: it is asked.
fn poller(shop: &Shop, carrier: FakeCarrier) -> PollParcels {
    let store = Arc::new(shop.store.clone());
    let trackers = Trackers::new(vec![Arc::new(carrier)]);
    PollParcels::new(store.clone(), store.clone(), store, trackers, Arc::new(shop.clock.clone()))
}

async fn asked_after(shop: &Shop) -> usize {
    let far = shop.clock.now().checked_add(SignedDuration::from_hours(10_000)).unwrap();
    shop.store.due_follow_ups(Agenda::Parcels, far, 10).await.unwrap().len()
}

#[tokio::test]
async fn g6_a_parcel_of_which_nothing_is_heard_is_asked_after_once_a_day() {
    let (shop, order) = left(&[ONE]).await;
    let silent = || poller(&shop, FakeCarrier::knowing(Ok(vec![])));
    assert_eq!(silent().run(REQUEST).await, Ok(Polled::default()), "it has only just left");
    shop.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(silent().run(REQUEST).await, Ok(Polled { asked: 1, heard: 0, failed: 0 }));
    assert_eq!(silent().run(REQUEST).await, Ok(Polled::default()), "a day begins anew");
    shop.clock.advance(SignedDuration::from_hours(25));
    let arrived = FakeCarrier::knowing(Ok(vec![news(ONE, &[(26 * 60, CarrierStatus::Delivered)])]));
    assert_eq!(poller(&shop, arrived).run(REQUEST).await, Ok(Polled { asked: 1, heard: 1, failed: 0 }));
    assert_eq!(shop.store.order_now(order.id).status, Status::Delivered);
    assert_eq!(asked_after(&shop).await, 0, "it has reached its end");
}

#[tokio::test]
async fn g6_a_parcel_that_was_heard_of_is_not_asked_after_and_its_end_ends_that() {
    let (shop, _) = left(&[ONE]).await;
    shop.clock.advance(SignedDuration::from_hours(20));
    let callback = callback(&shop, FakeCarrier::signing());
    callback.run(&pushed(&[news(ONE, &[(19 * 60, CarrierStatus::InTransit)])])).await.unwrap();
    shop.clock.advance(SignedDuration::from_hours(10));
    let silent = || poller(&shop, FakeCarrier::knowing(Ok(vec![])));
    assert_eq!(silent().run(REQUEST).await, Ok(Polled::default()), "it was heard of eleven hours ago");
    shop.clock.advance(SignedDuration::from_hours(14));
    assert_eq!(silent().run(REQUEST).await, Ok(Polled { asked: 1, heard: 0, failed: 0 }));
    assert_eq!(asked_after(&shop).await, 1);
    callback.run(&pushed(&[news(ONE, &[(44 * 60, CarrierStatus::Delivered)])])).await.unwrap();
    shop.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(silent().run(REQUEST).await, Ok(Polled::default()), "it has reached its end");
    assert_eq!(asked_after(&shop).await, 0);
}

#[tokio::test]
async fn g6_a_carrier_that_is_away_is_asked_again_and_one_that_stays_silent_not_for_ever() {
    let (shop, _) = left(&[ONE]).await;
    shop.clock.advance(SignedDuration::from_hours(25));
    let away = || poller(&shop, FakeCarrier::knowing(Err(CarrierError::Unavailable("away".into()))));
    assert_eq!(away().run(REQUEST).await, Ok(Polled { asked: 0, heard: 0, failed: 1 }));
    assert_eq!(away().run(REQUEST).await, Ok(Polled::default()));
    shop.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(away().run(REQUEST).await, Ok(Polled { asked: 0, heard: 0, failed: 1 }));
    shop.clock.advance(SignedDuration::from_hours(24 * PATIENCE_DAYS));
    let silent = poller(&shop, FakeCarrier::knowing(Ok(vec![])));
    assert_eq!(silent.run(REQUEST).await, Ok(Polled::default()), "its number may be another's by now");
    assert_eq!(asked_after(&shop).await, 0);
}

#[tokio::test]
async fn g8_asking_may_be_killed_at_any_await() {
    for step in 1.. {
        let (shop, order) = left(&[ONE]).await;
        shop.clock.advance(SignedDuration::from_hours(25));
        let fuse = Fuse::of(step);
        let orders: Arc<dyn Orders> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn Orders>, &fuse);
        let parcels: Arc<dyn Parcels> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn Parcels>, &fuse);
        let follow_ups: Arc<dyn FollowUps> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn FollowUps>, &fuse);
        let tells = || FakeCarrier::knowing(Ok(vec![news(ONE, &[(24 * 60, CarrierStatus::ReturnedToSender)])]));
        let trackers = Trackers::new(vec![Arc::new(tells())]);
        let mortal = PollParcels::new(orders, parcels, follow_ups, trackers, Arc::new(shop.clock.clone()));
        let ended = until_killed(mortal.run(REQUEST));
        shop.clock.advance(SignedDuration::from_hours(25));
        poller(&shop, tells()).run(REQUEST).await.unwrap();
        let after = shop.store.order_now(order.id);
        assert_eq!((after.status, after.version), (Status::Processing, order.version + 1), "killed at {step}");
        if ended.is_some() {
            return;
        }
        assert!(step < 60, "it does not end");
    }
}

#[tokio::test]
async fn g8_a_step_that_a_dying_push_has_left_is_taken_a_day_later() {
    let (shop, order) = left(&[ONE]).await;
    let key = ParcelKey { carrier: "dhl".into(), number: "JD01A".into() };
    let record = shop.store.parcels(&[key]).await.unwrap().pop().unwrap();
    let mut journey = record.journey.clone();
    journey.take(&[scan(9, CarrierStatus::Delivered)], None);
    shop.store.note(&ParcelRecord { journey, ..record }).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Shipped, "the process died here");
    shop.clock.advance(SignedDuration::from_hours(49));
    poller(&shop, FakeCarrier::knowing(Ok(vec![]))).run(REQUEST).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Delivered);
    assert_eq!(asked_after(&shop).await, 0);
}

/// A carrier at which something happens each time it is asked.
struct Meddled {
    carrier: FakeCarrier,
    asked: Arc<AtomicUsize>,
    happens: Box<dyn Fn(usize) + Send + Sync>,
}

#[async_trait]
impl Tracker for Meddled {
    fn name(&self) -> &str {
        self.carrier.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.carrier.capabilities()
    }

    async fn track(&self, parcels: &[TrackingRef]) -> Result<Vec<ParcelNews>, CarrierError> {
        (self.happens)(self.asked.fetch_add(1, Ordering::Relaxed));
        self.carrier.track(parcels).await
    }

    async fn subscribe(&self, parcels: &[TrackingRef]) -> Result<Vec<String>, CarrierError> {
        self.carrier.subscribe(parcels).await
    }

    async fn read_push(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Push, PushError> {
        self.carrier.read_push(headers, body, now).await
    }

    async fn accept_push(&self, subscription: &str, secret: &str) -> Result<(), CarrierError> {
        self.carrier.accept_push(subscription, secret).await
    }
}

/// A poller whose carrier answers so after something has happened, and how often it was asked.
fn meddled(
    shop: &Shop,
    answer: Result<Vec<ParcelNews>, CarrierError>,
    happens: impl Fn(usize) + Send + Sync + 'static,
) -> (PollParcels, Arc<AtomicUsize>) {
    let (store, asked) = (Arc::new(shop.store.clone()), Arc::new(AtomicUsize::new(0)));
    let carrier = FakeCarrier::knowing(answer);
    let carrier = Meddled { carrier, asked: asked.clone(), happens: Box::new(happens) };
    let trackers = Trackers::new(vec![Arc::new(carrier)]);
    (PollParcels::new(store.clone(), store.clone(), store, trackers, Arc::new(shop.clock.clone())), asked)
}

#[tokio::test]
async fn g8_what_goes_wrong_with_one_parcel_keeps_nobody_from_the_next() {
    let (shop, _) = left(&[ONE, TWO]).await;
    shop.clock.advance(SignedDuration::from_hours(25));
    let told = [ONE, TWO].map(|number| news(number, &[(60, CarrierStatus::InTransit)]));
    let store = shop.store.clone();
    let (poll, _) = meddled(&shop, Ok(told.to_vec()), move |asked| {
        if asked == 0 {
            store.fail_next(Fault::Unavailable);
        }
    });
    assert_eq!(poll.run(REQUEST).await, Ok(Polled { asked: 2, heard: 1, failed: 1 }));
    assert_eq!(poll.run(REQUEST).await, Ok(Polled::default()), "it waits for an hour");
    shop.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(poll.run(REQUEST).await, Ok(Polled { asked: 1, heard: 1, failed: 0 }));
    for number in [ONE, TWO] {
        assert_eq!(journey(&shop, number).await, Some(CarrierStatus::InTransit));
    }
}

#[tokio::test]
async fn g8_a_carrier_that_does_not_answer_is_asked_once_a_run_and_a_run_ends_in_time() {
    let (shop, _) = left(&[ONE, TWO]).await;
    shop.clock.advance(SignedDuration::from_hours(25));
    let away = Err(CarrierError::Unavailable("no answer".into()));
    let (poll, asked) = meddled(&shop, away, |_| {});
    assert_eq!(poll.run(REQUEST).await, Ok(Polled { asked: 0, heard: 0, failed: 2 }));
    assert_eq!(asked.load(Ordering::Relaxed), 1, "thirty seconds are lost with it once");

    // One that refuses a parcel may know the next.
    shop.clock.advance(SignedDuration::from_hours(1));
    let refuses = Err(CarrierError::Refused { fault: Whose::Request, why: "no such number".into() });
    let (poll, asked) = meddled(&shop, refuses, |_| {});
    assert_eq!(poll.run(REQUEST).await, Ok(Polled { asked: 0, heard: 0, failed: 2 }));
    assert_eq!(asked.load(Ordering::Relaxed), 2);

    // A slow one leaves the rest to the next run.
    shop.clock.advance(SignedDuration::from_hours(1));
    let clock = shop.clock.clone();
    let (poll, asked) = meddled(&shop, Ok(Vec::new()), move |_| {
        clock.advance(SignedDuration::from_secs(81));
    });
    assert_eq!(poll.run(REQUEST).await, Ok(Polled { asked: 1, heard: 0, failed: 0 }));
    assert_eq!(poll.run(REQUEST).await, Ok(Polled { asked: 1, heard: 0, failed: 0 }));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn g8_what_a_carrier_tells_of_the_future_was_not_heard() {
    let (shop, _) = left(&[ONE]).await;
    let callback = callback(&shop, FakeCarrier::signing());
    let next_year = 365 * 24 * 60;
    callback
        .run(&pushed(&[news(ONE, &[(1, CarrierStatus::InTransit), (next_year, CarrierStatus::OutForDelivery)])]))
        .await
        .unwrap();
    shop.clock.advance(SignedDuration::from_hours(26));
    let silent = poller(&shop, FakeCarrier::knowing(Ok(vec![])));
    assert_eq!(silent.run(REQUEST).await, Ok(Polled { asked: 1, heard: 0, failed: 0 }));
}
