//! Why a use case did not do what was asked, in words that the edge can translate once.

use jiff::Timestamp;
use oms_domain::access::Denied;
use oms_domain::catalog::stock::Stock;
use oms_domain::catalog::{NotSellable, Product};
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::money::Money;
use oms_domain::ordering::{Refusal, Terms};

use crate::ports::{GatewayError, Outage, StoreError};

/// A part of the input that is wrong, by JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where, e.g. `/items/0/quantity`.
    pub pointer: String,
    /// What is wrong with it, in words for whoever sent it.
    pub message: String,
}

impl Field {
    /// Names a wrong part.
    #[allow(clippy::needless_pass_by_value, reason = "callers hand over texts and errors alike")]
    pub fn new(pointer: impl Into<String>, message: impl ToString) -> Self {
        Field { pointer: pointer.into(), message: message.to_string() }
    }
}

/// A product that cannot be ordered as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOrderable {
    /// Where it stands in the request.
    pub pointer: String,
    pub product_id: ProductId,
    pub reason: NotSellable,
    /// How many there are, where that is the reason.
    pub available: Option<u32>,
}

/// A price that is not what the customer saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceChange {
    /// Where it stands in the request.
    pub pointer: String,
    pub product_id: ProductId,
    /// What it costs now.
    pub current: Money,
}

/// Another total than the customer saw, with all that it follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalChange {
    /// On which it can be ordered now.
    pub terms: Terms,
    /// Products that cost something else than the customer saw.
    pub prices: Vec<PriceChange>,
    /// Promotion codes that do not apply any more.
    pub lapsed: Vec<Field>,
}

/// Which product cannot be had, and why.
pub fn unavailable_field(product: &NotOrderable) -> Field {
    let why = match (product.reason, product.available) {
        (NotSellable::Missing, _) => "does not exist".to_owned(),
        (NotSellable::Discontinued, _) => "is no longer sold".to_owned(),
        (NotSellable::Region, _) => "is not sold in this country".to_owned(),
        (NotSellable::OutOfStock, Some(units)) if units > 0 => format!("has only {units} left"),
        (NotSellable::OutOfStock, _) => "is out of stock".to_owned(),
    };
    Field::new(product.pointer.clone(), format!("product {} {why}", product.product_id))
}

/// What a product costs now.
pub fn price_field(change: &PriceChange) -> Field {
    Field::new(change.pointer.clone(), format!("product {} now costs {}", change.product_id, change.current))
}

/// Of what there was too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Orders,
    /// So many orders wait for their payment.
    OpenOrders(usize),
    UnknownCodes,
    Payments,
    Messages,
    CarrierRates,
}

/// Why nothing was done. Unless it says otherwise, nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is not the caller's to see: the two look alike (O12).
    #[error("not found")]
    NotFound,
    /// The caller may see it, and may not do this.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// The customer is blocked from ordering (A12).
    #[error("the customer is not in good standing")]
    NotInGoodStanding,
    /// The customer does more than the shop takes from one (A22).
    #[error("too much of {limit:?}")]
    RateLimited {
        limit: Limit,
        /// When to try again, in seconds.
        retry_after_seconds: u32,
    },
    /// The input breaks rules; every broken one is named.
    #[error("the request breaks {} rule(s)", .0.len())]
    Invalid(Vec<Field>),
    /// The input cannot be understood.
    #[error("the request cannot be understood: {0}")]
    Malformed(String),
    /// `ORD-1002`: the address cannot be delivered to.
    #[error("the address is not valid")]
    Address(Vec<Field>),
    /// `ORD-1001`: products cannot be ordered as asked; others can.
    #[error("products are not available")]
    ProductsUnavailable {
        /// Which, and why.
        refused: Vec<NotOrderable>,
        /// What could be bought instead.
        alternatives: Vec<Product>,
    },
    /// `ORD-2002`: others were quicker at the same stock, again and again; a fresh attempt may succeed.
    #[error("stock was taken by others while ordering")]
    StockTaken,
    /// Prices are not what the customer saw (A23).
    #[error("prices have changed")]
    PriceChanged(Vec<PriceChange>),
    /// The order costs something else than the customer saw; the new total has to be accepted (A23).
    #[error("the total has changed")]
    TotalChanged(Box<TotalChange>),
    /// A change costs something else than the caller saw: these terms, and this difference.
    #[error("the difference has changed")]
    DifferenceChanged(Box<TotalChange>, Money),
    /// A promotion was used as often as it may be; others were quicker, or the customer has had it.
    #[error("a promotion is used up")]
    PromotionUsedUp(Field),
    /// The same cart is already ordered and waits for payment (A20).
    #[error("the same cart is already ordered as {0}")]
    DuplicateOrder(OrderId),
    /// The seller has another product of this SKU.
    #[error("product {0} has this SKU")]
    SkuTaken(ProductId),
    /// The counters do not allow the movement.
    #[error("the stock does not allow it")]
    InsufficientStock(Box<Stock>),
    /// The order refuses, for a business reason.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The caller's `If-Match` is not the version of what they want to change.
    #[error("it is at version {current}")]
    VersionConflict {
        /// The version now.
        current: u64,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// `ORD-2001`: the provider refuses the payment.
    #[error("the payment was refused: {0}")]
    PaymentRefused(String),
    /// The provider cannot be reached. Another one may be; and if the attempt was recorded, we go on trying.
    #[error("payment provider {provider} cannot be reached: {cause}")]
    ProviderDown {
        provider: String,
        /// Others on offer.
        others: Vec<String>,
        /// After how many seconds to ask again, if the provider says so.
        retry_after_seconds: Option<u64>,
        /// Whether the attempt is recorded, so that the customer gets a message once its page is open.
        recorded: bool,
        /// Why not, for the log.
        cause: String,
    },
    /// The provider has too much to do and wants to be left alone.
    #[error("the payment provider is busy for {retry_after_seconds} s: {cause}")]
    ProviderBusy {
        /// When to try again, in seconds.
        retry_after_seconds: u64,
        /// For the log.
        cause: String,
    },
    /// The carrier does not sell the label, or does not take it back.
    #[error("the carrier refuses: {0}")]
    LabelRefused(String),
    /// The carrier cannot be reached. Nothing was bought.
    #[error("carrier {carrier} cannot be reached: {cause}")]
    CarrierDown {
        carrier: String,
        /// After how many seconds to ask again, if the carrier says so.
        retry_after_seconds: Option<u64>,
        /// Why not, for the log.
        cause: String,
    },
    /// A webhook that is not believed.
    #[error("the signature is not valid: {0}")]
    Signature(String),
    /// Others are changing the same thing; try again.
    #[error("others are changing the same thing")]
    Contended,
    /// A provider or the store cannot be reached; try again later.
    #[error("unavailable for now: {0}")]
    ServiceUnavailable(String),
    /// Something that must not be: a person has to look.
    #[error("internal error: {0}")]
    Internal(String),
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Hidden => Error::NotFound,
            Denied::Forbidden(why) => Error::Forbidden(why),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => Error::ServiceUnavailable(why),
            StoreError::Damaged(what) => Error::Internal(what),
        }
    }
}

impl From<Outage> for Error {
    fn from(outage: Outage) -> Self {
        Error::ServiceUnavailable(outage.0)
    }
}

impl From<GatewayError> for Error {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::Unavailable(why) => Error::ServiceUnavailable(why),
            GatewayError::Busy { seconds, why } => Error::ProviderBusy { retry_after_seconds: seconds, cause: why },
            GatewayError::Declined(why) => Error::PaymentRefused(why),
        }
    }
}

impl Error {
    /// Whether asking again, unchanged, may help.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Error::ServiceUnavailable(_)
                | Error::ProviderDown { .. }
                | Error::ProviderBusy { .. }
                | Error::CarrierDown { .. }
                | Error::Contended
                | Error::StockTaken
        )
    }
}

/// Reads a time range in which `until` is exclusive; refuses one that is empty. The last day that can be told begins and
/// ends at the end of time; nothing is wrong with asking for it.
pub fn checked_range(from: Option<Timestamp>, until: Option<Timestamp>) -> Result<(), Error> {
    match (from, until) {
        (Some(from), Some(until)) if from >= until && until < Timestamp::MAX => {
            Err(Error::Invalid(vec![Field::new("/end_date", "must be later than start_date")]))
        }
        _ => Ok(()),
    }
}
