//! No card data anywhere (E7): numbers like a card's are refused wherever somebody writes, and none is found anywhere.

use oms_domain::card::card_like;
use serde_json::{Value, json};

use crate::app::{TestApp, start_app};
use crate::bad_input::{Scene, good_body};
use crate::logs::Logs;
use crate::shop::{MUG, TEA, cart, id, text, with};

const CARD: &str = "4242 4242 4242 4242";

/// Fields whose values machines make or a rule names; what is no value of theirs is refused for that.
const CHOSEN: [&str; 4] = ["/decision", "/movement", "/promotions/0/kind", "/promotions/0/rate"];

/// A good body with all the texts that its route takes.
fn with_all_texts(path: &str, good: Value) -> Value {
    let address = cart(&[])["shipping_address"].clone();
    let more: Vec<(&str, Value)> = match path.rsplit('/').next().unwrap() {
        "orders" => vec![
            ("/billing_address", with(address, "/state", json!("BE"))),
            ("/customer_note", json!("x")),
            ("/gift_note", json!("x")),
            ("/tags", json!(["x"])),
            ("/shipping_method", json!("standard")),
            ("/promotion_codes", json!(["WELCOME10"])),
        ],
        "quotes" => vec![("/shipping_method", json!("standard")), ("/promotion_codes", json!(["WELCOME10"]))],
        "status" => vec![
            ("/status", json!("shipped")),
            ("/note", json!("x")),
            ("/tracking", json!({"carrier": "DHL", "tracking_number": "1"})),
        ],
        "promotions" => {
            vec![("/promotions", json!([{"code": "SPRING", "kind": "percentage", "rate": "0.10", "active": true}]))]
        }
        "products" => {
            vec![("/description", json!("x")), ("/tax_class", json!("standard")), ("/regions", json!(["DE"]))]
        }
        MUG => vec![
            ("/sku", json!("x")),
            ("/category", json!("x")),
            ("/description", json!("x")),
            ("/tax_class", json!("standard")),
        ],
        _ => Vec::new(),
    };
    more.into_iter().fold(good, |body, (pointer, value)| with(body, pointer, value))
}

/// The pointers of all texts.
fn texts(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(place.to_owned()),
        Value::Array(parts) => {
            for (number, part) in parts.iter().enumerate() {
                texts(part, &format!("{place}/{number}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                texts(field, &format!("{place}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test]
async fn a_number_like_a_card_s_is_refused_in_every_text_of_every_route() {
    let scene = Scene::set().await;
    let mut refused_texts = 0;
    for (method, path, authorized) in scene.routes() {
        let Some(good) = good_body(&method, &path) else { continue };
        let good = with_all_texts(&path, good);
        let mut pointers = Vec::new();
        texts(&good, "", &mut pointers);
        for pointer in pointers {
            if ["_id", "/tracking_number", "/phone", "/sku"].iter().any(|end| pointer.ends_with(end)) {
                continue;
            }
            for number in [CARD, "my card: 4242-4242-4242-4242, thank you"] {
                let who = if authorized { scene.app.admin() } else { scene.app.nobody() };
                let body = with(good.clone(), &pointer, json!(number));
                let refused = who.call(method.clone(), &path).json(&body).send().await;
                if CHOSEN.contains(&pointer.as_str()) {
                    refused.any_problem();
                    continue;
                }
                assert!(!refused.text.contains(number), "{method} {path} {pointer}: {}", refused.text);
                refused.problem(422, "validation_failed");
                assert!(refused.pointers().contains(&pointer.as_str()), "{method} {path} {pointer}: {}", refused.text);
                refused_texts += 1;
            }
        }
    }
    assert!(refused_texts > 60, "only {refused_texts} texts were tried");
    let csv = format!("sku,name,category,price,currency,seller_id\nVASE-1,{CARD},kitchen,9.90,EUR,north-pottery\n");
    let call = scene.app.admin().call(reqwest::Method::POST, "/api/products/import");
    let imported = call.raw(csv).header("content-type", b"text/csv").send().await.expect(200);
    assert_eq!(imported["rows"][0]["errors"][0]["pointer"], "/name");
    // It is no id of a request either: the gateway's own stands in for it.
    let path = format!("/api/orders/{}", id(&scene.order));
    let answer =
        scene.ada.call(reqwest::Method::GET, &path).header("x-correlation-id", b"4242424242424242").send().await;
    assert_ne!(answer.header("x-correlation-id"), Some("4242424242424242"));
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn numbers_that_machines_make_may_look_like_a_card() {
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let phone = with(cart(&[(MUG, 1)]), "/contact/phone", json!("+378282246310005"));
    let order = ada.create(&phone, "phone").await.expect(201);
    ada.pay(&order).await;
    admin.move_to(&order, &["processing"]).await;
    let shipped = json!({"status": "shipped", "tracking": {"carrier": "Post", "tracking_number": "4242424242424242"}});
    let path = format!("/api/orders/{}/status", id(&order));
    admin.call(reqwest::Method::PATCH, &path).json(&shipped).send().await.expect(200);
    app.finish().await;
}

/// Every text that is stored in the tables of the shop.
async fn stored_texts(app: &TestApp) -> Vec<String> {
    let context = app.oms.cloud.context();
    let tables = context.dynamodb.list_tables().send().await.unwrap();
    let mut found = Vec::new();
    for table in tables.table_names() {
        let mut pages = context.dynamodb.scan().table_name(table).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = item.unwrap();
            found.extend(item.values().filter_map(|value| value.as_s().ok()).cloned());
        }
    }
    found
}

/// Every text of the local cloud's own state: queues, what customers received, the provider's books.
fn local_texts(app: &TestApp) -> Vec<String> {
    let state = &app.oms.cloud.context().state;
    let read = state.read(|connection| {
        let mut found = Vec::new();
        let mut names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
        let names = names.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        for name in names {
            let mut rows = connection.prepare(&format!("SELECT * FROM {name}"))?;
            let columns = rows.column_count();
            let mut rows = rows.query([])?;
            while let Some(row) = rows.next()? {
                found.extend((0..columns).filter_map(|column| row.get::<_, String>(column).ok()));
            }
        }
        Ok(found)
    });
    read.unwrap()
}

/// The text without correlation ids and hashes, in which digits may stand side by side by chance.
fn without_random(text: &str) -> String {
    const SHORTEST: usize = 20;
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    let random =
        words.filter(|word| word.len() >= SHORTEST && word.contains(|character: char| character.is_alphabetic()));
    random.fold(text.to_owned(), |text, word| text.replace(word, "id"))
}

#[tokio::test]
async fn after_a_whole_story_no_card_number_is_found_anywhere() {
    let logs = Logs::default();
    let _listening = logs.listen();
    let app = start_app().await;
    let (ada, admin) = (app.customer("ada"), app.admin());
    let order = ada.place(&[(MUG, 2), (TEA, 1)]).await;
    let body = json!({"provider": "sandbox", "keep_method": true});
    let opened = ada.paying(&order).json(&body).send().await.expect(201);
    app.settle_page(text(&opened, "payment_id"), "failed").await;
    app.settle_page(text(&opened, "payment_id"), "succeeded").await;
    let with_card = json!({"reason": format!("pay to {CARD}")});
    let cancel = format!("/api/orders/{}/cancel", id(&order));
    ada.post(&cancel, &with_card).await.problem(422, "validation_failed");
    admin.move_to(&order, &["processing", "shipped", "delivered"]).await;
    let part = json!({"goodwill": "1.00", "reason": "scratched"});
    let refund = admin.call(reqwest::Method::POST, &format!("/api/orders/{}/refunds", id(&order))).json(&part);
    refund.key("scratched").send().await.expect(201);
    let cancelled = ada.place(&[(MUG, 1)]).await;
    ada.pay(&cancelled).await;
    ada.cancel(&cancelled).await.expect(200);
    app.settled().await;

    let (stored, local) = (stored_texts(&app).await, local_texts(&app));
    assert!(stored.iter().any(|text| text.contains("\u{2026}4242")), "the kept means of payment is there");
    assert!(local.iter().any(|text| text.contains("order.refund_completed")), "messages are there");
    let logged = logs.lines();
    assert!(logged.iter().any(|line| line.contains("outcome=refused")), "{logged:?}");
    for text in stored.iter().chain(&local).chain(&logged) {
        assert!(!card_like(&without_random(text)), "{text}");
        assert!(!text.contains(CARD), "{text}");
    }
    let token = format!("sandbox-method-{}", text(&opened, "payment_id"));
    for secret in [token.as_str(), "ada@example.com", "+491701234567", "Unter den Linden", "Bearer "] {
        assert!(logged.iter().all(|line| !line.contains(secret)), "{secret} was logged");
    }
    let holding: Vec<_> = stored.iter().filter(|text| text.contains(&token)).collect();
    assert_eq!(holding.len(), 1, "the token is with its customer and nowhere else");
    app.finish().await;
}
