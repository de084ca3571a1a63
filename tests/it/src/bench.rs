//! Every function over one store, wired as the local cloud and AWS wire them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use oms_adapters::dynamodb::{
    DynamoAgenda, DynamoCatalog, DynamoCensus, DynamoCircuits, DynamoCustomers, DynamoMethods, DynamoNotices,
    DynamoOrders, DynamoSettings, DynamoShelf, RetryPolicy, TableProbe, Tables,
};
use oms_app::alert_stock::AlertStock;
use oms_app::breaker::Breaker;
use oms_app::cancel_order::CancelOrder;
use oms_app::catalog_cache::CatalogCache;
use oms_app::change_settings::ChangeSettings;
use oms_app::change_standing::ChangeStanding;
use oms_app::count_orders::CountOrders;
use oms_app::create_order::CreateOrder;
use oms_app::create_product::CreateProduct;
use oms_app::delete_method::DeleteMethod;
use oms_app::discontinue_product::DiscontinueProduct;
use oms_app::forget_methods::ForgetMethods;
use oms_app::health::Health;
use oms_app::import_products::ImportProducts;
use oms_app::list_methods::ListMethods;
use oms_app::list_orders::ListOrders;
use oms_app::list_products::ListProducts;
use oms_app::move_stock::MoveStock;
use oms_app::notify::Notify;
use oms_app::open_page::OpenPage;
use oms_app::pay_order::PayOrder;
use oms_app::payment_callback::PaymentCallback;
use oms_app::ports::{
    Alerts, Catalog, Clock, EventBus, Gateways, Journal, Messenger, Orders, PaymentGateway, Probe, Random, Shelf,
};
use oms_app::quote_order::QuoteOrder;
use oms_app::refund::Refund;
use oms_app::refund_order::RefundOrder;
use oms_app::relay::Relay;
use oms_app::review_order::ReviewOrder;
use oms_app::screen_order::{FraudRules, ScreenOrder};
use oms_app::submit_order::SubmitOrder;
use oms_app::sweep::Sweep;
use oms_app::texts::Shop;
use oms_app::update_product::UpdateProduct;
use oms_app::update_status::UpdateStatus;
use oms_app::view_order::ViewOrder;
use oms_app::view_product::ViewProduct;
use oms_app::view_settings::ViewSettings;
use oms_app::view_standing::ViewStanding;
use oms_app::view_stock::ViewStock;
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::chain::Sealed;
use oms_domain::ids::{OrderId, PaymentId};
use oms_domain::order::{Order, Record};
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Failure, Function};
use oms_testkit::builders::{a_product, product_id, rates};
use oms_testkit::memory::{FakeGateway, MemoryAlerts, MemoryBus, MemoryJournal, MemoryMessenger};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, Meter, ORDERS};
use oms_testkit::{ManualClock, SeededRandom};
use serde_json::{Value, json};

use crate::call::{Call, Reply, cart};

/// Name of the provider; its webhooks are those of [`FakeGateway`].
const PROVIDER: &str = "sandbox";

/// Orders worth more are held for a person to see.
const REVIEW_ABOVE: &str = "1500.00 EUR";

/// How often the payment queue delivers a message.
const PAYMENT_TRIES: u32 = 4;

/// Orders that one customer may place in a minute; a test's clock mostly stands still.
const ORDERS_PER_MINUTE: u32 = 100;

/// All functions and what stands behind them.
pub struct Bench {
    /// The store.
    pub store: EmbeddedDynamo,
    /// What time it is.
    pub clock: ManualClock,
    /// The topic.
    pub bus: MemoryBus,
    /// What administrators are told about stock.
    pub alerts: MemoryAlerts,
    /// What customers get.
    pub messenger: MemoryMessenger,
    /// The payment provider.
    pub gateway: FakeGateway,
    /// The store seen from behind: not counted, not disturbed.
    pub orders: DynamoOrders,
    /// The catalogue seen from behind.
    pub catalog: DynamoCatalog,
    /// The same, for those who manage it.
    pub shelf: DynamoShelf,
    /// What is told of the functions' work.
    pub journal: MemoryJournal,
    functions: BTreeMap<&'static str, Function>,
}

/// A bus that is always there.
struct Up;

#[async_trait]
impl Probe for Up {
    fn name(&self) -> &'static str {
        "bus"
    }

    async fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Bench {
    /// An empty shop with the products 1 to 3, 50 units of each, at 10:00 on 2026-01-05.
    pub async fn start() -> Self {
        Bench::with_gateway(|gateway| Arc::new(gateway)).await
    }

    /// The same with a provider that wraps the usual one.
    pub async fn with_gateway(wrap: impl FnOnce(FakeGateway) -> Arc<dyn PaymentGateway>) -> Self {
        let store = EmbeddedDynamo::start().await;
        let tables = Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
        let random: Arc<dyn Random> = Arc::new(SeededRandom::default());
        let quiet = store.quiet_client();
        let (clock, bus, messenger) = (ManualClock::default(), MemoryBus::new(), MemoryMessenger::new());
        let gateway = FakeGateway::new(PROVIDER);
        let gateways = vec![wrap(gateway.clone())];
        let orders = DynamoOrders::new(quiet.clone(), tables.clone(), random.clone());
        let shelf = DynamoShelf::new(quiet.clone(), tables.clone(), random.clone());
        let catalog = DynamoCatalog::new(quiet, tables.clone());
        let (alerts, journal) = (MemoryAlerts::default(), MemoryJournal::default());
        let outside = Outside {
            bus: Arc::new(bus.clone()),
            messenger: Arc::new(messenger.clone()),
            alerts: Arc::new(alerts.clone()),
            gateways,
            journal: journal.clone(),
        };
        let functions = functions(&store.client, &tables, &clock, &random, &outside);
        catalog.set_rates(&rates()).await.unwrap();
        for number in 1..=3 {
            assert!(catalog.add(&a_product(number).build()).await.unwrap());
        }
        Bench { store, clock, bus, alerts, messenger, gateway, orders, catalog, shelf, journal, functions }
    }

    /// The packages that are wired.
    pub fn packages(&self) -> Vec<&'static str> {
        self.functions.keys().copied().collect()
    }

    /// Counts, measures and disturbs what the functions do.
    pub fn meter(&self) -> &Meter {
        &self.store.meter
    }

    /// Invokes a function with an event.
    pub async fn invoke(&self, package: &str, event: Value) -> Result<Value, Failure> {
        let function = self.functions.get(package).unwrap_or_else(|| panic!("function {package} is not wired"));
        function.invoke(event).await
    }

    /// Sends a request.
    pub async fn ask(&self, call: &Call) -> Reply {
        Reply::read(&self.invoke(call.package, call.event()).await.expect("an HTTP function always answers"))
    }

    /// Ada orders two units of product 1, one of product 2 and four of product 3.
    pub async fn an_order(&self) -> OrderId {
        let body = cart(&[(product_id(1), 2), (product_id(2), 1), (product_id(3), 4)]);
        let key = format!("cart-{}", self.clock.now());
        self.ask(&Call::create(&body).key(&key)).await.expect(201).order_id()
    }

    /// A draft of the same.
    pub async fn a_draft(&self) -> OrderId {
        let mut body = cart(&[(product_id(1), 2), (product_id(2), 1), (product_id(3), 4)]);
        body["draft"] = true.into();
        self.ask(&Call::create(&body)).await.expect(201).order_id()
    }

    /// Opens the checkout page of an order.
    pub async fn a_payment(&self, id: OrderId) -> PaymentId {
        let reply = self.ask(&Call::pay(id)).await.expect(201);
        reply.body["payment_id"].as_str().unwrap().parse().unwrap()
    }

    /// An order that is paid.
    pub async fn a_paid_order(&self) -> OrderId {
        let id = self.an_order().await;
        let payment = self.a_payment(id).await;
        let webhook = self.gateway.pay(payment, self.clock.now());
        assert_eq!(self.ask(&Call::webhook(webhook)).await.expect(200).body["result"], "applied");
        id
    }

    /// The order as it is stored.
    pub async fn order(&self, id: OrderId) -> Order {
        self.orders.load(id).await.unwrap().expect("the order is stored").order
    }

    /// Its events as they are stored.
    pub async fn events(&self, id: OrderId) -> Vec<Sealed> {
        self.orders.events(id).await.unwrap()
    }

    /// The names of its events, oldest first.
    pub async fn event_names(&self, id: OrderId) -> Vec<String> {
        let kind =
            |event: Sealed| serde_json::from_str::<Value>(&event.body).unwrap()["type"].as_str().unwrap().to_owned();
        self.events(id).await.into_iter().map(kind).collect()
    }

    /// Its events as they leave the system.
    pub async fn public_events(&self, id: OrderId) -> Vec<CloudEvent> {
        let read = |event: Sealed| CloudEvent::of(id, &serde_json::from_str::<Record>(&event.body).unwrap());
        self.events(id).await.into_iter().map(read).collect()
    }

    /// How many units of a product are available.
    pub async fn available(&self, number: u64) -> u32 {
        self.product(number).await.stock.available
    }

    /// A product as it is.
    pub async fn product(&self, number: u64) -> Product {
        self.catalog.product(product_id(number)).await.unwrap().expect("the product is stored")
    }

    /// Ada's page of orders.
    pub async fn list(&self, by: &Caller, status: Option<&str>) -> Reply {
        let call = Call::list().by(by);
        let call = status.into_iter().fold(call, |call, status| call.query("status", status));
        self.ask(&call).await.expect(200)
    }

    /// Waits in the shop until the order's time to pay is over, and sweeps.
    pub async fn sweep_later(&self) -> Result<Value, Failure> {
        self.clock.advance_minutes(31);
        self.invoke("sweep", schedule_event()).await
    }
}

/// What the functions talk to beside the store.
struct Outside {
    bus: Arc<dyn EventBus>,
    messenger: Arc<dyn Messenger>,
    alerts: Arc<dyn Alerts>,
    gateways: Vec<Arc<dyn PaymentGateway>>,
    journal: MemoryJournal,
}

fn functions(
    client: &Client,
    tables: &Tables,
    clock: &ManualClock,
    random: &Arc<dyn Random>,
    outside: &Outside,
) -> BTreeMap<&'static str, Function> {
    let client = || client.clone();
    let quick = RetryPolicy {
        base_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(2),
        ..RetryPolicy::default()
    };
    let orders = DynamoOrders::new(client(), tables.clone(), random.clone()).with_retry(quick);
    let orders: Arc<dyn Orders> = Arc::new(orders);
    let catalog: Arc<dyn Catalog> = Arc::new(DynamoCatalog::new(client(), tables.clone()));
    let shelf = DynamoShelf::new(client(), tables.clone(), random.clone()).with_retry(quick);
    let shelf: Arc<dyn Shelf> = Arc::new(shelf);
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let (orders, catalog, shelf, clock) = (|| orders.clone(), || catalog.clone(), || shelf.clone(), || clock.clone());
    let random = || random.clone();
    // Each function sees the circuits for itself, as its process does on AWS.
    let breaker = || Arc::new(Breaker::new(Arc::new(DynamoCircuits::new(client(), tables.clone())), clock()));
    let gateways = || Gateways::guarded(outside.gateways.clone(), &breaker());
    let customers = Arc::new(DynamoCustomers::new(client(), tables.clone()));
    let settings = Arc::new(DynamoSettings::new(client(), tables.clone(), random()).with_retry(quick));
    let methods = Arc::new(DynamoMethods::new(client(), tables.clone()));
    let notices = Arc::new(DynamoNotices::new(client(), tables.clone(), random()));
    let agenda = || Arc::new(DynamoAgenda::new(client(), tables.clone()));
    let shop = Shop { name: "Shop".into(), url: "https://shop.example.test".into() };
    let notify = Notify::new(orders(), notices, outside.messenger.clone(), clock(), shop).expect("all texts are there");
    let rules = Arc::new(FraudRules::read(REVIEW_ABOVE).expect("an amount"));
    let census = Arc::new(DynamoCensus::new(client(), tables.clone()));
    let journal = || -> Arc<dyn Journal> { Arc::new(outside.journal.clone()) };
    let cache = || CatalogCache::new(catalog(), clock());
    let create = CreateOrder::new(orders(), cache(), clock(), random()).taking(ORDERS_PER_MINUTE);
    let probes: Vec<Arc<dyn Probe>> = vec![
        Arc::new(TableProbe::new(client(), "orders", &tables.orders)),
        Arc::new(TableProbe::new(client(), "catalog", &tables.catalog)),
        Arc::new(Up),
    ];
    let all = [
        ("create-order", create_order::function(create)),
        ("submit-order", submit_order::function(SubmitOrder::new(orders(), clock()))),
        ("cancel-order", cancel_order::function(CancelOrder::new(orders(), clock()))),
        ("quote-order", quote_order::function(QuoteOrder::new(orders(), cache(), gateways().offer().clone(), clock()))),
        ("view-order", view_order::function(ViewOrder::new(orders()))),
        ("list-orders", list_orders::function(ListOrders::new(orders()))),
        ("update-status", update_status::function(UpdateStatus::new(orders(), clock()))),
        ("pay-order", pay_order::function(PayOrder::new(orders(), agenda(), gateways(), clock()))),
        ("payment-callback", payment_callback::function(PaymentCallback::new(orders(), agenda(), gateways(), clock()))),
        ("list-products", list_products::function(ListProducts::new(catalog()))),
        ("view-product", view_product::function(ViewProduct::new(shelf()))),
        ("create-product", create_product::function(CreateProduct::new(shelf(), clock(), random()))),
        ("update-product", update_product::function(UpdateProduct::new(shelf(), clock(), random()))),
        ("discontinue-product", discontinue_product::function(DiscontinueProduct::new(shelf(), clock(), random()))),
        ("import-products", import_products::function(ImportProducts::new(shelf(), clock(), random()))),
        ("move-stock", move_stock::function(MoveStock::new(catalog(), shelf(), clock(), random()))),
        ("view-stock", view_stock::function(ViewStock::new(catalog(), shelf()))),
        ("alert-stock", alert_stock::function(AlertStock::new(catalog(), shelf(), outside.alerts.clone()))),
        ("health", health::function(Health::new(probes))),
        ("relay", relay::function(Relay::new(outside.bus.clone()).telling(journal()))),
        ("notify", notify::function(notify)),
        ("refund-order", refund_order::function(RefundOrder::new(orders(), clock()))),
        ("open-page", open_page::function(OpenPage::new(orders(), agenda(), gateways(), clock(), PAYMENT_TRIES))),
        ("refund", refund::function(Refund::new(orders(), agenda(), gateways(), clock()))),
        ("review-order", review_order::function(ReviewOrder::new(orders(), clock()))),
        ("screen-order", screen_order::function(ScreenOrder::new(orders(), rules, clock()))),
        ("change-standing", change_standing::function(ChangeStanding::new(customers.clone(), clock()))),
        ("change-settings", change_settings::function(ChangeSettings::new(settings.clone(), clock(), random()))),
        ("view-settings", view_settings::function(ViewSettings::new(settings))),
        ("view-standing", view_standing::function(ViewStanding::new(customers))),
        ("list-methods", list_methods::function(ListMethods::new(methods.clone()))),
        ("delete-method", delete_method::function(DeleteMethod::new(methods.clone(), clock()))),
        ("forget-methods", forget_methods::function(ForgetMethods::new(methods, gateways(), clock()))),
        ("count-orders", count_orders::function(CountOrders::new(census, clock(), journal()))),
        ("sweep", sweep::function(Sweep::new(orders(), agenda(), gateways(), clock()))),
    ];
    all.map(|(package, function)| (package, function.watched(package, journal()))).into()
}

/// A stored event of an order, on its way through the stream.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Whose.
    pub order_id: OrderId,
    /// Which.
    pub event: Sealed,
}

impl Entry {
    /// Its place in the stream.
    pub fn sequence_number(&self) -> String {
        format!("{}/{}", self.order_id, self.event.version)
    }
}

/// What the stream hands to the relay.
pub fn stream_event(entries: &[Entry]) -> Value {
    let record = |entry: &Entry| {
        let keys = json!({
            "pk": { "S": format!("ORDER#{}", entry.order_id) },
            "sk": { "S": format!("EVENT#{:010}", entry.event.version) },
        });
        let mut image = keys.clone();
        image["body"] = json!({ "S": entry.event.body });
        json!({
            "eventID": entry.sequence_number(),
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-central-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_767_607_200,
                "Keys": keys,
                "NewImage": image,
                "SequenceNumber": entry.sequence_number(),
                "SizeBytes": 700,
                "StreamViewType": "NEW_IMAGE",
            },
        })
    };
    json!({ "Records": entries.iter().map(record).collect::<Vec<_>>() })
}

/// What a queue hands over: messages by id, group and body.
pub fn queue_event(messages: &[(&str, &str, String)]) -> Value {
    let record = |(id, group, body): &(&str, &str, String)| {
        json!({
            "messageId": id,
            "receiptHandle": "handle",
            "body": body,
            "attributes": { "ApproximateReceiveCount": "1", "MessageGroupId": group },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "awsRegion": "eu-central-1",
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}

/// What the schedule hands over.
pub fn schedule_event() -> Value {
    json!({ "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "detail": {} })
}
