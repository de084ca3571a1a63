//! What an order costs (A8; docs/requirements.md, decision 12): `total = Σ line subtotals − discount + extras + shipping + tax`.
//!
//! Tax is assessed on each line after its discount, rounded once each, half away from zero. Shipping bears the rates of the
//! goods in proportion to what they cost, unless the table has a rate for it; each part is rounded once. By
//! destination it is added to the prices, or contained in them; where it is contained, the formula's last term is zero
//! and `tax` says how much of the total it is.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::zone::Zone;
use crate::money::Amount;
use crate::ordering::address::{Destination, postal};

/// Tax class of products that name no other.
pub const STANDARD_TAX_CLASS: &str = "standard";

/// Tax class of shipping, where a table gives it a rate of its own.
pub const SHIPPING_TAX_CLASS: &str = "shipping";

/// The sums of an order, in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Σ quantity × price.
    pub subtotal: Amount,
    /// What promotions take off the lines.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub discount: Amount,
    /// What staff charge beside the lines; below zero, what they take off.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub extras: Amount,
    /// What bringing it costs; before tax, unless that is included.
    pub shipping: Amount,
    /// Σ tax of lines, extras and shipping.
    pub tax: Amount,
    /// Whether the tax is contained in prices and shipping, and not added to them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tax_included: bool,
    /// What the customer pays.
    pub total: Amount,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Totals {
    /// The sums of these items by the one formula.
    pub fn of(items: &[Item<'_>], shipping: Amount, taxes: &Taxes) -> Totals {
        let subtotal = items.iter().map(Item::subtotal).sum();
        let discount = items.iter().map(|item| item.discount).sum();
        let tax = taxes.lines.iter().copied().sum::<Amount>() + taxes.shipping;
        let added = if taxes.included { Amount::ZERO } else { tax };
        let total = subtotal - discount + shipping + added;
        Totals { subtotal, discount, extras: Amount::ZERO, shipping, tax, tax_included: taxes.included, total }
    }
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

impl Item<'_> {
    /// Quantity times price.
    pub fn subtotal(&self) -> Amount {
        self.price.times(self.quantity)
    }
}

/// What tax comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxes {
    /// Of each line, in the order of the items.
    pub lines: Vec<Amount>,
    /// Of shipping.
    pub shipping: Amount,
    /// Whether prices and shipping contain it.
    pub included: bool,
}

/// Tax rates by destination and class; a destination that is not in it is not taxed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TaxTable {
    /// Destination → class → rate, where `0.19` is 19 %. A destination is a country (`DE`), a state of one (`US-NY`), which
    /// stands before its country, or a range of postal codes (`ES:35`, [`Zone`]), which stands before both.
    pub rates: BTreeMap<String, BTreeMap<String, Decimal>>,
    /// Countries to which prices contain the tax.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub included: BTreeSet<String>,
}

impl TaxTable {
    /// The rate of a class at a destination; a class without a row of its own pays the standard rate.
    pub fn rate(&self, destination: &Destination, class: &str) -> Decimal {
        let classes = self.classes(destination);
        classes
            .and_then(|classes| classes.get(class).or_else(|| classes.get(STANDARD_TAX_CLASS)))
            .copied()
            .unwrap_or(Decimal::ZERO)
    }

    /// The rates of the narrowest destination that holds this one.
    fn classes(&self, destination: &Destination) -> Option<&BTreeMap<String, Decimal>> {
        let zones = self.rates.iter().filter_map(|(name, classes)| Some((Zone::parse(name)?, classes)));
        let zone = zones.filter(|(zone, _)| zone.holds(destination)).max_by_key(|(zone, _)| zone.narrowness());
        let state = destination.state.as_deref().map(str::to_lowercase);
        let of_state = || {
            let same = |(known, _): &(&str, &_)| Some(known.to_lowercase()) == state;
            self.states(&destination.country).find(same).map(|(_, classes)| classes)
        };
        zone.map(|(_, classes)| classes).or_else(of_state).or_else(|| self.rates.get(&destination.country))
    }

    /// The states of a country that have rates of their own.
    fn states<'a, 'c>(
        &'a self,
        country: &'c str,
    ) -> impl Iterator<Item = (&'a str, &'a BTreeMap<String, Decimal>)> + use<'a, 'c> {
        let state = move |name: &'a str| name.strip_prefix(country)?.strip_prefix('-');
        self.rates.iter().filter_map(move |(name, classes)| Some((state(name)?, classes)))
    }

    /// Whether the table has rates by state for this country, and cannot say which of them hold: the state is none of
    /// those and no list of the country's states knows it, or it is missing and the country has no rate of its own.
    pub fn cannot_place(&self, destination: &Destination) -> bool {
        let country = &destination.country;
        if self.states(country).next().is_none() || postal::rules(country).is_some_and(postal::Rules::knows_states) {
            return false;
        }
        match destination.state.as_deref().map(str::to_lowercase) {
            Some(state) => self.states(country).all(|(known, _)| known.to_lowercase() != state),
            None => !self.rates.contains_key(country),
        }
    }

    /// The tax of these items and of bringing them there.
    pub fn assess(&self, items: &[Item<'_>], shipping: Amount, destination: &Destination) -> Taxes {
        let included = self.included.contains(&destination.country);
        let tax = |amount: Amount, rate: Decimal| {
            if included { amount.part_at_rate(rate) } else { amount.times_rate(rate) }
        };
        let line = |item: &Item<'_>| tax(item.subtotal() - item.discount, self.rate(destination, item.tax_class));
        let shares = self.shipping_shares(items, shipping, destination);
        Taxes {
            lines: items.iter().map(line).collect(),
            shipping: shares.into_iter().map(|(rate, share)| tax(share, rate)).sum(),
            included,
        }
    }

    /// Shipping by the rates that it bears: its own, or those of the goods in proportion to what they cost.
    fn shipping_shares(
        &self,
        items: &[Item<'_>],
        shipping: Amount,
        destination: &Destination,
    ) -> Vec<(Decimal, Amount)> {
        let own = self.classes(destination).and_then(|classes| classes.get(SHIPPING_TAX_CLASS));
        if let Some(own) = own {
            return vec![(*own, shipping)];
        }
        let by_rate = |worth: &dyn Fn(&Item<'_>) -> Amount| {
            let mut sums: BTreeMap<Decimal, Amount> = BTreeMap::new();
            for item in items {
                let sum = sums.entry(self.rate(destination, item.tax_class)).or_default();
                *sum = *sum + worth(item);
            }
            sums
        };
        let mut sums = by_rate(&|item| item.subtotal() - item.discount);
        if !sums.values().any(|sum| sum.is_positive()) {
            // Given away, the goods still say what is sent.
            sums = by_rate(&|item| item.subtotal());
        }
        if !sums.values().any(|sum| sum.is_positive()) {
            return vec![(self.rate(destination, STANDARD_TAX_CLASS), shipping)];
        }
        let worth: Vec<Amount> = sums.values().copied().collect();
        sums.into_keys().zip(shipping.allocate(&worth)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn to(country: &str) -> Destination {
        Destination::somewhere_in(country.into())
    }

    fn taxes() -> TaxTable {
        let classes = [("standard", Decimal::new(19, 2)), ("reduced", Decimal::new(7, 2))];
        let classes: BTreeMap<String, Decimal> = classes.map(|(class, rate)| (class.to_owned(), rate)).into();
        TaxTable {
            rates: [("DE".to_owned(), classes.clone()), ("CH".to_owned(), classes)].into(),
            included: ["CH".to_owned()].into(),
        }
    }

    fn item(quantity: u32, price: i64, discount: i64, tax_class: &str) -> Item<'_> {
        Item { quantity, price: Amount::from_minor(price), discount: Amount::from_minor(discount), tax_class }
    }

    fn totals(items: &[Item<'_>], shipping: i64, country: &str) -> Totals {
        let shipping = Amount::from_minor(shipping);
        Totals::of(items, shipping, &taxes().assess(items, shipping, &to(country)))
    }

    #[test]
    fn the_contract_s_example_adds_up() {
        let totals = totals(&[item(2, 1990, 0, "standard")], 490, "DE");
        let sums = [totals.subtotal, totals.shipping, totals.tax, totals.total];
        assert_eq!(sums.map(Amount::minor), [3980, 490, 849, 5319]);
        assert!(!totals.tax_included);
    }

    #[test]
    fn a_tax_that_is_included_is_told_and_not_added() {
        let totals = totals(&[item(1, 1190, 0, "standard")], 119, "CH");
        let sums = [totals.subtotal, totals.shipping, totals.tax, totals.total];
        assert_eq!(sums.map(Amount::minor), [1190, 119, 209, 1309]);
        assert!(totals.tax_included);
    }

    #[test]
    fn an_unknown_class_pays_the_standard_rate_and_an_unknown_country_none() {
        assert_eq!(taxes().rate(&to("DE"), "books?"), Decimal::new(19, 2));
        assert_eq!(taxes().rate(&to("DE"), "reduced"), Decimal::new(7, 2));
        assert_eq!(taxes().rate(&to("JP"), "standard"), Decimal::ZERO);
    }

    #[test]
    fn a_state_stands_before_its_country() {
        let row = |rate| BTreeMap::from([(STANDARD_TAX_CLASS.to_owned(), rate)]);
        let (country, state) = (Decimal::new(1, 2), Decimal::new(8, 2));
        let table = TaxTable {
            rates: [("US".to_owned(), row(country)), ("US-NY".to_owned(), row(state))].into(),
            included: BTreeSet::new(),
        };
        let rate = |state: &str| table.rate(&Destination { state: Some(state.into()), ..to("US") }, STANDARD_TAX_CLASS);
        assert_eq!((rate("NY"), rate("CA")), (state, country));
    }

    #[test]
    fn sums_and_tables_of_the_first_form_are_still_read() {
        let old = r#"{"subtotal":3980,"shipping":490,"tax":849,"total":5319}"#;
        assert_eq!(serde_json::from_str::<Totals>(old).unwrap(), totals(&[item(2, 1990, 0, "standard")], 490, "DE"));
        let table: TaxTable = serde_json::from_str(r#"{"rates":{"DE":{"standard":"0.19"}}}"#).unwrap();
        assert!(table.included.is_empty());
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_total(
            lines in proptest::collection::vec((1_u32..9_999, 0_i64..10_000_000, 0_u8..3), 1..100),
            shipping in 0_i64..100_000,
            off in 0_u8..100,
            included: bool,
        ) {
            let classes = ["standard", "reduced", "none"];
            let subtotals: Vec<Amount> =
                lines.iter().map(|(quantity, price, _)| Amount::from_minor(*price).times(*quantity)).collect();
            let whole: Amount = subtotals.iter().copied().sum();
            let discounts = whole.times_rate(Decimal::new(i64::from(off), 2)).allocate(&subtotals);
            let items: Vec<Item<'_>> = lines.iter().zip(&discounts).map(|((quantity, price, class), discount)| {
                item(*quantity, *price, discount.minor(), classes[usize::from(*class)])
            }).collect();
            let (shipping, to) = (Amount::from_minor(shipping), to(if included { "CH" } else { "DE" }));
            let taxes = taxes().assess(&items, shipping, &to);
            let totals = Totals::of(&items, shipping, &taxes);
            let net: Amount = items.iter().map(|item| item.subtotal() - item.discount).sum::<Amount>() + shipping;
            let tax: Amount = taxes.lines.iter().copied().sum::<Amount>() + taxes.shipping;
            prop_assert_eq!(totals.tax, tax);
            prop_assert_eq!(totals.total, if included { net } else { net + tax });
            prop_assert_eq!(net, totals.subtotal - totals.discount + totals.shipping);
        }

        #[test]
        fn a_contained_tax_is_the_one_that_would_be_added_to_the_rest(minor in 0_i64..1_000_000_000, percent in 0_i64..100) {
            let (gross, rate) = (Amount::from_minor(minor), Decimal::new(percent, 2));
            let tax = gross.part_at_rate(rate);
            let again = (gross - tax).times_rate(rate);
            prop_assert!((again - tax).minor().abs() <= 1, "{:?} of {:?}", tax, gross);
        }

        #[test]
        fn another_item_never_lowers_the_subtotal(
            lines in proptest::collection::vec((1_u32..9_999, 0_i64..10_000_000), 1..99),
            another in (1_u32..9_999, 0_i64..10_000_000),
        ) {
            let mut items: Vec<Item<'_>> = lines.iter().map(|(quantity, price)| item(*quantity, *price, 0, "standard")).collect();
            let before = totals(&items, 490, "DE");
            items.push(item(another.0, another.1, 0, "standard"));
            let after = totals(&items, 490, "DE");
            prop_assert!(after.subtotal >= before.subtotal && after.total >= before.total);
        }
    }
}
