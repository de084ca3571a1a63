//! Goods come back: three mugs of which one is returned as new, one damaged and one kept; claims; what is refused (H1–H5, H9).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, POTTERY, TEA, id, text};

const DAY: Duration = Duration::from_hours(24);

/// Ada's order, which has arrived.
async fn a_delivered_order(app: &TestApp, items: &[(&str, u32)]) -> Value {
    let ada = app.customer("ada");
    let order = ada.place(items).await;
    ada.pay(&order).await;
    app.admin().move_to(&order, &["processing", "shipped", "delivered"]).await;
    ada.view(&order).await
}

fn line(order: &Value, place: usize) -> &str {
    text(&order["items"][place], "line_id")
}

async fn ask(user: &User, order: &Value, body: &Value) -> Answer {
    user.post(&format!("/api/orders/{}/returns", id(order)), body).await
}

async fn go(user: &User, returned: &Value, key: &str, body: &Value) -> Answer {
    let path = format!("/api/returns/{}", text(returned, "return_id"));
    user.call(Method::PATCH, &path).key(key).json(body).send().await
}

fn some(order: &Value, place: usize, quantity: u32) -> Value {
    json!({"lines": [{"line_id": line(order, place), "quantity": quantity, "reason": "unwanted"}]})
}

fn came(order: &Value, parts: &[(usize, u32, &str)]) -> Value {
    let parts: Vec<Value> = parts
        .iter()
        .map(|(place, quantity, condition)| json!({"line_id": line(order, *place), "quantity": quantity, "condition": condition}))
        .collect();
    json!({"status": "received", "received": parts})
}

#[tokio::test]
async fn h1_one_mug_comes_as_new_one_damaged_and_one_is_kept() {
    let app = start_app().await;
    let (ada, admin, potter) = (app.customer("ada"), app.admin(), app.seller(POTTERY));
    let before = app.stock(MUG).await;
    let order = a_delivered_order(&app, &[(MUG, 3)]).await;
    assert!(order["allowed_actions"].as_array().unwrap().contains(&json!("request_return")));

    let mut body = some(&order, 0, 2);
    body["note"] = json!("too blue");
    let asked = ask(&ada, &order, &body).await;
    let asked_again = format!("/api/returns/{}-R1", id(&order));
    assert_eq!(asked.header("location"), Some(asked_again.as_str()));
    let asked = asked.expect(201);
    assert_eq!(
        (text(&asked, "status"), text(&asked, "number")),
        ("requested", &*format!("{}-R1", text(&order, "number")))
    );
    // Two of three at 19.90 with 19 % tax.
    assert_eq!(text(&asked, "refund_estimate"), "47.36");
    assert_eq!(text(&ada.view(&order).await, "status"), "return_requested");

    let approved = go(&admin, &asked, "approve", &json!({"status": "approved"})).await.expect(200);
    assert!(approved["expires_at"].is_string());
    // The seller unpacks one, and the shop the other.
    let first = go(&potter, &asked, "first", &came(&order, &[(0, 1, "as_new")])).await.expect(200);
    assert_eq!((text(&first, "status"), text(&first["settled"], "refund")), ("received", "23.68"));
    assert_eq!(first["note"], Value::Null, "what the customer wrote is not the seller's business");
    let again = go(&potter, &asked, "first", &came(&order, &[(0, 1, "as_new")])).await.expect(200);
    assert_eq!(again["settled"], first["settled"], "two clicks are one receipt");
    let last = go(&admin, &asked, "last", &came(&order, &[(0, 1, "damaged")])).await.expect(200);
    assert_eq!((text(&last, "status"), text(&last, "note")), ("closed", "too blue"));
    assert_eq!(
        last["settled"],
        json!({
            "value": "47.36", "reduction": "11.84", "fee": "0.00", "given_before": "0.00", "refund": "35.52",
        })
    );
    assert_eq!(last["refund_estimate"], Value::Null);
    app.settled().await;

    let seen = ada.view(&order).await;
    assert_eq!((text(&seen, "status"), text(&seen["payment"], "status")), ("delivered", "partially_refunded"));
    assert_eq!(text(&seen["payment"], "refunded"), "35.52");
    assert_eq!((&seen["returns"][0]["status"], &seen["refunds"][1]["withheld"]), (&json!("closed"), &json!("11.84")));
    assert_eq!(seen["refunds"][0]["return_id"], asked["return_id"]);
    let after = app.stock(MUG).await;
    assert_eq!((after.returned, after.damaged), (before.returned + 2, before.damaged + 1));
    assert_eq!(after.available, before.available - 2, "one is for sale again");
    let told = app.messages(&order).await;
    for message in ["return_opened", "return_approved", "return_received", "refund_completed"] {
        assert!(told.contains(&format!("email order.{message}")), "{message}: {told:?}");
    }
    app.finish().await;
}

#[tokio::test]
async fn h9_the_terms_of_the_placement_bind_the_customer_and_are_advice_for_staff() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = a_delivered_order(&app, &[(MUG, 2)]).await;
    let table = "/api/settings/returns";
    let shown = admin.get(table).await.expect(200);
    assert_eq!((&shown["version"], &shown["content"]["days"]), (&json!(0), &json!(30)));
    let mut content = shown["content"].clone();
    content["by_category"] = json!({"kitchen": 0});
    content["restocking_fee"] = json!("0.10");
    let changed = admin.call(Method::PUT, table).header("if-match", b"\"0\"").json(&content).send().await;
    assert_eq!(changed.expect(200)["version"], 1);
    app.advance(Duration::from_mins(2)).await;

    // What was placed before goes by what counted then.
    let asked = ask(&ada, &order, &some(&order, 0, 1)).await.expect(201);
    let cancelled = go(&ada, &asked, "cancel", &json!({"status": "cancelled"})).await.expect(200);
    assert_eq!(text(&cancelled, "status"), "cancelled");
    let sold_for_good = a_delivered_order(&app, &[(MUG, 1)]).await;
    ask(&ada, &sold_for_good, &some(&sold_for_good, 0, 1)).await.problem(409, "return_not_allowed");
    let waived = ask(&admin, &sold_for_good, &some(&sold_for_good, 0, 1)).await.expect(201);
    assert_eq!((&waived["policy_waived"], text(&waived, "refund_estimate")), (&json!(true), "27.14"));
    let claim = json!({"claim": "missing", "lines": [{"line_id": line(&order, 0), "quantity": 1}]});
    let claimed = ask(&ada, &order, &claim).await.expect(201);
    let granted = go(&admin, &claimed, "grant", &json!({"status": "approved"})).await.expect(200);
    assert_eq!((text(&granted, "status"), text(&granted["settled"], "refund")), ("closed", "23.68"));

    // The time is over, but not for what somebody approved.
    let approved = go(&admin, &waived, "approve", &json!({"status": "approved"})).await.expect(200);
    app.advance(DAY * 31).await;
    // Tokens do not last so long.
    let (ada, admin) = (app.customer("ada"), app.admin());
    ask(&ada, &order, &some(&order, 0, 1)).await.problem(409, "return_not_allowed");
    let expired = admin.get(&format!("/api/returns/{}", text(&approved, "return_id"))).await.expect(200);
    assert_eq!(text(&expired, "status"), "cancelled");
    assert!(app.messages(&sold_for_good).await.contains(&"email order.return_expired".to_owned()));
    assert_eq!(text(&ada.view(&sold_for_good).await, "status"), "delivered");
    app.finish().await;
}

#[tokio::test]
async fn h2_what_cannot_come_back_is_refused_with_its_place() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = a_delivered_order(&app, &[(MUG, 1), (TEA, 2)]).await;
    let mug = line(&order, 0);
    for (body, pointer) in [
        (json!({"lines": []}), "/lines"),
        (json!({"lines": [{"line_id": mug, "quantity": 1}]}), "/lines/0/reason"),
        (json!({"lines": [{"line_id": mug, "quantity": 1, "reason": "boredom"}]}), "/lines/0/reason"),
        (json!({"lines": [{"line_id": mug, "quantity": 2, "reason": "unwanted"}]}), "/lines"),
        (json!({"lines": [{"line_id": MUG, "quantity": 1, "reason": "unwanted"}]}), "/lines/0/line_id"),
        (
            json!({"claim": "damaged", "lines": [{"line_id": mug, "quantity": 1, "reason": "unwanted"}]}),
            "/lines/0/reason",
        ),
    ] {
        let refused = ask(&ada, &order, &body).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), [pointer], "{body}: {}", refused.text);
    }
    let asked = ask(&ada, &order, &some(&order, 1, 2)).await.expect(201);
    ask(&ada, &order, &some(&order, 1, 1)).await.problem(422, "validation_failed");
    let goods = came(&order, &[(1, 1, "as_new")]);
    go(&admin, &asked, "early", &goods).await.problem(409, "invalid_transition");
    go(&ada, &asked, "own", &goods).await.problem(403, "forbidden");
    go(&ada, &asked, "decide", &json!({"status": "approved"})).await.problem(403, "forbidden");
    go(&app.customer("bob"), &asked, "bob", &json!({"status": "cancelled"})).await.problem(404, "not_found");
    go(&app.seller("south-glass"), &asked, "glass", &goods).await.problem(404, "not_found");
    go(&admin, &asked, "yes", &json!({"status": "approved"})).await.expect(200);
    let keyless = format!("/api/returns/{}", text(&asked, "return_id"));
    let keyless = admin.call(Method::PATCH, &keyless).json(&goods).send().await;
    keyless.problem(422, "validation_failed");
    assert_eq!(keyless.pointers(), ["/Idempotency-Key"]);
    for (number, (body, pointer)) in [
        (json!({"status": "received"}), "/received"),
        (json!({"status": "denied", "received": goods["received"]}), "/received"),
        (json!({"status": "received", "received": goods["received"], "refund_amount": "1.00"}), "/reason"),
        (
            json!({"status": "received", "received": goods["received"], "refund_amount": "-1.00", "reason": "x"}),
            "/refund_amount",
        ),
        (json!({"status": "received", "received": goods["received"], "refund_amount": "99.00", "reason": "x"}), ""),
        (came(&order, &[(1, 2, "as_new"), (1, 1, "damaged")]), "/lines"),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = go(&admin, &asked, &format!("wrong-{number}"), &body).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), [pointer], "{body}: {}", refused.text);
    }
    // Everything but the mug came back, less than the tea is worth by decision, and the mug follows: all of the shipping, too.
    let mut agreed = came(&order, &[(1, 2, "opened")]);
    (agreed["refund_amount"], agreed["reason"]) = (json!("5.00"), json!("half of it was drunk"));
    let done = go(&admin, &asked, "agreed", &agreed).await.expect(200);
    assert_eq!((text(&done["settled"], "refund"), text(&done, "answer")), ("5.00", "half of it was drunk"));
    let rest = ask(&ada, &order, &some(&order, 0, 1)).await.expect(201);
    assert_eq!(text(&rest, "refund_estimate"), "29.23");
    let denied = go(&admin, &rest, "no", &json!({"status": "denied", "reason": "used"})).await.expect(200);
    assert_eq!((text(&denied, "status"), text(&denied, "answer")), ("denied", "used"));
    go(&admin, &rest, "late", &came(&order, &[(0, 1, "as_new")])).await.problem(409, "invalid_transition");
    app.finish().await;
}
