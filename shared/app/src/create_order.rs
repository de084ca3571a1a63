//! Creates an order and, unless it is a draft, submits it: the stock is reserved in the same transaction.
//!
//! 1. Check who orders for whom, and the input that needs no store.
//! 2. Merge lines of the same product; quote products and rates from the warm catalogue (no round trip).
//! 3. Refuse what cannot be sold there (`ORD-1001`) and prices that the customer did not see.
//! 4. Price, decide, and commit order, events, person record, stock and cart claim in one transaction.
//! 5. A condition that fails tells the truth: out of stock, another price (quote again), the same cart (look at it),
//!    or the same create (answer it again).
//!
//! Guarantee: an acknowledged order exists, and one idempotency key makes one order (A19, O10).

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use oms_domain::actor::Caller;
use oms_domain::address::{Address, AddressError, Contact, ContactError, Person};
use oms_domain::catalog::{Product, Unavailable};
use oms_domain::ids::{OrderId, ProductId, UserId};
use oms_domain::money::{Amount, Money};
use oms_domain::order::{Change, Line, MAX_LINES, MAX_QUANTITY, NewOrder, Order, Provenance, Status, create};
use oms_domain::pricing;

use crate::catalog_cache::{CatalogCache, Quoted};
use crate::change::{Idempotency, commit_failure, fingerprint};
use crate::error::{Error, Field, PriceChange, Refused};
use crate::ports::{CartClaim, CartPolicy, Clock, Commit, CommitError, Count, Counter, Orders, Random, Shortage};

/// How often an attempt starts over because the catalogue or an earlier cart claim was not as thought.
const MAX_ROUNDS: u32 = 4;

/// Orders that the shop takes from one customer in a minute, unless it says otherwise.
pub const ORDERS_PER_MINUTE: u32 = 300;

const SECONDS_PER_MINUTE: i64 = 60;

/// Most alternatives that a refusal suggests.
const MAX_ALTERNATIVES: usize = 3;

/// One line of the cart as the customer sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which product.
    pub product_id: ProductId,
    /// How many units.
    pub quantity: u32,
    /// The price that the customer saw, as decimal text.
    pub price: Option<String>,
}

/// What the customer asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks.
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
    /// The caller's key, if given.
    pub idempotency: Option<Idempotency>,
    /// The request's correlation id.
    pub correlation_id: String,
}

/// The order as it stands after the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The order.
    pub order: Order,
    /// Its person record, unless that was erased since.
    pub person: Option<Person>,
    /// True when an earlier request with the same key had made it.
    pub repeated: bool,
}

/// The use case.
pub struct CreateOrder {
    orders: Arc<dyn Orders>,
    catalog: CatalogCache,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    orders_per_minute: u32,
}

/// A cart after the checks that need no store.
struct Cart {
    user_id: UserId,
    items: Vec<Merged>,
    person: Person,
}

struct Merged {
    /// Where the product first stands in the request.
    position: usize,
    product_id: ProductId,
    quantity: u32,
    price: Option<String>,
}

/// Why an attempt did not end in an order.
enum Stop {
    /// It starts over with what was learnt.
    Again,
    Refuse(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Refuse(error)
    }
}

impl CreateOrder {
    /// Wires the use case.
    pub fn new(orders: Arc<dyn Orders>, catalog: CatalogCache, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        CreateOrder { orders, catalog, clock, random, orders_per_minute: ORDERS_PER_MINUTE }
    }

    /// Takes so many orders of one customer in a minute.
    #[must_use]
    pub fn taking(mut self, orders_per_minute: u32) -> Self {
        self.orders_per_minute = orders_per_minute;
        self
    }

    /// Runs it.
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

    async fn attempt(&self, id: OrderId, request: &Request) -> Result<Created, Error> {
        let cart = check(request)?;
        let ids: Vec<ProductId> = cart.items.iter().map(|item| item.product_id).collect();
        let mut over = None;
        let mut quoted = self.catalog.quote(&ids).await?;
        for round in 0..MAX_ROUNDS {
            let new = match self.draw_up(&cart, request, &quoted).await {
                Ok(new) => new,
                // What the cache says is only a proposal: a refusal is told from fresh facts.
                Err(_) if round == 0 => {
                    quoted = self.catalog.refresh(&ids).await?;
                    self.draw_up(&cart, request, &quoted).await?
                }
                Err(error) => return Err(error),
            };
            match self.commit(id, &cart, request, new, &mut over).await {
                Ok(created) => return Ok(created),
                Err(Stop::Refuse(error)) => return Err(error),
                Err(Stop::Again) => quoted = self.catalog.quote(&ids).await?,
            }
        }
        Err(Error::StockTaken)
    }

    /// Turns the cart into a priced order, or says what is wrong with it.
    async fn draw_up(&self, cart: &Cart, request: &Request, quoted: &Quoted) -> Result<NewOrder, Error> {
        let destination = cart.person.shipping_address.destination();
        let refused = unavailable(cart, quoted, &destination.country);
        if !refused.is_empty() {
            return Err(self.unavailable(refused, quoted, &destination.country).await);
        }
        let products: Vec<(&Merged, &Product)> =
            cart.items.iter().filter_map(|item| Some((item, quoted.products.get(&item.product_id)?))).collect();
        check_prices(&products)?;
        let Some((_, first)) = products.first() else { return Err(Error::Internal("an empty cart passed".into())) };
        let currency = first.currency;
        if let Some((item, product)) = products.iter().find(|(_, product)| product.currency != currency) {
            let message = format!("is sold in {}, other lines in {currency}; order it apart", product.currency);
            return Err(Error::Invalid(vec![Field::new(format!("/items/{}/product_id", item.position), message)]));
        }
        let code = request.shipping_method.as_deref();
        let Some((method, shipping)) = quoted.rates.shipping.quote(code, &destination, currency) else {
            let message = "no such shipping method to this destination and in this currency";
            return Err(Error::Invalid(vec![Field::new("/shipping_method", message)]));
        };
        let items: Vec<pricing::Item<'_>> = products
            .iter()
            .map(|(item, product)| pricing::Item {
                quantity: item.quantity,
                price: product.price,
                discount: Amount::ZERO,
                tax_class: &product.tax_class,
            })
            .collect();
        let priced = pricing::price(&items, shipping, &quoted.rates.taxes, &destination);
        let lines = (1_u16..).zip(&products).zip(&priced.line_taxes).map(|((line, (item, product)), tax)| Line {
            line,
            product_id: product.id,
            sku: product.sku.clone(),
            name: product.name.clone(),
            seller_id: product.seller_id.clone(),
            quantity: item.quantity,
            price: product.price,
            discount: Amount::ZERO,
            tax: *tax,
            shipped: 0,
            returned: 0,
        });
        Ok(NewOrder {
            user_id: cart.user_id.clone(),
            currency,
            shipping_method: method.code.clone(),
            lines: lines.collect(),
            totals: priced.totals,
            draft: request.draft,
            destination,
        })
    }

    async fn commit(
        &self,
        id: OrderId,
        cart: &Cart,
        request: &Request,
        new: NewOrder,
        over: &mut Option<OrderId>,
    ) -> Result<Created, Stop> {
        let now = self.clock.now();
        let provenance =
            Provenance { at: now, actor: request.caller.actor(), correlation_id: request.correlation_id.clone() };
        let change =
            Change::new(id, None, create(new, now), &provenance).map_err(|error| Error::Internal(error.to_string()))?;
        let commit = Commit {
            cart: claim(&change.order, request, *over),
            change,
            person: Some(cart.person.clone()),
            request: request.idempotency.as_ref().map(|given| given.request.clone()),
            command: None,
            counts: vec![self.creation(cart, now)],
            standing: Some(cart.user_id.clone()),
        };
        match self.orders.commit(&commit).await {
            Ok(()) => Ok(Created { order: commit.change.order, person: commit.person, repeated: false }),
            Err(CommitError::Exists { .. }) => {
                let earlier = self.earlier(id, request).await?;
                Ok(earlier.ok_or_else(|| Error::Internal(format!("order {id} exists and cannot be read")))?)
            }
            Err(CommitError::CartTaken(other)) => {
                self.check_duplicate(other, now).await?;
                *over = Some(other);
                Err(Stop::Again)
            }
            Err(CommitError::NotInGoodStanding) => Err(Error::NotInGoodStanding.into()),
            Err(CommitError::LimitReached(Counter::Creations(..))) => {
                let retry_after_seconds = SECONDS_PER_MINUTE - now.as_second().rem_euclid(SECONDS_PER_MINUTE);
                let retry_after_seconds = u32::try_from(retry_after_seconds).unwrap_or(1);
                Err(Error::RateLimited { retry_after_seconds }.into())
            }
            Err(CommitError::Stock(shortages)) => Err(self.learn(cart, &shortages).await),
            Err(CommitError::Contended) => Err(Error::StockTaken.into()),
            Err(error) => Err(commit_failure(error).into()),
        }
    }

    /// One more order of this customer in this minute, counted in the order's own transaction (A22).
    fn creation(&self, cart: &Cart, now: Timestamp) -> Count {
        let minute = now.as_second().div_euclid(SECONDS_PER_MINUTE);
        Count {
            counter: Counter::Creations(cart.user_id.clone(), minute),
            delta: 1,
            limit: Some(self.orders_per_minute),
            expires_at: now.checked_add(SignedDuration::from_hours(1)).ok(),
        }
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
        let waits = earlier.is_some_and(|order| {
            order.status == Status::Pending && order.reservation_expires_at.is_some_and(|until| now < until)
        });
        if waits { Err(Error::DuplicateOrder(other)) } else { Ok(()) }
    }

    /// Takes over what failed conditions told: a changed price is drawn up again (and then told to a customer who saw
    /// another one), everything else ends the attempt.
    async fn learn(&self, cart: &Cart, shortages: &[Shortage]) -> Stop {
        let mut refused = Vec::new();
        for shortage in shortages {
            self.catalog.learn(shortage.product_id, shortage.found.as_ref());
            let Some(item) = cart.items.iter().find(|item| item.product_id == shortage.product_id) else { continue };
            let short = shortage.found.as_ref().filter(|product| product.stock.available < item.quantity);
            if let Some(product) = short.filter(|product| product.active) {
                refused.push(Refused {
                    pointer: format!("/items/{}/quantity", item.position),
                    product_id: product.id,
                    reason: Unavailable::OutOfStock,
                    available: Some(product.stock.available),
                });
            }
        }
        if refused.is_empty() {
            return Stop::Again;
        }
        let ids: Vec<ProductId> = cart.items.iter().map(|item| item.product_id).collect();
        let country = cart.person.shipping_address.country.clone();
        match self.catalog.quote(&ids).await {
            Ok(quoted) => Stop::Refuse(self.unavailable(refused, &quoted, &country).await),
            Err(error) => Stop::Refuse(error.into()),
        }
    }

    /// The refusal with what could be bought instead: the same category, in stock, sold there (L1).
    async fn unavailable(&self, refused: Vec<Refused>, quoted: &Quoted, country: &str) -> Error {
        let categories: Vec<&str> = refused
            .iter()
            .filter_map(|refused| quoted.products.get(&refused.product_id))
            .map(|product| product.category.as_str())
            .collect();
        // Suggestions are a courtesy: a store that cannot be asked for them does not change the answer.
        let page = self.catalog.catalog().page(None, 100).await.map(|page| page.products).unwrap_or_default();
        let alternatives = page
            .into_iter()
            .filter(|product| product.stock.available > 0 && product.sold_to(country))
            .filter(|product| categories.contains(&product.category.as_str()))
            .filter(|product| !quoted.products.contains_key(&product.id))
            .take(MAX_ALTERNATIVES)
            .collect();
        Error::Unavailable { refused, alternatives }
    }
}

/// Steps 1 and 2: all that can be said without the store, every fault at once.
fn check(request: &Request) -> Result<Cart, Error> {
    let user_id = match (&request.caller, &request.user_id) {
        (Caller::Seller { .. }, _) => return Err(Error::Forbidden("sellers do not place orders")),
        (Caller::Customer(own), Some(other)) if own != other => {
            return Err(Error::Forbidden("a customer orders for nobody else"));
        }
        (Caller::Admin(_), Some(customer)) => customer.clone(),
        (caller, _) => caller.user().clone(),
    };
    let mut faults = Vec::new();
    let items = merge(&request.items, &mut faults);
    for (position, _) in request.promotion_codes.iter().enumerate() {
        faults.push(Field::new(format!("/promotion_codes/{position}"), "is not a promotion of this shop"));
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
    let shipping = checked_address(&request.shipping_address, "/shipping_address", &mut lost);
    let billing = match &request.billing_address {
        Some(address) => checked_address(address, "/billing_address", &mut lost),
        None => shipping.clone(),
    };
    if !faults.is_empty() {
        faults.extend(lost);
        return Err(Error::Invalid(faults));
    }
    match (contact, shipping, billing) {
        (Ok(contact), Some(shipping_address), Some(billing_address)) => {
            Ok(Cart { user_id, items, person: Person { contact, shipping_address, billing_address } })
        }
        _ => Err(Error::Address(lost)),
    }
}

fn checked_address(address: &Address, pointer: &str, faults: &mut Vec<Field>) -> Option<Address> {
    match address.clone().checked() {
        Ok(address) => Some(address),
        Err(error) => {
            let field = match error {
                AddressError::UnknownCountry(_) => "country",
                AddressError::Missing(field) => field,
            };
            faults.push(Field::new(format!("{pointer}/{field}"), error));
            None
        }
    }
}

/// Lines of the same product become one.
fn merge(items: &[Item], faults: &mut Vec<Field>) -> Vec<Merged> {
    let mut merged: Vec<Merged> = Vec::new();
    let mut places: HashMap<ProductId, usize> = HashMap::new();
    for (position, item) in items.iter().enumerate() {
        if item.quantity == 0 || item.quantity > MAX_QUANTITY {
            faults.push(Field::new(format!("/items/{position}/quantity"), format!("must be 1 to {MAX_QUANTITY}")));
            continue;
        }
        let place = *places.entry(item.product_id).or_insert(merged.len());
        match merged.get_mut(place) {
            None => merged.push(Merged {
                position,
                product_id: item.product_id,
                quantity: item.quantity,
                price: item.price.clone(),
            }),
            Some(same) => {
                same.quantity += item.quantity;
                if same.quantity > MAX_QUANTITY {
                    let message = format!("lines of one product add up to more than {MAX_QUANTITY}");
                    faults.push(Field::new(format!("/items/{position}/quantity"), message));
                }
                if item.price.is_some() && same.price.is_some() && item.price != same.price {
                    let message = "lines of one product state different prices";
                    faults.push(Field::new(format!("/items/{position}/price"), message));
                }
                same.price = same.price.take().or_else(|| item.price.clone());
            }
        }
    }
    if items.is_empty() {
        faults.push(Field::new("/items", "must have at least one line"));
    }
    if merged.len() > MAX_LINES {
        faults.push(Field::new("/items", format!("must have at most {MAX_LINES} different products")));
    }
    merged
}

/// Step 3: what cannot be sold, or not there (A9, A11).
fn unavailable(cart: &Cart, quoted: &Quoted, country: &str) -> Vec<Refused> {
    let reason = |item: &Merged| match quoted.products.get(&item.product_id) {
        None => Some(Unavailable::Missing),
        Some(product) if !product.active => Some(Unavailable::Discontinued),
        Some(product) if !product.sold_to(country) => Some(Unavailable::Region),
        Some(_) => None,
    };
    cart.items
        .iter()
        .filter_map(|item| {
            Some(Refused {
                pointer: format!("/items/{}/product_id", item.position),
                product_id: item.product_id,
                reason: reason(item)?,
                available: None,
            })
        })
        .collect()
}

fn check_prices(products: &[(&Merged, &Product)]) -> Result<(), Error> {
    let mut faults = Vec::new();
    let mut changed = Vec::new();
    for (item, product) in products {
        let Some(text) = &item.price else { continue };
        let pointer = format!("/items/{}/price", item.position);
        match Money::parse(text, product.currency) {
            Err(error) => faults.push(Field::new(pointer, error)),
            Ok(seen) if seen.amount != product.price => changed.push(PriceChange {
                pointer,
                product_id: product.id,
                current: Money::new(product.price, product.currency),
            }),
            Ok(_) => {}
        }
    }
    match (faults.is_empty(), changed.is_empty()) {
        (false, _) => Err(Error::Invalid(faults)),
        (true, false) => Err(Error::PriceChanged(changed)),
        (true, true) => Ok(()),
    }
}

/// The claim on the cart: with a key it replaces an earlier one, without one it must not meet another's.
fn claim(order: &Order, request: &Request, over: Option<OrderId>) -> Option<CartClaim> {
    let expires_at = order.reservation_expires_at?;
    let policy = match &request.idempotency {
        Some(_) => CartPolicy::Replace,
        None => CartPolicy::Exclusive { over },
    };
    let mut parts: Vec<String> =
        order.lines.iter().map(|line| format!("{}x{}", line.quantity, line.product_id)).collect();
    parts.sort_unstable();
    let cart = fingerprint(&[parts.join(",").as_bytes()]);
    Some(CartClaim { user_id: order.user_id.clone(), cart, policy, expires_at })
}
