//! The tables that prices depend on: who may change them, what is refused, and what a change leaves alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::execute::WritePath;
use oms_app::idempotency::Idempotency;
use oms_app::intent::Intent;
use oms_app::ordering::cancel_order::CancelOrder;
use oms_app::ordering::create_order::{self, CreateOrder, Created, Item};
use oms_app::ordering::terms::Seen;
use oms_app::ports::{Setting, SettingRecord, Settings as _, Table, Versioned};
use oms_app::pricing::change_settings::ChangeSettings;
use oms_app::pricing::settings::{
    Given, GivenBracket, GivenCarrierRate, GivenClosed, GivenDispatch, GivenMethod, GivenPromotion, GivenShipping,
    GivenTaxes, GivenWorkingDays,
};
use oms_app::pricing::view_settings::ViewSettings;
use oms_app::{Error, Field};
use oms_domain::actor::Caller;
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::pricing::promotion::PromotionTable;
use oms_testkit::builders::{a_person, a_product, a_promotion, admin, customer, product_id, seller_caller};
use oms_testkit::memory::MemoryStore;
use oms_testkit::{ManualClock, SeededRandom, start};

struct Shop {
    store: MemoryStore,
    clock: ManualClock,
    random: Arc<SeededRandom>,
}

fn shop() -> Shop {
    let store = MemoryStore::stocked([a_product(1).stocked(50).build()]);
    Shop { store, clock: ManualClock::default(), random: Arc::default() }
}

impl Shop {
    async fn put_as(&self, caller: Caller, given: Given, expected_version: Option<u64>) -> Result<Versioned, Error> {
        let clock = Arc::new(self.clock.clone());
        let change = ChangeSettings::new(Arc::new(self.store.clone()), clock, self.random.clone());
        change.run(&Intent { expected_version, ..Intent::by(caller, "request") }, &given).await
    }

    async fn put(&self, given: Given) -> Result<Versioned, Error> {
        self.put_as(admin(), given, None).await
    }

    /// The faults of a table, as `pointer: message`.
    async fn faults(&self, given: Given) -> Vec<String> {
        let told = |field: &Field| format!("{}: {}", field.pointer, field.message);
        match self.put(given).await {
            Err(Error::Invalid(fields)) => fields.iter().map(told).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn view(&self) -> ViewSettings {
        ViewSettings::new(Arc::new(self.store.clone()))
    }

    async fn order(&self, name: &str, key: &str, code: &str) -> Result<Created, Error> {
        let clock = Arc::new(self.clock.clone());
        let catalog = CatalogCache::new(Arc::new(self.store.clone()), clock.clone());
        let create = CreateOrder::new(Arc::new(self.store.clone()), catalog, clock, self.random.clone());
        let person = a_person();
        let request = create_order::Request {
            user_id: None,
            items: vec![Item { product_id: product_id(1), quantity: 1, price: None }],
            contact: person.contact.into_inner(),
            shipping_address: person.shipping_address.into_inner(),
            billing_address: None,
            shipping_method: None,
            promotion_codes: vec![code.to_owned()],
            seen: Seen::default(),
            details: oms_domain::ordering::address::Details::default(),
            draft: false,
        };
        let key = Idempotency { key: key.to_owned(), request: String::new() };
        create.run(&Intent::by(customer(name), "test").keyed(key), request).await
    }
}

fn off(code: &str) -> GivenPromotion {
    let (kind, rate) = ("percentage".to_owned(), Some("0.10".to_owned()));
    GivenPromotion { code: code.into(), kind, rate, active: true, ..GivenPromotion::default() }
}

fn promotions(given: &[GivenPromotion]) -> Given {
    Given::Promotions(given.to_vec())
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn prices(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect()
}

fn taxes(rates: &[(&str, &[(&str, &str)])], included: &[&str]) -> Given {
    Given::Taxes(GivenTaxes {
        rates: rates.iter().map(|(place, rates)| ((*place).to_owned(), prices(rates))).collect(),
        included: included.iter().map(|country| (*country).to_owned()).collect(),
    })
}

fn method(code: &str) -> GivenMethod {
    let prices = prices(&[("EUR", "4.90")]);
    GivenMethod { code: code.into(), name: "Standard".into(), prices, ..GivenMethod::default() }
}

#[tokio::test]
async fn k8_only_admins_see_and_change_the_tables() {
    let shop = shop();
    for caller in [customer("ada"), seller_caller("sally")] {
        let refused = shop.put_as(caller.clone(), promotions(&[]), None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let refused = shop.view().run(&caller, Table::Promotions, None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    assert!(shop.put(promotions(&[])).await.is_ok());
}

#[tokio::test]
async fn k6_a_change_is_on_record_and_what_it_replaced_can_be_read() {
    let shop = shop();
    shop.put(promotions(&[off("ONE")])).await.unwrap();
    shop.clock.advance_minutes(1);
    let second = shop.put(promotions(&[off("TWO")])).await.unwrap();
    assert_eq!(second.version, 3);
    let (now, changes) = shop.view().run(&admin(), Table::Promotions, None).await.unwrap();
    assert_eq!(now, second);
    assert_eq!(changes.iter().map(|record| record.version).collect::<Vec<_>>(), [3, 2]);
    assert_eq!((&changes[1].actor, changes[1].at), (&admin().actor(), start()));
    assert_eq!(changes[0].correlation_id, "request");
    let one = Setting::Promotions(PromotionTable { promotions: vec![a_promotion("ONE")] });
    for (version, setting) in [(1, Table::Promotions.empty()), (2, one), (3, second.setting)] {
        let (shown, _) = shop.view().run(&admin(), Table::Promotions, Some(version)).await.unwrap();
        assert_eq!((shown.setting, shown.version), (setting, version));
    }
    assert_eq!(shop.view().run(&admin(), Table::Promotions, Some(4)).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_change_of_another_version_than_the_seen_one_is_told() {
    let shop = shop();
    shop.put_as(admin(), promotions(&[off("ONE")]), Some(1)).await.unwrap();
    let refused = shop.put_as(admin(), promotions(&[off("TWO")]), Some(1)).await;
    assert_eq!(refused, Err(Error::VersionConflict { current: 2 }));
    // Without a version, whatever it says is replaced; the same again is no change.
    for _ in 0..2 {
        assert_eq!(shop.put(promotions(&[off("TWO")])).await.unwrap().version, 3);
    }
    assert_eq!(shop.store.changes(Table::Promotions, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn every_fault_of_a_promotion_table_is_told_at_once() {
    let fixed = |amount: &str, currency: Option<&str>| GivenPromotion {
        kind: "fixed_amount".into(),
        rate: None,
        amount: Some(text(amount)),
        currency: currency.map(str::to_owned),
        ..off("FIXED")
    };
    let rows = [
        GivenPromotion { rate: Some(text("1.5")), ..off("spring") },
        GivenPromotion { rate: Some(text("0")), ..off("SPRING SALE") },
        GivenPromotion { rate: None, ..off("ONE") },
        GivenPromotion { kind: "gift".into(), ..off("ONE") },
        fixed("5.00", None),
        GivenPromotion { code: "ZERO".into(), ..fixed("0.00", Some("EUR")) },
        GivenPromotion { code: "YEN".into(), ..fixed("5.00", Some("eur")) },
        GivenPromotion { amount: Some(text("1.00")), currency: Some(text("EUR")), ..off("BOTH") },
        GivenPromotion {
            starts_at: Some(text("2026-03-01T00:00:00Z")),
            ends_at: Some(text("2026-03-01T00:00:00Z")),
            ..off("NEVER")
        },
        GivenPromotion {
            starts_at: Some(text("tomorrow")),
            minimum: Some(text("-1")),
            currency: Some(text("EUR")),
            ..off("SOON")
        },
        GivenPromotion { max_uses: Some(0), max_uses_per_customer: Some(0), ..off("NOBODY") },
        GivenPromotion { automatic: true, max_uses: Some(1), ..off("ALWAYS") },
    ];
    let shop = shop();
    insta::assert_snapshot!(shop.faults(promotions(&rows)).await.join("\n"));
    let many: Vec<_> = (0..201).map(|number| off(&format!("CODE{number}"))).collect();
    assert_eq!(shop.faults(promotions(&many)).await, ["/promotions: must have at most 200 entries"]);
    assert!(shop.put(promotions(&many[..200])).await.is_ok());
}

fn methods_only(methods: Vec<GivenMethod>) -> GivenShipping {
    GivenShipping { methods, dispatch: None }
}

#[tokio::test]
async fn every_fault_of_when_a_shop_sends_is_told_at_once() {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let closed = |from: &str, to: &str| GivenClosed { from: from.into(), to: to.into() };
    let given =
        |dispatch| Given::Shipping(GivenShipping { methods: vec![method("standard")], dispatch: Some(dispatch) });
    let wrong = GivenDispatch {
        time_zone: "Berlin".into(),
        until: Some("24:00".into()),
        days: texts(&["monday", "Tuesday", "monday"]),
        closed: vec![closed("2026-12-24", "2026-12-23"), closed("24.12.2026", "2026-02-30")],
    };
    let shop = shop();
    insta::assert_snapshot!(shop.faults(given(wrong)).await.join("\n"));
    for until in ["2:00", "14:00:00", "14:60", "+1:00", "14.00", ""] {
        let wrong = GivenDispatch { time_zone: "UTC".into(), until: Some(until.into()), ..GivenDispatch::default() };
        let faults = shop.faults(given(wrong)).await;
        assert_eq!(faults[0], "/dispatch/until: must be an hour and a minute such as 14:00", "{until}");
    }
    let many = GivenDispatch {
        time_zone: "UTC".into(),
        until: None,
        days: texts(&["sunday"; 8]),
        closed: vec![closed("2026-12-24", "2026-12-24"); 51],
    };
    let told = shop.faults(given(many)).await;
    assert_eq!(told, ["/dispatch/days: must have at most 7 entries"]);
    let right = GivenDispatch {
        time_zone: "Europe/Berlin".into(),
        until: Some("14:00".into()),
        days: texts(&["saturday", "monday"]),
        closed: vec![closed("2027-05-01", "2027-05-01"), closed("2026-12-24", "2027-01-03")],
    };
    assert_eq!(shop.put(given(right)).await.unwrap().version, 2);
}

#[tokio::test]
async fn every_fault_of_a_shipping_table_is_told_at_once() {
    let bracket = |up_to_grams, pairs: &[(&str, &str)]| GivenBracket { up_to_grams, prices: prices(pairs) };
    let days = |from, to| Some(GivenWorkingDays { from, to });
    let rows = [
        GivenMethod {
            name: " ".into(),
            countries: ["DE", "de", "XX", "DE"].map(str::to_owned).into(),
            ..method("next day")
        },
        GivenMethod {
            prices: prices(&[("EUR", "4.901"), ("eur", "4.90"), ("ZZZ", "1"), ("USD", "-1")]),
            ..method("fast")
        },
        GivenMethod { prices: BTreeMap::new(), name: "a\nb".into(), ..method("fast") },
        GivenMethod { working_days: days(0, 1), max_weight_grams: Some(0), ..method("today") },
        GivenMethod {
            carrier_rate: Some(GivenCarrierRate {
                carrier: "Fed Ex".into(),
                service: String::new(),
                empty: Measures { weight_grams: 0, length_mm: 3_001, width_mm: 1, height_mm: 1 },
            }),
            ..method("carried")
        },
        GivenMethod { working_days: days(3, 2), free_from: prices(&[("EUR", "0")]), ..method("back") },
        GivenMethod {
            working_days: days(1, 91),
            max_weight_grams: Some(2_000),
            brackets: vec![
                bracket(0, &[("EUR", "1")]),
                bracket(1_000, &[]),
                bracket(1_000, &[("EUR", "x")]),
                bracket(3_000, &[("EUR", "1")]),
            ],
            ..method("heavy")
        },
    ];
    let shop = shop();
    insta::assert_snapshot!(shop.faults(Given::Shipping(methods_only(rows.into()))).await.join("\n"));
    let without = shop.faults(Given::Shipping(GivenShipping::default())).await;
    assert_eq!(without, ["/methods: must have at least one entry, or nothing can be ordered"]);
    let weighed = GivenMethod {
        prices: BTreeMap::new(),
        brackets: vec![bracket(1_000, &[("EUR", "3.90")]), bracket(2_000, &[("EUR", "0.00"), ("JPY", "500")])],
        max_weight_grams: Some(2_000),
        working_days: days(1, 90),
        ..method("weighed")
    };
    assert_eq!(shop.put(Given::Shipping(methods_only(vec![method("standard"), weighed]))).await.unwrap().version, 2);
}

#[tokio::test]
async fn every_fault_of_a_tax_table_is_told_at_once() {
    let wrong = taxes(
        &[
            ("DE", &[("reduced", "0.07")]),
            ("FR", &[("standard", "1.01"), ("Super/Reduced", "-0.1")]),
            ("IT", &[("standard", "22 %")]),
            ("US-XX", &[("standard", "0.0000001")]),
            ("XX", &[("standard", "0.1")]),
            ("de", &[("standard", "0.1")]),
        ],
        &["CH", "US-NY", "CH"],
    );
    let shop = shop();
    insta::assert_snapshot!(shop.faults(wrong).await.join("\n"));
    let right = taxes(
        &[("US-NY", &[("standard", "0.08875")]), ("DE", &[("standard", "0.19")]), ("IN-MH", &[("standard", "1")])],
        &["DE"],
    );
    assert_eq!(shop.put(right).await.unwrap().version, 2);
}

#[tokio::test]
async fn uses_stay_counted_when_a_promotion_is_removed_changed_and_put_back() {
    let shop = shop();
    let once = GivenPromotion { max_uses: Some(1), ..off("ONCE") };
    let in_force = |given: Given| async {
        shop.put(given).await.unwrap();
        shop.clock.advance_minutes(2);
    };
    in_force(promotions(std::slice::from_ref(&once))).await;
    let first = shop.order("ada", "first", "ONCE").await.unwrap();
    in_force(promotions(&[])).await;
    assert!(matches!(shop.order("bob", "unknown", "ONCE").await, Err(Error::Invalid(_))));
    // Back again: it goes on from where it was, whatever else has changed about it.
    in_force(promotions(&[GivenPromotion { rate: Some(text("0.20")), ..once.clone() }])).await;
    assert!(matches!(shop.order("bob", "used up", "ONCE").await, Err(Error::PromotionUsedUp(_))));
    // An order that is cancelled gives its use back, also while the promotion is not there.
    in_force(promotions(&[])).await;
    let cancel = CancelOrder(WritePath::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone())));
    cancel.run(first.order.id, &Intent::by(customer("ada"), "test"), None, None).await.unwrap();
    in_force(promotions(&[once])).await;
    assert!(shop.order("bob", "free", "ONCE").await.is_ok());
    assert!(matches!(shop.order("eve", "used up", "ONCE").await, Err(Error::PromotionUsedUp(_))));
}

#[test]
fn a_record_is_stored_as_it_always_was() {
    let stored = r#"{"id":"01990000-0000-7000-8000-000000000001","version":2,"actor":{"id":"grace","role":"admin"},"at":"2026-01-05T10:00:00Z","correlation_id":"request"}"#;
    let record: SettingRecord = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&record).unwrap(), stored);
}
