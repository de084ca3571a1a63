//! Labels: bought once, whatever fails; looked for where an answer is lost; given back where nobody needs them (G13, invariant 19).

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::execute::WritePath;
use oms_app::fulfilment::buy_label::{BuyLabel, Wanted};
use oms_app::fulfilment::carriers::Carriers;
use oms_app::fulfilment::labels::Shown;
use oms_app::fulfilment::move_shipment::MoveShipment;
use oms_app::fulfilment::settle_labels::{SettleLabels, Settled};
use oms_app::fulfilment::view_label::ViewLabel;
use oms_app::fulfilment::view_rates::{Offers, ViewRates};
use oms_app::fulfilment::void_label::VoidLabel;
use oms_app::idempotency::Idempotency;
use oms_app::intent::Intent;
use oms_app::ports::{
    Agenda, Carrier, Clock as _, Documents, FollowUp, FollowUps, Orders, Setting, SettingChange, SettingRecord,
    Settings as _, Table,
};
use oms_app::{Error, Field};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::label::{LabelStatus, MAX_LABELS};
use oms_domain::fulfilment::locations::LocationTable;
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::{Location, ShipmentId, ShipmentStatus};
use oms_domain::ids::LabelId;
use oms_domain::ordering::{HoldReason, Order, Refusal, ShipmentStep, Status};
use oms_testkit::Fault;
use oms_testkit::builders::{admin, set_up_locations};
use oms_testkit::fuse::{Fuse, Fused, until_killed};
use oms_testkit::memory::{FakeCarrier, LabelBooks, MemoryDocuments, MemoryMetrics, Mood};

use crate::shop::{REQUEST, Shop};

/// A shop whose carrier sells labels, with an order that is prepared.
struct Desk {
    shop: Shop,
    books: LabelBooks,
    documents: MemoryDocuments,
    metrics: MemoryMetrics,
    id: ShipmentId,
}

/// Ports that may be those of a process that dies.
struct Hands {
    buy: BuyLabel,
    give_back: VoidLabel,
    settle: SettleLabels,
    step: MoveShipment,
}

impl Desk {
    async fn open() -> Desk {
        let shop = Shop::open();
        set_up_locations(&shop.store, shop.clock.now()).await;
        let order = shop.an_order_that_is(Status::Processing).await;
        let id = ShipmentId { order_id: order.id, number: 1 };
        let (books, documents) = (LabelBooks::default(), MemoryDocuments::default());
        Desk { shop, books, documents, metrics: MemoryMetrics::default(), id }
    }

    fn hands(&self, fuse: Option<&Fuse>) -> Hands {
        let store = Arc::new(self.shop.store.clone());
        let mut orders: Arc<dyn Orders> = store.clone();
        let mut follow_ups: Arc<dyn FollowUps> = store.clone();
        let mut documents: Arc<dyn Documents> = Arc::new(self.documents.clone());
        let mut carrier: Arc<dyn Carrier> = Arc::new(FakeCarrier::selling(&self.books));
        if let Some(fuse) = fuse {
            (orders, follow_ups) = (Fused::new(orders, fuse), Fused::new(follow_ups, fuse));
            (documents, carrier) = (Fused::new(documents, fuse), Fused::new(carrier, fuse));
        }
        let (carriers, time) = (Carriers::new(vec![carrier]), Arc::new(self.shop.clock.clone()));
        let (o, s, d, c) = (orders.clone(), store, documents, carriers);
        Hands {
            buy: BuyLabel::new(o.clone(), s.clone(), d.clone(), c.clone(), time.clone()),
            give_back: VoidLabel::new(o.clone(), s.clone(), d.clone(), c.clone(), time.clone()),
            settle: SettleLabels::new(o, s, d, follow_ups, c, time.clone())
                .with_metrics(Arc::new(self.metrics.clone())),
            step: MoveShipment(WritePath::new(orders, time)),
        }
    }

    async fn buy(&self, key: &str) -> Result<Shown, Error> {
        self.hands(None).buy.run(self.id, &keyed(key), wanted()).await
    }

    async fn settle(&self, minutes: i64) -> Settled {
        self.shop.clock.advance(SignedDuration::from_mins(minutes));
        self.hands(None).settle.run(REQUEST).await.unwrap()
    }

    fn order(&self) -> Order {
        self.shop.store.order_now(self.id.order_id)
    }

    fn labels(&self) -> Vec<LabelStatus> {
        self.order().shipment(1).unwrap().labels.iter().map(|label| label.status).collect()
    }

    /// What is due at the carriers by a far day.
    async fn due(&self) -> Vec<FollowUp> {
        let far = self.shop.clock.now().checked_add(SignedDuration::from_hours(1_000)).unwrap();
        self.shop.store.due_follow_ups(Agenda::Carriers, far, 10).await.unwrap()
    }

    /// What the carrier charges is known, and there is one at most.
    fn is_paid_once(&self, when: &str) {
        let charged = self.books.charged();
        let order = self.order();
        let shipment = order.shipment(1).unwrap();
        assert!(charged.len() <= 1, "{when}: {charged:?}");
        for (label_id, _) in charged {
            assert!(
                shipment.label(label_id).is_some(),
                "{when}: {label_id} is paid and not known: {:?}",
                shipment.labels
            );
        }
        for label in shipment.labels.iter().filter(|label| label.status == LabelStatus::Bought) {
            let sold = self.books.sold();
            assert!(sold.get(&label.id).is_some_and(|sold| !sold.is_void), "{when}: {} is not paid", label.id);
        }
    }
}

fn wanted() -> Wanted {
    let parcel = Measures { weight_grams: 900, length_mm: 300, width_mm: 200, height_mm: 100 };
    Wanted { carrier: "dhl".into(), service: "standard".into(), parcels: vec![parcel], ship_date: None }
}

fn keyed(key: &str) -> Intent {
    Intent::by(admin(), REQUEST).keyed(Idempotency { key: key.into(), request: "the same".into() })
}

fn by(caller: Caller) -> Intent {
    Intent::by(caller, REQUEST)
}

fn another_seller() -> Caller {
    let seller = "contoso-toys".parse().unwrap();
    Caller::Seller { user: oms_testkit::builders::user("eve"), seller }
}

fn faults(error: Error) -> Vec<String> {
    let Error::Invalid(fields) = error else { panic!("{error:?}") };
    fields.into_iter().map(|Field { pointer, .. }| pointer).collect()
}

#[tokio::test]
async fn g13_a_label_is_bought_kept_and_ships_its_shipment() {
    let desk = Desk::open().await;
    let shown = desk.buy("one").await.unwrap();
    assert_eq!(shown.label.status, LabelStatus::Bought);
    let bought = shown.label.bought.clone().unwrap();
    assert_eq!((bought.tracking[0].carrier.as_str(), bought.cost.unwrap().decimal().as_str()), ("DHL", "4.90"));
    let name = format!("labels/{}/{}/1.pdf", desk.id.order_id, shown.label.id);
    assert_eq!(desk.documents.names(), std::slice::from_ref(&name));
    assert!(shown.documents[0].url.contains(&name));
    assert_eq!(shown.until, desk.shop.clock.now() + SignedDuration::from_mins(15));
    assert_eq!(desk.due().await, [], "there is nothing to come back to");
    let step = ShipmentStep::Ship { parcels: Vec::new() };
    let moved = desk.hands(None).step.run(desk.id, &by(admin()), step, None).await.unwrap();
    assert_eq!((moved.shipment.status, moved.shipment.parcels), (ShipmentStatus::Shipped, bought.tracking));
    desk.is_paid_once("at the end");
}

#[tokio::test]
async fn g13_the_same_request_again_is_answered_from_the_record() {
    let desk = Desk::open().await;
    let first = desk.buy("one").await.unwrap();
    let again = desk.buy("one").await.unwrap();
    assert_eq!((again.label, again.documents), (first.label.clone(), first.documents));
    assert_eq!(desk.books.asked(first.label.id), 1);
    assert_eq!(desk.buy("two").await, Err(Error::Refused(Refusal::HasLabel(LabelStatus::Bought))));
    let other = Wanted { service: "express".into(), ..wanted() };
    let intent = Intent::by(admin(), REQUEST).keyed(Idempotency { key: "one".into(), request: "another".into() });
    assert_eq!(desk.hands(None).buy.run(desk.id, &intent, other).await, Err(Error::IdempotencyMismatch));
    desk.is_paid_once("at the end");
}

#[tokio::test]
async fn g13_who_may_not_see_the_shipment_does_not_learn_of_its_label() {
    let desk = Desk::open().await;
    let stranger = || by(another_seller());
    let hands = desk.hands(None);
    assert_eq!(hands.buy.run(desk.id, &stranger(), wanted()).await, Err(Error::NotFound));
    desk.buy("one").await.unwrap();
    assert_eq!(hands.give_back.run(desk.id, &stranger()).await, Err(Error::NotFound));
    let (store, clock) = (Arc::new(desk.shop.store.clone()), Arc::new(desk.shop.clock.clone()));
    let view = ViewLabel::new(store.clone(), store, Arc::new(desk.documents.clone()), clock);
    assert_eq!(view.run(&another_seller(), desk.id).await, Err(Error::NotFound));
    assert_eq!(view.run(&admin(), desk.id).await.unwrap().label.status, LabelStatus::Bought);
    let none = ShipmentId { number: 2, ..desk.id };
    assert_eq!(view.run(&admin(), none).await, Err(Error::NotFound));
}

#[tokio::test]
async fn g13_what_cannot_be_bought_is_told_before_anything_is_asked_for() {
    let desk = Desk::open().await;
    let before = desk.order();
    let run = async |wanted: Wanted| desk.hands(None).buy.run(desk.id, &keyed("one"), wanted).await.unwrap_err();
    assert_eq!(faults(run(Wanted { carrier: "hermes".into(), ..wanted() }).await), ["/carrier"]);
    let past = Some("2025-12-31".parse().unwrap());
    assert_eq!(faults(run(Wanted { ship_date: past, ..wanted() }).await), ["/ship_date"]);
    let far = Some("2026-02-01".parse().unwrap());
    assert_eq!(faults(run(Wanted { ship_date: far, ..wanted() }).await), ["/ship_date"]);
    assert_eq!((desk.order(), desk.books.sold().len()), (before, 0));
}

#[tokio::test]
async fn g13_a_location_without_an_address_sends_nothing() {
    let desk = Desk::open().await;
    let store = &desk.shop.store;
    let before = store.current(Table::Locations).await.unwrap();
    let at = desk.shop.clock.now();
    let after = before.next(Setting::Locations(LocationTable::default()), at);
    let record = SettingRecord {
        id: desk.id.order_id.uuid(),
        version: after.version,
        actor: admin().actor(),
        at,
        correlation_id: REQUEST.into(),
        effective_from: after.effective_from,
    };
    store.change(&SettingChange { before, after, record }).await.unwrap();
    desk.buy("as announced").await.unwrap();
    desk.hands(None).give_back.run(desk.id, &by(admin())).await.unwrap();
    desk.shop.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(desk.buy("none").await, Err(Error::Refused(Refusal::NoOrigin(Location::main()))));
}

#[tokio::test]
async fn g13_a_refusal_and_a_carrier_that_is_away_leave_no_label_behind() {
    let desk = Desk::open().await;
    desk.books.meets(&[Mood::Refuses, Mood::Away, Mood::Busy]);
    assert_eq!(desk.buy("one").await, Err(Error::LabelRefused("no such service".into())));
    assert_eq!(desk.buy("one").await, Err(Error::Refused(Refusal::NoLabel)), "the key is that of a refused one");
    let away = |seconds| Error::CarrierDown {
        carrier: "dhl".into(),
        retry_after_seconds: seconds,
        cause: if seconds.is_some() { "too much".into() } else { "the network is down".into() },
    };
    assert_eq!(desk.buy("two").await, Err(away(None)));
    assert_eq!(desk.buy("three").await, Err(away(Some(7))));
    assert_eq!((desk.labels(), desk.due().await), (vec![], vec![]));
    assert_eq!(desk.buy("four").await.unwrap().label.status, LabelStatus::Bought);
    desk.is_paid_once("at the end");
}

#[tokio::test]
async fn g13_what_had_no_answer_is_looked_for_and_never_bought_again() {
    for (mood, after) in [(Mood::LosesAnswer, vec![LabelStatus::Bought]), (Mood::LosesRequest, vec![])] {
        let desk = Desk::open().await;
        desk.books.meets(&[mood]);
        let shown = desk.buy("one").await.unwrap();
        assert_eq!(shown.label.status, LabelStatus::Requested);
        assert_eq!(desk.buy("one").await.unwrap().label.status, LabelStatus::Requested, "nobody asks again");
        assert_eq!(desk.buy("two").await, Err(Error::Refused(Refusal::HasLabel(LabelStatus::Requested))));
        assert_eq!(desk.settle(1).await, Settled::default(), "whoever asked may still be at it");
        assert_eq!(desk.settle(3).await, Settled { looked: 1, failed: 0 });
        assert_eq!((desk.labels(), desk.due().await), (after.clone(), vec![]), "{mood:?}");
        assert_eq!(desk.books.asked(shown.label.id), 1);
        assert_eq!(desk.documents.names().len(), after.len());
        desk.is_paid_once("at the end");
    }
}

#[tokio::test]
async fn g13_where_the_carrier_cannot_tell_the_order_is_held_for_a_person() {
    let desk = Desk::open().await;
    desk.books.meets(&[Mood::LosesAnswer]);
    desk.books.forgets();
    let label_id = desk.buy("one").await.unwrap().label.id;
    desk.settle(4).await;
    assert_eq!(desk.labels(), [LabelStatus::Unknown]);
    let order = desk.order();
    assert_eq!(order.held_for(), Some(HoldReason::Fulfilment));
    assert_eq!(desk.metrics.figures(), [("labels_in_doubt", "1".to_owned())]);
    assert_eq!(desk.settle(60).await, Settled::default(), "it is a person's turn");
    // Who has looked and voided it by hand says so.
    desk.books.void_by_hand(label_id);
    desk.hands(None).give_back.run(desk.id, &by(admin())).await.unwrap();
    assert_eq!((desk.labels(), desk.order().is_held()), (vec![], false));
    assert_eq!(desk.buy("two").await.unwrap().label.status, LabelStatus::Bought);
    desk.is_paid_once("at the end");
}

#[tokio::test]
async fn g13_a_carrier_that_stays_away_is_asked_for_a_day() {
    let desk = Desk::open().await;
    desk.books.meets(&[Mood::LosesAnswer]);
    desk.buy("one").await.unwrap();
    for _ in 0..3 {
        desk.books.meets(&[Mood::Away]);
        desk.settle(10).await;
        assert_eq!((desk.labels(), desk.due().await.len()), (vec![LabelStatus::Requested], 1));
    }
    desk.books.meets(&[Mood::Away]);
    desk.settle(24 * 60).await;
    assert_eq!(desk.labels(), [LabelStatus::Unknown]);
}

#[tokio::test]
async fn g13_a_label_is_void_at_once_later_or_not_at_all() {
    for (mood, at_once, later) in [
        (Mood::Sells, Some(vec![]), vec![]),
        (Mood::Away, Some(vec![LabelStatus::Voiding]), vec![]),
        (Mood::LosesAnswer, Some(vec![LabelStatus::Voiding]), vec![]),
        (Mood::Refuses, None, vec![LabelStatus::Bought]),
    ] {
        let desk = Desk::open().await;
        desk.buy("one").await.unwrap();
        desk.books.meets(&[mood]);
        let done = desk.hands(None).give_back.run(desk.id, &by(admin())).await;
        match at_once {
            Some(labels) => assert_eq!((done.is_ok(), desk.labels()), (true, labels), "{mood:?}"),
            None => assert_eq!(done, Err(Error::LabelRefused("the carrier has it".into()))),
        }
        desk.settle(2).await;
        assert_eq!((desk.labels(), desk.due().await), (later, vec![]), "{mood:?}");
        desk.is_paid_once("at the end");
    }
}

#[tokio::test]
async fn g13_a_shipment_that_is_given_up_gives_its_label_back() {
    let desk = Desk::open().await;
    desk.buy("one").await.unwrap();
    desk.hands(None).step.run(desk.id, &by(admin()), ShipmentStep::Cancel, None).await.unwrap();
    assert_eq!(desk.labels(), [LabelStatus::Voiding]);
    desk.settle(2).await;
    assert_eq!((desk.labels(), desk.books.charged().len(), desk.due().await), (vec![], 0, vec![]));
}

#[tokio::test]
async fn g13_a_label_whose_documents_cannot_be_kept_is_paid_all_the_same() {
    let desk = Desk::open().await;
    desk.documents.fails(2);
    assert_eq!(desk.buy("one").await.unwrap().documents.len(), 1, "it is tried again");
    desk.hands(None).give_back.run(desk.id, &by(admin())).await.unwrap();
    desk.documents.fails(100);
    let shown = desk.buy("two").await.unwrap();
    assert_eq!((shown.label.status, shown.documents), (LabelStatus::Bought, vec![]));
    desk.is_paid_once("at the end");
}

#[tokio::test]
async fn g13_a_store_that_fails_after_the_purchase_loses_nothing() {
    for faults in 1..4 {
        let desk = Desk::open().await;
        for _ in 0..faults {
            desk.shop.store.fail_next(Fault::Unavailable);
        }
        let _ = desk.buy("one").await;
        for _ in 0..6 {
            desk.shop.clock.advance(SignedDuration::from_mins(10));
            let _ = desk.hands(None).settle.run(REQUEST).await;
        }
        desk.is_paid_once("after faults");
        assert_eq!(desk.due().await, []);
    }
}

/// A process dies at every await of a purchase, at a carrier that can tell and at one that cannot: one label is paid and known, or there
/// is none, or the order is held for a person.
#[tokio::test]
async fn g13_a_purchase_killed_at_any_await_pays_one_label_or_holds_the_order() {
    for forgetful in [false, true] {
        for mood in [Mood::Sells, Mood::LosesAnswer, Mood::LosesRequest, Mood::Refuses, Mood::Away] {
            for step in 1.. {
                let desk = Desk::open().await;
                if forgetful {
                    desk.books.forgets();
                }
                desk.books.meets(&[mood]);
                let mortal = desk.hands(Some(&Fuse::of(step)));
                let ended = until_killed(mortal.buy.run(desk.id, &keyed("one"), wanted()));
                // Whoever wanted it asks again, and time goes by.
                desk.books.meets(&[]);
                let _ = desk.buy("one").await;
                for _ in 0..3 {
                    desk.settle(5).await;
                }
                let when = format!("{mood:?}, forgetful: {forgetful}, killed at {step}");
                desk.is_paid_once(&when);
                let labels = desk.labels();
                let held = desk.order().held_for() == Some(HoldReason::Fulfilment);
                assert_eq!(labels.contains(&LabelStatus::Unknown), held, "{when}");
                assert!(!labels.contains(&LabelStatus::Requested), "{when}: {labels:?}");
                assert_eq!(desk.due().await, [], "{when}");
                for asked in 1..=MAX_LABELS {
                    let label_id = LabelId::of_sequence(desk.id.order_id, 1, asked);
                    assert!(desk.books.asked(label_id) <= 1, "{when}: asked for twice");
                }
                if ended.is_some() {
                    break;
                }
                assert!(step < 60, "it does not end");
            }
        }
    }
}

#[tokio::test]
async fn g13_looking_for_a_label_may_be_killed_at_any_await() {
    for forgetful in [false, true] {
        for mood in [Mood::LosesAnswer, Mood::LosesRequest] {
            for step in 1.. {
                let desk = Desk::open().await;
                if forgetful {
                    desk.books.forgets();
                }
                desk.books.meets(&[mood]);
                desk.buy("one").await.unwrap();
                desk.shop.clock.advance(SignedDuration::from_mins(4));
                let mortal = desk.hands(Some(&Fuse::of(step)));
                let ended = until_killed(mortal.settle.run(REQUEST));
                desk.settle(5).await;
                let when = format!("{mood:?}, forgetful: {forgetful}, killed at {step}");
                desk.is_paid_once(&when);
                assert!(!desk.labels().contains(&LabelStatus::Requested), "{when}");
                assert_eq!(desk.order().is_held(), forgetful, "{when}");
                assert_eq!(desk.due().await, [], "{when}");
                if ended.is_some() {
                    break;
                }
                assert!(step < 60, "it does not end");
            }
        }
    }
}

#[tokio::test]
async fn g13_voiding_may_be_killed_at_any_await() {
    for step in 1.. {
        let desk = Desk::open().await;
        desk.buy("one").await.unwrap();
        let mortal = desk.hands(Some(&Fuse::of(step)));
        let ended = until_killed(mortal.give_back.run(desk.id, &by(admin())));
        desk.settle(5).await;
        let when = format!("killed at {step}");
        desk.is_paid_once(&when);
        let labels = desk.labels();
        assert_eq!(desk.books.charged().len(), labels.len(), "{when}: {labels:?}");
        assert!(!labels.contains(&LabelStatus::Voiding), "{when}");
        assert_eq!(desk.due().await, [], "{when}");
        if ended.is_some() {
            return;
        }
        assert!(step < 60, "it does not end");
    }
}

#[tokio::test]
async fn g5_carriers_are_asked_for_their_prices_side_by_side() {
    let desk = Desk::open().await;
    let (store, clock) = (Arc::new(desk.shop.store.clone()), Arc::new(desk.shop.clock.clone()));
    let documents = Arc::new(desk.documents.clone());
    let carriers = Carriers::new(vec![Arc::new(FakeCarrier::selling(&desk.books))]);
    let rates = ViewRates::new(store.clone(), store, documents, carriers, clock);
    let offers = rates.run(&admin(), desk.id, wanted().parcels).await.unwrap();
    let told: Vec<_> = offers.rates.iter().map(|(carrier, rate)| (carrier.as_str(), rate.service.as_str())).collect();
    assert_eq!(told, [("dhl", "standard"), ("dhl", "express")], "the cheapest first");
    for (mood, why) in [(Mood::Away, "is unavailable right now"), (Mood::Refuses, "no prices")] {
        desk.books.meets(&[mood]);
        let none = vec![("dhl".to_owned(), why.to_owned())];
        let offers = rates.run(&admin(), desk.id, wanted().parcels).await;
        assert_eq!(offers, Ok(Offers { rates: vec![], none }));
    }
    assert_eq!(rates.run(&another_seller(), desk.id, wanted().parcels).await, Err(Error::NotFound));
}
