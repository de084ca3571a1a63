//! What operators see: one request followed through everything (P1), figures (P2, P4), and nothing about anybody (O15).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{TestApp, User, start_app};
use crate::logs::Logs;
use crate::shop::{MUG, TEA, cart, id, text, with};

/// Found in no log, whatever it stands in.
const PERSONAL: [&str; 6] =
    ["Quatermass", "zebulon", "4915112345678", "Wunderlandgasse", "Entenhausen", "98765-geheim"];

fn a_person_s_cart() -> Value {
    let body = with(cart(&[(MUG, 2)]), "/contact/name", json!("Zebulon Quatermass"));
    let body = with(body, "/contact/email", json!("zebulon@quatermass.example"));
    let body = with(body, "/contact/phone", json!("+4915112345678"));
    let body = with(body, "/shipping_address/recipient_name", json!("Zebulon Quatermass"));
    let body = with(body, "/shipping_address/street_address", json!("Wunderlandgasse 17"));
    with(body, "/shipping_address/city", json!("Entenhausen"))
}

/// The functions that logged something on behalf of a request.
fn functions_behind(lines: &[String], correlation_id: &str) -> BTreeSet<String> {
    let mut functions = BTreeSet::new();
    for line in lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let none = Vec::new();
        let spans = line["spans"].as_array().unwrap_or(&none);
        let own = spans.iter().any(|span| span["correlation_id"] == correlation_id);
        if own || line["fields"]["correlation_id"] == correlation_id {
            functions.extend(spans.iter().filter_map(|span| span["function"].as_str()).map(ToOwned::to_owned));
        }
    }
    functions
}

/// Ordered, paid and cancelled, each under its own correlation id.
async fn a_cancelled_order(app: &TestApp, customer: &User) -> Value {
    let created = customer.creating(&a_person_s_cart()).key("one").header("x-correlation-id", b"story-create");
    let created = created.send().await;
    assert_eq!(created.header("x-correlation-id"), Some("story-create"));
    let order = created.expect(201);
    let opened = customer.paying(&order).key("pay").header("x-correlation-id", b"story-pay").send().await.expect(201);
    app.settle_page(text(&opened, "payment_id"), "succeeded").await;
    app.settled().await;
    customer.cancelling(&order).header("x-correlation-id", b"story-cancel").send().await.expect(200);
    app.settled().await;
    order
}

#[tokio::test]
async fn p1_a_request_is_followed_through_stream_topic_queues_and_calls() {
    let logs = Logs::default();
    let _listening = logs.listen();
    let app = start_app().await;
    a_cancelled_order(&app, &app.customer("c-77")).await;
    let lines = logs.lines();
    for (correlation_id, functions) in [
        ("story-create", ["create-order", "notify", "relay", "screen-order"].as_slice()),
        ("story-pay", &["pay-order", "relay"]),
        ("story-cancel", &["cancel-order", "notify", "refund", "relay"]),
    ] {
        let seen = functions_behind(&lines, correlation_id);
        for function in functions {
            assert!(seen.contains(*function), "{function} says nothing on behalf of {correlation_id}: {seen:?}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn o15_nothing_about_a_person_is_logged() {
    let logs = Logs::default();
    let _listening = logs.listen();
    let app = start_app().await;
    let (customer, admin) = (app.customer("c-77"), app.admin());
    a_cancelled_order(&app, &customer).await;
    let order = customer.create(&with(a_person_s_cart(), "/items/0/quantity", json!(1)), "two").await.expect(201);
    customer.pay(&order).await;
    admin.move_to(&order, &["processing", "shipped", "delivered"]).await;
    // What is refused is not quoted.
    let wrong = with(a_person_s_cart(), "/shipping_address/postal_code", json!("98765-geheim"));
    customer.create(&wrong, "three").await.any_problem();
    let mail =
        customer.creating(&a_person_s_cart()).key("one").header("x-correlation-id", b"zebulon@quatermass.example");
    assert_ne!(mail.send().await.header("x-correlation-id"), Some("zebulon@quatermass.example"));
    app.settled().await;
    let told = app.notifications(&order).await;
    assert!(told.iter().any(|message| message.to_string().contains("zebulon@quatermass.example")), "{told:?}");
    let lines = logs.lines();
    assert!(lines.len() > 50, "only {} lines", lines.len());
    for line in &lines {
        for word in PERSONAL {
            assert!(!line.to_lowercase().contains(&word.to_lowercase()), "{word} in {line}");
        }
    }
    app.finish().await;
}

/// What was told of a figure, by its name.
fn told(lines: &[String], name: &str) -> Vec<String> {
    let start = format!("{name}=");
    let values = lines.iter().flat_map(|line| line.split([' ', '"'])).filter_map(|word| word.strip_prefix(&start));
    values.map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn p4_the_business_is_counted_once_per_fact_and_not_per_request() {
    let logs = Logs::default();
    let _listening = logs.listen();
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let body = cart(&[(MUG, 2)]);
    let delivered = ada.create(&body, "one").await.expect(201);
    assert_eq!(id(&ada.create(&body, "one").await.expect(201)), id(&delivered));
    ada.pay(&delivered).await;
    app.advance(Duration::from_hours(2)).await;
    admin.move_to(&delivered, &["processing", "shipped", "delivered"]).await;
    let cancelled = ada.place(&[(TEA, 1)]).await;
    ada.cancel(&cancelled).await.expect(200);
    ada.place(&[(TEA, 2)]).await;
    let paid = ada.place(&[(TEA, 3)]).await;
    ada.pay(&paid).await;
    // The one that nobody paid is cancelled by its deadline, the other one is still active and is counted afterwards.
    app.advance(Duration::from_hours(1)).await;
    app.advance(Duration::from_mins(15)).await;

    let lines = logs.lines();
    assert_eq!(told(&lines, "orders_created_total").len(), 4);
    assert_eq!(told(&lines, "orders_completed_total"), ["1"]);
    assert_eq!(told(&lines, "orders_cancelled_total").len(), 2);
    assert_eq!(told(&lines, "order_value")[0], text(&delivered, "total"));
    let seconds: Vec<u64> =
        told(&lines, "order_processing_duration").iter().map(|value| value.parse().unwrap()).collect();
    assert!(seconds.len() == 1 && (7200..7300).contains(&seconds[0]), "{seconds:?}");
    assert_eq!(told(&lines, "active_orders").last().map(String::as_str), Some("1"));
    assert!(told(&lines, "stuck_orders").is_empty());
    assert!(told(&lines, "duration").len() > 20);
    assert!(told(&lines, "errors").is_empty(), "nothing failed");
    // Confirmed for more than two days: somebody should look.
    app.advance(Duration::from_hours(50)).await;
    assert_eq!(told(&logs.lines(), "stuck_orders").last().map(String::as_str), Some("1"));
    app.finish().await;
}
