use super::*;
use proptest::prelude::*;

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

fn now() -> Timestamp {
    "2025-12-01T10:00:00Z".parse().unwrap()
}

fn promotion(code: &str, benefit: Benefit) -> Promotion {
    Promotion {
        code: code.into(),
        automatic: false,
        benefit,
        currency: matches!(benefit, Benefit::FixedAmount { .. }).then(eur),
        minimum: Amount::ZERO,
        starts_at: None,
        ends_at: None,
        max_uses: None,
        max_uses_per_customer: None,
        maximum: None,
        shipping_methods: Vec::new(),
        products: Vec::new(),
        categories: Vec::new(),
        exclusive: false,
        active: true,
    }
}

fn percent(code: &str, percent: i64) -> Promotion {
    promotion(code, Benefit::Percentage { rate: Decimal::new(percent, 2) })
}

fn off(code: &str, minor: i64) -> Promotion {
    promotion(code, Benefit::FixedAmount { amount: Amount::from_minor(minor) })
}

fn applied(promotions: Vec<Promotion>, codes: &[&str], lines: &[i64]) -> Outcome {
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    PromotionTable { promotions }.apply(&codes, &goods(lines), eur(), now())
}

fn goods(lines: &[i64]) -> Vec<Goods<'static>> {
    let line = |minor: &i64| Goods {
        product_id: ProductId::new(uuid::Uuid::nil()),
        category: "kitchen",
        subtotal: Amount::from_minor(*minor),
    };
    lines.iter().map(line).collect()
}

fn minors(amounts: &[Amount]) -> Vec<i64> {
    amounts.iter().map(|amount| amount.minor()).collect()
}

#[test]
fn percentages_come_before_amounts_whatever_the_order_of_the_codes() {
    let table = || vec![off("FIVE", 500), percent("TEN", 10), promotion("FREE", Benefit::FreeShipping)];
    let outcome = applied(table(), &["five", "FREE", " ten "], &[6_000, 4_000]);
    let order: Vec<&str> = outcome.applied.iter().map(|applied| applied.promotion.code.as_str()).collect();
    assert_eq!(order, ["TEN", "FIVE", "FREE"]);
    assert_eq!(minors(&outcome.line_discounts), [900, 600]);
    assert!(outcome.free_shipping && outcome.rejected.is_empty());
    assert_eq!(outcome, applied(table(), &["ten", "FREE", "five"], &[6_000, 4_000]));
}

#[test]
fn an_order_never_costs_less_than_nothing() {
    let outcome = applied(vec![off("FIVE", 500), off("SIX", 600)], &["FIVE", "SIX"], &[300, 400]);
    assert_eq!(minors(&outcome.line_discounts), [300, 400]);
    let taken: Vec<i64> = outcome.applied.iter().map(|applied| applied.discount.minor()).collect();
    assert_eq!(taken, [500, 200]);
}

#[test]
fn automatic_promotions_apply_by_themselves_and_only_where_they_fit() {
    let automatic = Promotion { automatic: true, minimum: Amount::from_minor(10_000), ..percent("BIG", 10) };
    assert!(applied(vec![automatic.clone()], &[], &[9_999]).applied.is_empty());
    assert_eq!(minors(&applied(vec![automatic.clone()], &[], &[10_000]).line_discounts), [1_000]);
    assert_eq!(minors(&applied(vec![automatic], &["BIG"], &[10_000]).line_discounts), [1_000]);
}

#[test]
fn every_code_that_does_not_apply_says_why() {
    let (before, after) = (now() - jiff::SignedDuration::from_secs(1), now() + jiff::SignedDuration::from_secs(1));
    let dollars = "USD".parse().unwrap();
    let table = vec![
        Promotion { starts_at: Some(after), ..percent("SOON", 10) },
        Promotion { starts_at: Some(now()), ends_at: Some(after), ..percent("NOW", 10) },
        Promotion { ends_at: Some(now()), starts_at: Some(before), ..percent("OVER", 10) },
        Promotion { minimum: Amount::from_minor(101), currency: Some(eur()), ..percent("BIG", 10) },
        Promotion { currency: Some(dollars), ..off("DOLLARS", 10) },
        Promotion { active: false, ..percent("OFF", 10) },
    ];
    let outcome = applied(table, &["SOON", "NOW", "OVER", "BIG", "DOLLARS", "OFF", "WHAT", "now"], &[100]);
    assert_eq!(
        outcome.rejected,
        [
            (0, Rejection::Unknown),
            (2, Rejection::Ended(now())),
            (3, Rejection::MinimumNotMet { minimum: Amount::from_minor(101), currency: eur() }),
            (4, Rejection::OtherCurrency(dollars)),
            (5, Rejection::Unknown),
            (6, Rejection::Unknown),
            (7, Rejection::Repeated),
        ]
    );
    assert_eq!(outcome.rejected[2].1.to_string(), "needs a minimum order of 1.01 EUR");
    assert_eq!(minors(&outcome.line_discounts), [10]);
}

#[test]
fn only_limited_promotions_are_counted() {
    let limited = Promotion { max_uses: Some(10), max_uses_per_customer: Some(1), ..percent("TEN", 10) };
    let outcome = applied(vec![limited, percent("FREE4ALL", 5)], &["TEN", "FREE4ALL"], &[100]);
    let limits: Vec<(Use, u32)> = outcome.applied.iter().flat_map(Applied::limits).collect();
    let of = |of| Use { code: "TEN".into(), of };
    assert_eq!(limits, [(of(UseLimit::Total), 10), (of(UseLimit::Customer), 1)]);
}

#[test]
fn the_stored_form_of_a_promotion() {
    let stored = serde_json::to_string(&Promotion { max_uses: Some(10), ..percent("TEN", 10) }).unwrap();
    assert_eq!(
        stored,
        r#"{"code":"TEN","automatic":false,"kind":"percentage","rate":"0.10","max_uses":10,"active":true}"#
    );
    let free: Promotion = serde_json::from_str(r#"{"code":"FREE","kind":"free_shipping","active":true}"#).unwrap();
    assert_eq!(free, promotion("FREE", Benefit::FreeShipping));
}

fn any_promotion() -> impl Strategy<Value = Promotion> {
    let benefit = prop_oneof![
        (1_i64..=100).prop_map(|percent| Benefit::Percentage { rate: Decimal::new(percent, 2) }),
        (1_i64..2_000_000).prop_map(|minor| Benefit::FixedAmount { amount: Amount::from_minor(minor) }),
        Just(Benefit::FreeShipping),
    ];
    (benefit, any::<bool>(), any::<bool>()).prop_map(|(benefit, automatic, dollars)| {
        let currency = if dollars { "USD" } else { "EUR" }.parse().ok();
        Promotion { automatic, currency, ..promotion("", benefit) }
    })
}

fn numbered(promotions: Vec<Promotion>) -> Vec<Promotion> {
    let named = promotions.into_iter().enumerate();
    named.map(|(number, promotion)| Promotion { code: format!("P{number}"), ..promotion }).collect()
}

proptest! {
    #[test]
    fn not_a_cent_is_lost_or_made_and_no_line_goes_below_zero(
        lines in proptest::collection::vec(0_i64..10_000_000, 1..90),
        promotions in proptest::collection::vec(any_promotion(), 0..8),
    ) {
        let promotions = numbered(promotions);
        let codes: Vec<String> = promotions.iter().map(|promotion| promotion.code.clone()).collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let outcome = applied(promotions, &codes, &lines);
        let taken: i64 = outcome.applied.iter().map(|applied| applied.discount.minor()).sum();
        let spread: i64 = minors(&outcome.line_discounts).iter().sum();
        prop_assert_eq!(taken, spread);
        for (line, discount) in lines.iter().zip(minors(&outcome.line_discounts)) {
            prop_assert!((0..=*line).contains(&discount));
        }
    }

    #[test]
    fn currencies_never_mix(
        lines in proptest::collection::vec(0_i64..10_000_000, 1..20),
        promotions in proptest::collection::vec(any_promotion(), 0..8),
    ) {
        let promotions = numbered(promotions);
        let own: Vec<Promotion> =
            promotions.iter().filter(|promotion| promotion.currency == Some(eur())).cloned().collect();
        let codes: Vec<String> = own.iter().map(|promotion| promotion.code.clone()).collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        prop_assert_eq!(applied(promotions, &codes, &lines), applied(own, &codes, &lines));
    }
}
