//! The goods of an order again, at today's prices (J9).

use std::sync::Arc;

use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::{Limiter, Limits};
use oms_app::intent::Intent;
use oms_app::ordering::create_order::{CreateOrder, Created};
use oms_app::ordering::reorder::{Again, Missing, Reorder, Reordered};
use oms_app::payments::breaker::Offer;
use oms_app::ports::{Catalog as _, Clock, Orders};
use oms_app::pricing::quote_order::{Quote, QuoteOrder};
use oms_domain::actor::Caller;
use oms_domain::catalog::{NotSellable, Product};
use oms_domain::ordering::{Order, Refusal, Status};
use oms_testkit::SeededRandom;
use oms_testkit::builders::{a_product, admin, customer, product_id, rates, user};
use oms_testkit::fuse::{Fuse, Fused, until_killed};

use crate::shop::{REQUEST, Shop, a_cart, a_key};

/// Mugs and bowls, and a cup in the mugs' category.
fn shop() -> Shop {
    Shop::selling([
        a_product(1).in_category("mugs").build(),
        a_product(2).in_category("bowls").stocked(5).build(),
        a_product(3).in_category("mugs").build(),
    ])
}

fn reorder(shop: &Shop, orders: Arc<dyn Orders>) -> Reorder {
    let clock: Arc<dyn Clock> = Arc::new(shop.clock.clone());
    let catalog = || CatalogCache::new(Arc::new(shop.store.clone()), clock.clone());
    let unlimited = Limiter::new(Limits::NONE, clock.clone());
    // Ids of its own.
    let seed = 1_000 + shop.store.commits() as u64;
    let quote = QuoteOrder::new(orders.clone(), catalog(), Offer::of(vec!["stripe".into()]), clock.clone());
    let create = CreateOrder::new(orders.clone(), catalog(), clock.clone(), Arc::new(SeededRandom::new(seed)));
    Reorder::new(orders, catalog(), quote.with_limits(unlimited.clone()), create.with_limits(unlimited))
}

/// Ada's order of two mugs and three bowls, cancelled since.
async fn an_order(shop: &Shop) -> Order {
    let mut cart = a_cart([(1, 2), (2, 3)]);
    cart.part.details.customer_note = Some("ring twice".into());
    cart.part.details.locale = Some("de-DE".into());
    let order = shop.create(cart).await.unwrap().order;
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    order
}

async fn again(shop: &Shop, order: &Order, intent: &Intent, draft: bool) -> Result<Reordered, Error> {
    reorder(shop, Arc::new(shop.store.clone())).run(order.id, intent, draft).await
}

async fn by(shop: &Shop, order: &Order, caller: Caller, draft: bool) -> Result<Reordered, Error> {
    again(shop, order, &Intent::by(caller, REQUEST), draft).await
}

fn quoted(reordered: &Reordered) -> &Quote {
    match &reordered.again {
        Again::Quoted(quote) => quote,
        Again::Drafted(made) => panic!("a draft: {made:?}"),
    }
}

fn drafted(reordered: &Reordered) -> &Created {
    match &reordered.again {
        Again::Drafted(made) => made,
        Again::Quoted(quote) => panic!("a quote: {quote:?}"),
    }
}

fn lines(order: &Order) -> Vec<(u64, u32)> {
    let numbers =
        |line: &oms_domain::ordering::Line| (1..9).find(|number| product_id(*number) == line.product_id).unwrap();
    order.lines.iter().map(|line| (numbers(line), line.quantity)).collect()
}

fn missing(reordered: &Reordered) -> Vec<(Option<NotSellable>, u32, usize)> {
    let told = |one: &Missing| (one.reason, one.units, one.alternatives.len());
    reordered.missing.iter().map(told).collect()
}

fn change(shop: &Shop, number: u64, change: impl FnOnce(&mut Product)) {
    let mut product = shop.store.product_now(product_id(number));
    change(&mut product);
    product.version += 1;
    shop.store.put_product(product);
}

#[tokio::test]
async fn j9_the_same_goods_are_quoted_at_today_s_prices_and_nothing_is_written() {
    let shop = shop();
    let order = an_order(&shop).await;
    let commits = shop.store.commits();
    let before = by(&shop, &order, customer("ada"), false).await.unwrap();
    assert_eq!(quoted(&before).order.as_ref().unwrap().totals, order.totals);
    assert!(before.missing.is_empty() && quoted(&before).issues.is_empty());
    change(&shop, 1, |mug| mug.price = oms_domain::money::Amount::from_minor(9_990));
    let dearer = by(&shop, &order, customer("ada"), false).await.unwrap();
    let price = quoted(&dearer).order.as_ref().unwrap().lines[0].price;
    assert_eq!(price, oms_domain::money::Amount::from_minor(9_990));
    assert_eq!(quoted(&dearer).payment_methods, ["stripe"]);
    assert_eq!(shop.store.commits(), commits);
}

#[tokio::test]
async fn j9_a_draft_goes_where_the_order_went_and_takes_no_words_along() {
    let shop = shop();
    let order = an_order(&shop).await;
    let reordered = by(&shop, &order, customer("ada"), true).await.unwrap();
    let made = drafted(&reordered);
    assert_eq!((made.order.status, lines(&made.order)), (Status::Draft, vec![(1, 2), (2, 3)]));
    assert_eq!(made.order.shipping_method, order.shipping_method);
    let then = shop.store.load(order.id).await.unwrap().unwrap().person.unwrap();
    let person = made.person.as_ref().unwrap();
    assert_eq!((&person.contact, &person.shipping_address), (&then.contact, &then.shipping_address));
    assert_eq!((person.details.locale.as_deref(), person.details.customer_note.as_ref()), (Some("de-DE"), None));
    assert_eq!(shop.mugs(), (50, 0), "a draft reserves nothing");
    let by_staff = by(&shop, &order, admin(), true).await.unwrap();
    assert_eq!(drafted(&by_staff).order.user_id, user("ada"));
}

#[tokio::test]
async fn j9_what_cannot_be_had_is_told_with_why_and_the_rest_is_ordered() {
    let shop = shop();
    let order = an_order(&shop).await;
    change(&shop, 1, |mug| mug.active = false);
    change(&shop, 2, |bowl| bowl.stock = oms_domain::catalog::stock::Stock::received(2));
    let told = [(Some(NotSellable::Discontinued), 2, 1), (Some(NotSellable::OutOfStock), 1, 0)];
    let quote = by(&shop, &order, customer("ada"), false).await.unwrap();
    assert_eq!(missing(&quote), told);
    assert!(quoted(&quote).issues.is_empty(), "what is left can be ordered");
    let draft = by(&shop, &order, customer("ada"), true).await.unwrap();
    assert_eq!((missing(&draft), lines(&drafted(&draft).order)), (told.to_vec(), vec![(2, 2)]));
    change(&shop, 2, |bowl| bowl.active = false);
    for draft in [false, true] {
        let refused = by(&shop, &order, customer("ada"), draft).await.unwrap_err();
        let Error::ProductsUnavailable { refused, alternatives } = refused else { panic!("{refused:?}") };
        assert_eq!((refused.len(), alternatives.len()), (2, 1));
    }
}

#[tokio::test]
async fn j9_the_way_it_was_shipped_stays_unless_it_is_gone() {
    let shop = shop();
    let mut cart = a_cart([(1, 1)]);
    cart.part.shipping_method = Some("express".into());
    let order = shop.create(cart).await.unwrap().order;
    let method = |reordered: &Reordered| quoted(reordered).order.as_ref().unwrap().shipping_method.clone();
    let quote = by(&shop, &order, customer("ada"), false).await.unwrap();
    assert_eq!(method(&quote).as_deref(), Some("express"));
    let mut rates = rates();
    rates.shipping.methods.retain(|method| method.code != "express");
    shop.store.set_rates(&rates).await.unwrap();
    let quote = by(&shop, &order, customer("ada"), false).await.unwrap();
    assert_eq!(method(&quote).as_deref(), Some("standard"));
    let draft = by(&shop, &order, customer("ada"), true).await.unwrap();
    assert_eq!(drafted(&draft).order.shipping_method, "standard");
}

#[tokio::test]
async fn j9_only_the_customer_and_staff_order_again_and_nobody_once_the_person_is_gone() {
    let shop = shop();
    let order = an_order(&shop).await;
    assert_eq!(by(&shop, &order, customer("bob"), false).await, Err(Error::NotFound));
    let seller = Caller::Seller { user: user("sam"), seller: oms_testkit::builders::seller() };
    assert!(matches!(by(&shop, &order, seller, true).await, Err(Error::Forbidden(_))));
    let version = shop.store.order_now(order.id).version;
    let stale = Intent::by(customer("ada"), REQUEST).expecting(version - 1);
    let conflict = Err(Error::VersionConflict { current: version });
    assert_eq!(again(&shop, &order, &stale, true).await, conflict);
    shop.store.erase_person(order.id);
    for draft in [false, true] {
        let refused = by(&shop, &order, customer("ada"), draft).await;
        assert_eq!(refused, Err(Error::Refused(Refusal::PersonErased)));
    }
}

#[tokio::test]
async fn j9_a_key_makes_one_draft_whatever_becomes_of_the_goods() {
    let shop = shop();
    let order = an_order(&shop).await;
    change(&shop, 2, |bowl| bowl.stock = oms_domain::catalog::stock::Stock::received(2));
    let keyed = |request: &str| Intent::by(customer("ada"), REQUEST).keyed(a_key("again", request));
    let first = again(&shop, &order, &keyed("a"), true).await.unwrap();
    let id = drafted(&first).order.id;
    change(&shop, 1, |mug| mug.active = false);
    shop.store.erase_person(order.id);
    let repeated = again(&shop, &order, &keyed("a"), true).await.unwrap();
    assert_eq!((drafted(&repeated).order.id, drafted(&repeated).repeated), (id, true));
    assert_eq!(missing(&repeated), [(None, 1, 0)]);
    assert_eq!(again(&shop, &order, &keyed("b"), true).await, Err(Error::IdempotencyMismatch));
}

#[tokio::test]
async fn j9_a_crash_at_any_moment_leaves_one_draft_or_none() {
    for step in 1..40 {
        let shop = shop();
        let order = an_order(&shop).await;
        let orders: Arc<dyn Orders> = Fused::new(Arc::new(shop.store.clone()) as Arc<dyn Orders>, &Fuse::of(step));
        let intent = Intent::by(customer("ada"), REQUEST).keyed(a_key("again", "a"));
        let ended = until_killed(reorder(&shop, orders).run(order.id, &intent, true));
        again(&shop, &order, &intent, true).await.unwrap();
        assert_eq!(shop.store.all_orders().len(), 2, "killed at {step}");
        if ended.is_some() {
            return;
        }
    }
    panic!("it does not end");
}
