//! On which terms an order is placed, and what of them a draft knows already.
//!
//! Terms are worked out by the tables and product facts of one moment and are frozen as the order is submitted. What a
//! draft shows until then is an estimate: it keeps what its customer asked for, and is priced again.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::amendment::Extra;
use super::state::{Line, Order};
use super::status::Status;
use crate::money::Currency;
use crate::pricing::Totals;
use crate::pricing::dispatch::Delivery;
use crate::pricing::promotion::Use;
use crate::returns::policy::ReturnTerms;

/// How long a draft can be submitted.
pub const DRAFT_DAYS: i64 = 7;

const HOURS_PER_DAY: i64 = 24;

/// All that the price of an order consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub currency: Currency,
    /// Code of the shipping method.
    #[serde(rename = "method")]
    pub shipping_method: String,
    /// How long that takes. Terms of before lack it.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "days")]
    pub delivery: Option<Delivery>,
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// Codes of the promotions in force, those without a code of their own included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<String>,
    /// Which of their uses are counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// What staff charge or take off beside the lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<Extra>,
    /// On which terms goods come back, where the shop has set them up. Terms of before lack it.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "returns")]
    pub return_terms: Option<ReturnTerms>,
}

impl Terms {
    /// Those that the order shows.
    pub fn of(order: &Order) -> Self {
        Terms {
            currency: order.currency,
            shipping_method: order.shipping_method.clone(),
            delivery: order.delivery.clone(),
            lines: order.lines.clone(),
            totals: order.totals,
            promotions: order.promotions.clone(),
            uses: order.uses.clone(),
            extras: order.extras.clone(),
            return_terms: order.return_terms.clone(),
        }
    }

    /// Whether the customer gets the same for the same money, line by line.
    pub fn cost_the_same_as(&self, other: &Terms) -> bool {
        let price = |line: &Line| (line.product_id, line.quantity, line.price, line.discount, line.tax);
        let sums = |terms: &Terms| (terms.currency, terms.totals);
        sums(self) == sums(other)
            && self.shipping_method == other.shipping_method
            && self.lines.iter().map(price).eq(other.lines.iter().map(price))
    }

    /// Whether they are for these lines: whoever accepts terms accepts them for what is in the cart.
    pub(super) fn are_for(&self, lines: &[Line]) -> bool {
        let what = |line: &Line| (line.line, line.product_id, line.quantity);
        self.lines.iter().map(what).eq(lines.iter().map(what))
    }
}

/// What the customer asked for and the terms of a draft follow from, beside its lines and where they go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wishes {
    /// Promotion codes as given.
    pub promotion_codes: Vec<String>,
    /// Code of the shipping method, if one was named.
    pub shipping_method: Option<String>,
}

/// What belongs to a draft only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Until when it can be submitted.
    pub until: Timestamp,
    /// Promotion codes as given.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "codes")]
    pub promotion_codes: Vec<String>,
    /// Code of the shipping method, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "method")]
    pub shipping_method: Option<String>,
}

impl Draft {
    /// Begun `now`.
    pub(super) fn of(wishes: Wishes, now: Timestamp) -> Self {
        let Wishes { promotion_codes, shipping_method } = wishes;
        Draft { until: end_of_draft(now), promotion_codes, shipping_method }
    }
}

/// When a draft that was begun then can no longer be submitted.
pub fn end_of_draft(created_at: Timestamp) -> Timestamp {
    let lifetime = SignedDuration::from_hours(DRAFT_DAYS * HOURS_PER_DAY);
    created_at.checked_add(lifetime).unwrap_or(Timestamp::MAX)
}

impl Order {
    /// Until when a draft can be submitted. Drafts of before drafts had an end are given one by their age.
    pub fn draft_until(&self) -> Option<Timestamp> {
        let own = self.draft.as_ref().map(|draft| draft.until);
        (self.status == Status::Draft).then(|| own.unwrap_or_else(|| end_of_draft(self.created_at)))
    }

    /// When somebody must come back to the order if nothing happens until then.
    pub fn due_at(&self) -> Option<Timestamp> {
        if let Some(offer) = &self.offer {
            return Some(offer.until);
        }
        match self.status {
            Status::Draft => self.draft_until(),
            Status::Pending => self.reservation_expires_at,
            Status::Confirmed
            | Status::Processing
            | Status::Shipped
            | Status::Delivered
            | Status::ReturnRequested
            | Status::Returned
            | Status::Refunded
            | Status::Cancelled => self.return_due_at(),
        }
    }

    /// What its customer asked for. Drafts of before did not keep it: a promotion in force was asked for unless it
    /// `applies_by_itself`, and so was the shipping method.
    pub fn wishes(&self, applies_by_itself: impl Fn(&str) -> bool) -> Wishes {
        match &self.draft {
            Some(draft) => Wishes {
                promotion_codes: draft.promotion_codes.clone(),
                shipping_method: draft.shipping_method.clone(),
            },
            None => Wishes {
                promotion_codes: self.promotions.iter().filter(|code| !applies_by_itself(code)).cloned().collect(),
                shipping_method: Some(self.shipping_method.clone()),
            },
        }
    }

    /// Takes over the terms on which it is submitted.
    pub(super) fn take_terms(&mut self, terms: &Terms) {
        let Terms { currency, shipping_method, delivery, lines, totals, promotions, uses, extras, return_terms } =
            terms.clone();
        self.currency = currency;
        self.shipping_method = shipping_method;
        self.delivery = delivery;
        self.lines = lines;
        self.totals = totals;
        self.promotions = promotions;
        self.uses = uses;
        self.extras = extras;
        self.return_terms = return_terms;
    }
}
