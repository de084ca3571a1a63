//! Nobody can buy what is not there.

use futures::future::join_all;
use oms_domain::catalog::Product;
use oms_domain::ordering::MAX_LINES;
use reqwest::Method;
use serde_json::json;

use crate::app::start_app;
use crate::shop::{KETTLE, LAST_BOWL, MUG, NO_PRODUCT, PRINT, SAND_MUG, cart, id, text, with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a10_a_hundred_concurrent_orders_for_fifty_units_make_exactly_fifty_orders() {
    let app = start_app().await;
    let customers: Vec<_> = (0..100).map(|number| app.customer(&format!("customer-{number}"))).collect();
    let body = cart(&[(PRINT, 1)]);
    let answers = join_all(customers.iter().map(|customer| customer.post("/api/orders", &body))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (50, 50));
    for answer in &refused {
        let code = answer.any_problem()["code"].as_str().unwrap();
        assert!(answer.status == 409 && ["ORD-1001", "ORD-2002"].contains(&code), "{}", answer.text);
    }
    let stock = app.stock(PRINT).await;
    assert_eq!((stock.available, stock.reserved), (0, 50));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_the_last_unit_is_sold_once_and_others_are_suggested_instead() {
    let app = start_app().await;
    let customers: Vec<_> = (0..20).map(|number| app.customer(&format!("customer-{number}"))).collect();
    let body = cart(&[(LAST_BOWL, 1), (MUG, 1)]);
    let answers = join_all(customers.iter().map(|customer| customer.post("/api/orders", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let late = app.customer("late").post("/api/orders", &body).await;
    let problem = late.problem(409, "ORD-1001");
    assert_eq!(late.pointers(), ["/items/0/quantity"]);
    let alternatives: Vec<_> =
        problem["alternatives"].as_array().unwrap().iter().map(|other| other["product_id"].as_str().unwrap()).collect();
    assert!(alternatives.contains(&SAND_MUG), "{alternatives:?}");
    assert!(!alternatives.contains(&LAST_BOWL) && !alternatives.contains(&MUG), "{alternatives:?}");
    app.finish().await;
}

/// The whole life of hot stock through the front door: flagged, rushed for, sold out, cooled down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f2_a_hot_product_is_sold_out_to_the_last_unit_and_not_beyond() {
    let app = start_app().await;
    let (admin, path) = (app.admin(), format!("/api/products/{PRINT}"));
    let flag = async |hot: bool| {
        let changed = admin.call(Method::PATCH, &path).json(&json!({ "hot": hot })).send().await.expect(200);
        assert_eq!(changed["hot"], hot);
    };
    flag(true).await;
    let customers: Vec<_> = (0..80).map(|number| app.customer(&format!("customer-{number}"))).collect();
    let body = cart(&[(PRINT, 1)]);
    let buying = customers.iter().map(async |customer| {
        for attempt in 0..50 {
            let answer = customer.create(&body, &format!("rush-{attempt}")).await;
            if answer.body["code"] != "ORD-2002" {
                return answer;
            }
        }
        panic!("always told to come again");
    });
    let answers = join_all(buying).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (50, 30));
    for answer in refused {
        answer.problem(409, "ORD-1001");
    }
    customers[0].get(&path).await.expect(200);
    let first = made[0].body.clone();
    let owner = app.customer(text(&first, "user_id"));
    owner.cancel(&first).await.expect(200);
    assert_eq!(app.stock(PRINT).await.available, 1);
    flag(false).await;
    app.customer("late").create(&body, "late").await.expect(201);
    let stock = app.stock(PRINT).await;
    assert_eq!((stock.available, stock.reserved), (0, 50));
    app.finish().await;
}

#[tokio::test]
async fn a9_a11_what_is_missing_or_not_sold_there_is_refused_by_its_line() {
    let app = start_app().await;
    let ada = app.customer("ada");
    let missing = ada.post("/api/orders", &cart(&[(MUG, 1), (NO_PRODUCT, 1)])).await;
    missing.problem(409, "ORD-1001");
    assert_eq!(missing.pointers(), ["/items/1/product_id"]);
    let abroad = with(cart(&[(KETTLE, 1)]), "/shipping_address/country", "JP".into());
    ada.post("/api/orders", &abroad).await.problem(409, "ORD-1001");
    ada.post("/api/orders", &cart(&[(PRINT, 51)])).await.problem(409, "ORD-1001");
    app.finish().await;
}

#[tokio::test]
async fn lines_of_one_product_are_merged_and_reserved_together() {
    let app = start_app().await;
    let order = app.customer("ada").place(&[(PRINT, 20), (MUG, 1), (PRINT, 30)]).await;
    assert_eq!(order["items"].as_array().unwrap().len(), 2);
    assert_eq!(order["items"][0]["quantity"], 50);
    assert_eq!(app.stock(PRINT).await.available, 0);
    app.customer("ada").cancel(&order).await.expect(200);
    assert_eq!(app.stock(PRINT).await.available, 50);
    assert_eq!(app.customer("ada").view(&order).await["id"], id(&order));
    app.finish().await;
}

#[tokio::test]
async fn the_largest_order_fits_into_one_transaction_and_one_more_line_is_refused() {
    let app = start_app().await;
    let catalog = &app.oms.parts.catalog;
    let mug = catalog.product(MUG.parse().unwrap()).await.unwrap().unwrap();
    let ids: Vec<String> = (0..=MAX_LINES).map(|number| format!("01990000-0000-7000-8000-{number:012x}")).collect();
    for id in &ids {
        // Those of the first products that are there already stay as they are.
        catalog.add(&Product { id: id.parse().unwrap(), ..mug.clone() }).await.unwrap();
    }
    let items: Vec<(&str, u32)> = ids.iter().map(|id| (id.as_str(), 1)).collect();
    let ada = app.customer("ada");
    let refused = ada.create(&cart(&items), "too many").await;
    refused.problem(422, "validation_failed");
    assert_eq!(refused.pointers(), ["/items"]);
    let order = ada.place(&items[1..]).await;
    assert_eq!(order["items"].as_array().unwrap().len(), MAX_LINES);
    ada.pay(&order).await;
    // An order of this value is held until somebody has looked at it.
    app.settled().await;
    app.admin().post(&format!("/api/orders/{}/review", id(&order)), &json!({"decision": "approve"})).await.expect(200);
    app.admin().move_to(&order, &["processing", "shipped", "processing"]).await;
    ada.cancel(&order).await.expect(200);
    app.finish().await;
}
