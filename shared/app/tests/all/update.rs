//! Moving an order along by hand: which status, from where, by whom.

use std::fmt::Write as _;

use oms_app::Error;
use oms_app::ports::Clock as _;
use oms_domain::actor::Caller;
use oms_domain::ordering::Status;
use oms_testkit::builders::{a_product, admin, customer, seller_caller};

use crate::shop::{Asked as _, Shop, a_cart, to_status};

/// The states that an order can be brought into by the use cases here.
const FROM: [Status; 7] = [
    Status::Draft,
    Status::Pending,
    Status::Confirmed,
    Status::Processing,
    Status::Shipped,
    Status::Delivered,
    Status::Cancelled,
];

async fn outcome(from: Status, to: Status, caller: Caller) -> String {
    let shop = Shop::open();
    let order = shop.an_order_that_is(from).await;
    match shop.update.ask(to_status(caller, order.id, to)).await {
        Ok(shown) => {
            assert_eq!(shown.order.status, to);
            assert!(from.may_become(to), "{from} → {to} is no transition");
            "done".to_owned()
        }
        Err(error) => {
            assert_eq!(shop.store.order_now(order.id), order, "a refusal changes nothing");
            match error {
                Error::Invalid(fields) => format!("invalid {}", fields[0].pointer),
                Error::Forbidden(_) => "forbidden".to_owned(),
                Error::Refused(refusal) => refusal.to_string(),
                other => format!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn who_may_set_which_status_from_where() {
    // B2, J4, K2, G7: the whole table.
    let mut table = String::new();
    for (role, caller) in [("admin", admin()), ("seller", seller_caller("sam")), ("customer", customer("ada"))] {
        for from in FROM {
            for to in Status::ALL {
                let outcome = outcome(from, to, caller.clone()).await;
                writeln!(table, "{role:8} {from:10} → {to:16} {outcome}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn a_parcel_needs_its_tracking_and_nothing_else_has_one() {
    // G2
    let shop = Shop::open();
    let order = shop.an_order_that_is(Status::Processing).await;
    let bare = to_status(admin(), order.id, Status::Shipped).with(|to| to.tracking = None);
    let tracking = to_status(admin(), order.id, Status::Shipped).part.tracking;
    let odd = to_status(admin(), order.id, Status::Delivered).with(|to| to.tracking = tracking);
    for request in [bare, odd] {
        let Err(Error::Invalid(fields)) = shop.update.ask(request).await else { panic!("was not refused") };
        assert_eq!(fields[0].pointer, "/tracking");
    }
}

#[tokio::test]
async fn a_seller_moves_only_orders_that_are_all_theirs() {
    // K2
    let shop = Shop::selling([a_product(1).build(), a_product(2).sold_by("seller-south").build()]);
    let order = shop.create(a_cart([(1, 1), (2, 1)])).await.unwrap().order;
    let opened = shop.pay(order.id).await.unwrap();
    shop.called_back(shop.stripe.pay(opened.payment_id, shop.clock.now())).await.unwrap();
    let request = to_status(seller_caller("sam"), order.id, Status::Processing);
    assert!(matches!(shop.update.ask(request).await, Err(Error::Forbidden(_))));
    let stranger = Caller::Seller { user: customer("sue").user().clone(), seller: "seller-west".parse().unwrap() };
    assert_eq!(shop.update.ask(to_status(stranger, order.id, Status::Processing)).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_failed_delivery_goes_back_to_processing_and_out_again() {
    // B6
    let shop = Shop::open();
    let order = shop.an_order_that_is(Status::Shipped).await;
    assert_eq!(shop.mugs(), (48, 0));
    shop.update.ask(to_status(admin(), order.id, Status::Processing)).await.unwrap();
    let names: Vec<_> = shop.events(order.id).await.iter().map(|event| event.data.fact.name()).collect();
    assert_eq!(names.last(), Some(&"order.delivery_failed"));
    let again = shop.update.ask(to_status(admin(), order.id, Status::Shipped)).await.unwrap().order;
    assert_eq!((again.shipments.len(), shop.mugs()), (2, (48, 0)));
}

#[tokio::test]
async fn a_note_is_kept_in_the_timeline_with_who_wrote_it() {
    // K3
    let shop = Shop::open();
    let order = shop.an_order_that_is(Status::Confirmed).await;
    let note = Some("gift wrapped".to_owned());
    let request = to_status(admin(), order.id, Status::Processing).with(|to| to.note.clone_from(&note));
    let mut shown = shop.update.ask(request).await.unwrap();
    let entry = shown.order.timeline.pop().unwrap();
    assert_eq!(entry.note.unwrap().read(shown.person.as_ref()), note.as_deref());
    assert_eq!((entry.status, entry.actor), (Status::Processing, admin().actor()));
}
