//! What people note about an order: notes, tags, who looks after it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, POTTERY, TEA, id, text};

fn path(order: &Value, last: &str) -> String {
    format!("/api/orders/{}/{last}", id(order))
}

async fn add(user: &User, order: &Value, text: &str, visibility: &str) -> Answer {
    user.post(&path(order, "notes"), &json!({"text": text, "visibility": visibility})).await
}

/// The texts that somebody reads.
async fn read_by(user: &User, order: &Value) -> Vec<String> {
    let notes = user.get(&path(order, "notes")).await.expect(200);
    let in_order = user.view(order).await["notes"].clone();
    assert_eq!(notes["data"], in_order, "the order shows the same");
    in_order.as_array().unwrap().iter().map(|note| text(note, "text").to_owned()).collect()
}

async fn a_paid_order(app: &TestApp) -> Value {
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1), (TEA, 1)]).await;
    ada.pay(&order).await;
    app.settled().await;
    order
}

#[tokio::test]
async fn k3_the_shop_notes_for_itself_and_for_the_customer_and_sellers_for_theirs() {
    let app = start_app().await;
    let (ada, admin, pottery) = (app.customer("ada"), app.admin(), app.seller(POTTERY));
    let order = a_paid_order(&app).await;
    let told = app.notifications(&order).await.len();
    let noted = add(&admin, &order, "Ada called: +49 170 1234567", "private").await;
    assert_eq!(noted.header("location"), Some(path(&order, "notes").as_str()));
    let body = noted.expect(201);
    assert_eq!((text(&body, "visibility"), text(&body["author"], "role")), ("private", "admin"));
    add(&admin, &order, "Yours leaves on Friday.", "customer").await.expect(201);
    add(&pottery, &order, "one mug is chipped", "private").await.expect(201);
    assert_eq!(read_by(&ada, &order).await, ["Yours leaves on Friday."]);
    assert_eq!(read_by(&pottery, &order).await, ["Yours leaves on Friday.", "one mug is chipped"]);
    assert_eq!(read_by(&admin, &order).await.len(), 3);
    app.customer("bob").get(&path(&order, "notes")).await.problem(404, "not_found");
    add(&ada, &order, "hello", "customer").await.problem(403, "forbidden");
    app.settled().await;
    assert_eq!(app.notifications(&order).await.len(), told, "no message is sent");
    app.finish().await;
}

#[tokio::test]
async fn k3_a_note_is_added_once_under_its_key_and_on_what_was_seen() {
    let app = start_app().await;
    let admin = app.admin();
    let order = a_paid_order(&app).await;
    let body = json!({"text": "once", "visibility": "private"});
    let send = || admin.call(Method::POST, &path(&order, "notes")).key("one").json(&body);
    let first = send().send().await.expect(201);
    let again = send().send().await.expect(201);
    assert_eq!(first, again);
    let other = admin.call(Method::POST, &path(&order, "notes")).key("one");
    let other = other.json(&json!({"text": "twice", "visibility": "private"})).send().await;
    other.problem(422, "idempotency_mismatch");
    let stale = admin.call(Method::POST, &path(&order, "notes")).header("if-match", b"\"1\"").json(&body).send().await;
    stale.problem(412, "version_conflict");
    assert_eq!(read_by(&admin, &order).await, ["once"]);
    app.finish().await;
}

#[tokio::test]
async fn k1_admins_tag_an_order_and_say_who_looks_after_it() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = a_paid_order(&app).await;
    let put = async |last: &str, version: u64, body: Value| {
        let call = admin.call(Method::PUT, &path(&order, last)).header("if-match", format!("\"{version}\"").as_bytes());
        call.json(&body).send().await
    };
    let seen = admin.view(&order).await["version"].as_u64().unwrap();
    let tagged = put("tags", seen, json!({"tags": ["wholesale", "fragile", "wholesale"]})).await.expect(200);
    assert_eq!((&tagged["tags"], &tagged["version"]), (&json!(["wholesale", "fragile"]), &json!(seen + 1)));
    put("tags", seen, json!({"tags": ["mine"]})).await.problem(412, "version_conflict");
    let same = put("tags", seen + 1, json!({"tags": ["wholesale", "fragile"]})).await.expect(200);
    assert_eq!(same["version"], seen + 1, "nothing has changed");
    let assigned = put("assignee", seen + 1, json!({"assignee": "grace"})).await.expect(200);
    assert_eq!((&assigned["assignee"], &assigned["version"]), (&json!("grace"), &json!(seen + 2)));
    let mine = ada.view(&order).await;
    assert_eq!((&mine["assignee"], &mine["tags"]), (&Value::Null, &json!([])), "that is the shop's business");
    let nobody = put("assignee", seen + 2, json!({"assignee": null})).await.expect(200);
    assert_eq!(nobody["assignee"], Value::Null);
    assert_eq!(put("tags", seen + 3, json!({"tags": []})).await.expect(200)["tags"], json!([]));
    app.finish().await;
}
