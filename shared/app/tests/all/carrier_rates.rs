//! Carriers' prices in quotes, and the orders that are placed at them (G5, A8).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::civil::{date, time};
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::{Limiter, Limits};
use oms_app::fulfilment::carriers::Carriers;
use oms_app::ordering::create_order::{self, CreateOrder, Item};
use oms_app::ordering::submit_order::SubmitOrder;
use oms_app::ordering::terms::Seen;
use oms_app::payments::breaker::Offer;
use oms_app::ports::{Catalog as _, LinkKeys, NoLinkKeys, Rates, Setting};
use oms_app::pricing::carrier_rates::{CarrierRates, LEFT_ALONE_SECONDS};
use oms_app::pricing::quote_order::{self, Quote, QuoteOrder};
use oms_app::{Error, Field};
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::fulfilment::locations::LocationTable;
use oms_domain::money::Amount;
use oms_domain::ordering::Order;
use oms_domain::ordering::address::Address;
use oms_domain::pricing::carrier_rate::OFFER_MINUTES;
use oms_domain::pricing::dispatch::{Closed, Day, Dispatch};
use oms_domain::pricing::promotion::{Benefit, Promotion};
use oms_domain::pricing::shipping::{ShippingMethod, WorkingDays};
use oms_domain::signed_link::KeyRing;
use oms_testkit::builders::{
    BOX_GRAMS, a_carried_method, a_person, a_product, a_promotion, admin, customer, link_keys, order_id, product_id,
    rates_with, set_up, set_up_locations,
};
use oms_testkit::memory::{FakeCarrier, LabelBooks, MemoryStore, Mood, carrier_price};
use oms_testkit::{ManualClock, SeededRandom};

use crate::shop::{Ask, Asked as _};

/// The table's price of what stands for a carrier's service, where none tells another.
const TABLE: i64 = 690;

struct Shop {
    store: MemoryStore,
    clock: ManualClock,
    books: LabelBooks,
    quotes: QuoteOrder,
}

struct NoKeys;

#[async_trait]
impl LinkKeys for NoKeys {
    async fn ring(&self) -> Result<Arc<KeyRing>, NoLinkKeys> {
        Err(NoLinkKeys("the secret cannot be read".into()))
    }
}

fn carried(code: &str, service: &str) -> ShippingMethod {
    let prices = ["EUR", "USD"].map(|currency| (currency.to_owned(), Amount::from_minor(TABLE)));
    let working_days = Some(WorkingDays { from: 2, to: 6 });
    ShippingMethod { prices: prices.into(), working_days, ..a_carried_method(code, "dhl", service) }
}

fn tables() -> Rates {
    let mut rates = rates_with(Vec::new());
    rates.shipping.methods.extend([carried("parcel", "standard"), carried("fast", "express")]);
    rates
}

fn products() -> [Product; 4] {
    let unknown = Product { weight_grams: 0, ..a_product(3).build() };
    let dollars = Product { currency: "USD".parse().unwrap(), ..a_product(4).build() };
    [a_product(1).build(), a_product(2).sold_by("south-glass").build(), unknown, dollars]
}

impl Shop {
    async fn open() -> Self {
        Shop::with(tables(), Limits::NONE, Arc::new(link_keys())).await
    }

    async fn with(rates: Rates, limits: Limits, keys: Arc<dyn LinkKeys>) -> Self {
        let (store, clock) = (MemoryStore::stocked(products()), ManualClock::default());
        store.set_rates(&rates).await.unwrap();
        set_up_locations(&store, oms_testkit::start()).await;
        let books = LabelBooks::default();
        let (settings, time) = (Arc::new(store.clone()), Arc::new(clock.clone()));
        let carriers = Carriers::new(vec![Arc::new(FakeCarrier::selling(&books))]);
        let limiter = Limiter::new(limits, time.clone()).counting(settings.clone());
        let rates = CarrierRates::new(carriers, settings.clone(), keys, limiter, time.clone());
        let rates = rates.waiting(Some(Duration::from_millis(200)));
        let catalog = CatalogCache::new(settings.clone(), time.clone());
        let quotes = QuoteOrder::new(settings, catalog, Offer::default(), time).with_carriers(rates);
        Shop { store, clock, books, quotes }
    }

    async fn quote(&self, request: quote_order::Request) -> Quote {
        self.quotes.run(request).await.unwrap()
    }

    fn catalog(&self) -> CatalogCache {
        CatalogCache::new(Arc::new(self.store.clone()), Arc::new(self.clock.clone()))
    }

    async fn order(&self, request: create_order::Request) -> Result<Order, Error> {
        self.order_with(Arc::new(link_keys()), request).await
    }

    async fn order_with(&self, keys: Arc<dyn LinkKeys>, request: create_order::Request) -> Result<Order, Error> {
        let (orders, time) = (Arc::new(self.store.clone()), Arc::new(self.clock.clone()));
        let create = CreateOrder::new(orders, self.catalog(), time, Arc::new(SeededRandom::default()));
        let create = create.with_limits(Limiter::new(Limits::NONE, Arc::new(self.clock.clone()))).with_link_keys(keys);
        let key = format!("{:?}", request.seen.shipping_rate);
        Ok(create.ask(Ask::of(order_id(0), request).from(customer("ada")).under(&key, "")).await?.order)
    }

    fn asked(&self) -> usize {
        self.books.priced().len()
    }
}

fn items(wanted: &[(u64, u32)]) -> Vec<Item> {
    let item = |&(number, quantity): &(u64, u32)| Item { product_id: product_id(number), quantity, price: None };
    wanted.iter().map(item).collect()
}

fn quote_of(wanted: &[(u64, u32)]) -> quote_order::Request {
    quote_order::Request {
        caller: customer("ada"),
        items: items(wanted),
        shipping_address: Some(a_person().shipping_address.into_inner()),
        billing_address: None,
        country: None,
        shipping_method: Some("parcel".into()),
        promotion_codes: Vec::new(),
        currency: None,
    }
}

fn order_of(wanted: &[(u64, u32)], rate: Option<&String>) -> create_order::Request {
    let person = a_person();
    create_order::Request {
        user_id: None,
        items: items(wanted),
        contact: person.contact.into_inner(),
        shipping_address: person.shipping_address.into_inner(),
        billing_address: None,
        shipping_method: Some("parcel".into()),
        promotion_codes: Vec::new(),
        seen: Seen { shipping_rate: rate.cloned(), ..Seen::default() },
        details: oms_domain::ordering::address::Details::default(),
        draft: false,
    }
}

/// What the method costs, in cents.
fn price(quote: &Quote, code: &str) -> i64 {
    let options = &quote.order.as_ref().unwrap().options;
    options.iter().find(|option| option.code == code).unwrap().price.minor()
}

/// What the carrier takes for so many grams of goods in the box.
fn asked_for(goods: u32) -> i64 {
    carrier_price(490, goods + BOX_GRAMS).minor()
}

fn refused(answer: Result<Order, Error>) -> String {
    match answer {
        Err(Error::Invalid(faults)) => match faults.as_slice() {
            [Field { pointer, message, .. }] if pointer == "/shipping_rate" => message.clone(),
            others => panic!("{others:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn g5_an_order_costs_what_the_carrier_told_its_quote() {
    let shop = Shop::open().await;
    let quote = shop.quote(quote_of(&[(1, 2)])).await;
    assert_eq!((price(&quote, "parcel"), price(&quote, "standard")), (asked_for(800), 490));
    assert_eq!(price(&quote, "fast"), carrier_price(990, 800 + BOX_GRAMS).minor());
    assert_eq!(quote.shipping_rates.keys().collect::<Vec<_>>(), ["fast", "parcel"]);
    let asked = shop.books.priced();
    assert_eq!(asked.len(), 1, "both services with one question");
    let to = &asked[0].to;
    let known = Address {
        city: "Berlin".into(),
        postal_code: Some("10117".into()),
        country: "DE".into(),
        ..Address::default()
    };
    assert_eq!((&to.address, &to.phone, &to.email), (&known, &None, &None), "nobody's name or street");

    let order = shop.order(order_of(&[(1, 2)], quote.shipping_rates.get("parcel"))).await.unwrap();
    let quoted = quote.order.unwrap();
    assert_eq!((order.totals, order.shipping_method.as_str()), (quoted.totals, "parcel"));
    let shown = quoted.options.iter().find(|option| option.code == "parcel").unwrap();
    assert_eq!(order.expected_delivery(), shown.expected, "and comes when it was said");
    assert_eq!(order.delivery.map(|delivery| (delivery.from, delivery.to)), Some((3, 3)));
    assert_eq!(shop.asked(), 1, "an order asks no carrier");
}

#[tokio::test]
async fn g5_who_sends_no_carrier_s_price_pays_the_table_s() {
    let shop = Shop::open().await;
    shop.quote(quote_of(&[(1, 2)])).await;
    let order = shop.order(order_of(&[(1, 2)], None)).await.unwrap();
    assert_eq!(order.totals.shipping.minor(), TABLE);
    assert_eq!(order.delivery.map(|delivery| (delivery.from, delivery.to)), Some((2, 6)));
}

#[tokio::test]
async fn g5_a_price_is_good_for_what_it_was_quoted_for_and_no_longer_than_an_hour() {
    let shop = Shop::open().await;
    let rate = shop.quote(quote_of(&[(1, 2)])).await.shipping_rates.remove("parcel").unwrap();
    let rate = Some(&rate);
    let elsewhere =
        Address { postal_code: Some("80331".into()), city: "Munich".into(), ..order_of(&[], None).shipping_address };
    let same = || order_of(&[(1, 2)], rate);
    let others = [
        order_of(&[(1, 3)], rate),
        order_of(&[(1, 2), (2, 1)], rate),
        order_of(&[(2, 2)], rate),
        order_of(&[(3, 1)], rate),
        create_order::Request { shipping_address: elsewhere, ..same() },
        create_order::Request { shipping_method: Some("fast".into()), ..same() },
        create_order::Request { shipping_method: Some("standard".into()), ..same() },
    ];
    for other in others {
        assert!(refused(shop.order(other).await).starts_with("is over, or was quoted for another cart"));
    }
    let nameless = create_order::Request { shipping_method: None, ..same() };
    assert!(refused(shop.order(nameless).await).starts_with("needs the `shipping_method`"));
    for text in ["", "x", &"A".repeat(38), &"-".repeat(38)] {
        let message = refused(shop.order(order_of(&[(1, 2)], Some(&text.to_owned()))).await);
        assert!(message.starts_with("is "), "{text}: {message}");
    }
    shop.clock.advance(SignedDuration::from_mins(OFFER_MINUTES));
    assert!(refused(shop.order(same()).await).starts_with("is over"));
    assert_eq!(shop.store.product(product_id(1)).await.unwrap().unwrap().stock.reserved, 0, "nothing was ordered");

    let rate = shop.quote(quote_of(&[(1, 2)])).await.shipping_rates.remove("parcel");
    let order = shop.order(order_of(&[(1, 2)], rate.as_ref())).await.unwrap();
    shop.clock.advance(SignedDuration::from_mins(OFFER_MINUTES + 1));
    let again = shop.order(order_of(&[(1, 2)], rate.as_ref())).await.unwrap();
    assert_eq!(again.id, order.id, "a repeat is answered whatever has ended since");
}

#[tokio::test]
async fn g5_a_carrier_that_is_away_keeps_nobody_waiting_twice() {
    let shop = Shop::open().await;
    shop.books.meets(&[Mood::Away]);
    let quote = shop.quote(quote_of(&[(1, 2)])).await;
    assert_eq!((price(&quote, "parcel"), quote.shipping_rates.len(), shop.asked()), (TABLE, 0, 1));
    let quote = shop.quote(quote_of(&[(1, 1)])).await;
    assert_eq!((price(&quote, "parcel"), shop.asked()), (TABLE, 1), "it is left alone for a while");
    shop.clock.advance(SignedDuration::from_secs(LEFT_ALONE_SECONDS));
    let quote = shop.quote(quote_of(&[(1, 2)])).await;
    assert_eq!((price(&quote, "parcel"), shop.asked()), (asked_for(800), 2));
    shop.books.meets(&[Mood::Hangs]);
    let quote = shop.quote(quote_of(&[(1, 5)])).await;
    assert_eq!((price(&quote, "parcel"), shop.asked()), (TABLE, 3), "nobody waits for an answer that does not come");
    shop.clock.advance(SignedDuration::from_secs(LEFT_ALONE_SECONDS));

    let other = quote_order::Request { caller: customer("bob"), ..quote_of(&[(1, 2)]) };
    assert_eq!((price(&shop.quote(other).await, "parcel"), shop.asked()), (asked_for(800), 3), "it is remembered");
    shop.clock.advance(SignedDuration::from_mins(15));
    shop.quote(quote_of(&[(1, 2)])).await;
    assert_eq!(shop.asked(), 4, "and asked again after a quarter of an hour");
}

#[tokio::test]
async fn g5_what_no_carrier_could_price_costs_what_the_table_says() {
    let shop = Shop::open().await;
    let country = quote_order::Request { shipping_address: None, country: Some("DE".into()), ..quote_of(&[(1, 1)]) };
    let address = Address { city: " ".into(), ..a_person().shipping_address.into_inner() };
    let faulty = quote_order::Request { shipping_address: Some(address), ..quote_of(&[(1, 1)]) };
    for request in [country, faulty, quote_of(&[(3, 1)]), quote_of(&[(1, 1), (3, 1)]), quote_of(&[(1, 200)])] {
        let quote = shop.quote(request).await;
        assert_eq!((price(&quote, "parcel"), quote.shipping_rates.len(), shop.asked()), (TABLE, 0, 0));
    }
    // The carrier tells euros, and this is sold in dollars.
    let quote = shop.quote(quote_of(&[(4, 1)])).await;
    assert_eq!((price(&quote, "parcel"), quote.shipping_rates.len(), shop.asked()), (TABLE, 0, 1));
}

#[tokio::test]
async fn g5_a_country_without_postal_codes_has_prices_too() {
    let shop = Shop::open().await;
    let person = a_person().shipping_address.into_inner();
    let address = Address { country: "HK".into(), city: "Hong Kong".into(), postal_code: None, ..person };
    let request = quote_order::Request { shipping_address: Some(address.clone()), ..quote_of(&[(1, 1)]) };
    let quote = shop.quote(request).await;
    assert_eq!((&quote.issues[..], price(&quote, "parcel")), (&[][..], asked_for(400)));
    let rate = quote.shipping_rates.get("parcel");
    let order = create_order::Request { shipping_address: address, ..order_of(&[(1, 1)], rate) };
    assert_eq!(shop.order(order).await.unwrap().totals, quote.order.unwrap().totals);
}

#[tokio::test]
async fn g5_each_seller_sends_a_parcel() {
    let shop = Shop::open().await;
    let quote = shop.quote(quote_of(&[(2, 1), (1, 2)])).await;
    assert_eq!((price(&quote, "parcel"), shop.asked()), (asked_for(800) + asked_for(400), 2));
    let order = shop.order(order_of(&[(1, 2), (2, 1)], quote.shipping_rates.get("parcel"))).await.unwrap();
    assert_eq!(order.totals.shipping.minor(), asked_for(800) + asked_for(400), "whatever the order of its lines");
    shop.books.meets(&[Mood::Sells, Mood::Away]);
    let quote = shop.quote(quote_of(&[(2, 3), (1, 4)])).await;
    assert_eq!((price(&quote, "parcel"), quote.shipping_rates.len()), (TABLE, 0), "all of it, or none");
}

#[tokio::test]
async fn g5_a_customer_has_carriers_asked_so_often_in_an_hour() {
    let limits = Limits { carrier_rates_per_hour: 2, ..Limits::NONE };
    let shop = Shop::with(tables(), limits, Arc::new(link_keys())).await;
    let asked = async |caller: Caller, quantity: u32| {
        let quote = shop.quote(quote_order::Request { caller, ..quote_of(&[(1, quantity)]) }).await;
        (price(&quote, "parcel") != TABLE, shop.asked())
    };
    assert_eq!(asked(customer("ada"), 1).await, (true, 1));
    assert_eq!(asked(customer("ada"), 2).await, (true, 2));
    assert_eq!(asked(customer("ada"), 3).await, (false, 2), "the table's price, and no refusal");
    assert_eq!(asked(customer("ada"), 2).await, (true, 2), "what is remembered is free");
    assert_eq!(asked(customer("bob"), 3).await, (true, 3));
    for quantity in 4..9 {
        assert!(asked(admin(), quantity).await.0);
    }
    shop.clock.advance(SignedDuration::from_hours(1));
    assert!(asked(customer("ada"), 9).await.0);
}

#[tokio::test]
async fn g5_a_price_that_could_not_be_ordered_at_is_not_shown() {
    let shop = Shop::with(tables(), Limits::NONE, Arc::new(NoKeys)).await;
    let quote = shop.quote(quote_of(&[(1, 2)])).await;
    assert_eq!((price(&quote, "parcel"), quote.shipping_rates.len()), (TABLE, 0));
    let shop = Shop::open().await;
    let rate = shop.quote(quote_of(&[(1, 2)])).await.shipping_rates.remove("parcel");
    let answer = shop.order_with(Arc::new(NoKeys), order_of(&[(1, 2)], rate.as_ref())).await;
    assert!(matches!(answer, Err(Error::ServiceUnavailable(_))), "{answer:?}");
    let order = shop.order_with(Arc::new(NoKeys), order_of(&[(1, 2)], None)).await.unwrap();
    assert_eq!(order.totals.shipping.minor(), TABLE, "who sends none needs no key");

    let nowhere = Shop::open().await;
    set_up(&nowhere.store, Setting::Locations(LocationTable::default()), oms_testkit::start()).await;
    nowhere.clock.advance(SignedDuration::from_mins(3));
    let quote = nowhere.quote(quote_of(&[(1, 2)])).await;
    assert_eq!((price(&quote, "parcel"), nowhere.asked()), (TABLE, 0), "nobody knows where it leaves");
}

#[tokio::test]
async fn g5_free_is_free_whatever_a_carrier_takes() {
    let free = Promotion { benefit: Benefit::FreeShipping, ..a_promotion("FREE") };
    let mut rates = rates_with(vec![free]);
    let generous = ShippingMethod {
        free_from: [("EUR".to_owned(), Amount::from_minor(5_000))].into(),
        ..carried("parcel", "standard")
    };
    rates.shipping.methods.push(generous);
    let shop = Shop::with(rates, Limits::NONE, Arc::new(link_keys())).await;
    let quote = shop.quote(quote_of(&[(1, 3)])).await;
    assert_eq!(price(&quote, "parcel"), 0, "goods of 59.70");
    let request = quote_order::Request { promotion_codes: vec!["FREE".into()], ..quote_of(&[(1, 1)]) };
    let quote = shop.quote(request).await;
    assert_eq!(price(&quote, "parcel"), 0);
    let rate = quote.shipping_rates.get("parcel");
    let with_code = create_order::Request { promotion_codes: vec!["FREE".into()], ..order_of(&[(1, 1)], rate) };
    assert_eq!(shop.order(with_code).await.unwrap().totals, quote.order.unwrap().totals);
}

#[tokio::test]
async fn g5_a_draft_is_submitted_at_the_carrier_s_price_of_then() {
    let shop = Shop::open().await;
    let rate = shop.quote(quote_of(&[(1, 2)])).await.shipping_rates.remove("parcel");
    let draft = create_order::Request { draft: true, ..order_of(&[(1, 2)], rate.as_ref()) };
    let draft = shop.order(draft).await.unwrap();
    assert_eq!(draft.totals.shipping.minor(), asked_for(800));
    let (orders, time) = (Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    let submit = SubmitOrder::new(orders, shop.catalog(), time).with_link_keys(Arc::new(link_keys()));
    let seen = |rate: Option<&String>| Seen { shipping_rate: rate.cloned(), ..Seen::default() };
    let submitted = async |seen: Seen| {
        let intent = oms_app::intent::Intent::by(customer("ada"), "test");
        submit.run(draft.id, &intent, &seen).await.map(|shown| shown.order)
    };
    let changed = submitted(seen(None)).await;
    assert!(matches!(changed, Err(Error::TotalChanged(_))), "the table's price is another total: {changed:?}");
    shop.clock.advance(SignedDuration::from_hours(2));
    assert!(refused(submitted(seen(rate.as_ref())).await).starts_with("is over"));
    let rate = shop.quote(quote_of(&[(1, 2)])).await.shipping_rates.remove("parcel");
    assert_eq!(submitted(seen(rate.as_ref())).await.unwrap().totals, draft.totals);
}

#[tokio::test]
async fn a8_parcels_leave_when_the_shop_sends() {
    let mut rates = tables();
    let open = |closed| Dispatch {
        time_zone: "Europe/Berlin".into(),
        until: Some(time(12, 0, 0, 0)),
        days: vec![Day::Monday, Day::Wednesday],
        closed,
    };
    rates.shipping.dispatch = Some(open(Vec::new()));
    let shop = Shop::with(rates.clone(), Limits::NONE, Arc::new(link_keys())).await;
    // A Tuesday.
    shop.clock.set("2026-03-03T12:00:00Z".parse().unwrap());
    let quote = shop.quote(quote_of(&[(1, 1)])).await;
    assert_eq!(
        shop.books.priced()[0].ship_date,
        date(2026, 3, 4),
        "the carrier is asked for the day on which it leaves"
    );
    let expected = |quote: &Quote, code: &str| {
        let options: BTreeMap<&str, _> = quote
            .order
            .as_ref()
            .unwrap()
            .options
            .iter()
            .map(|option| (option.code.as_str(), option.expected))
            .collect();
        options[code]
    };
    assert_eq!(expected(&quote, "parcel"), Some((date(2026, 3, 9), date(2026, 3, 9))), "three working days on");
    let order = shop.order(order_of(&[(1, 1)], None)).await.unwrap();
    assert_eq!(order.expected_delivery(), Some((date(2026, 3, 6), date(2026, 3, 12))), "two to six after Wednesday");

    rates.shipping.dispatch = Some(open(vec![Closed { from: date(2026, 3, 4), to: date(2026, 3, 15) }]));
    let shop = Shop::with(rates, Limits::NONE, Arc::new(link_keys())).await;
    shop.clock.set("2026-03-03T12:00:00Z".parse().unwrap());
    let quote = shop.quote(quote_of(&[(1, 1)])).await;
    assert_eq!((price(&quote, "parcel"), shop.asked()), (TABLE, 0), "no carrier tells prices for the 16th yet");
    assert_eq!(expected(&quote, "parcel"), Some((date(2026, 3, 18), date(2026, 3, 24))));
}
