//! What clients send and see of texts, addresses, price tables and files.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::start_app;
use crate::shop::{MUG, POTTERY, TEA, cart, id, with};

/// A table counts from a moment on that is announced.
const UNTIL_EFFECTIVE: Duration = Duration::from_mins(2);

fn full_cart() -> Value {
    let body = with(cart(&[(MUG, 1)]), "/shipping_address/company", json!("ACME SARL SIRET 73282932000074"));
    let body = with(body, "/shipping_address/street_address_2", json!("3rd floor"));
    let body = with(body, "/shipping_address/vat_id", json!("de 123456789"));
    let body = with(body, "/contact/email", json!("ada@b\u{fc}cher.example"));
    let body = with(body, "/contact/phone", json!("+49 (0)170 1234567"));
    let body = with(body, "/customer_note", json!("ring twice"));
    let body = with(body, "/gift_note", json!("happy birthday"));
    let body = with(body, "/external_reference", json!("4242424242424242"));
    with(body, "/tags", json!(["wholesale"]))
}

#[tokio::test]
async fn i13_i14_i19_an_order_shows_what_was_said_to_whom_it_concerns() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.creating(&full_cart()).header("accept-language", b"fr;q=0.2, de-ch").send().await.expect(201);
    assert_eq!(order["contact"]["email"], "ada@xn--bcher-kva.example");
    assert_eq!(order["contact"]["phone"], "+491701234567");
    let address = &order["shipping_address"];
    let lines = ["company", "vat_id", "street_address_2"].map(|field| address[field].as_str().unwrap());
    assert_eq!(lines, ["ACME SARL SIRET 73282932000074", "DE123456789", "3rd floor"]);
    assert_eq!((&order["locale"], &order["time_zone"]), (&json!("de-CH"), &json!("UTC")));
    let said =
        |view: &Value| ["customer_note", "gift_note", "external_reference", "tags"].map(|field| view[field].clone());
    let (note, gift, reference) = (json!("ring twice"), json!("happy birthday"), json!("4242424242424242"));
    assert_eq!(said(&order), [note.clone(), gift.clone(), reference.clone(), json!([])]);
    let path = format!("/api/orders/{}", id(&order));
    assert_eq!(said(&app.admin().get(&path).await.expect(200)), [note, gift.clone(), reference, json!(["wholesale"])]);
    // It concerns a seller once it is paid.
    app.seller(POTTERY).get(&path).await.problem(404, "not_found");
    ada.pay(&order).await;
    let seller = app.seller(POTTERY).get(&path).await.expect(200);
    assert_eq!(said(&seller), [Value::Null, gift, Value::Null, json!([])]);
    app.finish().await;
}

#[tokio::test]
async fn i1_i8_w7_what_is_no_text_of_its_kind_is_refused_with_its_place() {
    let app = start_app().await;
    let ada = app.customer("ada");
    for (pointer, value) in [
        ("/contact/email", "Ada\r\nBcc: victim@evil.example\r\n <ada@example.com>"),
        ("/contact/email", "ada@example.com,eve@evil.example"),
        ("/contact/name", "\u{200b}"),
        ("/contact/name", "Ada\u{2028}Lovelace"),
        ("/shipping_address/city", "Ber\u{202e}nil"),
        ("/customer_note", "4242_4242_4242_4242"),
        ("/gift_note", "\u{ff14}\u{ff12}\u{ff14}\u{ff12} 4242 4242 4242"),
        ("/locale", "german please"),
        ("/time_zone", "Europe/Atlantis"),
    ] {
        let refused = ada.create(&with(cart(&[(MUG, 1)]), pointer, json!(value)), pointer).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), [pointer], "{value:?}");
    }
    let blank =
        ada.create(&with(cart(&[(MUG, 1)]), "/shipping_address/recipient_name", json!("\u{200b}")), "blank").await;
    blank.problem(422, "ORD-1002");
    app.finish().await;
}

#[tokio::test]
async fn i6_i13_a_parcel_has_a_carrier_s_name_and_a_number_that_its_link_carries() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(TEA, 1)]).await;
    ada.pay(&order).await;
    admin.move_to(&order, &["processing"]).await;
    let path = format!("/api/orders/{}/status", id(&order));
    let ship = |carrier: &str, number: &str| {
        let body = json!({"status": "shipped", "tracking": {"carrier": carrier, "tracking_number": number}});
        admin.call(Method::PATCH, &path).json(&body).send()
    };
    for number in ["---", "\u{ff11}\u{ff12}\u{ff13}\u{ff14}"] {
        let refused = ship("DHL", number).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), ["/tracking/tracking_number"]);
    }
    let shipped = ship("A&B", "42 - 1").await.expect(200);
    assert_eq!(shipped["tracking"][0]["carrier"], "A&B");
    app.finish().await;
}

#[tokio::test]
async fn m17_i14_tables_name_methods_goods_caps_and_postal_codes() {
    let app = start_app().await;
    let admin = app.admin();
    let promotion = json!({
        "code": "CAPPED", "automatic": true, "kind": "percentage", "rate": "0.50", "maximum": "1.00", "currency": "EUR",
        "products": [MUG], "categories": [], "exclusive": true
    });
    let put = |table: &str, body: Value| admin.call(Method::PUT, &format!("/api/settings/{table}")).json(&body).send();
    put("promotions", json!({"promotions": [promotion]})).await.expect(200);
    let seen = admin.get("/api/settings/promotions").await.expect(200);
    assert_eq!(seen["content"]["promotions"][0]["maximum"], "1.00");
    app.advance(UNTIL_EFFECTIVE).await;
    let order = app.customer("ada").place(&[(MUG, 1)]).await;
    assert_eq!(order["discount"], "1.00");
    put("taxes", json!({"rates": {"ES": {"standard": "0.21"}, "ES:35": {"standard": "0"}}})).await.expect(200);
    app.advance(UNTIL_EFFECTIVE).await;
    let mut body = cart(&[(MUG, 2)]);
    body["shipping_address"]["country"] = json!("ES");
    body["shipping_address"]["postal_code"] = json!("35001");
    let island = app.customer("bob").create(&body, "island").await.expect(201);
    assert_eq!(island["tax"], "0.00");
    let wrong = put("taxes", json!({"rates": {"ES:36-35": {"standard": "0.21"}}})).await;
    wrong.problem(422, "validation_failed");
    app.finish().await;
}

#[tokio::test]
async fn i2_i15_a_file_is_read_as_it_is_or_refused_as_a_whole() {
    let app = start_app().await;
    let seller = app.seller(POTTERY);
    let send = |path: &str, csv: &str| seller.call(Method::POST, path).text("text/csv", csv.to_owned()).send();
    let open = "sku,name,category,price,currency\nV-1,\"Vase,kitchen,1.00,EUR\nV-2,Bowl,kitchen,2.00,EUR\n";
    let refused = send("/api/products/import", open).await;
    assert!(refused.problem(400, "malformed_request")["detail"].as_str().unwrap().contains("line 2"));
    let export = "Handle,Title,Type,Variant SKU,Variant Price,Image Src\nvase,Vase,kitchen,V-1,\"19,90\",\n";
    let told = send("/api/products/import?currency=EUR", export).await.expect(200);
    assert_eq!(told["rows"][0]["status"], "created", "{told}");
    let twice = "sku;name;category;price;currency\nV-3;Vase;kitchen;1,00;EUR\nV-3;Bowl;kitchen;2,00;EUR\n;;;;\n";
    let told = send("/api/products/import", twice).await.expect(200);
    assert_eq!(told["rows"][1]["errors"][0]["pointer"], "/sku");
    assert_eq!(told["rows"].as_array().unwrap().len(), 2);
    app.finish().await;
}
