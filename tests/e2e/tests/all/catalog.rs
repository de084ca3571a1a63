//! The catalog over HTTP: from a new product to its last unit.

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{Call, Site, TestApp, User, start_app};
use crate::shop::{cart, id};

/// A vase at 49.00 EUR that is low below three units.
fn vase(units: u32) -> Value {
    json!({ "sku": "VASE-1", "name": "Vase", "category": "vases", "price": "49.00", "currency": "EUR",
            "description": "Salt-glazed.", "images": ["https://img.example.com/vase.jpg"], "regions": ["DE"],
            "weight_grams": 900, "low_stock_threshold": 3, "units": units })
}

/// What administrators were told, oldest first, when there is nothing left to tell.
async fn alerts(app: &TestApp) -> Vec<Value> {
    app.settled().await;
    let told = app.nobody().get("/dev/notifications").await.expect(200);
    told.as_array().unwrap().iter().filter(|message| message["channel"] == "alert").cloned().collect()
}

/// Units moved by hand.
fn moving(user: &User, product: &Value, movement: &str, quantity: u32) -> Call {
    let call = user.call(Method::POST, &format!("/api/products/{}/stock", id(product)));
    call.json(&json!({ "movement": movement, "quantity": quantity, "reason": "counted" }))
}

fn changing(user: &User, product: &Value, fields: &Value) -> Call {
    user.call(Method::PATCH, &format!("/api/products/{}", id(product))).json(fields)
}

async fn ordering(site: &Site, user: &User, product: &Value, quantity: u32) -> Answer {
    user.create(&cart(&[(id(product), quantity)]), &site.new_key()).await
}

#[tokio::test]
async fn f8_a_seller_s_product_lives_from_creation_to_discontinuation() {
    let app = start_app().await;
    let (seller, rival, ada) = (app.seller("south-glass"), app.seller("north-pottery"), app.customer("ada"));

    ada.post("/api/products", &vase(5)).await.problem(403, "forbidden");
    let created = seller.post("/api/products", &vase(5)).await.expect(201);
    assert_eq!((&created["seller_id"], &created["available"]), (&json!("south-glass"), &json!(5)));
    seller.post("/api/products", &vase(5)).await.problem(409, "duplicate_sku");

    let path = format!("/api/products/{}", id(&created));
    let shown = ada.get(&path).await;
    assert_eq!(shown.header("etag"), Some("\"1\""));
    let shown = shown.expect(200);
    assert_eq!((&shown["description"], shown.get("low_stock_threshold")), (&json!("Salt-glazed."), None));
    assert_eq!(ordering(&app, &ada, &created, 1).await.expect(201)["subtotal"], "49.00");

    changing(&rival, &created, &json!({ "price": "1.00" })).send().await.problem(403, "forbidden");
    let fields = json!({ "price": "52.00", "low_stock_threshold": null });
    let changed = changing(&seller, &created, &fields).send().await.expect(200);
    assert_eq!(
        (&changed["price"], &changed["version"], &changed["available"]),
        (&json!("52.00"), &json!(2), &json!(4))
    );
    let stale = changing(&seller, &created, &json!({ "name": "Urn" })).header("if-match", b"\"1\"").send().await;
    assert_eq!(stale.any_problem()["status"], 412);
    let wrong = changing(&seller, &created, &json!({ "price": "1.234", "regions": ["Germany"] })).send().await;
    wrong.problem(422, "validation_failed");
    assert_eq!(wrong.pointers().len(), 2);

    assert_eq!(seller.call(Method::DELETE, &path).send().await.expect(200)["active"], false);
    ada.get(&path).await.expect(200);
    ordering(&app, &ada, &created, 2).await.problem(409, "ORD-1001");
    app.finish().await;
}

#[tokio::test]
async fn f1_stock_moves_on_record_and_under_a_key_once() {
    let app = start_app().await;
    let (seller, ada, grace) = (app.seller("south-glass"), app.customer("ada"), app.admin());
    let vase = seller.post("/api/products", &vase(5)).await.expect(201);
    let path = format!("/api/products/{}/stock", id(&vase));

    moving(&ada, &vase, "receive", 1).send().await.problem(403, "forbidden");
    ada.get(&path).await.problem(403, "forbidden");
    let moved = moving(&seller, &vase, "hold", 1).send().await.expect(201);
    assert_eq!((&moved["after"]["available"], &moved["after"]["on_hold"]), (&json!(4), &json!(1)));
    moving(&grace, &vase, "damage", 5).send().await.problem(409, "insufficient_stock");
    ordering(&app, &ada, &vase, 1).await.expect(201);

    let receive = || moving(&seller, &vase, "receive", 10).key("k").send();
    receive().await.expect(201);
    assert_eq!(receive().await.header("idempotency-replayed"), Some("true"));
    let ledger = grace.get(&path).await.expect(200);
    let expected = json!({ "available": 13, "reserved": 1, "on_hold": 1, "damaged": 0, "shipped": 0, "returned": 0,
                           "written_off": 0, "received": 15 });
    assert_eq!(ledger["counters"], expected);
    let kinds: Vec<_> = ledger["movements"].as_array().unwrap().iter().map(|movement| &movement["movement"]).collect();
    assert_eq!(kinds, ["receive", "hold", "receive"]);
    app.finish().await;
}

#[tokio::test]
async fn f1_the_ledger_of_every_product_of_the_first_start_explains_itself() {
    let app = start_app().await;
    let products = app.customer("ada").get("/api/products").await.expect(200);
    for product in products["data"].as_array().unwrap() {
        let ledger = app.admin().get(&format!("/api/products/{}/stock", id(product))).await.expect(200);
        let received: u64 =
            ledger["movements"].as_array().unwrap().iter().map(|moved| moved["quantity"].as_u64().unwrap()).sum();
        assert_eq!(ledger["counters"]["received"], received, "{ledger}");
    }
    app.finish().await;
}

#[tokio::test]
async fn f7_admins_hear_of_every_low_that_is_there_when_somebody_looks() {
    let app = start_app().await;
    let (seller, ada) = (app.seller("south-glass"), app.customer("ada"));
    let vase = seller.post("/api/products", &vase(5)).await.expect(201);
    moving(&seller, &vase, "hold", 1).send().await.expect(201);
    assert!(alerts(&app).await.is_empty());

    ordering(&app, &ada, &vase, 1).await.expect(201);
    let told = alerts(&app).await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["to"], &told[0]["order_id"]), (&json!("admins"), &Value::Null));
    assert!(told[0]["subject"].as_str().unwrap().contains("VASE-1"), "{told:?}");
    ordering(&app, &ada, &vase, 1).await.expect(201);
    assert_eq!(alerts(&app).await.len(), 1, "still low: told before");

    // Somebody looks between the restock and the next fall: two levels, told twice.
    moving(&seller, &vase, "receive", 10).send().await.expect(201);
    assert_eq!(alerts(&app).await.len(), 1, "restocked");
    moving(&seller, &vase, "damage", 10).send().await.expect(201);
    assert_eq!(alerts(&app).await.len(), 2);
    app.finish().await;
}

#[tokio::test]
async fn f8_a_catalogue_is_imported_row_by_row() {
    let app = start_app().await;
    let seller = app.seller("south-glass");
    let csv = "sku,name,category,price,currency,units\nVASE-1,Vase,vases,49.00,EUR,3\nVASE-2,Jar,vases,free,EUR,3\n";
    let answer = seller.call(Method::POST, "/api/products/import").text("text/csv", csv).send().await.expect(200);
    let [good, bad] = answer["rows"].as_array().unwrap().as_slice() else { panic!("two rows in {answer}") };
    assert_eq!(good["status"], "created");
    assert_eq!((&bad["status"], &bad["errors"][0]["pointer"]), (&json!("failed"), &json!("/price")));
    let path = format!("/api/products/{}", good["product_id"].as_str().unwrap());
    assert_eq!(seller.get(&path).await.expect(200)["available"], 3);
    app.finish().await;
}
