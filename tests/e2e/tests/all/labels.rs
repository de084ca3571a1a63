//! Labels of the sandbox carrier: bought, printed, shipped with and delivered; lost, refused and given back (G3–G6, G13).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{TestApp, User, start_app};
use crate::shipments::tea_is_given_up;
use crate::shop::{MUG, POTTERY, TEA, TEA_HOUSE, id, text};
use crate::stage::Stage;

const SIDES: &str = "weight_grams=900&length_mm=300&width_mm=200&height_mm=100";

fn of(order: &Value, what: &str) -> String {
    format!("/api/shipments/{}-S1{what}", id(order))
}

async fn buy(who: &User, order: &Value, service: &str, parcels: usize, key: &str) -> Answer {
    let parcel = json!({"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100});
    let body = json!({"carrier": "sandbox", "service": service, "parcels": vec![parcel; parcels]});
    who.call(Method::POST, &of(order, "/label")).key(key).json(&body).send().await
}

/// An order in preparation.
async fn prepared(app: &TestApp) -> Value {
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 2)]).await;
    ada.pay(&order).await;
    app.settled().await;
    app.admin().move_to(&order, &["processing"]).await;
    order
}

fn charged(app: &TestApp) -> usize {
    app.oms.parts.sandbox.carrier().charged().unwrap()
}

#[tokio::test]
async fn g3_g13_a_label_is_bought_printed_and_carries_its_parcel_to_the_door() {
    let app = start_app().await;
    let (admin, ada, order) = (app.admin(), app.customer("ada"), prepared(&app).await);
    let offers = admin.get(&of(&order, &format!("/rates?{SIDES}"))).await.expect(200);
    let first = &offers["data"][0];
    assert_eq!((text(first, "service"), text(first, "cost"), text(first, "currency")), ("standard", "4.90", "EUR"));
    let label = buy(&admin, &order, "standard", 2, "one").await.expect(201);
    assert_eq!((text(&label, "status"), text(&label, "cost")), ("bought", "9.80"), "{label}");
    assert_eq!(buy(&admin, &order, "standard", 2, "one").await.expect(201)["label_id"], label["label_id"]);
    buy(&admin, &order, "standard", 2, "two").await.problem(409, "invalid_transition");
    assert_eq!(charged(&app), 1);

    // What the link leads to can be printed, and the link ends.
    let url = text(&label["documents"][0], "url").to_owned();
    let printed = reqwest::get(&url).await.unwrap();
    assert_eq!(
        (printed.status().as_u16(), printed.headers()["content-type"].to_str().unwrap()),
        (200, "application/pdf")
    );
    assert!(printed.bytes().await.unwrap().starts_with(b"%PDF-"));
    app.pass(Duration::from_mins(16)).await;
    assert_eq!(reqwest::get(&url).await.unwrap().status().as_u16(), 403);
    let again = admin.get(&of(&order, "/label")).await.expect(200);
    assert_eq!(reqwest::get(text(&again["documents"][0], "url")).await.unwrap().status().as_u16(), 200);

    // It ships with its label, and its carrier delivers it.
    let shipped =
        admin.call(Method::PATCH, &of(&order, "")).json(&json!({"status": "shipped"})).send().await.expect(200);
    let numbers: Vec<&str> =
        shipped["tracking"].as_array().unwrap().iter().map(|own| text(own, "tracking_number")).collect();
    assert_eq!(numbers.len(), 2);
    admin.call(Method::DELETE, &of(&order, "/label")).send().await.problem(409, "invalid_transition");
    for number in numbers {
        let body = json!({"event": "delivered"});
        app.nobody().post(&format!("/dev/parcels/{number}"), &body).await.expect(200);
    }
    assert_eq!(text(&ada.view(&order).await, "status"), "delivered");
    app.finish().await;
}

#[tokio::test]
async fn g3_a_parcel_goes_from_its_label_to_the_door() {
    let app = start_app().await;
    from_the_label_to_the_door(&app).await;
    app.finish().await;
}

/// Also plays against a deployed stack, where another carrier is imitated.
pub(crate) async fn from_the_label_to_the_door(app: &impl Stage) {
    let (ada, admin, mug) = (app.sign_in("ada", "customer").await, app.shop().await, app.product(MUG));
    let order = ada.place(&[(&mug, 1)]).await;
    app.paid(&ada, &order).await;
    admin.move_to(&order, &["processing"]).await;
    let (carrier, service) = app.carrier();
    let offers = admin.get(&of(&order, &format!("/rates?{SIDES}"))).await.expect(200);
    assert!(!offers["data"].as_array().unwrap().is_empty(), "{offers}");
    let parcel = json!({"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100});
    let body = json!({"carrier": carrier, "service": service, "parcels": [parcel]});
    let buy = async |key: &str| {
        let key = format!("{key}-{}", id(&order));
        admin.call(Method::POST, &of(&order, "/label")).key(&key).json(&body).send().await
    };
    // The first is given back, the second is used.
    let first = buy("first").await.expect(201);
    admin.call(Method::DELETE, &of(&order, "/label")).send().await.expect(200);
    let second = buy("second").await.expect(201);
    assert_ne!(first["label_id"], second["label_id"]);
    let printed = reqwest::get(text(&second["documents"][0], "url")).await.unwrap();
    assert_eq!(printed.status().as_u16(), 200, "{}", printed.text().await.unwrap());
    assert!(!printed.bytes().await.unwrap().is_empty());
    admin.call(Method::PATCH, &of(&order, "")).json(&json!({"status": "shipped"})).send().await.expect(200);
    let number = text(&second["tracking"][0], "tracking_number").to_owned();
    for event in ["in_transit", "out_for_delivery", "delivered"] {
        app.nobody().post(&format!("/dev/parcels/{number}"), &json!({"event": event})).await.expect(200);
    }
    assert_eq!(text(&ada.view(&order).await, "status"), "delivered");
    app.rest().await;
}

#[tokio::test]
async fn g13_a_lost_answer_is_looked_for_and_a_vanished_one_holds_the_order() {
    let app = start_app().await;
    let (admin, order) = (app.admin(), prepared(&app).await);
    let label = buy(&admin, &order, "test-lost", 1, "lost").await.expect(202);
    assert_eq!((text(&label, "status"), &label["documents"]), ("requested", &json!([])));
    admin.call(Method::DELETE, &of(&order, "/label")).send().await.problem(409, "invalid_transition");
    app.pass(Duration::from_mins(6)).await;
    let found = admin.get(&of(&order, "/label")).await.expect(200);
    assert_eq!((text(&found, "status"), &found["label_id"], charged(&app)), ("bought", &label["label_id"], 1));
    assert_eq!(found["documents"].as_array().unwrap().len(), 1);
    let back = admin.call(Method::DELETE, &of(&order, "/label")).send().await.expect(200);
    assert_eq!((&back["label"], charged(&app)), (&Value::Null, 0));
    admin.get(&of(&order, "/label")).await.problem(404, "not_found");

    buy(&admin, &order, "test-vanished", 1, "vanished").await.expect(202);
    app.pass(Duration::from_mins(6)).await;
    assert_eq!(text(&admin.get(&of(&order, "/label")).await.expect(200), "status"), "unknown");
    let diagnosis = admin.get(&format!("/api/orders/{}/diagnosis", id(&order))).await.expect(200);
    let codes: Vec<&str> = diagnosis["waits"].as_array().unwrap().iter().map(|wait| text(wait, "code")).collect();
    assert!(codes.contains(&"hold") && codes.contains(&"label_unknown"), "{diagnosis}");
    let step = admin.call(Method::PATCH, &of(&order, "")).json(&json!({"status": "packed"})).send().await;
    step.problem(409, "invalid_transition");
    admin.call(Method::DELETE, &of(&order, "/label")).send().await.expect(200);
    assert_eq!(admin.view(&order).await["holds"], json!([]));
    app.finish().await;
}

#[tokio::test]
async fn g13_a_refusal_and_an_absent_carrier_are_told_and_leave_nothing_behind() {
    let app = start_app().await;
    let (admin, order) = (app.admin(), prepared(&app).await);
    let answer = buy(&admin, &order, "test-refused", 1, "one").await;
    let refused = answer.problem(422, "label_refused");
    assert_eq!(text(refused, "detail"), "the carrier refuses: the recipient's street is not known");
    buy(&admin, &order, "nothing", 1, "two").await.problem(422, "label_refused");
    let away = buy(&admin, &order, "test-unavailable", 1, "three").await;
    assert_eq!((away.status, away.body["code"].as_str()), (503, Some("unavailable")), "{}", away.text);
    admin.get(&of(&order, "/label")).await.problem(404, "not_found");
    let unnamed = admin.call(Method::PATCH, &of(&order, "")).json(&json!({"status": "shipped"})).send().await;
    unnamed.problem(422, "validation_failed");
    // What the shop sells by itself it also ships by itself; others do not learn of it.
    let (own, other) = (app.seller(POTTERY), app.seller(TEA_HOUSE));
    buy(&other, &order, "standard", 1, "four").await.problem(404, "not_found");
    buy(&own, &order, "express", 1, "five").await.expect(201);
    assert_eq!(charged(&app), 1);
    let body = json!({"status": "cancelled"});
    own.call(Method::PATCH, &of(&order, "")).json(&body).send().await.expect(200);
    app.pass(Duration::from_mins(6)).await;
    assert_eq!(charged(&app), 0, "nobody pays for what nobody ships");
    app.finish().await;
}

#[tokio::test]
async fn g3_a_label_needs_a_location_with_an_address() {
    let app = start_app().await;
    let (admin, order) = (app.admin(), prepared(&app).await);
    let table = admin.get("/api/settings/locations").await.expect(200);
    assert_eq!((table["version"].as_u64(), text(&table["content"]["locations"][0], "code")), (Some(1), "main"));
    let put = async |body: &Value, version: &str| {
        let call = admin.call(Method::PUT, "/api/settings/locations").header("if-match", version.as_bytes());
        call.json(body).send().await
    };
    let mut wrong = table["content"].clone();
    wrong["locations"][0]["address"]["postal_code"] = json!("1");
    wrong["locations"][0]["time_zone"] = json!("Mars/Olympus");
    wrong["locations"][0]["phone"] = json!("call me");
    let answer = put(&wrong, "\"1\"").await;
    let refused = answer.problem(422, "validation_failed");
    let pointers: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|error| text(error, "pointer")).collect();
    let place = "/locations/0";
    for field in ["/time_zone", "/address/postal_code", "/phone"] {
        assert!(pointers.contains(&format!("{place}{field}").as_str()), "{pointers:?}");
    }
    put(&table["content"], "\"1\"").await.expect(200);
    put(&json!({"locations": []}), "\"1\"").await.expect(200);
    app.pass(Duration::from_mins(3)).await;
    let answer = buy(&admin, &order, "standard", 1, "one").await;
    let refused = answer.problem(409, "invalid_transition");
    assert!(text(refused, "detail").contains("`main` has no address"), "{refused}");
    app.finish().await;
}

/// Has something happen to a parcel, of which its carrier tells.
async fn happens(app: &impl Stage, number: &str, event: &str) {
    app.nobody().post(&format!("/dev/parcels/{number}"), &json!({"event": event})).await.expect(200);
}

/// A shipment leaves in one parcel with a label of its own; answers with its tracking number.
async fn leaves(app: &impl Stage, who: &User, order: &Value, number: u16) -> String {
    let (carrier, service) = app.carrier();
    let shipment = format!("/api/shipments/{}-S{number}", id(order));
    let parcel = json!({"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100});
    let body = json!({"carrier": carrier, "service": service, "parcels": [parcel]});
    let buy = who.call(Method::POST, &format!("{shipment}/label")).key(&app.new_key());
    buy.json(&body).send().await.expect(201);
    let left = who.call(Method::PATCH, &shipment).json(&json!({"status": "shipped"})).send().await.expect(200);
    text(&left["tracking"][0], "tracking_number").to_owned()
}

#[tokio::test]
async fn g7_g8_carriers_tell_of_three_parcels_one_lost_one_left_at_the_door_one_sent_back() {
    let app = start_app().await;
    three_parcels(&app).await;
    app.finish().await;
}

/// Also plays against a deployed stack, where another carrier is imitated.
pub(crate) async fn three_parcels(app: &impl Stage) {
    let (ada, admin) = (app.sign_in("ada", "customer").await, app.shop().await);
    let (pottery, tea_house) = (app.sign_in_for(POTTERY).await, app.sign_in_for(TEA_HOUSE).await);
    let (mug, tea) = (app.product(MUG), app.product(TEA));
    let (mugs, teas) = (app.units(&mug).await, app.units(&tea).await);
    let order = ada.place(&[(&mug, 2), (&tea, 1)]).await;
    app.paid(&ada, &order).await;
    let shipments = format!("/api/orders/{}/shipments", id(&order));
    for (who, times) in [(&pottery, 2), (&tea_house, 1)] {
        let own = json!({"lines": [{"line_id": who.view(&order).await["items"][0]["line_id"], "quantity": 1}]});
        for _ in 0..times {
            who.post(&shipments, &own).await.expect(201);
        }
    }
    let stands = async || text(&ada.view(&order).await, "status").to_owned();
    let states = async || {
        let shown = admin.get(&shipments).await.expect(200);
        let states = shown["data"].as_array().unwrap().iter().map(|own| text(own, "status").to_owned());
        states.collect::<Vec<_>>()
    };

    // Nobody buys a label for somebody else's units.
    let (carrier, service) = app.carrier();
    let parcel = json!({"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100});
    let foreign = json!({"carrier": carrier, "service": service, "parcels": [parcel]});
    let foreign = tea_house.call(Method::POST, &of(&order, "/label")).key(&app.new_key()).json(&foreign);
    foreign.send().await.problem(404, "not_found");

    let lost = leaves(app, &pottery, &order, 1).await;
    let left_at_the_door = leaves(app, &pottery, &order, 2).await;
    assert_eq!((stands().await.as_str(), app.units(&mug).await), ("processing", mugs.and(-2, 0, 2)));
    let sent_back = leaves(app, &tea_house, &order, 3).await;
    assert_eq!(stands().await, "shipped");

    // One is lost, and goes out again under another number.
    happens(app, &lost, "in_transit").await;
    happens(app, &lost, "lost").await;
    assert_eq!(
        (stands().await.as_str(), states().await),
        ("processing", vec!["lost".to_owned(), "shipped".into(), "shipped".into()])
    );
    pottery.post(&of(&order, "/replacement"), &Value::Null).await.expect(201);
    let again = leaves(app, &pottery, &order, 4).await;
    assert_ne!(again, lost);
    assert_eq!((stands().await.as_str(), app.units(&mug).await), ("shipped", mugs.and(-3, 0, 3)));

    // Two arrive.
    happens(app, &left_at_the_door, "out_for_delivery").await;
    happens(app, &left_at_the_door, "delivered").await;
    happens(app, &again, "delivered").await;
    assert_eq!(
        (stands().await.as_str(), states().await[1].as_str(), states().await[3].as_str()),
        ("shipped", "delivered", "delivered")
    );

    // The third is with its sender again: its units are there, and its money goes back.
    happens(app, &sent_back, "failed").await;
    assert_eq!(states().await[2], "failed");
    happens(app, &sent_back, "return_to_sender").await;
    assert_eq!((stands().await.as_str(), app.units(&tea).await), ("processing", teas.and(-1, 1, 0)));
    tea_is_given_up(app, &order).await;
    assert_eq!((stands().await.as_str(), app.units(&tea).await), ("delivered", teas));
    let expected = [
        "submitted",
        "payment_confirmed",
        "processing_started",
        "shipped",
        "shipped",
        "shipped",
        "shipment_lost",
        "shipped",
        "out_for_delivery",
        "shipment_delivered",
        "shipment_delivered",
        "shipment_failed",
        "delivery_failed",
        "refund_initiated",
        "delivered",
        "refund_completed",
    ];
    assert_eq!(app.told(&order, "email").await, expected);
}
