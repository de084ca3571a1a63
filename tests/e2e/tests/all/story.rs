//! The story of the README: from the catalog to the door.

use serde_json::{Value, json};

use crate::app::start_app;
use crate::shop::{MUG, POTTERY, TEA, TEA_HOUSE, cart, id, text, with};
use crate::stage::Stage;

fn actions(order: &Value) -> Vec<&str> {
    order["allowed_actions"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_order_goes_from_the_catalogue_to_the_door() {
    let app = start_app().await;
    let order = from_the_catalogue_to_the_door(&app).await;
    let events = app.oms.parts.orders.events(id(&order).parse().unwrap()).await.unwrap();
    let caused = events.iter().filter(|event| event.body.contains("\"cause\":\"tour-1\"")).count();
    assert_eq!(caused, 2, "the correlation id travels with what the request caused");
    app.finish().await;
}

/// Answers with the order as its customer sees it at the end.
#[expect(clippy::too_many_lines, reason = "one story, told from beginning to end")]
pub(crate) async fn from_the_catalogue_to_the_door(app: &impl Stage) -> Value {
    let (ada, admin) = (app.sign_in("ada", "customer").await, app.shop().await);
    let (pottery, harbour) = (app.sign_in_for(POTTERY).await, app.sign_in_for(TEA_HOUSE).await);
    let (mug, provider) = (app.product(MUG), app.provider());
    let before = app.units(&mug).await;
    let all_sees = async |order: &Value| {
        let seen = [&ada, &admin, &pottery].map(|who| async move { actions(&who.view(order).await).join(" ") });
        futures::future::join_all(seen).await
    };

    // The catalog.
    let catalog = ada.get("/api/products").await.expect(200);
    let products = catalog["data"].as_array().unwrap();
    assert_eq!((products.len(), &catalog["has_more"]), (8, &json!(false)));
    let seen = ada.get(&format!("/api/products/{mug}")).await.expect(200);
    assert_eq!((text(&seen, "price"), seen["available"].as_i64()), ("19.90", Some(before.available)));

    // The order.
    let body = with(cart(&[(&mug, 2)]), "/items/0/price", seen["price"].clone());
    let created = ada.creating(&body).key(&app.new_key()).header("x-correlation-id", b"tour-1").send().await;
    assert_eq!(created.header("x-correlation-id"), Some("tour-1"));
    assert_eq!(created.header("cache-control"), Some("no-store"));
    assert_eq!(created.header("etag"), Some("\"2\""));
    assert_eq!(created.header("location"), Some(format!("/api/orders/{}", id(&created.body)).as_str()));
    let location = created.header("location").unwrap().to_owned();
    let order = created.expect(201);
    assert_eq!(
        (&order["status"], &order["version"], text(&order, "user_id")),
        (&json!("pending"), &json!(2), &*ada.id())
    );
    let money = ["subtotal", "discount", "shipping", "tax", "total"].map(|member| text(&order, member));
    assert_eq!(money, ["39.80", "0.00", "4.90", "8.49", "53.19"]);
    assert_eq!(order["payment"], json!({"status": "none", "provider": null, "paid": "0.00", "refunded": "0.00"}));
    assert_eq!(order["billing_address"], order["shipping_address"]);
    assert_eq!(actions(&ada.view(&order).await).join(" "), "pay change cancel");
    assert_eq!(actions(&admin.view(&order).await).join(" "), "pay change cancel hold");
    // What nobody has paid is no business of the seller's.
    pottery.get(&location).await.problem(404, "not_found");
    let viewed = ada.get(&location).await;
    assert_eq!((viewed.header("etag"), &viewed.body), (Some("\"2\""), &order));
    assert_eq!(viewed.header("cache-control"), Some("no-store"));
    assert!(viewed.header("x-correlation-id").is_some_and(|id| !id.is_empty()));
    // By the number that customers quote, as soon as the index knows it.
    let by_number = format!("/api/orders/{}", text(&order, "number"));
    app.rest().await;
    assert_eq!(ada.get(&by_number).await.expect(200), order);
    harbour.get(&by_number).await.problem(404, "not_found");
    harbour.get(&location).await.problem(404, "not_found");
    assert_eq!(app.units(&mug).await, before.and(-2, 2, 0));

    // The payment.
    let opened = ada.paying_with(&order, provider).key(&app.new_key()).send().await.expect(201);
    assert_eq!((text(&opened, "amount"), text(&opened, "currency")), ("53.19", "EUR"));
    assert_eq!((text(&opened, "provider"), text(&opened, "status")), (provider, "requested"));
    let page = text(&opened, "redirect_url");
    let shown = app.http.get(page).send().await.unwrap().text().await.unwrap();
    let amount = if provider == "sandbox" { "Pay 53.19 EUR" } else { "5319 eur" };
    assert!(shown.contains(amount), "{shown}");
    app.act_on_page(page, "succeeded").await;
    app.rest().await;
    let paid = ada.view(&order).await;
    assert_eq!(
        (&paid["status"], &paid["payment"]),
        (
            &json!("confirmed"),
            &json!({"status": "confirmed", "provider": provider, "paid": "53.19", "refunded": "0.00"})
        )
    );
    assert_eq!((&paid["reservation_expires_at"], paid["placed_at"].is_string()), (&Value::Null, true));
    assert_eq!(
        all_sees(&order).await,
        ["change cancel cancel_lines", "change cancel cancel_lines process refund hold", "process"]
    );

    // To the door: the seller prepares, the shop ships, the seller says that it arrived.
    ada.moving(&order, "processing").send().await.problem(403, "forbidden");
    pottery.move_to(&order, &["processing"]).await;
    assert_eq!(all_sees(&order).await, ["cancel cancel_lines", "change cancel cancel_lines ship refund hold", "ship"]);
    let untracked = admin.call(reqwest::Method::PATCH, &format!("{location}/status"));
    let untracked = untracked.json(&json!({"status": "shipped"})).send().await;
    untracked.problem(422, "validation_failed");
    assert_eq!(untracked.pointers(), ["/tracking"]);
    admin.move_to(&order, &["shipped"]).await;
    assert_eq!(all_sees(&order).await, ["", "deliver fail_delivery refund", "deliver fail_delivery"]);
    pottery.move_to(&order, &["delivered"]).await;
    assert_eq!(all_sees(&order).await, ["request_return", "request_return refund", ""]);

    // What the customer sees of it.
    let order = ada.view(&order).await;
    let timeline: Vec<[&str; 3]> = order["status_history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| [text(entry, "status"), text(&entry["actor"], "role"), text(&entry["actor"], "id")])
        .collect();
    assert_eq!(
        timeline,
        [
            ["pending", "customer", &*ada.id()],
            ["confirmed", "provider", provider],
            ["processing", "seller", &*pottery.id()],
            ["shipped", "admin", &*admin.id()],
            ["delivered", "seller", &*pottery.id()],
        ]
    );
    let parcel = &order["tracking"][0];
    assert_eq!((text(parcel, "carrier"), text(parcel, "tracking_number")), ("DHL", "00340434161094042557"));
    assert!(text(parcel, "url").contains("00340434161094042557"));
    for channel in ["email", "sms"] {
        let told = app.told(&order, channel).await;
        let expected = ["submitted", "payment_confirmed", "processing_started", "shipped", "delivered"];
        // Before payment there are no text messages.
        assert_eq!(told, expected[usize::from(channel == "sms")..], "{channel}");
    }
    for message in app.notifications(&order).await {
        let mail = message["channel"] == "email";
        assert_eq!(text(&message, "to"), if mail { "ada@example.com" } else { "+491701234567" });
        assert_eq!(message["subject"].is_string(), mail);
        assert!(text(&message, "body").contains(text(&order, "number")), "{message}");
    }
    assert_eq!(app.units(&mug).await, before.and(-2, 0, 2));
    order
}

#[tokio::test]
async fn an_order_with_goods_of_several_sellers_is_moved_by_the_shop() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let order = ada.place(&[(MUG, 1), (TEA, 2)]).await;
    ada.pay(&order).await;
    for seller in [POTTERY, TEA_HOUSE] {
        let view = app.seller(seller).view(&order).await;
        assert_eq!((actions(&view).len(), &view["contact"], &view["billing_address"]), (0, &Value::Null, &Value::Null));
        app.seller(seller).moving(&order, "processing").send().await.problem(403, "forbidden");
    }
    app.seller("nobody-knows").moving(&order, "processing").send().await.problem(404, "not_found");
    app.admin().move_to(&order, &["processing", "shipped", "delivered"]).await;
    app.finish().await;
}

#[tokio::test]
async fn without_a_phone_number_there_is_no_sms() {
    let app = start_app().await;
    let quiet = with(cart(&[(MUG, 1)]), "/contact/phone", Value::Null);
    let order = app.customer("ada").create(&quiet, "k").await.expect(201);
    assert_eq!(app.messages(&order).await, ["email order.submitted"]);
    app.finish().await;
}

#[tokio::test]
async fn an_admin_orders_for_a_customer_and_a_customer_for_nobody_else() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let for_ada = with(cart(&[(MUG, 1)]), "/user_id", "ada".into());
    let order = admin.create(&for_ada, "k").await.expect(201);
    assert_eq!(text(&ada.view(&order).await, "user_id"), "ada");
    ada.create(&for_ada, "k").await.expect(201);
    app.customer("bob").create(&for_ada, "k").await.problem(403, "forbidden");
    app.seller(POTTERY).create(&cart(&[(MUG, 1)]), "k").await.problem(403, "forbidden");
    app.finish().await;
}
