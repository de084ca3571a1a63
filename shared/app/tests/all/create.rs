//! Creating an order: what is ordered, what is refused and where, and that one key makes one order.

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::{Limiter, Limits};
use oms_app::error::{Limit, NotOrderable};
use oms_app::ordering::create_order::CreateOrder;
use oms_domain::catalog::{NotSellable, Product};
use oms_domain::money::{Amount, Currency};
use oms_domain::ordering::Status;
use oms_domain::ordering::address::Address;
use oms_testkit::builders::{a_person, a_product, admin, cents, customer, product_id, seller_caller, user};
use oms_testkit::{Fault, SeededRandom};

use crate::shop::{Asked as _, Shop, a_cart, a_submission};

/// The pointers of a refusal.
fn pointers(error: &Error) -> Vec<&str> {
    let (Error::Invalid(fields) | Error::Address(fields)) = error else { panic!("names no fields: {error:?}") };
    fields.iter().map(|field| field.pointer.as_str()).collect()
}

fn refused(error: Error) -> (Vec<NotOrderable>, Vec<Product>) {
    let Error::ProductsUnavailable { refused, alternatives } = error else { panic!("not about products: {error:?}") };
    (refused, alternatives)
}

#[tokio::test]
async fn a1_an_order_holds_its_stock_and_waits_for_payment() {
    // F1
    let shop = Shop::open();
    let created = shop.create(a_cart([(1, 2)])).await.unwrap();
    assert_eq!((created.order.status, created.repeated), (Status::Pending, false));
    assert_eq!(created.order.totals.subtotal, Amount::from_minor(3980));
    assert_eq!(shop.mugs(), (48, 2));
    assert_eq!(shop.store.order_now(created.order.id), created.order);
}

#[tokio::test]
async fn a_draft_holds_nothing_until_it_is_submitted() {
    let shop = Shop::open();
    let draft = shop.create(a_cart([(1, 2)]).draft()).await.unwrap().order;
    assert_eq!((draft.status, shop.mugs()), (Status::Draft, (50, 0)));
    let submitted = shop.submit.ask(a_submission(draft.id)).await.unwrap().order;
    assert_eq!((submitted.status, shop.mugs()), (Status::Pending, (48, 2)));
}

#[tokio::test]
async fn lines_of_one_product_are_merged() {
    let shop = Shop::selling([a_product(1).build(), a_product(2).build()]);
    let order = shop.create(a_cart([(1, 1), (2, 1), (1, 2)])).await.unwrap().order;
    let lines: Vec<_> = order.lines.iter().map(|line| (line.line, line.product_id, line.quantity)).collect();
    assert_eq!(lines, [(1, product_id(1), 3), (2, product_id(2), 1)]);
}

#[tokio::test]
async fn a2_every_broken_rule_is_named_at_once_with_its_place() {
    // Nothing is asked of the store.
    let shop = Shop::open();
    let mut request = a_cart([(1, 0), (1, 9_999), (1, 1), (2, 10_000)]).seen_at(1, "19.90").seen_at(2, "18.90");
    request.part.contact.name = " ".into();
    request.part.shipping_address.city = String::new();
    request.part.billing_address = Some(Address { country: "XX".into(), ..a_person().billing_address.into_inner() });
    let error = shop.create(request).await.unwrap_err();
    let expected = [
        "/items/0/quantity",
        "/items/2/quantity",
        "/items/2/price",
        "/items/3/quantity",
        "/contact/name",
        "/shipping_address/city",
        "/billing_address/country",
    ];
    assert_eq!(pointers(&error), expected);
    assert_eq!(shop.store.commits(), 0);
}

#[tokio::test]
async fn a_cart_needs_one_product_and_has_room_for_some() {
    let shop = Shop::open();
    assert_eq!(pointers(&shop.create(a_cart([])).await.unwrap_err()), ["/items"]);
    let too_many = a_cart((1..=200).map(|number| (number, 1)));
    assert_eq!(pointers(&shop.create(too_many).await.unwrap_err()), ["/items"]);
}

#[tokio::test]
async fn a_contact_that_cannot_be_reached_is_refused() {
    let shop = Shop::open();
    let mut request = a_cart([(1, 1)]);
    request.part.contact.email = "ada".into();
    assert_eq!(pointers(&shop.create(request).await.unwrap_err()), ["/contact/email"]);
    let mut request = a_cart([(1, 1)]);
    request.part.contact.phone = Some("0170 1234567".into());
    assert_eq!(pointers(&shop.create(request).await.unwrap_err()), ["/contact/phone"]);
}

#[tokio::test]
async fn a13_l2_a_bad_address_alone_has_its_own_code() {
    // ORD-1002
    let shop = Shop::open();
    let mut request = a_cart([(1, 1)]);
    request.part.shipping_address.country = "Germany".into();
    let error = shop.create(request).await.unwrap_err();
    assert!(matches!(error, Error::Address(_)), "{error:?}");
    assert_eq!(pointers(&error), ["/shipping_address/country"]);
}

#[tokio::test]
async fn an_unknown_shipping_method_is_refused() {
    let shop = Shop::open();
    let mut request = a_cart([(1, 1)]);
    request.part.shipping_method = Some("pigeon".into());
    assert_eq!(pointers(&shop.create(request).await.unwrap_err()), ["/shipping_method"]);
}

#[tokio::test]
async fn one_order_has_one_currency() {
    let dollars = Product { currency: "USD".parse::<Currency>().unwrap(), ..a_product(2).build() };
    let shop = Shop::selling([a_product(1).build(), dollars]);
    assert_eq!(pointers(&shop.create(a_cart([(1, 1), (2, 1)])).await.unwrap_err()), ["/items/1/product_id"]);
}

#[tokio::test]
async fn who_may_order_for_whom() {
    // A2, K5
    let shop = Shop::open();
    let seller = shop.create(a_cart([(1, 1)]).from(seller_caller("sam"))).await;
    assert!(matches!(seller, Err(Error::Forbidden(_))));

    let mut for_bob = a_cart([(1, 1)]);
    for_bob.part.user_id = Some(user("bob"));
    assert!(matches!(shop.create(for_bob.clone()).await, Err(Error::Forbidden(_))));

    let order = shop.create(for_bob.from(admin())).await.unwrap().order;
    assert_eq!(order.user_id, user("bob"));
    assert_eq!(shop.events(order.id).await[0].data.actor, admin().actor());
}

#[tokio::test]
async fn a9_a11_l1_what_cannot_be_sold_is_refused_with_its_reason_and_alternatives() {
    // ORD-1001
    let shop = Shop::selling([
        a_product(1).discontinued().build(),
        a_product(2).sold_to(&["FR"]).build(),
        a_product(3).build(),
        a_product(4).named("Sold out mug").stocked(0).build(),
        a_product(5).named("Another mug").build(),
        a_product(6).in_category("garden").build(),
        a_product(7).sold_to(&["FR"]).build(),
    ]);
    let (refused, alternatives) = refused(shop.create(a_cart([(1, 1), (2, 1), (3, 1), (99, 1)])).await.unwrap_err());
    let told: Vec<_> = refused.iter().map(|refused| (refused.pointer.as_str(), refused.reason)).collect();
    let expected = [
        ("/items/0/product_id", NotSellable::Discontinued),
        ("/items/1/product_id", NotSellable::Region),
        ("/items/3/product_id", NotSellable::Missing),
    ];
    assert_eq!(told, expected);
    // Same category, in stock, sold there, and not in the cart already.
    let names: Vec<&str> = alternatives.iter().map(|product| product.name.as_str()).collect();
    assert_eq!(names, ["Another mug"]);
}

#[tokio::test]
async fn a10_too_few_in_stock_tells_how_many_there_are() {
    // ORD-1001
    let shop = Shop::selling([a_product(1).build(), a_product(2).stocked(3).build()]);
    let (refused, _) = refused(shop.create(a_cart([(1, 1), (2, 4)])).await.unwrap_err());
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].pointer.as_str(), refused[0].available), ("/items/1/quantity", Some(3)));
    assert_eq!(shop.mugs(), (50, 0), "all or nothing");
}

#[tokio::test]
async fn a23_a_stated_price_that_is_not_the_price_is_told_with_the_current_one() {
    let shop = Shop::open();
    let error = shop.create(a_cart([(1, 1)]).seen_at(0, "17.90")).await.unwrap_err();
    let Error::PriceChanged(changes) = error else { panic!("{error:?}") };
    assert_eq!((changes[0].pointer.as_str(), changes[0].current), ("/items/0/price", cents(1990)));
    assert!(shop.create(a_cart([(1, 1)]).seen_at(0, "19.90")).await.is_ok());
}

#[tokio::test]
async fn a_stated_price_that_is_no_price_is_refused() {
    let shop = Shop::open();
    for text in ["cheap", "19.905", ""] {
        let error = shop.create(a_cart([(1, 1)]).seen_at(0, text)).await.unwrap_err();
        assert_eq!(pointers(&error), ["/items/0/price"], "{text}");
    }
}

#[tokio::test]
async fn a23_a_price_that_changed_behind_the_cache_is_told_to_those_who_stated_one_and_charged_to_those_who_did_not() {
    // The cache only proposes.
    let shop = Shop::open();
    shop.create(a_cart([(1, 1)])).await.unwrap();
    let dearer = Product { price: Amount::from_minor(2490), ..shop.store.product_now(product_id(1)) };
    shop.store.put_product(dearer);

    let stated = shop.create(a_cart([(1, 2)]).seen_at(0, "19.90")).await.unwrap_err();
    assert!(matches!(stated, Error::PriceChanged(_)), "{stated:?}");
    let unstated = shop.create(a_cart([(1, 2)])).await.unwrap().order;
    assert_eq!(unstated.totals.subtotal, Amount::from_minor(4980));
}

#[tokio::test]
async fn a_stale_cache_refuses_nothing_that_can_be_sold() {
    let shop = Shop::selling([a_product(1).discontinued().build()]);
    refused(shop.create(a_cart([(1, 1)])).await.unwrap_err());
    shop.store.put_product(a_product(1).build());
    assert!(shop.create(a_cart([(1, 1)])).await.is_ok());
}

#[tokio::test]
async fn a_product_discontinued_behind_the_cache_is_not_sold() {
    let shop = Shop::open();
    shop.create(a_cart([(1, 1)])).await.unwrap();
    let gone = Product { active: false, ..shop.store.product_now(product_id(1)) };
    shop.store.put_product(gone);
    let (refused, _) = refused(shop.create(a_cart([(1, 2)])).await.unwrap_err());
    assert_eq!(refused[0].reason, NotSellable::Discontinued);
}

#[tokio::test]
async fn a19_one_key_makes_one_order() {
    // A19, O10
    let shop = Shop::open();
    let first = shop.create(a_cart([(1, 2)]).keyed("k")).await.unwrap();
    shop.clock.advance_minutes(1);
    let again = shop.create(a_cart([(1, 2)]).keyed("k")).await.unwrap();
    assert_eq!((first.repeated, again.repeated), (false, true));
    assert_eq!(again.order, first.order);
    assert_eq!((shop.store.all_orders().len(), shop.mugs()), (1, (48, 2)));
}

#[tokio::test]
async fn a_repeat_is_answered_even_when_everything_is_sold_since() {
    // A19
    let shop = Shop::selling([a_product(1).stocked(2).build()]);
    let first = shop.create(a_cart([(1, 2)]).keyed("k")).await.unwrap();
    shop.clock.advance_minutes(1);
    let again = shop.create(a_cart([(1, 2)]).keyed("k")).await.unwrap();
    assert_eq!((again.order.id, again.repeated), (first.order.id, true));

    let gone = Product { active: false, ..shop.store.product_now(product_id(1)) };
    shop.store.put_product(gone);
    shop.clock.advance_minutes(5);
    assert!(shop.create(a_cart([(1, 2)]).keyed("k")).await.unwrap().repeated);
}

#[tokio::test]
async fn a21_a_lost_answer_and_a_second_try_make_one_order() {
    // O10, invariant 1
    let shop = Shop::open();
    shop.create(a_cart([(1, 1)]).from(customer("warm"))).await.unwrap();
    shop.store.fail_next(Fault::LostAcknowledgement);
    assert!(shop.create(a_cart([(1, 2)]).keyed("k")).await.unwrap_err().is_transient());
    shop.clock.advance_minutes(1);
    assert!(shop.create(a_cart([(1, 2)]).keyed("k")).await.unwrap().repeated);
    assert_eq!((shop.store.all_orders().len(), shop.mugs()), (2, (47, 3)));
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_caller() {
    // A19
    let shop = Shop::open();
    let first = shop.create(a_cart([(1, 2)]).keyed("k")).await.unwrap();
    assert_eq!(shop.create(a_cart([(1, 3)]).keyed("k")).await, Err(Error::IdempotencyMismatch));
    let bobs = shop.create(a_cart([(1, 3)]).from(customer("bob")).keyed("k")).await.unwrap();
    assert_ne!(bobs.order.id, first.order.id);
}

#[tokio::test]
async fn the_same_cart_without_a_key_is_refused_while_the_first_waits_for_payment() {
    // A20
    let shop = Shop::selling([a_product(1).build(), a_product(2).build()]);
    let first = shop.create(a_cart([(1, 2), (2, 1)])).await.unwrap().order;
    let other_way_round = shop.create(a_cart([(2, 1), (1, 2)])).await;
    assert_eq!(other_way_round, Err(Error::DuplicateOrder(first.id)));
    assert!(shop.create(a_cart([(1, 2), (2, 1)]).from(customer("bob"))).await.is_ok(), "carts belong to customers");
    assert!(shop.create(a_cart([(1, 3), (2, 1)])).await.is_ok(), "another quantity is another cart");
}

#[tokio::test]
async fn a20_a_new_key_says_i_mean_it() {
    // A20
    let shop = Shop::open();
    shop.create(a_cart([(1, 2)])).await.unwrap();
    assert!(shop.create(a_cart([(1, 2)]).keyed("once more")).await.is_ok());
    assert_eq!(shop.mugs(), (46, 4));
}

#[tokio::test]
async fn the_same_cart_is_free_again_once_the_first_order_is_paid_or_cancelled_or_over() {
    // A20
    let shop = Shop::open();
    shop.a_paid_order(2).await;
    let second = shop.a_pending_order(2).await;
    shop.cancelled(customer("ada"), second.id).await.unwrap();
    shop.a_pending_order(2).await;
    shop.clock.advance_minutes(31);
    shop.a_pending_order(2).await;
    assert_eq!(shop.store.all_orders().len(), 4);
}

#[tokio::test]
async fn l4_others_in_the_way_again_and_again_is_told_as_such() {
    // ORD-2002
    let shop = Shop::open();
    shop.create(a_cart([(1, 1)]).from(customer("warm"))).await.unwrap();
    for _ in 0..8 {
        shop.store.fail_next(Fault::Conflict);
    }
    assert_eq!(shop.create(a_cart([(1, 2)])).await, Err(Error::StockTaken));
    assert!(shop.create(a_cart([(1, 2)])).await.is_ok());
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_as_such_and_nothing_is_ordered() {
    let shop = Shop::open();
    shop.store.fail_next(Fault::Unavailable);
    let error = shop.create(a_cart([(1, 1)])).await.unwrap_err();
    assert!(matches!(error, Error::ServiceUnavailable(_)), "{error:?}");
    assert!(shop.store.all_orders().is_empty());
}

#[tokio::test]
async fn a22_a_customer_orders_so_often_in_a_minute_and_again_in_the_next() {
    let shop = Shop::open();
    let (store, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let cache = CatalogCache::new(store.clone(), clock.clone());
    let create = CreateOrder::new(store, cache, clock.clone(), Arc::new(SeededRandom::default()))
        .with_limits(Limiter::new(Limits { orders_per_minute: 2, ..Limits::NONE }, clock));
    let order = |name: &str, key: &str| create.ask(a_cart([(1, 1)]).from(customer(name)).keyed(key));
    shop.clock.advance(SignedDuration::from_secs(20));
    for key in ["first", "second"] {
        order("ada", key).await.unwrap();
    }
    assert_eq!(order("ada", "third").await, Err(Error::RateLimited { limit: Limit::Orders, retry_after_seconds: 60 }));
    shop.clock.advance(SignedDuration::from_secs(1));
    assert!(order("ada", "second").await.unwrap().repeated, "a repeat is no new order");
    order("bob", "first").await.unwrap();
    shop.clock.advance(SignedDuration::from_secs(59));
    order("ada", "third").await.unwrap();
    assert_eq!(shop.mugs(), (46, 4));
}
