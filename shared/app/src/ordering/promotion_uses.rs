//! Promotions that may be used a limited number of times.
//!
//! Uses are counted in the order's own transaction, so a limit holds whatever was read before. An order that meets one
//! learns of it there; a quote reads the counters to tell it beforehand.

use oms_domain::ids::UserId;
use oms_domain::pricing::promotion::{Applied, Rejection, Use, UseLimit, normal};

use crate::error::{Error, Field};
use crate::ports::{Orders, StoreError, UsageCounter, UsageStep};

/// The counter behind a counted use of a promotion.
fn counter(counted: &Use, user: &UserId) -> UsageCounter {
    match counted.of {
        UseLimit::Total => UsageCounter::Promotion(counted.code.clone()),
        UseLimit::Customer => UsageCounter::PromotionOfCustomer(counted.code.clone(), user.clone()),
    }
}

/// One more use within its limit.
pub(crate) fn claim((counted, limit): &(Use, u32), user: &UserId) -> UsageStep {
    UsageStep { counter: counter(counted, user), delta: 1, limit: Some(*limit), expires_at: None }
}

/// One use less.
pub(crate) fn given_back(counted: &Use, user: &UserId) -> UsageStep {
    UsageStep { counter: counter(counted, user), delta: -1, limit: None, expires_at: None }
}

/// Codes of those promotions that this customer cannot use any more. No round trip if none is limited.
pub(crate) async fn used_up(
    orders: &dyn Orders,
    promotions: &[Applied],
    customer: &UserId,
) -> Result<Vec<String>, StoreError> {
    let limits: Vec<_> = promotions.iter().flat_map(Applied::limits).collect();
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let counters: Vec<UsageCounter> = limits.iter().map(|(counted, _)| counter(counted, customer)).collect();
    let uses = orders.used(&counters).await?;
    let full = limits.into_iter().zip(uses).filter(|((_, limit), uses)| uses >= limit);
    Ok(full.map(|((counted, _), _)| counted.code).collect())
}

/// What a limit that an order met means: a promotion that applies by itself is left out, and this is its code; what the
/// customer asked for is refused.
pub(crate) fn left_out(counter: &UsageCounter, codes: &[String]) -> Result<String, Error> {
    let code = match counter {
        UsageCounter::Promotion(code) | UsageCounter::PromotionOfCustomer(code, _) => code,
        UsageCounter::Creations(..) => {
            return Err(Error::Internal("an order met a counter that is no longer written".into()));
        }
    };
    match codes.iter().position(|given| normal(given) == *code) {
        Some(place) => Err(Error::PromotionUsedUp(Field::new(format!("/promotion_codes/{place}"), Rejection::UsedUp))),
        None => Ok(code.clone()),
    }
}
