//! What a quote says, an order of the same moment costs, or it is told; drafts freeze nothing.

use std::sync::Arc;

use jiff::SignedDuration;
use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::error::TotalChange;
use oms_app::intent::Intent;
use oms_app::ordering::create_order;
use oms_app::payments::breaker::Offer;
use oms_app::ports::{Catalog as _, Clock as _, Orders as _, UsageCounter};
use oms_app::pricing::change_settings::ChangeSettings;
use oms_app::pricing::quote_order::{self, QuoteOrder};
use oms_app::pricing::settings::{Given, GivenPromotion};
use oms_domain::catalog::Product;
use oms_domain::ids::OrderId;
use oms_domain::money::Amount;
use oms_domain::ordering::{CancelReason, CheckoutEvent, DRAFT_DAYS, Event, Order, Record, Refusal, Status};
use oms_domain::pricing::promotion::{Benefit, Promotion};
use oms_testkit::builders::{a_product, a_promotion, admin, cents, customer, product_id, rates, rates_with};
use oms_testkit::{SeededRandom, start};

use crate::shop::{Ask, Asked as _, Shop, a_cart, a_submission};

const MINUTES_PER_DAY: i64 = 24 * 60;

impl Shop {
    async fn promoting(&self, promotions: Vec<Promotion>) {
        self.store.set_rates(&rates_with(promotions)).await.unwrap();
    }

    /// How often a promotion counts as used, by everybody.
    async fn used(&self, code: &str) -> u32 {
        self.store.used(&[UsageCounter::Promotion(code.to_owned())]).await.unwrap()[0]
    }

    async fn drafted(&self, cart: Ask<create_order::Request>) -> Order {
        self.create(cart.draft()).await.unwrap().order
    }

    /// What is told of other sums when a draft is submitted.
    async fn told(&self, id: OrderId) -> TotalChange {
        match self.submit.ask(a_submission(id)).await {
            Err(Error::TotalChanged(change)) => *change,
            other => panic!("{other:?}"),
        }
    }
}

fn coded(cart: Ask<create_order::Request>, code: &str) -> Ask<create_order::Request> {
    cart.with(|request| request.promotion_codes = vec![code.to_owned()])
}

/// A quote of the same cart.
fn a_quote(cart: &Ask<create_order::Request>) -> quote_order::Request {
    quote_order::Request {
        caller: customer("ada"),
        items: cart.part.items.clone(),
        shipping_address: None,
        billing_address: None,
        country: Some("DE".into()),
        shipping_method: None,
        promotion_codes: Vec::new(),
        currency: None,
    }
}

fn half_price() -> Promotion {
    let benefit = Benefit::Percentage { rate: "0.5".parse().unwrap() };
    Promotion { benefit, max_uses: Some(5), ..a_promotion("HALF") }
}

fn total(order: &Order) -> i64 {
    order.totals.total.minor()
}

#[tokio::test]
async fn m1_a_draft_with_a_code_that_has_ended_is_told_the_new_sums_and_may_accept_them() {
    let shop = Shop::selling([a_product(1).priced(10_000).build()]);
    let ends_at = Some(start() + SignedDuration::from_hours(24));
    shop.promoting(vec![Promotion { ends_at, ..half_price() }]).await;
    let draft = shop.drafted(coded(a_cart([(1, 1)]), "half")).await;
    assert_eq!((total(&draft), shop.used("HALF").await), (6_533, 0), "a draft counts no use");
    shop.clock.advance_minutes(2 * MINUTES_PER_DAY);
    let told = shop.told(draft.id).await;
    assert_eq!(told.terms.totals.total.minor(), 12_483);
    assert_eq!(told.lapsed.iter().map(|field| field.pointer.as_str()).collect::<Vec<_>>(), ["/promotion_codes/0"]);
    let old_total = shop.submit.ask(a_submission(draft.id).expecting("65.33")).await;
    assert!(matches!(old_total, Err(Error::TotalChanged(_))), "{old_total:?}");
    assert_eq!(shop.store.order_now(draft.id).status, Status::Draft);
    let order = shop.submit.ask(a_submission(draft.id).expecting("124.83")).await.unwrap().order;
    assert_eq!((order.status, total(&order), order.promotions), (Status::Pending, 12_483, vec![]));
    assert_eq!(shop.used("HALF").await, 0);
}

#[tokio::test]
async fn m1_whatever_a_quote_looks_at_is_looked_at_again() {
    let change: [(&str, fn(&Shop)); 3] = [
        ("price", |shop| shop.store.put_product(a_product(1).priced(2_490).build())),
        ("tax class", |shop| {
            let reduced = Product { tax_class: "reduced".into(), version: 2, ..a_product(1).build() };
            shop.store.put_product(reduced);
        }),
        ("weight", |shop| {
            let heavy = Product { weight_grams: 40_000, version: 2, ..a_product(1).build() };
            shop.store.put_product(heavy);
        }),
    ];
    for (what, change) in change {
        let shop = Shop::open();
        let mut shipping = rates();
        shipping.shipping.methods[0].max_weight_grams = Some(30_000);
        shop.store.set_rates(&shipping).await.unwrap();
        let draft = shop.drafted(a_cart([(1, 1)])).await;
        change(&shop);
        let told = shop.told(draft.id).await;
        assert_ne!(told.terms.totals, draft.totals, "{what}");
        let accepted = cents(told.terms.totals.total.minor()).decimal();
        let order = shop.submit.ask(a_submission(draft.id).expecting(&accepted)).await.unwrap().order;
        assert_eq!(order.totals, told.terms.totals, "{what}");
        assert_eq!(shop.mugs(), (49, 1), "{what}");
    }
}

#[tokio::test]
async fn m1_what_cannot_be_had_any_more_is_refused() {
    let shop = Shop::open();
    let draft = shop.drafted(a_cart([(1, 1)]).with(|cart| cart.shipping_method = Some("express".into()))).await;
    shop.store.put_product(Product { version: 2, ..a_product(1).sold_to(&["FR"]).build() });
    let elsewhere = shop.submit.ask(a_submission(draft.id).expecting("35.46")).await;
    assert!(matches!(elsewhere, Err(Error::ProductsUnavailable { .. })), "{elsewhere:?}");
    shop.store.put_product(Product { version: 3, ..a_product(1).build() });
    let mut slow = rates();
    slow.shipping.methods.retain(|method| method.code != "express");
    shop.store.set_rates(&slow).await.unwrap();
    let Err(Error::Invalid(fields)) = shop.submit.ask(a_submission(draft.id)).await else { panic!("it is refused") };
    assert_eq!(fields[0].pointer, "/shipping_method");
}

#[tokio::test]
async fn m1_an_unchanged_draft_is_submitted_without_a_word() {
    let shop = Shop::open();
    shop.promoting(vec![half_price()]).await;
    let draft = shop.drafted(coded(a_cart([(1, 2)]), "HALF")).await;
    let order = shop.submit.ask(a_submission(draft.id)).await.unwrap().order;
    assert_eq!((order.totals, order.promotions, shop.used("HALF").await), (draft.totals, draft.promotions, 1));
    let stored = shop.store.events(draft.id).await.unwrap();
    let submitted: Record = serde_json::from_str(&stored[1].body).unwrap();
    let Event::Checkout(CheckoutEvent::OrderSubmitted { terms, .. }) = submitted.event else { panic!("{submitted:?}") };
    assert_eq!(terms.unwrap().uses, order.uses);
}

#[tokio::test]
async fn m1_a_code_that_others_used_up_meanwhile_is_told() {
    let shop = Shop::open();
    shop.promoting(vec![Promotion { max_uses: Some(1), ..half_price() }]).await;
    let draft = shop.drafted(coded(a_cart([(1, 1)]), "HALF")).await;
    shop.create(coded(a_cart([(1, 1)]).from(customer("bob")), "HALF")).await.unwrap();
    let told = shop.told(draft.id).await;
    assert_eq!((told.lapsed.len(), told.terms.totals.discount), (1, Amount::ZERO));
}

#[tokio::test]
async fn m1_a_draft_ends_after_seven_days_without_a_message() {
    let shop = Shop::open();
    let draft = shop.drafted(a_cart([(1, 1)])).await;
    shop.clock.advance_minutes(DRAFT_DAYS * MINUTES_PER_DAY - 1);
    assert_eq!(shop.sweep.run("sweep").await.unwrap().expired, 0);
    shop.clock.advance_minutes(1);
    let since = draft.draft_until().unwrap();
    let late = shop.submit.ask(a_submission(draft.id)).await;
    assert_eq!(late, Err(Error::Refused(Refusal::DraftExpired { since })));
    assert_eq!(shop.sweep.run("sweep").await.unwrap().expired, 1);
    assert_eq!(shop.store.order_now(draft.id).status, Status::Cancelled);
    let event = shop.event(draft.id, "order.cancelled").await;
    assert_eq!(oms_domain::messaging::MessageKind::about(&event.data.fact), None);
    let stored = shop.store.events(draft.id).await.unwrap();
    let last: Record = serde_json::from_str(&stored.last().unwrap().body).unwrap();
    let ended = CheckoutEvent::OrderCancelled { reason: CancelReason::DraftExpired, note: None };
    assert_eq!(last.event, Event::Checkout(ended));
}

#[tokio::test]
async fn m3_another_total_than_the_expected_one_is_told_and_nothing_is_ordered() {
    let shop = Shop::open();
    let order = |expected: &str| shop.create(a_cart([(1, 2)]).expecting(expected));
    let Err(Error::TotalChanged(change)) = order("53.18").await else { panic!("it is told") };
    assert_eq!(change.terms.totals.total, Amount::from_minor(5_319));
    let Err(Error::Invalid(fields)) = order("much").await else { panic!("it is refused") };
    assert_eq!((fields[0].pointer.as_str(), shop.mugs()), ("/expected_total", (50, 0)));
    let dollars = a_cart([(1, 2)]).expecting("53.19").with(|cart| cart.seen.currency = Some("USD".into()));
    assert!(matches!(shop.create(dollars).await, Err(Error::PriceChanged(_))));
    assert_eq!(total(&order("53.19").await.unwrap().order), 5_319);
}

/// A warm process, and a product that has changed behind its back in a way that the price does not show.
#[tokio::test]
async fn m3_all_facts_of_a_product_are_conditions_of_the_order() {
    let shop = Shop::open();
    shop.create(a_cart([(1, 1)]).keyed("warm")).await.unwrap();
    let seen = shop.store.product_now(product_id(1));
    let reduced = Product { tax_class: "reduced".into(), version: seen.version + 1, ..seen.clone() };
    shop.store.put_product(reduced.clone());
    let order = shop.create(a_cart([(1, 1)]).keyed("reduced")).await.unwrap().order;
    assert_eq!(order.lines[0].tax, Amount::from_minor(139), "7 % of 19.90");
    shop.store.put_product(Product { regions: vec!["FR".into()], version: reduced.version + 1, ..reduced });
    let refused = shop.create(a_cart([(1, 1)]).keyed("elsewhere")).await;
    assert!(matches!(refused, Err(Error::ProductsUnavailable { .. })), "{refused:?}");
}

#[tokio::test]
async fn m5_uses_come_back_when_the_shop_cancels_a_paid_order_and_when_a_free_one_is_cancelled() {
    let shop = Shop::open();
    shop.promoting(vec![half_price()]).await;
    let order = shop.create(coded(a_cart([(1, 1)]), "HALF")).await.unwrap().order;
    let opened = shop.pay(order.id).await.unwrap();
    shop.called_back(shop.stripe.pay(opened.payment_id, shop.clock.now())).await.unwrap();
    assert_eq!((shop.store.order_now(order.id).status, shop.used("HALF").await), (Status::Confirmed, 1));
    shop.cancelled(admin(), order.id).await.unwrap();
    assert_eq!(shop.used("HALF").await, 0);

    let all = Benefit::Percentage { rate: "1".parse().unwrap() };
    let gift = Promotion { benefit: all, max_uses: Some(1), ..a_promotion("GIFT") };
    let free = Promotion { benefit: Benefit::FreeShipping, automatic: true, ..a_promotion("FREE") };
    shop.promoting(vec![gift, free]).await;
    let order = shop.create(coded(a_cart([(1, 1)]), "GIFT")).await.unwrap().order;
    assert_eq!((order.status, shop.used("GIFT").await), (Status::Confirmed, 1));
    shop.cancelled(customer("ada"), order.id).await.unwrap();
    assert_eq!(shop.used("GIFT").await, 0);
}

#[tokio::test]
async fn m8_the_currency_is_part_of_a_price() {
    let shop = Shop::selling([a_product(1).priced(2_000).build()]);
    let since = Some(start());
    let dollars = Product {
        currency: "USD".parse().unwrap(),
        currency_since: since,
        version: 2,
        ..a_product(1).priced(2_000).build()
    };
    shop.store.put_product(dollars);
    let seen = |key: &str| a_cart([(1, 1)]).seen_at(0, "20.00").keyed(key);
    let in_currency = |key: &str, code: &str| seen(key).with(|cart| cart.seen.currency = Some(code.to_owned()));
    for cart in [seen("none"), in_currency("euro", "EUR")] {
        let Err(Error::PriceChanged(changes)) = shop.create(cart).await else { panic!("the price has changed") };
        assert_eq!(changes[0].current.to_string(), "20.00 USD");
    }
    let total_only = a_cart([(1, 1)]).keyed("total").expecting("30.82");
    assert!(matches!(shop.create(total_only).await, Err(Error::TotalChanged(_))), "of which currency is it?");
    assert!(shop.create(in_currency("dollar", "USD")).await.is_ok());
    let Err(Error::Invalid(fields)) = shop.create(in_currency("none such", "XYZ")).await else { panic!("no currency") };
    assert_eq!(fields[0].pointer, "/currency");
    shop.clock.advance_minutes(DRAFT_DAYS * MINUTES_PER_DAY);
    assert!(shop.create(seen("later")).await.is_ok(), "nobody remembers the old price");
}

#[tokio::test]
async fn m9_two_texts_of_one_amount_are_the_same_price() {
    let shop = Shop::open();
    let twice = |other: &str| a_cart([(1, 1), (1, 1)]).seen_at(0, "19.9").seen_at(1, other);
    assert_eq!(shop.create(twice("19.90")).await.unwrap().order.lines[0].quantity, 2);
    let Err(Error::Invalid(fields)) = shop.create(twice("19.91")).await else { panic!("they differ") };
    assert_eq!(fields[0].pointer, "/items/1/price");
}

#[tokio::test]
async fn m13_who_names_no_method_gets_the_cheapest_everywhere() {
    let shop = Shop::open();
    let mut dear_first = rates();
    dear_first.shipping.methods.reverse();
    shop.store.set_rates(&dear_first).await.unwrap();
    let (orders, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let catalog = CatalogCache::new(orders.clone(), clock.clone());
    let cart = a_cart([(1, 1)]);
    let quotes = QuoteOrder::new(orders, catalog, Offer::default(), clock);
    let quote = quotes.run(a_quote(&cart)).await.unwrap().order.unwrap();
    assert_eq!(quote.shipping_method.as_deref(), Some("standard"));
    assert_eq!(quote.options.iter().map(|option| option.code.as_str()).collect::<Vec<_>>(), ["standard", "express"]);
    let draft = shop.drafted(cart.clone()).await;
    assert_eq!(shop.submit.ask(a_submission(draft.id)).await.unwrap().order.shipping_method, "standard");
    let order = shop.create(cart.keyed("create")).await.unwrap().order;
    assert_eq!((order.shipping_method.as_str(), order.totals), ("standard", quote.totals));
}

/// The second of two attempts knows from a read that there is nothing, and writes nothing.
#[tokio::test]
async fn a5_a_commit_that_a_fresh_read_knows_to_be_short_is_not_sent() {
    let shop = Shop::selling([a_product(1).stocked(1).build(), a_product(2).stocked(0).build()]);
    for number in [1, 2] {
        let wanted = a_cart([(number, 2)]);
        let draft = shop.drafted(wanted.clone().keyed(&format!("draft {number}"))).await;
        let before = shop.store.commits();
        for attempt in 0..3 {
            let refused = shop.create(wanted.clone().keyed(&format!("{number} {attempt}"))).await;
            assert!(matches!(refused, Err(Error::ProductsUnavailable { .. })), "{refused:?}");
            let refused = shop.submit.ask(a_submission(draft.id)).await;
            assert!(matches!(refused, Err(Error::ProductsUnavailable { .. })), "{refused:?}");
        }
        assert_eq!(shop.store.commits(), before);
    }
    shop.store.put_product(a_product(2).stocked(2).build());
    assert!(shop.create(a_cart([(2, 2)])).await.is_ok(), "what the cache says is only a proposal");
}

/// A double click on the last units is told of the first order, also where no transaction is sent.
#[tokio::test]
async fn a5_the_same_cart_is_a_duplicate_also_when_it_has_taken_the_last_units() {
    let shop = Shop::selling([a_product(1).stocked(2).build()]);
    let first = shop.create(a_cart([(1, 2)])).await.unwrap().order;
    for _ in 0..2 {
        assert_eq!(shop.create(a_cart([(1, 2)])).await, Err(Error::DuplicateOrder(first.id)));
    }
    let other = shop.create(a_cart([(1, 1)])).await;
    assert!(matches!(other, Err(Error::ProductsUnavailable { .. })), "{other:?}");
}

#[tokio::test]
async fn m1_an_old_draft_keeps_the_uses_that_were_counted_for_it() {
    let shop = Shop::open();
    shop.promoting(vec![half_price()]).await;
    let order = shop.create(coded(a_cart([(1, 1)]), "HALF")).await.unwrap().order;
    assert_eq!(shop.used("HALF").await, 1);
    let mut old = order.clone();
    (old.status, old.reservation_expires_at, old.draft) = (Status::Draft, None, None);
    shop.store.put_order(old);
    shop.submit.ask(a_submission(order.id)).await.unwrap();
    assert_eq!(shop.used("HALF").await, 1, "not twice");
}

/// Two processes, one warm and one that reads anew: whatever they remember, they change over at the same moment.
#[tokio::test]
async fn m3_a_quote_and_an_order_of_the_same_moment_cost_the_same_while_tables_change() {
    let shop = Shop::selling([a_product(1).priced(1_000).build()]);
    let (orders, clock) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let catalog = CatalogCache::new(orders.clone(), clock.clone());
    let quotes = QuoteOrder::new(orders.clone(), catalog, Offer::default(), clock.clone());
    let settings = ChangeSettings::new(orders, clock, Arc::new(SeededRandom::default()));
    let off = |rate: &str| GivenPromotion {
        code: "SALE".into(),
        kind: "percentage".into(),
        rate: Some(rate.to_owned()),
        automatic: true,
        active: true,
        ..GivenPromotion::default()
    };
    let mut seen = Vec::new();
    for second in 0..400 {
        if [5, 20, 130].contains(&second) {
            let rate = ["0.90", "0.20", "0.50"][seen.len() % 3];
            let table = Given::Promotions(vec![off(rate)]);
            let changed = settings.run(&Intent::by(admin(), "request"), &table).await.unwrap();
            assert_eq!(changed.effective_from, Some(shop.clock.now() + SignedDuration::from_secs(120)));
            seen.push(second);
        }
        if second % 7 == 0 {
            let quote = quotes.run(a_quote(&a_cart([(1, 2)]))).await.unwrap().order.unwrap();
            let key = second.to_string();
            let order = shop.create(a_cart([(1, 2)]).keyed(&key)).await.unwrap().order;
            assert_eq!(order.totals, quote.totals, "after {second} seconds");
            let promised = match second {
                0..140 => 0,
                140..250 => 400,
                _ => 1_000,
            };
            assert_eq!(order.totals.discount.minor(), promised, "after {second} seconds");
            shop.cancelled(admin(), order.id).await.unwrap();
        }
        shop.clock.advance(SignedDuration::from_secs(1));
    }
}
