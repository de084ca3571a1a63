//! What one call of the store costs, for an order of three lines. `cargo test --test budgets -- --nocapture` prints it.

use std::sync::Arc;

use oms_adapters::dynamodb::{DynamoCatalog, DynamoInventory, DynamoOrders, Tables};
use oms_app::ports::{
    CartPolicy, Catalog as _, CommandEntry, CommandKey, Commit, Companion, Inventory as _, ListQuery, Move,
    Orders as _, ProductEntry, Scope, Written,
};
use oms_domain::catalog::movement::MovementKind;
use oms_domain::catalog::{Edit, Product, ProductDetail};
use oms_domain::fulfilment::Tracking;
use oms_domain::ordering::{Command, MAX_NOTE_TEXT_CHARACTERS, MAX_NOTES, NewNote, Order, Words};
use oms_testkit::builders::{a_product, a_record, admin, an_order, changed, rates, user};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};
use oms_testkit::{SeededRandom, start};

/// DESIGN §4: largest usual order item and event, in bytes.
const MAX_ORDER_BYTES: usize = 4096;
const MAX_EVENT_BYTES: usize = 1024;
/// What orders touch of a product, in bytes: one write unit.
const MAX_PRODUCT_BYTES: usize = 1024;

struct Bench {
    store: EmbeddedDynamo,
    orders: DynamoOrders,
    catalog: DynamoCatalog,
}

impl Bench {
    async fn start() -> Self {
        let store = EmbeddedDynamo::start().await;
        let tables = Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
        let orders = DynamoOrders::new(store.client.clone(), tables.clone(), Arc::new(SeededRandom::default()));
        let catalog = DynamoCatalog::new(store.client.clone(), tables);
        catalog.set_rates(&rates()).await.unwrap();
        for number in 1..=3 {
            catalog.add(&a_product(number).build()).await.unwrap();
        }
        store.meter.reset();
        Bench { store, orders, catalog }
    }

    /// Reads the meter, prints, and begins anew.
    fn expect(&self, what: &str, operations: &[&str]) {
        let meter = &self.store.meter;
        let capacity = meter.capacity();
        println!(
            "{what:<28} {} round trip(s), {} read units, {} write units, sizes {:?}",
            meter.round_trips(),
            capacity.read.normalize(),
            capacity.write.normalize(),
            meter.item_sizes(),
        );
        assert_eq!(meter.operations(), operations, "{what}");
        meter.reset();
    }

    async fn apply(&self, order: &Order, command: Command) -> Order {
        let change = changed(order, command, start());
        let next = change.order.clone();
        self.orders.commit(&Commit::of(change)).await.unwrap();
        next
    }
}

fn all_of(name: &str) -> ListQuery {
    ListQuery {
        scope: Scope::Customer(user(name)),
        statuses: Vec::new(),
        from: None,
        until: None,
        newest_first: true,
        limit: 20,
        after: None,
    }
}

#[tokio::test]
async fn round_trips_and_sizes_stay_within_their_budgets() {
    let bench = Bench::start().await;
    let [mug, bowl, plate] = [1, 2, 3].map(|number| a_product(number).build());
    let commit = an_order(1)
        .of(&mug, 2)
        .of(&bowl, 1)
        .of(&plate, 4)
        .requested_as("c2hhMjU2LW9mLXRoZS1yZXF1ZXN0LWJvZHktNDMtY2g")
        .claiming("c2hhMjU2LW9mLXRoZS1jYXJ0LWluLWJhc2U2NHVybC0", CartPolicy::Exclusive { over: None })
        .commit();
    bench.orders.commit(&commit).await.unwrap();
    bench.expect("create", &["TransactWriteItems"]);

    bench.catalog.quote(&[mug.id, bowl.id, plate.id]).await.unwrap();
    bench.expect("quote", &["BatchGetItem"]);
    bench.orders.load(commit.change.order.id).await.unwrap().unwrap();
    bench.expect("view", &["Query"]);
    bench.orders.list(&all_of("ada")).await.unwrap();
    bench.expect("list of a customer", &["Query"]);
    bench.orders.list(&ListQuery { scope: Scope::Everyone, ..all_of("ada") }).await.unwrap();
    bench.expect("list of everyone", &["Query"; 10]);
    bench.catalog.page(None, 20).await.unwrap();
    bench.expect("page of products", &["Query", "BatchGetItem"]);
    bench.orders.due(start(), 25).await.unwrap();
    bench.expect("due", &["Query"; 4]);

    let order = bench
        .apply(&commit.change.order, Command::RequestPayment { provider: "sandbox".into(), keep: false, anew: true })
        .await;
    bench.expect("ask for payment", &["TransactWriteItems"]);
    let payment = order.ledger.payments.last().unwrap();
    let paid = Command::RecordPayment {
        payment_id: payment.id,
        provider: "sandbox".into(),
        reference: format!("cap_{}", payment.id),
        money: order.total(),
    };
    let change = changed(&order, paid, start());
    let order = change.order.clone();
    let key = CommandKey("sandbox#evt_0123456789".into());
    let entry = CommandEntry { key, record: a_record("webhook", "", start()) };
    bench.orders.commit(&Commit::of(change).with(Companion::Command(entry))).await.unwrap();
    bench.expect("payment", &["TransactWriteItems"]);
    let order = bench.apply(&order, Command::StartProcessing { note: None }).await;
    bench.expect("status change", &["TransactWriteItems"]);
    let tracking = Tracking::checked("DHL", "00340434161094042557").unwrap();
    let order = bench.apply(&order, Command::Ship { tracking, lines: None, note: None }).await;
    bench.expect("shipment", &["TransactWriteItems"]);
    let order = bench.apply(&order, Command::Deliver { note: None }).await;
    bench.store.meter.reset();

    let events = bench.orders.events(order.id).await.unwrap();
    bench.orders.load(order.id).await.unwrap();
    let sizes = bench.store.meter.item_sizes();
    bench.expect("delivered, read whole", &["Query", "Query"]);
    for event in events {
        println!("  event {} has {} bytes of text", event.version, event.body.len());
    }
    assert!(sizes["ORDER"] <= MAX_ORDER_BYTES, "{sizes:?}");
    assert!(sizes["EVENT"] <= MAX_EVENT_BYTES, "{sizes:?}");
}

#[tokio::test]
async fn what_a_view_or_command_costs_does_not_grow_with_the_number_of_events() {
    let bench = Bench::start().await;
    let commit = an_order(1).draft().commit();
    bench.orders.commit(&commit).await.unwrap();
    let mut order = commit.change.order;
    let mut costs = Vec::new();
    for number in 0..60 {
        bench.store.meter.reset();
        let to = (number % 2 == 0).then(|| user("grace"));
        order = bench.apply(&order, Command::Assign { to }).await;
        bench.orders.load(order.id).await.unwrap();
        costs.push(bench.store.meter.capacity());
    }
    assert_eq!(costs.first(), costs.last());
}

#[tokio::test]
async fn k3_an_order_with_all_the_notes_it_takes_is_read_at_once() {
    let bench = Bench::start().await;
    let mut order = an_order(1).draft().commit();
    bench.orders.commit(&order).await.unwrap();
    let text = "\u{1f4a1}".repeat(MAX_NOTE_TEXT_CHARACTERS);
    for _ in 0..MAX_NOTES {
        let version = order.change.order.version + 1;
        let mut change = changed(&order.change.order, Command::AddNote(NewNote::private("")), start());
        // As the write path does it: the text is beside the person record, and the order has its place.
        for note in change.order.notes.iter_mut().filter(|note| note.id == format!("n{version}")) {
            note.text = Words::Beside(version);
        }
        order = Commit::of(change).with(Companion::Written(Written { version, text: text.clone() }));
        bench.orders.commit(&order).await.unwrap();
    }
    bench.store.meter.reset();
    let stored = bench.orders.load(order.change.order.id).await.unwrap().unwrap();
    let sizes = bench.store.meter.item_sizes();
    bench.expect("an order with its notes, read whole", &["Query"]);
    println!("{MAX_NOTES} notes of {MAX_NOTE_TEXT_CHARACTERS} characters: {sizes:?}");
    assert_eq!(stored.person.unwrap().words.len(), MAX_NOTES);
    assert!(serde_json::to_string(&stored.order).unwrap().len() < 16 * 1_024, "the order itself stays small");
}

#[tokio::test]
async fn a_realistic_product_stays_small_whatever_is_written_about_it() {
    let bench = Bench::start().await;
    let inventory = DynamoInventory::new(
        bench.store.client.clone(),
        Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() },
        Arc::new(SeededRandom::default()),
    );
    let product = Product {
        sku: "STONEWARE-MUG-LARGE-BLUE-350-ML-SET-OF-4".into(),
        name:
            "Stoneware mugs, large, cobalt blue glaze, thrown by hand in Brandenburg, set of four in a gift box, 350 ml"
                .into(),
        category: "kitchen-and-dining-drinkware".into(),
        ..a_product(7)
            .low_at(25)
            .sold_to(&["AT", "BE", "DE", "DK", "ES", "FR", "IE", "IT", "LU", "NL", "PL", "PT", "SE"])
            .build()
    };
    let detail =
        ProductDetail { description: "x".repeat(2_000), images: vec!["https://img.example.com/1.jpg".into(); 10] };
    let edit = Edit {
        id: product.id.uuid(),
        version: 1,
        at: start(),
        actor: admin().actor(),
        correlation_id: "request".into(),
        fields: Vec::new(),
        request: None,
    };
    inventory.create(&ProductEntry { product: product.clone(), detail }, &edit, None).await.unwrap();
    bench.expect("create a product", &["TransactWriteItems"]);
    // The same without its description, as orders know it.
    bench.catalog.add(&Product { id: a_product(8).build().id, ..product.clone() }).await.unwrap();
    let sizes = bench.store.meter.item_sizes();
    bench.expect("what orders touch", &["PutItem"]);
    assert!(sizes["PRODUCT"] <= MAX_PRODUCT_BYTES, "{sizes:?}");
    inventory.entry(product.id).await.unwrap();
    bench.expect("view a product", &["Query"]);
    let wanted = Move {
        product_id: product.id,
        id: edit.id,
        kind: MovementKind::Damage,
        quantity: 1,
        reason: "dropped".into(),
        actor: edit.actor.clone(),
        at: start(),
        correlation_id: "request".into(),
        seen: product.stock,
        key: None,
    };
    inventory.move_stock(&wanted).await.unwrap();
    bench.expect("move stock", &["TransactWriteItems"]);
}
