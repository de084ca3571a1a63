//! A thousand buyers want a hundred units at once, on a bad day of the store.
//!
//! Whatever goes wrong: each unit is sold once, none is left, the counters add up, and nobody who was told "no" owns an
//! order. It runs on any implementation of the ports and for any product.

use std::sync::Arc;

use futures::future::join_all;
use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::{Limiter, Limits};
use oms_app::idempotency::Idempotency;
use oms_app::intent::Intent;
use oms_app::ordering::create_order::{CreateOrder, Created, Item, Request};
use oms_app::ports::{Catalog, Orders};
use oms_domain::catalog::Product;
use oms_domain::ids::OrderId;
use oms_domain::ordering::Order;

use crate::builders::{a_person, customer, rates, user};
use crate::{Fault, ManualClock, SeededRandom};

/// How often a buyer asks before the test gives up on them; each time, most faults would have to strike again.
const MAX_TRIES: usize = 60;

/// Of a thousand calls that they can strike. The adapter on DynamoDB bears most of it by itself.
pub const A_BAD_DAY: [(Fault, u64); 4] =
    [(Fault::Conflict, 150), (Fault::Throttle, 50), (Fault::LostAcknowledgement, 50), (Fault::Unavailable, 10)];

/// The same store twice: as the buyers meet it, and as it is.
pub struct Rush {
    /// As buyers meet it.
    pub orders: Arc<dyn Orders>,
    /// As buyers meet it.
    pub catalog: Arc<dyn Catalog>,
    /// As it is.
    pub quiet_orders: Arc<dyn Orders>,
    /// As it is.
    pub quiet_catalog: Arc<dyn Catalog>,
    /// How many come. Each wants one unit.
    pub buyers: usize,
    /// Units that are held at first by orders whose time to pay is over, five each.
    pub overdue_units: u32,
}

/// What came of a rush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    /// Buyers who own an order.
    pub sold: usize,
    /// Buyers who were told that there is nothing left.
    pub refused: usize,
    /// How often a buyer was told to try again.
    pub tried_again: usize,
}

impl Rush {
    /// Sells all units of a product that nobody has ordered yet.
    pub async fn on(&self, product: &Product) -> Sale {
        self.quiet_catalog.set_rates(&rates()).await.unwrap();
        assert!(self.quiet_catalog.add(product).await.unwrap(), "a product of its own");
        let clock = ManualClock::default();
        let before = self.hold_in_vain(product, &clock).await;
        let create = create(&self.orders, &self.catalog, &clock);
        let ends = join_all((0..self.buyers).map(|buyer| buy(&create, product, buyer))).await;
        let sale = Sale {
            sold: ends.iter().filter(|end| end.order.is_some()).count(),
            refused: ends.iter().filter(|end| end.order.is_none()).count(),
            tried_again: ends.iter().map(|end| end.tried_again).sum(),
        };
        let units = usize::try_from(product.stock.available).unwrap();
        assert_eq!(sale.sold, units.min(self.buyers), "{sale:?}");
        self.nobody_owns_what_they_were_refused(product, &ends).await;
        self.counters_add_up(product, before, &ends).await;
        sale
    }

    /// Orders that are never paid.
    async fn hold_in_vain(&self, product: &Product, clock: &ManualClock) -> Vec<OrderId> {
        const UNITS_EACH: u32 = 5;
        let create = create(&self.quiet_orders, &self.quiet_catalog, clock);
        let mut held = Vec::new();
        for number in 0..self.overdue_units / UNITS_EACH {
            let request = request(product, &format!("idler-{number}"), UNITS_EACH);
            held.push(order(&create, request).await.unwrap().order.id);
        }
        clock.advance_minutes(31);
        held
    }

    async fn nobody_owns_what_they_were_refused(&self, product: &Product, ends: &[End]) {
        for (buyer, end) in ends.iter().enumerate() {
            let id = OrderId::from_key(&user(&name(buyer)), &key(product));
            let found = self.quiet_orders.load(id).await.unwrap().map(|stored| stored.order.id);
            assert_eq!(found, end.order.as_ref().map(|order| order.id), "buyer {buyer} was told otherwise");
        }
    }

    async fn counters_add_up(&self, product: &Product, before: Vec<OrderId>, ends: &[End]) {
        let stock = self.quiet_catalog.product(product.id).await.unwrap().unwrap().stock;
        let sold = ends.iter().filter_map(|end| end.order.as_ref()).map(|order| order.id);
        let mut held = 0;
        for id in before.into_iter().chain(sold) {
            let order = self.quiet_orders.load(id).await.unwrap().unwrap().order;
            if order.status.holds_stock() {
                held += order.lines.iter().map(oms_domain::ordering::Line::to_ship).sum::<u32>();
            }
        }
        assert!(stock.is_balanced(), "{stock:?}");
        assert_eq!((stock.reserved, stock.available + held), (held, product.stock.available), "{stock:?}");
    }
}

/// How it ended for one buyer.
struct End {
    order: Option<Order>,
    tried_again: usize,
}

/// One buyer, who tries again for as long as that may help, always with the same key.
async fn buy(create: &CreateOrder, product: &Product, buyer: usize) -> End {
    for tried_again in 0..MAX_TRIES {
        match order(create, request(product, &name(buyer), 1)).await {
            Ok(created) => return End { order: Some(created.order), tried_again },
            Err(Error::ProductsUnavailable { .. }) => return End { order: None, tried_again },
            Err(error) if error.is_transient() => {}
            Err(error) => panic!("buyer {buyer}: {error:?}"),
        }
    }
    panic!("buyer {buyer} was told to try again {MAX_TRIES} times")
}

fn create(orders: &Arc<dyn Orders>, catalog: &Arc<dyn Catalog>, clock: &ManualClock) -> CreateOrder {
    let clock = Arc::new(clock.clone());
    let cache = CatalogCache::new(catalog.clone(), clock.clone());
    let unlimited = Limiter::new(Limits::NONE, clock.clone());
    CreateOrder::new(orders.clone(), cache, clock, Arc::new(SeededRandom::default())).with_limits(unlimited)
}

fn name(buyer: usize) -> String {
    format!("buyer-{buyer}")
}

fn key(product: &Product) -> String {
    format!("rush-{}", product.id)
}

async fn order(create: &CreateOrder, (intent, request): (Intent, Request)) -> Result<Created, Error> {
    create.run(&intent, request).await
}

fn request(product: &Product, name: &str, quantity: u32) -> (Intent, Request) {
    let person = a_person();
    let key = Idempotency { key: key(product), request: quantity.to_string() };
    let request = Request {
        user_id: None,
        items: vec![Item { product_id: product.id, quantity, price: None }],
        contact: person.contact.into_inner(),
        shipping_address: person.shipping_address.into_inner(),
        billing_address: None,
        shipping_method: None,
        promotion_codes: Vec::new(),
        seen: oms_app::ordering::terms::Seen::default(),
        details: oms_domain::ordering::address::Details::default(),
        draft: false,
    };
    (Intent::by(customer(name), "rush").keyed(key), request)
}
