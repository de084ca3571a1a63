//! Creates an order and, unless it is a draft, submits it: the stock is reserved in the same transaction.
//!
//! 1. Check who orders for whom, and the input that needs no store.
//! 2. Merge lines of the same product; quote products and rates from the warm catalog (no round trip).
//! 3. Draw up its terms as a quote would ([`crate::ordering::terms`]); refuse what cannot be sold there (`ORD-1001`),
//!    promotions that do not apply, and prices or a total that the customer did not see. A refusal is told from a fresh
//!    read, and so is missing stock: what such a read knows to be short is not sent.
//! 4. Decide, and commit order, events, person record, stock, cart claim and uses of promotions in one transaction.
//! 5. A condition that fails tells the truth: out of stock, changed products (price again), the same cart (look at it),
//!    or the same create (answer it again). Units that overdue orders still hold are set free, and step 4 is taken
//!    once more.
//!
//! Guarantee: an acknowledged order exists, and one idempotency key makes one order (A19, O10).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use oms_domain::access::Operation;
use oms_domain::ids::{OrderId, ProductId, UserId};
use oms_domain::money::Currency;
use oms_domain::ordering::address::{Address, Contact, Details, Person};
use oms_domain::ordering::{Change, NewOrder, Order, Provenance, Terms, Wishes, create};
use oms_domain::pricing::promotion::{MAX_CODES, Use};

use crate::catalog::alternatives::unavailable;
use crate::catalog::catalog_cache::{CatalogCache, Quoted};
use crate::companions::{Given, following};
use crate::customers::limits::{Limiter, Limits};
use crate::error::{Error, Field, NotOrderable};
use crate::execute::commit_failure;
use crate::intent::Intent;
pub use crate::ordering::cart::Item;
use crate::ordering::cart::{Cart, Merged, claim, contents, merge};
use crate::ordering::checks::Checks;
use crate::ordering::details::{self, Defaults};
use crate::ordering::offered_rates::OfferedRates;
use crate::ordering::open_orders::make_room;
use crate::ordering::overdue::{Missing, free};
use crate::ordering::promotion_uses::{self, left_out};
use crate::ordering::terms::{Drawn, Lapsed, Seen, draw_up, found_short, known_to_be_short, units};
use crate::ports::{
    Act, Clock, Commit, CommitError, Companion, Limited, LinkKeys, Orders, Random, RequestFingerprint, Shortage,
};

/// How often an attempt starts over because something was not as thought.
const MAX_ROUNDS: u32 = 8;

/// What the customer asks for.
#[derive(Debug, Clone)]
pub struct Request {
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
    /// What the customer was shown.
    pub seen: Seen,
    /// What they say beside that, as they wrote it.
    pub details: Details,
    /// Create only.
    pub draft: bool,
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
    limiter: Limiter,
    defaults: Defaults,
    rates: OfferedRates,
}

/// A cart after the checks that need no store.
struct CheckedRequest<'a> {
    intent: &'a Intent,
    request: &'a Request,
    user_id: UserId,
    items: Vec<Merged>,
    person: Person,
    /// The currency of the prices that the customer saw, if they told it.
    currency: Option<Currency>,
}

/// Why an attempt did not end in an order.
enum Retry {
    /// It starts over with what was learnt.
    Again,
    /// It starts over with products as they are now.
    Reread,
    Never(Error),
}

impl From<Error> for Retry {
    fn from(error: Error) -> Self {
        Retry::Never(error)
    }
}

/// What an attempt learnt on its way.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is something that is done once, and none excludes another")]
struct AttemptFacts {
    /// The order whose claim on the same cart is over.
    over: Option<OrderId>,
    /// The products were read for this attempt, or are as a failed condition told.
    fresh: bool,
    /// Overdue orders were looked for, which is done once.
    freed: bool,
    /// The customer's own overdue orders were looked for, which is done once.
    made_room: bool,
    /// A code was named that does not exist.
    guessed: bool,
    /// Promotions that apply by themselves and are used up.
    used_up: Vec<String>,
}

impl CreateOrder {
    /// Wires the use case, with the built-in judges of taxes and addresses.
    pub fn new(orders: Arc<dyn Orders>, catalog: CatalogCache, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let limiter = Limiter::new(Limits::default(), clock.clone());
        let rates = OfferedRates::new(None, clock.clone());
        CreateOrder {
            orders,
            catalog,
            clock,
            random,
            checks: Checks::default(),
            limiter,
            defaults: Defaults::default(),
            rates,
        }
    }

    /// Holds customers to other limits than the usual ones.
    #[must_use]
    pub fn with_limits(self, limiter: Limiter) -> Self {
        CreateOrder { limiter, ..self }
    }

    /// Assumes this of customers who say nothing of language and time zone.
    #[must_use]
    pub fn with_defaults(self, defaults: Defaults) -> Self {
        CreateOrder { defaults, ..self }
    }

    /// Believes prices of carriers that quotes have sealed with these keys.
    #[must_use]
    pub fn with_link_keys(self, keys: Arc<dyn LinkKeys>) -> Self {
        CreateOrder { rates: OfferedRates::new(Some(keys), self.clock.clone()), ..self }
    }

    /// With other judges.
    #[must_use]
    pub fn with_checks(self, checks: Checks) -> Self {
        CreateOrder { checks, ..self }
    }

    pub async fn run(&self, intent: &Intent, request: Request) -> Result<Created, Error> {
        let id = match &intent.idempotency {
            Some(given) => OrderId::from_key(intent.caller.user(), &given.key),
            None => OrderId::new(self.random.uuid_v7(self.clock.now())),
        };
        // On the heap: it is too large for the stack of every caller.
        match Box::pin(self.attempt(id, intent, &request)).await {
            // A repeat gets its first outcome, even when the cart could not be ordered today.
            Err(error)
                if intent.idempotency.is_some() && !error.is_transient() && error != Error::IdempotencyMismatch =>
            {
                self.earlier(id, intent).await?.ok_or(error)
            }
            result => result,
        }
    }

    /// Steps 1 and 2: all that can be said without the store, every fault at once.
    async fn check<'a>(&self, intent: &'a Intent, request: &'a Request) -> Result<CheckedRequest<'a>, Error> {
        let user_id = customer(intent, request)?;
        let mut faults = Vec::new();
        let items = merge(&request.items, &mut faults);
        if request.promotion_codes.len() > MAX_CODES {
            faults.push(Field::new("/promotion_codes", format!("must have at most {MAX_CODES} codes")));
        }
        let currency = request.seen.currency().unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        let contact = request.contact.clone().checked().map_err(|errors| {
            faults.extend(errors.iter().map(|error| Field::new(format!("/contact/{}", error.field()), error)));
        });
        let details = details::checked(&request.details, &self.defaults, &mut faults);
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
                let person = Person { contact, shipping_address, billing_address, details, words: BTreeMap::new() };
                Ok(CheckedRequest { intent, request, user_id, items, person, currency })
            }
            _ => Err(Error::Address(lost)),
        }
    }

    async fn attempt(&self, id: OrderId, intent: &Intent, request: &Request) -> Result<Created, Error> {
        self.limiter.check(&intent.caller, Act::Order)?;
        let checked = self.check(intent, request).await?;
        let mut facts = AttemptFacts::default();
        let result = self.order(id, &checked, &mut facts).await;
        if facts.guessed {
            self.limiter.guessed(&intent.caller).await?;
        }
        match result {
            Ok(created) => Ok(created),
            Err(error) => Err(self.limiter.refused(&intent.caller, error).await),
        }
    }

    /// Steps 3 to 5.
    async fn order(
        &self,
        id: OrderId,
        checked: &CheckedRequest<'_>,
        facts: &mut AttemptFacts,
    ) -> Result<Created, Error> {
        let ids: Vec<ProductId> = checked.items.iter().map(|item| item.product_id).collect();
        let mut quoted = self.catalog.quote(&ids).await?;
        for _ in 0..MAX_ROUNDS {
            let now = self.clock.now();
            facts.guessed = checked.names_unknown_codes(&quoted, now);
            let drawn = match self.terms(checked, &quoted, &facts.used_up, now).await {
                Ok(drawn) => drawn,
                // What the cache says is only a proposal: a refusal is told from fresh facts.
                Err(_) if !facts.fresh => {
                    (quoted, facts.fresh) = (self.catalog.refresh(&ids).await?, true);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let short = if checked.request.draft { Vec::new() } else { known_to_be_short(&checked.items, &quoted) };
            let answer = if short.is_empty() {
                self.commit(id, checked, drawn, facts, now).await
            } else if facts.fresh {
                Err(self.without(checked, short, true, facts).await)
            } else {
                Err(Retry::Reread)
            };
            match answer {
                Ok(created) => return Ok(created),
                Err(Retry::Never(error)) => return Err(error),
                Err(Retry::Again) => quoted = self.catalog.quote(&ids).await?,
                Err(Retry::Reread) => (quoted, facts.fresh) = (self.catalog.refresh(&ids).await?, true),
            }
        }
        Err(Error::StockTaken)
    }

    /// Step 3.
    async fn terms(
        &self,
        checked: &CheckedRequest<'_>,
        quoted: &Quoted,
        used_up: &[String],
        now: Timestamp,
    ) -> Result<Drawn, Error> {
        let destination = checked.person.shipping_address.destination();
        let (sent, method) =
            (checked.request.seen.shipping_rate.as_deref(), checked.request.shipping_method.as_deref());
        let carrier_prices = self.rates.open(sent, method, &checked.items, quoted, &destination).await?;
        let cart = Cart {
            items: &checked.items,
            destination: &destination,
            shipping_method: method,
            carrier_prices: &carrier_prices,
            promotion_codes: &checked.request.promotion_codes,
            used_up,
            currency: checked.currency,
            units_per_product: self.limiter.units_per_product(&checked.intent.caller),
            at: now,
        };
        let drawn = draw_up(cart, quoted, &self.checks, &self.catalog, Lapsed::Refused).await?;
        match checked.request.seen.accepts(&drawn, drawn.terms.currency)? {
            Some(false) => Err(drawn.told(Vec::new())),
            Some(true) | None => Ok(drawn),
        }
    }

    /// Step 4.
    async fn commit(
        &self,
        id: OrderId,
        checked: &CheckedRequest<'_>,
        drawn: Drawn,
        facts: &mut AttemptFacts,
        now: Timestamp,
    ) -> Result<Created, Retry> {
        let provenance = Provenance {
            at: now,
            actor: checked.intent.caller.actor(),
            correlation_id: checked.intent.correlation_id.clone(),
        };
        // A draft counts nothing: it may never be ordered.
        let limits = if checked.request.draft { Vec::new() } else { drawn.limits };
        let events = create(new_order(checked, drawn.terms, &limits), now);
        let change =
            Change::new(id, None, events.clone(), &provenance).map_err(|error| Error::Internal(error.to_string()))?;
        let order = &change.order;
        let fingerprint = checked.intent.idempotency.as_ref().map(|given| RequestFingerprint(given.request.clone()));
        let cart = claim(order, checked.intent.idempotency.is_some(), facts.over);
        let held = self.limiter.held(&checked.intent.caller, !checked.request.promotion_codes.is_empty());
        let companions = following(None, &events, order, &Given { held, ..Given::default() });
        let commit = Commit::of(change)
            .with_all(companions)
            .with(Companion::Person(checked.person.clone()))
            .with_all(fingerprint.map(Companion::Request))
            .with_all(cart.map(Companion::Cart))
            .with_all(limits.iter().map(|limit| Companion::Usage(promotion_uses::claim(limit, &checked.user_id))))
            .worked_out_from(drawn.versions);
        match self.orders.commit(&commit).await {
            Ok(()) => Ok(Created { order: commit.change.order, person: Some(checked.person.clone()), repeated: false }),
            Err(CommitError::Exists { .. }) => {
                let earlier = self.earlier(id, checked.intent).await?;
                Ok(earlier.ok_or_else(|| Error::Internal(format!("order {id} exists and cannot be read")))?)
            }
            Err(CommitError::CartTaken(other)) => {
                self.check_duplicate(checked, other, now).await?;
                facts.over = Some(other);
                Err(Retry::Again)
            }
            Err(CommitError::NotInGoodStanding) => Err(Error::NotInGoodStanding.into()),
            Err(CommitError::LimitReached(counter)) => {
                facts.used_up.push(left_out(&counter, &checked.request.promotion_codes)?);
                Err(Retry::Again)
            }
            Err(CommitError::Limited(Limited::Exhausted(act, until))) => {
                Err(self.limiter.limited(&checked.intent.caller, act, until).into())
            }
            Err(CommitError::Limited(Limited::OpenOrders(open))) => self.make_room(checked, &open, facts).await,
            Err(CommitError::Stock(shortages)) => Err(self.learn(checked, &shortages, facts).await),
            Err(CommitError::Contended) => Err(Error::StockTaken.into()),
            Err(error) => Err(commit_failure(error).into()),
        }
    }

    /// Orders whose time to pay is over take no place from new ones.
    async fn make_room(
        &self,
        checked: &CheckedRequest<'_>,
        open: &[OrderId],
        facts: &mut AttemptFacts,
    ) -> Result<Created, Retry> {
        let correlation_id = &checked.intent.correlation_id;
        let first_over = make_room(self.orders.as_ref(), self.clock.as_ref(), open, correlation_id).await?;
        match first_over {
            None if !std::mem::replace(&mut facts.made_room, true) => Err(Retry::Again),
            None => Err(Error::Contended.into()),
            Some(until) => Err(self.limiter.too_many_open(open, until).into()),
        }
    }

    /// The order that this very request has made before, if it has a key and did.
    pub(crate) async fn made_before(&self, intent: &Intent) -> Result<Option<Created>, Error> {
        let Some(given) = &intent.idempotency else { return Ok(None) };
        self.earlier(OrderId::from_key(intent.caller.user(), &given.key), intent).await
    }

    /// What an earlier request with the same key made, if it did.
    async fn earlier(&self, id: OrderId, intent: &Intent) -> Result<Option<Created>, Error> {
        let Some(stored) = self.orders.load(id).await? else { return Ok(None) };
        let fingerprint = intent.idempotency.as_ref().map(|given| given.request.as_str());
        if stored.request.as_deref() != fingerprint {
            return Err(Error::IdempotencyMismatch);
        }
        // Whoever made it for somebody else, as staff, may have lost the right to see it since.
        Operation::ViewOrder.permits(&intent.caller, &stored.order)?;
        Ok(Some(Created { order: stored.order, person: stored.person, repeated: true }))
    }

    /// Refuses while the earlier order of the same cart still waits for payment, and holds the same: it may have been changed.
    async fn check_duplicate(&self, checked: &CheckedRequest<'_>, other: OrderId, now: Timestamp) -> Result<(), Error> {
        let cart = checked.contents();
        let same = |order: &Order| contents(order.lines.iter().map(|line| (line.quantity, line.product_id))) == cart;
        match self.orders.load(other).await?.map(|stored| stored.order) {
            Some(order) if order.awaits_payment(now) && same(&order) => Err(Error::DuplicateOrder(other)),
            Some(_) | None => Ok(()),
        }
    }

    /// What is missing may be in an order of the same cart that waits for payment: without a key that one is named (A20),
    /// which no condition can tell where nothing was sent.
    async fn check_claim(&self, checked: &CheckedRequest<'_>) -> Result<(), Error> {
        if checked.intent.idempotency.is_some() {
            return Ok(());
        }
        let now = self.clock.now();
        match self.orders.cart_claim(&checked.user_id, &checked.contents(), now).await? {
            Some(other) => self.check_duplicate(checked, other, now).await,
            None => Ok(()),
        }
    }

    /// Takes over what failed conditions told: after a change of a product the cart is priced again (and the change told to
    /// a customer who saw another price), everything else ends the attempt.
    async fn learn(&self, checked: &CheckedRequest<'_>, shortages: &[Shortage], facts: &mut AttemptFacts) -> Retry {
        facts.fresh = true;
        let refused = found_short(&checked.items, shortages, &self.catalog);
        if refused.is_empty() {
            return Retry::Again;
        }
        let only_short = refused.len() == shortages.len();
        self.without(checked, refused, only_short, facts).await
    }

    /// Units are missing. If nothing else is wrong they are looked for once among those that overdue orders hold.
    async fn without(
        &self,
        checked: &CheckedRequest<'_>,
        refused: Vec<NotOrderable>,
        only_short: bool,
        facts: &mut AttemptFacts,
    ) -> Retry {
        if only_short && !std::mem::replace(&mut facts.freed, true) {
            let missing = Missing::of(&refused, |product| units(&checked.items, product));
            match free(self.orders.as_ref(), self.clock.as_ref(), missing, &checked.intent.correlation_id).await {
                Ok(true) => return Retry::Reread,
                Ok(false) => {}
                Err(error) => return error.into(),
            }
        }
        if let Err(duplicate) = self.check_claim(checked).await {
            return duplicate.into();
        }
        let ids: Vec<ProductId> = checked.items.iter().map(|item| item.product_id).collect();
        let country = checked.person.shipping_address.country.clone();
        match self.catalog.quote(&ids).await {
            Ok(quoted) => Retry::Never(unavailable(&self.catalog, refused, &quoted, &country).await),
            Err(error) => Retry::Never(error.into()),
        }
    }
}

impl CheckedRequest<'_> {
    /// By which carts of the same are known.
    fn contents(&self) -> String {
        contents(self.items.iter().map(|item| (item.quantity, item.product_id)))
    }

    /// Whether a code is named that does not exist, as far as customers can know.
    fn names_unknown_codes(&self, quoted: &Quoted, now: Timestamp) -> bool {
        let table = quoted.rates.promotions.at(now);
        self.request.promotion_codes.iter().any(|code| !table.knows(code, now))
    }
}

/// The order on these terms, with the uses that are counted for it.
fn new_order(checked: &CheckedRequest<'_>, terms: Terms, limits: &[(Use, u32)]) -> NewOrder {
    let Terms { currency, shipping_method, delivery, lines, totals, promotions, uses: _, extras: _, return_terms } =
        terms;
    NewOrder {
        user_id: checked.user_id.clone(),
        currency,
        shipping_method,
        delivery,
        lines,
        totals,
        promotions,
        uses: limits.iter().map(|(counted, _)| counted.clone()).collect(),
        // A draft freezes nothing.
        return_terms: return_terms.filter(|_| !checked.request.draft),
        wishes: Wishes {
            promotion_codes: checked.request.promotion_codes.clone(),
            shipping_method: checked.request.shipping_method.clone(),
        },
        draft: checked.request.draft,
        destination: checked.person.shipping_address.destination(),
    }
}

/// Who orders for whom.
fn customer(intent: &Intent, request: &Request) -> Result<UserId, Error> {
    let caller = &intent.caller;
    let user = request.user_id.as_ref().unwrap_or(caller.user());
    Operation::CreateOrder.permits(caller, user)?;
    Ok(user.clone())
}
