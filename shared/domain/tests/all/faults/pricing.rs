//! Taxes, shipping and promotions by where goods go and what they are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use oms_domain::ids::ProductId;
use oms_domain::money::{Amount, Currency};
use oms_domain::ordering::address::Destination;
use oms_domain::pricing::promotion::{Benefit, Goods, Outcome, Promotion, PromotionTable, Rejection};
use oms_domain::pricing::shipping::{Parcel, ShippingMethod, ShippingTable};
use oms_domain::pricing::zone::Zone;
use oms_domain::pricing::{Item, TaxTable, Totals};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

fn percent(percent: i64) -> Decimal {
    Decimal::new(percent, 2)
}

fn table(rows: &[(&str, &[(&str, i64)])], included: &[&str]) -> TaxTable {
    let classes = |classes: &[(&str, i64)]| {
        classes.iter().map(|(class, rate)| ((*class).to_owned(), percent(*rate))).collect::<BTreeMap<_, _>>()
    };
    TaxTable {
        rates: rows.iter().map(|(place, rates)| ((*place).to_owned(), classes(rates))).collect(),
        included: included.iter().map(|country| (*country).to_owned()).collect(),
    }
}

fn to(country: &str, state: Option<&str>, postal_code: Option<&str>) -> Destination {
    Destination { country: country.into(), state: state.map(Into::into), postal_code: postal_code.map(Into::into) }
}

fn item(price: i64, discount: i64, tax_class: &str) -> Item<'_> {
    Item { quantity: 1, price: Amount::from_minor(price), discount: Amount::from_minor(discount), tax_class }
}

fn tax(table: &TaxTable, items: &[Item<'_>], shipping: i64) -> i64 {
    let shipping = Amount::from_minor(shipping);
    Totals::of(items, shipping, &table.assess(items, shipping, &to("DE", None, None))).tax.minor()
}

#[test]
fn m6_shipping_bears_the_rates_of_the_goods_in_proportion() {
    let german = table(&[("DE", &[("standard", 19), ("reduced", 7)])], &[]);
    assert_eq!(tax(&german, &[item(10_000, 0, "reduced")], 4_000), 980);
    assert_eq!(tax(&german, &[item(10_000, 0, "standard")], 4_000), 2_660);
    // 40.00 in the proportion 3 : 1 is 30.00 at 7 % and 10.00 at 19 %.
    assert_eq!(tax(&german, &[item(7_500, 0, "reduced"), item(2_500, 0, "standard")], 4_000), 525 + 475 + 210 + 190);
    // After the discount the goods are worth the same.
    assert_eq!(
        tax(&german, &[item(5_000, 2_500, "reduced"), item(2_500, 0, "standard")], 4_000),
        175 + 475 + 140 + 380
    );
    // Given away, they still say what is sent; without any worth, shipping is what it is.
    assert_eq!(tax(&german, &[item(5_000, 5_000, "reduced")], 1_000), 70);
    assert_eq!(tax(&german, &[item(0, 0, "reduced")], 1_000), 190);
    let own = table(&[("DE", &[("standard", 19), ("reduced", 7), ("shipping", 0)])], &[]);
    assert_eq!(tax(&own, &[item(10_000, 0, "reduced")], 4_000), 700);
    let gross = table(&[("DE", &[("standard", 19), ("reduced", 7)])], &["DE"]);
    assert_eq!(tax(&gross, &[item(10_700, 0, "reduced")], 4_280), 700 + 280);
}

proptest! {
    #[test]
    fn m6_every_minor_unit_of_shipping_is_taxed_once(
        goods in proptest::collection::vec((0_i64..1_000_000, 0_usize..3), 1..50), shipping in 0_i64..100_000, rate in 0_i64..40,
    ) {
        // At one rate for all classes it does not matter how shipping is split.
        let same = table(&[("DE", &[("standard", rate), ("reduced", rate), ("none", rate)])], &[]);
        let classes = ["standard", "reduced", "none"];
        let items: Vec<Item<'_>> = goods.iter().map(|(price, class)| item(*price, 0, classes[*class])).collect();
        let amount = Amount::from_minor(shipping);
        let taxes = same.assess(&items, amount, &to("DE", None, None));
        prop_assert_eq!(taxes.shipping, amount.times_rate(percent(rate)));
        // At several rates it stays between the lowest and the highest, but for one rounding each.
        let several = table(&[("DE", &[("standard", 19), ("reduced", 7), ("none", 0)])], &[]);
        let taxes = several.assess(&items, amount, &to("DE", None, None));
        prop_assert!(taxes.shipping.minor() >= 0 && taxes.shipping.minor() <= amount.times_rate(percent(19)).minor() + 3);
    }
}

#[test]
fn m10_states_are_compared_whatever_their_case() {
    let brazil = table(&[("BR-SP", &[("standard", 18)]), ("BR", &[("standard", 12)])], &[]);
    let rate = |state| brazil.rate(&to("BR", state, None), "standard");
    for state in ["SP", "sp", "Sp"] {
        assert_eq!(rate(Some(state)), percent(18), "{state}");
    }
    assert_eq!(rate(None), percent(12));
}

#[test]
fn m10_a_state_that_the_tables_of_its_country_do_not_know_is_told() {
    let states =
        table(&[("BR-SP", &[("standard", 18)]), ("US-NY", &[("standard", 8)]), ("DE", &[("standard", 19)])], &[]);
    assert!(states.cannot_place(&to("BR", Some("S\u{e3}o Paulo"), None)));
    assert!(states.cannot_place(&to("BR", None, None)), "and no rate of Brazil's says what holds without one");
    assert!(!states.cannot_place(&to("BR", Some("sp"), None)));
    assert!(
        !states.cannot_place(&to("US", Some("CA"), None)),
        "a state that is known here and has no rate is not taxed"
    );
    for elsewhere in [to("DE", Some("Berlin"), None), to("FR", Some("x"), None)] {
        assert!(!states.cannot_place(&elsewhere), "{elsewhere:?}");
    }
    let with_country = table(&[("BR-SP", &[("standard", 18)]), ("BR", &[("standard", 12)])], &[]);
    assert!(!with_country.cannot_place(&to("BR", None, None)));
    assert!(with_country.cannot_place(&to("BR", Some("x"), None)));
}

#[test]
fn i14_islands_and_enclaves_have_taxes_and_carriers_of_their_own() {
    let taxes = table(
        &[
            ("ES", &[("standard", 21)]),
            ("ES:35", &[("standard", 0)]),
            ("ES:38000-38999", &[("standard", 0)]),
            ("DE", &[("standard", 19)]),
            ("DE:78266", &[("standard", 0)]),
            ("FR", &[("standard", 20)]),
            ("FR:97100-97499", &[("standard", 8)]),
            ("GB:BT", &[("standard", 20)]),
        ],
        &[],
    );
    for (country, code, rate) in [
        ("ES", "28013", 21),
        ("ES", "35001", 0),
        ("ES", "38999", 0),
        ("DE", "78266", 0),
        ("DE", "78267", 19),
        ("FR", "97400", 8),
        ("FR", "97500", 20),
        ("GB", "BT1 5GS", 20),
        ("GB", "SW1A 1AA", 0),
        ("IT", "35001", 0),
    ] {
        assert_eq!(taxes.rate(&to(country, None, Some(code)), "standard"), percent(rate), "{country} {code}");
    }
    assert_eq!(taxes.rate(&to("ES", None, None), "standard"), percent(21));
    let method = |code: &str, countries: &[&str], zones: &[&str], except: &[&str]| -> ShippingMethod {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let json = serde_json::json!({
            "code": code, "name": code, "countries": texts(countries), "zones": texts(zones), "except": texts(except),
            "prices": {"EUR": 490},
        });
        serde_json::from_value(json).unwrap()
    };
    let table = ShippingTable {
        methods: vec![
            method("mainland", &["ES", "FR"], &[], &["ES:35", "ES:38", "FR:97"]),
            method("islands", &[], &["ES:35", "ES:38"], &[]),
        ],
        dispatch: None,
    };
    let offered = |country, code| {
        let destination = to(country, None, code);
        let currency: Currency = "EUR".parse().unwrap();
        let parcel = Parcel {
            destination: &destination,
            currency,
            weight_grams: 1,
            value: Amount::ZERO,
            carrier_prices: &BTreeMap::new(),
        };
        table.offers(&parcel).into_iter().map(|(method, _)| method.code.clone()).collect::<Vec<_>>()
    };
    assert_eq!(offered("ES", Some("28013")), ["mainland"]);
    assert_eq!(offered("ES", Some("35001")), ["islands"]);
    assert_eq!(offered("FR", Some("97400")), Vec::<String>::new());
    assert_eq!(offered("ES", None), ["mainland"]);
    for bad in ["ES", "ES:", "ES:35-3", "ES:36-35", "ES:3 5", "ES:\u{663}", "ES:35-36-37", "ES:12345678901"] {
        assert_eq!(Zone::parse(bad), None, "{bad}");
    }
}

fn promotion(code: &str, benefit: Benefit) -> Promotion {
    let json = serde_json::json!({"code": code, "kind": "free_shipping", "active": true});
    Promotion { benefit, ..serde_json::from_value(json).unwrap() }
}

fn off(code: &str, rate: i64) -> Promotion {
    promotion(code, Benefit::Percentage { rate: percent(rate) })
}

fn product(number: u64) -> ProductId {
    ProductId::new(Uuid::from_u64_pair(0, number))
}

/// A mug of the kitchen for 20.00 and a book for 30.00.
fn applied(promotions: Vec<Promotion>, codes: &[&str]) -> Outcome {
    let goods = [(1, "kitchen", 2_000), (2, "books", 3_000)].map(|(number, category, minor)| Goods {
        product_id: product(number),
        category,
        subtotal: Amount::from_minor(minor),
    });
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    let now: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
    PromotionTable { promotions }.apply(&codes, &goods, "EUR".parse().unwrap(), now)
}

fn discounts(outcome: &Outcome) -> Vec<i64> {
    outcome.line_discounts.iter().map(|discount| discount.minor()).collect()
}

#[test]
fn m17_free_shipping_can_name_the_methods() {
    let free = |methods: &[&str]| Promotion {
        automatic: true,
        shipping_methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        ..promotion("FREE", Benefit::FreeShipping)
    };
    let some = applied(vec![free(&["standard"])], &[]);
    assert!(some.ships_free("standard") && !some.ships_free("express"));
    let all = applied(vec![free(&[])], &[]);
    assert!(all.ships_free("standard") && all.ships_free("express"));
}

#[test]
fn m17_a_promotion_can_name_products_and_categories() {
    let kitchen = Promotion { categories: vec!["kitchen".into()], ..off("K", 10) };
    assert_eq!(discounts(&applied(vec![kitchen.clone()], &["K"])), [200, 0]);
    let book = Promotion { products: vec![product(2)], ..off("B", 10) };
    assert_eq!(discounts(&applied(vec![book.clone(), kitchen.clone()], &["B", "K"])), [200, 300]);
    let garden = Promotion { categories: vec!["garden".into()], ..off("G", 10) };
    assert_eq!(applied(vec![garden], &["G"]).rejected, [(0, Rejection::OtherGoods)]);
    let currency: Currency = "EUR".parse().unwrap();
    let minimum = Amount::from_minor(2_500);
    let dear = Promotion { minimum, currency: Some(currency), ..kitchen };
    assert_eq!(applied(vec![dear], &["K"]).rejected, [(0, Rejection::MinimumNotMet { minimum, currency })]);
}

#[test]
fn m17_a_percentage_can_have_a_cap() {
    let capped = Promotion { maximum: Some(Amount::from_minor(700)), currency: "EUR".parse().ok(), ..off("TEN", 50) };
    assert_eq!(discounts(&applied(vec![capped.clone()], &["TEN"])).iter().sum::<i64>(), 700);
    let small = Promotion { maximum: Some(Amount::from_minor(99_999)), ..capped };
    assert_eq!(discounts(&applied(vec![small], &["TEN"])).iter().sum::<i64>(), 2_500);
}

#[test]
fn m17_an_exclusive_promotion_applies_alone() {
    let alone = |code: &str, rate| Promotion { exclusive: true, ..off(code, rate) };
    let automatic = |promotion: Promotion| Promotion { automatic: true, ..promotion };
    let codes = |outcome: &Outcome| -> Vec<String> {
        outcome.applied.iter().map(|applied| applied.promotion.code.clone()).collect()
    };
    let table = || vec![alone("ALONE", 30), off("TEN", 10), automatic(off("AUTO", 5))];
    let first = applied(table(), &["ALONE", "TEN"]);
    assert_eq!((codes(&first), first.rejected), (vec!["ALONE".to_owned()], vec![(1, Rejection::NotCombinable)]));
    let second = applied(table(), &["TEN", "ALONE"]);
    assert_eq!((codes(&second).len(), second.rejected), (2, vec![(1, Rejection::NotCombinable)]));
    let table = || vec![automatic(alone("SALE", 30)), automatic(off("AUTO", 5)), off("TEN", 10)];
    assert_eq!(codes(&applied(table(), &[])), ["SALE"]);
    assert_eq!(codes(&applied(table(), &["TEN"])), ["AUTO", "TEN"]);
}

#[test]
fn m11_tables_in_whole_forints_still_price_orders_in_forints() {
    let json = r#"{"methods":[{"code":"posta","name":"Posta","prices":{"HUF":1490}}]}"#;
    let table: ShippingTable = serde_json::from_str(json).unwrap();
    let destination = to("HU", None, None);
    let price = |currency: Currency| {
        let parcel = Parcel {
            destination: &destination,
            currency,
            weight_grams: 1,
            value: Amount::ZERO,
            carrier_prices: &BTreeMap::new(),
        };
        table.offers(&parcel).first().map(|(_, price)| price.minor())
    };
    assert_eq!(price("HUF".parse().unwrap()), Some(149_000));
    assert_eq!(price(Currency::from_stored("HUF").unwrap()), Some(1_490));
    assert_eq!(serde_json::to_string(&table).unwrap(), json);
}
