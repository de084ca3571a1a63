//! Quotes and orders of carts with promotions, shipping, taxes and addresses.

use std::sync::Arc;

use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::ordering::cart::CartIssue;
use oms_app::ordering::create_order::{self, CreateOrder, Item};
use oms_app::ordering::terms::Seen;
use oms_app::payments::breaker::Offer;
use oms_app::payments::gateways::Gateways;
use oms_app::platform::sweep::Sweep;
use oms_app::ports::Catalog as _;
use oms_app::pricing::quote_order::{self, QuoteOrder};
use oms_app::{Error, Field};
use oms_domain::catalog::Product;
use oms_domain::money::Amount;
use oms_domain::ordering::{HOLD_MINUTES, Status};
use oms_domain::pricing::promotion::{Benefit, Promotion, Rejection};
use oms_testkit::builders::{a_person, a_product, a_promotion, customer, order_id, product_id, rates_with};
use oms_testkit::memory::MemoryStore;
use oms_testkit::{ManualClock, SeededRandom};

use crate::shop::{Ask, Asked as _};

struct Shop {
    store: MemoryStore,
    clock: ManualClock,
}

async fn shop(products: Vec<Product>, promotions: Vec<Promotion>) -> Shop {
    let store = MemoryStore::stocked(products);
    store.set_rates(&rates_with(promotions)).await.unwrap();
    Shop { store, clock: ManualClock::default() }
}

impl Shop {
    fn catalog(&self) -> CatalogCache {
        CatalogCache::new(Arc::new(self.store.clone()), Arc::new(self.clock.clone()))
    }

    async fn order(&self, cart: Ask<create_order::Request>) -> Result<create_order::Created, Error> {
        let (orders, random) = (Arc::new(self.store.clone()), Arc::new(SeededRandom::default()));
        CreateOrder::new(orders, self.catalog(), Arc::new(self.clock.clone()), random).ask(cart).await
    }

    async fn quote(&self, request: quote_order::Request) -> quote_order::Quote {
        let (orders, clock) = (Arc::new(self.store.clone()), Arc::new(self.clock.clone()));
        QuoteOrder::new(orders, self.catalog(), Offer::default(), clock).run(request).await.unwrap()
    }
}

fn items(wanted: &[(&Product, u32)]) -> Vec<Item> {
    wanted.iter().map(|(product, quantity)| Item { product_id: product.id, quantity: *quantity, price: None }).collect()
}

fn texts(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

fn order_by(name: &str, items: Vec<Item>, codes: &[&str]) -> Ask<create_order::Request> {
    let person = a_person();
    let request = create_order::Request {
        user_id: None,
        items,
        contact: person.contact.into_inner(),
        shipping_address: person.shipping_address.into_inner(),
        billing_address: None,
        shipping_method: None,
        promotion_codes: texts(codes),
        seen: Seen::default(),
        details: oms_domain::ordering::address::Details::default(),
        draft: false,
    };
    Ask::of(order_id(0), request).from(customer(name)).under(name, "")
}

fn quote_of(items: Vec<Item>, codes: &[&str]) -> quote_order::Request {
    quote_order::Request {
        caller: customer("ada"),
        items,
        shipping_address: None,
        billing_address: None,
        country: Some("de".into()),
        shipping_method: None,
        promotion_codes: texts(codes),
        currency: None,
    }
}

fn once_each(code: &str) -> Promotion {
    Promotion { max_uses_per_customer: Some(1), ..a_promotion(code) }
}

#[tokio::test]
async fn a3_a8_an_order_costs_what_its_quote_said() {
    let (mug, bowl) = (a_product(1).build(), a_product(2).priced(333).build());
    let free = Promotion { automatic: true, benefit: Benefit::FreeShipping, ..a_promotion("FREE") };
    let shop = shop(vec![mug.clone(), bowl.clone()], vec![once_each("TEN"), free]).await;
    let wanted = items(&[(&mug, 2), (&bowl, 3)]);
    let quote = shop.quote(quote_of(wanted.clone(), &["ten"])).await;
    assert_eq!(quote.issues, []);
    let priced = quote.order.unwrap();
    let order = shop.order(order_by("ada", wanted, &["ten"])).await.unwrap().order;
    assert_eq!((order.totals, order.lines, order.promotions), (priced.totals, priced.lines, texts(&["TEN", "FREE"])));
    let sums = [order.totals.subtotal, order.totals.discount, order.totals.shipping, order.totals.total];
    assert_eq!(sums.map(Amount::minor), [4979, 498, 0, 5333]);
}

#[tokio::test]
async fn a2_a_quote_names_every_problem_at_once() {
    let mug = a_product(1).stocked(1).build();
    let gone = a_product(2).discontinued().build();
    let elsewhere = a_product(3).sold_to(&["FR"]).build();
    let spare = a_product(4).build();
    let shop = shop(vec![mug.clone(), gone.clone(), elsewhere.clone(), spare.clone()], vec![a_promotion("TEN")]).await;
    let mut wanted = items(&[(&mug, 2), (&gone, 1), (&elsewhere, 1)]);
    wanted.push(Item { product_id: product_id(9), quantity: 1, price: None });
    wanted[0].price = Some("1.00".into());
    let mut address = a_person().shipping_address.into_inner();
    address.postal_code = Some("1".into());
    let request = quote_order::Request {
        shipping_address: Some(address),
        shipping_method: Some("balloon".into()),
        ..quote_of(wanted, &["TEN", "WHAT"])
    };
    let quote = shop.quote(request).await;
    let place = |problem: &CartIssue| match problem {
        CartIssue::Unavailable(refused) => refused.pointer.clone(),
        CartIssue::PriceChanged(change) => change.pointer.clone(),
        CartIssue::Promotion(field, _) | CartIssue::Address(field) | CartIssue::Invalid(field) => field.pointer.clone(),
    };
    assert_eq!(
        quote.issues.iter().map(place).collect::<Vec<_>>(),
        [
            "/shipping_address/postal_code",
            "/items/0/price",
            "/items/1/product_id",
            "/items/2/product_id",
            "/items/3/product_id",
            "/promotion_codes/1",
            "/shipping_method",
            "/items/0/quantity",
        ]
    );
    assert_eq!(quote.alternatives, [spare]);
    assert_eq!(quote.order.unwrap().lines.len(), 1);
    assert_eq!(shop.store.commits(), 0);
}

#[tokio::test]
async fn a_code_that_does_not_apply_is_told_with_its_place() {
    let mug = a_product(1).build();
    let shop = shop(vec![mug.clone()], vec![]).await;
    let refused = shop.order(order_by("ada", items(&[(&mug, 1)]), &["WHAT"])).await.unwrap_err();
    assert_eq!(refused, Error::Invalid(vec![Field::new("/promotion_codes/0", Rejection::Unknown)]));
    let many = shop.order(order_by("ada", items(&[(&mug, 1)]), &["A", "B", "C"])).await.unwrap_err();
    assert!(matches!(many, Error::Invalid(fields) if fields[0].pointer == "/promotion_codes"));
}

#[tokio::test]
async fn a23_an_order_at_a_stale_price_is_drawn_up_again_with_what_the_code_takes_off() {
    let mug = a_product(1).build();
    let shop = shop(vec![mug.clone()], vec![a_promotion("TEN")]).await;
    let (orders, random) = (Arc::new(shop.store.clone()), Arc::new(SeededRandom::default()));
    let create = CreateOrder::new(orders, shop.catalog(), Arc::new(shop.clock.clone()), random);
    create.ask(order_by("ada", items(&[(&mug, 1)]), &["TEN"])).await.unwrap();
    shop.store.put_product(Product { price: Amount::from_minor(3000), ..shop.store.product_now(mug.id) });
    let order = create.ask(order_by("bob", items(&[(&mug, 1)]), &["TEN"])).await.unwrap().order;
    assert_eq!((order.totals.subtotal.minor(), order.totals.discount.minor()), (3000, 300));
}

#[tokio::test]
async fn an_unpaid_order_gives_its_uses_back_at_the_deadline() {
    let mug = a_product(1).build();
    let promotion = Promotion { max_uses: Some(1), ..once_each("TEN") };
    let shop = shop(vec![mug.clone()], vec![promotion]).await;
    let order = shop.order(order_by("ada", items(&[(&mug, 1)]), &["TEN"])).await.unwrap().order;
    let used_up = Error::PromotionUsedUp(Field::new("/promotion_codes/0", Rejection::UsedUp));
    assert_eq!(shop.order(order_by("bob", items(&[(&mug, 1)]), &["TEN"])).await.unwrap_err(), used_up);
    assert_eq!(shop.store.product_now(mug.id).stock.reserved, 1);
    shop.clock.advance_minutes(HOLD_MINUTES);
    let store = Arc::new(shop.store.clone());
    let sweep = Sweep::new(store.clone(), store, Gateways::default(), Arc::new(shop.clock.clone()));
    assert_eq!(sweep.run("test").await.unwrap().expired, 1);
    assert_eq!(shop.store.order_now(order.id).status, Status::Cancelled);
    assert!(shop.order(order_by("bob", items(&[(&mug, 1)]), &["TEN"])).await.is_ok());
}

#[tokio::test]
async fn once_per_customer_is_once_for_each_customer() {
    let mug = a_product(1).build();
    let shop = shop(vec![mug.clone()], vec![once_each("TEN")]).await;
    let order = |name: &str, key: &str| order_by(name, items(&[(&mug, 1)]), &["TEN"]).under(key, "");
    assert!(shop.order(order("ada", "first")).await.is_ok());
    assert!(matches!(shop.order(order("ada", "second")).await, Err(Error::PromotionUsedUp(_))));
    assert!(shop.order(order("bob", "first")).await.is_ok());
}

#[tokio::test]
async fn a13_l2_an_address_is_corrected_or_refused_with_its_faults() {
    let mug = a_product(1).build();
    let shop = shop(vec![mug.clone()], vec![]).await;
    let mut request = order_by("ada", items(&[(&mug, 1)]), &[]);
    request.part.shipping_address.postal_code = Some("101 17".into());
    let created = shop.order(request.clone()).await.unwrap();
    assert_eq!(created.person.unwrap().shipping_address.postal_code.as_deref(), Some("10117"));
    request.intent.caller = customer("bob");
    request.part.shipping_address.country = "US".into();
    let Err(Error::Address(fields)) = shop.order(request).await else { panic!("the address is refused") };
    let places: Vec<&str> = fields.iter().map(|field| field.pointer.as_str()).collect();
    assert_eq!(places, ["/shipping_address/state"]);
}

#[tokio::test]
async fn a2_a23_a_quote_tells_what_is_used_up_and_an_order_leaves_out_what_applied_by_itself() {
    let mug = a_product(1).build();
    let first_two = Promotion { automatic: true, max_uses: Some(2), ..a_promotion("FIRST") };
    let shop = shop(vec![mug.clone()], vec![once_each("TEN"), first_two]).await;
    let wanted = || items(&[(&mug, 1)]);
    let quoted = async |codes: &[&str]| {
        let quote = shop.quote(quote_of(wanted(), codes)).await;
        let applied = quote.order.unwrap().promotions.into_iter().map(|applied| applied.promotion.code);
        (quote.issues, applied.collect::<Vec<_>>())
    };
    assert_eq!(quoted(&["TEN"]).await, (Vec::new(), texts(&["FIRST", "TEN"])));
    shop.order(order_by("ada", wanted(), &["TEN"])).await.unwrap();
    let used_up = CartIssue::Promotion(Field::new("/promotion_codes/0", Rejection::UsedUp), Rejection::UsedUp);
    assert_eq!(quoted(&["TEN"]).await, (vec![used_up], texts(&["FIRST"])));
    shop.order(order_by("bob", wanted(), &[])).await.unwrap();
    assert_eq!(quoted(&[]).await, (Vec::new(), Vec::new()));
    let late = shop.order(order_by("eve", wanted(), &[])).await.unwrap().order;
    assert_eq!((late.promotions, late.totals.discount), (Vec::new(), Amount::ZERO));
}
