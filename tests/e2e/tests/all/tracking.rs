//! From the message about a parcel to the customer's door, by the signed link and without signing in (J10, I6).

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, start_app};
use crate::shipments::later;
use crate::shop::{MUG, TEA, id, text, with};
use crate::stage::Stage;

/// An order of ada's that has left in a parcel of the carrier of this machine.
async fn an_order_that_left(app: &TestApp, number: &str) -> Value {
    let order = app.customer("ada").place(&[(MUG, 2), (TEA, 1)]).await;
    app.customer("ada").pay(&order).await;
    app.settled().await;
    app.admin().move_to(&order, &["processing"]).await;
    let shipments = app.admin().get(&format!("/api/orders/{}/shipments", id(&order))).await.expect(200);
    for (place, shipment) in shipments["data"].as_array().unwrap().iter().enumerate() {
        let parcel = json!([{"carrier": "Sandbox", "tracking_number": format!("{number}{place}")}]);
        let path = format!("/api/shipments/{}", text(shipment, "shipment_id"));
        let left = json!({"status": "shipped", "tracking": parcel});
        app.admin().call(Method::PATCH, &path).json(&left).send().await.expect(200);
    }
    app.settled().await;
    order
}

async fn told(app: &TestApp, number: &str, event: &str, at: &str) {
    let path = format!("/dev/parcels/{number}");
    app.nobody().call(Method::POST, &path).json(&json!({"event": event, "at": at})).send().await.expect(200);
}

/// The tracking links of the e-mails about an order, oldest first.
pub(crate) async fn links(app: &TestApp, order: &Value, event: &str) -> Vec<String> {
    let base = format!("{}/api/track/", app.base);
    let messages = app.notifications(order).await;
    let about =
        messages.iter().filter(|message| (text(message, "channel"), text(message, "event")) == ("email", event));
    about
        .filter_map(|message| {
            let (_, rest) = text(message, "body").split_once(&base)?;
            Some(format!("/api/track/{}", rest.split_whitespace().next()?))
        })
        .collect()
}

#[tokio::test]
async fn j10_i6_a_customer_follows_parcels_from_the_message_to_the_door() {
    let app = start_app().await;
    let start = app.now();
    let order = an_order_that_left(&app, "SB-T").await;
    let links = links(&app, &order, "order.shipped").await;
    assert_eq!(links.len(), 2, "each of the two parcels was told");
    let link = links.first().unwrap();
    let anybody = app.nobody();
    let answer = anybody.get(link).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    let before = answer.expect(200);
    assert_eq!((text(&before, "number"), text(&before, "status")), (text(&order, "number"), "shipped"));
    assert_eq!(before["items"].as_array().unwrap().len(), 2);
    let parcel = &before["shipments"][0]["parcels"][0];
    assert_eq!((text(parcel, "tracking_number"), &parcel["status"]), ("SB-T0", &Value::Null));

    told(&app, "SBT0", "in_transit", &later(start, 19)).await;
    let moving = anybody.get(link).await.expect(200);
    let parcel = &moving["shipments"][0]["parcels"][0];
    assert_eq!((text(parcel, "status"), text(&parcel["scans"][0], "status")), ("in_transit", "in_transit"));
    assert_eq!(moving["shipments"][1]["parcels"][0]["scans"], json!([]));
    told(&app, "SBT0", "delivered", &later(start, 49)).await;
    let part = anybody.get(link).await.expect(200);
    assert_eq!((text(&part, "status"), text(&part["shipments"][0], "status")), ("shipped", "delivered"));
    assert_eq!(part["shipments"][0]["delivered_at"], later(start, 49));
    told(&app, "SBT1", "delivered", &later(start, 71)).await;
    for link in &links {
        let after = anybody.get(link).await.expect(200);
        assert_eq!(text(&after, "status"), "delivered");
        let history = after["status_history"].as_array().unwrap();
        assert_eq!(text(history.last().unwrap(), "status"), "delivered");
    }
    // Whoever is signed in as somebody else sees the same: the link is the proof.
    let shown = app.customer("bob").get(link).await;
    for secret in
        ["ada", "Ada", "Lovelace", "example.com", "+49", "10117", "Unter den Linden", "19.90", "EUR", "north-"]
    {
        assert!(!shown.text.contains(secret), "{secret}: {}", shown.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn j10_i6_the_link_of_a_message_opens_and_a_changed_one_does_not() {
    let app = start_app().await;
    followed_without_signing_in(&app).await;
    app.finish().await;
}

/// Also plays against a deployed stack.
pub(crate) async fn followed_without_signing_in(app: &impl Stage) {
    let (ada, admin) = (app.sign_in("ada", "customer").await, app.shop().await);
    let order = ada.place(&[(&app.product(MUG), 1)]).await;
    app.paid(&ada, &order).await;
    admin.move_to(&order, &["processing", "shipped"]).await;
    app.rest().await;
    let messages = app.notifications(&order).await;
    let shipped = messages
        .iter()
        .find(|message| (text(message, "channel"), text(message, "event")) == ("email", "order.shipped"))
        .expect("the customer was told");
    let (_, rest) = text(shipped, "body").split_once("/api/track/").expect("a tracking link");
    let token = rest.split_whitespace().next().unwrap();
    let seen = app.nobody().get(&format!("/api/track/{token}")).await.expect(200);
    assert_eq!((text(&seen, "number"), text(&seen, "status")), (text(&order, "number"), "shipped"));
    assert_eq!(seen["shipments"][0]["parcels"][0]["carrier"], "DHL");
    let changed = format!("{}{}", &token[..token.len() - 1], if token.ends_with('A') { "B" } else { "A" });
    app.nobody().get(&format!("/api/track/{changed}")).await.problem(404, "not_found");
    admin.move_to(&order, &["delivered"]).await;
}

#[tokio::test]
async fn j10_whatever_is_not_a_link_of_ours_is_not_found_and_told_alike() {
    let app = start_app().await;
    let order = an_order_that_left(&app, "SB-U").await;
    let good = app.tracking_token(&order, SignedDuration::ZERO);
    app.nobody().get(&format!("/api/track/{good}")).await.expect(200);
    let expired = app.tracking_token(&order, SignedDuration::from_hours(24 * 92));
    let none = with(order.clone(), "/id", json!("01990000-0000-7000-8000-0000000000ff"));
    let nobody_s = app.tracking_token(&none, SignedDuration::ZERO);
    let mut changed = good.clone();
    changed.replace_range(9..10, if &good[9..10] == "A" { "B" } else { "A" });
    let mut bad = vec![expired, nobody_s, changed, id(&order).to_owned(), text(&order, "number").to_owned()];
    bad.extend(["x", "%00", "%FF%FE", "%2e%2e%2f", "%F0%9F%98%80", "null", "%20"].map(ToOwned::to_owned));
    bad.extend([format!("{good}A"), good[1..].to_owned(), format!("{good}%3D"), "A".repeat(44), "A".repeat(4_000)]);
    let mut answers = Vec::new();
    for token in &bad {
        let refused = app.nobody().get(&format!("/api/track/{token}")).await;
        answers.push(with(refused.problem(404, "not_found").clone(), "/trace_id", Value::Null));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    for method in [Method::POST, Method::DELETE] {
        app.nobody().call(method, &format!("/api/track/{good}")).send().await.problem(404, "not_found");
    }
    for place in 0..2 {
        told(&app, &format!("SBU{place}"), "delivered", &later(app.now(), 0)).await;
    }
    app.finish().await;
}

/// The carrier loses its pushes; it is asked after the parcel a day later (G8).
#[tokio::test]
async fn g8_what_a_carrier_tells_nobody_is_asked_for_after_a_day() {
    let app = start_app().await;
    let order = an_order_that_left(&app, "SB-Q").await;
    for place in 0..2 {
        let path = format!("/dev/parcels/SB-Q{place}");
        for event in ["in_transit", "delivered"] {
            let kept = json!({"event": event, "silent": true});
            let told = app.nobody().call(Method::POST, &path).json(&kept).send().await.expect(200);
            assert_eq!(told, json!({"pushed": null, "answer": null}));
        }
    }
    app.pass(Duration::from_hours(23)).await;
    assert_eq!(text(&app.customer("ada").view(&order).await, "status"), "shipped");
    app.pass(Duration::from_hours(2)).await;
    let found = app.customer("ada").view(&order).await;
    assert_eq!(text(&found, "status"), "delivered");
    let by_whom = &found["status_history"].as_array().unwrap().last().unwrap()["actor"];
    assert_eq!(text(by_whom, "id"), "sandbox", "{by_whom}");
    let messages = app.notifications(&order).await;
    assert_eq!(
        messages.iter().filter(|message| text(message, "event") == "order.delivered").count(),
        2,
        "e-mail and SMS"
    );
    app.finish().await;
}

/// The page of the carrier of this machine shows its parcels and moves them by its buttons.
#[tokio::test]
async fn parcels_are_moved_by_the_buttons_of_their_page() {
    let app = start_app().await;
    let page = async || {
        let answer = reqwest::get(format!("{}/dev/carriers", app.base)).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        answer.text().await.unwrap()
    };
    assert!(page().await.contains("There are no parcels yet"));
    let order = an_order_that_left(&app, "SB-P").await;
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let press = async |number: &str, form: &str| {
        let request = browser.post(format!("{}/dev/parcels/{number}", app.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()))
    };
    let to_the_page = (303, Some("/dev/carriers".to_owned()));
    assert_eq!(press("SB-P0", "event=delivered").await, to_the_page);
    assert_eq!(press("SB-P1", "event=out_for_delivery&silent=true").await, to_the_page);
    for form in ["event=eaten", "", "silent=true", "event=lost&number=1"] {
        assert_eq!(press("SB-P1", form).await.0, 400, "{form}");
    }
    let shown = page().await;
    assert!(
        shown.contains("SBP0") && shown.contains("delivered<br>") && shown.contains("out for delivery<br>"),
        "{shown}"
    );
    let shipments = app.admin().get(&format!("/api/orders/{}/shipments", id(&order))).await.expect(200);
    let states: Vec<_> = shipments["data"].as_array().unwrap().iter().map(|own| text(own, "status")).collect();
    assert_eq!(states, ["delivered", "shipped"], "one was told, the other was not");
    app.finish().await;
}
