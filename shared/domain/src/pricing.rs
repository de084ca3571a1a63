//! What an order costs (A8, decision 12): `total = Σ line subtotals − discount + shipping + tax`.
//!
//! Tax is added to the net price of each line and to shipping, rounded once per line, half away from zero.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::address::Destination;
use crate::money::{Amount, Currency};

/// Tax class of shipping, and of products that name no other.
pub const STANDARD_TAX_CLASS: &str = "standard";

/// The sums of an order, in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Σ quantity × price.
    pub subtotal: Amount,
    /// What promotions take off the lines.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub discount: Amount,
    /// What bringing it costs, before tax.
    pub shipping: Amount,
    /// Σ tax of lines and shipping.
    pub tax: Amount,
    /// What the customer pays.
    pub total: Amount,
}

/// One line as pricing sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// Units, at least one.
    pub quantity: u32,
    /// Price of a unit.
    pub price: Amount,
    /// Share of the order's discount; never more than the line.
    pub discount: Amount,
    /// Row of the tax table.
    pub tax_class: &'a str,
}

/// An order's prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The sums.
    pub totals: Totals,
    /// Tax of each line, in the order of the items.
    pub line_taxes: Vec<Amount>,
}

/// Prices a list of items by the one formula.
pub fn price(items: &[Item<'_>], shipping: Amount, taxes: &TaxTable, destination: &Destination) -> Priced {
    let net = |item: &Item<'_>| item.price.times(item.quantity) - item.discount;
    let line_taxes: Vec<Amount> =
        items.iter().map(|item| net(item).times_rate(taxes.rate(destination, item.tax_class))).collect();
    let subtotal = items.iter().map(|item| item.price.times(item.quantity)).sum();
    let discount = items.iter().map(|item| item.discount).sum();
    let shipping_tax = shipping.times_rate(taxes.rate(destination, STANDARD_TAX_CLASS));
    let tax = line_taxes.iter().copied().sum::<Amount>() + shipping_tax;
    let total = subtotal - discount + shipping + tax;
    Priced { totals: Totals { subtotal, discount, shipping, tax, total }, line_taxes }
}

/// Tax rates by country and class; a country or class that is not in it is not taxed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TaxTable {
    /// country → class → rate, where `0.19` is 19 %.
    pub rates: BTreeMap<String, BTreeMap<String, Decimal>>,
}

impl TaxTable {
    /// The rate of a class at a destination; a class without a row of its own pays the standard rate.
    pub fn rate(&self, destination: &Destination, class: &str) -> Decimal {
        self.rates
            .get(&destination.country)
            .and_then(|classes| classes.get(class).or_else(|| classes.get(STANDARD_TAX_CLASS)))
            .copied()
            .unwrap_or(Decimal::ZERO)
    }
}

/// One way to bring an order to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingMethod {
    /// What clients send, e.g. `standard`.
    pub code: String,
    /// What customers read.
    pub name: String,
    /// ISO 3166-1 alpha-2 codes it serves; empty means all.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Price before tax by currency code; a currency without a price is not served.
    pub prices: BTreeMap<String, Amount>,
}

/// The shop's shipping methods.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShippingTable {
    /// In the order in which they are offered; the first that serves a destination is the default.
    pub methods: Vec<ShippingMethod>,
}

impl ShippingTable {
    /// What a method costs to this destination, or nothing if it does not go there. Without a code, the first that does.
    pub fn quote(
        &self,
        code: Option<&str>,
        destination: &Destination,
        currency: Currency,
    ) -> Option<(&ShippingMethod, Amount)> {
        self.methods
            .iter()
            .filter(|method| code.is_none_or(|code| method.code == code))
            .filter(|method| method.countries.is_empty() || method.countries.contains(&destination.country))
            .find_map(|method| Some((method, *method.prices.get(currency.code())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn germany() -> Destination {
        Destination { country: "DE".into(), state: None }
    }

    fn taxes() -> TaxTable {
        let classes = [("standard", Decimal::new(19, 2)), ("reduced", Decimal::new(7, 2))];
        let classes = classes.map(|(class, rate)| (class.to_owned(), rate)).into();
        TaxTable { rates: [("DE".to_owned(), classes)].into() }
    }

    #[test]
    fn the_contract_s_example_adds_up() {
        let item = Item { quantity: 2, price: Amount::from_minor(1990), discount: Amount::ZERO, tax_class: "standard" };
        let priced = price(&[item], Amount::from_minor(490), &taxes(), &germany());
        let sums = [priced.totals.subtotal, priced.totals.shipping, priced.totals.tax, priced.totals.total];
        assert_eq!(sums.map(Amount::minor), [3980, 490, 849, 5319]);
    }

    #[test]
    fn an_unknown_class_pays_the_standard_rate_and_an_unknown_country_none() {
        let abroad = Destination { country: "JP".into(), state: None };
        assert_eq!(taxes().rate(&germany(), "books?"), Decimal::new(19, 2));
        assert_eq!(taxes().rate(&germany(), "reduced"), Decimal::new(7, 2));
        assert_eq!(taxes().rate(&abroad, "standard"), Decimal::ZERO);
    }

    #[test]
    fn shipping_goes_where_it_goes() {
        let method = |code: &str, countries: &[&str], minor| ShippingMethod {
            code: code.into(),
            name: code.into(),
            countries: countries.iter().map(|country| (*country).to_owned()).collect(),
            prices: [("EUR".to_owned(), Amount::from_minor(minor))].into(),
        };
        let table = ShippingTable { methods: vec![method("standard", &["DE"], 490), method("world", &[], 1990)] };
        let eur = "EUR".parse().unwrap();
        let (home, abroad) = (germany(), Destination { country: "JP".into(), state: None });
        let code = |destination, wanted| table.quote(wanted, destination, eur).map(|(method, _)| method.code.as_str());
        assert_eq!(code(&home, None), Some("standard"));
        assert_eq!(code(&abroad, None), Some("world"));
        assert_eq!(code(&abroad, Some("standard")), None);
        assert!(table.quote(None, &home, "USD".parse().unwrap()).is_none());
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_total(
            lines in proptest::collection::vec((1_u32..9_999, 0_i64..10_000_000, 0_u8..3), 1..100),
            shipping in 0_i64..100_000,
            off in 0_u8..100,
        ) {
            let classes = ["standard", "reduced", "none"];
            let subtotals: Vec<Amount> =
                lines.iter().map(|(quantity, price, _)| Amount::from_minor(*price).times(*quantity)).collect();
            let whole: Amount = subtotals.iter().copied().sum();
            let discounts = whole.times_rate(Decimal::new(i64::from(off), 2)).allocate(&subtotals);
            let items: Vec<Item<'_>> = lines.iter().zip(&discounts).map(|((quantity, price, class), discount)| Item {
                quantity: *quantity,
                price: Amount::from_minor(*price),
                discount: *discount,
                tax_class: classes[usize::from(*class)],
            }).collect();
            let shipping = Amount::from_minor(shipping);
            let Priced { totals, line_taxes } = price(&items, shipping, &taxes(), &germany());
            let lines_gross: Amount = items.iter().zip(&line_taxes)
                .map(|(item, tax)| item.price.times(item.quantity) - item.discount + *tax).sum();
            let shipping_gross = shipping + shipping.times_rate(Decimal::new(19, 2));
            prop_assert_eq!(totals.total, lines_gross + shipping_gross);
            prop_assert_eq!(totals.total, totals.subtotal - totals.discount + totals.shipping + totals.tax);
        }
    }
}
