//! Shipments over the ports: who may handle them, what a repeat finds, what is short, and how lists go on (G7, G10, G12).

use std::collections::BTreeSet;
use std::sync::Arc;

use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::fulfilment::list_shipments::{self, ListShipments};
use oms_app::fulfilment::move_shipment::MoveShipment;
use oms_app::fulfilment::plan_shipment::PlanShipment;
use oms_app::fulfilment::replace_shipment::ReplaceShipment;
use oms_app::fulfilment::view_shipments::{Moved, ViewShipments};
use oms_app::intent::Intent;
use oms_app::ordering::diagnose_order::DiagnoseOrder;
use oms_app::ordering::hold_order::HoldOrder;
use oms_app::ordering::units::Units;
use oms_app::ports::Orders;
use oms_domain::actor::Caller;
use oms_domain::fulfilment::{Location, ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ids::OrderId;
use oms_domain::ordering::{HoldReason, Order, Refusal, ShipmentStep, Status};
use oms_testkit::Fault;
use oms_testkit::builders::{a_product, admin, customer, product_id};
use oms_testkit::fuse::{Fuse, Fused, until_killed};

use crate::shop::{REQUEST, Shop, a_cart, a_key, a_screening};

/// The desk at which shipments are handled.
struct Desk {
    view: ViewShipments,
    plan: PlanShipment,
    moves: MoveShipment,
    replace: ReplaceShipment,
    list: ListShipments,
    hold: HoldOrder,
    diagnose: DiagnoseOrder,
}

impl Desk {
    fn of(shop: &Shop, orders: Arc<dyn Orders>) -> Self {
        let path = WritePath::new(orders.clone(), Arc::new(shop.clock.clone()));
        Desk {
            view: ViewShipments::new(orders.clone(), Arc::new(shop.store.clone())),
            plan: PlanShipment { path: path.clone(), screening: a_screening(&shop.store, &shop.clock, "") },
            moves: MoveShipment(path.clone()),
            replace: ReplaceShipment(path.clone()),
            list: ListShipments::new(orders.clone()),
            hold: HoldOrder(path),
            diagnose: DiagnoseOrder::new(orders, Arc::new(shop.store.clone()), Arc::new(shop.clock.clone())),
        }
    }

    async fn moved(&self, id: ShipmentId, by: Caller, step: ShipmentStep) -> Result<Moved, Error> {
        self.moves.run(id, &Intent::by(by, REQUEST), step, None).await
    }

    async fn planned(&self, id: OrderId, by: Caller, units: &[Units]) -> Result<Moved, Error> {
        self.plan.run(id, &Intent::by(by, REQUEST), units, Location::main()).await
    }
}

/// Mugs of one seller and a cup of another, paid.
async fn two_sellers() -> (Shop, Desk, Order) {
    let shop = Shop::selling([a_product(1).build(), a_product(2).sold_by("contoso").build()]);
    let desk = Desk::of(&shop, Arc::new(shop.store.clone()));
    let order = shop.create(a_cart([(1, 2), (2, 1)])).await.unwrap().order;
    let opened = shop.pay(order.id).await.unwrap();
    let delivery = shop.stripe.pay(opened.payment_id, oms_app::ports::Clock::now(&shop.clock));
    shop.called_back(delivery).await.unwrap();
    let order = shop.store.order_now(order.id);
    (shop, desk, order)
}

fn harbour() -> Caller {
    of_seller("seller-north")
}

fn of_seller(name: &str) -> Caller {
    Caller::Seller { user: "sam".parse().unwrap(), seller: name.parse().unwrap() }
}

fn contoso() -> Caller {
    of_seller("contoso")
}

fn units(order: &Order, line: u16, quantity: u32) -> Units {
    Units { line_id: order.id.line(line).to_string(), quantity }
}

fn number(order: &Order, number: u16) -> ShipmentId {
    ShipmentId { order_id: order.id, number }
}

fn parcel(number: &str) -> ShipmentStep {
    ShipmentStep::Ship { parcels: vec![Tracking::checked("DHL", number).unwrap()] }
}

#[tokio::test]
async fn g7_sellers_plan_move_and_see_their_own_shipments_alone() {
    let (shop, desk, order) = two_sellers().await;
    let own = desk.planned(order.id, harbour(), &[units(&order, 1, 2)]).await.unwrap();
    assert_eq!((own.shipment.id.number, own.shipment.status), (1, ShipmentStatus::Planned));
    assert_eq!(desk.planned(order.id, harbour(), &[units(&order, 2, 1)]).await, Err(Error::NotFound));
    let both = [units(&order, 1, 1), units(&order, 2, 1)];
    assert_eq!(desk.planned(order.id, contoso(), &both).await, Err(Error::NotFound));
    assert!(matches!(desk.planned(order.id, customer("ada"), &both).await, Err(Error::Forbidden(_))));
    desk.planned(order.id, contoso(), &[units(&order, 2, 1)]).await.unwrap();
    assert_eq!(desk.moved(number(&order, 1), contoso(), ShipmentStep::Pack).await, Err(Error::NotFound));
    assert_eq!(desk.moved(number(&order, 9), harbour(), ShipmentStep::Pack).await, Err(Error::NotFound));
    desk.moved(number(&order, 1), harbour(), parcel("JD1")).await.unwrap();
    assert_eq!(desk.view.run(&contoso(), order.id).await.unwrap().shipments.len(), 1);
    assert_eq!(desk.view.run(&admin(), order.id).await.unwrap().shipments.len(), 2);
    assert_eq!(desk.view.run(&of_seller("nobody"), order.id).await, Err(Error::NotFound));
    assert_eq!(shop.store.order_now(order.id).status, Status::Processing);
}

#[tokio::test]
async fn g10_the_same_plan_again_is_the_same_shipment() {
    let (shop, desk, order) = two_sellers().await;
    let intent = Intent::by(admin(), REQUEST).keyed(a_key("plan", "body"));
    let first = desk.plan.run(order.id, &intent, &[units(&order, 1, 1)], Location::main()).await.unwrap();
    desk.planned(order.id, admin(), &[units(&order, 1, 1)]).await.unwrap();
    let again = desk.plan.run(order.id, &intent, &[units(&order, 1, 1)], Location::main()).await.unwrap();
    assert_eq!((first.shipment.id, again.shipment.id), (number(&order, 1), number(&order, 1)));
    assert_eq!(shop.store.order_now(order.id).shipments.len(), 2);
    let other = Intent::by(admin(), REQUEST).keyed(a_key("plan", "another body"));
    let refused = desk.plan.run(order.id, &other, &[units(&order, 2, 1)], Location::main()).await;
    assert_eq!(refused, Err(Error::IdempotencyMismatch));
}

#[tokio::test]
async fn g10_every_unknown_line_of_a_plan_is_named() {
    let (_shop, desk, order) = two_sellers().await;
    let nobody = Units { line_id: "somewhere".into(), quantity: 1 };
    let twice = units(&order, 1, 1);
    let Err(Error::Invalid(faults)) = desk.planned(order.id, admin(), &[nobody, twice.clone(), twice]).await else {
        panic!("nothing of it is planned")
    };
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/lines/0/line_id", "/lines/2/line_id"]);
}

/// One lost parcel of two units.
async fn a_lost_parcel(stocked: u32) -> (Shop, Desk, Order) {
    let shop = Shop::selling([a_product(1).stocked(stocked).build()]);
    let desk = Desk::of(&shop, Arc::new(shop.store.clone()));
    let order = shop.an_order_that_is(Status::Shipped).await;
    desk.moved(number(&order, 1), admin(), ShipmentStep::Lose).await.unwrap();
    (shop, desk, order)
}

#[tokio::test]
async fn g10_what_was_lost_is_sent_again_at_the_price_of_then_although_it_is_sold_no_more() {
    let (shop, desk, order) = a_lost_parcel(50).await;
    let mug = shop.store.product_now(product_id(1));
    shop.store.put_product(oms_domain::catalog::Product { active: false, price: mug.price + mug.price, ..mug });
    let sent = desk.replace.run(number(&order, 1), &Intent::by(admin(), REQUEST)).await.unwrap();
    assert_eq!((sent.shipment.id.number, sent.shipment.status), (2, ShipmentStatus::Planned));
    assert_eq!(shop.mugs(), (46, 2));
    let again = desk.replace.run(number(&order, 1), &Intent::by(admin(), REQUEST)).await.unwrap();
    assert_eq!(again.shipment.id.number, 2, "once");
    assert_eq!(shop.mugs(), (46, 2));
}

#[tokio::test]
async fn g10_what_cannot_be_sent_again_is_told_and_changes_nothing() {
    let (shop, desk, order) = a_lost_parcel(3).await;
    let before = shop.store.order_now(order.id);
    let Err(Error::ProductsUnavailable { refused, .. }) =
        desk.replace.run(number(&order, 1), &Intent::by(admin(), REQUEST)).await
    else {
        panic!("there is one left")
    };
    assert_eq!((refused[0].product_id, refused[0].available), (product_id(1), Some(1)));
    assert_eq!(shop.store.order_now(order.id), before);
    let planned = desk.replace.run(number(&before, 7), &Intent::by(admin(), REQUEST)).await;
    assert_eq!(planned, Err(Error::NotFound));
}

#[tokio::test]
async fn g10_a_replacement_killed_at_any_await_reserves_once() {
    for step in 1..20 {
        let (shop, _, order) = a_lost_parcel(50).await;
        let orders: Arc<dyn Orders> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn Orders>, &Fuse::of(step));
        let mortal = Desk::of(&shop, orders);
        let intent = Intent::by(admin(), REQUEST).keyed(a_key("again", ""));
        let ended = until_killed(mortal.replace.run(number(&order, 1), &intent));
        let desk = Desk::of(&shop, Arc::new(shop.store.clone()));
        let sent = desk.replace.run(number(&order, 1), &intent).await.unwrap();
        assert_eq!((sent.shipment.id.number, shop.mugs()), (2, (46, 2)), "killed at {step}");
        if ended.is_some() {
            return;
        }
    }
    panic!("it does not end");
}

#[tokio::test]
async fn g10_a_step_in_a_race_happens_once() {
    let (shop, desk, order) = two_sellers().await;
    desk.planned(order.id, admin(), &[units(&order, 1, 2)]).await.unwrap();
    shop.store.fail_next(Fault::LostAcknowledgement);
    let first = desk.moved(number(&order, 1), admin(), parcel("JD1")).await;
    assert!(matches!(first, Err(Error::ServiceUnavailable(_))), "{first:?}");
    let again = desk.moved(number(&order, 1), admin(), parcel("JD1")).await.unwrap();
    assert_eq!(again.shipment.status, ShipmentStatus::Shipped);
    let stale = Intent::by(admin(), REQUEST).expecting(1);
    let refused = desk.moves.run(number(&order, 1), &stale, ShipmentStep::Deliver, None).await;
    assert!(matches!(refused, Err(Error::VersionConflict { .. })), "{refused:?}");
}

fn open(by: Caller, limit: usize) -> list_shipments::Request {
    list_shipments::Request {
        caller: by,
        statuses: Vec::new(),
        seller: None,
        location: None,
        carrier: None,
        from: None,
        until: None,
        limit,
        cursor: None,
    }
}

#[tokio::test]
async fn g12_lists_show_what_has_yet_to_leave_page_by_page_and_sellers_theirs() {
    let shop = Shop::selling([a_product(1).build(), a_product(2).sold_by("contoso").build()]);
    let desk = Desk::of(&shop, Arc::new(shop.store.clone()));
    let mut expected = BTreeSet::new();
    for number in 0..5 {
        let order = shop.create(a_cart([(1, 1), (2, 1)]).from(customer(&format!("c{number}")))).await.unwrap().order;
        let opened =
            shop.pay.run(order.id, &Intent::by(admin(), REQUEST), crate::shop::a_payment(order.id).part).await.unwrap();
        shop.called_back(shop.stripe.pay(opened.payment_id, oms_app::ports::Clock::now(&shop.clock))).await.unwrap();
        shop.clock.advance_minutes(1);
        shop.update
            .run(
                order.id,
                &Intent::by(admin(), REQUEST),
                &crate::shop::to_status(admin(), order.id, Status::Processing).part,
            )
            .await
            .unwrap();
        expected.extend([self::number(&order, 1), self::number(&order, 2)]);
    }
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = desk.list.run(list_shipments::Request { cursor, ..open(admin(), 3) }).await.unwrap();
        found.extend(page.entries.iter().map(|entry| entry.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((found.len(), found.into_iter().collect::<BTreeSet<_>>()), (10, expected));
    let own = desk.list.run(open(contoso(), 100)).await.unwrap().entries;
    assert!(own.len() == 5 && own.iter().all(|entry| entry.lines[0].product_id == product_id(2)));
    let theirs = list_shipments::Request { seller: Some("seller-north".parse().unwrap()), ..open(contoso(), 100) };
    assert_eq!(desk.list.run(theirs).await, Err(Error::NotFound));
    assert!(matches!(desk.list.run(open(customer("ada"), 9)).await, Err(Error::Forbidden(_))));
    let first = desk.list.run(open(admin(), 3)).await.unwrap().next_cursor;
    let other = list_shipments::Request { statuses: vec![ShipmentStatus::Lost], cursor: first, ..open(admin(), 3) };
    assert!(matches!(desk.list.run(other).await, Err(Error::Malformed(_))));
}

#[tokio::test]
async fn g11_holds_are_placed_and_released_by_admins() {
    let shop = Shop::open();
    let desk = Desk::of(&shop, Arc::new(shop.store.clone()));
    let order = shop.a_paid_order(1).await;
    let by = |caller| Intent::by(caller, REQUEST);
    let note = Some("which door?".to_owned());
    let stopped = desk.hold.place(order.id, &by(admin()), HoldReason::Address, note).await.unwrap();
    let hold = stopped.order.holds[0].clone();
    assert_eq!(hold.note.as_ref().and_then(|note| note.read(stopped.person.as_ref())), Some("which door?"));
    let to = crate::shop::to_status(admin(), order.id, Status::Processing);
    let refused = shop.update.run(order.id, &to.intent, &to.part).await;
    assert_eq!(refused.unwrap_err(), Error::Refused(Refusal::OnHold(HoldReason::Address)));
    assert!(matches!(desk.hold.release(order.id, &by(harbour()), hold.id.clone()).await, Err(Error::Forbidden(_))));
    desk.hold.release(order.id, &by(admin()), hold.id).await.unwrap();
    shop.update.run(order.id, &to.intent, &to.part).await.unwrap();
}

#[tokio::test]
async fn g9_a_diagnosis_says_what_an_order_waits_for_and_what_can_be_done() {
    let shop = Shop::open();
    let desk = Desk::of(&shop, Arc::new(shop.store.clone()));
    let mut told = String::new();
    let mut say = async |title: &str, id: OrderId| {
        use std::fmt::Write as _;
        let found = desk.diagnose.run(&admin(), id).await.unwrap();
        writeln!(told, "{title} ({})", found.status).unwrap();
        for wait in found.waits {
            let until = wait.until.map(|until| format!(" until {until}")).unwrap_or_default();
            writeln!(told, "    {}: {} since {}{until}", wait.code, wait.text, wait.since).unwrap();
            for can_do in wait.can_do {
                writeln!(told, "        {can_do}").unwrap();
            }
        }
    };
    let draft = shop.an_order_that_is(Status::Draft).await;
    say("a draft", draft.id).await;
    let pending = shop.create(a_cart([(1, 1)])).await.unwrap().order;
    say("nobody has paid", pending.id).await;
    let order = shop.a_paid_order(2).await;
    say("paid", order.id).await;
    desk.hold.place(order.id, &Intent::by(admin(), REQUEST), HoldReason::Customer, None).await.unwrap();
    say("held", order.id).await;
    let hold = shop.store.order_now(order.id).holds[0].id.clone();
    desk.hold.release(order.id, &Intent::by(admin(), REQUEST), hold).await.unwrap();
    desk.planned(order.id, admin(), &[units(&order, 1, 1)]).await.unwrap();
    say("half planned", order.id).await;
    shop.clock.advance_minutes(1);
    desk.moved(number(&order, 1), admin(), ShipmentStep::Pack).await.unwrap();
    shop.clock.advance_minutes(1);
    desk.moved(number(&order, 1), admin(), ShipmentStep::Pack).await.unwrap();
    say("packed", order.id).await;
    desk.planned(order.id, admin(), &[units(&order, 1, 1)]).await.unwrap();
    desk.moved(number(&order, 1), admin(), parcel("JD1")).await.unwrap();
    desk.moved(number(&order, 2), admin(), parcel("JD2")).await.unwrap();
    desk.moved(number(&order, 1), admin(), ShipmentStep::Fail).await.unwrap();
    say("one failed", order.id).await;
    desk.moved(number(&order, 2), admin(), ShipmentStep::Lose).await.unwrap();
    say("one lost", order.id).await;
    shop.clock.advance_minutes(2);
    say("nobody was told", order.id).await;
    let cancelled = shop.an_order_that_is(Status::Cancelled).await;
    say("at rest", cancelled.id).await;
    insta::assert_snapshot!(told);
    assert!(matches!(desk.diagnose.run(&customer("ada"), order.id).await, Err(Error::Forbidden(_))));
    assert_eq!(desk.diagnose.run(&of_seller("nobody"), order.id).await, Err(Error::NotFound));
}

#[tokio::test]
async fn g10_what_no_transaction_holds_is_refused_and_parts_of_it_are_not() {
    let shop = Shop::selling((1..=80).map(|number| a_product(number).build()));
    let desk = Desk::of(&shop, Arc::new(shop.store.clone()));
    let order = shop.create(a_cart((1..=80).map(|number| (number, 1)))).await.unwrap().order;
    let opened = shop.pay(order.id).await.unwrap();
    let delivery = shop.stripe.pay(opened.payment_id, oms_app::ports::Clock::now(&shop.clock));
    shop.called_back(delivery).await.unwrap();
    let placed = shop.store.order_now(order.id);
    let whole: Vec<Units> = placed.lines.iter().map(|line| units(&placed, line.line, 1)).collect();
    desk.planned(order.id, admin(), &whole).await.unwrap();
    let before = shop.store.order_now(order.id);
    let parcels = |count: u32| {
        let parcels = (0..count).map(|number| Tracking::checked("DHL", &format!("JD{number:03}")).unwrap());
        ShipmentStep::Ship { parcels: parcels.collect() }
    };
    let id = ShipmentId { order_id: order.id, number: 1 };
    let refused = desk.moved(id, admin(), parcels(20)).await.map(|_| ());
    assert_eq!(refused, Err(Error::Refused(Refusal::TooMuchAtOnce)));
    assert_eq!(shop.store.order_now(order.id), before);
    desk.moved(id, admin(), parcels(15)).await.unwrap();
    assert_eq!(shop.store.order_now(order.id).status, Status::Shipped);
}
