//! What one customer may do to others: nothing (A1, A4–A6).

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::catalog::editing::Given;
use oms_app::catalog::update_product::UpdateProduct;
use oms_app::cursor;
use oms_app::customers::limits::{Limiter, Limits};
use oms_app::error::Limit;
use oms_app::intent::Intent;
use oms_app::messaging::notify::Notify;
use oms_app::messaging::texts::{self, Texts};
use oms_app::ordering::create_order::{self, CreateOrder, Created};
use oms_app::ordering::submit_order::SubmitOrder;
use oms_app::payments::breaker::Offer;
use oms_app::payments::pay_order::PayOrder;
use oms_app::ports::Allowances as _;
use oms_app::pricing::quote_order::{self, QuoteOrder};
use oms_domain::actor::Caller;
use oms_domain::messaging::CallingCodes;
use oms_domain::ordering::Status;
use oms_testkit::builders::{a_product, admin, customer, product_id, seller_caller, user};
use oms_testkit::{Fault, SeededRandom};

use crate::shop::{Ask, Asked as _, Shop, a_cart, a_payment, a_submission, to_status};

/// The usual limits, counted as a deployed function counts them.
fn limited(shop: &Shop) -> Limiter {
    Limiter::new(Limits::default(), Arc::new(shop.clock.clone())).counting(Arc::new(shop.store.clone()))
}

fn create(shop: &Shop) -> CreateOrder {
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let cache = CatalogCache::new(store.clone(), clock.clone());
    CreateOrder::new(store, cache, clock, Arc::new(SeededRandom::default())).with_limits(limited(shop))
}

/// A shop with enough of everything.
fn full() -> Shop {
    Shop::selling([a_product(1).stocked(1_000).build(), a_product(2).stocked(1_000).build()])
}

fn of_orders(retry_after_seconds: u32) -> Error {
    Error::RateLimited { limit: Limit::Orders, retry_after_seconds }
}

fn open_orders(retry_after_seconds: u32) -> Error {
    Error::RateLimited { limit: Limit::OpenOrders(3), retry_after_seconds }
}

fn submit(shop: &Shop) -> SubmitOrder {
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    SubmitOrder::new(store.clone(), CatalogCache::new(store, clock.clone()), clock).with_limits(limited(shop))
}

/// Each with a key of its own, as whoever means harm would send it.
async fn place(create: &CreateOrder, number: u32) -> Result<Created, Error> {
    create.ask(a_cart([(1, 1)]).keyed(&format!("key-{number}"))).await
}

#[tokio::test]
async fn a1_three_orders_wait_for_payment_and_the_fourth_is_told_when() {
    let shop = full();
    let create = create(&shop);
    for number in 1..=3 {
        place(&create, number).await.unwrap();
        shop.clock.advance(SignedDuration::from_mins(2));
    }
    assert_eq!(place(&create, 4).await, Err(open_orders(24 * 60)), "the first ends 30 minutes after it was placed");
    assert_eq!(shop.mugs(), (997, 3));
    // A draft holds nothing, others are not concerned, and staff act for whoever has called.
    create.ask(a_cart([(1, 1)]).draft()).await.unwrap();
    create.ask(a_cart([(1, 1)]).from(customer("bob"))).await.unwrap();
    create.ask(a_cart([(1, 30)]).from(admin()).with(|cart| cart.user_id = Some(user("ada")))).await.unwrap();
}

#[tokio::test]
async fn a1_a_place_comes_back_with_payment_cancellation_and_deadline() {
    let shop = full();
    let create = create(&shop);
    let mut orders = Vec::new();
    for number in 1..=3 {
        orders.push(place(&create, number).await.unwrap().order);
    }
    let open = async || shop.store.open_orders(&user("ada")).await.unwrap().len();
    assert_eq!(open().await, 3);
    let opened = shop.pay(orders[0].id).await.unwrap();
    let paid = shop.stripe.pay(opened.payment_id, oms_testkit::start());
    shop.called_back(paid.clone()).await.unwrap();
    shop.called_back(paid).await.unwrap();
    assert_eq!(open().await, 2, "a webhook that comes twice gives back one place");
    shop.cancelled(customer("ada"), orders[1].id).await.unwrap();
    assert_eq!(open().await, 1);
    // What was paid is no longer open, whatever becomes of it.
    shop.cancelled(customer("ada"), orders[0].id).await.unwrap();
    assert_eq!(open().await, 1);
    for number in 4..=5 {
        place(&create, number).await.unwrap();
    }
    shop.clock.advance_minutes(31);
    assert_eq!(
        place(&create, 6).await.map(|created| created.order.status),
        Ok(Status::Pending),
        "nobody has swept yet"
    );
    assert_eq!(open().await, 1);
}

#[tokio::test]
async fn a1_a_draft_takes_its_place_when_it_is_submitted() {
    let shop = full();
    let create = create(&shop);
    let submit = submit(&shop);
    let mut drafts = Vec::new();
    for number in 1..=4 {
        let draft = a_cart([(1, number)]).draft();
        drafts.push(create.ask(draft).await.unwrap().order.id);
    }
    for draft in &drafts[..3] {
        submit.ask(a_submission(*draft)).await.unwrap();
    }
    assert_eq!(submit.ask(a_submission(drafts[3])).await, Err(open_orders(30 * 60)));
    shop.clock.advance_minutes(31);
    let submitted = submit.ask(a_submission(drafts[3])).await.unwrap();
    assert_eq!(submitted.order.status, Status::Pending);
}

#[tokio::test]
async fn a1_submits_are_counted_like_creates() {
    let shop = full();
    let create = create(&shop);
    let submit = submit(&shop);
    let mut drafts = Vec::new();
    for number in 1..=10 {
        drafts.push(create.ask(a_cart([(1, number)]).draft()).await.unwrap().order.id);
    }
    assert_eq!(submit.ask(a_submission(drafts[0])).await, Err(of_orders(60)));
    shop.clock.advance(SignedDuration::from_secs(60));
    submit.ask(a_submission(drafts[0])).await.unwrap();
}

#[tokio::test]
async fn a1_an_order_has_so_many_units_of_a_product() {
    let shop = Shop::selling([
        a_product(1).stocked(1_000).build(),
        a_product(2).stocked(1_000).at_most(2).build(),
        a_product(3).stocked(1_000).at_most(500).build(),
    ]);
    let create = create(&shop);
    let refused = create.ask(a_cart([(1, 21), (2, 3), (3, 500)])).await.unwrap_err();
    let Error::Invalid(fields) = refused else { panic!("{refused:?}") };
    let told: Vec<_> = fields.iter().map(|field| (field.pointer.as_str(), field.message.as_str())).collect();
    assert_eq!(
        told,
        [
            ("/items/0/quantity", "must be at most 20 of this product in one order"),
            ("/items/1/quantity", "must be at most 2 of this product in one order"),
        ]
    );
    create.ask(a_cart([(1, 20), (2, 2), (3, 500)])).await.unwrap();
    // Two lines of a product are one line.
    assert!(matches!(create.ask(a_cart([(1, 11), (1, 10)])).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a5_refused_attempts_are_counted_and_end_in_429_without_asking_the_store() {
    let shop = Shop::selling([a_product(1).stocked(0).build()]);
    let create = create(&shop);
    for number in 1..=10 {
        let refused = place(&create, number).await.unwrap_err();
        assert!(matches!(refused, Error::ProductsUnavailable { .. }), "{number}: {refused:?}");
        shop.clock.advance(SignedDuration::from_secs(1));
    }
    assert_eq!(place(&create, 11).await, Err(of_orders(50)));
    let commits = shop.store.commits();
    // The next call of the store would fail: without a key nothing is asked of it.
    shop.store.fail_next(Fault::Unavailable);
    for _ in 0..100 {
        assert_eq!(create.ask(a_cart([(1, 1)])).await, Err(of_orders(50)));
    }
    assert_eq!(shop.store.commits(), commits);
    shop.clock.advance(SignedDuration::from_secs(50));
    assert!(matches!(create.ask(a_cart([(1, 1)])).await, Err(Error::ServiceUnavailable(_))));
    assert!(matches!(create.ask(a_cart([(1, 1)])).await, Err(Error::ProductsUnavailable { .. })));
}

#[tokio::test]
async fn a5_a_commit_that_a_fresh_read_knows_to_be_short_is_not_sent() {
    let shop = Shop::selling([a_product(1).stocked(0).build()]);
    let create = create(&shop);
    assert!(matches!(place(&create, 1).await, Err(Error::ProductsUnavailable { .. })));
    assert_eq!(shop.store.commits(), 0);
    shop.store.put_product(a_product(1).stocked(5).build());
    place(&create, 2).await.unwrap();
    assert_eq!(shop.store.commits(), 1);
}

fn with_codes(ask: Ask<create_order::Request>, codes: &[&str]) -> Ask<create_order::Request> {
    ask.with(|cart| cart.promotion_codes = codes.iter().map(|code| (*code).to_owned()).collect())
}

fn a_quote(codes: &[&str]) -> quote_order::Request {
    quote_order::Request {
        caller: customer("ada"),
        items: a_cart([(1, 1)]).part.items,
        shipping_address: None,
        billing_address: None,
        country: Some("DE".into()),
        currency: None,
        shipping_method: None,
        promotion_codes: codes.iter().map(|code| (*code).to_owned()).collect(),
    }
}

fn quote(shop: &Shop) -> QuoteOrder {
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let cache = CatalogCache::new(store.clone(), clock.clone());
    QuoteOrder::new(store, cache, Offer::default(), clock).with_limits(limited(shop))
}

#[tokio::test]
async fn a6_guessed_codes_are_counted_and_then_no_code_is_looked_at() {
    let shop = full();
    let (quote, create) = (quote(&shop), create(&shop));
    for number in 0..20 {
        let told = quote.run(a_quote(&[&format!("GUESS{number}")])).await.unwrap();
        assert_eq!(told.issues.len(), 1);
        shop.clock.advance(SignedDuration::from_secs(1));
    }
    let shut = |seconds| Error::RateLimited { limit: Limit::UnknownCodes, retry_after_seconds: seconds };
    assert_eq!(quote.run(a_quote(&["GUESS20"])).await, Err(shut(3_580)));
    // Not even by ordering: neither a guess nor a code that exists is told from the other.
    let another = self::create(&shop);
    for codes in [["GUESS21"], ["GUESS22"]] {
        assert_eq!(another.ask(with_codes(a_cart([(1, 1)]), &codes)).await, Err(shut(3_580)));
    }
    // A cart without codes is nobody's guess.
    quote.run(a_quote(&[])).await.unwrap();
    create.ask(a_cart([(1, 1)])).await.unwrap();
    shop.clock.advance(SignedDuration::from_mins(60));
    quote.run(a_quote(&["GUESS23"])).await.unwrap();
}

#[tokio::test]
async fn a6_two_codes_are_looked_at() {
    let shop = full();
    let codes: Vec<String> = (0..10).map(|number| format!("GUESS{number}")).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let told = quote(&shop).run(a_quote(&codes)).await.unwrap();
    let pointers: Vec<_> = told.issues.iter().map(|issue| format!("{issue:?}")).collect();
    assert_eq!(pointers.len(), 3, "two codes, and that there are too many: {pointers:?}");
}

#[tokio::test]
async fn a4_only_admins_spread_the_counters_of_a_product() {
    let shop = full();
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let update = UpdateProduct::new(store, clock, Arc::new(SeededRandom::default()));
    let hot = Given { hot: Some(true), ..Given::default() };
    let by = |caller| Intent::by(caller, "request");
    let refused = update.run(product_id(1), &by(seller_caller("sam")), &hot).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    assert!(update.run(product_id(1), &by(admin()), &hot).await.unwrap().product.hot);
}

#[tokio::test]
async fn a4_a_quote_of_too_many_products_is_refused_before_anything_is_read() {
    let shop = full();
    let many = quote_order::Request { items: a_cart((1..=81).map(|number| (number, 1))).part.items, ..a_quote(&[]) };
    shop.store.fail_next(Fault::Unavailable);
    assert!(matches!(quote(&shop).run(many).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a1_payments_that_a_customer_asks_for_are_counted() {
    let shop = full();
    let gateways = oms_app::payments::gateways::Gateways::new(vec![Arc::new(shop.stripe.clone())]);
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let pay = PayOrder::new(store.clone(), store, gateways, clock).with_limits(limited(&shop));
    let mut asked = 0;
    let refused = loop {
        let order = shop.a_pending_order(asked + 1).await;
        match pay.ask(a_payment(order.id)).await {
            Ok(_) => asked += 1,
            Err(error) => break error,
        }
        assert!(asked <= 10);
    };
    assert_eq!(asked, 10);
    assert_eq!(refused, Error::RateLimited { limit: Limit::Payments, retry_after_seconds: 60 });
}

#[tokio::test]
async fn a1_an_order_that_staff_moves_gives_its_place_back() {
    let shop = full();
    let order = place(&create(&shop), 1).await.unwrap().order;
    shop.update.ask(to_status(admin(), order.id, Status::Cancelled)).await.unwrap();
    assert_eq!(shop.store.open_orders(&user("ada")).await, Ok(vec![]));
}

#[tokio::test]
async fn a2_a_recipient_gets_so_many_messages_about_unpaid_orders() {
    let shop = full();
    let words = texts::Shop { name: "Mug Shop".into(), url: "https://shop.example".into() };
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let texts = Arc::new(Texts::new(words).unwrap());
    let notify = Notify::new(texts, store.clone(), store, Arc::new(shop.messenger.clone()), clock);
    let notify = notify.with_limits(limited(&shop)).texting(CallingCodes::ALL);
    let unpaid = async |number: u32| {
        let order = shop.a_pending_order(number).await;
        notify.run(&shop.event(order.id, "order.submitted").await).await.unwrap();
    };
    for number in 1..=12 {
        unpaid(number).await;
    }
    assert_eq!(shop.messenger.sent().len(), 10);
    let paid = shop.a_paid_order(13).await;
    notify.run(&shop.event(paid.id, "order.payment_confirmed").await).await.unwrap();
    assert_eq!(shop.messenger.sent().len(), 12, "whoever has paid is told, by e-mail and text message");
    shop.clock.advance(SignedDuration::from_hours(24));
    unpaid(14).await;
    assert_eq!(shop.messenger.sent().len(), 13);
}

#[tokio::test]
async fn a2_before_payment_no_message_repeats_the_name() {
    let shop = full();
    let evil = "Win 500 EUR, call evil now";
    let cart = a_cart([(1, 1)]).with(|cart| cart.contact.name = evil.into());
    let order = shop.create(cart).await.unwrap().order;
    shop.notify.run(&shop.event(order.id, "order.submitted").await).await.unwrap();
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    shop.notify.run(&shop.event(order.id, "order.cancelled").await).await.unwrap();
    let sent = shop.messenger.sent();
    assert_eq!(sent.len(), 2);
    for message in sent {
        assert!(!message.body.contains("evil"), "{}", message.body);
    }
}

#[tokio::test]
async fn w3_a_replay_shows_nothing_to_whoever_may_no_longer_see_it() {
    let shop = full();
    let cart = || a_cart([(1, 1)]).keyed("phone-order").with(|cart| cart.user_id = Some(user("ada")));
    let staff = Caller::Admin(user("grace"));
    shop.create(cart().from(staff.clone())).await.unwrap();
    shop.clock.advance(SignedDuration::from_secs(1));
    assert!(shop.create(cart().from(staff)).await.unwrap().repeated);
    let former = shop.create(cart().from(customer("grace"))).await;
    assert!(matches!(former, Err(Error::NotFound | Error::Forbidden(_))), "{former:?}");
    // Nor by a cart that she may order for herself under the same key.
    let own = shop.create(a_cart([(1, 1)]).keyed("phone-order").from(customer("grace"))).await;
    assert_eq!(own, Err(Error::NotFound));
}

#[test]
fn w5_a_forged_cursor_is_refused() {
    for place in [vec![b'x'; 1_100], vec![b'x'; 1_025]] {
        let forged = cursor::seal(&place, "products");
        assert!(matches!(cursor::open(&forged, "products"), Err(Error::Malformed(_))), "{} bytes", place.len());
    }
    let longest = vec![b'x'; 1_024];
    assert_eq!(cursor::open(&cursor::seal(&longest, "products"), "products"), Ok(longest));
}
