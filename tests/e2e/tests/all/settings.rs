//! An admin changes what prices depend on, while people order.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{User, start_app};
use crate::shop::{MUG, cart, text, with};

const PROMOTIONS: &str = "/api/settings/promotions";

/// When a changed table counts everywhere.
const UNTIL_EFFECTIVE: Duration = Duration::from_mins(2);

async fn put(user: &User, table: &str, version: Option<&str>, content: &Value) -> Answer {
    let call = user.call(Method::PUT, &format!("/api/settings/{table}"));
    let call = match version {
        Some(version) => call.header("if-match", version.as_bytes()),
        None => call,
    };
    call.json(content).send().await
}

/// The promotions as they are and one more.
fn with_one_more(content: &Value, promotion: Value) -> Value {
    let mut content = content.clone();
    content["promotions"].as_array_mut().unwrap().push(promotion);
    content
}

fn quote(code: &str) -> Value {
    json!({"items": [{"product_id": MUG, "quantity": 2}], "country": "DE", "promotion_codes": [code]})
}

#[tokio::test]
async fn k8_a_promotion_that_an_admin_adds_is_quoted_and_ordered() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let unknown = ada.post("/api/quotes", &quote("SPRING")).await.expect(200);
    assert_eq!(unknown["problems"][0]["code"], "promotion_unknown");

    let shown = admin.get(PROMOTIONS).await;
    let version = shown.header("etag").unwrap().to_owned();
    let before = shown.expect(200);
    assert_eq!((text(&before, "table"), &before["version"], &before["history"]), ("promotions", &json!(1), &json!([])));
    let spring = json!({"code": "SPRING", "kind": "fixed_amount", "amount": "5.00", "currency": "EUR",
        "minimum": "30.00", "starts_at": "2020-03-01T00:00:00Z", "max_uses": 1});
    let content = with_one_more(&before["content"], spring);
    let changed = put(&admin, "promotions", Some(&version), &content).await;
    assert_eq!(changed.header("etag"), Some("\"2\""));
    assert_eq!(changed.expect(200)["content"]["promotions"][2]["amount"], "5.00");

    app.advance(UNTIL_EFFECTIVE).await;
    let quoted = ada.post("/api/quotes", &quote("spring")).await.expect(200);
    assert_eq!((&quoted["problems"], text(&quoted["totals"], "discount")), (&json!([]), "5.00"));
    let order = ada.create(&with(cart(&[(MUG, 2)]), "/promotion_codes", json!(["SPRING"])), "spring").await.expect(201);
    assert_eq!((text(&order, "discount"), &order["total"]), ("5.00", &quoted["totals"]["total"]));
    let used_up = with(cart(&[(MUG, 3)]), "/promotion_codes", json!(["SPRING"]));
    app.customer("bob").create(&used_up, "too late").await.problem(409, "promotion_used_up");

    // Somebody who saw the table before the change replaces nothing.
    put(&admin, "promotions", Some(&version), &before["content"]).await.problem(412, "version_conflict");
    let now = admin.get(PROMOTIONS).await.expect(200);
    assert_eq!(now["version"], 2);
    let change = &now["history"][0];
    assert_eq!((&change["version"], &change["actor"]), (&json!(2), &json!({"id": "grace", "role": "admin"})));
    assert!(!text(change, "correlation_id").is_empty() && !text(change, "timestamp").is_empty());
    // What was replaced can be read, and put back as it is read.
    let old = admin.get(&format!("{PROMOTIONS}?version=1")).await.expect(200);
    assert_eq!(old["content"], before["content"]);
    put(&admin, "promotions", Some("\"2\""), &old["content"]).await.expect(200);
    app.advance(UNTIL_EFFECTIVE).await;
    let gone = ada.post("/api/quotes", &quote("SPRING")).await.expect(200);
    assert_eq!(gone["problems"][0]["code"], "promotion_unknown");
    assert_eq!(text(&ada.view(&order).await, "discount"), "5.00", "what was ordered stays");
    app.finish().await;
}

#[tokio::test]
async fn k8_changed_taxes_and_shipping_are_what_the_next_order_pays() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    put(&admin, "taxes", None, &json!({"rates": {"DE": {"standard": "0.10"}}, "included": ["DE"]})).await.expect(200);
    let letter = json!({"code": "letter", "name": "Letter", "prices": {"EUR": "1.00"},
        "brackets": [{"up_to_grams": 500, "prices": {"EUR": "0.10"}}], "working_days": {"from": 2, "to": 3}});
    put(&admin, "shipping", None, &json!({"methods": [letter]})).await.expect(200);
    app.advance(UNTIL_EFFECTIVE).await;
    let order = ada.place(&[(MUG, 1)]).await;
    let sums = ["subtotal", "shipping", "tax", "total"].map(|sum| text(&order, sum));
    assert_eq!(sums, ["19.90", "0.10", "1.82", "20.00"]);
    for table in ["taxes", "shipping", "promotions"] {
        let content = admin.get(&format!("/api/settings/{table}")).await.expect(200)["content"].clone();
        let again = put(&admin, table, None, &content).await.expect(200);
        assert_eq!(again["content"], content, "what is shown can be sent back");
        let changes = admin.get(&format!("/api/settings/{table}")).await.expect(200)["history"].clone();
        assert_eq!(changes.as_array().unwrap().len(), usize::from(table != "promotions"), "and is no change");
    }
    app.finish().await;
}

#[tokio::test]
async fn tables_are_the_shop_s_business_and_refused_as_a_whole() {
    let app = start_app().await;
    let admin = app.admin();
    let before = admin.get(PROMOTIONS).await.expect(200);
    for user in [app.customer("ada"), app.seller("north-pottery")] {
        user.get(PROMOTIONS).await.problem(403, "forbidden");
        put(&user, "promotions", None, &json!({"promotions": []})).await.problem(403, "forbidden");
    }
    for table in ["prices", "TAXES", "taxes%20", "RATES", "%00"] {
        admin.get(&format!("/api/settings/{table}")).await.problem(404, "not_found");
        put(&admin, table, None, &json!({"promotions": []})).await.problem(404, "not_found");
    }
    admin.get(&format!("{PROMOTIONS}?version=2")).await.problem(404, "not_found");
    for query in ["version=", "version=-1", "version=x", "surprise=1"] {
        admin.get(&format!("{PROMOTIONS}?{query}")).await.problem(422, "validation_failed");
    }
    for version in ["two", "", "\"1.0\"", "-1"] {
        put(&admin, "promotions", Some(version), &json!({"promotions": []})).await.problem(400, "malformed_request");
    }
    let good = json!({"code": "NEW", "kind": "percentage", "rate": "0.10"});
    let two = json!([with(good.clone(), "/rate", json!("2")), with(good.clone(), "/max_uses", json!(0))]);
    let refused = put(&admin, "promotions", None, &json!({"promotions": two})).await;
    refused.problem(422, "validation_failed");
    let pointers = ["/promotions/0/rate", "/promotions/1/code", "/promotions/1/max_uses"];
    assert_eq!(refused.pointers(), pointers);
    let strange = with(good.clone(), "/stackable", json!(true));
    let refused = put(&admin, "promotions", None, &json!({"promotions": [strange]})).await;
    refused.problem(422, "validation_failed");
    assert_eq!(refused.pointers(), ["/promotions/0/stackable"]);
    for wrong in [with(good.clone(), "/rate", json!(0.1)), with(good, "/max_uses", json!(-1))] {
        put(&admin, "promotions", None, &json!({"promotions": [wrong]})).await.problem(400, "malformed_request");
    }
    assert_eq!(admin.get(PROMOTIONS).await.expect(200), before);
    app.finish().await;
}
