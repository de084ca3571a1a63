//! The one way to change an order: load, decide, commit.
//!
//! 1. The use case has loaded the order (one round trip) and checked that the caller may do this.
//! 2. `decide` answers with events or refuses. Nothing is written for a refusal or for what had happened before.
//! 3. Events, state, stock moves and the command's record are committed together (one round trip).
//! 4. If the order moved on in between, the store hands out its present state, and step 2 is taken again on that.
//!
//! A key makes a command repeatable: whatever stands in the way of doing it twice, its first outcome is told again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use oms_domain::actor::{Actor, Caller};
use oms_domain::card::card_like;
use oms_domain::catalog::NotSellable;
use oms_domain::ids::{MethodId, OrderId, UserId};
use oms_domain::money::Money;
use oms_domain::ordering::address::Person;
use oms_domain::ordering::{Change, Command, Decision, Order, Provenance, Refusal, Status, decide};
use oms_domain::pricing::promotion::{Use, UseLimit};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, NotOrderable, PriceChange};
use crate::ports::{
    CheckoutSession, Clock, CommandKey, CommandRecord, Commit, CommitError, Orders, SavedMethod, Shortage, Stored,
    UsageCounter, UsageStep,
};

/// How often a change starts over because others changed the order first.
const MAX_ROUNDS: u32 = 32;

/// How long a caller's key is remembered.
pub(crate) const KEY_HOURS: i64 = 7 * 24;

/// An idempotency key as a caller gave it, with the fingerprint of the request it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Up to 255 characters.
    pub key: String,
    /// Hash of route and body.
    pub request: String,
}

/// Hash of a request, to tell a repeat from another request under the same key.
pub fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

impl CommandKey {
    /// A caller's key: keys belong to callers, so two callers' equal keys are different.
    pub fn of_caller(user: &UserId, key: &str) -> Self {
        CommandKey(format!("caller#{}", fingerprint(&[user.as_str().as_bytes(), key.as_bytes()])))
    }

    /// A provider's notification.
    pub fn of_notification(provider: &str, event_id: &str) -> Self {
        CommandKey(format!("{provider}#{}", fingerprint(&[event_id.as_bytes()])))
    }
}

/// The circumstances of a change.
#[derive(Debug, Clone)]
pub struct CommandContext {
    /// Who does it.
    pub actor: Actor,
    /// On which request or message (P1).
    pub correlation_id: String,
    /// The version that the caller has seen, if they said so (`If-Match`).
    pub expected_version: Option<u64>,
    /// Under which key it is remembered.
    pub key: Option<(CommandKey, String)>,
    /// With a request to pay: where the customer goes afterwards, if they said so.
    pub return_url: Option<String>,
}

impl CommandContext {
    /// A rule's or a message's context.
    pub fn of(actor: Actor, correlation_id: &str) -> Self {
        CommandContext {
            actor,
            correlation_id: correlation_id.to_owned(),
            expected_version: None,
            key: None,
            return_url: None,
        }
    }

    /// A person's context.
    pub fn by(caller: &Caller, correlation_id: &str) -> Self {
        CommandContext::of(caller.actor(), correlation_id)
    }

    /// Only if the order still has this version.
    #[must_use]
    pub fn with_version(mut self, version: Option<u64>) -> Self {
        self.expected_version = version;
        self
    }

    /// Remembered under a caller's key.
    #[must_use]
    pub fn with_idempotency(mut self, caller: &Caller, idempotency: Option<&Idempotency>) -> Self {
        self.key = idempotency.map(|given| (CommandKey::of_caller(caller.user(), &given.key), given.request.clone()));
        self
    }

    /// With the address to which the customer returns from the page.
    #[must_use]
    pub fn with_return_url(mut self, return_url: Option<String>) -> Self {
        self.return_url = return_url;
        self
    }

    /// Remembered as a provider's notification.
    #[must_use]
    pub fn with_notification(mut self, provider: &str, event_id: &str) -> Self {
        self.key = Some((CommandKey::of_notification(provider, event_id), String::new()));
        self
    }
}

/// An order with its person record, for those who may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderWithContact {
    pub order: Order,
    /// Its person record; nothing once that was erased.
    pub person: Option<Person>,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It happened; the order is now this.
    Changed(Order),
    /// It had happened before; the order is now this.
    Unchanged(Order),
    /// The key was used before for the same request, with this outcome.
    Repeated {
        /// The order as last seen.
        order: Order,
        /// What the caller was given then.
        outcome: String,
    },
}

impl Outcome {
    /// The order, whatever came of it.
    pub fn into_order(self) -> Order {
        match self {
            Outcome::Changed(order) | Outcome::Unchanged(order) | Outcome::Repeated { order, .. } => order,
        }
    }
}

/// Decides `command` on the loaded order and commits what follows.
///
/// `outcome` is what is remembered under the context's key: derived from the order after the change.
pub async fn execute(
    orders: &dyn Orders,
    clock: &dyn Clock,
    order: Order,
    command: &Command,
    context: &CommandContext,
    outcome: impl Fn(&Order) -> String,
) -> Result<Outcome, Error> {
    let mut order = order;
    for _ in 0..MAX_ROUNDS {
        if let Some(expected) = context.expected_version.filter(|expected| *expected != order.version) {
            let error = Error::VersionConflict { current: order.version };
            tracing::debug!(expected, current = order.version, "version is not the expected one");
            return repeated_or(orders, order, context, error).await;
        }
        let now = clock.now();
        let events = match decide(&order, command.clone(), now) {
            Ok(Decision::Happens(events)) => events,
            Ok(Decision::AlreadyApplied) => return Ok(Outcome::Unchanged(order)),
            Err(refusal) => return repeated_or(orders, order, context, refusal.into()).await,
        };
        let provenance =
            Provenance { at: now, actor: context.actor.clone(), correlation_id: context.correlation_id.clone() };
        let change = Change::new(order.id, Some(&order), events, &provenance)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let mut commit = Commit::of(change);
        if matches!(command, Command::Submit) {
            commit.standing = Some(commit.change.order.user_id.clone());
        }
        commit.kept = kept(command, &commit.change.order);
        if matches!(command, Command::RequestPayment { .. }) {
            commit.page = CheckoutSession::wanted(&commit.change.order, context.return_url.clone());
        }
        commit.counts = given_back(&order, &commit.change.order);
        commit.command = context.key.as_ref().map(|(key, request)| {
            let outcome = outcome(&commit.change.order);
            (key.clone(), CommandRecord { request: request.clone(), outcome, expires_at: expiry(now) })
        });
        match orders.commit(&commit).await {
            Ok(()) => return Ok(Outcome::Changed(commit.change.order)),
            Err(CommitError::Stale(current)) => order = *current,
            Err(CommitError::CommandSeen(record)) => {
                // The key was used by a request that ran beside this one, so the order is newer than what was loaded.
                let order = orders.load(order.id).await?.ok_or(Error::NotFound)?.order;
                return repeat(order, context, record);
            }
            Err(CommitError::Stock(shortages)) if matches!(command, Command::Submit) => {
                return Err(shortage(&order, &shortages));
            }
            Err(error) => return Err(commit_failure(error)),
        }
    }
    Err(Error::Contended)
}

/// What a payment lets us keep, if the customer agreed to it when that very attempt was asked for (E6). What looks like
/// a card number is no token and no label, and is not kept (E7).
fn kept(command: &Command, order: &Order) -> Option<SavedMethod> {
    let Command::RecordPayment { payment_id, provider, kept: Some(method), .. } = command else { return None };
    let attempt = order.ledger.payment(*payment_id).filter(|attempt| attempt.keep)?;
    if card_like(&method.token) || card_like(&method.label) {
        tracing::error!(order_id = %order.id, %provider, "a provider names a means of payment like a card number");
        return None;
    }
    Some(SavedMethod {
        id: MethodId::of_token(provider, &method.token),
        user_id: order.user_id.clone(),
        provider: provider.clone(),
        method: method.clone(),
        consented_at: attempt.requested_at,
    })
}

/// The counter behind a counted use of a promotion.
pub fn counter(counted: &Use, user: &UserId) -> UsageCounter {
    match counted.of {
        UseLimit::Total => UsageCounter::Promotion(counted.code.clone()),
        UseLimit::Customer => UsageCounter::PromotionOfCustomer(counted.code.clone(), user.clone()),
    }
}

/// An order that is cancelled unpaid gives back the uses of promotions that were counted for it.
fn given_back(before: &Order, after: &Order) -> Vec<UsageStep> {
    let comes_to_nothing =
        after.status == Status::Cancelled && before.status != Status::Cancelled && after.paid_at.is_none();
    let uses = before.uses.iter().filter(|_| comes_to_nothing);
    uses.map(|counted| UsageStep {
        counter: counter(counted, &before.user_id),
        delta: -1,
        limit: None,
        expires_at: None,
    })
    .collect()
}

/// When a key that is used now may be forgotten.
fn expiry(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(KEY_HOURS)).unwrap_or(Timestamp::MAX)
}

async fn repeated_or(
    orders: &dyn Orders,
    order: Order,
    context: &CommandContext,
    error: Error,
) -> Result<Outcome, Error> {
    let Some((key, _)) = &context.key else { return Err(error) };
    match orders.command(order.id, key).await? {
        Some(record) => repeat(order, context, record),
        None => Err(error),
    }
}

fn repeat(order: Order, context: &CommandContext, record: CommandRecord) -> Result<Outcome, Error> {
    match &context.key {
        Some((_, request)) if *request == record.request => Ok(Outcome::Repeated { order, outcome: record.outcome }),
        Some(_) | None => Err(Error::IdempotencyMismatch),
    }
}

/// A failed commit that no use case treats in a way of its own.
pub fn commit_failure(error: CommitError) -> Error {
    match error {
        CommitError::Missing => Error::NotFound,
        CommitError::NotInGoodStanding => Error::NotInGoodStanding,
        CommitError::Contended | CommitError::Stale(_) => Error::Contended,
        CommitError::Store(error) => error.into(),
        CommitError::Stock(shortages) => Error::Internal(format!(
            "stock does not add up: {:?}",
            shortages.iter().map(|s| s.product_id).collect::<Vec<_>>()
        )),
        CommitError::Exists { .. }
        | CommitError::CommandSeen(_)
        | CommitError::CartTaken(_)
        | CommitError::LimitReached(_) => Error::Internal(format!("a change met {error}")),
    }
}

/// What a submitted order could not reserve: another price (A23), or too few, or not sold any more (`ORD-1001`).
fn shortage(order: &Order, shortages: &[Shortage]) -> Error {
    let mut refused = Vec::new();
    let mut changed = Vec::new();
    for short in shortages {
        let Some(place) = order.lines.iter().position(|line| line.product_id == short.product_id) else { continue };
        let line = &order.lines[place];
        let refuse = |reason, available| NotOrderable {
            pointer: format!("/items/{place}"),
            product_id: short.product_id,
            reason,
            available,
        };
        match &short.found {
            None => refused.push(refuse(NotSellable::Missing, None)),
            Some(product) if !product.active => refused.push(refuse(NotSellable::Discontinued, None)),
            Some(product) if (product.price, product.currency) != (line.price, order.currency) => {
                changed.push(PriceChange {
                    pointer: format!("/items/{place}/price"),
                    product_id: product.id,
                    current: Money::new(product.price, product.currency),
                });
            }
            Some(product) => refused.push(refuse(NotSellable::OutOfStock, Some(product.stock.available))),
        }
    }
    if refused.is_empty() && !changed.is_empty() {
        return Error::PriceChanged(changed);
    }
    Error::ProductsUnavailable { refused, alternatives: Vec::new() }
}

/// Loads an order that this caller may see; one that they may not looks like a missing one.
pub async fn load_visible(orders: &dyn Orders, id: OrderId, caller: &Caller) -> Result<Stored, Error> {
    let stored = orders.load(id).await?;
    stored.filter(|stored| stored.order.visible_to(caller)).ok_or(Error::NotFound)
}

/// Only the owner and admins may do this; a seller sees the order and may not.
pub fn owner_or_admin(caller: &Caller) -> Result<(), Error> {
    match caller {
        Caller::Customer(_) | Caller::Admin(_) => Ok(()),
        Caller::Seller { .. } => Err(Error::Forbidden("only the customer or an admin may do this")),
    }
}

/// A refusal that means "this order has no such thing".
pub fn is_unknown(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::UnknownPayment | Refusal::UnknownRefund)
}
