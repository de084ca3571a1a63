//! What is wrong stands in the body: no JSON, no request, fields that break a rule, texts of all kinds.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::start_app;
use crate::shop::{MUG, NO_PRODUCT, cart, id, text, with};

use super::{Scene, good_body};

#[tokio::test]
async fn a_body_that_is_no_request_is_refused_on_every_route() {
    let scene = Scene::set().await;
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("blank", b"  \n".to_vec()),
        ("not JSON", b"hello".to_vec()),
        ("cut short", b"{\"reason\": \"x".to_vec()),
        ("a form", b"reason=x&provider=sandbox".to_vec()),
        ("null", b"null".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a text", b"\"x\"".to_vec()),
        ("a number", b"1".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("an unknown field", b"{\"surprise\": 1}".to_vec()),
        ("two values", b"{} {}".to_vec()),
        ("a byte order mark", b"\xEF\xBB\xBF{}".to_vec()),
        ("not UTF-8", b"{\"reason\": \"\xFF\xFE\"}".to_vec()),
        ("half a surrogate", br#"{"reason": "\ud800"}"#.to_vec()),
        ("deep lists", "[".repeat(30_000).into_bytes()),
        ("deep objects", "{\"a\":".repeat(10_000).into_bytes()),
        ("70 KB", format!("{{\"reason\": \"{}\"}}", "x".repeat(70_000)).into_bytes()),
        ("11 MB", vec![b' '; 11 * 1024 * 1024]),
    ];
    for (method, path, authorized) in scene.routes() {
        if good_body(&method, &path).is_none() {
            continue;
        }
        for (what, body) in &bodies {
            // A product's change that changes nothing is no mistake.
            if *what == "an empty object" && path.ends_with(MUG) {
                continue;
            }
            let who = if authorized { scene.app.admin() } else { scene.app.nobody() };
            let refused = who.call(method.clone(), &path).key("k").raw(body.clone()).send().await;
            let problem = refused.any_problem();
            let expected: &[u16] = if body.len() > 64 * 1024 { &[413] } else { &[400, 422] };
            assert!(expected.contains(&refused.status), "{method} {path}: {what}: {problem}");
        }
    }
    // Routes that need no body bear any.
    for (method, path) in [(Method::GET, "/api/orders"), (Method::GET, "/api/products"), (Method::GET, "/health")] {
        for (what, body) in &bodies {
            let answer = scene.ada.call(method.clone(), path).raw(body.clone()).send().await;
            assert!(answer.status == 200 || answer.status == 413, "{method} {path}: {what}: {}", answer.text);
        }
    }
    let submit = format!("/api/orders/{}/submit", id(&scene.order));
    for (_, body) in bodies {
        scene.ada.call(Method::POST, &submit).raw(body).send().await.any_problem();
    }
    scene.nothing_has_changed().await;
}

fn line(product: &str) -> Value {
    json!({"product_id": product, "quantity": 1})
}

/// Lines of so many different products.
fn many(count: usize) -> Value {
    (0..count).map(|number| line(&format!("01990000-0000-7000-8000-{number:012}"))).collect()
}

#[tokio::test]
async fn a_field_that_breaks_a_rule_is_named() {
    let scene = Scene::set().await;
    let long = |count: usize| json!("x".repeat(count));
    let named = [
        ("/items", json!([]), "/items"),
        ("/items", many(101), "/items"),
        ("/items", Value::Null, "/items"),
        ("/items/0/quantity", json!(0), "/items/0/quantity"),
        ("/items/0/quantity", json!(10_000), "/items/0/quantity"),
        ("/items/0/quantity", json!(u32::MAX), "/items/0/quantity"),
        ("/items/0/quantity", Value::Null, "/items/0/quantity"),
        ("/items/0", line(""), "/items/0/product_id"),
        ("/items/0", line("1"), "/items/0/product_id"),
        ("/items/0", line(&MUG.replace('-', "")), "/items/0/product_id"),
        ("/items/0", line("01990000-0000-7000-8000-0000000000AB"), "/items/0/product_id"),
        ("/items/0", line(&format!("{{{MUG}}}")), "/items/0/product_id"),
        ("/items/0", line(&format!("{MUG} ")), "/items/0/product_id"),
        ("/items/0", line("'; DROP TABLE orders; --"), "/items/0/product_id"),
        ("/items/0", line(&"9".repeat(10_000)), "/items/0/product_id"),
        ("/items/0/colour", json!("red"), "/items/0/colour"),
        ("/items/0/price", json!(""), "/items/0/price"),
        ("/items/0/price", json!("1,90"), "/items/0/price"),
        ("/items/0/price", json!("€19.90"), "/items/0/price"),
        ("/items/0/price", json!(" 19.90"), "/items/0/price"),
        ("/items/0/price", json!("+19.90"), "/items/0/price"),
        ("/items/0/price", json!("1.99e1"), "/items/0/price"),
        ("/items/0/price", json!("NaN"), "/items/0/price"),
        ("/items/0/price", json!("0x13"), "/items/0/price"),
        ("/items/0/price", json!("19.901"), "/items/0/price"),
        ("/items/0/price", json!("1_9.90"), "/items/0/price"),
        ("/items/0/price", json!("१९.९०"), "/items/0/price"),
        ("/items/0/price", json!("99999999999999999999999"), "/items/0/price"),
        ("/items/0/price", long(5_000), "/items/0/price"),
        ("/contact", Value::Null, "/contact"),
        ("/contact/name", json!(""), "/contact/name"),
        ("/contact/name", json!("  "), "/contact/name"),
        ("/contact/name", json!("Ada\r\nBcc: all@example.com"), "/contact/name"),
        ("/contact/name", long(201), "/contact/name"),
        ("/contact/name", Value::Null, "/contact/name"),
        ("/contact/email", json!("ada"), "/contact/email"),
        ("/contact/email", json!("ada@example.com\r\nBcc: all@example.com"), "/contact/email"),
        ("/contact/email", json!("ada@example.com, eve@example.com"), "/contact/email"),
        ("/contact/email", json!(format!("{}@example.com", "a".repeat(250))), "/contact/email"),
        ("/contact/phone", json!("0170 1234567"), "/contact/phone"),
        ("/contact/phone", json!("+49170123456789012345"), "/contact/phone"),
        ("/contact/fax", json!("+491701234567"), "/contact/fax"),
        ("/shipping_address", Value::Null, "/shipping_address"),
        ("/shipping_address/city", long(201), "/shipping_address/city"),
        ("/shipping_address/postal_code", long(21), "/shipping_address/postal_code"),
        ("/shipping_address/country", Value::Null, "/shipping_address/country"),
        ("/shipping_address/planet", json!("Earth"), "/shipping_address/planet"),
        ("/shipping_method", json!("teleport"), "/shipping_method"),
        ("/shipping_method", json!(""), "/shipping_method"),
        ("/promotion_codes", json!(["FREE"]), "/promotion_codes/0"),
        ("/promotion_codes", json!(vec!["A"; 11]), "/promotion_codes"),
        ("/user_id", json!(""), "/user_id"),
        ("/user_id", json!("ada lovelace"), "/user_id"),
        ("/user_id", long(129), "/user_id"),
        ("/status", json!("delivered"), "/status"),
    ];
    let good = cart(&[(MUG, 2)]);
    for (pointer, value, expected) in named {
        let sent = value.to_string();
        let refused = scene.ada.post("/api/orders", &with(good.clone(), pointer, value)).await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&expected), "{pointer} = {sent:.80}: {}", refused.text);
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn a_field_that_cannot_be_read_or_bought_has_its_own_code() {
    let scene = Scene::set().await;
    let good = cart(&[(MUG, 2)]);
    for (pointer, value, status, code) in [
        ("/shipping_address/country", json!("XX"), 422, "ORD-1002"),
        ("/shipping_address/country", json!("Germany"), 422, "ORD-1002"),
        ("/shipping_address/country", json!(""), 422, "ORD-1002"),
        ("/shipping_address/country", json!("🇩🇪"), 422, "ORD-1002"),
        ("/shipping_address/city", json!(" "), 422, "ORD-1002"),
        ("/billing_address", with(good["shipping_address"].clone(), "/country", json!("ZZ")), 422, "ORD-1002"),
        ("/items/0", line(NO_PRODUCT), 409, "ORD-1001"),
        ("/items/0/price", json!("-19.90"), 409, "price_changed"),
        ("/items/0/quantity", json!(-1), 400, "malformed_request"),
        ("/items/0/quantity", json!(1.5), 400, "malformed_request"),
        ("/items/0/quantity", json!(2.0), 400, "malformed_request"),
        ("/items/0/quantity", json!("2"), 400, "malformed_request"),
        ("/items/0/quantity", json!(true), 400, "malformed_request"),
        ("/items/0/quantity", json!(4_294_967_297_u64), 400, "malformed_request"),
        ("/items/0/price", json!(19.90), 400, "malformed_request"),
        ("/items/0/product_id", json!(1), 400, "malformed_request"),
        ("/items", json!({}), 400, "malformed_request"),
        ("/items/0", json!([]), 400, "malformed_request"),
        ("/contact", json!("ada@example.com"), 400, "malformed_request"),
        ("/draft", json!("yes"), 400, "malformed_request"),
        ("/promotion_codes", json!("FREE"), 400, "malformed_request"),
        ("/user_id", json!(7), 400, "malformed_request"),
        ("/user_id", json!("bob"), 403, "forbidden"),
        ("/items", many(10_000), 413, "payload_too_large"),
    ] {
        let refused = scene.ada.post("/api/orders", &with(good.clone(), pointer, value)).await;
        refused.problem(status, code);
    }
    // Several at once are all named.
    let wrong = with(with(good.clone(), "/contact/email", json!("ada")), "/shipping_address/country", json!("XX"));
    let refused = scene.ada.post("/api/orders", &with(wrong, "/promotion_codes", json!(["A"]))).await;
    refused.problem(422, "validation_failed");
    // The code is looked up once the rest can be read; a quote names everything at once.
    assert_eq!(refused.pointers(), ["/contact/email", "/shipping_address/country"]);
    // Two of the same name.
    let doubled = good.to_string().replacen('{', "{\"draft\":true,\"draft\":false,", 1);
    scene.ada.call(Method::POST, "/api/orders").raw(doubled).send().await.problem(400, "malformed_request");
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn the_fields_of_the_other_requests_are_checked_too() {
    let scene = Scene::set().await;
    let (ada, admin) = (&scene.ada, scene.app.admin());
    let path = |action: &str| format!("/api/orders/{}/{action}", id(&scene.order));
    let tracking = |carrier: &str, number: &str| json!({"status": "shipped", "tracking": {"carrier": carrier, "tracking_number": number}});
    for (body, pointer) in [
        (json!({"status": ""}), "/status"),
        (json!({"status": "lost"}), "/status"),
        (json!({"status": "x".repeat(5_000)}), "/status"),
        (json!({"status": "processing", "note": ""}), "/note"),
        (json!({"status": "processing", "note": "x".repeat(501)}), "/note"),
        (json!({"status": "processing", "force": true}), "/force"),
        (json!({"status": "processing", "tracking": {"carrier": "DHL", "tracking_number": "1"}}), "/tracking"),
        (tracking("", "1"), "/tracking/carrier"),
        (tracking("DHL", ""), "/tracking/tracking_number"),
        (tracking("DHL", " "), "/tracking/tracking_number"),
        (tracking("DHL", "<script>"), "/tracking/tracking_number"),
        (tracking(&"x".repeat(65), "1"), "/tracking/carrier"),
        (json!({"status": "shipped", "tracking": {"carrier": "DHL"}}), "/tracking/tracking_number"),
    ] {
        let refused = admin.call(Method::PATCH, &path("status")).json(&body).send().await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{body}: {}", refused.text);
    }
    for (action, body, pointer) in [
        ("tags", json!({}), "/tags"),
        ("tags", json!({"tags": [""]}), "/tags/0"),
        ("tags", json!({"tags": ["gift", "a\nb"]}), "/tags/1"),
        ("tags", json!({"tags": ["x".repeat(41)]}), "/tags/0"),
        ("tags", json!({"tags": vec!["x"; 21]}), "/tags"),
        ("tags", json!({"tags": ["4111 1111 1111 1111"]}), "/tags/0"),
        ("assignee", json!({}), "/assignee"),
        ("assignee", json!({"assignee": ""}), "/assignee"),
        ("assignee", json!({"assignee": "grace hopper"}), "/assignee"),
        ("assignee", json!({"assignee": "x".repeat(129)}), "/assignee"),
    ] {
        let refused = admin.call(Method::PUT, &path(action)).json(&body).send().await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{action} {body}: {}", refused.text);
    }
    for (body, pointer) in [
        (json!({"text": "", "visibility": "private"}), "/text"),
        (json!({"text": " \n", "visibility": "private"}), "/text"),
        (json!({"text": "x".repeat(1_001), "visibility": "private"}), "/text"),
        (json!({"text": "4111 1111 1111 1111", "visibility": "private"}), "/text"),
        (json!({"text": "a\u{202e}b", "visibility": "private"}), "/text"),
        (json!({"text": "x"}), "/visibility"),
        (json!({"text": "x", "visibility": "public"}), "/visibility"),
        (json!({"text": "x", "visibility": "private", "author": "bob"}), "/author"),
    ] {
        let refused = admin.post(&path("notes"), &body).await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{body}: {}", refused.text);
    }
    for (action, body, pointer) in [
        ("cancel", json!({"reason": ""}), "/reason"),
        ("cancel", json!({"reason": "x".repeat(501)}), "/reason"),
        ("cancel", json!({"reason": "x", "refund": false}), "/refund"),
        ("cancel", json!({"reason": "x", "lines": [{"line_id": "x", "quantity": 1}]}), "/lines/0/line_id"),
        ("cancel", json!({"reason": "x", "lines": [{"line_id": "x", "quantity": 0}]}), "/lines/0/quantity"),
        ("cancel", json!({"reason": "x", "lines": [{"line_id": "x", "quantity": 1, "price": "0"}]}), "/lines/0/price"),
        ("payments", json!({"provider": ""}), "/provider"),
        ("payments", json!({"provider": "stripe"}), "/provider"),
        ("payments", json!({"provider": "../sandbox"}), "/provider"),
        ("payments", json!({"provider": "sandbox", "amount": "0.01"}), "/amount"),
        ("payments", json!({"provider": "sandbox", "return_url": "javascript:alert(1)"}), "/return_url"),
        ("payments", json!({"provider": "sandbox", "return_url": "/thanks"}), "/return_url"),
        ("payments", json!({"provider": "sandbox", "return_url": "https://"}), "/return_url"),
        (
            "payments",
            json!({"provider": "sandbox", "return_url": format!("https://x.example/{}", "x".repeat(2_000))}),
            "/return_url",
        ),
    ] {
        let refused = ada.post(&path(action), &body).await;
        refused.problem(422, "validation_failed");
        assert!(refused.pointers().contains(&pointer), "{action} {body}: {}", refused.text);
    }
    for (action, body) in [
        ("cancel", json!({"reason": 1})),
        ("payments", json!({"provider": ["sandbox"]})),
        ("payments", json!({"provider": "sandbox", "return_url": {}})),
    ] {
        ada.post(&path(action), &body).await.problem(400, "malformed_request");
    }
    scene.nothing_has_changed().await;
}

#[tokio::test]
async fn names_of_all_kinds_are_kept_as_they_are() {
    let app = start_app().await;
    let ada = app.customer("ada");
    for (number, name) in [
        "O'Brien \"the\" `Boss` \\ /",
        "Robert'); DROP TABLE orders;--",
        "<script>alert(1)</script> & <b>Ada</b>",
        "{{ shop }} {% raw %} ${PATH} %s %n",
        "عائشة محمد",
        "👩‍🚀 Ада 李 ʼ Zoë ﷽",
        "n\u{303}o\u{308} Ⅷ ﬁ ß İ ı",
        "=cmd|' /C calc'!A0",
        "\u{200b}\u{feff}x",
    ]
    .into_iter()
    .enumerate()
    {
        let body = with(with(cart(&[(MUG, 1)]), "/contact/name", name.into()), "/shipping_address/city", name.into());
        let order = ada.create(&body, &number.to_string()).await.expect(201);
        let seen = ada.view(&order).await;
        assert_eq!(
            (text(&seen["contact"], "name"), text(&seen["shipping_address"], "city")),
            (name.trim(), name.trim())
        );
        ada.pay(&order).await;
        app.settled().await;
        // A name goes to strangers only once somebody has paid for it.
        let mails = app.notifications(&order).await;
        let mail =
            |event: &str| mails.iter().find(|mail| mail["event"] == event && mail["channel"] == "email").unwrap();
        let (unpaid, paid) = (mail("order.submitted"), mail("order.payment_confirmed"));
        assert!(!text(unpaid, "body").contains(name.trim()), "{unpaid}");
        assert!(text(paid, "body").contains(name.trim()), "{paid}");
        ada.post(&format!("/api/orders/{}/cancel", id(&order)), &json!({"reason": name})).await.expect(200);
        let view = ada.view(&order).await;
        let over = view["status_history"].as_array().unwrap().iter().find(|entry| entry["status"] == "cancelled");
        assert_eq!(over.unwrap()["note"], name);
    }
    app.finish().await;
}

#[tokio::test]
async fn control_characters_are_in_no_name_and_no_address() {
    let scene = Scene::set().await;
    let good = cart(&[(MUG, 1)]);
    let good = with(good.clone(), "/billing_address", good["shipping_address"].clone());
    for control in ["\u{0}", "\u{1b}[2J", "a\u{8}b", "a\u{7f}b", "a\nb", "a\rb", "a\tb", "a\u{85}b"] {
        for pointer in [
            "/contact/name",
            "/contact/email",
            "/contact/phone",
            "/shipping_address/recipient_name",
            "/shipping_address/street_address",
            "/shipping_address/state",
            "/shipping_address/postal_code",
            "/billing_address/city",
            "/shipping_method",
            "/user_id",
        ] {
            let refused = scene.ada.post("/api/orders", &with(good.clone(), pointer, json!(control))).await;
            refused.problem(422, "validation_failed");
            assert_eq!(refused.pointers(), [pointer], "{control:?}");
        }
    }
    scene.nothing_has_changed().await;
}
