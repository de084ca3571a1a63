//! What a provider can take at all: currencies, digits, least and largest amounts, as its documentation lists them. So a
//! total that it cannot take is not offered there, and nobody finds out by paying.

use crate::money::{Currency, Money};

/// Stripe's digits after the point, which are not always those of ISO 4217.
pub fn stripe_digits(currency: Currency) -> u32 {
    match currency.code() {
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND" | "VUV" | "XAF"
        | "XOF" | "XPF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        // Also krónur and Ugandan shillings, which have no coins below one any more: both digits must be zero.
        _ => 2,
    }
}

/// Of a currency with three digits Stripe takes no smaller unit than ten.
fn stripe_step(currency: Currency) -> i64 {
    if stripe_digits(currency) == 3 { 10 } else { 1 }
}

/// Least charge, in Stripe's minor units, where Stripe names one.
fn stripe_least(currency: Currency) -> i64 {
    match currency.code() {
        "USD" | "EUR" | "AUD" | "BRL" | "CAD" | "CHF" | "INR" | "NZD" | "SGD" | "JPY" => 50,
        "GBP" => 30,
        "DKK" => 250,
        "NOK" | "SEK" => 300,
        "HKD" => 400,
        "MXN" | "THB" => 1_000,
        "CZK" => 1_500,
        "HUF" => 17_500,
        "PLN" | "AED" | "MYR" | "RON" => 200,
        _ => 1,
    }
}

/// Largest charge, in Stripe's minor units: eight digits.
const STRIPE_LARGEST: i64 = 99_999_999;

/// In Stripe's minor units; nothing for what Stripe cannot express.
pub fn in_stripe_units(money: Money) -> Option<i64> {
    let (ours, theirs) = (money.currency.minor_digits(), stripe_digits(money.currency));
    let minor = money.amount.minor();
    let counted = if ours <= theirs {
        minor.checked_mul(10_i64.pow(theirs - ours))
    } else {
        let unit = 10_i64.pow(ours - theirs);
        (minor % unit == 0).then_some(minor / unit)
    };
    counted.filter(|counted| *counted > 0 && counted % stripe_step(money.currency) == 0)
}

/// The currencies that PayPal takes.
const PAYPAL_CURRENCIES: [&str; 24] = [
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR", "NOK",
    "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
];

/// Currencies that PayPal takes in whole units only, whatever ISO 4217 says of their digits.
pub const PAYPAL_WHOLE_UNITS: [&str; 3] = ["HUF", "JPY", "TWD"];

/// Why this provider cannot take this total, if so; of providers that are not known here nothing is said.
pub fn cannot_take(provider: &str, money: Money) -> Option<String> {
    match provider {
        "stripe" => stripe_cannot(money),
        "paypal" => paypal_cannot(money),
        _ => None,
    }
}

fn stripe_cannot(money: Money) -> Option<String> {
    match in_stripe_units(money) {
        None => Some(format!("stripe cannot take exactly {money}")),
        Some(counted) if counted < stripe_least(money.currency) => Some(format!("{money} is too little for stripe")),
        Some(counted) if counted > STRIPE_LARGEST => Some(format!("{money} is too much for stripe")),
        Some(_) => None,
    }
}

fn paypal_cannot(money: Money) -> Option<String> {
    let code = money.currency.code();
    if !PAYPAL_CURRENCIES.contains(&code) {
        return Some(format!("paypal does not take {code}"));
    }
    let unit = 10_i64.pow(money.currency.minor_digits());
    let broken = PAYPAL_WHOLE_UNITS.contains(&code) && money.amount.minor() % unit != 0;
    broken.then(|| format!("paypal takes only whole units of {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(provider: &str, text: &str, code: &str) -> Option<String> {
        cannot_take(provider, Money::parse(text, code.parse().unwrap()).unwrap())
    }

    #[test]
    fn m7_what_a_provider_cannot_take_is_known_before_anybody_pays() {
        assert_eq!(refusal("stripe", "1.313", "KWD").unwrap(), "stripe cannot take exactly 1.313 KWD");
        assert_eq!(refusal("stripe", "0.49", "EUR").unwrap(), "0.49 EUR is too little for stripe");
        assert_eq!(refusal("stripe", "1000000.00", "EUR").unwrap(), "1000000.00 EUR is too much for stripe");
        assert_eq!(refusal("paypal", "1.313", "KWD").unwrap(), "paypal does not take KWD");
        assert_eq!(refusal("paypal", "10.50", "TWD").unwrap(), "paypal takes only whole units of TWD");
        for (provider, text, code) in [
            ("stripe", "1.310", "KWD"),
            ("stripe", "0.50", "EUR"),
            ("paypal", "10.00", "TWD"),
            ("sandbox", "1.313", "KWD"),
        ] {
            assert_eq!(refusal(provider, text, code), None, "{provider} {text} {code}");
        }
    }
}
