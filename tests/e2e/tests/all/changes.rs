//! Changing an order: what it would come to, what is paid for it, and what goes back.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::start_app;
use crate::drafts::draft;
use crate::shop::{MUG, TEA, id, text};
use crate::stage::Stage;

#[tokio::test]
async fn c5_a_mug_more_is_paid_for_and_a_mug_less_goes_back() {
    let app = start_app().await;
    a_mug_more_and_one_less(&app).await;
    app.finish().await;
}

fn path(order: &Value) -> String {
    format!("/api/orders/{}/changes", id(order))
}

/// Also plays against a deployed stack.
pub(crate) async fn a_mug_more_and_one_less(app: &impl Stage) {
    let (ada, admin, mug) = (app.sign_in("ada", "customer").await, app.shop().await, app.product(MUG));
    let before = app.units(&mug).await;
    let order = ada.place(&[(&mug, 2)]).await;
    let change = |body: Value| ada.call(Method::POST, &path(&order)).key(&app.new_key()).json(&body);

    // Unpaid, it is changed at once, and paid at its new total.
    let one = json!({"add": [{"product_id": mug, "quantity": 1}]});
    let with = |more: Value| {
        let mut body = one.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let preview = change(with(json!({"dry_run": true}))).send().await.expect(200);
    assert_eq!((text(&preview, "difference"), text(&preview, "effect")), ("23.68", "nothing"));
    assert_eq!(text(&preview["after"]["totals"], "total"), "76.87");
    assert_eq!(text(&ada.view(&order).await, "total"), "53.19", "a preview changes nothing");
    let refused = change(with(json!({"expected_difference": "20.00"}))).send().await;
    assert_eq!(text(&refused.problem(409, "difference_changed")["totals"], "total"), "76.87");
    let made = change(with(json!({"expected_difference": "23.68"}))).send().await.expect(201);
    assert_eq!((text(&made, "status"), text(&ada.view(&order).await, "total")), ("applied", "76.87"));
    assert_eq!(app.units(&mug).await, before.and(-3, 3, 0), "stock moves by the difference");
    app.paid(&ada, &order).await;
    assert_eq!(text(&ada.view(&order).await["payment"], "paid"), "76.87");

    // Paid, it waits for the difference with its stock reserved.
    let offered = change(with(json!({"expected_difference": "23.68"}))).send().await.expect(201);
    assert_eq!(text(&offered, "status"), "offered");
    let shown = ada.view(&order).await;
    assert_eq!((text(&shown, "total"), text(&shown["offered_change"], "due")), ("76.87", "23.68"));
    assert!(shown["allowed_actions"].as_array().unwrap().contains(&json!("pay")));
    assert_eq!(app.units(&mug).await, before.and(-4, 4, 0));
    admin.moving(&order, "processing").send().await.problem(409, "invalid_transition");
    app.paid(&ada, &order).await;
    let shown = ada.view(&order).await;
    assert_eq!((text(&shown, "total"), text(&shown["payment"], "paid")), ("100.55", "100.55"));
    assert_eq!((shown["items"].as_array().unwrap().len(), &shown["offered_change"]), (3, &Value::Null));

    // What is taken out goes back with the change.
    let line = text(&shown["items"][0], "line_id");
    let less = json!({"quantities": [{"line_id": line, "quantity": 1}], "expected_difference": "-23.68", "reason": "one is enough"});
    let made = change(less).send().await.expect(201);
    assert_eq!((text(&made, "status"), text(&made, "difference")), ("applied", "-23.68"));
    app.rest().await;
    let shown = ada.view(&order).await;
    assert_eq!((text(&shown, "total"), text(&shown["payment"], "refunded")), ("76.87", "23.68"));
    assert_eq!(app.units(&mug).await, before.and(-3, 3, 0));

    // Staff charge what no table says, and take it off again.
    let wrap = json!({"custom_lines": [{"text": "Gift wrap", "amount": "2.50"}], "waive_difference": true, "expected_difference": "0.00"});
    admin.call(Method::POST, &path(&order)).key(&app.new_key()).json(&wrap).send().await.expect(201);
    let mine = ada.view(&order).await;
    let lines = mine["custom_lines"].as_array().unwrap();
    assert_eq!((text(&lines[0], "text"), &lines[1]["waiver"]), ("Gift wrap", &json!(true)));
    assert_eq!((text(&mine, "total"), text(&mine, "extras")), ("76.87", "0.00"));

    let changes = ada.get(&path(&order)).await.expect(200);
    let told: Vec<_> =
        changes["data"].as_array().unwrap().iter().map(|one| (text(one, "status"), text(one, "difference"))).collect();
    assert_eq!(told, [("applied", "23.68"), ("applied", "23.68"), ("applied", "-23.68"), ("applied", "0.00")]);
    assert_eq!(text(&changes["data"][2], "reason"), "one is enough");
    admin.move_to(&order, &["processing", "shipped"]).await;
    app.rest().await;
    assert_eq!(app.units(&mug).await, before.and(-3, 0, 3));
    let told = app.told(&order, "email").await;
    let of_changes: Vec<_> = told.iter().filter(|kind| kind.contains("change")).cloned().collect();
    assert_eq!(of_changes, ["changed", "change_offered", "changed", "changed", "changed"]);
}

#[tokio::test]
async fn c5_an_offer_that_nobody_pays_lapses_and_can_be_withdrawn() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    ada.pay(&order).await;
    let change = |body: &Value| ada.call(Method::POST, &path(&order)).key(&app.new_key()).json(body).send();
    let more = json!({"add": [{"product_id": TEA, "quantity": 1}], "dry_run": true});
    let difference = text(&change(&more).await.expect(200), "difference").to_owned();
    let more = json!({"add": [{"product_id": TEA, "quantity": 1}], "expected_difference": difference});
    let offered = change(&more).await.expect(201);
    let withdraw = |name: &str| ada.call(Method::DELETE, &format!("{}/{name}", path(&order))).send();
    withdraw("c2").await.problem(404, "not_found");
    withdraw("first").await.problem(404, "not_found");
    let back = withdraw(text(&offered, "change_id")).await.expect(200);
    assert_eq!(back["offered_change"], Value::Null);
    change(&more).await.expect(201);
    app.pass(Duration::from_mins(31)).await;
    assert_eq!(ada.view(&order).await["offered_change"], Value::Null);
    assert_eq!(app.stock(TEA).await.reserved, 0);
    let changes = ada.get(&path(&order)).await.expect(200);
    let reasons: Vec<_> = changes["data"].as_array().unwrap().iter().map(|one| text(one, "lapse_reason")).collect();
    assert_eq!(reasons, ["withdrawn", "expired"]);
    app.finish().await;
}

#[tokio::test]
async fn c2_an_address_becomes_another_and_the_parcel_goes_there() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1)]).await;
    ada.pay(&order).await;
    let mut address = order["shipping_address"].clone();
    address["street_address"] = json!("Invalidenstraße 43");
    address["postal_code"] = json!("10115");
    let body = json!({"shipping_address": address, "expected_difference": "0.00"});
    ada.call(Method::POST, &path(&order)).key("k1").json(&body).send().await.expect(201);
    let shown = ada.view(&order).await;
    assert_eq!(text(&shown["shipping_address"], "street_address"), "Invalidenstraße 43");
    assert_eq!(text(&shown["shipping_address"], "postal_code"), "10115");
    assert_eq!(text(&shown["billing_address"], "postal_code"), "10117");
    // The same key is told the same outcome, another request under it is a mistake.
    let again = ada.call(Method::POST, &path(&order)).key("k1").json(&body).send().await.expect(201);
    assert_eq!(text(&again, "change_id"), "c1");
    let other = json!({"shipping_address": order["shipping_address"], "expected_difference": "0.00"});
    let call = ada.call(Method::POST, &path(&order)).key("k1").json(&other);
    call.send().await.problem(422, "idempotency_mismatch");
    let lost = json!({"shipping_address": {"recipient_name": "Ada", "street_address": "x 1", "city": "Bern", "country": "CH", "postal_code": "1"}, "dry_run": true});
    ada.post(&path(&order), &lost).await.problem(422, "ORD-1002");
    app.finish().await;
}

#[tokio::test]
async fn c4_what_is_wrong_with_a_change_is_said_at_its_place() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(MUG, 1)]).await;
    let line = text(&order["items"][0], "line_id").to_owned();
    for (body, pointer) in [
        (json!({"dry_run": true}), ""),
        (json!({"add": [{"product_id": MUG, "quantity": 1}]}), "/expected_difference"),
        (json!({"add": [{"product_id": MUG, "quantity": 0}], "dry_run": true}), "/add/0/quantity"),
        (json!({"remove": ["x"], "dry_run": true}), "/remove/0"),
        (json!({"remove": [line, line], "dry_run": true}), "/remove/1"),
        (json!({"quantities": [{"line_id": "x", "quantity": 1}], "dry_run": true}), "/quantities/0/line_id"),
        (json!({"promotion_codes": ["NOT-A-CODE"], "expected_difference": "0"}), "/promotion_codes/0"),
        (json!({"shipping_method": "pigeon", "expected_difference": "0"}), "/shipping_method"),
        (json!({"reason": "", "dry_run": true}), "/reason"),
        (json!({"price": "1", "dry_run": true}), "/price"),
    ] {
        let refused = ada.call(Method::POST, &path(&order)).key(&app.new_key()).json(&body).send().await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{body}: {}", refused.text);
    }
    let keyless = json!({"remove": [line], "expected_difference": "-1.00"});
    let refused = ada.post(&path(&order), &keyless).await;
    refused.problem(422, "validation_failed");
    assert!(refused.pointers().contains(&"/Idempotency-Key"));
    let wrap = json!({"custom_lines": [{"text": "x", "amount": "0"}], "dry_run": true});
    ada.post(&path(&order), &wrap).await.problem(403, "forbidden");
    let refused = admin.post(&path(&order), &wrap).await;
    refused.problem(422, "validation_failed");
    assert!(refused.pointers().contains(&"/custom_lines/0/amount"));
    let all = json!({"remove": [line], "dry_run": true});
    assert_eq!(ada.post(&path(&order), &all).await.problem(409, "invalid_transition")["code"], "invalid_transition");
    // A preview says what is short; the change itself is refused.
    let many = json!({"add": [{"product_id": MUG, "quantity": 9_000}], "dry_run": true});
    let told = admin.post(&path(&order), &many).await.expect(200);
    assert_eq!(told["problems"][0]["pointer"], "/add/0/quantity");
    app.finish().await;
}

#[tokio::test]
async fn c4_a_customer_has_the_time_that_the_shop_gives() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(MUG, 2)]).await;
    ada.pay(&order).await;
    app.pass(Duration::from_mins(61)).await;
    let line = text(&order["items"][0], "line_id");
    let body = json!({"quantities": [{"line_id": line, "quantity": 1}], "dry_run": true});
    ada.post(&path(&order), &body).await.problem(409, "invalid_transition");
    admin.post(&path(&order), &body).await.expect(200);
    app.finish().await;
}

#[tokio::test]
async fn c1_a_draft_is_drawn_up_anew_and_its_lines_keep_their_ids() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = draft(&ada, &[(MUG, 2), (TEA, 1)], "d").await;
    let (mug, tea) = (text(&order["items"][0], "line_id"), text(&order["items"][1], "line_id"));
    let body = json!({"remove": [mug], "quantities": [{"line_id": tea, "quantity": 3}], "dry_run": true});
    let seen = text(&ada.post(&path(&order), &body).await.expect(200), "difference").to_owned();
    let body = json!({"remove": [mug], "quantities": [{"line_id": tea, "quantity": 3}], "expected_difference": seen});
    ada.call(Method::POST, &path(&order)).key("d1").json(&body).send().await.expect(201);
    let shown = ada.view(&order).await;
    let items = shown["items"].as_array().unwrap();
    assert_eq!((items.len(), text(&items[0], "line_id"), &items[0]["quantity"]), (1, tea, &json!(3)));
    let submitted = ada.submit(&order).await.expect(200);
    assert_eq!(text(&submitted["items"][0], "line_id"), tea);
    assert_eq!(app.stock(TEA).await.reserved, 3);
    app.finish().await;
}
