//! Money that leaves, and where customers are sent.

use reqwest::Method;
use serde_json::json;

use crate::app::start_app;
use crate::shop::{MUG, id};

#[tokio::test]
async fn m14_a_refund_needs_a_key() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(MUG, 1)]).await;
    ada.pay(&order).await;
    let path = format!("/api/orders/{}/refunds", id(&order));
    let body = json!({"goodwill": "1.00", "reason": "late"});
    let refused = admin.post(&path, &body).await;
    refused.problem(422, "validation_failed");
    assert_eq!(refused.pointers(), ["/Idempotency-Key"]);
    admin.call(Method::POST, &path).json(&body).key("late").send().await.expect(201);
    app.settled().await;
    assert_eq!(admin.view(&order).await["refunds"].as_array().unwrap().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn m4_an_order_that_is_refunded_in_full_is_closed_and_its_units_are_on_sale() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let before = app.stock(MUG).await;
    let order = ada.place(&[(MUG, 2)]).await;
    ada.pay(&order).await;
    let line = ada.view(&order).await["items"][0]["line_id"].clone();
    let path = format!("/api/orders/{}/refunds", id(&order));
    let body = json!({"lines": [{"line_id": line, "quantity": 2}], "reason": "out of clay"});
    admin.call(Method::POST, &path).json(&body).key("all").send().await.expect(201);
    app.settled().await;
    let seen = ada.view(&order).await;
    assert_eq!((&seen["status"], &seen["payment"]["status"]), (&json!("cancelled"), &json!("refunded")));
    assert_eq!(app.stock(MUG).await, before);
    app.finish().await;
}

#[tokio::test]
async fn a8_customers_are_sent_to_no_site_but_the_shop_s_own_and_listed_ones() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    let host = app.base.strip_prefix("http://").unwrap();
    for elsewhere in [
        "https://evil.example/".to_owned(),
        format!("{}@evil.example/", app.base),
        format!("http://shop@{host}/thanks"),
        format!("{}.evil.example/", app.base),
        format!("{}\\@evil.example/", app.base),
        format!("https://{host}/thanks"),
        "javascript:alert(1)".to_owned(),
        "/thanks".to_owned(),
    ] {
        let refused = ada.paying(&order).json(&json!({"provider": "sandbox", "return_url": elsewhere})).send().await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), ["/return_url"], "{elsewhere}");
    }
    let own = json!({"provider": "sandbox", "return_url": format!("{}/thanks?order=1", app.base)});
    ada.paying(&order).json(&own).send().await.expect(201);
    app.finish().await;
}
