//! Money as whole minor units of one currency.
//!
//! An [`Amount`] counts minor units (cents, yen, fils) and never fractions of them, so sums are exact. Whatever
//! produces a fraction (a rate, a share) rounds once, per line, half away from zero, in [`Amount::times_rate`] or
//! [`Amount::allocate`]. Floating point is not used anywhere.

mod currency;

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

pub use currency::Currency;

/// Highest price of one unit, in minor units. With at most 100 lines of at most 9,999 units, no sum of an order can
/// leave the range of [`Amount`].
pub const MAX_PRICE_MINOR_UNITS: i64 = 100_000_000_000;

/// Why a text is not money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// No currency that is in use has this code (ISO 4217).
    #[error("`{0}` is not the ISO 4217 code of a currency that is in use")]
    UnknownCurrency(String),
    /// The text is not a plain decimal number.
    #[error("`{0}` is not a decimal number")]
    NotANumber(String),
    /// More digits after the point than the currency has.
    #[error("`{text}` has too many decimal places: {currency} has {digits}")]
    TooPrecise {
        /// What was given.
        text: String,
        /// The currency's code.
        currency: Currency,
        /// The currency's number of minor digits.
        digits: u32,
    },
    /// Outside what an order can hold.
    #[error("`{0}` is out of range")]
    OutOfRange(String),
}

/// A number of minor units; which currency is known from where it stands (an order has exactly one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(i64);

impl Amount {
    pub const ZERO: Amount = Amount(0);

    /// So many minor units.
    pub const fn from_minor(minor_units: i64) -> Self {
        Amount(minor_units)
    }

    /// How many minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Whether this is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether this is nothing; what is nothing need not be stored.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// The price of `quantity` units.
    #[must_use]
    pub fn times(self, quantity: u32) -> Amount {
        Amount(self.0.saturating_mul(i64::from(quantity)))
    }

    /// This amount at a rate (`0.19` is 19 %), rounded half away from zero to a minor unit (A8).
    #[must_use]
    pub fn times_rate(self, rate: Decimal) -> Amount {
        Amount::rounded(Decimal::from(self.0).saturating_mul(rate))
    }

    /// The tax that is contained in this amount at a rate, rounded half away from zero: 1.19 at `0.19` holds 0.19.
    #[must_use]
    pub fn part_at_rate(self, rate: Decimal) -> Amount {
        let tax = Decimal::from(self.0).saturating_mul(rate);
        Amount::rounded(tax.checked_div(Decimal::ONE.saturating_add(rate)).unwrap_or_default())
    }

    /// Splits this amount in proportion to `weights` so that the shares add up to it exactly.
    ///
    /// Each share is the difference of two rounded running totals, so no minor unit is lost or made and no share is
    /// off by more than one. Without any positive weight everything falls to the first share.
    #[must_use]
    pub fn allocate(self, weights: &[Amount]) -> Vec<Amount> {
        let whole: i64 = weights.iter().map(|weight| weight.0.max(0)).sum();
        let mut running_weight = 0;
        let mut allotted = Amount::ZERO;
        let mut shares = Vec::with_capacity(weights.len());
        for weight in weights {
            running_weight += weight.0.max(0);
            let reached = if whole == 0 { self } else { self.share(running_weight, whole) };
            shares.push(reached - allotted);
            allotted = reached;
        }
        shares
    }

    /// `part` of `whole` of this amount, rounded half away from zero; in 128 bits, where no product of two sums of an
    /// order overflows.
    fn share(self, part: i64, whole: i64) -> Amount {
        let (exact, whole) = (i128::from(self.0) * i128::from(part), i128::from(whole));
        let away = if 2 * (exact % whole).abs() >= whole { exact.signum() } else { 0 };
        Amount(i64::try_from(exact / whole + away).unwrap_or(i64::MAX))
    }

    fn rounded(exact: Decimal) -> Amount {
        let whole = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        Amount(whole.to_i64().unwrap_or(i64::MAX))
    }
}

impl Add for Amount {
    type Output = Amount;

    fn add(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0))
    }
}

impl Sub for Amount {
    type Output = Amount;

    fn sub(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Amount {
        amounts.fold(Amount::ZERO, Add::add)
    }
}

/// An amount with its currency, for whatever comes from or goes to the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// How much, in minor units of `currency`.
    pub amount: Amount,
    pub currency: Currency,
}

impl Money {
    /// Puts the two together.
    pub const fn new(amount: Amount, currency: Currency) -> Self {
        Money { amount, currency }
    }

    /// Reads a decimal text such as `19.90` or `19.9`; digits beyond the currency's are refused, never rounded away.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let plain = !text.is_empty()
            && text.len() <= 24
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
        let decimal =
            Decimal::from_str(text).ok().filter(|_| plain).ok_or_else(|| MoneyError::NotANumber(text.to_owned()))?;
        let digits = currency.minor_digits();
        if decimal.normalize().scale() > digits {
            return Err(MoneyError::TooPrecise { text: text.to_owned(), currency, digits });
        }
        let minor = decimal
            .checked_mul(Decimal::from(10_i64.pow(digits)))
            .and_then(|value| value.to_i64())
            .ok_or_else(|| MoneyError::OutOfRange(text.to_owned()))?;
        Ok(Money::new(Amount(minor), currency))
    }

    /// The same sum in another currency's count of minor units, where that is the same money counted otherwise.
    pub fn counted_in(self, currency: Currency) -> Option<Amount> {
        if self.currency.code() != currency.code() {
            return None;
        }
        let (ours, theirs) = (self.currency.minor_digits(), currency.minor_digits());
        let minor = self.amount.0;
        if ours <= theirs {
            return minor.checked_mul(10_i64.pow(theirs - ours)).map(Amount);
        }
        let unit = 10_i64.pow(ours - theirs);
        (minor % unit == 0).then_some(Amount(minor / unit))
    }

    /// The decimal text with all of the currency's minor digits: `19.90`, `-0.05`, `1200`.
    pub fn decimal(self) -> String {
        Decimal::new(self.amount.0, self.currency.minor_digits()).to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn eur() -> Currency {
        "EUR".parse().unwrap()
    }

    #[test]
    fn decimal_text_has_the_currency_s_digits() {
        let yen = "JPY".parse().unwrap();
        let dinar = "KWD".parse().unwrap();
        assert_eq!(Money::parse("19.9", eur()).unwrap().decimal(), "19.90");
        assert_eq!(Money::parse("1200", yen).unwrap().decimal(), "1200");
        assert_eq!(Money::parse("1.5", dinar).unwrap().decimal(), "1.500");
    }

    #[test]
    fn text_that_is_not_money_is_refused() {
        assert!(matches!(Money::parse("19.901", eur()), Err(MoneyError::TooPrecise { .. })));
        for text in ["", " 1", "1e3", "1_000", "abc", "1,00", "NaN", "+1"] {
            assert!(matches!(Money::parse(text, eur()), Err(MoneyError::NotANumber(_))), "{text}");
        }
        assert!(matches!(Money::parse("999999999999999999999", eur()), Err(MoneyError::OutOfRange(_))));
        assert!(matches!("XXZ".parse::<Currency>(), Err(MoneyError::UnknownCurrency(_))));
    }

    #[test]
    fn halves_round_away_from_zero() {
        let half = Decimal::new(5, 1);
        assert_eq!(Amount(3).times_rate(half), Amount(2));
        assert_eq!(Amount(-3).times_rate(half), Amount(-2));
        assert_eq!(Amount(4470).times_rate(Decimal::new(19, 2)), Amount(849));
    }

    #[test]
    fn the_largest_order_is_still_split_exactly() {
        let line = Amount(MAX_PRICE_MINOR_UNITS).times(9_999);
        let half = Amount(line.minor() * 45);
        assert_eq!(half.allocate(&[line; 90]), [Amount(line.minor() / 2); 90]);
    }

    proptest! {
        #[test]
        fn allocation_neither_loses_nor_makes_a_minor_unit(
            total in -1_000_000_000_i64..1_000_000_000,
            weights in proptest::collection::vec(0_i64..10_000_000, 1..40),
        ) {
            let weights: Vec<Amount> = weights.into_iter().map(Amount).collect();
            let shares = Amount(total).allocate(&weights);
            prop_assert_eq!(shares.len(), weights.len());
            prop_assert_eq!(shares.into_iter().sum::<Amount>(), Amount(total));
        }

        #[test]
        fn what_is_written_is_read_back(minor in -1_000_000_000_000_i64..1_000_000_000_000) {
            let money = Money::new(Amount(minor), eur());
            prop_assert_eq!(Money::parse(&money.decimal(), eur()).unwrap(), money);
        }
    }
}
