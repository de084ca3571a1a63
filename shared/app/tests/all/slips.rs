//! Packing slips and pick lists over the ports: what is on them, and who gets them (G12).

use std::sync::Arc;

use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::fulfilment::move_shipment::MoveShipment;
use oms_app::fulfilment::packing_slips::{PackingSlip, PackingSlips, Unprinted};
use oms_app::fulfilment::pick_list::picks;
use oms_app::fulfilment::plan_shipment::PlanShipment;
use oms_app::intent::Intent;
use oms_app::ordering::units::Units;
use oms_app::payments::refund_order::{self, RefundOrder};
use oms_app::ports::{Catalog as _, Clock as _, ShipmentRecord};
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::fulfilment::{Location, ShipmentId, ShipmentStatus, Tracking};
use oms_domain::ordering::address::AddressLine;
use oms_domain::ordering::{Order, Refusal, ShipmentStep};
use oms_domain::payments::Unshipped;
use oms_testkit::builders::{a_product, admin, customer, set_up_locations};

use crate::shop::{Ask, Asked as _, REQUEST, Shop, a_cart, a_screening};

/// A shop with an order of two sellers that is paid: three mugs of one, a cup of another.
struct Desk {
    shop: Shop,
    order: Order,
}

fn seller(name: &str) -> Caller {
    Caller::Seller { user: "sam".parse().unwrap(), seller: name.parse().unwrap() }
}

/// Whose the mugs are.
fn north() -> Caller {
    seller("seller-north")
}

fn contoso() -> Caller {
    seller("contoso")
}

impl Desk {
    async fn open() -> Self {
        let shop = Shop::selling([a_product(1).build(), a_product(2).sold_by("contoso").build()]);
        set_up_locations(&shop.store, shop.clock.now()).await;
        let cart = a_cart([(1, 3), (2, 1)]).with(|cart| {
            cart.details.gift_note = Some("Happy birthday!".into());
            cart.details.customer_note = Some("it must not be dear".into());
        });
        let order = shop.create(cart).await.unwrap().order;
        let opened = shop.pay(order.id).await.unwrap();
        let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
        shop.called_back(delivery).await.unwrap();
        let order = shop.store.order_now(order.id);
        Desk { shop, order }
    }

    async fn plan(&self, by: Caller, line: u16, quantity: u32) {
        let path = WritePath::new(Arc::new(self.shop.store.clone()), Arc::new(self.shop.clock.clone()));
        let plan = PlanShipment { path, screening: a_screening(&self.shop.store, &self.shop.clock, "") };
        let units = Units { line_id: self.order.id.line(line).to_string(), quantity };
        plan.run(self.order.id, &Intent::by(by, REQUEST), &[units], Location::main()).await.unwrap();
    }

    async fn step(&self, number: u16, step: ShipmentStep) {
        let path = WritePath::new(Arc::new(self.shop.store.clone()), Arc::new(self.shop.clock.clone()));
        MoveShipment(path).run(self.id(number), &Intent::by(admin(), REQUEST), step, None).await.unwrap();
    }

    async fn leaves(&self, number: u16) {
        let parcels = vec![Tracking::checked("DHL", &format!("JD{number}")).unwrap()];
        self.step(number, ShipmentStep::Ship { parcels }).await;
    }

    fn id(&self, number: u16) -> ShipmentId {
        ShipmentId { order_id: self.order.id, number }
    }

    async fn slips(&self, caller: &Caller, numbers: &[u16]) -> Result<Vec<PackingSlip>, Unprinted> {
        let (store, clock) = (Arc::new(self.shop.store.clone()), Arc::new(self.shop.clock.clone()));
        let ids: Vec<ShipmentId> = numbers.iter().map(|number| self.id(*number)).collect();
        PackingSlips::new(store.clone(), store, clock).run(Operation::ViewPackingSlips, caller, &ids).await
    }

    async fn slip(&self, caller: &Caller, number: u16) -> PackingSlip {
        self.slips(caller, &[number]).await.unwrap().remove(0)
    }
}

/// Units, and of how many.
fn units(slip: &PackingSlip) -> Vec<(u32, u32)> {
    slip.lines.iter().map(|line| (line.quantity, line.of)).collect()
}

fn nothing(error: Error) -> Result<Vec<PackingSlip>, Unprinted> {
    Err(Unprinted { shipment: None, error })
}

#[tokio::test]
async fn g12_a_slip_tells_who_gets_what_and_no_more() {
    let desk = Desk::open().await;
    desk.plan(admin(), 1, 3).await;
    let slip = desk.slip(&admin(), 1).await;
    let lines = |address: Option<&oms_domain::ordering::address::Address>| -> Vec<String> {
        address.map(|address| address.lines().iter().map(AddressLine::whole).collect()).unwrap_or_default()
    };
    assert_eq!(lines(slip.sender.as_ref()), ["Warehouse", "Am Sandtorkai 30", "20457 Hamburg", "GERMANY"]);
    let recipient = slip.recipient.as_ref().unwrap();
    assert_eq!(lines(Some(&recipient.address)), ["Ada Lovelace", "Unter den Linden 1", "10117 Berlin", "GERMANY"]);
    assert_eq!(recipient.gift_note.as_deref(), Some("Happy birthday!"));
    // What customers read of the method, not its code; the day by the clock of the warehouse.
    assert_eq!((slip.shipping_method.as_str(), slip.ordered_on.to_string().as_str()), ("Standard", "2026-01-05"));
    assert_eq!((units(&slip), slip.shipped_on, slip.parcels.len()), (vec![(3, 3)], None, 0));
    let all = format!("{slip:?}");
    for hidden in ["dear", "19.90", "1990", "example.com", "+49170"] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
}

#[tokio::test]
async fn g12_a_part_of_an_order_says_of_how_much_it_is() {
    let desk = Desk::open().await;
    desk.plan(admin(), 1, 1).await;
    desk.plan(admin(), 1, 2).await;
    desk.plan(admin(), 2, 1).await;
    let slips = desk.slips(&admin(), &[2, 1, 3, 2]).await.unwrap();
    let parts: Vec<_> = slips.iter().map(|slip| (slip.shipment.number, units(slip), slip.is_part)).collect();
    assert_eq!(parts, [(2, vec![(2, 3)], true), (1, vec![(1, 3)], true), (3, vec![(1, 1)], true)]);
    desk.leaves(1).await;
    let left = desk.slip(&admin(), 1).await;
    assert_eq!((left.shipped_on.unwrap().to_string().as_str(), left.parcels.len()), ("2026-01-05", 1));
}

#[tokio::test]
async fn g12_sellers_print_their_own_shipments_while_they_are_to_leave() {
    let desk = Desk::open().await;
    desk.plan(north(), 1, 3).await;
    desk.plan(contoso(), 2, 1).await;
    let own = desk.slip(&north(), 1).await;
    // That there is something of another seller's in the order is not theirs to know.
    assert_eq!((units(&own), own.is_part, own.recipient.is_some()), (vec![(3, 3)], false, true));
    for numbers in [&[2][..], &[1, 2], &[9]] {
        assert_eq!(desk.slips(&north(), numbers).await, nothing(Error::NotFound), "{numbers:?}");
    }
    assert_eq!(desk.slips(&seller("nobody"), &[1]).await, nothing(Error::NotFound));
    let refused = desk.slips(&customer("ada"), &[1]).await;
    assert!(matches!(refused, Err(Unprinted { error: Error::Forbidden(_), .. })), "{refused:?}");
    desk.leaves(1).await;
    assert_eq!(desk.slip(&north(), 1).await.recipient, None);
    assert!(desk.slip(&admin(), 1).await.recipient.is_some());
}

#[tokio::test]
async fn g12_refunded_units_are_on_no_slip() {
    let desk = Desk::open().await;
    desk.plan(admin(), 1, 3).await;
    let (store, clock) = (Arc::new(desk.shop.store.clone()), Arc::new(desk.shop.clock.clone()));
    let lines = vec![Units { line_id: desk.order.id.line(1).to_string(), quantity: 1 }];
    let part = refund_order::Request {
        lines,
        unshipped: Unshipped::Restock,
        shipping: None,
        goodwill: None,
        reason: "one is enough".into(),
    };
    RefundOrder::new(store, clock).ask(Ask::of(desk.order.id, part).from(admin()).under("one", "one")).await.unwrap();
    let slip = desk.slip(&admin(), 1).await;
    assert_eq!(units(&slip), [(2, 2)]);
}

#[tokio::test]
async fn g12_what_was_given_up_or_belongs_to_nobody_has_no_slip() {
    let desk = Desk::open().await;
    desk.plan(admin(), 1, 1).await;
    desk.plan(admin(), 1, 2).await;
    desk.step(1, ShipmentStep::Cancel).await;
    let refused = desk.slips(&admin(), &[2, 1]).await;
    let why = Refusal::ShipmentStands { from: ShipmentStatus::Cancelled, action: "print" };
    assert_eq!(refused, Err(Unprinted { shipment: Some(desk.id(1)), error: Error::Refused(why) }));
    desk.shop.store.erase_person(desk.order.id);
    let refused = desk.slips(&admin(), &[2]).await;
    let why = Error::Refused(Refusal::PersonErased);
    assert_eq!(refused, Err(Unprinted { shipment: Some(desk.id(2)), error: why }));
}

#[tokio::test]
async fn g12_a_slip_without_a_location_or_a_method_says_what_it_knows() {
    let desk = Desk::open().await;
    desk.plan(admin(), 1, 1).await;
    let rates = oms_app::ports::Rates {
        shipping: oms_domain::pricing::shipping::ShippingTable::default(),
        ..oms_testkit::builders::rates()
    };
    desk.shop.store.set_rates(&rates).await.unwrap();
    let slip = desk.slip(&admin(), 1).await;
    assert_eq!((slip.shipping_method.as_str(), slip.location.as_str()), ("standard", "main"));
}

#[tokio::test]
async fn g12_a_pick_list_sums_by_location_then_sku_and_keeps_products_apart() {
    let desk = Desk::open().await;
    desk.plan(admin(), 1, 1).await;
    desk.plan(admin(), 1, 2).await;
    desk.plan(admin(), 2, 1).await;
    let order = desk.shop.store.order_now(desk.order.id);
    let mut records: Vec<ShipmentRecord> =
        order.shipments.iter().map(|shipment| ShipmentRecord::of(&order, shipment)).collect();
    let mut elsewhere = records[2].clone();
    elsewhere.location = "antwerp".parse().unwrap();
    // Another seller calls their product the same.
    records[2].lines[0].sku = records[0].lines[0].sku.clone();
    records.push(elsewhere);
    let picks = picks(&records);
    let told: Vec<_> = picks
        .iter()
        .map(|pick| (pick.location.as_str(), pick.quantity, pick.shipments.iter().map(|(_, units)| *units).collect()))
        .collect::<Vec<(&str, u32, Vec<u32>)>>();
    assert_eq!(told, [("antwerp", 1, vec![1]), ("main", 3, vec![1, 2]), ("main", 1, vec![1])]);
    assert!(picks.windows(2).all(|pair| (&pair[0].location, &pair[0].sku) <= (&pair[1].location, &pair[1].sku)));
}
