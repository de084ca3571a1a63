//! Changes an order after it was placed, or says what that would come to (C1–C8).
//!
//! 1. Load the order beside the shop's rules: the owner may change it inside the shop's time, admins until it is packed.
//! 2. Work out its terms after the change ([`crate::ordering::repricing`]; a draft is drawn up anew). What is wrong is collected, and a
//!    preview tells it; the change itself is refused.
//! 3. Hold the difference against what the caller saw; another one is told with the new sums.
//! 4. Close pages at payment providers on which the old total, or the difference of an offer that is replaced, could be paid. Money that came meanwhile is booked, and the change starts
//!    over on what the order is then.
//! 5. Decide and commit. What costs less is refunded in the same transaction; what costs more of a paid order is offered, and
//!    waits for its payment with its stock reserved. Missing units are looked for once among those of overdue orders.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use oms_domain::access::Operation;
use oms_domain::actor::Caller;
use oms_domain::ids::{OrderId, ProductId};
use oms_domain::money::{Amount, Money};
use oms_domain::ordering::address::{Address, Checked, Contact, Destination, Person};
use oms_domain::ordering::{
    Amendment, ChangeWords, Command, MAX_QUANTITY, Order, Reached, Refusal, Status, Terms, Wishes, decide,
};
use oms_domain::payments::{AttemptState, Payment, PaymentOutcome};
use oms_domain::pricing::promotion::{MAX_CODES, Use};

use crate::catalog::alternatives::unavailable;
use crate::catalog::catalog_cache::{CatalogCache, Quoted};
use crate::customers::limits::{Limiter, Limits};
use crate::error::{Error, Field, TotalChange};
use crate::execute::{Failure, OrderWithContact, WritePath, commit_failure};
use crate::intent::Intent;
use crate::ordering::cart::{Cart, CartIssue, Item, Merged, merge, out_of_stock, refusal, refused};
use crate::ordering::checks::Checks;
use crate::ordering::offered_rates::CarrierPrices;
use crate::ordering::overdue::{Missing, free};
use crate::ordering::promotion_uses::left_out;
use crate::ordering::repricing::{Facts, NewExtra, Repriced, Wanted, reprice, signed, versions, waived};
use crate::ordering::submit_order::uses;
use crate::ordering::terms::{Lapsed, draw_up, found_short, known_to_be_short, units};
use crate::ordering::units::Units;
use crate::ordering::written::room_for;
use crate::payments::gateways::Gateways;
use crate::payments::settle::{Settle, Source};
use crate::ports::{
    CheckoutSession, Clock, CommitError, FollowUps, GatewayError, Orders, SessionState, Setting, Settings, Stored,
    Table, UsageStep,
};

/// How often a change starts over because something was not as thought.
const MAX_ROUNDS: u32 = 8;

/// Something that staff charge, or take off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomLine {
    /// What the customer reads.
    pub text: String,
    /// Decimal text; below zero for what is taken off. Without tax, unless prices contain it.
    pub amount: String,
    /// Row of the tax table.
    pub tax_class: Option<String>,
}

/// What is to become of the order.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Products that are added.
    pub add: Vec<Item>,
    /// Lines that go, with all that can be taken out of them.
    pub remove: Vec<String>,
    /// How many units lines are to have.
    pub quantities: Vec<Units>,
    pub custom_lines: Vec<CustomLine>,
    pub contact: Option<Contact>,
    pub shipping_address: Option<Address>,
    pub billing_address: Option<Address>,
    pub shipping_method: Option<String>,
    /// Promotion codes in place of those that it has.
    pub promotion_codes: Option<Vec<String>>,
    /// Why, in the caller's words.
    pub reason: Option<String>,
    /// The shop bears what the change costs.
    pub waive_difference: bool,
    /// What the caller saw as the difference, decimal text.
    pub expected_difference: Option<String>,
    /// Only say what it would come to.
    pub dry_run: bool,
}

/// What a change would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The order as it is.
    pub order: Order,
    /// Its terms after the change.
    pub terms: Terms,
    /// What it costs more; below zero, less.
    pub difference: Amount,
    /// What becomes of the difference.
    pub effect: Effect,
    /// What keeps it from being made, at their places.
    pub problems: Vec<Field>,
}

/// What becomes of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The change waits until it is paid.
    Charge,
    /// It goes back.
    Refund,
    /// No money moves: there is no difference, or nothing was paid yet.
    Nothing,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub shown: OrderWithContact,
    /// Which change of the order.
    pub change: u16,
    /// Whether it waits for its difference.
    pub offered: bool,
    pub difference: Amount,
}

/// A preview, or the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Preview(Box<Preview>),
    Made(Box<Made>),
}

pub struct ChangeOrder {
    path: WritePath,
    orders: Arc<dyn Orders>,
    settings: Arc<dyn Settings>,
    follow_ups: Arc<dyn FollowUps>,
    gateways: Gateways,
    settle: Settle,
    catalog: CatalogCache,
    clock: Arc<dyn Clock>,
    checks: Checks,
    limiter: Limiter,
}

/// Where changes are made: the stores and providers that they need.
pub struct Ports {
    pub orders: Arc<dyn Orders>,
    pub settings: Arc<dyn Settings>,
    pub follow_ups: Arc<dyn FollowUps>,
    pub gateways: Gateways,
    pub clock: Arc<dyn Clock>,
}

/// A change worked out on an order as it was read.
struct Plan {
    terms: Terms,
    wanted: Wanted,
    wishes: Option<Wishes>,
    /// Uses of promotions that are counted anew.
    limits: Option<Vec<(Use, u32)>>,
    person: Option<Reached>,
    destination: Option<Destination>,
    /// Where it goes after the change.
    country: String,
    readdressed: bool,
    issues: Vec<CartIssue>,
}

impl Plan {
    fn command(&self, order: &Order, written: Option<ChangeWords>, by_staff: bool) -> Command {
        let amendment = Amendment {
            terms: self.terms.clone(),
            wishes: self.wishes.clone(),
            destination: self.destination.clone(),
            readdressed: self.readdressed,
            written,
            by_staff,
        };
        Command::Amend { amendment: Box::new(amendment), base: order.version }
    }
}

/// Why a round did not end in a change.
enum Retry {
    /// It starts over on the order as it is then, with fresh products.
    Again,
    Never(Error),
}

impl<E: Into<Error>> From<E> for Retry {
    fn from(error: E) -> Self {
        Retry::Never(error.into())
    }
}

/// What a request learnt on its way.
#[derive(Default)]
struct Learnt {
    /// Overdue orders were looked for, which is done once.
    freed: bool,
    /// Products were read for this round.
    fresh: bool,
    used_up: Vec<String>,
}

impl ChangeOrder {
    /// Wires the use case, with the built-in judges of taxes and addresses.
    pub fn new(ports: Ports, catalog: CatalogCache) -> Self {
        let Ports { orders, settings, follow_ups, gateways, clock } = ports;
        let path = WritePath::new(orders.clone(), clock.clone());
        let settle = Settle::new(orders.clone(), gateways.clone(), clock.clone());
        let limiter = Limiter::new(Limits::default(), clock.clone());
        let checks = Checks::default();
        ChangeOrder { path, orders, settings, follow_ups, gateways, settle, catalog, clock, checks, limiter }
    }

    /// Holds customers to other limits than the usual ones.
    #[must_use]
    pub fn with_limits(self, limiter: Limiter) -> Self {
        ChangeOrder { limiter, ..self }
    }

    pub async fn run(&self, order_id: OrderId, intent: &Intent, request: &Request) -> Result<Answer, Error> {
        if !request.custom_lines.is_empty() || request.waive_difference {
            Operation::ChangeOrderFreely.open_to(&intent.caller)?;
        }
        let loaded = self.path.load(Operation::ChangeOrder, order_id, intent);
        let (stored, shop) = join(loaded, self.settings.current(Table::Shop)).await;
        let (stored, shop) = (stored?, shop?);
        let now = self.clock.now();
        let Setting::Shop(table) = shop.at(now) else {
            return Err(Error::Internal("the shop's table is another".into()));
        };
        match Box::pin(self.rounds(stored, intent, request, table.customer_changes_minutes())).await {
            // On what the order has become, the same words may be wrong: a line that is gone cannot be taken out.
            Err(error) if !request.dry_run && intent.idempotency.is_some() && !error.is_transient() => {
                let stored = self.path.load(Operation::ChangeOrder, order_id, intent).await?;
                let (shown, outcome) = self.path.refuse(stored, intent, error).await?;
                Ok(Answer::Made(Box::new(made(shown, &outcome)?)))
            }
            told => told,
        }
    }

    async fn rounds(
        &self,
        mut stored: Stored,
        intent: &Intent,
        request: &Request,
        minutes: u32,
    ) -> Result<Answer, Error> {
        let order_id = stored.order.id;
        let mut learnt = Learnt::default();
        for _ in 0..MAX_ROUNDS {
            self.in_time(&stored.order, intent, minutes)?;
            match Box::pin(self.attempt(stored, intent, request, &mut learnt)).await {
                Ok(answer) => return Ok(answer),
                Err(Retry::Never(error)) => return Err(error),
                Err(Retry::Again) => stored = self.path.load(Operation::ChangeOrder, order_id, intent).await?,
            }
        }
        Err(Error::Contended)
    }

    /// Gives up a change that waits for its difference. Its pages are closed first: what was paid on one makes the change.
    pub async fn withdraw(&self, order_id: OrderId, intent: &Intent, change: u16) -> Result<OrderWithContact, Error> {
        let mut stored = self.path.load(Operation::WithdrawChange, order_id, intent).await?;
        let seen = intent.expected_version.is_none_or(|seen| seen == stored.order.version);
        if seen && stored.order.offer.as_ref().is_some_and(|offer| offer.change == change) {
            match self.close_pages(&stored.order, intent).await {
                Ok(()) => {}
                Err(Retry::Again) => stored = self.path.load(Operation::WithdrawChange, order_id, intent).await?,
                Err(Retry::Never(error)) => return Err(error),
            }
        }
        self.path.decide(stored, intent, &Command::WithdrawOffer { change }).await
    }

    /// Customers have the shop's time once they have paid.
    fn in_time(&self, order: &Order, intent: &Intent, minutes: u32) -> Result<(), Error> {
        let (Caller::Customer(_), Status::Confirmed, Some(paid_at)) = (&intent.caller, order.status, order.paid_at)
        else {
            return Ok(());
        };
        let since = paid_at.checked_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX);
        if self.clock.now() < since { Ok(()) } else { Err(Refusal::TooLateToChange { since }.into()) }
    }

    async fn attempt(
        &self,
        stored: Stored,
        intent: &Intent,
        request: &Request,
        learnt: &mut Learnt,
    ) -> Result<Answer, Retry> {
        let order = &stored.order;
        let by_staff = matches!(intent.caller, Caller::Admin(_));
        if !order.may_be_changed(by_staff) || intent.expected_version.is_some_and(|seen| seen != order.version) {
            return Ok(self.refused(stored, intent, by_staff).await?);
        }
        let (wanted, person) = self.checked(&stored, request).await?;
        let ids: BTreeSet<ProductId> = order.lines.iter().map(|line| line.product_id).collect();
        let ids: Vec<ProductId> = ids.into_iter().chain(wanted.added.iter().map(|item| item.product_id)).collect();
        let quoted = if learnt.fresh { self.catalog.refresh(&ids).await? } else { self.catalog.quote(&ids).await? };
        let plan = self.plan(&stored, request, wanted, person, &quoted, (intent, &learnt.used_up)).await?;
        let short = known_to_be_short(&plan.wanted.added, &quoted);
        let at_fault = !plan.issues.is_empty() || !short.is_empty();
        if at_fault && !std::mem::replace(&mut learnt.fresh, true) {
            // What the cache says is only a proposal: a refusal is told from fresh facts.
            return Err(Retry::Again);
        }
        // The order has a word in it, too: what it refuses is not offered for acceptance.
        let lawful = decide(&stored.order, plan.command(&stored.order, None, by_staff), self.clock.now());
        if request.dry_run {
            lawful.map_err(Error::from)?;
            return Ok(Answer::Preview(Box::new(previewed(stored.order, plan, &quoted))));
        }
        if !plan.issues.is_empty() {
            return Err(self.told(plan, &quoted).await.into());
        }
        lawful.map_err(Error::from)?;
        accepted(&stored.order, &plan, request)?;
        if !short.is_empty() {
            return Err(self.without(plan, short, &quoted, intent, learnt).await);
        }
        let moves = stored.order.status == Status::Pending && plan.terms.totals.total != stored.order.totals.total;
        if moves || stored.order.offer.is_some() {
            self.close_pages(&stored.order, intent).await?;
        }
        Box::pin(self.commit(stored, plan, &quoted, (intent, request), learnt)).await
    }

    /// Why it cannot be changed, in the order's words; a key that is sent again is told its first outcome.
    async fn refused(&self, stored: Stored, intent: &Intent, by_staff: bool) -> Result<Answer, Error> {
        let (terms, base) = (Terms::of(&stored.order), stored.order.version);
        let nothing = Amendment { terms, wishes: None, destination: None, readdressed: false, written: None, by_staff };
        let command = Command::Amend { amendment: Box::new(nothing), base };
        let decided = self.path.decide_with(stored, intent, &command, |_| String::new()).await;
        let (shown, outcome) = decided.map_err(crate::execute::told)?;
        Ok(Answer::Made(Box::new(made(shown, &outcome)?)))
    }

    /// The request in the order's own terms, with every fault at once.
    async fn checked(&self, stored: &Stored, request: &Request) -> Result<(Wanted, Option<Reached>), Error> {
        let order = &stored.order;
        let mut faults = Vec::new();
        let mut wanted = lines(order, request, &mut faults);
        for (place, line) in request.custom_lines.iter().enumerate() {
            match signed(&line.amount, order.currency, format!("/custom_lines/{place}/amount")) {
                Ok(amount) if amount.is_zero() => {
                    faults.push(Field::new(format!("/custom_lines/{place}/amount"), "must not be zero"));
                }
                Ok(amount) => wanted.extras.push(NewExtra { amount, tax_class: line.tax_class.clone() }),
                Err(fault) => faults.push(fault),
            }
        }
        if order.status == Status::Draft && !request.custom_lines.is_empty() {
            faults.push(Field::new("/custom_lines", "can be added once the draft is submitted"));
        }
        if order.paid_at.is_none() && request.waive_difference {
            faults.push(Field::new("/waive_difference", "is for orders that are paid for; nothing is charged here"));
        }
        if let Some(codes) = &request.promotion_codes {
            if codes.len() > MAX_CODES {
                faults.push(Field::new("/promotion_codes", format!("must have at most {MAX_CODES} codes")));
            }
            if order.paid_at.is_some() {
                faults.push(Field::new("/promotion_codes", "can only be changed before the order is paid"));
            }
        }
        let person = self.person(stored, request, &mut faults).await?;
        if is_empty(request) {
            faults.push(Field::new("", "must change something"));
        }
        if faults.is_empty() { Ok((wanted, person)) } else { Err(Error::Invalid(faults)) }
    }

    /// Contact and addresses after the change; nothing where they stay.
    async fn person(
        &self,
        stored: &Stored,
        request: &Request,
        faults: &mut Vec<Field>,
    ) -> Result<Option<Reached>, Error> {
        if request.contact.is_none() && request.shipping_address.is_none() && request.billing_address.is_none() {
            return Ok(None);
        }
        let person = stored.person.as_ref().ok_or(Refusal::PersonErased)?;
        let contact = match &request.contact {
            None => Some(person.contact.clone()),
            Some(given) => {
                let checked = given.clone().checked().map_err(|errors| {
                    faults.extend(errors.iter().map(|error| Field::new(format!("/contact/{}", error.field()), error)));
                });
                checked.ok()
            }
        };
        let mut lost = Vec::new();
        let shipping =
            self.address(request.shipping_address.as_ref(), &person.shipping_address, "/shipping_address", &mut lost);
        let shipping = shipping.await?;
        let billing =
            self.address(request.billing_address.as_ref(), &person.billing_address, "/billing_address", &mut lost);
        let billing = billing.await?;
        if !lost.is_empty() && faults.is_empty() {
            return Err(Error::Address(lost));
        }
        faults.extend(lost);
        let (Some(contact), Some(shipping_address), Some(billing_address)) = (contact, shipping, billing) else {
            return Ok(None);
        };
        let reached = Reached { contact, shipping_address, billing_address };
        let same = reached.contact == person.contact
            && reached.shipping_address == person.shipping_address
            && reached.billing_address == person.billing_address;
        Ok((!same).then_some(reached))
    }

    async fn address(
        &self,
        given: Option<&Address>,
        own: &Checked<Address>,
        pointer: &str,
        lost: &mut Vec<Field>,
    ) -> Result<Option<Checked<Address>>, Error> {
        match given {
            Some(address) => self.checks.address(address, pointer, lost).await,
            None => Ok(Some(own.clone())),
        }
    }

    /// Step 2.
    async fn plan(
        &self,
        stored: &Stored,
        request: &Request,
        mut wanted: Wanted,
        person: Option<Reached>,
        quoted: &Quoted,
        (intent, used_up): (&Intent, &[String]),
    ) -> Result<Plan, Error> {
        let order = &stored.order;
        let from = goes_to(order, stored.person.as_ref());
        let to = person.as_ref().map_or_else(|| from.clone(), |reached| reached.shipping_address.destination());
        let own = stored.person.as_ref().map(|person| &person.shipping_address);
        let readdressed = person.as_ref().is_some_and(|reached| own != Some(&reached.shipping_address));
        wanted.shipping_method.clone_from(&request.shipping_method);
        wanted.promotion_codes.clone_from(&request.promotion_codes);
        wanted.waived = request.waive_difference;
        let (units_per_product, at) = (self.limiter.units_per_product(&intent.caller), self.clock.now());
        let (destination, country) = ((from != to).then(|| to.clone()), to.country.clone());
        if order.status == Status::Draft {
            let drawn = self.drafted(order, &wanted, (quoted, &to), units_per_product, at).await?;
            let (terms, wishes, issues) = drawn;
            let (limits, wishes) = (None, Some(wishes));
            return Ok(Plan { terms, wanted, wishes, limits, person, destination, country, readdressed, issues });
        }
        let taxes = self.checks.taxes.as_ref();
        let facts = Facts { order, quoted, taxes, from, to, used_up, units_per_product, at };
        let Repriced { terms, limits, issues } = reprice(&facts, &wanted).await?;
        Ok(Plan { terms, wanted, wishes: None, limits, person, destination, country, readdressed, issues })
    }

    /// A draft froze nothing: all of it is drawn up anew. Its lines keep their numbers.
    async fn drafted(
        &self,
        order: &Order,
        wanted: &Wanted,
        (quoted, to): (&Quoted, &Destination),
        units_per_product: Option<u32>,
        at: Timestamp,
    ) -> Result<(Terms, Wishes, Vec<CartIssue>), Error> {
        let automatic = |code: &str| {
            let mut promotions = quoted.rates.promotions.at(at).promotions.iter();
            promotions.any(|own| own.code == code && own.automatic)
        };
        let mut wishes = order.wishes(automatic);
        wishes.shipping_method = wanted.shipping_method.clone().or(wishes.shipping_method);
        wishes.promotion_codes = wanted.promotion_codes.clone().unwrap_or(wishes.promotion_codes);
        let mut items: Vec<Merged> = Vec::new();
        let mut numbers: BTreeMap<ProductId, u16> = BTreeMap::new();
        for line in &order.lines {
            let quantity = line.quantity - wanted.out.get(&line.line).copied().unwrap_or(0).min(line.quantity);
            numbers.insert(line.product_id, line.line);
            items.push(Merged { position: items.len(), product_id: line.product_id, quantity, price: None });
        }
        for (number, added) in (order.next_line()..).zip(&wanted.added) {
            numbers.entry(added.product_id).or_insert(number);
            match items.iter_mut().find(|item| item.product_id == added.product_id) {
                Some(same) => same.quantity += added.quantity,
                None => items.push(added.clone()),
            }
        }
        items.retain(|item| item.quantity > 0);
        if items.iter().any(|item| item.quantity > MAX_QUANTITY) {
            let message = format!("lines of the same product add up to more than {MAX_QUANTITY}");
            return Err(Error::Invalid(vec![Field::new("/add", message)]));
        }
        if items.is_empty() {
            return Err(Refusal::NothingLeft.into());
        }
        let carrier_prices = CarrierPrices::new();
        let cart = Cart {
            items: &items,
            destination: to,
            shipping_method: wishes.shipping_method.as_deref(),
            carrier_prices: &carrier_prices,
            promotion_codes: &wishes.promotion_codes,
            used_up: &[],
            currency: None,
            units_per_product,
            at,
        };
        let drawn = draw_up(cart, quoted, &self.checks, &self.catalog, Lapsed::Refused).await?;
        let mut terms = drawn.terms;
        for line in &mut terms.lines {
            line.line = numbers.get(&line.product_id).copied().unwrap_or(line.line);
        }
        // A draft counts no use of a promotion.
        terms.uses = Vec::new();
        Ok((terms, wishes, Vec::new()))
    }

    /// Why a change with these issues is refused.
    async fn told(&self, plan: Plan, quoted: &Quoted) -> Error {
        let mut issues = plan.issues;
        issues.extend(short_at(&plan.wanted.added, quoted));
        let gone = refused(&issues);
        if !gone.is_empty() {
            return unavailable(&self.catalog, gone, quoted, &plan.country).await;
        }
        refusal(issues).unwrap_or_else(|| Error::Internal("a change without a fault is refused".into()))
    }

    /// Units are missing. They are looked for once among those that overdue orders hold.
    async fn without(
        &self,
        plan: Plan,
        short: Vec<crate::error::NotOrderable>,
        quoted: &Quoted,
        intent: &Intent,
        learnt: &mut Learnt,
    ) -> Retry {
        let (orders, clock) = (self.orders.as_ref(), self.clock.as_ref());
        if !std::mem::replace(&mut learnt.freed, true) {
            let missing = Missing::of(&short, |product| units(&plan.wanted.added, product));
            match Box::pin(free(orders, clock, missing, &intent.correlation_id)).await {
                Ok(true) => return Retry::Again,
                Ok(false) => {}
                Err(error) => return error.into(),
            }
        }
        let short = short.into_iter().map(|mut one| {
            one.pointer = one.pointer.replacen("/items/", "/add/", 1);
            one
        });
        Retry::Never(unavailable(&self.catalog, short.collect(), quoted, &plan.country).await)
    }

    /// Step 4. A provider that cannot close a page leaves it, and what is paid on it is settled by what the order wants then.
    async fn close_pages(&self, order: &Order, intent: &Intent) -> Result<(), Retry> {
        let payments = order.ledger.payments.iter();
        let open = payments.filter(|payment| payment.state == AttemptState::Requested && order.wants(payment));
        let closed = join_all(open.map(|payment| self.close_page(order, payment, intent))).await;
        let mut moved = false;
        for answer in closed {
            moved |= answer?;
        }
        if moved { Err(Retry::Again) } else { Ok(()) }
    }

    /// Whether money came, or is under way.
    async fn close_page(&self, order: &Order, payment: &Payment, intent: &Intent) -> Result<bool, Error> {
        let record = self.follow_ups.session(order.id, payment.id).await?;
        let page = record.as_ref().and_then(CheckoutSession::opened);
        let (Some(page), Some(gateway)) = (page, self.gateways.get(&payment.provider)) else { return Ok(false) };
        let state = match gateway.close(&page).await {
            Ok(state) => state,
            Err(GatewayError::Declined(why)) => {
                tracing::warn!(order_id = %order.id, payment_id = %payment.id, why, "a page could not be closed");
                return Ok(false);
            }
            Err(error @ (GatewayError::Unavailable(_) | GatewayError::Busy { .. })) => return Err(error.into()),
        };
        let counts = matches!(
            state,
            SessionState::Processing
                | SessionState::Over(PaymentOutcome::Succeeded { .. } | PaymentOutcome::Processing)
        );
        if counts {
            let source = Source { provider: &payment.provider, event_id: None, correlation_id: &intent.correlation_id };
            self.settle.state(order.clone(), &page, state, source).await?;
        }
        Ok(counts)
    }

    /// Step 5.
    async fn commit(
        &self,
        stored: Stored,
        plan: Plan,
        quoted: &Quoted,
        (intent, request): (&Intent, &Request),
        learnt: &mut Learnt,
    ) -> Result<Answer, Retry> {
        let order = &stored.order;
        let words = words(&plan, request);
        if let Some(words) = &words {
            let bytes = serde_json::to_string(words).map_or(0, |text| text.len());
            room_for(bytes, stored.person.as_ref())?;
        }
        let steps: Vec<UsageStep> = plan.limits.as_ref().map(|limits| uses(order, limits)).unwrap_or_default();
        let difference = plan.terms.totals.total - order.totals.total;
        let command = plan.command(order, words, matches!(intent.caller, Caller::Admin(_)));
        let outcome = |after: &Order| remembered(after, difference);
        let versions = versions(quoted, &plan.wanted.added);
        let decided = self.path.decide_worked_out(stored, intent, &command, (steps, versions), outcome).await;
        match decided {
            Ok((shown, outcome)) => Ok(Answer::Made(Box::new(made(shown, &outcome)?))),
            Err(Failure::Refused(Error::Refused(Refusal::Outdated))) => Err(Retry::Again),
            Err(Failure::Refused(error)) => Err(Retry::Never(error)),
            Err(Failure::Unwritten(CommitError::LimitReached(counter))) => {
                let codes = request.promotion_codes.clone().unwrap_or_default();
                learnt.used_up.push(left_out(&counter, &codes)?);
                Err(Retry::Again)
            }
            Err(Failure::Unwritten(CommitError::Stock(shortages))) => {
                learnt.fresh = true;
                let short = found_short(&plan.wanted.added, &shortages, &self.catalog);
                if short.is_empty() {
                    Err(Retry::Again)
                } else {
                    Err(self.without(plan, short, quoted, intent, learnt).await)
                }
            }
            Err(Failure::Unwritten(CommitError::Contended)) => Err(Retry::Never(Error::StockTaken)),
            Err(Failure::Unwritten(error)) => Err(Retry::Never(commit_failure(error))),
        }
    }
}

/// Where the order goes; its postal code is with the person.
fn goes_to(order: &Order, person: Option<&Person>) -> Destination {
    person.map_or_else(|| order.destination.clone(), |person| person.shipping_address.destination())
}

fn is_empty(request: &Request) -> bool {
    request.add.is_empty()
        && request.remove.is_empty()
        && request.quantities.is_empty()
        && request.custom_lines.is_empty()
        && request.contact.is_none()
        && request.shipping_address.is_none()
        && request.billing_address.is_none()
        && request.shipping_method.is_none()
        && request.promotion_codes.is_none()
}

/// Lines and extras in the order's own numbers. More units of a line are units of its product that are added.
fn lines(order: &Order, request: &Request, faults: &mut Vec<Field>) -> Wanted {
    let mut wanted = Wanted::default();
    let line_of = |id: &str| order.lines.iter().find(|line| order.id.line(line.line).to_string() == id);
    let mut more: Vec<Item> = Vec::new();
    for (place, id) in request.remove.iter().enumerate() {
        let pointer = format!("/remove/{place}");
        let extra = order.extras.iter().find(|extra| order.id.line(extra.number).to_string() == *id);
        match (line_of(id), extra) {
            (Some(line), _) if wanted.out.contains_key(&line.line) => {
                faults.push(Field::new(pointer, "is already listed"));
            }
            (Some(line), _) => {
                // Of what has left, or was cancelled, the line stays.
                let stays = line.quantity - order.removable(line).min(line.quantity);
                wanted.out.insert(line.line, line.quantity - stays);
                if stays == line.quantity {
                    faults.push(Field::new(pointer, "has no units left that could be taken out"));
                }
            }
            (None, Some(extra)) if wanted.dropped.contains(&extra.number) => {
                faults.push(Field::new(pointer, "is already listed"));
            }
            (None, Some(extra)) if extra.waiver => {
                faults.push(Field::new(pointer, "is a difference that was waived, and stays"));
            }
            (None, Some(extra)) => wanted.dropped.push(extra.number),
            (None, None) => faults.push(Field::new(pointer, "is not a line of the order")),
        }
    }
    for (place, units) in request.quantities.iter().enumerate() {
        let pointer = format!("/quantities/{place}/line_id");
        match line_of(&units.line_id) {
            None => faults.push(Field::new(pointer, "is not a line of the order")),
            Some(line) if wanted.out.contains_key(&line.line) => faults.push(Field::new(pointer, "is already listed")),
            Some(line) => {
                wanted.out.insert(line.line, line.quantity.saturating_sub(units.quantity));
                let quantity = units.quantity.saturating_sub(line.quantity);
                if quantity > 0 {
                    more.push(Item { product_id: line.product_id, quantity, price: None });
                }
            }
        }
    }
    let add: Vec<Item> = request.add.iter().cloned().chain(more).collect();
    if !add.is_empty() {
        let mut wrong = Vec::new();
        wanted.added = merge(&add, &mut wrong);
        faults.extend(
            wrong.into_iter().map(|fault| Field { pointer: fault.pointer.replacen("/items", "/add", 1), ..fault }),
        );
    }
    wanted
}

/// Step 3.
fn accepted(order: &Order, plan: &Plan, request: &Request) -> Result<(), Error> {
    let Some(seen) = &request.expected_difference else {
        let message = "is needed; ask with `dry_run` what the change would come to";
        return Err(Error::Invalid(vec![Field::new("/expected_difference", message)]));
    };
    let pointer = "/expected_difference".to_owned();
    let seen = signed(seen, order.currency, pointer).map_err(|fault| Error::Invalid(vec![fault]))?;
    let difference = plan.terms.totals.total - order.totals.total;
    let same_currency = plan.terms.currency == order.currency;
    if seen == difference && same_currency {
        return Ok(());
    }
    let terms = plan.terms.clone();
    Err(Error::DifferenceChanged(
        Box::new(TotalChange { terms, prices: Vec::new(), lapsed: Vec::new() }),
        Money::new(difference, order.currency),
    ))
}

/// Added products of which there are fewer than wanted, at their places.
fn short_at(added: &[Merged], quoted: &Quoted) -> Vec<CartIssue> {
    let moved = |issue: CartIssue| match issue {
        CartIssue::Unavailable(mut one) => {
            one.pointer = one.pointer.replacen("/items/", "/add/", 1);
            CartIssue::Unavailable(one)
        }
        CartIssue::PriceChanged(_) | CartIssue::Promotion(..) | CartIssue::Address(_) | CartIssue::Invalid(_) => issue,
    };
    out_of_stock(added, quoted).into_iter().map(moved).collect()
}

fn previewed(order: Order, plan: Plan, quoted: &Quoted) -> Preview {
    let difference = plan.terms.totals.total - order.totals.total;
    let effect = match (order.paid_at.is_some(), difference) {
        (true, difference) if difference.is_positive() => Effect::Charge,
        (true, difference) if difference < Amount::ZERO && order.refundable().is_positive() => Effect::Refund,
        _ => Effect::Nothing,
    };
    let issues = plan.issues.iter().cloned().chain(short_at(&plan.wanted.added, quoted));
    let problems = issues.map(|issue| match issue {
        CartIssue::Unavailable(one) => crate::error::unavailable_field(&one),
        CartIssue::PriceChanged(change) => crate::error::price_field(&change),
        CartIssue::Promotion(field, _) | CartIssue::Address(field) | CartIssue::Invalid(field) => field,
    });
    let problems = problems.collect();
    Preview { order, terms: plan.terms, difference, effect, problems }
}

/// What people write with the change, by the numbers that its extras have.
fn words(plan: &Plan, request: &Request) -> Option<ChangeWords> {
    let new = plan.terms.extras.iter().filter(|extra| extra.text.is_empty());
    let texts = request.custom_lines.iter().map(|line| line.text.clone());
    let texts = texts.chain(std::iter::once_with(|| request.reason.clone().unwrap_or_else(|| waived().to_owned())));
    let extras = new.map(|extra| extra.number).zip(texts).collect();
    let words = ChangeWords { person: plan.person.clone(), extras, reason: request.reason.clone() };
    (!words.is_empty()).then_some(words)
}

/// What is remembered of a change: its number, whether it waits, its difference.
fn remembered(after: &Order, difference: Amount) -> String {
    let offered = after.offer.as_ref().is_some_and(|offer| offer.change == after.changes);
    format!("{} {} {}", after.changes, u8::from(offered), difference.minor())
}

fn made(shown: OrderWithContact, outcome: &str) -> Result<Made, Error> {
    let mut parts = outcome.split(' ');
    let change = parts.next().and_then(|part| part.parse().ok());
    let offered = parts.next().map(|part| part == "1");
    let difference = parts.next().and_then(|part| part.parse().ok()).map(Amount::from_minor);
    match (change, offered, difference) {
        (Some(change), Some(offered), Some(difference)) => Ok(Made { shown, change, offered, difference }),
        _ => Err(Error::Internal("what was remembered of a change cannot be read".into())),
    }
}
