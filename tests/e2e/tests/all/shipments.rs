//! Two sellers, several parcels, and what becomes of each: status, stock, money and messages at every step (G7, G9–G12).

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{TestApp, User, start_app};
use crate::shop::{MUG, POTTERY, TEA, TEA_HOUSE, id, text};
use crate::stage::Stage;

fn parcel(number: &str) -> Value {
    json!({"status": "shipped", "tracking": [{"carrier": "DHL", "tracking_number": number}]})
}

fn of(order: &Value, number: u16) -> String {
    format!("/api/shipments/{}-S{number}", id(order))
}

async fn moved(who: &User, order: &Value, number: u16, body: &Value) -> Answer {
    who.call(Method::PATCH, &of(order, number)).json(body).send().await
}

async fn stands(who: &User, order: &Value, number: u16, status: &str) -> Value {
    moved(who, order, number, &json!({"status": status})).await.expect(200)
}

async fn status(who: &User, order: &Value) -> String {
    text(&who.view(order).await, "status").to_owned()
}

#[tokio::test]
async fn g10_two_parcels_of_two_sellers_one_is_lost_and_replaced_one_comes_back() {
    let app = start_app().await;
    two_parcels(&app).await;
    app.finish().await;
}

/// Also plays against a deployed stack.
pub(crate) async fn two_parcels(app: &impl Stage) {
    let (ada, admin) = (app.sign_in("ada", "customer").await, app.shop().await);
    let (pottery, tea_house) = (app.sign_in_for(POTTERY).await, app.sign_in_for(TEA_HOUSE).await);
    let (mug, tea) = (app.product(MUG), app.product(TEA));
    let (mugs, teas) = (app.units(&mug).await, app.units(&tea).await);
    let order = ada.place(&[(&mug, 2), (&tea, 1)]).await;
    app.paid(&ada, &order).await;
    let shipments = format!("/api/orders/{}/shipments", id(&order));

    // A seller begins with their own units, and the other plans theirs; nobody reaches into the other's.
    let lines = pottery.view(&order).await["items"].clone();
    let own = json!({"lines": [{"line_id": lines[0]["line_id"], "quantity": 2}]});
    tea_house.post(&shipments, &own).await.problem(404, "not_found");
    let planned = pottery.post(&shipments, &own).await.expect(201);
    assert_eq!((text(&planned, "status"), planned["lines"][0]["quantity"].as_u64()), ("planned", Some(2)));
    assert_eq!(status(&ada, &order).await, "processing");
    let lines = tea_house.view(&order).await["items"].clone();
    let own = json!({"lines": [{"line_id": lines[0]["line_id"], "quantity": 1}], "location": "pier-7"});
    tea_house.post(&shipments, &own).await.expect(201);
    moved(&tea_house, &order, 1, &json!({"status": "packed"})).await.problem(404, "not_found");
    assert_eq!(tea_house.get(&shipments).await.expect(200)["data"].as_array().unwrap().len(), 1);
    assert_eq!(admin.get(&shipments).await.expect(200)["data"].as_array().unwrap().len(), 2);

    // Each ships by themselves; the order has shipped when both have.
    stands(&pottery, &order, 1, "packed").await;
    moved(&pottery, &order, 1, &parcel("JD01")).await.expect(200);
    assert_eq!((status(&ada, &order).await.as_str(), app.units(&mug).await), ("processing", mugs.and(-2, 0, 2)));
    moved(&tea_house, &order, 2, &parcel("JD02")).await.expect(200);
    assert_eq!(status(&ada, &order).await, "shipped");

    // One is lost: it waits for a person, who sends it again.
    stands(&pottery, &order, 1, "lost").await;
    assert_eq!((status(&ada, &order).await.as_str(), app.units(&mug).await), ("processing", mugs.and(-2, 0, 2)));
    let diagnosis = admin.get(&format!("/api/orders/{}/diagnosis", id(&order))).await.expect(200);
    assert_eq!(diagnosis["waits"][0]["code"], "lost", "{diagnosis}");
    let replacement = pottery.post(&format!("{}/replacement", of(&order, 1)), &Value::Null).await.expect(201);
    assert!(text(&replacement, "shipment_id").ends_with("-S3"), "{replacement}");
    assert_eq!(app.units(&mug).await, mugs.and(-4, 2, 2));
    moved(&pottery, &order, 3, &parcel("JD03")).await.expect(200);
    stands(&pottery, &order, 3, "delivered").await;
    assert_eq!((status(&ada, &order).await.as_str(), app.units(&mug).await), ("shipped", mugs.and(-4, 0, 4)));

    // The other comes back, and its money goes back: the customer has all that will come.
    stands(&tea_house, &order, 2, "failed").await;
    stands(&tea_house, &order, 2, "returned").await;
    assert_eq!((status(&ada, &order).await.as_str(), app.units(&tea).await), ("processing", teas.and(-1, 1, 0)));
    tea_is_given_up(app, &order).await;
    assert_eq!((status(&ada, &order).await.as_str(), app.units(&tea).await), ("delivered", teas));

    let told = app.told(&order, "email").await;
    let expected = [
        "submitted",
        "payment_confirmed",
        "processing_started",
        "shipped",
        "shipped",
        "shipment_lost",
        "shipped",
        "shipment_delivered",
        "shipment_failed",
        "delivery_failed",
        "refund_initiated",
        "delivered",
        "refund_completed",
    ];
    assert_eq!(told, expected);
}

/// The money for the tea of an order goes back, as nobody will send it again.
pub(crate) async fn tea_is_given_up(app: &impl Stage, order: &Value) {
    let (admin, tea) = (app.shop().await, app.product(TEA));
    let all = admin.view(order).await["items"].clone();
    let line = all.as_array().unwrap().iter().find(|line| line["product_id"] == *tea).unwrap()["line_id"].clone();
    let refund = json!({"lines": [{"line_id": line, "quantity": 1}], "reason": "nobody was at home"});
    let refunds = format!("/api/orders/{}/refunds", id(order));
    admin.call(Method::POST, &refunds).key(&app.new_key()).json(&refund).send().await.expect(201);
    app.rest().await;
    let paid = admin.view(order).await["payment"].clone();
    assert_eq!((text(&paid, "status"), text(&paid, "refunded")), ("partially_refunded", "9.52"));
}

async fn a_paid_order(app: &TestApp, items: &[(&str, u32)]) -> Value {
    let ada = app.customer("ada");
    let order = ada.place(items).await;
    ada.pay(&order).await;
    app.settled().await;
    order
}

#[tokio::test]
async fn g11_a_held_order_stands_still_and_says_why() {
    let app = start_app().await;
    let admin = app.admin();
    let order = a_paid_order(&app, &[(MUG, 1)]).await;
    let place = format!("/api/orders/{}/holds", id(&order));
    let answer = admin.post(&place, &json!({"reason": "address", "note": "which door?"})).await.expect(201);
    let hold = text(&answer["holds"][0], "hold_id").to_owned();
    assert_eq!((text(&answer["holds"][0], "reason"), text(&answer["holds"][0], "note")), ("address", "which door?"));
    assert!(!answer["allowed_actions"].as_array().unwrap().contains(&json!("process")), "{answer}");
    admin.moving(&order, "processing").send().await.problem(409, "invalid_transition");
    assert_eq!(app.customer("ada").view(&order).await["holds"], json!([]), "it is the shop's business");
    admin.post(&place, &json!({"reason": "dispute"})).await.problem(422, "validation_failed");
    admin.call(Method::DELETE, &format!("{place}/h999")).send().await.problem(404, "not_found");
    let released = admin.call(Method::DELETE, &format!("{place}/{hold}")).send().await.expect(200);
    assert_eq!(released["holds"], json!([]));
    admin.move_to(&order, &["processing", "shipped", "delivered"]).await;
    app.finish().await;
}

#[tokio::test]
async fn g12_a_pick_list_sums_what_has_yet_to_leave() {
    let app = start_app().await;
    let admin = app.admin();
    for _ in 0..2 {
        let order = a_paid_order(&app, &[(MUG, 2), (TEA, 1)]).await;
        admin.move_to(&order, &["processing"]).await;
    }
    let list = admin.get("/api/shipments?view=pick-list").await.expect(200);
    assert_eq!(list["view"], "pick-list");
    let picks: Vec<(&str, u64, usize)> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pick| {
            (text(pick, "sku"), pick["quantity"].as_u64().unwrap(), pick["shipments"].as_array().unwrap().len())
        })
        .collect();
    assert_eq!(picks, [("MUG-BLUE-350", 4, 2), ("TEA-EARL-100", 2, 2)]);
    let own = app.seller(TEA_HOUSE).get("/api/shipments").await.expect(200);
    assert_eq!(own["view"], "shipments");
    assert_eq!(own["data"].as_array().unwrap().len(), 2);
    assert!(own["data"].as_array().unwrap().iter().all(|own| own["seller_id"] == TEA_HOUSE), "{own}");
    app.seller(TEA_HOUSE).get(&format!("/api/shipments?seller_id={POTTERY}")).await.problem(404, "not_found");
    let first = admin.get("/api/shipments?limit=1").await.expect(200);
    let next = text(&first, "next_cursor");
    admin.get(&format!("/api/shipments?limit=1&status=lost&cursor={next}")).await.problem(400, "malformed_request");
    for (query, pointer) in [
        ("status=unpacked", "/status"),
        ("view=everything", "/view"),
        ("limit=201", "/limit"),
        ("location=Berlin", "/location"),
        ("carrier=", "/carrier"),
        ("start_date=yesterday", "/start_date"),
        ("colour=red", "/colour"),
    ] {
        let refused = admin.get(&format!("/api/shipments?{query}")).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), [pointer], "{query}");
    }
    app.finish().await;
}

#[tokio::test]
async fn g10_bad_moves_of_a_shipment_are_told_and_change_nothing() {
    let app = start_app().await;
    let admin = app.admin();
    let order = a_paid_order(&app, &[(MUG, 1)]).await;
    admin.move_to(&order, &["processing"]).await;
    let before = admin.view(&order).await;
    let tracking = json!({"carrier": "DHL", "tracking_number": "JD01"});
    for (body, pointer) in [
        (json!({"status": "shipped"}), "/tracking"),
        (json!({}), "/tracking"),
        (json!({"status": "packed", "tracking": [tracking]}), "/tracking"),
        (json!({"status": "shipped", "tracking": []}), "/tracking"),
        (json!({"status": "shipped", "tracking": [tracking, tracking]}), "/tracking/1"),
        (json!({"status": "shipped", "tracking": [{"carrier": "<b>", "tracking_number": "1"}]}), "/tracking/0/carrier"),
        (json!({"status": "shipped", "tracking": [tracking], "tell_customer": true}), "/tell_customer"),
    ] {
        let refused = moved(&admin, &order, 1, &body).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), [pointer], "{body}");
    }
    moved(&admin, &order, 1, &json!({"status": "delivered"})).await.problem(409, "invalid_transition");
    moved(&admin, &order, 2, &json!({"status": "packed"})).await.problem(404, "not_found");
    for path in ["/api/shipments/nonsense", "/api/shipments/01990000-0000-7000-8000-0000000000ff-S1"] {
        admin.call(Method::PATCH, path).json(&json!({"status": "packed"})).send().await.problem(404, "not_found");
    }
    assert_eq!(admin.view(&order).await, before);
    app.finish().await;
}

#[tokio::test]
async fn g10_tracking_is_corrected_on_record_and_told_if_wanted() {
    let app = start_app().await;
    let admin = app.admin();
    let order = a_paid_order(&app, &[(MUG, 1)]).await;
    admin.move_to(&order, &["processing", "shipped"]).await;
    let other = json!([{"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}]);
    let corrected = moved(&admin, &order, 1, &json!({"tracking": other, "tell_customer": true})).await.expect(200);
    assert_eq!(text(&corrected["tracking"][0], "carrier"), "UPS");
    assert_eq!(text(&app.customer("ada").view(&order).await["tracking"][0], "tracking_number"), "1Z999AA10123456784");
    let told = app.messages(&order).await;
    assert!(told.contains(&"email order.tracking_changed".to_owned()), "{told:?}");
    admin.move_to(&order, &["delivered"]).await;
    app.finish().await;
}

/// When a carrier sees something, so many hours after the story began: scans of another time are of another parcel.
pub(crate) fn later(start: Timestamp, hours: i64) -> String {
    (start + SignedDuration::from_hours(hours)).to_string()
}

async fn pushed(app: &TestApp, number: &str, event: &str, at: &str) -> Value {
    let body = json!({"event": event, "at": at});
    let call = app.nobody().call(Method::POST, &format!("/dev/parcels/{number}")).json(&body);
    call.send().await.expect(200)["answer"]["result"].clone()
}

#[tokio::test]
async fn g6_a_carrier_s_push_delivers_and_late_ones_change_nothing() {
    let app = start_app().await;
    let admin = app.admin();
    let start = app.now();
    let order = a_paid_order(&app, &[(MUG, 1)]).await;
    admin.move_to(&order, &["processing"]).await;
    let parcel = json!({"status": "shipped", "tracking": [{"carrier": "Sandbox", "tracking_number": "SB 0001"}]});
    moved(&admin, &order, 1, &parcel).await.expect(200);
    assert_eq!(pushed(&app, "SB0001", "in_transit", &later(start, 1)).await, "noted");
    assert_eq!(pushed(&app, "SB0001", "in_transit", &later(start, 1)).await, "ignored");
    assert_eq!(pushed(&app, "sb-0001", "out_for_delivery", &later(start, 22)).await, "noted");
    assert_eq!(status(&admin, &order).await, "shipped");
    assert_eq!(pushed(&app, "SB0001", "delivered", &later(start, 25)).await, "noted");
    assert_eq!(status(&admin, &order).await, "delivered");
    assert_eq!(pushed(&app, "SB0001", "failed", &later(start, 23)).await, "noted");
    assert_eq!(status(&admin, &order).await, "delivered");
    assert_eq!(pushed(&app, "SB7777", "delivered", &later(start, 25)).await, "ignored");
    let shown = admin.get(&format!("/api/orders/{}/shipments", id(&order))).await.expect(200);
    let parcel = &shown["data"][0]["tracking"][0];
    assert_eq!((text(parcel, "status"), parcel["scans"].as_array().unwrap().len()), ("delivered", 4), "{parcel}");
    let told = app.messages(&order).await;
    assert_eq!(told.iter().filter(|told| *told == "email order.delivered").count(), 1);
    // Nobody but the carrier tells so.
    let forged = app.nobody().post("/api/carriers/callback/sandbox", &json!({"parcels": []})).await;
    forged.problem(401, "unauthenticated");
    app.nobody().post("/api/carriers/callback/pigeon", &json!({"parcels": []})).await.problem(404, "not_found");
    for (body, pointer) in [(json!({"event": "eaten"}), "/event"), (json!({}), "/event")] {
        let refused = app.nobody().call(Method::POST, "/dev/parcels/SB0001").json(&body).send().await;
        assert!(matches!(refused.status, 400 | 422), "{pointer}: {}", refused.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn g8_a_parcel_that_goes_back_to_its_sender_is_to_be_shipped_again() {
    let app = start_app().await;
    let admin = app.admin();
    let start = app.now();
    let order = a_paid_order(&app, &[(MUG, 2)]).await;
    admin.move_to(&order, &["processing"]).await;
    let parcel = json!({"status": "shipped", "tracking": [{"carrier": "sandbox", "tracking_number": "SB0002"}]});
    moved(&admin, &order, 1, &parcel).await.expect(200);
    pushed(&app, "SB0002", "failed", &later(start, 23)).await;
    let shown = admin.get(&format!("/api/orders/{}/shipments", id(&order))).await.expect(200);
    assert_eq!(text(&shown["data"][0], "status"), "failed");
    pushed(&app, "SB0002", "returning", &later(start, 47)).await;
    // To the sender's door, which the carrier calls delivered.
    pushed(&app, "SB0002", "delivered", &later(start, 71)).await;
    assert_eq!(status(&admin, &order).await, "processing");
    assert_eq!(app.stock(MUG).await.reserved, 2);
    admin.move_to(&order, &["shipped", "delivered"]).await;
    app.finish().await;
}
