//! What a shop does by itself: begins what is paid for, buys labels, and holds what it cannot do for a person (L5, L8).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, id, text, with};
use crate::stage::Stage;
use crate::tracking::links;

const SHOP: &str = "/api/settings/shop";

/// A little longer than a changed table is announced.
const ANNOUNCED: Duration = Duration::from_secs(130);

/// The first label of an order's first shipment.
fn label_of(order: &Value) -> String {
    format!("/api/shipments/{}-S1/label", id(order))
}

/// The shop works this way from now on.
async fn works(app: &impl Stage, admin: &User, processing: &str, labels: &Value) {
    let now = admin.get(SHOP).await;
    let version = now.header("etag").unwrap().to_owned();
    let body = json!({"processing": processing, "labels": labels});
    let put = admin.call(Method::PUT, SHOP).header("if-match", version.as_bytes()).json(&body);
    assert_eq!(put.send().await.expect(200)["content"], body);
    app.pass(ANNOUNCED).await;
}

/// A rule for every shipping method that the shop has.
async fn rules(admin: &User, carrier: &str, service: &str) -> Value {
    let shipping = admin.get("/api/settings/shipping").await.expect(200);
    let empty = json!({"weight_grams": 200, "length_mm": 300, "width_mm": 200, "height_mm": 150});
    let rule = |method: &Value| json!({"shipping_method": method["code"], "carrier": carrier, "service": service, "box": empty});
    shipping["content"]["methods"].as_array().unwrap().iter().map(rule).collect()
}

async fn waits(admin: &User, order: &Value) -> Vec<String> {
    let diagnosis = admin.get(&format!("/api/orders/{}/diagnosis", id(order))).await.expect(200);
    diagnosis["waits"].as_array().unwrap().iter().map(|wait| text(wait, "code").to_owned()).collect()
}

#[tokio::test]
async fn l5_an_order_is_begun_and_labelled_without_a_person() {
    let app = start_app().await;
    begun_and_labelled_by_itself(&app).await;
    app.finish().await;
}

/// Also plays against a deployed stack, where another carrier is imitated.
pub(crate) async fn begun_and_labelled_by_itself(app: &impl Stage) {
    let (ada, admin, mug) = (app.sign_in("ada", "customer").await, app.shop().await, app.product(MUG));
    let (carrier, service) = app.carrier();
    works(app, &admin, "automatic", &rules(&admin, carrier, service).await).await;
    let order = ada.place(&[(&mug, 2)]).await;
    app.paid(&ada, &order).await;
    app.rest().await;
    assert_eq!(text(&ada.view(&order).await, "status"), "processing");
    let label = admin.get(&label_of(&order)).await.expect(200);
    assert_eq!((text(&label, "status"), text(&label, "carrier")), ("bought", carrier), "{label}");
    assert_eq!(waits(&admin, &order).await, ["packing"]);
    // It leaves with its label, without anybody typing a number.
    let shipment = format!("/api/shipments/{}-S1", id(&order));
    admin.call(Method::PATCH, &shipment).json(&json!({"status": "shipped"})).send().await.expect(200);
    assert_eq!(text(&ada.view(&order).await, "status"), "shipped");
    // By hand again, an order waits for a person.
    works(app, &admin, "by_hand", &json!([])).await;
    let by_hand = ada.place(&[(&mug, 1)]).await;
    app.paid(&ada, &by_hand).await;
    app.rest().await;
    assert_eq!(text(&ada.view(&by_hand).await, "status"), "confirmed");
    assert_eq!(waits(&admin, &by_hand).await, ["processing"]);
}

/// What administrators were told about an order.
async fn alerts(app: &TestApp, order: &Value) -> Vec<String> {
    let mut told = app.notifications(order).await;
    told.retain(|message| message["channel"] == "alert");
    told.iter().map(|message| text(message, "subject").to_owned()).collect()
}

#[tokio::test]
async fn l5_a_label_that_is_refused_holds_the_order_and_tells_staff() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    works(&app, &admin, "automatic", &rules(&admin, "sandbox", "test-refused").await).await;
    let order = ada.place(&[(MUG, 1)]).await;
    app.paid(&ada, &order).await;
    app.rest().await;
    let order_now = admin.view(&order).await;
    assert_eq!(
        (text(&order_now, "status"), order_now["holds"].as_array().unwrap().len()),
        ("processing", 1),
        "{order_now}"
    );
    let hold = &order_now["holds"][0];
    assert_eq!(text(hold, "reason"), "fulfilment");
    assert!(text(hold, "note").starts_with("ORD-3001: the carrier refuses the label"), "{hold}");
    let number = text(&order_now, "number");
    assert_eq!(alerts(&app, &order).await, [format!("Order {number} needs attention (ORD-3001)")]);
    assert_eq!(waits(&admin, &order).await, ["hold", "packing"]);
    // A person releases it and buys another one; the shop does not ask again.
    let release = format!("/api/orders/{}/holds/{}", id(&order), text(hold, "hold_id"));
    admin.call(Method::DELETE, &release).send().await.expect(200);
    app.rest().await;
    assert_eq!(admin.view(&order).await["holds"], json!([]));
    let parcel = json!({"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100});
    let body = json!({"carrier": "sandbox", "service": "standard", "parcels": [parcel]});
    admin.call(Method::POST, &label_of(&order)).key("by hand").json(&body).send().await.expect(201);
    app.finish().await;
}

#[tokio::test]
async fn l5_what_the_table_of_the_shop_may_say() {
    let app = start_app().await;
    let admin = app.admin();
    assert_eq!(admin.get(SHOP).await.expect(200)["content"], json!({"processing": "by_hand", "labels": []}));
    let rule = json!({"shipping_method": "standard", "carrier": "sandbox", "service": "standard",
        "box": {"weight_grams": 200, "length_mm": 300, "width_mm": 200, "height_mm": 150}});
    let changed = |pointer: &str, value: Value| {
        let mut body = json!({"processing": "automatic", "labels": [rule.clone()]});
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (body, place) in [
        (changed("/processing", json!("sometimes")), "/processing"),
        (changed("/labels/0/carrier", json!("DHL Paket")), "/labels/0/carrier"),
        (changed("/labels/0/carrier", json!("")), "/labels/0/carrier"),
        (changed("/labels/0/service", json!("ü")), "/labels/0/service"),
        (changed("/labels/0/service", json!("x".repeat(65))), "/labels/0/service"),
        (changed("/labels/0/shipping_method", json!("")), "/labels/0/shipping_method"),
        (changed("/labels/0/box/weight_grams", json!(0)), "/labels/0/box/weight_grams"),
        (changed("/labels/0/box/weight_grams", json!(70_001)), "/labels/0/box/weight_grams"),
        (changed("/labels/0/box/height_mm", json!(3_001)), "/labels/0/box/height_mm"),
        (changed("/labels", json!([rule, rule])), "/labels/1/shipping_method"),
        (changed("/labels", json!(vec![rule.clone(); 51])), "/labels"),
    ] {
        let put = admin.call(Method::PUT, SHOP).header("if-match", b"\"0\"").json(&body);
        let problem = put.send().await.expect(422);
        let errors = problem["errors"].as_array().unwrap();
        assert!(errors.iter().any(|error| error["pointer"] == place), "{place}: {problem}");
    }
    assert_eq!(admin.get(SHOP).await.expect(200)["version"], 0);
    app.finish().await;
}

#[tokio::test]
async fn a8_an_order_is_expected_when_its_quote_said_and_later_if_it_leaves_later() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let cart = json!({"items": [{"product_id": MUG, "quantity": 1}], "country": "DE", "shipping_method": "express"});
    let quote = ada.post("/api/quotes", &cart).await.expect(200);
    let methods = quote["shipping_methods"].as_array().unwrap();
    let express = methods.iter().find(|method| method["code"] == "express").unwrap();
    let wanted = with(crate::shop::cart(&[(MUG, 1)]), "/shipping_method", json!("express"));
    let order = ada.create(&wanted, "express").await.expect(201);
    for day in ["delivery_from", "delivery_to"] {
        assert!(order[day].is_string(), "{order}");
        assert_eq!(order[day], express[day], "{day}");
    }
    app.paid(&ada, &order).await;
    // It leaves four days later, and its link says so.
    app.pass(Duration::from_hours(4 * 24)).await;
    // Their tokens have expired meanwhile.
    let (ada, admin) = (app.customer("ada"), app.admin());
    admin.move_to(&order, &["processing", "shipped"]).await;
    let shipped = ada.view(&order).await;
    assert!(text(&shipped, "delivery_from") > text(&order, "delivery_from"), "{shipped}");
    app.settled().await;
    let link = links(&app, &order, "order.shipped").await.remove(0);
    let followed = app.nobody().get(&link).await.expect(200);
    for day in ["delivery_from", "delivery_to"] {
        assert_eq!(followed[day], shipped[day], "{day}");
    }
    admin.move_to(&order, &["delivered"]).await;
    assert_eq!(ada.view(&order).await["delivery_from"], Value::Null);
    assert_eq!(app.nobody().get(&link).await.expect(200)["delivery_to"], Value::Null);
    app.finish().await;
}
