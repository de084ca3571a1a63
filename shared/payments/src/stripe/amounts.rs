//! How Stripe counts money. Its minor units are not always ours, which come from another list: of krónur it counts
//! hundredths that we do not have, and of ariary none.

use oms_app::ports::GatewayError;
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::payments::capability::{in_stripe_units, stripe_digits};

/// In Stripe's minor units. Refuses what Stripe cannot express.
pub(super) fn to_stripe(money: Money) -> Result<i64, GatewayError> {
    in_stripe_units(money).ok_or_else(|| GatewayError::Declined(format!("stripe cannot take exactly {money}")))
}

/// From Stripe's minor units and lower-case code; nothing if we do not know the currency or it has no such coin.
pub(super) fn from_stripe(counted: i64, code: &str) -> Option<Money> {
    let currency: Currency = Currency::known(&code.to_ascii_uppercase())?;
    let (ours, theirs) = (currency.minor_digits(), stripe_digits(currency));
    let minor = if ours >= theirs {
        counted.checked_mul(10_i64.pow(ours - theirs))?
    } else {
        let unit = 10_i64.pow(theirs - ours);
        if counted % unit != 0 {
            return None;
        }
        counted / unit
    };
    Some(Money::new(Amount::from_minor(minor), currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str, code: &str) -> Money {
        Money::parse(text, code.parse().unwrap()).unwrap()
    }

    #[test]
    fn every_currency_is_counted_as_stripe_counts_it_and_back() {
        for (text, code, counted) in [
            ("19.90", "EUR", 1990),
            ("1200", "JPY", 1200),
            ("5000", "KRW", 5000),
            ("5", "ISK", 500),
            ("7", "UGX", 700),
            ("10.45", "HUF", 1045),
            ("1.250", "KWD", 1250),
            ("100", "XOF", 100),
            ("300.00", "MGA", 300),
        ] {
            let money = money(text, code);
            assert_eq!(to_stripe(money).unwrap(), counted, "{code}");
            assert_eq!(from_stripe(counted, &code.to_lowercase()), Some(money), "{code}");
        }
    }

    #[test]
    fn what_stripe_cannot_express_is_refused() {
        for (text, code) in [("1.255", "KWD"), ("0.00", "EUR"), ("-1.00", "EUR"), ("1.50", "MGA")] {
            assert!(matches!(to_stripe(money(text, code)), Err(GatewayError::Declined(_))), "{text} {code}");
        }
        // A coin that we do not have is not rounded away.
        assert_eq!(from_stripe(501, "isk"), None);
        assert_eq!(from_stripe(100, "xxz"), None);
    }
}
