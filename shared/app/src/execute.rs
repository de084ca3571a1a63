//! The one way to change an order: load, decide, commit.
//!
//! 1. The use case has loaded the order (one round trip) and checked that the caller may do this.
//! 2. `decide` answers with events or refuses. Nothing is written for a refusal or for what had happened before.
//! 3. Events, state, stock moves, the companions that follow from the events and the command's record are committed
//!    together (one round trip).
//! 4. If the order moved on in between, the store hands out its present state, and step 2 is taken again on that.
//!
//! What somebody wrote with the command goes beside the person record, and the events keep its place.
//!
//! A key makes a command repeatable: whatever stands in the way of doing it twice, its first outcome is told again.

use std::collections::BTreeMap;
use std::sync::Arc;

use oms_domain::access::Operation;
use oms_domain::actor::{Actor, Caller};
use oms_domain::fulfilment::MAX_SHIPMENTS_OF_A_NUMBER;
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::ordering::address::Person;
use oms_domain::ordering::{Change, Command, Decision, Event, Order, Provenance, Refusal, decide};
use oms_domain::payments::MethodToken;

use crate::companions::{Given, following};
use crate::customers::limits::{Held, limited_at};
use crate::error::Error;
use crate::idempotency::{Idempotency, expiry};
use crate::intent::Intent;
use crate::ports::{
    Clock, CommandEntry, CommandKey, CommandRecord, Commit, CommitError, Companion, MAX_ITEMS, Orders, Stored,
    UsageStep, Written,
};
use crate::world::World;

/// How often a change starts over because others changed the order first.
const MAX_ROUNDS: u32 = 32;

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
    /// What no event tells and is written with the change.
    pub given: Given,
    /// What is counted with it.
    pub uses: Vec<UsageStep>,
    /// See [`Commit::catalog_versions`].
    pub catalog_versions: BTreeMap<ProductId, u64>,
}

impl CommandContext {
    /// A change that a rule or a message brings.
    pub fn of(actor: Actor, correlation_id: &str) -> Self {
        CommandContext {
            actor,
            correlation_id: correlation_id.to_owned(),
            expected_version: None,
            key: None,
            given: Given::default(),
            uses: Vec::new(),
            catalog_versions: BTreeMap::new(),
        }
    }

    /// A change that a person wants.
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
        self.given.return_url = return_url;
        self
    }

    /// Held to these limits.
    #[must_use]
    pub fn held_to(mut self, held: Held) -> Self {
        self.given.held = held;
        self
    }

    /// With the means of payment that the provider keeps.
    #[must_use]
    pub fn with_saved_method(mut self, method: Option<MethodToken>) -> Self {
        self.given.method = method;
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
    /// It happened; the order is now this, and this was written with it.
    Changed(Order, Vec<Written>),
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
            Outcome::Changed(order, _) | Outcome::Unchanged(order) | Outcome::Repeated { order, .. } => order,
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
    attempt(orders, clock, order, command, context, outcome).await.map_err(|failure| match failure {
        Failure::Refused(error) => error,
        Failure::Unwritten(CommitError::Limited(limited)) => limited_at(limited, clock.now()),
        Failure::Unwritten(error) => commit_failure(error),
    })
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Error),
    /// For a reason that the use case may know how to treat.
    Unwritten(CommitError),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::Refused(error.into())
    }
}

/// The same for a use case that treats some failures in a way of its own.
pub(crate) async fn attempt(
    orders: &dyn Orders,
    clock: &dyn Clock,
    order: Order,
    command: &Command,
    context: &CommandContext,
    outcome: impl Fn(&Order) -> String,
) -> Result<Outcome, Failure> {
    let mut order = order;
    for _ in 0..MAX_ROUNDS {
        if let Some(expected) = context.expected_version.filter(|expected| *expected != order.version) {
            let error = Error::VersionConflict { current: order.version };
            tracing::debug!(expected, current = order.version, "version is not the expected one");
            return Ok(repeated_or(orders, order, context, error).await?);
        }
        let now = clock.now();
        let mut events = match decide(&order, command.clone(), now) {
            Ok(Decision::Happens(events)) => events,
            Ok(Decision::AlreadyApplied) => return Ok(Outcome::Unchanged(order)),
            Err(refusal) => return Ok(repeated_or(orders, order, context, refusal.into()).await?),
        };
        let written = set_apart(&mut events, order.version);
        let provenance =
            Provenance { at: now, actor: context.actor.clone(), correlation_id: context.correlation_id.clone() };
        let change = Change::new(order.id, Some(&order), events.clone(), &provenance)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let companions = following(Some(&order), &events, &change.order, &context.given);
        let remembered = context.key.as_ref().map(|(key, request)| {
            let outcome = outcome(&change.order);
            let record = CommandRecord { request: request.clone(), outcome, expires_at: expiry(now) };
            Companion::Command(CommandEntry { key: key.clone(), record })
        });
        let commit = Commit::of(change)
            .with_all(companions)
            .with_all(written.iter().cloned().map(Companion::Written))
            .with_all(context.uses.iter().cloned().map(Companion::Usage))
            .with_all(remembered)
            .worked_out_from(context.catalog_versions.clone());
        if commit.items() > MAX_ITEMS {
            return Ok(repeated_or(orders, order, context, Refusal::TooMuchAtOnce.into()).await?);
        }
        match orders.commit(&commit).await {
            Ok(()) => return Ok(Outcome::Changed(commit.change.order, written)),
            Err(CommitError::Stale(current)) => order = *current,
            Err(CommitError::CommandSeen(record)) => {
                // The key was used by a request that ran beside this one, so the order is newer than what was loaded.
                let order = orders.load(order.id).await?.ok_or(Error::NotFound)?.order;
                return Ok(repeat(order, context, record)?);
            }
            Err(error) => return Err(Failure::Unwritten(error)),
        }
    }
    Err(Failure::Refused(Error::Contended))
}

/// Takes out of the events behind `base` what people wrote, by version: events are for ever, and the text is personal.
fn set_apart(events: &mut [Event], base: u64) -> Vec<Written> {
    let numbered = (base + 1..).zip(events);
    numbered.filter_map(|(version, event)| Some(Written { version, text: event.set_apart(version)? })).collect()
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

/// A failure that no use case treats in a way of its own.
pub(crate) fn told(failure: Failure) -> Error {
    match failure {
        Failure::Refused(error) => error,
        Failure::Unwritten(error) => commit_failure(error),
    }
}

/// A failed commit that no use case treats in a way of its own.
pub fn commit_failure(error: CommitError) -> Error {
    match error {
        CommitError::Missing => Error::NotFound,
        CommitError::NotInGoodStanding => Error::NotInGoodStanding,
        CommitError::NumberShared => Refusal::TooManyWithNumber(MAX_SHIPMENTS_OF_A_NUMBER).into(),
        CommitError::Contended | CommitError::Stale(_) => Error::Contended,
        CommitError::Store(error) => error.into(),
        // What a change adds is told by its use case; everything else moves what is there.
        CommitError::Stock(shortages) => Error::Internal(format!(
            "stock does not add up: {:?}",
            shortages.iter().map(|s| s.product_id).collect::<Vec<_>>()
        )),
        CommitError::Exists { .. }
        | CommitError::CommandSeen(_)
        | CommitError::CartTaken(_)
        | CommitError::Limited(_)
        | CommitError::LimitReached(_) => Error::Internal(format!("a change met {error}")),
    }
}

/// Loads an order for something that the caller wants with it.
pub async fn load(orders: &dyn Orders, operation: Operation, caller: &Caller, id: OrderId) -> Result<Stored, Error> {
    let stored = orders.load(id).await?.ok_or(Error::NotFound)?;
    operation.permits(caller, &stored.order)?;
    Ok(stored)
}

/// The way of most commands of people: load the order, see whether they may, decide, commit.
#[derive(Clone)]
pub struct WritePath {
    orders: Arc<dyn Orders>,
    clock: Arc<dyn Clock>,
}

impl WritePath {
    pub fn new(orders: Arc<dyn Orders>, clock: Arc<dyn Clock>) -> Self {
        WritePath { orders, clock }
    }

    pub fn of(world: &impl World) -> Self {
        WritePath::new(world.orders(), world.clock())
    }

    pub async fn execute(
        &self,
        operation: Operation,
        order_id: OrderId,
        intent: &Intent,
        command: impl FnOnce(&Order) -> Result<Command, Error>,
    ) -> Result<OrderWithContact, Error> {
        let stored = self.load(operation, order_id, intent).await?;
        let command = command(&stored.order)?;
        self.decide(stored, intent, &command).await
    }

    /// The first half of [`WritePath::execute`].
    pub(crate) async fn load(&self, operation: Operation, order_id: OrderId, intent: &Intent) -> Result<Stored, Error> {
        load(self.orders.as_ref(), operation, &intent.caller, order_id).await
    }

    /// Tells an error that no command comes to: whoever sends a key again is told the first outcome all the same.
    pub(crate) async fn refuse(
        &self,
        stored: Stored,
        intent: &Intent,
        error: impl Into<Error>,
    ) -> Result<(OrderWithContact, String), Error> {
        let Stored { order, person, .. } = stored;
        let told = repeated_or(self.orders.as_ref(), order, &intent.context(), error.into()).await?;
        let remembered = match &told {
            Outcome::Repeated { outcome, .. } => outcome.clone(),
            Outcome::Changed(..) | Outcome::Unchanged(_) => String::new(),
        };
        Ok((OrderWithContact { order: told.into_order(), person }, remembered))
    }

    /// The second half: what was written with the command is shown with what was written before.
    pub(crate) async fn decide(
        &self,
        stored: Stored,
        intent: &Intent,
        command: &Command,
    ) -> Result<OrderWithContact, Error> {
        let decided = self.decide_with(stored, intent, command, |_| String::new()).await.map_err(told)?;
        Ok(decided.0)
    }

    /// The same for a use case that remembers something under the key, and treats some failures in a way of its own.
    pub(crate) async fn decide_with(
        &self,
        stored: Stored,
        intent: &Intent,
        command: &Command,
        outcome: impl Fn(&Order) -> String,
    ) -> Result<(OrderWithContact, String), Failure> {
        self.decide_worked_out(stored, intent, command, (Vec::new(), BTreeMap::new()), outcome).await
    }

    /// The same for a command whose terms were worked out from counters and catalog entries.
    pub(crate) async fn decide_worked_out(
        &self,
        stored: Stored,
        intent: &Intent,
        command: &Command,
        (uses, catalog_versions): (Vec<UsageStep>, BTreeMap<ProductId, u64>),
        outcome: impl Fn(&Order) -> String,
    ) -> Result<(OrderWithContact, String), Failure> {
        let Stored { order, mut person, .. } = stored;
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let context = CommandContext { uses, catalog_versions, ..intent.context() };
        let decided = attempt(orders, clock, order, command, &context, &outcome).await?;
        if let (Outcome::Changed(_, written), Some(person)) = (&decided, &mut person) {
            person.words.extend(written.iter().map(|one| (one.version, one.text.clone())));
        }
        if let Outcome::Changed(order, _) = &decided {
            person = person.map(|person| person.as_of(order));
        }
        let remembered = match &decided {
            Outcome::Changed(order, _) | Outcome::Unchanged(order) => outcome(order),
            Outcome::Repeated { outcome, .. } => outcome.clone(),
        };
        Ok((OrderWithContact { order: decided.into_order(), person }, remembered))
    }
}
