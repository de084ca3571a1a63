//! A shop in memory, with every use case wired as the functions wire them.

use std::sync::Arc;

use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::customers::limits::{Limiter, Limits};
use oms_app::execute::{OrderWithContact, WritePath};
use oms_app::idempotency::Idempotency;
use oms_app::intent::Intent;
use oms_app::messaging::notify::Notify;
use oms_app::messaging::texts::{self, Texts};
use oms_app::ordering::cancel_order::CancelOrder;
use oms_app::ordering::create_order::{self, CreateOrder, Created, Item};
use oms_app::ordering::list_orders::ListOrders;
use oms_app::ordering::screen_order::{FraudRules, Screening};
use oms_app::ordering::submit_order::SubmitOrder;
use oms_app::ordering::terms::Seen;
use oms_app::ordering::units::Units;
use oms_app::ordering::update_status::{Move, UpdateStatus};
use oms_app::payments::gateways::Gateways;
use oms_app::payments::open_page::OpenPage;
use oms_app::payments::pay_order::{self, Opened, PayOrder};
use oms_app::payments::payment_callback::{self, Handled, PaymentCallback};
use oms_app::payments::refund::Refund;
use oms_app::payments::refund_order::{self, RefundOrder, Refunded};
use oms_app::platform::publisher::Publisher;
use oms_app::platform::relay::{Relay, StreamRecord};
use oms_app::platform::sweep::Sweep;
use oms_app::ports::{Clock, Orders as _};
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::fulfilment::Tracking;
use oms_domain::ids::OrderId;
use oms_domain::messaging::CallingCodes;
use oms_domain::ordering::{Order, Record, Status};
use oms_domain::public_event::CloudEvent;
use oms_testkit::builders::{a_person, a_product, admin, customer, order_id};
use oms_testkit::memory::{Delivery, FakeGateway, MemoryBus, MemoryMessenger, MemoryMetrics, MemoryStore};
use oms_testkit::{ManualClock, SeededRandom};

/// The correlation id of every request in these tests.
pub(crate) const REQUEST: &str = "req-1";

/// How often the payment queue delivers a message.
pub(crate) const TRIES: u32 = 4;

pub(crate) struct Shop {
    pub(crate) store: MemoryStore,
    pub(crate) clock: ManualClock,
    pub(crate) stripe: FakeGateway,
    pub(crate) bus: MemoryBus,
    pub(crate) messenger: MemoryMessenger,
    pub(crate) metrics: MemoryMetrics,
    pub(crate) create: CreateOrder,
    pub(crate) submit: SubmitOrder,
    pub(crate) cancel: CancelOrder,
    pub(crate) update: UpdateStatus,
    pub(crate) pay: PayOrder,
    pub(crate) callback: PaymentCallback,
    pub(crate) refund: Refund,
    pub(crate) notify: Notify,
    pub(crate) relay: Relay,
    pub(crate) sweep: Sweep,
    pub(crate) open_page: OpenPage,
    pub(crate) list: ListOrders,
}

impl Shop {
    /// Sells product 1: 50 mugs at 19.90 EUR.
    pub(crate) fn open() -> Self {
        Shop::selling([a_product(1).build()])
    }

    /// Sells these.
    pub(crate) fn selling(products: impl IntoIterator<Item = Product>) -> Self {
        let store = MemoryStore::stocked(products);
        let clock = ManualClock::default();
        let (stripe, bus, messenger) = (FakeGateway::new("stripe"), MemoryBus::new(), MemoryMessenger::new());
        let metrics = MemoryMetrics::default();
        let gateways = Gateways::new(vec![Arc::new(stripe.clone()), Arc::new(FakeGateway::new("paypal"))]);
        let (orders, time) = (Arc::new(store.clone()), Arc::new(clock.clone()));
        let cache = CatalogCache::new(orders.clone(), time.clone());
        // What one customer may do is the subject of `faults/limits.rs`.
        let unlimited = Limiter::new(Limits::NONE, time.clone());
        let words = texts::Shop { name: "Mug Shop".into(), url: "https://shop.example".into() };
        Shop {
            create: CreateOrder::new(orders.clone(), cache, time.clone(), Arc::new(SeededRandom::default()))
                .with_limits(unlimited.clone()),
            submit: SubmitOrder::new(orders.clone(), CatalogCache::new(orders.clone(), time.clone()), time.clone())
                .with_limits(unlimited.clone()),
            cancel: CancelOrder(WritePath::new(orders.clone(), time.clone())),
            update: UpdateStatus {
                path: WritePath::new(orders.clone(), time.clone()),
                screening: a_screening(&store, &clock, ""),
            },
            pay: PayOrder::new(orders.clone(), orders.clone(), gateways.clone(), time.clone()).with_limits(unlimited),
            callback: PaymentCallback::new(orders.clone(), orders.clone(), gateways.clone(), time.clone()),
            refund: Refund::new(orders.clone(), orders.clone(), gateways.clone(), time.clone()),
            notify: Notify::new(
                Arc::new(Texts::new(words).unwrap()),
                orders.clone(),
                orders.clone(),
                Arc::new(messenger.clone()),
                time.clone(),
            )
            .with_metrics(Arc::new(metrics.clone()))
            .texting(CallingCodes::read("49").unwrap()),
            relay: Relay::new(a_publisher(&store, &bus, &clock)),
            sweep: Sweep::new(orders.clone(), orders.clone(), gateways.clone(), time.clone())
                .publishing(a_publisher(&store, &bus, &clock)),
            open_page: OpenPage::new(orders.clone(), orders.clone(), gateways, time, TRIES),
            list: ListOrders::new(orders),
            store,
            clock,
            stripe,
            bus,
            messenger,
            metrics,
        }
    }

    pub(crate) async fn create(&self, cart: Ask<create_order::Request>) -> Result<Created, Error> {
        self.create.ask(cart).await
    }

    /// Ada orders `quantity` mugs.
    pub(crate) async fn a_pending_order(&self, quantity: u32) -> Order {
        self.create(a_cart([(1, quantity)])).await.unwrap().order
    }

    /// Ada has ordered `quantity` mugs and paid them.
    pub(crate) async fn a_paid_order(&self, quantity: u32) -> Order {
        let order = self.a_pending_order(quantity).await;
        let opened = self.pay(order.id).await.unwrap();
        let delivery = self.stripe.pay(opened.payment_id, self.clock.now());
        assert_eq!(self.called_back(delivery).await, Ok(Handled::Applied));
        self.store.order_now(order.id)
    }

    /// An order in any state that can be reached by use cases of this version.
    pub(crate) async fn an_order_that_is(&self, status: Status) -> Order {
        let order = match status {
            Status::Draft => self.create(a_cart([(1, 2)]).draft()).await.unwrap().order,
            Status::Pending => self.a_pending_order(2).await,
            Status::Confirmed => self.a_paid_order(2).await,
            Status::Processing => self.moved(Box::pin(self.an_order_that_is(Status::Confirmed)).await.id, status).await,
            Status::Shipped => self.moved(Box::pin(self.an_order_that_is(Status::Processing)).await.id, status).await,
            Status::Delivered => self.moved(Box::pin(self.an_order_that_is(Status::Shipped)).await.id, status).await,
            Status::Cancelled => self.moved(self.a_pending_order(2).await.id, status).await,
            Status::ReturnRequested | Status::Returned | Status::Refunded => panic!("no use case leads to {status}"),
        };
        assert_eq!(order.status, status);
        order
    }

    async fn moved(&self, id: OrderId, to: Status) -> Order {
        self.update.ask(to_status(admin(), id, to)).await.unwrap().order
    }

    /// Ada asks for the checkout page, without a key.
    pub(crate) async fn pay(&self, id: OrderId) -> Result<Opened, Error> {
        self.pay.ask(a_payment(id)).await
    }

    /// The provider calls.
    pub(crate) async fn called_back(&self, (headers, body): Delivery) -> Result<Handled, Error> {
        let correlation_id = REQUEST.to_owned();
        let request = payment_callback::Request { provider: "stripe".into(), headers, body, correlation_id };
        self.callback.run(&request).await
    }

    pub(crate) async fn cancelled(&self, caller: Caller, id: OrderId) -> Result<OrderWithContact, Error> {
        self.cancel.ask(a_cancellation(id).from(caller)).await
    }

    /// Ada takes so many units out of the first line.
    pub(crate) async fn taken_out(&self, id: OrderId, quantity: u32) -> Result<OrderWithContact, Error> {
        let intent = a_cancellation(id).intent;
        let units = Units { line_id: id.line(1).to_string(), quantity };
        self.cancel.run(id, &intent, Some(vec![units]), Some("one is enough".into())).await
    }

    /// The public events of an order, oldest first.
    pub(crate) async fn events(&self, id: OrderId) -> Vec<CloudEvent> {
        let stored = self.store.events(id).await.unwrap();
        let records = stored.iter().map(|sealed| serde_json::from_str::<Record>(&sealed.body).unwrap());
        records.map(|record| CloudEvent::of(id, &record)).collect()
    }

    /// The public event of an order by its name, e.g. `order.submitted`; the last one if there are several.
    pub(crate) async fn event(&self, id: OrderId, name: &str) -> CloudEvent {
        self.events(id).await.into_iter().rfind(|event| event.data.fact.name() == name).unwrap()
    }

    /// The stored events of an order as the stream delivers them: `<prefix>1`, `<prefix>2`, …
    pub(crate) async fn stream(&self, id: OrderId, prefix: &str) -> Vec<StreamRecord> {
        let stored = self.store.events(id).await.unwrap();
        let record = |sealed: oms_domain::chain::Sealed| StreamRecord {
            sequence_number: format!("{prefix}{}", sealed.version),
            order_id: Some(id),
            version: Some(sealed.version),
            body: sealed.body,
        };
        stored.into_iter().map(record).collect()
    }

    /// Available and reserved mugs.
    pub(crate) fn mugs(&self) -> (u32, u32) {
        let stock = self.store.product_now(oms_testkit::builders::product_id(1)).stock;
        (stock.available, stock.reserved)
    }
}

/// What a process publishes with: it remembers nothing yet.
pub(crate) fn a_publisher(store: &MemoryStore, bus: &MemoryBus, clock: &ManualClock) -> Publisher {
    Publisher::new(Arc::new(bus.clone()), Arc::new(store.clone()), Arc::new(clock.clone()))
}

/// Fraud checks with these limits.
pub(crate) fn a_screening(store: &MemoryStore, clock: &ManualClock, limits: &str) -> Screening {
    Screening::new(Arc::new(store.clone()), Arc::new(FraudRules::read(limits).unwrap()), Arc::new(clock.clone()))
}

/// What somebody asks for, in one value.
#[derive(Debug, Clone)]
pub(crate) struct Ask<T> {
    pub(crate) intent: Intent,
    /// Of which order; none yet for a create.
    order_id: OrderId,
    pub(crate) part: T,
}

impl<T> Ask<T> {
    /// Ada asks.
    pub(crate) fn of(order_id: OrderId, part: T) -> Self {
        Ask { intent: Intent::by(customer("ada"), REQUEST), order_id, part }
    }

    pub(crate) fn from(mut self, caller: Caller) -> Self {
        self.intent.caller = caller;
        self
    }

    pub(crate) fn at(mut self, version: u64) -> Self {
        self.intent.expected_version = Some(version);
        self
    }

    /// Under this key, with the fingerprint of the request.
    pub(crate) fn under(mut self, key: &str, request: &str) -> Self {
        self.intent.idempotency = Some(a_key(key, request));
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut T)) -> Self {
        change(&mut self.part);
        self
    }
}

/// Use cases that can be asked.
pub(crate) trait Asked<T> {
    type Answer;

    async fn ask(&self, ask: Ask<T>) -> Result<Self::Answer, Error>;
}

impl Asked<create_order::Request> for CreateOrder {
    type Answer = Created;

    async fn ask(&self, ask: Ask<create_order::Request>) -> Result<Created, Error> {
        self.run(&ask.intent, ask.part).await
    }
}

impl Asked<Seen> for SubmitOrder {
    type Answer = OrderWithContact;

    async fn ask(&self, ask: Ask<Seen>) -> Result<OrderWithContact, Error> {
        self.run(ask.order_id, &ask.intent, &ask.part).await
    }
}

impl Ask<Seen> {
    /// The customer accepts this total.
    pub(crate) fn expecting(self, total: &str) -> Self {
        self.with(|seen| seen.total = Some(total.to_owned()))
    }
}

impl Asked<Option<String>> for CancelOrder {
    type Answer = OrderWithContact;

    async fn ask(&self, ask: Ask<Option<String>>) -> Result<OrderWithContact, Error> {
        self.run(ask.order_id, &ask.intent, None, ask.part).await
    }
}

impl Asked<Move> for UpdateStatus {
    type Answer = OrderWithContact;

    async fn ask(&self, ask: Ask<Move>) -> Result<OrderWithContact, Error> {
        self.run(ask.order_id, &ask.intent, &ask.part).await
    }
}

impl Asked<pay_order::Request> for PayOrder {
    type Answer = Opened;

    async fn ask(&self, ask: Ask<pay_order::Request>) -> Result<Opened, Error> {
        self.run(ask.order_id, &ask.intent, ask.part).await
    }
}

impl Asked<refund_order::Request> for RefundOrder {
    type Answer = Refunded;

    async fn ask(&self, ask: Ask<refund_order::Request>) -> Result<Refunded, Error> {
        self.run(ask.order_id, &ask.intent, ask.part).await
    }
}

impl Ask<create_order::Request> {
    pub(crate) fn draft(self) -> Self {
        self.with(|cart| cart.draft = true)
    }

    /// The edge takes the fingerprint of the body; here the cart stands for it.
    pub(crate) fn keyed(self, key: &str) -> Self {
        let items = self.part.items.iter();
        let body: Vec<String> =
            items.map(|item| format!("{}x{}@{:?}", item.quantity, item.product_id, item.price)).collect();
        self.under(key, &body.join(","))
    }

    pub(crate) fn expecting(self, total: &str) -> Self {
        self.with(|cart| cart.seen.total = Some(total.to_owned()))
    }

    pub(crate) fn seen_at(self, place: usize, price: &str) -> Self {
        self.with(|cart| cart.items[place].price = Some(price.to_owned()))
    }
}

/// Ada's request for these products, `(number, quantity)`.
pub(crate) fn a_cart(items: impl IntoIterator<Item = (u64, u32)>) -> Ask<create_order::Request> {
    let item =
        |(number, quantity)| Item { product_id: oms_testkit::builders::product_id(number), quantity, price: None };
    let person = a_person();
    let request = create_order::Request {
        user_id: None,
        items: items.into_iter().map(item).collect(),
        contact: person.contact.into_inner(),
        shipping_address: person.shipping_address.into_inner(),
        billing_address: None,
        shipping_method: None,
        promotion_codes: Vec::new(),
        seen: Seen::default(),
        details: oms_domain::ordering::address::Details::default(),
        draft: false,
    };
    Ask::of(order_id(0), request)
}

/// A key with the fingerprint of its request.
pub(crate) fn a_key(key: &str, request: &str) -> Idempotency {
    Idempotency { key: key.into(), request: request.into() }
}

/// Ada wants to pay at stripe.
pub(crate) fn a_payment(order_id: OrderId) -> Ask<pay_order::Request> {
    Ask::of(order_id, pay_order::Request { keep_method: false, provider: "stripe".into(), return_url: None })
}

/// Somebody sets a status; with tracking where that belongs to it.
pub(crate) fn to_status(caller: Caller, order_id: OrderId, status: Status) -> Ask<Move> {
    let tracking = Tracking { carrier: "dhl".into(), tracking_number: "00340434161094042557".into(), page: None };
    let tracking = Some(tracking).filter(|_| status == Status::Shipped);
    Ask::of(order_id, Move { status, note: None, tracking }).from(caller)
}

/// Ada submits a draft.
pub(crate) fn a_submission(order_id: OrderId) -> Ask<Seen> {
    Ask::of(order_id, Seen::default())
}

/// Ada cancels an order.
pub(crate) fn a_cancellation(order_id: OrderId) -> Ask<Option<String>> {
    Ask::of(order_id, Some("changed my mind".to_owned()))
}
