//! A shop in memory, with every use case wired as the functions wire them.

use std::sync::Arc;

use oms_app::Error;
use oms_app::catalog::catalog_cache::CatalogCache;
use oms_app::execute::OrderWithContact;
use oms_app::idempotency::Idempotency;
use oms_app::messaging::notify::Notify;
use oms_app::messaging::texts::{self, Texts};
use oms_app::ordering::cancel_order::{self, CancelOrder};
use oms_app::ordering::create_order::{self, CreateOrder, Created, Item};
use oms_app::ordering::list_orders::ListOrders;
use oms_app::ordering::submit_order::{self, SubmitOrder};
use oms_app::ordering::update_status::{self, UpdateStatus};
use oms_app::payments::gateways::Gateways;
use oms_app::payments::open_page::OpenPage;
use oms_app::payments::pay_order::{self, Opened, PayOrder};
use oms_app::payments::payment_callback::{self, Handled, PaymentCallback};
use oms_app::payments::refund::Refund;
use oms_app::platform::relay::{Relay, StreamRecord};
use oms_app::platform::sweep::Sweep;
use oms_app::ports::{Clock, Orders as _};
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::fulfilment::Tracking;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{Order, Record, Status};
use oms_domain::public_event::CloudEvent;
use oms_testkit::builders::{a_person, a_product, admin, customer};
use oms_testkit::memory::{Delivery, FakeGateway, MemoryBus, MemoryMessenger, MemoryStore};
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
        let gateways = Gateways::new(vec![Arc::new(stripe.clone()), Arc::new(FakeGateway::new("paypal"))]);
        let (orders, time) = (Arc::new(store.clone()), Arc::new(clock.clone()));
        let cache = CatalogCache::new(orders.clone(), time.clone());
        let words = texts::Shop { name: "Mug Shop".into(), url: "https://shop.example".into() };
        Shop {
            create: CreateOrder::new(orders.clone(), cache, time.clone(), Arc::new(SeededRandom::default())),
            submit: SubmitOrder::new(orders.clone(), time.clone()),
            cancel: CancelOrder::new(orders.clone(), time.clone()),
            update: UpdateStatus::new(orders.clone(), time.clone()),
            pay: PayOrder::new(orders.clone(), orders.clone(), gateways.clone(), time.clone()),
            callback: PaymentCallback::new(orders.clone(), orders.clone(), gateways.clone(), time.clone()),
            refund: Refund::new(orders.clone(), orders.clone(), gateways.clone(), time.clone()),
            notify: Notify::new(
                Arc::new(Texts::new(words).unwrap()),
                orders.clone(),
                orders.clone(),
                Arc::new(messenger.clone()),
                time.clone(),
            ),
            relay: Relay::new(Arc::new(bus.clone())),
            sweep: Sweep::new(orders.clone(), orders.clone(), gateways.clone(), time.clone()),
            open_page: OpenPage::new(orders.clone(), orders.clone(), gateways, time, TRIES),
            list: ListOrders::new(orders),
            store,
            clock,
            stripe,
            bus,
            messenger,
        }
    }

    pub(crate) async fn create(&self, request: create_order::Request) -> Result<Created, Error> {
        self.create.run(request).await
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
        self.update.run(to_status(admin(), id, to)).await.unwrap().order
    }

    /// Ada asks for the checkout page, without a key.
    pub(crate) async fn pay(&self, id: OrderId) -> Result<Opened, Error> {
        self.pay.run(a_payment(id)).await
    }

    /// The provider calls.
    pub(crate) async fn called_back(&self, (headers, body): Delivery) -> Result<Handled, Error> {
        let correlation_id = REQUEST.to_owned();
        let request = payment_callback::Request { provider: "stripe".into(), headers, body, correlation_id };
        self.callback.run(&request).await
    }

    pub(crate) async fn cancelled(&self, caller: Caller, id: OrderId) -> Result<OrderWithContact, Error> {
        let correlation_id = REQUEST.to_owned();
        let reason = Some("changed my mind".to_owned());
        let request = cancel_order::Request {
            caller,
            order_id: id,
            reason,
            expected_version: None,
            idempotency: None,
            correlation_id,
        };
        self.cancel.run(request).await
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

/// Changes to a create request, as a story would say them.
pub(crate) trait CartWords {
    fn from(self, caller: Caller) -> Self;
    fn draft(self) -> Self;
    fn keyed(self, key: &str) -> Self;
    fn seen_at(self, place: usize, price: &str) -> Self;
}

impl CartWords for create_order::Request {
    fn from(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    fn keyed(mut self, key: &str) -> Self {
        // The edge takes the fingerprint of the body; here the cart stands for it.
        let body: Vec<String> =
            self.items.iter().map(|item| format!("{}x{}@{:?}", item.quantity, item.product_id, item.price)).collect();
        self.idempotency = Some(a_key(key, &body.join(",")));
        self
    }

    fn seen_at(mut self, place: usize, price: &str) -> Self {
        self.items[place].price = Some(price.to_owned());
        self
    }
}

/// Ada's request for these products, `(number, quantity)`.
pub(crate) fn a_cart(items: impl IntoIterator<Item = (u64, u32)>) -> create_order::Request {
    let item =
        |(number, quantity)| Item { product_id: oms_testkit::builders::product_id(number), quantity, price: None };
    let person = a_person();
    create_order::Request {
        caller: customer("ada"),
        user_id: None,
        items: items.into_iter().map(item).collect(),
        contact: person.contact.into_inner(),
        shipping_address: person.shipping_address.into_inner(),
        billing_address: None,
        shipping_method: None,
        promotion_codes: Vec::new(),
        draft: false,
        idempotency: None,
        correlation_id: REQUEST.into(),
    }
}

/// A key with the fingerprint of its request.
pub(crate) fn a_key(key: &str, request: &str) -> Idempotency {
    Idempotency { key: key.into(), request: request.into() }
}

/// Ada wants to pay at stripe.
pub(crate) fn a_payment(order_id: OrderId) -> pay_order::Request {
    pay_order::Request {
        keep_method: false,
        caller: customer("ada"),
        order_id,
        provider: "stripe".into(),
        return_url: None,
        idempotency: None,
        correlation_id: REQUEST.into(),
    }
}

/// Somebody sets a status; with tracking where that belongs to it.
pub(crate) fn to_status(caller: Caller, order_id: OrderId, status: Status) -> update_status::Request {
    let tracking = Tracking { carrier: "dhl".into(), tracking_number: "00340434161094042557".into() };
    update_status::Request {
        caller,
        order_id,
        status,
        note: None,
        tracking: Some(tracking).filter(|_| status == Status::Shipped),
        expected_version: None,
        idempotency: None,
        correlation_id: REQUEST.into(),
    }
}

/// Ada submits a draft.
pub(crate) fn a_submission(order_id: OrderId) -> submit_order::Request {
    submit_order::Request {
        caller: customer("ada"),
        order_id,
        expected_version: None,
        idempotency: None,
        correlation_id: REQUEST.into(),
    }
}
