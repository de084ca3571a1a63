//! Shipments that have a tracking number together, at once or one after the other: nobody takes the news from another, and nobody hears of
//! another's life (G6, G8).

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::fulfilment::carrier_callback::{CarrierCallback, Request, Taken};
use oms_app::fulfilment::move_shipment::MoveShipment;
use oms_app::fulfilment::poll_parcels::{PollParcels, Polled};
use oms_app::fulfilment::track_order::TrackOrder;
use oms_app::fulfilment::trackers::Trackers;
use oms_app::fulfilment::view_shipments::{OwnJourney, ViewShipments};
use oms_app::intent::Intent;
use oms_app::ports::{
    Agenda, CarrierError, Clock as _, FollowUps, NoteError, Orders, Owner, ParcelKey, ParcelRecord, Parcels, StoreError,
};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::scan::{CarrierStatus, ParcelNews};
use oms_domain::fulfilment::{MAX_SHIPMENTS_OF_A_NUMBER, ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Order, Refusal, ShipmentStep, Status};
use oms_domain::signed_link::{Link, Purpose};
use oms_testkit::Fault;
use oms_testkit::builders::{a_product, admin, link_keys};
use oms_testkit::fuse::{Fuse, Fused, until_killed};
use oms_testkit::memory::FakeCarrier;

use crate::parcels::{callback, news, pushed};
use crate::shop::{Asked as _, REQUEST, Shop, a_cart, to_status};

const BOX: &str = "JD0001";
const DAY: i64 = 24 * 60;

/// Mugs of one seller and cups of another.
fn shop() -> Shop {
    Shop::selling([a_product(1).build(), a_product(2).sold_by("contoso").build()])
}

/// An order that was begun: a shipment for each of its sellers.
async fn begun(shop: &Shop, items: &[(u64, u32)]) -> Order {
    let order = shop.create(a_cart(items.iter().copied())).await.unwrap().order;
    let opened = shop.pay(order.id).await.unwrap();
    let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
    shop.called_back(delivery).await.unwrap();
    shop.update.ask(to_status(admin(), order.id, Status::Processing)).await.unwrap().order
}

fn dhl(number: &str) -> Vec<Tracking> {
    vec![Tracking::checked("DHL", number).unwrap()]
}

async fn stepped(shop: &Shop, by: Caller, id: OrderId, number: u16, step: ShipmentStep) -> Result<(), Error> {
    let desk = MoveShipment(WritePath::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone())));
    let id = ShipmentId { order_id: id, number };
    desk.run(id, &Intent::by(by, REQUEST), step, None).await.map(|_| ())
}

async fn ships(shop: &Shop, order: &Order, number: u16, parcel: &str) {
    stepped(shop, admin(), order.id, number, ShipmentStep::Ship { parcels: dhl(parcel) }).await.unwrap();
}

async fn corrects(shop: &Shop, order: &Order, number: u16, parcel: &str) {
    let step = ShipmentStep::Track { parcels: dhl(parcel), tell: false };
    stepped(shop, admin(), order.id, number, step).await.unwrap();
}

fn stands(shop: &Shop, order: &Order, number: u16) -> ShipmentStatus {
    shop.store.order_now(order.id).shipment(number).unwrap().status
}

async fn record(shop: &Shop, number: &str) -> ParcelRecord {
    let key = ParcelKey { carrier: "dhl".into(), number: number.into() };
    shop.store.parcels(&[key]).await.unwrap().pop().unwrap()
}

async fn owners(shop: &Shop, number: &str) -> Vec<(OrderId, u16)> {
    let owners = record(shop, number).await.owners;
    owners.into_iter().map(|Owner { shipment, .. }| (shipment.order_id, shipment.number)).collect()
}

fn told(at: i64, status: CarrierStatus) -> Request {
    pushed(&[news(BOX, &[(at, status)])])
}

fn minutes(shop: &Shop) -> i64 {
    shop.clock.now().duration_since(oms_testkit::start()).as_mins()
}

fn poller(shop: &Shop, answer: Result<Vec<ParcelNews>, CarrierError>) -> PollParcels {
    let store = Arc::new(shop.store.clone());
    let trackers = Trackers::new(vec![Arc::new(FakeCarrier::knowing(answer))]);
    PollParcels::new(store.clone(), store.clone(), store, trackers, Arc::new(shop.clock.clone()))
}

async fn is_due(shop: &Shop) -> bool {
    let far = shop.clock.now().checked_add(SignedDuration::from_hours(10_000)).unwrap();
    !shop.store.due_follow_ups(Agenda::Parcels, far, 10).await.unwrap().is_empty()
}

/// What the signed link of an order shows: the scans of each shipment, in minutes.
async fn linked(shop: &Shop, order: &Order) -> Vec<(ShipmentId, Vec<i64>)> {
    let store = Arc::new(shop.store.clone());
    let track = TrackOrder::new(store.clone(), store, Arc::new(link_keys()), Arc::new(shop.clock.clone()));
    let token = Link::new(Purpose::Track, order.id, shop.clock.now()).token(&link_keys());
    scans(&track.run(&token).await.unwrap().parcels)
}

async fn viewed(shop: &Shop, by: &Caller, order: &Order) -> Vec<(ShipmentId, Vec<i64>)> {
    let store = Arc::new(shop.store.clone());
    scans(&ViewShipments::new(store.clone(), store).run(by, order.id).await.unwrap().parcels)
}

fn scans(told: &[OwnJourney]) -> Vec<(ShipmentId, Vec<i64>)> {
    let minute = |at: jiff::Timestamp| at.duration_since(oms_testkit::start()).as_mins();
    let of = |own: &OwnJourney| own.journey.scans().iter().map(|scan| minute(scan.at)).collect();
    told.iter().map(|own| (own.shipment, of(own))).collect()
}

#[tokio::test]
async fn g8_two_shipments_of_an_order_in_one_box_arrive_with_it() {
    let shop = shop();
    let order = begun(&shop, &[(1, 1), (2, 1)]).await;
    ships(&shop, &order, 1, BOX).await;
    ships(&shop, &order, 2, "jd 00-01").await;
    let callback = callback(&shop, FakeCarrier::signing());
    callback.run(&told(9, CarrierStatus::AttemptFailed)).await.unwrap();
    assert_eq!([1, 2].map(|number| stands(&shop, &order, number)), [ShipmentStatus::Failed; 2]);
    assert_eq!(callback.run(&told(19, CarrierStatus::Delivered)).await, Ok(Taken::Noted));
    assert_eq!([1, 2].map(|number| stands(&shop, &order, number)), [ShipmentStatus::Delivered; 2]);
    let after = shop.store.order_now(order.id);
    assert_eq!(after.status, Status::Delivered);
    assert_eq!(callback.run(&told(19, CarrierStatus::Delivered)).await, Ok(Taken::Ignored));
    assert_eq!(shop.store.order_now(order.id).version, after.version, "once each");
}

#[tokio::test]
async fn g8_shipments_of_two_orders_in_one_box_hear_the_same_and_see_nothing_of_each_other() {
    let shop = shop();
    let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
    ships(&shop, &one, 1, BOX).await;
    ships(&shop, &two, 1, BOX).await;
    callback(&shop, FakeCarrier::signing()).run(&told(9, CarrierStatus::Delivered)).await.unwrap();
    for order in [&one, &two] {
        assert_eq!(shop.store.order_now(order.id).status, Status::Delivered);
        let own = ShipmentId { order_id: order.id, number: 1 };
        assert_eq!(linked(&shop, order).await, [(own, vec![9])]);
        assert_eq!(viewed(&shop, &admin(), order).await, [(own, vec![9])]);
    }
}

#[tokio::test]
async fn g8_a_shipment_waits_for_its_other_parcel_whatever_shares_its_number() {
    let shop = shop();
    let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
    let parcels = [dhl(BOX), dhl("JD0002")].concat();
    stepped(&shop, admin(), one.id, 1, ShipmentStep::Ship { parcels }).await.unwrap();
    ships(&shop, &two, 1, BOX).await;
    let callback = callback(&shop, FakeCarrier::signing());
    callback.run(&told(9, CarrierStatus::Delivered)).await.unwrap();
    assert_eq!((stands(&shop, &one, 1), stands(&shop, &two, 1)), (ShipmentStatus::Shipped, ShipmentStatus::Delivered));
    callback.run(&pushed(&[news("JD0002", &[(11, CarrierStatus::Delivered)])])).await.unwrap();
    assert_eq!(stands(&shop, &one, 1), ShipmentStatus::Delivered);
}

#[tokio::test]
async fn g8_a_seller_who_names_another_s_number_takes_nothing_from_anybody() {
    let shop = shop();
    let (theirs, own) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(2, 1)]).await);
    let contoso = || Caller::Seller { user: "sam".parse().unwrap(), seller: "contoso".parse().unwrap() };
    ships(&shop, &theirs, 1, BOX).await;
    stepped(&shop, contoso(), own.id, 1, ShipmentStep::Ship { parcels: dhl(BOX) }).await.unwrap();
    let callback = callback(&shop, FakeCarrier::signing());
    callback.run(&told(9, CarrierStatus::OutForDelivery)).await.unwrap();
    callback.run(&told(19, CarrierStatus::Delivered)).await.unwrap();
    assert_eq!(stands(&shop, &theirs, 1), ShipmentStatus::Delivered);
    assert_eq!(stands(&shop, &own, 1), ShipmentStatus::Delivered, "and they hear of it, as on the carrier's page");
    let shipment = ShipmentId { order_id: own.id, number: 1 };
    assert_eq!(viewed(&shop, &contoso(), &own).await, [(shipment, vec![9, 19])]);
}

#[tokio::test]
async fn g8_a_correction_gives_up_its_own_share_alone() {
    let shop = shop();
    let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
    ships(&shop, &one, 1, BOX).await;
    ships(&shop, &two, 1, BOX).await;
    corrects(&shop, &two, 1, "JD0002").await;
    assert_eq!((owners(&shop, BOX).await, owners(&shop, "JD0002").await), (vec![(one.id, 1)], vec![(two.id, 1)]));
    callback(&shop, FakeCarrier::signing()).run(&told(9, CarrierStatus::Delivered)).await.unwrap();
    assert_eq!((stands(&shop, &one, 1), stands(&shop, &two, 1)), (ShipmentStatus::Delivered, ShipmentStatus::Shipped));
    // And back again: what was told meanwhile is heard with the next push.
    corrects(&shop, &two, 1, BOX).await;
    callback(&shop, FakeCarrier::signing()).run(&told(9, CarrierStatus::Delivered)).await.unwrap();
    assert_eq!(stands(&shop, &two, 1), ShipmentStatus::Delivered);
    assert!(owners(&shop, "JD0002").await.is_empty());
    let nobody = pushed(&[news("JD0002", &[(9, CarrierStatus::Delivered)])]);
    assert_eq!(callback(&shop, FakeCarrier::signing()).run(&nobody).await, Ok(Taken::Ignored));
    assert!(record(&shop, "JD0002").await.journey.scans().is_empty(), "nobody wants to know");
}

#[tokio::test]
async fn g8_scans_of_an_earlier_life_move_and_show_nothing() {
    let shop = shop();
    let old = begun(&shop, &[(1, 1)]).await;
    ships(&shop, &old, 1, BOX).await;
    let callback = callback(&shop, FakeCarrier::signing());
    callback.run(&told(2 * DAY, CarrierStatus::Delivered)).await.unwrap();
    shop.clock.advance(SignedDuration::from_hours(24 * 200));
    let new = begun(&shop, &[(1, 2)]).await;
    ships(&shop, &new, 1, BOX).await;
    let shipment = |order: &Order| ShipmentId { order_id: order.id, number: 1 };
    callback.run(&told(2 * DAY, CarrierStatus::Delivered)).await.unwrap();
    assert_eq!(stands(&shop, &new, 1), ShipmentStatus::Shipped, "that was another parcel");
    assert_eq!(linked(&shop, &new).await, [(shipment(&new), vec![])]);
    // A carrier may tell all of it at once, and of the parcel of now only that it cannot be handed over.
    let now = minutes(&shop) + 5;
    let all = [(1, CarrierStatus::InTransit), (2 * DAY, CarrierStatus::Delivered), (now, CarrierStatus::AttemptFailed)];
    callback.run(&pushed(&[news(BOX, &all)])).await.unwrap();
    assert_eq!(stands(&shop, &new, 1), ShipmentStatus::Failed);
    assert_eq!(linked(&shop, &new).await, [(shipment(&new), vec![now])]);
    assert_eq!(linked(&shop, &old).await, [(shipment(&old), vec![1, 2 * DAY])]);
}

#[tokio::test]
async fn g8_scans_of_a_later_life_move_and_show_nothing() {
    for ended in [true, false] {
        // A part of the order has yet to leave, so what has arrived could still come back.
        let shop = shop();
        let old = begun(&shop, &[(1, 1), (2, 1)]).await;
        ships(&shop, &old, 1, BOX).await;
        let callback = callback(&shop, FakeCarrier::signing());
        let last = if ended { CarrierStatus::Delivered } else { CarrierStatus::InTransit };
        callback.run(&told(DAY, last)).await.unwrap();
        let stood = stands(&shop, &old, 1);
        shop.clock.advance(SignedDuration::from_hours(24 * 200));
        let version = shop.store.order_now(old.id).version;
        for status in [CarrierStatus::OutForDelivery, CarrierStatus::Delivered, CarrierStatus::ReturnedToSender] {
            callback.run(&told(minutes(&shop), status)).await.unwrap();
            shop.clock.advance(SignedDuration::from_hours(1));
        }
        assert_eq!((stands(&shop, &old, 1), shop.store.order_now(old.id).version), (stood, version));
        assert_eq!(linked(&shop, &old).await[0].1, [DAY]);
    }
}

/// Has the store fail after a note, so that the first shipment does not hear of it.
struct FailsBehindANote {
    shop: oms_testkit::memory::MemoryStore,
    fault: Fault,
    times: usize,
}

#[async_trait]
impl Parcels for FailsBehindANote {
    async fn parcels(&self, keys: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError> {
        self.shop.parcels(keys).await
    }

    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError> {
        self.shop.note(record).await?;
        (0..self.times).for_each(|_| self.shop.fail_next(self.fault));
        Ok(())
    }
}

#[tokio::test]
async fn g8_what_goes_wrong_with_one_shipment_keeps_no_other_from_hearing() {
    let shop = shop();
    let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
    ships(&shop, &one, 1, BOX).await;
    ships(&shop, &two, 1, BOX).await;
    let store = Arc::new(shop.store.clone());
    let failing = FailsBehindANote { shop: shop.store.clone(), fault: Fault::Unavailable, times: 1 };
    let trackers = Trackers::new(vec![Arc::new(FakeCarrier::signing())]);
    let failing = CarrierCallback::new(store, Arc::new(failing), trackers, Arc::new(shop.clock.clone()));
    let push = told(9, CarrierStatus::Delivered);
    let refused = failing.run(&push).await;
    assert!(matches!(refused, Err(Error::ServiceUnavailable(_))), "it is to come again: {refused:?}");
    let mut stood = [stands(&shop, &one, 1), stands(&shop, &two, 1)];
    stood.sort();
    assert_eq!(stood, [ShipmentStatus::Shipped, ShipmentStatus::Delivered], "one has heard, one has not");
    callback(&shop, FakeCarrier::signing()).run(&push).await.unwrap();
    assert_eq!([stands(&shop, &one, 1), stands(&shop, &two, 1)], [ShipmentStatus::Delivered; 2]);
}

#[tokio::test]
async fn g8_a_parcel_of_a_push_that_cannot_be_told_keeps_no_other_back() {
    let shop = shop();
    let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
    ships(&shop, &one, 1, BOX).await;
    ships(&shop, &two, 1, "JD0002").await;
    let store = Arc::new(shop.store.clone());
    let failing = FailsBehindANote { shop: shop.store.clone(), fault: Fault::Unavailable, times: 1 };
    let trackers = Trackers::new(vec![Arc::new(FakeCarrier::signing())]);
    let failing = CarrierCallback::new(store, Arc::new(failing), trackers, Arc::new(shop.clock.clone()));
    let both = pushed(&[BOX, "JD0002"].map(|number| news(number, &[(9, CarrierStatus::Delivered)])));
    assert!(matches!(failing.run(&both).await, Err(Error::ServiceUnavailable(_))));
    callback(&shop, FakeCarrier::signing()).run(&both).await.unwrap();
    assert_eq!([stands(&shop, &one, 1), stands(&shop, &two, 1)], [ShipmentStatus::Delivered; 2]);
}

#[tokio::test]
async fn g8_a_push_for_two_shipments_is_killed_at_any_await_and_taken_whole_when_it_comes_again() {
    for step in 1..60 {
        let shop = shop();
        let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
        ships(&shop, &one, 1, BOX).await;
        ships(&shop, &two, 1, BOX).await;
        let versions = [&one, &two].map(|order| shop.store.order_now(order.id).version);
        let fuse = Fuse::of(step);
        let orders: Arc<dyn Orders> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn Orders>, &fuse);
        let parcels: Arc<dyn Parcels> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn Parcels>, &fuse);
        let trackers = Trackers::new(vec![Arc::new(FakeCarrier::signing())]);
        let mortal = CarrierCallback::new(orders, parcels, trackers, Arc::new(shop.clock.clone()));
        let push = told(9, CarrierStatus::ReturnedToSender);
        let ended = until_killed(mortal.run(&push));
        callback(&shop, FakeCarrier::signing()).run(&push).await.unwrap();
        for (order, version) in [&one, &two].into_iter().zip(versions) {
            let after = shop.store.order_now(order.id);
            let stood = (after.shipments[0].status, after.version);
            assert_eq!(stood, (ShipmentStatus::Returned, version + 1), "killed at {step}");
        }
        if ended.is_some() {
            return;
        }
    }
    panic!("it does not end");
}

/// Has a shipment ship in the box between a push's read and its note.
struct JoinedMeanwhile {
    store: oms_testkit::memory::MemoryStore,
    joins: tokio::sync::Mutex<Option<(MoveShipment, ShipmentId)>>,
}

#[async_trait]
impl Parcels for JoinedMeanwhile {
    async fn parcels(&self, keys: &[ParcelKey]) -> Result<Vec<ParcelRecord>, StoreError> {
        self.store.parcels(keys).await
    }

    async fn note(&self, record: &ParcelRecord) -> Result<(), NoteError> {
        if let Some((desk, id)) = self.joins.lock().await.take() {
            let step = ShipmentStep::Ship { parcels: dhl(BOX) };
            desk.run(id, &Intent::by(admin(), REQUEST), step, None).await.unwrap();
        }
        self.store.note(record).await
    }
}

#[tokio::test]
async fn g8_a_shipment_that_joins_while_a_push_is_taken_in_hears_of_it() {
    let shop = shop();
    let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
    ships(&shop, &one, 1, BOX).await;
    let store = Arc::new(shop.store.clone());
    let desk = MoveShipment(WritePath::new(store.clone(), Arc::new(shop.clock.clone())));
    let joins = Some((desk, ShipmentId { order_id: two.id, number: 1 })).into();
    let parcels = Arc::new(JoinedMeanwhile { store: shop.store.clone(), joins });
    let trackers = Trackers::new(vec![Arc::new(FakeCarrier::signing())]);
    let callback = CarrierCallback::new(store, parcels, trackers, Arc::new(shop.clock.clone()));
    callback.run(&told(9, CarrierStatus::Delivered)).await.unwrap();
    assert_eq!([stands(&shop, &one, 1), stands(&shop, &two, 1)], [ShipmentStatus::Delivered; 2]);
}

#[tokio::test]
async fn g6_a_parcel_is_asked_after_as_long_as_one_of_its_shipments_is_under_way() {
    let shop = shop();
    let old = begun(&shop, &[(1, 1)]).await;
    ships(&shop, &old, 1, BOX).await;
    callback(&shop, FakeCarrier::signing()).run(&told(DAY, CarrierStatus::Delivered)).await.unwrap();
    shop.clock.advance(SignedDuration::from_hours(25));
    poller(&shop, Ok(vec![])).run(REQUEST).await.unwrap();
    assert!(!is_due(&shop).await, "it has reached its end");
    shop.clock.advance(SignedDuration::from_hours(24 * 200));
    let new = begun(&shop, &[(1, 2)]).await;
    ships(&shop, &new, 1, BOX).await;
    for _ in 0..3 {
        shop.clock.advance(SignedDuration::from_hours(25));
        let old = news(BOX, &[(DAY, CarrierStatus::Delivered)]);
        let polled = poller(&shop, Ok(vec![old])).run(REQUEST).await;
        assert_eq!(polled, Ok(Polled { asked: 1, heard: 0, failed: 0 }), "the parcel of now was not heard of");
        assert!(is_due(&shop).await);
    }
    shop.clock.advance(SignedDuration::from_hours(25));
    let arrived = news(BOX, &[(minutes(&shop), CarrierStatus::Delivered)]);
    assert_eq!(poller(&shop, Ok(vec![arrived])).run(REQUEST).await, Ok(Polled { asked: 1, heard: 1, failed: 0 }));
    assert_eq!(stands(&shop, &new, 1), ShipmentStatus::Delivered);
    assert!(!is_due(&shop).await);
}

#[tokio::test]
async fn g6_a_shipment_that_joins_a_box_which_has_arrived_hears_of_it_a_day_later() {
    let shop = shop();
    let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
    ships(&shop, &one, 1, BOX).await;
    callback(&shop, FakeCarrier::signing()).run(&told(9, CarrierStatus::Delivered)).await.unwrap();
    ships(&shop, &two, 1, BOX).await;
    shop.clock.advance(SignedDuration::from_hours(25));
    poller(&shop, Ok(vec![])).run(REQUEST).await.unwrap();
    assert_eq!(stands(&shop, &two, 1), ShipmentStatus::Delivered);
    assert!(!is_due(&shop).await);
}

#[tokio::test]
async fn g6_nobody_asks_after_a_number_that_all_have_given_up() {
    let shop = shop();
    let order = begun(&shop, &[(1, 1)]).await;
    ships(&shop, &order, 1, BOX).await;
    let step = ShipmentStep::Track { parcels: vec![Tracking::checked("Hermes", "H1").unwrap()], tell: false };
    stepped(&shop, admin(), order.id, 1, step).await.unwrap();
    shop.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(poller(&shop, Ok(vec![])).run(REQUEST).await, Ok(Polled::default()));
    assert!(!is_due(&shop).await);
}

#[tokio::test]
async fn g8_an_end_that_is_not_signed_is_asked_after_for_shipments_of_several_orders() {
    let shop = shop();
    let (one, two) = (begun(&shop, &[(1, 1)]).await, begun(&shop, &[(1, 2)]).await);
    ships(&shop, &one, 1, BOX).await;
    shop.clock.advance(SignedDuration::from_hours(30));
    ships(&shop, &two, 1, BOX).await;
    let push = told(32 * 60, CarrierStatus::Delivered);
    let doubts = FakeCarrier::knowing(Ok(vec![news(BOX, &[(20 * 60, CarrierStatus::InTransit)])]));
    callback(&shop, doubts).run(&push).await.unwrap();
    assert_eq!([stands(&shop, &one, 1), stands(&shop, &two, 1)], [ShipmentStatus::Shipped; 2]);
    let agrees = FakeCarrier::knowing(Ok(vec![news(BOX, &[(32 * 60, CarrierStatus::Delivered)])]));
    callback(&shop, agrees).run(&push).await.unwrap();
    assert_eq!([stands(&shop, &one, 1), stands(&shop, &two, 1)], [ShipmentStatus::Delivered; 2]);
}

#[tokio::test]
async fn g8_a_number_that_has_all_the_shipments_it_may_is_refused_and_the_shipment_stays() {
    let shop = shop();
    let most = u64::try_from(MAX_SHIPMENTS_OF_A_NUMBER).unwrap();
    for _ in 0..most {
        let order = begun(&shop, &[(1, 1)]).await;
        ships(&shop, &order, 1, BOX).await;
        // So many orders in an hour would be looked at by a person.
        shop.clock.advance(SignedDuration::from_hours(24));
    }
    let last = begun(&shop, &[(1, 1)]).await;
    let refused = stepped(&shop, admin(), last.id, 1, ShipmentStep::Ship { parcels: dhl(BOX) }).await;
    assert_eq!(refused, Err(Refusal::TooManyWithNumber(MAX_SHIPMENTS_OF_A_NUMBER).into()));
    assert_eq!(shop.store.order_now(last.id), last, "nothing of it is written");
    ships(&shop, &last, 1, "JD0002").await;
}
