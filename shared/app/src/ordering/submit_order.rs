//! Submits a draft: its terms are frozen, its stock is reserved, and the time to pay begins.
//!
//! 1. Load the order; the owner and admins may submit it.
//! 2. Draw up its terms anew ([`crate::ordering::terms`]) by products and tables as they are now: a draft froze nothing.
//!    What cannot be had is refused. What costs something else than the draft said is told with the new sums, and must be
//!    accepted by their total. A code that applies no more is told in the same way, and left out.
//! 3. Decide and commit, with the uses of promotions, under the conditions of a new order.
//! 4. Units may be missing only because overdue orders still count as reserved: those are expired, and the order goes back
//!    to step 2 once. So it does when products or counters of promotions have changed meanwhile.

use std::sync::Arc;

use jiff::Timestamp;
use oms_domain::access::Operation;
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::money::Money;
use oms_domain::ordering::{Command, Order, Status, Terms, Wishes};
use oms_domain::pricing::promotion::Use;

use crate::catalog::alternatives::unavailable;
use crate::catalog::catalog_cache::{CatalogCache, Quoted};
use crate::customers::limits::{Limiter, Limits};
use crate::error::{Error, PriceChange};
use crate::execute::{CommandContext, Failure, OrderWithContact, attempt, commit_failure, execute, load};
use crate::intent::Intent;
use crate::ordering::cart::{Cart, Merged};
use crate::ordering::checks::Checks;
use crate::ordering::offered_rates::OfferedRates;
use crate::ordering::open_orders::make_room;
use crate::ordering::overdue::{Missing, free};
use crate::ordering::promotion_uses::{claim, given_back, left_out};
use crate::ordering::terms::{Drawn, Lapsed, Seen, draw_up, found_short, known_to_be_short, units};
use crate::ports::{Act, Clock, CommitError, Limited, LinkKeys, Orders, Stored, UsageStep};

/// How often the terms are drawn up anew because something was not as thought.
const MAX_ROUNDS: u32 = 8;

pub struct SubmitOrder {
    orders: Arc<dyn Orders>,
    catalog: CatalogCache,
    clock: Arc<dyn Clock>,
    checks: Checks,
    limiter: Limiter,
    rates: OfferedRates,
}

/// A draft as it is submitted.
struct Submission<'a> {
    stored: &'a Stored,
    items: Vec<Merged>,
    seen: &'a Seen,
    /// Promotions that were found to be used up.
    used_up: Vec<String>,
}

impl SubmitOrder {
    /// Wires the use case, with the built-in judges of taxes and addresses.
    pub fn new(orders: Arc<dyn Orders>, catalog: CatalogCache, clock: Arc<dyn Clock>) -> Self {
        let limiter = Limiter::new(Limits::default(), clock.clone());
        let rates = OfferedRates::new(None, clock.clone());
        SubmitOrder { orders, catalog, clock, checks: Checks::default(), limiter, rates }
    }

    /// Holds customers to other limits than the usual ones.
    #[must_use]
    pub fn with_limits(self, limiter: Limiter) -> Self {
        SubmitOrder { limiter, ..self }
    }

    /// Believes prices of carriers that quotes have sealed with these keys.
    #[must_use]
    pub fn with_link_keys(self, keys: Arc<dyn LinkKeys>) -> Self {
        SubmitOrder { rates: OfferedRates::new(Some(keys), self.clock.clone()), ..self }
    }

    /// With other judges.
    #[must_use]
    pub fn with_checks(self, checks: Checks) -> Self {
        SubmitOrder { checks, ..self }
    }

    pub async fn run(&self, order_id: OrderId, intent: &Intent, seen: &Seen) -> Result<OrderWithContact, Error> {
        self.limiter.check(&intent.caller, Act::Order)?;
        let stored = load(self.orders.as_ref(), Operation::SubmitOrder, &intent.caller, order_id).await?;
        seen.currency().map_err(|fault| Error::Invalid(vec![fault]))?;
        if !may_be_submitted(&stored.order, intent, self.clock.now()) {
            // Nothing is priced for it: the order says why not, or the key what came of it before.
            let command = Command::Submit { terms: Box::new(Terms::of(&stored.order)) };
            let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
            let outcome = execute(orders, clock, stored.order, &command, &intent.context(), |_| String::new()).await?;
            return Ok(OrderWithContact { order: outcome.into_order(), person: stored.person });
        }
        match self.submitted(&stored, intent, seen).await {
            Ok(order) => Ok(OrderWithContact { order, person: stored.person }),
            Err(error) => Err(self.limiter.refused(&intent.caller, error).await),
        }
    }

    /// Steps 2 to 4.
    async fn submitted(&self, stored: &Stored, intent: &Intent, seen: &Seen) -> Result<Order, Error> {
        self.check_addresses(stored).await?;
        let items = items(&stored.order);
        let ids: Vec<ProductId> = items.iter().map(|item| item.product_id).collect();
        let mut submission = Submission { stored, items, seen, used_up: Vec::new() };
        let (mut freed, mut made_room) = (false, false);
        for _ in 0..MAX_ROUNDS {
            let now = self.clock.now();
            let quoted = self.catalog.refresh(&ids).await?;
            let drawn = self.terms(&submission, &quoted, intent, now).await?;
            let short = known_to_be_short(&submission.items, &quoted);
            let short = if short.is_empty() {
                match self.commit(&submission, drawn, intent).await {
                    Ok(order) => return Ok(order),
                    Err(Failure::Refused(error)) => return Err(error),
                    Err(Failure::Unwritten(CommitError::LimitReached(counter))) => {
                        submission.used_up.push(left_out(&counter, &[])?);
                        continue;
                    }
                    Err(Failure::Unwritten(CommitError::Stock(shortages))) => {
                        found_short(&submission.items, &shortages, &self.catalog)
                    }
                    Err(Failure::Unwritten(CommitError::Limited(Limited::Exhausted(act, until)))) => {
                        return Err(self.limiter.limited(&intent.caller, act, until));
                    }
                    Err(Failure::Unwritten(CommitError::Limited(Limited::OpenOrders(open)))) => {
                        self.make_room(&open, intent, &mut made_room).await?;
                        continue;
                    }
                    Err(Failure::Unwritten(CommitError::Contended)) => return Err(Error::StockTaken),
                    Err(Failure::Unwritten(error)) => return Err(commit_failure(error)),
                }
            } else {
                short
            };
            if short.is_empty() {
                continue;
            }
            let missing = Missing::of(&short, |product| units(&submission.items, product));
            let look = !std::mem::replace(&mut freed, true);
            let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
            if !look || !Box::pin(free(orders, clock, missing, &intent.correlation_id)).await? {
                return Err(unavailable(&self.catalog, short, &quoted, &stored.order.destination.country).await);
            }
        }
        Err(Error::StockTaken)
    }

    /// Orders whose time to pay is over take no place from this one.
    async fn make_room(&self, open: &[OrderId], intent: &Intent, made: &mut bool) -> Result<(), Error> {
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        match make_room(orders, clock, open, &intent.correlation_id).await? {
            None if !std::mem::replace(made, true) => Ok(()),
            None => Err(Error::Contended),
            Some(until) => Err(self.limiter.too_many_open(open, until)),
        }
    }

    /// An address may be held against rules that are newer than the draft.
    async fn check_addresses(&self, stored: &Stored) -> Result<(), Error> {
        let Some(person) = &stored.person else { return Ok(()) };
        let mut lost = Vec::new();
        for (address, pointer) in
            [(&person.shipping_address, "/shipping_address"), (&person.billing_address, "/billing_address")]
        {
            self.checks.address(address, pointer, &mut lost).await?;
        }
        if lost.is_empty() { Ok(()) } else { Err(Error::Address(lost)) }
    }

    /// The terms of this moment, if the customer has accepted them.
    async fn terms(
        &self,
        submission: &Submission<'_>,
        quoted: &Quoted,
        intent: &Intent,
        now: Timestamp,
    ) -> Result<Drawn, Error> {
        let order = &submission.stored.order;
        let automatic = |code: &str| {
            let mut promotions = quoted.rates.promotions.at(now).promotions.iter();
            promotions.any(|promotion| promotion.code == code && promotion.automatic)
        };
        // The order holds no more than codes; the address says the whole of it.
        let person = submission.stored.person.as_ref();
        let destination =
            person.map_or_else(|| order.destination.clone(), |person| person.shipping_address.destination());
        let Wishes { promotion_codes, shipping_method } = order.wishes(automatic);
        let (sent, method) = (submission.seen.shipping_rate.as_deref(), shipping_method.as_deref());
        let carrier_prices = self.rates.open(sent, method, &submission.items, quoted, &destination).await?;
        let cart = Cart {
            items: &submission.items,
            destination: &destination,
            shipping_method: method,
            carrier_prices: &carrier_prices,
            promotion_codes: &promotion_codes,
            used_up: &submission.used_up,
            currency: None,
            units_per_product: self.limiter.units_per_product(&intent.caller),
            at: now,
        };
        let mut drawn = draw_up(cart, quoted, &self.checks, &self.catalog, Lapsed::Told).await?;
        // Lines of a draft that was changed have numbers of their own.
        for (line, own) in drawn.terms.lines.iter_mut().zip(&order.lines) {
            line.line = own.line;
        }
        let as_drafted = || drawn.lapsed.is_empty() && drawn.terms.cost_the_same_as(&Terms::of(order));
        // A customer who names no currency means the draft's.
        let currency = submission.seen.currency.clone().unwrap_or_else(|| order.currency.code().to_owned());
        let seen = Seen { total: submission.seen.total.clone(), currency: Some(currency), shipping_rate: None };
        if seen.accepts(&drawn, order.currency)?.unwrap_or_else(as_drafted) {
            return Ok(drawn);
        }
        let prices = changed_prices(order, &drawn.terms);
        Err(drawn.told(prices))
    }

    async fn commit(&self, submission: &Submission<'_>, drawn: Drawn, intent: &Intent) -> Result<Order, Failure> {
        let order = &submission.stored.order;
        let context =
            CommandContext { uses: uses(order, &drawn.limits), catalog_versions: drawn.versions, ..intent.context() }
                .held_to(self.limiter.held(&intent.caller, false));
        let command = Command::Submit { terms: Box::new(drawn.terms) };
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        let outcome = attempt(orders, clock, order.clone(), &command, &context, |_| String::new()).await?;
        Ok(outcome.into_order())
    }
}

/// Whether it is a draft whose time is not over, at the version that the caller has seen.
fn may_be_submitted(order: &Order, intent: &Intent, now: Timestamp) -> bool {
    order.status == Status::Draft
        && order.draft_until().is_some_and(|until| now < until)
        && intent.expected_version.is_none_or(|expected| expected == order.version)
}

/// The lines of the draft as a cart.
fn items(order: &Order) -> Vec<Merged> {
    let line = |(position, line): (usize, &oms_domain::ordering::Line)| Merged {
        position,
        product_id: line.product_id,
        quantity: line.quantity,
        price: None,
    };
    order.lines.iter().enumerate().map(line).collect()
}

/// What costs something else than the draft said.
fn changed_prices(order: &Order, terms: &Terms) -> Vec<PriceChange> {
    let pairs = order.lines.iter().zip(&terms.lines).enumerate();
    let changed = pairs.filter(|(_, (before, now))| (before.price, order.currency) != (now.price, terms.currency)).map(
        |(place, (_, now))| PriceChange {
            pointer: format!("/items/{place}/price"),
            product_id: now.product_id,
            current: Money::new(now.price, terms.currency),
        },
    );
    changed.collect()
}

/// The uses of these limits that are not counted for the order yet; those that it does not have any more are given back.
/// Only drafts of before had any.
pub(crate) fn uses(order: &Order, limits: &[(Use, u32)]) -> Vec<UsageStep> {
    let new = limits.iter().filter(|(counted, _)| !order.uses.contains(counted));
    let gone = order.uses.iter().filter(|counted| !limits.iter().any(|(wanted, _)| wanted == *counted));
    let new = new.map(|limit| claim(limit, &order.user_id));
    new.chain(gone.map(|counted| given_back(counted, &order.user_id))).collect()
}
