//! What a shop does by itself between the payment and the parcel, and what it leaves to a person (L5, L8).

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::fulfilment::buy_label::{BuyLabel, Wanted};
use oms_app::fulfilment::carriers::Carriers;
use oms_app::fulfilment::fulfil_order::{FulfilOrder, Hands};
use oms_app::fulfilment::settle_labels::SettleLabels;
use oms_app::fulfilment::void_label::VoidLabel;
use oms_app::intent::Intent;
use oms_app::ordering::hold_order::HoldOrder;
use oms_app::ordering::review_order::{Decision, ReviewOrder};
use oms_app::ports::{Alert, Carrier, Clock as _, Documents, FulfilmentFailed, FulfilmentFailure, Orders, Setting};
use oms_domain::catalog::Product;
use oms_domain::fulfilment::label::LabelStatus;
use oms_domain::fulfilment::locations::LocationTable;
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::shop::{Automation, ShopTable};
use oms_domain::fulfilment::{ShipmentId, ShipmentStatus};
use oms_domain::ids::OrderId;
use oms_domain::ordering::{HoldReason, Order, Status};
use oms_domain::public_event::CloudEvent;
use oms_testkit::builders::{a_product, admin, automatic_shop, set_up, set_up_locations};
use oms_testkit::fuse::{Fuse, Fused, until_killed};
use oms_testkit::memory::{FakeCarrier, LabelBooks, MemoryAlerts, MemoryDocuments, Mood};

use crate::shop::{REQUEST, Shop, a_screening};

/// How often the queue delivers a message.
const TRIES: u32 = 11;

/// A shop that may do things by itself, and the queue behind its events.
struct Works {
    shop: Shop,
    books: LabelBooks,
    documents: MemoryDocuments,
    alerts: MemoryAlerts,
    limits: &'static str,
}

impl Works {
    async fn of(table: ShopTable) -> Works {
        Works::selling(table, a_product(1).build()).await
    }

    async fn automatic() -> Works {
        Works::of(automatic_shop("standard", "dhl")).await
    }

    async fn selling(table: ShopTable, product: Product) -> Works {
        let shop = Shop::selling([product]);
        let now = shop.clock.now();
        set_up_locations(&shop.store, now).await;
        set_up(&shop.store, Setting::Shop(table), now).await;
        let (books, documents, alerts) = Default::default();
        Works { shop, books, documents, alerts, limits: "" }
    }

    fn function(&self, fuse: Option<&Fuse>) -> FulfilOrder {
        let store = Arc::new(self.shop.store.clone());
        let mut orders: Arc<dyn Orders> = store.clone();
        let mut documents: Arc<dyn Documents> = Arc::new(self.documents.clone());
        let mut carrier: Arc<dyn Carrier> = Arc::new(FakeCarrier::selling(&self.books));
        if let Some(fuse) = fuse {
            (orders, documents, carrier) =
                (Fused::new(orders, fuse), Fused::new(documents, fuse), Fused::new(carrier, fuse));
        }
        let hands = Hands {
            orders,
            catalog: store.clone(),
            settings: store,
            documents,
            carriers: Carriers::new(vec![carrier]),
            screening: a_screening(&self.shop.store, &self.shop.clock, self.limits),
            alerts: Arc::new(self.alerts.clone()),
            clock: Arc::new(self.shop.clock.clone()),
        };
        FulfilOrder::new(hands, TRIES)
    }

    /// The queue delivers everything that happened behind this version, and what follows from that, for this time.
    async fn told_since(&self, id: OrderId, version: u64, delivery: u32) -> Vec<Error> {
        let mut told = version;
        let mut errors = Vec::new();
        loop {
            let news: Vec<CloudEvent> =
                self.shop.events(id).await.into_iter().filter(|one| one.data.version > told).collect();
            let Some(last) = news.last() else { return errors };
            told = last.data.version;
            for event in &news {
                errors.extend(self.function(None).run(event, delivery).await.err());
            }
        }
    }

    async fn told(&self, id: OrderId) -> Vec<Error> {
        self.told_since(id, 0, 1).await
    }

    /// An order that is paid for, and of which the queue has delivered everything.
    async fn an_order(&self) -> Order {
        let order = self.shop.a_paid_order(2).await;
        assert_eq!(self.told(order.id).await, []);
        self.now(order.id)
    }

    fn now(&self, id: OrderId) -> Order {
        self.shop.store.order_now(id)
    }

    fn labels(&self, id: OrderId) -> Vec<LabelStatus> {
        let order = self.now(id);
        order.shipments.iter().flat_map(|shipment| &shipment.labels).map(|label| label.status).collect()
    }

    async fn released(&self, id: OrderId) -> Vec<Error> {
        let order = self.now(id);
        let path = WritePath::new(Arc::new(self.shop.store.clone()), Arc::new(self.shop.clock.clone()));
        let hold = order.holds[0].id.clone();
        HoldOrder(path).release(id, &Intent::by(admin(), REQUEST), hold).await.unwrap();
        self.told_since(id, order.version, 1).await
    }

    async fn held(&self, id: OrderId) {
        let path = WritePath::new(Arc::new(self.shop.store.clone()), Arc::new(self.shop.clock.clone()));
        HoldOrder(path).place(id, &Intent::by(admin(), REQUEST), HoldReason::Address, None).await.unwrap();
    }

    async fn given_back(&self, id: OrderId) {
        let store = Arc::new(self.shop.store.clone());
        let carriers = Carriers::new(vec![Arc::new(FakeCarrier::selling(&self.books))]);
        let (documents, clock) = (Arc::new(self.documents.clone()), Arc::new(self.shop.clock.clone()));
        let void = VoidLabel::new(store.clone(), store, documents, carriers, clock);
        void.run(ShipmentId { order_id: id, number: 1 }, &Intent::by(admin(), REQUEST)).await.unwrap();
    }

    async fn asked_by_hand(&self, id: OrderId) {
        let store = Arc::new(self.shop.store.clone());
        let carriers = Carriers::new(vec![Arc::new(FakeCarrier::selling(&self.books))]);
        let (documents, clock) = (Arc::new(self.documents.clone()), Arc::new(self.shop.clock.clone()));
        let buy = BuyLabel::new(store.clone(), store, documents, carriers, clock);
        let parcels = vec![Measures { weight_grams: 900, length_mm: 300, width_mm: 200, height_mm: 100 }];
        let wanted = Wanted { carrier: "dhl".into(), service: "express".into(), parcels, ship_date: None };
        buy.run(ShipmentId { order_id: id, number: 1 }, &Intent::by(admin(), REQUEST), wanted).await.unwrap();
    }

    async fn settled(&self) {
        self.shop.clock.advance(SignedDuration::from_mins(5));
        let store = Arc::new(self.shop.store.clone());
        let carriers = Carriers::new(vec![Arc::new(FakeCarrier::selling(&self.books))]);
        let (documents, clock) = (Arc::new(self.documents.clone()), Arc::new(self.shop.clock.clone()));
        SettleLabels::new(store.clone(), store.clone(), documents, store, carriers, clock).run(REQUEST).await.unwrap();
    }

    /// What staff were told, and by which event.
    fn failures(&self) -> Vec<(FulfilmentFailure, u32)> {
        let failed = |alert| {
            if let Alert::FulfilmentFailed(FulfilmentFailed { why, tries, .. }) = alert {
                Some((why, tries))
            } else {
                None
            }
        };
        self.alerts.told().into_iter().filter_map(failed).collect()
    }
}

fn away() -> Error {
    Error::CarrierDown { carrier: "dhl".into(), retry_after_seconds: None, cause: "the network is down".into() }
}

#[tokio::test]
async fn l5_a_paid_order_is_begun_and_its_label_bought_without_a_person() {
    let works = Works::automatic().await;
    let order = works.an_order().await;
    assert_eq!(order.status, Status::Processing);
    let [shipment] = order.shipments.as_slice() else { panic!("{:?}", order.shipments) };
    assert_eq!(shipment.status, ShipmentStatus::Planned);
    let label = shipment.bought_label().unwrap();
    assert_eq!(label.order.parcels[0].weight_grams, 200 + 2 * 400, "the box and two mugs");
    assert_eq!((label.order.carrier.as_str(), label.order.service.as_str()), ("dhl", "standard"));
    assert_eq!(works.documents.names().len(), 1);
    // Everything is told once more, in the order of nobody's choice.
    let mut events = works.shop.events(order.id).await;
    events.reverse();
    for event in &events {
        assert_eq!(works.function(None).run(event, 2).await, Ok(()));
    }
    assert_eq!((works.now(order.id).version, works.books.charged().len()), (order.version, 1));
    assert_eq!(works.failures(), []);
}

#[tokio::test]
async fn l5_a_shop_that_has_set_up_nothing_does_everything_by_hand() {
    for (table, status, labels) in [
        (ShopTable::default(), Status::Confirmed, 0),
        (ShopTable { labels: vec![], ..automatic_shop("standard", "dhl") }, Status::Processing, 0),
        (automatic_shop("express", "dhl"), Status::Processing, 0),
        (ShopTable { processing: Automation::ByHand, ..automatic_shop("standard", "dhl") }, Status::Confirmed, 0),
    ] {
        let works = Works::of(table.clone()).await;
        let order = works.an_order().await;
        assert_eq!((order.status, works.labels(order.id).len()), (status, labels), "{table:?}");
    }
    // Where a person begins the order, its labels come by themselves.
    let works = Works::of(ShopTable { processing: Automation::ByHand, ..automatic_shop("standard", "dhl") }).await;
    let order = works.shop.an_order_that_is(Status::Processing).await;
    assert_eq!(works.told(order.id).await, []);
    assert_eq!(works.labels(order.id), [LabelStatus::Bought]);
}

#[tokio::test]
async fn l5_what_is_held_waits_and_goes_on_when_it_is_released() {
    let works = Works::automatic().await;
    let paid = works.shop.a_paid_order(2).await;
    works.held(paid.id).await;
    assert_eq!(works.told(paid.id).await, []);
    assert_eq!(works.now(paid.id).status, Status::Confirmed);
    assert_eq!(works.released(paid.id).await, []);
    assert_eq!((works.now(paid.id).status, works.labels(paid.id)), (Status::Processing, vec![LabelStatus::Bought]));
    // Held between the plan and its label.
    let works = Works::of(ShopTable { processing: Automation::ByHand, ..automatic_shop("standard", "dhl") }).await;
    let begun = works.shop.an_order_that_is(Status::Processing).await;
    works.held(begun.id).await;
    assert_eq!(works.told(begun.id).await, []);
    assert_eq!(works.labels(begun.id), []);
    assert_eq!(works.released(begun.id).await, []);
    assert_eq!(works.labels(begun.id), [LabelStatus::Bought]);
}

#[tokio::test]
async fn l5_nothing_is_begun_unscreened() {
    let mut works = Works::automatic().await;
    works.limits = "10.00 EUR";
    let order = works.an_order().await;
    assert_eq!((order.status, order.review.is_some()), (Status::Confirmed, true));
    let path = WritePath::new(Arc::new(works.shop.store.clone()), Arc::new(works.shop.clock.clone()));
    ReviewOrder(path).run(order.id, &Intent::by(admin(), REQUEST), Decision::Approve, None).await.unwrap();
    assert_eq!(works.told_since(order.id, order.version, 1).await, []);
    assert_eq!((works.now(order.id).status, works.labels(order.id)), (Status::Processing, vec![LabelStatus::Bought]));
}

#[tokio::test]
async fn l8_a_carrier_that_stays_away_is_tried_again_and_then_the_order_is_held_and_staff_told() {
    let works = Works::of(ShopTable { processing: Automation::ByHand, ..automatic_shop("standard", "dhl") }).await;
    let order = works.shop.an_order_that_is(Status::Processing).await;
    let planned = works.shop.event(order.id, "order.shipment_planned").await;
    for delivery in 1..TRIES {
        works.books.meets(&[Mood::Away]);
        assert_eq!(works.function(None).run(&planned, delivery).await, Err(away()), "delivery {delivery}");
        assert_eq!((works.now(order.id).is_held(), works.failures()), (false, vec![]));
    }
    works.books.meets(&[Mood::Away]);
    assert_eq!(works.function(None).run(&planned, TRIES).await, Err(away()), "it ends among the dead letters");
    let held = works.now(order.id);
    assert_eq!(held.held_for(), Some(HoldReason::Fulfilment));
    assert_eq!(works.failures(), [(FulfilmentFailure::Unavailable, TRIES)]);
    // Driven again while it is held, it changes nothing.
    assert_eq!(works.function(None).run(&planned, 1).await, Ok(()));
    assert_eq!(works.now(order.id).version, held.version);
    // Whoever releases it has it tried again.
    assert_eq!(works.released(order.id).await, []);
    assert_eq!((works.labels(order.id), works.books.charged().len()), (vec![LabelStatus::Bought], 1));
}

#[tokio::test]
async fn l5_what_a_carrier_refuses_is_a_persons_at_once() {
    let works = Works::automatic().await;
    works.books.meets(&[Mood::Refuses]);
    let order = works.an_order().await;
    assert_eq!(order.held_for(), Some(HoldReason::Fulfilment));
    assert_eq!(works.failures(), [(FulfilmentFailure::Refused, 1)]);
    let stored = works.shop.store.load(order.id).await.unwrap().unwrap();
    let note = stored.order.holds[0].note.as_ref().and_then(|note| note.read(stored.person.as_ref()));
    assert_eq!(note, Some("ORD-3001: the carrier refuses the label: no such service"));
    assert_eq!(works.released(order.id).await, []);
    assert_eq!((works.labels(order.id), works.now(order.id).is_held()), (vec![], false), "it is not asked again");
    assert_eq!(works.books.charged(), vec![]);
}

#[tokio::test]
async fn l5_what_is_not_set_up_is_a_persons_at_once() {
    let works = Works::of(automatic_shop("standard", "hermes")).await;
    let order = works.an_order().await;
    assert_eq!(works.failures(), [(FulfilmentFailure::Impossible, 1)], "there is no such carrier");
    assert_eq!(order.held_for(), Some(HoldReason::Fulfilment));
    let works = Works::automatic().await;
    set_up(&works.shop.store, Setting::Locations(LocationTable::default()), works.shop.clock.now()).await;
    works.shop.clock.advance(SignedDuration::from_mins(5));
    let order = works.an_order().await;
    assert_eq!(works.failures(), [(FulfilmentFailure::Impossible, 1)], "there is no sender");
    assert_eq!(order.held_for(), Some(HoldReason::Fulfilment));
    // Set up and released, it goes on.
    set_up_locations(&works.shop.store, works.shop.clock.now()).await;
    works.shop.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(works.released(order.id).await, []);
    assert_eq!(works.labels(order.id), [LabelStatus::Bought]);
}

/// Whoever releases the hold without mending anything wants to do it another way, and is not held again.
#[tokio::test]
async fn l5_what_stays_impossible_is_told_once_and_left_to_whoever_released_it() {
    let works = Works::of(automatic_shop("standard", "hermes")).await;
    let order = works.an_order().await;
    assert_eq!(works.released(order.id).await, []);
    assert_eq!((works.now(order.id).is_held(), works.failures().len()), (false, 1), "they are not in each other's way");
    works.asked_by_hand(order.id).await;
    assert_eq!(works.labels(order.id), [LabelStatus::Bought]);
}

#[tokio::test]
async fn l5_a_label_that_a_person_gave_back_is_not_bought_again() {
    let works = Works::automatic().await;
    let order = works.an_order().await;
    works.given_back(order.id).await;
    works.held(order.id).await;
    assert_eq!(works.released(order.id).await, []);
    for event in works.shop.events(order.id).await {
        assert_eq!(works.function(None).run(&event, 3).await, Ok(()));
    }
    assert_eq!(works.labels(order.id), []);
    assert_eq!(works.books.sold().len(), 1);
}

#[tokio::test]
async fn l5_a_label_that_a_person_asked_for_is_not_asked_for_by_the_shop() {
    let works = Works::of(ShopTable { labels: vec![], ..automatic_shop("standard", "dhl") }).await;
    let order = works.an_order().await;
    works.books.meets(&[Mood::LosesRequest]);
    works.asked_by_hand(order.id).await;
    let table = Setting::Shop(automatic_shop("standard", "dhl"));
    set_up(&works.shop.store, table, works.shop.clock.now()).await;
    works.settled().await;
    assert_eq!(works.shop.event(order.id, "order.label_failed").await.data.version, order.version + 2);
    assert_eq!(works.told(order.id).await, []);
    assert_eq!(works.labels(order.id), []);
}

#[tokio::test]
async fn l5_what_cannot_be_weighed_or_carried_waits_for_a_person() {
    for grams in [0, 40_000] {
        let mut mug = a_product(1).build();
        mug.weight_grams = grams;
        let works = Works::selling(automatic_shop("standard", "dhl"), mug).await;
        let order = works.an_order().await;
        assert_eq!((order.status, order.is_held()), (Status::Processing, false), "{grams} g");
        assert_eq!((works.labels(order.id), works.failures()), (vec![], vec![]), "{grams} g");
    }
}

#[tokio::test]
async fn l5_staff_who_could_not_be_told_are_told_again() {
    let works = Works::automatic().await;
    works.books.meets(&[Mood::Refuses]);
    works.alerts.fail_next();
    let order = works.shop.a_paid_order(2).await;
    assert_eq!(works.told(order.id).await.len(), 1, "it comes again");
    assert_eq!(works.now(order.id).held_for(), Some(HoldReason::Fulfilment), "and is held all the same");
}

#[tokio::test]
async fn l5_an_answer_that_was_lost_is_looked_for_and_bought_again_only_where_nothing_was_sold() {
    for (mood, sold) in [(Mood::LosesAnswer, 1), (Mood::LosesRequest, 1)] {
        let works = Works::automatic().await;
        works.books.meets(&[mood]);
        let order = works.an_order().await;
        assert_eq!(works.labels(order.id), [LabelStatus::Requested]);
        works.settled().await;
        assert_eq!(works.told_since(order.id, order.version, 1).await, []);
        assert_eq!(works.labels(order.id), [LabelStatus::Bought], "{mood:?}");
        assert_eq!((works.books.charged().len(), works.books.sold().len()), (sold, sold), "{mood:?}");
    }
}

#[tokio::test]
async fn g13_the_shop_itself_may_be_killed_at_any_await() {
    for mood in [Mood::Sells, Mood::LosesAnswer, Mood::LosesRequest, Mood::Away, Mood::Refuses] {
        for step in 1.. {
            let works =
                Works::of(ShopTable { processing: Automation::ByHand, ..automatic_shop("standard", "dhl") }).await;
            let order = works.shop.an_order_that_is(Status::Processing).await;
            let planned = works.shop.event(order.id, "order.shipment_planned").await;
            works.books.meets(&[mood]);
            let ended = until_killed(works.function(Some(&Fuse::of(step))).run(&planned, 1));
            works.books.meets(&[]);
            for delivery in 2..4 {
                works.settled().await;
                works.told_since(order.id, 0, delivery).await;
            }
            let when = format!("{mood:?}, killed at {step}");
            let order = works.now(order.id);
            assert!(works.books.charged().len() <= 1, "{when}: {:?}", works.books.charged());
            let refused = mood == Mood::Refuses && order.held_for() == Some(HoldReason::Fulfilment);
            let has_label = works.labels(order.id) == [LabelStatus::Bought];
            assert!(refused != has_label, "{when}: {:?} {:?}", order.shipments, order.holds);
            assert_eq!(refused, !works.failures().is_empty(), "{when}: staff are told");
            assert_eq!(works.books.charged().len(), usize::from(has_label), "{when}");
            if ended.is_some() {
                break;
            }
            assert!(step < 60, "it does not end");
        }
    }
}

#[tokio::test]
async fn g13_of_messages_side_by_side_one_buys() {
    let works = Works::of(ShopTable { processing: Automation::ByHand, ..automatic_shop("standard", "dhl") }).await;
    let order = works.shop.an_order_that_is(Status::Processing).await;
    let planned = works.shop.event(order.id, "order.shipment_planned").await;
    let (one, two) = (works.function(None), works.function(None));
    let both = futures::future::join(one.run(&planned, 1), two.run(&planned, 1)).await;
    assert_eq!(both, (Ok(()), Ok(())));
    assert_eq!(works.books.charged().len(), 1);
}
