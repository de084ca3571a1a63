//! The sums of a cart or an order, as clients see them.

use oms_domain::money::{Amount, Currency, Money};
use oms_domain::pricing::Totals;
use serde::Serialize;
use utoipa::ToSchema;

use super::bounded::MoneyText;

/// Totals of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TotalsView {
    /// Currency code, ISO 4217.
    pub currency: String,
    /// Σ quantity × price.
    pub subtotal: MoneyText,
    /// Discount from promotions.
    pub discount: MoneyText,
    /// Surcharges; below zero, reductions.
    pub extras: MoneyText,
    /// Shipping cost.
    pub shipping: MoneyText,
    /// Tax.
    pub tax: MoneyText,
    /// Whether prices include tax, so that it is not added to the total.
    pub tax_included: bool,
    /// Amount the customer would pay.
    pub total: MoneyText,
}

impl TotalsView {
    pub fn of(totals: &Totals, currency: Currency) -> Self {
        let text = |amount: Amount| MoneyText::from(Money::new(amount, currency));
        TotalsView {
            currency: currency.code().to_owned(),
            subtotal: text(totals.subtotal),
            discount: text(totals.discount),
            extras: text(totals.extras),
            shipping: text(totals.shipping),
            tax: text(totals.tax),
            tax_included: totals.tax_included,
            total: text(totals.total),
        }
    }
}
