//! Stories that began in a kept state folder go on.

use reqwest::Method;
use serde_json::{Value, json};

use crate::events::streams;
use crate::folder::{Folder, behind, key, text};
use crate::shop::Shop;

const MUG: &str = "01990000-0000-7000-8000-000000000001";
const MINUTE: u32 = 60;

fn cart(product: &str, quantity: u32) -> Value {
    json!({
        "items": [{"product_id": product, "quantity": quantity}],
        "contact": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+491701234567"},
        "shipping_address": {
            "recipient_name": "Ada Lovelace", "street_address": "Unter den Linden 1", "city": "Berlin",
            "postal_code": "10117", "country": "DE",
        },
    })
}

#[tokio::test]
async fn every_order_is_shown_as_it_was_left() {
    let folder = Folder::first();
    let shop = Shop::reopened(&folder).await;
    for (order, _) in streams(&folder) {
        let state: Value = serde_json::from_str(text(&order, "state")).unwrap();
        let path = format!("/api/orders/{}", state["id"].as_str().unwrap());
        let shown = shop.get(state["user_id"].as_str().unwrap(), &path).await;
        for member in ["id", "user_id", "status", "version", "currency"] {
            assert_eq!(shown[member], state[member], "{path}");
        }
        let total = shown["total"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        assert_eq!(Some(total), state["totals"]["total"].as_i64(), "{path}");
        assert_eq!(shown["shipping_address"]["city"], "Berlin", "{path}");
        assert_eq!(shown["items"].as_array().unwrap().len(), state["lines"].as_array().unwrap().len());
    }
    shop.cloud.stop().await;
}

#[tokio::test]
async fn a_request_under_a_key_of_before_is_answered_as_before_and_another_is_refused() {
    let folder = Folder::first();
    let shop = Shop::reopened(&folder).await;
    for request in folder.json("requests.json").as_array().unwrap() {
        let [user, key, path] = ["user", "key", "path"].map(|member| request[member].as_str().unwrap());
        let (status, answer) = shop.ask(user, Method::POST, path, Some(key), &request["body"]).await;
        assert_eq!(status, 201, "{path} under {key}: {answer}");
        let id = ["refund_id", "payment_id", "id"].map(|member| &answer[member]).into_iter().find(|id| !id.is_null());
        assert_eq!(id, Some(&request["id"]), "{path} under {key}");
        let mut other = request["body"].clone();
        match path.rsplit('/').next() {
            Some("orders") => other["items"][0]["quantity"] = json!(7),
            Some("payments") => other["return_url"] = json!("https://shop.example.com/elsewhere"),
            _ => other["reason"] = json!("another"),
        }
        let (status, answer) = shop.ask(user, Method::POST, path, Some(key), &other).await;
        assert_eq!(
            (status, answer["code"].as_str()),
            (422, Some("idempotency_mismatch")),
            "{path} under {key}: {answer}"
        );
    }
    shop.cloud.stop().await;
}

#[tokio::test]
async fn a_cursor_that_was_handed_out_continues_where_it_did() {
    let folder = Folder::first();
    let shop = Shop::reopened(&folder).await;
    for page in folder.json("cursors.json").as_array().unwrap() {
        let [user, path, cursor] = ["user", "path", "cursor"].map(|member| page[member].as_str().unwrap());
        let next = shop.get(user, &format!("{path}&cursor={cursor}")).await;
        for (member, named) in [("data", "id"), ("movements", "id")] {
            let ids = |page: &Value| -> Option<Vec<Value>> {
                Some(page[member].as_array()?.iter().map(|entry| entry[named].clone()).collect())
            };
            assert_eq!(ids(&next), ids(&page["next"]), "{path}");
        }
        assert_eq!(next["next_cursor"], page["next"]["next_cursor"], "{path}");
    }
    shop.cloud.stop().await;
}

#[tokio::test]
async fn orders_of_every_state_go_on() {
    let folder = Folder::first();
    let shop = Shop::reopened(&folder).await;
    let order = |name: &str, verb: &str| format!("/api/orders/{}/{verb}", shop.id(name));

    shop.moves("processing", &["shipped", "delivered"]).await;
    shop.moves("confirmed", &["processing", "shipped", "delivered"]).await;
    shop.moves("shipped", &["delivered"]).await;
    shop.moves("by-seller", &["delivered"]).await;
    shop.moves("returned-to-sender", &["processing", "shipped", "delivered"]).await;
    shop.moves("hot-confirmed", &["processing", "shipped"]).await;
    shop.pays("hot-pending").await;
    // Shipping bears the tax rates of the goods since: the customer is told the new total, and accepts it.
    let (status, told) = shop.ask("draft", Method::POST, &order("draft", "submit"), None, &Value::Null).await;
    assert_eq!((status, &told["code"]), (409, &json!("total_changed")));
    let accepted = json!({"expected_total": told["totals"]["total"]});
    shop.did("draft", Method::POST, &order("draft", "submit"), accepted).await;
    shop.pays("draft").await;
    shop.moves("draft", &["processing", "shipped", "delivered"]).await;
    shop.pays_on(shop.id("open-page")).await;
    assert_eq!(shop.order("page-open").await["status"], "confirmed");
    for name in ["held", "odd"] {
        shop.did("grace", Method::POST, &order(name, "review"), json!({"decision": "approve"})).await;
        shop.moves(name, &["processing", "shipped", "delivered"]).await;
    }
    // That a return is denied is said by leaving the order delivered.
    shop.moves("return-requested", &["delivered"]).await;

    let left = shop.order("partly-refunded").await["refundable"].clone();
    assert_ne!(left, "0.00");
    let rest = json!({"goodwill": left, "reason": "the rest too"});
    let (status, given) =
        shop.ask("grace", Method::POST, &order("partly-refunded", "refunds"), Some("museum-rest"), &rest).await;
    assert_eq!(status, 201, "{given}");
    shop.did("pending", Method::POST, &order("pending", "cancel"), json!({"reason": "changed my mind"})).await;
    shop.did("hot-pending", Method::POST, &order("hot-pending", "cancel"), json!({"reason": "changed my mind"})).await;
    shop.passes(0).await;
    for name in ["partly-refunded", "hot-pending"] {
        let payment = shop.order(name).await["payment"].clone();
        assert_eq!((&payment["status"], &payment["refunded"]), (&json!("refunded"), &payment["paid"]), "{name}");
    }

    // Each step is told once, behind what was told before.
    let told = shop.told(Some(shop.id("processing"))).await;
    let expected = ["submitted", "payment_confirmed", "processing_started", "shipped", "delivered"];
    let expected: Vec<_> =
        expected.iter().flat_map(|event| ["email", "sms"].map(|channel| format!("{channel} order.{event}"))).collect();
    assert_eq!(told, expected);
    for (order, _) in streams(&folder) {
        assert!(shop.cloud.is_whole(behind(key(&order).0, "ORDER#")).await, "{order}");
    }
    shop.cloud.stop().await;
}

#[tokio::test]
async fn orders_of_before_there_were_changes_are_changed() {
    let shop = Shop::reopened(&Folder::first()).await;
    let path = |name: &str| format!("/api/orders/{}/changes", shop.id(name));
    let changes = async |user: &str, name: &str, mut body: Value| {
        body["dry_run"] = json!(true);
        let seen = shop.did(user, Method::POST, &path(name), body.clone()).await;
        body.as_object_mut().unwrap().remove("dry_run");
        body["expected_difference"] = seen["difference"].clone();
        let key = format!("museum-change-{name}");
        let (status, made) = shop.ask(user, Method::POST, &path(name), Some(&key), &body).await;
        assert_eq!(status, 201, "{name}: {made}");
        (made["status"].clone(), seen["after"]["totals"]["total"].clone())
    };
    let one_more = json!({"add": [{"product_id": MUG, "quantity": 1}]});
    // Unpaid, it is changed at once and paid at its new total; in cents of a total that was stored without extras.
    let (status, total) = changes("pending", "pending", one_more.clone()).await;
    assert_eq!((status, &shop.order("pending").await["total"]), (json!("applied"), &total));
    shop.pays("pending").await;
    assert_eq!(shop.order("pending").await["payment"]["paid"], total);
    // Paid, its difference is paid on a page of its own.
    let (status, total) = changes("grace", "confirmed", one_more).await;
    assert_eq!(status, json!("offered"));
    shop.pays("confirmed").await;
    let shown = shop.order("confirmed").await;
    assert_eq!((&shown["total"], &shown["payment"]["paid"]), (&total, &total));
    // A reduction of an order whose lines bear a discount.
    let wrap = json!({"custom_lines": [{"text": "Sorry", "amount": "-1.00"}], "reason": "scratched"});
    let (status, total) = changes("grace", "pending-discounted", wrap).await;
    shop.passes(0).await;
    let shown = shop.order("pending-discounted").await;
    assert_eq!((status, &shown["total"]), (json!("applied"), &total));
    for (order, _) in streams(&Folder::first()) {
        assert!(shop.cloud.is_whole(behind(key(&order).0, "ORDER#")).await, "{order}");
    }
    shop.cloud.stop().await;
}

#[tokio::test]
async fn what_was_under_way_as_the_folder_was_closed_is_finished() {
    let shop = Shop::reopened(&Folder::first()).await;
    let stock = |product: &str| format!("/api/products/{product}/stock");
    let reserved = async |product: &str| {
        let counters = shop.get("grace", &stock(product)).await["counters"].clone();
        (counters["available"].as_i64().unwrap(), counters["reserved"].as_i64().unwrap())
    };
    let (mugs, vases) = (reserved(MUG).await, reserved(shop.id("hot")).await);
    assert_eq!(shop.order("refund-pending").await["payment"]["status"], "refund_pending");
    let token = format!("sandbox-method-{}", shop.id("removed-page"));
    assert!(!shop.cloud.has_forgotten(&token));

    // News of a payment that came before its order.
    let (status, early) = shop.ask("early", Method::POST, "/api/orders", Some("create-early"), &cart(MUG, 1)).await;
    assert_eq!((status, early["id"].as_str()), (201, Some(shop.id("early"))), "{early}");
    let pay = format!("/api/orders/{}/payments", shop.id("early"));
    shop.did("early", Method::POST, &pay, json!({"provider": "sandbox"})).await;

    // Shorter than any hold, longer than the pauses of queues and the schedule.
    for _ in 0..8 {
        shop.passes(3 * MINUTE).await;
    }
    assert_eq!(shop.order("refund-pending").await["payment"]["status"], "refunded");
    assert_eq!(shop.order("early").await["status"], "confirmed");
    assert!(shop.cloud.has_forgotten(&token));
    assert_eq!(shop.order("pending-discounted").await["status"], "pending");

    // Nobody pays: the holds end, and what they held is there again.
    shop.passes(8 * MINUTE).await;
    for name in ["pending", "pending-discounted", "hot-pending", "page-open"] {
        assert_eq!(shop.order(name).await["status"], "cancelled", "{name}");
    }
    let (available, held) = reserved(MUG).await;
    assert_eq!((available, held), (mugs.0 + 1, mugs.1 - 1), "two mugs came back and one was ordered");
    let (available, held) = reserved(shop.id("hot")).await;
    assert_eq!((available, held), (vases.0 + 3, vases.1 - 3));

    // Orders of before there were outbox markers are told once more from the last day on; a queue with a delay has that last.
    shop.passes(MINUTE).await;
    // What nobody can read waits for somebody, and can be sent back.
    let waiting = shop.waiting().await;
    assert!(waiting.iter().all(|(queue, _)| queue.contains("dead-letters")), "{waiting:?}");
    let expected = [("alert", 1), ("notify", 3), ("payment", 1), ("refund", 1), ("relay", 1), ("screen", 1)];
    let expected: Vec<_> = expected
        .iter()
        .map(|(queue, depth)| {
            let order = if ["alert", "relay"].contains(queue) { "" } else { ".fifo" };
            (format!("local-{queue}-dead-letters{order}"), *depth)
        })
        .collect();
    assert_eq!(waiting, expected);
    let back = shop.dev(Method::POST, "/dev/queues/local-notify-dead-letters.fifo/redrive", &json!({})).await;
    assert_eq!(back["moved"], 3);
    shop.cloud.stop().await;
}

#[tokio::test]
async fn rules_about_customers_carts_and_codes_still_hold() {
    let shop = Shop::reopened(&Folder::first()).await;
    let order = async |user: &str, key: Option<&str>, body: &Value| {
        shop.ask(user, Method::POST, "/api/orders", key, body).await
    };
    assert_eq!(order("mallory", None, &cart(MUG, 1)).await.0, 403, "an account that was blocked");
    assert_eq!(order("trudy", None, &cart(MUG, 1)).await.0, 201, "an account that was let in again");
    let (status, again) = order("pending", None, &cart(MUG, 1)).await;
    assert_eq!((status, again["code"].as_str()), (409, Some("duplicate_order")), "the same cart: {again}");
    let mut coded = cart(MUG, 2);
    coded["promotion_codes"] = json!(["WELCOME10"]);
    let (status, used) = order("discounted", None, &coded).await;
    assert_eq!((status, used["code"].as_str()), (409, Some("promotion_used_up")), "{used}");
    assert_eq!(order("somebody", None, &coded).await.0, 201);

    let own = "/api/customers/me/payment-methods";
    let kept = shop.get("kept", own).await;
    assert_eq!(kept["data"][0]["label"], "visa \u{2026}4242");
    shop.did("kept", Method::DELETE, &format!("{own}/{}", kept["data"][0]["id"].as_str().unwrap()), Value::Null).await;
    assert_eq!(shop.get("kept", own).await["data"], json!([]));
    assert_eq!(shop.get("removed", own).await["data"], json!([]));
    shop.cloud.stop().await;
}

#[tokio::test]
async fn products_and_tables_are_changed_from_where_they_were() {
    let shop = Shop::reopened(&Folder::first()).await;
    let vase = format!("/api/products/{}", shop.id("vase"));
    let before = shop.get("sally", &vase).await;
    assert_eq!((&before["price"], &before["version"]), (&json!("52.00"), &json!(2)));
    let after = shop.did("sally", Method::PATCH, &vase, json!({"price": "53.00"})).await;
    assert_eq!((&after["price"], &after["version"]), (&json!("53.00"), &json!(3)));
    let body = json!({"movement": "receive", "quantity": 5, "reason": "counted"});
    let (status, again) =
        shop.ask("sally", Method::POST, &format!("{vase}/stock"), Some("museum-receive"), &body).await;
    assert_eq!((status, &again["after"]["available"]), (201, &json!(25)), "as it was answered then: {again}");
    let sold = json!({"sku": "VASE-1", "name": "Vase", "category": "vases", "price": "1.00", "currency": "EUR"});
    assert_eq!(shop.ask("sally", Method::POST, "/api/products", None, &sold).await.0, 409, "a SKU that is taken");

    let hot = format!("/api/products/{}", shop.id("hot"));
    let units = shop.get("sally", &hot).await["available"].clone();
    let cold = shop.did("grace", Method::PATCH, &hot, json!({"hot": false})).await;
    assert_eq!(cold["available"], units, "no unit is lost as the shards are gathered");

    for table in ["taxes", "shipping", "promotions"] {
        let path = format!("/api/settings/{table}");
        let before = shop.get("grace", &path).await;
        let version = before["version"].as_u64().unwrap();
        assert!(version > 1, "{before}");
        let first = shop.get("grace", &format!("{path}?version=1")).await;
        assert_ne!(first["content"], before["content"], "{table}");
        let after = shop.did("grace", Method::PUT, &path, first["content"].clone()).await;
        assert_eq!((&after["version"], &after["content"]), (&json!(version + 1), &first["content"]));
    }
    shop.cloud.stop().await;
}
