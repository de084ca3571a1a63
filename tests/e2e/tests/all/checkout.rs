//! From the cart to the confirmed order: what a customer gets at each step.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app::start_app;
use crate::shop::{KETTLE, MUG, NO_PRODUCT, TEA, cart, id, text, with};

#[tokio::test]
async fn a3_before_ordering_a_customer_sees_the_sums_and_the_ways_to_pay_and_to_send() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let wanted = json!({"items": [{"product_id": MUG, "quantity": 2}], "country": "DE"});
    let quote = ada.post("/api/quotes", &wanted).await.expect(200);
    assert_eq!((&quote["payment_methods"], &quote["problems"]), (&json!(["sandbox"]), &json!([])));
    assert_eq!(quote["shipping_methods"].as_array().unwrap().len(), 3);
    let order = ada.place(&[(MUG, 2)]).await;
    for sum in ["subtotal", "discount", "shipping", "tax", "total"] {
        assert_eq!(quote["totals"][sum], order[sum], "{sum}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a4_a24_an_order_has_an_id_of_its_own_its_times_and_its_first_status() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let mut ids = BTreeSet::new();
    for _ in 0..20 {
        let order = ada.place(&[(MUG, 1)]).await;
        let bytes = id(&order).replace('-', "");
        assert!(id(&order).len() == 36 && bytes.len() == 32 && bytes.bytes().all(|byte| byte.is_ascii_hexdigit()));
        ids.insert(id(&order).to_owned());
        assert_eq!((&order["status"], &order["status_history"][0]["status"]), (&json!("pending"), &json!("pending")));
        assert_eq!(order["created_at"], order["updated_at"]);
        assert_eq!(order["status_history"][0]["timestamp"], order["created_at"]);
    }
    assert_eq!(ids.len(), 20);

    let draft = ada.create(&with(cart(&[(MUG, 1)]), "/draft", true.into()), "draft").await.expect(201);
    assert_eq!(draft["status"], "draft");
    app.advance(std::time::Duration::from_mins(1)).await;
    let submitted = ada.submit(&draft).await.expect(200);
    assert_eq!(submitted["created_at"], draft["created_at"]);
    assert!(text(&submitted, "updated_at") > text(&draft, "updated_at"), "{submitted}");
    app.finish().await;
}

#[tokio::test]
async fn a5_a6_an_order_keeps_who_ordered_where_it_goes_and_where_the_invoice_goes() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let office = json!({"recipient_name": "Lovelace Ltd", "street_address": "12 St James's Square", "city": "London",
                        "state": null, "postal_code": "SW1Y 4JH", "country": "GB", "company": "Analytical Engines",
                        "street_address_2": "2nd floor", "vat_id": null});
    let body = with(cart(&[(MUG, 1), (TEA, 2)]), "/billing_address", office.clone());
    let order = ada.create(&body, "k").await.expect(201);
    let view = ada.view(&order).await;
    assert_eq!(view["contact"], body["contact"]);
    assert_eq!((&view["billing_address"], &view["shipping_address"]["city"]), (&office, &json!("Berlin")));
    assert_eq!(view["items"].as_array().unwrap().len(), 2);
    for pointer in ["/contact/name", "/contact/email", "/shipping_address"] {
        let refused = ada.create(&with(body.clone(), pointer, Value::Null), "without").await;
        refused.problem(422, "validation_failed");
    }
    app.finish().await;
}

#[tokio::test]
async fn a7_every_line_tells_what_it_is_how_many_and_what_it_costs() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2), (TEA, 3)]).await;
    let told = ["product_id", "sku", "name", "price", "subtotal"];
    let lines: Vec<_> = order["items"].as_array().unwrap().iter().map(|line| told.map(|it| text(line, it))).collect();
    assert_eq!(
        lines,
        [
            [MUG, "MUG-BLUE-350", "Blue stoneware mug, 350 ml", "19.90", "39.80"],
            [TEA, "TEA-EARL-100", "Earl Grey, loose, 100 g", "8.90", "26.70"],
        ]
    );
    assert_eq!((&order["items"][0]["quantity"], &order["items"][1]["quantity"]), (&json!(2), &json!(3)));
    let nothing = ada.create(&cart(&[]), "nothing").await;
    nothing.problem(422, "validation_failed");
    assert_eq!(nothing.pointers(), ["/items"]);
    app.finish().await;
}

#[tokio::test]
async fn a17_nothing_is_reserved_or_authorised_before_goods_price_and_address_are_right() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let right = with(cart(&[(KETTLE, 1)]), "/items/0/price", "54.90".into());
    let nowhere = with(right.clone(), "/shipping_address/postal_code", "1".into());
    let steps = [
        (with(nowhere.clone(), "/items/0/product_id", NO_PRODUCT.into()), "ORD-1002"),
        (nowhere, "ORD-1002"),
        (with(right.clone(), "/items/0/product_id", NO_PRODUCT.into()), "ORD-1001"),
        (with(right.clone(), "/items/0/quantity", 41.into()), "ORD-1001"),
        (with(right.clone(), "/items/0/price", "49.90".into()), "price_changed"),
    ];
    for (body, code) in steps {
        let refused = ada.create(&body, "k").await;
        assert_eq!(refused.any_problem()["code"], code, "{}", refused.text);
        assert_eq!(app.stock(KETTLE).await.available, 40);
    }
    let order = ada.create(&right, "k").await.expect(201);
    assert_eq!((&order["status"], app.stock(KETTLE).await.reserved), (&json!("pending"), 1));
    let page = ada.open_page(&order).await;
    assert_eq!(ada.view(&order).await["status"], "pending", "asked for, not authorised");
    app.settle_page(&page, "succeeded").await;
    assert_eq!(ada.view(&order).await["status"], "confirmed");
    app.finish().await;
}

#[tokio::test]
async fn a18_an_order_is_confirmed_when_the_provider_has_said_so_and_the_customer_hears_of_it_at_once() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    assert_eq!(app.messages(&order).await, ["email order.submitted"]);
    ada.pay(&order).await;
    // The provider's call has been answered by now; nobody moves the clock.
    let confirmed = ada.view(&order).await;
    assert_eq!((&confirmed["status"], confirmed["placed_at"].is_string()), (&json!("confirmed"), true));
    let told = app.messages(&order).await;
    assert_eq!(told[1..], ["email order.payment_confirmed", "sms order.payment_confirmed"]);
    app.finish().await;
}
