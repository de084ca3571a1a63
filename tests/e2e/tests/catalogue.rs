//! The catalogue over HTTP: from a new product to its last unit (F1, F7, F8, A10).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failed test")]

use std::time::Duration;

use oms_local::identity::TokenRequest;
use oms_local::start::{Oms, Options, start};
use oms_local::state::StateLocation;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Longest real time until an alert has arrived.
const PATIENCE: Duration = Duration::from_secs(10);

struct Shop {
    oms: Oms,
    http: reqwest::Client,
}

struct Person<'a> {
    shop: &'a Shop,
    token: String,
}

impl Shop {
    async fn open() -> Self {
        let options = Options { port: 0, state: StateLocation::Memory, template: None };
        Shop { oms: start(options).await.unwrap(), http: reqwest::Client::new() }
    }

    fn person(&self, user: &str, role: &str, seller: Option<&str>) -> Person<'_> {
        let request = TokenRequest {
            user_id: user.to_owned(),
            role: role.to_owned(),
            seller_id: seller.map(str::to_owned),
            expires_in_seconds: None,
        };
        Person { shop: self, token: self.oms.cloud.context().identity.mint(&request).unwrap().0 }
    }

    async fn alerts(&self) -> Vec<Value> {
        let all = self.http.get(format!("{}/dev/notifications", self.oms.cloud.base_url())).send().await.unwrap();
        let all: Vec<Value> = all.json().await.unwrap();
        all.into_iter().filter(|message| message["channel"] == "alert").collect()
    }

    async fn alerts_until(&self, count: usize) -> Vec<Value> {
        let waiting = async {
            loop {
                let alerts = self.alerts().await;
                if alerts.len() >= count {
                    return alerts;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap()
    }
}

impl Person<'_> {
    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.shop.http.request(method, format!("{}{path}", self.shop.oms.cloud.base_url())).bearer_auth(&self.token)
    }

    async fn expect(&self, status: u16, method: Method, path: &str, body: &Value) -> Value {
        let request = self.call(method, path);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.unwrap();
        let (got, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
        assert_eq!(got, status, "{path}: {body}");
        body
    }
}

fn vase(units: u32) -> Value {
    json!({ "sku": "VASE-1", "name": "Vase", "category": "vases", "price": "49.00", "currency": "EUR",
            "description": "Salt-glazed.", "images": ["https://img.example.com/vase.jpg"], "regions": ["DE"],
            "weight_grams": 900, "low_stock_threshold": 3, "units": units })
}

fn order(product: &str, quantity: u32) -> Value {
    json!({ "items": [{ "product_id": product, "quantity": quantity }],
            "contact": { "name": "Ada", "email": "ada@example.com" },
            "shipping_address": { "recipient_name": "Ada", "street_address": "Unter den Linden 1", "city": "Berlin",
                                  "postal_code": "10117", "country": "DE" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn f8_a_seller_s_product_lives_from_creation_to_discontinuation() {
    let shop = Shop::open().await;
    let seller = shop.person("sam", "seller", Some("south-glass"));
    let rival = shop.person("eve", "seller", Some("north-pottery"));
    let ada = shop.person("ada", "customer", None);

    ada.expect(403, Method::POST, "/api/products", &vase(5)).await;
    let created = seller.expect(201, Method::POST, "/api/products", &vase(5)).await;
    let path = format!("/api/products/{}", created["id"].as_str().unwrap());
    assert_eq!((&created["seller_id"], &created["available"]), (&json!("south-glass"), &json!(5)));
    let twice = seller.expect(409, Method::POST, "/api/products", &vase(5)).await;
    assert_eq!(twice["code"], "duplicate_sku");

    let shown = ada.call(Method::GET, &path).send().await.unwrap();
    assert_eq!(shown.headers()["etag"], "\"1\"");
    let shown: Value = shown.json().await.unwrap();
    assert_eq!((&shown["description"], shown.get("low_stock_threshold")), (&json!("Salt-glazed."), None));

    let bought = ada.expect(201, Method::POST, "/api/orders", &order(created["id"].as_str().unwrap(), 1)).await;
    assert_eq!(bought["subtotal"], "49.00");

    rival.expect(403, Method::PATCH, &path, &json!({ "price": "1.00" })).await;
    let changed =
        seller.expect(200, Method::PATCH, &path, &json!({ "price": "52.00", "low_stock_threshold": null })).await;
    assert_eq!(
        (&changed["price"], &changed["version"], &changed["available"]),
        (&json!("52.00"), &json!(2), &json!(4))
    );
    let stale =
        seller.call(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({ "name": "Urn" })).send().await;
    assert_eq!(stale.unwrap().status(), 412);
    let wrong = seller.expect(422, Method::PATCH, &path, &json!({ "price": "1.234", "regions": ["Germany"] })).await;
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 2);

    let gone = seller.expect(200, Method::DELETE, &path, &Value::Null).await;
    assert_eq!(gone["active"], false);
    ada.expect(200, Method::GET, &path, &Value::Null).await;
    let refused = ada.expect(409, Method::POST, "/api/orders", &order(created["id"].as_str().unwrap(), 2)).await;
    assert_eq!(refused["code"], "ORD-1001");
    shop.oms.cloud.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f1_f7_stock_moves_on_record_and_admins_hear_when_it_runs_low() {
    let shop = Shop::open().await;
    let seller = shop.person("sam", "seller", Some("south-glass"));
    let ada = shop.person("ada", "customer", None);
    let grace = shop.person("grace", "admin", None);
    let created = seller.expect(201, Method::POST, "/api/products", &vase(5)).await;
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/api/products/{id}/stock");
    let movement = |kind: &str, quantity: u32| json!({ "movement": kind, "quantity": quantity, "reason": "counted" });

    ada.expect(403, Method::POST, &path, &movement("receive", 1)).await;
    ada.expect(403, Method::GET, &path, &Value::Null).await;
    let moved = seller.expect(201, Method::POST, &path, &movement("hold", 1)).await;
    assert_eq!((&moved["after"]["available"], &moved["after"]["on_hold"]), (&json!(4), &json!(1)));
    let short = grace.expect(409, Method::POST, &path, &movement("damage", 5)).await;
    assert_eq!(short["code"], "insufficient_stock");
    assert!(shop.alerts().await.is_empty());

    ada.expect(201, Method::POST, "/api/orders", &order(&id, 1)).await;
    let alerts = shop.alerts_until(1).await;
    assert_eq!((&alerts[0]["to"], &alerts[0]["order_id"]), (&json!("admins"), &Value::Null));
    assert!(alerts[0]["subject"].as_str().unwrap().contains("VASE-1"), "{alerts:?}");

    let keyed =
        || seller.call(Method::POST, &path).header("idempotency-key", "k").json(&movement("receive", 10)).send();
    assert_eq!(keyed().await.unwrap().status(), 201);
    let again = keyed().await.unwrap();
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    let ledger = grace.expect(200, Method::GET, &path, &Value::Null).await;
    let expected = json!({ "available": 13, "reserved": 1, "on_hold": 1, "damaged": 0, "shipped": 0, "returned": 0,
                           "written_off": 0, "received": 15 });
    assert_eq!(ledger["counters"], expected);
    let kinds: Vec<_> = ledger["movements"].as_array().unwrap().iter().map(|movement| &movement["movement"]).collect();
    assert_eq!(kinds, ["receive", "hold", "receive"]);

    seller.expect(201, Method::POST, &path, &movement("damage", 11)).await;
    assert_eq!(shop.alerts_until(2).await.len(), 2);
    shop.oms.cloud.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f8_a_catalogue_is_imported_row_by_row() {
    let shop = Shop::open().await;
    let seller = shop.person("sam", "seller", Some("south-glass"));
    let csv = "sku,name,category,price,currency,units\nVASE-1,Vase,vases,49.00,EUR,3\nVASE-2,Jar,vases,free,EUR,3\n";
    let answer = seller.call(Method::POST, "/api/products/import").header("content-type", "text/csv").body(csv);
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["rows"][0]["status"], "created");
    assert_eq!(
        (&answer["rows"][1]["status"], &answer["rows"][1]["errors"][0]["pointer"]),
        (&json!("failed"), &json!("/price"))
    );
    let path = format!("/api/products/{}", answer["rows"][0]["product_id"].as_str().unwrap());
    assert_eq!(seller.expect(200, Method::GET, &path, &Value::Null).await["available"], 3);
    shop.oms.cloud.shutdown().await;
}
