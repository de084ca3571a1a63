//! How much one customer may do, so that nobody empties a small shop, guesses its promotion codes or writes to strangers in
//! its name.
//!
//! 1. What changes an order is counted in the order's own transaction ([`Held`], `companions/account.rs`).
//! 2. What is refused changes nothing and is counted afterwards: a refusal costs the store as much as an order does.
//! 3. Whoever is at a limit is told when there is room again. The process remembers it, and until then answers without
//!    asking the store.
//!
//! Staff are not held to limits: they act for customers who have called.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use oms_domain::actor::Caller;
use oms_domain::ids::{OrderId, UserId};
use serde::Deserialize;

use crate::error::{Error, Limit};
use crate::ports::{Act, Allowance, Allowances, Clock, Counted, Limited, MAX_ACTS, StoreError};
use crate::world::{Misconfigured, World};

const MINUTE_SECONDS: u32 = 60;
const HOUR_SECONDS: u32 = 60 * MINUTE_SECONDS;
const DAY_SECONDS: u32 = 24 * HOUR_SECONDS;

/// Most customers at a limit that a process remembers; beyond it it starts over.
const MAX_REMEMBERED: usize = 10_000;

/// What the shop has set. Nothing said means the defaults, which protect a small shop; 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Orders that a customer asks for in a minute: created, submitted or refused (A22).
    pub orders_per_minute: u32,
    /// A customer's orders that wait for their payment.
    pub open_orders: u32,
    /// Units of one product in an order, where the product does not say otherwise.
    pub units_per_product: u32,
    /// Promotion codes that a customer names in an hour and that do not exist.
    pub unknown_codes_per_hour: u32,
    /// Payments that a customer asks for in a minute.
    pub payments_per_minute: u32,
    /// Messages to one recipient in a day about orders that nobody has paid.
    pub messages_per_day: u32,
    /// Quotes in an hour for which a customer has carriers asked; beyond them the shipping table's prices count.
    pub carrier_rates_per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            orders_per_minute: 10,
            open_orders: 3,
            units_per_product: 20,
            unknown_codes_per_hour: 20,
            payments_per_minute: 10,
            messages_per_day: 10,
            carrier_rates_per_hour: 60,
        }
    }
}

impl Limits {
    /// Nobody is held to anything.
    pub const NONE: Limits = Limits {
        orders_per_minute: 0,
        open_orders: 0,
        units_per_product: 0,
        unknown_codes_per_hour: 0,
        payments_per_minute: 0,
        messages_per_day: 0,
        carrier_rates_per_hour: 0,
    };

    fn allowance(self, act: Act) -> Option<Allowance> {
        let (most, span_seconds) = match act {
            Act::Order => (self.orders_per_minute, MINUTE_SECONDS),
            Act::UnknownCode => (self.unknown_codes_per_hour, HOUR_SECONDS),
            Act::Payment => (self.payments_per_minute, MINUTE_SECONDS),
            Act::Message => (self.messages_per_day, DAY_SECONDS),
            Act::CarrierRates => (self.carrier_rates_per_hour, HOUR_SECONDS),
        };
        (most > 0).then(|| Allowance { act, most: most.min(MAX_ACTS), span_seconds })
    }
}

/// What the customer of a change is held to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    pub open_orders: Option<u32>,
    pub orders: Option<Allowance>,
    pub payments: Option<Allowance>,
    /// Only if the change names promotion codes.
    pub codes: Option<Allowance>,
}

/// Holds customers to their limits.
#[derive(Clone)]
pub struct Limiter {
    limits: Limits,
    clock: Arc<dyn Clock>,
    /// Counts what changes no order; nothing: only what does is counted.
    allowances: Option<Arc<dyn Allowances>>,
    shut: Arc<Mutex<HashMap<(UserId, Act), Timestamp>>>,
}

impl Limiter {
    /// Counts in the transactions of orders only.
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Limiter { limits, clock, allowances: None, shut: Arc::default() }
    }

    /// Counts what is refused, too.
    #[must_use]
    pub fn counting(self, allowances: Arc<dyn Allowances>) -> Self {
        Limiter { allowances: Some(allowances), ..self }
    }

    pub fn of(world: &impl World) -> Result<Self, Misconfigured> {
        Ok(Limiter::new(world.setting()?, world.clock()).counting(world.allowances()))
    }

    /// What a change by this caller is held to.
    pub(crate) fn held(&self, caller: &Caller, names_codes: bool) -> Held {
        match caller {
            Caller::Admin(_) => Held::default(),
            Caller::Customer(_) | Caller::Seller { .. } => Held {
                open_orders: Some(self.limits.open_orders).filter(|most| *most > 0),
                orders: self.limits.allowance(Act::Order),
                payments: self.limits.allowance(Act::Payment),
                codes: self.limits.allowance(Act::UnknownCode).filter(|_| names_codes),
            },
        }
    }

    /// How many units of a product an order of this caller may have, where the product says nothing.
    pub(crate) fn units_per_product(&self, caller: &Caller) -> Option<u32> {
        match caller {
            Caller::Admin(_) => None,
            Caller::Customer(_) | Caller::Seller { .. } if self.limits.units_per_product == 0 => Some(u32::MAX),
            Caller::Customer(_) | Caller::Seller { .. } => Some(self.limits.units_per_product),
        }
    }

    /// Refuses whom this process knows to be at a limit.
    pub(crate) fn check(&self, caller: &Caller, act: Act) -> Result<(), Error> {
        let now = self.clock.now();
        let mut shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (caller.user().clone(), act);
        match shut.get(&key).copied() {
            Some(until) if until > now && !matches!(caller, Caller::Admin(_)) => Err(told(act, until, now)),
            Some(until) if until <= now => {
                shut.remove(&key);
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Counts an attempt that came to nothing. Whoever has had too many of them learns that instead of the reason.
    pub(crate) async fn refused(&self, caller: &Caller, error: Error) -> Error {
        let ours = error.is_transient() || matches!(error, Error::Internal(_) | Error::RateLimited { .. });
        if ours {
            return error;
        }
        match self.count(caller, Act::Order).await {
            Ok(()) => error,
            Err(limited) => limited,
        }
    }

    /// Counts a code that does not exist.
    pub(crate) async fn guessed(&self, caller: &Caller) -> Result<(), Error> {
        self.count(caller, Act::UnknownCode).await
    }

    /// Whether the caller may name codes: after too many guesses no answer tells a code that exists from one that does not.
    pub(crate) async fn may_name_codes(&self, caller: &Caller) -> Result<(), Error> {
        let Some((allowances, allowance)) = self.counted(caller, Act::UnknownCode) else { return Ok(()) };
        self.check(caller, Act::UnknownCode)?;
        let now = self.clock.now();
        let counted = Counted::Customer(caller.user().clone());
        match allowances.exhausted(&counted, allowance, now).await? {
            Some(until) => Err(self.shut(caller, Act::UnknownCode, until)),
            None => Ok(()),
        }
    }

    async fn count(&self, caller: &Caller, act: Act) -> Result<(), Error> {
        let Some((allowances, allowance)) = self.counted(caller, act) else { return Ok(()) };
        let counted = Counted::Customer(caller.user().clone());
        match allowances.count(&counted, allowance, self.clock.now()).await? {
            Some(until) => Err(self.shut(caller, act, until)),
            None => Ok(()),
        }
    }

    fn counted(&self, caller: &Caller, act: Act) -> Option<(&dyn Allowances, Allowance)> {
        if matches!(caller, Caller::Admin(_)) {
            return None;
        }
        Some((self.allowances.as_deref()?, self.limits.allowance(act)?))
    }

    /// Whether one more message may go to this recipient today; counts it.
    pub(crate) async fn may_write_to(&self, recipient: &str) -> Result<bool, StoreError> {
        let (Some(allowances), Some(allowance)) = (self.allowances.as_deref(), self.limits.allowance(Act::Message))
        else {
            return Ok(true);
        };
        let counted = Counted::Recipient(crate::idempotency::fingerprint(&[recipient.to_lowercase().as_bytes()]));
        Ok(allowances.count(&counted, allowance, self.clock.now()).await?.is_none())
    }

    /// Whether carriers may be asked for their prices for this caller; counts it. Nobody is told that they may not: a quote has other
    /// prices.
    pub(crate) async fn may_ask_carriers(&self, caller: &Caller) -> Result<bool, StoreError> {
        let Some((allowances, allowance)) = self.counted(caller, Act::CarrierRates) else { return Ok(true) };
        if self.check(caller, Act::CarrierRates).is_err() {
            return Ok(false);
        }
        let counted = Counted::Customer(caller.user().clone());
        let until = allowances.count(&counted, allowance, self.clock.now()).await?;
        Ok(until.map(|until| self.shut(caller, Act::CarrierRates, until)).is_none())
    }

    fn shut(&self, caller: &Caller, act: Act, until: Timestamp) -> Error {
        let mut shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        if shut.len() >= MAX_REMEMBERED {
            shut.clear();
        }
        shut.insert((caller.user().clone(), act), until);
        told(act, until, self.clock.now())
    }

    /// What an account that does not permit a change means to the caller.
    pub(crate) fn limited(&self, caller: &Caller, act: Act, until: Timestamp) -> Error {
        self.shut(caller, act, until)
    }

    /// Too many orders wait for their payment; the first of them ends at this time.
    pub(crate) fn too_many_open(&self, orders: &[OrderId], until: Timestamp) -> Error {
        let retry_after_seconds = seconds(self.clock.now(), until);
        Error::RateLimited { limit: Limit::OpenOrders(orders.len()), retry_after_seconds }
    }
}

/// A limit that was met where no use case treats it in a way of its own.
pub(crate) fn limited_at(limited: Limited, now: Timestamp) -> Error {
    match limited {
        Limited::Exhausted(act, until) => told(act, until, now),
        Limited::OpenOrders(orders) => {
            Error::RateLimited { limit: Limit::OpenOrders(orders.len()), retry_after_seconds: MINUTE_SECONDS }
        }
    }
}

fn told(act: Act, until: Timestamp, now: Timestamp) -> Error {
    let limit = match act {
        Act::Order => Limit::Orders,
        Act::UnknownCode => Limit::UnknownCodes,
        Act::Payment => Limit::Payments,
        Act::Message => Limit::Messages,
        Act::CarrierRates => Limit::CarrierRates,
    };
    Error::RateLimited { limit, retry_after_seconds: seconds(now, until) }
}

/// Whole seconds until then, at least one.
fn seconds(now: Timestamp, until: Timestamp) -> u32 {
    let left = until.duration_since(now).max(SignedDuration::from_secs(1));
    u32::try_from(left.as_secs() + i64::from(left.subsec_nanos() > 0)).unwrap_or(u32::MAX)
}
