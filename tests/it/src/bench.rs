//! Every function over one store, wired as the local cloud and AWS wire them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use oms_adapters::dynamodb::{
    DynamoAllowances, DynamoCatalog, DynamoCircuits, DynamoCustomers, DynamoFollowUps, DynamoInventory, DynamoNotices,
    DynamoOrderCounts, DynamoOrders, DynamoOutbox, DynamoParcels, DynamoPaymentMethods, DynamoSettings, RetryPolicy,
    TableProbe, Tables,
};
use oms_app::fulfilment::carriers::Carriers;
use oms_app::fulfilment::trackers::Trackers;
use oms_app::payments::breaker::Breaker;
use oms_app::payments::gateways::Gateways;
use oms_app::ports::{
    Alerts, Allowances, Catalog, Circuits, Clock, Customers, Documents, EventBus, FollowUps, Inventory, LinkKeys,
    Messenger, Metrics, Notices, OrderCounts, Orders, Outbox, Parcels, PaymentGateway, PaymentMethods, Probe, Random,
    Settings,
};
use oms_app::world::{CarrierWorld, LabelWorld, Misconfigured, PaymentWorld, World};
use oms_domain::actor::Caller;
use oms_domain::catalog::Product;
use oms_domain::chain::Sealed;
use oms_domain::ids::{OrderId, PaymentId};
use oms_domain::ordering::{Order, Record};
use oms_domain::public_event::CloudEvent;
use oms_runtime::{Failure, Function, Wired, config_from};
use oms_testkit::builders::{a_product, link_keys, product_id, rates, set_up_locations};
use oms_testkit::memory::{
    FakeCarrier, FakeGateway, LabelBooks, MemoryAlerts, MemoryBus, MemoryDocuments, MemoryMessenger, MemoryMetrics,
};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, Meter, ORDERS};
use oms_testkit::{ManualClock, SeededRandom};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::call::{Call, Reply, cart};

/// Name of the provider; its webhooks are those of [`FakeGateway`].
const PROVIDER: &str = "sandbox";

/// Orders worth more are held for a person to see.
const REVIEW_ABOVE: &str = "1500.00 EUR";

/// How often the payment queue delivers a message.
const PAYMENT_TRIES: &str = "4";
const FULFIL_TRIES: &str = "11";

/// Orders that one customer may ask for in a minute; a test's clock mostly stands still.
const ORDERS_PER_MINUTE: &str = "60";

/// Orders of one customer that may wait for their payment.
const OPEN_ORDERS: &str = "20";

/// Units of one product in an order: tests empty the shelves.
const UNITS_PER_PRODUCT: &str = "0";

/// All functions and what stands behind them.
pub struct Bench {
    /// The store.
    pub store: EmbeddedDynamo,
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
    /// The catalog seen from behind.
    pub catalog: DynamoCatalog,
    /// The same, for those who manage it.
    pub inventory: DynamoInventory,
    /// What is told of the functions' work.
    pub metrics: MemoryMetrics,
    /// The tables that admins set up, seen from behind.
    pub settings: DynamoSettings,
    /// What the carrier has sold.
    pub labels: LabelBooks,
    /// What there is to print.
    pub documents: MemoryDocuments,
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
        let providers = vec![wrap(gateway.clone())];
        let orders = DynamoOrders::new(quiet.clone(), tables.clone(), random.clone());
        let inventory = DynamoInventory::new(quiet.clone(), tables.clone(), random.clone());
        let settings = DynamoSettings::new(quiet.clone(), tables.clone(), random.clone());
        let catalog = DynamoCatalog::new(quiet, tables.clone());
        let (alerts, metrics) = (MemoryAlerts::default(), MemoryMetrics::default());
        let (labels, documents) = (LabelBooks::default(), MemoryDocuments::default());
        let world = BenchWorld {
            client: store.client.clone(),
            tables,
            clock: clock.clone(),
            random,
            bus: bus.clone(),
            messenger: messenger.clone(),
            alerts: alerts.clone(),
            metrics: metrics.clone(),
            providers,
            labels: labels.clone(),
            documents: documents.clone(),
        };
        let wired = |(name, wired): (&'static str, Wired<BenchWorld>)| {
            let function = wired(&world).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, function.watched(name, Arc::new(world.metrics.clone())))
        };
        let functions = oms_functions::functions().map(wired).collect();
        catalog.set_rates(&rates()).await.unwrap();
        set_up_locations(&settings, clock.now()).await;
        for number in 1..=3 {
            assert!(catalog.add(&a_product(number).build()).await.unwrap());
        }
        Bench {
            store,
            clock,
            bus,
            alerts,
            messenger,
            gateway,
            orders,
            catalog,
            inventory,
            metrics,
            settings,
            labels,
            documents,
            functions,
        }
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

/// What a function sees on the bench.
#[derive(Clone)]
struct BenchWorld {
    client: Client,
    tables: Tables,
    clock: ManualClock,
    random: Arc<dyn Random>,
    bus: MemoryBus,
    messenger: MemoryMessenger,
    alerts: MemoryAlerts,
    metrics: MemoryMetrics,
    providers: Vec<Arc<dyn PaymentGateway>>,
    labels: LabelBooks,
    documents: MemoryDocuments,
}

/// Conflicts are planted by tests, and waiting would only cost them time.
const QUICK: RetryPolicy =
    RetryPolicy { base_delay: Duration::from_millis(1), max_delay: Duration::from_millis(2), ..RetryPolicy::DEFAULT };

/// What the functions' environments say.
fn environment() -> Vec<(String, String)> {
    [
        ("SHOP_NAME", "Shop"),
        ("SHOP_URL", "https://shop.example.test"),
        ("TRACK_URL", "https://shop.example.test/track"),
        // Where the example of `openapi.yaml` sends customers back to.
        ("RETURN_ORIGINS", "https://shop.example"),
        ("SMS_CALLING_CODES", "49"),
        ("REVIEW_ABOVE", REVIEW_ABOVE),
        ("PAYMENT_TRIES", PAYMENT_TRIES),
        ("FULFIL_TRIES", FULFIL_TRIES),
        ("ORDERS_PER_MINUTE", ORDERS_PER_MINUTE),
        ("OPEN_ORDERS", OPEN_ORDERS),
        ("UNITS_PER_PRODUCT", UNITS_PER_PRODUCT),
        ("PAYMENT_PROVIDERS", PROVIDER),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

impl World for BenchWorld {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    fn random(&self) -> Arc<dyn Random> {
        self.random.clone()
    }

    fn orders(&self) -> Arc<dyn Orders> {
        let orders = DynamoOrders::new(self.client.clone(), self.tables.clone(), self.random());
        Arc::new(orders.with_retry(QUICK))
    }

    fn follow_ups(&self) -> Arc<dyn FollowUps> {
        Arc::new(DynamoFollowUps::new(self.client.clone(), self.tables.clone()))
    }

    fn outbox(&self) -> Arc<dyn Outbox> {
        Arc::new(DynamoOutbox::new(self.client.clone(), self.tables.clone()))
    }

    fn parcels(&self) -> Arc<dyn Parcels> {
        Arc::new(DynamoParcels::new(self.client.clone(), self.tables.clone()))
    }

    fn order_counts(&self) -> Arc<dyn OrderCounts> {
        Arc::new(DynamoOrderCounts::new(self.client.clone(), self.tables.clone()))
    }

    fn catalog(&self) -> Arc<dyn Catalog> {
        Arc::new(DynamoCatalog::new(self.client.clone(), self.tables.clone()))
    }

    fn inventory(&self) -> Arc<dyn Inventory> {
        Arc::new(DynamoInventory::new(self.client.clone(), self.tables.clone(), self.random()).with_retry(QUICK))
    }

    fn settings(&self) -> Arc<dyn Settings> {
        Arc::new(DynamoSettings::new(self.client.clone(), self.tables.clone(), self.random()).with_retry(QUICK))
    }

    fn customers(&self) -> Arc<dyn Customers> {
        Arc::new(DynamoCustomers::new(self.client.clone(), self.tables.clone()))
    }

    fn allowances(&self) -> Arc<dyn Allowances> {
        Arc::new(DynamoAllowances::new(self.client.clone(), self.tables.clone()))
    }

    fn payment_methods(&self) -> Arc<dyn PaymentMethods> {
        Arc::new(DynamoPaymentMethods::new(self.client.clone(), self.tables.clone()))
    }

    fn notices(&self) -> Arc<dyn Notices> {
        Arc::new(DynamoNotices::new(self.client.clone(), self.tables.clone(), self.random()))
    }

    fn circuits(&self) -> Arc<dyn Circuits> {
        Arc::new(DynamoCircuits::new(self.client.clone(), self.tables.clone()))
    }

    fn bus(&self) -> Result<Arc<dyn EventBus>, Misconfigured> {
        Ok(Arc::new(self.bus.clone()))
    }

    fn alerts(&self) -> Result<Arc<dyn Alerts>, Misconfigured> {
        Ok(Arc::new(self.alerts.clone()))
    }

    fn messenger(&self) -> Result<Arc<dyn Messenger>, Misconfigured> {
        Ok(Arc::new(self.messenger.clone()))
    }

    fn metrics(&self) -> Result<Arc<dyn Metrics>, Misconfigured> {
        Ok(Arc::new(self.metrics.clone()))
    }

    fn link_keys(&self) -> Result<Arc<dyn LinkKeys>, Misconfigured> {
        Ok(Arc::new(link_keys()))
    }

    fn probes(&self) -> Result<Vec<Arc<dyn Probe>>, Misconfigured> {
        Ok(vec![
            Arc::new(TableProbe::new(self.client.clone(), "orders", &self.tables.orders)),
            Arc::new(TableProbe::new(self.client.clone(), "catalog", &self.tables.catalog)),
            Arc::new(Up),
        ])
    }

    fn setting<T: DeserializeOwned>(&self) -> Result<T, Misconfigured> {
        config_from(environment()).map_err(|error| Misconfigured(error.to_string()))
    }
}

impl CarrierWorld for BenchWorld {
    fn trackers(&self) -> Trackers {
        self.carriers().trackers()
    }
}

impl LabelWorld for BenchWorld {
    fn carriers(&self) -> Carriers {
        Carriers::new(vec![Arc::new(FakeCarrier::selling(&self.labels))])
    }

    fn documents(&self) -> Result<Arc<dyn Documents>, Misconfigured> {
        Ok(Arc::new(self.documents.clone()))
    }
}

impl PaymentWorld for BenchWorld {
    fn gateways(&self) -> Gateways {
        Gateways::guarded(self.providers.clone(), &Arc::new(Breaker::new(self.circuits(), self.clock())))
    }
}

/// A stored event of an order, on its way through the stream.
#[derive(Debug, Clone)]
pub struct Entry {
    pub order_id: OrderId,
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
