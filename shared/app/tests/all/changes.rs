//! Changing orders: what it comes to, what providers and others do meanwhile, and what is told.

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::{Limiter, Limits};
use oms_app::intent::Intent;
use oms_app::ordering::cart::Item;
use oms_app::ordering::change_order::{Answer, ChangeOrder, CustomLine, Effect, Made, Ports, Preview, Request};
use oms_app::ordering::units::Units;
use oms_app::ordering::view_changes::{Standing, ViewChanges};
use oms_app::payments::gateways::Gateways;
use oms_app::payments::payment_callback::Handled;
use oms_app::ports::{Clock as _, FollowUps, Orders};
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::ids::OrderId;
use oms_domain::money::Amount;
use oms_domain::ordering::{LapseReason, Refusal, Status};
use oms_domain::payments::RefundReason;
use oms_testkit::Fault;
use oms_testkit::builders::{a_person, a_product, admin, customer, product_id};
use oms_testkit::memory::GatewayFault;

use crate::shop::{REQUEST, Shop, a_cart, a_key};

impl Shop {
    pub(crate) fn changing(&self) -> ChangeOrder {
        let store = Arc::new(self.store.clone());
        self.changing_by(store.clone(), store, Gateways::new(vec![Arc::new(self.stripe.clone())]))
    }

    /// By a process with these ports, which may die.
    pub(crate) fn changing_by(
        &self,
        orders: Arc<dyn Orders>,
        follow_ups: Arc<dyn FollowUps>,
        gateways: Gateways,
    ) -> ChangeOrder {
        let store = Arc::new(self.store.clone());
        let clock = Arc::new(self.clock.clone());
        let ports = Ports { orders, settings: store.clone(), follow_ups, gateways, clock: clock.clone() };
        let limiter = Limiter::new(Limits::NONE, clock.clone());
        ChangeOrder::new(ports, CatalogCache::new(store, clock)).with_limits(limiter)
    }

    async fn asked(&self, caller: Caller, id: OrderId, request: &Request) -> Result<Answer, Error> {
        self.changing().run(id, &Intent::by(caller, REQUEST), request).await
    }

    pub(crate) async fn previewed(&self, caller: Caller, id: OrderId, request: &Request) -> Preview {
        match self.asked(caller, id, &Request { dry_run: true, ..request.clone() }).await.unwrap() {
            Answer::Preview(preview) => *preview,
            Answer::Made(made) => panic!("{made:?}"),
        }
    }

    /// As somebody who has seen what it comes to.
    async fn changed(&self, caller: Caller, id: OrderId, request: &Request) -> Result<Made, Error> {
        let seen = self.previewed(caller.clone(), id, request).await.difference;
        let request = Request { expected_difference: Some(cents(seen)), ..request.clone() };
        match self.asked(caller, id, &request).await? {
            Answer::Made(made) => Ok(*made),
            Answer::Preview(preview) => panic!("{preview:?}"),
        }
    }
}

pub(crate) fn cents(amount: Amount) -> String {
    let minor = amount.minor();
    format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.abs() / 100, minor.abs() % 100)
}

pub(crate) fn more(number: u64, quantity: u32) -> Request {
    Request { add: vec![Item { product_id: product_id(number), quantity, price: None }], ..Request::default() }
}

pub(crate) fn only(id: OrderId, line: u16, quantity: u32) -> Request {
    let units = Units { line_id: id.line(line).to_string(), quantity };
    Request { quantities: vec![units], ..Request::default() }
}

pub(crate) fn ada() -> Caller {
    customer("ada")
}

#[tokio::test]
async fn c5_an_unpaid_order_is_changed_by_the_difference_and_a_preview_changes_nothing() {
    let shop = Shop::open();
    let order = shop.a_pending_order(2).await;
    let preview = shop.previewed(ada(), order.id, &more(1, 3)).await;
    assert_eq!((shop.store.order_now(order.id).version, preview.effect), (order.version, Effect::Nothing));
    let made = shop.changed(ada(), order.id, &more(1, 3)).await.unwrap();
    assert_eq!((made.change, made.offered, shop.mugs()), (1, false, (45, 5)));
    let after = shop.store.order_now(order.id);
    assert_eq!(after.totals.total, order.totals.total + made.difference);
    assert_eq!(after.lines.iter().map(|line| line.quantity).collect::<Vec<_>>(), [2, 3]);
}

#[tokio::test]
async fn c5_another_difference_than_was_seen_is_told_and_changes_nothing() {
    let shop = Shop::open();
    let order = shop.a_pending_order(2).await;
    let request = Request { expected_difference: Some("1.00".into()), ..more(1, 1) };
    let told = shop.asked(ada(), order.id, &request).await;
    assert!(matches!(told, Err(Error::DifferenceChanged(..))), "{told:?}");
    assert_eq!((shop.store.order_now(order.id).version, shop.mugs()), (order.version, (48, 2)));
    // A price that changes between preview and change is one face of it.
    let seen = shop.previewed(ada(), order.id, &more(1, 1)).await.difference;
    shop.store.put_product(Product { version: 2, ..a_product(1).priced(2_990).build() });
    let request = Request { expected_difference: Some(cents(seen)), ..more(1, 1) };
    let told = shop.asked(ada(), order.id, &request).await;
    assert!(matches!(told, Err(Error::DifferenceChanged(..))), "{told:?}");
}

#[tokio::test]
async fn c5_an_open_page_is_closed_before_the_total_moves() {
    let shop = Shop::open();
    let order = shop.a_pending_order(2).await;
    let opened = shop.pay(order.id).await.unwrap();
    shop.changed(ada(), order.id, &more(1, 1)).await.unwrap();
    assert!(shop.stripe.closed().contains(&opened.payment_id), "nobody pays the old total on it");
    let again = shop.pay(order.id).await.unwrap();
    assert_eq!(again.money.amount, shop.store.order_now(order.id).totals.total);
    assert_ne!(again.payment_id, opened.payment_id);
}

#[tokio::test]
async fn c5_a_page_that_was_paid_meanwhile_counts_and_the_change_is_one_of_a_paid_order() {
    let shop = Shop::open();
    let order = shop.a_pending_order(2).await;
    let opened = shop.pay(order.id).await.unwrap();
    // The provider has the money, and its webhook is on its way.
    let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
    let made = shop.changed(ada(), order.id, &more(1, 1)).await.unwrap();
    assert!(made.offered, "it was paid, so the rest is asked for");
    let now = shop.store.order_now(order.id);
    assert_eq!((now.status, now.totals.total), (Status::Confirmed, order.totals.total));
    assert_eq!(shop.called_back(delivery).await, Ok(Handled::AlreadyApplied));
}

#[tokio::test]
async fn c5_a_provider_that_cannot_be_reached_keeps_the_total_from_moving() {
    for fault in [GatewayFault::Unavailable, GatewayFault::LostAnswer] {
        let shop = Shop::open();
        let order = shop.a_pending_order(2).await;
        shop.pay(order.id).await.unwrap();
        let seen = shop.previewed(ada(), order.id, &more(1, 1)).await.difference;
        let request = Request { expected_difference: Some(cents(seen)), ..more(1, 1) };
        shop.stripe.fail_next(fault);
        let told = shop.asked(ada(), order.id, &request).await.unwrap_err();
        assert!(told.is_transient(), "{told:?}");
        assert_eq!((shop.store.order_now(order.id).changes, shop.mugs()), (0, (48, 2)));
        let made = shop.asked(ada(), order.id, &request).await;
        assert!(matches!(made, Ok(Answer::Made(_))), "{made:?}");
    }
}

#[tokio::test]
async fn c5_a_paid_order_waits_for_the_difference_and_its_payment_makes_the_change() {
    let shop = Shop::open();
    let order = shop.a_paid_order(2).await;
    let made = shop.changed(ada(), order.id, &more(1, 1)).await.unwrap();
    assert!(made.offered && made.difference.is_positive());
    let opened = shop.pay(order.id).await.unwrap();
    assert_eq!(opened.money.amount, made.difference);
    let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
    assert_eq!(shop.called_back(delivery.clone()).await, Ok(Handled::Applied));
    assert_eq!(shop.called_back(delivery).await, Ok(Handled::AlreadyApplied));
    let now = shop.store.order_now(order.id);
    assert_eq!((now.totals.total, now.offer, shop.mugs()), (order.totals.total + made.difference, None, (47, 3)));
    assert_eq!(now.ledger.captured(), now.totals.total);
}

#[tokio::test]
async fn c5_an_offer_is_ended_by_the_sweep_and_money_that_comes_then_goes_back() {
    let shop = Shop::open();
    let order = shop.a_paid_order(2).await;
    shop.changed(ada(), order.id, &more(1, 1)).await.unwrap();
    let opened = shop.pay(order.id).await.unwrap();
    shop.clock.advance(SignedDuration::from_mins(31));
    shop.sweep.run(REQUEST).await.unwrap();
    let now = shop.store.order_now(order.id);
    assert_eq!((now.offer, now.status, shop.mugs()), (None, Status::Confirmed, (48, 2)));
    let delivery = shop.stripe.pay(opened.payment_id, shop.clock.now());
    shop.called_back(delivery).await.unwrap();
    let refunds = shop.store.order_now(order.id).ledger.refunds;
    assert_eq!(refunds.iter().map(|refund| refund.reason).collect::<Vec<_>>(), [RefundReason::Superseded]);
    let changes = ViewChanges(Arc::new(shop.store.clone())).run(&ada(), order.id).await.unwrap();
    assert_eq!(changes.changes[0].standing, Standing::Lapsed(LapseReason::Expired));
}

#[tokio::test]
async fn c5_units_that_an_overdue_order_holds_are_set_free_and_missing_ones_are_told() {
    let shop = Shop::selling([a_product(1).stocked(3).build(), a_product(2).build()]);
    let mine = shop.create(a_cart([(2, 1)])).await.unwrap().order;
    let theirs = shop.create(a_cart([(1, 3)])).await.unwrap().order;
    let seen = shop.previewed(ada(), mine.id, &more(1, 2)).await;
    assert!(seen.problems.iter().any(|problem| problem.pointer == "/add/0/quantity"), "{:?}", seen.problems);
    let request = Request { expected_difference: Some(cents(seen.difference)), ..more(1, 2) };
    let told = shop.asked(ada(), mine.id, &request).await;
    assert!(matches!(told, Err(Error::ProductsUnavailable { .. })), "{told:?}");
    let opened = shop.pay(mine.id).await.unwrap();
    shop.called_back(shop.stripe.pay(opened.payment_id, shop.clock.now())).await.unwrap();
    shop.clock.advance(SignedDuration::from_mins(31));
    let made = shop.changed(ada(), mine.id, &more(1, 2)).await.unwrap();
    assert!(made.offered);
    assert_eq!(shop.store.order_now(theirs.id).status, Status::Cancelled);
}

#[tokio::test]
async fn c5_what_becomes_cheaper_goes_back_and_the_last_unit_stays() {
    let shop = Shop::open();
    let order = shop.a_paid_order(3).await;
    let made = shop.changed(ada(), order.id, &only(order.id, 1, 1)).await.unwrap();
    assert!(made.difference < Amount::ZERO && !made.offered);
    let now = shop.store.order_now(order.id);
    assert_eq!(now.ledger.refunds[0].amount, Amount::ZERO - made.difference);
    assert_eq!((now.refundable(), shop.mugs()), (now.totals.total, (49, 1)));
    let gone = Request { remove: vec![order.id.line(1).to_string()], dry_run: true, ..Request::default() };
    let told = shop
        .changing()
        .run(
            order.id,
            &Intent::by(ada(), REQUEST),
            &Request { expected_difference: Some("0".into()), dry_run: false, ..gone },
        )
        .await;
    assert!(
        matches!(told, Err(Error::DifferenceChanged(..) | Error::Refused(Refusal::NothingLeft) | Error::Invalid(_))),
        "{told:?}"
    );
}

#[tokio::test]
async fn c8_staff_charge_what_no_table_says_and_the_shop_bears_what_it_wants() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let wrap = |amount: &str| CustomLine { text: "Gift wrap".into(), amount: amount.into(), tax_class: None };
    let request = Request { custom_lines: vec![wrap("2.50")], waive_difference: true, ..Request::default() };
    assert!(matches!(shop.asked(ada(), order.id, &request).await, Err(Error::Forbidden(_))));
    let made = shop.changed(admin(), order.id, &request).await.unwrap();
    assert_eq!((made.difference, made.offered), (Amount::ZERO, false));
    let now = shop.store.order_now(order.id);
    assert_eq!((now.totals.total, now.extras.len()), (order.totals.total, 2));
    assert!(now.extras[1].waiver && now.totals.extras <= Amount::ZERO);
    let less = Request { custom_lines: vec![wrap("-1.00")], ..Request::default() };
    let made = shop.changed(admin(), order.id, &less).await.unwrap();
    assert!(made.difference < Amount::ZERO);
    assert_eq!(shop.store.order_now(order.id).ledger.refunds[0].reason, RefundReason::Changed);
}

#[tokio::test]
async fn c2_a_new_address_is_read_from_then_on_and_goes_with_the_person() {
    let shop = Shop::open();
    let order = shop.a_paid_order(1).await;
    let mut address = (*a_person().shipping_address).clone();
    address.street_address = "Invalidenstraße 43".into();
    let request =
        Request { shipping_address: Some(address.clone()), reason: Some("moved".into()), ..Request::default() };
    let made = shop.changed(ada(), order.id, &request).await.unwrap();
    let street = |person: Option<oms_domain::ordering::address::Person>| {
        person.map(|person| person.shipping_address.street_address.clone())
    };
    assert_eq!(street(made.shown.person), Some(address.street_address.clone()));
    let stored = shop.store.load(order.id).await.unwrap().unwrap();
    assert_eq!(street(stored.person), Some(address.street_address.clone()));
    for sealed in shop.store.events(order.id).await.unwrap() {
        assert!(!sealed.body.contains("Invalidenstraße") && !sealed.body.contains("moved"), "{}", sealed.body);
    }
    shop.store.erase_person(order.id);
    assert_eq!(street(shop.store.load(order.id).await.unwrap().unwrap().person), None);
    let again = shop.asked(ada(), order.id, &Request { dry_run: true, ..request }).await;
    assert_eq!(again, Err(Refusal::PersonErased.into()));
}

#[tokio::test]
async fn c4_a_customer_has_the_shop_s_time_and_staff_have_it_until_it_is_prepared() {
    let shop = Shop::open();
    let order = shop.a_paid_order(2).await;
    shop.clock.advance(SignedDuration::from_mins(60));
    let told = shop.asked(ada(), order.id, &Request { dry_run: true, ..only(order.id, 1, 1) }).await;
    assert!(matches!(told, Err(Error::Refused(Refusal::TooLateToChange { .. }))), "{told:?}");
    shop.changed(admin(), order.id, &only(order.id, 1, 1)).await.unwrap();
}

#[tokio::test]
async fn c5_a_key_is_told_its_first_outcome_whatever_came_after() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let seen = shop.previewed(ada(), order.id, &more(1, 1)).await.difference;
    let request = Request { expected_difference: Some(cents(seen)), ..more(1, 1) };
    let intent = || Intent::by(ada(), REQUEST).keyed(a_key("k", "body"));
    shop.store.fail_next(Fault::LostAcknowledgement);
    let first = shop.changing().run(order.id, &intent(), &request).await;
    assert!(first.is_err_and(|error| error.is_transient()));
    for _ in 0..2 {
        let again = shop.changing().run(order.id, &intent(), &request).await;
        let Ok(Answer::Made(made)) = again else { panic!("{again:?}") };
        assert_eq!((made.change, made.difference), (1, seen));
    }
    assert_eq!((shop.store.order_now(order.id).changes, shop.mugs()), (1, (48, 2)));
    let other = Intent::by(ada(), REQUEST).keyed(a_key("k", "another body"));
    assert_eq!(shop.changing().run(order.id, &other, &request).await, Err(Error::IdempotencyMismatch));
}

#[tokio::test]
async fn a19_a_key_is_told_its_first_outcome_where_the_same_words_have_become_wrong() {
    let shop = Shop::selling([a_product(1).build(), a_product(2).build()]);
    let order = shop.create(a_cart([(1, 2), (2, 1)])).await.unwrap().order;
    let gone = Request { remove: vec![order.id.line(2).to_string()], ..Request::default() };
    let fewer = Request { add: more(1, 1).add, ..only(order.id, 1, 1) };
    for (key, request) in [("gone", gone), ("fewer", fewer)] {
        let seen = shop.previewed(ada(), order.id, &request).await.difference;
        let request = Request { expected_difference: Some(cents(seen)), ..request };
        let intent = Intent::by(ada(), REQUEST).keyed(a_key(key, "body"));
        let first = shop.changing().run(order.id, &intent, &request).await;
        let Ok(Answer::Made(first)) = first else { panic!("{key}: {first:?}") };
        let version = shop.store.order_now(order.id).version;
        let again = shop.changing().run(order.id, &intent, &request).await;
        let Ok(Answer::Made(again)) = again else { panic!("{key}: {again:?}") };
        assert_eq!((again.change, again.difference), (first.change, first.difference), "{key}");
        assert_eq!(shop.store.order_now(order.id).version, version, "{key}");
        let other = Intent::by(ada(), REQUEST).keyed(a_key(key, "another body"));
        assert_eq!(shop.changing().run(order.id, &other, &request).await, Err(Error::IdempotencyMismatch), "{key}");
    }
}

#[tokio::test]
async fn a19_a_key_is_told_its_first_outcome_after_the_time_is_over() {
    let shop = Shop::open();
    let order = shop.a_paid_order(3).await;
    let seen = shop.previewed(ada(), order.id, &only(order.id, 1, 1)).await.difference;
    let request = Request { expected_difference: Some(cents(seen)), ..only(order.id, 1, 1) };
    let intent = Intent::by(ada(), REQUEST).keyed(a_key("k", "body"));
    shop.changing().run(order.id, &intent, &request).await.unwrap();
    shop.clock.advance(SignedDuration::from_mins(61));
    let again = shop.changing().run(order.id, &intent, &request).await;
    assert!(matches!(&again, Ok(Answer::Made(made)) if made.difference == seen), "{again:?}");
    let fresh = Intent::by(ada(), REQUEST).keyed(a_key("other", "body"));
    let told = shop.changing().run(order.id, &fresh, &request).await;
    assert!(matches!(told, Err(Error::Refused(Refusal::TooLateToChange { .. }))), "{told:?}");
}

#[tokio::test]
async fn c5_pages_of_an_offer_are_closed_before_it_goes_and_what_was_paid_on_one_makes_the_change() {
    for replaced in [true, false] {
        for paid in [true, false] {
            let shop = Shop::open();
            let order = shop.a_paid_order(2).await;
            let made = shop.changed(ada(), order.id, &more(1, 1)).await.unwrap();
            let opened = shop.pay(order.id).await.unwrap();
            let delivery = paid.then(|| shop.stripe.pay(opened.payment_id, shop.clock.now()));
            let told = if replaced {
                shop.changed(ada(), order.id, &more(1, 2)).await.map(|made| made.change)
            } else {
                let intent = Intent::by(ada(), REQUEST);
                shop.changing().withdraw(order.id, &intent, made.change).await.map(|_| made.change)
            };
            let now = shop.store.order_now(order.id);
            assert!(shop.stripe.closed().contains(&opened.payment_id), "replaced {replaced}");
            if paid {
                assert_eq!(now.totals.total, order.totals.total + made.difference, "replaced {replaced}");
                assert!(now.ledger.refunds.is_empty(), "what was paid for is kept");
            } else {
                assert_eq!(now.totals.total, order.totals.total, "replaced {replaced}");
            }
            match (replaced, paid) {
                (true, _) => assert_eq!((told, now.offer.map(|offer| offer.change)), (Ok(2), Some(2))),
                (false, true) => assert_eq!((told, now.offer), (Err(Refusal::NoSuchOffer.into()), None)),
                (false, false) => assert_eq!((told, now.offer), (Ok(1), None)),
            }
            if let Some(delivery) = delivery {
                assert_eq!(shop.called_back(delivery).await, Ok(Handled::AlreadyApplied));
            }
        }
    }
}

#[tokio::test]
async fn c5_an_offer_stays_while_its_page_cannot_be_closed() {
    let shop = Shop::open();
    let order = shop.a_paid_order(2).await;
    let made = shop.changed(ada(), order.id, &more(1, 1)).await.unwrap();
    shop.pay(order.id).await.unwrap();
    shop.stripe.fail_next(GatewayFault::Unavailable);
    let intent = Intent::by(ada(), REQUEST);
    let told = shop.changing().withdraw(order.id, &intent, made.change).await.unwrap_err();
    assert!(told.is_transient(), "{told:?}");
    assert!(shop.store.order_now(order.id).offer.is_some());
    shop.changing().withdraw(order.id, &intent, made.change).await.unwrap();
    assert_eq!((shop.store.order_now(order.id).offer, shop.mugs()), (None, (48, 2)));
}

#[tokio::test]
async fn a20_an_order_that_was_changed_is_no_double_of_the_cart_it_came_from() {
    let shop = Shop::open();
    let order = shop.create(a_cart([(1, 2)])).await.unwrap().order;
    assert_eq!(shop.create(a_cart([(1, 2)])).await.map(|made| made.order.id), Err(Error::DuplicateOrder(order.id)));
    shop.changed(ada(), order.id, &only(order.id, 1, 1)).await.unwrap();
    let another = shop.create(a_cart([(1, 2)])).await.unwrap().order;
    assert_ne!(another.id, order.id);
}

#[tokio::test]
async fn c5_what_the_order_refuses_is_not_offered_for_acceptance() {
    let shop = Shop::open();
    let unpaid = shop.a_pending_order(2).await.id;
    let paid = shop.a_paid_order(3).await.id;
    for id in [unpaid, paid] {
        // They saw another sum as well: the sum is not what stands in the way.
        let nothing = Request { expected_difference: Some("0.00".into()), ..only(id, 1, 0) };
        let told = shop.asked(ada(), id, &nothing).await;
        assert!(matches!(told, Err(Error::Refused(Refusal::NothingLeft))), "{told:?}");
        assert_eq!(shop.store.order_now(id).changes, 0);
    }
}
