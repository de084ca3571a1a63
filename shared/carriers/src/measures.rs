//! Parcels in the units that carriers want: always rounded up, because a parcel that is heavier than its label costs more later.

use oms_domain::fulfilment::parcel::Measures;
use rust_decimal::{Decimal, RoundingStrategy};

/// Where people weigh in pounds and measure in inches. Carriers refuse other units for parcels from there.
const IMPERIAL: [&str; 5] = ["US", "PR", "VI", "GU", "AS"];

/// Pounds of a gram, to more digits than any weight here has.
fn pounds_of_a_gram() -> Decimal {
    Decimal::new(22_046_226_218, 13)
}

/// A parcel as a carrier is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) imperial: bool,
    /// In kilograms or pounds.
    pub(crate) weight: Decimal,
    /// Length, width and height in whole centimetres or inches.
    pub(crate) sides: [u32; 3],
}

/// A parcel that leaves this country, its weight with so many digits.
pub(crate) fn told(parcel: &Measures, from_country: &str, digits: u32) -> Told {
    let imperial = IMPERIAL.contains(&from_country);
    let grams = Decimal::from(parcel.weight_grams);
    let exact = if imperial { grams * pounds_of_a_gram() } else { grams * Decimal::new(1, 3) };
    let weight = exact.round_dp_with_strategy(digits, RoundingStrategy::AwayFromZero).normalize();
    let side = |millimetres: u32| if imperial { (millimetres * 10).div_ceil(254) } else { millimetres.div_ceil(10) };
    Told { imperial, weight, sides: [side(parcel.length_mm), side(parcel.width_mm), side(parcel.height_mm)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_parcel_is_told_lighter_or_smaller_than_it_is() {
        let parcel = Measures { weight_grams: 1_251, length_mm: 301, width_mm: 254, height_mm: 1 };
        let metric = told(&parcel, "DE", 2);
        assert_eq!((metric.weight.to_string(), metric.sides), ("1.26".to_owned(), [31, 26, 1]));
        let imperial = told(&parcel, "US", 1);
        assert_eq!((imperial.weight.to_string(), imperial.sides), ("2.8".to_owned(), [12, 10, 1]));
        let whole = Measures { weight_grams: 2_000, ..parcel };
        assert_eq!(told(&whole, "DE", 2).weight.to_string(), "2");
    }
}
