//! Creates an order and, unless it is a draft, submits it: the stock is reserved in the same transaction.
//!
//! 1. Check who orders for whom, and the input that needs no store.
//! 2. Merge lines of the same product; quote products and rates from the warm catalog (no round trip).
//! 3. Price the cart as a quote would; refuse what cannot be sold there (`ORD-1001`), promotions that do not apply and
//!    prices that the customer did not see.
//! 4. Decide, and commit order, events, person record, stock, cart claim and uses of promotions in one transaction.
//! 5. A condition that fails tells the truth: out of stock, another price (quote again), the same cart (look at it),
//!    or the same create (answer it again). Units that overdue orders still hold are set free, and step 4 is taken
//!    once more.
//!
//! Guarantee: an acknowledged order exists, and one idempotency key makes one order (A19, O10).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_domain::actor::Caller;
use oms_domain::catalog::NotSellable;
use oms_domain::ids::{OrderId, ProductId, UserId};
use oms_domain::ordering::address::{Address, Contact, ContactError, Person};
use oms_domain::ordering::{Change, NewOrder, Order, Provenance, create};
use oms_domain::pricing::promotion::{Applied, MAX_CODES, Use};

use crate::catalog::alternatives::unavailable;
use crate::catalog::catalog_cache::{CatalogCache, Quoted};
use crate::companions::{Given, following};
use crate::error::{Error, Field, NotOrderable};
use crate::execute::commit_failure;
use crate::idempotency::Idempotency;
pub use crate::ordering::cart::Item;
use crate::ordering::cart::{Cart, Merged, PricedCart, claim, merge, out_of_stock, price, refusal, refused};
use crate::ordering::checks::Checks;
use crate::ordering::overdue::{Missing, free};
use crate::ordering::promotion_uses::{self, left_out};
use crate::ports::{
    Clock, Commit, CommitError, Companion, Orders, Random, RequestFingerprint, Shortage, UsageCounter, UsageStep,
};

/// How often an attempt starts over because something was not as thought.
const MAX_ROUNDS: u32 = 8;

/// Orders that the shop takes from one customer in a minute, unless it says otherwise.
pub const ORDERS_PER_MINUTE: u32 = 300;

const SECONDS_PER_MINUTE: i64 = 60;

/// What the customer asks for.
#[derive(Debug, Clone)]
pub struct Request {
    pub caller: Caller,
    /// For whom, if not for themselves.
    pub user_id: Option<UserId>,
    /// The cart.
    pub items: Vec<Item>,
    /// How to reach the customer.
    pub contact: Contact,
    /// Where the goods go.
    pub shipping_address: Address,
    /// Where the invoice goes, if elsewhere.
    pub billing_address: Option<Address>,
    /// Code of the shipping method, if not the default one.
    pub shipping_method: Option<String>,
    /// Promotion codes.
    pub promotion_codes: Vec<String>,
    /// Create only.
    pub draft: bool,
    pub idempotency: Option<Idempotency>,
    pub correlation_id: String,
}

/// The order as it stands after the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    pub order: Order,
    /// Its person record, unless that was erased since.
    pub person: Option<Person>,
    /// True when an earlier request with the same key had made it.
    pub repeated: bool,
}

pub struct CreateOrder {
    orders: Arc<dyn Orders>,
    catalog: CatalogCache,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    checks: Checks,
    orders_per_minute: u32,
}

/// A cart after the checks that need no store.
struct CheckedRequest {
    user_id: UserId,
    items: Vec<Merged>,
    person: Person,
}

/// Why an attempt did not end in an order.
enum Retry {
    /// It starts over with what was learnt.
    Again,
    Never(Error),
}

impl From<Error> for Retry {
    fn from(error: Error) -> Self {
        Retry::Never(error)
    }
}

/// What an attempt learnt on its way.
#[derive(Default)]
struct AttemptFacts {
    /// The order whose claim on the same cart is over.
    over: Option<OrderId>,
    /// Overdue orders were looked for, which is done once.
    freed: bool,
    /// Promotions that apply by themselves and are used up.
    used_up: Vec<String>,
}

/// An order as it may be, and the limits that it must keep.
struct PricedRequest {
    new: NewOrder,
    limits: Vec<(Use, u32)>,
}

impl CreateOrder {
    /// Wires the use case, with the built-in judges of taxes and addresses.
    pub fn new(orders: Arc<dyn Orders>, catalog: CatalogCache, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        CreateOrder { orders, catalog, clock, random, checks: Checks::default(), orders_per_minute: ORDERS_PER_MINUTE }
    }

    /// Takes so many orders of one customer in a minute.
    #[must_use]
    pub fn with_rate_limit(self, orders_per_minute: u32) -> Self {
        CreateOrder { orders_per_minute, ..self }
    }

    /// With other judges.
    #[must_use]
    pub fn with_checks(self, checks: Checks) -> Self {
        CreateOrder { checks, ..self }
    }

    pub async fn run(&self, request: Request) -> Result<Created, Error> {
        let id = match &request.idempotency {
            Some(given) => OrderId::from_key(request.caller.user(), &given.key),
            None => OrderId::new(self.random.uuid_v7(self.clock.now())),
        };
        match self.attempt(id, &request).await {
            // A repeat gets its first outcome, even when the cart could not be ordered today.
            Err(error)
                if request.idempotency.is_some() && !error.is_transient() && error != Error::IdempotencyMismatch =>
            {
                self.earlier(id, &request).await?.ok_or(error)
            }
            result => result,
        }
    }

    /// Steps 1 and 2: all that can be said without the store, every fault at once.
    async fn check(&self, request: &Request) -> Result<CheckedRequest, Error> {
        let user_id = customer(request)?;
        let mut faults = Vec::new();
        let items = merge(&request.items, &mut faults);
        if request.promotion_codes.len() > MAX_CODES {
            faults.push(Field::new("/promotion_codes", format!("must have at most {MAX_CODES} codes")));
        }
        let contact = request.contact.clone().checked().map_err(|error| {
            let field = match error {
                ContactError::Name => "name",
                ContactError::Email => "email",
                ContactError::Phone => "phone",
            };
            faults.push(Field::new(format!("/contact/{field}"), error));
        });
        let mut lost = Vec::new();
        let shipping = self.checks.address(&request.shipping_address, "/shipping_address", &mut lost).await?;
        let billing = match &request.billing_address {
            Some(address) => self.checks.address(address, "/billing_address", &mut lost).await?,
            None => shipping.clone(),
        };
        if !faults.is_empty() {
            faults.extend(lost);
            return Err(Error::Invalid(faults));
        }
        match (contact, shipping, billing) {
            (Ok(contact), Some(shipping_address), Some(billing_address)) => {
                Ok(CheckedRequest { user_id, items, person: Person { contact, shipping_address, billing_address } })
            }
            _ => Err(Error::Address(lost)),
        }
    }

    async fn attempt(&self, id: OrderId, request: &Request) -> Result<Created, Error> {
        let checked = self.check(request).await?;
        let ids: Vec<ProductId> = checked.items.iter().map(|item| item.product_id).collect();
        let mut facts = AttemptFacts::default();
        let mut quoted = self.catalog.quote(&ids).await?;
        for round in 0..MAX_ROUNDS {
            let priced = match self.price(&checked, request, &quoted, &facts.used_up).await {
                Ok(priced) => priced,
                // What the cache says is only a proposal: a refusal is told from fresh facts.
                Err(_) if round == 0 => {
                    quoted = self.catalog.refresh(&ids).await?;
                    self.price(&checked, request, &quoted, &facts.used_up).await?
                }
                Err(error) => return Err(error),
            };
            match self.commit(id, &checked, request, priced, &mut facts).await {
                Ok(created) => return Ok(created),
                Err(Retry::Never(error)) => return Err(error),
                Err(Retry::Again) => quoted = self.catalog.quote(&ids).await?,
            }
        }
        Err(Error::StockTaken)
    }

    /// Turns the cart into a priced order, or says what is wrong with it.
    async fn price(
        &self,
        checked: &CheckedRequest,
        request: &Request,
        quoted: &Quoted,
        used_up: &[String],
    ) -> Result<PricedRequest, Error> {
        let destination = checked.person.shipping_address.destination();
        let cart = Cart {
            items: &checked.items,
            destination: &destination,
            shipping_method: request.shipping_method.as_deref(),
            promotion_codes: &request.promotion_codes,
            used_up,
            at: self.clock.now(),
        };
        let PricedCart { order, mut issues } = price(cart, quoted, self.checks.taxes.as_ref()).await?;
        // A cart with other issues never gets to the condition that would tell of missing stock.
        if !issues.is_empty() {
            issues.extend(out_of_stock(&checked.items, quoted));
        }
        let refused = refused(&issues);
        if !refused.is_empty() {
            return Err(unavailable(&self.catalog, refused, quoted, &destination.country).await);
        }
        if let Some(error) = refusal(issues) {
            return Err(error);
        }
        let order = order.ok_or_else(|| Error::Internal("an empty cart passed".into()))?;
        let limits: Vec<(Use, u32)> = order.promotions.iter().flat_map(Applied::limits).collect();
        let new = NewOrder {
            user_id: checked.user_id.clone(),
            currency: order.currency,
            shipping_method: order.shipping_method.unwrap_or_default(),
            lines: order.lines,
            totals: order.totals,
            promotions: order.promotions.into_iter().map(|applied| applied.promotion.code).collect(),
            uses: limits.iter().map(|(counted, _)| counted.clone()).collect(),
            draft: request.draft,
            destination,
        };
        Ok(PricedRequest { new, limits })
    }

    async fn commit(
        &self,
        id: OrderId,
        checked: &CheckedRequest,
        request: &Request,
        PricedRequest { new, limits }: PricedRequest,
        facts: &mut AttemptFacts,
    ) -> Result<Created, Retry> {
        let now = self.clock.now();
        let provenance =
            Provenance { at: now, actor: request.caller.actor(), correlation_id: request.correlation_id.clone() };
        let events = create(new, now);
        let change =
            Change::new(id, None, events.clone(), &provenance).map_err(|error| Error::Internal(error.to_string()))?;
        let order = &change.order;
        let fingerprint = request.idempotency.as_ref().map(|given| RequestFingerprint(given.request.clone()));
        let cart = claim(order, request.idempotency.is_some(), facts.over);
        let companions = following(&events, order, &Given::default());
        let commit = Commit { change, companions }
            .with(Companion::Person(checked.person.clone()))
            .with_all(fingerprint.map(Companion::Request))
            .with_all(cart.map(Companion::Cart))
            .with_all(self.uses(checked, &limits, now).map(Companion::Usage));
        match self.orders.commit(&commit).await {
            Ok(()) => Ok(Created { order: commit.change.order, person: Some(checked.person.clone()), repeated: false }),
            Err(CommitError::Exists { .. }) => {
                let earlier = self.earlier(id, request).await?;
                Ok(earlier.ok_or_else(|| Error::Internal(format!("order {id} exists and cannot be read")))?)
            }
            Err(CommitError::CartTaken(other)) => {
                self.check_duplicate(other, now).await?;
                facts.over = Some(other);
                Err(Retry::Again)
            }
            Err(CommitError::NotInGoodStanding) => Err(Error::NotInGoodStanding.into()),
            Err(CommitError::LimitReached(counter)) => {
                facts.used_up.push(left_out(&counter, &request.promotion_codes, now)?);
                Err(Retry::Again)
            }
            Err(CommitError::Stock(shortages)) => Err(self.learn(checked, request, &shortages, facts).await),
            Err(CommitError::Contended) => Err(Error::StockTaken.into()),
            Err(error) => Err(commit_failure(error).into()),
        }
    }

    /// One more order of this customer in this minute (A22) and one more use of each limited promotion, counted in the
    /// order's own transaction.
    fn uses(&self, checked: &CheckedRequest, limits: &[(Use, u32)], now: Timestamp) -> impl Iterator<Item = UsageStep> {
        let minute = now.as_second().div_euclid(SECONDS_PER_MINUTE);
        let creation = UsageStep {
            counter: UsageCounter::Creations(checked.user_id.clone(), minute),
            delta: 1,
            limit: Some(self.orders_per_minute),
            expires_at: now.checked_add(SignedDuration::from_hours(1)).ok(),
        };
        std::iter::once(creation).chain(limits.iter().map(|limit| promotion_uses::claim(limit, &checked.user_id)))
    }

    /// What an earlier request with the same key made, if it did.
    async fn earlier(&self, id: OrderId, request: &Request) -> Result<Option<Created>, Error> {
        let Some(stored) = self.orders.load(id).await? else { return Ok(None) };
        let fingerprint = request.idempotency.as_ref().map(|given| given.request.as_str());
        if stored.request.as_deref() != fingerprint {
            return Err(Error::IdempotencyMismatch);
        }
        Ok(Some(Created { order: stored.order, person: stored.person, repeated: true }))
    }

    /// Refuses while the earlier order of the same cart still waits for payment.
    async fn check_duplicate(&self, other: OrderId, now: Timestamp) -> Result<(), Error> {
        let earlier = self.orders.load(other).await?.map(|stored| stored.order);
        if earlier.is_some_and(|order| order.awaits_payment(now)) { Err(Error::DuplicateOrder(other)) } else { Ok(()) }
    }

    /// Takes over what failed conditions told: after a change of price the cart is priced again (and the change told to a
    /// customer who saw another price), everything else ends the attempt.
    async fn learn(
        &self,
        checked: &CheckedRequest,
        request: &Request,
        shortages: &[Shortage],
        facts: &mut AttemptFacts,
    ) -> Retry {
        let mut refused = Vec::new();
        for shortage in shortages {
            self.catalog.learn(shortage.product_id, shortage.found.as_ref());
            let Some(item) = checked.items.iter().find(|item| item.product_id == shortage.product_id) else { continue };
            let short = shortage.found.as_ref().filter(|product| product.stock.available < item.quantity);
            if let Some(product) = short.filter(|product| product.active) {
                refused.push(NotOrderable {
                    pointer: format!("/items/{}/quantity", item.position),
                    product_id: product.id,
                    reason: NotSellable::OutOfStock,
                    available: Some(product.stock.available),
                });
            }
        }
        if refused.is_empty() {
            return Retry::Again;
        }
        if refused.len() == shortages.len() && !std::mem::replace(&mut facts.freed, true) {
            let missing = Missing::of(&refused, |product| units(checked, product));
            match free(self.orders.as_ref(), self.clock.as_ref(), missing, &request.correlation_id).await {
                Ok(true) => return Retry::Again,
                Ok(false) => {}
                Err(error) => return error.into(),
            }
        }
        let ids: Vec<ProductId> = checked.items.iter().map(|item| item.product_id).collect();
        let country = checked.person.shipping_address.country.clone();
        match self.catalog.quote(&ids).await {
            Ok(quoted) => Retry::Never(unavailable(&self.catalog, refused, &quoted, &country).await),
            Err(error) => Retry::Never(error.into()),
        }
    }
}

/// How many of a product are wanted.
fn units(checked: &CheckedRequest, product_id: ProductId) -> u32 {
    checked.items.iter().filter(|item| item.product_id == product_id).map(|item| item.quantity).sum()
}

/// Who orders for whom.
fn customer(request: &Request) -> Result<UserId, Error> {
    match (&request.caller, &request.user_id) {
        (Caller::Seller { .. }, _) => Err(Error::Forbidden("sellers may not place orders")),
        (Caller::Customer(own), Some(other)) if own != other => {
            Err(Error::Forbidden("customers may only order for themselves"))
        }
        (Caller::Admin(_), Some(customer)) => Ok(customer.clone()),
        (caller, _) => Ok(caller.user().clone()),
    }
}
