//! Made the state folder and everything beside it. It compiles at commit 547af99 only, as `tests/e2e/src/museum.rs`; see the
//! README of the museum.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use oms_adapters::dynamodb::{DynamoAgenda, DynamoCircuits, DynamoNotices, Tables};
use oms_app::ports::{
    Agenda as _, Circuit, Circuits as _, Commit, ListQuery, Notice, Notices as _, Page, Parked, Receipt,
    RefundNotification, RefundState, Scope, Task, Webhook,
};
use oms_domain::actor::Actor;
use oms_domain::fulfilment::{LineQuantity, ReturnedLine};
use oms_domain::ids::{OrderId, PaymentId, RefundId};
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::notification::Channel;
use oms_domain::order::{
    Change, Command, Decision, Event, Line, LinePrice, Order, Provenance, Repricing, ReviewReason, decide,
};
use oms_domain::payment::{KeptMethod, PaymentNotification, PaymentOutcome};
use oms_domain::stock::Condition;
use oms_local::messaging::Message;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::app::{TestApp, User, start_app, start_app_in};
use crate::shop::{MINT, MUG, POTTERY, PRINT, SAND_MUG, TEA, cart, id, text, with};
use crate::stage::Stage as _;

/// What the payment queue holds back, and a bit; the pause of a retry, and a bit; longer than the tables are remembered.
const DELAY: Duration = Duration::from_secs(31);
const RETRY: Duration = Duration::from_secs(305);
const MINUTE: Duration = Duration::from_secs(61);

/// One order or whatever else a test asks for by name.
type Names = Map<String, Value>;

#[tokio::test]
async fn make() {
    #[expect(clippy::disallowed_methods, reason = "where to write")]
    let place = std::env::var("MUSEUM").unwrap();
    let place = Path::new(&place);
    let app = start_app_in(&place.join("state")).await;
    let mut names = Names::new();
    let mut requests = Vec::new();
    shop(&app, &mut names).await;
    for (name, order) in orders(&app, &mut requests).await {
        names.insert(name.to_owned(), order["id"].clone());
    }
    by_command(&app, &mut names).await;
    outages(&app, &mut names).await;
    poison(&app).await;
    parked(&app).await;
    last(&app, &mut names, &mut requests).await;
    std::fs::write(place.join("public_events.jsonl"), public_events(&app).await).unwrap();
    let cursors = cursors(&app).await;
    names.insert("now".to_owned(), json!(app.oms.cloud.context().clock.now()));
    for (file, value) in [("names", json!(names)), ("requests", json!(requests)), ("cursors", cursors)] {
        std::fs::write(place.join(format!("{file}.json")), serde_json::to_string_pretty(&value).unwrap() + "\n")
            .unwrap();
    }
    app.kill().await;
}

async fn put(user: &User, table: &str, content: &Value) {
    user.call(Method::PUT, &format!("/api/settings/{table}")).json(content).send().await.expect(200);
}

/// Tables with a history, products with shards, movements and edits, a blocked customer.
async fn shop(app: &TestApp, names: &mut Names) {
    let (admin, seller) = (app.admin(), app.seller(POTTERY));
    let mut taxes = admin.get("/api/settings/taxes").await.expect(200)["content"].clone();
    taxes["rates"]["CH"] = json!({"standard": "0.081"});
    put(&admin, "taxes", &taxes).await;
    let mut shipping = admin.get("/api/settings/shipping").await.expect(200)["content"].clone();
    shipping["methods"][0]["name"] = json!("Standard");
    put(&admin, "shipping", &shipping).await;
    let mut promotions = admin.get("/api/settings/promotions").await.expect(200)["content"].clone();
    let rows = [
        json!({
            "code": "SPRING", "kind": "percentage", "rate": "0.15", "max_uses": 1000, "max_uses_per_customer": 3,
            "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2036-01-01T00:00:00Z",
        }),
        json!({"code": "FIVER", "kind": "fixed_amount", "amount": "5.00", "currency": "EUR", "minimum": "20.00"}),
    ];
    for row in rows {
        promotions["promotions"].as_array_mut().unwrap().push(row);
        put(&admin, "promotions", &promotions).await;
    }
    app.advance(MINUTE).await;

    let vase = json!({
        "sku": "VASE-1", "name": "Vase", "category": "vases", "price": "49.00", "currency": "EUR",
        "description": "Salt-glazed.", "images": ["https://img.example.com/vase.jpg"], "regions": ["DE"],
        "weight_grams": 900, "low_stock_threshold": 3, "units": 20,
    });
    let created = seller.call(Method::POST, "/api/products").key("museum-vase").json(&vase).send().await.expect(201);
    let path = format!("/api/products/{}", id(&created));
    seller.call(Method::PATCH, &path).json(&json!({"price": "52.00"})).send().await.expect(200);
    names.insert("vase".to_owned(), created["id"].clone());
    for (movement, quantity) in [("receive", 5), ("hold", 4), ("release_hold", 2), ("damage", 1), ("write_off", 1)] {
        let body = json!({"movement": movement, "quantity": quantity, "reason": "counted"});
        let call = seller.call(Method::POST, &format!("{path}/stock")).json(&body);
        call.key(&format!("museum-{movement}")).send().await.expect(201);
    }
    let low = with(with(vase.clone(), "/sku", json!("VASE-LOW")), "/units", json!(4));
    let low = seller.post("/api/products", &low).await.expect(201);
    let body = json!({"movement": "hold", "quantity": 2, "reason": "reserved for the fair"});
    seller.post(&format!("/api/products/{}/stock", id(&low)), &body).await.expect(201);
    names.insert("low".to_owned(), low["id"].clone());
    let gone = with(vase.clone(), "/sku", json!("VASE-GONE"));
    let gone = seller.post("/api/products", &gone).await.expect(201);
    seller.call(Method::DELETE, &format!("/api/products/{}", id(&gone))).send().await.expect(200);
    names.insert("gone".to_owned(), gone["id"].clone());
    let hot = with(with(vase, "/sku", json!("VASE-HOT")), "/units", json!(400));
    let hot = seller.post("/api/products", &with(hot, "/name", json!("Hot vase"))).await.expect(201);
    let change = seller.call(Method::PATCH, &format!("/api/products/{}", id(&hot))).json(&json!({"hot": true}));
    change.send().await.expect(200);
    names.insert("hot".to_owned(), hot["id"].clone());
    let sample = json!({
        "sku": "SAMPLE-1", "name": "Glaze sample", "category": "samples", "price": "0.00", "currency": "EUR", "units": 10,
    });
    let sample = seller.post("/api/products", &sample).await.expect(201);
    names.insert("sample".to_owned(), sample["id"].clone());
    let csv = "sku,name,category,price,currency,units\nJAR-1,Jar,vases,19.00,EUR,3\n";
    seller.call(Method::POST, "/api/products/import").text("text/csv", csv).send().await.expect(200);
    let block = |blocked: bool, reason: &str| json!({"blocked": blocked, "reason": reason});
    for (customer, blocked, reason) in
        [("mallory", true, "charge-backs"), ("trudy", true, "charge-backs"), ("trudy", false, "was a mistake")]
    {
        let call = admin.call(Method::PUT, &format!("/api/customers/{customer}/standing"));
        call.json(&block(blocked, reason)).send().await.expect(200);
    }
    app.settled().await;
}

fn moving(user: &User, order: &Value, status: &str, note: Option<&str>) -> crate::app::Call {
    let mut body = json!({"status": status});
    if status == "shipped" {
        body["tracking"] = json!({"carrier": "DHL", "tracking_number": "00340434161094042557"});
    }
    if let Some(note) = note {
        body["note"] = json!(note);
    }
    user.call(Method::PATCH, &format!("/api/orders/{}/status", id(order))).json(&body)
}

async fn create(app: &TestApp, requests: &mut Vec<Value>, user: &str, key: &str, body: &Value) -> Value {
    let order = app.customer(user).create(body, key).await.expect(201);
    requests.push(json!({"user": user, "key": key, "path": "/api/orders", "body": body, "id": order["id"]}));
    order
}

async fn refund(app: &TestApp, requests: &mut Vec<Value>, order: &Value, key: &str, body: &Value) {
    let path = format!("/api/orders/{}/refunds", id(order));
    let answer = app.admin().call(Method::POST, &path).key(key).json(body).send().await.expect(201);
    requests.push(json!({"user": "grace", "key": key, "path": path, "body": body, "id": answer["refund_id"]}));
}

/// Pays, with a key that is remembered.
async fn pay(app: &TestApp, requests: &mut Vec<Value>, user: &str, order: &Value, keep: bool) {
    let (path, key) = (format!("/api/orders/{}/payments", id(order)), format!("pay-{user}"));
    let body = json!({"provider": "sandbox", "keep_method": keep, "return_url": "https://shop.example.com/thanks"});
    let opened = app.customer(user).call(Method::POST, &path).key(&key).json(&body).send().await.expect(201);
    requests.push(json!({"user": user, "key": key, "path": path, "body": body, "id": opened["payment_id"]}));
    app.settle_page(text(&opened, "payment_id"), "succeeded").await;
    app.settled().await;
}

/// Every state and turn that requests lead to. Each order has a customer of its own, named as the order.
async fn orders(app: &TestApp, requests: &mut Vec<Value>) -> Vec<(&'static str, Value)> {
    let admin = app.admin();
    let mut made = Vec::new();
    let whole = |items: &[(&str, u32)]| {
        let body = with(cart(items), "/shipping_address/state", json!("BE"));
        let mut billing = body["shipping_address"].clone();
        billing["street_address"] = json!("Hinterhaus 2");
        with(body, "/billing_address", billing)
    };
    for name in
        ["delivered", "shipped", "partly-refunded", "wholly-refunded", "returned-to-sender", "discounted", "kept"]
    {
        let body = match name {
            "discounted" => with(cart(&[(MUG, 2), (TEA, 1)]), "/promotion_codes", json!(["WELCOME10"])),
            "delivered" => whole(&[(MUG, 2), (TEA, 1)]),
            _ => cart(&[(MUG, 2), (TEA, 1)]),
        };
        let order = create(app, requests, name, &format!("create-{name}"), &body).await;
        pay(app, requests, name, &order, name == "kept").await;
        let note = (name == "delivered").then_some("with care");
        moving(&admin, &order, "processing", note).key("process").send().await.expect(200);
        moving(&admin, &order, "shipped", note).key("ship").send().await.expect(200);
        if name != "shipped" && name != "returned-to-sender" {
            moving(&admin, &order, "delivered", note).key("deliver").send().await.expect(200);
        }
        app.settled().await;
        let seen = admin.view(&order).await;
        match name {
            "partly-refunded" => {
                let body = json!({
                    "lines": [{"line_id": seen["items"][0]["line_id"], "quantity": 1}], "shipping": "1.00",
                    "goodwill": "2.50", "reason": "one was dented",
                });
                refund(app, requests, &order, "refund-a", &body).await;
                app.settled().await;
                refund(app, requests, &order, "refund-b", &json!({"goodwill": "1.00", "reason": "late"})).await;
            }
            "wholly-refunded" => {
                let left = seen["refundable"].clone();
                refund(app, requests, &order, "refund-all", &json!({"goodwill": left, "reason": "lost"})).await;
            }
            "returned-to-sender" => {
                moving(&admin, &order, "processing", Some("nobody at home")).send().await.expect(200);
                moving(&admin, &order, "shipped", None).send().await.expect(200);
            }
            _ => {}
        }
        app.settled().await;
        made.push((name, order));
    }
    for name in ["cancelled", "paid-twice", "paid-too-late", "declined", "confirmed", "processing"] {
        let order = create(app, requests, name, &format!("create-{name}"), &cart(&[(SAND_MUG, 1), (MINT, 3)])).await;
        let ada = app.customer(name);
        match name {
            "cancelled" => {
                ada.pay(&order).await;
                ada.cancelling(&order).key("cancel").send().await.expect(200);
            }
            "paid-twice" => {
                let (first, second) = (ada.open_page(&order).await, ada.open_page(&order).await);
                app.settle_page(&second, "succeeded").await;
                app.settle_page(&first, "succeeded").await;
            }
            "paid-too-late" => {
                let page = ada.open_page(&order).await;
                ada.cancel(&order).await.expect(200);
                app.settle_page(&page, "succeeded").await;
            }
            "declined" => {
                let page = ada.open_page(&order).await;
                app.settle_page(&page, "failed").await;
                app.settle_page(&page, "succeeded").await;
            }
            "processing" => {
                ada.pay(&order).await;
                admin.moving(&order, "processing").send().await.expect(200);
            }
            _ => pay(app, requests, name, &order, false).await,
        }
        app.settled().await;
        made.push((name, order));
    }
    for name in ["approved", "rejected", "held"] {
        let order = create(app, requests, name, &format!("create-{name}"), &cart(&[(PRINT, 13)])).await;
        app.settled().await;
        app.customer(name).pay(&order).await;
        let body = match name {
            "approved" => Some(json!({"decision": "approve", "note": "a known customer"})),
            "rejected" => Some(json!({"decision": "reject"})),
            _ => None,
        };
        if let Some(body) = body {
            admin.post(&format!("/api/orders/{}/review", id(&order)), &body).await.expect(200);
        }
        app.settled().await;
        made.push((name, order));
    }
    let sold = create(app, requests, "by-seller", "create-by-seller", &cart(&[(MUG, 1)])).await;
    app.customer("by-seller").pay(&sold).await;
    app.seller(POTTERY).move_to(&sold, &["processing", "shipped"]).await;
    made.push(("by-seller", sold));
    let refused = create(app, requests, "admin-cancelled", "create-admin-cancelled", &cart(&[(TEA, 2)])).await;
    moving(&admin, &refused, "cancelled", Some("asked for by telephone")).send().await.expect(200);
    app.settled().await;
    made.push(("admin-cancelled", refused));
    let expired = create(app, requests, "expired", "create-expired", &cart(&[(TEA, 2)])).await;
    app.customer("expired").open_page(&expired).await;
    app.advance(Duration::from_secs(31 * 60)).await;
    made.push(("expired", expired));
    made
}

/// What a command or an event leads to that no request does.
async fn by_command(app: &TestApp, names: &mut Names) {
    let admin = app.admin();
    for name in ["return-requested", "return-denied", "returned", "refunded"] {
        let order = app.customer(name).place(&[(MUG, 2), (TEA, 1)]).await;
        app.customer(name).pay(&order).await;
        admin.move_to(&order, &["processing", "shipped", "delivered"]).await;
        let order_id: OrderId = id(&order).parse().unwrap();
        let lines = vec![LineQuantity { line: 1, quantity: 1 }];
        command(app, order_id, Command::RequestReturn { lines, reason: "does not fit".into() }).await;
        if name == "return-denied" {
            command(app, order_id, Command::DenyReturn { reason: "worn".into() }).await;
        }
        if name == "returned" || name == "refunded" {
            let back = |condition| ReturnedLine { line: 1, quantity: 1, condition };
            let condition = if name == "returned" { Condition::Damaged } else { Condition::Sellable };
            command(app, order_id, Command::ReceiveReturn { lines: vec![back(condition)] }).await;
        }
        if name == "refunded" {
            command(app, order_id, Command::Refund).await;
        }
        app.settled().await;
        names.insert(name.to_owned(), order["id"].clone());
    }
    let left = app.customer("nothing-left").place(&[(MUG, 1)]).await;
    app.customer("nothing-left").pay(&left).await;
    admin.move_to(&left, &["processing", "shipped", "delivered"]).await;
    let all = json!({"goodwill": admin.view(&left).await["refundable"], "reason": "lost"});
    admin.post(&format!("/api/orders/{}/refunds", id(&left)), &all).await.expect(201);
    app.settled().await;
    let order_id: OrderId = id(&left).parse().unwrap();
    let lines = vec![LineQuantity { line: 1, quantity: 1 }];
    command(app, order_id, Command::RequestReturn { lines, reason: "does not fit".into() }).await;
    let back = ReturnedLine { line: 1, quantity: 1, condition: Condition::Sellable };
    command(app, order_id, Command::ReceiveReturn { lines: vec![back] }).await;
    command(app, order_id, Command::Refund).await;
    names.insert("nothing-left".to_owned(), left["id"].clone());

    let odd = app.customer("odd").place(&[(MUG, 1)]).await;
    app.customer("odd").pay(&odd).await;
    let reasons = vec![ReviewReason::Velocity, ReviewReason::Countries];
    command(app, id(&odd).parse().unwrap(), Command::RequestReview { reasons }).await;
    names.insert("odd".to_owned(), odd["id"].clone());

    let draft = with(cart(&[(MUG, 2), (TEA, 1)]), "/draft", json!(true));
    let edited = app.customer("edited").create(&draft, "create-edited").await.expect(201);
    let order_id: OrderId = id(&edited).parse().unwrap();
    let order = app.oms.parts.orders.load(order_id).await.unwrap().unwrap().order;
    for event in edits(&order) {
        events(app, order_id, vec![event]).await;
    }
    command(app, order_id, Command::AddNote { note: "asked for a gift wrap".into() }).await;
    names.insert("edited".to_owned(), edited["id"].clone());

    let mut seen = admin.get("/api/settings/promotions").await.expect(200)["content"].clone();
    let before = seen.clone();
    for row in seen["promotions"].as_array_mut().unwrap() {
        if row["automatic"] == true {
            row.as_object_mut().unwrap().remove("minimum");
        }
    }
    put(&admin, "promotions", &seen).await;
    app.advance(MINUTE).await;
    let sample = text(&json!(names), "sample").to_owned();
    let free = with(cart(&[(&sample, 1)]), "/draft", json!(true));
    let free = app.customer("free").create(&free, "create-free").await.expect(201);
    app.customer("free").submit(&free).await.expect(200);
    names.insert("free".to_owned(), free["id"].clone());
    put(&admin, "promotions", &before).await;
    app.advance(MINUTE).await;

    // Made by hand at the provider, in two ways.
    let order = app.customer("by-hand").place(&[(MUG, 1)]).await;
    app.customer("by-hand").pay(&order).await;
    let order_id: OrderId = id(&order).parse().unwrap();
    let payment = PaymentId::of_attempt(order_id, 0);
    let euro: Currency = "EUR".parse().unwrap();
    let by_hand = Command::RecordRefund {
        provider: "sandbox".into(),
        payment_reference: format!("sandbox-capture-{payment}"),
        reference: "by-hand-1".into(),
        money: Money::new(Amount::from_minor(100), euro),
    };
    command(app, order_id, by_hand).await;
    app.settled().await;
    names.insert("by-hand".to_owned(), order["id"].clone());
}

fn edits(order: &Order) -> Vec<Event> {
    let totals = order.totals;
    let lines = order.lines.iter().map(|line| LinePrice { line: line.line, discount: line.discount, tax: line.tax });
    let prices = Repricing { totals, lines: lines.collect() };
    let line = Line { line: 3, sku: "ADDED".into(), name: "Added".into(), ..order.lines[1].clone() };
    vec![
        Event::OrderLineItemAdded { line, prices: prices.clone() },
        Event::OrderLineItemQuantityChanged { line: 3, quantity: 5, prices: prices.clone() },
        Event::OrderLineItemRemoved { line: 3, prices: prices.clone() },
        Event::OrderAddressChanged { destination: order.destination.clone(), prices: prices.clone() },
        Event::OrderShippingMethodChanged { shipping_method: "express".into(), prices: prices.clone() },
        Event::OrderPromotionApplied { code: "SPRING".into(), prices },
    ]
}

async fn command(app: &TestApp, order_id: OrderId, command: Command) {
    let order = app.oms.parts.orders.load(order_id).await.unwrap().unwrap().order;
    let now = app.oms.cloud.context().clock.now();
    match decide(&order, command.clone(), now) {
        Ok(Decision::Happens(made)) => events(app, order_id, made).await,
        other => panic!("{command:?}: {other:?}"),
    }
}

async fn events(app: &TestApp, order_id: OrderId, made: Vec<Event>) {
    let order = app.oms.parts.orders.load(order_id).await.unwrap().unwrap().order;
    let at = app.oms.cloud.context().clock.now();
    let provenance =
        Provenance { at, actor: Actor::system("museum"), correlation_id: format!("museum-{}", order.version) };
    let change = Change::new(order_id, Some(&order), made, &provenance).unwrap();
    app.oms.parts.orders.commit(&Commit::of(change)).await.unwrap();
    app.settled().await;
}

fn tables(app: &TestApp) -> Tables {
    let environment = app.oms.cloud.context().environment("create-order");
    Tables { orders: environment["ORDERS_TABLE"].clone(), catalog: environment["CATALOG_TABLE"].clone() }
}

/// A page that opens late, a refund that fails, a provider that is not asked.
async fn outages(app: &TestApp, names: &mut Names) {
    let late = app.customer("opened-late").place(&[(MUG, 1)]).await;
    app.oms.parts.sandbox.outage().fail_next(2);
    assert_eq!(app.customer("opened-late").paying(&late).send().await.status, 503);
    app.advance(DELAY).await;
    app.advance(RETRY).await;
    app.customer("opened-late").pay(&late).await;
    app.settled().await;
    names.insert("opened-late".to_owned(), late["id"].clone());

    let failed = app.customer("refund-failed").place(&[(MUG, 1)]).await;
    app.customer("refund-failed").pay(&failed).await;
    app.settled().await;
    app.oms.parts.sandbox.outage().fail_next(1);
    app.customer("refund-failed").cancel(&failed).await.expect(200);
    app.settled().await;
    let order_id: OrderId = id(&failed).parse().unwrap();
    let key = RefundId::of_sequence(order_id, 0);
    command(app, order_id, Command::FailRefund { key, reason: "account closed".into() }).await;
    let client = app.oms.cloud.context().dynamodb.clone();
    let agenda = DynamoAgenda::new(client, tables(app));
    let at = app.oms.cloud.context().clock.now() + Duration::from_secs(6 * 3600);
    agenda.look_again(&Task::Refund(order_id, key), Some(at)).await.unwrap();
    names.insert("refund-failed".to_owned(), failed["id"].clone());
    app.advance(RETRY).await;

    let away = app.customer("away").place(&[(MUG, 1)]).await;
    app.oms.parts.sandbox.outage().fail_next(10_000);
    for _ in 0..12 {
        app.customer("away").paying(&away).send().await;
    }
    app.oms.parts.sandbox.outage().fail_next(0);
    names.insert("away".to_owned(), away["id"].clone());
    app.advance(Duration::from_secs(31 * 60)).await;
    let circuits = DynamoCircuits::new(app.oms.cloud.context().dynamodb.clone(), tables(app));
    println!("sandbox: {:?}", circuits.circuit("sandbox").await.unwrap());
    let open = Circuit { failures: 3, open_until: Some("2026-01-05T10:00:00Z".parse().unwrap()), version: 1 };
    assert!(circuits.switch("elsewhere", &open).await.unwrap());
}

/// Dead letters of every queue of public events.
async fn poison(app: &TestApp) {
    for kind in ["order.submitted", "order.payment_requested", "order.refund_initiated"] {
        app.publish(kind, "{\"specversion\":").await;
    }
    for _ in 0..7 {
        app.advance(RETRY).await;
    }
    let record = json!({
        "requestContext": {
            "requestId": "00000000-0000-4000-8000-000000000000", "functionArn": "arn:aws:lambda:eu-central-1:000000000000:function:relay",
            "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 11,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0", "timestamp": app.oms.cloud.context().clock.now().to_string(),
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000000000000000000-00000000", "startSequenceNumber": "100000000000000000001",
            "endSequenceNumber": "100000000000000000001", "batchSize": 1, "streamArn": "arn:aws:dynamodb:eu-central-1:000000000000:table/orders/stream/1",
        },
    });
    for queue in ["local-relay-dead-letters", "local-alert-dead-letters"] {
        let message = Message { body: record.to_string(), ..Message::default() };
        app.oms.cloud.context().messaging.send(queue, &message).unwrap();
    }
    println!("{:?}", app.depths().await);
}

/// What is under way as the folder is closed: the clock is not moved any more.
async fn last(app: &TestApp, names: &mut Names, requests: &mut Vec<Value>) {
    let hot = text(&json!(names), "hot").to_owned();
    for name in ["hot-confirmed", "hot-pending"] {
        let order = create(app, requests, name, &format!("create-{name}"), &cart(&[(&hot, 3)])).await;
        if name == "hot-confirmed" {
            app.customer(name).pay(&order).await;
        }
        names.insert(name.to_owned(), order["id"].clone());
    }
    let draft = with(cart(&[(MUG, 2), (TEA, 1)]), "/draft", json!(true));
    let draft = create(app, requests, "draft", "create-draft", &draft).await;
    names.insert("draft".to_owned(), draft["id"].clone());
    for name in ["pending", "pending-discounted"] {
        let body = cart(&[(MUG, 1)]);
        let body = if name == "pending" { body } else { with(body, "/promotion_codes", json!(["SPRING"])) };
        let order = create(app, requests, name, &format!("create-{name}"), &body).await;
        names.insert(name.to_owned(), order["id"].clone());
    }
    // A means of payment that is removed, and that its provider has yet to forget.
    let order = app.customer("removed").place(&[(MUG, 1)]).await;
    pay(app, requests, "removed", &order, true).await;
    let page = requests.last().unwrap()["id"].clone();
    names.insert("removed-page".to_owned(), page);
    let own = "/api/customers/me/payment-methods";
    let listed = app.customer("removed").get(own).await.expect(200);
    let one = format!("{own}/{}", text(&listed["data"][0], "id"));
    assert_eq!(app.customer("removed").call(Method::DELETE, &one).send().await.status, 204);
    // News of an order that is not there yet: it is made elsewhere first, to learn its id.
    let elsewhere = start_app().await;
    let early = elsewhere.customer("early").create(&cart(&[(MUG, 1)]), "create-early").await.expect(201);
    elsewhere.kill().await;
    let payment = PaymentId::of_attempt(id(&early).parse().unwrap(), 0);
    let hook = json!({
        "type": "payment.succeeded", "id": format!("evt-paid-{payment}"),
        "data": {
            "order_id": early["id"], "payment_id": payment, "amount": early["total"], "currency": "EUR",
            "reference": format!("sandbox-capture-{payment}"),
        },
    });
    let (body, now) = (hook.to_string(), app.oms.cloud.context().clock.now());
    let mut call = app.nobody().call(Method::POST, "/api/payments/callback/sandbox");
    for (header, value) in app.oms.parts.sandbox.signer().headers(text(&hook, "id"), now, body.as_bytes()) {
        call = call.header(header, value.as_bytes());
    }
    assert_eq!(call.raw(body).send().await.expect(200)["result"], "parked");
    names.insert("early".to_owned(), early["id"].clone());
    app.settled().await;
    // A message that was begun and not finished.
    let environment = app.oms.cloud.context().dynamodb.clone();
    let notices = DynamoNotices::new(environment, tables(app), std::sync::Arc::new(oms_adapters::random::OsRandom));
    let order_id: OrderId = id(&draft).parse().unwrap();
    let notice = Notice { order_id, version: 2, channel: Channel::Sms };
    notices.begin(&notice, now).await.unwrap();
    // An unreadable message between two tries, and an order that waits for its page and one that waits for its refund.
    app.publish("order.cancelled", "{\"specversion\":\"1.0\"").await;
    app.settled().await;
    for name in ["page-open", "refund-pending"] {
        let order = create(app, requests, name, &format!("create-{name}"), &cart(&[(SAND_MUG, 1)])).await;
        app.settled().await;
        if name == "page-open" {
            let page = app.customer(name).open_page(&order).await;
            names.insert("open-page".to_owned(), json!(page));
        } else {
            app.customer(name).pay(&order).await;
            app.settled().await;
            app.oms.parts.sandbox.outage().fail_next(10_000);
            app.customer(name).cancelling(&order).key("cancel").send().await.expect(200);
        }
        app.settled().await;
        names.insert(name.to_owned(), order["id"].clone());
    }
    println!("{:?}", app.depths().await);
    let _: Timestamp = now;
}

/// News of every kind about orders that are not there.
async fn parked(app: &TestApp) {
    let agenda = DynamoAgenda::new(app.oms.cloud.context().dynamodb.clone(), tables(app));
    let order_id: OrderId = "01990000-0000-7000-8000-00000000dead".parse().unwrap();
    let payment_id = PaymentId::of_attempt(order_id, 0);
    let refund_id = RefundId::of_sequence(order_id, 0);
    let money = Money::new(Amount::from_minor(4_711), "EUR".parse().unwrap());
    let payment = |event_id: &str, outcome| {
        Webhook::Payment(PaymentNotification { event_id: event_id.into(), order_id, payment_id, outcome })
    };
    let refund = |event_id: &str, refund_id, state| {
        let receipt = Receipt { reference: "re_1".into(), state };
        Webhook::Refund(RefundNotification {
            event_id: event_id.into(),
            order_id,
            refund_id,
            payment_reference: "pi_1".into(),
            money,
            receipt,
        })
    };
    let method = |expires: Option<&str>| KeptMethod {
        token: "pm_1".into(),
        label: "visa \u{2026}4242".into(),
        expires: expires.map(ToOwned::to_owned),
    };
    let succeeded = |kept| PaymentOutcome::Succeeded { reference: "pi_1".into(), money, kept };
    let news = [
        payment("evt-a", succeeded(None)),
        payment("evt-b", succeeded(Some(method(Some("2031-12"))))),
        payment("evt-c", succeeded(Some(method(None)))),
        payment("evt-d", PaymentOutcome::Failed { reason: "card_declined".into() }),
        Webhook::Approved { event_id: "evt-e".into(), page: Page { order_id, payment_id, session: "cs_1".into() } },
        refund("evt-f", Some(refund_id), RefundState::Pending),
        refund("evt-g", None, RefundState::Done),
        refund("evt-h", Some(refund_id), RefundState::Failed("account closed".into())),
        Webhook::Disputed {
            event_id: "evt-i".into(),
            payment_reference: "pi_1".into(),
            order_id: Some(order_id),
            reason: "fraudulent".into(),
        },
        Webhook::Disputed {
            event_id: "evt-j".into(),
            payment_reference: "pi_1".into(),
            order_id: None,
            reason: "general".into(),
        },
    ];
    let now = app.oms.cloud.context().clock.now();
    let (look_at, until) = (now + Duration::from_secs(6 * 3_600), now + Duration::from_secs(7 * 24 * 3_600));
    for news in news {
        agenda.park(&Parked { provider: "sandbox".into(), news, since: now }, look_at, until).await.unwrap();
    }
}

/// What was told of every stored event: one line for each event type and set of members.
async fn public_events(app: &TestApp) -> String {
    let query = ListQuery {
        scope: Scope::Everyone,
        statuses: Vec::new(),
        from: None,
        until: None,
        newest_first: false,
        limit: 100,
        after: None,
    };
    let (mut seen, mut lines) = (std::collections::BTreeSet::new(), String::new());
    for entry in app.oms.parts.orders.list(&query).await.unwrap().entries {
        for sealed in app.oms.parts.orders.events(entry.id).await.unwrap() {
            let record: oms_domain::order::Record = serde_json::from_str(&sealed.body).unwrap();
            let told = serde_json::to_value(oms_domain::public_event::CloudEvent::of(entry.id, &record)).unwrap();
            let members: Vec<_> = told["data"].as_object().unwrap().keys().cloned().collect();
            if seen.insert((
                told["type"].to_string(),
                told["data"]["reason"].to_string(),
                told["data"]["accepted"].to_string(),
                members,
            )) {
                let text = serde_json::to_string(&oms_domain::public_event::CloudEvent::of(entry.id, &record)).unwrap();
                lines.push_str(&text);
                lines.push('\n');
            }
        }
    }
    lines
}

/// Pages that were handed out, with what follows on each.
async fn cursors(app: &TestApp) -> Value {
    let mut kept = Vec::new();
    for (user, path) in [
        ("grace", "/api/orders?limit=3"),
        ("grace", "/api/orders?status=confirmed&status=pending&limit=2"),
        ("grace", "/api/orders?sort=created_at&limit=3"),
        ("partly-refunded", "/api/orders?limit=1"),
        ("grace", "/api/products?limit=3"),
        ("grace", "/api/products/VASE/stock?limit=2"),
    ] {
        let vase = app.admin().get("/api/products?limit=100").await.expect(200);
        let vase = vase["data"].as_array().unwrap().iter().find(|product| product["sku"] == "VASE-1").unwrap().clone();
        let path = path.replace("VASE", id(&vase));
        let user_of = |name: &str| if name == "grace" { app.admin() } else { app.customer(name) };
        let first = user_of(user).get(&path).await;
        if first.status != 200 {
            println!("{path}: {}", first.text);
            continue;
        }
        let Some(cursor) = first.body["next_cursor"].as_str().map(ToOwned::to_owned) else {
            println!("{path}: no cursor in {}", first.text);
            continue;
        };
        let second = user_of(user).get(&format!("{path}&cursor={cursor}")).await.expect(200);
        kept.push(json!({"user": user, "path": path, "cursor": cursor, "next": second}));
    }
    json!(kept)
}
