//! All that the museum knows of the present code. What it answers are texts and JSON of the stored forms, so that nothing
//! beyond this file changes when a type or a module gets another name.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use oms_adapters::dynamodb::{
    DynamoAllowances, DynamoCatalog, DynamoCircuits, DynamoCustomers, DynamoFollowUps, DynamoInventory, DynamoNotices,
    DynamoOrderCounts, DynamoOrders, DynamoOutbox, DynamoParcels, DynamoPaymentMethods, DynamoSettings, Tables,
};
use oms_adapters::random::OsRandom;
use oms_app::ports::{
    Act, Agenda, Allowance, Allowances as _, Catalog as _, Circuits as _, Claim, CommandKey, Counted, Customers as _,
    FollowUp, FollowUps as _, Inventory as _, ListQuery, Notice, Notices as _, OrderCounts as _, Orders as _,
    Outbox as _, ParcelKey, Parcels as _, PaymentMethods as _, Scope, Setting, Settings as _, ShipmentQuery,
    UnmatchedKey, UsageCounter, Versioned,
};
use oms_domain::actor::Role;
use oms_domain::catalog::Edit;
use oms_domain::catalog::stock::Condition;
use oms_domain::chain::{self, Hash, Sealed};
use oms_domain::fulfilment::ShipmentStatus;
use oms_domain::ids::{OrderId, ProductId, SellerId, UserId};
use oms_domain::messaging::Channel;
use oms_domain::ordering::{
    CancelReason, ChangeEvent, CheckoutEvent, DisputeEvent, HoldEvent, LabelEvent, NoteEvent, NoteVisibility, Order,
    PaymentEvent, Record, RefundEvent, ReturnEvent, ReviewEvent, ReviewReason, ShipmentEvent, Status,
};
use oms_domain::payments::RefundReason;
use oms_domain::public_event::{CloudEvent, Fact};
use oms_local::function::{Functions, Invoker};
use oms_local::start::{Oms, Options, start};
use oms_local::state::StateLocation;
use oms_local::template::{EventSource, Subscription, Template};
use oms_local::world::wire;
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// Most of anything that is asked for at once.
const ALL: usize = 100;

/// Longest real time of one invocation.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// The names that a closed set of stored words has: reading a stranger's word fails with a list of them.
fn names<T: DeserializeOwned>(stranger: Value) -> BTreeSet<String> {
    let Err(error) = serde_json::from_value::<T>(stranger) else { panic!("a stranger was read") };
    let error = error.to_string();
    let names: BTreeSet<String> = error.split('`').skip(3).step_by(2).map(ToOwned::to_owned).collect();
    assert!(error.contains("unknown variant") && !names.is_empty(), "{error}");
    names
}

/// The names of all events that can be stored.
pub(crate) fn event_names() -> BTreeSet<String> {
    let stranger = || json!({"type": "?"});
    let topics = [
        names::<CheckoutEvent>(stranger()),
        names::<PaymentEvent>(stranger()),
        names::<ShipmentEvent>(stranger()),
        names::<ReturnEvent>(stranger()),
        names::<RefundEvent>(stranger()),
        names::<DisputeEvent>(stranger()),
        names::<ReviewEvent>(stranger()),
        names::<HoldEvent>(stranger()),
        names::<LabelEvent>(stranger()),
        names::<NoteEvent>(stranger()),
        names::<ChangeEvent>(stranger()),
    ];
    topics.into_iter().flatten().collect()
}

/// The names of all public events.
pub(crate) fn public_event_names() -> BTreeSet<String> {
    names::<Fact>(json!({"event": "?"}))
}

/// Words within an order's state and events that are of a closed set.
pub(crate) fn names_of_closed_sets() -> [(&'static str, BTreeSet<String>); 7] {
    let stranger = || json!("?");
    [
        ("state", names::<Status>(stranger())),
        ("reason of a cancellation", names::<CancelReason>(stranger())),
        ("reason of a review", names::<ReviewReason>(stranger())),
        ("reason of a refund", names::<RefundReason>(stranger())),
        ("role", names::<Role>(stranger())),
        ("condition of returned goods", names::<Condition>(stranger())),
        ("visibility of a note", names::<NoteVisibility>(stranger())),
    ]
}

/// The name of a stored event.
pub(crate) fn event_name(body: &str) -> String {
    let record: Record = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    serde_json::to_value(record.event).unwrap()["type"].as_str().unwrap().to_owned()
}

/// A stored event, read and written.
pub(crate) fn event_written_again(body: &str) -> String {
    let record: Record = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    chain::seal(&record).unwrap().0.body
}

/// The state that a whole stream leads to, or why it is not whole.
pub(crate) fn fold(id: &str, stream: &[String], head: &str) -> Result<String, String> {
    let head: Hash = serde_json::from_value(json!(head)).unwrap();
    let sealed: Vec<Sealed> = (1..).zip(stream).map(|(version, body)| Sealed { version, body: body.clone() }).collect();
    let records = chain::open(&sealed, &head).map_err(|error| error.to_string())?;
    let hash_of = |record: &Record| chain::seal(record).unwrap().1;
    let order = Order::replay(id.parse().unwrap(), &records, hash_of).ok_or("nothing to fold")?;
    Ok(written(&order))
}

/// The state of an order, read and written: what was added to it since is what it means to have been without.
pub(crate) fn state_written_again(state: &str) -> String {
    written(&serde_json::from_str::<Order>(state).unwrap_or_else(|error| panic!("{error}: {state}")))
}

/// What is told of a stored event.
pub(crate) fn public_event_of(order: &str, body: &str) -> String {
    written(&CloudEvent::of(order.parse().unwrap(), &serde_json::from_str::<Record>(body).unwrap()))
}

/// A public event, read and written.
pub(crate) fn public_event_written_again(text: &str) -> String {
    written(&serde_json::from_str::<CloudEvent>(text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// The record of an edit of the catalogue, read and written.
pub(crate) fn edit_written_again(text: &str) -> String {
    written(&serde_json::from_str::<Edit>(text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// An order as the adapter found it, in the form of its attributes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FoundOrder {
    pub(crate) state: String,
    pub(crate) person: Option<String>,
    pub(crate) request: Option<String>,
}

/// An embedded store with the real adapters in front of it.
pub(crate) struct Store {
    orders: DynamoOrders,
    catalog: DynamoCatalog,
    shelf: DynamoInventory,
    agenda: DynamoFollowUps,
    parcels: DynamoParcels,
    outbox: DynamoOutbox,
    methods: DynamoPaymentMethods,
    customers: DynamoCustomers,
    circuits: DynamoCircuits,
    allowances: DynamoAllowances,
    notices: DynamoNotices,
    settings: DynamoSettings,
    census: DynamoOrderCounts,
    _dynamo: EmbeddedDynamo,
}

impl Store {
    /// Holds these items and no others.
    pub(crate) async fn holding(orders: &[Value], catalog: &[Value]) -> Store {
        let dynamo = EmbeddedDynamo::start().await;
        for (table, items) in [(ORDERS.name, orders), (CATALOG.name, catalog)] {
            for item in items {
                let request = serde_json::from_value(json!({"TableName": table, "Item": item})).unwrap();
                dynamo.database.put_item(request).unwrap();
            }
        }
        let (client, tables) =
            (dynamo.quiet_client(), Tables { orders: ORDERS.name.to_owned(), catalog: CATALOG.name.to_owned() });
        let both = || (client.clone(), tables.clone());
        let (a, b) = both();
        let random = || Arc::new(OsRandom);
        Store {
            orders: DynamoOrders::new(a, b, random()),
            catalog: DynamoCatalog::new(both().0, both().1),
            shelf: DynamoInventory::new(both().0, both().1, random()),
            agenda: DynamoFollowUps::new(both().0, both().1),
            parcels: DynamoParcels::new(both().0, both().1),
            outbox: DynamoOutbox::new(both().0, both().1),
            methods: DynamoPaymentMethods::new(both().0, both().1),
            customers: DynamoCustomers::new(both().0, both().1),
            circuits: DynamoCircuits::new(both().0, both().1),
            allowances: DynamoAllowances::new(both().0, both().1),
            notices: DynamoNotices::new(both().0, both().1, random()),
            settings: DynamoSettings::new(both().0, both().1, random()),
            census: DynamoOrderCounts::new(both().0, both().1),
            _dynamo: dynamo,
        }
    }

    pub(crate) async fn order(&self, id: &str) -> Option<FoundOrder> {
        let found = self.orders.load(id.parse().unwrap()).await.unwrap()?;
        let person = found.person.as_ref().map(written);
        Some(FoundOrder { state: written(&found.order), person, request: found.request })
    }

    pub(crate) async fn events(&self, id: &str) -> Vec<String> {
        self.orders.events(id.parse().unwrap()).await.unwrap().into_iter().map(|event| event.body).collect()
    }

    /// Summaries, oldest first; of one customer, or of everybody's orders in one state.
    pub(crate) async fn list(&self, customer: Option<&str>, status: &str) -> Vec<String> {
        let scope = customer.map_or(Scope::Everyone, |user| Scope::Customer(user.parse().unwrap()));
        let statuses = if customer.is_some() { Vec::new() } else { vec![status.parse().unwrap()] };
        let query =
            ListQuery { scope, statuses, from: None, until: None, newest_first: false, limit: ALL, after: None };
        self.orders.list(&query).await.unwrap().entries.iter().map(written).collect()
    }

    pub(crate) async fn count(&self, status: &str) -> u64 {
        self.census.count(status.parse().unwrap(), None).await.unwrap().orders
    }

    /// Orders whose time to pay is over by then.
    pub(crate) async fn overdue(&self, by: &str) -> BTreeSet<String> {
        let due = self.orders.due(by.parse().unwrap(), ALL).await.unwrap();
        due.iter().map(ToString::to_string).collect()
    }

    pub(crate) async fn command(&self, order: &str, key: &str) -> Value {
        let found = self.orders.command(order.parse().unwrap(), &CommandKey(key.to_owned())).await.unwrap().unwrap();
        json!({"request": found.request, "outcome": found.outcome, "expires_at": found.expires_at.as_second().to_string()})
    }

    pub(crate) async fn used(&self, counter: (&str, Option<&str>, Option<i64>)) -> u32 {
        let counter = match counter {
            (user, None, Some(minute)) => UsageCounter::Creations(user.parse().unwrap(), minute),
            (code, Some(user), None) => UsageCounter::PromotionOfCustomer(code.to_owned(), user.parse().unwrap()),
            (code, _, _) => UsageCounter::Promotion(code.to_owned()),
        };
        self.orders.used(&[counter]).await.unwrap()[0]
    }

    pub(crate) async fn page(&self, order: &str, payment: &str) -> String {
        written(&self.agenda.session(order.parse().unwrap(), payment.parse().unwrap()).await.unwrap().unwrap())
    }

    pub(crate) async fn parked(&self, place: &str) -> String {
        written(&self.agenda.unmatched(&UnmatchedKey(place.to_owned())).await.unwrap().unwrap())
    }

    /// What is to be come back to by then, by partition and sort key of its item.
    pub(crate) async fn due_tasks(&self, by: &str) -> BTreeSet<(String, String)> {
        let by = by.parse().unwrap();
        let mut tasks = self.agenda.due_follow_ups(Agenda::Payments, by, ALL).await.unwrap();
        tasks.extend(self.agenda.due_follow_ups(Agenda::Carriers, by, ALL).await.unwrap());
        tasks.extend(self.agenda.due_follow_ups(Agenda::Parcels, by, ALL).await.unwrap());
        let key = |task| match task {
            FollowUp::Checkout(order, payment) => (format!("ORDER#{order}"), format!("CHECKOUT#{payment}")),
            FollowUp::Refund(order, refund) => (format!("ORDER#{order}"), format!("REFUND#{refund}")),
            FollowUp::Label(order, label) => (format!("ORDER#{order}"), format!("LABEL#{label}")),
            FollowUp::Parcel(key) => (format!("PARCEL#{}#{}", key.carrier, key.number), "PARCEL".to_owned()),
            FollowUp::Unmatched(place) => (format!("PARKED#{}", place.0), "PARKED".to_owned()),
        };
        tasks.into_iter().map(key).collect()
    }

    /// Whose a parcel is, each with the time when it left, how often something was noted of it, and what.
    pub(crate) async fn parcel(&self, carrier: &str, number: &str) -> (BTreeSet<String>, u64, String) {
        let key = ParcelKey { carrier: carrier.to_owned(), number: number.to_owned() };
        let found = self.parcels.parcels(&[key]).await.unwrap().pop().unwrap();
        let owners = found.owners.iter().map(|owner| {
            let since = owner.since.map(|at| format!("{at:.3}")).unwrap_or_default();
            format!("{} {since}", owner.shipment)
        });
        (owners.collect(), found.version, written(&found.journey))
    }

    /// The ids and parcels of all shipments that are listed.
    pub(crate) async fn shipments(&self) -> Vec<(String, String, usize)> {
        let query = ShipmentQuery {
            statuses: ShipmentStatus::ALL.to_vec(),
            seller: None,
            location: None,
            carrier: None,
            from: None,
            until: None,
            limit: 100,
            after: None,
        };
        let listed = self.orders.shipments(&query).await.unwrap().entries;
        listed.into_iter().map(|own| (own.id.to_string(), own.status.to_string(), own.parcels.len())).collect()
    }

    pub(crate) async fn published(&self, order: &str) -> u64 {
        let order: OrderId = order.parse().unwrap();
        self.outbox.published(&[order]).await.unwrap()[&order]
    }

    /// Orders that are to be published from the table by then.
    pub(crate) async fn unpublished(&self, by: &str) -> BTreeSet<String> {
        let waiting = self.outbox.unpublished(by.parse().unwrap(), ALL).await.unwrap();
        waiting.iter().map(ToString::to_string).collect()
    }

    /// When, in milliseconds, the last so many messages to a recipient began, if there were so many since a time.
    pub(crate) async fn messages_to(&self, recipient: &str, most: u32, since: &str) -> Option<i64> {
        let allowance = Allowance { act: Act::Message, most, span_seconds: 0 };
        let recipient = Counted::Recipient(recipient.to_owned());
        let until = self.allowances.exhausted(&recipient, allowance, since.parse().unwrap()).await.unwrap();
        Some(until?.as_millisecond())
    }

    pub(crate) async fn circuit(&self, provider: &str) -> Value {
        let circuit = self.circuits.circuit(provider).await.unwrap();
        let until = circuit.open_until.map(|until| format!("{until:.3}"));
        json!({"failures": circuit.failures, "until": until, "version": circuit.version})
    }

    pub(crate) async fn methods(&self, user: &str) -> Vec<Value> {
        let methods = self.methods.methods(&user.parse().unwrap(), ALL).await.unwrap();
        methods.iter().map(|method| json!(method)).collect()
    }

    /// Means of payment that providers are to forget by then.
    pub(crate) async fn removed(&self, by: &str) -> Vec<Value> {
        let removed = self.methods.removed(by.parse().unwrap(), ALL).await.unwrap();
        removed.iter().map(|method| json!(method)).collect()
    }

    pub(crate) async fn standings(&self, user: &str) -> Vec<Value> {
        let user: UserId = user.parse().unwrap();
        self.customers.standings(&user, ALL).await.unwrap().iter().map(|standing| json!(standing)).collect()
    }

    /// What somebody hears who is about to send a message.
    pub(crate) async fn notice(&self, order: &str, version: u64, channel: &str, at: &str) -> &'static str {
        let channel: Channel = serde_json::from_value(json!(channel)).unwrap();
        let notice = Notice { order_id: order.parse::<OrderId>().unwrap(), version, channel };
        match self.notices.begin(&notice, at.parse().unwrap()).await.unwrap() {
            Claim::Fresh => "fresh",
            Claim::Unfinished => "begun",
            Claim::Done => "done",
        }
    }

    pub(crate) async fn product(&self, id: &str) -> Value {
        let id: ProductId = id.parse().unwrap();
        let entry = self.shelf.entry(id).await.unwrap().unwrap();
        let product = self.catalog.product(id).await.unwrap().unwrap();
        assert_eq!(product, entry.product, "one product for those who buy and those who manage");
        json!({"product": product, "detail": entry.detail})
    }

    /// What is sold.
    pub(crate) async fn listing(&self) -> BTreeSet<String> {
        self.catalog.page(None, ALL).await.unwrap().products.iter().map(|product| product.id.to_string()).collect()
    }

    pub(crate) async fn product_of_sku(&self, seller: &str, sku: &str) -> Option<String> {
        let seller: SellerId = seller.parse().unwrap();
        self.shelf.by_sku(&seller, sku).await.unwrap().map(|id| id.to_string())
    }

    pub(crate) async fn movements(&self, product: &str) -> Vec<String> {
        let page = self.shelf.movements(product.parse().unwrap(), None, ALL).await.unwrap();
        page.movements.iter().map(written).collect()
    }

    pub(crate) async fn alert(&self, product: &str) -> Value {
        let mark = self.shelf.alert_mark(product.parse().unwrap()).await.unwrap();
        json!({"crossing": mark.crossing, "low": mark.low, "told": mark.told})
    }

    /// A table of prices as it is now, at a version that was replaced, and who made its versions, newest first.
    pub(crate) async fn table(&self, name: &str) -> (u64, String) {
        let Versioned { setting, version, .. } = self.settings.current(name.parse().unwrap()).await.unwrap();
        (version, said(&setting))
    }

    pub(crate) async fn table_at(&self, name: &str, version: u64) -> String {
        said(&self.settings.replaced(name.parse().unwrap(), version).await.unwrap().unwrap())
    }

    pub(crate) async fn table_changes(&self, name: &str) -> Vec<String> {
        self.settings.changes(name.parse().unwrap(), ALL).await.unwrap().iter().map(written).collect()
    }
}

fn said(setting: &Setting) -> String {
    match setting {
        Setting::Taxes(table) => written(table),
        Setting::Shipping(table) => written(table),
        Setting::Promotions(table) => written(table),
        Setting::Locations(table) => written(table),
        Setting::Shop(table) => written(table),
        Setting::Returns(table) => written(table),
    }
}

/// The local cloud in this process, on a state folder.
pub(crate) struct Cloud {
    oms: Oms,
    functions: OnceCell<Functions>,
}

impl Cloud {
    pub(crate) async fn on(folder: &Path) -> Cloud {
        let state = StateLocation::Directory(folder.to_owned());
        // The site to which its customers came back then; since, a shop lists those that are not its own.
        let parameters = vec![("ReturnOrigins".to_owned(), "https://shop.example.com".to_owned())];
        let oms = start(Options { port: 0, state, template: None, payments: Vec::new(), parameters }).await.unwrap();
        Cloud { oms, functions: OnceCell::new() }
    }

    /// Where it answers HTTP.
    pub(crate) fn url(&self) -> &str {
        self.oms.cloud.base_url()
    }

    /// Whether an order's stream, with what was added to it since, is whole and folds into its state.
    pub(crate) async fn is_whole(&self, id: &str) -> bool {
        let orders = &self.oms.parts.orders;
        let order = orders.load(id.parse().unwrap()).await.unwrap().unwrap().order;
        let stream: Vec<String> = orders.events(order.id).await.unwrap().into_iter().map(|event| event.body).collect();
        fold(id, &stream, order.head.as_str()).as_ref() == Ok(&written(&order))
    }

    /// Whether the payment provider of this machine was told to forget a means of payment.
    pub(crate) fn has_forgotten(&self, token: &str) -> bool {
        self.oms.parts.sandbox.books().has_forgotten(token).unwrap()
    }

    /// Gives a function an event, as Lambda does.
    pub(crate) async fn invoke(&self, function: &str, event: Value) -> Result<Value, String> {
        let wired = async || wire(self.oms.cloud.context(), &[]).await.unwrap().0.functions;
        let functions = self.functions.get_or_init(wired).await;
        let handler = functions.get(function).unwrap_or_else(|| panic!("no function {function}")).clone();
        Invoker::new(function, handler, PATIENCE).invoke(event).await.map_err(|error| error.to_string())
    }

    pub(crate) async fn stop(self) {
        self.oms.cloud.shutdown().await;
    }
}

/// Which function gets which public event from a queue, and which are behind a stream or a schedule, as the template says.
pub(crate) fn subscriptions() -> BTreeSet<(String, String)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
    let template = Template::parse(file, &std::fs::read_to_string(file).unwrap(), &[]).unwrap();
    let mut subscribed = BTreeSet::new();
    for function in &template.functions {
        for event in &function.events {
            let kinds: Vec<String> = match event {
                EventSource::Http(_) => Vec::new(),
                EventSource::Stream(_) => vec!["stream".to_owned()],
                EventSource::Schedule(_) => vec!["schedule".to_owned()],
                EventSource::Queue(source) => {
                    let queue = |subscription: &&Subscription| subscription.queue == source.queue;
                    let filters = template.subscriptions.iter().filter(queue).filter_map(|one| one.filter.as_ref());
                    let names = public_event_names().into_iter().map(|name| format!("order.{name}"));
                    let filters: Vec<_> = filters.collect();
                    names.filter(|name| filters.iter().any(|one| one.pattern.matches(&json!({"type": name})))).collect()
                }
            };
            subscribed.extend(kinds.into_iter().map(|kind| (function.package.clone(), kind)));
        }
    }
    subscribed
}
