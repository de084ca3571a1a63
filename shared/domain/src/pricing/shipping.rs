//! How an order reaches the customer: methods by destination, weight and value, and when to expect it (A8).

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::carrier_rate::{CarrierPrice, CarrierRate};
use super::dispatch::Dispatch;
use super::zone::Zone;
use crate::money::{Amount, Currency, Money};
use crate::ordering::address::Destination;

/// Longest delivery that a method may promise, in working days.
pub const MAX_DELIVERY_DAYS: u8 = 90;

/// One way to bring an order to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingMethod {
    /// What clients send, e.g. `standard`.
    pub code: String,
    /// What customers read.
    pub name: String,
    /// ISO 3166-1 alpha-2 codes it serves; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Ranges of postal codes that it serves beside those countries ([`Zone`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// Ranges of postal codes that it does not serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Price by currency (as [`Currency::stored`]) of what no bracket holds; a currency without a price is not served.
    pub prices: BTreeMap<String, Amount>,
    /// Prices of lighter parcels, lightest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brackets: Vec<WeightBracket>,
    /// Nothing heavier is taken, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_weight_grams: Option<u64>,
    /// Goods of this value by currency code, before discounts, travel free. Before discounts, so that a promotion never
    /// makes shipping dearer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub free_from: BTreeMap<String, Amount>,
    /// How long it takes, where the carrier says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_days: Option<WorkingDays>,
    /// Whose price takes the place of those above, as long as the carrier tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_rate: Option<CarrierRate>,
}

/// The price of parcels up to a weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightBracket {
    /// Inclusive.
    pub up_to_grams: u64,
    /// Price by currency code.
    pub prices: BTreeMap<String, Amount>,
}

/// How many working days a delivery takes; both bounds inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingDays {
    /// At least.
    pub from: u8,
    /// At most; not less than `from`.
    pub to: u8,
}

/// What shipping depends on.
#[derive(Debug, Clone, Copy)]
pub struct Parcel<'a> {
    /// Where it goes.
    pub destination: &'a Destination,
    /// The order's currency.
    pub currency: Currency,
    /// All of it together.
    pub weight_grams: u64,
    /// The goods before discounts.
    pub value: Amount,
    /// What carriers ask for it, by the code of the method.
    pub carrier_prices: &'a BTreeMap<String, CarrierPrice>,
}

/// The shop's shipping methods.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShippingTable {
    /// As the shop lists them. Which one is the default follows from the prices, see [`ShippingTable::offers`].
    pub methods: Vec<ShippingMethod>,
    /// When the shop sends; nothing where it does not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<Dispatch>,
}

impl ShippingTable {
    /// Every method that takes this parcel, with its price, the cheapest first: whoever names none gets that one. Those
    /// of one price keep the order of the table.
    pub fn offers(&self, parcel: &Parcel<'_>) -> Vec<(&ShippingMethod, Amount)> {
        let offered = |method| Some((method, ShippingMethod::price(method, parcel)?));
        let mut offers: Vec<_> = self.methods.iter().filter_map(offered).collect();
        offers.sort_by_key(|(_, price)| *price);
        offers
    }
}

impl ShippingMethod {
    /// What it costs for this parcel, or nothing if it does not take it.
    pub fn price(&self, parcel: &Parcel<'_>) -> Option<Amount> {
        let goes_there = self.serves(parcel.destination);
        let too_heavy = self.max_weight_grams.is_some_and(|most| parcel.weight_grams > most);
        if !goes_there || too_heavy {
            return None;
        }
        let bracket = self.brackets.iter().find(|bracket| parcel.weight_grams <= bracket.up_to_grams);
        let price = amount_in(bracket.map_or(&self.prices, |bracket| &bracket.prices), parcel.currency)?;
        let price = parcel.carrier_prices.get(&self.code).map_or(price, |asked| asked.price);
        let free = amount_in(&self.free_from, parcel.currency).is_some_and(|from| parcel.value >= from);
        Some(if free { Amount::ZERO } else { price })
    }

    /// Whether it goes there.
    pub fn serves(&self, destination: &Destination) -> bool {
        let within =
            |zones: &[String]| zones.iter().filter_map(|zone| Zone::parse(zone)).any(|zone| zone.holds(destination));
        let everywhere = self.countries.is_empty() && self.zones.is_empty();
        let named = everywhere || self.countries.contains(&destination.country) || within(&self.zones);
        named && !within(&self.except)
    }
}

impl WorkingDays {
    /// Those between the day on which something leaves and the one on which it should arrive, as far as a method may promise them.
    pub fn between(leaves: Date, arrives: Date) -> u8 {
        let days = leaves.series(jiff::Span::new().days(1)).skip(1).take_while(|day| *day <= arrives);
        let count = days.filter(|day| is_working_day(*day)).take(usize::from(MAX_DELIVERY_DAYS)).count();
        // Who delivers on a Saturday is promised for the Monday.
        let count = count + usize::from(!is_working_day(arrives));
        u8::try_from(count).unwrap_or(MAX_DELIVERY_DAYS).clamp(1, MAX_DELIVERY_DAYS)
    }

    /// First and last day on which what leaves on `day` should arrive.
    pub fn after(self, day: Date) -> (Date, Date) {
        (after_working_days(day, self.from), after_working_days(day, self.to))
    }
}

/// The amount of a table in this currency, also where the table counts it in units of another size.
fn amount_in(amounts: &BTreeMap<String, Amount>, currency: Currency) -> Option<Amount> {
    let same =
        |(word, amount): (&String, &Amount)| Money::new(*amount, Currency::from_stored(word)?).counted_in(currency);
    amounts.get(currency.stored()).copied().or_else(|| amounts.iter().find_map(same))
}

/// Monday to Friday are working days everywhere; holidays are the carrier's to know.
fn after_working_days(day: Date, count: u8) -> Date {
    let ahead = day.series(jiff::Span::new().days(1)).skip(1).filter(|day| is_working_day(*day));
    let wanted = usize::from(count.clamp(1, MAX_DELIVERY_DAYS));
    ahead.take(wanted).last().unwrap_or(day)
}

fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn prices(minor: i64) -> BTreeMap<String, Amount> {
        [("EUR".to_owned(), Amount::from_minor(minor))].into()
    }

    fn method(code: &str, countries: &[&str], minor: i64) -> ShippingMethod {
        ShippingMethod {
            code: code.into(),
            name: code.into(),
            countries: countries.iter().map(|country| (*country).to_owned()).collect(),
            zones: Vec::new(),
            except: Vec::new(),
            prices: prices(minor),
            brackets: Vec::new(),
            max_weight_grams: None,
            free_from: BTreeMap::new(),
            working_days: None,
            carrier_rate: None,
        }
    }

    fn by_weight() -> ShippingMethod {
        let bracket = |up_to_grams, minor| WeightBracket { up_to_grams, prices: prices(minor) };
        ShippingMethod {
            brackets: vec![bracket(1_000, 390), bracket(5_000, 590)],
            max_weight_grams: Some(30_000),
            free_from: prices(10_000),
            working_days: Some(WorkingDays { from: 1, to: 3 }),
            ..method("weighed", &[], 990)
        }
    }

    static NOBODY: BTreeMap<String, CarrierPrice> = BTreeMap::new();

    fn to(country: &str) -> Destination {
        Destination::somewhere_in(country.into())
    }

    fn parcel(destination: &Destination, weight_grams: u64, value: i64) -> Parcel<'_> {
        let (currency, value) = ("EUR".parse().unwrap(), Amount::from_minor(value));
        Parcel { destination, currency, weight_grams, value, carrier_prices: &NOBODY }
    }

    #[test]
    fn shipping_goes_where_it_goes() {
        let table = ShippingTable {
            methods: vec![method("standard", &["DE"], 490), method("world", &[], 1990)],
            ..ShippingTable::default()
        };
        let (home, abroad) = (to("DE"), to("JP"));
        let codes = |parcel: Parcel<'_>| -> Vec<String> {
            table.offers(&parcel).into_iter().map(|(method, _)| method.code.clone()).collect()
        };
        assert_eq!(codes(parcel(&home, 0, 0)), ["standard", "world"]);
        assert_eq!(codes(parcel(&abroad, 0, 0)), ["world"]);
        let dollars = Parcel { currency: "USD".parse().unwrap(), ..parcel(&home, 0, 0) };
        assert!(codes(dollars).is_empty());
    }

    #[test]
    fn weight_and_value_decide_the_price() {
        let home = to("DE");
        let price = |weight, value| by_weight().price(&parcel(&home, weight, value)).map(Amount::minor);
        assert_eq!(price(0, 0), Some(390));
        assert_eq!(price(1_000, 0), Some(390));
        assert_eq!(price(1_001, 0), Some(590));
        assert_eq!(price(30_000, 0), Some(990));
        assert_eq!(price(30_001, 0), None);
        assert_eq!(price(30_000, 9_999), Some(990));
        assert_eq!(price(30_000, 10_000), Some(0));
        assert_eq!(price(30_001, 10_000), None);
    }

    #[test]
    fn a_weekend_is_no_time_to_deliver() {
        let (friday, sunday) = (date(2025, 12, 5), date(2025, 12, 7));
        let expected = (date(2025, 12, 8), date(2025, 12, 10));
        for day in [friday, sunday] {
            assert_eq!(WorkingDays { from: 1, to: 3 }.after(day), expected);
        }
        let between = |arrives| WorkingDays::between(friday, arrives);
        assert_eq!([friday, sunday, date(2025, 12, 8), date(2025, 12, 9)].map(between), [1, 1, 1, 2]);
        assert_eq!(between(date(2025, 12, 13)), 6, "the Monday after that Saturday");
        assert_eq!(between(date(2027, 1, 1)), MAX_DELIVERY_DAYS);
    }

    #[test]
    fn g5_a_carrier_s_price_takes_the_place_of_the_table_s_and_of_nothing_else() {
        let home = to("DE");
        let asked: BTreeMap<String, CarrierPrice> =
            [("weighed".to_owned(), CarrierPrice { price: Amount::from_minor(777), days: None })].into();
        let parcel = |weight, value| Parcel { carrier_prices: &asked, ..parcel(&home, weight, value) };
        let price = |parcel: Parcel<'_>| by_weight().price(&parcel).map(Amount::minor);
        assert_eq!(price(parcel(1, 0)), Some(777));
        assert_eq!(price(parcel(1, 10_000)), Some(0), "free is free");
        assert_eq!(price(parcel(30_001, 0)), None, "too heavy is too heavy");
        let dollars = Parcel { currency: "USD".parse().unwrap(), ..parcel(1, 0) };
        assert_eq!(
            price(dollars),
            None,
            "what is not sold in a currency has no price that somebody could fall back to"
        );
        assert_eq!(method("other", &[], 490).price(&parcel(1, 0)).map(Amount::minor), Some(490));
    }

    #[test]
    fn a_table_of_the_first_form_is_still_read() {
        let old = r#"{"methods":[{"code":"standard","name":"standard","countries":["DE"],"prices":{"EUR":490}}]}"#;
        let table: ShippingTable = serde_json::from_str(old).unwrap();
        assert_eq!(table.methods, [method("standard", &["DE"], 490)]);
        assert_eq!(serde_json::to_string(&table).unwrap(), old);
    }

    proptest! {
        #[test]
        fn more_goods_are_never_dearer_to_send(weight in 0_u64..40_000, value in 0_i64..20_000, more in 0_i64..20_000) {
            let home = to("DE");
            let (less, most) = (by_weight().price(&parcel(&home, weight, value)), by_weight().price(&parcel(&home, weight, value + more)));
            prop_assert!(most <= less);
        }

        #[test]
        fn deliveries_arrive_on_working_days_in_order(from in 1_u8..30, longer in 0_u8..30, day in 0_i32..2_000) {
            let days = WorkingDays { from, to: from + longer };
            let day = date(2025, 1, 1).saturating_add(jiff::Span::new().days(day));
            let (first, last) = days.after(day);
            prop_assert!(day < first && first <= last);
            prop_assert_eq!((WorkingDays::between(day, first), WorkingDays::between(day, last)), (days.from, days.to));
            for arrival in [first, last] {
                prop_assert!(!matches!(arrival.weekday(), Weekday::Saturday | Weekday::Sunday));
            }
        }
    }
}
