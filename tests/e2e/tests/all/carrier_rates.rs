//! A shipping method that stands for a carrier's service: quoted at the carrier's price, and ordered at it (G5, A8).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{User, start_app};
use crate::shop::{MUG, cart, text, with};
use crate::stage::Stage;

const SHIPPING: &str = "/api/settings/shipping";

/// A little longer than a changed table is announced.
const ANNOUNCED: Duration = Duration::from_secs(130);

/// What it costs by the table; no carrier takes so much.
const TABLE: &str = "77.77";

async fn set(app: &impl Stage, admin: &User, content: &Value) {
    let now = admin.get(SHIPPING).await;
    let version = now.header("etag").unwrap().to_owned();
    let put = admin.call(Method::PUT, SHIPPING).header("if-match", version.as_bytes()).json(content);
    assert_eq!(put.send().await.expect(200)["content"], *content, "what is shown can be sent back");
    app.pass(ANNOUNCED).await;
}

/// The carried method of a quote.
fn carried(quote: &Value) -> Value {
    let methods = quote["shipping_methods"].as_array().unwrap();
    methods.iter().find(|method| method["code"] == "carried").unwrap_or_else(|| panic!("{quote}")).clone()
}

#[tokio::test]
async fn g5_an_order_costs_what_the_carrier_told_its_quote() {
    let app = start_app().await;
    ordered_at_the_carriers_price(&app).await;
    app.finish().await;
}

/// Also plays against a deployed stack, where another carrier is imitated.
pub(crate) async fn ordered_at_the_carriers_price(app: &impl Stage) {
    let (ada, admin, mug) = (app.sign_in("ada", "customer").await, app.shop().await, app.product(MUG));
    let (carrier, service) = app.carrier();
    let before = admin.get(SHIPPING).await.expect(200)["content"].clone();
    let mut content = before.clone();
    content["methods"].as_array_mut().unwrap().push(json!({
        "code": "carried", "name": "Parcel", "countries": [], "prices": {"EUR": TABLE}, "working_days": {"from": 3, "to": 9},
        "carrier_rate": {"carrier": carrier, "service": service,
            "box": {"weight_grams": 200, "length_mm": 300, "width_mm": 200, "height_mm": 150}},
    }));
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    content["dispatch"] = json!({"time_zone": "Europe/Berlin", "until": "14:00", "days": days,
        "closed": [{"from": "2020-12-24", "to": "2021-01-03"}]});
    set(app, &admin, &content).await;

    let order = with(cart(&[(&mug, 2)]), "/shipping_method", json!("carried"));
    let asked =
        json!({"items": order["items"], "shipping_address": order["shipping_address"], "shipping_method": "carried"});
    let quote = ada.post("/api/quotes", &asked).await.expect(200);
    let method = carried(&quote);
    let (price, rate) = (text(&method, "price"), text(&method, "shipping_rate"));
    assert!(price != TABLE && quote["totals"]["shipping"] == price, "{quote}");
    let estimate = json!({"items": order["items"], "country": "DE", "shipping_method": "carried"});
    let estimate = carried(&ada.post("/api/quotes", &estimate).await.expect(200));
    assert_eq!(
        (text(&estimate, "price"), &estimate["shipping_rate"]),
        (TABLE, &Value::Null),
        "a country is no address"
    );

    // Another cart, and a price that no quote gave.
    let expected = with(order.clone(), "/expected_total", quote["totals"]["total"].clone());
    let heavier = with(with(order.clone(), "/items/0/quantity", json!(3)), "/shipping_rate", json!(rate));
    let forged = with(expected.clone(), "/shipping_rate", json!("A".repeat(38)));
    for (number, body) in [heavier, forged].into_iter().enumerate() {
        let refused = ada.create(&body, &format!("{}-{number}", app.new_key())).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), ["/shipping_rate"]);
    }
    ada.create(&expected, &app.new_key()).await.problem(409, "total_changed");
    let placed = ada.create(&with(expected, "/shipping_rate", json!(rate)), &app.new_key()).await.expect(201);
    assert_eq!((&placed["total"], text(&placed, "shipping")), (&quote["totals"]["total"], price));
    assert_eq!((&placed["delivery_from"], &placed["delivery_to"]), (&method["delivery_from"], &method["delivery_to"]));
    ada.cancel(&placed).await.expect(200);
    set(app, &admin, &before).await;
}
