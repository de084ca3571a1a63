//! Promotions: what is taken off an order, by a code or by itself (A8, A23, C3).
//!
//! The order of application is fixed, so that the same cart always costs the same:
//!
//! 1. percentages, each of what the ones before have left;
//! 2. fixed amounts, each at most what is left;
//! 3. free shipping, perhaps by some methods only.
//!
//! Within a kind the codes' alphabetical order decides. A discount is rounded once and then spread over the lines with
//! [`Amount::allocate`], in proportion to what is left of each, so no line and no order goes below zero and no minor
//! unit is lost or made.
//!
//! A promotion can be limited to some products and categories: then it is worked out of those lines alone. An exclusive one
//! applies alone: one by code before all others, an automatic one only where no code is used.
//!
//! How often a promotion was used is not known here: the limits become conditions of the order's transaction.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::ProductId;
use crate::money::{Amount, Currency, Money};

/// Most codes of one order: each may need two counters in a transaction of bounded size.
pub const MAX_CODES: usize = 2;

/// Most promotions of a shop: they are read with every quote and fit one stored item.
pub const MAX_PROMOTIONS: usize = 200;

/// Longest code, in characters.
pub const MAX_CODE_CHARACTERS: usize = 40;

/// What a promotion does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Benefit {
    /// Takes a share off the goods; `0.10` is 10 %.
    Percentage {
        /// Above 0, at most 1.
        rate: Decimal,
    },
    /// Takes an amount of the promotion's currency off the goods.
    FixedAmount {
        /// In minor units.
        amount: Amount,
    },
    /// The goods travel free.
    FreeShipping,
}

impl Benefit {
    /// Place in the order of application.
    const fn rank(self) -> u8 {
        match self {
            Benefit::Percentage { .. } => 0,
            Benefit::FixedAmount { .. } => 1,
            Benefit::FreeShipping => 2,
        }
    }

    /// The name that clients see.
    pub const fn name(self) -> &'static str {
        match self {
            Benefit::Percentage { .. } => "percentage",
            Benefit::FixedAmount { .. } => "fixed_amount",
            Benefit::FreeShipping => "free_shipping",
        }
    }
}

/// A row of the promotion table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// What customers type, upper case; also names it in orders.
    pub code: String,
    /// Applies by itself to every order that it fits. Such a promotion has no limits of use: an order that cannot have
    /// it would have to be told so, for ever.
    #[serde(default)]
    pub automatic: bool,
    /// What it does.
    #[serde(flatten)]
    pub benefit: Benefit,
    /// For orders in this currency only; needed where it holds an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The goods must be worth this much, before discounts.
    #[serde(default, skip_serializing_if = "Amount::is_zero")]
    pub minimum: Amount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Until when, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// How often in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// How often by one customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses_per_customer: Option<u32>,
    /// Most that a percentage takes off, in the promotion's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Amount>,
    /// Free shipping by these methods only; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipping_methods: Vec<String>,
    /// For these products and those categories only; both empty means all. What it takes off and what it asks for as a
    /// minimum are of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<ProductId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Not together with any other.
    #[serde(default, skip_serializing_if = "is_false")]
    pub exclusive: bool,
    /// False: switched off.
    pub active: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A line of the cart as promotions see it.
#[derive(Debug, Clone, Copy)]
pub struct Goods<'a> {
    pub product_id: ProductId,
    pub category: &'a str,
    /// Before discounts.
    pub subtotal: Amount,
}

/// The shop's promotions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PromotionTable {
    /// At most [`MAX_PROMOTIONS`], each code once.
    pub promotions: Vec<Promotion>,
}

/// Why a promotion does not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such code, or one that is switched off, or whose time has not come: nobody learns today what is sold cheaper
    /// tomorrow.
    #[error("is not a valid promotion code")]
    Unknown,
    /// Its time is over.
    #[error("expired at {0}")]
    Ended(Timestamp),
    /// The goods are worth too little.
    #[error("needs a minimum order of {} {}", crate::money::Money::new(*.minimum, *.currency).decimal(), .currency)]
    MinimumNotMet {
        /// What the goods must be worth.
        minimum: Amount,
        /// In this currency.
        currency: Currency,
    },
    /// It is for orders in another currency.
    #[error("is only valid for orders in {0}")]
    OtherCurrency(Currency),
    /// It was used as often as it may be.
    #[error("has reached its usage limit")]
    UsedUp,
    /// Named twice.
    #[error("is listed twice")]
    Repeated,
    /// Nothing in the cart is what it is for.
    #[error("is not for any of these products")]
    OtherGoods,
    /// It, or one named before it, applies alone.
    #[error("cannot be combined with other codes")]
    NotCombinable,
}

impl Rejection {
    /// A stable code to program against.
    pub const fn code(&self) -> &'static str {
        match self {
            Rejection::Unknown => "promotion_unknown",
            Rejection::Ended(_) => "promotion_ended",
            Rejection::MinimumNotMet { .. } => "promotion_minimum_not_met",
            Rejection::OtherCurrency(_) => "promotion_other_currency",
            Rejection::UsedUp => "promotion_used_up",
            Rejection::Repeated => "promotion_repeated",
            Rejection::OtherGoods => "promotion_other_goods",
            Rejection::NotCombinable => "promotion_not_combinable",
        }
    }
}

/// One use of a promotion that is counted because it is limited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Which promotion.
    pub code: String,
    /// Which of its limits.
    pub of: UseLimit,
}

/// Which limit a use counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseLimit {
    /// How often in all.
    Total,
    /// How often by the order's customer.
    Customer,
}

/// A promotion that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub promotion: Promotion,
    /// What it takes off the goods.
    pub discount: Amount,
}

impl Applied {
    /// Its limits, each with the use that counts against it.
    pub fn limits(&self) -> Vec<(Use, u32)> {
        let Promotion { code, max_uses, max_uses_per_customer, .. } = &self.promotion;
        let limit = |of, most: &Option<u32>| most.map(|most| (Use { code: code.clone(), of }, most));
        [limit(UseLimit::Total, max_uses), limit(UseLimit::Customer, max_uses_per_customer)]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// What promotions make of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Those that apply, in the order of application.
    pub applied: Vec<Applied>,
    /// What they take off each line.
    pub line_discounts: Vec<Amount>,
    /// Whether shipping costs nothing, by whatever method.
    pub free_shipping: bool,
    /// Codes of methods that cost nothing.
    pub free_methods: Vec<String>,
    /// Codes that do not apply, by their place among those given.
    pub rejected: Vec<(usize, Rejection)>,
}

/// What a code is compared as.
pub fn normal(code: &str) -> String {
    code.trim().to_uppercase()
}

impl Outcome {
    /// Whether this method costs nothing.
    pub fn ships_free(&self, method: &str) -> bool {
        self.free_shipping || self.free_methods.iter().any(|free| free == method)
    }
}

impl Promotion {
    /// Whether it is for these goods.
    fn is_for(&self, goods: &Goods<'_>) -> bool {
        let all = self.products.is_empty() && self.categories.is_empty();
        all || self.products.contains(&goods.product_id) || self.categories.iter().any(|one| one == goods.category)
    }

    /// One of its amounts as the order counts money.
    fn in_currency(&self, amount: Amount, currency: Currency) -> Option<Amount> {
        self.currency.map_or(Some(amount), |own| Money::new(amount, own).counted_in(currency))
    }

    /// Whether it fits an order of these goods at this time.
    fn fits(&self, currency: Currency, goods: &[Goods<'_>], now: Timestamp) -> Result<(), Rejection> {
        if !self.active || self.starts_at.is_some_and(|starts| now < starts) {
            return Err(Rejection::Unknown);
        }
        if let Some(ended) = self.ends_at.filter(|ends| now >= *ends) {
            return Err(Rejection::Ended(ended));
        }
        if let Some(own) = self.currency.filter(|own| own.code() != currency.code()) {
            return Err(Rejection::OtherCurrency(own));
        }
        if !goods.iter().any(|goods| self.is_for(goods)) {
            return Err(Rejection::OtherGoods);
        }
        let value: Amount = goods.iter().filter(|goods| self.is_for(goods)).map(|goods| goods.subtotal).sum();
        let minimum = self.in_currency(self.minimum, currency).unwrap_or(self.minimum);
        if value < minimum {
            return Err(Rejection::MinimumNotMet { minimum, currency });
        }
        Ok(())
    }

    /// What it takes off goods of which this much is left.
    fn discount(&self, left: Amount, currency: Currency) -> Amount {
        let most = self.maximum.and_then(|most| self.in_currency(most, currency)).unwrap_or(left);
        match self.benefit {
            Benefit::Percentage { rate } => left.times_rate(rate).min(left).min(most),
            Benefit::FixedAmount { amount } => self.in_currency(amount, currency).unwrap_or_default().min(left),
            Benefit::FreeShipping => Amount::ZERO,
        }
    }
}

impl PromotionTable {
    /// Whether customers can know of this code now.
    pub fn knows(&self, code: &str, now: Timestamp) -> bool {
        let code = normal(code);
        let known = |promotion: &Promotion| promotion.active && promotion.starts_at.is_none_or(|starts| now >= starts);
        self.promotions.iter().any(|promotion| promotion.code == code && known(promotion))
    }

    /// Applies the codes given and all automatic promotions to these goods.
    pub fn apply(&self, codes: &[String], goods: &[Goods<'_>], currency: Currency, now: Timestamp) -> Outcome {
        let (mut chosen, rejected) = self.chosen(codes, currency, goods, now);
        chosen.sort_by(|one, other| (one.benefit.rank(), &one.code).cmp(&(other.benefit.rank(), &other.code)));
        let mut left: Vec<Amount> = goods.iter().map(|goods| goods.subtotal).collect();
        let mut outcome = Outcome { rejected, ..Outcome::default() };
        for promotion in chosen {
            let base: Vec<Amount> = goods
                .iter()
                .zip(&left)
                .map(|(goods, left)| if promotion.is_for(goods) { *left } else { Amount::ZERO })
                .collect();
            let discount = promotion.discount(base.iter().copied().sum(), currency);
            for (line, share) in left.iter_mut().zip(discount.allocate(&base)) {
                *line = *line - share;
            }
            if promotion.benefit == Benefit::FreeShipping {
                outcome.free_shipping |= promotion.shipping_methods.is_empty();
                outcome.free_methods.extend(promotion.shipping_methods.iter().cloned());
            }
            outcome.applied.push(Applied { promotion: promotion.clone(), discount });
        }
        outcome.line_discounts = goods.iter().zip(&left).map(|(goods, left)| goods.subtotal - *left).collect();
        outcome
    }

    fn chosen(
        &self,
        codes: &[String],
        currency: Currency,
        goods: &[Goods<'_>],
        now: Timestamp,
    ) -> (Vec<&Promotion>, Vec<(usize, Rejection)>) {
        let fits = |promotion: &Promotion| promotion.fits(currency, goods, now);
        let mut chosen: Vec<&Promotion> = Vec::new();
        let mut rejected = Vec::new();
        let mut seen = Vec::new();
        for (place, code) in codes.iter().enumerate() {
            let code = normal(code);
            let found = self.promotions.iter().find(|promotion| promotion.code == code);
            match found.ok_or(Rejection::Unknown).and_then(|promotion| fits(promotion).map(|()| promotion)) {
                Err(rejection) => rejected.push((place, rejection)),
                Ok(_) if seen.contains(&code) => rejected.push((place, Rejection::Repeated)),
                // It applies already.
                Ok(promotion) if promotion.automatic => {}
                Ok(promotion) if !combines(&chosen, promotion) => rejected.push((place, Rejection::NotCombinable)),
                Ok(promotion) => chosen.push(promotion),
            }
            seen.push(code);
        }
        let automatic = self.promotions.iter().filter(|promotion| promotion.automatic && fits(promotion).is_ok());
        let (mut alone, beside): (Vec<_>, Vec<_>) = automatic.partition(|promotion| promotion.exclusive);
        alone.sort_by(|one, other| one.code.cmp(&other.code));
        match alone.first() {
            Some(first) if chosen.is_empty() => chosen.push(first),
            Some(_) | None if chosen.iter().any(|promotion| promotion.exclusive) => {}
            Some(_) | None => chosen.extend(beside),
        }
        (chosen, rejected)
    }
}

/// Whether one more code can be used beside those.
fn combines(chosen: &[&Promotion], more: &Promotion) -> bool {
    chosen.is_empty() || !more.exclusive && chosen.iter().all(|promotion| !promotion.exclusive)
}

#[cfg(test)]
#[path = "promotion_tests.rs"]
mod tests;
